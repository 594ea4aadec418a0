use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use super::issue_recall::slot_of;
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::RecallLifted;
use crate::state::{Batch, RecallSlot};
use crate::{authorize, record};

/// Arguments of `lift_recall`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct LiftRecallArgs {
    /// What is recalled.
    pub place: Place,
    /// SHA-256 of the document that says why.
    pub reason: [u8; 32],
}

/// Accounts of `lift_recall`.
#[event_cpi]
#[derive(Accounts)]
pub struct LiftRecall<'info> {
    /// An operator of who issued it.
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// Who issued it.
    pub organization: Box<Account<'info, Organization>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the place.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the list of further recalls of the place; left out where no other regulator recalls the place.
    #[account(mut)]
    pub recall_list: Option<UncheckedAccount<'info>>,
}

impl LiftRecall<'_> {
    fn validate(&self, now: i64) -> Result<RecallSlot> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::RecallBatch,
            now,
        )?;
        slot_of(&*self.batch.load()?, &self.organization)
    }
}

/// See [`crate::provenance::lift_recall`].
pub fn lift_recall(ctx: Context<LiftRecall>, args: LiftRecallArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let slot = ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    let batch = accounts.batch.key();
    let issuer = accounts.organization.key();
    // Who has issued none where one is in force is told that, not which accounts lifting one would take.
    let list = accounts.recall_list.as_ref().map(AsRef::as_ref);
    let lifted = record::change_recalls(&accounts.node, list, &batch, place, |node, list| {
        require!(
            list.is_none() || node.needs_list(slot, &issuer),
            ProvenanceError::RecordNotNeeded
        );
        node.lift_recall(slot, &issuer, list)
    })?;

    galen_entry::emit!(ctx => RecallLifted {
        batch,
        place: args.place,
        slot,
        issuer,
        number: lifted.number,
        reason: args.reason,
    });
    Ok(())
}
