//! `galen batch build`: root and leaf file from a list of serial numbers.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use galen_batch::{build, BatchError, Built, Options};
use serde::Serialize;

use super::against::Against;
use super::view::{open, refused, unreadable, LayoutView};
use crate::chain::text::hex;
use crate::error::{CliError, Result};
use crate::output::{Answer, Notes};

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 20;

/// Flags of `galen batch build`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch build serials.txt --gtin 09524000059109 --packs-per-case 48 --cases-per-pallet 40 --leaves batch.leaves
  printf 'A1\\nA2\\n' | galen batch build - --gtin 09524000059109 --leaves batch.leaves --output json

SERIALS has one serial number a line and nothing else, no heading either, in the order in which cases and pallets are filled; `-` reads it from stdin.
A serial number that is in another batch of the product, too, is refused where --against names that batch's leaf file.
The leaf file holds the salts: keep it, and publish its SHA-256. `galen batch prove` answers from it.")]
pub struct Args {
    /// The serial numbers
    #[arg(value_name = "SERIALS")]
    serials: PathBuf,
    /// The product's GTIN, 14 digits
    #[arg(long)]
    gtin: String,
    /// How many packs fill a case
    #[arg(long, value_name = "N", default_value_t = 1)]
    packs_per_case: u32,
    /// How many cases fill a pallet
    #[arg(long, value_name = "N", default_value_t = 1)]
    cases_per_pallet: u32,
    /// The leaf file to write; never over one that exists
    #[arg(long, value_name = "FILE")]
    leaves: PathBuf,
    #[command(flatten)]
    against: Against,
    /// Without random salts: the root follows from the list, and whoever guesses a serial number can tell
    #[arg(long)]
    unsalted: bool,
}

#[derive(Serialize)]
struct LeafFile {
    path: String,
    sha256: String,
    bytes: u64,
}

#[derive(Serialize)]
struct Report {
    gtin: String,
    count: u64,
    root: String,
    depth: u8,
    layout: LayoutView,
    leaf_file: LeafFile,
}

/// Runs the command.
pub fn run(args: &Args, notes: Notes) -> Result<Answer> {
    let gtin = args.gtin.as_bytes().try_into();
    let options = Options {
        gtin: gtin.map_err(|_| refused(&args.serials, &BatchError::BadGtin))?,
        packs_in_case: args.packs_per_case,
        cases_in_pallet: args.cases_per_pallet,
        salted: !args.unsalted,
    };
    if args.leaves.exists() {
        let message = format!(
            "{} exists; a leaf file is never written over.",
            args.leaves.display()
        );
        return Err(CliError::new("file_exists", message));
    }
    let part = with_suffix(&args.leaves, ".part");
    let built = match args.serials.to_str() {
        Some("-") => write(
            BufReader::with_capacity(BUFFER, io::stdin().lock()),
            0,
            &part,
            options,
            args,
            notes,
        ),
        _ => {
            let file =
                File::open(&args.serials).map_err(|error| unreadable(&args.serials, &error))?;
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            write(
                BufReader::with_capacity(BUFFER, file),
                length,
                &part,
                options,
                args,
                notes,
            )
        }
    };
    // What was begun is taken away again, whatever went wrong.
    let built = built.inspect_err(|_| drop(fs::remove_file(&part)))?;
    fs::rename(&part, &args.leaves).map_err(|error| unwritable(&args.leaves, &error))?;
    Answer::new(&Report {
        gtin: args.gtin.clone(),
        count: built.count,
        root: hex(&built.root),
        depth: built.layout.depth(),
        layout: built.layout.into(),
        leaf_file: LeafFile {
            path: args.leaves.display().to_string(),
            sha256: hex(&built.file_hash),
            bytes: built.file_length,
        },
    })
}

fn write(
    serials: impl BufRead,
    length: u64,
    part: &Path,
    options: Options,
    args: &Args,
    notes: Notes,
) -> Result<Built> {
    let file = File::create(part).map_err(|error| unwritable(part, &error))?;
    let bar = notes.bar(length, "Building the tree");
    let built = build(serials, &file, options, |read| bar.set_position(read));
    bar.finish_and_clear();
    let built = built.map_err(|error| refused(&args.serials, &error))?;
    file.sync_all().map_err(|error| unwritable(part, &error))?;
    let mut others = args.against.open(&options.gtin, &built.root)?;
    others.refuse_repetition(&mut open(part)?, part)?;
    if built.with_separators > 0 {
        notes.say(format!(
            "{} of {} serial numbers have a comma or a semicolon in them. If the list is a table, leave out all columns but that of the serial numbers.",
            built.with_separators, built.count
        ));
    }
    Ok(built)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    CliError::new(
        "file_unwritable",
        format!("{} cannot be written: {error}.", path.display()),
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} packs of {}, in a tree of height {}",
            self.count, self.gtin, self.depth
        )?;
        writeln!(f, "Root       {}", self.root)?;
        writeln!(
            f,
            "Leaf file  {} ({} bytes)",
            self.leaf_file.path, self.leaf_file.bytes
        )?;
        write!(f, "SHA-256    {}", self.leaf_file.sha256)
    }
}
