//! The story as a table.

use std::fmt;

use serde::Serialize;

use super::stage::{Stage, Step};
use super::story::Found;
use crate::output::{money, table};

/// What was played and what was found.
#[derive(Serialize)]
pub struct Report {
    steps: Vec<Step>,
    /// Compute units of all transactions.
    compute_units: u64,
    /// Lamports of all steps.
    lamports: u64,
    #[serde(flatten)]
    found: Found,
}

impl Report {
    /// The report of a story that held.
    pub fn new(stage: Stage, found: Found) -> Self {
        let compute_units = stage.steps.iter().map(units).fold(0, u64::saturating_add);
        let lamports = stage
            .steps
            .iter()
            .map(|step| step.lamports)
            .fold(0, u64::saturating_add);
        Self {
            steps: stage.steps,
            compute_units,
            lamports,
            found,
        }
    }
}

fn units(step: &Step) -> u64 {
    step.transactions
        .iter()
        .map(|receipt| receipt.compute_units)
        .fold(0, u64::saturating_add)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (heading, preparation) in [("Preparations", true), ("The claim story", false)] {
            writeln!(f, "{heading}")?;
            let mut rows = table(
                &[
                    "",
                    "Step",
                    "Outcome",
                    "Compute units",
                    "Lamports",
                    "Transaction",
                ],
                &[0, 3, 4],
            );
            for (index, step) in self
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| step.preparation == preparation)
            {
                rows.add_row([
                    index.saturating_add(1).to_string(),
                    step.title.clone(),
                    step.result.replace("; ", "\n"),
                    if step.transactions.is_empty() {
                        "-".to_owned()
                    } else {
                        units(step).to_string()
                    },
                    step.lamports.to_string(),
                    transaction(step),
                ]);
            }
            writeln!(f, "{rows}\n")?;
        }
        writeln!(
            f,
            "Lamports are fees, and the rent of new accounts. Amounts are in {}.",
            self.found.currency
        )?;
        writeln!(
            f,
            "All steps together: {} compute units, {} lamports.",
            self.compute_units, self.lamports
        )?;
        writeln!(
            f,
            "The clinic holds {} {}, the vault {}.",
            money(self.found.clinic_holds),
            self.found.currency,
            money(self.found.vault_holds)
        )?;
        writeln!(
            f,
            "The ledger adjudicated line by line, to the cent, as the quote had said."
        )?;
        write!(
            f,
            "Keys, documents and stores of this run: {}",
            self.found.folder
        )
    }
}

/// The first letters of the last signature, and how many there were; --output json has them whole.
fn transaction(step: &Step) -> String {
    match step.transactions.as_slice() {
        [] => "none sent".to_owned(),
        [only] => short(&only.signature),
        [.., last] => format!(
            "{} ({} in all)",
            short(&last.signature),
            step.transactions.len()
        ),
    }
}

fn short(signature: &str) -> String {
    format!("{}…", signature.chars().take(12).collect::<String>())
}
