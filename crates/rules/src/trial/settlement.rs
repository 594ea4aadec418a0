//! The end of a participation: the bonus in proportion, and what goes back to the sponsor.

use core::num::NonZeroU64;

use crate::money::half_up;
use crate::Cents;

/// What the end of a participation comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// The part of the bonus that is earned.
    pub bonus: Cents,
    /// What had been set aside and is free again.
    pub released: Cents,
}

/// The part of `bonus` earned by `done` of `counted` milestones, rounded half up: the same whatever the reason for
/// leaving, and whoever ended the trial (rulings.md 4; domain.md C1 "pro rata").
#[must_use]
pub fn bonus_earned(bonus: Cents, done: u32, counted: u32) -> Cents {
    let Some(whole) = NonZeroU64::new(u64::from(counted)) else {
        return Cents::ZERO;
    };
    if done >= counted {
        return bonus;
    }
    // In parts, so that no product leaves u64: bonus = quotient * counted + rest, and rest * done < 2^64.
    let quotient = bonus.get().checked_div(whole.get()).unwrap_or(0);
    let rest = bonus.get().checked_rem(whole.get()).unwrap_or(0);
    let done = u64::from(done);
    Cents::new(
        quotient
            .saturating_mul(done)
            .saturating_add(half_up(rest.saturating_mul(done), whole)),
    )
}

/// Settles a participation for which `reserved` is still set aside; `None` where that does not cover the bonus earned,
/// which no sequence of rules leads to.
#[must_use]
pub fn settle(reserved: Cents, bonus: Cents, done: u32, counted: u32) -> Option<Settlement> {
    let bonus = bonus_earned(bonus, done, counted);
    reserved
        .checked_sub(bonus)
        .map(|released| Settlement { bonus, released })
}
