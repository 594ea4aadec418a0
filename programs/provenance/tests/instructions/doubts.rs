//! Doubts: what is set aside stays in doubt until it is released, whatever else becomes of it, and with it what is recorded apart.

use galen_rules::provenance::{Action, Refusal};

use crate::common::*;
use crate::walk::deciding_at;
use ProvenanceError as E;

/// Records a pack apart from its case, as it is: recalled, and the recall lifted.
fn set_apart(world: &mut World, fixture: &ProvenanceFixture, of: Place) {
    let maker = fixture.maker.key();
    done(
        world,
        fixture.recall(of, &fixture.maker, recall_terms()),
        &[&maker],
    );
    done(world, fixture.lift(of, &fixture.maker), &[&maker]);
}

fn set(
    world: &mut World,
    fixture: &ProvenanceFixture,
    of: Place,
    by: &Party,
    action: StatusAction,
) {
    done(world, fixture.set_status(of, by, action), &[&by.key()]);
}

fn status_of(world: &World, fixture: &ProvenanceFixture, of: Place) -> Status {
    deciding_at(world, fixture, of).status
}

/// A pack apart in the pharmacy's case, and a minute later.
fn apart() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = delivered();
    set_apart(&mut world, &fixture, pack(0));
    world.advance(60);
    (world, fixture)
}

/// Takes a case that is set aside away, after which its record tells another status or another custodian.
fn take_away(world: &mut World, fixture: &ProvenanceFixture, how: Option<StatusAction>) -> Status {
    match how {
        Some(action) => {
            set(world, fixture, case(0), &fixture.pharmacy, action);
            status_at(world, fixture, case(0))
        }
        None => {
            fixture.hand_over(world, case(0), &fixture.pharmacy, &fixture.wholesaler);
            let custody = custody_at(world, fixture, case(0));
            assert_eq!(custody.custodian, fixture.wholesaler.address());
            custody.status
        }
    }
}

const WAYS: [(StatusAction, Option<StatusAction>); 5] = [
    (StatusAction::Quarantine, Some(StatusAction::Destroy)),
    (StatusAction::Quarantine, Some(StatusAction::ReportTheft)),
    (StatusAction::Quarantine, Some(StatusAction::Decommission)),
    (StatusAction::Suspect, Some(StatusAction::ReportTheft)),
    (StatusAction::Quarantine, None),
];

#[test]
fn a_doubt_stays_when_its_case_is_gone() {
    let (world, fixture) = apart();
    let key = fixture.pharmacy.key();
    let parties = [&fixture.pharmacy, &fixture.maker, &fixture.regulator];
    for (doubt, how) in WAYS {
        for by in parties {
            let mut world = world.clone();
            set(&mut world, &fixture, case(0), by, doubt);
            let doubted = fixture.read_node(&world, case(0));
            let kept = fixture.read_node(&world, pack(0));
            world.advance(60);
            let after = take_away(&mut world, &fixture, how);
            let name = format!("{doubt:?} {how:?}");
            // Who has it no more has no say over it.
            let say = match how {
                None if by.address() == fixture.pharmacy.address() => &fixture.maker,
                _ => by,
            };
            let gone = fixture.read_node(&world, case(0));
            assert_eq!(
                (gone.doubt, gone.doubt_at, gone.doubt_with),
                (doubted.doubt, doubted.doubt_at, doubted.doubt_with)
            );
            assert_eq!(gone.set_aside_by, say.address(), "{name}");
            assert_eq!(fixture.read_node(&world, pack(0)), kept);
            refused(&mut world, fixture.dispense(0), &[&key], E::NotSellable);

            // The part is released by itself, by whoever has the say or a regulator, and by nobody else.
            world.advance(1);
            for other in parties {
                let mut world = world.clone();
                let may = [say.address(), fixture.regulator.address()].contains(&other.address());
                let release = fixture.set_status(pack(0), other, StatusAction::Release);
                if may {
                    done(&mut world, release, &[&other.key()]);
                    assert_eq!(fixture.read_node(&world, case(0)), gone, "{name}");
                    done(&mut world, fixture.dispense(0), &[&key]);
                } else {
                    refused(&mut world, release, &[&other.key()], E::NotYoursToRelease);
                }
            }
            // Or the doubt as a whole, where it is kept.
            for other in parties {
                let mut world = world.clone();
                let may = [say.address(), fixture.regulator.address()].contains(&other.address());
                let release = fixture.set_status(case(0), other, StatusAction::Release);
                if !may {
                    refused(&mut world, release, &[&other.key()], E::NotYoursToRelease);
                    continue;
                }
                done(&mut world, release.clone(), &[&other.key()]);
                let released = fixture.read_node(&world, case(0));
                if how.is_some() {
                    // What has become of it stays as it was.
                    let expected = Node {
                        set_aside_by: Pubkey::default(),
                        doubt: 0,
                        doubt_at: [0; 2],
                        doubt_with: [[0; 8]; 2],
                        ..gone
                    };
                    assert_eq!(released, expected, "{name}");
                }
                let status = if how.is_some() {
                    after
                } else {
                    // Sent back, it is to be verified.
                    Status::Returned
                };
                assert_eq!(status_at(&world, &fixture, case(0)), status);
                assert_eq!(released.doubt(), Ok(None));
                done(&mut world, fixture.dispense(0), &[&key]);
                // There is nothing left to release.
                let outcome = world.send(&[release], &[&other.key()]);
                assert!(outcome.code().is_some(), "{name}: {outcome}");
            }
        }
    }
}

#[test]
fn a_doubt_is_released_once() {
    let (mut world, fixture) = apart();
    let key = fixture.pharmacy.key();
    set(
        &mut world,
        &fixture,
        case(0),
        &fixture.pharmacy,
        StatusAction::Quarantine,
    );
    set(
        &mut world,
        &fixture,
        case(0),
        &fixture.pharmacy,
        StatusAction::Destroy,
    );
    let release = fixture.set_status(case(0), &fixture.pharmacy, StatusAction::Release);
    done(&mut world, release.clone(), &[&key]);
    refused(&mut world, release, &[&key], E::StatusFinal);
    // What was destroyed without a doubt has none to release.
    let (mut world, fixture) = apart();
    set(
        &mut world,
        &fixture,
        case(0),
        &fixture.pharmacy,
        StatusAction::Destroy,
    );
    let release = fixture.set_status(case(0), &fixture.pharmacy, StatusAction::Release);
    refused(&mut world, release, &[&key], E::StatusFinal);
    done(&mut world, fixture.dispense(0), &[&key]);
}

#[test]
fn what_was_condemned_stays_so() {
    let (mut world, fixture) = apart();
    let key = fixture.pharmacy.key();
    for action in [
        StatusAction::Quarantine,
        StatusAction::Condemn,
        StatusAction::Destroy,
    ] {
        set(&mut world, &fixture, case(0), &fixture.pharmacy, action);
        if action != StatusAction::Quarantine {
            assert_eq!(
                status_of(&world, &fixture, pack(0)),
                Status::Illegitimate,
                "{action:?}"
            );
        }
    }
    refused(&mut world, fixture.dispense(0), &[&key], E::NotSellable);
    for of in [case(0), pack(0)] {
        let release = fixture.set_status(of, &fixture.pharmacy, StatusAction::Release);
        refused(&mut world, release, &[&key], E::StatusOutOfOrder);
    }
}

#[test]
fn a_doubt_is_about_what_was_there_when_it_was_raised() {
    // The wholesaler keeps one pack of its case and sends the case on to the pharmacy, which keeps another.
    let (mut world, fixture) = delivered();
    set_apart(&mut world, &fixture, pack(8));
    fixture.hand_over(&mut world, case(1), &fixture.wholesaler, &fixture.pharmacy);
    set_apart(&mut world, &fixture, pack(9));
    world.advance(60);
    set(
        &mut world,
        &fixture,
        case(1),
        &fixture.pharmacy,
        StatusAction::Quarantine,
    );
    let of = |world: &World, index| status_of(world, &fixture, pack(index));
    assert_eq!(
        (of(&world, 8), of(&world, 9)),
        (Status::Received, Status::Quarantined)
    );
    // Looked at by itself it is fit, and a hand-over of its case is no new doubt.
    world.advance(60);
    let mut fit = world.clone();
    set(
        &mut fit,
        &fixture,
        pack(9),
        &fixture.pharmacy,
        StatusAction::Release,
    );
    fit.advance(60);
    fixture.hand_over(&mut fit, case(1), &fixture.pharmacy, &fixture.wholesaler);
    assert_eq!(
        (of(&fit, 8), of(&fit, 9)),
        (Status::Received, Status::Received)
    );
    // Back with the wholesaler and doubted again there, it reaches both.
    fixture.hand_over(&mut world, case(1), &fixture.pharmacy, &fixture.wholesaler);
    assert_eq!(
        (of(&world, 8), of(&world, 9)),
        (Status::Received, Status::Quarantined)
    );
    set(
        &mut world,
        &fixture,
        case(1),
        &fixture.wholesaler,
        StatusAction::Suspect,
    );
    assert_eq!(
        (of(&world, 8), of(&world, 9)),
        (Status::Suspect, Status::Suspect)
    );
    set(
        &mut world,
        &fixture,
        case(1),
        &fixture.regulator,
        StatusAction::Quarantine,
    );
    fixture.hand_over(&mut world, case(1), &fixture.wholesaler, &fixture.returns);
    fixture.hand_over(&mut world, pack(8), &fixture.wholesaler, &fixture.pharmacy);
    assert_eq!(
        (of(&world, 8), of(&world, 9)),
        (Status::Quarantined, Status::Quarantined)
    );
    // One release by who has the say, and all but what took the doubt along on its own record is free.
    set(
        &mut world,
        &fixture,
        case(1),
        &fixture.regulator,
        StatusAction::Release,
    );
    assert_eq!(
        (of(&world, 8), of(&world, 9)),
        (Status::Quarantined, Status::Received)
    );
}

#[test]
fn a_doubt_reaches_what_is_on_the_way_or_came_back() {
    let back = ShipmentTerms {
        is_return: true,
        ..sale()
    };
    // Back up the trade it is a return, whatever the sender calls it.
    for (terms, clean) in [(sale(), Status::Returned), (back, Status::Returned)] {
        // Clean goods arrive as they should.
        let (mut world, fixture) = apart();
        let offer = fixture.offer(pack(0), &fixture.pharmacy, &fixture.wholesaler, terms);
        done(&mut world, offer, &[&fixture.pharmacy.key()]);
        let accept = fixture.accept(pack(0), &fixture.pharmacy, &fixture.wholesaler, &[]);
        let key = fixture.wholesaler.key();
        let mut fine = world.clone();
        done(&mut fine, accept.clone(), &[&key]);
        assert_eq!(status_at(&fine, &fixture, pack(0)), clean);
        // Doubted on the way together with their case they arrive in doubt, and the say over that goes to the manufacturer.
        world.advance(60);
        set(
            &mut world,
            &fixture,
            case(0),
            &fixture.pharmacy,
            StatusAction::Quarantine,
        );
        done(&mut world, accept, &[&key]);
        let custody = custody_at(&world, &fixture, pack(0));
        assert_eq!(
            (custody.status, custody.custodian, custody.set_aside_by),
            (
                Status::Quarantined,
                fixture.wholesaler.address(),
                fixture.maker.address()
            )
        );
    }
    // What came back is not waved through by whoever has it.
    let (mut world, fixture) = delivered();
    set_apart(&mut world, &fixture, pack(8));
    let offer = fixture.offer(pack(8), &fixture.wholesaler, &fixture.pharmacy, sale());
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
    let accept = fixture.accept(pack(8), &fixture.wholesaler, &fixture.pharmacy, &[]);
    done(&mut world, accept, &[&fixture.pharmacy.key()]);
    let offer = fixture.offer(pack(8), &fixture.pharmacy, &fixture.wholesaler, back);
    done(&mut world, offer, &[&fixture.pharmacy.key()]);
    let accept = fixture.accept(pack(8), &fixture.pharmacy, &fixture.wholesaler, &[]);
    let key = fixture.wholesaler.key();
    done(&mut world, accept, &[&key]);
    assert_eq!(status_of(&world, &fixture, pack(8)), Status::Returned);
    world.advance(60);
    set(
        &mut world,
        &fixture,
        case(1),
        &fixture.regulator,
        StatusAction::Suspect,
    );
    let verify = fixture.set_status(pack(8), &fixture.wholesaler, StatusAction::Verify);
    refused(&mut world, verify, &[&key], E::StatusOutOfOrder);
}

#[test]
fn one_doubt_hides_no_other() {
    let (mut world, fixture) = delivered();
    let key = fixture.wholesaler.key();
    set_apart(&mut world, &fixture, case(1));
    set_apart(&mut world, &fixture, pack(8));
    world.advance(60);
    let doubts = [
        (case(1), &fixture.wholesaler, StatusAction::Quarantine),
        (pallet(0), &fixture.regulator, StatusAction::Suspect),
    ];
    for (of, by, action) in doubts {
        set(&mut world, &fixture, of, by, action);
        world.advance(60);
    }
    // The wholesaler releases what it has set aside itself, the case or what was apart in it: the regulator's doubt about the pallet is
    // there still.
    for of in [case(1), pack(8)] {
        let mut world = world.clone();
        set(
            &mut world,
            &fixture,
            of,
            &fixture.wholesaler,
            StatusAction::Release,
        );
        assert_eq!(status_at(&world, &fixture, of), Status::Received);
        assert_eq!(status_of(&world, &fixture, of), Status::Suspect);
        let release = fixture.set_status(of, &fixture.wholesaler, StatusAction::Release);
        refused(&mut world, release, &[&key], E::NotYoursToRelease);
        set(
            &mut world,
            &fixture,
            of,
            &fixture.regulator,
            StatusAction::Release,
        );
        assert_eq!(status_of(&world, &fixture, of), Status::Received);
    }
}

#[test]
fn what_comes_back_from_a_patient_is_in_doubt_with_the_rest() {
    // The pharmacy has the pallet; a case of it was dispensed as a whole, and the pallet is doubted before that is undone.
    let (mut world, fixture) = registered();
    let key = fixture.pharmacy.key();
    fixture.hand_over(&mut world, pallet(0), &fixture.maker, &fixture.pharmacy);
    done(&mut world, fixture.dispense_all(case(0)), &[&key]);
    world.advance(60);
    let undo = fixture.undo(case(0), &fixture.pharmacy, None);
    let mut clean = world.clone();
    done(&mut clean, undo.clone(), &[&key]);
    done(&mut clean, fixture.dispense(0), &[&key]);
    set(
        &mut world,
        &fixture,
        pallet(0),
        &fixture.regulator,
        StatusAction::Quarantine,
    );
    world.advance(60);
    done(&mut world, undo, &[&key]);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Received);
    assert_eq!(status_of(&world, &fixture, case(0)), Status::Quarantined);
    refused(&mut world, fixture.dispense(0), &[&key], E::NotSellable);
}

/// A record of a time at which doubts were not kept has zeros there: as long as the status tells the doubt, it counts.
#[test]
fn a_doubt_of_an_older_record_is_kept_from_now_on() {
    let (mut world, fixture) = apart();
    let key = fixture.pharmacy.key();
    set(
        &mut world,
        &fixture,
        case(0),
        &fixture.pharmacy,
        StatusAction::Quarantine,
    );
    let (doubted, address) = (fixture.read_node(&world, case(0)), fixture.node(case(0)));
    let older = Node {
        doubt: 0,
        doubt_at: [0; 2],
        doubt_with: [[0; 8]; 2],
        ..doubted
    };
    older.invariant().unwrap();
    assert_eq!(older.doubt(), doubted.doubt());
    let mut account = world.raw(&address).unwrap();
    account.data[8..8 + size_of::<Node>()].copy_from_slice(bytemuck::bytes_of(&older));
    world.set_raw(&address, account);
    refused(&mut world, fixture.dispense(0), &[&key], E::NotSellable);
    world.advance(60);
    set(
        &mut world,
        &fixture,
        case(0),
        &fixture.pharmacy,
        StatusAction::Destroy,
    );
    let gone = fixture.read_node(&world, case(0));
    assert_eq!(gone.doubt(), doubted.doubt());
    refused(&mut world, fixture.dispense(0), &[&key], E::NotSellable);
}

/// Where nobody records who has what, a doubt reaches bottles that were opened, at whichever pharmacy.
#[test]
fn a_doubt_reaches_opened_bottles_where_custody_is_not_recorded() {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("D1", |terms| {
        terms.policy = 0;
        terms.units = 100;
    });
    fixture.begin_batch(&mut world);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    world.advance(60);
    set(
        &mut world,
        &fixture,
        whole(),
        &fixture.maker,
        StatusAction::Quarantine,
    );
    let before = fixture.read_node(&world, pack(0));
    for index in [0, 1] {
        let fill = fixture.fill(index, 30, None);
        refused(&mut world, fill, &[&key], E::NotSellable);
    }
    let release = fixture.set_status(pack(0), &fixture.pharmacy, StatusAction::Release);
    refused(&mut world, release, &[&key], E::NotYoursToRelease);
    // Taken out as a whole, the opened bottle is in doubt still; released it is filled from, and not the others.
    let mut gone = world.clone();
    set(
        &mut gone,
        &fixture,
        whole(),
        &fixture.maker,
        StatusAction::Decommission,
    );
    refused(
        &mut gone,
        fixture.fill(0, 30, None),
        &[&key],
        E::NotSellable,
    );
    set(
        &mut gone,
        &fixture,
        whole(),
        &fixture.maker,
        StatusAction::Release,
    );
    done(&mut gone, fixture.fill(0, 30, None), &[&key]);
    refused(
        &mut gone,
        fixture.fill(1, 30, None),
        &[&key],
        E::NotSellable,
    );
    assert_eq!(fixture.read_node(&world, pack(0)), before);
    set(
        &mut world,
        &fixture,
        whole(),
        &fixture.maker,
        StatusAction::Release,
    );
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    assert_eq!(fixture.read_node(&world, pack(0)).units_taken, 60);
}

/// The record of a place, through everything that is done with it: the doubt is there from the first that sets it aside to the release.
#[test]
fn a_record_keeps_a_doubt_from_first_to_last() {
    let (world, fixture) = delivered();
    let custody = custody_at(&world, &fixture, case(0));
    for status in Status::ALL {
        for action in Action::ALL {
            let mut node = fixture.read_node(&world, case(0));
            let by = fixture.regulator.address();
            let held = Custody { status, ..custody }.set_aside_by(by);
            node.hold(&held, 100).unwrap();
            let before = node.doubt().unwrap();
            assert_eq!(before.is_some(), status.is_set_aside());
            match held.after(action, by) {
                Ok(after) => {
                    node.hold(&after, 200).unwrap();
                    node.invariant().unwrap();
                    let kept = node.doubt().unwrap();
                    let ends = action == Action::Release;
                    let is_kept = before.is_some() && !ends || after.is_set_aside();
                    assert_eq!(kept.is_some(), is_kept, "{status:?} {action:?}");
                    if let (Some(before), Some(kept)) = (before, kept) {
                        assert_eq!(kept.raised, before.raised, "{status:?} {action:?}");
                    }
                    assert_eq!(kept.is_some(), node.set_aside_by != Pubkey::default());
                }
                Err(_) => {
                    let refusal = galen_rules::provenance::next(status, action).unwrap_err();
                    assert!(matches!(
                        refusal,
                        Refusal::Final(_) | Refusal::OutOfOrder(_)
                    ));
                }
            }
        }
    }
}

/// What a regulator doubts, or the manufacturer of what is with others or of all of it, is in doubt wherever it is by now; what a trader
/// doubts, where that trader has it.
#[test]
fn a_doubt_about_the_whole_reaches_what_was_sold_on() {
    let (world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    for (of, by, reaches) in [
        (whole(), &fixture.regulator, true),
        (whole(), &fixture.maker, true),
        (pallet(0), &fixture.regulator, true),
        (pallet(0), &fixture.maker, true),
        (pallet(0), &fixture.wholesaler, false),
        // With the manufacturer still, who knows of what it has.
        (pallet(1), &fixture.maker, false),
    ] {
        for action in [StatusAction::Quarantine, StatusAction::Suspect] {
            let mut world = world.clone();
            world.advance(60);
            set(&mut world, &fixture, of, by, action);
            let name = format!("{of:?} {action:?}");
            assert_eq!(
                deciding_at(&world, &fixture, case(0)).is_set_aside(),
                reaches,
                "{name}"
            );
            if reaches {
                refused(&mut world, fixture.dispense(0), &[&key], E::NotSellable);
                let release = fixture.set_status(case(0), &fixture.pharmacy, StatusAction::Release);
                refused(&mut world, release, &[&key], E::NotYoursToRelease);
                set(&mut world, &fixture, of, by, StatusAction::Release);
            }
            done(&mut world, fixture.dispense(0), &[&key]);
        }
    }
}
