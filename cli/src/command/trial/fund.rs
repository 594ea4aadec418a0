//! `galen trial fund`

use solana_pubkey::Pubkey;
use trials::instructions::FundTrialArgs;
use trials::{accounts, instruction};

use super::read;
use super::view::View;
use crate::chain::change::Change;
use crate::chain::funding::{Currency, DepositFlags};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
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
    #[command(flatten)]
    deposit: DepositFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_token_account`, `insufficient_tokens`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let trial = read::trial(session.cluster(), &args.trial)?;
    let Some(amount) = args.deposit.cents(trial.funded) else {
        return Answer::new(&Change::unchanged(View::read(
            session.cluster(),
            args.trial,
        )?));
    };
    let currency = Currency {
        mint: &trial.mint,
        token_program: &trial.token_program,
    };
    let units = trial.units(amount);
    let source = args.deposit.source(&session, &currency, amount, units)?;
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
