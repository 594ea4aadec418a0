//! `galen store forget`

use std::fmt;

use serde::Serialize;

use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::{Forgotten, Store};

/// Flags of `galen store forget`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen store forget M-4711 --yes
  galen store forget M-4711 --within POOL --yes

Deletes a person's salts, with them what links the pseudonyms on the ledger to the person, and of a sponsor's trials who the marker stands
for, the tax form and the years. Nothing brings them back: claims of theirs can no longer be verified, appealed or explained from this
store. The other party's store, exports and documents are untouched; who has a sponsor's marker key can still work out a
participant's marker from the identifier (docs/privacy.md). Running it again is fine.")]
pub struct Args {
    /// The identifier at the insurer, or at the sponsor
    identifier: String,
    /// Only within this pool, or at this sponsor
    #[arg(long, value_name = "ADDRESS")]
    within: Option<String>,
}

#[derive(Serialize)]
struct Report {
    outcome: &'static str,
    #[serde(flatten)]
    forgotten: Forgotten,
}

/// Runs the command.
///
/// # Errors
/// `confirmation_needed`, `store_damaged`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    if !settings.yes {
        return Err(CliError::new(
            "confirmation_needed",
            "What is forgotten cannot be brought back; add --yes if that is meant.",
        ));
    }
    let store = Store::open(&settings.home)?;
    let forgotten = store.forget(&args.identifier, args.within.as_deref())?;
    let outcome = if forgotten == Forgotten::default() {
        "unchanged"
    } else {
        "changed"
    };
    Answer::new(&Report { outcome, forgotten })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Forgotten {
            commitments,
            persons,
            tax_years,
        } = self.forgotten;
        if self.outcome == "unchanged" {
            return f.write_str("The store knows nobody by that identifier.");
        }
        write!(
            f,
            "Forgotten: {commitments} salts, {persons} persons of trials, {tax_years} tax years. Exports and other stores are untouched."
        )
    }
}
