//! Leaf files of a product's other batches: a serial number is unique for its GTIN, so one that is in two batches is suspect.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anchor_lang::Discriminator;
use galen_batch::Leaves;
use galen_rules::merkle::{Level, Node, Subtree};
use provenance::state::Batch;

use super::view::{open, refused, unreadable};
use crate::chain::entity::{self, offset};
use crate::chain::goods::Goods;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};

/// What leaf files are called that are found in a folder.
const SUFFIX: &str = "leaves";
/// The folder of the home folder in which leaf files are kept.
const KEPT: &str = "leaves";

/// Where other leaf files are.
#[derive(Debug, clap::Args)]
pub struct Against {
    /// A leaf file of another batch, or a folder of files *.leaves: a serial number that is in it, too, is suspect (repeatable)
    #[arg(long = "against", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Another leaf file of a product.
struct Other {
    path: PathBuf,
    leaves: Leaves<File>,
    /// Whether it counts: it was named, or its batch is registered. Asked once it matters.
    counts: Option<bool>,
}

/// Other leaf files of a product.
pub struct Others(Vec<Other>);

impl Against {
    /// Opens those of the product that are named, but that of the batch itself, which is known by its root.
    ///
    /// # Errors
    /// `file_missing`, `file_unreadable`, and those of leaf files.
    pub fn open(&self, gtin: &[u8; 14], root: &Node) -> Result<Others> {
        let mut others = Vec::new();
        for path in &self.paths {
            for path in files_of(path)? {
                let leaves = open(&path)?;
                if leaves.gtin() == *gtin && leaves.root() != *root {
                    others.push(Other {
                        path,
                        leaves,
                        counts: Some(true),
                    });
                }
            }
        }
        Ok(Others(others))
    }

    /// Opens those that are named, and those of the product that are at hand: beside the batch's own, and in the folder `leaves` of the
    /// home folder. Nobody asked for the latter: one that cannot be read is left out with a note, and one whose batch is not
    /// registered, as a tree that was built twice, does not count.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn open_with_those_at_hand(
        &self,
        goods: &Goods,
        own: &Path,
        settings: &Settings,
    ) -> Result<Others> {
        let (gtin, root) = (&goods.batch.gtin, &goods.batch.root);
        let Others(mut others) = self.open(gtin, root)?;
        let beside = own.parent().filter(|folder| *folder != Path::new(""));
        let beside = beside.unwrap_or_else(|| Path::new("."));
        for folder in [beside, &settings.home.join(KEPT)] {
            if !folder.is_dir() {
                continue;
            }
            let left_out = |error: &CliError| {
                settings
                    .notes
                    .say(format_args!("Left out: {}", error.message));
            };
            let files = files_of(folder).unwrap_or_else(|error| {
                left_out(&error);
                Vec::new()
            });
            for path in files {
                let leaves = match open(&path) {
                    Ok(leaves) => leaves,
                    Err(error) => {
                        left_out(&error);
                        continue;
                    }
                };
                let is_known = |other: &Other| other.leaves.root() == leaves.root();
                let is_other = leaves.gtin() == *gtin && leaves.root() != *root;
                if is_other && !others.iter().any(is_known) {
                    others.push(Other {
                        path,
                        leaves,
                        counts: None,
                    });
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

impl Other {
    /// Whether it has this serial number.
    fn has(&mut self, serial: &str) -> Result<bool> {
        let place = self
            .leaves
            .place_of(serial)
            .map_err(|error| refused(&self.path, &error))?;
        Ok(place.is_some())
    }

    /// Whether it was named, or the ledger has a batch of the product with its root.
    fn counts(&mut self, cluster: &Cluster, goods: &Goods, settings: &Settings) -> Result<bool> {
        if let Some(counts) = self.counts {
            return Ok(counts);
        }
        let filters = [
            (offset::BATCH_PRODUCT, goods.batch.product),
            (offset::BATCH_ROOT, self.leaves.root().into()),
        ];
        let found = entity::raw(cluster, &provenance::ID, Batch::DISCRIMINATOR, &filters)?;
        let counts = !found.is_empty();
        if !counts {
            settings.notes.say(format_args!(
                "{} has a serial number of this batch, but no batch is registered with its root: it does not count. Throw it away, or name it with --against.",
                self.path.display()
            ));
        }
        self.counts = Some(counts);
        Ok(counts)
    }
}

impl Others {
    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one that counts has this serial number of the batch `goods`.
    ///
    /// # Errors
    /// `leaf_file_damaged`, `file_unreadable`, `cluster_unreachable`.
    pub fn share(
        &mut self,
        serial: &str,
        cluster: &Cluster,
        goods: &Goods,
        settings: &Settings,
    ) -> Result<bool> {
        for other in &mut self.0 {
            if other.counts != Some(false)
                && other.has(serial)?
                && other.counts(cluster, goods, settings)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first that has this serial number.
    ///
    /// # Errors
    /// `leaf_file_damaged`, `file_unreadable`.
    fn have(&mut self, serial: &str) -> Result<Option<&Path>> {
        for other in &mut self.0 {
            if other.has(serial)? {
                return Ok(Some(&other.path));
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
