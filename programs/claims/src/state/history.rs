//! A member's live lines: what answers exact duplicates and frequency.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, HISTORY_CAPACITY};
use crate::error::ClaimsError;

/// Lines that are paid, payable, pended or owed by the member. Denied lines are not in it, so that a corrected
/// claim can be filed. The first `count` entries are in use, in no order.
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
    /// The entries.
    pub entries: [HistoryEntry; 128],
}

const _: () = assert!(std::mem::size_of::<History>() == 64 + 128 * 36);
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
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

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

    /// The entries in use.
    pub fn live(&self) -> &[HistoryEntry] {
        self.entries
            .get(..usize::from(self.count))
            .unwrap_or(&self.entries)
    }

    /// Entries that can still be added.
    pub fn room(&self) -> usize {
        usize::from(HISTORY_CAPACITY).saturating_sub(usize::from(self.count))
    }

    /// Drops the entries of services before `date`, but not those that lie within their own `frequency_days` of it: of these a
    /// service on that day is still asked.
    pub fn drop_before(&mut self, date: i32, frequency_days: impl Fn(&HistoryEntry) -> i32) {
        self.retain(|entry| {
            entry.service_date >= date
                || entry.service_date.saturating_add(frequency_days(entry)) > date
        });
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
        let mut count = self.count;
        let mut places = self.entries.iter_mut().skip(usize::from(count));
        for entry in entries {
            *places.next().ok_or(ClaimsError::HistoryFull)? = entry;
            count = count.saturating_add(1);
        }
        self.count = count;
        Ok(())
    }

    /// Notes of the lines entered last what later claims of their day are asked about.
    pub fn note_last(&mut self, notes: &[DayNote]) {
        let first = usize::from(self.count).saturating_sub(notes.len());
        for (entry, note) in self.entries.iter_mut().skip(first).zip(notes) {
            entry.units = note.units;
            entry.distinct = u8::from(note.distinct);
        }
    }

    /// Keeps the entries in use that `keep` says, in their order, and clears the rest.
    fn retain(&mut self, keep: impl Fn(&HistoryEntry) -> bool) {
        let used = usize::from(self.count);
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
        self.count = u16::try_from(kept).unwrap_or(self.count);
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(self.count <= HISTORY_CAPACITY, ClaimsError::InvariantBroken);
        Ok(())
    }
}
