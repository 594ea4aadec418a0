//! What is recorded above a pack, a case or a pallet: every level, or no answer.

use anchor_lang::prelude::*;
use galen_rules::merkle::{Layout, Level, Subtree};
use galen_rules::provenance as rules;
use galen_rules::provenance::{Recall, RecallClass};

use crate::address::{is_absent, view};
use crate::convert::level_number;
use crate::error::ProvenanceError;
use crate::state::{Custody, Node, RecallEntry};

/// The accounts of a path, pack to batch; none below the place.
pub type Infos<'a, 'info> = [Option<&'a AccountInfo<'info>>; 4];

/// What the records of a path say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The custody that decides: of the deepest place that has one. What was detached goes its own way, but for a doubt about what it
    /// was packed in.
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
        match &mut self.custody {
            None => self.custody = node.custody()?,
            Some(own) => own.lie_below(node)?,
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
        self.held().copied()
    }

    /// The custody that decides, where it stands.
    ///
    /// # Errors
    /// As [`Self::custody`].
    pub fn held(&self) -> Result<&Custody> {
        self.custody
            .as_ref()
            .ok_or_else(|| ProvenanceError::InvariantBroken.into())
    }

    /// The gravest recall of any of the places.
    pub fn recall(&self) -> Option<Recall> {
        self.recall
    }

    /// As the rulebook has it.
    pub fn as_rule(&self) -> rules::Path {
        rules::Path {
            holding: self.custody.as_ref().map(Custody::as_rule),
            recall: self.recall,
        }
    }
}

/// Every recall that the records of a path name: where recalled goods may go depends on each. `infos` are those that
/// [`Path::read`] has checked.
///
/// # Errors
/// `WrongRecord`.
pub fn recalls(infos: Infos) -> Result<Vec<Recall>> {
    in_force(infos, RecallEntry::as_rule)
}

/// The classes of the same recalls, each with the Unix second of its issue.
///
/// # Errors
/// `WrongRecord`.
pub fn recall_times(infos: Infos) -> Result<Vec<(RecallClass, i64)>> {
    in_force(infos, |entry| {
        Some((entry.as_rule()?.class, entry.issued_at))
    })
}

/// What is asked of each recall in force.
fn in_force<T>(infos: Infos, ask: impl Fn(&RecallEntry) -> Option<T>) -> Result<Vec<T>> {
    let mut recalls = Vec::new();
    for info in infos.into_iter().flatten().filter(|info| !is_absent(info)) {
        let data = info.try_borrow_data()?;
        let node: &Node = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
        recalls.extend(node.recalls.iter().filter_map(&ask));
    }
    Ok(recalls)
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
    let [case, pallet, batch] = above.map(|info| info.map(AsRef::as_ref));
    let own = Some(own.as_ref());
    // Those from the place up, and what was given for the place and those below it.
    let (infos, unneeded): (Infos, [_; 3]) = match place.level {
        Level::Pack => ([own, case, pallet, batch], [None; 3]),
        Level::Case => ([None, own, pallet, batch], [case, None, None]),
        Level::Pallet => ([None, None, own, batch], [case, pallet, None]),
        Level::Batch => ([None, None, None, own], [case, pallet, batch]),
    };
    require!(
        unneeded.iter().all(Option::is_none),
        ProvenanceError::RecordNotNeeded
    );
    let below = usize::from(level_number(place.level));
    require!(
        infos.iter().skip(below).all(Option::is_some),
        ProvenanceError::RecordMissing
    );
    Ok(infos)
}
