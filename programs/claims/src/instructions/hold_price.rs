use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::PriceHeld;
use crate::state::{Pool, Predetermination};
use crate::{authorize, convert};

/// Arguments of `hold_price`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct HoldPriceArgs {
    /// Last service date for which the price is held, in days since 1970-01-01: later than before, and at most 366 days after
    /// the answer.
    pub until: i32,
    /// [`Predetermination::stated`] of the answer: the insurer signs for the one that was seen, not for one that took its place.
    pub digest: [u8; 32],
}

/// Accounts of `hold_price`.
#[event_cpi]
#[derive(Accounts)]
pub struct HoldPrice<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that would pay.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The answer whose price is held.
    #[account(mut, has_one = pool @ ClaimsError::PredeterminationOfOtherPool)]
    pub predetermination: Box<Account<'info, Predetermination>>,
}

impl HoldPrice<'_> {
    fn validate(&self, args: &HoldPriceArgs, now: i64) -> Result<()> {
        let answer: &AccountInfo = (*self.predetermination).as_ref();
        require!(
            Predetermination::stated(&answer.try_borrow_data()?)? == args.digest,
            ClaimsError::AnswerDiffers
        );
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )
    }
}

/// See [`crate::claims::hold_price`].
pub fn hold_price(ctx: Context<HoldPrice>, args: HoldPriceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let today = convert::day_of(now)?.days();
    let answer = &mut ctx.accounts.predetermination;
    answer.hold(args.until, today)?;
    answer.invariant()?;

    let answer = &ctx.accounts.predetermination;
    galen_entry::emit!(ctx => PriceHeld {
        predetermination: answer.key(),
        pool: answer.pool,
        provider: answer.provider,
        plan_version: answer.plan_version,
        operator: ctx.accounts.operator.key(),
        until: args.until,
    });
    Ok(())
}
