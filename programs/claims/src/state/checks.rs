//! What a plan version has checked of claims beside their adjudication.

use anchor_lang::prelude::*;

use super::PlanClocks;
use crate::error::ClaimsError;

/// What is checked before a claim is paid. Zeros = nothing.
#[derive(AnchorSerialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanChecks {
    /// Which claims the member confirms that were submitted under an eligibility ticket.
    pub confirmation: Confirmation,
    /// From receipt to the last day on which the member can confirm or dispute a claim; then the insurer decides.
    pub confirmation_days: u16,
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
}

// Read at once and then taken apart: every claim reads its plan version.
impl AnchorDeserialize for PlanChecks {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut bytes = [0; Self::INIT_SPACE];
        reader.read_exact(&mut bytes)?;
        let [confirmation, a, b] = bytes;
        Ok(Self {
            confirmation: match confirmation {
                0 => Confirmation::Off,
                1 => Confirmation::Required,
                _ => return Err(std::io::ErrorKind::InvalidData.into()),
            },
            confirmation_days: u16::from_le_bytes([a, b]),
        })
    }
}

impl PlanChecks {
    /// Checks the checks of a version with these clocks.
    ///
    /// # Errors
    /// `ChecksInvalid`.
    pub fn check(&self, clocks: &PlanClocks) -> Result<()> {
        let asked = self.confirmation != Confirmation::Off;
        // Who asks must leave the insurer time to decide where nobody answers.
        let in_time = clocks.decision_days == 0 || self.confirmation_days < clocks.decision_days;
        require!(
            asked == (self.confirmation_days != 0) && in_time,
            ClaimsError::ChecksInvalid
        );
        Ok(())
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
        };
        for (checks, accepted) in [
            (checks(Confirmation::Off, 0), true),
            (checks(Confirmation::Off, 1), false),
            (checks(Confirmation::Required, 0), false),
            (checks(Confirmation::Required, 29), true),
            (checks(Confirmation::Required, 30), false),
        ] {
            assert_eq!(checks.check(&clocks).is_ok(), accepted, "{checks:?}");
        }
        let long = checks(Confirmation::Required, u16::MAX);
        assert!(long.check(&PlanClocks::default()).is_ok());
    }
}
