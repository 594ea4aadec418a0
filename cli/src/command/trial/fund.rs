//! `galen trial fund`

use solana_pubkey::Pubkey;
use trials::instructions::FundTrialArgs;
use trials::{accounts, instruction};

use super::read;
use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial fund`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial fund TRIAL --amount 5000000
  galen trial fund TRIAL --total 5000000

Money is cents: 5000000 is 50,000.00. `--amount` pays each time it is run; `--total` pays what is missing until the trial
has been funded with so much since its beginning, so running it again pays nothing.")]
pub struct Args {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    trial: Pubkey,
    /// Pay so many cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "total")]
    amount: Option<u64>,
    /// Pay what is missing to so many cents funded since the trial's beginning
    #[arg(long, value_name = "CENTS", conflicts_with = "amount")]
    total: Option<u64>,
    /// The token account that pays [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    from: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_token_account`, `insufficient_tokens`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let trial = read::trial(session.cluster(), &args.trial)?;
    let amount = match (args.amount, args.total) {
        (Some(amount), _) => amount,
        (None, total) => total.unwrap_or_default().saturating_sub(trial.funded),
    };
    if amount == 0 {
        return Answer::new(&Change::unchanged(View::read(
            session.cluster(),
            args.trial,
        )?));
    }
    let source = args
        .from
        .unwrap_or_else(|| token::associated(&session.key(), &trial.mint, &trial.token_program));
    let held = token::account(session.cluster(), &source, &trial.mint)?.amount;
    let needed = trial.units(amount).map_err(|_| {
        CliError::new(
            "amount_overflow",
            format!("{amount} cents are more than the mint can count."),
        )
    })?;
    if held < needed {
        let message = format!("The token account {source} holds {held} smallest units, and {needed} are needed for {} ({amount} cents).", money(amount));
        return Err(CliError::new("insufficient_tokens", message));
    }
    let accounts = accounts::FundTrial {
        funder: session.key(),
        source,
        trial: args.trial,
        vault: trial.vault,
        mint: trial.mint,
        token_program: trial.token_program,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let data = instruction::FundTrial {
        args: FundTrialArgs { amount },
    };
    let intent = Intent::new("Fund a trial")
        .with("trial", args.trial)
        .with("amount", money(amount))
        .with("mint", trial.mint)
        .with("from", source)
        .with("funded so far", money(trial.funded));
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(trials::ID, &accounts, &data)],
        &[],
    )?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.trial)?,
        receipt,
    ))
}
