//! What has happened to a batch: the events that the provenance program wrote, in their order, read from the transactions.

use anchor_lang::{AnchorDeserialize, Discriminator};
use provenance::convert::Place;
use provenance::events::{
    BatchRegistered, DispenseUndone, ExcursionAssessed, ExcursionFound, HandedOut, PackDispensed,
    PackFilled, RecallIssued, RecallLifted, ScanReported, ShipmentAccepted, ShipmentEnded,
    ShipmentOffered, StatusSet, SubtreeDispensed,
};
use serde_json::{json, Value};
use solana_client::rpc_client::GetConfirmedSignaturesForAddress2Config;
use solana_client::rpc_request::RpcRequest;
use solana_pubkey::Pubkey;
use solana_signature::Signature;

use crate::cluster::{unreachable, Cluster};
use crate::error::{CliError, Result};

/// Signatures that a node tells at a time.
const PAGE: usize = 1_000;

/// Something that happened to a batch.
pub struct Entry {
    /// The transaction.
    pub signature: String,
    /// Unix second of its block.
    pub at: i64,
    /// What.
    pub event: Event,
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What the program wrote of goods. What it writes of its own books (pages, records, devices) is left out.
        pub enum Event {
            $($(#[$doc])* $name($name),)*
        }

        impl Event {
            fn read(bytes: &[u8]) -> Option<Self> {
                $(if let Some(mut content) = bytes.strip_prefix($name::DISCRIMINATOR) {
                    return $name::deserialize(&mut content).ok().map(Self::$name);
                })*
                None
            }

            /// The batch that it is about.
            pub fn batch(&self) -> &Pubkey {
                match self {
                    $(Self::$name(event) => &event.batch,)*
                }
            }
        }
    };
}

events! {
    /// Registered.
    BatchRegistered,
    /// One pack dispensed.
    PackDispensed,
    /// A case or pallet dispensed.
    SubtreeDispensed,
    /// Units taken out of a pack.
    PackFilled,
    /// A dispense taken back.
    DispenseUndone,
    /// Out of the pharmacy.
    HandedOut,
    /// Offered to another.
    ShipmentOffered,
    /// Accepted.
    ShipmentAccepted,
    /// An offer that came to nothing.
    ShipmentEnded,
    /// A status set.
    StatusSet,
    /// A recall.
    RecallIssued,
    /// A recall lifted.
    RecallLifted,
    /// Readings outside their limits.
    ExcursionFound,
    /// What became of that.
    ExcursionAssessed,
    /// A pack scanned, which can make it suspect.
    ScanReported,
}

impl Event {
    /// The place that it is about; none where it is the whole batch.
    pub fn place(&self) -> Option<Place> {
        use provenance::convert::PackageLevel;
        let pack = |index: u64| Place {
            level: PackageLevel::Pack,
            index,
        };
        Some(match self {
            Self::BatchRegistered(_) => return None,
            Self::PackDispensed(event) => pack(event.index),
            Self::PackFilled(event) => pack(event.index),
            Self::ScanReported(event) => pack(event.index),
            Self::HandedOut(event) => Place {
                level: match event.level {
                    0 => PackageLevel::Pack,
                    1 => PackageLevel::Case,
                    2 => PackageLevel::Pallet,
                    _ => PackageLevel::Batch,
                },
                index: event.index,
            },
            Self::SubtreeDispensed(event) => event.place,
            Self::DispenseUndone(event) => event.place,
            Self::ShipmentOffered(event) => event.place,
            Self::ShipmentAccepted(event) => event.place,
            Self::ShipmentEnded(event) => event.place,
            Self::StatusSet(event) => event.place,
            Self::RecallIssued(event) => event.place,
            Self::RecallLifted(event) => event.place,
            Self::ExcursionFound(event) => event.place,
            Self::ExcursionAssessed(event) => event.place,
        })
    }
}

/// What has happened to a batch, the first thing first.
///
/// # Errors
/// `cluster_unreachable`, `history_incomplete` where the node has forgotten transactions.
pub fn of_batch(cluster: &Cluster, batch: &Pubkey) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for signature in signatures(cluster, batch)? {
        entries.extend(
            events_of(cluster, &signature)?
                .into_iter()
                .filter(|entry| entry.event.batch() == batch),
        );
    }
    let begins = entries
        .first()
        .is_some_and(|entry| matches!(entry.event, Event::BatchRegistered(_)));
    if !begins {
        let message = format!("The node at {} does not have all transactions of the batch {batch} any more: its registration is not among them. Ask a node that keeps its history.", cluster.client.url());
        return Err(CliError::new("history_incomplete", message));
    }
    Ok(entries)
}

/// The transactions that named an address and did not fail, the first one first.
fn signatures(cluster: &Cluster, address: &Pubkey) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut before: Option<Signature> = None;
    loop {
        let config = GetConfirmedSignaturesForAddress2Config {
            before,
            limit: Some(PAGE),
            commitment: Some(cluster.client.commitment()),
            ..GetConfirmedSignaturesForAddress2Config::default()
        };
        let page = cluster
            .client
            .get_signatures_for_address_with_config(address, config)
            .map_err(|error| unreachable(&cluster.client.url(), &error))?;
        let count = page.len();
        let last = page
            .last()
            .and_then(|status| status.signature.parse::<Signature>().ok());
        found.extend(
            page.into_iter()
                .filter(|status| status.err.is_none())
                .map(|status| status.signature),
        );
        if count < PAGE || last.is_none() || last == before {
            break;
        }
        before = last;
    }
    found.reverse();
    Ok(found)
}

/// The program's events in a transaction, in their order. Only the program can call itself with its event authority.
fn events_of(cluster: &Cluster, signature: &str) -> Result<Vec<Entry>> {
    let params = json!([signature, { "encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 1 }]);
    let answer: Value = cluster
        .client
        .send(RpcRequest::GetTransaction, params)
        .map_err(|error| unreachable(&cluster.client.url(), &error))?;
    let odd = || {
        CliError::new("cluster_odd", format!("The node tells the transaction {signature} in a form that Galen does not know, or not at all."))
    };
    let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array);
    let keys: Vec<&str> = [
        "/transaction/message/accountKeys",
        "/meta/loadedAddresses/writable",
        "/meta/loadedAddresses/readonly",
    ]
    .into_iter()
    .filter_map(list)
    .flatten()
    .filter_map(Value::as_str)
    .collect();
    let program = provenance::ID.to_string();
    let at = answer["blockTime"].as_i64().ok_or_else(odd)?;
    let groups = list("/meta/innerInstructions").ok_or_else(odd)?;
    let inner = groups
        .iter()
        .filter_map(|group| group["instructions"].as_array())
        .flatten();
    let mut entries = Vec::new();
    for instruction in inner {
        let is_ours = instruction["programIdIndex"]
            .as_u64()
            .and_then(|index| keys.get(usize::try_from(index).ok()?))
            .is_some_and(|key| *key == program);
        let bytes = instruction["data"]
            .as_str()
            .and_then(|data| bs58::decode(data).into_vec().ok())
            .unwrap_or_default();
        let content = bytes.strip_prefix(anchor_lang::event::EVENT_IX_TAG_LE);
        if let (true, Some(event)) = (is_ours, content.and_then(Event::read)) {
            entries.push(Entry {
                signature: signature.to_owned(),
                at,
                event,
            });
        }
    }
    Ok(entries)
}
