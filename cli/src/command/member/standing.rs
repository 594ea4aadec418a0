//! Whether a member's coverage is in force on days that somebody asks about. The rulebook says so, of a service that the plan asks
//! nothing else of: what is stated of the member (lapses, death, requirements, whose dependent it is) denies a claim as much as
//! the first and the last day of coverage.

use std::collections::BTreeSet;

use claims::convert;
use claims::details::{Known, Sources};
use claims::state::{
    Claim, ClaimLine, ClaimLineArgs, DetailEntry, DetailKind, Member, MemberFact, MemberFacts,
    Opening, PlanTerms, PlanVersion,
};
use galen_rules::adjudication::{
    self as rules, Accumulators, Benefit, LineResult, Network, ProviderTag,
};
use galen_rules::{Cents, Date, Reason};
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::cluster::Cluster;
use crate::command::plan::details;
use crate::error::Result;
use crate::send::foreseen_by_claims;

/// Why a service on one of the days from `first` to `last` would be denied whatever it is; none where the coverage holds on all
/// of them. `address` is the member's.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn objection(
    cluster: &Cluster,
    address: &Pubkey,
    member: &Member,
    version: &PlanVersion,
    days: (Date, Date),
) -> Result<Option<Reason>> {
    let facts = match member.has_facts {
        0 => None,
        _ => entity::find::<MemberFacts>(cluster, &MemberFacts::find_address(address).0)?,
    };
    let asked = Asked {
        member,
        terms: &version.terms,
        stated: facts.map_or_else(Vec::new, |facts| facts.entries),
        demands: details::of_version(cluster, version)?
            .into_iter()
            .filter(is_about_members)
            .collect(),
    };
    asked.objection(days)
}

/// Whether a plan's demand is on members, whatever is claimed for them.
fn is_about_members(entry: &DetailEntry) -> bool {
    [DetailKind::Dependent, DetailKind::Requirement]
        .iter()
        .any(|kind| entry.kind == *kind as u8)
}

struct Asked<'a> {
    member: &'a Member,
    terms: &'a PlanTerms,
    stated: Vec<MemberFact>,
    demands: Vec<DetailEntry>,
}

impl Asked<'_> {
    fn objection(&self, (first, last): (Date, Date)) -> Result<Option<Reason>> {
        for day in self.days(first.days(), last.days()) {
            let reason = self
                .objection_on(day)
                .map_err(|error| foreseen_by_claims(&error))?;
            if reason.is_some() {
                return Ok(reason);
            }
        }
        Ok(None)
    }

    /// The days on which the answer can be another than the day before.
    fn days(&self, first: i32, last: i32) -> BTreeSet<i32> {
        let begin = self.stated.iter().map(|fact| fact.from);
        let after = self.stated.iter().map(|fact| fact.to.saturating_add(1));
        let coverage = [
            self.member.covered_from,
            self.member.covered_to.saturating_add(1),
        ];
        // The day of death is a day of coverage still.
        let after_begin = self.stated.iter().map(|fact| fact.from.saturating_add(1));
        begin
            .chain(after)
            .chain(after_begin)
            .chain(coverage)
            .filter(|day| first < *day && *day < last)
            .chain([first, last])
            .collect()
    }

    fn objection_on(&self, day: i32) -> anchor_lang::Result<Option<Reason>> {
        let asked = service(day)?;
        let known = Known::of(&Sources {
            demands: &self.demands,
            facts: &[],
            member: &self.stated,
            lines: &asked,
            live: &[],
            first_payer: None,
        })?;
        let benefit = Benefit::at(Cents::ZERO);
        let lines: Vec<rules::Line> = asked
            .iter()
            .zip(1..)
            .map(|(line, number)| rules::Line {
                benefit: Some(benefit),
                ..convert::line(number, line, ProviderTag([1; 8]), None)
            })
            .collect();
        let lists = convert::Lists::of(self.terms)?;
        let mut plan = convert::plan(self.terms, &lists)?;
        // Coverage is in force while it waits.
        plan.waiting_days = 0;
        let coverage = convert::coverage(self.member)?;
        let mut results = vec![LineResult::default(); lines.len()];
        known
            .lend(|details| {
                rules::adjudicate_with(
                    details,
                    &plan,
                    &rules::Claim {
                        submitted: convert::date(day).unwrap_or(Date::MIN),
                        network: Network::In,
                        lines: &lines,
                    },
                    coverage,
                    [],
                    &mut Accumulators::default(),
                    &mut results,
                )
            })
            .map_err(convert::error)?;
        let denial = results.first().and_then(|result| result.denial);
        Ok(denial.map(|denial| denial.reason))
    }
}

/// Any service of a day.
fn service(day: i32) -> anchor_lang::Result<Vec<ClaimLine>> {
    let mut claim = Claim::open(Opening {
        bump: 0,
        pool: Pubkey::default(),
        provider: Pubkey::default(),
        claim_id: [1; 16],
        document: [1; 32],
        opener: Pubkey::default(),
        service_date: day,
        line_count: 1,
    })?;
    let line = ClaimLineArgs {
        code_key: [u8::MAX; 8],
        modifiers: [0; 4],
        units: 1,
        charge: 1,
        day: 0,
    };
    claim.append(0, &[line])?;
    Ok(claim.lines)
}

/// The answer in a sentence.
pub fn sentence(objection: Option<Reason>) -> String {
    match objection {
        None => "The coverage is in force.".to_owned(),
        Some(Reason::BeforeCoverage | Reason::AfterCoverage) => {
            "The coverage is not in force on all of these days.".to_owned()
        }
        Some(reason) => format!(
            "The coverage is not in force on all of these days: {} (claim adjustment reason code {}).",
            reason.text(),
            reason.code()
        ),
    }
}

#[cfg(test)]
mod tests {
    use claims::state::MemberFactKind as Kind;
    use galen_documents::plan;
    use serde_json::{json, Value};

    use super::*;
    use crate::chain::codes::Vocabulary;
    use crate::command::plan::terms::compile;
    use crate::store::CodeKey;

    const KEY: CodeKey = CodeKey([7; 32]);
    const COVERED: (i32, i32) = (20_000, 20_364);

    fn date(days: i32) -> Date {
        Date::from_days(days).expect("a date")
    }

    fn fact(kind: Kind, key: [u8; 8], from: i32, to: i32) -> MemberFact {
        MemberFact {
            kind,
            key,
            from,
            to,
        }
    }

    /// What is answered about the days, counted from the first day of coverage.
    fn objection(plan: &Value, stated: &[MemberFact], days: (i32, i32)) -> Option<u16> {
        let document = plan::read(plan).expect("a plan");
        let compiled = compile(&document, &KEY, None, "plan.json").expect("compiled");
        let (from, to) = COVERED;
        let key = Pubkey::new_from_array([1; 32]);
        let member = Member::new(255, key, key, [1; 32], Pubkey::default(), from, to);
        let member = member.expect("a member");
        let asked = Asked {
            member: &member,
            terms: &compiled.terms,
            stated: stated.to_vec(),
            demands: compiled
                .details
                .into_iter()
                .filter(is_about_members)
                .collect(),
        };
        let (first, last) = (date(from + days.0), date(from + days.1));
        let found = asked.objection((first, last)).expect("answered");
        found.map(Reason::code)
    }

    fn plain() -> Value {
        json!({"waiting_days": 90, "information": [{"name": "onset", "remark": "MA122"}],
            "benefits": [{"code": "A", "allowed": 1, "information": [{"name": "x", "remark": "N40"}]}]})
    }

    #[test]
    fn the_first_and_the_last_day_count_and_what_a_claim_lacks_does_not() {
        assert_eq!(objection(&plain(), &[], (0, 364)), None);
        assert_eq!(objection(&plain(), &[], (-1, 5)), Some(26));
        assert_eq!(objection(&plain(), &[], (5, 365)), Some(27));
    }

    #[test]
    fn a_lapse_between_the_days_and_a_death_before_the_last_are_seen() {
        let lapse = fact(Kind::Lapse, [0; 8], COVERED.0 + 100, COVERED.0 + 130);
        let asked = |days| objection(&plain(), &[lapse], days);
        assert_eq!(asked((100, 100)), Some(200));
        assert_eq!(asked((130, 130)), Some(200));
        assert_eq!(asked((90, 140)), Some(200));
        assert_eq!((asked((0, 99)), asked((131, 364))), (None, None));
        let died = fact(Kind::Died, [0; 8], COVERED.0 + 50, COVERED.0 + 50);
        let asked = |days| objection(&plain(), &[died], days);
        assert_eq!((asked((40, 50)), asked((50, 50))), (None, None));
        assert_eq!((asked((51, 51)), asked((40, 60))), (Some(13), Some(13)));
    }

    #[test]
    fn what_the_plan_asks_of_members_has_to_be_stated_for_the_days() {
        let plan = json!({"requirements": ["resident"], "dependents": {"child": {"to_age": null}},
            "benefits": [{"code": "A", "allowed": 1}]});
        let key = |words: Vocabulary, word: &str| words.word(&KEY, word).expect("keyed");
        let meets = key(Vocabulary::Requirement, "resident");
        assert_eq!(objection(&plan, &[], (0, 0)), Some(177));
        let until = fact(Kind::Meets, meets, COVERED.0, COVERED.0 + 30);
        assert_eq!(objection(&plan, &[until], (0, 30)), None);
        assert_eq!(objection(&plan, &[until], (0, 31)), Some(177));
        let relation = |word: &str| {
            let key = key(Vocabulary::Relation, word);
            fact(Kind::Relation, key, COVERED.0, COVERED.1)
        };
        assert_eq!(objection(&plan, &[relation("child"), until], (1, 2)), None);
        let cousin = objection(&plan, &[relation("cousin"), until], (1, 2));
        assert_eq!(cousin, Some(32));
    }

    #[test]
    fn the_answer_names_its_reason() {
        assert_eq!(sentence(None), "The coverage is in force.");
        assert!(!sentence(Some(Reason::AfterCoverage)).contains("27"));
        let lapse = Reason::from_code(200).expect("a reason");
        assert!(sentence(Some(lapse)).contains("200"));
    }
}
