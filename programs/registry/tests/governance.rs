//! `propose_governance`, `accept_governance`, `set_guardian`

mod common;

use common::*;
use galen_testkit::{actor, World};
use registry::error::RegistryError;
use registry::events::{GovernanceAccepted, GovernanceProposed, GuardianSet};
use registry::instructions::*;
use registry::state::{AdminArgs, Config};
use registry::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

fn propose(signer: &Keypair, admin: AdminArgs, proposed: Option<Pubkey>) -> Instruction {
    ix(
        accounts::ProposeGovernance {
            governance: signer.pubkey(),
            config: Config::find_address().0,
            event_authority: events(),
            program: registry::ID,
        },
        data::ProposeGovernance {
            args: ProposeGovernanceArgs { admin, proposed },
        },
    )
}

fn accept(signer: &Keypair, admin: AdminArgs) -> Instruction {
    ix(
        accounts::AcceptGovernance {
            proposed_governance: signer.pubkey(),
            config: Config::find_address().0,
            event_authority: events(),
            program: registry::ID,
        },
        data::AcceptGovernance {
            args: AcceptGovernanceArgs { admin },
        },
    )
}

fn set_guardian(signer: &Keypair, admin: AdminArgs, guardian: Pubkey) -> Instruction {
    ix(
        accounts::SetGuardian {
            governance: signer.pubkey(),
            config: Config::find_address().0,
            event_authority: events(),
            program: registry::ID,
        },
        data::SetGuardian {
            args: SetGuardianArgs { admin, guardian },
        },
    )
}

fn config(world: &World) -> Config {
    world.account(&Config::find_address().0)
}

#[test]
fn governance_changes_hands_in_two_steps() {
    let (mut world, registry) = registry();
    let (old, new) = (registry.governance(), world.actor("new governance"));
    let offer = propose(&old, registry.admin(&world), Some(new.pubkey()));
    let event: GovernanceProposed = world.send(&[offer], &[&old]).assert_ok().event();
    assert_eq!(event.proposed, Some(new.pubkey()));
    let offered = config(&world);
    assert_eq!(offered.governance, old.pubkey());
    assert_eq!(offered.proposed_governance, Some(new.pubkey()));
    assert_eq!(offered.sequence, 1);

    let take = accept(&new, registry.admin(&world));
    let event: GovernanceAccepted = world.send(&[take], &[&new]).assert_ok().event();
    assert_eq!(
        (event.previous, event.governance),
        (old.pubkey(), new.pubkey())
    );
    let accepted = config(&world);
    assert_eq!(accepted.governance, new.pubkey());
    assert_eq!(accepted.proposed_governance, None);
    assert_eq!(accepted.sequence, 2);

    let late = propose(&old, registry.admin(&world), None);
    refused(&mut world, &[late], &[&old], RegistryError::NotGovernance);
}

#[test]
fn a_withdrawn_offer_cannot_be_accepted() {
    let (mut world, registry) = registry();
    let (old, new) = (registry.governance(), world.actor("new governance"));
    let offer = propose(&old, registry.admin(&world), Some(new.pubkey()));
    world.send(&[offer], &[&old]).assert_ok();
    let withdraw = propose(&old, registry.admin(&world), None);
    world.send(&[withdraw], &[&old]).assert_ok();
    let take = accept(&new, registry.admin(&world));
    refused(
        &mut world,
        &[take],
        &[&new],
        RegistryError::NotProposedGovernance,
    );
}

/// An acceptance that was signed for an offer, kept while the offer was withdrawn, and sent after it was made
/// again, must not fit: the key may be in other hands by then.
#[test]
fn a_kept_acceptance_does_not_fit_a_later_offer() {
    let (mut world, registry) = registry();
    let (old, new) = (registry.governance(), world.actor("new governance"));
    let offer = propose(&old, registry.admin(&world), Some(new.pubkey()));
    world.send(&[offer], &[&old]).assert_ok();
    let kept = accept(&new, registry.admin(&world));
    for proposed in [None, Some(new.pubkey())] {
        let offer = propose(&old, registry.admin(&world), proposed);
        world.send(&[offer], &[&old]).assert_ok();
    }
    refused(
        &mut world,
        &[kept],
        &[&new],
        RegistryError::AdminSequenceStale,
    );
}

#[test]
fn only_governance_proposes_and_appoints() {
    let (mut world, registry) = registry();
    let stranger = world.actor("stranger");
    for signer in [stranger, registry.guardian()] {
        let admin = registry.admin(&world);
        for attempt in [
            propose(&signer, admin, Some(signer.pubkey())),
            set_guardian(&signer, admin, signer.pubkey()),
        ] {
            refused(
                &mut world,
                &[attempt],
                &[&signer],
                RegistryError::NotGovernance,
            );
        }
    }
}

#[test]
fn only_the_proposed_key_accepts() {
    let (mut world, registry) = registry();
    let (old, stranger) = (registry.governance(), world.actor("stranger"));
    let offer = propose(&old, registry.admin(&world), Some(actor("new").pubkey()));
    world.send(&[offer], &[&old]).assert_ok();
    for signer in [&old, &stranger] {
        let take = accept(signer, registry.admin(&world));
        refused(
            &mut world,
            &[take],
            &[signer],
            RegistryError::NotProposedGovernance,
        );
    }
}

#[test]
fn governance_appoints_the_guardian() {
    let (mut world, registry) = registry();
    let (governance, old) = (registry.governance(), registry.guardian().pubkey());
    let new = actor("new guardian").pubkey();
    let appoint = set_guardian(&governance, registry.admin(&world), new);
    let event: GuardianSet = world.send(&[appoint], &[&governance]).assert_ok().event();
    assert_eq!((event.previous, event.guardian), (old, new));
    assert_eq!(config(&world).guardian, new);
    assert_eq!(config(&world).sequence, 1);
}

#[test]
fn keys_that_nobody_holds_are_refused() {
    let (mut world, registry) = registry();
    let governance = registry.governance();
    let nobody = Pubkey::default();
    let admin = registry.admin(&world);
    for attempt in [
        propose(&governance, admin, Some(nobody)),
        set_guardian(&governance, admin, nobody),
    ] {
        refused(
            &mut world,
            &[attempt],
            &[&governance],
            RegistryError::KeyInvalid,
        );
    }
}

#[test]
fn signatures_are_good_once_and_for_a_time() {
    let (mut world, registry) = registry();
    let governance = registry.governance();
    let offer = |admin| propose(&governance, admin, Some(actor("new").pubkey()));
    assert_admin_is_checked(
        &mut world,
        &governance,
        &registry.config,
        |w| registry.admin(w),
        &offer,
    );
}
