use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::error::TrialsError;
use crate::events::TrialClosed;
use crate::state::{EndReason, Trial};
use crate::{authorize, convert};

/// Arguments of `end_trial`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EndTrialArgs {
    /// Against the trial's sequence; of the ethics board against the caps sequence.
    pub admin: AdminArgs,
    /// Why.
    pub reason: EndReason,
}

/// Accounts of `end_trial`.
#[event_cpi]
#[derive(Accounts)]
pub struct EndTrial<'info> {
    /// The sponsor's or the ethics board's operator.
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor or the ethics board.
    pub organization: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut)]
    pub trial: AccountLoader<'info, Trial>,
}

impl EndTrial<'_> {
    /// Checks who signs: safety is the board's reason, the others are the sponsor's.
    fn validate(&self, args: &EndTrialArgs, now: i64) -> Result<()> {
        let trial = self.trial.load()?;
        let (permission, theirs) = if self.organization.key() == trial.board {
            (Permission::OverseeTrial, args.reason == EndReason::Safety)
        } else {
            require_keys_eq!(
                self.organization.key(),
                trial.sponsor,
                TrialsError::NotSponsorOrBoard
            );
            (Permission::ManageTrial, args.reason != EndReason::Safety)
        };
        require!(theirs, TrialsError::EndReasonNotTheirs);
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            permission,
            now,
        )
    }
}

/// See [`crate::trials::end_trial`].
pub fn end_trial(ctx: Context<EndTrial>, args: EndTrialArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let today = convert::day_of(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        // Each of the two has a sequence of its own, else the sponsor could make every order of the board stale.
        if accounts.organization.key() == trial.board {
            trial.authorize_board(&args.admin, now)?;
        } else {
            trial.authorize(&args.admin, now)?;
        }
        trial.end(args.reason, today)?;
        trial.invariant()?;
    }

    galen_entry::emit!(ctx => TrialClosed {
        trial: accounts.trial.key(),
        reason: args.reason,
        ended_on: today.days(),
    });
    Ok(())
}
