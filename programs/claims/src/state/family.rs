//! Families: members whose deductibles and out-of-pocket maxima count together.

use anchor_lang::prelude::*;
use galen_rules::adjudication::{Accumulators, CostShareUsed};
use galen_rules::Cents;

use super::accumulators::{are_distinct, place_of, KEPT_PERIODS};
use super::{Member, NetworkAccumulators, PeriodAccumulators, Turns};
use crate::constants::ACCOUNT_VERSION;
use crate::error::ClaimsError;

/// What a family has used up together, known by a salted commitment only. Its members' accounts name it, and keep a copy
/// of its figures as of their last claim.
///
/// # PDA Seeds
/// `["family", pool, commitment]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// The pool that pays.
    pub pool: Pubkey,
    /// The plan of which its members have coverage.
    pub plan: Pubkey,
    /// Salted commitment to who the family is.
    pub commitment: [u8; 32],
    /// The four latest benefit periods, in any order.
    pub periods: [FamilyPeriod; 4],
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Members that have joined.
    pub members: u16,
    /// The order in which the claims of all members were adjudicated.
    pub turns: Turns,
    /// For later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(std::mem::size_of::<Family>() == 3 * 32 + 4 * 40 + 4 + 12 + 64);

/// Used up by a family within one benefit period, a calendar year. Cents.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FamilyPeriod {
    /// The year; 0 = nothing is kept here.
    pub year: u32,
    /// Keeps what follows aligned; zeros.
    pub padding: u32,
    /// In the network.
    pub in_network: FamilyUsed,
    /// Outside the network.
    pub out_of_network: FamilyUsed,
}

/// Used up by a family on one side of the network's border. Cents.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FamilyUsed {
    /// Of the family's deductible.
    pub deductible: u64,
    /// Of the family's out-of-pocket maximum.
    pub out_of_pocket: u64,
}

impl FamilyUsed {
    fn of(used: &CostShareUsed) -> Self {
        Self {
            deductible: used.deductible.family.get(),
            out_of_pocket: used.out_of_pocket.family.get(),
        }
    }

    /// Adds what one person has used up.
    fn add(&mut self, used: &NetworkAccumulators) -> Result<()> {
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or(ClaimsError::AmountOverflow);
        self.deductible = sum(self.deductible, used.deductible_individual)?;
        self.out_of_pocket = sum(self.out_of_pocket, used.out_of_pocket_individual)?;
        Ok(())
    }

    fn lend(&self, used: &mut CostShareUsed) {
        used.deductible.family = Cents::new(self.deductible);
        used.out_of_pocket.family = Cents::new(self.out_of_pocket);
    }
}

impl Family {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"family";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the family of `pool` with `commitment`, and its bump.
    pub fn find_address(pool: &Pubkey, commitment: &[u8; 32]) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, pool.as_ref(), commitment], &crate::ID)
    }

    /// The family of `member`, which is the first of `others`; none where it belongs to none.
    ///
    /// # Errors
    /// `FamilyMissing`, and those of an account that is none of this program's families.
    pub fn of<'info>(
        member: &Member,
        others: &'info [AccountInfo<'info>],
    ) -> Result<Option<AccountLoader<'info, Self>>> {
        if member.family == Pubkey::default() {
            return Ok(None);
        }
        let account = others
            .first()
            .filter(|account| *account.key == member.family)
            .ok_or(ClaimsError::FamilyMissing)?;
        AccountLoader::try_from(account).map(Some)
    }

    /// A family without members that has used nothing up.
    ///
    /// # Errors
    /// `CommitmentEmpty`.
    pub fn new(bump: u8, pool: Pubkey, plan: Pubkey, commitment: [u8; 32]) -> Result<Self> {
        require!(commitment != [0; 32], ClaimsError::CommitmentEmpty);
        Ok(Self {
            pool,
            plan,
            commitment,
            periods: [FamilyPeriod::default(); KEPT_PERIODS],
            version: ACCOUNT_VERSION,
            bump,
            members: 0,
            turns: Turns::default(),
            reserved: [0; 64],
        })
    }

    /// Counts another member.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn count_member(&mut self) -> Result<()> {
        self.members = self
            .members
            .checked_add(1)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Puts what the family has used up in `year` in the place of what a member's account has kept of it.
    pub fn lend(&self, year: u32, accumulators: &mut Accumulators) {
        let period = self
            .periods
            .iter()
            .find(|period| period.year == year)
            .copied()
            .unwrap_or_default();
        period.in_network.lend(&mut accumulators.in_network);
        period.out_of_network.lend(&mut accumulators.out_of_network);
    }

    /// Stores what the family has used up in `year`, in the place of the oldest that is kept.
    ///
    /// # Errors
    /// `PeriodClosed` where all that are kept are later.
    pub fn store(&mut self, year: u32, accumulators: &Accumulators) -> Result<()> {
        *self.place(year)? = FamilyPeriod {
            year,
            padding: 0,
            in_network: FamilyUsed::of(&accumulators.in_network),
            out_of_network: FamilyUsed::of(&accumulators.out_of_network),
        };
        Ok(())
    }

    /// Adds what a member who joins had used up before its coverage began, of which `period` is a year.
    ///
    /// # Errors
    /// `PeriodClosed` where all years that are kept are later, `AmountOverflow`.
    pub fn take_in(&mut self, period: &PeriodAccumulators) -> Result<()> {
        if period.year == 0 {
            return Ok(());
        }
        let place = self.place(period.year)?;
        if place.year != period.year {
            *place = FamilyPeriod {
                year: period.year,
                ..FamilyPeriod::default()
            };
        }
        place.in_network.add(&period.in_network)?;
        place.out_of_network.add(&period.out_of_network)
    }

    /// Where `year` is kept, or else the oldest that is.
    fn place(&mut self, year: u32) -> Result<&mut FamilyPeriod> {
        place_of(&mut self.periods, year, |kept| kept.year)
    }

    /// Whether what was used up in `year` is kept.
    pub fn keeps(&self, year: u32) -> bool {
        self.periods.iter().any(|period| period.year == year)
    }

    /// Whether what is used up in `year` is kept or can be.
    pub fn can_keep(&self, year: u32) -> bool {
        self.periods.iter().any(|period| period.year <= year)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let [a, b, c, d] = &self.periods;
        require!(
            are_distinct([a.year, b.year, c.year, d.year]) && self.turns.holds(),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
