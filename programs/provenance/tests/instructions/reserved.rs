//! Dispensing a pack that is kept for a claim: the reservation stands for the proof, and everything else is checked anew.

use provenance::events::PackDispensed;

use crate::common::*;
use crate::states::put;

fn claim() -> Keypair {
    actor("claim")
}

/// Pack 0 is kept for the claim for a day.
fn reserved() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = delivered();
    let reserve = fixture.reserve(0, claim().pubkey(), DAY);
    done(&mut world, reserve, &[&fixture.pharmacy.key()]);
    (world, fixture)
}

#[track_caller]
fn not(world: &mut World, fixture: &ProvenanceFixture, error: impl Into<u32>) {
    let dispense = fixture.dispense_reserved(0, claim().pubkey());
    refused(world, dispense, &[&fixture.pharmacy.key(), &claim()], error);
}

#[test]
fn it_is_dispensed_as_with_a_proof() {
    let (mut world, fixture) = reserved();
    let key = fixture.pharmacy.key();
    world.advance(DAY);
    let mut proved = world.clone();
    let proof = fixture.tree.proof(0, 5);
    let with_proof = fixture.dispense_with(&fixture.pharmacy, proof, false, Some(claim().pubkey()));
    done(&mut proved, with_proof, &[&key, &claim()]);

    let dispense = fixture.dispense_reserved(0, claim().pubkey());
    let event: PackDispensed = done(&mut world, dispense, &[&key, &claim()]).event();
    assert_eq!(
        (event.index, event.pharmacy, event.claim, event.at),
        (0, fixture.pharmacy.address(), claim().pubkey(), world.now())
    );
    assert!(fixture.is_marked(&world, 0));
    assert_eq!(fixture.read_page(&world, 0), fixture.read_page(&proved, 0));
    assert_eq!(
        fixture.read_dispense(&world, pack(0)),
        fixture.read_dispense(&proved, pack(0))
    );
    not(&mut world, &fixture, ProvenanceError::AlreadyDispensed);
}

#[test]
fn only_while_it_is_kept_for_this_claim() {
    let (mut world, fixture) = reserved();
    let key = fixture.pharmacy.key();
    let other = world.actor("other claim");
    refused(
        &mut world,
        fixture.dispense_reserved(0, other.pubkey()),
        &[&key, &other],
        ProvenanceError::ReservedForOther,
    );
    refused(
        &mut world,
        fixture.dispense_reserved(1, claim().pubkey()),
        &[&key, &claim()],
        ErrorCode::AccountOwnedByWrongProgram,
    );
    // The reservation of another pack.
    let reserve = fixture.reserve(1, claim().pubkey(), DAY);
    done(&mut world, reserve, &[&key]);
    let mixed = swapped(
        fixture.dispense_reserved(0, claim().pubkey()),
        fixture.dispense_address(pack(0)),
        fixture.dispense_address(pack(1)),
    );
    refused(
        &mut world,
        mixed,
        &[&key, &claim()],
        ProvenanceError::WrongRecord,
    );
    world.advance(DAY + 1);
    not(&mut world, &fixture, ProvenanceError::ReservationLapsed);
}

/// The first record of a dispense is not taken for a reservation.
#[test]
fn a_record_of_a_dispense_is_no_reservation() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(0), &[&key]);
    not(&mut world, &fixture, ProvenanceError::AlreadyDispensed);
}

#[test]
fn the_pack_must_still_be_one_to_dispense() {
    let (world, fixture) = reserved();
    let key = fixture.pharmacy.key();
    for of in [pack(0), case(0), pallet(0), whole()] {
        let mut world = world.clone();
        let recall = fixture.recall(of, &fixture.regulator, recall_terms());
        done(&mut world, recall, &[&fixture.regulator.key()]);
        not(&mut world, &fixture, ProvenanceError::Recalled);
    }
    // As of any pack, by its status.
    for status in Status::ALL {
        let mut with_proof = world.clone();
        put(&mut with_proof, &fixture, pack(0), status);
        let mut world = with_proof.clone();
        let proof = fixture.tree.proof(0, 5);
        let dispense =
            fixture.dispense_with(&fixture.pharmacy, proof, false, Some(claim().pubkey()));
        let expected = with_proof.send(&[dispense], &[&key, &claim()]);
        let dispense = fixture.dispense_reserved(0, claim().pubkey());
        let outcome = world.send(&[dispense], &[&key, &claim()]);
        assert_eq!(outcome.code(), expected.code(), "{status:?}");
        assert_eq!(outcome.succeeded(), expected.succeeded(), "{status:?}");
    }
    let mut away = world.clone();
    fixture.hand_over(&mut away, pack(0), &fixture.pharmacy, &fixture.wholesaler);
    not(&mut away, &fixture, ProvenanceError::NotSellable);
    let verify = fixture.set_status(pack(0), &fixture.wholesaler, StatusAction::Verify);
    done(&mut away, verify, &[&fixture.wholesaler.key()]);
    not(&mut away, &fixture, ProvenanceError::NotInCustody);
    let mut revoked = world.clone();
    fixture
        .revoke_credential(&mut revoked, &fixture.pharmacy)
        .assert_ok();
    not(&mut revoked, &fixture, ProvenanceError::CredentialRevoked);
}

#[test]
fn not_after_the_expiry() {
    let (mut world, fixture) = delivered();
    world.advance(365 * DAY - 2 * DAY);
    // Permissions and credentials end with the year: the pack is dispensed on its last days, and not after them.
    let fixture = fixture.with_terms("E1", |terms| terms.expiry = TODAY + 364);
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    let reserve = fixture.reserve(0, claim().pubkey(), 3 * DAY);
    done(&mut world, reserve, &[&fixture.pharmacy.key()]);
    let mut last = world.clone();
    last.advance(DAY);
    done(
        &mut last,
        fixture.dispense_reserved(0, claim().pubkey()),
        &[&fixture.pharmacy.key(), &claim()],
    );
    world.advance(DAY + DAY / 2);
    not(&mut world, &fixture, ProvenanceError::Expired);
}

#[test]
fn what_it_takes() {
    let (mut world, fixture) = reserved();
    let dispense = fixture.dispense_reserved(0, claim().pubkey());
    let (bytes, accounts) = world.size(std::slice::from_ref(&dispense));
    let outcome = done(&mut world, dispense, &[&fixture.pharmacy.key(), &claim()]);
    println!("{} CU, {bytes} bytes, {accounts} accounts", outcome.cu);
    assert!(outcome.cu <= 7_500, "{} CU", outcome.cu);
}
