//! Pools as they are printed.

use std::fmt;

use claims::state::Pool;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::text::{facts, some_key};
use crate::chain::when::moment;
use crate::chain::{entity, token};
use crate::cluster::Cluster;
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// As JSON: `{"address": "...", "number": 0, "insurer": "...", "mint": "...", "token_program": "...", "decimals": 6,
/// "issuer_powers": ["freeze", "mint"], "vault": "...", "vault_amount": 5, "ticket_key": null, "sequence": 0, "funded": 1,
/// "paid": 0, "reserved_for_claims": 0, "unfunded": 0, "free": 1, "rounds": 0, "withdrawn": 0, "outflow_limit": null, "former_limit": null, "withdrawal":
/// {"amount": 1, "to": "...", "due_at": 1}}`; `rounds` is how often money was shared among those who waited for it; money is cents,
/// except `vault_amount`, which is in the smallest units of the mint. Lists leave `vault_amount` null; `withdrawal` is null where none is
/// announced.
#[derive(Serialize)]
pub struct View {
    address: String,
    number: u16,
    insurer: String,
    mint: String,
    token_program: String,
    decimals: u8,
    issuer_powers: Vec<&'static str>,
    vault: String,
    vault_amount: Option<u64>,
    ticket_key: Option<String>,
    sequence: u64,
    funded: u64,
    paid: u64,
    reserved_for_claims: u64,
    unfunded: u64,
    free: u64,
    rounds: u64,
    withdrawn: u64,
    outflow_limit: Option<u64>,
    former_limit: Option<FormerLimit>,
    withdrawal: Option<Withdrawal>,
}

/// A limit that was lowered, which holds on for what was awarded before.
#[derive(Serialize)]
struct FormerLimit {
    /// Cents a day; null = there was none.
    limit: Option<u64>,
    /// Unix second from which it holds for nothing any more.
    until: i64,
}

/// A withdrawal that was announced.
#[derive(Serialize)]
struct Withdrawal {
    amount: u64,
    to: String,
    due_at: i64,
}

impl View {
    /// The pool and its vault as they are on the cluster.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let pool: Pool = entity::get(cluster, &address)?;
        Self::with_vault(cluster, address, &pool)
    }

    /// A pool that was read, with its vault as it is on the cluster.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn with_vault(cluster: &Cluster, address: Pubkey, pool: &Pool) -> Result<Self> {
        let vault = token::account(cluster, &pool.vault, &pool.mint)?;
        Ok(Self {
            vault_amount: Some(vault.amount),
            ..Self::new(address, pool)?
        })
    }

    /// A pool that was read.
    ///
    /// # Errors
    /// `pool_damaged` where its ledger contradicts itself, which the program never lets happen.
    pub fn new(address: Pubkey, pool: &Pool) -> Result<Self> {
        let powers = [
            (Pool::ISSUER_CAN_FREEZE, "freeze"),
            (Pool::ISSUER_CAN_MINT, "mint"),
        ];
        let free = pool.free().map_err(|_| {
            CliError::new(
                "pool_damaged",
                format!(
                    "The pool {address} has paid more than it was funded with; please report this."
                ),
            )
        })?;
        Ok(Self {
            address: address.to_string(),
            number: pool.number,
            insurer: pool.insurer.to_string(),
            mint: pool.mint.to_string(),
            token_program: pool.token_program.to_string(),
            decimals: pool.decimals,
            issuer_powers: powers
                .into_iter()
                .filter(|(bit, _)| pool.issuer_powers & bit != 0)
                .map(|(_, name)| name)
                .collect(),
            vault: pool.vault.to_string(),
            vault_amount: None,
            ticket_key: some_key(pool.ticket_key).map(|key| key.to_string()),
            sequence: pool.sequence,
            funded: pool.funded,
            paid: pool.paid,
            reserved_for_claims: pool.reserved_for_claims,
            unfunded: pool.unfunded,
            free,
            rounds: pool.rounds.closed,
            withdrawn: pool.withdrawn,
            outflow_limit: Some(pool.outflow_limit).filter(|limit| *limit != 0),
            former_limit: (pool.former_until != 0).then(|| FormerLimit {
                limit: Some(pool.former_limit).filter(|limit| *limit != 0),
                until: pool.former_until,
            }),
            withdrawal: (pool.withdrawal != 0).then(|| Withdrawal {
                amount: pool.withdrawal,
                to: pool.withdrawal_to.to_string(),
                due_at: pool.withdrawal_at,
            }),
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let powers = if self.issuer_powers.is_empty() {
            "none".to_owned()
        } else {
            self.issuer_powers.join(", ")
        };
        let units = self
            .vault_amount
            .map_or_else(String::new, |amount| format!(" ({amount} smallest units)"));
        let announced = self.withdrawal.as_ref().map_or_else(
            || "none".to_owned(),
            |withdrawal| {
                format!(
                    "{} to {}, from {} on",
                    money(withdrawal.amount),
                    withdrawal.to,
                    moment(withdrawal.due_at)
                )
            },
        );
        facts(
            f,
            &[
                ("Pool", format!("{} (number {})", self.address, self.number)),
                ("Insurer", self.insurer.clone()),
                (
                    "Mint",
                    format!("{} ({} decimals)", self.mint, self.decimals),
                ),
                ("Powers of the mint's issuer", powers),
                ("Vault", format!("{}{units}", self.vault)),
                (
                    "Eligibility desk",
                    self.ticket_key
                        .clone()
                        .unwrap_or_else(|| "none: members sign".to_owned()),
                ),
                ("Funded", money(self.funded)),
                ("Paid", money(self.paid)),
                ("Reserved", money(self.reserved_for_claims)),
                ("Free", money(self.free)),
                ("Awarded, not funded", money(self.unfunded)),
                ("Withdrawn", money(self.withdrawn)),
                (
                    "Paid in a day at most",
                    self.outflow_limit
                        .map_or_else(|| "no limit".to_owned(), money),
                ),
                ("Withdrawal announced", announced),
                ("Sequence", self.sequence.to_string()),
            ],
        )
    }
}

/// As JSON, an array of pools.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No pools.");
        }
        let mut rows = table(
            &["Pool", "Insurer", "Mint", "Free", "Paid", "Not funded"],
            &[3, 4, 5],
        );
        for view in &self.0 {
            rows.add_row([
                view.address.clone(),
                view.insurer.clone(),
                view.mint.clone(),
                money(view.free),
                money(view.paid),
                money(view.unfunded),
            ]);
        }
        write!(f, "{rows}")
    }
}
