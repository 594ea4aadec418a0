//! Benefit schedules: what is covered, at which price. Up to 10,000 codes, uploaded in chunks, then sealed.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use solana_sha256_hasher::hashv;

use crate::constants::{ACCOUNT_VERSION, MAX_BENEFITS, MAX_CATEGORIES, MAX_FREQUENCY_DAYS};
use crate::error::ClaimsError;

/// Header of a schedule; the entries follow it in the account, 32 bytes each, strictly ascending by code key.
///
/// Too large for an account that a program creates for itself (10,240 bytes), so its owner creates it with
/// `create_account_with_seed` and this program as owner, and opens it.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct BenefitSchedule {
    /// The pool whose plans may use the schedule.
    pub pool: Pubkey,
    /// The operator who opened it: appends entries, gets the rent back should it never be sealed.
    pub opener: Pubkey,
    /// SHA-256 of the entries' bytes; zeros until it is sealed.
    pub digest: [u8; 32],
    /// Number of entries.
    pub count: u32,
    /// Number of entries that the account has room for.
    pub capacity: u32,
    /// The insurer's number for the schedule.
    pub number: u16,
    /// 1 = can no longer change.
    pub sealed: u8,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 60],
}

const _: () = assert!(std::mem::size_of::<BenefitSchedule>() == 3 * 32 + 2 * 4 + 2 + 2 + 60);
// Entries hold a u64: they must start at a multiple of 8.
const _: () = assert!(BenefitSchedule::ENTRIES_OFFSET.is_multiple_of(8));

/// One code: 32 bytes.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct BenefitEntry {
    /// Keyed identifier of the procedure code; entries ascend by it as a big-endian number.
    pub code_key: [u8; 8],
    /// Fee of one unit, in cents.
    pub allowed: u64,
    /// Copay in cents; [`BenefitEntry::INHERIT_COPAY`] = the plan's.
    pub copay: u32,
    /// Members' share in basis points; [`BenefitEntry::INHERIT`] = the plan's.
    pub coinsurance_bps: u16,
    /// Days that must lie between two services, at most [`MAX_FREQUENCY_DAYS`]; 0 = no such limit.
    pub frequency_days: u16,
    /// Days of coverage before the benefit begins; [`BenefitEntry::INHERIT`] = the plan's.
    pub waiting_days: u16,
    /// Most units of a line; 0 = no such limit.
    pub max_units: u16,
    /// Category, from 1, as numbered by the plan version; 0 = none.
    pub category: u8,
    /// Bits: [`BenefitEntry::COVERED`], [`BenefitEntry::DEDUCTIBLE_APPLIES`], [`BenefitEntry::DEDUCTIBLE_WAIVED`],
    /// [`BenefitEntry::AUTHORIZATION`], [`BenefitEntry::WITH_PACK`].
    pub flags: u8,
    /// For later versions; zeros.
    pub reserved: [u8; 2],
}

const _: () = assert!(std::mem::size_of::<BenefitEntry>() == BenefitEntry::SIZE);

impl BenefitEntry {
    /// Size in bytes.
    pub const SIZE: usize = 32;
    /// `copay` of a benefit that takes the plan's.
    pub const INHERIT_COPAY: u32 = u32::MAX;
    /// `coinsurance_bps` or `waiting_days` of a benefit that takes the plan's.
    pub const INHERIT: u16 = u16::MAX;
    /// Flag: the plan covers the code.
    pub const COVERED: u8 = 1 << 0;
    /// Flag: the deductible applies. Neither this nor [`BenefitEntry::DEDUCTIBLE_WAIVED`]: as the plan's order of
    /// cost sharing has it.
    pub const DEDUCTIBLE_APPLIES: u8 = 1 << 1;
    /// Flag: the deductible does not apply.
    pub const DEDUCTIBLE_WAIVED: u8 = 1 << 2;
    /// Flag: needs an authorisation beforehand.
    pub const AUTHORIZATION: u8 = 1 << 3;
    /// Flag: a medicine that is paid only with a pack of it, by `dispense_claim`; its code key is [`BenefitEntry::product_key`].
    pub const WITH_PACK: u8 = 1 << 4;

    /// Whether a flag is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The code key of a medicine: the first eight bytes of SHA-256 of `galen product v1` ‖ 0 ‖ `opening` ‖ its GTIN (14 digits).
    /// The opening is secret until a pack of it is dispensed for a claim, which tells the GTIN as well.
    pub fn product_key(opening: &[u8; 16], gtin: &[u8; 14]) -> [u8; 8] {
        let digest = hashv(&[b"galen product v1\0", opening, gtin]).to_bytes();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        [a, b, c, d, e, f, g, h]
    }

    /// The code key as the number by which entries ascend.
    pub fn order(&self) -> u64 {
        u64::from_be_bytes(self.code_key)
    }

    /// Whether each field is within its range.
    pub fn is_valid(&self) -> bool {
        const KNOWN: u8 = BenefitEntry::COVERED
            | BenefitEntry::DEDUCTIBLE_APPLIES
            | BenefitEntry::DEDUCTIBLE_WAIVED
            | BenefitEntry::AUTHORIZATION
            | BenefitEntry::WITH_PACK;
        self.order() != 0
            && self.flags & !KNOWN == 0
            && !(self.has(Self::DEDUCTIBLE_APPLIES) && self.has(Self::DEDUCTIBLE_WAIVED))
            && self.category <= MAX_CATEGORIES
            && self.frequency_days <= MAX_FREQUENCY_DAYS
            && (self.coinsurance_bps <= 10_000 || self.coinsurance_bps == Self::INHERIT)
            && self.reserved == [0; 2]
    }
}

impl BenefitSchedule {
    /// Where the entries begin in the account, in bytes.
    pub const ENTRIES_OFFSET: usize = 8 + std::mem::size_of::<Self>();

    /// Size in bytes of an account with room for `capacity` entries.
    pub fn account_size(capacity: u32) -> Option<usize> {
        usize::try_from(capacity)
            .ok()?
            .checked_mul(BenefitEntry::SIZE)?
            .checked_add(Self::ENTRIES_OFFSET)
    }

    /// Address of the schedule that `base` creates with `seed`.
    pub fn address(base: &Pubkey, seed: &str) -> Option<Pubkey> {
        Pubkey::create_with_seed(base, seed, &crate::ID).ok()
    }

    /// Number of entries that fit an account of `size` bytes.
    ///
    /// # Errors
    /// `ScheduleSizeInvalid` where they do not fit exactly, or are none or too many.
    pub fn capacity_of(size: usize) -> Result<u32> {
        let body = size
            .checked_sub(Self::ENTRIES_OFFSET)
            .ok_or(ClaimsError::ScheduleSizeInvalid)?;
        require!(
            body.is_multiple_of(BenefitEntry::SIZE),
            ClaimsError::ScheduleSizeInvalid
        );
        let capacity = body
            .checked_div(BenefitEntry::SIZE)
            .and_then(|entries| u32::try_from(entries).ok())
            .ok_or(ClaimsError::ScheduleSizeInvalid)?;
        require!(
            (1..=MAX_BENEFITS).contains(&capacity),
            ClaimsError::ScheduleSizeInvalid
        );
        Ok(capacity)
    }

    /// A schedule as it is opened: without entries.
    pub fn new(pool: Pubkey, opener: Pubkey, number: u16, capacity: u32) -> Self {
        Self {
            pool,
            opener,
            digest: [0; 32],
            count: 0,
            capacity,
            number,
            sealed: 0,
            version: ACCOUNT_VERSION,
            reserved: [0; 60],
        }
    }

    /// Whether it can no longer change.
    pub fn is_sealed(&self) -> bool {
        self.sealed != 0
    }

    /// The bytes of all entries in an account's `data`.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn entry_bytes<'a>(&self, data: &'a [u8]) -> Result<&'a [u8]> {
        let end = Self::account_size(self.count).ok_or(ClaimsError::InvariantBroken)?;
        data.get(Self::ENTRIES_OFFSET..end)
            .ok_or_else(|| ClaimsError::InvariantBroken.into())
    }

    /// The entries in an account's `data`, in place.
    ///
    /// # Errors
    /// `InvariantBroken`, also where `data` is not aligned to 8 bytes (it always is in the program; elsewhere use
    /// [`BenefitSchedule::decode`]).
    pub fn entries<'a>(&self, data: &'a [u8]) -> Result<&'a [BenefitEntry]> {
        bytemuck::try_cast_slice(self.entry_bytes(data)?)
            .map_err(|_| ClaimsError::InvariantBroken.into())
    }

    /// Header and entries of an account's `data`, copied: for clients.
    ///
    /// # Errors
    /// Anchor's, where the account is not a schedule; `InvariantBroken`.
    pub fn decode(data: &[u8]) -> Result<(Self, Vec<BenefitEntry>)> {
        let header: Self = super::decode_zero_copy(data)?;
        let entries = header
            .entry_bytes(data)?
            .chunks_exact(BenefitEntry::SIZE)
            .map(bytemuck::pod_read_unaligned)
            .collect();
        Ok((header, entries))
    }

    /// Makes place for `added` entries at `start_index`. Returns the bytes' range in the account.
    ///
    /// # Errors
    /// `ScheduleSealed`, `ScheduleChunkEmpty`, `ScheduleChunkAlreadyUploaded`, `ScheduleChunkOutOfOrder`,
    /// `ScheduleFull`.
    pub fn extend(&mut self, start_index: u32, added: usize) -> Result<std::ops::Range<usize>> {
        require!(!self.is_sealed(), ClaimsError::ScheduleSealed);
        require!(added > 0, ClaimsError::ScheduleChunkEmpty);
        require!(
            start_index >= self.count,
            ClaimsError::ScheduleChunkAlreadyUploaded
        );
        require!(
            start_index == self.count,
            ClaimsError::ScheduleChunkOutOfOrder
        );
        let count = u32::try_from(added)
            .ok()
            .and_then(|added| self.count.checked_add(added))
            .filter(|count| *count <= self.capacity)
            .ok_or(ClaimsError::ScheduleFull)?;
        let start = Self::account_size(self.count).ok_or(ClaimsError::InvariantBroken)?;
        let end = Self::account_size(count).ok_or(ClaimsError::InvariantBroken)?;
        self.count = count;
        Ok(start..end)
    }

    /// Checks that `added`, to be written at `range` of an account's `data`, ascend, also from the entry before them.
    ///
    /// # Errors
    /// `ScheduleNotSorted`.
    pub fn check_order(
        data: &[u8],
        range: &std::ops::Range<usize>,
        added: &[BenefitEntry],
    ) -> Result<()> {
        // No valid code key is zero, so zero stands for "none before"; so does a slice that reaches into the header.
        let mut before = range
            .start
            .checked_sub(BenefitEntry::SIZE)
            .filter(|start| *start >= Self::ENTRIES_OFFSET)
            .and_then(|start| data.get(start..range.start))
            .map_or(0, |bytes| {
                bytemuck::pod_read_unaligned::<BenefitEntry>(bytes).order()
            });
        for entry in added {
            require!(entry.order() > before, ClaimsError::ScheduleNotSorted);
            before = entry.order();
        }
        Ok(())
    }

    /// Closes the schedule to change.
    ///
    /// # Errors
    /// `ScheduleSealed`, `ScheduleDigestMismatch`.
    pub fn seal(&mut self, count: u32, expected: [u8; 32], digest: [u8; 32]) -> Result<()> {
        require!(!self.is_sealed(), ClaimsError::ScheduleSealed);
        require!(
            count == self.count && count > 0 && expected == digest,
            ClaimsError::ScheduleDigestMismatch
        );
        self.digest = digest;
        self.sealed = 1;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.count <= self.capacity
                && self.capacity <= MAX_BENEFITS
                && (self.is_sealed() == (self.digest != [0; 32])),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
