//! A pack as commands name it: batch, leaf file, serial number.

use std::path::{Path, PathBuf};

use galen_batch::Proof;
use galen_rules::merkle::{Level, Subtree};
use solana_pubkey::Pubkey;

use crate::chain::goods::{proof_of, Goods};
use crate::cluster::Cluster;
use crate::command::batch::view::open;
use crate::error::{CliError, Result};

/// Which pack.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// The leaf file
    #[arg(value_name = "LEAVES")]
    leaves: PathBuf,
    /// The pack's serial number, as it is printed
    #[arg(long, allow_hyphen_values = true)]
    serial: String,
}

/// What a pack is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Whole {
    /// All of its case
    Case,
    /// All of its pallet
    Pallet,
}

/// A pack of a batch on a cluster, with its proof.
pub struct Pack {
    /// The batch.
    pub goods: Goods,
    /// That the pack is in it.
    pub proof: Proof,
    /// Its place, or that of its case or pallet.
    pub place: Subtree,
}

impl Pack {
    /// The records of the pack's path, pack to batch.
    ///
    /// # Errors
    /// `place_unknown`.
    pub fn records(&self) -> Result<[Pubkey; 4]> {
        match self.goods.path(self.place)? {
            [Some(pack), Some(case), Some(pallet), Some(batch)] => Ok([pack, case, pallet, batch]),
            _ => Err(CliError::new(
                "place_unknown",
                "The batch has no such pack.",
            )),
        }
    }
}

impl Named {
    /// Finds it.
    ///
    /// # Errors
    /// Those of the leaf file, `not_found`, `cluster_unreachable`.
    pub fn find(&self, cluster: &Cluster) -> Result<Pack> {
        let mut leaves = open(&self.leaves)?;
        let goods = Goods::read(cluster, self.batch)?;
        let proof = proof_of(&goods, &mut leaves, &self.leaves, &self.serial)?;
        let place = Subtree {
            level: Level::Pack,
            index: proof.index,
        };
        Ok(Pack {
            goods,
            proof,
            place,
        })
    }

    /// Finds what it is part of: the pack itself where that is not asked for.
    ///
    /// # Errors
    /// Those of [`Self::find`].
    pub fn find_whole(&self, cluster: &Cluster, whole: Option<Whole>) -> Result<Pack> {
        let mut pack = self.find(cluster)?;
        if let Some(whole) = whole {
            let level = match whole {
                Whole::Case => Level::Case,
                Whole::Pallet => Level::Pallet,
            };
            let index = pack.proof.index_at(level);
            pack.place = Subtree { level, index };
        }
        Ok(pack)
    }

    /// The pack that flags of another command name.
    pub fn new(batch: Pubkey, leaves: PathBuf, serial: String) -> Self {
        Self {
            batch,
            leaves,
            serial,
        }
    }

    /// The leaf file.
    pub fn leaves(&self) -> &Path {
        &self.leaves
    }

    /// The serial number.
    pub fn serial(&self) -> &str {
        &self.serial
    }
}
