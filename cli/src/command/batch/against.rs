//! Leaf files of a product's other batches: a serial number is unique for its GTIN, so one that is in two batches is suspect.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use galen_batch::Leaves;
use galen_rules::merkle::{Level, Node, Subtree};

use super::view::{open, refused, unreadable};
use crate::error::{CliError, Result};

/// What leaf files are called that are found in a folder.
const SUFFIX: &str = "leaves";

/// Where other leaf files are.
#[derive(Debug, clap::Args)]
pub struct Against {
    /// A leaf file of another batch, or a folder of files *.leaves: a serial number that is in it, too, is suspect (repeatable)
    #[arg(long = "against", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Other leaf files of a product.
pub struct Others(Vec<(PathBuf, Leaves<File>)>);

impl Against {
    /// Opens those of the product but that of the batch itself, which is known by its root.
    ///
    /// # Errors
    /// `file_missing`, `file_unreadable`, and those of leaf files.
    pub fn open(&self, gtin: &[u8; 14], root: &Node) -> Result<Others> {
        let mut others = Vec::new();
        for path in &self.paths {
            for file in files_of(path)? {
                let leaves = open(&file)?;
                if leaves.gtin() == *gtin && leaves.root() != *root {
                    others.push((file, leaves));
                }
            }
        }
        Ok(Others(others))
    }
}

/// The file itself, or the leaf files of the folder by their names.
fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| unreadable(path, &error))?.path();
        if file.extension().is_some_and(|suffix| suffix == SUFFIX) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

impl Others {
    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first that has this serial number.
    ///
    /// # Errors
    /// `leaf_file_damaged`, `file_unreadable`.
    pub fn have(&mut self, serial: &str) -> Result<Option<&Path>> {
        for (path, leaves) in &mut self.0 {
            let place = leaves
                .place_of(serial)
                .map_err(|error| refused(path, &error))?;
            if place.is_some() {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Refuses a batch of which a serial number is in another.
    ///
    /// # Errors
    /// `serial_elsewhere`, and those of leaf files.
    pub fn refuse_repetition(&mut self, leaves: &mut Leaves<File>, of: &Path) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let whole = Subtree {
            level: Level::Batch,
            index: 0,
        };
        let packs = leaves
            .packs_in(whole)
            .map_err(|error| refused(of, &error))?;
        for (_, serial) in packs {
            if let Some(other) = self.have(&serial)? {
                let message = format!(
                    "The serial number {serial} is in {}, too; a serial number is unique for its GTIN.",
                    other.display()
                );
                return Err(CliError::new("serial_elsewhere", message));
            }
        }
        Ok(())
    }
}
