//! Denial letters, their text read out of the PDF again.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured, Insured, MEMBER};
use common::text;
use serde_json::json;

/// The lines of text of a PDF whose streams are not compressed: what stands in brackets before each `Tj`. A reader's order
/// is the file's.
fn lines_of(pdf: &[u8]) -> Vec<String> {
    let (mut lines, mut at) = (Vec::new(), 0);
    while let Some(start) = pdf[at..].iter().position(|byte| *byte == b'(') {
        let (mut line, mut place) = (Vec::new(), at + start + 1);
        let mut depth = 1;
        while depth > 0 {
            match pdf[place] {
                b'\\' => {
                    place += 1;
                    line.push(pdf[place]);
                }
                b'(' => {
                    depth += 1;
                    line.push(b'(');
                }
                b')' => {
                    depth -= 1;
                    if depth > 0 {
                        line.push(b')');
                    }
                }
                byte => line.push(byte),
            }
            place += 1;
        }
        if pdf[place..].starts_with(b" Tj") {
            lines.push(line.into_iter().map(char::from).collect());
        }
        at = place;
    }
    lines
}

/// As one text, words apart by one blank.
fn text_of(file: &str) -> String {
    let lines = lines_of(&std::fs::read(file).expect("there"));
    lines
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn words<'a>(claim: &'a str, file: &'a str, document: &'a str) -> Vec<&'a str> {
    vec![
        "claim",
        "letter",
        claim,
        file,
        "--claim",
        document,
        "--insurer",
        "Example Health Plan",
        "--contact",
        "1 Main Street, Springfield",
    ]
}

fn letter(world: &Insured, name: &str) -> String {
    let path = world.chain().world.path(name);
    match std::env::var_os("GALEN_LETTERS") {
        // To look at them.
        Some(folder) => text(&std::path::Path::new(&folder).join(name)),
        None => text(&path),
    }
}

#[test]
fn a_letter_says_what_was_denied_why_and_how_to_appeal() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let document = world.document(
        "visit.json",
        1,
        &[("A", 1, 12_345), ("X", 1, 3_500), ("Y", 2, 700)],
    );
    let claim = field(&world.submit(&document, &ticket), "address").to_owned();
    // The insurer's clerk gets the document, then writes.
    let parcel = text(&chain.world.path("parcel.json"));
    let pair = format!("{claim}={document}");
    chain.run(
        "clinic",
        &[
            "store",
            "send",
            &parcel,
            "--from",
            &world.parties.provider,
            "--to",
            &world.parties.insurer,
            "--document",
            &pair,
        ],
    );
    let file = letter(&world, "letter.pdf");
    assert_eq!(
        chain.refused("clerk", &words(&claim, &file, &document)),
        "document_unknown"
    );
    let inbox = text(&chain.world.path("."));
    chain.run(
        "clerk",
        &["store", "receive", &parcel, "--documents", &inbox],
    );
    let report = chain.run("clerk", &words(&claim, &file, &document));
    let by = world.today.plus_days(180).expect("a day").to_string();
    assert_eq!(
        (&report["denied"], &report["appeal_by"]),
        (&json!(2), &json!(by))
    );
    assert_eq!(
        chain.refused("clerk", &words(&claim, &file, &document)),
        "file_exists"
    );

    let text = text_of(&file);
    let day = world.day(1);
    for part in [
        "Example Health Plan".to_owned(),
        "Notice of denied services".to_owned(),
        format!("To {MEMBER}"),
        "Provider NPI 1234567893".to_owned(),
        format!("Claim {claim}"),
        "does not pay for 2 of the 3 services".to_owned(),
        format!("Service X of {day} Billed 35.00 USD Your plan pays 0.00 USD You owe 35.00 USD"),
        "Not covered under the patient's plan. (code PR-204)".to_owned(),
        "You owe this amount to the provider.".to_owned(),
        format!("Service Y of {day} Billed 7.00 USD"),
        "The whole claim Billed 165.45 USD Allowed 100.00 USD Your plan pays 80.00 USD You owe 62.00 USD".to_owned(),
        "version 1 of your plan, in force for services from 2020-01-01 on".to_owned(),
        "by the rules of your plan alone".to_owned(),
        format!("can appeal until {by}, 180 days after the decision. This is level 1 of 2. An appeal costs nothing"),
        "Write to 1 Main Street, Springfield".to_owned(),
        "within 30 days of your appeal".to_owned(),
        format!("Claim {claim}, page 1 of "),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
    // The line that is paid is none of its business.
    assert!(!text.contains("Service A of"), "{text}");

    // A reader of PDF reads the same, where there is one.
    if let Ok(output) = std::process::Command::new("pdftotext")
        .args(["-layout", &file, "-"])
        .output()
    {
        let read = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success()
                && read.contains("Notice of denied services")
                && read.contains("PR-204"),
            "{read}"
        );
    }
}

#[test]
fn letters_follow_the_decision_and_the_clocks() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let paid = world.document("paid.json", 1, &[("A", 1, 10_000)]);
    let paid_claim = field(&world.submit(&paid, &ticket), "address").to_owned();
    let large = world.document("large.json", 2, &[("A", 2, 25_000)]);
    let claim = field(&world.submit(&large, &ticket), "address").to_owned();
    let by_clinic = |claim: &str, file: &str, document: &str, more: &[&str]| -> Vec<String> {
        words(claim, file, document)
            .into_iter()
            .chain(more.iter().copied())
            .map(str::to_owned)
            .collect()
    };
    // Who has document and salt can write it; the patient's name is none of the ledger's.
    let to = ["--to", "The member"];
    let file = letter(&world, "none.pdf");
    assert_eq!(
        chain.refused("clinic", &words(&claim, &file, &large)),
        "member_unknown"
    );
    let parcel = text(&chain.world.path("member.json-parcel"));
    let insurer = &world.parties.insurer;
    chain.run(
        "clerk",
        &[
            "store",
            "send",
            &parcel,
            "--from",
            insurer,
            "--to",
            &world.parties.provider,
            "--pool",
            &world.pool,
            "--id",
            MEMBER,
        ],
    );
    chain.run("clinic", &["store", "receive", &parcel]);
    assert_eq!(
        chain.refused("clinic", &words(&claim, &file, &large)),
        "claim_not_decided"
    );
    assert_eq!(
        chain.refused("clinic", &words(&paid_claim, &file, &paid)),
        "nothing_denied"
    );
    chain.run("clerk", &["claim", "decide", &claim, "--deny", "50"]);
    assert_eq!(
        chain.refused(
            "clinic",
            &by_clinic(&claim, &file, &large, &["--to", "\u{4e2d}"])
        ),
        "letter_character"
    );
    let decided = letter(&world, "decided.pdf");
    chain.run("clinic", &by_clinic(&claim, &decided, &large, &to));
    let text = text_of(&decided);
    for part in [
        "To The member",
        "Not deemed a medical necessity. (code CO-50)",
        "may not bill you for it",
        "by the insurer's staff",
        "You owe 0.00 USD",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // A claim that lacks something says that it can be supplied.
    let other = world.document("other.json", 4, &[("A", 2, 25_000)]);
    let lacking = field(&world.submit(&other, &ticket), "address").to_owned();
    chain.run("clerk", &["claim", "decide", &lacking, "--deny", "252"]);
    let lacks = letter(&world, "lacking.pdf");
    chain.run("clinic", &by_clinic(&lacking, &lacks, &other, &to));
    assert!(text_of(&lacks).contains("What was missing can still be supplied"));

    chain.travel(181 * 86_400);
    let late = letter(&world, "late.pdf");
    let report = chain.run("clinic", &by_clinic(&claim, &late, &large, &to));
    assert_eq!(report["appeal_by"], json!(null));
    let ended = world.today.plus_days(180).expect("a day");
    assert!(text_of(&late).contains(&format!("The time to appeal ended on {ended}.")));
}

/// Lets the clinic know by which identifier the insurer knows the member.
fn introduce(world: &Insured) {
    let parcel = text(&world.chain().world.path("member-parcel.json"));
    let (insurer, provider) = (&world.parties.insurer, &world.parties.provider);
    let who = ["--pool", &world.pool, "--id", MEMBER];
    let send = [
        "store", "send", &parcel, "--from", insurer, "--to", provider,
    ];
    world.chain().run("clerk", &[&send[..], &who].concat());
    world.chain().run("clinic", &["store", "receive", &parcel]);
}

/// A plan that asks for an attachment, pays at most 120.00 a year, and has its decisions reviewed by `reviewer` once its one level
/// of appeal is gone through; its document.
fn publish_reviewed(world: &Insured, reviewer: &str) -> String {
    let chain = world.chain();
    let plan = json!({
        "annual_max": 12_000, "attachments": [{"name": "operative-report", "remark": "N40"}],
        "clocks": {"appeal_levels": 1, "appeal_days": 5, "appeal_decision_days": 10},
        "checks": {"reviewer": reviewer, "review_days": 60, "review_decision_days": 20},
        "benefits": [
            {"code": "A", "allowed": 10_000}, {"code": "B", "allowed": 4_000, "places": ["11"]},
            {"code": "F", "allowed": 500, "covered": false, "remark": "N130"},
        ],
    });
    let file = text(&chain.world.json("plan-2.json", &plan));
    let publish = ["plan", "publish", &file, "--plan", &world.plan];
    let from = world.today.plus_days(1).expect("a day").to_string();
    chain.run(
        "clerk",
        &[&publish[..], &["--effective-from", &from]].concat(),
    );
    let keys = text(&chain.world.path("code-keys-2.json"));
    chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
    chain.run("clinic", &["store", "import", &keys]);
    file
}

/// Registers an organization that is neither an insurer nor a provider.
fn reviewer(world: &Insured) -> String {
    let chain = world.chain();
    let words = ["org", "register", "--kind", "ethics-board", "--identifier"];
    let org = chain.run("reviewer", &[&words[..], &["gln:4012345000009"]].concat());
    let address = field(&org["account"], "address").to_owned();
    chain.run("governance", &["org", "activate", &address]);
    address
}

#[test]
fn letters_name_what_is_missing_what_a_maximum_cut_what_was_taken_back_and_who_reviews() {
    let mut world = insured();
    world.fund(100_000);
    let plan = publish_reviewed(&world, &reviewer(&world));
    // It is in force from the next day on.
    world.chain().travel(10 * 86_400);
    world.today = world.today.plus_days(10).expect("a day");
    let chain = world.chain();
    introduce(&world);
    let ticket = world.ticket("ticket.json");
    let document = |name: &str, ago: u32, rest: serde_json::Value| {
        let mut claim = json!({"service_date": world.day(ago), "submitted": world.day(0)});
        for (field, value) in rest.as_object().expect("fields") {
            claim[field] = value.clone();
        }
        text(&chain.world.json(name, &claim))
    };
    let report = json!(["operative-report"]);
    let whole = json!({"attachments": report, "lines": [{"code": "A", "charge": 10_000}]});
    let first = document("first.json", 3, whole.clone());
    assert_eq!(field(&world.submit(&first, &ticket), "status"), "paid");
    let write = |name: &str, claim: &str, document: &str, more: &[&str]| {
        let file = letter(&world, name);
        let words = [&words(claim, &file, document)[..], more].concat();
        (chain.run("clinic", &words), text_of(&file))
    };
    let has = |text: &str, parts: &[&str]| {
        for part in parts {
            assert!(text.contains(part), "{part}\n{text}");
        }
    };

    // A maximum cuts the second: nothing is denied, and yet it is an adverse decision.
    let cut = document("cut.json", 2, whole);
    let claim = field(&world.submit(&cut, &ticket), "address").to_owned();
    let (answer, text) = write("cut.pdf", &claim, &cut, &[]);
    assert_eq!(
        (&answer["denied"], &answer["reduced"], &answer["taken_back"]),
        (&json!(0), &json!(1), &json!(false))
    );
    has(&text, &[
        "Notice of services paid in part",
        "Your plan pays less for 1 of the 1 services that this claim bills, because a maximum is reached.",
        "Your plan pays 20.00 USD You owe 80.00 USD",
        "(code PR-119)",
        "This is level 1 of 1.",
        "the organisation GLN 4012345000009 reviews the decision outside the insurer; ask for it within 60 days",
    ]);
    // Taken back with nothing in its place, it has a notice of its own, and an appeal.
    chain.run("clerk", &["claim", "reverse", &claim, "--reason", "7"]);
    let (answer, text) = write("taken-back.pdf", &claim, &cut, &[]);
    assert_eq!(answer["taken_back"], json!(true));
    assert!(answer["appeal_by"].is_string(), "{answer:#}");
    has(
        &text,
        &[
            "Notice of a claim taken back",
            "nothing stands in its place",
            "Reason number 7 of the insurer's reasons",
            "Billed 100.00 USD Had been paid 20.00 USD",
            "This is level 1 of 1.",
        ],
    );

    // What is missing has its name: the plan's own where its document is given.
    let lacking = document(
        "lacking.json",
        4,
        json!({"lines": [{"code": "A", "charge": 10_000}]}),
    );
    let account = world.submit(&lacking, &ticket);
    let claim = field(&account, "address").to_owned();
    assert_eq!(
        (field(&account, "status"), field(&account, "pend_reason")),
        ("pended", "attachment_missing")
    );
    // It does not come, and the insurer waits no longer.
    let decided = chain.run("clerk", &["claim", "decide", &claim, "--approve"]);
    assert_eq!(
        decided["account"]["lines"][0]["adjustments"],
        json!([{"group": "CO", "reason": 252, "amount": 10_000, "remark": "N40"}])
    );
    let (_, text) = write("unnamed.pdf", &claim, &lacking, &[]);
    has(
        &text,
        &["claimed again in time: remark code N40 of X12 list 411 says what it is"],
    );
    let (_, text) = write("named.pdf", &claim, &lacking, &["--plan", &plan]);
    has(
        &text,
        &["claimed again in time: operative-report (remark code N40)."],
    );
    let other = crate::common::text(&chain.world.path("plan.json"));
    let file = letter(&world, "other-plan.pdf");
    let of_other = [&words(&claim, &file, &lacking)[..], &["--plan", &other]].concat();
    assert_eq!(chain.refused("clinic", &of_other), "plan_version_differs");
    let mixed = json!({"attachments": report, "lines": [
        {"code": "B", "charge": 4_000}, {"code": "F", "charge": 500},
    ]});
    let mixed = document("mixed.json", 5, mixed);
    let account = world.submit(&mixed, &ticket);
    let both = field(&account, "address").to_owned();
    let (answer, text) = write("mixed.pdf", &both, &mixed, &[]);
    assert_eq!(answer["denied"], json!(2));
    has(
        &text,
        &[
            "the place of service is missing (remark code M77).",
            "Remark code N130 of X12 list 411 says which exclusion of the plan it is.",
        ],
    );

    // Whoever looks at the claim sees the remarks, in every form of it.
    let output = chain
        .galen("anyone")
        .args(["claim", "show", &both])
        .output();
    let shown = String::from_utf8_lossy(&output.expect("run").stdout).into_owned();
    assert!(shown.contains("M77") && shown.contains("N130"), "{shown}");
    let listed = chain.run("anyone", &["claim", "list", "--pool", &world.pool]);
    let row = listed["claims"]
        .as_array()
        .expect("claims")
        .iter()
        .find(|row| row["address"] == json!(both));
    // A list has the keys of codes, not their names.
    let row = row.expect("there");
    for line in 0..2 {
        assert_eq!(
            row["lines"][line]["adjustments"],
            account["lines"][line]["adjustments"]
        );
    }
    let explain = ["claim", "explanation", &both, "--claim", &mixed];
    for written in [
        chain.run("clinic", &["claim", "response", &both]),
        chain.run("clinic", &explain),
    ] {
        let reason = &written["item"][0]["adjudication"][2]["reason"]["coding"];
        assert_eq!(
            (&reason[0]["code"], &reason[1]["code"]),
            (&json!("16"), &json!("M77"))
        );
        let file = crate::common::text(&chain.world.json("outcome.json", &written));
        assert_eq!(
            chain.run("anyone", &["claim", "verify", &file])["valid"],
            json!(true)
        );
        let forged = written.to_string().replace("\"M77\"", "\"M76\"");
        let file = crate::common::text(&chain.world.write("forged.json", &forged));
        let verify = ["claim", "verify", &file, "--output", "json"];
        let output = chain.galen("anyone").args(verify).output().expect("run");
        let answer = common::document(&output);
        assert_eq!(answer["valid"], json!(false), "{answer:#}");
    }

    // The member's one level of appeal lapses; then the reviewer outside can be asked, until a day.
    let grounds = crate::common::text(&chain.world.write("grounds.txt", "It was sent."));
    let key = chain.person("patient").to_string();
    let own = ["member", "set-authority", "--pool", &world.pool, "--member"];
    chain.run("clerk", &[&own[..], &[&world.member, &key]].concat());
    let file = ["claim", "appeal", "file", &claim, &grounds, "--as-member"];
    chain.run("patient", &file);
    let (answer, text) = write("under-way.pdf", &claim, &lacking, &[]);
    assert_eq!(
        (&answer["appeal_by"], &answer["review_by"]),
        (&json!(null), &json!(null))
    );
    has(&text, &["An appeal against this decision is under way."]);
    chain.travel(12 * 86_400);
    chain.run("anyone", &["claim", "appeal", "lapse", &claim]);
    let by = world.today.plus_days(12 + 60).expect("a day").to_string();
    let (answer, text) = write("review.pdf", &claim, &lacking, &[]);
    assert_eq!(
        (&answer["appeal_by"], &answer["review_by"]),
        (&json!(null), &json!(by))
    );
    has(&text, &[
        "All appeals inside the insurer have been gone through.",
        &format!("by the organisation GLN 4012345000009, which your plan names. Ask for it until {by}, 60 days after the last decision."),
        "The reviewer decides within 20 days",
    ]);
    chain.travel(61 * 86_400);
    let (answer, text) = write("too-late.pdf", &claim, &lacking, &[]);
    assert_eq!(answer["review_by"], json!(null));
    has(&text, &[&format!("The time to appeal ended on {by}.")]);
}
