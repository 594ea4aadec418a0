//! How fast the rulebook decides, beside the second opinion in Python on the same documents in the same run. What is asserted is far
//! below what is measured, so that a busy machine fails nobody; the million lines a second are asserted in release builds only.

mod support;

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use galen_rules::adjudication::{adjudicate_with, LineResult};
use serde_json::{json, Value};
use support::details;
use support::documents::{ClaimDoc, MemberDoc, PlanDoc};
use support::random::Random;

const SEED: u64 = 0x6761_6c65_6e03;
/// So long at least is the rulebook measured.
const MEASURED: Duration = Duration::from_secs(1);

/// A document as the oracle gets it, and as the rulebook does.
struct Case {
    request: Value,
    plan: PlanDoc,
    member: MemberDoc,
    claim: ClaimDoc,
}

impl Case {
    fn new(number: u64) -> Self {
        let mut random = Random::new(SEED ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let (plan, claim, member) = (random.plan(), random.claim(), random.member());
        let read = PlanDoc::read(&plan);
        Self {
            member: MemberDoc::read(&member, &read),
            claim: ClaimDoc::read(&claim, &read),
            plan: read,
            request: json!({"plan": plan, "claim": claim, "member": member}),
        }
    }

    fn adjudicate(&self, results: &mut [LineResult]) {
        let lines = &self.claim.lines;
        let mut accumulators = self.member.accumulators;
        // A refusal is an answer too.
        let _ = details::lend(&self.plan, &self.claim, &self.member, lines, |details| {
            adjudicate_with(
                details,
                &self.plan.plan(),
                &self.claim.claim(lines),
                self.member.coverage,
                self.member.services(),
                &mut accumulators,
                results,
            )
        });
    }
}

#[test]
fn a_million_lines_a_second() {
    let cases: Vec<Case> = (0..support::cases(500, 20_000)).map(Case::new).collect();
    let lines: usize = cases.iter().map(|case| case.claim.lines.len()).sum();
    let second_opinion = lines as f64 / seconds_of_the_oracle(&cases);

    let mut results = vec![LineResult::default(); 64];
    let mut decided = 0;
    let started = Instant::now();
    while started.elapsed() < MEASURED {
        for case in &cases {
            case.adjudicate(&mut results[..case.claim.lines.len()]);
        }
        decided += lines;
    }
    let native = decided as f64 / started.elapsed().as_secs_f64();
    println!(
        "{native:.0} lines a second on one core, {:.0} times the second opinion in Python",
        native / second_opinion
    );
    note(cases.len(), lines, native, second_opinion);
    assert!(native > 20.0 * second_opinion);
    if !cfg!(debug_assertions) {
        assert!(native > 1_000_000.0);
    }
}

/// Adds the row to the table of rates in the file that `GALEN_RATES` names, where it does (`cargo xtask bench --rates`).
fn note(claims: usize, lines: usize, native: f64, second_opinion: f64) {
    let Some(path) = std::env::var_os("GALEN_RATES") else {
        return;
    };
    let row = format!(
        "| {claims} | {lines} | {native:.0} | {second_opinion:.0} | {:.0} |\n",
        native / second_opinion
    );
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(row.as_bytes()).unwrap();
}

/// From the first document to the last answer.
fn seconds_of_the_oracle(cases: &[Case]) -> f64 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/oracle.py");
    let mut oracle = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("python3 (3.11 or later) is needed on the PATH: {error}"));
    let mut input = oracle.stdin.take().unwrap();
    let mut output = oracle.stdout.take().unwrap();
    let requests: String = cases
        .iter()
        .map(|case| format!("{}\n", case.request))
        .collect();
    let started = Instant::now();
    let writer = thread::spawn(move || input.write_all(requests.as_bytes()).unwrap());
    let mut answers = String::new();
    output.read_to_string(&mut answers).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    writer.join().unwrap();
    assert!(oracle.wait().unwrap().success());
    assert_eq!(answers.lines().count(), cases.len());
    seconds
}
