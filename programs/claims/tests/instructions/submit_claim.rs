//! What a claim comes to.

use claims::events::ClaimAdjudicated;
use claims::instructions::EnrolMemberArgs;

use crate::common::*;

/// The claim story: over the fee schedule, deductible and coinsurance, a code that is not covered.
#[test]
fn line_by_line() {
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].allowed = 12_500;
    entries[3].flags = 0;
    let mut world = empty();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    let before = fixture.read_pool(&world);
    let lines = [line(1, 12_500), line(2, 17_500), line(3, 4_000)];
    let outcome = fixture.submit(&mut world, 1, &lines).assert_ok();

    let claim = fixture.read_claim(&world, 1);
    let [first, second, third] = claim.lines[..] else {
        panic!("three lines")
    };
    // 125.00: deductible 100.00, of the rest 20%.
    assert_eq!(
        (
            first.allowed,
            first.over_fee,
            first.deductible,
            first.coinsurance,
            first.paid
        ),
        (12_500, 0, 10_000, 500, 2_000)
    );
    // 175.00: cut to 100.00, of which 20%.
    assert_eq!(
        (
            second.allowed,
            second.over_fee,
            second.deductible,
            second.coinsurance,
            second.paid
        ),
        (10_000, 7_500, 0, 2_000, 8_000)
    );
    assert_eq!(second.over_fee_group, AdjustmentGroup::Contractual);
    // Not in the plan: the patient's.
    assert_eq!(
        (
            third.allowed,
            third.paid,
            third.denial_reason,
            third.denial_group
        ),
        (0, 0, 204, AdjustmentGroup::Patient)
    );
    assert_eq!(
        claim.totals,
        ClaimTotals {
            charge: 34_000,
            allowed: 22_500,
            paid: 10_000,
            patient: 10_000 + 500 + 2_000 + 4_000,
            write_off: 7_500,
            other: 0
        }
    );
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Paid, PendReason::None)
    );
    assert_eq!(
        (claim.pool, claim.provider, claim.member),
        (fixture.pool, fixture.provider.address, fixture.member)
    );
    assert_eq!(
        (claim.plan_version, claim.opener),
        (fixture.plan_version, fixture.clerk.key().pubkey())
    );
    assert_eq!(
        (claim.received_at, claim.awarded_at, claim.paid_at),
        (world.now(), world.now(), world.now())
    );
    assert_eq!(
        world.raw(&fixture.claim(1)).unwrap().data.len(),
        Claim::size(3),
        "sized by its lines"
    );

    // Money.
    assert_eq!(world.balance(&fixture.payout), 10_000 * UNIT_PER_CENT);
    let after = fixture.read_pool(&world);
    assert_eq!(
        (after.paid, after.unfunded, after.funded),
        (before.paid + 10_000, 0, before.funded)
    );
    fixture.assert_money_adds_up(&world);

    // What is used up.
    let member = fixture.read_member(&world);
    let period = member.period(2026).unwrap();
    assert_eq!(period.in_network.deductible_individual, 10_000);
    assert_eq!(period.in_network.deductible_family, 10_000);
    assert_eq!(period.in_network.out_of_pocket_individual, 12_500);
    assert_eq!((period.annual_used, member.lifetime.used), (10_000, 10_000));
    assert_eq!(period.out_of_network, NetworkAccumulators::default());

    // The live lines.
    let live = fixture.live_lines(&world);
    assert_eq!(live.len(), 2);
    assert_eq!(live[0].code_key, code(1));
    assert_eq!(live[1].code_key, code(2));
    assert_eq!(live[0].service_date, SERVICE_DATE);

    // The deltas are those of the accumulators.
    let deductible: u64 = claim.lines.iter().map(|line| line.deductible_delta).sum();
    let out_of_pocket: u64 = claim
        .lines
        .iter()
        .map(|line| line.out_of_pocket_delta)
        .sum();
    assert_eq!((deductible, out_of_pocket), (10_000, 12_500));

    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.claim, event.status, event.paid, event.payout),
        (fixture.claim(1), ClaimStatus::Paid, 10_000, fixture.payout)
    );
}

#[test]
fn the_same_again_is_a_duplicate() {
    let (mut world, fixture) = ready();
    let lines = [line(1, 12_500), line(2, 17_500), line(500, 1_000)];
    fixture.submit(&mut world, 1, &lines).assert_ok();
    let (pool, member) = (fixture.read_pool(&world), fixture.read_member(&world));
    // Under another number and with other charges: neither makes it another service.
    let again = [line(1, 99_900), line(2, 1), line(500, 1_000)];
    let outcome = fixture.submit(&mut world, 2, &again).assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(claim.status, ClaimStatus::Denied);
    let denials: Vec<_> = claim
        .lines
        .iter()
        .map(|line| (line.denial_group, line.denial_reason))
        .collect();
    assert_eq!(
        denials,
        [
            (AdjustmentGroup::Other, 18),
            (AdjustmentGroup::Other, 18),
            (AdjustmentGroup::Patient, 204)
        ]
    );
    assert_eq!(fixture.read_pool(&world), pool);
    assert_eq!(
        fixture.read_member(&world),
        Member {
            turns: Turns {
                last: member.turns.last + 1,
                ..member.turns
            },
            ..member
        }
    );
    assert_eq!(fixture.read_history(&world).count, 2);
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!((event.paid, event.payout), (0, Pubkey::default()));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn the_same_twice_in_one_claim() {
    let (mut world, fixture) = ready();
    let mut other = line(1, 20_000);
    other.modifiers = [1, 2, 3, 4];
    fixture
        .submit(&mut world, 1, &[line(1, 20_000), line(1, 20_000), other])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let denials: Vec<u16> = claim.lines.iter().map(|line| line.denial_reason).collect();
    assert_eq!(denials, [0, 18, 0]);
}

#[test]
fn the_same_claim_number_is_refused() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 10_000)])
        .assert_ok();
    let before = world.snapshot();
    assert!(!fixture
        .submit(&mut world, 1, &[line(2, 10_000)])
        .succeeded());
    before.assert_same(&world.snapshot());
}

#[test]
fn another_service_on_the_same_day_is_suspect() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 20_000)])
        .assert_ok();
    let (pool, member) = (fixture.read_pool(&world), fixture.read_member(&world));
    let outcome = fixture
        .submit(&mut world, 2, &[line(2, 20_000), line(500, 100)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Pended, PendReason::SuspectDuplicate)
    );
    assert_eq!(
        claim.totals,
        ClaimTotals {
            charge: 20_100,
            ..ClaimTotals::default()
        }
    );
    assert_eq!(
        (claim.lines[0].denial_reason, claim.lines[1].denial_reason),
        (0, 204)
    );
    // Nothing is paid and nothing is used up, but the line is live.
    assert_eq!(fixture.read_pool(&world), pool);
    assert_eq!(fixture.read_member(&world), member);
    assert_eq!(fixture.read_history(&world).count, 2);
    assert_eq!(
        outcome.event::<ClaimAdjudicated>().pend_reason,
        PendReason::SuspectDuplicate
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn not_covered_on_that_day() {
    let (mut world, fixture) = ready();
    for (n, date, reason) in [(1, YEAR_BEGINS - 1, 26), (2, YEAR_BEGINS, 0)] {
        let mut args = fixture.submit_args(n, &[line(1, 10_000)]);
        args.service_date = date;
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        let outcome = world.send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()]);
        if date < YEAR_BEGINS {
            // The plan did not exist then either.
            outcome.assert_error(ClaimsError::PlanVersionNotInForce);
        } else {
            outcome.assert_ok();
            assert_eq!(fixture.read_claim(&world, n).lines[0].denial_reason, reason);
        }
    }
    // A member whose coverage began and ended within the plan's time.
    for (n, from, to, reason) in [
        (3u8, SERVICE_DATE + 1, YEAR_ENDS, 26),
        (4, YEAR_BEGINS, SERVICE_DATE - 1, 27),
        (5, SERVICE_DATE, SERVICE_DATE, 0),
    ] {
        let commitment = [n; 32];
        let enrol = fixture.enrol_as(EnrolMemberArgs {
            commitment,
            authority: fixture.member_key().pubkey(),
            covered_from: from,
            covered_to: to,
            opening: None,
        });
        world.send(&[enrol], &[&fixture.staff.key()]).assert_ok();
        let mut other = fixture.clone();
        other.member = Member::find_address(&fixture.pool, &commitment).0;
        other.history = History::find_address(&other.member).0;
        other.submit(&mut world, n, &[line(1, 10_000)]).assert_ok();
        let claim = fixture.read_claim(&world, n);
        assert_eq!(claim.lines[0].denial_reason, reason, "{from} to {to}");
        if reason != 0 {
            assert_eq!(
                (claim.status, claim.lines[0].denial_group),
                (ClaimStatus::Denied, AdjustmentGroup::Patient)
            );
        }
    }
    fixture.assert_money_adds_up(&world);
}

#[test]
fn filed_too_late() {
    let (mut world, fixture) = ready();
    let operator_lives = 364;
    world.advance((operator_lives - 1) * DAY);
    let submit_on = |world: &mut World, n: u8, date: i32| {
        let mut args = fixture.submit_args(n, &[line(1, 30_000)]);
        args.service_date = date;
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        world
            .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
            .assert_ok();
        fixture.read_claim(world, n).lines[0].denial_reason
    };
    let today = i32::try_from(world.now() / DAY).unwrap();
    assert_eq!(submit_on(&mut world, 1, today - 366), 29);
    assert_eq!(submit_on(&mut world, 2, today - 365), 0);
    assert_eq!(submit_on(&mut world, 3, YEAR_BEGINS), 29);
}

#[test]
fn billed_before_the_service() {
    let (mut world, fixture) = ready();
    let mut late = line(1, 10_000);
    late.day = 5;
    fixture
        .submit(&mut world, 1, &[line(1, 10_000), late])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let denials: Vec<u16> = claim.lines.iter().map(|line| line.denial_reason).collect();
    assert_eq!(denials, [0, 110]);
    assert_eq!(claim.lines[1].service_date, SERVICE_DATE + 5);
}

#[test]
fn outside_the_network() {
    let mut plan = terms();
    for (rule, denial, patient) in [
        (None, 242, 0),
        (
            Some(OutOfNetworkRule {
                coinsurance_bps: 4_000,
                deductible: Limits {
                    individual: Some(2_000),
                    family: None,
                },
                out_of_pocket_max: Limits::default(),
            }),
            0,
            // Over the fee 50.00 (the patient's, there being no contract), deductible 20.00, 40% of the other 80.00.
            5_000 + 2_000 + 3_200,
        ),
    ] {
        plan.out_of_network = rule;
        let mut world = empty();
        let agreement = AgreementTerms {
            in_network: false,
            ..unlimited()
        };
        let fixture = ClaimsFixture::with(
            &mut world,
            plan.clone(),
            (0..10).map(benefit).collect(),
            agreement,
        );
        fixture
            .submit(&mut world, 1, &[line(1, 15_000)])
            .assert_ok();
        let claim = fixture.read_claim(&world, 1);
        assert_eq!(claim.lines[0].denial_reason, denial);
        assert_eq!(claim.totals.patient, patient);
        if rule.is_some() {
            assert_eq!(claim.lines[0].over_fee_group, AdjustmentGroup::Patient);
            let member = fixture.read_member(&world);
            let period = member.period(2026).unwrap();
            assert_eq!(period.out_of_network.deductible_individual, 2_000);
            assert_eq!(period.in_network, NetworkAccumulators::default());
        } else {
            assert_eq!(claim.lines[0].denial_group, AdjustmentGroup::Payer);
        }
        fixture.assert_money_adds_up(&world);
    }
}

#[test]
fn what_a_benefit_asks_for() {
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].flags |= BenefitEntry::AUTHORIZATION;
    entries[2].waiting_days = 365;
    entries[3].max_units = 2;
    entries[4].frequency_days = 30;
    entries[5].flags |= BenefitEntry::DEDUCTIBLE_WAIVED;
    entries[6].copay = 1_500;
    entries[7].coinsurance_bps = 0;
    let mut world = empty();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    let mut many = line(3, 30_000);
    many.units = 3;
    let mut soon = line(4, 10_000);
    soon.day = 3;
    let lines = [
        line(1, 10_000),
        line(2, 10_000),
        many,
        line(4, 10_000),
        soon,
        line(5, 10_000),
        line(6, 10_000),
        line(7, 10_000),
    ];
    fixture.submit(&mut world, 1, &lines).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let denials: Vec<u16> = claim.lines.iter().map(|line| line.denial_reason).collect();
    assert_eq!(denials, [197, 179, 151, 0, 151, 0, 0, 0]);
    let line = |index: usize| claim.lines[index];
    assert_eq!((line(3).deductible, line(3).paid), (10_000, 0));
    assert_eq!(
        (line(5).deductible, line(5).coinsurance, line(5).paid),
        (0, 2_000, 8_000)
    );
    assert_eq!(
        (line(6).copay, line(6).coinsurance, line(6).paid),
        (1_500, 1_700, 6_800)
    );
    assert_eq!((line(7).coinsurance, line(7).paid), (0, 10_000));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn categories_and_maxima() {
    let mut plan = terms();
    plan.deductible = Limits::default();
    plan.coinsurance_bps = 0;
    plan.annual_max = Some(25_000);
    plan.categories = vec![
        CategoryMaximum {
            name_key: [1; 8],
            max: Some(5_500),
            period: CategoryPeriod::Year,
        },
        CategoryMaximum {
            name_key: [2; 8],
            max: Some(12_000),
            period: CategoryPeriod::Lifetime,
        },
    ];
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].category = 1;
    entries[2].category = 2;
    entries[3].category = 2;
    let mut world = empty();
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    fixture
        .submit(
            &mut world,
            1,
            &[
                line(1, 10_000),
                line(2, 10_000),
                line(3, 10_000),
                line(4, 10_000),
            ],
        )
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let paid: Vec<(u64, u64, u64)> = claim
        .lines
        .iter()
        .map(|line| (line.paid, line.over_maximum, line.over_lifetime_maximum))
        .collect();
    assert_eq!(
        paid,
        [
            (5_500, 4_500, 0),
            (10_000, 0, 0),
            (2_000, 0, 8_000),
            (7_500, 2_500, 0)
        ]
    );
    let member = fixture.read_member(&world);
    let period = member.period(2026).unwrap();
    assert_eq!(
        (period.category_used[0], period.category_used[1]),
        (5_500, 0)
    );
    assert_eq!(
        (
            member.lifetime.category_used[0],
            member.lifetime.category_used[1]
        ),
        (0, 12_000)
    );
    assert_eq!((period.annual_used, member.lifetime.used), (25_000, 25_000));
    assert_eq!(claim.lines[0].category, 1);

    // Read back by the next claim: everything is used up.
    let mut next = line(2, 10_000);
    next.day = 1;
    fixture.submit(&mut world, 2, &[next]).assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.status, claim.totals.paid, claim.totals.patient),
        (ClaimStatus::NothingDue, 0, 10_000)
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn what_is_left_is_read_back() {
    let (mut world, fixture) = ready();
    let on = |day: u8, n: u32, charge: u64| {
        let mut line = line(n, charge);
        line.day = day;
        line
    };
    fixture
        .submit(&mut world, 1, &[on(0, 1, 6_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on(1, 1, 6_000)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    // 40.00 of the deductible were left; 20% of the other 20.00.
    assert_eq!(
        (
            claim.lines[0].deductible,
            claim.lines[0].coinsurance,
            claim.lines[0].paid
        ),
        (4_000, 400, 1_600)
    );
    assert_eq!(
        fixture.read_claim(&world, 1).status,
        ClaimStatus::NothingDue
    );
}

#[test]
fn limits_of_the_agreement_pend() {
    let agreement = AgreementTerms {
        in_network: true,
        limit_per_claim: 10_000,
        limit_per_day: 15_000,
        netted: false,
    };
    let mut plan = terms();
    plan.deductible = Limits::default();
    plan.coinsurance_bps = 0;
    let mut world = empty();
    let fixture = ClaimsFixture::with(&mut world, plan, (0..10).map(benefit).collect(), agreement);
    let on = |day: u8, charge: u64| {
        let mut line = line(1, charge);
        line.day = day;
        line.units = 9;
        line
    };
    let submit = |world: &mut World, n: u8, line| {
        fixture.submit(world, n, &[line]).assert_ok();
        let claim = fixture.read_claim(world, n);
        (claim.status, claim.pend_reason)
    };
    assert_eq!(
        submit(&mut world, 1, on(0, 10_001)),
        (ClaimStatus::Pended, PendReason::ClaimLimit)
    );
    assert_eq!(
        submit(&mut world, 2, on(1, 10_000)),
        (ClaimStatus::Paid, PendReason::None)
    );
    assert_eq!(
        submit(&mut world, 3, on(2, 5_001)),
        (ClaimStatus::Pended, PendReason::DayLimit)
    );
    assert_eq!(
        submit(&mut world, 4, on(3, 5_000)),
        (ClaimStatus::Paid, PendReason::None)
    );
    assert_eq!(
        submit(&mut world, 5, on(4, 1)),
        (ClaimStatus::Pended, PendReason::DayLimit)
    );
    // The next day begins at midnight UTC.
    let midnight = (world.now() / DAY + 1) * DAY;
    world.set_time(midnight - 1);
    assert_eq!(
        submit(&mut world, 6, on(5, 1)).0,
        ClaimStatus::Denied,
        "billed before the service"
    );
    world.set_time(midnight);
    assert_eq!(
        submit(&mut world, 7, on(5, 10_000)),
        (ClaimStatus::Paid, PendReason::None)
    );
    assert_eq!(
        world.account::<Agreement>(&fixture.agreement).paid_on_day,
        10_000
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_pool_without_money_queues() {
    let (mut world, fixture) = ready();
    // All but 50.00 are paid out by other claims: here, by a ledger that says so.
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    let left = fixture.read_pool(&world).free().unwrap();
    let mut next = line(2, left + 20_000);
    next.day = 1;
    next.units = u16::MAX;
    fixture.submit(&mut world, 2, &[next]).assert_ok();
    let claim = fixture.read_claim(&world, 2);
    let award = claim.totals.paid;
    assert!(award > left, "{award} > {left}");
    assert_eq!(
        (claim.status, claim.money_reserved, claim.paid_at),
        (ClaimStatus::Payable, false, 0)
    );
    let pool = fixture.read_pool(&world);
    // What there is is set aside for it: a part of the award.
    assert_eq!((pool.unfunded, pool.free().unwrap()), (award - left, 0));
    assert_eq!(pool.reserved_for_claims, left);
    // It counts as used up, and while it waits nobody is paid at once.
    let mut small = line(3, 100);
    small.day = 2;
    fixture.submit(&mut world, 3, &[small]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).status, ClaimStatus::Payable);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_payout_account_that_cannot_be_paid_does_not_lose_the_award() {
    let (mut world, fixture) = ready();
    world.freeze(&fixture.payout);
    let lines = [ClaimLineArgs {
        units: 5,
        ..line(1, 50_000)
    }];
    fixture.submit(&mut world, 1, &lines).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.money_reserved),
        (ClaimStatus::Payable, true)
    );
    let pool = fixture.read_pool(&world);
    assert_eq!(
        (pool.reserved_for_claims, pool.unfunded, pool.paid),
        (claim.totals.paid, 0, 0)
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn lines_in_any_order_of_days() {
    let (mut world, fixture) = ready();
    let on = |day: u8, n: u32| {
        let mut line = line(n, 10_000);
        line.day = day;
        line
    };
    // The later service is line 1: the deductible is taken from the earlier one.
    fixture
        .submit(&mut world, 1, &[on(3, 1), on(0, 2)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!((claim.lines[0].deductible, claim.lines[0].paid), (0, 8_000));
    assert_eq!(
        (claim.lines[1].deductible, claim.lines[1].paid),
        (10_000, 0)
    );
}

/// A service that is reported and not charged for: nothing is owed, and it is live all the same.
#[test]
fn a_line_without_a_charge() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 0), line(2, 17_500)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let free = claim.lines[0];
    assert_eq!((free.allowed, free.paid, free.denial_reason), (0, 0, 0));
    assert_eq!((free.deductible, free.balance()), (0, Some(0)));
    assert_eq!(claim.totals.charge, 17_500);
    assert_eq!(fixture.read_history(&world).count, 2);
    // On another day, so that it is not suspected to be a part of the first.
    let mut other = line(3, 0);
    other.day = 1;
    let alone = fixture.submit(&mut world, 2, &[other]).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 2).status,
        ClaimStatus::NothingDue
    );
    let event: ClaimAdjudicated = alone.event();
    assert_eq!(event.payout, Pubkey::default());
    fixture.submit(&mut world, 3, &[line(1, 100)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).lines[0].denial_reason, 18);
}

#[test]
fn what_cannot_be_a_claim() {
    let (mut world, fixture) = ready();
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let signers = [&clerk, &member];
    let mut none = line(1, 10_000);
    none.units = 0;
    let mut far = line(1, 10_000);
    far.day = 255;
    let cases = [
        (vec![], SERVICE_DATE, [9; 32], ClaimsError::NoLines),
        (
            vec![line(1, 1); 17],
            SERVICE_DATE,
            [9; 32],
            ClaimsError::TooManyLines,
        ),
        (vec![none], SERVICE_DATE, [9; 32], ClaimsError::LineInvalid),
        (
            vec![line(1, 10_000)],
            SERVICE_DATE,
            [0; 32],
            ClaimsError::DocumentEmpty,
        ),
        (
            vec![line(1, 10_000)],
            i32::MAX,
            [9; 32],
            ClaimsError::DateInvalid,
        ),
        (
            vec![line(1, 10_000)],
            i32::MIN,
            [9; 32],
            ClaimsError::DateInvalid,
        ),
        (
            vec![line(1, 10_000), far],
            YEAR_ENDS - 1,
            [9; 32],
            ClaimsError::ClaimSpansPeriods,
        ),
        (
            vec![line(1, u64::MAX), line(2, 1)],
            SERVICE_DATE,
            [9; 32],
            ClaimsError::AmountOverflow,
        ),
    ];
    for (lines, service_date, document, error) in cases {
        let mut args = fixture.submit_args(1, &lines);
        args.service_date = service_date;
        args.document = document;
        let submit = claims_instruction(fixture.submit_accounts(1), data::SubmitClaim { args });
        refused(&mut world, &[submit], &signers, error);
    }
    // The largest charge there is: cut to the fee.
    fixture
        .submit(&mut world, 1, &[line(1, u64::MAX)])
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).totals.write_off,
        u64::MAX - 10_000
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_full_history_pends() {
    let (mut world, fixture) = ready();
    let on = |n: u32, day: u8| ClaimLineArgs {
        day,
        ..line(n, 100)
    };
    // Sixteen lines a claim, eight claims, on eight days, and the hundred codes.
    for (n, service_date) in (0..8u8).zip(SERVICE_DATE - 40..) {
        let lines: Vec<ClaimLineArgs> = (0..16).map(|code| on(code, 0)).collect();
        let mut args = fixture.submit_args(n, &lines);
        args.service_date = service_date;
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        let outcome = world.send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()]);
        outcome.assert_ok();
    }
    assert_eq!(fixture.history_room(&world), 0);
    fixture.submit(&mut world, 100, &[on(1, 0)]).assert_ok();
    let claim = fixture.read_claim(&world, 100);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Pended, PendReason::HistoryFull)
    );
    assert_eq!(fixture.history_room(&world), 0);
    // Duplicates are still found.
    let mut again = fixture.submit_args(101, &[on(1, 0)]);
    again.service_date = SERVICE_DATE - 40;
    let submit = claims_instruction(
        fixture.submit_accounts(101),
        data::SubmitClaim { args: again },
    );
    world
        .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 101).lines[0].denial_reason, 18);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn survives_an_address_that_somebody_funded_before() {
    let (mut world, fixture) = ready();
    let rent = world.rent(Claim::size(1));
    for (n, lamports) in [(1u8, 1), (2, rent - 1), (3, rent), (4, rent + 1)] {
        let address = fixture.claim(n);
        world.set_raw(
            &address,
            solana_account::Account {
                lamports,
                ..Default::default()
            },
        );
        let mut line = line(u32::from(n), 20_000);
        line.day = n;
        fixture.submit(&mut world, n, &[line]).assert_ok();
        let account = world.raw(&address).unwrap();
        assert_eq!(account.lamports, lamports.max(rent));
        assert_eq!(fixture.read_claim(&world, n).lines.len(), 1);
    }
}

/// Accumulators of four benefit periods are kept: a claim of an earlier one is refused once all are later.
#[test]
fn periods_that_are_no_longer_kept_are_closed() {
    let (mut world, fixture) = ready();
    let later = |year| PeriodAccumulators {
        year,
        ..PeriodAccumulators::default()
    };
    let mut member = fixture.read_member(&world);
    let mut with_periods = |world: &mut World, periods| {
        member.periods = periods;
        let mut account = world.raw(&fixture.member).unwrap();
        account.data[8..8 + size_of::<Member>()].copy_from_slice(bytemuck::bytes_of(&member));
        world.set_raw(&fixture.member, account);
    };
    with_periods(&mut world, [2_027, 2_028, 2_029, 2_030].map(later));
    refused(
        &mut world,
        &[fixture.submit_claim(1, &[line(1, 10_000)])],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::PeriodClosed,
    );
    with_periods(&mut world, [2_027, 2_025, 2_029, 2_028].map(later));
    fixture
        .submit(&mut world, 1, &[line(1, 10_000)])
        .assert_ok();
    let years = fixture
        .read_member(&world)
        .periods
        .map(|period| period.year);
    assert_eq!(years, [2_027, 2_026, 2_029, 2_028]);
}
