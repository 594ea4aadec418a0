//! `galen trial apply-key`

use std::path::Path;

use solana_pubkey::Pubkey;
use trials::state::KeyChange;
use trials::{accounts, instruction};

use super::bulk::{Job, Work};
use super::case::{instruction as of_trials, Case, Target};
use super::who;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Where a change's cohort stands in its account: after discriminator, version and bump.
const COHORT: usize = 10;

/// Flags of `galen trial apply-key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial apply-key TRIAL
  galen trial apply-key TRIAL --participant KEY

Lets every announced key take over whose time has come, or the one announced for a participant; the others wait. Anybody can run
it, as often as they like.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Only this participant, by the present key
    #[arg(long, value_name = "KEY")]
    participant: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `address_invalid`, `not_found`, `cluster_unreachable`, and the program's refusals, by participant.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let only: Option<Pubkey> = args
        .participant
        .as_deref()
        .map(|text| who::key(text, Path::new("")))
        .transpose()
        .map_err(|reason| reason.at(None, "participant").into_error())?;
    let case = Case::open(&args.target, settings)?;
    let mut work = Work::default();
    for page in case.cohorts()? {
        let filter = [(COHORT, page.address)];
        for (address, change) in entity::list::<KeyChange>(case.cluster(), &filter)? {
            let Some(participant) = page.participants.get(usize::from(change.index)) else {
                continue;
            };
            if only.is_some_and(|only| only != participant.key) {
                continue;
            }
            let name = participant.key.to_string();
            if change.require_effective(case.session.now).is_err() {
                work.unchanged.push((None, name));
                continue;
            }
            let accounts = accounts::ApplyKey {
                site: page.header.site,
                cohort: page.address,
                change: address,
                payer: change.payer,
                event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
                program: trials::ID,
            };
            work.jobs.push(Job {
                line: None,
                participant: name,
                instructions: vec![of_trials(&accounts, &instruction::ApplyKey {})],
                signer: None,
            });
        }
    }
    let intent = Intent::new("Let announced keys take over").with("trial", case.address);
    work.finish_crank(&case.session, intent, &["key_change_too_early"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::AccountSerialize;
    use trials::state::KeyHolder;

    #[test]
    fn the_cohort_stands_where_the_filter_looks() {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let new_key = (key(2), KeyHolder::Guardian);
        let change = KeyChange::new(255, (key(1), 7), new_key, false, key(3), 9);
        let mut bytes = Vec::new();
        change.try_serialize(&mut bytes).expect("serialized");
        assert_eq!(bytes.get(COHORT..COHORT + 32), Some(key(1).as_ref()));
    }
}
