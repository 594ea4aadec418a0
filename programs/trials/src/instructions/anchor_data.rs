use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::DataAnchored;
use crate::state::{DataLog, Trial};

/// Arguments of `anchor_data`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AnchorDataArgs {
    /// Root of the tree over the batch's leaves.
    pub root: [u8; 32],
    /// Number of leaves before these: a batch that is sent twice is refused.
    pub first: u64,
    /// Number of leaves in the batch.
    pub count: u32,
}

/// Accounts of `anchor_data`.
#[event_cpi]
#[derive(Accounts)]
pub struct AnchorData<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The trial's commitments.
    #[account(mut, has_one = trial @ TrialsError::LogOfOtherTrial)]
    pub log: AccountLoader<'info, DataLog>,
}

impl AnchorData<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageTrial,
            now,
        )
    }
}

/// See [`crate::trials::anchor_data`].
pub fn anchor_data(ctx: Context<AnchorData>, args: AnchorDataArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let (batch, log_root) = {
        let mut log = accounts.log.load_mut()?;
        let batch = log.batches;
        log.anchor(args.root, args.first, args.count, now)?;
        log.invariant()?;
        (batch, log.root)
    };

    galen_entry::emit!(ctx => DataAnchored {
        trial: accounts.trial.key(),
        batch,
        root: args.root,
        first: args.first,
        count: args.count,
        log_root,
    });
    Ok(())
}
