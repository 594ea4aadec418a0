//! Money that comes into a short pool is shared among all who wait, in proportion to what each lacks.

use claims::events::{ClaimPaid, ClaimsSettled, ClockStopped, PaidPart, PoolFunded};

use crate::common::*;

/// Another provider of the fixture's pool, with an agreement.
pub fn second_provider(world: &mut World, fixture: &ClaimsFixture) -> ClaimsFixture {
    let mut other = fixture.clone();
    other.provider =
        fixture
            .registry
            .organization(world, "other provider", OrganizationKind::Provider);
    other.clerk = other
        .provider
        .operator(world, "other clerk", &[Permission::SubmitClaim]);
    other.agreement = Agreement::find_address(&fixture.pool, &other.provider.address).0;
    let owner = other.provider.authority();
    other.payout = world.token_account("other payout", &fixture.mint, &owner.pubkey());
    world
        .send(&[other.offer(unlimited())], &[&fixture.staff.key()])
        .assert_ok();
    world.send(&[other.accept(world)], &[&owner]).assert_ok();
    other
}

/// A pool with `left` cents, and two providers.
fn poor(left: u64) -> (World, ClaimsFixture, ClaimsFixture) {
    let (mut world, fixture) = ready();
    let other = second_provider(&mut world, &fixture);
    let announce = fixture.announce_withdrawal(&world, FUNDED - left);
    world.send_unsigned(&[announce]).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    world.send_unsigned(&[fixture.withdraw()]).assert_ok();
    (world, fixture, other)
}

/// The awards of claims 1 and 2 of the first provider and claim 3 of the second.
const AWARDS: [u64; 3] = [8_000, 4_002, 801];

fn submit_three(world: &mut World, fixture: &ClaimsFixture, other: &ClaimsFixture) {
    let first = ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    };
    fixture.submit(world, 1, &[first]).assert_ok();
    for (n, by, charge) in [(2, fixture, 5_003), (3, other, 1_001)] {
        let own_day = ClaimLineArgs {
            day: n,
            ..line(u32::from(n), charge)
        };
        by.submit(world, n, &[own_day]).assert_ok();
    }
    for (claim, award) in claims(fixture, other).into_iter().zip(AWARDS) {
        let claim: Claim = world.account(&claim);
        assert_eq!((claim.status, claim.due()), (ClaimStatus::Payable, award));
    }
}

fn claims(fixture: &ClaimsFixture, other: &ClaimsFixture) -> [Pubkey; 3] {
    [fixture.claim(1), fixture.claim(2), other.claim(3)]
}

/// Three claims that wait, the pool being empty.
fn waiting() -> (World, ClaimsFixture, ClaimsFixture) {
    let (mut world, fixture, other) = poor(0);
    submit_three(&mut world, &fixture, &other);
    assert_eq!(fixture.read_pool(&world).unfunded, 12_803);
    (world, fixture, other)
}

fn settle(world: &mut World, fixture: &ClaimsFixture, other: &ClaimsFixture, n: u8) -> Outcome {
    let by = if n == 3 { other } else { fixture };
    world.send(&[by.settle(n)], &[])
}

/// What each of the claims has been paid.
fn paid(world: &World, fixture: &ClaimsFixture, other: &ClaimsFixture) -> [u64; 3] {
    claims(fixture, other).map(|claim| world.account::<Claim>(&claim).award_paid())
}

fn check(world: &World, fixture: &ClaimsFixture, other: &ClaimsFixture) {
    fixture.assert_money_adds_up(world);
    other.assert_money_adds_up(world);
    let [one, two, three] = paid(world, fixture, other);
    assert_eq!(world.balance(&fixture.payout), (one + two) * UNIT_PER_CENT);
    assert_eq!(world.balance(&other.payout), three * UNIT_PER_CENT);
}

#[test]
fn each_has_its_share_whoever_is_paid_first() {
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2]] {
        let (mut world, fixture, other) = waiting();
        let event: PoolFunded = fixture.fund(&mut world, 1_000).assert_ok().event();
        assert_eq!((event.amount, event.unfunded), (1_000, 11_803));
        let pool = fixture.read_pool(&world);
        assert_eq!((pool.reserved_for_claims, pool.rounds.closed), (1_000, 1));
        for n in order {
            settle(&mut world, &fixture, &other, n).assert_ok();
            check(&world, &fixture, &other);
        }
        // 1,000 / 12,803 of each, rounded down once.
        assert_eq!(paid(&world, &fixture, &other), [624, 312, 62]);
        for n in order {
            settle(&mut world, &fixture, &other, n).assert_error(ClaimsError::PoolUnderfunded);
        }
        // The second round, drawn by two of them; then the third.
        fixture.fund(&mut world, 3_000).assert_ok();
        for n in &order[..2] {
            settle(&mut world, &fixture, &other, *n).assert_ok();
            check(&world, &fixture, &other);
        }
        fixture.fund(&mut world, 4_402).assert_ok();
        for n in order {
            settle(&mut world, &fixture, &other, n).assert_ok();
        }
        // 8,402 / 12,803 of each, though one has drawn twice and two have drawn three times.
        assert_eq!(paid(&world, &fixture, &other), [5_250, 2_626, 525]);
        assert_eq!(fixture.read_pool(&world).unfunded, 4_401);
        check(&world, &fixture, &other);
        // The last round completes each to the cent; what is over is free.
        let event: PoolFunded = fixture.fund(&mut world, 5_000).assert_ok().event();
        assert_eq!(event.unfunded, 0);
        for (n, left) in order.into_iter().zip([2, 1, 0]) {
            settle(&mut world, &fixture, &other, n).assert_ok();
            let waits = claims(&fixture, &other)
                .into_iter()
                .filter(|claim| world.account::<Claim>(claim).status == ClaimStatus::Payable);
            assert_eq!(waits.count(), left);
            check(&world, &fixture, &other);
        }
        assert_eq!(paid(&world, &fixture, &other), AWARDS);
        let pool = fixture.read_pool(&world);
        assert_eq!(
            (
                pool.reserved_for_claims,
                pool.unfunded,
                pool.free().unwrap()
            ),
            (0, 0, 599)
        );
        // Payment at once goes on.
        let own_day = ClaimLineArgs {
            day: 4,
            ..line(9, 500)
        };
        fixture.submit(&mut world, 4, &[own_day]).assert_ok();
        assert_eq!(fixture.read_claim(&world, 4).status, ClaimStatus::Paid);
    }
}

/// A cent at a time, one claim drawn after each, the others never: they lose nothing by it.
#[test]
fn nobody_is_starved_by_many_small_rounds() {
    let (mut world, fixture, other) = waiting();
    let mut drawn = 0;
    for _ in 0..60 {
        fixture.fund(&mut world, 1).assert_ok();
        if settle(&mut world, &fixture, &other, 1).succeeded() {
            drawn += 1;
        }
    }
    assert!(drawn > 30);
    // 60 / 12,803 of each.
    assert_eq!(paid(&world, &fixture, &other), [37, 0, 0]);
    for n in [2, 3] {
        settle(&mut world, &fixture, &other, n).assert_ok();
    }
    assert_eq!(paid(&world, &fixture, &other), [37, 18, 3]);
    check(&world, &fixture, &other);
    fixture.fund(&mut world, 12_743).assert_ok();
    for n in [1, 2, 3] {
        settle(&mut world, &fixture, &other, n).assert_ok();
    }
    assert_eq!(paid(&world, &fixture, &other), AWARDS);
    check(&world, &fixture, &other);
}

/// What comes in before a claim waits is not for it, and it is not paid out of what others have been given.
#[test]
fn who_comes_later_shares_in_later_rounds() {
    let (mut world, fixture, other) = poor(4_000);
    let first = ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    };
    fixture.submit(&mut world, 1, &[first]).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!(
        (pool.unfunded, pool.reserved_for_claims, pool.rounds.closed),
        (4_000, 4_000, 1)
    );
    let own_day = ClaimLineArgs {
        day: 3,
        ..line(3, 5_000)
    };
    other.submit(&mut world, 3, &[own_day]).assert_ok();
    assert_eq!(other.read_claim(&world, 3).due(), 4_000);
    world
        .send(&[other.settle(3)], &[])
        .assert_error(ClaimsError::PoolUnderfunded);
    // Both lack 40.00 now: they share evenly.
    fixture.fund(&mut world, 2_000).assert_ok();
    for (by, n, share) in [(&fixture, 1, 5_000), (&other, 3, 1_000)] {
        let event: ClaimPaid = world.send(&[by.settle(n)], &[]).assert_ok().event();
        assert_eq!((event.amount, event.interest), (share, 0));
        by.assert_money_adds_up(&world);
    }
}

/// A claim that is taken back has been paid a part, which is owed, and gives its undrawn share to the others.
#[test]
fn a_claim_taken_back_in_between() {
    let (mut world, fixture, other) = waiting();
    fixture.fund(&mut world, 6_000).assert_ok();
    settle(&mut world, &fixture, &other, 1).assert_ok();
    let drawn = fixture.read_claim(&world, 1).award_paid();
    assert_eq!(drawn, 3_749);
    fixture.fund(&mut world, 1_000).assert_ok();
    let before = fixture.read_pool(&world);
    let share = fixture.read_claim(&world, 1).share(&before.rounds);
    assert_eq!(share, 624);
    world.send_unsigned(&[fixture.reverse(1, 7)]).assert_ok();
    let pool = fixture.read_pool(&world);
    // It lacked 36.27 beside its share; the share is now the others'.
    assert_eq!(pool.unfunded, before.unfunded - 3_627 - share);
    assert_eq!(pool.reserved_for_claims, before.reserved_for_claims);
    assert_eq!(pool.rounds.closed, before.rounds.closed + 1);
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.paid_at, claim.award_paid()),
        (ClaimStatus::Reversed, 0, drawn)
    );
    assert_eq!(fixture.read_agreement(&world).owed, drawn);
    check(&world, &fixture, &other);
    settle(&mut world, &fixture, &other, 1).assert_error(ClaimsError::ClaimNotPayable);
    let left = pool.unfunded;
    fixture.fund(&mut world, left).assert_ok();
    for n in [2, 3] {
        settle(&mut world, &fixture, &other, n).assert_ok();
    }
    assert_eq!(
        paid(&world, &fixture, &other),
        [drawn, AWARDS[1], AWARDS[2]]
    );
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.reserved_for_claims, pool.unfunded), (0, 0));
    check(&world, &fixture, &other);
}

/// The last who lack anything leave: whoever is left is funded to the cent, though shares are rounded down.
#[test]
fn who_is_left_is_complete() {
    let (mut world, fixture, other) = waiting();
    fixture.fund(&mut world, 12_802).assert_ok();
    assert_eq!(fixture.read_pool(&world).unfunded, 1);
    // Each lacks a fraction of the cent, and so a cent.
    let pool = fixture.read_pool(&world);
    let lacks = claims(&fixture, &other).map(|claim| {
        let claim: Claim = world.account(&claim);
        claim.lacking() - claim.share(&pool.rounds)
    });
    assert_eq!(lacks, [1, 1, 1]);
    world.send_unsigned(&[fixture.reverse(1, 7)]).assert_ok();
    assert_eq!(fixture.read_pool(&world).unfunded, 0);
    check(&world, &fixture, &other);
    for n in [2, 3] {
        settle(&mut world, &fixture, &other, n).assert_ok();
    }
    assert_eq!(paid(&world, &fixture, &other), [0, AWARDS[1], AWARDS[2]]);
    let pool = fixture.read_pool(&world);
    assert_eq!(
        (pool.reserved_for_claims, pool.free().unwrap()),
        (0, 12_802 - 4_803)
    );
    check(&world, &fixture, &other);
}

/// A share that cannot be delivered waits for its claim and holds up nobody.
#[test]
fn a_payout_account_that_is_frozen_holds_up_nobody() {
    let (mut world, fixture, other) = waiting();
    world.freeze(&fixture.payout);
    fixture.fund(&mut world, 12_803).assert_ok();
    for n in [1, 2] {
        let before = fixture.read_pool(&world);
        let _: ClockStopped = world.send(&[fixture.settle(n)], &[]).assert_ok().event();
        assert_eq!(fixture.read_pool(&world), before);
        refused(
            &mut world,
            &[fixture.settle(n)],
            &[],
            ClaimsError::PayoutFrozen,
        );
    }
    settle(&mut world, &fixture, &other, 3).assert_ok();
    fixture.fund(&mut world, 10_000).assert_ok();
    let own_day = ClaimLineArgs {
        day: 4,
        ..line(4, 10_000)
    };
    other.submit(&mut world, 4, &[own_day]).assert_ok();
    assert_eq!(other.read_claim(&world, 4).status, ClaimStatus::Paid);
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.reserved_for_claims, pool.unfunded), (12_002, 0));
    world.thaw(&fixture.payout);
    for n in [1, 2] {
        settle(&mut world, &fixture, &other, n).assert_ok();
    }
    assert_eq!(paid(&world, &fixture, &other), AWARDS);
    fixture.assert_money_adds_up(&world);
}

/// Interest is worked out once, on the whole award, when the last part is paid.
#[test]
fn a_claim_paid_in_parts_bears_interest_once() {
    let (mut world, fixture, other) = waiting();
    let due = fixture.read_claim(&world, 1).course.interest_after;
    world.set_time((i64::from(due) + 365) * DAY);
    fixture.fund(&mut world, 6_402).assert_ok();
    let event: ClaimPaid = settle(&mut world, &fixture, &other, 1).assert_ok().event();
    assert_eq!((event.amount, event.interest), (4_000, 0));
    assert_eq!(fixture.read_claim(&world, 1).course.interest, 0);
    fixture.fund(&mut world, 6_401 + 5_000).assert_ok();
    // 80.00 at 10 % for a year.
    let event: ClaimPaid = settle(&mut world, &fixture, &other, 1).assert_ok().event();
    assert_eq!((event.amount, event.interest, event.left), (4_000, 800, 0));
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.course.interest, claim.interest_paid()),
        (ClaimStatus::Paid, 800, 800)
    );
    assert_eq!(claim.waiting, Waiting::default());
    fixture.assert_money_adds_up(&world);
}

/// A batch pays shares too. What that costs is for the claims of a short pool alone.
#[test]
fn a_batch_of_shares() {
    let (mut world, fixture, _) = waiting();
    fixture.fund(&mut world, 6_402).assert_ok();
    let one = world
        .clone()
        .send(&[fixture.settle_together(&[1])], &[])
        .assert_ok();
    let outcome = world
        .send(&[fixture.settle_together(&[1, 2])], &[])
        .assert_ok();
    let event: ClaimsSettled = outcome.event();
    assert_eq!(
        (event.amount, event.interest, event.paid, event.in_part),
        (4_000 + 2_001, 0, 0, 0b11)
    );
    let part = |place, amount| PaidPart { place, amount };
    assert_eq!(event.parts, [part(0, 4_000), part(1, 2_001)]);
    let further = outcome.cu - one.cu;
    println!("a further share: {further} units");
    assert!(further <= 3_000, "{further}");
    fixture.assert_money_adds_up(&world);
}
