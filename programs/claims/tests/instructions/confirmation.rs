//! Claims that came without the member's signature, under a plan that has the member confirm them.

use claims::events::{ClaimAdjudicated, ClaimDisputed};
use claims::instructions::Decision;

use crate::common::*;

const WAIT: i64 = CONFIRMATION_DAYS as i64 * DAY;

/// Two units of code 1: 80.00 are paid.
fn asked() -> [ClaimLineArgs; 1] {
    [ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    }]
}

fn confirming() -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    let fixture = fixture.checked(&mut world, terms(), confirmed());
    (world, fixture)
}

/// Claim 1 waits for the member.
fn waiting() -> (World, ClaimsFixture) {
    let (mut world, fixture) = confirming();
    let steps = fixture.submit_vouched(1, &asked());
    let outcome = world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.status, event.pend_reason, event.payout),
        (
            ClaimStatus::Pended,
            PendReason::Confirmation,
            Pubkey::default()
        )
    );
    (world, fixture)
}

#[test]
fn it_waits_until_the_member_has_confirmed_it() {
    let (mut world, fixture) = waiting();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        claim.course.wait_until,
        TODAY + i32::from(CONFIRMATION_DAYS)
    );
    let before = fixture.read_member(&world);
    assert_eq!(
        (
            before.periods[0].annual_used,
            world.balance(&fixture.payout)
        ),
        (0, 0),
        "nothing is used up or paid before"
    );
    assert_eq!(fixture.read_history(&world).count, 1);

    let (mut signed, at_once) = confirming();
    at_once.submit(&mut signed, 1, &asked()).assert_ok();
    assert_eq!(
        at_once.read_claim(&signed, 1).status,
        ClaimStatus::Paid,
        "who has signed is not asked"
    );

    let outcome = world
        .send(&[fixture.confirm(1)], &[&fixture.member_key()])
        .assert_ok();
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.status, event.paid, event.payout),
        (ClaimStatus::Paid, 8_000, fixture.payout)
    );
    let (claim, wanted) = (
        fixture.read_claim(&world, 1),
        at_once.read_claim(&signed, 1),
    );
    assert_eq!(
        (claim.lines, claim.totals, claim.turn, claim.pend_reason),
        (wanted.lines, wanted.totals, wanted.turn, PendReason::None)
    );
    assert_eq!(claim.course.wait_until, 0);
    assert_eq!(fixture.read_member(&world), at_once.read_member(&signed));
    assert_eq!(fixture.read_history(&world), at_once.read_history(&signed));
    assert_eq!(world.balance(&fixture.payout), 8_000 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.confirm(1)],
        &[&fixture.member_key()],
        ClaimsError::ConfirmationNotAwaited,
    );
}

/// Where the agreement is over the insurer looks in any case: the member is not waited for.
#[test]
fn nobody_is_asked_under_an_agreement_that_is_over() {
    let (mut world, fixture) = confirming();
    let end = fixture.set_agreement_status(&world, AgreementStatus::Ended);
    world.send_unsigned(&[end]).assert_ok();
    let steps = fixture.submit_vouched(1, &asked());
    world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.course.wait_until),
        (PendReason::AgreementOver, 0)
    );
    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(world.balance(&fixture.payout), 8_000 * UNIT_PER_CENT);
}

/// What has been confirmed passes the same limits and suspicions as what was signed.
#[test]
fn the_insurer_may_look_after_the_member() {
    let (mut world, fixture) = waiting();
    let limited = AgreementTerms {
        limit_per_claim: 7_999,
        ..unlimited()
    };
    let set = fixture.set_agreement_terms(&world, limited);
    world.send_unsigned(&[set]).assert_ok();
    world
        .send(&[fixture.confirm(1)], &[&fixture.member_key()])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason, claim.course.wait_until),
        (ClaimStatus::Pended, PendReason::ClaimLimit, 0)
    );
    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).totals.paid, 8_000);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_disputed_claim_is_the_insurers_to_decide() {
    let (mut world, fixture) = waiting();
    let outcome = world
        .send(&[fixture.dispute(1)], &[&fixture.member_key()])
        .assert_ok();
    let event: ClaimDisputed = outcome.event();
    assert_eq!(
        (event.claim, event.member),
        (fixture.claim(1), fixture.member)
    );
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason, claim.course.wait_until),
        (ClaimStatus::Pended, PendReason::Disputed, 0)
    );
    for again in [fixture.dispute(1), fixture.confirm(1)] {
        refused(
            &mut world,
            &[again],
            &[&fixture.member_key()],
            ClaimsError::ConfirmationNotAwaited,
        );
    }
    let deny = Decision::Deny {
        group: AdjustmentGroup::Contractual,
        reason: 50,
    };
    let mut denied = world.clone();
    denied.send_unsigned(&[fixture.decide(1, deny)]).assert_ok();
    assert_eq!(fixture.read_history(&denied).count, 0);
    fixture.assert_money_adds_up(&denied);
    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

/// Silence pays nothing and loses nothing: the insurer decides once the member's time is over, and not before.
#[test]
fn silence_hands_it_to_the_insurer() {
    let (mut world, fixture) = waiting();
    let decisions = [
        fixture.decide(1, Decision::Approve),
        fixture.request_information(1),
    ];
    world.advance(WAIT);
    for decision in &decisions {
        refused(
            &mut world,
            std::slice::from_ref(decision),
            &[&fixture.staff.key()],
            ClaimsError::ConfirmationAwaited,
        );
    }
    // The last day counts.
    world
        .clone()
        .send_unsigned(&[fixture.confirm(1)])
        .assert_ok();
    world.advance(DAY);
    for late in [fixture.confirm(1), fixture.dispute(1)] {
        refused(
            &mut world,
            &[late],
            &[&fixture.member_key()],
            ClaimsError::ConfirmationLate,
        );
    }
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Pended);
    for decision in decisions {
        world.clone().send_unsigned(&[decision]).assert_ok();
    }
    // The insurer's own clock has run all the while, and goes on.
    let mut later = world.clone();
    later.advance((31 * DAY - WAIT).max(0));
    later.send_unsigned(&[fixture.escalate(1)]).assert_ok();
    later
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    let claim = fixture.read_claim(&later, 1);
    assert!(claim.course.interest > 0, "{:?}", claim.course);
    fixture.assert_money_adds_up(&later);
}

/// A confirmation that comes when payment is late pays interest too.
#[test]
fn what_waits_for_the_member_bears_interest() {
    let (mut world, fixture) = ready();
    let slow = PlanChecks {
        confirmation_days: 29,
        ..confirmed()
    };
    let fixture = fixture.checked(&mut world, terms(), slow);
    world
        .send_unsigned(&fixture.submit_vouched(1, &asked()))
        .assert_ok();
    let mut on_time = world.clone();
    on_time.advance(29 * DAY);
    on_time.send_unsigned(&[fixture.confirm(1)]).assert_ok();
    assert_eq!(fixture.read_claim(&on_time, 1).course.interest, 0);
    fixture.assert_money_adds_up(&on_time);
    // Confirmed in time, and paid later, with others.
    let together = fixture.set_agreement_terms(&world, netted());
    world.send_unsigned(&[together]).assert_ok();
    world.advance(29 * DAY);
    world.send_unsigned(&[fixture.confirm(1)]).assert_ok();
    world.advance(11 * DAY);
    world.send_unsigned(&[fixture.settle(1)]).assert_ok();
    // 80.00 at 10 % for the 10 days after the 30th.
    assert_eq!(fixture.read_claim(&world, 1).course.interest, 22);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn who_has_no_key_is_not_asked() {
    let (mut world, fixture) = confirming();
    let none = fixture.set_member_authority(&world, Pubkey::default());
    world.send_unsigned(&[none]).assert_ok();
    world
        .send_unsigned(&fixture.submit_vouched(1, &asked()))
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.course.wait_until),
        (PendReason::Confirmation, 0)
    );
    // A key that comes later comes too late.
    let key = fixture.set_member_authority(&world, fixture.member_key().pubkey());
    let mut with_key = world.clone();
    with_key.send_unsigned(&[key]).assert_ok();
    refused(
        &mut with_key,
        &[fixture.confirm(1)],
        &[&fixture.member_key()],
        ClaimsError::ConfirmationLate,
    );
    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
}

/// Of a claim that is denied as a whole there is nothing to confirm.
#[test]
fn a_denial_asks_nobody() {
    let (mut world, fixture) = confirming();
    world
        .send_unsigned(&fixture.submit_vouched(1, &[line(500, 10_000)]))
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Denied);
}

#[test]
fn only_the_member() {
    let (mut world, fixture) = waiting();
    let stranger = world.actor("stranger");
    let member = fixture.member_key().pubkey();
    for step in [fixture.confirm(1), fixture.dispute(1)] {
        refused(
            &mut world,
            &[unsigned(step.clone(), member)],
            &[],
            ErrorCode::AccountNotSigner,
        );
        refused(
            &mut world,
            &[swapped(step.clone(), member, stranger.pubkey())],
            &[&stranger],
            ClaimsError::NotMemberAuthority,
        );
        // A member of the same pool with a key of its own.
        let sibling = fixture.sibling(9);
        let mut world = world.clone();
        world.send_unsigned(&[sibling.enrol()]).assert_ok();
        let foreign = swapped(step, fixture.member, sibling.member);
        let error = if foreign.accounts.len() > 6 {
            ClaimsError::HistoryOfOtherMember
        } else {
            ClaimsError::ClaimOfOtherMember
        };
        refused(&mut world, &[foreign], &[&fixture.member_key()], error);
    }
}

#[test]
fn only_under_an_agreement_and_no_pause() {
    let (world, fixture) = waiting();
    let mut suspended = world.clone();
    let suspend = fixture.set_agreement_status(&suspended, AgreementStatus::Suspended);
    suspended.send_unsigned(&[suspend]).assert_ok();
    refused(
        &mut suspended,
        &[fixture.confirm(1)],
        &[&fixture.member_key()],
        ClaimsError::AgreementNotActive,
    );
    let mut paused = world.clone();
    fixture.registry.pause(&mut paused, 3_600).assert_ok();
    refused(
        &mut paused,
        &[fixture.confirm(1)],
        &[&fixture.member_key()],
        ClaimsError::AwardsPaused,
    );
    // Disputing awards nothing.
    paused.send_unsigned(&[fixture.dispute(1)]).assert_ok();
    let mut other = world.clone();
    let owner = fixture.provider.authority().pubkey();
    let payout = other.token_account("elsewhere", &fixture.mint, &owner);
    refused(
        &mut other,
        &[swapped(fixture.confirm(1), fixture.payout, payout)],
        &[&fixture.member_key()],
        ClaimsError::WrongPayout,
    );
}

#[test]
fn checks_that_contradict_themselves_are_refused() {
    let (mut world, fixture) = ready();
    for (confirmation, confirmation_days) in [
        (Confirmation::Off, 1),
        (Confirmation::Required, 0),
        // The plan's insurer decides within 30 days.
        (Confirmation::Required, 30),
    ] {
        let checks = PlanChecks {
            confirmation,
            confirmation_days,
            ..PlanChecks::default()
        };
        let publish = fixture.publish_with(&world, terms(), checks, TODAY + 1);
        refused(
            &mut world,
            &[publish],
            &[&fixture.staff.key()],
            ClaimsError::ChecksInvalid,
        );
    }
    let fixture = fixture.checked(&mut world, terms(), confirmed());
    let version: PlanVersion = world.account(&fixture.plan_version);
    assert_eq!(version.checks, confirmed());
}
