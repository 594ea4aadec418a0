//! Every state of a trial, of its log and of a site's own milestone against every instruction that depends on it: what happens,
//! and by which error what must not is refused. Participants and their claims: `states.rs`.

use crate::common::*;
use crate::states::{expect, Make};

use TrialsError as E;

fn by_staff(fixture: &TrialsFixture, instruction: Instruction) -> (Instruction, Vec<Keypair>) {
    (instruction, vec![fixture.staff.key()])
}

fn by_nurse(fixture: &TrialsFixture, instruction: Instruction) -> (Instruction, Vec<Keypair>) {
    (instruction, vec![fixture.nurse.key()])
}

fn by_board(fixture: &TrialsFixture, instruction: Instruction) -> (Instruction, Vec<Keypair>) {
    (instruction, vec![fixture.overseer.key()])
}

fn fund() -> Pubkey {
    actor("patients' fund").pubkey()
}

/// Where a trial's log can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Log {
    Planned,
    Anchored,
    Ended,
    Locked,
    Results,
    Overdue,
    Forfeited,
    PaidOut,
}

const LOGS: [Log; 8] = [
    Log::Planned,
    Log::Anchored,
    Log::Ended,
    Log::Locked,
    Log::Results,
    Log::Overdue,
    Log::Forfeited,
    Log::PaidOut,
];

/// A trial whose log is at `state`; the board has named a fund.
fn log_at(state: Log) -> (World, TrialsFixture) {
    let (mut world, fixture) = without_plan();
    let staff = fixture.staff.key();
    done(&mut world, fixture.commit_plan(plan_terms()), &[&staff]);
    world.token_account(
        "patients' fund",
        &fixture.mint,
        &actor("patients' advocate").pubkey(),
    );
    let name = fixture.name_beneficiary(&world, fund());
    done(&mut world, name, &[&fixture.overseer.key()]);
    if state >= Log::Anchored {
        done(&mut world, fixture.anchor_data([1; 32], 0, 5), &[&staff]);
    }
    if state >= Log::Ended {
        let end = fixture.end_trial(&world, EndReason::Complete);
        done(&mut world, end, &[&staff]);
    }
    if matches!(state, Log::Locked | Log::Results) {
        let root = fixture.read_log(&world).expect("a log").root;
        done(&mut world, fixture.lock_data(root), &[&staff]);
    }
    if state == Log::Results {
        done(&mut world, fixture.commit_results([8; 32]), &[&staff]);
    }
    if state >= Log::Overdue {
        world.advance(181 * DAY);
    }
    if state == Log::Forfeited {
        done(&mut world, fixture.forfeit_bond(None), &[]);
    }
    if state == Log::PaidOut {
        done(&mut world, fixture.forfeit_bond(Some(fund())), &[]);
    }
    (world, fixture)
}

fn next_leaf(world: &World, fixture: &TrialsFixture) -> u64 {
    fixture.read_log(world).map_or(0, |log| log.leaves)
}

/// Everything that can happen to a log, by its state; none = it is done.
const LOG_TABLE: &[(&str, Make, [Option<E>; 8])] = &[
    (
        "anchor",
        |w, f| by_staff(f, f.anchor_data([2; 32], next_leaf(w, f), 3)),
        [
            None,
            None,
            None,
            Some(E::DataLocked),
            Some(E::DataLocked),
            None,
            None,
            None,
        ],
    ),
    (
        "lock",
        |w, f| {
            let root = f.read_log(w).expect("a log").root;
            by_staff(f, f.lock_data(root))
        },
        [
            Some(E::DataStillComing),
            Some(E::DataStillComing),
            None,
            Some(E::DataLocked),
            Some(E::DataLocked),
            None,
            None,
            None,
        ],
    ),
    (
        "commit to results",
        |_, f| by_staff(f, f.commit_results([9; 32])),
        [
            Some(E::DataNotLocked),
            Some(E::DataNotLocked),
            Some(E::DataNotLocked),
            None,
            Some(E::ResultsCommitted),
            Some(E::DataNotLocked),
            Some(E::DataNotLocked),
            Some(E::DataNotLocked),
        ],
    ),
    (
        "forfeit",
        |_, f| (f.forfeit_bond(None), vec![]),
        [
            Some(E::ResultsNotDue),
            Some(E::ResultsNotDue),
            Some(E::ResultsNotDue),
            Some(E::ResultsNotDue),
            Some(E::BondReturned),
            None,
            Some(E::BeneficiaryMissing),
            Some(E::BondPaid),
        ],
    ),
    (
        "forfeit and pay",
        |_, f| (f.forfeit_bond(Some(fund())), vec![]),
        [
            Some(E::ResultsNotDue),
            Some(E::ResultsNotDue),
            Some(E::ResultsNotDue),
            Some(E::ResultsNotDue),
            Some(E::BondReturned),
            None,
            None,
            Some(E::BondPaid),
        ],
    ),
    (
        "name another beneficiary",
        |w, f| by_board(f, f.name_beneficiary(w, f.payout)),
        [None, None, None, None, None, None, None, Some(E::BondPaid)],
    ),
];

#[test]
fn every_state_of_a_log_against_every_instruction() {
    for (column, state) in LOGS.into_iter().enumerate() {
        let (world, fixture) = log_at(state);
        for (name, make, expected) in LOG_TABLE {
            let cell = format!("{state:?}, {name}");
            expect(&cell, &world, &fixture, *make, expected[column]);
        }
    }
}

/// Where a milestone of a site can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    Open,
    Declared,
    SponsorSilent,
    Earned,
    OpenAtTheEnd,
    DeclaredAtTheEnd,
    Lapsed,
}

const PROMISES: [Promise; 7] = [
    Promise::Open,
    Promise::Declared,
    Promise::SponsorSilent,
    Promise::Earned,
    Promise::OpenAtTheEnd,
    Promise::DeclaredAtTheEnd,
    Promise::Lapsed,
];

/// A site with one milestone of its own, at `state`.
fn promise_at(state: Promise) -> (World, TrialsFixture) {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let terms = SiteMilestoneTerms {
        amount: 50_000,
        enrolled: 0,
    };
    let offer = fixture.offer_site_milestones(vec![terms]);
    done(&mut world, offer, &[&staff]);
    if matches!(
        state,
        Promise::Declared | Promise::SponsorSilent | Promise::DeclaredAtTheEnd
    ) {
        let declare = fixture.declare_site_milestone(0);
        done(&mut world, declare, &[&fixture.nurse.key()]);
    }
    match state {
        Promise::Open | Promise::Declared => {}
        Promise::SponsorSilent => world.advance(31 * DAY),
        Promise::Earned => {
            let confirm = fixture.answer_site_milestone(0, true);
            done(&mut world, confirm, &[&staff]);
        }
        Promise::OpenAtTheEnd | Promise::DeclaredAtTheEnd | Promise::Lapsed => {
            let end = fixture.end_trial(&world, EndReason::Complete);
            done(&mut world, end, &[&staff]);
            world.advance(91 * DAY);
        }
    }
    if state == Promise::Lapsed {
        done(&mut world, fixture.lapse_site_milestones(), &[]);
    }
    (world, fixture)
}

/// Everything that can happen to a milestone of a site, by its state.
const PROMISE_TABLE: &[(&str, Make, [Option<E>; 7])] = &[
    (
        "declare",
        |_, f| by_nurse(f, f.declare_site_milestone(0)),
        [
            None,
            Some(E::SiteMilestoneDeclared),
            Some(E::SiteMilestoneDeclared),
            Some(E::SiteMilestoneOver),
            None,
            Some(E::SiteMilestoneDeclared),
            Some(E::SiteMilestoneOver),
        ],
    ),
    (
        "confirm",
        |_, f| by_staff(f, f.answer_site_milestone(0, true)),
        [
            None,
            None,
            None,
            Some(E::SiteMilestoneOver),
            None,
            None,
            Some(E::SiteMilestoneOver),
        ],
    ),
    (
        "refuse",
        |_, f| by_staff(f, f.answer_site_milestone(0, false)),
        [
            Some(E::SiteMilestoneUndeclared),
            None,
            None,
            Some(E::SiteMilestoneOver),
            Some(E::SiteMilestoneUndeclared),
            None,
            Some(E::SiteMilestoneOver),
        ],
    ),
    (
        "silence earns",
        |_, f| (f.earn_site_milestone(0), vec![]),
        [
            Some(E::SiteMilestoneUndeclared),
            Some(E::SiteMilestonePending),
            None,
            Some(E::SiteMilestoneOver),
            Some(E::SiteMilestoneUndeclared),
            None,
            Some(E::SiteMilestoneOver),
        ],
    ),
    (
        "lapse",
        |_, f| (f.lapse_site_milestones(), vec![]),
        [
            Some(E::TrialRunning),
            Some(E::TrialRunning),
            Some(E::TrialRunning),
            Some(E::TrialRunning),
            None,
            Some(E::NothingDue),
            Some(E::NothingDue),
        ],
    ),
];

#[test]
fn every_state_of_a_site_milestone_against_every_instruction() {
    for (column, state) in PROMISES.into_iter().enumerate() {
        let (world, fixture) = promise_at(state);
        for (name, make, expected) in PROMISE_TABLE {
            let cell = format!("{state:?}, {name}");
            expect(&cell, &world, &fixture, *make, expected[column]);
        }
    }
}

/// Where a trial can stand.
#[derive(Clone, Copy, Debug)]
enum At {
    WithoutPlan,
    Running,
    Ended,
}

/// A trial at `state`: with a plan, participant 0 is in screening.
fn trial_at(state: At) -> (World, TrialsFixture) {
    if matches!(state, At::WithoutPlan) {
        let (mut world, fixture) = without_plan();
        fixture.payee(&mut world, 0);
        fixture.payee(&mut world, 1);
        return (world, fixture);
    }
    let (mut world, fixture) = ready();
    fixture.consent(&mut world, 0).assert_ok();
    fixture.payee(&mut world, 1);
    if matches!(state, At::Ended) {
        let end = fixture.end_trial(&world, EndReason::Complete);
        done(&mut world, end, &[&fixture.staff.key()]);
    }
    (world, fixture)
}

/// What can be done with a trial, by its state.
const TRIAL_TABLE: &[(&str, Make, [Option<E>; 3])] = &[
    (
        "fund",
        |_, f| (f.fund_trial(5), vec![actor("treasurer")]),
        [None, None, None],
    ),
    (
        "take back",
        |w, f| by_staff(f, f.withdraw_surplus(w, 5)),
        [None, None, None],
    ),
    (
        "publish a version",
        |_, f| by_staff(f, f.publish_protocol(2, true)),
        [None, None, Some(E::TrialEnded)],
    ),
    (
        "open a schedule",
        |_, f| by_staff(f, f.open_schedule(2, BONUS)),
        [None, None, Some(E::TrialEnded)],
    ),
    (
        "promise a site milestones",
        |_, f| by_staff(f, f.offer_site_milestones(site_milestones())),
        [None, None, Some(E::TrialEnded)],
    ),
    (
        "consent",
        |_, f| {
            (
                f.record_consent(1, KeyHolder::Participant, 1),
                vec![f.nurse.key(), f.participant(1)],
            )
        },
        [Some(E::PlanMissing), None, Some(E::TrialEnded)],
    ),
    (
        "enrol",
        |_, f| by_nurse(f, f.enrol(0)),
        [Some(E::ParticipantUnknown), None, Some(E::TrialEnded)],
    ),
    (
        "attest the screening",
        |_, f| by_nurse(f, f.attest(0, 0, TODAY)),
        [None, None, None],
    ),
    (
        "settle",
        |_, f| (f.settle(0), vec![]),
        [None, Some(E::NotEnded), Some(E::SettlementTooEarly)],
    ),
    (
        "end",
        |w, f| by_staff(f, f.end_trial(w, EndReason::Sponsor)),
        [None, None, Some(E::TrialEnded)],
    ),
    (
        "end for safety",
        |w, f| by_board(f, f.end_trial(w, EndReason::Safety)),
        [None, None, Some(E::TrialEnded)],
    ),
];

#[test]
fn every_state_of_a_trial_against_every_instruction() {
    for (column, state) in [At::WithoutPlan, At::Running, At::Ended]
        .into_iter()
        .enumerate()
    {
        let (world, fixture) = trial_at(state);
        for (name, make, expected) in TRIAL_TABLE {
            // Without a plan there is nobody to attest or settle.
            if column == 0 && ["attest the screening", "settle"].contains(name) {
                continue;
            }
            let cell = format!("{state:?}, {name}");
            expect(&cell, &world, &fixture, *make, expected[column]);
        }
    }
}
