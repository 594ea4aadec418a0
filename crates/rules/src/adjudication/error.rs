//! Why a claim cannot be adjudicated as it stands.

use core::fmt;

/// A claim that is refused as a whole. The number is that of the line at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The claim has no lines.
    NoLines,
    /// The slice of results is not as long as the claim's lines.
    ResultsDoNotMatchLines,
    /// Two lines of one service date have this number.
    SameNumber(u16),
    /// The line is of another benefit period than the first.
    SpansTwoPeriods(u16),
    /// The line has no units.
    NoUnits(u16),
    /// The prior payer's figures do not fit: paid ≤ allowed ≤ obligated ≤ charge.
    OtherPayer(u16),
    /// The tiers of the plan do not cover the line's amount; the plan was not validated.
    Tiers(u16),
    /// An amount, a sum or an accumulator does not fit 64 bits.
    TooLarge(u16),
    /// The line does not balance: an error of the rulebook, never of the claim.
    Unbalanced(u16),
}

impl Error {
    /// The number of the line at fault, where it is a line's.
    #[must_use]
    pub const fn line(&self) -> Option<u16> {
        match *self {
            Self::NoLines | Self::ResultsDoNotMatchLines => None,
            Self::SameNumber(line)
            | Self::SpansTwoPeriods(line)
            | Self::NoUnits(line)
            | Self::OtherPayer(line)
            | Self::Tiers(line)
            | Self::TooLarge(line)
            | Self::Unbalanced(line) => Some(line),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLines => f.write_str("the claim has no lines; add at least one"),
            Self::ResultsDoNotMatchLines => {
                f.write_str("there must be room for one result per line, neither more nor fewer")
            }
            Self::SameNumber(line) => write!(
                f,
                "two lines of one service date are numbered {line}; number the lines differently",
            ),
            Self::SpansTwoPeriods(line) => write!(
                f,
                "line {line} belongs to another benefit period than the first line; split the \
                 claim, one for each calendar year",
            ),
            Self::NoUnits(line) => write!(f, "line {line} has no units; state at least one"),
            Self::OtherPayer(line) => write!(
                f,
                "line {line}: the other payer's figures do not fit; paid must not exceed allowed, \
                 allowed not obligated, and obligated not the charge",
            ),
            Self::Tiers(line) => write!(
                f,
                "line {line}: the plan's tiers do not reach this amount; publish a plan whose \
                 last tier has no end",
            ),
            Self::TooLarge(line) => write!(
                f,
                "line {line}: an amount or a sum is too large to be held; correct the figures",
            ),
            Self::Unbalanced(line) => write!(
                f,
                "line {line} does not balance: charge differs from paid plus adjustments; please \
                 report the claim and the plan, this is a defect of the rulebook",
            ),
        }
    }
}

impl core::error::Error for Error {}
