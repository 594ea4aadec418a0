//! Packs on a running validator, from the serial numbers to the patient: a batch is built, registered, handed over, dispensed once,
//! undone and recalled, all by the commands.

mod chain;
mod common;

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
            "manage-batch,hand-over,recall-batch",
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
        let product = [
            "product",
            "register",
            "09506000134352",
            "--org",
            &self.maker,
        ];
        self.chain.twice("manufacturer-staff", &product, "created");
        #[rustfmt::skip]
        let register = [
            "batch", "register", &self.leaves, "--org", &self.maker, "--lot", "A1", "--expiry", "2099-12-31",
            "--credentials-from", &self.regulator, "--trading-kind", TRADING, "--returns-kind", RETURNS,
            "--location", "https://packs.example/A1.leaves",
        ];
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

    /// What `galen pack check` says.
    fn check(&self, serial: &str) -> String {
        let output = self
            .chain
            .galen("pharmacy-staff")
            .args(self.pack("check", serial))
            .args(["--output", "json"])
            .output()
            .expect("run");
        let answer = field(&common::document(&output), "answer").to_owned();
        assert_eq!(common::code(&output) == 0, answer == "sellable", "{answer}");
        answer
    }
}

/// An organisation of this kind, admitted, with the operator `KIND-staff`.
fn organization(chain: &Chain, kind: &str, permissions: &str) -> String {
    let identifier = format!("other:TEST-{kind}");
    #[rustfmt::skip]
    let org = chain.run(kind, &["org", "register", "--kind", kind, "--identifier", &identifier]);
    let address = field(&org["account"], "address").to_owned();
    chain.run("governance", &["org", "activate", &address]);
    let staff = chain.person(&format!("{kind}-staff")).to_string();
    #[rustfmt::skip]
    let add = ["operator", "add", "--org", &address, "--key", &staff, "--permissions", permissions];
    chain.run(kind, &add);
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
    assert_eq!(packs.check("SN0002"), "recalled");
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
