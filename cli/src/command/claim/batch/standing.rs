//! How claims stand on the ledger, many at a time.

use anchor_lang::{AccountDeserialize, Discriminator};
use claims::state::{ArchivedClaim, Claim, ClaimStatus};
use solana_pubkey::Pubkey;

use crate::cluster::Cluster;
use crate::error::{CliError, Result};

/// What stands at a claim's address.
pub enum Standing {
    /// Nothing yet.
    Missing,
    /// A claim whose lines are not all there, or not adjudicated.
    Draft(Box<Claim>),
    /// A claim that was adjudicated, and the rent that its account holds, in lamports.
    Claim(Box<Claim>, u64),
    /// What an archived claim has left.
    Archived,
}

impl Standing {
    /// How far the claim has come: it only ever grows.
    pub fn progress(&self) -> usize {
        match self {
            Self::Missing => 0,
            Self::Draft(claim) => claim.lines.len().saturating_add(1),
            Self::Claim(..) | Self::Archived => usize::MAX,
        }
    }

    /// Whether the claim has landed: nothing more is to be sent.
    pub fn has_landed(&self) -> bool {
        matches!(self, Self::Claim(..) | Self::Archived)
    }
}

/// Reads them, in the order of the addresses.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn read(cluster: &Cluster, addresses: &[Pubkey]) -> Result<Vec<Standing>> {
    let accounts = cluster.accounts(addresses)?;
    addresses
        .iter()
        .zip(accounts)
        .map(|(address, account)| match account {
            Some(account) if account.owner == claims::ID => {
                of(account.lamports, &account.data).ok_or_else(|| {
                    let message = format!("{address} is not the address of a claim: it is another account of the program, or of another version of it.");
                    CliError::new("wrong_account", message)
                })
            }
            _ => Ok(Standing::Missing),
        })
        .collect()
}

fn of(lamports: u64, data: &[u8]) -> Option<Standing> {
    if data.starts_with(ArchivedClaim::DISCRIMINATOR) {
        return Some(Standing::Archived);
    }
    let claim = Box::new(Claim::try_deserialize(&mut &*data).ok()?);
    Some(match claim.status {
        ClaimStatus::Draft => Standing::Draft(claim),
        _ => Standing::Claim(claim, lamports),
    })
}
