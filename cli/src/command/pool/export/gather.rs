//! The accounts of a pool, kind by kind, in an order that does not change.

use std::collections::BTreeSet;

use anchor_lang::AccountDeserialize;
use claims::state::{
    decode_zero_copy, Agreement, Authorization, DuplicateEntry, History, MemberFacts,
    PackCommitment, PlanDetails, PlanVersion, Pool, Treaty,
};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use solana_account::Account;
use solana_client::rpc_client::GetConfirmedSignaturesForAddress2Config;
use solana_pubkey::Pubkey;
use solana_transaction_status::UiTransactionEncoding;

use crate::chain::entity;
use crate::chain::layout::{snake, Layouts};
use crate::chain::text::hex;
use crate::chain::token;
use crate::cluster::{self, Cluster};
use crate::error::Result;
use crate::output::Notes;

/// Accounts that one request asks for.
const CHUNK: usize = 100;

/// Kinds that name their pool, and where in the account.
const WITH_POOL: [(&str, usize); 12] = [
    ("Plan", 12),
    ("PlanVersion", 44),
    ("BenefitSchedule", 8),
    ("Agreement", 10),
    ("Member", 8),
    ("Family", 8),
    ("Claim", 12),
    ("Appeal", 45),
    ("Predetermination", 10),
    ("Treaty", 13),
    ("DrawChain", 12),
    ("ClaimRecoupment", entity::offset::RECOUPMENT_POOL),
];

/// Where the details of a plan version are, where it has any.
fn details_of(account: &Account) -> Option<Pubkey> {
    let version = PlanVersion::try_deserialize(&mut &account.data[..]).ok()?;
    version
        .has_details()
        .then(|| PlanDetails::find_address(&version.plan, version.number).0)
}

fn read<T: AccountDeserialize>(data: &[u8]) -> Option<T> {
    T::try_deserialize(&mut &*data).ok()
}

/// One account.
pub struct Record {
    /// What it is, in snake case.
    pub kind: String,
    /// Where.
    pub address: Pubkey,
    /// Its lamports and bytes.
    pub account: Account,
    /// Field by field.
    pub fields: Value,
    /// False for an archived commitment of which the cluster no longer knows the transaction that says whose it is.
    pub pool_known: bool,
}

impl Record {
    /// Kind and address.
    pub fn name(&self) -> String {
        format!("{} {}", self.kind, self.address)
    }

    /// Of its bytes.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(&self.account.data))
    }

    /// Its line in the file.
    pub fn line(&self) -> Value {
        let mut line = json!({
            "kind": self.kind,
            "address": self.address.to_string(),
            "lamports": self.account.lamports,
            "data": hex(&self.account.data),
            "account": self.fields,
        });
        if let (false, Some(line)) = (self.pool_known, line.as_object_mut()) {
            line.insert("pool_known".to_owned(), json!(false));
        }
        line
    }
}

/// Reads a pool's accounts.
pub struct Gatherer<'a> {
    cluster: &'a Cluster,
    notes: Notes,
    layouts: Layouts,
    registry: Layouts,
    address: Pubkey,
    pool: &'a Pool,
}

impl<'a> Gatherer<'a> {
    /// For a pool at an address.
    ///
    /// # Errors
    /// `layouts_unreadable`.
    pub fn new(
        cluster: &'a Cluster,
        notes: Notes,
        address: Pubkey,
        pool: &'a Pool,
    ) -> Result<Self> {
        Ok(Self {
            cluster,
            notes,
            layouts: Layouts::of_claims()?,
            registry: Layouts::of_registry()?,
            address,
            pool,
        })
    }

    /// Hands each account to `take`.
    ///
    /// # Errors
    /// `cluster_unreachable`, `account_unreadable`, and those of `take`.
    pub fn each(&self, mut take: impl FnMut(Record) -> Result<()>) -> Result<()> {
        let progress = self.notes.spinner("Reading the pool");
        if let Some(account) = self.cluster.account(&self.address)? {
            take(self.record("Pool", self.address, account)?)?;
        }
        take(self.vault()?)?;
        let (mut members, mut versions) = (Vec::new(), BTreeSet::new());
        let mut details = Vec::new();
        // Who pays, and whom agreements and treaties name by address only.
        let mut parties = BTreeSet::from([self.pool.insurer]);
        for (kind, offset) in WITH_POOL {
            let found = entity::raw(
                self.cluster,
                &claims::ID,
                self.layouts.discriminator(kind)?,
                &[(offset, self.address)],
            )?;
            progress.set_message(format!("{}: {}", snake(kind), found.len()));
            for (address, account) in found {
                match kind {
                    "Agreement" => {
                        parties.extend(read::<Agreement>(&account.data).map(|of| of.provider));
                    }
                    "Member" => members.push(address),
                    "PlanVersion" => {
                        versions.insert(address);
                        details.extend(details_of(&account));
                    }
                    "Treaty" => {
                        parties.extend(read::<Treaty>(&account.data).map(|of| of.reinsurer));
                    }
                    _ => {}
                }
                take(self.record(kind, address, account)?)?;
            }
        }
        progress.set_message("organization");
        let parties: Vec<Pubkey> = parties.into_iter().collect();
        for chunk in parties.chunks(CHUNK) {
            for (address, account) in self.there(&registry::ID, chunk)? {
                take(Record {
                    kind: snake("Organization"),
                    address,
                    fields: self.registry.decode("Organization", &account.data)?,
                    account,
                    pool_known: true,
                })?;
            }
        }
        progress.set_message("plan_details");
        for chunk in details.chunks(CHUNK) {
            for record in self.at("PlanDetails", chunk)? {
                take(record)?;
            }
        }
        for chunk in members.chunks(CHUNK) {
            progress.set_message("history");
            let histories = chunk.iter().map(|member| History::find_address(member).0);
            let facts = chunk
                .iter()
                .map(|member| MemberFacts::find_address(member).0);
            let (histories, facts): (Vec<_>, Vec<_>) = (histories.collect(), facts.collect());
            for (kind, addresses) in [("History", histories), ("MemberFacts", facts)] {
                for record in self.at(kind, &addresses)? {
                    take(record)?;
                }
            }
        }
        let members: BTreeSet<Pubkey> = members.into_iter().collect();
        // Authorisations and packs of claims name their member; an entry of the registry of duplicates all pools that meet in it.
        let of_member = |member: Option<Pubkey>| member.is_some_and(|key| members.contains(&key));
        for record in self.which("Authorization", |data| {
            of_member(
                decode_zero_copy::<Authorization>(data)
                    .ok()
                    .map(|of| of.member),
            )
        })? {
            take(record)?;
        }
        for record in self.which("PackCommitment", |data| {
            of_member(read::<PackCommitment>(data).map(|of| of.member))
        })? {
            take(record)?;
        }
        for record in self.which("DuplicateEntry", |data| {
            read::<DuplicateEntry>(data)
                .is_some_and(|entry| entry.holders.iter().any(|of| of.pool == self.address))
        })? {
            take(record)?;
        }
        progress.set_message("archived_claim");
        for record in self.archived(&versions)? {
            take(record)?;
        }
        progress.finish_and_clear();
        Ok(())
    }

    fn record(&self, kind: &str, address: Pubkey, account: Account) -> Result<Record> {
        Ok(Record {
            kind: snake(kind),
            address,
            fields: self.layouts.decode(kind, &account.data)?,
            account,
            pool_known: true,
        })
    }

    fn vault(&self) -> Result<Record> {
        let token = token::account(self.cluster, &self.pool.vault, &self.pool.mint)?;
        let account = self.cluster.account(&self.pool.vault)?.unwrap_or_default();
        Ok(Record {
            kind: "vault".to_owned(),
            address: self.pool.vault,
            fields: json!({"mint": token.mint.to_string(), "owner": token.owner.to_string(), "amount": token.amount}),
            account,
            pool_known: true,
        })
    }

    /// The accounts of one kind at these addresses, which follow from what others say; not all need be there.
    fn at(&self, kind: &str, addresses: &[Pubkey]) -> Result<Vec<Record>> {
        self.there(&claims::ID, addresses)?
            .into_iter()
            .map(|(address, account)| self.record(kind, address, account))
            .collect()
    }

    /// The accounts of a program that there are at these addresses.
    fn there(&self, program: &Pubkey, addresses: &[Pubkey]) -> Result<Vec<(Pubkey, Account)>> {
        let found = self
            .cluster
            .client
            .get_multiple_accounts(addresses)
            .map_err(|error| cluster::unreachable(&self.cluster.client.url(), &error))?;
        Ok(addresses
            .iter()
            .zip(found)
            .filter_map(|(address, account)| Some((*address, account?)))
            // Anybody can send lamports to an address where nothing is yet.
            .filter(|(_, account)| account.owner == *program)
            .collect())
    }

    /// The accounts of a kind whose bytes say that they are the pool's.
    fn which(&self, kind: &str, is_ours: impl Fn(&[u8]) -> bool) -> Result<Vec<Record>> {
        let all = entity::raw(
            self.cluster,
            &claims::ID,
            self.layouts.discriminator(kind)?,
            &[],
        )?;
        all.into_iter()
            .filter(|(_, account)| is_ours(&account.data))
            .map(|(address, account)| self.record(kind, address, account))
            .collect()
    }

    /// An archived claim does not say whose it is; the transaction that archived it names its plan version.
    fn archived(&self, versions: &BTreeSet<Pubkey>) -> Result<Vec<Record>> {
        let all = entity::raw(
            self.cluster,
            &claims::ID,
            self.layouts.discriminator("ArchivedClaim")?,
            &[],
        )?;
        let mut records = Vec::new();
        for (address, account) in all {
            let ours = self
                .archived_under(&address)
                .map(|keys| keys.iter().any(|key| versions.contains(key)));
            if ours != Some(false) {
                records.push(Record {
                    pool_known: ours.is_some(),
                    ..self.record("ArchivedClaim", address, account)?
                });
            }
        }
        Ok(records)
    }

    /// The accounts of the last transactions about an archived claim; none where the cluster has forgotten them.
    fn archived_under(&self, address: &Pubkey) -> Option<Vec<Pubkey>> {
        /// The claim's archiving, and the closing of its appeals after it.
        const LAST: usize = 5;
        let client = &self.cluster.client;
        let config = GetConfirmedSignaturesForAddress2Config {
            limit: Some(LAST),
            commitment: Some(client.commitment()),
            ..GetConfirmedSignaturesForAddress2Config::default()
        };
        let found = client
            .get_signatures_for_address_with_config(address, config)
            .ok()?;
        let mut keys = Vec::new();
        for status in found {
            let signature = status.signature.parse().ok()?;
            let config = solana_client::rpc_config::RpcTransactionConfig {
                encoding: Some(UiTransactionEncoding::Base64),
                commitment: Some(client.commitment()),
                max_supported_transaction_version: Some(1),
            };
            let Ok(transaction) = client.get_transaction_with_config(&signature, config) else {
                continue;
            };
            let Some(decoded) = transaction.transaction.transaction.decode() else {
                continue;
            };
            keys.extend(decoded.message.static_account_keys().iter().copied());
        }
        (!keys.is_empty()).then_some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds that are found by something else than a pool in them; the vault and organisations are no accounts of the program.
    const OTHERWISE: [&str; 8] = [
        "ArchivedClaim",
        "Authorization",
        "DuplicateEntry",
        "History",
        "MemberFacts",
        "PackCommitment",
        "PlanDetails",
        "Pool",
    ];

    /// By the program's interface: a new kind of account is not left out, and each filter looks where the pool stands.
    #[test]
    fn every_kind_of_account_is_looked_for_where_its_pool_stands() {
        let layouts = Layouts::of_claims().expect("layouts");
        let with_pool: BTreeSet<_> = layouts
            .kinds()
            .filter_map(|kind| Some((kind, layouts.offset(kind, "pool")?)))
            .collect();
        assert_eq!(with_pool, WITH_POOL.into());
        let all = WITH_POOL.map(|(kind, _)| kind).into_iter();
        let all: BTreeSet<_> = all.chain(OTHERWISE).collect();
        assert_eq!(layouts.kinds().collect::<BTreeSet<_>>(), all);
    }
}
