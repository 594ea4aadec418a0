//! Keeps the chain's clock beside the wall's.
//!
//! Each block adds the length of a slot to the clock, but a slot really takes a little longer, above all on a busy
//! machine: left alone, the clock falls behind by seconds within minutes. What it lost is given back here. Time
//! travel is left as it is: from there on the clock goes on at the pace of the wall.

use std::time::{Duration, Instant};
use surfpool_core::surfnet::locker::SurfnetSvmLocker;

/// How often the clock is looked at.
pub const EVERY: Duration = Duration::from_millis(500);

/// The two clocks as they were last seen.
pub struct WallClock {
    chain_ms: u64,
    wall: Instant,
}

impl WallClock {
    /// Starts from the chain's present time.
    pub fn start(chain: &SurfnetSvmLocker) -> Self {
        Self {
            chain_ms: chain.with_svm_reader(|svm| svm.updated_at),
            wall: Instant::now(),
        }
    }

    /// Gives the chain's clock what it lost since the last call.
    pub fn correct(&mut self, chain: &SurfnetSvmLocker) {
        let wall = Instant::now();
        let passed = u64::try_from(wall.duration_since(self.wall).as_millis()).unwrap_or(u64::MAX);
        let before = self.chain_ms;
        self.chain_ms = chain.with_svm_writer(move |svm| {
            svm.updated_at = svm
                .updated_at
                .saturating_add(lost(before, svm.updated_at, passed));
            svm.updated_at
        });
        self.wall = wall;
    }
}

/// What a clock that went from `before` to `now` while `passed` ms went by has lost. Nothing if it stood still (it is
/// paused) or jumped (someone travelled).
fn lost(before: u64, now: u64, passed: u64) -> u64 {
    match now.checked_sub(before) {
        None | Some(0) => 0,
        Some(moved) => passed.saturating_sub(moved),
    }
}

#[cfg(test)]
mod tests {
    use super::lost;

    #[test]
    fn a_slow_clock_is_given_what_it_lost() {
        assert_eq!(lost(1_000, 1_480, 500), 20);
        assert_eq!(lost(1_000, 1_500, 500), 0);
    }

    #[test]
    fn pauses_and_travel_are_left_alone() {
        assert_eq!(lost(1_000, 1_000, 500), 0, "paused");
        assert_eq!(lost(1_000, 9_000_000, 500), 0, "travelled forward");
        assert_eq!(lost(9_000_000, 1_000, 500), 0, "travelled back");
    }
}
