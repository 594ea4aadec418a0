//! `galen governance set-guardian`

use registry::instructions::SetGuardianArgs;
use registry::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen governance set-guardian`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance set-guardian KEY")]
pub struct Args {
    /// The key that may start a pause
    #[arg(value_name = "KEY")]
    guardian: Pubkey,
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
    if config.guardian == args.guardian {
        return case.unchanged();
    }
    let accounts = accounts::SetGuardian {
        governance: session.key(),
        config: *address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, config.sequence);
    let data = instruction::SetGuardian {
        args: SetGuardianArgs {
            admin,
            guardian: args.guardian,
        },
    };
    let intent = Intent::new("Appoint the guardian")
        .with("configuration", address)
        .with("guardian", args.guardian)
        .with("instead of", config.guardian)
        .with_admin(&admin);
    case.execute(&intent, &accounts, &data)
}
