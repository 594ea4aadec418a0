//! Doses that a device has signed: counted by window, worth a bonus, and nothing else.

use galen_testkit::precompile::ed25519;
use trials::events::{DeviceRegistered, ParticipantSettled};

use crate::common::*;

/// A trial whose schedule 2 needs doses for its bonus, with participant 0 enrolled and given a device.
fn dosed() -> (World, TrialsFixture) {
    let (mut world, mut fixture) = ready();
    let staff = fixture.staff.key();
    for instruction in [
        fixture.open_schedule(2, BONUS),
        fixture.append_milestones(2, 0, &milestones()),
        fixture.require_adherence(2, adherence_entry()),
        fixture.seal_schedule(2, &milestones()),
    ] {
        done(&mut world, instruction, &[&staff]);
    }
    fixture.schedule = fixture.schedule_address(2);
    fixture.enrol_many(&mut world, 1);
    let device = fixture.device(0).pubkey();
    let event: DeviceRegistered = done(
        &mut world,
        fixture.register_device(0, device),
        &[&fixture.nurse.key()],
    )
    .event();
    assert_eq!((event.index, event.device), (0, device));
    (world, fixture)
}

/// Submits a dose that the device has signed.
fn submit(world: &mut World, fixture: &TrialsFixture, sequence: u32, taken_at: i64) -> Outcome {
    let dose = Dose { sequence, taken_at };
    world.send(
        &[
            fixture.dose_signature(0, &dose),
            fixture.record_dose(0, dose),
        ],
        &[],
    )
}

/// A transaction that is refused and changes nothing.
#[track_caller]
fn refused_together(world: &mut World, instructions: &[Instruction], error: TrialsError) {
    let before = world.snapshot();
    world.send(instructions, &[]).assert_error(error);
    before.assert_same(&world.snapshot());
}

#[test]
fn doses_are_counted_by_window() {
    let (mut world, fixture) = dosed();
    let start = world.now();
    // Eight on the first day, of which the window asks for seven; one in the next window.
    for sequence in 1..=8 {
        submit(
            &mut world,
            &fixture,
            sequence,
            start - 9 + i64::from(sequence),
        )
        .assert_ok();
    }
    world.advance(7 * DAY);
    let now = world.now();
    submit(&mut world, &fixture, 20, now).assert_ok();
    let doses = fixture.read_doses(&world, 0);
    assert_eq!(
        (doses.windows[0], doses.windows[1], doses.recorded),
        (8, 1, 9)
    );
    assert_eq!((doses.last_sequence, doses.last_at), (20, now));
    assert_eq!(fixture.read(&world, 0).doses, 8, "what the windows ask for");
    assert_books(&world, &fixture);
}

#[test]
fn a_dose_counts_once_and_in_its_time() {
    let (mut world, fixture) = dosed();
    let now = world.now();
    submit(&mut world, &fixture, 5, now).assert_ok();
    world.advance(DAY);
    for (sequence, taken_at, error) in [
        (5, now + 1, TrialsError::DoseReplayed),
        (6, now, TrialsError::DoseReplayed),
        (6, now + DAY + 1, TrialsError::DoseOutOfTime),
    ] {
        let before = world.snapshot();
        submit(&mut world, &fixture, sequence, taken_at).assert_error(error);
        before.assert_same(&world.snapshot());
    }
    // After the last of 8 windows of 7 days.
    let mut later = world.clone();
    later.advance(56 * DAY);
    let after = later.now();
    submit(&mut later, &fixture, 6, after).assert_error(TrialsError::DoseOutOfTime);
    // After the participant's last day, which is day 1; what was taken before counts whenever it comes in.
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Discontinued, false),
        &[&fixture.nurse.key()],
    );
    world.advance(DAY);
    let after_end = world.now();
    submit(&mut world, &fixture, 6, after_end).assert_error(TrialsError::DoseOutOfTime);
    submit(&mut world, &fixture, 6, now + 1).assert_ok();
}

#[test]
fn a_dose_after_the_end_of_the_trial_does_not_count() {
    // Six of seven doses of the first window, and the seventh taken before the trial ends, or after.
    for (late, bonus) in [(false, 3_333), (true, 0)] {
        let (mut world, fixture) = dosed();
        let nurse = fixture.nurse.key();
        done(&mut world, fixture.attest(0, 1, TODAY), &[&nurse]);
        for sequence in 1..=5 {
            world.advance(60);
            let now = world.now();
            submit(&mut world, &fixture, sequence, now).assert_ok();
        }
        // The last day of the trial is the first of the second window: seven doses were expected, of which 80% are six.
        world.set_time((i64::from(TODAY) + 7) * DAY);
        let end = fixture.end_trial(&world, EndReason::Sponsor);
        done(&mut world, end, &[&fixture.staff.key()]);
        let last_second = (i64::from(TODAY) + 8) * DAY - 1;
        world.set_time(last_second + 60);
        if late {
            // The participant has not left; the trial is over all the same.
            let now = world.now();
            let before = world.snapshot();
            submit(&mut world, &fixture, 6, now).assert_error(TrialsError::DoseOutOfTime);
            submit(&mut world, &fixture, 6, last_second + 1)
                .assert_error(TrialsError::DoseOutOfTime);
            before.assert_same(&world.snapshot());
        } else {
            submit(&mut world, &fixture, 6, last_second).assert_ok();
        }
        let taken = if late { 5 } else { 6 };
        assert_eq!(fixture.read(&world, 0).doses, taken);
        world.advance(31 * DAY);
        let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
        assert_eq!(event.bonus, bonus, "{taken} doses");
        assert_eq!(fixture.read(&world, 0).due, 10_000 + bonus);
        assert_books(&world, &fixture);
    }
}

#[test]
fn only_the_devices_signature_of_this_very_dose() {
    let (mut world, fixture) = dosed();
    let dose = Dose {
        sequence: 1,
        taken_at: world.now(),
    };
    let record = fixture.record_dose(0, dose);
    let message = dose.message(&fixture.cohort, 0);
    let good = fixture.dose_signature(0, &dose);
    let other_dose = Dose {
        sequence: 2,
        ..dose
    };
    refused_together(
        &mut world,
        std::slice::from_ref(&record),
        TrialsError::DoseSignatureMissing,
    );
    for (before, error) in [
        (
            ed25519(&actor("a stranger's device"), &message),
            TrialsError::DoseSignerMismatch,
        ),
        (
            fixture.dose_signature(0, &other_dose),
            TrialsError::DoseMessageMismatch,
        ),
        (
            ed25519(&fixture.device(0), &dose.message(&fixture.cohort, 1)),
            TrialsError::DoseMessageMismatch,
        ),
        (
            ed25519(&fixture.device(0), &message[..31]),
            TrialsError::DoseSignatureMissing,
        ),
    ] {
        refused_together(&mut world, &[before, record.clone()], error);
    }
    // Not just anywhere in the transaction: in the instruction before.
    let unrelated = fixture.read_participant(0);
    refused_together(
        &mut world,
        &[good.clone(), unrelated, record.clone()],
        TrialsError::DoseSignatureMissing,
    );
    refused_together(
        &mut world,
        &[record.clone(), good.clone()],
        TrialsError::DoseSignatureMissing,
    );
    // Offsets that point elsewhere, as if another instruction's bytes had been signed.
    for (place, value) in [(0, 2), (2, 49), (4, 0), (6, 17), (8, 0), (10, 111), (14, 0)] {
        let mut bent = good.clone();
        bent.data[place] = value;
        let before = world.snapshot();
        let outcome = world.send(&[bent, record.clone()], &[]);
        assert!(!outcome.succeeded(), "byte {place}");
        before.assert_same(&world.snapshot());
    }
    // A second signature in the same instruction.
    let mut long = good.clone();
    long.data.push(0);
    refused_together(
        &mut world,
        &[long, record.clone()],
        TrialsError::DoseSignatureMissing,
    );
    world.send(&[good.clone(), record.clone()], &[]).assert_ok();
    refused_together(&mut world, &[good, record], TrialsError::DoseReplayed);
}

#[test]
fn a_device_can_be_replaced_and_its_doses_stay() {
    let (mut world, fixture) = dosed();
    let now = world.now();
    submit(&mut world, &fixture, 9, now).assert_ok();
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.register_device(0, fixture.device(0).pubkey()),
        &[&nurse],
        TrialsError::DeviceUnchanged,
    );
    refused(
        &mut world,
        fixture.register_device(0, Pubkey::default()),
        &[&nurse],
        TrialsError::KeyInvalid,
    );
    let new = actor("another device");
    done(
        &mut world,
        fixture.register_device(0, new.pubkey()),
        &[&nurse],
    );
    world.advance(60);
    let later = world.now();
    submit(&mut world, &fixture, 10, later).assert_error(TrialsError::DoseSignerMismatch);
    let dose = Dose {
        sequence: 1,
        taken_at: later,
    };
    let signature = ed25519(&new, &dose.message(&fixture.cohort, 0));
    world
        .send(&[signature, fixture.record_dose(0, dose)], &[])
        .assert_ok();
    assert_eq!(fixture.read(&world, 0).doses, 2);
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Discontinued, false),
        &[&nurse],
    );
    refused(
        &mut world,
        fixture.register_device(0, fixture.device(0).pubkey()),
        &[&nurse],
        TrialsError::NotPresent,
    );
}

/// Participant 0 makes the visit of day 0 and leaves on day 13, when two windows are over and 14 doses expected, of which
/// `taken` were recorded.
fn left_after(taken: u32) -> (World, TrialsFixture) {
    let (mut world, fixture) = dosed();
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    for sequence in 1..=taken {
        if sequence == 8 {
            world.advance(7 * DAY);
        }
        world.advance(60);
        let now = world.now();
        submit(&mut world, &fixture, sequence, now).assert_ok();
    }
    world.set_time((i64::from(TODAY) + 13) * DAY);
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&fixture.participant(0)],
    );
    world.advance(31 * DAY);
    (world, fixture)
}

#[test]
fn doses_gate_the_bonus_and_never_a_stipend() {
    // 80% of 14 is 11.2: 12 are enough, 11 are not.
    for (taken, bonus) in [(12, 3_333), (11, 0), (0, 0)] {
        let (mut world, fixture) = left_after(taken);
        let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
        assert_eq!(event.bonus, bonus, "{taken} doses");
        assert_eq!(fixture.read(&world, 0).due, 10_000 + bonus, "the stipend");
        assert_books(&world, &fixture);
    }
}

#[test]
fn nothing_expected_is_nothing_missed() {
    let (mut world, fixture) = dosed();
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    // The sponsor ends the trial in the first window.
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&fixture.staff.key()]);
    world.advance(31 * DAY);
    let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
    assert_eq!(event.bonus, 3_333);
}

#[test]
fn what_a_schedule_may_ask_for() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let entry = adherence_entry();
    refused(
        &mut world,
        fixture.require_adherence(1, entry),
        &[&staff],
        TrialsError::ScheduleSealed,
    );
    done(&mut world, fixture.open_schedule(2, 0), &[&staff]);
    refused(
        &mut world,
        fixture.require_adherence(2, entry),
        &[&staff],
        TrialsError::AdherenceWithoutBonus,
    );
    done(&mut world, fixture.open_schedule(3, BONUS), &[&staff]);
    for (entry, error) in [
        (
            AdherenceEntry {
                window_days: 0,
                ..entry
            },
            TrialsError::AdherenceInvalid,
        ),
        (
            AdherenceEntry {
                windows: 0,
                ..entry
            },
            TrialsError::AdherenceInvalid,
        ),
        (
            AdherenceEntry {
                windows: 65,
                ..entry
            },
            TrialsError::AdherenceInvalid,
        ),
        (
            AdherenceEntry { doses: 0, ..entry },
            TrialsError::AdherenceInvalid,
        ),
        (
            AdherenceEntry {
                padding: [0, 1],
                ..entry
            },
            TrialsError::AdherenceInvalid,
        ),
        (
            AdherenceEntry {
                threshold_bps: 10_001,
                ..entry
            },
            TrialsError::RateInvalid,
        ),
    ] {
        refused(
            &mut world,
            fixture.require_adherence(3, entry),
            &[&staff],
            error,
        );
    }
}

#[test]
fn a_later_schedule_asks_for_no_more() {
    let (mut world, fixture) = enrolled(1);
    let staff = fixture.staff.key();
    for instruction in [
        fixture.open_successor(2, 1, BONUS),
        fixture.append_milestones(2, 0, &milestones()),
        fixture.require_adherence(2, adherence_entry()),
        fixture.seal_schedule(2, &milestones()),
    ] {
        done(&mut world, instruction, &[&staff]);
    }
    fixture.amend(&mut world, 2, TODAY + 1, true);
    world.advance(DAY);
    refused(
        &mut world,
        fixture.renew(0, 2, 2),
        &[&fixture.participant(0)],
        TrialsError::AdherenceWorse,
    );
    // A participant whose schedule asks for nothing needs no device.
    let nurse = fixture.nurse.key();
    done(
        &mut world,
        fixture.register_device(0, fixture.device(0).pubkey()),
        &[&nurse],
    );
    let now = world.now();
    submit(&mut world, &fixture, 1, now).assert_error(TrialsError::AdherenceNotAsked);
}

#[test]
fn doses_belong_to_their_participant() {
    let (mut world, mut fixture) = dosed();
    let dose = Dose {
        sequence: 1,
        taken_at: world.now(),
    };
    let signature = fixture.dose_signature(0, &dose);
    // Under a schedule that is not the participant's, even one that asks for doses.
    let staff = fixture.staff.key();
    for instruction in [
        fixture.open_schedule(3, BONUS),
        fixture.append_milestones(3, 0, &milestones()),
        fixture.require_adherence(3, adherence_entry()),
        fixture.seal_schedule(3, &milestones()),
    ] {
        done(&mut world, instruction, &[&staff]);
    }
    let theirs = fixture.schedule;
    fixture.schedule = fixture.schedule_address(3);
    refused_together(
        &mut world,
        &[signature, fixture.record_dose(0, dose)],
        TrialsError::WrongSchedule,
    );
    // Before enrolment there is no window.
    fixture.schedule = theirs;
    fixture.consent(&mut world, 1).assert_ok();
    let nurse = fixture.nurse.key();
    done(
        &mut world,
        fixture.register_device(1, fixture.device(1).pubkey()),
        &[&nurse],
    );
    refused_together(
        &mut world,
        &[
            fixture.dose_signature(1, &dose),
            fixture.record_dose(1, dose),
        ],
        TrialsError::NotEnrolled,
    );
    refused(
        &mut world,
        fixture.register_device(2, fixture.device(1).pubkey()),
        &[&nurse],
        TrialsError::ParticipantUnknown,
    );
}

#[test]
fn doses_of_another_cohort() {
    let (mut world, fixture) = dosed();
    let other = TrialsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0);
    other.set_up(&mut world, FUNDED);
    let dose = Dose {
        sequence: 1,
        taken_at: world.now(),
    };
    let mut elsewhere = swapped(fixture.record_dose(0, dose), fixture.cohort, other.cohort);
    refused_together(
        &mut world,
        &[fixture.dose_signature(0, &dose), elsewhere.clone()],
        TrialsError::CohortOfOtherTrial,
    );
    for (own, theirs) in [
        (fixture.trial, other.trial),
        (fixture.schedule, other.schedule),
    ] {
        elsewhere = swapped(elsewhere, own, theirs);
    }
    refused_together(
        &mut world,
        &[fixture.dose_signature(0, &dose), elsewhere],
        TrialsError::AdherenceOfOtherCohort,
    );
}
