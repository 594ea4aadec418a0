//! What is recorded above a pack, a case or a pallet: every level, or no answer.

use anchor_lang::prelude::*;
use galen_rules::merkle::{Layout, Level, Subtree};
use galen_rules::provenance as rules;
use galen_rules::provenance::Recall;

use crate::address::{is_absent, view};
use crate::convert::level_number;
use crate::error::ProvenanceError;
use crate::state::{Custody, Node};

/// The accounts of a path, pack to batch; none below the place.
pub type Infos<'a, 'info> = [Option<&'a AccountInfo<'info>>; 4];

/// What the record of one place says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Who has it; none where that is not recorded there.
    pub custody: Option<Custody>,
    /// The gravest recall there.
    pub recall: Option<Recall>,
}

/// All of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    entries: [Entry; 4],
}

impl Path {
    /// Reads the records of every place from `place` up. An absent record is the empty account at its address, so that none
    /// can be left out.
    ///
    /// # Errors
    /// `PlaceUnknown`, `RecordMissing`, `RecordNotNeeded`, `WrongRecord`, `InvariantBroken`.
    pub fn read(batch: &Pubkey, layout: Layout, place: Subtree, infos: Infos) -> Result<Self> {
        let places = layout.path(place).ok_or(ProvenanceError::PlaceUnknown)?;
        let mut entries = [Entry::default(); 4];
        for ((entry, place), info) in entries.iter_mut().zip(places).zip(infos) {
            match (place, info) {
                (Some(place), Some(info)) => *entry = read(batch, place, info)?,
                (None, None) => {}
                (Some(_), None) => return Err(ProvenanceError::RecordMissing.into()),
                (None, Some(_)) => return Err(ProvenanceError::RecordNotNeeded.into()),
            }
        }
        Ok(Self { entries })
    }

    /// The custody that decides: of the deepest place that has one. What was detached goes its own way.
    ///
    /// # Errors
    /// `InvariantBroken`: the batch's own place always has one.
    pub fn custody(&self) -> Result<Custody> {
        self.entries
            .iter()
            .find_map(|entry| entry.custody)
            .ok_or_else(|| ProvenanceError::InvariantBroken.into())
    }

    /// The gravest recall of any of the places.
    pub fn recall(&self) -> Option<Recall> {
        self.entries
            .iter()
            .filter_map(|entry| entry.recall)
            .reduce(Recall::graver)
    }

    /// As the rulebook has it.
    pub fn as_rule(&self) -> rules::Path {
        let mut path = rules::Path::default();
        for ((entry, holding), recall) in self
            .entries
            .iter()
            .zip(path.holdings.iter_mut())
            .zip(path.recalls.iter_mut())
        {
            *holding = entry.custody.map(|custody| rules::Holding {
                custodian: custody.custodian.to_bytes(),
                status: custody.status,
            });
            *recall = entry.recall;
        }
        path
    }
}

/// The accounts of a path whose lowest place is `place`, from those that an instruction names.
///
/// # Errors
/// `RecordMissing`, `RecordNotNeeded`.
pub fn infos<'a, 'info>(
    place: Subtree,
    own: &'a UncheckedAccount<'info>,
    above: [Option<&'a UncheckedAccount<'info>>; 3],
) -> Result<Infos<'a, 'info>> {
    let own_number = usize::from(level_number(place.level));
    let mut infos: Infos = [None; 4];
    let given = std::iter::once(None).chain(above);
    for (number, (slot, given)) in infos.iter_mut().zip(given).enumerate() {
        *slot = match (number > own_number, given) {
            (true, Some(info)) => Some(info.as_ref()),
            (false, None) => None,
            (true, None) => return Err(ProvenanceError::RecordMissing.into()),
            (false, Some(_)) => return Err(ProvenanceError::RecordNotNeeded.into()),
        };
    }
    if let Some(slot) = infos.get_mut(own_number) {
        *slot = Some(own.as_ref());
    }
    Ok(infos)
}

fn read(batch: &Pubkey, place: Subtree, info: &AccountInfo) -> Result<Entry> {
    if *info.owner != crate::ID {
        // The batch's own record is made with it and outlives it.
        require!(
            place.level != Level::Batch
                && is_absent(info)
                && *info.key == Node::address(batch, place),
            ProvenanceError::WrongRecord
        );
        return Ok(Entry::default());
    }
    let data = info.try_borrow_data()?;
    let node: &Node = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
    // Only this program writes a record, and only at its address: what it says of its place is so.
    require!(node.is_at(batch, place), ProvenanceError::WrongRecord);
    Ok(Entry {
        custody: node.custody()?,
        recall: node.recall(),
    })
}
