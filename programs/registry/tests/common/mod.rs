//! What the registry's tests share.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub use anchor_lang::prelude::Pubkey;
use galen_testkit::fixtures::registry::{
    event_authority, registry_instruction, OperatorFixture, OrganizationFixture, RegistryFixture,
};
use galen_testkit::{Program, World};
use registry::error::RegistryError;
use registry::state::{AdminArgs, OrganizationKind, Permission};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

/// An instruction of the registry.
pub fn ix(
    accounts: impl anchor_lang::ToAccountMetas,
    data: impl anchor_lang::InstructionData,
) -> Instruction {
    registry_instruction(accounts, data)
}

/// The account that signs the registry's events.
pub fn events() -> Pubkey {
    event_authority(&registry::ID)
}

/// A world with a configured registry.
pub fn registry() -> (World, RegistryFixture) {
    let mut world = World::new(&[Program::Registry]);
    let registry = RegistryFixture::new(&mut world);
    (world, registry)
}

/// A registry with an active insurer, an active provider, and an operator of the insurer with every permission.
pub fn insurer() -> (World, RegistryFixture, OrganizationFixture, OperatorFixture) {
    let (mut world, registry) = registry();
    let insurer = registry.organization(&mut world, "insurer", OrganizationKind::Insurer);
    let operator = insurer.operator(&mut world, "insurer staff", &Permission::ALL);
    (world, registry, insurer, operator)
}

/// Asserts that the transaction is refused with `error` and changes nothing.
#[track_caller]
pub fn refused(
    world: &mut World,
    instructions: &[Instruction],
    signers: &[&Keypair],
    error: RegistryError,
) {
    let before = world.snapshot();
    world.send(instructions, signers).assert_error(error);
    before.assert_same(&world.snapshot());
}

/// Asserts that an administrative instruction, made by `make`, is refused after its time, with a sequence number
/// too low or too high, and when it is sent again; and that it works in its last second.
pub fn assert_admin_is_checked(
    world: &mut World,
    signer: &Keypair,
    authority_account: &Pubkey,
    admin: impl Fn(&World) -> AdminArgs,
    make: &dyn Fn(AdminArgs) -> Instruction,
) {
    assert!(world.raw(authority_account).is_some());
    let good = admin(world);
    let late = AdminArgs {
        valid_until: world.now() - 1,
        ..good
    };
    refused(world, &[make(late)], &[signer], RegistryError::AdminExpired);
    for expected_sequence in [
        good.expected_sequence.wrapping_sub(1),
        good.expected_sequence + 1,
        u64::MAX,
    ] {
        let stale = AdminArgs {
            expected_sequence,
            ..good
        };
        refused(
            world,
            &[make(stale)],
            &[signer],
            RegistryError::AdminSequenceStale,
        );
    }
    let last_second = AdminArgs {
        valid_until: world.now(),
        ..good
    };
    world.send(&[make(last_second)], &[signer]).assert_ok();
    assert_eq!(admin(world).expected_sequence, good.expected_sequence + 1);
    // Sent again, however long it was to be valid, and even in the same second.
    refused(
        world,
        &[make(good)],
        &[signer],
        RegistryError::AdminSequenceStale,
    );
}
