//! Whether a visit earns its milestone: on its own date, at the consent version in force on that date.

use super::{Kind, Milestone, Status};
use crate::Date;

/// A consent that a participant gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Version of protocol and consent form, from 1.
    pub version: u16,
    /// On which day.
    pub on: Date,
}

/// A version of protocol and consent form, as approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Its number, from 1.
    pub version: u16,
    /// First day on which it is in force.
    pub from: Date,
    /// Whether participants must consent anew.
    pub renews: bool,
}

/// What is fixed for all participants of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conduct {
    /// Last day on which visits are made, where the trial has ended.
    pub ended_on: Option<Date>,
    /// Days after a visit on which it can still be attested.
    pub attest_days: u16,
}

/// What a participant's record says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course<'a> {
    /// Where the participant stands.
    pub status: Status,
    /// Consents given, oldest first; at least one.
    pub consents: &'a [Consent],
    /// Day of enrolment.
    pub enrolled_on: Option<Date>,
    /// Last day of participation.
    pub ended_on: Option<Date>,
    /// Whether the participant agreed to follow-up after leaving.
    pub follow_up: bool,
}

/// Why a visit does not earn its milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It lies in the future.
    InFuture,
    /// It was too long ago to be attested.
    TooLate,
    /// There was no consent yet.
    BeforeConsent,
    /// Consent to the version in force was still due.
    ConsentDue,
    /// The participant had left.
    AfterEnd,
    /// The trial was over.
    TrialOver,
    /// A screening visit after enrolment, or another one before.
    WrongPhase,
    /// It lies outside the milestone's window.
    OutsideWindow,
}

/// The version that a participant must have consented to in order to visit on `day`; 0 = any.
fn required(amendments: impl IntoIterator<Item = Amendment>, day: Date) -> u16 {
    amendments
        .into_iter()
        .filter(|amendment| amendment.renews && amendment.from <= day)
        .map(|amendment| amendment.version)
        .max()
        .unwrap_or(0)
}

/// Whether a participant who last consented to `version` must consent anew on `day`.
#[must_use]
pub fn consent_due(
    version: u16,
    amendments: impl IntoIterator<Item = Amendment>,
    day: Date,
) -> bool {
    version < required(amendments, day)
}

impl Course<'_> {
    /// Checks that a visit on `day` earns `milestone`, said on `today`. Returns the consent version then in force.
    /// What the participant has become since does not matter: a visit stays attestable whatever the later status.
    ///
    /// # Errors
    /// The first refusal, in the order in which they are checked here.
    pub fn check_visit(
        &self,
        milestone: &Milestone,
        day: Date,
        today: Date,
        conduct: &Conduct,
        amendments: impl IntoIterator<Item = Amendment>,
    ) -> Result<u16, Refusal> {
        if day > today {
            return Err(Refusal::InFuture);
        }
        if today.days_since(day) > i32::from(conduct.attest_days) {
            return Err(Refusal::TooLate);
        }
        let consent = self
            .consents
            .iter()
            .filter(|consent| consent.on <= day)
            .map(|consent| consent.version)
            .max()
            .ok_or(Refusal::BeforeConsent)?;
        if consent_due(consent, amendments, day) {
            return Err(Refusal::ConsentDue);
        }
        let follows_up = milestone.kind == Kind::FollowUp && self.follow_up;
        if !follows_up && self.ended_on.is_some_and(|end| day > end) {
            return Err(Refusal::AfterEnd);
        }
        if conduct.ended_on.is_some_and(|end| day > end) {
            return Err(Refusal::TrialOver);
        }
        self.check_window(milestone, day)?;
        Ok(consent)
    }

    fn check_window(&self, milestone: &Milestone, day: Date) -> Result<(), Refusal> {
        let from = match (milestone.kind, self.enrolled_on) {
            (Kind::Screening, Some(enrolled)) if day > enrolled => return Err(Refusal::WrongPhase),
            (Kind::Screening, _) => self.consents.first().map(|consent| consent.on),
            (Kind::Visit | Kind::FollowUp, Some(enrolled)) => Some(enrolled),
            (Kind::Visit | Kind::FollowUp, None) => return Err(Refusal::WrongPhase),
        };
        let passed = from.map_or(-1, |from| day.days_since(from));
        if (i32::from(milestone.opens)..=i32::from(milestone.closes)).contains(&passed) {
            Ok(())
        } else {
            Err(Refusal::OutsideWindow)
        }
    }
}
