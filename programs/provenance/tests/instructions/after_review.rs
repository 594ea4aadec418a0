//! What a review found, as tests: a recalled part goes nowhere within what it lay in.

use crate::common::*;

/// The index of the first pack of the second case of the first pallet, which the wholesaler has.
const FIRST_OF_SECOND_CASE: u64 = 8;

fn recall(world: &mut World, fixture: &ProvenanceFixture, of: Place) {
    let recall = fixture.recall(of, &fixture.regulator, recall_terms());
    done(world, recall, &[&fixture.regulator.key()]);
}

fn lift(world: &mut World, fixture: &ProvenanceFixture, of: Place) {
    let lift = fixture.lift(of, &fixture.regulator);
    done(world, lift, &[&fixture.regulator.key()]);
}

fn held_by(world: &World, fixture: &ProvenanceFixture, of: Place) -> (Pubkey, Status) {
    let custody = custody_at(world, fixture, of);
    (custody.custodian, custody.status)
}

#[test]
fn a_recalled_pack_is_not_dispensed_with_its_case() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    recall(&mut world, &fixture, pack(0));
    done(&mut world, fixture.dispense_all(case(0)), &[&key]);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Dispensed);
    assert_eq!(
        held_by(&world, &fixture, pack(0)),
        (fixture.pharmacy.address(), Status::Received)
    );
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::Recalled,
    );
    // Lifted, it is the pharmacy's to dispense, and what lay beside it is not: that is gone.
    lift(&mut world, &fixture, pack(0));
    done(&mut world, fixture.dispense(0), &[&key]);
    refused(
        &mut world,
        fixture.dispense(1),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn a_recalled_part_does_not_move_within_the_whole() {
    for (part, of) in [
        (pack(FIRST_OF_SECOND_CASE), case(1)),
        (pack(FIRST_OF_SECOND_CASE), pallet(0)),
        (case(1), pallet(0)),
    ] {
        let (mut world, fixture) = delivered();
        let (wholesaler, pharmacy) = (&fixture.wholesaler, &fixture.pharmacy);
        recall(&mut world, &fixture, part);
        fixture.hand_over(&mut world, of, wholesaler, pharmacy);
        let stays = (wholesaler.address(), Status::Received);
        assert_eq!(held_by(&world, &fixture, part), stays, "{part:?}");
        assert_eq!(
            held_by(&world, &fixture, of),
            (pharmacy.address(), Status::Received)
        );
        let dispense = fixture.dispense(FIRST_OF_SECOND_CASE);
        refused(
            &mut world,
            dispense.clone(),
            &[&pharmacy.key()],
            ProvenanceError::Recalled,
        );
        refused(
            &mut world,
            fixture.offer(part, wholesaler, pharmacy, sale()),
            &[&wholesaler.key()],
            ProvenanceError::RecalledMustReturn,
        );
        // Lifted, its holder ships it, and the pharmacy dispenses it.
        lift(&mut world, &fixture, part);
        refused(
            &mut world,
            dispense.clone(),
            &[&pharmacy.key()],
            ProvenanceError::NotInCustody,
        );
        fixture.hand_over(&mut world, part, wholesaler, pharmacy);
        done(&mut world, dispense, &[&pharmacy.key()]);
    }
}

#[test]
fn a_recalled_part_is_not_accepted_with_a_whole_that_was_on_its_way() {
    let (mut world, fixture) = delivered();
    let (wholesaler, pharmacy) = (&fixture.wholesaler, &fixture.pharmacy);
    let part = pack(FIRST_OF_SECOND_CASE);
    let offer = fixture.offer(case(1), wholesaler, pharmacy, sale());
    done(&mut world, offer, &[&wholesaler.key()]);
    recall(&mut world, &fixture, part);
    let accept = fixture.accept(case(1), wholesaler, pharmacy, &[]);
    done(&mut world, accept, &[&pharmacy.key()]);
    assert_eq!(
        held_by(&world, &fixture, part),
        (wholesaler.address(), Status::Received)
    );
    // It goes back, while it is recalled; to who recalled it or who takes returns, and nobody else.
    fixture.hand_over(&mut world, part, wholesaler, &fixture.returns);
    let destroy = fixture.set_status(part, &fixture.returns, StatusAction::Destroy);
    done(&mut world, destroy, &[&fixture.returns.key()]);
}

#[test]
fn a_recalled_part_is_not_exported_with_the_whole() {
    let (mut world, fixture) = delivered();
    let wholesaler = &fixture.wholesaler;
    let part = pack(FIRST_OF_SECOND_CASE);
    recall(&mut world, &fixture, part);
    let export = fixture.set_status(case(1), wholesaler, StatusAction::Export);
    done(&mut world, export, &[&wholesaler.key()]);
    assert_eq!(
        held_by(&world, &fixture, part),
        (wholesaler.address(), Status::Received)
    );
    refused(
        &mut world,
        fixture.set_status(part, wholesaler, StatusAction::Export),
        &[&wholesaler.key()],
        ProvenanceError::Recalled,
    );
}

#[test]
fn a_part_that_is_set_apart_already_keeps_what_became_of_it() {
    let (mut world, fixture) = delivered();
    let set = fixture.set_status(pack(0), &fixture.pharmacy, StatusAction::Quarantine);
    done(&mut world, set, &[&fixture.pharmacy.key()]);
    let before = custody_at(&world, &fixture, pack(0));
    world.advance(60);
    recall(&mut world, &fixture, pack(0));
    assert_eq!(custody_at(&world, &fixture, pack(0)), before);
}

#[test]
fn what_patients_have_stays_theirs_when_a_part_is_recalled() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense_all(case(0)), &[&key]);
    recall(&mut world, &fixture, pack(0));
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Dispensed);
    // The case comes back and goes out again, without the recalled pack.
    done(
        &mut world,
        fixture.undo(case(0), &fixture.pharmacy, None),
        &[&key],
    );
    done(&mut world, fixture.dispense(1), &[&key]);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::Recalled,
    );
}

#[test]
fn where_custody_is_not_recorded_a_lifted_recall_leaves_the_pack_free() {
    let (mut world, fixture) = unrecorded();
    let key = fixture.pharmacy.key();
    recall(&mut world, &fixture, pack(0));
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::Recalled,
    );
    lift(&mut world, &fixture, pack(0));
    done(&mut world, fixture.dispense(0), &[&key]);
}

#[test]
fn a_recall_names_every_place_above() {
    let (mut world, fixture) = delivered();
    let key = fixture.regulator.key();
    let recall = fixture.recall(pack(0), &fixture.regulator, recall_terms());
    for above in [case(0), pallet(0), whole()] {
        // The program's own address stands for an account that is left out.
        refused(
            &mut world,
            swapped(recall.clone(), fixture.node(above), provenance::ID),
            &[&key],
            ProvenanceError::RecordMissing,
        );
    }
    refused(
        &mut world,
        swapped(recall, fixture.node(case(0)), fixture.node(case(1))),
        &[&key],
        ProvenanceError::WrongRecord,
    );
}
