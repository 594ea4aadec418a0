//! `galen demo`: the claim story, the trial story and the story of the packs, played on a local cluster with the commands that a person would type.
//!
//! Nothing is played that the commands cannot do: each step is a command line, run by the same code, and a story
//! stops with an error where the ledger does not say what it should.

mod documents;
mod packs;
pub mod purse;
mod refill;
mod report;
mod stage;
mod story;
mod trial;

use claims::state::Pool;
use registry::state::Config;

use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::{GlobalArgs, Settings};
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen demo
  galen demo -u localhost -k governance.json --output json

It needs a local cluster with Galen deployed to it (`galen localnet`, `galen deploy`), and a signer who is the registry's
governance, or the programs' upgrade authority where the registry is not configured yet. Insurer, clinic, sponsor, participants,
the partners of the trade and their stores are made for the run and kept in a folder of their own under --home (50 MB of it the
serial numbers and the leaf file of a million packs). Public clusters are refused.")]
pub struct Args {}

/// Plays the stories.
///
/// # Errors
/// `public_ledger`, `program_missing`, `not_governance`, `story_broken`, and whatever a command refuses.
pub fn run(_args: &Args, globals: &GlobalArgs) -> Result<Answer> {
    let settings = Settings::load(globals)?;
    let cluster = Cluster::connect(&settings)?;
    cluster.require_local("the demo")?;
    require_programs(&cluster)?;
    let mut stage = stage::Stage::set(&settings, cluster)?;
    let house = story::prepare(&mut stage)?;
    let theatre = trial::prepare(&mut stage, &house.clinic)?;
    let trade = packs::prepare(&mut stage, &house)?;
    let found = story::play(&mut stage, &house)?;
    let found_trial = trial::play(&mut stage, &theatre)?;
    let found_packs = packs::play(&mut stage, &house, &trade)?;
    Answer::new(&report::Report::new(stage, found, found_trial, found_packs))
}

fn require_programs(cluster: &Cluster) -> Result<()> {
    for (name, id) in [
        ("registry", registry::ID),
        ("claims", claims::ID),
        ("trials", trials::ID),
        ("provenance", provenance::ID),
    ] {
        if !cluster
            .account(&id)?
            .is_some_and(|account| account.executable)
        {
            return Err(CliError::new("program_missing", format!("The program {name} ({id}) is not on this cluster. Deploy it with `galen deploy`.")));
        }
    }
    Ok(())
}

/// The registry's configuration, if it has one yet.
fn config(cluster: &Cluster) -> Result<Option<Config>> {
    entity::find(cluster, &Config::find_address().0)
}

/// A pool.
fn pool(cluster: &Cluster, address: &solana_pubkey::Pubkey) -> Result<Pool> {
    entity::get(cluster, address)
}
