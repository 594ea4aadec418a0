//! What a plan demands of members, claims and lines.

use crate::adjudication::history::CodeKey;
use crate::date::Window;
use crate::money::BasisPoints;
use crate::reason::{Reason, Remark};

use super::facts::FilingGround;

/// What a plan demands of every claim.
#[derive(Clone, Copy, Debug)]
pub struct PlanDetails<'a> {
    /// Who pays; a claim to another payer is CARC 109. `None`: whoever is asked.
    pub payer: Option<CodeKey>,
    /// Which dependents are eligible; others are CARC 32. `None`: all.
    pub dependents: Option<&'a [Dependent]>,
    /// What a member must meet to be eligible, else CARC 177.
    pub requirements: &'a [CodeKey],
    /// What becomes of a line whose days are eligible only in part.
    pub spanning: Spanning,
    /// Which grounds excuse late filing.
    pub filing_grounds: &'a [FilingGround],
    /// What each claim must state, else CARC 16.
    pub information: &'a [Need],
    /// What must come with each claim, else CARC 252.
    pub attachments: &'a [Need],
    /// The diagnoses that are valid. `None`: all, always, and all covered.
    pub diagnoses: Option<&'a [Diagnosis]>,
    /// Days from the start of coverage in which pre-existing conditions are excluded.
    pub pre_existing_days: u32,
    /// Days after the service within which an authorization may still be requested.
    pub authorization_grace_days: u32,
    /// Pairs of codes that are not paid beside each other.
    pub bundles: &'a [Bundle],
    /// Modifiers that say of a service that it was distinct from others of its day, by which code pairs can be lifted:
    /// [`DISTINCT`] under the keys of the plan.
    pub distinct: &'a [CodeKey],
    /// What is allowed of the second and each further of several procedures of a day.
    pub multiple_procedure: BasisPoints,
}

impl PlanDetails<'_> {
    /// No demand.
    pub const NONE: Self = Self {
        payer: None,
        dependents: None,
        requirements: &[],
        spanning: Spanning::Rebill,
        filing_grounds: FilingGround::ALL,
        information: &[],
        attachments: &[],
        diagnoses: None,
        pre_existing_days: 0,
        authorization_grace_days: 0,
        bundles: &[],
        distinct: &[],
        multiple_procedure: BasisPoints::WHOLE,
    };
}

/// What a plan demands for one procedure.
#[derive(Clone, Copy, Debug)]
pub struct BenefitDetails<'a> {
    /// What a line must state, else CARC 16.
    pub information: &'a [Need],
    /// What must come with a line, else CARC 252.
    pub attachments: &'a [Need],
    /// Types of provider that may bill it, else CARC 8. `None`: all.
    pub provider_types: Option<&'a [CodeKey]>,
    /// Places of service, else CARC 5. `None`: all.
    pub places: Option<&'a [CodeKey]>,
    /// Diagnoses for which it is done, else CARC 11. `None`: all.
    pub diagnoses: Option<&'a [CodeKey]>,
    /// Ages at which it is done, else CARC 6. Where the ages are not known and only the answer is, see
    /// [`LineDetails::of_age`](super::LineDetails::of_age).
    pub ages: Option<Ages>,
    /// Categories of sex for which it is done, else CARC 7. `None`: all.
    pub sexes: Option<&'a [CodeKey]>,
    /// Modifiers with which it can be billed, else CARC 4. `None`: all.
    pub modifiers: Option<&'a [CodeKey]>,
    /// Modifiers of which it needs one, else CARC 4. Empty: none.
    pub modifiers_required: &'a [CodeKey],
    /// Whether it is experimental: CARC 55.
    pub experimental: bool,
    /// Whether it needs a referral, else CARC 243.
    pub referral_required: bool,
    /// Units of a day at most, else CARC 151.
    pub units_per_day: Option<UnitsPerDay>,
    /// Whether it is reduced beside others of its kind, CARC 59.
    pub multiple_procedure: bool,
    /// Days from a discharge in which it is a readmission, CARC 249. `None`: never.
    pub readmission_days: Option<u32>,
}

impl BenefitDetails<'_> {
    /// No demand.
    pub const NONE: Self = Self {
        information: &[],
        attachments: &[],
        provider_types: None,
        places: None,
        diagnoses: None,
        ages: None,
        sexes: None,
        modifiers: None,
        modifiers_required: &[],
        experimental: false,
        referral_required: false,
        units_per_day: None,
        multiple_procedure: false,
        readmission_days: None,
    };
}

/// A relation to the subscriber whose dependents are eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// The relation.
    pub relation: CodeKey,
    /// The last age, in completed years; `None`: at every age.
    pub to_age: Option<u16>,
}

/// What becomes of a line that spans eligible and ineligible days. It is denied whole, for which
/// part each day's share would be is not in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spanning {
    /// CARC 239: to be billed again, the eligible days as a line of their own.
    Rebill,
    /// CARC 238: denied for good.
    Deny,
}

/// Something that a claim must bring, and the remark of the denial where it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// What.
    pub what: CodeKey,
    /// The remark code that names it.
    pub remark: Remark,
}

/// A diagnosis that a plan knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its code.
    pub code: CodeKey,
    /// The days on which the code is valid, else CARC 146.
    pub effective: Window,
    /// Whether it is covered, else CARC 167.
    pub covered: bool,
}

/// Ages in completed years on the service date, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// Units of one code on one day (CMS, Medically Unlikely Edits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitsPerDay {
    /// At most.
    pub most: u32,
    /// How they are counted.
    pub indicator: UnitsIndicator,
}

/// The adjudication indicator of a Medically Unlikely Edit (MAI).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitsIndicator {
    /// 1: each line on its own.
    Line,
    /// 2: all of a day, and nothing lifts it.
    Day,
    /// 3: all of a day, unless a reviewer confirmed that the line was needed.
    Reviewable,
}

/// A procedure-to-procedure edit: column two is not paid beside column one, on one day by one
/// provider (CMS, National Correct Coding Initiative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The code that is paid.
    pub column_one: CodeKey,
    /// The code that is not.
    pub column_two: CodeKey,
    /// What modifiers can do about it.
    pub indicator: ModifierIndicator,
    /// Why.
    pub reason: BundleReason,
    /// The days on which the pair is in force.
    pub effective: Window,
}

/// The modifier indicator of a code pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifierIndicator {
    /// 0: no modifier lifts it.
    Never,
    /// 1: a modifier on either line that says the services were distinct lifts it.
    Distinct,
    /// 9: the pair is no longer in use.
    Deleted,
}

/// Why the second code of a pair is not paid, in the order in which the gate asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleReason {
    /// CARC 236: a pair of the National Correct Coding Initiative.
    CodingInitiative,
    /// CARC 97: included in the other service.
    Included,
    /// CARC 234: not paid separately.
    NotSeparate,
    /// CARC 231: the two exclude each other.
    MutuallyExclusive,
}

impl BundleReason {
    /// All, in the order in which the gate asks.
    pub const ALL: [Self; 4] = [
        Self::CodingInitiative,
        Self::Included,
        Self::NotSeparate,
        Self::MutuallyExclusive,
    ];

    /// The reason of the denial.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::CodingInitiative => Reason::CodingInitiative,
            Self::Included => Reason::Bundled,
            Self::NotSeparate => Reason::NotSeparate,
            Self::MutuallyExclusive => Reason::MutuallyExclusive,
        }
    }
}

/// Modifiers that say that two services were distinct (CMS, NCCI Policy Manual, chapter I.E).
pub const DISTINCT: [[u8; 2]; 44] = [
    *b"E1", *b"E2", *b"E3", *b"E4", *b"FA", *b"F1", *b"F2", *b"F3", *b"F4", *b"F5", *b"F6", *b"F7",
    *b"F8", *b"F9", *b"TA", *b"T1", *b"T2", *b"T3", *b"T4", *b"T5", *b"T6", *b"T7", *b"T8", *b"T9",
    *b"LT", *b"RT", *b"LC", *b"LD", *b"RC", *b"LM", *b"RI", *b"24", *b"25", *b"57", *b"58", *b"78",
    *b"79", *b"27", *b"59", *b"91", *b"XE", *b"XS", *b"XP", *b"XU",
];
