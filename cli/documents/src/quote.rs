//! What a claim will pay: the rulebook that the program runs, on documents.

use std::collections::BTreeMap;

use galen_rules::adjudication::{
    self as rules, Accumulators, CodeKey, CostShareUsed, LineResult, Modifiers, Network,
    ProviderTag, Service,
};
use galen_rules::date::Window;
use galen_rules::Date;
use serde::Serialize;

use crate::claim::{Claim, Line, Part};
use crate::details::Facts;
use crate::leaf::{Day, Modifier, Money, RemarkCode};
use crate::member::{Authorization, HistoryLine, Member, OutOfNetworkUsed, Used};
use crate::plan::{
    Benefit, Category, CategoryPeriod, Coordination, CostShareOrder, Deductible, OutOfNetwork,
    OutOfPocketMax, Plan,
};
use crate::problem::Problem;

/// How a claim would be adjudicated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// `complete`, `partial` or `denied`.
    pub outcome: &'static str,
    /// In the document's order.
    pub lines: Vec<QuotedLine>,
    /// Sums over the lines.
    pub totals: Totals,
    /// The member's accumulators after this claim, as they go into the next quote.
    pub member: Member,
}

/// One line: charge = paid + Σ adjustments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuotedLine {
    /// Counted from 1.
    pub line: usize,
    /// The procedure's code.
    pub code: String,
    /// What was billed.
    pub charge: Money,
    /// What the plan allows; 0 where the line is denied.
    pub allowed: Money,
    /// Where the rest went.
    pub adjustments: Vec<Adjustment>,
    /// What the plan pays.
    pub paid: Money,
    /// What the patient owes: Σ PR.
    pub patient: Money,
    /// Whether another claim has a line of the same provider and day: someone looks before this one is paid.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspect: bool,
    /// Whether another payer comes first and is said to have paid nothing of it: someone looks before this one is paid.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prior_unpaid: bool,
    /// Whether it was filed late and is excused on a ground that the claim gives: someone looks before this one is paid.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late_excused: bool,
    /// Whether it is denied for nothing but what must come with it and did not: on the ledger the claim waits for that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attachment_missing: bool,
}

/// A part of the charge that is not paid, with its group and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// CO, PR, OA or PI.
    pub group: &'static str,
    /// CARC.
    pub reason: u16,
    /// In cents.
    pub amount: Money,
    /// RARC, where the reason alone says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<RemarkCode>,
}

/// Sums over a claim's lines: charge = paid + patient + write_off + other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Σ charge.
    pub charge: Money,
    /// Σ allowed.
    pub allowed: Money,
    /// Σ paid.
    pub paid: Money,
    /// Σ PR.
    pub patient: Money,
    /// Σ CO.
    pub write_off: Money,
    /// Σ OA and PI.
    pub other: Money,
}

/// Adjudicates a claim of a member under a plan.
///
/// # Errors
/// `spans_benefit_periods`, `money_too_large`, and what the readers have refused before, with the place in the claim;
/// `too_many_categories` and `number_too_large` with the place in the member.
pub fn quote(plan: &Plan, claim: &Claim, member: &Member) -> Result<Quote, Problem> {
    check_family(plan, member)?;
    let terms = Terms::of(plan, member.category_used.keys().map(String::as_str))?;
    let mut keys = Keys::default();
    let lines: Vec<rules::Line> = claim
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| terms.line(claim, index, line, &mut keys))
        .collect();
    let history: Vec<Service> = member
        .history
        .iter()
        .map(|entry| keys.past(entry))
        .collect();
    let facts = Facts::of(plan, claim, member, &mut keys);
    let mut accumulators = terms.accumulators(member);
    let mut results = vec![LineResult::default(); lines.len()];
    let totals = facts
        .lend(|details| {
            let adjudicated = rules::Claim {
                submitted: claim.filed().0,
                network: if claim.in_network {
                    Network::In
                } else {
                    Network::Out
                },
                lines: &lines,
            };
            rules::adjudicate_with(
                details,
                &terms.plan(),
                &adjudicated,
                coverage(member),
                history,
                &mut accumulators,
                &mut results,
            )
        })
        .map_err(|error| place(error, claim))?;
    let authorizations = facts.authorizations_after(&lines, &results)?;
    Ok(Quote {
        outcome: totals.outcome.as_str(),
        lines: claim
            .lines
            .iter()
            .zip(&results)
            .enumerate()
            .map(|(index, (line, result))| quoted(index, line, result))
            .collect(),
        totals: Totals {
            charge: Money(totals.charge),
            allowed: Money(totals.allowed),
            paid: Money(totals.paid),
            patient: Money(totals.patient),
            write_off: Money(totals.write_off),
            other: Money(totals.other),
        },
        member: terms.member_after(member, claim, &accumulators, &results, authorizations),
    })
}

/// What a member has used counts towards its family too: where the plan has both figures, the member's cannot be the larger.
/// Where it has no figure of the family, or nothing is said of that, there is nothing to compare.
fn check_family(plan: &Plan, member: &Member) -> Result<(), Problem> {
    let of = |deductible: Deductible, maximum: OutOfPocketMax| {
        [
            deductible.individual.is_some() && deductible.family.is_some(),
            maximum.individual.is_some() && maximum.family.is_some(),
        ]
    };
    let inside = of(plan.deductible, plan.out_of_pocket_max);
    let outside = match &plan.out_of_network {
        OutOfNetwork::Deny => [false; 2],
        OutOfNetwork::Terms(terms) => of(terms.deductible, terms.out_of_pocket_max),
    };
    let other = &member.out_of_network;
    for (network, [has_deductible, has_maximum], deductible, maximum) in [
        (
            "",
            inside,
            member.deductible_used,
            member.out_of_pocket_used,
        ),
        (
            "out_of_network.",
            outside,
            other.deductible_used,
            other.out_of_pocket_used,
        ),
    ] {
        for (name, applies, used) in [
            ("deductible_used", has_deductible, deductible),
            ("out_of_pocket_used", has_maximum, maximum),
        ] {
            if applies && used.family_is_stated() && used.individual > used.family {
                let message = format!(
                    "The member has used {} and its family, the member included, {} (in cents).",
                    used.individual.0.get(),
                    used.family.0.get()
                );
                return Err(Problem::new(
                    "sum_mismatch",
                    format!("{network}{name}.individual"),
                    message,
                ));
            }
        }
    }
    Ok(())
}

/// A plan in the rulebook's form. Categories become indices, by name in alphabetical order.
#[derive(Debug)]
pub struct Terms<'a> {
    document: &'a Plan,
    names: Vec<&'a str>,
    tiers: Vec<rules::Tier>,
    categories: Vec<rules::CategoryMaximum>,
    benefits: BTreeMap<&'a str, rules::Benefit>,
}

impl<'a> Terms<'a> {
    /// The terms of a plan that [`crate::plan::read`] has accepted, with room for further categories that a member used.
    ///
    /// # Errors
    /// `too_many_categories`.
    pub fn of(document: &'a Plan, used: impl Iterator<Item = &'a str>) -> Result<Self, Problem> {
        let mut names = document.category_names();
        names.extend(used);
        let names: Vec<&str> = names.into_iter().collect();
        if names.len() > rules::MAX_CATEGORIES {
            let message = format!(
                "Plan and member name {} categories and a plan takes {}.",
                names.len(),
                rules::MAX_CATEGORIES
            );
            return Err(Problem::new(
                "too_many_categories",
                "category_used",
                message,
            ));
        }
        let tiers = document.tiers.iter().flatten().map(|tier| rules::Tier {
            up_to: tier.up_to.map(|money| money.0),
            coinsurance: tier.coinsurance_bps.0,
        });
        let categories = names
            .iter()
            .map(|name| maximum(document.categories.get(*name)));
        let benefits = document
            .benefits
            .iter()
            .map(|benefit| (benefit.code.as_str(), entry(&names, benefit)));
        Ok(Self {
            document,
            tiers: tiers.collect(),
            categories: categories.collect(),
            benefits: benefits.collect(),
            names: names.clone(),
        })
    }

    /// The plan itself, borrowed from these terms.
    pub fn plan(&self) -> rules::Plan<'_> {
        let document = self.document;
        rules::Plan {
            cost_share_order: match document.cost_share_order {
                CostShareOrder::DeductibleFirst => rules::CostShareOrder::DeductibleFirst,
                CostShareOrder::CopayFirst => rules::CostShareOrder::CopayFirst,
            },
            in_network: rules::Terms {
                coinsurance: document.coinsurance_bps.0,
                deductible: document.deductible.into(),
                out_of_pocket: document.out_of_pocket_max.into(),
            },
            out_of_network: match &document.out_of_network {
                OutOfNetwork::Deny => rules::OutOfNetwork::Deny,
                OutOfNetwork::Terms(terms) => rules::OutOfNetwork::Terms(rules::Terms {
                    coinsurance: terms.coinsurance_bps.0,
                    deductible: terms.deductible.into(),
                    out_of_pocket: terms.out_of_pocket_max.into(),
                }),
            },
            copay: document.copay.0,
            tiers: &self.tiers,
            recognised: document.recognised_bps.0,
            annual_maximum: document.annual_max.map(|money| money.0),
            lifetime_maximum: document.lifetime_max.map(|money| money.0),
            categories: &self.categories,
            filing_limit_days: document.filing_limit_days.into(),
            waiting_days: document.waiting_days.into(),
            coordination: match document.coordination {
                Coordination::Standard => rules::Coordination::Standard,
                Coordination::CarveOut => rules::Coordination::CarveOut,
                Coordination::MaintenanceOfBenefits => rules::Coordination::MaintenanceOfBenefits,
                Coordination::MedicareSecondary => rules::Coordination::MedicareSecondary,
            },
        }
    }

    /// The schedule's entry for a code.
    pub fn benefit(&self, code: &str) -> Option<&rules::Benefit> {
        self.benefits.get(code)
    }

    fn line(&self, claim: &Claim, index: usize, line: &Line, keys: &mut Keys) -> rules::Line {
        rules::Line {
            number: u16::try_from(index.saturating_add(1)).unwrap_or(u16::MAX),
            service: keys.service(
                &line.code,
                claim.date_of(line),
                claim.provider.as_deref(),
                &line.modifiers,
                line.sequence,
            ),
            benefit: self.benefit(&line.code).copied(),
            units: line.units.into(),
            charge: line.charge.0,
            authorized: line
                .authorization
                .as_deref()
                .is_some_and(|number| !number.trim().is_empty()),
            balance_billing_prohibited: line.balance_billing_prohibited,
            other_payer: line.other_payer.map(|other| rules::OtherPayer {
                allowed: other.allowed.0,
                paid: other.paid.0,
                obligated: other.obligated().0,
            }),
        }
    }

    fn accumulators(&self, member: &Member) -> Accumulators {
        let mut accumulators = Accumulators {
            in_network: cost_share(member.deductible_used, member.out_of_pocket_used),
            out_of_network: cost_share(
                member.out_of_network.deductible_used,
                member.out_of_network.out_of_pocket_used,
            ),
            tier: member.tier_used.0,
            annual: member.annual_used.0,
            lifetime: member.lifetime_used.0,
            ..Accumulators::default()
        };
        for (name, category) in self.names.iter().zip(&mut accumulators.category) {
            *category = member
                .category_used
                .get(*name)
                .copied()
                .unwrap_or_default()
                .0;
        }
        accumulators
    }

    fn member_after(
        &self,
        before: &Member,
        claim: &Claim,
        after: &Accumulators,
        results: &[LineResult],
        authorizations: Option<Vec<Authorization>>,
    ) -> Member {
        let mut history = before.history.clone();
        let live = claim
            .lines
            .iter()
            .zip(results)
            .filter(|(_, result)| result.is_live());
        history.extend(live.map(|(line, _)| HistoryLine {
            code: line.code.clone(),
            service_date: claim.date_of(line),
            service_to: claim.last_of(line).map(Day),
            provider: claim.provider.clone(),
            modifiers: line.modifiers.clone(),
            sequence: line.sequence,
            units: if self.counts_units(&line.code) {
                line.units
            } else {
                1
            },
        }));
        let category_used = self
            .names
            .iter()
            .zip(after.category)
            .filter(|(name, used)| {
                before.category_used.contains_key(**name)
                    || (self.document.categories.contains_key(**name) && !used.is_zero())
            });
        Member {
            deductible_used: used(&after.in_network.deductible),
            out_of_pocket_used: used(&after.in_network.out_of_pocket),
            annual_used: Money(after.annual),
            lifetime_used: Money(after.lifetime),
            tier_used: Money(after.tier),
            category_used: category_used
                .map(|(name, used)| ((*name).to_owned(), Money(used)))
                .collect(),
            out_of_network: OutOfNetworkUsed {
                deductible_used: used(&after.out_of_network.deductible),
                out_of_pocket_used: used(&after.out_of_network.out_of_pocket),
            },
            history,
            authorizations,
            // Who the member is, no claim changes.
            ..before.clone()
        }
    }

    /// Whether the units of a code matter beyond its line.
    fn counts_units(&self, code: &str) -> bool {
        let mut benefits = self.document.benefits.iter();
        benefits.any(|benefit| benefit.code == code && benefit.units_per_day.is_some())
    }
}

/// Codes and providers as the rulebook compares them. Natively any one-to-one key will do: their numbers in order of
/// appearance, from 1, because a provider of zeros is an unknown one.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, u64>);

impl Keys {
    fn number(&mut self, text: &str) -> [u8; 8] {
        let next = u64::try_from(self.0.len())
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        self.0.entry(text.to_owned()).or_insert(next).to_be_bytes()
    }

    pub(crate) fn code(&mut self, text: &str) -> CodeKey {
        CodeKey(self.number(text))
    }

    pub(crate) fn provider(&mut self, name: Option<&str>) -> ProviderTag {
        name.map_or(ProviderTag::UNKNOWN, |name| ProviderTag(self.number(name)))
    }

    pub(crate) fn past(&mut self, entry: &HistoryLine) -> Service {
        self.service(
            &entry.code,
            entry.service_date,
            entry.provider.as_deref(),
            &entry.modifiers,
            entry.sequence,
        )
    }

    fn service(
        &mut self,
        code: &str,
        date: Day,
        provider: Option<&str>,
        modifiers: &[Modifier],
        sequence: u8,
    ) -> Service {
        let mut list = [[0; 2]; crate::claim::MAX_MODIFIERS];
        for (place, modifier) in list.iter_mut().zip(modifiers) {
            *place = modifier.0;
        }
        Service {
            date: date.0,
            code: self.code(code),
            provider: self.provider(provider),
            modifiers: Modifiers::new(list),
            sequence,
        }
    }
}

/// A category that the plan does not list has no maximum: it only groups copays.
fn maximum(category: Option<&Category>) -> rules::CategoryMaximum {
    rules::CategoryMaximum {
        maximum: category
            .and_then(|category| category.max)
            .map(|money| money.0),
        period: match category.map(|category| category.period) {
            Some(CategoryPeriod::Lifetime) => rules::MaximumPeriod::Lifetime,
            _ => rules::MaximumPeriod::Year,
        },
    }
}

fn entry(names: &[&str], benefit: &Benefit) -> rules::Benefit {
    let category = benefit
        .category
        .as_deref()
        .and_then(|category| names.iter().position(|name| *name == category));
    rules::Benefit {
        fee: benefit.allowed.0,
        covered: match (benefit.covered, benefit.remark) {
            (true, _) => rules::Covered::Yes,
            (false, Some(remark)) => rules::Covered::Excluded(remark.0),
            (false, None) => rules::Covered::NotInPlan,
        },
        effective: Window {
            from: benefit.effective_from.map_or(Date::MIN, |day| day.0),
            to: benefit.effective_to.map_or(Date::MAX, |day| day.0),
        },
        category: category.and_then(|index| u8::try_from(index).ok()),
        deductible_applies: benefit.deductible_applies,
        copay: benefit.copay.map(|money| money.0),
        coinsurance: benefit.coinsurance_bps.map(|rate| rate.0),
        authorization_required: benefit.authorization,
        frequency_days: benefit.frequency_days.map(u32::from),
        max_units: benefit.max_units.map(u32::from),
        waiting_days: benefit.waiting_days.map(u32::from),
    }
}

fn coverage(member: &Member) -> Window {
    Window {
        from: member.covered_from.map_or(Date::MIN, |day| day.0),
        to: member.covered_to.map_or(Date::MAX, |day| day.0),
    }
}

fn cost_share(deductible: Used, out_of_pocket: Used) -> CostShareUsed {
    let used = |used: Used| rules::Used {
        individual: used.individual.0,
        family: used.family().0,
    };
    CostShareUsed {
        deductible: used(deductible),
        out_of_pocket: used(out_of_pocket),
    }
}

fn used(used: &rules::Used) -> Used {
    Used {
        individual: Money(used.individual),
        family: Money(used.family),
    }
}

fn quoted(index: usize, line: &Line, result: &LineResult) -> QuotedLine {
    let remark = |reason| {
        result
            .denial
            .filter(|denial| denial.reason == reason)
            .and_then(|denial| denial.remark)
            .map(RemarkCode)
    };
    let list = result.adjustments.list();
    let adjustments = list.iter().map(|adjustment| Adjustment {
        group: adjustment.group.as_str(),
        reason: adjustment.reason.code(),
        amount: Money(adjustment.amount),
        remark: remark(adjustment.reason),
    });
    QuotedLine {
        line: index.saturating_add(1),
        code: line.code.clone(),
        charge: line.charge,
        allowed: Money(result.allowed),
        adjustments: adjustments.collect(),
        paid: Money(result.paid),
        patient: Money(result.patient()),
        suspect: result.suspect,
        prior_unpaid: result.prior_unpaid,
        late_excused: result.late_excused,
        attachment_missing: result.attachment_missing,
    }
}

/// The rulebook's refusal, at the place that the document has for it.
fn place(error: rules::Error, claim: &Claim) -> Problem {
    let (code, part) = match error {
        rules::Error::NoLines => ("no_lines", Part::Whole),
        rules::Error::SpansTwoPeriods(_) => ("spans_benefit_periods", Part::Date),
        rules::Error::NoUnits(_) => ("no_units", Part::Units),
        rules::Error::OtherPayer(_) => ("sum_mismatch", Part::OtherPayer),
        rules::Error::TooLarge(_) => ("money_too_large", Part::Charge),
        rules::Error::Tiers(_) => ("tiers_not_ascending", Part::Whole),
        rules::Error::SameNumber(_)
        | rules::Error::ResultsDoNotMatchLines
        | rules::Error::Unbalanced(_) => ("defect", Part::Whole),
    };
    let at = error.line().map_or_else(String::new, |number| {
        claim.at(usize::from(number).saturating_sub(1), part)
    });
    Problem::new(
        code,
        at,
        format!("The claim cannot be adjudicated: {error}."),
    )
}

impl From<Deductible> for rules::Limit {
    fn from(deductible: Deductible) -> Self {
        Self {
            individual: deductible.individual.map(|money| money.0),
            family: deductible.family.map(|money| money.0),
        }
    }
}

impl From<OutOfPocketMax> for rules::Limit {
    fn from(limit: OutOfPocketMax) -> Self {
        Self {
            individual: limit.individual.map(|money| money.0),
            family: limit.family.map(|money| money.0),
        }
    }
}
