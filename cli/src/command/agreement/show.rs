//! `galen agreement show`

use claims::state::Agreement;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement show AGREEMENT
  galen agreement show --pool POOL --provider ORG")]
pub struct Args {
    /// The agreement's address
    #[arg(value_name = "AGREEMENT", required_unless_present_all = ["pool", "provider"])]
    agreement: Option<Pubkey>,
    /// The pool that pays
    #[arg(
        long,
        value_name = "POOL",
        conflicts_with = "agreement",
        requires = "provider"
    )]
    pool: Option<Pubkey>,
    /// The provider: its address or id
    #[arg(
        long,
        value_name = "ORG",
        conflicts_with = "agreement",
        requires = "pool"
    )]
    provider: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let address = match (args.pool, args.provider) {
        (Some(pool), Some(provider)) => {
            Agreement::find_address(&pool, &resolve(&cluster, &provider)?.0).0
        }
        _ => args.agreement.unwrap_or_default(),
    };
    Answer::new(&View::read(&cluster, address)?)
}
