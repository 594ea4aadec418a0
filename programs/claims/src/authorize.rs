//! Who may act: staff of an insurer or of a provider, by the registry's records.

use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, OrganizationKind, Permission};

use crate::error::ClaimsError;
use crate::state::Appeal;

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

/// Checks that `key` may decide an appeal through `record`: for the insurer `insurer`, or for the reviewer of the appeal, which is
/// on neither side.
///
/// # Errors
/// `PoolOfOtherInsurer`, `ReviewerMismatch`, `ReviewerIsParty`, `OrganizationNotActive`, `NotAnInsurer`, and why the operator may
/// not act.
pub fn appeal_staff(
    appeal: &Appeal,
    insurer: &Pubkey,
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    now: i64,
) -> Result<()> {
    if !appeal.is_review() {
        require_keys_eq!(
            organization.key(),
            *insurer,
            ClaimsError::PoolOfOtherInsurer
        );
        return insurer_staff(organization, record, key, Permission::DecideClaim, now);
    }
    require_keys_eq!(
        organization.key(),
        appeal.reviewer,
        ClaimsError::ReviewerMismatch
    );
    require!(
        organization.kind != OrganizationKind::Insurer && provider(organization).is_err(),
        ClaimsError::ReviewerIsParty
    );
    staff(organization, record, key, Permission::DecideClaim, now)
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
