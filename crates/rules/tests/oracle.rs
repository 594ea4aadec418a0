//! The rulebook and the second opinion in `oracle/`, written independently and in another
//! language, agree on random documents to the cent and to the reason.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{json, Value};
use support::documents::{error_document, quote};
use support::random::Random;

/// So many documents.
const CASES: u64 = 100_000;
const SEED: u64 = 0x6761_6c65_6e03;

#[test]
fn agrees_with_the_second_opinion() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/oracle.py");
    let mut oracle = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("python3 (3.11 or later) is needed on the PATH: {error}"));
    let mut requests = oracle.stdin.take().unwrap();
    let answers = BufReader::new(oracle.stdout.take().unwrap());

    let writer = thread::spawn(move || {
        for case in 0..CASES {
            writeln!(requests, "{}", request(case)).unwrap();
        }
    });
    let mut seen = Seen::default();
    let mut answered = 0;
    for (case, answer) in (0..CASES).zip(answers.lines()) {
        let answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
        let request = request(case);
        let ours = match quote(&request["plan"], &request["claim"], &request["member"]) {
            Ok(quoted) => quoted.document(),
            Err(error) => error_document(&error),
        };
        assert_eq!(ours, answer, "case {case}: {request}");
        seen.count(&ours);
        answered += 1;
    }
    writer.join().unwrap();
    assert!(oracle.wait().unwrap().success());
    assert_eq!(answered, CASES);
    seen.must_be_everything();
}

fn request(case: u64) -> Value {
    let mut random = Random::new(SEED ^ case.wrapping_mul(0x2545_f491_4f6c_dd1d));
    json!({"plan": random.plan(), "claim": random.claim(), "member": random.member()})
}

/// What occurred, so that a generator that stops producing a feature fails the test.
#[derive(Default)]
struct Seen {
    tags: std::collections::BTreeSet<String>,
}

impl Seen {
    fn count(&mut self, document: &Value) {
        if let Some(code) = document["error"]["code"].as_str() {
            self.tags.insert(code.to_owned());
            return;
        }
        self.tags
            .insert(document["outcome"].as_str().unwrap().into());
        for line in document["lines"].as_array().unwrap() {
            if line["suspect"] == true {
                self.tags.insert("suspect".into());
            }
            if line["prior_unpaid"] == true {
                self.tags.insert("prior_unpaid".into());
            }
            if line["late_excused"] == true {
                self.tags.insert("late_excused".into());
            }
            if line["attachment_missing"] == true {
                self.tags.insert("attachment_missing".into());
            }
            for adjustment in line["adjustments"].as_array().unwrap() {
                let group = adjustment["group"].as_str().unwrap();
                if let Some(remark) = adjustment["remark"].as_str() {
                    self.tags.insert(remark.into());
                }
                self.tags
                    .insert(format!("{group}-{}", adjustment["reason"]));
            }
        }
    }

    fn must_be_everything(&self) {
        for tag in [
            "complete",
            "partial",
            "denied",
            "spans_two_periods",
            "other_payer",
            "suspect",
            "prior_unpaid",
            "late_excused",
            "attachment_missing",
            "CO-45",
            "PR-45",
            "PR-122",
            "PR-1",
            "PR-2",
            "PR-3",
            "OA-23",
            "PR-119",
            "PR-149",
            "PR-26",
            "PR-27",
            "CO-29",
            "PI-29",
            "CO-110",
            "OA-18",
            "PR-204",
            "PR-96",
            "PR-179",
            "CO-197",
            "PI-197",
            "PI-242",
            "CO-151",
            "PI-151",
            "OA-109",
            "PR-31",
            "PR-32",
            "PR-200",
            "PR-238",
            "CO-239",
            "CO-13",
            "CO-14",
            "PR-177",
            "CO-16",
            "CO-252",
            "MA122",
            "M76",
            "N329",
            "MA39",
            "N255",
            "M77",
            "N286",
            "N40",
            "N706",
            "N130",
            "CO-185",
            "CO-8",
            "CO-5",
            "OA-22",
            "CO-181",
            "CO-146",
            "CO-167",
            "CO-11",
            "CO-6",
            "CO-7",
            "CO-4",
            "CO-55",
            "CO-50",
            "PR-51",
            "CO-198",
            "CO-15",
            "CO-210",
            "CO-39",
            "CO-243",
            "CO-236",
            "CO-97",
            "CO-234",
            "CO-231",
            "CO-59",
            "PR-59",
            "CO-150",
            "CO-249",
        ] {
            assert!(
                self.tags.contains(tag),
                "never seen: {tag}; seen: {:?}",
                self.tags
            );
        }
    }
}
