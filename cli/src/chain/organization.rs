//! Organisations by address or id, and the staff record under which a command acts for one.

use registry::error::RegistryError;
use registry::state::{Operator, OperatorRefusal, Organization, Permission};
use solana_pubkey::Pubkey;

use super::entity;
use crate::cluster::Cluster;
use crate::error::{CliError, Result};

/// The organisation that a key names: the address of its account, or the id that it was registered under.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn resolve(cluster: &Cluster, name: &Pubkey) -> Result<(Pubkey, Organization)> {
    if let Some(organization) = entity::find::<Organization>(cluster, name)? {
        return Ok((*name, organization));
    }
    let (address, _) = Organization::find_address(name);
    match entity::find(cluster, &address)? {
        Some(organization) => Ok((address, organization)),
        None => Err(CliError::new(
            "not_found",
            format!(
                "{name} is neither the address nor the id of an organization on this cluster. {}",
                <Organization as entity::Entity>::HINT
            ),
        )),
    }
}

/// The address of the record under which `key` may do what `permission` says for `organization`, checked as the
/// programs check it, so that a refusal costs nothing and says what to do.
///
/// # Errors
/// `operator_missing`, and the programs' refusals by name: `operator_revoked`, `operator_expired`, `permission_missing`.
pub fn staff(
    cluster: &Cluster,
    organization: &Pubkey,
    key: &Pubkey,
    permission: Permission,
    now: i64,
) -> Result<Pubkey> {
    let (address, _) = Operator::find_address(organization, key);
    let flag = super::text::permission(permission);
    let Some(record) = entity::find::<Operator>(cluster, &address)? else {
        let message = format!(
            "{key} is no operator of the organization {organization}. Its authority adds it with \
             `galen operator add --org {organization} --key {key} --permissions {flag}`; or sign with an operator's key (-k)."
        );
        return Err(CliError::new("operator_missing", message));
    };
    let Err(refusal) = record.authorize(organization, key, permission, now) else {
        return Ok(address);
    };
    let code = match refusal {
        OperatorRefusal::OtherOrganization => "operator_of_other_organization",
        OperatorRefusal::OtherKey => "operator_key_mismatch",
        OperatorRefusal::Revoked => "operator_revoked",
        OperatorRefusal::Expired => "operator_expired",
        OperatorRefusal::PermissionMissing => "permission_missing",
    };
    let message = format!("{}: {key} would need `{flag}` at {organization} now; see `galen operator show --org {organization} --key {key}`.", RegistryError::from(refusal));
    Err(CliError::new(code, message))
}
