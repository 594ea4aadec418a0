//! Who may act: staff of a manufacturer, a trading partner, a pharmacy or a regulator, by the registry's records.

use anchor_lang::prelude::*;
use registry::state::{Credential, Operator, Organization, OrganizationKind, Permission, Standing};

use crate::error::ProvenanceError;
use crate::state::Batch;

/// Checks that `key` may do what `permission` says for the active `organization`, through `record`.
///
/// # Errors
/// `OrganizationNotActive`, and why the operator may not act.
pub fn staff(
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    permission: Permission,
    now: i64,
) -> Result<()> {
    require!(
        organization.is_active(),
        ProvenanceError::OrganizationNotActive
    );
    record
        .authorize(&organization.key(), key, permission, now)
        .map_err(ProvenanceError::from)?;
    Ok(())
}

/// Checks that `organization` makes medicines.
///
/// # Errors
/// `NotAManufacturer`.
pub fn manufacturer(organization: &Organization) -> Result<()> {
    require!(
        organization.kind == OrganizationKind::Manufacturer,
        ProvenanceError::NotAManufacturer
    );
    Ok(())
}

/// Checks that `organization` gives medicines to patients.
///
/// # Errors
/// `NotAPharmacy`.
pub fn pharmacy(organization: &Organization) -> Result<()> {
    require!(
        matches!(
            organization.kind,
            OrganizationKind::Pharmacy | OrganizationKind::Provider
        ),
        ProvenanceError::NotAPharmacy
    );
    Ok(())
}

/// As what a trading partner is credentialed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partner {
    /// Buys, keeps, sells.
    Trading,
    /// Takes back what cannot be sold any more.
    ReverseDistributor,
}

/// Checks that `credential` makes `organization` a trading partner for the batch now.
///
/// # Errors
/// `CredentialOfOtherIssuer`, `CredentialOfOtherSubject`, `CredentialOfOtherKind`, `CredentialNotYetValid`,
/// `CredentialExpired`, `CredentialRevoked`.
pub fn partner(
    batch: &Batch,
    organization: &Pubkey,
    credential: &Credential,
    now: i64,
) -> Result<Partner> {
    require_keys_eq!(
        credential.issuer,
        batch.credential_issuer,
        ProvenanceError::CredentialOfOtherIssuer
    );
    require_keys_eq!(
        credential.subject,
        *organization,
        ProvenanceError::CredentialOfOtherSubject
    );
    let partner = if credential.kind == batch.credential_kind {
        Partner::Trading
    } else if credential.kind == batch.return_kind {
        Partner::ReverseDistributor
    } else {
        return Err(ProvenanceError::CredentialOfOtherKind.into());
    };
    match credential.standing(now) {
        Standing::Valid => Ok(partner),
        Standing::NotYetValid => Err(ProvenanceError::CredentialNotYetValid.into()),
        Standing::Expired => Err(ProvenanceError::CredentialExpired.into()),
        Standing::Revoked => Err(ProvenanceError::CredentialRevoked.into()),
    }
}
