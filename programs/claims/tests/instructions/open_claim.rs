use claims::events::ClaimOpened;

use crate::common::*;

#[test]
fn opens_a_draft() {
    let (mut world, fixture) = ready();
    let outcome = world
        .send(&[fixture.open_claim(1, 16)], &[&fixture.clerk.key()])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.line_count, claim.lines.len()),
        (ClaimStatus::Draft, 16, 0)
    );
    assert_eq!(
        (claim.pool, claim.provider, claim.received_at),
        (fixture.pool, fixture.provider.address, 0)
    );
    assert_eq!(
        world.raw(&fixture.claim(1)).unwrap().data.len(),
        Claim::size(16)
    );
    assert_eq!(outcome.event::<ClaimOpened>().line_count, 16);
}

#[test]
fn one_to_sixteen_lines() {
    let (mut world, fixture) = ready();
    for (count, error) in [
        (0, ClaimsError::NoLines),
        (17, ClaimsError::TooManyLines),
        (255, ClaimsError::TooManyLines),
    ] {
        refused(
            &mut world,
            &[fixture.open_claim(1, count)],
            &[&fixture.clerk.key()],
            error,
        );
    }
}

#[test]
fn only_the_providers_staff_under_an_active_agreement() {
    let (mut world, fixture, other) = two_insurers();
    let open = fixture.open_claim(1, 2);
    refused(
        &mut world,
        &[unsigned(open.clone(), fixture.clerk.key().pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
    // Another provider's staff opens nothing here, so nobody can take somebody else's number.
    let mut mixed = fixture.clone();
    mixed.clerk = other.clerk.clone();
    refused(
        &mut world,
        &[mixed.open_claim(1, 2)],
        &[&other.clerk.key()],
        ClaimsError::OperatorOfOtherOrganization,
    );
    let mut own = other.clone();
    own.agreement = fixture.agreement;
    own.pool = fixture.pool;
    refused(
        &mut world,
        &[own.open_claim(1, 2)],
        &[&other.clerk.key()],
        ClaimsError::AgreementOfOtherProvider,
    );

    let change = fixture.set_agreement_status(&world, AgreementStatus::Suspended);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    refused(
        &mut world,
        &[fixture.open_claim_on(1, TODAY + 1, 2)],
        &[&fixture.clerk.key()],
        ClaimsError::ServiceOutsideAgreement,
    );
    // Of its last day, and of before, it can be claimed under.
    for open in [fixture.open_claim_on(2, TODAY, 2), open] {
        world.send(&[open], &[&fixture.clerk.key()]).assert_ok();
    }
}

/// Until the provider has accepted there is nothing to claim under.
#[test]
fn not_under_an_offer() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    for step in [fixture.create_pool(0), fixture.offer(unlimited())] {
        world.send(&[step], &[&staff]).assert_ok();
    }
    for day in [SERVICE_DATE, TODAY] {
        refused(
            &mut world,
            &[fixture.open_claim_on(1, day, 2)],
            &[&fixture.clerk.key()],
            ClaimsError::AgreementNotActive,
        );
    }
}

#[test]
fn not_during_a_pause() {
    let (mut world, fixture) = ready();
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refused(
        &mut world,
        &[fixture.open_claim(1, 2)],
        &[&fixture.clerk.key()],
        ClaimsError::AwardsPaused,
    );
}

#[test]
fn survives_an_address_that_somebody_funded_before() {
    let (mut world, fixture) = ready();
    world.fund(&fixture.claim(1));
    world
        .send(&[fixture.open_claim(1, 2)], &[&fixture.clerk.key()])
        .assert_ok();
}
