//! Pinned dependencies, formatting, lints, and the types of TypeScript. The programs and the rules have a stricter set than the rest: what can panic, overflow or
//! lose bits there loses money.

use crate::cargo_tests::Counts;
use crate::error::{Error, Result};
use crate::node;
use crate::pins;
use crate::step::Step;
use crate::workspace::Workspace;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Lints that the programs and the rules must not trip. Their tests may.
const STRICT: [&str; 8] = [
    "arithmetic_side_effects",
    "unwrap_used",
    "expect_used",
    "panic",
    "indexing_slicing",
    "cast_possible_truncation",
    "cast_sign_loss",
    "cast_possible_wrap",
];

/// Gives the complaints; none = clean.
type Check = fn(&Workspace, &Step) -> Result<Vec<String>>;

/// What is linted, in order: tool, title, check.
const CHECKS: [(&str, &str, Check); 4] = [
    (
        "cargo",
        "Check that dependencies are pinned",
        pins::unpinned,
    ),
    ("rustfmt", "Check the formatting", format),
    ("clippy", "Lint everything", everything),
    (
        "clippy",
        "Lint the programs and the rules strictly",
        strictly,
    ),
];

/// Runs all checks. A tool that is not installed is said and skipped.
pub fn run(workspace: &Workspace) -> Result<Counts> {
    let mut counts = Counts::default();
    for (tool, title, check) in CHECKS {
        let installed = match tool {
            "rustfmt" => workspace.sysroot.join("bin/cargo-fmt"),
            "clippy" => workspace.sysroot.join("bin/cargo-clippy"),
            _ => workspace.rustc.clone(),
        };
        counts = counts.and(workspace.steps.step(title, |step| {
            if !installed.is_file() {
                step.note(format!(
                    "skipped: {tool} is not installed (`rustup component add {tool}` has it)"
                ));
                return Ok(Counts::ONE_SKIPPED);
            }
            let complaints = check(workspace, step)?;
            for line in &complaints {
                crate::ui::say(format!("   | {line}"));
            }
            if complaints.is_empty() {
                return Ok(Counts::ONE_PASSED);
            }
            step.found_wrong();
            Ok(Counts::ONE_FAILED)
        })?);
    }
    Ok(counts.and(node::check_types(workspace)?))
}

fn format(workspace: &Workspace, step: &Step) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for manifest in pins::MANIFESTS {
        let path = workspace.root.join(manifest);
        let mut command = workspace.cargo(&["fmt", "--all", "--check", "--manifest-path"]);
        let output = step.attempt(command.arg(path).args(["--", "--files-with-diff"]))?;
        if !output.status.success() {
            complaints.push(format!(
                "not formatted (`cargo fmt --all --manifest-path {manifest}` does it):"
            ));
            complaints.extend(if output.stdout.is_empty() {
                output.tail
            } else {
                output.stdout
            });
        }
    }
    Ok(complaints)
}

fn everything(workspace: &Workspace, step: &Step) -> Result<Vec<String>> {
    clippy(
        workspace,
        step,
        &["--workspace", "--all-targets"],
        &[],
        |_| true,
    )
}

fn strictly(workspace: &Workspace, step: &Step) -> Result<Vec<String>> {
    let lints: Vec<String> = STRICT
        .iter()
        .map(|lint| format!("-Wclippy::{lint}"))
        .collect();
    let lints: Vec<&str> = lints.iter().map(String::as_str).collect();
    let guarded = |folder: &Path| {
        folder.starts_with(workspace.root.join("programs"))
            || folder == workspace.root.join("crates/rules")
    };
    clippy(workspace, step, &["--workspace", "--lib"], &lints, guarded)
}

#[derive(Deserialize)]
struct Diagnostic {
    message: Message,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: Option<String>,
}

/// Runs clippy and gives what it says about the packages that `concerns` names by their folders.
fn clippy(
    workspace: &Workspace,
    step: &Step,
    selection: &[&str],
    lints: &[&str],
    concerns: impl Fn(&Path) -> bool,
) -> Result<Vec<String>> {
    let mut command = workspace.cargo(&[
        "clippy",
        "--locked",
        "--keep-going",
        "--message-format=json",
    ]);
    let output = step.attempt(command.args(selection).arg("--").args(lints))?;
    let complaints = complaints(&output.stdout, concerns);
    if complaints.is_empty() && !output.status.success() {
        return Err(Error {
            tail: output.tail,
            ..Error::new(format!("cargo clippy ended with {}", output.status))
        });
    }
    Ok(complaints)
}

/// The warnings and errors among cargo's messages, each once.
fn complaints(messages: &[String], concerns: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for line in messages
        .iter()
        .filter(|line| line.starts_with("{\"reason\":\"compiler-message\""))
    {
        let Ok(found) = serde_json::from_str::<Diagnostic>(line) else {
            continue;
        };
        let matters = matches!(found.message.level.as_str(), "warning" | "error");
        let concerned = found.manifest_path.parent().is_some_and(&concerns);
        let text = found.message.rendered.unwrap_or_default();
        // The closing "N warnings emitted" has no place in the source.
        if matters && concerned && text.contains("-->") && !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen.iter()
        .flat_map(|text| text.lines().map(String::from))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_those_of_the_packages_concerned() {
        let message = |folder: &str, level: &str, text: &str| {
            serde_json::json!({"reason": "compiler-message", "manifest_path": format!("{folder}/Cargo.toml"),
                "message": {"level": level, "rendered": text}})
            .to_string()
        };
        // serde_json sorts keys; cargo writes the reason first.
        let first = |text: String| {
            text.replacen('{', "{\"reason\":\"compiler-message\",", 1)
                .replacen(",\"reason\":\"compiler-message\"}", "}", 1)
        };
        let messages = [
            first(message(
                "/r/programs/claims",
                "warning",
                "warning: indexing may panic\n --> a.rs:1:1",
            )),
            first(message(
                "/r/programs/claims",
                "warning",
                "warning: indexing may panic\n --> a.rs:1:1",
            )),
            first(message(
                "/r/cli",
                "warning",
                "warning: unused\n --> b.rs:1:1",
            )),
            first(message(
                "/r/programs/claims",
                "note",
                "note: fine\n --> a.rs:2:1",
            )),
        ];
        let found = complaints(&messages, |folder| folder.starts_with("/r/programs"));
        assert_eq!(found, ["warning: indexing may panic", " --> a.rs:1:1"]);
    }
}
