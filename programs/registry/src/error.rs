//! Why the registry refuses. Anchor adds 6000 to each number; numbers are never reused.

use anchor_lang::prelude::*;

/// The registry's errors, a hundred for each entity.
#[error_code]
pub enum RegistryError {
    /// An invariant of an account does not hold: a fault of the program.
    #[msg("An account would break its invariant; please report this with the transaction")]
    InvariantBroken = 0,
    /// The default key was given where a real one is needed.
    #[msg("The default key cannot sign and is refused; give the key of an existing keypair")]
    KeyInvalid = 1,

    /// `valid_until` has passed.
    #[msg("The administrative action has expired; sign it again with a later valid_until")]
    AdminExpired = 100,
    /// The sequence number has moved on.
    #[msg(
        "Another administrative action came first; read the sequence number again and sign again"
    )]
    AdminSequenceStale = 101,
    /// The sequence number is at its maximum.
    #[msg("The sequence number cannot grow any further")]
    AdminSequenceExhausted = 102,

    /// The signer is not the program's upgrade authority.
    #[msg("Only the program's upgrade authority may initialize the configuration")]
    NotUpgradeAuthority = 200,
    /// The program account given does not belong to the program data account given.
    #[msg("The program data account is not the one of this program")]
    ProgramDataMismatch = 201,
    /// The signer is not governance.
    #[msg("Only governance may do this; sign with the configuration's governance key")]
    NotGovernance = 202,
    /// The signer is not the proposed governance.
    #[msg("Governance was not offered to this key; propose it first")]
    NotProposedGovernance = 203,
    /// The signer is neither guardian nor governance.
    #[msg("Only the guardian or governance may pause")]
    NotGuardian = 204,
    /// The pause is too short or too long.
    #[msg("A pause lasts from 1 second to 72 hours")]
    PauseDurationInvalid = 205,
    /// A pause is running.
    #[msg("A pause is already running; it ends by itself")]
    AlreadyPaused = 206,
    /// The last pause ended too recently.
    #[msg("The last pause ended less than 72 hours ago; wait for the cool-down")]
    PauseCoolingDown = 207,
    /// No pause is running.
    #[msg("No pause is running")]
    NotPaused = 208,

    /// The identifier does not have the form of its scheme.
    #[msg("The identifier is malformed or its check digits are wrong")]
    IdentifierInvalid = 300,
    /// The signer is not the organisation's authority.
    #[msg("Only the organization's authority may do this")]
    NotOrganizationAuthority = 301,
    /// The signer is not the proposed authority.
    #[msg("The authority was not offered to this key; propose it first")]
    NotProposedAuthority = 302,
    /// The status cannot change like this.
    #[msg("The organization's status cannot change in this way")]
    StatusTransitionInvalid = 303,
    /// A reason is missing or out of place.
    #[msg("A reason is required to suspend or close an organization, and refused to activate one")]
    StatusReasonInvalid = 304,
    /// The organisation is closed.
    #[msg("The organization is closed")]
    OrganizationClosed = 305,
    /// The organisation may not act.
    #[msg("The organization is not active; governance must activate it first")]
    OrganizationNotActive = 306,
    /// Too many operators.
    #[msg("The organization has too many operators")]
    OperatorCountOverflow = 307,

    /// The record belongs to another organisation.
    #[msg("The operator record belongs to another organization")]
    OperatorOfOtherOrganization = 400,
    /// The record belongs to another key.
    #[msg("The operator record belongs to another key")]
    OperatorKeyMismatch = 401,
    /// The key has been revoked.
    #[msg("The operator has been revoked, which is final; add another key")]
    OperatorRevoked = 402,
    /// The key has expired.
    #[msg("The operator has expired; the organization's authority can extend it")]
    OperatorExpired = 403,
    /// The key lacks the permission.
    #[msg("The operator lacks the permission that this needs")]
    PermissionMissing = 404,
    /// No permission, or one that does not exist.
    #[msg("Give at least one permission, and none that does not exist")]
    PermissionsInvalid = 405,
    /// The expiry is not in the future.
    #[msg("The expiry must lie in the future")]
    ExpiryInPast = 406,
    /// The key already has a record.
    #[msg(
        "This key already has an operator record; update it, or add another key if it was revoked"
    )]
    OperatorExists = 407,

    /// The window of validity is empty or over.
    #[msg("A credential must begin before it ends and end in the future")]
    CredentialWindowInvalid = 500,
    /// The credential has been revoked.
    #[msg("The credential has been revoked, which is final")]
    CredentialRevoked = 501,
    /// The reason is missing.
    #[msg("A revocation needs a reason other than 0")]
    RevocationReasonMissing = 502,
    /// The credential is another issuer's.
    #[msg("Only the issuer of a credential may revoke it")]
    NotCredentialIssuer = 503,
    /// Issuer and subject are the same.
    #[msg("An organization cannot issue a credential to itself")]
    CredentialToSelf = 504,
    /// The credential is not of the issuer that was passed.
    #[msg("The credential was issued by another organization")]
    CredentialOfOtherIssuer = 505,
    /// Governance takes a credential back only where the issuer cannot.
    #[msg("The issuer is active and takes its credentials back itself; governance can only where it is suspended or closed")]
    CredentialIssuerActive = 506,
}

/// Gives a program's errors their codes for `AdminRefusal` and `OperatorRefusal`: they bear the same names in every program.
#[macro_export]
macro_rules! staff_refusals {
    ($errors:ty) => {
        impl From<$crate::state::AdminRefusal> for $errors {
            fn from(refusal: $crate::state::AdminRefusal) -> Self {
                use $crate::state::AdminRefusal;
                match refusal {
                    AdminRefusal::Expired => Self::AdminExpired,
                    AdminRefusal::StaleSequence => Self::AdminSequenceStale,
                    AdminRefusal::SequenceExhausted => Self::AdminSequenceExhausted,
                }
            }
        }

        impl From<$crate::state::OperatorRefusal> for $errors {
            fn from(refusal: $crate::state::OperatorRefusal) -> Self {
                use $crate::state::OperatorRefusal;
                match refusal {
                    OperatorRefusal::OtherOrganization => Self::OperatorOfOtherOrganization,
                    OperatorRefusal::OtherKey => Self::OperatorKeyMismatch,
                    OperatorRefusal::Revoked => Self::OperatorRevoked,
                    OperatorRefusal::Expired => Self::OperatorExpired,
                    OperatorRefusal::PermissionMissing => Self::PermissionMissing,
                }
            }
        }
    };
}

staff_refusals!(RegistryError);
