//! A plan document as the claims program has it: terms, a schedule sorted by keyed identifiers, and what it demands beyond them.
//!
//! What the document says and the ledger cannot carry is refused with its place, never left out.

use claims::constants::{MAX_BENEFITS, MAX_CATEGORIES, MAX_FREQUENCY_DAYS, MAX_TIERS};
use claims::state::{
    BenefitEntry, CategoryMaximum, Confirmation, CoordinationRule, CostShareOrder, DetailEntry,
    Limits, OutOfNetworkRule, PlanChecks, PlanClocks, PlanTerms, Tier,
};
use galen_documents::{plan, Money, Problem};
use solana_pubkey::Pubkey;

use super::categories::Categories;
use super::demands;
use crate::chain::codes;
use crate::error::{CliError, Result};
use crate::store::CodeKey;

/// A plan document, ready for the ledger.
#[derive(Debug)]
pub struct Compiled {
    /// The terms of the version.
    pub terms: PlanTerms,
    /// How long each party has.
    pub clocks: PlanClocks,
    /// What is checked of claims before they are paid.
    pub checks: PlanChecks,
    /// The entries of the schedule, strictly ascending by code key.
    pub entries: Vec<BenefitEntry>,
    /// What is demanded beyond that, ascending; empty where nothing is.
    pub details: Vec<DetailEntry>,
}

/// What a later version of a plan takes over from the versions before.
pub struct Earlier {
    /// The key of the names of categories: that of the first version.
    pub key: CodeKey,
    /// The categories of the version before.
    pub categories: Vec<CategoryMaximum>,
}

/// Translates a document; `name` is its name in messages, `key` the code key of the schedule to be, `earlier` what the plan has had
/// so far, for its second version and later ones.
///
/// # Errors
/// `not_on_ledger` for what the ledger cannot carry, `too_many_details`, `too_many_categories`, `too_many_tiers`, `too_many_benefits`,
/// `number_too_large`, `invalid_value`, `code_key_collision`, with the place.
pub fn compile(
    document: &plan::Plan,
    key: &CodeKey,
    earlier: Option<&Earlier>,
    name: &str,
) -> Result<Compiled> {
    let refuse = |problem| CliError::in_document(name, problem);
    check_counts(document).map_err(refuse)?;
    let categories = match earlier {
        None => Categories::of(document, key, &[], name)?,
        Some(earlier) => Categories::of(document, &earlier.key, &earlier.categories, name)?,
    };
    let terms = PlanTerms {
        currency: document.currency.0.as_bytes().try_into().map_err(|_| {
            refuse(Problem::new(
                "invalid_value",
                "currency",
                "A currency code has three letters.",
            ))
        })?,
        cost_share_order: match document.cost_share_order {
            plan::CostShareOrder::DeductibleFirst => CostShareOrder::DeductibleFirst,
            plan::CostShareOrder::CopayFirst => CostShareOrder::CopayFirst,
        },
        deductible: limits(document.deductible.individual, document.deductible.family),
        copay: document.copay.0.get(),
        coinsurance_bps: document.coinsurance_bps.0.get(),
        recognised_bps: document.recognised_bps.0.get(),
        out_of_pocket_max: limits(
            document.out_of_pocket_max.individual,
            document.out_of_pocket_max.family,
        ),
        annual_max: cents(document.annual_max),
        lifetime_max: cents(document.lifetime_max),
        filing_limit_days: document.filing_limit_days,
        waiting_days: document.waiting_days,
        coordination: match document.coordination {
            plan::Coordination::Standard => CoordinationRule::Standard,
            plan::Coordination::CarveOut => CoordinationRule::CarveOut,
            plan::Coordination::MaintenanceOfBenefits => CoordinationRule::MaintenanceOfBenefits,
            plan::Coordination::MedicareSecondary => CoordinationRule::MedicareSecondary,
        },
        out_of_network: match &document.out_of_network {
            plan::OutOfNetwork::Deny => None,
            plan::OutOfNetwork::Terms(outside) => Some(OutOfNetworkRule {
                coinsurance_bps: outside.coinsurance_bps.0.get(),
                deductible: limits(outside.deductible.individual, outside.deductible.family),
                out_of_pocket_max: limits(
                    outside.out_of_pocket_max.individual,
                    outside.out_of_pocket_max.family,
                ),
            }),
        },
        tiers: document
            .tiers
            .iter()
            .flatten()
            .map(|tier| Tier {
                up_to: cents(tier.up_to),
                coinsurance_bps: tier.coinsurance_bps.0.get(),
            })
            .collect(),
        categories: categories.maxima(document),
    };
    // The program's own checks, before anything is uploaded.
    claims::convert::check_terms(&terms).map_err(|error| {
        refuse(Problem::new(
            "invalid_value",
            "",
            format!("The claims program would refuse the terms: {error}."),
        ))
    })?;
    let clocks = clocks(&document.clocks);
    clocks.check(terms.filing_limit_days).map_err(|error| {
        refuse(Problem::new(
            "invalid_value",
            "clocks",
            format!("The claims program would refuse the clocks: {error}."),
        ))
    })?;
    let checks = checks(&document.checks).map_err(refuse)?;
    checks
        .check(&clocks, terms.filing_limit_days)
        .map_err(|error| {
            refuse(Problem::new(
                "invalid_value",
                "checks",
                format!("The claims program would refuse the checks: {error}."),
            ))
        })?;
    check_packs(document, &checks).map_err(refuse)?;
    Ok(Compiled {
        terms,
        clocks,
        checks,
        entries: entries(document, key, &categories, name)?,
        details: demands::details(document, key, name)?,
    })
}

/// A medicine that is paid with its pack is paid at once or not at all, so nothing may let each claim wait.
fn check_packs(document: &plan::Plan, checks: &PlanChecks) -> std::result::Result<(), Problem> {
    let waits = checks.takes_part() || checks.sampling_bps != 0;
    match document.benefits.iter().position(|benefit| benefit.pack) {
        Some(index) if waits => Err(Problem::new(
            "pack_cannot_wait",
            format!("benefits[{index}].pack"),
            "A claim that is paid with its pack is paid at once: under a plan that draws claims for review, or takes part in the registry of duplicates, it never would be. Leave out `pack`, or those checks.",
        )),
        _ => Ok(()),
    }
}

fn checks(checks: &plan::Checks) -> std::result::Result<PlanChecks, Problem> {
    Ok(PlanChecks {
        confirmation: match checks.confirmation {
            plan::Confirmation::Off => Confirmation::Off,
            plan::Confirmation::Required => Confirmation::Required,
            plan::Confirmation::Sampled => Confirmation::Sampled,
        },
        confirmation_days: checks.confirmation_days,
        sampling_bps: checks.sampling_bps.0.get(),
        reveal_days: checks.reveal_days,
        reviewer: key_or_none(
            checks.reviewer.as_deref(),
            "checks.reviewer",
            "This is not the address of an organization.",
        )?,
        review_days: checks.review_days,
        review_decision_days: checks.review_decision_days,
        entry_days: checks.entry_days,
        blinder: key_or_none(
            checks.blinder.as_deref(),
            "checks.blinder",
            "This is not the public key of a blinding service, as `galen duplicates create-key` prints it.",
        )?,
    })
}

fn key_or_none(
    text: Option<&str>,
    at: &str,
    refusal: &str,
) -> std::result::Result<Pubkey, Problem> {
    match text {
        None => Ok(Pubkey::default()),
        Some(text) => text
            .parse()
            .map_err(|_| Problem::new("invalid_value", at, refusal)),
    }
}

fn clocks(clocks: &plan::Clocks) -> PlanClocks {
    PlanClocks {
        prompt_pay_days: clocks.prompt_pay_days,
        interest_rate: clocks.interest_rate,
        decision_days: clocks.decision_days,
        appeal_levels: clocks.appeal_levels,
        appeal_days: clocks.appeal_days,
        appeal_decision_days: clocks.appeal_decision_days,
        archive_days: clocks.archive_days,
    }
}

fn check_counts(document: &plan::Plan) -> std::result::Result<(), Problem> {
    let limits = [
        (
            "too_many_tiers",
            "tiers",
            document.tiers.as_ref().map_or(0, Vec::len),
            usize::from(MAX_TIERS),
        ),
        (
            "too_many_benefits",
            "benefits",
            document.benefits.len(),
            usize::try_from(MAX_BENEFITS).unwrap_or(usize::MAX),
        ),
    ];
    match limits.into_iter().find(|(_, _, count, most)| count > most) {
        Some((code, at, count, most)) => Err(Problem::new(code, at, format!("The plan has {count} and the ledger carries {most}; merge some, or split the plan."))),
        None => Ok(()),
    }
}

fn cents(money: Option<Money>) -> Option<u64> {
    money.map(|money| money.0.get())
}

fn limits(individual: Option<Money>, family: Option<Money>) -> Limits {
    Limits {
        individual: cents(individual),
        family: cents(family),
    }
}

fn entries(
    document: &plan::Plan,
    key: &CodeKey,
    categories: &Categories,
    name: &str,
) -> Result<Vec<BenefitEntry>> {
    let mut entries = Vec::with_capacity(document.benefits.len());
    for (index, benefit) in document.benefits.iter().enumerate() {
        let number = benefit
            .category
            .as_ref()
            .and_then(|category| categories.place(category));
        let entry =
            entry(benefit, codes::procedure(key, &benefit.code)?, number).map_err(|problem| {
                CliError::in_document(name, problem.within(&format!("benefits[{index}]")))
            })?;
        entries.push((entry, index));
    }
    entries.sort_by_key(|(entry, _)| entry.order());
    let collision = entries
        .iter()
        .zip(entries.iter().skip(1))
        .find(|((one, _), (next, _))| one.order() == next.order());
    if let Some(((_, one), (_, next))) = collision {
        // One in 10^11 for 10,000 codes. It can come with a code that a later version adds, too.
        let problem = Problem::new("code_key_collision", format!("benefits[{next}].code"), format!("Under this schedule's code key the code has the same identifier as benefits[{one}]; draw another with --new-code-key, or for a plan's first version by another --schedule number."));
        return Err(CliError::in_document(name, problem));
    }
    Ok(entries.into_iter().map(|(entry, _)| entry).collect())
}

fn entry(
    benefit: &plan::Benefit,
    code_key: [u8; 8],
    category: Option<usize>,
) -> std::result::Result<BenefitEntry, Problem> {
    let too_large = |field: &str, most: u64| {
        Problem::new(
            "number_too_large",
            field,
            format!("The ledger carries at most {most} here."),
        )
    };
    let own_copay = |copay: Money| match u32::try_from(copay.0.get()) {
        Ok(cents) if cents != BenefitEntry::INHERIT_COPAY => Ok(cents),
        _ => Err(too_large(
            "copay",
            u64::from(BenefitEntry::INHERIT_COPAY).saturating_sub(1),
        )),
    };
    let own_waiting = |days: u16| match days {
        BenefitEntry::INHERIT => Err(too_large(
            "waiting_days",
            u64::from(BenefitEntry::INHERIT).saturating_sub(1),
        )),
        days => Ok(days),
    };
    if benefit.pack && codes::gtin(&benefit.code).is_none() {
        return Err(Problem::new(
            "invalid_value",
            "code",
            "A medicine that is paid with its pack (`pack: true`) has the pack's GTIN for a code: 14 digits, the last of which is their check digit.",
        ));
    }
    if benefit.max_units == Some(0) {
        return Err(Problem::new(
            "invalid_value",
            "max_units",
            "No unit at all is what `covered: false` says; 0 would mean no limit on the ledger.",
        ));
    }
    let flags = [
        (benefit.covered, BenefitEntry::COVERED),
        (
            benefit.deductible_applies == Some(true),
            BenefitEntry::DEDUCTIBLE_APPLIES,
        ),
        (
            benefit.deductible_applies == Some(false),
            BenefitEntry::DEDUCTIBLE_WAIVED,
        ),
        (benefit.authorization, BenefitEntry::AUTHORIZATION),
        (benefit.pack, BenefitEntry::WITH_PACK),
    ];
    let number = match category {
        Some(index) => u8::try_from(index)
            .ok()
            .and_then(|index| index.checked_add(1))
            .ok_or_else(|| too_large("category", MAX_CATEGORIES.into()))?,
        None => 0,
    };
    Ok(BenefitEntry {
        code_key,
        allowed: benefit.allowed.0.get(),
        copay: benefit
            .copay
            .map_or(Ok(BenefitEntry::INHERIT_COPAY), own_copay)?,
        coinsurance_bps: benefit
            .coinsurance_bps
            .map_or(BenefitEntry::INHERIT, |rate| rate.0.get()),
        frequency_days: match benefit.frequency_days.unwrap_or_default() {
            days if days > MAX_FREQUENCY_DAYS => {
                return Err(too_large("frequency_days", MAX_FREQUENCY_DAYS.into()))
            }
            days => days,
        },
        waiting_days: benefit
            .waiting_days
            .map_or(Ok(BenefitEntry::INHERIT), own_waiting)?,
        max_units: benefit.max_units.unwrap_or_default(),
        category: number,
        flags: flags
            .into_iter()
            .filter(|(set, _)| *set)
            .fold(0, |flags, (_, flag)| flags | flag),
        reserved: [0; 2],
    })
}

#[cfg(test)]
mod tests {
    use galen_rules::adjudication::Covered;
    use serde_json::{json, Value};

    use super::*;

    const KEY: CodeKey = CodeKey([7; 32]);

    fn read(document: &Value) -> plan::Plan {
        plan::read(document).expect("a plan")
    }

    fn refused(document: &Value) -> CliError {
        compile(&read(document), &KEY, None, "plan.json").expect_err("refused")
    }

    #[test]
    fn the_defaults_of_a_document_are_the_defaults_of_its_terms() {
        let compiled = compile(
            &read(&json!({"benefits": [{"code": "99213", "allowed": 12500}]})),
            &KEY,
            None,
            "plan.json",
        )
        .expect("compiled");
        let none = Limits {
            individual: None,
            family: None,
        };
        assert_eq!(
            compiled.terms,
            PlanTerms {
                currency: *b"USD",
                cost_share_order: CostShareOrder::DeductibleFirst,
                deductible: Limits {
                    individual: Some(0),
                    family: None
                },
                copay: 0,
                coinsurance_bps: 0,
                recognised_bps: 10_000,
                out_of_pocket_max: none,
                annual_max: None,
                lifetime_max: None,
                filing_limit_days: 365,
                waiting_days: 0,
                coordination: CoordinationRule::Standard,
                out_of_network: None,
                tiers: Vec::new(),
                categories: Vec::new(),
            }
        );
        let entry = compiled.entries.first().copied().expect("one");
        assert_eq!(
            entry,
            BenefitEntry {
                code_key: codes::procedure(&KEY, "99213").expect("keyed"),
                allowed: 12_500,
                copay: BenefitEntry::INHERIT_COPAY,
                coinsurance_bps: BenefitEntry::INHERIT,
                frequency_days: 0,
                waiting_days: BenefitEntry::INHERIT,
                max_units: 0,
                category: 0,
                flags: BenefitEntry::COVERED,
                reserved: [0; 2],
            }
        );
    }

    #[test]
    fn everything_that_a_benefit_says_reaches_the_rulebook_on_the_other_side() {
        let document = json!({
            "categories": {"surgery": {"max": 5500, "period": "lifetime"}, "dental": {"period": "year"}},
            "benefits": [{"code": "A", "allowed": 1, "covered": false, "category": "surgery", "deductible_applies": false, "copay": 0,
                "coinsurance_bps": 2500, "authorization": true, "frequency_days": 30, "max_units": 3, "waiting_days": 0}]
        });
        let compiled = compile(&read(&document), &KEY, None, "plan.json").expect("compiled");
        let entry = compiled.entries.first().expect("one");
        let benefit = claims::convert::benefit(entry);
        assert_eq!(benefit.covered, Covered::NotInPlan);
        assert_eq!(
            (
                benefit.category,
                benefit.deductible_applies,
                benefit.authorization_required
            ),
            (Some(1), Some(false), true)
        );
        assert_eq!(
            (
                benefit.frequency_days,
                benefit.max_units,
                benefit.waiting_days
            ),
            (Some(30), Some(3), Some(0))
        );
        assert_eq!(benefit.copay.map(|copay| copay.get()), Some(0));
        assert_eq!(benefit.coinsurance.map(|rate| rate.get()), Some(2_500));
        // Numbered by name: dental is 1, surgery 2.
        let names: Vec<_> = compiled
            .terms
            .categories
            .iter()
            .map(|category| (category.name_key, category.max))
            .collect();
        assert_eq!(
            names,
            [
                (codes::category(&KEY, "dental").expect("keyed"), None),
                (
                    codes::category(&KEY, "surgery").expect("keyed"),
                    Some(5_500)
                )
            ]
        );
    }

    #[test]
    fn ten_thousand_codes_come_out_strictly_ascending_and_one_more_is_refused() {
        let plan_of = |count: u32| json!({"benefits": (0..count).map(|code| json!({"code": format!("C{code}"), "allowed": code})).collect::<Vec<_>>()});
        let compiled =
            compile(&read(&plan_of(MAX_BENEFITS)), &KEY, None, "plan.json").expect("compiled");
        assert_eq!(compiled.entries.len(), 10_000);
        assert!(compiled
            .entries
            .windows(2)
            .all(|pair| pair[0].order() < pair[1].order()));
        assert!(compiled.entries.iter().all(BenefitEntry::is_valid));
        let error = refused(&plan_of(MAX_BENEFITS + 1));
        assert_eq!(
            (error.code.as_str(), error.at.as_deref()),
            ("too_many_benefits", Some("benefits"))
        );
    }

    #[test]
    fn what_the_ledger_cannot_carry_is_refused_with_its_place() {
        let with = |field: &str, value: Value| {
            let mut benefit = json!({"code": "A", "allowed": 1});
            benefit[field] = value;
            refused(&json!({"benefits": [{"code": "B", "allowed": 1}, benefit]}))
        };
        for (field, value, code) in [
            ("copay", json!(u32::MAX), "number_too_large"),
            ("waiting_days", json!(u16::MAX), "number_too_large"),
            ("frequency_days", json!(3_654), "number_too_large"),
            ("max_units", json!(0), "invalid_value"),
        ] {
            let error = with(field, value);
            assert_eq!(
                (error.code.as_str(), error.at.as_deref()),
                (code, Some(format!("benefits[1].{field}").as_str()))
            );
        }
        let categories: serde_json::Map<_, _> = (0..9)
            .map(|index| (format!("c{index}"), json!({"period": "year"})))
            .collect();
        assert_eq!(
            refused(&json!({"categories": categories, "benefits": [{"code": "A", "allowed": 1}]}))
                .code,
            "too_many_categories"
        );
    }

    #[test]
    fn a_medicine_with_its_pack_has_its_gtin_for_a_code() {
        let plan = |code: &str| json!({"benefits": [{"code": code, "allowed": 1, "pack": true}]});
        let compiled =
            compile(&read(&plan("09524000059109")), &KEY, None, "plan.json").expect("one");
        let entry = compiled.entries.first().expect("one");
        let gtin = b"09524000059109";
        let opening = codes::opening(&KEY, gtin).expect("made");
        assert!(entry.has(BenefitEntry::WITH_PACK) && entry.is_valid());
        assert_eq!(entry.code_key, BenefitEntry::product_key(&opening, gtin));
        // Another check digit, and a code of another kind.
        for code in ["09524000059108", "99213", "9524000059109"] {
            let error = refused(&plan(code));
            assert_eq!(
                (error.code.as_str(), error.at.as_deref()),
                ("invalid_value", Some("benefits[0].code")),
                "{code}"
            );
        }
        let mut drawn = plan("09524000059109");
        drawn["checks"] = json!({"sampling_bps": 100, "reveal_days": 5});
        drawn["clocks"] = json!({"prompt_pay_days": 30});
        let error = refused(&drawn);
        assert_eq!(
            (error.code.as_str(), error.at.as_deref()),
            ("pack_cannot_wait", Some("benefits[0].pack")),
            "{error:?}"
        );
    }

    #[test]
    fn another_key_gives_other_identifiers_for_every_code() {
        let document =
            read(&json!({"benefits": [{"code": "A", "allowed": 1}, {"code": "B", "allowed": 2}]}));
        let keys = |key| {
            compile(&document, &key, None, "plan.json")
                .expect("compiled")
                .entries
                .iter()
                .map(|entry| entry.code_key)
                .collect::<Vec<_>>()
        };
        let (one, other) = (keys(KEY), keys(CodeKey([8; 32])));
        assert!(one.iter().all(|key| !other.contains(key)));
    }
}
