//! `galen bond open`

use provenance::instructions::OpenBondArgs;
use provenance::state::Bond;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::{entity, token};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen bond open`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond open --org MANUFACTURER --mint MINT
  galen bond open --org MANUFACTURER --mint MINT --number 2027

Signed by an operator of the manufacturer with the permission fund. The mint is of SPL Token, or of Token-2022 without an extension
that can take, freeze, tax or redirect money; it has 2 to 9 decimals. A bond is withdrawn once no batch that it covers is open: with
one for the batches of each year, what the old ones lock up comes back. Running it again is fine.")]
pub struct Args {
    /// The manufacturer's address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// The mint that the bond pays in
    #[arg(long, value_name = "MINT")]
    mint: Pubkey,
    /// Tells the manufacturer's bonds in one mint apart
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    number: u16,
    /// The program whose claims it pays back
    #[arg(long, value_name = "PROGRAM", default_value_t = claims::ID)]
    claims_program: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `bond_differs`, `wrong_mint`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let (manufacturer, _) = resolve(cluster, &args.org)?;
    let (bond, _) = Bond::find_address(&manufacturer, &args.mint, args.number);
    if let Some(there) = entity::find::<Bond>(cluster, &bond)? {
        if there.claims_program != args.claims_program {
            let message = format!(
                "The bond {bond} exists already, for claims of the program {}. Open one with another --number.",
                there.claims_program
            );
            return Err(CliError::new("bond_differs", message));
        }
        return Answer::new(&Change::unchanged(View::read(cluster, bond)?));
    }
    let accounts = accounts::OpenBond {
        operator: session.key(),
        operator_record: session.staff(&manufacturer, Permission::Fund)?,
        manufacturer,
        mint: args.mint,
        bond,
        vault: Bond::find_vault_address(&bond).0,
        token_program: token::program_of(cluster, &args.mint)?,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::OpenBond {
        args: OpenBondArgs {
            number: args.number,
            claims_program: args.claims_program,
        },
    };
    let intent = Intent::new("Open a bond")
        .with("bond", bond)
        .with("manufacturer", manufacturer)
        .with("mint", args.mint)
        .with("number", args.number)
        .with("for claims of", args.claims_program);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::created(View::read(cluster, bond)?, receipt))
}
