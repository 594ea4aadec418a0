//! Packs, cases and pallets of a batch as EPCIS names them: serial numbers and SSCCs for places of the tree, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use galen_batch::Leaves;
use galen_rules::merkle::{Layout, Level, Subtree};
use provenance::state::{Batch, Product};
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

use crate::chain::goods::PlaceName;
use crate::command::batch::register::lot_of;
use crate::command::batch::view::{open, refused};
use crate::error::{CliError, Result};
use crate::store::Store;

/// Serial numbers that one event lists; of more, the quantity is told.
const MOST_SERIALS: u64 = 5_000;
/// The levels that a place can be raised to, one after the other.
const ABOVE: [Level; 3] = [Level::Case, Level::Pallet, Level::Batch];

/// A lot and its leaf file: `A1=batch.leaves`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotFlag {
    /// As it is printed.
    pub lot: String,
    /// The leaf file.
    pub leaves: PathBuf,
}

impl std::str::FromStr for LotFlag {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (lot, leaves) = text
            .split_once('=')
            .filter(|(lot, leaves)| !lot.is_empty() && !leaves.is_empty())
            .ok_or_else(|| format!("`{text}` is not LOT=LEAVES, a lot number and its leaf file"))?;
        Ok(Self {
            lot: lot.to_owned(),
            leaves: leaves.into(),
        })
    }
}

/// A lot whose serial numbers are at hand.
pub struct Lot {
    /// Where its batch is on the ledger, registered or not.
    pub batch: Pubkey,
    /// The product's account.
    pub product: Pubkey,
    /// 14 digits.
    pub gtin: String,
    /// As it is printed.
    pub lot: String,
    /// The leaf file, open.
    pub leaves: Leaves<File>,
    /// Where it is.
    pub path: PathBuf,
    /// SSCCs of places.
    containers: BTreeMap<Subtree, String>,
}

impl Lot {
    /// Opens a leaf file, and takes the SSCCs from the store.
    ///
    /// # Errors
    /// Those of the leaf file, `bad_lot`, `store_damaged`.
    pub fn open(lot: &str, path: &Path, store: &Store, cluster: &str) -> Result<Self> {
        let leaves = open(path)?;
        let gtin = leaves.gtin();
        let (product, _) = Product::find_address(&gtin);
        let (batch, _) = Batch::find_address(&product, &lot_of(lot)?);
        let mut containers = BTreeMap::new();
        for (sscc, place) in store.containers(cluster, &batch.to_string())? {
            if let Ok(PlaceName(place)) = place.parse() {
                containers.insert(place, sscc);
            }
        }
        Ok(Self {
            batch,
            product,
            gtin: String::from_utf8_lossy(&gtin).into_owned(),
            lot: lot.to_owned(),
            leaves,
            path: path.to_owned(),
            containers,
        })
    }

    /// Remembers which place an SSCC stands on.
    pub fn contain(&mut self, place: Subtree, sscc: &str) {
        self.containers.insert(place, sscc.to_owned());
    }

    /// Takes the SSCCs out, and puts others in their place.
    pub fn exchange_containers(
        &mut self,
        containers: BTreeMap<Subtree, String>,
    ) -> BTreeMap<Subtree, String> {
        std::mem::replace(&mut self.containers, containers)
    }

    /// The Digital Link of the SSCC that stands on a place.
    pub fn sscc(&self, place: Subtree) -> Option<String> {
        let sscc = self.containers.get(&place)?;
        Some(format!("https://id.gs1.org/00/{sscc}"))
    }

    /// The place that an SSCC stands on.
    pub fn container(&self, sscc: &str) -> Option<Subtree> {
        let mut known = self.containers.iter();
        known
            .find(|(_, known)| *known == sscc)
            .map(|(place, _)| *place)
    }

    /// The index of a pack; none where it is of another lot.
    ///
    /// # Errors
    /// `leaf_file_damaged`.
    pub fn pack(&mut self, serial: &str) -> Result<Option<u64>> {
        self.leaves
            .place_of(serial)
            .map_err(|error| refused(&self.path, &error))
    }

    /// The fewest places that are these packs exactly. A case of one pack is the pack, a batch of one pallet the pallet.
    pub fn places(&self, packs: &BTreeSet<u64>) -> Vec<Subtree> {
        let mut places: BTreeSet<Subtree> = packs
            .iter()
            .map(|index| Subtree {
                level: Level::Pack,
                index: *index,
            })
            .collect();
        let layout = self.leaves.layout();
        for level in ABOVE {
            let mut groups: BTreeMap<u64, Vec<Subtree>> = BTreeMap::new();
            for place in places.iter().filter(|place| place.level < level) {
                let up = layout
                    .height(level)
                    .saturating_sub(layout.height(place.level));
                groups
                    .entry(place.index.checked_shr(u32::from(up)).unwrap_or_default())
                    .or_default()
                    .push(*place);
            }
            for (index, parts) in groups {
                let whole = Subtree { level, index };
                let held: u64 = parts.iter().map(|part| self.leaves.count_in(*part)).sum();
                if parts.len() > 1 && held == self.leaves.count_in(whole) {
                    places.retain(|place| !parts.contains(place));
                    places.insert(whole);
                }
            }
        }
        places.into_iter().collect()
    }

    /// How EPCIS names what is at a place, without the places that have gone their own way: an SSCC, serial numbers, or of very
    /// many the quantity.
    ///
    /// # Errors
    /// `leaf_file_damaged`.
    pub fn told(
        &mut self,
        place: Subtree,
        without: &BTreeSet<Subtree>,
    ) -> Result<(&'static str, Value)> {
        if let Some(sscc) = self.sscc(place) {
            return Ok(("epcList", json!([sscc])));
        }
        if place.level == Level::Batch || self.leaves.count_in(place) > MOST_SERIALS {
            let left = self.count_of(place, without);
            if left == 0 {
                return Ok(("epcList", json!([])));
            }
            let quantity = json!({ "epcClass": self.class(), "quantity": left });
            return Ok(("quantityList", json!([quantity])));
        }
        let packs = self.packs_of(place, without)?;
        let epcs: Vec<String> = packs.iter().map(|(_, serial)| self.item(serial)).collect();
        Ok(("epcList", json!(epcs)))
    }

    /// How many packs are at a place, without those of places inside it that have gone their own way.
    fn count_of(&self, place: Subtree, without: &BTreeSet<Subtree>) -> u64 {
        let layout = self.leaves.layout();
        let gone: u64 = without
            .iter()
            .filter(|apart| {
                let around: BTreeSet<Subtree> = layout
                    .path(**apart)
                    .into_iter()
                    .flatten()
                    .flatten()
                    .filter(|around| around != *apart)
                    .collect();
                // What is in something that is apart itself is counted with that.
                let is_counted = around
                    .iter()
                    .any(|around| around.level < place.level && without.contains(around));
                around.contains(&place) && !is_counted
            })
            .map(|apart| self.leaves.count_in(*apart))
            .sum();
        self.leaves.count_in(place).saturating_sub(gone)
    }

    /// The packs at a place, without those of places inside it that have gone their own way: each by its index and serial number.
    ///
    /// # Errors
    /// `leaf_file_damaged`.
    pub fn packs_of(
        &mut self,
        place: Subtree,
        without: &BTreeSet<Subtree>,
    ) -> Result<Vec<(u64, String)>> {
        let layout = self.leaves.layout();
        let mut packs = self
            .leaves
            .packs_in(place)
            .map_err(|error| refused(&self.path, &error))?;
        packs.retain(|(pack, _)| {
            let pack = Subtree {
                level: Level::Pack,
                index: *pack,
            };
            !is_apart(layout, pack, place.level, without)
        });
        Ok(packs)
    }

    /// The Digital Link of a pack.
    pub fn item(&self, serial: &str) -> String {
        format!("https://id.gs1.org/01/{}/21/{}", self.gtin, encoded(serial))
    }

    /// The Digital Link of the lot.
    pub fn class(&self) -> String {
        format!(
            "https://id.gs1.org/01/{}/10/{}",
            self.gtin,
            encoded(&self.lot)
        )
    }
}

/// Whether what is at a place below `level`, or a place around it below that level, has gone its own way.
pub fn is_apart(layout: Layout, of: Subtree, level: Level, without: &BTreeSet<Subtree>) -> bool {
    let mut path = layout.path(of).into_iter().flatten().flatten();
    path.any(|place| place.level < level && without.contains(&place))
}

/// The lot of a batch's leaf file, which must be the batch's.
///
/// # Errors
/// `wrong_leaf_file`.
pub fn require_root(lot: &Lot, root: &[u8; 32]) -> Result<()> {
    if lot.leaves.root() == *root {
        return Ok(());
    }
    let message = format!(
        "{} is not the leaf file of the lot {}: its root is another than the batch's on the ledger.",
        lot.path.display(),
        lot.lot
    );
    Err(CliError::new("wrong_leaf_file", message))
}

/// A value as it stands in the path of a Digital Link (URI Syntax 4.9): all but unreserved characters percent-encoded.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use galen_batch::{build, Options};

    /// Five cases of six packs, two cases to a pallet; the last case has four packs.
    pub fn lot(folder: &Path) -> Lot {
        let serials: String = (0..28).map(|number| format!("SN/{number:03}\n")).collect();
        let path = folder.join("lot.leaves");
        let file = File::create(&path).expect("made");
        let options = Options {
            gtin: *b"09506000134352",
            packs_in_case: 6,
            cases_in_pallet: 2,
            salted: true,
        };
        build(serials.as_bytes(), &file, options, |_| ()).expect("built");
        let store = Store::open(&folder.join("store")).expect("opened");
        Lot::open("A1", &path, &store, "here").expect("opened")
    }

    #[test]
    fn packs_that_fill_a_place_are_the_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut lot = lot(folder.path());
        let place = |level, index| Subtree { level, index };
        for whole in [
            place(Level::Pack, 3),
            place(Level::Case, 0),
            place(Level::Case, 4),
            place(Level::Pallet, 1),
            place(Level::Batch, 0),
        ] {
            let packs = lot.leaves.packs_in(whole).expect("read");
            let packs: BTreeSet<u64> = packs.into_iter().map(|(index, _)| index).collect();
            // The last pallet has one case only: it is the case.
            assert_eq!(lot.places(&packs), [whole]);
            let (list, told) = lot.told(whole, &BTreeSet::new()).expect("told");
            let expected = if whole.level == Level::Batch {
                1
            } else {
                packs.len()
            };
            assert_eq!(told.as_array().map(Vec::len), Some(expected), "{list}");
        }
        let mut some: BTreeSet<u64> = lot
            .leaves
            .packs_in(place(Level::Pallet, 0))
            .expect("read")
            .into_iter()
            .map(|(index, _)| index)
            .collect();
        some.remove(&0);
        let places = lot.places(&some);
        assert_eq!(places.len(), 6);
        assert!(places.contains(&place(Level::Case, 1)));
        assert_eq!(lot.pack("SN/003").expect("read"), Some(3));
        assert_eq!(lot.pack("SN/999").expect("read"), None);
    }

    #[test]
    fn a_quantity_is_without_what_went_its_own_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut lot = lot(folder.path());
        let place = |level, index| Subtree { level, index };
        let batch = place(Level::Batch, 0);
        let mut told = |apart: &[Subtree]| {
            let apart = apart.iter().copied().collect();
            let (list, told) = lot.told(batch, &apart).expect("told");
            (list, told[0]["quantity"].as_u64())
        };
        assert_eq!(told(&[batch]), ("quantityList", Some(28)));
        // A case of six, a pack of it, and a pack of another.
        let case = place(Level::Case, 0);
        let (inside, outside) = (place(Level::Pack, 3), place(Level::Pack, 9));
        assert_eq!(
            told(&[case, inside, outside]),
            ("quantityList", Some(28 - 6 - 1))
        );
        let pallets = [0, 1, 2].map(|index| place(Level::Pallet, index));
        assert_eq!(told(&pallets), ("epcList", None));
    }

    #[test]
    fn a_case_is_told_without_what_went_its_own_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut lot = lot(folder.path());
        let case = Subtree {
            level: Level::Case,
            index: 0,
        };
        let apart = BTreeSet::from([Subtree {
            level: Level::Pack,
            index: 2,
        }]);
        let (_, told) = lot.told(case, &apart).expect("told");
        let told = told.to_string();
        assert!(
            told.contains("/21/SN%2F001") && !told.contains("/21/SN%2F002"),
            "{told}"
        );
        lot.contain(case, "095240001234567894");
        let (_, told) = lot.told(case, &apart).expect("told");
        assert_eq!(told, json!(["https://id.gs1.org/00/095240001234567894"]));
        assert_eq!(lot.container("095240001234567894"), Some(case));
    }
}
