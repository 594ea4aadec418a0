//! A member's live lines: what answers exact duplicates and frequency.

use anchor_lang::prelude::*;

use bytemuck::{Pod, Zeroable};

use crate::constants::{ACCOUNT_VERSION, HISTORY_DAYS, HISTORY_PAGE, MAX_HISTORY};
use crate::error::ClaimsError;

/// Lines that are paid, payable, pended or owed by the member. Denied lines are not in it, so that a corrected
/// claim can be filed. The first `count` entries are in use, in no order.
///
/// It begins with one page of 128 entries, which is what this type shows. What it has grown by follows in the account, entry
/// after entry: [`HistoryPages`] has all of them.
///
/// # PDA Seeds
/// `["history", member]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct History {
    /// The member.
    pub member: Pubkey,
    /// Entries in use.
    pub count: u16,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 28],
    /// The entries of the first page.
    pub entries: [HistoryEntry; 128],
}

const _: () = assert!(std::mem::size_of::<History>() == 64 + 128 * 36);
const _: () = assert!(std::mem::size_of::<Head>() == 64);
// A growth is one instruction, in which an account gets 10,240 bytes at most.
const _: () = assert!(HISTORY_PAGE as usize * HistoryEntry::SIZE <= 10_240);

/// What stands before the entries, as the account has it.
#[derive(Pod, Zeroable, Clone, Copy)]
#[repr(C)]
struct Head {
    member: [u8; 32],
    count: u16,
    version: u8,
    bump: u8,
    reserved: [u8; 28],
}

/// All entries of a history, in its account's data. That the account is a history has been checked when it was loaded.
pub struct HistoryPages<'a> {
    head: &'a mut Head,
    entries: &'a mut [HistoryEntry],
}
// Created by the program itself, in a call that stops here.
const _: () = assert!(History::SIZE <= 10_240);

/// One live line: 36 bytes.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Keyed identifier of the procedure code.
    pub code_key: [u8; 8],
    /// First bytes of the provider's organisation account.
    pub provider_tag: [u8; 8],
    /// First bytes of the claim's account.
    pub claim_tag: [u8; 8],
    /// Keyed identifier of the modifiers; zeros = none.
    pub modifiers: [u8; 4],
    /// Service date, in days since 1970-01-01.
    pub service_date: i32,
    /// Units, where the plan limits those of a day; else 0.
    pub units: u16,
    /// 1 = a modifier says that the service was distinct from others of its day, where the plan has pairs of codes that it lifts.
    pub distinct: u8,
    /// For later versions; zero.
    pub reserved: u8,
}

/// What later claims are asked of a live line of the same day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayNote {
    /// Its units, where the plan limits those of a day; else 0.
    pub units: u16,
    /// Whether a modifier says that it was distinct.
    pub distinct: bool,
}

impl HistoryEntry {
    /// Size in bytes.
    pub const SIZE: usize = std::mem::size_of::<Self>();

    /// The tag of a provider's organisation account.
    pub fn provider_tag(provider: &Pubkey) -> [u8; 8] {
        first_bytes(provider)
    }

    /// The tag of a claim's account.
    pub fn claim_tag(claim: &Pubkey) -> [u8; 8] {
        first_bytes(claim)
    }
}

/// The first bytes of a key.
pub(super) fn first_bytes(key: &Pubkey) -> [u8; 8] {
    let mut tag = [0; 8];
    for (to, from) in tag.iter_mut().zip(key.as_ref()) {
        *to = *from;
    }
    tag
}

impl History {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"history";
    /// Size of the account in bytes as it begins.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();
    /// Where the entries begin in the account, in bytes.
    pub const ENTRIES_OFFSET: usize = 8 + std::mem::size_of::<Head>();

    /// Address of the history of `member`, and its bump.
    pub fn find_address(member: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, member.as_ref()], &crate::ID)
    }

    /// Begins an empty history in an account of zeros. (The whole struct would not fit a stack frame.)
    pub fn begin(&mut self, bump: u8, member: Pubkey) {
        self.member = member;
        self.count = 0;
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
    }

    /// The entries in use in an account's `data`, in place.
    ///
    /// # Errors
    /// `InvariantBroken`, also where `data` is not aligned to 4 bytes (it always is in the program; elsewhere use
    /// [`History::decode`]).
    pub fn live(data: &[u8]) -> Result<&[HistoryEntry]> {
        let broken = || ClaimsError::InvariantBroken;
        let (head, entries) = data
            .split_at_checked(Self::ENTRIES_OFFSET)
            .ok_or_else(broken)?;
        let head = head.get(8..).ok_or_else(broken)?;
        let head: &Head = bytemuck::try_from_bytes(head).map_err(|_| broken())?;
        let entries: &[HistoryEntry] = bytemuck::try_cast_slice(entries).map_err(|_| broken())?;
        entries
            .get(..usize::from(head.count))
            .ok_or_else(|| broken().into())
    }

    /// The entries in use in an account's `data`, copied: for clients.
    ///
    /// # Errors
    /// `InvariantBroken` where they are not all there.
    pub fn decode(data: &[u8]) -> Result<Vec<HistoryEntry>> {
        let broken = || ClaimsError::InvariantBroken;
        let (head, entries) = data
            .split_at_checked(Self::ENTRIES_OFFSET)
            .ok_or_else(broken)?;
        let head: Head = bytemuck::pod_read_unaligned(head.get(8..).ok_or_else(broken)?);
        let used = usize::from(head.count)
            .checked_mul(HistoryEntry::SIZE)
            .ok_or_else(broken)?;
        let entries = entries.get(..used).ok_or_else(broken)?;
        Ok(entries
            .chunks_exact(HistoryEntry::SIZE)
            .map(bytemuck::pod_read_unaligned)
            .collect())
    }

    /// Takes the lines of a claim out.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn remove_claim(
        history: &AccountLoader<Self>,
        claim: &Pubkey,
        provider: &Pubkey,
    ) -> Result<()> {
        let mut data = history.as_ref().try_borrow_mut_data()?;
        let mut pages = HistoryPages::of(&mut data)?;
        pages.remove_claim(claim, provider);
        pages.invariant()
    }
}

/// Writes entries into places that are free; how many.
// On its own: of a slice that a function is given nothing else points into it, so an entry is written where it belongs and not
// put together elsewhere first.
fn write(free: &mut [HistoryEntry], entries: impl Iterator<Item = HistoryEntry>) -> Result<u16> {
    let room = free.len();
    let mut places = free.iter_mut();
    for entry in entries {
        *places.next().ok_or(ClaimsError::HistoryFull)? = entry;
    }
    let entered = room.saturating_sub(places.len());
    u16::try_from(entered).map_err(|_| ClaimsError::HistoryFull.into())
}

impl<'a> HistoryPages<'a> {
    /// Those in the `data` of a history's account.
    ///
    /// # Errors
    /// `InvariantBroken` where they do not fill it.
    pub fn of(data: &'a mut [u8]) -> Result<Self> {
        let broken = || ClaimsError::InvariantBroken;
        let (head, entries) = data
            .split_at_mut_checked(History::ENTRIES_OFFSET)
            .ok_or_else(broken)?;
        let head = head.get_mut(8..).ok_or_else(broken)?;
        Ok(Self {
            head: bytemuck::try_from_bytes_mut(head).map_err(|_| broken())?,
            entries: bytemuck::try_cast_slice_mut(entries).map_err(|_| broken())?,
        })
    }

    /// Entries for which there is a place.
    pub fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// Entries that can still be added.
    pub fn room(&self) -> usize {
        self.capacity().saturating_sub(usize::from(self.head.count))
    }

    /// Drops the entries that no rule asks about any more on the day `today`: those of services more than `HISTORY_DAYS` ago.
    pub fn drop_old(&mut self, today: i32) {
        let oldest = today.saturating_sub(HISTORY_DAYS);
        self.retain(|entry| entry.service_date >= oldest);
    }

    /// Takes the lines of a claim out.
    pub fn remove_claim(&mut self, claim: &Pubkey, provider: &Pubkey) {
        let claim_tag = HistoryEntry::claim_tag(claim);
        let provider_tag = HistoryEntry::provider_tag(provider);
        self.retain(|entry| entry.claim_tag != claim_tag || entry.provider_tag != provider_tag);
    }

    /// Adds lines.
    ///
    /// # Errors
    /// `HistoryFull`.
    pub fn enter(&mut self, entries: impl Iterator<Item = HistoryEntry>) -> Result<()> {
        let used = usize::from(self.head.count);
        let free = self.entries.get_mut(used..).unwrap_or_default();
        let entered = write(free, entries)?;
        self.head.count = self.head.count.saturating_add(entered);
        Ok(())
    }

    /// Notes of the lines entered last what later claims of their day are asked about.
    pub fn note_last(&mut self, notes: &[DayNote]) {
        let first = usize::from(self.head.count).saturating_sub(notes.len());
        for (entry, note) in self.entries.iter_mut().skip(first).zip(notes) {
            entry.units = note.units;
            entry.distinct = u8::from(note.distinct);
        }
    }

    /// Keeps the entries in use that `keep` says, in their order, and clears the rest.
    fn retain(&mut self, keep: impl Fn(&HistoryEntry) -> bool) {
        let used = usize::from(self.head.count);
        let mut kept: usize = 0;
        for index in 0..used {
            let Some(entry) = self.entries.get(index).copied() else {
                break;
            };
            if keep(&entry) {
                if let Some(place) = self.entries.get_mut(kept) {
                    *place = entry;
                }
                kept = kept.saturating_add(1);
            }
        }
        for entry in self.entries.iter_mut().take(used).skip(kept) {
            *entry = HistoryEntry::default();
        }
        // `kept` is at most `count`, which is a u16.
        self.head.count = u16::try_from(kept).unwrap_or(self.head.count);
    }

    /// The size in bytes of the account with another page.
    ///
    /// # Errors
    /// `HistoryHasRoom` where half a page is free, `HistoryAtLargest`.
    pub fn size_with_another(&self) -> Result<usize> {
        let page = usize::from(HISTORY_PAGE);
        require!(self.room() < page / 2, ClaimsError::HistoryHasRoom);
        let capacity = self.capacity().saturating_add(page);
        require!(
            capacity <= usize::from(MAX_HISTORY),
            ClaimsError::HistoryAtLargest
        );
        Ok(capacity
            .saturating_mul(HistoryEntry::SIZE)
            .saturating_add(History::ENTRIES_OFFSET))
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let capacity = self.capacity();
        require!(
            usize::from(self.head.count) <= capacity && capacity <= usize::from(MAX_HISTORY),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
