//! Doses that a participant's device has recorded.

use anchor_lang::prelude::*;
use galen_rules::trial::{AdherenceTerms, MAX_WINDOWS};
use galen_rules::Date;
use solana_sha256_hasher::hashv;

use crate::constants::ACCOUNT_VERSION;
use crate::convert;
use crate::error::TrialsError;

/// What the signature of a dose covers begins with this.
const DOMAIN: &[u8] = b"galen dose";

/// The doses of one participant, by window. What counts towards the threshold stands in the participant's record too.
///
/// # PDA Seeds
/// `["adherence", cohort, index (u16, little-endian)]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Adherence {
    /// The cohort.
    pub cohort: Pubkey,
    /// The key of the device.
    pub device: Pubkey,
    /// Who paid the rent.
    pub payer: Pubkey,
    /// Unix second of the last dose.
    pub last_at: i64,
    /// Number of the device's last dose; 0 = none yet. Begins again with another device.
    pub last_sequence: u32,
    /// Doses recorded, with those that a window did not ask for.
    pub recorded: u32,
    /// Index in the cohort.
    pub index: u16,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 12],
    /// Doses recorded in each window.
    pub windows: [u8; 64],
}

const _: () = assert!(std::mem::size_of::<Adherence>() == 96 + 16 + 4 + 12 + 64);
const _: () = assert!(MAX_WINDOWS == 64);

/// A dose, as a device signs it.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dose {
    /// Number of the dose: each is larger than the one before.
    pub sequence: u32,
    /// When, as a Unix second.
    pub taken_at: i64,
}

impl Dose {
    /// The 32 bytes that the device signs: SHA-256("galen dose" ‖ cohort ‖ index ‖ sequence ‖ taken_at), numbers
    /// little-endian.
    pub fn message(&self, cohort: &Pubkey, index: u16) -> [u8; 32] {
        hashv(&[
            DOMAIN,
            cohort.as_ref(),
            &index.to_le_bytes(),
            &self.sequence.to_le_bytes(),
            &self.taken_at.to_le_bytes(),
        ])
        .to_bytes()
    }
}

impl Adherence {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"adherence";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the record of participant `index` of `cohort`, and its bump.
    pub fn find_address(cohort: &Pubkey, index: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, cohort.as_ref(), &index.to_le_bytes()],
            &crate::ID,
        )
    }

    /// Begins a record in an account of zeros.
    pub fn begin(&mut self, bump: u8, cohort: Pubkey, index: u16, payer: Pubkey) {
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
        self.cohort = cohort;
        self.index = index;
        self.payer = payer;
    }

    /// Gives the participant a device, instead of the one before if there was one. Doses stay.
    ///
    /// # Errors
    /// `KeyInvalid` for the default key, `DeviceUnchanged`.
    pub fn register(&mut self, device: Pubkey) -> Result<()> {
        require_keys_neq!(device, Pubkey::default(), TrialsError::KeyInvalid);
        require_keys_neq!(device, self.device, TrialsError::DeviceUnchanged);
        self.device = device;
        self.last_sequence = 0;
        Ok(())
    }

    /// Counts a dose of somebody enrolled on `enrolled_on` whose last day is `last`, where that has come. Returns whether it
    /// counts towards the threshold: not above what its window asks for.
    ///
    /// # Errors
    /// `DoseReplayed`, `DoseOutOfTime`, `DateInvalid`.
    pub fn count(
        &mut self,
        dose: &Dose,
        terms: &AdherenceTerms,
        enrolled_on: Date,
        last: Option<Date>,
        now: i64,
    ) -> Result<bool> {
        require!(
            dose.sequence > self.last_sequence && dose.taken_at > self.last_at,
            TrialsError::DoseReplayed
        );
        let day = convert::day_of(dose.taken_at)?;
        require!(
            dose.taken_at <= now && last.is_none_or(|last| day <= last),
            TrialsError::DoseOutOfTime
        );
        let window = terms
            .window(enrolled_on, day)
            .and_then(|window| self.windows.get_mut(usize::from(window)))
            .ok_or(TrialsError::DoseOutOfTime)?;
        let counts = *window < terms.doses;
        *window = window.saturating_add(1);
        self.last_sequence = dose.sequence;
        self.last_at = dose.taken_at;
        self.recorded = self.recorded.saturating_add(1);
        Ok(counts)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let counted: u32 = self.windows.iter().map(|doses| u32::from(*doses)).sum();
        // A window stops counting at 255 doses.
        require!(
            counted <= self.recorded && self.device != Pubkey::default(),
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}
