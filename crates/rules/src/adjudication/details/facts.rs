//! What is known of the member, the claim and its lines.

use super::plan::BenefitDetails;
use crate::adjudication::history::{CodeKey, ProviderTag, Service};
use crate::adjudication::period::BenefitPeriod;
use crate::date::{Date, Window};

/// Who the member is, and what the member was granted.
#[derive(Clone, Copy, Debug)]
pub struct MemberDetails<'a> {
    /// By what claims may name the member, else CARC 31. Empty: by anything.
    pub known_as: &'a [CodeKey],
    /// The relation to the subscriber; `None`: the subscriber, or not known.
    pub dependent: Option<CodeKey>,
    /// The day of birth.
    pub born: Option<Date>,
    /// The day of death.
    pub died: Option<Date>,
    /// The category of sex.
    pub sex: Option<CodeKey>,
    /// Windows without coverage between the first and the last covered day.
    pub lapses: &'a [Window],
    /// Which of the plan's requirements are met.
    pub requirements_met: &'a [CodeKey],
    /// Windows in which another payer comes first.
    pub other_payer_first: &'a [Window],
    /// Diagnoses of conditions from before coverage.
    pub pre_existing: &'a [CodeKey],
    /// What was authorized. `None`: not known, and any number will do.
    pub authorizations: Option<&'a [Authorization]>,
    /// The live lines of earlier claims with their units.
    pub history: &'a [Past],
    /// When the member was discharged from where.
    pub discharges: &'a [Discharge],
}

impl MemberDetails<'_> {
    /// Nothing known.
    pub const NONE: Self = Self {
        known_as: &[],
        dependent: None,
        born: None,
        died: None,
        sex: None,
        lapses: &[],
        requirements_met: &[],
        other_payer_first: &[],
        pre_existing: &[],
        authorizations: None,
        history: &[],
        discharges: &[],
    };
}

/// An authorization that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Its number.
    pub number: CodeKey,
    /// For which code; `None`: any.
    pub code: Option<CodeKey>,
    /// For whom; [`ProviderTag::UNKNOWN`]: anyone.
    pub provider: ProviderTag,
    /// For services on which days.
    pub window: Window,
    /// When it was asked for; [`Date::MIN`]: in time.
    pub requested: Date,
    /// How many units; `None`: any number.
    pub units: Option<u32>,
    /// How many of them earlier claims have used.
    pub used: u32,
    /// Whether it was refused.
    pub refused: bool,
}

impl Authorization {
    /// Whether it is for services of this code.
    pub(in crate::adjudication) fn is_for(&self, code: CodeKey) -> bool {
        self.code.is_none_or(|own| own == code)
    }
}

/// A live line of an earlier claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// What was done.
    pub service: Service,
    /// The last day, where the service took several; the service date is the first.
    pub to: Option<Date>,
    /// How many units.
    pub units: u32,
    /// Whether it had one of the plan's [`distinct`](super::PlanDetails::distinct) modifiers.
    pub distinct: bool,
}

impl Past {
    /// How many days after the first a service went on, as an entry of the history keeps it: in one byte. So many or more are
    /// [`u8::MAX`].
    #[must_use]
    pub fn further_days(first: Date, last: Date) -> u8 {
        u8::try_from(last.days_since(first).max(0)).unwrap_or(u8::MAX)
    }

    /// The days of it. One of more further days than are kept counts to the end of its benefit period, beyond which none goes: what is
    /// not known of it is looked at.
    #[must_use]
    pub fn days(&self) -> Window {
        let from = self.service.date;
        let to = self.to.unwrap_or(from).max(from);
        let is_kept = Self::further_days(from, to) < u8::MAX;
        Window {
            from,
            to: if is_kept {
                to
            } else {
                BenefitPeriod::of(from).window().to
            },
        }
    }

    /// Whether `other` is by the same provider on a day of this one (domain.md B3: the same or overlapping dates).
    #[must_use]
    pub fn is_same_visit_as(&self, other: &Self) -> bool {
        let (own, others) = (self.days(), other.days());
        self.service.provider.is(other.service.provider)
            && own.from <= others.to
            && others.from <= own.to
    }

    /// Whether this may be what a person at the insurer has denied as `denied`, filed again: then a
    /// person looks before it is paid. It is never denied for that.
    ///
    /// As between live lines it is the visit that counts, not the code: another code for the same
    /// thing would get by, and a denial would leave a day less looked at than an approval does. A
    /// pack that is handed out is another thing than whatever else was had that day, and may be
    /// what was denied only by the same code.
    #[must_use]
    pub fn may_repeat_denied(&self, denied: &Self, is_pack: bool) -> bool {
        self.is_same_visit_as(denied) && (!is_pack || self.service.code == denied.service.code)
    }
}

/// A discharge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discharge {
    /// When.
    pub date: Date,
    /// From where.
    pub provider: ProviderTag,
}

/// What a claim says of itself.
#[derive(Clone, Copy, Debug)]
pub struct ClaimDetails<'a> {
    /// Whom it asks to pay; `None`: whoever gets it.
    pub payer: Option<CodeKey>,
    /// By what it names the insured; `None`: not at all.
    pub insured: Option<CodeKey>,
    /// The type of the provider.
    pub provider_type: Option<CodeKey>,
    /// Whether the provider may bill the insurer at all, else CARC 185.
    pub provider_eligible: bool,
    /// Whether there is a referral.
    pub referred: bool,
    /// What excuses its being late.
    pub filing_exception: Option<FilingException>,
    /// What it states, for each of its lines.
    pub information: &'a [CodeKey],
    /// What comes with it, for each of its lines.
    pub attachments: &'a [CodeKey],
}

impl ClaimDetails<'_> {
    /// Nothing known.
    pub const NONE: Self = Self {
        payer: None,
        insured: None,
        provider_type: None,
        provider_eligible: true,
        referred: false,
        filing_exception: None,
        information: &[],
        attachments: &[],
    };
}

/// Why a claim could not be filed in time (42 CFR 424.44(b)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilingException {
    /// On what ground.
    pub ground: FilingGround,
    /// The day of the notice (that the error was corrected, that the entitlement exists), or of the
    /// recoupment.
    pub notified: Date,
}

/// The four exceptions of 42 CFR 424.44(b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilingGround {
    /// (1): an error of the payer or of who acts for it.
    AdministrativeError,
    /// (2): entitlement that reaches back to the service or before it.
    RetroactiveEntitlement,
    /// (3): the same, where Medicaid took its payment back six months or more after the service.
    MedicaidRecoupment,
    /// (4): disenrolment from Medicare Advantage or PACE that reaches back, where the plan took its
    /// payment back six months or more after the service.
    AdvantageDisenrolment,
}

impl FilingGround {
    /// All.
    pub const ALL: &'static [Self] = &[
        Self::AdministrativeError,
        Self::RetroactiveEntitlement,
        Self::MedicaidRecoupment,
        Self::AdvantageDisenrolment,
    ];

    /// Whether it starts with a recoupment.
    pub(in crate::adjudication) const fn is_recoupment(self) -> bool {
        matches!(self, Self::MedicaidRecoupment | Self::AdvantageDisenrolment)
    }
}

/// What is known of one line.
#[derive(Clone, Copy, Debug)]
pub struct LineDetails<'a> {
    /// What the plan demands for its code; `None`: nothing.
    pub benefit: Option<&'a BenefitDetails<'a>>,
    /// The last day, where the service took several; the service date is the first.
    pub to: Option<Date>,
    /// The place of service.
    pub place: Option<CodeKey>,
    /// The diagnoses for which it was done.
    pub diagnoses: &'a [CodeKey],
    /// Its modifiers, each under a key. Those of its service only tell it from other services.
    pub modifiers: &'a [CodeKey],
    /// Whether the member is of an age at which it is done, as the insurer states it where the day of birth is not
    /// known; `None`: not stated.
    pub of_age: Option<bool>,
    /// The same of the age to which dependents of the member's relation are eligible.
    pub dependent_of_age: Option<bool>,
    /// What it states.
    pub information: &'a [CodeKey],
    /// What comes with it.
    pub attachments: &'a [CodeKey],
    /// The number of the authorization that it cites.
    pub authorization: Option<CodeKey>,
    /// What a reviewer found.
    pub review: Option<Review>,
}

impl LineDetails<'_> {
    /// Nothing known.
    pub const NONE: Self = Self {
        benefit: None,
        to: None,
        place: None,
        diagnoses: &[],
        modifiers: &[],
        of_age: None,
        dependent_of_age: None,
        information: &[],
        attachments: &[],
        authorization: None,
        review: None,
    };
}

/// What the insurer's reviewer found about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It was needed, in these units.
    Confirmed,
    /// It was not necessary: CARC 50.
    NotNecessary,
    /// It was necessary, and not at this level: CARC 150.
    LevelUnsupported,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adjudication::history::Modifiers;

    fn day(n: i32) -> Date {
        Date::from_days(20_454 + n).unwrap()
    }

    /// On these days of 2026, the first of January being 0.
    fn past(from: i32, to: Option<i32>) -> Past {
        Past {
            service: Service {
                date: day(from),
                code: CodeKey([1; 8]),
                provider: ProviderTag([2; 8]),
                modifiers: Modifiers::NONE,
                sequence: 0,
            },
            to: to.map(day),
            units: 1,
            distinct: false,
        }
    }

    #[test]
    fn a_day_that_two_services_share_makes_them_one_visit() {
        let stay = past(10, Some(19));
        for (from, to, shared) in [
            (9, None, false),
            (10, None, true),
            (15, None, true),
            (19, None, true),
            (20, None, false),
            (1, Some(9), false),
            (1, Some(10), true),
            (19, Some(30), true),
            (20, Some(30), false),
            (1, Some(30), true),
            (12, Some(13), true),
            // It ends before it begins: one day.
            (20, Some(15), false),
        ] {
            let other = past(from, to);
            assert_eq!(stay.is_same_visit_as(&other), shared, "{from} {to:?}");
            assert_eq!(other.is_same_visit_as(&stay), shared, "{from} {to:?}");
        }
        for provider in [ProviderTag([4; 8]), ProviderTag::UNKNOWN] {
            let mut other = stay;
            other.service.provider = provider;
            assert!(!stay.is_same_visit_as(&other));
        }
    }

    #[test]
    fn a_service_of_more_days_than_are_kept_counts_to_the_end_of_its_year() {
        for (further, last) in [(0, 5), (1, 6), (254, 259), (255, 364), (300, 364)] {
            let stay = past(5, Some(5 + further));
            assert_eq!(stay.days().to, day(last), "{further}");
            // As it is read again from what is kept.
            let kept = Past::further_days(stay.service.date, day(5 + further));
            let again = past(5, Some(5 + i32::from(kept)));
            assert_eq!(again.days(), stay.days(), "{further}");
        }
        assert_eq!(Past::further_days(day(5), day(4)), 0);
    }

    #[test]
    fn what_was_denied_is_looked_at_by_its_visit_and_a_pack_by_its_code() {
        let denied = past(0, None);
        let other_code = Past {
            service: Service {
                code: CodeKey([3; 8]),
                ..denied.service
            },
            ..denied
        };
        let modified = Past {
            service: Service {
                modifiers: Modifiers::keyed([1; 4]),
                sequence: 1,
                ..denied.service
            },
            ..denied
        };
        let other_provider = Past {
            service: Service {
                provider: ProviderTag([4; 8]),
                ..denied.service
            },
            ..denied
        };
        for (service, looked_at, as_pack) in [
            (denied, true, true),
            (modified, true, true),
            (other_code, true, false),
            (past(1, None), false, false),
            (past(-1, Some(0)), true, true),
            (other_provider, false, false),
        ] {
            assert_eq!(service.may_repeat_denied(&denied, false), looked_at);
            assert_eq!(service.may_repeat_denied(&denied, true), as_pack);
        }
        // Who it was is not known of either.
        let mut unknown = denied;
        unknown.service.provider = ProviderTag::UNKNOWN;
        assert!(!unknown.may_repeat_denied(&unknown, false));
    }
}
