//! `galen claim response`

use std::path::PathBuf;

use galen_documents::fhir;
use solana_pubkey::Pubkey;

use super::outcome::Case;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document::Written;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::Store;

/// Flags of `galen claim response`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim response ADDRESS > response.fhir.json
  galen claim response ADDRESS --claim visit.fhir.json

Writes a FHIR R4 ClaimResponse: each line's charge, what the plan allows and pays, each adjustment under its X12 group with
its reason code (CARC), and totals; exactly as the claim's account has them, refused where they do not add up. Who was
treated comes from the local store or the document, never from the ledger. With the document the response names the
provider's own number, line numbers, patient and coverage as it does.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// The document that was submitted; this store needs its salt
    #[arg(long, value_name = "CLAIM")]
    claim: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// `claim_not_submitted`, `member_unknown`, `document_differs`, `document_unknown`, `unbalanced`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let case = Case::read(&cluster, &store, args.address)?;
    let document = args
        .claim
        .as_ref()
        .map(|path| case.document(path))
        .transpose()?;
    let adjudicated = case.adjudicated(document.as_ref(), cluster.unix_time()?)?;
    let written = fhir::write_claim_response(&adjudicated)
        .map_err(|problem| CliError::in_document("The response", problem))?;
    Answer::new(&Written(written))
}
