//! `galen claim link-replacement`

use claims::state::Claim;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen claim link-replacement`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim link-replacement REVERSED --by CORRECTED

For a corrected claim that the provider filed after the insurer had taken the first one back: each then says the other's
number. What the insurer puts in a claim's place is linked by itself.")]
pub struct Args {
    /// The account of the claim that was reversed
    #[arg(value_name = "REVERSED")]
    address: Pubkey,
    /// The account of the claim that was filed in its place
    #[arg(long = "by", value_name = "CORRECTED")]
    replacement: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `claim_not_replaceable`, `claim_of_other_member`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(Session::open(settings)?, args.address)?;
    let replacement: Claim = entity::get(case.session.cluster(), &args.replacement)?;
    if case.claim.course.replaced_by == replacement.claim_id {
        return case.unchanged();
    }
    let accounts = accounts::LinkReplacement {
        operator: case.session.key(),
        operator_record: case
            .session
            .staff(&case.claim.provider, Permission::SubmitClaim)?,
        provider: case.claim.provider,
        claim: case.address,
        replacement: args.replacement,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Link a reversed claim and the one in its place")
        .with("reversed", case.address)
        .with("in its place", args.replacement);
    case.execute(&intent, &accounts, &instruction::LinkReplacement {})
}
