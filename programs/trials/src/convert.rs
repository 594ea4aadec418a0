//! Between the accounts and the rulebook: the one place where the two meet.

use anchor_lang::prelude::*;
use galen_rules::merkle::{Hasher, Node};
use galen_rules::trial::{
    Departure, Exceeded, NotEarned, Refusal, ScheduleError, TurnRefusal, Worse,
};
use galen_rules::{BasisPoints, Date};

use crate::constants::NO_DAY;
use crate::error::TrialsError;

/// A date of an argument.
///
/// # Errors
/// `DateInvalid`.
pub fn date(days: i32) -> Result<Date> {
    Date::from_days(days).ok_or_else(|| TrialsError::DateInvalid.into())
}

/// A day of an account, where it has come.
pub fn day(days: i32) -> Option<Date> {
    (days != NO_DAY).then(|| Date::from_days(days)).flatten()
}

/// The day of a Unix second, in UTC.
///
/// # Errors
/// `DateInvalid`.
pub fn day_of(unix_seconds: i64) -> Result<Date> {
    Date::from_unix(unix_seconds).ok_or_else(|| TrialsError::DateInvalid.into())
}

/// A rate of an account or an argument.
///
/// # Errors
/// `RateInvalid`.
pub fn rate(bps: u16) -> Result<BasisPoints> {
    BasisPoints::new(bps).ok_or_else(|| TrialsError::RateInvalid.into())
}

/// Why a participant leaves, as an argument. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartureArg {
    /// Everything is done.
    Completed,
    /// Does not qualify.
    ScreenFailed,
    /// The participant wants no more.
    Withdrawn,
    /// The participant declines an amendment.
    DeclinedAmendment,
    /// The investigator takes the participant out.
    Discontinued,
    /// Cannot be reached.
    LostToFollowUp,
    /// Has died.
    Died,
}

impl From<DepartureArg> for Departure {
    fn from(departure: DepartureArg) -> Self {
        match departure {
            DepartureArg::Completed => Self::Completed,
            DepartureArg::ScreenFailed => Self::ScreenFailed,
            DepartureArg::Withdrawn => Self::Withdrawn,
            DepartureArg::DeclinedAmendment => Self::DeclinedAmendment,
            DepartureArg::Discontinued => Self::Discontinued,
            DepartureArg::LostToFollowUp => Self::LostToFollowUp,
            DepartureArg::Died => Self::Died,
        }
    }
}

/// Why a schedule cannot be sealed, in this program's words.
pub fn schedule_error(error: ScheduleError) -> TrialsError {
    match error {
        ScheduleError::Empty => TrialsError::ScheduleEmpty,
        ScheduleError::TooMany => TrialsError::ScheduleFull,
        ScheduleError::Window(_) => TrialsError::WindowInvalid,
        ScheduleError::ScreeningCounts(_) => TrialsError::ScreeningCounts,
        ScheduleError::BonusUncounted => TrialsError::BonusUncounted,
        ScheduleError::TooLarge => TrialsError::AmountOverflow,
    }
}

/// Which cap a schedule exceeds, in this program's words.
pub fn exceeded(exceeded: Exceeded) -> TrialsError {
    match exceeded {
        Exceeded::PerVisit => TrialsError::CapPerVisit,
        Exceeded::PerParticipant => TrialsError::CapPerParticipant,
        Exceeded::PerMonth => TrialsError::CapPerMonth,
        Exceeded::Bonus => TrialsError::CapBonus,
    }
}

/// Why a visit does not earn its milestone, in this program's words.
pub fn refusal(refusal: Refusal) -> TrialsError {
    match refusal {
        Refusal::InFuture => TrialsError::VisitInFuture,
        Refusal::TooLate => TrialsError::VisitTooLate,
        Refusal::BeforeConsent => TrialsError::VisitBeforeConsent,
        Refusal::ConsentDue => TrialsError::ConsentDue,
        Refusal::AfterEnd => TrialsError::VisitAfterEnd,
        Refusal::TrialOver => TrialsError::VisitAfterTrial,
        Refusal::WrongPhase => TrialsError::VisitWrongPhase,
        Refusal::OutsideWindow => TrialsError::VisitOutsideWindow,
    }
}

/// Why a claim cannot go on, in this program's words.
pub fn turn_refusal(refusal: TurnRefusal) -> TrialsError {
    match refusal {
        TurnRefusal::Decided => TrialsError::ClaimDecided,
        TurnRefusal::WithTheSite => TrialsError::ClaimWithTheSite,
        TurnRefusal::WithTheArbiter => TrialsError::ClaimWithTheArbiter,
        TurnRefusal::TooLate => TrialsError::DateInvalid,
    }
}

/// Why a site milestone is not earned, in this program's words.
pub fn not_earned(reason: NotEarned) -> TrialsError {
    match reason {
        NotEarned::Already => TrialsError::SiteMilestoneOver,
        NotEarned::Undeclared => TrialsError::SiteMilestoneUndeclared,
        NotEarned::SponsorsTurn => TrialsError::SiteMilestonePending,
        NotEarned::TooFew => TrialsError::SiteMilestoneTooFew,
    }
}

/// SHA-256, as the runtime does it.
pub struct Sha256;

impl Hasher for Sha256 {
    fn hash(parts: &[&[u8]]) -> Node {
        solana_sha256_hasher::hashv(parts).to_bytes()
    }
}

/// How a schedule is worse than the one before, in this program's words.
pub fn worse(worse: Worse) -> TrialsError {
    match worse {
        Worse::Shorter => TrialsError::ScheduleShorter,
        Worse::Changed(_) => TrialsError::ScheduleChanged,
        Worse::Less(_) | Worse::TermsLess => TrialsError::SchedulePaysLess,
        Worse::TooLarge => TrialsError::AmountOverflow,
    }
}
