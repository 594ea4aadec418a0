//! What follows when readings leave the limits of a batch's storage profile.

use anchor_lang::prelude::*;
use galen_rules::coldchain::Profile;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::Action;

use crate::convert;
use crate::error::ProvenanceError;
use crate::record;
use crate::state::{Batch, Custody, Monitor};

/// The limits of a batch.
///
/// # Errors
/// `StorageUnlimited`.
pub fn limits(batch: &Batch) -> Result<&'static Profile> {
    convert::profile(batch.storage).ok_or_else(|| ProvenanceError::StorageUnlimited.into())
}

/// Sets aside what is at a place, where the monitor says so and it is neither set aside nor beyond that. The manufacturer's
/// quality has the say from then on, also where who has it had set it aside before: it must not release it alone. Returns
/// whether anything has changed by that.
///
/// # Errors
/// Those of the record.
pub fn set_aside(
    monitor: &Monitor,
    custody: &Custody,
    (batch, manufacturer): (&Pubkey, Pubkey),
    (node, place): (&AccountInfo, Subtree),
    now: i64,
) -> Result<bool> {
    if !monitor.is_excursion() || custody.status.is_final() {
        return Ok(false);
    }
    record::change_node(node, batch, place, |node| {
        // What it has on record of its own counts: a doubt about what it was packed in ends without it.
        let own = node.custody()?.unwrap_or(*custody);
        let after = if !own.is_set_aside() {
            own.after(Action::Quarantine, manufacturer)?
        } else if own.set_aside_by == own.custodian && own.custodian != manufacturer {
            own.set_aside_by(manufacturer)
        } else {
            return Ok(false);
        };
        node.hold(&after, now);
        Ok(true)
    })
}
