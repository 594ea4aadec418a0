//! What is refused before anything is worked out, in words that say what to write: codes that nobody could tell apart, figures that
//! contradict each other, types, addresses, and stdin named twice. Nothing here needs a network.

mod common;

use common::{error, sample, text, World};
use serde_json::{json, Value};

fn plan() -> Value {
    json!({"benefits": [{"code": "99213", "allowed": 12_500}]})
}

fn claim() -> Value {
    json!({"service_date": "2026-03-01", "lines": [{"code": "99213", "charge": 17_500}]})
}

fn set(document: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = document.clone();
    *changed.pointer_mut(pointer).expect("there") = value;
    changed
}

#[test]
fn a_list_that_has_to_have_an_entry_is_said_to_be_empty() {
    let world = World::new();
    let claim = set(&sample("visit.fhir.json"), "/insurance", json!([]));
    let (exit, answer) = world.quote(&sample("plan.json"), &claim, None);
    let place = ("invalid_value".to_owned(), "Claim.insurance".to_owned());
    assert_eq!((exit, error(&answer)), (1, place));
    let message = answer["error"]["message"].as_str().expect("text");
    assert!(
        message.ends_with("The list is empty, and has to have an entry."),
        "{message}"
    );
}

#[test]
fn codes_that_look_the_same_and_are_not_are_refused() {
    let world = World::new();
    let long = "9".repeat(33);
    let member = json!({
        "history": [{"code": "99213", "service_date": "2026-02-01"}],
        "authorizations": [{"number": "A-1", "code": "99213"}],
    });
    for code in [
        "99213 ",
        " 99213",
        "99  213",
        "99\t213",
        "99213\u{0}",
        "99213\u{a0}",
        "99\u{7f}213",
        long.as_str(),
    ] {
        let refused = ("invalid_code".to_owned(), "benefits[0].code".to_owned());
        let plan_of = set(&plan(), "/benefits/0/code", json!(code));
        assert_eq!(world.refused(&plan_of, &claim(), None), refused, "{code:?}");
        let claim_of = set(&claim(), "/lines/0/code", json!(code));
        let refused = world.refused(&plan(), &claim_of, None);
        assert_eq!(refused.0, "invalid_code", "{code:?}");
        assert_eq!(refused.1, "lines[0].code");
        for (pointer, at) in [
            ("/history/0/code", "history[0].code"),
            ("/authorizations/0/code", "authorizations[0].code"),
        ] {
            let known = set(&member, pointer, json!(code));
            let refused = world.refused(&plan(), &claim(), Some(&known));
            assert_eq!(
                refused,
                ("invalid_code".to_owned(), at.to_owned()),
                "{code:?}"
            );
        }
    }
    let blank = set(&claim(), "/lines/0/code", json!(" "));
    assert_eq!(world.refused(&plan(), &blank, None).0, "empty_value");
    // A blank in between is part of a code (FHIR's `code`), and so are letters of other languages.
    for code in ["99 213", "Ж-1", &"9".repeat(32)] {
        let plan = set(&plan(), "/benefits/0/code", json!(code));
        let claim = set(&claim(), "/lines/0/code", json!(code));
        assert_eq!(world.quoted(&plan, &claim, None)["totals"]["paid"], 12_500);
    }
    // In FHIR by its path; there a reader takes the blanks at the ends away, as R4's `code` has none.
    let mut visit = common::sample("visit.fhir.json");
    visit["item"][0]["productOrService"]["coding"][0]["code"] = json!("992\u{0}13");
    let plan = common::sample("plan.json");
    let at = "Claim.item[0].productOrService.coding[0].code".to_owned();
    let refused = world.refused(&plan, &visit, None);
    assert_eq!(refused, ("invalid_code".to_owned(), at));
}

#[test]
fn figures_that_contradict_each_other_and_numbers_that_cannot_be_are_refused() {
    let world = World::new();
    let mut family = plan();
    family["deductible"] = json!({"individual": 5_000, "family": 10_000});
    family["out_of_pocket_max"] = json!({"individual": 5_000, "family": 10_000});
    for field in ["deductible_used", "out_of_pocket_used"] {
        let used = |individual: u64, family: u64| json!({field: {"individual": individual, "family": family}});
        let at = format!("{field}.individual");
        let refused = world.refused(&family, &claim(), Some(&used(5, 1)));
        assert_eq!(refused, ("sum_mismatch".to_owned(), at));
        world.quoted(&family, &claim(), Some(&used(5, 5)));
        // A plan without a figure of the family asks for none.
        world.quoted(&plan(), &claim(), Some(&used(5, 1)));
        // Outside the network likewise, where the plan has terms for that.
        let mut outside = plan();
        outside["out_of_network"] = json!({
            "deductible": {"individual": 5_000, "family": 10_000},
            "out_of_pocket_max": {"individual": 5_000, "family": 10_000},
        });
        let there =
            |individual: u64, family: u64| json!({"out_of_network": used(individual, family)});
        let at = format!("out_of_network.{field}.individual");
        let refused = world.refused(&outside, &claim(), Some(&there(5, 1)));
        assert_eq!(refused, ("sum_mismatch".to_owned(), at));
        world.quoted(&outside, &claim(), Some(&there(5, 5)));
        world.quoted(&family, &claim(), Some(&there(5, 1)));
    }
    // What is not said of the family is what its member has used, so that a quote's member is the next one's.
    let claim_of =
        |day: &str| json!({"service_date": day, "lines": [{"code": "99213", "charge": 10_000}]});
    family["deductible"] = json!({"individual": 20_000, "family": 30_000});
    family["out_of_pocket_max"] = json!({"individual": null, "family": null});
    family["benefits"] = json!([{"code": "99213", "allowed": 10_000}]);
    let known = json!({"deductible_used": {"individual": 5_000}});
    let first = world.quoted(&family, &claim_of("2026-03-01"), Some(&known));
    let used = &first["member"]["deductible_used"];
    assert_eq!(*used, json!({"individual": 15_000, "family": 15_000}));
    let next = world.quoted(&family, &claim_of("2026-03-02"), Some(&first["member"]));
    let used = &next["member"]["deductible_used"];
    assert_eq!(*used, json!({"individual": 20_000, "family": 20_000}));
    let levels = |levels: u8| {
        let mut plan = plan();
        plan["clocks"] = json!({"appeal_levels": levels});
        plan
    };
    let at = "clocks.appeal_levels".to_owned();
    let refused = world.refused(&levels(3), &claim(), None);
    assert_eq!(refused, ("invalid_value".to_owned(), at));
    world.quoted(&levels(2), &claim(), None);
    let mut visit = common::sample("visit.fhir.json");
    visit["item"][1]["sequence"] = json!(0);
    let refused = world.refused(&common::sample("plan.json"), &visit, None);
    assert_eq!(refused.1, "Claim.item[1].sequence");
}

#[test]
fn a_second_authorization_of_a_fhir_claim_is_not_dropped() {
    let world = World::new();
    let plan = common::sample("plan.json");
    let mut visit = common::sample("visit.fhir.json");
    visit["insurance"][0]["preAuthRef"] = json!(["A-1"]);
    world.quoted(&plan, &visit, None);
    visit["insurance"][0]["preAuthRef"] = json!(["A-1", "A-2"]);
    let at = "Claim.insurance[0].preAuthRef[1]".to_owned();
    let refused = world.refused(&plan, &visit, None);
    assert_eq!(refused, ("unsupported".to_owned(), at));
}

/// The message of a refusal.
fn message(world: &World, plan: &Value, claim: &Value) -> String {
    let (code, answer) = world.quote(plan, claim, None);
    assert_eq!(code, 1, "{answer:#}");
    let message = answer["error"]["message"].as_str();
    message.expect("a message").to_owned()
}

#[test]
fn types_are_named_as_people_name_them() {
    let world = World::new();
    for (pointer, wrong, says) in [
        (
            "/lines/0/units",
            json!(70_000),
            "Expected a whole number from 0 to 65535, found the number 70000.",
        ),
        (
            "/lines/0/units",
            json!("1"),
            "Expected a whole number from 0 to 65535, found the text \"1\".",
        ),
        (
            "/lines/0/code",
            json!(99_213),
            "Expected a text in quotes, found the number 99213.",
        ),
        (
            "/lines",
            json!({}),
            "Expected a list in brackets, found an object.",
        ),
        ("/lines/0", json!([1]), "Expected an object in braces."),
        ("", json!([1]), "Expected an object in braces."),
    ] {
        let mut claim = claim();
        claim["lines"][0]["units"] = json!(1);
        let claim = match pointer {
            "" => wrong,
            _ => set(&claim, pointer, wrong),
        };
        let message = message(&world, &plan(), &claim);
        assert!(message.ends_with(says), "{message}");
    }
    let mut claim = claim();
    claim["in_network"] = json!("yes");
    let message = message(&world, &plan(), &claim);
    assert!(
        message.ends_with("Expected true or false, found the text \"yes\"."),
        "{message}"
    );
}

#[test]
fn an_address_that_is_none_is_told_what_one_looks_like() {
    let world = World::new();
    let words = ["claim", "show", "nonsense"];
    let output = world.galen().args(words).output().expect("run");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(common::code(&output), 2);
    assert!(
        told.contains("invalid value 'nonsense'") && told.contains("base58"),
        "{told}"
    );
    // What is wrong otherwise is told as ever.
    let output = world.galen().args(["claim", "shew"]).output().expect("run");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("unrecognized subcommand"), "{told}");
}

#[test]
fn stdin_is_one_document() {
    let world = World::new();
    let both = [
        "claim", "quote", "--plan", "-", "--claim", "-", "--output", "json",
    ];
    let output = world
        .galen()
        .args(both)
        .write_stdin(plan().to_string())
        .output()
        .expect("run");
    let (code, _) = common::error(&common::document(&output));
    assert_eq!(code, "stdin_twice");
}

/// Both acknowledgements of the sample, at these paths.
fn acknowledge(world: &World, form: &str, claims: &str) -> (i32, String) {
    let day = text(&world.write("day.837", include_str!("../samples/visit.837")));
    let [form, claims] = [form, claims].map(|name| text(&world.path(name)));
    let (code, answer) = world.run(&[
        "claim",
        "acknowledge",
        &day,
        "--out-999",
        &form,
        "--out-277",
        &claims,
        "--control",
        "41",
    ]);
    let refusal = answer["error"]["code"].as_str().unwrap_or_default();
    (code, refusal.to_owned())
}

#[test]
fn both_acknowledgements_are_written_or_neither() {
    let world = World::new();
    let refused = |code: &str| (1, code.to_owned());
    assert_eq!(
        acknowledge(&world, "a.999", "a.999"),
        refused("contradiction")
    );
    assert!(!world.path("a.999").exists());
    world.write("there.277", "of another day");
    std::fs::create_dir(world.path("folder")).expect("made");
    assert_eq!(
        acknowledge(&world, "a.999", "there.277"),
        refused("file_exists")
    );
    assert_eq!(
        acknowledge(&world, "a.999", "folder/../a.999"),
        refused("file_exists")
    );
    assert_eq!(
        acknowledge(&world, "a.999", "no-folder/a.277"),
        refused("file_unwritable")
    );
    assert!(!world.path("a.999").exists());
    // What was there stays as it was.
    let kept = std::fs::read_to_string(world.path("there.277")).expect("there");
    assert_eq!(kept, "of another day");
    world.write("there.999", "of another day");
    assert_eq!(
        acknowledge(&world, "there.999", "a.277"),
        refused("file_exists")
    );
    assert!(!world.path("a.277").exists());
    assert_eq!(acknowledge(&world, "a.999", "a.277"), (0, String::new()));
    assert!(world.path("a.999").exists() && world.path("a.277").exists());
}
