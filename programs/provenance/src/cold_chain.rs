//! What follows when readings leave the limits of a batch's storage profile.

use anchor_lang::prelude::*;
use galen_rules::coldchain::Profile;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{Action, Status};

use crate::convert;
use crate::error::ProvenanceError;
use crate::record;
use crate::state::node::Reach;
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

/// Sets aside what is at a place, where the monitor says so and it is not beyond that. The manufacturer's quality has the say from then
/// on, also where who has it had set it aside before: it must not release it alone. What lies in something that is set aside is so by
/// itself from then on: whoever releases the whole has not looked at this. What has left since the second `since`, up to which all was
/// well, was there too and is in doubt with it. `is_found` says that the monitor has found it just now. Returns whether anything has
/// changed by that, but for whom a doubt reaches.
///
/// # Errors
/// Those of the record.
pub fn set_aside(
    monitor: &Monitor,
    custody: &Custody,
    terms: &Terms,
    (node, place): (&AccountInfo, Subtree),
    (is_found, since): (bool, i64),
    now: i64,
) -> Result<bool> {
    if !monitor.is_excursion() || custody.status.is_final() {
        return Ok(false);
    }
    let manufacturer = terms.manufacturer;
    let reach = if terms.is_custody_recorded {
        Reach::LeftSince(since)
    } else {
        Reach::Everywhere
    };
    record::change_node(node, &terms.batch, place, |node| {
        // What it has on record of its own counts: a doubt about what it was packed in ends without it.
        let (own, is_kept) = match node.custody()? {
            Some(own) => {
                let is_the_custodians =
                    own.set_aside_by == own.custodian && own.custodian != manufacturer;
                (own, own.is_set_aside() && !is_the_custodians)
            }
            // What is condemned stays so.
            None => (*custody, custody.status == Status::Illegitimate),
        };
        if is_kept {
            // Set aside where it was before, it is warm here, too: so is what it was packed with.
            if is_found {
                node.raise_doubt(reach, now)?;
            } else {
                node.raise_doubt_here(reach, now)?;
            }
            return Ok(false);
        }
        // In doubt already, with what it was packed in or by itself, it is as of then: once the manufacturer has released this, no
        // other doubt is hidden.
        let (after, at) = if own.is_set_aside() {
            (own.set_aside_by(manufacturer), own.at)
        } else {
            let at = if custody.is_set_aside() { own.at } else { now };
            (own.after(Action::Quarantine, manufacturer)?, at)
        };
        node.hold(&after, at)?;
        node.raise_doubt(reach, now)?;
        Ok(true)
    })
}
