//! Who may act: staff of an insurer or of a provider, by the registry's records.

use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, OrganizationKind, Permission};

use crate::error::ClaimsError;

/// Checks that `key` may do what `permission` says for the active insurer `organization`, through `record`.
///
/// # Errors
/// `OrganizationNotActive`, `NotAnInsurer`, and why the operator may not act.
pub fn insurer_staff(
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    permission: Permission,
    now: i64,
) -> Result<()> {
    require!(
        organization.kind == OrganizationKind::Insurer,
        ClaimsError::NotAnInsurer
    );
    staff(organization, record, key, permission, now)
}

/// Checks that `key` may submit claims for the active provider or pharmacy `organization`, through `record`.
///
/// # Errors
/// `OrganizationNotActive`, `NotAProvider`, and why the operator may not act.
pub fn provider_staff(
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    now: i64,
) -> Result<()> {
    provider(organization)?;
    staff(organization, record, key, Permission::SubmitClaim, now)
}

/// Checks that `organization` treats patients or dispenses.
///
/// # Errors
/// `NotAProvider`.
pub fn provider(organization: &Organization) -> Result<()> {
    require!(
        matches!(
            organization.kind,
            OrganizationKind::Provider | OrganizationKind::Pharmacy
        ),
        ClaimsError::NotAProvider
    );
    Ok(())
}

fn staff(
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    permission: Permission,
    now: i64,
) -> Result<()> {
    require!(organization.is_active(), ClaimsError::OrganizationNotActive);
    record
        .authorize(&organization.key(), key, permission, now)
        .map_err(ClaimsError::from)?;
    Ok(())
}
