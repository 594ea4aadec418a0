//! Nothing that a document says of a person is on the ledger: claims are submitted, decided, appealed and taken back, and a
//! participant goes through a trial; then every byte of every account and transaction is searched for the documents' identifiers.

mod chain;
mod common;

use chain::accounts::{key, write};
use chain::claim_files::words;
use chain::field;
use chain::insured::{insured_by, Insured};
use chain::scan::{Needles, Search};
use chain::trial::trial;
use common::text;
use galen_rules::Date;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// Names, numbers and codes of the documents.
const FAMILY_NAME: &str = "Quillfeather";
const GIVEN_NAME: &str = "Zsigmondy";
const STREET: &str = "Hollowmere Lane";
const MEMBER_NUMBER: &str = "QX-7730918442";
const OTHER_MEMBER: &str = "QX-7730918459";
const FAMILY_NUMBER: &str = "FAM-8819204";
const POLICY: &str = "POL-7719203";
const CLAIM_NUMBER: &str = "CLM-5582001";
const DIAGNOSIS: &str = "S72.0419";
/// Procedures: on the ledger stand their keyed identifiers.
const PROCEDURES: [&str; 3] = ["HX40177", "QK99312", "VN20868"];
/// Before 1970: as a number of days it is like no slot, count or amount.
const BIRTH_DAY: &str = "1957-03-14";

/// Of a participant of a trial.
const SUBJECT: &str = "SUBJ-7740199";
const TAXPAYER: &str = "912-44-7081";
const VALUE: &str = "182.4471093";

fn needles() -> Needles {
    let mut needles = Needles::default();
    for text in [
        FAMILY_NAME,
        GIVEN_NAME,
        STREET,
        MEMBER_NUMBER,
        OTHER_MEMBER,
        FAMILY_NUMBER,
        POLICY,
        CLAIM_NUMBER,
        DIAGNOSIS,
    ] {
        needles.text(text);
    }
    for code in PROCEDURES {
        needles.text(code);
    }
    needles.day(BIRTH_DAY.parse::<Date>().expect("a day"));
    needles
}

/// A FHIR claim that says everything about the patient that one can.
fn claim(world: &Insured, number: u32, member: &str, ago: u32, lines: &[(&str, u64)]) -> Value {
    let number = format!("{CLAIM_NUMBER}-{number}");
    let mut claim = world.fhir_claim(&number, member, ago, lines);
    claim["contained"] = json!([{
        "resourceType": "Patient", "id": "patient", "birthDate": BIRTH_DAY, "gender": "female",
        "identifier": [{"value": member}],
        "name": [{"family": FAMILY_NAME, "given": [GIVEN_NAME]}],
        "address": [{"line": [STREET], "city": "Anytown"}],
    }]);
    claim["patient"]["reference"] = json!("#patient");
    claim["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]["code"] = json!(DIAGNOSIS);
    claim["insurance"][0]["coverage"]["identifier"]["value"] = json!(POLICY);
    claim
}

/// Enrols a member in the plan, with a family; the account.
fn enrol(world: &Insured, id: &str) -> Pubkey {
    let chain = world.chain();
    let about = ["--pool", &world.pool, "--id", id];
    let enrol = ["member", "enrol", "--plan", &world.plan];
    let from = ["--from", "2020-01-01"];
    let enrolled = chain.run("clerk", &[&enrol[..], &about, &from].concat());
    let join = ["member", "join-family", FAMILY_NUMBER];
    chain.run("clerk", &[&join[..], &about].concat());
    let address = field(&enrolled["account"], "address");
    address.parse().expect("an address")
}

/// A plan with the test's own codes.
fn plan() -> Value {
    let benefits: Vec<Value> = PROCEDURES
        .iter()
        .zip([10_000, 4_000, 1_000])
        .map(|(code, allowed)| json!({"code": code, "allowed": allowed}))
        .collect();
    json!({"coinsurance_bps": 2_000, "benefits": benefits})
}

/// Files the claims, and does with them what can be done.
fn live(world: &Insured) {
    let chain = world.chain();
    let [member, other] = [MEMBER_NUMBER, OTHER_MEMBER].map(|id| enrol(world, id));
    for (name, member) in [("one.json", &member), ("two.json", &other)] {
        world.written_ticket(name, member);
    }
    let table = format!("patient,ticket\n{MEMBER_NUMBER},one.json\n{OTHER_MEMBER},two.json\n");
    let table = text(&chain.world.write("members.csv", &table));
    let [a, b, c] = PROCEDURES;
    let claims = [
        claim(world, 1, MEMBER_NUMBER, 9, &[(a, 10_000)]),
        claim(world, 2, MEMBER_NUMBER, 8, &[(b, 4_000), (c, 1_000)]),
        claim(
            world,
            3,
            OTHER_MEMBER,
            7,
            &[(a, 10_000), (b, 4_000), (c, 1_000)],
        ),
        claim(world, 4, OTHER_MEMBER, 6, &[(c, 1_000); 16]),
        claim(world, 5, MEMBER_NUMBER, 5, &[("NOT-COVERED", 1_000)]),
    ];
    let lines: String = claims.iter().map(|claim| format!("{claim}\n")).collect();
    let file = text(&chain.world.write("claims.ndjson", &lines));
    let answer = chain.run("clinic", &words(world, &file, &table));
    assert_eq!(answer["filed"], json!(5), "{answer:#}");
    let address = |index: usize| field(&answer["claims"][index], "claim").to_owned();
    let statuses: Vec<&str> = (0..5)
        .map(|index| field(&answer["claims"][index], "status"))
        .collect();
    assert_eq!(statuses, ["paid", "paid", "pended", "paid", "denied"]);

    let letter = format!("{GIVEN_NAME} {FAMILY_NAME}, born {BIRTH_DAY}, {MEMBER_NUMBER}: {a}");
    let letter = text(&chain.world.write("letter.txt", &letter));
    let (first, waiting, denied) = (address(0), address(2), address(4));
    chain.run(
        "clerk",
        &["claim", "request-information", &waiting, &letter],
    );
    chain.run(
        "clinic",
        &["claim", "provide-information", &waiting, &letter],
    );
    chain.run("clerk", &["claim", "decide", &waiting, "--approve"]);
    chain.run("clinic", &["claim", "appeal", "file", &denied, &letter]);
    chain.run(
        "clerk",
        &["claim", "appeal", "uphold", &denied, "--reasons", &letter],
    );
    chain.run("clerk", &["claim", "reverse", &first, "--reason", "1"]);
    chain.run("clerk", &["claim", "reprocess", &address(1)]);
    let authorize = [
        "member",
        "authorize",
        a,
        "--number",
        "1",
        "--units",
        "3",
        "--pool",
        &world.pool,
    ];
    let (from, to) = (world.day(1), world.day(0));
    let who = ["--id", MEMBER_NUMBER, "--from", &from, "--to", &to];
    chain.run("clerk", &[&authorize[..], &who].concat());
}

/// A participant from consent to payment, with a tax form, expenses, a visit that has to be argued about, and data; every paper
/// of it is looked for too, as a hash without salt above all.
#[test]
fn nothing_of_a_participant_is_on_the_ledger() {
    let world = trial(2, 1_000_000);
    let chain = &world.chain;
    let (trial, sponsor) = (world.trial.as_str(), world.sponsor.as_str());
    let paper = |name: &str, content: &str| text(&chain.world.write(name, content));
    let about = format!("{GIVEN_NAME} {FAMILY_NAME}, born {BIRTH_DAY}, {MEMBER_NUMBER}, {STREET}");
    let form = json!({"form": "W-9", "name": format!("{GIVEN_NAME} {FAMILY_NAME}"), "tin": TAXPAYER, "address": STREET}).to_string();
    let letters =
        ["receipt", "evidence", "refusal", "decision"].map(|kind| format!("{kind}: {about}"));

    let mark = ["marker", "--sponsor", sponsor, "--person", MEMBER_NUMBER];
    let marker = world.run("manager", &mark)["markers"][0]["marker"].clone();
    let marker = marker.as_str().expect("text");
    // Pays the rent of the claim to a visit.
    let who = chain.person("p0").to_string();
    let owner = world.participant("w0");
    let table = paper(
        "people.csv",
        &format!("participant,subject,owner,marker\np0.json,{SUBJECT},{owner},{marker}\n"),
    );
    let consent = [
        "consent",
        trial,
        "--cohort",
        &world.cohort,
        "--from",
        &table,
    ];
    world.run("nurse", &consent);
    world.run("nurse", &["enrol", trial, "--from", &table]);
    let file = paper("form.json", &form);
    let record = ["tax-form", "--sponsor", sponsor, "--person", MEMBER_NUMBER];
    world.run("manager", &[&record[..], &["--form", &file]].concat());
    world.run(
        "nurse",
        &["attest", trial, "--from", &world.visits(0, 0..1)],
    );
    let [receipt, evidence, refusal, decision] = ["1.txt", "2.txt", "3.txt", "4.txt"];
    let of = ["--participant", &who];
    let receipt = paper(receipt, &letters[0]);
    let spent = ["reimburse", trial, "--total", "4250", "--receipt", &receipt];
    world.run("nurse", &[&spent[..], &of].concat());
    let visit = |verb: &'static str, flag: &'static str, file: String, more: &[&str]| {
        let start = ["visit", verb, trial, "--milestone", "1", flag, &file];
        let all = [&start[..], &of, more].concat();
        all.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let today = world.today();
    let evidence = paper(evidence, &letters[1]);
    let participant = text(&chain.keyfile("p0"));
    let claim = ["visit", "claim", trial, "--milestone", "1"];
    let signed = ["--participant", &participant, "--visited", &today];
    let claim = [&claim[..], &["--evidence", &evidence], &signed].concat();
    world.run("manager", &claim);
    let refusal = paper(refusal, &letters[2]);
    world.run("nurse", &visit("refuse", "--reason", refusal, &[]));
    let decision = paper(decision, &letters[3]);
    let grant = visit("arbitrate", "--reason", decision, &["--decision", "grant"]);
    world.run("overseer", &grant);
    let log = text(&chain.world.path("trial.datalog"));
    let points = paper(
        "points.csv",
        &format!("subject,visit,item,value,at,reason,user,location,source\n{SUBJECT},V1,systolic,{VALUE},2026-03-01T09:00:00Z,first_entry,{GIVEN_NAME},site 2,paper\n"),
    );
    world.run("nurse", &["data", "add", &log, &points]);
    world.run("manager", &["data", "anchor", trial, &log]);
    assert_eq!(world.run("anyone", &["pay", trial])["not_paid"], json!(0));

    let mut needles = needles();
    for text in [SUBJECT, TAXPAYER, VALUE, &form] {
        needles.text(text);
    }
    for letter in &letters {
        needles.text(letter);
    }
    let search = chain.search(&needles);
    assert!(search.accounts > 20 && search.transactions > 20);
    assert_eq!(search.findings, []);

    // A bare hash of the form would be found.
    let place = key(78, 0);
    write(chain, &place, &trials::ID, &Sha256::digest(&form));
    let found = chain.search(&needles);
    assert!(
        what(&found)
            .iter()
            .any(|one| one.ends_with("as a hash without salt")),
        "{found:?}"
    );
}

/// What was found, by what it is.
fn what(search: &Search) -> Vec<&str> {
    let mut what: Vec<&str> = search
        .findings
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    what.sort_unstable();
    what.dedup();
    what
}

#[test]
fn no_identifier_of_a_document_is_on_the_ledger_and_a_planted_one_is_found() {
    let world = insured_by(&plan());
    let chain = world.chain();
    world.fund(100_000);
    live(&world);
    let needles = needles();
    let search = chain.search(&needles);
    println!(
        "figure: {} bytes of {} accounts and {} transactions searched for what identifies",
        search.bytes, search.accounts, search.transactions
    );
    assert!(
        search.accounts > 40 && search.transactions > 40,
        "{search:?}"
    );
    let sent = chain.client.get_transaction_count().expect("a number");
    assert!(
        search.transactions as u64 >= sent,
        "{} of {sent} transactions",
        search.transactions
    );
    assert_eq!(search.findings, []);

    // The search can fail: a name in a memo, a hash without salt and a day in an account.
    chain.person("anyone");
    let payer = chain.keypair("anyone");
    let memo = Instruction {
        program_id: "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
            .parse()
            .expect("an address"),
        accounts: Vec::new(),
        data: format!("paid for {FAMILY_NAME}").into_bytes(),
    };
    chain.send(&[memo], &[&payer]);
    let found = chain.search(&needles);
    assert_eq!(what(&found), ["Quillfeather, as it is"]);
    assert!(found.transactions > search.transactions);
    assert!(found.findings[0].place.starts_with("transaction "));

    let days = BIRTH_DAY.parse::<Date>().expect("a day").days();
    let data = [
        &[0; 7][..],
        &Sha256::digest(MEMBER_NUMBER),
        &days.to_le_bytes(),
        PROCEDURES[2].as_bytes(),
    ]
    .concat();
    let place = key(77, 0);
    write(chain, &place, &claims::ID, &data);
    let found = chain.search(&needles);
    assert_eq!(
        what(&found),
        [
            "1957-03-14, as days since 1970",
            "QX-7730918442, as a hash without salt",
            "QX-7730918442, as the first bytes of a hash without salt",
            "Quillfeather, as it is",
            "VN20868, as it is",
        ]
    );
    let planted = format!("account {place} of {}", claims::ID);
    assert_eq!(
        found
            .findings
            .iter()
            .filter(|one| one.place == planted)
            .count(),
        4
    );
}
