use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::ScanPolicySet;
use crate::state::{Batch, ScanPolicy};

/// Arguments of `set_scan_policy`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetScanPolicyArgs {
    /// How scans of the batch's packs are judged from now on.
    pub policy: ScanPolicy,
}

/// Accounts of `set_scan_policy`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetScanPolicy<'info> {
    /// The manufacturer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The batch.
    #[account(mut, has_one = manufacturer @ ProvenanceError::BatchOfOther)]
    pub batch: AccountLoader<'info, Batch>,
}

/// See [`crate::provenance::set_scan_policy`].
pub fn set_scan_policy(ctx: Context<SetScanPolicy>, args: SetScanPolicyArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    authorize::staff(
        &accounts.manufacturer,
        &accounts.operator_record,
        &accounts.operator.key(),
        Permission::ManageBatch,
        now,
    )?;
    {
        let mut batch = accounts.batch.load_mut()?;
        batch.set_scan_policy(args.policy)?;
        batch.invariant()?;
    }

    galen_entry::emit!(ctx => ScanPolicySet {
        batch: accounts.batch.key(),
        policy: args.policy,
    });
    Ok(())
}
