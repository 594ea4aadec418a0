//! Builds the IDLs of the programs, as Anchor 1.2.2 does.
//!
//! Anchor's own builder (crate anchor-lang-idl, also behind `anchor idl build`) runs `rustup toolchain install` when
//! RUSTUP_TOOLCHAIN is set, which replaces the machine's compiler. So the underlying call is made here: the programs'
//! hidden tests print the parts, and this file puts them together.

use crate::cargo_tests;
use crate::error::{Context, Error, Result};
use crate::workspace::{write_whole, Workspace};
use anchor_lang_idl_spec::{Idl, IdlEvent, IdlTypeDef};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A program's IDL, and where its committed copy is.
pub struct Generated {
    /// The program.
    pub program: String,
    /// `idls/NAME.json`.
    pub path: PathBuf,
    /// What the file should say.
    pub text: String,
}

/// Generates the IDLs of all programs.
pub fn generate(workspace: &Workspace) -> Result<Vec<Generated>> {
    let programs = workspace.programs()?;
    workspace.steps.step("Generate the IDLs", |step| {
        let features: Vec<String> = programs
            .iter()
            .map(|program| format!("{program}/idl-build"))
            .collect();
        let (binaries, output) = cargo_tests::compile(
            workspace,
            step,
            &["--workspace", "--lib", "--features", &features.join(",")],
        )?;
        output.success("cargo test --features idl-build")?;
        programs
            .iter()
            .map(|program| {
                let folder = workspace.root.join("programs").join(program);
                let binary = binaries
                    .iter()
                    .find(|binary| binary.folder == folder && binary.target == *program)
                    .ok_or_else(|| {
                        Error::new(format!("cargo did not compile the tests of {program}"))
                    })?;
                let mut command = cargo_tests::command(binary);
                command.args([
                    "__anchor_private_print_idl",
                    "--show-output",
                    "--quiet",
                    "--test-threads=1",
                ]);
                for (name, value) in [
                    ("NO_DOCS", "FALSE"),
                    ("RESOLUTION", "TRUE"),
                    ("SKIP_LINT", "FALSE"),
                ] {
                    command.env(format!("ANCHOR_IDL_BUILD_{name}"), value);
                }
                command.env("ANCHOR_IDL_BUILD_PROGRAM_PATH", &folder);
                let output = step.run(&mut command)?;
                let idl = assemble(&output.stdout).map_err(|error| {
                    Error::new(format!("the IDL of {program}: {}", error.message))
                })?;
                // No newline at the end: Anchor writes none, and its files and ours are to be the same.
                let text = serde_json::to_string_pretty(&idl)
                    .context(|| format!("write the IDL of {program}"))?;
                Ok(Generated {
                    program: program.clone(),
                    path: workspace.root.join("idls").join(format!("{program}.json")),
                    text,
                })
            })
            .collect()
    })
}

/// Writes the IDLs to `idls/`.
pub fn write(generated: &[Generated]) -> Result<()> {
    generated
        .iter()
        .try_for_each(|idl| write_whole(&idl.path, &idl.text))
}

/// Fails, naming the first difference, unless `idls/` holds exactly these.
pub fn check(generated: &[Generated]) -> Result<()> {
    for idl in generated {
        let committed = std::fs::read_to_string(&idl.path).unwrap_or_default();
        if let Some((line, ours, theirs)) = first_difference(&idl.text, &committed) {
            return Err(Error::new(format!("idls/{}.json is not what the program says; line {line} is `{theirs}` and should be `{ours}`", idl.program))
                .help("`cargo xtask idl` writes it, `cargo xtask clients` then the clients; commit both"));
        }
    }
    Ok(())
}

/// The first line in which two texts differ: its number, and both versions of it.
pub fn first_difference(ours: &str, theirs: &str) -> Option<(usize, String, String)> {
    let (mut a, mut b) = (ours.split('\n'), theirs.split('\n'));
    let mut number = 0;
    loop {
        number += 1;
        match (a.next(), b.next()) {
            (None, None) => return None,
            (left, right) if left == right => {}
            (left, right) => {
                return Some((
                    number,
                    left.unwrap_or("(nothing)").trim().into(),
                    right.unwrap_or("(nothing)").trim().into(),
                ))
            }
        }
    }
}

/// Where the reader is in the tests' output.
enum At {
    Outside,
    Address,
    /// Within a block of this kind.
    Block(&'static str, String),
}

/// Puts the printed parts together.
fn assemble(lines: &[String]) -> Result<Idl> {
    #[derive(Deserialize)]
    struct Event {
        event: IdlEvent,
        types: Vec<IdlTypeDef>,
    }
    let (mut program, mut address) = (None::<Idl>, String::new());
    let (mut constants, mut events, mut errors) = (Vec::new(), Vec::new(), None);
    let mut types = BTreeMap::new();
    let mut at = At::Outside;
    for line in lines {
        at = match at {
            At::Outside => match line
                .strip_prefix("--- IDL begin ")
                .and_then(|rest| rest.strip_suffix(" ---"))
            {
                Some("address") => At::Address,
                Some("const") => At::Block("const", String::new()),
                Some("event") => At::Block("event", String::new()),
                Some("errors") => At::Block("errors", String::new()),
                Some("program") => At::Block("program", String::new()),
                _ => At::Outside,
            },
            At::Address => {
                address = line.chars().filter(|c| c.is_alphanumeric()).collect();
                At::Outside
            }
            At::Block(kind, text) if *line == format!("--- IDL end {kind} ---") => {
                let bad = |error: serde_json::Error| {
                    Error::new(format!("its {kind} cannot be read: {error}"))
                };
                match kind {
                    "const" => constants.push(serde_json::from_str(&text).map_err(bad)?),
                    "event" => {
                        let Event { event, types: used } =
                            serde_json::from_str(&text).map_err(bad)?;
                        events.push(event);
                        types.extend(used.into_iter().map(|ty| (ty.name.clone(), ty)));
                    }
                    "errors" if errors.is_some() => {
                        return Err(Error::new("it defines errors more than once"))
                    }
                    "errors" => errors = Some(serde_json::from_str(&text).map_err(bad)?),
                    _ => program = Some(serde_json::from_str(&text).map_err(bad)?),
                }
                At::Outside
            }
            At::Block(kind, text) => At::Block(kind, text + line + "\n"),
        };
    }
    let mut idl = program.ok_or_else(|| Error::new("the program's tests printed none"))?;
    types.extend(
        std::mem::take(&mut idl.types)
            .into_iter()
            .map(|ty| (ty.name.clone(), ty)),
    );
    idl.address = address;
    idl.constants = constants;
    idl.events = events;
    idl.errors = errors.unwrap_or_default();
    idl.types = types.into_values().collect();
    let mut idl = shorten_paths(&idl)?;
    idl.accounts.sort_by(|a, b| a.name.cmp(&b.name));
    idl.constants.sort_by(|a, b| a.name.cmp(&b.name));
    idl.events.sort_by(|a, b| a.name.cmp(&b.name));
    idl.instructions.sort_by(|a, b| a.name.cmp(&b.name));
    idl.types.sort_by(|a, b| a.name.cmp(&b.name));
    verify(&idl)?;
    Ok(idl)
}

/// Names types by their last part (`claims::state::Pool` as `Pool`) where no two of them share it.
fn shorten_paths(idl: &Idl) -> Result<Idl> {
    let mut json = serde_json::to_string(idl).context(|| "write an IDL".into())?;
    for path in paths_in(&json) {
        let Some(name) = path.rsplit("::").next() else {
            continue;
        };
        let shortened = json.replace(&format!("\"{path}\""), &format!("\"{name}\""));
        if !paths_in(&shortened)
            .iter()
            .any(|other| other.rsplit("::").next() == Some(name))
        {
            json = shortened;
        }
    }
    serde_json::from_str(&json).context(|| "read an IDL back".into())
}

/// The strings of a JSON text that are paths: words joined by `::`. In order, each once.
fn paths_in(json: &str) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for text in json.split('"') {
        let is_word =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        if text.contains("::")
            && text.split("::").all(is_word)
            && !paths.iter().any(|known| known == text)
        {
            paths.push(text.to_string());
        }
    }
    paths
}

/// Refuses what Anchor refuses: discriminators that are empty, that begin one another, or that are all zeros.
fn verify(idl: &Idl) -> Result<()> {
    let accounts: Vec<_> = idl
        .accounts
        .iter()
        .map(|item| (&item.name, &item.discriminator))
        .collect();
    let events: Vec<_> = idl
        .events
        .iter()
        .map(|item| (&item.name, &item.discriminator))
        .collect();
    let instructions: Vec<_> = idl
        .instructions
        .iter()
        .map(|item| (&item.name, &item.discriminator))
        .collect();
    for (kind, items) in [
        ("account", &accounts),
        ("event", &events),
        ("instruction", &instructions),
    ] {
        for (name, discriminator) in items {
            if discriminator.is_empty() {
                return Err(Error::new(format!(
                    "{kind} {name} has an empty discriminator"
                )));
            }
            if let Some((other, _)) = items
                .iter()
                .find(|(other, found)| other != name && discriminator.starts_with(found))
            {
                return Err(Error::new(format!(
                    "{kind}s {name} and {other} cannot be told apart by their discriminators"
                )));
            }
        }
    }
    for (name, discriminator) in &accounts {
        let zeros = discriminator.iter().take_while(|byte| **byte == 0).count();
        // An account that begins with zeros could pass for an uninitialised one of a kind with a short discriminator.
        if zeros == discriminator.len() || accounts.iter().any(|(_, other)| other.len() <= zeros) {
            return Err(Error::new(format!("account {name} could be taken for an uninitialised account: its discriminator begins with zeros")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = r#"
running 5 tests

successes:

---- __anchor_private_print_idl_address stdout ----
--- IDL begin address ---
"6ycBqi7BUXimrSJTn4YXEBfJvdnF5R8MZSR7KE3Lzz2x"
--- IDL end address ---

---- __anchor_private_print_idl_const_b stdout ----
--- IDL begin const ---
{ "name": "B", "type": "u8", "value": "2" }
--- IDL end const ---
--- IDL begin const ---
{ "name": "A", "type": "u8", "value": "1" }
--- IDL end const ---
--- IDL begin event ---
{ "event": { "name": "claims::events::Paid", "discriminator": [9, 1] },
  "types": [ { "name": "claims::events::Paid", "type": { "kind": "struct", "fields": [] } },
             { "name": "claims::a::Twin", "type": { "kind": "struct" } } ] }
--- IDL end event ---
--- IDL begin errors ---
[ { "code": 6000, "name": "TooLate", "msg": "filed too late" } ]
--- IDL end errors ---
--- IDL begin program ---
{ "address": "", "metadata": { "name": "claims", "version": "0.1.0", "spec": "0.1.0" },
  "docs": ["Claims, see `claims::state`."],
  "instructions": [ { "name": "submit", "discriminator": [2], "accounts": [], "args": [] },
                    { "name": "fund", "discriminator": [1], "accounts": [], "args": [] } ],
  "accounts": [ { "name": "claims::state::Pool", "discriminator": [5] } ],
  "types": [ { "name": "claims::state::Pool", "type": { "kind": "struct" } },
             { "name": "claims::b::Twin", "type": { "kind": "struct" } } ] }
--- IDL end program ---
test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s
"#;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    #[test]
    fn the_parts_come_together() {
        let idl = assemble(&lines(OUTPUT)).expect("assembles");
        assert_eq!(idl.address, "6ycBqi7BUXimrSJTn4YXEBfJvdnF5R8MZSR7KE3Lzz2x");
        let names = |items: Vec<&String>| {
            items
                .into_iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            names(idl.instructions.iter().map(|i| &i.name).collect()),
            "fund submit",
            "sorted"
        );
        assert_eq!(
            names(idl.constants.iter().map(|c| &c.name).collect()),
            "A B",
            "sorted"
        );
        assert_eq!(
            names(idl.events.iter().map(|e| &e.name).collect()),
            "Paid",
            "shortened"
        );
        assert_eq!(
            names(idl.types.iter().map(|t| &t.name).collect()),
            "Paid Pool claims::a::Twin claims::b::Twin",
            "twins keep their paths"
        );
        assert_eq!(
            idl.docs,
            ["Claims, see `claims::state`."],
            "prose is left alone"
        );
        assert_eq!(idl.errors.first().map(|e| e.code), Some(6000));
    }

    #[test]
    fn ambiguous_discriminators_are_refused() {
        let output = OUTPUT.replace("\"discriminator\": [2]", "\"discriminator\": [1, 7]");
        let error = assemble(&lines(&output)).expect_err("submit begins like fund");
        assert!(
            error.message.contains("submit") && error.message.contains("fund"),
            "{}",
            error.message
        );
        let output = OUTPUT.replace("\"discriminator\": [5]", "\"discriminator\": [0]");
        assert!(assemble(&lines(&output)).is_err());
    }

    #[test]
    fn output_without_a_program_is_an_error() {
        assert!(assemble(&lines("test result: ok. 0 passed; 0 failed")).is_err());
    }

    #[test]
    fn differences_are_found_by_line() {
        assert_eq!(first_difference("a\nb", "a\nb"), None);
        assert_eq!(
            first_difference("a\nb", "a\nc"),
            Some((2, "b".into(), "c".into()))
        );
        assert_eq!(
            first_difference("a", ""),
            Some((1, "a".into(), String::new()))
        );
        assert_eq!(
            first_difference("a\nb", "a"),
            Some((2, "b".into(), "(nothing)".into()))
        );
    }
}
