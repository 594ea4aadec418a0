use claims::constants::PAYOUT_DELAY_SECONDS;
use claims::events::{ClaimPaid, ClockStopped};

use crate::common::*;

/// Claim 1 is awarded and waits for money: the pool is empty but for what the member's share left.
fn queued() -> (World, ClaimsFixture, u64) {
    let (mut world, fixture) = ready();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Payable, FUNDED + 100_000)
    );
    (world, fixture, claim.totals.paid)
}

#[test]
fn anybody_cranks_when_money_is_there() {
    let (mut world, fixture, award) = queued();
    let first: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    // What there was, but for a cent: shares are rounded down until all is funded.
    assert_eq!((first.amount, first.left), (FUNDED - 1, 100_001));
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PoolUnderfunded,
    );
    fixture.fund(&mut world, 99_999).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.paid_at, claim.award_paid()),
        (ClaimStatus::Payable, 0, FUNDED - 1)
    );
    fixture.assert_money_adds_up(&world);
    fixture.fund(&mut world, 1).assert_ok();
    world.advance(60);
    let outcome = world.send(&[fixture.settle(1)], &[]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.paid_at),
        (ClaimStatus::Paid, world.now())
    );
    assert_eq!(world.balance(&fixture.payout), award * UNIT_PER_CENT);
    assert_eq!(world.balance(&fixture.vault), 0);
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.unfunded, pool.paid), (0, award));
    let event: ClaimPaid = outcome.event();
    assert_eq!((event.claim, event.amount), (fixture.claim(1), 100_001));
    assert_eq!(event.left, 0);
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::ClaimNotPayable,
    );
}

#[test]
fn after_that_claims_are_paid_at_once_again() {
    let (mut world, fixture, _) = queued();
    let on = |day| ClaimLineArgs {
        day,
        ..line(2, 10_000)
    };
    fixture.submit(&mut world, 2, &[on(1)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Payable);
    fixture.fund(&mut world, 1_000_000).assert_ok();
    // What the others wait for is set aside.
    fixture.submit(&mut world, 3, &[on(2)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).status, ClaimStatus::Paid);
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    world.send(&[fixture.settle(2)], &[]).assert_ok();
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_payout_account_that_was_closed_or_frozen() {
    let (mut world, fixture, _) = queued();
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
    fixture.fund(&mut world, 1_000_000).assert_ok();

    let mut frozen = world.clone();
    frozen.freeze(&fixture.payout);
    let _: ClockStopped = frozen.send(&[fixture.settle(1)], &[]).assert_ok().event();
    refused(
        &mut frozen,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutFrozen,
    );

    let mut closed = world.clone();
    let authority = fixture.provider.authority();
    let close = anchor_spl::token::spl_token::instruction::close_account(
        &fixture.token_program,
        &fixture.payout,
        &authority.pubkey(),
        &authority.pubkey(),
        &[],
    )
    .unwrap();
    closed.send(&[close], &[&authority]).assert_ok();
    let _: ClockStopped = closed.send(&[fixture.settle(1)], &[]).assert_ok().event();
    refused(
        &mut closed,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutClosed,
    );

    // Somebody made an account of another mint there.
    let mut other = world.clone();
    let mint = other.mint("other mint", &MintTerms::default());
    let address = other.token_account("payout", &mint, &authority.pubkey());
    assert_eq!(address, fixture.payout);
    let _: ClockStopped = other.send(&[fixture.settle(1)], &[]).assert_ok().event();
    refused(
        &mut other,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutInvalid,
    );

    // The provider names another account; after 72 hours it is paid there.
    let new = closed.token_account("new payout", &fixture.mint, &authority.pubkey());
    closed
        .send(&[fixture.propose_payout(&closed, new)], &[&authority])
        .assert_ok();
    closed.advance(PAYOUT_DELAY_SECONDS);
    let mut moved = fixture.clone();
    moved.payout = new;
    closed.send(&[moved.settle(1)], &[]).assert_ok();
    closed.send(&[moved.settle(2)], &[]).assert_ok();
    moved.assert_money_adds_up(&closed);
}

#[test]
fn a_token_2022_account_that_asks_for_a_memo_waits_until_it_no_longer_does() {
    let mut world = empty();
    let mint = MintTerms {
        program: TokenProgram::Token2022,
        ..MintTerms::default()
    };
    let fixture = ClaimsFixture::bare_with_mint(&mut world, &mint);
    fixture.set_up(&mut world, terms(), unlimited());
    let ask = |world: &mut World, required: bool| {
        let mut account = world.raw(&fixture.payout).unwrap();
        *account.data.last_mut().unwrap() = u8::from(required);
        world.set_raw(&fixture.payout, account);
    };
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    fixture.fund(&mut world, 1_000_000).assert_ok();

    world.extend_with_memo(&fixture.payout, true);
    let _: ClockStopped = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutAsksForMemo,
    );
    refused(
        &mut world,
        &[fixture.settle_together(&[1])],
        &[],
        ClaimsError::PayoutAsksForMemo,
    );
    ask(&mut world, false);
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);

    // A claim that would be paid at once is awarded all the same, and waits.
    let next_day = ClaimLineArgs {
        day: 1,
        ..line(2, 10_000)
    };
    ask(&mut world, true);
    fixture.submit(&mut world, 2, &[next_day]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Payable);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn what_is_awarded_is_owed_whatever_became_of_the_agreement() {
    let (mut world, fixture, _) = queued();
    fixture.fund(&mut world, 1_000_000).assert_ok();
    let change = fixture.set_agreement_status(&world, AgreementStatus::Ended);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    for organization in [&fixture.provider, &fixture.insurer] {
        fixture
            .registry
            .set_status(&mut world, organization, OrganizationStatus::Suspended, 1)
            .assert_ok();
    }
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_pause_holds_back_young_awards_only() {
    let (mut world, fixture, _) = queued();
    fixture.fund(&mut world, 1_000_000).assert_ok();
    let awarded_at = fixture.read_claim(&world, 1).awarded_at;
    fixture.registry.pause(&mut world, 72 * 3_600).assert_ok();
    world.set_time(awarded_at + DAY - 1);
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::AwardTooYoung,
    );
    world.set_time(awarded_at + DAY);
    world.send(&[fixture.settle(1)], &[]).assert_ok();
}

#[test]
fn only_an_award() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 50_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[line(2, 50_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 3, &[line(500, 50_000)])
        .assert_ok();
    world
        .send(&[fixture.open_claim(4, 1)], &[&fixture.clerk.key()])
        .assert_ok();
    for (n, status) in [
        (1, ClaimStatus::NothingDue),
        (2, ClaimStatus::Pended),
        (3, ClaimStatus::Denied),
        (4, ClaimStatus::Draft),
    ] {
        assert_eq!(fixture.read_claim(&world, n).status, status);
        refused(
            &mut world,
            &[fixture.settle(n)],
            &[],
            ClaimsError::ClaimNotPayable,
        );
    }
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    for side in [&fixture, &other] {
        side.submit(&mut world, 1, &[large]).assert_ok();
        side.fund(&mut world, 1_000_000).assert_ok();
    }
    let good = fixture.settle(1);
    for (from, to, error) in [
        (fixture.pool, other.pool, ClaimsError::WrongVault),
        (
            fixture.agreement,
            other.agreement,
            ClaimsError::AgreementOfOtherPool,
        ),
        (
            fixture.claim(1),
            other.claim(1),
            ClaimsError::AgreementOfOtherProvider,
        ),
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.payout, other.payout, ClaimsError::WrongPayout),
        (fixture.payout, fixture.vault, ClaimsError::PayoutIsVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            anchor_spl::token_2022::ID,
            ClaimsError::WrongTokenProgram,
        ),
    ] {
        refused(&mut world, &[swapped(good.clone(), from, to)], &[], error);
    }
}
