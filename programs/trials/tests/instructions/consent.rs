//! Consent, enrolment, amendments.

use trials::events::{ConsentGiven, ParticipantEnrolled};

use crate::common::*;

#[test]
fn consent_sets_the_screening_aside() {
    let (mut world, fixture) = ready();
    let event: ConsentGiven = fixture.consent(&mut world, 0).assert_ok().event();
    assert_eq!(
        (event.index, event.version, event.schedule, event.reserved),
        (0, 1, 1, AT_CONSENT)
    );
    let participant = fixture.read(&world, 0);
    assert_eq!(participant.key, fixture.participant(0).pubkey());
    assert_eq!(participant.payee, fixture.payee_address(0));
    assert_eq!(participant.payee_owner, fixture.participant(0).pubkey());
    assert_eq!(
        (
            participant.status,
            participant.reserved,
            participant.enrolled_on
        ),
        (0, AT_CONSENT, NO_DAY)
    );
    assert_eq!(
        (participant.consents[0].version, participant.consents[0].on),
        (1, TODAY)
    );
    let person = fixture.read_person(&world, 0);
    assert_eq!((person.cohort, person.index), (fixture.cohort, 0));
    assert_books(&world, &fixture);
}

#[test]
fn enrolment_sets_the_rest_aside_or_fails() {
    let (mut world, fixture) = bare();
    // Enough for two consents and one enrolment, less a cent.
    fixture.set_up(&mut world, 2 * AT_CONSENT + AT_ENROLMENT - 1);
    fixture.consent(&mut world, 0).assert_ok();
    fixture.consent(&mut world, 1).assert_ok();
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.enrol(0),
        &[&nurse],
        TrialsError::EscrowShort,
    );
    fixture.fund(&mut world, 1).assert_ok();
    let event: ParticipantEnrolled = done(&mut world, fixture.enrol(0), &[&nurse]).event();
    assert_eq!((event.index, event.reserved), (0, AT_ENROLMENT));
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (
            participant.status,
            participant.enrolled_on,
            participant.reserved
        ),
        (1, TODAY, AT_CONSENT + AT_ENROLMENT)
    );
    assert_eq!(fixture.read_site(&world).enrolled, 1);
    assert_eq!(fixture.read_trial(&world).free().unwrap(), 0);
    // Nobody else, not even a consent.
    refused(
        &mut world,
        fixture.enrol(1),
        &[&nurse],
        TrialsError::EscrowShort,
    );
    fixture.payee(&mut world, 2);
    refused(
        &mut world,
        fixture.record_consent(2, KeyHolder::Participant, 1),
        &[&nurse, &fixture.participant(2)],
        TrialsError::EscrowShort,
    );
    refused(
        &mut world,
        fixture.enrol(0),
        &[&nurse],
        TrialsError::EscrowShort,
    );
    fixture.fund(&mut world, 10 * AT_ENROLMENT).assert_ok();
    refused(
        &mut world,
        fixture.enrol(0),
        &[&nurse],
        TrialsError::NotScreening,
    );
    refused(
        &mut world,
        fixture.enrol(2),
        &[&nurse],
        TrialsError::ParticipantUnknown,
    );
    assert_books(&world, &fixture);
}

#[test]
fn consent_is_the_participants_and_to_the_version_in_force() {
    let (mut world, fixture) = ready();
    fixture.payee(&mut world, 0);
    let nurse = fixture.nurse.key();
    let key = fixture.participant(0);
    let consent = |version| fixture.record_consent(0, KeyHolder::Participant, version);
    refused(
        &mut world,
        unsigned(consent(1), key.pubkey()),
        &[&nurse],
        ErrorCode::AccountNotSigner,
    );
    for version in [0, 2] {
        refused(
            &mut world,
            consent(version),
            &[&nurse, &key],
            TrialsError::ConsentVersionInvalid,
        );
    }
    fixture.amend(&mut world, 2, TODAY + 3, true);
    refused(
        &mut world,
        consent(2),
        &[&nurse, &key],
        TrialsError::ConsentVersionInvalid,
    );
    world.advance(3 * DAY);
    refused(
        &mut world,
        consent(1),
        &[&nurse, &key],
        TrialsError::ConsentVersionInvalid,
    );
    done(&mut world, consent(2), &[&nurse, &key]);
}

#[test]
fn the_sites_operator_is_no_participant() {
    let (mut world, fixture) = ready();
    fixture.payee(&mut world, 0);
    let nurse = fixture.nurse.key();
    for holder in [KeyHolder::Participant, KeyHolder::Guardian] {
        refused(
            &mut world,
            swapped(
                fixture.record_consent(0, holder, 1),
                fixture.participant(0).pubkey(),
                nurse.pubkey(),
            ),
            &[&nurse],
            TrialsError::KeyOfTheSite,
        );
    }
}

#[test]
fn before_any_version_is_approved_nobody_consents() {
    let (mut world, fixture) = ready();
    let mut other = fixture.clone();
    other.number = 7;
    other.trial = Trial::find_address(&fixture.sponsor.address, 7).0;
    other.vault = Trial::find_vault_address(&other.trial).0;
    other.site = Site::find_address(&other.trial, &other.clinic.address).0;
    other.schedule = Schedule::find_address(&other.trial, 1).0;
    let staff = other.staff.key();
    done(&mut world, other.create_trial(), &[&staff]);
    other.fund(&mut world, FUNDED).assert_ok();
    let set_caps = other.set_caps(&world, caps());
    done(&mut world, set_caps, &[&other.overseer.key()]);
    done(&mut world, other.open_schedule(1, BONUS), &[&staff]);
    done(
        &mut world,
        other.append_milestones(1, 0, &milestones()),
        &[&staff],
    );
    done(&mut world, other.add_site(site_terms()), &[&staff]);
    done(
        &mut world,
        other.accept_site(),
        &[&other.clinic.authority()],
    );
    other
        .open_cohort_account(&mut world, "cohort 7", 3)
        .assert_ok();
    other.cohort = Cohort::address(&other.nurse.key().pubkey(), "cohort 7").unwrap();
    other.payee(&mut world, 0);
    let consent = other.record_consent(0, KeyHolder::Participant, 1);
    let signers = [&other.nurse.key(), &other.participant(0)];
    refused(
        &mut world,
        consent.clone(),
        &signers,
        TrialsError::ScheduleNotSealed,
    );
    done(&mut world, other.seal_schedule(1, &milestones()), &[&staff]);
    refused(
        &mut world,
        consent.clone(),
        &signers,
        TrialsError::NoProtocolInForce,
    );
    other.amend(&mut world, 1, TODAY, false);
    refused(
        &mut world,
        consent.clone(),
        &signers,
        TrialsError::PlanMissing,
    );
    let plan = PlanTerms {
        bond: 0,
        ..plan_terms()
    };
    done(&mut world, other.commit_plan(plan), &[&staff]);
    done(&mut world, consent, &signers);
}

#[test]
fn one_person_in_one_trial_of_a_sponsor() {
    let (mut world, fixture) = ready();
    fixture.consent(&mut world, 0).assert_ok();
    // Another key and payee, the same person.
    fixture.payee(&mut world, 1);
    let mut twice = fixture.record_consent_accounts(1);
    twice.person = fixture.person(0);
    let twice = trials_instruction(
        twice,
        trials::instruction::RecordConsent {
            args: trials::instructions::RecordConsentArgs {
                marker: fixture.marker(0),
                holder: KeyHolder::Participant,
                version: 1,
            },
        },
    );
    refused(
        &mut world,
        twice.clone(),
        &[&fixture.nurse.key(), &fixture.participant(1)],
        TrialsError::AlreadyInATrial,
    );
    // After leaving, again.
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&fixture.participant(0)],
    );
    done(
        &mut world,
        twice,
        &[&fixture.nurse.key(), &fixture.participant(1)],
    );
    let person = fixture.read_person(&world, 0);
    assert_eq!((person.cohort, person.index), (fixture.cohort, 1));
    assert_books(&world, &fixture);
}

#[test]
fn caps_bind_later_enrolments_and_never_earlier_ones() {
    let (mut world, fixture) = enrolled(1);
    fixture.consent(&mut world, 1).assert_ok();
    fixture.payee(&mut world, 2);
    let nurse = fixture.nurse.key();
    for (caps, error) in [
        (
            CapsTerms {
                per_visit: 9_999,
                ..caps()
            },
            TrialsError::CapPerVisit,
        ),
        (
            CapsTerms {
                per_participant: 48_999,
                ..caps()
            },
            TrialsError::CapPerParticipant,
        ),
        (
            CapsTerms {
                per_month: 24_999,
                ..caps()
            },
            TrialsError::CapPerMonth,
        ),
        (
            CapsTerms {
                bonus_share_bps: 2_000,
                ..caps()
            },
            TrialsError::CapBonus,
        ),
    ] {
        let mut world = world.clone();
        let set = fixture.set_caps(&world, caps);
        done(&mut world, set, &[&fixture.overseer.key()]);
        refused(&mut world, fixture.enrol(1), &[&nurse], error);
        refused(
            &mut world,
            fixture.record_consent(2, KeyHolder::Participant, 1),
            &[&nurse, &fixture.participant(2)],
            error,
        );
        // Who is enrolled earns as before.
        done(&mut world, fixture.attest(0, 1, TODAY), &[&nurse]);
        assert_eq!(fixture.read(&world, 0).due, 10_000);
    }
}

#[test]
fn site_held_keys_are_limited() {
    let (mut world, fixture) = ready();
    let nurse = fixture.nurse.key();
    for n in 0..2 {
        fixture.payee(&mut world, n);
    }
    let consent = |n| fixture.record_consent(n, KeyHolder::Site, 1);
    done(&mut world, consent(0), &[&nurse, &fixture.participant(0)]);
    refused(
        &mut world,
        consent(1),
        &[&nurse, &fixture.participant(1)],
        TrialsError::SiteHeldQuota,
    );
    done(
        &mut world,
        fixture.record_consent(1, KeyHolder::Guardian, 1),
        &[&nurse, &fixture.participant(1)],
    );
    assert_eq!([0, 1].map(|n| fixture.read(&world, n).holder), [2, 1]);
}

#[test]
fn a_pause_stops_new_promises_only() {
    let (mut world, fixture) = enrolled(1);
    fixture.consent(&mut world, 1).assert_ok();
    fixture.payee(&mut world, 2);
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    let nurse = fixture.nurse.key();
    refused(&mut world, fixture.enrol(1), &[&nurse], TrialsError::Paused);
    refused(
        &mut world,
        fixture.record_consent(2, KeyHolder::Participant, 1),
        &[&nurse, &fixture.participant(2)],
        TrialsError::Paused,
    );
    let withdraw = fixture.withdraw_surplus(&world, 1);
    refused(
        &mut world,
        withdraw,
        &[&fixture.staff.key()],
        TrialsError::Paused,
    );
    // What is earned goes on, to the money.
    done(&mut world, fixture.attest(0, 1, TODAY), &[&nurse]);
    done(&mut world, fixture.pay(&[0], false), &[]);
    assert_eq!(
        world.balance(&fixture.payee_address(0)),
        10_000 * UNIT_PER_CENT
    );
}

#[test]
fn payees_must_be_able_to_take_money() {
    let (mut world, fixture) = ready();
    let payee = fixture.payee(&mut world, 0);
    let signers = [&fixture.nurse.key(), &fixture.participant(0)];
    let consent = fixture.record_consent(0, KeyHolder::Participant, 1);
    for (wrong, error) in [
        (fixture.vault, TrialsError::PayeeIsVault),
        (fixture.mint, TrialsError::PayeeInvalid),
        (actor("nobody").pubkey(), TrialsError::PayeeInvalid),
    ] {
        refused(
            &mut world,
            swapped(consent.clone(), payee, wrong),
            &signers,
            error,
        );
    }
    let theirs = world.token_account("the trial's", &fixture.mint, &fixture.trial);
    refused(
        &mut world,
        swapped(consent.clone(), payee, theirs),
        &signers,
        TrialsError::PayeeIsVault,
    );
    world.freeze(&payee);
    refused(&mut world, consent, &signers, TrialsError::PayeeInvalid);
}

#[test]
fn a_full_cohort_takes_nobody() {
    let (mut world, fixture) = ready();
    fixture
        .open_cohort_account(&mut world, "small", 1)
        .assert_ok();
    let mut small = fixture.clone();
    small.cohort = Cohort::address(&fixture.nurse.key().pubkey(), "small").unwrap();
    small.consent(&mut world, 0).assert_ok();
    small.payee(&mut world, 1);
    refused(
        &mut world,
        small.record_consent(1, KeyHolder::Participant, 1),
        &[&fixture.nurse.key(), &fixture.participant(1)],
        TrialsError::CohortFull,
    );
}

/// Milestones that pay more and have one visit more.
fn better() -> Vec<MilestoneEntry> {
    let mut milestones = milestones();
    milestones[0].stipend = 6_000;
    milestones[1].stipend = 9_999 + 1;
    milestones[3].site_fee = 6_000;
    milestones.push(milestone(MilestoneEntry::VISIT, 8_000, 70, 75));
    milestones
}

#[test]
fn an_amendment_that_pays_more_sets_each_ones_difference_aside() {
    let (mut world, fixture) = enrolled(1);
    fixture.consent(&mut world, 1).assert_ok();
    fixture.upload_successor(&mut world, (2, 1), BONUS + 500, &better());
    fixture.amend(&mut world, 2, TODAY + 1, true);
    world.advance(DAY);
    let before = fixture.read_trial(&world).reserved;
    let outcome = done(
        &mut world,
        fixture.renew(0, 2, 2),
        &[&fixture.participant(0)],
    );
    let event: ConsentGiven = outcome.event();
    // Screening 10.00, the site's 10.00 for day 60, the new visit with its fee 120.00, the bonus 5.00.
    assert_eq!(
        (event.version, event.schedule, event.reserved),
        (2, 2, 14_500)
    );
    assert_eq!(fixture.read_trial(&world).reserved, before + 14_500);
    let participant = fixture.read(&world, 0);
    assert_eq!((participant.schedule, participant.consent_count), (2, 2));
    // In screening only the screening's difference is set aside now.
    let outcome = done(
        &mut world,
        fixture.renew(1, 2, 2),
        &[&fixture.participant(1)],
    );
    assert_eq!(outcome.event::<ConsentGiven>().reserved, 1_000);
    let mut second = fixture.clone();
    second.schedule = fixture.schedule_address(2);
    done(&mut world, second.enrol(1), &[&fixture.nurse.key()]);
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 1),
        &[&fixture.nurse.key()],
        TrialsError::WrongSchedule,
    );
    done(
        &mut world,
        second.attest(0, 1, TODAY + 1),
        &[&fixture.nurse.key()],
    )
    .assert_ok();
}

#[test]
fn renewal_is_refused_where_it_does_not_fit() {
    let (mut world, fixture) = enrolled(1);
    let key = fixture.participant(0);
    refused(
        &mut world,
        fixture.renew(0, 1, 1),
        &[&key],
        TrialsError::ConsentNotNewer,
    );
    fixture.amend(&mut world, 2, TODAY + 1, true);
    refused(
        &mut world,
        fixture.renew(0, 2, 1),
        &[&key],
        TrialsError::ConsentVersionInvalid,
    );
    world.advance(DAY);
    refused(
        &mut world,
        swapped(
            fixture.renew(0, 2, 1),
            key.pubkey(),
            fixture.nurse.key().pubkey(),
        ),
        &[&fixture.nurse.key()],
        TrialsError::NotTheParticipantsKey,
    );
    // Schedules that are worse.
    let mut less = milestones();
    less[3].stipend -= 1;
    let mut changed = milestones();
    changed[4].kind = MilestoneEntry::VISIT;
    let shorter = milestones()[..4].to_vec();
    for (number, (worse, error)) in (2_u16..).zip([
        (less, TrialsError::SchedulePaysLess),
        (changed, TrialsError::ScheduleChanged),
        (shorter, TrialsError::ScheduleShorter),
    ]) {
        fixture.upload_successor(&mut world, (number, 1), BONUS, &worse);
        refused(&mut world, fixture.renew(0, 2, number), &[&key], error);
    }
    done(
        &mut world,
        fixture.open_successor(5, 1, BONUS),
        &[&fixture.staff.key()],
    );
    refused(
        &mut world,
        fixture.renew(0, 2, 5),
        &[&key],
        TrialsError::ScheduleNotSealed,
    );
    // Not enough money for a better one.
    let better = fixture.upload_successor(&mut world, (6, 1), BONUS, &better());
    assert_eq!(better, fixture.schedule_address(6));
    let free = fixture.read_trial(&world).free().unwrap();
    let withdraw = fixture.withdraw_surplus(&world, free);
    done(&mut world, withdraw, &[&fixture.staff.key()]);
    refused(
        &mut world,
        fixture.renew(0, 2, 6),
        &[&key],
        TrialsError::EscrowShort,
    );
    done(&mut world, fixture.renew(0, 2, 1), &[&key]);
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&key],
    );
    fixture.amend(&mut world, 3, TODAY + 1 + 1, true);
    world.advance(DAY);
    refused(
        &mut world,
        fixture.renew(0, 3, 1),
        &[&key],
        TrialsError::NotPresent,
    );
}

#[test]
fn a_participant_passes_only_to_what_succeeds_their_schedule() {
    let (mut world, fixture) = enrolled(2);
    let staff = fixture.staff.key();
    let key = fixture.participant(0);
    let succeeds = |world: &World, number| -> [u16; 8] {
        let raw = world.raw(&fixture.schedule_address(number)).unwrap();
        decode_zero_copy::<Schedule>(&raw.data).unwrap().succeeds
    };
    // Another arm's, which pays more; what succeeds that; the own schedule's successor, and what succeeds that one.
    fixture.upload(&mut world, 2, BONUS + 900, &better());
    fixture.upload_successor(&mut world, (3, 2), BONUS + 901, &better());
    fixture.upload_successor(&mut world, (4, 1), BONUS + 1, &milestones());
    fixture.upload_successor(&mut world, (5, 4), BONUS + 3, &milestones());
    assert_eq!(
        [1, 2, 3, 4, 5].map(|number| succeeds(&world, number)[..3].to_vec()),
        [[0, 0, 0], [0, 0, 0], [2, 0, 0], [1, 0, 0], [4, 1, 0]]
    );
    fixture.amend(&mut world, 2, TODAY + 1, true);
    world.advance(DAY);
    for other in [2, 3] {
        refused(
            &mut world,
            fixture.renew(0, 2, other),
            &[&key],
            TrialsError::ScheduleNotSuccessor,
        );
    }
    let before = fixture.read_trial(&world).reserved;
    // At once to the one after the next: who has missed an amendment is not left behind.
    let event: ConsentGiven = done(&mut world, fixture.renew(0, 2, 5), &[&key]).event();
    assert_eq!((event.schedule, event.reserved), (5, 3));
    assert_eq!(fixture.read_trial(&world).reserved, before + 3);
    assert_eq!(fixture.read(&world, 0).schedule, 5);
    // By steps comes to the same.
    let other = fixture.participant(1);
    done(&mut world, fixture.renew(1, 2, 4), &[&other]);
    fixture.amend(&mut world, 3, TODAY + 2, true);
    world.advance(DAY);
    let mut stepped = fixture.clone();
    stepped.schedule = fixture.schedule_address(4);
    let event: ConsentGiven = done(&mut world, stepped.renew(1, 3, 5), &[&other]).event();
    assert_eq!((event.schedule, event.reserved), (5, 2));
    assert_eq!(fixture.read_trial(&world).reserved, before + 6);
    // Never back.
    stepped.schedule = fixture.schedule_address(5);
    for number in [1, 4] {
        refused(
            &mut world,
            stepped.renew(0, 3, number),
            &[&key],
            TrialsError::ScheduleNotSuccessor,
        );
    }
    done(&mut world, stepped.renew(0, 3, 5), &[&key]);
    assert_books(&world, &fixture);
    // Only what can no longer change has a successor, and only in its own trial.
    done(&mut world, fixture.open_schedule(6, BONUS), &[&staff]);
    refused(
        &mut world,
        fixture.open_successor(7, 6, BONUS),
        &[&staff],
        TrialsError::ScheduleNotSealed,
    );
}

#[test]
fn a_successor_is_of_the_same_trial() {
    let (mut world, fixture, other) = two_trials();
    let theirs = swapped(
        fixture.open_successor(2, 1, BONUS),
        fixture.schedule_address(1),
        other.schedule_address(1),
    );
    refused(
        &mut world,
        theirs,
        &[&fixture.staff.key()],
        TrialsError::ScheduleOfOtherTrial,
    );
}

#[test]
fn the_furthest_of_many_predecessors_are_forgotten() {
    let (mut world, fixture) = enrolled(1);
    for number in 2..=10 {
        fixture.upload_successor(&mut world, (number, number - 1), BONUS, &milestones());
    }
    let raw = world.raw(&fixture.schedule_address(10)).unwrap();
    let last: Schedule = decode_zero_copy(&raw.data).unwrap();
    assert_eq!(last.succeeds, [9, 8, 7, 6, 5, 4, 3, 2]);
    fixture.amend(&mut world, 2, TODAY + 1, true);
    world.advance(DAY);
    let key = fixture.participant(0);
    refused(
        &mut world,
        fixture.renew(0, 2, 10),
        &[&key],
        TrialsError::ScheduleNotSuccessor,
    );
    done(&mut world, fixture.renew(0, 2, 9), &[&key]);
    assert_eq!(fixture.read(&world, 0).schedule, 9);
}

#[test]
fn consent_due_before_enrolment() {
    let (mut world, fixture) = ready();
    fixture.consent(&mut world, 0).assert_ok();
    fixture.amend(&mut world, 2, TODAY + 1, true);
    world.advance(DAY);
    refused(
        &mut world,
        fixture.enrol(0),
        &[&fixture.nurse.key()],
        TrialsError::ConsentDue,
    );
    done(
        &mut world,
        fixture.renew(0, 2, 1),
        &[&fixture.participant(0)],
    );
    done(&mut world, fixture.enrol(0), &[&fixture.nurse.key()]);
}
