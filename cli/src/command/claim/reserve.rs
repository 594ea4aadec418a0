//! `galen claim reserve`

use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim reserve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim reserve ADDRESS

While an award waits unfunded, the pool pays nothing new at once. Where the pool has the money and the payment still cannot
be delivered (the payout account is frozen or closed, or a pause holds younger awards), setting the money aside lets the
others be paid; `galen claim settle` pays it later. Anybody may.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `claim_not_payable`, `pool_underfunded`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(Session::open(settings)?, args.address)?;
    if case.claim.money_reserved {
        return case.unchanged();
    }
    let accounts = accounts::ReserveClaim {
        pool: case.claim.pool,
        claim: case.address,
        vault: case.pool.vault,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Set money aside for a claim that waits")
        .with("claim", case.address)
        .with("amount", money(case.claim.totals.paid));
    case.execute(&intent, &accounts, &instruction::ReserveClaim {})
}
