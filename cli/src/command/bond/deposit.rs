//! `galen bond deposit`

use provenance::instructions::DepositBondArgs;
use provenance::state::Bond;
use provenance::{accounts, instruction};
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
    #[command(flatten)]
    deposit: DepositFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_token_account`, `insufficient_tokens`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let bond: Bond = entity::get(cluster, &args.bond)?;
    let Some(amount) = args.deposit.cents(bond.deposited) else {
        return Answer::new(&Change::unchanged(View::read(cluster, args.bond)?));
    };
    let currency = Currency {
        mint: &bond.mint,
        token_program: &bond.token_program,
    };
    let units = bond.units(amount);
    let source = args.deposit.source(&session, &currency, amount, units)?;
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
