//! Builds programs for the chain's virtual machine, in one of two ways that give the same kind of file.
//!
//! *Official*: `cargo-build-sbf` with the platform tools that it downloads. *Registry-only*: upstream rustc and
//! `sbpf-linker`, from package registries alone; toolchain/README.md explains each piece.

mod debian;
mod flags;
mod linker;
mod official;
mod registry_only;
mod symbols;
mod sysroot;

use crate::error::{Context, Error, Result};
use crate::hash::{sha256_of, Key};
use crate::workspace::{on_path, write_whole, Workspace};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use debian::refresh_pins;

/// How programs are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// `cargo-build-sbf` and its platform tools.
    Official,
    /// Upstream rustc and `sbpf-linker`.
    RegistryOnly,
}

impl Way {
    /// The official way where `cargo-build-sbf` is installed, else the registry-only way.
    pub fn choose(wanted: Option<Self>) -> Self {
        wanted.unwrap_or(match on_path("cargo-build-sbf") {
            Some(_) => Self::Official,
            None => Self::RegistryOnly,
        })
    }

    /// What is said to the user.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Official => "the official way: cargo-build-sbf is on the PATH",
            Self::RegistryOnly => "the registry-only way: upstream rustc and sbpf-linker",
        }
    }
}

/// What was built, as `target/deploy/build.json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The program's name.
    pub program: String,
    /// SHA-256 of the `.so`.
    pub sha256: String,
    /// Size of the `.so`.
    pub bytes: u64,
    /// How it was compiled.
    pub way: Way,
    /// `rustc --version` of the project's compiler (the platform tools of the official way bring their own).
    pub rustc: String,
    /// Hash of everything that the build depends on.
    pub inputs: String,
}

/// A package with a cdylib, and what it is made of.
struct Program {
    name: String,
    manifest: PathBuf,
    /// Cargo's arguments that choose its features.
    features: &'static [&'static str],
    inputs: Key,
}

/// How the repository's own programs are entered: crates/entry.
const FEATURES: [&str; 2] = ["--features", "lean-entry"];

/// Prepares what the chosen way needs. Nothing for the official way, which brings its own tools.
pub fn prepare(workspace: &Workspace, way: Way) -> Result<()> {
    match way {
        Way::Official => Ok(()),
        Way::RegistryOnly => registry_only::Toolchain::prepare(workspace).map(|_| ()),
    }
}

/// The compiler with a source of std that it can build for other machines: a script that runs it. Fetches the source
/// where the compiler has none of its own.
pub fn compiler_with_std_source(workspace: &Workspace) -> Result<PathBuf> {
    let library = match sysroot::own_std_source(workspace) {
        Some(library) => library,
        None => debian::std_source(workspace)?,
    };
    sysroot::prepare(workspace, &library)
}

/// Builds the repository's programs and the conformance program where they are not there yet.
pub fn build(workspace: &Workspace, wanted: Option<Way>) -> Result<Vec<Built>> {
    build_naming(workspace, Way::choose(wanted), None)
}

/// The same, and writes the names of one program's functions to target/deploy/NAME.symbols. The registry-only way,
/// whatever is installed: its linker tells them.
pub fn build_with_symbols(workspace: &Workspace, program: &str) -> Result<Vec<Built>> {
    build_naming(workspace, Way::RegistryOnly, Some(program))
}

fn build_naming(workspace: &Workspace, way: Way, named: Option<&str>) -> Result<Vec<Built>> {
    let programs = programs(workspace, way)?;
    let known = read_record(&workspace.deploy());
    let fresh = |program: &Program| {
        let inputs = program.inputs.clone().full();
        let built = known
            .iter()
            .find(|built| built.program == program.name && built.inputs == inputs)?;
        let so = workspace.deploy().join(format!("{}.so", program.name));
        let same = sha256_of(&so).ok()? == built.sha256;
        let is_named =
            named != Some(program.name.as_str()) || symbols::belong_to(&so, &built.sha256);
        (same && is_named).then(|| built.clone())
    };
    let present: Vec<Option<Built>> = programs.iter().map(fresh).collect();
    if present.iter().all(Option::is_some) {
        return Ok(present.into_iter().flatten().collect());
    }
    let compiler = match way {
        Way::Official => None,
        Way::RegistryOnly => Some(registry_only::Toolchain::prepare(workspace)?),
    };
    let mut record = Vec::new();
    let mut failed = None;
    for (program, present) in programs.iter().zip(present) {
        let result = match present {
            Some(built) => Ok(built),
            None => workspace.steps.step(
                &format!("Compile the program {} ({})", program.name, way.describe()),
                |step| {
                    // Within this clone, so that cargo compiles anew where the graph is another's.
                    let graph = (named == Some(program.name.as_str()))
                        .then(|| workspace.root.join("target/graphs").join(&program.name));
                    let so = match &compiler {
                        Some(compiler) => {
                            compiler.compile(workspace, step, program, graph.as_deref())?
                        }
                        None => official::compile(workspace, step, program)?,
                    };
                    let built = take(workspace, program, way, &so)?;
                    if let Some(graph) = &graph {
                        let so = workspace.deploy().join(format!("{}.so", program.name));
                        symbols::write(graph, &so, &built.sha256)?;
                    }
                    step.note(format!(
                        "target/deploy/{}.so, {} bytes, sha256 {}",
                        built.program, built.bytes, built.sha256
                    ));
                    Ok(built)
                },
            ),
        };
        match result {
            Ok(built) => record.push(built),
            Err(error) if error.interrupted => return Err(error),
            // The others are still worth having; the first failure is what is told.
            Err(error) => {
                failed.get_or_insert(error);
                continue;
            }
        }
        // Written after each program, so that a run that is stopped does not lose those that are done.
        let mut whole = record.clone();
        whole.extend(
            known
                .iter()
                .filter(|old| record.iter().all(|new| new.program != old.program))
                .cloned(),
        );
        let json = serde_json::to_string_pretty(&whole)
            .context(|| "write the record of the build".into())?;
        write_whole(&workspace.deploy().join("build.json"), json + "\n")?;
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(record),
    }
}

/// Copies a fresh `.so` to target/deploy, whole or not at all.
fn take(workspace: &Workspace, program: &Program, way: Way, so: &Path) -> Result<Built> {
    let content = std::fs::read(so).context(|| format!("read {}", so.display()))?;
    if !content.starts_with(b"\x7fELF") {
        return Err(Error::new(format!("{} is not an ELF file", so.display())));
    }
    let place = workspace.deploy().join(format!("{}.so", program.name));
    write_whole(&place, &content)?;
    let bytes = u64::try_from(content.len()).context(|| "measure a program".into())?;
    Ok(Built {
        program: program.name.clone(),
        sha256: sha256_of(&place)?,
        bytes,
        way,
        rustc: workspace
            .rustc_version
            .lines()
            .next()
            .unwrap_or_default()
            .to_string(),
        inputs: program.inputs.clone().full(),
    })
}

fn programs(workspace: &Workspace, way: Way) -> Result<Vec<Program>> {
    let root = &workspace.root;
    let mut common = Key::new("sbf program 1")
        .text(way.describe())
        .text(&workspace.rustc_version);
    for file in ["Cargo.toml", "Cargo.lock"] {
        common = common.file(&root.join(file))?;
    }
    common = common.text(FEATURES.join(" "));
    for library in ["chain", "entry", "rules"] {
        let folder = root.join("crates").join(library);
        common = common
            .file(&folder.join("Cargo.toml"))?
            .tree(&folder.join("src"))?;
    }
    for name in workspace.programs()? {
        let folder = root.join("programs").join(&name);
        common = common
            .file(&folder.join("Cargo.toml"))?
            .tree(&folder.join("src"))?;
    }
    if way == Way::RegistryOnly {
        common = registry_only::inputs(workspace, common)?;
    }
    let mut programs: Vec<Program> = workspace
        .programs()?
        .into_iter()
        .map(|name| Program {
            manifest: root.join("programs").join(&name).join("Cargo.toml"),
            features: &FEATURES,
            inputs: common.clone().text(&name),
            name,
        })
        .collect();
    let conformance = root.join("toolchain/conformance");
    if conformance.is_dir() {
        let inputs = common
            .file(&conformance.join("Cargo.toml"))?
            .tree(&conformance.join("src"))?;
        programs.push(Program {
            name: "conformance".into(),
            manifest: conformance.join("Cargo.toml"),
            features: &[],
            inputs,
        });
    }
    Ok(programs)
}

/// What `target/deploy/build.json` says; nothing if it is absent or from another version of this tool.
fn read_record(deploy: &Path) -> Vec<Built> {
    std::fs::read(deploy.join("build.json"))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_of_a_build_has_the_promised_form() {
        let built = Built {
            program: "claims".into(),
            sha256: "00".into(),
            bytes: 7,
            way: Way::RegistryOnly,
            rustc: "1.95.0".into(),
            inputs: "11".into(),
        };
        let json = serde_json::to_value(&built).expect("serialises");
        assert_eq!(json["way"], "registry-only");
        assert_eq!(json["bytes"], 7);
        assert_eq!(
            serde_json::from_value::<Built>(json).expect("reads back"),
            built
        );
    }
}
