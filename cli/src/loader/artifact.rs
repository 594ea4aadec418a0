//! What a build leaves in the program folder: the programs themselves, how they were built
//! (`build.json`) and which of them have passed the attack matrix (`tested.json`).
use std::{collections::BTreeSet, fs, io, path::Path};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::LoaderError;

/// The first bytes of every program file.
const ELF_MAGIC: &[u8] = b"\x7fELF";

/// The longest program that the loader accepts: an account holds 10 MiB, 45 bytes of which are the
/// loader's own.
pub const MAX_PROGRAM_BYTES: usize = 10 * 1024 * 1024 - 45;

/// A built program, read whole from `FOLDER/NAME.so`.
pub struct Artifact {
    /// The program's name, which is the file's without its ending.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl Artifact {
    /// Reads `folder/name.so`.
    ///
    /// # Errors
    /// The file is missing, unreadable, not an ELF file, or longer than the loader accepts.
    pub fn read(folder: &Path, name: &str) -> Result<Self, LoaderError> {
        let path = folder.join(format!("{name}.so"));
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LoaderError::ProgramNotBuilt {
                program: name.to_owned(),
                path: path.clone(),
            },
            _ => LoaderError::Unreadable {
                path: path.clone(),
                error,
            },
        })?;
        if !bytes.starts_with(ELF_MAGIC) {
            return Err(LoaderError::NotAProgram { path });
        }
        if bytes.len() > MAX_PROGRAM_BYTES {
            return Err(LoaderError::ProgramTooLarge {
                path,
                bytes: bytes.len(),
                limit: MAX_PROGRAM_BYTES,
            });
        }
        let sha256 = hash(&bytes);
        Ok(Self {
            name: name.to_owned(),
            bytes,
            sha256,
        })
    }

    /// Whether `deployed`, the content of a program data account or of a buffer, is this program.
    /// Trailing zeros do not count, because the loader fills unused capacity with them.
    #[must_use]
    pub fn is(&self, deployed: &[u8]) -> bool {
        without_trailing_zeros(&self.bytes) == without_trailing_zeros(deployed)
    }
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// SHA-256 by which to tell what is deployed. Where it is what was built, the built file's. Else that
/// of the bytes without the zeros at their end, as `solana-verify get-program-hash` prints it: how
/// many of those belong to the file and how many fill the capacity cannot be seen.
#[must_use]
pub fn deployed_hash(deployed: &[u8], built: Option<&Artifact>) -> String {
    match built {
        Some(artifact) if artifact.is(deployed) => artifact.sha256.clone(),
        _ => hash(without_trailing_zeros(deployed)),
    }
}

fn without_trailing_zeros(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last.saturating_add(1));
    bytes.get(..end).unwrap_or_default()
}

/// How one program was built, as `cargo xtask build` writes it to `build.json`: a JSON array of these.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Build {
    /// The program's name.
    pub program: String,
    /// SHA-256 of the built file, in lower-case hexadecimal.
    pub sha256: String,
    /// Length of the built file.
    pub bytes: u64,
    /// Which of the two build ways made it.
    pub way: String,
    /// `rustc --version` of the compiler.
    pub rustc: String,
}

/// The build record of a program folder.
#[derive(Debug, Default)]
pub struct BuildRecord(Vec<Build>);

impl BuildRecord {
    /// Reads `folder/build.json`; a folder without one has an empty record.
    ///
    /// # Errors
    /// The file is there but cannot be read or is not such a record.
    pub fn read(folder: &Path) -> Result<Self, LoaderError> {
        Ok(Self(read_optional(&folder.join("build.json"))?))
    }

    /// How the file with this hash was built, unless the record does not know it.
    #[must_use]
    pub fn of(&self, artifact: &Artifact) -> Option<&Build> {
        self.0
            .iter()
            .find(|build| build.program == artifact.name && build.sha256 == artifact.sha256)
    }
}

/// The hashes that have passed the attack matrix as those bytes, as `cargo xtask test` writes them
/// to `tested.json`: a JSON array of SHA-256 sums of program files, in lower-case hexadecimal.
///
/// ```json
/// ["0f2c…", "9ab1…"]
/// ```
///
/// A hash is added when the whole matrix has passed for the file with that hash, and never before.
#[derive(Debug, Default)]
pub struct TestRecord(BTreeSet<String>);

impl TestRecord {
    /// Reads `folder/tested.json`; a folder without one has tested nothing.
    ///
    /// # Errors
    /// The file is there but cannot be read or is not such a record.
    pub fn read(folder: &Path) -> Result<Self, LoaderError> {
        Ok(Self(read_optional(&folder.join("tested.json"))?))
    }

    /// Whether exactly these bytes have passed.
    #[must_use]
    pub fn knows(&self, artifact: &Artifact) -> bool {
        self.0.contains(&artifact.sha256)
    }
}

fn read_optional<T: Default + for<'de> Deserialize<'de>>(path: &Path) -> Result<T, LoaderError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => {
            return Err(LoaderError::Unreadable {
                path: path.to_owned(),
                error,
            })
        }
    };
    serde_json::from_slice(&text).map_err(|error| LoaderError::BadRecord {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(bytes: &[u8]) -> Artifact {
        Artifact {
            name: "registry".to_owned(),
            bytes: bytes.to_vec(),
            sha256: hash(bytes),
        }
    }

    #[test]
    fn trailing_zeros_do_not_count_but_inner_ones_do() {
        let built = artifact(b"\x7fELF\0code\0");
        assert!(built.is(b"\x7fELF\0code\0\0\0\0"));
        assert!(built.is(b"\x7fELF\0code"));
        assert!(!built.is(b"\x7fELFcode\0\0\0\0"));
        assert!(!built.is(b"\x7fELF\0code\0more"));
        assert!(!built.is(b""));
    }

    #[test]
    fn a_deployment_of_what_was_built_has_its_hash() {
        for built in [artifact(b"\x7fELF code"), artifact(b"\x7fELF code\0\0")] {
            assert_eq!(
                deployed_hash(b"\x7fELF code\0\0\0", Some(&built)),
                built.sha256
            );
            assert_ne!(
                deployed_hash(b"\x7fELF cods\0\0\0", Some(&built)),
                built.sha256
            );
        }
        assert_eq!(
            deployed_hash(b"\x7fELF code\0\0\0", None),
            hash(b"\x7fELF code")
        );
        // The well-known sum of nothing.
        assert_eq!(
            deployed_hash(&[0; 64], None),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn records_that_are_absent_know_nothing_and_broken_ones_are_named(
    ) -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let built = artifact(b"\x7fELF code");
        assert!(!TestRecord::read(folder.path())?.knows(&built));
        assert!(BuildRecord::read(folder.path())?.of(&built).is_none());

        fs::write(
            folder.path().join("tested.json"),
            format!("[\"{}\"]", built.sha256),
        )?;
        fs::write(
            folder.path().join("build.json"),
            format!(
                r#"[{{"program": "registry", "sha256": "{}", "bytes": 9, "way": "official", "rustc": "rustc 1.95.0"}}]"#,
                built.sha256
            ),
        )?;
        assert!(TestRecord::read(folder.path())?.knows(&built));
        assert!(!TestRecord::read(folder.path())?.knows(&artifact(b"\x7fELF other")));
        assert_eq!(
            BuildRecord::read(folder.path())?
                .of(&built)
                .map(|build| build.way.as_str()),
            Some("official")
        );
        assert!(BuildRecord::read(folder.path())?
            .of(&artifact(b"\x7fELF other"))
            .is_none());

        fs::write(folder.path().join("tested.json"), "{\"not\": \"a list\"}")?;
        let refused = TestRecord::read(folder.path());
        assert!(
            matches!(&refused, Err(LoaderError::BadRecord { path, .. }) if path.ends_with("tested.json")),
            "{refused:?}"
        );
        Ok(())
    }

    #[test]
    fn files_that_are_no_programs_are_refused_by_name() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        assert!(matches!(
            Artifact::read(folder.path(), "registry"),
            Err(LoaderError::ProgramNotBuilt { program, .. }) if program == "registry"
        ));
        fs::write(folder.path().join("registry.so"), "not an ELF file")?;
        assert!(matches!(
            Artifact::read(folder.path(), "registry"),
            Err(LoaderError::NotAProgram { .. })
        ));
        let mut long = ELF_MAGIC.to_vec();
        long.resize(MAX_PROGRAM_BYTES.saturating_add(1), 1);
        fs::write(folder.path().join("registry.so"), long)?;
        assert!(matches!(
            Artifact::read(folder.path(), "registry"),
            Err(LoaderError::ProgramTooLarge { .. })
        ));
        Ok(())
    }
}
