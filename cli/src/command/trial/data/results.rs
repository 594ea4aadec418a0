//! `galen trial data results`

use std::path::PathBuf;

use registry::state::Permission;
use trials::constants::NO_DAY;
use trials::instructions::CommitResultsArgs;
use trials::state::DataLog;
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::publish::digest;
use super::super::read;
use super::show::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial data results`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data results TRIAL report.pdf

Commits to the results of a trial whose data are locked: only their SHA-256 goes to the ledger. In time, the bond is free again; late, that
it is late stays visible. Signed by an operator of the sponsor with the permission manage-trial. Running it again with the same results is
fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The results, in any format
    #[arg(value_name = "RESULTS")]
    results: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_found`, `other_results`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let digest = digest(&args.results)?;
    let case = Case::open(&args.target, settings)?;
    let address = DataLog::find_address(&case.address).0;
    let log: DataLog = read::get(case.cluster(), &address)?;
    if log.results_on != NO_DAY {
        if log.results_digest != digest {
            return Err(CliError::new(
                "other_results",
                "The trial is bound to other results, for good.",
            ));
        }
        return Answer::new(&Change::unchanged(View::read(
            case.cluster(),
            &case.address,
        )?));
    }
    let accounts = accounts::CommitResults {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::ManageTrial)?,
        sponsor: case.trial.sponsor,
        trial: case.address,
        log: address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Commit to a trial's results").with("trial", case.address);
    let data = instruction::CommitResults {
        args: CommitResultsArgs { digest },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(case.cluster(), &case.address)?,
        receipt,
    ))
}
