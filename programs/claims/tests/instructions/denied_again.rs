//! What a person at the insurer has denied, filed again under another number: it is never denied for that, and never paid before
//! somebody has looked (decision 61).

use claims::instructions::Decision;
use claims::waivers::WAIVE_REVIEW;

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

/// Above this, in cents, an award waits for the insurer.
const LIMIT: u64 = 12_000;
const DENY: Decision = Decision::Deny {
    group: AdjustmentGroup::Contractual,
    reason: 50,
};
/// The approval of all lines but the second, which was not necessary.
const BUT_THE_SECOND: Decision = Decision::ApproveInPart {
    not_necessary: 0b010,
    level_unsupported: 0,
};

/// 100.00 on each of three days: 160.00 are awarded after the deductible.
fn three() -> [ClaimLineArgs; 3] {
    [1, 2, 3].map(|day| on_day(day, 10_000))
}

/// Claim 1, of three lines, waits for the insurer by its amount.
fn waiting() -> (World, ClaimsFixture) {
    let mut world = empty();
    let entries = (0..100).map(|n| BenefitEntry {
        frequency_days: 30,
        ..benefit(n)
    });
    let agreement = AgreementTerms {
        limit_per_claim: LIMIT,
        ..unlimited()
    };
    let fixture = ClaimsFixture::with(&mut world, terms(), entries.collect(), agreement);
    fixture.submit(&mut world, 1, &three()).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(claim.pend_reason, PendReason::ClaimLimit);
    (world, fixture)
}

/// The same, decided like this.
fn decided(decision: Decision) -> (World, ClaimsFixture) {
    let (mut world, fixture) = waiting();
    decide(&mut world, &fixture, 1, decision);
    (world, fixture)
}

fn decide(world: &mut World, fixture: &ClaimsFixture, n: u8, decision: Decision) {
    let decide = fixture.decide(n, decision);
    world.send(&[decide], &[&fixture.staff.key()]).assert_ok();
}

/// Codes and days of entries, ascending.
fn services(entries: &[HistoryEntry]) -> Vec<([u8; 8], i32)> {
    let entries = entries.iter();
    let mut services: Vec<_> = entries
        .map(|one| (one.code_key, one.service_date))
        .collect();
    services.sort_unstable();
    services
}

/// Code and day of [`on_day`].
fn of_day(day: u8) -> ([u8; 8], i32) {
    (code(u32::from(day) + 1), SERVICE_DATE + i32::from(day))
}

/// The days of the live lines, and of those that a person has denied.
#[track_caller]
fn assert_history(world: &World, fixture: &ClaimsFixture, live: &[u8], denied: &[u8]) {
    let of = |days: &[u8]| days.iter().map(|day| of_day(*day)).collect::<Vec<_>>();
    assert_eq!(services(&fixture.live_lines(world)), of(live));
    assert_eq!(services(&fixture.denied_lines(world)), of(denied));
    let history = fixture.read_history(world);
    assert_eq!(usize::from(history.count), live.len());
    assert_eq!(usize::from(history.denied), denied.len());
}

fn status(world: &World, fixture: &ClaimsFixture, n: u8) -> (ClaimStatus, PendReason) {
    let claim = fixture.read_claim(world, n);
    (claim.status, claim.pend_reason)
}

const LOOKED_AT: (ClaimStatus, PendReason) = (ClaimStatus::Pended, PendReason::DeniedBefore);
const PAID: (ClaimStatus, PendReason) = (ClaimStatus::Paid, PendReason::None);

/// A reviewer finds one of three lines unnecessary; the provider files it alone, below the limits and beside no other line of its
/// day. It used to be paid at once.
#[test]
fn a_line_found_unnecessary_and_filed_again_alone_waits_for_a_reviewer() {
    let (mut world, fixture) = decided(BUT_THE_SECOND);
    assert_eq!(status(&world, &fixture, 1), PAID);
    assert_history(&world, &fixture, &[1, 3], &[2]);
    let before = (
        fixture.read_pool(&world),
        fixture.read_member(&world),
        fixture.read_agreement(&world),
        world.balance(&fixture.payout),
    );

    let again = on_day(2, 10_000);
    fixture.submit(&mut world, 2, &[again]).assert_ok();
    assert_eq!(status(&world, &fixture, 2), LOOKED_AT);
    let after = (
        fixture.read_pool(&world),
        fixture.read_member(&world),
        fixture.read_agreement(&world),
        world.balance(&fixture.payout),
    );
    assert_eq!(after, before);
    assert_history(&world, &fixture, &[1, 2, 3], &[2]);
    let waiting = fixture.read_claim(&world, 2);
    assert!(
        waiting.course.interest_after != 0,
        "the insurer's clock runs"
    );

    // A reviewer approves it: it is paid, and does not wait again.
    decide(&mut world, &fixture, 2, Decision::Approve);
    assert_eq!(status(&world, &fixture, 2), PAID);
    assert_eq!(fixture.read_pool(&world).paid, before.0.paid + 8_000);
    assert_history(&world, &fixture, &[1, 2, 3], &[2]);
    fixture.assert_money_adds_up(&world);
}

/// The same of a claim that was denied whole, however often it comes, until somebody approves.
#[test]
fn a_claim_denied_whole_and_filed_again_in_parts_waits_for_a_reviewer() {
    let (mut world, fixture) = waiting();
    assert_history(&world, &fixture, &[1, 2, 3], &[]);
    decide(&mut world, &fixture, 1, DENY);
    assert_history(&world, &fixture, &[], &[1, 2, 3]);
    for (n, day) in [(2, 1), (3, 2), (4, 3)] {
        let again = on_day(day, 10_000);
        fixture.submit(&mut world, n, &[again]).assert_ok();
        assert_eq!(status(&world, &fixture, n), LOOKED_AT);
    }
    assert_eq!(fixture.read_pool(&world).paid, 0);
    // Denied once more, it is denied twice.
    decide(&mut world, &fixture, 2, DENY);
    assert_history(&world, &fixture, &[2, 3], &[1, 1, 2, 3]);
    fixture
        .submit(&mut world, 5, &[on_day(1, 10_000)])
        .assert_ok();
    assert_eq!(status(&world, &fixture, 5), LOOKED_AT);
    fixture.assert_money_adds_up(&world);
}

/// Another code, other modifiers, another charge of that visit wait too; what is of another day, of another member's or of another
/// provider's visit does not.
#[test]
fn it_is_the_visit_that_is_looked_at() {
    let (world, fixture) = decided(DENY);
    let again = on_day(2, 10_000);
    let other_code = ClaimLineArgs {
        code_key: code(77),
        ..again
    };
    let modified = ClaimLineArgs {
        modifiers: [1, 2, 3, 4],
        ..again
    };
    let cheaper = ClaimLineArgs {
        charge: 4_000,
        ..again
    };
    for one in [again, other_code, modified, cheaper] {
        let mut world = world.clone();
        fixture.submit(&mut world, 2, &[one]).assert_ok();
        assert_eq!(status(&world, &fixture, 2), LOOKED_AT);
    }
    // One such line holds the whole claim up, and one that the rulebook denies does not.
    let mut both = world.clone();
    let lines = [on_day(0, 10_000), again];
    fixture.submit(&mut both, 2, &lines).assert_ok();
    assert_eq!(status(&both, &fixture, 2), LOOKED_AT);
    let mut denied = world.clone();
    let not_covered = ClaimLineArgs {
        code_key: code(500),
        ..again
    };
    let lines = [on_day(0, 15_000), not_covered];
    fixture.submit(&mut denied, 2, &lines).assert_ok();
    assert_eq!(status(&denied, &fixture, 2), PAID);

    let mut other_day = world.clone();
    let same_code = ClaimLineArgs { day: 0, ..again };
    let same_code = ClaimLineArgs {
        charge: 15_000,
        ..same_code
    };
    fixture.submit(&mut other_day, 2, &[same_code]).assert_ok();
    assert_eq!(status(&other_day, &fixture, 2), PAID);
    let mut elsewhere = world;
    let other = crate::rounds::second_provider(&mut elsewhere, &fixture);
    let dearer = ClaimLineArgs {
        charge: 15_000,
        ..again
    };
    other.submit(&mut elsewhere, 2, &[dearer]).assert_ok();
    assert_eq!(status(&elsewhere, &other, 2), PAID);
}

/// Denied lines answer nothing: neither duplicate nor frequency, of thirty days for every code. Approved, the corrected claim comes
/// to what it would have come to.
#[test]
fn a_corrected_claim_is_not_denied_for_what_was_denied() {
    let corrected = ClaimLineArgs {
        charge: 12_500,
        ..on_day(2, 0)
    };
    let approved_after = |decision| {
        let (mut world, fixture) = decided(decision);
        fixture.submit(&mut world, 2, &[corrected]).assert_ok();
        let waiting = fixture.read_claim(&world, 2);
        assert_eq!(waiting.pend_reason, PendReason::DeniedBefore);
        assert_eq!(waiting.lines[0].denial_reason, 0);
        decide(&mut world, &fixture, 2, Decision::Approve);
        fixture.assert_money_adds_up(&world);
        fixture.read_claim(&world, 2)
    };
    let claim = approved_after(BUT_THE_SECOND);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Paid, 10_000)
    );
    // Nothing but the first 100.00 is deductible.
    let claim = approved_after(DENY);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Paid, 2_000)
    );

    // A live line of the code does deny it: of the day before within those thirty, or the same.
    let (mut world, fixture) = decided(Decision::Approve);
    fixture.submit(&mut world, 2, &[corrected]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).lines[0].denial_reason, 18);
}

/// A denial by the rulebook is nobody's word: a corrected claim is paid at once. A line of which a reviewer has found something is
/// kept in mind whatever else denies it.
#[test]
fn what_the_rulebook_denies_is_not_kept_in_mind() {
    let mut not_covered = on_day(2, 10_000);
    not_covered.code_key = code(500);
    let (mut world, fixture) = waiting();
    fixture.submit(&mut world, 2, &[not_covered]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Denied);
    assert_eq!(fixture.denied_lines(&world), []);

    let (mut world, fixture) = decided(Decision::Approve);
    not_covered.day = 4;
    let lines = [on_day(4, 20_000), not_covered];
    let mut found = world.clone();
    fixture.submit(&mut world, 2, &lines).assert_ok();
    assert_eq!(status(&world, &fixture, 2).1, PendReason::ClaimLimit);
    decide(&mut world, &fixture, 2, DENY);
    assert_history(&world, &fixture, &[1, 2, 3], &[4]);

    fixture.submit(&mut found, 2, &lines).assert_ok();
    let unsupported = Decision::ApproveInPart {
        not_necessary: 0,
        level_unsupported: 0b10,
    };
    decide(&mut found, &fixture, 2, unsupported);
    assert_eq!(fixture.read_claim(&found, 2).lines[1].denial_reason, 204);
    assert_eq!(services(&fixture.live_lines(&found)).len(), 4);
    let day = SERVICE_DATE + 4;
    assert_eq!(services(&fixture.denied_lines(&found)), [(code(500), day)]);
}

/// Taken back, a claim has nothing in the history any more.
#[test]
fn a_reversal_forgets_what_was_found() {
    let (mut world, fixture) = decided(BUT_THE_SECOND);
    assert_history(&world, &fixture, &[1, 3], &[2]);
    reverse(&mut world, &fixture, 1).assert_ok();
    assert_history(&world, &fixture, &[], &[]);
    fixture
        .submit(&mut world, 2, &[on_day(2, 12_500)])
        .assert_ok();
    assert_eq!(status(&world, &fixture, 2), PAID);
    fixture.assert_money_adds_up(&world);
}

/// Adjudicated anew, a claim keeps what was found of it, and the history knows it by the new claim.
#[test]
fn what_was_found_follows_into_the_claims_place() {
    let (mut world, fixture) = waiting();
    fixture
        .submit(&mut world, 2, &[on_day(0, 4_000)])
        .assert_ok();
    decide(&mut world, &fixture, 1, BUT_THE_SECOND);
    reverse(&mut world, &fixture, 2).assert_ok();
    world
        .send(&[fixture.reprocess(1, 3)], &[&fixture.staff.key()])
        .assert_ok();
    assert_history(&world, &fixture, &[1, 3], &[2]);
    let [denied] = fixture.denied_lines(&world)[..] else {
        panic!("one line");
    };
    assert_eq!(denied.claim_tag, HistoryEntry::claim_tag(&fixture.claim(3)));
    fixture
        .submit(&mut world, 4, &[on_day(2, 10_000)])
        .assert_ok();
    assert_eq!(status(&world, &fixture, 4), LOOKED_AT);
    fixture.assert_money_adds_up(&world);
}

/// An appeal that is won leaves nothing of the denial; one that is upheld leaves it as it is.
#[test]
fn an_overturned_denial_is_forgotten() {
    for (decision, waivers) in [(BUT_THE_SECOND, WAIVE_REVIEW), (DENY, 0)] {
        let (mut world, fixture) = decided(decision);
        let denied = services(&fixture.denied_lines(&world));
        let keys = (fixture.clerk.key(), fixture.member_key());
        world
            .send(&[fixture.appeal_as_member(1, 1)], &[&keys.0, &keys.1])
            .assert_ok();
        let judge = reviewer(&mut world, &fixture, "judge");
        let mut upheld = world.clone();
        upheld
            .send(&[fixture.uphold(1, 1, &judge)], &[&judge.key()])
            .assert_ok();
        assert_eq!(services(&fixture.denied_lines(&upheld)), denied);

        let overturn = fixture.overturn(1, 1, &judge, 2, waivers);
        world.send(&[overturn], &[&judge.key()]).assert_ok();
        assert_eq!(status(&world, &fixture, 2), PAID);
        assert_history(&world, &fixture, &[1, 2, 3], &[]);
        fixture.assert_money_adds_up(&world);
    }
}

/// The member is asked first where the plan says so; with its word the claim still waits for the insurer. Nobody's silence is a
/// denial.
#[test]
fn the_members_word_does_not_stand_for_the_reviewers() {
    let (mut world, fixture) = ready();
    let fixture = fixture.checked(&mut world, terms(), confirmed());
    let visit = [on_day(2, 10_000)];
    let vouched = |world: &mut World, n| {
        let steps = fixture.submit_vouched(n, &visit);
        world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
        assert_eq!(status(world, &fixture, n).1, PendReason::Confirmation);
    };
    vouched(&mut world, 1);
    world.advance((i64::from(CONFIRMATION_DAYS) + 1) * DAY);
    assert_history(&world, &fixture, &[2], &[]);
    decide(&mut world, &fixture, 1, DENY);
    assert_history(&world, &fixture, &[], &[2]);
    vouched(&mut world, 2);
    world
        .send(&[fixture.confirm(2)], &[&fixture.member_key()])
        .assert_ok();
    assert_eq!(status(&world, &fixture, 2), LOOKED_AT);
    assert_history(&world, &fixture, &[2], &[2]);
    decide(&mut world, &fixture, 2, Decision::Approve);
    assert!(!matches!(
        fixture.read_claim(&world, 2).status,
        ClaimStatus::Pended | ClaimStatus::Denied
    ));
}

/// A member of whose lines nobody has denied any pays a comparison for this, and one of another visit a look at each entry.
#[test]
fn who_was_never_denied_pays_nothing_for_it() {
    let (world, fixture) = waiting();
    let measure = |decision| {
        let mut world = world.clone();
        decide(&mut world, &fixture, 1, decision);
        let outcome = fixture
            .submit(&mut world, 2, &[on_day(0, 5_000)])
            .assert_ok();
        outcome.cu
    };
    let (none, one) = (measure(Decision::Approve), measure(BUT_THE_SECOND));
    println!("three live lines: {none} CU; two, and one that was denied: {one} CU");
    assert!(one <= none + 500, "{one} CU, {none} without");
}
