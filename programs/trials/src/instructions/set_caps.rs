use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::CapsSet;
use crate::state::{CapsTerms, Trial};

/// Arguments of `set_caps`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetCapsArgs {
    /// Against the trial's caps sequence.
    pub admin: AdminArgs,
    /// The caps.
    pub caps: CapsTerms,
}

/// Accounts of `set_caps`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetCaps<'info> {
    /// The ethics board's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the board.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The ethics board.
    pub board: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = board @ TrialsError::TrialOfOtherBoard)]
    pub trial: AccountLoader<'info, Trial>,
}

impl SetCaps<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::board_staff(
            &self.board,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::trials::set_caps`].
pub fn set_caps(ctx: Context<SetCaps>, args: SetCapsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let (version, old, new) = {
        let mut trial = accounts.trial.load_mut()?;
        let old = trial.set_caps(args.caps, &args.admin, now)?;
        trial.invariant()?;
        (trial.caps_version, old, trial.caps)
    };

    galen_entry::emit!(ctx => CapsSet {
        trial: accounts.trial.key(),
        version,
        old,
        new,
    });
    Ok(())
}
