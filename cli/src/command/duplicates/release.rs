//! `galen duplicates release`

use std::fmt;

use claims::state::{Claim, ClaimStatus, DuplicateEntry};
use claims::{accounts, instruction};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of `galen duplicates release`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates release CLAIM

Anybody may: a claim that was denied or reversed is in nobody's way any more, once no appeal is open or in time. Where another claim stands in its place, that one
stands in the registry too. The rent of an entry in which nobody stands any more goes back to who paid it.")]
pub struct Args {
    /// The claim's account
    claim: Pubkey,
}

#[derive(Serialize)]
struct Report {
    /// Entries that the claim stood in.
    entries: Vec<String>,
    transactions: Vec<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// `claim_still_stands`, `entry_awaits_appeal`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let claim: Claim = entity::get(session.cluster(), &args.claim)?;
    if !matches!(claim.status, ClaimStatus::Denied | ClaimStatus::Reversed) {
        return Err(CliError::new(
            "claim_still_stands",
            "The claim stands; only one that was denied or reversed leaves the registry of duplicates.",
        ));
    }
    let entries = entries_of(session.cluster(), &args.claim)?;
    let mut report = Report {
        entries: Vec::new(),
        transactions: Vec::new(),
    };
    if entries.is_empty() {
        return Answer::new(&report);
    }
    let intent = Intent::new("Take a claim out of the registry of duplicates")
        .with("claim", args.claim)
        .with("entries", entries.len());
    session.ledger.confirm(&intent)?;
    for (address, entry) in entries {
        let release = crate::chain::instruction(
            claims::ID,
            &accounts::ReleaseEntry {
                plan_version: claim.plan_version,
                claim: args.claim,
                entry: address,
                payer: entry.payer,
                event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
                program: claims::ID,
            },
            &instruction::ReleaseEntry {},
        );
        let receipt = session.send(intent.title(), &[release], &[])?;
        report.entries.push(address.to_string());
        report.transactions.push(receipt);
    }
    Answer::new(&report)
}

/// The entries in which a claim stands, whichever place it has there.
fn entries_of(cluster: &Cluster, claim: &Pubkey) -> Result<Vec<(Pubkey, DuplicateEntry)>> {
    let mut entries = Vec::new();
    for place in offset::ENTRY_CLAIMS {
        let found = entity::list::<DuplicateEntry>(cluster, &[(place, *claim)])?;
        // What left a shorter list stays in the bytes behind it.
        entries.extend(
            found
                .into_iter()
                .filter(|(_, entry)| entry.holders.iter().any(|holder| holder.claim == *claim)),
        );
    }
    entries.sort_by_key(|(address, _)| *address);
    entries.dedup_by_key(|(address, _)| *address);
    Ok(entries)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.entries.len() {
            0 => f.write_str("The claim stands in no entry; nothing was sent."),
            count => write!(f, "Taken out of {count} entries."),
        }
    }
}
