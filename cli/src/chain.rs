//! What the commands that work on a cluster share: reading accounts as the programs' own types, showing what will be
//! signed before it is, and answering what has become of an account.
//!
//! - `entity`: accounts by address and by filter
//! - `session`: a cluster with a signer and a payer
//! - `funding`: money into a vault and out of it
//! - `goods`: batches of packs, and what is recorded at their places
//! - `history`: what has happened to a batch, from its transactions
//! - `layout`: accounts as JSON, by the IDL
//! - `intent`: what will be signed, shown and confirmed
//! - `change`: the answer of a command that creates or changes an account
//! - `admin`: when an administrative signature is good
//! - `when`: moments and spans as flags
//! - `organization`: organisations by address or id, and the staff record that a command acts under
//! - `codes`: keyed identifiers
//! - `parties`: organisations, members and clusters as FHIR documents name them
//! - `people`: members, and where their data may be written
//! - `text`: lines of text forms
//! - `token`: token accounts and mints

pub mod admin;
pub mod change;
pub mod codes;
pub mod entity;
pub mod funding;
pub mod goods;
pub mod history;
pub mod intent;
pub mod layout;
pub mod organization;
pub mod others;
pub mod parties;
pub mod people;
pub mod session;
pub mod text;
pub mod token;
pub mod when;

use anchor_lang::{InstructionData, ToAccountMetas};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// An instruction of one of the programs, from the types that the program itself is built from.
pub fn instruction(
    program: Pubkey,
    accounts: &impl ToAccountMetas,
    data: &impl InstructionData,
) -> Instruction {
    Instruction {
        program_id: program,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}
