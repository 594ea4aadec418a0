//! `galen pack hand-out`

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

/// Flags of `galen pack hand-out`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack hand-out BATCH batch.leaves --serial SN00000001 --org PHARMACY

Signed by an operator of the pharmacy that dispensed it, with the permission dispense-pack. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// The pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// All of what the pack is part of
    #[arg(long, value_enum)]
    whole: Option<Whole>,
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
    let present = record(cluster, &pack)?;
    if present.is_handed_out != 0 {
        return Answer::new(&Change::unchanged(View::new(&pack, &present)));
    }
    let accounts = accounts::HandOut {
        operator: session.key(),
        operator_record: session.staff(&pharmacy, Permission::DispensePack)?,
        pharmacy,
        dispense: Dispense::address(&pack.goods.address, pack.place),
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Hand out what was dispensed")
        .with("what", PlaceName(pack.place))
        .with("serial", args.named.serial())
        .with("from now on", "never undone");
    let receipt = session.perform(&intent, provenance::ID, &accounts, &instruction::HandOut {})?;
    Answer::new(&Change::changed(View::read(cluster, &pack)?, receipt))
}
