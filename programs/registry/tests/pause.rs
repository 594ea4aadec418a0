//! `pause`, `end_pause`: the pause as a state machine, every state with every action by every role.

mod common;

use common::*;
use galen_testkit::World;
use registry::constants::{MAX_PAUSE_SECONDS, PAUSE_COOL_DOWN_SECONDS};
use registry::error::RegistryError;
use registry::events::{PauseEnded, Paused};
use registry::instructions::*;
use registry::state::{AdminArgs, Config};
use registry::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const HOUR: i64 = 3_600;

fn pause(signer: &Keypair, admin: AdminArgs, duration: i64) -> Instruction {
    ix(
        accounts::PauseAwards {
            guardian: signer.pubkey(),
            config: Config::find_address().0,
            event_authority: events(),
            program: registry::ID,
        },
        data::Pause {
            args: PauseArgs { admin, duration },
        },
    )
}

fn end(signer: &Keypair, admin: AdminArgs) -> Instruction {
    ix(
        accounts::EndPause {
            governance: signer.pubkey(),
            config: Config::find_address().0,
            event_authority: events(),
            program: registry::ID,
        },
        data::EndPause {
            args: EndPauseArgs { admin },
        },
    )
}

fn config(world: &World) -> Config {
    world.account(&Config::find_address().0)
}

#[test]
fn a_pause_ends_by_itself() {
    let (mut world, registry) = registry();
    let guardian = registry.guardian();
    let start = world.now();
    let begin = pause(&guardian, registry.admin(&world), 2 * HOUR);
    let event: Paused = world.send(&[begin], &[&guardian]).assert_ok().event();
    assert_eq!(
        (event.by, event.until),
        (guardian.pubkey(), start + 2 * HOUR)
    );
    let paused = config(&world);
    assert_eq!(
        (paused.pause.started_at, paused.pause.until, paused.sequence),
        (start, start + 2 * HOUR, 1)
    );
    assert!(!paused.new_awards_allowed(start));
    assert!(!paused.new_awards_allowed(start + 2 * HOUR - 1));
    assert!(paused.new_awards_allowed(start + 2 * HOUR));
}

#[test]
fn awards_mature_through_a_pause() {
    let (mut world, registry) = registry();
    let now = world.now();
    registry.pause(&mut world, MAX_PAUSE_SECONDS).assert_ok();
    let paused = config(&world);
    assert!(!paused.award_payable(now, now));
    assert!(!paused.award_payable(now - 24 * HOUR + 1, now));
    assert!(paused.award_payable(now - 24 * HOUR, now));
    // The longest pause holds the youngest award back for a day, not for its whole length.
    assert!(paused.award_payable(now, now + 24 * HOUR));
    assert!(paused.award_payable(now, now + MAX_PAUSE_SECONDS));
    // Times at the edge of the type do not overflow, and an award from the future is not mature.
    assert!(paused.award_payable(i64::MIN, now));
    assert!(!paused.award_payable(i64::MAX, now));
}

/// The states a pause goes through, as offsets in seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Never,
    Running,
    CoolingDown,
    CooledDown,
}

const STATES: [State; 4] = [
    State::Never,
    State::Running,
    State::CoolingDown,
    State::CooledDown,
];

/// Times at both ends of each state.
fn moments(state: State) -> Vec<i64> {
    let over = HOUR;
    let cool = over + PAUSE_COOL_DOWN_SECONDS;
    match state {
        State::Never => vec![0],
        State::Running => vec![0, 1, over - 1],
        State::CoolingDown => vec![over, over + 1, cool - 1],
        State::CooledDown => vec![cool, cool + 1, cool + 1_000 * HOUR],
    }
}

#[test]
fn every_state_action_role_and_time() {
    let (mut world, registry) = registry();
    world.actor("stranger");
    let roles = [
        registry.governance(),
        registry.guardian(),
        world.actor("stranger"),
    ];
    let mut cells = 0;
    for state in STATES {
        for moment in moments(state) {
            let mut there = world.clone();
            if state != State::Never {
                registry.pause(&mut there, HOUR).assert_ok();
            }
            there.advance(moment);
            for (role, signer) in roles.iter().enumerate() {
                let (is_governance, may_pause) = (role == 0, role < 2);
                for duration in [
                    i64::MIN,
                    -1,
                    0,
                    1,
                    MAX_PAUSE_SECONDS,
                    MAX_PAUSE_SECONDS + 1,
                    i64::MAX,
                ] {
                    let mut cell = there.clone();
                    let attempt = pause(signer, registry.admin(&cell), duration);
                    let expected = if !may_pause {
                        Some(RegistryError::NotGuardian)
                    } else if !(1..=MAX_PAUSE_SECONDS).contains(&duration) {
                        Some(RegistryError::PauseDurationInvalid)
                    } else {
                        match state {
                            State::Running => Some(RegistryError::AlreadyPaused),
                            State::CoolingDown => Some(RegistryError::PauseCoolingDown),
                            State::Never | State::CooledDown => None,
                        }
                    };
                    check(&mut cell, attempt, signer, expected);
                    cells += 1;
                }
                let mut cell = there.clone();
                let attempt = end(signer, registry.admin(&cell));
                let expected = if !is_governance {
                    Some(RegistryError::NotGovernance)
                } else if state != State::Running {
                    Some(RegistryError::NotPaused)
                } else {
                    None
                };
                check(&mut cell, attempt, signer, expected);
                cells += 1;
            }
        }
    }
    assert_eq!(cells, (1 + 3 + 3 + 3) * 3 * 8);
}

fn check(
    world: &mut World,
    attempt: Instruction,
    signer: &Keypair,
    expected: Option<RegistryError>,
) {
    match expected {
        Some(error) => refused(world, &[attempt], &[signer], error),
        None => {
            let before = config(world).sequence;
            world.send(&[attempt], &[signer]).assert_ok();
            assert_eq!(config(world).sequence, before + 1);
        }
    }
}

#[test]
fn the_cool_down_counts_from_an_early_end() {
    let (mut world, registry) = registry();
    let governance = registry.governance();
    registry.pause(&mut world, 10 * HOUR).assert_ok();
    world.advance(HOUR);
    let ended_at = world.now();
    let stop = end(&governance, registry.admin(&world));
    let event: PauseEnded = world.send(&[stop], &[&governance]).assert_ok().event();
    assert_eq!(
        (event.previous_until, event.until),
        (ended_at + 9 * HOUR, ended_at)
    );
    assert!(config(&world).new_awards_allowed(ended_at));
    world.advance(PAUSE_COOL_DOWN_SECONDS - 1);
    registry
        .pause(&mut world, HOUR)
        .assert_error(RegistryError::PauseCoolingDown);
    world.advance(1);
    registry.pause(&mut world, HOUR).assert_ok();
}

#[test]
fn signatures_are_good_once_and_for_a_time() {
    let (mut world, registry) = registry();
    let guardian = registry.guardian();
    let make = |admin| pause(&guardian, admin, HOUR);
    assert_admin_is_checked(
        &mut world,
        &guardian,
        &registry.config,
        |w| registry.admin(w),
        &make,
    );

    let (mut world, registry) = common::registry();
    registry.pause(&mut world, HOUR).assert_ok();
    let governance = registry.governance();
    let make = |admin| end(&governance, admin);
    assert_admin_is_checked(
        &mut world,
        &governance,
        &registry.config,
        |w| registry.admin(w),
        &make,
    );
}
