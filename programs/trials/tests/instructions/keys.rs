//! Keys that change hands: handed over, lost, a guardian's at majority, the site's.

use trials::events::{KeyChangeAnnounced, KeyChangeCancelled, KeyChanged};

use crate::common::*;

/// The board's staff and its organisation, as who signs.
fn board(fixture: &TrialsFixture) -> Office<'_> {
    Some((&fixture.overseer, &fixture.board))
}

/// The new key, held by the participant.
fn new_key() -> (Keypair, (Pubkey, KeyHolder)) {
    let key = actor("new key");
    let named = (key.pubkey(), KeyHolder::Participant);
    (key, named)
}

#[test]
fn a_key_hands_over_in_72_hours() {
    let (mut world, fixture) = enrolled(1);
    let key = fixture.participant(0);
    let (new, named) = new_key();
    let propose = fixture.propose_key(0, named, key.pubkey(), None);
    let event: KeyChangeAnnounced = done(&mut world, propose, &[&key, &new]).event();
    assert_eq!(event.effective_at, world.now() + KEY_DELAY_SECONDS);
    assert!(!event.overrules);
    world.advance(KEY_DELAY_SECONDS - 1);
    refused(
        &mut world,
        fixture.apply_key(0, key.pubkey()),
        &[],
        TrialsError::KeyChangeTooEarly,
    );
    world.advance(1);
    refused(
        &mut world,
        fixture.apply_key(0, fixture.nurse.key().pubkey()),
        &[],
        TrialsError::WrongPayer,
    );
    let lamports = world.raw(&key.pubkey()).unwrap().lamports;
    let rent = world.raw(&fixture.key_change(0)).unwrap().lamports;
    let event: KeyChanged = done(&mut world, fixture.apply_key(0, key.pubkey()), &[]).event();
    assert_eq!(
        (event.old, event.new, event.holder),
        (key.pubkey(), new.pubkey(), KeyHolder::Participant)
    );
    assert_eq!(world.raw(&key.pubkey()).unwrap().lamports, lamports + rent);
    assert_eq!(fixture.read(&world, 0).key, new.pubkey());
    // The old key says nothing for the participant any more.
    refused(
        &mut world,
        fixture.leave(0, DepartureArg::Withdrawn, false),
        &[&key],
        TrialsError::NotTheParticipantsKey,
    );
    done(
        &mut world,
        swapped(
            fixture.leave(0, DepartureArg::Withdrawn, false),
            key.pubkey(),
            new.pubkey(),
        ),
        &[&new],
    );
}

#[test]
fn a_lost_key_is_replaced_in_14_days_unless_it_turns_up() {
    let (world, fixture) = enrolled(1);
    let key = fixture.participant(0);
    let (new, named) = new_key();
    for office in [&fixture.overseer, &fixture.staff] {
        let organization = if office.address == fixture.overseer.address {
            &fixture.board
        } else {
            &fixture.sponsor
        };
        let by = Some((office, organization));
        let signer = office.key();
        let mut world = world.clone();
        let propose = fixture.propose_key(0, named, signer.pubkey(), by);
        let event: KeyChangeAnnounced = done(&mut world, propose.clone(), &[&signer, &new]).event();
        assert_eq!(event.effective_at, world.now() + LOST_KEY_DELAY_SECONDS);
        // It was not lost.
        let mut found = world.clone();
        let event: KeyChangeCancelled = done(
            &mut found,
            fixture.cancel_key(0, signer.pubkey(), key.pubkey(), None),
            &[&key],
        )
        .event();
        assert_eq!(event.key, new.pubkey());
        assert!(!found
            .send(&[fixture.apply_key(0, signer.pubkey())], &[])
            .succeeded());
        assert_eq!(fixture.read(&found, 0).key, key.pubkey());
        // It was.
        world.advance(LOST_KEY_DELAY_SECONDS);
        done(&mut world, fixture.apply_key(0, signer.pubkey()), &[]);
        assert_eq!(fixture.read(&world, 0).key, new.pubkey());
        assert_books(&world, &fixture);
    }
}

#[test]
fn a_guardian_hands_over_or_is_overruled() {
    let (mut world, fixture) = ready();
    fixture.payee(&mut world, 0);
    let guardian = fixture.participant(0);
    done(
        &mut world,
        fixture.record_consent(0, KeyHolder::Guardian, 1),
        &[&fixture.nurse.key(), &guardian],
    );
    let (new, named) = new_key();
    let overseer = fixture.overseer.key();
    let staff = fixture.staff.key();
    let by_board = board(&fixture);
    let propose = fixture.propose_key(0, named, overseer.pubkey(), by_board);
    let event: KeyChangeAnnounced = done(&mut world, propose, &[&overseer, &new]).event();
    assert!(event.overrules);
    let by_sponsor = Some((&fixture.staff, &fixture.sponsor));
    for (signer, by) in [(&guardian, None), (&staff, by_sponsor)] {
        refused(
            &mut world,
            fixture.cancel_key(0, overseer.pubkey(), signer.pubkey(), by),
            &[signer],
            TrialsError::GuardianOverruled,
        );
    }
    let mut withdrawn = world.clone();
    done(
        &mut withdrawn,
        fixture.cancel_key(0, overseer.pubkey(), overseer.pubkey(), by_board),
        &[&overseer],
    );
    world.advance(LOST_KEY_DELAY_SECONDS);
    done(&mut world, fixture.apply_key(0, overseer.pubkey()), &[]);
    let participant = fixture.read(&world, 0);
    assert_eq!((participant.key, participant.holder), (new.pubkey(), 0));
    // By the guardian's own hand it takes 72 hours.
    done(
        &mut withdrawn,
        fixture.propose_key(0, named, guardian.pubkey(), None),
        &[&guardian, &new],
    );
    withdrawn.advance(KEY_DELAY_SECONDS);
    done(&mut withdrawn, fixture.apply_key(0, guardian.pubkey()), &[]);
    assert!(!fixture.read(&withdrawn, 0).is_guarded());
}

#[test]
fn the_site_gives_up_a_key_and_has_room_for_another() {
    let (mut world, fixture) = ready();
    let nurse = fixture.nurse.key();
    fixture.payee(&mut world, 0);
    let held = fixture.participant(0);
    done(
        &mut world,
        fixture.record_consent(0, KeyHolder::Site, 1),
        &[&nurse, &held],
    );
    let (new, named) = new_key();
    refused(
        &mut world,
        fixture.propose_key(0, named, held.pubkey(), None),
        &[&held, &new],
        TrialsError::CountersignerMissing,
    );
    let staff = fixture.staff.key();
    let by = Some((&fixture.staff, &fixture.sponsor));
    done(
        &mut world,
        fixture.propose_key(0, named, staff.pubkey(), by),
        &[&staff, &new],
    );
    world.advance(KEY_DELAY_SECONDS);
    assert_eq!(fixture.read_site(&world).site_held, 1);
    done(&mut world, fixture.apply_key(0, staff.pubkey()), &[]);
    assert_eq!(fixture.read_site(&world).site_held, 0);
    assert!(!fixture.read(&world, 0).is_site_held());
    // Now its own signature counts.
    done(&mut world, fixture.attest(0, 0, TODAY + 3), &[&nurse]);
    assert_eq!(fixture.read(&world, 0).due, 5_000);
}

#[test]
fn what_is_no_hand_over() {
    let (mut world, fixture) = enrolled(2);
    let key = fixture.participant(0);
    let (new, named) = new_key();
    refused(
        &mut world,
        fixture.propose_key(0, (new.pubkey(), KeyHolder::Site), key.pubkey(), None),
        &[&key, &new],
        TrialsError::KeyHolderInvalid,
    );
    let overseer = fixture.overseer.key();
    refused(
        &mut world,
        fixture.propose_key(
            0,
            (overseer.pubkey(), KeyHolder::Participant),
            overseer.pubkey(),
            board(&fixture),
        ),
        &[&overseer],
        TrialsError::KeyOfTheProposer,
    );
    refused(
        &mut world,
        fixture.propose_key(
            0,
            (key.pubkey(), KeyHolder::Guardian),
            overseer.pubkey(),
            board(&fixture),
        ),
        &[&overseer, &key],
        TrialsError::KeyUnchanged,
    );
    for signer in [fixture.nurse.key(), fixture.participant(1)] {
        refused(
            &mut world,
            fixture.propose_key(0, named, signer.pubkey(), None),
            &[&signer, &new],
            TrialsError::NotTheParticipantsKey,
        );
    }
    refused(
        &mut world,
        unsigned(
            fixture.propose_key(0, named, key.pubkey(), None),
            new.pubkey(),
        ),
        &[&key],
        ErrorCode::AccountNotSigner,
    );
    // A cancellation is nobody else's either.
    done(
        &mut world,
        fixture.propose_key(0, named, key.pubkey(), None),
        &[&key, &new],
    );
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.cancel_key(0, key.pubkey(), nurse.pubkey(), None),
        &[&nurse],
        TrialsError::NotTheParticipantsKey,
    );
    // After a death there is nobody to hand over to.
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Died, false),
        &[&nurse],
    );
    world.advance(KEY_DELAY_SECONDS);
    refused(
        &mut world,
        fixture.apply_key(0, key.pubkey()),
        &[],
        TrialsError::ParticipantDied,
    );
    done(
        &mut world,
        fixture.leave(1, DepartureArg::Died, false),
        &[&nurse],
    );
    let other = fixture.participant(1);
    refused(
        &mut world,
        fixture.propose_key(1, named, other.pubkey(), None),
        &[&other, &new],
        TrialsError::ParticipantDied,
    );
}
