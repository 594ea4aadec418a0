//! `cargo xtask demo`: from nothing to a claim that is adjudicated and paid, a trial whose participants are, and packs that are
//! dispensed once, on a local validator.

use crate::cargo_tests;
use crate::error::Result;
use crate::validator::{Kind, Program, Validator};
use crate::workspace::{remove, subfolders, Workspace};
use crate::{keys, sbf, setup, ui};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What the story's governance gets, in lamports: rent of the programs (about 7 SOL a megabyte, twice while they are
/// deployed), and the story.
const LAMPORTS: u64 = 500_000_000_000;

/// Sets up what is missing, builds, starts the validator and plays the stories. `keep`: the validator stays up.
pub fn run(workspace: &Workspace, kind: Kind, keep: bool) -> Result<()> {
    let started = Instant::now();
    setup::system_packages(workspace)?;
    let validator = Program::prepare(workspace, kind)?;
    sbf::build(workspace, None)?;
    let galen = cargo_tests::program(workspace, "galen")?;
    ui::say(format!(
        "Everything is built ({}).",
        ui::duration(started.elapsed())
    ));

    let validator = workspace.steps.step("Start the local validator", |step| {
        let validator = validator.start(workspace, !keep)?;
        step.note(format!(
            "JSON-RPC {}, WebSocket {}",
            validator.rpc(),
            validator.websocket()
        ));
        if !validator.on_usual_ports() {
            step.note("8899 or 8900 is taken, so it runs on other ports");
        }
        Ok(validator)
    })?;

    // The story's keys and salts: nobody's own are touched.
    let home = workspace.cache.join(if keep {
        "demo-kept".into()
    } else {
        format!("demo-{}", std::process::id())
    });
    remove(&home)?;
    clear_up_after_killed_runs(&workspace.cache)?;
    let governance = home.join("governance.json");
    let told = play(workspace, &validator, &galen, &home, &governance);
    if keep && told.is_ok() {
        let (rpc, websocket, id) = (
            validator.rpc(),
            validator.websocket(),
            validator.id().unwrap_or_default(),
        );
        validator.release();
        ui::say(format!(
            "\nThe validator stays up: JSON-RPC {rpc}, WebSocket {websocket}."
        ));
        ui::say(format!(
            "  use it:   {} --url {rpc} --ws {websocket} --home {} --keypair {} --help",
            galen.display(),
            home.display(),
            governance.display()
        ));
        ui::say(format!("  stop it:  kill {id}"));
        return Ok(());
    }
    drop(validator);
    remove(&home)?;
    told?;
    ui::say(format!(
        "\nThe demo is over ({}); nothing is left running.",
        ui::duration(started.elapsed())
    ));
    Ok(())
}

/// Removes the homes of demos whose process has died without removing its own.
fn clear_up_after_killed_runs(cache: &Path) -> Result<()> {
    for folder in subfolders(cache)? {
        let process = folder
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix("demo-")?.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            remove(&folder)?;
        }
    }
    Ok(())
}

/// Deploys the programs and has the command line tell the stories.
fn play(
    workspace: &Workspace,
    validator: &Validator,
    galen: &Path,
    home: &Path,
    governance: &Path,
) -> Result<()> {
    let command = |arguments: &[&str]| {
        let mut command = Command::new(galen);
        command
            .args(arguments)
            .args([
                "--url",
                &validator.rpc(),
                "--ws",
                &validator.websocket(),
                "--home",
            ])
            .arg(home);
        command
            .arg("--keypair")
            .arg(governance)
            .current_dir(&workspace.root)
            .env("GALEN_PROGRAM_DIR", workspace.deploy());
        command
    };
    workspace.steps.step("Deploy the programs", |step| {
        let address = keys::write_local_key("demo governance", governance)?;
        validator.airdrop(&address, LAMPORTS)?;
        // Whether these bytes have passed the tests is not asked here: the validator is thrown away.
        step.show(&mut command(&["deploy", "--untested", "--yes"]))
    })?;
    workspace.steps.step("Play the stories", |step| {
        step.show(&mut command(&["demo", "--yes"]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_homes_of_dead_runs_are_cleared_up() {
        let cache = std::env::temp_dir().join(format!("galen-demos-{}", std::process::id()));
        let alive = cache.join(format!("demo-{}", std::process::id()));
        // Above the kernel's highest process id (2^22).
        let (dead, kept) = (cache.join("demo-4194305"), cache.join("demo-kept"));
        for folder in [&alive, &dead, &kept] {
            std::fs::create_dir_all(folder).expect("the folder is made");
        }
        clear_up_after_killed_runs(&cache).expect("the folders are read");
        assert!(alive.exists() && kept.exists() && !dead.exists());
        remove(&cache).expect("the folder is removed");
    }
}
