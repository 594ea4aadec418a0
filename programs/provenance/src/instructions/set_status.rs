use anchor_lang::prelude::*;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{next, Action};
use registry::state::{Operator, Organization, OrganizationKind, Permission};

use crate::address::Birth;
use crate::convert::{self, Place, StatusAction};
use crate::error::ProvenanceError;
use crate::events::StatusSet;
use crate::path::{self, Path};
use crate::state::node::Reach;
use crate::state::{Batch, BatchPage, Custody};
use crate::{authorize, record};

/// Arguments of `set_status`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetStatusArgs {
    /// Of what.
    pub place: Place,
    /// What is done with it.
    pub action: StatusAction,
    /// SHA-256 of the document that says why.
    pub reason: [u8; 32],
}

/// Accounts of `set_status`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetStatus<'info> {
    /// An operator of who has it; of the manufacturer or a regulator, to set it aside. Pays the rent of the place's record.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The organisation that acts.
    pub organization: Box<Account<'info, Organization>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of a pack; left out for anything else.
    pub page: Option<AccountLoader<'info, BatchPage>>,
    /// CHECK: the record of the place, made where it is absent; its address is checked then.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

/// Who acts on something.
struct Actor {
    key: Pubkey,
    is_custodian: bool,
    is_manufacturer: bool,
    is_regulator: bool,
}

impl Actor {
    /// Checks that it may do that.
    ///
    /// # Errors
    /// `NotCustodian`, `NotYoursToRelease`.
    fn require_may(&self, action: StatusAction, custody: &Custody) -> Result<()> {
        let has_set_aside = custody.is_set_aside() && custody.set_aside_by == self.key;
        match action {
            StatusAction::Quarantine | StatusAction::Suspect => require!(
                self.is_custodian || self.is_manufacturer || self.is_regulator,
                ProvenanceError::NotCustodian
            ),
            StatusAction::Release if custody.is_set_aside() => require!(
                has_set_aside || self.is_regulator,
                ProvenanceError::NotYoursToRelease
            ),
            StatusAction::Condemn => require!(
                self.is_custodian || has_set_aside || self.is_regulator,
                ProvenanceError::NotCustodian
            ),
            _ => require!(self.is_custodian, ProvenanceError::NotCustodian),
        }
        Ok(())
    }

    /// Whether it has the say over what `custody`'s setter has set aside.
    fn outranks(&self, custody: &Custody) -> bool {
        self.is_regulator || (self.is_manufacturer && custody.set_aside_by == custody.custodian)
    }
}

impl SetStatus<'_> {
    /// Checks who does what. Returns the custody before and after; none after, where only the doubt ends that stayed with what is
    /// destroyed, stolen or taken out.
    fn validate(
        &self,
        args: &SetStatusArgs,
        place: Subtree,
        now: i64,
    ) -> Result<(Custody, Option<Custody>)> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::HandOver,
            now,
        )?;
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        let path = Path::read(&batch_key, batch.layout()?, place, infos)?;
        let before = path.custody()?;
        match (place.level, &self.page) {
            (Level::Pack, page) => {
                let is_marked = record::is_marked(page.as_ref(), &batch_key, place.index)?;
                // A doubt can come up after a dispense, by scans or readings: it has to be decided all the same.
                let is_decision = before.is_set_aside()
                    && matches!(args.action, StatusAction::Release | StatusAction::Condemn);
                require!(
                    !is_marked || is_decision || self.is_open(&batch, place)?,
                    ProvenanceError::AlreadyDispensed
                );
            }
            (_, Some(_)) => return Err(ProvenanceError::RecordNotNeeded.into()),
            (_, None) => {}
        }
        let key = self.organization.key();
        let actor = Actor {
            key,
            is_custodian: before.custodian == key,
            is_manufacturer: batch.manufacturer == key,
            is_regulator: self.organization.kind == OrganizationKind::Regulator,
        };
        if args.action == StatusAction::Release {
            if let Some((doubt, say)) = record::doubt_left(&self.node, &batch_key, place)? {
                require!(
                    actor.key == say || actor.is_regulator,
                    ProvenanceError::NotYoursToRelease
                );
                // What is condemned stays so.
                next(doubt.status, Action::Release).map_err(convert::refusal)?;
                return Ok((before, None));
            }
        }
        actor.require_may(args.action, &before)?;
        // Sent abroad is out of reach of the recall.
        require!(
            args.action != StatusAction::Export || path.recall().is_none(),
            ProvenanceError::Recalled
        );
        let mut after = before.after(Action::from(args.action), key)?;
        if actor.outranks(&before) {
            after = after.set_aside_by(key);
        }
        Ok((before, Some(after)))
    }
}

impl SetStatus<'_> {
    /// How far a doubt reaches that is raised now. Who has something knows of what it has; a regulator, and the manufacturer of what is
    /// with others or of the whole batch, means what was packed there, wherever it is by now.
    fn reach(&self, place: Subtree, before: &Custody) -> Result<Reach> {
        let batch = self.batch.load()?;
        let key = self.organization.key();
        let is_custodians =
            before.custodian == key && !(batch.manufacturer == key && place.level == Level::Batch);
        Ok(if is_custodians && batch.is_custody_recorded() {
            Reach::Custodian
        } else {
            Reach::Everywhere
        })
    }

    /// Whether some of a marked pack is with patients and the rest is not: where opening a pack dispenses it.
    fn is_open(&self, batch: &Batch, place: Subtree) -> Result<bool> {
        let taken = record::units_taken(self.node.as_ref(), &self.batch.key(), place)?;
        Ok((1..batch.units).contains(&taken))
    }
}

/// See [`crate::provenance::set_status`].
pub fn set_status(ctx: Context<SetStatus>, args: SetStatusArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    let (before, after) = accounts.validate(&args, place, now)?;
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    let batch = accounts.batch.key();
    record::ensure_node(&birth, &accounts.node, place)?;
    let reach = accounts.reach(place, &before)?;
    // Said again, a doubt is about what has been released by itself since, too. To condemn what is in doubt is to decide that.
    let is_raised = match args.action {
        StatusAction::Quarantine | StatusAction::Suspect => true,
        StatusAction::Condemn => !before.is_set_aside(),
        _ => false,
    };
    let at = match args.action {
        StatusAction::Release => before.released_at()?,
        _ => now,
    };
    let (old, new) = record::change_node(&accounts.node, &batch, place, |node| {
        match &after {
            None => node.release_doubt(),
            Some(after) => {
                node.hold(after, at)?;
                if is_raised {
                    node.raise_doubt(reach, now)?;
                }
            }
        }
        Ok((crate::state::node::stored(before.status), node.status))
    })?;

    galen_entry::emit!(ctx => StatusSet {
        batch,
        place: args.place,
        organization: accounts.organization.key(),
        action: args.action,
        old,
        new,
        reason: args.reason,
    });
    Ok(())
}
