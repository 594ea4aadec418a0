//! `galen governance propose`

use registry::instructions::ProposeGovernanceArgs;
use registry::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::text::key_or_none;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen governance propose`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance propose KEY
  galen governance propose --withdraw

Nothing changes until the other key accepts with `galen governance accept`.")]
pub struct Args {
    /// The key to offer governance to
    #[arg(value_name = "KEY", required_unless_present = "withdraw")]
    proposed: Option<Pubkey>,
    /// Withdraw an offer
    #[arg(long, conflicts_with = "proposed")]
    withdraw: bool,
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
    if config.proposed_governance == args.proposed {
        return case.unchanged();
    }
    let accounts = accounts::ProposeGovernance {
        governance: session.key(),
        config: *address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, config.sequence);
    let data = instruction::ProposeGovernance {
        args: ProposeGovernanceArgs {
            admin,
            proposed: args.proposed,
        },
    };
    let intent = Intent::new("Offer governance of the registry")
        .with("configuration", address)
        .with("to", key_or_none(args.proposed))
        .with_admin(&admin);
    case.execute(&intent, &accounts, &data)
}
