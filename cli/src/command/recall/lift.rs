//! `galen recall lift`

use std::path::PathBuf;

use provenance::instructions::LiftRecallArgs;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{digest_of, Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen recall lift`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen recall lift BATCH case:3 --org REGULATOR --reason letter.pdf

Signed by an operator, with the permission recall-batch, of who issued it.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// Who issued it: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// The document that says why; its hash is written
    #[arg(long, value_name = "FILE")]
    reason: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `place_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let (organization, _) = resolve(cluster, &args.org)?;
    let of = args.place.0;
    let accounts = accounts::LiftRecall {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::RecallBatch)?,
        organization,
        batch: goods.address,
        node: goods.records(of)?.0,
        recall_list: goods.recall_list(cluster, of, &organization)?,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::LiftRecall {
        args: LiftRecallArgs {
            place: args.place.argument(),
            reason: digest_of(&args.reason)?,
        },
    };
    let intent = Intent::new("Lift a recall")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("by", organization);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        PlaceView::read(cluster, &goods, of)?,
        receipt,
    ))
}
