//! What a plan document demands beyond terms and schedule, as the entries of the version's details.

use claims::constants::MAX_DETAILS;
use claims::state::{DetailEntry, DetailKind};
use galen_documents::demands::{Bundle, Diagnosis, Need};
use galen_documents::{plan, Day, Modifier, Name, Problem};
use galen_rules::adjudication::details::{
    FilingGround, ModifierIndicator, UnitsIndicator, DISTINCT,
};
use galen_rules::date::Window;
use galen_rules::{BasisPoints, Date};

use crate::chain::codes::{self, Vocabulary};
use crate::error::{CliError, Result};
use crate::store::CodeKey;

/// The entries of a document's details, strictly ascending; empty where it demands nothing more. `name` is the document's in
/// messages, `key` the code key of the version's schedule.
///
/// # Errors
/// `not_on_ledger` for what the ledger has no place for, `too_many_details`, `code_key_collision`, with the place.
pub fn details(document: &plan::Plan, key: &CodeKey, name: &str) -> Result<Vec<DetailEntry>> {
    let refuse = |problem| CliError::in_document(name, problem);
    check(document).map_err(refuse)?;
    let mut list = List {
        key,
        entries: Vec::new(),
    };
    list.of_plan(document)?;
    for benefit in &document.benefits {
        list.of_benefit(benefit)?;
    }
    for pair in &document.bundles {
        list.pair(pair)?;
    }
    let count = list.entries.len();
    if u32::try_from(count).map_or(true, |count| count > MAX_DETAILS) {
        return Err(refuse(Problem::new(
            "too_many_details",
            "",
            format!("The plan makes {count} demands and the ledger carries {MAX_DETAILS}; cut lists of diagnoses and pairs down to the plan's codes."),
        )));
    }
    list.ranked().map_err(refuse)
}

/// What the program has nothing to look at for.
fn check(document: &plan::Plan) -> std::result::Result<(), Problem> {
    if document.authorization_grace_days == 0 {
        return Ok(());
    }
    Err(Problem::new(
        "not_on_ledger",
        "authorization_grace_days",
        "When an authorization was requested is not on the ledger, where what is granted stands and nothing else; leave this out to publish the plan. `galen claim quote` understands it.",
    ))
}

struct List<'a> {
    key: &'a CodeKey,
    entries: Vec<DetailEntry>,
}

impl List<'_> {
    fn of_plan(&mut self, document: &plan::Plan) -> Result<()> {
        use DetailKind as Kind;
        const PLAN: [u8; 8] = DetailEntry::NONE;
        let flag = |kind| DetailEntry::new(PLAN, kind, DetailEntry::NONE);
        if let Some(payer) = &document.payer {
            self.name(PLAN, Kind::Payer, Vocabulary::Payer, payer)?;
        }
        if let Some(relations) = &document.dependents {
            self.entries.push(flag(Kind::Dependent));
            for (relation, terms) in relations {
                let object = Vocabulary::Relation.word(self.key, &relation.0)?;
                let entry = DetailEntry::new(PLAN, Kind::Dependent, object);
                self.entries.push(match terms.to_age {
                    None => entry,
                    Some(to) => DetailEntry {
                        more: codes::ages(self.key, 0, Some(to))?,
                        ..entry
                    },
                });
            }
        }
        for requirement in &document.requirements {
            self.name(
                PLAN,
                Kind::Requirement,
                Vocabulary::Requirement,
                requirement,
            )?;
        }
        if document.spanning == galen_documents::demands::Spanning::Deny {
            self.entries.push(flag(Kind::SpanningDenied));
        }
        let grounds = grounds(document);
        if grounds != ALL_GROUNDS {
            self.entries.push(DetailEntry {
                indicator: grounds,
                ..flag(Kind::FilingGrounds)
            });
        }
        self.needs(PLAN, Kind::Information, &document.information)?;
        self.needs(PLAN, Kind::Attachment, &document.attachments)?;
        for diagnosis in document.diagnoses.iter().flatten() {
            self.diagnosis(diagnosis)?;
        }
        if document.pre_existing_days > 0 {
            self.entries
                .push(flag(Kind::PreExisting).with(document.pre_existing_days));
        }
        let rate = document.multiple_procedure_bps.0;
        if rate != BasisPoints::WHOLE {
            self.entries.push(flag(Kind::MultipleRate).with(rate.get()));
        }
        let mut pairs = document.bundles.iter();
        if pairs.any(|pair| pair.indicator.0 == ModifierIndicator::Distinct) {
            for modifier in DISTINCT.map(Modifier) {
                self.modifier(PLAN, Kind::Distinct, modifier)?;
            }
        }
        Ok(())
    }

    fn of_benefit(&mut self, benefit: &plan::Benefit) -> Result<()> {
        use DetailKind as Kind;
        let code = codes::procedure(self.key, &benefit.code)?;
        let flag = |kind| DetailEntry::new(code, kind, DetailEntry::NONE);
        if let Some(remark) = benefit.remark {
            self.entries.push(flag(Kind::Excluded).remarked(remark.0));
        }
        if benefit.effective_from.is_some() || benefit.effective_to.is_some() {
            let days = window(benefit.effective_from, benefit.effective_to);
            self.entries.push(flag(Kind::Effective).on(days));
        }
        self.needs(code, Kind::LineInformation, &benefit.information)?;
        self.needs(code, Kind::LineAttachment, &benefit.attachments)?;
        for (kind, words, names) in [
            (
                Kind::ProviderType,
                Vocabulary::ProviderType,
                &benefit.provider_types,
            ),
            (Kind::Place, Vocabulary::Place, &benefit.places),
            (
                Kind::DiagnosedFor,
                Vocabulary::Diagnosis,
                &benefit.diagnoses,
            ),
            (Kind::Sex, Vocabulary::Sex, &benefit.sexes),
        ] {
            for name in names.iter().flatten() {
                self.name(code, kind, words, name)?;
            }
        }
        if let Some(ages) = benefit.ages {
            let object = codes::ages(self.key, ages.from, ages.to)?;
            self.entries.push(DetailEntry::new(code, Kind::Age, object));
        }
        if let Some(modifiers) = &benefit.modifiers {
            self.entries.push(flag(Kind::Modifier));
            for modifier in modifiers {
                self.modifier(code, Kind::Modifier, *modifier)?;
            }
        }
        for modifier in &benefit.modifiers_required {
            self.modifier(code, Kind::ModifierRequired, *modifier)?;
        }
        if benefit.experimental {
            self.entries.push(flag(Kind::Experimental));
        }
        if benefit.referral {
            self.entries.push(flag(Kind::Referral));
        }
        if let Some(limit) = benefit.units_per_day {
            self.entries.push(DetailEntry {
                indicator: match limit.indicator.0 {
                    UnitsIndicator::Line => 1,
                    UnitsIndicator::Day => 2,
                    UnitsIndicator::Reviewable => 3,
                },
                ..flag(Kind::UnitsPerDay).with(limit.max)
            });
        }
        if benefit.multiple_procedure {
            self.entries.push(flag(Kind::MultipleProcedure));
        }
        if let Some(days) = benefit.readmission_days {
            self.entries.push(flag(Kind::Readmission).with(days));
        }
        Ok(())
    }

    fn pair(&mut self, pair: &Bundle) -> Result<()> {
        let second = codes::procedure(self.key, &pair.column_two.0)?;
        let first = codes::procedure(self.key, &pair.column_one.0)?;
        let days = window(pair.effective_from, pair.effective_to);
        let entry = DetailEntry::new(second, DetailKind::Pair, first).on(days);
        self.entries.push(DetailEntry {
            indicator: match pair.indicator.0 {
                ModifierIndicator::Never => 0,
                ModifierIndicator::Distinct => 1,
                ModifierIndicator::Deleted => 9,
            },
            ..entry.with(pair.reason.0.reason().code())
        });
        Ok(())
    }

    fn diagnosis(&mut self, diagnosis: &Diagnosis) -> Result<()> {
        let object = Vocabulary::Diagnosis.word(self.key, &diagnosis.code.0)?;
        let days = window(diagnosis.effective_from, diagnosis.effective_to);
        let entry = DetailEntry::new(DetailEntry::NONE, DetailKind::Diagnosis, object).on(days);
        self.entries.push(DetailEntry {
            indicator: diagnosis.covered.into(),
            ..entry
        });
        Ok(())
    }

    fn needs(&mut self, subject: [u8; 8], kind: DetailKind, needs: &[Need]) -> Result<()> {
        for (index, need) in needs.iter().enumerate() {
            let object = Vocabulary::Information.word(self.key, &need.name.0)?;
            self.entries.push(DetailEntry {
                // Of so many needs, those at the end are asked for together.
                rank: u8::try_from(index).unwrap_or(u8::MAX),
                ..DetailEntry::new(subject, kind, object).remarked(need.remark.0)
            });
        }
        Ok(())
    }

    fn name(
        &mut self,
        subject: [u8; 8],
        kind: DetailKind,
        words: Vocabulary,
        name: &Name,
    ) -> Result<()> {
        let object = words.word(self.key, &name.0)?;
        self.entries.push(DetailEntry::new(subject, kind, object));
        Ok(())
    }

    fn modifier(&mut self, subject: [u8; 8], kind: DetailKind, modifier: Modifier) -> Result<()> {
        let object = modifier_word(self.key, modifier)?;
        self.entries.push(DetailEntry::new(subject, kind, object));
        Ok(())
    }

    /// The entries in order. What a list names twice stands there once; of windows of one diagnosis or pair, each has a rank.
    fn ranked(mut self) -> std::result::Result<Vec<DetailEntry>, Problem> {
        let by_order = |entry: &DetailEntry| entry.order();
        self.entries.sort_by_key(by_order);
        self.entries.dedup();
        let mut before: Option<DetailEntry> = None;
        for entry in &mut self.entries {
            if let Some(last) = before.filter(|last| last.order() >= entry.order()) {
                entry.rank = last
                    .rank
                    .checked_add(1)
                    .filter(|_| (last.subject, last.kind, last.object) == (entry.subject, entry.kind, entry.object))
                    .ok_or_else(|| {
                        Problem::new(
                            "too_many_details",
                            "",
                            "A diagnosis or a pair has more than 256 windows, or a list more needs than that; merge some.",
                        )
                    })?;
            }
            before = Some(*entry);
        }
        Ok(self.entries)
    }
}

/// What stands for one modifier.
///
/// # Errors
/// Those of [`Vocabulary::word`].
pub fn modifier_word(key: &CodeKey, modifier: Modifier) -> Result<[u8; 8]> {
    Vocabulary::Modifier.word(key, &String::from_utf8_lossy(&modifier.0))
}

const ALL_GROUNDS: u8 = 0b1111;

/// Bit n: the ground n of those of 42 CFR 424.44(b).
fn grounds(document: &plan::Plan) -> u8 {
    let bits = FilingGround::ALL.iter().zip(0_u32..);
    bits.filter(|(ground, _)| {
        let mut taken = document.filing_exceptions.iter();
        taken.any(|one| one.0 == **ground)
    })
    .fold(0, |bits, (_, bit)| bits | 1_u8.wrapping_shl(bit))
}

fn window(from: Option<Day>, to: Option<Day>) -> Window {
    Window {
        from: from.map_or(Date::MIN, |day| day.0),
        to: to.map_or(Date::MAX, |day| day.0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::*;

    const KEY: CodeKey = CodeKey([7; 32]);

    fn details_of(document: &Value) -> Result<Vec<DetailEntry>> {
        let document = plan::read(document).expect("a plan");
        details(&document, &KEY, "plan.json")
    }

    #[test]
    fn a_plan_that_asks_for_nothing_has_none() {
        let document = json!({"benefits": [{"code": "A", "allowed": 1}]});
        assert!(details_of(&document).expect("none").is_empty());
    }

    #[test]
    fn every_demand_has_its_entries_which_ascend_and_are_valid() {
        let document = json!({
            "payer": "us", "dependents": {"child": {"to_age": 25}, "spouse": {}}, "requirements": ["resident", "resident"],
            "spanning": "deny", "filing_exceptions": ["administrative_error"],
            "information": [{"name": "b", "remark": "N1"}, {"name": "a", "remark": "N2"}],
            "attachments": [{"name": "report", "remark": "N3"}],
            "diagnoses": [
                {"code": "J06.9", "effective_to": "2025-12-31"}, {"code": "J06.9", "effective_from": "2026-01-01", "covered": false}
            ],
            "pre_existing_days": 90, "multiple_procedure_bps": 5000,
            "bundles": [{"column_one": "A", "column_two": "B", "indicator": 1}],
            "benefits": [
                {"code": "A", "allowed": 1, "covered": false, "remark": "N130", "effective_from": "2026-01-01",
                 "information": [{"name": "x", "remark": "N4"}], "attachments": [{"name": "y", "remark": "N5"}],
                 "provider_types": ["gp"], "places": ["11"], "diagnoses": ["J06.9"], "ages": {"from": 18}, "sexes": ["F"],
                 "modifiers": ["LT"], "modifiers_required": ["RT"], "experimental": true, "referral": true,
                 "units_per_day": {"max": 2, "indicator": 2}, "multiple_procedure": true, "readmission_days": 30},
                {"code": "B", "allowed": 2}
            ]
        });
        let entries = details_of(&document).expect("compiled");
        assert!(entries.iter().all(DetailEntry::is_valid), "{entries:?}");
        assert!(entries
            .iter()
            .zip(entries.iter().skip(1))
            .all(|(one, next)| one.order() < next.order()));
        let kinds: std::collections::BTreeSet<u8> =
            entries.iter().map(|entry| entry.kind).collect();
        let all: Vec<u8> = (1..=11).chain(64..=80).collect();
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
        let ranks = |kind: DetailKind| -> Vec<u8> {
            let of_kind = entries.iter().filter(|entry| entry.kind == kind as u8);
            let mut ranks: Vec<u8> = of_kind.map(|entry| entry.rank).collect();
            ranks.sort_unstable();
            ranks
        };
        assert_eq!(ranks(DetailKind::Diagnosis), [0, 1]);
        assert_eq!(ranks(DetailKind::Information), [0, 1]);
        assert_eq!(ranks(DetailKind::Requirement), [0]);
        assert_eq!(ranks(DetailKind::Distinct).len(), 44);
    }

    #[test]
    fn what_the_program_has_nothing_to_look_at_for_is_refused() {
        let document =
            json!({"authorization_grace_days": 3, "benefits": [{"code": "A", "allowed": 1}]});
        let error = details_of(&document).expect_err("refused");
        assert_eq!(error.code, "not_on_ledger");
        assert_eq!(error.at.as_deref(), Some("authorization_grace_days"));
    }
}
