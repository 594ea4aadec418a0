use claims::constants::PAYOUT_DELAY_SECONDS;
use claims::events::PayoutCancelled;

use crate::common::*;

fn proposed() -> (World, ClaimsFixture, Pubkey) {
    let (mut world, fixture) = ready();
    let new = world.token_account("new payout", &fixture.mint, &actor("thief").pubkey());
    world
        .send(
            &[fixture.propose_payout(&world, new)],
            &[&fixture.provider.authority()],
        )
        .assert_ok();
    (world, fixture, new)
}

#[test]
fn the_authority_withdraws() {
    let (mut world, fixture, new) = proposed();
    let outcome = world
        .send(&[fixture.cancel_payout()], &[&fixture.provider.authority()])
        .assert_ok();
    let agreement: Agreement = world.account(&fixture.agreement);
    assert_eq!(
        (agreement.proposed_payout, agreement.payout_effective_at),
        (Pubkey::default(), 0)
    );
    assert_eq!(outcome.event::<PayoutCancelled>().payout, new);
    world.advance(PAYOUT_DELAY_SECONDS);
    assert_eq!(
        world
            .account::<Agreement>(&fixture.agreement)
            .effective_payout(world.now()),
        fixture.payout
    );
    refused(
        &mut world,
        &[fixture.cancel_payout()],
        &[&fixture.provider.authority()],
        ClaimsError::NoPayoutProposed,
    );
}

/// The provider's authority has been taken over: the key that set the account in force can still stop the change.
#[test]
fn the_old_key_withdraws_after_a_take_over() {
    let (mut world, fixture, _) = proposed();
    let old = fixture.provider.authority();
    let thief = world.actor("thief");
    let mut account = world.raw(&fixture.provider.address).unwrap();
    let mut organization: registry::state::Organization = world.account(&fixture.provider.address);
    organization.authority = thief.pubkey();
    let mut bytes = Vec::new();
    anchor_lang::AccountSerialize::try_serialize(&organization, &mut bytes).unwrap();
    account.data[..bytes.len()].copy_from_slice(&bytes);
    world.set_raw(&fixture.provider.address, account);

    world.send(&[fixture.cancel_payout()], &[&old]).assert_ok();
}

#[test]
fn nobody_else_withdraws() {
    let (mut world, fixture, _) = proposed();
    let authority = fixture.provider.authority().pubkey();
    for name in ["insurer staff", "provider staff", "stranger"] {
        let key = world.actor(name);
        refused(
            &mut world,
            &[swapped(fixture.cancel_payout(), authority, key.pubkey())],
            &[&key],
            ClaimsError::NotPayoutAuthority,
        );
    }
    refused(
        &mut world,
        &[unsigned(fixture.cancel_payout(), authority)],
        &[],
        ErrorCode::AccountNotSigner,
    );
}

#[test]
fn too_late() {
    let (mut world, fixture, new) = proposed();
    world.advance(PAYOUT_DELAY_SECONDS);
    refused(
        &mut world,
        &[fixture.cancel_payout()],
        &[&fixture.provider.authority()],
        ClaimsError::NoPayoutProposed,
    );
    assert_eq!(
        world
            .account::<Agreement>(&fixture.agreement)
            .effective_payout(world.now()),
        new
    );
}

#[test]
fn another_providers_agreement_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    refused(
        &mut world,
        &[swapped(
            fixture.cancel_payout(),
            fixture.agreement,
            other.agreement,
        )],
        &[&fixture.provider.authority()],
        ClaimsError::AgreementOfOtherProvider,
    );
}
