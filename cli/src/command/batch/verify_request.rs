//! `galen batch verify-request`: the answer to a partner who asks whether a pack is genuine.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::shelf::{Asked, BatchFlag, Shelf};
use crate::chain::when;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch verify-request`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch verify-request '(01)09506000134352(17)271231(10)A1(21)SN0001' --batch BATCH=batch.leaves
  galen batch verify-request 'https://vrs.example/gtin/09506000134352/lot/A1/ser/SN0001?exp=271231' --batch BATCH=batch.leaves

Answers as GS1's Lightweight Messaging Standard has it: verified, or why not. Lot and expiry are compared where the request names them,
with those on the ledger; recalls, dispenses and statuses are the ledger's of this moment. Exit code 1 where the pack is not verified.")]
pub struct Args {
    /// The code on the pack, a Digital Link, or the address of a verification request
    #[arg(value_name = "CODE")]
    code: String,
    /// A batch and its leaf file
    #[arg(long, value_name = "BATCH=LEAVES", required = true)]
    batch: Vec<BatchFlag>,
    /// The request's number, which comes back in the answer
    #[arg(long, value_name = "UUID")]
    uuid: Option<String>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Report(Value);

/// Runs the command.
///
/// # Errors
/// What the code is refused for, `wrong_leaf_file`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let asked = Asked::read(&args.code, when::this_year()?)?;
    let shelf = Shelf::open(&cluster, &args.batch)?;
    let response = shelf.verify(&cluster, &asked, args.uuid.as_deref())?;
    let is_verified = response["data"]["verified"] == true;
    Answer::new(&Report(response)).map(|answer| answer.with_success(is_verified))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let data = &self.0["data"];
        if data["verified"] == true {
            return f.write_str("Verified");
        }
        write!(
            f,
            "Not verified: {}",
            data["verificationFailureReason"]
                .as_str()
                .unwrap_or_default()
        )?;
        match data["additionalInfo"].as_str() {
            Some(info) => write!(f, " ({info})"),
            None => Ok(()),
        }
    }
}
