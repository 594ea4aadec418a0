//! Bonds: a manufacturer's money for claims that are recouped after a recall.

use anchor_lang::prelude::*;
use galen_rules::Cents;
use registry::state::AdminArgs;

use crate::constants::{ACCOUNT_VERSION, BOND_NOTICE_SECONDS, BOND_WINDOW_SECONDS};
use crate::error::ProvenanceError;

/// Money of one manufacturer in one mint, out of which insurers get back what they paid for packs that are recalled. Amounts
/// are cents.
///
/// # PDA Seeds
/// `["bond", manufacturer, mint, number (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Bond {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Number among the manufacturer's bonds in this mint: one for the batches of a year can be withdrawn when those are
    /// closed, whatever was made since.
    pub number: u16,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// The mint that it pays in.
    pub mint: Pubkey,
    /// The program that owns the mint: SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// The token account that holds the money; its authority is this account.
    pub vault: Pubkey,
    /// The program whose claims it pays back: only that program's accounts can ask for money.
    pub claims_program: Pubkey,
    /// Decimals of the mint.
    pub decimals: u8,
    /// What the mint's issuer can do, as bits: `galen_chain::mint_policy`. Stated, not refused.
    pub issuer_powers: u8,
    /// Smallest units of the mint in a cent: 10^(decimals − 2).
    pub unit_per_cent: u64,
    /// Grows by one with every administrative action on the bond.
    pub sequence: u64,
    /// Batches that it covers and that are not closed.
    pub batches: u32,
    /// Cents deposited since the beginning.
    pub deposited: u64,
    /// Cents paid to insurers since the beginning.
    pub recouped: u64,
    /// Cents of recouped claims for which there was no money yet.
    pub owed: u64,
    /// Cents that the manufacturer has withdrawn since the beginning.
    pub withdrawn: u64,
    /// Cents announced to be withdrawn; 0 = none.
    pub withdrawal: u64,
    /// Unix second from which they can be; 0 = none.
    pub withdrawal_at: i64,
    /// The token account that they go to; the default key = none.
    pub withdrawal_to: Pubkey,
}

const _: () = assert!(Bond::INIT_SPACE == 4 + 5 * 32 + 2 + 2 * 8 + 4 + 6 * 8 + 32);

/// Where a bond begins.
pub struct BondOrigin {
    /// Bump of its address.
    pub bump: u8,
    /// Number among the manufacturer's bonds in the mint.
    pub number: u16,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// The mint.
    pub mint: Pubkey,
    /// The program that owns the mint.
    pub token_program: Pubkey,
    /// The token account that will hold the money.
    pub vault: Pubkey,
    /// The program whose claims it pays back.
    pub claims_program: Pubkey,
    /// Decimals of the mint.
    pub decimals: u8,
    /// What the mint's issuer can do.
    pub issuer_powers: u8,
}

impl Bond {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"bond";
    /// First seed of the vault's address: `["bond vault", bond]`.
    pub const VAULT_SEED: &'static [u8] = b"bond vault";

    /// Address of bond `number` of `manufacturer` (the organisation's account) in `mint`, and its bump.
    pub fn find_address(manufacturer: &Pubkey, mint: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[
                Self::SEED,
                manufacturer.as_ref(),
                mint.as_ref(),
                &number.to_le_bytes(),
            ],
            &crate::ID,
        )
    }

    /// Address of the vault of `bond`, and its bump.
    pub fn find_vault_address(bond: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::VAULT_SEED, bond.as_ref()], &crate::ID)
    }

    /// A bond as it begins: without money.
    ///
    /// # Errors
    /// `MintDecimalsInvalid`, `ClaimsProgramInvalid`.
    pub fn new(origin: BondOrigin) -> Result<Self> {
        let unit_per_cent = galen_chain::mint_policy::unit_per_cent(origin.decimals)
            .ok_or(ProvenanceError::MintDecimalsInvalid)?;
        // A plain key has no account that a program owns; and this program's accounts are no claims.
        require!(
            ![Pubkey::default(), crate::ID].contains(&origin.claims_program),
            ProvenanceError::ClaimsProgramInvalid
        );
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump: origin.bump,
            number: origin.number,
            manufacturer: origin.manufacturer,
            mint: origin.mint,
            token_program: origin.token_program,
            vault: origin.vault,
            claims_program: origin.claims_program,
            decimals: origin.decimals,
            issuer_powers: origin.issuer_powers,
            unit_per_cent,
            sequence: 0,
            batches: 0,
            deposited: 0,
            recouped: 0,
            owed: 0,
            withdrawn: 0,
            withdrawal: 0,
            withdrawal_at: 0,
            withdrawal_to: Pubkey::default(),
        })
    }

    /// Cents that are there. Money sent to the vault past `deposit_bond` is not counted.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn held(&self) -> Result<u64> {
        self.deposited
            .checked_sub(self.recouped)
            .and_then(|held| held.checked_sub(self.withdrawn))
            .ok_or_else(|| ProvenanceError::InvariantBroken.into())
    }

    /// `cents` in the smallest units of the mint.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn units(&self, cents: u64) -> Result<u64> {
        Cents::new(cents)
            .checked_mul(self.unit_per_cent)
            .map(Cents::get)
            .ok_or_else(|| ProvenanceError::AmountOverflow.into())
    }

    /// Uses up `admin`: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize(&mut self, admin: &AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(ProvenanceError::from)?;
        Ok(())
    }

    /// Counts `cents` that have arrived in the vault.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn deposit(&mut self, cents: u64) -> Result<()> {
        self.deposited = self
            .deposited
            .checked_add(cents)
            .ok_or(ProvenanceError::AmountOverflow)?;
        Ok(())
    }

    /// Counts a batch in that it covers from now on.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count_batch_in(&mut self) -> Result<()> {
        self.batches = self
            .batches
            .checked_add(1)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// Counts a batch out that is closed.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count_batch_out(&mut self) -> Result<()> {
        self.batches = self
            .batches
            .checked_sub(1)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// Counts `cents` that it owes from now on.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn owe(&mut self, cents: u64) -> Result<()> {
        self.owed = self
            .owed
            .checked_add(cents)
            .ok_or(ProvenanceError::AmountOverflow)?;
        Ok(())
    }

    /// Counts as paid what there is of `lacking` cents that it owes. Returns how much that is.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn pay_owed(&mut self, lacking: u64) -> Result<u64> {
        let cents = self.held()?.min(lacking);
        self.owed = self
            .owed
            .checked_sub(cents)
            .ok_or(ProvenanceError::InvariantBroken)?;
        self.recouped = self
            .recouped
            .checked_add(cents)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(cents)
    }

    /// Announces that `cents` will be withdrawn to `destination`. Returns from when on.
    ///
    /// # Errors
    /// `WithdrawalInvalid`, `WithdrawalAlreadyAnnounced`, `BatchesAreCovered`, `AmountOverflow`.
    pub fn announce_withdrawal(
        &mut self,
        cents: u64,
        destination: Pubkey,
        now: i64,
    ) -> Result<i64> {
        require!(cents > 0, ProvenanceError::WithdrawalInvalid);
        require!(
            self.withdrawal == 0,
            ProvenanceError::WithdrawalAlreadyAnnounced
        );
        require!(self.batches == 0, ProvenanceError::BatchesAreCovered);
        let due_at = now
            .checked_add(BOND_NOTICE_SECONDS)
            .ok_or(ProvenanceError::AmountOverflow)?;
        self.withdrawal = cents;
        self.withdrawal_at = due_at;
        self.withdrawal_to = destination;
        Ok(due_at)
    }

    /// Withdraws the announcement. Returns the amount.
    ///
    /// # Errors
    /// `NoWithdrawalAnnounced`.
    pub fn cancel_withdrawal(&mut self) -> Result<u64> {
        require!(self.withdrawal != 0, ProvenanceError::NoWithdrawalAnnounced);
        let amount = std::mem::take(&mut self.withdrawal);
        self.withdrawal_at = 0;
        self.withdrawal_to = Pubkey::default();
        Ok(amount)
    }

    /// Counts what was announced as withdrawn. Returns the amount.
    ///
    /// # Errors
    /// `NoWithdrawalAnnounced`, `WithdrawalNotDue`, `WithdrawalLapsed`, `BatchesAreCovered`, `BondUnderfunded`,
    /// `AmountOverflow`.
    pub fn withdraw(&mut self, now: i64) -> Result<u64> {
        let due_at = self.withdrawal_at;
        let amount = self.cancel_withdrawal()?;
        require!(now >= due_at, ProvenanceError::WithdrawalNotDue);
        require!(
            now.saturating_sub(due_at) < BOND_WINDOW_SECONDS,
            ProvenanceError::WithdrawalLapsed
        );
        // Covered since the announcement.
        require!(self.batches == 0, ProvenanceError::BatchesAreCovered);
        require!(
            self.held()?.saturating_sub(self.owed) >= amount,
            ProvenanceError::BondUnderfunded
        );
        self.withdrawn = self
            .withdrawn
            .checked_add(amount)
            .ok_or(ProvenanceError::AmountOverflow)?;
        Ok(amount)
    }

    /// What holds after every instruction: no more paid and withdrawn than deposited.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        self.held()?;
        require!(
            (self.withdrawal != 0) == (self.withdrawal_at != 0)
                && (self.withdrawal != 0) == (self.withdrawal_to != Pubkey::default()),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }

    /// What holds after every instruction that moves money, `vault_amount` being the vault's balance in the mint's smallest
    /// units: beside the invariant, that all of what is held is there.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant_with(&self, vault_amount: u64) -> Result<()> {
        require!(
            vault_amount >= self.units(self.held()?)?,
            ProvenanceError::InvariantBroken
        );
        self.invariant()
    }
}
