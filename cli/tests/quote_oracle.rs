//! `galen claim quote`, as a program that reads and prints JSON, and the second opinion in `crates/rules/oracle`, which was
//! written independently and in another language, agree on random documents: the result whole, the member's accumulators
//! after the claim included.

mod common;
#[allow(dead_code, reason = "the rulebook's tests use the rest")]
#[path = "../../crates/rules/tests/support/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use common::{error, World};
use random::Random;
use serde_json::{json, Value};

const SEED: u64 = 0x6761_6c65_6e03;

/// Cases: each starts the binary anew.
fn cases() -> u64 {
    if std::env::var_os("GALEN_SOAK").is_some() {
        10_000
    } else {
        400
    }
}

#[test]
fn quotes_agree_with_the_second_opinion() {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/rules/oracle/oracle.py"
    );
    let mut oracle = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("python3 (3.11 or later) is needed on the PATH: {error}"));
    let mut requests = oracle.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(oracle.stdout.take().expect("a pipe")).lines();
    let world = World::new();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();

    for case in 0..cases() {
        let mut random = Random::new(SEED ^ case.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let (plan, claim, mut member) = (random.plan(), random.claim(), random.member());
        if random.chance(25) {
            forget_family(&mut member);
        }
        let request = json!({"plan": plan, "claim": claim, "member": member});
        writeln!(requests, "{request}").expect("written");
        let answer = answers.next().expect("an answer").expect("readable");
        let theirs: Value = serde_json::from_str(&answer).expect("JSON");
        let (exit, ours) = world.quote(&plan, &claim, Some(&member));
        *seen
            .entry(compared(exit, &ours, &theirs, &request))
            .or_default() += 1;
        // What a quote says of the member is what the next one is told.
        if exit == 0 {
            let (exit, next) = world.quote(&plan, &claim, Some(&ours["member"]));
            assert_eq!(exit, 0, "{next:#} {request}");
        }
    }
    drop(requests);
    assert!(oracle.wait().expect("ended").success());
    println!(
        "figure: {} quotes against the second opinion: {seen:?}",
        cases()
    );
    for outcome in [
        "complete",
        "partial",
        "denied",
        "spans_two_periods",
        "coverage",
    ] {
        assert!(seen.contains_key(outcome), "never seen: {outcome}");
    }
}

/// Leaves out what the family has used.
fn forget_family(member: &mut Value) {
    for network in ["", "/out_of_network"] {
        for name in ["deductible_used", "out_of_pocket_used"] {
            let used = member.pointer_mut(&format!("{network}/{name}"));
            if let Some(used) = used.and_then(Value::as_object_mut) {
                used.remove("family");
            }
        }
    }
}

/// Compares two answers to a request; how it came out.
fn compared(exit: i32, ours: &Value, theirs: &Value, request: &Value) -> String {
    if let Some(refusal) = theirs["error"]["code"].as_str() {
        let (code, at) = match refusal {
            // The command line says which of the figures does not fit; the second opinion only that they do not.
            "other_payer" => ("sum_mismatch", error(ours).1),
            "spans_two_periods" => ("spans_benefit_periods", place(theirs)),
            other => panic!("a refusal that random documents should not meet: {other}: {request}"),
        };
        assert_eq!((exit, error(ours)), (1, (code.to_owned(), at)), "{request}");
        assert!(error(ours).1.starts_with(&place(theirs)), "{request}");
        return refusal.to_owned();
    }
    // Coverage that ends before it begins: the command line refuses the document, the second opinion covers no day.
    let member = &request["member"];
    if let (Some(from), Some(to)) = (
        member["covered_from"].as_str(),
        member["covered_to"].as_str(),
    ) {
        if to < from {
            let refused = ("invalid_date".to_owned(), "covered_to".to_owned());
            assert_eq!((exit, error(ours)), (1, refused), "{request}");
            return "coverage".to_owned();
        }
    }
    assert_eq!(exit, 0, "{ours:#} {request}");
    let theirs = in_our_form(theirs.clone(), member);
    let ours = sorted(ours.clone());
    assert_eq!(ours, sorted(theirs), "{request}");
    let outcome = ours["outcome"].as_str().expect("an outcome");
    outcome.to_owned()
}

/// An answer with the member's history sorted, and in each entry the modifiers: neither order says anything.
fn sorted(mut answer: Value) -> Value {
    let history = answer["member"]["history"].as_array_mut();
    let history = history.expect("a history");
    for entry in &mut *history {
        if let Some(modifiers) = entry.get_mut("modifiers").and_then(Value::as_array_mut) {
            modifiers.sort_by_key(ToString::to_string);
        }
    }
    history.sort_by_key(ToString::to_string);
    answer
}

/// A result of the second opinion as the command line prints it: what was used outside the network is left out where it
/// is nothing, and kept as given where the plan has no terms for it.
fn in_our_form(mut result: Value, member: &Value) -> Value {
    let given = &member["out_of_network"];
    let outside = result["member"]["out_of_network"].take();
    let outside = if outside.is_null() { given } else { &outside };
    let used = |kind: &str, whose: &str| outside[kind][whose].as_u64().unwrap_or(0);
    let pair = |kind: &str| {
        let individual = used(kind, "individual");
        let family = match used(kind, "family") {
            0 => individual,
            stated => stated,
        };
        json!({"individual": individual, "family": family})
    };
    let kinds = ["deductible_used", "out_of_pocket_used"];
    let nothing = kinds.map(pair) == [0, 0].map(|none| json!({"individual": none, "family": none}));
    let after = result["member"].as_object_mut().expect("a member");
    after.remove("out_of_network");
    if !nothing {
        let [deductible, maximum] = kinds.map(pair);
        let outside = json!({"deductible_used": deductible, "out_of_pocket_used": maximum});
        after.insert("out_of_network".to_owned(), outside);
    }
    result
}

fn place(answer: &Value) -> String {
    let at = answer["error"]["at"].as_str();
    at.expect("a place").to_owned()
}
