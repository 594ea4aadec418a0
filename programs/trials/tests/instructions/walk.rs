//! A random walk over everything that can happen to participants: whatever comes, the books balance, nobody is paid
//! twice, and nothing that was earned is lost. A failure prints its seed.

use crate::common::*;

/// Deterministic random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

const PARTICIPANTS: u16 = 6;

fn step(world: &mut World, fixture: &TrialsFixture, random: &mut Random) -> bool {
    let n = u16::try_from(random.below(u64::from(PARTICIPANTS))).unwrap();
    let today = i32::try_from(world.now() / DAY).unwrap();
    let nurse = fixture.nurse.key();
    let staff = fixture.staff.key();
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
    let (instruction, signer): (Instruction, Option<&Keypair>) = match random.below(40) {
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
    fixture.set_up(&mut world, 500_000);
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

#[test]
fn the_books_balance_wherever_it_leads() {
    let walks = if std::env::var_os("GALEN_SOAK").is_some() {
        400
    } else {
        12
    };
    let mut done = 0;
    for seed in 0..walks {
        done += walk(seed, 250);
    }
    println!("{done} steps of {} had an effect", walks * 250);
    assert!(u64::from(done) > walks * 40, "the walk gets somewhere");
}
