use claims::events::AgreementStatusChanged;
use claims::instructions::SetAgreementStatusArgs;

use crate::common::*;

use AgreementStatus::{Active, Ended, Offered, Suspended};

const ALL: [AgreementStatus; 4] = [Offered, Active, Suspended, Ended];

/// A world in which the agreement has `status`.
fn with(status: AgreementStatus) -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    let path: &[AgreementStatus] = match status {
        Active => &[],
        Suspended => &[Suspended],
        Ended => &[Ended],
        Offered => &[Ended, Offered],
    };
    for step in path {
        let change = fixture.set_agreement_status(&world, *step);
        world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    }
    (world, fixture)
}

/// Every status to every status.
#[test]
fn only_the_listed_transitions() {
    let listed = [
        (Offered, Ended),
        (Active, Suspended),
        (Active, Ended),
        (Suspended, Active),
        (Suspended, Ended),
        (Ended, Offered),
    ];
    for old in ALL {
        for new in ALL {
            let (mut world, fixture) = with(old);
            let change = fixture.set_agreement_status(&world, new);
            if listed.contains(&(old, new)) {
                let outcome = world.send(&[change], &[&fixture.staff.key()]).assert_ok();
                assert_eq!(world.account::<Agreement>(&fixture.agreement).status, new);
                let event: AgreementStatusChanged = outcome.event();
                assert_eq!((event.old, event.new), (old, new));
            } else {
                refused(
                    &mut world,
                    &[change],
                    &[&fixture.staff.key()],
                    ClaimsError::AgreementTransitionInvalid,
                );
            }
        }
    }
}

#[test]
fn only_an_active_agreement_lets_the_provider_claim() {
    for status in ALL {
        let (mut world, fixture) = with(status);
        let outcome = fixture.submit(&mut world, 1, &[line(1, 10_000)]);
        if status == Active {
            outcome.assert_ok();
        } else {
            outcome.assert_error(ClaimsError::AgreementNotActive);
        }
    }
}

#[test]
fn an_agreement_offered_anew_is_accepted_anew() {
    let (mut world, fixture) = with(Offered);
    world
        .send(&[fixture.accept()], &[&fixture.provider.authority()])
        .assert_ok();
    fixture
        .submit(&mut world, 1, &[line(1, 10_000)])
        .assert_ok();
}

#[test]
fn only_staff_that_manages_agreements() {
    let (world, fixture) = ready();
    let change = fixture.set_agreement_status(&world, Suspended);
    assert_insurer_staff_only(&world, &fixture, &change, Permission::ManageAgreement);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_agreement_status(&world, Suspended);
    assert_admin_is_checked(&world, &fixture.staff.key(), 0, &|admin| Instruction {
        data: data::SetAgreementStatus {
            args: SetAgreementStatusArgs {
                admin,
                status: Suspended,
            },
        }
        .data(),
        ..template.clone()
    });
}

#[test]
fn another_pools_agreement_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.set_agreement_status(&world, Suspended);
    refused(
        &mut world,
        &[swapped(change, fixture.agreement, other.agreement)],
        &[&fixture.staff.key()],
        ClaimsError::AgreementOfOtherPool,
    );
}
