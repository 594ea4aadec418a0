use anchor_lang::prelude::*;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{after_undone_fill, may_undo, Action, Status, Undo};
use registry::state::{Operator, Organization, Permission};

use crate::convert::{self, Place};
use crate::error::ProvenanceError;
use crate::events::DispenseUndone;
use crate::path::{self, Path};
use crate::state::{Batch, BatchPage, Custody, Dispense};
use crate::{address, authorize, record};

/// Arguments of `undo_dispense`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct UndoDispenseArgs {
    /// What was dispensed.
    pub place: Place,
}

/// Accounts of `undo_dispense`.
#[event_cpi]
#[derive(Accounts)]
pub struct UndoDispense<'info> {
    /// The pharmacy's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub pharmacy: Box<Account<'info, Organization>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of the pack; left out for a case or a pallet.
    #[account(mut)]
    pub page: Option<AccountLoader<'info, BatchPage>>,
    /// CHECK: the record of the place, or the empty account at its address.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// The dispense; closed.
    #[account(mut)]
    pub dispense: AccountLoader<'info, Dispense>,
    /// CHECK: gets the rent back; by the address that the dispense stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
    /// The claim that it was for, which signs where there is one: the dispense is undone with the claim or not at all.
    pub claim: Option<Signer<'info>>,
}

impl UndoDispense<'_> {
    /// Checks the six conditions. Returns who has it.
    fn validate(&self, place: Subtree, now: i64) -> Result<Custody> {
        let pharmacy = self.pharmacy.key();
        authorize::staff(
            &self.pharmacy,
            &self.operator_record,
            &self.operator.key(),
            Permission::DispensePack,
            now,
        )?;
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        let dispense = self.dispense.load()?;
        require!(
            dispense.is_at(&batch_key, place),
            ProvenanceError::WrongRecord
        );
        let signer = self
            .claim
            .as_ref()
            .map_or_else(Pubkey::default, |claim| claim.key());
        require_keys_eq!(
            dispense.claim,
            signer,
            ProvenanceError::ClaimSignatureMissing
        );
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
        let custody = path.custody()?;
        // The status of what holds the pack says nothing of the dispense: it only must not forbid to sell it.
        let status = match custody.status {
            status if place.level == Level::Pack && status.is_sellable() => Status::Dispensed,
            status => status,
        };
        let undo = Undo {
            premises: pharmacy.to_bytes(),
            today: convert::day_of(now)?,
            expiry: batch.expiry()?,
            is_recalled: path.recall().is_some(),
            status,
        };
        may_undo(&dispense.as_rule()?, &undo).map_err(convert::undo_refusal)?;
        require!(
            !batch.is_custody_recorded() || custody.custodian == pharmacy,
            ProvenanceError::NotInCustody
        );
        Ok(custody)
    }
}

impl UndoDispense<'_> {
    /// Undoes the last fill of a pack.
    fn put_back(
        &self,
        custody: &Custody,
        place: Subtree,
        units: u32,
        is_marked: bool,
        now: i64,
    ) -> Result<()> {
        let batch = self.batch.key();
        let others = record::change_node(&self.node, &batch, place, |node| {
            let others = node.put_back_units(units)?;
            let status = after_undone_fill(others);
            node.hold(&Custody { status, ..*custody }, now)?;
            Ok(others)
        })?;
        // Where opening dispenses, the bit stays as long as others have some of it.
        let stays = others > 0 && self.batch.load()?.opening_dispenses();
        if let Some(page) = self.page.as_ref().filter(|_| is_marked && !stays) {
            record::mark(page.as_ref(), place.index, false)?;
        }
        Ok(())
    }
}

/// See [`crate::provenance::undo_dispense`].
pub fn undo_dispense(ctx: Context<UndoDispense>, args: UndoDispenseArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    let custody = accounts.validate(place, now)?;
    let batch = accounts.batch.key();
    let pharmacy = accounts.pharmacy.key();
    let units = accounts.dispense.load()?.units;
    match (place.level, &accounts.page) {
        (Level::Pack, page) => {
            let is_marked = record::is_marked(page.as_ref(), &batch, place.index)?;
            let page = page.as_ref().ok_or(ProvenanceError::RecordMissing)?;
            if units > 0 {
                accounts.put_back(&custody, place, units, is_marked, now)?;
            } else {
                require!(is_marked, ProvenanceError::NotDispensed);
                record::mark(page.as_ref(), place.index, false)?;
            }
        }
        (_, Some(_)) => return Err(ProvenanceError::RecordNotNeeded.into()),
        (_, None) => {
            let custody = custody.after(Action::UndoDispense, pharmacy)?;
            record::change_node(&accounts.node, &batch, place, |node| {
                node.hold(&custody, now)
            })?;
        }
    }
    let (payer, claim) = {
        let dispense = accounts.dispense.load()?;
        (dispense.payer, dispense.claim)
    };
    galen_entry::emit!(ctx => DispenseUndone {
        batch,
        place: args.place,
        pharmacy,
        claim,
        units,
    });
    address::close(accounts.dispense.as_ref(), &accounts.payer, &payer)
}
