//! `galen claim escalate`

use claims::{accounts, instruction};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen claim escalate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim escalate ADDRESS

Anybody may, once the insurer's time to decide is over. Nothing is paid by it: the claim still waits for the decision, and
everybody sees that it is late.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `decision_not_overdue`, `claim_not_pended`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(Session::open(settings)?, args.address)?;
    let intent =
        Intent::new("Note that a claim was not decided in time").with("claim", case.address);
    let escalate = instruction_of(case.address, case.claim.plan_version);
    case.execute_all(&intent, &[escalate])
}

/// What notes that the claim was not decided in time.
pub fn instruction_of(claim: Pubkey, plan_version: Pubkey) -> Instruction {
    let accounts = accounts::EscalateClaim {
        plan_version,
        claim,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    crate::chain::instruction(claims::ID, &accounts, &instruction::EscalateClaim {})
}
