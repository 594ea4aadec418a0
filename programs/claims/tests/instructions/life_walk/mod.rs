//! A random walk over the program: a family and somebody alone, at a provider in the network and one outside, an insurer, a board,
//! cranks, and a guardian who pauses. Whatever they and time do in whatever order, after each transaction the money adds up, what
//! has been used up is what the claims that stand have used up, each line has passed or failed its gates, what an appeal has won
//! is won, what is late bears its interest, and no pause, end of an agreement or new payout account keeps from being paid what is
//! due. Whoever signs or vouches for a member is changed between claims, histories fill and grow, and schedules and details are
//! uploaded, given up and sealed: each comes to what the walk says before, or is refused by that code. Some walks end years later,
//! when everything that is over is archived. 6,000 transactions as a rule, 1,000,000 where `GALEN_SOAK` is set, `GALEN_TRANSACTIONS`
//! where that is, from the seed `GALEN_SEED` on.

mod agreements;
mod archive;
mod book;
mod checks;
mod drafts;
mod gates;
mod known;
mod members;
mod refusals;
mod start;
mod steps;
mod uploads;
mod versions;
mod won;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use anchor_lang::AccountDeserialize;
use claims::instruction::SubmitClaim;
use claims::instructions::{Decision, EnrolMemberArgs, SubmitClaimArgs};
use galen_testkit::Random;

use crate::common::*;
use agreements::{Change, Deal};
use book::Filed;
use members::Part;
use start::{Plans, Start, PEOPLE, PROVIDERS};
use uploads::Stage;

/// Transactions of one walk; then another begins. (A fixture has 255 identifiers for claims.)
const STEPS: usize = 200;
/// A walk ends before the operators' records do, in days after the fixtures' beginning.
const LONGEST: i64 = 348;
/// Walks begin up to so many days later: some go on into the next benefit period.
const LATEST: u64 = 240;

struct Walk {
    start: Rc<Start>,
    world: World,
    dice: Random,
    /// What the walk knows of the claims, by number from 1.
    filed: Vec<Filed>,
    /// The claims as the ledger has them, by number from 1.
    claims: Vec<Option<Rc<Claim>>>,
    /// The bytes of their accounts, by which it is seen which have changed.
    bytes: Vec<Vec<u8>>,
    /// The other insurer's next claim.
    next_elsewhere: u8,
    /// What was asked before care, by number from 1.
    asked: Vec<Asked>,
    /// What was granted, by member, and where it lies.
    granted: [Vec<(Grant, Pubkey)>; PEOPLE],
    /// By provider, whether its accounts take no money.
    frozen: [bool; PROVIDERS],
    /// By provider, what the walk knows of its agreement.
    deals: [Deal; PROVIDERS],
    /// The first day of services that go by the plan's next version, once that is there.
    published: Option<i32>,
    /// By member, the last day of coverage.
    covered: [i32; PEOPLE],
    /// By member, what the insurer states.
    stated: [Vec<MemberFact>; PEOPLE],
    /// By member, its part in claims.
    parts: [Part; PEOPLE],
    /// Which of its keys the eligibility desk has.
    desk: Option<usize>,
    /// How far the upload of a benefit schedule has come, and of which: each that is sealed stays.
    schedule: (Stage, u32),
    /// How far that of the details has come of the plan's next version, or of the one after it.
    details: Stage,
    /// The plan version by which a new claim, or question, of the step goes that was picked.
    version: Pubkey,
    /// Whether there was no claim for the step that was picked.
    missed: Cell<bool>,
    /// What the step that was picked changes of what the walk knows, where it succeeds.
    change: Option<Change>,
    /// What has to come of it, where the walk knows.
    wanted: Option<Wanted>,
    /// What it is to be refused by for want of a good ticket.
    refusal: Option<ClaimsError>,
    supply: u64,
    /// The accounts of authorisations that the last claim came with.
    brought: Vec<Pubkey>,
    tally: Tally,
}

/// What has to come of a step.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    Done,
    /// It is refused by this code.
    Refused(u32),
}

/// What has been done.
#[derive(Default)]
struct Tally {
    /// How often each kind of step was done, and refused.
    steps: BTreeMap<&'static str, (u64, u64)>,
    /// How often each refusal came, and at which step first.
    refusals: BTreeMap<String, (u64, &'static str)>,
    /// How often a claim came to what the walk is about.
    cases: BTreeMap<&'static str, u64>,
}

/// What was asked before care.
struct Asked {
    provider: usize,
    person: usize,
    lines: Vec<ClaimLineArgs>,
    address: Pubkey,
}

/// The ledger before a transaction.
struct Before {
    pool: Pool,
    members: [Member; PEOPLE],
    claims: Vec<Option<Rc<Claim>>>,
}

impl Before {
    /// Claim number `n`, where there was one.
    fn claim(&self, n: u8) -> Option<&Claim> {
        self.claims.get(usize::from(n) - 1)?.as_deref()
    }
}

impl Walk {
    fn new(start: &Rc<Start>, seed: u64) -> Self {
        let mut walk = Self {
            world: start.world.clone(),
            start: Rc::clone(start),
            dice: Random(seed),
            filed: Vec::new(),
            claims: Vec::new(),
            bytes: Vec::new(),
            next_elsewhere: 1,
            asked: Vec::new(),
            granted: Default::default(),
            frozen: Default::default(),
            deals: std::array::from_fn(|provider| Deal::new(provider == 0)),
            published: None,
            covered: std::array::from_fn(|person| start.coverage(person).1),
            stated: Default::default(),
            parts: std::array::from_fn(|_| Part::new(start.keys[0])),
            desk: Some(0),
            schedule: (Stage::None, 0),
            details: Stage::Sealed,
            version: start.fixture().plan_version,
            missed: Cell::new(false),
            change: None,
            wanted: None,
            refusal: None,
            supply: 0,
            brought: Vec::new(),
            tally: Tally::default(),
        };
        walk.supply = walk.tokens();
        let later = i64::try_from(walk.dice.below(LATEST)).unwrap();
        walk.world.advance(later * DAY);
        // Some have had much before.
        for person in 0..PEOPLE {
            if walk.dice.below(3) == 0 {
                let room = usize::try_from(walk.dice.below(40)).unwrap();
                walk.fill(person, room);
            }
        }
        walk
    }

    /// Whether another step can be done.
    fn goes_on(&self) -> bool {
        let days = i64::from(self.today() - TODAY);
        days < LONGEST && self.filed.len() < usize::from(u8::MAX) - 2
    }

    fn today(&self) -> i32 {
        i32::try_from(self.world.now() / DAY).unwrap()
    }

    fn before(&self) -> Before {
        Before {
            pool: self.start.fixture().read_pool(&self.world),
            members: self.members(),
            claims: self.claims.clone(),
        }
    }

    fn members(&self) -> [Member; PEOPLE] {
        std::array::from_fn(|person| self.start.way(0, person).read_member(&self.world))
    }

    fn step(&mut self) {
        self.let_time_pass();
        let (name, mut instructions) = self.pick();
        let change = self.change.take();
        let wanted = self.wanted.take();
        let void = self.refusal.take();
        let refusal = self.sign(&mut instructions).or(void);
        self.go_by_version(&mut instructions);
        // Now and then the account that is named is not, or no longer, the one in force.
        if !agreements::NAMES_ACCOUNT.contains(&name) && self.dice.below(24) > 0 {
            self.redirect(&mut instructions);
        }
        // Comparing everything takes longer than doing it.
        let snapshot = (self.dice.below(16) == 0).then(|| self.world.snapshot());
        let before = self.before();
        let outcome = self.world.send_unsigned(&instructions);
        assert!(!outcome.crashed(), "{name}: {outcome}");
        // Faults of the program, whatever is asked of it.
        assert!(
            outcome.code() != Some(ClaimsError::InvariantBroken.into())
                && outcome.code() != Some(ClaimsError::LineUnbalanced.into()),
            "{name}: {outcome}"
        );
        match wanted {
            Some(Wanted::Done) => assert!(outcome.succeeded(), "{name}: {outcome}"),
            Some(Wanted::Refused(code)) => {
                assert_eq!(outcome.code(), Some(code), "{name}: {outcome}")
            }
            None => {}
        }
        self.check_consent(&outcome, refusal);
        let count = self.tally.steps.entry(name).or_default();
        if outcome.succeeded() {
            count.0 += 1;
            if let Some(change) = change {
                self.note_change(change);
            }
            self.read_claims();
            self.keep_books(&before);
            self.check(name, &before);
            self.count_cases(name, &before);
            if agreements::CHANGES.contains(&name) {
                self.check_payable();
            }
        } else {
            count.1 += 1;
            let refusal = refusals::name_of(&outcome);
            self.tally.refusals.entry(refusal).or_insert((0, name)).0 += 1;
            if let Some(snapshot) = snapshot {
                snapshot.assert_same(&self.world.snapshot());
            }
        }
    }

    /// Counts what a transaction has come to.
    fn count_cases(&mut self, name: &str, before: &Before) {
        let mut cases = Vec::new();
        for (n, claim) in self.numbered() {
            let was = before.claim(n);
            if was == Some(claim) || claim.status == ClaimStatus::Reversed {
                continue;
            }
            let any = |wanted: fn(&ClaimLine) -> bool| claim.lines.iter().any(wanted);
            let filed = self.filed(n);
            let original = filed.in_place_of.and_then(|n| self.claim(n));
            let won = was.is_none() && filed.waived != 0 && claim.totals.paid > 0;
            let is_more = original.is_some_and(|it| it.totals.paid < claim.totals.paid);
            let clock_stood = claim.course.stopped_days > 0;
            let interest = claim.course.interest > 0 && claim.status == ClaimStatus::Paid;
            let is_anew = name == "reprocess_claim";
            let of_network = filed.in_place_of.is_none() && claim.totals.paid > 0;
            let is_found = |line: &ClaimLine| matches!(line.denial_reason, 50 | 150);
            for (holds, case) in [
                (any(|line| line.authorization != 0), "authorised"),
                (any(|line| line.over_maximum > 0), "above a maximum"),
                (
                    any(|line| line.over_lifetime_maximum > 0),
                    "above that of a life",
                ),
                (any(|line| line.category != 0), "of a category"),
                (any(|line| line.tier_delta > 0), "in tiers"),
                (
                    !claim.in_network && claim.totals.paid > 0,
                    "outside the network",
                ),
                (
                    claim.plan_version == self.start.next_version && claim.totals.paid > 0,
                    "of a later version",
                ),
                (
                    of_network && claim.in_network != (filed.provider == 0),
                    "on the other side of the network",
                ),
                (
                    claim.pend_reason == PendReason::LateExcused,
                    "late and excused",
                ),
                (
                    claim.pend_reason == PendReason::AttachmentMissing,
                    "waiting for an attachment",
                ),
                (
                    claim.pend_reason == PendReason::DeniedBefore,
                    "waiting since a person has denied it before",
                ),
                (
                    claim.totals.paid > 0 && !filed.attached.is_empty() && {
                        let waited = |was: &Claim| was.pend_reason == PendReason::AttachmentMissing;
                        was.is_some_and(waited)
                    },
                    "paid with what was attached later",
                ),
                (
                    was.is_some_and(|was| was.status == ClaimStatus::Draft)
                        && claim.totals.paid > 0,
                    "paid, long after it was opened",
                ),
                (
                    claim.pend_reason == PendReason::AgreementOver,
                    "of an agreement that is over",
                ),
                (
                    claim.pend_reason == PendReason::HistoryFull,
                    "waiting for room in a history",
                ),
                (
                    claim.totals.paid > 0
                        && was.is_some_and(|was| was.pend_reason == PendReason::HistoryFull),
                    "paid, once there was room",
                ),
                (
                    checks::stands(claim) && any(is_found),
                    "with findings of a reviewer",
                ),
                (interest, "with interest"),
                (
                    interest && clock_stood,
                    "with interest, after its clock stood",
                ),
                (won && is_more && !is_anew, "won by an appeal"),
                (won && is_anew, "won by an appeal, adjudicated anew"),
            ] {
                if holds {
                    cases.push(case);
                }
            }
        }
        for case in cases {
            *self.tally.cases.entry(case).or_default() += 1;
        }
    }

    fn let_time_pass(&mut self) {
        match self.dice.below(30) {
            0 => self.world.advance(DAY / 2),
            1 => self.world.advance(7 * DAY),
            2 => self.world.advance(16 * DAY),
            kind @ 3..=6 => {
                let provider = usize::from(self.dice.below(4) == 0);
                self.frozen[provider] = kind == 3 && self.dice.below(2) == 0;
                for payout in &self.start.payouts[provider] {
                    if self.frozen[provider] {
                        self.world.freeze(payout);
                    } else {
                        self.world.thaw(payout);
                    }
                }
            }
            _ => {}
        }
    }

    /// Reads the claims that have changed.
    fn read_claims(&mut self) {
        self.claims.resize_with(self.filed.len(), || None);
        self.bytes.resize_with(self.filed.len(), Vec::new);
        for (n, filed) in (1..).zip(&self.filed) {
            let address = self.start.way(filed.provider, 0).claim(n);
            let account = self.world.raw(&address);
            let place = usize::from(n) - 1;
            let Some(account) = account.filter(|account| account.lamports > 0) else {
                // A draft that was given up leaves nothing, and nothing else goes.
                if let Some(claim) = self.claims[place].take() {
                    assert_eq!(claim.status, ClaimStatus::Draft, "claim {n} is gone");
                    self.bytes[place].clear();
                }
                continue;
            };
            if self.bytes[place] != account.data {
                let claim = Claim::try_deserialize(&mut account.data.as_slice()).unwrap();
                self.claims[place] = Some(Rc::new(claim));
                self.bytes[place] = account.data;
            }
        }
    }

    /// The claims that there are, with their numbers.
    fn numbered(&self) -> impl DoubleEndedIterator<Item = (u8, &Claim)> {
        let numbers = 1..=u8::try_from(self.claims.len()).unwrap();
        numbers
            .zip(&self.claims)
            .filter_map(|(n, claim)| claim.as_deref().map(|claim| (n, claim)))
    }

    /// Claim number `n`, where there is one.
    fn claim(&self, n: u8) -> Option<&Claim> {
        self.claims.get(usize::from(n) - 1)?.as_deref()
    }

    fn filed(&self, n: u8) -> &Filed {
        &self.filed[usize::from(n) - 1]
    }

    /// The tokens that there are.
    fn tokens(&self) -> u64 {
        let fixture = self.start.fixture();
        let payouts = self.start.payouts.iter().flatten().copied();
        payouts
            .chain([fixture.vault, fixture.treasury, self.start.treaty.vault])
            .map(|account| self.world.balance(&account))
            .sum()
    }
}

/// Transactions from which on everything has to have happened.
const LONG: u64 = 100_000;

/// What takes weeks of the walk's time is rare in a short one.
const RARE: [&str; 23] = [
    "announce_layer_withdrawal",
    "announce_withdrawal",
    "cancel_layer_withdrawal",
    "cancel_withdrawal",
    "close_entry",
    "escalate_claim",
    "lapse_appeal",
    "late and excused",
    "link_replacement",
    "overturn_appeal, by the board",
    "paid with what was attached later",
    "paid, long after it was opened",
    "paid, once there was room",
    "provide_information",
    "release_entry",
    "still payable in a pause",
    "uphold_appeal, by the board",
    "waiting for room in a history",
    "waiting since a person has denied it before",
    "with interest, after its clock stood",
    "withdraw",
    "withdraw_from_layer",
    "won by an appeal, adjudicated anew",
];

/// Instructions that are no step of a walk: what comes before one, parts of other steps, and what pharmacies and their members send
/// (`pharmacy_walk.rs`, `recoupment_walk.rs`).
const NO_STEPS: [&str; 17] = [
    "accept_treaty",
    "append_claim_lines",
    "commit_draws",
    "commit_pack",
    "count_recoupment",
    "create_family",
    "create_plan",
    "create_pool",
    "dispense_claim",
    "enrol_member",
    "join_family",
    "offer_agreement",
    "offer_treaty",
    "open_claim",
    "recoup_claim",
    "release_pack",
    "undo_claim",
];

/// The program's instructions, by the files in which they are.
fn instructions() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/instructions");
    let names = std::fs::read_dir(folder).unwrap().map(|file| {
        let name = file.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".rs").unwrap().to_owned()
    });
    names.filter(|name| name != "mod").collect()
}

/// What claims come to.
const CASES: [&str; 28] = [
    "above a maximum",
    "above that of a life",
    "authorised",
    "in tiers",
    "late and excused",
    "of a category",
    "of a later version",
    "of an agreement that is over",
    "on the other side of the network",
    "outside the network",
    "paid with what was attached later",
    "paid, long after it was opened",
    "paid, once there was room",
    "refused a signature",
    "refused a ticket of no desk",
    "refused a void ticket",
    "refused an appellant",
    "refused another desk's ticket",
    "still payable",
    "still payable in a pause",
    "waiting for an attachment",
    "waiting for room in a history",
    "waiting since a person has denied it before",
    "with findings of a reviewer",
    "with interest",
    "with interest, after its clock stood",
    "won by an appeal",
    "won by an appeal, adjudicated anew",
];

#[test]
fn everything_adds_up_after_every_transaction() {
    let number = |name| std::env::var(name).map(|number| number.parse().expect("a number"));
    let transactions = number("GALEN_TRANSACTIONS")
        .unwrap_or_else(|_| galen_testkit::few_or_many(6_000, 1_000_000));
    let first = number("GALEN_SEED").unwrap_or(0);
    let starts =
        [Plans::Confirming, Plans::Drawing, Plans::Sharing].map(|plans| Rc::new(Start::new(plans)));
    let mut tally = Tally::default();
    let (mut done, mut seed) = (0u32, first);
    let begun = std::time::Instant::now();
    while u64::from(done) < transactions {
        let start = &starts[usize::try_from(seed).unwrap() % starts.len()];
        let mut walk = Walk::new(start, seed);
        walk.tally = tally;
        for step in 0..STEPS {
            if !walk.goes_on() {
                break;
            }
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.step()));
            assert!(
                result.is_ok(),
                "the walk of seed {seed} broke at step {step}"
            );
            done += 1;
        }
        if seed % 4 == 0 {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.archive()));
            assert!(result.is_ok(), "the walk of seed {seed} broke at its end");
        }
        tally = walk.tally;
        seed += 1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{done} transactions, {:.0} a second",
        f64::from(done) / seconds
    );
    for (refusal, (times, step)) in &tally.refusals {
        println!("{refusal}: {times} times, first {step}");
    }
    let unknown: Vec<_> = tally
        .refusals
        .iter()
        .filter(|(refusal, _)| !refusals::may_be(refusal))
        .collect();
    assert!(unknown.is_empty(), "not to be expected: {unknown:?}");
    for (name, (succeeded, refused)) in &tally.steps {
        println!("{name}: {succeeded} done, {refused} refused");
        let is_rare = RARE.contains(name) && transactions < LONG;
        assert!(*succeeded > 0 || is_rare, "{name} was never done");
    }
    for name in instructions() {
        let mut sent = tally.steps.keys().map(|step| step.split(',').next());
        let is_sent = sent.any(|step| step == Some(name.as_str()));
        let is_known = RARE.contains(&name.as_str()) && transactions < LONG;
        assert!(
            is_sent != NO_STEPS.contains(&name.as_str()) || is_known,
            "{name} is no step, or one that is not known"
        );
    }
    for case in CASES {
        let times = tally.cases.get(case).copied().unwrap_or(0);
        println!("{case}: {times} claims");
        let is_rare = RARE.contains(&case) && transactions < LONG;
        assert!(times > 0 || is_rare, "no claim was {case}");
    }
}
