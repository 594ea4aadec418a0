//! Signatures that the Ed25519 program has verified in the same transaction.

use anchor_lang::prelude::*;
use solana_instructions_sysvar::{load_current_index_checked, load_instruction_at_checked};

/// Where key, signature and message lie in an Ed25519 instruction in canonical form: one signature, the parts in this
/// order right after the header, all of them in the instruction itself.
const KEY: std::ops::Range<usize> = 16..48;
const MESSAGE: std::ops::Range<usize> = 112..144;
const LENGTH: usize = 144;
/// The header that says so: count, padding, then offset and instruction (0xffff = this one) of signature, key and
/// message, the last with its size. Any other header could point at bytes that are not checked here.
const HEADER: [u8; 16] = [
    1, 0, 48, 0, 0xff, 0xff, 16, 0, 0xff, 0xff, 112, 0, 32, 0, 0xff, 0xff,
];

/// Why a signature does not count. Each program gives it a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureRefusal {
    /// The instruction before is no verification in canonical form, or there is none.
    Missing,
    /// Somebody else has signed.
    OtherKey,
    /// Something else was signed.
    OtherMessage,
}

/// Checks that the instruction just before this one has the Ed25519 program verify one signature by `key` of `message`.
/// That program fails the whole transaction where the signature is wrong.
///
/// # Errors
/// The first refusal in the order of the enum.
pub fn check(
    instructions: &AccountInfo,
    key: &Pubkey,
    message: &[u8; 32],
) -> std::result::Result<(), SignatureRefusal> {
    let verification = load_current_index_checked(instructions)
        .ok()
        .and_then(|index| index.checked_sub(1))
        .and_then(|index| load_instruction_at_checked(index.into(), instructions).ok())
        .filter(|instruction| instruction.program_id == solana_sdk_ids::ed25519_program::ID)
        .ok_or(SignatureRefusal::Missing)?;
    let data = verification.data;
    if data.len() != LENGTH || !data.starts_with(&HEADER) {
        return Err(SignatureRefusal::Missing);
    }
    if data.get(KEY) != Some(key.as_ref()) {
        return Err(SignatureRefusal::OtherKey);
    }
    if data.get(MESSAGE) != Some(message.as_slice()) {
        return Err(SignatureRefusal::OtherMessage);
    }
    Ok(())
}
