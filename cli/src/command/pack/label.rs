//! `galen pack label`: the code of a pack as a picture.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::view::{element_string, read, View};
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack label`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack label '(01)09524000059109(17)271120(10)1234567p(21)12345678p901' --out pack.png

TEXT is as for `galen pack parse`, and refused alike. What is drawn, a GS1 DataMatrix in PNG, has been read again and found the same.")]
pub struct Args {
    /// The code
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    /// The picture to write; never over one that exists
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// As JSON: what `galen pack parse` answers, and `{"picture": "...", "bytes": 1}`.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    code: View,
    picture: String,
    bytes: usize,
}

/// Runs the command.
///
/// # Errors
/// What `galen_rules::gs1` refuses, `does_not_fit`, `misread`, `file_exists`, `file_unwritable`.
pub fn run(args: &Args) -> Result<Answer> {
    let code = read(&args.text)?;
    let picture = galen_scan::draw(&element_string(&args.text)?)
        .map_err(|error| CliError::new(error.code(), error.to_string()))?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&args.out)
        .and_then(|mut file| file.write_all(&picture));
    written.map_err(|error| {
        let path = args.out.display();
        match error.kind() {
            io::ErrorKind::AlreadyExists => CliError::new(
                "file_exists",
                format!("{path} exists; a picture is never written over."),
            ),
            _ => CliError::new(
                "file_unwritable",
                format!("{path} cannot be written: {error}."),
            ),
        }
    })?;
    Answer::new(&Report {
        code,
        picture: args.out.display().to_string(),
        bytes: picture.len(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{}Picture       {} ({} bytes)",
            self.code, self.picture, self.bytes
        )
    }
}
