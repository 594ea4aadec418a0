//! Organisations: insurers, providers, sponsors and the rest, each under a public identifier.

use anchor_lang::prelude::*;
use galen_rules::identifier;

use super::AdminArgs;
use crate::constants::ACCOUNT_VERSION;
use crate::error::RegistryError;

/// An organisation. Others act on its behalf through [`super::Operator`] records.
///
/// # PDA Seeds
/// `["organization", id]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The key that names the organisation; it signed the registration, so that nobody else could take it.
    pub id: Pubkey,
    /// What it is.
    pub kind: OrganizationKind,
    /// Under which number the world knows it.
    pub identifier: Identifier,
    /// Whether it may act.
    pub status: OrganizationStatus,
    /// Reason code of the status; 0 = none (`Pending`, `Active`).
    pub status_reason: u16,
    /// Slot of the last change of status.
    pub status_slot: u64,
    /// Unix second of the last change of status.
    pub status_at: i64,
    /// Manages operators and hands itself over; does no daily work.
    pub authority: Pubkey,
    /// Grows by one with every administrative action signed by the authority.
    pub sequence: u64,
    /// Number of operator records that are not revoked.
    pub operators: u32,
    /// The key that the authority is being handed to, until that key accepts.
    pub proposed_authority: Option<Pubkey>,
    /// For later versions.
    pub reserved: [u8; 128],
}

const _: () =
    assert!(Organization::INIT_SPACE == 2 + 32 + 1 + 21 + 1 + 2 + 8 + 8 + 32 + 8 + 4 + 33 + 128);

/// What an organisation is. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationKind {
    /// Pays claims.
    Insurer,
    /// Treats patients and submits claims.
    Provider,
    /// Pays for a trial.
    Sponsor,
    /// Conducts a trial.
    Site,
    /// Watches over a trial.
    EthicsBoard,
    /// Makes medicines.
    Manufacturer,
    /// Trades medicines.
    Wholesaler,
    /// Moves medicines.
    Carrier,
    /// Dispenses medicines and submits claims.
    Pharmacy,
    /// Orders recalls.
    Regulator,
}

/// Whether an organisation may act. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationStatus {
    /// Registered, not yet admitted by governance.
    Pending,
    /// May act.
    Active,
    /// May not act for now.
    Suspended,
    /// Will not act again.
    Closed,
}

/// Who gives out an identifier. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierScheme {
    /// National Provider Identifier (US): 10 digits, the last one a Luhn check digit over 80840 and the rest.
    Npi,
    /// Global Location Number (GS1): 13 digits, the last one a check digit.
    Gln,
    /// Legal Entity Identifier (ISO 17442): 20 characters, the last two check digits (ISO 7064 MOD 97-10).
    Lei,
    /// Another register: printable ASCII without spaces, unchecked.
    Other,
}

/// The public identifier of an organisation. (Identifiers of people are never stored.)
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Who gave it out.
    pub scheme: IdentifierScheme,
    /// ASCII, padded with zero bytes at the end.
    pub value: [u8; 20],
}

impl Identifier {
    /// The identifier `text` under `scheme`; none where it does not fit 20 bytes. The check digits are checked
    /// by [`Identifier::is_valid`].
    pub fn new(scheme: IdentifierScheme, text: &str) -> Option<Self> {
        let mut value = [0; 20];
        value
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        Some(Self { scheme, value })
    }

    /// The identifier without its padding; a zero byte within it is kept, and fails [`Identifier::is_valid`].
    pub fn bytes(&self) -> &[u8] {
        let mut bytes: &[u8] = &self.value;
        while let Some((0, rest)) = bytes.split_last() {
            bytes = rest;
        }
        bytes
    }

    /// Whether the identifier has the form of its scheme, check digits included.
    pub fn is_valid(&self) -> bool {
        match self.scheme {
            IdentifierScheme::Npi => identifier::is_npi(self.bytes()),
            IdentifierScheme::Gln => identifier::is_gln(self.bytes()),
            IdentifierScheme::Lei => identifier::is_lei(self.bytes()),
            IdentifierScheme::Other => identifier::is_plain(self.bytes()),
        }
    }
}

impl OrganizationStatus {
    /// Whether governance may change this status to `next`. Closed is final.
    pub fn allows(self, next: Self) -> bool {
        use OrganizationStatus::{Active, Closed, Pending, Suspended};
        matches!(
            (self, next),
            (Pending, Active | Closed)
                | (Active, Suspended | Closed)
                | (Suspended, Active | Closed)
        )
    }
}

impl Organization {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"organization";

    /// Address of the organisation named by `id`, and its bump.
    pub fn find_address(id: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, id.as_ref()], &crate::ID)
    }

    /// An organisation as it registers: pending until governance admits it.
    pub fn new(
        bump: u8,
        id: Pubkey,
        kind: OrganizationKind,
        identifier: Identifier,
        authority: Pubkey,
        slot: u64,
        now: i64,
    ) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            id,
            kind,
            identifier,
            status: OrganizationStatus::Pending,
            status_reason: 0,
            status_slot: slot,
            status_at: now,
            authority,
            sequence: 0,
            operators: 0,
            proposed_authority: None,
            reserved: [0; 128],
        }
    }

    /// Whether it may act.
    pub fn is_active(&self) -> bool {
        self.status == OrganizationStatus::Active
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

    /// Changes the status. Returns the one before.
    ///
    /// # Errors
    /// `StatusTransitionInvalid`; `StatusReasonInvalid` where a reason is missing, or given with `Active`.
    pub fn set_status(
        &mut self,
        status: OrganizationStatus,
        reason: u16,
        slot: u64,
        now: i64,
    ) -> Result<OrganizationStatus> {
        require!(
            self.status.allows(status),
            RegistryError::StatusTransitionInvalid
        );
        require!(
            (reason == 0) == (status == OrganizationStatus::Active),
            RegistryError::StatusReasonInvalid
        );
        let previous = std::mem::replace(&mut self.status, status);
        self.status_reason = reason;
        self.status_slot = slot;
        self.status_at = now;
        Ok(previous)
    }

    /// Offers the authority to `proposed`; none withdraws an offer.
    ///
    /// # Errors
    /// `OrganizationClosed`; `KeyInvalid` for the default key, which nobody can sign with.
    pub fn propose_authority(&mut self, proposed: Option<Pubkey>) -> Result<()> {
        self.require_open()?;
        require!(
            proposed != Some(Pubkey::default()),
            RegistryError::KeyInvalid
        );
        self.proposed_authority = proposed;
        Ok(())
    }

    /// Hands the authority to `signer`, to whom it was offered. Returns who had it.
    ///
    /// # Errors
    /// `OrganizationClosed`, `NotProposedAuthority`.
    pub fn accept_authority(&mut self, signer: Pubkey) -> Result<Pubkey> {
        self.require_open()?;
        require!(
            self.proposed_authority == Some(signer),
            RegistryError::NotProposedAuthority
        );
        let previous = std::mem::replace(&mut self.authority, signer);
        self.proposed_authority = None;
        Ok(previous)
    }

    /// Counts an operator in.
    ///
    /// # Errors
    /// `OrganizationClosed`, `OperatorCountOverflow`.
    pub fn count_operator_in(&mut self) -> Result<()> {
        self.require_open()?;
        self.operators = self
            .operators
            .checked_add(1)
            .ok_or(RegistryError::OperatorCountOverflow)?;
        Ok(())
    }

    /// Counts an operator out. Works whatever the status: revoking a key is always possible.
    ///
    /// # Errors
    /// `InvariantBroken` where none is left to revoke.
    pub fn count_operator_out(&mut self) -> Result<()> {
        self.operators = self
            .operators
            .checked_sub(1)
            .ok_or(RegistryError::InvariantBroken)?;
        Ok(())
    }

    /// Refuses an organisation that has been closed.
    ///
    /// # Errors
    /// `OrganizationClosed`.
    pub fn require_open(&self) -> Result<()> {
        require!(
            self.status != OrganizationStatus::Closed,
            RegistryError::OrganizationClosed
        );
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        use OrganizationStatus::{Closed, Suspended};
        let explained = (self.status_reason != 0) == matches!(self.status, Suspended | Closed);
        require!(
            self.id != Pubkey::default()
                && self.authority != Pubkey::default()
                && self.proposed_authority != Some(Pubkey::default())
                && explained,
            RegistryError::InvariantBroken
        );
        Ok(())
    }
}
