use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{Action, Status};
use registry::state::{Operator, Organization, OrganizationKind, Permission};

use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::ExcursionAssessed;
use crate::path::{self, Path};
use crate::state::{Batch, Custody, Monitor};
use crate::{authorize, cold_chain, record};

/// Arguments of `assess_excursion`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AssessExcursionArgs {
    /// What was outside its limits.
    pub place: Place,
    /// Whether it is released, whatever was or was not reported up to now: the sums begin anew. Else it is condemned, and
    /// stays set aside.
    pub is_released: bool,
    /// SHA-256 of the assessment.
    pub assessment: [u8; 32],
}

/// Accounts of `assess_excursion`.
#[event_cpi]
#[derive(Accounts)]
pub struct AssessExcursion<'info> {
    /// An operator of the manufacturer or a regulator.
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer or a regulator.
    pub organization: Box<Account<'info, Organization>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the place.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// The monitor of the place.
    #[account(mut)]
    pub monitor: AccountLoader<'info, Monitor>,
}

impl AssessExcursion<'_> {
    /// Checks who decides about what. Returns the custody after it; none where nothing changes but the monitor.
    fn validate(
        &self,
        args: &AssessExcursionArgs,
        place: Subtree,
        now: i64,
    ) -> Result<Option<Custody>> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::RecallBatch,
            now,
        )?;
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        let key = self.organization.key();
        let is_regulator = self.organization.kind == OrganizationKind::Regulator;
        require!(
            batch.manufacturer == key || is_regulator,
            ProvenanceError::NotARegulator
        );
        let monitor = self.monitor.load()?;
        require!(
            monitor.is_at(&batch_key, place),
            ProvenanceError::WrongRecord
        );
        require!(monitor.is_excursion(), ProvenanceError::NoExcursion);
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        let custody = Path::read(&batch_key, batch.layout()?, place, infos)?.custody()?;
        if !custody.is_set_aside() {
            // Released by other means, or beyond it: only the sums begin anew.
            require!(args.is_released, ProvenanceError::StatusOutOfOrder);
            return Ok(None);
        }
        require!(
            custody.set_aside_by == key || is_regulator,
            ProvenanceError::NotYoursToRelease
        );
        let action = match (args.is_released, custody.status) {
            (true, _) => Action::Release,
            // Condemned once is enough.
            (false, Status::Illegitimate) => return Err(ProvenanceError::StatusOutOfOrder.into()),
            (false, _) => Action::Condemn,
        };
        custody.after(action, key).map(Some)
    }
}

/// See [`crate::provenance::assess_excursion`].
pub fn assess_excursion(ctx: Context<AssessExcursion>, args: AssessExcursionArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let (place, limits) = {
        let batch = accounts.batch.load()?;
        (
            args.place.within(batch.layout()?)?,
            cold_chain::limits(&batch)?,
        )
    };
    let after = accounts.validate(&args, place, now)?;
    let batch = accounts.batch.key();
    if let Some(after) = after {
        let at = if args.is_released {
            after.released_at()?
        } else {
            now
        };
        record::change_node(&accounts.node, &batch, place, |node| node.hold(&after, at))?;
    }
    let sums = {
        let mut monitor = accounts.monitor.load_mut()?;
        let sums = if args.is_released {
            monitor.release(limits, now)
        } else {
            monitor.sums()
        };
        monitor.invariant()?;
        sums
    };

    galen_entry::emit!(ctx => ExcursionAssessed {
        batch,
        place: args.place,
        organization: accounts.organization.key(),
        is_released: args.is_released,
        assessment: args.assessment,
        sums,
    });
    Ok(())
}
