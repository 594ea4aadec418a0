//! Hashes of files, folders and texts: what a cached artefact is keyed by.

use crate::error::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A key made of named inputs, in the order in which they are added.
#[derive(Clone)]
pub struct Key(Sha256);

impl Key {
    /// A key for artefacts of this kind. Raise the number in `kind` when the recipe in the code changes.
    pub fn new(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    /// Adds a text.
    pub fn text(mut self, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        self.0.update(text.len().to_le_bytes());
        self.0.update(text);
        self
    }

    /// Adds the content of a file.
    pub fn file(self, path: &Path) -> Result<Self> {
        let content = std::fs::read(path).context(|| format!("read {}", path.display()))?;
        Ok(self.text(content))
    }

    /// Adds every file below a folder: its path in the folder and its content, in the order of the paths.
    pub fn tree(mut self, folder: &Path) -> Result<Self> {
        for path in files_below(folder)? {
            let name = path
                .strip_prefix(folder)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            self = self.text(name).file(&path)?;
        }
        Ok(self)
    }

    /// The key as 16 hexadecimal digits: enough to tell artefacts apart, short enough for a path.
    pub fn short(self) -> String {
        self.full().chars().take(16).collect()
    }

    /// The whole SHA-256 in hexadecimal digits.
    pub fn full(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
pub fn sha256_of(path: &Path) -> Result<String> {
    let content = std::fs::read(path).context(|| format!("read {}", path.display()))?;
    Ok(hex(&Sha256::digest(content)))
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All files below a folder, sorted; build output and editors' files are left out.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).context(|| format!("read {}", folder.display()))?;
        for entry in entries {
            let path = entry
                .context(|| format!("read {}", folder.display()))?
                .path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name == "target"
                || name == "node_modules"
                || name.starts_with('.')
                || name.ends_with('~')
            {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_inputs_do_not_run_together() {
        assert_ne!(
            Key::new("k").text("ab").text("c").full(),
            Key::new("k").text("a").text("bc").full()
        );
    }

    #[test]
    fn a_tree_is_known_by_names_and_contents() {
        let folder = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("target")).expect("temp folder");
        let key = || Key::new("k").tree(&folder).expect("readable").full();
        std::fs::write(folder.join("a"), "1").expect("writable");
        let first = key();
        std::fs::write(folder.join("target/x"), "1").expect("writable");
        assert_eq!(key(), first, "build output does not count");
        std::fs::rename(folder.join("a"), folder.join("b")).expect("writable");
        assert_ne!(key(), first, "names count");
        let _ = std::fs::remove_dir_all(folder);
    }
}
