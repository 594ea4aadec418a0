//! `galen agreement end`

use claims::state::AgreementStatus;

use super::status::{set, StatusArgs};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement end AGREEMENT

What is awarded already is paid. Services of until today (UTC) can still be claimed: they wait for the insurer's decision.
The insurer can offer it anew with `galen agreement offer`.")]
pub struct Args {
    #[command(flatten)]
    status: StatusArgs,
}

/// Runs the command.
///
/// # Errors
/// Those of [`set`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    set(
        "End an agreement",
        AgreementStatus::Ended,
        &args.status,
        settings,
    )
}
