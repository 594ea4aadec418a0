//! `cargo xtask bench`: the committed table of what each instruction costs.

use crate::cargo_tests;
use crate::error::{Context, Error, Result};
use crate::sbf;
use crate::validator::{self, Kind};
use crate::workspace::Workspace;
use std::io::Write;
use std::path::Path;
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

/// The head of the table of rates; each test that measures one adds its row.
const RATES: &str = "\
# What the command line does in a second

Written by `cargo xtask bench --rates`, which runs the tests that measure it (`cli/tests/payout.rs`, `cli/tests/claim_batch.rs`): from the command
line to the last confirmation, on the local validator, and beside it plain token transfers, a transaction each, as many, sent by as
many connections with nothing written down, in the same run. `GALEN_PAYEES` and `GALEN_CLAIMS` set how many. Rates are of one
machine and whatever else it does; the ratio is what can be compared.

| what | done | a second | plain transfers a second | ratio | galen |
|---|---:|---:|---:|---:|---|
";

/// The head of what the rulebook does by itself; its test adds the row.
const RATE_OF_RULES: &str = "
What the rulebook decides in a second on one core, optimised, without a ledger, beside the second implementation of it in Python (`crates/rules/tests/rate.rs`)
on the same random claims in the same run:

| claims | their lines | lines a second | Python | ratio |
|---:|---:|---:|---:|---:|
";

/// Measures what the command line does in a second beside plain token transfers, and writes the table.
pub fn rates(workspace: &Workspace) -> Result<()> {
    sbf::build(workspace, None)?;
    let validator = validator::Program::prepare(workspace, Kind::Surfpool)?;
    let table = workspace.root.join("bench/rates.md");
    workspace
        .steps
        .step("Measure rates, and write bench/rates.md", |step| {
            std::fs::write(&table, RATES).context(|| format!("write {}", table.display()))?;
            let mut command = workspace.cargo(&[
                "test",
                "--locked",
                "--workspace",
                "--test",
                "payout",
                "--test",
                "claim_batch",
                "--",
                "--test-threads=1",
                "beside_plain_transfers",
            ]);
            command
                .env("GALEN_LOCALNET", validator.path())
                .env("GALEN_RATES", &table);
            step.run(&mut command)?;
            append(&table, RATE_OF_RULES)?;
            let mut command = workspace.cargo(&[
                "test",
                "--locked",
                "--release",
                "--package",
                "galen-rules",
                "--test",
                "rate",
            ]);
            command.env("GALEN_SOAK", "1").env("GALEN_RATES", &table);
            step.run(&mut command)?;
            Ok(())
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

fn append(table: &Path, text: &str) -> Result<()> {
    let context = || format!("write {}", table.display());
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(table)
        .context(context)?;
    file.write_all(text.as_bytes()).context(context)
}
