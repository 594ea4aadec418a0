//! `issue_credential`, `revoke_credential`

mod common;

use common::*;
use galen_testkit::fixtures::registry::{OperatorFixture, OrganizationFixture};
use galen_testkit::World;
use registry::error::RegistryError;
use registry::events::{CredentialIssued, CredentialRevoked};
use registry::instructions::*;
use registry::state::{
    Credential, CredentialTerms, OrganizationKind, OrganizationStatus, Permission, Standing,
};
use registry::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_signer::Signer;

const DAY: i64 = 86_400;

struct Parties {
    world: World,
    registry: galen_testkit::fixtures::registry::RegistryFixture,
    issuer: OrganizationFixture,
    staff: OperatorFixture,
    subject: OrganizationFixture,
}

fn parties() -> Parties {
    let (mut world, registry) = registry();
    let issuer = registry.organization(&mut world, "regulator", OrganizationKind::Regulator);
    let staff = issuer.operator(&mut world, "clerk", &[Permission::IssueCredential]);
    let subject = registry.organization(&mut world, "wholesaler", OrganizationKind::Wholesaler);
    Parties {
        world,
        registry,
        issuer,
        staff,
        subject,
    }
}

fn terms(world: &World) -> CredentialTerms {
    CredentialTerms {
        kind: 0x0102,
        number: 0x0304_0506,
        valid_from: world.now() + DAY,
        valid_until: world.now() + 10 * DAY,
    }
}

fn issue(
    staff: &OperatorFixture,
    issuer: &Pubkey,
    subject: &Pubkey,
    terms: CredentialTerms,
) -> Instruction {
    ix(
        accounts::IssueCredential {
            payer: staff.key().pubkey(),
            operator_key: staff.key().pubkey(),
            operator: staff.address,
            issuer: *issuer,
            subject: *subject,
            credential: Credential::find_address(issuer, subject, terms.kind, terms.number).0,
            system_program: anchor_lang::system_program::ID,
            event_authority: events(),
            program: registry::ID,
        },
        data::IssueCredential {
            args: IssueCredentialArgs { terms },
        },
    )
}

fn revoke(
    staff: &OperatorFixture,
    issuer: &Pubkey,
    credential: &Pubkey,
    reason: u16,
) -> Instruction {
    ix(
        accounts::RevokeCredential {
            operator_key: staff.key().pubkey(),
            operator: staff.address,
            issuer: *issuer,
            credential: *credential,
            event_authority: events(),
            program: registry::ID,
        },
        data::RevokeCredential {
            args: RevokeCredentialArgs { reason },
        },
    )
}

fn withdraw(
    world: &World,
    registry: &galen_testkit::fixtures::registry::RegistryFixture,
    issuer: &Pubkey,
    credential: &Pubkey,
    reason: u16,
) -> Instruction {
    ix(
        accounts::WithdrawCredential {
            governance: registry.governance().pubkey(),
            config: registry.config,
            issuer: *issuer,
            credential: *credential,
            event_authority: events(),
            program: registry::ID,
        },
        data::WithdrawCredential {
            args: WithdrawCredentialArgs {
                admin: registry.admin(world),
                reason,
            },
        },
    )
}

#[test]
fn governance_takes_back_what_a_suspended_or_closed_issuer_cannot() {
    let Parties {
        mut world,
        registry,
        issuer,
        staff,
        subject,
    } = parties();
    let governance = registry.governance();
    let terms = terms(&world);
    let first = issue(&staff, &issuer.address, &subject.address, terms);
    world.send(&[first], &[&staff.key()]).assert_ok();
    let address =
        Credential::find_address(&issuer.address, &subject.address, terms.kind, terms.number).0;
    let attempt = withdraw(&world, &registry, &issuer.address, &address, 4);
    refused(
        &mut world,
        &[attempt],
        &[&governance],
        RegistryError::CredentialIssuerActive,
    );
    // A suspension alone takes nothing back: what was stated before stands until somebody says so.
    registry
        .set_status(&mut world, &issuer, OrganizationStatus::Suspended, 1)
        .assert_ok();
    let issued: Credential = world.account(&address);
    assert_eq!(issued.standing(terms.valid_from), Standing::Valid);
    let mut closed = world.clone();
    registry
        .set_status(&mut closed, &issuer, OrganizationStatus::Closed, 2)
        .assert_ok();
    for mut world in [world.clone(), closed] {
        world.advance(3 * DAY);
        let sequence = |world: &World| -> u64 { registry.admin(world).expected_sequence };
        let before = sequence(&world);
        let attempt = withdraw(&world, &registry, &issuer.address, &address, 4);
        let event: CredentialRevoked = world.send(&[attempt], &[&governance]).assert_ok().event();
        assert_eq!(
            (event.credential, event.issuer, event.subject),
            (address, issuer.address, subject.address)
        );
        assert_eq!((event.reason, event.by), (4, governance.pubkey()));
        let expected = Credential {
            revoked_at: world.now(),
            revocation_reason: 4,
            revoked_by: governance.pubkey(),
            ..issued.clone()
        };
        let revoked: Credential = world.account(&address);
        assert_eq!(revoked, expected);
        assert_eq!(revoked.standing(world.now()), Standing::Revoked);
        assert_eq!(sequence(&world), before + 1);
        let again = withdraw(&world, &registry, &issuer.address, &address, 4);
        refused(
            &mut world,
            &[again],
            &[&governance],
            RegistryError::CredentialRevoked,
        );
    }

    let attempt = |world: &World| withdraw(world, &registry, &issuer.address, &address, 4);
    let silent = withdraw(&world, &registry, &issuer.address, &address, 0);
    refused(
        &mut world,
        &[silent],
        &[&governance],
        RegistryError::RevocationReasonMissing,
    );
    // Neither the issuer's authority nor its staff, nor the guardian, in governance's place.
    for other in [issuer.authority(), staff.key(), registry.guardian()] {
        let mut theirs = attempt(&world);
        theirs.accounts[0].pubkey = other.pubkey();
        refused(
            &mut world,
            &[theirs],
            &[&other],
            RegistryError::NotGovernance,
        );
    }
    // As another issuer's, which is not active either.
    let other = registry.pending_organization(&mut world, "other", OrganizationKind::Regulator);
    let theirs = withdraw(&world, &registry, &other.address, &address, 4);
    refused(
        &mut world,
        &[theirs],
        &[&governance],
        RegistryError::CredentialOfOtherIssuer,
    );
    // An order that was signed before something else was done, or that comes too late.
    let stale = attempt(&world);
    registry
        .set_status(&mut world, &subject, OrganizationStatus::Suspended, 1)
        .assert_ok();
    refused(
        &mut world,
        &[stale],
        &[&governance],
        RegistryError::AdminSequenceStale,
    );
    let late = attempt(&world);
    world.advance(400 * DAY);
    refused(
        &mut world,
        &[late],
        &[&governance],
        RegistryError::AdminExpired,
    );
}

#[test]
fn a_credential_is_issued_and_revoked_and_stays() {
    let Parties {
        mut world,
        issuer,
        staff,
        subject,
        ..
    } = parties();
    let terms = terms(&world);
    let (address, bump) =
        Credential::find_address(&issuer.address, &subject.address, terms.kind, terms.number);
    assert!(world.raw(&address).is_none(), "never issued");
    let attempt = issue(&staff, &issuer.address, &subject.address, terms);
    let event: CredentialIssued = world.send(&[attempt], &[&staff.key()]).assert_ok().event();
    assert_eq!((event.credential, event.issuer), (address, issuer.address));
    assert_eq!(
        (event.subject, event.kind, event.number),
        (subject.address, terms.kind, terms.number)
    );
    let issued: Credential = world.account(&address);
    assert_eq!(
        issued,
        Credential {
            version: 1,
            bump,
            issuer: issuer.address,
            subject: subject.address,
            kind: terms.kind,
            number: terms.number,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            issued_at: world.now(),
            revoked_at: 0,
            revocation_reason: 0,
            revoked_by: Pubkey::default(),
            reserved: [0; 64],
        }
    );
    assert_eq!(issued.standing(terms.valid_from - 1), Standing::NotYetValid);
    assert_eq!(issued.standing(terms.valid_from), Standing::Valid);
    assert_eq!(issued.standing(terms.valid_until - 1), Standing::Valid);
    assert_eq!(issued.standing(terms.valid_until), Standing::Expired);

    world.advance(3 * DAY);
    let attempt = revoke(&staff, &issuer.address, &address, 4);
    let event: CredentialRevoked = world.send(&[attempt], &[&staff.key()]).assert_ok().event();
    assert_eq!((event.reason, event.by), (4, staff.key().pubkey()));
    let revoked: Credential = world.account(&address);
    assert_eq!(
        (
            revoked.revoked_at,
            revoked.revocation_reason,
            revoked.revoked_by
        ),
        (world.now(), 4, staff.key().pubkey())
    );
    // What was done under it before stays done.
    assert_eq!(revoked.standing(world.now() - 1), Standing::Valid);
    assert_eq!(revoked.standing(world.now()), Standing::Revoked);
    assert_eq!(revoked.standing(terms.valid_until), Standing::Revoked);
    assert_eq!(
        revoked.standing(terms.valid_from - 1),
        Standing::NotYetValid
    );

    let before = world.snapshot();
    world
        .send(
            &[revoke(&staff, &issuer.address, &address, 5)],
            &[&staff.key()],
        )
        .assert_error(RegistryError::CredentialRevoked);
    // Nor can it be issued afresh over its tombstone: the system program's "account already in use".
    let attempt = issue(&staff, &issuer.address, &subject.address, terms);
    world.send(&[attempt], &[&staff.key()]).assert_error(0u32);
    before.assert_same(&world.snapshot());
}

#[test]
fn windows_are_checked() {
    let Parties {
        mut world,
        issuer,
        staff,
        subject,
        ..
    } = parties();
    let now = world.now();
    for (valid_from, valid_until) in [
        (now, now),
        (now + 2, now + 1),
        (now - 2, now),
        (i64::MIN, i64::MIN),
        (i64::MAX, i64::MIN),
        (i64::MAX, i64::MAX),
    ] {
        let terms = CredentialTerms {
            valid_from,
            valid_until,
            ..terms(&world)
        };
        let attempt = issue(&staff, &issuer.address, &subject.address, terms);
        refused(
            &mut world,
            &[attempt],
            &[&staff.key()],
            RegistryError::CredentialWindowInvalid,
        );
    }
    let forever = CredentialTerms {
        valid_from: i64::MIN,
        valid_until: i64::MAX,
        ..terms(&world)
    };
    let attempt = issue(&staff, &issuer.address, &subject.address, forever);
    world.send(&[attempt], &[&staff.key()]).assert_ok();
}

#[test]
fn only_staff_of_an_active_issuer_with_the_permission() {
    let Parties {
        mut world,
        registry,
        issuer,
        staff,
        subject,
    } = parties();
    let terms = terms(&world);
    let address =
        Credential::find_address(&issuer.address, &subject.address, terms.kind, terms.number).0;
    let first = issue(&staff, &issuer.address, &subject.address, terms);
    world.send(&[first], &[&staff.key()]).assert_ok();
    let another = CredentialTerms { number: 1, ..terms };

    let without = Permission::ALL
        .into_iter()
        .filter(|p| *p != Permission::IssueCredential);
    let without: Vec<Permission> = without.collect();
    let porter = issuer.operator(&mut world, "porter", &without);
    let outsider = subject.operator(&mut world, "outsider", &Permission::ALL);
    let gone = issuer.operator(&mut world, "gone", &Permission::ALL);
    issuer.revoke(&mut world, &gone).assert_ok();
    for (who, error) in [
        (&porter, RegistryError::PermissionMissing),
        (&outsider, RegistryError::OperatorOfOtherOrganization),
        (&gone, RegistryError::OperatorRevoked),
    ] {
        let code: u32 = error.into();
        for attempt in [
            issue(who, &issuer.address, &subject.address, another),
            revoke(who, &issuer.address, &address, 1),
        ] {
            let before = world.snapshot();
            world.send(&[attempt], &[&who.key()]).assert_error(code);
            before.assert_same(&world.snapshot());
        }
    }
    // A colleague's record with one's own key.
    let mut borrowed = issue(&staff, &issuer.address, &subject.address, another);
    borrowed.accounts[1].pubkey = porter.key().pubkey();
    refused(
        &mut world,
        &[borrowed],
        &[&staff.key(), &porter.key()],
        RegistryError::OperatorKeyMismatch,
    );
    // In the name of one's own organisation.
    let attempt = revoke(&outsider, &subject.address, &address, 1);
    refused(
        &mut world,
        &[attempt],
        &[&outsider.key()],
        RegistryError::NotCredentialIssuer,
    );

    let mut expired = world.clone();
    expired.advance(400 * DAY);
    let attempt = revoke(&staff, &issuer.address, &address, 1);
    refused(
        &mut expired,
        &[attempt],
        &[&staff.key()],
        RegistryError::OperatorExpired,
    );

    registry
        .set_status(&mut world, &issuer, OrganizationStatus::Suspended, 1)
        .assert_ok();
    for attempt in [
        issue(&staff, &issuer.address, &subject.address, another),
        revoke(&staff, &issuer.address, &address, 1),
    ] {
        refused(
            &mut world,
            &[attempt],
            &[&staff.key()],
            RegistryError::OrganizationNotActive,
        );
    }
}

#[test]
fn subjects_and_reasons_are_checked() {
    let Parties {
        mut world,
        registry,
        issuer,
        staff,
        subject,
    } = parties();
    let terms = terms(&world);
    let own = issue(&staff, &issuer.address, &issuer.address, terms);
    refused(
        &mut world,
        &[own],
        &[&staff.key()],
        RegistryError::CredentialToSelf,
    );

    let first = issue(&staff, &issuer.address, &subject.address, terms);
    world.send(&[first], &[&staff.key()]).assert_ok();
    let address =
        Credential::find_address(&issuer.address, &subject.address, terms.kind, terms.number).0;
    let silent = revoke(&staff, &issuer.address, &address, 0);
    refused(
        &mut world,
        &[silent],
        &[&staff.key()],
        RegistryError::RevocationReasonMissing,
    );

    registry
        .set_status(&mut world, &subject, OrganizationStatus::Closed, 1)
        .assert_ok();
    let next = CredentialTerms { number: 2, ..terms };
    let attempt = issue(&staff, &issuer.address, &subject.address, next);
    refused(
        &mut world,
        &[attempt],
        &[&staff.key()],
        RegistryError::OrganizationClosed,
    );
}
