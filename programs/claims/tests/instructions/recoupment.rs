//! A claim gets back from the manufacturer's bond what it paid for a pack that is recalled, and the pool counts it.

use claims::events::ClaimRecouped;
use galen_testkit::fixtures::pharmacy::PharmacyFixture;
use galen_testkit::fixtures::provenance::{case, pack};
use galen_testkit::fixtures::recoupment::RecoupmentFixture;
use provenance::error::ProvenanceError;

use crate::common::*;
use crate::pharmacy::stocked;
use crate::reverse_claim::reverse;

/// A pool, and a bond that holds so many cents.
fn covered(cents: u64) -> (World, RecoupmentFixture) {
    let mut world = World::new(&[Program::Registry, Program::Claims, Program::Provenance]);
    let claims = ClaimsFixture::new(&mut world);
    let fixture = RecoupmentFixture::around(&mut world, claims, "", cents);
    (world, fixture)
}

/// Claim 0 has paid for pack 0, which is recalled.
fn recalled(cents: u64) -> (World, RecoupmentFixture) {
    let (mut world, fixture) = covered(cents);
    fixture.pay_and_dispense(&mut world, 0, 40_000);
    fixture.recall(&mut world);
    (world, fixture)
}

fn crank() -> Keypair {
    actor("crank")
}

#[test]
fn what_it_paid_comes_back_once() {
    let (mut world, fixture) = recalled(40_000);
    let claim = fixture.claims.read_claim(&world, 0);
    let paid = claim.totals.paid;
    assert!(paid > 0 && paid < RecoupmentFixture::COVER, "{paid}");
    let pool = fixture.claims.read_pool(&world);
    let vault = world.balance(&fixture.claims.vault);
    let event: ClaimRecouped = world
        .send(&[fixture.recoup(0)], &[&crank()])
        .assert_ok()
        .event();
    assert_eq!(
        (event.claim, event.pool, event.bond),
        (
            fixture.claims.claim(0),
            fixture.claims.pool,
            fixture.bond.address
        )
    );
    assert_eq!((event.arrived, event.lacking), (paid, 0));
    assert_eq!(
        fixture.claims.read_pool(&world),
        Pool {
            funded: pool.funded + paid,
            ..pool
        }
    );
    assert_eq!(
        world.balance(&fixture.claims.vault),
        vault + paid * UNIT_PER_CENT
    );
    let bond = fixture.bond.read(&world);
    assert_eq!((bond.recouped, bond.owed), (paid, 0));
    let record: ClaimRecoupment = world.account(&fixture.record(0));
    assert_eq!((record.due, record.counted), (paid, paid));
    assert_eq!(
        (record.claim, record.pool),
        (fixture.claims.claim(0), fixture.claims.pool)
    );
    // The claim itself is as it was, and cannot ask again.
    assert_eq!(fixture.claims.read_claim(&world, 0), claim);
    let before = world.snapshot();
    assert!(!world.send(&[fixture.recoup(0)], &[&crank()]).succeeded());
    before.assert_same(&world.snapshot());
    refused(
        &mut world,
        &[fixture.count(0)],
        &[],
        ClaimsError::NothingArrived,
    );
}

#[test]
fn a_short_bond_pays_in_parts_and_the_pool_counts_each() {
    let (mut world, fixture) = recalled(1_000);
    let paid = fixture.claims.read_claim(&world, 0).totals.paid;
    let funded = fixture.claims.read_pool(&world).funded;
    let event: ClaimRecouped = world
        .send(&[fixture.recoup(0)], &[&crank()])
        .assert_ok()
        .event();
    assert_eq!((event.arrived, event.lacking), (1_000, paid - 1_000));
    let maker = fixture.packs.maker.key();
    for cents in [500, paid] {
        world
            .send(&[fixture.bond.deposit(cents)], &[&maker])
            .assert_ok();
        world.send(&[fixture.pay_rest(0)], &[]).assert_ok();
        world.send(&[fixture.count(0)], &[]).assert_ok();
        refused(
            &mut world,
            &[fixture.count(0)],
            &[],
            ClaimsError::NothingArrived,
        );
    }
    assert_eq!(fixture.claims.read_pool(&world).funded, funded + paid);
    let record: ClaimRecoupment = world.account(&fixture.record(0));
    assert_eq!((record.due, record.counted), (paid, paid));
    assert_eq!(fixture.bond.read(&world).owed, 0);
}

#[test]
fn only_what_was_paid_for_this_pack() {
    let (mut world, fixture) = covered(40_000);
    for n in [0, 1] {
        fixture.pay_and_dispense(&mut world, n, 40_000);
    }
    refused(
        &mut world,
        &[fixture.recoup(0)],
        &[&crank()],
        ProvenanceError::NotRecalled,
    );
    fixture.recall(&mut world);
    // The dispense for another claim.
    let own = fixture.packs.dispense_address(pack(0));
    let others = fixture.packs.dispense_address(pack(1));
    refused(
        &mut world,
        &[swapped(fixture.recoup(0), own, others)],
        &[&crank()],
        ClaimsError::DispenseOfOtherClaim,
    );
    // Another batch than the dispense's.
    refused(
        &mut world,
        &[swapped(
            fixture.recoup(0),
            fixture.packs.batch,
            fixture.packs.product,
        )],
        &[&crank()],
        ClaimsError::DispenseOfOtherClaim,
    );
    // What was taken back is owed by the provider.
    reverse(&mut world, &fixture.claims, 1).assert_ok();
    refused(
        &mut world,
        &[fixture.recoup(1)],
        &[&crank()],
        ClaimsError::ClaimNotPaid,
    );
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
}

#[test]
fn a_case_is_no_pack() {
    let (mut world, fixture) = covered(40_000);
    fixture.pay_and_dispense(&mut world, 0, 40_000);
    fixture.recall(&mut world);
    let own = fixture.packs.dispense_address(pack(0));
    let mut record = world.raw(&own).unwrap();
    // The level, as `dispense_subtree` would have written it.
    let level = 8 + 160 + 24;
    record.data[level] = 1;
    world.set_raw(&own, record);
    refused(
        &mut world,
        &[fixture.recoup(0)],
        &[&crank()],
        ClaimsError::DispenseOfOtherClaim,
    );
    assert_ne!(own, fixture.packs.dispense_address(case(0)));
}

#[test]
fn the_pool_counts_only_its_own() {
    let (mut world, fixture) = covered(1_000);
    for n in [0, 1] {
        fixture.pay_and_dispense(&mut world, n, 40_000);
    }
    fixture.recall(&mut world);
    for n in [0, 1] {
        world.send(&[fixture.recoup(n)], &[&crank()]).assert_ok();
    }
    let maker = fixture.packs.maker.key();
    world
        .send(&[fixture.bond.deposit(90_000)], &[&maker])
        .assert_ok();
    world.send(&[fixture.pay_rest(1)], &[]).assert_ok();
    let (own, others) = (
        fixture.bond.recoupment(&fixture.packs, 0),
        fixture.bond.recoupment(&fixture.packs, 1),
    );
    refused(
        &mut world,
        &[swapped(fixture.count(0), own, others)],
        &[],
        ClaimsError::RecoupmentOfOtherClaim,
    );
    world.send(&[fixture.count(1)], &[]).assert_ok();
}

/// What it takes, and that it fits.
#[test]
fn it_fits_a_legacy_transaction() {
    let (mut world, fixture) = recalled(40_000);
    let recoup = fixture.recoup(0);
    let (bytes, accounts) = world.size(std::slice::from_ref(&recoup));
    let outcome = world.send(&[recoup], &[&crank()]).assert_ok();
    println!("{} CU, {bytes} bytes, {accounts} accounts", outcome.cu);
    assert!(bytes <= 1_232, "{bytes} bytes");
    assert!(outcome.cu <= 100_000, "{} CU", outcome.cu);
}

/// A claim that was paid by dispensing its pack, for which the claims program signed: not before the dispense, and as long as the
/// batch is kept.
#[test]
fn a_pharmacys_claim_gets_back_what_its_pack_had_paid() {
    let (mut world, PharmacyFixture { claims, packs }) = stocked();
    let covered =
        RecoupmentFixture::covering(&mut world, claims.clone(), packs.clone(), "", 40_000);
    let pharmacy = PharmacyFixture { claims, packs };
    let asked = ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    };
    pharmacy.commit_to(&mut world, 2, 2, &[asked]);
    let mut waiting = world.clone();
    covered.recall(&mut waiting);
    refused(
        &mut waiting,
        &[covered.recoup(2)],
        &[&crank()],
        ClaimsError::ClaimNotPaid,
    );

    pharmacy.dispensed(&mut world, 2, 2).assert_ok();
    let paid = covered.claims.read_claim(&world, 2).totals.paid;
    assert!(paid > 0 && paid < RecoupmentFixture::COVER, "{paid}");
    // What shows which pack it was is not closed with the time for an undo.
    world.advance(30 * DAY);
    refused(
        &mut world,
        &[covered.packs.close_dispense(pack(2))],
        &[],
        ProvenanceError::StillRetained,
    );
    covered.recall(&mut world);
    let vault = world.balance(&covered.claims.vault);
    let event: ClaimRecouped = world
        .send(&[covered.recoup(2)], &[&crank()])
        .assert_ok()
        .event();
    assert_eq!(
        (event.claim, event.arrived, event.lacking),
        (covered.claims.claim(2), paid, 0)
    );
    assert_eq!(
        world.balance(&covered.claims.vault),
        vault + paid * UNIT_PER_CENT
    );
}
