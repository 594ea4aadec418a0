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
