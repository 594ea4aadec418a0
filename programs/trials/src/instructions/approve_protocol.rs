use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::error::TrialsError;
use crate::events::ProtocolApproved;
use crate::state::{ProtocolVersion, Trial};
use crate::{authorize, convert};

/// Arguments of `approve_protocol`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ApproveProtocolArgs {
    /// First day on which it is in force, in days since 1970-01-01: today or later.
    pub effective_from: i32,
}

/// Accounts of `approve_protocol`.
#[event_cpi]
#[derive(Accounts)]
pub struct ApproveProtocol<'info> {
    /// The ethics board's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the board.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The ethics board.
    pub board: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = board @ TrialsError::TrialOfOtherBoard)]
    pub trial: AccountLoader<'info, Trial>,
    /// The version.
    #[account(mut, has_one = trial @ TrialsError::ProtocolOfOtherTrial)]
    pub protocol: Box<Account<'info, ProtocolVersion>>,
}

impl ApproveProtocol<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::board_staff(
            &self.board,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::trials::approve_protocol`].
pub fn approve_protocol(ctx: Context<ApproveProtocol>, args: ApproveProtocolArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let from = convert::date(args.effective_from)?;
    {
        let mut trial = accounts.trial.load_mut()?;
        trial.approve_version(accounts.protocol.number, from, convert::day_of(now)?)?;
        trial.invariant()?;
    }
    accounts.protocol.approve(from.days());

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ProtocolApproved {
        protocol: accounts.protocol.key(),
        trial: accounts.trial.key(),
        number: accounts.protocol.number,
        effective_from: args.effective_from,
    });
    Ok(())
}
