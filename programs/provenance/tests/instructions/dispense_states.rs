//! Every state of a pack's dispense record with every instruction that touches it: done, or refused by exactly this code.

use crate::common::*;
use crate::walk_records::bottles;

use ProvenanceError as E;

const UNITS: u32 = 100;

/// What the record of pack 0 says.
#[derive(Clone, Copy, Debug)]
enum State {
    /// There is none.
    Absent,
    /// It keeps the pack for the claim.
    Reserved,
    /// It kept the pack for the claim until a second ago.
    Lapsed,
    /// It was dispensed.
    Dispensed,
    /// It was dispensed for the claim.
    ForClaim,
    /// It was dispensed and has left the pharmacy.
    HandedOut,
    /// A part was filled from it.
    Opened,
    /// All of it was filled from it.
    Emptied,
    /// It was dispensed, and the time to undo that is over.
    Old,
    /// As before, and the record is closed.
    Closed,
}

impl State {
    const ALL: [Self; 10] = [
        Self::Absent,
        Self::Reserved,
        Self::Lapsed,
        Self::Dispensed,
        Self::ForClaim,
        Self::HandedOut,
        Self::Opened,
        Self::Emptied,
        Self::Old,
        Self::Closed,
    ];

    /// The world in which the record says so.
    fn reach(self, world: &mut World, fixture: &ProvenanceFixture) {
        let key = fixture.pharmacy.key();
        match self {
            Self::Absent => {}
            Self::Reserved => {
                let reserve = fixture.reserve(0, claim().pubkey(), DAY);
                done(world, reserve, &[&key]);
            }
            Self::Lapsed => {
                Self::Reserved.reach(world, fixture);
                world.advance(DAY + 1);
            }
            Self::Dispensed => {
                done(world, fixture.dispense(0), &[&key]);
            }
            Self::ForClaim => {
                done(world, for_claim(fixture), &[&key, &claim()]);
            }
            Self::HandedOut => {
                Self::Dispensed.reach(world, fixture);
                done(world, fixture.hand_out(pack(0)), &[&key]);
            }
            Self::Opened => {
                done(world, fixture.fill(0, 30, None), &[&key]);
            }
            Self::Emptied => {
                Self::Opened.reach(world, fixture);
                done(world, fixture.fill(0, UNITS - 30, None), &[&key]);
            }
            Self::Old => {
                Self::Dispensed.reach(world, fixture);
                world.advance(11 * DAY);
            }
            Self::Closed => {
                Self::Old.reach(world, fixture);
                done(world, fixture.close_dispense(pack(0)), &[]);
            }
        }
    }
}

fn claim() -> Keypair {
    actor("claim")
}

fn for_claim(fixture: &ProvenanceFixture) -> Instruction {
    let proof = fixture.tree.proof(0, fixture.terms.page_height);
    fixture.dispense_with(&fixture.pharmacy, proof, false, Some(claim().pubkey()))
}

/// The row of a state: what each instruction says, in the order of [`instructions`].
fn row(state: State) -> [Result<(), u32>; 12] {
    let no = |error: E| Err(u32::from(error));
    // What is not there is the system program's.
    let none = Err(u32::from(ErrorCode::AccountOwnedByWrongProgram));
    let twice = no(E::AlreadyDispensed);
    let unsigned = no(E::ClaimSignatureMissing);
    match state {
        State::Absent => [
            Ok(()),
            Ok(()),
            Ok(()),
            none,
            Ok(()),
            Ok(()),
            Ok(()),
            none,
            none,
            none,
            none,
            Ok(()),
        ],
        State::Reserved => [
            no(E::ReservedForOther),
            Ok(()),
            no(E::StillReserved),
            Ok(()),
            no(E::ReservedForOther),
            Ok(()),
            Ok(()),
            no(E::NotDispensed),
            unsigned,
            no(E::NotDispensed),
            no(E::StillReserved),
            Ok(()),
        ],
        State::Lapsed => [
            Ok(()),
            Ok(()),
            Ok(()),
            Ok(()),
            Ok(()),
            Ok(()),
            Ok(()),
            no(E::NotDispensed),
            unsigned,
            no(E::NotDispensed),
            Ok(()),
            Ok(()),
        ],
        State::Dispensed => [
            twice,
            twice,
            twice,
            no(E::NotReserved),
            twice,
            twice,
            twice,
            Ok(()),
            Ok(()),
            unsigned,
            no(E::StillUndoable),
            no(E::PartlyDispensed),
        ],
        State::ForClaim => [
            twice,
            twice,
            twice,
            no(E::NotReserved),
            twice,
            twice,
            twice,
            Ok(()),
            unsigned,
            Ok(()),
            no(E::StillUndoable),
            no(E::PartlyDispensed),
        ],
        State::HandedOut => [
            twice,
            twice,
            twice,
            no(E::NotReserved),
            twice,
            twice,
            twice,
            no(E::AlreadyHandedOut),
            no(E::UndoHandedOut),
            unsigned,
            no(E::StillUndoable),
            no(E::PartlyDispensed),
        ],
        State::Opened => [
            no(E::PartlyFilled),
            no(E::PartlyFilled),
            no(E::PartlyFilled),
            no(E::NotReserved),
            Ok(()),
            Ok(()),
            no(E::FillTooMuch),
            Ok(()),
            Ok(()),
            unsigned,
            no(E::StillUndoable),
            // It has a record of its own and is no part of the case any more.
            Ok(()),
        ],
        State::Emptied => [
            twice,
            twice,
            twice,
            no(E::NotReserved),
            twice,
            twice,
            twice,
            Ok(()),
            Ok(()),
            unsigned,
            no(E::StillUndoable),
            no(E::PartlyDispensed),
        ],
        State::Old => [
            twice,
            twice,
            twice,
            no(E::NotReserved),
            twice,
            twice,
            twice,
            Ok(()),
            no(E::UndoTooLate),
            unsigned,
            Ok(()),
            no(E::PartlyDispensed),
        ],
        State::Closed => [
            twice,
            twice,
            twice,
            none,
            twice,
            twice,
            twice,
            none,
            none,
            none,
            none,
            no(E::PartlyDispensed),
        ],
    }
}

/// Every instruction that reads or writes the record of pack 0 or of its case, and who signs it.
fn instructions(fixture: &ProvenanceFixture) -> [(&'static str, Instruction, Vec<Keypair>); 12] {
    let pharmacist = || vec![fixture.pharmacy.key()];
    let with_claim = || vec![fixture.pharmacy.key(), claim()];
    let (place, of) = (pack(0), claim().pubkey());
    let by = &fixture.pharmacy;
    [
        ("dispense_pack", fixture.dispense(0), pharmacist()),
        (
            "dispense_pack, for the claim",
            for_claim(fixture),
            with_claim(),
        ),
        (
            "reserve_pack",
            fixture.reserve(0, actor("other claim").pubkey(), DAY),
            pharmacist(),
        ),
        (
            "cancel_reservation",
            fixture.cancel_reservation(0, by),
            pharmacist(),
        ),
        ("fill_pack", fixture.fill(0, 30, None), pharmacist()),
        (
            "fill_pack, for the claim",
            fixture.fill(0, 30, Some(of)),
            with_claim(),
        ),
        (
            "fill_pack, all of it for the claim",
            fixture.fill(0, UNITS, Some(of)),
            with_claim(),
        ),
        ("hand_out", fixture.hand_out(place), pharmacist()),
        ("undo_dispense", fixture.undo(place, by, None), pharmacist()),
        (
            "undo_dispense, of the claim",
            fixture.undo(place, by, Some(of)),
            with_claim(),
        ),
        ("close_dispense", fixture.close_dispense(place), Vec::new()),
        (
            "dispense_subtree",
            fixture.dispense_all(case(0)),
            pharmacist(),
        ),
    ]
}

#[test]
fn every_state_of_the_record_with_every_instruction() {
    let (world, fixture) = bottles();
    let mut cells = 0;
    for state in State::ALL {
        let mut world = world.clone();
        world.actor("claim");
        state.reach(&mut world, &fixture);
        for ((name, instruction, signers), expected) in
            instructions(&fixture).into_iter().zip(row(state))
        {
            let mut world = world.clone();
            let before = world.snapshot();
            let signers: Vec<&Keypair> = signers.iter().collect();
            let outcome = world.send(&[instruction], &signers);
            let found = match outcome.code() {
                None if outcome.succeeded() => Ok(()),
                code => Err(code.unwrap_or_default()),
            };
            assert_eq!(found, expected, "{state:?}, {name}: {outcome}");
            if expected.is_err() {
                before.assert_same(&world.snapshot());
            }
            let record = fixture.dispense_address(pack(0));
            if exists(&world, &record) {
                fixture.read_dispense(&world, pack(0)).invariant().unwrap();
            }
            cells += 1;
        }
    }
    assert_eq!(cells, 10 * 12);
}

/// A pack that is kept for a claim is apart from its case, whatever becomes of that: dispensed, shipped, sent abroad, lost.
#[test]
fn what_is_kept_stays_when_its_case_goes() {
    let (mut world, fixture) = bottles();
    let key = fixture.pharmacy.key();
    world.actor("claim");
    assert!(!exists(&world, &fixture.node(pack(0))));
    State::Reserved.reach(&mut world, &fixture);
    let kept = fixture.read_node(&world, pack(0));
    let of_case = fixture
        .read_node(&world, case(0))
        .custody()
        .unwrap()
        .unwrap();
    assert_eq!(
        kept.custody().unwrap().unwrap(),
        Custody {
            at: world.now(),
            ..of_case
        }
    );
    assert_eq!(kept.payer, key.pubkey());

    let leaving = [
        ("dispensed", fixture.dispense_all(case(0))),
        (
            "shipped",
            fixture.offer(case(0), &fixture.pharmacy, &fixture.wholesaler, sale()),
        ),
    ]
    .into_iter()
    .chain(
        [
            ("exported", StatusAction::Export),
            ("destroyed", StatusAction::Destroy),
            ("stolen", StatusAction::ReportTheft),
            ("decommissioned", StatusAction::Decommission),
        ]
        .map(|(name, action)| (name, fixture.set_status(case(0), &fixture.pharmacy, action))),
    );
    for (name, leave) in leaving {
        let mut world = world.clone();
        done(&mut world, leave, &[&key]);
        if name == "shipped" {
            let accept = fixture.accept(case(0), &fixture.pharmacy, &fixture.wholesaler, &[]);
            done(&mut world, accept, &[&fixture.wholesaler.key()]);
        }
        // Its neighbour has gone with the case.
        assert!(!fixture.is_marked(&world, 0) && !fixture.is_marked(&world, 1));
        let error = match name {
            "dispensed" => E::AlreadyDispensed,
            // Sent back, it is to be verified.
            _ => E::NotSellable,
        };
        refused(&mut world, fixture.dispense(1), &[&key], error);
        assert_eq!(fixture.read_node(&world, pack(0)), kept, "{name}");
        done(&mut world, for_claim(&fixture), &[&key, &claim()]);
        assert!(fixture.is_marked(&world, 0), "{name}");
        let record = fixture.read_dispense(&world, pack(0));
        assert_eq!(
            (record.kind(), record.claim),
            (DispenseKind::Dispensed, claim().pubkey())
        );
    }
}

/// Also where the pack is not dispensed for the claim in the end: it was never given to anybody, and is the pharmacy's to dispense.
#[test]
fn what_was_kept_is_dispensed_by_itself() {
    let (mut world, fixture) = bottles();
    let key = fixture.pharmacy.key();
    State::Lapsed.reach(&mut world, &fixture);
    done(&mut world, fixture.dispense_all(case(0)), &[&key]);
    done(&mut world, fixture.dispense(0), &[&key]);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        E::AlreadyDispensed,
    );
    // A case that was dispensed is not dispensed again for a pack that is apart.
    refused(
        &mut world,
        fixture.dispense_all(case(0)),
        &[&key],
        E::PartlyDispensed,
    );
}

/// A doubt about the case reaches what is kept in it: it lies there most likely. A doubt that is decided leaves it as it was.
#[test]
fn a_doubt_about_its_case_reaches_what_is_kept() {
    let (mut world, fixture) = bottles();
    let key = fixture.pharmacy.key();
    world.actor("claim");
    State::Reserved.reach(&mut world, &fixture);
    let kept = fixture.read_node(&world, pack(0));
    for (by, of) in [
        (&fixture.pharmacy, case(0)),
        (&fixture.maker, case(0)),
        (&fixture.regulator, case(0)),
    ] {
        for action in [StatusAction::Quarantine, StatusAction::Suspect] {
            let mut world = world.clone();
            world.advance(60);
            let doubt = fixture.set_status(of, by, action);
            done(&mut world, doubt, &[&by.key()]);
            let for_claim = || fixture.dispense_reserved(0, claim().pubkey());
            refused(&mut world, for_claim(), &[&key, &claim()], E::NotSellable);
            assert_eq!(fixture.read_node(&world, pack(0)), kept);
            // Released by itself it is dispensed, by whoever may release its case.
            let mut one = world.clone();
            one.advance(1);
            let release = fixture.set_status(pack(0), by, StatusAction::Release);
            done(&mut one, release, &[&by.key()]);
            done(&mut one, for_claim(), &[&key, &claim()]);
            refused(&mut one, fixture.dispense(1), &[&key], E::NotSellable);
            let release = fixture.set_status(of, by, StatusAction::Release);
            done(&mut world, release, &[&by.key()]);
            done(&mut world, for_claim(), &[&key, &claim()]);
        }
    }
    // By nobody else.
    let mut world = world.clone();
    world.advance(60);
    let doubt = fixture.set_status(case(0), &fixture.regulator, StatusAction::Quarantine);
    done(&mut world, doubt, &[&fixture.regulator.key()]);
    for by in [&fixture.pharmacy, &fixture.maker] {
        let release = fixture.set_status(pack(0), by, StatusAction::Release);
        refused(&mut world, release, &[&by.key()], E::NotYoursToRelease);
    }
}

/// Where custody is not recorded nobody can tell where a pack is: no claim is paid with it. It can be dispensed without one.
#[test]
fn nothing_is_kept_where_custody_is_not_recorded() {
    let (mut world, fixture) = unrecorded();
    let key = fixture.pharmacy.key();
    world.actor("claim");
    let reserve = fixture.reserve(0, claim().pubkey(), DAY);
    refused(&mut world, reserve, &[&key], E::CustodyNotRecorded);
    // Nor a case dispensed as a whole, of which no serial number is shown: anybody's case it would be.
    let all = fixture.dispense_all(case(0));
    refused(&mut world, all, &[&key], E::CustodyNotRecorded);
    done(&mut world, fixture.dispense(0), &[&key]);
}
