//! `galen trial data` on a running validator: data points are anchored as they come in, corrected without being overwritten, locked, and
//! proved one by one; a proof is OK, FAIL or NOT ENOUGH DATA, never anything else.

mod chain;
mod common;

use chain::field;
use chain::trial::{without_plan, TrialWorld};
use common::{code, document, text};
use serde_json::{json, Value};

const HEADER: &str = "subject,visit,item,value,at,reason,user,location,source\n";
const VISIT: &str = "\
017,V1,systolic,128,2026-03-01T09:00:00Z,first_entry,nurse 4,site 2,paper
017,V1,diastolic,84,2026-03-01T09:01:00Z,first_entry,nurse 4,site 2,paper
018,V1,systolic,-1.5,2026-03-01T10:00:00+01:00,first_entry,nurse 4,site 2,
";
const CORRECTION: &str = "\
017,V1,systolic,182,2026-03-02T09:00:00Z,entry_error,monitor 1,sponsor,query 12
018,V1,systolic,,2026-03-02T09:05:00Z,withdrawn,monitor 1,sponsor,query 13
";

struct Data {
    world: TrialWorld,
    log: String,
}

impl Data {
    /// A trial bound to its analysis plan, and a log that has not begun.
    fn new() -> Self {
        let world = without_plan(10, 900_000);
        let log = text(&world.chain.world.path("trial.datalog"));
        let plan = text(
            &world
                .chain
                .world
                .write("plan.txt", "primary endpoint: systolic"),
        );
        let commit = [
            "trial",
            "data",
            "plan",
            &world.trial,
            &plan,
            "--bond",
            "100000",
        ];
        world.chain.twice("manager", &commit, "created");
        Self { world, log }
    }

    fn add(&self, rows: &str) -> Value {
        let file = text(
            &self
                .world
                .chain
                .world
                .write("points.csv", &format!("{HEADER}{rows}")),
        );
        let output = self
            .world
            .chain
            .galen("manager")
            .args(["trial", "data", "add", &self.log, &file, "--output", "json"])
            .output()
            .expect("run");
        document(&output)
    }

    fn anchor(&self, outcome: &str) -> Value {
        let args = ["trial", "data", "anchor", &self.world.trial, &self.log];
        let anchored = self.world.chain.run("manager", &args);
        assert_eq!(field(&anchored, "outcome"), outcome);
        anchored["account"].clone()
    }

    fn prove(&self, subject: &str) -> Value {
        #[rustfmt::skip]
        let args = [
            "trial", "data", "prove", &self.log, "--subject", subject, "--visit", "V1", "--item", "systolic",
        ];
        self.world.chain.run("manager", &args)
    }

    /// The answer to a proof, and whether the exit code says OK.
    fn verify(&self, proof: &Value) -> String {
        let file = text(&self.world.chain.world.json("proof.json", proof));
        let output = self
            .world
            .chain
            .galen("anyone")
            .args(["trial", "data", "verify", &file, "--output", "json"])
            .output()
            .expect("run");
        let answer = document(&output);
        let said = field(&answer, "answer").to_owned();
        assert_eq!(code(&output) == 0, said == "OK", "{answer:#}");
        said
    }
}

#[test]
fn a_value_and_what_it_was_before_are_proved() {
    let data = Data::new();
    assert_eq!(data.add(VISIT)["added"], 3);
    // Again: nothing new.
    let again = data.add(VISIT);
    assert_eq!(
        (&again["added"], &again["unchanged"]),
        (&json!(0), &json!(3))
    );
    let anchored = data.anchor("changed");
    assert_eq!(
        (&anchored["points"], &anchored["batches"]),
        (&json!(3), &json!(1))
    );
    data.anchor("unchanged");
    let early = data.prove("017");
    assert_eq!(data.verify(&early), "OK");

    assert_eq!(data.add(CORRECTION)["points"], 5);
    data.anchor("changed");
    // It was made against what was anchored then.
    assert_eq!(data.verify(&early), "NOT ENOUGH DATA");
    let proof = data.prove("017");
    let values = proof["values"].as_array().expect("a list");
    let history: Vec<(&str, &str)> = values
        .iter()
        .map(|value| (field(value, "value"), field(value, "reason")))
        .collect();
    assert_eq!(history, [("128", "first_entry"), ("182", "entry_error")]);
    assert_eq!(data.verify(&proof), "OK");
    assert_eq!(data.verify(&data.prove("018")), "OK");

    // Whatever is changed in it, it no longer holds.
    for (pointer, forged) in [
        ("/values/1/value", json!("128")),
        ("/values/0/value", json!("127")),
        ("/values/1/at", json!(1_772_000_000)),
        ("/values/1/reason", json!("new_information")),
        ("/values/1/audit/user", json!("nurse 4")),
        ("/values/1/follows", json!(1)),
        ("/values/1/position", json!(4)),
        ("/values/1/batch", json!(0)),
        ("/item/subject", json!("018")),
    ] {
        let mut changed = proof.clone();
        *changed.pointer_mut(pointer).expect("there") = forged;
        assert_eq!(data.verify(&changed), "FAIL", "{pointer}");
    }
    // Without what it was before, nothing can be said.
    let mut last = proof.clone();
    last["values"].as_array_mut().expect("a list").remove(0);
    assert_eq!(data.verify(&last), "NOT ENOUGH DATA");
    // A proof that brings its own root along.
    let mut own = proof.clone();
    own["root"] = json!("11".repeat(32));
    assert_eq!(data.verify(&own), "NOT ENOUGH DATA");
}

#[test]
fn the_log_is_locked_when_the_trial_has_ended_and_results_follow() {
    let data = Data::new();
    let (world, chain) = (&data.world, &data.world.chain);
    data.add(VISIT);
    data.anchor("changed");
    let lock = ["trial", "data", "lock", &world.trial];
    assert_eq!(chain.refused("manager", &lock), "data_still_coming");
    world.run("manager", &["end", &world.trial, "--reason", "complete"]);
    chain.twice("manager", &lock, "changed");
    let proof = data.prove("017");
    data.add(CORRECTION);
    let late = ["trial", "data", "anchor", &world.trial, &data.log];
    assert_eq!(chain.refused("manager", &late), "data_locked");
    assert_eq!(data.verify(&proof), "OK");
    let report = text(&chain.world.write("report.txt", "it works"));
    let results = ["trial", "data", "results", &world.trial, &report];
    let bound = chain.twice("manager", &results, "changed");
    assert_eq!(field(&bound, "bond_state"), "returned");
    let other = text(&chain.world.write("other.txt", "it does not"));
    assert_eq!(
        chain.refused(
            "manager",
            &["trial", "data", "results", &world.trial, &other]
        ),
        "other_results"
    );
}

#[test]
fn what_is_refused_by_name() {
    let data = Data::new();
    let (world, chain) = (&data.world, &data.world.chain);
    let codes = |rows: &str| -> Vec<String> {
        let report = data.add(rows);
        assert_eq!(report["points"], 0, "all or nothing: {report:#}");
        let faults = report["faults"].as_array().expect("a list");
        faults
            .iter()
            .map(|fault| field(fault, "code").to_owned())
            .collect()
    };
    let good = "017,V1,systolic,128,2026-03-01T09:00:00Z,first_entry,n,s,\n";
    for (rows, code) in [
        (
            "017,V1,systolic,1,2026-03-01,first_entry,n,s,\n",
            "time_invalid",
        ),
        (
            "017,V1,systolic,1,2026-03-01T09:00:00Z,typo,n,s,\n",
            "reason_invalid",
        ),
        (
            "017,V1,systolic,1,2026-03-01T09:00:00Z,entry_error,n,s,\n",
            "reason_unfit",
        ),
        (
            "017,V1,systolic,,2026-03-01T09:00:00Z,first_entry,n,s,\n",
            "missing_value",
        ),
        (
            "017,V1,systolic,=1+1,2026-03-01T09:00:00Z,first_entry,n,s,\n",
            "formula",
        ),
        (
            "017,V1,systolic,1,2026-03-01T09:00:00Z,withdrawn,n,s,\n",
            "value_withdrawn",
        ),
    ] {
        assert_eq!(codes(&format!("{rows}018{}", &good[3..])), [code], "{rows}");
    }
    let twice = format!("{good}017,V1,systolic,130,2026-03-01T09:00:01Z,first_entry,n,s,\n");
    assert_eq!(codes(&twice), ["reason_unfit"]);
    let back = format!("{good}017,V1,systolic,130,2026-02-01T09:00:01Z,entry_error,n,s,\n");
    assert_eq!(codes(&back), ["time_goes_back"]);

    let prove = ["trial", "data", "prove", &data.log, "--position", "0"];
    assert_eq!(chain.refused("manager", &prove), "not_anchored");
    data.add(VISIT);
    data.anchor("changed");
    let unknown = ["trial", "data", "prove", &data.log, "--position", "7"];
    assert_eq!(chain.refused("manager", &unknown), "unknown_position");
    // A log that the anchored batches did not come from.
    let other = text(&chain.world.path("other.datalog"));
    let file = text(&chain.world.write("other.csv", &format!("{HEADER}{good}")));
    chain.run("manager", &["trial", "data", "add", &other, &file]);
    let anchor = ["trial", "data", "anchor", &world.trial, &other];
    assert_eq!(chain.refused("manager", &anchor), "log_differs");
    let no_log = text(
        &chain
            .world
            .write("no.datalog", "not a database at all, only some text"),
    );
    let anchor = ["trial", "data", "anchor", &world.trial, &no_log];
    assert_eq!(chain.refused("manager", &anchor), "log_unusable");
    let stranger = ["trial", "data", "anchor", &world.trial, &data.log];
    data.add(CORRECTION);
    assert_eq!(chain.refused("stranger", &stranger), "operator_missing");
    let plan = text(&chain.world.write("another.txt", "another endpoint"));
    assert_eq!(
        chain.refused("manager", &["trial", "data", "plan", &world.trial, &plan]),
        "other_plan"
    );
}
