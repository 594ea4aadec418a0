//! `galen trial remit`

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::instructions::RemitWithheldArgs;
use trials::{accounts, instruction};

use super::case::{Case, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial remit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial remit TRIAL --to TOKEN_ACCOUNT
  galen trial remit TRIAL --to TOKEN_ACCOUNT --amount 4800

Sends what was withheld from participants on its way to the tax authority. Signed by an operator of the sponsor with the permission
fund. Without --amount it sends all that is withheld, so running it again sends nothing.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The token account of the tax authority, or the sponsor's from which it pays
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    to: Pubkey,
    /// So many cents [default: all that is withheld]
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..))]
    amount: Option<u64>,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `more_than_withheld`, `wrong_token_account`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let trial = &case.trial;
    let amount = args.amount.unwrap_or(trial.withheld);
    if amount == 0 {
        return case.unchanged();
    }
    if amount > trial.withheld {
        let message = format!(
            "{} were to be sent, and {} are withheld.",
            money(amount),
            money(trial.withheld)
        );
        return Err(CliError::new("more_than_withheld", message));
    }
    token::account(case.cluster(), &args.to, &trial.mint)?;
    let accounts = accounts::RemitWithheld {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::Fund)?,
        sponsor: trial.sponsor,
        trial: case.address,
        vault: trial.vault,
        to: args.to,
        token_program: trial.token_program,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let admin = args.admin.at(case.session.now, trial.sequence);
    let intent = Intent::new("Remit withheld taxes")
        .with("trial", case.address)
        .with("amount", money(amount))
        .with("to", args.to)
        .with_admin(&admin);
    let data = instruction::RemitWithheld {
        args: RemitWithheldArgs { admin, amount },
    };
    case.execute(&intent, &accounts, &data)
}
