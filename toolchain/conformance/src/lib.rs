//! A program that calculates what its caller can calculate too.
//!
//! Whoever compiles programs with parts that were not made for each other must show that they fit. Each case here
//! folds many results of one kind of code (128-bit arithmetic, collections, formatting, calls with many arguments,
//! copies of memory, floats) into one number; the tests compare the number from the chain's virtual machine with the
//! one from this machine.

mod cases;
mod digest;

use anchor_lang::solana_program::account_info::AccountInfo;
use anchor_lang::solana_program::program::set_return_data;
use anchor_lang::solana_program::program_error::ProgramError;
use anchor_lang::solana_program::pubkey::Pubkey;

pub use cases::{run, COUNT};

/// Asks for a panic.
pub const PANIC: u8 = 100;
/// Asks for an addition that overflows.
pub const OVERFLOW: u8 = 101;
/// Asks for an element beyond the end of a slice.
pub const OUT_OF_RANGE: u8 = 102;

#[cfg(not(feature = "no-entrypoint"))]
anchor_lang::solana_program::entrypoint!(process);

/// Takes a case number and a seed (9 bytes, little-endian), returns the case's number as return data.
///
/// # Errors
/// `InvalidInstructionData` if there are not 9 bytes, or for a case that does not exist.
pub fn process(
    _program: &Pubkey,
    _accounts: &[AccountInfo],
    data: &[u8],
) -> Result<(), ProgramError> {
    let [case, seed @ ..] = data else {
        return Err(ProgramError::InvalidInstructionData);
    };
    let seed: [u8; 8] = seed
        .try_into()
        .map_err(|_| ProgramError::InvalidInstructionData)?;
    let seed = u64::from_le_bytes(seed);
    let result = match *case {
        case if case < COUNT => run(case, seed),
        PANIC => panic!("asked for"),
        OVERFLOW => u64::MAX - 1 + seed,
        OUT_OF_RANGE => u64::from(data[seed as usize]),
        _ => return Err(ProgramError::InvalidInstructionData),
    };
    set_return_data(&result.to_le_bytes());
    Ok(())
}
