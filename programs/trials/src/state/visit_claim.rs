//! A participant's claim to have made a visit that nobody attests, or that nobody countersigns.

use anchor_lang::prelude::*;
use galen_rules::trial::{self as rule, Turn};
use galen_rules::Date;

use crate::constants::{ACCOUNT_VERSION, NO_DAY};
use crate::convert;
use crate::error::TrialsError;

/// Whose word a claim waits for. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimTurn {
    /// The site's, or the countersigner's where the site has attested.
    Site,
    /// The arbiter's: the ethics board.
    Arbiter,
    /// Nobody's: refused. The board may still overrule the site.
    Refused,
    /// Nobody's: granted.
    Granted,
}

/// One claim. It stays until the milestone is earned or the participation is settled, so that nobody claims the same visit
/// again and again.
///
/// # PDA Seeds
/// `["visit_claim", cohort, index (u16, little-endian), milestone (u8)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct VisitClaim {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index in it.
    pub index: u16,
    /// The milestone.
    pub milestone: u8,
    /// Whose word it waits for.
    pub turn: ClaimTurn,
    /// Day of the visit, in days since 1970-01-01; `NO_DAY` where the site had attested already.
    pub visit_day: i32,
    /// Last day of that turn.
    pub until: i32,
    /// Salted commitment to what shows that the visit was made.
    pub evidence_digest: [u8; 32],
    /// Who paid the rent.
    pub payer: Pubkey,
    /// For later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(VisitClaim::INIT_SPACE == 2 + 32 + 2 + 2 + 8 + 64 + 16);

/// Which visit is claimed.
pub struct ClaimedVisit {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index in it.
    pub index: u16,
    /// The milestone.
    pub milestone: u8,
    /// Day of the visit; none where the site has attested it.
    pub visit: Option<Date>,
    /// Salted commitment to what shows that the visit was made.
    pub evidence_digest: [u8; 32],
}

impl VisitClaim {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"visit_claim";

    /// Address of the claim to `milestone` of participant `index` of `cohort`, and its bump.
    pub fn find_address(cohort: &Pubkey, index: u16, milestone: u8) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[
                Self::SEED,
                cohort.as_ref(),
                &index.to_le_bytes(),
                &[milestone],
            ],
            &crate::ID,
        )
    }

    /// A claim made on `today`.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn new(
        bump: u8,
        claimed: &ClaimedVisit,
        payer: Pubkey,
        today: Date,
        attest_days: u16,
    ) -> Result<Self> {
        let opened = rule::VisitClaim::open(claimed.visit, today, attest_days)
            .map_err(convert::turn_refusal)?;
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            cohort: claimed.cohort,
            index: claimed.index,
            milestone: claimed.milestone,
            turn: ClaimTurn::Site,
            visit_day: claimed.visit.map_or(NO_DAY, Date::days),
            until: opened.until.days(),
            evidence_digest: claimed.evidence_digest,
            payer,
            reserved: [0; 16],
        })
    }

    /// The claim, as the rulebook has it. `pending`: whether the participant's record still has it open; where a
    /// countersigner has rejected the attestation, it does not, and the claim is refused.
    ///
    /// # Errors
    /// `DateInvalid`.
    fn rule(&self, pending: bool) -> Result<rule::VisitClaim> {
        let turn = match self.turn {
            ClaimTurn::Granted => Turn::Granted,
            _ if !pending => Turn::Refused,
            ClaimTurn::Site => Turn::Site,
            ClaimTurn::Arbiter => Turn::Arbiter,
            ClaimTurn::Refused => Turn::Refused,
        };
        Ok(rule::VisitClaim {
            turn,
            until: convert::date(self.until)?,
        })
    }

    fn take(&mut self, claim: rule::VisitClaim) {
        self.turn = match claim.turn {
            Turn::Site => ClaimTurn::Site,
            Turn::Arbiter => ClaimTurn::Arbiter,
            Turn::Refused => ClaimTurn::Refused,
            Turn::Granted => ClaimTurn::Granted,
        };
        self.until = claim.until.days();
    }

    /// Passes the claim to the arbiter.
    ///
    /// # Errors
    /// `ClaimWithTheSite`, `ClaimWithTheArbiter`, `ClaimDecided`.
    pub fn escalate(&mut self, pending: bool, today: Date) -> Result<()> {
        let next = self.rule(pending)?.escalate(today);
        self.take(next.map_err(convert::turn_refusal)?);
        Ok(())
    }

    /// The site says that there was no such visit.
    ///
    /// # Errors
    /// `ClaimWithTheArbiter`, `ClaimDecided`.
    pub fn refuse(&mut self, pending: bool) -> Result<()> {
        let next = self.rule(pending)?.refuse();
        self.take(next.map_err(convert::turn_refusal)?);
        Ok(())
    }

    /// The arbiter decides, or overrules a refusal.
    ///
    /// # Errors
    /// `ClaimWithTheSite`, `ClaimDecided`.
    pub fn arbitrate(&mut self, pending: bool, grant: bool) -> Result<()> {
        let next = self.rule(pending)?.arbitrate(grant);
        self.take(next.map_err(convert::turn_refusal)?);
        Ok(())
    }

    /// The arbiter has been silent.
    ///
    /// # Errors
    /// `ClaimWithTheSite`, `ClaimWithTheArbiter`, `ClaimDecided`.
    pub fn lapse(&mut self, pending: bool, today: Date) -> Result<()> {
        let next = self.rule(pending)?.lapse(today);
        self.take(next.map_err(convert::turn_refusal)?);
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.until != NO_DAY && self.payer != Pubkey::default(),
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}
