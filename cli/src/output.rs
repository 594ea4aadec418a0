//! Commands return a value; `main` prints it once, as text or as JSON. Notes and progress go to stderr, and nowhere
//! while JSON is asked for.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::{CliError, Result};

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum OutputFormat {
    /// Text for people.
    #[default]
    Display,
    /// One JSON document, indented.
    Json,
    /// One JSON document on one line.
    JsonCompact,
}

impl OutputFormat {
    /// Whether anything but the answer has to stay unprinted.
    pub fn is_json(self) -> bool {
        !matches!(self, Self::Display)
    }
}

/// A command's answer in both forms, and whether it counts as success.
pub struct Answer {
    text: String,
    json: serde_json::Value,
    success: bool,
}

impl Answer {
    /// An answer that is both text and JSON.
    pub fn new<T: Serialize + fmt::Display>(value: &T) -> Result<Self> {
        let json = serde_json::to_value(value).map_err(|error| {
            CliError::new(
                "unprintable",
                format!("The answer cannot be written as JSON: {error}."),
            )
        })?;
        Ok(Self {
            text: value.to_string(),
            json,
            success: true,
        })
    }

    /// The same answer, with exit code 1 where `success` is false: what was asked has an answer, and it is no.
    #[must_use]
    pub fn with_success(self, success: bool) -> Self {
        Self { success, ..self }
    }

    /// The answer as JSON.
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }

    /// Prints the answer; true if it counts as success.
    pub fn print(&self, format: OutputFormat) -> io::Result<bool> {
        match format {
            OutputFormat::Display => line(&self.text)?,
            OutputFormat::Json => line(&format!("{:#}", self.json))?,
            OutputFormat::JsonCompact => line(&self.json.to_string())?,
        }
        Ok(self.success)
    }
}

/// Prints an error where it belongs.
pub fn print_error(error: &CliError, format: OutputFormat) -> io::Result<()> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        error: &'a CliError,
    }
    match format {
        OutputFormat::Display => writeln!(io::stderr(), "error: {error}"),
        OutputFormat::Json => line(&serde_json::to_string_pretty(&Envelope { error })?),
        OutputFormat::JsonCompact => line(&serde_json::to_string(&Envelope { error })?),
    }
}

/// A reader that stops reading (`galen ... | head`) is no error.
fn line(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{}", text.trim_end_matches('\n')) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Where notes and progress go.
#[derive(Debug, Clone, Copy)]
pub struct Notes {
    silent: bool,
    verbose: bool,
}

impl Notes {
    /// Notes for a run with this format and verbosity.
    pub fn new(format: OutputFormat, verbose: bool) -> Self {
        Self {
            silent: format.is_json(),
            verbose,
        }
    }

    /// Something that people want to know while they wait.
    pub fn say(self, text: impl fmt::Display) {
        if !self.silent {
            eprintln!("{text}");
        }
    }

    /// Something that people want to know when they look into a matter.
    pub fn detail(self, text: impl fmt::Display) {
        if self.verbose && !self.silent {
            eprintln!("{text}");
        }
    }

    /// A bar for work of `steps` steps.
    pub fn bar(self, steps: u64, what: &str) -> ProgressBar {
        if self.silent {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(steps)
            .with_style(style)
            .with_message(what.to_owned())
    }

    /// A sign of life for work of unknown length.
    pub fn spinner(self, what: &str) -> ProgressBar {
        if self.silent {
            return ProgressBar::hidden();
        }
        let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
        spinner.enable_steady_tick(std::time::Duration::from_millis(120));
        spinner
    }
}

/// Writes a report to a file: `csv`, or the answer as JSON where the file's name ends in .json.
///
/// # Errors
/// `report_unwritable`.
pub fn write_report(path: &Path, answer: &impl Serialize, csv: &str) -> Result<()> {
    let json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let text = match json {
        true => serde_json::to_string_pretty(answer).unwrap_or_default() + "\n",
        false => csv.to_owned(),
    };
    std::fs::write(path, text).map_err(|error| {
        CliError::new(
            "report_unwritable",
            format!("The report {} cannot be written: {error}.", path.display()),
        )
    })
}

/// A table with `header`, numbers to the right in the columns of `right`.
pub fn table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.to_vec());
    for index in right {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Cents as people write them: `1234.50`.
pub fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
