//! Packs kept for a claim, and packs that fill several prescriptions.

use provenance::events::{DispenseClosed, DispenseUndone, PackFilled, PackReserved, StatusSet};

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
    world.advance(60);
    done(&mut world, fixture.fill(0, 70, None), &[&key]);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Dispensed);
    let empty = fixture.read_node(&world, pack(0));
    assert_eq!((empty.units_taken, empty.status_at), (100, world.now()));
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
fn an_opened_bottle_is_never_whole_again() {
    // Set aside by whoever, in whatever way, and released.
    for doubt in [StatusAction::Quarantine, StatusAction::Suspect] {
        let (mut world, fixture) = bottles(POLICY_CUSTODY);
        let key = fixture.pharmacy.key();
        done(&mut world, fixture.fill(0, 30, None), &[&key]);
        let set = |action| fixture.set_status(pack(0), &fixture.pharmacy, action);
        done(&mut world, set(doubt), &[&key]);
        let event: StatusSet = done(&mut world, set(StatusAction::Release), &[&key]).event();
        assert_eq!(event.new, 8);
        assert_eq!(
            status_at(&world, &fixture, pack(0)),
            Status::PartiallyDispensed
        );
        // Nor once nothing is left of the record of the fill.
        world.advance(11 * DAY);
        done(&mut world, fixture.close_dispense(pack(0)), &[]);
        for whole in [
            dispense(&fixture, None),
            fixture.reserve(0, claim().pubkey(), DAY),
        ] {
            refused(&mut world, whole, &[&key], ProvenanceError::PartlyFilled);
        }
        let offer = fixture.offer(pack(0), &fixture.pharmacy, &fixture.wholesaler, sale());
        for elsewhere in [offer, set(StatusAction::Export)] {
            refused(
                &mut world,
                elsewhere,
                &[&key],
                ProvenanceError::StatusOutOfOrder,
            );
        }
        refused(
            &mut world,
            fixture.fill(0, 71, None),
            &[&key],
            ProvenanceError::FillTooMuch,
        );
        done(&mut world, fixture.fill(0, 70, None), &[&key]);
        assert_eq!(status_at(&world, &fixture, pack(0)), Status::Dispensed);
    }
}

#[test]
fn an_opened_bottle_that_goes_back_is_opened_there_too() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    let quarantine = fixture.set_status(pack(0), &fixture.maker, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&fixture.maker.key()]);
    let back = ShipmentTerms {
        is_return: true,
        ..sale()
    };
    let offer = fixture.offer(pack(0), &fixture.pharmacy, &fixture.maker, back);
    done(&mut world, offer, &[&key]);
    let accept = fixture.accept(pack(0), &fixture.pharmacy, &fixture.maker, &[]);
    done(&mut world, accept, &[&fixture.maker.key()]);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Quarantined);
    let release = fixture.set_status(pack(0), &fixture.maker, StatusAction::Release);
    done(&mut world, release, &[&fixture.maker.key()]);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Returned);
    let verify = fixture.set_status(pack(0), &fixture.maker, StatusAction::Verify);
    done(&mut world, verify, &[&fixture.maker.key()]);
    assert_eq!(
        status_at(&world, &fixture, pack(0)),
        Status::PartiallyDispensed
    );
    refused(
        &mut world,
        fixture.offer(pack(0), &fixture.maker, &fixture.wholesaler, sale()),
        &[&fixture.maker.key()],
        ProvenanceError::StatusOutOfOrder,
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

fn undo(fixture: &ProvenanceFixture, claim: Option<&Keypair>) -> Instruction {
    fixture.undo(pack(0), &fixture.pharmacy, claim.map(Signer::pubkey))
}

#[test]
fn the_last_fill_is_undone() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    done(&mut world, fixture.fill(0, 70, None), &[&key]);
    let event: DispenseUndone = done(&mut world, undo(&fixture, None), &[&key]).event();
    assert_eq!(event.units, 70);
    assert_eq!(
        status_at(&world, &fixture, pack(0)),
        Status::PartiallyDispensed
    );
    assert_eq!(fixture.read_node(&world, pack(0)).units_taken, 30);
    assert!(!fixture.is_marked(&world, 0));
    // The one before has no record any more.
    assert!(!exists(&world, &fixture.dispense_address(pack(0))));
    refused(
        &mut world,
        undo(&fixture, None),
        &[&key],
        ErrorCode::AccountOwnedByWrongProgram,
    );
    // Filled again and undone at once, the only fill of another.
    done(&mut world, fixture.fill(0, 70, None), &[&key]);
    assert!(fixture.is_marked(&world, 0));
    done(&mut world, fixture.fill(1, 100, None), &[&key]);
    let whole = fixture.undo(pack(1), &fixture.pharmacy, None);
    done(&mut world, whole, &[&key]);
    assert_eq!(status_at(&world, &fixture, pack(1)), Status::Received);
    assert_eq!(fixture.read_page(&world, 0).dispensed, 1);
    done(&mut world, fixture.dispense(1), &[&key]);
}

#[test]
fn an_undone_fill_keeps_the_bit_while_others_have_some() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY | POLICY_OPENING_DISPENSES);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    done(&mut world, fixture.fill(0, 70, None), &[&key]);
    done(&mut world, undo(&fixture, None), &[&key]);
    assert!(fixture.is_marked(&world, 0));
    done(&mut world, fixture.fill(1, 1, None), &[&key]);
    let only = fixture.undo(pack(1), &fixture.pharmacy, None);
    done(&mut world, only, &[&key]);
    assert!(!fixture.is_marked(&world, 1));
}

#[test]
fn a_fill_is_undone_under_the_six_conditions_and_with_its_claim() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY);
    let key = fixture.pharmacy.key();
    let fill = fixture.fill(0, 30, Some(claim().pubkey()));
    done(&mut world, fill, &[&key, &claim()]);
    let with_claim = undo(&fixture, Some(&claim()));
    refused(
        &mut world,
        undo(&fixture, None),
        &[&key],
        ProvenanceError::ClaimSignatureMissing,
    );
    let refuse = |world: &World, error| {
        refused(
            &mut world.clone(),
            with_claim.clone(),
            &[&key, &claim()],
            error,
        );
    };
    let mut late = world.clone();
    late.advance(11 * DAY);
    refuse(&late, ProvenanceError::UndoTooLate);
    let mut recalled = world.clone();
    let recall = fixture.recall(case(0), &fixture.regulator, recall_terms());
    done(&mut recalled, recall, &[&fixture.regulator.key()]);
    refuse(&recalled, ProvenanceError::UndoRecalled);
    let mut aside = world.clone();
    let quarantine = fixture.set_status(pack(0), &fixture.pharmacy, StatusAction::Quarantine);
    done(&mut aside, quarantine, &[&key]);
    refuse(&aside, ProvenanceError::UndoNotFit);
    let mut out = world.clone();
    done(&mut out, fixture.hand_out(pack(0)), &[&key]);
    refuse(&out, ProvenanceError::UndoHandedOut);
    done(&mut world, with_claim, &[&key, &claim()]);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Received);
}

#[test]
fn whatever_is_filled_and_undone_the_units_add_up() {
    let rounds = few_or_many(8, 500);
    let (mut fills, mut undone) = (0, 0);
    for seed in 0..rounds {
        let policy = if seed % 2 == 0 {
            POLICY_CUSTODY
        } else {
            POLICY_CUSTODY | POLICY_OPENING_DISPENSES
        };
        let (mut world, fixture) = bottles(policy);
        let key = fixture.pharmacy.key();
        let mut random = Random(seed);
        // Units taken in all, and by the fill that can be undone.
        let (mut taken, mut last) = (0_u32, None);
        for _ in 0..40 {
            if random.below(3) > 0 {
                let units = u32::try_from(1 + random.below(40)).unwrap();
                let outcome = world.send(&[fixture.fill(0, units, None)], &[&key]);
                assert_eq!(outcome.succeeded(), taken + units <= 100, "{outcome}");
                if outcome.succeeded() {
                    taken += units;
                    last = Some(units);
                    fills += 1;
                }
            } else {
                let outcome = world.send(&[undo(&fixture, None)], &[&key]);
                assert_eq!(outcome.succeeded(), last.is_some(), "{outcome}");
                if let Some(units) = last.take() {
                    taken -= units;
                    undone += 1;
                }
            }
            if !exists(&world, &fixture.node(pack(0))) {
                continue;
            }
            assert_eq!(fixture.read_node(&world, pack(0)).units_taken, taken);
            let is_open = taken > 0 && policy & POLICY_OPENING_DISPENSES != 0;
            assert_eq!(
                fixture.is_marked(&world, 0),
                taken == 100 || is_open,
                "{taken} units"
            );
            let page = fixture.read_page(&world, 0);
            assert_eq!(page.dispensed, u64::from(fixture.is_marked(&world, 0)));
        }
    }
    assert!(fills > rounds * 5 && undone > rounds, "{fills} {undone}");
}

/// A bond pays a claim for the pack that the record of the dispense names; that of a fill gives way to the next one's.
#[test]
fn no_claim_fills_from_a_covered_pack() {
    let (mut world, fixture) = bottles(POLICY_CUSTODY);
    let (key, maker) = (fixture.pharmacy.key(), fixture.maker.key());
    let for_claim = fixture.fill(0, 30, Some(claim().pubkey()));
    let mut uncovered = world.clone();
    done(&mut uncovered, for_claim.clone(), &[&key, &claim()]);
    let bond = BondFixture::new(&mut world, &fixture, "bond", 0);
    done(&mut world, bond.open(), &[&maker]);
    let cover = bond.cover(&fixture, &fixture.maker, 30_000);
    done(&mut world, cover, &[&maker]);
    refused(
        &mut world,
        for_claim,
        &[&key, &claim()],
        ProvenanceError::FillForClaimCovered,
    );
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
}
