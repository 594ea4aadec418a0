//! `galen claim settle`

use claims::state::{ClaimStatus, Course};
use claims::{accounts, instruction};
use registry::state::Config;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim settle`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim settle ADDRESS

Anybody may: what is awarded is owed. Money that comes into a pool is shared among all who wait for it, in proportion to
what each lacks; this pays the claim's share, the last one with interest where it is late. Where the money is there and the
provider's account is closed or frozen, this stops the clock instead, once; it runs again when the account takes money.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `pool_underfunded`, `claim_not_payable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(Session::open(settings)?, args.address)?;
    let interest_owed = case.claim.course.has(Course::INTEREST_OWED);
    if case.claim.status == ClaimStatus::Paid && !interest_owed {
        return case.unchanged();
    }
    let (agreement_address, agreement) = case.agreement()?;
    let accounts = accounts::SettleClaim {
        config: Config::find_address().0,
        pool: case.claim.pool,
        agreement: agreement_address,
        claim: case.address,
        vault: case.pool.vault,
        payout: agreement.effective_payout(case.session.now),
        mint: case.pool.mint,
        token_program: case.pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Pay a claim that waited")
        .with("claim", case.address)
        .with(
            "amount",
            money(if case.claim.money_reserved {
                case.claim.due()
            } else {
                case.claim.share(&case.pool.rounds)
            }),
        );
    case.execute(&intent, &accounts, &instruction::SettleClaim {})
}
