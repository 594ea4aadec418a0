//! One person at one sponsor, under a blinded marker: in one trial at a time, taxed over all of them.

use anchor_lang::prelude::*;
use galen_rules::trial::{TaxChoice, TaxYear};
use galen_rules::Cents;

use crate::constants::ACCOUNT_VERSION;
use crate::error::TrialsError;

/// A person under a marker that only the sponsor's blinding service can compute from who they are.
///
/// # PDA Seeds
/// `["person", sponsor, marker]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// The sponsor's organisation account.
    pub sponsor: Pubkey,
    /// The blinded marker.
    pub marker: [u8; 32],
    /// The cohort in which the person takes part now; the default key = in none.
    pub cohort: Pubkey,
    /// Salted commitment to the tax form; zeros = none. A hash without a salt would give a taxpayer number to whoever tries them all.
    pub form: [u8; 32],
    /// Stipends of `year` in cents, over all of the sponsor's trials.
    pub stipends: u64,
    /// What was withheld in `year` for the tax authority, in cents.
    pub withheld: u64,
    /// Stipends of `year_before` in cents: statements of a year are written when it is over and the next has begun.
    pub stipends_before: u64,
    /// What was withheld in `year_before`, in cents.
    pub withheld_before: u64,
    /// Index in `cohort`.
    pub index: u16,
    /// The calendar year of `stipends`; 0 = none yet.
    pub year: u16,
    /// The last calendar year before `year` in which anything was earned or withheld; 0 = none.
    pub year_before: u16,
    /// What is done at the threshold without a form: 0 = held, 1 = paid net of withholding.
    pub choice: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 7],
}

const _: () = assert!(std::mem::size_of::<Person>() == 128 + 4 * 8 + 3 * 2 + 3 + 7);

impl Person {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"person";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the person with `marker` at `sponsor` (the organisation's account), and its bump.
    pub fn find_address(sponsor: &Pubkey, marker: &[u8; 32]) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, sponsor.as_ref(), marker.as_ref()], &crate::ID)
    }

    /// Begins a person in an account of zeros.
    pub fn begin(&mut self, bump: u8, sponsor: Pubkey, marker: [u8; 32]) {
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
        self.sponsor = sponsor;
        self.marker = marker;
    }

    /// The person joins a cohort.
    ///
    /// # Errors
    /// `AlreadyInATrial`.
    pub fn join(&mut self, cohort: Pubkey, index: u16) -> Result<()> {
        require_keys_eq!(self.cohort, Pubkey::default(), TrialsError::AlreadyInATrial);
        self.cohort = cohort;
        self.index = index;
        Ok(())
    }

    /// The person leaves a cohort, where that is the present one.
    pub fn leave(&mut self, cohort: &Pubkey, index: u16) {
        if self.cohort == *cohort && self.index == index {
            self.cohort = Pubkey::default();
            self.index = 0;
        }
    }

    /// Whether there is a tax form.
    pub fn has_form(&self) -> bool {
        self.form != [0; 32]
    }

    /// What the person wants at the threshold without a form.
    pub fn tax_choice(&self) -> TaxChoice {
        if self.choice == 1 {
            TaxChoice::Net
        } else {
            TaxChoice::Hold
        }
    }

    /// Sets what the person wants at the threshold without a form.
    pub fn choose(&mut self, net: bool) {
        self.choice = u8::from(net);
    }

    /// Notes the tax form.
    ///
    /// # Errors
    /// `FormInvalid` for zeros, which stand for none.
    pub fn record_form(&mut self, digest: [u8; 32]) -> Result<()> {
        require!(digest != [0; 32], TrialsError::FormInvalid);
        self.form = digest;
        Ok(())
    }

    /// Stipends of `year` so far.
    pub fn stipends_in(&self, year: u16) -> Cents {
        TaxYear {
            year: self.year,
            stipends: Cents::new(self.stipends),
        }
        .in_year(year)
        .stipends
    }

    /// Notes the stipends of `year`, and how much more was withheld in it. Where `year` is a new one, what stood there is kept as the
    /// year before.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn note_year(&mut self, year: u16, stipends: Cents, withheld: Cents) -> Result<()> {
        if self.year != year {
            self.year_before = self.year;
            self.stipends_before = self.stipends;
            self.withheld_before = self.withheld;
            self.year = year;
            self.withheld = 0;
        }
        self.stipends = stipends.get();
        self.withheld = self
            .withheld
            .checked_add(withheld.get())
            .ok_or(TrialsError::AmountOverflow)?;
        Ok(())
    }
}
