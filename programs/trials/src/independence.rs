//! Who is independent of a site: the sponsor's monitors and the ethics board.

use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::state::Trial;

/// Whether `signer` acts for the sponsor or the ethics board of `trial`: false where no record is given, an error where
/// one is given that does not hold.
///
/// # Errors
/// `NotSponsorOrBoard`, `OrganizationNotActive`, and why the operator may not act.
pub fn is_independent<'info>(
    trial: &Trial,
    signer: &Signer<'info>,
    record: Option<&Account<'info, Operator>>,
    organization: Option<&Account<'info, Organization>>,
    now: i64,
) -> Result<bool> {
    let (Some(record), Some(organization)) = (record, organization) else {
        return Ok(false);
    };
    let permission = if organization.key() == trial.board {
        Permission::OverseeTrial
    } else {
        require_keys_eq!(
            organization.key(),
            trial.sponsor,
            TrialsError::NotSponsorOrBoard
        );
        Permission::CountersignVisit
    };
    authorize::staff(organization, record, signer.key, permission, now)?;
    Ok(true)
}
