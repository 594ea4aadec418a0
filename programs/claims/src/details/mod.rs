//! What the ledger knows beyond a plain claim, for the gates that ask for it: a plan version's details, what the claim states
//! and what the insurer states of the member.
//!
//! The rulebook borrows lists of keys. They are made here of what can matter to the claim, and lent then: of a plan's thousands
//! of diagnoses and pairs only those that the claim's lines can meet. Nothing here decides anything.

mod claim;
mod member;
mod plan;

use anchor_lang::prelude::*;
use galen_rules::adjudication::details as rules;
use galen_rules::adjudication::{CodeKey, Covered, Details, Line};
use galen_rules::date::Window;

use crate::authorizations;
use crate::state::{
    ClaimFact, ClaimLine, DayNote, DetailEntry, DetailKind, HistoryEntry, MemberFact,
};
use crate::waivers::Waivers;

use claim::{ClaimLists, LineLists};
use member::MemberLists;
use plan::{BenefitLists, PlanLists};

/// Where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The plan version's details, ascending; empty where it has none.
    pub demands: &'a [DetailEntry],
    /// What the claim states.
    pub facts: &'a [ClaimFact],
    /// What the insurer states of the member.
    pub member: &'a [MemberFact],
    /// The claim's lines.
    pub lines: &'a [ClaimLine],
    /// The member's live lines of other claims.
    pub live: &'a [HistoryEntry],
    /// The days on which another payer comes first for the member.
    pub first_payer: Option<Window>,
}

impl Sources<'_> {
    /// The first and the last service date, in days since 1970-01-01.
    fn span(&self) -> (i32, i32) {
        let dates = || self.lines.iter().map(|line| line.service_date);
        (dates().min().unwrap_or(0), dates().max().unwrap_or(0))
    }
}

/// Lists of keys, ready to be lent.
#[derive(Debug)]
pub struct Known {
    plan: PlanLists,
    member: MemberLists,
    claim: ClaimLists,
    /// One for each line.
    lines: Vec<Own>,
}

/// What is known of one line.
#[derive(Debug)]
struct Own {
    stated: LineLists,
    benefit: BenefitLists,
}

impl Known {
    /// What these sources say.
    ///
    /// # Errors
    /// `DetailsInvalid` where an entry is none: never where they were uploaded.
    pub fn of(sources: &Sources) -> Result<Self> {
        let plan = PlanLists::of(sources)?;
        let member = MemberLists::of(sources);
        let claim = ClaimLists::of(sources.facts)?;
        let mut lines = Vec::with_capacity(sources.lines.len());
        for (index, line) in sources.lines.iter().enumerate() {
            let mut stated = LineLists::of(sources.facts, index)?;
            let of_age = |age| member::of_age(sources.member, age, line.service_date);
            let own = about(sources.demands, line.code_key);
            let benefit = BenefitLists::of(own, &stated, &claim, &member, of_age)?;
            stated.of_age = benefit.of_age;
            stated.dependent_of_age = plan.dependent_age.and_then(of_age);
            lines.push(Own { stated, benefit });
        }
        Ok(Self {
            plan,
            member,
            claim,
            lines,
        })
    }

    /// Puts what the claim states of a line into it, and what a plan version's details say of its code into its benefit.
    pub fn amend(&self, lines: &mut [Line]) {
        for (line, own) in lines.iter_mut().zip(&self.lines) {
            line.balance_billing_prohibited = own.stated.balance_billing_prohibited;
            let Some(benefit) = &mut line.benefit else {
                continue;
            };
            if let (Some(remark), Covered::NotInPlan) = (own.benefit.excluded, benefit.covered) {
                benefit.covered = Covered::Excluded(remark);
            }
            if let Some(days) = own.benefit.effective {
                benefit.effective = days;
            }
        }
    }

    /// Takes in what was authorised beforehand, where anything was, and what each line cites of it: numbers, 0 = nothing.
    pub fn cite(&mut self, granted: Vec<rules::Authorization>, cited: &[u8]) {
        if granted.is_empty() {
            return;
        }
        self.member.authorizations = Some(granted);
        for (own, number) in self.lines.iter_mut().zip(cited) {
            own.stated.authorization = authorizations::citation(*number);
        }
    }

    /// Leaves out what the insurer waives on appeal.
    pub fn waive(&mut self, waivers: Waivers) {
        if waivers.lifts_demands() {
            self.plan.waive();
        }
        for own in &mut self.lines {
            if waivers.lifts_demands() {
                own.benefit = own.benefit.waived();
            }
            if waivers.lifts_units() {
                own.benefit.units_per_day = None;
            }
            if waivers.lifts_exclusion() {
                own.benefit.experimental = false;
            }
            if waivers.lifts_review() {
                own.stated.review = None;
            }
        }
        if waivers.lifts_waiting() {
            self.plan.pre_existing_days = 0;
        }
    }

    /// What later claims are asked of these lines, should they be live. Empty where the plan asks for nothing of a day.
    pub fn notes(&self, lines: &[ClaimLine]) -> Vec<DayNote> {
        let of_day = |own: &Own| own.benefit.units_per_day.is_some();
        if self.plan.distinct.is_empty() && !self.lines.iter().any(of_day) {
            return Vec::new();
        }
        let note = |(line, own): (&ClaimLine, &Own)| DayNote {
            units: if of_day(own) { line.units } else { 0 },
            distinct: own
                .stated
                .modifiers
                .iter()
                .any(|modifier| self.plan.distinct.contains(modifier)),
        };
        lines.iter().zip(&self.lines).map(note).collect()
    }

    /// Lends it to the rulebook.
    pub fn lend<R>(&self, use_it: impl FnOnce(&Details<'_>) -> R) -> R {
        let benefits: Vec<rules::BenefitDetails<'_>> = self
            .lines
            .iter()
            .map(|own| own.benefit.lend(&own.stated, &self.claim, &self.member))
            .collect();
        let lines: Vec<rules::LineDetails<'_>> = self
            .lines
            .iter()
            .zip(&benefits)
            .map(|(own, benefit)| own.stated.lend(benefit))
            .collect();
        use_it(&Details {
            plan: &self.plan.lend(),
            member: &self.member.lend(),
            claim: &self.claim.lend(),
            lines: &lines,
        })
    }
}

/// The entries about a procedure, or about the plan as a whole.
fn about(demands: &[DetailEntry], subject: [u8; 8]) -> &[DetailEntry] {
    equal(
        demands,
        |entry| u64::from_be_bytes(entry.subject),
        u64::from_be_bytes(subject),
    )
}

/// Those of one kind among the entries of one subject.
fn of_kind(entries: &[DetailEntry], kind: DetailKind) -> &[DetailEntry] {
    equal(entries, |entry| entry.kind, kind as u8)
}

/// Those that name `object` among the entries of one subject and kind.
fn naming(entries: &[DetailEntry], object: CodeKey) -> &[DetailEntry] {
    equal(
        entries,
        |entry| u64::from_be_bytes(entry.object),
        u64::from_be_bytes(object.0),
    )
}

/// The entries of one key among entries that ascend by it.
fn equal<K: Ord>(
    entries: &[DetailEntry],
    key: impl Fn(&DetailEntry) -> K,
    wanted: K,
) -> &[DetailEntry] {
    let start = entries.partition_point(|entry| key(entry) < wanted);
    let rest = entries.get(start..).unwrap_or(&[]);
    let end = rest.partition_point(|entry| key(entry) <= wanted);
    rest.get(..end).unwrap_or(&[])
}
