//! Closed batches: every instruction that takes a batch refuses what is left of one, by name.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::entrypoint::ProgramResult;

use crate::error::ProvenanceError;
use crate::state::ClosedBatch;

/// Runs an instruction. Where it is refused because an account is no batch, and one of its accounts is a closed one, that
/// is what the refusal says. Looked for after the refusal only: what succeeds does not pay for it.
///
/// # Errors
/// Those of the instruction, and `BatchClosed`.
pub fn enter<'info>(
    program_id: &'info Pubkey,
    accounts: &'info [AccountInfo<'info>],
    data: &'info [u8],
) -> ProgramResult {
    crate::entry(program_id, accounts, data).map_err(|error| named(error, accounts))
}

#[cold]
fn named(error: ProgramError, accounts: &[AccountInfo]) -> ProgramError {
    let mismatch = ProgramError::Custom(ErrorCode::AccountDiscriminatorMismatch.into());
    if error != mismatch || !accounts.iter().any(ClosedBatch::is) {
        return error;
    }
    let closed = anchor_lang::error::Error::from(ProvenanceError::BatchClosed);
    closed.log();
    closed.into()
}
