//! What a deployment has under way, kept on disk before it is sent.
//!
//! The cluster is the record of what has been done: the journal only answers the one question that
//! the cluster cannot, whether a transaction sent by a run that was killed may still land. Without
//! it a deployment still ends right; it might pay once more for the same extension.
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use solana_transaction::Transaction;

use super::LoaderError;

/// The state of deployments on one cluster, held by one process at a time.
pub struct Journal {
    folder: PathBuf,
    // Locked as long as it is open; the system unlocks it when the process ends, however it ends.
    _lock: File,
}

/// A transaction that was signed and may have been sent.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// What it does.
    pub step: String,
    /// Its signature, for people who look for it.
    pub signature: String,
    /// The last block height at which it can land.
    pub last_valid_block_height: u64,
    /// Its bytes in base58.
    pub transaction: String,
}

impl Pending {
    /// Writes down a signed transaction.
    ///
    /// # Errors
    /// It cannot be serialised.
    pub fn new(
        step: &str,
        transaction: &Transaction,
        last_valid: u64,
    ) -> Result<Self, LoaderError> {
        let bytes = bincode::serialize(transaction).map_err(|_| LoaderError::Arithmetic)?;
        Ok(Self {
            step: step.to_owned(),
            signature: transaction
                .signatures
                .first()
                .copied()
                .unwrap_or_default()
                .to_string(),
            last_valid_block_height: last_valid,
            transaction: bs58::encode(bytes).into_string(),
        })
    }

    /// The transaction, unless what was written is damaged.
    #[must_use]
    pub fn decode(&self) -> Option<Transaction> {
        let bytes = bs58::decode(&self.transaction).into_vec().ok()?;
        bincode::deserialize(&bytes).ok()
    }
}

/// The state of one program's deployment.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The program's name.
    pub name: String,
    /// Its upgrade authority.
    pub authority: String,
    /// Its upload buffer, which follows from the two.
    pub buffer: String,
    /// SHA-256 of the file being deployed.
    pub sha256: String,
    /// What was last sent and not yet seen to land or expire.
    pub pending: Option<Pending>,
}

impl Journal {
    /// Opens the state for the cluster with this genesis hash, under the folder of the local store.
    ///
    /// # Errors
    /// Another process has it open, or the folder cannot be written.
    pub fn open(home: &Path, genesis: &str) -> Result<Self, LoaderError> {
        let folder = Self::folder(home, genesis);
        create_private_folder(&folder).map_err(unwritable(&folder))?;
        let path = folder.join("lock");
        let lock = private_options()
            .truncate(false)
            .open(&path)
            .map_err(unwritable(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(LoaderError::Busy(path)),
            Err(TryLockError::Error(error)) => Err(LoaderError::Unwritable { path, error }),
        }
    }

    /// Where the state of a cluster lies.
    #[must_use]
    pub fn folder(home: &Path, genesis: &str) -> PathBuf {
        home.join("deploy").join(genesis)
    }

    /// The state of a program's deployment, if one was begun and not finished.
    ///
    /// # Errors
    /// The file cannot be read or is damaged.
    pub fn read(&self, program: &Pubkey) -> Result<Option<Entry>, LoaderError> {
        let path = self.path(program);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LoaderError::Unreadable { path, error }),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| LoaderError::BadRecord { path, error })
    }

    /// Writes the state of a program's deployment; it is on the disk when this returns.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn write(&self, program: &Pubkey, entry: &Entry) -> Result<(), LoaderError> {
        write_private(&self.path(program), entry)
    }

    /// Forgets a finished deployment.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn forget(&self, program: &Pubkey) -> Result<(), LoaderError> {
        remove(&self.path(program))
    }

    fn path(&self, program: &Pubkey) -> PathBuf {
        self.folder.join(format!("{program}.json"))
    }
}

/// Writes a JSON file that only its owner can read: whole or not at all, whenever the process ends.
///
/// # Errors
/// The disk does not take it.
pub fn write_private(path: &Path, value: &impl Serialize) -> Result<(), LoaderError> {
    let draft = path.with_extension("draft");
    let text = serde_json::to_vec_pretty(value).map_err(|error| LoaderError::BadRecord {
        path: path.to_owned(),
        error,
    })?;
    let write = || -> io::Result<()> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            create_private_folder(folder)?;
        }
        let mut file = private_options().truncate(true).open(&draft)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(unwritable(path))
}

/// Removes a file, if it is there.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove(path: &Path) -> Result<(), LoaderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path)(error)),
        _ => Ok(()),
    }
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> LoaderError + '_ {
    |error| LoaderError::Unwritable {
        path: path.to_owned(),
        error,
    }
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use solana_keypair::Keypair;
    use solana_signer::Signer;

    use super::*;

    const GENESIS: &str = "4WVZ3FSJiESnNT6gbymvUaPXcyx6zXGYRzKEqyQo2Yxy";

    fn entry() -> Result<Entry, LoaderError> {
        let payer = Keypair::new();
        let instruction =
            solana_system_interface::instruction::transfer(&payer.pubkey(), &payer.pubkey(), 1);
        let transaction = Transaction::new_signed_with_payer(
            &[instruction],
            Some(&payer.pubkey()),
            &[&payer],
            Default::default(),
        );
        Ok(Entry {
            name: "registry".to_owned(),
            authority: payer.pubkey().to_string(),
            buffer: Pubkey::default().to_string(),
            sha256: "00".to_owned(),
            pending: Some(Pending::new("extend", &transaction, 300)?),
        })
    }

    #[test]
    fn what_was_written_is_read_and_then_forgotten() -> Result<(), Box<dyn Error>> {
        let home = tempfile::tempdir()?;
        let program = Pubkey::new_from_array([1; 32]);
        let journal = Journal::open(home.path(), GENESIS)?;
        assert_eq!(journal.read(&program)?, None);
        let entry = entry()?;
        journal.write(&program, &entry)?;
        let read = journal.read(&program)?;
        assert_eq!(read.as_ref(), Some(&entry));
        let pending = read
            .and_then(|entry| entry.pending)
            .ok_or("nothing pending")?;
        let transaction = pending.decode().ok_or("damaged")?;
        assert_eq!(transaction.verify(), Ok(()));
        assert_eq!(transaction.signatures[0].to_string(), pending.signature);
        journal.forget(&program)?;
        journal.forget(&program)?;
        assert_eq!(journal.read(&program)?, None);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() -> Result<(), Box<dyn Error>> {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir()?;
        let program = Pubkey::new_from_array([1; 32]);
        let journal = Journal::open(home.path(), GENESIS)?;
        journal.write(&program, &entry()?)?;
        let mode = |path: &Path| fs::metadata(path).map(|it| it.permissions().mode() & 0o777);
        assert_eq!(mode(&journal.path(&program))?, 0o600);
        assert_eq!(mode(&journal.folder)?, 0o700);
        Ok(())
    }

    #[test]
    fn one_process_at_a_time_per_cluster() -> Result<(), Box<dyn Error>> {
        let home = tempfile::tempdir()?;
        let first = Journal::open(home.path(), GENESIS)?;
        assert!(matches!(
            Journal::open(home.path(), GENESIS),
            Err(LoaderError::Busy(_))
        ));
        assert!(Journal::open(home.path(), "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG").is_ok());
        drop(first);
        assert!(Journal::open(home.path(), GENESIS).is_ok());
        Ok(())
    }

    #[test]
    fn a_damaged_journal_is_named() -> Result<(), Box<dyn Error>> {
        let home = tempfile::tempdir()?;
        let program = Pubkey::new_from_array([1; 32]);
        let journal = Journal::open(home.path(), GENESIS)?;
        fs::write(journal.path(&program), "{")?;
        assert!(matches!(
            journal.read(&program),
            Err(LoaderError::BadRecord { .. })
        ));
        Ok(())
    }
}
