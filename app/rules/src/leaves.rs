//! Leaf files: the pharmacy's proof that a pack is in its batch.

use std::collections::BTreeMap;
use std::io::Cursor;

use galen_batch::{BatchError, Leaves};
use galen_rules::merkle::{Level, Node};
use serde::{Deserialize, Serialize};

use crate::{hex, Refused, Result};

/// Open leaf files, by the roots of their trees.
#[derive(Default)]
pub struct Library {
    files: BTreeMap<Node, Leaves<Cursor<Vec<u8>>>>,
}

/// A leaf file that is open.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct OpenLeaves {
    root: String,
    gtin: String,
    count: u64,
}

/// A pack to be proved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The batch's root, as it is on the ledger.
    root: String,
    /// The GTIN, as it is in the code.
    gtin: String,
    /// The serial number, as it is in the code.
    serial: String,
    /// The layout of the batch's tree, as it is on the ledger.
    layout: [u8; 3],
    /// The height of its pages, as it is on the ledger.
    page_height: u8,
}

/// The proof of a pack as `dispense_pack` takes it: up to the root of its page.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Proved {
    /// The pack is in the batch: proved against its root.
    Member {
        /// Where it is in the tree.
        index: u64,
        /// 32 hexadecimal digits.
        salt: String,
        /// From the leaf's up.
        siblings: Vec<String>,
        /// Whether another leaf file of the product that is open has the same serial number: a serial number is unique for a GTIN, so
        /// one of the two batches, or both, cannot be genuine.
        is_elsewhere: bool,
    },
    /// The batch has no such pack.
    Nowhere,
    /// The batch has no such pack, but one whose serial number differs in upper and lower case only.
    OtherCase {
        /// That one's.
        serial: String,
    },
    /// The file of this batch has not been opened.
    NoFile,
}

impl Library {
    /// Opens a leaf file and keeps it.
    ///
    /// # Errors
    /// `not_a_leaf_file`, `leaf_file_damaged`.
    pub fn open(&mut self, file: Vec<u8>) -> Result<OpenLeaves> {
        let leaves = Leaves::open(Cursor::new(file)).map_err(|error| refused(&error))?;
        let opened = OpenLeaves {
            root: hex::write(&leaves.root()),
            gtin: String::from_utf8_lossy(&leaves.gtin()).into_owned(),
            count: leaves.count(),
        };
        self.files.insert(leaves.root(), leaves);
        Ok(opened)
    }

    /// Proves a pack against the root of its batch.
    ///
    /// # Errors
    /// `leaf_file_damaged`, `wrong_leaf_file` where the file is not laid out as the batch is.
    pub fn prove(&mut self, request: &Request) -> Result<Proved> {
        let root = hex::read::<32>(&request.root)?;
        let Some(leaves) = self.files.get_mut(&root) else {
            return Ok(Proved::NoFile);
        };
        if leaves.layout().exponents() != request.layout {
            return Err(Refused::new(
                "wrong_leaf_file",
                "The leaf file is laid out in another way than the batch.",
            ));
        }
        let proof = match leaves.prove(&request.serial) {
            Ok(proof) => proof,
            Err(BatchError::UnknownSerial) => {
                let is_of_product = leaves.gtin() == request.gtin.as_bytes();
                let other = leaves
                    .in_other_case(&request.serial)
                    .map_err(|error| refused(&error))?
                    .filter(|_| is_of_product);
                return Ok(other.map_or(Proved::Nowhere, |serial| Proved::OtherCase { serial }));
            }
            Err(error) => return Err(refused(&error)),
        };
        if proof.gtin != request.gtin.as_bytes() || !proof.holds(&root) {
            return Ok(Proved::Nowhere);
        }
        debug_assert_eq!(proof.index_at(Level::Pack), proof.index);
        Ok(Proved::Member {
            index: proof.index,
            salt: hex::write(&proof.salt),
            siblings: proof
                .siblings
                .iter()
                .take(usize::from(request.page_height))
                .map(|sibling| hex::write(sibling))
                .collect(),
            is_elsewhere: self.is_elsewhere(&root, request)?,
        })
    }

    /// Whether a batch other than that of `root` has a pack of this GTIN and serial number.
    fn is_elsewhere(&mut self, root: &Node, request: &Request) -> Result<bool> {
        for (other, leaves) in &mut self.files {
            if other == root || leaves.gtin() != request.gtin.as_bytes() {
                continue;
            }
            if leaves
                .place_of(&request.serial)
                .map_err(|error| refused(&error))?
                .is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn refused(error: &BatchError) -> Refused {
    Refused::new(error.code(), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use galen_batch::{build, Options, Sha};
    use galen_rules::merkle::{fold, leaf};

    const GTIN: &str = "09524000059109";

    /// A leaf file of packs SN0 to SN29 in cases of 8, and its root.
    fn file() -> (Vec<u8>, Node) {
        let serials: String = (0..30).map(|number| format!("SN{number}\n")).collect();
        let file = tempfile::NamedTempFile::new().expect("a file");
        let options = Options {
            gtin: GTIN.as_bytes().try_into().expect("14 digits"),
            packs_in_case: 8,
            cases_in_pallet: 2,
            salted: true,
        };
        let built = build(serials.as_bytes(), file.as_file(), options, |_| ()).expect("a tree");
        (std::fs::read(file.path()).expect("the file"), built.root)
    }

    fn request(root: &Node, serial: &str) -> Request {
        Request {
            root: hex::write(root),
            gtin: GTIN.to_owned(),
            serial: serial.to_owned(),
            layout: [3, 1, 1],
            page_height: 4,
        }
    }

    #[test]
    fn a_pack_is_proved_up_to_its_page() {
        let (bytes, root) = file();
        let mut library = Library::default();
        assert_eq!(library.prove(&request(&root, "SN3")), Ok(Proved::NoFile));
        let opened = library.open(bytes).expect("a leaf file");
        assert_eq!(
            (opened.root.as_str(), opened.count),
            (hex::write(&root).as_str(), 30)
        );
        let Ok(Proved::Member {
            index,
            salt,
            siblings,
            is_elsewhere: false,
        }) = library.prove(&request(&root, "SN17"))
        else {
            panic!("SN17 is in the batch");
        };
        assert_eq!((index, siblings.len()), (17, 4));
        // Each page covers sixteen places; two pages make the tree.
        let salt: Vec<u8> = (0..16)
            .map(|place| u8::from_str_radix(&salt[2 * place..2 * place + 2], 16).expect("digits"))
            .collect();
        let own = leaf::<Sha>(GTIN.as_bytes(), &salt.try_into().expect("a salt"), b"SN17")
            .expect("a leaf");
        let nodes: Vec<Node> = siblings
            .iter()
            .map(|node| hex::read(node).expect("a node"))
            .collect();
        let page = fold::<Sha>(own, 0, index & 15, &nodes).expect("a page");
        let all = library
            .files
            .get_mut(&root)
            .expect("open")
            .prove("SN17")
            .expect("known");
        assert_eq!(fold::<Sha>(page, 4, 1, &all.siblings[4..]), Some(root));
    }

    #[test]
    fn what_is_not_in_the_batch_is_nowhere() {
        let (bytes, root) = file();
        let mut library = Library::default();
        library.open(bytes).expect("a leaf file");
        assert_eq!(library.prove(&request(&root, "SN30")), Ok(Proved::Nowhere));
        let other = Request {
            gtin: "00000000000017".to_owned(),
            ..request(&root, "SN3")
        };
        assert_eq!(library.prove(&other), Ok(Proved::Nowhere));
    }

    #[test]
    fn a_serial_number_in_other_case_is_told_and_proves_nothing() {
        let serials = "AB1\nAb10\nab1\naB1c\nXY-7z\n12345\nxxxxxxxxxxxxxxxxxxxx\n";
        let file = tempfile::NamedTempFile::new().expect("a file");
        let options = Options {
            gtin: GTIN.as_bytes().try_into().expect("14 digits"),
            packs_in_case: 8,
            cases_in_pallet: 2,
            salted: true,
        };
        let built = build(serials.as_bytes(), file.as_file(), options, |_| ()).expect("a tree");
        let mut library = Library::default();
        let opened = library
            .open(std::fs::read(file.path()).expect("the file"))
            .expect("a leaf file");
        assert_eq!(opened.root, hex::write(&built.root));
        let layout = library.files[&built.root].layout().exponents();
        let mut prove = |serial: &str, gtin: &str| {
            library
                .prove(&Request {
                    layout,
                    gtin: gtin.to_owned(),
                    page_height: 0,
                    ..request(&built.root, serial)
                })
                .expect("an answer")
        };
        let other = |serial: &str| Proved::OtherCase {
            serial: serial.to_owned(),
        };
        for (asked, told) in [
            ("ab10", other("Ab10")),
            ("AB10", other("Ab10")),
            ("AB1C", other("aB1c")),
            ("Ab1", other("AB1")),
            ("xy-7Z", other("XY-7z")),
            ("XXXXXXXXXXXXXXXXXXXX", other("xxxxxxxxxxxxxxxxxxxx")),
            ("AB", Proved::Nowhere),
            ("AB1D", Proved::Nowhere),
            ("AB1CC", Proved::Nowhere),
            ("123456", Proved::Nowhere),
            ("XXXXXXXXXXXXXXXXXXX", Proved::Nowhere),
            ("", Proved::Nowhere),
        ] {
            assert_eq!(prove(asked, GTIN), told, "{asked}");
        }
        // What is in the batch as it is asked is proved; a serial number of another product says nothing.
        for serial in ["AB1", "ab1", "Ab10", "12345"] {
            assert!(
                matches!(prove(serial, GTIN), Proved::Member { .. }),
                "{serial}"
            );
        }
        assert_eq!(prove("ab10", "00000000000017"), Proved::Nowhere);
    }

    #[test]
    fn a_serial_number_in_two_batches_of_the_product_is_seen() {
        let seen = |library: &mut Library, root: &Node, serial: &str| match library
            .prove(&request(root, serial))
        {
            Ok(Proved::Member { is_elsewhere, .. }) => is_elsewhere,
            other => panic!("{other:?}"),
        };
        let of = |gtin: &str, serials: &str| {
            let file = tempfile::NamedTempFile::new().expect("a file");
            let options = Options {
                gtin: gtin.as_bytes().try_into().expect("14 digits"),
                packs_in_case: 8,
                cases_in_pallet: 2,
                salted: true,
            };
            build(serials.as_bytes(), file.as_file(), options, |_| ()).expect("a tree");
            std::fs::read(file.path()).expect("the file")
        };
        let (bytes, root) = file();
        let mut library = Library::default();
        library.open(bytes).expect("a leaf file");
        library
            .open(of("00000000000017", "SN17\n"))
            .expect("of another product");
        assert!(!seen(&mut library, &root, "SN17"));
        library.open(of(GTIN, "SN17\nX1\n")).expect("another lot");
        assert!(seen(&mut library, &root, "SN17"));
        assert!(!seen(&mut library, &root, "SN3"));
    }

    #[test]
    fn bad_files_are_refused_by_name() {
        let (bytes, root) = file();
        let mut library = Library::default();
        let code = |refused: Result<OpenLeaves>| refused.expect_err("refused").code;
        assert_eq!(code(library.open(b"GALEN".to_vec())), "not_a_leaf_file");
        assert_eq!(
            code(library.open(bytes[..bytes.len() - 1].to_vec())),
            "leaf_file_damaged"
        );
        let mut changed = bytes.clone();
        // A salt: the root is no longer that of the packs.
        changed[64] ^= 1;
        library
            .open(changed)
            .expect("opens: only a proof looks at the packs");
        assert_eq!(
            library
                .prove(&request(&root, "SN3"))
                .expect_err("refused")
                .code,
            "leaf_file_damaged"
        );
        library.open(bytes).expect("a leaf file");
        let otherwise = Request {
            layout: [2, 2, 1],
            ..request(&root, "SN3")
        };
        assert_eq!(
            library.prove(&otherwise).expect_err("refused").code,
            "wrong_leaf_file"
        );
    }
}
