//! `galen credential list`

use registry::state::Credential;
use solana_pubkey::Pubkey;

use super::view::{List, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen credential list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen credential list --subject PHARMACY
  galen credential list --issuer REGULATOR")]
pub struct Args {
    /// Only by this issuer: its address or id
    #[arg(long, value_name = "ORG")]
    issuer: Option<Pubkey>,
    /// Only about this subject: its address or id
    #[arg(long, value_name = "ORG")]
    subject: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let mut filters = Vec::new();
    for (at, name) in [
        (offset::CREDENTIAL_ISSUER, &args.issuer),
        (offset::CREDENTIAL_SUBJECT, &args.subject),
    ] {
        if let Some(name) = name {
            filters.push((at, resolve(&cluster, name)?.0));
        }
    }
    let now = cluster.unix_time()?;
    let credentials = entity::list::<Credential>(&cluster, &filters)?;
    Answer::new(&List(
        credentials
            .iter()
            .map(|(address, credential)| View::new(*address, credential, now))
            .collect(),
    ))
}
