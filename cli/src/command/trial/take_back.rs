//! `galen trial take-back`

use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;
use trials::instructions::WithdrawSurplusArgs;
use trials::{accounts, instruction};

use super::case::{foreseen, Case, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial take-back`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial take-back TRIAL --amount 250000
  galen trial take-back TRIAL --all --to TOKEN_ACCOUNT

Takes money out of the escrow that is neither set aside for participants nor earned. Signed by an operator of the sponsor with the
permission fund. `--amount` takes each time it is run; `--all` takes what is free, so running it again takes nothing. When the trial has
ended and owes nobody anything, what was sent to the vault past `galen trial fund` is free too.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// So many cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "all")]
    amount: Option<u64>,
    /// All that is free
    #[arg(long, conflicts_with = "amount")]
    all: bool,
    /// The token account that receives it [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    to: Option<Pubkey>,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `more_than_free`, `wrong_token_account`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let free = free(&case)?;
    let amount = args.amount.unwrap_or(free);
    if amount == 0 {
        return case.unchanged();
    }
    if amount > free {
        let message = format!("{} were to be taken, and {} are free; the rest is set aside for participants, or earned.", money(amount), money(free));
        return Err(CliError::new("more_than_free", message));
    }
    let trial = &case.trial;
    let to = args.to.unwrap_or_else(|| {
        token::associated(&case.session.key(), &trial.mint, &trial.token_program)
    });
    token::account(case.cluster(), &to, &trial.mint)?;
    let accounts = accounts::WithdrawSurplus {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::Fund)?,
        sponsor: trial.sponsor,
        config: Config::find_address().0,
        trial: case.address,
        vault: trial.vault,
        to,
        token_program: trial.token_program,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let admin = args.admin.at(case.session.now, trial.sequence);
    let intent = Intent::new("Take back what is free in a trial's escrow")
        .with("trial", case.address)
        .with("amount", money(amount))
        .with("to", to)
        .with_admin(&admin);
    let data = instruction::WithdrawSurplus {
        args: WithdrawSurplusArgs { admin, amount },
    };
    case.execute(&intent, &accounts, &data)
}

/// What can be taken: what the program will find free.
fn free(case: &Case) -> Result<u64> {
    let mut trial = case.trial;
    let vault = token::account(case.cluster(), &trial.vault, &trial.mint)?;
    trial
        .count_donations(vault.amount)
        .and_then(|_| trial.free())
        .map_err(|error| foreseen(&error))
}
