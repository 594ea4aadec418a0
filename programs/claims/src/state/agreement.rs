//! Agreements: which provider an insurer's pool pays, where to, and how much without a look.

use anchor_lang::prelude::*;

use super::agreement_past::{held, note};
use super::{AgreementPast, ClaimLine};
use crate::constants::{ACCOUNT_VERSION, PAYOUT_DELAY_SECONDS, SECONDS_PER_DAY};
use crate::convert;
use crate::error::ClaimsError;

/// An agreement of a pool's insurer with a provider.
///
/// # PDA Seeds
/// `["agreement", pool, provider]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Whether the provider may claim.
    pub status: AgreementStatus,
    /// What the insurer grants.
    pub terms: AgreementTerms,
    /// The day of `paid_on_day`, in days since 1970-01-01.
    pub day: i64,
    /// Cents awarded without a look on `day`.
    pub paid_on_day: u64,
    /// Grows by one with every administrative action of the insurer on the agreement.
    pub sequence: u64,
    /// The token account that is paid; the default key before the provider has accepted.
    pub payout: Pubkey,
    /// The key that set `payout`: it can cancel a change even after the provider's authority has changed hands.
    pub payout_authority: Pubkey,
    /// The token account that takes over from `payout_effective_at` on; the default key = none.
    pub proposed_payout: Pubkey,
    /// The key that proposed it.
    pub proposed_by: Pubkey,
    /// Unix second at which `proposed_payout` takes over; 0 = none.
    pub payout_effective_at: i64,
    /// Cents that the provider owes the pool for claims taken back: kept back from its next awards.
    pub owed: u64,
    /// Grows by one with every account that the provider proposes: were it the insurer's count, each side could outdate what the other
    /// has signed.
    pub payout_sequence: u64,
    /// What held before, for services of then.
    pub past: AgreementPast,
    /// For later versions.
    pub reserved: [u8; 3],
}

const _: () =
    assert!(Agreement::INIT_SPACE == 2 + 2 * 32 + 1 + 18 + 3 * 8 + 4 * 32 + 8 + 16 + 44 + 3);

/// Whether the provider may claim for services of now; for those of before see [`AgreementPast::force`]. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementStatus {
    /// Offered by the insurer, not yet accepted.
    Offered,
    /// In force.
    Active,
    /// Not in force for now.
    Suspended,
    /// Over; the insurer can offer it anew.
    Ended,
}

/// What an insurer grants a provider. Limits are cents; `NO_LIMIT` = none.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgreementTerms {
    /// Whether the provider is in the network; where that has changed, for services from the first day of [`AgreementPast::network`]
    /// on.
    pub in_network: bool,
    /// The most that one claim is awarded without a look.
    pub limit_per_claim: u64,
    /// The most that is awarded without a look in a day (UTC).
    pub limit_per_day: u64,
    /// Whether awards wait, their money set aside, to be paid together.
    pub netted: bool,
}

impl AgreementStatus {
    /// Whether the insurer may change this status to `next`. To `Active` from `Offered` only the provider does.
    pub fn allows(self, next: Self) -> bool {
        use AgreementStatus::{Active, Ended, Offered, Suspended};
        matches!(
            (self, next),
            (Offered, Ended)
                | (Active, Suspended | Ended)
                | (Suspended, Active | Ended)
                | (Ended, Offered)
        )
    }
}

impl Agreement {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"agreement";

    /// Address of the agreement of `pool` with `provider` (the organisation's account), and its bump.
    pub fn find_address(pool: &Pubkey, provider: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, pool.as_ref(), provider.as_ref()], &crate::ID)
    }

    /// An agreement as offered.
    pub fn new(bump: u8, pool: Pubkey, provider: Pubkey, terms: AgreementTerms) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            pool,
            provider,
            status: AgreementStatus::Offered,
            terms,
            day: 0,
            paid_on_day: 0,
            sequence: 0,
            payout: Pubkey::default(),
            payout_authority: Pubkey::default(),
            proposed_payout: Pubkey::default(),
            proposed_by: Pubkey::default(),
            payout_effective_at: 0,
            owed: 0,
            payout_sequence: 0,
            past: AgreementPast::default(),
            reserved: [0; 3],
        }
    }

    /// Uses up `admin`: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize(&mut self, admin: &registry::state::AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(ClaimsError::from)?;
        Ok(())
    }

    /// Uses up `admin` of the provider against its own count: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize_provider(
        &mut self,
        admin: &registry::state::AdminArgs,
        now: i64,
    ) -> Result<()> {
        self.payout_sequence = admin
            .advance(self.payout_sequence, now)
            .map_err(ClaimsError::from)?;
        Ok(())
    }

    /// Accepts the offer: `payout` is paid, set by `authority`. Where it was accepted before it is in force again from today on, and
    /// where another account was paid then, that is a proposal like any other: awards of then wait, and who set that account can
    /// cancel. Returns when it takes over; 0 = at once.
    ///
    /// # Errors
    /// `AgreementTransitionInvalid`, `AgreementChangedTooOften`, `DateInvalid`, `AmountOverflow`.
    pub fn accept(&mut self, payout: Pubkey, authority: Pubkey, now: i64) -> Result<i64> {
        require!(
            self.status == AgreementStatus::Offered,
            ClaimsError::AgreementTransitionInvalid
        );
        if self.is_accepted() {
            let today = convert::day_of(now)?.days();
            note(&mut self.past.force, today, today)?;
        }
        self.status = AgreementStatus::Active;
        self.settle_payout(now);
        self.clear_proposal();
        if self.payout == Pubkey::default() {
            self.payout = payout;
            self.payout_authority = authority;
        } else if payout != self.payout {
            return self.propose_payout(payout, authority, now);
        }
        Ok(0)
    }

    /// Replaces the terms on the day `today`. Limits and the manner of payment change at once; whether the provider is in the network
    /// for services from the next day on: care is paid for by the terms of its day. An offer that was never accepted is replaced as a
    /// whole. Returns the terms before.
    ///
    /// # Errors
    /// `AgreementChangedTooOften`, `DateInvalid`.
    pub fn set_terms(&mut self, terms: AgreementTerms, today: i32) -> Result<AgreementTerms> {
        if terms.in_network != self.terms.in_network && self.is_accepted() {
            // Where it is not in force nothing is done under it, and it may be accepted today.
            let later = i32::from(self.in_force_on(today));
            let from = today.checked_add(later).ok_or(ClaimsError::DateInvalid)?;
            note(&mut self.past.network, from, today)?;
        }
        Ok(std::mem::replace(&mut self.terms, terms))
    }

    /// Whether the provider was in the network on the day `day`, or is. What was first offered counts for the days before it, too.
    pub fn in_network_on(&self, day: i32) -> bool {
        held(&self.past.network, self.terms.in_network, day)
    }

    /// Whether a claim with these lines is one from within the network.
    ///
    /// # Errors
    /// `ClaimSpansNetworkChange`.
    #[inline(always)]
    pub fn network_of(&self, lines: &[ClaimLine]) -> Result<bool> {
        // Most providers stay where they are.
        if self.past.network.first() == Some(&0) {
            return Ok(self.terms.in_network);
        }
        self.network_by_day(lines)
    }

    #[cold]
    #[inline(never)]
    fn network_by_day(&self, lines: &[ClaimLine]) -> Result<bool> {
        let mut sides = lines
            .iter()
            .map(|line| self.in_network_on(line.service_date));
        let side = sides.next().unwrap_or(self.terms.in_network);
        require!(
            sides.all(|other| other == side),
            ClaimsError::ClaimSpansNetworkChange
        );
        Ok(side)
    }

    /// Changes the status as the insurer may, on the day `today`: which is still in force where it ceases to be, and in force where
    /// it is again. Returns the one before.
    ///
    /// # Errors
    /// `AgreementTransitionInvalid`, `AgreementChangedTooOften` only where it is to be in force again, `DateInvalid`.
    pub fn set_status(&mut self, status: AgreementStatus, today: i32) -> Result<AgreementStatus> {
        require!(
            self.status.allows(status),
            ClaimsError::AgreementTransitionInvalid
        );
        if self.status == AgreementStatus::Active {
            let from = today.checked_add(1).ok_or(ClaimsError::DateInvalid)?;
            note(&mut self.past.force, from, today)?;
        } else if status == AgreementStatus::Active {
            note(&mut self.past.force, today, today)?;
        }
        Ok(std::mem::replace(&mut self.status, status))
    }

    /// Whether the provider has ever accepted it: then it has an account that is paid.
    pub fn is_accepted(&self) -> bool {
        self.payout != Pubkey::default()
    }

    /// Checks that the provider has ever accepted it.
    ///
    /// # Errors
    /// `AgreementNotActive`.
    pub fn check_accepted(&self) -> Result<()> {
        require!(self.is_accepted(), ClaimsError::AgreementNotActive);
        Ok(())
    }

    /// Whether it was in force on the day `day`, or is. Once accepted, it counts for the days before that, too.
    pub fn in_force_on(&self, day: i32) -> bool {
        let now = self.status == AgreementStatus::Active;
        self.is_accepted() && held(&self.past.force, now, day)
    }

    /// Checks that it was in force on a day of service.
    ///
    /// # Errors
    /// `AgreementNotActive` where it never was, `ServiceOutsideAgreement`.
    pub fn check_in_force_on(&self, day: i32) -> Result<()> {
        self.check_accepted()?;
        require!(self.in_force_on(day), ClaimsError::ServiceOutsideAgreement);
        Ok(())
    }

    /// Checks that it was in force on the days of these lines.
    ///
    /// # Errors
    /// Those of [`Self::check_in_force_on`].
    #[inline(always)]
    pub fn check_in_force(&self, lines: &[ClaimLine]) -> Result<()> {
        // Most agreements have been in force ever since they were accepted.
        if self.status == AgreementStatus::Active && self.past.force.first() == Some(&0) {
            return Ok(());
        }
        self.check_days(lines)
    }

    #[cold]
    #[inline(never)]
    fn check_days(&self, lines: &[ClaimLine]) -> Result<()> {
        lines
            .iter()
            .try_for_each(|line| self.check_in_force_on(line.service_date))
    }

    /// Announces another payout account. Returns when it takes over.
    ///
    /// # Errors
    /// `AgreementTransitionInvalid` before the agreement was accepted, `PayoutAlreadyProposed`, `AmountOverflow`.
    pub fn propose_payout(&mut self, payout: Pubkey, authority: Pubkey, now: i64) -> Result<i64> {
        require!(self.is_accepted(), ClaimsError::AgreementTransitionInvalid);
        self.settle_payout(now);
        require!(
            self.payout_effective_at == 0,
            ClaimsError::PayoutAlreadyProposed
        );
        let effective_at = now
            .checked_add(PAYOUT_DELAY_SECONDS)
            .ok_or(ClaimsError::AmountOverflow)?;
        self.proposed_payout = payout;
        self.proposed_by = authority;
        self.payout_effective_at = effective_at;
        Ok(effective_at)
    }

    /// Withdraws the announcement. Returns the account that was announced.
    ///
    /// # Errors
    /// `NoPayoutProposed`, also once the change has taken effect.
    pub fn cancel_payout(&mut self, now: i64) -> Result<Pubkey> {
        self.settle_payout(now);
        require!(self.payout_effective_at != 0, ClaimsError::NoPayoutProposed);
        let cancelled = self.proposed_payout;
        self.clear_proposal();
        Ok(cancelled)
    }

    /// The token account that is paid now.
    pub fn effective_payout(&self, now: i64) -> Pubkey {
        if self.payout_effective_at != 0 && now >= self.payout_effective_at {
            self.proposed_payout
        } else {
            self.payout
        }
    }

    /// Whether `cents` more exceed what may be awarded without a look today.
    pub fn exceeds_day(&self, cents: u64, now: i64) -> bool {
        let used = if self.day == Self::day_of(now) {
            self.paid_on_day
        } else {
            0
        };
        used.checked_add(cents)
            .is_none_or(|total| total > self.terms.limit_per_day)
    }

    /// Counts `cents` awarded without a look.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn count_award(&mut self, cents: u64, now: i64) -> Result<()> {
        let today = Self::day_of(now);
        if self.day != today {
            self.day = today;
            self.paid_on_day = 0;
        }
        self.paid_on_day = self
            .paid_on_day
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Counts `cents` that the provider owes from now on.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn owe(&mut self, cents: u64) -> Result<()> {
        self.owed = self
            .owed
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Takes what the provider owes out of an award of `cents`, as far as it goes. Returns how much.
    pub fn keep_back(&mut self, cents: u64) -> u64 {
        let kept = self.owed.min(cents);
        self.owed = self.owed.saturating_sub(kept);
        kept
    }

    /// Makes an announced payout account that has taken effect the present one.
    fn settle_payout(&mut self, now: i64) {
        if self.payout_effective_at != 0 && now >= self.payout_effective_at {
            self.payout = self.proposed_payout;
            self.payout_authority = self.proposed_by;
            self.clear_proposal();
        }
    }

    fn clear_proposal(&mut self) {
        self.proposed_payout = Pubkey::default();
        self.proposed_by = Pubkey::default();
        self.payout_effective_at = 0;
    }

    fn day_of(now: i64) -> i64 {
        now.div_euclid(SECONDS_PER_DAY)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let accepted = self.is_accepted();
        let proposed = self.proposed_payout != Pubkey::default();
        require!(
            (accepted
                || (self.status != AgreementStatus::Active
                    && self.past == AgreementPast::default()))
                && proposed == (self.payout_effective_at != 0),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
