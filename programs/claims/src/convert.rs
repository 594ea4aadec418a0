//! Between the accounts and the rulebook: the one place where the two meet.

use anchor_lang::prelude::*;
use galen_rules::adjudication as rules;
use galen_rules::adjudication::details::Past;
use galen_rules::adjudication::{
    Accumulators, Benefit, CodeKey, CostShareUsed, Covered, Deltas, Line, LineResult, Modifiers,
    Network, ProviderTag, Service, Used,
};
use galen_rules::date::Window;
use galen_rules::{BasisPoints, Cents, Date, Group, Reason};

use crate::constants::{MAX_CATEGORIES, MAX_FILING_DAYS, MAX_TIERS, SECONDS_PER_DAY};
use crate::error::ClaimsError;
use crate::state::{
    AdjustmentGroup, BenefitEntry, CategoryPeriod, Claim, ClaimLine, ClaimTotals, CoordinationRule,
    CostShareOrder, DateSpan, Family, HistoryEntry, LifetimeAccumulators, Limits, Member,
    NetworkAccumulators, PeriodAccumulators, PlanTerms,
};

/// A date of an account or an argument.
///
/// # Errors
/// `DateInvalid`.
pub fn date(days: i32) -> Result<Date> {
    Date::from_days(days).ok_or_else(|| ClaimsError::DateInvalid.into())
}

/// The day of a Unix second, in UTC.
///
/// # Errors
/// `DateInvalid`.
pub fn day_of(unix_seconds: i64) -> Result<Date> {
    Date::from_unix(unix_seconds).ok_or_else(|| ClaimsError::DateInvalid.into())
}

/// A Unix second of this day, in UTC.
pub fn noon_of(days: i32) -> i64 {
    i64::from(days)
        .saturating_mul(SECONDS_PER_DAY)
        .saturating_add(SECONDS_PER_DAY / 2)
}

/// The window in which a member is covered.
///
/// # Errors
/// `DateInvalid`.
pub fn coverage(member: &Member) -> Result<Window> {
    Ok(Window {
        from: date(member.covered_from)?,
        to: date(member.covered_to)?,
    })
}

/// The days on which another payer comes first for a member.
///
/// # Errors
/// `DateInvalid`.
pub fn other_coverage(days: DateSpan) -> Result<Window> {
    Ok(Window {
        from: date(days.from)?,
        to: date(days.to)?,
    })
}

/// A refusal of the rulebook in this program's words.
pub fn error(error: rules::Error) -> ClaimsError {
    match error {
        rules::Error::NoLines => ClaimsError::NoLines,
        rules::Error::SpansTwoPeriods(_) => ClaimsError::ClaimSpansPeriods,
        rules::Error::NoUnits(_) | rules::Error::SameNumber(_) => ClaimsError::LineInvalid,
        rules::Error::OtherPayer(_) => ClaimsError::OtherPayerInvalid,
        rules::Error::Tiers(_) => ClaimsError::TermsInvalid,
        rules::Error::TooLarge(_) => ClaimsError::AmountOverflow,
        rules::Error::Unbalanced(_) => ClaimsError::LineUnbalanced,
        rules::Error::ResultsDoNotMatchLines => ClaimsError::InvariantBroken,
    }
}

/// The lists of a plan version, which the rulebook borrows.
pub struct Lists {
    tiers: Vec<rules::Tier>,
    categories: Vec<rules::CategoryMaximum>,
}

impl Lists {
    /// The lists of `terms`.
    ///
    /// # Errors
    /// `TermsInvalid`.
    pub fn of(terms: &PlanTerms) -> Result<Self> {
        let tiers = terms
            .tiers
            .iter()
            .map(|tier| {
                Ok(rules::Tier {
                    up_to: tier.up_to.map(Cents::new),
                    coinsurance: rate(tier.coinsurance_bps)?,
                })
            })
            .collect::<Result<_>>()?;
        let categories = terms
            .categories
            .iter()
            .map(|category| rules::CategoryMaximum {
                maximum: category.max.map(Cents::new),
                period: match category.period {
                    CategoryPeriod::Year => rules::MaximumPeriod::Year,
                    CategoryPeriod::Lifetime => rules::MaximumPeriod::Lifetime,
                },
            })
            .collect();
        Ok(Self { tiers, categories })
    }
}

/// The terms of a plan version, as the rulebook has them.
///
/// # Errors
/// `TermsInvalid`.
pub fn plan<'a>(terms: &PlanTerms, lists: &'a Lists) -> Result<rules::Plan<'a>> {
    Ok(rules::Plan {
        cost_share_order: match terms.cost_share_order {
            CostShareOrder::DeductibleFirst => rules::CostShareOrder::DeductibleFirst,
            CostShareOrder::CopayFirst => rules::CostShareOrder::CopayFirst,
        },
        in_network: rules::Terms {
            coinsurance: rate(terms.coinsurance_bps)?,
            deductible: limit(&terms.deductible),
            out_of_pocket: limit(&terms.out_of_pocket_max),
        },
        out_of_network: match &terms.out_of_network {
            None => rules::OutOfNetwork::Deny,
            Some(outside) => rules::OutOfNetwork::Terms(rules::Terms {
                coinsurance: rate(outside.coinsurance_bps)?,
                deductible: limit(&outside.deductible),
                out_of_pocket: limit(&outside.out_of_pocket_max),
            }),
        },
        copay: Cents::new(terms.copay),
        tiers: &lists.tiers,
        recognised: rate(terms.recognised_bps)?,
        annual_maximum: terms.annual_max.map(Cents::new),
        lifetime_maximum: terms.lifetime_max.map(Cents::new),
        categories: &lists.categories,
        filing_limit_days: terms.filing_limit_days.into(),
        waiting_days: terms.waiting_days.into(),
        coordination: match terms.coordination {
            CoordinationRule::Standard => rules::Coordination::Standard,
            CoordinationRule::CarveOut => rules::Coordination::CarveOut,
            CoordinationRule::MaintenanceOfBenefits => rules::Coordination::MaintenanceOfBenefits,
            CoordinationRule::MedicareSecondary => rules::Coordination::MedicareSecondary,
        },
    })
}

/// Checks the terms of a plan version before it is published.
///
/// # Errors
/// `TermsInvalid`, `FilingLimitTooLong`.
pub fn check_terms(terms: &PlanTerms) -> Result<()> {
    let repeated = terms
        .categories
        .iter()
        .enumerate()
        .any(|(index, category)| {
            terms
                .categories
                .iter()
                .take(index)
                .any(|other| other.name_key == category.name_key)
        });
    require!(
        terms.tiers.len() <= usize::from(MAX_TIERS)
            && terms.categories.len() <= usize::from(MAX_CATEGORIES)
            && terms.currency.iter().all(u8::is_ascii_uppercase)
            && !repeated,
        ClaimsError::TermsInvalid
    );
    require!(
        terms.filing_limit_days <= MAX_FILING_DAYS,
        ClaimsError::FilingLimitTooLong
    );
    let lists = Lists::of(terms)?;
    plan(terms, &lists)?
        .validate()
        .map_err(|_| ClaimsError::TermsInvalid)?;
    Ok(())
}

/// An entry of a schedule, as the rulebook asks for it. Entries out of range are refused when they are uploaded.
impl rules::Entry for &BenefitEntry {
    #[inline(always)]
    fn fee(&self) -> Cents {
        Cents::new(self.allowed)
    }

    #[inline(always)]
    fn covered(&self) -> Covered {
        if self.has(BenefitEntry::COVERED) {
            Covered::Yes
        } else {
            Covered::NotInPlan
        }
    }

    #[inline(always)]
    fn effective(&self) -> Window {
        Window::ALWAYS
    }

    #[inline(always)]
    fn is_effective_on(&self, _: Date) -> bool {
        true
    }

    #[inline(always)]
    fn category(&self) -> Option<u8> {
        self.category.checked_sub(1)
    }

    #[inline(always)]
    fn deductible_applies(&self) -> Option<bool> {
        if self.has(BenefitEntry::DEDUCTIBLE_APPLIES) {
            Some(true)
        } else if self.has(BenefitEntry::DEDUCTIBLE_WAIVED) {
            Some(false)
        } else {
            None
        }
    }

    #[inline(always)]
    fn copay(&self) -> Option<Cents> {
        (self.copay != BenefitEntry::INHERIT_COPAY).then(|| Cents::new(self.copay.into()))
    }

    #[inline(always)]
    fn coinsurance(&self) -> Option<BasisPoints> {
        // `INHERIT` is no rate, so it gives none: the plan's.
        BasisPoints::new(self.coinsurance_bps)
    }

    #[inline(always)]
    fn authorization_required(&self) -> bool {
        self.has(BenefitEntry::AUTHORIZATION)
    }

    #[inline(always)]
    fn frequency_days(&self) -> Option<u32> {
        (self.frequency_days != 0).then(|| self.frequency_days.into())
    }

    #[inline(always)]
    fn max_units(&self) -> Option<u32> {
        (self.max_units != 0).then(|| self.max_units.into())
    }

    #[inline(always)]
    fn waiting_days(&self) -> Option<u32> {
        (self.waiting_days != BenefitEntry::INHERIT).then(|| self.waiting_days.into())
    }
}

/// The same, all of it at once.
pub fn benefit(entry: &BenefitEntry) -> Benefit {
    Benefit::of(&entry)
}

/// A claim's line, as the rulebook has it. That its date is one has been seen.
pub fn line(
    number: u16,
    line: &ClaimLine,
    provider: ProviderTag,
    entry: Option<&BenefitEntry>,
) -> Line {
    let date = Date::from_days(line.service_date).unwrap_or(Date::MIN);
    line_on(number, date, line, provider, entry.map(benefit))
}

/// The same on its date, with whatever tells of its code.
#[inline(always)]
pub fn line_on<E>(
    number: u16,
    date: Date,
    line: &ClaimLine,
    provider: ProviderTag,
    benefit: Option<E>,
) -> Line<E> {
    Line {
        number,
        service: Service {
            date,
            code: CodeKey(line.code_key),
            provider,
            // One keyed identifier for the whole set: the rulebook only compares it.
            modifiers: Modifiers::keyed(line.modifiers),
            sequence: 0,
        },
        benefit,
        units: line.units.into(),
        charge: Cents::new(line.charge),
        authorized: false,
        balance_billing_prohibited: false,
        other_payer: None,
    }
}

/// The first day of a live line, as the rulebook has it; none where its date is not one, which no entry's is.
#[inline(always)]
pub fn service(entry: &HistoryEntry) -> Option<Service> {
    Some(Service {
        date: Date::from_days(entry.service_date)?,
        code: CodeKey(entry.code_key),
        provider: ProviderTag(entry.provider_tag),
        modifiers: Modifiers::keyed(entry.modifiers),
        sequence: 0,
    })
}

/// The same with what it tells of its days.
pub fn past(entry: &HistoryEntry) -> Option<Past> {
    let service = service(entry)?;
    Some(Past {
        service,
        to: service.date.plus_days(entry.further_days.into()),
        // Of a plan that did not count them, one.
        units: entry.units.max(1).into(),
        distinct: entry.distinct != 0,
    })
}

/// What a member has used up before a claim in `year`.
pub fn accumulators(member: &Member, year: u32, terms: &PlanTerms) -> Accumulators {
    let period = member.period(year).copied().unwrap_or_default();
    let mut accumulators = Accumulators {
        in_network: cost_share_used(&period.in_network),
        out_of_network: cost_share_used(&period.out_of_network),
        tier: Cents::new(period.tier_used),
        annual: Cents::new(period.annual_used),
        lifetime: Cents::new(member.lifetime.used),
        ..Accumulators::default()
    };
    for (index, used) in accumulators
        .category
        .iter_mut()
        .take(usize::from(MAX_CATEGORIES))
        .enumerate()
    {
        let kept = if is_lifetime(terms, index) {
            member.lifetime.category_used.get(index)
        } else {
            period.category_used.get(index)
        };
        *used = Cents::new(kept.copied().unwrap_or(0));
    }
    accumulators
}

/// Stores what a member has used up after a claim in `year`.
///
/// # Errors
/// `PeriodClosed`.
pub fn store_accumulators(
    member: &mut Member,
    year: u32,
    terms: &PlanTerms,
    accumulators: &Accumulators,
) -> Result<()> {
    let before = member.period(year).copied().unwrap_or_default();
    let mut period = PeriodAccumulators {
        year,
        padding: 0,
        in_network: network_accumulators(&accumulators.in_network),
        out_of_network: network_accumulators(&accumulators.out_of_network),
        annual_used: accumulators.annual.get(),
        tier_used: accumulators.tier.get(),
        category_used: before.category_used,
    };
    let mut lifetime = LifetimeAccumulators {
        used: accumulators.lifetime.get(),
        ..member.lifetime
    };
    for (index, used) in accumulators
        .category
        .iter()
        .take(usize::from(MAX_CATEGORIES))
        .enumerate()
    {
        let kept = if is_lifetime(terms, index) {
            lifetime.category_used.get_mut(index)
        } else {
            period.category_used.get_mut(index)
        };
        if let Some(kept) = kept {
            *kept = used.get();
        }
    }
    member.store(&period, &lifetime)
}

/// Gives a member, and its family, back what `claim` used up, by the deltas that its lines kept: nothing is worked out anew.
///
/// # Errors
/// `InvariantBroken` where the member has used up less than that.
pub fn give_back(
    member: &mut Member,
    family: Option<&mut Family>,
    claim: &Claim,
    terms: &PlanTerms,
) -> Result<()> {
    let year = year_of(claim)?;
    // Of a year that is no longer kept nothing is left to correct but what counts for ever.
    let is_kept = member.period(year).is_some();
    let family = family.filter(|family| is_kept && family.keeps(year));
    let mut accumulators = accumulators(member, year, terms);
    if let Some(family) = &family {
        family.lend(year, &mut accumulators);
    }
    let mut lifetime = member.lifetime;
    for line in &claim.lines {
        let index = line.category.checked_sub(1);
        if is_kept {
            accumulators
                .reverse(&Deltas {
                    network: network(claim.in_network),
                    category: index,
                    deductible: Cents::new(line.deductible_delta),
                    out_of_pocket: Cents::new(line.out_of_pocket_delta),
                    tier: Cents::new(line.tier_delta),
                    paid: Cents::new(line.paid),
                })
                .map_err(|_| ClaimsError::InvariantBroken)?;
        } else {
            lifetime.used = lifetime
                .used
                .checked_sub(line.paid)
                .ok_or(ClaimsError::InvariantBroken)?;
            let counted = index
                .map(usize::from)
                .filter(|index| is_lifetime(terms, *index))
                .and_then(|index| lifetime.category_used.get_mut(index));
            if let Some(used) = counted {
                *used = used
                    .checked_sub(line.paid)
                    .ok_or(ClaimsError::InvariantBroken)?;
            }
        }
    }
    if let Some(family) = family {
        family.store(year, &accumulators)?;
    }
    if is_kept {
        store_accumulators(member, year, terms, &accumulators)
    } else {
        member.lifetime = lifetime;
        Ok(())
    }
}

/// The benefit period of a claim.
///
/// # Errors
/// `NoLines`, `DateInvalid`.
pub fn year_of(claim: &Claim) -> Result<u32> {
    let first = claim.lines.first().ok_or(ClaimsError::NoLines)?;
    let period = rules::BenefitPeriod::of(date(first.service_date)?);
    Ok(u32::from(period.year()))
}

/// Writes what was decided about a line, all of it.
#[inline(always)]
pub fn record(line: &mut ClaimLine, result: &LineResult) {
    let Deltas {
        category,
        deductible,
        out_of_pocket,
        tier,
        ..
    } = result.deltas;
    let adjustments = &result.adjustments;
    line.allowed = result.allowed.get();
    line.paid = result.paid.get();
    line.over_fee = adjustments.over_fee.get();
    line.over_fee_group = group(adjustments.over_fee_group);
    line.unrecognised = adjustments.unrecognised.get();
    line.deductible = adjustments.deductible.get();
    line.copay = adjustments.copay.get();
    line.coinsurance = adjustments.coinsurance.get();
    line.other_payer = adjustments.prior.get();
    line.over_maximum = adjustments.over_period.get();
    line.over_lifetime_maximum = adjustments.over_lifetime.get();
    line.deductible_delta = deductible.get();
    line.out_of_pocket_delta = out_of_pocket.get();
    line.tier_delta = tier.get();
    // It was made by subtracting: it is below 255.
    line.category = category.map_or(0, |index| index.wrapping_add(1));
    match &result.denial {
        Some(denial) => line.deny(group(adjustments.denied_group), denial.reason.code()),
        None => line.deny(AdjustmentGroup::Contractual, 0),
    }
}

/// Writes that a line is reduced beside another procedure of its day, where it is.
pub fn record_reduction(line: &mut ClaimLine, result: &LineResult) {
    let adjustments = &result.adjustments;
    let is_reduced = adjustments.denied_reason == Reason::MultipleProcedure;
    if is_reduced && result.is_live() && !adjustments.denied.is_zero() {
        line.reduce(group(adjustments.denied_group));
    }
}

/// Sums over a claim.
pub fn totals(totals: &rules::Totals) -> ClaimTotals {
    ClaimTotals {
        charge: totals.charge.get(),
        allowed: totals.allowed.get(),
        paid: totals.paid.get(),
        patient: totals.patient.get(),
        write_off: totals.write_off.get(),
        other: totals.other.get(),
    }
}

/// Whether a provider is in the network, as the rulebook has it.
pub fn network(in_network: bool) -> Network {
    if in_network {
        Network::In
    } else {
        Network::Out
    }
}

fn rate(bps: u16) -> Result<BasisPoints> {
    BasisPoints::new(bps).ok_or_else(|| ClaimsError::TermsInvalid.into())
}

fn limit(limits: &Limits) -> rules::Limit {
    rules::Limit {
        individual: limits.individual.map(Cents::new),
        family: limits.family.map(Cents::new),
    }
}

fn is_lifetime(terms: &PlanTerms, index: usize) -> bool {
    terms
        .categories
        .get(index)
        .is_some_and(|category| category.period == CategoryPeriod::Lifetime)
}

fn cost_share_used(used: &NetworkAccumulators) -> CostShareUsed {
    CostShareUsed {
        deductible: Used {
            individual: Cents::new(used.deductible_individual),
            family: Cents::new(used.deductible_family),
        },
        out_of_pocket: Used {
            individual: Cents::new(used.out_of_pocket_individual),
            family: Cents::new(used.out_of_pocket_family),
        },
    }
}

fn network_accumulators(used: &CostShareUsed) -> NetworkAccumulators {
    NetworkAccumulators {
        deductible_individual: used.deductible.individual.get(),
        deductible_family: used.deductible.family.get(),
        out_of_pocket_individual: used.out_of_pocket.individual.get(),
        out_of_pocket_family: used.out_of_pocket.family.get(),
    }
}

fn group(group: Group) -> AdjustmentGroup {
    match group {
        Group::Contractual => AdjustmentGroup::Contractual,
        Group::Patient => AdjustmentGroup::Patient,
        Group::Other => AdjustmentGroup::Other,
        Group::Payer => AdjustmentGroup::Payer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_inherits_everything_says_its_fee() {
        let entry = BenefitEntry {
            allowed: 12_345,
            copay: BenefitEntry::INHERIT_COPAY,
            coinsurance_bps: BenefitEntry::INHERIT,
            waiting_days: BenefitEntry::INHERIT,
            flags: BenefitEntry::COVERED,
            ..BenefitEntry::default()
        };
        assert_eq!(benefit(&entry), Benefit::at(Cents::new(12_345)));
        for date in [Date::MIN, Date::MAX] {
            assert!(rules::Entry::is_effective_on(&&entry, date));
        }
    }

    #[test]
    fn an_entry_says_all_that_it_holds() {
        let entry = BenefitEntry {
            code_key: [1; 8],
            allowed: 2,
            copay: 3,
            coinsurance_bps: 4,
            frequency_days: 5,
            waiting_days: 6,
            max_units: 7,
            category: 8,
            flags: BenefitEntry::DEDUCTIBLE_WAIVED | BenefitEntry::AUTHORIZATION,
            reserved: [0; 2],
        };
        let expected = Benefit {
            fee: Cents::new(2),
            covered: Covered::NotInPlan,
            effective: Window::ALWAYS,
            category: Some(7),
            deductible_applies: Some(false),
            copay: Some(Cents::new(3)),
            coinsurance: BasisPoints::new(4),
            authorization_required: true,
            frequency_days: Some(5),
            max_units: Some(7),
            waiting_days: Some(6),
        };
        assert_eq!(benefit(&entry), expected);
        let applies = BenefitEntry {
            flags: BenefitEntry::COVERED | BenefitEntry::DEDUCTIBLE_APPLIES,
            ..entry
        };
        assert_eq!(benefit(&applies).covered, Covered::Yes);
        assert_eq!(benefit(&applies).deductible_applies, Some(true));
    }
}
