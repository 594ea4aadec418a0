use claims::events::ScheduleSealed;
use claims::instructions::SealScheduleArgs;

use crate::common::*;

fn uploaded() -> (World, ClaimsFixture) {
    let (mut world, bare) = bare();
    let fixture = ClaimsFixture {
        entries: (0..10).map(benefit).collect(),
        ..bare
    };
    let staff = fixture.staff.key();
    world.send(&[fixture.create_pool(0)], &[&staff]).assert_ok();
    fixture
        .open_schedule_account(&mut world, "schedule 1", 12)
        .assert_ok();
    world
        .send(&[fixture.append(0, &fixture.entries)], &[&staff])
        .assert_ok();
    (world, fixture)
}

#[test]
fn seals_what_was_meant() {
    let (mut world, fixture) = uploaded();
    let outcome = world
        .send(&[fixture.seal()], &[&fixture.staff.key()])
        .assert_ok();
    let (header, entries) =
        BenefitSchedule::decode(&world.raw(&fixture.schedule).unwrap().data).unwrap();
    assert!(header.is_sealed());
    assert_eq!(header.digest, digest(&entries));
    let event: ScheduleSealed = outcome.event();
    assert_eq!((event.count, event.digest), (10, header.digest));
}

#[test]
fn an_entry_slipped_in_before_is_noticed() {
    let (mut world, fixture) = uploaded();
    let staff = fixture.staff.key();
    world
        .send(&[fixture.append(10, &[benefit(50)])], &[&staff])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.seal()],
        &[&staff],
        ClaimsError::ScheduleDigestMismatch,
    );
}

#[test]
fn count_and_digest_must_fit() {
    let (mut world, fixture) = uploaded();
    let good = digest(&fixture.entries);
    for (count, digest) in [(9, good), (11, good), (10, [0; 32]), (10, [1; 32])] {
        let seal = Instruction {
            data: data::SealSchedule {
                args: SealScheduleArgs { count, digest },
            }
            .data(),
            ..fixture.seal()
        };
        refused(
            &mut world,
            &[seal],
            &[&fixture.staff.key()],
            ClaimsError::ScheduleDigestMismatch,
        );
    }
}

#[test]
fn an_empty_schedule_is_not_sealed() {
    let (mut world, bare) = bare();
    let fixture = ClaimsFixture {
        entries: Vec::new(),
        ..bare
    };
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
    fixture
        .open_schedule_account(&mut world, "schedule 1", 1)
        .assert_ok();
    refused(
        &mut world,
        &[fixture.seal()],
        &[&fixture.staff.key()],
        ClaimsError::ScheduleDigestMismatch,
    );
}

#[test]
fn is_sealed_once() {
    let (mut world, fixture) = ready();
    refused(
        &mut world,
        &[fixture.seal()],
        &[&fixture.staff.key()],
        ClaimsError::ScheduleSealed,
    );
}

#[test]
fn only_staff_that_publishes_plans_of_this_pool() {
    let (world, fixture) = uploaded();
    assert_insurer_staff_only(&world, &fixture, &fixture.seal(), Permission::PublishPlan);

    let (mut world, fixture, other) = two_insurers();
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[swapped(fixture.seal(), fixture.schedule, other.schedule)],
        &[&staff],
        ClaimsError::ScheduleOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(fixture.seal(), fixture.pool, other.pool)],
        &[&staff],
        ClaimsError::PoolOfOtherInsurer,
    );
}
