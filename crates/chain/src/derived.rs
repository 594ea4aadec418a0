//! Accounts at derived addresses, made by instructions that run often: what Anchor's `init` does, at a third of its
//! compute units.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed_unchecked;
use anchor_lang::system_program;
use solana_sha256_hasher::hashv;

use crate::rent;

/// The bump that is tried first.
pub const FIRST_BUMP: u8 = u8::MAX;

/// What the address of a derived account is hashed with, after its seeds, its bump and its program.
const MARKER: &[u8] = b"ProgramDerivedAddress";

/// `SystemInstruction::CreateAccount`.
const CREATE_ACCOUNT: u32 = 0;

/// Bytes of that instruction: number, lamports, space, owner.
const CREATE_ACCOUNT_BYTES: usize = 4 + 8 + 8 + 32;

/// The bump of an account to be made: `address` is the address derived from `seeds`, with the canonical bump. Where that is
/// the first, one hash shows it and the search costs nothing: whether the address is off the curve, as it must be, the
/// runtime finds out when it is to sign.
pub fn bump_of<const N: usize>(
    seeds: [&[u8]; N],
    program: &Pubkey,
    address: &Pubkey,
) -> Option<u8> {
    let first = [FIRST_BUMP];
    let mut parts: [&[u8]; 12] = [&[]; 12];
    let tail: [&[u8]; 3] = [&first, program.as_ref(), MARKER];
    let count = N.checked_add(tail.len())?;
    for (part, given) in parts.iter_mut().zip(seeds.into_iter().chain(tail)) {
        *part = given;
    }
    if hashv(parts.get(..count)?).to_bytes() == address.to_bytes() {
        return Some(FIRST_BUMP);
    }
    let (found, bump) = Pubkey::find_program_address(&seeds, program);
    (found == *address).then_some(bump)
}

/// Makes the account `at`, of `size` zero bytes, owned by `program`; `payer` pays its rent, and what somebody sent to the
/// address before counts towards it. `seeds` end with the bump.
///
/// # Errors
/// `TryingToInitPayerAsProgramAccount`, and those of the system program.
pub fn make<'info>(
    payer: &AccountInfo<'info>,
    at: &AccountInfo<'info>,
    size: usize,
    program: &Pubkey,
    seeds: &[&[u8]],
) -> Result<()> {
    let rent = rent::minimum_balance(size)?;
    let space = u64::try_from(size).map_err(|_| ErrorCode::AccountDidNotSerialize)?;
    if at.lamports() != 0 {
        return make_of_funded(payer, at, rent, space, program, seeds);
    }
    // Written by hand: the system program's own encoder takes more compute units than the call.
    let mut data = Vec::with_capacity(CREATE_ACCOUNT_BYTES);
    data.extend_from_slice(&CREATE_ACCOUNT.to_le_bytes());
    data.extend_from_slice(&rent.to_le_bytes());
    data.extend_from_slice(&space.to_le_bytes());
    data.extend_from_slice(program.as_ref());
    let instruction = Instruction {
        program_id: system_program::ID,
        accounts: vec![
            AccountMeta::new(*payer.key, true),
            AccountMeta::new(*at.key, true),
        ],
        data,
    };
    // Unchecked: the checked form makes sure that nothing is borrowed. Nothing is: one account holds no data yet, and the
    // other none of this program's.
    let infos = [payer.clone(), at.clone()];
    invoke_signed_unchecked(&instruction, &infos, &[seeds]).map_err(Into::into)
}

#[cold]
#[inline(never)]
fn make_of_funded<'info>(
    payer: &AccountInfo<'info>,
    at: &AccountInfo<'info>,
    rent: u64,
    space: u64,
    program: &Pubkey,
    seeds: &[&[u8]],
) -> Result<()> {
    require_keys_neq!(
        *payer.key,
        *at.key,
        ErrorCode::TryingToInitPayerAsProgramAccount
    );
    let accounts = system_program::CreateAccountAllowPrefund {
        from: payer.clone(),
        to: at.clone(),
    };
    let missing = rent.max(1).saturating_sub(at.lamports());
    system_program::create_account_allow_prefund(
        CpiContext::new(system_program::ID, accounts).with_signer(&[seeds]),
        missing,
        space,
        program,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bump_is_the_canonical_one_and_only_of_the_right_address() {
        let program = Pubkey::new_from_array([7; 32]);
        let mut firsts = 0;
        for number in 0..64_u8 {
            let seed = [number; 16];
            let seeds: [&[u8]; 2] = [b"claim", &seed];
            let (address, bump) = Pubkey::find_program_address(&seeds, &program);
            assert_eq!(bump_of(seeds, &program, &address), Some(bump));
            assert_eq!(bump_of(seeds, &program, &program), None);
            let other: [&[u8]; 2] = [b"other", &seed];
            assert_eq!(bump_of(other, &program, &address), None);
            firsts += u8::from(bump == FIRST_BUMP);
        }
        assert!((16..48).contains(&firsts), "{firsts} of 64");
    }
}
