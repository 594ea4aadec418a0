//! Who may act: staff of a sponsor, an ethics board or a site, by the registry's records.

use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, OrganizationKind, Permission};

use crate::error::TrialsError;

/// Checks that `key` may do what `permission` says for the active sponsor `organization`, through `record`.
///
/// # Errors
/// `NotASponsor`, `OrganizationNotActive`, and why the operator may not act.
pub fn sponsor_staff(
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    permission: Permission,
    now: i64,
) -> Result<()> {
    require!(
        organization.kind == OrganizationKind::Sponsor,
        TrialsError::NotASponsor
    );
    staff(organization, record, key, permission, now)
}

/// Checks that `key` may oversee trials for the active ethics board `organization`, through `record`.
///
/// # Errors
/// `NotAnEthicsBoard`, `OrganizationNotActive`, and why the operator may not act.
pub fn board_staff(
    organization: &Account<Organization>,
    record: &Operator,
    key: &Pubkey,
    now: i64,
) -> Result<()> {
    board(organization)?;
    staff(organization, record, key, Permission::OverseeTrial, now)
}

/// Checks that `organization` is an ethics board.
///
/// # Errors
/// `NotAnEthicsBoard`.
pub fn board(organization: &Organization) -> Result<()> {
    require!(
        organization.kind == OrganizationKind::EthicsBoard,
        TrialsError::NotAnEthicsBoard
    );
    Ok(())
}

/// Checks that `organization` can conduct a trial.
///
/// # Errors
/// `NotASite`.
pub fn site(organization: &Organization) -> Result<()> {
    require!(
        matches!(
            organization.kind,
            OrganizationKind::Site | OrganizationKind::Provider
        ),
        TrialsError::NotASite
    );
    Ok(())
}

/// Checks that `key` may do what `permission` says for the active `organization`, through `record`. What the organisation
/// is has been checked when it was written into the trial.
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
    require!(organization.is_active(), TrialsError::OrganizationNotActive);
    record
        .authorize(&organization.key(), key, permission, now)
        .map_err(TrialsError::from)?;
    Ok(())
}

/// Refuses new obligations and withdrawals while a pause runs. Nothing that was earned ever waits for one.
///
/// # Errors
/// `Paused`.
pub fn not_paused(config: &Config, now: i64) -> Result<()> {
    require!(config.new_awards_allowed(now), TrialsError::Paused);
    Ok(())
}
