//! Credentials: one organisation states something about another, for a time.

use anchor_lang::prelude::*;

use super::CredentialBrief;
use crate::constants::ACCOUNT_VERSION;
use crate::error::RegistryError;

/// What an issuer states about a subject. Never closed: revoked, expired and never issued (no account) stay
/// three different answers.
///
/// # PDA Seeds
/// `["credential", issuer, subject, kind (u16 LE), number (u32 LE)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Account of the organisation that states it.
    pub issuer: Pubkey,
    /// Account of the organisation about which it is stated.
    pub subject: Pubkey,
    /// What is stated, in the issuer's catalogue.
    pub kind: u16,
    /// Tells credentials of one kind apart (renewals).
    pub number: u32,
    /// First Unix second at which it is valid.
    pub valid_from: i64,
    /// First Unix second at which it is no longer valid.
    pub valid_until: i64,
    /// Unix second at which it was issued.
    pub issued_at: i64,
    /// Unix second of the revocation; 0 = not revoked.
    pub revoked_at: i64,
    /// Reason code of the revocation, in the catalogue of who revoked it; 0 = not revoked.
    pub revocation_reason: u16,
    /// Key that revoked it: the issuer's staff, or governance where the issuer was suspended or closed; the default key = not revoked.
    pub revoked_by: Pubkey,
    /// For later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(Credential::INIT_SPACE == 2 + 2 * 32 + 2 + 4 + 4 * 8 + 2 + 32 + 64);

/// What a credential is worth at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not valid yet.
    NotYetValid,
    /// Valid.
    Valid,
    /// No longer valid.
    Expired,
    /// Taken back by its issuer, or by governance in its place.
    Revoked,
}

/// What an issuer says when it issues a credential.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialTerms {
    /// What is stated, in the issuer's catalogue.
    pub kind: u16,
    /// Tells credentials of one kind apart (renewals).
    pub number: u32,
    /// First Unix second at which it is valid; may lie in the past.
    pub valid_from: i64,
    /// First Unix second at which it is no longer valid.
    pub valid_until: i64,
}

impl Credential {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"credential";

    /// Address of a credential, and its bump.
    pub fn find_address(issuer: &Pubkey, subject: &Pubkey, kind: u16, number: u32) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[
                Self::SEED,
                issuer.as_ref(),
                subject.as_ref(),
                &kind.to_le_bytes(),
                &number.to_le_bytes(),
            ],
            &crate::ID,
        )
    }

    /// A credential as it is issued.
    ///
    /// # Errors
    /// `CredentialWindowInvalid` where it would never be valid, or not any more.
    pub fn new(
        bump: u8,
        issuer: Pubkey,
        subject: Pubkey,
        terms: CredentialTerms,
        now: i64,
    ) -> Result<Self> {
        require!(
            terms.valid_from < terms.valid_until && now < terms.valid_until,
            RegistryError::CredentialWindowInvalid
        );
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            issuer,
            subject,
            kind: terms.kind,
            number: terms.number,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            issued_at: now,
            revoked_at: 0,
            revocation_reason: 0,
            revoked_by: Pubkey::default(),
            reserved: [0; 64],
        })
    }

    /// Whether it has been revoked.
    pub fn is_revoked(&self) -> bool {
        self.revoked_at != 0
    }

    /// What the credential is worth at `at` (Unix seconds). A later revocation does not unmake what was done
    /// under it before.
    pub fn standing(&self, at: i64) -> Standing {
        CredentialBrief::from(self).standing(at)
    }

    /// Takes the credential back, for good.
    ///
    /// # Errors
    /// `CredentialRevoked` where that has been done, `RevocationReasonMissing`.
    pub fn revoke(&mut self, reason: u16, by: Pubkey, now: i64) -> Result<()> {
        require!(!self.is_revoked(), RegistryError::CredentialRevoked);
        require!(reason != 0, RegistryError::RevocationReasonMissing);
        self.revoked_at = now;
        self.revocation_reason = reason;
        self.revoked_by = by;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let revoked = self.is_revoked();
        require!(
            self.valid_from < self.valid_until
                && revoked == (self.revocation_reason != 0)
                && revoked == (self.revoked_by != Pubkey::default()),
            RegistryError::InvariantBroken
        );
        Ok(())
    }
}
