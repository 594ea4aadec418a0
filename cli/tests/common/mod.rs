//! The binary under test, with an environment of its own.

#![allow(dead_code)] // Each test file is a program of its own and uses a part of this.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A home folder without config, keypair or store.
pub struct World {
    pub folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    pub fn json(&self, name: &str, value: &Value) -> PathBuf {
        self.write(name, &serde_json::to_string_pretty(value).expect("JSON"))
    }

    pub fn galen(&self) -> Command {
        let mut command = Command::cargo_bin("galen").expect("built");
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.folder.path());
        command
    }

    /// Runs a command in JSON mode; exit code and the one document on stdout.
    pub fn run(&self, args: &[&str]) -> (i32, Value) {
        let output = self
            .galen()
            .args(args)
            .args(["--output", "json"])
            .output()
            .expect("run");
        (code(&output), document(&output))
    }

    /// Quotes documents; exit code and answer.
    pub fn quote(&self, plan: &Value, claim: &Value, member: Option<&Value>) -> (i32, Value) {
        let plan = self.json("plan.json", plan);
        let claim = self.json("claim.json", claim);
        let mut args = vec![
            "claim".to_owned(),
            "quote".to_owned(),
            "--plan".to_owned(),
            text(&plan),
            "--claim".to_owned(),
            text(&claim),
        ];
        if let Some(member) = member {
            args.extend([
                "--member".to_owned(),
                text(&self.json("member.json", member)),
            ]);
        }
        self.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Quotes documents that must be accepted.
    pub fn quoted(&self, plan: &Value, claim: &Value, member: Option<&Value>) -> Value {
        let (code, answer) = self.quote(plan, claim, member);
        assert_eq!(code, 0, "{answer:#}");
        answer
    }

    /// Quotes documents that must be refused; code and place of the refusal.
    pub fn refused(&self, plan: &Value, claim: &Value, member: Option<&Value>) -> (String, String) {
        let (code, answer) = self.quote(plan, claim, member);
        assert_eq!(code, 1, "{answer:#}");
        error(&answer)
    }
}

/// Code and place of an error answer, whose shape is checked.
pub fn error(answer: &Value) -> (String, String) {
    let error = answer
        .get("error")
        .unwrap_or_else(|| panic!("not an error: {answer:#}"));
    let keys: Vec<_> = error
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, ["at", "code", "message"]);
    assert_eq!(answer.as_object().expect("an object").len(), 1);
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.len() > 10),
        "{answer:#}"
    );
    (
        error["code"].as_str().expect("a code").to_owned(),
        error["at"].as_str().unwrap_or_default().to_owned(),
    )
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

/// The one JSON document on stdout.
pub fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "stdout is not one JSON document ({error}): {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

pub fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// A document of `samples/`.
pub fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).expect("there")).expect("JSON")
}
