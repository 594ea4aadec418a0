//! What can happen next.

use anchor_lang::prelude::AccountMeta;
use galen_testkit::fixtures::claims::claims_instruction;

use super::start::{agreement_of, CODES, FAMILY, MARKERS};
use super::*;
use crate::submit_claim_ticket::instructions_sysvar;

/// Bits of all waivers.
const WAIVERS: u64 = 1 << 11;
/// Authorisations that a member is granted at most in a walk.
const GRANTS: usize = 6;

impl Walk {
    /// A provider, mostly the one in the network, and a member.
    pub fn somebody(&mut self) -> (usize, usize) {
        let provider = usize::from(self.dice.below(4) == 0);
        let person = usize::try_from(self.dice.below(3)).unwrap();
        (provider, person)
    }

    /// The number of a new claim.
    pub fn fresh_id(&mut self, provider: usize, person: usize) -> u8 {
        self.filed.push(Filed::new(provider, person));
        u8::try_from(self.filed.len()).unwrap()
    }

    /// The number of a claim that an adjudication puts in the place of another, of which this much more is waived.
    fn fresh_for(&mut self, original: u8, waivers: u16) -> u8 {
        let (provider, person) = self.whose(original);
        let waived = self.filed(original).waived | waivers;
        let findings = self.filed(original).findings;
        let attached = self.filed(original).attached.clone();
        let notice = self.filed(original).notice;
        let n = self.fresh_id(provider, person);
        let filed = &mut self.filed[usize::from(n) - 1];
        filed.in_place_of = Some(original);
        filed.waived = waived;
        filed.findings = findings;
        filed.attached = attached;
        filed.notice = notice;
        n
    }

    pub fn whose(&self, n: u8) -> (usize, usize) {
        let filed = self.filed(n);
        (filed.provider, filed.person)
    }

    /// The instruction with all that a claim of the member is adjudicated by: the family, authorisations in any order, of which now
    /// and then one is left out, and what is told of the member and of the plan.
    pub fn bringing(&mut self, person: usize, instruction: Instruction) -> Instruction {
        let mut instruction = self.bringing_papers(person, instruction);
        instruction.accounts.extend(self.told_of(person));
        instruction
    }

    /// The family and the authorisations alone, by which a claim is taken back.
    fn bringing_papers(&mut self, person: usize, mut instruction: Instruction) -> Instruction {
        if person < FAMILY {
            let family = AccountMeta::new(self.start.family, false);
            instruction.accounts.push(family);
        }
        let mut papers: Vec<Pubkey> = self.granted[person]
            .iter()
            .map(|(_, address)| *address)
            .collect();
        for place in (1..papers.len()).rev() {
            let other = self.dice.below(u64::try_from(place).unwrap() + 1);
            papers.swap(place, usize::try_from(other).unwrap());
        }
        if self.dice.below(8) == 0 {
            papers.pop();
        }
        let metas = papers.iter().map(|paper| AccountMeta::new(*paper, false));
        instruction.accounts.extend(metas);
        self.brought = papers;
        instruction
    }

    /// The same about claim number `n`.
    pub fn bringing_of(
        &mut self,
        n: u8,
        make: impl Fn(&ClaimsFixture) -> Instruction,
    ) -> Instruction {
        let (provider, person) = self.whose(n);
        let start = Rc::clone(&self.start);
        self.bringing(person, make(start.way(provider, person)))
    }

    /// `decide_claim` of number `n`, mostly by whoever knows of all that it states.
    pub fn decide(&mut self, n: u8, decision: Decision) -> Instruction {
        let is_odd = self.dice.below(12) == 0;
        let stated = self.claim(n).filter(|_| !is_odd);
        let facts = stated.map_or(0, |claim| claim.facts.entries().len());
        let facts = u8::try_from(facts).unwrap();
        self.bringing_of(n, |way| way.decide_knowing(n, decision, facts))
    }

    /// `reverse_claim` of number `n`.
    fn take_back(&mut self, n: u8) -> Instruction {
        let person = self.whose(n).1;
        let reverse = self.of(n, |way| way.reverse(n, 7));
        self.bringing_papers(person, reverse)
    }

    /// An instruction about claim number `n`.
    pub fn of(&self, n: u8, make: impl Fn(&ClaimsFixture) -> Instruction) -> Instruction {
        let (provider, person) = self.whose(n);
        make(self.start.way(provider, person))
    }

    /// A claim among those that there may be, mostly a recent one.
    pub fn some_claim(&mut self) -> u8 {
        let back = usize::try_from(self.dice.below(12)).unwrap();
        let mut newest = self.numbered().rev();
        newest.nth(back).map_or(1, |(n, _)| n)
    }

    /// A claim like this, from `n` downwards; `n` itself where there is none.
    pub fn like(&self, n: u8, wanted: impl Fn(&Claim) -> bool) -> u8 {
        let mut older = self.numbered().rev().filter(|(number, _)| *number <= n);
        let found = older.find(|(_, claim)| wanted(claim));
        self.missed.set(found.is_none());
        found.map_or(n, |(n, _)| n)
    }

    pub fn pended_for(&self, n: u8, reason: PendReason) -> u8 {
        self.like(n, |claim| claim.pend_reason == reason)
    }

    pub fn lines(&mut self) -> Vec<ClaimLineArgs> {
        let count = self.dice.below(3) + 1;
        (0..count)
            .map(|_| {
                let units = self.dice.below(5) + 1;
                // Of what asks for an authorisation more than its share: lines of a claim compete for them.
                let code = match self.dice.below(u64::from(CODES) + 3) {
                    extra if extra >= CODES.into() => 8,
                    code => u32::try_from(code).unwrap(),
                };
                let charge = self.dice.below(20_000) * units;
                ClaimLineArgs {
                    units: u16::try_from(units).unwrap(),
                    day: u8::try_from(self.dice.below(6).saturating_sub(3)).unwrap(),
                    ..line(code, charge)
                }
            })
            .collect()
    }

    /// A service date within the last days, or now and then weeks ago.
    pub fn service_date(&mut self) -> i32 {
        let back = if self.dice.below(10) == 0 { 130 } else { 20 };
        let day = self.today() - i32::try_from(self.dice.below(back)).unwrap();
        self.version = self.version_on(day);
        day
    }

    fn submit(&mut self) -> (&'static str, Vec<Instruction>) {
        let lines = self.lines();
        let (provider, person) = self.somebody();
        let n = self.fresh_id(provider, person);
        let service_date = self.service_date();
        let start = Rc::clone(&self.start);
        let way = start.way(provider, person);
        let mut accounts = way.submit_accounts(n);
        let mut args = SubmitClaimArgs {
            service_date,
            ..way.submit_args(n, &lines)
        };
        // Who vouches for a member has it asked where the plan has members confirm.
        let asks = self.start.plans == Plans::Confirming;
        // Nobody signs for who has no key.
        let has_key = self.parts[person].has_key() || self.dice.below(8) == 0;
        if has_key && self.dice.below(if asks { 2 } else { 5 }) > 0 {
            let submit = claims_instruction(accounts, SubmitClaim { args });
            return ("submit_claim", vec![self.bringing(person, submit)]);
        }
        let (ticket, desk) = self.ticket(way, person);
        accounts.member_authority = None;
        accounts.instructions_sysvar = Some(instructions_sysvar());
        args.ticket = Some(ticket);
        let submit = claims_instruction(accounts, SubmitClaim { args });
        let steps = vec![
            way.verify_ticket(&ticket, &desk),
            self.bringing(person, submit),
        ];
        ("submit_claim, vouched", steps)
    }

    /// A claim of which another payer has decided the first line.
    fn submit_secondary(&mut self) -> Vec<Instruction> {
        let lines = self.lines();
        let (provider, person) = self.somebody();
        let n = self.fresh_id(provider, person);
        let obligated = self.dice.below(lines[0].charge + 1);
        let allowed = self.dice.below(obligated + 1);
        let other = OtherPayer {
            line: 0,
            allowed,
            paid: self.dice.below(allowed + 1),
            obligated,
        };
        let service_date = self.service_date();
        let start = Rc::clone(&self.start);
        let way = start.way(provider, person);
        let told = way.add_other_payers(n, &[other]);
        let digest = way.will_state(n, service_date, &lines, |draft| {
            draft.tell_of_others(&[other])
        });
        self.in_parts(n, service_date, &lines, told, digest)
    }

    /// Something about care that has not been given yet.
    fn pick_answer(&mut self) -> (&'static str, Vec<Instruction>) {
        let asked = u64::try_from(self.asked.len()).unwrap();
        let today = self.today();
        self.version = self.version_on(today);
        let kind = self.dice.below(5);
        let start = Rc::clone(&self.start);
        if asked == 0 || (kind == 0 && asked < 250) {
            let lines = self.lines();
            let (provider, person) = self.somebody();
            let way = start.way(provider, person);
            let n = u8::try_from(asked + 1).unwrap();
            let predetermine = way.predetermine(n, today, &lines);
            self.asked.push(Asked {
                provider,
                person,
                lines,
                address: way.predetermination(n),
            });
            return ("predetermine", vec![self.bringing(person, predetermine)]);
        }
        let answer = u8::try_from(self.dice.below(asked) + 1).unwrap();
        if kind == 1 {
            let days = i32::try_from(self.dice.below(60)).unwrap();
            let Asked {
                provider, person, ..
            } = self.asked[usize::from(answer) - 1];
            let way = start.way(provider, person);
            let hold = way.hold_price(&self.world, answer, today + days);
            return ("hold_price", vec![hold]);
        }
        if kind == 2 {
            let Asked {
                provider, person, ..
            } = self.asked[usize::from(answer) - 1];
            let close = start.way(provider, person).close_predetermination(answer);
            return ("close_predetermination", vec![close]);
        }
        // An answer whose price is held and that nobody has cited, where there is one.
        let held = (1..=u8::try_from(asked).unwrap()).rev().find(|n| {
            self.answer(*n)
                .is_some_and(|answer| answer.hold_until >= today && answer.cited_by == [0; 16])
        });
        self.missed.set(held.is_none());
        let answer = held.unwrap_or(answer);
        let Asked {
            provider,
            person,
            ref lines,
            ..
        } = self.asked[usize::from(answer) - 1];
        let lines = lines.clone();
        // A price that is held is that of its version.
        if let Some(cited) = self.answer(answer) {
            self.version = cited.plan_version;
        }
        let n = self.fresh_id(provider, person);
        self.filed[usize::from(n) - 1].cites = Some(answer);
        let way = start.way(provider, person);
        let cite = way.cite_predetermination(n, answer);
        let digest = self.answer(answer).map_or([0; 32], |cited| {
            way.will_state(n, today, &lines, |draft| {
                draft.adopt(cited.member, cited.plan_version, cited.in_network)
            })
        });
        let steps = self.in_parts(n, today, &lines, cite, digest);
        ("cite_predetermination", steps)
    }

    /// Answer number `n`, where there is one.
    pub fn answer(&self, n: u8) -> Option<Predetermination> {
        let asked = &self.asked[usize::from(n) - 1];
        let account = self.world.raw(&asked.address)?;
        Predetermination::try_deserialize(&mut account.data.as_slice()).ok()
    }

    /// Something about the registry of duplicates.
    fn pick_entry(&mut self) -> (&'static str, Vec<Instruction>) {
        let marker = u8::try_from(self.dice.below(MARKERS.into())).unwrap();
        let n = self.some_claim();
        let start = Rc::clone(&self.start);
        let other = &start.other;
        match self.dice.below(8) {
            0 if self.next_elsewhere < 250 => {
                let lines = self.lines();
                let m = self.next_elsewhere;
                self.next_elsewhere += 1;
                let args = SubmitClaimArgs {
                    service_date: self.service_date(),
                    ..other.submit_args(m, &lines)
                };
                let submit = claims_instruction(other.submit_accounts(m), SubmitClaim { args });
                ("submit_claim, elsewhere", vec![submit])
            }
            1 => {
                let m = self.next_elsewhere.saturating_sub(1).max(1);
                ("screen_claim, elsewhere", vec![other.screen(m, &[marker])])
            }
            2 => {
                let (n, marker, ended) = self.holder().unwrap_or((n, marker, true));
                if !ended {
                    return ("reverse_claim", vec![self.take_back(n)]);
                }
                let release = self.of(n, |way| way.release_entry(n, marker));
                let release = self.to_payer(release, self.whose(n).0, marker);
                ("release_entry", vec![release])
            }
            3 => {
                let (provider, person) = self.somebody();
                let close = start.way(provider, person).close_entry(marker);
                ("close_entry", vec![self.to_payer(close, provider, marker)])
            }
            _ => {
                let n = self.pended_for(n, PendReason::Screening);
                let claim = self.claim(n);
                let days = claim.map_or(1, |claim| claim.service_dates().len());
                let markers: Vec<u8> = (0..MARKERS)
                    .map(|more| (marker + more) % MARKERS)
                    .take(days)
                    .collect();
                let screen = self.bringing_of(n, |way| way.screen(n, &markers));
                ("screen_claim", vec![screen])
            }
        }
    }

    /// A claim of the insurer's that stands in an entry, with the entry's marker: one that no longer stands otherwise, if there is.
    fn holder(&self) -> Option<(u8, u8, bool)> {
        let mut first = None;
        for (n, claim) in self.numbered() {
            let provider = self.whose(n).0;
            let address = self.start.way(provider, 0).claim(n);
            for marker in 0..MARKERS {
                let entry = self.entry(provider, marker);
                let stands = |entry: DuplicateEntry| {
                    let mut holders = entry.holders.iter();
                    holders.any(|holder| holder.claim == address)
                };
                if entry.is_some_and(stands) {
                    let ended = matches!(claim.status, ClaimStatus::Denied | ClaimStatus::Reversed);
                    if ended {
                        return Some((n, marker, ended));
                    }
                    first = first.or(Some((n, marker, ended)));
                }
            }
        }
        first
    }

    pub fn entry(&self, provider: usize, marker: u8) -> Option<DuplicateEntry> {
        let account = self.world.raw(&self.start.entry(provider, marker))?;
        DuplicateEntry::try_deserialize(&mut account.data.as_slice()).ok()
    }

    /// The instruction, with who paid for the entry in the place of the insurer's staff.
    fn to_payer(&self, instruction: Instruction, provider: usize, marker: u8) -> Instruction {
        let staff = self.start.fixture().staff.key().pubkey();
        match self.entry(provider, marker) {
            Some(entry) => swapped(instruction, staff, entry.payer),
            None => instruction,
        }
    }

    /// Something about what is granted to a member, or known of it, before it has care.
    fn pick_paper(&mut self) -> (&'static str, Vec<Instruction>) {
        let (provider, person) = self.somebody();
        let start = Rc::clone(&self.start);
        let way = start.way(provider, person);
        let today = self.today();
        let day = |days: u64| i32::try_from(days).unwrap();
        let granted = self.granted[person].len();
        match self.dice.below(6) {
            4 => ("end_coverage", vec![self.end_coverage(person)]),
            5 => ("set_member_facts", vec![self.state_facts(person)]),
            0 => {
                let first_payer = (self.dice.below(2) == 0).then(|| {
                    let from = today - day(self.dice.below(40));
                    DateSpan {
                        from,
                        to: from + day(self.dice.below(40)),
                    }
                });
                let set = way.set_other_coverage(&self.world, first_payer);
                ("set_other_coverage", vec![set])
            }
            1 if granted > 0 => {
                let number = self.dice.below(u64::try_from(granted).unwrap()) + 1;
                let to = today + day(self.dice.below(8)) - 2;
                let end = way.end_authorization(u8::try_from(number).unwrap(), to);
                ("end_authorization", vec![end])
            }
            _ if granted < GRANTS => {
                let from = today - day(self.dice.below(30));
                let grant = Grant {
                    number: u8::try_from(granted + 1).unwrap(),
                    provider: match self.dice.below(3) {
                        0 => way.provider.address,
                        _ => Pubkey::default(),
                    },
                    code_key: code([8, 12][usize::from(self.dice.below(2) == 0)]),
                    from,
                    to: today + day(self.dice.below(60)),
                    units: u32::try_from(self.dice.below(12)).unwrap() + 1,
                };
                let address = way.authorization(grant.number);
                self.granted[person].push((grant, address));
                ("grant_authorization", vec![way.grant_authorization(grant)])
            }
            _ => self.submit(),
        }
    }

    /// A random step: its name and its instructions. One for which there is no claim is mostly left for another.
    pub fn pick(&mut self) -> (&'static str, Vec<Instruction>) {
        let filed = self.filed.len();
        for _ in 0..3 {
            self.missed.set(false);
            let step = self.pick_any();
            if !self.missed.get() || self.dice.below(6) == 0 {
                return step;
            }
            self.change = None;
            self.wanted = None;
            self.refusal = None;
            self.filed.truncate(filed);
        }
        self.pick_any()
    }

    fn pick_any(&mut self) -> (&'static str, Vec<Instruction>) {
        if self.filed.is_empty() {
            return self.submit();
        }
        if let Some(change) = self.pick_change() {
            return change;
        }
        if self.dice.below(9) == 0 {
            return self.pick_draft();
        }
        if self.dice.below(16) == 0 {
            return self.pick_answer();
        }
        if self.dice.below(20) == 0 {
            return self.pick_paper();
        }
        if self.dice.below(16) == 0 {
            return self.pick_part();
        }
        if self.dice.below(16) == 0 {
            return self.pick_upload();
        }
        let plans = self.start.plans;
        if plans == Plans::Sharing && self.dice.below(4) == 0 {
            return self.pick_entry();
        }
        if self.dice.below(20) == 0 {
            return ("add_other_payers", self.submit_secondary());
        }
        if plans == Plans::Confirming && self.dice.below(8) == 0 {
            let n = self.some_claim();
            let n = self.pended_for(n, PendReason::Confirmation);
            return if self.dice.below(3) == 0 {
                ("dispute_claim", vec![self.of(n, |way| way.dispute(n))])
            } else {
                let confirm = self.bringing_of(n, |way| way.confirm(n));
                ("confirm_claim", vec![confirm])
            };
        }
        if plans == Plans::Drawing && self.dice.below(3) == 0 {
            let n = self.some_claim();
            let n = self.pended_for(n, PendReason::Draw);
            return if self.dice.below(4) == 0 {
                let fixture = self.start.fixture();
                let reveal = fixture.reveal_draws(1, self.today() - 1);
                ("reveal_draws", vec![reveal])
            } else {
                let draw = self.bringing_of(n, |way| way.draw(n));
                ("draw_claim", vec![draw])
            };
        }
        match self.dice.below(3) {
            0 => self.submit(),
            1 => {
                let (name, instruction) = self.pick_money();
                (name, vec![instruction])
            }
            _ => {
                let (name, instruction) = self.pick_decision();
                (name, vec![instruction])
            }
        }
    }

    /// A random step of those who decide, take back and appeal.
    fn pick_decision(&mut self) -> (&'static str, Instruction) {
        let n = self.some_claim();
        let kind = self.dice.below(20);
        match kind {
            0 | 1 if self.dice.below(3) == 0 => self.decide_in_part(n),
            0 | 1 => {
                let n = self.like(n, |claim| claim.status == ClaimStatus::Pended);
                let decide = self.decide(n, Decision::Approve);
                ("decide_claim", decide)
            }
            2 => {
                let n = self.like(n, |claim| claim.status == ClaimStatus::Pended);
                let decision = Decision::Deny {
                    group: AdjustmentGroup::Contractual,
                    reason: 50,
                };
                let decide = self.decide(n, decision);
                ("decide_claim, denied", decide)
            }
            3 | 4 => {
                let back = self.some_claim();
                let n = self.like(back, |claim| {
                    claim.totals.paid > 0 && claim.is_adjudicated()
                });
                ("reverse_claim", self.take_back(n))
            }
            5..=8 => {
                let flagged = self.flagged();
                self.missed.set(flagged.is_none());
                let n = flagged.unwrap_or(n);
                let id = self.fresh_for(n, 0);
                let reprocess = self.bringing_of(n, |way| way.reprocess(n, id));
                ("reprocess_claim", reprocess)
            }
            9 => {
                let n = self.like(n, |claim| claim.status == ClaimStatus::Pended);
                let request = self.of(n, |way| way.request_information(n));
                ("request_information", request)
            }
            10 => {
                let n = self.like(n, |claim| claim.course.awaiting_since != 0);
                let provide = self.of(n, |way| way.provide_information(n));
                ("provide_information", provide)
            }
            11 => {
                let n = self.like(n, |claim| claim.status == ClaimStatus::Pended);
                ("escalate_claim", self.of(n, |way| way.escalate(n)))
            }
            12 => {
                let of = self.like(n, Claim::awaits_replacement);
                let (provider, person) = self.whose(of);
                let n = self.like(n, |claim| {
                    claim.replaces == [0; 16]
                        && claim.member == self.start.way(0, person).member
                        && claim.provider == self.start.way(provider, 0).provider.address
                });
                let link = self.of(of, |way| way.link_replacement(of, n));
                ("link_replacement", link)
            }
            _ => self.pick_appeal(n),
        }
    }

    /// Some of a claim's lines are found unnecessary, others not supported.
    fn decide_in_part(&mut self, n: u8) -> (&'static str, Instruction) {
        let n = self.like(n, |claim| {
            claim.status == ClaimStatus::Pended && claim.lines.len() > 1
        });
        let lines = self.claim(n).map_or(1, |claim| claim.lines.len());
        let not_necessary = u16::try_from(self.dice.below(1 << lines)).unwrap();
        let mut level_unsupported = u16::try_from(self.dice.below(1 << lines)).unwrap();
        // Now and then both of one line, which is refused.
        if self.dice.below(8) > 0 {
            level_unsupported &= !not_necessary;
        }
        self.change = Some(Change::Findings {
            n,
            found: [not_necessary, level_unsupported],
        });
        let decision = Decision::ApproveInPart {
            not_necessary,
            level_unsupported,
        };
        let decide = self.decide(n, decision);
        ("decide_claim, in part", decide)
    }

    /// A claim that is to be adjudicated anew; one that an appeal has won, if there is.
    fn flagged(&self) -> Option<u8> {
        let family = self.start.fixture().read_family(&self.world).turns;
        let members = self.members();
        let is_flagged = |(n, claim): &(u8, &Claim)| {
            let person = self.whose(*n).1;
            let turns = if person < FAMILY {
                family
            } else {
                members[person].turns
            };
            claim.is_adjudicated() && turns.is_flagged(claim.turn)
        };
        let won = |(n, _): &(u8, &Claim)| self.filed(*n).waived != 0;
        let mut flagged = self.numbered().filter(is_flagged);
        let first = flagged.next();
        first
            .into_iter()
            .chain(flagged)
            .find(won)
            .or(first)
            .map(|(n, _)| n)
    }

    fn pick_appeal(&mut self, n: u8) -> (&'static str, Instruction) {
        let kind = self.dice.below(7);
        if kind < 3 {
            let n = self.like(n, |claim| {
                let is_decided = claim.course.decided_on != 0 || claim.awaits_replacement();
                let lost = claim.totals.paid < claim.totals.charge;
                is_decided && lost && !claim.course.has(Course::APPEAL_OPEN)
            });
            let claim = self.claim(n);
            let level = claim.map_or(1, |claim| claim.course.appeals_filed() + 1);
            let appeal = if kind < 2 {
                self.of(n, |way| way.appeal_as_member(n, level))
            } else {
                self.of(n, |way| way.appeal_as_provider(n, level))
            };
            return ("file_appeal", appeal);
        }
        // Decisions about appeals seldom find one by chance.
        let n = self.like(n, |claim| claim.course.has(Course::APPEAL_OPEN));
        let claim = self.claim(n);
        let level = claim.map_or(1, |claim| claim.course.appeals_filed().max(1));
        // Now and then it is for somebody else to decide.
        let is_review = self.is_review(n, level) != (self.dice.below(8) == 0);
        let which = usize::try_from(self.dice.below(3)).unwrap();
        let start = Rc::clone(&self.start);
        let staff = &start.fixture().staff;
        let decider = if is_review {
            &start.judge
        } else {
            start.reviewers.get(which).unwrap_or(staff)
        };
        match kind {
            3 => ("lapse_appeal", self.of(n, |way| way.lapse(n, level))),
            4 => {
                let uphold = self.of(n, |way| way.uphold(n, level, decider));
                if is_review {
                    ("uphold_appeal, by the board", self.by_board(uphold))
                } else {
                    ("uphold_appeal", uphold)
                }
            }
            _ => {
                let waivers = u16::try_from(self.dice.below(WAIVERS)).unwrap();
                let id = self.fresh_for(n, waivers);
                let overturn =
                    self.bringing_of(n, |way| way.overturn(n, level, decider, id, waivers));
                if is_review {
                    ("overturn_appeal, by the board", self.by_board(overturn))
                } else {
                    ("overturn_appeal", overturn)
                }
            }
        }
    }

    /// Whether the appeal is to the board.
    fn is_review(&self, n: u8, level: u8) -> bool {
        let (provider, person) = self.whose(n);
        self.world
            .raw(&self.start.way(provider, person).appeal(n, level))
            .and_then(|account| Appeal::try_deserialize(&mut account.data.as_slice()).ok())
            .is_some_and(|appeal| appeal.is_review())
    }

    fn by_board(&self, instruction: Instruction) -> Instruction {
        let insurer = self.start.fixture().insurer.address;
        swapped(instruction, insurer, self.start.board)
    }

    /// A random step that moves money, or says how it moves.
    fn pick_money(&mut self) -> (&'static str, Instruction) {
        let start = Rc::clone(&self.start);
        let fixture = start.fixture();
        let treaty = &start.treaty;
        let n = self.some_claim();
        let which = usize::try_from(self.dice.below(3)).unwrap();
        match self.dice.below(20) {
            0..=3 => {
                let n = self.like(n, |claim| {
                    claim.status == ClaimStatus::Payable || claim.course.has(Course::INTEREST_OWED)
                });
                ("settle_claim", self.of(n, |way| way.settle(n)))
            }
            4 | 5 => {
                let n = self.like(n, |claim| claim.status == ClaimStatus::Payable);
                let provider = self.whose(n).0;
                let recent = self.recent(n);
                let numbers: Vec<u8> = recent.filter(|n| self.whose(*n).0 == provider).collect();
                let way = start.way(provider, 0);
                ("settle_claims", way.settle_together(&numbers))
            }
            6..=8 => {
                let cents = self.dice.below(90_000) + 1;
                ("fund_pool", fixture.fund_pool(cents))
            }
            9 => {
                let limit = [0, 20_000, 90_000][which];
                let set = fixture.set_outflow_limit(&self.world, limit);
                ("set_outflow_limit", set)
            }
            10 => {
                let (provider, _) = self.somebody();
                let in_network = (provider == 0) != (self.dice.below(3) == 0);
                self.change = Some(Change::Network {
                    provider,
                    on: in_network,
                });
                let terms = AgreementTerms {
                    in_network,
                    limit_per_day: u64::MAX,
                    netted: self.dice.below(2) == 0,
                    ..agreement_of(provider, [1_000, 60_000, u64::MAX][which])
                };
                let way = start.way(provider, 0);
                let set = way.set_agreement_terms(&self.world, terms);
                ("set_agreement_terms", set)
            }
            11 => {
                let cents = self.dice.below(50_000) + 1;
                let announce = fixture.announce_withdrawal(&self.world, cents);
                ("announce_withdrawal", announce)
            }
            12 | 13 => {
                let pool = fixture.read_pool(&self.world);
                self.missed
                    .set(!is_due(pool.withdrawal_at, self.world.now()));
                ("withdraw", fixture.withdraw())
            }
            14 | 15 => {
                let addresses: Vec<Pubkey> = self
                    .recent(n)
                    .map(|n| start.way(self.whose(n).0, 0).claim(n))
                    .collect();
                ("cede_claims", treaty.cede_accounts(addresses.into_iter()))
            }
            16 => {
                // Mostly less than the layer may have to pay; at times more, or nothing could ever be taken out.
                let spare = if self.dice.below(8) == 0 { 110_000 } else { 0 };
                let cents = self.dice.below(10_000) + 1 + spare;
                ("fund_layer", treaty.fund(cents))
            }
            17 => {
                let cents = self.dice.below(5_000) + 1;
                let announce = treaty.announce_withdrawal(&self.world, cents);
                ("announce_layer_withdrawal", announce)
            }
            18 if which == 0 => {
                let cancel = treaty.cancel_withdrawal(&self.world);
                ("cancel_layer_withdrawal", cancel)
            }
            18 if which == 1 => {
                let cancel = fixture.cancel_withdrawal(&self.world);
                ("cancel_withdrawal", cancel)
            }
            _ => {
                let layer = treaty.read(&self.world);
                self.missed
                    .set(!is_due(layer.withdrawal_at, self.world.now()));
                ("withdraw_from_layer", treaty.withdraw())
            }
        }
    }

    /// Claim number `n` and the eight before it, as far as there are any.
    fn recent(&self, n: u8) -> impl Iterator<Item = u8> + '_ {
        let numbers = n.saturating_sub(8).max(1)..=n;
        numbers.filter(|n| self.claim(*n).is_some())
    }
}

/// Whether what was announced for `at` can be taken out: 0 = nothing was.
fn is_due(at: i64, now: i64) -> bool {
    at != 0 && at <= now
}
