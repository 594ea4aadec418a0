use claims::events::MemberEnrolled;
use claims::instructions::EnrolMemberArgs;

use crate::common::*;

fn args(fixture: &ClaimsFixture) -> EnrolMemberArgs {
    EnrolMemberArgs {
        commitment: [3; 32],
        authority: fixture.member_key().pubkey(),
        covered_from: YEAR_BEGINS,
        covered_to: YEAR_ENDS,
        opening: None,
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
    assert_eq!(
        member.periods,
        [PeriodAccumulators::default(); KEPT_PERIODS]
    );
    assert_eq!(member.lifetime, LifetimeAccumulators::default());
    let history: Box<History> =
        Box::new(read_zero_copy(&world, &History::find_address(&address).0));
    assert_eq!((history.member, history.count), (address, 0));
    assert_eq!(outcome.event::<MemberEnrolled>().member, address);
}

fn opening() -> OpeningAccumulators {
    OpeningAccumulators {
        deductible: 8_000,
        out_of_pocket: 9_500,
        out_of_network_deductible: 10,
        out_of_network_out_of_pocket: 20,
        annual_used: 5_000,
        tier_used: 7_000,
        lifetime_used: 9_000,
        category_used: [1_500, 3_500, 0, 0, 0, 0, 0, 0],
        lifetime_category_used: [0, 0, 9_000, 0, 0, 0, 0, 0],
    }
}

#[test]
fn what_was_used_up_before_is_taken_over() {
    let (mut world, fixture) = ready();
    // Coverage from the middle of the year: the figures are of that year.
    let args = EnrolMemberArgs {
        covered_from: YEAR_BEGINS + 180,
        opening: Some(opening()),
        ..args(&fixture)
    };
    world
        .send(&[fixture.enrol_as(args)], &[&fixture.staff.key()])
        .assert_ok();
    let member: Member = read_zero_copy(&world, &Member::find_address(&fixture.pool, &[3; 32]).0);
    let period = PeriodAccumulators {
        year: 2026,
        in_network: NetworkAccumulators {
            deductible_individual: 8_000,
            deductible_family: 8_000,
            out_of_pocket_individual: 9_500,
            out_of_pocket_family: 9_500,
        },
        out_of_network: NetworkAccumulators {
            deductible_individual: 10,
            deductible_family: 10,
            out_of_pocket_individual: 20,
            out_of_pocket_family: 20,
        },
        annual_used: 5_000,
        tier_used: 7_000,
        category_used: [1_500, 3_500, 0, 0, 0, 0, 0, 0],
        ..PeriodAccumulators::default()
    };
    let mut periods = [PeriodAccumulators::default(); KEPT_PERIODS];
    periods[0] = period;
    assert_eq!(member.periods, periods);
    assert_eq!(
        member.lifetime,
        LifetimeAccumulators {
            used: 9_000,
            category_used: [0, 0, 9_000, 0, 0, 0, 0, 0],
        }
    );
}

/// Of a category's maximum there is left what was not paid before, in the year or ever.
#[test]
fn a_category_goes_on_from_what_was_paid_in_it_before() {
    use CategoryPeriod::{Lifetime, Year};
    for period in [Year, Lifetime] {
        let mut world = empty();
        let category = CategoryMaximum {
            name_key: [1; 8],
            max: Some(6_000),
            period,
        };
        let plan = PlanTerms {
            deductible: Limits::default(),
            categories: vec![category],
            ..terms()
        };
        let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
        entries[1].category = 1;
        let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
        let before = [4_500, 0, 0, 0, 0, 0, 0, 0];
        let mut paid = Vec::new();
        for (n, of_year, of_life) in [
            (5, before, [0; 8]),
            (6, [0; 8], before),
            (7, [0; 8], [0; 8]),
        ] {
            let commitment = [n; 32];
            let args = EnrolMemberArgs {
                commitment,
                opening: Some(OpeningAccumulators {
                    annual_used: 4_500,
                    lifetime_used: 4_500,
                    category_used: of_year,
                    lifetime_category_used: of_life,
                    ..OpeningAccumulators::default()
                }),
                ..args(&fixture)
            };
            world
                .send(&[fixture.enrol_as(args)], &[&fixture.staff.key()])
                .assert_ok();
            let mut other = fixture.clone();
            other.member = Member::find_address(&fixture.pool, &commitment).0;
            other.history = History::find_address(&other.member).0;
            other.submit(&mut world, n, &[line(1, 10_000)]).assert_ok();
            let line = fixture.read_claim(&world, n).lines[0];
            assert_eq!(
                line.paid + line.over_maximum + line.over_lifetime_maximum,
                8_000
            );
            paid.push(line.paid);
        }
        // 15.00 of the 60.00 are left to whom 45.00 were paid in the category's own span, and 60.00 to the others.
        let wanted = match period {
            Year => [1_500, 6_000, 6_000],
            Lifetime => [6_000, 1_500, 6_000],
        };
        assert_eq!(paid, wanted, "{period:?}");
        fixture.assert_money_adds_up(&world);
    }
}

#[test]
fn claims_go_on_from_what_was_used_up_before() {
    let mut world = empty();
    let plan = PlanTerms {
        deductible: Limits {
            individual: Some(10_000),
            family: None,
        },
        ..terms()
    };
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    let mut deductibles = Vec::new();
    for (n, opening) in [(5, Some(opening())), (6, None)] {
        let commitment = [n; 32];
        let args = EnrolMemberArgs {
            commitment,
            opening,
            ..args(&fixture)
        };
        world
            .send(&[fixture.enrol_as(args)], &[&fixture.staff.key()])
            .assert_ok();
        let mut other = fixture.clone();
        other.member = Member::find_address(&fixture.pool, &commitment).0;
        other.history = History::find_address(&other.member).0;
        other.submit(&mut world, n, &[line(1, 10_000)]).assert_ok();
        deductibles.push(fixture.read_claim(&world, n).lines[0].deductible);
    }
    // 80.00 of the 100.00 had been met by the one, nothing by the other.
    assert_eq!(deductibles, [2_000, 10_000]);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn figures_that_contradict_each_other_are_refused() {
    let (mut world, fixture) = ready();
    let changes: [fn(&mut OpeningAccumulators); 9] = [
        |opening| opening.deductible = OpeningAccumulators::MAX + 1,
        |opening| opening.out_of_network_deductible = OpeningAccumulators::MAX + 1,
        |opening| opening.annual_used = opening.lifetime_used + 1,
        |opening| opening.out_of_pocket = OpeningAccumulators::MAX + 1,
        |opening| opening.tier_used = u64::MAX,
        |opening| opening.lifetime_used = OpeningAccumulators::MAX + 1,
        |opening| opening.category_used[7] = 1,
        |opening| opening.category_used = [u64::MAX; 8],
        |opening| opening.lifetime_category_used[0] = 1,
    ];
    for change in changes {
        let mut figures = opening();
        change(&mut figures);
        let args = EnrolMemberArgs {
            opening: Some(figures),
            ..args(&fixture)
        };
        refused(
            &mut world,
            &[fixture.enrol_as(args)],
            &[&fixture.staff.key()],
            ClaimsError::OpeningInvalid,
        );
    }
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
