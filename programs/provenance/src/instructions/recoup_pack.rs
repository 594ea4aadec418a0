use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::recoupable;

use super::pay_recoupment::pay;
use crate::address::{is_absent, view, view_mut, Birth};
use crate::constants::CLAIM_SEED;
use crate::error::ProvenanceError;
use crate::events::PackRecouped;
use crate::path::{recall_times, Path};
use crate::record;
use crate::state::recoupment::Recouping;
use crate::state::{Batch, BatchPage, Bond, Dispense, DispenseKind, Recoupment};
use crate::vault::{self, Till};

/// Arguments of `recoup_pack`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RecoupPackArgs {
    /// The pack's place in the tree.
    pub index: u64,
    /// What the claim, or the one that stands in its place, paid for it in all, in cents; the bond owes that, but no more than the
    /// batch's cover.
    pub amount: u64,
    /// The pool that paid, a seed of the claim's address.
    pub pool: Pubkey,
    /// The claim's provider, the next seed.
    pub provider: Pubkey,
    /// The provider's identifier of the claim, the last seed.
    pub claim_id: [u8; 16],
    /// Bump of the claim's address.
    pub bump: u8,
}

impl RecoupPackArgs {
    /// Checks that `claim` is the address that these seeds have under `program`. Who owns an account says nothing about who signs
    /// for it: anybody can make one of a key of their own, or of another program, and give it to any program. For an
    /// address under `program` only that can sign.
    fn check_claim(&self, claim: &Pubkey, program: &Pubkey) -> Result<()> {
        let seeds: &[&[u8]] = &[
            CLAIM_SEED,
            self.pool.as_ref(),
            self.provider.as_ref(),
            &self.claim_id,
            &[self.bump],
        ];
        let address = Pubkey::create_program_address(seeds, program)
            .map_err(|_| ProvenanceError::ClaimNotDerived)?;
        require_keys_eq!(address, *claim, ProvenanceError::ClaimNotDerived);
        Ok(())
    }
}

/// Accounts of `recoup_pack`. The claim's program answers for what the claim has paid, and where the money goes; for which pack, the
/// record of the dispense does.
#[event_cpi]
#[derive(Accounts)]
pub struct RecoupPack<'info> {
    /// Whoever cranks. Pays the rent of the record.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The claim that the pack was dispensed for: at an address of the program that the bond names, which signs.
    pub claim: Signer<'info>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of the pack.
    pub page: AccountLoader<'info, BatchPage>,
    /// CHECK: the record of the pack, or the empty account at its address.
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// CHECK: the record of the pack's dispense, which names the claim; looked into below.
    pub dispense: UncheckedAccount<'info>,
    /// CHECK: the recoupment to be recorded, its address is checked then; or the claim's own, of which more is asked.
    #[account(mut)]
    pub recoupment: UncheckedAccount<'info>,
    /// The bond that covers the batch.
    #[account(
        mut,
        has_one = vault @ ProvenanceError::WrongVault,
        has_one = mint @ ProvenanceError::WrongMint,
        has_one = token_program @ ProvenanceError::WrongTokenProgram,
    )]
    pub bond: Box<Account<'info, Bond>>,
    /// CHECK: the bond's vault, by its address in the bond.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account to be paid; looked into before it is.
    #[account(mut)]
    pub payee: UncheckedAccount<'info>,
    /// CHECK: the bond's mint, by its address in the bond.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the bond's token program, by its address in the bond.
    pub token_program: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RecoupPack<'_> {
    /// Checks that the pack was dispensed and has been recalled for long enough, and that the bond covers it. Returns what the bond owes,
    /// in cents.
    fn validate(&self, args: &RecoupPackArgs, place: Subtree, now: i64) -> Result<u64> {
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        require!(
            batch.is_covered() && batch.bond == self.bond.key(),
            ProvenanceError::NotCovered
        );
        require_keys_eq!(
            *self.claim.to_account_info().owner,
            self.bond.claims_program,
            ProvenanceError::ClaimOfOtherProgram
        );
        args.check_claim(&self.claim.key(), &self.bond.claims_program)?;
        require!(args.amount > 0, ProvenanceError::RecoupmentEmpty);
        let due = args.amount.min(batch.cover);
        self.check_rise(&batch_key, place, due)?;
        let infos = [
            Some(self.pack_node.as_ref()),
            Some(self.case_node.as_ref()),
            Some(self.pallet_node.as_ref()),
            Some(self.batch_node.as_ref()),
        ];
        // The gravest recall may be of today, and one beside it of last week: each is asked.
        Path::read(&batch_key, batch.layout()?, place, infos)?;
        recoupable(recall_times(infos)?, now).map_err(ProvenanceError::from)?;
        require!(
            record::is_marked(Some(&self.page), &batch_key, place.index)?,
            ProvenanceError::NotDispensed
        );
        self.check_dispense(&batch_key, place)?;
        vault::check_payee(&self.payee, &self.bond)?;
        Ok(due)
    }

    /// Checks that `due` cents are more than were owed for the pack so far, to the same claim and into the same account.
    fn check_rise(&self, batch: &Pubkey, place: Subtree, due: u64) -> Result<()> {
        if is_absent(&self.recoupment) {
            return Ok(());
        }
        require_keys_eq!(
            *self.recoupment.owner,
            crate::ID,
            ProvenanceError::WrongRecord
        );
        let data = self.recoupment.try_borrow_data()?;
        let recoupment: &Recoupment = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
        require!(
            recoupment.is_at(batch, place) && recoupment.bond == self.bond.key(),
            ProvenanceError::WrongRecord
        );
        require!(
            recoupment.claim == self.claim.key() && due > recoupment.due,
            ProvenanceError::AlreadyRecouped
        );
        require_keys_eq!(
            recoupment.payee,
            self.payee.key(),
            ProvenanceError::WrongPayee
        );
        Ok(())
    }

    /// Checks that the pack at `place` was dispensed for the claim.
    fn check_dispense(&self, batch: &Pubkey, place: Subtree) -> Result<()> {
        require_keys_eq!(
            *self.dispense.owner,
            crate::ID,
            ProvenanceError::WrongRecord
        );
        let data = self.dispense.try_borrow_data()?;
        let dispense: &Dispense = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
        require!(dispense.is_at(batch, place), ProvenanceError::WrongRecord);
        require!(
            dispense.kind() == DispenseKind::Dispensed,
            ProvenanceError::NotDispensed
        );
        require_keys_eq!(
            dispense.claim,
            self.claim.key(),
            ProvenanceError::DispensedForOther
        );
        Ok(())
    }
}

/// See [`crate::provenance::recoup_pack`].
pub fn recoup_pack(ctx: Context<RecoupPack>, args: RecoupPackArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut *ctx.accounts;
    let place = Subtree {
        level: Level::Pack,
        index: args.index,
    };
    let due = accounts.validate(&args, place, now)?;
    let recouping = Recouping {
        batch: accounts.batch.key(),
        bond: accounts.bond.key(),
        claim: accounts.claim.key(),
        payee: accounts.payee.key(),
        payer: accounts.payer.key(),
        index: args.index,
    };
    let birth = Birth {
        payer: accounts.payer.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    let is_new = is_absent(&accounts.recoupment);
    if is_new {
        birth.make(
            &accounts.recoupment,
            &Recoupment::seed(place),
            Recoupment::SIZE,
            Recoupment::DISCRIMINATOR,
        )?;
    }
    let (paid, lacking) = {
        let mut data = accounts.recoupment.try_borrow_mut_data()?;
        let recoupment: &mut Recoupment = view_mut(&mut data)?;
        if is_new {
            recoupment.begin(&recouping, now);
        }
        accounts.bond.owe(recoupment.raise(due)?)?;
        let bond_info = accounts.bond.to_account_info();
        let till = Till {
            vault: &accounts.vault,
            payee: &accounts.payee,
            mint: &accounts.mint,
            bond: &bond_info,
        };
        let paid = pay(&mut accounts.bond, recoupment, &till)?;
        (paid, recoupment.lacking())
    };

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PackRecouped {
        batch: recouping.batch,
        index: recouping.index,
        claim: recouping.claim,
        bond: recouping.bond,
        paid,
        lacking,
    });
    accounts
        .bond
        .invariant_with(vault::amount(&accounts.vault)?)
}
