use claims::events::{ClaimAdjudicated, ClaimReversed};

use crate::common::*;

const REASON: u16 = 7;

/// A line on another day, so that it is not suspected to be part of another claim's visit.
pub fn on_day(day: u8, charge: u64) -> ClaimLineArgs {
    ClaimLineArgs {
        day,
        units: 100,
        ..line(u32::from(day) + 1, charge)
    }
}

/// Takes claim `n` back.
pub fn reverse(world: &mut World, fixture: &ClaimsFixture, n: u8) -> Outcome {
    world.send(&[fixture.reverse(n, REASON)], &[&fixture.staff.key()])
}

#[test]
fn what_it_used_up_is_given_back() {
    let (mut world, fixture) = ready();
    let member = fixture.read_member(&world);
    fixture
        .submit(&mut world, 1, &[on_day(0, 12_500), line(500, 300)])
        .assert_ok();
    assert_ne!(fixture.read_member(&world).periods, member.periods);
    assert_eq!(fixture.read_history(&world).count, 1);
    let before = fixture.read_claim(&world, 1);
    world.advance(60);

    let event: ClaimReversed = reverse(&mut world, &fixture, 1).assert_ok().event();
    let after = fixture.read_member(&world);
    assert_eq!(after.lifetime, member.lifetime);
    // The year's place stays, with nothing used up in it.
    assert_eq!(
        after.period(2026).copied(),
        Some(PeriodAccumulators {
            year: 2026,
            ..PeriodAccumulators::default()
        })
    );
    assert_eq!(fixture.read_history(&world).count, 0);
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        claim,
        Claim {
            status: ClaimStatus::Reversed,
            reversed_at: world.now(),
            reversal_reason: REASON,
            course: Course {
                decider: Course::tag(&fixture.staff.key().pubkey()),
                ..before.course
            },
            ..before
        }
    );
    assert_eq!(fixture.read_agreement(&world).owed, claim.totals.paid);
    assert_eq!(
        (event.claim, event.operator, event.reason),
        (fixture.claim(1), fixture.staff.key().pubkey(), REASON)
    );
    assert_eq!((event.paid, event.owed), (2_000, 2_000));
    fixture.assert_money_adds_up(&world);
}

/// The same services can be filed again, and come to the same.
#[test]
fn a_corrected_claim_can_be_filed() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 12_500)])
        .assert_ok();
    let first = (fixture.read_member(&world), fixture.read_claim(&world, 1));
    reverse(&mut world, &fixture, 1).assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(0, 12_500)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(claim.lines, first.1.lines);
    assert_eq!(fixture.read_member(&world).periods, first.0.periods);
    assert_eq!(fixture.read_member(&world).lifetime, first.0.lifetime);
    // What the first claim was paid pays the second.
    assert_eq!(
        (claim.status, claim.offset, claim.due()),
        (ClaimStatus::Paid, 2_000, 0)
    );
    assert_eq!(fixture.read_agreement(&world).owed, 0);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn what_was_paid_is_kept_back_from_the_next_awards() {
    let (mut world, fixture) = ready();
    // The deductible takes 100.00; of the rest the plan pays four fifths.
    fixture
        .submit(&mut world, 1, &[on_day(0, 30_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(1, 10_000)])
        .assert_ok();
    let paid = fixture.read_claim(&world, 2).totals.paid;
    assert_eq!(paid, 8_000);
    reverse(&mut world, &fixture, 2).assert_ok();
    let in_account = world.balance(&fixture.payout);

    let outcome = fixture
        .submit(&mut world, 3, &[on_day(2, 5_000)])
        .assert_ok();
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.status, event.paid, event.offset, event.payout),
        (ClaimStatus::Paid, 4_000, 4_000, Pubkey::default())
    );
    assert_eq!(world.balance(&fixture.payout), in_account);
    assert_eq!(fixture.read_agreement(&world).owed, 4_000);

    let outcome = fixture
        .submit(&mut world, 4, &[on_day(3, 10_000)])
        .assert_ok();
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.status, event.paid, event.offset, event.payout),
        (ClaimStatus::Paid, 8_000, 4_000, fixture.payout)
    );
    assert_eq!(
        world.balance(&fixture.payout),
        in_account + 4_000 * UNIT_PER_CENT
    );
    assert_eq!(fixture.read_agreement(&world).owed, 0);
    fixture.assert_money_adds_up(&world);

    // A claim part of which was kept back is owed as a whole.
    reverse(&mut world, &fixture, 4).assert_ok();
    assert_eq!(fixture.read_agreement(&world).owed, 8_000);
    fixture.assert_money_adds_up(&world);
}

/// A claim that waits for money is no longer owed; what was kept back of it is owed again.
#[test]
fn an_award_that_was_not_paid_yet() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    reverse(&mut world, &fixture, 1).assert_ok();
    assert_eq!(fixture.read_agreement(&world).owed, 8_000);
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..on_day(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 2, &[large]).assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!((claim.status, claim.offset), (ClaimStatus::Payable, 8_000));
    let pool = fixture.read_pool(&world);
    assert_eq!(
        pool.unfunded,
        claim.due() - (FUNDED - 8_000),
        "what there is is set aside"
    );
    fixture.assert_money_adds_up(&world);

    let mut queued = world.clone();
    reverse(&mut queued, &fixture, 2).assert_ok();
    assert_eq!(fixture.read_pool(&queued).unfunded, 0);
    assert_eq!(fixture.read_agreement(&queued).owed, 8_000);
    fixture.assert_money_adds_up(&queued);
    refused(
        &mut queued,
        &[fixture.settle(2)],
        &[],
        ClaimsError::ClaimNotPayable,
    );

    fixture.fund(&mut world, 1_000_000).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.unfunded, pool.reserved_for_claims), (0, claim.due()));
    let mut settled = world.clone();
    reverse(&mut world, &fixture, 2).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.unfunded, pool.reserved_for_claims), (0, 0));
    assert_eq!(fixture.read_agreement(&world).owed, 8_000);
    fixture.assert_money_adds_up(&world);

    // Only what is due is paid out.
    settled.send(&[fixture.settle(2)], &[]).assert_ok();
    fixture.assert_money_adds_up(&settled);
    assert_eq!(
        settled.balance(&fixture.payout),
        (8_000 + claim.due()) * UNIT_PER_CENT
    );
}

/// Four years on the period is no longer kept; what counts for a lifetime is given back all the same.
#[test]
fn of_a_year_that_is_no_longer_kept() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    let mut member = fixture.read_member(&world);
    assert_eq!(member.lifetime.used, 8_000);
    for (place, year) in member.periods.iter_mut().zip(2_027..) {
        *place = PeriodAccumulators {
            year,
            annual_used: 5,
            ..PeriodAccumulators::default()
        };
    }
    member.lifetime.used += 10;
    let mut account = world.raw(&fixture.member).unwrap();
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&member));
    world.set_raw(&fixture.member, account);
    reverse(&mut world, &fixture, 1).assert_ok();
    let after = fixture.read_member(&world);
    assert_eq!(after.periods, member.periods);
    assert_eq!(after.lifetime.used, 10);
}

#[test]
fn later_claims_of_the_member_are_flagged() {
    let (mut world, fixture) = ready();
    for n in 1..=4 {
        fixture
            .submit(&mut world, n, &[on_day(n, 20_000)])
            .assert_ok();
        assert_eq!(fixture.read_claim(&world, n).turn, u32::from(n));
    }
    let flagged = |world: &World| {
        let member = fixture.read_member(world);
        (1..=5)
            .filter(|turn| member.turns.is_flagged(*turn))
            .collect::<Vec<u32>>()
    };
    assert!(flagged(&world).is_empty());
    // Nothing came after the last one.
    let mut last = world.clone();
    reverse(&mut last, &fixture, 4).assert_ok();
    assert!(flagged(&last).is_empty());

    reverse(&mut world, &fixture, 2).assert_ok();
    assert_eq!(flagged(&world), [3, 4]);
    // A claim adjudicated since has seen the correction.
    fixture
        .submit(&mut world, 5, &[on_day(0, 20_000)])
        .assert_ok();
    assert_eq!(flagged(&world), [3, 4]);
    reverse(&mut world, &fixture, 1).assert_ok();
    assert_eq!(flagged(&world), [2, 3, 4, 5]);
}

#[test]
fn what_cannot_be_taken_back() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    fixture
        .submit(&mut world, 1, &[line(500, 50_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(0, 50_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 3, &[line(2, 50_000)])
        .assert_ok();
    world
        .send(&[fixture.open_claim(4, 1)], &[&fixture.clerk.key()])
        .assert_ok();
    for (n, status) in [(1, ClaimStatus::Denied), (3, ClaimStatus::Pended)] {
        assert_eq!(fixture.read_claim(&world, n).status, status);
        refused(
            &mut world,
            &[fixture.reverse(n, REASON)],
            &[&staff],
            ClaimsError::ClaimNotReversible,
        );
    }
    refused(
        &mut world,
        &[fixture.reverse(4, REASON)],
        &[&staff],
        ClaimsError::ClaimOfOtherMember,
    );
    refused(
        &mut world,
        &[fixture.reverse(2, 0)],
        &[&staff],
        ClaimsError::ReversalReasonInvalid,
    );
    reverse(&mut world, &fixture, 2).assert_ok();
    refused(
        &mut world,
        &[fixture.reverse(2, REASON + 1)],
        &[&staff],
        ClaimsError::ClaimNotReversible,
    );
}

#[test]
fn only_staff_that_decides_claims() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 50_000)])
        .assert_ok();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.reverse(1, REASON),
        Permission::DecideClaim,
    );
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    for side in [&fixture, &other] {
        side.submit(&mut world, 1, &[on_day(0, 50_000)]).assert_ok();
    }
    let good = fixture.reverse(1, REASON);
    for (from, to, error) in [
        (fixture.pool, other.pool, ClaimsError::PoolOfOtherInsurer),
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
        (
            fixture.plan_version,
            other.plan_version,
            ClaimsError::ClaimOfOtherPlanVersion,
        ),
        (
            fixture.member,
            other.member,
            ClaimsError::HistoryOfOtherMember,
        ),
        (
            fixture.history,
            other.history,
            ClaimsError::HistoryOfOtherMember,
        ),
        (fixture.vault, other.vault, ClaimsError::WrongVault),
    ] {
        refused(
            &mut world,
            &[swapped(good.clone(), from, to)],
            &[&fixture.staff.key()],
            error,
        );
    }
}
