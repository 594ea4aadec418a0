//! The registry's one configuration: who governs, who may pause, and the pause itself.

use anchor_lang::prelude::*;

use super::AdminArgs;
use crate::constants::{
    ACCOUNT_VERSION, AWARD_MATURITY_SECONDS, MAX_PAUSE_SECONDS, PAUSE_COOL_DOWN_SECONDS,
};
use crate::error::RegistryError;

/// Governance and the pause. Read by every instruction that awards or pays money, written only by governance
/// and the guardian.
///
/// # PDA Seeds
/// `["config"]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Config {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Decides on organisations and on this configuration.
    pub governance: Pubkey,
    /// May start a pause, and nothing else.
    pub guardian: Pubkey,
    /// Grows by one with every administrative action signed by governance or the guardian.
    pub sequence: u64,
    /// The last pause.
    pub pause: Pause,
    /// The key that governance is being handed to, until that key accepts.
    pub proposed_governance: Option<Pubkey>,
    /// For later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(Config::INIT_SPACE == 2 + 2 * 32 + 8 + 2 * 8 + 33 + 64);

/// A stretch of time in which nothing new is awarded.
#[derive(
    AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
pub struct Pause {
    /// Unix second of its start; 0 = there never was one.
    pub started_at: i64,
    /// First Unix second after it; 0 = there never was one.
    pub until: i64,
}

impl Config {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"config";

    /// Address of the configuration, and its bump.
    pub fn find_address() -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED], &crate::ID)
    }

    /// The configuration as it begins.
    pub fn new(bump: u8, governance: Pubkey, guardian: Pubkey) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            governance,
            guardian,
            sequence: 0,
            pause: Pause::default(),
            proposed_governance: None,
            reserved: [0; 64],
        }
    }

    /// Whether a pause is running.
    pub fn is_paused(&self, now: i64) -> bool {
        now < self.pause.until
    }

    /// Whether money may be awarded now.
    pub fn new_awards_allowed(&self, now: i64) -> bool {
        !self.is_paused(now)
    }

    /// Whether an award made at `awarded_at` may be paid now. A pause holds young awards back, those made while
    /// something was already wrong; it never holds back one that has matured.
    pub fn award_payable(&self, awarded_at: i64, now: i64) -> bool {
        !self.is_paused(now) || now.saturating_sub(awarded_at) >= AWARD_MATURITY_SECONDS
    }

    /// Uses up `admin`: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`.
    pub fn authorize(&mut self, admin: &AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(RegistryError::from)?;
        Ok(())
    }

    /// Starts a pause of `duration` seconds.
    ///
    /// # Errors
    /// `PauseDurationInvalid`, `AlreadyPaused`, `PauseCoolingDown`.
    pub fn start_pause(&mut self, duration: i64, now: i64) -> Result<()> {
        require!(
            (1..=MAX_PAUSE_SECONDS).contains(&duration),
            RegistryError::PauseDurationInvalid
        );
        require!(!self.is_paused(now), RegistryError::AlreadyPaused);
        let cooled_down_at = self.pause.until.saturating_add(PAUSE_COOL_DOWN_SECONDS);
        require!(
            self.pause.until == 0 || now >= cooled_down_at,
            RegistryError::PauseCoolingDown
        );
        let until = now
            .checked_add(duration)
            .ok_or(RegistryError::PauseDurationInvalid)?;
        self.pause = Pause {
            started_at: now,
            until,
        };
        Ok(())
    }

    /// Ends the running pause; the cool-down counts from now.
    ///
    /// # Errors
    /// `NotPaused`.
    pub fn end_pause(&mut self, now: i64) -> Result<()> {
        require!(self.is_paused(now), RegistryError::NotPaused);
        self.pause.until = now;
        Ok(())
    }

    /// Offers governance to `proposed`; none withdraws an offer.
    ///
    /// # Errors
    /// `KeyInvalid` for the default key, which nobody can sign with.
    pub fn propose_governance(&mut self, proposed: Option<Pubkey>) -> Result<()> {
        require!(
            proposed != Some(Pubkey::default()),
            RegistryError::KeyInvalid
        );
        self.proposed_governance = proposed;
        Ok(())
    }

    /// Hands governance to `signer`, to whom it was offered. Returns who had it.
    ///
    /// # Errors
    /// `NotProposedGovernance`.
    pub fn accept_governance(&mut self, signer: Pubkey) -> Result<Pubkey> {
        require!(
            self.proposed_governance == Some(signer),
            RegistryError::NotProposedGovernance
        );
        let previous = std::mem::replace(&mut self.governance, signer);
        self.proposed_governance = None;
        Ok(previous)
    }

    /// Appoints another guardian. Returns who it was.
    ///
    /// # Errors
    /// `KeyInvalid`.
    pub fn set_guardian(&mut self, guardian: Pubkey) -> Result<Pubkey> {
        require_keys_neq!(guardian, Pubkey::default(), RegistryError::KeyInvalid);
        Ok(std::mem::replace(&mut self.guardian, guardian))
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let length = self.pause.until.saturating_sub(self.pause.started_at);
        require!(
            self.governance != Pubkey::default()
                && self.guardian != Pubkey::default()
                && (0..=MAX_PAUSE_SECONDS).contains(&length),
            RegistryError::InvariantBroken
        );
        Ok(())
    }
}
