//! `cargo xtask bench`: the committed table of what each instruction costs.

use crate::cargo_tests;
use crate::error::{Error, Result};
use crate::sbf;
use crate::workspace::Workspace;
use std::process::Command;

/// Measures and writes the table.
pub fn write(workspace: &Workspace) -> Result<()> {
    measure(workspace, &[])
}

/// Measures, and fails where a figure has grown beyond what the table allows.
pub fn check(workspace: &Workspace) -> Result<()> {
    measure(workspace, &["--check"])
}

/// Says which functions the units of one line of the table go to.
pub fn profile(workspace: &Workspace, line: &str) -> Result<()> {
    let program = line.split(' ').next().unwrap_or_default();
    if !workspace.programs()?.iter().any(|name| name == program) {
        return Err(
            Error::new(format!("`{line}` does not begin with the name of a program"))
                .help("give a line of bench/README.md: cargo xtask bench --profile 'claims submit_claim, 1 line'"),
        );
    }
    sbf::build_with_symbols(workspace, program)?;
    let bench = cargo_tests::program(workspace, "bench")?;
    workspace
        .steps
        .step("Run it, instruction by instruction", |step| {
            let mut command = Command::new(&bench);
            command
                .args(["--profile", line])
                .current_dir(&workspace.root);
            step.show(&mut command)
        })
}

fn measure(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    sbf::build(workspace, None)?;
    let program = cargo_tests::program(workspace, "bench")?;
    let title = if arguments.is_empty() {
        "Measure, and write bench/"
    } else {
        "Measure, and compare with bench/"
    };
    workspace.steps.step(title, |step| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&workspace.root);
        step.attempt_showing(&mut command, |line| !line.trim().is_empty())?
            .success("the bench")?;
        Ok(())
    })
}
