//! What a plan version has checked of claims beside their adjudication.

use anchor_lang::prelude::*;

use galen_rules::BasisPoints;

use super::PlanClocks;
use crate::constants::MAX_ENTRY_DAYS;
use crate::error::ClaimsError;

/// What is checked before a claim is paid. Zeros = nothing.
#[derive(AnchorSerialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanChecks {
    /// Which claims the member confirms that were submitted under an eligibility ticket.
    pub confirmation: Confirmation,
    /// From receipt to the last day on which the member can confirm or dispute a claim; then the insurer decides.
    pub confirmation_days: u16,
    /// Part of the claims, in basis points, that a draw picks for review before they are paid; 0 = none, and nothing waits.
    pub sampling_bps: u16,
    /// From receipt to the last day on which a claim waits for the draw; then it counts as not drawn.
    pub reveal_days: u16,
    /// The organisation that reviews decisions once the insurer's levels of appeal are exhausted; the default key = none.
    pub reviewer: Pubkey,
    /// From the last decision to the last day on which its review can be asked for.
    pub review_days: u16,
    /// From there to the last day on which it is decided in time.
    pub review_decision_days: u16,
    /// From a service to the last day on which its entry in the registry of duplicates is kept: from the plan's filing limit to
    /// `MAX_ENTRY_DAYS`; 0 = the plan takes no part.
    pub entry_days: u16,
    /// The public key of the service that blinds the registry's markers: RFC 9497, VOPRF, ristretto255. Plans of the same
    /// service share a registry; the default key = none.
    pub blinder: Pubkey,
}

/// Which claims the member confirms. Values never change.
#[derive(
    AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
pub enum Confirmation {
    /// None.
    #[default]
    Off,
    /// All of them.
    Required,
    /// Those that the draw picks: in place of the insurer's review.
    Sampled,
}

// Read in few parts and then taken apart: every claim reads its plan version.
impl AnchorDeserialize for PlanChecks {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut first = [0; 7];
        reader.read_exact(&mut first)?;
        let mut reviewer = [0; 32];
        reader.read_exact(&mut reviewer)?;
        let mut last = [0; 6];
        reader.read_exact(&mut last)?;
        let mut blinder = [0; 32];
        reader.read_exact(&mut blinder)?;
        let [confirmation, a, b, c, d, e, f] = first;
        let [g, h, m, n, o, p] = last;
        Ok(Self {
            confirmation: match confirmation {
                0 => Confirmation::Off,
                1 => Confirmation::Required,
                2 => Confirmation::Sampled,
                _ => return Err(std::io::ErrorKind::InvalidData.into()),
            },
            confirmation_days: u16::from_le_bytes([a, b]),
            sampling_bps: u16::from_le_bytes([c, d]),
            reveal_days: u16::from_le_bytes([e, f]),
            reviewer: Pubkey::new_from_array(reviewer),
            review_days: u16::from_le_bytes([g, h]),
            review_decision_days: u16::from_le_bytes([m, n]),
            entry_days: u16::from_le_bytes([o, p]),
            blinder: Pubkey::new_from_array(blinder),
        })
    }
}

impl PlanChecks {
    /// Checks the checks of a version with these clocks whose claims are filed within `filing_limit_days`.
    ///
    /// # Errors
    /// `ChecksInvalid`, `EntryDaysInvalid`.
    pub fn check(&self, clocks: &PlanClocks, filing_limit_days: u16) -> Result<()> {
        let asked = self.confirmation != Confirmation::Off;
        let draws = self.sampling_bps != 0;
        let reviews = self.has_reviewer();
        let shares = self.blinder != Pubkey::default();
        // Who asks and draws must leave the insurer time to decide where nobody answers.
        let days = self.confirmation_days.checked_add(self.reveal_days);
        let in_time =
            clocks.decision_days == 0 || days.is_some_and(|days| days < clocks.decision_days);
        require!(
            asked == (self.confirmation_days != 0)
                && draws == (self.reveal_days != 0)
                && (draws || self.confirmation != Confirmation::Sampled)
                && reviews == (self.review_days != 0)
                && reviews == (self.review_decision_days != 0)
                && shares == self.takes_part()
                && BasisPoints::new(self.sampling_bps).is_some()
                && in_time,
            ClaimsError::ChecksInvalid
        );
        // As long as a claim can be filed its services must be found.
        require!(
            !shares || (filing_limit_days..=MAX_ENTRY_DAYS).contains(&self.entry_days),
            ClaimsError::EntryDaysInvalid
        );
        Ok(())
    }

    /// Whether a decision of the day `decided_on` can be reviewed outside the insurer on `today`.
    pub fn in_time_to_review(&self, decided_on: i32, today: i32) -> bool {
        self.has_reviewer()
            && i64::from(today).saturating_sub(decided_on.into()) <= i64::from(self.review_days)
    }

    /// Whether an organisation outside the insurer reviews what its levels of appeal have come to.
    pub fn has_reviewer(&self) -> bool {
        self.reviewer != Pubkey::default()
    }

    /// Whether claims are held against the registry of duplicates before they are paid.
    pub fn takes_part(&self) -> bool {
        self.entry_days != 0
    }

    /// Whether the member is asked about a claim that came without the member's signature.
    pub fn asks_member(&self) -> bool {
        self.confirmation == Confirmation::Required
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKS: PlanChecks = PlanChecks {
        confirmation: Confirmation::Required,
        confirmation_days: 0x0102,
        sampling_bps: 0x0304,
        reveal_days: 0x0506,
        reviewer: Pubkey::new_from_array([7; 32]),
        review_days: 0x0809,
        review_decision_days: 0x0a0b,
        entry_days: 0x0c0d,
        blinder: Pubkey::new_from_array([14; 32]),
    };

    #[test]
    fn they_are_read_as_they_are_written() {
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&CHECKS, &mut bytes).unwrap();
        assert_eq!(bytes.len(), PlanChecks::INIT_SPACE);
        assert_eq!(PlanChecks::try_from_slice(&bytes).unwrap(), CHECKS);
        bytes[0] = 9;
        assert!(PlanChecks::try_from_slice(&bytes).is_err());
    }

    #[test]
    fn what_can_be_published() {
        let clocks = PlanClocks {
            decision_days: 30,
            ..PlanClocks::default()
        };
        let checks = |confirmation, confirmation_days| PlanChecks {
            confirmation,
            confirmation_days,
            ..PlanChecks::default()
        };
        for (checks, accepted) in [
            (checks(Confirmation::Off, 0), true),
            (checks(Confirmation::Off, 1), false),
            (checks(Confirmation::Required, 0), false),
            (checks(Confirmation::Required, 29), true),
            (checks(Confirmation::Required, 30), false),
        ] {
            assert_eq!(checks.check(&clocks, 365).is_ok(), accepted, "{checks:?}");
        }
        let sampled = |confirmation, confirmation_days, sampling_bps, reveal_days| PlanChecks {
            confirmation,
            confirmation_days,
            sampling_bps,
            reveal_days,
            ..PlanChecks::default()
        };
        for (checks, accepted) in [
            (sampled(Confirmation::Off, 0, 500, 3), true),
            (sampled(Confirmation::Off, 0, 10_000, 29), true),
            (sampled(Confirmation::Off, 0, 10_001, 3), false),
            (sampled(Confirmation::Off, 0, 500, 0), false),
            (sampled(Confirmation::Off, 0, 0, 3), false),
            (sampled(Confirmation::Off, 0, 500, 30), false),
            (sampled(Confirmation::Sampled, 10, 500, 3), true),
            (sampled(Confirmation::Sampled, 10, 0, 0), false),
            (sampled(Confirmation::Required, 27, 500, 3), false),
        ] {
            assert_eq!(checks.check(&clocks, 365).is_ok(), accepted, "{checks:?}");
        }
        let sharing = |entry_days, blinder| PlanChecks {
            entry_days,
            blinder: Pubkey::new_from_array([blinder; 32]),
            ..PlanChecks::default()
        };
        for (checks, accepted) in [
            (sharing(364, 7), false),
            (sharing(365, 7), true),
            (sharing(MAX_ENTRY_DAYS, 7), true),
            (sharing(MAX_ENTRY_DAYS + 1, 7), false),
            (sharing(0, 7), false),
            (sharing(365, 0), false),
        ] {
            assert_eq!(checks.check(&clocks, 365).is_ok(), accepted, "{checks:?}");
        }
        let long = checks(Confirmation::Required, u16::MAX);
        assert!(long.check(&PlanClocks::default(), u16::MAX).is_ok());
    }
}
