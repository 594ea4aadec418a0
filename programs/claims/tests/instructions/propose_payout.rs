use claims::constants::PAYOUT_DELAY_SECONDS;
use claims::events::PayoutProposed;

use crate::common::*;

fn with_new_account() -> (World, ClaimsFixture, Pubkey) {
    let (mut world, fixture) = ready();
    let new = world.token_account(
        "new payout",
        &fixture.mint,
        &fixture.provider.authority().pubkey(),
    );
    (world, fixture, new)
}

/// Submits claim `n` to be paid to `payout`.
fn submit_to(world: &mut World, fixture: &ClaimsFixture, n: u8, payout: Pubkey) -> Outcome {
    let mut to = fixture.clone();
    to.payout = payout;
    to.submit(
        world,
        n,
        &[ClaimLineArgs {
            units: 9,
            ..line(u32::from(n), 50_000)
        }],
    )
}

#[test]
fn takes_over_after_72_hours_by_itself() {
    let (mut world, fixture, new) = with_new_account();
    let old = fixture.payout;
    let outcome = world
        .send(
            &[fixture.propose_payout(new)],
            &[&fixture.provider.authority()],
        )
        .assert_ok();
    let effective_at = world.now() + PAYOUT_DELAY_SECONDS;
    let event: PayoutProposed = outcome.event();
    assert_eq!((event.payout, event.effective_at), (new, effective_at));

    world.set_time(effective_at - 1);
    submit_to(&mut world.clone(), &fixture, 1, new).assert_error(ClaimsError::WrongPayout);
    submit_to(&mut world.clone(), &fixture, 1, old).assert_ok();

    world.set_time(effective_at);
    submit_to(&mut world.clone(), &fixture, 1, old).assert_error(ClaimsError::WrongPayout);
    submit_to(&mut world, &fixture, 1, new).assert_ok();
    assert!(world.balance(&new) > 0);
    assert_eq!(world.balance(&old), 0);
}

#[test]
fn one_change_at_a_time() {
    let (mut world, fixture, new) = with_new_account();
    let authority = fixture.provider.authority();
    world
        .send(&[fixture.propose_payout(new)], &[&authority])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.propose_payout(fixture.payout)],
        &[&authority],
        ClaimsError::PayoutAlreadyProposed,
    );
    // Once it has taken effect, the next one can be proposed.
    world.advance(PAYOUT_DELAY_SECONDS);
    world
        .send(&[fixture.propose_payout(fixture.payout)], &[&authority])
        .assert_ok();
    let agreement: Agreement = world.account(&fixture.agreement);
    assert_eq!(
        (agreement.payout, agreement.proposed_payout),
        (new, fixture.payout)
    );
}

#[test]
fn only_the_providers_authority() {
    let (mut world, fixture, new) = with_new_account();
    let authority = fixture.provider.authority().pubkey();
    let propose = fixture.propose_payout(new);
    for name in ["insurer staff", "provider staff", "stranger"] {
        let key = world.actor(name);
        refused(
            &mut world,
            &[swapped(propose.clone(), authority, key.pubkey())],
            &[&key],
            ClaimsError::NotProviderAuthority,
        );
    }
    refused(
        &mut world,
        &[unsigned(propose, authority)],
        &[],
        ErrorCode::AccountNotSigner,
    );
}

#[test]
fn the_new_account_must_serve() {
    let (mut world, fixture, new) = with_new_account();
    world.freeze(&new);
    for (payout, error) in [
        (fixture.vault, ClaimsError::PayoutIsVault),
        (fixture.mint, ClaimsError::PayoutInvalid),
        (new, ClaimsError::PayoutFrozen),
    ] {
        refused(
            &mut world,
            &[fixture.propose_payout(payout)],
            &[&fixture.provider.authority()],
            error,
        );
    }
}

#[test]
fn accounts_must_belong_together() {
    let (mut world, fixture, other) = two_insurers();
    let authority = fixture.provider.authority();
    let propose = fixture.propose_payout(fixture.payout);
    refused(
        &mut world,
        &[swapped(propose.clone(), fixture.agreement, other.agreement)],
        &[&authority],
        ClaimsError::AgreementOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(propose, fixture.pool, other.pool)],
        &[&authority],
        ClaimsError::AgreementOfOtherPool,
    );
    let mut mixed = fixture.clone();
    mixed.provider = other.provider.clone();
    refused(
        &mut world,
        &[mixed.propose_payout(fixture.payout)],
        &[&other.provider.authority()],
        ClaimsError::AgreementOfOtherProvider,
    );
}

#[test]
fn not_before_the_agreement_is_accepted() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    world.send(&[fixture.create_pool(0)], &[&staff]).assert_ok();
    world
        .send(&[fixture.offer(unlimited())], &[&staff])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.propose_payout(fixture.payout)],
        &[&fixture.provider.authority()],
        ClaimsError::AgreementTransitionInvalid,
    );
}
