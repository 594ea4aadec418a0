//! FHIR documents about claims and coverage, written from a running validator and held against it again.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured, insured_by, plan, Insured, MEMBER};
use common::text;
use serde_json::{json, Value};

/// A FHIR claim as a file: lines as (code, charge in cents), all on the day before today. Its array has them the other way round: a
/// line's number says which one it is.
fn visit(world: &Insured, name: &str, lines: &[(&str, u64)]) -> String {
    let coding =
        |code: &str| json!({"coding": [{"system": "https://codes.example", "code": code}]});
    let day = world.day(1);
    let items: Vec<Value> = lines
        .iter()
        .enumerate()
        .rev()
        .map(|(index, (code, cents))| {
            json!({
                "sequence": 10 * (index + 1), "productOrService": coding(code), "servicedDate": day,
                "net": {"value": format!("{}.{:02}", cents / 100, cents % 100).parse::<serde_json::Number>().expect("a number"), "currency": "USD"},
            })
        })
        .collect();
    let claim = json!({
        "resourceType": "Claim", "identifier": [{"system": "https://clinic.example/claims", "value": name}],
        "status": "active", "use": "claim",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
        "patient": {"identifier": {"system": "https://insurer.example/members", "value": MEMBER}},
        "created": world.day(0),
        "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": true, "coverage": {"identifier": {"system": "https://insurer.example/policies", "value": "P-1"}}}],
        "item": items,
    });
    text(&world.chain().world.json(name, &claim))
}

/// Runs `galen claim verify`; exit code and answer.
fn verify(world: &Insured, who: &str, document: &Value) -> (i32, Value) {
    let file = text(&world.chain().world.json("verified.json", document));
    world.chain().person(who);
    let output = world
        .chain()
        .galen(who)
        .args(["claim", "verify", &file, "--output", "json"])
        .output()
        .expect("run");
    (common::code(&output), common::document(&output))
}

#[test]
fn a_claim_is_answered_in_fhir_and_the_answer_holds() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let document = visit(
        &world,
        "visit.json",
        &[("A", 12_000), ("X", 3_500), ("C", 1_000)],
    );
    let submitted = world.submit(&document, &ticket);
    assert_eq!(field(&submitted, "status"), "paid");
    let claim = field(&submitted, "address").to_owned();

    // The provider has the document and its salt; the insurer's store knows who it is.
    let explanation = chain.run(
        "clinic",
        &["claim", "explanation", &claim, "--claim", &document],
    );
    let response = chain.run("clerk", &["claim", "response", &claim]);
    assert_eq!(
        response["patient"],
        json!({"identifier": {"value": MEMBER}})
    );
    assert_eq!(
        explanation["patient"]["identifier"],
        json!({"system": "https://insurer.example/members", "value": MEMBER})
    );
    assert_eq!(explanation["claim"]["identifier"]["value"], "visit.json");
    let sequences: Vec<&Value> = explanation["item"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["sequence"])
        .collect();
    assert_eq!(sequences, [&json!(10), &json!(20), &json!(30)]);
    assert_eq!(
        explanation["item"][1]["productOrService"]["coding"][0]["code"],
        "X"
    );

    // To the cent what the account has.
    let shown = chain.run("anyone", &["claim", "show", &claim]);
    for (line, items) in shown["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .zip(explanation["item"].as_array().expect("items"))
    {
        let entries = items["adjudication"].as_array().expect("adjudication");
        let cents = |entry: &Value| {
            entry["amount"]["value"]
                .to_string()
                .replace('.', "")
                .parse::<u64>()
                .expect("cents")
        };
        let of = |name: &str| {
            let entry = entries
                .iter()
                .find(|entry| entry["category"]["coding"][0]["code"] == name);
            cents(entry.expect(name))
        };
        assert_eq!(
            json!([of("submitted"), of("eligible"), of("benefit")]),
            json!([line["charge"], line["allowed"], line["paid"]])
        );
        let adjustments: Vec<Value> = entries
            .iter()
            .filter(|entry| entry["reason"].is_object())
            .map(|entry| {
                let number: u64 = entry["reason"]["coding"][0]["code"].as_str().expect("a code").parse().expect("a number");
                json!({"group": entry["category"]["coding"][0]["code"], "reason": number, "amount": cents(entry)})
            })
            .collect();
        assert_eq!(json!(adjustments), line["adjustments"]);
    }
    assert_eq!(
        explanation["payment"]["amount"]["value"].to_string(),
        "88.00"
    );

    for document in [&response, &explanation] {
        let (code, report) = verify(&world, "clerk", document);
        assert_eq!(
            (code, &report["valid"], &report["member_checked"]),
            (0, &json!(true), &json!(true)),
            "{report:#}"
        );
        let (code, report) = verify(&world, "stranger", document);
        assert_eq!(
            (code, &report["member_checked"]),
            (0, &json!(false)),
            "{report:#}"
        );
    }

    // Another amount, balanced in itself; another member; another ledger.
    let mut forged = response.clone();
    for (place, value) in [
        ("/item/0/adjudication/3/amount/value", "19.00"),
        ("/item/0/adjudication/4/amount/value", "81.00"),
        ("/total/3/amount/value", "56.00"),
        ("/total/4/amount/value", "89.00"),
        ("/payment/amount/value", "89.00"),
    ] {
        let number = value.parse::<serde_json::Number>().expect("a number");
        *forged.pointer_mut(place).expect(place) = Value::Number(number);
    }
    let (code, report) = verify(&world, "clerk", &forged);
    assert_eq!(code, 1, "{report:#}");
    let places: Vec<&str> = report["differences"]
        .as_array()
        .expect("differences")
        .iter()
        .map(|entry| field(entry, "at"))
        .collect();
    assert_eq!(
        places,
        [
            "ClaimResponse.item[0].benefit",
            "ClaimResponse.item[0].adjudication",
            "ClaimResponse.payment"
        ]
    );
    let mut other = response.clone();
    other["patient"]["identifier"]["value"] = json!("M-1");
    let (code, report) = verify(&world, "clerk", &other);
    assert_eq!(
        (code, &report["differences"][0]["ledger"]),
        (1, &json!(MEMBER))
    );
    let mut elsewhere = response.clone();
    elsewhere["identifier"][0]["system"] = json!("solana:somewhere");
    let (code, report) = verify(&world, "clerk", &elsewhere);
    assert_eq!(
        (code, common::error(&report)),
        (
            1,
            (
                "wrong_cluster".to_owned(),
                "ClaimResponse.identifier[0].system".to_owned()
            )
        )
    );

    // Who lacks a salt cannot say whose claim it is; a document that is another one to the letter is refused.
    assert_eq!(
        chain.refused("clinic", &["claim", "response", &claim]),
        "member_unknown"
    );
    assert_eq!(
        chain.refused(
            "clerk",
            &["claim", "explanation", &claim, "--claim", &document]
        ),
        "document_unknown"
    );
    let changed = visit(
        &world,
        "changed.json",
        &[("A", 12_000), ("X", 3_500), ("C", 900)],
    );
    assert_eq!(
        chain.refused(
            "clinic",
            &["claim", "explanation", &claim, "--claim", &changed]
        ),
        "document_unknown"
    );
    let second = visit(&world, "second.json", &[("B", 4_000)]);
    world.submit(&second, &ticket);
    assert_eq!(
        chain.refused(
            "clinic",
            &["claim", "explanation", &claim, "--claim", &second]
        ),
        "document_differs"
    );
}

#[test]
fn a_claim_that_waits_and_one_that_is_denied_are_answered_too() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let large = world.document("large.json", 1, &[("A", 2, 25_000)]);
    let claim = field(&world.submit(&large, &ticket), "address").to_owned();
    let waiting = chain.run("clerk", &["claim", "response", &claim]);
    assert_eq!(
        (&waiting["outcome"], &waiting["item"]),
        (&json!("queued"), &Value::Null)
    );
    assert_eq!(
        field(&waiting, "disposition"),
        "Waits for the insurer's decision: claim limit."
    );
    assert_eq!(verify(&world, "clerk", &waiting).0, 0);
    chain.run("clerk", &["claim", "decide", &claim, "--deny", "50"]);
    let denied = chain.run("clerk", &["claim", "response", &claim]);
    assert_eq!(
        (&denied["outcome"], &denied["payment"]),
        (&json!("complete"), &Value::Null)
    );
    assert_eq!(
        denied["item"][0]["adjudication"][2]["reason"]["coding"][0]["code"],
        "50"
    );
    assert_eq!(verify(&world, "clerk", &denied).0, 0);
    // What was true before the decision no longer is.
    assert_eq!(verify(&world, "clerk", &waiting).0, 1);
}

#[test]
fn a_question_about_coverage_is_answered_in_fhir() {
    let mut with_deductible = plan();
    with_deductible["deductible"] = json!({"individual": 5_000});
    let world = insured_by(&with_deductible);
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    world.submit(&world.document("one.json", 0, &[("A", 1, 10_000)]), &ticket);
    let coding = |code: &str| json!({"productOrService": {"coding": [{"code": code}]}});
    let request = |patient: &str, day: &str| {
        let request = json!({
            "resourceType": "CoverageEligibilityRequest", "identifier": [{"value": "E-1"}], "status": "active",
            "purpose": ["benefits", "auth-requirements", "validation"],
            "patient": {"identifier": {"value": patient}}, "servicedDate": day, "created": world.day(0),
            "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
            "insurer": {"identifier": {"system": "urn:iso:std:iso:17442", "value": "5493001KJTIIGC8Y1R12"}},
            "item": [coding("A"), coding("X")],
        });
        text(&chain.world.json("request.json", &request))
    };
    let ask =
        |file: &str| ["member", "eligibility", file, "--pool", &world.pool].map(str::to_owned);
    // The question as `galen` writes it is the one above.
    let today = world.day(0);
    #[rustfmt::skip]
    let asks = [
        "member", "ask", "--id", MEMBER, "--provider", "npi:1234567893", "--insurer", "lei:5493001KJTIIGC8Y1R12", "--on", &today,
        "--purpose", "benefits", "--purpose", "auth-requirements", "--purpose", "validation", "--code", "A", "--code", "X",
        "--number", "E-1", "--created", &today,
    ];
    let asked = chain.run("clinic", &asks);
    let by_hand = std::fs::read(request(MEMBER, &today)).expect("written");
    assert_eq!(
        asked,
        serde_json::from_slice::<Value>(&by_hand).expect("JSON")
    );
    let backwards = [&asks[..], &["--to", "2020-01-01"]].concat();
    assert_eq!(chain.refused("clinic", &backwards), "days_reversed");
    let file = text(&chain.world.json("asked.json", &asked));
    let answer = chain.run("clerk", &ask(&file));
    assert_eq!(answer["request"]["identifier"]["value"], "E-1");
    let insurance = &answer["insurance"][0];
    assert_eq!(insurance["inforce"], json!(true));
    let items = insurance["item"].as_array().expect("items");
    let (a, x) = (&items[items.len() - 2], &items[items.len() - 1]);
    assert_eq!(
        (&a["excluded"], &a["authorizationRequired"], &x["excluded"]),
        (&json!(false), &json!(false), &json!(true))
    );
    assert_eq!(
        a["benefit"][0]["allowedMoney"]["value"].to_string(),
        "100.00"
    );
    assert_eq!(a["benefit"][2]["allowedUnsignedInt"], json!(20));

    // The clinic reads it: in force, what is met and what is left.
    let file = text(&chain.world.json("answer.json", &answer));
    let read = chain.run("clinic", &["member", "coverage", &file]);
    assert_eq!(read["in_force"], json!(true));
    let whole = &read["coverages"][0]["items"][0]["benefits"][0];
    let cents = |figure: &str| whole[figure]["cents"].as_u64().expect("an amount");
    assert_eq!(whole["kind"], "deductible");
    assert_eq!(cents("allowed"), cents("used") + cents("left"));
    assert_ne!(cents("used"), 0);

    // What would deny the claim denies the coverage: the insurer states a lapse, then a death.
    let state = |name: &str, facts: &Value| {
        let known = text(&chain.world.json(name, facts));
        let plan = text(&chain.world.path("plan.json"));
        let who = ["member", "set-facts", "--pool", &world.pool, "--id", MEMBER];
        let what = ["--plan", &plan, "--facts", &known];
        chain.run("clerk", &[&who[..], &what].concat());
    };
    let in_force = |ago: u32| {
        let answer = chain.run("clerk", &ask(&request(MEMBER, &world.day(ago))));
        let holds = answer["insurance"][0]["inforce"].as_bool();
        (
            holds.expect("an answer"),
            field(&answer, "disposition").to_owned(),
        )
    };
    let lapse = json!({"lapses": [{"from": world.day(3), "to": world.day(2)}]});
    state("lapsed.json", &lapse);
    assert!(in_force(1).0 && in_force(4).0);
    let (holds, says) = in_force(2);
    assert!(
        !holds && says.ends_with("(claim adjustment reason code 200)."),
        "{says}"
    );
    state("died.json", &json!({"death_date": world.day(1)}));
    assert!(in_force(1).0 && in_force(2).0);
    let (holds, says) = in_force(0);
    assert!(
        !holds && says.ends_with("(claim adjustment reason code 13)."),
        "{says}"
    );
    state("alive.json", &json!({}));
    assert!(in_force(0).0);

    let before = chain.run("clerk", &ask(&request(MEMBER, "2020-01-01")));
    assert_eq!(before["insurance"][0]["inforce"], json!(true));
    assert_eq!(
        chain.refused("clerk", &ask(&request("M-1", &world.day(0)))),
        "member_unknown"
    );
    assert_eq!(
        chain.refused("clinic", &ask(&request(MEMBER, &world.day(0)))),
        "member_unknown"
    );
    chain.run(
        "clerk",
        &[
            "member",
            "end",
            "--pool",
            &world.pool,
            "--id",
            MEMBER,
            "--to",
            &world.day(5),
        ],
    );
    let after = chain.run("clerk", &ask(&request(MEMBER, &world.day(0))));
    assert_eq!(
        (
            &after["insurance"][0]["inforce"],
            &after["insurance"][0]["item"]
        ),
        (&json!(false), &Value::Null)
    );
}
