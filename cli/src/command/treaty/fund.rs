//! `galen treaty fund`

use claims::instructions::FundLayerArgs;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::funding::{Currency, DepositFlags};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen treaty fund`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty fund TREATY --amount 5000000
  galen treaty fund TREATY --total 5000000

Money is cents. `--amount` pays each time it is run; `--total` pays what is missing until the layer has been funded with so
much since its beginning, so running it again pays nothing.")]
pub struct Args {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
    #[command(flatten)]
    deposit: DepositFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `treaty_not_in_force`, `wrong_token_account`, `insufficient_tokens`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::in_force(args.treaty, settings)?;
    let Case {
        session,
        treaty,
        pool,
        ..
    } = &case;
    let Some(amount) = args.deposit.cents(treaty.funded) else {
        return case.unchanged();
    };
    let currency = Currency {
        mint: &pool.mint,
        token_program: &pool.token_program,
    };
    let units = pool.units(amount);
    let source = args.deposit.source(session, &currency, amount, units)?;
    let accounts = accounts::FundLayer {
        funder: session.key(),
        source,
        pool: treaty.pool,
        treaty: args.treaty,
        layer_vault: treaty.vault,
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Fund a treaty's layer")
        .with("treaty", args.treaty)
        .with("amount", money(amount))
        .with("mint", pool.mint)
        .with("from", source)
        .with("funded so far", money(treaty.funded));
    let data = instruction::FundLayer {
        args: FundLayerArgs { amount },
    };
    case.execute(&intent, &accounts, &data)
}
