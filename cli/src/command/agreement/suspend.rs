//! `galen agreement suspend`

use claims::state::AgreementStatus;

use super::status::{set, StatusArgs};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement suspend`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement suspend AGREEMENT

Services from tomorrow on (UTC), until the day of `galen agreement resume`, are not claimed under it. Those of until today
are, and wait for the insurer's decision. What is awarded already is paid.")]
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
        "Suspend an agreement",
        AgreementStatus::Suspended,
        &args.status,
        settings,
    )
}
