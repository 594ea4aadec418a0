//! What three documents say beyond a plain claim, in the rulebook's form.
//!
//! The rulebook borrows lists of keys; they are made here first, and lent then.

use galen_rules::adjudication;
use galen_rules::adjudication::details as rules;
use galen_rules::adjudication::{CodeKey, Details, LineResult, ProviderTag};
use galen_rules::date::Window;
use galen_rules::Date;

use crate::claim::{Claim, Line};
use crate::demands::{Dependent, Need, Spanning};
use crate::leaf::{Day, Modifier, Name};
use crate::member::{Authorization, Member};
use crate::plan::{Benefit, Plan};
use crate::problem::Problem;
use crate::quote::Keys;

/// Lists of keys of the three documents.
pub(crate) struct Facts<'a> {
    plan: &'a Plan,
    claim: &'a Claim,
    member: &'a Member,
    of_plan: PlanLists,
    of_member: MemberLists,
    of_claim: ClaimLists,
    /// One for each line.
    lines: Vec<LineLists<'a>>,
}

struct PlanLists {
    payer: Option<CodeKey>,
    dependents: Option<Vec<rules::Dependent>>,
    requirements: Vec<CodeKey>,
    filing_grounds: Vec<rules::FilingGround>,
    information: Vec<rules::Need>,
    attachments: Vec<rules::Need>,
    diagnoses: Option<Vec<rules::Diagnosis>>,
    bundles: Vec<rules::Bundle>,
    distinct: Vec<CodeKey>,
}

struct MemberLists {
    known_as: Vec<CodeKey>,
    dependent: Option<CodeKey>,
    sex: Option<CodeKey>,
    lapses: Vec<Window>,
    requirements_met: Vec<CodeKey>,
    other_payer_first: Vec<Window>,
    pre_existing: Vec<CodeKey>,
    authorizations: Option<Vec<rules::Authorization>>,
    history: Vec<rules::Past>,
    discharges: Vec<rules::Discharge>,
}

struct ClaimLists {
    payer: Option<CodeKey>,
    insured: Option<CodeKey>,
    provider_type: Option<CodeKey>,
    information: Vec<CodeKey>,
    attachments: Vec<CodeKey>,
}

struct LineLists<'a> {
    line: &'a Line,
    place: Option<CodeKey>,
    diagnoses: Vec<CodeKey>,
    modifiers: Vec<CodeKey>,
    information: Vec<CodeKey>,
    attachments: Vec<CodeKey>,
    authorization: Option<CodeKey>,
    benefit: Option<BenefitLists<'a>>,
}

struct BenefitLists<'a> {
    benefit: &'a Benefit,
    information: Vec<rules::Need>,
    attachments: Vec<rules::Need>,
    provider_types: Option<Vec<CodeKey>>,
    places: Option<Vec<CodeKey>>,
    diagnoses: Option<Vec<CodeKey>>,
    sexes: Option<Vec<CodeKey>>,
    modifiers: Option<Vec<CodeKey>>,
    modifiers_required: Vec<CodeKey>,
}

impl<'a> Facts<'a> {
    /// The lists of what these documents say, under the keys of the quote.
    pub fn of(plan: &'a Plan, claim: &'a Claim, member: &'a Member, keys: &mut Keys) -> Self {
        Self {
            of_plan: PlanLists::of(plan, keys),
            of_member: MemberLists::of(member, keys),
            of_claim: ClaimLists {
                payer: claim.payer.as_ref().map(|name| key(keys, name)),
                insured: claim.insured.as_ref().map(|name| key(keys, name)),
                provider_type: claim.provider_type.as_ref().map(|name| key(keys, name)),
                information: list(keys, &claim.information),
                attachments: list(keys, &claim.attachments),
            },
            lines: claim
                .lines
                .iter()
                .map(|line| LineLists::of(plan, claim, line, keys))
                .collect(),
            plan,
            claim,
            member,
        }
    }

    /// Lends them to the rulebook.
    pub fn lend<R>(&self, use_them: impl FnOnce(&Details<'_>) -> R) -> R {
        let benefits: Vec<Option<rules::BenefitDetails<'_>>> = self
            .lines
            .iter()
            .map(|line| line.benefit.as_ref().map(BenefitLists::lend))
            .collect();
        let lines: Vec<rules::LineDetails<'_>> = self
            .lines
            .iter()
            .zip(&benefits)
            .map(|(line, benefit)| line.lend(benefit.as_ref()))
            .collect();
        use_them(&Details {
            plan: &self.of_plan.lend(self.plan),
            member: &self.of_member.lend(self.member),
            claim: &self.of_claim.lend(self.claim),
            lines: &lines,
        })
    }

    /// The member's authorisations after what was let through has used them up.
    ///
    /// # Errors
    /// `number_too_large`.
    pub fn authorizations_after(
        &self,
        lines: &[adjudication::Line],
        results: &[LineResult],
    ) -> Result<Option<Vec<Authorization>>, Problem> {
        let Some(mut after) = self.member.authorizations.clone() else {
            return Ok(None);
        };
        let uses: Vec<(usize, u32)> = self.lend(|details| {
            let live = lines.iter().zip(results).enumerate();
            let live = live.filter(|(_, (_, result))| result.is_live());
            live.filter_map(|(index, (line, _))| {
                Some((details.authorization_used(index, line)?, line.units))
            })
            .collect()
        });
        for (index, units) in uses {
            if let Some(entry) = after.get_mut(index) {
                entry.used = entry.used.checked_add(units).ok_or_else(|| {
                    Problem::new(
                        "number_too_large",
                        format!("authorizations[{index}].used"),
                        "More units are used than Galen counts.",
                    )
                })?;
            }
        }
        Ok(Some(after))
    }
}

fn key(keys: &mut Keys, name: &Name) -> CodeKey {
    keys.code(&name.0)
}

fn list(keys: &mut Keys, names: &[Name]) -> Vec<CodeKey> {
    names.iter().map(|name| key(keys, name)).collect()
}

fn limit(keys: &mut Keys, names: Option<&Vec<Name>>) -> Option<Vec<CodeKey>> {
    names.map(|names| list(keys, names))
}

fn needs(keys: &mut Keys, needs: &[Need]) -> Vec<rules::Need> {
    let need = |need: &Need| rules::Need {
        what: key(keys, &need.name),
        remark: need.remark.0,
    };
    needs.iter().map(need).collect()
}

fn modifiers(keys: &mut Keys, list: &[Modifier]) -> Vec<CodeKey> {
    let key = |modifier: &Modifier| keys.code(&String::from_utf8_lossy(&modifier.0));
    list.iter().map(key).collect()
}

fn is_distinct(list: &[Modifier]) -> bool {
    list.iter()
        .any(|modifier| rules::DISTINCT.contains(&modifier.0))
}

fn window(from: Option<Day>, to: Option<Day>) -> Window {
    Window {
        from: from.map_or(Date::MIN, |day| day.0),
        to: to.map_or(Date::MAX, |day| day.0),
    }
}

impl PlanLists {
    fn of(plan: &Plan, keys: &mut Keys) -> Self {
        Self {
            payer: plan.payer.as_ref().map(|name| key(keys, name)),
            dependents: plan.dependents.as_ref().map(|relations| {
                let dependent = |(relation, terms): (&Name, &Dependent)| rules::Dependent {
                    relation: key(keys, relation),
                    to_age: terms.to_age,
                };
                relations.iter().map(dependent).collect()
            }),
            requirements: list(keys, &plan.requirements),
            filing_grounds: plan
                .filing_exceptions
                .iter()
                .map(|ground| ground.0)
                .collect(),
            information: needs(keys, &plan.information),
            attachments: needs(keys, &plan.attachments),
            diagnoses: plan.diagnoses.as_ref().map(|list| {
                let entries = list.iter().map(|entry| rules::Diagnosis {
                    code: key(keys, &entry.code),
                    effective: window(entry.effective_from, entry.effective_to),
                    covered: entry.covered,
                });
                entries.collect()
            }),
            bundles: plan
                .bundles
                .iter()
                .map(|pair| rules::Bundle {
                    column_one: key(keys, &pair.column_one),
                    column_two: key(keys, &pair.column_two),
                    indicator: pair.indicator.0,
                    reason: pair.reason.0,
                    effective: window(pair.effective_from, pair.effective_to),
                })
                .collect(),
            distinct: modifiers(keys, &rules::DISTINCT.map(Modifier)),
        }
    }

    fn lend(&self, plan: &Plan) -> rules::PlanDetails<'_> {
        rules::PlanDetails {
            payer: self.payer,
            dependents: self.dependents.as_deref(),
            requirements: &self.requirements,
            spanning: match plan.spanning {
                Spanning::Rebill => rules::Spanning::Rebill,
                Spanning::Deny => rules::Spanning::Deny,
            },
            filing_grounds: &self.filing_grounds,
            information: &self.information,
            attachments: &self.attachments,
            diagnoses: self.diagnoses.as_deref(),
            pre_existing_days: plan.pre_existing_days.into(),
            authorization_grace_days: plan.authorization_grace_days.into(),
            bundles: &self.bundles,
            distinct: &self.distinct,
            multiple_procedure: plan.multiple_procedure_bps.0,
        }
    }
}

impl MemberLists {
    fn of(member: &Member, keys: &mut Keys) -> Self {
        let spans = |spans: &[crate::leaf::Span]| -> Vec<Window> {
            spans
                .iter()
                .map(|span| window(span.from, span.to))
                .collect()
        };
        Self {
            known_as: list(keys, &member.known_as),
            dependent: member.dependent.as_ref().map(|name| key(keys, name)),
            sex: member.sex.as_ref().map(|name| key(keys, name)),
            lapses: spans(&member.lapses),
            requirements_met: list(keys, &member.requirements_met),
            other_payer_first: spans(&member.other_payer_first),
            pre_existing: list(keys, &member.pre_existing),
            authorizations: member.authorizations.as_ref().map(|list| {
                let entries = list.iter().map(|entry| authorization(keys, entry));
                entries.collect()
            }),
            history: member
                .history
                .iter()
                .map(|entry| rules::Past {
                    service: keys.past(entry),
                    to: entry.service_to.map(|last| last.0),
                    units: entry.units.into(),
                    distinct: is_distinct(&entry.modifiers),
                })
                .collect(),
            discharges: member
                .discharges
                .iter()
                .map(|entry| rules::Discharge {
                    date: entry.date.0,
                    provider: provider(keys, entry.provider.as_ref()),
                })
                .collect(),
        }
    }

    fn lend(&self, member: &Member) -> rules::MemberDetails<'_> {
        rules::MemberDetails {
            known_as: &self.known_as,
            dependent: self.dependent,
            born: member.birth_date.map(|day| day.0),
            died: member.death_date.map(|day| day.0),
            sex: self.sex,
            lapses: &self.lapses,
            requirements_met: &self.requirements_met,
            other_payer_first: &self.other_payer_first,
            pre_existing: &self.pre_existing,
            authorizations: self.authorizations.as_deref(),
            history: &self.history,
            discharges: &self.discharges,
        }
    }
}

fn provider(keys: &mut Keys, name: Option<&Name>) -> ProviderTag {
    keys.provider(name.map(|name| name.0.as_str()))
}

fn authorization(keys: &mut Keys, entry: &Authorization) -> rules::Authorization {
    rules::Authorization {
        number: key(keys, &entry.number),
        code: entry.code.as_ref().map(|code| key(keys, code)),
        provider: provider(keys, entry.provider.as_ref()),
        window: window(entry.from, entry.to),
        requested: entry.requested.map_or(Date::MIN, |day| day.0),
        units: entry.units,
        used: entry.used,
        refused: entry.refused,
    }
}

impl ClaimLists {
    fn lend(&self, claim: &Claim) -> rules::ClaimDetails<'_> {
        rules::ClaimDetails {
            payer: self.payer,
            insured: self.insured,
            provider_type: self.provider_type,
            provider_eligible: claim.provider_eligible,
            referred: claim.referral.is_some(),
            filing_exception: claim
                .filing_exception
                .map(|exception| rules::FilingException {
                    ground: exception.ground.0,
                    notified: exception.notified.0,
                }),
            information: &self.information,
            attachments: &self.attachments,
        }
    }
}

impl<'a> LineLists<'a> {
    fn of(plan: &'a Plan, claim: &Claim, line: &'a Line, keys: &mut Keys) -> Self {
        let place = line.place.as_ref().or(claim.place.as_ref());
        let benefit = plan.benefits.iter().find(|entry| entry.code == line.code);
        Self {
            line,
            place: place.map(|name| key(keys, name)),
            diagnoses: list(keys, line.diagnoses.as_ref().unwrap_or(&claim.diagnoses)),
            modifiers: modifiers(keys, &line.modifiers),
            information: list(keys, &line.information),
            attachments: list(keys, &line.attachments),
            authorization: line
                .authorization
                .as_deref()
                .map(|number| keys.code(number)),
            benefit: benefit.map(|benefit| BenefitLists::of(benefit, keys)),
        }
    }

    fn lend<'b>(
        &'b self,
        benefit: Option<&'b rules::BenefitDetails<'b>>,
    ) -> rules::LineDetails<'b> {
        rules::LineDetails {
            benefit,
            to: self.line.service_to.map(|day| day.0),
            place: self.place,
            diagnoses: &self.diagnoses,
            modifiers: &self.modifiers,
            of_age: None,
            dependent_of_age: None,
            information: &self.information,
            attachments: &self.attachments,
            authorization: self.authorization,
            review: self.line.review.map(|finding| finding.0),
        }
    }
}

impl<'a> BenefitLists<'a> {
    fn of(benefit: &'a Benefit, keys: &mut Keys) -> Self {
        Self {
            information: needs(keys, &benefit.information),
            attachments: needs(keys, &benefit.attachments),
            provider_types: limit(keys, benefit.provider_types.as_ref()),
            places: limit(keys, benefit.places.as_ref()),
            diagnoses: limit(keys, benefit.diagnoses.as_ref()),
            sexes: limit(keys, benefit.sexes.as_ref()),
            modifiers: benefit
                .modifiers
                .as_deref()
                .map(|list| modifiers(keys, list)),
            modifiers_required: modifiers(keys, &benefit.modifiers_required),
            benefit,
        }
    }

    fn lend(&self) -> rules::BenefitDetails<'_> {
        let benefit = self.benefit;
        rules::BenefitDetails {
            information: &self.information,
            attachments: &self.attachments,
            provider_types: self.provider_types.as_deref(),
            places: self.places.as_deref(),
            diagnoses: self.diagnoses.as_deref(),
            ages: benefit.ages.map(|ages| rules::Ages {
                from: ages.from,
                to: ages.to.unwrap_or(u16::MAX),
            }),
            sexes: self.sexes.as_deref(),
            modifiers: self.modifiers.as_deref(),
            modifiers_required: &self.modifiers_required,
            experimental: benefit.experimental,
            referral_required: benefit.referral,
            units_per_day: benefit.units_per_day.map(|limit| rules::UnitsPerDay {
                most: limit.max.into(),
                indicator: limit.indicator.0,
            }),
            multiple_procedure: benefit.multiple_procedure,
            readmission_days: benefit.readmission_days.map(u32::from),
        }
    }
}
