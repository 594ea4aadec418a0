//! What a claim has paid for a pack that is recalled comes back from the manufacturer's bond, on a running validator: whoever cranks
//! it, in parts where the bond is short, and once.

mod chain;
mod common;

use chain::accounts::write;
use chain::insured::{insured, Insured, UNITS};
use chain::{field, Chain};
use common::text;
use provenance::state::Dispense;
use serde_json::{json, Value};

/// The kind of a trading partner's credential.
const TRADING: &str = "7";
const MAKER: &str = "manufacturer-staff";
/// Cents that the bond pays for a pack at most; the claim has paid 80.00.
const COVER: u64 = 5_000;

/// An insured member, and a batch of which a case is with the clinic, which is the pharmacy too.
struct Recall {
    world: Insured,
    maker: String,
    regulator: String,
    batch: String,
    leaves: String,
    paper: String,
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

impl Recall {
    fn new() -> Self {
        let world = insured();
        let chain = world.chain();
        world.fund(100_000);
        let pharmacy = &world.parties.provider;
        let pharmacist = chain.person("pharmacist").to_string();
        #[rustfmt::skip]
        let add = [
            "operator", "add", "--org", pharmacy, "--key", &pharmacist, "--permissions", "dispense-pack,hand-over",
        ];
        chain.run("clinic", &add);
        let regulator = organization(chain, "regulator", "issue-credential,recall-batch");
        let maker = organization(chain, "manufacturer", "manage-batch,hand-over,fund");
        for subject in [&maker, pharmacy] {
            #[rustfmt::skip]
            let issue = [
                "credential", "issue", "--issuer", &regulator, "--subject", subject, "--kind", TRADING, "--until", "+365d",
            ];
            chain.run("regulator-staff", &issue);
        }
        let serials: String = (0..12).map(|number| format!("SN{number:04}\n")).collect();
        let list = text(&chain.world.write("serials.txt", &serials));
        let leaves = text(&chain.world.path("batch.leaves"));
        #[rustfmt::skip]
        let build = [
            "batch", "build", &list, "--gtin", "09506000134352", "--leaves", &leaves,
            "--packs-per-case", "6", "--cases-per-pallet", "2",
        ];
        chain.run(MAKER, &build);
        let product = ["product", "register", "09506000134352", "--org", &maker];
        chain.run(MAKER, &product);
        #[rustfmt::skip]
        let register = [
            "batch", "register", &leaves, "--org", &maker, "--lot", "A1", "--expiry", "2099-12-31",
            "--credentials-from", &regulator, "--trading-kind", TRADING, "--returns-kind", "8",
            "--location", "https://packs.example/A1.leaves",
        ];
        let registered = chain.run(MAKER, &register);
        let batch = field(&registered["account"], "address").to_owned();
        #[rustfmt::skip]
        let page = ["batch", "open-page", &batch, &leaves, "--serial", "SN0000"];
        chain.run(MAKER, &page);
        let paper = text(&chain.world.write("paper.txt", "a delivery note"));
        #[rustfmt::skip]
        let offer = [
            "shipment", "offer", &batch, "case:0", "--from", &maker, "--to", pharmacy, "--within", "7d", "--documents", &paper,
        ];
        chain.run(MAKER, &offer);
        chain.run("pharmacist", &["shipment", "accept", &batch, "case:0"]);
        Self {
            world,
            maker,
            regulator,
            batch,
            leaves,
            paper,
        }
    }

    fn chain(&self) -> &Chain {
        self.world.chain()
    }

    /// A claim of 100.00 that is paid 80.00. Returns its address.
    fn paid_claim(&self) -> String {
        let document = self.world.document("claim.json", 3, &[("A", 1, 10_000)]);
        let ticket = self.world.ticket("ticket.json");
        let claim = self.world.submit(&document, &ticket);
        assert_eq!(field(&claim, "status"), "paid");
        field(&claim, "address").to_owned()
    }

    /// Dispenses the first pack, for this claim: the record names it, as it does where the claim itself has signed.
    fn dispense_for(&self, claim: &str) {
        let chain = self.chain();
        let pharmacy = &self.world.parties.provider;
        #[rustfmt::skip]
        let dispense = [
            "pack", "dispense", &self.batch, &self.leaves, "--serial", "SN0000", "--org", pharmacy,
        ];
        let dispensed = chain.run("pharmacist", &dispense);
        let address = field(&dispensed["account"], "address")
            .parse()
            .expect("an address");
        let mut data = chain.client.get_account_data(&address).expect("the record");
        let mut record: Dispense = bytemuck::pod_read_unaligned(&data[8..]);
        record.claim = claim.parse().expect("an address");
        data[8..].copy_from_slice(bytemuck::bytes_of(&record));
        write(chain, &address, &provenance::ID, &data);
    }

    /// A bond of the manufacturer in the pool's mint, with nothing in it.
    fn open_bond(&self) -> String {
        let chain = self.chain();
        let mint = self.world.parties.mint;
        let purse = chain.person(MAKER);
        chain.tokens(&mint, "treasury", &purse, 100_000 * UNITS);
        let mint = mint.to_string();
        let open = ["bond", "open", "--org", &self.maker, "--mint", &mint];
        let bond = chain.twice(MAKER, &open, "created");
        field(&bond, "address").to_owned()
    }

    /// Deposits until so many cents have been deposited.
    fn deposit(&self, bond: &str, total: u64) {
        let total = total.to_string();
        let deposit = ["bond", "deposit", bond, "--total", &total];
        self.chain().run(MAKER, &deposit);
    }

    fn issue_recall(&self) {
        #[rustfmt::skip]
        let issue = [
            "recall", "issue", &self.batch, "case:0", "--org", &self.regulator, "--class", "two", "--depth", "consumer",
            "--notice", &self.paper, "--within", "3d",
        ];
        self.chain().run("regulator-staff", &issue);
    }

    /// What the pool's vault holds, in cents.
    fn pool_holds(&self) -> u64 {
        let pool = self.world.pool_shown();
        self.chain().held(field(&pool, "vault")) / UNITS
    }
}

fn account(answer: &Value) -> &Value {
    &answer["account"]
}

#[test]
fn what_a_claim_paid_for_a_recalled_pack_comes_back_once() {
    let recall = Recall::new();
    let chain = recall.chain();
    let claim = recall.paid_claim();
    let recoup = ["claim", "recoup", &claim];
    let refused = || chain.refused("anyone", &recoup);
    assert_eq!(recall.pool_holds(), 92_000);

    // One thing after another is missing.
    assert_eq!(refused(), "not_dispensed");
    recall.dispense_for(&claim);
    assert_eq!(refused(), "not_covered");
    let bond = recall.open_bond();
    recall.deposit(&bond, 3_000);
    let cents = COVER.to_string();
    #[rustfmt::skip]
    let cover = ["bond", "cover", &bond, &recall.batch, "--cents-per-pack", &cents];
    chain.twice(MAKER, &cover, "changed");
    assert_eq!(refused(), "not_recalled");
    assert_eq!(recall.pool_holds(), 92_000);

    // The bond pays what it has, and owes the rest.
    recall.issue_recall();
    let first = chain.run("anyone", &recoup);
    assert_eq!(field(&first, "outcome"), "created");
    assert_eq!(
        account(&first),
        &json!({"claim": claim, "bond": bond, "due": COVER, "recouped": 3_000, "counted": 3_000})
    );
    assert_eq!(recall.pool_holds(), 95_000);
    let again = chain.run("anyone", &recoup);
    assert_eq!(field(&again, "outcome"), "unchanged");
    assert_eq!(recall.pool_holds(), 95_000);

    // After a deposit the pool gets the rest, and nothing more however often it is asked for.
    recall.deposit(&bond, 10_000);
    let rest = chain.twice("anyone", &recoup, "changed");
    assert_eq!(
        rest,
        json!({"claim": claim, "bond": bond, "due": COVER, "recouped": COVER, "counted": COVER})
    );
    assert_eq!(recall.pool_holds(), 97_000);
    let shown = chain.run("anyone", &["bond", "show", &bond]);
    assert_eq!(shown["held"], 5_000);

    // Another claim that has paid, for which no pack was dispensed, gets nothing.
    let document = recall.world.document("other.json", 2, &[("B", 1, 4_000)]);
    let ticket = recall.world.ticket("ticket.json");
    let other = recall.world.submit(&document, &ticket);
    let other = ["claim", "recoup", field(&other, "address")];
    assert_eq!(chain.refused("anyone", &other), "not_dispensed");
}
