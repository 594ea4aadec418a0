//! A manufacturer's bond: opening, deposits, cover, withdrawal.

use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use galen_testkit::token::{MintTerms, TokenProgram};
use provenance::events::{
    BatchCovered, BondDeposited, BondOpened, BondWithdrawalAnnounced, BondWithdrawalCancelled,
    BondWithdrawn,
};
use registry::state::AdminArgs;

use crate::common::*;

/// Smallest units of the fixtures' mint in a cent.
const UNIT: u64 = 10_000;
/// The system program's refusal to create an account where there is one.
const ADDRESS_IN_USE: u32 = 0;

/// A batch, and a bond that is not opened yet.
fn before() -> (World, ProvenanceFixture, BondFixture) {
    let (mut world, fixture) = delivered();
    let bond = BondFixture::new(&mut world, &fixture, "bond", 0);
    (world, fixture, bond)
}

/// An open bond of 500 dollars.
fn funded() -> (World, ProvenanceFixture, BondFixture) {
    let (mut world, fixture, bond) = before();
    let maker = fixture.maker.key();
    done(&mut world, bond.open(), &[&maker]);
    done(&mut world, bond.deposit(50_000), &[&maker]);
    (world, fixture, bond)
}

fn announced(world: &mut World, fixture: &ProvenanceFixture, bond: &BondFixture, cents: u64) {
    let announce = bond.announce(&fixture.maker, bond.admin(world), cents, bond.purse);
    done(world, announce, &[&fixture.maker.key()]);
}

#[test]
fn a_bond_begins_empty() {
    let (mut world, fixture, bond) = before();
    let maker = fixture.maker.key();
    let event: BondOpened = done(&mut world, bond.open(), &[&maker]).event();
    assert_eq!(
        (event.bond, event.manufacturer, event.mint, event.number),
        (bond.address, fixture.maker.address(), bond.mint, 0)
    );
    assert_eq!(
        (event.claims_program, event.issuer_powers),
        (bond.claims_program, 0)
    );
    let state = bond.read(&world);
    assert_eq!(
        (state.manufacturer, state.mint, state.vault),
        (fixture.maker.address(), bond.mint, bond.vault)
    );
    assert_eq!((state.decimals, state.unit_per_cent), (6, UNIT));
    assert_eq!(
        (state.batches, state.deposited, state.owed, state.withdrawal),
        (0, 0, 0, 0)
    );
    assert_eq!(world.token(&bond.vault).owner, bond.address);
    // One of this number, any of another.
    refused(&mut world, bond.open(), &[&maker], ADDRESS_IN_USE);
    let terms = MintTerms::default();
    let next = BondFixture::in_mint(&mut world, &fixture, "next", 1, bond.mint, &terms);
    done(&mut world, next.open(), &[&maker]);
}

#[test]
fn who_opens_one_and_in_which_mint() {
    let (mut world, fixture, bond) = before();
    let maker = fixture.maker.key();
    let open = |by: &Party| {
        let mut open = bond.open();
        open.accounts[0].pubkey = by.key().pubkey();
        open.accounts[1].pubkey = by.staff.address;
        open.accounts[2].pubkey = by.address();
        open.accounts[4].pubkey = Bond::find_address(&by.address(), &bond.mint, 0).0;
        open.accounts[5].pubkey = Bond::find_vault_address(&open.accounts[4].pubkey).0;
        open
    };
    let wholesaler = &fixture.wholesaler;
    refused(
        &mut world,
        open(wholesaler),
        &[&wholesaler.key()],
        ProvenanceError::NotAManufacturer,
    );
    let clerk =
        fixture
            .maker
            .organization
            .operator(&mut world, "clerk", &[Permission::ManageBatch]);
    let mut by_clerk = bond.open();
    by_clerk.accounts[0].pubkey = clerk.key().pubkey();
    by_clerk.accounts[1].pubkey = clerk.address;
    refused(
        &mut world,
        by_clerk,
        &[&clerk.key()],
        ProvenanceError::PermissionMissing,
    );
    for program in [Pubkey::default(), provenance::ID] {
        let mut bad = bond.clone();
        bad.claims_program = program;
        refused(
            &mut world,
            bad.open(),
            &[&maker],
            ProvenanceError::ClaimsProgramInvalid,
        );
    }
    let of = |decimals, program, extensions: &[ExtensionType]| MintTerms {
        decimals,
        program,
        ..MintTerms::token_2022(extensions)
    };
    let plain = TokenProgram::Token;
    let new = TokenProgram::Token2022;
    for (number, (terms, error)) in [
        (of(1, plain, &[]), ProvenanceError::MintDecimalsInvalid),
        (
            of(6, new, &[ExtensionType::TransferFeeConfig]),
            ProvenanceError::MintCanTax,
        ),
        (
            of(6, new, &[ExtensionType::PermanentDelegate]),
            ProvenanceError::MintCanTake,
        ),
        (
            of(6, new, &[ExtensionType::Pausable]),
            ProvenanceError::MintCanFreeze,
        ),
        (
            of(6, new, &[ExtensionType::TransferHook]),
            ProvenanceError::MintCanRedirect,
        ),
        (
            of(6, new, &[ExtensionType::NonTransferable]),
            ProvenanceError::MintExtensionRefused,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("mint {number}");
        let mint = world.mint(&name, &terms);
        let mut bad = bond.open();
        bad.accounts[3].pubkey = mint;
        bad.accounts[4].pubkey = Bond::find_address(&fixture.maker.address(), &mint, 0).0;
        bad.accounts[5].pubkey = Bond::find_vault_address(&bad.accounts[4].pubkey).0;
        bad.accounts[6].pubkey = terms.program.id();
        let outcome = world.send(&[bad], &[&maker]);
        assert_eq!(outcome.code(), Some(error.into()), "{name}: {outcome}");
    }
}

#[test]
fn anybody_deposits() {
    let (mut world, fixture, bond) = before();
    let maker = fixture.maker.key();
    done(&mut world, bond.open(), &[&maker]);
    refused(
        &mut world,
        bond.deposit(0),
        &[&maker],
        ProvenanceError::DepositInvalid,
    );
    let event: BondDeposited = done(&mut world, bond.deposit(700), &[&maker]).event();
    assert_eq!((event.amount, event.held, event.owed), (700, 700, 0));
    assert_eq!(bond.read(&world).deposited, 700);
    assert_eq!(world.balance(&bond.vault), 700 * UNIT);
    assert_eq!(
        world.balance(&bond.purse),
        (BondFixture::PURSE - 700) * UNIT
    );
    refused(
        &mut world,
        bond.deposit(u64::MAX),
        &[&maker],
        ProvenanceError::AmountOverflow,
    );
    let terms = MintTerms::default();
    let other = BondFixture::in_mint(&mut world, &fixture, "other", 1, bond.mint, &terms);
    done(&mut world, other.open(), &[&maker]);
    refused(
        &mut world,
        swapped(bond.deposit(1), bond.vault, other.vault),
        &[&maker],
        ProvenanceError::WrongVault,
    );
    let foreign = world.mint("foreign", &terms);
    refused(
        &mut world,
        swapped(bond.deposit(1), bond.mint, foreign),
        &[&maker],
        ProvenanceError::WrongMint,
    );
    refused(
        &mut world,
        swapped(
            bond.deposit(1),
            TokenProgram::Token.id(),
            TokenProgram::Token2022.id(),
        ),
        &[&maker],
        ProvenanceError::WrongTokenProgram,
    );
}

#[test]
fn a_batch_is_covered_by_one_bond_and_never_less() {
    let (mut world, fixture, bond) = funded();
    let maker = &fixture.maker;
    refused(
        &mut world,
        bond.cover(&fixture, maker, 0),
        &[&maker.key()],
        ProvenanceError::CoverInvalid,
    );
    let cover = bond.cover(&fixture, maker, 900);
    let event: BatchCovered = done(&mut world, cover, &[&maker.key()]).event();
    assert_eq!(
        (event.batch, event.bond, event.cover),
        (fixture.batch, bond.address, 900)
    );
    let batch = fixture.read_batch(&world);
    assert_eq!((batch.bond, batch.cover), (bond.address, 900));
    assert_eq!(bond.read(&world).batches, 1);
    refused(
        &mut world,
        bond.cover(&fixture, maker, 899),
        &[&maker.key()],
        ProvenanceError::CoverLowered,
    );
    done(
        &mut world,
        bond.cover(&fixture, maker, 1_000),
        &[&maker.key()],
    );
    assert_eq!(fixture.read_batch(&world).cover, 1_000);
    assert_eq!(bond.read(&world).batches, 1, "counted once");
    let terms = MintTerms::default();
    let other = BondFixture::in_mint(&mut world, &fixture, "other", 1, bond.mint, &terms);
    done(&mut world, other.open(), &[&maker.key()]);
    refused(
        &mut world,
        other.cover(&fixture, maker, 2_000),
        &[&maker.key()],
        ProvenanceError::CoveredByOtherBond,
    );
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    refused(
        &mut world,
        bond.cover(&fixture, &rival.maker, 2_000),
        &[&rival.maker.key()],
        ProvenanceError::BondOfOther,
    );
    let its_own = BondFixture::in_mint(&mut world, &rival, "rival", 0, bond.mint, &terms);
    done(&mut world, its_own.open(), &[&rival.maker.key()]);
    refused(
        &mut world,
        its_own.cover(&fixture, &rival.maker, 2_000),
        &[&rival.maker.key()],
        ProvenanceError::BatchOfOther,
    );
    let clerk = Party {
        staff: maker
            .organization
            .operator(&mut world, "clerk", &[Permission::ManageBatch]),
        ..maker.clone()
    };
    refused(
        &mut world,
        bond.cover(&fixture, &clerk, 2_000),
        &[&clerk.key()],
        ProvenanceError::PermissionMissing,
    );
}

#[test]
fn what_was_announced_is_withdrawn_after_the_notice() {
    let (mut world, fixture, bond) = funded();
    let maker = fixture.maker.key();
    let admin = bond.admin(&world);
    let announce = bond.announce(&fixture.maker, admin, 20_000, bond.purse);
    let event: BondWithdrawalAnnounced = done(&mut world, announce, &[&maker]).event();
    let due_at = world.now() + BOND_NOTICE_SECONDS;
    assert_eq!(
        (event.amount, event.destination, event.due_at),
        (20_000, bond.purse, due_at)
    );
    let state = bond.read(&world);
    assert_eq!(
        (state.withdrawal, state.withdrawal_at, state.withdrawal_to),
        (20_000, due_at, bond.purse)
    );
    let withdraw = || bond.withdraw(&fixture.maker, bond.purse);
    world.set_time(due_at - 1);
    refused(
        &mut world,
        withdraw(),
        &[&maker],
        ProvenanceError::WithdrawalNotDue,
    );
    let mut late = world.clone();
    late.set_time(due_at + BOND_WINDOW_SECONDS);
    refused(
        &mut late,
        withdraw(),
        &[&maker],
        ProvenanceError::WithdrawalLapsed,
    );
    late.set_time(due_at + BOND_WINDOW_SECONDS - 1);
    done(&mut late, withdraw(), &[&maker]);
    world.advance(1);
    let elsewhere = bond.other_account(&mut world, "elsewhere");
    refused(
        &mut world,
        bond.withdraw(&fixture.maker, elsewhere),
        &[&maker],
        ProvenanceError::WrongDestination,
    );
    let mut paused = world.clone();
    fixture.registry.pause(&mut paused, 60).assert_ok();
    refused(
        &mut paused,
        withdraw(),
        &[&maker],
        ProvenanceError::WithdrawalsPaused,
    );
    let event: BondWithdrawn = done(&mut world, withdraw(), &[&maker]).event();
    assert_eq!((event.amount, event.destination), (20_000, bond.purse));
    let state = bond.read(&world);
    assert_eq!(
        (state.withdrawn, state.withdrawal, state.withdrawal_at),
        (20_000, 0, 0)
    );
    assert_eq!(state.held().unwrap(), 30_000);
    assert_eq!(world.balance(&bond.vault), 30_000 * UNIT);
    refused(
        &mut world,
        withdraw(),
        &[&maker],
        ProvenanceError::NoWithdrawalAnnounced,
    );
    // More than there is.
    announced(&mut world, &fixture, &bond, 30_001);
    world.advance(BOND_NOTICE_SECONDS);
    refused(
        &mut world,
        withdraw(),
        &[&maker],
        ProvenanceError::BondUnderfunded,
    );
    let cancel = bond.cancel(&fixture.maker, bond.admin(&world));
    let event: BondWithdrawalCancelled = done(&mut world, cancel, &[&maker]).event();
    assert_eq!(event.amount, 30_001);
    let again = bond.cancel(&fixture.maker, bond.admin(&world));
    refused(
        &mut world,
        again,
        &[&maker],
        ProvenanceError::NoWithdrawalAnnounced,
    );
}

#[test]
fn what_cannot_be_announced() {
    let (mut world, fixture, bond) = funded();
    let maker = fixture.maker.key();
    let admin = bond.admin(&world);
    let announce = |cents, to| bond.announce(&fixture.maker, admin, cents, to);
    refused(
        &mut world,
        announce(0, bond.purse),
        &[&maker],
        ProvenanceError::WithdrawalInvalid,
    );
    refused(
        &mut world,
        announce(1, bond.vault),
        &[&maker],
        ProvenanceError::PayeeIsVault,
    );
    refused(
        &mut world,
        announce(1, fixture.batch),
        &[&maker],
        ProvenanceError::PayeeClosed,
    );
    let foreign = world.mint("foreign", &MintTerms::default());
    let of_foreign = world.token_account("of foreign", &foreign, &maker.pubkey());
    refused(
        &mut world,
        announce(1, of_foreign),
        &[&maker],
        ProvenanceError::PayeeInvalid,
    );
    let frozen = bond.other_account(&mut world, "frozen");
    world.freeze(&frozen);
    refused(
        &mut world,
        announce(1, frozen),
        &[&maker],
        ProvenanceError::PayeeFrozen,
    );
    let stale = AdminArgs {
        expected_sequence: admin.expected_sequence + 1,
        ..admin
    };
    refused(
        &mut world,
        bond.announce(&fixture.maker, stale, 1, bond.purse),
        &[&maker],
        ProvenanceError::AdminSequenceStale,
    );
    let expired = AdminArgs {
        valid_until: world.now() - 1,
        ..admin
    };
    refused(
        &mut world,
        bond.announce(&fixture.maker, expired, 1, bond.purse),
        &[&maker],
        ProvenanceError::AdminExpired,
    );
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    for instruction in [
        bond.announce(&rival.maker, admin, 1, bond.purse),
        bond.cancel(&rival.maker, admin),
        bond.withdraw(&rival.maker, bond.purse),
    ] {
        refused(
            &mut world,
            instruction,
            &[&rival.maker.key()],
            ProvenanceError::BondOfOther,
        );
    }
    announced(&mut world, &fixture, &bond, 1);
    let second = bond.announce(&fixture.maker, bond.admin(&world), 1, bond.purse);
    refused(
        &mut world,
        second,
        &[&maker],
        ProvenanceError::WithdrawalAlreadyAnnounced,
    );
}

#[test]
fn not_while_it_covers_a_batch_that_is_open() {
    let (mut world, fixture, bond) = funded();
    let maker = fixture.maker.key();
    announced(&mut world, &fixture, &bond, 50_000);
    // Covered after the announcement: what was announced stays where it is.
    done(
        &mut world,
        bond.cover(&fixture, &fixture.maker, 900),
        &[&maker],
    );
    world.advance(BOND_NOTICE_SECONDS);
    refused(
        &mut world,
        bond.withdraw(&fixture.maker, bond.purse),
        &[&maker],
        ProvenanceError::BatchesAreCovered,
    );
    let cancel = bond.cancel(&fixture.maker, bond.admin(&world));
    done(&mut world, cancel, &[&maker]);
    let announce = bond.announce(&fixture.maker, bond.admin(&world), 50_000, bond.purse);
    refused(
        &mut world,
        announce,
        &[&maker],
        ProvenanceError::BatchesAreCovered,
    );

    world.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    done(&mut world, fixture.close_page(0), &[]);
    refused(
        &mut world,
        fixture.close_batch(),
        &[],
        ProvenanceError::BondMissing,
    );
    let heirs = Party {
        staff: fixture
            .maker
            .organization
            .operator(&mut world, "heirs", &[Permission::Fund]),
        ..fixture.maker.clone()
    };
    let terms = MintTerms::default();
    let other = BondFixture::in_mint(&mut world, &fixture, "other", 1, bond.mint, &terms);
    let mut open = other.open();
    open.accounts[0].pubkey = heirs.key().pubkey();
    open.accounts[1].pubkey = heirs.staff.address;
    done(&mut world, open, &[&heirs.key()]);
    refused(
        &mut world,
        other.close_batch(&fixture),
        &[],
        ProvenanceError::CoveredByOtherBond,
    );
    done(&mut world, bond.close_batch(&fixture), &[]);
    assert_eq!(bond.read(&world).batches, 0);
    let announce = bond.announce(&heirs, bond.admin(&world), 50_000, bond.purse);
    done(&mut world, announce, &[&heirs.key()]);
    world.advance(BOND_NOTICE_SECONDS);
    done(
        &mut world,
        bond.withdraw(&heirs, bond.purse),
        &[&heirs.key()],
    );
    // To the last cent.
    assert_eq!(world.balance(&bond.vault), 0);
    assert_eq!(world.balance(&bond.purse), BondFixture::PURSE * UNIT);
    assert_eq!(bond.read(&world).held().unwrap(), 0);
}
