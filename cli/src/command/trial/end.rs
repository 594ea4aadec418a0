//! `galen trial end`

use clap::ValueEnum;
use registry::state::Permission;
use trials::constants::NO_DAY;
use trials::instructions::EndTrialArgs;
use trials::state::EndReason;
use trials::{accounts, instruction};

use super::case::{Case, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial end TRIAL --reason complete
  galen trial end TRIAL --reason safety

Today is then the last day of visits. What was earned is paid, the bonus in proportion, and the rest goes back to the sponsor.
Signed by an operator of the sponsor with the permission manage-trial; for safety by one of the ethics board with
oversee-trial. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Why
    #[arg(long, value_name = "REASON")]
    reason: Reasons,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Why a trial ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reasons {
    /// It is complete
    Complete,
    /// The sponsor ends it
    Sponsor,
    /// The ethics board ends it for safety
    Safety,
}

impl From<Reasons> for EndReason {
    fn from(reason: Reasons) -> Self {
        match reason {
            Reasons::Complete => Self::Complete,
            Reasons::Sponsor => Self::Sponsor,
            Reasons::Safety => Self::Safety,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `ended_differently`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let reason = EndReason::from(args.reason);
    if case.trial.ended_on != NO_DAY {
        if case.trial.end_reason == reason.stored() {
            return case.unchanged();
        }
        let message =
            "The trial has ended already, for another reason; `galen trial show` says when.";
        return Err(CliError::new("ended_differently", message));
    }
    let (organization, operator_record, sequence) = match args.reason {
        Reasons::Safety => (
            case.trial.board,
            case.board_record()?,
            case.trial.caps_sequence,
        ),
        Reasons::Complete | Reasons::Sponsor => (
            case.trial.sponsor,
            case.sponsor_record(Permission::ManageTrial)?,
            case.trial.sequence,
        ),
    };
    let accounts = accounts::EndTrial {
        operator: case.session.key(),
        operator_record,
        organization,
        trial: case.address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let admin = args.admin.at(case.session.now, sequence);
    let intent = Intent::new("End a trial")
        .with("trial", case.address)
        .with("reason", format!("{:?}", args.reason))
        .with("last day of visits", case.today()?)
        .with_admin(&admin);
    let data = instruction::EndTrial {
        args: EndTrialArgs { admin, reason },
    };
    case.execute(&intent, &accounts, &data)
}
