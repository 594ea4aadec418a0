//! `galen batch close`

use std::fmt;

use provenance::state::ClosedBatch;
use provenance::{accounts, instruction};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::goods::Goods;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch close BATCH

By anybody, six years after the registration and a year after the expiry, once the pages are closed (`galen batch close-page`). The
rent goes back to who paid it; the address stays taken, so that the lot is never registered again. What partners have left recorded
is closed with `galen batch close-orphans`. Running it again is fine.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
}

/// As JSON: `{"address": "...", "closed": true}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    closed: bool,
}

impl View {
    /// A batch that is closed.
    pub fn new(address: &Pubkey) -> Self {
        Self {
            address: address.to_string(),
            closed: true,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Batch", self.address.clone()),
                ("Closed", "its time is over".to_owned()),
            ],
        )
    }
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `still_retained`, `pages_are_open`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let view = View::new(&args.batch);
    if matches!(
        entity::find::<ClosedBatch>(cluster, &args.batch),
        Ok(Some(_))
    ) {
        return Answer::new(&Change::unchanged(view));
    }
    let batch = Goods::read(cluster, args.batch)?.batch;
    let accounts = accounts::CloseBatch {
        batch: args.batch,
        payer: batch.payer,
        bond: batch.is_covered().then_some(batch.bond),
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Close a batch")
        .with("batch", args.batch)
        .with("rent to", batch.payer);
    let receipt = session.perform(
        &intent,
        provenance::ID,
        &accounts,
        &instruction::CloseBatch {},
    )?;
    Answer::new(&Change::changed(view, receipt))
}
