//! The secret by which an insurer draws claims for review: committed before the year, revealed day by day.

use anchor_lang::prelude::*;
use galen_rules::Date;
use solana_sha256_hasher::{hash, hashv};

use crate::constants::ACCOUNT_VERSION;
use crate::error::ClaimsError;

/// What a draw hashes begins with this.
const DOMAIN: &[u8] = b"galen draw";

/// Basis points of the whole.
const WHOLE: u128 = 10_000;

/// A chain of secrets, one a day of a year: SHA-256 of a day's link is the link of the day before. Whoever knows the links up
/// to a day can work out no later one, and the insurer could not choose them once the first was committed.
///
/// # PDA Seeds
/// `["draws", pool, year (u16, little-endian)]`: one a year, so that nobody can choose or leave out a chain.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct DrawChain {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The calendar year.
    pub year: u16,
    /// The pool whose claims are drawn.
    pub pool: Pubkey,
    /// The link of the day before `from`, committed when the chain was.
    pub commitment: [u8; 32],
    /// The link of the day `revealed_to`.
    pub link: [u8; 32],
    /// First day whose claims are drawn, in days since 1970-01-01.
    pub from: i32,
    /// Last such day: the year's last.
    pub to: i32,
    /// Last day whose link has been revealed; the day before `from`: none.
    pub revealed_to: i32,
    /// For later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(8 + DrawChain::INIT_SPACE == 152);

impl DrawChain {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"draws";

    /// Address of the chain of `pool` in `year`, and its bump.
    pub fn find_address(pool: &Pubkey, year: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, pool.as_ref(), &year.to_le_bytes()],
            &crate::ID,
        )
    }

    /// The year of a Unix second, as it stands in the address; 0 where it is none of the calendar's.
    pub fn year_of(unix_seconds: i64) -> [u8; 2] {
        Date::from_unix(unix_seconds)
            .map_or(0, |date| date.year())
            .to_le_bytes()
    }

    /// A chain as it is committed on the day `today`, for the days of `year` from `from` on.
    ///
    /// # Errors
    /// `DrawDaysInvalid` where they have begun or are not in the year.
    pub fn commit(
        bump: u8,
        year: u16,
        pool: Pubkey,
        commitment: [u8; 32],
        from: i32,
        today: i32,
    ) -> Result<Self> {
        let first = Date::from_days(from)
            .filter(|first| first.year() == year)
            .ok_or(ClaimsError::DrawDaysInvalid)?;
        require!(
            from > today && commitment != [0; 32],
            ClaimsError::DrawDaysInvalid
        );
        let to = Date::from_ymd(first.year(), 12, 31).ok_or(ClaimsError::DrawDaysInvalid)?;
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            year,
            pool,
            commitment,
            link: commitment,
            from,
            to: to.days(),
            revealed_to: from.saturating_sub(1),
            reserved: [0; 32],
        })
    }

    /// Reveals the link of `day`, and with it those before that are not revealed yet.
    ///
    /// # Errors
    /// `DrawDaysInvalid` for a day that has been revealed or is not the chain's, `DrawTooEarly` before the day is over,
    /// `LinkMismatch`.
    pub fn reveal(&mut self, day: i32, link: [u8; 32], today: i32) -> Result<()> {
        require!(
            self.revealed_to < day && day <= self.to,
            ClaimsError::DrawDaysInvalid
        );
        // While claims of the day can still come in, nobody may know which will be drawn.
        require!(day < today, ClaimsError::DrawTooEarly);
        require!(
            back(link, self.revealed_to, day) == self.link,
            ClaimsError::LinkMismatch
        );
        self.link = link;
        self.revealed_to = day;
        Ok(())
    }

    /// The link of `day`; none where it is not revealed, or not the chain's.
    pub fn link_of(&self, day: i32) -> Option<[u8; 32]> {
        (self.from <= day && day <= self.revealed_to)
            .then(|| back(self.link, day, self.revealed_to))
    }

    /// Whether the link of a day draws the claim at this address, where `bps` of all are to be.
    pub fn draws(link: &[u8; 32], claim: &Pubkey, bps: u16) -> bool {
        let digest = hashv(&[DOMAIN, link, claim.as_ref()]).to_bytes();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        let number = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        // The number as a fraction of all there are, in basis points, rounded down.
        u128::from(number).saturating_mul(WHOLE) >> 64 < u128::from(bps)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.from <= self.to
                && self.revealed_to >= self.from.saturating_sub(1)
                && self.revealed_to <= self.to
                && (self.link == self.commitment) == (self.revealed_to < self.from),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

/// The link of the day `earlier`, from that of the day `later`.
fn back(link: [u8; 32], earlier: i32, later: i32) -> [u8; 32] {
    (earlier..later).fold(link, |link, _| hash(&link).to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-29 and the day before.
    const FROM: i32 = 20_816;
    const TODAY: i32 = FROM - 1;
    const SECRET: [u8; 32] = [7; 32];

    /// The link of the day `FROM + n`; the year's last is the secret itself.
    fn link(n: i32) -> [u8; 32] {
        back(SECRET, n, 2)
    }

    fn chain() -> DrawChain {
        DrawChain::commit(255, 2026, Pubkey::default(), link(-1), FROM, TODAY).unwrap()
    }

    #[test]
    fn it_is_committed_before_its_days() {
        let chain = chain();
        assert_eq!((chain.to, chain.revealed_to), (FROM + 2, FROM - 1));
        chain.invariant().unwrap();
        let commit = |year, from, commitment| {
            DrawChain::commit(255, year, Pubkey::default(), commitment, from, TODAY).is_ok()
        };
        assert!(commit(2026, FROM, [1; 32]));
        assert!(!commit(2026, TODAY, [1; 32]));
        assert!(!commit(2027, FROM, [1; 32]));
        assert!(!commit(2026, FROM + 3, [1; 32]));
        assert!(!commit(2026, FROM, [0; 32]));
    }

    #[test]
    fn it_is_revealed_in_order_and_not_before_the_day_is_over() {
        let mut chain = chain();
        assert!(chain.reveal(FROM, link(0), FROM).is_err());
        assert!(chain.reveal(FROM, link(1), FROM + 1).is_err());
        chain.reveal(FROM, link(0), FROM + 1).unwrap();
        chain.invariant().unwrap();
        assert!(chain.reveal(FROM, link(0), FROM + 1).is_err());
        assert_eq!(chain.link_of(FROM), Some(link(0)));
        assert_eq!(chain.link_of(FROM - 1), None);
        assert_eq!(chain.link_of(FROM + 1), None);
        // A day that was left out is revealed with the next.
        chain.reveal(FROM + 2, link(2), FROM + 3).unwrap();
        assert_eq!(chain.link_of(FROM + 1), Some(link(1)));
        assert_eq!(chain.link_of(FROM), Some(link(0)));
        assert!(chain.reveal(FROM + 3, SECRET, FROM + 9).is_err());
        chain.invariant().unwrap();
    }

    #[test]
    fn about_as_many_are_drawn_as_asked() {
        let drawn = |bps| {
            (0..2_000u16)
                .filter(|n| {
                    let mut key = [0; 32];
                    key[..2].copy_from_slice(&n.to_le_bytes());
                    DrawChain::draws(&SECRET, &Pubkey::new_from_array(key), bps)
                })
                .count()
        };
        assert_eq!((drawn(0), drawn(10_000)), (0, 2_000));
        let tenth = drawn(1_000);
        assert!((140..=260).contains(&tenth), "{tenth}");
    }
}
