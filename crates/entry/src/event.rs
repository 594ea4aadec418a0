//! How a program writes down what it did: it calls itself with the event, so that the ledger keeps it whole.
//!
//! What Anchor's `emit_cpi!` writes, byte for byte, at a fraction of its compute units: that one copies the event one byte at
//! a time, and compares every account with every other before the call.

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed_unchecked;
use anchor_lang::Discriminator;

/// Seed of the authority for which only the program can sign.
const AUTHORITY: &[u8] = b"__event_authority";

/// Room for an event, in bytes; a longer one grows.
const ROOM: usize = 384;

/// Writes an event to the ledger: `emit!(ctx => Event { ... })` in an instruction whose accounts are `#[event_cpi]`.
#[macro_export]
// The program's own address, not this crate's.
#[allow(clippy::crate_in_macro_def)]
macro_rules! emit {
    ($ctx:ident => $event:expr) => {
        match $event {
            event => $crate::write_event(
                &$ctx.accounts.event_authority,
                &crate::ID,
                crate::EVENT_AUTHORITY_AND_BUMP.1,
                &event,
            )?,
        }
    };
}

/// Writes an event to the ledger. `bump` is that of the program's event authority.
///
/// # Errors
/// `AccountDidNotSerialize`, and those of the call.
pub fn write_event<E: AnchorSerialize + Discriminator>(
    authority: &AccountInfo,
    program: &Pubkey,
    bump: u8,
    event: &E,
) -> Result<()> {
    let mut data = Vec::with_capacity(ROOM);
    data.extend_from_slice(EVENT_IX_TAG_LE);
    data.extend_from_slice(E::DISCRIMINATOR);
    event
        .serialize(&mut data)
        .map_err(|_| ErrorCode::AccountDidNotSerialize)?;
    call(authority, program, bump, data)
}

// One copy of it in a program, whatever the event.
#[inline(never)]
fn call(authority: &AccountInfo, program: &Pubkey, bump: u8, data: Vec<u8>) -> Result<()> {
    let instruction = Instruction {
        program_id: *program,
        accounts: vec![AccountMeta::new_readonly(*authority.key, true)],
        data,
    };
    // Unchecked: the checked form makes sure that nothing is borrowed of what the other side may change. It may not change
    // the authority, which nobody borrows.
    let seeds: &[&[u8]] = &[AUTHORITY, &[bump]];
    invoke_signed_unchecked(&instruction, std::slice::from_ref(authority), &[seeds])
        .map_err(Into::into)
}
