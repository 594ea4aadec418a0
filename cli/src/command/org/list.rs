//! `galen org list`

use registry::state::Organization;

use super::view::{identifier, IdentifierFlag, Kind, List, Status, View};
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen org list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org list
  galen org list --kind provider --status active
  galen org list --identifier npi:1234567893

Anyone may register an organization under any identifier: only `active` means that governance has looked at it.")]
pub struct Args {
    /// Only of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// Only with this status
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,
    /// Only with this public identifier
    #[arg(long, value_name = "SCHEME:NUMBER")]
    identifier: Option<IdentifierFlag>,
}

/// Runs the command.
///
/// # Errors
/// `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let wanted = |organization: &Organization| {
        args.kind
            .is_none_or(|kind| kind == organization.kind.into())
            && args
                .status
                .is_none_or(|status| status == organization.status.into())
            && args
                .identifier
                .is_none_or(|wanted| identifier(&wanted.0) == identifier(&organization.identifier))
    };
    let organizations = entity::list::<Organization>(&Cluster::connect(settings)?, &[])?;
    let views = organizations
        .iter()
        .filter(|(_, organization)| wanted(organization))
        .map(|(address, organization)| View::new(*address, organization));
    Answer::new(&List(views.collect()))
}
