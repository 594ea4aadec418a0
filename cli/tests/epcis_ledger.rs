//! EPCIS documents on a running validator: events become transactions, the ledger's history becomes events again, and nothing is
//! recorded twice.

mod chain;
mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use chain::{field, Chain};
use common::text;
use serde_json::{json, Value};

const GTIN: &str = "09506000134352";
/// GLNs under which the three are registered.
const GLNS: [(&str, &str); 3] = [
    ("manufacturer", "9506000134352"),
    ("wholesaler", "0614141000012"),
    ("pharmacy", "9524000000019"),
];

struct Stage {
    chain: Chain,
    orgs: Vec<(String, String)>,
    leaves: String,
}

impl Stage {
    /// Three partners with credentials, and the leaf file of thirty packs: six to a case, two cases to a pallet.
    fn new() -> Self {
        let chain = Chain::with_programs();
        chain.run("governance", &["governance", "init"]);
        let mut stage = Self {
            leaves: text(&chain.world.path("batch.leaves")),
            chain,
            orgs: Vec::new(),
        };
        stage.organization(
            "regulator",
            "other:TEST-regulator",
            "issue-credential,recall-batch",
        );
        let permissions = [
            "manage-batch,hand-over,recall-batch",
            "hand-over",
            "hand-over,dispense-pack",
        ];
        for ((kind, gln), permissions) in GLNS.into_iter().zip(permissions) {
            stage.organization(kind, &format!("gln:{gln}"), permissions);
            #[rustfmt::skip]
            let issue = [
                "credential", "issue", "--issuer", stage.org("regulator"), "--subject", stage.org(kind), "--kind", "7", "--until", "+365d",
            ];
            stage.chain.run("regulator-staff", &issue);
        }
        let serials: String = (0..30).map(|number| format!("SN{number:04}\n")).collect();
        let list = text(&stage.chain.world.write("serials.txt", &serials));
        #[rustfmt::skip]
        let build = [
            "batch", "build", &list, "--gtin", GTIN, "--leaves", &stage.leaves, "--packs-per-case", "6", "--cases-per-pallet", "2",
        ];
        stage.chain.run("manufacturer-staff", &build);
        stage
    }

    fn organization(&mut self, kind: &str, identifier: &str, permissions: &str) {
        let org = self.chain.run(
            kind,
            &[
                "org",
                "register",
                "--kind",
                kind,
                "--identifier",
                identifier,
            ],
        );
        let address = field(&org["account"], "address").to_owned();
        self.chain.run("governance", &["org", "activate", &address]);
        let staff = self.chain.person(&format!("{kind}-staff")).to_string();
        #[rustfmt::skip]
        let add = ["operator", "add", "--org", &address, "--key", &staff, "--permissions", permissions];
        self.chain.run(kind, &add);
        self.orgs.push((kind.to_owned(), address));
    }

    fn org(&self, kind: &str) -> &str {
        let found = self.orgs.iter().find(|(known, _)| known == kind);
        &found.expect("registered").1
    }

    fn capture(&self, kind: &str, document: &Value, more: &[&str]) -> Vec<String> {
        let path = text(&self.chain.world.json("document.json", document));
        let lot = format!("A1={}", self.leaves);
        let args = [
            "epcis",
            "capture",
            &path,
            "--leaves",
            &lot,
            "--org",
            self.org(kind),
        ];
        args.iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    }

    /// Captures a document; what became of each event.
    fn captured(&self, kind: &str, document: &Value, more: &[&str]) -> Vec<String> {
        let answer = self.chain.run(
            &format!("{kind}-staff"),
            &self.capture(kind, document, more),
        );
        outcomes(&answer)
    }

    /// The address of the batch, registered or not.
    fn batch(&self) -> String {
        let gtin: [u8; 14] = GTIN.as_bytes().try_into().expect("14 digits");
        let (product, _) = provenance::state::Product::find_address(&gtin);
        let mut lot = [0; 20];
        lot[..2].copy_from_slice(b"A1");
        let (batch, _) = provenance::state::Batch::find_address(&product, &lot);
        batch.to_string()
    }

    fn export(&self, who: &str, batch: &str, more: &[&str]) -> Value {
        let args = [
            "epcis",
            "export",
            "--batch",
            batch,
            "--leaves",
            &self.leaves,
        ];
        self.chain.run(who, &[&args, more].concat())
    }
}

/// What registers the batch.
fn registered_with(stage: &Stage) -> [&str; 8] {
    [
        "--credentials-from",
        stage.org("regulator"),
        "--trading-kind",
        "7",
        "--returns-kind",
        "8",
        "--location",
        "https://packs.example/A1.leaves",
    ]
}

fn outcomes(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().expect("events");
    events
        .iter()
        .map(|event| field(event, "outcome").to_owned())
        .collect()
}

fn document(events: Vec<Value>) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"example": "https://ns.example.com/epcis/"}],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-01T09:00:00.000+01:00",
        "epcisBody": {"eventList": events},
    })
}

fn event(hour: u8, more: Value) -> Value {
    let mut event = json!({
        "type": "ObjectEvent", "eventTime": format!("2026-02-20T{hour:02}:00:00+01:00"), "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
    });
    event
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    event
}

fn made() -> Value {
    event(
        1,
        json!({
            "action": "ADD", "bizStep": "commissioning", "disposition": "active", "example:line": 3,
            "quantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.A1", "quantity": 30}],
            "ilmd": {"cbvmda:lotNumber": "A1", "cbvmda:itemExpirationDate": "2049-12-31"},
        }),
    )
}

fn sgtin(number: u32) -> String {
    format!("urn:epc:id:sgtin:9506000.013435.SN{number:04}")
}

fn between(mut event: Value, from: &str, to: &str) -> Value {
    let gln = |kind: &str| {
        let (_, gln) = GLNS
            .into_iter()
            .find(|(known, _)| *known == kind)
            .expect("known");
        format!("https://id.gs1.org/417/{gln}")
    };
    event["sourceList"] = json!([
        {"type": "possessing_party", "source": gln(from)}, {"type": "owning_party", "source": gln(from)},
    ]);
    event["destinationList"] = json!([
        {"type": "possessing_party", "destination": gln(to)}, {"type": "owning_party", "destination": gln(to)},
    ]);
    event
}

fn hashes(stage: &Stage, document: &Value) -> Vec<String> {
    let path = text(&stage.chain.world.json("hashed.json", document));
    let answer = stage.chain.run("stranger", &["epcis", "hash", &path]);
    let events = answer["events"].as_array().expect("events");
    events
        .iter()
        .map(|event| field(event, "hash").to_owned())
        .collect()
}

#[test]
fn from_documents_to_the_ledger_and_back() {
    let stage = Stage::new();
    let batch = stage.batch();
    let case: Vec<String> = (0..6).map(sgtin).collect();
    let (first, pallet) = (
        "urn:epc:id:sscc:9506000.0000000001",
        "urn:epc:id:sscc:9506000.0000000002",
    );
    let second: Vec<String> = (6..12).map(sgtin).collect();
    let packed = |hour, parent: &str, children: &[String]| {
        event(
            hour,
            json!({"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": parent, "childEPCs": children}),
        )
    };
    let mut onto = packed(3, pallet, &[first.to_owned()]);
    onto["childEPCs"]
        .as_array_mut()
        .expect("a list")
        .extend(second.iter().map(|epc| json!(epc)));
    let shipped = between(
        event(
            4,
            json!({"bizStep": "shipping", "disposition": "in_transit", "epcList": [pallet],
            "bizTransactionList": [{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:9506000134352:ASN1"}]}),
        ),
        "manufacturer",
        "wholesaler",
    );
    let made = document(vec![
        made(),
        packed(2, first, &case),
        onto.clone(),
        shipped.clone(),
    ]);

    // What would be sent, and that nothing was.
    let mut plan = stage.capture("manufacturer", &made, &registered_with(&stage));
    plan.push("--plan".to_owned());
    let planned = stage.chain.run("manufacturer-staff", &plan);
    assert_eq!(
        outcomes(&planned),
        ["planned", "noted", "noted", "waits"],
        "{planned:#}"
    );
    let acts = planned["events"][0]["acts"].as_array().expect("acts");
    let names: Vec<&str> = acts.iter().map(|act| field(act, "instruction")).collect();
    assert_eq!(names, ["register_product", "register_batch"]);
    assert_eq!(
        stage.chain.refused("stranger", &["batch", "show", &batch]),
        "not_found"
    );

    // Sent, and again: nothing.
    let registration = registered_with(&stage);
    assert_eq!(
        stage.captured("manufacturer", &made, &registration),
        ["sent", "noted", "noted", "sent"]
    );
    assert_eq!(
        stage.captured("manufacturer", &made, &registration),
        ["already", "noted", "noted", "already"]
    );
    // Without the journal the ledger tells.
    std::fs::remove_dir_all(stage.chain.world.path("manufacturer-staff-store")).expect("removed");
    let shown = stage.chain.run("stranger", &["batch", "show", &batch]);
    assert_eq!(
        (shown["quantity"].as_u64(), field(&shown, "expiry")),
        (Some(30), "2049-12-31")
    );
    let after = stage.captured("manufacturer", &made, &registration);
    assert_eq!(after, ["already", "noted", "noted", "already"]);

    // The wholesaler accepts what its document names by the packs in it, and sends a case on.
    let both: Vec<String> = (0..12).map(sgtin).collect();
    let received = between(
        event(
            5,
            json!({"bizStep": "receiving", "disposition": "in_progress", "epcList": both}),
        ),
        "manufacturer",
        "wholesaler",
    );
    let onward = between(
        event(
            6,
            json!({"bizStep": "shipping", "disposition": "in_transit", "epcList": case}),
        ),
        "wholesaler",
        "pharmacy",
    );
    assert_eq!(
        stage.captured("wholesaler", &document(vec![received, onward]), &[]),
        ["sent", "sent"]
    );
    let page = [
        "batch",
        "open-page",
        &batch,
        &stage.leaves,
        "--serial",
        "SN0000",
    ];
    stage.chain.run("manufacturer-staff", &page);
    let accepted = between(
        event(7, json!({"bizStep": "receiving", "epcList": case})),
        "wholesaler",
        "pharmacy",
    );
    let dispensed = event(
        8,
        json!({"bizStep": "dispensing", "disposition": "dispensed", "epcList": [sgtin(0)]}),
    );
    let broken = event(
        9,
        json!({"action": "DELETE", "bizStep": "destroying", "disposition": "destroyed", "epcList": [sgtin(1)]}),
    );
    let aside = event(
        10,
        json!({"bizStep": "holding", "disposition": "non_sellable_other", "epcList": [sgtin(2)]}),
    );
    let pharmacy = document(vec![accepted, dispensed, broken, aside]);
    assert_eq!(stage.captured("pharmacy", &pharmacy, &[]), ["sent"; 4]);
    assert_eq!(stage.captured("pharmacy", &pharmacy, &[]), ["already"; 4]);
    let check = |serial: &str| {
        #[rustfmt::skip]
        let args = ["pack", "check", &batch, &stage.leaves, "--serial", serial, "--org", stage.org("pharmacy"), "--output", "json"];
        let output = stage
            .chain
            .galen("pharmacy-staff")
            .args(args)
            .output()
            .expect("run");
        field(&common::document(&output), "answer").to_owned()
    };
    assert_eq!(
        [
            check("SN0000"),
            check("SN0001"),
            check("SN0002"),
            check("SN0003")
        ],
        ["dispensed", "not_sellable", "not_sellable", "sellable"]
    );
    let recalled = event(
        11,
        json!({"bizStep": "holding", "disposition": "recalled", "epcList": second}),
    );
    assert_eq!(
        stage.captured("manufacturer", &document(vec![recalled]), &[]),
        ["sent"]
    );

    // Back out of the ledger: valid, the same twice, and what was captured here as it was.
    let told = stage.export("stranger", &batch, &[]);
    let path = text(&stage.chain.world.json("export.json", &told));
    let verdict = stage.chain.run("stranger", &["epcis", "validate", &path]);
    assert_eq!(
        (&verdict["valid"], verdict["events"].as_u64()),
        (&json!(true), Some(9)),
        "{verdict:#}"
    );
    assert_eq!(stage.export("stranger", &batch, &[]), told);
    let ids: Vec<String> = told["epcisBody"]["eventList"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| field(event, "eventID").to_owned())
        .collect();
    assert_eq!(hashes(&stage, &told), ids);
    let own = stage.export("pharmacy-staff", &batch, &[]);
    let before = hashes(&stage, &pharmacy);
    let after = hashes(&stage, &own);
    assert!(
        before.iter().all(|hash| after.contains(hash)),
        "{before:#?}\n{own:#}"
    );
    assert_ne!(after, ids);
    assert_eq!(
        hashes(
            &stage,
            &stage.export("pharmacy-staff", &batch, &["--ledger-only"])
        ),
        ids
    );

    // What the ledger tells is on the ledger: captured again by whoever acted, nothing is sent.
    for kind in ["manufacturer", "wholesaler", "pharmacy"] {
        let outcomes = stage.captured(kind, &told, &["--skip-unmapped"]);
        assert!(
            outcomes
                .iter()
                .all(|outcome| outcome == "already" || outcome == "unmapped"),
            "{outcomes:?}"
        );
        assert!(outcomes.contains(&"already".to_owned()), "{kind}");
    }
}

#[test]
fn what_cannot_be_mapped_is_named_and_nothing_is_sent() {
    let stage = Stage::new();
    let staff = "manufacturer-staff";
    let ship = |epc: &str| {
        between(
            event(4, json!({"bizStep": "shipping", "epcList": [epc]})),
            "manufacturer",
            "wholesaler",
        )
    };
    let mut unknown = ship(&sgtin(0));
    unknown["destinationList"] = json!([{"type": "possessing_party", "destination": "https://id.gs1.org/417/4012345000009"}]);
    let mut nobody = ship(&sgtin(0));
    nobody
        .as_object_mut()
        .expect("an object")
        .remove("destinationList");
    let mut taken_back = ship(&sgtin(0));
    taken_back["errorDeclaration"] = json!({"declarationTime": "2026-02-21T00:00:00Z"});
    let quantity = |count: u32| json!([{"epcClass": "https://id.gs1.org/01/09506000134352/10/A1", "quantity": count}]);
    for (event, code, at) in [
        (
            event(1, json!({"bizStep": "storing", "epcList": [sgtin(0)]})),
            "not_on_ledger",
            "",
        ),
        (ship(&sgtin(99)), "unknown_serial", ".epcList[0]"),
        (
            ship("urn:epc:id:sscc:9506000.0000000009"),
            "unknown_sscc",
            ".epcList[0]",
        ),
        (
            ship("urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"),
            "unknown_epc",
            ".epcList[0]",
        ),
        (unknown, "party_unknown", ".destinationList[0].destination"),
        (nobody, "recipient_missing", ".destinationList"),
        (taken_back, "error_declaration", ""),
        (
            between(ship(&sgtin(0)), "wholesaler", "pharmacy"),
            "other_party",
            "",
        ),
        (
            event(
                1,
                json!({"bizStep": "holding", "disposition": "damaged", "quantityList": quantity(5)}),
            ),
            "quantity_unmapped",
            ".quantityList[0]",
        ),
        (
            event(
                1,
                json!({"action": "ADD", "bizStep": "commissioning", "epcList": [sgtin(0)]}),
            ),
            "lot_incomplete",
            "",
        ),
        (
            event(
                1,
                json!({"bizStep": "dispensing", "disposition": "partially_dispensed", "epcList": [sgtin(0)]}),
            ),
            "units_unknown",
            "",
        ),
        (
            event(
                1,
                json!({"type": "AggregationEvent", "action": "ADD", "parentID": "urn:epc:id:sscc:9506000.0000000001", "childEPCs": [sgtin(0), sgtin(7)]}),
            ),
            "not_one_place",
            "",
        ),
    ] {
        let args = stage.capture("manufacturer", &document(vec![event]), &[]);
        let output = stage
            .chain
            .galen(staff)
            .args(&args)
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run");
        let answer = common::document(&output);
        assert_eq!(common::code(&output), 1, "{answer:#}");
        assert_eq!(
            common::error(&answer),
            (code.to_owned(), format!("epcisBody.eventList[0]{at}"))
        );
    }
    // Not even what could be.
    let mixed = document(vec![
        made(),
        event(2, json!({"bizStep": "storing", "epcList": [sgtin(0)]})),
    ]);
    let registration = registered_with(&stage);
    let args = stage.capture("manufacturer", &mixed, &registration);
    assert_eq!(stage.chain.refused(staff, &args), "not_on_ledger");
    let batch = stage.batch();
    assert_eq!(
        stage.chain.refused("stranger", &["batch", "show", &batch]),
        "not_found"
    );
    let more: Vec<&str> = registration
        .iter()
        .copied()
        .chain(["--skip-unmapped"])
        .collect();
    assert_eq!(
        stage.captured("manufacturer", &mixed, &more),
        ["sent", "unmapped"]
    );
    // Neither what is no EPCIS nor another batch's leaf file comes so far.
    let mut wrong = document(vec![made()]);
    wrong["epcisBody"]["eventList"][0]["bizStep"] = json!("comissioning");
    assert_eq!(
        stage
            .chain
            .refused(staff, &stage.capture("manufacturer", &wrong, &[])),
        "not_in_vocabulary"
    );
    let leaves = std::fs::read(&stage.leaves).expect("read");
    let other = text(&stage.chain.world.path("other.leaves"));
    let list = text(&stage.chain.world.write("others.txt", "X1\nX2\n"));
    stage.chain.run(
        staff,
        &["batch", "build", &list, "--gtin", GTIN, "--leaves", &other],
    );
    let export = |leaves: &str| {
        ["epcis", "export", "--batch", &batch, "--leaves", leaves].map(str::to_owned)
    };
    assert_eq!(
        stage.chain.refused("stranger", &export(&other)),
        "wrong_leaf_file"
    );
    // Cut, and with two records changed about.
    let cut = text(&stage.chain.world.path("cut.leaves"));
    std::fs::write(&cut, &leaves[..leaves.len() - 100]).expect("written");
    assert_eq!(
        stage.chain.refused("stranger", &export(&cut)),
        "leaf_file_damaged"
    );
}

/// A server of proofs, stopped at the end.
struct Proofs {
    process: Child,
    address: String,
}

impl Proofs {
    fn of(stage: &Stage, batch: &str, per_minute: &str) -> Self {
        let mut process = Command::new(assert_cmd::cargo::cargo_bin("galen"))
            .args(stage.chain.flags("stranger", "stranger-store"))
            .args(["batch", "serve", &format!("{batch}={}", stage.leaves)])
            .args([
                "--listen",
                "127.0.0.1:0",
                "--per-minute",
                per_minute,
                "--output",
                "json",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let announced: Value = serde_json::from_str(&line).expect("JSON");
        Self {
            process,
            address: field(&announced, "listening").to_owned(),
        }
    }

    fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("read");
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        (status, serde_json::from_str(body).expect("JSON"))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path)
    }
}

impl Drop for Proofs {
    fn drop(&mut self) {
        self.process.kill().expect("stopped");
        self.process.wait().expect("gone");
    }
}

#[test]
fn proofs_are_served_to_those_who_know_a_serial_number() {
    let stage = Stage::new();
    stage.captured(
        "manufacturer",
        &document(vec![made()]),
        &registered_with(&stage),
    );
    let batch = stage.batch();
    let proofs = Proofs::of(&stage, &batch, "60");
    assert_eq!(proofs.get("/health"), (200, json!({"batches": 1})));

    let (status, served) = proofs.get(&format!("/01/{GTIN}/21/SN0003"));
    assert_eq!((status, field(&served, "batch")), (200, batch.as_str()));
    let proof = text(&stage.chain.world.json("proof.json", &served["proof"]));
    let shown = stage.chain.run("stranger", &["batch", "show", &batch]);
    let verdict = stage.chain.run(
        "stranger",
        &["batch", "verify", &proof, "--root", field(&shown, "root")],
    );
    assert_eq!(verdict["valid"], true);

    let asked = |lot: &str, serial: &str, expiry: &str| {
        let path = format!("/gtin/{GTIN}/lot/{lot}/ser/{serial}?exp={expiry}&linkType=verificationService&context=dscsaSaleableReturn&corrUUID=77");
        let (status, answer) = proofs.get(&path);
        assert_eq!(
            (status, field(&answer, "corrUUID")),
            (200, "77"),
            "{answer:#}"
        );
        answer["data"].clone()
    };
    let failed = |reason: &str| json!({"verified": false, "verificationFailureReason": reason});
    assert_eq!(asked("A1", "SN0003", "491231"), json!({"verified": true}));
    assert_eq!(
        asked("A1", "SN0099", "491231"),
        failed("No_match_GTIN_Serial")
    );
    assert_eq!(
        asked("B1", "SN0003", "491231"),
        failed("No_match_GTIN_Serial_Lot")
    );
    assert_eq!(
        asked("A1", "SN0003", "491130"),
        failed("No_match_GTIN_Serial_Expiry")
    );
    assert_eq!(
        asked("B1", "SN0003", "491130"),
        failed("No_match_GTIN_Serial_Lot_Expiry")
    );
    let recalled = event(
        11,
        json!({"bizStep": "holding", "disposition": "recalled", "epcList": (0..6).map(sgtin).collect::<Vec<_>>()}),
    );
    stage.captured("manufacturer", &document(vec![recalled]), &[]);
    let mut expected = failed("Manufacturer_policy");
    expected["additionalInfo"] = json!("Recalled");
    assert_eq!(asked("A1", "SN0003", "491231"), expected);
    assert_eq!(asked("A1", "SN0007", "491231"), json!({"verified": true}));
    let (_, answer) = proofs.get(&format!(
        "/01/{GTIN}/21/SN0007?linkType=gs1:verificationService"
    ));
    assert_eq!(field(&answer, "responderGLN"), GLNS[0].1);

    let refused = |answer: (u16, Value)| (answer.0, field(&answer.1["error"], "code").to_owned());
    for (path, status, code) in [
        (format!("/01/{GTIN}/21/SN0099"), 404, "unknown_serial"),
        (format!("/01/{GTIN}/21/sn0003"), 404, "unknown_serial"),
        (format!("/01/{GTIN}"), 400, "serial_missing"),
        (
            "/01/09506000134353/21/SN0003".to_owned(),
            400,
            "bad_check_digit",
        ),
        ("/".to_owned(), 404, "no_primary_key"),
        ("/batches".to_owned(), 404, "no_primary_key"),
        (
            format!("/01/{GTIN}/21/{}", "9".repeat(3_000)),
            414,
            "too_long",
        ),
    ] {
        let answer = proofs.get(&path);
        assert!(!answer.1.to_string().contains("SN00"), "{answer:?}");
        assert_eq!(refused(answer), (status, code.to_owned()), "{path}");
    }
    assert_eq!(
        refused(proofs.ask("POST", "/health")),
        (405, "method_not_allowed".to_owned())
    );
    let stopped = (0..60)
        .map(|_| proofs.get("/health").0)
        .find(|status| *status != 200);
    assert_eq!(stopped, Some(429));
    drop(proofs);

    // The same by hand, and leaf files that are not the anchored one.
    let by_hand = |code: &str, leaves: &str| {
        let args = [
            "batch",
            "verify-request",
            code,
            "--batch",
            &format!("{batch}={leaves}"),
            "--output",
            "json",
        ]
        .map(str::to_owned);
        let output = stage
            .chain
            .galen("stranger")
            .args(args)
            .output()
            .expect("run");
        (common::code(&output), common::document(&output))
    };
    let (exit, answer) = by_hand(
        &format!("(01){GTIN}(17)491231(10)A1(21)SN0007"),
        &stage.leaves,
    );
    assert_eq!((exit, &answer["data"]["verified"]), (0, &json!(true)));
    let (exit, answer) = by_hand(&format!("(01){GTIN}(10)B1(21)SN0007"), &stage.leaves);
    assert_eq!(
        (exit, field(&answer["data"], "verificationFailureReason")),
        (1, "No_match_GTIN_Serial_Lot")
    );
    let mut bytes = std::fs::read(&stage.leaves).expect("read");
    // The order of two serial numbers, near the end: the root stays as it is.
    let order = 64 + 30 * 36;
    bytes.swap(order, order + 4);
    let reordered = text(&stage.chain.world.path("reordered.leaves"));
    std::fs::write(&reordered, &bytes).expect("written");
    let code = format!("(01){GTIN}(21)SN0007");
    assert_eq!(
        common::error(&by_hand(&code, &reordered).1).0,
        "wrong_leaf_file"
    );
    let cut = text(&stage.chain.world.path("cut.leaves"));
    std::fs::write(&cut, &bytes[..bytes.len() - 1]).expect("written");
    assert_eq!(
        common::error(&by_hand(&code, &cut).1).0,
        "leaf_file_damaged"
    );
    let public = [
        "batch",
        "serve",
        &format!("{batch}={}", stage.leaves),
        "--listen",
        "0.0.0.0:0",
    ]
    .map(str::to_owned);
    assert_eq!(stage.chain.refused("stranger", &public), "not_local");
}

#[test]
fn statements_go_with_sales_and_with_nothing_else() {
    let stage = Stage::new();
    stage.captured(
        "manufacturer",
        &document(vec![made()]),
        &registered_with(&stage),
    );
    let batch = stage.batch();
    let one = event(
        1,
        json!({"bizStep": "holding", "disposition": "damaged", "epcList": [sgtin(20)]}),
    );
    let early = stage.capture("manufacturer", &document(vec![one]), &[]);
    assert_eq!(
        stage.chain.refused("manufacturer-staff", &early),
        "page_missing"
    );
    let page = [
        "batch",
        "open-page",
        &batch,
        &stage.leaves,
        "--serial",
        "SN0000",
    ];
    stage.chain.run("manufacturer-staff", &page);
    let pallet: Vec<String> = (0..12).map(sgtin).collect();
    let case: Vec<String> = (0..6).map(sgtin).collect();
    let ship = |hour, epcs: &[String], from, to| {
        between(
            event(hour, json!({"bizStep": "shipping", "epcList": epcs})),
            from,
            to,
        )
    };
    let receive = |hour, epcs: &[String], from, to| {
        between(
            event(hour, json!({"bizStep": "receiving", "epcList": epcs})),
            from,
            to,
        )
    };
    stage.captured(
        "manufacturer",
        &document(vec![ship(2, &pallet, "manufacturer", "wholesaler")]),
        &[],
    );
    stage.captured(
        "wholesaler",
        &document(vec![
            receive(3, &pallet, "manufacturer", "wholesaler"),
            ship(4, &case, "wholesaler", "pharmacy"),
        ]),
        &[],
    );

    let mut details = json!({
        "product": {"name": "Examplin", "strength": "10 mg", "dosage_form": "tablet", "ndc": "12345-678-90", "container_size": "30 tablets"},
        "parties": GLNS.map(|(kind, _)| json!({"organization": stage.org(kind), "name": format!("The {kind}"), "address": "1 Main Street, Springfield, IL 62701"})),
    });
    let statement = |details: &Value, place: &str, more: &[&str]| -> Vec<String> {
        let details = text(&stage.chain.world.json("details.json", details));
        #[rustfmt::skip]
        let args = ["dscsa", "statement", "--batch", &batch, "--leaves", &stage.leaves, "--place", place, "--details", &details];
        args.iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    };
    let csv = text(&stage.chain.world.path("packs.csv"));
    let told = stage.chain.run(
        "stranger",
        &statement(&details, "case:0", &["--history", "--csv", &csv]),
    );
    let about = &told["information"];
    assert_eq!(
        (field(&about["from"], "name"), field(&about["to"], "name")),
        ("The wholesaler", "The pharmacy")
    );
    assert_eq!(
        (
            about["containers"].as_u64(),
            field(about, "lot"),
            field(about, "expiry")
        ),
        (Some(6), "A1", "2049-12-31")
    );
    assert_eq!(told["packs"].as_array().map(Vec::len), Some(6));
    assert_eq!(told["statement"].as_array().map(Vec::len), Some(7));
    let history = told["history"].as_array().expect("a history");
    assert_eq!(history.len(), 1);
    assert_eq!(field(&history[0]["from"], "name"), "The manufacturer");
    let over = statement(&details, "case:0", &["--csv", &csv]);
    assert_eq!(stage.chain.refused("stranger", &over), "file_exists");
    let rows = std::fs::read_to_string(&csv).expect("written");
    assert_eq!(rows.lines().count(), 7);
    assert!(
        rows.lines().nth(1).expect("a row").starts_with(
            "Examplin,10 mg,tablet,12345-678-90,30 tablets,09506000134352,SN0000,A1,2049-12-31,"
        ),
        "{rows}"
    );

    let epcis = stage
        .chain
        .run("stranger", &statement(&details, "case:0", &["--epcis"]));
    let path = text(&stage.chain.world.json("statement.json", &epcis));
    let verdict = stage.chain.run("stranger", &["epcis", "validate", &path]);
    assert_eq!(
        (&verdict["valid"], verdict["events"].as_u64()),
        (&json!(true), Some(2)),
        "{verdict:#}"
    );
    let header = &epcis["epcisHeader"];
    assert_eq!(
        header["gs1ushc:dscsaTransactionStatement"]["gs1ushc:affirmTransactionStatement"],
        true
    );
    let events = epcis["epcisBody"]["eventList"].as_array().expect("events");
    let (made, sold) = (&events[0], &events[1]);
    assert_eq!(
        made["ilmd"],
        json!({"cbvmda:lotNumber": "A1", "cbvmda:itemExpirationDate": "2049-12-31"})
    );
    assert_eq!(made["epcList"].as_array().map(Vec::len), Some(6));
    assert_eq!(made["epcList"], sold["epcList"]);
    // The parties are named in the header as in the events.
    let parties = &header["epcisMasterData"]["vocabularyList"][1]["vocabularyElementList"];
    assert_eq!(
        [&parties[0]["id"], &parties[1]["id"]],
        [
            &sold["sourceList"][0]["source"],
            &sold["destinationList"][0]["destination"]
        ]
    );
    // Whoever knows the SSCC tells it, and what is in it.
    let sscc = "urn:epc:id:sscc:9506000.0000000001";
    let packed = event(
        1,
        json!({"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": sscc, "childEPCs": case}),
    );
    stage.captured("wholesaler", &document(vec![packed]), &[]);
    let named = stage.chain.run(
        "wholesaler-staff",
        &statement(&details, "case:0", &["--epcis"]),
    );
    let events = named["epcisBody"]["eventList"].as_array().expect("events");
    let [commissioned, aggregated, shipped] = events.as_slice() else {
        panic!("{named:#}");
    };
    assert_eq!(commissioned["epcList"], made["epcList"]);
    assert_eq!(aggregated["childEPCs"], made["epcList"]);
    assert_eq!(shipped["epcList"], json!([aggregated["parentID"]]));
    let path = text(&stage.chain.world.json("named.json", &named));
    let verdict = stage.chain.run("stranger", &["epcis", "validate", &path]);
    assert_eq!(verdict["valid"], true, "{verdict:#}");
    let both = stage
        .chain
        .galen("stranger")
        .args(statement(&details, "case:0", &["--epcis", "--history"]))
        .output()
        .expect("run");
    assert_eq!(common::code(&both), 2);

    let exempt = stage.chain.run(
        "stranger",
        &statement(&details, "case:0", &["--exempt", "intracompany"]),
    );
    assert_eq!(
        (&exempt["transaction"], field(&exempt["exempt"], "section")),
        (&json!(false), "581(24)(B)(i)")
    );

    let refused = |details: &Value, place: &str| {
        stage
            .chain
            .refused("stranger", &statement(details, place, &[]))
    };
    assert_eq!(refused(&details, "case:1"), "not_shipped");
    details["product"]["ndc"] = json!("1234-5678-90-1");
    assert_eq!(refused(&details, "case:0"), "bad_ndc");
    details["product"]["ndc"] = json!("12345-678-90");
    details["product"]["strength"] = json!(" ");
    assert_eq!(refused(&details, "case:0"), "empty_field");
    details["product"]["strength"] = json!("10 mg");
    let parties = details["parties"]
        .as_array_mut()
        .expect("a list")
        .split_off(2);
    assert_eq!(refused(&details, "case:0"), "party_missing");
    details["parties"]
        .as_array_mut()
        .expect("a list")
        .extend(parties);

    // Possession alone, a return, and what is set aside.
    stage.captured(
        "pharmacy",
        &document(vec![receive(5, &case, "wholesaler", "pharmacy")]),
        &[],
    );
    let back = |hour, epc: u32, disposition: &str| {
        between(
            event(
                hour,
                json!({"bizStep": "shipping", "disposition": disposition, "epcList": [sgtin(epc)]}),
            ),
            "pharmacy",
            "wholesaler",
        )
    };
    let mut lent = ship(6, &[sgtin(6)], "wholesaler", "pharmacy");
    for list in ["sourceList", "destinationList"] {
        lent[list].as_array_mut().expect("a list").truncate(1);
    }
    stage.captured("wholesaler", &document(vec![lent]), &[]);
    // What a pharmacy sends to its wholesaler is a return, whatever it says.
    let ticked = back(7, 1, "returned");
    stage.captured(
        "pharmacy",
        &document(vec![back(6, 0, "in_transit"), ticked]),
        &[],
    );
    // Cases are padded to eight.
    assert_eq!(refused(&details, "pack:8"), "not_a_transaction");
    assert_eq!(refused(&details, "pack:0"), "returned");
    assert_eq!(refused(&details, "pack:1"), "returned");
    let damaged = json!({"bizStep": "holding", "disposition": "damaged", "epcList": [sgtin(8)]});
    let sold = ship(9, &[sgtin(8)], "wholesaler", "pharmacy");
    stage.captured("wholesaler", &document(vec![event(8, damaged), sold]), &[]);
    assert_eq!(refused(&details, "pack:10"), "not_sellable");
}

/// Packs of a case, by their serial numbers.
fn packs_of_case(case: u32) -> Vec<String> {
    (case * 6..(case + 1) * 6).map(sgtin).collect()
}

/// A hand-over of these things, sold; `step` is `shipping`, `receiving` or `void_shipping`.
fn handed_over(hour: u8, step: &str, epcs: &[String], from: &str, to: &str) -> Value {
    between(
        event(hour, json!({"bizStep": step, "epcList": epcs})),
        from,
        to,
    )
}

impl Stage {
    /// A batch that is registered.
    fn registered() -> Self {
        let stage = Self::new();
        stage.captured(
            "manufacturer",
            &document(vec![made()]),
            &registered_with(&stage),
        );
        stage
    }

    /// Loses the journal of somebody's staff.
    fn forget(&self, kind: &str) {
        let store = self.chain.world.path(&format!("{kind}-staff-store"));
        std::fs::remove_dir_all(store).expect("removed");
    }
}

#[test]
fn an_event_that_was_stopped_half_way_is_finished() {
    let stage = Stage::registered();
    let (batch, staff) = (stage.batch(), "manufacturer-staff");
    let elsewhere = handed_over(3, "shipping", &packs_of_case(2), "manufacturer", "pharmacy");
    stage.captured("manufacturer", &document(vec![elsewhere]), &[]);
    // Two cases of two pallets: the second is on offer to another, and refused when the first is sent.
    let both = [packs_of_case(0), packs_of_case(2)].concat();
    let shipped = handed_over(4, "shipping", &both, "manufacturer", "wholesaler");
    let shipped = document(vec![shipped]);
    let capture = stage.capture("manufacturer", &shipped, &[]);
    stage.chain.refused(staff, &capture);
    let org = stage.org("manufacturer");
    stage
        .chain
        .run(staff, &["shipment", "end", &batch, "case:2", "--org", org]);
    let again = stage.chain.run(staff, &capture);
    assert_eq!(outcomes(&again), ["sent"]);
    let sent = |answer: &Value| answer["events"][0]["transactions"].as_array().map(Vec::len);
    assert_eq!(sent(&again), Some(1));
    let done = stage.chain.run(staff, &capture);
    assert_eq!(
        (outcomes(&done), sent(&done)),
        (vec!["already".to_owned()], Some(2))
    );

    // What comes after an event that sends nothing waits for nothing: it is refused for what it is.
    stage.forget("manufacturer");
    let mut more = shipped.clone();
    let aside = event(
        5,
        json!({"bizStep": "holding", "disposition": "damaged", "epcList": [sgtin(20)]}),
    );
    let events = &mut more["epcisBody"]["eventList"];
    events.as_array_mut().expect("a list").push(aside);
    let plan = stage.capture("manufacturer", &more, &["--plan"]);
    assert_eq!(stage.chain.refused(staff, &plan), "page_missing");
    let mut other = made();
    other["ilmd"]["cbvmda:itemExpirationDate"] = json!("2029-12-31");
    let other = stage.capture("manufacturer", &document(vec![other]), &[]);
    assert_eq!(stage.chain.refused(staff, &other), "expiry_mismatch");

    let received = handed_over(5, "receiving", &both, "manufacturer", "wholesaler");
    let wholesaler = document(vec![received]);
    assert_eq!(stage.captured("wholesaler", &wholesaler, &[]), ["sent"]);
}

impl Stage {
    /// The arguments of a statement about a place.
    fn statement(&self, place: &str, more: &[&str]) -> Vec<String> {
        let details = json!({
            "product": {"name": "Examplin", "strength": "10 mg", "dosage_form": "tablet", "ndc": "12345-678-90", "container_size": "30 tablets"},
            "parties": GLNS.map(|(kind, _)| json!({"organization": self.org(kind), "name": format!("The {kind}"), "address": "1 Main Street, Springfield, IL 62701"})),
        });
        let details = text(&self.chain.world.json("details.json", &details));
        let batch = self.batch();
        #[rustfmt::skip]
        let args = ["dscsa", "statement", "--batch", &batch, "--leaves", &self.leaves, "--place", place, "--details", &details];
        args.iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    }

    /// The serial numbers that a statement lists; as many as it counts.
    fn stated(&self, place: &str) -> Vec<String> {
        let told = self.chain.run("stranger", &self.statement(place, &[]));
        let packs = told["packs"].as_array().expect("packs");
        assert_eq!(
            told["information"]["containers"].as_u64(),
            u64::try_from(packs.len()).ok()
        );
        let serials = packs.iter().map(|serial| serial.as_str().expect("text"));
        serials.map(str::to_owned).collect()
    }

    /// Sells from one to another, who accepts it.
    fn sell(&self, epcs: &[String], from: &str, to: &str) {
        self.captured(
            from,
            &document(vec![handed_over(4, "shipping", epcs, from, to)]),
            &[],
        );
        self.captured(
            to,
            &document(vec![handed_over(5, "receiving", epcs, from, to)]),
            &[],
        );
    }
}

#[test]
fn a_statement_is_of_what_was_sold_and_of_nothing_else() {
    let stage = Stage::registered();
    let (batch, staff) = (stage.batch(), "manufacturer-staff");
    #[rustfmt::skip]
    let page = ["batch", "open-page", &batch, &stage.leaves, "--serial", "SN0000"];
    stage.chain.run(staff, &page);
    let serials = |from: u32, to: u32| -> Vec<String> {
        (from..to).map(|number| format!("SN{number:04}")).collect()
    };
    let refused = |place: &str| {
        stage
            .chain
            .refused("stranger", &stage.statement(place, &[]))
    };
    let pallet = [packs_of_case(0), packs_of_case(1)].concat();

    // A case that was sold before its pallet is no part of the pallet's sale.
    let case = packs_of_case(0);
    let offered = handed_over(2, "shipping", &case, "manufacturer", "wholesaler");
    stage.captured("manufacturer", &document(vec![offered]), &[]);
    assert_eq!(stage.stated("case:0"), serials(0, 6));
    stage.sell(&pallet, "manufacturer", "pharmacy");
    assert_eq!(stage.stated("pallet:0"), serials(6, 12));

    // What was withdrawn is no sale.
    let org = stage.org("manufacturer");
    stage
        .chain
        .run(staff, &["shipment", "end", &batch, "case:0", "--org", org]);
    assert_eq!(refused("case:0"), "not_shipped");

    // Nor are later sales of a pallet the history of a pack that had left it.
    stage.sell(&case, "manufacturer", "wholesaler");
    let again = handed_over(6, "shipping", &pallet, "pharmacy", "wholesaler");
    stage.captured("pharmacy", &document(vec![again]), &[]);
    let pack = [sgtin(3)];
    let sold = handed_over(7, "shipping", &pack, "wholesaler", "pharmacy");
    stage.captured("wholesaler", &document(vec![sold]), &[]);
    let told = stage
        .chain
        .run("stranger", &stage.statement("pack:3", &["--history"]));
    let history = told["history"].as_array().expect("a history");
    let names: Vec<&str> = history
        .iter()
        .map(|sale| field(&sale["to"], "name"))
        .collect();
    assert_eq!(names, ["The wholesaler"]);
    let back = ["shipment", "end", &batch, "pallet:0", "--org"];
    let by_pharmacy = [&back[..], &[stage.org("pharmacy")]].concat();
    stage.chain.run("pharmacy-staff", &by_pharmacy);

    // What the recipient refused was not sold.
    let offered = handed_over(
        8,
        "shipping",
        &packs_of_case(4),
        "manufacturer",
        "wholesaler",
    );
    stage.captured("manufacturer", &document(vec![offered]), &[]);
    assert_eq!(stage.stated("case:4"), serials(24, 30));
    let accept = ["shipment", "accept", &batch, "case:4", "--refuse", "33"];
    stage.chain.run("wholesaler-staff", &accept);
    let mut left = serials(24, 30);
    left.remove(1);
    assert_eq!(stage.stated("case:4"), left);

    // A pallet that is set aside is none of the business of a case that had left it; a recalled case inside it is.
    stage.sell(&packs_of_case(2), "manufacturer", "pharmacy");
    let rest = [packs_of_case(2), packs_of_case(3)].concat();
    let aside = |disposition: &str, epcs: &[String]| {
        let words = json!({"bizStep": "holding", "disposition": disposition, "epcList": epcs});
        stage.captured("manufacturer", &document(vec![event(9, words)]), &[]);
    };
    aside("damaged", &rest);
    assert_eq!(stage.stated("case:2"), serials(12, 18));
    aside("recalled", &packs_of_case(1));
    assert_eq!(refused("pallet:0"), "not_sellable");
}

#[test]
fn an_old_receipt_or_withdrawal_leaves_a_newer_offer_alone() {
    let stage = Stage::registered();
    let case = packs_of_case(0);
    let (maker, dealer) = ("manufacturer", "wholesaler");
    let one = |hour, step: &str, from: &str, to: &str| {
        document(vec![handed_over(hour, step, &case, from, to)])
    };
    // Withdrawn; offered again.
    let withdrawn = one(3, "void_shipping", maker, dealer);
    stage.captured(maker, &one(2, "shipping", maker, dealer), &[]);
    assert_eq!(stage.captured(maker, &withdrawn, &[]), ["sent"]);
    stage.captured(maker, &one(4, "shipping", maker, dealer), &[]);
    stage.forget(maker);
    assert_eq!(stage.captured(maker, &withdrawn, &[]), ["already"]);

    // Received, sent back, and offered once more.
    let received = one(5, "receiving", maker, dealer);
    assert_eq!(stage.captured(dealer, &received, &[]), ["sent"]);
    stage.captured(dealer, &one(6, "shipping", dealer, maker), &[]);
    stage.captured(maker, &one(7, "receiving", dealer, maker), &[]);
    stage.captured(maker, &one(8, "shipping", maker, dealer), &[]);
    stage.forget(dealer);
    assert_eq!(stage.captured(dealer, &received, &[]), ["already"]);

    // What another is said to have sent is not what is on offer.
    let other = one(9, "receiving", "pharmacy", dealer);
    let other = stage.capture(dealer, &other, &[]);
    assert_eq!(
        stage.chain.refused("wholesaler-staff", &other),
        "other_offer"
    );
    // The offer is still there, and the journal knows again which receipt was which: this one is new.
    let again = one(10, "receiving", maker, dealer);
    assert_eq!(stage.captured(dealer, &again, &[]), ["sent"]);
    assert_eq!(stage.captured(dealer, &again, &[]), ["already"]);
}
