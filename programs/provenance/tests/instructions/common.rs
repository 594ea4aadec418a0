//! What the tests share.

use std::sync::{LazyLock, Mutex};

pub use anchor_lang::prelude::{ErrorCode, Pubkey};
pub use galen_rules::merkle::{Layout, Level};
pub use galen_rules::provenance::Status;
pub use galen_testkit::fixtures::provenance::*;
pub use galen_testkit::precompile::compute_limit;
pub use galen_testkit::{actor, few_or_many, Outcome, Program, Random, World};
pub use provenance::check::PackProof;
pub use provenance::constants::*;
pub use provenance::convert::{ClassArg, PackageLevel, Place, StatusAction};
pub use provenance::error::ProvenanceError;
pub use provenance::state::*;
pub use registry::state::{OrganizationKind, OrganizationStatus, Permission};
pub use solana_instruction::Instruction;
pub use solana_keypair::Keypair;
pub use solana_signer::Signer;

/// A world with the programs and nothing done yet.
pub fn empty() -> World {
    World::new(&[Program::Registry, Program::Provenance])
}

/// A world with organisations and credentials.
pub fn bare() -> (World, ProvenanceFixture) {
    static BARE: LazyLock<Mutex<(World, ProvenanceFixture)>> = LazyLock::new(|| {
        let mut world = empty();
        let fixture = ProvenanceFixture::bare(&mut world);
        Mutex::new((world, fixture))
    });
    BARE.lock().unwrap().clone()
}

/// A world with a batch in the manufacturer's hands. Made once: the tests take copies.
pub fn registered() -> (World, ProvenanceFixture) {
    static READY: LazyLock<Mutex<(World, ProvenanceFixture)>> = LazyLock::new(|| {
        let (mut world, fixture) = bare();
        fixture.set_up(&mut world);
        Mutex::new((world, fixture))
    });
    READY.lock().unwrap().clone()
}

/// A world in which the first pallet is with the wholesaler, its first case with the pharmacy.
pub fn delivered() -> (World, ProvenanceFixture) {
    static DELIVERED: LazyLock<Mutex<(World, ProvenanceFixture)>> = LazyLock::new(|| {
        let (mut world, fixture) = registered();
        fixture.deliver(&mut world);
        Mutex::new((world, fixture))
    });
    DELIVERED.lock().unwrap().clone()
}

/// A batch of the same product whose custody nobody records.
pub fn unrecorded() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("B1", |terms| terms.policy = 0);
    fixture.begin_batch(&mut world);
    (world, fixture)
}

/// A batch of the same product that is to be kept cold, its first pallet with the wholesaler, its first case with the
/// pharmacy.
pub fn cold() -> (World, ProvenanceFixture) {
    static COLD: LazyLock<Mutex<(World, ProvenanceFixture)>> = LazyLock::new(|| {
        let (mut world, fixture) = registered();
        let fixture = fixture.with_terms("C1", |terms| terms.storage = STORAGE_COLD);
        fixture.begin_batch(&mut world);
        fixture.deliver(&mut world);
        Mutex::new((world, fixture))
    });
    COLD.lock().unwrap().clone()
}

/// Records readings of the device of a place that end now.
pub fn report(
    world: &mut World,
    fixture: &ProvenanceFixture,
    of: Place,
    readings: &[Reading],
) -> Outcome {
    let seconds: i64 = readings.iter().map(|one| i64::from(one.seconds)).sum();
    let from = world.now() - seconds;
    let report = fixture.report(world, of, from, readings.to_vec());
    let signature = fixture.reading_signature(world, of, &report);
    let record = fixture.record_readings(of, &report);
    world.send(&[compute_limit(1_400_000), signature, record], &[])
}

/// Asserts that the transaction is refused with `error` and changes nothing.
#[track_caller]
pub fn refused_together(world: &mut World, instructions: &[Instruction], error: impl Into<u32>) {
    let before = world.snapshot();
    world.send(instructions, &[]).assert_error(error);
    before.assert_same(&world.snapshot());
}

/// Sends an instruction that succeeds.
#[track_caller]
pub fn done(world: &mut World, instruction: Instruction, signers: &[&Keypair]) -> Outcome {
    world.send(&[instruction], signers).assert_ok()
}

/// Asserts that the transaction is refused with `error` and changes nothing.
#[track_caller]
pub fn refused(
    world: &mut World,
    instruction: Instruction,
    signers: &[&Keypair],
    error: impl Into<u32>,
) {
    let before = world.snapshot();
    world.send(&[instruction], signers).assert_error(error);
    before.assert_same(&world.snapshot());
}

/// The instruction with the account at `from` replaced by `to`, wherever it occurs.
pub fn swapped(mut instruction: Instruction, from: Pubkey, to: Pubkey) -> Instruction {
    let mut count = 0;
    for meta in &mut instruction.accounts {
        if meta.pubkey == from {
            meta.pubkey = to;
            count += 1;
        }
    }
    assert!(count > 0, "{from} is not among the accounts");
    instruction
}

/// The status recorded at a place.
pub fn status_at(world: &World, fixture: &ProvenanceFixture, of: Place) -> Status {
    custody_at(world, fixture, of).status
}

/// The custody recorded at a place.
#[track_caller]
pub fn custody_at(world: &World, fixture: &ProvenanceFixture, of: Place) -> Custody {
    fixture
        .read_node(world, of)
        .custody()
        .unwrap()
        .expect("custody is recorded there")
}

/// Whether there is an account.
pub fn exists(world: &World, address: &Pubkey) -> bool {
    world
        .raw(address)
        .is_some_and(|account| !account.data.is_empty())
}
