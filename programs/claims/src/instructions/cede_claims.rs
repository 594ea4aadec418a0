use anchor_lang::prelude::*;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::ClaimsCeded;
use crate::payment::{self, Till};
use crate::state::{ClaimHead, Pool, Settlement, Treaty};

/// Accounts of `cede_claims`; the claims follow. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CedeClaims<'info> {
    /// The pool.
    #[account(
        mut,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The treaty, in force.
    #[account(
        mut,
        has_one = pool @ ClaimsError::TreatyOfOtherPool,
        constraint = treaty.vault == layer_vault.key() @ ClaimsError::WrongLayerVault,
    )]
    pub treaty: Box<Account<'info, Treaty>>,
    /// CHECK: the layer's vault, by its address in the treaty.
    #[account(mut)]
    pub layer_vault: UncheckedAccount<'info>,
    /// CHECK: the pool's vault, by its address in the pool.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the pool's mint, by its address in the pool.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the pool's token program, by its address in the pool.
    pub token_program: UncheckedAccount<'info>,
}

impl CedeClaims<'_> {
    /// Counts the claim where it was awarded in the treaty's time, and no longer counts it where it was taken back. Returns
    /// whether it did either.
    fn take(&mut self, account: &AccountInfo, today: i32) -> Result<bool> {
        let mut claim = ClaimHead::of(account)?;
        require!(
            claim.pool() == self.treaty.pool,
            ClaimsError::ClaimOfOtherPool
        );
        let mark = self.treaty.mark();
        if claim.is_awarded() && claim.treaty() == 0 {
            let day = convert::day_of(claim.awarded_at())?.days();
            if !self.treaty.terms.covers(day) || !self.treaty.terms.counts_on(today) {
                return Ok(false);
            }
            self.treaty.count(claim.awarded())?;
            claim.set_treaty(mark);
            return Ok(true);
        }
        if claim.is_reversed() && claim.treaty() == mark {
            self.treaty.uncount(claim.awarded())?;
            claim.set_treaty(0);
            return Ok(true);
        }
        Ok(false)
    }

    /// Moves what layer and pool owe each other.
    fn settle(&mut self) -> Result<Settlement> {
        let settlement = self.treaty.settle(self.pool.free()?)?;
        let pool_info = self.pool.to_account_info();
        let treaty_info = self.treaty.to_account_info();
        match settlement {
            Settlement::Even => {}
            Settlement::Draw(cents) => {
                self.pool.take_cover(cents)?;
                let till = Till {
                    vault: &self.layer_vault,
                    payout: &self.vault,
                    mint: &self.mint,
                    pool: &treaty_info,
                };
                payment::transfer_from_layer(&self.treaty, &self.pool, &till, cents)?;
            }
            Settlement::Return(cents) => {
                self.pool.return_cover(cents)?;
                let till = Till {
                    vault: &self.vault,
                    payout: &self.layer_vault,
                    mint: &self.mint,
                    pool: &pool_info,
                };
                payment::transfer(&self.pool, &till, cents)?;
            }
        }
        Ok(settlement)
    }
}

/// See [`crate::claims::cede_claims`].
pub fn cede_claims<'info>(ctx: Context<'info, CedeClaims<'info>>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let accounts = &mut *ctx.accounts;
    let mut taken = 0u32;
    for account in ctx.remaining_accounts {
        if accounts.take(account, today)? {
            taken = taken.saturating_add(1);
        }
    }
    let settlement = accounts.settle()?;
    require!(
        taken > 0 || settlement != Settlement::Even,
        ClaimsError::NothingToCede
    );
    accounts.treaty.invariant(
        payment::vault_amount(&accounts.layer_vault)?,
        accounts.pool.unit_per_cent,
    )?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    let treaty = &accounts.treaty;
    let (drawn, returned) = match settlement {
        Settlement::Even => (0, 0),
        Settlement::Draw(cents) => (cents, 0),
        Settlement::Return(cents) => (0, cents),
    };
    galen_entry::emit!(ctx => ClaimsCeded {
        treaty: treaty.key(),
        pool: treaty.pool,
        claims: treaty.claims,
        awards: treaty.awards,
        recoverable: treaty.recoverable(),
        drawn,
        returned,
    });
    Ok(())
}
