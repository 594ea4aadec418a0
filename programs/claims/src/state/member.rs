//! Members: pseudonyms whose claims a pool pays, with what they have used up.

use anchor_lang::prelude::*;

use super::accumulators::{are_distinct, place_of, KEPT_PERIODS};
use super::{LifetimeAccumulators, OpeningAccumulators, PeriodAccumulators, Turns};
use crate::constants::ACCOUNT_VERSION;
use crate::error::ClaimsError;

/// A member of a pool, known by a salted commitment only.
///
/// # PDA Seeds
/// `["member", pool, commitment]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// The pool that pays.
    pub pool: Pubkey,
    /// The plan of which the member has coverage.
    pub plan: Pubkey,
    /// Salted commitment to who the member is; erasing the salt erases what it meant.
    pub commitment: [u8; 32],
    /// The member's own key; the default key = none, claims then need a ticket.
    pub authority: Pubkey,
    /// Tickets with a lower nonce are void.
    pub ticket_floor: u64,
    /// Grows by one with every administrative action on the member.
    pub sequence: u64,
    /// First day of coverage, in days since 1970-01-01.
    pub covered_from: i32,
    /// Last day of coverage.
    pub covered_to: i32,
    /// The four latest benefit periods, in any order.
    pub periods: [PeriodAccumulators; 4],
    /// What is used up for ever.
    pub lifetime: LifetimeAccumulators,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Keeps what follows aligned; zeros.
    pub padding: [u8; 2],
    /// The order in which the claims were adjudicated; that of the family where there is one, which then has the flags.
    pub turns: Turns,
    /// The family with which deductible and out-of-pocket maximum count together; the default key = none.
    pub family: Pubkey,
    /// First day on which another payer comes first, in days since 1970-01-01.
    pub other_payer_from: i32,
    /// Last such day; 0 = there is no such payer.
    pub other_payer_to: i32,
    /// 1 = more is stated of the member ([`MemberFacts`](super::MemberFacts)), without which none of its claims is adjudicated.
    pub has_facts: u8,
    /// For later versions.
    pub reserved: [u8; 63],
}

/// Days from one to another, both included, in days since 1970-01-01.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateSpan {
    /// First day.
    pub from: i32,
    /// Last day.
    pub to: i32,
}

const _: () = assert!(std::mem::size_of::<Member>() == 4 * 32 + 2 * 8 + 8 + 4 * 152 + 72 + 120);

impl Member {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"member";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the member of `pool` with `commitment`, and its bump.
    pub fn find_address(pool: &Pubkey, commitment: &[u8; 32]) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, pool.as_ref(), commitment], &crate::ID)
    }

    /// A member as enrolled: nothing used up.
    ///
    /// # Errors
    /// `CommitmentEmpty`, `CoverageInvalid`.
    pub fn new(
        bump: u8,
        pool: Pubkey,
        plan: Pubkey,
        commitment: [u8; 32],
        authority: Pubkey,
        covered_from: i32,
        covered_to: i32,
    ) -> Result<Self> {
        require!(commitment != [0; 32], ClaimsError::CommitmentEmpty);
        require!(covered_from <= covered_to, ClaimsError::CoverageInvalid);
        Ok(Self {
            pool,
            plan,
            commitment,
            authority,
            ticket_floor: 0,
            sequence: 0,
            covered_from,
            covered_to,
            periods: [PeriodAccumulators::default(); KEPT_PERIODS],
            lifetime: LifetimeAccumulators::default(),
            version: ACCOUNT_VERSION,
            bump,
            padding: [0; 2],
            turns: Turns::default(),
            family: Pubkey::default(),
            other_payer_from: 0,
            other_payer_to: 0,
            has_facts: 0,
            reserved: [0; 63],
        })
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

    /// Takes over what was used up before the coverage began, in the calendar year `year` in which it begins.
    ///
    /// # Errors
    /// `OpeningInvalid`, also where something has been used up already.
    pub fn open(&mut self, year: u32, opening: &OpeningAccumulators) -> Result<()> {
        opening.check()?;
        require!(
            self.turns.last == 0
                && self.periods == [PeriodAccumulators::default(); KEPT_PERIODS]
                && self.lifetime == LifetimeAccumulators::default(),
            ClaimsError::OpeningInvalid
        );
        let [first, ..] = &mut self.periods;
        *first = opening.of_year(year);
        self.lifetime = opening.of_life();
        Ok(())
    }

    /// Sets the last day of coverage. Returns the day before.
    ///
    /// # Errors
    /// `CoverageInvalid`.
    pub fn end_coverage(&mut self, covered_to: i32) -> Result<i32> {
        require!(
            covered_to >= self.covered_from,
            ClaimsError::CoverageInvalid
        );
        Ok(std::mem::replace(&mut self.covered_to, covered_to))
    }

    /// Sets the days on which another payer comes first; none = on no day.
    ///
    /// # Errors
    /// `CoverageInvalid` where they end before they begin, or before 1970.
    pub fn set_other_coverage(&mut self, days: Option<DateSpan>) -> Result<()> {
        let days = match days {
            None => DateSpan { from: 0, to: 0 },
            Some(days) => {
                require!(
                    days.from <= days.to && days.to > 0,
                    ClaimsError::CoverageInvalid
                );
                days
            }
        };
        self.other_payer_from = days.from;
        self.other_payer_to = days.to;
        Ok(())
    }

    /// The days on which another payer comes first.
    pub fn other_coverage(&self) -> Option<DateSpan> {
        (self.other_payer_to != 0).then_some(DateSpan {
            from: self.other_payer_from,
            to: self.other_payer_to,
        })
    }

    /// Notes whether more is stated of the member.
    pub fn note_facts(&mut self, are_stated: bool) {
        self.has_facts = u8::from(are_stated);
    }

    /// Sets the member's own key; the default key = none.
    pub fn set_authority(&mut self, authority: Pubkey) {
        self.authority = authority;
    }

    /// Voids the tickets with a nonce below `floor`. Returns the floor before.
    ///
    /// # Errors
    /// `TicketFloorNotHigher`.
    pub fn raise_ticket_floor(&mut self, floor: u64) -> Result<u64> {
        require!(floor > self.ticket_floor, ClaimsError::TicketFloorNotHigher);
        Ok(std::mem::replace(&mut self.ticket_floor, floor))
    }

    /// What has been used up in `year`; none where nothing is kept.
    pub fn period(&self, year: u32) -> Option<&PeriodAccumulators> {
        self.periods.iter().find(|period| period.year == year)
    }

    /// Stores what has been used up in a year, in the place of the oldest that is kept.
    ///
    /// # Errors
    /// `PeriodClosed` where all that are kept are later.
    pub fn store(
        &mut self,
        period: &PeriodAccumulators,
        lifetime: &LifetimeAccumulators,
    ) -> Result<()> {
        *place_of(&mut self.periods, period.year, |kept| kept.year)? = *period;
        self.lifetime = *lifetime;
        Ok(())
    }

    /// Joins `family`.
    ///
    /// # Errors
    /// `FamilyJoined` where it belongs to one, `MemberHasClaims` where what it has used up would be missing there.
    pub fn join(&mut self, family: Pubkey) -> Result<()> {
        require!(self.family == Pubkey::default(), ClaimsError::FamilyJoined);
        require!(self.turns.last == 0, ClaimsError::MemberHasClaims);
        self.family = family;
        Ok(())
    }

    /// Whether accumulators of `year` are kept or can be.
    pub fn keeps(&self, year: u32) -> bool {
        self.periods.iter().any(|period| period.year <= year)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let [a, b, c, d] = &self.periods;
        require!(
            self.covered_from <= self.covered_to
                && are_distinct([a.year, b.year, c.year, d.year])
                && self.turns.holds(),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
