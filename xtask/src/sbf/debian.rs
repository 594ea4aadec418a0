//! The Debian packages of the registry-only way: LLVM 23 with the libraries it needs, and the source of std.
//!
//! apt-get fetches them with lists of its own, so that signatures are checked and the system's lists, packages and
//! sources stay as they are; no root is needed. Each file must match toolchain/debian-packages.tsv.

use crate::error::{Context, Error, Result};
use crate::hash::{sha256_of, Key};
use crate::step::Step;
use crate::workspace::{on_path, write_whole, Workspace, RUSTC};
use std::path::{Path, PathBuf};
use std::process::Command;

const PINS: &str = "toolchain/debian-packages.tsv";
const PINS_HEADER: &str = "# The Debian packages of the registry-only build: suite, package, version, architecture, SHA-256 of the file.
# Written by `cargo xtask setup --refresh-pins`; every file is checked against this list before it is unpacked.
";
/// The package whose closure of libraries is taken from sid.
const LLVM: &str = "libllvm23";
/// The package with the source of std.
const STD_SOURCE: &str = "rust-src";

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pin {
    suite: String,
    package: String,
    version: String,
    architecture: String,
    sha256: String,
}

/// Where the packages were unpacked.
pub struct Unpacked {
    /// LLVM 23, its closure, and the loader that runs programs with them.
    pub llvm: PathBuf,
    /// `library/` of the compiler's source; none where the compiler's own copy is used.
    pub std_source: Option<PathBuf>,
}

/// Fetches, checks and unpacks what is not there yet. `with_std`: the source of std is wanted too.
pub fn prepare(workspace: &Workspace, with_std: bool) -> Result<Unpacked> {
    let pins = read_pins(&workspace.root.join(PINS))?;
    let (std_pins, llvm_pins): (Vec<Pin>, Vec<Pin>) =
        pins.into_iter().partition(|pin| pin.package == STD_SOURCE);
    let llvm = unpack(
        workspace,
        "llvm",
        "Fetch LLVM 23 from Debian (45 MB, once)",
        &llvm_pins,
    )?
    .join("usr/lib/x86_64-linux-gnu");
    let std_source = match with_std {
        true => Some(unpack_std(workspace, &std_pins)?),
        false => None,
    };
    Ok(Unpacked { llvm, std_source })
}

/// The source of std alone, fetched, checked and unpacked where it is not there yet.
pub fn std_source(workspace: &Workspace) -> Result<PathBuf> {
    let mut pins = read_pins(&workspace.root.join(PINS))?;
    pins.retain(|pin| pin.package == STD_SOURCE);
    unpack_std(workspace, &pins)
}

fn unpack_std(workspace: &Workspace, pins: &[Pin]) -> Result<PathBuf> {
    let folder = unpack(
        workspace,
        "rust-src",
        "Fetch the source of std from Debian (once)",
        pins,
    )?;
    Ok(folder.join(format!("usr/src/rustc-{RUSTC}/library")))
}

fn unpack(workspace: &Workspace, what: &str, title: &str, pins: &[Pin]) -> Result<PathBuf> {
    let mut key = Key::new("debian packages 1");
    for pin in pins {
        key = key.text(&pin.package).text(&pin.sha256);
    }
    workspace.artefact(what, key, |place, _| {
        workspace.steps.step(title, |step| {
            let apt = Apt::open(workspace, step)?;
            let debs = apt.folder.join("debs");
            crate::workspace::remove(&debs)?;
            std::fs::create_dir_all(&debs).context(|| format!("create {}", debs.display()))?;
            let wanted: Vec<String> = pins.iter().map(|pin| format!("{}={}", pin.package, pin.version)).collect();
            let mut download = apt.get(&["download"]);
            download.args(&wanted).current_dir(&debs);
            let output = step.attempt(&mut download)?;
            if !output.status.success() {
                return Err(apt.explain_missing(step, pins)?.unwrap_or_else(|| Error {
                    tail: output.tail,
                    ..Error::new("apt-get could not download the pinned packages")
                }));
            }
            for pin in pins {
                let file = deb_of(&debs, pin)?;
                let found = sha256_of(&file)?;
                if found != pin.sha256 {
                    return Err(Error::new(format!(
                        "{} {} is not the file that is pinned: its SHA-256 is {found}, {PINS} says {}",
                        pin.package, pin.version, pin.sha256
                    ))
                    .help("nothing of it was used; if the archive has rebuilt the package, `cargo xtask setup --refresh-pins` takes the new sums"));
                }
                step.run(Command::new("dpkg-deb").arg("-x").arg(&file).arg(place))?;
            }
            crate::workspace::remove(&apt.folder)
        })
    })
}

/// Takes the versions that the archive has now, and writes their sums to the list.
pub fn refresh_pins(workspace: &Workspace) -> Result<()> {
    let _lock = workspace.lock("refresh-pins")?;
    workspace
        .steps
        .step("Refresh the list of Debian packages", |step| {
            let apt = Apt::open(workspace, step)?;
            let (sources, libraries) = (
                apt.folder.join("source-debs"),
                apt.folder.join("cache/archives"),
            );
            crate::workspace::remove(&sources)?;
            std::fs::create_dir_all(&sources)
                .context(|| format!("create {}", sources.display()))?;
            step.run(
                apt.get(&["download", &format!("{STD_SOURCE}={RUSTC}*")])
                    .current_dir(&sources),
            )?;
            step.run(&mut apt.get(&[
                "install",
                "-y",
                "--download-only",
                "--no-install-recommends",
                LLVM,
            ]))?;
            let mut text = PINS_HEADER.to_string();
            for (suite, folder) in [("trixie-backports", sources), ("sid", libraries)] {
                for file in crate::hash::files_below(&folder)?
                    .iter()
                    .filter(|f| f.extension().is_some_and(|e| e == "deb"))
                {
                    let pin = describe_deb(suite, file)?;
                    step.note(format!("{} {}", pin.package, pin.version));
                    text += &format!(
                        "{}\t{}\t{}\t{}\t{}\n",
                        pin.suite, pin.package, pin.version, pin.architecture, pin.sha256
                    );
                }
            }
            write_whole(&workspace.root.join(PINS), text)?;
            crate::workspace::remove(&apt.folder)?;
            step.note(format!(
                "wrote {PINS}; run `cargo xtask test --only conformance` before you commit it"
            ));
            Ok(())
        })
}

/// apt-get with lists, cache and sources of its own.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// Makes the folders, finds the machine's own mirror and reads its index of the two suites.
    fn open(workspace: &Workspace, step: &Step) -> Result<Self> {
        for tool in ["apt-get", "apt-cache", "dpkg-deb"] {
            if on_path(tool).is_none() {
                return Err(Error::new(format!("the registry-only way needs Debian's {tool}, which is not on the PATH"))
                    .help("install Solana's tools (cargo-build-sbf) and use `cargo xtask build --way official`"));
            }
        }
        // One folder per process: the caller may hold the lock of one artefact while another run makes another.
        let apt = Self {
            folder: workspace.cache.join(format!("apt-{}", std::process::id())),
        };
        crate::workspace::remove(&apt.folder)?;
        for folder in ["lists/partial", "cache/archives/partial", "parts"] {
            let path = apt.folder.join(folder);
            std::fs::create_dir_all(&path).context(|| format!("create {}", path.display()))?;
        }
        write_whole(&apt.folder.join("status"), "")?;
        let mirrors = mirrors()?;
        let mut last = None;
        for mirror in &mirrors {
            write_whole(&apt.folder.join("sources.list"), sources_list(mirror))?;
            let output =
                step.attempt(&mut apt.get(&["-o", "APT::Update::Error-Mode=any", "update"]))?;
            if output.status.success() {
                return Ok(apt);
            }
            last = Some(output.tail);
        }
        match last {
            None => Err(Error::new("this machine's apt names no Debian mirror")
                .help("set GALEN_DEBIAN_MIRROR to the address of one")),
            Some(tail) => Err(Error {
                tail,
                ..Error::new(
                    "no mirror that this machine's apt names serves sid and trixie-backports",
                )
            }
            .help("check the network; set GALEN_DEBIAN_MIRROR to the address of a Debian mirror")),
        }
    }

    fn configure(&self, command: &mut Command) {
        let at = |name: &str| self.folder.join(name).display().to_string();
        for (option, value) in [
            ("Dir::Etc::sourcelist", at("sources.list")),
            ("Dir::Etc::sourceparts", at("parts")),
            ("Dir::State::Lists", at("lists")),
            ("Dir::Cache", at("cache")),
            ("Dir::State::status", at("status")),
            ("Acquire::Languages", "none".into()),
            ("Acquire::Retries", "3".into()),
            // apt would drop to a user that cannot write to the cache.
            ("APT::Sandbox::User", "root".into()),
        ] {
            command.arg("-o").arg(format!("{option}={value}"));
        }
        command
            .env("LC_ALL", "C")
            .env("DEBIAN_FRONTEND", "noninteractive");
    }

    fn get(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("apt-get");
        command.arg("-q");
        self.configure(&mut command);
        command.args(arguments);
        command
    }

    /// Which pinned versions the archive no longer has, and which it has instead.
    fn explain_missing(&self, step: &Step, pins: &[Pin]) -> Result<Option<Error>> {
        let mut gone = Vec::new();
        for pin in pins {
            let mut command = Command::new("apt-cache");
            self.configure(&mut command);
            let output = step.attempt(command.args(["madison", &pin.package]))?;
            let present: Vec<&str> = output
                .stdout
                .iter()
                .filter_map(|line| line.split('|').nth(1))
                .map(str::trim)
                .collect();
            if !present.contains(&pin.version.as_str()) {
                let instead = if present.is_empty() {
                    "nothing".to_string()
                } else {
                    present.join(", ")
                };
                gone.push(format!(
                    "{} {} (the archive has {instead})",
                    pin.package, pin.version
                ));
            }
        }
        Ok((!gone.is_empty()).then(|| {
            Error::new(format!("the archive has moved on; pinned and gone: {}", gone.join("; ")))
                .help("`cargo xtask setup --refresh-pins` takes what the archive has now and rewrites toolchain/debian-packages.tsv")
        }))
    }
}

/// Mirrors of Debian that the machine's own apt uses, the likeliest first. None is written down anywhere.
fn mirrors() -> Result<Vec<String>> {
    if let Ok(mirror) = std::env::var("GALEN_DEBIAN_MIRROR") {
        return Ok(vec![mirror]);
    }
    let known = Command::new("apt-get")
        .args(["indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)"])
        .output();
    let known = known
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    // Without lists (a fresh container) apt knows no origins; the addresses it would fetch from say enough.
    let planned = Command::new("apt-get")
        .args(["update", "--print-uris"])
        .output();
    let planned = planned
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let mut mirrors = from_index_targets(&known);
    for mirror in from_planned_uris(&planned) {
        if !mirrors.contains(&mirror) {
            mirrors.push(mirror);
        }
    }
    Ok(mirrors)
}

/// Addresses whose origin and label are both `Debian`: the archive itself, not its security updates.
fn from_index_targets(text: &str) -> Vec<String> {
    let mut mirrors: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(address) = line.strip_prefix("Debian|Debian|") {
            if !mirrors.iter().any(|known| known == address) {
                mirrors.push(address.to_string());
            }
        }
    }
    mirrors
}

/// `'http://host/debian/dists/bookworm/InRelease' ...` as `http://host/debian/`; suites with a suffix are left out.
fn from_planned_uris(text: &str) -> Vec<String> {
    let mut mirrors: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some(address) = line
            .strip_prefix('\'')
            .and_then(|rest| rest.split('\'').next())
        else {
            continue;
        };
        let Some((base, suite)) = address
            .strip_suffix("/InRelease")
            .and_then(|rest| rest.rsplit_once("dists/"))
        else {
            continue;
        };
        let plain = !suite.contains('-') && !suite.contains('/');
        if plain
            && base.trim_end_matches('/').ends_with("/debian")
            && !mirrors.iter().any(|known| known == base)
        {
            mirrors.push(base.to_string());
        }
    }
    mirrors
}

/// A mirror's index of sid may be older than the week for which it is valid, so its validity is stretched to 60 days;
/// it is never switched off.
fn sources_list(mirror: &str) -> String {
    let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let signed = if Path::new(keyring).is_file() {
        format!("signed-by={keyring}")
    } else {
        String::new()
    };
    format!("deb [valid-until-min=5184000 {signed}] {mirror} sid main\ndeb [{signed} arch=amd64] {mirror} trixie-backports main\n")
}

fn read_pins(path: &Path) -> Result<Vec<Pin>> {
    let text = std::fs::read_to_string(path).context(|| format!("read {}", path.display()))?;
    parse_pins(&text)
}

fn parse_pins(text: &str) -> Result<Vec<Pin>> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|(number, line)| match line.split('\t').collect::<Vec<_>>().as_slice() {
            [suite, package, version, architecture, sha256] if sha256.len() == 64 => Ok(Pin {
                suite: suite.to_string(),
                package: package.to_string(),
                version: version.to_string(),
                architecture: architecture.to_string(),
                sha256: sha256.to_string(),
            }),
            _ => Err(Error::new(format!("{PINS}, line {}: suite, package, version, architecture and SHA-256 are wanted, separated by tabs", number + 1))),
        })
        .collect()
}

/// The file of a pinned package: apt writes the colon of an epoch as `%3a`.
fn deb_of(folder: &Path, pin: &Pin) -> Result<PathBuf> {
    let name = format!(
        "{}_{}_{}.deb",
        pin.package,
        pin.version.replace(':', "%3a"),
        pin.architecture
    );
    let file = folder.join(&name);
    if !file.is_file() {
        return Err(Error::new(format!("apt-get did not download {name}")));
    }
    Ok(file)
}

fn describe_deb(suite: &str, file: &Path) -> Result<Pin> {
    let field = |name: &str| {
        crate::workspace::first_line(Command::new("dpkg-deb").arg("-f").arg(file).arg(name))
    };
    Ok(Pin {
        suite: suite.into(),
        package: field("Package")?,
        version: field("Version")?,
        architecture: field("Architecture")?,
        sha256: sha256_of(file)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_list_is_complete() {
        let pins = read_pins(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PINS))
            .expect("the list reads");
        let of = |name: &str| pins.iter().find(|pin| pin.package == name);
        assert!(
            of(STD_SOURCE).is_some_and(|pin| pin.version.starts_with(RUSTC)),
            "the source is of the compiler's version"
        );
        for name in [LLVM, "libc6", "libstdc++6", "zlib1g"] {
            assert!(
                of(name).is_some_and(|pin| pin.suite == "sid"),
                "{name} is pinned"
            );
        }
    }

    #[test]
    fn a_damaged_list_is_refused_by_line() {
        let error = parse_pins("# head\nsid\tlibc6\t2.43-7\tamd64\tabc\n")
            .expect_err("the sum is too short");
        assert!(error.message.contains("line 2"), "{}", error.message);
    }

    #[test]
    fn mirrors_come_from_what_apt_says() {
        let targets = "Debian|Debian-Security|http://m/debian-security/\nDebian|Debian|http://m/debian/\nDebian|Debian|http://m/debian/\nNode|Node|http://n/\n";
        assert_eq!(from_index_targets(targets), ["http://m/debian/"]);
        let planned = "'http://m/debian/dists/bookworm/InRelease' m_InRelease 0\n'http://m/debian/dists/bookworm-updates/InRelease' x 0\n\
                       'http://m/debian-security/dists/bookworm-security/InRelease' y 0\n'http://n/node_20.x/dists/nodistro/InRelease' z 0\n";
        assert_eq!(from_planned_uris(planned), ["http://m/debian/"]);
    }

    #[test]
    fn epochs_are_escaped_in_file_names() {
        let pin = Pin {
            suite: "sid".into(),
            package: "libllvm23".into(),
            version: "1:23.1.4-2".into(),
            architecture: "amd64".into(),
            sha256: String::new(),
        };
        let error = deb_of(Path::new("/nonexistent"), &pin).expect_err("no such file");
        assert!(
            error.message.contains("libllvm23_1%3a23.1.4-2_amd64.deb"),
            "{}",
            error.message
        );
    }
}
