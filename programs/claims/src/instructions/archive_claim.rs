use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_chain::rent;

use crate::error::ClaimsError;
use crate::events::ClaimArchived;
use crate::state::{ArchivedClaim, Claim, ClaimStatus, Member, PlanVersion};
use crate::{convert, reversal};

/// Accounts of `archive_claim`; after them the member's family, where it has one, and last, where the claim was taken back and stands
/// in another's place, that other. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct ArchiveClaim<'info> {
    /// CHECK: who opened the claim, by the address in the claim, and gets most of its rent back.
    #[account(mut)]
    pub opener: UncheckedAccount<'info>,
    /// The plan version under which the claim was submitted.
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The claim's member.
    pub member: AccountLoader<'info, Member>,
    /// CHECK: the claim; read as one below, and written as what stays of it.
    #[account(mut)]
    pub claim: UncheckedAccount<'info>,
}

impl<'info> ArchiveClaim<'info> {
    /// The claim, which may be archived on the day `today`.
    fn validate(&self, others: &'info [AccountInfo<'info>], today: i32) -> Result<Claim> {
        let claim = read(&self.claim)?;
        require!(
            claim.opener == self.opener.key(),
            ClaimsError::NotClaimOpener
        );
        require!(
            claim.plan_version == self.plan_version.key(),
            ClaimsError::ClaimOfOtherPlanVersion
        );
        require!(
            claim.member == self.member.key(),
            ClaimsError::ClaimOfOtherMember
        );
        claim.check_archivable(&self.plan_version.clocks, &self.plan_version.checks, today)?;
        check_original(&claim, others)?;
        // One of a year that is over for good stays as it is: nothing of it is adjudicated anew.
        require!(
            claim.status == ClaimStatus::Reversed
                || !reversal::is_flagged(&self.member, others, claim.turn)?
                || !reversal::is_year_kept(&self.member, others, &claim)?,
            ClaimsError::ClaimStillFlagged
        );
        Ok(claim)
    }

    /// Leaves `record` in the place of the claim and gives its opener the rent that is not needed any more. Returns how
    /// much that is.
    fn shrink(&self, record: &ArchivedClaim) -> Result<u64> {
        let account = &self.claim;
        account.resize(ArchivedClaim::SIZE)?;
        record.try_serialize(&mut &mut account.try_borrow_mut_data()?[..])?;
        let kept = rent::minimum_balance(ArchivedClaim::SIZE)?;
        let refund = account.lamports().saturating_sub(kept);
        account.sub_lamports(refund)?;
        self.opener.add_lamports(refund)?;
        Ok(refund)
    }
}

/// Checks, where `claim` was taken back and stands in another's place, that no treaty counts that one, nor one in whose place that
/// stands: `cede_claims` takes an archived claim for one of which all that holds.
///
/// # Errors
/// `OriginalNotCleared`, `AccountOwnedByWrongProgram`.
fn check_original(claim: &Claim, others: &[AccountInfo]) -> Result<()> {
    if claim.status != ClaimStatus::Reversed || claim.replaces == [0; 16] {
        return Ok(());
    }
    let address = Claim::find_address(&claim.pool, &claim.provider, &claim.replaces).0;
    let account = others
        .last()
        .filter(|account| *account.key == address)
        .ok_or(ClaimsError::OriginalNotCleared)?;
    if *account.owner == crate::ID
        && account
            .try_borrow_data()?
            .starts_with(ArchivedClaim::DISCRIMINATOR)
    {
        return Ok(());
    }
    let original = read(account)?;
    require!(
        original.treaty == 0 && original.replaces == [0; 16],
        ClaimsError::OriginalNotCleared
    );
    Ok(())
}

fn read(account: &AccountInfo) -> Result<Claim> {
    require_keys_eq!(
        *account.owner,
        crate::ID,
        ErrorCode::AccountOwnedByWrongProgram
    );
    Claim::try_deserialize(&mut &account.try_borrow_data()?[..])
}

/// See [`crate::claims::archive_claim`].
pub fn archive_claim<'info>(ctx: Context<'info, ArchiveClaim<'info>>) -> Result<()> {
    let today = convert::day_of(Clock::get()?.unix_timestamp)?.days();
    let accounts = &*ctx.accounts;
    let claim = accounts.validate(ctx.remaining_accounts, today)?;
    let record = {
        let data = accounts.claim.try_borrow_data()?;
        ArchivedClaim::of(&claim, &data, today)
    };
    let refund = accounts.shrink(&record)?;

    galen_entry::emit!(ctx => ClaimArchived {
        claim: accounts.claim.key(),
        pool: claim.pool,
        provider: claim.provider,
        commitment: record.commitment,
        refund,
    });
    Ok(())
}
