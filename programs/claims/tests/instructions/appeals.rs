//! `file_appeal`, `uphold_appeal`, `overturn_appeal`, `lapse_appeal`.

use claims::events::{AppealClosed, AppealFiled};
use claims::waivers::*;

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

/// An agreement under which every award waits for the insurer.
fn limited() -> AgreementTerms {
    AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    }
}

/// Claim 1, of 200.00, was denied by the insurer's staff.
pub fn denied_by_staff() -> (World, ClaimsFixture, OperatorFixture) {
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, limited());
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    let deny = fixture.decide(
        1,
        claims::instructions::Decision::Deny {
            group: AdjustmentGroup::Contractual,
            reason: 50,
        },
    );
    world.send(&[deny], &[&fixture.staff.key()]).assert_ok();
    let reviewer = reviewer(&mut world, &fixture, "reviewer");
    (world, fixture, reviewer)
}

fn file(world: &mut World, fixture: &ClaimsFixture, n: u8, level: u8) -> Outcome {
    world.send(
        &[fixture.appeal_as_member(n, level)],
        &[&fixture.clerk.key(), &fixture.member_key()],
    )
}

#[test]
fn a_denial_is_overturned_by_somebody_else() {
    let (mut world, fixture, reviewer) = denied_by_staff();
    let before = fixture.read_claim(&world, 1);
    assert_eq!(before.course.decided_on, TODAY);
    world.advance(3 * DAY);
    let event: AppealFiled = file(&mut world, &fixture, 1, 1).assert_ok().event();
    let appeal = fixture.read_appeal(&world, 1, 1);
    assert_eq!(
        (appeal.status, appeal.by_member, appeal.level),
        (AppealStatus::Open, true, 1)
    );
    assert_eq!(
        (appeal.appellant, appeal.payer, appeal.grounds),
        (
            fixture.member_key().pubkey(),
            fixture.clerk.key().pubkey(),
            [11; 32]
        )
    );
    assert_eq!(
        (appeal.filed_on, appeal.due_on, event.due_on),
        (TODAY + 3, TODAY + 63, TODAY + 63)
    );
    assert!(fixture
        .read_claim(&world, 1)
        .course
        .has(Course::APPEAL_OPEN));

    // Not by the one who denied it.
    refused(
        &mut world,
        &[fixture.overturn(1, 1, &fixture.staff, 2, 0)],
        &[&fixture.staff.key()],
        ClaimsError::DeciderDecidedBefore,
    );
    refused(
        &mut world,
        &[fixture.uphold(1, 1, &fixture.staff)],
        &[&fixture.staff.key()],
        ClaimsError::DeciderDecidedBefore,
    );
    let event: AppealClosed = world
        .send(
            &[fixture.overturn(1, 1, &reviewer, 2, 0)],
            &[&reviewer.key()],
        )
        .assert_ok()
        .event();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.reversal_reason, claim.reversed_at),
        (ClaimStatus::Reversed, Claim::REPROCESSED, world.now())
    );
    assert_eq!(claim.course.replaced_by, fixture.claim_id(2));
    assert_eq!(claim.lines, before.lines);
    let replacement = fixture.read_claim(&world, 2);
    assert_eq!(
        (replacement.status, replacement.totals.paid),
        (ClaimStatus::Paid, 8_000)
    );
    assert_eq!(
        (replacement.replaces, replacement.received_at),
        (fixture.claim_id(1), before.received_at)
    );
    assert_eq!(
        (event.status, event.replacement, event.paid, event.payout),
        (
            AppealStatus::Overturned,
            fixture.claim(2),
            8_000,
            fixture.payout
        )
    );
    let appeal = fixture.read_appeal(&world, 1, 1);
    assert_eq!(
        (appeal.status, appeal.decider, appeal.rationale),
        (AppealStatus::Overturned, reviewer.key().pubkey(), [12; 32])
    );
    assert_eq!(appeal.closed_on, TODAY + 3);
    assert_eq!(world.balance(&fixture.payout), 8_000 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&world);
    // Once.
    let another = crate::common::reviewer(&mut world, &fixture, "another reviewer");
    refused(
        &mut world,
        &[fixture.overturn(1, 1, &another, 3, 0)],
        &[&another.key()],
        ClaimsError::AppealNotOpen,
    );
}

/// A way to have the rulebook deny line 1: the waiver that lifts it, the reason, and what in plan and schedule brings it about.
type Case = (u16, u16, fn(&mut PlanTerms, &mut BenefitEntry));

const CASES: [Case; 6] = [
    (WAIVE_FILING, 29, |terms, _| terms.filing_limit_days = 3),
    (WAIVE_WAITING, 179, |terms, _| terms.waiting_days = 300),
    (WAIVE_AUTHORIZATION, 197, |_, entry| {
        entry.flags |= BenefitEntry::AUTHORIZATION;
    }),
    (WAIVE_UNITS, 151, |_, entry| entry.max_units = 2),
    (WAIVE_EXCLUSION, 204, |_, entry| entry.flags = 0),
    (WAIVE_HISTORY, 151, |_, entry| entry.frequency_days = 30),
];

/// Claim 1, of 300.00, was denied by the rulebook for such a reason, and the member appeals. Claim 8 stands before it, of 50.00
/// which the deductible took.
fn denied_by_the_rulebook((waiver, reason, change): Case) -> (World, ClaimsFixture) {
    let mut world = empty();
    let mut plan = terms();
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    entries[5].waiting_days = 0;
    change(&mut plan, &mut entries[1]);
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    let before = ClaimLineArgs {
        day: 2,
        ..line(5, 5_000)
    };
    fixture.submit(&mut world, 8, &[before]).assert_ok();
    if waiver == WAIVE_HISTORY {
        let earlier = ClaimLineArgs {
            day: 1,
            ..line(1, 5_000)
        };
        fixture.submit(&mut world, 9, &[earlier]).assert_ok();
    }
    let asked = ClaimLineArgs {
        units: 3,
        day: if waiver == WAIVE_HISTORY { 2 } else { 0 },
        ..line(1, 30_000)
    };
    fixture.submit(&mut world, 1, &[asked]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.lines[0].denial_reason),
        (ClaimStatus::Denied, reason)
    );
    file(&mut world, &fixture, 1, 1).assert_ok();
    (world, fixture)
}

fn overturn(world: &mut World, fixture: &ClaimsFixture, n: u8, replacement: u8, waivers: u16) {
    world
        .send(
            &[fixture.overturn(n, 1, &fixture.staff, replacement, waivers)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
}

/// What the rulebook denied stays denied, unless the insurer waives the gate; everything else applies as ever.
#[test]
fn gates_are_waived_one_by_one() {
    for case in CASES {
        let (waiver, reason, _) = case;
        let (mut world, fixture) = denied_by_the_rulebook(case);
        let mut others = world.clone();
        overturn(&mut world, &fixture, 1, 2, waiver);
        let given = fixture.read_claim(&world, 2);
        let cost_share = if waiver == WAIVE_HISTORY { 0 } else { 5_000 };
        assert_eq!(
            (given.status, given.lines[0].deductible, given.totals.paid),
            (ClaimStatus::Paid, cost_share, (30_000 - cost_share) / 5 * 4),
            "{reason}"
        );
        fixture.assert_money_adds_up(&world);
        // Any other waiver does not help. That of coverage lifts the wait, too, which counts from its first day.
        let also = if waiver == WAIVE_WAITING {
            WAIVE_COVERAGE
        } else {
            0
        };
        let rest = (WAIVE_REVIEW * 2 - 1) & !(waiver | also);
        refused(
            &mut others,
            &[fixture.overturn(1, 1, &fixture.staff, 2, rest)],
            &[&fixture.staff.key()],
            ClaimsError::NothingMended,
        );
    }
}

/// The insurer takes an earlier claim back, so that the one that was won is adjudicated anew: what was waived of it stays waived.
#[test]
fn what_was_waived_stays_waived_when_it_is_adjudicated_anew() {
    for case in CASES {
        let (waiver, reason, _) = case;
        let (mut world, fixture) = denied_by_the_rulebook(case);
        overturn(&mut world, &fixture, 1, 2, waiver);
        let won = fixture.read_claim(&world, 2);
        assert_eq!(won.facts.waived(), waiver);
        reverse(&mut world, &fixture, 8).assert_ok();
        world
            .send(&[fixture.reprocess(2, 3)], &[&fixture.staff.key()])
            .assert_ok();
        let anew = fixture.read_claim(&world, 3);
        // Claim 8 no longer meets half of the deductible.
        let cost_share = if waiver == WAIVE_HISTORY {
            5_000
        } else {
            10_000
        };
        assert_eq!(
            (
                anew.status,
                anew.lines[0].denial_reason,
                anew.totals.paid,
                anew.facts.waived()
            ),
            (ClaimStatus::Paid, 0, (30_000 - cost_share) / 5 * 4, waiver),
            "{reason}"
        );
        fixture.assert_money_adds_up(&world);
        // And again, after the insurer has taken it back, under what a further appeal may waive beside it.
        reverse(&mut world, &fixture, 3).assert_ok();
        file(&mut world, &fixture, 3, 2).assert_ok();
        let second = reviewer(&mut world, &fixture, "second");
        let more = WAIVE_DEMANDS;
        world
            .send(
                &[fixture.overturn(3, 2, &second, 4, more)],
                &[&second.key()],
            )
            .assert_ok();
        let last = fixture.read_claim(&world, 4);
        assert_eq!(
            (last.totals.paid, last.facts.waived()),
            (anew.totals.paid, waiver | more)
        );
        assert_eq!(last.facts.entries().len(), 1);
        fixture.assert_money_adds_up(&world);
    }
}

/// Network, another payer and coverage are lifted too: each was the insurer's word, and a reviewer can find otherwise.
#[test]
fn what_the_insurer_has_stated_is_waived_too() {
    let everything = |world: &mut World, fixture: &ClaimsFixture, waiver: u16, reason: u16| {
        fixture.submit(world, 8, &[line(5, 10_000)]).assert_ok();
        let claim = fixture.read_claim(world, 8);
        assert_eq!(claim.lines[0].denial_reason, reason);
        file(world, fixture, 8, 1).assert_ok();
        let mut others = world.clone();
        overturn(world, fixture, 8, 2, waiver);
        let won = fixture.read_claim(world, 2);
        assert_eq!(
            (won.lines[0].denial_reason, won.lines[0].deductible),
            (0, 10_000),
            "{reason}"
        );
        let rest = (WAIVE_REVIEW * 2 - 1) & !waiver;
        refused(
            &mut others,
            &[fixture.overturn(8, 1, &fixture.staff, 2, rest)],
            &[&fixture.staff.key()],
            ClaimsError::NothingMended,
        );
        fixture.assert_money_adds_up(world);
    };

    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, outside);
    everything(&mut world, &fixture, WAIVE_NETWORK, 242);
    assert!(fixture.read_claim(&world, 2).in_network);

    let (mut world, fixture) = ready();
    let days = DateSpan {
        from: TODAY - 100,
        to: TODAY + 100,
    };
    let other = fixture.set_other_coverage(&world, Some(days));
    world.send(&[other], &[&fixture.staff.key()]).assert_ok();
    everything(&mut world, &fixture, WAIVE_OTHER_PAYER, 22);

    let (mut world, fixture) = ready();
    let end = fixture.end_coverage(&world, SERVICE_DATE - 1);
    world.send(&[end], &[&fixture.staff.key()]).assert_ok();
    everything(&mut world, &fixture, WAIVE_COVERAGE, 27);
}

/// Not a cent moves, but what the member bears counts towards the deductible of the network, and no longer of outside.
#[test]
fn a_deductible_that_counts_on_the_other_side_is_mended() {
    let mut world = empty();
    let plan = PlanTerms {
        out_of_network: Some(OutOfNetworkRule {
            coinsurance_bps: terms().coinsurance_bps,
            deductible: terms().deductible,
            out_of_pocket_max: terms().out_of_pocket_max,
        }),
        ..terms()
    };
    let entries = (0..100).map(benefit).collect();
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let fixture = ClaimsFixture::with(&mut world, plan, entries, outside);
    fixture.submit(&mut world, 8, &[line(5, 5_000)]).assert_ok();
    file(&mut world, &fixture, 8, 1).assert_ok();
    let before = fixture.read_claim(&world, 8);
    overturn(&mut world, &fixture, 8, 2, WAIVE_NETWORK);
    let after = fixture.read_claim(&world, 2);
    assert_eq!(
        (
            before.in_network,
            after.in_network,
            after.lines[0].deductible
        ),
        (false, true, 5_000)
    );
    assert_eq!(after.totals, before.totals);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn two_levels_and_three_heads() {
    let (mut world, fixture, reviewer_1) = denied_by_staff();
    let reviewer_2 = reviewer(&mut world, &fixture, "reviewer 2");
    file(&mut world, &fixture, 1, 1).assert_ok();
    // One at a time: the next level's address is free, but it is not its turn.
    refused(
        &mut world,
        &[fixture.appeal_as_member(1, 2)],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::AppealStillOpen,
    );
    world.advance(DAY);
    let event: AppealClosed = world
        .send(&[fixture.uphold(1, 1, &reviewer_1)], &[&reviewer_1.key()])
        .assert_ok()
        .event();
    assert_eq!(
        (event.status, event.decider, event.replacement, event.paid),
        (
            AppealStatus::Upheld,
            reviewer_1.key().pubkey(),
            Pubkey::default(),
            0
        )
    );
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.course.decided_on, claim.course.flags),
        (ClaimStatus::Denied, TODAY + 1, 0)
    );
    // The member takes it to the second level.
    file(&mut world, &fixture, 1, 2).assert_ok();
    assert!(fixture.read_appeal(&world, 1, 2).by_member);
    for before in [&fixture.staff, &reviewer_1] {
        refused(
            &mut world,
            &[fixture.uphold(1, 2, before)],
            &[&before.key()],
            ClaimsError::DeciderDecidedBefore,
        );
    }
    world
        .send(&[fixture.uphold(1, 2, &reviewer_2)], &[&reviewer_2.key()])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.appeal_as_member(1, 3)],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::AppealsExhausted,
    );
}

/// A provider that appeals twice leaves the member its levels; and the member the provider its own.
#[test]
fn nobody_uses_up_the_others_levels() {
    let (mut world, fixture, first) = denied_by_staff();
    let [second, third] =
        ["reviewer 2", "reviewer 3"].map(|name| reviewer(&mut world, &fixture, name));
    let clerk = fixture.clerk.key();
    let uphold = |world: &mut World, number, by: &OperatorFixture| {
        world
            .send(&[fixture.uphold(1, number, by)], &[&by.key()])
            .assert_ok();
    };
    for (number, by) in [(1, &first), (2, &second)] {
        world
            .send(&[fixture.appeal_as_provider(1, number)], &[&clerk])
            .assert_ok();
        assert!(!fixture.read_appeal(&world, 1, number).by_member);
        uphold(&mut world, number, by);
    }
    refused(
        &mut world,
        &[fixture.appeal_as_provider(1, 3)],
        &[&clerk],
        ClaimsError::AppealsExhausted,
    );
    let course = fixture.read_claim(&world, 1).course;
    assert_eq!((course.appeals_of(true), course.appeals_of(false)), (0, 2));
    // Who decided the provider's last one decides none of the member's.
    file(&mut world, &fixture, 1, 3).assert_ok();
    refused(
        &mut world,
        &[fixture.uphold(1, 3, &second)],
        &[&second.key()],
        ClaimsError::DeciderDecidedBefore,
    );
    uphold(&mut world, 3, &third);
    file(&mut world, &fixture, 1, 4).assert_ok();
    refused(
        &mut world,
        &[fixture.uphold(1, 4, &third)],
        &[&third.key()],
        ClaimsError::DeciderDecidedBefore,
    );
    // It is won at the last of them, and what stands in its place knows what was used up.
    world
        .send(&[fixture.overturn(1, 4, &first, 2, 0)], &[&first.key()])
        .assert_ok();
    let replacement = fixture.read_claim(&world, 2);
    assert_eq!(
        (
            replacement.course.appeals_of(true),
            replacement.course.appeals_of(false)
        ),
        (2, 2)
    );
    for (appeal, signers) in [
        (
            fixture.appeal_as_member(2, 5),
            vec![&clerk, &fixture.member_key()],
        ),
        (fixture.appeal_as_provider(2, 5), vec![&clerk]),
    ] {
        refused(
            &mut world,
            &[appeal],
            &signers,
            ClaimsError::AppealsExhausted,
        );
    }
    // What the insurer takes back after that is a new decision, and each has its levels anew.
    reverse(&mut world, &fixture, 2).assert_ok();
    for (number, by) in [(5, &second), (6, &third)] {
        world
            .send(&[fixture.appeal_as_provider(2, number)], &[&clerk])
            .assert_ok();
        refused(
            &mut world,
            &[fixture.uphold(2, number, &fixture.staff)],
            &[&fixture.staff.key()],
            ClaimsError::DeciderDecidedBefore,
        );
        world
            .send(&[fixture.uphold(2, number, by)], &[&by.key()])
            .assert_ok();
    }
    refused(
        &mut world,
        &[fixture.appeal_as_provider(2, 7)],
        &[&clerk],
        ClaimsError::AppealsExhausted,
    );
    world
        .send(
            &[fixture.appeal_as_member(2, 7)],
            &[&clerk, &fixture.member_key()],
        )
        .assert_ok();
    world
        .send(&[fixture.overturn(2, 7, &second, 3, 0)], &[&second.key()])
        .assert_ok();
    let won = fixture.read_claim(&world, 3);
    assert_eq!(
        (won.status, won.course.appeals_of(true), won.former_appeals),
        (ClaimStatus::Paid, 3, replacement.course.appeals)
    );
    fixture.assert_money_adds_up(&world);
}

/// A claim that comes to less when it is adjudicated anew can be appealed like one that nobody has appealed; one that comes to the same
/// cannot.
#[test]
fn what_comes_to_less_is_appealed_anew() {
    let (mut world, fixture) = ready();
    for n in [1, 2] {
        fixture
            .submit(&mut world, n, &[on_day(n, 20_000)])
            .assert_ok();
    }
    let clerk = fixture.clerk.key();
    for (number, name) in [(1, "first"), (2, "second")] {
        let by = reviewer(&mut world, &fixture, name);
        world
            .send(&[fixture.appeal_as_provider(2, number)], &[&clerk])
            .assert_ok();
        world
            .send(&[fixture.uphold(2, number, &by)], &[&by.key()])
            .assert_ok();
    }
    let mut same = world.clone();
    reverse(&mut world, &fixture, 1).assert_ok();
    let ends = fixture.end_coverage(&world, SERVICE_DATE + 1);
    world.send(&[ends], &[&fixture.staff.key()]).assert_ok();
    world
        .send(&[fixture.reprocess(2, 3)], &[&fixture.staff.key()])
        .assert_ok();
    let denied = fixture.read_claim(&world, 3);
    assert_eq!(denied.status, ClaimStatus::Denied);
    assert_eq!(denied.former_appeals, denied.course.appeals);
    world
        .send(&[fixture.appeal_as_provider(3, 3)], &[&clerk])
        .assert_ok();

    // The first one had used the deductible up to the same cent in a year of its own.
    reverse(&mut same, &fixture, 1).assert_ok();
    fixture
        .submit(&mut same, 4, &[on_day(1, 20_000)])
        .assert_ok();
    same.send(&[fixture.reprocess(2, 3)], &[&fixture.staff.key()])
        .assert_ok();
    let stands = fixture.read_claim(&same, 3);
    assert_eq!(
        (stands.totals, stands.former_appeals),
        (fixture.read_claim(&same, 2).totals, 0)
    );
    refused(
        &mut same,
        &[fixture.appeal_as_provider(3, 3)],
        &[&clerk],
        ClaimsError::AppealsExhausted,
    );
}

#[test]
fn deadlines_are_inclusive() {
    let (mut world, fixture, reviewer) = denied_by_staff();
    let mut late = world.clone();
    late.advance(181 * DAY);
    refused(
        &mut late,
        &[fixture.appeal_as_member(1, 1)],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::AppealLate,
    );
    world.advance(180 * DAY);
    file(&mut world, &fixture, 1, 1).assert_ok();
    world.advance(60 * DAY);
    refused(
        &mut world,
        &[fixture.lapse(1, 1)],
        &[],
        ClaimsError::AppealNotOverdue,
    );
    world
        .clone()
        .send(&[fixture.uphold(1, 1, &reviewer)], &[&reviewer.key()])
        .assert_ok();
    world.advance(DAY);
    refused(
        &mut world,
        &[fixture.uphold(1, 1, &reviewer)],
        &[&reviewer.key()],
        ClaimsError::AppealOverdue,
    );
    // Giving in is never too late.
    world
        .clone()
        .send(
            &[fixture.overturn(1, 1, &reviewer, 2, 0)],
            &[&reviewer.key()],
        )
        .assert_ok();
    let event: AppealClosed = world.send(&[fixture.lapse(1, 1)], &[]).assert_ok().event();
    assert_eq!(
        (event.status, event.decider, event.rationale),
        (AppealStatus::Lapsed, Pubkey::default(), [0; 32])
    );
    for again in [fixture.lapse(1, 1), fixture.overturn(1, 1, &reviewer, 2, 0)] {
        refused(
            &mut world,
            &[again],
            &[&reviewer.key()],
            ClaimsError::AppealNotOpen,
        );
    }
    // A lapsed level is exhausted: the next one is open, and nobody has decided the first.
    world.advance(180 * DAY);
    file(&mut world, &fixture, 1, 2).assert_ok();
    world.advance(61 * DAY);
    world.send(&[fixture.lapse(1, 2)], &[]).assert_ok();
    refused(
        &mut world,
        &[fixture.appeal_as_member(1, 3)],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::AppealsExhausted,
    );
    assert_eq!(
        fixture.read_appeal(&world, 1, 2).status,
        AppealStatus::Lapsed
    );
}

/// The provider's remedy against a reversal: the claim is adjudicated anew, and what is owed is made good by it.
#[test]
fn a_reversal_is_overturned() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(1, 5_000)])
        .assert_ok();
    let member = fixture.read_member(&world);
    let paid = world.balance(&fixture.payout);
    reverse(&mut world, &fixture, 1).assert_ok();
    assert_eq!(fixture.read_agreement(&world).owed, 8_000);
    world
        .send(&[fixture.appeal_as_provider(1, 1)], &[&fixture.clerk.key()])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.overturn(1, 1, &fixture.staff, 3, 0)],
        &[&fixture.staff.key()],
        ClaimsError::DeciderDecidedBefore,
    );
    let reviewer = reviewer(&mut world, &fixture, "reviewer");
    world
        .send(
            &[fixture.overturn(1, 1, &reviewer, 3, 0)],
            &[&reviewer.key()],
        )
        .assert_ok();
    let replacement = fixture.read_claim(&world, 3);
    assert_eq!(
        (
            replacement.status,
            replacement.totals.paid,
            replacement.offset
        ),
        (ClaimStatus::Paid, 8_000, 8_000)
    );
    assert_eq!(fixture.read_agreement(&world).owed, 0);
    assert_eq!(world.balance(&fixture.payout), paid);
    assert_eq!(fixture.read_member(&world).periods, member.periods);
    fixture.assert_money_adds_up(&world);
    // Its place is taken: it is appealed no more.
    refused(
        &mut world,
        &[fixture.appeal_as_provider(1, 2)],
        &[&fixture.clerk.key()],
        ClaimsError::NothingToAppeal,
    );
}

/// A claim that used something up gives it back by its stored deltas; later claims that saw it are flagged.
#[test]
fn a_claim_paid_in_part_is_overturned() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    entries[50].flags |= BenefitEntry::AUTHORIZATION;
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000), line(50, 10_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(1, 5_000)])
        .assert_ok();
    file(&mut world, &fixture, 1, 1).assert_ok();
    let staff = fixture.staff.key();
    // What is under appeal is not reversed or adjudicated anew meanwhile.
    refused(
        &mut world,
        &[fixture.reverse(1, 7)],
        &[&staff],
        ClaimsError::AppealStillOpen,
    );
    world
        .send(
            &[fixture.overturn(1, 1, &fixture.staff, 3, WAIVE_AUTHORIZATION)],
            &[&staff],
        )
        .assert_ok();
    let replacement = fixture.read_claim(&world, 3);
    // 80.00 were paid; now 80 % of 300.00 less the deductible.
    assert_eq!(
        (replacement.totals.paid, replacement.offset),
        (16_000, 8_000)
    );
    let member = fixture.read_member(&world);
    assert!(member.turns.is_flagged(2) && !member.turns.is_flagged(replacement.turn));
    assert_eq!(member.lifetime.used, 20_000);
    fixture.assert_money_adds_up(&world);
    // The flagged claim is adjudicated anew and comes to the same.
    world
        .send(&[fixture.reprocess(2, 4)], &[&staff])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 4).totals.paid, 4_000);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn what_there_is_to_appeal() {
    let mut world = empty();
    let mut plan = terms();
    plan.coinsurance_bps = 0;
    plan.deductible = Limits::default();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    // Paid in full.
    fixture
        .submit(&mut world, 1, &[line(1, 10_000)])
        .assert_ok();
    // A draft has no member yet, a pended claim no decision.
    fixture
        .submit(&mut world, 2, &[line(2, 10_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Pended);
    for n in [1, 2] {
        refused(
            &mut world,
            &[fixture.appeal_as_member(n, 1)],
            &[&clerk, &member],
            ClaimsError::NothingToAppeal,
        );
    }
    let open = fixture.open_claim(3, 1);
    world.send(&[open], &[&clerk]).assert_ok();
    refused(
        &mut world,
        &[fixture.appeal_as_provider(3, 1)],
        &[&clerk],
        ClaimsError::ClaimOfOtherMember,
    );
    // Without a reason or grounds nothing is filed or decided.
    let (mut world, fixture, reviewer) = denied_by_staff();
    let mut without = fixture.appeal_as_member(1, 1);
    without.data[8..].fill(0);
    refused(
        &mut world,
        &[without],
        &[&clerk, &member],
        ClaimsError::DocumentEmpty,
    );
    file(&mut world, &fixture, 1, 1).assert_ok();
    for mut without in [
        fixture.uphold(1, 1, &reviewer),
        fixture.overturn(1, 1, &reviewer, 2, 0),
    ] {
        let rationale = without.data.len() - 32;
        without.data[rationale..].fill(0);
        refused(
            &mut world,
            &[without],
            &[&reviewer.key()],
            ClaimsError::RationaleEmpty,
        );
    }
    refused(
        &mut world,
        &[fixture.overturn(1, 1, &reviewer, 2, WAIVE_REVIEW * 2)],
        &[&reviewer.key()],
        ClaimsError::WaiversInvalid,
    );
    // A plan without appeals.
    let (mut world, fixture, _) = denied_by_staff();
    let mut version: PlanVersion = world.account(&fixture.plan_version);
    version.clocks = PlanClocks::default();
    write(&mut world, &fixture.plan_version, &version);
    refused(
        &mut world,
        &[fixture.appeal_as_member(1, 1)],
        &[&clerk, &member],
        ClaimsError::AppealsExhausted,
    );
}

#[test]
fn who_may_appeal() {
    let (mut world, fixture, other) = two_insurers();
    fixture
        .submit(&mut world, 1, &[line(500, 10_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Denied);
    let stranger = world.actor("stranger");
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let as_member = fixture.appeal_as_member(1, 1);
    refused(
        &mut world,
        &[swapped(
            as_member.clone(),
            member.pubkey(),
            stranger.pubkey(),
        )],
        &[&clerk, &stranger],
        ClaimsError::NotAppellant,
    );
    // A provider without its record, a record without its provider.
    let as_provider = fixture.appeal_as_provider(1, 1);
    for left_out in [fixture.provider.address, fixture.clerk.address] {
        refused(
            &mut world,
            &[swapped(as_provider.clone(), left_out, claims::ID)],
            &[&clerk],
            ClaimsError::NotAppellant,
        );
    }
    // Another provider, with staff of its own.
    let theirs = swapped(
        swapped_all(
            &swapped(
                as_provider.clone(),
                fixture.provider.address,
                other.provider.address,
            ),
            clerk.pubkey(),
            other.clerk.key().pubkey(),
        ),
        fixture.clerk.address,
        other.clerk.address,
    );
    refused(
        &mut world,
        &[theirs],
        &[&other.clerk.key()],
        ClaimsError::ClaimOfOtherProvider,
    );
    // Another member's account, another plan's version.
    for (from, to, error) in [
        (
            fixture.member,
            other.member,
            ClaimsError::ClaimOfOtherMember,
        ),
        (
            fixture.plan_version,
            other.plan_version,
            ClaimsError::ClaimOfOtherPlanVersion,
        ),
    ] {
        refused(
            &mut world,
            &[swapped(as_provider.clone(), from, to)],
            &[&clerk],
            error,
        );
    }
    // A member without a key of its own does not sign; the provider appeals in its place.
    let none = fixture.set_member_authority(&world, Pubkey::default());
    world.send(&[none], &[&fixture.staff.key()]).assert_ok();
    refused(
        &mut world,
        &[as_member],
        &[&clerk, &member],
        ClaimsError::NotAppellant,
    );
    world.send(&[as_provider], &[&clerk]).assert_ok();
}

#[test]
fn only_the_insurers_staff_decides() {
    let (mut world, fixture, other) = two_insurers();
    for fixture in [&fixture, &other] {
        fixture
            .submit(&mut world, 1, &[line(500, 10_000)])
            .assert_ok();
        let appeal = fixture.appeal_as_provider(1, 1);
        world.send(&[appeal], &[&fixture.clerk.key()]).assert_ok();
    }
    let staff = fixture.staff.key();
    let uphold = fixture.uphold(1, 1, &fixture.staff);
    let overturn = fixture.overturn(1, 1, &fixture.staff, 2, 0);
    for instruction in [&uphold, &overturn] {
        assert_insurer_staff_only(&world, &fixture, instruction, Permission::DecideClaim);
        refused(
            &mut world,
            &[swapped(
                instruction.clone(),
                fixture.appeal(1, 1),
                other.appeal(1, 1),
            )],
            &[&staff],
            ClaimsError::AppealOfOtherClaim,
        );
    }
    for (from, to, error) in [
        (fixture.pool, other.pool, ClaimsError::ClaimOfOtherPool),
        (
            fixture.claim(1),
            other.claim(1),
            ClaimsError::ClaimOfOtherPool,
        ),
    ] {
        refused(
            &mut world,
            &[swapped(uphold.clone(), from, to)],
            &[&staff],
            error,
        );
    }
    refused(
        &mut world,
        &[swapped(
            fixture.lapse(1, 1),
            fixture.appeal(1, 1),
            other.appeal(1, 1),
        )],
        &[],
        ClaimsError::AppealOfOtherClaim,
    );
    for (from, to, error) in [
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            anchor_spl::token_2022::ID,
            ClaimsError::WrongTokenProgram,
        ),
        (
            fixture.agreement,
            other.agreement,
            ClaimsError::AgreementOfOtherPool,
        ),
        (
            fixture.schedule,
            other.schedule,
            ClaimsError::ScheduleMismatch,
        ),
        (
            fixture.plan_version,
            other.plan_version,
            ClaimsError::ScheduleMismatch,
        ),
        (
            fixture.history,
            other.history,
            ClaimsError::HistoryOfOtherMember,
        ),
        (
            fixture.member,
            other.member,
            ClaimsError::HistoryOfOtherMember,
        ),
        (fixture.payout, other.payout, ClaimsError::WrongPayout),
        (fixture.payout, fixture.vault, ClaimsError::PayoutIsVault),
    ] {
        let instruction = if to == fixture.vault {
            swapped_all(&overturn, from, to)
        } else {
            swapped(overturn.clone(), from, to)
        };
        refused(&mut world, &[instruction], &[&staff], error);
    }
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refused(
        &mut world,
        &[overturn],
        &[&staff],
        ClaimsError::AwardsPaused,
    );
    // A pause holds back no decision that moves no money.
    world
        .send(&[fixture.uphold(1, 1, &fixture.staff)], &[&staff])
        .assert_ok();
}

/// Writes an account as if the program had.
pub fn write(world: &mut World, address: &Pubkey, account: &impl anchor_lang::AccountSerialize) {
    let mut raw = world.raw(address).unwrap();
    let mut data = Vec::new();
    account.try_serialize(&mut data).unwrap();
    raw.data[..data.len()].copy_from_slice(&data);
    world.set_raw(address, raw);
}

/// The insurer's own pause wins no appeal: none lapses while nothing can be overturned, and its days are added to the time.
#[test]
fn no_appeal_lapses_by_a_pause() {
    let (mut world, fixture, reviewer) = denied_by_staff();
    file(&mut world, &fixture, 1, 1).assert_ok();
    // Its last day is the 60th from now: the pause is of three days from then on.
    world.advance(60 * DAY);
    fixture.registry.pause(&mut world, 3 * DAY).assert_ok();
    world.advance(2 * DAY);
    refused(
        &mut world,
        &[fixture.overturn(1, 1, &reviewer, 2, 0)],
        &[&reviewer.key()],
        ClaimsError::AwardsPaused,
    );
    refused(
        &mut world,
        &[fixture.lapse(1, 1)],
        &[],
        ClaimsError::LapseWhilePaused,
    );
    world.advance(DAY);
    refused(
        &mut world,
        &[fixture.lapse(1, 1)],
        &[],
        ClaimsError::AppealNotOverdue,
    );
    world
        .clone()
        .send(
            &[fixture.overturn(1, 1, &reviewer, 2, 0)],
            &[&reviewer.key()],
        )
        .assert_ok();
    // Of four days: the last one was touched by it.
    world.advance(DAY);
    refused(
        &mut world,
        &[fixture.lapse(1, 1)],
        &[],
        ClaimsError::AppealNotOverdue,
    );
    world.advance(DAY);
    world.send(&[fixture.lapse(1, 1)], &[]).assert_ok();
}
