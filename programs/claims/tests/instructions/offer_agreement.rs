use claims::events::AgreementOffered;

use crate::common::*;

fn before_offer() -> (World, ClaimsFixture) {
    let (mut world, fixture) = bare();
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
    (world, fixture)
}

#[test]
fn offers() {
    let (mut world, fixture) = before_offer();
    let terms = AgreementTerms {
        in_network: false,
        limit_per_claim: 5,
        limit_per_day: 7,
        netted: false,
    };
    let outcome = world
        .send(&[fixture.offer(terms)], &[&fixture.staff.key()])
        .assert_ok();
    let agreement: Agreement = world.account(&fixture.agreement);
    assert_eq!(
        (agreement.pool, agreement.provider),
        (fixture.pool, fixture.provider.address)
    );
    assert_eq!(
        (agreement.status, agreement.terms),
        (AgreementStatus::Offered, terms)
    );
    assert_eq!(agreement.payout, Pubkey::default());
    assert_eq!(outcome.event::<AgreementOffered>().terms, terms);
}

#[test]
fn only_staff_that_manages_agreements() {
    let (world, fixture) = before_offer();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.offer(unlimited()),
        Permission::ManageAgreement,
    );
}

#[test]
fn only_to_providers() {
    let (mut world, fixture) = before_offer();
    for kind in [
        OrganizationKind::Sponsor,
        OrganizationKind::Manufacturer,
        OrganizationKind::Insurer,
    ] {
        let name = format!("{kind:?}");
        let mut other = fixture.clone();
        other.provider = fixture.registry.organization(&mut world, &name, kind);
        other.agreement = Agreement::find_address(&fixture.pool, &other.provider.address).0;
        refused(
            &mut world,
            &[other.offer(unlimited())],
            &[&fixture.staff.key()],
            ClaimsError::NotAProvider,
        );
    }
    let mut pharmacy = fixture.clone();
    pharmacy.provider =
        fixture
            .registry
            .organization(&mut world, "pharmacy", OrganizationKind::Pharmacy);
    pharmacy.agreement = Agreement::find_address(&fixture.pool, &pharmacy.provider.address).0;
    world
        .send(&[pharmacy.offer(unlimited())], &[&fixture.staff.key()])
        .assert_ok();
}

#[test]
fn another_insurers_pool_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let mut mixed = fixture.clone();
    mixed.pool = other.pool;
    mixed.agreement = Agreement::find_address(&other.pool, &fixture.provider.address).0;
    refused(
        &mut world,
        &[mixed.offer(unlimited())],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
}
