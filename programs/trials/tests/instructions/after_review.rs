//! What a review found, as tests: who may stop, end, claim and choose what, and when nothing more can come.

use galen_testkit::precompile::ed25519;
use trials::events::{KeyChanged, ParticipantSettled, TrialClosed};

use crate::common::*;

/// Participant 0, whose key the site holds.
fn site_held() -> (World, TrialsFixture) {
    let (mut world, fixture) = ready();
    fixture.payee(&mut world, 0);
    let signers = [&fixture.nurse.key(), &fixture.participant(0)];
    let consent = fixture.record_consent(0, KeyHolder::Site, 1);
    done(&mut world, consent, &signers);
    (world, fixture)
}

#[test]
fn the_sponsor_cannot_make_the_boards_end_stale() {
    let (mut world, fixture) = ready();
    let end = fixture.end_trial(&world, EndReason::Safety);
    // Whatever the sponsor does in between.
    let withdraw = fixture.withdraw_surplus(&world, 1);
    done(&mut world, withdraw, &[&fixture.staff.key()]);
    let before = fixture.read_trial(&world);
    let event: TrialClosed = done(&mut world, end, &[&fixture.overseer.key()]).event();
    assert_eq!(event.reason, EndReason::Safety);
    let after = fixture.read_trial(&world);
    assert_eq!(
        (after.sequence, after.caps_sequence),
        (before.sequence, before.caps_sequence + 1)
    );
}

#[test]
fn an_order_of_the_boards_is_used_once() {
    let (mut world, fixture) = ready();
    let end = fixture.end_trial(&world, EndReason::Safety);
    let set = fixture.set_caps(&world, caps());
    done(&mut world, set, &[&fixture.overseer.key()]);
    refused(
        &mut world,
        end,
        &[&fixture.overseer.key()],
        TrialsError::AdminSequenceStale,
    );
}

#[test]
fn a_site_does_not_veto_that_its_key_is_taken_from_it() {
    let (mut world, fixture) = site_held();
    let (held, new, staff) = (
        fixture.participant(0),
        actor("new key"),
        fixture.staff.key(),
    );
    let by = Some((&fixture.staff, &fixture.sponsor));
    let named = (new.pubkey(), KeyHolder::Participant);
    let propose = fixture.propose_key(0, named, staff.pubkey(), by);
    done(&mut world, propose, &[&staff, &new]);
    refused(
        &mut world,
        fixture.cancel_key(0, staff.pubkey(), held.pubkey(), None),
        &[&held],
        TrialsError::CountersignerMissing,
    );
    let mut withdrawn = world.clone();
    done(
        &mut withdrawn,
        fixture.cancel_key(0, staff.pubkey(), staff.pubkey(), by),
        &[&staff],
    );
    world.advance(KEY_DELAY_SECONDS);
    let event: KeyChanged = done(&mut world, fixture.apply_key(0, staff.pubkey()), &[]).event();
    assert_eq!(event.new, new.pubkey());
}

#[test]
fn a_site_does_not_veto_another_payee_nor_does_a_dead_participants_key() {
    let (mut world, fixture) = site_held();
    fixture.consent(&mut world, 1).assert_ok();
    let nurse = fixture.nurse.key();
    done(&mut world, fixture.enrol(1), &[&nurse]);
    let died = fixture.leave(1, DepartureArg::Died, false);
    done(&mut world, died, &[&nurse]);
    let staff = fixture.staff.key();
    let by = Some((&fixture.staff, &fixture.sponsor));
    for n in 0..2 {
        let key = fixture.participant(n);
        let payee = world.token_account(
            &format!("payee {n} anew"),
            &fixture.mint,
            &actor("somebody who receives it").pubkey(),
        );
        let propose = fixture.propose_payee(n, payee, staff.pubkey(), by);
        done(&mut world, propose, &[&staff]);
        refused(
            &mut world,
            fixture.cancel_payee(n, staff.pubkey(), key.pubkey(), None),
            &[&key],
            TrialsError::CountersignerMissing,
        );
        let cancel = fixture.cancel_payee(n, staff.pubkey(), staff.pubkey(), by);
        done(&mut world, cancel, &[&staff]);
    }
}

#[test]
fn nobody_claims_in_the_place_of_who_has_a_key() {
    let (mut world, fixture) = enrolled(1);
    for (office, organization) in [
        (&fixture.staff, &fixture.sponsor),
        (&fixture.overseer, &fixture.board),
    ] {
        let key = office.key();
        let by = Some((office, organization));
        refused(
            &mut world,
            fixture.claim_visit(0, 1, Some(TODAY), key.pubkey(), by),
            &[&key],
            TrialsError::NotTheParticipantsKey,
        );
    }
    let own = fixture.claim_own(0, 1, TODAY);
    done(&mut world, own, &[&fixture.participant(0)]);
}

#[test]
fn an_unused_page_is_its_openers_while_the_trial_runs() {
    let (mut world, fixture) = ready();
    let (nurse, staff) = (fixture.nurse.key(), fixture.staff.key());
    refused(
        &mut world,
        fixture.close_cohort(None),
        &[],
        TrialsError::CohortOpenerMissing,
    );
    refused(
        &mut world,
        fixture.close_cohort(Some(staff.pubkey())),
        &[&staff],
        TrialsError::CohortOpenerMissing,
    );
    let mut ended = world.clone();
    let end = fixture.end_trial(&ended, EndReason::Complete);
    done(&mut ended, end, &[&staff]);
    done(&mut ended, fixture.close_cohort(None), &[]);
    let close = fixture.close_cohort(Some(nurse.pubkey()));
    done(&mut world, close, &[&nurse]);
}

#[test]
fn a_former_key_does_not_choose_for_the_person() {
    let (mut world, fixture) = enrolled(1);
    let former = fixture.participant(0);
    let leave = fixture.leave(0, DepartureArg::Withdrawn, false);
    done(&mut world, leave, &[&former]);
    // As long as the person takes part nowhere, what is held for the first participation is this key's to choose about.
    done(&mut world, fixture.choose_tax(0, true), &[&former]);
    // The same person again, with another key.
    fixture.payee(&mut world, 1);
    let mut accounts = fixture.record_consent_accounts(1);
    accounts.person = fixture.person(0);
    let again = trials_instruction(
        accounts,
        trials::instruction::RecordConsent {
            args: trials::instructions::RecordConsentArgs {
                marker: fixture.marker(0),
                holder: KeyHolder::Participant,
                version: 1,
            },
        },
    );
    let present = fixture.participant(1);
    done(&mut world, again, &[&fixture.nurse.key(), &present]);
    refused(
        &mut world,
        fixture.choose_tax(0, false),
        &[&former],
        TrialsError::NotPresent,
    );
    let own = swapped(
        fixture.choose_tax(1, false),
        fixture.person(1),
        fixture.person(0),
    );
    done(&mut world, own, &[&present]);
    assert_eq!(fixture.read_person(&world, 0).choice, 0);
}

#[test]
fn who_still_has_doses_to_come_in_is_not_settled_at_once() {
    let (mut world, mut fixture) = ready();
    let (staff, nurse) = (fixture.staff.key(), fixture.nurse.key());
    // One visit, on the day of enrolment; a window of doses after it.
    let visits = [milestone(MilestoneEntry::VISIT, 10_000, 0, 3)];
    let entry = AdherenceEntry {
        window_days: 1,
        threshold_bps: 10_000,
        windows: 1,
        doses: 1,
        padding: [0; 2],
    };
    for instruction in [
        fixture.open_schedule(2, 1_000),
        fixture.append_milestones(2, 0, &visits),
        fixture.require_adherence(2, entry),
        fixture.seal_schedule(2, &visits),
    ] {
        done(&mut world, instruction, &[&staff]);
    }
    fixture.schedule = fixture.schedule_address(2);
    fixture.enrol_many(&mut world, 1);
    let device = fixture.device(0);
    let register = fixture.register_device(0, device.pubkey());
    done(&mut world, register, &[&nurse]);
    done(&mut world, fixture.attest(0, 0, TODAY), &[&nurse]);
    let dose = Dose {
        sequence: 1,
        taken_at: world.now(),
    };
    world.advance(DAY);
    let leave = fixture.leave(0, DepartureArg::Completed, false);
    done(&mut world, leave, &[&nurse]);
    let expenses = fixture.reimburse(0, REIMBURSEMENTS, false);
    done(&mut world, expenses, &[&nurse]);
    refused(
        &mut world,
        fixture.settle(0),
        &[],
        TrialsError::SettlementTooEarly,
    );
    // The dose was taken in time and comes in now.
    let signature = ed25519(&device, &dose.message(&fixture.cohort, 0));
    let record = fixture.record_dose(0, dose);
    world.send(&[signature, record], &[]).assert_ok();
    let event: ParticipantSettled = done(&mut world, fixture.settle(0), &[]).event();
    assert_eq!((event.bonus, event.released), (1_000, 0));
    assert_books(&world, &fixture);
}

#[test]
fn a_refused_amendment_does_not_block_the_next() {
    let (mut world, fixture) = ready();
    let (staff, overseer) = (fixture.staff.key(), fixture.overseer.key());
    for number in [2, 3] {
        let publish = fixture.publish_protocol(number, true);
        done(&mut world, publish, &[&staff]);
    }
    // The board never approves the second.
    refused(
        &mut world,
        fixture.approve_protocol(3, TODAY),
        &[&overseer],
        TrialsError::ProtocolDateInvalid,
    );
    let approve = fixture.approve_protocol(3, TODAY + 1);
    done(&mut world, approve, &[&overseer]);
    refused(
        &mut world,
        fixture.approve_protocol(2, TODAY + 9),
        &[&overseer],
        TrialsError::ProtocolOutOfOrder,
    );
    world.advance(DAY);
    fixture.payee(&mut world, 0);
    let consent = fixture.record_consent(0, KeyHolder::Participant, 3);
    done(
        &mut world,
        consent,
        &[&fixture.nurse.key(), &fixture.participant(0)],
    );
}

#[test]
fn caps_and_pauses_bind_another_schedule_and_not_the_same_one() {
    let (mut world, fixture) = enrolled(1);
    let key = fixture.participant(0);
    let more = CapsTerms {
        per_visit: 10_001,
        ..caps()
    };
    let mut better = milestones();
    better[3].stipend = 10_001;
    // Sealed within the caps of then, which the board lowers afterwards.
    let set = fixture.set_caps(&world, more);
    done(&mut world, set, &[&fixture.overseer.key()]);
    fixture.upload_successor(&mut world, (2, 1), BONUS, &better);
    let set = fixture.set_caps(&world, caps());
    done(&mut world, set, &[&fixture.overseer.key()]);
    fixture.amend(&mut world, 2, TODAY + 1, true);
    world.advance(DAY);
    refused(
        &mut world,
        fixture.renew(0, 2, 2),
        &[&key],
        TrialsError::CapPerVisit,
    );
    let set = fixture.set_caps(&world, more);
    done(&mut world, set, &[&fixture.overseer.key()]);
    let mut paused = world.clone();
    fixture.registry.pause(&mut paused, 3_600).assert_ok();
    refused(
        &mut paused,
        fixture.renew(0, 2, 2),
        &[&key],
        TrialsError::Paused,
    );
    // The same schedule promises nothing new: neither stops a renewal under it.
    let less = CapsTerms {
        per_visit: 1,
        ..caps()
    };
    let set = fixture.set_caps(&paused, less);
    done(&mut paused, set, &[&fixture.overseer.key()]);
    done(&mut paused, fixture.renew(0, 2, 1), &[&key]);
    done(&mut world, fixture.renew(0, 2, 2), &[&key]);
    assert_eq!(fixture.read(&world, 0).schedule, 2);
    assert_books(&world, &fixture);
}
