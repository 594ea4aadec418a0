//! Packs kept for a claim, and packs that fill several prescriptions.

use provenance::events::{DispenseClosed, PackFilled, PackReserved};

use crate::common::*;

fn claim() -> Keypair {
    actor("claim")
}

/// Dispenses pack 0 for a claim, or for none.
fn dispense(fixture: &ProvenanceFixture, claim: Option<&Keypair>) -> Instruction {
    let proof = fixture.tree.proof(0, fixture.terms.page_height);
    fixture.dispense_with(&fixture.pharmacy, proof, false, claim.map(Signer::pubkey))
}

#[test]
fn a_reserved_pack_is_dispensed_for_its_claim_only() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let reserve = fixture.reserve(0, claim().pubkey(), DAY);
    let event: PackReserved = done(&mut world, reserve.clone(), &[&key]).event();
    assert_eq!(
        (event.claim, event.until),
        (claim().pubkey(), world.now() + DAY)
    );
    let record = fixture.read_dispense(&world, pack(0));
    assert_eq!(record.kind(), DispenseKind::Reserved);
    assert!(!fixture.is_marked(&world, 0));
    refused(&mut world, reserve, &[&key], ProvenanceError::StillReserved);
    refused(
        &mut world,
        dispense(&fixture, None),
        &[&key],
        ProvenanceError::ReservedForOther,
    );
    let other = actor("another claim");
    refused(
        &mut world,
        dispense(&fixture, Some(&other)),
        &[&key, &other],
        ProvenanceError::ReservedForOther,
    );
    refused(
        &mut world,
        fixture.close_dispense(pack(0)),
        &[],
        ProvenanceError::StillReserved,
    );
    refused(
        &mut world,
        fixture.hand_out(pack(0)),
        &[&key],
        ProvenanceError::NotDispensed,
    );
    refused(
        &mut world,
        fixture.undo(pack(0), &fixture.pharmacy, Some(claim().pubkey())),
        &[&key, &claim()],
        ProvenanceError::NotDispensed,
    );
    world.advance(DAY);
    done(
        &mut world,
        dispense(&fixture, Some(&claim())),
        &[&key, &claim()],
    );
    let record = fixture.read_dispense(&world, pack(0));
    assert_eq!(
        (
            record.kind(),
            record.claim,
            record.at,
            record.reserved_until
        ),
        (DispenseKind::Dispensed, claim().pubkey(), world.now(), 0)
    );
    assert!(fixture.is_marked(&world, 0));
}

#[test]
fn a_reservation_ends_by_itself() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(
        &mut world,
        fixture.reserve(0, claim().pubkey(), DAY),
        &[&key],
    );
    done(
        &mut world,
        fixture.reserve(1, claim().pubkey(), DAY),
        &[&key],
    );
    world.advance(DAY + 1);
    // Dispensed for nobody, reserved for another, closed by anybody.
    done(&mut world.clone(), dispense(&fixture, None), &[&key]);
    let other = actor("another claim").pubkey();
    done(&mut world.clone(), fixture.reserve(0, other, DAY), &[&key]);
    done(&mut world, fixture.close_dispense(pack(1)), &[]);
    assert!(!exists(&world, &fixture.dispense_address(pack(1))));
}

#[test]
fn a_reservation_is_given_up_by_its_pharmacy() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(
        &mut world,
        fixture.reserve(0, claim().pubkey(), DAY),
        &[&key],
    );
    refused(
        &mut world,
        fixture.cancel_reservation(0, &fixture.wholesaler),
        &[&fixture.wholesaler.key()],
        ProvenanceError::ReservedForOther,
    );
    done(
        &mut world,
        fixture.cancel_reservation(0, &fixture.pharmacy),
        &[&key],
    )
    .event::<DispenseClosed>();
    done(&mut world, dispense(&fixture, None), &[&key]);
    refused(
        &mut world,
        fixture.cancel_reservation(0, &fixture.pharmacy),
        &[&key],
        ProvenanceError::NotReserved,
    );
}

#[test]
fn reservations_that_are_none() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    for (claim, seconds) in [
        (claim().pubkey(), 0),
        (claim().pubkey(), -1),
        (claim().pubkey(), MAX_RESERVATION_SECONDS + 1),
        (claim().pubkey(), i64::MAX),
        (Pubkey::default(), DAY),
    ] {
        refused(
            &mut world,
            fixture.reserve(0, claim, seconds),
            &[&key],
            ProvenanceError::ReservationInvalid,
        );
    }
    refused(
        &mut world,
        fixture.reserve(8, claim().pubkey(), DAY),
        &[&key],
        ProvenanceError::NotInCustody,
    );
    done(&mut world, fixture.dispense(0), &[&key]);
    refused(
        &mut world,
        fixture.reserve(0, claim().pubkey(), DAY),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

/// A case of bottles of 100 tablets at the pharmacy.
fn bottles(policy: u8) -> (World, ProvenanceFixture) {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("B1", |terms| {
        terms.units = 100;
        terms.policy = policy;
    });
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    (world, fixture)
}

#[test]
fn a_bottle_is_filled_from_until_it_is_empty() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY);
    let key = fixture.pharmacy.key();
    let event: PackFilled = done(&mut world, fixture.fill(0, 30, None), &[&key]).event();
    assert_eq!((event.units, event.left), (30, 70));
    assert_eq!(
        status_at(&world, &fixture, pack(0)),
        Status::PartiallyDispensed
    );
    assert!(!fixture.is_marked(&world, 0));
    refused(
        &mut world,
        fixture.fill(0, 71, None),
        &[&key],
        ProvenanceError::FillTooMuch,
    );
    refused(
        &mut world,
        fixture.fill(0, 0, None),
        &[&key],
        ProvenanceError::FillEmpty,
    );
    for whole in [
        dispense(&fixture, None),
        fixture.reserve(0, claim().pubkey(), DAY),
    ] {
        refused(&mut world, whole, &[&key], ProvenanceError::PartlyFilled);
    }
    done(&mut world, fixture.fill(0, 70, None), &[&key]);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Dispensed);
    assert_eq!(fixture.read_node(&world, pack(0)).units_taken, 100);
    assert!(fixture.is_marked(&world, 0));
    refused(
        &mut world,
        fixture.fill(0, 1, None),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
    // The others are as they were.
    done(&mut world, fixture.dispense(1), &[&key]);
    refused(
        &mut world,
        fixture.fill(1, 1, None),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn where_opening_dispenses_the_first_fill_sets_the_bit() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY | POLICY_OPENING_DISPENSES);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    assert!(fixture.is_marked(&world, 0));
    assert_eq!(fixture.read_page(&world, 0).dispensed, 1);
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    done(&mut world, fixture.fill(0, 40, None), &[&key]);
    assert_eq!(fixture.read_page(&world, 0).dispensed, 1);
    refused(
        &mut world,
        fixture.fill(0, 1, None),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn fills_keep_to_recalls_and_reservations() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY);
    let key = fixture.pharmacy.key();
    done(
        &mut world,
        fixture.reserve(0, claim().pubkey(), DAY),
        &[&key],
    );
    refused(
        &mut world,
        fixture.fill(0, 30, None),
        &[&key],
        ProvenanceError::ReservedForOther,
    );
    let mut elsewhere = fixture.fill(0, 30, None);
    for meta in &mut elsewhere.accounts {
        if meta.pubkey == fixture.dispense_address(pack(0)) {
            meta.pubkey = fixture.dispense_address(pack(1));
        }
    }
    refused(&mut world, elsewhere, &[&key], ProvenanceError::WrongRecord);
    done(
        &mut world,
        fixture.fill(0, 30, Some(claim().pubkey())),
        &[&key, &claim()],
    );
    let recall = fixture.recall(case(0), &fixture.regulator, recall_terms());
    done(&mut world, recall, &[&fixture.regulator.key()]);
    refused(
        &mut world,
        fixture.fill(0, 30, Some(claim().pubkey())),
        &[&key, &claim()],
        ProvenanceError::Recalled,
    );
}

#[test]
fn packs_without_units_are_dispensed_whole() {
    let (mut world, fixture) = delivered();
    refused(
        &mut world,
        fixture.fill(0, 1, None),
        &[&fixture.pharmacy.key()],
        ProvenanceError::NotDivisible,
    );
}
