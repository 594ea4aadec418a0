//! `galen recall list`

use std::fmt;

use galen_rules::merkle::Subtree;
use provenance::convert::{level_of, recall_class, recall_depth};
use provenance::state::Node;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::goods::{class_name, depth_name, records, slot_name, Goods, PlaceName};
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen recall list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen recall list BATCH

Every recall in force in the batch, whole or of a part of it. `galen recall show BATCH PLACE` says who has acknowledged one.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
}

/// As JSON: a list of `{"place": "case:3", "of": "manufacturer" | "regulator", "issuer": "...", "class": "1", "depth": "consumer",
/// "number": 1, "issued_at": 1, "respond_by": 1}`; times are Unix seconds.
#[derive(Serialize)]
struct List(Vec<View>);

#[derive(Serialize)]
struct View {
    place: String,
    of: &'static str,
    issuer: String,
    class: &'static str,
    depth: &'static str,
    number: u32,
    issued_at: i64,
    respond_by: i64,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let goods = Goods::read(&cluster, args.batch)?;
    let mut list = Vec::new();
    for (_, node, _) in records::<Node>(&cluster, &goods.address)? {
        let Some(level) = level_of(node.level) else {
            continue;
        };
        let place = PlaceName(Subtree {
            level,
            index: node.index,
        });
        for (slot, recall) in goods.recalls(&cluster, place.0, &node)? {
            let Some(class) = recall_class(recall.class) else {
                continue;
            };
            list.push(View {
                place: place.to_string(),
                of: slot_name(slot),
                issuer: recall.issuer.to_string(),
                class: class_name(class),
                depth: depth_name(recall_depth(recall.depth)),
                number: recall.number,
                issued_at: recall.issued_at,
                respond_by: recall.respond_by,
            });
        }
    }
    list.sort_by(|one, other| {
        (one.issued_at, &one.place, one.of).cmp(&(other.issued_at, &other.place, other.of))
    });
    Answer::new(&List(list))
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("Nothing of the batch is recalled.");
        }
        for (number, one) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "{}  by {} ({}), class {}, depth {}, since {}, to be acknowledged by {}",
                one.place,
                one.issuer,
                one.of,
                one.class,
                one.depth,
                moment(one.issued_at),
                moment(one.respond_by)
            )?;
        }
        Ok(())
    }
}
