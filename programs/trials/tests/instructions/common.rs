//! What the tests share.

use std::sync::{LazyLock, Mutex};

pub use anchor_lang::prelude::{ErrorCode, Pubkey};
pub use galen_testkit::fixtures::registry::{OperatorFixture, OrganizationFixture};
pub use galen_testkit::fixtures::trials::*;
pub use galen_testkit::token::MintTerms;
pub use galen_testkit::{actor, Outcome, Program, World};
pub use registry::state::{OrganizationKind, OrganizationStatus, Permission};
pub use solana_instruction::Instruction;
pub use solana_keypair::Keypair;
pub use solana_signer::Signer;
pub use trials::constants::*;
pub use trials::convert::DepartureArg;
pub use trials::error::TrialsError;
pub use trials::state::*;

/// A world with the programs and nothing done yet.
pub fn empty() -> World {
    World::new(&[Program::Registry, Program::Trials])
}

/// A world with organisations and a mint.
pub fn bare() -> (World, TrialsFixture) {
    static BARE: LazyLock<Mutex<(World, TrialsFixture)>> = LazyLock::new(|| {
        let mut world = empty();
        let fixture = TrialsFixture::bare(&mut world);
        Mutex::new((world, fixture))
    });
    BARE.lock().unwrap().clone()
}

/// A world ready for participants. Made once: the tests take copies.
pub fn ready() -> (World, TrialsFixture) {
    static READY: LazyLock<Mutex<(World, TrialsFixture)>> = LazyLock::new(|| {
        let mut world = empty();
        let fixture = TrialsFixture::new(&mut world);
        Mutex::new((world, fixture))
    });
    READY.lock().unwrap().clone()
}

/// As [`ready`], without an analysis plan.
pub fn without_plan() -> (World, TrialsFixture) {
    let (mut world, fixture) = bare();
    fixture.set_up_without_plan(&mut world, FUNDED);
    (world, fixture)
}

/// A world with participants 0 to `count` - 1 enrolled today.
pub fn enrolled(count: u16) -> (World, TrialsFixture) {
    let (mut world, fixture) = ready();
    fixture.enrol_many(&mut world, count);
    (world, fixture)
}

/// A world ready for participants, with a second sponsor, board, site and trial.
pub fn two_trials() -> (World, TrialsFixture, TrialsFixture) {
    static TWO: LazyLock<Mutex<(World, TrialsFixture, TrialsFixture)>> = LazyLock::new(|| {
        let (mut world, fixture) = ready();
        let other =
            TrialsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0);
        other.set_up(&mut world, FUNDED);
        Mutex::new((world, fixture, other))
    });
    TWO.lock().unwrap().clone()
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

/// The instruction with the account at `key` no longer signing.
pub fn unsigned(mut instruction: Instruction, key: Pubkey) -> Instruction {
    for meta in &mut instruction.accounts {
        if meta.pubkey == key {
            meta.is_signer = false;
        }
    }
    instruction
}

/// The books balance: the trial's reservations are those of its participants, of the site's own milestones and of the bond, what
/// is payable is what they and the site are owed, and the vault holds both.
#[track_caller]
pub fn assert_books(world: &World, fixture: &TrialsFixture) {
    let trial = fixture.read_trial(world);
    let site = fixture.read_site(world);
    let participants = fixture.read_cohort(world);
    let sum = |of: fn(&Participant) -> u64| participants.iter().map(of).sum::<u64>();
    let promised = fixture.read_plan(world).map_or(0, |plan| plan.reserved);
    let (bond, forfeited) = fixture
        .read_log(world)
        .map_or((0, 0), |log| (log.bond_reserved(), log.bond));
    assert_eq!(
        sum(|p| p.reserved) + promised + bond,
        trial.reserved,
        "reserved"
    );
    assert_eq!(
        sum(|p| p.due)
            + sum(|p| p.held)
            + trial.withheld
            + site.payable
            + site.held
            + (forfeited - bond),
        trial.payable,
        "payable"
    );
    let escrow = trial.funded - trial.paid - trial.withdrawn;
    assert!(escrow >= trial.reserved + trial.payable, "covered");
    assert_eq!(
        world.balance(&fixture.vault),
        escrow * UNIT_PER_CENT,
        "vault"
    );
    for participant in &participants {
        participant.invariant().unwrap();
    }
}
