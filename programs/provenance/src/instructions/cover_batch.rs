use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::BatchCovered;
use crate::state::{Batch, Bond};

/// Arguments of `cover_batch`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CoverBatchArgs {
    /// The most that the bond pays for a pack, in cents.
    pub cover: u64,
}

/// Accounts of `cover_batch`.
#[event_cpi]
#[derive(Accounts)]
pub struct CoverBatch<'info> {
    /// The manufacturer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The bond.
    #[account(mut, has_one = manufacturer @ ProvenanceError::BondOfOther)]
    pub bond: Box<Account<'info, Bond>>,
    /// The batch.
    #[account(mut, has_one = manufacturer @ ProvenanceError::BatchOfOther)]
    pub batch: AccountLoader<'info, Batch>,
}

impl CoverBatch<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::Fund,
            now,
        )
    }
}

/// See [`crate::provenance::cover_batch`].
pub fn cover_batch(ctx: Context<CoverBatch>, args: CoverBatchArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let bond = accounts.bond.key();
    {
        let mut batch = accounts.batch.load_mut()?;
        if batch.cover(bond, args.cover)? {
            accounts.bond.count_batch_in()?;
        }
        batch.invariant()?;
    }

    galen_entry::emit!(ctx => BatchCovered {
        batch: ctx.accounts.batch.key(),
        bond,
        cover: args.cover,
    });
    ctx.accounts.bond.invariant()
}
