//! `galen bond deposit`

use provenance::instructions::DepositBondArgs;
use provenance::state::Bond;
use provenance::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::{entity, token};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen bond deposit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond deposit BOND --amount 5000000
  galen bond deposit BOND --total 5000000

Money is cents: 5000000 is 50,000.00. `--amount` pays each time it is run; `--total` pays what is missing until so much has been
deposited since the bond's beginning, so running it again pays nothing. What is deposited is the manufacturer's to withdraw.")]
pub struct Args {
    /// The bond's address
    #[arg(value_name = "BOND")]
    bond: Pubkey,
    /// Pay so many cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "total")]
    amount: Option<u64>,
    /// Pay what is missing to so many cents deposited since the bond's beginning
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
    let cluster = session.cluster();
    let bond: Bond = entity::get(cluster, &args.bond)?;
    let amount = match (args.amount, args.total) {
        (Some(amount), _) => amount,
        (None, total) => total.unwrap_or_default().saturating_sub(bond.deposited),
    };
    if amount == 0 {
        return Answer::new(&Change::unchanged(View::read(cluster, args.bond)?));
    }
    let source = args
        .from
        .unwrap_or_else(|| token::associated(&session.key(), &bond.mint, &bond.token_program));
    let held = token::account(cluster, &source, &bond.mint)?.amount;
    let needed = bond.units(amount).map_err(|_| {
        CliError::new(
            "amount_overflow",
            format!("{amount} cents are more than the mint can count."),
        )
    })?;
    if held < needed {
        let message = format!("The token account {source} holds {held} smallest units, and {needed} are needed for {} ({amount} cents).", money(amount));
        return Err(CliError::new("insufficient_tokens", message));
    }
    let accounts = accounts::DepositBond {
        funder: session.key(),
        source,
        bond: args.bond,
        vault: bond.vault,
        mint: bond.mint,
        token_program: bond.token_program,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::DepositBond {
        args: DepositBondArgs { amount },
    };
    let intent = Intent::new("Put money into a bond")
        .with("bond", args.bond)
        .with("amount", money(amount))
        .with("mint", bond.mint)
        .with("from", source)
        .with("deposited so far", money(bond.deposited));
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::read(cluster, args.bond)?, receipt))
}
