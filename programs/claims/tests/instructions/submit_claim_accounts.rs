//! Who may submit a claim, and with which accounts.

use crate::common::*;

fn good(fixture: &ClaimsFixture) -> Instruction {
    fixture.submit_claim(1, &[line(1, 20_000)])
}

/// Asserts that `instruction`, signed by clerk and member, is refused.
#[track_caller]
fn refuse(
    world: &mut World,
    fixture: &ClaimsFixture,
    instruction: Instruction,
    error: impl Into<u32>,
) {
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    refused(world, &[instruction], &[&clerk, &member], error);
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    let swap = |from, to| swapped(good(&fixture), from, to);
    for (instruction, error) in [
        (
            swap(fixture.agreement, other.agreement),
            ClaimsError::AgreementOfOtherPool,
        ),
        (
            swap(fixture.plan_version, other.plan_version),
            ClaimsError::PlanVersionOfOtherPool,
        ),
        (
            swap(fixture.schedule, other.schedule),
            ClaimsError::ScheduleMismatch,
        ),
        (
            swap(fixture.member, other.member),
            ClaimsError::MemberOfOtherPool,
        ),
        (
            swap(fixture.history, other.history),
            ClaimsError::HistoryOfOtherMember,
        ),
        (swap(fixture.vault, other.vault), ClaimsError::WrongVault),
        (swap(fixture.payout, other.payout), ClaimsError::WrongPayout),
        (
            swap(fixture.payout, fixture.treasury),
            ClaimsError::WrongPayout,
        ),
        (
            swap(fixture.payout, fixture.vault),
            ClaimsError::PayoutIsVault,
        ),
        (swap(fixture.mint, other.mint), ClaimsError::WrongMint),
        (
            swap(fixture.token_program, anchor_spl::token_2022::ID),
            ClaimsError::WrongTokenProgram,
        ),
        (
            swap(fixture.token_program, claims::ID),
            ClaimsError::WrongTokenProgram,
        ),
        (
            swap(fixture.clerk.address, fixture.staff.address),
            ClaimsError::OperatorOfOtherOrganization,
        ),
        (
            swap(fixture.provider.address, other.provider.address),
            ClaimsError::AgreementOfOtherProvider,
        ),
    ] {
        let name = error.name();
        let before = world.snapshot();
        let outcome = world.send(
            &[instruction],
            &[&fixture.clerk.key(), &fixture.member_key()],
        );
        // Anchor derives the claim's address before it compares the keys that accounts hold.
        let seeds = u32::from(ErrorCode::ConstraintSeeds);
        assert!(
            outcome.code() == Some(error.into())
                || (name == "AgreementOfOtherProvider" && outcome.code() == Some(seeds)),
            "{name}: {outcome}"
        );
        before.assert_same(&world.snapshot());
    }
}

/// Everything another provider's but the agreement: each account is genuine, only not his.
#[test]
fn the_agreement_of_another_provider() {
    let (mut world, fixture) = ready();
    let rival = fixture
        .registry
        .organization(&mut world, "rival", OrganizationKind::Provider);
    let clerk = rival.operator(&mut world, "rival clerk", &[Permission::SubmitClaim]);
    let mut mixed = fixture.clone();
    mixed.provider = rival;
    mixed.clerk = clerk;
    refuse(
        &mut world,
        &mixed,
        good(&mixed),
        ClaimsError::AgreementOfOtherProvider,
    );
}

/// The member of another plan of the same pool.
#[test]
fn the_version_of_another_plan() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    world.send(&[fixture.create_plan(1)], &[&staff]).assert_ok();
    let mut other = fixture.clone();
    other.plan = Plan::find_address(&fixture.pool, 1).0;
    let publish = other.publish(&world, terms(), YEAR_BEGINS);
    world.send(&[publish], &[&staff]).assert_ok();
    let version = PlanVersion::find_address(&other.plan, 1).0;
    refuse(
        &mut world,
        &fixture,
        swapped(good(&fixture), fixture.plan_version, version),
        ClaimsError::PlanVersionOfOtherPlan,
    );
}

#[test]
fn the_version_is_the_one_of_the_service_date() {
    let (mut world, fixture) = ready();
    world.before(SERVICE_DATE, |world| {
        let publish = fixture.publish(world, terms(), SERVICE_DATE);
        world.send(&[publish], &[&fixture.staff.key()]).assert_ok();
    });
    refuse(
        &mut world,
        &fixture,
        good(&fixture),
        ClaimsError::PlanVersionNotInForce,
    );

    let mut newer = fixture.clone();
    newer.plan_version = PlanVersion::find_address(&fixture.plan, 2).0;
    let mut args = newer.submit_args(1, &[line(1, 20_000)]);
    args.service_date = SERVICE_DATE - 1;
    let early = claims_instruction(
        newer.submit_accounts(1),
        data::SubmitClaim { args: args.clone() },
    );
    refuse(
        &mut world,
        &fixture,
        early,
        ClaimsError::PlanVersionNotInForce,
    );

    // A claim whose lines lie on both sides is split.
    args.lines.push(ClaimLineArgs {
        day: 1,
        ..line(2, 20_000)
    });
    for side in [&fixture, &newer] {
        let both = claims_instruction(
            side.submit_accounts(1),
            data::SubmitClaim { args: args.clone() },
        );
        refuse(
            &mut world,
            &fixture,
            both,
            ClaimsError::PlanVersionNotInForce,
        );
    }
    newer.submit(&mut world, 1, &[line(1, 20_000)]).assert_ok();
}

#[test]
fn another_claims_address() {
    let (mut world, fixture) = ready();
    let swapped = swapped(good(&fixture), fixture.claim(1), fixture.claim(2));
    refuse(&mut world, &fixture, swapped, ErrorCode::ConstraintSeeds);
}

/// Accounts with the right bytes that somebody else's program owns.
#[test]
fn forged_accounts() {
    let (mut world, fixture) = ready();
    let forger = actor("forger's program").pubkey();
    let fake = actor("fake").pubkey();
    for account in [
        fixture.clerk.address,
        fixture.provider.address,
        fixture.registry.config,
        fixture.agreement,
        fixture.pool,
        fixture.plan_version,
        fixture.schedule,
        fixture.member,
        fixture.history,
    ] {
        let mut forged = world.raw(&account).unwrap();
        forged.owner = forger;
        world.set_raw(&fake, forged);
        let submit = swapped(good(&fixture), account, fake);
        refuse(
            &mut world,
            &fixture,
            submit,
            ErrorCode::AccountOwnedByWrongProgram,
        );
    }
}

/// Every pair of accounts of this program, one in the other's place.
#[test]
fn accounts_of_another_type() {
    let (mut world, fixture) = ready();
    let ours = [
        fixture.agreement,
        fixture.pool,
        fixture.plan_version,
        fixture.schedule,
        fixture.member,
        fixture.history,
        fixture.plan,
    ];
    let mut pairs = 0;
    for from in &ours[..6] {
        for to in ours.iter().filter(|to| *to != from) {
            let mut submit = good(&fixture);
            for meta in &mut submit.accounts {
                if meta.pubkey == *from {
                    meta.pubkey = *to;
                }
            }
            refused(
                &mut world,
                &[submit],
                &[&fixture.clerk.key(), &fixture.member_key()],
                ErrorCode::AccountDiscriminatorMismatch,
            );
            pairs += 1;
        }
    }
    assert_eq!(pairs, 36);
}

#[test]
fn everybody_who_must_sign_signs() {
    let (mut world, fixture) = ready();
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    refused(
        &mut world,
        &[unsigned(good(&fixture), clerk.pubkey())],
        &[&member],
        ErrorCode::AccountNotSigner,
    );
    refused(
        &mut world,
        &[unsigned(good(&fixture), member.pubkey())],
        &[&clerk],
        ErrorCode::AccountNotSigner,
    );
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped(good(&fixture), member.pubkey(), stranger.pubkey())],
        &[&clerk, &stranger],
        ClaimsError::NotMemberAuthority,
    );
    // Neither signature nor ticket.
    let mut accounts = fixture.submit_accounts(1);
    accounts.member_authority = None;
    let args = fixture.submit_args(1, &[line(1, 20_000)]);
    let submit = claims_instruction(accounts, data::SubmitClaim { args });
    refused(
        &mut world,
        &[submit],
        &[&clerk],
        ClaimsError::MemberConsentMissing,
    );
}

#[test]
fn only_staff_that_submits_claims() {
    let (world, fixture) = ready();
    let member = fixture.member_key();
    let clerk = fixture.clerk.key();

    let mut other = world.clone();
    let permissions: Vec<Permission> = Permission::ALL
        .into_iter()
        .filter(|permission| *permission != Permission::SubmitClaim)
        .collect();
    let mut mixed = fixture.clone();
    mixed.clerk = fixture
        .provider
        .operator(&mut other, "receptionist", &permissions);
    refuse(
        &mut other,
        &mixed,
        good(&mixed),
        ClaimsError::PermissionMissing,
    );

    let stranger = other.actor("stranger");
    refused(
        &mut other,
        &[swapped(good(&fixture), clerk.pubkey(), stranger.pubkey())],
        &[&stranger, &member],
        ClaimsError::OperatorKeyMismatch,
    );

    let mut later = world.clone();
    later.advance(366 * DAY);
    refuse(
        &mut later,
        &fixture,
        good(&fixture),
        ClaimsError::OperatorExpired,
    );

    let mut revoked = world.clone();
    fixture
        .provider
        .revoke(&mut revoked, &fixture.clerk)
        .assert_ok();
    refuse(
        &mut revoked,
        &fixture,
        good(&fixture),
        ClaimsError::OperatorRevoked,
    );

    let mut suspended = world.clone();
    fixture
        .registry
        .set_status(
            &mut suspended,
            &fixture.provider,
            OrganizationStatus::Suspended,
            1,
        )
        .assert_ok();
    refuse(
        &mut suspended,
        &fixture,
        good(&fixture),
        ClaimsError::OrganizationNotActive,
    );
}

#[test]
fn not_during_a_pause() {
    let (mut world, fixture) = ready();
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refuse(
        &mut world,
        &fixture,
        good(&fixture),
        ClaimsError::AwardsPaused,
    );
    world.advance(3_600);
    fixture
        .submit(&mut world, 1, &[line(1, 20_000)])
        .assert_ok();
}

#[test]
fn accounts_that_change_must_be_writable() {
    let (mut world, fixture) = ready();
    for account in [
        fixture.agreement,
        fixture.pool,
        fixture.member,
        fixture.history,
        fixture.vault,
        fixture.payout,
        fixture.claim(1),
    ] {
        let mut submit = good(&fixture);
        for meta in &mut submit.accounts {
            if meta.pubkey == account {
                meta.is_writable = false;
            }
        }
        refused(
            &mut world,
            &[submit],
            &[&fixture.clerk.key(), &fixture.member_key()],
            ErrorCode::ConstraintMut,
        );
    }
}
