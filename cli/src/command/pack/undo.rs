//! `galen pack undo`

use provenance::instructions::UndoDispenseArgs;
use provenance::state::Dispense;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::dispense::{record, View};
use super::named::{Named, Whole};
use crate::chain::change::Change;
use crate::chain::goods::PlaceName;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pack undo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack undo BATCH batch.leaves --serial SN00000001 --org PHARMACY
  galen pack undo BATCH batch.leaves --serial SN00000001 --org PHARMACY --whole case

By the pharmacy that dispensed it, within ten days, where it has not been handed out and is neither expired, recalled, stolen nor
set aside. A case or pallet that was dispensed as a whole is undone as a whole. The answer shows the dispense that was undone.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// All of what the pack is part of
    #[arg(long, value_enum)]
    whole: Option<Whole>,
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
    let pack = args.named.find_whole(cluster, args.whole)?;
    let (pharmacy, _) = resolve(cluster, &args.org)?;
    let goods = &pack.goods;
    let record = record(cluster, &pack)?;
    let undone = View::new(&pack, &record);
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
        .with("what", PlaceName(pack.place))
        .with("serial", args.named.serial())
        .with("pharmacy", pharmacy);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(undone, receipt))
}
