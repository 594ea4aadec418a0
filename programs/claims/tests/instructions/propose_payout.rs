use claims::constants::PAYOUT_DELAY_SECONDS;
use claims::events::PayoutProposed;
use claims::instructions::ProposePayoutArgs;

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
            &[fixture.propose_payout(&world, new)],
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
        .send(&[fixture.propose_payout(&world, new)], &[&authority])
        .assert_ok();
    let change = fixture.propose_payout(&world, fixture.payout);
    refused(
        &mut world,
        &[change],
        &[&authority],
        ClaimsError::PayoutAlreadyProposed,
    );
    // Once it has taken effect, the next one can be proposed.
    world.advance(PAYOUT_DELAY_SECONDS);
    world
        .send(
            &[fixture.propose_payout(&world, fixture.payout)],
            &[&authority],
        )
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
    let propose = fixture.propose_payout(&world, new);
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
        let change = fixture.propose_payout(&world, payout);
        refused(
            &mut world,
            &[change],
            &[&fixture.provider.authority()],
            error,
        );
    }
}

#[test]
fn accounts_must_belong_together() {
    let (mut world, fixture, other) = two_insurers();
    let authority = fixture.provider.authority();
    let propose = fixture.propose_payout(&world, fixture.payout);
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
    let change = mixed.propose_payout(&world, fixture.payout);
    refused(
        &mut world,
        &[change],
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
    let change = fixture.propose_payout(&world, fixture.payout);
    refused(
        &mut world,
        &[change],
        &[&fixture.provider.authority()],
        ClaimsError::AgreementTransitionInvalid,
    );
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture, new) = with_new_account();
    let template = fixture.propose_payout(&world, new);
    let sequence = fixture.read_agreement(&world).payout_sequence;
    assert_admin_is_checked(&world, &fixture.provider.authority(), sequence, &|admin| {
        Instruction {
            data: data::ProposePayout {
                args: ProposePayoutArgs { admin },
            }
            .data(),
            ..template.clone()
        }
    });
}

/// A proposal that was withdrawn does not come back by one that was signed before it.
#[test]
fn what_was_held_back_is_not_proposed_after_the_withdrawal() {
    let (mut world, fixture, new) = with_new_account();
    let authority = fixture.provider.authority();
    let propose = fixture.propose_payout(&world, new);
    let held = fixture.propose_payout(&world, new);
    for step in [propose, fixture.cancel_payout()] {
        world.send(&[step], &[&authority]).assert_ok();
    }
    refused(
        &mut world,
        &[held],
        &[&authority],
        ClaimsError::AdminSequenceStale,
    );
}

/// A provider that proposes accounts does not outdate the suspension that its insurer has signed, nor the other way round.
#[test]
fn insurer_and_provider_count_apart() {
    let (mut world, fixture, new) = with_new_account();
    let authority = fixture.provider.authority();
    let suspend = fixture.set_agreement_status(&world, AgreementStatus::Suspended);
    let propose = fixture.propose_payout(&world, new);
    for step in [propose, fixture.cancel_payout()] {
        world.send(&[step], &[&authority]).assert_ok();
    }
    let third = world.token_account("third payout", &fixture.mint, &authority.pubkey());
    let again = fixture.propose_payout(&world, third);
    world.send(&[suspend], &[&fixture.staff.key()]).assert_ok();
    world.send(&[again], &[&authority]).assert_ok();
    let agreement = fixture.read_agreement(&world);
    // The insurer's has counted the acceptance, too.
    assert_eq!((agreement.sequence, agreement.payout_sequence), (2, 2));
    assert_eq!(agreement.status, AgreementStatus::Suspended);
}
