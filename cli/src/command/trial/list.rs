//! `galen trial list`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::Trial;

use super::read;
use super::view::View;
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{table, Answer};

/// Flags of `galen trial list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial list
  galen trial list --sponsor ORG --output json")]
pub struct Args {
    /// Only trials of this sponsor (address or id)
    #[arg(long, value_name = "ORG")]
    sponsor: Option<Pubkey>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<View>);

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let sponsor = args
        .sponsor
        .map(|sponsor| resolve(&cluster, &sponsor))
        .transpose()?
        .map(|(address, _)| address);
    let trials = read::list::<Trial>(&cluster, sponsor.as_ref())?
        .iter()
        .map(|(address, trial)| View::of(*address, trial))
        .collect::<Result<_>>()?;
    Answer::new(&List(trials))
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(
            &["Trial", "Number", "Participants", "Funded", "Free"],
            &[1, 2, 3, 4],
        );
        for trial in &self.0 {
            rows.add_row(trial.row());
        }
        write!(f, "{rows}")
    }
}
