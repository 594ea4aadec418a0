//! `cargo xtask demo`: from nothing to a claim that is adjudicated and paid, on a local validator.

use crate::cargo_tests;
use crate::error::Result;
use crate::validator::{Kind, Program, Validator};
use crate::workspace::{remove, Workspace};
use crate::{keys, sbf, setup, ui};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What the story's governance gets, in lamports: rent of the programs (about 7 SOL a megabyte, twice while they are
/// deployed), and the story.
const LAMPORTS: u64 = 500_000_000_000;

/// Sets up what is missing, builds, starts the validator and plays the story. `keep`: the validator stays up.
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

/// Deploys the programs and has the command line tell the story.
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
    workspace.steps.step("Play the claim story", |step| {
        step.show(&mut command(&["demo", "--yes"]))
    })
}
