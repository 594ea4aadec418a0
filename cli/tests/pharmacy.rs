//! A pharmacy's claim on a running validator, by the commands: bound to a pack, kept, dispensed and paid at once; refused with everything
//! unchanged where the pack may not be dispensed; undone with the pack; released; paid back by the bond after a recall.

mod chain;
mod common;

use chain::field;
use chain::insured::{insured, Insured, MEMBER, UNITS};
use galen_rules::Date;
use serde_json::{json, Value};

/// The kind of a trading partner's credential.
const TRADING: &str = "7";
/// Cents that the bond pays for a pack at most; a claim pays 80.00 for one.
const COVER: u64 = 5_000;

/// An insured member, and a batch of which a case is with the clinic, which is the pharmacy too.
struct Pharmacy {
    world: Insured,
    regulator: String,
    maker: String,
    batch: String,
    leaves: String,
    paper: String,
}

fn organization(world: &Insured, kind: &str, permissions: &str) -> String {
    let chain = world.chain();
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

impl Pharmacy {
    fn new() -> Self {
        let world = insured();
        let chain = world.chain();
        world.fund(100_000);
        let pharmacist = chain.person("pharmacist").to_string();
        #[rustfmt::skip]
        let add = [
            "operator", "add", "--org", &world.parties.provider, "--key", &pharmacist,
            "--permissions", "submit-claim,dispense-pack,hand-over",
        ];
        chain.run("clinic", &add);
        let keys = common::text(&chain.world.path("code-keys.json"));
        chain.run("pharmacist", &["store", "import", &keys]);

        let regulator = organization(&world, "regulator", "issue-credential,recall-batch");
        let maker = organization(&world, "manufacturer", "manage-batch,hand-over,fund");
        for subject in [&maker, &world.parties.provider] {
            #[rustfmt::skip]
            let issue = [
                "credential", "issue", "--issuer", &regulator, "--subject", subject, "--kind", TRADING, "--until", "+365d",
            ];
            chain.run("regulator-staff", &issue);
        }
        let serials: String = (0..12).map(|number| format!("SN{number:04}\n")).collect();
        let list = common::text(&chain.world.write("serials.txt", &serials));
        let leaves = common::text(&chain.world.path("batch.leaves"));
        let staff = "manufacturer-staff";
        #[rustfmt::skip]
        let build = [
            "batch", "build", &list, "--gtin", "09506000134352", "--leaves", &leaves,
            "--packs-per-case", "6", "--cases-per-pallet", "2",
        ];
        chain.run(staff, &build);
        let product = ["product", "register", "09506000134352", "--org", &maker];
        chain.run(staff, &product);
        #[rustfmt::skip]
        let register = [
            "batch", "register", &leaves, "--org", &maker, "--lot", "A1", "--expiry", "2099-12-31",
            "--credentials-from", &regulator, "--trading-kind", TRADING, "--returns-kind", "8",
            "--location", "https://packs.example/A1.leaves",
        ];
        let registered = chain.run(staff, &register);
        let batch = field(&registered["account"], "address").to_owned();
        #[rustfmt::skip]
        let page = ["batch", "open-page", &batch, &leaves, "--serial", "SN0000"];
        chain.run(staff, &page);
        let paper = common::text(&chain.world.write("paper.txt", "a delivery note"));
        #[rustfmt::skip]
        let offer = [
            "shipment", "offer", &batch, "case:0", "--from", &maker, "--to", &world.parties.provider,
            "--within", "7d", "--documents", &paper,
        ];
        chain.run(staff, &offer);
        chain.run("pharmacist", &["shipment", "accept", &batch, "case:0"]);
        Self {
            world,
            regulator,
            maker,
            batch,
            leaves,
            paper,
        }
    }

    /// Submits a claim of 100.00, of today or yesterday, bound to a pack. Returns its address.
    fn submit(&self, name: &str, ago: i32, serial: &str) -> String {
        let chain = self.world.chain();
        let today = i32::try_from(chain.now() / 86_400).expect("a day");
        let day = |ago| Date::from_days(today - ago).expect("a day").to_string();
        let document = json!({
            "service_date": day(ago), "submitted": day(0), "lines": [{"code": "A", "units": 1, "charge": 10_000}],
        });
        let document = common::text(&chain.world.json(name, &document));
        let ticket = self.world.ticket("ticket.json");
        let words = self.world.submission(&document, &ticket);
        #[rustfmt::skip]
        let pack = ["--pack", &self.batch, "--leaves", &self.leaves, "--serial", serial, "--within", "2d"];
        let submit = [&words[..], &pack[..]].concat();
        let claim = self.world.chain().twice("pharmacist", &submit, "created");
        assert_eq!(field(&claim, "status"), "awaits_dispense");
        field(&claim, "address").to_owned()
    }

    fn reserve(&self, claim: &str, serial: &str) -> Value {
        #[rustfmt::skip]
        let reserve = [
            "pack", "reserve", &self.batch, &self.leaves, "--serial", serial, "--org", &self.world.parties.provider,
            "--claim", claim, "--within", "2d",
        ];
        self.world.chain().twice("pharmacist", &reserve, "created")
    }

    fn words<'a>(&'a self, verb: &'a str, claim: &'a str, serial: &'a str) -> [&'a str; 7] {
        #[rustfmt::skip]
        let words = ["claim", verb, claim, &self.batch, &self.leaves, "--serial", serial];
        words
    }

    /// The regulator recalls the clinic's case.
    fn recall(&self) {
        #[rustfmt::skip]
        let issue = [
            "recall", "issue", &self.batch, "case:0", "--org", &self.regulator, "--class", "one", "--depth", "retailer",
            "--notice", &self.paper, "--within", "3d",
        ];
        self.world.chain().run("regulator-staff", &issue);
    }

    /// A bond of the manufacturer's with so many cents in it, which covers the batch by [`COVER`]. Its address.
    fn cover(&self, cents: u64) -> String {
        let (chain, mint) = (self.world.chain(), &self.world.parties.mint);
        let staff = "manufacturer-staff";
        chain.tokens(mint, "treasury", &chain.person(staff), 10_000 * UNITS);
        let mint = mint.to_string();
        let open = ["bond", "open", "--org", &self.maker, "--mint", &mint];
        let opened = chain.twice(staff, &open, "created");
        let bond = field(&opened, "address").to_owned();
        self.deposit(&bond, cents);
        let cents = COVER.to_string();
        #[rustfmt::skip]
        let cover = ["bond", "cover", &bond, &self.batch, "--cents-per-pack", &cents];
        chain.twice(staff, &cover, "changed");
        bond
    }

    /// Has the manufacturer pay into the bond until so much has been deposited.
    fn deposit(&self, bond: &str, total: u64) {
        let total = total.to_string();
        let deposit = ["bond", "deposit", bond, "--total", &total];
        self.world
            .chain()
            .twice("manufacturer-staff", &deposit, "changed");
    }

    /// What the pool's vault holds, in cents.
    fn pool_holds(&self) -> u64 {
        let pool = self.world.pool_shown();
        self.world.chain().held(field(&pool, "vault")) / UNITS
    }

    /// What `galen pack check` says.
    fn check(&self, serial: &str) -> String {
        #[rustfmt::skip]
        let check = [
            "pack", "check", &self.batch, &self.leaves, "--serial", serial, "--org", &self.world.parties.provider,
            "--output", "json",
        ];
        let output = self
            .world
            .chain()
            .galen("pharmacist")
            .args(check)
            .output()
            .expect("run");
        field(&common::document(&output), "answer").to_owned()
    }
}

#[test]
fn a_pack_is_dispensed_and_its_claim_paid_or_neither() {
    let pharmacy = Pharmacy::new();
    let chain = pharmacy.world.chain();
    let payout = &pharmacy.world.payout;
    let claim = pharmacy.submit("one.json", 0, "SN0001");
    let dispense = pharmacy.words("dispense", &claim, "SN0001");
    let refused = |args: &[&str]| chain.refused("pharmacist", args);

    // Nothing else has it paid; without a reservation it is not dispensed; nor is a pack that it is not bound to.
    assert_eq!(refused(&["claim", "settle", &claim]), "claim_not_payable");
    assert_eq!(
        refused(&["claim", "close", &claim]),
        "claim_awaits_dispense"
    );
    assert_eq!(refused(&dispense), "not_reserved");
    let other = pharmacy.words("dispense", &claim, "SN0002");
    assert_eq!(refused(&other), "pack_unknown");
    let kept = pharmacy.reserve(&claim, "SN0001");
    assert_eq!(
        (field(&kept, "kind"), field(&kept, "claim")),
        ("reserved", claim.as_str())
    );

    // A recall stops the claim at once, and everything stays as it was.
    pharmacy.recall();
    assert_eq!(refused(&dispense), "recalled");
    let shown = chain.run("pharmacist", &["claim", "show", &claim]);
    assert_eq!(field(&shown, "status"), "awaits_dispense");
    assert_eq!(chain.held(payout), 0);
    #[rustfmt::skip]
    let lift = [
        "recall", "lift", &pharmacy.batch, "case:0", "--org", &pharmacy.regulator, "--reason", &pharmacy.paper,
    ];
    chain.run("regulator-staff", &lift);

    // 80% of 100.00.
    let paid = chain.twice("pharmacist", &dispense, "changed");
    assert_eq!(
        (field(&paid, "status"), &paid["totals"]["paid"]),
        ("paid", &json!(8_000))
    );
    assert_eq!(chain.held(payout), 8_000 * UNITS);
    assert_eq!(pharmacy.check("SN0001"), "dispensed");

    // It is put back with its claim, never without it.
    #[rustfmt::skip]
    let alone = [
        "pack", "undo", &pharmacy.batch, &pharmacy.leaves, "--serial", "SN0001", "--org", &pharmacy.world.parties.provider,
    ];
    assert_eq!(refused(&alone), "claim_signature_missing");
    let undo = pharmacy.words("undo", &claim, "SN0001");
    let undone = chain.twice("pharmacist", &undo, "changed");
    assert_eq!(field(&undone, "status"), "reversed");
    assert_eq!(pharmacy.check("SN0001"), "sellable");
    assert_eq!(chain.held(payout), 8_000 * UNITS);

    // Dispensed for another claim: what is owed is kept back.
    let again = pharmacy.submit("again.json", 1, "SN0001");
    pharmacy.reserve(&again, "SN0001");
    let dispense = pharmacy.words("dispense", &again, "SN0001");
    let paid = chain.twice("pharmacist", &dispense, "changed");
    assert_eq!(
        (field(&paid, "status"), &paid["totals"]["paid"]),
        ("paid", &json!(8_000))
    );
    assert_eq!(chain.held(payout), 8_000 * UNITS);

    // Who had the packs does not stand on the ledger, nor a pack that was not kept for a claim. (The proof of one that was shows its
    // serial number.)
    chain.assert_nowhere(&[MEMBER, "SN0002"], &[]);
}

#[test]
fn a_claim_is_released_from_its_pack() {
    let pharmacy = Pharmacy::new();
    let chain = pharmacy.world.chain();
    let claim = pharmacy.submit("one.json", 0, "SN0003");
    let release = ["claim", "release", &claim];
    assert_eq!(
        chain.refused("anyone", &release),
        "pack_commitment_in_force"
    );
    let released = chain.run("pharmacist", &release);
    assert!(released["transaction"].is_object());
    assert_eq!(
        chain.run("pharmacist", &release)["transaction"],
        json!(null)
    );
    let shown = chain.run("pharmacist", &["claim", "show", &claim]);
    assert_eq!(field(&shown, "status"), "draft");
    chain.run("pharmacist", &["claim", "close", &claim]);

    // Anybody, once the time is over for which the member agreed.
    let claim = pharmacy.submit("two.json", 0, "SN0003");
    chain.travel(2 * 86_400 + 60);
    let release = ["claim", "release", &claim];
    chain.run("anyone", &release);
    let shown = chain.run("pharmacist", &["claim", "show", &claim]);
    assert_eq!(field(&shown, "status"), "draft");
    chain.run("pharmacist", &["claim", "close", &claim]);

    // The same by whoever cranks the pool, and not before.
    let claim = pharmacy.submit("three.json", 0, "SN0003");
    let crank = ["pool", "crank", "--pool", &pharmacy.world.pool];
    let early = chain.run("anyone", &crank);
    assert_eq!((&early["due"], &early["acts"]), (&json!({}), &json!([])));
    chain.travel(2 * 86_400 + 60);
    let released = chain.run("anyone", &crank);
    assert_eq!(released["due"], json!({"release": 1}), "{released:#}");
    assert_eq!(
        (field(&released["acts"][0], "claim"), &released["done"]),
        (claim.as_str(), &json!(1))
    );
    let shown = chain.run("pharmacist", &["claim", "show", &claim]);
    assert_eq!(field(&shown, "status"), "draft");
    assert_eq!(chain.run("anyone", &crank)["acts"], json!([]));
}

/// What a claim has paid for a pack that is recalled afterwards comes back from the bond that covers the batch: up to the cover, in
/// parts where the bond is short; by anybody, once.
#[test]
fn a_recalled_pack_is_paid_back_by_its_bond() {
    let pharmacy = Pharmacy::new();
    let chain = pharmacy.world.chain();
    let claim = pharmacy.submit("one.json", 0, "SN0004");
    pharmacy.reserve(&claim, "SN0004");
    let recoup = ["claim", "recoup", &claim];
    let refused = || chain.refused("anyone", &recoup);

    // One thing after another is missing.
    assert_eq!(refused(), "not_dispensed");
    chain.run("pharmacist", &pharmacy.words("dispense", &claim, "SN0004"));
    assert_eq!(refused(), "not_covered");
    let bond = pharmacy.cover(3_000);
    assert_eq!(refused(), "not_recalled");
    assert_eq!(pharmacy.pool_holds(), 92_000);

    // The recall could be a mistake: 72 hours to lift it.
    pharmacy.recall();
    assert_eq!(refused(), "recoupment_too_early");
    chain.travel(72 * 3_600);

    // The bond pays what it has, and owes the rest.
    let funded = pharmacy.world.pool_shown()["funded"].as_u64();
    let account = |recouped: u64| json!({"claim": claim, "bond": bond, "due": COVER, "recouped": recouped, "counted": recouped});
    let asked = chain.run("anyone", &recoup);
    assert_eq!(asked["outcome"], "created", "{asked:#}");
    assert_eq!(asked["account"], account(3_000));
    assert_eq!(pharmacy.pool_holds(), 95_000);
    assert_eq!(chain.run("anyone", &recoup)["outcome"], "unchanged");

    // After a deposit the pool gets the rest, and nothing more however often it is asked for.
    pharmacy.deposit(&bond, 10_000);
    assert_eq!(chain.twice("anyone", &recoup, "changed"), account(COVER));
    assert_eq!(pharmacy.pool_holds(), 97_000);
    let now = pharmacy.world.pool_shown()["funded"].as_u64();
    assert_eq!(now, funded.map(|cents| cents + COVER));
    let shown = chain.run("anyone", &["bond", "show", &bond]);
    assert_eq!(shown["held"], 10_000 - COVER);
    // The claim itself is as it was.
    let shown = chain.run("anyone", &["claim", "show", &claim]);
    assert_eq!(field(&shown, "status"), "paid");

    let exported = chain.exported(&pharmacy.world.pool);
    assert_eq!(
        (&exported["pack_commitment"], &exported["claim_recoupment"]),
        (&json!(1), &json!(1)),
        "{exported:#}"
    );
}
