//! Versions of a trial's protocol and consent form, as hashes. The documents stay off the ledger.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, NO_DAY};

/// One version. Its hashes never change.
///
/// # PDA Seeds
/// `["protocol", trial, number (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct ProtocolVersion {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The trial.
    pub trial: Pubkey,
    /// Number of the version, from 1.
    pub number: u16,
    /// SHA-256 of the protocol.
    pub protocol_digest: [u8; 32],
    /// SHA-256 of the consent form.
    pub consent_form_digest: [u8; 32],
    /// Whether participants must consent anew.
    pub renews_consent: bool,
    /// Unix second of publication.
    pub published_at: i64,
    /// First day on which it is in force, in days since 1970-01-01; `NO_DAY` until the ethics board has approved it.
    pub effective_from: i32,
    /// For later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(ProtocolVersion::INIT_SPACE == 2 + 32 + 2 + 64 + 1 + 8 + 4 + 32);

impl ProtocolVersion {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"protocol";

    /// Address of version `number` of `trial`'s protocol, and its bump.
    pub fn find_address(trial: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, trial.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// A version as it is published.
    pub fn new(
        bump: u8,
        trial: Pubkey,
        number: u16,
        protocol_digest: [u8; 32],
        consent_form_digest: [u8; 32],
        renews_consent: bool,
        now: i64,
    ) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            trial,
            number,
            protocol_digest,
            consent_form_digest,
            renews_consent,
            published_at: now,
            effective_from: NO_DAY,
            reserved: [0; 32],
        }
    }

    /// Notes from when on it is in force. [`super::Trial::approve_version`] has checked that.
    pub fn approve(&mut self, from: i32) {
        self.effective_from = from;
    }
}
