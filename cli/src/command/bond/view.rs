//! Bonds as they are printed.

use std::fmt;

use provenance::state::Bond;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::chain::{entity, token};
use crate::cluster::Cluster;
use crate::error::{CliError, Result};
use crate::output::money;

/// As JSON: `{"address": "...", "number": 0, "manufacturer": "...", "mint": "...", "claims_program": "...", "vault": "...",
/// "vault_amount": 5, "sequence": 0, "batches": 1, "deposited": 1, "recouped": 0, "owed": 0, "withdrawn": 0, "held": 1, "withdrawal":
/// {"amount": 1, "to": "...", "due_at": 1}}`; money is cents, except `vault_amount`, which is in the smallest units of the mint;
/// `batches` is how many it covers that are not closed; `withdrawal` is null where none is announced.
#[derive(Serialize)]
pub struct View {
    address: String,
    number: u16,
    manufacturer: String,
    mint: String,
    claims_program: String,
    vault: String,
    vault_amount: u64,
    sequence: u64,
    batches: u32,
    deposited: u64,
    recouped: u64,
    owed: u64,
    withdrawn: u64,
    held: u64,
    withdrawal: Option<Withdrawal>,
}

/// A withdrawal that was announced.
#[derive(Serialize)]
struct Withdrawal {
    amount: u64,
    to: String,
    due_at: i64,
}

impl View {
    /// The bond and its vault as they are on the cluster.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`; `bond_damaged` where its ledger contradicts itself, which the program never lets
    /// happen.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let bond: Bond = entity::get(cluster, &address)?;
        let vault = token::account(cluster, &bond.vault, &bond.mint)?;
        let held = bond.held().map_err(|_| {
            CliError::new(
                "bond_damaged",
                format!("The bond {address} has paid more than was deposited; please report this."),
            )
        })?;
        Ok(Self {
            address: address.to_string(),
            number: bond.number,
            manufacturer: bond.manufacturer.to_string(),
            mint: bond.mint.to_string(),
            claims_program: bond.claims_program.to_string(),
            vault: bond.vault.to_string(),
            vault_amount: vault.amount,
            sequence: bond.sequence,
            batches: bond.batches,
            deposited: bond.deposited,
            recouped: bond.recouped,
            owed: bond.owed,
            withdrawn: bond.withdrawn,
            held,
            withdrawal: (bond.withdrawal != 0).then(|| Withdrawal {
                amount: bond.withdrawal,
                to: bond.withdrawal_to.to_string(),
                due_at: bond.withdrawal_at,
            }),
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
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
                ("Bond", format!("{} (number {})", self.address, self.number)),
                ("Manufacturer", self.manufacturer.clone()),
                ("Mint", self.mint.clone()),
                ("For claims of", self.claims_program.clone()),
                (
                    "Vault",
                    format!("{} ({} smallest units)", self.vault, self.vault_amount),
                ),
                ("Batches covered", self.batches.to_string()),
                ("Deposited", money(self.deposited)),
                ("Recouped", money(self.recouped)),
                ("Owed", money(self.owed)),
                ("Withdrawn", money(self.withdrawn)),
                ("Held", money(self.held)),
                ("Withdrawal announced", announced),
                ("Sequence", self.sequence.to_string()),
            ],
        )
    }
}
