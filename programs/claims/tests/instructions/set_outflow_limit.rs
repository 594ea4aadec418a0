use claims::constants::OUTFLOW_NOTICE_SECONDS;
use claims::events::{ClaimPaid, ClaimsSettled, OutflowLimitChanged};
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
    assert_eq!(
        (event.old, event.new, event.former_until),
        (10_000, 7, world.now() + OUTFLOW_NOTICE_SECONDS)
    );
    assert_eq!(
        fixture.read_pool(&world),
        Pool {
            sequence: before.sequence + 1,
            outflow_limit: 7,
            // The world's first limit took the place of none, a moment ago.
            former_limit: 0,
            former_until: world.now() + OUTFLOW_NOTICE_SECONDS,
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

/// An insurer that lowers the limit to nothing holds no award back that was made before: for the notice it is paid under the limit
/// of before, by anybody.
#[test]
fn a_lower_limit_holds_back_new_awards_only() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    fixture
        .submit(&mut world, 9, &[on_day(4, 10_000)])
        .assert_ok();
    let together = fixture.set_agreement_terms(&world, netted());
    world.send(&[together], &[&staff]).assert_ok();
    for n in [1, 2, 3] {
        fixture
            .submit(&mut world, n, &[on_day(n - 1, 10_000)])
            .assert_ok();
    }
    world.advance(DAY);
    let lower = fixture.set_outflow_limit(&world, 1);
    world.send(&[lower], &[&staff]).assert_ok();
    // A new award waits for the insurer.
    fixture
        .submit(&mut world, 4, &[on_day(3, 10_000)])
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 4).pend_reason,
        PendReason::OutflowLimit
    );
    let mut late = world.clone();
    // Approved, it is under the limit of its own time, and holds up none that is older.
    world
        .send(&[fixture.decide(4, Decision::Approve)], &[&staff])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.settle(4)],
        &[],
        ClaimsError::OutflowLimitReached,
    );
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!(event.amount, 8_000);
    let event: ClaimsSettled = world
        .send(&[fixture.settle_together(&[4, 2, 3])], &[])
        .assert_ok()
        .event();
    assert_eq!((event.amount, event.paid), (16_000, 0b110));
    fixture.assert_money_adds_up(&world);
    // After the notice it holds for all of them.
    late.advance(OUTFLOW_NOTICE_SECONDS - 1);
    late.clone().send(&[fixture.settle(1)], &[]).assert_ok();
    late.advance(1);
    refused(
        &mut late,
        &[fixture.settle(1)],
        &[],
        ClaimsError::OutflowLimitReached,
    );
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
