//! What is known of a member: what the insurer states, and the live lines of the claim's days.

use galen_rules::adjudication::details as rules;
use galen_rules::adjudication::{CodeKey, ProviderTag};
use galen_rules::date::Window;
use galen_rules::Date;

use super::Sources;
use crate::convert;
use crate::state::{ClaimFact, ClaimFactKind, HistoryEntry, MemberFact, MemberFactKind as Kind};

/// Of the member.
#[derive(Debug)]
pub(super) struct MemberLists {
    dependent: Option<CodeKey>,
    died: Option<Date>,
    pub sex: Option<CodeKey>,
    lapses: Vec<Window>,
    requirements_met: Vec<CodeKey>,
    other_payer_first: Vec<Window>,
    pre_existing: Vec<CodeKey>,
    /// What was authorised beforehand; none where nothing was brought that was.
    pub authorizations: Option<Vec<rules::Authorization>>,
    history: Vec<rules::Past>,
    discharges: Vec<rules::Discharge>,
}

impl MemberLists {
    pub fn of(sources: &Sources) -> Self {
        let (first, last) = sources.span();
        let all = |kind| sources.member.iter().filter(move |fact| fact.kind == kind);
        // A category counts where it holds on all days of the claim.
        let throughout = |kind| {
            let holding = all(kind).filter(|fact| fact.holds_on(first) && fact.holds_on(last));
            holding.map(|fact| CodeKey(fact.key))
        };
        let asks_of_days = !sources.demands.is_empty();
        Self {
            dependent: throughout(Kind::Relation).next(),
            died: all(Kind::Died).find_map(|fact| Date::from_days(fact.from)),
            sex: throughout(Kind::Sex).next(),
            lapses: all(Kind::Lapse).filter_map(window).collect(),
            requirements_met: throughout(Kind::Meets).collect(),
            other_payer_first: sources.first_payer.into_iter().collect(),
            pre_existing: throughout(Kind::PreExisting).collect(),
            authorizations: None,
            history: sources
                .live
                .iter()
                .filter(|entry| {
                    (asks_of_days && is_of_claim_day(sources, entry)) || lasts(sources, entry)
                })
                .filter_map(convert::past)
                .collect(),
            discharges: all(Kind::Discharge).filter_map(discharge).collect(),
        }
    }

    pub fn lend(&self) -> rules::MemberDetails<'_> {
        rules::MemberDetails {
            dependent: self.dependent,
            died: self.died,
            sex: self.sex,
            lapses: &self.lapses,
            requirements_met: &self.requirements_met,
            other_payer_first: &self.other_payer_first,
            pre_existing: &self.pre_existing,
            authorizations: self.authorizations.as_deref(),
            history: &self.history,
            discharges: &self.discharges,
            ..rules::MemberDetails::NONE
        }
    }
}

/// Whether the insurer states that the member is in this category of age on a day; none where it states nothing of it.
pub(super) fn of_age(facts: &[MemberFact], age: CodeKey, day: i32) -> Option<bool> {
    let mut stated = facts
        .iter()
        .filter(|fact| fact.holds_on(day) && CodeKey(fact.key) == age);
    stated.find_map(|fact| match fact.kind {
        Kind::OfAge => Some(true),
        Kind::NotOfAge => Some(false),
        _ => None,
    })
}

fn window(fact: &MemberFact) -> Option<Window> {
    Some(Window {
        from: Date::from_days(fact.from)?,
        to: Date::from_days(fact.to)?,
    })
}

fn discharge(fact: &MemberFact) -> Option<rules::Discharge> {
    Some(rules::Discharge {
        date: Date::from_days(fact.from)?,
        provider: ProviderTag(fact.key),
    })
}

fn is_of_claim_day(sources: &Sources, entry: &HistoryEntry) -> bool {
    let mut lines = sources.lines.iter();
    lines.any(|line| line.service_date == entry.service_date)
}

/// Whether an entry or the claim takes several days, and the entry is of the time from the claim's first to its last, or may be.
fn lasts(sources: &Sources, entry: &HistoryEntry) -> bool {
    let ends = || {
        let until = |fact: &&ClaimFact| fact.kind == ClaimFactKind::Until;
        sources.facts.iter().filter(until).map(|fact| fact.day)
    };
    if entry.further_days == 0 && ends().next().is_none() {
        return false;
    }
    let (first, last) = sources.span();
    // More days than are kept stand for all of a year.
    let reach = |further_days: i32| match further_days {
        0..=254 => further_days,
        _ => further_days.max(366),
    };
    let claimed = ends().fold(last, i32::max).saturating_sub(first);
    let end_of = |first: i32, further_days| first.saturating_add(reach(further_days));
    entry.service_date <= end_of(first, claimed)
        && first <= end_of(entry.service_date, entry.further_days.into())
}
