//! What a plan document asks about a member, answered from what is known of the member: categories with their days.

use std::collections::BTreeSet;

use claims::constants::{IN_FORCE, MAX_MEMBER_FACTS};
use claims::state::{HistoryEntry, Member, MemberFact, MemberFactKind as Kind, PlanVersion};
use galen_documents::{member, plan};
use galen_rules::Date;
use solana_pubkey::Pubkey;

use crate::chain::codes::{self, Vocabulary};
use crate::error::{CliError, Result};
use crate::store::CodeKey;

/// The days for which something is stated, since 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// First and last service date of the plan version.
    version: (i32, i32),
    /// First and last day for which ages are stated: beyond, birthdays would show that decide nothing yet.
    ages: (i32, i32),
}

impl Reach {
    /// Of a member under a plan version; ages until the end of the coverage, and at most to the day `until`.
    pub fn of(member: &Member, version: &PlanVersion, until: Date) -> Self {
        let last = match version.superseded_from {
            IN_FORCE => Date::MAX.days(),
            next => next.saturating_sub(1),
        };
        let from = version.effective_from;
        Self {
            version: (from, last),
            ages: (
                from.max(member.covered_from),
                last.min(member.covered_to).min(until.days()),
            ),
        }
    }

    /// Of a version without end, with ages from one day to another.
    #[cfg(test)]
    pub fn between(from: &str, to: &str) -> Self {
        let day = |text: &str| text.parse::<Date>().expect("a date").days();
        Self {
            version: (day(from), Date::MAX.days()),
            ages: (day(from), day(to)),
        }
    }

    /// Whether a fact was stated for this plan version: what names something is, by its first day.
    pub fn has(&self, fact: &MemberFact) -> bool {
        let (from, to) = self.version;
        matches!(fact.kind, Kind::Lapse | Kind::Died | Kind::Discharge)
            || (from..=to).contains(&fact.from)
    }
}

/// The facts of a member under a plan, in no order.
///
/// # Errors
/// `invalid_value` for a discharge by whom no address names, `too_many_facts`.
pub fn facts(
    plan: &plan::Plan,
    known: &member::Member,
    key: &CodeKey,
    reach: &Reach,
    name: &str,
) -> Result<Vec<MemberFact>> {
    let mut list = List {
        key,
        reach,
        facts: Vec::new(),
    };
    if let (Some(relation), Some(_)) = (&known.dependent, &plan.dependents) {
        list.name(Kind::Relation, Vocabulary::Relation, &relation.0)?;
    }
    let mut benefits = plan.benefits.iter();
    if let Some(sex) = known
        .sex
        .as_ref()
        .filter(|_| benefits.any(|benefit| benefit.sexes.is_some()))
    {
        list.name(Kind::Sex, Vocabulary::Sex, &sex.0)?;
    }
    if let Some(born) = known.birth_date {
        for (from, to) in ages_asked(plan, known) {
            list.ages(born.0, from, to)?;
        }
    }
    for requirement in &plan.requirements {
        if known.requirements_met.contains(requirement) {
            list.name(Kind::Meets, Vocabulary::Requirement, &requirement.0)?;
        }
    }
    if plan.pre_existing_days > 0 {
        for diagnosis in &known.pre_existing {
            list.name(Kind::PreExisting, Vocabulary::Diagnosis, &diagnosis.0)?;
        }
    }
    list.lapses_and_death(known);
    let mut benefits = plan.benefits.iter();
    if benefits.any(|benefit| benefit.readmission_days.is_some()) {
        list.discharges(known, name)?;
    }
    match list.facts.len() {
        count if count > usize::from(MAX_MEMBER_FACTS) => Err(CliError::new(
            "too_many_facts",
            format!("The plan asks for {count} facts about the member and the ledger carries {MAX_MEMBER_FACTS}."),
        )),
        _ => Ok(list.facts),
    }
}

/// The ranges of age that the plan asks about: those of its benefits, and that of dependents of the member's relation.
fn ages_asked(plan: &plan::Plan, known: &member::Member) -> BTreeSet<(u16, Option<u16>)> {
    let of_benefits = plan.benefits.iter().filter_map(|benefit| benefit.ages);
    let relations = plan.dependents.as_ref().zip(known.dependent.as_ref());
    let own = relations
        .and_then(|(relations, own)| relations.get(own))
        .and_then(|terms| terms.to_age);
    of_benefits
        .map(|ages| (ages.from, ages.to))
        .chain(own.map(|to| (0, Some(to))))
        .collect()
}

struct List<'a> {
    key: &'a CodeKey,
    reach: &'a Reach,
    facts: Vec<MemberFact>,
}

impl List<'_> {
    fn name(&mut self, kind: Kind, words: Vocabulary, word: &str) -> Result<()> {
        let (from, to) = self.reach.version;
        self.facts.push(MemberFact {
            kind,
            key: words.word(self.key, word)?,
            from,
            to,
        });
        Ok(())
    }

    /// Whether the member is of these ages, run of days by run of days.
    fn ages(&mut self, born: Date, from: u16, to: Option<u16>) -> Result<()> {
        let key = codes::ages(self.key, from, to)?;
        let (first, last) = self.reach.ages;
        let range = from..=to.unwrap_or(u16::MAX);
        let mut run: Option<MemberFact> = None;
        for day in first..=last {
            let Some(date) = Date::from_days(day) else {
                continue;
            };
            let kind = if range.contains(&date.years_since(born)) {
                Kind::OfAge
            } else {
                Kind::NotOfAge
            };
            match &mut run {
                Some(run) if run.kind == kind => run.to = day,
                _ => {
                    self.facts.extend(run.replace(MemberFact {
                        kind,
                        key,
                        from: day,
                        to: day,
                    }));
                }
            }
        }
        self.facts.extend(run);
        Ok(())
    }

    fn lapses_and_death(&mut self, known: &member::Member) {
        let lapses = known.lapses.iter().map(|span| MemberFact {
            kind: Kind::Lapse,
            key: [0; 8],
            from: span.from.map_or(Date::MIN, |day| day.0).days(),
            to: span.to.map_or(Date::MAX, |day| day.0).days(),
        });
        let death = known.death_date.map(|day| MemberFact {
            kind: Kind::Died,
            key: [0; 8],
            from: day.0.days(),
            to: day.0.days(),
        });
        self.facts.extend(lapses.chain(death));
    }

    fn discharges(&mut self, known: &member::Member, name: &str) -> Result<()> {
        for (index, discharge) in known.discharges.iter().enumerate() {
            let key = match &discharge.provider {
                None => [0; 8],
                Some(provider) => {
                    let organization: Pubkey = provider.0.parse().map_err(|_| CliError {
                        code: "invalid_value".to_owned(),
                        message: format!("{name}: Name the provider by its organization's address, as the ledger knows it, or write null."),
                        at: Some(format!("discharges[{index}].provider")),
                    })?;
                    HistoryEntry::provider_tag(&organization)
                }
            };
            let day = discharge.date.0.days();
            self.facts.push(MemberFact {
                kind: Kind::Discharge,
                key,
                from: day,
                to: day,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::*;

    const KEY: CodeKey = CodeKey([7; 32]);

    fn day(text: &str) -> i32 {
        text.parse::<Date>().expect("a date").days()
    }

    fn reach() -> Reach {
        Reach::between("2026-01-01", "2027-12-31")
    }

    fn stated(plan: &Value, known: &Value) -> Result<Vec<MemberFact>> {
        let plan = plan::read(plan).expect("a plan");
        let known = member::read(known).expect("a member");
        facts(&plan, &known, &KEY, &reach(), "member.json")
    }

    fn kinds(plan: &Value, known: &Value) -> Vec<Kind> {
        let facts = stated(plan, known).expect("stated");
        facts.iter().map(|fact| fact.kind).collect()
    }

    fn known() -> Value {
        json!({
            "dependent": "child", "birth_date": "2000-05-17", "sex": "F", "requirements_met": ["resident"],
            "pre_existing": ["E11.9"], "discharges": [{"date": "2026-02-01"}]
        })
    }

    fn plan_with(benefit: Value) -> Value {
        let mut first = json!({"code": "A", "allowed": 1});
        for (field, value) in benefit.as_object().expect("fields") {
            first[field] = value.clone();
        }
        json!({"benefits": [first]})
    }

    #[test]
    fn only_what_the_plan_asks_for_is_stated() {
        assert_eq!(kinds(&plan_with(json!({})), &known()), []);
        for (benefit, wanted) in [
            (json!({"sexes": ["M"]}), vec![Kind::Sex]),
            (json!({"ages": {"from": 18}}), vec![Kind::OfAge]),
            (json!({"ages": {"to": 17}}), vec![Kind::NotOfAge]),
            (json!({"readmission_days": 30}), vec![Kind::Discharge]),
        ] {
            assert_eq!(
                kinds(&plan_with(benefit.clone()), &known()),
                wanted,
                "{benefit}"
            );
        }
        let mut plan = plan_with(json!({}));
        plan["requirements"] = json!(["resident", "student"]);
        plan["pre_existing_days"] = json!(90);
        plan["dependents"] = json!({"spouse": {"to_age": 99}});
        let wanted = [Kind::Relation, Kind::Meets, Kind::PreExisting];
        assert_eq!(kinds(&plan, &known()), wanted);
    }

    #[test]
    fn a_birthday_shows_only_where_it_decides() {
        let mut plan = plan_with(json!({"ages": {"from": 18, "to": 64}}));
        plan["dependents"] = json!({"child": {"to_age": 25}});
        let facts = stated(&plan, &known()).expect("stated");
        let child = codes::ages(&KEY, 0, Some(25)).expect("keyed");
        let of = |kind| -> Vec<(i32, i32)> {
            let own = facts
                .iter()
                .filter(|fact| fact.key == child && fact.kind == kind);
            own.map(|fact| (fact.from, fact.to)).collect()
        };
        assert_eq!(of(Kind::OfAge), [(day("2026-01-01"), day("2026-05-16"))]);
        assert_eq!(of(Kind::NotOfAge), [(day("2026-05-17"), day("2027-12-31"))]);
        let adult = codes::ages(&KEY, 18, Some(64)).expect("keyed");
        let own: Vec<_> = facts.iter().filter(|fact| fact.key == adult).collect();
        assert_eq!(
            (own.len(), own[0].from, own[0].to),
            (1, day("2026-01-01"), day("2027-12-31"))
        );
        // Nothing of the day of birth is in the rest.
        let birth = day("2000-05-17");
        assert!(facts
            .iter()
            .all(|fact| fact.from != birth && fact.to != birth));
    }

    #[test]
    fn lapses_and_death_are_stated_whatever_the_plan() {
        let known = json!({"lapses": [{"from": "2026-03-01", "to": "2026-03-31"}], "death_date": "2026-09-01"});
        assert_eq!(
            kinds(&plan_with(json!({})), &known),
            [Kind::Lapse, Kind::Died]
        );
    }

    #[test]
    fn a_discharge_is_by_an_address_or_by_anybody() {
        let plan = plan_with(json!({"readmission_days": 30}));
        let by =
            |provider: Value| json!({"discharges": [{"date": "2026-02-01", "provider": provider}]});
        let key = Pubkey::new_from_array([9; 32]);
        let facts = stated(&plan, &by(json!(key.to_string()))).expect("stated");
        assert_eq!(facts[0].key, [9; 8]);
        assert_eq!(
            stated(&plan, &by(json!(null))).expect("stated")[0].key,
            [0; 8]
        );
        let error = stated(&plan, &by(json!("north"))).expect_err("refused");
        assert_eq!(error.at.as_deref(), Some("discharges[0].provider"));
    }
}
