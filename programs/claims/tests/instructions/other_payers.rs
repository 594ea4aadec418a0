//! Claims of which another payer has decided lines: told in a draft, adjudicated by the plan's rule of coordination.

use claims::events::OtherCoverageSet;
use claims::instructions::{Decision, SetOtherCoverageArgs};
use galen_rules::adjudication as rules;

use crate::common::*;

const RULES: [CoordinationRule; 4] = [
    CoordinationRule::Standard,
    CoordinationRule::CarveOut,
    CoordinationRule::MaintenanceOfBenefits,
    CoordinationRule::MedicareSecondary,
];

/// The example of 42 CFR 411.33(b): charged 175.00, a fee of 125.00 of which 80 % are paid.
fn medicare() -> PlanTerms {
    PlanTerms {
        deductible: Limits::default(),
        out_of_pocket_max: Limits::default(),
        coordination: CoordinationRule::MedicareSecondary,
        ..terms()
    }
}

fn world_with(plan: PlanTerms) -> (World, ClaimsFixture) {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].allowed = 12_500;
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    (world, fixture)
}

fn about(line: u8, allowed: u64, paid: u64, obligated: u64) -> OtherPayer {
    OtherPayer {
        line,
        allowed,
        paid,
        obligated,
    }
}

/// The other payer's part of the example.
fn primary() -> OtherPayer {
    about(0, 15_000, 12_000, 15_000)
}

fn draft(world: &mut World, fixture: &ClaimsFixture, lines: &[ClaimLineArgs]) {
    let count = u8::try_from(lines.len()).unwrap();
    for step in [
        fixture.open_claim(1, count),
        fixture.append_lines(1, 0, lines),
    ] {
        world.send_unsigned(&[step]).assert_ok();
    }
}

#[test]
fn the_example_of_the_regulation() {
    let (mut world, fixture) = world_with(medicare());
    let before = fixture.read_pool(&world);
    draft(&mut world, &fixture, &[line(1, 17_500)]);
    let address = fixture.claim(1);
    let size = world.raw(&address).unwrap().data.len();

    let add = fixture.add_other_payers(1, &[primary()]);
    world.send(&[add], &[&fixture.clerk.key()]).assert_ok();
    let told = fixture.read_claim(&world, 1);
    assert_eq!(told.other_payers.entries(), [primary()]);
    let account = world.raw(&address).unwrap();
    assert_eq!((size, account.data.len()), (572, 572 + 26));
    assert_eq!(account.lamports, world.rent(account.data.len()));

    world
        .send_unsigned(&[fixture.adjudicate(&world, 1, 17_500)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let decided = claim.lines[0];
    assert_eq!(
        (claim.status, decided.paid, decided.other_payer),
        (ClaimStatus::Paid, 3_000, 14_500)
    );
    assert_eq!(decided.balance(), Some(17_500));
    assert_eq!(
        claim.totals,
        ClaimTotals {
            charge: 17_500,
            allowed: 12_500,
            paid: 3_000,
            other: 14_500,
            ..ClaimTotals::default()
        }
    );
    let after = fixture.read_pool(&world);
    assert_eq!(after.paid, before.paid + 3_000);
    assert_eq!(world.balance(&fixture.payout), 3_000 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&world);
}

/// Whatever the rule and the figures, the program decides what the rulebook does.
#[test]
fn as_the_rulebook_decides() {
    let mut cases = 0;
    for coordination in RULES {
        let (world, fixture) = world_with(PlanTerms {
            coordination,
            ..terms()
        });
        for (charge, fee_units, allowed, paid, obligated) in [
            (17_500, 1, 15_000, 12_000, 15_000),
            (17_500, 1, 15_000, 15_000, 15_000),
            (60_000, 3, 0, 0, 0),
            (60_000, 3, 30_000, 9_999, 60_000),
            (60_000, 3, 60_000, 0, 60_000),
            (1, 1, 1, 0, 1),
        ] {
            let asked = [
                ClaimLineArgs {
                    units: fee_units,
                    ..line(1, charge)
                },
                line(2, 20_000),
            ];
            let other = about(0, allowed, paid, obligated);
            let mut world = world.clone();
            let steps = fixture.submit_secondary(1, &asked, &[other]);
            world.send_unsigned(&steps).assert_ok();
            let claim = fixture.read_claim(&world, 1);
            let wanted = decide_natively(&claim, &fixture, coordination, other);
            for (line, result) in claim.lines.iter().zip(&wanted) {
                let adjustments = &result.adjustments;
                assert_eq!(
                    (
                        line.paid,
                        line.other_payer,
                        line.over_fee,
                        line.deductible,
                        line.coinsurance,
                        line.deductible_delta
                    ),
                    (
                        result.paid.get(),
                        adjustments.prior.get(),
                        adjustments.over_fee.get(),
                        adjustments.deductible.get(),
                        adjustments.coinsurance.get(),
                        result.deltas.deductible.get()
                    ),
                    "{coordination:?}, {other:?}"
                );
                cases += 1;
            }
            fixture.assert_money_adds_up(&world);
        }
    }
    assert_eq!(cases, 48);
}

/// What the rulebook says of the claim's two lines, asked without the program.
fn decide_natively(
    claim: &Claim,
    fixture: &ClaimsFixture,
    coordination: CoordinationRule,
    other: OtherPayer,
) -> Vec<rules::LineResult> {
    let plan_terms = PlanTerms {
        coordination,
        ..terms()
    };
    let lists = claims::convert::Lists::of(&plan_terms).unwrap();
    let plan = claims::convert::plan(&plan_terms, &lists).unwrap();
    let date = |days| galen_rules::Date::from_days(days).unwrap();
    let cents = galen_rules::Cents::new;
    let mut lines: Vec<rules::Line> = claim
        .lines
        .iter()
        .zip(1..)
        .map(|(line, number)| {
            let entry = fixture
                .entries
                .iter()
                .find(|entry| entry.code_key == line.code_key);
            let provider = rules::ProviderTag([1; 8]);
            claims::convert::line(number, line, provider, entry)
        })
        .collect();
    lines[0].other_payer = Some(rules::OtherPayer {
        allowed: cents(other.allowed),
        paid: cents(other.paid),
        obligated: cents(other.obligated),
    });
    let mut results = vec![rules::LineResult::default(); lines.len()];
    rules::adjudicate(
        &plan,
        &rules::Claim {
            submitted: date(TODAY),
            network: rules::Network::In,
            lines: &lines,
        },
        galen_rules::date::Window {
            from: date(YEAR_BEGINS),
            to: date(YEAR_ENDS),
        },
        [],
        &mut rules::Accumulators::default(),
        &mut results,
    )
    .unwrap();
    results
}

#[test]
fn what_contradicts_itself_is_refused() {
    let (mut world, fixture) = world_with(medicare());
    draft(&mut world, &fixture, &[line(1, 17_500), line(2, 10_000)]);
    let clerk = fixture.clerk.key();
    for wrong in [
        about(0, 11_999, 12_000, 15_000),
        about(0, 15_001, 12_000, 15_000),
        about(0, 15_000, 12_000, 17_501),
        about(2, 0, 0, 0),
        about(u8::MAX, 0, 0, 0),
        about(0, u64::MAX, u64::MAX, u64::MAX),
    ] {
        let add = fixture.add_other_payers(1, &[wrong]);
        refused(
            &mut world,
            &[add],
            &[&clerk],
            ClaimsError::OtherPayerInvalid,
        );
    }
    let refused_as = |world: &mut World, entries: &[OtherPayer], error| {
        refused(
            world,
            &[fixture.add_other_payers(1, entries)],
            &[&clerk],
            error,
        );
    };
    refused_as(&mut world, &[], ClaimsError::OtherPayersEmpty);
    let twice = [primary(), primary()];
    refused_as(&mut world, &twice, ClaimsError::OtherPayersOutOfOrder);
    let back = [about(1, 0, 0, 0), primary()];
    refused_as(&mut world, &back, ClaimsError::OtherPayersOutOfOrder);
    // In two instructions they ascend too.
    let add = fixture.add_other_payers(1, &[about(1, 0, 0, 0)]);
    world.send(&[add], &[&clerk]).assert_ok();
    refused_as(&mut world, &[primary()], ClaimsError::OtherPayersOutOfOrder);
}

#[test]
fn only_about_lines_of_a_draft() {
    let (mut world, fixture) = world_with(medicare());
    let clerk = fixture.clerk.key();
    world.send_unsigned(&[fixture.open_claim(1, 2)]).assert_ok();
    let add = fixture.add_other_payers(1, &[primary()]);
    let early = std::slice::from_ref(&add);
    refused(&mut world, early, &[&clerk], ClaimsError::OtherPayerInvalid);
    // Lines can follow what is told of those before them.
    for step in [
        fixture.append_lines(1, 0, &[line(1, 17_500)]),
        add.clone(),
        fixture.append_lines(1, 1, &[line(2, 10_000)]),
    ] {
        world.send_unsigned(&[step]).assert_ok();
    }
    let adjudicate = fixture.adjudicate(&world, 1, 27_500);
    world.send_unsigned(&[adjudicate]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.lines[0].paid, claim.lines[1].paid),
        (3_000, 8_000),
        "what follows keeps its place"
    );
    let late = fixture.add_other_payers(1, &[about(1, 0, 0, 0)]);
    refused(&mut world, &[late], &[&clerk], ClaimsError::ClaimNotDraft);
}

#[test]
fn only_by_the_provider() {
    let (mut world, fixture, other) = two_insurers();
    draft(&mut world, &fixture, &[line(1, 17_500)]);
    let foreign = Instruction {
        accounts: other.add_other_payers(1, &[primary()]).accounts,
        ..fixture.add_other_payers(1, &[primary()])
    };
    let foreign = swapped(foreign, other.claim(1), fixture.claim(1));
    refused(
        &mut world,
        &[foreign],
        &[&other.clerk.key()],
        ClaimsError::ClaimOfOtherProvider,
    );
    let add = fixture.add_other_payers(1, &[primary()]);
    let unsigned = unsigned(add, fixture.clerk.key().pubkey());
    refused(&mut world, &[unsigned], &[], ErrorCode::AccountNotSigner);
}

/// A claim that waits keeps what it was told, whatever the insurer decides.
#[test]
fn it_outlives_the_wait() {
    let limited = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let (mut world, fixture) = world_with(medicare());
    let set = fixture.set_agreement_terms(&world, limited);
    world.send_unsigned(&[set]).assert_ok();
    let steps = fixture.submit_secondary(1, &[line(1, 17_500)], &[primary()]);
    world.send_unsigned(&steps).assert_ok();
    let pended = fixture.read_claim(&world, 1);
    assert_eq!(
        (pended.status, pended.pend_reason),
        (ClaimStatus::Pended, PendReason::ClaimLimit)
    );

    let mut denied = world.clone();
    let deny = Decision::Deny {
        group: AdjustmentGroup::Patient,
        reason: 96,
    };
    denied.send_unsigned(&[fixture.decide(1, deny)]).assert_ok();
    let claim = fixture.read_claim(&denied, 1);
    assert_eq!(
        (claim.lines[0].other_payer, claim.lines[0].denied()),
        (14_500, 3_000),
        "a denied line carries OA-23, and its denial for the rest"
    );
    assert_eq!((claim.totals.other, claim.totals.patient), (14_500, 3_000));
    fixture.assert_money_adds_up(&denied);

    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Paid, 3_000)
    );
    fixture.assert_money_adds_up(&world);
}

/// Taken back, it leaves nothing behind; adjudicated anew, it comes to what it would have been alone.
#[test]
fn reversed_and_reprocessed() {
    let (mut world, fixture) = world_with(PlanTerms {
        coordination: CoordinationRule::CarveOut,
        ..terms()
    });
    let fresh = fixture.read_member(&world);
    let earlier = ClaimLineArgs {
        day: 1,
        ..line(3, 6_000)
    };
    let asked = [ClaimLineArgs {
        units: 3,
        ..line(1, 37_500)
    }];
    let other = [about(0, 30_000, 9_000, 30_000)];

    let mut alone = world.clone();
    alone
        .send_unsigned(&fixture.submit_secondary(1, &asked, &other))
        .assert_ok();
    let wanted = fixture.read_claim(&alone, 1);
    alone.send_unsigned(&[fixture.reverse(1, 7)]).assert_ok();
    let member = fixture.read_member(&alone);
    assert_eq!(
        (member.periods[0].annual_used, member.lifetime),
        (0, fresh.lifetime)
    );
    assert_eq!(member.periods[0].in_network, fresh.periods[0].in_network);

    fixture.submit(&mut world, 2, &[earlier]).assert_ok();
    world
        .send_unsigned(&fixture.submit_secondary(1, &asked, &other))
        .assert_ok();
    assert_ne!(fixture.read_claim(&world, 1).lines, wanted.lines);
    for step in [fixture.reverse(2, 7), fixture.reprocess(1, 3)] {
        world.send_unsigned(&[step]).assert_ok();
    }
    let anew = fixture.read_claim(&world, 3);
    assert_eq!(anew.other_payers.entries(), other);
    assert_eq!((anew.lines, anew.totals), (wanted.lines, wanted.totals));
    fixture.assert_money_adds_up(&world);
}

/// Where another payer comes first, its word is needed (CARC 22): gate 6 of domain.md B1.
#[test]
fn who_comes_first_must_have_been_asked() {
    let (mut world, fixture) = world_with(medicare());
    let days = DateSpan {
        from: SERVICE_DATE,
        to: SERVICE_DATE + 1,
    };
    let outcome = world
        .send(
            &[fixture.set_other_coverage(&world, Some(days))],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let event: OtherCoverageSet = outcome.event();
    assert_eq!(
        (event.member, event.first_payer),
        (fixture.member, Some(days))
    );
    assert_eq!(fixture.read_member(&world).other_coverage(), Some(days));

    let on = |day: u8| ClaimLineArgs {
        day,
        ..line(1, 17_500)
    };
    let lines = [on(0), on(1), on(2)];
    let mut untold = world.clone();
    fixture.submit(&mut untold, 1, &lines).assert_ok();
    let claim = fixture.read_claim(&untold, 1);
    let reasons: Vec<_> = claim
        .lines
        .iter()
        .map(|line| (line.denial_reason, line.denial_group, line.paid))
        .collect();
    assert_eq!(
        reasons,
        [
            (22, AdjustmentGroup::Other, 0),
            (22, AdjustmentGroup::Other, 0),
            (0, AdjustmentGroup::Contractual, 10_000)
        ]
    );
    fixture.assert_money_adds_up(&untold);

    let told = [primary(), about(1, 15_000, 12_000, 15_000)];
    world
        .send_unsigned(&fixture.submit_secondary(1, &lines, &told))
        .assert_ok();
    let paid: Vec<u64> = fixture
        .read_claim(&world, 1)
        .lines
        .iter()
        .map(|line| line.paid)
        .collect();
    assert_eq!(paid, [3_000, 3_000, 10_000]);

    // No payer comes first any more.
    world
        .send_unsigned(&[fixture.set_other_coverage(&world, None)])
        .assert_ok();
    assert_eq!(fixture.read_member(&world).other_coverage(), None);
    let later = ClaimLineArgs {
        day: 0,
        ..line(2, 5_000)
    };
    fixture.submit(&mut world, 2, &[later]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).lines[0].denial_reason, 0);
}

/// That who comes first has paid nothing is the word of who bills, and has the plan pay all of it: somebody looks first.
#[test]
fn who_comes_first_and_paid_nothing_is_looked_into() {
    let (mut world, fixture) = world_with(medicare());
    let days = DateSpan {
        from: SERVICE_DATE,
        to: SERVICE_DATE,
    };
    let first = fixture.set_other_coverage(&world, Some(days));
    world.send_unsigned(&[first]).assert_ok();
    let on = |day: u8| ClaimLineArgs {
        day,
        ..line(1, 17_500)
    };
    let refused_all = |line| about(line, 0, 0, 17_500);
    // A cent is a payment; on the day after nobody comes first; and an allowed amount that was not paid is no payment.
    for (n, day, told, pends) in [
        (1, 0, refused_all(0), true),
        (2, 0, about(0, 15_000, 0, 15_000), true),
        (3, 0, about(0, 1, 1, 17_500), false),
        (4, 1, refused_all(0), false),
    ] {
        let mut world = world.clone();
        let before = (
            fixture.read_pool(&world),
            fixture.read_member(&world).periods,
            world.balance(&fixture.payout),
        );
        world
            .send_unsigned(&fixture.submit_secondary(n, &[on(day)], &[told]))
            .assert_ok();
        let claim = fixture.read_claim(&world, n);
        let after = (
            fixture.read_pool(&world),
            fixture.read_member(&world).periods,
            world.balance(&fixture.payout),
        );
        if !pends {
            assert_eq!(claim.status, ClaimStatus::Paid, "{n}");
            continue;
        }
        assert_eq!(
            (claim.status, claim.pend_reason, claim.totals.paid),
            (ClaimStatus::Pended, PendReason::PriorUnpaid, 0)
        );
        assert_eq!(after, before);
        // The insurer has seen the other payer's statement.
        world
            .send(
                &[fixture.decide(n, Decision::Approve)],
                &[&fixture.staff.key()],
            )
            .assert_ok();
        let claim = fixture.read_claim(&world, n);
        assert_eq!(
            (claim.status, claim.lines[0].paid),
            (ClaimStatus::Paid, 10_000),
            "{n}"
        );
        fixture.assert_money_adds_up(&world);
    }
    // A line that is denied anyway makes nobody look.
    let lines = [on(1), line(500, 1_000)];
    world
        .send_unsigned(&fixture.submit_secondary(5, &lines, &[about(1, 0, 0, 1_000)]))
        .assert_ok();
    let claim = fixture.read_claim(&world, 5);
    assert_eq!(
        (claim.status, claim.lines[1].denial_reason),
        (ClaimStatus::Paid, 204)
    );
}

#[test]
fn days_of_another_payer_are_days() {
    let (mut world, fixture) = ready();
    for (from, to, error) in [
        (TODAY, TODAY - 1, ClaimsError::CoverageInvalid),
        (-10, 0, ClaimsError::CoverageInvalid),
        (i32::MIN, TODAY, ClaimsError::DateInvalid),
        (TODAY, i32::MAX, ClaimsError::DateInvalid),
    ] {
        let change = fixture.set_other_coverage(&world, Some(DateSpan { from, to }));
        refused(&mut world, &[change], &[&fixture.staff.key()], error);
    }
    let set = fixture.set_other_coverage(&world, None);
    assert_insurer_staff_only(&world, &fixture, &set, Permission::EnrolMember);
    let (mut world, fixture, other) = two_insurers();
    let set = fixture.set_other_coverage(&world, None);
    refused(
        &mut world,
        &[swapped(set, fixture.member, other.member)],
        &[&fixture.staff.key()],
        ClaimsError::MemberOfOtherPool,
    );
}

#[test]
fn a_statement_of_another_payer_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_other_coverage(&world, None);
    assert_admin_is_checked(&world, &fixture.staff.key(), 0, &|admin| Instruction {
        data: data::SetOtherCoverage {
            args: SetOtherCoverageArgs {
                admin,
                first_payer: Some(DateSpan {
                    from: YEAR_BEGINS,
                    to: YEAR_ENDS,
                }),
            },
        }
        .data(),
        ..template.clone()
    });
}
