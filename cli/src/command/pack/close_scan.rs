//! `galen pack close-scan`

use provenance::state::Scan;
use provenance::{accounts, instruction};

use super::named::Named;
use super::report_scan::{scans, View};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pack close-scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack close-scan BATCH batch.leaves --serial SN00000001

By anybody, thirty days after the last report where none was suspicious, else once records of the batch need not be kept. The rent goes
back to who paid it; the answer shows what was recorded.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let pack = args.named.find(cluster)?;
    let present = scans(cluster, &pack)?;
    let accounts = accounts::CloseScan {
        batch: pack.goods.address,
        scan: Scan::address(&pack.goods.address, pack.place),
        payer: present.payer,
    };
    let intent = Intent::new("Close the record of a pack's scans")
        .with("serial", args.named.serial())
        .with("rent to", present.payer);
    let receipt = session.perform(
        &intent,
        provenance::ID,
        &accounts,
        &instruction::CloseScan {},
    )?;
    Answer::new(&Change::changed(View::new(&pack, &present), receipt))
}
