//! The registry-only way: its tools, the runtime libraries, and the compilation of a program.

use super::{debian, flags, linker, sysroot, Program};
use crate::error::{Context, Error, Result};
use crate::hash::Key;
use crate::step::{Output, Step};
use crate::workspace::{write_whole, Workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that the registry-only way compiles with.
pub struct Toolchain {
    rustc: PathBuf,
    linker: PathBuf,
    spec: PathBuf,
    target: PathBuf,
    libcalls: PathBuf,
}

/// Adds to `key` what a program's code depends on beside its sources.
pub fn inputs(workspace: &Workspace, key: Key) -> Result<Key> {
    let folder = workspace.root.join("toolchain");
    let mut key = key
        .text(flags::rustc(Path::new("linker")).join(" "))
        .text(flags::EXPORTS);
    for file in [
        "target-spec.json",
        "debian-packages.tsv",
        "libcalls/libcalls.ll",
        "libcalls/Cargo.toml",
        "libcalls/Cargo.lock",
        "libcalls/src/lib.rs",
    ] {
        key = key.file(&folder.join(file))?;
    }
    key.tree(&folder.join("std-patches"))
}

impl Toolchain {
    /// Fetches and compiles what is not in the cache yet.
    pub fn prepare(workspace: &Workspace) -> Result<Self> {
        if !workspace
            .rustc_version
            .contains("host: x86_64-unknown-linux-gnu")
        {
            return Err(Error::new("the registry-only way was made for and tried on x86-64 Linux with glibc")
                .help("install Solana's tools (cargo-build-sbf) and use `cargo xtask build --way official`"));
        }
        let own = sysroot::own_std_source(workspace);
        let unpacked = debian::prepare(workspace, own.is_none())?;
        let library = own
            .or(unpacked.std_source)
            .ok_or_else(|| Error::new("no source of std"))?;
        let rustc = sysroot::prepare(workspace, &library)?;
        let linker = linker::prepare(workspace, &unpacked.llvm)?;

        let spec_source = workspace.root.join("toolchain/target-spec.json");
        let spec_text =
            std::fs::read(&spec_source).context(|| format!("read {}", spec_source.display()))?;
        let compiled_by = Key::new("sbf target 1")
            .text(&spec_text)
            .text(rustc.as_os_str().as_encoded_bytes())
            .text(flags::rustc(&linker).join(" "));
        // The compiled dependencies: shared by all clones that compile with the same tools and flags.
        let target = workspace
            .cache
            .join("sbf-target")
            .join(compiled_by.clone().short());
        let spec = target.join("target-spec.json");
        if std::fs::read(&spec).ok().as_deref() != Some(spec_text.as_slice()) {
            write_whole(&spec, &spec_text)?;
        }
        let mut toolchain = Self {
            rustc,
            linker,
            spec,
            target,
            libcalls: PathBuf::new(),
        };
        toolchain.libcalls = toolchain.prepare_libcalls(workspace, compiled_by)?;
        Ok(toolchain)
    }

    /// Cargo, set up to compile for the chain's machine.
    fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut command = workspace.cargo(&[
            subcommand,
            "--locked",
            "--message-format=json-render-diagnostics",
        ]);
        command.args(flags::CARGO).arg("--target").arg(&self.spec);
        for name in flags::REMOVED {
            command.env_remove(name);
        }
        command.envs(flags::PROFILE);
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                flags::rustc(&self.linker).join("\x1f"),
            )
            .env("RUSTC", &self.rustc)
            // Empty: also overrides a wrapper from the user's configuration.
            .env("RUSTC_WRAPPER", "")
            .env("RUSTC_WORKSPACE_WRAPPER", "")
            // Unlocks -Z on the stable compiler, and lets std be built for a target that it does not list.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC_BOOTSTRAP_SYNTHETIC_TARGET", "1");
        command
    }

    fn prepare_libcalls(&self, workspace: &Workspace, key: Key) -> Result<PathBuf> {
        let source = workspace.root.join("toolchain/libcalls");
        workspace.artefact("libcalls", key.tree(&source)?, |place, _| {
            workspace.steps.step(
                "Compile std and the runtime library for the chain (about 30 s, once)",
                |step| {
                    let _lock = workspace.lock("sbf-target")?;
                    // Compiled from a copy in the cache, so that nothing of it depends on the path of the clone.
                    let package = workspace.cache.join("libcalls-source");
                    crate::workspace::remove(&package)?;
                    for file in ["Cargo.toml", "Cargo.lock", "src/lib.rs"] {
                        let content =
                            std::fs::read(source.join(file)).context(|| format!("read {file}"))?;
                        write_whole(&package.join(file), content)?;
                    }
                    let output = step.run(
                        self.cargo(workspace, "build")
                            .arg("--manifest-path")
                            .arg(package.join("Cargo.toml")),
                    )?;
                    for name in ["sbf_libcalls", "solana_compiler_builtins"] {
                        copy(
                            &built_file(&output, name, "rlib")?,
                            &place.join(format!("lib{name}.rlib")),
                        )?;
                    }
                    copy(&source.join("libcalls.ll"), &place.join("libcalls.ll"))
                },
            )
        })
    }

    /// Compiles one program and gives the path of its `.so`. The linker's graph of it goes to the folder `graph`.
    pub fn compile(
        &self,
        workspace: &Workspace,
        step: &Step,
        program: &Program,
        graph: Option<&Path>,
    ) -> Result<PathBuf> {
        let _lock = workspace.lock("sbf-target")?;
        workspace.own_target(&self.target, &workspace.root.join("Cargo.toml"))?;
        let mut command = self.cargo(workspace, "rustc");
        command
            .args(["--lib", "--crate-type", "cdylib"])
            .args(program.features)
            .arg("--manifest-path")
            .arg(&program.manifest)
            .arg("--");
        for file in [
            "libcalls.ll",
            "libsbf_libcalls.rlib",
            "libsolana_compiler_builtins.rlib",
        ] {
            command.arg(format!("-Clink-arg={}", self.libcalls.join(file).display()));
        }
        command.arg(format!("-Clink-arg={}", flags::EXPORTS));
        if let Some(graph) = graph {
            command.arg(format!("-Clink-arg=--dump-cfg-dir={}", graph.display()));
        }
        let output = step.run(&mut command)?;
        let so = built_file(&output, &program.name, "so")?;
        // Taken while the lock is held: another clone's program of the same name has the same path.
        let taken = self.target.join(format!("{}.taken.so", program.name));
        copy(&so, &taken)?;
        Ok(taken)
    }
}

/// The file with this extension that cargo says it made for the library `name`.
fn built_file(output: &Output, name: &str, extension: &str) -> Result<PathBuf> {
    find_artifact(&output.stdout, name, extension).ok_or_else(|| {
        Error::new(format!(
            "cargo did not say where the {extension} of {name} is"
        ))
    })
}

fn find_artifact(lines: &[String], name: &str, extension: &str) -> Option<PathBuf> {
    lines
        .iter()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| {
            message["reason"] == "compiler-artifact" && message["target"]["name"] == name
        })
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|file| file.extension().is_some_and(|found| found == extension))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to)
        .map(|_| ())
        .context(|| format!("copy {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_library_is_found_among_cargos_messages() {
        let lines = [
            r#"{"reason":"compiler-artifact","target":{"name":"registry"},"filenames":["/t/libregistry.rlib"]}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"claims"},"filenames":["/t/deps/libclaims.so","/t/libclaims.so"]}"#,
            "   Compiling claims v0.1.0",
            r#"{"reason":"build-finished","success":true}"#,
        ]
        .map(String::from);
        assert_eq!(
            find_artifact(&lines, "claims", "so"),
            Some(PathBuf::from("/t/libclaims.so"))
        );
        assert_eq!(find_artifact(&lines, "registry", "so"), None);
    }
}
