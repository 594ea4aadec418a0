//! The workspace's tests: compiled in one go, run one binary at a time.
//!
//! Compiled together because cargo unites the features of what is compiled together: a suite compiled alone would
//! have most of its dependencies compiled again.

use crate::error::{Context, Result};
use crate::step::{Output, Step};
use crate::workspace::Workspace;
use serde::Deserialize;
use std::path::PathBuf;
use std::process::Command;

/// A compiled test binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// The folder of its package, where it runs.
    pub folder: PathBuf,
    /// What it tests: the name of the library, program or file in `tests/`.
    pub target: String,
    /// The file.
    pub executable: PathBuf,
}

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and held.
    pub passed: u64,
    /// Ran and did not.
    pub failed: u64,
    /// Did not run.
    pub skipped: u64,
}

impl Counts {
    /// One thing that held, for checks that do not count.
    pub const ONE_PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One thing that did not hold.
    pub const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };
    /// One thing that could not be tried.
    pub const ONE_SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };

    /// The counts of both.
    pub fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// The names and folders of the workspace's packages.
pub fn packages(workspace: &Workspace) -> Result<Vec<(String, PathBuf)>> {
    #[derive(Deserialize)]
    struct Package {
        name: String,
        manifest_path: PathBuf,
    }
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let mut command =
        workspace.cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let text = crate::workspace::output_of(&mut command)?;
    let metadata: Metadata = serde_json::from_str(&text)
        .context(|| "read what cargo says about the workspace".into())?;
    let located = metadata.packages.into_iter().filter_map(|package| {
        let folder = package.manifest_path.parent()?.to_path_buf();
        Some((package.name, folder))
    });
    Ok(located.collect())
}

/// Compiles tests with the given selection (`--workspace`, `-p NAME`, `--lib`, `--features ...`). What compiled is
/// returned together with cargo's output, which says what did not.
pub fn compile(
    workspace: &Workspace,
    step: &Step,
    selection: &[&str],
) -> Result<(Vec<Binary>, Output)> {
    let mut command = workspace.cargo(&[
        "test",
        "--locked",
        "--no-run",
        "--no-fail-fast",
        "--message-format=json-render-diagnostics",
    ]);
    command.args(selection);
    let output = step.attempt(&mut command)?;
    Ok((binaries(&output.stdout), output))
}

/// The test binaries among cargo's messages.
pub fn binaries(messages: &[String]) -> Vec<Binary> {
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Profile {
        test: bool,
    }
    #[derive(Deserialize)]
    struct Artifact {
        manifest_path: PathBuf,
        target: Target,
        profile: Profile,
        executable: Option<PathBuf>,
    }
    messages
        .iter()
        .filter(|line| line.starts_with("{\"reason\":\"compiler-artifact\""))
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .filter(|artifact| artifact.profile.test)
        .filter_map(|artifact| {
            let folder = artifact.manifest_path.parent()?.to_path_buf();
            Some(Binary {
                folder,
                target: artifact.target.name,
                executable: artifact.executable?,
            })
        })
        .collect()
}

/// A test binary as a command, in the surroundings that `cargo test` gives it.
pub fn command(binary: &Binary) -> Command {
    let mut command = Command::new(&binary.executable);
    command
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .env_remove("RUSTUP_TOOLCHAIN");
    command
}

/// Adds up the `test result:` lines.
pub fn counts(lines: &[String]) -> Counts {
    lines
        .iter()
        .filter_map(|line| result_line(line))
        .fold(Counts::default(), Counts::and)
}

fn result_line(line: &str) -> Option<Counts> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let number = |label: &str| {
        let (before, _) = rest.split_once(&format!(" {label}"))?;
        before
            .rsplit(|c: char| !c.is_ascii_digit())
            .next()?
            .parse::<u64>()
            .ok()
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
        skipped: number("ignored")?,
    })
}

/// What a failing run printed about its failures: the part between `failures:` and the list of names.
pub fn failures(lines: &[String]) -> Vec<String> {
    let start = lines.iter().position(|line| line.trim() == "failures:");
    let whole = start.map_or(lines, |start| lines.get(start..).unwrap_or_default());
    whole.iter().take(400).cloned().collect()
}

/// Runs one binary and says how it went.
pub fn run(
    step: &Step,
    binary: &Binary,
    environment: &[(&str, String)],
    show: impl Fn(&str) -> bool,
) -> Result<Counts> {
    let mut command = command(binary);
    command
        .arg("--show-output")
        .envs(environment.iter().map(|(name, value)| (name, value)));
    let output = step.attempt_showing(&mut command, show)?;
    let mut counts = counts(&output.stdout);
    if !output.status.success() {
        step.found_wrong();
        let place = binary
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        step.note(format!("{place}/{}: {}", binary.target, output.status));
        let told = failures(&output.stdout);
        for line in if told.is_empty() { &output.tail } else { &told } {
            crate::ui::say(format!("   | {line}"));
        }
        for line in output.tail.iter().filter(|line| !told.contains(line)) {
            crate::ui::say(format!("   | {line}"));
        }
        // It died before it could count.
        if counts.failed == 0 {
            counts.failed = 1;
        }
    }
    Ok(counts)
}

/// Compiles a program of the workspace and gives its file. With the features of the whole workspace, so that what the
/// tests have compiled serves.
pub fn program(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    workspace
        .steps
        .step(&format!("Compile the program {name}"), |step| {
            let mut command = workspace.cargo(&[
                "build",
                "--locked",
                "--workspace",
                "--message-format=json-render-diagnostics",
                "--bin",
                name,
            ]);
            let output = step.run(&mut command)?;
            output
                .stdout
                .iter()
                .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
                .filter(|message| message["target"]["name"] == name)
                .find_map(|message| message["executable"].as_str().map(PathBuf::from))
                .ok_or(())
                .map_err(|()| "cargo did not name it")
                .context(|| format!("find the program {name}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    #[test]
    fn result_lines_are_added_up() {
        let output = "running 3 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.05s\n\
                      test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        assert_eq!(
            counts(&lines(output)),
            Counts {
                passed: 13,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(counts(&lines("no tests here")), Counts::default());
    }

    #[test]
    fn failures_are_told_from_their_heading_on() {
        let output = "test a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\nboom\n";
        let told = failures(&lines(output));
        assert_eq!(told.first().map(String::as_str), Some("failures:"));
        assert!(told.contains(&"boom".to_string()));
    }

    #[test]
    fn test_binaries_are_told_from_libraries_and_programs() {
        let messages = [
            r#"{"reason":"compiler-artifact","manifest_path":"/r/cli/Cargo.toml","target":{"name":"galen"},"profile":{"test":false},"executable":"/t/galen"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/r/cli/Cargo.toml","target":{"name":"quote"},"profile":{"test":true},"executable":"/t/quote-1"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/r/rules/Cargo.toml","target":{"name":"rules"},"profile":{"test":false},"executable":null}"#,
        ]
        .map(String::from);
        let expected = Binary {
            folder: "/r/cli".into(),
            target: "quote".into(),
            executable: "/t/quote-1".into(),
        };
        assert_eq!(binaries(&messages), [expected]);
    }
}
