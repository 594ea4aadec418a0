//! Claims of any form, written as FHIR R4 Claims: quoted as the ones that they were made from, refused whole.

mod common;

use common::{code, error, sample, text, World};
use serde_json::{json, Value};

const DAY: &str = include_str!("../x12/tests/documents/day.837");

fn path(name: &str) -> String {
    format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn quoted(world: &World, claim: &Value) -> Value {
    world.quoted(&sample("plan.json"), claim, Some(&sample("member.json")))
}

#[test]
fn a_sample_is_quoted_as_before() {
    let world = World::new();
    let visit = quoted(&world, &sample("visit.fhir.json"));
    for name in ["visit.837", "visit.fhir.json"] {
        let (exit, claim) = world.run(&["claim", "convert", &path(name)]);
        assert_eq!(
            (exit, &claim["resourceType"]),
            (0, &json!("Claim")),
            "{claim:#}"
        );
        assert_eq!(quoted(&world, &claim), visit, "{name}");
        // What was written goes out as it came, but for code systems that FHIR claims are read without.
        let again = |claim: &Value| {
            let written = text(&world.json("written.json", claim));
            let (exit, claim) = world.run(&["claim", "convert", &written]);
            assert_eq!(exit, 0, "{claim:#}");
            claim
        };
        let second = again(&claim);
        assert_eq!(again(&second), second, "{name}");
        assert_eq!(quoted(&world, &second), visit, "{name}");
    }
    let mut own = sample("claim.json");
    let file = text(&world.json("own.json", &own));
    let refused = world.run(&["claim", "convert", &file]);
    assert_eq!(
        (refused.0, error(&refused.1)),
        (1, ("missing_field".to_owned(), "insured".to_owned()))
    );
    own["insured"] = json!("M-4711");
    own["provider"] = json!("CLINIC");
    let file = text(&world.json("own.json", &own));
    let (exit, claim) = world.run(&["claim", "convert", &file]);
    assert_eq!((exit, quoted(&world, &claim)), (0, quoted(&world, &own)));
}

#[test]
fn several_claims_are_a_bundle_or_lines_and_one_can_be_named() {
    let world = World::new();
    // R4 cannot say that one line is under another authorisation than the rest.
    let whole = text(&world.write("whole.837", DAY));
    let (exit, answer) = world.run(&["claim", "convert", &whole]);
    let refusal = ("unsupported".to_owned(), "Claim.item[1]".to_owned());
    assert_eq!((exit, error(&answer)), (1, refusal));
    let day = text(&world.write("day.837", &DAY.replacen("AUTH10", "AUTH9", 1)));
    let (exit, bundle) = world.run(&["claim", "convert", &day]);
    assert_eq!(
        (exit, &bundle["type"]),
        (0, &json!("collection")),
        "{bundle:#}"
    );
    let entries = bundle["entry"].as_array().expect("entries");
    let claims: Vec<&Value> = entries.iter().map(|entry| &entry["resource"]).collect();
    assert!(claims.len() > 1);
    let lines = world
        .galen()
        .args(["claim", "convert", &day, "--to", "ndjson"])
        .output()
        .expect("run");
    assert_eq!(code(&lines), 0);
    let lines = String::from_utf8(lines.stdout).expect("text");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.iter().collect::<Vec<_>>(), claims);
    // Either is what `batch` takes; both are read alike.
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let files = [("day.json", bundle.to_string()), ("day.ndjson", lines)];
    let [one, other] = files.map(|(name, content)| {
        let file = text(&world.write(name, &content));
        let (exit, read) = world.run(&["claim", "convert", &file]);
        assert_eq!(exit, 0, "{read:#}");
        read
    });
    assert_eq!(one, other);
    assert_eq!(one["entry"].as_array().map(Vec::len), Some(claims.len()));
    let number = claims[1]["identifier"][0]["value"]
        .as_str()
        .expect("a number");
    let (exit, one) = world.run(&["claim", "convert", &day, "--control-number", number]);
    assert_eq!((exit, &one), (0, claims[1]));
}

#[test]
fn where_one_claim_is_unreadable_nothing_is_written() {
    let world = World::new();
    let good = sample("visit.fhir.json");
    let mut bad = good.clone();
    bad["item"][1]["net"]["value"] = json!(-1);
    let refused = |world: &World, name: &str, text_of: &str| {
        let file = text(&world.write(name, text_of));
        let (exit, answer) = world.run(&["claim", "convert", &file]);
        assert_eq!(exit, 1, "{answer:#}");
        let told = answer["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (error(&answer), told)
    };
    let ((refusal, at), told) = refused(&world, "two.ndjson", &format!("{good}\n{bad}\n"));
    assert_eq!(
        (refusal.as_str(), at.as_str()),
        ("negative_money", "Claim.item[1].net.value")
    );
    assert!(told.contains("two.ndjson, line 2"), "{told}");
    assert_eq!(
        refused(&world, "none.json", "{\"resourceType\": \"Bundle\"}")
            .0
             .0,
        "no_claims"
    );
    assert_eq!(refused(&world, "broken.json", "{").0 .0, "invalid_json");
    let wrong = DAY.replacen("HI|ABK", "HI|BK", 1);
    assert_ne!(wrong, DAY);
    assert_eq!(refused(&world, "wrong.837", &wrong).0 .0, "unsupported");
    let file = text(&world.json("visit.json", &good));
    let (exit, answer) = world.run(&["claim", "convert", &file, "--currency", "EUR"]);
    assert_eq!((exit, error(&answer).0.as_str()), (1, "wrong_currency"));
    let output = world
        .galen()
        .args(["claim", "convert", &file, "--currency", "usd"])
        .output()
        .expect("run");
    assert_eq!(code(&output), 2);
}
