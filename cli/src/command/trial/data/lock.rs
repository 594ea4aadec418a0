//! `galen trial data lock`

use registry::state::Permission;
use trials::constants::NO_DAY;
use trials::instructions::LockDataArgs;
use trials::state::DataLog;
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::read;
use super::show::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::text::hex;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial data lock`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data lock TRIAL

Locks the data of a trial that has ended: nothing can be anchored any more, and what has been is final. Signed by an operator of the
sponsor with the permission manage-trial. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let address = DataLog::find_address(&case.address).0;
    let log: DataLog = read::get(case.cluster(), &address)?;
    if log.locked_on != NO_DAY {
        return Answer::new(&Change::unchanged(View::read(
            case.cluster(),
            &case.address,
        )?));
    }
    let accounts = accounts::LockData {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::ManageTrial)?,
        sponsor: case.trial.sponsor,
        trial: case.address,
        log: address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Lock a trial's data")
        .with("trial", case.address)
        .with("data points", log.leaves)
        .with("root", hex(&log.root));
    let data = instruction::LockData {
        args: LockDataArgs { root: log.root },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(case.cluster(), &case.address)?,
        receipt,
    ))
}
