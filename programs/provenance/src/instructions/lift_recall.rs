use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use super::issue_recall::slot_of;
use crate::convert::Place;
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
    let lifted = record::change_node(&accounts.node, &batch, place, |node| {
        node.lift_recall(slot, &issuer)
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
