//! `galen trial cancel-payout`

use solana_pubkey::Pubkey;
use trials::{accounts, instruction};

use super::site_payout::{Announcement, PayoutView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial cancel-payout`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial cancel-payout SITE

Withdraws an announced token account of a site. Signed by the authority of the site's organization, or by the owner of the token
account that is paid now. Where nothing is announced, nothing is sent.")]
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
    let found = Announcement::find(&args.site, settings)?;
    let (session, site) = (&found.session, &found.site);
    let Some(there) = &found.there else {
        let view = PayoutView::of(args.site, site, None);
        return Answer::new(&Change::unchanged(view));
    };
    let accounts = accounts::CancelPayout {
        signer: session.key(),
        organization: site.organization,
        site: args.site,
        change: found.address,
        payer: there.payer,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Cancel an announced token account of a site")
        .with("site", args.site)
        .with("announced", there.payout);
    let data = instruction::CancelPayout {};
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    Answer::new(&Change::changed(found.again(&args.site)?, receipt))
}
