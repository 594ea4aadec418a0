//! `galen trial visit list`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;

use super::super::read;
use super::found::{self, ClaimView};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{table, Answer};

/// Flags of `galen trial visit list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit list TRIAL
  galen trial visit list TRIAL --output json

Whose word each claim waits for, and until when: site or arbiter; or what became of it: attested, refused or granted.")]
pub struct Args {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    trial: Pubkey,
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<ClaimView>);

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    read::trial(&cluster, &args.trial)?;
    let pages = read::cohorts(&cluster, &args.trial)?;
    let claims = found::all(&cluster, &pages)?
        .iter()
        .map(|(address, claim, place)| ClaimView::of(*address, place, claim))
        .collect();
    Answer::new(&List(claims))
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(
            &["Participant", "Milestone", "Visited", "Waits for", "Until"],
            &[1],
        );
        for claim in &self.0 {
            rows.add_row(claim.row());
        }
        write!(f, "{rows}")
    }
}
