//! How the command line behaves as such: exit codes, output, settings, completions, man pages, store.

mod common;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{code, document, error, sample, text, World};
use serde_json::json;
use sha2::{Digest, Sha256};

#[test]
fn usage_errors_exit_2_and_print_nothing_on_stdout() {
    let world = World::new();
    for args in [
        vec!["claim", "quote"],
        vec!["no-such-noun"],
        vec![],
        vec![
            "claim", "quote", "--plan", "p", "--claim", "c", "--output", "xml",
        ],
    ] {
        let output = world.galen().args(&args).output().expect("run");
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{args:?}");
    }
}

#[test]
fn switches_of_the_environment_are_read_as_people_write_them() {
    let world = World::new();
    let switches = [
        "YES",
        "VERBOSE",
        "SKIP_PREFLIGHT",
        "CLUSTER_BEHIND_ACCEPTED",
    ];
    for switch in switches.map(|name| format!("GALEN_{name}")) {
        for (value, exit) in [
            ("1", 0),
            ("yes", 0),
            ("TRUE", 0),
            ("", 0),
            ("0", 0),
            ("perhaps", 2),
        ] {
            let mut command = world.galen();
            let command = command.env(&switch, value).args(["completions", "bash"]);
            let output = command.output().expect("run");
            assert_eq!(code(&output), exit, "{switch}={value}");
        }
    }
}

/// A claim without what proves the member's part names both ways, the usual one first.
#[test]
fn a_claim_without_a_proof_is_told_of_tickets() {
    let world = World::new();
    let address = "11111111111111111111111111111111";
    let submit = ["claim", "submit", "--pool", address, "--provider", address];
    let output = world
        .galen()
        .args(submit)
        .args(["--claim", "c.json"])
        .output();
    let output = output.expect("run");
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert_eq!(code(&output), 2);
    assert!(
        said.contains("--ticket <FILE>|--member-keypair <KEYPAIR>"),
        "{said}"
    );
}

#[test]
fn errors_as_text_go_to_stderr() {
    let world = World::new();
    let output = world
        .galen()
        .args(["claim", "quote", "--plan", "nowhere.json", "--claim", "c"])
        .output()
        .expect("run");
    let stderr = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    assert!(
        stderr.starts_with("error: ") && stderr.contains("nowhere.json"),
        "{stderr}"
    );
}

#[test]
fn the_three_forms_of_an_answer() {
    let world = World::new();
    world.json("plan.json", &sample("plan.json"));
    world.json("claim.json", &sample("claim.json"));
    let quote = |format: &str| {
        let output = world
            .galen()
            .args([
                "claim",
                "quote",
                "--plan",
                "plan.json",
                "--claim",
                "claim.json",
                "--output",
                format,
            ])
            .output()
            .expect("run");
        assert_eq!((code(&output), output.stderr.len()), (0, 0), "{format}");
        output
    };
    let (indented, compact) = (quote("json"), quote("json-compact"));
    assert_eq!(document(&indented), document(&compact));
    assert!(String::from_utf8_lossy(&indented.stdout).lines().count() > 20);
    assert_eq!(String::from_utf8_lossy(&compact.stdout).lines().count(), 1);
    let text = String::from_utf8(quote("display").stdout).expect("UTF-8");
    for piece in [
        "Some lines are denied",
        "PR-1 150.00 (deductible)",
        "CO-45 28.00",
        "PR-204 35.00",
        "195.40",
    ] {
        assert!(text.contains(piece), "{piece} in\n{text}");
    }
}

#[test]
fn a_document_can_come_from_stdin() {
    let world = World::new();
    world.json("plan.json", &sample("plan.json"));
    let claim = sample("visit.fhir.json").to_string();
    let output = world
        .galen()
        .args([
            "claim",
            "quote",
            "--plan",
            "plan.json",
            "--claim",
            "-",
            "--output",
            "json",
        ])
        .write_stdin(claim)
        .output()
        .expect("run");
    assert_eq!(document(&output)["totals"]["paid"], 4_160);
}

#[test]
fn flag_before_environment_before_config_file_before_default() {
    let world = World::new();
    let config = |url: &str| {
        format!(
            "json_rpc_url: {url}\nwebsocket_url: ''\nkeypair_path: {}\ncommitment: finalized\n",
            text(&world.path("nobody.json"))
        )
    };
    let found = |command: &mut assert_cmd::Command, name: &str| {
        let answer = document(
            &command
                .args(["doctor", "--output", "json"])
                .output()
                .expect("run"),
        );
        let checks = answer["checks"].as_array().expect("checks").clone();
        let check = checks
            .into_iter()
            .find(|check| check["name"] == name)
            .expect(name);
        check["found"].as_str().expect("text").to_owned()
    };
    assert!(
        found(&mut world.galen(), "config").contains("cluster http://127.0.0.1:8899, confirmed"),
        "default"
    );
    world.write("config.yml", &config("http://127.0.0.1:1"));
    let named = |world: &World| {
        let mut command = world.galen();
        command.args(["-C", "config.yml"]);
        command
    };
    assert!(
        found(&mut named(&world), "config").contains("cluster http://127.0.0.1:1, finalized"),
        "file"
    );
    assert!(
        found(
            named(&world)
                .env("GALEN_URL", "http://127.0.0.1:2")
                .env("GALEN_COMMITMENT", "processed"),
            "config"
        )
        .contains("cluster http://127.0.0.1:2, processed"),
        "environment"
    );
    assert!(
        found(
            named(&world)
                .env("GALEN_URL", "http://127.0.0.1:2")
                .args(["-u", "http://127.0.0.1:3"]),
            "config"
        )
        .contains("cluster http://127.0.0.1:3"),
        "flag"
    );
    assert!(
        found(named(&world).args(["-u", "l"]), "config").contains("cluster http://127.0.0.1:8899"),
        "moniker"
    );
    assert!(
        found(&mut named(&world), "keypair").contains("nobody.json"),
        "the file's keypair"
    );
    assert!(
        found(named(&world).args(["-k", "other.json"]), "keypair").contains("other.json"),
        "the flag's keypair"
    );
    std::fs::create_dir_all(world.path(".config/solana/cli")).expect("made");
    world.write(
        ".config/solana/cli/config.yml",
        &config("http://127.0.0.1:4"),
    );
    assert!(
        found(&mut world.galen(), "config").contains("cluster http://127.0.0.1:4"),
        "Solana's own place"
    );
    let (_, answer) = world.run(&["store", "export", "x.json", "-C", "missing.yml"]);
    assert_eq!(error(&answer).0, "config_unreadable");
}

#[test]
fn doctor_fails_where_something_has_to_be_fixed() {
    let world = World::new();
    let (exit, answer) = world.run(&["doctor", "-u", "http://127.0.0.1:1"]);
    assert_eq!((exit, &answer["healthy"]), (1, &json!(false)));
    for name in ["keypair", "cluster"] {
        let check = answer["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .find(|check| check["name"] == name)
            .expect(name);
        assert_eq!(check["verdict"], "failed");
        assert!(
            check["fix"].as_str().is_some_and(|fix| !fix.is_empty()),
            "{check}"
        );
    }
}

#[test]
fn a_keypair_must_be_there_be_readable_and_be_private() {
    let world = World::new();
    let keypair = |world: &World| {
        let (_, answer) = world.run(&["doctor", "-k", "id.json", "-u", "http://127.0.0.1:1"]);
        answer["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .find(|check| check["name"] == "keypair")
            .expect("looked at")
            .clone()
    };
    for (content, part) in [
        ("", "cannot be used"),
        ("[1,2,3]", "cannot be used"),
        ("not a key", "cannot be used"),
    ] {
        world.write("id.json", content);
        let check = keypair(&world);
        assert_eq!(check["verdict"], "failed");
        assert!(
            check["found"]
                .as_str()
                .is_some_and(|found| found.contains(part)),
            "{check}"
        );
    }
    // The key of 32 times the byte 1: a pair that is publicly known, for this test alone.
    let bytes: Vec<u8> = solana_keypair::keypair_from_seed(&[1; 32])
        .expect("a key")
        .to_bytes()
        .to_vec();
    let path = world.write("id.json", &serde_json::to_string(&bytes).expect("JSON"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("opened");
    assert!(keypair(&world)["found"]
        .as_str()
        .is_some_and(|found| found.contains("read by others")));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("closed");
    assert_eq!(keypair(&world)["verdict"], "ok");
}

#[test]
fn a_new_key_is_private_and_never_written_over_another() {
    let world = World::new();
    let signer = |world: &World, more: &[&str]| {
        let doctor = ["doctor", "-u", "http://127.0.0.1:1"];
        let (_, answer) = world.run(&[&doctor, more].concat());
        let checks = answer["checks"].as_array().expect("checks").clone();
        let mut checks = checks.into_iter();
        let check = checks.find(|check| check["name"] == "keypair");
        check.expect("looked at")
    };
    // A command that has no key names the command that makes one.
    let missing = signer(&world, &[]);
    let found = missing["found"].as_str().expect("text").to_owned();
    let default = text(&world.path(".config/solana/id.json"));
    assert!(
        found.contains(&format!("`galen wallet new {default}`")),
        "{found}"
    );

    for (args, file, flags) in [
        (&["wallet", "new"][..], ".config/solana/id.json", &[][..]),
        (
            &["wallet", "new", "keys/own.json"],
            "keys/own.json",
            &["-k", "keys/own.json"],
        ),
        (
            &["wallet", "new", "-k", "named.json"],
            "named.json",
            &["-k", "named.json"],
        ),
    ] {
        let (exit, made) = world.run(args);
        assert_eq!(exit, 0, "{made:#}");
        let path = world.path(file);
        let mode = std::fs::metadata(&path)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let check = signer(&world, flags);
        let address = made["address"].as_str().expect("an address");
        assert_eq!(check["verdict"], "ok", "{check}");
        assert!(check["found"]
            .as_str()
            .is_some_and(|found| found.starts_with(address)));
        let key = solana_keypair::read_keypair_file(&path).expect("a key");
        assert_eq!(solana_signer::Signer::pubkey(&key).to_string(), address);

        let before = std::fs::read(&path).expect("there");
        assert_eq!(error(&world.run(args).1).0, "file_exists");
        assert_eq!(std::fs::read(&path).expect("there"), before);
    }
    // What is there is not looked at: a file of something else, a link to nowhere.
    world.write("notes.json", "my notes");
    std::os::unix::fs::symlink("nowhere.json", world.path("link.json")).expect("linked");
    for file in ["notes.json", "link.json"] {
        assert_eq!(
            error(&world.run(&["wallet", "new", file]).1).0,
            "file_exists"
        );
    }
    assert!(!world.path("nowhere.json").exists());
    for args in [
        &["wallet", "new", "notes.json/key.json"][..],
        &["wallet", "new", "-k", "prompt://"],
    ] {
        assert_eq!(error(&world.run(args).1).0, "file_unwritable", "{args:?}");
    }
}

/// As with `solana`, a key that others can read still signs; people are told once, and scripts that read JSON are not.
#[test]
fn a_key_that_others_can_read_is_used_with_a_warning() {
    let world = World::new();
    let bytes = solana_keypair::keypair_from_seed(&[1; 32])
        .expect("a key")
        .to_bytes()
        .to_vec();
    let path = world.write("id.json", &serde_json::to_string(&bytes).expect("JSON"));
    let stderr = |mode: u32, format: &str| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        #[rustfmt::skip]
        let args = [
            "governance", "init", "-k", "id.json", "--fee-payer", "id.json", "-u", "http://127.0.0.1:1", "--yes",
            "--output", format,
        ];
        let output = world.galen().args(args).output().expect("run");
        // Nothing answers there; the key was not why.
        assert_eq!(code(&output), 1);
        let found = String::from_utf8([output.stdout, output.stderr.clone()].concat());
        assert!(!found.expect("UTF-8").contains("keypair_unreadable"));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    for mode in [0o644, 0o640, 0o604, 0o660] {
        let said = stderr(mode, "display");
        let warning = format!("warning: id.json can be read by others (mode {mode:o})");
        assert_eq!(said.matches(&warning).count(), 1, "{said}");
        assert!(said.contains("chmod 600 id.json"), "{said}");
    }
    for mode in [0o600, 0o400] {
        let said = stderr(mode, "display");
        assert!(!said.contains("warning"), "{said}");
    }
    assert_eq!(stderr(0o644, "json"), "");
}

#[test]
fn localnet_says_what_is_missing_and_which_port_is_taken() {
    let world = World::new();
    let free = free_ports();
    let (_, answer) = world.run(&["localnet", "--port", &free]);
    let (code, _) = error(&answer);
    assert_eq!(code, "validator_missing");
    assert!(answer["error"]["message"]
        .as_str()
        .is_some_and(|message| message.contains("cargo xtask setup")));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let (_, answer) = world.run(&["localnet", "--port", &port]);
    assert_eq!(error(&answer).0, "port_taken");
    let (_, answer) = world.run(&[
        "localnet",
        "--port",
        &free,
        "--ws-port",
        &free_ports(),
        "--validator",
        "agave",
    ]);
    assert_eq!(error(&answer).0, "port_invalid");
}

/// A port that is free now, and the one after it too.
fn free_ports() -> String {
    loop {
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("bound")
            .port();
        if port
            .checked_add(1)
            .is_some_and(|next| TcpListener::bind(("127.0.0.1", next)).is_ok())
        {
            return port.to_string();
        }
    }
}

#[test]
fn completions_and_man_pages() {
    let world = World::new();
    for (shell, piece) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef galen"),
        ("fish", "complete -c galen"),
    ] {
        let output = world
            .galen()
            .args(["completions", shell])
            .output()
            .expect("run");
        let script = String::from_utf8(output.stdout.clone()).expect("UTF-8");
        assert!(code(&output) == 0 && script.contains(piece), "{shell}");
    }
    let (exit, answer) = world.run(&["man", "man1"]);
    assert_eq!(exit, 0);
    let page = std::fs::read_to_string(world.path("man1/galen-claim-quote.1")).expect("written");
    assert!(page.contains("FHIR") && answer["pages"].as_u64().is_some_and(|pages| pages > 5));
}

#[test]
fn every_command_has_help_with_an_example() {
    let world = World::new();
    assert_eq!(world.run(&["man", "man1"]).0, 0);
    let mut leaves = 0;
    let mut without = Vec::new();
    for entry in std::fs::read_dir(world.path("man1")).expect("there") {
        let path = entry.expect("read").path();
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name")
            .to_owned();
        let page = std::fs::read_to_string(&path).expect("read");
        let has_subcommands = page.contains(".SH SUBCOMMANDS");
        if !has_subcommands && !name.contains("help") {
            leaves += 1;
            if !page.contains("Examples:") {
                without.push(name);
            }
        }
    }
    assert_eq!(without, Vec::<String>::new(), "no example");
    assert!(leaves >= 7, "{leaves}");
}

/// The README's tables of commands name every verb there is, and no other.
#[test]
fn every_command_has_its_row_in_the_readme() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .expect("read");
    let named = commands_in_tables(&readme);
    let world = World::new();
    assert_eq!(world.run(&["man", "man1"]).0, 0);
    let mut all = BTreeSet::new();
    let mut without_row = Vec::new();
    for entry in std::fs::read_dir(world.path("man1")).expect("there") {
        let path = entry.expect("read").path();
        let page = std::fs::read_to_string(&path).expect("read");
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let Some(name) = stem.and_then(|stem| stem.strip_prefix("galen-")) else {
            continue;
        };
        all.insert(name.to_owned());
        if !page.contains(".SH SUBCOMMANDS") && !named.contains(name) {
            without_row.push(name.to_owned());
        }
    }
    assert!(named.len() > 200, "{named:?}");
    assert_eq!(without_row, Vec::<String>::new(), "no row in cli/README.md");
    let gone: Vec<_> = named.difference(&all).collect();
    assert_eq!(gone, Vec::<&String>::new(), "no such command");
}

/// The commands that Markdown tables name, as `claim-appeal-file`. A table under `command` has them whole in its first column, where
/// a second one of the same noun may leave the noun out; one under `noun` the noun in the first and the verbs in the second; one under `verb`
/// verbs of `galen trial`.
fn commands_in_tables(markdown: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut header = None;
    for line in markdown.lines() {
        let Some(row) = line.strip_prefix("| ") else {
            // The line between head and body begins with `|---`.
            header = header.filter(|_| line.starts_with('|'));
            continue;
        };
        let mut cells = row.split(" | ");
        let first = cells.next().unwrap_or_default();
        match header {
            None => header = Some(first),
            Some("command") => {
                let mut last: Vec<&str> = Vec::new();
                for words in codes(first) {
                    let noun = last.len().saturating_sub(1);
                    last = match words.split_first() {
                        Some((&"galen", rest)) => rest.to_vec(),
                        _ => [&last[..noun], &words].concat(),
                    };
                    named.insert(last.join("-"));
                }
            }
            Some("noun") => {
                let noun = codes(first).concat();
                for verb in codes(cells.next().unwrap_or_default()) {
                    named.insert([&noun[..], &verb].concat().join("-"));
                }
            }
            Some("verb") => {
                for verb in codes(first) {
                    named.insert([&["trial"], &verb[..]].concat().join("-"));
                }
            }
            Some(_) => {}
        }
    }
    named
}

/// The names at the beginning of each piece of code in a cell: `galen pack close` of `galen pack close BATCH`. Pieces that begin with
/// something else, as flags do, are left out.
fn codes(cell: &str) -> Vec<Vec<&str>> {
    let is_name = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
    };
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.split_whitespace().take_while(is_name).collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect()
}

#[test]
fn the_store_is_private_and_goes_round() {
    let world = World::new();
    let (exit, _) = world.run(&["store", "export", "first.json"]);
    assert_eq!(exit, 0);
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let home = world.path(".local/share/galen");
    assert_eq!(
        (
            mode(&home),
            mode(&home.join("store.sqlite3")),
            mode(&world.path("first.json"))
        ),
        (0o700, 0o600, 0o600)
    );
    assert_eq!(
        error(&world.run(&["store", "export", "first.json"]).1).0,
        "file_exists"
    );

    let hex = |byte: &str, count: usize| byte.repeat(count);
    let mut backup: serde_json::Value =
        serde_json::from_slice(&std::fs::read(world.path("first.json")).expect("there"))
            .expect("JSON");
    let salted = |identifier: &str, salt: u8| {
        let digest = Sha256::new()
            .chain_update(b"galen member v1")
            .chain_update([salt; 32])
            .chain_update(identifier)
            .finalize();
        let digits =
            |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
        json!({
            "subject": "member", "scope": "pool", "identifier": identifier,
            "salt": digits(&[salt; 32]), "commitment": digits(&digest),
        })
    };
    backup["commitments"] = json!([salted("M-1", 0x11)]);
    backup["code_keys"] = json!([{ "insurer": "pool", "schedule": 1, "key": hex("33", 32) }]);
    backup["claims"] = json!([{ "document": hex("44", 32), "scope": "pool", "claim_id": hex("55", 16), "address": "a", "signature": null, "status": "paid" }]);
    world.json("second.json", &backup);
    let (exit, answer) = world.run(&["store", "import", "second.json"]);
    assert_eq!(
        (exit, &answer["added"], &answer["known"]),
        (0, &json!(3), &json!(0))
    );
    let (_, again) = world.run(&["store", "import", "second.json"]);
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(3)));
    assert_eq!(world.run(&["store", "export", "third.json"]).0, 0);
    let third: serde_json::Value =
        serde_json::from_slice(&std::fs::read(world.path("third.json")).expect("there"))
            .expect("JSON");
    assert_eq!(third, backup);

    let conflict = ("store_conflict", "");
    let mismatch = ("commitment_mismatch", "commitments[1]");
    for (pointer, value, refusal) in [
        ("/commitments/0", salted("M-1", 0x12), conflict),
        ("/code_keys/0/key", json!(hex("34", 32)), conflict),
        ("/claims/0/claim_id", json!(hex("56", 16)), conflict),
        // Changed since it was exported: each of the four that belong together.
        ("/commitments/0/subject", json!("family"), mismatch),
        ("/commitments/0/subject", json!("colour"), mismatch),
        ("/commitments/0/identifier", json!("M-2"), mismatch),
        ("/commitments/0/salt", json!(hex("12", 32)), mismatch),
        ("/commitments/0/commitment", json!(hex("22", 32)), mismatch),
    ] {
        let mut other = backup.clone();
        *other.pointer_mut(pointer).expect(pointer) = value;
        // Something new beside what differs: nothing of it may be taken.
        let list = other["commitments"].as_array_mut().expect("a list");
        list.insert(0, salted("M-0", 0x66));
        world.json("other.json", &other);
        let (exit, answer) = world.run(&["store", "import", "other.json"]);
        let (code, at) = error(&answer);
        assert_eq!(
            (exit, (code.as_str(), at.as_str())),
            (1, refusal),
            "{pointer}"
        );
    }
    assert_eq!(world.run(&["store", "export", "fourth.json"]).0, 0);
    assert_eq!(
        std::fs::read(world.path("third.json")).expect("there"),
        std::fs::read(world.path("fourth.json")).expect("there")
    );
    let broken = json!({ "form": "galen store 1", "commitments": [], "code_keys": [], "claims": [{ "document": "xx" }] });
    world.json("broken.json", &broken);
    assert_eq!(
        error(&world.run(&["store", "import", "broken.json"]).1),
        ("invalid_value".to_owned(), "claims[0].document".to_owned())
    );
}

#[test]
fn a_store_of_a_newer_galen_is_left_alone() {
    let world = World::new();
    assert_eq!(
        world.run(&["--home", "h", "store", "export", "a.json"]).0,
        0
    );
    let connection = rusqlite::Connection::open(world.path("h/store.sqlite3")).expect("opened");
    connection
        .pragma_update(None, "user_version", 2)
        .expect("set");
    drop(connection);
    assert_eq!(
        error(&world.run(&["--home", "h", "store", "export", "b.json"]).1).0,
        "store_newer"
    );
}
