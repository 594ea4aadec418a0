//! Trials and cohorts as they are on the ledger. They are zero-copy, so they are copied out of their bytes.

use anchor_lang::{Discriminator, ZeroCopy};
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};
use solana_pubkey::Pubkey;
use trials::state::{decode_zero_copy, Cohort, Participant, Trial};

use crate::cluster::{self, Cluster};
use crate::error::{CliError, Result};

/// Where `Cohort::trial` stands in a cohort's account.
const COHORT_TRIAL: usize = 8;

/// A cohort's page.
pub struct Page {
    /// Its address.
    pub address: Pubkey,
    /// Its header.
    pub header: Cohort,
    /// Its participants, in the order of their indexes.
    pub participants: Vec<Participant>,
}

/// The trial at an address.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn trial(cluster: &Cluster, address: &Pubkey) -> Result<Trial> {
    let account = cluster.account(address)?.ok_or_else(|| {
        CliError::new(
            "not_found",
            format!("There is no trial at {address} on this cluster."),
        )
    })?;
    if account.owner != trials::ID {
        return Err(wrong(address, "trial"));
    }
    copied(address, &account.data, "trial")
}

/// The cohorts of a trial, by address.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn cohorts(cluster: &Cluster, trial: &Pubkey) -> Result<Vec<Page>> {
    let filters = [
        (0, Cohort::DISCRIMINATOR.to_vec()),
        (COHORT_TRIAL, trial.to_bytes().to_vec()),
    ]
    .map(|(offset, bytes)| RpcFilterType::Memcmp(Memcmp::new_raw_bytes(offset, bytes)));
    let config = RpcProgramAccountsConfig {
        filters: Some(filters.to_vec()),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(cluster.client.commitment()),
            ..RpcAccountInfoConfig::default()
        },
        ..RpcProgramAccountsConfig::default()
    };
    let found = cluster
        .client
        .get_program_ui_accounts_with_config(&trials::ID, config)
        .map_err(|error| cluster::unreachable(&cluster.client.url(), &error))?;
    let mut pages = found
        .into_iter()
        .map(|(address, account)| page(address, &account.data.decode().unwrap_or_default()))
        .collect::<Result<Vec<_>>>()?;
    pages.sort_by_key(|page| page.address);
    Ok(pages)
}

fn page(address: Pubkey, data: &[u8]) -> Result<Page> {
    let (header, participants) = Cohort::decode(data).map_err(|_| wrong(&address, "cohort"))?;
    Ok(Page {
        address,
        header,
        participants,
    })
}

fn copied<T: ZeroCopy>(address: &Pubkey, data: &[u8], name: &str) -> Result<T> {
    decode_zero_copy(data).map_err(|_| wrong(address, name))
}

fn wrong(address: &Pubkey, name: &str) -> CliError {
    CliError::new(
        "wrong_account",
        format!("{address} is not the address of a {name}: another account is there, or one of another version."),
    )
}
