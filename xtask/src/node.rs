//! The TypeScript side: packages, generated clients, types, end-to-end tests.

use crate::cargo_tests::Counts;
use crate::error::{Context, Error, Result};
use crate::hash::Key;
use crate::step::Step;
use crate::system;
use crate::ui;
use crate::workspace::{write_whole, Workspace};
use std::path::Path;
use std::process::Command;

/// Installs the packages of package-lock.json, if those that are there are not exactly them.
pub fn install(workspace: &Workspace) -> Result<()> {
    system::require_node()?;
    let key = Key::new("npm 1")
        .file(&workspace.root.join("package-lock.json"))?
        .file(&workspace.root.join("package.json"))?
        .full();
    let stamp = workspace.root.join("node_modules/.galen-installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == key) {
        return Ok(());
    }
    workspace
        .steps
        .step("Install the Node packages of package-lock.json", |step| {
            step.run(&mut npm(workspace, &["ci", "--no-audit", "--no-fund"]))?;
            write_whole(&stamp, &key)
        })
}

/// npm in the repository.
pub fn npm(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command
        .args(arguments)
        .current_dir(&workspace.root)
        .env("NO_COLOR", "1")
        .env("npm_config_update_notifier", "false");
    command
}

/// A program of the installed packages, in the repository.
pub fn npx(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new("npx");
    command
        .arg("--no-install")
        .args(arguments)
        .current_dir(&workspace.root)
        .env("NO_COLOR", "1");
    command
}

/// Generates the TypeScript clients from the IDLs.
pub fn generate_clients(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    workspace
        .steps
        .step("Generate the TypeScript clients", |step| {
            step.run(&mut npm(workspace, &["run", "generate"]))
                .map(|_| ())
        })
}

/// Fails, naming the files, unless the committed clients are what the committed IDLs give.
pub fn check_clients(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    workspace
        .steps
        .step("Compare the TypeScript clients with the IDLs", |step| {
            let help = "`cargo xtask clients` writes them; commit clients/ts/src/generated";
            step.run(&mut npm(workspace, &["run", "generate", "--", "--check"]))
                .map(|_| ())
                .map_err(|error| error.help(help))
        })
}

/// The types of all TypeScript, and its formatting.
pub fn check_types(workspace: &Workspace) -> Result<Counts> {
    install(workspace)?;
    workspace
        .steps
        .step("Check the types and the formatting of TypeScript", |step| {
            let output = step.attempt(&mut npm(workspace, &["run", "check"]))?;
            if output.status.success() {
                return Ok(Counts::ONE_PASSED);
            }
            step.found_wrong();
            for line in &output.tail {
                ui::say(format!("   | {line}"));
            }
            Ok(Counts::ONE_FAILED)
        })
}

/// Runs the tests of `config`, a file at the root or below it, and reads what vitest reports.
pub fn vitest(
    workspace: &Workspace,
    step: &Step,
    config: &str,
    environment: &[(&str, String)],
) -> Result<Counts> {
    let report = step.log_path().with_extension("json");
    let mut command = npx(workspace, &["vitest", "run", "--config", config]);
    command.args(["--reporter=verbose", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    command.env("CI", "true");
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = step.attempt_showing(&mut command, worth_showing)?;
    let counts = match std::fs::read_to_string(&report) {
        Ok(text) => read_report(&text, &report)?,
        Err(_) => Counts::ONE_FAILED,
    };
    if !output.status.success() || counts.failed > 0 {
        step.found_wrong();
    }
    if !output.status.success() && counts.failed == 0 {
        return Ok(counts.and(Counts::ONE_FAILED));
    }
    Ok(counts)
}

/// Failures with their reasons, and the tests themselves; not the blank lines and rulers around them.
fn worth_showing(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim().chars().all(|c| c == '\u{23af}')
}

fn read_report(text: &str, path: &Path) -> Result<Counts> {
    let report: serde_json::Value =
        serde_json::from_str(text).context(|| format!("read {}", path.display()))?;
    let number = |name: &str| {
        report[name].as_u64().ok_or_else(|| {
            Error::new(format!(
                "{} has no {name}: vitest writes another report than is read here",
                path.display()
            ))
        })
    };
    let tests = Counts {
        passed: number("numPassedTests")?,
        failed: number("numFailedTests")?,
        skipped: number("numPendingTests")? + number("numTodoTests")?,
    };
    // A file that fails before its tests are known counts as one failure.
    let broken = report["testResults"].as_array().map_or(0, |files| {
        files
            .iter()
            .filter(|file| {
                file["status"] == "failed"
                    && file["assertionResults"]
                        .as_array()
                        .is_none_or(Vec::is_empty)
            })
            .count()
    });
    Ok(Counts {
        failed: tests.failed + u64::try_from(broken).unwrap_or(u64::MAX),
        ..tests
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted() {
        let text = r#"{"numPassedTests":5,"numFailedTests":1,"numPendingTests":2,"numTodoTests":1,
            "testResults":[{"status":"failed","assertionResults":[{"status":"failed"}]},{"status":"failed","assertionResults":[]}]}"#;
        let counts = read_report(text, Path::new("r.json")).expect("reads");
        assert_eq!(
            counts,
            Counts {
                passed: 5,
                failed: 2,
                skipped: 3
            },
            "the file that broke counts"
        );
        assert!(read_report("{}", Path::new("r.json")).is_err());
    }
}
