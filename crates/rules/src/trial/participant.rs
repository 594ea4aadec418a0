//! Where a participant stands, and how one leaves.

/// Where a participant stands. Whether consent must be renewed is not a status: it follows from the dates
/// ([`super::consent_due`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Has consented; not enrolled yet.
    Screening,
    /// Takes part.
    Enrolled,
    /// Has done everything.
    Completed,
    /// Did not qualify.
    ScreenFailed,
    /// Left by their own decision.
    Withdrawn,
    /// Was taken out, or declined an amendment.
    Discontinued,
    /// Cannot be reached.
    LostToFollowUp,
    /// Has died; what was earned belongs to the estate.
    Died,
}

/// Why a participant leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
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

/// Whose word a departure takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The participant's, and nobody else's.
    Participant,
    /// The site's.
    Site,
}

impl Status {
    /// Whether the participant is still in the trial.
    #[must_use]
    pub const fn is_present(self) -> bool {
        matches!(self, Self::Screening | Self::Enrolled)
    }

    /// The status after leaving for this reason, or `None` where that cannot be.
    ///
    /// Declining an amendment before enrolment is a screening failure, later a discontinuation (domain.md C1). A death
    /// can be recorded after any other end: it changes to whom is paid, not what.
    #[must_use]
    pub const fn after(self, departure: Departure) -> Option<Self> {
        match (self, departure) {
            (Self::Screening, Departure::ScreenFailed | Departure::DeclinedAmendment) => {
                Some(Self::ScreenFailed)
            }
            (Self::Enrolled, Departure::Completed) => Some(Self::Completed),
            (Self::Enrolled, Departure::Discontinued | Departure::DeclinedAmendment) => {
                Some(Self::Discontinued)
            }
            (Self::Screening | Self::Enrolled, Departure::Withdrawn) => Some(Self::Withdrawn),
            (Self::Screening | Self::Enrolled, Departure::LostToFollowUp) => {
                Some(Self::LostToFollowUp)
            }
            (Self::Died, _) => None,
            (_, Departure::Died) => Some(Self::Died),
            _ => None,
        }
    }
}

impl Departure {
    /// Whose word it takes. Nobody withdraws for a participant, and nobody stays silent about a death.
    #[must_use]
    pub const fn voice(self) -> Voice {
        match self {
            Self::Withdrawn | Self::DeclinedAmendment => Voice::Participant,
            Self::Completed
            | Self::ScreenFailed
            | Self::Discontinued
            | Self::LostToFollowUp
            | Self::Died => Voice::Site,
        }
    }
}
