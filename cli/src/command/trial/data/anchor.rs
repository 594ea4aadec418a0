//! `galen trial data anchor`

use std::path::PathBuf;

use galen_rules::trial::data_log::{Batch, MAX_BATCH_DEPTH};
use registry::state::Permission;
use trials::instructions::AnchorDataArgs;
use trials::state::DataLog;
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::read;
use super::log::Log;
use super::show::View;
use super::tree::climb;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Most data points of a batch: their leaves are in memory at once.
const LARGEST: u32 = 1 << 20;
const _: () = assert!(LARGEST <= 1 << MAX_BATCH_DEPTH);

/// Flags of `galen trial data anchor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data anchor TRIAL trial.datalog

Anchors the data points that the log has gained, in batches of up to a million: the ledger gets one root for each. Signed by an operator
of the sponsor with the permission manage-trial. A batch is noted in the log before it is sent, so it can be killed and run again; with
nothing new, nothing is sent.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The log file
    #[arg(value_name = "LOG")]
    log: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `log_of_other_trial`, `log_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let log = Log::open(&args.log)?;
    let case = Case::open(&args.target, settings)?;
    log.bind(&case.address)?;
    let address = DataLog::find_address(&case.address).0;
    let mut receipts = Vec::new();
    loop {
        let anchored: DataLog = read::get(case.cluster(), &address)?;
        let Some(batch) = next(&log, &anchored)? else {
            break;
        };
        let accounts = accounts::AnchorData {
            operator: case.session.key(),
            operator_record: case.sponsor_record(Permission::ManageTrial)?,
            sponsor: case.trial.sponsor,
            trial: case.address,
            log: address,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::AnchorData {
            args: AnchorDataArgs {
                root: batch.root,
                first: batch.first,
                count: batch.count,
            },
        };
        let intent = Intent::new("Anchor data points")
            .with("trial", case.address)
            .with("data points", batch.count);
        receipts.push(case.perform(&intent, &accounts, &data)?);
    }
    let outcome = if receipts.is_empty() {
        Outcome::Unchanged
    } else {
        Outcome::Changed
    };
    let view = View::read(case.cluster(), &case.address)?;
    Answer::new(&Change::by(outcome, view, receipts))
}

/// The batch to be anchored next, noted in the log; none where all is anchored.
fn next(log: &Log, anchored: &DataLog) -> Result<Option<Batch>> {
    let noted = log.batches()?;
    let known = usize::try_from(anchored.batches).unwrap_or(usize::MAX);
    if noted.len() < known || log.root(anchored.batches)? != anchored.root {
        return Err(CliError::new(
            "log_differs",
            "The ledger has other data points of this trial than the log; use the log that they were anchored from.",
        ));
    }
    // What was noted and did not land is sent again as it was.
    if let Some(batch) = noted.get(known) {
        return Ok(Some(*batch));
    }
    let leaves = log.leaves(anchored.leaves, LARGEST)?;
    let count = u32::try_from(leaves.len()).unwrap_or(LARGEST);
    let mut batch = Batch {
        root: [0; 32],
        first: anchored.leaves,
        count,
    };
    let Some(depth) = batch.depth() else {
        return Ok(None);
    };
    batch.root = climb(&leaves, depth, 0).0;
    log.note(&batch)?;
    Ok(Some(batch))
}
