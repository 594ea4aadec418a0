//! Medicines that a plan pays only with a pack of them.

use claims::instructions::DispenseClaimArgs;
use galen_testkit::fixtures::pharmacy::{pack_salt, PharmacyFixture};
use galen_testkit::fixtures::provenance as packs;

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

const OPENING: [u8; 16] = [9; 16];
/// The medicine of another product than the fixtures' batch.
const OTHER_GTIN: &[u8; 14] = b"09524000059109";
/// Of 200.00 that are allowed the deductible takes 100.00, the member a fifth of the rest.
const CHARGE: u64 = 25_000;
const PAID: u64 = 8_000;

fn medicine(gtin: &[u8; 14]) -> [u8; 8] {
    BenefitEntry::product_key(&OPENING, gtin)
}

fn line_of(gtin: &[u8; 14], units: u16) -> ClaimLineArgs {
    ClaimLineArgs {
        code_key: medicine(gtin),
        units,
        ..line(0, CHARGE)
    }
}

/// The batch's medicine on the day of the fixtures' dispenses, in a claim of the fixtures' service date.
fn again() -> ClaimLineArgs {
    ClaimLineArgs {
        day: u8::try_from(TODAY - SERVICE_DATE).unwrap(),
        ..line_of(packs::GTIN, 1)
    }
}

/// A pharmacy whose insurer pays two medicines with their packs alone, the first of them that of the batch; `flags` of that one.
fn stocked_with(flags: u8) -> (World, PharmacyFixture) {
    let mut world = World::new(&[Program::Registry, Program::Claims, Program::Provenance]);
    let of = |gtin, flags| BenefitEntry {
        code_key: medicine(gtin),
        allowed: 20_000,
        flags: flags | BenefitEntry::WITH_PACK,
        ..benefit(0)
    };
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries.push(of(packs::GTIN, flags));
    entries.push(of(OTHER_GTIN, BenefitEntry::COVERED));
    entries.sort_by_key(BenefitEntry::order);
    let claims = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    let fixture = PharmacyFixture::around(&mut world, claims, "", packs::GTIN);
    (world, fixture)
}

fn stocked() -> (World, PharmacyFixture) {
    stocked_with(BenefitEntry::COVERED)
}

fn dispense(
    fixture: &PharmacyFixture,
    n: u8,
    index: u64,
    opening: Option<[u8; 16]>,
) -> Instruction {
    let args = DispenseClaimArgs {
        salt: pack_salt(n),
        index,
        is_handed_out: false,
        opening,
    };
    claims_instruction(
        fixture.dispense_accounts(n, index),
        data::DispenseClaim { args },
    )
}

#[test]
fn it_is_paid_with_a_pack_of_it() {
    let (mut world, fixture) = stocked();
    fixture.commit_to(&mut world, 1, 2, &[line_of(packs::GTIN, 1)]);
    let key = fixture.packs.pharmacy.key();
    assert!(!fixture.packs.is_marked(&world, 2));
    world
        .send(&[dispense(&fixture, 1, 2, Some(OPENING))], &[&key])
        .assert_ok();
    let claim = fixture.claims.read_claim(&world, 1);
    assert_eq!((claim.status, claim.totals.paid), (ClaimStatus::Paid, PAID));
    assert!(fixture.packs.is_marked(&world, 2));
    fixture.claims.assert_money_adds_up(&world);
}

#[test]
fn without_a_pack_it_is_paid_in_no_way() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let line = line_of(packs::GTIN, 1);
    let keys = (claims.clerk.key(), claims.member_key());
    refused(
        &mut world,
        &[claims.submit_claim(1, &[line])],
        &[&keys.0, &keys.1],
        ClaimsError::PackRequired,
    );
    fixture.draft(&mut world, 1, &[line]);
    let adjudicate = claims.adjudicate(&world, 1, CHARGE);
    refused(
        &mut world,
        &[adjudicate],
        &[&keys.0, &keys.1],
        ClaimsError::PackRequired,
    );
    // Nor with facts, which are adjudicated in another way.
    let referral = ClaimFact {
        line: ClaimFact::ALL_LINES,
        kind: ClaimFactKind::Referral,
        key: [0; 8],
        day: 0,
    };
    claims.draft_with_facts(&mut world, 3, &[line], &[referral]);
    let adjudicate = claims.adjudicate(&world, 3, CHARGE);
    refused(
        &mut world,
        &[adjudicate],
        &[&keys.0, &keys.1],
        ClaimsError::PackRequired,
    );
}

/// What the plan does not pay at all is said, and can be appealed, without a pack.
#[test]
fn a_denial_needs_no_pack() {
    let (mut world, fixture) = stocked_with(0);
    let claims = &fixture.claims;
    claims
        .submit(&mut world, 1, &[line_of(packs::GTIN, 1)])
        .assert_ok();
    assert_eq!(claims.read_claim(&world, 1).status, ClaimStatus::Denied);
}

#[test]
fn it_stands_alone_on_its_claim_as_one_unit() {
    let (mut world, fixture) = stocked();
    let key = fixture.packs.pharmacy.key();
    for (n, index, lines) in [
        (1, 2, vec![line_of(packs::GTIN, 2)]),
        (2, 3, vec![line_of(packs::GTIN, 1), line(1, 1)]),
        (3, 4, vec![line_of(packs::GTIN, 1), line_of(OTHER_GTIN, 1)]),
    ] {
        fixture.commit_to(&mut world, n, index, &lines);
        refused(
            &mut world,
            &[dispense(&fixture, n, index, Some(OPENING))],
            &[&key],
            ClaimsError::PackLineNotAlone,
        );
    }
}

#[test]
fn only_with_a_pack_of_the_medicine_that_is_billed() {
    let (mut world, fixture) = stocked();
    let key = fixture.packs.pharmacy.key();
    fixture.commit_to(&mut world, 1, 2, &[line_of(OTHER_GTIN, 1)]);
    fixture.commit_to(&mut world, 2, 3, &[line_of(packs::GTIN, 1)]);
    for (n, index, opening) in [
        (1, 2, Some(OPENING)),
        (1, 2, None),
        (2, 3, None),
        (2, 3, Some([8; 16])),
    ] {
        refused(
            &mut world,
            &[dispense(&fixture, n, index, opening)],
            &[&key],
            ClaimsError::ProductMismatch,
        );
    }
    world
        .send(&[dispense(&fixture, 2, 3, Some(OPENING))], &[&key])
        .assert_ok();
}

/// What is paid with a pack of any kind is as before: what opens the code says nothing there.
#[test]
fn other_lines_are_paid_with_any_pack() {
    let (mut world, fixture) = stocked();
    fixture.commit_to(&mut world, 1, 2, &[line(1, 20_000), line(2, 20_000)]);
    world
        .send(
            &[dispense(&fixture, 1, 2, Some([1; 16]))],
            &[&fixture.packs.pharmacy.key()],
        )
        .assert_ok();
    assert_eq!(
        fixture.claims.read_claim(&world, 1).status,
        ClaimStatus::Paid
    );
}

/// A claim in the place of one that was paid with its pack has that pack; one in the place of a denied claim has none.
#[test]
fn reprocessing_asks_for_no_second_pack_and_forgives_no_first() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let (key, staff) = (fixture.packs.pharmacy.key(), claims.staff.key());
    claims
        .submit(&mut world, 1, &[on_day(1, 10_000)])
        .assert_ok();
    fixture.commit_to(&mut world, 2, 2, &[line_of(packs::GTIN, 1)]);
    world
        .send(&[dispense(&fixture, 2, 2, Some(OPENING))], &[&key])
        .assert_ok();
    assert_eq!(claims.read_claim(&world, 2).totals.paid, 2 * PAID);
    // Live already: denied, so recorded without a pack.
    claims.submit(&mut world, 3, &[again()]).assert_ok();
    assert_eq!(claims.read_claim(&world, 3).status, ClaimStatus::Denied);

    let mut first = world.clone();
    reverse(&mut first, claims, 1).assert_ok();
    first.send(&[claims.reprocess(2, 4)], &[&staff]).assert_ok();
    // Alone it meets the deductible.
    assert_eq!(claims.read_claim(&first, 4).totals.paid, PAID);

    reverse(&mut world, claims, 2).assert_ok();
    refused(
        &mut world,
        &[claims.reprocess(3, 4)],
        &[&staff],
        ClaimsError::PackRequired,
    );
}

/// Denied or not, it stands alone from the beginning: what is denied beside a line that is paid could be let through later.
#[test]
fn beside_others_it_is_not_even_recorded() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let key = fixture.packs.pharmacy.key();
    fixture.commit_to(&mut world, 1, 2, &[line_of(packs::GTIN, 1)]);
    world
        .send(&[dispense(&fixture, 1, 2, Some(OPENING))], &[&key])
        .assert_ok();
    let keys = (claims.clerk.key(), claims.member_key());
    let several = ClaimLineArgs {
        units: 2,
        ..again()
    };
    for lines in [
        vec![line(1, 5_000), again()],
        vec![again(), line(1, 5_000)],
        // Live in itself.
        vec![line(1, 5_000), line_of(OTHER_GTIN, 1)],
        vec![several],
    ] {
        refused(
            &mut world,
            &[claims.submit_claim(2, &lines)],
            &[&keys.0, &keys.1],
            ClaimsError::PackLineNotAlone,
        );
        // Nor with facts, which are adjudicated in another way.
        let referral = ClaimFact {
            line: ClaimFact::ALL_LINES,
            kind: ClaimFactKind::Referral,
            key: [0; 8],
            day: 0,
        };
        let mut stated = world.clone();
        claims.draft_with_facts(&mut stated, 3, &lines, &[referral]);
        let charge = lines.iter().map(|line| line.charge).sum();
        let adjudicate = claims.adjudicate(&stated, 3, charge);
        refused(
            &mut stated,
            &[adjudicate],
            &[&keys.0, &keys.1],
            ClaimsError::PackLineNotAlone,
        );
    }
}

/// An appeal lets it be without a pack, and so it stays; one that left it denied has let nothing be.
#[test]
fn what_an_appeal_granted_without_a_pack_needs_none_when_it_is_adjudicated_anew() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let (key, staff) = (fixture.packs.pharmacy.key(), claims.staff.key());
    claims
        .submit(&mut world, 1, &[on_day(1, 10_000)])
        .assert_ok();
    fixture.commit_to(&mut world, 2, 2, &[line_of(packs::GTIN, 1)]);
    world
        .send(&[dispense(&fixture, 2, 2, Some(OPENING))], &[&key])
        .assert_ok();
    claims.submit(&mut world, 3, &[again()]).assert_ok();
    assert_eq!(claims.read_claim(&world, 3).status, ClaimStatus::Denied);
    world
        .send(
            &[claims.appeal_as_member(3, 1)],
            &[&claims.clerk.key(), &claims.member_key()],
        )
        .assert_ok();
    let mut in_vain = world.clone();

    let history = claims::waivers::WAIVE_HISTORY;
    let overturn = claims.overturn(3, 1, &claims.staff, 4, history);
    world.send(&[overturn], &[&staff]).assert_ok();
    assert_eq!(claims.read_claim(&world, 4).totals.paid, 2 * PAID);
    reverse(&mut world, claims, 1).assert_ok();
    world.send(&[claims.reprocess(4, 5)], &[&staff]).assert_ok();
    let anew = claims.read_claim(&world, 5);
    assert!(anew.course.has_pack());
    // It meets the deductible now: claim 2, which is flagged too, does not yet.
    assert_eq!((anew.status, anew.totals.paid), (ClaimStatus::Paid, PAID));
    claims.assert_money_adds_up(&world);

    let overturn = claims.overturn(3, 1, &claims.staff, 4, 0);
    refused(
        &mut in_vain,
        &[overturn],
        &[&staff],
        ClaimsError::NothingMended,
    );
    let uphold = claims.uphold(3, 1, &claims.staff);
    in_vain.send(&[uphold], &[&staff]).assert_ok();
    reverse(&mut in_vain, claims, 2).assert_ok();
    refused(
        &mut in_vain,
        &[claims.reprocess(3, 4)],
        &[&staff],
        ClaimsError::PackRequired,
    );
}
