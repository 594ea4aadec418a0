//! Accounts of the programs, by address and by filter, as the types that the programs themselves read.

use std::collections::{btree_map, BTreeMap};

use anchor_lang::{AccountDeserialize, Discriminator, Owner};
use claims::state::{
    Agreement, Appeal, Claim, ClaimRecoupment, DrawChain, DuplicateEntry, MemberFacts,
    PackCommitment, Plan, PlanVersion, Pool, Predetermination, Treaty,
};
use provenance::state::{Acknowledgement, Bond, ClosedBatch, Product};
use registry::state::{Config, Credential, Operator, Organization};
use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_client::rpc_filter::{Memcmp, RpcFilterType};
use solana_pubkey::Pubkey;

use crate::cluster::{self, Cluster};
use crate::error::{CliError, Result};

/// A type of account with a name for messages.
pub trait Entity: AccountDeserialize + Discriminator + Owner {
    /// Singular, lower case.
    const NAME: &'static str;
    /// What to do where there is none.
    const HINT: &'static str;
}

impl Entity for Config {
    const NAME: &'static str = "configuration";
    const HINT: &'static str =
        "The registry is not configured yet: run `galen governance init`, after `galen deploy`.";
}

impl Entity for Organization {
    const NAME: &'static str = "organization";
    const HINT: &'static str =
        "Register it with `galen org register`, or list those there are with `galen org list`.";
}

impl Entity for Operator {
    const NAME: &'static str = "operator record";
    const HINT: &'static str = "The organization's authority adds one with `galen operator add`.";
}

impl Entity for Credential {
    const NAME: &'static str = "credential";
    const HINT: &'static str =
        "It was never issued; an operator of the issuer issues it with `galen credential issue`.";
}

impl Entity for Pool {
    const NAME: &'static str = "pool";
    const HINT: &'static str =
        "Create it with `galen pool create`, or list those there are with `galen pool list`.";
}

impl Entity for Plan {
    const NAME: &'static str = "plan";
    const HINT: &'static str =
        "Create it with `galen plan create`, or list those there are with `galen plan list`.";
}

impl Entity for PlanVersion {
    const NAME: &'static str = "plan version";
    const HINT: &'static str = "Publish it with `galen plan publish`.";
}

impl Entity for Agreement {
    const NAME: &'static str = "agreement";
    const HINT: &'static str = "The insurer offers one with `galen agreement offer`; `galen agreement list` lists those there are.";
}

impl Entity for Appeal {
    const NAME: &'static str = "appeal";
    const HINT: &'static str = "File it with `galen claim appeal file`.";
}

impl Entity for DrawChain {
    const NAME: &'static str = "chain of draws";
    const HINT: &'static str = "The insurer commits one for a year with `galen pool commit-draws`.";
}

impl Entity for MemberFacts {
    const NAME: &'static str = "account of what is stated of a member";
    const HINT: &'static str = "The insurer states it with `galen member set-facts`.";
}

impl Entity for Predetermination {
    const NAME: &'static str = "predetermination";
    const HINT: &'static str = "A provider asks for one with `galen predetermination ask`, or lists those there are with `galen predetermination list`.";
}

impl Entity for Treaty {
    const NAME: &'static str = "treaty";
    const HINT: &'static str =
        "An insurer offers one with `galen treaty offer`; `galen treaty list` lists those there are.";
}

impl Entity for Product {
    const NAME: &'static str = "product";
    const HINT: &'static str = "Register it with `galen product register`.";
}

impl Entity for ClosedBatch {
    const NAME: &'static str = "closed batch";
    const HINT: &'static str =
        "A batch whose time is over is closed with `galen batch close`, and is then gone for good.";
}

impl Entity for Bond {
    const NAME: &'static str = "bond";
    const HINT: &'static str = "The manufacturer opens it with `galen bond open`.";
}

impl Entity for Acknowledgement {
    const NAME: &'static str = "acknowledgement";
    const HINT: &'static str = "A holder acknowledges a recall with `galen recall ack`.";
}

impl Entity for Claim {
    const NAME: &'static str = "claim";
    const HINT: &'static str =
        "Submit it with `galen claim submit`, or list those there are with `galen claim list`.";
}

impl Entity for ClaimRecoupment {
    const NAME: &'static str = "recoupment";
    const HINT: &'static str = "`galen claim recoup` asks the manufacturer's bond.";
}

impl Entity for PackCommitment {
    const NAME: &'static str = "commitment to a pack";
    const HINT: &'static str =
        "The claim is bound to no pack; `galen claim submit --pack` binds one.";
}

impl Entity for DuplicateEntry {
    const NAME: &'static str = "entry of the registry of duplicates";
    const HINT: &'static str = "`galen duplicates screen` makes it.";
}

/// The account at an address; none where there is nothing but perhaps lamports that somebody sent there.
///
/// # Errors
/// `wrong_account` where something else is there, `cluster_unreachable`.
pub fn find<T: Entity>(cluster: &Cluster, address: &Pubkey) -> Result<Option<T>> {
    let Some(account) = cluster.account(address)? else {
        return Ok(None);
    };
    if account.owner == solana_sdk_ids::system_program::ID && account.data.is_empty() {
        return Ok(None);
    }
    if account.owner != T::owner() {
        let message = format!(
            "{address} is not the address of a {}: the account there belongs to the program {}.",
            T::NAME,
            account.owner
        );
        return Err(CliError::new("wrong_account", message));
    }
    decode(address, &account.data).map(Some)
}

/// The account at an address.
///
/// # Errors
/// `not_found`, and those of [`find`].
pub fn get<T: Entity>(cluster: &Cluster, address: &Pubkey) -> Result<T> {
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

/// Accounts of a type, each read once.
pub struct Read<T>(BTreeMap<Pubkey, T>);

impl<T: Entity> Read<T> {
    /// None yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// All that were read.
    pub fn into_inner(self) -> BTreeMap<Pubkey, T> {
        self.0
    }

    /// The account at an address.
    ///
    /// # Errors
    /// Those of [`get`].
    pub fn get(&mut self, cluster: &Cluster, address: Pubkey) -> Result<&T> {
        match self.0.entry(address) {
            btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            btree_map::Entry::Vacant(place) => Ok(place.insert(get(cluster, &address)?)),
        }
    }
}

/// All accounts of a type whose bytes at each offset (counted from the start of the account) are those given, by address.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn list<T: Entity>(cluster: &Cluster, filters: &[(usize, Pubkey)]) -> Result<Vec<(Pubkey, T)>> {
    raw(cluster, &T::owner(), T::DISCRIMINATOR, filters)?
        .into_iter()
        .map(|(address, account)| decode(&address, &account.data).map(|decoded| (address, decoded)))
        .collect()
}

/// The same of a type that is only known by its discriminator, as bytes.
///
/// # Errors
/// `cluster_unreachable`.
pub fn raw(
    cluster: &Cluster,
    owner: &Pubkey,
    discriminator: &[u8],
    filters: &[(usize, Pubkey)],
) -> Result<Vec<(Pubkey, Account)>> {
    let kind = RpcFilterType::Memcmp(Memcmp::new_raw_bytes(0, discriminator.to_vec()));
    let others = filters.iter().map(|(offset, key)| {
        RpcFilterType::Memcmp(Memcmp::new_raw_bytes(*offset, key.to_bytes().to_vec()))
    });
    let config = RpcProgramAccountsConfig {
        filters: Some(std::iter::once(kind).chain(others).collect()),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(cluster.client.commitment()),
            ..RpcAccountInfoConfig::default()
        },
        // So that it says of which slot it is.
        with_context: Some(true),
        ..RpcProgramAccountsConfig::default()
    };
    let found = cluster
        .client
        .get_program_ui_accounts_with_config(owner, config)
        .map_err(|error| cluster::unreachable(&cluster.client.url(), &error))?;
    let mut accounts = found
        .into_iter()
        .map(|(address, account)| {
            let account = Account {
                lamports: account.lamports,
                data: account.data.decode().unwrap_or_default(),
                owner: *owner,
                executable: account.executable,
                rent_epoch: account.rent_epoch,
            };
            (address, account)
        })
        .collect::<Vec<_>>();
    accounts.sort_by_key(|(address, _)| *address);
    Ok(accounts)
}

fn decode<T: Entity>(address: &Pubkey, mut data: &[u8]) -> Result<T> {
    T::try_deserialize(&mut data).map_err(|_| {
        let message = format!("{address} is not the address of a {}: it is another account of the program, or of another version of it.", T::NAME);
        CliError::new("wrong_account", message)
    })
}

/// Where the keys by which accounts are listed stand in them, in bytes from the start of the account.
pub mod offset {
    /// `Acknowledgement::node`.
    pub const ACKNOWLEDGEMENT_NODE: usize = 10;
    /// `Batch::product`.
    pub const BATCH_PRODUCT: usize = 8 + std::mem::offset_of!(provenance::state::Batch, product);
    /// `Batch::root`.
    pub const BATCH_ROOT: usize = 8 + std::mem::offset_of!(provenance::state::Batch, root);
    /// `Shipment::sender`.
    pub const SHIPMENT_SENDER: usize = 40;
    /// `Shipment::recipient`.
    pub const SHIPMENT_RECIPIENT: usize = 72;
    /// Where the batch stands in every record of a place.
    pub const RECORD_BATCH: usize = 8;
    /// `Operator::organization`.
    pub const OPERATOR_ORGANIZATION: usize = 10;
    /// `Appeal::pool`.
    pub const APPEAL_POOL: usize = 45;
    /// `Credential::issuer`.
    pub const CREDENTIAL_ISSUER: usize = 10;
    /// `Credential::subject`.
    pub const CREDENTIAL_SUBJECT: usize = 42;
    /// `Pool::insurer`.
    pub const POOL_INSURER: usize = 12;
    /// `Plan::pool`.
    pub const PLAN_POOL: usize = 12;
    /// `Agreement::pool`.
    pub const AGREEMENT_POOL: usize = 10;
    /// `Agreement::provider`.
    pub const AGREEMENT_PROVIDER: usize = 42;
    /// `Predetermination::pool`.
    pub const PREDETERMINATION_POOL: usize = 10;
    /// `Predetermination::provider`.
    pub const PREDETERMINATION_PROVIDER: usize = 42;
    /// `Predetermination::member`.
    pub const PREDETERMINATION_MEMBER: usize = 74;
    /// `Treaty::pool`.
    pub const TREATY_POOL: usize = 13;
    /// `Treaty::reinsurer`.
    pub const TREATY_REINSURER: usize = 45;
    /// `Authorization::member`.
    pub const AUTHORIZATION_MEMBER: usize = 8;
    /// `Claim::pool`.
    pub const CLAIM_POOL: usize = 12;
    /// `Claim::provider`.
    pub const CLAIM_PROVIDER: usize = 44;
    /// `Claim::member`.
    pub const CLAIM_MEMBER: usize = 76;
    /// `ClaimRecoupment::pool`.
    pub const RECOUPMENT_POOL: usize = 42;
    /// `Dispense::claim`.
    pub const DISPENSE_CLAIM: usize = 104;
    /// `DuplicateEntry::payer`.
    pub const ENTRY_PAYER: usize = 10;
    /// `Holder::claim` of the places of a `DuplicateEntry`.
    pub const ENTRY_CLAIMS: [usize; 3] = [82, 146, 210];
}

#[cfg(test)]
mod tests {
    use anchor_lang::AccountSerialize;
    use claims::state::{AgreementTerms, Filing, Holder, Opening, TreatyTerms};
    use galen_rules::adjudication::{Outcome, Totals};
    use galen_rules::Cents;
    use registry::state::{CredentialTerms, Permission, Permissions};

    use super::*;

    fn key_at(account: &impl AccountSerialize, offset: usize) -> Option<Pubkey> {
        let mut bytes = Vec::new();
        account.try_serialize(&mut bytes).expect("serialized");
        bytes
            .get(offset..offset + 32)
            .and_then(|bytes| Pubkey::try_from(bytes).ok())
    }

    #[test]
    fn the_keys_stand_where_the_filters_look() {
        let (a, b) = (
            Pubkey::new_from_array([1; 32]),
            Pubkey::new_from_array([2; 32]),
        );
        let operator =
            Operator::new(255, a, b, Permissions::of(&[Permission::Fund]), 2, 1).expect("made");
        assert_eq!(key_at(&operator, offset::OPERATOR_ORGANIZATION), Some(a));
        let terms = CredentialTerms {
            kind: 1,
            number: 2,
            valid_from: 3,
            valid_until: 4,
        };
        let credential = Credential::new(255, a, b, terms, 1).expect("made");
        assert_eq!(key_at(&credential, offset::CREDENTIAL_ISSUER), Some(a));
        assert_eq!(key_at(&credential, offset::CREDENTIAL_SUBJECT), Some(b));
        let pool = Pool::new(255, 1, a, b, b, b, 6, 0).expect("made");
        assert_eq!(key_at(&pool, offset::POOL_INSURER), Some(a));
        assert_eq!(key_at(&Plan::new(255, 1, a), offset::PLAN_POOL), Some(a));
        let mut entry = DuplicateEntry::new(255, a);
        for n in 3..6 {
            let claim = Pubkey::new_from_array([n; 32]);
            entry.enter(Holder { pool: b, claim }, 1);
        }
        assert_eq!(key_at(&entry, offset::ENTRY_PAYER), Some(a));
        for (place, n) in offset::ENTRY_CLAIMS.into_iter().zip(3..) {
            assert_eq!(key_at(&entry, place), Some(Pubkey::new_from_array([n; 32])));
        }
        let agreement = Agreement::new(
            255,
            a,
            b,
            AgreementTerms {
                in_network: true,
                limit_per_claim: 1,
                limit_per_day: 1,
                netted: false,
            },
        );
        assert_eq!(key_at(&agreement, offset::AGREEMENT_POOL), Some(a));
        assert_eq!(key_at(&agreement, offset::AGREEMENT_PROVIDER), Some(b));
        let opening = Opening {
            bump: 255,
            pool: a,
            provider: b,
            claim_id: [3; 16],
            document: [4; 32],
            opener: a,
            service_date: 5,
            line_count: 1,
        };
        let mut claim = Claim::open(opening).expect("made");
        claim.member = a;
        let appeal = Appeal::file(Filing {
            bump: 255,
            level: 1,
            by_member: true,
            claim: b,
            pool: a,
            appellant: b,
            payer: b,
            grounds: [3; 32],
            today: 4,
            decision_days: 5,
            reviewer: b,
        })
        .expect("made");
        assert_eq!(key_at(&appeal, offset::APPEAL_POOL), Some(a));
        let nothing = Totals {
            outcome: Outcome::Complete,
            lines: 0,
            denied: 0,
            charge: Cents::ZERO,
            allowed: Cents::ZERO,
            paid: Cents::ZERO,
            patient: Cents::ZERO,
            write_off: Cents::ZERO,
            other: Cents::ZERO,
        };
        let answer = Predetermination::answer(255, &claim, &nothing, 5);
        assert_eq!(key_at(&answer, offset::PREDETERMINATION_POOL), Some(a));
        assert_eq!(key_at(&answer, offset::PREDETERMINATION_PROVIDER), Some(b));
        assert_eq!(key_at(&answer, offset::PREDETERMINATION_MEMBER), Some(a));
        let terms = TreatyTerms {
            from: 1,
            to: 2,
            runoff_days: 0,
            claim_attachment: 0,
            claim_limit: 0,
            claims_limit: 0,
            year_attachment: 0,
            year_limit: 1,
        };
        let treaty = Treaty::offer(255, 3, a, b, terms).expect("made");
        assert_eq!(key_at(&treaty, offset::TREATY_POOL), Some(a));
        assert_eq!(key_at(&treaty, offset::TREATY_REINSURER), Some(b));
        assert_eq!(key_at(&claim, offset::CLAIM_POOL), Some(a));
        assert_eq!(key_at(&claim, offset::CLAIM_PROVIDER), Some(b));
        assert_eq!(key_at(&claim, offset::CLAIM_MEMBER), Some(a));
    }
}
