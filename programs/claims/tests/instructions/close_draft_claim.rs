use claims::events::DraftClaimClosed;

use crate::common::*;

#[test]
fn who_opened_it_gets_the_rent() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    let before = world.raw(&clerk.pubkey()).unwrap().lamports;
    world
        .send(&[fixture.open_claim(1, 16)], &[&clerk])
        .assert_ok();
    assert!(world.raw(&clerk.pubkey()).unwrap().lamports < before);
    let outcome = world.send(&[fixture.close_draft(1)], &[&clerk]).assert_ok();
    assert_eq!(world.raw(&clerk.pubkey()).unwrap().lamports, before);
    assert!(world
        .raw(&fixture.claim(1))
        .is_none_or(|account| account.lamports == 0));
    assert_eq!(outcome.event::<DraftClaimClosed>().claim, fixture.claim(1));
    // The number is free again.
    world
        .send(&[fixture.open_claim(1, 2)], &[&clerk])
        .assert_ok();
}

#[test]
fn even_after_the_key_was_revoked() {
    let (mut world, fixture) = ready();
    world
        .send(&[fixture.open_claim(1, 16)], &[&fixture.clerk.key()])
        .assert_ok();
    fixture
        .provider
        .revoke(&mut world, &fixture.clerk)
        .assert_ok();
    world
        .send(&[fixture.close_draft(1)], &[&fixture.clerk.key()])
        .assert_ok();
}

#[test]
fn nobody_else() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    world
        .send(&[fixture.open_claim(1, 16)], &[&clerk])
        .assert_ok();
    let colleague = fixture
        .provider
        .operator(&mut world, "colleague", &[Permission::SubmitClaim]);
    refused(
        &mut world,
        &[swapped(
            fixture.close_draft(1),
            clerk.pubkey(),
            colleague.key().pubkey(),
        )],
        &[&colleague.key()],
        ClaimsError::NotClaimOpener,
    );
    refused(
        &mut world,
        &[unsigned(fixture.close_draft(1), clerk.pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
}

#[test]
fn only_a_draft() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 20_000)])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.close_draft(1)],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimNotDraft,
    );
    fixture
        .submit(&mut world, 2, &[line(2, 20_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Pended);
    refused(
        &mut world,
        &[fixture.close_draft(2)],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimNotDraft,
    );
}
