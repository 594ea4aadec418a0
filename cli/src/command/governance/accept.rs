//! `galen governance accept`

use registry::instructions::AcceptGovernanceArgs;
use registry::{accounts, instruction};

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen governance accept`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance accept -k new-governance.json

Signed by the key to which governance was offered.")]
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
    if config.governance == session.key() && config.proposed_governance.is_none() {
        return case.unchanged();
    }
    let accounts = accounts::AcceptGovernance {
        proposed_governance: session.key(),
        config: *address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, config.sequence);
    let data = instruction::AcceptGovernance {
        args: AcceptGovernanceArgs { admin },
    };
    let intent = Intent::new("Take governance of the registry over")
        .with("configuration", address)
        .with("from", config.governance)
        .with_admin(&admin);
    case.execute(&intent, &accounts, &data)
}
