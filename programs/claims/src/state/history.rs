//! A member's live lines, which answer exact duplicates and frequency, and the lines that a person has denied.

use anchor_lang::prelude::*;

use bytemuck::{Pod, Zeroable};

use crate::constants::{ACCOUNT_VERSION, HISTORY_DAYS, HISTORY_PAGE, MAX_HISTORY};
use crate::error::ClaimsError;

use super::{Claim, ClaimLine};

/// The first `count` entries are live lines: those that are paid, payable, pended or owed by the member. Denied lines are not among
/// them, so that a corrected claim can be filed. Behind them stand `denied` entries of lines that a person at the insurer has denied:
/// they answer nothing but whether somebody looks before what is filed for the same visit is paid. Both are in no order.
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
    /// Live lines, the first entries.
    pub count: u16,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Lines that a person at the insurer has denied, the entries behind the live ones.
    pub denied: u16,
    /// 1 = a service of one of the entries took several days. Of the others only the first day is asked about.
    pub has_stays: u8,
    /// For later versions.
    pub reserved: [u8; 25],
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
    denied: u16,
    has_stays: u8,
    reserved: [u8; 25],
}

impl Head {
    /// Entries in use, of live lines and of denied ones.
    fn used(&self) -> usize {
        usize::from(self.count).saturating_add(self.denied.into())
    }
}

/// All entries of a history, in its account's data. That the account is a history has been checked when it was loaded.
pub struct HistoryPages<'a> {
    head: &'a mut Head,
    entries: &'a mut [HistoryEntry],
}
// Created by the program itself, in a call that stops here.
const _: () = assert!(History::SIZE <= 10_240);

/// One line: 36 bytes.
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
    /// Days after the service date on which the service went on; 255 = so many or more.
    pub further_days: u8,
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

    /// A line of a claim, of whose day nothing is noted, and which takes no further.
    #[inline(always)]
    pub fn of(line: &ClaimLine, provider_tag: [u8; 8], claim_tag: [u8; 8]) -> Self {
        Self {
            code_key: line.code_key,
            provider_tag,
            claim_tag,
            modifiers: line.modifiers,
            service_date: line.service_date,
            units: 0,
            distinct: 0,
            further_days: 0,
        }
    }

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
        self.denied = 0;
        self.has_stays = 0;
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
    }

    /// Whether a service of one of the entries in an account's `data` took several days.
    // One byte, which every claim asks for: that the data are a history has been checked.
    #[inline(always)]
    pub fn has_stays(data: &[u8]) -> bool {
        const AT: usize = 8 + std::mem::offset_of!(Head, has_stays);
        data.get(AT).is_some_and(|byte| *byte != 0)
    }

    /// The live lines in an account's `data`, in place.
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

    /// The live lines in an account's `data`, copied: for clients.
    ///
    /// # Errors
    /// `InvariantBroken` where they are not all there.
    pub fn decode(data: &[u8]) -> Result<Vec<HistoryEntry>> {
        Ok(Self::decode_used(data)?.0)
    }

    /// The lines in an account's `data` that a person at the insurer has denied, copied: for clients.
    ///
    /// # Errors
    /// `InvariantBroken` where they are not all there.
    pub fn decode_denied(data: &[u8]) -> Result<Vec<HistoryEntry>> {
        Ok(Self::decode_used(data)?.1)
    }

    fn decode_used(data: &[u8]) -> Result<(Vec<HistoryEntry>, Vec<HistoryEntry>)> {
        let broken = || ClaimsError::InvariantBroken;
        let (head, entries) = data
            .split_at_checked(Self::ENTRIES_OFFSET)
            .ok_or_else(broken)?;
        let head: Head = bytemuck::pod_read_unaligned(head.get(8..).ok_or_else(broken)?);
        let used = head
            .used()
            .checked_mul(HistoryEntry::SIZE)
            .ok_or_else(broken)?;
        let entries = entries.get(..used).ok_or_else(broken)?;
        let mut live: Vec<HistoryEntry> = entries
            .chunks_exact(HistoryEntry::SIZE)
            .map(bytemuck::pod_read_unaligned)
            .collect();
        let denied = live.split_off(head.count.into());
        Ok((live, denied))
    }

    /// Takes the lines of a claim out, live and denied.
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

    /// Notes on the day `today` these lines of a claim, bits by index, which a person at the insurer denies with the whole of it. Those
    /// for which there is no room are left out: nothing holds a denial up, and what is filed again waits as long as the history is
    /// full.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn note_denied(
        history: &AccountLoader<Self>,
        claim: &Claim,
        claim_key: &Pubkey,
        lines: u16,
        today: i32,
    ) -> Result<()> {
        let mut data = history.as_ref().try_borrow_mut_data()?;
        let mut pages = HistoryPages::of(&mut data)?;
        // At most sixteen.
        if pages.room() < lines.count_ones() as usize {
            pages.drop_old(today);
        }
        let room = pages.room();
        pages.enter_denied(claim.history_entries(claim_key, lines).take(room))?;
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
        self.capacity().saturating_sub(self.head.used())
    }

    /// Drops the entries that no rule asks about any more on the day `today`: those of services more than `HISTORY_DAYS` ago.
    pub fn drop_old(&mut self, today: i32) {
        let oldest = today.saturating_sub(HISTORY_DAYS);
        self.retain(|entry| entry.service_date >= oldest);
    }

    /// The lines that a person at the insurer has denied.
    #[inline(always)]
    pub fn denied(&self) -> &[HistoryEntry] {
        // Few members have any: the others are asked no more than this.
        if self.head.denied == 0 {
            return &[];
        }
        let denied = usize::from(self.head.count)..self.head.used();
        self.entries.get(denied).unwrap_or_default()
    }

    /// Takes the lines of a claim out, live and denied.
    pub fn remove_claim(&mut self, claim: &Pubkey, provider: &Pubkey) {
        let claim_tag = HistoryEntry::claim_tag(claim);
        let provider_tag = HistoryEntry::provider_tag(provider);
        self.retain(|entry| entry.claim_tag != claim_tag || entry.provider_tag != provider_tag);
    }

    /// Adds live lines.
    ///
    /// # Errors
    /// `HistoryFull`.
    pub fn enter(&mut self, entries: impl Iterator<Item = HistoryEntry>) -> Result<()> {
        let used = self.head.used();
        let free = self.entries.get_mut(used..).unwrap_or_default();
        let entered = write(free, entries)?;
        if self.head.denied != 0 {
            self.put_denied_behind(entered);
        }
        self.head.count = self.head.count.saturating_add(entered);
        Ok(())
    }

    /// Puts the denied lines behind so many that were written after them.
    #[cold]
    #[inline(never)]
    fn put_denied_behind(&mut self, entered: u16) {
        let denied = usize::from(self.head.denied);
        let both = usize::from(self.head.count)..self.head.used().saturating_add(entered.into());
        if let Some(both) = self.entries.get_mut(both) {
            both.rotate_left(denied);
        }
    }

    /// Adds lines that a person at the insurer has denied.
    ///
    /// # Errors
    /// `HistoryFull`.
    pub fn enter_denied(&mut self, entries: impl Iterator<Item = HistoryEntry>) -> Result<()> {
        let used = self.head.used();
        let free = self.entries.get_mut(used..).unwrap_or_default();
        let entered = write(free, entries)?;
        self.head.denied = self.head.denied.saturating_add(entered);
        self.look_for_stays();
        Ok(())
    }

    /// Notes of the live lines entered last on how many further days each went on.
    pub fn note_stays(&mut self, further_days: &[u8]) {
        let first = usize::from(self.head.count).saturating_sub(further_days.len());
        for (entry, days) in self.entries.iter_mut().skip(first).zip(further_days) {
            entry.further_days = *days;
        }
        self.look_for_stays();
    }

    /// Sees whether a service of one of the entries took several days.
    fn look_for_stays(&mut self) {
        let mut used = self.entries.iter().take(self.head.used());
        self.head.has_stays = used.any(|entry| entry.further_days != 0).into();
    }

    /// Notes of the live lines entered last what later claims of their day are asked about.
    pub fn note_last(&mut self, notes: &[DayNote]) {
        let first = usize::from(self.head.count).saturating_sub(notes.len());
        for (entry, note) in self.entries.iter_mut().skip(first).zip(notes) {
            entry.units = note.units;
            entry.distinct = u8::from(note.distinct);
        }
    }

    /// Keeps the entries in use that `keep` says, in their order, and clears the rest.
    fn retain(&mut self, keep: impl Fn(&HistoryEntry) -> bool) {
        let (count, used) = (usize::from(self.head.count), self.head.used());
        let live = self.compact(0..count, 0, &keep);
        let kept = self.compact(count..used, live, &keep);
        for entry in self.entries.iter_mut().take(used).skip(kept) {
            *entry = HistoryEntry::default();
        }
        // No more than there were, which are u16.
        self.head.count = u16::try_from(live).unwrap_or(self.head.count);
        self.head.denied = u16::try_from(kept.saturating_sub(live)).unwrap_or(self.head.denied);
        // Few members have had any: the others are not looked through.
        if self.head.has_stays != 0 {
            self.look_for_stays();
        }
    }

    /// Moves the entries `of` these that `keep` says to `to` and on, which is not behind them, in their order; where they end.
    fn compact(
        &mut self,
        of: std::ops::Range<usize>,
        to: usize,
        keep: &impl Fn(&HistoryEntry) -> bool,
    ) -> usize {
        let mut end = to;
        for index in of {
            let Some(entry) = self.entries.get(index).copied() else {
                break;
            };
            if keep(&entry) {
                if let Some(place) = self.entries.get_mut(end) {
                    *place = entry;
                }
                end = end.saturating_add(1);
            }
        }
        end
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
            self.head.used() <= capacity && capacity <= usize::from(MAX_HISTORY),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries that there is room for.
    const PLACES: usize = 40;

    fn entry(n: u8, claim: u8, day: i32) -> HistoryEntry {
        HistoryEntry {
            code_key: [n; 8],
            provider_tag: HistoryEntry::provider_tag(&provider()),
            claim_tag: HistoryEntry::claim_tag(&key(claim)),
            service_date: day,
            ..HistoryEntry::default()
        }
    }

    fn key(claim: u8) -> Pubkey {
        Pubkey::new_from_array([claim; 32])
    }

    fn provider() -> Pubkey {
        Pubkey::new_from_array([99; 32])
    }

    /// What a history of [`PLACES`] holds.
    struct Kept {
        head: Head,
        entries: Vec<HistoryEntry>,
    }

    impl Kept {
        fn pages(&mut self) -> HistoryPages<'_> {
            HistoryPages {
                head: &mut self.head,
                entries: &mut self.entries,
            }
        }

        /// The account, live and denied lines read from it; what is behind them is zeros.
        #[track_caller]
        fn read(&self) -> (Vec<HistoryEntry>, Vec<HistoryEntry>) {
            let data = [
                &[0; 8],
                bytemuck::bytes_of(&self.head),
                bytemuck::cast_slice(&self.entries),
            ]
            .concat();
            let used = self.head.used();
            let empty = HistoryEntry::default();
            assert!(self.entries[used..].iter().all(|entry| *entry == empty));
            (
                History::decode(&data).unwrap(),
                History::decode_denied(&data).unwrap(),
            )
        }
    }

    fn sorted(mut entries: Vec<HistoryEntry>) -> Vec<[u8; 36]> {
        entries.sort_unstable_by_key(|entry| bytemuck::cast::<_, [u8; 36]>(*entry));
        entries.into_iter().map(bytemuck::cast).collect()
    }

    /// Claims ask for more where a service of several days is among the entries, and no longer once it is not.
    #[test]
    fn a_service_of_several_days_is_known_as_long_as_it_is_there() {
        let mut kept = Kept {
            head: Head::zeroed(),
            entries: vec![HistoryEntry::default(); PLACES],
        };
        let has_stays =
            |kept: &Kept| History::has_stays(&[&[0; 8], bytemuck::bytes_of(&kept.head)].concat());
        let enter = |kept: &mut Kept, claim| {
            let lines = [entry(1, claim, 1), entry(2, claim, 1)];
            kept.pages().enter(lines.into_iter()).unwrap();
        };
        enter(&mut kept, 1);
        assert!(!has_stays(&kept));
        enter(&mut kept, 2);
        kept.pages().note_stays(&[0, 9]);
        assert!(has_stays(&kept));
        let days = |kept: &Kept| -> Vec<u8> {
            kept.read()
                .0
                .iter()
                .map(|entry| entry.further_days)
                .collect()
        };
        assert_eq!(days(&kept), [0, 0, 0, 9]);
        kept.pages().remove_claim(&key(1), &provider());
        assert!(has_stays(&kept));
        kept.pages().remove_claim(&key(2), &provider());
        assert!(!has_stays(&kept));
        // So of a line that a person has denied.
        let stay = HistoryEntry {
            further_days: 255,
            ..entry(1, 3, 1)
        };
        kept.pages().enter_denied([stay].into_iter()).unwrap();
        assert!(has_stays(&kept));
        kept.pages().drop_old(2 + HISTORY_DAYS);
        assert!(!has_stays(&kept));
    }

    /// Whatever is entered and taken out in whatever order: live lines stand first, denied ones behind them, and neither is lost or
    /// taken for the other.
    #[test]
    fn live_and_denied_lines_are_kept_apart() {
        let mut kept = Kept {
            head: Head::zeroed(),
            entries: vec![HistoryEntry::default(); PLACES],
        };
        let (mut live, mut denied) = (Vec::new(), Vec::new());
        let mut state: u32 = 7;
        let mut dice = |sides: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % sides
        };
        let (mut refused, mut both) = (0, 0);
        for step in 0..4_000 {
            let claim = u8::try_from(dice(12)).unwrap();
            let lines: Vec<_> = (0..dice(5))
                .map(|n| {
                    entry(
                        u8::try_from(n).unwrap(),
                        claim,
                        i32::try_from(dice(30)).unwrap(),
                    )
                })
                .collect();
            let room = PLACES - live.len() - denied.len();
            assert_eq!(kept.pages().room(), room);
            match dice(6) {
                0 => {
                    kept.pages().remove_claim(&key(claim), &provider());
                    let tag = HistoryEntry::claim_tag(&key(claim));
                    for list in [&mut live, &mut denied] {
                        list.retain(|entry: &HistoryEntry| entry.claim_tag != tag);
                    }
                }
                1 if step % 5 == 0 => {
                    let oldest = i32::try_from(dice(12)).unwrap();
                    kept.pages().drop_old(oldest + HISTORY_DAYS);
                    for list in [&mut live, &mut denied] {
                        list.retain(|entry: &HistoryEntry| entry.service_date >= oldest);
                    }
                }
                _ if lines.len() > room => refused += 1,
                2 | 3 => {
                    kept.pages()
                        .enter_denied(lines.clone().into_iter())
                        .unwrap();
                    denied.extend(lines);
                }
                _ => {
                    kept.pages().enter(lines.clone().into_iter()).unwrap();
                    let notes = vec![
                        DayNote {
                            units: 3,
                            distinct: true,
                        };
                        lines.len()
                    ];
                    kept.pages().note_last(&notes);
                    live.extend(lines.into_iter().map(|entry| HistoryEntry {
                        units: 3,
                        distinct: 1,
                        ..entry
                    }));
                }
            }
            kept.pages().invariant().unwrap();
            let read = kept.read();
            assert_eq!(sorted(read.0), sorted(live.clone()), "step {step}");
            assert_eq!(sorted(read.1), sorted(denied.clone()), "step {step}");
            let in_place = kept.pages().denied().to_vec();
            assert_eq!(sorted(in_place), sorted(denied.clone()), "step {step}");
            both += u32::from(live.len() > 5 && denied.len() > 5);
        }
        assert!(refused > 100 && both > 100, "{refused} {both}");
        let lines = || vec![entry(1, 1, 1); PLACES + 1].into_iter();
        assert!(kept.pages().enter_denied(lines()).is_err());
        assert!(kept.pages().enter(lines()).is_err());
    }
}
