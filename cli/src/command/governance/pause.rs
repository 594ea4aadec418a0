//! `galen governance pause`

use registry::instructions::PauseArgs;
use registry::{accounts, instruction};

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::when::{moment, Span};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen governance pause`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance pause --for 24h

A pause stops new awards; awards older than 24 hours stay payable. It ends by itself, and the next one has to wait 72
hours after its end.")]
pub struct Args {
    /// Length of the pause, at most 72h
    #[arg(long = "for", value_name = "SPAN")]
    length: Span,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `already_paused` where a pause of another length is running, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(settings)?;
    let Case {
        session,
        address,
        config,
    } = &case;
    let seconds = args.length.seconds();
    if config.is_paused(session.now) {
        if config.pause.until.saturating_sub(config.pause.started_at) == seconds {
            return case.unchanged();
        }
        let message = format!("A pause is running until {}; it cannot be made longer or shorter. Governance can end it with `galen governance resume`.", moment(config.pause.until));
        return Err(CliError::new("already_paused", message));
    }
    let accounts = accounts::PauseAwards {
        guardian: session.key(),
        config: *address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, config.sequence);
    let data = instruction::Pause {
        args: PauseArgs {
            admin,
            duration: seconds,
        },
    };
    let intent = Intent::new("Pause new awards")
        .with("configuration", address)
        .with("until", moment(session.now.saturating_add(seconds)))
        .with_admin(&admin);
    case.execute(&intent, &accounts, &data)
}
