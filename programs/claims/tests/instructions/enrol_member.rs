use claims::events::MemberEnrolled;
use claims::instructions::EnrolMemberArgs;

use crate::common::*;

fn args(fixture: &ClaimsFixture) -> EnrolMemberArgs {
    EnrolMemberArgs {
        commitment: [3; 32],
        authority: fixture.member_key().pubkey(),
        covered_from: YEAR_BEGINS,
        covered_to: YEAR_ENDS,
    }
}

#[test]
fn creates_member_and_history() {
    let (mut world, fixture) = ready();
    let outcome = world
        .send(&[fixture.enrol_as(args(&fixture))], &[&fixture.staff.key()])
        .assert_ok();
    let address = Member::find_address(&fixture.pool, &[3; 32]).0;
    let member: Member = read_zero_copy(&world, &address);
    assert_eq!((member.pool, member.plan), (fixture.pool, fixture.plan));
    assert_eq!(
        (member.covered_from, member.covered_to),
        (YEAR_BEGINS, YEAR_ENDS)
    );
    assert_eq!(member.authority, fixture.member_key().pubkey());
    assert_eq!(member.periods, [PeriodAccumulators::default(); 2]);
    assert_eq!(member.lifetime, LifetimeAccumulators::default());
    let history: Box<History> =
        Box::new(read_zero_copy(&world, &History::find_address(&address).0));
    assert_eq!((history.member, history.count), (address, 0));
    assert_eq!(outcome.event::<MemberEnrolled>().member, address);
}

#[test]
fn refuses_nonsense() {
    let (mut world, fixture) = ready();
    let changes: [(fn(&mut EnrolMemberArgs), ClaimsError); 4] = [
        (
            |args| args.commitment = [0; 32],
            ClaimsError::CommitmentEmpty,
        ),
        (
            |args| args.covered_to = args.covered_from - 1,
            ClaimsError::CoverageInvalid,
        ),
        (|args| args.covered_to = i32::MAX, ClaimsError::DateInvalid),
        (
            |args| args.covered_from = i32::MIN,
            ClaimsError::DateInvalid,
        ),
    ];
    for (change, error) in changes {
        let mut args = args(&fixture);
        change(&mut args);
        refused(
            &mut world,
            &[fixture.enrol_as(args)],
            &[&fixture.staff.key()],
            error,
        );
    }
}

#[test]
fn a_member_is_enrolled_once() {
    let (mut world, fixture) = ready();
    let before = world.snapshot();
    assert!(!world
        .send(&[fixture.enrol()], &[&fixture.staff.key()])
        .succeeded());
    before.assert_same(&world.snapshot());
}

#[test]
fn only_staff_that_enrols_members() {
    let (world, fixture) = ready();
    let enrol = fixture.enrol_as(args(&fixture));
    assert_insurer_staff_only(&world, &fixture, &enrol, Permission::EnrolMember);
}

#[test]
fn another_pools_plan_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let enrol = swapped(fixture.enrol_as(args(&fixture)), fixture.plan, other.plan);
    refused(
        &mut world,
        &[enrol],
        &[&fixture.staff.key()],
        ClaimsError::PlanOfOtherPool,
    );
}
