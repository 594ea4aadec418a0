//! A pack as commands name it: batch, leaf file, serial number.

use std::path::PathBuf;

use galen_batch::Proof;
use galen_rules::merkle::{Level, Subtree};
use solana_pubkey::Pubkey;

use crate::chain::goods::{proof_of, Goods};
use crate::cluster::Cluster;
use crate::command::batch::view::open;
use crate::error::Result;

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

/// A pack of a batch on a cluster, with its proof.
pub struct Pack {
    /// The batch.
    pub goods: Goods,
    /// That the pack is in it.
    pub proof: Proof,
    /// Its place.
    pub place: Subtree,
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

    /// The serial number.
    pub fn serial(&self) -> &str {
        &self.serial
    }
}
