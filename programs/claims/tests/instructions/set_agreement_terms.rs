use claims::events::AgreementTermsChanged;
use claims::instructions::SetAgreementTermsArgs;

use crate::common::*;

const NEW: AgreementTerms = AgreementTerms {
    in_network: false,
    limit_per_claim: 1,
    limit_per_day: 2,
    netted: true,
};

#[test]
fn replaces_the_terms() {
    let (mut world, fixture) = ready();
    let change = fixture.set_agreement_terms(&world, NEW);
    let outcome = world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    let agreement: Agreement = world.account(&fixture.agreement);
    assert_eq!((agreement.terms, agreement.sequence), (NEW, 1));
    let event: AgreementTermsChanged = outcome.event();
    assert_eq!((event.old, event.new), (unlimited(), NEW));
}

#[test]
fn only_staff_that_manages_agreements() {
    let (world, fixture) = ready();
    let change = fixture.set_agreement_terms(&world, NEW);
    assert_insurer_staff_only(&world, &fixture, &change, Permission::ManageAgreement);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_agreement_terms(&world, NEW);
    assert_admin_is_checked(&world, &fixture.staff.key(), 0, &|admin| Instruction {
        data: data::SetAgreementTerms {
            args: SetAgreementTermsArgs { admin, terms: NEW },
        }
        .data(),
        ..template.clone()
    });
}

#[test]
fn another_pools_agreement_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.set_agreement_terms(&world, NEW);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[swapped(change.clone(), fixture.agreement, other.agreement)],
        &[&staff],
        ClaimsError::AgreementOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(change, fixture.pool, other.pool)],
        &[&staff],
        ClaimsError::PoolOfOtherInsurer,
    );
}
