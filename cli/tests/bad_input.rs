//! Bad input to the commands that work on a cluster: each case has its named error, exit code 1, the error as JSON, and
//! changes nothing: not an account, not a lamport. Documents as such are in `quote_refusals.rs`.

mod chain;
mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use chain::insured::{insured, Insured, MEMBER};
use chain::{field, Chain};
use common::{code, document, error, sample, text, World};
use serde_json::{json, Value};
use solana_keypair::{write_keypair_file, Keypair};

/// Runs a command that must be refused with exit code 1; code and place of the refusal.
fn refused(world: &World, args: &[&str]) -> (String, String) {
    let (exit, answer) = world.run(args);
    assert_eq!(exit, 1, "{args:?}: {answer:#}");
    error(&answer)
}

const SYSTEM: &str = "11111111111111111111111111111111";

#[test]
fn a_keypair_that_is_missing_or_unreadable() {
    let world = World::new();
    for (content, code) in [
        (None, "keypair_missing"),
        (Some(""), "keypair_unreadable"),
        (Some("[1,2,3]"), "keypair_unreadable"),
        (Some("not a key"), "keypair_unreadable"),
    ] {
        if let Some(content) = content {
            world.write("id.json", content);
        }
        for command in [
            &["org", "close", SYSTEM, "--reason", "1"][..],
            &["pool", "fund", SYSTEM, "--amount", "1"],
            &["claim", "settle", SYSTEM],
            &[
                "member",
                "end",
                "--pool",
                SYSTEM,
                "--id",
                "M",
                "--to",
                "2026-01-01",
            ],
        ] {
            let with_key = [command, &["-k", "id.json", "-u", "http://127.0.0.1:1"]].concat();
            assert_eq!(
                refused(&world, &with_key).0,
                code,
                "{command:?} {content:?}"
            );
        }
    }
}

#[test]
fn a_validator_that_does_not_run_and_a_url_that_is_none() {
    let world = World::new();
    write_keypair_file(&Keypair::new(), world.path("id.json")).expect("written");
    for (url, code) in [
        ("http://127.0.0.1:1", "cluster_unreachable"),
        ("ftp://127.0.0.1", "url_invalid"),
        ("somewhere", "url_invalid"),
    ] {
        for command in [
            &["pool", "show", SYSTEM][..],
            &["claim", "list"],
            &["claim", "settle", SYSTEM],
            &["trial", "pay", SYSTEM],
            &["trial", "participants", SYSTEM],
            &["governance", "init"],
            &["demo"],
        ] {
            let with_url = [command, &["-k", "id.json", "-u", url]].concat();
            assert_eq!(refused(&world, &with_url).0, code, "{command:?} {url}");
        }
    }
}

#[test]
fn a_port_that_is_taken() {
    let world = World::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    assert_eq!(
        refused(&world, &["localnet", "--port", &port]).0,
        "port_taken"
    );
}

/// A cluster of which nothing is known but its genesis hash and the time. Its URL; it ends with the test.
fn cluster_with(genesis: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 8_192];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]);
            let result = if request.contains("getGenesisHash") {
                json!(genesis)
            } else {
                // The clock: five numbers of eight bytes, all zero.
                let data = ["A".repeat(54) + "==", "base64".to_owned()];
                let account = json!({"data": data, "executable": false, "lamports": 1,
                    "owner": "Sysvar1111111111111111111111111111111111111", "rentEpoch": 0, "space": 40});
                json!({"context": {"slot": 1}, "value": account})
            };
            let body = json!({"jsonrpc": "2.0", "id": 0, "result": result}).to_string();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            // A client that went away wants no answer.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn a_public_cluster_whatever_its_url() {
    let world = World::new();
    write_keypair_file(&Keypair::new(), world.path("id.json")).expect("written");
    world.json("claim.json", &sample("claim.json"));
    let about = |verb: &'static str| ["member", verb, "--pool", SYSTEM, "--id", "M"];
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["demo"],
        vec!["claim", "decide", SYSTEM, "--approve"],
        [
            &about("enrol")[..],
            &["--plan", SYSTEM, "--from", "2026-01-01"],
        ]
        .concat(),
        [&about("end")[..], &["--to", "2026-01-01"]].concat(),
        [&about("set-authority")[..], &["--none"]].concat(),
        [&about("void-tickets")[..], &["--below", "1"]].concat(),
    ];
    let who = ["--participant", SYSTEM];
    let visit = ["--milestone", "0", "--visited", "2026-01-01"];
    commands.push([&["trial", "attest", SYSTEM][..], &who, &visit].concat());
    commands.push([&["trial", "enrol", SYSTEM][..], &who].concat());
    let create = ["trial", "create", "--sponsor", SYSTEM, "--board", SYSTEM];
    commands.push([&create[..], &["--mint", SYSTEM]].concat());
    let submit = ["claim", "submit", "--pool", SYSTEM, "--provider", SYSTEM];
    let claim = ["--claim", "claim.json", "--ticket", "ticket.json"];
    commands.push([&submit[..], &claim].concat());
    for genesis in [
        "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
        "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY",
        "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    ] {
        let url = cluster_with(genesis);
        for command in &commands {
            let there = [&command[..], &["-k", "id.json", "-y", "-u", &url]].concat();
            assert_eq!(refused(&world, &there).0, "public_ledger", "{command:?}");
        }
    }
}

/// Everything that a refusal must not change.
fn state(chain: &Chain, people: &[&str]) -> Vec<(String, u64, Vec<u8>)> {
    let mut state: Vec<(String, u64, Vec<u8>)> = Vec::new();
    for program in [registry::ID, claims::ID, anchor_spl::token::ID] {
        let accounts = chain.client.get_program_accounts(&program);
        for (address, account) in accounts.expect("accounts") {
            state.push((address.to_string(), account.lamports, account.data));
        }
    }
    for name in people {
        let balance = chain.client.get_balance(&chain.person(name));
        state.push(((*name).to_owned(), balance.expect("a balance"), Vec::new()));
    }
    state.sort();
    state
}

impl Insured {
    /// A copy of the FHIR sample on the validator's days, for this world's member and codes; changed by `change`.
    fn fhir(&self, name: &str, change: impl Fn(&mut Value)) -> String {
        let text_of = sample("visit.fhir.json").to_string();
        let text_of = text_of.replace("2026-03-02", &self.day(1));
        let text_of = text_of.replace("2026-03-05", &self.day(0));
        let mut claim: Value = serde_json::from_str(&text_of).expect("JSON");
        change(&mut claim);
        text(&self.chain().world.json(name, &claim))
    }
}

#[test]
fn submissions_that_cannot_be() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let good = world.document("good.json", 1, &[("C", 1, 1_000)]);
    // A provider that is active and has staff, and no agreement.
    let stray = [
        "org",
        "register",
        "--kind",
        "provider",
        "--identifier",
        "npi:1992739916",
    ];
    let stray = chain.run("stray", &stray);
    let stray = field(&stray["account"], "address").to_owned();
    chain.run("governance", &["org", "activate", &stray]);
    let (key, stranger) = (chain.person("stray").to_string(), chain.person("stranger"));
    let add = ["operator", "add", "--org", &stray, "--key", &key];
    chain.run(
        "stray",
        &[&add[..], &["--permissions", "submit-claim"]].concat(),
    );
    let foreign_mint = chain.mint("treasury", 6);
    let foreign = chain.tokens(&foreign_mint, "treasury", &chain.person("clinic"), 1);
    let people = ["clinic", "clerk", "stray", "stranger", "treasury"];
    let before = state(chain, &people);

    // Documents, by the place of what is wrong.
    let edited = |name: &str, lines: Value| {
        let claim =
            json!({"service_date": world.day(1), "submitted": world.day(0), "lines": lines});
        text(&chain.world.json(name, &claim))
    };
    let line = json!({"code": "C", "charge": 100});
    let documents = [
        (
            edited("negative.json", json!([{"code": "C", "charge": -1}])),
            "negative_money",
            "lines[0].charge",
        ),
        (
            edited(
                "overflow.json",
                json!([{"code": "C", "charge": u64::MAX}, {"code": "B", "charge": 1}]),
            ),
            "money_too_large",
            "lines[1].charge",
        ),
        (
            edited("seventeen.json", json!(vec![line.clone(); 17])),
            "too_many_lines",
            "lines[16]",
        ),
        (edited("empty.json", json!([])), "no_lines", "lines"),
        (
            edited(
                "date.json",
                json!([{"code": "C", "charge": 1, "service_date": "2026-02-30"}]),
            ),
            "invalid_date",
            "lines[0].service_date",
        ),
        (
            edited(
                "units.json",
                json!([{"code": "C", "charge": 1, "units": 0}]),
            ),
            "no_units",
            "lines[0].units",
        ),
        (
            edited(
                "authorized.json",
                json!([{"code": "C", "charge": 1, "authorization": "A-1"}]),
            ),
            "authorization_unknown",
            "lines[0].authorization",
        ),
        (
            text(&chain.world.write("cut.json", "{\"lines\": [")),
            "invalid_json",
            "",
        ),
        ("nowhere.json".to_owned(), "file_missing", ""),
        (
            world.fhir("patient.json", |claim| {
                claim["resourceType"] = json!("Patient")
            }),
            "unsupported_resource",
            "resourceType",
        ),
        (
            world.fhir("net.json", |claim| {
                claim["item"][0]["net"]["value"] = json!("x")
            }),
            "wrong_type",
            "Claim.item[0].net.value",
        ),
        (
            world.fhir("use.json", |claim| claim["use"] = json!("predetermination")),
            "predetermination",
            "",
        ),
        (
            world.fhir("npi.json", |claim| {
                claim["provider"]["identifier"]["value"] = json!("1992739916")
            }),
            "provider_mismatch",
            "Claim.provider.identifier.value",
        ),
    ];
    let run = |who: &str, args: &[&str]| -> (String, String) {
        let output = chain
            .galen(who)
            .args(args)
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run");
        let answer = document(&output);
        assert_eq!(code(&output), 1, "{args:?}: {answer:#}");
        error(&answer)
    };
    for (document, code, at) in &documents {
        let refusal = run("clinic", &world.submission(document, &ticket));
        assert_eq!(
            refusal,
            ((*code).to_owned(), (*at).to_owned()),
            "{document}"
        );
    }

    // People and parties.
    let submit = |provider: &str, more: &[&str]| -> Vec<String> {
        let words = ["claim", "submit", "--pool", &world.pool, "--claim", &good];
        let words = words.iter().chain(&["--provider"]).copied();
        let words = words.chain([provider]).chain(more.iter().copied());
        words.map(str::to_owned).collect()
    };
    let clinic = world.parties.provider.as_str();
    let member_key = text(&chain.keyfile("stranger"));
    let signed = ["--member-keypair", &member_key];
    let nobody = stranger.to_string();
    let forged: Value =
        serde_json::from_slice(&std::fs::read(&ticket).expect("there")).expect("JSON");
    let forged = |name: &str, field: &str, value: Value| {
        let mut forged = forged.clone();
        forged[field] = value;
        text(&chain.world.json(name, &forged))
    };
    let later = forged("later.json", "to", json!("2100-12-31"));
    let other_pool = forged(
        "other-pool.json",
        "pool",
        json!(world.parties.mint.to_string()),
    );
    let unread = forged("unread.json", "signature", json!("?"));
    let extra = forged("extra.json", "note", json!("x"));
    let parties: Vec<(&str, Vec<String>, &str)> = vec![
        (
            "clinic",
            submit(clinic, &[&signed[..], &["--id", "M-0000"]].concat()),
            "member_unknown",
        ),
        (
            "clinic",
            submit(clinic, &[&signed[..], &["--member", &nobody]].concat()),
            "member_unknown",
        ),
        (
            "clinic",
            submit(clinic, &[&signed[..], &["--member", &world.pool]].concat()),
            "wrong_account",
        ),
        ("clinic", submit(clinic, &signed), "member_unknown"),
        (
            "clinic",
            submit(
                clinic,
                &[&signed[..], &["--member", &world.member]].concat(),
            ),
            "not_member_authority",
        ),
        (
            "stray",
            submit(
                &stray,
                &[&signed[..], &["--member", &world.member]].concat(),
            ),
            "no_agreement",
        ),
        (
            "clinic",
            submit(&nobody, &["--ticket", &ticket]),
            "not_found",
        ),
        (
            "stray",
            submit(clinic, &["--ticket", &ticket]),
            "code_key_missing",
        ),
        (
            "clinic",
            submit(&stray, &["--ticket", &ticket]),
            "ticket_mismatch",
        ),
        (
            "clinic",
            submit(clinic, &["--ticket", &other_pool]),
            "ticket_mismatch",
        ),
        (
            "clinic",
            submit(clinic, &["--ticket", &later]),
            "ticket_invalid",
        ),
        (
            "clinic",
            submit(clinic, &["--ticket", &unread]),
            "invalid_value",
        ),
        (
            "clinic",
            submit(clinic, &["--ticket", &extra]),
            "unknown_field",
        ),
        (
            "clinic",
            submit(clinic, &["--ticket", "nothing.json"]),
            "file_missing",
        ),
    ];
    for (who, words, code) in &parties {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(run(who, &words).0, *code, "{words:?}");
    }
    let mismatch = world.fhir("other-patient.json", |_| {});
    let about = ["--id", "M-4712", "--member-keypair", &member_key];
    let words = [
        "claim",
        "submit",
        "--pool",
        &world.pool,
        "--provider",
        clinic,
    ];
    let words = [&words[..], &["--claim", &mismatch], &about].concat();
    assert_eq!(run("clinic", &words).0, "member_unknown");

    // Plans, money and accounts of another kind.
    let twice = json!({"benefits": [{"code": "A", "allowed": 1}, {"code": "A", "allowed": 1}]});
    let twice = text(&chain.world.json("twice.json", &twice));
    let graced = json!({"authorization_grace_days": 3, "benefits": [{"code": "A", "allowed": 1}]});
    let graced = text(&chain.world.json("graced.json", &graced));
    let publish = |file: &'_ str| -> Vec<String> {
        let words = ["plan", "publish", file, "--plan", &world.plan];
        let words = words.iter().chain(&["--effective-from", "2027-01-01"]);
        words.map(|&word| word.to_owned()).collect()
    };
    let foreign = foreign.to_string();
    let propose = ["agreement", "propose-payout", &world.agreement, &foreign];
    for (who, words, code, at) in [
        (
            "clerk",
            publish(&twice),
            "duplicate_code",
            "benefits[1].code",
        ),
        (
            "clerk",
            publish(&graced),
            "not_on_ledger",
            "authorization_grace_days",
        ),
        (
            "clinic",
            propose.map(str::to_owned).to_vec(),
            "wrong_token_account",
            "",
        ),
        (
            "treasury",
            [
                "pool",
                "fund",
                &world.pool,
                "--amount",
                "18446744073709551615",
            ]
            .map(str::to_owned)
            .to_vec(),
            "amount_overflow",
            "",
        ),
        (
            "clerk",
            ["claim", "decide", &world.pool, "--approve"]
                .map(str::to_owned)
                .to_vec(),
            "wrong_account",
            "",
        ),
        (
            "anyone",
            ["claim", "settle", &nobody].map(str::to_owned).to_vec(),
            "not_found",
            "",
        ),
    ] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        chain.person(who);
        let refusal = run(who, &words);
        assert_eq!(refusal, (code.to_owned(), at.to_owned()), "{words:?}");
    }
    assert_eq!(
        state(chain, &people),
        before,
        "a refusal has changed something"
    );

    // A code that the schedule does not list is no mistake of the document: the line is denied, and says so.
    let unknown = world.document("unknown.json", 1, &[("ZZZZZ", 1, 1_000)]);
    let denied = world.submit(&unknown, &ticket);
    assert_eq!(
        denied["lines"][0]["adjustments"],
        json!([{"group": "PR", "reason": 204, "amount": 1_000}])
    );
    assert_eq!(chain.held(&world.payout), 0);
    assert_eq!(field(&denied, "status"), "denied");
    assert_eq!(
        chain.run(
            "clerk",
            &["member", "show", "--pool", &world.pool, "--id", MEMBER]
        )["periods"],
        json!([])
    );
}

#[test]
fn what_is_not_understood_exits_2() {
    let world = World::new();
    for args in [
        &["claim", "decide", SYSTEM][..],
        &["claim", "decide", SYSTEM, "--approve", "--deny", "50"],
        &["claim", "decide", SYSTEM, "--deny", "-1"],
        &["claim", "settle", "not-an-address"],
        &[
            "member",
            "end",
            "--pool",
            SYSTEM,
            "--id",
            "M",
            "--to",
            "2026-02-30",
        ],
        &[
            "member",
            "void-tickets",
            "--pool",
            SYSTEM,
            "--id",
            "M",
            "--below",
            "-1",
        ],
        &["member", "set-authority", "--pool", SYSTEM, "--id", "M"],
        &[
            "member",
            "set-authority",
            "--pool",
            SYSTEM,
            "--id",
            "M",
            "--none",
            SYSTEM,
        ],
        &["member", "show", "--pool", SYSTEM, "--id", ""],
        &["member", "show", "--pool", SYSTEM, "--id", " \t"],
        &[
            "member",
            "end",
            "--pool",
            SYSTEM,
            "--to",
            "2026-02-28",
            "--id",
            "M\n",
        ],
        &[
            "member",
            "enrol",
            "--pool",
            SYSTEM,
            "--plan",
            SYSTEM,
            "--from",
            "2026-01-01",
            "--id",
            "=1+1",
        ],
        &[
            "member",
            "join-family",
            "--pool",
            SYSTEM,
            "--id",
            "M",
            "F\t1",
        ],
        &[
            "member",
            "ticket",
            "--pool",
            SYSTEM,
            "--provider",
            SYSTEM,
            "--from",
            "2026-01-01",
            "--to",
            "2026-12-31",
            "--id",
            "@M",
        ],
        &[
            "member",
            "ask",
            "--provider",
            "npi:1234567893",
            "--insurer",
            "npi:1234567893",
            "--id",
            "M\u{7f}1",
        ],
        &[
            "store",
            "send",
            "parcel.json",
            "--from",
            SYSTEM,
            "--to",
            SYSTEM,
            "--pool",
            SYSTEM,
            "--id",
            "",
        ],
        &[
            "claim",
            "submit",
            "--pool",
            SYSTEM,
            "--provider",
            SYSTEM,
            "--claim",
            "c",
            "--member-keypair",
            "k",
            "--id",
            "\n",
        ],
        &["trial", "marker", "--sponsor", SYSTEM, "--person", ""],
        &["pool", "fund", SYSTEM, "--amount", "0"],
        &["pool", "fund", SYSTEM, "--amount", "12.50"],
    ] {
        let output = world.galen().args(args).output().expect("run");
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{args:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        let of_an_identifier = ["--id", "--person", "join-family"];
        if of_an_identifier.iter().any(|flag| args.contains(flag)) && !args.contains(&"M") {
            assert!(message.starts_with("error: invalid value"), "{message}");
        }
    }
}
