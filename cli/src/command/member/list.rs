//! `galen member list`

use std::fmt;

use anchor_lang::Discriminator;
use claims::state::{decode_zero_copy, Member};
use serde::Serialize;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::cluster::{unreachable, Cluster};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{table, Answer};
use crate::store::Store;

/// Where the pool stands in a member's account: right after the discriminator.
const POOL_OFFSET: usize = 8;

/// Flags of `galen member list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member list --pool POOL

Who the members are is shown where this store has their salts.")]
pub struct Args {
    /// The pool
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
}

#[derive(Serialize)]
struct Report {
    members: Vec<View>,
}

/// Runs the command.
///
/// # Errors
/// `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let filters = vec![
        RpcFilterType::Memcmp(Memcmp::new_raw_bytes(0, Member::DISCRIMINATOR.to_vec())),
        RpcFilterType::Memcmp(Memcmp::new_raw_bytes(
            POOL_OFFSET,
            args.pool.to_bytes().to_vec(),
        )),
    ];
    let config = RpcProgramAccountsConfig {
        filters: Some(filters),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(settings.commitment),
            ..RpcAccountInfoConfig::default()
        },
        ..RpcProgramAccountsConfig::default()
    };
    let found = cluster
        .client
        .get_program_ui_accounts_with_config(&claims::ID, config)
        .map_err(|error| unreachable(&settings.url, &error))?;
    let mut members = Vec::with_capacity(found.len());
    for (address, account) in found {
        let data = account.data.decode().unwrap_or_default();
        let member: Member = decode_zero_copy(&data).map_err(|_| {
            CliError::new(
                "wrong_account",
                format!("The member {address} cannot be read; is the program another version?"),
            )
        })?;
        members.push(View::of(&store, address, &member)?);
    }
    members.sort_by(|one, other| one.address.cmp(&other.address));
    Answer::new(&Report { members })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(&["Member", "Identifier", "Covered from", "to"], &[]);
        for member in &self.members {
            let identifier = member.identifier.clone().unwrap_or_else(|| "?".to_owned());
            rows.add_row([
                member.address.clone(),
                identifier,
                member.covered_from.0.to_string(),
                member.covered_to.0.to_string(),
            ]);
        }
        write!(f, "{rows}")
    }
}
