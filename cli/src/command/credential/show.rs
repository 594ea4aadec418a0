//! `galen credential show`

use registry::state::Credential;

use super::view::{Name, View};
use crate::chain::entity;
use crate::chain::when::When;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen credential show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen credential show --issuer REGULATOR --subject PHARMACY --kind 3
  galen credential show --issuer REGULATOR --subject PHARMACY --kind 3 --at 2026-03-01

Revoked, expired and never issued are three different answers; never issued is the error not_found.")]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// What it was worth then [default: now]
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
}

/// Runs the command.
///
/// # Errors
/// `not_found` where it was never issued.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let named = args.name.resolve(&cluster)?;
    let credential: Credential = entity::get(&cluster, &named.address)?;
    let now = cluster.unix_time()?;
    Answer::new(&View::new(
        named.address,
        &credential,
        args.at.map_or(now, |when| when.resolve(now)),
    ))
}
