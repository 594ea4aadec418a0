//! Visits that nobody attests: the claim, the site's turn, the arbiter's, and silence.

use trials::events::{ClaimMoved, VisitClaimed};

use crate::common::*;

/// Participant 0 claims the visit of day 0.
fn claimed() -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(1);
    done(
        &mut world,
        fixture.claim_own(0, 1, TODAY),
        &[&fixture.participant(0)],
    );
    (world, fixture)
}

/// The site has let its 30 days pass, and somebody has passed the claim on.
fn escalated() -> (World, TrialsFixture) {
    let (mut world, fixture) = claimed();
    world.advance(31 * DAY);
    done(&mut world, fixture.escalate_visit(0, 1), &[]);
    (world, fixture)
}

#[test]
fn a_claim_waits_for_the_site_first() {
    let (mut world, fixture) = enrolled(1);
    let before = fixture.read(&world, 0);
    let key = fixture.participant(0);
    let event: VisitClaimed = done(&mut world, fixture.claim_own(0, 1, TODAY), &[&key]).event();
    assert_eq!(
        (event.milestone, event.visit_day, event.until),
        (1, TODAY, TODAY + 30)
    );
    let claim = fixture.read_claim(&world, 0, 1);
    assert_eq!(
        (claim.turn, claim.until, claim.payer, claim.evidence_digest),
        (ClaimTurn::Site, TODAY + 30, key.pubkey(), [3; 32])
    );
    let after = fixture.read(&world, 0);
    assert_eq!(
        after,
        Participant {
            claimed: 2,
            ..before
        },
        "nothing but the mark"
    );
    world.advance(30 * DAY);
    refused(
        &mut world,
        fixture.escalate_visit(0, 1),
        &[],
        TrialsError::ClaimWithTheSite,
    );
    refused(
        &mut world,
        fixture.grant_visit(0, 1),
        &[],
        TrialsError::ClaimWithTheSite,
    );
    refused(
        &mut world,
        fixture.arbitrate_visit(0, 1, true),
        &[&fixture.overseer.key()],
        TrialsError::ClaimWithTheSite,
    );
    // The last day of its turn: the site attests after all.
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    let participant = fixture.read(&world, 0);
    assert_eq!((participant.claimed, participant.due), (0, 10_000));
    assert_books(&world, &fixture);
    world.advance(DAY);
    refused(
        &mut world,
        fixture.escalate_visit(0, 1),
        &[],
        TrialsError::ClaimDecided,
    );
}

#[test]
fn silence_of_site_and_arbiter_makes_it_payable() {
    let (mut world, fixture) = claimed();
    world.advance(31 * DAY);
    let event: ClaimMoved = done(&mut world, fixture.escalate_visit(0, 1), &[]).event();
    assert_eq!(
        (event.turn, event.until, event.by),
        (ClaimTurn::Arbiter, TODAY + 61, Pubkey::default())
    );
    refused(
        &mut world,
        fixture.escalate_visit(0, 1),
        &[],
        TrialsError::ClaimWithTheArbiter,
    );
    refused(
        &mut world,
        fixture.refuse_visit(0, 1),
        &[&fixture.nurse.key()],
        TrialsError::ClaimWithTheArbiter,
    );
    world.advance(30 * DAY);
    refused(
        &mut world,
        fixture.grant_visit(0, 1),
        &[],
        TrialsError::ClaimWithTheArbiter,
    );
    world.advance(DAY);
    let before = fixture.read(&world, 0);
    let event: ClaimMoved = done(&mut world, fixture.grant_visit(0, 1), &[]).event();
    assert_eq!(event.turn, ClaimTurn::Granted);
    let after = fixture.read(&world, 0);
    assert_eq!(
        (after.attested, after.earned, after.granted, after.claimed),
        (2, 2, 2, 0)
    );
    assert_eq!(
        (after.due, after.reserved),
        (10_000, before.reserved - 10_000)
    );
    // The site that said nothing earns nothing.
    let site = fixture.read_site(&world);
    assert_eq!((site.payable, site.held), (0, 0));
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.grant_visit(0, 1),
        &[],
        TrialsError::AlreadyEarned,
    );
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 61),
        &[&fixture.nurse.key()],
        TrialsError::VisitOutsideWindow,
    );
    done(&mut world, fixture.pay(&[0], false), &[]);
    assert_eq!(
        world.balance(&fixture.payee_address(0)),
        10_000 * UNIT_PER_CENT
    );
}

#[test]
fn the_arbiter_decides() {
    let (world, fixture) = escalated();
    let overseer = fixture.overseer.key();
    let mut granted = world.clone();
    let event: ClaimMoved = done(
        &mut granted,
        fixture.arbitrate_visit(0, 1, true),
        &[&overseer],
    )
    .event();
    assert_eq!(
        (event.turn, event.by, event.reason_digest),
        (ClaimTurn::Granted, overseer.pubkey(), [5; 32])
    );
    assert_eq!(fixture.read(&granted, 0).due, 10_000);
    assert_books(&granted, &fixture);
    refused(
        &mut granted,
        fixture.arbitrate_visit(0, 1, false),
        &[&overseer],
        TrialsError::AlreadyEarned,
    );

    let mut denied = world;
    done(
        &mut denied,
        fixture.arbitrate_visit(0, 1, false),
        &[&overseer],
    );
    let participant = fixture.read(&denied, 0);
    assert_eq!((participant.claimed, participant.due), (0, 0));
    assert_eq!(fixture.read_claim(&denied, 0, 1).turn, ClaimTurn::Refused);
    refused(
        &mut denied,
        fixture.arbitrate_visit(0, 1, false),
        &[&overseer],
        TrialsError::ClaimDecided,
    );
    denied.advance(31 * DAY);
    refused(
        &mut denied,
        fixture.grant_visit(0, 1),
        &[],
        TrialsError::ClaimDecided,
    );
    // Claimed again: the claim stands there, refused.
    assert!(!denied
        .send(
            &[fixture.claim_own(0, 1, TODAY + 61)],
            &[&fixture.participant(0)]
        )
        .succeeded());
    // The board can change its mind in the participant's favour.
    done(
        &mut denied,
        fixture.arbitrate_visit(0, 1, true),
        &[&overseer],
    );
    assert_eq!(fixture.read(&denied, 0).due, 10_000);
    assert_books(&denied, &fixture);
}

#[test]
fn a_site_may_refuse_and_be_overruled() {
    let (mut world, fixture) = claimed();
    let nurse = fixture.nurse.key();
    let event: ClaimMoved = done(&mut world, fixture.refuse_visit(0, 1), &[&nurse]).event();
    assert_eq!(
        (event.turn, event.reason_digest),
        (ClaimTurn::Refused, [4; 32])
    );
    assert_eq!(fixture.read(&world, 0).claimed, 0);
    refused(
        &mut world,
        fixture.refuse_visit(0, 1),
        &[&nurse],
        TrialsError::ClaimDecided,
    );
    world.advance(31 * DAY);
    refused(
        &mut world,
        fixture.escalate_visit(0, 1),
        &[],
        TrialsError::ClaimDecided,
    );
    done(
        &mut world,
        fixture.arbitrate_visit(0, 1, true),
        &[&fixture.overseer.key()],
    );
    assert_eq!(fixture.read(&world, 0).due, 10_000);
    assert_books(&world, &fixture);
}

/// The visit of day 14 is attested and waits for a countersignature, for which the participant asks.
fn awaiting_and_claimed() -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(1);
    world.advance(14 * DAY);
    done(
        &mut world,
        fixture.attest(0, 2, TODAY + 14),
        &[&fixture.nurse.key()],
    );
    let key = fixture.participant(0);
    refused(
        &mut world,
        fixture.claim_own(0, 2, TODAY + 14),
        &[&key],
        TrialsError::ClaimDayInvalid,
    );
    done(
        &mut world,
        fixture.claim_visit(0, 2, None, key.pubkey(), None),
        &[&key],
    );
    let claim = fixture.read_claim(&world, 0, 2);
    assert_eq!((claim.visit_day, claim.until), (NO_DAY, TODAY + 44));
    (world, fixture)
}

#[test]
fn a_missing_countersignature_goes_the_same_way() {
    let (world, fixture) = awaiting_and_claimed();
    // The site has attested: it cannot refuse, and earns its fee with the stipend.
    let mut by_silence = world.clone();
    refused(
        &mut by_silence,
        fixture.refuse_visit(0, 2),
        &[&fixture.nurse.key()],
        TrialsError::AlreadyAttested,
    );
    by_silence.advance(31 * DAY);
    done(&mut by_silence, fixture.escalate_visit(0, 2), &[]);
    by_silence.advance(31 * DAY);
    done(&mut by_silence, fixture.grant_visit(0, 2), &[]);
    let participant = fixture.read(&by_silence, 0);
    assert_eq!((participant.due, participant.granted), (10_000, 0));
    assert_eq!(fixture.read_site(&by_silence).payable, 4_500);
    assert_books(&by_silence, &fixture);

    // Rejected by the monitor: the claim is dead, for the board to revive.
    let mut rejected = world.clone();
    done(
        &mut rejected,
        fixture.monitor(0, 2, false),
        &[&fixture.staff.key()],
    );
    assert_eq!(fixture.read(&rejected, 0).claimed, 0);
    rejected.advance(31 * DAY);
    refused(
        &mut rejected,
        fixture.escalate_visit(0, 2),
        &[],
        TrialsError::ClaimDecided,
    );
    done(
        &mut rejected,
        fixture.arbitrate_visit(0, 2, true),
        &[&fixture.overseer.key()],
    );
    assert_eq!(fixture.read(&rejected, 0).due, 10_000);

    // Denied by the arbiter: what the site had attested is rejected with it.
    let mut denied = world;
    denied.advance(31 * DAY);
    done(&mut denied, fixture.escalate_visit(0, 2), &[]);
    done(
        &mut denied,
        fixture.arbitrate_visit(0, 2, false),
        &[&fixture.overseer.key()],
    );
    assert_eq!(fixture.read(&denied, 0).awaiting(), 0);
    assert_books(&denied, &fixture);
}

#[test]
fn who_may_claim_and_what() {
    let (mut world, fixture) = enrolled(2);
    let key = fixture.participant(0);
    for signer in [fixture.nurse.key(), fixture.participant(1)] {
        refused(
            &mut world,
            fixture.claim_visit(0, 1, Some(TODAY), signer.pubkey(), None),
            &[&signer],
            TrialsError::NotTheParticipantsKey,
        );
    }
    for (milestone, day, error) in [
        (1, Some(TODAY + 1), TrialsError::VisitInFuture),
        (2, Some(TODAY), TrialsError::VisitOutsideWindow),
        (5, Some(TODAY), TrialsError::MilestoneUnknown),
        (1, None, TrialsError::ClaimDayInvalid),
        (1, Some(i32::MAX), TrialsError::DateInvalid),
    ] {
        refused(
            &mut world,
            fixture.claim_visit(0, milestone, day, key.pubkey(), None),
            &[&key],
            error,
        );
    }
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    refused(
        &mut world,
        fixture.claim_visit(0, 1, None, key.pubkey(), None),
        &[&key],
        TrialsError::AlreadyEarned,
    );
    // For a key that the site holds only somebody independent can claim: silence would be payment by the site's word.
    fixture.payee(&mut world, 2);
    let held = fixture.participant(2);
    done(
        &mut world,
        fixture.record_consent(2, KeyHolder::Site, 1),
        &[&fixture.nurse.key(), &held],
    );
    refused(
        &mut world,
        fixture.claim_own(2, 0, TODAY),
        &[&held],
        TrialsError::CountersignerMissing,
    );
    let staff = fixture.staff.key();
    let by = Some((&fixture.staff, &fixture.sponsor));
    done(
        &mut world,
        fixture.claim_visit(2, 0, Some(TODAY), staff.pubkey(), by),
        &[&staff],
    );
}

#[test]
fn settlement_waits_for_claims_and_the_rent_comes_back() {
    let (mut world, fixture) = claimed();
    let key = fixture.participant(0);
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&key],
    );
    world.advance(31 * DAY);
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::ClaimPending,
    );
    refused(
        &mut world,
        fixture.close_visit_claim(0, 1, key.pubkey()),
        &[],
        TrialsError::ClaimStays,
    );
    done(&mut world, fixture.escalate_visit(0, 1), &[]);
    world.advance(31 * DAY);
    done(&mut world, fixture.grant_visit(0, 1), &[]);
    done(&mut world, fixture.settle(0), &[]);
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.close_visit_claim(0, 1, fixture.nurse.key().pubkey()),
        &[],
        TrialsError::WrongPayer,
    );
    let lamports = world.raw(&key.pubkey()).unwrap().lamports;
    let rent = world.raw(&fixture.claim(0, 1)).unwrap().lamports;
    done(
        &mut world,
        fixture.close_visit_claim(0, 1, key.pubkey()),
        &[],
    );
    assert_eq!(world.raw(&key.pubkey()).unwrap().lamports, lamports + rent);
    refused(
        &mut world,
        fixture.claim_own(0, 2, TODAY),
        &[&key],
        TrialsError::AlreadySettled,
    );
}

#[test]
fn a_screening_visit_granted_brings_the_site_no_fee() {
    let (mut world, fixture) = ready();
    fixture.consent(&mut world, 0).assert_ok();
    done(
        &mut world,
        fixture.claim_own(0, 0, TODAY),
        &[&fixture.participant(0)],
    );
    world.advance(31 * DAY);
    done(&mut world, fixture.escalate_visit(0, 0), &[]);
    done(
        &mut world,
        fixture.arbitrate_visit(0, 0, true),
        &[&fixture.overseer.key()],
    );
    assert_eq!(fixture.read(&world, 0).due, 5_000);
    done(&mut world, fixture.enrol(0), &[&fixture.nurse.key()]);
    let site = fixture.read_site(&world);
    assert_eq!((site.payable, site.held), (0, 0));
    assert_books(&world, &fixture);
}

#[test]
fn a_claim_belongs_to_its_cohort() {
    let (mut world, fixture, other) = two_trials();
    fixture.enrol_many(&mut world, 1);
    other.enrol_many(&mut world, 1);
    done(
        &mut world,
        fixture.claim_own(0, 1, TODAY),
        &[&fixture.participant(0)],
    );
    refused(
        &mut world,
        swapped(fixture.escalate_visit(0, 1), fixture.cohort, other.cohort),
        &[],
        TrialsError::ClaimOfOtherParticipant,
    );
    refused(
        &mut world,
        swapped(
            other.refuse_visit(0, 1),
            other.claim(0, 1),
            fixture.claim(0, 1),
        ),
        &[&other.nurse.key()],
        TrialsError::ClaimOfOtherParticipant,
    );
    world.advance(31 * DAY);
    done(&mut world, fixture.escalate_visit(0, 1), &[]);
    for (from, to, error) in [
        (fixture.trial, other.trial, TrialsError::TrialOfOtherBoard),
        (fixture.site, other.site, TrialsError::SiteOfOtherTrial),
        (
            fixture.schedule,
            other.schedule,
            TrialsError::ScheduleOfOtherTrial,
        ),
        (fixture.cohort, other.cohort, TrialsError::CohortOfOtherSite),
        (fixture.person(0), other.person(0), TrialsError::WrongPerson),
    ] {
        refused(
            &mut world,
            swapped(fixture.arbitrate_visit(0, 1, true), from, to),
            &[&fixture.overseer.key()],
            error,
        );
    }
}
