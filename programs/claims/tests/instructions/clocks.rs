//! Interest for late payment, information that is awaited, decisions that are overdue: `request_information`,
//! `provide_information`, `escalate_claim`, and what `decide_claim` and `settle_claim` pay.

use claims::events::{
    ClaimDecided, ClaimEscalated, ClaimPaid, ClaimsSettled, ClockResumed, ClockStopped,
    InformationProvided, InformationRequested,
};
use claims::instructions::Decision;

use crate::common::*;

/// Charged so that 365.00 are awarded after the deductible: a day of 10 % a year is 10 cents.
const CHARGE: u64 = 55_625;
const AWARD: u64 = 36_500;

fn expensive(n: u32) -> ClaimLineArgs {
    ClaimLineArgs {
        units: 6,
        ..line(n, CHARGE)
    }
}

/// Claim 1 waits for the insurer.
fn pended() -> (World, ClaimsFixture) {
    let mut world = empty();
    let agreement = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, agreement);
    fixture.submit(&mut world, 1, &[expensive(1)]).assert_ok();
    (world, fixture)
}

fn approve(world: &mut World, fixture: &ClaimsFixture) -> Outcome {
    world.send(
        &[fixture.decide(1, Decision::Approve)],
        &[&fixture.staff.key()],
    )
}

fn send(world: &mut World, instruction: Instruction, signer: &Keypair) -> Outcome {
    world.send(&[instruction], &[signer])
}

#[test]
fn interest_begins_the_day_after_the_ceiling() {
    for (days, interest) in [(0, 0), (30, 0), (31, 10), (40, 100), (395, 3_650)] {
        let (mut world, fixture) = pended();
        world.advance(days * DAY);
        if days > 365 {
            // The fixture's staff expires after a year.
            let extended =
                fixture
                    .insurer
                    .operator(&mut world, "later staff", &[Permission::DecideClaim]);
            let decide = swapped(
                swapped(
                    fixture.decide(1, Decision::Approve),
                    fixture.staff.key().pubkey(),
                    extended.key().pubkey(),
                ),
                fixture.staff.address,
                extended.address,
            );
            world.send(&[decide], &[&extended.key()]).assert_ok();
        } else {
            let event: ClaimDecided = approve(&mut world, &fixture).assert_ok().event();
            assert_eq!((event.paid, event.interest), (AWARD, interest));
        }
        let claim = fixture.read_claim(&world, 1);
        assert_eq!(
            (claim.status, claim.totals.paid, claim.course.interest),
            (ClaimStatus::Paid, AWARD, interest),
            "{days}"
        );
        assert_eq!(
            world.balance(&fixture.payout),
            (AWARD + interest) * UNIT_PER_CENT
        );
        assert_eq!(fixture.read_pool(&world).paid, AWARD + interest);
        fixture.assert_money_adds_up(&world);
    }
}

/// A denial carries none, whenever it comes.
#[test]
fn nothing_is_due_on_a_denial() {
    let (mut world, fixture) = pended();
    world.advance(100 * DAY);
    let deny = Decision::Deny {
        group: AdjustmentGroup::Contractual,
        reason: 50,
    };
    send(&mut world, fixture.decide(1, deny), &fixture.staff.key()).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.course.interest),
        (ClaimStatus::Denied, 0)
    );
    assert_eq!(
        claim.course.decider,
        Course::tag(&fixture.staff.key().pubkey())
    );
}

#[test]
fn the_clocks_stand_while_information_is_awaited() {
    let (mut world, fixture) = pended();
    let (staff, clerk) = (fixture.staff.key(), fixture.clerk.key());
    refused(
        &mut world,
        &[fixture.provide_information(1)],
        &[&clerk],
        ClaimsError::InformationNotAwaited,
    );
    world.advance(5 * DAY);
    let event: InformationRequested = send(&mut world, fixture.request_information(1), &staff)
        .assert_ok()
        .event();
    assert_eq!((event.claim, event.document), (fixture.claim(1), [13; 32]));
    assert_eq!(
        fixture.read_claim(&world, 1).course.awaiting_since,
        TODAY + 5
    );
    refused(
        &mut world,
        &[fixture.request_information(1)],
        &[&staff],
        ClaimsError::InformationAlreadyAwaited,
    );
    world.advance(20 * DAY);
    let event: InformationProvided = send(&mut world, fixture.provide_information(1), &clerk)
        .assert_ok()
        .event();
    assert_eq!((event.document, event.stopped_days), ([14; 32], 20));
    let course = fixture.read_claim(&world, 1).course;
    assert_eq!(
        (
            course.awaiting_since,
            course.stopped_days,
            course.interest_after
        ),
        (0, 20, TODAY + 50)
    );
    // 60 days after receipt, of which 20 do not count: ten days late.
    let mut answered = world.clone();
    answered.advance(35 * DAY);
    approve(&mut answered, &fixture).assert_ok();
    assert_eq!(fixture.read_claim(&answered, 1).course.interest, 100);
    // Asked again, and decided without an answer: the days until then do not count either.
    send(&mut world, fixture.request_information(1), &staff).assert_ok();
    world.advance(35 * DAY);
    approve(&mut world, &fixture).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!((claim.course.interest, claim.course.stopped_days), (0, 55));
    for (instruction, signer) in [
        (fixture.request_information(1), &staff),
        (fixture.escalate(1), &staff),
    ] {
        refused(
            &mut world,
            &[instruction],
            &[signer],
            ClaimsError::ClaimNotPended,
        );
    }
}

#[test]
fn who_asks_and_who_answers() {
    let (mut world, fixture) = pended();
    let ask = fixture.request_information(1);
    assert_insurer_staff_only(&world, &fixture, &ask, Permission::DecideClaim);
    let mut empty_question = ask.clone();
    empty_question.data[8..].fill(0);
    refused(
        &mut world,
        &[empty_question],
        &[&fixture.staff.key()],
        ClaimsError::DocumentEmpty,
    );
    send(&mut world, ask.clone(), &fixture.staff.key()).assert_ok();
    let answer = fixture.provide_information(1);
    let mut empty_answer = answer.clone();
    empty_answer.data[8..].fill(0);
    refused(
        &mut world,
        &[empty_answer],
        &[&fixture.clerk.key()],
        ClaimsError::DocumentEmpty,
    );
    let other = ClaimsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0);
    other.set_up(&mut world, terms(), unlimited());
    other.submit(&mut world, 1, &[line(1, 10_000)]).assert_ok();
    refused(
        &mut world,
        &[swapped(ask.clone(), fixture.claim(1), other.claim(1))],
        &[&fixture.staff.key()],
        ClaimsError::ClaimOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(ask, fixture.pool, other.pool)],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
    refused(
        &mut world,
        &[swapped(answer.clone(), fixture.claim(1), other.claim(1))],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimOfOtherProvider,
    );
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped_all(
            &answer,
            fixture.clerk.key().pubkey(),
            stranger.pubkey(),
        )],
        &[&stranger],
        ClaimsError::OperatorKeyMismatch,
    );
    refused(
        &mut world,
        &[swapped(
            fixture.escalate(1),
            fixture.plan_version,
            other.plan_version,
        )],
        &[],
        ClaimsError::ClaimOfOtherPlanVersion,
    );
}

/// Anybody escalates what is overdue; it is not paid by that, and still waits for the decision.
#[test]
fn what_is_overdue_is_escalated() {
    let (mut world, fixture) = pended();
    world.advance(30 * DAY);
    refused(
        &mut world,
        &[fixture.escalate(1)],
        &[],
        ClaimsError::DecisionNotOverdue,
    );
    world.advance(DAY);
    let mut asked = world.clone();
    send(
        &mut asked,
        fixture.request_information(1),
        &fixture.staff.key(),
    )
    .assert_ok();
    asked.advance(100 * DAY);
    refused(
        &mut asked,
        &[fixture.escalate(1)],
        &[],
        ClaimsError::DecisionNotOverdue,
    );
    let before = fixture.read_claim(&world, 1);
    let event: ClaimEscalated = world.send(&[fixture.escalate(1)], &[]).assert_ok().event();
    assert_eq!(
        (event.claim, event.received_at),
        (fixture.claim(1), before.received_at)
    );
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(claim.status, ClaimStatus::Pended);
    assert!(claim.course.has(Course::ESCALATED));
    assert_eq!(world.balance(&fixture.payout), 0);
    refused(
        &mut world,
        &[fixture.escalate(1)],
        &[],
        ClaimsError::AlreadyEscalated,
    );
    approve(&mut world, &fixture).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

/// The pool lacks the money for the award until it is late: the interest is paid with it.
#[test]
fn an_award_that_waited_for_money() {
    let (mut world, fixture) = ready();
    let notice = fixture.announce_withdrawal(&world, FUNDED - 36_499);
    send(&mut world, notice, &fixture.staff.key()).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    send(&mut world, fixture.withdraw(), &fixture.staff.key()).assert_ok();
    fixture.submit(&mut world, 1, &[expensive(1)]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.course.interest_rate),
        (ClaimStatus::Payable, 10_000)
    );
    world.advance(40 * DAY);
    fixture.fund(&mut world, 100).assert_ok();
    // Enough for the award, not for the interest, which is paid as far as it goes.
    let mut enough = world.clone();
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest, event.left), (AWARD, 0, 0));
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (0, 98));
    assert_eq!(fixture.read_claim(&world, 1).interest_paid(), 98);
    assert_eq!(fixture.read_pool(&world).unfunded, 1);
    fixture.assert_money_adds_up(&world);
    fixture.fund(&mut world, 1).assert_ok();
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (0, 2));
    assert_eq!(world.balance(&fixture.payout), 36_600 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&world);

    fixture.fund(&mut enough, 1).assert_ok();
    let event: ClaimPaid = enough.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 100));
    assert_eq!(enough.balance(&fixture.payout), 36_600 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&enough);
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.unfunded, pool.paid), (0, 36_600));
    fixture.assert_money_adds_up(&world);
}

/// What is set aside is paid whatever else the pool lacks; its interest waits on its own.
#[test]
fn interest_that_waits_for_money() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let together = fixture.set_agreement_terms(&world, netted());
    send(&mut world, together, &staff).assert_ok();
    fixture.submit(&mut world, 1, &[expensive(1)]).assert_ok();
    assert!(fixture.read_claim(&world, 1).money_reserved);
    let notice = fixture.announce_withdrawal(&world, FUNDED - AWARD);
    send(&mut world, notice, &staff).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    send(&mut world, fixture.withdraw(), &staff).assert_ok();
    world.advance(26 * DAY);
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 0));
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.course.interest, claim.interest_paid()),
        (ClaimStatus::Paid, 100, 0)
    );
    assert_eq!(fixture.read_pool(&world).unfunded, 100);
    fixture.assert_money_adds_up(&world);
    let taken_back = world.clone();
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PoolUnderfunded,
    );
    fixture.fund(&mut world, 100).assert_ok();
    // It was worked out once.
    world.advance(DAY);
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (0, 100));
    assert_eq!(world.balance(&fixture.payout), 36_600 * UNIT_PER_CENT);
    assert_eq!(fixture.read_pool(&world).unfunded, 0);
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::ClaimNotPayable,
    );
    // Interest made up for lateness: taking the award back does not take it along.
    send(&mut world, fixture.reverse(1, 7), &staff).assert_ok();
    assert_eq!(fixture.read_agreement(&world).owed, AWARD);
    fixture.assert_money_adds_up(&world);

    // Nor before it was paid: it stays owed, and is paid when there is money.
    let mut world = taken_back;
    send(&mut world, fixture.reverse(1, 7), &staff).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.lacking(), claim.interest_paid()),
        (ClaimStatus::Reversed, 100, 0)
    );
    assert_eq!(fixture.read_agreement(&world).owed, AWARD);
    fixture.assert_money_adds_up(&world);
    // A share is rounded down.
    for (cents, share, lacking) in [(40, 39, 61), (60, 61, 0)] {
        fixture.fund(&mut world, cents).assert_ok();
        let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
        assert_eq!((event.amount, event.interest), (0, share));
        assert_eq!(fixture.read_claim(&world, 1).lacking(), lacking);
        fixture.assert_money_adds_up(&world);
    }
    assert_eq!(world.balance(&fixture.payout), 36_600 * UNIT_PER_CENT);
    assert_eq!(fixture.read_agreement(&world).owed, AWARD);
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::ClaimNotPayable,
    );
}

/// A pool that cannot pay its interest does not win the appeal by that: it is overturned, and the interest stays owed.
#[test]
fn an_appeal_is_overturned_while_interest_is_owed() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let together = fixture.set_agreement_terms(&world, netted());
    send(&mut world, together, &staff).assert_ok();
    // The second line is after the last day of coverage, by mistake.
    let end = fixture.end_coverage(&world, SERVICE_DATE + 3);
    send(&mut world, end, &staff).assert_ok();
    let after = ClaimLineArgs {
        day: 4,
        ..line(5, 10_000)
    };
    let lines = [expensive(1), after];
    fixture.submit(&mut world, 1, &lines).assert_ok();
    let notice = fixture.announce_withdrawal(&world, FUNDED - AWARD);
    send(&mut world, notice, &staff).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    send(&mut world, fixture.withdraw(), &staff).assert_ok();
    world.advance(26 * DAY);
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 0));
    world
        .send(
            &[fixture.appeal_as_member(1, 1)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    let judge = reviewer(&mut world, &fixture, "judge");
    let coverage = claims::waivers::WAIVE_COVERAGE;
    let overturn = fixture.overturn(1, 1, &judge, 2, coverage);
    world.send(&[overturn], &[&judge.key()]).assert_ok();
    let (old, new) = (fixture.read_claim(&world, 1), fixture.read_claim(&world, 2));
    assert_eq!((old.status, old.lacking()), (ClaimStatus::Reversed, 100));
    // What was paid is kept back of what takes its place: nothing moves.
    assert_eq!(
        (new.status, new.totals.paid, new.offset, new.paid_at),
        (ClaimStatus::Payable, AWARD + 8_000, AWARD, 0)
    );
    fixture.assert_money_adds_up(&world);
    fixture.fund(&mut world, 8_100).assert_ok();
    for (n, paid) in [(1, (0, 100)), (2, (8_000, 0))] {
        let event: ClaimPaid = world.send(&[fixture.settle(n)], &[]).assert_ok().event();
        assert_eq!((event.amount, event.interest), paid);
    }
    fixture.assert_money_adds_up(&world);
}

/// Whoever lets an award wait is not spared the interest by having it adjudicated anew.
#[test]
fn the_clock_of_an_award_that_was_not_paid_runs_on() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    // It takes 50.00 of the deductible, on another day.
    let before = ClaimLineArgs {
        day: 1,
        ..line(5, 5_000)
    };
    fixture.submit(&mut world, 8, &[before]).assert_ok();
    let notice = fixture.announce_withdrawal(&world, FUNDED);
    send(&mut world, notice, &staff).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    send(&mut world, fixture.withdraw(), &staff).assert_ok();
    fixture.submit(&mut world, 1, &[expensive(1)]).assert_ok();
    let waiting = fixture.read_claim(&world, 1);
    let received = i32::try_from(world.now() / DAY).unwrap();
    assert_eq!(
        (
            waiting.status,
            waiting.totals.paid,
            waiting.course.interest_after
        ),
        (ClaimStatus::Payable, AWARD + 4_000, received + 30)
    );
    world.advance(40 * DAY);
    send(&mut world, fixture.reverse(8, 7), &staff).assert_ok();
    let before = world.clone();
    send(&mut world, fixture.reprocess(1, 2), &staff).assert_ok();
    let anew = fixture.read_claim(&world, 2);
    assert_eq!(
        (
            anew.status,
            anew.totals.paid,
            anew.course.interest_rate,
            anew.course.interest_after
        ),
        (ClaimStatus::Payable, AWARD, 10_000, received + 30)
    );
    fixture.fund(&mut world, AWARD + 100).assert_ok();
    let event: ClaimPaid = world.send(&[fixture.settle(2)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 100));
    fixture.assert_money_adds_up(&world);

    // With the money there it is paid at once, with the interest.
    let mut world = before;
    fixture.fund(&mut world, AWARD + 4_000).assert_ok();
    send(&mut world, fixture.reprocess(1, 2), &staff).assert_ok();
    let anew = fixture.read_claim(&world, 2);
    assert_eq!(
        (anew.status, anew.totals.paid, anew.course.interest),
        (ClaimStatus::Paid, AWARD, 100)
    );
    assert_eq!(
        world.balance(&fixture.payout),
        (AWARD + 100) * UNIT_PER_CENT
    );
    fixture.assert_money_adds_up(&world);
}

/// Claim 1 is set aside, to be paid with others: 365.00.
fn set_aside() -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    let together = fixture.set_agreement_terms(&world, netted());
    send(&mut world, together, &fixture.staff.key()).assert_ok();
    fixture.submit(&mut world, 1, &[expensive(1)]).assert_ok();
    (world, fixture)
}

fn close_payout(world: &mut World, fixture: &ClaimsFixture) {
    let authority = fixture.provider.authority();
    let close = anchor_spl::token::spl_token::instruction::close_account(
        &fixture.token_program,
        &fixture.payout,
        &authority.pubkey(),
        &authority.pubkey(),
        &[],
    )
    .unwrap();
    world.send(&[close], &[&authority]).assert_ok();
}

/// Closes the account ten days after the ceiling, has the clock stopped there, and opens the account anew years later.
fn closed_for_years() -> (World, ClaimsFixture) {
    let (mut world, fixture) = set_aside();
    world.advance(40 * DAY);
    close_payout(&mut world, &fixture);
    let before = (fixture.read_claim(&world, 1), fixture.read_pool(&world));
    let event: ClockStopped = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    let today = i32::try_from(world.now() / DAY).unwrap();
    assert_eq!(
        (event.claim, event.pool, event.payout, event.since),
        (fixture.claim(1), fixture.pool, fixture.payout, today)
    );
    let mut stopped = before.0;
    stopped.course.awaiting_since = today;
    assert_eq!(
        (fixture.read_claim(&world, 1), fixture.read_pool(&world)),
        (stopped, before.1)
    );
    // It stands; there is nothing to be done until the account takes money.
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutClosed,
    );
    world.advance(1_000 * DAY);
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutClosed,
    );
    let payout = world.token_account(
        "payout",
        &fixture.mint,
        &fixture.provider.authority().pubkey(),
    );
    assert_eq!(payout, fixture.payout);
    (world, fixture)
}

/// A provider that closes its account earns nothing by it: the days for which the money lay there are not late.
#[test]
fn no_interest_while_the_account_takes_no_money() {
    let (mut world, fixture) = closed_for_years();
    let mut together = world.clone();
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 100));
    let outcome = together.send(&[fixture.settle_together(&[1])], &[]);
    let event: ClaimsSettled = outcome.assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 100));
    for world in [&world, &together] {
        let course = fixture.read_claim(world, 1).course;
        assert_eq!(
            (course.awaiting_since, course.stopped_days, course.interest),
            (0, 1_000, 100)
        );
        fixture.assert_money_adds_up(world);
    }
    assert_eq!(
        fixture.read_claim(&world, 1),
        fixture.read_claim(&together, 1)
    );
    // Had nobody stopped it, it would have been a thousand days more.
    let (mut idle, fixture) = set_aside();
    idle.advance(1_040 * DAY);
    let event: ClaimPaid = idle.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!(event.interest, 10_100);
}

/// Adjudicated while the account takes no money, its clock never runs, until somebody finds that it does.
#[test]
fn a_clock_that_begins_with_a_frozen_account_stands() {
    let (mut world, fixture) = ready();
    world.freeze(&fixture.payout);
    fixture.submit(&mut world, 1, &[expensive(1)]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (
            claim.status,
            claim.money_reserved,
            claim.course.awaiting_since
        ),
        (ClaimStatus::Payable, true, TODAY)
    );
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutFrozen,
    );
    world.advance(500 * DAY);
    world.thaw(&fixture.payout);
    let event: ClaimPaid = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!((event.amount, event.interest), (AWARD, 0));
    fixture.assert_money_adds_up(&world);
}

/// The account takes money again and the pool pays no more today, or nothing young for a while: from here on it is late for
/// reasons of others, and the clock runs.
#[test]
fn the_clock_goes_on_where_the_account_takes_money() {
    let (mut world, fixture) = closed_for_years();
    let limit = fixture.set_outflow_limit(&world, 1);
    // The fixture's staff has expired by now.
    let later = fixture
        .insurer
        .operator(&mut world, "later staff", &[Permission::ManagePool]);
    let limit = swapped(
        swapped(limit, fixture.staff.key().pubkey(), later.key().pubkey()),
        fixture.staff.address,
        later.address,
    );
    send(&mut world, limit, &later.key()).assert_ok();
    world.advance(claims::constants::OUTFLOW_NOTICE_SECONDS);
    let before = (fixture.read_claim(&world, 1), fixture.read_pool(&world));
    let event: ClockResumed = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!(
        (event.claim, event.pool, event.stopped_days),
        (fixture.claim(1), fixture.pool, 1_014)
    );
    let mut resumed = before.0;
    resumed.course.awaiting_since = 0;
    resumed.course.stopped_days = 1_014;
    resumed.course.interest_after += 1_014;
    assert_eq!(
        (fixture.read_claim(&world, 1), fixture.read_pool(&world)),
        (resumed, before.1)
    );
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::OutflowLimitReached,
    );

    // A pause holds a young award back.
    let (mut young, fixture) = ready();
    young.freeze(&fixture.payout);
    fixture.submit(&mut young, 1, &[expensive(1)]).assert_ok();
    fixture.registry.pause(&mut young, 72 * 3_600).assert_ok();
    young.thaw(&fixture.payout);
    let event: ClockResumed = young.send(&[fixture.settle(1)], &[]).assert_ok().event();
    assert_eq!(event.stopped_days, 0);
    refused(
        &mut young,
        &[fixture.settle(1)],
        &[],
        ClaimsError::AwardTooYoung,
    );
}

/// What the pool does not have is late whatever the account takes; once all of it is there, it is not.
#[test]
fn money_that_is_not_there_is_late_all_the_same() {
    let (mut world, fixture) = ready();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    world.freeze(&fixture.payout);
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutFrozen,
    );
    fixture.fund(&mut world, 1_000_000).assert_ok();
    let _: ClockStopped = world.send(&[fixture.settle(1)], &[]).assert_ok().event();
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ClaimsError::PayoutFrozen,
    );
    world.thaw(&fixture.payout);
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}
