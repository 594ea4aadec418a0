//! What happened, in the past tense, ids first. Emitted as inner instructions, which are never truncated.

use anchor_lang::prelude::*;

use crate::state::{Identifier, OrganizationKind, OrganizationStatus, Permissions};

/// The registry was configured.
#[event]
pub struct ConfigInitialized {
    /// The configuration.
    pub config: Pubkey,
    /// Who governs.
    pub governance: Pubkey,
    /// Who may pause.
    pub guardian: Pubkey,
}

/// Governance was offered to a key, or an offer was withdrawn.
#[event]
pub struct GovernanceProposed {
    /// The configuration.
    pub config: Pubkey,
    /// Who governs.
    pub governance: Pubkey,
    /// Who is to govern; none = the offer was withdrawn.
    pub proposed: Option<Pubkey>,
}

/// Governance was handed over.
#[event]
pub struct GovernanceAccepted {
    /// The configuration.
    pub config: Pubkey,
    /// Who governed.
    pub previous: Pubkey,
    /// Who governs.
    pub governance: Pubkey,
}

/// Another guardian was appointed.
#[event]
pub struct GuardianSet {
    /// The configuration.
    pub config: Pubkey,
    /// Who it was.
    pub previous: Pubkey,
    /// Who it is.
    pub guardian: Pubkey,
}

/// A pause began.
#[event]
pub struct Paused {
    /// The configuration.
    pub config: Pubkey,
    /// Who paused.
    pub by: Pubkey,
    /// Unix second of its start.
    pub started_at: i64,
    /// First Unix second after it.
    pub until: i64,
}

/// A pause was ended before its time.
#[event]
pub struct PauseEnded {
    /// The configuration.
    pub config: Pubkey,
    /// When it would have ended.
    pub previous_until: i64,
    /// When it ended.
    pub until: i64,
}

/// An organisation registered.
#[event]
pub struct OrganizationRegistered {
    /// The organisation.
    pub organization: Pubkey,
    /// The key that names it.
    pub id: Pubkey,
    /// What it is.
    pub kind: OrganizationKind,
    /// Its public identifier.
    pub identifier: Identifier,
    /// Its authority.
    pub authority: Pubkey,
}

/// Governance changed the status of an organisation.
#[event]
pub struct OrganizationStatusSet {
    /// The organisation.
    pub organization: Pubkey,
    /// The status before.
    pub previous: OrganizationStatus,
    /// The status now.
    pub status: OrganizationStatus,
    /// Why; 0 = admitted.
    pub reason: u16,
}

/// The authority of an organisation was offered to a key, or an offer was withdrawn.
#[event]
pub struct AuthorityProposed {
    /// The organisation.
    pub organization: Pubkey,
    /// Who has the authority.
    pub authority: Pubkey,
    /// Who is to have it; none = the offer was withdrawn.
    pub proposed: Option<Pubkey>,
}

/// The authority of an organisation was handed over.
#[event]
pub struct AuthorityAccepted {
    /// The organisation.
    pub organization: Pubkey,
    /// Who had it.
    pub previous: Pubkey,
    /// Who has it.
    pub authority: Pubkey,
}

/// A staff key was given permissions.
#[event]
pub struct OperatorAdded {
    /// The record.
    pub operator: Pubkey,
    /// The organisation.
    pub organization: Pubkey,
    /// The staff key.
    pub key: Pubkey,
    /// What it may do.
    pub permissions: Permissions,
    /// First Unix second at which it may do nothing more.
    pub expires_at: i64,
}

/// The permissions or the expiry of a staff key were changed.
#[event]
pub struct OperatorUpdated {
    /// The record.
    pub operator: Pubkey,
    /// The organisation.
    pub organization: Pubkey,
    /// What it might do before.
    pub previous_permissions: Permissions,
    /// What it may do now.
    pub permissions: Permissions,
    /// The expiry before.
    pub previous_expires_at: i64,
    /// The expiry now.
    pub expires_at: i64,
}

/// A staff key was revoked.
#[event]
pub struct OperatorRevoked {
    /// The record.
    pub operator: Pubkey,
    /// The organisation.
    pub organization: Pubkey,
    /// The staff key.
    pub key: Pubkey,
    /// Unix second of the revocation.
    pub revoked_at: i64,
}

/// A credential was issued.
#[event]
pub struct CredentialIssued {
    /// The credential.
    pub credential: Pubkey,
    /// Account of the organisation that issued it.
    pub issuer: Pubkey,
    /// Account of the organisation about which it is.
    pub subject: Pubkey,
    /// What is stated.
    pub kind: u16,
    /// Which of its kind.
    pub number: u32,
    /// First Unix second at which it is valid.
    pub valid_from: i64,
    /// First Unix second at which it is no longer valid.
    pub valid_until: i64,
}

/// A credential was revoked.
#[event]
pub struct CredentialRevoked {
    /// The credential.
    pub credential: Pubkey,
    /// Account of the organisation that issued it.
    pub issuer: Pubkey,
    /// Account of the organisation about which it is.
    pub subject: Pubkey,
    /// Why.
    pub reason: u16,
    /// Staff key that revoked it.
    pub by: Pubkey,
}
