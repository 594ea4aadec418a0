//! The official way: `cargo build-sbf`, as `anchor build` calls it.

use super::Program;
use crate::error::{Error, Result};
use crate::step::Step;
use crate::workspace::{remove, Workspace};
use std::path::PathBuf;

/// The platform tools that Anchor 1.2.2 asks for.
const PLATFORM_TOOLS: &str = "v1.57";

/// Compiles one program and gives the path of its `.so`.
pub fn compile(workspace: &Workspace, step: &Step, program: &Program) -> Result<PathBuf> {
    let out = workspace.cache.join("official").join(&program.name);
    remove(&out)?;
    let mut command = workspace.cargo(&[
        "build-sbf",
        "--arch",
        "v3",
        "--tools-version",
        PLATFORM_TOOLS,
    ]);
    // cargo-build-sbf brings its own compiler.
    command
        .args(program.features)
        .arg("--manifest-path")
        .arg(&program.manifest)
        .arg("--sbf-out-dir")
        .arg(&out)
        .args(["--", "--locked"])
        .env_remove("RUSTC");
    step.run(&mut command).map_err(|error| error.help("if its platform tools cannot be downloaded here, use `cargo xtask build --way registry-only`"))?;
    let so = out.join(format!("{}.so", program.name));
    if !so.is_file() {
        return Err(Error::new(format!(
            "cargo build-sbf did not write {}",
            so.display()
        )));
    }
    Ok(so)
}
