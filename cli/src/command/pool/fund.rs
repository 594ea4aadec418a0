//! `galen pool fund`

use claims::instructions::FundPoolArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::{entity, token};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen pool fund`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool fund POOL --amount 5000000
  galen pool fund POOL --total 5000000

Money is cents: 5000000 is 50,000.00. `--amount` pays each time it is run; `--total` pays what is missing until the pool
has been funded with so much since its beginning, so running it again pays nothing.")]
pub struct Args {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// Pay so many cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "total")]
    amount: Option<u64>,
    /// Pay what is missing to so many cents funded since the pool's beginning
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
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    let amount = match (args.amount, args.total) {
        (Some(amount), _) => amount,
        (None, total) => total.unwrap_or_default().saturating_sub(pool.funded),
    };
    if amount == 0 {
        return Answer::new(&Change::unchanged(View::with_vault(
            session.cluster(),
            args.pool,
            &pool,
        )?));
    }
    let source = args
        .from
        .unwrap_or_else(|| token::associated(&session.key(), &pool.mint, &pool.token_program));
    let held = token::account(session.cluster(), &source, &pool.mint)?.amount;
    let needed = pool.units(amount).map_err(|_| {
        CliError::new(
            "amount_overflow",
            format!("{amount} cents are more than the mint can count."),
        )
    })?;
    if held < needed {
        let message = format!("The token account {source} holds {held} smallest units, and {needed} are needed for {} ({amount} cents).", money(amount));
        return Err(CliError::new("insufficient_tokens", message));
    }
    let accounts = accounts::FundPool {
        funder: session.key(),
        source,
        pool: args.pool,
        vault: pool.vault,
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let data = instruction::FundPool {
        args: FundPoolArgs { amount },
    };
    let intent = Intent::new("Fund a pool")
        .with("pool", args.pool)
        .with("amount", money(amount))
        .with("mint", pool.mint)
        .with("from", source)
        .with("funded so far", money(pool.funded));
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.pool)?,
        receipt,
    ))
}
