//! What a review of the program has found: each of these went wrong before.

use claims::constants::{PAYOUT_DELAY_SECONDS, WITHDRAWAL_NOTICE_SECONDS};
use claims::events::PayoutProposed;
use claims::instructions::Decision;

use crate::common::*;

/// Two units of code 1 on the service date: 80.00 are awarded.
fn asked() -> [ClaimLineArgs; 1] {
    [ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    }]
}

/// Charged so that 365.00 are awarded after the deductible: a day of 10 % a year is 10 cents.
fn expensive() -> [ClaimLineArgs; 1] {
    [ClaimLineArgs {
        units: 6,
        ..line(1, 55_625)
    }]
}

/// The days on which the insurer waits for information bear no interest, also where the draw passes the claim over after that.
#[test]
fn a_question_before_the_draw_stops_the_clock() {
    let (mut world, fixture) = ready();
    let fixture = fixture.checked(&mut world, terms(), sampled(10_000));
    fixture.submit(&mut world, 1, &expensive()).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).pend_reason, PendReason::Draw);
    let days = i64::from(REVEAL_DAYS) + 1;
    world.advance(days * DAY);
    let ask = fixture.request_information(1);
    world.send(&[ask], &[&fixture.staff.key()]).assert_ok();
    world.advance(40 * DAY);
    world.send(&[fixture.draw(1)], &[]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid, claim.course.interest),
        (ClaimStatus::Paid, 36_500, 0)
    );
    assert_eq!(
        (claim.course.awaiting_since, claim.course.stopped_days),
        (0, 40)
    );
    fixture.assert_money_adds_up(&world);
}

/// Zeros stand for "no claim" wherever one names another.
#[test]
fn a_claim_of_zeros_is_none() {
    let (mut world, fixture) = ready();
    let zeros = [0; 16];
    let address = Claim::find_address(&fixture.pool, &fixture.provider.address, &zeros).0;
    let mut args = fixture.submit_args(1, &asked());
    args.claim_id = zeros;
    let mut accounts = fixture.submit_accounts(1);
    accounts.claim = address;
    refused(
        &mut world,
        &[claims_instruction(accounts, data::SubmitClaim { args })],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::ClaimIdEmpty,
    );
    let mut open = swapped(fixture.open_claim(1, 1), fixture.claim(1), address);
    open.data[8..24].fill(0);
    refused(
        &mut world,
        &[open],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimIdEmpty,
    );
}

/// A replacement waits for the insurer: its clock runs on from the first day, also where it is not paid in the end at once.
#[test]
fn interest_that_was_earned_stays() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    fixture.submit(&mut world, 1, &expensive()).assert_ok();
    world.send(&[fixture.reverse(1, 7)], &[&staff]).assert_ok();
    let limited = AgreementTerms {
        limit_per_claim: 1,
        ..netted()
    };
    let set = fixture.set_agreement_terms(&world, limited);
    world.send(&[set], &[&staff]).assert_ok();
    // What the first one was paid is owed, and kept back of the second; of the third nothing is.
    fixture.submit(&mut world, 2, &expensive()).assert_ok();
    world
        .send(&[fixture.decide(2, Decision::Approve)], &[&staff])
        .assert_ok();
    let next = ClaimLineArgs {
        day: 1,
        units: 5,
        ..line(1, 45_625)
    };
    world.advance(DAY);
    fixture.submit(&mut world, 3, &[next]).assert_ok();
    let link = fixture.link_replacement(1, 3);
    world.send(&[link], &[&fixture.clerk.key()]).assert_ok();
    let waiting = fixture.read_claim(&world, 3);
    assert_eq!(
        (waiting.status, waiting.replaces),
        (ClaimStatus::Pended, fixture.claim_id(1))
    );
    let after = waiting.course.interest_after;
    assert_eq!(after, TODAY + 1 + 30);
    // Ten days late, and set aside then: the clock is where it was.
    world.advance(40 * DAY);
    world
        .send(&[fixture.decide(3, Decision::Approve)], &[&staff])
        .assert_ok();
    let approved = fixture.read_claim(&world, 3);
    assert_eq!(
        (
            approved.status,
            approved.due(),
            approved.course.interest_after
        ),
        (ClaimStatus::Payable, 36_500, after)
    );
    world.send(&[fixture.settle(3)], &[]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).course.interest, 100);
    fixture.assert_money_adds_up(&world);
}

/// While an appeal is open nothing takes the claim's place.
#[test]
fn an_open_appeal_is_not_ended_by_a_link() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    fixture.submit(&mut world, 1, &asked()).assert_ok();
    world
        .send(&[fixture.reverse(1, 7)], &[&fixture.staff.key()])
        .assert_ok();
    world
        .send_unsigned(&[fixture.appeal_as_member(1, 1)])
        .assert_ok();
    fixture.submit(&mut world, 2, &asked()).assert_ok();
    let link = fixture.link_replacement(1, 2);
    refused(
        &mut world,
        std::slice::from_ref(&link),
        &[&clerk],
        ClaimsError::AppealStillOpen,
    );
    let mut upheld = world.clone();
    let judge = reviewer(&mut upheld, &fixture, "judge");
    upheld
        .send(&[fixture.uphold(1, 1, &judge)], &[&judge.key()])
        .assert_ok();
    upheld.send(&[link], &[&clerk]).assert_ok();
    // And the appeal can be won, beside the claim that was filed anew.
    let judge = reviewer(&mut world, &fixture, "judge");
    let overturn = fixture.overturn(1, 1, &judge, 3, claims::waivers::WAIVE_HISTORY);
    world.send(&[overturn], &[&judge.key()]).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).course.replaced_by,
        fixture.claim_id(3)
    );
}

/// A claim for something else, on another day, is no correction.
#[test]
fn what_replaces_a_claim_has_something_of_it() {
    let (mut world, fixture) = ready();
    fixture.submit(&mut world, 1, &asked()).assert_ok();
    world
        .send(&[fixture.reverse(1, 7)], &[&fixture.staff.key()])
        .assert_ok();
    for (n, code, day, corrects) in [(2, 2, 1, false), (3, 2, 0, true), (4, 1, 1, true)] {
        let mut world = world.clone();
        let other = ClaimLineArgs {
            day,
            ..line(code, 20_000)
        };
        fixture.submit(&mut world, n, &[other]).assert_ok();
        let link = fixture.link_replacement(1, n);
        let clerk = fixture.clerk.key();
        if corrects {
            world.send(&[link], &[&clerk]).assert_ok();
        } else {
            refused(
                &mut world,
                &[link],
                &[&clerk],
                ClaimsError::ClaimNotReplaceable,
            );
        }
    }
}

/// What a reversal sets free is not withdrawn before the reinsurer's part of it has gone back.
#[test]
fn reversing_what_is_ceded_ends_the_notice() {
    let (mut world, fixture) = ready();
    let treaty = TreatyFixture::in_force(&mut world, &fixture, cover(), 50_000);
    let staff = fixture.staff.key();
    let set = fixture.set_agreement_terms(&world, netted());
    world.send(&[set], &[&staff]).assert_ok();
    // 80.00 are set aside for each; of the first the layer has paid 30.00.
    fixture.submit(&mut world, 1, &asked()).assert_ok();
    world.send(&[treaty.cede(&[1])], &[]).assert_ok();
    let other = ClaimLineArgs {
        day: 1,
        ..line(1, 10_000)
    };
    fixture.submit(&mut world, 2, &[other]).assert_ok();
    let all = FUNDED + 3_000 - fixture.read_claim(&world, 2).totals.paid;
    let announce = fixture.announce_withdrawal(&world, all);
    world.send(&[announce], &[&staff]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);

    // A claim under no treaty changes nothing of it.
    let mut plain = world.clone();
    plain.send(&[fixture.reverse(2, 7)], &[&staff]).assert_ok();
    assert_eq!(fixture.read_pool(&plain).withdrawal, all);

    let together = [fixture.reverse(1, 7), fixture.withdraw()];
    refused(
        &mut world,
        &together,
        &[&staff],
        ClaimsError::NoWithdrawalAnnounced,
    );
    world.send(&[fixture.reverse(1, 7)], &[&staff]).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!(
        (pool.withdrawal, pool.withdrawal_at, pool.withdrawal_to),
        (0, 0, Pubkey::default())
    );
    world.send(&[treaty.cede(&[1])], &[]).assert_ok();
    assert_eq!(world.balance(&treaty.vault), 50_000 * UNIT_PER_CENT);
    treaty.assert_balances(&world);
    fixture.assert_money_adds_up(&world);
}

/// An agreement that is offered and accepted anew pays the account of before until 72 hours have passed.
#[test]
fn accepting_anew_does_not_move_the_money_at_once() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    for status in [AgreementStatus::Ended, AgreementStatus::Offered] {
        let change = fixture.set_agreement_status(&world, status);
        world.send(&[change], &[&staff]).assert_ok();
    }
    let authority = fixture.provider.authority();
    let new = world.token_account("new payout", &fixture.mint, &authority.pubkey());
    // The same account as before is in force at once.
    let mut same = world.clone();
    let outcome = same
        .send(&[fixture.accept(&same)], &[&authority])
        .assert_ok();
    assert_eq!(outcome.events::<PayoutProposed>().len(), 0);
    let agreement = fixture.read_agreement(&same);
    assert_eq!(
        (agreement.payout, agreement.payout_effective_at),
        (fixture.payout, 0)
    );

    let accept = swapped(fixture.accept(&world), fixture.payout, new);
    let event: PayoutProposed = world.send(&[accept], &[&authority]).assert_ok().event();
    let effective_at = world.now() + PAYOUT_DELAY_SECONDS;
    assert_eq!((event.payout, event.effective_at), (new, effective_at));
    let agreement = fixture.read_agreement(&world);
    assert_eq!(
        (
            agreement.status,
            agreement.payout,
            agreement.proposed_payout
        ),
        (AgreementStatus::Active, fixture.payout, new)
    );
    assert_eq!(agreement.effective_payout(effective_at - 1), fixture.payout);
    assert_eq!(agreement.effective_payout(effective_at), new);
    fixture.submit(&mut world, 1, &asked()).assert_ok();
    assert_eq!(world.balance(&fixture.payout), 8_000 * UNIT_PER_CENT);
    world
        .send(&[fixture.cancel_payout()], &[&authority])
        .assert_ok();
    assert_eq!(
        fixture
            .read_agreement(&world)
            .effective_payout(effective_at),
        fixture.payout
    );
}
