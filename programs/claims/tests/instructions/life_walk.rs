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

/// What the plan of a walk asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plans {
    /// Members confirm, two levels of appeal.
    Confirming,
    /// Claims are drawn, one level of appeal and a board after it.
    Drawing,
    /// Claims are held against a registry shared with another insurer; a board as well.
    Sharing,
}

/// Where walks begin.
#[derive(Clone)]
struct Start {
    world: World,
    fixture: ClaimsFixture,
    reviewers: [OperatorFixture; 2],
    /// The organisation outside the insurer that reviews, and who decides for it.
    board: Pubkey,
    judge: OperatorFixture,
    /// Another insurer with the same provider.
    other: ClaimsFixture,
    treaty: TreatyFixture,
    plans: Plans,
}

struct Walk {
    start: Start,
    world: World,
    fixture: ClaimsFixture,
    treaty: TreatyFixture,
    dice: Random,
    next: u8,
    /// The other insurer's next claim.
    next_elsewhere: u8,
    /// What was asked before care: the day and the lines, by number from 1.
    asked: Vec<Vec<ClaimLineArgs>>,
    supply: u64,
    /// How often each kind of step was done, and refused.
    counts: std::collections::BTreeMap<&'static str, (u64, u64)>,
}

/// Days for which an entry is kept, and in which claims are filed where there are entries: fewer than a walk has.
const KEPT_DAYS: u16 = 90;

fn start(plans: Plans) -> Start {
    let mut world = empty();
    let mut plan = terms();
    plan.out_of_pocket_max.individual = Some(OUT_OF_POCKET);
    plan.annual_max = Some(ANNUAL);
    let mut elsewhere = terms();
    elsewhere.filing_limit_days = KEPT_DAYS;
    if plans == Plans::Sharing {
        plan.filing_limit_days = KEPT_DAYS;
    }
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
    let registry = fixture.registry;
    let board = registry.organization(&mut world, "board", OrganizationKind::Regulator);
    let judge = board.operator(&mut world, "judge", &[Permission::DecideClaim]);
    let reviewed = PlanChecks {
        reviewer: board.address,
        review_days: 180,
        review_decision_days: 45,
        ..PlanChecks::default()
    };
    let shared = PlanChecks {
        entry_days: KEPT_DAYS,
        ..sharing()
    };
    let one_level = PlanClocks {
        appeal_levels: 1,
        ..clocks()
    };
    let (clocks, checks) = match plans {
        Plans::Confirming => (clocks(), confirmed()),
        Plans::Drawing => (
            one_level,
            PlanChecks {
                confirmation: Confirmation::Sampled,
                confirmation_days: CONFIRMATION_DAYS,
                sampling_bps: 3_000,
                reveal_days: REVEAL_DAYS,
                ..reviewed
            },
        ),
        Plans::Sharing => (
            PlanClocks {
                appeal_days: 5,
                ..one_level
            },
            PlanChecks {
                entry_days: KEPT_DAYS,
                blinder: blinder(),
                ..reviewed
            },
        ),
    };
    let fixture = fixture.checked_by(&mut world, plan, clocks, checks);
    let other = ClaimsFixture::second(&mut world, registry, " 2", &MintTerms::default(), 0)
        .with_provider_of(&mut world, &fixture);
    other.set_up(&mut world, terms(), unlimited());
    let other = other.checked(&mut world, elsewhere, shared);
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
    Start {
        world,
        fixture,
        reviewers,
        board: board.address,
        judge,
        other,
        treaty,
        plans,
    }
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
                .then_some((n, claim.course.appeals_filed()))
        })
    }

    /// Something about care that has not been given yet.
    fn pick_answer(&mut self) -> (&'static str, Vec<Instruction>) {
        let asked = u64::try_from(self.asked.len()).unwrap();
        let today = self.today();
        let kind = self.dice.below(4);
        if asked == 0 || (kind == 0 && asked < 250) {
            let lines = self.lines();
            self.asked.push(lines.clone());
            let n = u8::try_from(asked + 1).unwrap();
            return (
                "predetermine",
                vec![self.fixture.predetermine(n, today, &lines)],
            );
        }
        let answer = u8::try_from(self.dice.below(asked) + 1).unwrap();
        if kind == 1 {
            let days = i32::try_from(self.dice.below(60)).unwrap();
            return (
                "hold_price",
                vec![self.fixture.hold_price(&self.world, answer, today + days)],
            );
        }
        // An answer whose price is held and that nobody has cited, where there is one.
        let held = (1..=u8::try_from(asked).unwrap()).rev().find(|n| {
            self.world
                .raw(&self.fixture.predetermination(*n))
                .and_then(|account| {
                    Predetermination::try_deserialize(&mut account.data.as_slice()).ok()
                })
                .is_some_and(|answer| answer.hold_until >= today && answer.cited_by == [0; 16])
        });
        let answer = held.unwrap_or(answer);
        let lines = self.asked[usize::from(answer) - 1].clone();
        let n = self.fresh_id();
        let charge = lines.iter().map(|line| line.charge).sum();
        let count = u8::try_from(lines.len()).unwrap();
        let cited = self.fixture.read_predetermination(&self.world, answer);
        let digest = self.fixture.will_state(n, today, &lines, |draft| {
            draft.adopt(cited.member, cited.plan_version, cited.in_network)
        });
        let steps = vec![
            self.fixture.open_claim_on(n, today, count),
            self.fixture.append_lines(n, 0, &lines),
            self.fixture.cite_predetermination(n, answer),
            self.fixture.adjudicate_stating(n, charge, digest),
        ];
        ("cite_predetermination", steps)
    }

    /// Something about the registry of duplicates.
    fn pick_entry(&mut self) -> (&'static str, Vec<Instruction>) {
        let marker = u8::try_from(self.dice.below(4)).unwrap();
        let n = self.some_claim();
        let other = self.start.other.clone();
        match self.dice.below(8) {
            0 if self.next_elsewhere < 250 => {
                let lines = self.lines();
                let m = self.next_elsewhere;
                self.next_elsewhere += 1;
                (
                    "submit_claim, elsewhere",
                    vec![other.submit_claim(m, &lines)],
                )
            }
            1 => {
                let m = self.next_elsewhere.saturating_sub(1).max(1);
                ("screen_claim, elsewhere", vec![other.screen(m, &[marker])])
            }
            2 => {
                let (n, marker, ended) = self.holder().unwrap_or((n, marker, true));
                let release = self.to_payer(self.fixture.release_entry(n, marker), marker);
                if ended {
                    ("release_entry", vec![release])
                } else {
                    (
                        "reverse_claim, release_entry",
                        vec![self.fixture.reverse(n, 7), release],
                    )
                }
            }
            3 => {
                let close = self.fixture.close_entry(marker);
                ("close_entry", vec![self.to_payer(close, marker)])
            }
            _ => {
                let n = self.pended_for(n, PendReason::Screening);
                ("screen_claim", vec![self.fixture.screen(n, &[marker])])
            }
        }
    }

    /// A claim of the insurer's that stands in an entry, with the entry's marker: one that no longer stands otherwise, if there is.
    fn holder(&self) -> Option<(u8, u8, bool)> {
        let mut holders = (0..4).flat_map(|marker| {
            let entry = self.entry(marker);
            let claims = entry.into_iter().flat_map(|entry| entry.holders);
            claims.filter_map(move |holder| {
                let n = (1..self.next).find(|n| self.fixture.claim(*n) == holder.claim)?;
                let claim: Claim = self.world.account(&holder.claim);
                let ended = matches!(claim.status, ClaimStatus::Denied | ClaimStatus::Reversed);
                Some((n, marker, ended))
            })
        });
        let first = holders.next();
        holders.find(|(_, _, ended)| *ended).or(first)
    }

    fn entry(&self, marker: u8) -> Option<DuplicateEntry> {
        let account = self.world.raw(&self.fixture.entry(marker))?;
        DuplicateEntry::try_deserialize(&mut account.data.as_slice()).ok()
    }

    /// The instruction, with who paid for the entry in the place of the insurer's staff.
    fn to_payer(&self, instruction: Instruction, marker: u8) -> Instruction {
        match self.entry(marker) {
            Some(entry) => swapped(instruction, self.fixture.staff.key().pubkey(), entry.payer),
            None => instruction,
        }
    }

    /// A random step: its name and its instructions.
    fn pick(&mut self) -> (&'static str, Vec<Instruction>) {
        if self.dice.below(16) == 0 {
            return self.pick_answer();
        }
        if self.start.plans == Plans::Sharing && self.dice.below(4) == 0 {
            return self.pick_entry();
        }
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
        if self.start.plans == Plans::Drawing && self.dice.below(3) == 0 {
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

    /// Whether the appeal is to the board.
    fn is_review(&self, n: u8, level: u8) -> bool {
        self.world
            .raw(&self.fixture.appeal(n, level))
            .and_then(|account| Appeal::try_deserialize(&mut account.data.as_slice()).ok())
            .is_some_and(|appeal| appeal.is_review())
    }

    fn by_board(&self, instruction: Instruction) -> Instruction {
        swapped(instruction, self.fixture.insurer.address, self.start.board)
    }

    /// A random step of one instruction.
    fn pick_one(&mut self) -> (&'static str, Instruction) {
        let n = self.some_claim();
        let level = u8::try_from(self.dice.below(2) + 1).unwrap();
        let which = usize::try_from(self.dice.below(3)).unwrap();
        let fixture = self.fixture.clone();
        let reviewers = &self.start.reviewers;
        let decider = reviewers.get(which).unwrap_or(&fixture.staff).clone();
        let kind = self.dice.below(44);
        // Decisions about appeals seldom find one by chance.
        let (n, level) = match kind {
            29..=32 => self.under_appeal(n).unwrap_or((n, level)),
            _ => (n, level),
        };
        // Now and then it is for somebody else to decide.
        let is_review = self.is_review(n, level) != (self.dice.below(8) == 0);
        let decider = if is_review {
            self.start.judge.clone()
        } else {
            decider
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
            29 => {
                let uphold = fixture.uphold(n, level, &decider);
                if is_review {
                    ("uphold_appeal, by the board", self.by_board(uphold))
                } else {
                    ("uphold_appeal", uphold)
                }
            }
            30 | 31 => {
                let id = self.fresh_id();
                let waivers = u16::try_from(self.dice.below(1 << 10)).unwrap();
                let overturn = fixture.overturn(n, level, &decider, id, waivers);
                if is_review {
                    ("overturn_appeal, by the board", self.by_board(overturn))
                } else {
                    ("overturn_appeal", overturn)
                }
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
            42 => {
                // Mostly less than the layer may have to pay; at times more, or nothing could ever be taken out.
                let spare = if self.dice.below(8) == 0 { 110_000 } else { 0 };
                let cents = self.dice.below(10_000) + 1 + spare;
                ("fund_layer", self.treaty.fund(cents))
            }
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
        let member_before = self.fixture.read_member(&self.world);
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
            // Asking moves nothing, whatever the answer is and however long it is held.
            if matches!(name, "predetermine" | "hold_price") {
                assert_eq!(self.fixture.read_pool(&self.world), pool_before);
                assert_eq!(self.fixture.read_member(&self.world), member_before);
            }
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
            // What was awarded before it was lowered has the limit of before for a while.
            let former = pool.former_limit;
            let lets = |limit| limit == 0 || pool.outflow <= limit;
            let is_on_notice = self.world.now() < pool.former_until;
            assert!(lets(pool.outflow_limit) || (is_on_notice && lets(former)));
        }
    }

    fn claims(&self) -> Vec<Claim> {
        self.world
            .accounts_of(&claims::ID)
            .iter()
            .filter_map(|(_, account)| Claim::try_deserialize(&mut account.data.as_slice()).ok())
            .filter(|claim| claim.pool == self.fixture.pool)
            .collect()
    }

    /// Each entry is one, and whoever stands there does; nobody is paid under a plan that shares before the registry, or the
    /// insurer, was asked, nor what was found elsewhere before the insurer has decided.
    fn check_entries(&self, claims: &[Claim]) {
        for entry in (0..4).filter_map(|marker| self.entry(marker)) {
            entry.invariant().unwrap();
            for holder in &entry.holders {
                let claim: Claim = self.world.account(&holder.claim);
                assert_eq!(claim.pool, holder.pool);
                assert_ne!(claim.status, ClaimStatus::Draft);
            }
        }
        for claim in claims {
            let decided = claim.course.decider != [0; 8] || claim.replaces != [0; 16];
            let awarded = matches!(claim.status, ClaimStatus::Payable | ClaimStatus::Paid);
            let may_pass =
                claim.course.has(Course::SCREENED) && !claim.course.has(Course::FOUND_ELSEWHERE);
            assert!(!awarded || decided || may_pass);
        }
    }

    /// Each answer is one, and one claim at most has had its price.
    fn check_answers(&self, claims: &[Claim]) {
        for n in 1..=u8::try_from(self.asked.len()).unwrap() {
            let Some(account) = self.world.raw(&self.fixture.predetermination(n)) else {
                continue;
            };
            let answer = Predetermination::try_deserialize(&mut account.data.as_slice()).unwrap();
            answer.invariant().unwrap();
            if answer.cited_by != [0; 16] {
                let cites = |claim: &&Claim| claim.claim_id == answer.cited_by;
                let claim = claims.iter().find(cites).expect("a claim has cited it");
                assert_eq!(claim.plan_version, answer.plan_version);
                assert_eq!(claim.member, answer.member);
            }
        }
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
        let claims = self.claims();
        self.check_accumulators(&claims);
        self.check_answers(&claims);
        if self.start.plans == Plans::Sharing {
            self.check_entries(&claims);
        }
    }

    /// What the member has used up is what the claims that stand have added to it, line by line, and passes no cap.
    fn check_accumulators(&self, claims: &[Claim]) {
        let member = self.fixture.read_member(&self.world);
        let (mut deductible, mut out_of_pocket, mut paid) = (0, 0, 0);
        for claim in claims {
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
    let starts = [Plans::Confirming, Plans::Drawing, Plans::Sharing].map(start);
    let mut counts = std::collections::BTreeMap::new();
    let (mut done, mut seed) = (0u32, 0);
    let begun = std::time::Instant::now();
    while done < transactions {
        let start = &starts[usize::try_from(seed).unwrap() % starts.len()];
        let (fixture, treaty) = (&start.fixture, &start.treaty);
        let supply = [
            fixture.payout,
            fixture.vault,
            fixture.treasury,
            treaty.vault,
        ]
        .iter()
        .map(|account| start.world.balance(account))
        .sum();
        let mut walk = Walk {
            world: start.world.clone(),
            fixture: fixture.clone(),
            treaty: treaty.clone(),
            start: start.clone(),
            dice: Random(seed),
            next: 1,
            next_elsewhere: 1,
            asked: Vec::new(),
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
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{done} transactions, {:.0} a second",
        f64::from(done) / seconds
    );
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
                | "close_entry"
                | "release_entry"
                | "reverse_claim, release_entry"
                | "uphold_appeal, by the board"
                | "overturn_appeal, by the board"
        );
        assert!(
            *succeeded > 0 || (rare && transactions < 1_000_000),
            "{name} was never done"
        );
    }
}
