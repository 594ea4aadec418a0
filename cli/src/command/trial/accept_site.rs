//! `galen trial accept-site`

use solana_pubkey::Pubkey;
use trials::state::Site;
use trials::{accounts, instruction};

use super::parts::SiteView;
use super::read;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial accept-site`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial accept-site SITE
  galen trial accept-site SITE --payout TOKEN_ACCOUNT

Signed by the authority of the site's organization. SITE is the address that `galen trial add-site` has printed. Running it
again is fine.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
    /// The token account to be paid [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    payout: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_token_account`, `payout_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let site: Site = read::get(cluster, &args.site)?;
    let trial = read::trial(cluster, &site.trial)?;
    let payout = args
        .payout
        .unwrap_or_else(|| token::associated(&session.key(), &trial.mint, &trial.token_program));
    if site.accepted == 1 {
        if site.payout == payout {
            return Answer::new(&Change::unchanged(SiteView::new(args.site, &site)));
        }
        let message = format!(
            "The site has accepted already, to be paid at {} and not at {payout}.",
            site.payout
        );
        return Err(CliError::new("payout_differs", message));
    }
    token::account(cluster, &payout, &trial.mint)?;
    let accounts = accounts::AcceptSite {
        authority: session.key(),
        organization: site.organization,
        trial: site.trial,
        site: args.site,
        payout,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Accept a trial")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("paid at", payout)
        .with("holdback, basis points", site.holdback_bps);
    let receipt = session.perform(&intent, trials::ID, &accounts, &instruction::AcceptSite {})?;
    let site = read::get(cluster, &args.site)?;
    Answer::new(&Change::changed(SiteView::new(args.site, &site), receipt))
}
