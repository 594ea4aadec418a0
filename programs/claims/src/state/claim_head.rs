//! A claim's account, of which only the figures of its payment are read and written: in place, for a batch pays many.

use std::cell::RefMut;
use std::ops::Range;

use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::Date;

use super::{Claim, ClaimStatus, Course, RoundMark, Rounds, Waiting};

// Where the fields of `Claim` lie: all of them have one size up to the lines. A test holds them against the account.
const STATUS: usize = 10;
const POOL: Range<usize> = 12..44;
const PROVIDER: Range<usize> = 44..76;
const CLAIM_ID: Range<usize> = 140..156;
const MONEY_RESERVED: usize = 221;
const AWARDED_AT: Range<usize> = 235..243;
const PAID_AT: Range<usize> = 243..251;
const PAID: Range<usize> = 267..275;
const OFFSET: Range<usize> = 299..307;
const REPLACES: Range<usize> = 315..331;
const INTEREST: Range<usize> = 337..345;
const AWAITING_SINCE: Range<usize> = 349..353;
const INTEREST_RATE: Range<usize> = 353..357;
const INTEREST_AFTER: Range<usize> = 357..361;
const STOPPED_DAYS: Range<usize> = 393..395;
const DRAWN: Range<usize> = 401..409;
const LEFT: Range<usize> = 409..417;
const HALVINGS: Range<usize> = 417..421;
const COMPLETE: Range<usize> = 421..425;
const TREATY: Range<usize> = 425..427;
const FIRST_AWARDED_ON: Range<usize> = 427..431;
/// Bytes before the lines: discriminator, fields, number of lines.
const HEAD: usize = 436;

/// The head of a claim's account.
pub struct ClaimHead<'a>(RefMut<'a, [u8]>);

impl<'a> ClaimHead<'a> {
    /// The head of the claim at `account`.
    ///
    /// # Errors
    /// `AccountOwnedByWrongProgram`, `AccountNotMutable`, `AccountDiscriminatorMismatch`.
    pub fn of(account: &'a AccountInfo) -> Result<Self> {
        require!(
            *account.owner == crate::ID,
            ErrorCode::AccountOwnedByWrongProgram
        );
        require!(account.is_writable, ErrorCode::AccountNotMutable);
        let data = account.try_borrow_mut_data()?;
        require!(
            data.len() >= HEAD && data.starts_with(Claim::DISCRIMINATOR),
            ErrorCode::AccountDiscriminatorMismatch
        );
        Ok(Self(RefMut::map(data, |data| &mut **data)))
    }

    fn bytes<const N: usize>(&self, place: Range<usize>) -> [u8; N] {
        // The head is complete, so every place is there.
        self.0
            .get(place)
            .and_then(|bytes| bytes.try_into().ok())
            .unwrap_or([0; N])
    }

    fn write(&mut self, place: Range<usize>, bytes: &[u8]) {
        if let Some(target) = self.0.get_mut(place) {
            target.copy_from_slice(bytes);
        }
    }

    fn flag(&self, place: usize) -> u8 {
        self.0.get(place).copied().unwrap_or(0)
    }

    fn cents(&self, place: Range<usize>) -> u64 {
        u64::from_le_bytes(self.bytes(place))
    }

    /// The pool that pays.
    pub fn pool(&self) -> Pubkey {
        Pubkey::new_from_array(self.bytes(POOL))
    }

    /// The provider's organisation account.
    pub fn provider(&self) -> Pubkey {
        Pubkey::new_from_array(self.bytes(PROVIDER))
    }

    /// The provider's identifier of the claim.
    pub fn claim_id(&self) -> [u8; 16] {
        self.bytes(CLAIM_ID)
    }

    /// The identifier of the claim that it stands in the place of; zeros = none.
    pub fn replaces(&self) -> [u8; 16] {
        self.bytes(REPLACES)
    }

    /// What was awarded, in cents.
    pub fn awarded(&self) -> u64 {
        self.cents(PAID)
    }

    /// Whether something was awarded that has not been taken back.
    pub fn is_awarded(&self) -> bool {
        self.is_payable() || self.flag(STATUS) == ClaimStatus::Paid as u8
    }

    /// Whether it was taken back.
    pub fn is_reversed(&self) -> bool {
        self.flag(STATUS) == ClaimStatus::Reversed as u8
    }

    /// The mark of the treaty under which it is counted; 0 = none.
    pub fn treaty(&self) -> u16 {
        self.treaty_and_netted() & !Claim::NETTED
    }

    /// Whether it is counted there less what a bond has paid back.
    pub fn is_netted(&self) -> bool {
        self.treaty_and_netted() & Claim::NETTED != 0
    }

    fn treaty_and_netted(&self) -> u16 {
        u16::from_le_bytes(self.bytes(TREATY))
    }

    /// Notes under which treaty it is counted, and whether less what a bond has paid back.
    pub fn set_treaty(&mut self, mark: u16, is_netted: bool) {
        let netted = if is_netted { Claim::NETTED } else { 0 };
        self.write(TREATY, &(mark | netted).to_le_bytes());
    }

    /// Whether it waits for its payment.
    pub fn is_payable(&self) -> bool {
        self.flag(STATUS) == ClaimStatus::Payable as u8
    }

    /// Whether the pool has set the money aside.
    pub fn is_money_reserved(&self) -> bool {
        self.flag(MONEY_RESERVED) != 0
    }

    /// Unix second of the award.
    pub fn awarded_at(&self) -> i64 {
        i64::from_le_bytes(self.bytes(AWARDED_AT))
    }

    /// The day of the first award, its own or that of a claim in whose place it stands; 0 = none.
    pub fn first_awarded_on(&self) -> i32 {
        i32::from_le_bytes(self.bytes(FIRST_AWARDED_ON))
    }

    /// What of the award is paid out, in cents.
    pub fn due(&self) -> u64 {
        self.cents(PAID).saturating_sub(self.cents(OFFSET))
    }

    /// What of the award has been paid out in parts, in cents.
    pub fn drawn(&self) -> u64 {
        self.cents(DRAWN)
    }

    /// What of an award that waits for money can be paid out now, in cents: its share of the rounds.
    pub fn share(&self, rounds: &Rounds) -> u64 {
        let waiting = Waiting {
            drawn: self.drawn(),
            since: RoundMark {
                left: self.cents(LEFT),
                halvings: u32::from_le_bytes(self.bytes(HALVINGS)),
                complete: u32::from_le_bytes(self.bytes(COMPLETE)),
            },
        };
        waiting.share(self.due(), &rounds.mark)
    }

    /// Notes what of the award has been paid out in parts.
    pub fn set_drawn(&mut self, cents: u64) {
        self.write(DRAWN, &cents.to_le_bytes());
    }

    /// Whether its clock stands, for the provider's account took no money.
    pub fn awaits_account(&self) -> bool {
        self.bytes::<4>(AWAITING_SINCE) != [0; 4]
    }

    /// Lets its clock run again on the day `today`, where it stands.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn resume_clocks(&mut self, today: i32) -> Result<()> {
        let mut course = Course {
            awaiting_since: i32::from_le_bytes(self.bytes(AWAITING_SINCE)),
            interest_after: i32::from_le_bytes(self.bytes(INTEREST_AFTER)),
            stopped_days: u16::from_le_bytes(self.bytes(STOPPED_DAYS)),
            ..Course::default()
        };
        course.resume_clocks(today)?;
        self.write(AWAITING_SINCE, &course.awaiting_since.to_le_bytes());
        self.write(INTEREST_AFTER, &course.interest_after.to_le_bytes());
        self.write(STOPPED_DAYS, &course.stopped_days.to_le_bytes());
        Ok(())
    }

    /// The interest on `net` cents paid on `today`.
    ///
    /// # Errors
    /// Those of [`Course::interest_on`].
    pub fn interest_on(&self, net: u64, today: Date) -> Result<u64> {
        Course {
            interest_rate: u32::from_le_bytes(self.bytes(INTEREST_RATE)),
            interest_after: i32::from_le_bytes(self.bytes(INTEREST_AFTER)),
            ..Course::default()
        }
        .interest_on(net, today)
    }

    /// Notes that the award has been paid with this interest, all of it or the last part.
    pub fn mark_paid(&mut self, interest: u64, now: i64) {
        if !self.is_money_reserved() {
            self.write(DRAWN.start..COMPLETE.end, &[0; Waiting::INIT_SPACE]);
        }
        self.write(STATUS..STATUS.saturating_add(1), &[ClaimStatus::Paid as u8]);
        self.write(
            MONEY_RESERVED..MONEY_RESERVED.saturating_add(1),
            &[u8::from(false)],
        );
        self.write(PAID_AT, &now.to_le_bytes());
        self.write(INTEREST, &interest.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{ClaimLineArgs, Opening};

    fn claim() -> Claim {
        let mut claim = Claim::open(Opening {
            bump: 1,
            pool: Pubkey::new_from_array([2; 32]),
            provider: Pubkey::new_from_array([3; 32]),
            claim_id: [4; 16],
            document: [5; 32],
            opener: Pubkey::new_from_array([6; 32]),
            service_date: 20_000,
            line_count: 1,
        })
        .unwrap();
        let line = ClaimLineArgs {
            code_key: [7; 8],
            modifiers: [8; 4],
            units: 9,
            charge: 10_000,
            day: 0,
        };
        claim.append(0, &[line]).unwrap();
        claim.status = ClaimStatus::Payable;
        claim.money_reserved = true;
        claim.awarded_at = 1_800_000_000;
        claim.totals.paid = 36_500;
        claim.offset = 500;
        claim.course.interest_rate = 10_000;
        claim.course.interest_after = 20_100;
        claim
    }

    #[test]
    fn it_has_the_share_of_the_account() {
        let mut claim = claim();
        claim.money_reserved = false;
        claim.waiting.drawn = 1_000;
        claim.waiting.since.left = 1 << 63;
        claim.waiting.since.complete = 7;
        claim.treaty = 0x0102;
        claim.replaces = [9; 16];
        let mut rounds = Rounds::NONE;
        rounds.mark.complete = 7;
        rounds.close(72_000, 36_000).unwrap();
        let mut data = Vec::new();
        claim.try_serialize(&mut data).unwrap();
        let (key, mut lamports) = (Pubkey::new_unique(), 1);
        let account = AccountInfo::new(
            &key,
            false,
            true,
            &mut lamports,
            &mut data,
            &crate::ID,
            false,
        );
        let mut head = ClaimHead::of(&account).unwrap();
        assert_eq!(head.share(&rounds), claim.share(&rounds));
        assert_eq!((head.drawn(), head.share(&rounds)), (1_000, 17_000));
        head.set_drawn(18_000);
        assert_eq!((head.treaty(), head.awarded()), (0x0102, 36_500));
        assert_eq!((head.claim_id(), head.replaces()), ([4; 16], [9; 16]));
        assert!(head.is_awarded() && !head.is_reversed());
        assert!(!head.is_netted());
        head.set_treaty(0x0304, true);
        assert!(head.treaty() == 0x0304 && head.is_netted());
        drop(head);
        claim.treaty = 0x8304;
        assert!(!claim.draw(17_000).unwrap());
        let drawn = Claim::try_deserialize(&mut &account.data.borrow()[..]).unwrap();
        assert_eq!(drawn, claim);
        ClaimHead::of(&account).unwrap().mark_paid(5, 1_900_000_000);
        claim.mark_paid(1_900_000_000).unwrap();
        claim.bear_interest(5, false);
        let paid = Claim::try_deserialize(&mut &account.data.borrow()[..]).unwrap();
        assert_eq!(paid, claim);
    }

    #[test]
    fn its_clock_runs_again_as_the_accounts() {
        let mut claim = claim();
        claim.course.stopped_days = 0x0304;
        assert!(claim.await_account(&Rounds::NONE, 20_103));
        assert!(!claim.await_account(&Rounds::NONE, 20_104));
        let mut data = Vec::new();
        claim.try_serialize(&mut data).unwrap();
        let (key, mut lamports) = (Pubkey::new_unique(), 1);
        let account = AccountInfo::new(
            &key,
            false,
            true,
            &mut lamports,
            &mut data,
            &crate::ID,
            false,
        );
        let mut head = ClaimHead::of(&account).unwrap();
        assert!(head.awaits_account());
        head.resume_clocks(20_110).unwrap();
        assert!(!head.awaits_account());
        drop(head);
        claim.course.resume_clocks(20_110).unwrap();
        assert_eq!(
            (claim.course.stopped_days, claim.course.interest_after),
            (0x0304 + 7, 20_107)
        );
        let resumed = Claim::try_deserialize(&mut &account.data.borrow()[..]).unwrap();
        assert_eq!(resumed, claim);
    }

    #[test]
    fn it_is_the_head_of_the_account() {
        let mut claim = claim();
        let mut data = Vec::new();
        claim.try_serialize(&mut data).unwrap();
        assert_eq!(data.len(), HEAD + 136);
        let (key, mut lamports) = (Pubkey::new_unique(), 1);
        let account = AccountInfo::new(
            &key,
            false,
            true,
            &mut lamports,
            &mut data,
            &crate::ID,
            false,
        );
        let mut head = ClaimHead::of(&account).unwrap();
        assert_eq!((head.pool(), head.provider()), (claim.pool, claim.provider));
        assert!(head.is_payable() && head.is_money_reserved());
        assert_eq!(head.awarded_at(), claim.awarded_at);
        assert_eq!(head.due(), claim.due());
        let today = Date::from_days(20_110).unwrap();
        assert_eq!(head.interest_on(36_500, today).unwrap(), 100);
        assert!(!head.awaits_account());
        head.resume_clocks(20_110).unwrap();
        head.mark_paid(100, 1_900_000_000);
        drop(head);
        claim.mark_paid(1_900_000_000).unwrap();
        claim.bear_interest(100, false);
        let paid = Claim::try_deserialize(&mut &account.data.borrow()[..]).unwrap();
        assert_eq!(paid, claim);
    }
}
