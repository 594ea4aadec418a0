//! What a site earns beside its fees for visits: start-up, approval, numbers enrolled, close-out.
//! Source: domain.md C1 ("Site milestones": start-up, ethics approval, first patient in, enrolment thresholds, database
//! lock, last visit; net 30 days).

use crate::Date;

/// Most milestones of a site: one bit each.
pub const MAX_SITE_MILESTONES: usize = 16;

/// Days that a sponsor has to answer what a site says it has done.
pub const SPONSOR_DAYS: u16 = 30;

/// What earns a site milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The site says that it is done; the sponsor confirms, or is silent for [`SPONSOR_DAYS`].
    Declared,
    /// So many participants enrolled at the site, which the ledger knows.
    Enrolled(u32),
}

/// Where a site milestone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has said anything.
    Open,
    /// The site said on this day that it is done.
    Declared(Date),
    /// It is earned.
    Earned,
}

/// Why a site milestone is not earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEarned {
    /// It was earned before.
    Already,
    /// The site has not said that it is done.
    Undeclared,
    /// The sponsor still has time to answer.
    SponsorsTurn,
    /// Too few are enrolled.
    TooFew,
}

impl Trigger {
    /// Whether the milestone is earned on `today` without the sponsor's word, `enrolled` being enrolled at the site.
    ///
    /// # Errors
    /// Why not.
    pub fn check(self, progress: Progress, enrolled: u32, today: Date) -> Result<(), NotEarned> {
        match (self, progress) {
            (_, Progress::Earned) => Err(NotEarned::Already),
            (Self::Enrolled(needed), _) if enrolled >= needed => Ok(()),
            (Self::Enrolled(_), _) => Err(NotEarned::TooFew),
            (Self::Declared, Progress::Open) => Err(NotEarned::Undeclared),
            (Self::Declared, Progress::Declared(on))
                if today.days_since(on) > i32::from(SPONSOR_DAYS) =>
            {
                Ok(())
            }
            (Self::Declared, Progress::Declared(_)) => Err(NotEarned::SponsorsTurn),
        }
    }
}
