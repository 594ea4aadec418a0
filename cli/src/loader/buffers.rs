//! Upload buffers that were left over: finding them and getting their rent back.
use solana_account_decoder_client_types::{UiAccountEncoding, UiDataSliceConfig};
use solana_loader_v3_interface::{instruction as loader, state::UpgradeableLoaderState};
use solana_pubkey::Pubkey;
use solana_rpc_client_api::{
    config::{RpcAccountInfoConfig, RpcProgramAccountsConfig},
    filter::{Memcmp, RpcFilterType},
};
use solana_sdk_ids::bpf_loader_upgradeable;
use solana_signer::Signer;

use super::{
    wallet::{Tally, Wallet},
    LoaderError,
};

/// A buffer on the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its address.
    pub address: Pubkey,
    /// What comes back when it is closed.
    pub lamports: u64,
}

/// All buffers of `authority`, whichever tool made them, in the order of their addresses.
///
/// # Errors
/// The cluster does not answer.
pub fn list(wallet: &Wallet, authority: &Pubkey) -> Result<Vec<Found>, LoaderError> {
    let state = UpgradeableLoaderState::Buffer {
        authority_address: Some(*authority),
    };
    let beginning = bincode::serialize(&state).map_err(|_| LoaderError::Arithmetic)?;
    let config = RpcProgramAccountsConfig {
        filters: Some(vec![RpcFilterType::Memcmp(Memcmp::new_raw_bytes(
            0, beginning,
        ))]),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            data_slice: Some(UiDataSliceConfig {
                offset: 0,
                length: 0,
            }),
            commitment: Some(wallet.commitment),
            min_context_slot: None,
        },
        ..RpcProgramAccountsConfig::default()
    };
    let mut found: Vec<Found> = wallet
        .rpc
        .get_program_ui_accounts_with_config(&bpf_loader_upgradeable::id(), config)?
        .into_iter()
        .map(|(address, account)| Found {
            address,
            lamports: account.lamports,
        })
        .collect();
    found.sort_by_key(|buffer| buffer.address);
    Ok(found)
}

/// Closes buffers; their lamports go to the payer. Returns those that were closed.
///
/// # Errors
/// The cluster refuses or does not answer; buffers closed until then stay closed.
pub fn close(
    wallet: &Wallet,
    authority: &dyn Signer,
    buffers: &[Found],
    tally: &mut Tally,
) -> Result<Vec<Found>, LoaderError> {
    let mut closed = Vec::new();
    for buffer in buffers {
        let instruction =
            loader::close(&buffer.address, &wallet.payer.pubkey(), &authority.pubkey());
        let landed = wallet.execute(
            "close the buffer",
            &[instruction],
            &[authority],
            tally,
            |_| Ok(()),
        )?;
        if landed.is_none() {
            return Err(LoaderError::NotLanding {
                step: "close the buffer",
            });
        }
        closed.push(*buffer);
    }
    Ok(closed)
}
