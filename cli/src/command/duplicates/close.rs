//! `galen duplicates close`

use std::fmt;

use claims::state::DuplicateEntry;
use claims::{accounts, instruction};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::Receipt;

/// Entries that are closed in a transaction.
const PER_TRANSACTION: usize = 8;
const SECONDS_PER_DAY: i64 = 86_400;

/// Flags of `galen duplicates close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates close
  galen duplicates close --payer OPERATOR

Closes the entries that an operator has paid for and whose time is over; the rent goes back to that operator, whoever runs it.")]
pub struct Args {
    /// Who paid for the entries [default: who signs]
    #[arg(long, value_name = "KEY")]
    payer: Option<Pubkey>,
}

#[derive(Serialize)]
struct Report {
    /// Entries that were closed.
    closed: usize,
    /// Entries of the same payer that are kept for longer.
    kept: usize,
    transactions: Vec<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// `cluster_unreachable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let payer = args.payer.unwrap_or_else(|| session.key());
    let entries =
        entity::list::<DuplicateEntry>(session.cluster(), &[(offset::ENTRY_PAYER, payer)])?;
    let today = i32::try_from(session.now.div_euclid(SECONDS_PER_DAY)).unwrap_or(i32::MAX);
    let over: Vec<Pubkey> = entries
        .iter()
        .filter(|(_, entry)| entry.is_over(today))
        .map(|(address, _)| *address)
        .collect();
    let mut report = Report {
        closed: over.len(),
        kept: entries.len().saturating_sub(over.len()),
        transactions: Vec::new(),
    };
    if over.is_empty() {
        return Answer::new(&report);
    }
    let intent = Intent::new("Close entries of the registry of duplicates")
        .with("entries", over.len())
        .with("rent goes to", payer);
    session.ledger.confirm(&intent)?;
    for batch in over.chunks(PER_TRANSACTION) {
        let close: Vec<_> = batch
            .iter()
            .map(|entry| {
                crate::chain::instruction(
                    claims::ID,
                    &accounts::CloseEntry {
                        entry: *entry,
                        payer,
                    },
                    &instruction::CloseEntry {},
                )
            })
            .collect();
        let receipt = session.send(intent.title(), &close, &[])?;
        report.transactions.push(receipt);
    }
    Answer::new(&report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} entries closed, {} are kept for longer.",
            self.closed, self.kept
        )
    }
}
