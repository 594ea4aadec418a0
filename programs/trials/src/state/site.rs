//! Sites: where a trial is conducted, and what it is paid for that.

use anchor_lang::prelude::*;
use galen_rules::trial::{screen_failure_fee_due, split_fee};
use galen_rules::Cents;

use crate::constants::{ACCOUNT_VERSION, MAX_HOLDBACK_BPS};
use crate::convert;
use crate::error::TrialsError;

/// A site of a trial. Amounts are cents.
///
/// # PDA Seeds
/// `["site", trial, organization]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Site {
    /// The trial.
    pub trial: Pubkey,
    /// The site's organisation account.
    pub organization: Pubkey,
    /// The token account that is paid; the default key before the site has accepted.
    pub payout: Pubkey,
    /// Its owner when the site named it.
    pub payout_owner: Pubkey,
    /// Earned and not paid.
    pub payable: u64,
    /// Held back until close-out.
    pub held: u64,
    /// Paid since the beginning.
    pub paid: u64,
    /// Participants enrolled.
    pub enrolled: u32,
    /// Screening failures for which the site earned its fees.
    pub failures_paid: u32,
    /// Participants whose key the site holds.
    pub site_held: u32,
    /// Holdback in basis points.
    pub holdback_bps: u16,
    /// Screening failures paid for each `per_enrolled` enrolled.
    pub failures: u16,
    /// See `failures`; 0 = all are paid.
    pub per_enrolled: u16,
    /// 0 = offered, 1 = accepted.
    pub accepted: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 35],
}

const _: () = assert!(std::mem::size_of::<Site>() == 128 + 24 + 12 + 6 + 3 + 35);

/// What a sponsor offers a site.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteTerms {
    /// Holdback on the site's fees in basis points, at most `MAX_HOLDBACK_BPS`.
    pub holdback_bps: u16,
    /// Screening failures paid for each `per_enrolled` enrolled participants.
    pub failures: u16,
    /// See `failures`; 0 = all are paid.
    pub per_enrolled: u16,
}

impl Site {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"site";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the site of `trial` at `organization` (the organisation's account), and its bump.
    pub fn find_address(trial: &Pubkey, organization: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, trial.as_ref(), organization.as_ref()],
            &crate::ID,
        )
    }

    /// Begins a site, offered, in an account of zeros.
    ///
    /// # Errors
    /// `HoldbackInvalid`.
    pub fn begin(
        &mut self,
        bump: u8,
        trial: Pubkey,
        organization: Pubkey,
        terms: SiteTerms,
    ) -> Result<()> {
        require!(
            terms.holdback_bps <= MAX_HOLDBACK_BPS,
            TrialsError::HoldbackInvalid
        );
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
        self.trial = trial;
        self.organization = organization;
        self.holdback_bps = terms.holdback_bps;
        self.failures = terms.failures;
        self.per_enrolled = terms.per_enrolled;
        Ok(())
    }

    /// The site accepts, to be paid at `payout` of `owner`.
    ///
    /// # Errors
    /// `SiteAccepted`.
    pub fn accept(&mut self, payout: Pubkey, owner: Pubkey) -> Result<()> {
        require!(self.accepted == 0, TrialsError::SiteAccepted);
        self.accepted = 1;
        self.payout = payout;
        self.payout_owner = owner;
        Ok(())
    }

    /// Refuses a site that has not accepted.
    ///
    /// # Errors
    /// `SiteNotAccepted`.
    pub fn require_accepted(&self) -> Result<()> {
        require!(self.accepted == 1, TrialsError::SiteNotAccepted);
        Ok(())
    }

    /// Counts a participant whose key the site holds.
    ///
    /// # Errors
    /// `SiteHeldQuota`.
    pub fn count_site_held(&mut self, quota: u16) -> Result<()> {
        require!(
            self.site_held < u32::from(quota),
            TrialsError::SiteHeldQuota
        );
        self.site_held = self.site_held.saturating_add(1);
        Ok(())
    }

    /// The site no longer holds a participant's key.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn release_site_held(&mut self) -> Result<()> {
        self.site_held = self
            .site_held
            .checked_sub(1)
            .ok_or(TrialsError::InvariantBroken)?;
        Ok(())
    }

    /// Names another token account to be paid.
    pub fn set_payout(&mut self, payout: Pubkey, owner: Pubkey) {
        self.payout = payout;
        self.payout_owner = owner;
    }

    /// Counts an enrolled participant.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn count_enrolled(&mut self) -> Result<()> {
        self.enrolled = self
            .enrolled
            .checked_add(1)
            .ok_or(TrialsError::AmountOverflow)?;
        Ok(())
    }

    /// Counts a screening failure and says whether the site earns its fees for it.
    pub fn count_failure(&mut self) -> bool {
        let due = screen_failure_fee_due(
            self.failures_paid,
            self.enrolled,
            self.failures,
            self.per_enrolled,
        );
        if due {
            self.failures_paid = self.failures_paid.saturating_add(1);
        }
        due
    }

    /// Adds a fee that was set aside: payable in part, held back in part.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn earn(&mut self, fee: Cents) -> Result<()> {
        let fee = split_fee(fee, convert::rate(self.holdback_bps)?);
        self.payable = self
            .payable
            .checked_add(fee.now.get())
            .ok_or(TrialsError::AmountOverflow)?;
        self.held = self
            .held
            .checked_add(fee.held.get())
            .ok_or(TrialsError::AmountOverflow)?;
        Ok(())
    }

    /// Makes payable what was held back. Returns how much.
    ///
    /// # Errors
    /// `NothingHeld`, `AmountOverflow`.
    pub fn release_holdback(&mut self) -> Result<u64> {
        require!(self.held > 0, TrialsError::NothingHeld);
        let held = std::mem::take(&mut self.held);
        self.payable = self
            .payable
            .checked_add(held)
            .ok_or(TrialsError::AmountOverflow)?;
        Ok(held)
    }

    /// Counts all that is payable as paid. Returns how much.
    ///
    /// # Errors
    /// `NothingDue`, `AmountOverflow`.
    pub fn pay(&mut self) -> Result<u64> {
        require!(self.payable > 0, TrialsError::NothingDue);
        let due = std::mem::take(&mut self.payable);
        self.paid = self
            .paid
            .checked_add(due)
            .ok_or(TrialsError::AmountOverflow)?;
        Ok(due)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            (self.accepted == 1) == (self.payout != Pubkey::default())
                && self.holdback_bps <= MAX_HOLDBACK_BPS,
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}
