//! `galen pack close`

use provenance::state::Dispense;
use provenance::{accounts, instruction};

use super::dispense::{record, View};
use super::named::{Named, Whole};
use crate::chain::change::Change;
use crate::chain::goods::PlaceName;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pack close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack close BATCH batch.leaves --serial SN00000001

By anybody, ten days after the dispense or once a reservation has lapsed. The rent goes back to who paid it; that the pack was
dispensed stays on its page.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
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
    let present = record(cluster, &pack)?;
    let accounts = accounts::CloseDispense {
        batch: Some(pack.goods.address),
        dispense: Dispense::address(&pack.goods.address, pack.place),
        payer: present.payer,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Close the record of a dispense")
        .with("what", PlaceName(pack.place))
        .with("rent to", present.payer);
    let data = instruction::CloseDispense {};
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::new(&pack, &present), receipt))
}
