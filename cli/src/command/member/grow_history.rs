//! `galen member grow-history`

use std::fmt;

use claims::constants::{HISTORY_PAGE, MAX_HISTORY};
use claims::state::{History, HistoryEntry};
use claims::{accounts, instruction};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::intent::Intent;
use crate::chain::people::MemberFlags;
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of `galen member grow-history`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member grow-history --pool POOL --id M-4711
  galen member grow-history --pool POOL --member ADDRESS -k clinic.json

A claim that finds the history of its member full waits (`history_full`) and cannot be approved. The history grows by 128 lines
at a time where less than half of that is free, at most to 2,048; where more is free there is nothing to do. Anybody may, who
pays the rent, which does not come back.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    #[command(flatten)]
    who: MemberFlags,
}

#[derive(Serialize)]
struct Report {
    history: String,
    /// Live lines in it.
    lines: usize,
    /// Live lines for which it has room.
    capacity: usize,
    /// None where there was room enough.
    transaction: Option<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// `member_unknown`, `not_found`, and the program's refusals: `history_at_largest`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let member = args.who.address(&session.ledger.store, &args.pool)?;
    let (history, _) = History::find_address(&member);
    let (lines, capacity) = filled(session.cluster(), &history)?;
    let page = usize::from(HISTORY_PAGE);
    let transaction = if capacity.saturating_sub(lines) >= page / 2 {
        None
    } else {
        let intent = Intent::new("Give a member's history more room")
            .with("member", member)
            .with("lines in it", lines)
            .with("room so far", capacity)
            .with("room then", capacity.saturating_add(page))
            .with("at most", MAX_HISTORY);
        let accounts = accounts::GrowHistory {
            payer: session.key(),
            history,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let data = instruction::GrowHistory {};
        Some(session.perform(&intent, claims::ID, &accounts, &data)?)
    };
    let (lines, capacity) = filled(session.cluster(), &history)?;
    Answer::new(&Report {
        history: history.to_string(),
        lines,
        capacity,
        transaction,
    })
}

/// Lines in a history, live ones and those that a person has denied, and for how many it has room.
fn filled(cluster: &Cluster, history: &Pubkey) -> Result<(usize, usize)> {
    let account = cluster.account(history)?;
    let data = account.map(|account| account.data).unwrap_or_default();
    // Lines that a person has denied take room, too.
    let used = History::decode(&data).and_then(|live| {
        let denied = History::decode_denied(&data)?;
        Ok(live.len().saturating_add(denied.len()))
    });
    let lines = used.map_err(|_| {
        let message = format!("There is no history at {history}. `galen member list --pool POOL` shows who is enrolled.");
        CliError::new("not_found", message)
    })?;
    let places = data.len().saturating_sub(History::ENTRIES_OFFSET);
    let capacity = places.checked_div(HistoryEntry::SIZE).unwrap_or_default();
    Ok((lines, capacity))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} of {} lines of the history {} are in use",
            self.lines, self.capacity, self.history
        )
    }
}
