//! `sbpf-linker`, compiled once, and the wrapper that runs it with LLVM 23.

use crate::error::{Context, Result};
use crate::hash::Key;
use crate::workspace::{remove, write_whole, Workspace};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const VERSION: &str = "0.2.6";

/// The wrapper script that rustc is given as its linker. `llvm` is the folder of LLVM 23 and its closure.
pub fn prepare(workspace: &Workspace, llvm: &Path) -> Result<PathBuf> {
    let program = workspace.artefact(
        "sbpf-linker",
        Key::new("sbpf-linker 1")
            .text(VERSION)
            .text(&workspace.rustc_version),
        |place, _| {
            workspace
                .steps
                .step("Compile sbpf-linker (about 2 minutes, once)", |step| {
                    // Kept between runs, so that one that is stopped goes on where it was.
                    let target = workspace.cache.join("sbpf-linker/target");
                    let mut command = workspace.cargo(&[
                        "install",
                        "--locked",
                        "--version",
                        &format!("={VERSION}"),
                        "sbpf-linker",
                        "--root",
                    ]);
                    command
                        .arg(place)
                        .env("CARGO_TARGET_DIR", &target)
                        .current_dir(&workspace.cache);
                    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
                        command.env_remove(name);
                    }
                    step.run(&mut command)?;
                    remove(&target)
                })
        },
    )?;
    let wrapper = workspace.artefact(
        "bin",
        Key::new("linker wrapper 1")
            .text(program.as_os_str().as_encoded_bytes())
            .text(llvm.as_os_str().as_encoded_bytes()),
        |place, _| {
            script(
                &place.join("sbpf-linker"),
                &wrapper(llvm, &program.join("bin/sbpf-linker")),
            )
        },
    )?;
    Ok(wrapper.join("sbpf-linker"))
}

/// LLVM 23 needs a newer C library than the machine may have, so the linker runs under the loader that came with it.
/// PATH must lead nowhere: the linker would take any libLLVM that lies beside a program on it, silently.
/// Left alone, the linker also writes to target/deploy, and a program that another depends on (linked without its
/// entry point) would overwrite the real one.
fn wrapper(llvm: &Path, program: &Path) -> String {
    let (llvm, program) = (quote(llvm), quote(program));
    format!(
        "#!/bin/sh\nLD_LIBRARY_PATH={llvm} PATH=/nonexistent\nexport LD_LIBRARY_PATH PATH\n\
         exec {llvm}/ld-linux-x86-64.so.2 --library-path {llvm} {program} \"$@\" --deploy=false\n"
    )
}

/// Writes an executable script.
pub fn script(path: &Path, text: &str) -> Result<()> {
    write_whole(path, text)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .context(|| format!("make {} executable", path.display()))
}

/// A path as the shell reads it back.
pub fn quote(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_the_shell() {
        let odd = Path::new("/a b/it's");
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("printf %s {}", quote(odd)))
            .output()
            .expect("sh runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "/a b/it's");
    }
}
