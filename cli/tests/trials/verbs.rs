//! What happens beside visits and payments: claims and the arbiter, keys, sites' own milestones, doses, bonds, closing.

use anchor_lang::prelude::Pubkey;
use serde_json::{json, Value};
use solana_signer::Signer;
use trials::state::Dose;

use crate::chain::field;
use crate::chain::trial::{schedule, trial, without_plan, TrialWorld, UNITS};
use crate::common::{code, document, text};
use crate::{assert_balanced, counts, DAY};

impl TrialWorld {
    /// A keypair file of a participant who has lamports: for the rent of what they announce.
    fn with_lamports(&self, name: &str) -> String {
        let key = self.participant(name);
        let client = &self.chain.client;
        client
            .request_airdrop(&key, 1_000_000_000)
            .expect("an airdrop");
        for _ in 0..200 {
            if client.get_balance(&key).unwrap_or_default() > 0 {
                return text(&self.chain.keyfile(name));
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the airdrop does not arrive");
    }

    /// `galen trial ...` twice: done, then nothing to do; the account.
    fn twice(&self, who: &str, args: &[&str], outcome: &str) -> Value {
        self.chain.twice(who, &[&["trial"], args].concat(), outcome)
    }

    fn file(&self, name: &str, content: &str) -> String {
        text(&self.chain.world.write(name, content))
    }
}

#[test]
fn a_visit_on_which_the_site_is_silent_comes_to_the_arbiter() {
    let world = trial(4, 1_000_000);
    world.enrol(4);
    let (trial, today) = (world.trial.as_str(), world.today());
    let ticket = world.file("ticket.txt", "a parking ticket");
    let reason = world.file("reason.txt", "nobody came");
    let keys = [0, 1, 2, 3].map(|n| world.participant(&format!("p{n}")).to_string());
    let visit = |verb: &'static str, who: &str| {
        [
            "visit",
            verb,
            trial,
            "--participant",
            who,
            "--milestone",
            "1",
        ]
        .map(str::to_owned)
    };
    let claim = |who: &str| {
        let more = ["--visited", &today, "--evidence", &ticket].map(str::to_owned);
        [visit("claim", who).to_vec(), more.to_vec()].concat()
    };
    assert_eq!(world.refused("nurse", &claim(&keys[3])), "not_independent");
    assert_eq!(
        world.refused("manager", &claim(&keys[3])),
        "not_the_participants_key"
    );
    let run_twice = |who: &str, args: &[String], outcome: &str| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        world.twice(who, &args, outcome)
    };

    // They claim for themselves; who has a key needs nobody else for it.
    let files = ["p0", "p1", "p2", "p3"].map(|name| world.with_lamports(name));
    for file in &files {
        let claimed = run_twice("nurse", &claim(file), "created");
        assert_eq!(
            (&claimed["turn"], &claimed["visited"]),
            (&json!("site"), &json!(today)),
            "{claimed:#}"
        );
    }
    let mut other = claim(&files[3]);
    other.pop();
    other.push(reason.clone());
    assert_eq!(world.refused("nurse", &other), "claim_differs");

    // The site refuses one, and the board overrules it; another it attests after all.
    let with_reason = |verb: &'static str, who: &str, more: &[&str]| {
        let mut args = visit(verb, who).to_vec();
        args.extend(["--reason", &reason].map(str::to_owned));
        args.extend(more.iter().map(|word| (*word).to_owned()));
        args
    };
    let refuse = with_reason("refuse", &keys[0], &[]);
    assert_eq!(world.refused("manager", &refuse), "operator_missing");
    assert_eq!(run_twice("nurse", &refuse, "changed")["turn"], "refused");
    let grant = with_reason("arbitrate", &keys[0], &["--decision", "grant"]);
    assert_eq!(world.refused("manager", &grant), "operator_missing");
    assert_eq!(run_twice("overseer", &grant, "changed")["turn"], "granted");
    let early = with_reason("arbitrate", &keys[2], &["--decision", "deny"]);
    assert_eq!(world.refused("overseer", &early), "claim_with_the_site");
    world.run(
        "nurse",
        &["attest", trial, "--from", &world.visits(1, 1..2)],
    );
    let again = world.run("nurse", &claim(&keys[1]));
    assert_eq!(
        (&again["outcome"], &again["account"]["turn"]),
        (&json!("unchanged"), &json!("attested"))
    );

    // Silence of the site passes the other two on; the arbiter denies one, and is silent about the other.
    let crank = |verb: &str| counts(&world.run("anyone", &["visit", verb, trial]));
    assert_eq!(crank("escalate"), [0, 2, 0], "the site still has time");
    world.chain.travel(31 * DAY);
    assert_eq!(crank("escalate"), [2, 0, 0]);
    assert_eq!(crank("escalate"), [0, 0, 0]);
    assert_eq!(run_twice("overseer", &early, "changed")["turn"], "refused");
    assert_eq!(crank("grant"), [0, 1, 0], "the arbiter still has time");
    world.chain.travel(31 * DAY);
    assert_eq!(crank("grant"), [1, 0, 0]);
    let turns = |list: &Value| -> Vec<(String, String)> {
        let mut turns: Vec<_> = list
            .as_array()
            .expect("a list")
            .iter()
            .map(|claim| {
                (
                    field(claim, "participant").to_owned(),
                    field(claim, "turn").to_owned(),
                )
            })
            .collect();
        turns.sort();
        turns
    };
    let mut expected: Vec<(String, String)> = keys
        .iter()
        .cloned()
        .zip(["granted", "attested", "refused", "granted"].map(str::to_owned))
        .collect();
    expected.sort();
    let listed = world.run("anyone", &["visit", "list", trial]);
    assert_eq!(turns(&listed), expected, "{listed:#}");

    // What is earned is paid, and only the claim that was denied stays.
    assert_eq!(crank("close"), [3, 1, 0]);
    assert_eq!(crank("close"), [0, 1, 0]);
    assert_eq!(
        turns(&world.run("anyone", &["visit", "list", trial])),
        [(keys[2].clone(), "refused".to_owned())]
    );
    world.run("anyone", &["pay", trial]);
    assert_eq!(
        [0, 1, 2, 3].map(|number| world.holds(number)),
        [10_000, 10_000, 0, 10_000]
    );
    assert_eq!(
        world.refused("nurse", &with_reason("refuse", &keys[0], &[])),
        "not_found"
    );
    assert_balanced(&world);
}

#[test]
fn a_key_changes_hands_and_a_lost_one_is_replaced() {
    let world = trial(2, 1_000_000);
    world.enrol(1);
    let trial = world.trial.as_str();
    let old = world.with_lamports("p0");
    let key = world.participant("p0").to_string();
    let [new_key, other_key] = ["new", "other"].map(|name| world.participant(name).to_string());
    let [new, other] = ["new", "other"].map(|name| text(&world.chain.keyfile(name)));
    fn propose<'a>(trial: &'a str, who: &'a str, new: &'a str) -> [&'a str; 6] {
        ["propose-key", trial, "--participant", who, "--new-key", new]
    }
    let apply = || counts(&world.run("anyone", &["apply-key", trial]));
    let cancel = ["cancel-key", trial, "--participant", &old];

    let announced = world.twice("nurse", &propose(trial, &old, &new), "created");
    assert_eq!(
        (&announced["key"], &announced["announced"]),
        (&json!(key), &json!(new_key))
    );
    assert_eq!(
        world.refused("nurse", &propose(trial, &old, &other)),
        "key_change_differs"
    );
    assert_eq!(apply(), [0, 1, 0], "72 hours are not over");
    assert_eq!(world.run("nurse", &cancel)["outcome"], "changed");
    assert_eq!(world.run("nurse", &cancel)["outcome"], "unchanged");
    assert_eq!(apply(), [0, 0, 0]);

    // Somebody independent says that it is lost: 14 days.
    assert_eq!(
        world.refused("nurse", &propose(trial, &key, &new)),
        "not_independent"
    );
    world.twice("overseer", &propose(trial, &key, &other), "created");
    world.chain.travel(4 * DAY);
    assert_eq!(apply(), [0, 1, 0], "14 days are not over");
    world.chain.travel(10 * DAY + 60);
    assert_eq!(apply(), [1, 0, 0]);
    assert_eq!(apply(), [0, 0, 0]);
    assert_eq!(
        world
            .run(
                "anyone",
                &["participants", trial, "--participant", &other_key]
            )
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    // The old one is nobody's now.
    assert_eq!(world.refused("nurse", &cancel), "participant_unknown");
}

#[test]
fn a_site_earns_beside_its_fees_and_is_paid_elsewhere() {
    let world = trial(2, 1_000_000);
    world.enrol(2);
    let (trial, site) = (world.trial.as_str(), world.site.as_str());
    let plan = json!({"milestones": [
        {"name": "initiation visit", "amount": 15_000},
        {"name": "two enrolled", "amount": 25_000, "enrolled": 2},
        {"amount": 3_000},
        {"name": "a hundred enrolled", "amount": 70_000, "enrolled": 100},
    ]});
    let document = text(&world.chain.world.json("site-plan.json", &plan));
    let offer = ["site-plan", "offer", site, &document];
    assert_eq!(
        world.refused("anyone", &["site-plan", "show", site]),
        "not_found"
    );
    assert_eq!(world.refused("nurse", &offer), "operator_missing");
    let offered = world.twice("manager", &offer, "created");
    assert_eq!(offered["reserved"], json!(113_000));
    let other = text(
        &world
            .chain
            .world
            .json("other-plan.json", &json!({"milestones": [{"amount": 1}]})),
    );
    assert_eq!(
        world.refused("manager", &["site-plan", "offer", site, &other]),
        "site_plan_differs"
    );
    let bad = text(&world.chain.world.json(
        "bad-plan.json",
        &json!({"milestones": [{"amount": 1, "due": 2}]}),
    ));
    assert_eq!(
        world.refused("manager", &["site-plan", "offer", site, &bad]),
        "unknown_field"
    );
    let report = world.file("report.txt", "the site is open");
    let declare = |number: &'static str| {
        let words = [
            "site-plan",
            "declare",
            site,
            "--milestone",
            number,
            "--evidence",
        ];
        [words.map(str::to_owned).to_vec(), vec![report.clone()]].concat()
    };
    let answer = |number: &'static str, decision: &'static str| {
        let words = [
            "site-plan",
            "answer",
            site,
            "--milestone",
            number,
            "--decision",
        ];
        let more = [decision, "--reason", &report].map(str::to_owned);
        [words.map(str::to_owned).to_vec(), more.to_vec()].concat()
    };
    let twice = |who: &str, args: &[String]| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        world.twice(who, &args, "changed")
    };
    let states = |view: &Value| -> Vec<String> {
        let milestones = view["milestones"].as_array().expect("milestones");
        milestones
            .iter()
            .map(|one| field(one, "state").to_owned())
            .collect()
    };

    // Declared, refused, declared again, confirmed.
    assert_eq!(world.refused("manager", &declare("0")), "operator_missing");
    assert_eq!(
        world.refused("nurse", &declare("1")),
        "site_milestone_counted"
    );
    assert_eq!(
        world.refused("nurse", &declare("4")),
        "site_milestone_unknown"
    );
    twice("nurse", &declare("0"));
    twice("manager", &answer("0", "refuse"));
    twice("nurse", &declare("0"));
    let confirmed = twice("manager", &answer("0", "confirm"));
    assert_eq!(states(&confirmed), ["earned", "open", "open", "open"]);
    assert_eq!(
        world.refused("manager", &answer("0", "refuse")),
        "site_milestone_over"
    );
    // Two are enrolled: anybody can have that earned. Nobody answers about the third, for 30 days.
    let earn = ["site-plan", "earn", trial];
    let earned = world.run("anyone", &earn);
    assert_eq!(earned["outcome"], "changed");
    assert_eq!(
        states(&earned["account"][0]),
        ["earned", "earned", "open", "open"]
    );
    twice("nurse", &declare("2"));
    assert_eq!(world.run("anyone", &earn)["outcome"], "unchanged");

    // Another token account of the site.
    let clinic = world.chain.person("accountant");
    let account = world
        .chain
        .tokens(&world.mint, "treasury", &clinic, 0)
        .to_string();
    let stranger = world
        .chain
        .tokens(&world.mint, "treasury", &world.chain.person("stranger"), 0)
        .to_string();
    let propose = ["propose-payout", site, "--payout", &account];
    assert_eq!(world.refused("nurse", &propose), "not_site_authority");
    world.twice("clinic", &propose, "created");
    assert_eq!(
        world.refused("clinic", &["propose-payout", site, "--payout", &stranger]),
        "payout_change_differs"
    );
    let apply = ["apply-payout", site];
    assert_eq!(world.refused("anyone", &apply), "payout_change_too_early");
    assert_eq!(
        world.refused("nurse", &["cancel-payout", site]),
        "not_payout_owner"
    );
    world.twice("clinic", &["cancel-payout", site], "changed");
    world.run("clinic", &propose);
    world.chain.travel(31 * DAY);
    let applied = world.twice("anyone", &apply, "changed");
    assert_eq!(
        (&applied["payout"], &applied["announced"]),
        (&json!(account), &Value::Null)
    );
    assert_eq!(
        states(&world.run("anyone", &earn)["account"][0]),
        ["earned", "earned", "earned", "open"]
    );
    world.run("anyone", &["pay-site", site]);
    assert_eq!(world.chain.held(&account), 43_000 * UNITS);
    assert_balanced(&world);

    // What was not enrolled lapses, 90 days after the end.
    let lapse = ["site-plan", "lapse", trial];
    assert_eq!(world.refused("anyone", &lapse), "trial_running");
    world.run("manager", &["end", trial, "--reason", "complete"]);
    assert_eq!(world.refused("anyone", &lapse), "trial_running");
    world.chain.travel(91 * DAY);
    let lapsed = world.run("anyone", &lapse);
    assert_eq!(
        (&lapsed["outcome"], &lapsed["account"][0]["reserved"]),
        (&json!("changed"), &json!(0))
    );
    assert_eq!(world.run("anyone", &lapse)["outcome"], "unchanged");
    let shown = world.run("anyone", &["site-plan", "show", site]);
    assert_eq!(states(&shown), ["earned", "earned", "earned", "lapsed"]);
    assert_balanced(&world);
}

/// A dose as the device signs it, as a row of a table.
fn dose_row(world: &TrialWorld, device: &str, sequence: u32, taken_at: i64) -> String {
    let cohort: Pubkey = world.cohort.parse().expect("an address");
    let dose = Dose { sequence, taken_at };
    let signature = world
        .chain
        .keypair(device)
        .sign_message(&dose.message(&cohort, 0));
    format!("p0.json,{sequence},{taken_at},{signature}\n")
}

#[test]
fn doses_gate_a_bonus_and_late_results_cost_the_bond() {
    let world = without_plan(2, 1_000_000);
    let trial = world.trial.as_str();
    let mut asked = schedule();
    asked["adherence"] =
        json!({"window_days": 7, "windows": 2, "doses": 2, "threshold_bps": 5_000});
    let document_of = |name: &str, schedule: &Value| text(&world.chain.world.json(name, schedule));
    let upload = document_of("asked.json", &asked);
    let uploaded = world.twice("manager", &["schedule", trial, &upload], "created");
    assert_eq!(
        (&uploaded["number"], &uploaded["adherence"]["doses"]),
        (&json!(2), &json!(2))
    );
    for (change, code) in [
        (("bonus", json!(0)), "adherence_without_bonus"),
        (
            (
                "adherence",
                json!({"window_days": 7, "windows": 65, "doses": 2, "threshold_bps": 5_000}),
            ),
            "adherence_invalid",
        ),
        (
            ("adherence", json!({"window_days": 7, "windows": 2})),
            "missing_field",
        ),
    ] {
        let mut bad = asked.clone();
        bad[change.0] = change.1;
        let file = document_of("bad.json", &bad);
        assert_eq!(world.refused("manager", &["schedule", trial, &file]), code);
    }

    // The bond of the plan that binds the trial before its first participant.
    let plan = world.file("analysis-plan.txt", "primary endpoint: systolic");
    let commit = ["data", "plan", trial, &plan, "--results-within", "30"];
    let bond = [&commit[..], &["--bond", "5000"]].concat();
    let committed = world.twice("manager", &bond, "created");
    assert_eq!(committed["bond_state"], "held");
    assert_eq!(world.ledger()["reserved"], json!(5_000));
    let fund = world.chain.person("fund");
    let account = world
        .chain
        .tokens(&world.mint, "treasury", &fund, 0)
        .to_string();
    let name = ["data", "beneficiary", trial, "--account", &account];
    assert_eq!(world.refused("manager", &name), "operator_missing");
    let named = world.twice("overseer", &name, "changed");
    assert_eq!(named["beneficiary"], json!(account));
    let forfeit = ["data", "forfeit", trial];
    assert_eq!(world.refused("anyone", &forfeit), "results_not_due");

    // Doses: each signed by the device, counted once, in the order of their numbers.
    world.enrol(1);
    let key = world.participant("p0").to_string();
    let device = world.participant("device").to_string();
    let doses = |rows: &[String]| {
        let table = format!("participant,sequence,taken_at,signature\n{}", rows.concat());
        world.file("doses.csv", &table)
    };
    let early = doses(&[dose_row(&world, "device", 1, world.chain.now())]);
    let record = |table: &str| {
        let output = world
            .chain
            .galen("anyone")
            .args(["trial", "dose", "record", trial, "--from", table])
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run");
        (code(&output), document(&output))
    };
    let fault = |report: &Value, index: usize| field(&report["faults"][index], "code").to_owned();
    let (exit, report) = record(&early);
    assert_eq!((exit, fault(&report, 0)), (1, "device_missing".to_owned()));
    let give = [
        "dose",
        "device",
        trial,
        "--participant",
        &key,
        "--device",
        &device,
    ];
    assert_eq!(counts(&world.run("nurse", &give)), [1, 0, 0]);
    assert_eq!(counts(&world.run("nurse", &give)), [0, 1, 0]);
    world.chain.travel(3_600);
    let now = world.chain.now();
    let rows: Vec<String> = [(3, now - 20), (1, now - 60), (2, now - 40)]
        .iter()
        .map(|(sequence, taken_at)| dose_row(&world, "device", *sequence, *taken_at))
        .collect();
    let forged = doses(&[rows.clone(), vec![dose_row(&world, "p0", 4, now - 10)]].concat());
    let (exit, report) = record(&forged);
    assert_eq!(
        (exit, fault(&report, 0), counts(&report)),
        (1, "dose_not_signed".to_owned(), [0, 0, 0]),
        "{report:#}"
    );
    let late = doses(&[dose_row(&world, "device", 9, now + 40 * DAY)]);
    assert_eq!(fault(&record(&late).1, 0), "dose_refused");
    let unreadable = doses(&["p0.json,0,-1,xyz\n".to_owned()]);
    assert_eq!(fault(&record(&unreadable).1, 0), "sequence_invalid");
    let table = doses(&rows);
    assert_eq!(counts(&record(&table).1), [3, 0, 0]);
    assert_eq!(counts(&record(&table).1), [0, 3, 0]);
    // The window asks for two.
    assert_eq!(world.shown("p0")["doses"], json!(2));

    // Results are late: the bond goes to whom the board has named.
    world.run("manager", &["end", trial, "--reason", "complete"]);
    assert_eq!(world.refused("anyone", &forfeit), "results_not_due");
    world.chain.travel(32 * DAY);
    let forfeited = world.twice("anyone", &forfeit, "changed");
    assert_eq!(forfeited["bond_state"], "paid_out");
    assert_eq!(world.chain.held(&account), 5_000 * UNITS);
    assert_eq!(world.ledger()["paid"], json!(5_000));
    assert_balanced(&world);
}

#[test]
fn what_nobody_needs_is_closed_and_records_stay() {
    let world = trial(2, 1_000_000);
    world.enrol(1);
    let (trial, site) = (world.trial.as_str(), world.site.as_str());
    let unused = world.run(
        "nurse",
        &["open-cohort", site, "--capacity", "50", "--number", "2"],
    );
    let unused = field(&unused["account"], "address").to_owned();
    // Above the caps: opened, uploaded and not sealed.
    let mut dear = schedule();
    dear["milestones"][1]["stipend"] = json!(10_001);
    let file = text(&world.chain.world.json("dear.json", &dear));
    assert_eq!(
        world.refused("manager", &["schedule", trial, &file]),
        "cap_per_visit"
    );
    let closed = |report: &Value| report["closed"].as_array().map(Vec::len);
    let rehearsed = world.run("manager", &["close", trial, "--dry-run"]);
    assert_eq!(
        (closed(&rehearsed), &rehearsed["transactions"]),
        (Some(1), &json!([]))
    );
    let report = world.run("anyone", &["close", trial]);
    assert_eq!(closed(&report), Some(0), "{report:#}");
    let report = world.run("nurse", &["close", trial]);
    assert_eq!(report["closed"], json!([unused]), "{report:#}");
    assert_eq!(report["kept"].as_array().map(Vec::len), Some(3));
    let report = world.run("manager", &["close", trial]);
    assert_eq!(closed(&report), Some(1), "{report:#}");
    let report = world.run("manager", &["close", trial]);
    assert_eq!(closed(&report), Some(0));
    assert!(report["kept"]
        .as_array()
        .expect("a list")
        .iter()
        .all(|kept| field(kept, "why").contains("25 years")));
    // The number of the one that was closed is not taken again.
    dear["milestones"][1]["stipend"] = json!(9_999);
    let file = text(&world.chain.world.json("cheap.json", &dear));
    let uploaded = world.twice("manager", &["schedule", trial, &file], "created");
    assert_eq!(uploaded["number"], json!(3));
}

/// Every instruction of the program is sent by some verb. `read_participant` returns what `galen trial participants` reads
/// from the page itself: it is for other programs and wallets.
#[test]
fn every_instruction_has_a_verb() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let program =
        std::fs::read_to_string(root.join("../programs/trials/src/lib.rs")).expect("the program");
    let mut folders = vec![root.join("src/command/trial")];
    let mut sources = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                sources += &std::fs::read_to_string(entry.path()).expect("a source");
            }
        }
    }
    let names: Vec<String> = program
        .lines()
        .filter_map(|line| line.strip_prefix("    pub fn "))
        .filter_map(|line| line.split(['(', '<']).next())
        .map(|name| {
            name.split('_')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect()
        })
        .collect();
    assert!(names.len() > 50, "{names:?}");
    let is_sent = |name: &str| {
        let call = format!("instruction::{name}");
        sources.match_indices(&call).any(|(at, _)| {
            let next = sources[at + call.len()..].chars().next();
            !next.is_some_and(char::is_alphanumeric)
        })
    };
    let missing: Vec<&String> = names.iter().filter(|name| !is_sent(name)).collect();
    assert_eq!(missing, ["ReadParticipant"]);
}
