//! Token accounts and mints of both token programs.

use anchor_lang::AccountDeserialize;
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use anchor_spl::token_interface::TokenAccount;
use solana_pubkey::Pubkey;

use crate::cluster::Cluster;
use crate::error::{CliError, Result};

/// The token program that owns a mint.
///
/// # Errors
/// `wrong_mint` where there is no mint at the address.
pub fn program_of(cluster: &Cluster, mint: &Pubkey) -> Result<Pubkey> {
    match cluster.account(mint)? {
        Some(account) if [anchor_spl::token::ID, anchor_spl::token_2022::ID].contains(&account.owner) => Ok(account.owner),
        Some(account) => Err(CliError::new("wrong_mint", format!("{mint} is no mint: the account there belongs to {}. Name a mint of SPL Token or Token-2022.", account.owner))),
        None => Err(CliError::new("wrong_mint", format!("There is no mint at {mint} on this cluster. Name one of SPL Token or Token-2022."))),
    }
}

/// The associated token account of `owner`.
pub fn associated(owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    get_associated_token_address_with_program_id(owner, mint, token_program)
}

/// The token account at an address.
///
/// # Errors
/// `wrong_token_account` where there is none, or one of another mint.
pub fn account(cluster: &Cluster, address: &Pubkey, mint: &Pubkey) -> Result<TokenAccount> {
    let refused = |what: String| CliError::new("wrong_token_account", what);
    let Some(account) = cluster.account(address)? else {
        return Err(refused(format!("There is no token account at {address} on this cluster. Its owner opens it with `galen wallet open-account {mint}`; or name another.")));
    };
    let token = TokenAccount::try_deserialize(&mut account.data.as_slice()).map_err(|_| {
        refused(format!(
            "{address} is no token account: it belongs to {}.",
            account.owner
        ))
    })?;
    if token.mint != *mint {
        return Err(refused(format!(
            "The token account {address} is of the mint {}, and {mint} is needed.",
            token.mint
        )));
    }
    Ok(token)
}
