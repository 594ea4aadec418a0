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
const MONEY_RESERVED: usize = 221;
const AWARDED_AT: Range<usize> = 235..243;
const PAID_AT: Range<usize> = 243..251;
const PAID: Range<usize> = 267..275;
const OFFSET: Range<usize> = 299..307;
const INTEREST: Range<usize> = 337..345;
const INTEREST_RATE: Range<usize> = 353..357;
const INTEREST_AFTER: Range<usize> = 357..361;
const DRAWN: Range<usize> = 401..409;
const LEFT: Range<usize> = 409..417;
const HALVINGS: Range<usize> = 417..421;
const COMPLETE: Range<usize> = 421..425;
const TREATY: Range<usize> = 425..427;
/// Bytes before the lines: discriminator, fields, number of lines.
const HEAD: usize = 431;

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
        u16::from_le_bytes(self.bytes(TREATY))
    }

    /// Notes under which treaty it is counted.
    pub fn set_treaty(&mut self, mark: u16) {
        self.write(TREATY, &mark.to_le_bytes());
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
        assert!(head.is_awarded() && !head.is_reversed());
        head.set_treaty(0x0304);
        drop(head);
        claim.treaty = 0x0304;
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
        head.mark_paid(100, 1_900_000_000);
        drop(head);
        claim.mark_paid(1_900_000_000).unwrap();
        claim.bear_interest(100, false);
        let paid = Claim::try_deserialize(&mut &account.data.borrow()[..]).unwrap();
        assert_eq!(paid, claim);
    }
}
