use claims::events::MemberAuthorityChanged;
use claims::instructions::SetMemberAuthorityArgs;

use crate::common::*;

#[test]
fn sets_and_takes_away_the_key() {
    let (mut world, fixture) = ready();
    for key in [actor("new member key").pubkey(), Pubkey::default()] {
        let outcome = world
            .send(
                &[fixture.set_member_authority(&world, key)],
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
        &fixture.set_member_authority(&world, Pubkey::default()),
        Permission::EnrolMember,
    );
}

#[test]
fn another_pools_member_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.set_member_authority(&world, Pubkey::default());
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
    let template = fixture.set_member_authority(&world, Pubkey::default());
    assert_admin_is_checked(&world, &fixture.staff.key(), 0, &|admin| Instruction {
        data: data::SetMemberAuthority {
            args: SetMemberAuthorityArgs {
                admin,
                authority: Pubkey::default(),
            },
        }
        .data(),
        ..template.clone()
    });
}

/// What was signed for a key that has been replaced since does not bring it back, nor does anything that was signed before another
/// action on the member.
#[test]
fn a_replaced_key_stays_replaced() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let held = fixture.set_member_authority(&world, fixture.member_key().pubkey());
    let new = actor("new member key").pubkey();
    let replace = fixture.set_member_authority(&world, new);
    world.send(&[replace], &[&staff]).assert_ok();
    let member = fixture.read_member(&world);
    assert_eq!((member.authority, member.sequence), (new, 1));
    refused(
        &mut world,
        &[held],
        &[&staff],
        ClaimsError::AdminSequenceStale,
    );

    let held = fixture.set_member_authority(&world, fixture.member_key().pubkey());
    let end = fixture.end_coverage(&world, YEAR_ENDS + 1);
    world.send(&[end], &[&staff]).assert_ok();
    refused(
        &mut world,
        &[held],
        &[&staff],
        ClaimsError::AdminSequenceStale,
    );
    assert_eq!(fixture.read_member(&world).sequence, 2);
}

/// After 2^64 − 1 administrative actions there is no other.
#[test]
fn the_sequence_number_does_not_begin_again() {
    let (mut world, fixture) = ready();
    let member = Member {
        sequence: u64::MAX,
        ..fixture.read_member(&world)
    };
    let mut account = world.raw(&fixture.member).unwrap();
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&member));
    world.set_raw(&fixture.member, account);
    let change = fixture.set_member_authority(&world, Pubkey::default());
    refused(
        &mut world,
        &[change],
        &[&fixture.staff.key()],
        ClaimsError::AdminSequenceExhausted,
    );
}
