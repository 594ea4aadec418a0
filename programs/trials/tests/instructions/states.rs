//! Every state against every instruction that depends on it: what happens, and by which error what must not is refused.

use crate::common::*;

use TrialsError as E;

/// Where a participant can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Screening,
    Enrolled,
    Completed,
    ScreenFailed,
    Withdrawn,
    FollowingUp,
    Discontinued,
    LostToFollowUp,
    Died,
    Settled,
}

const STATES: [At; 10] = [
    At::Screening,
    At::Enrolled,
    At::Completed,
    At::ScreenFailed,
    At::Withdrawn,
    At::FollowingUp,
    At::Discontinued,
    At::LostToFollowUp,
    At::Died,
    At::Settled,
];

/// Participant 0 at `state`, reached on the first day (settled: 31 days later).
fn at(state: At) -> (World, TrialsFixture) {
    let (mut world, fixture) = ready();
    fixture.consent(&mut world, 0).assert_ok();
    let nurse = fixture.nurse.key();
    let key = fixture.participant(0);
    if !matches!(state, At::Screening | At::ScreenFailed) {
        done(&mut world, fixture.enrol(0), &[&nurse]);
    }
    let departure = match state {
        At::Screening | At::Enrolled => return (world, fixture),
        At::Completed => DepartureArg::Completed,
        At::ScreenFailed => DepartureArg::ScreenFailed,
        At::Withdrawn | At::FollowingUp | At::Settled => DepartureArg::Withdrawn,
        At::Discontinued => DepartureArg::Discontinued,
        At::LostToFollowUp => DepartureArg::LostToFollowUp,
        At::Died => DepartureArg::Died,
    };
    let own = departure == DepartureArg::Withdrawn;
    let leave = fixture.leave(0, departure, state == At::FollowingUp);
    done(&mut world, leave, &[if own { &key } else { &nurse }]);
    if state == At::Settled {
        world.advance(31 * DAY);
        done(&mut world, fixture.settle(0), &[]);
    }
    (world, fixture)
}

/// An instruction and whoever signs it; may change the world before.
pub type Make = fn(&mut World, &TrialsFixture) -> (Instruction, Vec<Keypair>);

/// What is expected in each of [`STATES`]; none = it is done.
type Row = (&'static str, Make, [Option<E>; 10]);

fn by_nurse(fixture: &TrialsFixture, instruction: Instruction) -> (Instruction, Vec<Keypair>) {
    (instruction, vec![fixture.nurse.key()])
}

fn by_participant(
    fixture: &TrialsFixture,
    instruction: Instruction,
) -> (Instruction, Vec<Keypair>) {
    (instruction, vec![fixture.participant(0)])
}

fn leaves(fixture: &TrialsFixture, departure: DepartureArg) -> (Instruction, Vec<Keypair>) {
    let leave = fixture.leave(0, departure, false);
    match departure {
        DepartureArg::Withdrawn | DepartureArg::DeclinedAmendment => by_participant(fixture, leave),
        _ => by_nurse(fixture, leave),
    }
}

/// Everything a participant can do or have done, by state.
const TABLE: &[Row] = &[
    (
        "enrol",
        |_, f| by_nurse(f, f.enrol(0)),
        [
            None,
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
            Some(E::NotScreening),
        ],
    ),
    (
        "attest the screening of the first day",
        |_, f| by_nurse(f, f.attest(0, 0, TODAY)),
        [
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(E::AlreadySettled),
        ],
    ),
    (
        "attest the visit of the first day",
        |_, f| by_nurse(f, f.attest(0, 1, TODAY)),
        [
            Some(E::VisitWrongPhase),
            None,
            None,
            Some(E::VisitWrongPhase),
            None,
            None,
            None,
            None,
            None,
            Some(E::AlreadySettled),
        ],
    ),
    (
        "attest a visit of the next day",
        |w, f| {
            w.advance(DAY);
            by_nurse(f, f.attest(0, 1, TODAY + 1))
        },
        [
            Some(E::VisitWrongPhase),
            None,
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::AlreadySettled),
        ],
    ),
    (
        "attest follow-up on day 90",
        |w, f| {
            w.set_time((i64::from(TODAY) + 91) * DAY);
            by_nurse(f, f.attest(0, 4, TODAY + 90))
        },
        [
            Some(E::VisitWrongPhase),
            None,
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            None,
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::VisitAfterEnd),
            Some(E::AlreadySettled),
        ],
    ),
    (
        "claim the visit of the first day",
        |_, f| by_participant(f, f.claim_own(0, 1, TODAY)),
        [
            Some(E::VisitWrongPhase),
            None,
            None,
            Some(E::VisitWrongPhase),
            None,
            None,
            None,
            None,
            None,
            Some(E::AlreadySettled),
        ],
    ),
    (
        "reimburse",
        |_, f| by_nurse(f, f.reimburse(0, 100, false)),
        [
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(E::AlreadySettled),
        ],
    ),
    (
        "renew consent",
        |w, f| {
            let from = i32::try_from(w.now() / DAY).unwrap() + 1;
            f.amend(w, 2, from, true);
            w.advance(DAY);
            by_participant(f, f.renew(0, 2, 1))
        },
        [
            None,
            None,
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
        ],
    ),
    (
        "settle at once",
        |_, f| (f.settle(0), vec![]),
        [
            Some(E::NotEnded),
            Some(E::NotEnded),
            Some(E::SettlementTooEarly),
            Some(E::SettlementTooEarly),
            Some(E::SettlementTooEarly),
            Some(E::SettlementTooEarly),
            Some(E::SettlementTooEarly),
            Some(E::SettlementTooEarly),
            Some(E::SettlementTooEarly),
            Some(E::AlreadySettled),
        ],
    ),
    (
        "settle a month later",
        |w, f| {
            w.advance(31 * DAY);
            (f.settle(0), vec![])
        },
        [
            Some(E::NotEnded),
            Some(E::NotEnded),
            None,
            None,
            None,
            Some(E::SettlementTooEarly),
            None,
            None,
            None,
            Some(E::AlreadySettled),
        ],
    ),
    (
        "register a device",
        |_, f| by_nurse(f, f.register_device(0, f.device(0).pubkey())),
        [
            None,
            None,
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
            Some(E::NotPresent),
        ],
    ),
    (
        "announce a payee by the participant's key",
        |w, f| {
            let key = f.participant(0).pubkey();
            let payee = w.token_account("new payee", &f.mint, &key);
            by_participant(f, f.propose_payee(0, payee, key, None))
        },
        [
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(E::CountersignerMissing),
            None,
        ],
    ),
    (
        "hand the key over",
        |_, f| {
            let new = actor("new key");
            let named = (new.pubkey(), KeyHolder::Participant);
            let key = f.participant(0);
            let propose = f.propose_key(0, named, key.pubkey(), None);
            (propose, vec![key, new])
        },
        [
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(E::ParticipantDied),
            None,
        ],
    ),
    (
        "choose what happens at the tax threshold",
        |_, f| by_participant(f, f.choose_tax(0, true)),
        [None, None, None, None, None, None, None, None, None, None],
    ),
    (
        "pay",
        |_, f| (f.pay(&[0], false), vec![]),
        [None, None, None, None, None, None, None, None, None, None],
    ),
    (
        "complete",
        |_, f| leaves(f, DepartureArg::Completed),
        [
            Some(E::CannotLeaveLikeThis),
            None,
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
        ],
    ),
    (
        "fail screening",
        |_, f| leaves(f, DepartureArg::ScreenFailed),
        [
            None,
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
        ],
    ),
    (
        "withdraw",
        |_, f| leaves(f, DepartureArg::Withdrawn),
        [
            None,
            None,
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
        ],
    ),
    (
        "decline an amendment",
        |_, f| leaves(f, DepartureArg::DeclinedAmendment),
        [
            None,
            None,
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
        ],
    ),
    (
        "be discontinued",
        |_, f| leaves(f, DepartureArg::Discontinued),
        [
            Some(E::CannotLeaveLikeThis),
            None,
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
        ],
    ),
    (
        "be lost to follow-up",
        |_, f| leaves(f, DepartureArg::LostToFollowUp),
        [
            None,
            None,
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
            Some(E::CannotLeaveLikeThis),
        ],
    ),
    (
        "die",
        |_, f| leaves(f, DepartureArg::Died),
        [
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(E::CannotLeaveLikeThis),
            None,
        ],
    ),
];

/// Sends the instruction in a copy of the world and asserts what is expected: done with the books balanced, or refused by
/// exactly this error with nothing changed.
#[track_caller]
pub fn expect(cell: &str, world: &World, fixture: &TrialsFixture, make: Make, expected: Option<E>) {
    let mut world = world.clone();
    let (instruction, signers) = make(&mut world, fixture);
    let signers: Vec<&Keypair> = signers.iter().collect();
    let before = world.snapshot();
    let outcome = world.send(&[instruction], &signers);
    match expected {
        None => {
            assert!(outcome.succeeded(), "{cell}: {outcome}");
            assert_books(&world, fixture);
        }
        Some(error) => {
            assert_eq!(outcome.code(), Some(error.into()), "{cell}: {outcome}");
            assert!(
                before.differences(&world.snapshot()).is_empty(),
                "{cell}: refused, and yet changed"
            );
        }
    }
}

#[test]
fn every_state_against_every_instruction() {
    let mut cells = 0;
    for (column, state) in STATES.into_iter().enumerate() {
        let (world, fixture) = at(state);
        for (name, make, expected) in TABLE {
            let cell = format!("{state:?}, {name}");
            expect(&cell, &world, &fixture, *make, expected[column]);
            cells += 1;
        }
    }
    println!("figure: the states of a trial: {cells} cells");
}

/// Where a claim to a visit can stand.
#[derive(Clone, Copy, Debug)]
enum ClaimAt {
    WithSite,
    SiteSilent,
    WithArbiter,
    ArbiterSilent,
    Refused,
    Granted,
}

const CLAIM_STATES: [ClaimAt; 6] = [
    ClaimAt::WithSite,
    ClaimAt::SiteSilent,
    ClaimAt::WithArbiter,
    ClaimAt::ArbiterSilent,
    ClaimAt::Refused,
    ClaimAt::Granted,
];

/// Participant 0 claims the visit of the first day, and this is what became of it.
fn claim_at(state: ClaimAt) -> (World, TrialsFixture) {
    let (mut world, fixture) = at(At::Enrolled);
    done(
        &mut world,
        fixture.claim_own(0, 1, TODAY),
        &[&fixture.participant(0)],
    );
    match state {
        ClaimAt::WithSite => return (world, fixture),
        ClaimAt::Refused => {
            done(
                &mut world,
                fixture.refuse_visit(0, 1),
                &[&fixture.nurse.key()],
            );
            return (world, fixture);
        }
        _ => world.advance(31 * DAY),
    }
    if matches!(state, ClaimAt::SiteSilent) {
        return (world, fixture);
    }
    done(&mut world, fixture.escalate_visit(0, 1), &[]);
    if matches!(state, ClaimAt::WithArbiter) {
        return (world, fixture);
    }
    world.advance(31 * DAY);
    if matches!(state, ClaimAt::Granted) {
        done(&mut world, fixture.grant_visit(0, 1), &[]);
    }
    (world, fixture)
}

fn by_board(fixture: &TrialsFixture, grant: bool) -> (Instruction, Vec<Keypair>) {
    (
        fixture.arbitrate_visit(0, 1, grant),
        vec![fixture.overseer.key()],
    )
}

/// Everything that can happen to a claim, by its state.
const CLAIM_TABLE: &[(&str, Make, [Option<E>; 6])] = &[
    (
        "attest",
        |_, f| by_nurse(f, f.attest(0, 1, TODAY)),
        [
            None,
            Some(E::VisitTooLate),
            Some(E::VisitTooLate),
            Some(E::VisitTooLate),
            None,
            Some(E::VisitTooLate),
        ],
    ),
    (
        "refuse",
        |_, f| by_nurse(f, f.refuse_visit(0, 1)),
        [
            None,
            None,
            Some(E::ClaimWithTheArbiter),
            Some(E::ClaimWithTheArbiter),
            Some(E::ClaimDecided),
            Some(E::AlreadyAttested),
        ],
    ),
    (
        "escalate",
        |_, f| (f.escalate_visit(0, 1), vec![]),
        [
            Some(E::ClaimWithTheSite),
            None,
            Some(E::ClaimWithTheArbiter),
            Some(E::ClaimWithTheArbiter),
            Some(E::ClaimDecided),
            Some(E::ClaimDecided),
        ],
    ),
    (
        "the arbiter grants",
        |_, f| by_board(f, true),
        [
            Some(E::ClaimWithTheSite),
            Some(E::ClaimWithTheSite),
            None,
            None,
            None,
            Some(E::AlreadyEarned),
        ],
    ),
    (
        "the arbiter denies",
        |_, f| by_board(f, false),
        [
            Some(E::ClaimWithTheSite),
            Some(E::ClaimWithTheSite),
            None,
            None,
            Some(E::ClaimDecided),
            Some(E::AlreadyEarned),
        ],
    ),
    (
        "silence grants",
        |_, f| (f.grant_visit(0, 1), vec![]),
        [
            Some(E::ClaimWithTheSite),
            Some(E::ClaimWithTheSite),
            Some(E::ClaimWithTheArbiter),
            None,
            Some(E::ClaimDecided),
            Some(E::AlreadyEarned),
        ],
    ),
    (
        "close",
        |_, f| (f.close_visit_claim(0, 1, f.participant(0).pubkey()), vec![]),
        [
            Some(E::ClaimStays),
            Some(E::ClaimStays),
            Some(E::ClaimStays),
            Some(E::ClaimStays),
            Some(E::ClaimStays),
            None,
        ],
    ),
];

#[test]
fn every_state_of_a_claim_against_every_instruction() {
    for (column, state) in CLAIM_STATES.into_iter().enumerate() {
        let (world, fixture) = claim_at(state);
        for (name, make, expected) in CLAIM_TABLE {
            let cell = format!("{state:?}, {name}");
            expect(&cell, &world, &fixture, *make, expected[column]);
        }
    }
}
