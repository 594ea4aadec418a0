//! Rounds: how money that comes in is shared among all who wait for it, in proportion to what each still lacks.

use anchor_lang::prelude::*;

use crate::error::ClaimsError;

/// A cent of which nothing has been funded: half the range, so that what is left of it can be doubled once before it
/// leaves it.
const WHOLE: u64 = 1 << 63;

/// How much of a cent that waits is left unfunded: `left` / 2^(63 + `halvings`), counted from the last round that left
/// nobody waiting.
///
/// A product of the ratios of all rounds, so that a claim needs two of them only, the one when it began to wait and the
/// present one, however many rounds have closed in between. `left` is never below 2^62, so each round is exact to 2^-62 of it.
#[derive(InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize, AnchorDeserialize))]
pub struct RoundMark {
    /// The fraction, from 2^62 to 2^63; 0 for a claim that has never waited.
    pub left: u64,
    /// How often `left` was doubled since.
    pub halvings: u32,
    /// Rounds that left nobody waiting.
    pub complete: u32,
}

/// The rounds of a pool, and how long its awards are reinsured: read together, for a claim pays for every read.
#[derive(InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize, AnchorDeserialize))]
pub struct Rounds {
    /// Rounds closed since the beginning.
    pub closed: u64,
    /// What they have left.
    pub mark: RoundMark,
    /// The last day that a treaty in force covers, in days since 1970-01-01; `i32::MIN` = there was none yet.
    pub reinsured_until: i32,
    /// For later versions.
    pub reserved: [u8; 20],
}

/// What a claim that waits for money has had of it. Zeros for one that has never waited.
#[derive(InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize, AnchorDeserialize))]
pub struct Waiting {
    /// Cents of what waits that have been paid out.
    pub drawn: u64,
    /// The pool's mark when it began to wait: the rounds after it count.
    pub since: RoundMark,
}

const _: () = assert!(RoundMark::INIT_SPACE == 16);
const _: () = assert!(Rounds::INIT_SPACE == 48);
const _: () = assert!(Waiting::INIT_SPACE == 24);
#[cfg(not(feature = "idl-build"))]
const _: () = assert!(
    std::mem::size_of::<Rounds>() == Rounds::INIT_SPACE
        && std::mem::size_of::<Waiting>() == Waiting::INIT_SPACE
);

// A claim that never waits pays for one copy.
#[cfg(not(feature = "idl-build"))]
super::copied::copied!(RoundMark, Rounds, Waiting);

impl RoundMark {
    /// Nothing has been funded yet.
    pub const START: Self = Self {
        left: WHOLE,
        halvings: 0,
        complete: 0,
    };

    /// Before any.
    const NEVER: Self = Self {
        left: 0,
        halvings: 0,
        complete: 0,
    };

    /// What of `cents` that have waited since `since` is not funded, rounded up: so the shares of all never pass what was
    /// set aside for them.
    pub fn unfunded(&self, cents: u64, since: &Self) -> u64 {
        if self.complete != since.complete {
            return 0;
        }
        let halvings = self.halvings.saturating_sub(since.halvings);
        let product = u128::from(cents).saturating_mul(self.left.into());
        // Rounding up twice comes to the same as rounding up once.
        let halved = product.checked_shr(halvings).unwrap_or(0);
        let exact = halved.checked_shl(halvings) == Some(product);
        let halved = halved.saturating_add(u128::from(!exact && product > 0));
        let left = halved.div_ceil(u128::from(since.left.max(1)));
        u64::try_from(left).unwrap_or(cents).min(cents)
    }

    /// After a round that funds all but `after` of `before` cents.
    ///
    /// # Errors
    /// `AmountOverflow` once there have been 2^32 halvings, or complete rounds.
    fn after(self, before: u64, after: u64) -> Result<Self> {
        if after == 0 {
            return Ok(Self {
                complete: self
                    .complete
                    .checked_add(1)
                    .ok_or(ClaimsError::AmountOverflow)?,
                ..Self::START
            });
        }
        // Rounded up: less is handed out, and what remains of a cent is there for the round that completes.
        let left = u128::from(self.left)
            .saturating_mul(after.into())
            .div_ceil(u128::from(before.max(1)));
        let left = u64::try_from(left).unwrap_or(WHOLE).min(self.left);
        let doublings = left.leading_zeros().saturating_sub(1);
        Ok(Self {
            left: left.checked_shl(doublings).unwrap_or(left),
            halvings: self
                .halvings
                .checked_add(doublings)
                .ok_or(ClaimsError::AmountOverflow)?,
            complete: self.complete,
        })
    }
}

impl Rounds {
    /// The rounds of a new pool.
    pub const NONE: Self = Self {
        closed: 0,
        mark: RoundMark::START,
        reinsured_until: i32::MIN,
        reserved: [0; 20],
    };

    /// Closes a round that funds all but `after` of the `before` cents that waited.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn close(&mut self, before: u64, after: u64) -> Result<()> {
        self.mark = self.mark.after(before, after)?;
        self.closed = self
            .closed
            .checked_add(1)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            drawn: 0,
            since: RoundMark::NEVER,
        }
    }
}

impl Waiting {
    /// Waits from the mark `since` on.
    pub fn since(since: RoundMark) -> Self {
        Self { drawn: 0, since }
    }

    /// What of `cents` that wait is funded and not paid out yet. Worked out from what waited in the beginning, so that it
    /// does not matter how often, and between which rounds, it is drawn.
    pub fn share(&self, cents: u64, now: &RoundMark) -> u64 {
        cents
            .saturating_sub(now.unfunded(cents, &self.since))
            .saturating_sub(self.drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn funded(mark: RoundMark, cents: u64, since: RoundMark) -> u64 {
        Waiting::since(since).share(cents, &mark)
    }

    #[test]
    fn a_share_is_in_proportion_and_rounded_down() {
        // 1,000 of 3,000 cents: a third of each.
        let mark = RoundMark::START.after(3_000, 2_000).unwrap();
        for (cents, share) in [(3_000, 999), (300, 99), (301, 100), (2, 0), (0, 0)] {
            assert_eq!(funded(mark, cents, RoundMark::START), share, "{cents}");
        }
        // A half is exact.
        let mark = RoundMark::START.after(8, 4).unwrap();
        assert_eq!(funded(mark, 7, RoundMark::START), 3);
        assert_eq!(funded(mark, 8, RoundMark::START), 4);
    }

    #[test]
    fn rounds_multiply_and_the_last_one_completes() {
        let mut mark = RoundMark::START;
        let mut rest = 1_000_000_000u64;
        for _ in 0..200 {
            let next = rest - rest.div_ceil(7).min(rest - 1);
            mark = mark.after(rest, next).unwrap();
            rest = next;
            assert!(mark.left >= 1 << 62 && mark.left <= WHOLE);
        }
        let late = mark;
        assert_eq!(funded(mark, u64::MAX, late), 0);
        let share = funded(mark, 1_000_000_000, RoundMark::START);
        assert!(1_000_000_000 - rest - share <= 1, "{share} {rest}");
        let mark = mark.after(rest, 0).unwrap();
        assert_eq!((mark.left, mark.halvings, mark.complete), (WHOLE, 0, 1));
        for since in [RoundMark::START, late] {
            assert_eq!(funded(mark, u64::MAX, since), u64::MAX);
        }
        assert_eq!(funded(mark, 5, mark), 0);
    }

    #[test]
    fn a_mark_of_any_size_is_worked_with() {
        let mut mark = RoundMark::START;
        for _ in 0..10 {
            mark = mark.after(u64::MAX, 1).unwrap();
        }
        assert!(mark.halvings >= 600);
        // All but a fraction of a cent, which the last round brings.
        assert_eq!(funded(mark, u64::MAX, RoundMark::START), u64::MAX - 1);
        assert_eq!(funded(mark, 1, RoundMark::START), 0);
        let end = RoundMark {
            halvings: u32::MAX,
            ..mark
        };
        assert!(end.after(u64::MAX, 1).is_err());
        let end = RoundMark {
            complete: u32::MAX,
            ..mark
        };
        assert!(end.after(u64::MAX, 0).is_err());
    }

    #[test]
    fn it_does_not_matter_when_a_share_is_drawn() {
        let mut waiting = Waiting::since(RoundMark::START);
        let (mut mark, mut rest) = (RoundMark::START, 10_000u64);
        let mut drawn = 0;
        for _ in 0..5_000 {
            mark = mark.after(rest, rest - 1).unwrap();
            rest -= 1;
            let share = waiting.share(777, &mark);
            waiting.drawn += share;
            drawn += share;
        }
        assert_eq!(drawn, funded(mark, 777, RoundMark::START));
        assert_eq!(drawn, 388);
    }

    #[test]
    fn they_are_read_as_they_are_written() {
        let waiting = Waiting {
            drawn: u64::MAX - 1,
            since: RoundMark {
                left: 2,
                halvings: 3,
                complete: 4,
            },
        };
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&waiting, &mut bytes).unwrap();
        assert_eq!(bytes.len(), Waiting::INIT_SPACE);
        assert_eq!(Waiting::try_from_slice(&bytes).unwrap(), waiting);
        assert!(Waiting::try_from_slice(&bytes[1..]).is_err());
        let rounds = Rounds {
            closed: 1,
            mark: waiting.since,
            reinsured_until: 5,
            reserved: [9; 20],
        };
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&rounds, &mut bytes).unwrap();
        assert_eq!(
            bytes,
            [1u64.to_le_bytes(), 2u64.to_le_bytes()]
                .concat()
                .into_iter()
                .chain([3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0])
                .chain([9; 20])
                .collect::<Vec<u8>>()
        );
        assert_eq!(Rounds::try_from_slice(&bytes).unwrap(), rounds);
    }
}
