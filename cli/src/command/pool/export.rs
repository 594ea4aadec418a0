//! `galen pool export`: everything of a pool that the ledger has, as a file to leave with.

mod file;
mod gather;

use std::fmt;
use std::path::PathBuf;

use claims::state::Pool;
use serde::Serialize;
use solana_pubkey::Pubkey;

use self::file::{Manifest, Writer};
use self::gather::{Gatherer, Record};
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pool export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool export POOL pool.jsonl
  galen pool export POOL pool.jsonl --verify

Writes one JSON document a line: the pool, its vault, plans, versions, schedules, details, agreements, treaties, the
organizations that are named, members, what is stated of them, histories, authorizations, families, predeterminations,
claims, packs of claims, appeals, recoupments, draws, entries of registries of duplicates and archived commitments, each
with its bytes and field by field; the last line is a manifest with counts and a hash. The file appears whole or not at
all, and is never written over. With --verify it is held against the ledger instead: exit code 1 where they differ. What
the ledger does not have (salts, code keys, journal) is in `galen store export`. Transactions are not in it: write the
remittances that are still wanted first (`galen claim remittance`).")]
pub struct Args {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// The file to write, or with --verify to read
    file: PathBuf,
    /// Hold an export against the ledger
    #[arg(long)]
    verify: bool,
}

#[derive(Serialize)]
struct Exported {
    file: String,
    #[serde(flatten)]
    manifest: Manifest,
}

#[derive(Serialize)]
struct Verified {
    /// Whether the ledger has what the file has, and nothing else.
    valid: bool,
    file: String,
    /// Records in the file.
    records: usize,
    /// In the file and not on the ledger.
    gone: Vec<String>,
    /// In both, with other bytes.
    changed: Vec<String>,
    /// On the ledger and not in the file.
    new: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// `file_exists`, `file_unwritable`; with `--verify` `export_damaged`, `export_of_other_pool`, `wrong_cluster`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let notes = settings.notes;
    let file = document::name(&args.file);
    if args.verify {
        let known = file::read(&args.file, &args.pool, &cluster)?;
        let pool: Pool = entity::get(&cluster, &args.pool)?;
        let mut verified = Verified {
            valid: true,
            file,
            records: known.len(),
            gone: Vec::new(),
            changed: Vec::new(),
            new: Vec::new(),
        };
        let mut left = known;
        Gatherer::new(&cluster, notes, args.pool, &pool)?.each(|record| {
            match left.remove(&record.name()) {
                None => verified.new.push(record.name()),
                Some(hash) if hash != record.hash() => verified.changed.push(record.name()),
                Some(_) => {}
            }
            Ok(())
        })?;
        verified.gone = left.into_keys().collect();
        verified.valid =
            verified.gone.is_empty() && verified.changed.is_empty() && verified.new.is_empty();
        let valid = verified.valid;
        return Ok(Answer::new(&verified)?.with_success(valid));
    }
    let pool: Pool = entity::get(&cluster, &args.pool)?;
    let mut writer = Writer::create(&args.file, &args.pool, &cluster)?;
    Gatherer::new(&cluster, notes, args.pool, &pool)?.each(|record: Record| writer.add(&record))?;
    let manifest = writer.finish(&cluster)?;
    Answer::new(&Exported { file, manifest })
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Exported to {}, SHA-256 {}:",
            self.file, self.manifest.sha256
        )?;
        self.manifest
            .counts
            .iter()
            .try_for_each(|(kind, count)| write!(f, "\n  {count:>8} {kind}"))
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.valid {
            return write!(
                f,
                "{} has {} records, and the ledger has the same.",
                self.file, self.records
            );
        }
        write!(f, "{} is not what the ledger has now:", self.file)?;
        for (what, list) in [
            ("gone from the ledger", &self.gone),
            ("changed", &self.changed),
            ("new on the ledger", &self.new),
        ] {
            list.iter()
                .try_for_each(|name| write!(f, "\n  {what}: {name}"))?;
        }
        Ok(())
    }
}
