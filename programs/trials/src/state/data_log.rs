//! What a trial has bound itself to: its analysis plan before the first participant, its data as they came in, its results in time.

use anchor_lang::prelude::*;
use galen_rules::merkle::{Node, EMPTY};
use galen_rules::trial::data_log::{append, Batch, Peaks};
use galen_rules::trial::{results_due, Bond};
use galen_rules::Date;

use super::Trial;
use crate::constants::{ACCOUNT_VERSION, NO_DAY};
use crate::convert::{self, Sha256};
use crate::error::TrialsError;

/// The commitments of one trial. Amounts are cents, days are counted from 1970-01-01.
///
/// # PDA Seeds
/// `["data_log", trial]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct DataLog {
    /// The trial.
    pub trial: Pubkey,
    /// SHA-256 of the analysis plan.
    pub plan_digest: [u8; 32],
    /// Root of the tree over the batches; zeros = nothing anchored.
    pub root: [u8; 32],
    /// SHA-256 of the results; zeros = none yet.
    pub results_digest: [u8; 32],
    /// The token account that a forfeited bond goes to, named by the ethics board; the default key = none yet.
    pub beneficiary: Pubkey,
    /// Its owner when it was named.
    pub beneficiary_owner: Pubkey,
    /// Nodes of the tree that wait for another one, by height.
    pub peaks: [[u8; 32]; 20],
    /// Set aside until results are committed to in time.
    pub bond: u64,
    /// Data points anchored.
    pub leaves: u64,
    /// Unix second of the last batch.
    pub anchored_at: i64,
    /// Batches anchored.
    pub batches: u32,
    /// The day on which the plan was committed to.
    pub planned_on: i32,
    /// The day on which the data were locked; `NO_DAY` before.
    pub locked_on: i32,
    /// The day on which results were committed to; `NO_DAY` before.
    pub results_on: i32,
    /// The last day for that, whenever the trial ends; `NO_DAY` = none.
    pub results_latest: i32,
    /// Days after the last day of the trial within which results are due.
    pub results_days: u16,
    /// What has become of the bond: 0 = set aside, 1 = returned, 2 = forfeited, 3 = forfeited and paid out.
    pub bond_state: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 31],
}

const _: () = assert!(std::mem::size_of::<DataLog>() == 6 * 32 + 20 * 32 + 24 + 20 + 36);
const _: () = assert!(std::mem::size_of::<Peaks>() == 20 * 32);

/// What is committed to before the first participant.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanTerms {
    /// SHA-256 of the analysis plan.
    pub plan_digest: [u8; 32],
    /// Days after the last day of the trial within which results are due.
    pub results_days: u16,
    /// The last day for results whenever the trial ends, in days since 1970-01-01; `NO_DAY` = none.
    pub results_latest: i32,
    /// Set aside until then, in cents.
    pub bond: u64,
}

impl DataLog {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"data_log";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();
    /// Value of `bond_state`: set aside.
    pub const BOND_HELD: u8 = 0;
    /// Value of `bond_state`: free again.
    pub const BOND_RETURNED: u8 = 1;
    /// Value of `bond_state`: results were not committed to in time.
    pub const BOND_FORFEITED: u8 = 2;
    /// Value of `bond_state`: forfeited, and the beneficiary has it.
    pub const BOND_PAID: u8 = 3;

    /// Address of the log of `trial`, and its bump.
    pub fn find_address(trial: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, trial.as_ref()], &crate::ID)
    }

    /// Begins a log in an account of zeros.
    ///
    /// # Errors
    /// `DigestMissing`, `ResultsDateInvalid`.
    pub fn begin(&mut self, bump: u8, trial: Pubkey, terms: &PlanTerms, today: Date) -> Result<()> {
        require!(terms.plan_digest != [0; 32], TrialsError::DigestMissing);
        if terms.results_latest != NO_DAY {
            require!(
                convert::date(terms.results_latest)? > today,
                TrialsError::ResultsDateInvalid
            );
        }
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
        self.trial = trial;
        self.plan_digest = terms.plan_digest;
        self.planned_on = today.days();
        self.results_days = terms.results_days;
        self.results_latest = terms.results_latest;
        self.bond = terms.bond;
        self.locked_on = NO_DAY;
        self.results_on = NO_DAY;
        Ok(())
    }

    /// Names who gets the bond if it is forfeited.
    ///
    /// # Errors
    /// `BondPaid`.
    pub fn name_beneficiary(&mut self, account: Pubkey, owner: Pubkey) -> Result<()> {
        require!(self.bond_state != Self::BOND_PAID, TrialsError::BondPaid);
        self.beneficiary = account;
        self.beneficiary_owner = owner;
        Ok(())
    }

    /// Appends a batch of `count` leaves, after the first `first` ones.
    ///
    /// # Errors
    /// `DataLocked`, `BatchAlreadyAnchored`, `BatchOutOfOrder`, `BatchInvalid`, `DataLogFull`.
    pub fn anchor(&mut self, root: Node, first: u64, count: u32, now: i64) -> Result<()> {
        require!(self.locked_on == NO_DAY, TrialsError::DataLocked);
        require!(first >= self.leaves, TrialsError::BatchAlreadyAnchored);
        require!(first == self.leaves, TrialsError::BatchOutOfOrder);
        let batch = Batch { root, first, count };
        require!(
            root != EMPTY && batch.depth().is_some(),
            TrialsError::BatchInvalid
        );
        self.root = append::<Sha256>(&mut self.peaks, self.batches, batch.leaf::<Sha256>())
            .ok_or(TrialsError::DataLogFull)?;
        self.batches = self
            .batches
            .checked_add(1)
            .ok_or(TrialsError::DataLogFull)?;
        self.leaves = self
            .leaves
            .checked_add(u64::from(count))
            .ok_or(TrialsError::DataLogFull)?;
        self.anchored_at = now;
        Ok(())
    }

    /// Locks the data: nothing is anchored any more.
    ///
    /// # Errors
    /// `DataLocked`, `DataEmpty`.
    pub fn lock(&mut self, today: Date) -> Result<()> {
        require!(self.locked_on == NO_DAY, TrialsError::DataLocked);
        require!(self.batches > 0, TrialsError::DataEmpty);
        self.locked_on = today.days();
        Ok(())
    }

    /// The last day for results, where one is set.
    pub fn results_due(&self, trial: &Trial) -> Option<Date> {
        results_due(
            convert::day(trial.ended_on),
            self.results_days,
            convert::day(self.results_latest),
        )
    }

    fn bond_rule(&self) -> Bond {
        match self.bond_state {
            Self::BOND_HELD => Bond::Held,
            Self::BOND_RETURNED => Bond::Returned,
            _ => Bond::Forfeited,
        }
    }

    /// Commits to results. Returns what of the bond is free again.
    ///
    /// # Errors
    /// `DigestMissing`, `DataNotLocked`, `ResultsCommitted`.
    pub fn commit_results(
        &mut self,
        digest: [u8; 32],
        today: Date,
        due: Option<Date>,
    ) -> Result<u64> {
        require!(digest != [0; 32], TrialsError::DigestMissing);
        require!(self.locked_on != NO_DAY, TrialsError::DataNotLocked);
        require!(self.results_on == NO_DAY, TrialsError::ResultsCommitted);
        self.results_digest = digest;
        self.results_on = today.days();
        let bond = self.bond_rule();
        if bond == Bond::Held && bond.on_results(today, due) == Bond::Returned {
            self.bond_state = Self::BOND_RETURNED;
            return Ok(std::mem::take(&mut self.bond));
        }
        Ok(0)
    }

    /// Forfeits the bond where results are late. Says whether that is new.
    ///
    /// # Errors
    /// `ResultsNotDue`, `BondPaid`, `BondReturned`.
    pub fn forfeit(&mut self, today: Date, due: Option<Date>) -> Result<bool> {
        match self.bond_state {
            Self::BOND_HELD => {
                require!(
                    self.bond_rule().is_forfeit(today, due),
                    TrialsError::ResultsNotDue
                );
                self.bond_state = Self::BOND_FORFEITED;
                Ok(true)
            }
            Self::BOND_FORFEITED => Ok(false),
            Self::BOND_PAID => err!(TrialsError::BondPaid),
            _ => err!(TrialsError::BondReturned),
        }
    }

    /// The forfeited bond leaves for its beneficiary. Returns how much.
    pub fn pay_bond(&mut self) -> u64 {
        self.bond_state = Self::BOND_PAID;
        std::mem::take(&mut self.bond)
    }

    /// What of the trial's reservations is for the bond.
    pub fn bond_reserved(&self) -> u64 {
        if self.bond_state == Self::BOND_HELD {
            self.bond
        } else {
            0
        }
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let results = (self.results_on == NO_DAY) == (self.results_digest == [0; 32]);
        let anchored = (self.batches == 0) == (self.root == EMPTY);
        let bond = match self.bond_state {
            Self::BOND_HELD | Self::BOND_FORFEITED => true,
            Self::BOND_RETURNED => self.bond == 0 && self.results_on != NO_DAY,
            Self::BOND_PAID => self.bond == 0,
            _ => false,
        };
        let order = self.results_on == NO_DAY || self.locked_on <= self.results_on;
        require!(
            results && anchored && bond && order && self.plan_digest != [0; 32],
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}
