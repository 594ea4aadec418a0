//! Cohorts: pages of participants. A page's bits are the receipts of what was attested and paid.

use anchor_lang::prelude::*;

use super::Participant;
use crate::constants::{ACCOUNT_VERSION, MAX_COHORT};
use crate::error::TrialsError;

/// Header of a page; the participants follow it in the account, [`Participant::SIZE`] bytes each.
///
/// Too large for an account that a program creates for itself (10,240 bytes), so the site's operator creates it with
/// `create_account_with_seed` and this program as owner, and opens it.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The trial.
    pub trial: Pubkey,
    /// The site's account.
    pub site: Pubkey,
    /// Who opened it and paid its rent.
    pub opener: Pubkey,
    /// Number of participants.
    pub count: u16,
    /// Number of participants that the account has room for.
    pub capacity: u16,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 27],
}

const _: () = assert!(std::mem::size_of::<Cohort>() == 96 + 32);
// Participants hold u64s: they must start at a multiple of 8.
const _: () = assert!(Cohort::PARTICIPANTS_OFFSET.is_multiple_of(8));

impl Cohort {
    /// Where the participants begin in the account, in bytes.
    pub const PARTICIPANTS_OFFSET: usize = 8 + std::mem::size_of::<Self>();

    /// Size in bytes of an account with room for `capacity` participants.
    pub fn account_size(capacity: u16) -> Option<usize> {
        usize::from(capacity)
            .checked_mul(Participant::SIZE)?
            .checked_add(Self::PARTICIPANTS_OFFSET)
    }

    /// Address of the cohort that `base` creates with `seed`.
    pub fn address(base: &Pubkey, seed: &str) -> Option<Pubkey> {
        Pubkey::create_with_seed(base, seed, &crate::ID).ok()
    }

    /// Number of participants that fit an account of `size` bytes.
    ///
    /// # Errors
    /// `CohortSizeInvalid` where they do not fit exactly, or are none or too many.
    pub fn capacity_of(size: usize) -> Result<u16> {
        size.checked_sub(Self::PARTICIPANTS_OFFSET)
            .filter(|body| body.is_multiple_of(Participant::SIZE))
            .and_then(|body| body.checked_div(Participant::SIZE))
            .and_then(|count| u16::try_from(count).ok())
            .filter(|count| (1..=MAX_COHORT).contains(count))
            .ok_or_else(|| TrialsError::CohortSizeInvalid.into())
    }

    /// A page as it is opened: empty.
    pub fn new(trial: Pubkey, site: Pubkey, opener: Pubkey, capacity: u16) -> Self {
        Self {
            trial,
            site,
            opener,
            count: 0,
            capacity,
            version: ACCOUNT_VERSION,
            reserved: [0; 27],
        }
    }

    /// Takes the next index.
    ///
    /// # Errors
    /// `CohortFull`.
    pub fn take_index(&mut self) -> Result<u16> {
        require!(self.count < self.capacity, TrialsError::CohortFull);
        let index = self.count;
        self.count = self.count.saturating_add(1);
        Ok(index)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.count <= self.capacity && self.capacity <= MAX_COHORT,
            TrialsError::InvariantBroken
        );
        Ok(())
    }

    /// Participant `index` in the account's `data`.
    ///
    /// # Errors
    /// `ParticipantUnknown`.
    pub fn participant(data: &mut [u8], index: u16) -> Result<&mut Participant> {
        let count = Self::count_in(data);
        require!(index < count, TrialsError::ParticipantUnknown);
        Self::place(data, index)
    }

    /// The place of participant `index` in the account's `data`, in use or not.
    ///
    /// # Errors
    /// `ParticipantUnknown`.
    pub fn place(data: &mut [u8], index: u16) -> Result<&mut Participant> {
        let start = Self::account_size(index).ok_or(TrialsError::ParticipantUnknown)?;
        let end = start
            .checked_add(Participant::SIZE)
            .ok_or(TrialsError::ParticipantUnknown)?;
        data.get_mut(start..end)
            .and_then(|bytes| bytemuck::try_from_bytes_mut(bytes).ok())
            .ok_or_else(|| TrialsError::ParticipantUnknown.into())
    }

    /// The participants of the page in the account's `data`, to be changed: what pays many looks for the page once.
    ///
    /// # Errors
    /// `ParticipantUnknown`.
    pub fn participants_mut(data: &mut [u8]) -> Result<&mut [Participant]> {
        let end = Self::account_size(Self::count_in(data));
        end.and_then(|end| data.get_mut(Self::PARTICIPANTS_OFFSET..end))
            .and_then(|bytes| bytemuck::try_cast_slice_mut(bytes).ok())
            .ok_or_else(|| TrialsError::ParticipantUnknown.into())
    }

    /// All participants of the page in the account's `data`.
    pub fn participants(data: &[u8]) -> impl Iterator<Item = Participant> + '_ {
        data.get(Self::PARTICIPANTS_OFFSET..)
            .unwrap_or_default()
            .chunks_exact(Participant::SIZE)
            .take(usize::from(Self::count_in(data)))
            .map(bytemuck::pod_read_unaligned)
    }

    /// Header and participants of a page, copied: for clients and tests.
    ///
    /// # Errors
    /// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
    pub fn decode(data: &[u8]) -> Result<(Self, Vec<Participant>)> {
        let header: Self = super::decode_zero_copy(data)?;
        Ok((header, Self::participants(data).collect()))
    }

    /// The number of participants that the header in `data` states.
    fn count_in(data: &[u8]) -> u16 {
        const COUNT: usize = 8 + 96;
        match data.get(COUNT..) {
            Some([low, high, ..]) => u16::from_le_bytes([*low, *high]),
            _ => 0,
        }
    }
}
