//! `cargo xtask bench`: the committed table of what each instruction costs.

use crate::cargo_tests;
use crate::error::Result;
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
