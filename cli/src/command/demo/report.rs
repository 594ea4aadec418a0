//! The stories as tables.

use std::fmt;

use serde::Serialize;

use super::packs::FoundPacks;
use super::stage::{Act, Stage, Step};
use super::story::Found;
use super::trial::FoundTrial;
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
    /// What the trial story found.
    trial: FoundTrial,
    /// What the story of the packs found.
    packs: FoundPacks,
    /// The folder with keys, documents and stores of the run.
    folder: String,
}

impl Report {
    /// The report of stories that held.
    pub fn new(stage: Stage, found: Found, trial: FoundTrial, packs: FoundPacks) -> Self {
        let compute_units = stage.steps.iter().map(units).fold(0, u64::saturating_add);
        let lamports = stage
            .steps
            .iter()
            .map(|step| step.lamports)
            .fold(0, u64::saturating_add);
        Self {
            folder: stage.folder.to_string_lossy().into_owned(),
            steps: stage.steps,
            compute_units,
            lamports,
            found,
            trial,
            packs,
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
        for (heading, act) in [
            ("Preparations", Act::Preparations),
            ("The claim story", Act::Claim),
            ("The trial story", Act::Trial),
            ("The story of a million packs", Act::Packs),
        ] {
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
                .filter(|(_, step)| step.act == act)
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
            "All steps together: {} lamports; those with a figure of their own: {} compute units.",
            self.lamports, self.compute_units
        )?;
        writeln!(
            f,
            "After the first story the clinic held {} {}, the vault {}.",
            money(self.found.clinic_holds),
            self.found.currency,
            money(self.found.vault_holds)
        )?;
        writeln!(
            f,
            "The ledger adjudicated line by line, to the cent, as the quote had said."
        )?;
        writeln!(f, "{}", self.trial)?;
        writeln!(f, "{}", self.packs)?;
        write!(f, "Keys, documents and stores of this run: {}", self.folder)
    }
}

/// The first letters of the last signature, and how many there were; --output json has them whole.
fn transaction(step: &Step) -> String {
    match step.transactions.as_slice() {
        [] if step.sent > 0 => format!("{} in all", step.sent),
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
