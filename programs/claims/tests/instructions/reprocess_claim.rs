use claims::events::ClaimReprocessed;

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

fn reprocess(world: &mut World, fixture: &ClaimsFixture, n: u8, replacement: u8) -> Outcome {
    world.send(
        &[fixture.reprocess(n, replacement)],
        &[&fixture.staff.key()],
    )
}

/// A, B, reverse A, reprocess B = B alone: on every accumulator and history entry, and in money.
#[test]
fn it_comes_to_what_it_would_have_come_to_alone() {
    // The deductible is 100.00: B alone pays it, and after A it pays the rest of it or nothing of it.
    for a in [4_000, 10_000, 25_000] {
        let (mut world, fixture) = ready();
        let mut alone = world.clone();
        let b = [on_day(1, 25_000), on_day(2, 3_000)];
        fixture.submit(&mut alone, 2, &b).assert_ok();

        fixture.submit(&mut world, 1, &[on_day(0, a)]).assert_ok();
        fixture.submit(&mut world, 2, &b).assert_ok();
        let before = fixture.read_claim(&world, 2);
        reverse(&mut world, &fixture, 1).assert_ok();
        world.advance(60);
        let event: ClaimReprocessed = reprocess(&mut world, &fixture, 2, 3).assert_ok().event();

        let wanted = fixture.read_claim(&alone, 2);
        let claim = fixture.read_claim(&world, 3);
        assert_eq!(claim.lines, wanted.lines);
        assert_eq!(claim.totals, wanted.totals);
        assert_eq!(
            (claim.received_at, claim.replaces, claim.turn),
            (before.received_at, before.claim_id, 3)
        );
        assert_eq!(
            (claim.document, claim.opener, claim.awarded_at),
            (before.document, fixture.staff.key().pubkey(), world.now())
        );
        let (member, wanted_member) = (fixture.read_member(&world), fixture.read_member(&alone));
        assert_eq!(member.periods, wanted_member.periods);
        assert_eq!(member.lifetime, wanted_member.lifetime);
        let keys = |world: &World| {
            fixture
                .live_lines(world)
                .iter()
                .map(|entry| (entry.code_key, entry.service_date))
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(&world), keys(&alone));

        let old = fixture.read_claim(&world, 2);
        assert_eq!(
            old,
            Claim {
                status: ClaimStatus::Reversed,
                reversed_at: world.now(),
                reversal_reason: Claim::REPROCESSED,
                course: Course {
                    replaced_by: fixture.claim_id(3),
                    ..before.course
                },
                ..before
            }
        );
        assert_eq!(
            (event.claim, event.replacement, event.status),
            (fixture.claim(2), fixture.claim(3), claim.status)
        );
        assert_eq!(
            (event.paid_before, event.paid, event.offset),
            (old.totals.paid, claim.totals.paid, claim.offset)
        );
        // What the provider has had for both is what it has coming for B alone, or owes the difference.
        let had = world.balance(&fixture.payout) / UNIT_PER_CENT;
        let owed = fixture.read_agreement(&world).owed;
        assert_eq!(had, wanted.totals.paid + owed);
        fixture.assert_money_adds_up(&world);
        assert!(!member.turns.is_flagged(claim.turn));
    }
}

/// A line that was denied as a duplicate is not one once the first is taken back.
#[test]
fn a_denied_claim_is_adjudicated_anew() {
    let (mut world, fixture) = ready();
    for n in [1, 2] {
        fixture
            .submit(&mut world, n, &[on_day(0, 20_000)])
            .assert_ok();
    }
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Denied);
    reverse(&mut world, &fixture, 1).assert_ok();
    reprocess(&mut world, &fixture, 2, 3).assert_ok();
    let claim = fixture.read_claim(&world, 3);
    assert_eq!(
        (claim.status, claim.totals.paid, claim.offset),
        (ClaimStatus::Paid, 8_000, 8_000)
    );
    assert_eq!(fixture.read_history(&world).count, 1);
    fixture.assert_money_adds_up(&world);
}

/// Not held up by the agreement's limits: the insurer itself acts.
#[test]
fn limits_do_not_pend_it() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 10_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(1, 20_000)])
        .assert_ok();
    reverse(&mut world, &fixture, 1).assert_ok();
    let terms = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let change = fixture.set_agreement_terms(&world, terms);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    reprocess(&mut world, &fixture, 2, 3).assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).status, ClaimStatus::Paid);
}

#[test]
fn only_a_claim_that_is_flagged() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    for n in [1, 2] {
        fixture
            .submit(&mut world, n, &[on_day(n, 20_000)])
            .assert_ok();
    }
    refused(
        &mut world,
        &[fixture.reprocess(2, 3)],
        &[&staff],
        ClaimsError::ClaimNotFlagged,
    );
    reverse(&mut world, &fixture, 1).assert_ok();
    refused(
        &mut world,
        &[fixture.reprocess(1, 3)],
        &[&staff],
        ClaimsError::ClaimNotReversible,
    );
    // In the place of no claim that is there.
    let before = world.snapshot();
    let taken = world.send(&[fixture.reprocess(2, 1)], &[&staff]);
    taken.assert_error(ADDRESS_IN_USE);
    before.assert_same(&world.snapshot());
    reprocess(&mut world, &fixture, 2, 3).assert_ok();
    for n in [2, 3] {
        let error = if n == 2 {
            ClaimsError::ClaimNotReversible
        } else {
            ClaimsError::ClaimNotFlagged
        };
        refused(&mut world, &[fixture.reprocess(n, 4)], &[&staff], error);
    }
}

#[test]
fn not_during_a_pause() {
    let (mut world, fixture) = flagged();
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refused(
        &mut world,
        &[fixture.reprocess(2, 3)],
        &[&fixture.staff.key()],
        ClaimsError::AwardsPaused,
    );
}

#[test]
fn only_staff_that_decides_claims() {
    let (world, fixture) = flagged();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.reprocess(2, 3),
        Permission::DecideClaim,
    );
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    for side in [&fixture, &other] {
        for n in [1, 2] {
            side.submit(&mut world, n, &[on_day(n, 20_000)]).assert_ok();
        }
        reverse(&mut world, side, 1).assert_ok();
    }
    let good = fixture.reprocess(2, 3);
    // The address of the claim in its place is derived from the pool's.
    refused(
        &mut world,
        &[swapped(good.clone(), fixture.pool, other.pool)],
        &[&fixture.staff.key()],
        ErrorCode::ConstraintSeeds,
    );
    for (from, to, error) in [
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
            fixture.history,
            other.history,
            ClaimsError::HistoryOfOtherMember,
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
            &[&fixture.staff.key()],
            error,
        );
    }
}

/// An award that was due and not paid is not younger for being adjudicated anew, as far as it is not more.
#[test]
fn what_was_due_stays_due() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..on_day(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 2, &[large]).assert_ok();
    let due = fixture.read_claim(&world, 2);
    assert_eq!(due.status, ClaimStatus::Payable);
    world.advance(2 * DAY);
    reverse(&mut world, &fixture, 1).assert_ok();
    reprocess(&mut world, &fixture, 2, 3).assert_ok();
    let replacement = fixture.read_claim(&world, 3);
    assert_eq!(replacement.status, ClaimStatus::Payable);
    assert!(replacement.totals.paid <= due.totals.paid);
    assert_eq!(replacement.awarded_at, due.awarded_at);
    fixture.assert_money_adds_up(&world);
}

/// Claim 2 saw claim 1, which was taken back since.
fn flagged() -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    for n in [1, 2] {
        fixture
            .submit(&mut world, n, &[on_day(n, 20_000)])
            .assert_ok();
    }
    reverse(&mut world, &fixture, 1).assert_ok();
    (world, fixture)
}
