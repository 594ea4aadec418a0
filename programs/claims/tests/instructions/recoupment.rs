//! A claim gets back from the manufacturer's bond what it paid for a pack that is recalled, and the pool counts it.

use anchor_lang::prelude::AccountMeta;
use claims::events::{ClaimRecouped, ClaimsCeded};
use galen_testkit::fixtures::pharmacy::PharmacyFixture;
use galen_testkit::fixtures::provenance::{case, pack};
use galen_testkit::fixtures::provenance::{DAY as A_DAY, TODAY};
use galen_testkit::fixtures::recoupment::RecoupmentFixture;
use provenance::constants::RETENTION_DAYS;
use provenance::error::ProvenanceError;

use crate::common::*;
use crate::pharmacy::stocked;
use crate::reverse_claim::reverse;

/// A pool, and a bond that holds so many cents.
pub fn covered(cents: u64) -> (World, RecoupmentFixture) {
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

pub fn crank() -> Keypair {
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
    refused(
        &mut world,
        &[fixture.recoup(0)],
        &[&crank()],
        ADDRESS_IN_USE,
    );
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
        ProvenanceError::WrongRecord,
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

/// Tries to recoup claim 0 for pack 0, which is recalled.
#[track_caller]
fn refused_to_recoup(world: &mut World, fixture: &RecoupmentFixture, error: impl Into<u32>) {
    refused(world, &[fixture.recoup(0)], &[&crank()], error);
}

/// A pack that is dispensed for a claim of this status costs nobody anything that a bond pays.
#[test]
fn only_what_is_paid() {
    let (mut before, fixture) = covered(40_000);
    fixture.dispense(&mut before, 0);
    fixture.recall(&mut before);
    let claims = &fixture.claims;
    let status = |world: &World| claims.read_claim(world, 0).status;

    let mut world = before.clone();
    refused_to_recoup(&mut world, &fixture, ErrorCode::AccountOwnedByWrongProgram);
    let clerk = claims.clerk.key();
    world
        .send(&[claims.open_claim(0, 1)], &[&clerk])
        .assert_ok();
    assert_eq!(status(&world), ClaimStatus::Draft);
    refused_to_recoup(&mut world, &fixture, ClaimsError::ClaimNotPaid);

    // Suspected to be a part of another claim's visit, and the same service once more.
    for (code, wanted) in [(2, ClaimStatus::Pended), (1, ClaimStatus::Denied)] {
        let mut world = before.clone();
        claims.submit(&mut world, 1, &[line(1, 20_000)]).assert_ok();
        claims
            .submit(&mut world, 0, &[line(code, 20_000)])
            .assert_ok();
        assert_eq!(status(&world), wanted);
        refused_to_recoup(&mut world, &fixture, ClaimsError::ClaimNotPaid);
    }

    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    for (line, wanted) in [
        (large, ClaimStatus::Payable),
        (line(1, 4_000), ClaimStatus::NothingDue),
    ] {
        let mut world = before.clone();
        claims.submit(&mut world, 0, &[line]).assert_ok();
        assert_eq!(status(&world), wanted);
        refused_to_recoup(&mut world, &fixture, ClaimsError::ClaimNotPaid);
    }
}

/// What the claim has paid for other services is none of the manufacturer's.
#[test]
fn only_claims_of_one_line() {
    let (mut world, fixture) = covered(40_000);
    let lines = [line(1, 20_000), line(2, 280_000)];
    fixture.claims.submit(&mut world, 0, &lines).assert_ok();
    let claim = fixture.claims.read_claim(&world, 0);
    assert_eq!((claim.status, claim.recoupable()), (ClaimStatus::Paid, 0));
    fixture.dispense(&mut world, 0);
    fixture.recall(&mut world);
    refused_to_recoup(&mut world, &fixture, ClaimsError::ClaimOfSeveralLines);
    archive(&mut world, &fixture, &[0]);
    refused_to_recoup(&mut world, &fixture, ClaimsError::ClaimOfSeveralLines);
}

/// Archives these claims as soon as that can be, each after the one in whose place it stands.
fn archive(world: &mut World, fixture: &RecoupmentFixture, claims: &[u8]) {
    world.set_time((i64::from(SERVICE_DATE) + 1_000 + 10) * DAY);
    let mut before = None;
    for n in claims {
        let archive = archive_of(world, &fixture.claims, *n, before);
        world.send(&[archive], &[]).assert_ok();
        before = Some(*n);
    }
}

/// Nobody archives a claim out of its recoupment.
#[test]
fn an_archived_claim_gets_back_what_it_paid() {
    let (mut world, fixture) = covered(40_000);
    for n in [0, 1] {
        fixture.pay_and_dispense(&mut world, n, 40_000);
    }
    let paid = fixture.claims.read_claim(&world, 0).totals.paid;
    reverse(&mut world, &fixture.claims, 1).assert_ok();
    fixture.recall(&mut world);
    archive(&mut world, &fixture, &[0, 1]);
    assert_eq!(fixture.claims.read_archived(&world, 0).recoupable, paid);
    refused(
        &mut world,
        &[fixture.recoup(1)],
        &[&crank()],
        ClaimsError::ClaimNotPaid,
    );
    let event: ClaimRecouped = world
        .send(&[fixture.recoup(0)], &[&crank()])
        .assert_ok()
        .event();
    assert_eq!(
        (event.claim, event.arrived, event.lacking),
        (fixture.claims.claim(0), paid, 0)
    );
}

/// A claim is the one that its address says, by pool, provider and identifier.
#[test]
fn the_claim_is_named_by_its_address() {
    let (mut world, fixture) = recalled(40_000);
    let later = ClaimLineArgs {
        day: 1,
        ..line(2, 40_000)
    };
    fixture.claims.submit(&mut world, 1, &[later]).assert_ok();
    let (own, other) = (fixture.claims.claim(0), fixture.claims.claim(1));
    let mut another = fixture.recoup(0);
    another.accounts[2].pubkey = other;
    another.accounts[3].pubkey = fixture.record(1);
    assert_eq!(fixture.recoup(0).accounts[2].pubkey, own);
    refused(
        &mut world,
        &[another],
        &[&crank()],
        ClaimsError::ClaimNotAtAddress,
    );
    // Of another insurer's pool, into that pool's vault.
    let second = ClaimsFixture::second(
        &mut world,
        fixture.claims.registry,
        " 2",
        &MintTerms::default(),
        0,
    );
    second.set_up(&mut world, terms(), unlimited());
    let mut into_other = fixture.recoup(0);
    for (from, to) in [
        (fixture.claims.pool, second.pool),
        (fixture.claims.vault, second.vault),
        (fixture.claims.mint, second.mint),
    ] {
        into_other = swapped(into_other, from, to);
    }
    refused(
        &mut world,
        &[into_other],
        &[&crank()],
        ClaimsError::ClaimNotAtAddress,
    );
    // What is no claim, and what no program owns.
    let mut world_without = world.clone();
    let pool = world.raw(&fixture.claims.pool).expect("the pool");
    world_without.set_raw(&own, pool);
    refused_to_recoup(
        &mut world_without,
        &fixture,
        ErrorCode::AccountDiscriminatorMismatch,
    );
    for (from, to, error) in [
        (fixture.claims.vault, second.vault, ClaimsError::WrongVault),
        (fixture.claims.mint, second.mint, ClaimsError::WrongMint),
        (
            fixture.claims.token_program,
            registry::ID,
            ClaimsError::WrongTokenProgram,
        ),
    ] {
        let recoup = swapped(fixture.recoup(0), from, to);
        refused(&mut world, &[recoup], &[&crank()], error);
    }
    let false_program = swapped(fixture.recoup(0), provenance::ID, claims::ID);
    let before = world.snapshot();
    world
        .send(&[false_program], &[&crank()])
        .assert_error(ErrorCode::InvalidProgramId);
    before.assert_same(&world.snapshot());
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
}

/// Adjudicated anew, a claim stands in the place of the one that the pack was dispensed for.
#[test]
fn a_claim_in_anothers_place_gets_back_what_it_paid() {
    let (mut world, fixture) = covered(90_000);
    let claims = &fixture.claims;
    let staff = claims.staff.key();
    // Claims before it, which are taken back one after the other: each time it is to be adjudicated anew.
    for n in [2, 3] {
        let line = ClaimLineArgs {
            day: n,
            ..line(u32::from(n) + 1, 40_000)
        };
        claims.submit(&mut world, n, &[line]).assert_ok();
    }
    for n in [0, 1] {
        fixture.pay_and_dispense(&mut world, n, 40_000);
    }
    // Another pack, for a claim that is yet to come.
    fixture.dispense(&mut world, 5);
    fixture.recall(&mut world);
    for (taken_back, n, replacement) in [(2, 0, 5), (3, 5, 6)] {
        reverse(&mut world, claims, taken_back).assert_ok();
        world
            .send(&[claims.reprocess(n, replacement)], &[&staff])
            .assert_ok();
    }
    let paid = claims.read_claim(&world, 6).totals.paid;
    assert_eq!(claims.read_claim(&world, 6).status, ClaimStatus::Paid);
    let mut tried = |n: u8, originals: &[u8], error: ClaimsError| {
        let recoup = fixture.recoup_in_place_of(n, originals);
        refused(&mut world, &[recoup], &[&crank()], error);
    };
    tried(0, &[], ClaimsError::ClaimNotPaid);
    tried(5, &[0], ClaimsError::ClaimNotPaid);
    // Without the ones between, in another order, or of others.
    tried(6, &[0], ClaimsError::NotItsOriginal);
    tried(6, &[0, 5], ClaimsError::NotItsOriginal);
    tried(1, &[0], ClaimsError::NotItsOriginal);
    tried(6, &[5, 0, 1], ClaimsError::NotItsOriginal);
    // Accounts that are missing, and of which the identifiers are.
    let mut missing = fixture.recoup_in_place_of(6, &[5, 0]);
    missing.accounts.pop();
    refused(
        &mut world,
        &[missing],
        &[&crank()],
        ClaimsError::NotItsOriginal,
    );
    let mut swapped_accounts = fixture.recoup_in_place_of(6, &[5, 0]);
    let last = swapped_accounts.accounts.len() - 1;
    swapped_accounts.accounts.swap(last, last - 1);
    refused(
        &mut world,
        &[swapped_accounts],
        &[&crank()],
        ClaimsError::ClaimNotAtAddress,
    );
    // By itself it has no pack: its own dispense is the first one's.
    let mut alone = fixture.recoup_in_place_of(6, &[5]);
    let own = fixture.recoup_in_place_of(6, &[5, 0]);
    alone.accounts[..22].clone_from_slice(&own.accounts[..22]);
    refused(
        &mut world,
        &[alone],
        &[&crank()],
        ClaimsError::DispenseOfOtherClaim,
    );
    let mut archived = world.clone();
    for (mut world, is_archived) in [(world, false), (archived.clone(), true)] {
        if is_archived {
            archive(&mut archived, &fixture, &[0, 5, 6]);
            world = archived.clone();
        }
        let event: ClaimRecouped = world
            .send(std::slice::from_ref(&own), &[&crank()])
            .assert_ok()
            .event();
        assert_eq!(
            (event.claim, event.arrived, event.lacking),
            (claims.claim(6), paid, 0)
        );
        // The pack is recouped, whoever asks.
        let record: ClaimRecoupment = world.account(&fixture.record(6));
        assert_eq!((record.claim, record.counted), (claims.claim(6), paid));
    }
}

/// What an appeal may change is not recouped before it is decided: a pack is recouped once.
#[test]
fn not_under_appeal() {
    let (mut world, fixture) = recalled(40_000);
    let claims = &fixture.claims;
    world
        .send(
            &[claims.appeal_as_member(0, 1)],
            &[&claims.clerk.key(), &claims.member_key()],
        )
        .assert_ok();
    refused_to_recoup(&mut world, &fixture, ClaimsError::AppealStillOpen);
    world
        .send(
            &[claims.uphold(0, 1, &claims.staff)],
            &[&claims.staff.key()],
        )
        .assert_ok();
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
}

/// What an appeal adds after the bond has paid comes back too, and each cent is counted once, by the claim that it is of.
#[test]
fn what_an_appeal_adds_is_recouped_too() {
    for deposit in [90_000, 4_000, 1_000] {
        let mut world = World::new(&[Program::Registry, Program::Claims, Program::Provenance]);
        let plan = PlanTerms {
            annual_max: Some(20_000),
            ..terms()
        };
        let entries = (0..100).map(benefit).collect();
        let claims = ClaimsFixture::with(&mut world, plan, entries, unlimited());
        let fixture = RecoupmentFixture::around(&mut world, claims, "", deposit);
        let claims = &fixture.claims;
        // What another claim has had of the year's maximum is missing, until that is taken back.
        for (n, units, charge) in [(7, 3, 30_000), (0, 2, 20_000)] {
            let line = ClaimLineArgs {
                units,
                day: u8::from(n != 0),
                ..line(u32::from(n) + 1, charge)
            };
            claims.submit(&mut world, n, &[line]).assert_ok();
        }
        reverse(&mut world, claims, 7).assert_ok();
        fixture.dispense(&mut world, 0);
        fixture.recall(&mut world);
        let first = claims.read_claim(&world, 0).totals.paid;
        let funded = claims.read_pool(&world).funded;
        world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
        let begun: ClaimRecoupment = world.account(&fixture.record(0));
        assert_eq!((begun.before, begun.due), (0, first));
        assert_eq!(begun.original, claims.claim(0));

        world
            .send(
                &[claims.appeal_as_member(0, 1)],
                &[&claims.clerk.key(), &claims.member_key()],
            )
            .assert_ok();
        world
            .send(
                &[claims.overturn(0, 1, &claims.staff, 1, 0)],
                &[&claims.staff.key()],
            )
            .assert_ok();
        let all = claims.read_claim(&world, 1).totals.paid;
        assert_eq!((first, all), (4_000, 8_000));
        // The first is reversed, and asks no more.
        refused(
            &mut world,
            &[fixture.recoup(0)],
            &[&crank()],
            ADDRESS_IN_USE,
        );
        let again = fixture.recoup_in_place_of(1, &[0]);
        let event: ClaimRecouped = world
            .send(std::slice::from_ref(&again), &[&crank()])
            .assert_ok()
            .event();
        let arrived = all.min(deposit).saturating_sub(first);
        assert_eq!(
            (event.claim, event.arrived, event.lacking),
            (claims.claim(1), arrived, all - first - arrived)
        );
        let record: ClaimRecoupment = world.account(&fixture.record(1));
        assert_eq!(
            (record.before, record.due, record.counted),
            (first, all - first, arrived)
        );
        // Of the shares before it that is known which the bond has paid, also where nothing is left for its own.
        assert_eq!(record.earlier, first.min(deposit));
        assert_eq!(record.came_back(all), all.min(deposit));
        assert_eq!(record.original, claims.claim(0));
        assert_eq!(record.recoupment, begun.recoupment);
        refused(&mut world, &[again], &[&crank()], ADDRESS_IN_USE);

        if deposit < all {
            // What is paid later is first the first one's.
            let maker = fixture.packs.maker.key();
            let half = first - deposit + 500;
            for cents in [half, 90_000] {
                world
                    .send(&[fixture.bond.deposit(cents)], &[&maker])
                    .assert_ok();
                world.send(&[fixture.pay_rest(0)], &[]).assert_ok();
            }
            world.send(&[fixture.count_of(1, 0)], &[]).assert_ok();
            if deposit < first {
                world.send(&[fixture.count(0)], &[]).assert_ok();
            }
        }
        let counted = [0, 1].map(|n| {
            let record: ClaimRecoupment = world.account(&fixture.record(n));
            record.counted
        });
        assert_eq!(counted, [first, all - first]);
        assert_eq!(claims.read_pool(&world).funded, funded + all);
        assert_eq!(fixture.bond.read(&world).recouped, all);
        for count in [fixture.count(0), fixture.count_of(1, 0)] {
            refused(&mut world, &[count], &[], ClaimsError::NothingArrived);
        }
    }
}

/// `cede_claims` of claim 0 with its record after it.
fn cede_with_record(treaty: &TreatyFixture, fixture: &RecoupmentFixture) -> Instruction {
    let mut cede = treaty.cede(&[0]);
    let record = AccountMeta::new(fixture.record(0), false);
    cede.accounts.push(record);
    cede
}

/// What has come back of a claim is no award that a reinsurer has to bear: its part goes back to the layer.
#[test]
fn what_comes_back_is_counted_off_under_the_treaty() {
    let (mut world, fixture) = covered(21_000);
    let claims = &fixture.claims;
    let treaty = TreatyFixture::in_force(&mut world, claims, cover(), 50_000);
    fixture.pay_and_dispense(&mut world, 0, 40_000);
    assert_eq!(claims.read_claim(&world, 0).totals.paid, 24_000);
    let drawn: ClaimsCeded = world.send(&[treaty.cede(&[0])], &[]).assert_ok().event();
    assert_eq!(
        (drawn.awards, drawn.drawn, drawn.returned),
        (24_000, 10_000, 0)
    );
    let mark = treaty.read(&world).mark();
    assert_eq!(claims.read_claim(&world, 0).treaty, mark);
    fixture.recall(&mut world);
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
    treaty.assert_balances(&world);

    // The claim alone says nothing of it.
    let with_record = cede_with_record(&treaty, &fixture);
    let mut unwritable = with_record.clone();
    unwritable
        .accounts
        .last_mut()
        .expect("the record")
        .is_writable = false;
    let mut before_claim = with_record.clone();
    let last = before_claim.accounts.len() - 1;
    before_claim.accounts.swap(last, last - 1);
    for (cede, error) in [
        (treaty.cede(&[0]), ClaimsError::NothingToCede.into()),
        (unwritable, u32::from(ErrorCode::AccountNotMutable)),
        (
            before_claim,
            u32::from(ErrorCode::AccountDiscriminatorMismatch),
        ),
    ] {
        refused(&mut world, &[cede], &[], error);
    }
    let mut other = world.clone();
    let another = ClaimLineArgs {
        day: 1,
        ..line(2, 20_000)
    };
    claims.submit(&mut other, 1, &[another]).assert_ok();
    let of_other = swapped(with_record.clone(), claims.claim(0), claims.claim(1));
    refused(
        &mut other,
        &[of_other],
        &[],
        ClaimsError::RecoupmentOfOtherClaim,
    );

    let back: ClaimsCeded = world
        .send(std::slice::from_ref(&with_record), &[])
        .assert_ok()
        .event();
    assert_eq!(
        (back.claims, back.awards, back.drawn, back.returned),
        (1, 3_000, 0, 10_000)
    );
    let record: ClaimRecoupment = world.account(&fixture.record(0));
    assert_eq!((record.counted, record.netted), (21_000, 21_000));
    assert_eq!(claims.read_claim(&world, 0).treaty, mark | Claim::NETTED);
    treaty.assert_balances(&world);
    refused(
        &mut world,
        std::slice::from_ref(&with_record),
        &[],
        ClaimsError::NothingToCede,
    );
    // The rest comes, is counted by the pool, and then off.
    let deposit = fixture.bond.deposit(50_000);
    world
        .send(&[deposit], &[&fixture.packs.maker.key()])
        .assert_ok();
    world
        .send(&[fixture.pay_rest(0), fixture.count(0)], &[])
        .assert_ok();
    let rest: ClaimsCeded = world
        .send(std::slice::from_ref(&with_record), &[])
        .assert_ok()
        .event();
    assert_eq!((rest.claims, rest.awards, rest.returned), (1, 0, 0));
    treaty.assert_balances(&world);

    // Taken back it counts for nothing, and its record must be there to say so.
    reverse(&mut world, claims, 0).assert_ok();
    refused(
        &mut world,
        &[treaty.cede(&[0])],
        &[],
        ClaimsError::RecoupmentMissing,
    );
    let gone: ClaimsCeded = world
        .send(std::slice::from_ref(&with_record), &[])
        .assert_ok()
        .event();
    assert_eq!((gone.claims, gone.awards), (0, 0));
    let record: ClaimRecoupment = world.account(&fixture.record(0));
    assert_eq!((record.counted, record.netted), (24_000, 0));
    assert_eq!(claims.read_claim(&world, 0).treaty, 0);
    treaty.assert_balances(&world);
    refused(&mut world, &[with_record], &[], ClaimsError::NothingToCede);
}

/// Recouped first and ceded later, a claim is counted with what is left of it.
#[test]
fn a_recouped_claim_is_ceded_with_what_is_left() {
    let (mut world, fixture) = covered(14_000);
    let claims = &fixture.claims;
    let treaty = TreatyFixture::in_force(&mut world, claims, cover(), 50_000);
    fixture.pay_and_dispense(&mut world, 0, 40_000);
    fixture.recall(&mut world);
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
    let ceded: ClaimsCeded = world
        .send(&[cede_with_record(&treaty, &fixture)], &[])
        .assert_ok()
        .event();
    // 100.00 are left, of which 50.00 lie beyond what the pool bears of a claim.
    assert_eq!(
        (ceded.claims, ceded.awards, ceded.drawn, ceded.returned),
        (1, 10_000, 5_000, 0)
    );
    treaty.assert_balances(&world);
}

/// Money that arrived before the record of the pack was closed with its batch is counted after it.
#[test]
fn what_arrived_is_counted_after_the_record_is_closed() {
    let (mut world, fixture) = recalled(1_000);
    let paid = fixture.claims.read_claim(&world, 0).totals.paid;
    let funded = fixture.claims.read_pool(&world).funded;
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
    let packs = &fixture.packs;
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * A_DAY);
    world.send(&[packs.close_page(0)], &[]).assert_ok();
    world
        .send(&[fixture.bond.close_batch(packs)], &[])
        .assert_ok();
    world
        .send(&[fixture.bond.deposit(50_000)], &[&packs.maker.key()])
        .assert_ok();
    let record = fixture.bond.recoupment(packs, 0);
    let close = swapped(
        packs.close_orphan(record, &packs.maker),
        packs.maker.key().pubkey(),
        crank().pubkey(),
    );
    world.send(&[fixture.pay_rest(0), close], &[]).assert_ok();
    assert!(world
        .raw(&record)
        .is_none_or(|account| account.data.is_empty()));
    // An account that was made up in its place.
    let (mut owned, mut written) = (world.clone(), world.clone());
    owned.set_owned(&record, &claims::ID, vec![1; 232]);
    refused(
        &mut owned,
        &[fixture.count(0)],
        &[],
        ErrorCode::AccountOwnedByWrongProgram,
    );
    written.set_owned(&record, &provenance::ID, vec![1; 232]);
    refused(
        &mut written,
        &[fixture.count(0)],
        &[],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    let event: ClaimRecouped = world.send(&[fixture.count(0)], &[]).assert_ok().event();
    assert_eq!(
        (event.claim, event.bond, event.arrived, event.lacking),
        (fixture.claims.claim(0), Pubkey::default(), paid - 1_000, 0)
    );
    assert_eq!(fixture.claims.read_pool(&world).funded, funded + paid);
    refused(
        &mut world,
        &[fixture.count(0)],
        &[],
        ClaimsError::NothingArrived,
    );
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

/// Claim 0 has paid 320.00 for pack 0, is ceded and recouped as far as the bond goes, and is adjudicated anew twice, each time for
/// less: claim 5 stands in its place, and claim 6 in that one's.
fn reprocessed_to_less(bond: u64) -> (World, RecoupmentFixture, TreatyFixture) {
    let (mut world, fixture) = covered(bond);
    let claims = &fixture.claims;
    let treaty = TreatyFixture::in_force(&mut world, claims, cover(), 50_000);
    // Claim 2 takes the deductible, which is free again once it is taken back.
    for n in [2, 3] {
        let line = ClaimLineArgs {
            day: n,
            ..line(u32::from(n) + 1, 40_000)
        };
        claims.submit(&mut world, n, &[line]).assert_ok();
    }
    for n in [0, 1] {
        fixture.pay_and_dispense(&mut world, n, 40_000);
    }
    fixture.recall(&mut world);
    world.send(&[fixture.recoup(0)], &[&crank()]).assert_ok();
    let ceded: ClaimsCeded = world
        .send(&[cede_with_record(&treaty, &fixture)], &[])
        .assert_ok()
        .event();
    assert_eq!((ceded.claims, ceded.awards), (1, 32_000 - bond));
    let staff = claims.staff.key();
    for (taken_back, n, replacement) in [(2, 0, 5), (3, 5, 6)] {
        reverse(&mut world, claims, taken_back).assert_ok();
        world
            .send(&[claims.reprocess(n, replacement)], &[&staff])
            .assert_ok();
        assert_eq!(claims.read_claim(&world, replacement).totals.paid, 24_000);
    }
    (world, fixture, treaty)
}

/// `cede_claims` of claims, those of `recorded` with their records.
fn cede_some(
    treaty: &TreatyFixture,
    fixture: &RecoupmentFixture,
    claims: &[u8],
    recorded: &[u8],
) -> Instruction {
    let mut cede = treaty.cede(&[]);
    for n in claims {
        let mut give = |key| cede.accounts.push(AccountMeta::new(key, false));
        give(fixture.claims.claim(*n));
        if recorded.contains(n) {
            give(fixture.record(*n));
        }
    }
    cede
}

/// What a bond that is short has paid for a claim has come back of the one that stands in its place at last, which asks for nothing
/// more: the reinsurer bears what is left, and less of it as the bond pays on.
#[test]
fn what_came_back_before_is_counted_off_of_the_claim_in_its_place() {
    let (mut world, fixture, treaty) = reprocessed_to_less(18_000);
    let claims = &fixture.claims;
    let bond = fixture.bond.read(&world);
    assert_eq!(bond.owed, RecoupmentFixture::COVER - 18_000);
    // As long as nobody has shown whose place it stands in, it counts whole.
    let whole: ClaimsCeded = world
        .send(&[cede_some(&treaty, &fixture, &[0, 5, 6], &[0])], &[])
        .assert_ok()
        .event();
    assert_eq!((whole.claims, whole.awards), (1, 24_000));
    let funded = claims.read_pool(&world).funded;
    let asked: ClaimRecouped = world
        .send(&[fixture.recoup_in_place_of(6, &[5, 0])], &[&crank()])
        .assert_ok()
        .event();
    assert_eq!((asked.arrived, asked.lacking), (0, 0));
    assert_eq!(claims.read_pool(&world).funded, funded);
    assert_eq!(fixture.bond.read(&world), bond);
    let record: ClaimRecoupment = world.account(&fixture.record(6));
    assert_eq!(
        (record.before, record.due, record.earlier),
        (RecoupmentFixture::COVER, 0, 18_000)
    );
    let net = cede_some(&treaty, &fixture, &[6], &[6]);
    let less: ClaimsCeded = world
        .send(std::slice::from_ref(&net), &[])
        .assert_ok()
        .event();
    // 60.00 are left, of which 10.00 lie beyond what the pool bears of a claim.
    assert_eq!(
        (less.claims, less.awards, less.recoverable),
        (1, 6_000, 1_000)
    );
    treaty.assert_balances(&world);
    refused(
        &mut world,
        std::slice::from_ref(&net),
        &[],
        ClaimsError::NothingToCede,
    );
    refused(
        &mut world,
        &[fixture.count_of(6, 0)],
        &[],
        ClaimsError::NothingArrived,
    );

    // The bond pays the rest: the first one's record counts it into the pool, and the last one's only knows of it.
    let deposit = fixture.bond.deposit(50_000);
    world
        .send(&[deposit], &[&fixture.packs.maker.key()])
        .assert_ok();
    world
        .send(&[fixture.pay_rest(0), fixture.count(0)], &[])
        .assert_ok();
    let funded = claims.read_pool(&world).funded;
    let known: ClaimRecouped = world
        .send(&[fixture.count_of(6, 0)], &[])
        .assert_ok()
        .event();
    assert_eq!((known.arrived, known.lacking), (0, 0));
    assert_eq!(claims.read_pool(&world).funded, funded);
    let none: ClaimsCeded = world
        .send(std::slice::from_ref(&net), &[])
        .assert_ok()
        .event();
    assert_eq!((none.claims, none.awards, none.recoverable), (1, 0, 0));
    let record: ClaimRecoupment = world.account(&fixture.record(6));
    assert_eq!((record.earlier, record.netted), (30_000, 24_000));
    treaty.assert_balances(&world);

    // Taken back it counts for nothing, and its record must be there to say so.
    reverse(&mut world, claims, 6).assert_ok();
    refused(
        &mut world,
        &[treaty.cede(&[6])],
        &[],
        ClaimsError::RecoupmentMissing,
    );
    let gone: ClaimsCeded = world.send(&[net], &[]).assert_ok().event();
    assert_eq!((gone.claims, gone.awards), (0, 0));
    treaty.assert_balances(&world);
    assert_eq!(treaty.read(&world).drawn, treaty.read(&world).returned);
}

/// Ceded with its record from the start it counts for what is left, and nothing is counted off of the first any more.
#[test]
fn what_is_counted_off_moves_on_to_the_claim_in_its_place() {
    let (mut world, fixture, treaty) = reprocessed_to_less(18_000);
    // The one between them is reversed, and asks no more.
    refused(
        &mut world,
        &[fixture.recoup_in_place_of(5, &[0])],
        &[&crank()],
        ClaimsError::ClaimNotPaid,
    );
    world
        .send(&[fixture.recoup_in_place_of(6, &[5, 0])], &[&crank()])
        .assert_ok();
    let ceded: ClaimsCeded = world
        .send(&[cede_some(&treaty, &fixture, &[0, 5, 6], &[0, 6])], &[])
        .assert_ok()
        .event();
    assert_eq!((ceded.claims, ceded.awards), (1, 6_000));
    let netted = [0, 6].map(|n| {
        let record: ClaimRecoupment = world.account(&fixture.record(n));
        record.netted
    });
    assert_eq!(netted, [0, 18_000]);
    treaty.assert_balances(&world);
}

/// Nobody shows another pack's recoupment for the one of the claim.
#[test]
fn what_came_back_for_another_pack_is_refused() {
    let (mut world, fixture, _) = reprocessed_to_less(18_000);
    world.send(&[fixture.recoup(1)], &[&crank()]).assert_ok();
    let (own, other) = (
        fixture.bond.recoupment(&fixture.packs, 0),
        fixture.bond.recoupment(&fixture.packs, 1),
    );
    let recoup = fixture.recoup_in_place_of(6, &[5, 0]);
    refused(
        &mut world,
        &[swapped(recoup, own, other)],
        &[&crank()],
        ProvenanceError::WrongRecord,
    );
}
