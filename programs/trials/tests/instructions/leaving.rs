//! How participations and trials end, and what is settled then.

use trials::events::{ParticipantLeft, ParticipantSettled, TrialClosed};

use crate::common::*;

/// Participant 0, enrolled, with the visit of day 0 earned.
fn one_visit() -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(1);
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    (world, fixture)
}

#[test]
fn withdrawal_takes_nothing_that_was_earned() {
    let (mut world, fixture) = one_visit();
    let key = fixture.participant(0);
    let event: ParticipantLeft = done(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&key],
    )
    .event();
    assert_eq!(
        (event.departure, event.follow_up),
        (DepartureArg::Withdrawn, false)
    );
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (participant.status, participant.ended_on, participant.due),
        (4, TODAY, 10_000)
    );
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::SettlementTooEarly,
    );
    world.advance(30 * DAY);
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::SettlementTooEarly,
    );
    world.advance(DAY);
    let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
    // One of three counted visits: a third of 100.00.
    assert_eq!(event.bonus, 3_333);
    assert_eq!(event.released, AT_CONSENT + AT_ENROLMENT - 15_000 - 3_333);
    let participant = fixture.read(&world, 0);
    assert_eq!((participant.reserved, participant.due), (0, 13_333));
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::AlreadySettled,
    );
    refused(
        &mut world,
        fixture.attest(0, 0, TODAY),
        &[&fixture.nurse.key()],
        TrialsError::AlreadySettled,
    );
    refused(
        &mut world,
        fixture.reimburse(0, 1, false),
        &[&fixture.nurse.key()],
        TrialsError::AlreadySettled,
    );
    done(&mut world, fixture.pay(&[0], false), &[]);
    assert_eq!(
        world.balance(&fixture.payee_address(0)),
        13_333 * UNIT_PER_CENT
    );
}

#[test]
fn the_bonus_in_proportion_whoever_ends_it() {
    let departures = [
        (DepartureArg::Withdrawn, None),
        (DepartureArg::DeclinedAmendment, None),
        (DepartureArg::Discontinued, None),
        (DepartureArg::LostToFollowUp, None),
        (DepartureArg::Died, None),
        (DepartureArg::Completed, None),
        (DepartureArg::Completed, Some(EndReason::Sponsor)),
        (DepartureArg::Completed, Some(EndReason::Safety)),
    ];
    for (departure, trial_ends) in departures {
        let (mut world, fixture) = one_visit();
        match trial_ends {
            None => {
                let leave = fixture.leave(0, departure, false);
                let own = matches!(
                    departure,
                    DepartureArg::Withdrawn | DepartureArg::DeclinedAmendment
                );
                let signer = if own {
                    fixture.participant(0)
                } else {
                    fixture.nurse.key()
                };
                done(&mut world, leave, &[&signer]);
            }
            Some(reason) => {
                let signer = if reason == EndReason::Safety {
                    fixture.overseer.key()
                } else {
                    fixture.staff.key()
                };
                let end = fixture.end_trial(&world, reason);
                let event: TrialClosed = done(&mut world, end, &[&signer]).event();
                assert_eq!((event.reason, event.ended_on), (reason, TODAY));
            }
        }
        world.advance(31 * DAY);
        let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
        assert_eq!(event.bonus, 3_333, "{departure:?} {trial_ends:?}");
        assert_books(&world, &fixture);
    }
}

#[test]
fn a_visit_before_the_end_stays_attestable() {
    let (mut world, fixture) = enrolled(1);
    world.advance(2 * DAY);
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Discontinued, false),
        &[&fixture.nurse.key()],
    );
    world.advance(20 * DAY);
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.attest(0, 1, TODAY + 3),
        &[&nurse],
        TrialsError::VisitAfterEnd,
    );
    done(&mut world, fixture.attest(0, 1, TODAY + 2), &[&nurse]);
    assert_eq!(fixture.read(&world, 0).due, 10_000);
}

#[test]
fn follow_up_is_the_participants_to_agree_to() {
    let (mut world, fixture) = enrolled(1);
    let key = fixture.participant(0);
    for (departure, signer) in [
        (DepartureArg::DeclinedAmendment, &key),
        (DepartureArg::Completed, &fixture.nurse.key()),
    ] {
        refused(
            &mut world,
            fixture.leave(0, departure, true),
            &[signer],
            TrialsError::FollowUpNotTheirs,
        );
    }
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, true),
        &[&key],
    );
    world.advance(90 * DAY);
    refused(
        &mut world,
        fixture.attest(0, 3, TODAY + 63),
        &[&fixture.nurse.key()],
        TrialsError::VisitAfterEnd,
    );
    done(
        &mut world,
        fixture.attest(0, 4, TODAY + 90),
        &[&fixture.nurse.key()],
    );
    assert_eq!(fixture.read(&world, 0).due, 4_000);
    // Until the last window closes (day 120) and 30 days more.
    world.set_time((i64::from(TODAY) + 150) * DAY);
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::SettlementTooEarly,
    );
    world.advance(DAY);
    done(&mut world, fixture.settle(0), &[]);
    assert_books(&world, &fixture);
}

#[test]
fn who_can_get_nothing_more_is_settled_at_once() {
    let (mut world, fixture) = enrolled(1);
    let nurse = fixture.nurse.key();
    done(&mut world, fixture.attest(0, 0, TODAY), &[&nurse]);
    done(&mut world, fixture.attest(0, 1, TODAY), &[&nurse]);
    refused(&mut world, fixture.settle(0), &[], TrialsError::NotEnded);
    for (milestone, day) in [(2, 14), (3, 60), (4, 90)] {
        world.set_time((i64::from(TODAY) + i64::from(day)) * DAY);
        done(
            &mut world,
            fixture.attest(0, milestone, TODAY + day),
            &[&nurse],
        );
    }
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Completed, false),
        &[&nurse],
    );
    // Not before what was attested is countersigned.
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::CountersignaturePending,
    );
    done(
        &mut world,
        fixture.monitor(0, 2, true),
        &[&fixture.staff.key()],
    );
    // Not while expenses can still be reimbursed.
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::SettlementTooEarly,
    );
    done(
        &mut world,
        fixture.reimburse(0, REIMBURSEMENTS, false),
        &[&nurse],
    );
    let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
    assert_eq!((event.bonus, event.released), (BONUS, 0));
    done(&mut world, fixture.pay(&[0], false), &[]);
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (participant.paid, participant.paid_bits),
        (49_000 + REIMBURSEMENTS, 0b1_1111)
    );
    assert_books(&world, &fixture);
}

#[test]
fn screening_failures_pay_the_participant_always_and_the_site_within_its_ratio() {
    let (mut world, fixture) = ready();
    let nurse = fixture.nurse.key();
    // Three enrolled pay for one screening failure.
    for n in 0..2 {
        fixture.consent(&mut world, n).assert_ok();
        done(&mut world, fixture.attest(n, 0, TODAY), &[&nurse]);
    }
    refused(
        &mut world,
        fixture.leave(0, DepartureArg::Discontinued, false),
        &[&nurse],
        TrialsError::CannotLeaveLikeThis,
    );
    done(
        &mut world,
        fixture.leave(0, DepartureArg::ScreenFailed, false),
        &[&nurse],
    );
    assert_eq!(fixture.read(&world, 0).due, 5_000);
    assert_eq!(fixture.read_site(&world).payable, 0, "none enrolled yet");
    for n in 2..5 {
        fixture.consent(&mut world, n).assert_ok();
        done(&mut world, fixture.enrol(n), &[&nurse]);
    }
    done(
        &mut world,
        fixture.leave(1, DepartureArg::DeclinedAmendment, false),
        &[&fixture.participant(1)],
    );
    let site = fixture.read_site(&world);
    assert_eq!((site.payable, site.failures_paid), (2_250, 1));
    assert_eq!(fixture.read(&world, 1).status, 3, "a screening failure");
    // Both are settled: no bonus was ever set aside.
    world.advance(31 * DAY);
    for (n, released) in [(0, REIMBURSEMENTS + 2_500), (1, REIMBURSEMENTS)] {
        let event: ParticipantSettled = done(&mut world, fixture.settle(n), &[]).event();
        assert_eq!((event.bonus, event.released), (0, released));
    }
    assert_books(&world, &fixture);
}

#[test]
fn whose_word_it_is() {
    let (mut world, fixture) = enrolled(2);
    let nurse = fixture.nurse.key();
    // Nobody withdraws for a participant.
    refused(
        &mut world,
        swapped(
            fixture.leave(0, DepartureArg::Withdrawn, false),
            fixture.participant(0).pubkey(),
            nurse.pubkey(),
        ),
        &[&nurse],
        TrialsError::NotTheParticipantsKey,
    );
    let key = fixture.participant(0);
    let mut without = fixture.leave(0, DepartureArg::Discontinued, false);
    for meta in &mut without.accounts {
        if meta.pubkey == nurse.pubkey() {
            meta.pubkey = key.pubkey();
        } else if meta.pubkey == fixture.nurse.address || meta.pubkey == fixture.clinic.address {
            meta.pubkey = trials::ID;
        }
    }
    refused(&mut world, without, &[&key], TrialsError::OperatorMissing);
    refused(
        &mut world,
        swapped(
            fixture.leave(0, DepartureArg::Discontinued, false),
            fixture.person(0),
            fixture.person(1),
        ),
        &[&nurse],
        TrialsError::WrongPerson,
    );
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Completed, false),
        &[&nurse],
    );
    refused(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&key],
        TrialsError::CannotLeaveLikeThis,
    );
}

#[test]
fn an_ended_trial_pays_what_was_earned_and_promises_nothing() {
    let (mut world, fixture) = one_visit();
    fixture.consent(&mut world, 1).assert_ok();
    done(
        &mut world,
        fixture.attest(1, 0, TODAY),
        &[&fixture.nurse.key()],
    );
    let wrong = fixture.end_trial(&world, EndReason::Complete);
    let by_board = swapped(
        swapped(
            swapped(
                wrong,
                fixture.staff.key().pubkey(),
                fixture.overseer.key().pubkey(),
            ),
            fixture.staff.address,
            fixture.overseer.address,
        ),
        fixture.sponsor.address,
        fixture.board.address,
    );
    refused(
        &mut world,
        by_board,
        &[&fixture.overseer.key()],
        TrialsError::EndReasonNotTheirs,
    );
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&fixture.staff.key()]);
    let again = fixture.end_trial(&world, EndReason::Complete);
    refused(
        &mut world,
        again,
        &[&fixture.staff.key()],
        TrialsError::TrialEnded,
    );
    let nurse = fixture.nurse.key();
    fixture.payee(&mut world, 2);
    for (instruction, signers) in [
        (fixture.enrol(1), vec![&nurse]),
        (
            fixture.record_consent(2, KeyHolder::Participant, 1),
            vec![&nurse, &fixture.participant(2)],
        ),
        (
            fixture.publish_protocol(2, true),
            vec![&fixture.staff.key()],
        ),
        (fixture.open_schedule(2, 0), vec![&fixture.staff.key()]),
    ] {
        refused(&mut world, instruction, &signers, TrialsError::TrialEnded);
    }
    world.advance(DAY);
    refused(
        &mut world,
        fixture.attest(0, 0, TODAY + 1),
        &[&nurse],
        TrialsError::VisitAfterTrial,
    );
    // What remains is the sponsor's only once everybody is settled.
    let free = fixture.read_trial(&world).free().unwrap();
    let more = fixture.withdraw_surplus(&world, free + 1);
    refused(
        &mut world,
        more,
        &[&fixture.staff.key()],
        TrialsError::MoreThanFree,
    );
    world.advance(31 * DAY);
    for n in 0..2 {
        done(&mut world, fixture.settle(n), &[]);
    }
    assert_eq!(fixture.read_trial(&world).reserved, 0);
    // Settled, a person can take part elsewhere.
    assert_eq!(fixture.read_person(&world, 0).cohort, Pubkey::default());
    done(&mut world, fixture.pay(&[0, 1], true), &[]);
    done(&mut world, fixture.pay_site(), &[]);
    done(
        &mut world,
        fixture.release_holdback(None),
        &[&fixture.staff.key()],
    );
    done(&mut world, fixture.pay_site(), &[]);
    let free = fixture.read_trial(&world).free().unwrap();
    let rest = fixture.withdraw_surplus(&world, free);
    done(&mut world, rest, &[&fixture.staff.key()]);
    assert_eq!(world.balance(&fixture.vault), 0, "the vault is empty");
    assert_books(&world, &fixture);
}
