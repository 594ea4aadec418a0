use anchor_lang::prelude::*;
use anchor_lang::Discriminator;

use crate::convert;
use crate::error::ClaimsError;
use crate::events::ClaimsCeded;
use crate::payment::{self, Till};
use crate::state::{ArchivedClaim, Claim, ClaimHead, ClaimRecoupment, Pool, Settlement, Treaty};

/// Accounts of `cede_claims`; the claims follow, each of which a bond has paid back something with its [`ClaimRecoupment`] after it: what
/// has come back is no award any more. Before a claim in another's place goes that other, and before that the one in whose place it
/// stands, down to the first. Nobody signs but whoever pays for the transaction: anybody may crank.
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

/// A claim that has been looked at, for the one after it, which may stand in its place.
struct Seen<'a, 'info> {
    account: &'a AccountInfo<'info>,
    /// Whether no treaty counts it, nor any claim in whose place it stands.
    is_clear: bool,
}

impl Seen<'_, '_> {
    /// Whether it is the claim in whose place `claim` stands.
    fn is_original_of(&self, claim: &ClaimHead) -> Result<bool> {
        if is_archived(self.account)? {
            // Nothing but its address says which it was.
            let address =
                Claim::find_address(&claim.pool(), &claim.provider(), &claim.replaces()).0;
            return Ok(*self.account.key == address);
        }
        let original = ClaimHead::of(self.account)?;
        Ok(original.pool() == claim.pool()
            && original.provider() == claim.provider()
            && original.claim_id() == claim.replaces())
    }
}

impl CedeClaims<'_> {
    /// Counts the claim where it was awarded in the treaty's time, or stands in the place of one that was, less what a bond has paid back, and no longer counts it where it was
    /// taken back. Returns whether it did any of that, and what the next one may have to know. `before`: the claim given before it.
    fn take<'a, 'info>(
        &mut self,
        given: &Given<'a, 'info>,
        before: Option<&Seen>,
        today: i32,
    ) -> Result<(bool, Seen<'a, 'info>)> {
        let account = given.claim;
        if is_archived(account)? {
            // It is there for the claim in its place. What was taken back is archived only once it is clear.
            let is_clear = true;
            return Ok((false, Seen { account, is_clear }));
        }
        let mut claim = ClaimHead::of(account)?;
        require!(
            claim.pool() == self.treaty.pool,
            ClaimsError::ClaimOfOtherPool
        );
        let originals_are_clear = claim.replaces() == [0; 16]
            || match before {
                None => false,
                Some(before) => before.is_clear && before.is_original_of(&claim)?,
            };
        let is_changed = self.update(&mut claim, given, originals_are_clear, today)?;
        let is_clear = originals_are_clear && claim.treaty() == 0;
        Ok((is_changed, Seen { account, is_clear }))
    }

    /// See [`CedeClaims::take`].
    fn update(
        &mut self,
        claim: &mut ClaimHead,
        given: &Given,
        originals_are_clear: bool,
        today: i32,
    ) -> Result<bool> {
        let mut recoupment = given.recoupment()?;
        let mark = self.treaty.mark();
        let (is_awarded, awarded) = (claim.is_awarded(), claim.awarded());
        let mut is_changed = false;
        if is_awarded && claim.treaty() == 0 {
            let terms = &self.treaty.terms;
            // What stands in another's place is no new award.
            let is_counted_now = terms.counts_on(today) || claim.replaces() != [0; 16];
            if !terms.covers(claim.first_awarded_on()) || !is_counted_now {
                return Ok(false);
            }
            // Else who cedes could leave them out, and draw for each.
            require!(originals_are_clear, ClaimsError::OriginalStillCeded);
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

/// Whether an archived claim lies there: it is clear, or was paid and stands in nobody's way.
fn is_archived(account: &AccountInfo) -> Result<bool> {
    Ok(*account.owner == crate::ID
        && account
            .try_borrow_data()?
            .starts_with(ArchivedClaim::DISCRIMINATOR))
}

/// See [`crate::claims::cede_claims`].
pub fn cede_claims<'info>(ctx: Context<'info, CedeClaims<'info>>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let accounts = &mut *ctx.accounts;
    let mut taken = 0u32;
    let mut rest = ctx.remaining_accounts;
    let mut before = None;
    while let Some((given, after)) = Given::first(rest)? {
        let (is_changed, seen) = accounts.take(&given, before.as_ref(), today)?;
        taken = taken.saturating_add(is_changed.into());
        before = Some(seen);
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
