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

/// What the records of a path say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The custody that decides: of the deepest place that has one. What was detached goes its own way.
    custody: Option<Custody>,
    /// The gravest recall of any of the places.
    recall: Option<Recall>,
}

impl Path {
    /// Reads the records of every place from `place` up. An absent record is the empty account at its address, so that none
    /// can be left out.
    ///
    /// # Errors
    /// `PlaceUnknown`, `RecordMissing`, `RecordNotNeeded`, `WrongRecord`, `InvariantBroken`.
    pub fn read(batch: &Pubkey, layout: Layout, place: Subtree, infos: Infos) -> Result<Self> {
        let places = layout.path(place).ok_or(ProvenanceError::PlaceUnknown)?;
        let mut path = Self::default();
        for (place, info) in places.into_iter().zip(infos) {
            match (place, info) {
                (Some(place), Some(info)) => path.add(batch, place, info)?,
                (None, None) => {}
                (Some(_), None) => return Err(ProvenanceError::RecordMissing.into()),
                (None, Some(_)) => return Err(ProvenanceError::RecordNotNeeded.into()),
            }
        }
        Ok(path)
    }

    /// Adds what the record of the next place up says.
    fn add(&mut self, batch: &Pubkey, place: Subtree, info: &AccountInfo) -> Result<()> {
        if *info.owner != crate::ID {
            // The batch's own record is made with it and outlives it.
            require!(
                place.level != Level::Batch
                    && is_absent(info)
                    && *info.key == Node::address(batch, place),
                ProvenanceError::WrongRecord
            );
            return Ok(());
        }
        let data = info.try_borrow_data()?;
        let node: &Node = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
        // Only this program writes a record, and only at its address: what it says of its place is so.
        require!(node.is_at(batch, place), ProvenanceError::WrongRecord);
        if self.custody.is_none() {
            self.custody = node.custody()?;
        } else {
            node.status()?;
        }
        if let Some(recall) = node.recall() {
            self.recall = Some(match self.recall {
                None => recall,
                Some(below) => below.graver(recall),
            });
        }
        Ok(())
    }

    /// The custody that decides.
    ///
    /// # Errors
    /// `InvariantBroken`: the batch's own place always has one.
    pub fn custody(&self) -> Result<Custody> {
        self.custody
            .ok_or_else(|| ProvenanceError::InvariantBroken.into())
    }

    /// The gravest recall of any of the places.
    pub fn recall(&self) -> Option<Recall> {
        self.recall
    }

    /// As the rulebook has it: of all holdings and recalls those that decide, which are all it looks at.
    pub fn as_rule(&self) -> rules::Path {
        let holding = self.custody.map(|custody| rules::Holding {
            custodian: custody.custodian.to_bytes(),
            status: custody.status,
        });
        rules::Path {
            holdings: [holding, None, None, None],
            recalls: [self.recall, None, None, None],
        }
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
