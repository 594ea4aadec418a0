//! Who may act: staff of a manufacturer, a trading partner, a pharmacy or a regulator, by the registry's records.

use anchor_lang::prelude::*;
use registry::state::{
    Credential, CredentialBrief, Operator, OperatorBrief, Organization, OrganizationBrief,
    OrganizationKind, Permission, Standing,
};

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
    require_dispenses(organization.kind)
}

fn require_dispenses(kind: OrganizationKind) -> Result<()> {
    require!(
        matches!(
            kind,
            OrganizationKind::Pharmacy | OrganizationKind::Provider
        ),
        ProvenanceError::NotAPharmacy
    );
    Ok(())
}

/// Who dispenses: the records of the operator, the pharmacy and its credential.
pub struct Dispenser<'a, 'info> {
    /// The pharmacy.
    pub pharmacy: &'a Account<'info, OrganizationBrief>,
    /// The staff key that signs.
    pub operator: &'a Pubkey,
    /// Its record at the pharmacy.
    pub record: &'a OperatorBrief,
    /// What makes the pharmacy a trading partner.
    pub credential: &'a CredentialBrief,
}

impl Dispenser<'_, '_> {
    /// Checks that they may dispense of `batch` now.
    ///
    /// # Errors
    /// Those of [`pharmacy`], [`staff`] and [`partner`]; `CredentialOfOtherKind` where it is one to take back.
    pub fn check(&self, batch: &Batch, now: i64) -> Result<()> {
        require_dispenses(self.pharmacy.kind)?;
        let pharmacy: &AccountInfo = self.pharmacy.as_ref();
        require!(
            self.pharmacy.is_active(),
            ProvenanceError::OrganizationNotActive
        );
        self.record
            .authorize(pharmacy.key, self.operator, Permission::DispensePack, now)
            .map_err(ProvenanceError::from)?;
        let partner = partner_of(batch, pharmacy.key, self.credential, now)?;
        require!(
            partner == Partner::Trading,
            ProvenanceError::CredentialOfOtherKind
        );
        Ok(())
    }
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
    partner_of(batch, organization, &credential.into(), now)
}

/// Checks that `credential` makes `organization` a trading partner for the batch, or has made it one: now, later or before.
///
/// # Errors
/// `CredentialOfOtherIssuer`, `CredentialOfOtherSubject`, `CredentialOfOtherKind`.
pub fn partner_once(
    batch: &Batch,
    organization: &Pubkey,
    credential: &Credential,
) -> Result<Partner> {
    partner_ever(batch, organization, &credential.into())
}

fn partner_of(
    batch: &Batch,
    organization: &Pubkey,
    credential: &CredentialBrief,
    now: i64,
) -> Result<Partner> {
    let partner = partner_ever(batch, organization, credential)?;
    match credential.standing(now) {
        Standing::Valid => Ok(partner),
        Standing::NotYetValid => Err(ProvenanceError::CredentialNotYetValid.into()),
        Standing::Expired => Err(ProvenanceError::CredentialExpired.into()),
        Standing::Revoked => Err(ProvenanceError::CredentialRevoked.into()),
    }
}

fn partner_ever(
    batch: &Batch,
    organization: &Pubkey,
    credential: &CredentialBrief,
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
    if credential.kind == batch.credential_kind {
        Ok(Partner::Trading)
    } else if credential.kind == batch.return_kind {
        Ok(Partner::ReverseDistributor)
    } else {
        Err(ProvenanceError::CredentialOfOtherKind.into())
    }
}

/// The claim that signs; the default key where none does. By reference: a key that is one of two values is put together from
/// its bytes, one by one.
pub fn signing<'a>(claim: &'a Option<Signer>) -> &'a Pubkey {
    const NONE: &Pubkey = &Pubkey::new_from_array([0; 32]);
    claim.as_ref().map_or(NONE, |claim| claim.key)
}
