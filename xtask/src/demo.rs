//! `cargo xtask demo`: from nothing to a claim that is adjudicated and paid, on a local validator.

use crate::cargo_tests;
use crate::error::{Context, Result};
use crate::validator::{Kind, Program};
use crate::workspace::{remove, Workspace};
use crate::{sbf, setup, ui};
use std::process::Command;
use std::time::Instant;

/// Sets up what is missing, builds, starts the validator and plays the story. `keep`: the validator stays up.
pub fn run(workspace: &Workspace, kind: Kind, keep: bool) -> Result<()> {
    let started = Instant::now();
    setup::system_packages(workspace)?;
    let validator = Program::prepare(workspace, kind)?;
    sbf::build(workspace, None)?;
    let galen = cargo_tests::program(workspace, "galen")?;
    ui::say(format!("Everything is built ({}).", ui::duration(started.elapsed())));

    let validator = workspace.steps.step("Start the local validator", |step| {
        let validator = validator.start(workspace, !keep)?;
        step.note(format!("JSON-RPC {}, WebSocket {}", validator.rpc(), validator.websocket()));
        if !validator.on_usual_ports() {
            step.note("8899 or 8900 is taken, so it runs on other ports");
        }
        Ok(validator)
    })?;

    // The story's keys and salts: nobody's own are touched.
    let home = workspace.cache.join(if keep { "demo-kept".into() } else { format!("demo-{}", std::process::id()) });
    remove(&home)?;
    std::fs::create_dir_all(&home).context(|| format!("create {}", home.display()))?;
    let told = workspace.steps.step("Play the claim story", |step| {
        let mut command = Command::new(&galen);
        command.args(["demo", "--url", &validator.rpc(), "--ws", &validator.websocket()]).current_dir(&workspace.root);
        command.env("GALEN_HOME", &home).env("GALEN_PROGRAM_DIR", workspace.deploy());
        step.show(&mut command)
    });
    if keep && told.is_ok() {
        let (rpc, websocket, id) = (validator.rpc(), validator.websocket(), validator.id().unwrap_or_default());
        validator.release();
        ui::say(format!("\nThe validator stays up: JSON-RPC {rpc}, WebSocket {websocket}."));
        ui::say(format!("  use it:   GALEN_HOME={} {} --url {rpc} claim list", home.display(), galen.display()));
        ui::say(format!("  stop it:  kill {id}"));
        return Ok(());
    }
    drop(validator);
    remove(&home)?;
    told?;
    ui::say(format!("\nThe demo is over ({}); nothing is left running.", ui::duration(started.elapsed())));
    Ok(())
}
