//! `galen cold-chain assess`

use std::path::PathBuf;

use provenance::instructions::AssessExcursionArgs;
use provenance::state::Monitor;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::goods::{digest_of, Goods, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen cold-chain assess`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain assess BATCH case:3 --org MANUFACTURER --release --assessment report.pdf
  galen cold-chain assess BATCH case:3 --org MANUFACTURER --condemn --assessment report.pdf

Signed by an operator of the manufacturer, or of a regulator, with the permission recall-batch. What is released begins anew: its
next excursion counts from zero. What is condemned stays set aside for good.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// The manufacturer or a regulator: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// It is fit: released
    #[arg(long, conflicts_with = "condemn", required_unless_present = "condemn")]
    release: bool,
    /// It is not fit: condemned
    #[arg(long)]
    condemn: bool,
    /// The assessment; its hash is written
    #[arg(long, value_name = "FILE")]
    assessment: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let (organization, _) = resolve(cluster, &args.org)?;
    let of = args.place.0;
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    View::read(cluster, &goods, of)?;
    let accounts = accounts::AssessExcursion {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::RecallBatch)?,
        organization,
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        monitor: Monitor::address(&goods.address, of),
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let is_released = args.release && !args.condemn;
    let data = instruction::AssessExcursion {
        args: AssessExcursionArgs {
            place: args.place.argument(),
            is_released,
            assessment: digest_of(&args.assessment)?,
        },
    };
    let intent = Intent::new("Assess an excursion")
        .with("of", format!("{} of {}", args.place, goods.address))
        .with("by", organization)
        .with("it is", if is_released { "released" } else { "condemned" });
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::read(cluster, &goods, of)?, receipt))
}
