//! What a sponsor binds itself to: the plan before the first participant, the data as they come in, the results in time.

use galen_rules::merkle::{parent, Frontier, Hasher, Node, EMPTY};
use galen_rules::trial::data_log::{proves, Batch, ChangeReason, DataPoint, Proof, LOG_DEPTH};
use trials::convert::Sha256;
use trials::events::{
    BeneficiaryNamed, BondForfeited, DataAnchored, DataLocked, PlanCommitted, ResultsCommitted,
};

use crate::common::*;

/// A trial whose sponsor has committed to a plan, and the board to a beneficiary.
fn planned() -> (World, TrialsFixture, Pubkey) {
    let (mut world, fixture) = without_plan();
    let event: PlanCommitted = done(
        &mut world,
        fixture.commit_plan(plan_terms()),
        &[&fixture.staff.key()],
    )
    .event();
    assert_eq!(event.terms, plan_terms());
    let fund = world.token_account(
        "patients' fund",
        &fixture.mint,
        &actor("patients' advocate").pubkey(),
    );
    let name = fixture.name_beneficiary(&world, fund);
    let event: BeneficiaryNamed = done(&mut world, name, &[&fixture.overseer.key()]).event();
    assert_eq!(event.beneficiary, fund);
    (world, fixture, fund)
}

/// The trial of [`planned`] has anchored a batch and ended.
fn ended() -> (World, TrialsFixture, Pubkey) {
    let (mut world, fixture, fund) = planned();
    let staff = fixture.staff.key();
    done(&mut world, fixture.anchor_data([1; 32], 0, 5), &[&staff]);
    let end = fixture.end_trial(&world, EndReason::Complete);
    done(&mut world, end, &[&staff]);
    (world, fixture, fund)
}

fn root(world: &World, fixture: &TrialsFixture) -> Node {
    fixture.read_log(world).unwrap().root
}

#[test]
fn a_plan_comes_before_the_first_participant() {
    let (mut world, fixture, _) = planned();
    let log = fixture.read_log(&world).unwrap();
    assert_eq!(
        (log.plan_digest, log.planned_on, log.bond, log.batches),
        ([11; 32], TODAY, BOND, 0)
    );
    assert_eq!(fixture.read_trial(&world).reserved, BOND, "set aside");
    assert_books(&world, &fixture);
    let staff = fixture.staff.key();
    assert!(
        !world
            .send(&[fixture.commit_plan(plan_terms())], &[&staff])
            .succeeded(),
        "once"
    );
}

#[test]
fn no_participant_comes_before_the_plan() {
    let (mut world, fixture) = without_plan();
    fixture.payee(&mut world, 0);
    let consent = fixture.record_consent(0, KeyHolder::Participant, 1);
    let signers = [&fixture.nurse.key(), &fixture.participant(0)];
    assert!(!fixture.read_trial(&world).has_plan());
    refused(
        &mut world,
        consent.clone(),
        &signers,
        TrialsError::PlanMissing,
    );
    done(
        &mut world,
        fixture.commit_plan(plan_terms()),
        &[&fixture.staff.key()],
    );
    assert!(fixture.read_trial(&world).has_plan());
    done(&mut world, consent, &signers);
    assert_eq!(fixture.read_trial(&world).participants, 1);
    assert_books(&world, &fixture);
}

#[test]
fn what_is_no_plan() {
    let (mut world, fixture) = without_plan();
    let staff = fixture.staff.key();
    let plan = plan_terms();
    for (terms, error) in [
        (
            PlanTerms {
                plan_digest: [0; 32],
                ..plan
            },
            TrialsError::DigestMissing,
        ),
        (
            PlanTerms {
                results_latest: TODAY,
                ..plan
            },
            TrialsError::ResultsDateInvalid,
        ),
        (
            PlanTerms {
                results_latest: i32::MIN,
                ..plan
            },
            TrialsError::DateInvalid,
        ),
        (
            PlanTerms {
                bond: FUNDED + 1,
                ..plan
            },
            TrialsError::EscrowShort,
        ),
    ] {
        refused(&mut world, fixture.commit_plan(terms), &[&staff], error);
    }
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&staff]);
    refused(
        &mut world,
        fixture.commit_plan(plan),
        &[&staff],
        TrialsError::TrialEnded,
    );
}

/// The siblings on the way from leaf `index` up to the root of the tree of `depth` over `leaves`.
fn siblings(leaves: &[Node], depth: u8, index: usize) -> Vec<Node> {
    let mut level = leaves.to_vec();
    let mut place = index;
    let mut path = Vec::new();
    for height in 1..=depth {
        path.push(level.get(place ^ 1).copied().unwrap_or(EMPTY));
        level = level
            .chunks(2)
            .map(|pair| parent::<Sha256>(height, &pair[0], pair.get(1).unwrap_or(&EMPTY)))
            .collect();
        place /= 2;
    }
    path
}

fn tree(leaves: &[Node], depth: u8) -> Node {
    let mut frontier = Frontier::<Sha256>::default();
    for leaf in leaves {
        frontier.push(*leaf, |_, _| {}).unwrap();
    }
    frontier.root(depth).unwrap()
}

/// A data point of item `item`, `follows` = a correction.
fn point(item: u8, value: u8, follows: Option<u64>) -> DataPoint {
    DataPoint {
        item: Sha256::hash(&[&[item]]),
        value: Sha256::hash(&[&[value]]),
        audit: [9; 32],
        at: i64::from(value),
        reason: if follows.is_none() {
            ChangeReason::FirstEntry
        } else {
            ChangeReason::EntryError
        },
        follows,
    }
}

#[test]
fn every_data_point_can_be_proved_against_the_ledger_and_no_other() {
    let (mut world, fixture, _) = planned();
    let staff = fixture.staff.key();
    let mut batches: Vec<(Batch, Vec<Node>)> = Vec::new();
    let mut first = 0;
    for count in [1_u8, 5, 8, 3, 2] {
        let leaves: Vec<Node> = (0..count)
            .map(|n| {
                let position = first + u64::from(n);
                let follows = position.checked_sub(1).filter(|_| position % 3 == 1);
                point(count, n, follows).leaf::<Sha256>()
            })
            .collect();
        let depth = u32::from(count).next_power_of_two().trailing_zeros();
        let batch = Batch {
            root: tree(&leaves, u8::try_from(depth).unwrap()),
            first,
            count: u32::from(count),
        };
        let number = u32::try_from(batches.len()).unwrap();
        let anchor = fixture.anchor_data(batch.root, first, batch.count);
        let event: DataAnchored = done(&mut world, anchor.clone(), &[&staff]).event();
        assert_eq!(
            (event.batch, event.first, event.count),
            (number, first, batch.count)
        );
        refused(
            &mut world,
            anchor,
            &[&staff],
            TrialsError::BatchAlreadyAnchored,
        );
        first += u64::from(count);
        batches.push((batch, leaves));
        let over: Vec<Node> = batches.iter().map(|(b, _)| b.leaf::<Sha256>()).collect();
        assert_eq!(event.log_root, tree(&over, LOG_DEPTH), "the ledger's root");
        assert_eq!(root(&world, &fixture), event.log_root);
    }
    let log = fixture.read_log(&world).unwrap();
    assert_eq!((log.batches, log.leaves), (5, 19));
    let over: Vec<Node> = batches.iter().map(|(b, _)| b.leaf::<Sha256>()).collect();
    for (number, (batch, leaves)) in batches.iter().enumerate() {
        let in_log = siblings(&over, LOG_DEPTH, number);
        for (place, leaf) in leaves.iter().enumerate() {
            let in_batch = siblings(leaves, batch.depth().unwrap(), place);
            let proof = Proof {
                position: batch.first + place as u64,
                batch: *batch,
                batch_number: number as u64,
                in_batch: &in_batch,
                in_log: &in_log,
            };
            assert!(proves::<Sha256>(&log.root, *leaf, &proof));
            let altered = point(77, 77, None).leaf::<Sha256>();
            assert!(!proves::<Sha256>(&log.root, altered, &proof));
            let elsewhere = Proof {
                position: proof.position + 1,
                ..proof
            };
            assert!(!proves::<Sha256>(&log.root, *leaf, &elsewhere));
        }
    }
}

#[test]
fn what_cannot_be_anchored() {
    let (mut world, fixture, _) = planned();
    let staff = fixture.staff.key();
    for (root, first, count, error) in [
        ([1; 32], 1, 1, TrialsError::BatchOutOfOrder),
        ([1; 32], 0, 0, TrialsError::BatchInvalid),
        ([1; 32], 0, (1 << 24) + 1, TrialsError::BatchInvalid),
        ([0; 32], 0, 1, TrialsError::BatchInvalid),
    ] {
        refused(
            &mut world,
            fixture.anchor_data(root, first, count),
            &[&staff],
            error,
        );
    }
}

#[test]
fn a_lock_is_for_good_and_comes_after_the_end() {
    let (mut world, fixture, _) = planned();
    let staff = fixture.staff.key();
    refused(
        &mut world,
        fixture.lock_data([0; 32]),
        &[&staff],
        TrialsError::DataStillComing,
    );
    let mut empty = world.clone();
    let end = fixture.end_trial(&empty, EndReason::Complete);
    done(&mut empty, end, &[&staff]);
    refused(
        &mut empty,
        fixture.lock_data([0; 32]),
        &[&staff],
        TrialsError::DataEmpty,
    );
    let (mut world, fixture, _) = ended();
    refused(
        &mut world,
        fixture.lock_data([1; 32]),
        &[&staff],
        TrialsError::LogRootMismatch,
    );
    // Late data come in until the lock.
    done(&mut world, fixture.anchor_data([2; 32], 5, 1), &[&staff]);
    let lock = fixture.lock_data(root(&world, &fixture));
    let event: DataLocked = done(&mut world, lock.clone(), &[&staff]).event();
    assert_eq!((event.leaves, event.locked_on), (6, TODAY));
    refused(&mut world, lock, &[&staff], TrialsError::DataLocked);
    refused(
        &mut world,
        fixture.anchor_data([3; 32], 6, 1),
        &[&staff],
        TrialsError::DataLocked,
    );
}

#[test]
fn results_in_time_free_the_bond() {
    let (mut world, fixture, fund) = ended();
    let staff = fixture.staff.key();
    refused(
        &mut world,
        fixture.commit_results([5; 32]),
        &[&staff],
        TrialsError::DataNotLocked,
    );
    let lock = fixture.lock_data(root(&world, &fixture));
    done(&mut world, lock, &[&staff]);
    refused(
        &mut world,
        fixture.commit_results([0; 32]),
        &[&staff],
        TrialsError::DigestMissing,
    );
    world.advance(180 * DAY);
    refused(
        &mut world,
        fixture.forfeit_bond(Some(fund)),
        &[],
        TrialsError::ResultsNotDue,
    );
    let event: ResultsCommitted =
        done(&mut world, fixture.commit_results([5; 32]), &[&staff]).event();
    assert_eq!((event.late, event.released), (false, BOND));
    assert_eq!(fixture.read_trial(&world).reserved, 0);
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.commit_results([6; 32]),
        &[&staff],
        TrialsError::ResultsCommitted,
    );
    world.advance(DAY);
    refused(
        &mut world,
        fixture.forfeit_bond(Some(fund)),
        &[],
        TrialsError::BondReturned,
    );
}

#[test]
fn late_results_cost_the_bond() {
    let (mut world, fixture, fund) = ended();
    let staff = fixture.staff.key();
    let lock = fixture.lock_data(root(&world, &fixture));
    done(&mut world, lock, &[&staff]);
    world.advance(181 * DAY);
    // The sponsor cannot take it back in time, and results that come now come late.
    let event: ResultsCommitted =
        done(&mut world, fixture.commit_results([5; 32]), &[&staff]).event();
    assert_eq!((event.late, event.released), (true, 0));
    let stranger = world.token_account("stranger's", &fixture.mint, &actor("stranger").pubkey());
    refused(
        &mut world,
        fixture.forfeit_bond(Some(stranger)),
        &[],
        TrialsError::WrongBeneficiary,
    );
    let event: BondForfeited = done(&mut world, fixture.forfeit_bond(Some(fund)), &[]).event();
    assert_eq!((event.bond, event.paid), (BOND, BOND));
    assert_eq!(world.balance(&fund), BOND * UNIT_PER_CENT);
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.forfeit_bond(Some(fund)),
        &[],
        TrialsError::BondPaid,
    );
    let name = fixture.name_beneficiary(&world, stranger);
    refused(
        &mut world,
        name,
        &[&fixture.overseer.key()],
        TrialsError::BondPaid,
    );
}

#[test]
fn a_bond_is_forfeited_even_if_nobody_can_take_it_yet() {
    let (mut world, fixture) = without_plan();
    let staff = fixture.staff.key();
    let terms = PlanTerms {
        results_latest: TODAY + 10,
        ..plan_terms()
    };
    done(&mut world, fixture.commit_plan(terms), &[&staff]);
    // Due although the trial never ends.
    world.advance(11 * DAY);
    let event: BondForfeited = done(&mut world, fixture.forfeit_bond(None), &[]).event();
    assert_eq!((event.bond, event.paid), (BOND, 0));
    let trial = fixture.read_trial(&world);
    assert_eq!((trial.reserved, trial.payable), (0, BOND));
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.forfeit_bond(None),
        &[],
        TrialsError::BeneficiaryMissing,
    );
    let fund = world.token_account("fund", &fixture.mint, &actor("advocate").pubkey());
    let name = fixture.name_beneficiary(&world, fund);
    done(&mut world, name, &[&fixture.overseer.key()]);
    let mut gone = world.clone();
    gone.remove(&fund);
    refused(
        &mut gone,
        fixture.forfeit_bond(Some(fund)),
        &[],
        TrialsError::PayeeInvalid,
    );
    done(&mut world, fixture.forfeit_bond(Some(fund)), &[]);
    assert_eq!(world.balance(&fund), BOND * UNIT_PER_CENT);
    assert_books(&world, &fixture);
}

#[test]
fn the_board_names_who_gets_it_and_nobody_else() {
    let (mut world, fixture, other) = two_trials();
    let overseer = fixture.overseer.key();
    for (account, error) in [
        (fixture.vault, TrialsError::PayeeIsVault),
        (other.payout, TrialsError::PayeeInvalid),
    ] {
        let name = fixture.name_beneficiary(&world, account);
        refused(&mut world, name, &[&overseer], error);
    }
    let name = fixture.name_beneficiary(&world, fixture.payout);
    refused(
        &mut world,
        swapped(name.clone(), fixture.log(), other.log()),
        &[&overseer],
        TrialsError::LogOfOtherTrial,
    );
    done(&mut world, name.clone(), &[&overseer]);
    refused(
        &mut world,
        name,
        &[&overseer],
        TrialsError::AdminSequenceStale,
    );
    let mut late = fixture.name_beneficiary(&world, fixture.payout);
    // `valid_until` is the first argument.
    late.data[8..16].copy_from_slice(&(world.now() - 1).to_le_bytes());
    refused(&mut world, late, &[&overseer], TrialsError::AdminExpired);
    for (instruction, signer) in [
        (fixture.anchor_data([1; 32], 0, 1), &fixture.staff),
        (fixture.commit_results([1; 32]), &fixture.staff),
    ] {
        refused(
            &mut world,
            swapped(instruction, fixture.log(), other.log()),
            &[&signer.key()],
            TrialsError::LogOfOtherTrial,
        );
    }
}
