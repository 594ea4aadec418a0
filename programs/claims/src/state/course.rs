//! What happens to a claim beside its adjudication: clocks, interest, appeals, the claim in its place.

use anchor_lang::prelude::*;
use galen_rules::prompt_pay::{self, AnnualRate};
use galen_rules::{Cents, Date};

use super::PlanClocks;
use crate::error::ClaimsError;

/// Days are counted from 1970-01-01. All zeros for a claim that is adjudicated and paid at once, but for `decided_on`.
#[derive(InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize, AnchorDeserialize))]
pub struct Course {
    /// Cents of interest for late payment, worked out once, when the award was paid.
    pub interest: u64,
    /// The day of the last decision, the rulebook's or the insurer's: appeals count from it. 0 = none.
    pub decided_on: i32,
    /// The day since which the insurer awaits information; 0 = it does not.
    pub awaiting_since: i32,
    /// Thousandths of a percent a year on what is paid after `interest_after`; 0 = none.
    pub interest_rate: u32,
    /// The last day on which payment carries no interest; 0 where no clock was started.
    pub interest_after: i32,
    /// The identifier of the claim that stands in this one's place; zeros = none.
    pub replaced_by: [u8; 16],
    /// First bytes of the key that decided first; zeros = the rulebook alone.
    pub decider: [u8; 8],
    /// First bytes of the key that decided the first appeal; zeros = none.
    pub appeal_decider: [u8; 8],
    /// Days during which information was awaited.
    pub stopped_days: u16,
    /// Levels of appeal that were filed, those of the claim that this one replaces included.
    pub appeals: u8,
    /// Bits: [`Course::APPEAL_OPEN`] and so on.
    pub flags: u8,
    /// The last day on which the claim waits for the member, or for the draw; 0 = for neither.
    pub wait_until: i32,
}

const _: () = assert!(Course::INIT_SPACE == 64);
#[cfg(not(feature = "idl-build"))]
const _: () = assert!(std::mem::size_of::<Course>() == Course::INIT_SPACE);

// Written and read at once, as `ClaimLineArgs` is, and for the same reason.
#[cfg(not(feature = "idl-build"))]
impl AnchorSerialize for Course {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(bytemuck::bytes_of(self))
    }
}

#[cfg(not(feature = "idl-build"))]
impl AnchorDeserialize for Course {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut course: Self = bytemuck::Zeroable::zeroed();
        reader.read_exact(bytemuck::bytes_of_mut(&mut course))?;
        Ok(course)
    }
}

impl Course {
    /// Bit of `flags`: an appeal waits for its decision.
    pub const APPEAL_OPEN: u8 = 1;
    /// Bit of `flags`: the insurer did not decide in time.
    pub const ESCALATED: u8 = 1 << 1;
    /// Bit of `flags`: the award is paid and `interest` is not yet.
    pub const INTEREST_OWED: u8 = 1 << 2;

    /// Bit of `flags`: it came without the member's signature, which the draw may ask for.
    pub const VOUCHED: u8 = 1 << 3;
    /// Bit of `flags`: it was drawn for review, and is not drawn again.
    pub const DRAWN: u8 = 1 << 4;

    /// Bit of `flags`: the plan's reviewer has decided about it, or about the claim that it replaces; nobody does after that.
    pub const REVIEWED: u8 = 1 << 5;
    /// Bit of `flags`: it has been held against the registry of duplicates, and is not again.
    pub const SCREENED: u8 = 1 << 6;
    /// Bit of `flags`: a claim of another pool stood in the registry for one of its service dates.
    pub const FOUND_ELSEWHERE: u8 = 1 << 7;

    /// Whether this bit of `flags` is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Sets or clears a bit of `flags`.
    pub fn set(&mut self, flag: u8, on: bool) {
        if on {
            self.flags |= flag;
        } else {
            self.flags &= !flag;
        }
    }

    /// The tag by which a decider is known: enough to refuse the same key, which cannot have another.
    pub fn tag(key: &Pubkey) -> [u8; 8] {
        super::history::first_bytes(key)
    }

    /// Notes who decided.
    pub fn decided_by(&mut self, key: &Pubkey) {
        self.decider = Self::tag(key);
    }

    /// Whether `key` has decided before, about the claim or about an appeal.
    pub fn was_decided_by(&self, key: &Pubkey) -> bool {
        let tag = Self::tag(key);
        self.decider == tag || self.appeal_decider == tag
    }

    /// Starts the prompt-pay clock of a claim received on `received` that is not paid at once.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn start_clock(&mut self, clocks: &PlanClocks, received: Date) -> Result<()> {
        let due = prompt_pay::due(
            received,
            clocks.prompt_pay_days.into(),
            self.stopped_days.into(),
        )
        .ok_or(ClaimsError::DateInvalid)?;
        self.interest_rate = clocks.interest_rate;
        self.interest_after = due.days();
        Ok(())
    }

    /// The interest on `net` cents paid on `today` (CMS Claims Processing Manual, chapter 1, section 80.2.2).
    ///
    /// # Errors
    /// `DateInvalid`, `TermsInvalid`, `AmountOverflow`.
    pub fn interest_on(&self, net: u64, today: Date) -> Result<u64> {
        if self.interest_rate == 0 {
            return Ok(0);
        }
        let rate = AnnualRate::new(self.interest_rate).ok_or(ClaimsError::TermsInvalid)?;
        let due = Date::from_days(self.interest_after).ok_or(ClaimsError::DateInvalid)?;
        prompt_pay::interest(Cents::new(net), rate, due, today)
            .map(Cents::get)
            .ok_or_else(|| ClaimsError::AmountOverflow.into())
    }

    /// Stops the clocks from `today` on.
    ///
    /// # Errors
    /// `InformationAlreadyAwaited`.
    pub fn await_information(&mut self, today: i32) -> Result<()> {
        require!(
            self.awaiting_since == 0,
            ClaimsError::InformationAlreadyAwaited
        );
        self.awaiting_since = today;
        Ok(())
    }

    /// Lets the clocks run again, where they were stopped: they are put off by the days that have passed.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn resume_clocks(&mut self, today: i32) -> Result<()> {
        if self.awaiting_since == 0 {
            return Ok(());
        }
        let days = u16::try_from(today.saturating_sub(self.awaiting_since).max(0))
            .map_err(|_| ClaimsError::AmountOverflow)?;
        self.stopped_days = self
            .stopped_days
            .checked_add(days)
            .ok_or(ClaimsError::AmountOverflow)?;
        self.interest_after = self
            .interest_after
            .checked_add(days.into())
            .ok_or(ClaimsError::AmountOverflow)?;
        self.awaiting_since = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written() {
        let course = Course {
            interest: u64::MAX - 1,
            decided_on: -2,
            awaiting_since: 3,
            interest_rate: 4,
            interest_after: -5,
            replaced_by: [6; 16],
            decider: [7; 8],
            appeal_decider: [8; 8],
            stopped_days: 0x0910,
            appeals: 11,
            flags: 12,
            wait_until: 13,
        };
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&course, &mut bytes).unwrap();
        assert_eq!(bytes.len(), Course::INIT_SPACE);
        assert_eq!(Course::try_from_slice(&bytes).unwrap(), course);
    }
}
