//! What a review of the program has found: each of these went wrong before.

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
