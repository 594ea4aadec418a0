//! Every state of a recoupment with every instruction that touches it: done, or refused by exactly this code, and what is refused
//! changes nothing.

use galen_testkit::fixtures::provenance::{case, DAY as A_DAY, TODAY};
use galen_testkit::fixtures::recoupment::RecoupmentFixture;
use provenance::constants::RETENTION_DAYS;
use provenance::error::ProvenanceError as P;

use crate::common::*;
use crate::recoupment::{covered, crank};

/// Where the recoupment of claim 0 for pack 0 can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The pack is not recalled.
    Unrecalled,
    /// It is, and nobody has asked.
    Recalled,
    /// It was, and the recall is lifted.
    Lifted,
    /// The bond has paid what it had.
    Short,
    /// The manufacturer has deposited the rest.
    Deposited,
    /// The bond has paid the rest, which the pool has not counted.
    Uncounted,
    /// The pool has counted all.
    Counted,
    /// The batch is closed, and something is owed.
    OwedAfterBatch,
    /// The batch is closed, and all is paid and counted.
    CountedAfterBatch,
    /// The same, and the provenance program's record is closed.
    RecordClosed,
}

use State::*;

const STATES: [State; 10] = [
    Unrecalled,
    Recalled,
    Lifted,
    Short,
    Deposited,
    Uncounted,
    Counted,
    OwedAfterBatch,
    CountedAfterBatch,
    RecordClosed,
];

impl State {
    /// The state out of which it comes, if it is not the first.
    const fn before(self) -> Option<Self> {
        match self {
            Unrecalled => None,
            Recalled => Some(Unrecalled),
            Lifted | Short => Some(Recalled),
            Deposited | OwedAfterBatch => Some(Short),
            Uncounted => Some(Deposited),
            Counted => Some(Uncounted),
            CountedAfterBatch => Some(Counted),
            RecordClosed => Some(CountedAfterBatch),
        }
    }

    fn reach(self, world: &mut World, fixture: &RecoupmentFixture) {
        if let Some(before) = self.before() {
            before.reach(world, fixture);
        }
        let packs = &fixture.packs;
        let mut send = |steps: &[Instruction]| {
            world.send_unsigned(steps).assert_ok();
        };
        match self {
            Unrecalled => fixture.pay_and_dispense(world, 0, 40_000),
            Recalled => fixture.recall(world),
            Lifted => send(&[packs.lift(case(0), &packs.regulator)]),
            Short => send(&[fixture.recoup(0)]),
            Deposited => send(&[fixture.bond.deposit(50_000)]),
            Uncounted => send(&[fixture.pay_rest(0)]),
            Counted => send(&[fixture.count(0)]),
            OwedAfterBatch | CountedAfterBatch => {
                world.set_time(i64::from(TODAY + RETENTION_DAYS) * A_DAY);
                let steps = [packs.close_page(0), fixture.bond.close_batch(packs)];
                world.send_unsigned(&steps).assert_ok();
            }
            RecordClosed => send(&[close_record(fixture)]),
        }
    }

    /// What the instructions say, in the order of [`instructions`].
    fn row(self) -> [Result<(), u32>; 5] {
        let no = |error: P| Err(u32::from(error));
        let not_asked = [
            Err(u32::from(ErrorCode::AccountOwnedByWrongProgram)),
            Err(u32::from(ErrorCode::AccountNotInitialized)),
        ];
        let nothing_arrived = Err(u32::from(ClaimsError::NothingArrived));
        let open = [no(P::StillRetained), no(P::BatchStillOpen)];
        let asked_before = Err(ADDRESS_IN_USE);
        let [unpayable, uncountable] = not_asked;
        let [retained, batch_open] = open;
        let [recoup, pay, count] = match self {
            Unrecalled | Lifted => [no(P::NotRecalled), unpayable, uncountable],
            Recalled => [Ok(()), unpayable, uncountable],
            Short | OwedAfterBatch => [asked_before, no(P::BondEmpty), nothing_arrived],
            Deposited => [asked_before, Ok(()), nothing_arrived],
            Uncounted => [asked_before, no(P::NothingOwed), Ok(())],
            Counted | CountedAfterBatch => [asked_before, no(P::NothingOwed), nothing_arrived],
            RecordClosed => [asked_before, unpayable, nothing_arrived],
        };
        let [close_batch, close_record] = match self {
            OwedAfterBatch => [no(P::BatchClosed), no(P::RecoupmentOwed)],
            CountedAfterBatch => [no(P::BatchClosed), Ok(())],
            RecordClosed => [no(P::BatchClosed), no(P::WrongRecord)],
            _ => [retained, batch_open],
        };
        [recoup, pay, count, close_batch, close_record]
    }
}

fn close_record(fixture: &RecoupmentFixture) -> Instruction {
    let packs = &fixture.packs;
    let record = fixture.bond.recoupment(packs, 0);
    swapped(
        packs.close_orphan(record, &packs.maker),
        packs.maker.key().pubkey(),
        crank().pubkey(),
    )
}

fn instructions(fixture: &RecoupmentFixture) -> [(&'static str, Instruction); 5] {
    [
        ("recoup_claim", fixture.recoup(0)),
        ("pay_recoupment", fixture.pay_rest(0)),
        ("count_recoupment", fixture.count(0)),
        ("close_batch", fixture.bond.close_batch(&fixture.packs)),
        ("close_orphan", close_record(fixture)),
    ]
}

#[test]
fn every_state_of_a_recoupment_with_every_instruction() {
    let (world, fixture) = covered(1_000);
    let mut cells = 0;
    for state in STATES {
        let mut world = world.clone();
        state.reach(&mut world, &fixture);
        if state != Uncounted {
            fixture.claims.assert_money_adds_up(&world);
        }
        for ((name, instruction), expected) in instructions(&fixture).into_iter().zip(state.row()) {
            let mut world = world.clone();
            let before = world.snapshot();
            let outcome = world.send_unsigned(&[instruction]);
            let found = match outcome.code() {
                None if outcome.succeeded() => Ok(()),
                code => Err(code.unwrap_or(u32::MAX)),
            };
            assert_eq!(found, expected, "{state:?}, {name}: {outcome}");
            if expected.is_err() {
                before.assert_same(&world.snapshot());
            }
            cells += 1;
        }
    }
    assert_eq!(cells, 10 * 5);
}
