use claims::events::AgreementAccepted;

use crate::common::*;

fn offered() -> (World, ClaimsFixture) {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    world.send(&[fixture.create_pool(0)], &[&staff]).assert_ok();
    world
        .send(&[fixture.offer(unlimited())], &[&staff])
        .assert_ok();
    (world, fixture)
}

#[test]
fn the_providers_authority_accepts() {
    let (mut world, fixture) = offered();
    let authority = fixture.provider.authority();
    let outcome = world
        .send(&[fixture.accept(&world)], &[&authority])
        .assert_ok();
    let agreement: Agreement = world.account(&fixture.agreement);
    assert_eq!(agreement.status, AgreementStatus::Active);
    assert_eq!(
        (agreement.payout, agreement.payout_authority),
        (fixture.payout, authority.pubkey())
    );
    assert_eq!(outcome.event::<AgreementAccepted>().payout, fixture.payout);
    let again = fixture.accept(&world);
    refused(
        &mut world,
        &[again],
        &[&authority],
        ClaimsError::AgreementTransitionInvalid,
    );
}

/// The provider's signature is for the offer that it has read, and good for one moment.
#[test]
fn nothing_is_accepted_but_the_offer_that_was_read() {
    let (mut world, fixture) = offered();
    let authority = fixture.provider.authority();
    let read = fixture.accept(&world);
    let mut later = world.clone();
    later.advance(3_601);
    refused(
        &mut later,
        std::slice::from_ref(&read),
        &[&authority],
        ClaimsError::AdminExpired,
    );
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let change = fixture.set_agreement_terms(&world, outside);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    refused(
        &mut world,
        &[read],
        &[&authority],
        ClaimsError::AdminSequenceStale,
    );
    let accept = fixture.accept(&world);
    world.send(&[accept], &[&authority]).assert_ok();
    assert!(!fixture.read_agreement(&world).terms.in_network);
}

#[test]
fn nobody_else_accepts() {
    let (mut world, fixture) = offered();
    let authority = fixture.provider.authority().pubkey();
    for name in ["insurer staff", "provider staff", "stranger"] {
        let key = world.actor(name);
        let accept = swapped(fixture.accept(&world), authority, key.pubkey());
        refused(
            &mut world,
            &[accept],
            &[&key],
            ClaimsError::NotProviderAuthority,
        );
    }
    let accept = unsigned(fixture.accept(&world), authority);
    refused(&mut world, &[accept], &[], ErrorCode::AccountNotSigner);
}

#[test]
fn a_suspended_provider_does_not_accept() {
    let (mut world, fixture) = offered();
    fixture
        .registry
        .set_status(
            &mut world,
            &fixture.provider,
            OrganizationStatus::Suspended,
            1,
        )
        .assert_ok();
    let accept = fixture.accept(&world);
    refused(
        &mut world,
        &[accept],
        &[&fixture.provider.authority()],
        ClaimsError::OrganizationNotActive,
    );
}

#[test]
fn the_payout_account_must_serve() {
    let (mut world, fixture) = offered();
    let other_mint = world.mint("other mint", &MintTerms::default());
    let owner = fixture.provider.authority().pubkey();
    let foreign = world.token_account("foreign", &other_mint, &owner);
    let frozen = world.token_account("frozen", &fixture.mint, &owner);
    world.freeze(&frozen);
    let of_pool = world.token_account("of the pool", &fixture.mint, &fixture.pool);
    let uninitialized = actor("uninitialized").pubkey();
    world.set_owned(&uninitialized, &fixture.token_program, vec![0; 165]);
    for (payout, error) in [
        (fixture.vault, ClaimsError::PayoutIsVault),
        (of_pool, ClaimsError::PayoutIsVault),
        (foreign, ClaimsError::PayoutInvalid),
        (fixture.mint, ClaimsError::PayoutInvalid),
        (fixture.insurer.address, ClaimsError::PayoutInvalid),
        (uninitialized, ClaimsError::PayoutInvalid),
        (actor("nobody").pubkey(), ClaimsError::PayoutInvalid),
        (frozen, ClaimsError::PayoutFrozen),
    ] {
        let accept = swapped(fixture.accept(&world), fixture.payout, payout);
        refused(
            &mut world,
            &[accept],
            &[&fixture.provider.authority()],
            error,
        );
    }
}

#[test]
fn accounts_must_belong_together() {
    let (mut world, fixture, other) = two_insurers();
    let authority = fixture.provider.authority();
    let accept = fixture.accept(&world);
    refused(
        &mut world,
        &[swapped(accept.clone(), fixture.agreement, other.agreement)],
        &[&authority],
        ClaimsError::AgreementOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(accept, fixture.pool, other.pool)],
        &[&authority],
        ClaimsError::AgreementOfOtherPool,
    );
    // Another provider for this one's agreement.
    let mut mixed = fixture.clone();
    mixed.provider = other.provider.clone();
    let accept = mixed.accept(&world);
    refused(
        &mut world,
        &[accept],
        &[&other.provider.authority()],
        ClaimsError::AgreementOfOtherProvider,
    );
}
