//! Plan versions: the terms by which claims are adjudicated. Published once, never changed.

use anchor_lang::prelude::*;

use super::{PlanChecks, PlanClocks};
use crate::constants::{ACCOUNT_VERSION, IN_FORCE, MAX_CATEGORIES, MAX_TIERS};
use crate::error::ClaimsError;

/// One version of a plan. Only `superseded_from` ever changes, once, when the next version is published.
///
/// # PDA Seeds
/// `["plan_version", plan, number (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct PlanVersion {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Number of this version, from 1.
    pub number: u16,
    /// The plan.
    pub plan: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
    /// What is covered, at which price.
    pub schedule: Pubkey,
    /// SHA-256 of the plan document that members were given.
    pub document: [u8; 32],
    /// First service date to which it applies, in days since 1970-01-01.
    pub effective_from: i32,
    /// First service date to which it no longer applies; `IN_FORCE` while it has no successor.
    pub superseded_from: i32,
    /// How long each party has.
    pub clocks: PlanClocks,
    /// What is checked of claims before they are paid.
    pub checks: PlanChecks,
    /// The first one: 1 = it has details ([`PlanDetails`](super::PlanDetails)), without which no claim is adjudicated under it. The others:
    /// zeros, for later versions.
    pub marks: [u8; 6],
    /// The terms.
    pub terms: PlanTerms,
}

const _: () = assert!(8 + PlanVersion::INIT_SPACE == 600);

/// The terms of a plan version. Money is cents, rates are basis points, spans are days.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Debug, PartialEq, Eq)]
pub struct PlanTerms {
    /// ISO 4217 code of the currency, ASCII.
    pub currency: [u8; 3],
    /// Whether deductible or copay comes first.
    pub cost_share_order: CostShareOrder,
    /// What members pay before the plan does, in a benefit period.
    pub deductible: Limits,
    /// What members pay per claim, category and service date, unless the benefit says otherwise.
    pub copay: u64,
    /// Members' share of what remains, unless the benefit says otherwise.
    pub coinsurance_bps: u16,
    /// Part of the allowed amount that the plan recognises; 10000 = all.
    pub recognised_bps: u16,
    /// The most that members pay in a benefit period.
    pub out_of_pocket_max: Limits,
    /// The most that the plan pays for a member in a benefit period.
    pub annual_max: Option<u64>,
    /// The most that the plan ever pays for a member.
    pub lifetime_max: Option<u64>,
    /// Last day after the service on which a claim is in time, at most [`MAX_FILING_DAYS`](crate::constants::MAX_FILING_DAYS).
    pub filing_limit_days: u16,
    /// Days of coverage before benefits begin, unless the benefit says otherwise.
    pub waiting_days: u16,
    /// How the plan coordinates with another payer.
    pub coordination: CoordinationRule,
    /// What applies to providers outside the network; none = not covered (CARC 242).
    pub out_of_network: Option<OutOfNetworkRule>,
    /// Coinsurance by tiers in place of `coinsurance_bps`; empty = none.
    #[max_len(MAX_TIERS)]
    pub tiers: Vec<Tier>,
    /// Maxima of benefit categories; category n of a benefit is entry n − 1. Later versions of the plan keep them in their places.
    #[max_len(MAX_CATEGORIES)]
    pub categories: Vec<CategoryMaximum>,
}

/// Whether deductible or copay comes first. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostShareOrder {
    /// Deductible, copay, coinsurance.
    DeductibleFirst,
    /// Copay, deductible, coinsurance.
    CopayFirst,
}

/// How the plan coordinates with another payer. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinationRule {
    /// Up to what the plan would have paid alone.
    Standard,
    /// What the plan would have paid alone, less what the other payer paid.
    CarveOut,
    /// Cost sharing as if the plan were alone, on what the other payer left.
    MaintenanceOfBenefits,
    /// 42 CFR 411.33.
    MedicareSecondary,
}

/// Figures for one person and for the family; none = no such limit.
#[derive(
    AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
pub struct Limits {
    /// For one person. None with a family figure = an aggregate limit.
    pub individual: Option<u64>,
    /// For the family.
    pub family: Option<u64>,
}

/// Terms for providers outside the network, with accumulators of their own.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfNetworkRule {
    /// Members' share of what remains.
    pub coinsurance_bps: u16,
    /// The deductible there.
    pub deductible: Limits,
    /// The out-of-pocket maximum there.
    pub out_of_pocket_max: Limits,
}

/// One tier of coinsurance.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Upper bound of the tier, cumulative over the benefit period; none = no bound (the last one).
    pub up_to: Option<u64>,
    /// Members' share within it.
    pub coinsurance_bps: u16,
}

/// The maximum of one benefit category.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryMaximum {
    /// Keyed identifier of the category's name.
    pub name_key: [u8; 8],
    /// The most that the plan pays; none = the category only groups copays.
    pub max: Option<u64>,
    /// The span over which the maximum holds.
    pub period: CategoryPeriod,
}

/// The span over which a category's maximum holds. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryPeriod {
    /// A benefit period.
    Year,
    /// For ever.
    Lifetime,
}

impl PlanTerms {
    /// Checks that the categories of the version before stand where they stood, over the spans over which they stood. What members have
    /// used of a category is counted by its place and in its span: with places moved one category would be charged with what another
    /// has used, and over another span what was used would be forgotten.
    ///
    /// # Errors
    /// `CategoriesMoved`.
    pub fn keep_categories_of(&self, before: &Self) -> Result<()> {
        let counted = |terms: &Self| {
            let categories = terms.categories.iter();
            categories
                .map(|category| (category.name_key, category.period))
                .collect::<Vec<_>>()
        };
        require!(
            counted(self).starts_with(&counted(before)),
            ClaimsError::CategoriesMoved
        );
        Ok(())
    }
}

impl PlanVersion {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"plan_version";

    /// Address of version `number` of `plan`, and its bump.
    pub fn find_address(plan: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, plan.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// A version as it is published.
    #[allow(
        clippy::too_many_arguments,
        reason = "one argument a field, each of another meaning"
    )]
    pub fn new(
        bump: u8,
        number: u16,
        plan: Pubkey,
        pool: Pubkey,
        schedule: Pubkey,
        document: [u8; 32],
        effective_from: i32,
        clocks: PlanClocks,
        checks: PlanChecks,
        has_details: bool,
        terms: PlanTerms,
    ) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            number,
            plan,
            pool,
            schedule,
            document,
            effective_from,
            superseded_from: IN_FORCE,
            clocks,
            checks,
            marks: [u8::from(has_details), 0, 0, 0, 0, 0],
            terms,
        }
    }

    /// Whether it demands more of claims than its terms and its schedule say.
    #[inline(always)]
    pub fn has_details(&self) -> bool {
        let [first, ..] = self.marks;
        first != 0
    }

    /// Whether this version applies to a service on `date` (days since 1970-01-01).
    pub fn in_force_on(&self, date: i32) -> bool {
        self.effective_from <= date && date < self.superseded_from
    }

    /// Ends this version where its successor begins.
    ///
    /// # Errors
    /// `PreviousVersionMismatch` where it has been ended, `EffectiveDateNotLater`.
    pub fn supersede(&mut self, from: i32) -> Result<()> {
        require!(
            self.superseded_from == IN_FORCE,
            ClaimsError::PreviousVersionMismatch
        );
        require!(
            from > self.effective_from,
            ClaimsError::EffectiveDateNotLater
        );
        self.superseded_from = from;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.effective_from < self.superseded_from && self.number > 0,
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
