//! `galen trial pay-site`

use solana_pubkey::Pubkey;
use trials::state::Site;
use trials::{accounts, instruction};

use super::parts::SiteView;
use super::read;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen trial pay-site`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial pay-site SITE

Pays a site the fees that it has earned, less what is held back. Anybody can run it; with nothing to pay, nothing is sent.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let site: Site = read::get(cluster, &args.site)?;
    if site.payable == 0 {
        return Answer::new(&Change::unchanged(SiteView::new(args.site, &site)));
    }
    let trial = read::trial(cluster, &site.trial)?;
    let accounts = accounts::PaySite {
        trial: site.trial,
        site: args.site,
        vault: trial.vault,
        payout: site.payout,
        token_program: trial.token_program,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Pay a site")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("amount", money(site.payable))
        .with("to", site.payout);
    let receipt = session.perform(&intent, trials::ID, &accounts, &instruction::PaySite {})?;
    let site = read::get(cluster, &args.site)?;
    Answer::new(&Change::changed(SiteView::new(args.site, &site), receipt))
}
