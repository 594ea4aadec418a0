//! `galen store import`

use std::fmt;
use std::path::PathBuf;

use galen_documents::strict;
use serde::Serialize;

use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::{Backup, Imported, Store};

/// Flags of `galen store import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen store import backup.json
  galen --home ~/galen-of-the-practice store import backup.json")]
pub struct Args {
    /// A file that `galen store export` wrote
    file: PathBuf,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    imported: Imported,
    store: String,
}

/// Runs the command.
///
/// # Errors
/// What the reader refuses by path; those of [`Store::import`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let name = document::name(&args.file);
    let value = strict::parse(&document::bytes(&args.file)?)
        .map_err(|problem| CliError::in_document(&name, problem))?;
    let backup: Backup =
        strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
    let mut store = Store::open(&settings.home)?;
    let imported = store.import(&backup)?;
    Answer::new(&Report {
        imported,
        store: store.path().display().to_string(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Imported into {}: {} new, {} known already.",
            self.store, self.imported.added, self.imported.known
        )
    }
}
