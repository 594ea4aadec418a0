//! Where things are: the repository, the cache, the compiler.

use crate::error::{Context, Error, Result};
use crate::hash::Key;
use crate::step::Steps;
use crate::{stop, ui};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The compiler version that the whole project is built with.
pub const RUSTC: &str = "1.95.0";

/// The folder of this package in the clone that the task was started in. Clones may share compiled files, so what was
/// true when this program was compiled need not be true now.
static MANIFEST: OnceLock<PathBuf> = OnceLock::new();

/// Notes where the task was started, before what cargo says about it is removed from the environment.
pub fn remember_repository() {
    if let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") {
        MANIFEST.get_or_init(|| PathBuf::from(folder));
    }
}

/// One run of a task: the repository, the cache, the tools and the steps.
pub struct Workspace {
    /// The repository.
    pub root: PathBuf,
    /// Artefacts that outlive clones: `$GALEN_CACHE`, else `${XDG_CACHE_HOME:-~/.cache}/galen`.
    pub cache: PathBuf,
    /// The cargo that runs this task.
    pub cargo: PathBuf,
    /// The compiler itself, not rustup's proxy for it.
    pub rustc: PathBuf,
    /// `rustc -vV`.
    pub rustc_version: String,
    /// The folder of the compiler's own files.
    pub sysroot: PathBuf,
    /// Runs steps.
    pub steps: Steps,
}

impl Workspace {
    /// Finds everything, and refuses another compiler than the pinned one.
    pub fn find(task: &str) -> Result<Self> {
        let root = MANIFEST
            .get()
            .cloned()
            .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")))
            .parent()
            .map(Path::to_path_buf)
            .ok_or_else(|| Error::new("xtask does not lie in a repository"))?;
        let cache = cache_folder()?;
        let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let sysroot = PathBuf::from(first_line(
            Command::new("rustc")
                .args(["--print", "sysroot"])
                .current_dir(&root),
        )?);
        let rustc = sysroot.join("bin/rustc");
        let rustc_version = output_of(Command::new(&rustc).arg("-vV"))?;
        let release = rustc_version
            .lines()
            .find_map(|line| line.strip_prefix("release: "))
            .unwrap_or("unknown")
            .to_string();
        if release != RUSTC {
            return Err(Error::new(format!("rustc {RUSTC} is wanted, this is {release}"))
                .help(format!("install it (`rustup toolchain install {RUSTC}`) and make it this folder's choice (`rustup override set {RUSTC}`)")));
        }
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        let logs = cache
            .join("logs")
            .join(format!("{seconds}-{}-{task}", std::process::id()));
        Ok(Self {
            root,
            steps: Steps::new(logs),
            cache,
            cargo,
            rustc,
            rustc_version,
            sysroot,
        })
    }

    /// `target/deploy` of the repository, where the built programs are, whatever `CARGO_TARGET_DIR` says.
    pub fn deploy(&self) -> PathBuf {
        self.root.join("target/deploy")
    }

    /// The programs of the repository: the folders of `programs/`, sorted.
    pub fn programs(&self) -> Result<Vec<String>> {
        let folder = self.root.join("programs");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).context(|| format!("read {}", folder.display()))? {
            let path = entry
                .context(|| format!("read {}", folder.display()))?
                .path();
            if path.join("Cargo.toml").is_file() {
                names.extend(
                    path.file_name()
                        .map(|name| name.to_string_lossy().into_owned()),
                );
            }
        }
        names.sort();
        Ok(names)
    }

    /// Cargo, on the repository's workspace, with the repository's lock file and the compiler that was checked.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.cargo);
        command
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_TERM_COLOR", "never");
        command
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "120");
        // Set for what cargo runs; tools that see it may try to install compilers.
        command
            .env_remove("RUSTUP_TOOLCHAIN")
            .env("RUSTC", &self.rustc);
        // This task's own folder of shared libraries is no business of what it starts.
        command.env_remove("LD_LIBRARY_PATH");
        command
    }

    /// Waits for other runs that work on the same thing, and keeps them waiting until the result is dropped.
    pub fn lock(&self, name: &str) -> Result<File> {
        let folder = self.cache.join("locks");
        std::fs::create_dir_all(&folder).context(|| format!("create {}", folder.display()))?;
        let path = folder.join(name);
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .context(|| format!("open {}", path.display()))?;
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::WouldBlock) => {
                    if !said {
                        ui::say(format!(
                            "   waiting for another run of xtask that works on {name}"
                        ));
                        said = true;
                    }
                    stop::check()?;
                    std::thread::sleep(Duration::from_millis(200));
                }
                Err(std::fs::TryLockError::Error(error)) => {
                    return Err(Error::new(format!(
                        "cannot lock {}: {error}",
                        path.display()
                    )))
                }
            }
        }
    }

    /// Makes sure that nothing in the cargo target folder `target` was compiled from another clone's sources.
    ///
    /// Cargo knows a member of a workspace by its path inside it and by the times of its files: where clones share a
    /// target folder, it takes what the other clone compiled last for this one's, if it is newer than this one's sources.
    /// The dependencies stay. `manifest`: the workspace's. Gives whether anything was removed.
    pub fn own_target(&self, target: &Path, manifest: &Path) -> Result<bool> {
        let marker = target.join("compiled-for");
        let root = self.root.to_string_lossy().into_owned();
        if std::fs::read_to_string(&marker).is_ok_and(|found| found == root) {
            return Ok(false);
        }
        let mut removed = false;
        if target.is_dir() {
            let listed = output_of(
                self.cargo(&["metadata", "--locked", "--no-deps", "--format-version=1"])
                    .arg("--manifest-path")
                    .arg(manifest),
            )?;
            let listed: serde_json::Value =
                serde_json::from_str(&listed).context(|| "read what cargo says".to_string())?;
            let members: Vec<String> = listed["packages"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|package| package["name"].as_str().map(String::from))
                .collect();
            removed = forget(target, &members)?;
        }
        write_whole(&marker, root)?;
        Ok(removed)
    }

    /// An artefact in the cache, a folder: made by `make` where it is not there yet.
    ///
    /// `make` fills a temporary folder, which then takes its place in one rename: a run that is killed leaves nothing
    /// that looks finished. The final place is passed too, for files that must know it.
    pub fn artefact(
        &self,
        kind: &str,
        key: Key,
        make: impl FnOnce(&Path, &Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let key = key.short();
        let place = self.cache.join(kind).join(&key);
        if place.is_dir() {
            return Ok(place);
        }
        let _lock = self.lock(&format!("{}-{key}", kind.replace('/', "-")))?;
        if place.is_dir() {
            return Ok(place);
        }
        let temporary = self.cache.join(kind).join(format!(".making-{key}"));
        remove(&temporary)?;
        std::fs::create_dir_all(&temporary)
            .context(|| format!("create {}", temporary.display()))?;
        make(&temporary, &place)?;
        std::fs::rename(&temporary, &place).context(|| format!("create {}", place.display()))?;
        Ok(place)
    }
}

/// Removes cargo's fingerprints of these packages, at any depth where cargo keeps them (profile, target and profile):
/// they are then compiled anew. Gives whether there were any.
fn forget(target: &Path, packages: &[String]) -> Result<bool> {
    let mut removed = false;
    let mut folders = vec![(target.to_path_buf(), 2)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in subfolders(&folder)? {
            if entry.file_name().is_some_and(|name| name == ".fingerprint") {
                for unit in subfolders(&entry)? {
                    let name = unit.file_name().unwrap_or_default().to_string_lossy();
                    let package = name.rsplit_once('-').map_or("", |(package, _)| package);
                    if packages.iter().any(|member| member == package) {
                        remove(&unit)?;
                        removed = true;
                    }
                }
            } else if depth > 0 {
                folders.push((entry, depth - 1));
            }
        }
    }
    Ok(removed)
}

/// The folders right inside `folder`, with their whole paths.
pub fn subfolders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).context(|| format!("read {}", folder.display()))? {
        let path = entry
            .context(|| format!("read {}", folder.display()))?
            .path();
        if path.is_dir() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Removes a folder, if it is there.
pub fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::new(format!(
            "cannot remove {}: {error}",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// Writes a file so that nobody ever sees half of it.
pub fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(|| format!("create {}", folder.display()))?;
    }
    std::fs::write(&temporary, content).context(|| format!("write {}", temporary.display()))?;
    std::fs::rename(&temporary, path).context(|| format!("write {}", path.display()))
}

/// What a short command prints.
pub fn output_of(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().context(|| format!("run {name}"))?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "{name} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first line that a short command prints.
pub fn first_line(command: &mut Command) -> Result<String> {
    Ok(output_of(command)?
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .to_string())
}

/// Where a program of this name lies on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn cache_folder() -> Result<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = set("GALEN_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("galen")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache/galen")))
        .ok_or_else(|| Error::new("no place for the cache").help("set GALEN_CACHE to a folder"))?;
    std::fs::create_dir_all(&folder).map_err(|error| {
        Error::new(format!(
            "cannot create the cache folder {}: {error}",
            folder.display()
        ))
        .help("set GALEN_CACHE to a folder that can be written")
    })?;
    std::path::absolute(&folder).context(|| format!("find {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_clone_compiled_is_forgotten_and_its_dependencies_are_kept() {
        let target = std::env::temp_dir().join(format!("galen-forget-{}", std::process::id()));
        let unit = |place: &str| target.join(place);
        let (ours, theirs, deep) = (
            unit("debug/.fingerprint/galen-rules-0123456789abcdef"),
            unit("debug/.fingerprint/serde-0123456789abcdef"),
            unit("target-spec/release/.fingerprint/galen-rules-fedcba9876543210"),
        );
        for folder in [&ours, &theirs, &deep] {
            std::fs::create_dir_all(folder).expect("the folder is made");
        }
        let members = vec!["galen-rules".to_string(), "galen".to_string()];
        assert!(forget(&target, &members).expect("the folders are read"));
        assert!(!ours.exists() && !deep.exists() && theirs.exists());
        assert!(!forget(&target, &members).expect("the folders are read"));
        remove(&target).expect("the folder is removed");
    }
}
