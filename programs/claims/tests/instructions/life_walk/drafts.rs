//! Claims that come in parts: all at once, or opened today and handed in some other day.

use claims::instructions::{AdjudicateClaimArgs, Decision};
use galen_testkit::fixtures::claims::claims_instruction;

use super::known::{attached_by, late_since, report_with};
use super::*;

impl Walk {
    /// Something about a claim that comes in parts.
    pub fn pick_draft(&mut self) -> (&'static str, Vec<Instruction>) {
        let n = self.some_claim();
        let draft = self.like(n, |claim| claim.status == ClaimStatus::Draft);
        match self.dice.below(12) {
            0 => ("close_draft_claim", self.give_up()),
            1 => {
                let close = self.of(draft, |way| way.close_draft(draft));
                ("close_draft_claim", vec![close])
            }
            2..=5 => {
                let hand_in = self.hand_in(draft);
                ("adjudicate_claim", vec![hand_in])
            }
            6..=9 => {
                // What waits for something else can be given what it lacks, too.
                let any = self.dice.below(4) == 0;
                let n = if any {
                    self.like(n, |claim| claim.status == ClaimStatus::Pended)
                } else {
                    self.pended_for(n, PendReason::AttachmentMissing)
                };
                let has_come = |claim: &Claim| {
                    let mut lines = 0..claim.lines.len();
                    !lines.any(|index| self.lacks_report(n, claim, index))
                };
                if !self.missed.get() && self.claim(n).is_some_and(has_come) {
                    let decide = self.decide(n, Decision::Approve);
                    return ("decide_claim", vec![decide]);
                }
                ("add_claim_facts, later", vec![self.attach(n)])
            }
            _ => ("add_claim_facts", self.submit_attached()),
        }
    }

    /// A draft is handed in as it stands.
    fn hand_in(&mut self, n: u8) -> Instruction {
        let Some(claim) = self.claim(n).cloned() else {
            return self.of(n, |way| way.adjudicate(&self.world, n, 0));
        };
        // The price that it cites is that of its version.
        self.version = if claim.plan_version == Pubkey::default() {
            let days = claim.lines.iter().map(|line| line.service_date);
            self.version_on(days.min().unwrap_or_default())
        } else {
            claim.plan_version
        };
        let charge = claim.lines.iter().map(|line| line.charge).sum();
        let adjudicate = self.of(n, |way| way.adjudicate(&self.world, n, charge));
        let (_, person) = self.whose(n);
        self.bringing(person, adjudicate)
    }

    /// A claim that comes with the report of some of its lines, and at times says why it is late.
    fn submit_attached(&mut self) -> Vec<Instruction> {
        let lines = self.lines();
        let (provider, person) = self.somebody();
        let n = self.fresh_id(provider, person);
        let mut facts = Vec::new();
        for line in (0..).take(lines.len()) {
            if facts.is_empty() || self.dice.below(3) > 0 {
                facts.push(report_with(line));
            }
        }
        if self.dice.below(2) == 0 {
            // At times of tomorrow, which excuses nothing.
            let notice = self.today() + 1 - i32::try_from(self.dice.below(30)).unwrap();
            self.filed[usize::from(n) - 1].notice = Some(notice);
            facts.push(late_since(notice));
        }
        let mut service_date = self.service_date();
        if self.filed(n).notice.is_some() {
            // Too long ago for the plan's next version.
            service_date = self.today() - 16 - i32::try_from(self.dice.below(10)).unwrap();
            self.version = self.version_on(service_date);
        }
        self.change = Some(Change::Attached {
            n,
            more: attached_by(&facts).collect(),
        });
        let start = Rc::clone(&self.start);
        let way = start.way(provider, person);
        let told = way.add_facts(n, &facts);
        let digest = way.will_state(n, service_date, &lines, |draft| draft.state_facts(&facts));
        self.in_parts(n, service_date, &lines, told, digest)
    }

    /// A claim that is opened, told something, and handed in: mostly at once.
    pub fn in_parts(
        &mut self,
        n: u8,
        service_date: i32,
        lines: &[ClaimLineArgs],
        told: Instruction,
        digest: [u8; 32],
    ) -> Vec<Instruction> {
        let count = u8::try_from(lines.len()).unwrap();
        let charge = lines.iter().map(|line| line.charge).sum();
        let mut steps = vec![
            self.of(n, |way| way.open_claim_on(n, service_date, count)),
            self.of(n, |way| way.append_lines(n, 0, lines)),
            told,
        ];
        if self.dice.below(4) > 0 {
            steps.push(self.bringing_of(n, |way| {
                let args = AdjudicateClaimArgs {
                    charge,
                    digest,
                    ticket: None,
                };
                claims_instruction(way.adjudicate_accounts(n), data::AdjudicateClaim { args })
            }));
        }
        steps
    }

    /// A draft that is given up at once.
    fn give_up(&mut self) -> Vec<Instruction> {
        let lines = self.lines();
        let (provider, person) = self.somebody();
        let n = self.fresh_id(provider, person);
        let service_date = self.service_date();
        let count = u8::try_from(lines.len()).unwrap();
        vec![
            self.of(n, |way| way.open_claim_on(n, service_date, count)),
            self.of(n, |way| way.append_lines(n, 0, &lines)),
            self.of(n, |way| way.close_draft(n)),
        ]
    }
}
