//! What the tests share.

use std::sync::{LazyLock, Mutex};

pub use anchor_lang::prelude::{ErrorCode, Pubkey};
pub use anchor_lang::InstructionData;

use anchor_lang::prelude::AccountMeta;
use anchor_lang::AccountSerialize;
pub use claims::error::ClaimsError;
pub use claims::instruction as data;
pub use claims::state::*;
pub use galen_testkit::fixtures::claims::*;
pub use galen_testkit::fixtures::claims_life::*;
pub use galen_testkit::fixtures::registry::OperatorFixture;
pub use galen_testkit::fixtures::treaties::{cover, TreatyFixture};
pub use galen_testkit::token::{MintTerms, TokenProgram};
pub use galen_testkit::{actor, Outcome, Program, World};
pub use registry::state::{AdminArgs, OrganizationKind, OrganizationStatus, Permission};
pub use solana_instruction::Instruction;
pub use solana_keypair::Keypair;
pub use solana_signer::Signer;

pub const DAY: i64 = 86_400;

/// The system program's refusal to create an account where there is one.
pub const ADDRESS_IN_USE: u32 = 0;

/// A world with both programs and nothing done yet. Made once: loading a program is what takes time.
pub fn empty() -> World {
    static EMPTY: LazyLock<Mutex<World>> =
        LazyLock::new(|| Mutex::new(World::new(&[Program::Registry, Program::Claims])));
    EMPTY.lock().unwrap().clone()
}

/// A world with organisations and a mint.
pub fn bare() -> (World, ClaimsFixture) {
    static BARE: LazyLock<Mutex<(World, ClaimsFixture)>> = LazyLock::new(|| {
        let mut world = empty();
        let fixture = ClaimsFixture::bare(&mut world);
        Mutex::new((world, fixture))
    });
    BARE.lock().unwrap().clone()
}

/// A world ready for claims. Made once: the tests take copies.
pub fn ready() -> (World, ClaimsFixture) {
    static READY: LazyLock<Mutex<(World, ClaimsFixture)>> = LazyLock::new(|| {
        let mut world = empty();
        let fixture = ClaimsFixture::new(&mut world);
        Mutex::new((world, fixture))
    });
    READY.lock().unwrap().clone()
}

/// A world ready for claims, with a second insurer and provider and all that is theirs.
pub fn two_insurers() -> (World, ClaimsFixture, ClaimsFixture) {
    static TWO: LazyLock<Mutex<(World, ClaimsFixture, ClaimsFixture)>> = LazyLock::new(|| {
        let (mut world, fixture) = ready();
        let other =
            ClaimsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0);
        other.set_up(&mut world, terms(), unlimited());
        Mutex::new((world, fixture, other))
    });
    TWO.lock().unwrap().clone()
}

/// `archive_claim` of number `n`, whoever opened it, with the claim in whose place it stands.
pub fn archive_of(
    world: &World,
    fixture: &ClaimsFixture,
    n: u8,
    original: Option<u8>,
) -> Instruction {
    let opener = fixture.read_claim(world, n).opener;
    let clerk = fixture.clerk.key().pubkey();
    let mut archive = swapped(fixture.archive(n), clerk, opener);
    let original = original.map(|n| AccountMeta::new_readonly(fixture.claim(n), false));
    archive.accounts.extend(original);
    archive
}

/// Asserts that the transaction is refused with `error` and changes nothing.
#[track_caller]
pub fn refused(
    world: &mut World,
    instructions: &[Instruction],
    signers: &[&Keypair],
    error: impl Into<u32>,
) {
    let before = world.snapshot();
    world.send(instructions, signers).assert_error(error);
    before.assert_same(&world.snapshot());
}

/// The instruction with the account at `from` replaced by `to`.
pub fn swapped(mut instruction: Instruction, from: Pubkey, to: Pubkey) -> Instruction {
    let mut count = 0;
    for meta in &mut instruction.accounts {
        if meta.pubkey == from {
            meta.pubkey = to;
            count += 1;
        }
    }
    assert_eq!(count, 1, "{from} is not among the accounts once");
    instruction
}

/// The instruction with the account at `key` no longer signing.
pub fn unsigned(mut instruction: Instruction, key: Pubkey) -> Instruction {
    for meta in &mut instruction.accounts {
        if meta.pubkey == key {
            meta.is_signer = false;
        }
    }
    instruction
}

/// Asserts who may not act with `instruction`, an insurer's, which the staff signs and which needs `permission`.
#[track_caller]
pub fn assert_insurer_staff_only(
    world: &World,
    fixture: &ClaimsFixture,
    instruction: &Instruction,
    permission: Permission,
) {
    let staff = fixture.staff.key();
    let record = fixture.staff.address;
    let insurer = fixture.insurer.address;

    let mut world = world.clone();
    refused(
        &mut world,
        &[unsigned(instruction.clone(), staff.pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );

    // Somebody else with the staff's record.
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped_all(instruction, staff.pubkey(), stranger.pubkey())],
        &[&stranger],
        ClaimsError::OperatorKeyMismatch,
    );

    // Staff of another insurer, with its own record.
    let rival = fixture
        .registry
        .organization(&mut world, "rival", OrganizationKind::Insurer);
    let agent = rival.operator(&mut world, "rival staff", &Permission::ALL);
    let with_record = swapped(
        swapped_all(instruction, staff.pubkey(), agent.key().pubkey()),
        record,
        agent.address,
    );
    refused(
        &mut world,
        &[with_record],
        &[&agent.key()],
        ClaimsError::OperatorOfOtherOrganization,
    );

    // Staff with every permission but this one.
    let others: Vec<Permission> = Permission::ALL
        .into_iter()
        .filter(|other| *other != permission)
        .collect();
    let clerk = fixture.insurer.operator(&mut world, "other staff", &others);
    let by_clerk = swapped(
        swapped_all(instruction, staff.pubkey(), clerk.key().pubkey()),
        record,
        clerk.address,
    );
    refused(
        &mut world,
        &[by_clerk],
        &[&clerk.key()],
        ClaimsError::PermissionMissing,
    );

    // Expired, then revoked.
    let mut later = world.clone();
    later.advance(366 * DAY);
    refused(
        &mut later,
        std::slice::from_ref(instruction),
        &[&staff],
        ClaimsError::OperatorExpired,
    );
    let mut revoked = world.clone();
    fixture
        .insurer
        .revoke(&mut revoked, &fixture.staff)
        .assert_ok();
    refused(
        &mut revoked,
        std::slice::from_ref(instruction),
        &[&staff],
        ClaimsError::OperatorRevoked,
    );

    // A suspended insurer.
    let mut suspended = world.clone();
    fixture
        .registry
        .set_status(
            &mut suspended,
            &fixture.insurer,
            OrganizationStatus::Suspended,
            1,
        )
        .assert_ok();
    refused(
        &mut suspended,
        std::slice::from_ref(instruction),
        &[&staff],
        ClaimsError::OrganizationNotActive,
    );

    // An account of another type in place of the insurer, the record.
    refused(
        &mut world,
        &[swapped(instruction.clone(), insurer, record)],
        &[&staff],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    refused(
        &mut world,
        &[swapped(instruction.clone(), record, insurer)],
        &[&staff],
        ErrorCode::AccountDiscriminatorMismatch,
    );
}

/// As [`swapped`], for an account that may occur several times.
pub fn swapped_all(instruction: &Instruction, from: Pubkey, to: Pubkey) -> Instruction {
    let mut instruction = instruction.clone();
    for meta in &mut instruction.accounts {
        if meta.pubkey == from {
            meta.pubkey = to;
        }
    }
    instruction
}

/// Asserts that the administrative instruction made by `make` is refused when its time is over, when its sequence
/// number is not the present one, and when it is sent twice.
#[track_caller]
pub fn assert_admin_is_checked(
    world: &World,
    signer: &Keypair,
    sequence: u64,
    make: &dyn Fn(AdminArgs) -> Instruction,
) {
    let mut world = world.clone();
    let good = AdminArgs {
        valid_until: world.now(),
        expected_sequence: sequence,
    };
    let late = AdminArgs {
        valid_until: world.now() - 1,
        ..good
    };
    refused(
        &mut world,
        &[make(late)],
        &[signer],
        ClaimsError::AdminExpired,
    );
    for expected_sequence in [sequence.wrapping_sub(1), sequence + 1] {
        let stale = AdminArgs {
            expected_sequence,
            ..good
        };
        refused(
            &mut world,
            &[make(stale)],
            &[signer],
            ClaimsError::AdminSequenceStale,
        );
    }
    world.send(&[make(good)], &[signer]).assert_ok();
    let again = make(good);
    assert!(
        !world.send(&[again], &[signer]).succeeded(),
        "an administrative instruction works once"
    );
}

/// Another operator of the fixture's insurer, who has decided nothing yet.
pub fn reviewer(world: &mut World, fixture: &ClaimsFixture, name: &str) -> OperatorFixture {
    fixture
        .insurer
        .operator(world, name, &[Permission::DecideClaim])
}

/// Writes the account at `address` anew: what no instruction brings about, or only in years.
pub fn overwrite(world: &mut World, address: &Pubkey, value: &impl AccountSerialize) {
    let mut account = world.raw(address).unwrap();
    let mut data = Vec::new();
    value.try_serialize(&mut data).unwrap();
    account.data[..data.len()].copy_from_slice(&data);
    world.set_raw(address, account);
}
