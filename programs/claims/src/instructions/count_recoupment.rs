use anchor_lang::prelude::*;
use provenance::address::{is_absent, view};
use provenance::state::Recoupment;

use crate::error::ClaimsError;
use crate::events::ClaimRecouped;
use crate::payment;
use crate::state::{ClaimRecoupment, Pool};

/// Accounts of `count_recoupment`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CountRecoupment<'info> {
    /// The pool that paid, and has got the money.
    #[account(mut, has_one = vault @ ClaimsError::WrongVault)]
    pub pool: Box<Account<'info, Pool>>,
    /// The claim's record.
    #[account(
        mut,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = recoupment @ ClaimsError::RecoupmentOfOtherClaim,
    )]
    pub record: Box<Account<'info, ClaimRecoupment>>,
    /// CHECK: the provenance program's record of what the bond has paid into the vault, by its address in the claim's record; or
    /// the empty account there, where it was closed.
    pub recoupment: UncheckedAccount<'info>,
    /// CHECK: the pool's vault, by its address in the pool.
    pub vault: UncheckedAccount<'info>,
}

impl CountRecoupment<'_> {
    /// What the bond has paid for the pack in all, in cents, and which bond it is.
    fn read(&self) -> Result<(u64, Pubkey)> {
        // The record is closed with its batch, and only once everything is paid; of a batch that is closed no pack is recouped any
        // more, so it is not made anew.
        if is_absent(&self.recoupment) {
            let all = self
                .record
                .before
                .checked_add(self.record.due)
                .ok_or(ClaimsError::InvariantBroken)?;
            return Ok((all, Pubkey::default()));
        }
        require_keys_eq!(
            *self.recoupment.owner,
            provenance::ID,
            ErrorCode::AccountOwnedByWrongProgram
        );
        let data = self.recoupment.try_borrow_data()?;
        let recoupment: &Recoupment = view(&data)?;
        Ok((recoupment.recouped, recoupment.bond))
    }
}

/// See [`crate::claims::count_recoupment`].
pub fn count_recoupment(ctx: Context<CountRecoupment>) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let (recouped, bond) = accounts.read()?;
    let earlier = accounts.record.earlier;
    let arrived = accounts.record.count(recouped)?;
    require!(
        arrived > 0 || accounts.record.earlier > earlier,
        ClaimsError::NothingArrived
    );
    accounts.record.invariant()?;
    accounts.pool.take_cover(arrived)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimRecouped {
        claim: accounts.record.claim,
        pool: accounts.pool.key(),
        bond,
        arrived,
        lacking: accounts.record.lacking(),
    });
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)
}
