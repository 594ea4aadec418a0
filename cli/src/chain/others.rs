//! The accounts that a claim brings after those of its instruction: the member's family, authorisations.

use claims::state::{Authorization, Member};
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use super::text::some_key;

/// The instruction with the family of `member` (at `address`), where it has one, and its authorisations of these numbers.
pub fn with_others(
    mut instruction: Instruction,
    address: &Pubkey,
    member: &Member,
    authorizations: impl IntoIterator<Item = u8>,
) -> Instruction {
    let family = some_key(member.family);
    let papers = authorizations
        .into_iter()
        .map(|number| Authorization::find_address(address, number).0);
    instruction.accounts.extend(
        family
            .into_iter()
            .chain(papers)
            .map(|key| AccountMeta::new(key, false)),
    );
    instruction
}
