//! The file of an export: written under another name and renamed once it is whole, read only where it is.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use galen_documents::strict;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

use super::gather::Record;
use crate::chain::text::{hex, unhex};
use crate::cluster::{self, Cluster};
use crate::document;
use crate::error::{CliError, Result};

const FORM: &str = "galen pool export 1";
const FILE_MODE: u32 = 0o600;
/// No line is longer: a schedule of 10,000 codes is some megabytes.
const LONGEST_LINE: usize = 64 << 20;

/// The last line of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `manifest`.
    pub kind: String,
    /// Which form of file this is.
    pub form: String,
    /// The pool.
    pub pool: String,
    /// The program.
    pub program: String,
    /// The cluster's genesis hash.
    pub genesis: String,
    /// The slot before the first account was read.
    pub from_slot: u64,
    /// The slot after the last one was.
    pub to_slot: u64,
    /// Records of each kind.
    pub counts: BTreeMap<String, u64>,
    /// SHA-256 of all lines before this one, their ends included.
    pub sha256: String,
}

/// An export that is being written.
pub struct Writer {
    path: PathBuf,
    partial: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    manifest: Manifest,
}

impl Writer {
    /// Begins an export. What a run that was killed has left is written over.
    ///
    /// # Errors
    /// `file_exists`, `file_unwritable`, `cluster_unreachable`.
    pub fn create(path: &Path, pool: &Pubkey, cluster: &Cluster) -> Result<Self> {
        if path.exists() {
            return Err(exists(path));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(FILE_MODE)
            .open(&partial)
            .map_err(|error| unwritable(&partial, &error))?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            file: BufWriter::new(file),
            hash: Sha256::new(),
            manifest: Manifest {
                kind: "manifest".to_owned(),
                form: FORM.to_owned(),
                pool: pool.to_string(),
                program: claims::ID.to_string(),
                genesis: cluster.genesis.clone(),
                from_slot: slot(cluster)?,
                to_slot: 0,
                counts: BTreeMap::new(),
                sha256: String::new(),
            },
        })
    }

    /// Adds an account.
    ///
    /// # Errors
    /// `file_unwritable`.
    pub fn add(&mut self, record: &Record) -> Result<()> {
        let line = format!("{}\n", record.line());
        self.hash.update(&line);
        let count = self.manifest.counts.entry(record.kind.clone()).or_insert(0);
        *count = count.saturating_add(1);
        self.file
            .write_all(line.as_bytes())
            .map_err(|error| unwritable(&self.partial, &error))
    }

    /// Ends the export with its manifest and gives it its name.
    ///
    /// # Errors
    /// `file_exists`, `file_unwritable`, `cluster_unreachable`.
    pub fn finish(mut self, cluster: &Cluster) -> Result<Manifest> {
        self.manifest.to_slot = slot(cluster)?;
        self.manifest.sha256 = hex(&self.hash.clone().finalize());
        let line = serde_json::to_string(&self.manifest).map_err(|error| {
            CliError::new(
                "unprintable",
                format!("The manifest cannot be written: {error}."),
            )
        })?;
        let written = writeln!(self.file, "{line}")
            .and_then(|()| self.file.flush())
            .and_then(|()| self.file.get_ref().sync_all());
        written.map_err(|error| unwritable(&self.partial, &error))?;
        // A link never takes the place of a file that has come about meanwhile; a rename would.
        match fs::hard_link(&self.partial, &self.path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&self.path)),
            linked => linked
                .map(|()| self.manifest.clone())
                .map_err(|error| unwritable(&self.path, &error)),
        }
    }
}

/// Whatever became of the export, its other name goes.
impl Drop for Writer {
    fn drop(&mut self) {
        // Where this fails, the next run writes over it.
        let _ = fs::remove_file(&self.partial);
    }
}

fn slot(cluster: &Cluster) -> Result<u64> {
    cluster
        .client
        .get_slot()
        .map_err(|error| cluster::unreachable(&cluster.client.url(), &error))
}

fn exists(path: &Path) -> CliError {
    CliError::new(
        "file_exists",
        format!("{} exists already; an export never overwrites one. Name another, or hold it against the ledger with --verify.", path.display()),
    )
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    CliError::new(
        "file_unwritable",
        format!("{} cannot be written: {error}.", path.display()),
    )
}

/// A line as far as it is held against the ledger.
#[derive(Deserialize)]
struct Line {
    kind: String,
    address: String,
    data: String,
}

/// Kind and address of each record of a whole export of the pool, and the hash of its bytes.
///
/// # Errors
/// `export_damaged`, `export_of_other_pool`, `wrong_cluster`, `file_missing`, `file_unreadable`.
pub fn read(path: &Path, pool: &Pubkey, cluster: &Cluster) -> Result<BTreeMap<String, String>> {
    let name = document::name(path);
    let damaged = |line: usize, why: &str| CliError {
        code: "export_damaged".to_owned(),
        message: format!("{name}: {why} Export the pool again."),
        at: Some(format!("line {line}")),
    };
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            CliError::new("file_missing", format!("There is no file {name}."))
        }
        _ => CliError::new(
            "file_unreadable",
            format!("{name} cannot be read: {error}."),
        ),
    })?;
    let mut reader = BufReader::new(file);
    let (mut hash, mut counts) = (Sha256::new(), BTreeMap::<String, u64>::new());
    let (mut records, mut number) = (BTreeMap::new(), 0_usize);
    loop {
        number = number.saturating_add(1);
        let text = read_line(&mut reader)
            .map_err(|error| damaged(number, &format!("It cannot be read: {error}.")))?;
        if text.is_empty() {
            return Err(damaged(number, "It ends without its manifest."));
        }
        let value = strict::parse(&text).map_err(|problem| damaged(number, &problem.message))?;
        if value.get("kind").and_then(Value::as_str) == Some("manifest") {
            let manifest: Manifest =
                strict::from_value(&value).map_err(|problem| damaged(number, &problem.message))?;
            if !read_line(&mut reader).is_ok_and(|rest| rest.is_empty()) {
                return Err(damaged(number, "There is something after its manifest."));
            }
            if manifest.form != FORM {
                return Err(damaged(
                    number,
                    "It has another form than this galen reads.",
                ));
            }
            if manifest.sha256 != hex(&hash.finalize()) || manifest.counts != counts {
                return Err(damaged(
                    number,
                    "It was changed: its manifest is about something else.",
                ));
            }
            if manifest.genesis != cluster.genesis {
                return Err(CliError::new(
                    "wrong_cluster",
                    format!(
                        "{name} is of the ledger {}, and this is {}.",
                        manifest.genesis, cluster.genesis
                    ),
                ));
            }
            if manifest.pool != pool.to_string() {
                return Err(CliError::new(
                    "export_of_other_pool",
                    format!("{name} is of the pool {}.", manifest.pool),
                ));
            }
            return Ok(records);
        }
        hash.update(&text);
        let line =
            Line::deserialize(&value).map_err(|error| damaged(number, &format!("{error}.")))?;
        let count = counts.entry(line.kind.clone()).or_insert(0);
        *count = count.saturating_add(1);
        let data = unhex(&line.data)
            .ok_or_else(|| damaged(number, "Its data are not hexadecimal digits."))?;
        let known = records.insert(
            format!("{} {}", line.kind, line.address),
            hex(&Sha256::digest(&data)),
        );
        if known.is_some() {
            return Err(damaged(number, "An account stands in it twice."));
        }
    }
}

/// The next line with its end; empty at the end of the file.
fn read_line(reader: &mut BufReader<File>) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut line = Vec::new();
    let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
    reader.by_ref().take(most).read_until(b'\n', &mut line)?;
    Ok(line)
}
