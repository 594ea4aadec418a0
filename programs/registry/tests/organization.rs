//! `register_organization`, `set_organization_status`, `propose_authority`, `accept_authority`

mod common;

use common::*;
use galen_testkit::fixtures::registry::{test_identifier, OrganizationFixture};
use galen_testkit::{actor, World};
use registry::error::RegistryError;
use registry::events::*;
use registry::instructions::*;
use registry::state::{
    AdminArgs, Config, Identifier, IdentifierScheme, Organization, OrganizationKind,
    OrganizationStatus,
};
use registry::{accounts, instruction as data};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

fn register(id: &Keypair, authority: &Keypair, identifier: Identifier) -> Instruction {
    ix(
        accounts::RegisterOrganization {
            payer: authority.pubkey(),
            id: id.pubkey(),
            authority: authority.pubkey(),
            organization: Organization::find_address(&id.pubkey()).0,
            system_program: anchor_lang::system_program::ID,
            event_authority: events(),
            program: registry::ID,
        },
        data::RegisterOrganization {
            args: RegisterOrganizationArgs {
                kind: OrganizationKind::Provider,
                identifier,
            },
        },
    )
}

fn set_status(
    signer: &Keypair,
    organization: &Pubkey,
    admin: AdminArgs,
    status: OrganizationStatus,
    reason: u16,
) -> Instruction {
    ix(
        accounts::SetOrganizationStatus {
            governance: signer.pubkey(),
            config: Config::find_address().0,
            organization: *organization,
            event_authority: events(),
            program: registry::ID,
        },
        data::SetOrganizationStatus {
            args: SetOrganizationStatusArgs {
                admin,
                status,
                reason,
            },
        },
    )
}

fn propose(
    signer: &Keypair,
    organization: &Pubkey,
    admin: AdminArgs,
    proposed: Option<Pubkey>,
) -> Instruction {
    ix(
        accounts::ProposeAuthority {
            authority: signer.pubkey(),
            organization: *organization,
            event_authority: events(),
            program: registry::ID,
        },
        data::ProposeAuthority {
            args: ProposeAuthorityArgs { admin, proposed },
        },
    )
}

fn accept(signer: &Keypair, organization: &Pubkey, admin: AdminArgs) -> Instruction {
    ix(
        accounts::AcceptAuthority {
            proposed_authority: signer.pubkey(),
            organization: *organization,
            event_authority: events(),
            program: registry::ID,
        },
        data::AcceptAuthority {
            args: AcceptAuthorityArgs { admin },
        },
    )
}

fn state(world: &World, organization: &OrganizationFixture) -> Organization {
    world.account(&organization.address)
}

#[test]
fn an_organization_registers_as_pending() {
    let (mut world, _) = registry();
    let (id, authority) = (actor("clinic id"), world.actor("clinic authority"));
    let (address, bump) = Organization::find_address(&id.pubkey());
    let identifier = Identifier::new(IdentifierScheme::Npi, "1234567893").unwrap();
    let outcome = world
        .send(&[register(&id, &authority, identifier)], &[&id, &authority])
        .assert_ok();
    assert_eq!(
        world.account::<Organization>(&address),
        Organization {
            version: 1,
            bump,
            id: id.pubkey(),
            kind: OrganizationKind::Provider,
            identifier,
            status: OrganizationStatus::Pending,
            status_reason: 0,
            status_slot: world.slot(),
            status_at: world.now(),
            authority: authority.pubkey(),
            sequence: 0,
            operators: 0,
            proposed_authority: None,
            reserved: [0; 128],
        }
    );
    let event: OrganizationRegistered = outcome.event();
    assert_eq!((event.organization, event.id), (address, id.pubkey()));
    assert_eq!(event.identifier, identifier);

    // The same name again: the system program's "account already in use".
    let before = world.snapshot();
    let again = register(&id, &authority, test_identifier());
    world.send(&[again], &[&id, &authority]).assert_error(0u32);
    before.assert_same(&world.snapshot());
}

/// Nobody registers under a name whose key does not sign.
#[test]
fn a_name_cannot_be_taken_without_its_key() {
    let (mut world, _) = registry();
    let squatter = world.actor("squatter");
    let mut attempt = register(&actor("clinic id"), &squatter, test_identifier());
    attempt.accounts[1].is_signer = false;
    let before = world.snapshot();
    world
        .send(&[attempt], &[&squatter])
        .assert_error(anchor_lang::error::ErrorCode::AccountNotSigner);
    before.assert_same(&world.snapshot());
}

#[test]
fn malformed_identifiers_are_refused() {
    let (mut world, _) = registry();
    let (id, authority) = (actor("clinic id"), world.actor("clinic authority"));
    let wrong = [
        (IdentifierScheme::Npi, "1234567890"),
        (IdentifierScheme::Npi, "123456789"),
        (IdentifierScheme::Gln, "9506000134353"),
        (IdentifierScheme::Lei, "506700GE1G29325QX364"),
        (IdentifierScheme::Lei, "506700ge1g29325qx363"),
        (IdentifierScheme::Other, ""),
        (IdentifierScheme::Other, "A B"),
        (IdentifierScheme::Other, "A\0B"),
    ];
    for (scheme, text) in wrong {
        let identifier = Identifier::new(scheme, text).unwrap();
        let attempt = register(&id, &authority, identifier);
        refused(
            &mut world,
            &[attempt],
            &[&id, &authority],
            RegistryError::IdentifierInvalid,
        );
    }
    assert_eq!(
        Identifier::new(IdentifierScheme::Other, "twenty-one-characters"),
        None
    );
    for (n, (scheme, text)) in [
        (IdentifierScheme::Npi, "1234567893"),
        (IdentifierScheme::Gln, "9506000134352"),
        (IdentifierScheme::Lei, "506700GE1G29325QX363"),
        (IdentifierScheme::Other, "DE-HRB-12345"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = actor(&format!("clinic {n}"));
        let identifier = Identifier::new(scheme, text).unwrap();
        let attempt = register(&id, &authority, identifier);
        world.send(&[attempt], &[&id, &authority]).assert_ok();
    }
}

const STATUSES: [OrganizationStatus; 4] = [
    OrganizationStatus::Pending,
    OrganizationStatus::Active,
    OrganizationStatus::Suspended,
    OrganizationStatus::Closed,
];

/// Brings a pending organisation to `status` by allowed steps.
fn bring_to(
    world: &mut World,
    registry: &galen_testkit::fixtures::registry::RegistryFixture,
    organization: &OrganizationFixture,
    status: OrganizationStatus,
) {
    use OrganizationStatus::{Active, Closed, Pending, Suspended};
    let steps: &[(OrganizationStatus, u16)] = match status {
        Pending => &[],
        Active => &[(Active, 0)],
        Suspended => &[(Active, 0), (Suspended, 7)],
        Closed => &[(Closed, 9)],
    };
    for (status, reason) in steps {
        registry
            .set_status(world, organization, *status, *reason)
            .assert_ok();
    }
}

#[test]
fn every_change_of_status() {
    use OrganizationStatus::{Active, Closed, Pending, Suspended};
    let allowed = [
        (Pending, Active),
        (Pending, Closed),
        (Active, Suspended),
        (Active, Closed),
        (Suspended, Active),
        (Suspended, Closed),
    ];
    let (mut world, registry) = registry();
    let clinic = registry.pending_organization(&mut world, "clinic", OrganizationKind::Provider);
    for from in STATUSES {
        let mut there = world.clone();
        bring_to(&mut there, &registry, &clinic, from);
        for to in STATUSES {
            for reason in [0, 1, u16::MAX] {
                let mut cell = there.clone();
                cell.advance(100);
                let governance = registry.governance();
                let attempt = set_status(
                    &governance,
                    &clinic.address,
                    registry.admin(&cell),
                    to,
                    reason,
                );
                if !allowed.contains(&(from, to)) {
                    let error = RegistryError::StatusTransitionInvalid;
                    refused(&mut cell, &[attempt], &[&governance], error);
                } else if (reason == 0) != (to == Active) {
                    let error = RegistryError::StatusReasonInvalid;
                    refused(&mut cell, &[attempt], &[&governance], error);
                } else {
                    let outcome = cell.send(&[attempt], &[&governance]).assert_ok();
                    let event: OrganizationStatusSet = outcome.event();
                    assert_eq!((event.previous, event.status), (from, to));
                    let after = state(&cell, &clinic);
                    assert_eq!((after.status, after.status_reason), (to, reason));
                    assert_eq!(
                        (after.status_at, after.status_slot),
                        (cell.now(), cell.slot())
                    );
                }
            }
        }
    }
}

#[test]
fn only_governance_changes_a_status() {
    let (mut world, registry) = registry();
    let clinic = registry.pending_organization(&mut world, "clinic", OrganizationKind::Provider);
    for signer in [clinic.authority(), registry.guardian()] {
        let admin = registry.admin(&world);
        let attempt = set_status(
            &signer,
            &clinic.address,
            admin,
            OrganizationStatus::Active,
            0,
        );
        refused(
            &mut world,
            &[attempt],
            &[&signer],
            RegistryError::NotGovernance,
        );
    }
}

/// A suspension is signed against the configuration's sequence number: an organisation that uses up its own
/// numbers does not escape it.
#[test]
fn an_organization_cannot_outrun_its_suspension() {
    let (mut world, registry) = registry();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let governance = registry.governance();
    let suspend = set_status(
        &governance,
        &clinic.address,
        registry.admin(&world),
        OrganizationStatus::Suspended,
        3,
    );
    for _ in 0..3 {
        let authority = clinic.authority();
        let busy = propose(&authority, &clinic.address, clinic.admin(&world), None);
        world.send(&[busy], &[&authority]).assert_ok();
    }
    world.send(&[suspend], &[&governance]).assert_ok();
    assert_eq!(state(&world, &clinic).status, OrganizationStatus::Suspended);
}

#[test]
fn the_authority_changes_hands_in_two_steps() {
    let (mut world, registry) = registry();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let (old, new) = (clinic.authority(), world.actor("new authority"));
    let offer = propose(
        &old,
        &clinic.address,
        clinic.admin(&world),
        Some(new.pubkey()),
    );
    let event: AuthorityProposed = world.send(&[offer], &[&old]).assert_ok().event();
    assert_eq!(event.proposed, Some(new.pubkey()));
    assert_eq!(state(&world, &clinic).authority, old.pubkey());

    let thief = world.actor("thief");
    for signer in [&thief, &old] {
        let attempt = accept(signer, &clinic.address, clinic.admin(&world));
        refused(
            &mut world,
            &[attempt],
            &[signer],
            RegistryError::NotProposedAuthority,
        );
    }
    let take = accept(&new, &clinic.address, clinic.admin(&world));
    let event: AuthorityAccepted = world.send(&[take], &[&new]).assert_ok().event();
    assert_eq!(
        (event.previous, event.authority),
        (old.pubkey(), new.pubkey())
    );
    let after = state(&world, &clinic);
    assert_eq!(
        (after.authority, after.proposed_authority),
        (new.pubkey(), None)
    );
    assert_eq!(after.sequence, 2);

    let late = propose(&old, &clinic.address, clinic.admin(&world), None);
    refused(
        &mut world,
        &[late],
        &[&old],
        RegistryError::NotOrganizationAuthority,
    );
}

#[test]
fn an_offer_can_be_withdrawn_and_the_default_key_is_refused() {
    let (mut world, registry) = registry();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let (old, new) = (clinic.authority(), world.actor("new authority"));
    for proposed in [Some(new.pubkey()), None] {
        let offer = propose(&old, &clinic.address, clinic.admin(&world), proposed);
        world.send(&[offer], &[&old]).assert_ok();
    }
    let take = accept(&new, &clinic.address, clinic.admin(&world));
    refused(
        &mut world,
        &[take],
        &[&new],
        RegistryError::NotProposedAuthority,
    );
    let nobody = propose(
        &old,
        &clinic.address,
        clinic.admin(&world),
        Some(Pubkey::default()),
    );
    refused(&mut world, &[nobody], &[&old], RegistryError::KeyInvalid);
}

#[test]
fn a_closed_organization_stays_as_it_is() {
    let (mut world, registry) = registry();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let (old, new) = (clinic.authority(), world.actor("new authority"));
    let offer = propose(
        &old,
        &clinic.address,
        clinic.admin(&world),
        Some(new.pubkey()),
    );
    world.send(&[offer], &[&old]).assert_ok();
    registry
        .set_status(&mut world, &clinic, OrganizationStatus::Closed, 1)
        .assert_ok();
    let admin = clinic.admin(&world);
    let attempt = propose(&old, &clinic.address, admin, None);
    refused(
        &mut world,
        &[attempt],
        &[&old],
        RegistryError::OrganizationClosed,
    );
    let attempt = accept(&new, &clinic.address, admin);
    refused(
        &mut world,
        &[attempt],
        &[&new],
        RegistryError::OrganizationClosed,
    );
}

#[test]
fn signatures_are_good_once_and_for_a_time() {
    let (mut world, registry) = registry();
    let clinic = registry.pending_organization(&mut world, "clinic", OrganizationKind::Provider);
    let governance = registry.governance();
    let admit = |admin| {
        set_status(
            &governance,
            &clinic.address,
            admin,
            OrganizationStatus::Active,
            0,
        )
    };
    assert_admin_is_checked(
        &mut world,
        &governance,
        &registry.config,
        |w| registry.admin(w),
        &admit,
    );

    let authority = clinic.authority();
    let offer = |admin| {
        propose(
            &authority,
            &clinic.address,
            admin,
            Some(actor("new").pubkey()),
        )
    };
    assert_admin_is_checked(
        &mut world,
        &authority,
        &clinic.address,
        |w| clinic.admin(w),
        &offer,
    );

    let new = actor("new");
    let admin = AdminArgs {
        valid_until: world.now() - 1,
        ..clinic.admin(&world)
    };
    let late = accept(&new, &clinic.address, admin);
    refused(&mut world, &[late], &[&new], RegistryError::AdminExpired);
    let admin = AdminArgs {
        expected_sequence: 0,
        ..clinic.admin(&world)
    };
    let stale = accept(&new, &clinic.address, admin);
    refused(
        &mut world,
        &[stale],
        &[&new],
        RegistryError::AdminSequenceStale,
    );
}

#[test]
fn another_program_s_account_is_no_organization() {
    let (mut world, registry) = registry();
    let clinic = registry.organization(&mut world, "clinic", OrganizationKind::Provider);
    let mut copy = world.raw(&clinic.address).unwrap();
    copy.owner = actor("another program").pubkey();
    let place = actor("copy").pubkey();
    world.set_raw(&place, copy);
    let authority = clinic.authority();
    let attempt = propose(&authority, &place, clinic.admin(&world), None);
    world
        .send(&[attempt], &[&authority])
        .assert_error(anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
    let missing = propose(
        &authority,
        &actor("nothing").pubkey(),
        clinic.admin(&world),
        None,
    );
    let outcome = world.send(&[missing], &[&authority]);
    assert_ne!(
        outcome.instruction_error(),
        Some(&InstructionError::ProgramFailedToComplete)
    );
    outcome.assert_error(anchor_lang::error::ErrorCode::AccountNotInitialized);
}
