//! `galen member show`

use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::people::{self, MemberFlags};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::store::Store;

/// Flags of `galen member show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member show --pool POOL --id M-4711
  galen member show --pool POOL --member ADDRESS --output json")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    #[command(flatten)]
    who: MemberFlags,
}

/// Runs the command.
///
/// # Errors
/// `member_unknown`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let address = args.who.address(&store, &args.pool)?;
    let member = people::member(&cluster, &address)?;
    Answer::new(&View::of(&store, address, &member)?)
}
