//! Files of claims, with the members whom they are about and a ticket for each.

use anchor_lang::Discriminator;
use bytemuck::Zeroable;
use claims::state::{History, Member};
use claims::ticket::EligibilityTicket;
use serde_json::{json, Value};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::accounts::write;
use super::insured::Insured;
use super::x12_files::{of_members, Claim};
use crate::common::{sample, text};

/// Claims of each member in a file: on different days.
const OF_A_MEMBER: usize = 4;
/// One claim of so many is too large for one transaction.
const LARGE_EVERY: usize = 10;

/// A file of claims and the table of its members.
pub struct ClaimFile {
    /// The claims.
    pub file: String,
    /// CSV.
    pub table: String,
    /// The members' accounts.
    pub members: Vec<Pubkey>,
    /// Claims in the file.
    pub count: usize,
}

/// The words of `galen claim batch`.
pub fn words<'a>(world: &'a Insured, file: &'a str, table: &'a str) -> [&'a str; 9] {
    [
        "claim",
        "batch",
        file,
        "--pool",
        &world.pool,
        "--provider",
        &world.parties.provider,
        "--members",
        table,
    ]
}

impl Insured {
    /// A member as enrolment makes one, written into the ledger; `seed` makes it another one.
    pub fn written_member(&self, seed: u64) -> Pubkey {
        let [pool, plan]: [Pubkey; 2] =
            [&self.pool, &self.plan].map(|address| address.parse().expect("an address"));
        let mut commitment = [1; 32];
        commitment[..8].copy_from_slice(&seed.to_le_bytes());
        let (address, bump) = Member::find_address(&pool, &commitment);
        let (from, to) = (18_262, 47_481);
        let member = Member::new(bump, pool, plan, commitment, Pubkey::default(), from, to)
            .expect("a member");
        let bytes = [Member::DISCRIMINATOR, bytemuck::bytes_of(&member)].concat();
        write(self.chain(), &address, &claims::ID, &bytes);
        let (history, bump) = History::find_address(&address);
        let mut entries: Box<History> = Box::new(History::zeroed());
        entries.begin(bump, address);
        let bytes = [History::DISCRIMINATOR, bytemuck::bytes_of(entries.as_ref())].concat();
        write(self.chain(), &history, &claims::ID, &bytes);
        address
    }

    /// A ticket as `galen member ticket` prints it, on every day from 2020 to 2099.
    pub fn written_ticket(&self, name: &str, member: &Pubkey) -> String {
        let desk = self.chain().keypair("desk");
        let [pool, provider]: [Pubkey; 2] = [&self.pool, &self.parties.provider]
            .map(|address| address.parse().expect("an address"));
        let ticket = EligibilityTicket {
            from: 18_262,
            to: 47_481,
            nonce: 0,
        };
        let signature = desk.sign_message(&ticket.message(&pool, member, &provider));
        let document = json!({
            "pool": self.pool, "member": member.to_string(), "provider": self.parties.provider,
            "from": "2020-01-01", "to": "2099-12-31", "nonce": 0,
            "key": desk.pubkey().to_string(), "signature": signature.to_string(),
        });
        text(&self.chain().world.json(name, &document))
    }

    /// A FHIR claim: lines as (code, cents), all on a day so many days ago.
    pub fn fhir_claim(
        &self,
        number: &str,
        patient: &str,
        ago: u32,
        lines: &[(&str, u64)],
    ) -> Value {
        let mut claim = sample("visit.fhir.json");
        claim["id"] = json!(number);
        claim["identifier"][0]["value"] = json!(number);
        claim["patient"]["identifier"]["value"] = json!(patient);
        claim["created"] = json!(self.day(0));
        claim["item"] = lines
            .iter()
            .zip(1..)
            .map(|((code, cents), sequence)| {
                json!({
                    "sequence": sequence, "diagnosisSequence": [1], "servicedDate": self.day(ago),
                    "productOrService": {"coding": [{"code": code}]},
                    "net": {"value": cents / 100, "currency": "USD"},
                })
            })
            .collect();
        let whole = claim.as_object_mut().expect("an object");
        whole.remove("billablePeriod");
        whole.remove("total");
        claim
    }

    /// The table of members M-0, M-1, ... with a ticket each.
    pub fn members_table(&self, name: &str, members: &[Pubkey]) -> String {
        let mut table = String::from("patient,ticket\n");
        for (number, member) in members.iter().enumerate() {
            let ticket = format!("{name}-{number}.json");
            self.written_ticket(&ticket, member);
            table += &format!("M-{number},{ticket}\n");
        }
        text(&self.chain().world.write(&format!("{name}.csv"), &table))
    }

    /// A file of `count` claims of new members, in NDJSON; `name` makes the members others than those of any other file.
    pub fn claim_file(&self, name: &str, seed: u64, count: usize) -> ClaimFile {
        let claims: String = (0..count)
            .map(|number| {
                let (patient, ago, large) = course(number);
                let items: &[(&str, u64)] = match large {
                    true => &[("C", 1_000); 16],
                    false => &[("A", 10_000)],
                };
                let number = format!("{name}-{number}");
                format!("{}\n", self.fhir_claim(&number, &patient, ago, items))
            })
            .collect();
        self.written_file(name, &format!("{name}.ndjson"), &claims, seed, count)
    }

    /// The same as an X12 interchange.
    pub fn x12_claim_file(&self, name: &str, seed: u64, count: usize) -> ClaimFile {
        let numbers: Vec<String> = (0..count)
            .map(|number| format!("{name}-{number}"))
            .collect();
        let courses: Vec<(String, u32, bool)> = (0..count).map(course).collect();
        let claims: Vec<(&str, Claim)> = numbers
            .iter()
            .zip(&courses)
            .map(|(number, (patient, ago, large))| {
                let lines: &[(&str, u32, u64)] = match large {
                    true => &[("C", 1, 1_000); 16],
                    false => &[("A", 1, 10_000)],
                };
                (patient.as_str(), (number.as_str(), *ago, lines))
            })
            .collect();
        let text = of_members(self, 1, "1234567893", &claims);
        self.written_file(name, &format!("{name}.837"), &text, seed, count)
    }

    fn written_file(
        &self,
        name: &str,
        file: &str,
        claims: &str,
        seed: u64,
        count: usize,
    ) -> ClaimFile {
        let members: Vec<Pubkey> = (0..count.div_ceil(OF_A_MEMBER))
            .map(|number| self.written_member((seed << 32) + number as u64))
            .collect();
        ClaimFile {
            file: text(&self.chain().world.write(file, claims)),
            table: self.members_table(name, &members),
            members,
            count,
        }
    }
}

/// Whom claim `number` of a file is about, how many days ago, and whether it is a large one.
fn course(number: usize) -> (String, u32, bool) {
    let ago = u32::try_from(1 + number % OF_A_MEMBER).expect("a few");
    let patient = format!("M-{}", number / OF_A_MEMBER);
    (patient, ago, number % LARGE_EVERY == LARGE_EVERY - 1)
}
