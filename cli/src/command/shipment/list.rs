//! `galen shipment list`

use std::fmt;

use anchor_lang::Discriminator;
use galen_rules::merkle::Subtree;
use provenance::convert::level_of;
use provenance::state::{decode_zero_copy, Shipment};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset};
use crate::chain::goods::PlaceName;
use crate::chain::organization::resolve;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen shipment list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen shipment list --org PHARMACY
  galen shipment list --org PHARMACY --output json

What is offered to the organization and what it offers, of all batches, the nearest deadline first. `galen shipment accept BATCH PLACE` takes
over what is offered to it.")]
pub struct Args {
    /// The recipient or the sender: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
}

/// As JSON: a list of `{"batch": "...", "place": "pallet:0", "direction": "in" | "out", "sender": "...", "recipient": "...",
/// "offered_at": 1, "accept_by": 1, "lapsed": false, "sale": true, "return": false}`; times are Unix seconds.
#[derive(Serialize)]
struct List(Vec<View>);

#[derive(Serialize)]
struct View {
    batch: String,
    place: String,
    direction: &'static str,
    sender: String,
    recipient: String,
    offered_at: i64,
    accept_by: i64,
    lapsed: bool,
    sale: bool,
    #[serde(rename = "return")]
    is_return: bool,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let (organization, _) = resolve(&cluster, &args.org)?;
    let now = cluster.unix_time()?;
    let mut list = Vec::new();
    for (direction, at) in [
        ("in", offset::SHIPMENT_RECIPIENT),
        ("out", offset::SHIPMENT_SENDER),
    ] {
        let found = entity::raw(
            &cluster,
            &provenance::ID,
            Shipment::DISCRIMINATOR,
            &[(at, organization)],
        )?;
        for (address, account) in found {
            let wrong = || {
                let message = format!(
                    "{address} is not the address of a shipment: something else is there, or another version of it."
                );
                CliError::new("wrong_account", message)
            };
            let shipment: Shipment = decode_zero_copy(&account.data).map_err(|_| wrong())?;
            let level = level_of(shipment.level).ok_or_else(wrong)?;
            list.push(View::new(direction, &shipment, level, now));
        }
    }
    list.sort_by(|one, other| {
        (one.accept_by, &one.batch, &one.place).cmp(&(other.accept_by, &other.batch, &other.place))
    });
    Answer::new(&List(list))
}

impl View {
    fn new(
        direction: &'static str,
        shipment: &Shipment,
        level: galen_rules::merkle::Level,
        now: i64,
    ) -> Self {
        let place = Subtree {
            level,
            index: shipment.index,
        };
        Self {
            batch: shipment.batch.to_string(),
            place: PlaceName(place).to_string(),
            direction,
            sender: shipment.sender.to_string(),
            recipient: shipment.recipient.to_string(),
            offered_at: shipment.offered_at,
            accept_by: shipment.accept_by,
            lapsed: now > shipment.accept_by,
            sale: shipment.is_sale != 0,
            is_return: shipment.is_return != 0,
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("Nothing is on offer to or by it.");
        }
        for (number, one) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let way = match one.direction {
                "in" => format!("from {}", one.sender),
                _ => format!("to {}", one.recipient),
            };
            let until = moment(one.accept_by);
            let deadline = match one.lapsed {
                true => format!("lapsed {until}"),
                false => format!("until {until}"),
            };
            let kind = match (one.is_return, one.sale) {
                (true, _) => "return",
                (false, true) => "sale",
                (false, false) => "without sale",
            };
            write!(f, "{} {}  {way}, {kind}, {deadline}", one.batch, one.place)?;
        }
        Ok(())
    }
}
