//! The answer of a command that creates or changes an account.

use std::fmt;

use serde::Serialize;

use crate::send::Receipt;

/// What has become of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was not there before.
    Created,
    /// It was there, and is different now.
    Changed,
    /// It was there already, just as asked for: nothing was sent.
    Unchanged,
}

/// The outcome, the account as it is now on the cluster, and the transactions that made it so.
///
/// As JSON: `{"outcome": "created" | "changed" | "unchanged", "account": {...}, "transactions": [{"signature": "...",
/// "slot": 1, "compute_units": 1, "fee": 5000}]}`; the account has the form in which the noun's `show` prints it.
#[derive(Serialize)]
pub struct Change<V> {
    outcome: Outcome,
    account: V,
    transactions: Vec<Receipt>,
}

impl<V> Change<V> {
    /// The account was created.
    pub fn created(account: V, receipt: Receipt) -> Self {
        Self {
            outcome: Outcome::Created,
            account,
            transactions: vec![receipt],
        }
    }

    /// The account was changed.
    pub fn changed(account: V, receipt: Receipt) -> Self {
        Self {
            outcome: Outcome::Changed,
            account,
            transactions: vec![receipt],
        }
    }

    /// The account is as it was asked to be.
    pub fn unchanged(account: V) -> Self {
        Self {
            outcome: Outcome::Unchanged,
            account,
            transactions: Vec::new(),
        }
    }

    /// The account came about by several transactions; by none: it was there.
    pub fn by(outcome: Outcome, account: V, transactions: Vec<Receipt>) -> Self {
        Self {
            outcome,
            account,
            transactions,
        }
    }
}

impl<V: fmt::Display> fmt::Display for Change<V> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Created => "Created.",
            Outcome::Changed => "Changed.",
            Outcome::Unchanged => "Already there, nothing was sent.",
        };
        write!(f, "{}\n{outcome}", self.account)?;
        match self.transactions.as_slice() {
            [] => Ok(()),
            [receipt] => write!(f, "\n{receipt}"),
            [.., last] => write!(
                f,
                "\n{} transactions, the last one:\n{last}",
                self.transactions.len()
            ),
        }
    }
}
