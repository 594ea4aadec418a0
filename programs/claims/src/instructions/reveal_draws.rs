use anchor_lang::prelude::*;

use crate::convert;
use crate::events::DrawsRevealed;
use crate::state::DrawChain;

/// Arguments of `reveal_draws`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RevealDrawsArgs {
    /// The day whose link it is, in days since 1970-01-01: over, and not revealed yet.
    pub day: i32,
    /// The link.
    pub link: [u8; 32],
}

/// Accounts of `reveal_draws`. Nobody signs but whoever pays for the transaction: who knows the link is who made it.
#[event_cpi]
#[derive(Accounts)]
pub struct RevealDraws<'info> {
    /// The chain.
    #[account(mut)]
    pub draws: Box<Account<'info, DrawChain>>,
}

/// See [`crate::claims::reveal_draws`].
pub fn reveal_draws(ctx: Context<RevealDraws>, args: RevealDrawsArgs) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let draws = &mut ctx.accounts.draws;
    draws.reveal(args.day, args.link, today)?;
    draws.invariant()?;

    let draws = &ctx.accounts.draws;
    galen_entry::emit!(ctx => DrawsRevealed {
        draws: draws.key(),
        pool: draws.pool,
        day: args.day,
        link: args.link,
    });
    Ok(())
}
