use anchor_lang::prelude::*;
use anchor_lang::Discriminator;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::ClaimsCeded;
use crate::payment::{self, Till};
use crate::state::{ArchivedClaim, Claim, ClaimHead, ClaimRecoupment, Pool, Settlement, Treaty};

/// Accounts of `cede_claims`; the claims follow, each of which a bond has paid back something with its [`ClaimRecoupment`] after it: what
/// has come back is no award any more. Nobody signs but whoever pays for the transaction: anybody may crank.
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

/// A claim, and the record of its recoupment where that follows it.
struct Given<'a, 'info> {
    claim: &'a AccountInfo<'info>,
    recoupment: Option<&'a AccountInfo<'info>>,
}

impl<'a, 'info> Given<'a, 'info> {
    /// The first of `accounts`, and what comes after it; none where there are none.
    fn first(
        accounts: &'a [AccountInfo<'info>],
    ) -> Result<Option<(Self, &'a [AccountInfo<'info>])>> {
        let Some((claim, rest)) = accounts.split_first() else {
            return Ok(None);
        };
        if let Some((next, after)) = rest.split_first() {
            let is_recoupment = *next.owner == crate::ID
                && next
                    .try_borrow_data()?
                    .starts_with(ClaimRecoupment::DISCRIMINATOR);
            if is_recoupment {
                let recoupment = Some(next);
                return Ok(Some((Self { claim, recoupment }, after)));
            }
        }
        let recoupment = None;
        Ok(Some((Self { claim, recoupment }, rest)))
    }

    /// The record of the claim's recoupment.
    fn recoupment(&self) -> Result<Option<ClaimRecoupment>> {
        let Some(account) = self.recoupment else {
            return Ok(None);
        };
        require!(account.is_writable, ErrorCode::AccountNotMutable);
        let record = ClaimRecoupment::try_deserialize(&mut &account.try_borrow_data()?[..])?;
        require_keys_eq!(
            record.claim,
            *self.claim.key,
            ClaimsError::RecoupmentOfOtherClaim
        );
        Ok(Some(record))
    }

    fn write(&self, record: &ClaimRecoupment) -> Result<()> {
        record.invariant()?;
        match self.recoupment {
            Some(account) => record.try_serialize(&mut &mut account.try_borrow_mut_data()?[..]),
            None => Ok(()),
        }
    }
}

impl CedeClaims<'_> {
    /// Counts the claim where it was awarded in the treaty's time, less what a bond has paid back, and no longer counts it where it was
    /// taken back. Returns whether it did any of that. `before`: the claim given before it.
    fn take(&mut self, given: &Given, before: Option<&AccountInfo>, today: i32) -> Result<bool> {
        if is_archived(given.claim)? {
            // It is there for the claim in its place.
            return Ok(false);
        }
        let mut claim = ClaimHead::of(given.claim)?;
        require!(
            claim.pool() == self.treaty.pool,
            ClaimsError::ClaimOfOtherPool
        );
        let mut recoupment = given.recoupment()?;
        let mark = self.treaty.mark();
        let (is_awarded, awarded) = (claim.is_awarded(), claim.awarded());
        let mut is_changed = false;
        if is_awarded && claim.treaty() == 0 {
            let day = convert::day_of(claim.awarded_at())?.days();
            if !self.treaty.terms.covers(day) || !self.treaty.terms.counts_on(today) {
                return Ok(false);
            }
            if claim.replaces() != [0; 16] {
                check_original(&claim, before)?;
            }
            self.treaty.count(awarded)?;
            claim.set_treaty(mark, false);
            is_changed = true;
        }
        if claim.treaty() != mark {
            return Ok(false);
        }
        require!(
            !claim.is_netted() || recoupment.is_some(),
            ClaimsError::RecoupmentMissing
        );
        if let Some(record) = &mut recoupment {
            let came_back = if is_awarded {
                record.came_back(awarded)
            } else {
                0
            };
            let before = record.net(came_back);
            if came_back != before {
                self.treaty.recount(
                    awarded.saturating_sub(before),
                    awarded.saturating_sub(came_back),
                )?;
                claim.set_treaty(mark, came_back > 0);
                given.write(record)?;
                is_changed = true;
            }
        }
        if claim.is_reversed() {
            self.treaty.uncount(awarded)?;
            claim.set_treaty(0, false);
            is_changed = true;
        }
        Ok(is_changed)
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

/// Whether an archived claim lies there: what is archived is counted by no treaty, or was paid.
fn is_archived(account: &AccountInfo) -> Result<bool> {
    Ok(*account.owner == crate::ID
        && account
            .try_borrow_data()?
            .starts_with(ArchivedClaim::DISCRIMINATOR))
}

/// Checks that `before` is the claim in whose place this one stands, and that no treaty counts it any more: else who cedes could
/// leave it out, and draw for both.
///
/// # Errors
/// `OriginalStillCeded`.
fn check_original(claim: &ClaimHead, before: Option<&AccountInfo>) -> Result<()> {
    let before = before.ok_or(ClaimsError::OriginalStillCeded)?;
    let is_original = if is_archived(before)? {
        // Nothing but its address says which it was. A claim that was taken back is archived only when it is not counted.
        let address = Claim::find_address(&claim.pool(), &claim.provider(), &claim.replaces()).0;
        before.key() == address
    } else {
        let original = ClaimHead::of(before)?;
        original.pool() == claim.pool()
            && original.provider() == claim.provider()
            && original.claim_id() == claim.replaces()
            && original.treaty() == 0
    };
    require!(is_original, ClaimsError::OriginalStillCeded);
    Ok(())
}

/// See [`crate::claims::cede_claims`].
pub fn cede_claims<'info>(ctx: Context<'info, CedeClaims<'info>>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let accounts = &mut *ctx.accounts;
    let mut taken = 0u32;
    let mut rest = ctx.remaining_accounts;
    let mut before = None;
    while let Some((given, after)) = Given::first(rest)? {
        if accounts.take(&given, before, today)? {
            taken = taken.saturating_add(1);
        }
        before = Some(given.claim);
        rest = after;
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
