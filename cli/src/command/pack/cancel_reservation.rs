//! `galen pack cancel-reservation`

use provenance::state::Dispense;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::dispense::{record, View};
use super::named::Named;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pack cancel-reservation`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack cancel-reservation BATCH batch.leaves --serial SN00000001 --org PHARMACY

Signed by an operator of the pharmacy that made it, with the permission dispense-pack. The rent goes back to who paid it; the answer
shows the reservation as it was.")]
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
    let present = record(cluster, &pack)?;
    let accounts = accounts::CancelReservation {
        operator: session.key(),
        operator_record: session.staff(&pharmacy, Permission::DispensePack)?,
        pharmacy,
        dispense: Dispense::address(&pack.goods.address, pack.place),
        payer: present.payer,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Give a reservation up")
        .with("serial", args.named.serial())
        .with("claim", present.claim);
    let data = instruction::CancelReservation {};
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::new(&pack, &present), receipt))
}
