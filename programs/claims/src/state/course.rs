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
    /// The day since which the clocks stand: while the claim is pended the insurer awaits information, while an award is set aside
    /// the provider's account takes no money. 0 = they run.
    pub awaiting_since: i32,
    /// Thousandths of a percent a year on what is paid after `interest_after`; 0 = none.
    pub interest_rate: u32,
    /// The last day on which payment carries no interest; 0 where no clock was started.
    pub interest_after: i32,
    /// The identifier of the claim that stands in this one's place; zeros = none.
    pub replaced_by: [u8; 16],
    /// First bytes of the key that decided first; zeros = the rulebook alone.
    pub decider: [u8; 8],
    /// First bytes of the key that decided the last appeal of the member's, or of the provider's while the member has filed none;
    /// zeros = none.
    pub appeal_decider: [u8; 8],
    /// Days on which the clocks stood.
    pub stopped_days: u16,
    /// Appeals that were filed, those of the claim that this one replaces included: the member's in bits 0 to 2, the provider's in
    /// bits 3 to 5, and [`Course::PROVIDER_REVIEWED`]. Each has levels of its own. And [`Course::WITH_PACK`].
    pub appeals: u8,
    /// Bits: [`Course::APPEAL_OPEN`] and so on.
    pub flags: u8,
    /// The last day on which the claim waits for the member, or for the draw; 0 = for neither.
    pub wait_until: i32,
}

const _: () = assert!(Course::INIT_SPACE == 64);
#[cfg(not(feature = "idl-build"))]
const _: () = assert!(std::mem::size_of::<Course>() == Course::INIT_SPACE);

#[cfg(not(feature = "idl-build"))]
super::copied::copied!(Course);

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

    /// Bit of `flags`: the plan's reviewer has decided about it, or about the claim that it replaces, at the member's request; nobody
    /// does after that.
    pub const REVIEWED: u8 = 1 << 5;
    /// Bit of `appeals`: the plan's reviewer has decided at the provider's request, which cannot appeal any more.
    pub const PROVIDER_REVIEWED: u8 = 1 << 6;
    /// Bit of `appeals`: its pack was dispensed with it, or with the claim in whose place it stands; or an appeal has let it be
    /// without.
    pub const WITH_PACK: u8 = 1 << 7;
    /// Appeals that are counted of each; only reviews that lapse could go on for ever.
    const MAX_APPEALS: u8 = 7;
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

    /// How many appeals the member has filed, or the provider.
    pub fn appeals_of(&self, by_member: bool) -> u8 {
        Self::appeals_in(self.appeals, by_member)
    }

    /// How many the member has filed, or the provider, by a count as in [`Course::appeals`].
    pub fn appeals_in(count: u8, by_member: bool) -> u8 {
        let filed = if by_member { count } else { count >> 3 };
        filed & Self::MAX_APPEALS
    }

    /// How many appeals have been filed; the number of the last one.
    pub fn appeals_filed(&self) -> u8 {
        // Twice seven at most.
        self.appeals_of(true).saturating_add(self.appeals_of(false))
    }

    /// Whether one more could be counted.
    pub fn counts_appeal(&self, by_member: bool) -> bool {
        self.appeals_of(by_member) < Self::MAX_APPEALS
    }

    /// Counts an appeal.
    ///
    /// # Errors
    /// `AppealsExhausted`.
    pub fn count_appeal(&mut self, by_member: bool) -> Result<()> {
        require!(self.counts_appeal(by_member), ClaimsError::AppealsExhausted);
        let one = if by_member { 1 } else { 1 << 3 };
        // Its three bits have room for it.
        self.appeals = self.appeals.saturating_add(one);
        Ok(())
    }

    /// Whether the reviewer's decision is final for the member, or for the provider: that at the member's request is for both.
    pub fn is_final_for(&self, member: bool) -> bool {
        self.has(Self::REVIEWED) || (!member && self.appeals & Self::PROVIDER_REVIEWED != 0)
    }

    /// Notes that the reviewer has decided at the member's request, or the provider's.
    pub fn conclude_review(&mut self, by_member: bool) {
        if by_member {
            self.set(Self::REVIEWED, true);
        } else {
            self.appeals |= Self::PROVIDER_REVIEWED;
        }
    }

    /// Whether it has its pack, or needs none any more, whatever its lines come to.
    pub fn has_pack(&self) -> bool {
        self.appeals & Self::WITH_PACK != 0
    }

    /// Notes whether it has its pack, or needs none any more.
    pub fn note_pack(&mut self, has_pack: bool) {
        if has_pack {
            self.appeals |= Self::WITH_PACK;
        } else {
            self.appeals &= !Self::WITH_PACK;
        }
    }

    /// Lets the reviewer be asked again: the insurer has taken back what was decided.
    pub fn reopen_review(&mut self) {
        self.set(Self::REVIEWED, false);
        self.appeals &= !Self::PROVIDER_REVIEWED;
    }

    /// Notes who decided an appeal, whom no later one goes to. There is room for one: who decided the member's last, or the provider's
    /// as long as the member has filed none.
    pub fn appeal_decided_by(&mut self, key: &Pubkey, by_member: bool) {
        if by_member || self.appeals_of(true) == 0 {
            self.appeal_decider = Self::tag(key);
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
        if clocks.prompt_pay_days == 0 {
            return Ok(());
        }
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

    /// Goes on with the prompt-pay clock of another claim, which stands where that one's stood.
    pub fn take_over_clock(&mut self, other: &Self) {
        self.interest_rate = other.interest_rate;
        self.interest_after = other.interest_after;
        self.stopped_days = other.stopped_days;
        self.awaiting_since = other.awaiting_since;
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

    /// Stops the clock of an award that cannot be paid, from `today` on. Returns whether it ran: where nothing is borne for lateness
    /// there is none to stop.
    pub fn await_account(&mut self, today: i32) -> bool {
        let runs = self.interest_rate != 0 && self.awaiting_since == 0;
        if runs {
            self.awaiting_since = today;
        }
        runs
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
    fn each_has_appeals_of_its_own() {
        let mut course = Course::default();
        for (by_member, filed) in [(true, 1), (false, 2), (false, 3), (true, 4)] {
            course.count_appeal(by_member).unwrap();
            assert_eq!(course.appeals_filed(), filed);
        }
        assert_eq!((course.appeals_of(true), course.appeals_of(false)), (2, 2));
        for _ in 0..5 {
            course.count_appeal(false).unwrap();
        }
        assert!(course.count_appeal(false).is_err() && !course.counts_appeal(false));
        assert_eq!((course.appeals_of(true), course.appeals_of(false)), (2, 7));
        course.conclude_review(false);
        assert!(course.is_final_for(false) && !course.is_final_for(true));
        for _ in 0..5 {
            course.count_appeal(true).unwrap();
        }
        assert!(course.count_appeal(true).is_err());
        assert_eq!((course.appeals_of(true), course.appeals_of(false)), (7, 7));
        course.conclude_review(true);
        assert!(course.is_final_for(false) && course.is_final_for(true));
        course.reopen_review();
        assert!(!course.is_final_for(false) && !course.is_final_for(true));
        assert_eq!((course.appeals_of(true), course.appeals_of(false)), (7, 7));
        course.conclude_review(false);
        // The pack stands beside them.
        assert!(!course.has_pack());
        course.note_pack(true);
        assert!(course.has_pack() && course.count_appeal(false).is_err());
        assert_eq!((course.appeals_of(true), course.appeals_of(false)), (7, 7));
        course.note_pack(false);
        assert!(!course.has_pack() && course.is_final_for(false));
    }

    #[test]
    fn who_decided_for_the_member_is_not_forgotten() {
        let [first, second, third] = [1, 2, 3].map(|n| Pubkey::new_from_array([n; 32]));
        let mut course = Course::default();
        course.count_appeal(false).unwrap();
        course.appeal_decided_by(&first, false);
        assert!(course.was_decided_by(&first));
        course.count_appeal(true).unwrap();
        course.appeal_decided_by(&second, true);
        course.count_appeal(false).unwrap();
        course.appeal_decided_by(&third, false);
        assert!(course.was_decided_by(&second) && !course.was_decided_by(&third));
    }

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
