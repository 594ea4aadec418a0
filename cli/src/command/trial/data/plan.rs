//! `galen trial data plan`

use std::path::PathBuf;

use galen_rules::Date;
use registry::state::Permission;
use trials::constants::NO_DAY;
use trials::instructions::CommitPlanArgs;
use trials::state::{DataLog, PlanTerms};
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::publish::digest;
use super::super::read;
use super::show::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial data plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data plan TRIAL analysis-plan.pdf --results-within 365 --bond 5000000
  galen trial data plan TRIAL analysis-plan.pdf --results-by 2029-12-31

Binds the trial to its analysis plan while nobody has seen data: only its SHA-256 goes to the ledger. Results are due so many days
after the trial's end, or by a date at the latest; a bond is set aside in the escrow until then. Signed by an operator of the sponsor with
the permission manage-trial. Running it again with the same plan is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The analysis plan, in any format
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Days after the trial's last day within which results are due
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    results_within: u16,
    /// The last day for results, whenever the trial ends
    #[arg(long, value_name = "DATE")]
    results_by: Option<Date>,
    /// Set aside until results are committed to, in cents
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    bond: u64,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `other_plan`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let plan_digest = digest(&args.plan)?;
    let case = Case::open(&args.target, settings)?;
    let address = DataLog::find_address(&case.address).0;
    if let Some(log) = read::find::<DataLog>(case.cluster(), &address)? {
        if log.plan_digest != plan_digest {
            return Err(CliError::new(
                "other_plan",
                "The trial is bound to another analysis plan, for good.",
            ));
        }
        return Answer::new(&Change::unchanged(View::read(
            case.cluster(),
            &case.address,
        )?));
    }
    let terms = PlanTerms {
        plan_digest,
        results_days: args.results_within,
        results_latest: args.results_by.map_or(NO_DAY, Date::days),
        bond: args.bond,
    };
    let accounts = accounts::CommitPlan {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::ManageTrial)?,
        sponsor: case.trial.sponsor,
        trial: case.address,
        log: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Commit to an analysis plan")
        .with("trial", case.address)
        .with("results within", format!("{} days", args.results_within))
        .with("bond", money(args.bond));
    let data = instruction::CommitPlan {
        args: CommitPlanArgs { terms },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    Answer::new(&Change::created(
        View::read(case.cluster(), &case.address)?,
        receipt,
    ))
}
