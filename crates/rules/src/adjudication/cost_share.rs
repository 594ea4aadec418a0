//! What the patient bears of a line (steps 3 to 6).

use super::accumulators::{Accumulators, Deltas, Used};
use super::benefit::Entry;
use super::line::Network;
use super::plan::{CostShareOrder, Limit, OutOfNetwork, Plan, Terms, Tier};
use super::split::Split;
use crate::money::{BasisPoints, Cents, Unrounded};

/// What applies to one line, after inheritance; of a plan and a network status, before it.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    order: CostShareOrder,
    deductible_applies: bool,
    copay: Cents,
    coinsurance: Coinsurance<'a>,
}

/// The member's share of what deductible and copay leave.
#[derive(Clone, Copy)]
pub(super) enum Coinsurance<'a> {
    Flat(BasisPoints),
    Tiers(&'a [Tier]),
}

impl<'a> Rules<'a> {
    /// What a benefit inherits.
    pub(super) fn of(plan: &Plan<'a>, network: Network) -> Self {
        Self {
            order: plan.cost_share_order,
            deductible_applies: true,
            copay: plan.copay,
            coinsurance: if network.is_in() && !plan.tiers.is_empty() {
                Coinsurance::Tiers(plan.tiers)
            } else {
                Coinsurance::Flat(terms(plan, network).coinsurance)
            },
        }
    }

    /// Those of a benefit. `copay_taken`: a line of the claim took the copay of this category and day before.
    #[inline(always)]
    pub(super) fn inherited_by(&self, benefit: &impl Entry, copay_taken: bool) -> Self {
        let copay = benefit.copay().unwrap_or(self.copay);
        let copay_instead = self.order == CostShareOrder::CopayFirst && !copay.is_zero();
        Self {
            order: self.order,
            deductible_applies: benefit.deductible_applies().unwrap_or(!copay_instead),
            copay: if copay_taken { Cents::ZERO } else { copay },
            coinsurance: benefit
                .coinsurance()
                .map_or(self.coinsurance, Coinsurance::Flat),
        }
    }

    /// The member's share.
    #[inline(always)]
    pub(super) const fn coinsurance(&self) -> Coinsurance<'a> {
        self.coinsurance
    }
}

/// The terms of a network status; where the plan has none outside, a gate has denied the line.
const fn terms<'p>(plan: &'p Plan<'_>, network: Network) -> &'p Terms {
    match (network, &plan.out_of_network) {
        (Network::Out, OutOfNetwork::Terms(terms)) => terms,
        _ => &plan.in_network,
    }
}

/// What the member can still be asked to bear, and the plan to pay. Where there is no limit,
/// [`Cents::MAX`], which no claim exceeds.
#[derive(Clone, Copy)]
pub(super) struct Left {
    deductible: Cents,
    out_of_pocket: Cents,
    tier_used: Cents,
    /// In the year and in a lifetime, whichever is less.
    plan: Cents,
    /// What is left for the year beyond that, and for a lifetime: nothing in one of them.
    year_beyond: Cents,
    lifetime_beyond: Cents,
}

impl Left {
    pub(super) fn of(plan: &Plan<'_>, network: Network, accumulators: &Accumulators) -> Self {
        let terms = terms(plan, network);
        let used = accumulators.of_network(network);
        let above = |maximum: Option<Cents>, used| {
            maximum.map_or(Cents::MAX, |maximum: Cents| maximum.above(used))
        };
        let annual = above(plan.annual_maximum, accumulators.annual);
        let lifetime = above(plan.lifetime_maximum, accumulators.lifetime);
        let paid = annual.min(lifetime);
        Self {
            deductible: left_of(&terms.deductible, &used.deductible).unwrap_or(Cents::ZERO),
            out_of_pocket: left_of(&terms.out_of_pocket, &used.out_of_pocket).unwrap_or(Cents::MAX),
            tier_used: accumulators.tier,
            plan: paid,
            year_beyond: annual.without_part(paid),
            lifetime_beyond: lifetime.without_part(paid),
        }
    }

    /// Whether a line stays within what the patient can still be asked to bear and the plan to pay.
    #[inline(always)]
    pub(super) fn allows(&self, split: &Split) -> bool {
        split.shared() <= self.out_of_pocket && self.covers(split.plan)
    }

    /// Whether the plan can pay this much, in the year and in a lifetime.
    pub(super) fn covers(&self, paid: Cents) -> bool {
        paid <= self.plan
    }

    /// What the plan can still pay in the year.
    pub(super) const fn year(&self) -> Cents {
        let mut left = self.plan;
        left.put_part(self.year_beyond);
        left
    }

    /// What the plan can still pay in a lifetime.
    pub(super) const fn lifetime(&self) -> Cents {
        let mut left = self.plan;
        left.put_part(self.lifetime_beyond);
        left
    }

    /// Takes off what a line has added: person and family use the same, so the smaller of what is left for either falls by
    /// it. No line adds more than is left, and without a limit all lines together do not.
    #[inline(always)]
    pub(super) const fn take_off(&mut self, deltas: &Deltas) {
        self.deductible = self.deductible.without_part(deltas.deductible);
        self.out_of_pocket = self.out_of_pocket.without_part(deltas.out_of_pocket);
        self.plan = self.plan.without_part(deltas.paid);
        // That the tiers have room for it is checked with the other accumulators.
        self.tier_used.put_part(deltas.tier);
    }

    /// What lines have added since `before`, to the accumulators that no category has.
    pub(super) const fn added_since(&self, before: &Self, network: Network) -> Deltas {
        Deltas {
            network,
            category: None,
            deductible: before.deductible.without_part(self.deductible),
            out_of_pocket: before.out_of_pocket.without_part(self.out_of_pocket),
            tier: self.tier_used.without_part(before.tier_used),
            paid: before.plan.without_part(self.plan),
        }
    }
}

/// The smaller of what is left for the person and for the family, over the figures that exist.
fn left_of(limit: &Limit, used: &Used) -> Option<Cents> {
    let individual = limit.individual.map(|limit| limit.above(used.individual));
    let family = limit.family.map(|limit| limit.above(used.family));
    match (individual, family) {
        (Some(individual), Some(family)) => Some(individual.min(family)),
        (individual, family) => individual.or(family),
    }
}

/// Steps 3 to 6: shares between patient and plan what is the plan's so far. `None` where the tiers
/// do not cover it.
#[inline(always)]
pub(super) fn share(split: &mut Split, rules: &Rules<'_>, left: &Left) -> Option<()> {
    bear_first(split, rules, left);
    match rules.coinsurance {
        Coinsurance::Flat(rate) => bear_share(split, rate),
        Coinsurance::Tiers(tiers) => bear_by_tiers(split, tiers, left)?,
    }
    keep_within(split, left);
    Some(())
}

/// Steps 3 and 4: the patient bears deductible and copay.
#[inline(always)]
pub(super) fn bear_first(split: &mut Split, rules: &Rules<'_>, left: &Left) {
    let mut rest = split.plan;
    let deductible = if rules.deductible_applies {
        left.deductible
    } else {
        Cents::ZERO
    };
    match rules.order {
        CostShareOrder::DeductibleFirst => {
            split.deductible = rest.take(deductible);
            split.copay = rest.take(rules.copay);
        }
        CostShareOrder::CopayFirst => {
            split.copay = rest.take(rules.copay);
            split.deductible = rest.take(deductible);
        }
    }
    split.copay_taken = !split.copay.is_zero();
    split.deductible_used = split.deductible;
    split.plan = rest;
}

/// Step 5 at one rate: the patient bears its share of what is left.
#[inline(always)]
pub(super) fn bear_share(split: &mut Split, rate: BasisPoints) {
    let share = split.plan.share(rate.complement());
    // A share is no more than what it is of.
    split.coinsurance = split.plan.without_part(share);
    split.plan = share;
}

/// Step 5 by tiers. `None` where they do not cover what is left.
#[inline(always)]
pub(super) fn bear_by_tiers(split: &mut Split, tiers: &[Tier], left: &Left) -> Option<()> {
    split.tiered = split.plan;
    let share = plan_share_by_tiers(split.plan, tiers, left.tier_used)?;
    split.coinsurance = split.plan.without_part(share);
    split.plan = share;
    Some(())
}

/// Step 6: the patient bears no more than the out-of-pocket maximum leaves.
#[inline(always)]
pub(super) fn keep_within(split: &mut Split, left: &Left) {
    let shared = split.shared();
    if shared > left.out_of_pocket {
        move_to_plan(split, shared.without_part(left.out_of_pocket));
    }
    split.deductible_used = split.deductible;
}

/// What exceeds the out-of-pocket maximum moves to the plan, coinsurance first.
fn move_to_plan(split: &mut Split, mut excess: Cents) {
    for part in [
        &mut split.coinsurance,
        &mut split.copay,
        &mut split.deductible,
    ] {
        let moved = part.take(excess);
        excess = excess.above(moved);
        split.plan.put(moved);
    }
}

/// The plan's share of `rest`, which starts where `used` ends: slices summed unrounded, rounded
/// once.
#[inline(never)]
fn plan_share_by_tiers(rest: Cents, tiers: &[Tier], used: Cents) -> Option<Cents> {
    let mut shares = Unrounded::ZERO;
    let mut rest = rest;
    let mut from = used;
    for tier in tiers {
        let slice = match tier.up_to {
            Some(end) => rest.take(end.above(from)),
            None => rest.take(Cents::MAX),
        };
        shares.add(slice, tier.coinsurance.complement());
        from = from.max(tier.up_to.unwrap_or(from));
    }
    rest.is_zero().then(|| shares.round())
}
