//! `galen trial data verify`

use std::fmt;
use std::path::PathBuf;

use galen_documents::strict;
use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::DataLog;

use super::super::parts::day;
use super::super::read;
use super::proof::{bad, ProofView, Verdict};
use super::prove::history;
use crate::chain::text::{hex, unhex_array};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial data verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data verify proof.json
  galen trial data verify proof.json --root 4f6c...e1

OK: each value was in the log, in this order, with these times, reasons and users. FAIL: something in the proof is not so. NOT ENOUGH DATA:
neither can be said, because the trial has anchored nothing, has anchored more since the proof was made, or the proof leaves out what the
value was before. The root is the ledger's, never the proof's own. Exit code 1 where the answer is not OK.")]
pub struct Args {
    /// The proof, as `galen trial data prove --output json` writes it
    #[arg(value_name = "PROOF")]
    proof: PathBuf,
    /// The log's root, 64 hexadecimal digits, known from elsewhere [default: the ledger's]
    #[arg(long)]
    root: Option<String>,
}

/// As JSON: `{"answer": "OK" | "FAIL" | "NOT ENOUGH DATA", "why": "...", "locked_on": null, "proof": {...}}`.
#[derive(Serialize)]
struct Report {
    answer: &'static str,
    why: String,
    locked_on: Option<String>,
    #[serde(skip)]
    proof: ProofView,
}

const OK: &str = "OK";
const FAIL: &str = "FAIL";
const NOT_ENOUGH_DATA: &str = "NOT ENOUGH DATA";

/// Runs the command.
///
/// # Errors
/// `bad_proof`, `bad_root`, those of the document, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let json = document::json(&args.proof)?;
    let name = document::name(&args.proof);
    let proof: ProofView =
        strict::from_value(&json).map_err(|problem| CliError::in_document(&name, problem))?;
    let (root, locked_on) = match &args.root {
        Some(root) => {
            let root = unhex_array(root)
                .ok_or_else(|| CliError::new("bad_root", "A root has 64 hexadecimal digits."))?;
            (Some(root), None)
        }
        None => ledger(&proof, settings)?,
    };
    let (answer, why) = match root {
        None => (NOT_ENOUGH_DATA, "The trial has anchored nothing.".to_owned()),
        Some(root) if hex(&root) != proof.root.to_ascii_lowercase() => (
            NOT_ENOUGH_DATA,
            "The proof was made against another root: more was anchored since, or less before. Ask for a new one.".to_owned(),
        ),
        Some(root) => match proof.holds(&root)? {
            Verdict::Holds => (OK, "Each value leads to the root and follows the one before it.".to_owned()),
            Verdict::Fails => (FAIL, "A value does not lead to the root, or does not follow the one before it.".to_owned()),
            Verdict::Incomplete => (NOT_ENOUGH_DATA, "What the value was before is left out.".to_owned()),
        },
    };
    let report = Report {
        answer,
        why,
        locked_on,
        proof,
    };
    Ok(Answer::new(&report)?.with_success(answer == OK))
}

/// The root on the ledger, where there is one, and since when the data are locked.
fn ledger(proof: &ProofView, settings: &Settings) -> Result<(Option<[u8; 32]>, Option<String>)> {
    let trial: Pubkey = proof
        .trial
        .parse()
        .map_err(|_| bad("trial", "It is no address."))?;
    let cluster = Cluster::connect(settings)?;
    let log: Option<DataLog> = read::find(&cluster, &DataLog::find_address(&trial).0)?;
    let log = log.filter(|log| log.batches > 0);
    Ok((
        log.as_ref().map(|log| log.root),
        log.and_then(|log| day(log.locked_on)),
    ))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        history(f, &self.proof)?;
        write!(f, "{}: {}", self.answer, self.why)
    }
}
