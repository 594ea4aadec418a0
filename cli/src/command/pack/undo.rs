//! `galen pack undo`

use provenance::instructions::UndoDispenseArgs;
use provenance::state::Dispense;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::dispense::View;
use super::named::Named;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack undo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack undo BATCH batch.leaves --serial SN00000001 --org PHARMACY

By the pharmacy that dispensed it, within ten days, where it has not been handed out and is neither expired, recalled, stolen nor
set aside. The answer shows the dispense that was undone.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// The pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let pack = args.named.find(cluster)?;
    let (pharmacy, _) = resolve(cluster, &args.org)?;
    let goods = &pack.goods;
    let undone = View::read(cluster, &pack)?;
    let record = goods
        .dispense(cluster, pack.place)?
        .ok_or_else(|| CliError::new("not_found", "The pack is not dispensed."))?;
    let (node, [case_above, pallet_above, batch_above]) = goods.records(pack.place)?;
    let accounts = accounts::UndoDispense {
        operator: session.key(),
        operator_record: session.staff(&pharmacy, Permission::DispensePack)?,
        pharmacy,
        batch: goods.address,
        page: goods.page_of(pack.place),
        node,
        case_above,
        pallet_above,
        batch_above,
        dispense: Dispense::address(&goods.address, pack.place),
        payer: record.payer,
        claim: None,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::UndoDispense {
        args: UndoDispenseArgs {
            place: pack.place.into(),
        },
    };
    let intent = Intent::new("Undo a dispense")
        .with("serial", args.named.serial())
        .with("pharmacy", pharmacy);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(undone, receipt))
}
