//! Predeterminations: what a claim would come to, worked out before care, and the price that an insurer may hold for it.

use anchor_lang::prelude::*;
use galen_rules::adjudication::Totals;

use super::{Claim, ClaimLine, ClaimTotals};
use crate::constants::{ACCOUNT_VERSION, MAX_HOLD_DAYS, MAX_LINES};
use crate::convert;
use crate::error::ClaimsError;

/// An answer to a provider's question, which moved nothing: no money, no history, no accumulators.
///
/// # PDA Seeds
/// `["predetermination", pool, provider, id]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Predetermination {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The pool that would pay.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The member.
    pub member: Pubkey,
    /// The plan version by which it was answered, and by which a claim that cites it in time is adjudicated.
    pub plan_version: Pubkey,
    /// The provider's identifier of the question, random.
    pub id: [u8; 16],
    /// Salted commitment to the document.
    pub document: [u8; 32],
    /// The operator who asked and paid the rent.
    pub opener: Pubkey,
    /// The day of the answer, in days since 1970-01-01.
    pub answered_on: i32,
    /// First service date, as planned.
    pub service_date: i32,
    /// Last service date for which the insurer holds the price; 0 = it holds none.
    pub hold_until: i32,
    /// The identifier of the claim that has cited it; zeros = none.
    pub cited_by: [u8; 16],
    /// Sums over the lines, as answered.
    pub totals: ClaimTotals,
    /// Whether the provider is in the network on the planned days, as of the answer; a claim that cites it in time is decided so.
    pub in_network: bool,
    /// For later versions.
    pub reserved: [u8; 31],
    /// The lines, in the order asked.
    #[max_len(MAX_LINES)]
    pub lines: Vec<QuotedLine>,
}

const _: () = assert!(8 + Predetermination::INIT_SPACE == 330 + 16 * 48);

/// One line of an answer. Money is cents.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedLine {
    /// Keyed identifier of the procedure code.
    pub code_key: [u8; 8],
    /// Keyed identifier of the modifiers; zeros = none.
    pub modifiers: [u8; 4],
    /// Units.
    pub units: u16,
    /// Charged for all units.
    pub charge: u64,
    /// What would be allowed.
    pub allowed: u64,
    /// What the plan would pay.
    pub paid: u64,
    /// What the patient would owe.
    pub patient: u64,
    /// Claim adjustment reason code of the denial; 0 = not denied.
    pub denial_reason: u16,
}

impl Predetermination {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"predetermination";

    /// Address of question `id` of `provider` (the organisation's account) in `pool`, and its bump.
    pub fn find_address(pool: &Pubkey, provider: &Pubkey, id: &[u8; 16]) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, pool.as_ref(), provider.as_ref(), id],
            &crate::ID,
        )
    }

    /// Size in bytes of the account of an answer of `lines` lines.
    pub const fn size(lines: usize) -> usize {
        let missing = (MAX_LINES as usize).saturating_sub(lines);
        (8 + Self::INIT_SPACE).saturating_sub(missing.saturating_mul(QuotedLine::INIT_SPACE))
    }

    /// The answer to `asked`, a claim that was decided and never filed, on the day `today`.
    pub fn answer(bump: u8, asked: &Claim, totals: &Totals, today: i32) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            pool: asked.pool,
            provider: asked.provider,
            member: asked.member,
            plan_version: asked.plan_version,
            id: asked.claim_id,
            document: asked.document,
            opener: asked.opener,
            answered_on: today,
            service_date: asked.service_date,
            hold_until: 0,
            cited_by: [0; 16],
            totals: convert::totals(totals),
            in_network: asked.in_network,
            reserved: [0; 31],
            lines: asked.lines.iter().map(QuotedLine::of).collect(),
        }
    }

    /// Holds the price for services up to the day `until`: longer than before, never shorter.
    ///
    /// # Errors
    /// `HoldInvalid`.
    pub fn hold(&mut self, until: i32, today: i32) -> Result<()> {
        let last = self.answered_on.saturating_add(MAX_HOLD_DAYS);
        require!(
            until > self.hold_until && today <= until && until <= last,
            ClaimsError::HoldInvalid
        );
        self.hold_until = until;
        Ok(())
    }

    /// Has `claim`, a complete draft, cite it.
    ///
    /// # Errors
    /// `PriceNotHeld`, `AlreadyCited` by another claim, `ServiceOutsideHold`, `CodesNotWithin`.
    pub fn cite(&mut self, claim: &Claim) -> Result<()> {
        require!(self.hold_until != 0, ClaimsError::PriceNotHeld);
        require!(
            self.cited_by == [0; 16] || self.cited_by == claim.claim_id,
            ClaimsError::AlreadyCited
        );
        let in_time = |line: &ClaimLine| {
            self.answered_on <= line.service_date && line.service_date <= self.hold_until
        };
        require!(
            claim.lines.iter().all(in_time),
            ClaimsError::ServiceOutsideHold
        );
        require!(
            claim.lines.iter().all(|line| self.covers(claim, line)),
            ClaimsError::CodesNotWithin
        );
        self.cited_by = claim.claim_id;
        Ok(())
    }

    /// Whether no more units of a line's code were done than were asked about.
    fn covers(&self, claim: &Claim, line: &ClaimLine) -> bool {
        let units = |units: u16| u64::from(units);
        let done: u64 = claim
            .lines
            .iter()
            .filter(|other| other.code_key == line.code_key && other.modifiers == line.modifiers)
            .map(|other| units(other.units))
            .sum();
        let asked: u64 = self
            .lines
            .iter()
            .filter(|other| other.code_key == line.code_key && other.modifiers == line.modifiers)
            .map(|other| units(other.units))
            .sum();
        done <= asked
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let held = self.hold_until != 0;
        require!(
            !self.lines.is_empty()
                && (!held || self.hold_until >= self.answered_on)
                && (held || self.cited_by == [0; 16])
                && self.totals.balance() == Some(self.totals.charge),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

impl QuotedLine {
    fn of(line: &ClaimLine) -> Self {
        Self {
            code_key: line.code_key,
            modifiers: line.modifiers,
            units: line.units,
            charge: line.charge,
            allowed: line.allowed,
            paid: line.paid,
            patient: line.patient(),
            denial_reason: if line.is_denied() {
                line.denial_reason
            } else {
                0
            },
        }
    }
}
