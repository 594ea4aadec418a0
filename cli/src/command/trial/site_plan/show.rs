//! `galen trial site-plan show`

use solana_pubkey::Pubkey;

use super::plans::{self, PlanView};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial site-plan show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial site-plan show SITE
  galen trial site-plan show SITE --output json")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    Answer::new(&PlanView::of(&plans::of_site(&cluster, &args.site)?))
}
