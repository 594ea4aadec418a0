//! `galen man`

use std::fmt;
use std::fs;
use std::path::PathBuf;

use clap::CommandFactory;
use serde::Serialize;

use crate::args::Cli;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen man ~/.local/share/man/man1")]
pub struct Args {
    /// The folder to write the pages to
    dir: PathBuf,
}

#[derive(Serialize)]
struct Report {
    dir: String,
    pages: usize,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let dir = args.dir.display().to_string();
    let refused = |error: std::io::Error| {
        CliError::new(
            "file_unwritable",
            format!("{dir} cannot be written: {error}."),
        )
    };
    fs::create_dir_all(&args.dir).map_err(refused)?;
    clap_mangen::generate_to(Cli::command(), &args.dir).map_err(refused)?;
    let pages = fs::read_dir(&args.dir)
        .map_err(refused)?
        .filter_map(std::result::Result::ok)
        .filter(|entry| is_page(&entry.file_name().to_string_lossy()))
        .count();
    Answer::new(&Report {
        dir: dir.clone(),
        pages,
    })
}

fn is_page(name: &str) -> bool {
    name.starts_with("galen") && name.ends_with(".1")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Wrote {} pages to {}.", self.pages, self.dir)
    }
}
