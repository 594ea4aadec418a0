//! Only a program writes its events: nobody else gets through the door at which it takes them in.

use anchor_lang::error::ErrorCode;
use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::prelude::Pubkey;
use galen_testkit::{Program, World};
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

#[test]
fn nobody_but_the_program_writes_its_events() {
    let mut world = World::new(&Program::ALL);
    let stranger = world.actor("stranger");
    for program in Program::ALL {
        let (authority, _) = Pubkey::find_program_address(&[b"__event_authority"], &program.id());
        let forged = |accounts: &[AccountMeta]| Instruction {
            program_id: program.id(),
            accounts: accounts.to_vec(),
            data: [EVENT_IX_TAG_LE, &[7; 40]].concat(),
        };
        let mut refused = |accounts: &[AccountMeta], error: ErrorCode| {
            let before = world.snapshot();
            world
                .send(&[forged(accounts)], &[&stranger])
                .assert_error(error);
            world.snapshot().assert_same(&before);
        };
        let signs = AccountMeta::new_readonly(stranger.pubkey(), true);
        let silent = AccountMeta::new_readonly(authority, false);
        refused(std::slice::from_ref(&silent), ErrorCode::ConstraintSigner);
        refused(&[silent, signs.clone()], ErrorCode::ConstraintSigner);
        refused(&[signs], ErrorCode::ConstraintSeeds);
    }
}
