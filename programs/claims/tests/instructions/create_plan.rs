use claims::events::PlanCreated;

use crate::common::*;

#[test]
fn creates_a_plan_without_versions() {
    let (mut world, fixture) = ready();
    let outcome = world
        .send(&[fixture.create_plan(7)], &[&fixture.staff.key()])
        .assert_ok();
    let address = Plan::find_address(&fixture.pool, 7).0;
    let plan: Plan = world.account(&address);
    assert_eq!(
        (plan.pool, plan.number, plan.sequence),
        (fixture.pool, 7, 0)
    );
    assert!(plan.versions.is_empty());
    assert_eq!(outcome.event::<PlanCreated>().plan, address);
}

#[test]
fn only_staff_that_publishes_plans() {
    let (world, fixture) = ready();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.create_plan(7),
        Permission::PublishPlan,
    );
}

#[test]
fn another_insurers_pool_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let mut mixed = fixture.clone();
    mixed.pool = other.pool;
    refused(
        &mut world,
        &[mixed.create_plan(7)],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
}
