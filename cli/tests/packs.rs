//! Packs on a running validator, from the serial numbers to the patient: a batch is built, registered, handed over, dispensed once,
//! undone and recalled, all by the commands.

mod chain;
mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use chain::faults::FaultProxy;
use chain::{field, Chain};
use serde_json::Value;

/// The kinds of the two credentials.
const TRADING: &str = "7";
const RETURNS: &str = "8";

/// Organisations, their staff and a batch.
struct Packs {
    chain: Chain,
    maker: String,
    wholesaler: String,
    pharmacy: String,
    regulator: String,
    batch: String,
    leaves: String,
    paper: String,
}

impl Packs {
    fn new() -> Self {
        let chain = Chain::with_programs();
        chain.run("governance", &["governance", "init"]);
        let regulator = organization(&chain, "regulator", "issue-credential,recall-batch");
        let maker = organization(
            &chain,
            "manufacturer",
            "manage-batch,hand-over,recall-batch,fund",
        );
        let wholesaler = organization(&chain, "wholesaler", "hand-over");
        let pharmacy = organization(&chain, "pharmacy", "hand-over,dispense-pack");
        for subject in [&maker, &wholesaler, &pharmacy] {
            #[rustfmt::skip]
            let issue = [
                "credential", "issue", "--issuer", &regulator, "--subject", subject, "--kind", TRADING, "--until", "+365d",
            ];
            chain.run("regulator-staff", &issue);
        }
        // Six packs to a case, two cases to a pallet.
        let serials: String = (0..30).map(|number| format!("SN{number:04}\n")).collect();
        let list = chain.world.write("serials.txt", &serials);
        let leaves = common::text(&chain.world.path("batch.leaves"));
        #[rustfmt::skip]
        let build = [
            "batch", "build", &common::text(&list), "--gtin", "09506000134352", "--leaves", &leaves,
            "--packs-per-case", "6", "--cases-per-pallet", "2",
        ];
        chain.run("manufacturer-staff", &build);
        let paper = common::text(&chain.world.write("paper.txt", "a delivery note"));
        Self {
            chain,
            maker,
            wholesaler,
            pharmacy,
            regulator,
            batch: String::new(),
            leaves,
            paper,
        }
    }

    fn register(&mut self) {
        self.register_lot("A1", &[]);
    }

    /// Registers the product and a batch of this lot, and opens its page.
    fn register_lot(&mut self, lot: &str, more: &[&str]) {
        let product = [
            "product",
            "register",
            "09506000134352",
            "--org",
            &self.maker,
        ];
        self.chain.twice("manufacturer-staff", &product, "created");
        let register = self.register_args(lot, more);
        let batch = self.chain.twice("manufacturer-staff", &register, "created");
        assert_eq!(batch["quantity"], 30);
        self.batch = field(&batch, "address").to_owned();
        let page = [
            "batch",
            "open-page",
            &self.batch,
            &self.leaves,
            "--serial",
            "SN0000",
        ];
        let batch = self.chain.twice("manufacturer-staff", &page, "changed");
        assert_eq!(batch["pages"], 1);
    }

    fn register_args<'a>(&'a self, lot: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        #[rustfmt::skip]
        let register = [
            "batch", "register", &self.leaves, "--org", &self.maker, "--lot", lot, "--expiry", "2099-12-31",
            "--credentials-from", &self.regulator, "--trading-kind", TRADING, "--returns-kind", RETURNS,
            "--location", "https://packs.example/A1.leaves",
        ];
        [&register, more].concat()
    }

    fn hand_over(&self, place: &str, from: (&str, &str), to: (&str, &str)) -> Value {
        #[rustfmt::skip]
        let offer = [
            "shipment", "offer", &self.batch, place, "--from", from.1, "--to", to.1, "--within", "7d",
            "--documents", &self.paper,
        ];
        let offered = self.chain.run(from.0, &offer);
        assert_eq!(field(&offered["account"], "status"), "in_transit");
        let accepted = self
            .chain
            .run(to.0, &["shipment", "accept", &self.batch, place]);
        accepted["account"].clone()
    }

    fn pack<'a>(&'a self, verb: &'a str, serial: &'a str) -> Vec<&'a str> {
        let (batch, leaves, org) = (&self.batch, &self.leaves, &self.pharmacy);
        vec![
            "pack", verb, batch, leaves, "--serial", serial, "--org", org,
        ]
    }

    /// Hands the first pallet to the wholesaler, and these cases of it on to the pharmacy.
    fn deliver(&self, cases: &[&str]) {
        let maker = ("manufacturer-staff", self.maker.as_str());
        let wholesaler = ("wholesaler-staff", self.wholesaler.as_str());
        self.hand_over("pallet:0", maker, wholesaler);
        for case in cases {
            self.hand_over(case, wholesaler, ("pharmacy-staff", &self.pharmacy));
        }
    }

    /// A command of the cold chain of a place.
    fn cold<'a>(&'a self, verb: &'a str, place: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&["cold-chain", verb, &self.batch, place], more].concat()
    }

    /// The answer of `galen pack check`.
    fn check(&self, serial: &str) -> String {
        self.checked(serial).0
    }

    /// The answer of `galen pack check`, and what it says.
    fn checked(&self, serial: &str) -> (String, String) {
        let output = self
            .chain
            .galen("pharmacy-staff")
            .args(self.pack("check", serial))
            .args(["--output", "json"])
            .output()
            .expect("run");
        let document = common::document(&output);
        let answer = field(&document, "answer").to_owned();
        assert_eq!(common::code(&output) == 0, answer == "sellable", "{answer}");
        (answer, field(&document, "says").to_owned())
    }
}

/// An organisation of this kind, admitted, with the operator `KIND-staff`.
fn organization(chain: &Chain, kind: &str, permissions: &str) -> String {
    organization_of(chain, kind, kind, permissions)
}

fn organization_of(chain: &Chain, kind: &str, name: &str, permissions: &str) -> String {
    let identifier = format!("other:TEST-{name}");
    #[rustfmt::skip]
    let org = chain.run(name, &["org", "register", "--kind", kind, "--identifier", &identifier]);
    let address = field(&org["account"], "address").to_owned();
    chain.run("governance", &["org", "activate", &address]);
    let staff = chain.person(&format!("{name}-staff")).to_string();
    #[rustfmt::skip]
    let add = ["operator", "add", "--org", &address, "--key", &staff, "--permissions", permissions];
    chain.run(name, &add);
    address
}

#[test]
fn from_the_line_to_the_patient() {
    let mut packs = Packs::new();
    packs.register();
    let staff = |name: &str| format!("{name}-staff");
    let (maker, wholesaler, pharmacy) = (
        staff("manufacturer"),
        staff("wholesaler"),
        staff("pharmacy"),
    );
    assert_eq!(packs.check("SN0001"), "not_in_custody");
    let pallet = packs.hand_over(
        "pallet:0",
        (&maker, &packs.maker),
        (&wholesaler, &packs.wholesaler),
    );
    assert_eq!(field(&pallet, "custodian"), packs.wholesaler);
    assert_eq!(
        packs
            .chain
            .refused(&pharmacy, &packs.pack("dispense", "SN0001")),
        "not_in_custody"
    );
    let case = packs.hand_over(
        "case:0",
        (&wholesaler, &packs.wholesaler),
        (&pharmacy, &packs.pharmacy),
    );
    assert_eq!(
        (field(&case, "owner"), field(&case, "status")),
        (packs.pharmacy.as_str(), "received")
    );
    assert_eq!(packs.check("SN0001"), "sellable");

    let dispensed = packs
        .chain
        .run(&pharmacy, &packs.pack("dispense", "SN0001"));
    assert_eq!(field(&dispensed["account"], "pharmacy"), packs.pharmacy);
    assert_eq!(packs.check("SN0001"), "dispensed");
    assert_eq!(
        packs
            .chain
            .refused(&pharmacy, &packs.pack("dispense", "SN0001")),
        "already_dispensed"
    );
    packs.chain.run(&pharmacy, &packs.pack("undo", "SN0001"));
    assert_eq!(packs.check("SN0001"), "sellable");
    packs
        .chain
        .run(&pharmacy, &packs.pack("dispense", "SN0001"));

    // A recall stops the others of the case at once.
    #[rustfmt::skip]
    let issue = [
        "recall", "issue", &packs.batch, "case:0", "--org", &packs.regulator, "--class", "two", "--depth", "retailer",
        "--notice", &packs.paper, "--within", "3d",
    ];
    packs.chain.run("regulator-staff", &issue);
    let (answer, says) = packs.checked("SN0002");
    assert_eq!(answer, "recalled");
    assert!(
        says.contains("class II, down to pharmacies and hospitals"),
        "{says}"
    );
    assert_eq!(
        packs
            .chain
            .refused(&pharmacy, &packs.pack("dispense", "SN0002")),
        "recalled"
    );
    #[rustfmt::skip]
    let acknowledge = [
        "recall", "ack", &packs.batch, "case:0", "--org", &packs.pharmacy, "--of", "regulator", "--packs", "5",
    ];
    packs.chain.twice(&pharmacy, &acknowledge, "created");
    #[rustfmt::skip]
    let lift = ["recall", "lift", &packs.batch, "case:0", "--org", &packs.regulator, "--reason", &packs.paper];
    packs.chain.run("regulator-staff", &lift);
    packs
        .chain
        .run(&pharmacy, &packs.pack("dispense", "SN0002"));
}

/// A fortnight without a logger, and then one minute of it: nobody can say what was before.
#[test]
fn what_nobody_watched_since_it_was_received_is_not_called_sellable() {
    let mut packs = Packs::new();
    packs.register_lot("P1", &["--storage", "cold"]);
    packs.deliver(&["case:0", "case:1"]);
    let key = common::text(&packs.chain.keyfile("logger"));
    let logger = packs.chain.person("logger").to_string();
    let minute = common::text(
        &packs
            .chain
            .world
            .write("minute.csv", "hours,celsius\n0.01,5\n"),
    );
    let watch = |place: &str| {
        let register = packs.cold(
            "register",
            place,
            &["--org", &packs.pharmacy, "--device", &logger],
        );
        let watch = packs.chain.run("pharmacy-staff", &register);
        let begun = watch["account"]["covered_until"].to_string();
        packs.chain.travel(60);
        #[rustfmt::skip]
        let record = packs.cold("record", place, &[&minute, "--from", &begun, "--device", &key]);
        packs.chain.run("stranger", &record);
    };
    let told = |serial: &str| {
        let mut galen = packs.chain.galen("pharmacy-staff");
        galen.args(packs.pack("check", serial));
        let output = galen.args(["--output", "json"]).output().expect("run");
        common::document(&output)
    };
    // Case 0 is watched a little less than four hours after it was received, case 1 a little later than that.
    packs.chain.travel(4 * 3_600 - 600);
    assert_eq!(field(&told("SN0001"), "answer"), "no_readings");
    watch("case:0");
    let first = told("SN0001");
    assert_eq!(field(&first, "answer"), "sellable", "{first:#}");
    assert!(first["readings_since"].is_string(), "{first:#}");
    packs.chain.travel(1_200);
    watch("case:1");
    let second = told("SN0009");
    assert_eq!(field(&second, "answer"), "no_readings", "{second:#}");
    assert!(field(&second, "says").contains("more than four hours after you received it"));
    assert_ne!(first["readings_since"], second["readings_since"]);
}

/// In Auckland the last day of use is over while Greenwich has half of it; in Los Angeles it is over when the program says so.
#[test]
fn its_last_day_is_over_where_it_is() {
    /// The noon of 2099-12-31, the last day of use.
    const NOON: i64 = 4_102_401_600;
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let answer = |zone: &str| {
        let mut galen = packs.chain.galen("pharmacy-staff");
        galen.env("TZ", zone).args(packs.pack("check", "SN0001"));
        let output = galen.args(["--output", "json"]).output().expect("run");
        field(&common::document(&output), "answer").to_owned()
    };
    // As POSIX has it: hours west.
    let (auckland, greenwich, los_angeles) = ("NZDT-13", "UTC0", "PST8");
    packs.chain.travel(NOON - packs.chain.now());
    assert_eq!(answer(greenwich), "sellable");
    assert_eq!(answer(los_angeles), "sellable");
    assert_eq!(answer(auckland), "expired");
    packs.chain.travel(12 * 3_600);
    for zone in [auckland, greenwich, los_angeles] {
        assert_eq!(answer(zone), "expired", "{zone}");
    }
}

/// A node that stopped on Friday says on Monday what was so on Friday: nobody is to rely on it.
#[test]
fn a_node_that_is_behind_is_not_believed() {
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let node = FaultProxy::before(&packs.chain.validator.url, 0, 1);
    let serials = common::text(&packs.chain.world.write("delivery.txt", "SN0001\n"));
    #[rustfmt::skip]
    let inspect = ["pack", "inspect", &packs.batch, &packs.leaves, &serials, "--org", &packs.pharmacy];
    let asked = |command: &[&str], more: &[&str]| {
        let mut galen = packs.chain.world.galen();
        galen.args(command).args(["--url", &node.url]).args(more);
        let output = galen.args(["--output", "json"]).output().expect("run");
        (common::code(&output), common::document(&output))
    };
    // The test's own seconds are in the difference, too: a quarter of a minute is left for them.
    for (lag, is_behind) in [(0, false), (285, false), (301, true), (3 * 86_400, true)] {
        node.fall_behind(lag);
        for command in [&packs.pack("check", "SN0001")[..], &inspect] {
            let (code, told) = asked(command, &[]);
            if is_behind {
                assert_eq!((code, field(&told["error"], "code")), (1, "cluster_behind"));
            } else {
                assert_eq!(code, 0, "{lag}: {told:#}");
            }
            // Where the clock of a test validator was moved.
            let (code, told) = asked(command, &["--cluster-behind-accepted"]);
            assert_eq!(code, 0, "{lag}: {told:#}");
        }
    }
}

#[test]
fn a_product_that_another_has_registered() {
    let mut packs = Packs::new();
    packs.register();
    let chain = &packs.chain;
    let other = organization_of(chain, "manufacturer", "another", "manage-batch");
    let to = |to| ["product", "transfer", "09506000134352", "--to", to];
    let (to_other, to_maker) = (to(&other), to(&packs.maker));
    // Who has nothing to do with it.
    assert_eq!(
        chain.refused("another-staff", &to_other),
        "operator_missing"
    );
    // Sold by its owner, and given back by governance.
    let sold = chain.twice("manufacturer-staff", &to_other, "changed");
    assert_eq!(field(&sold, "manufacturer"), other);
    let back = chain.twice("governance", &to_maker, "changed");
    assert_eq!(field(&back, "manufacturer"), packs.maker);
}

#[test]
fn what_the_commands_refuse_before_they_send() {
    let mut packs = Packs::new();
    let staff = "manufacturer-staff";
    assert_eq!(
        packs.chain.refused(
            staff,
            &[
                "product",
                "register",
                "09506000134353",
                "--org",
                &packs.maker
            ]
        ),
        "bad_gtin"
    );
    packs.register();
    // Another batch's leaf file.
    let serials = packs.chain.world.write("others.txt", "X1\nX2\n");
    let others = common::text(&packs.chain.world.path("others.leaves"));
    #[rustfmt::skip]
    let build = [
        "batch", "build", &common::text(&serials), "--gtin", "09506000134352", "--leaves", &others,
        "--packs-per-case", "6", "--cases-per-pallet", "2",
    ];
    packs.chain.run(staff, &build);
    let page = [
        "batch",
        "open-page",
        &packs.batch,
        &others,
        "--serial",
        "X1",
    ];
    assert_eq!(packs.chain.refused(staff, &page), "wrong_leaf_file");
    let page = [
        "batch",
        "open-page",
        &packs.batch,
        &packs.leaves,
        "--serial",
        "X1",
    ];
    assert_eq!(packs.chain.refused(staff, &page), "unknown_serial");
    let page = [
        "batch",
        "open-page",
        &packs.batch,
        &packs.leaves,
        "--serial",
        "sn0001",
    ];
    assert_eq!(packs.chain.refused(staff, &page), "serial_case");
    #[rustfmt::skip]
    let offer = |place: &'static str| [
        "shipment".to_owned(), "offer".into(), packs.batch.clone(), place.into(), "--from".into(), packs.maker.clone(),
        "--to".into(), packs.wholesaler.clone(), "--within".into(), "7d".into(), "--documents".into(), packs.paper.clone(),
    ];
    assert_eq!(
        packs.chain.refused(staff, &offer("pallet:4")),
        "place_unknown"
    );
    assert_eq!(
        packs.chain.refused("stranger", &offer("pallet:0")),
        "operator_missing"
    );
    assert_eq!(
        packs
            .chain
            .refused(staff, &["shipment", "accept", &packs.batch, "pallet:0"]),
        "not_found"
    );
}

#[test]
fn who_has_acknowledged_a_recall_and_who_has_not() {
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let regulator = "regulator-staff";
    let issue = |class: &'static str, depth: &'static str, within: &'static str| {
        #[rustfmt::skip]
        let issue = [
            "recall", "issue", packs.batch.as_str(), "batch", "--org", packs.regulator.as_str(), "--class", class,
            "--depth", depth, "--notice", packs.paper.as_str(), "--within", within,
        ];
        issue.map(str::to_owned).to_vec()
    };
    let show = ["recall", "show", packs.batch.as_str(), "batch"];
    assert_eq!(packs.chain.refused("stranger", &show), "not_recalled");
    let first = packs
        .chain
        .twice(regulator, &issue("unset", "retailer", "3d"), "changed");
    let recall = first["recalls"][0].clone();
    assert_eq!(
        (field(&recall, "class"), field(&recall, "depth")),
        ("unset", "retailer")
    );
    assert_eq!(recall["number"], 1);
    let (_, says) = packs.checked("SN0001");
    assert!(
        says.contains("class not set yet (treated as I), down to pharmacies and hospitals"),
        "{says}"
    );

    // The pharmacy says what it has; nobody says more than there is, nor who has never been a partner.
    let acknowledge = |org: &str, count: &'static str| {
        #[rustfmt::skip]
        let acknowledge = [
            "recall", "ack", packs.batch.as_str(), "batch", "--org", org, "--of", "regulator", "--packs", count,
        ];
        acknowledge.map(str::to_owned).to_vec()
    };
    let pharmacy = "pharmacy-staff";
    assert_eq!(
        packs
            .chain
            .refused(pharmacy, &acknowledge(&packs.pharmacy, "31")),
        "more_packs_than_recalled"
    );
    let carrier = organization(&packs.chain, "carrier", "hand-over");
    assert_eq!(
        packs
            .chain
            .refused("carrier-staff", &acknowledge(&carrier, "0")),
        "credential_missing"
    );
    packs
        .chain
        .twice(pharmacy, &acknowledge(&packs.pharmacy, "6"), "created");

    // Its class is set later: the same recall, with the same deadline, acknowledged by who has done so.
    packs.chain.travel(3_600);
    let graver = packs
        .chain
        .twice(regulator, &issue("one", "retailer", "30d"), "changed");
    assert_eq!(graver["recalls"][0]["number"], 1);
    assert_eq!(graver["recalls"][0]["respond_by"], recall["respond_by"]);
    let shown = |code: i32| {
        let output = packs
            .chain
            .galen("stranger")
            .args(show)
            .args(["--output", "json"])
            .output()
            .expect("run");
        let answer = common::document(&output);
        assert_eq!(common::code(&output), code, "{answer:#}");
        answer["recalls"][0].clone()
    };
    let before = shown(0);
    assert_eq!(
        (
            field(&before, "of"),
            field(&before, "class"),
            field(&before, "depth")
        ),
        ("regulator", "1", "retailer")
    );
    let said = &before["acknowledged"];
    assert_eq!(said.as_array().map(Vec::len), Some(1));
    assert_eq!(field(&said[0], "organization"), packs.pharmacy);
    assert_eq!(
        (&said[0]["packs"], &said[0]["in_time"]),
        (&6.into(), &true.into())
    );
    let silent = |answer: &Value| -> Vec<(String, Value)> {
        let mut silent: Vec<(String, Value)> = answer["silent"]
            .as_array()
            .expect("silent")
            .iter()
            .map(|one| (field(one, "organization").to_owned(), one["places"].clone()))
            .collect();
        silent.sort_by_key(|(organization, _)| organization.clone());
        silent
    };
    let mut expected = vec![
        (packs.maker.clone(), serde_json::json!(["batch"])),
        (packs.wholesaler.clone(), serde_json::json!(["pallet:0"])),
    ];
    expected.sort_by_key(|(organization, _)| organization.clone());
    assert_eq!(silent(&before), expected);

    // Late is told as late, and who is silent then is overdue.
    packs.chain.travel(4 * 24 * 3_600);
    assert_eq!(shown(1)["overdue"], true);
    packs
        .chain
        .run("wholesaler-staff", &acknowledge(&packs.wholesaler, "0"));
    let after = shown(1);
    assert_eq!(after["acknowledged"][1]["in_time"], false);
    assert_eq!(
        silent(&after),
        [(packs.maker.clone(), serde_json::json!(["batch"]))]
    );
    packs
        .chain
        .run("manufacturer-staff", &acknowledge(&packs.maker, "24"));
    assert_eq!(shown(0)["overdue"], false);

    // One that reaches less far would hide it; further down it is another recall, to be acknowledged anew.
    let less = issue("one", "wholesaler", "3d");
    assert_eq!(packs.chain.refused(regulator, &less), "recall_in_force");
    packs.chain.run(regulator, &issue("one", "consumer", "3d"));
    let anew = shown(0);
    assert_eq!(
        (&anew["number"], &anew["overdue"]),
        (&2.into(), &false.into())
    );
    assert_eq!(silent(&anew).len(), 3);
    let list = packs
        .chain
        .run("stranger", &["recall", "list", &packs.batch]);
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (field(&list[0], "place"), field(&list[0], "depth")),
        ("batch", "consumer")
    );
}

#[test]
fn who_was_given_a_location_holds_it_against_the_ledger() {
    let mut packs = Packs::new();
    packs.register();
    let show = ["batch", "show", packs.batch.as_str()];
    let unsaid = packs.chain.run("stranger", &show);
    assert_eq!(unsaid["location_registered"], Value::Null);
    for (said, is_registered) in [
        ("https://packs.example/A1.leaves", true),
        ("https://packs.example/A2.leaves", false),
        ("https://packs.example/A1.leaves ", false),
    ] {
        let output = packs
            .chain
            .galen("stranger")
            .args(show)
            .args(["--location", said, "--output", "json"])
            .output()
            .expect("run");
        assert_eq!(common::code(&output), i32::from(!is_registered), "{said}");
        let shown = common::document(&output);
        assert_eq!(shown["location_registered"], is_registered, "{said}");
    }
}

/// Packs that were kept for a claim have records of their own: in doubt with their case until that is released, whatever has become of
/// the case, and nobody's once they are with a patient.
#[test]
fn what_was_kept_apart_is_doubted_and_recalled_with_the_rest() {
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let staff = "pharmacy-staff";
    let run = |args: &[&str]| packs.chain.run(staff, args);
    let claim = packs.chain.person("a claim").to_string();
    for serial in ["SN0001", "SN0002"] {
        let mut reserve = packs.pack("reserve", serial);
        reserve.extend(["--claim", &claim, "--within", "2d"]);
        run(&reserve);
        run(&packs.pack("cancel-reservation", serial));
    }
    run(&packs.pack("dispense", "SN0001"));
    #[rustfmt::skip]
    let status = |action: &'static str| [
        "batch", "set-status", &packs.batch, "case:0", action, "--org", &packs.pharmacy, "--reason", &packs.paper,
    ];
    let told = |answer: &Value| {
        let account = &answer["account"];
        (
            field(account, "status").to_owned(),
            account["doubt"].clone(),
        )
    };
    let doubt = serde_json::json!({"status": "quarantined", "released_by": packs.pharmacy});
    assert_eq!(
        told(&run(&status("quarantine"))),
        ("quarantined".to_owned(), doubt.clone())
    );
    assert_eq!(packs.check("SN0002"), "not_sellable");
    assert_eq!(
        told(&run(&status("destroy"))),
        ("destroyed".to_owned(), doubt)
    );
    let (answer, says) = packs.checked("SN0002");
    assert_eq!(
        (answer.as_str(), says.as_str()),
        ("not_sellable", "Not to be sold: quarantined.")
    );
    assert_eq!(
        told(&run(&status("release"))),
        ("destroyed".to_owned(), Value::Null)
    );
    assert_eq!(packs.check("SN0002"), "sellable");
    assert_eq!(packs.check("SN0003"), "not_sellable");
    assert_eq!(
        packs.chain.refused(staff, &status("release")),
        "status_final"
    );

    #[rustfmt::skip]
    let issue = [
        "recall", "issue", packs.batch.as_str(), "batch", "--org", packs.maker.as_str(), "--class", "two", "--depth",
        "consumer", "--notice", packs.paper.as_str(), "--within", "3d",
    ];
    packs.chain.run("manufacturer-staff", &issue);
    let shown = packs.chain.run(
        "stranger",
        &["recall", "show", packs.batch.as_str(), "batch"],
    );
    let silent = shown["recalls"][0]["silent"].as_array().expect("silent");
    let of_pharmacy: Vec<&Value> = silent
        .iter()
        .filter(|one| field(one, "organization") == packs.pharmacy)
        .map(|one| &one["places"])
        .collect();
    // The one that was dispensed is with a patient, and the case is destroyed.
    assert_eq!(of_pharmacy, [&serde_json::json!(["pack:2"])]);
}

#[test]
fn what_is_on_offer_is_listed_for_both() {
    let mut packs = Packs::new();
    packs.register();
    let list = |org: &str| {
        let list = packs
            .chain
            .run("stranger", &["shipment", "list", "--org", org]);
        list.as_array().expect("a list").clone()
    };
    assert!(list(&packs.pharmacy).is_empty());
    let offer = |place: &'static str, within: &'static str| {
        #[rustfmt::skip]
        let offer = [
            "shipment", "offer", packs.batch.as_str(), place, "--from", packs.maker.as_str(), "--to",
            packs.wholesaler.as_str(), "--within", within, "--documents", packs.paper.as_str(),
        ];
        packs.chain.run("manufacturer-staff", &offer);
    };
    offer("pallet:1", "7d");
    offer("pallet:0", "2d");
    let (sent, received) = (list(&packs.maker), list(&packs.wholesaler));
    for (listed, direction) in [(&sent, "out"), (&received, "in")] {
        let told: Vec<(&str, &str)> = listed
            .iter()
            .map(|one| (field(one, "place"), field(one, "direction")))
            .collect();
        assert_eq!(told, [("pallet:0", direction), ("pallet:1", direction)]);
        assert_eq!(field(&listed[0], "recipient"), packs.wholesaler);
        assert_eq!(field(&listed[0], "batch"), packs.batch);
    }
    packs.chain.travel(3 * 24 * 3_600);
    let lapsed: Vec<Value> = list(&packs.wholesaler)
        .iter()
        .map(|one| one["lapsed"].clone())
        .collect();
    assert_eq!(lapsed, [true, false]);
    let accept = ["shipment", "accept", packs.batch.as_str(), "pallet:1"];
    packs.chain.run("wholesaler-staff", &accept);
    assert_eq!(list(&packs.wholesaler).len(), 1);
}

#[test]
fn a_batch_registered_with_other_terms_is_told_apart() {
    let mut packs = Packs::new();
    packs.register_lot("D1", &["--units", "100", "--storage", "cold"]);
    #[rustfmt::skip]
    let register = [
        "batch", "register", &packs.leaves, "--org", &packs.maker, "--lot", "D1", "--expiry", "2099-12-31",
        "--credentials-from", &packs.regulator, "--trading-kind", TRADING, "--returns-kind", RETURNS,
        "--location", "https://packs.example/A1.leaves", "--units", "100", "--storage", "cold",
    ];
    for (flag, value, names) in [
        ("--expiry", "2099-12-30", &["--expiry"][..]),
        ("--units", "10", &["--units"]),
        ("--storage", "room", &["--storage"]),
        (
            "--location",
            "https://packs.example/B1.leaves",
            &["--location"],
        ),
        ("--trading-kind", "9", &["--trading-kind"]),
        ("--returns-kind", "9", &["--returns-kind"]),
        ("--credentials-from", &packs.maker, &["--credentials-from"]),
        ("--page-height", "3", &["--page-height"]),
        ("--without-custody", "", &["--without-custody"]),
        ("--opening-dispenses", "", &["--opening-dispenses"]),
        ("--units", "0", &["--units"]),
    ] {
        let mut args: Vec<&str> = register.to_vec();
        match args.iter().position(|word| *word == flag) {
            Some(place) => args[place + 1] = value,
            None => args.extend([flag, value].iter().filter(|word| !word.is_empty())),
        }
        let output = packs
            .chain
            .galen("manufacturer-staff")
            .args(&args)
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run");
        let answer = common::document(&output);
        let (code, _) = common::error(&answer);
        assert_eq!((common::code(&output), code.as_str()), (1, "batch_differs"));
        let told = format!("it differs in {}.", names.join(", "));
        let message = field(&answer["error"], "message");
        assert!(message.contains(&told), "{flag}: {message}");
    }
    let again = packs.chain.run("manufacturer-staff", &register);
    assert_eq!(again["outcome"], "unchanged");
}

#[test]
fn bottles_that_are_dispensed_when_they_are_opened() {
    let mut packs = Packs::new();
    packs.register_lot("O1", &["--units", "100", "--opening-dispenses"]);
    packs.deliver(&["case:0"]);
    let batch = packs
        .chain
        .run("pharmacy-staff", &["batch", "show", &packs.batch]);
    assert_eq!(batch["units"], 100);
    assert_eq!(batch["opening_dispenses"], true);
    let fill = |units| [&packs.pack("fill", "SN0001")[..], &["--units", units]].concat();
    let filled = packs.chain.run("pharmacy-staff", &fill("30"));
    assert_eq!(filled["account"]["units_left"], 70);
    // Its bit is set; what is left is filled all the same, and a whole pack it never is again.
    let again = packs.chain.run("pharmacy-staff", &fill("70"));
    assert_eq!(again["account"]["units_left"], 0);
    assert_eq!(
        packs
            .chain
            .refused("pharmacy-staff", &packs.pack("dispense", "SN0001")),
        "already_dispensed"
    );
}

#[test]
fn packs_kept_filled_and_dispensed_by_the_case() {
    let mut packs = Packs::new();
    packs.register_lot("B1", &["--units", "100"]);
    packs.deliver(&["case:0", "case:1"]);
    let staff = "pharmacy-staff";
    let run = |args: &[&str]| packs.chain.run(staff, args);
    let refused = |args: &[&str]| packs.chain.refused(staff, args);
    let pack = |verb: &'static str, serial: &'static str, more: &[&'static str]| {
        [packs.pack(verb, serial).as_slice(), more].concat()
    };

    // Kept for a claim, and given up.
    let claim = packs.chain.person("a claim").to_string();
    let mut reserve = packs.pack("reserve", "SN0001");
    reserve.extend(["--claim", &claim, "--within", "2d"]);
    let kept = packs.chain.twice(staff, &reserve, "created");
    assert_eq!(
        (field(&kept, "kind"), field(&kept, "claim")),
        ("reserved", claim.as_str())
    );
    let (answer, says) = packs.checked("SN0001");
    assert_eq!(answer, "reserved");
    for told in [&claim, &packs.pharmacy] {
        assert!(says.contains(told.as_str()), "{says}");
    }
    assert_eq!(
        refused(&pack("dispense", "SN0001", &[])),
        "reserved_for_other"
    );
    let mut close = packs.pack("close", "SN0001");
    close.truncate(close.len() - 2);
    assert_eq!(refused(&close), "still_reserved");
    run(&pack("cancel-reservation", "SN0001", &[]));
    assert_eq!(packs.check("SN0001"), "sellable");
    assert_eq!(refused(&pack("hand-out", "SN0001", &[])), "not_found");

    // Filled from.
    let filled = run(&pack("fill", "SN0001", &["--units", "30"]));
    assert_eq!(filled["account"]["units_left"], 70);
    let (answer, says) = packs.checked("SN0001");
    assert_eq!(answer, "opened");
    assert!(says.contains("70 base units are left"), "{says}");
    assert_eq!(refused(&pack("dispense", "SN0001", &[])), "partly_filled");
    assert_eq!(
        refused(&pack("fill", "SN0001", &["--units", "71"])),
        "fill_too_much"
    );
    // Said in all, it is taken once, however often it is run.
    let half = packs.chain.twice(
        staff,
        &pack("fill", "SN0001", &["--total", "50"]),
        "changed",
    );
    assert_eq!(half["units_left"], 50);
    let emptied = run(&pack("fill", "SN0001", &["--units", "50"]));
    assert_eq!(field(&emptied["account"], "status"), "dispensed");
    let again = run(&pack("fill", "SN0001", &["--total", "100"]));
    assert_eq!(again["outcome"], "unchanged");
    assert_eq!(
        refused(&pack("fill", "SN0002", &["--total", "0"])),
        "fill_empty"
    );
    assert_eq!(packs.check("SN0001"), "dispensed");

    // Set aside and released, also what is kept apart in it.
    let mut reserve = packs.pack("reserve", "SN0003");
    reserve.extend(["--claim", &claim, "--within", "2d"]);
    run(&reserve);
    #[rustfmt::skip]
    let status = |action: &'static str| [
        "batch", "set-status", &packs.batch, "case:0", action, "--org", &packs.pharmacy, "--reason", &packs.paper,
    ];
    let quarantined = run(&status("quarantine"));
    assert_eq!(field(&quarantined["account"], "status"), "quarantined");
    for serial in ["SN0002", "SN0003"] {
        assert_eq!(packs.check(serial), "not_sellable", "{serial}");
    }
    assert_eq!(refused(&status("pack")), "status_out_of_order");
    run(&status("release"));
    assert_eq!(packs.check("SN0002"), "sellable");
    assert_eq!(packs.check("SN0003"), "reserved");

    // A case of six as a whole.
    let whole = ["--whole", "case"];
    assert_eq!(
        refused(&pack("dispense", "SN0006", &["--whole", "pallet"])),
        "partly_dispensed"
    );
    let all = run(&pack("dispense", "SN0006", &whole));
    assert_eq!(field(&all["account"], "place"), "case:1");
    assert_eq!(packs.check("SN0009"), "dispensed");
    run(&pack("undo", "SN0007", &whole));
    assert_eq!(packs.check("SN0009"), "sellable");
    run(&pack("dispense", "SN0006", &whole));
    packs
        .chain
        .twice(staff, &pack("hand-out", "SN0008", &whole), "changed");
    assert_eq!(refused(&pack("undo", "SN0006", &whole)), "undo_handed_out");

    // What is over is closed by anybody.
    let mut kept = packs.pack("reserve", "SN0003");
    kept.extend(["--claim", &claim, "--within", "2d"]);
    run(&kept);
    run(&pack("dispense", "SN0002", &[]));
    let (_, says) = packs.checked("SN0002");
    let by = format!(" by {}.", packs.pharmacy);
    assert!(
        says.starts_with("Dispensed already, on 2") && says.ends_with(&by),
        "{says}"
    );
    let mut close = packs.pack("close", "SN0002");
    close.truncate(close.len() - 2);
    assert_eq!(refused(&close), "still_undoable");
    packs.chain.travel(11 * 24 * 3_600);
    packs.chain.run("stranger", &close);
    assert_eq!(packs.chain.refused("stranger", &close), "not_found");
    let (answer, says) = packs.checked("SN0002");
    assert_eq!(answer, "dispensed");
    assert_eq!(
        says,
        "Dispensed already; when and by whom is no longer on the ledger."
    );
    // A reservation that has lapsed is no dispense, and keeps nothing.
    assert_eq!(packs.check("SN0003"), "sellable");
    // Of a case, its own record says who and when; a lapsed reservation in it says nothing of that.
    let (_, before) = packs.checked("SN0009");
    let mut close = pack("close", "SN0006", &whole);
    close.retain(|word| *word != "--org" && *word != packs.pharmacy);
    packs.chain.run("stranger", &close);
    let (_, after) = packs.checked("SN0009");
    assert!(after.ends_with(&by), "{after}");
    assert_eq!(before, after);
    // Nobody in particular asks.
    let mut anybody = packs.pack("check", "SN0004");
    anybody.truncate(anybody.len() - 2);
    let anybody = packs
        .chain
        .galen("stranger")
        .args(anybody)
        .args(["--output", "json"])
        .output()
        .expect("run");
    let anybody = common::document(&anybody);
    assert_eq!(field(&anybody, "answer"), "not_in_custody");
    assert!(field(&anybody, "says").contains("who has it may sell it"));
    for close in [
        ["batch", "close-page", packs.batch.as_str(), "0"],
        ["batch", "close-record", packs.batch.as_str(), "case:0"],
    ] {
        assert_eq!(packs.chain.refused("stranger", &close), "still_retained");
    }
}

#[test]
fn a_case_that_was_too_warm() {
    let mut packs = Packs::new();
    packs.register_lot("C1", &["--storage", "cold"]);
    packs.deliver(&["case:0"]);
    let staff = "pharmacy-staff";
    let logger = packs.chain.person("logger").to_string();
    let key = common::text(&packs.chain.keyfile("logger"));
    let register = packs.cold(
        "register",
        "case:0",
        &["--org", &packs.pharmacy, "--device", &logger],
    );
    let watch = packs.chain.twice(staff, &register, "created");
    let begun = watch["covered_until"]
        .as_i64()
        .expect("a moment")
        .to_string();

    // Two days as labelled: reports of 24 readings each.
    let cold: String = (0..48)
        .map(|hour| format!("1,{}.5\n", 3 + hour % 4))
        .collect();
    let write = |name: &str, more: &str| {
        let readings = format!("hours,celsius\n{cold}{more}");
        common::text(&packs.chain.world.write(name, &readings))
    };
    let good = write("good.csv", "");
    let record = |readings: &str| {
        packs
            .cold("record", "case:0", &["--from", &begun, "--device", &key])
            .into_iter()
            .map(str::to_owned)
            .chain([readings.to_owned()])
            .collect::<Vec<_>>()
    };
    assert_eq!(
        packs.chain.refused("stranger", &record(&good)),
        "readings_in_future"
    );
    packs.chain.travel(48 * 3_600);
    let read = packs.chain.twice("stranger", &record(&good), "changed");
    assert_eq!(
        (field(&read, "verdict"), read["reports"].as_u64()),
        ("labelled", Some(2))
    );
    assert_eq!(read["known_minutes"], 48 * 60);
    let other = common::text(&packs.chain.keyfile("stranger"));
    let wrong: Vec<String> = record(&good)
        .into_iter()
        .map(|word| if word == key { other.clone() } else { word })
        .collect();
    assert_eq!(packs.chain.refused("stranger", &wrong), "wrong_device");
    assert_eq!(packs.check("SN0001"), "sellable");

    // An hour at 16 degrees: the longer file goes on where it stopped.
    packs.chain.travel(3_600);
    let warm = write("warm.csv", "1,16\n");
    let output = packs
        .chain
        .galen("stranger")
        .args(record(&warm))
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    let answer = common::document(&output);
    assert_eq!(common::code(&output), 1, "{answer:#}");
    assert_eq!(
        (
            field(&answer["account"], "verdict"),
            field(&answer["account"], "reason")
        ),
        ("quarantine", "too_warm")
    );
    assert_eq!(answer["account"]["reports"], 3);
    assert_eq!(packs.check("SN0001"), "not_sellable");
    let silence = packs.cold("silence", "case:0", &[]);
    assert_eq!(packs.chain.refused("stranger", &silence), "not_silent");

    // Quality releases it; the pharmacy cannot.
    #[rustfmt::skip]
    let assess = |org: &str| -> Vec<String> {
        packs.cold("assess", "case:0", &["--org", org, "--release", "--assessment", &packs.paper])
            .into_iter().map(str::to_owned).collect()
    };
    assert_eq!(
        packs.chain.refused(staff, &assess(&packs.pharmacy)),
        "permission_missing"
    );
    let released = packs.chain.run("manufacturer-staff", &assess(&packs.maker));
    assert_eq!(field(&released["account"], "verdict"), "labelled");
    assert_eq!(released["account"]["releases"], 1);
    assert_eq!(packs.check("SN0001"), "sellable");

    // Silent for a day and a half.
    packs.chain.travel(36 * 3_600);
    let silent = packs.chain.run("stranger", &silence);
    assert_eq!(field(&silent["account"], "reason"), "no_readings");
    packs.chain.run("manufacturer-staff", &assess(&packs.maker));
    let show = packs.cold("show", "case:0", &[]);
    let shown = packs.chain.run("stranger", &show);
    assert_eq!(shown["device"], logger);
    // An hour later it is read again.
    packs.chain.travel(3_600);
    let more: String = (0..37).map(|_| "1,5\n").collect();
    let last = write("last.csv", &format!("1,16\n{more}"));
    packs.chain.run("stranger", &record(&last));
    // What was not reported before the end is kept for the next device.
    packs.chain.travel(60);
    let end = packs.cold("end", "case:0", &["--org", &packs.pharmacy]);
    packs.chain.run(staff, &end);
    let ended = packs.chain.run("stranger", &show);
    assert!(ended["device"].is_null());
    assert_eq!(field(&ended, "verdict"), "allowed_excursion");
    assert_eq!(packs.chain.refused(staff, &end), "not_watched");
    assert_eq!(packs.chain.refused("stranger", &silence), "not_watched");
    let again = packs.chain.run(staff, &register);
    assert_eq!(again["account"]["device"], logger);
    assert_eq!(again["account"]["gap_minutes"], ended["gap_minutes"]);
}

#[test]
fn a_code_in_two_places_is_suspect() {
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let report = |at: &'static str| {
        let mut report = packs.pack("report-scan", "SN0001");
        report.extend(["--at", at]);
        report
    };
    let staff = "pharmacy-staff";
    assert_eq!(
        packs.chain.refused(staff, &report("48.8,2.3")),
        "scans_not_judged"
    );
    let set = |kmh: &'static str| {
        [
            "batch",
            "set-scans",
            &packs.batch,
            "--kmh",
            kmh,
            "--limit",
            "1",
        ]
    };
    assert_eq!(
        packs.chain.refused("manufacturer-staff", &set("99")),
        "scan_policy_invalid"
    );
    packs
        .chain
        .twice("manufacturer-staff", &set("1000"), "changed");
    let first = packs.chain.run(staff, &report("48.8,2.3"));
    assert_eq!(first["account"]["latitude"], 48);
    assert_eq!(packs.check("SN0001"), "sellable");
    let mut close = packs.pack("close-scan", "SN0001");
    close.truncate(close.len() - 2);
    assert_eq!(packs.chain.refused("stranger", &close), "scan_kept");
    // A plane later it may be there; at once it cannot. The pharmacy's own word for both is not enough.
    let second = packs.chain.run(staff, &report("-33.9,18.4"));
    assert_eq!(second["account"]["suspicions"], 0);
    assert_eq!(packs.check("SN0001"), "sellable");
    let mut by_other = report("48.8,2.3");
    by_other[7] = &packs.wholesaler;
    let third = packs.chain.run("wholesaler-staff", &by_other);
    assert_eq!(third["account"]["suspicions"], 1);
    assert_eq!(packs.check("SN0001"), "not_sellable");
    assert_eq!(packs.check("SN0002"), "sellable");
    // The other pack is scanned once, and its record closes after thirty days.
    let mut other = packs.pack("report-scan", "SN0002");
    other.extend(["--at", "0,0"]);
    packs.chain.run(staff, &other);
    packs.chain.travel(31 * 24 * 3_600);
    let mut close = packs.pack("close-scan", "SN0002");
    close.truncate(close.len() - 2);
    packs.chain.run("stranger", &close);
}

#[test]
fn a_serial_number_in_two_batches_is_suspect() {
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let others = common::text(&packs.chain.world.path("others"));
    std::fs::create_dir(&others).expect("a folder");
    let build = |name: &str, gtin: &str, serials: &str| {
        let list = common::text(&packs.chain.world.write("more.txt", serials));
        let leaves = format!("{others}/{name}.leaves");
        #[rustfmt::skip]
        let build = ["batch", "build", &list, "--gtin", gtin, "--leaves", &leaves];
        packs.chain.run("manufacturer-staff", &build);
    };
    build("product", "09524000059109", "SN0001\n");
    std::fs::copy(&packs.leaves, format!("{others}/own.leaves")).expect("a copy");
    let against = |verb: &str, of: &[&str]| {
        let output = packs
            .chain
            .galen("pharmacy-staff")
            .args(["pack", verb, &packs.batch, &packs.leaves])
            .args(of)
            .args(["--org", &packs.pharmacy, "--against", &others])
            .args(["--output", "json"])
            .output()
            .expect("run");
        (common::code(&output), common::document(&output))
    };
    let check = |serial: &str| {
        let (code, answer) = against("check", &["--serial", serial]);
        (code, field(&answer, "answer").to_owned())
    };
    // The batch itself and other products are not other batches of the product.
    assert_eq!(check("SN0001"), (0, "sellable".to_owned()));
    build("again", "09506000134352", "SN0001\nX\n");
    assert_eq!(check("SN0001"), (1, "suspect".to_owned()));
    assert_eq!(check("SN0002"), (0, "sellable".to_owned()));
    assert_eq!(packs.check("SN0001"), "sellable");
    let list = packs
        .chain
        .world
        .write("delivery.txt", "SN0001\nSN0002\nX\n");
    let (code, inspected) = against("inspect", &[&common::text(&list)]);
    assert_eq!(code, 1);
    assert_eq!(
        inspected["answers"],
        serde_json::json!({"sellable": 1, "suspect": 1, "unknown": 1})
    );
    std::fs::write(format!("{others}/broken.leaves"), "GALEN").expect("written");
    let (code, broken) = against("check", &["--serial", "SN0002"]);
    assert_eq!(
        (code, common::error(&broken).0.as_str()),
        (1, "not_a_leaf_file")
    );
}

#[test]
fn leaf_files_at_hand_are_looked_into_unasked() {
    let mut packs = Packs::new();
    packs.register();
    packs.deliver(&["case:0"]);
    let list = common::text(
        &packs
            .chain
            .world
            .write("more.txt", "SN0001\nX1\nX2\nX3\nX4\n"),
    );
    let again = common::text(&packs.chain.world.path("again.leaves"));
    #[rustfmt::skip]
    let build = ["batch", "build", &list, "--gtin", "09506000134352", "--leaves", &again];
    packs.chain.run("manufacturer-staff", &build);
    let asked = |verb: &str, of: &[&str], format: &str| {
        packs
            .chain
            .galen("pharmacy-staff")
            .args(["pack", verb, &packs.batch, &packs.leaves])
            .args(of)
            .args(["--org", &packs.pharmacy, "--output", format])
            .output()
            .expect("run")
    };
    // The answer, and what is noted beside it.
    let check = |serial: &str| {
        let of = ["--serial", serial];
        let answer = common::document(&asked("check", &of, "json"));
        let output = asked("check", &of, "display");
        let notes = String::from_utf8_lossy(&output.stderr).into_owned();
        (field(&answer, "answer").to_owned(), notes)
    };
    // A tree that nobody has registered is a draft.
    let (answer, notes) = check("SN0001");
    assert_eq!(answer, "sellable");
    assert!(
        notes.contains("again.leaves has a serial number"),
        "{notes}"
    );
    #[rustfmt::skip]
    let register = [
        "batch", "register", &again, "--org", &packs.maker, "--lot", "B2", "--expiry", "2099-12-31",
        "--credentials-from", &packs.regulator, "--trading-kind", TRADING, "--returns-kind", RETURNS,
        "--location", "https://packs.example/B2.leaves",
    ];
    let registered = packs.chain.run("manufacturer-staff", &register);
    let other = field(&registered["account"], "address").to_owned();
    let suspect = ("suspect".to_owned(), String::new());
    assert_eq!(check("SN0001"), suspect);
    assert_eq!(check("SN0002"), ("sellable".to_owned(), String::new()));
    let delivery = packs.chain.world.write("delivery.txt", "SN0001\nSN0002\n");
    let inspected = common::document(&asked("inspect", &[&common::text(&delivery)], "json"));
    assert_eq!(
        inspected["answers"],
        serde_json::json!({"sellable": 1, "suspect": 1})
    );

    // In the home folder, too; and nowhere.
    let kept = packs.chain.world.path("pharmacy-staff-store/leaves");
    std::fs::create_dir_all(&kept).expect("a folder");
    std::fs::rename(&again, kept.join("b2.leaves")).expect("moved");
    assert_eq!(check("SN0001"), suspect);
    std::fs::rename(kept.join("b2.leaves"), kept.join("b2.old")).expect("moved");
    assert_eq!(check("SN0001"), ("sellable".to_owned(), String::new()));

    // What cannot be read is left out, and told.
    std::fs::write(kept.join("broken.leaves"), "GALEN").expect("written");
    let (answer, notes) = check("SN0001");
    assert_eq!(answer, "sellable");
    assert!(
        notes.starts_with("Left out: ") && notes.contains("broken.leaves"),
        "{notes}"
    );

    // A server of both says with the proof where else the serial number is.
    let first = format!("{}={}", packs.batch, packs.leaves);
    let second = format!("{other}={}", kept.join("b2.old").display());
    let mut server = Command::new(assert_cmd::cargo::cargo_bin("galen"))
        .args(packs.chain.flags("stranger", "stranger-store"))
        .args(["batch", "serve", &first, &second])
        .args(["--listen", "127.0.0.1:0", "--output", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut line = String::new();
    let stdout = server.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let announced: Value = serde_json::from_str(&line).expect("JSON");
    let get = |path: &str| -> Value {
        let mut stream = TcpStream::connect(field(&announced, "listening")).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("read");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    };
    let twice = get("/01/09506000134352/21/SN0001");
    let once = get("/01/09506000134352/21/SN0002");
    let verified = get("/01/09506000134352/21/SN0001?linkType=verificationService");
    server.kill().expect("stopped");
    server.wait().expect("gone");
    assert_eq!(
        (field(&twice, "batch"), &twice["elsewhere"]),
        (packs.batch.as_str(), &serde_json::json!([other]))
    );
    assert_eq!(once["elsewhere"], serde_json::json!([]));
    assert_eq!(
        verified["data"],
        serde_json::json!({
            "verified": false, "verificationFailureReason": "Not_for_re-distribution", "additionalInfo": "Suspect",
        })
    );
}

#[test]
fn a_bond_and_the_end_of_a_batch() {
    let mut packs = Packs::new();
    packs.register();
    let (staff, maker) = ("manufacturer-staff", packs.maker.clone());
    let mint = packs.chain.mint("treasury", 6);
    let purse = packs.chain.person(staff);
    let purse = packs.chain.tokens(&mint, "treasury", &purse, 5_000_000_000);
    let mint = mint.to_string();
    let open = |number| {
        vec![
            "bond", "open", "--org", &maker, "--mint", &mint, "--number", number,
        ]
    };
    let bond = packs.chain.twice(staff, &open("0"), "created");
    let bond = field(&bond, "address");
    let deposit = ["bond", "deposit", bond, "--total", "300000"];
    let held = packs.chain.twice(staff, &deposit, "changed");
    assert_eq!(held["held"], 300_000);
    let too_much = ["bond", "deposit", bond, "--amount", "300000"];
    assert_eq!(packs.chain.refused(staff, &too_much), "insufficient_tokens");
    let cover = |cents| {
        vec![
            "bond",
            "cover",
            bond,
            packs.batch.as_str(),
            "--cents-per-pack",
            cents,
        ]
    };
    let covers = packs.chain.twice(staff, &cover("12500"), "changed");
    assert_eq!(covers["batches"], 1);
    assert_eq!(packs.chain.refused(staff, &cover("12400")), "cover_lowered");
    let batch = packs
        .chain
        .run("stranger", &["batch", "show", &packs.batch]);
    assert_eq!(
        (field(&batch, "bond"), &batch["cover"]),
        (bond, &12_500.into())
    );
    let announce = |bond| vec!["bond", "announce-withdrawal", bond, "--amount", "100000"];
    assert_eq!(
        packs.chain.refused(staff, &announce(bond)),
        "batches_are_covered"
    );

    // One that covers nothing: announced, taken back, announced again, taken.
    let free = packs.chain.run(staff, &open("1"));
    let free = field(&free["account"], "address");
    packs
        .chain
        .run(staff, &["bond", "deposit", free, "--amount", "100000"]);
    packs.chain.twice(staff, &announce(free), "changed");
    packs
        .chain
        .twice(staff, &["bond", "cancel-withdrawal", free], "changed");
    packs.chain.run(staff, &announce(free));
    let withdraw = ["bond", "withdraw", free];
    assert_eq!(packs.chain.refused(staff, &withdraw), "withdrawal_not_due");
    packs.chain.travel(14 * 24 * 3_600 + 60);
    let empty = packs.chain.twice(staff, &withdraw, "changed");
    assert_eq!(
        (&empty["held"], &empty["withdrawn"]),
        (&0.into(), &100_000.into())
    );
    assert_eq!(packs.chain.held(&purse.to_string()), 2_000_000_000);
    let shown = packs.chain.run("stranger", &["bond", "show", free]);
    assert_eq!(shown["sequence"], 3);

    // A batch that a bond covers from its registration; and one that is registered, with a higher cover.
    let of_more = packs.chain.run(staff, &open("2"));
    let of_more = field(&of_more["account"], "address");
    let covered = |cents, outcome| {
        let more = ["--bond", of_more, "--cents-per-pack", cents];
        let register = packs.register_args("A2", &more);
        let batch = packs.chain.twice(staff, &register, outcome);
        (field(&batch, "bond").to_owned(), batch["cover"].clone())
    };
    let with = |cents: u64| (of_more.to_owned(), Value::from(cents));
    assert_eq!(covered("12500", "created"), with(12_500));
    assert_eq!(covered("12600", "changed"), with(12_600));
    let lowered = ["--bond", of_more, "--cents-per-pack", "12500"];
    let lowered = packs.register_args("A2", &lowered);
    assert_eq!(packs.chain.refused(staff, &lowered), "cover_lowered");
    let shown = packs.chain.run("stranger", &["bond", "show", of_more]);
    assert_eq!(shown["batches"], 1);

    // The batch's time is over.
    let close = ["batch", "close", &packs.batch];
    let orphans = ["batch", "close-orphans", &packs.batch];
    assert_eq!(packs.chain.refused("stranger", &close), "still_retained");
    assert_eq!(packs.chain.refused("stranger", &orphans), "wrong_account");
    packs.chain.travel(76 * 366 * 24 * 3_600);
    assert_eq!(packs.chain.refused("stranger", &close), "pages_are_open");
    packs
        .chain
        .run("stranger", &["batch", "close-page", &packs.batch, "0"]);
    let closed = packs.chain.twice("stranger", &close, "changed");
    assert_eq!(closed["closed"], true);
    let show = ["batch", "show", &packs.batch];
    assert_eq!(packs.chain.refused("stranger", &show), "batch_closed");
    let left = packs.chain.run("stranger", &orphans);
    assert_eq!(left["account"]["closed"], 1);
    let none = packs.chain.run("stranger", &orphans);
    assert_eq!(
        (field(&none, "outcome"), &none["account"]["closed"]),
        ("unchanged", &0.into())
    );
    let shown = packs.chain.run("stranger", &["bond", "show", bond]);
    assert_eq!(shown["batches"], 0);
}
