//! `galen pool fund`

use claims::instructions::FundPoolArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::funding::{Currency, DepositFlags};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
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
    #[command(flatten)]
    deposit: DepositFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_token_account`, `insufficient_tokens`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    let Some(amount) = args.deposit.cents(pool.funded) else {
        return Answer::new(&Change::unchanged(View::with_vault(
            session.cluster(),
            args.pool,
            &pool,
        )?));
    };
    let currency = Currency {
        mint: &pool.mint,
        token_program: &pool.token_program,
    };
    let units = pool.units(amount);
    let source = args.deposit.source(&session, &currency, amount, units)?;
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
