//! Changes of payee: announced, cancelled, applied after 72 hours.

use trials::events::{PayeeChangeAnnounced, PayeeChangeCancelled, PayeeChanged};

use crate::common::*;

fn with_new_payee() -> (World, TrialsFixture, Pubkey) {
    let (mut world, fixture) = enrolled(2);
    let key = fixture.participant(0).pubkey();
    let payee = world.token_account("new payee", &fixture.mint, &key);
    (world, fixture, payee)
}

#[test]
fn takes_over_after_72_hours() {
    let (mut world, fixture, payee) = with_new_payee();
    let key = fixture.participant(0);
    let event: PayeeChangeAnnounced = done(
        &mut world,
        fixture.propose_payee(0, payee, key.pubkey(), None),
        &[&key],
    )
    .event();
    assert_eq!(event.effective_at, world.now() + PAYEE_DELAY_SECONDS);
    assert_eq!(event.payee, payee);
    world.advance(PAYEE_DELAY_SECONDS - 1);
    refused(
        &mut world,
        fixture.apply_payee(0, key.pubkey()),
        &[],
        TrialsError::PayeeChangeTooEarly,
    );
    assert_eq!(fixture.read(&world, 0).payee, fixture.payee_address(0));
    world.advance(1);
    let lamports = world.raw(&key.pubkey()).unwrap().lamports;
    let rent = world.raw(&fixture.change(0)).unwrap().lamports;
    refused(
        &mut world,
        fixture.apply_payee(0, fixture.nurse.key().pubkey()),
        &[],
        TrialsError::WrongPayer,
    );
    let event: PayeeChanged = done(&mut world, fixture.apply_payee(0, key.pubkey()), &[]).event();
    assert_eq!((event.old, event.new), (fixture.payee_address(0), payee));
    assert_eq!(fixture.read(&world, 0).payee, payee);
    assert!(world
        .raw(&fixture.change(0))
        .is_none_or(|a| a.data.is_empty()));
    assert_eq!(
        world.raw(&key.pubkey()).unwrap().lamports,
        lamports + rent,
        "the rent comes back"
    );
}

#[test]
fn can_be_cancelled_by_the_participant_and_the_board() {
    let (world, fixture, payee) = with_new_payee();
    let key = fixture.participant(0);
    let propose = fixture.propose_payee(0, payee, key.pubkey(), None);
    let by_board = Some((&fixture.overseer, &fixture.board));
    for (signer, by) in [(&key, None), (&fixture.overseer.key(), by_board)] {
        let mut world = world.clone();
        done(&mut world, propose.clone(), &[&key]);
        assert!(
            !world
                .send(std::slice::from_ref(&propose), &[&key])
                .succeeded(),
            "one change at a time"
        );
        let nurse = fixture.nurse.key();
        refused(
            &mut world,
            fixture.cancel_payee(0, key.pubkey(), nurse.pubkey(), None),
            &[&nurse],
            TrialsError::NotTheParticipantsKey,
        );
        let event: PayeeChangeCancelled = done(
            &mut world,
            fixture.cancel_payee(0, key.pubkey(), signer.pubkey(), by),
            &[signer],
        )
        .event();
        assert_eq!(event.payee, payee);
        world.advance(PAYEE_DELAY_SECONDS);
        assert!(!world
            .send(&[fixture.apply_payee(0, key.pubkey())], &[])
            .succeeded());
        // Another one can be announced.
        done(&mut world, propose.clone(), &[&key]);
    }
}

#[test]
fn only_the_participants_key_and_never_the_sites() {
    let (mut world, fixture, payee) = with_new_payee();
    for signer in [fixture.nurse.key(), fixture.participant(1)] {
        refused(
            &mut world,
            fixture.propose_payee(0, payee, signer.pubkey(), None),
            &[&signer],
            TrialsError::NotTheParticipantsKey,
        );
    }
    // A key that the site holds cannot redirect the money either.
    let key = fixture.participant(2);
    fixture.payee(&mut world, 2);
    done(
        &mut world,
        fixture.record_consent(2, KeyHolder::Site, 1),
        &[&fixture.nurse.key(), &key],
    );
    refused(
        &mut world,
        fixture.propose_payee(2, payee, key.pubkey(), None),
        &[&key],
        TrialsError::CountersignerMissing,
    );
    done(
        &mut world,
        fixture.propose_payee(
            2,
            payee,
            fixture.staff.key().pubkey(),
            Some((&fixture.staff, &fixture.sponsor)),
        ),
        &[&fixture.staff.key()],
    );
}

#[test]
fn an_estate_is_named_by_somebody_independent() {
    let (mut world, fixture, payee) = with_new_payee();
    let key = fixture.participant(0);
    done(
        &mut world,
        fixture.attest(0, 1, TODAY),
        &[&fixture.nurse.key()],
    );
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Died, false),
        &[&fixture.nurse.key()],
    );
    refused(
        &mut world,
        fixture.propose_payee(0, payee, key.pubkey(), None),
        &[&key],
        TrialsError::CountersignerMissing,
    );
    let overseer = fixture.overseer.key();
    let estate = world.token_account("estate", &fixture.mint, &actor("executor").pubkey());
    done(
        &mut world,
        fixture.propose_payee(
            0,
            estate,
            overseer.pubkey(),
            Some((&fixture.overseer, &fixture.board)),
        ),
        &[&overseer],
    );
    world.advance(PAYEE_DELAY_SECONDS);
    done(&mut world, fixture.apply_payee(0, overseer.pubkey()), &[]);
    done(&mut world, fixture.pay_to(&[0], &[estate], false), &[]);
    assert_eq!(world.balance(&estate), 10_000 * UNIT_PER_CENT);
    assert_books(&world, &fixture);
}

#[test]
fn a_change_belongs_to_its_cohort() {
    let (mut world, fixture, other) = two_trials();
    fixture.enrol_many(&mut world, 1);
    other.enrol_many(&mut world, 1);
    let key = fixture.participant(0);
    let payee = world.token_account("new payee", &fixture.mint, &key.pubkey());
    done(
        &mut world,
        fixture.propose_payee(0, payee, key.pubkey(), None),
        &[&key],
    );
    world.advance(PAYEE_DELAY_SECONDS);
    refused(
        &mut world,
        swapped(
            fixture.apply_payee(0, key.pubkey()),
            fixture.cohort,
            other.cohort,
        ),
        &[],
        TrialsError::ChangeOfOtherParticipant,
    );
    refused(
        &mut world,
        swapped(
            fixture.propose_payee(1, payee, key.pubkey(), None),
            fixture.trial,
            other.trial,
        ),
        &[&key],
        TrialsError::CohortOfOtherTrial,
    );
}
