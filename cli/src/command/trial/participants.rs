//! `galen trial participants`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;

use super::people::ParticipantView;
use super::read;
use super::who::Place;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{table, Answer};

/// Flags of `galen trial participants`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial participants TRIAL
  galen trial participants TRIAL --participant KEY --output json

Participants are known by the key that consented. Nothing on the ledger says who they are.")]
pub struct Args {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    trial: Pubkey,
    /// Only this one
    #[arg(long, value_name = "KEY")]
    participant: Option<Pubkey>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<ParticipantView>);

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    read::trial(&cluster, &args.trial)?;
    let mut list = Vec::new();
    for page in read::cohorts(&cluster, &args.trial)? {
        for (index, participant) in (0..).zip(&page.participants) {
            if args.participant.is_none_or(|key| key == participant.key) {
                list.push(ParticipantView::of(&Place {
                    cohort: page.address,
                    site: page.header.site,
                    index,
                    participant: *participant,
                }));
            }
        }
    }
    Answer::new(&List(list))
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(
            &[
                "Participant",
                "Status",
                "Version",
                "Earned",
                "Due",
                "Held",
                "Paid",
            ],
            &[2, 4, 5, 6],
        );
        for participant in &self.0 {
            rows.add_row(participant.row());
        }
        write!(f, "{rows}")
    }
}
