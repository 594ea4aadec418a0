//! Trials beyond visits: claims and whose turn it is, site milestones, doses, the data log, results and their bond.

mod support;

use galen_rules::merkle::{Hasher, Node, EMPTY};
use galen_rules::trial::data_log::{
    append, proves, Batch, ChangeReason, DataPoint, OutOfLine, Peaks, Proof, LOG_DEPTH, MAX_BATCHES,
};
use galen_rules::trial::{
    results_due, AdherenceError, AdherenceTerms, Bond, NotEarned, Progress, Trigger, Turn,
    TurnRefusal, VisitClaim, ARBITER_DAYS, SPONSOR_DAYS,
};
use galen_rules::{BasisPoints, Date};
use sha2::{Digest, Sha256};
use support::random::Random;

fn day(number: i32) -> Date {
    Date::from_days(20_000 + number).unwrap()
}

const ATTEST_DAYS: u16 = 30;

#[test]
fn a_claim_passes_from_the_site_to_the_arbiter_to_the_participant() {
    let claim = VisitClaim::open(Some(day(0)), day(5), ATTEST_DAYS).unwrap();
    assert_eq!((claim.turn, claim.until), (Turn::Site, day(30)));
    assert_eq!(claim.escalate(day(30)), Err(TurnRefusal::WithTheSite));
    assert_eq!(claim.lapse(day(99)), Err(TurnRefusal::WithTheSite));
    assert_eq!(claim.arbitrate(true), Err(TurnRefusal::WithTheSite));
    let arbiter = claim.escalate(day(31)).unwrap();
    let until = 31 + i32::from(ARBITER_DAYS);
    assert_eq!((arbiter.turn, arbiter.until), (Turn::Arbiter, day(until)));
    assert_eq!(arbiter.lapse(day(until)), Err(TurnRefusal::WithTheArbiter));
    assert_eq!(arbiter.refuse(), Err(TurnRefusal::WithTheArbiter));
    assert_eq!(arbiter.lapse(day(until + 1)).unwrap().turn, Turn::Granted);
    assert_eq!(arbiter.arbitrate(true).unwrap().turn, Turn::Granted);
    assert_eq!(arbiter.arbitrate(false).unwrap().turn, Turn::Refused);
}

#[test]
fn a_refusal_is_final_unless_the_arbiter_overrules_it() {
    let refused = VisitClaim::open(None, day(5), ATTEST_DAYS)
        .unwrap()
        .refuse()
        .unwrap();
    assert_eq!(refused.until, day(35), "attested already: from today");
    assert_eq!(refused.escalate(day(99)), Err(TurnRefusal::Decided));
    assert_eq!(refused.lapse(day(99)), Err(TurnRefusal::Decided));
    assert_eq!(refused.arbitrate(false), Err(TurnRefusal::Decided));
    let granted = refused.arbitrate(true).unwrap();
    for after in [
        granted.escalate(day(99)),
        granted.refuse(),
        granted.arbitrate(true),
        granted.lapse(day(99)),
    ] {
        assert_eq!(after, Err(TurnRefusal::Decided));
    }
}

#[test]
fn time_alone_never_refuses_a_claim() {
    let mut random = Random::new(7);
    for _ in 0..20_000 {
        let opened = i32::try_from(random.below(1_000)).unwrap();
        let mut claim = VisitClaim::open(Some(day(opened)), day(opened), 30).unwrap();
        let mut today = opened;
        for _ in 0..8 {
            today += i32::try_from(random.below(40)).unwrap();
            let cranked = [claim.escalate(day(today)), claim.lapse(day(today))];
            for next in cranked.into_iter().flatten() {
                claim = next;
            }
            assert_ne!(claim.turn, Turn::Refused);
        }
        if claim.turn == Turn::Granted {
            assert!(
                today > opened + 30 + i32::from(ARBITER_DAYS),
                "both had their time"
            );
        }
    }
}

#[test]
fn a_site_milestone_is_counted_or_declared() {
    let enrolled = Trigger::Enrolled(3);
    assert_eq!(
        enrolled.check(Progress::Open, 2, day(0)),
        Err(NotEarned::TooFew)
    );
    assert_eq!(enrolled.check(Progress::Open, 3, day(0)), Ok(()));
    let declared = Trigger::Declared;
    assert_eq!(
        declared.check(Progress::Open, 99, day(0)),
        Err(NotEarned::Undeclared)
    );
    let silent = i32::from(SPONSOR_DAYS);
    let progress = Progress::Declared(day(0));
    assert_eq!(
        declared.check(progress, 0, day(silent)),
        Err(NotEarned::SponsorsTurn)
    );
    assert_eq!(declared.check(progress, 0, day(silent + 1)), Ok(()));
    for trigger in [enrolled, declared] {
        assert_eq!(
            trigger.check(Progress::Earned, 99, day(99)),
            Err(NotEarned::Already)
        );
    }
}

fn terms() -> AdherenceTerms {
    AdherenceTerms {
        window_days: 7,
        windows: 4,
        doses: 7,
        threshold: BasisPoints::new(8_000).unwrap(),
    }
}

#[test]
fn windows_begin_at_enrolment_and_end() {
    let terms = terms();
    for (on, window) in [
        (-1, None),
        (0, Some(0)),
        (6, Some(0)),
        (7, Some(1)),
        (27, Some(3)),
        (28, None),
    ] {
        assert_eq!(terms.window(day(0), day(on)), window, "day {on}");
    }
    // Only windows that are over are expected.
    for (last, expected) in [
        (-1, 0),
        (0, 0),
        (5, 0),
        (6, 7),
        (13, 14),
        (26, 21),
        (27, 28),
        (500, 28),
    ] {
        assert_eq!(terms.expected(day(0), day(last)), expected, "day {last}");
    }
}

#[test]
fn the_threshold_is_inclusive_and_nothing_expected_is_nothing_missed() {
    let terms = terms();
    assert!(terms.is_met(0, 0));
    assert!(!terms.is_met(11, 14) && terms.is_met(12, 14));
    assert!(!terms.is_met(7, 10) && terms.is_met(8, 10));
    assert!(terms.is_met(u32::MAX, u32::MAX) && !terms.is_met(0, u32::MAX));
}

#[test]
fn terms_that_ask_for_nothing_or_for_more() {
    let good = terms();
    assert_eq!(good.check(), Ok(()));
    for bad in [
        AdherenceTerms {
            window_days: 0,
            ..good
        },
        AdherenceTerms { windows: 0, ..good },
        AdherenceTerms {
            windows: 65,
            ..good
        },
        AdherenceTerms { doses: 0, ..good },
    ] {
        assert_eq!(bad.check(), Err(AdherenceError::Empty));
    }
    let more = BasisPoints::new(8_001).unwrap();
    let less = BasisPoints::new(7_999).unwrap();
    for (old, new, allowed) in [
        (None, None, true),
        (None, Some(good), false),
        (Some(good), None, true),
        (Some(good), Some(good), true),
        (
            Some(good),
            Some(AdherenceTerms {
                threshold: less,
                ..good
            }),
            true,
        ),
        (
            Some(good),
            Some(AdherenceTerms {
                threshold: more,
                ..good
            }),
            false,
        ),
        (Some(good), Some(AdherenceTerms { doses: 8, ..good }), false),
        (Some(good), Some(AdherenceTerms { doses: 6, ..good }), true),
        (
            Some(good),
            Some(AdherenceTerms { windows: 5, ..good }),
            false,
        ),
        (
            Some(good),
            Some(AdherenceTerms {
                window_days: 8,
                ..good
            }),
            false,
        ),
    ] {
        let result = AdherenceTerms::succession(old.as_ref(), new.as_ref());
        assert_eq!(result.is_ok(), allowed, "{old:?} {new:?}");
    }
}

#[test]
fn results_are_due_by_the_earlier_day() {
    assert_eq!(results_due(None, 365, None), None);
    assert_eq!(results_due(Some(day(0)), 365, None), Some(day(365)));
    assert_eq!(results_due(None, 365, Some(day(9))), Some(day(9)));
    assert_eq!(results_due(Some(day(0)), 365, Some(day(9))), Some(day(9)));
    assert_eq!(results_due(Some(day(0)), 5, Some(day(9))), Some(day(5)));
}

#[test]
fn a_bond_is_saved_by_results_in_time_only() {
    let due = Some(day(10));
    assert_eq!(Bond::Held.on_results(day(10), due), Bond::Returned);
    assert_eq!(Bond::Held.on_results(day(11), due), Bond::Held);
    assert_eq!(Bond::Held.on_results(day(11), None), Bond::Returned);
    assert_eq!(Bond::Forfeited.on_results(day(1), due), Bond::Forfeited);
    assert!(!Bond::Held.is_forfeit(day(10), due) && Bond::Held.is_forfeit(day(11), due));
    assert!(!Bond::Held.is_forfeit(day(99), None) && !Bond::Returned.is_forfeit(day(99), due));
}

struct Native;

impl Hasher for Native {
    fn hash(parts: &[&[u8]]) -> Node {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

fn point(item: u8, at: i64, reason: ChangeReason, follows: Option<u64>) -> DataPoint {
    DataPoint {
        item: [item; 32],
        value: [2; 32],
        audit: [3; 32],
        at,
        reason,
        follows,
    }
}

#[test]
fn a_leaf_is_what_the_documentation_says() {
    // SHA-256 over the bytes written out.
    let mut bytes = b"\0galen data point".to_vec();
    bytes.extend([1; 32]);
    bytes.extend([2; 32]);
    bytes.extend([3; 32]);
    bytes.extend(5_i64.to_le_bytes());
    bytes.push(1);
    bytes.extend(7_u64.to_le_bytes());
    let expected: Node = Sha256::digest(&bytes).into();
    let correction = point(1, 5, ChangeReason::EntryError, Some(7));
    assert_eq!(correction.leaf::<Native>(), expected);
    let first = point(1, 5, ChangeReason::FirstEntry, None);
    assert_ne!(first.leaf::<Native>(), expected);
    for number in 0..=4 {
        let reason = ChangeReason::from_number(number).unwrap();
        assert_eq!(reason.number(), number);
    }
    assert_eq!(ChangeReason::from_number(5), None);
}

#[test]
fn a_change_follows_what_it_changes() {
    let first = point(1, 5, ChangeReason::FirstEntry, None);
    assert_eq!(first.check(0, None), Ok(()));
    let change = point(1, 6, ChangeReason::NewInformation, Some(0));
    assert_eq!(change.check(1, Some(&first)), Ok(()));
    for (bad, position, before, why) in [
        (
            point(1, 6, ChangeReason::FirstEntry, Some(0)),
            1,
            Some(&first),
            OutOfLine::Reason,
        ),
        (
            point(1, 6, ChangeReason::EntryError, None),
            1,
            None,
            OutOfLine::Reason,
        ),
        (change, 1, None, OutOfLine::Reason),
        (change, 0, Some(&first), OutOfLine::Position),
        (
            point(2, 6, ChangeReason::EntryError, Some(0)),
            1,
            Some(&first),
            OutOfLine::Item,
        ),
        (
            point(1, 4, ChangeReason::Withdrawn, Some(0)),
            1,
            Some(&first),
            OutOfLine::Time,
        ),
    ] {
        assert_eq!(bad.check(position, before), Err(why));
    }
}

/// The tree of height [`LOG_DEPTH`] over `leaves`, the plain way.
fn plain_root(leaves: &[Node]) -> Node {
    let mut level = leaves.to_vec();
    for height in 1..=LOG_DEPTH {
        level = level
            .chunks(2)
            .map(|pair| {
                galen_rules::merkle::parent::<Native>(
                    height,
                    &pair[0],
                    pair.get(1).unwrap_or(&EMPTY),
                )
            })
            .collect();
    }
    level.first().copied().unwrap_or(EMPTY)
}

#[test]
fn the_log_grows_as_the_plain_tree_does() {
    let mut peaks: Peaks = [EMPTY; 20];
    let mut leaves = Vec::new();
    for count in 0..200_u32 {
        let batch = Batch {
            root: Native::hash(&[&count.to_le_bytes()]),
            first: u64::from(count) * 3,
            count: 3,
        };
        leaves.push(batch.leaf::<Native>());
        let root = append::<Native>(&mut peaks, count, batch.leaf::<Native>()).unwrap();
        assert_eq!(root, plain_root(&leaves), "{count} batches before");
    }
    let before = peaks;
    assert_eq!(append::<Native>(&mut peaks, MAX_BATCHES, [1; 32]), None);
    assert_eq!(peaks, before, "a full log does not change");
}

#[test]
fn batches_have_the_height_that_holds_them() {
    let of = |count| {
        Batch {
            root: [1; 32],
            first: 0,
            count,
        }
        .depth()
    };
    assert_eq!(
        [0, 1, 2, 3, 4, 5, 1 << 24, (1 << 24) + 1, u32::MAX].map(of),
        [
            None,
            Some(0),
            Some(1),
            Some(2),
            Some(2),
            Some(3),
            Some(24),
            None,
            None
        ]
    );
}

#[test]
fn proofs_of_the_wrong_shape_prove_nothing() {
    let leaf = point(1, 5, ChangeReason::FirstEntry, None).leaf::<Native>();
    let batch = Batch {
        root: leaf,
        first: 10,
        count: 1,
    };
    let mut peaks: Peaks = [EMPTY; 20];
    let root = append::<Native>(&mut peaks, 0, batch.leaf::<Native>()).unwrap();
    let in_log = [EMPTY; 20];
    let good = Proof {
        position: 10,
        batch,
        batch_number: 0,
        in_batch: &[],
        in_log: &in_log,
    };
    assert!(proves::<Native>(&root, leaf, &good));
    for bad in [
        Proof {
            position: 9,
            ..good
        },
        Proof {
            position: 11,
            ..good
        },
        Proof {
            batch_number: 1,
            ..good
        },
        Proof {
            batch_number: 1 << 20,
            ..good
        },
        Proof {
            in_log: &in_log[1..],
            ..good
        },
        Proof {
            in_batch: &[EMPTY],
            ..good
        },
        Proof {
            batch: Batch { count: 2, ..batch },
            ..good
        },
        Proof {
            batch: Batch { first: 9, ..batch },
            position: 9,
            ..good
        },
    ] {
        assert!(!proves::<Native>(&root, leaf, &bad), "{bad:?}");
    }
    assert!(!proves::<Native>(&root, EMPTY, &good));
    assert!(!proves::<Native>(&EMPTY, leaf, &good));
}
