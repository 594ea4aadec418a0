//! Eligibility (005010X279A1): a 270 asks whether somebody is covered on a day, a 271 answers with the coverage, the figures
//! of the plan and what remains of each.

mod inquiry;
mod response;

use galen_rules::{Cents, Date};

use crate::professional::Party;

pub use inquiry::read_270;
pub use response::write_271;

/// The implementation guide of both.
const VERSION: &str = "005010X279A1";

/// The service type of a whole plan (EQ01, EB03): health benefit plan coverage.
const WHOLE_PLAN: &str = "30";

/// What a 270 asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Who sends it, for the answer's envelope.
    pub interchange: crate::interchange::Interchange,
    /// BHT03, which the answer repeats.
    pub reference: String,
    /// Who is asked (2100A).
    pub payer: Party,
    /// Who asks (2100B).
    pub provider: Party,
    /// About whom, in order.
    pub subjects: Vec<Subject>,
}

/// About whom a 270 asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// TRN02 and TRN03, which the answer repeats; none where the inquiry has no trace.
    pub trace: Option<(String, String)>,
    /// The subscriber (2100C).
    pub subscriber: Party,
    /// Whether a dependent of the subscriber is asked about (2000D), who has no number there.
    pub is_dependent: bool,
    /// The days asked about; none: the day of the inquiry (BHT04).
    pub days: (Date, Date),
    /// EQ01, the services asked about. The plan as a whole is answered, whatever they are.
    pub services: Vec<String>,
}

/// What a 271 answers about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Covered on the days asked about.
    Covered(Coverage),
    /// Known, and not covered on them.
    NotCovered {
        /// The first covered day.
        from: Date,
        /// The last covered day; none: without end.
        to: Option<Date>,
    },
    /// Not answered.
    Refused(Refusal),
}

/// Why there is no answer (AAA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The subscriber is not found.
    NotFound,
    /// The days lie in several benefit periods, or are not within those that are kept.
    DaysNotAnswered,
    /// Dependents are asked about by the number of the subscriber; here each member has one.
    DependentsUnnumbered,
}

impl Refusal {
    /// AAA03 and AAA04: the reason, and what to do.
    pub const fn codes(self) -> (&'static str, &'static str) {
        match self {
            // Subscriber not found; correct and send again.
            Self::NotFound => ("75", "C"),
            // Date of service not within the allowable inquiry period; correct and send again.
            Self::DaysNotAnswered => ("62", "C"),
            // Patient not found; correct and send again.
            Self::DependentsUnnumbered => ("67", "C"),
        }
    }
}

/// Coverage on the days asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The first covered day.
    pub from: Date,
    /// The last covered day; none: without end.
    pub to: Option<Date>,
    /// The member's share of what remains after deductible and copay, in basis points; none where it depends on tiers.
    pub coinsurance_bps: Option<u16>,
    /// What the member pays for a visit.
    pub copay: Cents,
    /// The figures of the plan.
    pub limits: Vec<Limit>,
}

/// A figure of the plan, and what remains of it in the benefit period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Which figure.
    pub figure: Figure,
    /// Whether it is the family's.
    pub is_family: bool,
    /// Whether it holds in the plan's network or outside; none: it makes no difference.
    pub in_network: Option<bool>,
    /// The figure.
    pub amount: Cents,
    /// What remains of it.
    pub remaining: Cents,
}

/// A figure of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The deductible of a calendar year (EB01 = C).
    Deductible,
    /// The most that the member pays in a calendar year (G).
    OutOfPocket,
    /// The most that the plan pays in a calendar year (F).
    AnnualMaximum,
    /// The most that the plan ever pays (F).
    LifetimeMaximum,
}

impl Figure {
    /// EB01.
    const fn code(self) -> &'static str {
        match self {
            Self::Deductible => "C",
            Self::OutOfPocket => "G",
            Self::AnnualMaximum | Self::LifetimeMaximum => "F",
        }
    }

    /// EB06 of the figure and of what remains of it.
    const fn periods(self) -> (&'static str, &'static str) {
        match self {
            // Calendar year; remaining.
            Self::Deductible | Self::OutOfPocket | Self::AnnualMaximum => ("23", "29"),
            // Lifetime; lifetime remaining.
            Self::LifetimeMaximum => ("32", "33"),
        }
    }
}
