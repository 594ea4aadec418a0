//! Treaties as they are printed.

use std::fmt;

use claims::state::{Treaty, TreatyStatus, TreatyTerms};
use galen_documents::Day;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::people::day;
use crate::chain::text::{facts, key_or_none, some_key};
use crate::chain::when::moment;
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// A treaty's account. Money is cents; `counted` is what its claims award, `recoverable` what the treaty takes over of it,
/// `held` what lies in the layer. `vault` is null before the reinsurer has accepted, `withdrawal` where none is announced.
#[derive(Serialize)]
pub struct View {
    address: String,
    number: u16,
    pool: String,
    reinsurer: String,
    status: &'static str,
    terms: Terms,
    vault: Option<String>,
    claims: u32,
    counted: u64,
    recoverable: u64,
    funded: u64,
    drawn: u64,
    returned: u64,
    withdrawn: u64,
    held: u64,
    withdrawal: Option<Withdrawal>,
    sequence: u64,
}

/// What is covered. Cents.
#[derive(Serialize)]
struct Terms {
    from: Day,
    to: Day,
    runoff_days: u16,
    claim_attachment: u64,
    claim_limit: u64,
    claims_limit: u64,
    year_attachment: u64,
    year_limit: u64,
}

/// A withdrawal that was announced.
#[derive(Serialize)]
struct Withdrawal {
    amount: u64,
    to: String,
    due_at: i64,
}

impl View {
    /// A treaty that was read.
    ///
    /// # Errors
    /// `wrong_account`; `treaty_damaged` where its ledger contradicts itself, which the program never lets happen.
    pub fn of(address: Pubkey, treaty: &Treaty) -> Result<Self> {
        let held = treaty.held().map_err(|_| {
            CliError::new(
                "treaty_damaged",
                format!("The layer of the treaty {address} has given more than it was funded with; please report this."),
            )
        })?;
        Ok(Self {
            address: address.to_string(),
            number: treaty.number,
            pool: treaty.pool.to_string(),
            reinsurer: treaty.reinsurer.to_string(),
            status: match treaty.status {
                TreatyStatus::Offered => "offered",
                TreatyStatus::InForce => "in_force",
            },
            terms: Terms::of(&treaty.terms)?,
            vault: some_key(treaty.vault).map(|key| key.to_string()),
            claims: treaty.claims,
            counted: treaty.awards,
            recoverable: treaty.recoverable(),
            funded: treaty.funded,
            drawn: treaty.drawn,
            returned: treaty.returned,
            withdrawn: treaty.withdrawn,
            held,
            withdrawal: (treaty.withdrawal != 0).then(|| Withdrawal {
                amount: treaty.withdrawal,
                to: treaty.withdrawal_to.to_string(),
                due_at: treaty.withdrawal_at,
            }),
            sequence: treaty.sequence,
        })
    }
}

impl Terms {
    fn of(terms: &TreatyTerms) -> Result<Self> {
        Ok(Self {
            from: day(terms.from)?,
            to: day(terms.to)?,
            runoff_days: terms.runoff_days,
            claim_attachment: terms.claim_attachment,
            claim_limit: terms.claim_limit,
            claims_limit: terms.claims_limit,
            year_attachment: terms.year_attachment,
            year_limit: terms.year_limit,
        })
    }
}

/// The layer of single claims, as people read it.
pub fn per_claim(terms: &TreatyTerms) -> String {
    layer_per_claim(
        terms.claim_limit,
        terms.claim_attachment,
        terms.claims_limit,
    )
}

/// The layer of the year, as people read it.
pub fn per_year(terms: &TreatyTerms) -> String {
    layer(terms.year_limit, terms.year_attachment)
}

fn layer_per_claim(limit: u64, attachment: u64, all: u64) -> String {
    match limit {
        0 => "none".to_owned(),
        _ => format!(
            "{}, at most {} for all claims",
            layer(limit, attachment),
            money(all)
        ),
    }
}

fn layer(limit: u64, attachment: u64) -> String {
    match limit {
        0 => "none".to_owned(),
        _ => format!("{} beyond {}", money(limit), money(attachment)),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Terms { from, to, .. } = &self.terms;
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
        let claim = layer_per_claim(
            self.terms.claim_limit,
            self.terms.claim_attachment,
            self.terms.claims_limit,
        );
        facts(
            f,
            &[
                (
                    "Treaty",
                    format!("{} (number {})", self.address, self.number),
                ),
                ("Pool", self.pool.clone()),
                ("Reinsurer", self.reinsurer.clone()),
                ("Status", self.status.replace('_', " ")),
                (
                    "Awards covered",
                    format!(
                        "{} to {}, counted up to {} days later",
                        from.0, to.0, self.terms.runoff_days
                    ),
                ),
                ("Of each claim", claim),
                (
                    "Of the year",
                    layer(self.terms.year_limit, self.terms.year_attachment),
                ),
                (
                    "Layer's vault",
                    self.vault.clone().unwrap_or_else(|| key_or_none(None)),
                ),
                (
                    "Counted",
                    format!("{} claims, {} awarded", self.claims, money(self.counted)),
                ),
                ("Recoverable", money(self.recoverable)),
                (
                    "Drawn",
                    format!("{}, given back {}", money(self.drawn), money(self.returned)),
                ),
                (
                    "Funded",
                    format!(
                        "{}, withdrawn {}",
                        money(self.funded),
                        money(self.withdrawn)
                    ),
                ),
                ("In the layer", money(self.held)),
                ("Withdrawal announced", announced),
                ("Sequence", self.sequence.to_string()),
            ],
        )
    }
}

/// As JSON, an array of treaties.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No treaties.");
        }
        let mut rows = table(
            &[
                "Treaty",
                "Pool",
                "Reinsurer",
                "Status",
                "From",
                "To",
                "Recoverable",
                "In the layer",
            ],
            &[6, 7],
        );
        for view in &self.0 {
            rows.add_row([
                view.address.clone(),
                view.pool.clone(),
                view.reinsurer.clone(),
                view.status.replace('_', " "),
                view.terms.from.0.to_string(),
                view.terms.to.0.to_string(),
                money(view.recoverable),
                money(view.held),
            ]);
        }
        write!(f, "{rows}")
    }
}
