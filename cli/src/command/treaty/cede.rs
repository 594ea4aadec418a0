//! `galen treaty cede`

use std::collections::BTreeMap;
use std::fmt;

use claims::constants::SECONDS_PER_DAY;
use claims::state::{Claim, ClaimRecoupment, ClaimStatus, Pool, Settlement, Treaty};
use claims::{accounts, instruction};
use serde::Serialize;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::entity::{self, offset};
use crate::chain::intent::Intent;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::send::{foreseen_by_claims, Receipt};

/// Claims and records of recoupments that fit a transaction beside the accounts of the treaty.
const PER_TRANSACTION: usize = 20;

/// Flags of `galen treaty cede`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty cede TREATY

Counts every claim of the pool that the treaty covers and that is not counted yet, takes off those that were taken back
since, and what a manufacturer's bond has paid back of others, some twenty a transaction, and moves in the same breath what is recoverable from the layer to the pool, or back. Where the
layer holds too little it pays what it has; run it again when it has been funded. Anybody may. Running it again is fine. `galen pool crank` does
it for all treaties of a pool.")]
pub struct Args {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
}

#[derive(Serialize)]
struct Report {
    /// Claims that were counted or taken off.
    claims: usize,
    /// Cents that went from the layer to the pool.
    drawn: u64,
    /// Cents that went back.
    returned: u64,
    /// Claims that the treaty counts now.
    counted: u32,
    /// Cents that it takes over of them.
    recoverable: u64,
    /// Cents of it that the layer could not pay yet.
    missing: u64,
    transactions: Vec<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `treaty_not_in_force`, `cluster_unreachable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::in_force(args.treaty, settings)?;
    let Case {
        session,
        treaty,
        pool,
        ..
    } = &case;
    let cluster = session.cluster();
    let all: BTreeMap<Pubkey, Claim> =
        entity::list::<Claim>(cluster, &[(offset::CLAIM_POOL, treaty.pool)])?
            .into_iter()
            .collect();
    let cession = Cession::find(cluster, args.treaty, treaty, pool, &all, session.now)?;
    if cession.waiting > 0 {
        session.ledger.settings.notes.say(format_args!(
            "{} claims wait: those in whose place they stand are counted under another treaty; run this for that one first.",
            cession.waiting
        ));
    }
    let mut transactions = Vec::new();
    if !cession.instructions.is_empty() {
        let intent = Intent::new("Count claims under a treaty")
            .with("treaty", args.treaty)
            .with("pool", treaty.pool)
            .with("claims", cession.claims)
            .with("in the layer", money(held(treaty)?));
        session.ledger.confirm(&intent)?;
        for cede in &cession.instructions {
            transactions.push(session.send(intent.title(), std::slice::from_ref(cede), &[])?);
        }
    }
    let after: Treaty = entity::get(cluster, &args.treaty)?;
    let had = after.drawn.saturating_sub(after.returned);
    Answer::new(&Report {
        claims: cession.claims,
        drawn: after.drawn.saturating_sub(treaty.drawn),
        returned: after.returned.saturating_sub(treaty.returned),
        counted: after.claims,
        recoverable: after.recoverable(),
        missing: after.recoverable().saturating_sub(had),
        transactions,
    })
}

/// What a treaty in force has to count, and to pay or get back.
pub struct Cession {
    /// Claims that are counted or taken off.
    pub claims: usize,
    /// Claims that wait for another treaty, which counts those in whose place they stand.
    pub waiting: usize,
    /// What does it, one a transaction; none where nothing is to be counted and nothing is owed.
    pub instructions: Vec<Instruction>,
}

impl Cession {
    /// Finds it among `all` claims of the pool; `now` is the cluster's Unix second.
    ///
    /// # Errors
    /// `cluster_unreachable`, and those of the treaty's own arithmetic by name.
    pub fn find(
        cluster: &Cluster,
        address: Pubkey,
        treaty: &Treaty,
        pool: &Pool,
        all: &BTreeMap<Pubkey, Claim>,
        now: i64,
    ) -> Result<Self> {
        let of_pool = [(offset::RECOUPMENT_POOL, treaty.pool)];
        let recoupments = entity::list::<ClaimRecoupment>(cluster, &of_pool)?;
        let filed: BTreeMap<Pubkey, Filed> = all
            .iter()
            .map(|(address, claim)| (*address, Filed::of(claim, *address, &recoupments)))
            .collect();
        let today = day_of(now);
        let mut claims: Vec<Ceded> = all
            .iter()
            .map(|(address, claim)| Ceded {
                originals: originals(claim, &filed),
                recoupment: recoupments.iter().find(|(_, of)| of.claim == *address),
                address: *address,
                claim,
            })
            .filter(|ceded| ceded.is_to_be_taken(treaty, today))
            .collect();
        // The program counts a claim in another's place only once that one, and those before it, count under no treaty.
        let before = claims.len();
        claims.retain(|ceded| {
            let mut marks = ceded.originals.iter().map(|original| original.mark);
            marks.all(|mark| [0, treaty.mark()].contains(&mark))
        });
        claims.sort_by_key(|ceded| ceded.claim.awarded_at);
        // Without a claim too: what was recoverable and not there may be there now.
        let batches = match claims.is_empty() {
            true if is_even(treaty, pool)? => Vec::new(),
            true => vec![Vec::new()],
            false => batches(&claims),
        };
        let instructions = batches.into_iter().map(|batch| {
            let mut cede = crate::chain::instruction(
                claims::ID,
                &accounts::CedeClaims {
                    pool: treaty.pool,
                    treaty: address,
                    layer_vault: treaty.vault,
                    vault: pool.vault,
                    mint: pool.mint,
                    token_program: pool.token_program,
                    event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
                    program: claims::ID,
                },
                &instruction::CedeClaims {},
            );
            cede.accounts.extend(batch);
            cede
        });
        Ok(Self {
            claims: claims.len(),
            waiting: before.saturating_sub(claims.len()),
            instructions: instructions.collect(),
        })
    }
}

/// The day of a Unix time; none outside the calendar.
fn day_of(unix: i64) -> Option<i32> {
    i32::try_from(unix.div_euclid(SECONDS_PER_DAY)).ok()
}

/// What of a claim those that stand in its place have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Filed {
    address: Pubkey,
    /// The treaty that counts it; 0 = none.
    mark: u16,
    /// The claim in whose place it stands.
    original: Option<Pubkey>,
    /// The record of its recoupment, which it needs to be taken off where something is counted off for it.
    record: Option<Pubkey>,
}

impl Filed {
    fn of(claim: &Claim, address: Pubkey, recoupments: &[(Pubkey, ClaimRecoupment)]) -> Self {
        let mut records = recoupments.iter();
        Self {
            address,
            mark: claim.treaty & !Claim::NETTED,
            original: original(claim),
            record: records
                .find(|(_, of)| of.claim == address)
                .map(|(record, _)| *record),
        }
    }
}

/// The claim in whose place this one stands.
fn original(claim: &Claim) -> Option<Pubkey> {
    (claim.replaces != [0; 16])
        .then(|| Claim::find_address(&claim.pool, &claim.provider, &claim.replaces).0)
}

/// The claims in whose place this one stands, the first one first. One that is archived ends the list: none before it is counted.
fn originals(claim: &Claim, filed: &BTreeMap<Pubkey, Filed>) -> Vec<Filed> {
    let mut found = Vec::new();
    let mut next = original(claim);
    while let Some(address) = next {
        let archived = Filed {
            address,
            mark: 0,
            original: None,
            record: None,
        };
        let filed = filed.get(&address).copied().unwrap_or(archived);
        // A claim stands in the place of one that was there before it, so there is no circle; that the ledger says so is not relied on.
        if found.contains(&filed) {
            break;
        }
        next = filed.original;
        found.push(filed);
    }
    found.reverse();
    found
}

/// A claim, those in whose place it stands, and the record of its recoupment where a bond was asked for it.
struct Ceded<'a> {
    address: Pubkey,
    claim: &'a Claim,
    originals: Vec<Filed>,
    recoupment: Option<&'a (Pubkey, ClaimRecoupment)>,
}

impl Ceded<'_> {
    /// Whether the program would count the claim, or take it or some of it off, on the day `today`.
    fn is_to_be_taken(&self, treaty: &Treaty, today: Option<i32>) -> bool {
        let claim = self.claim;
        let mark = claim.treaty & !Claim::NETTED;
        match claim.status {
            ClaimStatus::Payable | ClaimStatus::Paid if mark == 0 => day_of(claim.awarded_at)
                .zip(today)
                .is_some_and(|(day, today)| {
                    treaty.terms.covers(day) && treaty.terms.counts_on(today)
                }),
            ClaimStatus::Payable | ClaimStatus::Paid => {
                let came_back = |(_, record): &(Pubkey, ClaimRecoupment)| {
                    record.came_back(claim.totals.paid) != record.netted
                };
                mark == treaty.mark() && self.recoupment.is_some_and(came_back)
            }
            ClaimStatus::Reversed => mark == treaty.mark(),
            _ => false,
        }
    }

    /// The accounts that the program asks for: before a claim in another's place those others, after a claim its record.
    fn accounts(&self) -> impl Iterator<Item = AccountMeta> + '_ {
        let record = self.recoupment.map(|(address, _)| *address);
        self.originals
            .iter()
            .flat_map(|original| [Some(original.address), original.record])
            .flatten()
            .chain([self.address])
            .chain(record)
            .map(|address| AccountMeta::new(address, false))
    }
}

/// The accounts of each transaction: those of a claim are in the same.
fn batches(claims: &[Ceded]) -> Vec<Vec<AccountMeta>> {
    let mut batches: Vec<Vec<AccountMeta>> = Vec::new();
    for ceded in claims {
        let accounts: Vec<AccountMeta> = ceded.accounts().collect();
        match batches.last_mut() {
            Some(batch) if batch.len() + accounts.len() <= PER_TRANSACTION => {
                batch.extend(accounts);
            }
            _ => batches.push(accounts),
        }
    }
    batches
}

/// Whether layer and pool owe each other nothing that they could pay.
fn is_even(treaty: &Treaty, pool: &Pool) -> Result<bool> {
    let mut treaty = treaty.clone();
    let settlement = pool.free().and_then(|free| treaty.settle(free));
    let settlement = settlement.map_err(|error| foreseen_by_claims(&error))?;
    Ok(settlement == Settlement::Even)
}

fn held(treaty: &Treaty) -> Result<u64> {
    treaty.held().map_err(|error| foreseen_by_claims(&error))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.transactions.is_empty() {
            return f.write_str("Nothing is to be counted, and nothing is owed; nothing was sent.");
        }
        write!(
            f,
            "{} claims counted or taken off: {} drawn, {} given back; {} claims count, {} recoverable, {} of it not paid yet.",
            self.claims,
            money(self.drawn),
            money(self.returned),
            self.counted,
            money(self.recoverable),
            money(self.missing)
        )?;
        for receipt in &self.transactions {
            write!(f, "\n{receipt}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use claims::state::claim_recoupment::Asked;
    use claims::state::{Opening, TreatyTerms};

    use super::*;

    const DAY: i32 = 20_000;

    fn treaty() -> Treaty {
        let terms = TreatyTerms {
            from: DAY,
            to: DAY + 9,
            runoff_days: 5,
            claim_attachment: 100,
            claim_limit: 100,
            claims_limit: 1_000,
            year_attachment: 0,
            year_limit: 0,
        };
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        Treaty::offer(255, 3, key(1), key(2), terms).expect("offered")
    }

    fn claim(status: ClaimStatus, day: i32, mark: u16) -> Claim {
        let opening = Opening {
            bump: 255,
            pool: Pubkey::default(),
            provider: Pubkey::default(),
            claim_id: [3; 16],
            document: [4; 32],
            opener: Pubkey::default(),
            service_date: DAY,
            line_count: 1,
        };
        let mut claim = Claim::open(opening).expect("opened");
        claim.status = status;
        claim.awarded_at = i64::from(day) * SECONDS_PER_DAY;
        claim.treaty = mark;
        claim
    }

    #[test]
    fn claims_are_taken_that_the_program_would_take() {
        let treaty = treaty();
        let mark = treaty.mark();
        for (status, day, marked, today, is_taken) in [
            (ClaimStatus::Paid, DAY, 0, DAY, true),
            (ClaimStatus::Payable, DAY + 9, 0, DAY + 14, true),
            (ClaimStatus::Paid, DAY + 9, 0, DAY + 15, false),
            (ClaimStatus::Paid, DAY - 1, 0, DAY, false),
            (ClaimStatus::Paid, DAY, mark, DAY, false),
            (ClaimStatus::Pended, DAY, 0, DAY, false),
            (ClaimStatus::Denied, DAY, 0, DAY, false),
            (ClaimStatus::Reversed, DAY, mark, DAY + 99, true),
            (ClaimStatus::Reversed, DAY, 0, DAY, false),
            (ClaimStatus::Reversed, DAY, mark + 1, DAY, false),
        ] {
            let ceded = Ceded {
                address: Pubkey::default(),
                claim: &claim(status, day, marked),
                originals: Vec::new(),
                recoupment: None,
            };
            assert_eq!(
                ceded.is_to_be_taken(&treaty, Some(today)),
                is_taken,
                "{status:?} on {day}, mark {marked}, today {today}"
            );
        }
    }

    fn record(counted: u64, netted: u64) -> (Pubkey, ClaimRecoupment) {
        let asked = Asked {
            claim: Pubkey::default(),
            pool: Pubkey::default(),
            recoupment: Pubkey::default(),
            original: Pubkey::default(),
            before: 0,
            due: 1_000,
        };
        let record = ClaimRecoupment::new(255, &asked).expect("a record");
        let record = ClaimRecoupment {
            counted,
            netted,
            ..record
        };
        (Pubkey::new_from_array([7; 32]), record)
    }

    #[test]
    fn what_came_back_is_taken_off_once() {
        let treaty = treaty();
        let mark = treaty.mark();
        for (marked, counted, netted, is_taken) in [
            (mark, 0, 0, false),
            (mark, 400, 0, true),
            (mark | Claim::NETTED, 400, 400, false),
            (mark | Claim::NETTED, 1_000, 400, true),
            (mark + 1, 400, 0, false),
        ] {
            let recoupment = record(counted, netted);
            let mut claim = claim(ClaimStatus::Paid, DAY, marked);
            claim.totals.paid = 1_000;
            let ceded = Ceded {
                address: Pubkey::default(),
                claim: &claim,
                originals: Vec::new(),
                recoupment: Some(&recoupment),
            };
            // Also after the time in which claims are counted.
            let is = ceded.is_to_be_taken(&treaty, Some(DAY + 99));
            assert_eq!(is, is_taken, "{marked}, {counted}, {netted}");
        }
    }

    /// The third of three claims comes after the other two, each with its record; what is archived ends the list.
    #[test]
    fn all_claims_in_whose_place_it_stands_come_with_it() {
        let mut claims = [1, 2, 3].map(|id| {
            let mut claim = claim(ClaimStatus::Reversed, DAY, 0);
            claim.claim_id = [id; 16];
            claim
        });
        claims[1].replaces = [1; 16];
        claims[2].replaces = [2; 16];
        claims[0].treaty = 4 | Claim::NETTED;
        let at =
            |claim: &Claim| Claim::find_address(&claim.pool, &claim.provider, &claim.claim_id).0;
        let addresses = claims.each_ref().map(at);
        let (record, mut of_first) = record(1, 1);
        of_first.claim = addresses[0];
        let recoupments = [(record, of_first)];
        let filed = |claims: &[Claim]| -> BTreeMap<Pubkey, Filed> {
            let pairs = claims.iter().map(|claim| (at(claim), claim));
            pairs
                .map(|(address, claim)| (address, Filed::of(claim, address, &recoupments)))
                .collect()
        };
        let accounts = |claims: &[Claim], last: &Claim| -> Vec<Pubkey> {
            let ceded = Ceded {
                address: at(last),
                claim: last,
                originals: originals(last, &filed(claims)),
                recoupment: None,
            };
            ceded.accounts().map(|meta| meta.pubkey).collect()
        };
        let [first, second, third] = addresses;
        let all = [first, record, second, third];
        assert_eq!(accounts(&claims, &claims[2]), all);
        assert_eq!(accounts(&claims[1..2], &claims[2]), [first, second, third]);
        assert_eq!(accounts(&claims[2..], &claims[2]), [second, third]);
        let marks = originals(&claims[2], &filed(&claims));
        assert_eq!(marks.iter().map(|one| one.mark).collect::<Vec<_>>(), [4, 0]);
    }

    #[test]
    fn a_claim_and_its_record_are_in_one_transaction() {
        let recoupment = record(1, 0);
        let claim = claim(ClaimStatus::Paid, DAY, 0);
        let claims: Vec<Ceded> = (0..30)
            .map(|index| Ceded {
                address: Pubkey::new_from_array([index; 32]),
                claim: &claim,
                originals: Vec::new(),
                recoupment: (index % 3 > 0).then_some(&recoupment),
            })
            .collect();
        let batches = batches(&claims);
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 50);
        for batch in &batches {
            assert!(batch.len() <= PER_TRANSACTION);
            assert_ne!(batch.first().map(|meta| meta.pubkey), Some(recoupment.0));
        }
    }
}
