use anchor_lang::prelude::*;
use provenance::address::{is_absent, view};
use provenance::instructions::RecoupPackArgs;
use provenance::program::Provenance;
use provenance::state::{Batch, Dispense, Recoupment};

use crate::error::ClaimsError;
use crate::events::ClaimRecouped;
use crate::payment;
use crate::state::claim_recoupment::Asked;
use crate::state::{Claim, ClaimRecoupment, FiledClaim, Pool};

/// Arguments of `recoup_claim`: what the addresses of claims are made of, for in the account of an archived one it is not kept.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecoupClaimArgs {
    /// The claim's provider.
    pub provider: Pubkey,
    /// The provider's identifier of the claim.
    pub claim_id: [u8; 16],
    /// Identifiers of the claims that it stands in the place of, the latest first, down to the one that the pack was dispensed
    /// for. Their accounts follow those of the instruction, in the same order.
    pub originals: Vec<[u8; 16]>,
}

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
    /// CHECK: the claim that has paid, whole or archived; looked into below.
    pub claim: UncheckedAccount<'info>,
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
    /// The record of the dispense, which names the claim, or the one that it stands in the place of.
    #[account(has_one = batch @ ClaimsError::DispenseOfOtherClaim)]
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
    /// CHECK: the recoupment of the pack, to be recorded; there is one where a claim in whose place this one stands has asked.
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

/// The claim that a pack was dispensed for, which signs for the recoupment.
struct Asking<'a, 'info> {
    account: &'a AccountInfo<'info>,
    claim_id: [u8; 16],
    bump: u8,
}

impl<'info> RecoupClaim<'info> {
    /// Checks that the claim has paid for the pack. Returns what it has paid, in cents, and the claim that the pack was dispensed
    /// for.
    fn validate<'a>(
        &'a self,
        args: &RecoupClaimArgs,
        others: &'a [AccountInfo<'info>],
    ) -> Result<(u64, Asking<'a, 'info>)> {
        let claim = self.read(&self.claim, args, &args.claim_id)?;
        let paid = claim.check_recoupable()?;
        let asking = Asking {
            account: self.claim.as_ref(),
            claim_id: args.claim_id,
            bump: claim.bump,
        };
        let asking = self.original(asking, args, others)?;
        require_keys_eq!(
            self.dispense.load()?.claim,
            *asking.account.key,
            ClaimsError::DispenseOfOtherClaim
        );
        Ok((paid, asking))
    }

    /// Reads the claim at `account`, filed by the provider with the pool under `claim_id`.
    fn read(
        &self,
        account: &AccountInfo,
        args: &RecoupClaimArgs,
        claim_id: &[u8; 16],
    ) -> Result<FiledClaim> {
        let claim = FiledClaim::of(account)?;
        claim.check_address(account.key, &self.pool.key(), &args.provider, claim_id)?;
        Ok(claim)
    }

    /// The first of the claims that the claim `latest` stands in the place of: itself where there are none.
    fn original<'a>(
        &'a self,
        latest: Asking<'a, 'info>,
        args: &RecoupClaimArgs,
        others: &'a [AccountInfo<'info>],
    ) -> Result<Asking<'a, 'info>> {
        require!(
            args.originals.len() == others.len(),
            ClaimsError::NotItsOriginal
        );
        let mut asking = latest;
        for (claim_id, account) in args.originals.iter().zip(others) {
            let original = self.read(account, args, claim_id)?;
            // Zeros say that nothing stands in its place, whatever claim has them for its identifier.
            require!(
                original.replaced_by == asking.claim_id && original.replaced_by != [0; 16],
                ClaimsError::NotItsOriginal
            );
            asking = Asking {
                account,
                claim_id: *claim_id,
                bump: original.bump,
            };
        }
        Ok(asking)
    }

    /// What the bond owes for the pack and has paid of that, in cents; nothing where no claim has asked yet.
    fn recoupment(&self) -> Result<(u64, u64)> {
        if is_absent(&self.recoupment) {
            return Ok((0, 0));
        }
        let data = self.recoupment.try_borrow_data()?;
        let recoupment: &Recoupment = view(&data)?;
        Ok((recoupment.due, recoupment.recouped))
    }

    /// Whether the bond owes `paid` cents for the pack already, or the batch's cover, which is the most: then it is asked for nothing,
    /// and what it pays for the claims before is known of this one.
    fn is_owed(&self, asking: &Asking, paid: u64) -> Result<bool> {
        if is_absent(&self.recoupment)
            || *self.recoupment.owner != provenance::ID
            || *self.batch.owner != provenance::ID
        {
            return Ok(false);
        }
        let (data, batch) = (
            self.recoupment.try_borrow_data()?,
            self.batch.try_borrow_data()?,
        );
        // Of a closed batch nothing is left that says what the cover was: the provenance program refuses to be asked then.
        let (Ok(recoupment), Ok(batch)) = (view::<Recoupment>(&data), view::<Batch>(&batch)) else {
            return Ok(false);
        };
        let dispense = self.dispense.load()?;
        let is_of_pack = recoupment.batch == dispense.batch
            && recoupment.index == dispense.index
            && recoupment.claim == *asking.account.key;
        Ok(is_of_pack && paid.min(batch.cover) <= recoupment.due)
    }

    /// Has the bond pay. Returns what it owes for the pack in all and what it has paid, in cents.
    fn ask(
        &self,
        args: &RecoupClaimArgs,
        asking: &Asking<'_, 'info>,
        paid: u64,
    ) -> Result<(u64, u64)> {
        let accounts = provenance::cpi::accounts::RecoupPack {
            payer: self.payer.to_account_info(),
            claim: asking.account.to_account_info(),
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
        let pool = self.pool.key();
        let index = self.dispense.load()?.index;
        let asks = RecoupPackArgs {
            index,
            amount: paid,
            pool,
            provider: args.provider,
            claim_id: asking.claim_id,
            bump: asking.bump,
        };
        let seeds: &[&[u8]] = &[
            Claim::SEED,
            pool.as_ref(),
            args.provider.as_ref(),
            &asking.claim_id,
            &[asking.bump],
        ];
        let program = self.provenance_program.key();
        provenance::cpi::recoup_pack(
            CpiContext::new_with_signer(program, accounts, &[seeds]),
            asks,
        )?;
        self.recoupment()
    }
}

/// See [`crate::claims::recoup_claim`].
pub fn recoup_claim<'info>(
    ctx: Context<'info, RecoupClaim<'info>>,
    args: RecoupClaimArgs,
) -> Result<()> {
    let accounts = &mut *ctx.accounts;
    let (asked, recouped) = {
        let (paid, asking) = accounts.validate(&args, ctx.remaining_accounts)?;
        // The provenance program owns it, or nobody does, which it finds out when it is asked.
        let (before, _) = accounts.recoupment()?;
        let (due, recouped) = if accounts.is_owed(&asking, paid)? {
            accounts.recoupment()?
        } else {
            accounts.ask(&args, &asking, paid)?
        };
        let asked = Asked {
            claim: accounts.claim.key(),
            pool: accounts.pool.key(),
            recoupment: accounts.recoupment.key(),
            original: asking.account.key(),
            before,
            due,
        };
        (asked, recouped)
    };
    let mut record = ClaimRecoupment::new(ctx.bumps.record, &asked)?;
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
        lacking: accounts.record.lacking(),
    });
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)
}
