//! A random walk over everything that can happen to participants: whatever comes, the books balance, nobody is paid
//! twice, and nothing that was earned is lost. A failure prints its seed.

use galen_testkit::{few_or_many, Random};

use crate::common::*;

const PARTICIPANTS: u16 = 6;

fn step(world: &mut World, fixture: &TrialsFixture, random: &mut Random) -> bool {
    let n = u16::try_from(random.below(u64::from(PARTICIPANTS))).unwrap();
    let today = i32::try_from(world.now() / DAY).unwrap();
    let nurse = fixture.nurse.key();
    let staff = fixture.staff.key();
    let overseer = fixture.overseer.key();
    let key = fixture.participant(n);
    let day = today - i32::try_from(random.below(8)).unwrap();
    let milestone = u8::try_from(random.below(6)).unwrap();
    let departures = [
        DepartureArg::Completed,
        DepartureArg::ScreenFailed,
        DepartureArg::Withdrawn,
        DepartureArg::DeclinedAmendment,
        DepartureArg::Discontinued,
        DepartureArg::LostToFollowUp,
        DepartureArg::Died,
    ];
    let (instruction, signer): (Instruction, Option<&Keypair>) = match random.below(56) {
        0..=2 => (fixture.enrol(n), Some(&nurse)),
        3..=14 => (fixture.attest(n, milestone, day), Some(&nurse)),
        15..=17 => (
            fixture.monitor(n, milestone, random.below(4) > 0),
            Some(&staff),
        ),
        18..=19 => (
            fixture.reimburse(n, random.below(9_000), false),
            Some(&nurse),
        ),
        20..=25 => {
            let indexes: Vec<u16> = (0..PARTICIPANTS).filter(|_| random.below(2) == 0).collect();
            (fixture.pay(&indexes, random.below(2) == 0), None)
        }
        26 => (fixture.pay_site(), None),
        27 => {
            let departure = departures[usize::try_from(random.below(7)).unwrap()];
            let own = matches!(
                departure,
                DepartureArg::Withdrawn | DepartureArg::DeclinedAmendment
            );
            let leave = fixture.leave(n, departure, random.below(3) == 0);
            (leave, Some(if own { &key } else { &nurse }))
        }
        28..=30 => (fixture.settle(n), None),
        31 => (fixture.choose_tax(n, random.below(2) == 0), Some(&key)),
        32 => (fixture.record_tax_form(n), Some(&staff)),
        33..=34 => (fixture.release_held(n), None),
        35 => {
            let amount = random.below(2 * FUNDED);
            (fixture.withdraw_surplus(world, amount), Some(&staff))
        }
        36 => {
            let amount = random.below(4_000);
            (fixture.remit_withheld(world, amount), Some(&staff))
        }
        37 => (fixture.release_holdback(None), Some(&staff)),
        38 => {
            world.advance(DAY * i64::try_from(random.below(12)).unwrap());
            return true;
        }
        40..=42 => {
            let day = Some(day).filter(|_| random.below(3) > 0);
            let claim = fixture.claim_visit(n, milestone, day, key.pubkey(), None);
            (claim, Some(&key))
        }
        43 => (fixture.refuse_visit(n, milestone), Some(&nurse)),
        44..=45 => (fixture.escalate_visit(n, milestone), None),
        46 => {
            let grant = random.below(2) == 0;
            (
                fixture.arbitrate_visit(n, milestone, grant),
                Some(&overseer),
            )
        }
        47 => (fixture.grant_visit(n, milestone), None),
        48 => {
            let close = fixture.close_visit_claim(n, milestone, key.pubkey());
            (close, None)
        }
        49 => (
            fixture.declare_site_milestone(u8::try_from(random.below(4)).unwrap()),
            Some(&nurse),
        ),
        50 => (
            fixture.answer_site_milestone(
                u8::try_from(random.below(4)).unwrap(),
                random.below(2) == 0,
            ),
            Some(&staff),
        ),
        51 => (
            fixture.earn_site_milestone(u8::try_from(random.below(4)).unwrap()),
            None,
        ),
        52 => (fixture.lapse_site_milestones(), None),
        53 => {
            let first = fixture.read_log(world).map_or(0, |log| log.leaves);
            (
                fixture.anchor_data([9; 32], first, 1 + u32::from(n)),
                Some(&staff),
            )
        }
        54 if random.below(4) == 0 => {
            let root = fixture.read_log(world).map_or([0; 32], |log| log.root);
            (fixture.lock_data(root), Some(&staff))
        }
        55 if random.below(4) == 0 => (fixture.commit_results([8; 32]), Some(&staff)),
        54..=55 => (fixture.forfeit_bond(None), None),
        _ if random.below(30) == 0 => (fixture.end_trial(world, EndReason::Sponsor), Some(&staff)),
        _ => {
            world.advance(DAY);
            return true;
        }
    };
    let outcome = match signer {
        Some(signer) => world.send(&[instruction], &[signer]),
        None => world.send(&[instruction], &[]),
    };
    assert!(!outcome.crashed(), "{outcome}");
    assert_ne!(
        outcome.code(),
        Some(TrialsError::InvariantBroken.into()),
        "{outcome}"
    );
    outcome.succeeded()
}

/// The world is that of `seed`: a threshold that some participants reach, six participants in screening.
fn walk(seed: u64, steps: u32) -> u32 {
    let mut random = Random(seed);
    let mut world = empty();
    let fixture = TrialsFixture {
        tax_threshold: 25_000,
        ..TrialsFixture::bare(&mut world)
    };
    fixture.set_up(&mut world, 700_000);
    let staff = fixture.staff.key();
    let terms = PlanTerms {
        results_days: 60,
        ..plan_terms()
    };
    done(&mut world, fixture.commit_plan(terms), &[&staff]);
    let offer = fixture.offer_site_milestones(site_milestones());
    done(&mut world, offer, &[&staff]);
    for n in 0..PARTICIPANTS {
        fixture.consent(&mut world, n).assert_ok();
    }
    let mut done = 0;
    let mut earned_before = vec![0; usize::from(PARTICIPANTS)];
    let mut paid_before = vec![0; usize::from(PARTICIPANTS)];
    for _ in 0..steps {
        done += u32::from(step(&mut world, &fixture, &mut random));
        assert_books(&world, &fixture);
        for (n, participant) in fixture.read_cohort(&world).iter().enumerate() {
            let earned = participant.stipends + participant.expenses;
            assert!(
                earned >= earned_before[n] && participant.paid >= paid_before[n],
                "seed {seed}: what was earned or paid shrinks"
            );
            assert_eq!(
                world.balance(&fixture.payee_address(u16::try_from(n).unwrap())),
                participant.paid * UNIT_PER_CENT,
                "seed {seed}: paid is what arrived"
            );
            earned_before[n] = earned;
            paid_before[n] = participant.paid;
        }
    }
    wind_down(&mut world, &fixture, seed);
    done
}

/// From wherever the walk has led: everything owed is paid, and the vault is empty.
fn wind_down(world: &mut World, fixture: &TrialsFixture, seed: u64) {
    let staff = fixture.staff.key();
    if fixture.read_trial(world).ended_on == NO_DAY {
        let end = fixture.end_trial(world, EndReason::Complete);
        done(world, end, &[&staff]);
    }
    world.advance(32 * DAY);
    settle_claims(world, fixture);
    for n in 0..PARTICIPANTS {
        let participant = fixture.read(world, n);
        for milestone in 0..5 {
            if participant.awaiting() >> milestone & 1 == 1 {
                done(world, fixture.monitor(n, milestone, true), &[&staff]);
            }
        }
        if !fixture.read(world, n).is_settled() {
            done(world, fixture.settle(n), &[]);
        }
        done(world, fixture.record_tax_form(n), &[&staff]);
        if fixture.read(world, n).held > 0 {
            done(world, fixture.release_held(n), &[]);
        }
    }
    let everybody: Vec<u16> = (0..PARTICIPANTS).collect();
    done(world, fixture.pay(&everybody, true), &[]);
    wind_down_commitments(world, fixture);
    if fixture.read_site(world).held > 0 {
        done(world, fixture.release_holdback(None), &[&staff]);
    }
    if fixture.read_site(world).payable > 0 {
        done(world, fixture.pay_site(), &[]);
    }
    let withheld = fixture.read_trial(world).withheld;
    if withheld > 0 {
        let remit = fixture.remit_withheld(world, withheld);
        done(world, remit, &[&staff]);
    }
    let trial = fixture.read_trial(world);
    assert_eq!((trial.reserved, trial.payable), (0, 0), "seed {seed}");
    let free = trial.free().unwrap();
    if free > 0 {
        let rest = fixture.withdraw_surplus(world, free);
        done(world, rest, &[&staff]);
    }
    assert_eq!(world.balance(&fixture.vault), 0, "seed {seed}");
    for participant in fixture.read_cohort(world) {
        assert_eq!(
            (participant.due, participant.held, participant.reserved),
            (0, 0, 0)
        );
        assert_eq!(participant.paid_bits, participant.earned);
    }
}

/// Passes every claim on and lets the arbiter be silent.
fn settle_claims(world: &mut World, fixture: &TrialsFixture) {
    let pending = |world: &World| -> Vec<(u16, u8)> {
        (0..PARTICIPANTS)
            .flat_map(|n| (0..5).map(move |milestone| (n, milestone)))
            .filter(|(n, milestone)| fixture.read(world, *n).has_claim(*milestone))
            .collect()
    };
    for (n, milestone) in pending(world) {
        if fixture.read_claim(world, n, milestone).turn == ClaimTurn::Site {
            done(world, fixture.escalate_visit(n, milestone), &[]);
        }
    }
    world.advance(31 * DAY);
    for (n, milestone) in pending(world) {
        done(world, fixture.grant_visit(n, milestone), &[]);
    }
}

/// Site milestones are earned or lapse, and the bond is somebody's.
fn wind_down_commitments(world: &mut World, fixture: &TrialsFixture) {
    // 90 days after the end, with those that have passed.
    world.advance(30 * DAY);
    for milestone in 0..3 {
        world.send(&[fixture.earn_site_milestone(milestone)], &[]);
    }
    if fixture
        .read_plan(world)
        .is_some_and(|plan| plan.reserved > 0)
    {
        done(world, fixture.lapse_site_milestones(), &[]);
    }
    let log = fixture.read_log(world).unwrap();
    if log.bond_state != DataLog::BOND_RETURNED {
        let fund = world.token_account("fund", &fixture.mint, &actor("advocate").pubkey());
        let name = fixture.name_beneficiary(world, fund);
        done(world, name, &[&fixture.overseer.key()]);
        done(world, fixture.forfeit_bond(Some(fund)), &[]);
        assert_eq!(world.balance(&fund), BOND * UNIT_PER_CENT);
    }
    assert_books(world, fixture);
}

#[test]
fn the_books_balance_wherever_it_leads() {
    let walks = few_or_many(12, 400);
    let mut done = 0;
    for seed in 0..walks {
        done += walk(seed, 250);
    }
    println!("{done} steps of {} had an effect", walks * 250);
    assert!(u64::from(done) > walks * 40, "the walk gets somewhere");
}
