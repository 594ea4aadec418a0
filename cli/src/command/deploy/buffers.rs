//! `galen deploy --list-buffers` and `--close-buffers`

use std::fmt;

use serde::Serialize;

use super::target::{confirm, sol, Target};
use super::Shared;
use crate::config::Settings;
use crate::error::Result;
use crate::loader::buffers::{self, Found};
use crate::loader::journal::Journal;
use crate::loader::wallet::Tally;
use crate::output::{table, Answer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    authority: String,
    closed: bool,
    buffers: Vec<Row>,
    /// Lamports in them all.
    lamports: u64,
    /// Lamports paid to close them.
    fees: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    buffer: String,
    lamports: u64,
}

/// Runs the command.
pub fn run(close: bool, shared: &Shared, settings: &Settings) -> Result<Answer> {
    let target = Target::reach(shared, settings)?;
    let wallet = target.wallet(settings);
    let authority = target.authority.as_ref();
    // While a deployment runs, its buffer is not left over.
    let _journal = close
        .then(|| Journal::open(&settings.home, &target.cluster.genesis))
        .transpose()?;
    let mut found = buffers::list(&wallet, &authority.pubkey())?;
    let mut tally = Tally::default();
    if close && !found.is_empty() {
        let lamports = sum(&found);
        confirm(
            &format!(
                "Close {} buffers of {} and return {} to {}?",
                found.len(),
                authority.pubkey(),
                sol(lamports),
                wallet.payer.pubkey()
            ),
            settings,
        )?;
        found = buffers::close(&wallet, authority, &found, &mut tally)?;
    }
    Answer::new(&Report {
        authority: authority.pubkey().to_string(),
        closed: close,
        lamports: sum(&found),
        buffers: found
            .into_iter()
            .map(|it| Row {
                buffer: it.address.to_string(),
                lamports: it.lamports,
            })
            .collect(),
        fees: tally.fees,
    })
}

fn sum(buffers: &[Found]) -> u64 {
    buffers
        .iter()
        .fold(0, |sum, buffer| sum.saturating_add(buffer.lamports))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.buffers.is_empty() {
            return write!(f, "{} has no upload buffers.", self.authority);
        }
        let mut rows = table(&["Buffer", "Holds"], &[1]);
        for row in &self.buffers {
            rows.add_row([row.buffer.clone(), sol(row.lamports)]);
        }
        writeln!(f, "{rows}")?;
        if self.closed {
            write!(
                f,
                "Closed. {} came back, for {} of fees.",
                sol(self.lamports),
                sol(self.fees)
            )
        } else {
            write!(f, "{} in all. A deployment that was stopped goes on with its buffer; --close-buffers returns what they hold.", sol(self.lamports))
        }
    }
}
