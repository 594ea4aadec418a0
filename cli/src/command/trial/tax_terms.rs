//! `galen trial tax-terms`

use registry::state::Permission;
use trials::constants::NO_LIMIT;
use trials::instructions::SetTaxTermsArgs;
use trials::{accounts, instruction};

use super::case::{Case, Target};
use super::limit::Limit;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial tax-terms`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial tax-terms TRIAL --tax-threshold 205000
  galen trial tax-terms TRIAL --tax-threshold none --withholding-bps 0

Raises what somebody may earn in a calendar year before a tax form is needed (thresholds are indexed), or lowers what is withheld
without one; never the other way, so that nobody who takes part is worse off. It holds for what is earned from now on: what is held
already waits for a form or the participant's choice. Signed by an operator of the sponsor with the permission manage-trial. Running
it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Stipends of a year from which a tax form is needed, in cents, or none
    #[arg(long, value_name = "CENTS")]
    tax_threshold: Limit,
    /// Backup withholding from there on, in basis points [default: as it is]
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u16).range(..=10_000))]
    withholding_bps: Option<u16>,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let trial = &case.trial;
    let tax_threshold = args.tax_threshold.or(NO_LIMIT);
    let withholding_bps = args.withholding_bps.unwrap_or(trial.withholding_bps);
    if (tax_threshold, withholding_bps) == (trial.tax_threshold, trial.withholding_bps) {
        return case.unchanged();
    }
    let accounts = accounts::SetTaxTerms {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::ManageTrial)?,
        sponsor: trial.sponsor,
        trial: case.address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let admin = args.admin.at(case.session.now, trial.sequence);
    let intent = Intent::new("Set the tax terms of a trial")
        .with("trial", case.address)
        .with("tax form from", args.tax_threshold)
        .with("withheld without one, basis points", withholding_bps)
        .with_admin(&admin);
    let data = instruction::SetTaxTerms {
        args: SetTaxTermsArgs {
            admin,
            tax_threshold,
            withholding_bps,
        },
    };
    case.execute(&intent, &accounts, &data)
}
