//! Plans: the list of a plan's versions, from which the service date selects.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, LISTED_PLAN_VERSIONS};
use crate::error::ClaimsError;

/// What an insurer offers its members, as a sequence of versions. Members belong to a plan, claims to the version
/// in force on their service date.
///
/// # PDA Seeds
/// `["plan", pool, number (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Number among the pool's plans.
    pub number: u16,
    /// The pool that pays.
    pub pool: Pubkey,
    /// Grows by one with every administrative action on the plan.
    pub sequence: u64,
    /// The latest versions, ascending by date. Those before them are where they always were: at the addresses of their numbers.
    #[max_len(LISTED_PLAN_VERSIONS)]
    pub versions: Vec<PlanEntry>,
    /// For later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(Plan::INIT_SPACE == 4 + 32 + 8 + (4 + 16 * 6) + 64);

/// One version of a plan.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// First service date to which it applies, in days since 1970-01-01.
    pub effective_from: i32,
    /// Its number, from 1.
    pub version: u16,
}

impl Plan {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"plan";

    /// Address of plan `number` of `pool`, and its bump.
    pub fn find_address(pool: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, pool.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// A plan as it begins: without a version.
    pub fn new(bump: u8, number: u16, pool: Pubkey) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            number,
            pool,
            sequence: 0,
            versions: Vec::new(),
            reserved: [0; 64],
        }
    }

    /// Uses up `admin`: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize(&mut self, admin: &registry::state::AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(ClaimsError::from)?;
        Ok(())
    }

    /// The number of the next version.
    pub fn next_version(&self) -> u16 {
        self.latest()
            .map_or(1, |entry| entry.version.saturating_add(1))
    }

    /// The last version, if there is any.
    pub fn latest(&self) -> Option<&PlanEntry> {
        self.versions.last()
    }

    /// The version in force on `date` (days since 1970-01-01), if it is listed.
    pub fn version_on(&self, date: i32) -> Option<&PlanEntry> {
        self.versions
            .iter()
            .rev()
            .find(|entry| entry.effective_from <= date)
    }

    /// Adds the next version on the day `today` (days since 1970-01-01). The first may apply to services before it, of which no
    /// claim can have been adjudicated; those after it apply from the next day on: terms do not change after care was given. Where the
    /// list is full the oldest goes off it, and stays in force for the services of its time.
    ///
    /// # Errors
    /// `EffectiveDateNotLater`, `EffectiveDatePast`.
    pub fn publish(&mut self, effective_from: i32, today: i32) -> Result<PlanEntry> {
        require!(
            self.latest()
                .is_none_or(|last| effective_from > last.effective_from),
            ClaimsError::EffectiveDateNotLater
        );
        require!(
            self.versions.is_empty() || effective_from > today,
            ClaimsError::EffectiveDatePast
        );
        let entry = PlanEntry {
            effective_from,
            version: self.next_version(),
        };
        if self.versions.len() >= usize::from(LISTED_PLAN_VERSIONS) {
            self.versions.remove(0);
        }
        self.versions.push(entry);
        Ok(entry)
    }

    /// What holds after every instruction: versions ascend by number and date.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let ascending = self
            .versions
            .iter()
            .zip(self.versions.iter().skip(1))
            .all(|(a, b)| {
                a.effective_from < b.effective_from && b.version == a.version.saturating_add(1)
            });
        require!(
            ascending && self.versions.len() <= usize::from(LISTED_PLAN_VERSIONS),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
