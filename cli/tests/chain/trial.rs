//! A trial with an ethics board, a site, a schedule and money: everything but participants.

use serde_json::{json, Value};
use solana_keypair::{write_keypair_file, Keypair};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::{field, Chain};
use crate::common::text;

/// Smallest units of the mint in a cent.
pub const UNITS: u64 = 10_000;
/// Stipends of a year from which a tax form is needed, in cents.
pub const TAX_THRESHOLD: u64 = 25_000;
/// What consent sets aside for each, in cents.
pub const AT_CONSENT: u64 = 27_500;
/// What enrolment sets aside for each, in cents.
pub const AT_ENROLMENT: u64 = 46_000;

/// The world that participants join.
pub struct TrialWorld {
    pub chain: Chain,
    pub mint: Pubkey,
    pub sponsor: String,
    pub board: String,
    pub clinic: String,
    pub trial: String,
    pub site: String,
    pub cohort: String,
}

/// Screening 50.00; visits of 100.00 on day 0 and on days 14 to 17 (countersigned); follow-up 40.00; a site fee of half each.
pub fn schedule() -> Value {
    json!({"bonus": 10_000, "reimbursements": 20_000, "milestones": [
        {"name": "screening", "kind": "screening", "stipend": 5_000, "site_fee": 2_500, "opens": 0, "closes": 28},
        {"kind": "visit", "stipend": 10_000, "site_fee": 5_000, "opens": 0, "closes": 3, "counts": true},
        {"kind": "visit", "stipend": 10_000, "site_fee": 5_000, "opens": 14, "closes": 17, "countersigned": true, "counts": true},
        {"kind": "follow_up", "stipend": 4_000, "site_fee": 2_000, "opens": 90, "closes": 120},
    ]})
}

/// Sponsor, board and site, admitted; a mint, and money of the sponsor's.
pub struct Houses {
    pub chain: Chain,
    pub mint: Pubkey,
    pub sponsor: String,
    pub board: String,
    pub clinic: String,
}

pub fn houses() -> Houses {
    let chain = Chain::with_programs();
    chain.run("governance", &["governance", "init"]);
    let register = |who: &str, kind: &str, identifier: &str, staff: &str, permissions: &str| {
        let registered = chain.run(
            who,
            &[
                "org",
                "register",
                "--kind",
                kind,
                "--identifier",
                identifier,
            ],
        );
        let address = field(&registered["account"], "address").to_owned();
        chain.run("governance", &["org", "activate", &address]);
        let key = chain.person(staff).to_string();
        let add = ["operator", "add", "--org", &address, "--key", &key];
        chain.run(who, &[&add[..], &["--permissions", permissions]].concat());
        address
    };
    let sponsor = register(
        "sponsor",
        "sponsor",
        "lei:5493001KJTIIGC8Y1R12",
        "manager",
        "manage-trial,fund,countersign-visit",
    );
    let board = register(
        "board",
        "ethics-board",
        "other:IRB-1",
        "overseer",
        "oversee-trial",
    );
    let clinic = register(
        "clinic",
        "site",
        "npi:1234567893",
        "nurse",
        "enrol-participant,attest-visit",
    );
    let mint = chain.mint("treasury", 6);
    let (manager, authority) = (chain.person("manager"), chain.person("clinic"));
    chain.tokens(&mint, "treasury", &manager, 1_000_000 * UNITS);
    chain.tokens(&mint, "treasury", &authority, 0);
    Houses {
        chain,
        mint,
        sponsor,
        board,
        clinic,
    }
}

/// Sets a trial up, with places for `capacity` participants and `cents` in its escrow, bound to an analysis plan.
pub fn trial(capacity: u16, cents: u64) -> TrialWorld {
    let world = without_plan(capacity, cents);
    let plan = text(&world.chain.world.write("plan.txt", "analysis plan"));
    world.run("manager", &["data", "plan", &world.trial, &plan]);
    world
}

/// The same without an analysis plan: it takes no participant yet.
pub fn without_plan(capacity: u16, cents: u64) -> TrialWorld {
    let Houses {
        chain,
        mint,
        sponsor,
        board,
        clinic,
    } = houses();
    let threshold = TAX_THRESHOLD.to_string();
    let create = [
        "trial",
        "create",
        "--sponsor",
        &sponsor,
        "--board",
        &board,
        "--mint",
    ];
    let mint_text = mint.to_string();
    let created = chain.run(
        "manager",
        &[&create[..], &[&mint_text, "--tax-threshold", &threshold]].concat(),
    );
    let trial = field(&created["account"], "address").to_owned();
    chain.run(
        "overseer",
        &[
            "trial",
            "caps",
            &trial,
            "--per-visit",
            "10000",
            "--per-participant",
            "60000",
            "--per-month",
            "40000",
            "--bonus-share-bps",
            "3000",
            "--site-held-quota",
            "1",
        ],
    );
    let world = TrialWorld {
        site: String::new(),
        cohort: String::new(),
        chain,
        mint,
        sponsor,
        board,
        clinic,
        trial,
    };
    world.amend("protocol one");
    let document = text(&world.chain.world.json("schedule.json", &schedule()));
    world.run("manager", &["schedule", &world.trial, &document]);
    let amount = cents.to_string();
    world.run("manager", &["fund", &world.trial, "--total", &amount]);
    let added = world.run(
        "manager",
        &["add-site", &world.trial, "--organization", &world.clinic],
    );
    let site = field(&added["account"], "address").to_owned();
    world.run("clinic", &["accept-site", &site]);
    let opened = world.run(
        "nurse",
        &["open-cohort", &site, "--capacity", &capacity.to_string()],
    );
    let cohort = field(&opened["account"], "address").to_owned();
    TrialWorld {
        site,
        cohort,
        ..world
    }
}

impl TrialWorld {
    /// `galen trial ...`, which must succeed.
    pub fn run<S: AsRef<str>>(&self, who: &str, args: &[S]) -> Value {
        self.chain.run(who, &words(args))
    }

    /// `galen trial ...`, which must be refused; the code.
    pub fn refused<S: AsRef<str>>(&self, who: &str, args: &[S]) -> String {
        self.chain.refused(who, &words(args))
    }

    /// Publishes and approves a version of protocol and consent form, in force today.
    pub fn amend(&self, protocol: &str) {
        let files = [("protocol.txt", protocol), ("consent.txt", "consent form")]
            .map(|(name, content)| text(&self.chain.world.write(name, content)));
        let published = self.run(
            "manager",
            &[
                "publish",
                &self.trial,
                "--protocol",
                &files[0],
                "--consent-form",
                &files[1],
            ],
        );
        let number = published["account"]["number"].to_string();
        self.run(
            "overseer",
            &["approve", &self.trial, "--version-number", &number],
        );
    }

    /// The public key of participant `name`, who has a keypair file and no lamports.
    pub fn participant(&self, name: &str) -> Pubkey {
        let file = self.chain.keyfile(name);
        if !file.exists() {
            write_keypair_file(&Keypair::new(), &file).expect("written");
        }
        self.chain.keypair(name).pubkey()
    }

    /// A table of participants p0, p1, ... with wallets of their own; as a file.
    pub fn table(&self, count: usize) -> String {
        let mut table = String::from("participant,subject,owner,marker\n");
        for number in 0..count {
            self.participant(&format!("p{number}"));
            let owner = self.participant(&format!("w{number}"));
            let marker = format!("{number:064x}");
            table += &format!("p{number}.json,S-{number},{owner},{marker}\n");
        }
        text(&self.chain.world.write("participants.csv", &table))
    }

    /// Consents and enrols `count` participants; their table.
    pub fn enrol(&self, count: usize) -> String {
        let table = self.table(count);
        self.run(
            "nurse",
            &[
                "consent",
                &self.trial,
                "--cohort",
                &self.cohort,
                "--from",
                &table,
            ],
        );
        self.run("nurse", &["enrol", &self.trial, "--from", &table]);
        table
    }

    /// A table of visits of participants, all of them today; as a file.
    pub fn visits(&self, milestone: u8, participants: std::ops::Range<usize>) -> String {
        let today = self.today();
        let mut table = String::from("participant,milestone,visited\n");
        for number in participants {
            table += &format!("p{number}.json,{milestone},{today}\n");
        }
        text(
            &self
                .chain
                .world
                .write(&format!("visits-{milestone}.csv"), &table),
        )
    }

    /// The validator's day.
    pub fn today(&self) -> String {
        let days = i32::try_from(self.chain.now() / 86_400).expect("a day");
        galen_rules::Date::from_days(days)
            .expect("a day")
            .to_string()
    }

    /// The trial's ledger.
    pub fn ledger(&self) -> Value {
        self.run("anyone", &["show", &self.trial])["ledger"].clone()
    }

    /// A participant as the ledger has them.
    pub fn shown(&self, name: &str) -> Value {
        let key = self.participant(name).to_string();
        self.run(
            "anyone",
            &["participants", &self.trial, "--participant", &key],
        )[0]
        .clone()
    }

    /// What the wallet of participant `number` holds, in cents.
    pub fn holds(&self, number: usize) -> u64 {
        let owner = self.participant(&format!("w{number}"));
        let account =
            anchor_spl::associated_token::get_associated_token_address(&owner, &self.mint);
        self.chain.held(&account.to_string()) / UNITS
    }
}

fn words<S: AsRef<str>>(args: &[S]) -> Vec<&str> {
    std::iter::once("trial")
        .chain(args.iter().map(AsRef::as_ref))
        .collect()
}
