use claims::events::MemberAuthorityChanged;

use crate::common::*;

#[test]
fn sets_and_takes_away_the_key() {
    let (mut world, fixture) = ready();
    for key in [actor("new member key").pubkey(), Pubkey::default()] {
        let outcome = world
            .send(
                &[fixture.set_member_authority(key)],
                &[&fixture.staff.key()],
            )
            .assert_ok();
        assert_eq!(fixture.read_member(&world).authority, key);
        assert_eq!(outcome.event::<MemberAuthorityChanged>().authority, key);
    }
    // Nobody signs for the member now.
    refused(
        &mut world,
        &[fixture.submit_claim(1, &[line(1, 10_000)])],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::NotMemberAuthority,
    );
}

#[test]
fn only_staff_that_enrols_members() {
    let (world, fixture) = ready();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.set_member_authority(Pubkey::default()),
        Permission::EnrolMember,
    );
}

#[test]
fn another_pools_member_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.set_member_authority(Pubkey::default());
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
