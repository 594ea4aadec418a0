use claims::events::ClaimDecided;
use claims::instructions::Decision;
use claims::waivers::WAIVE_REVIEW;
use galen_testkit::precompile::heap_frame;

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

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
    // Not live any more: a corrected claim is no duplicate, though a person looks at it.
    let history = fixture.read_history(&world);
    assert_eq!((history.count, history.denied), (1, 1));
    fixture
        .submit(&mut world, 3, &[line(2, 20_000)])
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 3).pend_reason,
        PendReason::DeniedBefore
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

/// The approval of all lines but these, bits by index: not necessary, and not supported by the documents.
const fn in_part(not_necessary: u16, level_unsupported: u16) -> Decision {
    Decision::ApproveInPart {
        not_necessary,
        level_unsupported,
    }
}

fn lamports(world: &World, address: &Pubkey) -> u64 {
    world.raw(address).unwrap().lamports
}

fn denials(claim: &Claim) -> Vec<(AdjustmentGroup, u16)> {
    let lines = claim.lines.iter();
    lines
        .map(|line| (line.denial_group, line.denial_reason))
        .collect()
}

/// Claim 1, of 40.00, counts towards the deductible of 100.00; claim 2, of three times 100.00, waits for the insurer.
fn three_lines(agreement: AgreementTerms) -> (World, ClaimsFixture) {
    let agreement = AgreementTerms {
        limit_per_claim: 1,
        ..agreement
    };
    let none = Limits {
        individual: None,
        family: None,
    };
    let terms = PlanTerms {
        out_of_network: Some(OutOfNetworkRule {
            coinsurance_bps: 2_000,
            deductible: none,
            out_of_pocket_max: none,
        }),
        ..terms()
    };
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms, entries, agreement);
    fixture
        .submit(&mut world, 1, &[on_day(0, 4_000)])
        .assert_ok();
    let lines = [1, 2, 3].map(|day| on_day(day, 10_000));
    fixture.submit(&mut world, 2, &lines).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Pended);
    (world, fixture)
}

/// What a reviewer has found of lines denies those and no others, and holds when the claim is adjudicated anew, until an appeal
/// waives it.
#[test]
fn lines_are_denied_one_by_one() {
    let (mut world, fixture) = three_lines(unlimited());
    let staff = fixture.staff.key();
    let before = (
        fixture.read_pool(&world).paid,
        lamports(&world, &staff.pubkey()),
        lamports(&world, &fixture.claim(2)),
    );
    world
        .send(&[fixture.decide(2, in_part(0b010, 0b100))], &[&staff])
        .assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(claim.status, ClaimStatus::Paid);
    let contractual = AdjustmentGroup::Contractual;
    let found = [(contractual, 0), (contractual, 50), (contractual, 150)];
    assert_eq!(denials(&claim), found);
    // 60.00 of the first line are deductible, and a fifth of the rest is coinsurance.
    assert_eq!(
        claim.totals,
        ClaimTotals {
            charge: 30_000,
            allowed: 10_000,
            paid: 3_200,
            patient: 6_800,
            write_off: 20_000,
            other: 0,
        }
    );
    assert_eq!(fixture.read_pool(&world).paid, before.0 + 3_200);
    let history = fixture.read_history(&world);
    assert_eq!((history.count, history.denied), (2, 2));
    let kinds: Vec<_> = claim
        .facts
        .entries()
        .iter()
        .map(|fact| (fact.line, fact.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            (1, ClaimFactKind::NotNecessary),
            (2, ClaimFactKind::LevelUnsupported)
        ]
    );
    // Who decides pays for the room that it takes: two bytes, and fourteen for each.
    let size = world.raw(&fixture.claim(2)).unwrap().data.len();
    assert_eq!(size, Claim::size(3) + 2 + 2 * 14);
    let more = lamports(&world, &fixture.claim(2)) - before.2;
    assert_eq!(more, world.rent(size) - world.rent(Claim::size(3)));
    assert!(before.1 - lamports(&world, &staff.pubkey()) >= more);
    fixture.assert_money_adds_up(&world);

    // The deductible is all of the claim's, and what was found is what it was.
    reverse(&mut world, &fixture, 1).assert_ok();
    world
        .send(&[fixture.reprocess(2, 3)], &[&staff])
        .assert_ok();
    let anew = fixture.read_claim(&world, 3);
    assert_eq!(
        (anew.status, denials(&anew)),
        (ClaimStatus::NothingDue, found.to_vec())
    );
    assert_eq!(
        (anew.totals.paid, anew.totals.patient, anew.facts.clone()),
        (0, 10_000, claim.facts)
    );
    fixture.assert_money_adds_up(&world);

    // The lines can be appealed for, as any that are denied.
    world
        .send(
            &[fixture.appeal_as_member(3, 1)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    let second = reviewer(&mut world, &fixture, "second");
    world
        .send(
            &[fixture.overturn(3, 1, &second, 4, WAIVE_REVIEW)],
            &[&second.key()],
        )
        .assert_ok();
    let won = fixture.read_claim(&world, 4);
    assert_eq!(denials(&won), [(contractual, 0); 3]);
    assert_eq!((won.totals.paid, won.totals.patient), (16_000, 14_000));
    assert_eq!(won.facts.found_lines(), 0b110);
    // What was won stays won.
    let mut later = won;
    assert_eq!(
        later.find_against(1, 0),
        Err(ClaimsError::FindingsWaived.into())
    );
    fixture.assert_money_adds_up(&world);
}

/// Outside the network it is the payer's initiative, and an earlier gate has its own reason.
#[test]
fn of_lines_that_are_denied_anyway_the_first_gate_speaks() {
    let (mut world, fixture) = three_lines(AgreementTerms {
        in_network: false,
        ..unlimited()
    });
    let staff = fixture.staff.key();
    let of = |code, charge| ClaimLineArgs {
        day: 4,
        ..line(code, charge)
    };
    let lines = [of(20, 10_000), of(21, 10_000), of(500, 700)];
    fixture.submit(&mut world, 3, &lines).assert_ok();
    world
        .send(&[fixture.decide(3, in_part(0b110, 0))], &[&staff])
        .assert_ok();
    assert_eq!(
        denials(&fixture.read_claim(&world, 3))[1..],
        [
            (AdjustmentGroup::Payer, 50),
            (AdjustmentGroup::Patient, 204)
        ]
    );
    fixture.assert_money_adds_up(&world);
}

/// As many lines as a claim has, all but one of which are denied.
#[test]
fn of_sixteen_lines_fifteen_are_denied() {
    let agreement = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, agreement);
    let lines: Vec<_> = (0..16)
        .map(|n| ClaimLineArgs {
            units: 2,
            ..line(n, 20_000)
        })
        .collect();
    fixture.submit(&mut world, 1, &lines).assert_ok();
    world
        .send(
            &[
                heap_frame(64 * 1_024),
                fixture.decide(1, in_part(0x7f00, 0x00fe | 0x8000)),
            ],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Paid, 8_000)
    );
    let reasons: Vec<_> = claim.lines.iter().map(|line| line.denial_reason).collect();
    let wanted = [&[0][..], &[150; 7], &[50; 7], &[150]].concat();
    assert_eq!(reasons, wanted);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn findings_that_are_none() {
    let (mut world, fixture) = three_lines(unlimited());
    for (decision, error) in [
        (in_part(0, 0), ClaimsError::FindingsEmpty),
        (in_part(0b110, 0b010), ClaimsError::FindingsOverlap),
        (in_part(0b1000, 0), ClaimsError::FindingOutsideClaim),
        (in_part(0, 0x8000), ClaimsError::FindingOutsideClaim),
        (in_part(0b111, 0), ClaimsError::FindingsOfAllLines),
        (in_part(0b101, 0b010), ClaimsError::FindingsOfAllLines),
    ] {
        refused(
            &mut world,
            &[fixture.decide(2, decision)],
            &[&fixture.staff.key()],
            error,
        );
    }
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refused(
        &mut world,
        &[fixture.decide(2, in_part(1, 0))],
        &[&fixture.staff.key()],
        ClaimsError::AwardsPaused,
    );
}
