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

/// What of a batch counts when its goods are set aside.
pub struct Terms {
    /// The batch.
    pub batch: Pubkey,
    /// Who has the say over an excursion.
    pub manufacturer: Pubkey,
    /// Whether it is recorded who has what.
    pub is_custody_recorded: bool,
    /// The limits.
    pub limits: &'static Profile,
}

impl Terms {
    /// Those of a batch at `key`.
    ///
    /// # Errors
    /// `StorageUnlimited`.
    pub fn of(batch: &Batch, key: Pubkey) -> Result<Self> {
        Ok(Self {
            batch: key,
            manufacturer: batch.manufacturer,
            is_custody_recorded: batch.is_custody_recorded(),
            limits: limits(batch)?,
        })
    }
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
    terms: &Terms,
    (node, place): (&AccountInfo, Subtree),
    now: i64,
) -> Result<bool> {
    if !monitor.is_excursion() || custody.status.is_final() {
        return Ok(false);
    }
    let manufacturer = terms.manufacturer;
    record::change_node(node, &terms.batch, place, |node| {
        // What it has on record of its own counts: a doubt about what it was packed in ends without it.
        let own = node.custody()?.unwrap_or(*custody);
        if own.is_set_aside() {
            // Set aside where it was before, it is warm here, too: so is what it was packed with.
            node.raise_doubt_here(terms.is_custody_recorded, now)?;
            let is_the_custodians =
                own.set_aside_by == own.custodian && own.custodian != manufacturer;
            if is_the_custodians {
                node.hold(&own.set_aside_by(manufacturer), now)?;
            }
            return Ok(is_the_custodians);
        }
        let after = own.after(Action::Quarantine, manufacturer)?;
        // In doubt with what it was packed in already, it stays so once the manufacturer has released this.
        let at = if custody.is_set_aside() { own.at } else { now };
        node.hold(&after, at)?;
        node.raise_doubt(terms.is_custody_recorded, now)?;
        Ok(true)
    })
}
