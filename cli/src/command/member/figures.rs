//! The figures of a plan and what a member has used of them in a year: worked out once, for the FHIR answer and the X12 one.

use claims::state::{FamilyPeriod, FamilyUsed, Limits, Member, NetworkAccumulators, PlanTerms};

use crate::chain::people;
use crate::chain::text::some_key;
use crate::cluster::Cluster;
use crate::error::Result;

/// A figure of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The deductible of a calendar year.
    Deductible,
    /// The most that the member pays in a calendar year.
    OutOfPocket,
    /// The most that the plan pays in a calendar year.
    AnnualMaximum,
    /// The most that the plan ever pays.
    LifetimeMaximum,
}

/// A figure that the plan has, and what of it is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Which figure.
    pub figure: Figure,
    /// Whether it is the family's.
    pub is_family: bool,
    /// Whether it holds in the plan's network or outside; none: the plan does not tell them apart.
    pub in_network: Option<bool>,
    /// The figure, in cents.
    pub most: u64,
    /// What is used up of it, in cents.
    pub used: u64,
}

/// The figures of a plan version, and what the member has used up of them in `year`: in the network, outside of it, then the
/// maxima. A member's account keeps the family's figures as of the member's own last claim; the family's has them all.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn limits(
    cluster: &Cluster,
    terms: &PlanTerms,
    member: &Member,
    year: u32,
) -> Result<Vec<Limit>> {
    let family = match some_key(member.family) {
        None => None,
        Some(address) => {
            let family = people::family(cluster, &address)?;
            let kept = family.periods.into_iter().find(|kept| kept.year == year);
            Some(kept.unwrap_or_default())
        }
    };
    Ok(of(terms, member, family.as_ref(), year))
}

/// The same where the family's year is at hand.
fn of(terms: &PlanTerms, member: &Member, family: Option<&FamilyPeriod>, year: u32) -> Vec<Limit> {
    let period = member.period(year).copied().unwrap_or_default();
    let mut limits = Vec::new();
    // Where the plan does not tell the sides apart, its figures hold on both.
    let inside = terms.out_of_network.as_ref().map(|_| true);
    limits.extend(shared(
        inside,
        &terms.deductible,
        &terms.out_of_pocket_max,
        period.in_network,
        family.map(|family| &family.in_network),
    ));
    if let Some(outside) = &terms.out_of_network {
        limits.extend(shared(
            Some(false),
            &outside.deductible,
            &outside.out_of_pocket_max,
            period.out_of_network,
            family.map(|family| &family.out_of_network),
        ));
    }
    for (figure, most, used) in [
        (Figure::AnnualMaximum, terms.annual_max, period.annual_used),
        (
            Figure::LifetimeMaximum,
            terms.lifetime_max,
            member.lifetime.used,
        ),
    ] {
        limits.extend(most.map(|most| Limit {
            figure,
            is_family: false,
            in_network: None,
            most,
            used,
        }));
    }
    limits
}

/// Those that a network has of its own, as far as the plan has them.
fn shared(
    in_network: Option<bool>,
    deductible: &Limits,
    out_of_pocket: &Limits,
    mut used: NetworkAccumulators,
    family: Option<&FamilyUsed>,
) -> impl Iterator<Item = Limit> {
    if let Some(family) = family {
        used.deductible_family = family.deductible;
        used.out_of_pocket_family = family.out_of_pocket;
    }
    let figures = [
        (
            Figure::Deductible,
            false,
            deductible.individual,
            used.deductible_individual,
        ),
        (
            Figure::Deductible,
            true,
            deductible.family,
            used.deductible_family,
        ),
        (
            Figure::OutOfPocket,
            false,
            out_of_pocket.individual,
            used.out_of_pocket_individual,
        ),
        (
            Figure::OutOfPocket,
            true,
            out_of_pocket.family,
            used.out_of_pocket_family,
        ),
    ];
    figures
        .into_iter()
        .filter_map(move |(figure, is_family, most, used)| {
            Some(Limit {
                figure,
                is_family,
                in_network,
                most: most?,
                used,
            })
        })
}
