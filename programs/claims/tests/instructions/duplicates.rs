//! The registry of duplicates: claims of several insurers for the same services, under markers that say nothing of whom.

use std::sync::{LazyLock, Mutex};

use claims::constants::MAX_ENTRY_DAYS;
use claims::events::{ClaimReprocessed, ClaimScreened, EntryReleased};
use claims::instructions::Decision;

use crate::common::*;

/// Two units of code 1: 80.00 are paid.
fn asked() -> [ClaimLineArgs; 1] {
    [ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    }]
}

/// Two insurers that have an agreement with the same provider, under plans that share a registry.
fn insurers() -> (World, ClaimsFixture, ClaimsFixture) {
    static BOTH: LazyLock<Mutex<(World, ClaimsFixture, ClaimsFixture)>> = LazyLock::new(|| {
        let (mut world, fixture) = ready();
        let other =
            ClaimsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0)
                .with_provider_of(&mut world, &fixture);
        other.set_up(&mut world, terms(), unlimited());
        let fixture = fixture.checked(&mut world, terms(), sharing());
        let other = other.checked(&mut world, terms(), sharing());
        Mutex::new((world, fixture, other))
    });
    BOTH.lock().unwrap().clone()
}

/// Claim 1 of the first insurer waits to be screened.
fn waiting() -> (World, ClaimsFixture, ClaimsFixture) {
    let (mut world, fixture, other) = insurers();
    fixture.submit(&mut world, 1, &asked()).assert_ok();
    (world, fixture, other)
}

/// Claim 1 of the first insurer is paid, and stands in the entry of marker 7.
fn standing() -> (World, ClaimsFixture, ClaimsFixture) {
    let (mut world, fixture, other) = waiting();
    screen(&mut world, &fixture, 1, &[7]).assert_ok();
    (world, fixture, other)
}

fn screen(world: &mut World, fixture: &ClaimsFixture, n: u8, markers: &[u8]) -> Outcome {
    world.send(&[fixture.screen(n, markers)], &[&fixture.staff.key()])
}

fn holder(fixture: &ClaimsFixture, n: u8) -> Holder {
    Holder {
        pool: fixture.pool,
        claim: fixture.claim(n),
    }
}

/// Until nobody can appeal any more what was decided today.
const APPEALABLE: i64 = 181 * DAY;

const DENY: Decision = Decision::Deny {
    group: AdjustmentGroup::Contractual,
    reason: 18,
};

#[test]
fn a_claim_that_nobody_else_has_is_paid_and_stands_in_its_entry() {
    let (mut world, fixture, _) = waiting();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason, claim.course.wait_until),
        (ClaimStatus::Pended, PendReason::Screening, 0)
    );
    assert_eq!(world.balance(&fixture.payout), 0);
    let (mut plain, at_once) = ready();
    let at_once = at_once.checked(&mut plain, terms(), PlanChecks::default());
    at_once.submit(&mut plain, 1, &asked()).assert_ok();

    let staff = fixture.staff.key();
    let before = world.raw(&staff.pubkey()).unwrap().lamports;
    let outcome = screen(&mut world, &fixture, 1, &[7]).assert_ok();
    let event: ClaimScreened = outcome.event();
    assert_eq!(
        (event.claim, event.pool, event.provider),
        (fixture.claim(1), fixture.pool, fixture.provider.address)
    );
    assert_eq!(
        (event.found_elsewhere, event.status, event.pend_reason),
        (false, ClaimStatus::Paid, PendReason::None)
    );
    assert_eq!((event.paid, event.payout), (8_000, fixture.payout));
    let (claim, wanted) = (fixture.read_claim(&world, 1), at_once.read_claim(&plain, 1));
    assert_eq!(
        (claim.lines, claim.totals, claim.turn, claim.pend_reason),
        (wanted.lines, wanted.totals, wanted.turn, PendReason::None)
    );
    assert!(claim.course.has(Course::SCREENED) && !claim.course.has(Course::FOUND_ELSEWHERE));
    assert_eq!(fixture.read_member(&world), at_once.read_member(&plain));
    assert_eq!(fixture.read_history(&world), at_once.read_history(&plain));
    let entry = fixture.read_entry(&world, 7);
    assert_eq!(
        (entry.payer, entry.kept_until, entry.holders),
        (
            staff.pubkey(),
            SERVICE_DATE + i32::from(ENTRY_DAYS),
            vec![holder(&fixture, 1)]
        )
    );
    let rent = world.rent(DuplicateEntry::SIZE);
    let after = world.raw(&staff.pubkey()).unwrap().lamports;
    assert!(before - after >= rent && before - after < rent + 20_000);
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.screen(1, &[7])],
        &[&staff],
        ClaimsError::ScreeningNotAwaited,
    );
}

/// A hit only pends: it neither denies nor pays, and what the insurer decides is done.
#[test]
fn what_another_insurer_has_pends() {
    let (mut world, fixture, other) = standing();
    other.submit(&mut world, 1, &asked()).assert_ok();
    let outcome = screen(&mut world, &other, 1, &[7]).assert_ok();
    let event: ClaimScreened = outcome.event();
    assert_eq!(
        (event.found_elsewhere, event.status, event.pend_reason),
        (true, ClaimStatus::Pended, PendReason::SuspectDuplicate)
    );
    assert_eq!((event.paid, event.payout), (0, Pubkey::default()));
    assert_eq!(world.balance(&other.payout), 0);
    let claim = other.read_claim(&world, 1);
    assert!(claim.course.has(Course::FOUND_ELSEWHERE));
    assert!(claim.lines.iter().all(|line| !line.is_denied()));
    // Both stand there: who comes next finds both.
    assert_eq!(
        other.read_entry(&world, 7).holders,
        [holder(&fixture, 1), holder(&other, 1)]
    );
    // What was paid before is not touched by it.
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);

    let mut denied = world.clone();
    denied.send_unsigned(&[other.decide(1, DENY)]).assert_ok();
    assert_eq!(other.read_claim(&denied, 1).status, ClaimStatus::Denied);
    world
        .send_unsigned(&[other.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(
        (
            other.read_claim(&world, 1).status,
            other.read_claim(&world, 1).totals.paid
        ),
        (ClaimStatus::Paid, 8_000)
    );
    other.assert_money_adds_up(&world);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn another_marker_another_provider_another_service_is_no_hit() {
    let (mut world, fixture, other) = standing();
    // Another person or day.
    other.submit(&mut world, 1, &asked()).assert_ok();
    let mut else_one = world.clone();
    let event: ClaimScreened = screen(&mut else_one, &other, 1, &[8]).assert_ok().event();
    assert!(!event.found_elsewhere);
    assert_eq!(event.status, ClaimStatus::Paid);

    // The same marker of another provider lies at another address: nobody enters what is not its own provider's.
    let (mut world, _, stranger) = {
        let (mut world, fixture, stranger) = two_insurers();
        let fixture = fixture.checked(&mut world, terms(), sharing());
        let stranger = stranger.checked(&mut world, terms(), sharing());
        fixture.submit(&mut world, 1, &asked()).assert_ok();
        screen(&mut world, &fixture, 1, &[7]).assert_ok();
        (world, fixture, stranger)
    };
    stranger.submit(&mut world, 1, &asked()).assert_ok();
    assert_ne!(stranger.entry(7), fixture.entry(7));
    let crossed = swapped(
        stranger.screen(1, &[7]),
        stranger.entry(7),
        fixture.entry(7),
    );
    refused(
        &mut world,
        &[crossed],
        &[&stranger.staff.key()],
        ClaimsError::EntryMismatch,
    );
    let event: ClaimScreened = screen(&mut world, &stranger, 1, &[7]).assert_ok().event();
    assert!(!event.found_elsewhere);
}

/// A plan of another service has a registry of its own.
#[test]
fn another_service_is_another_registry() {
    let (mut world, _, other) = standing();
    let elsewhere = PlanChecks {
        blinder: Pubkey::new_from_array([78; 32]),
        ..sharing()
    };
    // In force from the service date on.
    world.before(SERVICE_DATE, |world| {
        let publish = other.publish_with(world, terms(), elsewhere, SERVICE_DATE);
        world.send_unsigned(&[publish]).assert_ok();
    });
    let other = ClaimsFixture {
        plan_version: PlanVersion::find_address(&other.plan, 3).0,
        ..other
    };
    other.submit(&mut world, 1, &asked()).assert_ok();
    refused(
        &mut world,
        &[other.screen(1, &[7])],
        &[&other.staff.key()],
        ClaimsError::EntryMismatch,
    );
}

/// The member's history is for duplicates inside a pool, the registry for those of others.
#[test]
fn the_pools_own_claims_are_no_hit() {
    let (mut world, fixture, other) = standing();
    let next_day = ClaimLineArgs {
        day: 1,
        ..asked()[0]
    };
    fixture.submit(&mut world, 2, &[next_day]).assert_ok();
    let event: ClaimScreened = screen(&mut world, &fixture, 2, &[7]).assert_ok().event();
    assert_eq!(
        (event.found_elsewhere, event.status),
        (false, ClaimStatus::Paid)
    );
    let entry = fixture.read_entry(&world, 7);
    assert_eq!(entry.holders, [holder(&fixture, 1), holder(&fixture, 2)]);
    // The later of the two days counts.
    assert_eq!(entry.kept_until, SERVICE_DATE + 1 + i32::from(ENTRY_DAYS));
    // A third and a fourth: there is room for three, and the fourth still finds them.
    for (n, day) in [(1, 0), (2, 1)] {
        let line = ClaimLineArgs { day, ..asked()[0] };
        other.submit(&mut world, n, &[line]).assert_ok();
        let event: ClaimScreened = screen(&mut world, &other, n, &[7]).assert_ok().event();
        assert!(event.found_elsewhere);
    }
    assert_eq!(
        fixture.read_entry(&world, 7).holders,
        [holder(&fixture, 1), holder(&fixture, 2), holder(&other, 1)]
    );
}

/// Three claims of one pool fill an entry; another's takes a place in it all the same, and is found by the first pool's next.
#[test]
fn one_pools_claims_hide_no_others() {
    let (mut world, fixture, other) = standing();
    let on = |day| ClaimLineArgs { day, ..asked()[0] };
    for (n, day) in [(2, 1), (3, 2)] {
        fixture.submit(&mut world, n, &[on(day)]).assert_ok();
        screen(&mut world, &fixture, n, &[7]).assert_ok();
    }
    let mine = [1, 2, 3].map(|n| holder(&fixture, n));
    assert_eq!(fixture.read_entry(&world, 7).holders, mine);
    other.submit(&mut world, 1, &asked()).assert_ok();
    let event: ClaimScreened = screen(&mut world, &other, 1, &[7]).assert_ok().event();
    assert!(event.found_elsewhere);
    assert_eq!(
        fixture.read_entry(&world, 7).holders,
        [mine[0], mine[1], holder(&other, 1)]
    );
    world
        .send_unsigned(&[other.decide(1, Decision::Approve)])
        .assert_ok();
    fixture.submit(&mut world, 4, &[on(3)]).assert_ok();
    let event: ClaimScreened = screen(&mut world, &fixture, 4, &[7]).assert_ok().event();
    assert_eq!(
        (event.found_elsewhere, event.pend_reason),
        (true, PendReason::SuspectDuplicate)
    );
    // Whose place was taken has none to leave; the others leave, and the one that stands stays.
    for n in [1, 2, 3] {
        world.send_unsigned(&[fixture.reverse(n, 7)]).assert_ok();
    }
    world.advance(APPEALABLE);
    refused(
        &mut world,
        &[fixture.release_entry(3, 7)],
        &[],
        ClaimsError::EntryNotHeld,
    );
    for n in [1, 2] {
        let release = fixture.release_entry(n, 7);
        let event: EntryReleased = world.send_unsigned(&[release]).assert_ok().event();
        assert!(!event.is_closed);
    }
    assert_eq!(fixture.read_entry(&world, 7).holders, [holder(&other, 1)]);
}

/// One marker a day of services, in the order of the days; each day is found on its own.
#[test]
fn every_day_of_a_claim_is_looked_up() {
    let (mut world, fixture, other) = standing();
    let days = [2, 0, 2, 5].map(|day| ClaimLineArgs { day, ..asked()[0] });
    let days: Vec<ClaimLineArgs> = days
        .into_iter()
        .zip(1..)
        .map(|(line, n)| ClaimLineArgs {
            code_key: code(n),
            ..line
        })
        .collect();
    world.advance(6 * DAY);
    other.submit(&mut world, 1, &days).assert_ok();
    let staff = other.staff.key();
    for too_few_or_many in [&[][..], &[1, 2], &[1, 2, 3, 4]] {
        refused(
            &mut world,
            &[other.screen(1, too_few_or_many)],
            &[&staff],
            ClaimsError::MarkersMismatch,
        );
    }
    let mut found = world.clone();
    let event: ClaimScreened = screen(&mut found, &other, 1, &[2, 3, 7])
        .assert_ok()
        .event();
    assert!(event.found_elsewhere, "the last of three");
    let event: ClaimScreened = screen(&mut world, &other, 1, &[1, 2, 3])
        .assert_ok()
        .event();
    assert!(!event.found_elsewhere);
    let kept = |marker| other.read_entry(&world, marker).kept_until - i32::from(ENTRY_DAYS);
    assert_eq!(
        [1, 2, 3].map(kept),
        [SERVICE_DATE, SERVICE_DATE + 2, SERVICE_DATE + 5]
    );
    drop(fixture);
}

#[test]
fn the_entries_must_be_those_of_the_markers() {
    let (mut world, fixture, _) = waiting();
    let staff = fixture.staff.key();
    let good = fixture.screen(1, &[7]);
    let mut missing = good.clone();
    missing.accounts.pop();
    let mut read_only = good.clone();
    read_only.accounts.last_mut().unwrap().is_writable = false;
    for (bad, error) in [
        (missing, ClaimsError::EntryMissing),
        (read_only, ClaimsError::EntryMissing),
        (
            swapped(good.clone(), fixture.entry(7), fixture.entry(8)),
            ClaimsError::EntryMismatch,
        ),
        (
            swapped(good.clone(), fixture.entry(7), fixture.predetermination(1)),
            ClaimsError::EntryMismatch,
        ),
    ] {
        refused(&mut world, &[bad], &[&staff], error);
    }
    // The same entry twice: the claim stands in it once.
    let mut twice = world.clone();
    let days = [0, 1].map(|day| ClaimLineArgs { day, ..asked()[0] });
    twice.advance(2 * DAY);
    fixture.submit(&mut twice, 2, &days).assert_ok();
    screen(&mut twice, &fixture, 2, &[9, 9]).assert_ok();
    assert_eq!(fixture.read_entry(&twice, 9).holders, [holder(&fixture, 2)]);
    world.send(&[good], &[&staff]).assert_ok();
}

/// Lamports at the address beforehand keep nobody from entering.
#[test]
fn nobody_blocks_an_entry_by_paying_into_its_address() {
    let (world, fixture, _) = waiting();
    let rent = world.rent(DuplicateEntry::SIZE);
    for lamports in [1, rent + 5] {
        let mut world = world.clone();
        world.set_raw(
            &fixture.entry(7),
            solana_account::Account {
                lamports,
                ..Default::default()
            },
        );
        screen(&mut world, &fixture, 1, &[7]).assert_ok();
        assert_eq!(
            world.raw(&fixture.entry(7)).unwrap().lamports,
            lamports.max(rent)
        );
        assert_eq!(fixture.read_entry(&world, 7).holders, [holder(&fixture, 1)]);
    }
}

#[test]
fn only_the_insurers_staff_and_during_no_pause() {
    let (mut world, fixture, other) = waiting();
    let good = fixture.screen(1, &[7]);
    assert_insurer_staff_only(&world, &fixture, &good, Permission::DecideClaim);
    let staff = fixture.staff.key();
    let mut suspended = world.clone();
    let suspend = fixture.set_agreement_status(&suspended, AgreementStatus::Suspended);
    suspended.send_unsigned(&[suspend]).assert_ok();
    // Screened it is all the same, and entered; paid it is not.
    suspended
        .send(std::slice::from_ref(&good), &[&staff])
        .assert_ok();
    let claim = fixture.read_claim(&suspended, 1);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Pended, PendReason::AgreementOver)
    );
    assert_eq!(
        fixture.read_entry(&suspended, 7).holders,
        [holder(&fixture, 1)]
    );
    // What comes in under a suspended agreement is screened first, too.
    let next_day = ClaimLineArgs {
        day: 1,
        ..asked()[0]
    };
    fixture.submit(&mut suspended, 2, &[next_day]).assert_ok();
    assert_eq!(
        fixture.read_claim(&suspended, 2).pend_reason,
        PendReason::Screening
    );
    let mut paused = world.clone();
    fixture.registry.pause(&mut paused, 3_600).assert_ok();
    refused(
        &mut paused,
        std::slice::from_ref(&good),
        &[&staff],
        ClaimsError::AwardsPaused,
    );
    let owner = fixture.provider.authority().pubkey();
    let payout = world.token_account("elsewhere", &fixture.mint, &owner);
    let swaps = [
        (fixture.payout, payout, ClaimsError::WrongPayout),
        (fixture.payout, fixture.vault, ClaimsError::PayoutIsVault),
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            TokenProgram::Token2022.id(),
            ClaimsError::WrongTokenProgram,
        ),
        (fixture.pool, other.pool, ClaimsError::PoolOfOtherInsurer),
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
    ];
    for (from, to, error) in swaps {
        refused(
            &mut world,
            &[swapped(good.clone(), from, to)],
            &[&staff],
            error,
        );
    }
    other.submit(&mut world, 1, &asked()).assert_ok();
    refused(
        &mut world,
        &[swapped(good, fixture.claim(1), other.claim(1))],
        &[&staff],
        ClaimsError::ClaimOfOtherPool,
    );
}

/// What the registry lets pass meets the same limits and draws as ever.
#[test]
fn limits_and_draws_come_after_it() {
    let (mut world, fixture, _) = waiting();
    let limited = AgreementTerms {
        limit_per_claim: 7_999,
        ..unlimited()
    };
    let set = fixture.set_agreement_terms(&world, limited);
    world.send_unsigned(&[set]).assert_ok();
    screen(&mut world, &fixture, 1, &[7]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Pended, PendReason::ClaimLimit)
    );
    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);

    // Vouched for, screened, drawn, and then asked of the member: nothing is forgotten on the way.
    let (mut world, fixture) = ready();
    let checks = PlanChecks {
        confirmation: Confirmation::Sampled,
        confirmation_days: CONFIRMATION_DAYS,
        entry_days: ENTRY_DAYS,
        blinder: blinder(),
        ..sampled(10_000)
    };
    let fixture = fixture.checked(&mut world, terms(), checks);
    let commit = fixture.commit_draws(1, TODAY + 1);
    world.send_unsigned(&[commit]).assert_ok();
    world.advance(DAY);
    let steps = fixture.submit_vouched(1, &asked());
    world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
    let reason = |world: &World| fixture.read_claim(world, 1).pend_reason;
    assert_eq!(reason(&world), PendReason::Screening);
    screen(&mut world, &fixture, 1, &[7]).assert_ok();
    assert_eq!(reason(&world), PendReason::Draw);
    world.advance(DAY);
    world
        .send_unsigned(&[fixture.reveal_draws(1, TODAY + 1)])
        .assert_ok();
    world.send_unsigned(&[fixture.draw(1)]).assert_ok();
    assert_eq!(reason(&world), PendReason::Confirmation);
    world.send_unsigned(&[fixture.confirm(1)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

/// A claim that the member confirms is held against the registry afterwards, once.
#[test]
fn the_member_comes_first() {
    let (mut world, fixture) = ready();
    let checks = PlanChecks {
        entry_days: ENTRY_DAYS,
        blinder: blinder(),
        ..confirmed()
    };
    let fixture = fixture.checked(&mut world, terms(), checks);
    let steps = fixture.submit_vouched(1, &asked());
    world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
    refused(
        &mut world,
        &[fixture.screen(1, &[7])],
        &[&fixture.staff.key()],
        ClaimsError::ScreeningNotAwaited,
    );
    world.send_unsigned(&[fixture.confirm(1)]).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::Screening
    );
    screen(&mut world, &fixture, 1, &[7]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
}

/// The insurer need not ask: a service that does not answer holds nobody up. Information it asks for stops the clocks.
#[test]
fn the_insurer_may_decide_without_the_registry() {
    let (mut world, fixture, _) = waiting();
    let mut decided = world.clone();
    decided
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&decided, 1).status, ClaimStatus::Paid);
    assert!(decided.raw(&fixture.entry(7)).is_none());

    world
        .send_unsigned(&[fixture.request_information(1)])
        .assert_ok();
    world.advance(3 * DAY);
    screen(&mut world, &fixture, 1, &[7]).assert_ok();
    let course = fixture.read_claim(&world, 1).course;
    assert_eq!((course.awaiting_since, course.stopped_days), (0, 3));
}

/// What is denied by the rulebook is neither held against the registry nor entered.
#[test]
fn what_is_denied_leaves_no_entry() {
    let (mut world, fixture, _) = insurers();
    fixture
        .submit(&mut world, 1, &[line(500, 10_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Denied);
    // Coverage has ended meanwhile.
    fixture.submit(&mut world, 2, &asked()).assert_ok();
    let end = fixture.end_coverage(&world, SERVICE_DATE - 1);
    world.send_unsigned(&[end]).assert_ok();
    let event: ClaimScreened = screen(&mut world, &fixture, 2, &[7]).assert_ok().event();
    assert_eq!(event.status, ClaimStatus::Denied);
    assert!(world.raw(&fixture.entry(7)).is_none());
}

#[test]
fn a_reversed_claim_releases_its_entry() {
    let (mut world, fixture, other) = standing();
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[fixture.release_entry(1, 7)],
        &[&stranger],
        ClaimsError::ClaimStillStands,
    );
    world.send_unsigned(&[fixture.reverse(1, 7)]).assert_ok();
    fixture
        .submit(&mut world, 2, &[line(500, 10_000)])
        .assert_ok();
    // The provider may still appeal, and have it awarded again.
    refused(
        &mut world,
        &[fixture.release_entry(1, 7)],
        &[&stranger],
        ClaimsError::EntryAwaitsAppeal,
    );
    world.advance(APPEALABLE);
    refused(
        &mut world,
        &[fixture.release_entry(2, 7)],
        &[&stranger],
        ClaimsError::EntryNotHeld,
    );
    let good = fixture.release_entry(1, 7);
    let to_other = swapped(
        good.clone(),
        fixture.staff.key().pubkey(),
        stranger.pubkey(),
    );
    refused(
        &mut world,
        &[to_other],
        &[&stranger],
        ClaimsError::NotEntryPayer,
    );
    let staff = fixture.staff.key().pubkey();
    let before = world.raw(&staff).unwrap().lamports;
    let outcome = world.send(&[good], &[&stranger]).assert_ok();
    let event: EntryReleased = outcome.event();
    assert_eq!(
        (event.entry, event.claim, event.replacement, event.is_closed),
        (fixture.entry(7), fixture.claim(1), Pubkey::default(), true)
    );
    assert!(world
        .raw(&fixture.entry(7))
        .is_none_or(|account| account.lamports == 0));
    assert_eq!(
        world.raw(&staff).unwrap().lamports - before,
        world.rent(DuplicateEntry::SIZE)
    );
    // Nothing is in the way of the other insurer any more.
    other.submit(&mut world, 1, &asked()).assert_ok();
    let event: ClaimScreened = screen(&mut world, &other, 1, &[7]).assert_ok().event();
    assert_eq!(
        (event.found_elsewhere, event.status),
        (false, ClaimStatus::Paid)
    );
}

/// The entry stays while another stands in it, and what was adjudicated anew stands in the place of what it replaces.
#[test]
fn others_and_replacements_keep_their_place() {
    let (mut world, fixture, other) = standing();
    other.submit(&mut world, 1, &asked()).assert_ok();
    screen(&mut world, &other, 1, &[7]).assert_ok();
    let mut denied = world.clone();
    denied.send_unsigned(&[other.decide(1, DENY)]).assert_ok();
    denied.advance(APPEALABLE);
    let release = swapped(
        other.release_entry(1, 7),
        other.staff.key().pubkey(),
        fixture.staff.key().pubkey(),
    );
    let event: EntryReleased = denied.send_unsigned(&[release]).assert_ok().event();
    assert!(!event.is_closed);
    assert_eq!(
        fixture.read_entry(&denied, 7).holders,
        [holder(&fixture, 1)]
    );

    // Claim 1 had seen claim 2, which is reversed: claim 3 takes its place.
    let (mut world, fixture, _) = insurers();
    let earlier = ClaimLineArgs {
        day: 1,
        ..line(3, 4_000)
    };
    fixture.submit(&mut world, 2, &[earlier]).assert_ok();
    screen(&mut world, &fixture, 2, &[6]).assert_ok();
    fixture.submit(&mut world, 1, &asked()).assert_ok();
    screen(&mut world, &fixture, 1, &[7]).assert_ok();
    world.send_unsigned(&[fixture.reverse(2, 7)]).assert_ok();
    world.send_unsigned(&[fixture.reprocess(1, 3)]).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 3).status,
        ClaimStatus::Paid,
        "what was screened is not screened again"
    );
    let event: EntryReleased = world
        .send_unsigned(&[fixture.release_entry(1, 7)])
        .assert_ok()
        .event();
    assert_eq!(
        (event.replacement, event.is_closed),
        (fixture.claim(3), false)
    );
    assert_eq!(fixture.read_entry(&world, 7).holders, [holder(&fixture, 3)]);
}

/// A denied claim stands in no entry: what it comes to once what stood in its way is taken back is held against the registry
/// first, and pends where another insurer has it.
#[test]
fn a_denied_claim_is_screened_when_it_is_adjudicated_anew() {
    let (mut world, fixture, other) = standing();
    // The same services again: a duplicate inside the pool, which no marker was asked for.
    fixture.submit(&mut world, 2, &asked()).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Denied);
    world.send_unsigned(&[fixture.reverse(1, 7)]).assert_ok();
    let before = world.balance(&fixture.payout);
    let event: ClaimReprocessed = world
        .send_unsigned(&[fixture.reprocess(2, 3)])
        .assert_ok()
        .event();
    assert_eq!(
        (event.status, event.paid, event.payout),
        (ClaimStatus::Pended, 0, Pubkey::default())
    );
    let waits = fixture.read_claim(&world, 3);
    assert_eq!(
        (waits.status, waits.pend_reason, waits.replaces),
        (
            ClaimStatus::Pended,
            PendReason::Screening,
            fixture.claim_id(2)
        )
    );
    assert_eq!(world.balance(&fixture.payout), before);
    assert_eq!(
        fixture.read_claim(&world, 2).status,
        ClaimStatus::Reversed,
        "it is replaced all the same"
    );

    // Nobody else has it: paid, and entered beside the claim that was taken back.
    let mut alone = world.clone();
    let event: ClaimScreened = screen(&mut alone, &fixture, 3, &[7]).assert_ok().event();
    assert_eq!(
        (event.found_elsewhere, event.status, event.paid),
        (false, ClaimStatus::Paid, 8_000)
    );
    assert_eq!(
        fixture.read_entry(&alone, 7).holders,
        [holder(&fixture, 1), holder(&fixture, 3)]
    );
    fixture.assert_money_adds_up(&alone);

    // Somebody else has it by now: it pends.
    other.submit(&mut world, 1, &asked()).assert_ok();
    screen(&mut world, &other, 1, &[7]).assert_ok();
    let event: ClaimScreened = screen(&mut world, &fixture, 3, &[7]).assert_ok().event();
    assert_eq!(
        (event.found_elsewhere, event.pend_reason, event.paid),
        (true, PendReason::SuspectDuplicate, 0)
    );
    fixture.assert_money_adds_up(&world);
}

/// What an appeal awards is paid without being screened: it must find the place of the claim that it replaces.
#[test]
fn a_denied_claim_keeps_its_place_while_it_may_be_awarded() {
    let (mut world, fixture, other) = standing();
    other.submit(&mut world, 1, &asked()).assert_ok();
    screen(&mut world, &other, 1, &[7]).assert_ok();
    world.send_unsigned(&[other.decide(1, DENY)]).assert_ok();
    let release = swapped(
        other.release_entry(1, 7),
        other.staff.key().pubkey(),
        fixture.staff.key().pubkey(),
    );
    let awaits = |world: &mut World| {
        refused(
            world,
            std::slice::from_ref(&release),
            &[],
            ClaimsError::EntryAwaitsAppeal,
        );
    };
    awaits(&mut world);
    refused(
        &mut world,
        &[swapped(
            release.clone(),
            other.plan_version,
            fixture.plan_version,
        )],
        &[],
        ClaimsError::ClaimOfOtherPlanVersion,
    );
    // On the last day on which it can be appealed, and on the day after.
    let days = i64::from(clocks().appeal_days);
    world.advance(days * DAY);
    awaits(&mut world);
    let mut over = world.clone();
    over.advance(DAY);
    over.send_unsigned(std::slice::from_ref(&release))
        .assert_ok();
    assert_eq!(fixture.read_entry(&over, 7).holders, [holder(&fixture, 1)]);

    // An appeal is open, also beyond the day on which it is due.
    world
        .send_unsigned(&[other.appeal_as_member(1, 1)])
        .assert_ok();
    world.advance(DAY);
    awaits(&mut world);
    world.advance(i64::from(clocks().appeal_decision_days) * DAY);
    awaits(&mut world);
    let mut lapsed = world.clone();
    lapsed.send_unsigned(&[other.lapse(1, 1)]).assert_ok();
    // There is another level, which counts from there.
    awaits(&mut lapsed);

    let reviewer = reviewer(&mut world, &other, "reviewer");
    world
        .send_unsigned(&[other.overturn(1, 1, &reviewer, 9, 0)])
        .assert_ok();
    assert_eq!(other.read_claim(&world, 9).status, ClaimStatus::Paid);
    let event: EntryReleased = world.send_unsigned(&[release]).assert_ok().event();
    assert_eq!(
        (event.replacement, event.is_closed),
        (other.claim(9), false)
    );
    assert_eq!(
        fixture.read_entry(&world, 7).holders,
        [holder(&fixture, 1), holder(&other, 9)]
    );
}

#[test]
fn an_entry_is_closed_once_its_time_is_over() {
    let (mut world, fixture, _) = standing();
    let days = i64::from(SERVICE_DATE + i32::from(ENTRY_DAYS) - TODAY);
    world.advance(days * DAY);
    let stranger = world.actor("stranger");
    let good = fixture.close_entry(7);
    refused(
        &mut world,
        std::slice::from_ref(&good),
        &[&stranger],
        ClaimsError::EntryStillKept,
    );
    world.advance(DAY);
    refused(
        &mut world,
        &[swapped(
            good.clone(),
            fixture.staff.key().pubkey(),
            stranger.pubkey(),
        )],
        &[&stranger],
        ClaimsError::NotEntryPayer,
    );
    let staff = fixture.staff.key().pubkey();
    let before = world.raw(&staff).unwrap().lamports;
    world.send(&[good], &[&stranger]).assert_ok();
    assert_eq!(
        world.raw(&staff).unwrap().lamports - before,
        world.rent(DuplicateEntry::SIZE)
    );
    assert!(world
        .raw(&fixture.entry(7))
        .is_none_or(|account| account.lamports == 0));
}

#[test]
fn a_service_goes_with_days() {
    let (mut world, fixture) = ready();
    for (entry_days, blinder) in [(0, blinder()), (1, Pubkey::default())] {
        let checks = PlanChecks {
            entry_days,
            blinder,
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
    // As long as claims can be filed, and not for ever.
    let limit = terms().filing_limit_days;
    for entry_days in [1, limit - 1, MAX_ENTRY_DAYS + 1, u16::MAX] {
        let checks = PlanChecks {
            entry_days,
            ..sharing()
        };
        let publish = fixture.publish_with(&world, terms(), checks, TODAY + 1);
        refused(
            &mut world,
            &[publish],
            &[&fixture.staff.key()],
            ClaimsError::EntryDaysInvalid,
        );
    }
    for entry_days in [limit, MAX_ENTRY_DAYS] {
        let mut world = world.clone();
        let checks = PlanChecks {
            entry_days,
            ..sharing()
        };
        let publish = fixture.publish_with(&world, terms(), checks, TODAY + 1);
        world.send_unsigned(&[publish]).assert_ok();
    }
    let fixture = fixture.checked(&mut world, terms(), sharing());
    let version: PlanVersion = world.account(&fixture.plan_version);
    assert_eq!(version.checks, sharing());
}
