use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::DrawsCommitted;
use crate::state::{DrawChain, Pool};
use crate::{authorize, convert};

/// Arguments of `commit_draws`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CommitDrawsArgs {
    /// The calendar year.
    pub year: u16,
    /// First day whose claims are drawn, in days since 1970-01-01: later than today, and in the year.
    pub from: i32,
    /// The link of the day before: the year's secret, hashed once for each day from `from` to the year's last.
    pub commitment: [u8; 32],
}

/// Accounts of `commit_draws`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CommitDrawsArgs)]
pub struct CommitDraws<'info> {
    /// Pays the rent, which is never refunded: anybody can check the draws by it. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool whose claims are drawn.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The chain to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + DrawChain::INIT_SPACE,
        seeds = [DrawChain::SEED, pool.key().as_ref(), &args.year.to_le_bytes()],
        bump,
    )]
    pub draws: Box<Account<'info, DrawChain>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CommitDraws<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManagePool,
            now,
        )
    }
}

/// See [`crate::claims::commit_draws`].
pub fn commit_draws(ctx: Context<CommitDraws>, args: CommitDrawsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?.days();
    let accounts = &mut *ctx.accounts;
    let chain = DrawChain::commit(
        ctx.bumps.draws,
        args.year,
        accounts.pool.key(),
        args.commitment,
        args.from,
        today,
    )?;
    chain.invariant()?;
    accounts.draws.set_inner(chain);

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => DrawsCommitted {
        draws: accounts.draws.key(),
        pool: accounts.pool.key(),
        from: args.from,
        to: accounts.draws.to,
        commitment: args.commitment,
    });
    Ok(())
}
