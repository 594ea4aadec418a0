//! Addresses by position, and the accounts at them.
//!
//! A record's address is `create_with_seed(batch, seed, program)`: one SHA-256 over the batch's address, a text that names
//! the place, and this program. Unlike the address of a PDA it has no bump to search for or to be lied about, so that
//! an absent record is proved by one hash. Only this program can make an account there, since the batch's own address
//! must sign for it, and that is a PDA.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed_unchecked;
use anchor_lang::system_program;
use galen_chain::rent;
use galen_rules::merkle::{Hasher, Subtree};

use crate::convert::level_number;
use crate::error::ProvenanceError;
use crate::hashing::Sha;
use crate::state::Batch;

/// Bytes of a seed: what it is, the level, ten hexadecimal digits.
const SEED_LENGTH: usize = 12;

/// A seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u8; SEED_LENGTH]);

impl Seed {
    /// The seed of what `tag` names at a place: `tag`, the level's number, the index in hexadecimal.
    pub fn at(tag: u8, place: Subtree) -> Self {
        Self::numbered(
            tag,
            b'0'.saturating_add(level_number(place.level)),
            place.index,
        )
    }

    /// The seed of a page by its number.
    pub fn page(number: u64) -> Self {
        Self::numbered(b'p', b'0', number)
    }

    fn numbered(tag: u8, level: u8, number: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = digits(number);
        let [.., y, z] = digits(number >> 32);
        Self([tag, level, y, z, a, b, c, d, e, f, g, h])
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The address that belongs to it under `batch`: what `Pubkey::create_with_seed` gives, without its looks at the seed,
    /// which is never too long, and at the program's address, which does not end in the marker of PDAs.
    pub fn address(&self, batch: &Pubkey) -> Pubkey {
        Pubkey::new_from_array(Sha::hash(&[batch.as_ref(), &self.0, crate::ID.as_ref()]))
    }
}

/// The lowest eight hexadecimal digits of a number, all at once: each in a byte of its own, the first in the lowest.
const fn digits(number: u64) -> [u8; 8] {
    const SIXES: u64 = u64::from_ne_bytes([6; 8]);
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);
    /// `a` comes so much later in ASCII than what follows `9`.
    const TO_LETTERS: u64 = 39;
    let low = number & 0xffff_ffff;
    let low = (low | (low << 16)) & 0x0000_ffff_0000_ffff;
    let low = (low | (low << 8)) & 0x00ff_00ff_00ff_00ff;
    let low = (low | (low << 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    // Six more than ten or more is sixteen or more. No byte leaves its place.
    let letters = (low.wrapping_add(SIXES) >> 4) & ONES;
    low.wrapping_add(ZEROS)
        .wrapping_add(letters.wrapping_mul(TO_LETTERS))
        .to_be_bytes()
}

/// Whether nothing is at an address yet. Lamports may have been sent there: they do not count.
pub fn is_absent(info: &AccountInfo) -> bool {
    info.data_is_empty() && *info.owner == system_program::ID
}

/// Who pays for a record of a batch, and who signs for its address.
pub struct Birth<'a, 'info> {
    /// Pays the rent.
    pub payer: &'a AccountInfo<'info>,
    /// The batch.
    pub batch: &'a AccountLoader<'info, Batch>,
    /// The system program.
    pub system_program: &'a AccountInfo<'info>,
}

impl<'info> Birth<'_, 'info> {
    /// Makes the account of `seed`, of `size` bytes, all zeros, with this discriminator. What somebody sent to the
    /// address before stays there as part of the rent.
    ///
    /// # Errors
    /// `WrongAddress`, `AlreadyThere`, and those of the system program.
    pub fn make(
        &self,
        at: &AccountInfo<'info>,
        seed: &Seed,
        size: usize,
        discriminator: &[u8],
    ) -> Result<()> {
        let key = self.batch.key();
        require_keys_eq!(*at.key, seed.address(&key), ProvenanceError::WrongAddress);
        require!(is_absent(at), ProvenanceError::AlreadyThere);
        // Nobody writes to the batch meanwhile: it is only read, and only signs.
        let record = self.batch.load()?;
        let seeds: &[&[u8]] = &[
            Batch::SEED,
            record.product.as_ref(),
            &record.lot,
            &[record.bump],
        ];
        let rent = rent::minimum_balance(size)?;
        let space = u64::try_from(size).map_err(|_| ProvenanceError::WrongAddress)?;
        let batch = self.batch.as_ref();
        if at.lamports() == 0 {
            let data = Call::new(CREATE_WITH_SEED)
                .with(key.as_ref())
                .with(&SEED_BYTES.to_le_bytes())
                .with(&seed.0)
                .with(&rent.to_le_bytes())
                .with(&space.to_le_bytes())
                .with(crate::ID.as_ref());
            let metas = vec![
                AccountMeta::new(*self.payer.key, true),
                AccountMeta::new(*at.key, false),
                AccountMeta::new_readonly(key, true),
            ];
            let infos = [self.payer.clone(), at.clone(), batch.clone()];
            self.call(data, metas, &infos, &[seeds])?;
            // Giving back references costs more than the machine ever gets for it.
            std::mem::forget(infos);
        } else {
            let missing = rent.saturating_sub(at.lamports());
            if missing > 0 {
                let accounts = system_program::Transfer {
                    from: self.payer.clone(),
                    to: at.clone(),
                };
                let system = *self.system_program.key;
                system_program::transfer(CpiContext::new(system, accounts), missing)?;
            }
            let data = Call::new(ALLOCATE_WITH_SEED)
                .with(key.as_ref())
                .with(&SEED_BYTES.to_le_bytes())
                .with(&seed.0)
                .with(&space.to_le_bytes())
                .with(crate::ID.as_ref());
            let metas = vec![
                AccountMeta::new(*at.key, false),
                AccountMeta::new_readonly(key, true),
            ];
            self.call(data, metas, &[at.clone(), batch.clone()], &[seeds])?;
        }
        at.try_borrow_mut_data()?
            .get_mut(..discriminator.len())
            .ok_or(ProvenanceError::WrongAddress)?
            .copy_from_slice(discriminator);
        Ok(())
    }

    fn call(
        &self,
        data: Call,
        accounts: Vec<AccountMeta>,
        infos: &[AccountInfo<'info>],
        seeds: &[&[&[u8]]],
    ) -> Result<()> {
        let instruction = Instruction {
            program_id: *self.system_program.key,
            accounts,
            data: data.0,
        };
        // Unchecked: the checked form compares every account of the instruction with every account given, to find what is
        // still borrowed and could change. None can: the batch is only read, and the others are new or hold no data.
        invoke_signed_unchecked(&instruction, infos, seeds).map_err(Into::into)
    }
}

/// An instruction of the system program, written by hand: its own encoder takes more compute units than the call.
struct Call(Vec<u8>);

impl Call {
    fn new(number: u32) -> Self {
        let mut data = Vec::with_capacity(LONGEST_CALL);
        data.extend_from_slice(&number.to_le_bytes());
        Self(data)
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// `SystemInstruction::CreateAccountWithSeed`.
const CREATE_WITH_SEED: u32 = 3;
/// `SystemInstruction::AllocateWithSeed`: allocates and assigns.
const ALLOCATE_WITH_SEED: u32 = 9;
/// The length of a seed as the system program reads it.
const SEED_BYTES: u64 = SEED_LENGTH as u64;
/// Bytes of the longer of the two: number, base, length and text of the seed, lamports, space, owner.
const LONGEST_CALL: usize = 4 + 32 + 8 + SEED_LENGTH + 8 + 8 + 32;

/// Closes a record; its lamports go to `to`.
///
/// # Errors
/// `WrongPayer`.
pub fn close<'info>(
    record: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    payer: &Pubkey,
) -> Result<()> {
    require_keys_eq!(*to.key, *payer, ProvenanceError::WrongPayer);
    let sum = to
        .lamports()
        .checked_add(record.lamports())
        .ok_or(ProvenanceError::InvariantBroken)?;
    **to.try_borrow_mut_lamports()? = sum;
    **record.try_borrow_mut_lamports()? = 0;
    record.assign(&system_program::ID);
    record.resize(0)?;
    Ok(())
}

/// The zero-copy record of type `T` in `data`.
///
/// # Errors
/// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
pub fn view<T: anchor_lang::ZeroCopy>(data: &[u8]) -> Result<&T> {
    body::<T>(data).and_then(|bytes| {
        bytemuck::try_from_bytes(bytes).map_err(|_| ErrorCode::AccountDidNotDeserialize.into())
    })
}

/// The zero-copy record of type `T` in `data`, to be changed.
///
/// # Errors
/// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
pub fn view_mut<T: anchor_lang::ZeroCopy>(data: &mut [u8]) -> Result<&mut T> {
    body::<T>(data)?;
    data.get_mut(T::DISCRIMINATOR.len()..)
        .and_then(|rest| rest.get_mut(..std::mem::size_of::<T>()))
        .and_then(|bytes| bytemuck::try_from_bytes_mut(bytes).ok())
        .ok_or_else(|| ErrorCode::AccountDidNotDeserialize.into())
}

fn body<T: anchor_lang::ZeroCopy>(data: &[u8]) -> Result<&[u8]> {
    data.strip_prefix(T::DISCRIMINATOR)
        .ok_or(ErrorCode::AccountDiscriminatorMismatch)?
        .get(..std::mem::size_of::<T>())
        .ok_or_else(|| ErrorCode::AccountDidNotDeserialize.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_names_its_place_in_hexadecimal() {
        let mut number = 0x9e37_79b9_7f4a_7c15_u64;
        for shift in 0..64 {
            number = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            for number in [number >> shift, 1 << shift, u64::MAX >> shift] {
                let number = number & 0xff_ffff_ffff;
                let seed = Seed::numbered(b'n', b'2', number);
                assert_eq!(seed.as_str(), format!("n2{number:010x}"));
            }
        }
    }

    #[test]
    fn an_address_is_that_of_solana() {
        let batch = Pubkey::new_from_array([3; 32]);
        for number in [0, 1, 0x0123_4567_89ab, 0xff_ffff_ffff] {
            let seed = Seed::page(number);
            assert_eq!(
                seed.address(&batch),
                Pubkey::create_with_seed(&batch, seed.as_str(), &crate::ID).unwrap()
            );
        }
    }
}
