//! Undoing a dispense: the six conditions, each alone.

use provenance::events::DispenseUndone;

use crate::common::*;

fn dispensed() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = delivered();
    done(&mut world, fixture.dispense(0), &[&fixture.pharmacy.key()]);
    (world, fixture)
}

fn undo(fixture: &ProvenanceFixture) -> Instruction {
    fixture.undo(pack(0), &fixture.pharmacy, None)
}

#[test]
fn within_ten_days_the_pack_is_back() {
    let (mut world, fixture) = dispensed();
    let key = fixture.pharmacy.key();
    let before = world.raw(&key.pubkey()).unwrap().lamports;
    world.advance(10 * DAY);
    let event: DispenseUndone = done(&mut world, undo(&fixture), &[&key]).event();
    assert_eq!(
        (event.place, event.pharmacy),
        (pack(0), fixture.pharmacy.address())
    );
    assert!(!fixture.is_marked(&world, 0));
    assert_eq!(fixture.read_page(&world, 0).dispensed, 0);
    assert!(!exists(&world, &fixture.dispense_address(pack(0))));
    let rent = world.rent(Dispense::SIZE);
    assert_eq!(world.raw(&key.pubkey()).unwrap().lamports, before + rent);
    // And can be dispensed again, once.
    done(&mut world, fixture.dispense(0), &[&key]);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn not_after_ten_days() {
    let (mut world, fixture) = dispensed();
    // Noon; the eleventh day begins at midnight.
    world.advance(10 * DAY + DAY / 2);
    refused(
        &mut world,
        undo(&fixture),
        &[&fixture.pharmacy.key()],
        ProvenanceError::UndoTooLate,
    );
}

#[test]
fn not_by_another_pharmacy() {
    let (mut world, fixture) = dispensed();
    refused(
        &mut world,
        fixture.undo(pack(0), &fixture.wholesaler, None),
        &[&fixture.wholesaler.key()],
        ProvenanceError::UndoOtherPremises,
    );
}

#[test]
fn not_once_it_has_been_with_the_public() {
    let (mut world, fixture) = dispensed();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.hand_out(pack(0)), &[&key]);
    refused(
        &mut world,
        undo(&fixture),
        &[&key],
        ProvenanceError::UndoHandedOut,
    );
}

#[test]
fn not_once_it_is_recalled() {
    let (mut world, fixture) = dispensed();
    for of in [pack(0), case(0), pallet(0), whole()] {
        let mut world = world.clone();
        let recall = fixture.recall(of, &fixture.regulator, recall_terms());
        done(&mut world, recall, &[&fixture.regulator.key()]);
        refused(
            &mut world,
            undo(&fixture),
            &[&fixture.pharmacy.key()],
            ProvenanceError::UndoRecalled,
        );
    }
    let recall = fixture.recall(case(1), &fixture.regulator, recall_terms());
    done(&mut world, recall, &[&fixture.regulator.key()]);
    done(&mut world, undo(&fixture), &[&fixture.pharmacy.key()]);
}

#[test]
fn not_once_it_is_stolen_or_set_aside() {
    let (world, fixture) = dispensed();
    for action in [
        StatusAction::ReportTheft,
        StatusAction::Quarantine,
        StatusAction::Destroy,
    ] {
        let mut world = world.clone();
        let set = fixture.set_status(case(0), &fixture.pharmacy, action);
        done(&mut world, set, &[&fixture.pharmacy.key()]);
        refused(
            &mut world,
            undo(&fixture),
            &[&fixture.pharmacy.key()],
            ProvenanceError::UndoNotFit,
        );
    }
}

#[test]
fn not_after_the_expiry() {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("S1", |terms| terms.expiry = TODAY + 5);
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(0), &[&key]);
    world.set_time(i64::from(TODAY + 6) * DAY);
    refused(
        &mut world,
        undo(&fixture),
        &[&key],
        ProvenanceError::UndoExpired,
    );
    world.advance(-1);
    done(&mut world, undo(&fixture), &[&key]);
}

#[test]
fn not_for_what_somebody_else_has_by_now() {
    let (mut world, fixture) = dispensed();
    fixture.hand_over(&mut world, case(0), &fixture.pharmacy, &fixture.wholesaler);
    // Sent back, what lies with it is to be verified before anything else.
    refused(
        &mut world,
        undo(&fixture),
        &[&fixture.pharmacy.key()],
        ProvenanceError::UndoNotFit,
    );
    let verify = fixture.set_status(case(0), &fixture.wholesaler, StatusAction::Verify);
    done(&mut world, verify, &[&fixture.wholesaler.key()]);
    refused(
        &mut world,
        undo(&fixture),
        &[&fixture.pharmacy.key()],
        ProvenanceError::NotInCustody,
    );
}

#[test]
fn of_a_whole_case() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense_all(case(0)), &[&key]);
    let undo = fixture.undo(case(0), &fixture.pharmacy, None);
    done(&mut world, undo.clone(), &[&key]);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Received);
    done(&mut world, fixture.dispense(0), &[&key]);
    // There is no dispense of the case any more.
    refused(
        &mut world,
        undo,
        &[&key],
        ErrorCode::AccountOwnedByWrongProgram,
    );
}

#[test]
fn the_rent_goes_to_who_paid_it() {
    let (mut world, fixture) = dispensed();
    let key = fixture.pharmacy.key();
    let elsewhere = fixture.wholesaler.key().pubkey();
    let mut instruction = undo(&fixture);
    let payer = instruction
        .accounts
        .iter()
        .rposition(|meta| meta.pubkey == key.pubkey())
        .unwrap();
    instruction.accounts[payer].pubkey = elsewhere;
    refused(
        &mut world,
        instruction,
        &[&key],
        ProvenanceError::WrongPayer,
    );
}

#[test]
fn the_record_closes_when_nothing_can_be_undone() {
    let (mut world, fixture) = dispensed();
    world.advance(10 * DAY);
    refused(
        &mut world,
        fixture.close_dispense(pack(0)),
        &[],
        ProvenanceError::StillUndoable,
    );
    world.advance(DAY);
    let elsewhere = fixture.wholesaler.key().pubkey();
    refused(
        &mut world,
        swapped(
            fixture.close_dispense(pack(0)),
            fixture.pharmacy.key().pubkey(),
            elsewhere,
        ),
        &[],
        ProvenanceError::WrongPayer,
    );
    done(&mut world, fixture.close_dispense(pack(0)), &[]);
    assert!(fixture.is_marked(&world, 0));
}
