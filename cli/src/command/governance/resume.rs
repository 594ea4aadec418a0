//! `galen governance resume`

use registry::instructions::EndPauseArgs;
use registry::{accounts, instruction};

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen governance resume`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance resume

Where no pause is running there is nothing to do, and that is fine.")]
pub struct Args {
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// The program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(settings)?;
    let Case {
        session,
        address,
        config,
    } = &case;
    if !config.is_paused(session.now) {
        return case.unchanged();
    }
    let accounts = accounts::EndPause {
        governance: session.key(),
        config: *address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, config.sequence);
    let data = instruction::EndPause {
        args: EndPauseArgs { admin },
    };
    let intent = Intent::new("End the pause")
        .with("configuration", address)
        .with_admin(&admin);
    case.execute(&intent, &accounts, &data)
}
