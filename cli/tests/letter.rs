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
