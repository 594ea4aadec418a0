//! A random walk of pharmacy, insurer, regulator and time over six packs and their claims: whatever they do in whatever order, after each
//! transaction the money adds up and no claim that is bound to a pack stands paid without that pack dispensed for it. 300
//! transactions as a rule, 60,000 where `GALEN_SOAK` is set.

use claims::instructions::CommitPackArgs;
use galen_testkit::fixtures::pharmacy::PharmacyFixture;
use galen_testkit::fixtures::provenance as packs;
use galen_testkit::{few_or_many, Random};
use provenance::state::DispenseKind;

use crate::common::*;
use crate::pharmacy::stocked;

/// Transactions of one walk; then another begins.
const STEPS: u64 = 150;
/// Packs in the pharmacy's case.
const PACKS: u64 = 6;

struct Walk {
    world: World,
    fixture: PharmacyFixture,
    dice: Random,
    /// By claim, from 1: the pack that it is about.
    claims: Vec<u64>,
    done: u64,
    refused: u64,
}

impl Walk {
    fn some_claim(&mut self) -> Option<(u8, u64)> {
        let count = u64::try_from(self.claims.len()).unwrap();
        if count == 0 {
            return None;
        }
        let at = usize::try_from(count - 1 - self.dice.below(count.min(3))).unwrap();
        Some((u8::try_from(at + 1).unwrap(), self.claims[at]))
    }

    fn lines(&mut self) -> Vec<ClaimLineArgs> {
        let code = u32::try_from(self.dice.below(90)).unwrap();
        let charge = 1_000 + self.dice.below(30_000);
        vec![ClaimLineArgs {
            units: 3,
            ..line(code, charge)
        }]
    }

    /// A new claim for some pack, its draft complete, and perhaps bound and the pack kept for it.
    fn open(&mut self) -> Vec<Instruction> {
        let pack = self.dice.below(PACKS);
        let lines = self.lines();
        self.claims.push(pack);
        let n = u8::try_from(self.claims.len()).unwrap();
        let claims = &self.fixture.claims;
        let today = i32::try_from(self.world.now() / DAY).unwrap();
        let mut steps = vec![
            claims.open_claim_on(n, today, 1),
            claims.append_lines(n, 0, &lines),
        ];
        if self.dice.below(5) > 0 {
            let args = CommitPackArgs {
                digest: claims.will_state(n, today, &lines, |_| Ok(())),
                ..self
                    .fixture
                    .commit_args(&self.world, n, pack, lines[0].charge)
            };
            steps.push(claims_instruction(
                claims.commit_pack_accounts(n),
                data::CommitPack { args },
            ));
            if self.dice.below(2) == 0 {
                steps.push(self.fixture.reserve(n, pack));
            }
        }
        steps
    }

    fn step(&mut self) -> Vec<Instruction> {
        let kind = self.dice.below(20);
        if kind < 3 {
            return self.open();
        }
        let Some((n, pack)) = self.some_claim() else {
            return self.open();
        };
        let (fixture, batch) = (&self.fixture, &self.fixture.packs);
        let claims = &fixture.claims;
        match kind {
            3..=5 => vec![fixture.reserve(n, pack)],
            6..=11 => vec![fixture.dispense(n, pack)],
            12 => vec![claims.release_pack(n, self.dice.below(2) == 0)],
            13..=14 => vec![fixture.undo(n, pack, None)],
            15 => vec![claims.reverse(n, 7)],
            16 => vec![claims.adjudicate(&self.world, n, 0)],
            17 => match self.dice.below(3) {
                0 => vec![batch.hand_out(packs::pack(pack))],
                1 => vec![batch.recall(packs::pack(pack), &batch.regulator, packs::recall_terms())],
                _ => vec![batch.lift(packs::pack(pack), &batch.regulator)],
            },
            _ => {
                let days = i64::try_from(self.dice.below(3)).unwrap();
                self.world.advance(days * DAY + 3_600);
                vec![batch.close_dispense(packs::pack(pack))]
            }
        }
    }

    fn check(&self) {
        let (world, fixture) = (&self.world, &self.fixture);
        fixture.claims.assert_money_adds_up(world);
        for (at, pack) in self.claims.iter().enumerate() {
            let n = u8::try_from(at + 1).unwrap();
            let Some(claim) = claims_of(world, fixture, n) else {
                continue;
            };
            let record = record_of(world, fixture, *pack)
                .filter(|record| record.claim == fixture.claims.claim(n));
            let is_dispensed = record
                .as_ref()
                .is_some_and(|record| record.kind() == DispenseKind::Dispensed);
            let commitment = world
                .raw(&fixture.claims.pack_commitment(n))
                .filter(|account| !account.data.is_empty())
                .map(|_| fixture.claims.read_commitment(world, n));
            match (&commitment, claim.status) {
                (Some(bound), ClaimStatus::AwaitsDispense) => {
                    assert_eq!(bound.dispensed_at, 0);
                    assert!(!is_dispensed);
                }
                (Some(bound), _) => {
                    assert_ne!(bound.dispensed_at, 0, "{n}: {:?}", claim.status);
                    assert!(
                        fixture.packs.is_marked(world, *pack),
                        "{n} is paid for a pack"
                    );
                    assert!(record.is_none() || is_dispensed);
                }
                (None, ClaimStatus::AwaitsDispense) => panic!("{n} waits for no pack"),
                (None, _) => assert!(!is_dispensed, "{n} is not bound and has a pack"),
            }
            if claim.reversal_reason == Claim::PUT_BACK {
                assert!(commitment.is_none() && !is_dispensed);
            }
        }
    }
}

/// Claim `n`, where there is one.
fn claims_of(world: &World, fixture: &PharmacyFixture, n: u8) -> Option<Claim> {
    world
        .raw(&fixture.claims.claim(n))
        .filter(|account| !account.data.is_empty())
        .map(|_| fixture.claims.read_claim(world, n))
}

/// The record at a pack's place, where there is one.
fn record_of(
    world: &World,
    fixture: &PharmacyFixture,
    pack: u64,
) -> Option<provenance::state::Dispense> {
    let of = packs::pack(pack);
    world
        .raw(&fixture.packs.dispense_address(of))
        .filter(|account| !account.data.is_empty())
        .map(|_| fixture.packs.read_dispense(world, of))
}

#[test]
fn no_claim_is_paid_without_its_pack() {
    let (mut done, mut refused) = (0, 0);
    let mut paid = 0;
    for seed in 0..few_or_many(2, 400) {
        let (world, fixture) = stocked();
        let mut walk = Walk {
            world,
            fixture,
            dice: Random(seed),
            claims: Vec::new(),
            done: 0,
            refused: 0,
        };
        for _ in 0..STEPS {
            let steps = walk.step();
            let before = walk.world.snapshot();
            let outcome = walk.world.send_unsigned(&steps);
            assert!(!outcome.crashed(), "{outcome}");
            if outcome.succeeded() {
                walk.done += 1;
            } else {
                walk.refused += 1;
                before.assert_same(&walk.world.snapshot());
            }
            walk.check();
        }
        let count = u8::try_from(walk.claims.len()).unwrap();
        paid += (1..=count)
            .filter(|n| {
                claims_of(&walk.world, &walk.fixture, *n)
                    .is_some_and(|claim| claim.received_at != 0)
            })
            .count();
        done += walk.done;
        refused += walk.refused;
    }
    println!(
        "figure: the walk of a pharmacy: {done} transactions done, {refused} refused, {paid} claims dispensed"
    );
    assert!(paid > 0 && refused > 0);
}
