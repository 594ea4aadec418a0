use claims::events::CoverageEnded;
use claims::instructions::EndCoverageArgs;

use crate::common::*;

#[test]
fn sets_the_last_day() {
    let (mut world, fixture) = ready();
    for day in [TODAY, YEAR_BEGINS, YEAR_ENDS + 365] {
        let old = fixture.read_member(&world).covered_to;
        let outcome = world
            .send(
                &[fixture.end_coverage(&world, day)],
                &[&fixture.staff.key()],
            )
            .assert_ok();
        assert_eq!(fixture.read_member(&world).covered_to, day);
        let event: CoverageEnded = outcome.event();
        assert_eq!((event.old, event.new), (old, day));
    }
}

#[test]
fn coverage_does_not_end_before_it_begins() {
    let (mut world, fixture) = ready();
    for (day, error) in [
        (YEAR_BEGINS - 1, ClaimsError::CoverageInvalid),
        (i32::MAX, ClaimsError::DateInvalid),
        (i32::MIN, ClaimsError::DateInvalid),
    ] {
        let change = fixture.end_coverage(&world, day);
        refused(&mut world, &[change], &[&fixture.staff.key()], error);
    }
}

#[test]
fn only_staff_that_enrols_members() {
    let (world, fixture) = ready();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.end_coverage(&world, TODAY),
        Permission::EnrolMember,
    );
}

#[test]
fn another_pools_member_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.end_coverage(&world, TODAY);
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

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.end_coverage(&world, TODAY);
    assert_admin_is_checked(&world, &fixture.staff.key(), 0, &|admin| Instruction {
        data: data::EndCoverage {
            args: EndCoverageArgs {
                admin,
                covered_to: TODAY,
            },
        }
        .data(),
        ..template.clone()
    });
}
