//! Who is independent of a site: the sponsor's monitors and the ethics board's staff.

use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::case::Case;
use crate::error::{CliError, Result};

/// For whom the signer acts, and the record of it.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    /// The sponsor or the ethics board.
    pub organization: Pubkey,
    /// The signer's record there.
    pub record: Pubkey,
}

/// The sponsor's monitor or the ethics board's operator that the signer is.
///
/// # Errors
/// `not_independent`.
pub fn voice(case: &Case) -> Result<Voice> {
    voice_of(case, &case.session.key())
}

/// As [`voice`], for another key.
///
/// # Errors
/// `not_independent`.
pub fn voice_of(case: &Case, key: &Pubkey) -> Result<Voice> {
    let of = |organization: Pubkey, permission| {
        crate::chain::organization::staff(
            case.cluster(),
            &organization,
            key,
            permission,
            case.session.now,
        )
        .map(|record| Voice {
            organization,
            record,
        })
    };
    of(case.trial.sponsor, Permission::CountersignVisit)
        .or_else(|_| of(case.trial.board, Permission::OverseeTrial))
        .map_err(|_| {
            CliError::new(
                "not_independent",
                format!("{key} is neither an operator of the sponsor with the permission countersign-visit nor one of the ethics board with oversee-trial."),
            )
        })
}
