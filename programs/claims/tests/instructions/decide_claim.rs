use claims::events::ClaimDecided;
use claims::instructions::Decision;

use crate::common::*;

const DENY: Decision = Decision::Deny {
    group: AdjustmentGroup::Contractual,
    reason: 50,
};

/// Claim 1 is paid; claim 2, of the same day, is suspect and pended, its second line denied.
fn pended() -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 20_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[line(2, 20_000), line(500, 300)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Pended);
    (world, fixture)
}

#[test]
fn approval_adjudicates_and_pays() {
    let (mut world, fixture) = pended();
    let before = fixture.read_pool(&world);
    let outcome = world
        .send(
            &[fixture.decide(2, Decision::Approve)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Paid, PendReason::None)
    );
    // The deductible was met by claim 1.
    assert_eq!(
        (
            claim.lines[0].deductible,
            claim.lines[0].coinsurance,
            claim.lines[0].paid
        ),
        (0, 2_000, 8_000)
    );
    assert_eq!(claim.lines[1].denial_reason, 204);
    assert_eq!(fixture.read_pool(&world).paid, before.paid + 8_000);
    assert_eq!(fixture.read_history(&world).count, 2);
    assert_eq!(
        fixture
            .read_member(&world)
            .period(2026)
            .unwrap()
            .in_network
            .out_of_pocket_individual,
        12_000
    );
    let event: ClaimDecided = outcome.event();
    assert_eq!(
        (event.decider, event.status, event.paid, event.payout),
        (
            fixture.staff.key().pubkey(),
            ClaimStatus::Paid,
            8_000,
            fixture.payout
        )
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn approval_goes_beyond_the_limits() {
    let agreement = AgreementTerms {
        in_network: true,
        limit_per_claim: 1,
        limit_per_day: 1,
        netted: false,
    };
    let mut world = empty();
    let fixture = ClaimsFixture::with(
        &mut world,
        terms(),
        (0..10).map(benefit).collect(),
        agreement,
    );
    fixture
        .submit(
            &mut world,
            1,
            &[ClaimLineArgs {
                units: 9,
                ..line(1, 50_000)
            }],
        )
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::ClaimLimit
    );
    world
        .send(
            &[fixture.decide(1, Decision::Approve)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    // What somebody looked at does not count to what is paid without a look.
    assert_eq!(
        world.account::<Agreement>(&fixture.agreement).paid_on_day,
        0
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn denial_gives_its_reason_line_by_line() {
    let (mut world, fixture) = pended();
    let (pool, member) = (fixture.read_pool(&world), fixture.read_member(&world));
    let outcome = world
        .send(&[fixture.decide(2, DENY)], &[&fixture.staff.key()])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Denied, PendReason::None)
    );
    let denials: Vec<_> = claim
        .lines
        .iter()
        .map(|line| (line.denial_group, line.denial_reason))
        .collect();
    // A line that was denied keeps its reason.
    assert_eq!(
        denials,
        [
            (AdjustmentGroup::Contractual, 50),
            (AdjustmentGroup::Patient, 204)
        ]
    );
    assert_eq!(
        claim.totals,
        ClaimTotals {
            charge: 20_300,
            allowed: 0,
            paid: 0,
            patient: 300,
            write_off: 20_000,
            other: 0
        }
    );
    assert_eq!(fixture.read_pool(&world), pool);
    assert_eq!(fixture.read_member(&world), member);
    assert_eq!(outcome.event::<ClaimDecided>().status, ClaimStatus::Denied);
    // Out of the history: a corrected claim is no duplicate, though suspect again.
    assert_eq!(fixture.read_history(&world).count, 1);
    fixture
        .submit(&mut world, 3, &[line(2, 20_000)])
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 3).pend_reason,
        PendReason::SuspectDuplicate
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn each_group_has_its_place_in_the_totals() {
    for (group, expected) in [
        (AdjustmentGroup::Contractual, (300, 20_000, 0)),
        (AdjustmentGroup::Patient, (20_300, 0, 0)),
        (AdjustmentGroup::Other, (300, 0, 20_000)),
        (AdjustmentGroup::Payer, (300, 0, 20_000)),
    ] {
        let (mut world, fixture) = pended();
        world
            .send(
                &[fixture.decide(2, Decision::Deny { group, reason: 16 })],
                &[&fixture.staff.key()],
            )
            .assert_ok();
        let totals = fixture.read_claim(&world, 2).totals;
        assert_eq!((totals.patient, totals.write_off, totals.other), expected);
        assert_eq!(totals.balance(), Some(totals.charge));
    }
}

#[test]
fn a_denial_has_a_reason() {
    let (mut world, fixture) = pended();
    let without = Decision::Deny {
        group: AdjustmentGroup::Other,
        reason: 0,
    };
    refused(
        &mut world,
        &[fixture.decide(2, without)],
        &[&fixture.staff.key()],
        ClaimsError::DenialReasonInvalid,
    );
}

#[test]
fn only_what_waits_for_a_decision() {
    let (mut world, fixture) = pended();
    let staff = fixture.staff.key();
    world
        .send(&[fixture.open_claim(9, 1)], &[&fixture.clerk.key()])
        .assert_ok();
    fixture.submit(&mut world, 3, &[line(500, 100)]).assert_ok();
    for decision in [Decision::Approve, DENY] {
        refused(
            &mut world,
            &[fixture.decide(1, decision)],
            &[&staff],
            ClaimsError::ClaimNotPended,
        );
        refused(
            &mut world,
            &[fixture.decide(3, decision)],
            &[&staff],
            ClaimsError::ClaimNotPended,
        );
        // A draft has no member yet.
        refused(
            &mut world,
            &[fixture.decide(9, decision)],
            &[&staff],
            ClaimsError::ClaimOfOtherMember,
        );
    }
    for first in [Decision::Approve, DENY] {
        let mut world = world.clone();
        world
            .send(&[fixture.decide(2, first)], &[&staff])
            .assert_ok();
        for second in [Decision::Approve, DENY] {
            refused(
                &mut world,
                &[fixture.decide(2, second)],
                &[&staff],
                ClaimsError::ClaimNotPended,
            );
        }
    }
}

/// Approved late: the accumulators are those of that moment, the filing date that of the submission.
#[test]
fn by_the_accumulators_of_the_moment() {
    let agreement = AgreementTerms {
        in_network: true,
        limit_per_claim: 10_000,
        limit_per_day: u64::MAX,
        netted: false,
    };
    let mut world = empty();
    let fixture = ClaimsFixture::with(
        &mut world,
        terms(),
        (0..10).map(benefit).collect(),
        agreement,
    );
    fixture
        .submit(
            &mut world,
            1,
            &[ClaimLineArgs {
                units: 9,
                ..line(1, 50_000)
            }],
        )
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Pended);
    // Meanwhile another claim takes the deductible.
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
    assert_eq!(fixture.read_claim(&world, 2).lines[0].deductible, 10_000);
    let received = fixture.read_claim(&world, 1).received_at;
    world.advance(364 * DAY);
    world
        .send(
            &[fixture.decide(1, Decision::Approve)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.lines[0].deductible, claim.lines[0].paid),
        (0, 40_000)
    );
    assert_eq!(
        (claim.received_at, claim.awarded_at),
        (received, world.now())
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn approval_without_money_queues() {
    let (mut world, fixture) = pended();
    let large = ClaimLineArgs {
        day: 1,
        units: u16::MAX,
        ..line(3, 2 * FUNDED)
    };
    fixture.submit(&mut world, 3, &[large]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).status, ClaimStatus::Payable);
    world
        .send(
            &[fixture.decide(2, Decision::Approve)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Payable);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn approval_waits_for_the_end_of_a_pause() {
    let (mut world, fixture) = pended();
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refused(
        &mut world,
        &[fixture.decide(2, Decision::Approve)],
        &[&fixture.staff.key()],
        ClaimsError::AwardsPaused,
    );
    world
        .send(&[fixture.decide(2, DENY)], &[&fixture.staff.key()])
        .assert_ok();
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    for side in [&fixture, &other] {
        side.submit(&mut world, 1, &[line(1, 20_000)]).assert_ok();
        side.submit(&mut world, 2, &[line(2, 20_000)]).assert_ok();
    }
    // A second plan version, which is not the claim's.
    let publish = fixture.publish(&world, terms(), TODAY + 1);
    world.send(&[publish], &[&fixture.staff.key()]).assert_ok();
    let newer = PlanVersion::find_address(&fixture.plan, 2).0;
    // A second member of the same pool.
    let commitment = [5; 32];
    let enrol = fixture.enrol_as(claims::instructions::EnrolMemberArgs {
        commitment,
        authority: Pubkey::default(),
        covered_from: YEAR_BEGINS,
        covered_to: YEAR_ENDS,
        opening: None,
    });
    world.send(&[enrol], &[&fixture.staff.key()]).assert_ok();
    let neighbour = Member::find_address(&fixture.pool, &commitment).0;
    let good = fixture.decide(2, Decision::Approve);
    let staff = fixture.staff.key();
    for (from, to, error) in [
        (fixture.pool, other.pool, ClaimsError::PoolOfOtherInsurer),
        (
            fixture.agreement,
            other.agreement,
            ClaimsError::AgreementOfOtherPool,
        ),
        (
            fixture.plan_version,
            newer,
            ClaimsError::ClaimOfOtherPlanVersion,
        ),
        (
            fixture.schedule,
            other.schedule,
            ClaimsError::ScheduleMismatch,
        ),
        (
            fixture.history,
            other.history,
            ClaimsError::HistoryOfOtherMember,
        ),
        (
            fixture.history,
            History::find_address(&neighbour).0,
            ClaimsError::HistoryOfOtherMember,
        ),
        (
            fixture.claim(2),
            other.claim(2),
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
        refused(
            &mut world,
            &[swapped(good.clone(), from, to)],
            &[&staff],
            error,
        );
    }
    // Another member with that member's own history: the claim is not theirs.
    let both = swapped(
        swapped(good.clone(), fixture.member, neighbour),
        fixture.history,
        History::find_address(&neighbour).0,
    );
    refused(
        &mut world,
        &[both],
        &[&staff],
        ClaimsError::ClaimOfOtherMember,
    );
}

#[test]
fn only_staff_that_decides() {
    let (world, fixture) = pended();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.decide(2, Decision::Approve),
        Permission::DecideClaim,
    );
}
