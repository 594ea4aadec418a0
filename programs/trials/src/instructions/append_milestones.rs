use anchor_lang::prelude::*;

use crate::error::TrialsError;
use crate::state::{MilestoneEntry, Schedule};

/// Arguments of `append_milestones`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AppendMilestonesArgs {
    /// Number of milestones before these.
    pub start: u8,
    /// The milestones.
    pub milestones: Vec<MilestoneEntry>,
}

/// Accounts of `append_milestones`. No event: sealing is what counts.
#[derive(Accounts)]
pub struct AppendMilestones<'info> {
    /// The operator who opened the schedule. Whether it still is the sponsor's is checked when somebody seals.
    pub opener: Signer<'info>,
    /// The schedule.
    #[account(mut, has_one = opener @ TrialsError::NotScheduleOpener)]
    pub schedule: AccountLoader<'info, Schedule>,
}

/// See [`crate::trials::append_milestones`].
pub fn append_milestones(ctx: Context<AppendMilestones>, args: AppendMilestonesArgs) -> Result<()> {
    let mut schedule = ctx.accounts.schedule.load_mut()?;
    schedule.append(args.start, &args.milestones)?;
    schedule.invariant()
}
