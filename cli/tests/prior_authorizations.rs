//! Prior authorisations on a running validator: named by documents in each of the three forms, found on the ledger where a
//! document names none, and refused by their place where there is none of that number.

mod chain;
mod common;

use anchor_lang::AccountDeserialize;
use chain::claim_files::words;
use chain::field;
use chain::insured::{insured_by, Insured, MEMBER};
use chain::x12_files::interchange;
use claims::state::Claim;
use common::text;
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

/// The clinic of the test world.
const NPI: &str = "1234567893";
/// What the clinic's documents say of the visit and the patient, beside the member's number.
const VISIT: &str = "F-5582001";
const PATIENT: &str = "TESTMEMBER";
const POLICY: &str = "P-2026-0815";

struct World {
    insured: Insured,
    ticket: String,
}

impl World {
    /// A plan under which `A` needs an authorisation and `B` none.
    fn new() -> Self {
        let insured = insured_by(&json!({"benefits": [
            {"code": "A", "allowed": 10_000, "authorization": true}, {"code": "B", "allowed": 4_000},
        ]}));
        insured.fund(1_000_000);
        let ticket = insured.ticket("ticket.json");
        Self { insured, ticket }
    }

    fn authorize(&self, who: [&str; 2], code: &str, number: &str, units: &str) {
        let (from, to) = (self.insured.day(30), self.insured.day(0));
        let grant = ["member", "authorize", code, "--pool", &self.insured.pool];
        let what = ["--number", number, "--units", units, "--from", &from];
        let rest = ["--to", &to, who[0], who[1]];
        self.insured
            .chain()
            .run("clerk", &[&grant[..], &what, &rest].concat());
    }

    fn file(&self, name: &str, document: &Value) -> String {
        text(&self.insured.chain().world.json(name, document))
    }

    /// A claim for `code` in Galen's own form.
    fn own(&self, ago: u32, code: &str, authorization: Option<&str>) -> Value {
        json!({"service_date": self.insured.day(ago), "submitted": self.insured.day(0), "lines": [
            {"code": code, "charge": 10_000, "authorization": authorization},
        ]})
    }

    fn fhir(&self, number: &str, ago: u32, references: &[&str]) -> Value {
        let mut claim = self
            .insured
            .fhir_claim(number, MEMBER, ago, &[("A", 10_000)]);
        claim["insurance"][0]["preAuthRef"] = json!(references);
        claim
    }

    /// An 837P whose claim or line has a REF*G1.
    fn x12(&self, control: u32, ago: u32, before: &str, number: &str) -> String {
        let line: &[(&str, u32, u64)] = &[("A", 1, 10_000)];
        let claim = format!("X-558200{control}");
        let text = interchange(
            &self.insured,
            control,
            MEMBER,
            NPI,
            &[(claim.as_str(), ago, line)],
        );
        let (head, rest) = text.split_once(before).expect("a segment");
        let text = format!("{head}REF*G1*{number}~\n{before}{rest}");
        let (head, rest) = text.split_once("SE*").expect("a trailer");
        let (count, rest) = rest.split_once('*').expect("a count");
        let count: usize = count.parse().expect("a count");
        format!("{head}SE*{}*{rest}", count + 1)
    }

    /// Submits; how it ended, the reason of the first line's last adjustment, and the number of what it used up.
    fn submitted(&self, file: &str) -> (String, Option<u64>, u8) {
        let account = self.insured.submit(file, &self.ticket);
        let adjustments = account["lines"][0]["adjustments"].as_array();
        let last = adjustments.and_then(|list| list.last());
        let reason = last.and_then(|one| one["reason"].as_u64());
        let address = field(&account, "address").parse().expect("an address");
        (
            field(&account, "status").to_owned(),
            reason,
            self.claim(&address).lines[0].authorization,
        )
    }

    fn claim(&self, address: &Pubkey) -> Claim {
        let client = &self.insured.chain().client;
        let account = client.get_account(address).expect("the claim");
        Claim::try_deserialize(&mut account.data.as_slice()).expect("a claim")
    }

    /// Code and place of a refusal.
    fn refused(&self, words: &[&str]) -> (String, String) {
        let output = self
            .insured
            .chain()
            .galen("clinic")
            .args(words)
            .args(["--yes", "--output", "json"])
            .output()
            .expect("galen runs");
        assert_eq!(common::code(&output), 1);
        common::error(&common::document(&output))
    }
}

#[test]
fn documents_name_what_the_insurer_agreed_to_beforehand() {
    let world = World::new();
    let chain = world.insured.chain();
    let denied = |file: &str, reason: u64| {
        assert_eq!(
            world.submitted(file),
            ("denied".to_owned(), Some(reason), 0)
        );
    };
    let paid = |file: &str, number: u8| {
        let (status, _, used) = world.submitted(file);
        assert_eq!((status.as_str(), used), ("paid", number));
    };

    // Nothing was agreed to: what names nothing is denied, what names something says what is not there.
    denied(&world.file("absent.json", &world.own(2, "A", None)), 197);
    let unknown = "authorization_unknown";
    let own = world.file("own.json", &world.own(3, "A", Some("1")));
    let fhir = world.file("visit.json", &world.fhir("F-1", 4, &["2"]));
    let x12 = text(
        &chain
            .world
            .write("line.837", &world.x12(1, 5, "REF*6R*", "3")),
    );
    let whole = text(
        &chain
            .world
            .write("claim.837", &world.x12(2, 6, "HI*ABK", "4")),
    );
    for (file, at) in [
        (&own, "lines[0].authorization"),
        (&fhir, "Claim.insurance[0].preAuthRef[0]"),
        (&x12, "segment[22].REF02"),
        (&whole, "segment[18].REF02"),
    ] {
        let refused = world.refused(&world.insured.submission(file, &world.ticket));
        assert_eq!(refused, (unknown.to_owned(), at.to_owned()), "{file}");
    }
    let named = world.file("named.json", &world.own(3, "A", Some("A-1")));
    let refused = world.refused(&world.insured.submission(&named, &world.ticket));
    assert_eq!(refused.0, unknown);
    let flagged = world.file("flagged.json", &world.own(7, "A", None));
    let submission = world.insured.submission(&flagged, &world.ticket);
    let refused = world.refused(&[&submission[..], &["--authorization", "9"]].concat());
    assert_eq!(refused, (unknown.to_owned(), String::new()));

    // Each is used up by the claim that names it, whatever its form, and not by the first that comes.
    for number in ["1", "2", "3", "4", "5"] {
        world.authorize(["--id", MEMBER], "A", number, "1");
    }
    world.authorize(["--id", MEMBER], "B", "6", "1");
    paid(&whole, 4);
    paid(&x12, 3);
    paid(&fhir, 2);
    paid(&own, 1);
    // What names none gets what the ledger has; then nothing is left of any, and one about another service does not do.
    paid(&flagged, 5);
    let exhausted = world.file("exhausted.json", &world.own(8, "A", Some("5")));
    denied(&exhausted, 198);
    let other = world.file("other.json", &world.own(9, "A", Some("6")));
    assert_eq!(world.submitted(&other).0, "denied");

    // R4 does not say which item is meant by which of several.
    let several = world.file("several.json", &world.fhir("F-2", 10, &["1", "2"]));
    let refused = world.refused(&world.insured.submission(&several, &world.ticket));
    let at = "Claim.insurance[0].preAuthRef[1]".to_owned();
    assert_eq!(refused, ("unsupported".to_owned(), at));

    // The same before care: the question uses nothing up, and the claim that follows does.
    world.authorize(["--id", MEMBER], "A", "7", "1");
    let mut planned = world.fhir(VISIT, 11, &["7"]);
    planned["use"] = json!("predetermination");
    let planned = world.file("planned.json", &planned);
    let mut ask = world.insured.submission(&planned, &world.ticket);
    (ask[0], ask[1]) = ("predetermination", "ask");
    let answer = chain.run("clinic", &ask);
    assert_eq!(
        answer["account"]["totals"]["paid"],
        json!(10_000),
        "{answer:#}"
    );
    paid(&world.file("done.json", &world.fhir(VISIT, 11, &["7"])), 7);

    // Whichever form a document had.
    let numbers = [MEMBER, VISIT, PATIENT, POLICY, "X-5582001", "X-5582002"];
    chain.assert_nowhere(&numbers, &[]);
}

#[test]
fn a_batch_brings_what_its_documents_name_and_what_the_ledger_has() {
    let world = World::new();
    let chain = world.insured.chain();
    let members = [
        world.insured.written_member(1),
        world.insured.written_member(2),
    ];
    let table = world.insured.members_table("members", &members);
    for (member, number) in [(0, "1"), (0, "2"), (1, "1")] {
        let address = members[member].to_string();
        world.authorize(["--member", &address], "A", number, "1");
    }
    let claim = |number: &str, patient: &str, ago: u32, reference: Option<&str>| {
        let lines = [("A", 10_000)];
        let mut claim = world.insured.fhir_claim(number, patient, ago, &lines);
        if let Some(reference) = reference {
            claim["insurance"][0]["preAuthRef"] = json!([reference]);
        }
        claim.to_string()
    };
    let documents = [
        claim("N-1", "M-0", 2, Some("2")),
        claim("N-2", "M-0", 3, None),
        // Another member has it.
        claim("N-3", "M-1", 2, Some("2")),
        claim("N-4", "M-1", 3, None),
        // By now nothing is left.
        claim("N-5", "M-1", 4, Some("1")),
    ];
    let file = text(&chain.world.write("claims.ndjson", &documents.join("\n")));
    let mut batch = words(&world.insured, &file, &table).to_vec();
    let output = |words: &[&str]| {
        let output = chain
            .galen("clinic")
            .args(words)
            .args(["--yes", "--output", "json"])
            .output();
        common::document(&output.expect("galen runs"))
    };
    let stopped = output(&batch);
    let faults = stopped["faults"].as_array().expect("faults");
    let fault = ["document", "code", "at"].map(|name| faults[0][name].as_str());
    assert_eq!(
        (faults.len(), fault),
        (
            1,
            [
                Some("line 3"),
                Some("authorization_unknown"),
                Some("Claim.insurance[0].preAuthRef[0]")
            ]
        ),
        "{stopped:#}"
    );
    batch.push("--skip-invalid");
    let filed = output(&batch);
    assert_eq!(filed["filed"], json!(4), "{filed:#}");
    let rows = filed["claims"].as_array().expect("claims");
    let ends: Vec<(String, u8)> = rows
        .iter()
        .map(|row| {
            let address = field(row, "claim").parse().expect("an address");
            let used = world.claim(&address).lines[0].authorization;
            (field(row, "status").to_owned(), used)
        })
        .collect();
    let ended = |status: &str, used: u8| (status.to_owned(), used);
    assert_eq!(
        ends,
        [
            ended("paid", 2),
            ended("paid", 1),
            ended("paid", 1),
            ended("denied", 0)
        ],
        "{filed:#}"
    );
    assert_eq!(output(&batch)["filed"], json!(0));
}
