//! Trials and what belongs to them as they are on the ledger. They are zero-copy, so they are copied out of their bytes.

use anchor_lang::ZeroCopy;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};
use solana_pubkey::Pubkey;
use trials::state::{
    decode_zero_copy, Cohort, Participant, PayeeChange, Person, ProtocolVersion, Schedule, Site,
    Trial,
};

use crate::chain::entity::Entity;
use crate::cluster::{self, Cluster};
use crate::error::{CliError, Result};

/// Where the key by which accounts of a type are listed stands in them: the trial of cohorts and sites, the sponsor of
/// trials and persons.
const FIRST_KEY: usize = 8;
/// Accounts of one request.
const ACCOUNTS_AT_ONCE: usize = 100;

/// A zero-copy account of the trials program, with a name for messages.
pub trait Copied: ZeroCopy {
    /// Singular, lower case.
    const NAME: &'static str;
    /// What to do where there is none.
    const HINT: &'static str;
}

impl Copied for Trial {
    const NAME: &'static str = "trial";
    const HINT: &'static str =
        "Create it with `galen trial create`, or list those there are with `galen trial list`.";
}

impl Copied for Schedule {
    const NAME: &'static str = "schedule";
    const HINT: &'static str = "The sponsor uploads one with `galen trial schedule`.";
}

impl Copied for Site {
    const NAME: &'static str = "site";
    const HINT: &'static str =
        "The sponsor offers a trial to a site with `galen trial add-site`; `galen trial show` lists those there are.";
}

impl Copied for Person {
    const NAME: &'static str = "person";
    const HINT: &'static str = "A person's account is made at the first consent.";
}

impl Entity for ProtocolVersion {
    const NAME: &'static str = "protocol version";
    const HINT: &'static str = "The sponsor publishes one with `galen trial publish`.";
}

impl Entity for PayeeChange {
    const NAME: &'static str = "announced payee";
    const HINT: &'static str = "One is announced with `galen trial propose-payee`.";
}

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
    get(cluster, address)
}

/// The account at an address, if there is one.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn find<T: Copied>(cluster: &Cluster, address: &Pubkey) -> Result<Option<T>> {
    let Some(account) = cluster.account(address)? else {
        return Ok(None);
    };
    if account.owner == solana_sdk_ids::system_program::ID && account.data.is_empty() {
        return Ok(None);
    }
    if account.owner != trials::ID {
        return Err(wrong(address, T::NAME));
    }
    copied(address, &account.data).map(Some)
}

/// The account at an address.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn get<T: Copied>(cluster: &Cluster, address: &Pubkey) -> Result<T> {
    find(cluster, address)?.ok_or_else(|| {
        CliError::new(
            "not_found",
            format!(
                "There is no {} at {address} on this cluster. {}",
                T::NAME,
                T::HINT
            ),
        )
    })
}

/// The accounts at these addresses, in their order; none where there is none.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn each<T: Copied>(cluster: &Cluster, addresses: &[Pubkey]) -> Result<Vec<Option<T>>> {
    let mut found = Vec::with_capacity(addresses.len());
    for chunk in addresses.chunks(ACCOUNTS_AT_ONCE) {
        for (address, account) in chunk.iter().zip(cluster.accounts(chunk)?) {
            found.push(match account {
                Some(account) if account.owner == trials::ID => {
                    Some(copied(address, &account.data)?)
                }
                _ => None,
            });
        }
    }
    Ok(found)
}

/// The accounts of a type that belong to `owner`: sites of a trial, trials and persons of a sponsor; by address.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn list<T: Copied>(cluster: &Cluster, owner: Option<&Pubkey>) -> Result<Vec<(Pubkey, T)>> {
    raw(cluster, T::DISCRIMINATOR, owner)?
        .into_iter()
        .map(|(address, data)| copied(&address, &data).map(|account| (address, account)))
        .collect()
}

/// The cohorts of a trial, by address.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn cohorts(cluster: &Cluster, trial: &Pubkey) -> Result<Vec<Page>> {
    use anchor_lang::Discriminator;
    raw(cluster, Cohort::DISCRIMINATOR, Some(trial))?
        .into_iter()
        .map(|(address, data)| page(address, &data))
        .collect()
}

/// The cohort at an address.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn cohort(cluster: &Cluster, address: &Pubkey) -> Result<Page> {
    let account = cluster.account(address)?.ok_or_else(|| {
        CliError::new("not_found", format!("There is no cohort at {address} on this cluster. The site opens one with `galen trial open-cohort`."))
    })?;
    if account.owner != trials::ID {
        return Err(wrong(address, "cohort"));
    }
    page(*address, &account.data)
}

fn raw(
    cluster: &Cluster,
    discriminator: &[u8],
    owner: Option<&Pubkey>,
) -> Result<Vec<(Pubkey, Vec<u8>)>> {
    let filters = std::iter::once((0, discriminator.to_vec()))
        .chain(owner.map(|key| (FIRST_KEY, key.to_bytes().to_vec())))
        .map(|(offset, bytes)| RpcFilterType::Memcmp(Memcmp::new_raw_bytes(offset, bytes)));
    let config = RpcProgramAccountsConfig {
        filters: Some(filters.collect()),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(cluster.client.commitment()),
            ..RpcAccountInfoConfig::default()
        },
        // So that it says of which slot it is.
        with_context: Some(true),
        ..RpcProgramAccountsConfig::default()
    };
    let mut found: Vec<(Pubkey, Vec<u8>)> = cluster
        .client
        .get_program_ui_accounts_with_config(&trials::ID, config)
        .map_err(|error| cluster::unreachable(&cluster.client.url(), &error))?
        .into_iter()
        .map(|(address, account)| (address, account.data.decode().unwrap_or_default()))
        .collect();
    found.sort_by_key(|(address, _)| *address);
    Ok(found)
}

fn page(address: Pubkey, data: &[u8]) -> Result<Page> {
    let (header, participants) = Cohort::decode(data).map_err(|_| wrong(&address, "cohort"))?;
    Ok(Page {
        address,
        header,
        participants,
    })
}

fn copied<T: Copied>(address: &Pubkey, data: &[u8]) -> Result<T> {
    decode_zero_copy(data).map_err(|_| wrong(address, T::NAME))
}

fn wrong(address: &Pubkey, name: &str) -> CliError {
    CliError::new(
        "wrong_account",
        format!("{address} is not the address of a {name}: another account is there, or one of another version."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn the_keys_stand_where_the_filters_look() {
        let key = Pubkey::new_from_array([7; 32]);
        let at_start = |bytes: &[u8]| bytes.starts_with(key.as_ref());
        let mut trial = Trial::zeroed();
        trial.sponsor = key;
        assert!(at_start(bytemuck::bytes_of(&trial)));
        let mut person = Person::zeroed();
        person.sponsor = key;
        assert!(at_start(bytemuck::bytes_of(&person)));
        let mut site = Site::zeroed();
        site.trial = key;
        assert!(at_start(bytemuck::bytes_of(&site)));
        let header = Cohort::new(key, Pubkey::default(), Pubkey::default(), 1);
        assert!(at_start(bytemuck::bytes_of(&header)));
    }
}
