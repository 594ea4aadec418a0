use claims::constants::{IN_FORCE, MAX_FILING_DAYS};
use claims::events::PlanVersionPublished;
use claims::instructions::PublishPlanVersionArgs;

use crate::common::*;

#[test]
fn the_first_version_is_in_force_for_good() {
    let (world, fixture) = ready();
    let version: PlanVersion = world.account(&fixture.plan_version);
    assert_eq!(
        (version.plan, version.pool, version.schedule),
        (fixture.plan, fixture.pool, fixture.schedule)
    );
    assert_eq!(
        (
            version.number,
            version.effective_from,
            version.superseded_from
        ),
        (1, YEAR_BEGINS, IN_FORCE)
    );
    assert_eq!(version.terms, terms());
    let plan: Plan = world.account(&fixture.plan);
    assert_eq!(
        plan.versions,
        [PlanEntry {
            effective_from: YEAR_BEGINS,
            version: 1
        }]
    );
    assert_eq!(plan.sequence, 1);
}

#[test]
fn the_next_version_ends_the_one_before() {
    let (mut world, fixture) = ready();
    let mut changed = terms();
    changed.copay = 1_500;
    let from = YEAR_BEGINS + 181;
    let outcome = world
        .send(
            &[fixture.publish(&world, changed.clone(), from)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let before: PlanVersion = world.account(&fixture.plan_version);
    assert_eq!(before.superseded_from, from);
    assert_eq!(before.terms, terms());
    let address = PlanVersion::find_address(&fixture.plan, 2).0;
    let after: PlanVersion = world.account(&address);
    assert_eq!(
        (after.number, after.effective_from, after.superseded_from),
        (2, from, IN_FORCE)
    );
    assert_eq!(after.terms, changed);
    let event: PlanVersionPublished = outcome.event();
    assert_eq!((event.plan_version, event.number), (address, 2));
}

#[test]
fn versions_only_go_forward() {
    let (mut world, fixture) = ready();
    for from in [YEAR_BEGINS, YEAR_BEGINS - 1] {
        let publish = fixture.publish(&world, terms(), from);
        refused(
            &mut world,
            &[publish],
            &[&fixture.staff.key()],
            ClaimsError::EffectiveDateNotLater,
        );
    }
    let publish = fixture.publish(&world, terms(), i32::MAX);
    refused(
        &mut world,
        &[publish],
        &[&fixture.staff.key()],
        ClaimsError::DateInvalid,
    );
}

/// Care is paid for by the terms of its day: from the second version on none applies to today or before. The first may, of which
/// the fixtures' is one.
#[test]
fn terms_do_not_change_after_care() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    for from in [YEAR_BEGINS + 1, SERVICE_DATE, TODAY - 1, TODAY] {
        let publish = fixture.publish(&world, terms(), from);
        refused(
            &mut world,
            &[publish],
            &[&staff],
            ClaimsError::EffectiveDatePast,
        );
    }
    // To the last second of the day and from the first one of the next.
    let next_day = i64::from(TODAY + 1) * DAY;
    world.set_time(next_day - 1);
    let publish = fixture.publish(&world, terms(), TODAY + 1);
    world.clone().send(&[publish], &[&staff]).assert_ok();
    world.set_time(next_day);
    let publish = fixture.publish(&world, terms(), TODAY + 1);
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::EffectiveDatePast,
    );
    let plan: Plan = world.account(&fixture.plan);
    assert_eq!((plan.versions.len(), plan.sequence), (1, 1));
    let publish = fixture.publish(&world, terms(), TODAY + 2);
    world.send(&[publish], &[&staff]).assert_ok();
    let before: PlanVersion = world.account(&fixture.plan_version);
    assert_eq!(before.superseded_from, TODAY + 2);
}

#[test]
fn the_version_before_must_be_given() {
    let (mut world, fixture) = ready();
    let left_out = swapped(
        fixture.publish(&world, terms(), TODAY + 1),
        fixture.plan_version,
        claims::ID,
    );
    refused(
        &mut world,
        &[left_out],
        &[&fixture.staff.key()],
        ClaimsError::PreviousVersionMismatch,
    );

    world
        .send(
            &[fixture.publish(&world, terms(), TODAY + 1)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    // The one before the last would be ended twice.
    let stale = swapped(
        fixture.publish(&world, terms(), TODAY + 2),
        PlanVersion::find_address(&fixture.plan, 2).0,
        fixture.plan_version,
    );
    refused(
        &mut world,
        &[stale],
        &[&fixture.staff.key()],
        ClaimsError::PreviousVersionMismatch,
    );
}

#[test]
fn accounts_of_others_are_refused() {
    let (mut world, fixture, other) = two_insurers();
    let good = fixture.publish(&world, terms(), TODAY + 1);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[swapped(good.clone(), fixture.schedule, other.schedule)],
        &[&staff],
        ClaimsError::ScheduleOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(
            good.clone(),
            fixture.plan_version,
            other.plan_version,
        )],
        &[&staff],
        ClaimsError::PlanVersionOfOtherPlan,
    );
    refused(
        &mut world,
        &[swapped(good.clone(), fixture.pool, other.pool)],
        &[&staff],
        ClaimsError::PoolOfOtherInsurer,
    );
    // Another insurer's plan: the address of the new version gives it away first, or the pool does.
    let mut mixed = fixture.clone();
    mixed.plan = other.plan;
    let mut publish = mixed.publish(&world, terms(), TODAY + 1);
    publish = swapped(publish, other.plan_version, fixture.plan_version);
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::PlanOfOtherPool,
    );
}

#[test]
fn an_unsealed_schedule_is_refused() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    world.send(&[fixture.create_pool(0)], &[&staff]).assert_ok();
    world.send(&[fixture.create_plan(0)], &[&staff]).assert_ok();
    fixture
        .open_schedule_account(&mut world, "schedule 1", 100)
        .assert_ok();
    let publish = fixture.publish(&world, terms(), YEAR_BEGINS);
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::ScheduleNotSealed,
    );
}

/// What a claim is compared with is kept for as long as one can be filed.
#[test]
fn claims_are_filed_within_three_years() {
    let (mut world, fixture) = ready();
    let mut terms = terms();
    terms.filing_limit_days = MAX_FILING_DAYS + 1;
    let publish = fixture.publish(&world, terms.clone(), TODAY + 1);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::FilingLimitTooLong,
    );
    terms.filing_limit_days = MAX_FILING_DAYS;
    let clocks = PlanClocks {
        archive_days: 0,
        ..clocks()
    };
    let checks = PlanChecks::default();
    let publish = fixture.publish_by(&world, terms.clone(), clocks, checks, TODAY + 1);
    world.send(&[publish], &[&staff]).assert_ok();
    let published = PlanVersion::find_address(&fixture.plan, 2).0;
    assert_eq!(world.account::<PlanVersion>(&published).terms, terms);
}

#[test]
fn terms_that_contradict_themselves_are_refused() {
    let category = |name: u8| CategoryMaximum {
        name_key: [name; 8],
        max: Some(1),
        period: CategoryPeriod::Year,
    };
    let tier = |up_to| Tier {
        up_to,
        coinsurance_bps: 0,
    };
    let changes: [(&str, fn(&mut PlanTerms)); 6] = [
        ("a rate above the whole", |terms| {
            terms.coinsurance_bps = 10_001
        }),
        ("a recognised part above the whole", |terms| {
            terms.recognised_bps = 10_001
        }),
        ("a currency that is none", |terms| terms.currency = *b"us$"),
        ("a rate outside the network", |terms| {
            terms.out_of_network = Some(OutOfNetworkRule {
                coinsurance_bps: u16::MAX,
                deductible: Limits::default(),
                out_of_pocket_max: Limits::default(),
            });
        }),
        ("nine categories", |terms| {
            terms.categories = (0..9)
                .map(|name| CategoryMaximum {
                    name_key: [name; 8],
                    max: None,
                    period: CategoryPeriod::Year,
                })
                .collect();
        }),
        ("nine tiers", |terms| {
            terms.tiers = (1..=9u64)
                .map(|n| Tier {
                    up_to: (n < 9).then_some(n),
                    coinsurance_bps: 0,
                })
                .collect();
        }),
    ];
    let (mut world, fixture) = ready();
    let mut refuse = |terms: PlanTerms, what: &str| {
        let publish = fixture.publish(&world, terms, TODAY + 1);
        let before = world.snapshot();
        let outcome = world.send(&[publish], &[&fixture.staff.key()]);
        assert_eq!(
            outcome.code(),
            Some(ClaimsError::TermsInvalid.into()),
            "{what}: {outcome}"
        );
        before.assert_same(&world.snapshot());
    };
    for (what, change) in changes {
        let mut terms = terms();
        change(&mut terms);
        refuse(terms, what);
    }
    let mut twice = terms();
    twice.categories = vec![category(1), category(2), category(1)];
    refuse(twice, "a category twice");
    for tiers in [
        vec![tier(Some(1))],
        vec![tier(Some(2)), tier(Some(1)), tier(None)],
        vec![tier(None), tier(None)],
    ] {
        let mut with_tiers = terms();
        with_tiers.tiers = tiers;
        refuse(with_tiers, "tiers");
    }
}

#[test]
fn a_plan_lists_its_latest_sixteen_versions_and_the_others_stay() {
    let (mut world, fixture) = ready();
    for n in 1..=16 {
        let plan: Plan = world.account(&fixture.plan);
        assert_eq!(plan.versions.len(), n as usize);
        let publish = fixture.publish(&world, terms(), TODAY + n);
        world.send(&[publish], &[&fixture.staff.key()]).assert_ok();
    }
    // Seventeen: the first is off the list, and in force on its days as it was.
    let plan: Plan = world.account(&fixture.plan);
    let listed: Vec<u16> = plan.versions.iter().map(|entry| entry.version).collect();
    assert_eq!(listed, (2..=17).collect::<Vec<_>>());
    assert_eq!(plan.version_on(TODAY), None);
    let first: PlanVersion = world.account(&fixture.plan_version);
    assert!(first.in_force_on(TODAY) && !first.in_force_on(TODAY + 1));
    fixture
        .submit(&mut world, 1, &[line(0, 10_000)])
        .assert_ok();
    let claim: Claim = world.account(&fixture.claim(1));
    assert_eq!(claim.plan_version, fixture.plan_version);
}

#[test]
fn only_staff_that_publishes_plans() {
    let (world, fixture) = ready();
    let publish = fixture.publish(&world, terms(), TODAY + 1);
    assert_insurer_staff_only(&world, &fixture, &publish, Permission::PublishPlan);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let plan: Plan = world.account(&fixture.plan);
    let template = fixture.publish(&world, terms(), TODAY + 1);
    assert_admin_is_checked(&world, &fixture.staff.key(), plan.sequence, &|admin| {
        Instruction {
            data: data::PublishPlanVersion {
                args: PublishPlanVersionArgs {
                    admin,
                    effective_from: TODAY + 1,
                    document: [7; 32],
                    clocks: clocks(),
                    checks: PlanChecks::default(),
                    terms: terms(),
                },
            }
            .data(),
            ..template.clone()
        }
    });
}

#[test]
fn clocks_that_contradict_themselves_are_refused() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let good = fixture.publish(&world, terms(), TODAY + 1);
    let with = |clocks: PlanClocks, admin| Instruction {
        data: data::PublishPlanVersion {
            args: PublishPlanVersionArgs {
                admin,
                effective_from: TODAY + 1,
                document: [7; 32],
                clocks,
                checks: PlanChecks::default(),
                terms: terms(),
            },
        }
        .data(),
        ..good.clone()
    };
    let admin = fixture.admin(&world, world.account::<Plan>(&fixture.plan).sequence);
    for clocks in [
        PlanClocks {
            interest_rate: 100_001,
            ..clocks()
        },
        PlanClocks {
            appeal_levels: 3,
            ..clocks()
        },
        PlanClocks {
            archive_days: 700,
            ..clocks()
        },
    ] {
        refused(
            &mut world,
            &[with(clocks, admin)],
            &[&staff],
            ClaimsError::ClocksInvalid,
        );
    }
    world
        .send(&[with(PlanClocks::default(), admin)], &[&staff])
        .assert_ok();
    let version: PlanVersion = world.account(&PlanVersion::find_address(&fixture.plan, 2).0);
    assert_eq!(version.clocks, PlanClocks::default());
}

/// What a member has used of surgery is counted by its place: it must never become what was used of dental care.
#[test]
fn categories_keep_their_places() {
    let of = |names: &[u8]| PlanTerms {
        categories: names
            .iter()
            .map(|name| CategoryMaximum {
                name_key: [*name; 8],
                max: Some(u64::from(*name)),
                period: CategoryPeriod::Year,
            })
            .collect(),
        ..terms()
    };
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    // The first version has none: any may be the first.
    let publish = fixture.publish(&world, of(&[2, 5]), TODAY + 1);
    world.send(&[publish], &[&staff]).assert_ok();
    for moved in [&[5, 2][..], &[1, 2, 5], &[2, 1, 5], &[5], &[2], &[]] {
        let publish = fixture.publish(&world, of(moved), TODAY + 2);
        refused(
            &mut world,
            &[publish],
            &[&staff],
            ClaimsError::CategoriesMoved,
        );
    }
    // What was used in years would be forgotten for a life.
    let mut spanned = of(&[2, 5]);
    spanned.categories[1].period = CategoryPeriod::Lifetime;
    let publish = fixture.publish(&world, spanned, TODAY + 2);
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::CategoriesMoved,
    );
    // With another maximum, and with one after them.
    let mut longer = of(&[2, 5, 1]);
    longer.categories[0].max = None;
    longer.categories[2].period = CategoryPeriod::Lifetime;
    let publish = fixture.publish(&world, longer.clone(), TODAY + 2);
    world.send(&[publish], &[&staff]).assert_ok();
    let published = PlanVersion::find_address(&fixture.plan, 3).0;
    assert_eq!(world.account::<PlanVersion>(&published).terms, longer);
    let publish = fixture.publish(&world, of(&[2, 5]), TODAY + 3);
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::CategoriesMoved,
    );
}
