//! `galen trial release-holdback`

use registry::state::Permission;
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

/// Flags of `galen trial release-holdback`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial release-holdback SITE

Makes payable what was held back of a site's fees. Signed by an operator of the sponsor with the permission manage-trial; 90 days
after the end of the trial by anybody. `galen trial pay-site` pays it.")]
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
    if site.held == 0 {
        return Answer::new(&Change::unchanged(SiteView::new(args.site, &site)));
    }
    let trial = read::trial(cluster, &site.trial)?;
    // Whoever is no operator of the sponsor signs as anybody, and the program says whether it is time for that.
    let record = session.staff(&trial.sponsor, Permission::ManageTrial).ok();
    let accounts = accounts::ReleaseHoldback {
        signer: session.key(),
        operator_record: record,
        sponsor: record.map(|_| trial.sponsor),
        trial: site.trial,
        site: args.site,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Release a site's holdback")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("amount", money(site.held));
    let data = instruction::ReleaseHoldback {};
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    let site = read::get(cluster, &args.site)?;
    Answer::new(&Change::changed(SiteView::new(args.site, &site), receipt))
}
