use claims::events::ClaimReserved;

use crate::common::*;

/// Claim 1 waits for money, its provider's payout account is frozen.
fn stuck() -> (World, ClaimsFixture, u64) {
    let (mut world, fixture) = ready();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    world.freeze(&fixture.payout);
    let award = fixture.read_claim(&world, 1).totals.paid;
    (world, fixture, award)
}

#[test]
fn a_payment_that_cannot_be_delivered_holds_up_nobody() {
    let (mut world, fixture, award) = stuck();
    refused(
        &mut world,
        &[fixture.reserve(1)],
        &[],
        ClaimsError::PoolUnderfunded,
    );
    fixture.fund(&mut world, 1_000_000).assert_ok();
    let outcome = world.send(&[fixture.reserve(1)], &[]).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.reserved_for_claims, pool.unfunded), (award, 0));
    assert_eq!(pool.free().unwrap(), FUNDED + 1_000_000 - award);
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.money_reserved),
        (ClaimStatus::Payable, true)
    );
    assert_eq!(outcome.event::<ClaimReserved>().amount, award);
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.reserve(1)],
        &[],
        ClaimsError::AlreadyReserved,
    );

    // Another provider of the pool is paid at once again.
    let mut other = fixture.clone();
    other.provider =
        fixture
            .registry
            .organization(&mut world, "other provider", OrganizationKind::Provider);
    other.clerk = other
        .provider
        .operator(&mut world, "other clerk", &[Permission::SubmitClaim]);
    other.agreement = Agreement::find_address(&fixture.pool, &other.provider.address).0;
    other.payout = world.token_account(
        "other payout",
        &fixture.mint,
        &other.provider.authority().pubkey(),
    );
    world
        .send(&[other.offer(unlimited())], &[&fixture.staff.key()])
        .assert_ok();
    world
        .send(&[other.accept()], &[&other.provider.authority()])
        .assert_ok();
    other.submit(&mut world, 1, &[line(2, 10_000)]).assert_ok();
    assert_eq!(other.read_claim(&world, 1).status, ClaimStatus::Paid);

    // The money set aside is for nobody else, and is paid once the account is thawed.
    let mut payout = world.token(&fixture.payout);
    payout.state = anchor_spl::token::spl_token::state::AccountState::Initialized;
    world.set_token(&fixture.payout, payout);
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.reserved_for_claims, pool.unfunded), (0, 0));
    assert!(!fixture.read_claim(&world, 1).money_reserved);
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.reserve(1)],
        &[],
        ClaimsError::ClaimNotPayable,
    );
}

#[test]
fn money_set_aside_pays_nobody_else() {
    let (mut world, fixture, award) = stuck();
    fixture.fund(&mut world, 100_000).assert_ok();
    world.send(&[fixture.reserve(1)], &[]).assert_ok();
    assert_eq!(fixture.read_pool(&world).free().unwrap(), 0);
    assert_eq!(world.balance(&fixture.vault), award * UNIT_PER_CENT);
    fixture
        .submit(
            &mut world,
            2,
            &[ClaimLineArgs {
                day: 1,
                ..line(2, 10_000)
            }],
        )
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Payable);
    refused(
        &mut world,
        &[fixture.settle(2)],
        &[],
        ClaimsError::PayoutFrozen,
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn only_an_award_of_this_pool() {
    let (mut world, fixture, other) = two_insurers();
    fixture
        .submit(&mut world, 1, &[line(1, 50_000)])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.reserve(1)],
        &[],
        ClaimsError::ClaimNotPayable,
    );
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    other.submit(&mut world, 1, &[large]).assert_ok();
    refused(
        &mut world,
        &[swapped(
            fixture.reserve(1),
            fixture.claim(1),
            other.claim(1),
        )],
        &[],
        ClaimsError::ClaimOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(fixture.reserve(1), fixture.vault, other.vault)],
        &[],
        ClaimsError::WrongVault,
    );
}
