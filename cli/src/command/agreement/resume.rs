//! `galen agreement resume`

use claims::state::AgreementStatus;

use super::status::{set, StatusArgs};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement resume`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement resume AGREEMENT

It is in force again from today on (UTC); for services of the days between there is none. An agreement that was only offered is accepted by the provider, not resumed.")]
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
        "End an agreement's suspension",
        AgreementStatus::Active,
        &args.status,
        settings,
    )
}
