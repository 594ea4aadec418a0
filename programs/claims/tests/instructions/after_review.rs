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
