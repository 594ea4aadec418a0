//! `galen claim settle`

use claims::state::{ClaimStatus, Course, Pool};
use claims::{accounts, instruction};
use registry::state::Config;
use solana_instruction::{AccountMeta, Instruction};
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
    let till = Till {
        pool_address: case.claim.pool,
        pool: &case.pool,
        agreement_address,
        payout: agreement.effective_payout(case.session.now),
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
    case.execute_all(&intent, &[till.settle(case.address)])
}

/// Out of which pool and to whom awards are paid.
pub struct Till<'a> {
    /// The pool's account.
    pub pool_address: Pubkey,
    /// The pool that pays.
    pub pool: &'a Pool,
    /// The agreement with the provider.
    pub agreement_address: Pubkey,
    /// The account that is paid.
    pub payout: Pubkey,
}

impl Till<'_> {
    /// What pays a claim, or its share of what has come in.
    pub fn settle(&self, claim: Pubkey) -> Instruction {
        let accounts = accounts::SettleClaim {
            config: Config::find_address().0,
            pool: self.pool_address,
            agreement: self.agreement_address,
            claim,
            vault: self.pool.vault,
            payout: self.payout,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::SettleClaim {})
    }

    /// What pays claims of the provider in one transfer; those that cannot be paid are passed over.
    pub fn settle_together(&self, claims: impl IntoIterator<Item = Pubkey>) -> Instruction {
        let accounts = accounts::SettleClaims {
            config: Config::find_address().0,
            pool: self.pool_address,
            agreement: self.agreement_address,
            vault: self.pool.vault,
            payout: self.payout,
            mint: self.pool.mint,
            token_program: self.pool.token_program,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let data = instruction::SettleClaims {};
        let mut settle = crate::chain::instruction(claims::ID, &accounts, &data);
        let claims = claims.into_iter();
        settle
            .accounts
            .extend(claims.map(|claim| AccountMeta::new(claim, false)));
        settle
    }
}
