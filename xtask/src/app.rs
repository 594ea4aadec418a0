//! `cargo xtask app`: the pharmacy's page, with the rulebook as WebAssembly, built and served.

use crate::error::{Context, Error, Result};
use crate::hash::Key;
use crate::workspace::{write_whole, Workspace};
use crate::{node, sbf, system, ui};
use std::path::PathBuf;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "galen-app-rules";
/// Where the page's sources expect the rulebook.
const RULES: &str = "app/src/rules/rules.wasm";

/// Set for this build alone, so that host builds do not inherit it: the page loads faster the smaller the file.
const PROFILE: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
];
/// Of the user's environment or configuration: made for other machines.
const REMOVED: [&str; 4] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "RUSTUP_TOOLCHAIN",
];

/// The folder into which the tests put a picture of each state of the page.
pub fn screenshots(workspace: &Workspace) -> PathBuf {
    workspace.root.join("app/screenshots")
}

/// What the page's tests need beside the build: a browser.
pub fn prepare(workspace: &Workspace) -> Result<()> {
    system::require(workspace, &[system::CHROMIUM])
}

/// Compiles the rulebook to WebAssembly and builds the page to `app/dist`.
pub fn build(workspace: &Workspace) -> Result<()> {
    compile_rules(workspace)?;
    node::install(workspace)?;
    workspace.steps.step("Build the page", |step| {
        step.run(&mut node::npx(workspace, &["vite", "build", "app"]))?;
        step.note("app/dist: any web server can serve it");
        Ok(())
    })
}

/// Serves `app/dist` until the task is stopped.
pub fn serve(workspace: &Workspace, port: u16) -> Result<()> {
    workspace
        .steps
        .step("Serve the page (Ctrl-C ends it)", |step| {
            ui::say(format!(
                "   open http://127.0.0.1:{port}/ and name your pharmacy in its settings; `cargo xtask demo --keep` leaves a \
                 validator up for it"
            ));
            let port = port.to_string();
            let arguments = ["vite", "preview", "app", "--strictPort", "--port", &port];
            step.show(&mut node::npx(workspace, &arguments))
        })
}

/// With the compiler's own std for WebAssembly where that is installed, else with one that is built from source.
fn compile_rules(workspace: &Workspace) -> Result<()> {
    let has_std = workspace
        .sysroot
        .join(format!("lib/rustlib/{TARGET}/lib"))
        .is_dir();
    let rustc = match has_std {
        true => workspace.rustc.clone(),
        false => sbf::compiler_with_std_source(workspace).map_err(|error| match error.help {
            Some(_) => error,
            None => error.help("`rustup target add wasm32-unknown-unknown` has what is missing"),
        })?,
    };
    let key = Key::new("wasm target 1")
        .text(&workspace.rustc_version)
        .text(rustc.as_os_str().as_encoded_bytes());
    let target = workspace.cache.join("wasm-target").join(key.short());
    workspace.steps.step(
        "Compile the rulebook to WebAssembly (about a minute, once)",
        |step| {
            let _lock = workspace.lock("wasm-target")?;
            workspace.own_target(&target, &workspace.root.join("Cargo.toml"))?;
            let mut command = workspace.cargo(&["rustc", "--locked", "--release", "--lib"]);
            command.args(["-p", PACKAGE, "--crate-type", "cdylib", "--target", TARGET]);
            if !has_std {
                command
                    .arg("-Zbuild-std=std,panic_abort")
                    // Unlocks -Z on the stable compiler.
                    .env("RUSTC_BOOTSTRAP", "1");
            }
            for name in REMOVED {
                command.env_remove(name);
            }
            command
                .envs(PROFILE)
                .env("CARGO_TARGET_DIR", &target)
                .env("RUSTC", &rustc)
                .env("RUSTC_WRAPPER", "")
                .env("RUSTC_WORKSPACE_WRAPPER", "");
            step.run(&mut command)?;
            let built = target
                .join(TARGET)
                .join("release")
                .join("galen_app_rules.wasm");
            let content = std::fs::read(&built).context(|| format!("read {}", built.display()))?;
            if !content.starts_with(b"\0asm") {
                return Err(Error::new(format!(
                    "{} is not WebAssembly",
                    built.display()
                )));
            }
            write_whole(&workspace.root.join(RULES), &content)?;
            step.note(format!("{RULES}, {} bytes", content.len()));
            Ok(())
        },
    )
}
