use anchor_lang::prelude::*;
use provenance::instructions::RecoupPackArgs;
use provenance::program::Provenance;
use provenance::state::{Dispense, DispenseKind, Recoupment};

use crate::error::ClaimsError;
use crate::events::ClaimRecouped;
use crate::payment;
use crate::state::{Claim, ClaimRecoupment, ClaimStatus, Pool};

/// Accounts of `recoup_claim`. Nobody signs but whoever pays: anybody may crank. The provenance program checks the accounts of the
/// pack and of the bond.
#[event_cpi]
#[derive(Accounts)]
pub struct RecoupClaim<'info> {
    /// Pays the rent of the records: of the claim's, which stays, and of the pack's, which is refunded after the batch is closed.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The pool that paid, and gets the money.
    #[account(
        mut,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The claim, which signs for what it asks for.
    #[account(has_one = pool @ ClaimsError::ClaimOfOtherPool)]
    pub claim: Box<Account<'info, Claim>>,
    /// The record to be created.
    #[account(
        init,
        payer = payer,
        space = 8 + ClaimRecoupment::INIT_SPACE,
        seeds = [ClaimRecoupment::SEED, claim.key().as_ref()],
        bump,
    )]
    pub record: Box<Account<'info, ClaimRecoupment>>,
    /// CHECK: the pool's vault, by its address in the pool.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the pool's mint, by its address in the pool.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the pool's token program, by its address in the pool.
    pub token_program: UncheckedAccount<'info>,
    /// The record of the dispense, which names the claim.
    #[account(
        has_one = claim @ ClaimsError::DispenseOfOtherClaim,
        has_one = batch @ ClaimsError::DispenseOfOtherClaim,
    )]
    pub dispense: AccountLoader<'info, Dispense>,
    /// CHECK: the pack's batch; by its address in the dispense.
    pub batch: UncheckedAccount<'info>,
    /// CHECK: the page of the pack.
    pub page: UncheckedAccount<'info>,
    /// CHECK: the record of the pack, or the empty account at its address.
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// CHECK: the recoupment of the pack, to be recorded.
    #[account(mut)]
    pub recoupment: UncheckedAccount<'info>,
    /// CHECK: the bond that covers the batch.
    #[account(mut)]
    pub bond: UncheckedAccount<'info>,
    /// CHECK: the bond's vault.
    #[account(mut)]
    pub bond_vault: UncheckedAccount<'info>,
    /// The provenance program.
    pub provenance_program: Program<'info, Provenance>,
    /// CHECK: signs the provenance program's events, which that checks.
    pub provenance_events: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RecoupClaim<'_> {
    /// Checks that the claim has paid for the pack. Returns the pack's place.
    fn validate(&self) -> Result<u64> {
        // What was reversed is owed by the provider; what is not paid yet has cost nobody anything.
        require!(
            self.claim.status == ClaimStatus::Paid,
            ClaimsError::ClaimNotPaid
        );
        let dispense = self.dispense.load()?;
        require!(
            dispense.kind() == DispenseKind::Dispensed && dispense.level == 0,
            ClaimsError::DispenseOfOtherClaim
        );
        Ok(dispense.index)
    }

    /// Has the bond pay. Returns what it owes in all and what it has paid, in cents.
    fn ask(&self, index: u64) -> Result<(u64, u64)> {
        let accounts = provenance::cpi::accounts::RecoupPack {
            payer: self.payer.to_account_info(),
            claim: self.claim.to_account_info(),
            batch: self.batch.to_account_info(),
            page: self.page.to_account_info(),
            pack_node: self.pack_node.to_account_info(),
            case_node: self.case_node.to_account_info(),
            pallet_node: self.pallet_node.to_account_info(),
            batch_node: self.batch_node.to_account_info(),
            dispense: self.dispense.to_account_info(),
            recoupment: self.recoupment.to_account_info(),
            bond: self.bond.to_account_info(),
            vault: self.bond_vault.to_account_info(),
            payee: self.vault.to_account_info(),
            mint: self.mint.to_account_info(),
            token_program: self.token_program.to_account_info(),
            system_program: self.system_program.to_account_info(),
            event_authority: self.provenance_events.to_account_info(),
            program: self.provenance_program.to_account_info(),
        };
        let args = RecoupPackArgs {
            index,
            amount: self.claim.totals.paid,
            pool: self.claim.pool,
            provider: self.claim.provider,
            claim_id: self.claim.claim_id,
            bump: self.claim.bump,
        };
        self.claim.sign(|seeds| {
            let context = CpiContext::new_with_signer(provenance::ID, accounts, seeds);
            provenance::cpi::recoup_pack(context, args)
        })?;
        let data = self.recoupment.try_borrow_data()?;
        let recoupment: &Recoupment = provenance::address::view(&data)?;
        Ok((recoupment.due, recoupment.recouped))
    }
}

/// See [`crate::claims::recoup_claim`].
pub fn recoup_claim(ctx: Context<RecoupClaim>) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let index = accounts.validate()?;
    let (due, recouped) = accounts.ask(index)?;
    let mut record = ClaimRecoupment::new(
        ctx.bumps.record,
        accounts.claim.key(),
        accounts.pool.key(),
        accounts.recoupment.key(),
        due,
    );
    let arrived = record.count(recouped)?;
    record.invariant()?;
    accounts.record.set_inner(record);
    accounts.pool.take_cover(arrived)?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimRecouped {
        claim: accounts.claim.key(),
        pool: accounts.pool.key(),
        bond: accounts.bond.key(),
        arrived,
        lacking: due.saturating_sub(recouped),
    });
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)
}
