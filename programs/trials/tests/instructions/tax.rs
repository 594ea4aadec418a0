//! The threshold, the choice, the form, and what is withheld.

use trials::events::{HeldStipendReleased, TaxStandingChanged, TaxTermsSet, WithholdingRemitted};

use crate::common::*;

/// Three participants of a trial whose threshold is 150.00, the first with 100.00 earned.
fn low_threshold() -> (World, TrialsFixture) {
    let mut world = empty();
    let fixture = TrialsFixture {
        tax_threshold: 15_000,
        ..TrialsFixture::bare(&mut world)
    };
    fixture.set_up(&mut world, FUNDED);
    fixture.enrol_many(&mut world, 1);
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    assert_eq!(fixture.read(&world, 0).due, 10_000);
    (world, fixture)
}

fn attest_screening(world: &mut World, fixture: &TrialsFixture) {
    done(world, fixture.attest(0, 0, TODAY), &[&fixture.nurse.key()]);
}

#[test]
fn at_the_threshold_it_is_held_and_the_rest_goes_on() {
    let (mut world, fixture) = low_threshold();
    attest_screening(&mut world, &fixture);
    let participant = fixture.read(&world, 0);
    assert_eq!((participant.due, participant.held), (10_000, 5_000));
    assert_eq!((participant.earned, participant.held_bits), (3, 1));
    // Expenses are not income and are never held.
    done(
        &mut world,
        fixture.reimburse(0, 300, false),
        &[&fixture.nurse.key()],
    );
    done(&mut world, fixture.pay(&[0], false), &[]);
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (participant.paid, participant.paid_bits, participant.due),
        (10_300, 2, 0)
    );
    assert_books(&world, &fixture);
    // Held money is never the sponsor's.
    let free = fixture.read_trial(&world).free().unwrap();
    let more = fixture.withdraw_surplus(&world, free + 1);
    refused(
        &mut world,
        more,
        &[&fixture.staff.key()],
        TrialsError::MoreThanFree,
    );
    refused(
        &mut world,
        fixture.release_held(0),
        &[],
        TrialsError::StillHeld,
    );
}

#[test]
fn a_form_frees_all_of_it() {
    let (mut world, fixture) = low_threshold();
    attest_screening(&mut world, &fixture);
    let event: TaxStandingChanged = done(
        &mut world,
        fixture.record_tax_form(0),
        &[&fixture.staff.key()],
    )
    .event();
    assert!(event.has_form);
    let event: HeldStipendReleased = done(&mut world, fixture.release_held(0), &[]).event();
    assert_eq!((event.paid_out, event.withheld), (5_000, 0));
    done(&mut world, fixture.pay(&[0], false), &[]);
    assert_eq!(fixture.read(&world, 0).paid_bits, 3);
    assert_eq!(
        world.balance(&fixture.payee_address(0)),
        15_000 * UNIT_PER_CENT
    );
    refused(
        &mut world,
        fixture.release_held(0),
        &[],
        TrialsError::NothingHeld,
    );
    assert_books(&world, &fixture);
}

#[test]
fn net_of_withholding_which_is_remitted() {
    let (mut world, fixture) = low_threshold();
    attest_screening(&mut world, &fixture);
    done(
        &mut world,
        fixture.choose_tax(0, true),
        &[&fixture.participant(0)],
    );
    let event: HeldStipendReleased = done(&mut world, fixture.release_held(0), &[]).event();
    assert_eq!((event.paid_out, event.withheld), (3_800, 1_200));
    let person = fixture.read_person(&world, 0);
    assert_eq!((person.stipends, person.withheld), (15_000, 1_200));
    // From now on at once.
    world.advance(14 * DAY);
    done(
        &mut world,
        fixture.attest(0, 2, TODAY + 14),
        &[&fixture.nurse.key()],
    );
    done(
        &mut world,
        fixture.monitor(0, 2, true),
        &[&fixture.staff.key()],
    );
    let participant = fixture.read(&world, 0);
    assert_eq!(
        (participant.due, participant.held, participant.withheld),
        (10_000 + 3_800 + 7_600, 0, 3_600)
    );
    assert_books(&world, &fixture);
    let more = fixture.remit_withheld(&world, 3_601);
    refused(
        &mut world,
        more,
        &[&fixture.staff.key()],
        TrialsError::MoreThanWithheld,
    );
    let nothing = fixture.remit_withheld(&world, 0);
    refused(
        &mut world,
        nothing,
        &[&fixture.staff.key()],
        TrialsError::AmountZero,
    );
    let person = fixture.read_person(&world, 0);
    assert_eq!((person.stipends, person.withheld), (25_000, 3_600));
    let before = world.balance(&fixture.treasury);
    let remit = fixture.remit_withheld(&world, 3_600);
    let event: WithholdingRemitted =
        done(&mut world, remit.clone(), &[&fixture.staff.key()]).event();
    assert_eq!((event.amount, event.withheld), (3_600, 0));
    assert_eq!(
        world.balance(&fixture.treasury),
        before + 3_600 * UNIT_PER_CENT
    );
    assert_books(&world, &fixture);
    refused(
        &mut world,
        remit,
        &[&fixture.staff.key()],
        TrialsError::AdminSequenceStale,
    );
}

#[test]
fn a_new_year_begins_at_nothing() {
    let (mut world, fixture) = low_threshold();
    // 2026-12-31 to 2027-01-01; the visit of day 0 was in March, so enrol somebody new.
    world.set_time((i64::from(TODAY) + 301) * DAY);
    fixture.consent(&mut world, 1).assert_ok();
    done(&mut world, fixture.enrol(1), &[&fixture.nurse.key()]);
    done(
        &mut world,
        fixture.attest(1, 1, TODAY + 301),
        &[&fixture.nurse.key()],
    );
    assert_eq!(fixture.read_person(&world, 1).year, 2026);
    world.advance(DAY);
    done(
        &mut world,
        fixture.attest(1, 0, TODAY + 301),
        &[&fixture.nurse.key()],
    );
    let person = fixture.read_person(&world, 1);
    assert_eq!((person.year, person.stipends), (2027, 5_000));
    assert_eq!((person.year_before, person.stipends_before), (2026, 10_000));
    let participant = fixture.read(&world, 1);
    assert_eq!((participant.due, participant.held), (15_000, 0));
}

/// What is held of one year and paid net of withholding in the next is withheld in the next.
#[test]
fn what_is_withheld_counts_in_the_year_in_which_it_is() {
    let (mut world, fixture) = low_threshold();
    attest_screening(&mut world, &fixture);
    done(
        &mut world,
        fixture.choose_tax(0, true),
        &[&fixture.participant(0)],
    );
    world.set_time((i64::from(TODAY) + 302) * DAY);
    done(&mut world, fixture.release_held(0), &[]);
    let person = fixture.read_person(&world, 0);
    assert_eq!(
        (person.year, person.stipends, person.withheld),
        (2027, 0, 1_200)
    );
    assert_eq!(
        (
            person.year_before,
            person.stipends_before,
            person.withheld_before
        ),
        (2026, 15_000, 0)
    );
}

#[test]
fn terms_change_for_the_better_only() {
    let (mut world, fixture) = low_threshold();
    let staff = fixture.staff.key();
    for (threshold, bps, error) in [
        (14_999, 2_400, TrialsError::TaxTermsWorse),
        (15_000, 2_401, TrialsError::TaxTermsWorse),
        (15_000, 10_001, TrialsError::RateInvalid),
    ] {
        let set = fixture.set_tax_terms(&world, threshold, bps);
        refused(&mut world, set, &[&staff], error);
    }
    let set = fixture.set_tax_terms(&world, 15_001, 2_400);
    let event: TaxTermsSet = done(&mut world, set.clone(), &[&staff]).event();
    assert_eq!(
        (event.tax_threshold, event.withholding_bps),
        (15_001, 2_400)
    );
    let trial = fixture.read_trial(&world);
    assert_eq!(
        (trial.tax_threshold, trial.withholding_bps),
        (15_001, 2_400)
    );
    refused(&mut world, set, &[&staff], TrialsError::AdminSequenceStale);
    // 150.00 are below it now, and nothing is held.
    attest_screening(&mut world, &fixture);
    let participant = fixture.read(&world, 0);
    assert_eq!((participant.due, participant.held), (15_000, 0));
    assert_books(&world, &fixture);
}

#[test]
fn who_may_choose_and_record() {
    let (mut world, fixture) = low_threshold();
    fixture.consent(&mut world, 1).assert_ok();
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        swapped(
            fixture.choose_tax(0, true),
            fixture.participant(0).pubkey(),
            nurse.pubkey(),
        ),
        &[&nurse],
        TrialsError::NotTheParticipantsKey,
    );
    refused(
        &mut world,
        swapped(
            fixture.choose_tax(0, true),
            fixture.person(0),
            fixture.person(1),
        ),
        &[&fixture.participant(0)],
        TrialsError::WrongPerson,
    );
    let zeros = trials_instruction(
        trials::accounts::RecordTaxForm {
            operator: fixture.staff.key().pubkey(),
            operator_record: fixture.staff.address,
            sponsor: fixture.sponsor.address,
            person: fixture.person(0),
            event_authority: galen_testkit::fixtures::registry::event_authority(&trials::ID),
            program: trials::ID,
        },
        trials::instruction::RecordTaxForm {
            args: trials::instructions::RecordTaxFormArgs { digest: [0; 32] },
        },
    );
    refused(
        &mut world,
        zeros,
        &[&fixture.staff.key()],
        TrialsError::FormInvalid,
    );
}
