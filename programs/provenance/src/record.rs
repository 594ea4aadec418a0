//! Records of places: made where they are absent, then changed.

use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::Doubt;

use crate::address::{is_absent, view, view_mut, Birth};
use crate::convert::level_number;
use crate::error::ProvenanceError;
use crate::state::{BatchPage, Node, RecallList, RecallSlot};

/// Makes the record of a place where there is none.
///
/// # Errors
/// `WrongAddress`, and those of the system program.
pub fn ensure_node<'info>(
    birth: &Birth<'_, 'info>,
    info: &AccountInfo<'info>,
    place: Subtree,
) -> Result<()> {
    if !is_absent(info) {
        return Ok(());
    }
    birth.make(info, &Node::seed(place), Node::SIZE, Node::DISCRIMINATOR)?;
    let mut data = info.try_borrow_mut_data()?;
    view_mut::<Node>(&mut data)?.begin(birth.batch.key(), place, *birth.payer.key);
    Ok(())
}

/// Changes the record of a place, and checks it.
///
/// # Errors
/// `WrongRecord`, `InvariantBroken`, and those of `change`.
pub fn change_node<T>(
    info: &AccountInfo,
    batch: &Pubkey,
    place: Subtree,
    change: impl FnOnce(&mut Node) -> Result<T>,
) -> Result<T> {
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    let mut data = info.try_borrow_mut_data()?;
    let node: &mut Node = view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
    require!(node.is_at(batch, place), ProvenanceError::WrongRecord);
    let result = change(node)?;
    node.invariant()?;
    Ok(result)
}

/// Makes the list of further recalls of a place where there is none.
///
/// # Errors
/// `WrongAddress`, and those of the system program.
pub fn ensure_recall_list<'info>(
    birth: &Birth<'_, 'info>,
    info: &AccountInfo<'info>,
    place: Subtree,
) -> Result<()> {
    if !is_absent(info) {
        return Ok(());
    }
    birth.make(
        info,
        &RecallList::seed(place),
        RecallList::SIZE,
        RecallList::DISCRIMINATOR,
    )?;
    let mut data = info.try_borrow_mut_data()?;
    view_mut::<RecallList>(&mut data)?.begin(birth.batch.key(), place, *birth.payer.key);
    Ok(())
}

/// Changes the record of a place, and with it the list of its further recalls, where that is given.
///
/// # Errors
/// Those of [`change_node`].
pub fn change_recalls<T>(
    node: &AccountInfo,
    list: Option<&AccountInfo>,
    batch: &Pubkey,
    place: Subtree,
    change: impl FnOnce(&mut Node, Option<&mut RecallList>) -> Result<T>,
) -> Result<T> {
    let Some(list) = list else {
        return change_node(node, batch, place, |node| change(node, None));
    };
    require_keys_eq!(*list.owner, crate::ID, ProvenanceError::WrongRecord);
    let mut data = list.try_borrow_mut_data()?;
    let list: &mut RecallList = view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
    require!(
        list.is_at(batch, level_number(place.level), place.index),
        ProvenanceError::WrongRecord
    );
    change_node(node, batch, place, |node| change(node, Some(list)))
}

/// Whether a recall by `issuer` concerns the list of further recalls of a place.
///
/// # Errors
/// `WrongRecord`.
pub fn needs_recall_list(
    info: &AccountInfo,
    batch: &Pubkey,
    place: Subtree,
    slot: RecallSlot,
    issuer: &Pubkey,
) -> Result<bool> {
    if is_absent(info) {
        return Ok(false);
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    let data = info.try_borrow_data()?;
    let node: &Node = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
    require!(node.is_at(batch, place), ProvenanceError::WrongRecord);
    Ok(node.needs_list(slot, issuer))
}

/// Whether the pack at `index` is marked as dispensed on its page.
///
/// # Errors
/// `RecordMissing` without a page, `WrongPage`.
pub fn is_marked(
    page: Option<&AccountLoader<BatchPage>>,
    batch: &Pubkey,
    index: u64,
) -> Result<bool> {
    let info = page
        .ok_or(ProvenanceError::RecordMissing)?
        .to_account_info();
    let data = info.try_borrow_data()?;
    let header: &BatchPage = view(&data)?;
    header.require_covers(batch, index)?;
    BatchPage::bit(&data, header.height, index)
}

/// The doubt that stayed at a place when what is there was destroyed, stolen or taken out, and who has the say over it; none where there
/// is no such doubt.
///
/// # Errors
/// `WrongRecord`, `InvariantBroken`.
pub fn doubt_left(
    info: &AccountInfo,
    batch: &Pubkey,
    place: Subtree,
) -> Result<Option<(Doubt, Pubkey)>> {
    if is_absent(info) {
        return Ok(None);
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    let data = info.try_borrow_data()?;
    let node: &Node = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
    require!(node.is_at(batch, place), ProvenanceError::WrongRecord);
    let doubt = node.doubt()?.filter(|_| node.is_doubt_left());
    Ok(doubt.map(|doubt| (doubt, node.set_aside_by)))
}

/// Units taken out of the pack at a place so far.
///
/// # Errors
/// `WrongRecord`.
pub fn units_taken(info: &AccountInfo, batch: &Pubkey, place: Subtree) -> Result<u32> {
    if is_absent(info) {
        return Ok(0);
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    let data = info.try_borrow_data()?;
    let node: &Node = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
    require!(node.is_at(batch, place), ProvenanceError::WrongRecord);
    Ok(node.units_taken)
}

/// Sets or clears the bit of the pack at `index`, and counts it.
///
/// # Errors
/// `WrongPage`, `InvariantBroken`.
pub fn mark(info: &AccountInfo, index: u64, value: bool) -> Result<()> {
    let mut data = info.try_borrow_mut_data()?;
    let height = {
        let header: &mut BatchPage = view_mut(&mut data)?;
        header.count(value)?;
        header.invariant()?;
        header.height
    };
    BatchPage::set_bit(&mut data, height, index, value)
}
