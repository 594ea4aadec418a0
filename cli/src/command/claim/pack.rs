//! The pack of a pharmacy's claim: what the ledger knows of it before it is dispensed, and what the commands need to open that.

use std::path::PathBuf;

use claims::state::PackCommitment;
use solana_pubkey::Pubkey;

use super::filing::CommittedPack;
use crate::chain::session::Session;
use crate::chain::when::Span;
use crate::command::pack::named::{Named, Pack};
use crate::error::{CliError, Result};
use crate::store::{Store, Subject};

/// Flags of a command that binds a claim to a pack.
#[derive(Debug, clap::Args)]
pub struct PackFlags {
    /// The batch of the pack whose dispense is to have the claim paid
    #[arg(long, value_name = "BATCH", requires_all = ["leaves", "serial", "within"])]
    pack: Option<Pubkey>,
    /// The batch's leaf file
    #[arg(long, value_name = "LEAVES", requires = "pack")]
    leaves: Option<PathBuf>,
    /// The pack's serial number, as it is printed
    #[arg(long, requires = "pack", allow_hyphen_values = true)]
    serial: Option<String>,
    /// For how long the member agrees: at most 7d
    #[arg(long, value_name = "SPAN", requires = "pack")]
    within: Option<Span>,
}

impl PackFlags {
    /// The commitment of `claim` to the pack, if one is named; its salt is kept in the store.
    ///
    /// # Errors
    /// Those of the leaf file, `not_found`, `store_damaged`, `no_randomness`.
    pub fn commit(&self, session: &Session, claim: &Pubkey) -> Result<Option<CommittedPack>> {
        let (Some(batch), Some(leaves), Some(serial), Some(within)) =
            (self.pack, &self.leaves, &self.serial, self.within)
        else {
            return Ok(None);
        };
        let named = Named::new(batch, leaves.clone(), serial.clone());
        let pack = named.find(session.cluster())?;
        let (batch, index) = (pack.goods.address, pack.place.index);
        let salt = session.ledger.store.commitment(
            Subject::Pack,
            &claim.to_string(),
            &identifier(&batch, index),
        )?;
        Ok(Some(CommittedPack {
            commitment: PackCommitment::of(&salt, &batch, index),
            until: session.now.saturating_add(within.seconds()),
        }))
    }
}

/// The salt of the commitment of `claim` to a pack.
///
/// # Errors
/// `pack_unknown` where this store has not made it, `store_damaged`.
pub fn salt(store: &Store, claim: &Pubkey, pack: &Pack) -> Result<[u8; 32]> {
    let identifier = identifier(&pack.goods.address, pack.place.index);
    store
        .known_commitment(Subject::Pack, &claim.to_string(), &identifier)?
        .ok_or_else(|| {
            let message = format!(
                "This store has not bound the claim {claim} to that pack, so it has no salt to show it by; name the pack that it was bound to, or use the store that did."
            );
            CliError::new("pack_unknown", message)
        })
}

fn identifier(batch: &Pubkey, index: u64) -> String {
    format!("{batch} {index}")
}
