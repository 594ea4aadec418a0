//! `galen claim explanation`

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

/// Flags of `galen claim explanation`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim explanation ADDRESS --claim visit.fhir.json > explanation.fhir.json

Writes a FHIR R4 ExplanationOfBenefit: what `galen claim response` says, and of each line what was done. The ledger has only
keys of the codes, so the document that was submitted is needed, and in this store the salt of its commitment.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// The document that was submitted
    #[arg(long, value_name = "CLAIM")]
    claim: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `claim_not_submitted`, `document_differs`, `document_unknown`, `member_unknown`, `patient_mismatch`, `unbalanced`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let case = Case::read(&cluster, &store, args.address)?;
    let document = case.document(&args.claim)?;
    let adjudicated = case.adjudicated(Some(&document), cluster.unix_time()?)?;
    let written = fhir::write_explanation(&adjudicated)
        .map_err(|problem| CliError::in_document("The explanation", problem))?;
    Answer::new(&Written(written))
}
