use claims::events::ScheduleOpened;

use crate::common::*;

fn with_pool() -> (World, ClaimsFixture) {
    let (mut world, fixture) = bare();
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
    (world, fixture)
}

#[test]
fn opens_an_account_that_the_client_created() {
    let (mut world, fixture) = with_pool();
    let outcome = fixture
        .open_schedule_account(&mut world, "schedule 1", 10_000)
        .assert_ok();
    let (header, entries) =
        BenefitSchedule::decode(&world.raw(&fixture.schedule).unwrap().data).unwrap();
    assert_eq!(
        (header.pool, header.opener),
        (fixture.pool, fixture.staff.key().pubkey())
    );
    assert_eq!(
        (header.count, header.capacity, header.sealed),
        (0, 10_000, 0)
    );
    assert!(entries.is_empty());
    assert_eq!(outcome.event::<ScheduleOpened>().capacity, 10_000);
}

#[test]
fn the_size_must_fit_entries_exactly() {
    let (mut world, fixture) = with_pool();
    let size = |capacity| BenefitSchedule::account_size(capacity).unwrap();
    for bytes in [
        8,
        size(0) - 1,
        size(0),
        size(1) - 1,
        size(1) + 1,
        size(10_000) + 1,
        size(10_001),
    ] {
        let create = fixture.create_schedule_account(&world, "schedule 1", bytes);
        let open = fixture.open_schedule(fixture.schedule);
        let before = world.snapshot();
        let outcome = world.send(&[create, open], &[&fixture.staff.key()]);
        assert!(
            !outcome.succeeded() && !outcome.crashed(),
            "{bytes}: {outcome}"
        );
        if bytes >= size(0) {
            assert_eq!(
                outcome.code(),
                Some(ClaimsError::ScheduleSizeInvalid.into()),
                "{bytes}: {outcome}"
            );
        }
        before.assert_same(&world.snapshot());
    }
    fixture
        .open_schedule_account(&mut world, "schedule 1", 1)
        .assert_ok();
}

#[test]
fn is_opened_once() {
    let (mut world, fixture) = ready();
    for account in [fixture.schedule, fixture.member, fixture.history] {
        refused(
            &mut world,
            &[fixture.open_schedule(account)],
            &[&fixture.staff.key()],
            ErrorCode::ConstraintZero,
        );
    }
    // An account of somebody else, full and empty.
    let empty = actor("empty").pubkey();
    world.set_owned(&empty, &fixture.token_program, vec![0; 1_000]);
    for (account, error) in [
        (fixture.treasury, ErrorCode::ConstraintZero),
        (empty, ErrorCode::AccountOwnedByWrongProgram),
    ] {
        let open = fixture.open_schedule(account);
        refused(&mut world, &[open], &[&fixture.staff.key()], error);
    }
}

#[test]
fn only_staff_that_publishes_plans() {
    let (mut world, fixture) = with_pool();
    let size = BenefitSchedule::account_size(3).unwrap();
    let create = fixture.create_schedule_account(&world, "schedule 1", size);
    world.send(&[create], &[&fixture.staff.key()]).assert_ok();
    let open = fixture.open_schedule(fixture.schedule);
    assert_insurer_staff_only(&world, &fixture, &open, Permission::PublishPlan);
}
