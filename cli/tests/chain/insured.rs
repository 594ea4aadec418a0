//! A pool with a plan, an agreement, an eligibility desk and a member: everything that a claim needs but money.

use galen_rules::Date;
use serde_json::{json, Value};

use super::parties::{parties, Parties};
use super::{field, Chain};
use crate::common::text;

/// What the agreement lets pass without a look, in cents.
pub const LIMIT: u64 = 10_000;
/// The smallest units of the mint in a cent.
pub const UNITS: u64 = 10_000;
/// The member's identifier at the insurer.
pub const MEMBER: &str = "M-47110815";

/// The world that claims are submitted in.
pub struct Insured {
    pub parties: Parties,
    pub pool: String,
    pub plan: String,
    pub agreement: String,
    /// The member's account.
    pub member: String,
    /// The clinic's token account.
    pub payout: String,
    /// The validator's day when the world was made.
    pub today: Date,
}

/// A plan that pays 80% of `A` (100.00), `B` (40.00) and `C` (10.00).
pub fn plan() -> Value {
    json!({"coinsurance_bps": 2_000, "benefits": [
        {"code": "A", "allowed": 10_000}, {"code": "B", "allowed": 4_000}, {"code": "C", "allowed": 1_000},
    ]})
}

/// Makes the world.
pub fn insured() -> Insured {
    insured_by(&plan())
}

/// The same with another plan document.
pub fn insured_by(plan: &Value) -> Insured {
    let parties = parties();
    let chain = &parties.chain;
    let today = i32::try_from(chain.now() / 86_400).expect("a day");
    let today = Date::from_days(today).expect("a day");
    let desk = chain.person("desk").to_string();
    let (pool, clinic) = (parties.pool(), chain.person("clinic"));
    chain.run("clerk", &["pool", "set-ticket-key", &pool, &desk]);
    let created = chain.run("clerk", &["plan", "create", "--pool", &pool]);
    let plan_address = field(&created["account"], "address").to_owned();
    let file = text(&chain.world.json("plan.json", plan));
    let publish = ["plan", "publish", &file, "--plan", &plan_address];
    chain.run(
        "clerk",
        &[&publish[..], &["--effective-from", "2020-01-01"]].concat(),
    );
    let limit = LIMIT.to_string();
    let offered = chain.run(
        "clerk",
        &[
            "agreement",
            "offer",
            "--pool",
            &pool,
            "--provider",
            &parties.provider,
            "--limit-per-claim",
            &limit,
            "--limit-per-day",
            "none",
        ],
    );
    let agreement = field(&offered["account"], "address").to_owned();
    let payout = chain
        .tokens(&parties.mint, "treasury", &clinic, 0)
        .to_string();
    chain.run("clinic", &["agreement", "accept", &agreement]);
    let key = clinic.to_string();
    let add = ["operator", "add", "--org", &parties.provider, "--key", &key];
    chain.run(
        "clinic",
        &[&add[..], &["--permissions", "submit-claim"]].concat(),
    );
    let enrolled = chain.run(
        "clerk",
        &[
            "member",
            "enrol",
            "--pool",
            &pool,
            "--plan",
            &plan_address,
            "--id",
            MEMBER,
            "--from",
            "2020-01-01",
        ],
    );
    let member = field(&enrolled["account"], "address").to_owned();
    let keys = text(&chain.world.path("code-keys.json"));
    chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
    chain.run("clinic", &["store", "import", &keys]);
    Insured {
        pool,
        plan: plan_address,
        agreement,
        member,
        payout,
        today,
        parties,
    }
}

impl Insured {
    pub fn chain(&self) -> &Chain {
        &self.parties.chain
    }

    /// Puts money into the pool until it has been funded with so many cents.
    pub fn fund(&self, total: u64) {
        let treasury = self.chain().person("treasury");
        self.chain()
            .tokens(&self.parties.mint, "treasury", &treasury, total * UNITS);
        let total = total.to_string();
        self.chain()
            .run("treasury", &["pool", "fund", &self.pool, "--total", &total]);
    }

    pub fn pool_shown(&self) -> Value {
        self.chain().run("anyone", &["pool", "show", &self.pool])
    }

    /// A day so many days before today.
    pub fn day(&self, ago: u32) -> String {
        self.today.minus_days(ago).to_string()
    }

    /// A ticket for the clinic, on every day from 2020 to 2099; as a file.
    pub fn ticket(&self, name: &str) -> String {
        let ticket = self.chain().run(
            "desk",
            &[
                "member",
                "ticket",
                "--pool",
                &self.pool,
                "--member",
                &self.member,
                "--provider",
                &self.parties.provider,
                "--from",
                "2020-01-01",
                "--to",
                "2099-12-31",
            ],
        );
        text(&self.chain().world.json(name, &ticket))
    }

    /// A claim as a file: lines as (code, units, charge), all on a day so many days ago.
    pub fn document(&self, name: &str, ago: u32, lines: &[(&str, u32, u64)]) -> String {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(code, units, charge)| json!({"code": code, "units": units, "charge": charge}))
            .collect();
        let claim =
            json!({"service_date": self.day(ago), "submitted": self.day(0), "lines": lines});
        text(&self.chain().world.json(name, &claim))
    }

    /// The words of a submission by ticket.
    pub fn submission<'a>(&'a self, document: &'a str, ticket: &'a str) -> [&'a str; 10] {
        [
            "claim",
            "submit",
            "--pool",
            &self.pool,
            "--provider",
            &self.parties.provider,
            "--claim",
            document,
            "--ticket",
            ticket,
        ]
    }

    /// Submits a claim by ticket; its account.
    pub fn submit(&self, document: &str, ticket: &str) -> Value {
        let submitted = self
            .chain()
            .run("clinic", &self.submission(document, ticket));
        submitted["account"].clone()
    }
}
