use claims::events::ScheduleClosed;

use crate::common::*;

fn opened() -> (World, ClaimsFixture) {
    let (mut world, fixture) = bare();
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
    fixture
        .open_schedule_account(&mut world, "schedule 1", 10)
        .assert_ok();
    (world, fixture)
}

fn lamports(world: &World, key: &Pubkey) -> u64 {
    world.raw(key).map_or(0, |account| account.lamports)
}

#[test]
fn the_rent_goes_to_who_opened_it() {
    let (mut world, fixture) = opened();
    let opener = fixture.staff.key().pubkey();
    let (before, bond) = (
        lamports(&world, &opener),
        lamports(&world, &fixture.schedule),
    );
    // A colleague closes it: the opener's key may be lost.
    let colleague = fixture
        .insurer
        .operator(&mut world, "colleague", &[Permission::PublishPlan]);
    let mut close = fixture.close_schedule();
    close.accounts[0].pubkey = colleague.key().pubkey();
    close.accounts[1].pubkey = colleague.address;
    let outcome = world.send(&[close], &[&colleague.key()]).assert_ok();
    assert_eq!(lamports(&world, &fixture.schedule), 0);
    assert_eq!(lamports(&world, &opener), before + bond);
    assert_eq!(outcome.event::<ScheduleClosed>().schedule, fixture.schedule);
    // Its name is free again.
    fixture
        .open_schedule_account(&mut world, "schedule 1", 20)
        .assert_ok();
}

#[test]
fn nobody_else_gets_the_rent() {
    let (mut world, fixture) = opened();
    let thief = world.actor("thief").pubkey();
    let mut close = fixture.close_schedule();
    close.accounts[5].pubkey = thief;
    refused(
        &mut world,
        &[close],
        &[&fixture.staff.key()],
        ClaimsError::NotScheduleOpener,
    );
}

#[test]
fn a_sealed_schedule_stays() {
    let (mut world, fixture) = ready();
    refused(
        &mut world,
        &[fixture.close_schedule()],
        &[&fixture.staff.key()],
        ClaimsError::ScheduleSealed,
    );
}

#[test]
fn another_pools_schedule_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    refused(
        &mut world,
        &[swapped(
            fixture.close_schedule(),
            fixture.schedule,
            other.schedule,
        )],
        &[&fixture.staff.key()],
        ClaimsError::ScheduleOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(fixture.close_schedule(), fixture.pool, other.pool)],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
}

#[test]
fn only_staff_that_publishes_plans() {
    let (mut world, fixture) = opened();
    let opener = fixture.staff.key().pubkey();
    // Opened by somebody who is not the staff that closes, so that only the signer is swapped.
    let colleague = fixture
        .insurer
        .operator(&mut world, "colleague", &[Permission::ManagePool]);
    let mut close = fixture.close_schedule();
    close.accounts[0].pubkey = colleague.key().pubkey();
    close.accounts[1].pubkey = colleague.address;
    assert_eq!(close.accounts[5].pubkey, opener);
    refused(
        &mut world,
        &[close],
        &[&colleague.key()],
        ClaimsError::PermissionMissing,
    );
    refused(
        &mut world,
        &[unsigned(fixture.close_schedule(), opener)],
        &[],
        ErrorCode::AccountNotSigner,
    );
}
