use claims::events::OutflowLimitChanged;
use claims::instructions::{Decision, SetOutflowLimitArgs};

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

/// A world in which the deductible is met and the pool pays 100.00 a day.
fn limited() -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 9, &[on_day(4, 10_000)])
        .assert_ok();
    let set = fixture.set_outflow_limit(&world, 10_000);
    world.send(&[set], &[&fixture.staff.key()]).assert_ok();
    (world, fixture)
}

#[test]
fn changes_the_limit() {
    let (mut world, fixture) = limited();
    let before = fixture.read_pool(&world);
    let set = fixture.set_outflow_limit(&world, 7);
    let outcome = world.send(&[set], &[&fixture.staff.key()]).assert_ok();
    let event: OutflowLimitChanged = outcome.event();
    assert_eq!((event.old, event.new), (10_000, 7));
    assert_eq!(
        fixture.read_pool(&world),
        Pool {
            sequence: before.sequence + 1,
            outflow_limit: 7,
            ..before
        }
    );
}

/// What exceeds the limit waits for the insurer; the next day it does not.
#[test]
fn what_exceeds_it_pends() {
    let (mut world, fixture) = limited();
    fixture
        .submit(&mut world, 1, &[on_day(0, 10_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    assert_eq!(fixture.read_pool(&world).outflow, 8_000);
    fixture
        .submit(&mut world, 2, &[on_day(1, 2_501)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Pended, PendReason::OutflowLimit)
    );
    // To the cent it is not exceeded.
    fixture
        .submit(&mut world, 3, &[on_day(2, 2_500)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).status, ClaimStatus::Paid);
    assert_eq!(fixture.read_pool(&world).outflow, 10_000);
    world.advance(DAY);
    fixture
        .submit(&mut world, 4, &[on_day(3, 12_500)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 4).status, ClaimStatus::Paid);
    assert_eq!(fixture.read_pool(&world).outflow, 10_000);
    fixture.assert_money_adds_up(&world);
}

/// The insurer's approval awards it; the money is set aside and paid on a day that has room for it.
#[test]
fn what_is_approved_is_set_aside_and_paid_another_day() {
    let (mut world, fixture) = limited();
    for (n, charge) in [(1, 10_000), (2, 12_500)] {
        fixture
            .submit(&mut world, n, &[on_day(n, charge)])
            .assert_ok();
    }
    world
        .send(
            &[fixture.decide(2, Decision::Approve)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.status, claim.money_reserved, claim.totals.paid),
        (ClaimStatus::Payable, true, 10_000)
    );
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.settle(2)],
        &[],
        ClaimsError::OutflowLimitReached,
    );
    world.advance(DAY);
    world.send(&[fixture.settle(2)], &[]).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.outflow, pool.reserved_for_claims), (10_000, 0));
    fixture.assert_money_adds_up(&world);
}

/// Only what leaves the vault counts: not what is kept back of an award.
#[test]
fn what_is_kept_back_does_not_flow_out() {
    let (mut world, fixture) = limited();
    fixture
        .submit(&mut world, 1, &[on_day(0, 10_000)])
        .assert_ok();
    reverse(&mut world, &fixture, 1).assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(1, 12_500)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!((claim.status, claim.due()), (ClaimStatus::Paid, 2_000));
    assert_eq!(fixture.read_pool(&world).outflow, 10_000);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn only_staff_that_manages_pools() {
    let (world, fixture) = ready();
    let set = fixture.set_outflow_limit(&world, 1);
    assert_insurer_staff_only(&world, &fixture, &set, Permission::ManagePool);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_outflow_limit(&world, 1);
    assert_admin_is_checked(
        &world,
        &fixture.staff.key(),
        fixture.read_pool(&world).sequence,
        &|admin| Instruction {
            data: data::SetOutflowLimit {
                args: SetOutflowLimitArgs { admin, limit: 1 },
            }
            .data(),
            ..template.clone()
        },
    );
}

#[test]
fn another_insurers_pool_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let set = fixture.set_outflow_limit(&world, 1);
    refused(
        &mut world,
        &[swapped(set, fixture.pool, other.pool)],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
}
