//! `galen claim show`

use claims::state::Claim;
use solana_pubkey::Pubkey;

use super::plans::PlanFlags;
use super::remark::Finder;
use super::view::View;
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen claim show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim show ADDRESS
  galen claim show ADDRESS --output json
  galen claim show ADDRESS --plan plan.json

The ledger has only the keys of codes: with the plan, and the code key of its schedule in the store, they have their names.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    #[command(flatten)]
    plans: PlanFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`, `code_key_missing`, and those of the plans' reader.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let claim: Claim = entity::get(&cluster, &args.address)?;
    let mut codes = args.plans.read(settings)?;
    let codes = codes.of(&cluster, &claim)?;
    let mut finder = Finder::new(&cluster);
    Answer::new(&View::read(&mut finder, args.address, &claim, codes)?)
}
