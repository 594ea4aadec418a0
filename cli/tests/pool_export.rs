//! A pool written to a file and held against the ledger.

mod chain;
mod common;

use std::os::unix::fs::PermissionsExt;

use chain::field;
use chain::insured::{insured, Insured, MEMBER};
use common::text;
use serde_json::{json, Value};

/// Runs `galen pool export --verify`; exit code and answer.
fn verify(world: &Insured, file: &str) -> (i32, Value) {
    world.chain().person("auditor");
    let output = world
        .chain()
        .galen("auditor")
        .args([
            "pool",
            "export",
            &world.pool,
            file,
            "--verify",
            "--output",
            "json",
        ])
        .output()
        .expect("run");
    (common::code(&output), common::document(&output))
}

#[test]
fn a_pool_is_exported_whole_and_verified() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let paid = world.submit(
        &world.document("paid.json", 1, &[("A", 1, 10_000), ("X", 1, 500)]),
        &ticket,
    );
    let large = world.submit(
        &world.document("large.json", 2, &[("A", 2, 25_000)]),
        &ticket,
    );
    let pool_and_member = ["--pool", &world.pool, "--member", &world.member];
    let authorize = ["member", "authorize", "B"];
    let terms = [
        "--number",
        "1",
        "--from",
        "2020-01-01",
        "--to",
        "2099-12-31",
        "--units",
        "3",
    ];
    chain.run(
        "clerk",
        &[&authorize[..], &pool_and_member, &terms].concat(),
    );

    // Another pool of the same program, with a member of its own, is none of this one's business.
    let mint = world.parties.mint.to_string();
    let create = [
        "pool",
        "create",
        "--insurer",
        &world.parties.insurer,
        "--mint",
        &mint,
        "--number",
        "1",
    ];
    let others = field(&chain.run("clerk", &create)["account"], "address").to_owned();
    let other = field(
        &chain.run("clerk", &["plan", "create", "--pool", &others])["account"],
        "address",
    )
    .to_owned();
    chain.person("auditor");
    let file = text(&chain.world.path("pool.jsonl"));
    let export = ["pool", "export", &world.pool, &file];
    let exported = chain.run("auditor", &export);
    let counts = json!({
        "pool": 1, "vault": 1, "plan": 1, "plan_version": 1, "benefit_schedule": 1, "agreement": 1, "member": 1,
        "claim": 2, "history": 1, "authorization": 1, "organization": 2,
    });
    assert_eq!(exported["counts"], counts);
    let mode = std::fs::metadata(&file)
        .expect("there")
        .permissions()
        .mode()
        & 0o777;
    assert_eq!(mode, 0o600);
    assert!(!chain.world.path("pool.jsonl.partial").exists());

    // Each line is a document; what it says is what the ledger has.
    let whole = std::fs::read_to_string(&file).expect("text");
    let lines: Vec<Value> = whole
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 14);
    assert!(!whole.contains(MEMBER) && !whole.contains(&other));
    let of = |address: &str| {
        lines
            .iter()
            .find(|line| line["address"] == address)
            .expect("a record")
    };
    let claim = of(field(&paid, "address"));
    assert_eq!(
        (&claim["kind"], &claim["account"]["status"]),
        (&json!("claim"), &json!("paid"))
    );
    assert_eq!(
        (
            &claim["account"]["totals"]["paid"],
            &claim["account"]["lines"][1]["denial_reason"]
        ),
        (&json!(8_000), &paid["lines"][1]["adjustments"][0]["reason"])
    );
    assert_eq!(
        of(field(&large, "address"))["account"]["pend_reason"],
        "claim_limit"
    );
    let address = field(claim, "address").parse().expect("an address");
    let account = chain.client.get_account(&address).expect("the claim");
    let bytes: String = account
        .data
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        (&claim["data"], &claim["lamports"]),
        (&json!(bytes), &json!(account.lamports))
    );
    let member = of(&world.member);
    assert_eq!(
        member["account"]["periods"].as_array().map(Vec::len),
        Some(4)
    );
    let schedule = lines
        .iter()
        .find(|line| line["kind"] == "benefit_schedule")
        .expect("a schedule");
    assert_eq!(
        schedule["account"]["entries"].as_array().map(Vec::len),
        Some(3)
    );
    // Agreements name the provider by address: who that is stands beside them.
    let provider = of(&world.parties.provider);
    assert_eq!(
        (&provider["kind"], &provider["account"]["kind"]),
        (&json!("organization"), &json!("provider"))
    );
    let identifier = &provider["account"]["identifier"];
    let npi: String = b"1234567893"
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        (&identifier["scheme"], &identifier["value"]),
        (&json!("npi"), &json!(format!("{npi:0<40}")))
    );
    assert_eq!(of(&world.parties.insurer)["account"]["kind"], "insurer");
    let manifest = lines.last().expect("a manifest");
    assert_eq!(
        (&manifest["kind"], &manifest["counts"], &manifest["pool"]),
        (&json!("manifest"), &counts, &json!(world.pool))
    );

    let (code, report) = verify(&world, &file);
    assert_eq!(
        (code, &report["valid"], &report["records"]),
        (0, &json!(true), &json!(13)),
        "{report:#}"
    );
    assert_eq!(chain.refused("auditor", &export), "file_exists");

    // What has happened since is named.
    chain.run(
        "clerk",
        &["claim", "decide", field(&large, "address"), "--deny", "50"],
    );
    let new = world.submit(&world.document("new.json", 3, &[("C", 1, 1_000)]), &ticket);
    let (code, report) = verify(&world, &file);
    assert_eq!(code, 1);
    assert_eq!(
        (&report["gone"], &report["new"]),
        (
            &json!([]),
            &json!([format!("claim {}", field(&new, "address"))])
        )
    );
    let changed: Vec<&str> = report["changed"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        changed.contains(&format!("claim {}", field(&large, "address")).as_str()),
        "{changed:?}"
    );
    assert!(
        changed.contains(&format!("member {}", world.member).as_str()),
        "{changed:?}"
    );

    // A file that is not whole, or not this pool's, says nothing about the ledger.
    let bad = |name: &str, text: &str| {
        let file = common::text(&chain.world.write(name, text));
        let (code, answer) = verify(&world, &file);
        assert_eq!(code, 1);
        common::error(&answer)
    };
    let damaged = |line: &str| ("export_damaged".to_owned(), format!("line {line}"));
    let without_manifest: String = whole
        .lines()
        .take(13)
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(bad("short.jsonl", &without_manifest), damaged("14"));
    assert_eq!(
        bad("cut.jsonl", &whole[..whole.len() / 2]).0,
        "export_damaged"
    );
    assert_eq!(
        bad(
            "changed.jsonl",
            &whole.replacen("\"paid\"", "\"denied\"", 1)
        ),
        damaged("14")
    );
    assert_eq!(
        bad("longer.jsonl", &format!("{whole}{{}}\n")),
        damaged("14")
    );
    assert_eq!(bad("empty.jsonl", ""), damaged("1"));
    assert_eq!(bad("nothing.jsonl", "not JSON\n"), damaged("1"));
    let swapped = whole.replace(&world.pool, &world.member);
    assert_eq!(bad("swapped.jsonl", &swapped), damaged("14"));
    let missing = verify(&world, "there-is-none.jsonl");
    assert_eq!(
        (missing.0, common::error(&missing.1).0),
        (1, "file_missing".to_owned())
    );
    let file_of_other = ["pool", "export", &others, &file, "--verify"];
    assert_eq!(
        chain.refused("auditor", &file_of_other),
        "export_of_other_pool"
    );

    // What a run that was killed has left is no export, and is written over.
    chain.world.write("again.jsonl.partial", "half a line");
    let again = text(&chain.world.path("again.jsonl"));
    chain.run("auditor", &["pool", "export", &world.pool, &again]);
    assert!(!chain.world.path("again.jsonl.partial").exists());
    assert_eq!(verify(&world, &again).0, 0);
    let nowhere = ["pool", "export", &world.pool, "no-such-folder/pool.jsonl"];
    assert_eq!(chain.refused("auditor", &nowhere), "file_unwritable");
}

#[test]
fn families_appeals_and_archived_commitments_are_exported_too() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let created = chain.run(
        "clerk",
        &["plan", "create", "--pool", &world.pool, "--number", "1"],
    );
    let plan = field(&created["account"], "address").to_owned();
    let terms = json!({
        "filing_limit_days": 30, "clocks": {"appeal_days": 30, "archive_days": 400},
        "benefits": [{"code": "A", "allowed": 10_000}],
    });
    let terms = text(&chain.world.json("terms.json", &terms));
    let publish = [
        "plan",
        "publish",
        &terms,
        "--plan",
        &plan,
        "--effective-from",
        "2020-01-01",
    ];
    chain.run("clerk", &publish);
    let keys = text(&chain.world.path("keys.json"));
    chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
    chain.run("clinic", &["store", "import", &keys]);
    let enrol = [
        "member",
        "enrol",
        "--pool",
        &world.pool,
        "--plan",
        &plan,
        "--id",
        "M-2",
        "--from",
        "2020-01-01",
    ];
    let member = field(&chain.run("clerk", &enrol)["account"], "address").to_owned();
    chain.run(
        "clerk",
        &[
            "member",
            "join-family",
            "--pool",
            &world.pool,
            "--id",
            "M-2",
            "F-1",
        ],
    );
    let ticket = chain.run(
        "desk",
        &[
            "member",
            "ticket",
            "--pool",
            &world.pool,
            "--member",
            &member,
            "--provider",
            &world.parties.provider,
            "--from",
            "2020-01-01",
            "--to",
            "2099-12-31",
        ],
    );
    let ticket = text(&chain.world.json("ticket.json", &ticket));
    let paid = field(
        &world.submit(
            &world.document("paid.json", 1, &[("A", 1, 10_000)]),
            &ticket,
        ),
        "address",
    )
    .to_owned();
    let denied = field(
        &world.submit(&world.document("denied.json", 2, &[("X", 1, 500)]), &ticket),
        "address",
    )
    .to_owned();
    let grounds = text(&chain.world.write("grounds.txt", "It is covered."));
    chain.run("clinic", &["claim", "appeal", "file", &denied, &grounds]);
    chain.travel(402 * 86_400);
    chain.run("anyone", &["claim", "archive", &paid]);

    chain.person("auditor");
    let file = text(&chain.world.path("pool.jsonl"));
    let exported = chain.run("auditor", &["pool", "export", &world.pool, &file]);
    let counts = &exported["counts"];
    for (kind, count) in [
        ("family", 1),
        ("appeal", 1),
        ("archived_claim", 1),
        ("claim", 1),
        ("plan", 2),
        ("member", 2),
        ("history", 2),
    ] {
        assert_eq!(counts[kind], json!(count), "{kind}: {counts:#}");
    }
    let whole = std::fs::read_to_string(&file).expect("text");
    let archived = whole
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .find(|line| line["kind"] == "archived_claim")
        .expect("an archived claim");
    assert_eq!(
        (
            &archived["address"],
            &archived["account"]["status"],
            &archived["pool_known"]
        ),
        (&json!(paid), &json!("paid"), &Value::Null)
    );
    assert_eq!(verify(&world, &file).0, 0);

    // It is this pool's, and no other's.
    let mint = world.parties.mint.to_string();
    let create = [
        "pool",
        "create",
        "--insurer",
        &world.parties.insurer,
        "--mint",
        &mint,
        "--number",
        "1",
    ];
    let insurer = chain.person("clerk").to_string();
    let update = [
        "operator",
        "update",
        "--org",
        &world.parties.insurer,
        "--key",
        &insurer,
    ];
    chain.run(
        "insurer",
        &[
            &update[..],
            &["--permissions", "manage-pool", "--expires", "+365d"],
        ]
        .concat(),
    );
    let other = field(&chain.run("clerk", &create)["account"], "address").to_owned();
    let empty = text(&chain.world.path("other.jsonl"));
    let exported = chain.run("auditor", &["pool", "export", &other, &empty]);
    assert_eq!(
        exported["counts"],
        json!({"pool": 1, "vault": 1, "organization": 1})
    );
}
