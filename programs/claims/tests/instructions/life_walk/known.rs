//! What is known beyond plain claims: what the plan's next version asks for, what comes with claims, and what the insurer states of
//! members.

use anchor_lang::prelude::AccountMeta;
use claims::waivers::{WAIVE_DEMANDS, WAIVE_FILING};
use galen_rules::{Date, Remark};

use super::*;

/// What has to come with some procedures, by its key.
const REPORT: [u8; 8] = [0xaa; 8];
/// What nobody asks for.
const OTHER_PAPER: [u8; 8] = [0xbb; 8];
/// The age at which one procedure is done, by its key.
const AGE: [u8; 8] = [0xcc; 8];

/// Codes with which the report has to come.
const REPORTED: [u32; 2] = [6, 13];
/// The one of them that is done at that age.
const AGED: u32 = 13;

/// The reason for which a line is denied that lacks the report (X12 code list 139).
pub const LACKS_REPORT: u16 = 252;

/// What the plan's next version asks for beyond its terms and its schedule.
pub fn demands() -> Vec<DetailEntry> {
    let remark = Remark::new("N130").unwrap();
    let report = |number| {
        DetailEntry::new(code(number), DetailKind::LineAttachment, REPORT).remarked(remark)
    };
    let mut demands: Vec<DetailEntry> = REPORTED.map(report).into();
    demands.push(DetailEntry::new(code(AGED), DetailKind::Age, AGE));
    demands.sort_by_key(DetailEntry::order);
    demands
}

/// That the report comes with a line.
pub fn report_with(line: u8) -> ClaimFact {
    ClaimFact {
        line,
        kind: ClaimFactKind::Attachment,
        key: REPORT,
        day: 0,
    }
}

/// That a claim is late by an error of the insurer, of which the notice is of this day.
pub fn late_since(notice: i32) -> ClaimFact {
    ClaimFact {
        line: ClaimFact::ALL_LINES,
        kind: ClaimFactKind::AdministrativeError,
        key: [0; 8],
        day: notice,
    }
}

/// What these facts attach, by line and key.
pub fn attached_by(facts: &[ClaimFact]) -> impl Iterator<Item = (u8, [u8; 8])> + '_ {
    let attached = facts
        .iter()
        .filter(|fact| fact.kind == ClaimFactKind::Attachment);
    attached.map(|fact| (fact.line, fact.key))
}

impl Walk {
    /// What comes last with a claim of a member: what is stated of it, where anything is, and what the next version asks for.
    pub fn told_of(&self, person: usize) -> Vec<AccountMeta> {
        let facts = self.start.way(0, person).member_facts();
        let facts = (!self.stated[person].is_empty()).then_some(facts);
        let details = self.published.map(|_| self.start.next_details);
        let told = facts.into_iter().chain(details);
        told.map(|address| AccountMeta::new_readonly(address, false))
            .collect()
    }

    /// Coverage ends, or goes on after all.
    pub fn end_coverage(&mut self, person: usize) -> Instruction {
        let start = Rc::clone(&self.start);
        let to = if self.dice.below(3) == 0 {
            self.today() - i32::try_from(self.dice.below(10)).unwrap()
        } else {
            start.coverage(person).1
        };
        self.change = Some(Change::Coverage { person, to });
        start.way(0, person).end_coverage(&self.world, to)
    }

    /// The insurer states something of a member, or nothing any more.
    pub fn state_facts(&mut self, person: usize) -> Instruction {
        let mut facts = Vec::new();
        for (kind, key, share, longest) in [
            (MemberFactKind::OfAge, AGE, 2, 200),
            (MemberFactKind::NotOfAge, AGE, 4, 40),
            (MemberFactKind::Lapse, [0; 8], 4, 10),
            (MemberFactKind::Died, [0; 8], 16, 1),
        ] {
            let is_stated = self.dice.below(share) == 0;
            let from = self.today() - i32::try_from(self.dice.below(20)).unwrap();
            let to = from + i32::try_from(self.dice.below(longest)).unwrap();
            if is_stated {
                facts.push(MemberFact {
                    kind,
                    key,
                    from,
                    to,
                });
            }
        }
        let set = self.start.way(0, person).set_member_facts(&facts);
        self.change = Some(Change::Stated { person, facts });
        set
    }

    /// The provider adds what a claim lacks; at times something else.
    pub fn attach(&mut self, n: u8) -> Instruction {
        let claim = self.claim(n);
        let lines = claim.map_or(1, |claim| claim.lines.len());
        let mut facts: Vec<ClaimFact> = (0..lines)
            .filter(|index| claim.is_some_and(|claim| self.lacks_report(n, claim, *index)))
            .map(|index| report_with(u8::try_from(index).unwrap()))
            .collect();
        if facts.is_empty() {
            facts.push(report_with(0));
        }
        match self.dice.below(12) {
            0 => facts[0].key = OTHER_PAPER,
            1 => facts[0].kind = ClaimFactKind::Information,
            _ => {}
        }
        let more = attached_by(&facts).collect();
        self.change = Some(Change::Attached { n, more });
        self.of(n, |way| way.add_facts(n, &facts))
    }

    /// Whether a line was filed too late, and whether that is excused (42 CFR 424.44(b): until the end of the sixth month after the
    /// notice).
    pub fn lateness(&self, n: u8, claim: &Claim, index: usize) -> (bool, bool) {
        let received = i32::try_from(claim.received_at / DAY).unwrap();
        let limit = i32::from(self.terms_of(claim).filing_limit_days);
        let filed = self.filed(n);
        let is_late = received - claim.lines[index].service_date > limit;
        let is_excused = filed.notice.is_some_and(|notice| {
            let date = Date::from_days(notice).unwrap();
            let last = date.plus_months(6).unwrap().end_of_month();
            (notice..=last.days()).contains(&received)
        });
        (is_late && filed.waived & WAIVE_FILING == 0, is_excused)
    }

    /// Whether a line is to come with the report, and does not.
    pub fn lacks_report(&self, n: u8, claim: &Claim, index: usize) -> bool {
        let filed = self.filed(n);
        let asked = REPORTED.map(code).contains(&claim.lines[index].code_key)
            && claim.plan_version == self.start.next_version
            && filed.waived & WAIVE_DEMANDS == 0;
        let own = u8::try_from(index).unwrap();
        asked && !filed.attached.contains(&(own, REPORT))
    }

    /// Reasons for which a line is to be denied by what is known beyond it.
    pub fn demanded(&self, n: u8, claim: &Claim, index: usize) -> Vec<u16> {
        let filed = self.filed(n);
        let line = &claim.lines[index];
        let of_day = |kind| {
            let mut stated = self.stated[filed.person].iter();
            stated.any(|fact| fact.kind == kind && fact.holds_on(line.service_date))
        };
        let mut stated = self.stated[filed.person].iter();
        let has_died =
            stated.any(|fact| fact.kind == MemberFactKind::Died && fact.from < line.service_date);
        let asks_age = line.code_key == code(AGED)
            && claim.plan_version == self.start.next_version
            && filed.waived & WAIVE_DEMANDS == 0
            && !of_day(MemberFactKind::OfAge);
        let is_not_of_age = of_day(MemberFactKind::NotOfAge);
        let reasons = [
            (of_day(MemberFactKind::Lapse), 200),
            (has_died, 13),
            (asks_age && !is_not_of_age, 16),
            (asks_age && is_not_of_age, 6),
            (self.lacks_report(n, claim, index), LACKS_REPORT),
        ];
        let failed = reasons.into_iter().filter(|(failed, _)| *failed);
        failed.map(|(_, reason)| reason).collect()
    }
}
