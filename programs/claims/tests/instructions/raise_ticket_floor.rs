use claims::events::TicketFloorRaised;

use crate::common::*;

#[test]
fn only_rises() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let outcome = world
        .send(&[fixture.raise_ticket_floor(5)], &[&staff])
        .assert_ok();
    assert_eq!(fixture.read_member(&world).ticket_floor, 5);
    assert_eq!(outcome.event::<TicketFloorRaised>().floor, 5);
    for floor in [0, 4, 5] {
        refused(
            &mut world,
            &[fixture.raise_ticket_floor(floor)],
            &[&staff],
            ClaimsError::TicketFloorNotHigher,
        );
    }
    world
        .send(&[fixture.raise_ticket_floor(u64::MAX)], &[&staff])
        .assert_ok();
}

#[test]
fn only_staff_that_enrols_members() {
    let (world, fixture) = ready();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.raise_ticket_floor(1),
        Permission::EnrolMember,
    );
}

#[test]
fn another_pools_member_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.raise_ticket_floor(1);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[swapped(change.clone(), fixture.member, other.member)],
        &[&staff],
        ClaimsError::MemberOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(change, fixture.pool, other.pool)],
        &[&staff],
        ClaimsError::PoolOfOtherInsurer,
    );
}
