//! Trees and proofs as they are printed, and what goes wrong with their files.

use std::fs::File;
use std::io;
use std::path::Path;

use galen_batch::{BatchError, Leaves, Proof};
use galen_rules::merkle::{Layout, Level};
use serde::{Deserialize, Serialize};

use crate::chain::text::{hex, unhex_array};
use crate::error::{CliError, Result};

/// How the tree is laid out: how many bits of an index each level takes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutView {
    /// Packs in a case, as a power of two.
    pub case_bits: u8,
    /// Cases in a pallet.
    pub pallet_bits: u8,
    /// Pallets in the batch.
    pub batch_bits: u8,
}

impl From<Layout> for LayoutView {
    fn from(layout: Layout) -> Self {
        let [case_bits, pallet_bits, batch_bits] = layout.exponents();
        Self {
            case_bits,
            pallet_bits,
            batch_bits,
        }
    }
}

/// A proof, as `prove` writes it and `verify` reads it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofView {
    /// 14 digits.
    pub gtin: String,
    /// As it is printed on the pack.
    pub serial: String,
    /// 32 hexadecimal digits.
    pub salt: String,
    /// Of the tree.
    pub layout: LayoutView,
    /// Of the pack.
    pub index: u64,
    /// Of its case.
    pub case: u64,
    /// Of its pallet.
    pub pallet: u64,
    /// From the leaf's up, each 64 hexadecimal digits.
    pub siblings: Vec<String>,
    /// What the leaf file says; `verify` takes the root it is told.
    pub root: String,
}

impl ProofView {
    /// A proof in its written form.
    pub fn new(proof: &Proof, root: &[u8; 32]) -> Self {
        Self {
            gtin: String::from_utf8_lossy(&proof.gtin).into_owned(),
            serial: proof.serial.clone(),
            salt: hex(&proof.salt),
            layout: proof.layout.into(),
            index: proof.index,
            case: proof.index_at(Level::Case),
            pallet: proof.index_at(Level::Pallet),
            siblings: proof.siblings.iter().map(|node| hex(node)).collect(),
            root: hex(root),
        }
    }

    /// The proof that was written.
    ///
    /// # Errors
    /// `bad_proof`, with the place.
    pub fn read(&self) -> Result<Proof> {
        let layout = Layout::new(
            self.layout.case_bits,
            self.layout.pallet_bits,
            self.layout.batch_bits,
        );
        let siblings = self.siblings.iter().enumerate().map(|(place, node)| {
            unhex_array(node).ok_or_else(|| {
                bad(
                    &format!("siblings[{place}]"),
                    "A node has 64 hexadecimal digits.",
                )
            })
        });
        let proof = Proof {
            gtin: self
                .gtin
                .as_bytes()
                .try_into()
                .map_err(|_| bad("gtin", "A GTIN has 14 digits here."))?,
            serial: self.serial.clone(),
            salt: unhex_array(&self.salt)
                .ok_or_else(|| bad("salt", "A salt has 32 hexadecimal digits."))?,
            layout: layout.ok_or_else(|| bad("layout", "A tree is at most 40 high."))?,
            index: self.index,
            siblings: siblings.collect::<Result<_>>()?,
        };
        for (name, stated, level) in [
            ("case", self.case, Level::Case),
            ("pallet", self.pallet, Level::Pallet),
        ] {
            if stated != proof.index_at(level) {
                return Err(bad(
                    name,
                    "It is not the one that the pack's index lies in.",
                ));
            }
        }
        Ok(proof)
    }
}

fn bad(at: &str, message: &str) -> CliError {
    CliError {
        code: "bad_proof".to_owned(),
        message: message.to_owned(),
        at: Some(at.to_owned()),
    }
}

/// Opens a leaf file.
///
/// # Errors
/// `file_missing`, `file_unreadable`, and what the file is refused for.
pub fn open(path: &Path) -> Result<Leaves<File>> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Leaves::open(file).map_err(|error| refused(path, &error))
}

/// A file that cannot be had.
pub fn unreadable(path: &Path, error: &io::Error) -> CliError {
    match error.kind() {
        io::ErrorKind::NotFound => CliError::new(
            "file_missing",
            format!("There is no file {}.", path.display()),
        ),
        _ => CliError::new(
            "file_unreadable",
            format!("{} cannot be read: {error}.", path.display()),
        ),
    }
}

/// A refusal, with the file it is about.
pub fn refused(path: &Path, error: &BatchError) -> CliError {
    CliError::new(error.code(), format!("{}: {error}", path.display()))
}
