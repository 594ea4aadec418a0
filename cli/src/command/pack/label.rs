//! `galen pack label`: the code of a pack as a picture.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    write_new(&args.out, &picture).map_err(|error| {
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

/// Writes a file whole or not at all, and never over another: half a picture would be in the way of the next attempt.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = File::create(&partial)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        // A link never takes the place of a file that has come about meanwhile; a rename would.
        .and_then(|()| fs::hard_link(&partial, path));
    // Where this fails, the next run writes over it.
    let _ = fs::remove_file(&partial);
    written
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
