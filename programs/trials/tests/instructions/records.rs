//! Records: read by anybody, kept for 25 years, closed then.

use anchor_lang::AnchorDeserialize;
use trials::events::RecordsClosed;

use crate::common::*;

/// Participant 0 has earned the visit of day 0; both have left, are settled, and the trial is over.
fn settled() -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(2);
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    for n in 0..2 {
        done(
            &mut world,
            fixture.leave(n, DepartureArg::Withdrawn, false),
            &[&fixture.participant(n)],
        );
    }
    let end = fixture.end_trial(&world, EndReason::Complete);
    done(&mut world, end, &[&fixture.staff.key()]);
    world.advance(31 * DAY);
    (world, fixture)
}

/// The day after the records need no longer be kept.
fn much_later(world: &mut World) {
    world.set_time((i64::from(TODAY) + i64::from(RETENTION_DAYS) + 1) * DAY);
}

#[test]
fn pages_are_kept_for_25_years_and_until_everybody_is_paid() {
    let (mut world, fixture) = settled();
    refused(
        &mut world,
        fixture.close_cohort(None),
        &[],
        TrialsError::Retained,
    );
    world.set_time((i64::from(TODAY) + i64::from(RETENTION_DAYS)) * DAY);
    refused(
        &mut world,
        fixture.close_cohort(None),
        &[],
        TrialsError::Retained,
    );
    much_later(&mut world);
    refused(
        &mut world,
        fixture.close_cohort(None),
        &[],
        TrialsError::MoneyOwed,
    );
    for n in 0..2 {
        done(&mut world, fixture.settle(n), &[]);
    }
    refused(
        &mut world,
        fixture.close_cohort(None),
        &[],
        TrialsError::MoneyOwed,
    );
    done(&mut world, fixture.pay(&[0], false), &[]);
    let nurse = fixture.nurse.key().pubkey();
    let lamports = world.raw(&nurse).unwrap().lamports;
    let rent = world.raw(&fixture.cohort).unwrap().lamports;
    refused(
        &mut world,
        swapped(
            fixture.close_cohort(None),
            nurse,
            fixture.staff.key().pubkey(),
        ),
        &[],
        TrialsError::WrongPayer,
    );
    let event: RecordsClosed = done(&mut world, fixture.close_cohort(None), &[]).event();
    assert_eq!(event.account, fixture.cohort);
    assert_eq!(world.raw(&nurse).unwrap().lamports, lamports + rent);
    assert!(world
        .raw(&fixture.cohort)
        .is_none_or(|account| account.data.is_empty()));
}

#[test]
fn a_page_that_nobody_used_closes_at_once() {
    let (mut world, fixture) = ready();
    let nurse = fixture.nurse.key();
    let close = fixture.close_cohort(Some(nurse.pubkey()));
    done(&mut world, close, &[&nurse]);
    // It can be opened again at the same address.
    fixture
        .open_cohort_account(&mut world, "cohort 1", CAPACITY)
        .assert_ok();
    fixture.consent(&mut world, 0).assert_ok();
}

#[test]
fn schedules_are_kept_as_long() {
    let (mut world, fixture) = settled();
    let staff = fixture.staff.key();
    refused(
        &mut world,
        fixture.close_schedule(1),
        &[&staff],
        TrialsError::Retained,
    );
    much_later(&mut world);
    refused(
        &mut world,
        fixture.close_schedule(1),
        &[&staff],
        TrialsError::MoneyOwed,
    );
    for n in 0..2 {
        done(&mut world, fixture.settle(n), &[]);
    }
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        swapped(fixture.close_schedule(1), staff.pubkey(), nurse.pubkey()),
        &[&nurse],
        TrialsError::NotScheduleOpener,
    );
    done(&mut world, fixture.close_schedule(1), &[&staff]);
    assert!(world
        .raw(&fixture.schedule)
        .is_none_or(|account| account.data.is_empty()));
}

#[test]
fn an_open_schedule_closes_at_once() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    done(&mut world, fixture.open_schedule(2, 0), &[&staff]);
    done(&mut world, fixture.close_schedule(2), &[&staff]);
    // Its number is used up.
    refused(
        &mut world,
        fixture.open_schedule(2, 0),
        &[&staff],
        TrialsError::ScheduleNumberInvalid,
    );
    done(&mut world, fixture.open_schedule(3, 0), &[&staff]);
}

#[test]
fn a_record_is_returned_as_it_stands_in_the_page() {
    let (mut world, fixture) = enrolled(2);
    done(
        &mut world,
        fixture.attest(1, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    for index in 0..2 {
        let before = world.snapshot();
        let outcome = done(&mut world, fixture.read_participant(index), &[]);
        before.assert_same(&world.snapshot());
        assert_eq!(outcome.returned.len(), Participant::SIZE);
        let returned = Participant::try_from_slice(&outcome.returned).unwrap();
        assert_eq!(returned, fixture.read(&world, index));
        // The page's bytes are the same ones.
        let data = world.raw(&fixture.cohort).unwrap().data;
        let start = Cohort::PARTICIPANTS_OFFSET + usize::from(index) * Participant::SIZE;
        assert_eq!(data[start..start + Participant::SIZE], outcome.returned);
    }
    refused(
        &mut world,
        fixture.read_participant(2),
        &[],
        TrialsError::ParticipantUnknown,
    );
}
