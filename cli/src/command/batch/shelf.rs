//! Batches whose leaf files are at hand: packs are found in them by GTIN and serial number, proved, and verified for partners.

use std::fs::File;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use galen_batch::{BatchError, Leaves, Proof};
use galen_rules::gs1::{self, Gs1Error, Place};
use galen_rules::merkle::Node as Hash;
use galen_rules::provenance::{answer, verification, Answer as Verdict, Verification};
use galen_rules::Date;
use registry::state::{IdentifierScheme, Organization};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

use super::view::{open, refused, unreadable, ProofView};
use crate::chain::entity;
use crate::chain::goods::Goods;
use crate::chain::when::{self, timestamp};
use crate::cluster::Cluster;
use crate::command::epcis::export::lot_name;
use crate::command::pack::check::facts_of;
use crate::error::{CliError, Result};

/// A batch and its leaf file: `BATCH=batch.leaves`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFlag(Pubkey, PathBuf);

impl FromStr for BatchFlag {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is not BATCH=LEAVES, a batch's address and its leaf file");
        let (batch, leaves) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Self(batch.parse().map_err(|_| wrong())?, leaves.into()))
    }
}

/// A pack as somebody asks about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// 14 digits.
    pub gtin: String,
    /// As it is printed.
    pub serial: String,
    /// As it is printed, where it is told.
    pub lot: Option<String>,
    /// Where it is told.
    pub expiry: Option<Date>,
}

impl Asked {
    /// Reads a code in any form: what stands on the pack, a Digital Link, or a verification request, whose path has the short
    /// names of the standard's first releases and its expiry as `exp`. `year` is this one: it tells the century of the expiry.
    ///
    /// # Errors
    /// What `galen_rules::gs1` refuses; `serial_missing`.
    pub fn read(text: &str, year: u16) -> Result<Self> {
        let message = gs1::parse(&long_names(text), year).map_err(of_code)?;
        let pack = gs1::Pack::of(&message, year);
        match (pack.gtin, pack.serial) {
            (Some(gtin), Some(serial)) => Ok(Self {
                gtin: gtin.to_owned(),
                serial: serial.to_owned(),
                lot: pack.lot.map(str::to_owned),
                expiry: pack.expiry.map(|expiry| expiry.date),
            }),
            _ => Err(CliError::new(
                "serial_missing",
                "A pack is asked about by its GTIN and its serial number.",
            )),
        }
    }
}

/// The Digital Link of a verification request: its short names, where names stand. What a lot or a serial number is called is left
/// alone: `/10/lot/21/ser` is of lot `lot`.
fn long_names(text: &str) -> String {
    let link = || {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (scheme, rest) = address.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        let query = query.split('&').map(|parameter| {
            let expiry = parameter.strip_prefix("exp=");
            expiry.map_or_else(|| parameter.to_owned(), |expiry| format!("17={expiry}"))
        });
        let query: Vec<String> = query.collect();
        let path = long_path(path.strip_suffix('/').unwrap_or(path));
        Some(format!("{scheme}://{host}/{path}?{}", query.join("&")))
    };
    match gs1::is_link(text) {
        true => link().unwrap_or_else(|| text.to_owned()),
        false => text.to_owned(),
    }
}

/// Names and values are counted from the end, in pairs, as GS1 counts them: what stands in front is the resolver's own.
fn long_path(path: &str) -> String {
    let mut segments: Vec<&str> = path.split('/').collect();
    for pair in segments.rchunks_exact_mut(2) {
        if let [name, _] = pair {
            *name = match *name {
                "gtin" => "01",
                "lot" => "10",
                "ser" => "21",
                other => other,
            };
        }
    }
    segments.join("/")
}

fn of_code(error: Gs1Error) -> CliError {
    CliError {
        code: error.fault.code().to_owned(),
        message: error.fault.message().to_owned(),
        at: (error.place != Place::Whole).then(|| error.place.to_string()),
    }
}

struct Shelved {
    address: Pubkey,
    root: Hash,
    gtin: [u8; 14],
    leaves: Mutex<Leaves<File>>,
    path: PathBuf,
}

/// Batches and their leaf files, which the ledger knows by root and SHA-256.
pub struct Shelf(Vec<Shelved>);

impl Shelf {
    /// Opens leaf files and holds each against what its manufacturer has anchored: the root, and the SHA-256 of the whole file.
    ///
    /// # Errors
    /// `wrong_leaf_file`, those of leaf files, `not_found`, `cluster_unreachable`.
    pub fn open(cluster: &Cluster, flags: &[BatchFlag]) -> Result<Self> {
        let mut shelf = Vec::new();
        for BatchFlag(address, path) in flags {
            let goods = Goods::read(cluster, *address)?;
            let leaves = open(path)?;
            let mut hash = Sha256::new();
            let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
            std::io::copy(&mut file, &mut hash).map_err(|error| unreadable(path, &error))?;
            let digest: [u8; 32] = hash.finalize().into();
            if leaves.root() != goods.batch.root || digest != goods.batch.leaf_file {
                let message = format!("{} is not the leaf file that was anchored for {address}: its root or its SHA-256 is another. It is of another batch, or was changed, cut or reordered.", path.display());
                return Err(CliError::new("wrong_leaf_file", message));
            }
            shelf.push(Shelved {
                address: *address,
                root: leaves.root(),
                gtin: leaves.gtin(),
                leaves: Mutex::new(leaves),
                path: path.clone(),
            });
        }
        Ok(Self(shelf))
    }

    /// How many batches there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The proofs of a pack, with the batches that they are for; more than one where a serial number is in two batches.
    fn find(&self, asked: &Asked) -> Result<Vec<(&Shelved, Proof)>> {
        let mut found = Vec::new();
        for shelved in &self.0 {
            if shelved.gtin != asked.gtin.as_bytes() {
                continue;
            }
            // Nothing is half changed in a file that is only read.
            let mut leaves = shelved
                .leaves
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match leaves.prove(&asked.serial) {
                Ok(proof) => found.push((shelved, proof)),
                Err(BatchError::UnknownSerial) => {}
                Err(error) => return Err(refused(&shelved.path, &error)),
            }
        }
        Ok(found)
    }

    /// The proof of a pack. As JSON: `{"batch": "...", "proof": {...}, "elsewhere": ["..."]}`: the other batches here that have its
    /// serial number, too; where there is one the pack is suspect.
    ///
    /// # Errors
    /// `unknown_serial`, `leaf_file_damaged`.
    pub fn prove(&self, asked: &Asked) -> Result<Value> {
        let found = self.find(asked)?;
        let ((shelved, proof), others) = found.split_first().ok_or_else(|| {
            CliError::new(
                "unknown_serial",
                "No batch here has a pack with this GTIN and serial number.",
            )
        })?;
        let view = ProofView::new(proof, &shelved.root);
        let elsewhere: Vec<String> = others
            .iter()
            .map(|(other, _)| other.address.to_string())
            .collect();
        Ok(json!({
            "batch": shelved.address.to_string(),
            "proof": view,
            "elsewhere": elsewhere,
        }))
    }

    /// The answer to a verification request. As JSON: `{"verificationTimestamp": "...", "responderGLN": "...", "corrUUID": "...",
    /// "data": {"verified": false, "verificationFailureReason": "Manufacturer_policy", "additionalInfo": "Recalled"}}`.
    ///
    /// # Errors
    /// `leaf_file_damaged`, `wrong_account`, `wrong_clock`, `cluster_behind`, `cluster_unreachable`.
    pub fn verify(&self, cluster: &Cluster, asked: &Asked, uuid: Option<&str>) -> Result<Value> {
        let found = self.find(asked)?;
        let is_elsewhere = found.len() > 1;
        let mut responder = None;
        let verified = match found.into_iter().next() {
            None => verification(&Verdict::Unknown, true, true),
            Some((shelved, proof)) => {
                let goods = Goods::read(cluster, shelved.address)?;
                responder = gln_of(cluster, &goods.batch.manufacturer)?;
                let lot_fits = asked
                    .lot
                    .as_ref()
                    .is_none_or(|lot| *lot == lot_name(&goods));
                let expiry = Date::from_days(goods.batch.expiry);
                let expiry_fits = asked.expiry.is_none_or(|told| Some(told) == expiry);
                let (mut facts, _) = facts_of(cluster, &goods, &proof, &Pubkey::default())?;
                facts.is_elsewhere = is_elsewhere;
                verification(&answer(&facts), lot_fits, expiry_fits)
            }
        };
        let mut response = json!({
            "verificationTimestamp": timestamp(when::now()?),
            "data": data(verified),
        });
        for (name, value) in [("responderGLN", responder.as_deref()), ("corrUUID", uuid)] {
            if let Some(value) = value {
                response[name] = json!(value);
            }
        }
        Ok(response)
    }
}

fn data(verified: Verification) -> Value {
    let mut data = json!({ "verified": verified.failure.is_none() });
    if let Some(reason) = verified.failure {
        data["verificationFailureReason"] = json!(reason.name());
    }
    if let Some(info) = verified.info {
        data["additionalInfo"] = json!(info.name());
    }
    data
}

/// The GLN under which an organisation is registered, if that is how it is.
fn gln_of(cluster: &Cluster, organization: &Pubkey) -> Result<Option<String>> {
    let organization = entity::get::<Organization>(cluster, organization)?;
    let identifier = organization.identifier;
    let is_gln = identifier.scheme == IdentifierScheme::Gln;
    Ok(is_gln.then(|| String::from_utf8_lossy(identifier.bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_in_every_form_ask_about_the_same_pack() {
        let now = 2026;
        let asked = Asked {
            gtin: "09506000134352".to_owned(),
            serial: "SN0001".to_owned(),
            lot: Some("A1".to_owned()),
            expiry: "2027-12-31".parse().ok(),
        };
        for text in [
            "(01)09506000134352(17)271231(10)A1(21)SN0001",
            "https://id.gs1.org/01/09506000134352/10/A1/21/SN0001?17=271231",
            "https://vrs.example/gtin/09506000134352/lot/A1/ser/SN0001?exp=271231&linkType=verificationService&context=dscsaSaleableReturn&corrUUID=7",
        ] {
            assert_eq!(Asked::read(text, now), Ok(asked.clone()), "{text}");
        }
        for (text, code) in [
            ("(01)09506000134353(21)SN0001", "bad_check_digit"),
            (
                "https://vrs.example/gtin/09506000134352/lot/A1",
                "serial_missing",
            ),
            ("https://vrs.example/", "no_primary_key"),
            ("https://gtin/09506000134352", "no_primary_key"),
        ] {
            let refused = Asked::read(text, now).expect_err("refused");
            assert_eq!(refused.code, code, "{text}");
        }
    }
    #[test]
    fn what_a_lot_or_a_serial_number_is_called_is_left_alone() {
        for (path, lot, serial) in [
            ("01/09506000134352/10/lot/21/ser", "lot", "ser"),
            ("gtin/09506000134352/lot/ser/ser/lot/", "ser", "lot"),
            ("01/09506000134352/10/gtin/21/gtin", "gtin", "gtin"),
            ("ser/gtin/09506000134352/lot/10/ser/01", "10", "01"),
        ] {
            let asked = Asked::read(&format!("https://gtin/{path}"), 2026).expect(path);
            assert_eq!(
                (asked.lot.as_deref(), asked.serial.as_str()),
                (Some(lot), serial),
                "{path}"
            );
        }
    }
}
