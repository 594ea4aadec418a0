//! A random walk over the program: whatever people, cranks and time do in whatever order, the money adds up after each
//! transaction. 3,000 transactions as a rule, 1,000,000 where `GALEN_SOAK` is set.

use anchor_lang::AccountDeserialize;
use claims::instruction::SubmitClaim;
use claims::instructions::{Decision, SubmitClaimArgs};
use galen_testkit::Random;

use crate::common::*;

/// Transactions of one walk; then another begins. (A fixture has 255 identifiers for claims.)
const STEPS: usize = 200;
/// A walk ends before the operators' records do.
const LONGEST: i64 = 350 * DAY;
/// Limits that random claims come near to.
const DEDUCTIBLE: u64 = 10_000;
const OUT_OF_POCKET: u64 = 60_000;
const ANNUAL: u64 = 400_000;

struct Walk {
    world: World,
    fixture: ClaimsFixture,
    reviewers: [OperatorFixture; 2],
    treaty: TreatyFixture,
    dice: Random,
    next: u8,
    /// Whether the plan draws claims.
    draws: bool,
    supply: u64,
    /// How often each kind of step was done, and refused.
    counts: std::collections::BTreeMap<&'static str, (u64, u64)>,
}

fn start(draws: bool) -> (World, ClaimsFixture, [OperatorFixture; 2], TreatyFixture) {
    let mut world = empty();
    let mut plan = terms();
    plan.out_of_pocket_max.individual = Some(OUT_OF_POCKET);
    plan.annual_max = Some(ANNUAL);
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    entries[7].flags = 0;
    entries[8].flags |= BenefitEntry::AUTHORIZATION;
    entries[9].frequency_days = 20;
    let agreement = AgreementTerms {
        limit_per_claim: 60_000,
        limit_per_day: 120_000,
        ..unlimited()
    };
    let fixture = ClaimsFixture::with(&mut world, plan.clone(), entries, agreement);
    let checks = if draws {
        PlanChecks {
            confirmation: Confirmation::Sampled,
            confirmation_days: CONFIRMATION_DAYS,
            ..sampled(3_000)
        }
    } else {
        confirmed()
    };
    let fixture = fixture.checked(&mut world, plan, checks);
    let commit = fixture.commit_draws(1, TODAY + 1);
    world.send_unsigned(&[commit]).assert_ok();
    let reviewers = ["reviewer 1", "reviewer 2"].map(|name| reviewer(&mut world, &fixture, name));
    // Little enough that awards have to wait.
    let announce = fixture.announce_withdrawal(&world, FUNDED - 100_000);
    world.send_unsigned(&[announce]).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    world.send_unsigned(&[fixture.withdraw()]).assert_ok();
    let terms = TreatyTerms {
        claims_limit: 60_000,
        year_attachment: 150_000,
        year_limit: 50_000,
        ..cover()
    };
    let treaty = TreatyFixture::in_force(&mut world, &fixture, terms, 20_000);
    (world, fixture, reviewers, treaty)
}

impl Walk {
    fn fresh_id(&mut self) -> u8 {
        self.next = self.next.saturating_add(1);
        self.next - 1
    }

    fn today(&self) -> i32 {
        i32::try_from(self.world.now() / DAY).unwrap()
    }

    /// A claim among those that there may be.
    fn some_claim(&mut self) -> u8 {
        // Mostly a recent one.
        let back = self.dice.below(12) + 1;
        u8::try_from(u64::from(self.next).saturating_sub(back).max(1)).unwrap()
    }

    fn lines(&mut self) -> Vec<ClaimLineArgs> {
        let count = self.dice.below(3) + 1;
        (0..count)
            .map(|_| {
                let units = self.dice.below(5) + 1;
                ClaimLineArgs {
                    units: u16::try_from(units).unwrap(),
                    ..line(
                        u32::try_from(self.dice.below(12)).unwrap(),
                        self.dice.below(20_000) * units,
                    )
                }
            })
            .collect()
    }

    /// A claim of which another payer has decided the first line.
    fn submit_secondary(&mut self) -> Vec<Instruction> {
        let lines = self.lines();
        let n = self.fresh_id();
        let obligated = self.dice.below(lines[0].charge + 1);
        let allowed = self.dice.below(obligated + 1);
        let other = OtherPayer {
            line: 0,
            allowed,
            paid: self.dice.below(allowed + 1),
            obligated,
        };
        self.fixture.submit_secondary(n, &lines, &[other])
    }

    fn submit(&mut self) -> Instruction {
        let lines = self.lines();
        let n = self.fresh_id();
        let service_date = self.today() - i32::try_from(self.dice.below(20)).unwrap();
        claims_instruction(
            self.fixture.submit_accounts(n),
            SubmitClaim {
                args: SubmitClaimArgs {
                    service_date,
                    ..self.fixture.submit_args(n, &lines)
                },
            },
        )
    }

    /// A claim like this, from `n` downwards; `n` itself where there is none.
    fn like(&self, n: u8, wanted: impl Fn(&Claim) -> bool) -> u8 {
        let found = (1..=n).rev().find(|n| {
            self.world
                .raw(&self.fixture.claim(*n))
                .and_then(|account| Claim::try_deserialize(&mut account.data.as_slice()).ok())
                .is_some_and(|claim| wanted(&claim))
        });
        found.unwrap_or(n)
    }

    fn pended_for(&self, n: u8, reason: PendReason) -> u8 {
        self.like(n, |claim| claim.pend_reason == reason)
    }

    /// A claim under appeal with its level, where there is one, from `n` downwards.
    fn under_appeal(&self, n: u8) -> Option<(u8, u8)> {
        (1..=n).rev().find_map(|n| {
            let account = self.world.raw(&self.fixture.claim(n))?;
            let claim = Claim::try_deserialize(&mut account.data.as_slice()).ok()?;
            claim
                .course
                .has(Course::APPEAL_OPEN)
                .then_some((n, claim.course.appeals))
        })
    }

    /// A random step: its name and its instructions.
    fn pick(&mut self) -> (&'static str, Vec<Instruction>) {
        if self.dice.below(20) == 0 {
            return ("add_other_payers", self.submit_secondary());
        }
        if self.dice.below(20) == 0 {
            let lines = self.lines();
            let n = self.fresh_id();
            return (
                "submit_claim, vouched",
                self.fixture.submit_vouched(n, &lines),
            );
        }
        if self.dice.below(10) == 0 {
            let n = self.some_claim();
            let n = self.pended_for(n, PendReason::Confirmation);
            return if self.dice.below(3) == 0 {
                ("dispute_claim", vec![self.fixture.dispute(n)])
            } else {
                ("confirm_claim", vec![self.fixture.confirm(n)])
            };
        }
        if self.dice.below(if self.draws { 3 } else { 40 }) == 0 {
            let n = self.some_claim();
            let n = self.pended_for(n, PendReason::Draw);
            return if self.dice.below(4) == 0 {
                let reveal = self.fixture.reveal_draws(1, self.today() - 1);
                ("reveal_draws", vec![reveal])
            } else {
                ("draw_claim", vec![self.fixture.draw(n)])
            };
        }
        let (name, instruction) = self.pick_one();
        (name, vec![instruction])
    }

    /// A random step of one instruction.
    fn pick_one(&mut self) -> (&'static str, Instruction) {
        let n = self.some_claim();
        let level = u8::try_from(self.dice.below(2) + 1).unwrap();
        let which = usize::try_from(self.dice.below(3)).unwrap();
        let fixture = self.fixture.clone();
        let decider = self.reviewers.get(which).unwrap_or(&fixture.staff).clone();
        let kind = self.dice.below(44);
        // Decisions about appeals seldom find one by chance.
        let (n, level) = match kind {
            29..=32 => self.under_appeal(n).unwrap_or((n, level)),
            _ => (n, level),
        };
        let world = &self.world;
        match kind {
            0..=11 => ("submit_claim", self.submit()),
            12 | 13 => ("decide_claim", fixture.decide(n, Decision::Approve)),
            14 => (
                "decide_claim",
                fixture.decide(
                    n,
                    Decision::Deny {
                        group: AdjustmentGroup::Contractual,
                        reason: 50,
                    },
                ),
            ),
            15..=17 | 19 => ("settle_claim", fixture.settle(n)),
            18 => {
                let numbers: Vec<u8> = (n.saturating_sub(8).max(1)..=n)
                    .filter(|n| world.raw(&fixture.claim(*n)).is_some())
                    .collect();
                ("settle_claims", fixture.settle_together(&numbers))
            }
            20 => ("reverse_claim", fixture.reverse(n, 7)),
            21 | 22 => {
                let id = self.fresh_id();
                ("reprocess_claim", fixture.reprocess(n, id))
            }
            23 => ("request_information", fixture.request_information(n)),
            24 => {
                let n = self.like(n, |claim| claim.course.awaiting_since != 0);
                ("provide_information", fixture.provide_information(n))
            }
            25 => ("escalate_claim", fixture.escalate(n)),
            26 | 27 => ("file_appeal", fixture.appeal_as_member(n, level)),
            28 => ("file_appeal", fixture.appeal_as_provider(n, level)),
            29 => ("uphold_appeal", fixture.uphold(n, level, &decider)),
            30 | 31 => {
                let id = self.fresh_id();
                let waivers = u8::try_from(self.dice.below(64)).unwrap();
                (
                    "overturn_appeal",
                    fixture.overturn(n, level, &decider, id, waivers),
                )
            }
            32 => ("lapse_appeal", fixture.lapse(n, level)),
            33 => {
                let of = self.some_claim();
                ("link_replacement", fixture.link_replacement(of, n))
            }
            34 | 35 => ("fund_pool", fixture.fund_pool(self.dice.below(60_000) + 1)),
            36 => {
                let limit = [0, 20_000, 90_000][which];
                ("set_outflow_limit", fixture.set_outflow_limit(world, limit))
            }
            37 => {
                let terms = AgreementTerms {
                    limit_per_claim: [1_000, 60_000, u64::MAX][which],
                    netted: self.dice.below(2) == 0,
                    ..unlimited()
                };
                (
                    "set_agreement_terms",
                    fixture.set_agreement_terms(world, terms),
                )
            }
            38 => {
                let cents = self.dice.below(50_000) + 1;
                (
                    "announce_withdrawal",
                    fixture.announce_withdrawal(world, cents),
                )
            }
            39 => ("withdraw", fixture.withdraw()),
            40 | 41 => {
                let numbers: Vec<u8> = (n.saturating_sub(8).max(1)..=n)
                    .filter(|n| world.raw(&fixture.claim(*n)).is_some())
                    .collect();
                ("cede_claims", self.treaty.cede(&numbers))
            }
            42 => ("fund_layer", self.treaty.fund(self.dice.below(10_000) + 1)),
            _ => {
                let cents = self.dice.below(5_000) + 1;
                match which {
                    0 => (
                        "announce_layer_withdrawal",
                        self.treaty.announce_withdrawal(world, cents),
                    ),
                    1 => (
                        "cancel_layer_withdrawal",
                        self.treaty.cancel_withdrawal(world),
                    ),
                    _ => ("withdraw_from_layer", self.treaty.withdraw()),
                }
            }
        }
    }

    fn step(&mut self) {
        match self.dice.below(30) {
            0 => self.world.advance(DAY / 2),
            1 => self.world.advance(7 * DAY),
            2 => self.world.advance(16 * DAY),
            3 if self.dice.below(2) == 0 => self.world.freeze(&self.fixture.payout),
            3..=5 => self.world.thaw(&self.fixture.payout),
            _ => {}
        }
        let (name, instructions) = self.pick();
        // Comparing everything takes longer than doing it.
        let before = (self.dice.below(16) == 0).then(|| self.world.snapshot());
        let pool_before = self.fixture.read_pool(&self.world);
        let outcome = self.world.send_unsigned(&instructions);
        assert!(!outcome.crashed(), "{name}: {outcome}");
        assert!(
            outcome.code() != Some(ClaimsError::InvariantBroken.into())
                && outcome.code() != Some(ClaimsError::LineUnbalanced.into()),
            "{name}: {outcome}"
        );
        let count = self.counts.entry(name).or_default();
        if outcome.succeeded() {
            count.0 += 1;
        } else {
            count.1 += 1;
            if let Some(before) = before {
                before.assert_same(&self.world.snapshot());
            }
        }
        self.check();
        self.check_outflow(&pool_before);
    }

    /// The limit may have been lowered since something was paid, but nothing was paid beyond it.
    fn check_outflow(&self, before: &Pool) {
        let pool = self.fixture.read_pool(&self.world);
        let same_day = pool.outflow_day == before.outflow_day;
        if pool.outflow > if same_day { before.outflow } else { 0 } {
            assert!(pool.outflow_limit == 0 || pool.outflow <= pool.outflow_limit);
        }
    }

    fn claims(&self) -> Vec<Claim> {
        self.world
            .accounts_of(&claims::ID)
            .iter()
            .filter_map(|(_, account)| Claim::try_deserialize(&mut account.data.as_slice()).ok())
            .collect()
    }

    /// The money invariants, whatever has happened.
    fn check(&self) {
        let (world, fixture) = (&self.world, &self.fixture);
        self.treaty.assert_balances(world);
        let pool = fixture.read_pool(world);
        // No claim is paid twice, and nothing but claims: the provider has what the ledger says.
        assert_eq!(
            world.balance(&fixture.payout),
            pool.paid * pool.unit_per_cent
        );
        // No token appears or is lost.
        let tokens = [
            fixture.payout,
            fixture.vault,
            fixture.treasury,
            self.treaty.vault,
        ];
        let sum: u64 = tokens.iter().map(|account| world.balance(account)).sum();
        assert_eq!(sum, self.supply);
        self.check_accumulators();
    }

    /// What the member has used up is what the claims that stand have added to it, line by line, and passes no cap.
    fn check_accumulators(&self) {
        let member = self.fixture.read_member(&self.world);
        let (mut deductible, mut out_of_pocket, mut paid) = (0, 0, 0);
        for claim in self.claims() {
            let stands = claim.turn != 0 && claim.status != ClaimStatus::Reversed;
            for line in claim.lines.iter().filter(|_| stands) {
                deductible += line.deductible_delta;
                out_of_pocket += line.out_of_pocket_delta;
                paid += line.paid;
                assert!(line.paid <= line.allowed && line.allowed <= line.charge);
            }
            assert_eq!(
                claim.totals.charge,
                claim.lines.iter().map(|line| line.charge).sum::<u64>()
            );
        }
        let used = member.period(2026).copied().unwrap_or_default();
        assert_eq!(
            (
                used.in_network.deductible_individual,
                used.in_network.out_of_pocket_individual,
                used.annual_used,
                member.lifetime.used
            ),
            (deductible, out_of_pocket, paid, paid)
        );
        assert!(deductible <= DEDUCTIBLE && out_of_pocket <= OUT_OF_POCKET && paid <= ANNUAL);
    }
}

#[test]
fn the_money_adds_up_after_every_transaction() {
    let transactions = if std::env::var_os("GALEN_SOAK").is_some() {
        1_000_000
    } else {
        3_000
    };
    let starts = [false, true].map(start);
    let mut counts = std::collections::BTreeMap::new();
    let (mut done, mut seed) = (0, 0);
    while done < transactions {
        // Every third walk is under a plan that draws claims.
        let draws = seed % 3 == 2;
        let (world, fixture, reviewers, treaty) = &starts[usize::from(draws)];
        let supply = [
            fixture.payout,
            fixture.vault,
            fixture.treasury,
            treaty.vault,
        ]
        .iter()
        .map(|account| world.balance(account))
        .sum();
        let mut walk = Walk {
            world: world.clone(),
            fixture: fixture.clone(),
            reviewers: reviewers.clone(),
            treaty: treaty.clone(),
            dice: Random(seed),
            next: 1,
            draws,
            supply,
            counts: std::mem::take(&mut counts),
        };
        let end = walk.world.now() + LONGEST;
        for step in 0..STEPS {
            if walk.world.now() >= end || walk.next >= u8::MAX - 1 {
                break;
            }
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.step()));
            assert!(
                result.is_ok(),
                "the walk of seed {seed} broke at step {step}"
            );
            done += 1;
        }
        counts = walk.counts;
        seed += 1;
    }
    for (name, (succeeded, refused)) in &counts {
        println!("{name}: {succeeded} done, {refused} refused");
        // What takes weeks of the walk's time is rare in a short one.
        let rare = matches!(
            *name,
            "escalate_claim"
                | "lapse_appeal"
                | "provide_information"
                | "withdraw"
                | "announce_withdrawal"
                | "announce_layer_withdrawal"
                | "cancel_layer_withdrawal"
                | "withdraw_from_layer"
                | "link_replacement"
        );
        assert!(
            *succeeded > 0 || (rare && transactions < 1_000_000),
            "{name} was never done"
        );
    }
}
