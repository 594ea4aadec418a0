//! A random walk over claims that are paid, dispensed for, recalled, recouped, ceded, taken back: whatever comes, each cent of the bond
//! is counted by one claim and once, the pool has it, and the layer bears only what has not come back. A failure prints its seed.

use std::collections::BTreeMap;

use anchor_lang::prelude::AccountMeta;
use galen_rules::provenance::RECOUPMENT_WAIT_SECONDS;
use galen_testkit::fixtures::provenance::{case, recall_terms};
use galen_testkit::fixtures::recoupment::RecoupmentFixture;
use galen_testkit::{few_or_many, Random};

use crate::common::*;
use crate::recoupment::covered;

/// Claims, and packs that are dispensed for them.
const CLAIMS: u8 = 5;
/// Cents in the layer.
const LAYER: u64 = 50_000;

struct Walk {
    world: World,
    fixture: RecoupmentFixture,
    treaty: TreatyFixture,
    /// What the pool had before anything came back, drawn cents not counted.
    funded: u64,
}

impl Walk {
    fn begin() -> Self {
        let (mut world, fixture) = covered(5_000);
        let treaty = TreatyFixture::in_force(&mut world, &fixture.claims, cover(), LAYER);
        for n in 0..CLAIMS {
            fixture.pay_and_dispense(&mut world, n, 20_000 + 4_000 * u64::from(n));
        }
        let funded = fixture.claims.read_pool(&world).funded;
        Self {
            world,
            fixture,
            treaty,
            funded,
        }
    }

    fn record(&self, n: u8) -> Option<ClaimRecoupment> {
        let account = self.world.raw(&self.fixture.record(n))?;
        anchor_lang::AccountDeserialize::try_deserialize(&mut account.data.as_slice()).ok()
    }

    /// One step, which may be refused; whether it had an effect.
    fn step(&mut self, random: &mut Random) -> (&'static str, bool) {
        let fixture = &self.fixture;
        let n = u8::try_from(random.below(CLAIMS.into())).expect("small");
        let (name, instruction) = match random.below(16) {
            0 => {
                let packs = &fixture.packs;
                let recall = packs.recall(case(0), &packs.regulator, recall_terms());
                ("issue_recall", recall)
            }
            1 => {
                let packs = &fixture.packs;
                ("lift_recall", packs.lift(case(0), &packs.regulator))
            }
            2..=3 => {
                let deposit = fixture.bond.deposit(1 + random.below(12_000));
                ("deposit_bond", deposit)
            }
            4..=6 => ("recoup_claim", fixture.recoup(n)),
            7..=8 => ("pay_recoupment", fixture.pay_rest(n)),
            9..=10 => ("count_recoupment", fixture.count(n)),
            11 if random.below(3) == 0 => ("reverse_claim", fixture.claims.reverse(n, 7)),
            _ => {
                let mut cede = self.treaty.cede(&[n]);
                if random.below(4) > 0 {
                    let record = AccountMeta::new(fixture.record(n), false);
                    cede.accounts.push(record);
                }
                ("cede_claims", cede)
            }
        };
        let before = self.world.snapshot();
        let outcome = self.world.send_unsigned(&[instruction]);
        assert!(!outcome.crashed(), "{name}: {outcome}");
        if !outcome.succeeded() {
            assert!(outcome.code().is_some(), "{name}: {outcome}");
            before.assert_same(&self.world.snapshot());
        }
        // Mostly long enough for what was paid to be recouped.
        if name == "issue_recall" && random.below(4) > 0 {
            self.world.advance(RECOUPMENT_WAIT_SECONDS);
        }
        (name, outcome.succeeded())
    }

    fn check(&self) {
        let treaty = self.treaty.read(&self.world);
        let pool = self.fixture.claims.read_pool(&self.world);
        let records: Vec<ClaimRecoupment> = (0..CLAIMS).filter_map(|n| self.record(n)).collect();
        for record in &records {
            record.invariant().expect("holds");
        }
        let counted: u64 = records.iter().map(|record| record.counted).sum();
        assert_eq!(pool.funded, self.funded + counted + treaty.drawn);
        assert_eq!(pool.withdrawn, treaty.returned);
        // What the pool has not counted yet lies in its vault beyond its ledger.
        let bond = self.fixture.bond.read(&self.world);
        let uncounted = bond.recouped - counted;
        assert_eq!(
            self.world.balance(&self.fixture.claims.vault),
            (pool.funded - pool.paid - pool.withdrawn + uncounted) * UNIT_PER_CENT
        );
        if uncounted == 0 {
            self.treaty.assert_balances(&self.world);
        }
        let due: u64 = records.iter().map(|record| record.due).sum();
        assert_eq!(bond.owed, due - bond.recouped);
    }
}

#[test]
fn each_cent_comes_back_once() {
    let begin = Walk::begin();
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..few_or_many(12, 400) {
        println!("seed {seed}");
        let mut walk = Walk {
            world: begin.world.clone(),
            fixture: begin.fixture.clone(),
            treaty: begin.treaty.clone(),
            funded: begin.funded,
        };
        let mut random = Random(seed);
        for _ in 0..120 {
            let (name, had_effect) = walk.step(&mut random);
            *done.entry(name).or_default() += u32::from(had_effect);
            if had_effect {
                walk.check();
            }
        }
    }
    let steps: u32 = done.values().sum();
    println!("figure: the walk of a recall: {steps} steps had an effect");
    println!("{done:?}");
    for name in [
        "issue_recall",
        "lift_recall",
        "deposit_bond",
        "recoup_claim",
        "pay_recoupment",
        "count_recoupment",
        "reverse_claim",
        "cede_claims",
    ] {
        assert!(done.get(name).is_some_and(|times| *times > 0), "{name}");
    }
}
