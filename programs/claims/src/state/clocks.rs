//! The clocks of a plan version: how long each party has.

use anchor_lang::prelude::*;
use galen_rules::prompt_pay::AnnualRate;

use crate::constants::{HISTORY_EXCEPTION_DAYS, MAX_APPEAL_LEVELS};
use crate::error::ClaimsError;

/// How long each party has, in days. Zeros = no such clock.
#[derive(AnchorSerialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanClocks {
    /// From receipt to the last day on which payment carries no interest.
    pub prompt_pay_days: u16,
    /// Thousandths of a percent a year on what is paid later; 4875 = 4.875 %. 0 = no interest.
    pub interest_rate: u32,
    /// From receipt to the last day on which a claim that waits for the insurer is decided in time. 0 = no limit.
    pub decision_days: u16,
    /// Levels of appeal inside the insurer, at most two (29 CFR 2560.503-1(c)(2)); 0 = none.
    pub appeal_levels: u8,
    /// From a decision to the last day on which it can be appealed.
    pub appeal_days: u16,
    /// From an appeal to the last day on which it is decided in time.
    pub appeal_decision_days: u16,
    /// From the last service to the last day on which the claim's account is kept whole; 0 = for ever.
    pub archive_days: u16,
}

// Read at once and then taken apart: every claim reads its plan version.
impl AnchorDeserialize for PlanClocks {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut bytes = [0; Self::INIT_SPACE];
        reader.read_exact(&mut bytes)?;
        let [a, b, r, s, t, u, c, d, levels, e, f, g, h, m, n] = bytes;
        Ok(Self {
            prompt_pay_days: u16::from_le_bytes([a, b]),
            interest_rate: u32::from_le_bytes([r, s, t, u]),
            decision_days: u16::from_le_bytes([c, d]),
            appeal_levels: levels,
            appeal_days: u16::from_le_bytes([e, f]),
            appeal_decision_days: u16::from_le_bytes([g, h]),
            archive_days: u16::from_le_bytes([m, n]),
        })
    }
}

impl PlanClocks {
    /// Checks the clocks of a version whose claims are filed within `filing_limit_days`.
    ///
    /// # Errors
    /// `ClocksInvalid`.
    pub fn check(&self, filing_limit_days: u16) -> Result<()> {
        let appeals = self.appeal_levels == 0
            || (self.appeal_levels <= MAX_APPEAL_LEVELS
                && self.appeal_days > 0
                && self.appeal_decision_days > 0);
        // What is archived can no longer be taken back, so it must be too old to be filed again.
        let shortest = i32::from(filing_limit_days).saturating_add(HISTORY_EXCEPTION_DAYS);
        let archive = self.archive_days == 0 || i32::from(self.archive_days) >= shortest;
        require!(
            AnnualRate::new(self.interest_rate).is_some() && appeals && archive,
            ClaimsError::ClocksInvalid
        );
        Ok(())
    }

    /// Whether a decision of the day `decided_on` can be appealed on `today`.
    pub fn in_time_to_appeal(&self, decided_on: i32, today: i32) -> bool {
        i64::from(today).saturating_sub(decided_on.into()) <= i64::from(self.appeal_days)
    }

    /// Whether a claim received on the day `received` that waited for information for `stopped_days` is overdue.
    pub fn is_overdue(&self, received: i32, stopped_days: u16, today: i32) -> bool {
        let days = i64::from(self.decision_days).saturating_add(stopped_days.into());
        self.decision_days != 0 && i64::from(today).saturating_sub(received.into()) > days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCKS: PlanClocks = PlanClocks {
        prompt_pay_days: 0x0102,
        interest_rate: 4_875,
        decision_days: 30,
        appeal_levels: 2,
        appeal_days: 180,
        appeal_decision_days: 60,
        archive_days: 0x0f0e,
    };

    #[test]
    fn they_are_read_as_they_are_written() {
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&CLOCKS, &mut bytes).unwrap();
        assert_eq!(bytes.len(), PlanClocks::INIT_SPACE);
        assert_eq!(PlanClocks::try_from_slice(&bytes).unwrap(), CLOCKS);
    }

    #[test]
    fn what_can_be_published() {
        let refused = |clocks: PlanClocks| clocks.check(365).is_err();
        assert!(!refused(CLOCKS));
        assert!(!refused(PlanClocks::default()));
        assert!(refused(PlanClocks {
            interest_rate: 100_001,
            ..CLOCKS
        }));
        assert!(refused(PlanClocks {
            appeal_levels: 3,
            ..CLOCKS
        }));
        assert!(refused(PlanClocks {
            appeal_days: 0,
            ..CLOCKS
        }));
        assert!(refused(PlanClocks {
            appeal_decision_days: 0,
            ..CLOCKS
        }));
        assert!(refused(PlanClocks {
            archive_days: 365 + 365,
            ..CLOCKS
        }));
        assert!(!refused(PlanClocks {
            archive_days: 365 + 366,
            ..CLOCKS
        }));
    }

    #[test]
    fn bounds_are_inclusive() {
        assert!(CLOCKS.in_time_to_appeal(100, 280));
        assert!(!CLOCKS.in_time_to_appeal(100, 281));
        assert!(!CLOCKS.is_overdue(100, 0, 130));
        assert!(CLOCKS.is_overdue(100, 0, 131));
        assert!(!CLOCKS.is_overdue(100, 1, 131));
        assert!(!PlanClocks::default().is_overdue(0, 0, i32::MAX));
    }
}
