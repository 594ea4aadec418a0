//! `galen trial apply-payout`

use solana_pubkey::Pubkey;
use trials::{accounts, instruction};

use super::site_payout::{Announcement, PayoutView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial apply-payout`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial apply-payout SITE

Lets an announced token account of a site take over, 72 hours after it was announced. Anybody can run it. Where nothing is
announced, nothing is sent.")]
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
    let accounts = accounts::ApplyPayout {
        site: args.site,
        change: found.address,
        payer: there.payer,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Let an announced token account of a site take over")
        .with("site", args.site)
        .with("from now on paid at", there.payout);
    let data = instruction::ApplyPayout {};
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    Answer::new(&Change::changed(found.again(&args.site)?, receipt))
}
