//! Attesting, countersigning, expenses.

use trials::events::{ExpenseReimbursed, MilestoneAttested, MilestoneCountersigned};

use crate::common::*;

#[test]
fn a_visit_earns_its_stipend_and_the_sites_fee() {
    let (mut world, fixture) = enrolled(1);
    let before = fixture.read(&world, 0);
    let outcome = done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    let event: MilestoneAttested = outcome.event();
    assert_eq!(
        (
            event.index,
            event.milestone,
            event.visit_day,
            event.consent_version,
            event.earned
        ),
        (0, 1, TODAY, 1, true)
    );
    let after = fixture.read(&world, 0);
    assert_eq!((after.attested, after.earned, after.paid_bits), (2, 2, 0));
    assert_eq!((after.due, after.stipends), (10_000, 10_000));
    assert_eq!(after.reserved, before.reserved - 15_000);
    let site = fixture.read_site(&world);
    assert_eq!((site.payable, site.held), (4_500, 500));
    let person = fixture.read_person(&world, 0);
    assert_eq!((person.year, person.stipends), (2026, 10_000));
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
        TrialsError::AlreadyAttested,
    );
}

#[test]
fn a_visit_is_judged_by_its_own_date() {
    let (mut world, fixture) = enrolled(1);
    let nurse = fixture.nurse.key();
    for (milestone, day, error) in [
        (1, TODAY + 1, TrialsError::VisitInFuture),
        (1, TODAY - 1, TrialsError::VisitBeforeConsent),
        (2, TODAY, TrialsError::VisitOutsideWindow),
        (5, TODAY, TrialsError::MilestoneUnknown),
        (255, TODAY, TrialsError::MilestoneUnknown),
        (1, i32::MAX, TrialsError::DateInvalid),
    ] {
        refused(
            &mut world,
            fixture.attest(0, milestone, day),
            &[&nurse],
            error,
        );
    }
    refused(
        &mut world,
        swapped(
            fixture.attest(1, 1, TODAY),
            fixture.person(1),
            fixture.person(0),
        ),
        &[&nurse],
        TrialsError::ParticipantUnknown,
    );
    world.advance(14 * DAY);
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 4),
        &[&nurse],
        TrialsError::VisitOutsideWindow,
    );
    // 30 days after the visit, and no day more.
    world.set_time((i64::from(TODAY) + 33) * DAY);
    done(
        &mut world.clone(),
        fixture.attest(0, 1, TODAY + 3),
        &[&nurse],
    );
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 2),
        &[&nurse],
        TrialsError::VisitTooLate,
    );
}

#[test]
fn screening_is_paid_before_enrolment_and_the_site_after_it() {
    let (mut world, fixture) = ready();
    fixture.consent(&mut world, 0).assert_ok();
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&nurse],
        TrialsError::VisitWrongPhase,
    );
    done(&mut world, fixture.attest(0, 0, TODAY), &[&nurse]);
    assert_eq!(fixture.read(&world, 0).due, 5_000);
    let site = fixture.read_site(&world);
    assert_eq!(site.payable + site.held, 0, "not before the screening ends");
    done(&mut world, fixture.enrol(0), &[&nurse]);
    let site = fixture.read_site(&world);
    assert_eq!((site.payable, site.held), (2_250, 250));
    assert_books(&world, &fixture);
    // A screening visit that is attested only now earns both at once.
    fixture.consent(&mut world, 1).assert_ok();
    done(&mut world, fixture.enrol(1), &[&nurse]);
    done(&mut world, fixture.attest(1, 0, TODAY), &[&nurse]);
    assert_eq!(fixture.read_site(&world).payable, 4_500);
    world.advance(DAY);
    fixture.consent(&mut world, 2).assert_ok();
    done(&mut world, fixture.enrol(2), &[&nurse]);
    world.advance(DAY);
    refused(
        &mut world,
        fixture.attest(2, 0, TODAY + 2),
        &[&nurse],
        TrialsError::VisitWrongPhase,
    );
    assert_books(&world, &fixture);
}

#[test]
fn an_amendment_that_was_not_consented_to_stops_later_visits_only() {
    let (mut world, fixture) = enrolled(1);
    fixture.amend(&mut world, 2, TODAY + 2, true);
    world.advance(3 * DAY);
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 2),
        &[&nurse],
        TrialsError::ConsentDue,
    );
    let mut earlier = world.clone();
    done(&mut earlier, fixture.attest(0, 1, TODAY + 1), &[&nurse]);
    done(
        &mut world,
        fixture.renew(0, 2, 1),
        &[&fixture.participant(0)],
    );
    // Consent given on day 3 does not reach back to day 2.
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 2),
        &[&nurse],
        TrialsError::ConsentDue,
    );
    let outcome = done(&mut world, fixture.attest(0, 1, TODAY + 3), &[&nurse]);
    assert_eq!(outcome.event::<MilestoneAttested>().consent_version, 2);
}

/// A participant whose visit of day 14 is attested and waits for a countersignature.
fn awaiting() -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(1);
    world.advance(14 * DAY);
    let outcome = done(
        &mut world,
        fixture.attest(0, 2, TODAY + 14),
        &[&fixture.nurse.key()],
    );
    assert!(!outcome.event::<MilestoneAttested>().earned);
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (participant.attested, participant.earned, participant.due),
        (4, 0, 0)
    );
    (world, fixture)
}

#[test]
fn the_participant_confirms() {
    let (mut world, fixture) = awaiting();
    let key = fixture.participant(0);
    let sign = fixture.countersign(0, 2, true, key.pubkey(), None);
    let event: MilestoneCountersigned = done(&mut world, sign.clone(), &[&key]).event();
    assert_eq!((event.by, event.approved), (key.pubkey(), true));
    assert_eq!(fixture.read(&world, 0).due, 10_000);
    assert_books(&world, &fixture);
    refused(&mut world, sign, &[&key], TrialsError::AlreadyEarned);
}

#[test]
fn monitor_and_board_confirm_or_reject() {
    let (world, fixture) = awaiting();
    let mut rejected = world.clone();
    done(
        &mut rejected,
        fixture.monitor(0, 2, false),
        &[&fixture.staff.key()],
    );
    let participant = fixture.read(&rejected, 0);
    assert_eq!((participant.attested, participant.earned), (0, 0));
    // The site can attest again.
    done(
        &mut rejected,
        fixture.attest(0, 2, TODAY + 14),
        &[&fixture.nurse.key()],
    );
    done(
        &mut rejected,
        fixture.monitor(0, 2, true),
        &[&fixture.staff.key()],
    );
    refused(
        &mut rejected,
        fixture.monitor(0, 2, false),
        &[&fixture.staff.key()],
        TrialsError::AlreadyEarned,
    );
    refused(
        &mut rejected,
        fixture.monitor(0, 3, true),
        &[&fixture.staff.key()],
        TrialsError::NotAttested,
    );
    let mut by_board = world;
    let sign = fixture.countersign(
        0,
        2,
        true,
        fixture.overseer.key().pubkey(),
        Some((&fixture.overseer, &fixture.board)),
    );
    done(&mut by_board, sign, &[&fixture.overseer.key()]);
    assert_eq!(fixture.read(&by_board, 0).due, 10_000);
    assert_books(&by_board, &fixture);
}

#[test]
fn who_may_not_countersign() {
    let (mut world, fixture) = awaiting();
    let nurse = fixture.nurse.key();
    let key = fixture.participant(0);
    for (signer, approve) in [(&nurse, true), (&key, false)] {
        refused(
            &mut world,
            fixture.countersign(0, 2, approve, signer.pubkey(), None),
            &[signer],
            TrialsError::NotACountersigner,
        );
    }
    // The site is not independent of itself.
    refused(
        &mut world,
        fixture.countersign(
            0,
            2,
            true,
            nurse.pubkey(),
            Some((&fixture.nurse, &fixture.clinic)),
        ),
        &[&nurse],
        TrialsError::NotSponsorOrBoard,
    );
    let clerk = fixture
        .sponsor
        .operator(&mut world, "accountant", &[Permission::Fund]);
    refused(
        &mut world,
        fixture.countersign(
            0,
            2,
            true,
            clerk.key().pubkey(),
            Some((&clerk, &fixture.sponsor)),
        ),
        &[&clerk.key()],
        TrialsError::PermissionMissing,
    );
    refused(
        &mut world,
        fixture.countersign(
            0,
            2,
            true,
            key.pubkey(),
            Some((&fixture.staff, &fixture.sponsor)),
        ),
        &[&key],
        TrialsError::OperatorKeyMismatch,
    );
}

#[test]
fn a_site_held_key_needs_somebody_independent_for_everything() {
    let (mut world, fixture) = ready();
    let nurse = fixture.nurse.key();
    let key = fixture.participant(0);
    fixture.payee(&mut world, 0);
    done(
        &mut world,
        fixture.record_consent(0, KeyHolder::Site, 1),
        &[&nurse, &key],
    );
    done(&mut world, fixture.attest(0, 0, TODAY), &[&nurse]);
    assert_eq!(fixture.read(&world, 0).earned, 0, "not by the site alone");
    refused(
        &mut world,
        fixture.countersign(0, 0, true, key.pubkey(), None),
        &[&key],
        TrialsError::CountersignerMissing,
    );
    done(
        &mut world,
        fixture.monitor(0, 0, true),
        &[&fixture.staff.key()],
    );
    assert_eq!(fixture.read(&world, 0).due, 5_000);
    refused(
        &mut world,
        fixture.reimburse(0, 700, false),
        &[&nurse],
        TrialsError::CountersignerMissing,
    );
    done(
        &mut world,
        fixture.reimburse(0, 700, true),
        &[&nurse, &fixture.staff.key()],
    );
    assert_eq!(fixture.read(&world, 0).due, 5_700);
    assert_books(&world, &fixture);
}

#[test]
fn expenses_up_to_what_is_set_aside() {
    let (mut world, fixture) = enrolled(1);
    let nurse = fixture.nurse.key();
    let event: ExpenseReimbursed =
        done(&mut world, fixture.reimburse(0, 12_000, false), &[&nurse]).event();
    assert_eq!((event.amount, event.receipt_digest), (12_000, [7; 32]));
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (participant.expenses, participant.due, participant.stipends),
        (12_000, 12_000, 0)
    );
    // Not income.
    assert_eq!(fixture.read_person(&world, 0).stipends, 0);
    refused(
        &mut world,
        fixture.reimburse(0, 8_001, false),
        &[&nurse],
        TrialsError::ExpensesExceeded,
    );
    refused(
        &mut world,
        fixture.reimburse(0, 0, false),
        &[&nurse],
        TrialsError::AmountZero,
    );
    done(&mut world, fixture.reimburse(0, 8_000, false), &[&nurse]);
    assert_books(&world, &fixture);
}
