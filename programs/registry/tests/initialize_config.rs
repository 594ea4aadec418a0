//! `initialize_config`

use galen_testkit::fixtures::registry::RegistryFixture;
use galen_testkit::{actor, Program, World};
use registry::error::RegistryError;
use registry::events::ConfigInitialized;
use registry::instructions::InitializeConfigArgs;
use registry::state::{Config, Pause};
use solana_signer::Signer;

fn args() -> InitializeConfigArgs {
    InitializeConfigArgs {
        governance: actor("governance").pubkey(),
        guardian: actor("guardian").pubkey(),
    }
}

#[test]
fn the_upgrade_authority_configures_once() {
    let mut world = World::new(&[Program::Registry]);
    let deployer = world.deployer();
    let (address, bump) = Config::find_address();
    assert!(world.raw(&address).is_none());
    let initialize = RegistryFixture::initialize(&deployer.pubkey(), args());
    let outcome = world.send(&[initialize], &[&deployer]).assert_ok();
    let config: Config = world.account(&address);
    assert_eq!(
        config,
        Config {
            version: 1,
            bump,
            governance: actor("governance").pubkey(),
            guardian: actor("guardian").pubkey(),
            sequence: 0,
            pause: Pause {
                started_at: 0,
                until: 0
            },
            proposed_governance: None,
            reserved: [0; 64],
        }
    );
    let event: ConfigInitialized = outcome.event();
    assert_eq!(
        (event.config, event.governance, event.guardian),
        (address, config.governance, config.guardian)
    );

    let before = world.snapshot();
    let again = RegistryFixture::initialize(
        &deployer.pubkey(),
        InitializeConfigArgs {
            guardian: actor("stranger").pubkey(),
            ..args()
        },
    );
    // The system program's "account already in use".
    world.send(&[again], &[&deployer]).assert_error(0u32);
    before.assert_same(&world.snapshot());
}

#[test]
fn nobody_else_configures() {
    let mut world = World::new(&[Program::Registry]);
    let stranger = world.actor("stranger");
    let before = world.snapshot();
    let initialize = RegistryFixture::initialize(&stranger.pubkey(), args());
    world
        .send(&[initialize], &[&stranger])
        .assert_error(RegistryError::NotUpgradeAuthority);
    before.assert_same(&world.snapshot());
}

#[test]
fn default_keys_are_refused() {
    let mut world = World::new(&[Program::Registry]);
    let deployer = world.deployer();
    for wrong in [
        InitializeConfigArgs {
            governance: Default::default(),
            ..args()
        },
        InitializeConfigArgs {
            guardian: Default::default(),
            ..args()
        },
    ] {
        let initialize = RegistryFixture::initialize(&deployer.pubkey(), wrong);
        world
            .send(&[initialize], &[&deployer])
            .assert_error(RegistryError::KeyInvalid);
    }
}
