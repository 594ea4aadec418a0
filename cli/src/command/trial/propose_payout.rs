//! `galen trial propose-payout`

use solana_pubkey::Pubkey;
use trials::{accounts, instruction};

use super::read;
use super::site_payout::{Announcement, PayoutView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial propose-payout`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial propose-payout SITE --payout TOKEN_ACCOUNT

Announces another token account for a site's fees; it can take over in 72 hours (`galen trial apply-payout`) and be cancelled
until then, also by the owner of the present one. Signed by the authority of the site's organization. Running it again is fine.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
    /// The new token account
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    payout: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_token_account`, `payout_change_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let found = Announcement::find(&args.site, settings)?;
    let (session, site) = (&found.session, &found.site);
    let nothing_to_do = match &found.there {
        Some(there) if there.payout == args.payout => true,
        Some(there) => {
            let message = format!("Another token account ({}) is announced already; cancel it first with `galen trial cancel-payout`.", there.payout);
            return Err(CliError::new("payout_change_differs", message));
        }
        None => site.payout == args.payout,
    };
    if nothing_to_do {
        let view = PayoutView::of(args.site, site, found.there.as_ref());
        return Answer::new(&Change::unchanged(view));
    }
    let trial = read::trial(session.cluster(), &site.trial)?;
    token::account(session.cluster(), &args.payout, &trial.mint)?;
    let accounts = accounts::ProposePayout {
        authority: session.key(),
        organization: site.organization,
        trial: site.trial,
        site: args.site,
        payout: args.payout,
        change: found.address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Announce another token account of a site")
        .with("site", args.site)
        .with("now paid at", site.payout)
        .with("in 72 hours at", args.payout);
    let data = instruction::ProposePayout {};
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    Answer::new(&Change::created(found.again(&args.site)?, receipt))
}
