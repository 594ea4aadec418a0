//! What a member and a family have used, and how a line's part of it is taken back.

use core::fmt;

use super::line::Network;
use super::plan::{MaximumPeriod, Plan, MAX_CATEGORIES};
use crate::money::Cents;

/// What has been used before a claim, in the benefit period of its service dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accumulators {
    /// Borne by the member and the family in network.
    pub in_network: CostShareUsed,
    /// Borne out of network, under terms of their own.
    pub out_of_network: CostShareUsed,
    /// Gone through the coinsurance tiers in the period.
    pub tier: Cents,
    /// Paid in the period.
    pub annual: Cents,
    /// Paid in all.
    pub lifetime: Cents,
    /// Paid by category, in the category's period; an index is the plan's.
    pub category: [Cents; MAX_CATEGORIES],
}

/// What has been borne under one network status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostShareUsed {
    /// Counted towards the deductible.
    pub deductible: Used,
    /// Counted towards the out-of-pocket maximum.
    pub out_of_pocket: Used,
}

/// What one person and the whole family have used; the family's includes the person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// The member alone.
    pub individual: Cents,
    /// The family together.
    pub family: Cents,
}

/// What one line added, to be stored with it: a reversal subtracts these and recomputes nothing
/// (rulings.md 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deltas {
    /// Which of the two sets of cost sharing grew.
    pub network: Network,
    /// The category under which it was paid.
    pub category: Option<u8>,
    /// Added to both deductibles.
    pub deductible: Cents,
    /// Added to both out-of-pocket sums.
    pub out_of_pocket: Cents,
    /// Added to the tiers.
    pub tier: Cents,
    /// Added to the year, the lifetime and the category.
    pub paid: Cents,
}

impl Deltas {
    /// What a denied line adds.
    pub const NONE: Self = Self {
        network: Network::In,
        category: None,
        deductible: Cents::ZERO,
        out_of_pocket: Cents::ZERO,
        tier: Cents::ZERO,
        paid: Cents::ZERO,
    };

    /// Whether nothing was added.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.deductible.is_zero()
            && self.out_of_pocket.is_zero()
            && self.tier.is_zero()
            && self.paid.is_zero()
    }
}

/// An accumulator holds less than the line to be reversed once added: these are not the
/// accumulators that it grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReversible;

impl fmt::Display for NotReversible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an accumulator holds less than this line added to it; reverse against the \
             accumulators of the line's member and benefit period",
        )
    }
}

impl core::error::Error for NotReversible {}

impl Used {
    fn each(&mut self, delta: Cents, apply: impl Fn(Cents, Cents) -> Option<Cents>) -> Option<()> {
        if delta.is_zero() {
            return Some(());
        }
        self.individual = apply(self.individual, delta)?;
        self.family = apply(self.family, delta)?;
        Some(())
    }
}

impl Accumulators {
    /// The cost sharing of a network status.
    #[must_use]
    pub const fn of_network(&self, network: Network) -> &CostShareUsed {
        match network {
            Network::In => &self.in_network,
            Network::Out => &self.out_of_network,
        }
    }

    /// Takes back what a line added.
    ///
    /// # Errors
    /// [`NotReversible`]; the accumulators are then as they were.
    pub fn reverse(&mut self, deltas: &Deltas) -> Result<(), NotReversible> {
        let mut reversed = *self;
        reversed
            .each(deltas, Cents::checked_sub)
            .ok_or(NotReversible)?;
        *self = reversed;
        Ok(())
    }

    /// The accumulators with which the next benefit period starts: only what counts for a
    /// lifetime goes on.
    #[must_use]
    pub fn next_period(&self, plan: &Plan<'_>) -> Self {
        let mut next = Self {
            lifetime: self.lifetime,
            ..Self::default()
        };
        for ((next, used), category) in next
            .category
            .iter_mut()
            .zip(&self.category)
            .zip(plan.categories)
        {
            if category.period == MaximumPeriod::Lifetime {
                *next = *used;
            }
        }
        next
    }

    /// Adds what a line used. `None` where a sum does not fit; some may then have grown.
    pub(super) fn grow(&mut self, deltas: &Deltas) -> Option<()> {
        self.each(deltas, Cents::checked_add)
    }

    /// Adds what was paid to a category only. `None` where the sum does not fit.
    #[inline(always)]
    pub(super) fn grow_category(&mut self, category: Option<u8>, paid: Cents) -> Option<()> {
        if let Some(used) = category.and_then(|index| self.category.get_mut(usize::from(index))) {
            *used = used.checked_add(paid)?;
        }
        Some(())
    }

    /// Every bit that is set in any sum that a line of this network status can grow, but the
    /// categories'.
    pub(super) const fn bits(&self, network: Network) -> u64 {
        let shared = self.of_network(network);
        self.tier.get()
            | self.annual.get()
            | self.lifetime.get()
            | shared.deductible.individual.get()
            | shared.deductible.family.get()
            | shared.out_of_pocket.individual.get()
            | shared.out_of_pocket.family.get()
    }

    /// Applies a line's deltas, each where it belongs.
    fn each(
        &mut self,
        deltas: &Deltas,
        apply: impl Fn(Cents, Cents) -> Option<Cents>,
    ) -> Option<()> {
        let cost_share = match deltas.network {
            Network::In => &mut self.in_network,
            Network::Out => &mut self.out_of_network,
        };
        cost_share.deductible.each(deltas.deductible, &apply)?;
        cost_share
            .out_of_pocket
            .each(deltas.out_of_pocket, &apply)?;
        self.tier = apply(self.tier, deltas.tier)?;
        self.annual = apply(self.annual, deltas.paid)?;
        self.lifetime = apply(self.lifetime, deltas.paid)?;
        if let Some(used) = deltas
            .category
            .and_then(|index| self.category.get_mut(usize::from(index)))
        {
            *used = apply(*used, deltas.paid)?;
        }
        Some(())
    }
}
