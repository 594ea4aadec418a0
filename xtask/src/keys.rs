//! `cargo xtask keys`: the addresses of the programs, and the keys behind them.
//!
//! A fresh clone uses development keys, which everyone can derive from the programs' names. An insurer who deploys its
//! own copy makes its own (`new`) and has their addresses written everywhere (`sync`).

use crate::error::{Context, Error, Result};
use crate::workspace::{write_whole, Workspace};
use crate::{idl, node, ui};
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What to do with the keys.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum Action {
    /// Make a key for each program that has none, in keys/ (not under version control)
    New,
    /// Write the addresses of the keys into the sources, Anchor.toml, IDLs and clients
    Sync {
        /// Go back to the development keys, whatever keys/ holds
        #[arg(long)]
        development: bool,
    },
    /// Print each program's address and where its key is
    Show,
}

/// A program's key, and where it comes from.
struct ProgramKey {
    program: String,
    key: SigningKey,
    own: bool,
}

impl ProgramKey {
    fn address(&self) -> String {
        bs58::encode(self.key.verifying_key().to_bytes()).into_string()
    }
}

/// Does it.
pub fn run(workspace: &Workspace, action: Action) -> Result<()> {
    match action {
        Action::New => make(workspace),
        Action::Sync { development } => sync(workspace, development),
        Action::Show => show(workspace),
    }
}

/// A key of a name, which everyone can derive: for local validators only. Writes its file and gives its address.
pub fn write_local_key(name: &str, path: &Path) -> Result<String> {
    let key = SigningKey::from_bytes(&Sha256::digest(format!("galen local key: {name}")).into());
    write_secret(path, &file_text(&key))?;
    Ok(bs58::encode(key.verifying_key().to_bytes()).into_string())
}

fn make(workspace: &Workspace) -> Result<()> {
    for program in workspace.programs()? {
        let path = own_file(workspace, &program);
        if path.exists() {
            ui::say(format!(
                "{program}: keys/{program}.json is there and stays as it is"
            ));
            continue;
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context(|| "get random bytes".into())?;
        let key = ProgramKey {
            program,
            key: SigningKey::from_bytes(&seed),
            own: true,
        };
        write_secret(&path, &file_text(&key.key))?;
        ui::say(format!(
            "{}: {} in keys/{}.json",
            key.program,
            key.address(),
            key.program
        ));
    }
    ui::say("Keep a copy of keys/ where nobody else reads it. Now: cargo xtask keys sync");
    Ok(())
}

fn show(workspace: &Workspace) -> Result<()> {
    for key in keys(workspace, false)? {
        let declared = declared(workspace, &key.program)?;
        let origin = if key.own {
            format!("keys/{}.json", key.program)
        } else {
            "development key, known to everyone".into()
        };
        ui::say(format!("{:<12} {declared}", key.program));
        if declared == key.address() {
            ui::say(format!("{:<12} {origin}", ""));
        } else {
            ui::say(format!("{:<12} the key at hand ({origin}) is that of {}: `cargo xtask keys sync` writes it", "", key.address()));
        }
    }
    Ok(())
}

fn sync(workspace: &Workspace, development: bool) -> Result<()> {
    let _lock = workspace.lock("keys")?;
    let mut changed = false;
    for key in keys(workspace, development)? {
        let (old, new) = (declared(workspace, &key.program)?, key.address());
        // Where `anchor build` and `anchor deploy` look for it, and `galen deploy` too.
        write_secret(
            &workspace
                .deploy()
                .join(format!("{}-keypair.json", key.program)),
            &file_text(&key.key),
        )?;
        if old == new {
            ui::say(format!("{:<12} {new}, as it was", key.program));
            continue;
        }
        changed = true;
        let mut files = 0;
        for path in naming_files(workspace, &key.program)? {
            let text =
                std::fs::read_to_string(&path).context(|| format!("read {}", path.display()))?;
            if text.contains(&old) {
                write_whole(&path, text.replace(&old, &new))?;
                files += 1;
            }
        }
        ui::say(format!(
            "{:<12} {new}, instead of {old}, in {files} files",
            key.program
        ));
    }
    if !changed {
        return Ok(());
    }
    idl::write(&idl::generate(workspace)?)?;
    node::generate_clients(workspace)?;
    ui::say("Now: cargo xtask test, then galen deploy");
    Ok(())
}

/// The files that name a program's address and that people write; IDLs and clients are generated from them.
fn naming_files(workspace: &Workspace, program: &str) -> Result<Vec<PathBuf>> {
    let root = &workspace.root;
    let mut files = vec![root.join("programs").join(program).join("src/lib.rs")];
    files.extend(
        ["Anchor.toml", "README.md", "SECURITY.md"]
            .map(|name| root.join(name))
            .into_iter()
            .filter(|path| path.is_file()),
    );
    if root.join("docs").is_dir() {
        files.extend(
            crate::hash::files_below(&root.join("docs"))?
                .into_iter()
                .filter(|path| path.extension().is_some_and(|e| e == "md")),
        );
    }
    Ok(files)
}

fn keys(workspace: &Workspace, development: bool) -> Result<Vec<ProgramKey>> {
    workspace
        .programs()?
        .into_iter()
        .map(|program| {
            let path = own_file(workspace, &program);
            if development || !path.exists() {
                return Ok(ProgramKey {
                    key: development_key(&program),
                    program,
                    own: false,
                });
            }
            Ok(ProgramKey {
                key: read(&path)?,
                program,
                own: true,
            })
        })
        .collect()
}

/// The key that everyone can derive from the program's name.
fn development_key(program: &str) -> SigningKey {
    SigningKey::from_bytes(
        &Sha256::digest(format!("galen development program key: {program}")).into(),
    )
}

/// The address in `declare_id!`.
fn declared(workspace: &Workspace, program: &str) -> Result<String> {
    let path = workspace
        .root
        .join("programs")
        .join(program)
        .join("src/lib.rs");
    let source = std::fs::read_to_string(&path).context(|| format!("read {}", path.display()))?;
    find_declared(&source).ok_or_else(|| {
        Error::new(format!(
            "programs/{program}/src/lib.rs has no declare_id!(\"...\")"
        ))
    })
}

fn find_declared(source: &str) -> Option<String> {
    let (_, rest) = source.split_once("declare_id!(\"")?;
    Some(rest.split_once('"')?.0.to_string())
}

fn own_file(workspace: &Workspace, program: &str) -> PathBuf {
    workspace.root.join("keys").join(format!("{program}.json"))
}

/// The 64 numbers of a Solana key file: seed, then public key.
fn file_text(key: &SigningKey) -> String {
    let numbers: Vec<String> = key
        .to_keypair_bytes()
        .iter()
        .map(ToString::to_string)
        .collect();
    format!("[{}]", numbers.join(","))
}

fn read(path: &Path) -> Result<SigningKey> {
    let help =
        "it has to hold the 64 numbers that `galen wallet new` or `cargo xtask keys new` writes";
    let wrong = |reason: String| {
        Error::new(format!("{} is not a key file: {reason}", path.display())).help(help)
    };
    let text = std::fs::read_to_string(path).context(|| format!("read {}", path.display()))?;
    let bytes: Vec<u8> = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let bytes: [u8; 64] = bytes
        .try_into()
        .map_err(|bytes: Vec<u8>| wrong(format!("it has {} numbers", bytes.len())))?;
    SigningKey::from_keypair_bytes(&bytes).map_err(|error| wrong(error.to_string()))
}

/// Writes a file that only its owner reads, at no moment readable by others.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    let doing = || format!("write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(doing)?;
    }
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut options = std::fs::File::options();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .context(doing)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
        .context(doing)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).context(doing)?;
    std::fs::rename(&temporary, path).context(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_keys_are_those_of_the_addresses_in_the_sources() {
        for (program, address) in [
            ("registry", "4pnY6Jd7Nrtrnf4W4hESm9gkR4GvF86BoMmNSZ7mcvF9"),
            ("claims", "6ycBqi7BUXimrSJTn4YXEBfJvdnF5R8MZSR7KE3Lzz2x"),
            ("trials", "4XU5PpngKGUdmgiyL8qmFXkZuG9iQ6hBCEPtLEy1HKHS"),
            ("provenance", "Bt8ro5i9wY59i5fCSTvtqYKLK33zSKBNcQ1rXGmH8QUE"),
        ] {
            let key = ProgramKey {
                program: program.into(),
                key: development_key(program),
                own: false,
            };
            assert_eq!(key.address(), address);
        }
    }

    #[test]
    fn a_key_file_reads_back_and_is_private() {
        let path = std::env::temp_dir().join(format!("xtask-key-{}.json", std::process::id()));
        let key = development_key("claims");
        write_secret(&path, &file_text(&key)).expect("writable");
        assert_eq!(
            std::fs::metadata(&path)
                .expect("there")
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
        assert_eq!(read(&path).expect("reads").to_bytes(), key.to_bytes());
        std::fs::write(&path, "[1,2,3]").expect("writable");
        assert!(read(&path)
            .expect_err("too short")
            .message
            .contains("3 numbers"));
        let _ = std::fs::remove_file(path);
    }

    #[test]
    fn the_declared_address_is_found() {
        assert_eq!(
            find_declared("use x;\ndeclare_id!(\"abc\");\n").as_deref(),
            Some("abc")
        );
        assert_eq!(find_declared("fn main() {}"), None);
    }
}
