//! `galen batch close-page`

use provenance::state::BatchPage;
use provenance::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::show::View;
use crate::chain::change::Change;
use crate::chain::goods::{zero_copy, Goods};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch close-page`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch close-page BATCH 0

By anybody, six years after the registration and a year after the expiry; the rent goes back to who paid it. Running it again is
fine.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// Which of its pages, from 0
    #[arg(value_name = "PAGE")]
    page: u64,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let address = BatchPage::address(&goods.address, args.page);
    let Some(page) = zero_copy::<BatchPage>(cluster, &address, "page")? else {
        return Answer::new(&Change::unchanged(View::new(&goods)));
    };
    let accounts = accounts::ClosePage {
        batch: goods.address,
        page: address,
        payer: page.payer,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Close a page of a batch")
        .with("batch", goods.address)
        .with("page", args.page)
        .with("rent to", page.payer);
    let receipt = session.perform(
        &intent,
        provenance::ID,
        &accounts,
        &instruction::ClosePage {},
    )?;
    let goods = Goods::read(cluster, args.batch)?;
    Answer::new(&Change::changed(View::new(&goods), receipt))
}
