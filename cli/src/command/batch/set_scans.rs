//! `galen batch set-scans`

use provenance::instructions::SetScanPolicyArgs;
use provenance::state::ScanPolicy;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::show::View;
use crate::chain::change::Change;
use crate::chain::goods::Goods;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch set-scans`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch set-scans BATCH --kmh 1000 --limit 2
  galen batch set-scans BATCH --kmh 0 --limit 0       scans are not judged

Signed by an operator of the manufacturer with the permission manage-batch. A pack that was reported so many times from where it could
not have come in time, by another organization than before, is suspect, and the manufacturer's to release. With a limit of 1 one false
report beside an honest one is enough. Running it again is fine.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// Faster than this no pack moves: 100 to 2000
    #[arg(long, value_name = "SPEED")]
    kmh: u16,
    /// Reports after which a pack is suspect: 1 to 10
    #[arg(long, value_name = "COUNT")]
    limit: u8,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let policy = ScanPolicy {
        kmh: args.kmh,
        limit: args.limit,
    };
    if goods.batch.scan_policy() == policy {
        return Answer::new(&Change::unchanged(View::new(&goods)));
    }
    let manufacturer = goods.batch.manufacturer;
    let accounts = accounts::SetScanPolicy {
        operator: session.key(),
        operator_record: session.staff(&manufacturer, Permission::ManageBatch)?,
        manufacturer,
        batch: goods.address,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::SetScanPolicy {
        args: SetScanPolicyArgs { policy },
    };
    let intent = Intent::new("Say how scans are judged")
        .with("batch", goods.address)
        .with("no pack is faster than", format!("{} km/h", args.kmh))
        .with("suspect after", args.limit);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    let goods = Goods::read(cluster, args.batch)?;
    Answer::new(&Change::changed(View::new(&goods), receipt))
}
