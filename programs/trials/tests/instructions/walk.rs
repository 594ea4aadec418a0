//! A random walk over everything that can happen to participants: whatever comes, the books balance, nobody is paid
//! twice, and nothing that was earned is lost. A failure prints its seed.

use std::collections::BTreeMap;
use std::path::Path;

use anchor_lang::AccountSerialize;
use galen_testkit::{few_or_many, Random, START};
use registry::state::Operator;

use crate::common::*;

const PARTICIPANTS: u16 = 6;

/// How often each instruction was tried, and how often it had an effect.
type Tally = BTreeMap<&'static str, [u64; 2]>;

/// What a step sends: the instruction's name, and whoever signs.
struct Step {
    name: &'static str,
    instructions: Vec<Instruction>,
    signers: Vec<Keypair>,
}

impl Step {
    fn new(name: &'static str, instruction: Instruction, signers: &[&Keypair]) -> Self {
        Self {
            name,
            instructions: vec![instruction],
            signers: signers
                .iter()
                .map(|signer| signer.insecure_clone())
                .collect(),
        }
    }
}

/// The token account that participant `n` can name instead of the first.
fn other_payee(n: u16) -> Pubkey {
    actor(&format!("other payee {n}")).pubkey()
}

/// The key that participant `n` can hand over to.
fn other_key(n: u16) -> Keypair {
    actor(&format!("other key {n}"))
}

/// Where the site can be paid instead of the first account.
fn other_payout() -> Pubkey {
    actor("other payout").pubkey()
}

/// The schedule of these participants: with doses in every second walk.
fn schedule_number(seed: u64) -> u16 {
    if seed % 2 == 1 {
        2
    } else {
        1
    }
}

/// The payees of participants, as their records name them now.
fn payees(world: &World, fixture: &TrialsFixture, indexes: &[u16]) -> Vec<Pubkey> {
    indexes
        .iter()
        .map(|n| fixture.read(world, *n).payee)
        .collect()
}

/// The site is paid where it is to be paid now.
fn pay_site(world: &World, fixture: &TrialsFixture) -> Instruction {
    let present = fixture.read_site(world).payout;
    if present == fixture.payout {
        return fixture.pay_site();
    }
    swapped(fixture.pay_site(), fixture.payout, present)
}

fn step(
    world: &mut World,
    fixture: &TrialsFixture,
    seed: u64,
    random: &mut Random,
    tally: &mut Tally,
) -> bool {
    let choice = match random.below(100) {
        // In every fourth walk the site forgets half of its visits, and the participants claim them.
        10..=16 | 59..=65 if seed % 4 == 1 && random.below(2) == 0 => 41,
        choice => choice,
    };
    let step = if choice < 66 {
        of_visits(world, fixture, choice, random)
    } else {
        of_everything_else(world, fixture, seed, choice, random)
    };
    let Some(step) = step else {
        // Time flies in every third walk: the arbiter is silent, sponsors are late, what nobody declares lapses.
        let pace = if seed % 3 == 2 { 20 } else { 3 };
        world.advance(DAY * i64::try_from(random.below(pace)).unwrap());
        return true;
    };
    let signers: Vec<&Keypair> = step.signers.iter().collect();
    let outcome = world.send(&step.instructions, &signers);
    assert!(!outcome.crashed(), "{outcome}");
    assert_ne!(
        outcome.code(),
        Some(TrialsError::InvariantBroken.into()),
        "{outcome}"
    );
    let count = tally.entry(step.name).or_default();
    count[0] += 1;
    count[1] += u64::from(outcome.succeeded());
    outcome.succeeded()
}

/// The key that speaks for participant `n` now.
fn present_key(world: &World, fixture: &TrialsFixture, n: u16) -> Keypair {
    let key = fixture.participant(n);
    if fixture.read(world, n).key == key.pubkey() {
        key
    } else {
        other_key(n)
    }
}

/// A milestone of a participant for which `is_meant` holds, in two of three cases where there is one; else any.
fn some_milestone(
    world: &World,
    fixture: &TrialsFixture,
    random: &mut Random,
    is_meant: impl Fn(u16, u8, &Participant) -> bool,
) -> (u16, u8) {
    let n = u16::try_from(random.below(u64::from(PARTICIPANTS))).unwrap();
    let milestone = u8::try_from(random.below(6)).unwrap();
    if random.below(3) == 0 {
        return (n, milestone);
    }
    let meant: Vec<(u16, u8)> = (0..)
        .zip(fixture.read_cohort(world))
        .flat_map(|(n, participant)| (0..6).map(move |milestone| (n, milestone, participant)))
        .filter(|(n, milestone, participant)| is_meant(*n, *milestone, participant))
        .map(|(n, milestone, _)| (n, milestone))
        .collect();
    if meant.is_empty() {
        return (n, milestone);
    }
    let place = random.below(u64::try_from(meant.len()).unwrap());
    meant[usize::try_from(place).unwrap()]
}

/// A visit that by the calendar was due on one of the last seven days, and that day, in two of three cases where there is one; else any,
/// today.
fn due_visit(world: &World, fixture: &TrialsFixture, random: &mut Random) -> (u16, u8, i32) {
    let today = i32::try_from(world.now() / DAY).unwrap();
    let calendar = milestones();
    let due = |milestone: u8, one: &Participant| {
        let visit = calendar.get(usize::from(milestone))?;
        let was_due = |day: &i32| {
            let days = *day - one.enrolled_on;
            (i32::from(visit.opens)..=i32::from(visit.closes)).contains(&days)
        };
        let is_open = one.enrolled_on != NO_DAY && one.attested >> milestone & 1 == 0;
        (today - 6..=today).rev().find(was_due).filter(|_| is_open)
    };
    let (n, milestone) = some_milestone(world, fixture, random, |_, milestone, one| {
        due(milestone, one).is_some()
    });
    let day = due(milestone, &fixture.read(world, n)).unwrap_or(today);
    (n, milestone, day)
}

/// Participant `n`, or in two of three cases one for whom `is_meant` holds, where there is one.
fn some_participant(
    world: &World,
    fixture: &TrialsFixture,
    random: &mut Random,
    is_meant: impl Fn(u16, &Participant) -> bool,
) -> u16 {
    some_milestone(world, fixture, random, |n, _, one| is_meant(n, one)).0
}

/// Visits and their money, claims, leaving.
fn of_visits(
    world: &mut World,
    fixture: &TrialsFixture,
    choice: u64,
    random: &mut Random,
) -> Option<Step> {
    let n = u16::try_from(random.below(u64::from(PARTICIPANTS))).unwrap();
    let today = i32::try_from(world.now() / DAY).unwrap();
    let nurse = fixture.nurse.key();
    let staff = fixture.staff.key();
    let overseer = fixture.overseer.key();
    let key = present_key(world, fixture, n);
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
    Some(match choice {
        0..=2 => Step::new("enrol_participant", fixture.enrol(n), &[&nurse]),
        3..=9 => Step::new(
            "attest_milestone",
            fixture.attest(n, milestone, day),
            &[&nurse],
        ),
        10..=16 => {
            let (n, milestone, day) = due_visit(world, fixture, random);
            let attest = fixture.attest(n, milestone, day);
            Step::new("attest_milestone", attest, &[&nurse])
        }
        17..=20 => {
            let (n, milestone) = some_milestone(world, fixture, random, |_, milestone, one| {
                one.awaiting() >> milestone & 1 == 1
            });
            let countersign = fixture.monitor(n, milestone, random.below(4) > 0);
            Step::new("countersign_milestone", countersign, &[&staff])
        }
        21..=22 => Step::new(
            "reimburse_expense",
            fixture.reimburse(n, random.below(9_000), false),
            &[&nurse],
        ),
        23..=28 => {
            let indexes: Vec<u16> = (0..PARTICIPANTS).filter(|_| random.below(2) == 0).collect();
            let payees = payees(world, fixture, &indexes);
            let pay = fixture.pay_to(&indexes, &payees, random.below(2) == 0);
            Step::new("pay_participants", pay, &[])
        }
        29 => Step::new("pay_site", pay_site(world, fixture), &[]),
        30 => {
            let departure = departures[usize::try_from(random.below(7)).unwrap()];
            let own = matches!(
                departure,
                DepartureArg::Withdrawn | DepartureArg::DeclinedAmendment
            );
            let first = fixture.participant(n).pubkey();
            let mut leave = fixture.leave(n, departure, random.below(3) == 0);
            if own && first != key.pubkey() {
                leave = swapped(leave, first, key.pubkey());
            }
            let signer = if own { &key } else { &nurse };
            Step::new("end_participation", leave, &[signer])
        }
        31..=33 => Step::new("settle_participant", fixture.settle(n), &[]),
        34 => {
            let choose = fixture.choose_tax(n, random.below(2) == 0);
            let first = fixture.participant(n).pubkey();
            Step::new("choose_tax", swapped(choose, first, key.pubkey()), &[&key])
        }
        35 => Step::new("record_tax_form", fixture.record_tax_form(n), &[&staff]),
        36..=37 => {
            let n = some_participant(world, fixture, random, |_, one| one.held > 0);
            Step::new("release_held", fixture.release_held(n), &[])
        }
        38 => {
            let amount = 1 + random.below(4_000);
            let withdraw = fixture.withdraw_surplus(world, amount);
            Step::new("withdraw_surplus", withdraw, &[&staff])
        }
        // The threshold rises by little, so that forms go on being needed.
        39 if random.below(3) == 0 => {
            let terms = fixture.read_trial(world);
            let rise = random.below(2);
            let set = fixture.set_tax_terms(world, terms.tax_threshold.saturating_add(rise), 2_400);
            Step::new("set_tax_terms", set, &[&staff])
        }
        39 => {
            let withheld = fixture.read_trial(world).withheld;
            let amount = 1 + random.below(withheld.max(400));
            let remit = fixture.remit_withheld(world, amount);
            Step::new("remit_withheld", remit, &[&staff])
        }
        40 => Step::new(
            "release_holdback",
            fixture.release_holdback(None),
            &[&staff],
        ),
        41..=44 => {
            // What is due is claimed as often as anything else.
            let (n, milestone, day) = if random.below(2) == 0 {
                due_visit(world, fixture, random)
            } else {
                (n, milestone, day)
            };
            let key = present_key(world, fixture, n);
            let day = Some(day).filter(|_| random.below(3) > 0);
            let claim = fixture.claim_visit(n, milestone, day, key.pubkey(), None);
            Step::new("claim_visit", claim, &[&key])
        }
        45..=52 => {
            let (n, milestone) = some_milestone(world, fixture, random, |_, milestone, one| {
                one.has_claim(milestone)
            });
            match choice {
                45..=46 => {
                    let refuse = fixture.refuse_visit(n, milestone);
                    Step::new("refuse_visit", refuse, &[&nurse])
                }
                47..=48 => Step::new("escalate_visit", fixture.escalate_visit(n, milestone), &[]),
                49..=50 => {
                    let decide = fixture.arbitrate_visit(n, milestone, random.below(2) == 0);
                    Step::new("arbitrate_visit", decide, &[&overseer])
                }
                _ => Step::new("grant_visit", fixture.grant_visit(n, milestone), &[]),
            }
        }
        53..=54 => {
            let (n, milestone) = some_milestone(world, fixture, random, |n, milestone, _| {
                world.raw(&fixture.claim(n, milestone)).is_some()
            });
            let payer = match world.raw(&fixture.claim(n, milestone)) {
                Some(_) => fixture.read_claim(world, n, milestone).payer,
                None => key.pubkey(),
            };
            let close = fixture.close_visit_claim(n, milestone, payer);
            Step::new("close_visit_claim", close, &[])
        }
        // What a participant can be paid for soon after enrolment.
        59..=65 => Step::new(
            "attest_milestone",
            fixture.attest(n, u8::try_from(random.below(3)).unwrap(), today),
            &[&nurse],
        ),
        _ => return None,
    })
}

/// Sites, commitments, doses, keys, payees, amendments, schedules, closing.
fn of_everything_else(
    world: &mut World,
    fixture: &TrialsFixture,
    seed: u64,
    choice: u64,
    random: &mut Random,
) -> Option<Step> {
    let n = u16::try_from(random.below(u64::from(PARTICIPANTS))).unwrap();
    let today = i32::try_from(world.now() / DAY).unwrap();
    let nurse = fixture.nurse.key();
    let staff = fixture.staff.key();
    let overseer = fixture.overseer.key();
    let authority = fixture.clinic.authority();
    let key = present_key(world, fixture, n);
    let number = u8::try_from(random.below(4)).unwrap();
    let trial = fixture.read_trial(world);
    Some(match choice {
        66 => Step::new(
            "declare_site_milestone",
            fixture.declare_site_milestone(number),
            &[&nurse],
        ),
        67 => Step::new(
            "answer_site_milestone",
            fixture.answer_site_milestone(number, random.below(2) == 0),
            &[&staff],
        ),
        68 => Step::new(
            "earn_site_milestone",
            fixture.earn_site_milestone(number),
            &[],
        ),
        69 => Step::new(
            "lapse_site_milestones",
            fixture.lapse_site_milestones(),
            &[],
        ),
        70 => {
            let first = fixture.read_log(world).map_or(0, |log| log.leaves);
            let anchor = fixture.anchor_data([9; 32], first, 1 + u32::from(n));
            Step::new("anchor_data", anchor, &[&staff])
        }
        // Before the end of the trial both are refused.
        71 if trial.ended_on != NO_DAY || random.below(8) == 0 => {
            let root = fixture.read_log(world).map_or([0; 32], |log| log.root);
            Step::new("lock_data", fixture.lock_data(root), &[&staff])
        }
        72 if trial.ended_on != NO_DAY && random.below(2) == 0 => {
            Step::new("commit_results", fixture.commit_results([8; 32]), &[&staff])
        }
        71..=72 => Step::new("forfeit_bond", fixture.forfeit_bond(None), &[]),
        73 => {
            let name = fixture.name_beneficiary(world, actor("fund").pubkey());
            Step::new("name_beneficiary", name, &[&overseer])
        }
        74 => {
            let device = fixture.device(n).pubkey();
            Step::new(
                "register_device",
                fixture.register_device(n, device),
                &[&nurse],
            )
        }
        75..=78 => {
            let now = world.now();
            let dose = Dose {
                sequence: u32::try_from(now - START).unwrap() + 1,
                taken_at: now - i64::try_from(random.below(2)).unwrap(),
            };
            let mut step = Step::new("record_dose", fixture.record_dose(n, dose), &[]);
            step.instructions
                .insert(0, fixture.dose_signature(n, &dose));
            step
        }
        79 => {
            let present = fixture.read(world, n).payee;
            let first = fixture.payee_address(n);
            let next = if present == first {
                other_payee(n)
            } else {
                first
            };
            let propose = fixture.propose_payee(n, next, key.pubkey(), None);
            Step::new("propose_payee", propose, &[&key])
        }
        80 if random.below(3) == 0 => {
            let n = some_participant(world, fixture, random, |n, _| {
                world.raw(&fixture.change(n)).is_some()
            });
            let key = present_key(world, fixture, n);
            let cancel = fixture.cancel_payee(n, key.pubkey(), key.pubkey(), None);
            Step::new("cancel_payee", cancel, &[&key])
        }
        80..=81 => Step::new("apply_payee", fixture.apply_payee(n, key.pubkey()), &[]),
        82 => {
            let first = fixture.participant(n);
            let next = if key.pubkey() == first.pubkey() {
                other_key(n)
            } else {
                first
            };
            let named = (next.pubkey(), KeyHolder::Participant);
            let propose = fixture.propose_key(n, named, key.pubkey(), None);
            Step::new("propose_key", propose, &[&key, &next])
        }
        83 if random.below(3) == 0 => {
            let n = some_participant(world, fixture, random, |n, _| {
                world.raw(&fixture.key_change(n)).is_some()
            });
            let key = present_key(world, fixture, n);
            let cancel = fixture.cancel_key(n, key.pubkey(), key.pubkey(), None);
            Step::new("cancel_key", cancel, &[&key])
        }
        83..=84 => Step::new("apply_key", fixture.apply_key(n, key.pubkey()), &[]),
        85 => {
            let present = fixture.read_site(world).payout;
            let next = if present == fixture.payout {
                other_payout()
            } else {
                fixture.payout
            };
            Step::new(
                "propose_payout",
                fixture.propose_payout(next),
                &[&authority],
            )
        }
        86 if random.below(3) == 0 => Step::new(
            "cancel_payout",
            fixture.cancel_payout(authority.pubkey()),
            &[&authority],
        ),
        86 => Step::new("apply_payout", fixture.apply_payout(), &[]),
        87 if random.below(8) == 0 => {
            let next = u16::from(trial.published) + 1;
            let publish = fixture.publish_protocol(next, random.below(2) == 0);
            Step::new("publish_protocol", publish, &[&staff])
        }
        87 => {
            let approve = fixture.approve_protocol(u16::from(trial.published), today);
            Step::new("approve_protocol", approve, &[&overseer])
        }
        88..=90 => {
            let version = u16::from(trial.published);
            let renew = fixture.renew(n, version, schedule_number(seed));
            let first = fixture.participant(n).pubkey();
            Step::new(
                "renew_consent",
                swapped(renew, first, key.pubkey()),
                &[&key],
            )
        }
        91 => Step::new(
            "fund_trial",
            fixture.fund_trial(1 + random.below(9_000)),
            &[&actor("treasurer")],
        ),
        92 => {
            let most = CapsTerms {
                per_month: caps().per_month + random.below(100),
                ..caps()
            };
            Step::new("set_caps", fixture.set_caps(world, most), &[&overseer])
        }
        93..=96 => of_schedules(fixture, &trial, random),
        97 => Step::new("read_participant", fixture.read_participant(n), &[]),
        98 => Step::new("close_cohort", fixture.close_cohort(None), &[]),
        99 if random.below(6) == 0 => {
            let end = fixture.end_trial(world, EndReason::Sponsor);
            Step::new("end_trial", end, &[&staff])
        }
        _ => return None,
    })
}

/// Schedules that nobody has consented to: opened, filled, sealed or closed.
fn of_schedules(fixture: &TrialsFixture, trial: &Trial, random: &mut Random) -> Step {
    let staff = fixture.staff.key();
    let last = trial.schedules;
    match random.below(5) {
        0 => {
            let open = if random.below(2) == 0 {
                fixture.open_successor(last + 1, last, BONUS)
            } else {
                fixture.open_schedule(last + 1, BONUS)
            };
            Step::new("open_schedule", open, &[&staff])
        }
        1 => Step::new(
            "append_milestones",
            fixture.append_milestones(last, 0, &milestones()),
            &[&staff],
        ),
        2 => Step::new(
            "require_adherence",
            fixture.require_adherence(last, adherence_entry()),
            &[&staff],
        ),
        4 if random.below(3) == 0 => {
            Step::new("close_schedule", fixture.close_schedule(last), &[&staff])
        }
        _ => Step::new(
            "seal_schedule",
            fixture.seal_schedule(last, &milestones()),
            &[&staff],
        ),
    }
}

/// The world is that of `seed`: a threshold that some participants reach, or nearly all, six participants in screening.
fn walk(seed: u64, steps: u32, tally: &mut Tally) -> u32 {
    let mut random = Random(seed);
    let mut world = empty();
    let mut fixture = TrialsFixture {
        tax_threshold: [25_000, 8_000][usize::try_from(seed % 2).unwrap()],
        ..TrialsFixture::bare(&mut world)
    };
    fixture.set_up_without_plan(&mut world, 700_000);
    let staff = fixture.staff.key();
    let terms = PlanTerms {
        results_days: 60,
        ..plan_terms()
    };
    done(&mut world, fixture.commit_plan(terms), &[&staff]);
    let offer = fixture.offer_site_milestones(site_milestones());
    done(&mut world, offer, &[&staff]);
    if schedule_number(seed) == 2 {
        for instruction in [
            fixture.open_schedule(2, BONUS),
            fixture.append_milestones(2, 0, &milestones()),
            fixture.require_adherence(2, adherence_entry()),
            fixture.seal_schedule(2, &milestones()),
        ] {
            done(&mut world, instruction, &[&staff]);
        }
        fixture.schedule = fixture.schedule_address(2);
    }
    let fixture = fixture;
    let mint = fixture.mint;
    world.token_account("fund", &mint, &actor("advocate").pubkey());
    let authority = fixture.clinic.authority().pubkey();
    world.token_account("other payout", &mint, &authority);
    for n in 0..PARTICIPANTS {
        fixture.consent(&mut world, n).assert_ok();
        let name = format!("other payee {n}");
        world.token_account(&name, &mint, &fixture.participant(n).pubkey());
        world.actor(&format!("other key {n}"));
    }
    let mut done = 0;
    let mut earned_before = vec![0; usize::from(PARTICIPANTS)];
    let mut paid_before = vec![0; usize::from(PARTICIPANTS)];
    for _ in 0..steps {
        done += u32::from(step(&mut world, &fixture, seed, &mut random, tally));
        assert_books(&world, &fixture);
        for (n, participant) in fixture.read_cohort(&world).iter().enumerate() {
            let earned = participant.stipends + participant.expenses;
            assert!(
                earned >= earned_before[n] && participant.paid >= paid_before[n],
                "seed {seed}: what was earned or paid shrinks"
            );
            let index = u16::try_from(n).unwrap();
            let arrived = [fixture.payee_address(index), other_payee(index)]
                .map(|payee| world.balance(&payee));
            assert_eq!(
                arrived.iter().sum::<u64>(),
                participant.paid * UNIT_PER_CENT,
                "seed {seed}: paid is what arrived"
            );
            earned_before[n] = earned;
            paid_before[n] = participant.paid;
        }
    }
    wind_down(&mut world, &fixture, seed, tally);
    done
}

/// Gives staff another year: a walk can outlast the one that they have.
fn renew_staff(world: &mut World, fixture: &TrialsFixture) {
    for person in [&fixture.staff, &fixture.overseer, &fixture.nurse] {
        let mut operator: Operator = world.account(&person.address);
        operator.expires_at = world.now() + 365 * DAY;
        let mut account = world.raw(&person.address).expect("staff");
        account.data.clear();
        operator
            .try_serialize(&mut account.data)
            .expect("it was read");
        world.set_raw(&person.address, account);
    }
}

/// Sends an instruction that must have an effect, and counts it.
#[track_caller]
fn counted(
    world: &mut World,
    tally: &mut Tally,
    name: &'static str,
    instruction: Instruction,
    signers: &[&Keypair],
) {
    done(world, instruction, signers);
    let count = tally.entry(name).or_default();
    *count = count.map(|number| number + 1);
}

/// From wherever the walk has led: everything owed is paid, the vault is empty, and a generation later the records are closed.
fn wind_down(world: &mut World, fixture: &TrialsFixture, seed: u64, tally: &mut Tally) {
    renew_staff(world, fixture);
    let staff = fixture.staff.key();
    if fixture.read_trial(world).ended_on == NO_DAY {
        let end = fixture.end_trial(world, EndReason::Complete);
        counted(world, tally, "end_trial", end, &[&staff]);
    }
    if seed.is_multiple_of(2) {
        publish_results(world, fixture, tally);
    }
    world.advance(32 * DAY);
    settle_claims(world, fixture, tally);
    for n in 0..PARTICIPANTS {
        let participant = fixture.read(world, n);
        for milestone in 0..5 {
            if participant.awaiting() >> milestone & 1 == 1 {
                counted(
                    world,
                    tally,
                    "countersign_milestone",
                    fixture.monitor(n, milestone, true),
                    &[&staff],
                );
            }
        }
        if !fixture.read(world, n).is_settled() {
            counted(world, tally, "settle_participant", fixture.settle(n), &[]);
        }
        counted(
            world,
            tally,
            "record_tax_form",
            fixture.record_tax_form(n),
            &[&staff],
        );
        if fixture.read(world, n).held > 0 {
            counted(world, tally, "release_held", fixture.release_held(n), &[]);
        }
    }
    let everybody: Vec<u16> = (0..PARTICIPANTS).collect();
    let payees = payees(world, fixture, &everybody);
    counted(
        world,
        tally,
        "pay_participants",
        fixture.pay_to(&everybody, &payees, true),
        &[],
    );
    wind_down_commitments(world, fixture, tally);
    if fixture.read_site(world).held > 0 {
        counted(
            world,
            tally,
            "release_holdback",
            fixture.release_holdback(None),
            &[&staff],
        );
    }
    if fixture.read_site(world).payable > 0 {
        let pay = pay_site(world, fixture);
        counted(world, tally, "pay_site", pay, &[]);
    }
    let withheld = fixture.read_trial(world).withheld;
    if withheld > 0 {
        let remit = fixture.remit_withheld(world, withheld);
        counted(world, tally, "remit_withheld", remit, &[&staff]);
    }
    let trial = fixture.read_trial(world);
    assert_eq!((trial.reserved, trial.payable), (0, 0), "seed {seed}");
    let free = trial.free().unwrap();
    if free > 0 {
        let rest = fixture.withdraw_surplus(world, free);
        counted(world, tally, "withdraw_surplus", rest, &[&staff]);
    }
    assert_eq!(world.balance(&fixture.vault), 0, "seed {seed}");
    for participant in fixture.read_cohort(world) {
        assert_eq!(
            (participant.due, participant.held, participant.reserved),
            (0, 0, 0)
        );
        assert_eq!(participant.paid_bits, participant.earned);
    }
    world.advance(i64::from(RETENTION_DAYS) * DAY);
    counted(
        world,
        tally,
        "close_cohort",
        fixture.close_cohort(None),
        &[],
    );
}

/// The data are locked and results committed to, where that is not so yet.
fn publish_results(world: &mut World, fixture: &TrialsFixture, tally: &mut Tally) {
    let staff = fixture.staff.key();
    let log = fixture.read_log(world).unwrap();
    if log.locked_on == NO_DAY {
        if log.batches == 0 {
            let anchor = fixture.anchor_data([9; 32], 0, 1);
            counted(world, tally, "anchor_data", anchor, &[&staff]);
        }
        let root = fixture.read_log(world).unwrap().root;
        let lock = fixture.lock_data(root);
        counted(world, tally, "lock_data", lock, &[&staff]);
    }
    if log.results_on == NO_DAY {
        let commit = fixture.commit_results([8; 32]);
        counted(world, tally, "commit_results", commit, &[&staff]);
    }
}

/// Passes every claim on to the arbiter.
fn settle_claims(world: &mut World, fixture: &TrialsFixture, tally: &mut Tally) {
    let pending = |world: &World| -> Vec<(u16, u8)> {
        (0..PARTICIPANTS)
            .flat_map(|n| (0..5).map(move |milestone| (n, milestone)))
            .filter(|(n, milestone)| fixture.read(world, *n).has_claim(*milestone))
            .collect()
    };
    for (n, milestone) in pending(world) {
        if fixture.read_claim(world, n, milestone).turn == ClaimTurn::Site {
            counted(
                world,
                tally,
                "escalate_visit",
                fixture.escalate_visit(n, milestone),
                &[],
            );
        }
    }
    // The arbiter decides about some of them, and says nothing about the others.
    for (n, milestone) in pending(world) {
        if n % 2 == 0 {
            let decide = fixture.arbitrate_visit(n, milestone, milestone % 2 == 0);
            let board = fixture.overseer.key();
            counted(world, tally, "arbitrate_visit", decide, &[&board]);
        }
    }
    world.advance(31 * DAY);
    for (n, milestone) in pending(world) {
        counted(
            world,
            tally,
            "grant_visit",
            fixture.grant_visit(n, milestone),
            &[],
        );
    }
}

/// Site milestones are earned or lapse, and the bond is somebody's.
fn wind_down_commitments(world: &mut World, fixture: &TrialsFixture, tally: &mut Tally) {
    // 90 days after the end, with those that have passed.
    world.advance(30 * DAY);
    for milestone in 0..3 {
        world.send(&[fixture.earn_site_milestone(milestone)], &[]);
    }
    if fixture
        .read_plan(world)
        .is_some_and(|plan| plan.reserved > 0)
    {
        counted(
            world,
            tally,
            "lapse_site_milestones",
            fixture.lapse_site_milestones(),
            &[],
        );
    }
    let log = fixture.read_log(world).unwrap();
    if log.bond_state != DataLog::BOND_RETURNED {
        let fund = world.token_account("fund", &fixture.mint, &actor("advocate").pubkey());
        let name = fixture.name_beneficiary(world, fund);
        counted(
            world,
            tally,
            "name_beneficiary",
            name,
            &[&fixture.overseer.key()],
        );
        counted(
            world,
            tally,
            "forfeit_bond",
            fixture.forfeit_bond(Some(fund)),
            &[],
        );
        assert_eq!(world.balance(&fund), BOND * UNIT_PER_CENT);
    }
    assert_books(world, fixture);
}

/// Instructions that set a walk up; in the walk itself they could do nothing.
const SET_UP: [&str; 7] = [
    "create_trial",
    "add_site",
    "accept_site",
    "open_cohort",
    "record_consent",
    "offer_site_milestones",
    "commit_plan",
];

/// With `GALEN_SOAK` a million steps.
#[test]
fn the_books_balance_wherever_it_leads() {
    let walks = few_or_many(16, 4_000);
    let mut done = 0;
    let mut tally = Tally::new();
    for seed in 0..walks {
        done += walk(seed, 250, &mut tally);
        if seed % 100 == 99 {
            println!("{} walks, {done} steps had an effect", seed + 1);
        }
    }
    for (name, [tried, had_effect]) in &tally {
        println!("{name}: {tried} tried, {had_effect} had an effect");
    }
    println!(
        "figure: the walk of a trial: {done} steps of {} had an effect",
        walks * 250
    );
    assert!(u64::from(done) > walks * 40, "the walk gets somewhere");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let source = std::fs::read_to_string(source).expect("the program");
    let idle: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("    pub fn "))
        .filter_map(|line| line.split(['(', '<']).next())
        .filter(|name| !SET_UP.contains(name))
        .filter(|name| {
            tally
                .get(name)
                .is_none_or(|[_, had_effect]| *had_effect == 0)
        })
        .collect();
    assert!(idle.is_empty(), "without an effect anywhere: {idle:?}");
}
