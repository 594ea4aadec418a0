//! `add_operator`, `update_operator`, `revoke_operator`

mod common;

use common::*;
use galen_testkit::fixtures::registry::OrganizationFixture;
use galen_testkit::{actor, World};
use registry::error::RegistryError;
use registry::events::{OperatorAdded, OperatorRevoked, OperatorUpdated};
use registry::instructions::*;
use registry::state::{
    AdminArgs, Operator, OperatorRefusal, Organization, OrganizationKind, OrganizationStatus,
    Permission, Permissions,
};
use registry::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const DAY: i64 = 86_400;

fn add(
    signer: &Keypair,
    organization: &Pubkey,
    key: Pubkey,
    admin: AdminArgs,
    permissions: Permissions,
    expires_at: i64,
) -> Instruction {
    ix(
        accounts::AddOperator {
            payer: signer.pubkey(),
            authority: signer.pubkey(),
            organization: *organization,
            operator: Operator::find_address(organization, &key).0,
            system_program: anchor_lang::system_program::ID,
            event_authority: events(),
            program: registry::ID,
        },
        data::AddOperator {
            args: AddOperatorArgs {
                admin,
                key,
                permissions,
                expires_at,
            },
        },
    )
}

fn update(
    signer: &Keypair,
    organization: &Pubkey,
    operator: &Pubkey,
    admin: AdminArgs,
    permissions: Permissions,
    expires_at: i64,
) -> Instruction {
    ix(
        accounts::UpdateOperator {
            authority: signer.pubkey(),
            organization: *organization,
            operator: *operator,
            event_authority: events(),
            program: registry::ID,
        },
        data::UpdateOperator {
            args: UpdateOperatorArgs {
                admin,
                permissions,
                expires_at,
            },
        },
    )
}

fn revoke(
    signer: &Keypair,
    organization: &Pubkey,
    operator: &Pubkey,
    admin: AdminArgs,
) -> Instruction {
    ix(
        accounts::RevokeOperator {
            authority: signer.pubkey(),
            organization: *organization,
            operator: *operator,
            event_authority: events(),
            program: registry::ID,
        },
        data::RevokeOperator {
            args: RevokeOperatorArgs { admin },
        },
    )
}

fn submit_only() -> Permissions {
    Permissions::of(&[Permission::SubmitClaim])
}

fn staff(world: &World, organization: &OrganizationFixture) -> u32 {
    world
        .account::<Organization>(&organization.address)
        .operators
}

#[test]
fn an_operator_is_added_changed_and_revoked() {
    let (mut world, registry) = registry();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let (authority, key) = (clinic.authority(), actor("clerk").pubkey());
    let (address, bump) = Operator::find_address(&clinic.address, &key);
    let expires_at = world.now() + DAY;
    let hire = add(
        &authority,
        &clinic.address,
        key,
        clinic.admin(&world),
        submit_only(),
        expires_at,
    );
    let event: OperatorAdded = world.send(&[hire], &[&authority]).assert_ok().event();
    assert_eq!(
        (event.operator, event.organization, event.key),
        (address, clinic.address, key)
    );
    let added: Operator = world.account(&address);
    assert_eq!(
        added,
        Operator {
            version: 1,
            bump,
            organization: clinic.address,
            key,
            permissions: submit_only(),
            expires_at,
            revoked_at: 0,
            reserved: [0; 32],
        }
    );
    assert_eq!(staff(&world, &clinic), 1);
    assert!(added
        .authorize(&clinic.address, &key, Permission::SubmitClaim, world.now())
        .is_ok());

    let all = Permissions::of(&Permission::ALL);
    let promote = update(
        &authority,
        &clinic.address,
        &address,
        clinic.admin(&world),
        all,
        i64::MAX,
    );
    let event: OperatorUpdated = world.send(&[promote], &[&authority]).assert_ok().event();
    assert_eq!(
        (event.previous_permissions, event.permissions),
        (submit_only(), all)
    );
    assert_eq!(
        (event.previous_expires_at, event.expires_at),
        (expires_at, i64::MAX)
    );
    let updated: Operator = world.account(&address);
    assert_eq!((updated.permissions, updated.expires_at), (all, i64::MAX));

    world.advance(5);
    let fire = revoke(&authority, &clinic.address, &address, clinic.admin(&world));
    let event: OperatorRevoked = world.send(&[fire], &[&authority]).assert_ok().event();
    assert_eq!((event.key, event.revoked_at), (key, world.now()));
    let revoked: Operator = world.account(&address);
    assert_eq!(revoked.revoked_at, world.now());
    assert_eq!(staff(&world, &clinic), 0);
    assert_eq!(
        revoked.authorize(&clinic.address, &key, Permission::SubmitClaim, world.now()),
        Err(OperatorRefusal::Revoked)
    );
}

#[test]
fn a_revocation_is_final() {
    let (mut world, _, insurer, operator) = insurer();
    let (authority, key) = (insurer.authority(), operator.key().pubkey());
    insurer.revoke(&mut world, &operator).assert_ok();
    let admin = insurer.admin(&world);
    let until = world.now() + DAY;
    for (attempt, error) in [
        (
            revoke(&authority, &insurer.address, &operator.address, admin),
            RegistryError::OperatorRevoked,
        ),
        (
            update(
                &authority,
                &insurer.address,
                &operator.address,
                admin,
                submit_only(),
                until,
            ),
            RegistryError::OperatorRevoked,
        ),
        (
            add(
                &authority,
                &insurer.address,
                key,
                admin,
                submit_only(),
                until,
            ),
            RegistryError::OperatorExists,
        ),
    ] {
        refused(&mut world, &[attempt], &[&authority], error);
    }
}

#[test]
fn a_key_has_one_record_per_organization() {
    let (mut world, registry, insurer, operator) = insurer();
    let key = operator.key().pubkey();
    let (authority, until) = (insurer.authority(), world.now() + DAY);
    let again = add(
        &authority,
        &insurer.address,
        key,
        insurer.admin(&world),
        submit_only(),
        until,
    );
    refused(
        &mut world,
        &[again],
        &[&authority],
        RegistryError::OperatorExists,
    );
    // The same person may work for two organisations.
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let second = clinic.operator(&mut world, "insurer staff", &[Permission::SubmitClaim]);
    assert_ne!(second.address, operator.address);
}

#[test]
fn permissions_and_expiry_are_checked() {
    let (mut world, _, insurer, operator) = insurer();
    let authority = insurer.authority();
    let (now, admin) = (world.now(), insurer.admin(&world));
    let wrong = [
        (0, now + DAY, RegistryError::PermissionsInvalid),
        (1 << 13, now + DAY, RegistryError::PermissionsInvalid),
        (u32::MAX, now + DAY, RegistryError::PermissionsInvalid),
        (1, now, RegistryError::ExpiryInPast),
        (1, now - 1, RegistryError::ExpiryInPast),
        (1, 0, RegistryError::ExpiryInPast),
        (1, i64::MIN, RegistryError::ExpiryInPast),
    ];
    for (bits, expires_at, error) in wrong {
        let permissions = Permissions { bits };
        for attempt in [
            add(
                &authority,
                &insurer.address,
                actor("new").pubkey(),
                admin,
                permissions,
                expires_at,
            ),
            update(
                &authority,
                &insurer.address,
                &operator.address,
                admin,
                permissions,
                expires_at,
            ),
        ] {
            let code: u32 = error.into();
            let before = world.snapshot();
            world.send(&[attempt], &[&authority]).assert_error(code);
            before.assert_same(&world.snapshot());
        }
    }
    let nobody = add(
        &authority,
        &insurer.address,
        Pubkey::default(),
        admin,
        submit_only(),
        now + DAY,
    );
    refused(
        &mut world,
        &[nobody],
        &[&authority],
        RegistryError::KeyInvalid,
    );
}

#[test]
fn only_the_own_authority_manages_staff() {
    let (mut world, registry, insurer, operator) = insurer();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let stranger = clinic.authority();
    let until = world.now() + DAY;
    let admin = insurer.admin(&world);
    for attempt in [
        add(
            &stranger,
            &insurer.address,
            actor("new").pubkey(),
            admin,
            submit_only(),
            until,
        ),
        update(
            &stranger,
            &insurer.address,
            &operator.address,
            admin,
            submit_only(),
            until,
        ),
        revoke(&stranger, &insurer.address, &operator.address, admin),
    ] {
        refused(
            &mut world,
            &[attempt],
            &[&stranger],
            RegistryError::NotOrganizationAuthority,
        );
    }
    // Another organisation's authority, in the name of its own organisation.
    let admin = clinic.admin(&world);
    for attempt in [
        update(
            &stranger,
            &clinic.address,
            &operator.address,
            admin,
            submit_only(),
            until,
        ),
        revoke(&stranger, &clinic.address, &operator.address, admin),
    ] {
        refused(
            &mut world,
            &[attempt],
            &[&stranger],
            RegistryError::OperatorOfOtherOrganization,
        );
    }
}

#[test]
fn a_closed_organization_hires_nobody_and_can_still_revoke() {
    let (mut world, registry, insurer, operator) = insurer();
    registry
        .set_status(&mut world, &insurer, OrganizationStatus::Closed, 1)
        .assert_ok();
    let (authority, until) = (insurer.authority(), world.now() + DAY);
    let admin = insurer.admin(&world);
    for attempt in [
        add(
            &authority,
            &insurer.address,
            actor("new").pubkey(),
            admin,
            submit_only(),
            until,
        ),
        update(
            &authority,
            &insurer.address,
            &operator.address,
            admin,
            submit_only(),
            until,
        ),
    ] {
        refused(
            &mut world,
            &[attempt],
            &[&authority],
            RegistryError::OrganizationClosed,
        );
    }
    insurer.revoke(&mut world, &operator).assert_ok();
}

#[test]
fn signatures_are_good_once_and_for_a_time() {
    let (mut world, _, insurer, operator) = insurer();
    let (authority, until) = (insurer.authority(), world.now() + DAY);
    let admin = |world: &World| insurer.admin(world);
    let change = |admin| {
        update(
            &authority,
            &insurer.address,
            &operator.address,
            admin,
            submit_only(),
            until,
        )
    };
    assert_admin_is_checked(&mut world, &authority, &insurer.address, admin, &change);

    let stale = AdminArgs {
        expected_sequence: 0,
        ..insurer.admin(&world)
    };
    let late = AdminArgs {
        valid_until: world.now() - 1,
        ..insurer.admin(&world)
    };
    for (admin, error) in [
        (stale, RegistryError::AdminSequenceStale),
        (late, RegistryError::AdminExpired),
    ] {
        for attempt in [
            add(
                &authority,
                &insurer.address,
                actor("new").pubkey(),
                admin,
                submit_only(),
                until,
            ),
            revoke(&authority, &insurer.address, &operator.address, admin),
        ] {
            let code: u32 = error.into();
            let before = world.snapshot();
            world.send(&[attempt], &[&authority]).assert_error(code);
            before.assert_same(&world.snapshot());
        }
    }
}

/// Each refusal of `Operator::authorize`, and that a permission opens nothing but itself.
#[test]
fn authorization_is_exact() {
    let organization = actor("organization").pubkey();
    let key = actor("key").pubkey();
    for granted in Permission::ALL {
        let operator = Operator::new(
            255,
            organization,
            key,
            Permissions::of(&[granted]),
            1_000,
            0,
        )
        .unwrap();
        for asked in Permission::ALL {
            let expected = if asked == granted {
                Ok(())
            } else {
                Err(OperatorRefusal::PermissionMissing)
            };
            assert_eq!(
                operator.authorize(&organization, &key, asked, 999),
                expected
            );
            let at = |now| operator.authorize(&organization, &key, granted, now);
            assert_eq!(at(1_000), Err(OperatorRefusal::Expired));
            assert_eq!(at(i64::MAX), Err(OperatorRefusal::Expired));
        }
        let elsewhere = operator.authorize(&key, &key, granted, 0);
        assert_eq!(elsewhere, Err(OperatorRefusal::OtherOrganization));
        let other_key = operator.authorize(&organization, &organization, granted, 0);
        assert_eq!(other_key, Err(OperatorRefusal::OtherKey));
    }
    let bits = Permission::ALL.iter().fold(0, |bits, permission| {
        assert_eq!(bits & permission.bit(), 0, "bits are distinct");
        bits | permission.bit()
    });
    assert_eq!(bits, 0xf_1fff);
}
