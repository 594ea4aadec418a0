//! `galen treaty fund`

use claims::instructions::FundLayerArgs;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
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
    /// Pay so many cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "total")]
    amount: Option<u64>,
    /// Pay what is missing to so many cents funded since the layer's beginning
    #[arg(long, value_name = "CENTS", conflicts_with = "amount")]
    total: Option<u64>,
    /// The token account that pays [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    from: Option<Pubkey>,
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
    let amount = match (args.amount, args.total) {
        (Some(amount), _) => amount,
        (None, total) => total.unwrap_or_default().saturating_sub(treaty.funded),
    };
    if amount == 0 {
        return case.unchanged();
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
