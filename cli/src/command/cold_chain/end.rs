//! `galen cold-chain end`

use galen_rules::merkle::Subtree;
use provenance::instructions::EndMonitoringArgs;
use provenance::state::Monitor;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::{monitor, View};
use crate::chain::change::Change;
use crate::chain::goods::{zero_copy, Goods, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen cold-chain end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain end BATCH case:3 --org PHARMACY

Signed by an operator of who has the goods, with the permission hand-over. The time since the last report is a gap. What is outside
its limits is set aside, and the watch goes on until that is assessed: the answer then still shows a verdict of quarantine. Where
something was used up of what excursions may take, the record stays for the next device; else its rent comes back. Without
--org, by anybody, once records of the batch need not be kept.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// Who has the goods: its address or id
    #[arg(long, value_name = "ORG")]
    org: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let of: Subtree = args.place.0;
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    let before = monitor(cluster, &goods, of)?;
    let organization = args
        .org
        .as_ref()
        .map(|name| resolve(cluster, name).map(|(address, _)| address))
        .transpose()?;
    let operator_record = organization
        .as_ref()
        .map(|organization| session.staff(organization, Permission::HandOver))
        .transpose()?;
    let address = Monitor::address(&goods.address, of);
    let accounts = accounts::EndMonitoring {
        operator: organization.map(|_| session.key()),
        operator_record,
        organization,
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        monitor: address,
        payer: before.payer,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::EndMonitoring {
        args: EndMonitoringArgs {
            place: args.place.argument(),
        },
    };
    let intent = Intent::new("End the watch over goods")
        .with("over", format!("{} of {}", args.place, goods.address))
        .with(
            "device",
            before
                .watching()
                .map_or("none".to_owned(), |device| device.to_string()),
        );
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    // What is left of it is what is to be assessed, or what was used up; else what it was.
    let after = zero_copy::<Monitor>(cluster, &address, "monitor")?;
    let is_within = after.as_ref().is_none_or(|monitor| !monitor.is_excursion());
    let view = View::new(&goods, of, &after.unwrap_or(before));
    Answer::new(&Change::changed(view, receipt)).map(|answer| answer.with_success(is_within))
}
