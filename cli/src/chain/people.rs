//! Members, and where people's data may be written.

use std::collections::BTreeSet;

use anchor_lang::Discriminator;
use claims::state::{decode_zero_copy, Authorization, Family, Member};
use clap::Args;
use galen_documents::{Day, Modifier};
use galen_rules::Date;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use solana_pubkey::Pubkey;

use super::entity::{self, offset};
use crate::cluster::Cluster;
use crate::command::trial::rows;
use crate::error::{CliError, Result};
use crate::store::{CodeKey, Store, Subject};

/// The flag of every command that writes people's data.
#[derive(Debug, Args)]
pub struct PeopleFlags {
    /// Write people's data to a public cluster; read docs/privacy.md first
    #[arg(long)]
    pub public_ledger_accepted: bool,
}

/// Who a command is about: an account, or an identifier of which this store has the salt.
#[derive(Debug, Args)]
pub struct MemberFlags {
    /// The member's identifier at the insurer; it stays in the local store
    #[arg(
        long = "id",
        value_name = "IDENTIFIER",
        value_parser = rows::identifier,
        conflicts_with = "member",
        required_unless_present = "member"
    )]
    pub id: Option<String>,
    /// The member's account
    #[arg(long, value_name = "ADDRESS")]
    pub member: Option<Pubkey>,
}

impl MemberFlags {
    /// The address of the member's account in a pool.
    ///
    /// # Errors
    /// `member_unknown`.
    pub fn address(&self, store: &Store, pool: &Pubkey) -> Result<Pubkey> {
        match (&self.member, &self.id) {
            (Some(address), _) => Ok(*address),
            (None, Some(id)) => known(store, pool, id),
            (None, None) => Err(CliError::new(
                "member_unknown",
                "Say who is meant, with --id or --member.",
            )),
        }
    }
}

/// The address of a member whose salt this store has.
///
/// # Errors
/// `member_unknown`.
pub fn known(store: &Store, pool: &Pubkey, id: &str) -> Result<Pubkey> {
    let commitment = store.known_commitment(Subject::Member, &pool.to_string(), id)?.ok_or_else(|| {
        let message = format!("This store has no salt for a member {id} of the pool {pool}. Enrol the member with `galen member enrol`, import the store that did, or name the account with --member.");
        CliError::new("member_unknown", message)
    })?;
    Ok(Member::find_address(pool, &commitment).0)
}

/// The member at an address, if there is one.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn find_member(cluster: &Cluster, address: &Pubkey) -> Result<Option<Member>> {
    zero_copy(cluster, address, "member")
}

/// The member at an address.
///
/// # Errors
/// `member_unknown`, and those of [`find_member`].
pub fn member(cluster: &Cluster, address: &Pubkey) -> Result<Member> {
    find_member(cluster, address)?.ok_or_else(|| {
        CliError::new("member_unknown", format!("There is no member at {address} on this cluster. The insurer enrols members with `galen member enrol`."))
    })
}

/// The family at an address.
///
/// # Errors
/// `wrong_account`, also where there is none; `cluster_unreachable`.
pub fn family(cluster: &Cluster, address: &Pubkey) -> Result<Family> {
    zero_copy(cluster, address, "family")?.ok_or_else(|| {
        CliError::new(
            "wrong_account",
            format!("There is no family at {address} on this cluster."),
        )
    })
}

/// The authorization at an address, if there is one.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn find_authorization(cluster: &Cluster, address: &Pubkey) -> Result<Option<Authorization>> {
    zero_copy(cluster, address, "authorization")
}

/// All authorisations of these members, in the order of their addresses. Of one member the cluster is asked for its own, of
/// several for all that there are.
///
/// # Errors
/// `cluster_unreachable`.
pub fn authorizations(cluster: &Cluster, members: &BTreeSet<Pubkey>) -> Result<Vec<Authorization>> {
    let filters: Vec<(usize, Pubkey)> = match members.first() {
        None => return Ok(Vec::new()),
        Some(one) if members.len() == 1 => vec![(offset::AUTHORIZATION_MEMBER, *one)],
        Some(_) => Vec::new(),
    };
    let found = entity::raw(cluster, &claims::ID, Authorization::DISCRIMINATOR, &filters)?;
    let read = found
        .iter()
        .filter_map(|(_, account)| decode_zero_copy::<Authorization>(&account.data).ok());
    Ok(read
        .filter(|authorization| members.contains(&authorization.member))
        .collect())
}

fn zero_copy<T: anchor_lang::ZeroCopy>(
    cluster: &Cluster,
    address: &Pubkey,
    name: &str,
) -> Result<Option<T>> {
    let Some(account) = cluster.account(address)? else {
        return Ok(None);
    };
    if account.owner == solana_sdk_ids::system_program::ID && account.data.is_empty() {
        return Ok(None);
    }
    let refused = || {
        CliError::new(
            "wrong_account",
            format!("{address} is not the address of a {name}."),
        )
    };
    if account.owner != claims::ID {
        return Err(refused());
    }
    decode_zero_copy(&account.data)
        .map(Some)
        .map_err(|_| refused())
}

/// The day that an account stores.
///
/// # Errors
/// `wrong_account`, where it is outside the calendar.
pub fn day(days: i32) -> Result<Day> {
    Date::from_days(days).map(Day).ok_or_else(|| {
        CliError::new(
            "wrong_account",
            format!("The account has the day {days}, which no calendar has."),
        )
    })
}

/// What stands on the ledger for a line's modifiers: zeros for none, so that the plainest line needs no key for it.
///
/// # Errors
/// None in fact: HMAC takes keys of any length; the library's type says otherwise.
pub fn modifiers_key(key: &CodeKey, modifiers: &[Modifier], sequence: u8) -> Result<[u8; 4]> {
    if modifiers.is_empty() && sequence == 0 {
        return Ok([0; 4]);
    }
    // Their order says nothing, so it must not make another line of the same.
    let mut sorted: Vec<Modifier> = modifiers.to_vec();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0)
        .map_err(|_| CliError::new("code_key_unusable", "The code key cannot be used."))?;
    mac.update(b"modifiers\0");
    mac.update(&[sequence]);
    for modifier in sorted {
        mac.update(&modifier.0);
    }
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let mut identifier = [0; 4];
    for (to, from) in identifier.iter_mut().zip(digest) {
        *to = from;
    }
    Ok(identifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_have_no_order_and_none_is_zeros() {
        let key = CodeKey([7; 32]);
        let modifier = |text| Modifier::new(text).expect("a modifier");
        let of = |modifiers: &[Modifier], sequence| {
            modifiers_key(&key, modifiers, sequence).expect("computed")
        };
        assert_eq!(of(&[], 0), [0; 4]);
        assert_eq!(
            of(&[modifier("RT"), modifier("76")], 0),
            of(&[modifier("76"), modifier("RT")], 0)
        );
        assert_ne!(of(&[modifier("RT")], 0), of(&[modifier("LT")], 0));
        assert_ne!(of(&[], 1), of(&[], 0));
    }
}
