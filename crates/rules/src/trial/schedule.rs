//! Schedules of milestones: what one participant can earn, and what must be set aside for it.

use crate::Cents;

/// Most milestones of a schedule: one bit each in a participant's record.
pub const MAX_MILESTONES: usize = 64;

/// Days of the month over which the monthly cap is taken: any thirty in a row.
pub const MONTH_DAYS: u16 = 30;

/// What a milestone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A visit before enrolment; its window counts from the first consent.
    Screening,
    /// A visit after enrolment.
    Visit,
    /// A visit after enrolment that collects follow-up data only: payable also to those who left and agreed to it.
    FollowUp,
}

/// One milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// What it is.
    pub kind: Kind,
    /// What the participant earns by attending.
    pub stipend: Cents,
    /// What the site earns by it.
    pub site_fee: Cents,
    /// First day of its window, in days from enrolment (screening: from the first consent).
    pub opens: u16,
    /// Last day of its window.
    pub closes: u16,
    /// Whether somebody else than the site must countersign it.
    pub countersigned: bool,
    /// Whether it counts towards the completion bonus.
    pub counts: bool,
}

/// What belongs to a schedule beside its milestones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScheduleTerms {
    /// For attending every milestone that counts; in part for attending some.
    pub bonus: Cents,
    /// The most that one participant's expenses are reimbursed. Not pay: outside caps and tax.
    pub reimbursements: Cents,
}

/// A set of milestones, by index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Bits(pub u64);

impl Bits {
    /// The set of this one milestone; empty for an index that no milestone has.
    #[must_use]
    pub const fn one(index: u8) -> Self {
        match 1_u64.checked_shl(index as u32) {
            Some(bit) => Self(bit),
            None => Self(0),
        }
    }

    /// Whether the set holds milestone `index`.
    #[must_use]
    pub const fn has(self, index: u8) -> bool {
        self.0 & Self::one(index).0 != 0
    }

    /// The set with milestone `index`.
    #[must_use]
    pub const fn with(self, index: u8) -> Self {
        Self(self.0 | Self::one(index).0)
    }

    /// How many milestones it holds that `other` holds too.
    #[must_use]
    pub const fn common(self, other: Self) -> u32 {
        (self.0 & other.0).count_ones()
    }
}

/// What a schedule comes to, for one participant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// What consent sets aside: stipends and site fees of screening, and the reimbursements.
    pub at_consent: Cents,
    /// What enrolment sets aside: all the rest, the bonus included.
    pub at_enrolment: Cents,
    /// The highest stipend.
    pub per_visit: Cents,
    /// All stipends and the bonus.
    pub per_participant: Cents,
    /// The most stipends that any [`MONTH_DAYS`] days in a row can bring, whenever in their windows the visits are made and however
    /// long after consent enrolment comes.
    pub per_month: Cents,
    /// The bonus.
    pub bonus: Cents,
    /// Milestones that count towards the bonus.
    pub counted: Bits,
}

/// Why a schedule cannot be sealed. Indexes are positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleError {
    /// There is no milestone.
    Empty,
    /// There are more than [`MAX_MILESTONES`].
    TooMany,
    /// The window of this one closes before it opens.
    Window(u8),
    /// A screening milestone counts towards the bonus: nobody is drawn into a trial by it.
    ScreeningCounts(u8),
    /// There is a bonus, and nothing counts towards it.
    BonusUncounted,
    /// A sum leaves the range of its type.
    TooLarge,
}

/// How a schedule is worse for a participant than the one before. Indexes are positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// It has fewer milestones.
    Shorter,
    /// This milestone is of another kind, or counts differently towards the bonus.
    Changed(u8),
    /// This milestone pays the participant or the site less.
    Less(u8),
    /// The bonus or the reimbursements are less.
    TermsLess,
    /// A sum leaves the range of its type.
    TooLarge,
}

fn add(sum: Cents, amount: Cents) -> Result<Cents, ScheduleError> {
    sum.checked_add(amount).ok_or(ScheduleError::TooLarge)
}

impl Summary {
    /// Checks a schedule and sums it up.
    ///
    /// # Errors
    /// Why it cannot be sealed.
    pub fn of(milestones: &[Milestone], terms: &ScheduleTerms) -> Result<Self, ScheduleError> {
        if milestones.is_empty() {
            return Err(ScheduleError::Empty);
        }
        if milestones.len() > MAX_MILESTONES {
            return Err(ScheduleError::TooMany);
        }
        let mut summary = Self {
            at_consent: terms.reimbursements,
            at_enrolment: terms.bonus,
            per_participant: terms.bonus,
            bonus: terms.bonus,
            ..Self::default()
        };
        // There are at most 64, so each position is a u8.
        for (index, milestone) in (0_u8..).zip(milestones) {
            if milestone.closes < milestone.opens {
                return Err(ScheduleError::Window(index));
            }
            let both = add(milestone.stipend, milestone.site_fee)?;
            if milestone.kind == Kind::Screening {
                if milestone.counts {
                    return Err(ScheduleError::ScreeningCounts(index));
                }
                summary.at_consent = add(summary.at_consent, both)?;
            } else {
                summary.at_enrolment = add(summary.at_enrolment, both)?;
            }
            if milestone.counts {
                summary.counted = summary.counted.with(index);
            }
            summary.per_visit = summary.per_visit.max(milestone.stipend);
            summary.per_participant = add(summary.per_participant, milestone.stipend)?;
        }
        summary.per_month = most_in_a_month(milestones)?;
        if !terms.bonus.is_zero() && summary.counted == Bits::default() {
            return Err(ScheduleError::BonusUncounted);
        }
        // What follows adds the two up without checking again.
        add(summary.at_consent, summary.at_enrolment)?;
        Ok(summary)
    }
}

/// The most stipends of any [`MONTH_DAYS`] days in a row. A milestone counts in every month that its window reaches into: by its first
/// day alone, wide windows would bring several months' visits into one.
fn most_in_a_month(milestones: &[Milestone]) -> Result<Cents, ScheduleError> {
    // Months without the day of enrolment in them, then those whose last day lies `last` days after it. How long after the first
    // consent enrolment comes is open, so a month can begin with any stretch of the screening.
    let before = most_of(milestones, Phase::Screening, MONTH_DAYS)?;
    let mut most = before.max(most_of(milestones, Phase::Enrolled, MONTH_DAYS)?);
    for last in 0..MONTH_DAYS {
        // A month that ends later reaches less far into the screening: it brings more only where another visit opens.
        let opens = |one: &Milestone| Phase::of(one) == Phase::Enrolled && one.opens == last;
        if milestones.iter().any(opens) {
            let visits = of_stretch(milestones, Phase::Enrolled, 0, last)?;
            let days = MONTH_DAYS.saturating_sub(last);
            let screening = most_of(milestones, Phase::Screening, days)?;
            most = most.max(add(visits, screening)?);
        }
    }
    Ok(most)
}

/// From when a window counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// From the first consent, and until enrolment.
    Screening,
    /// From enrolment.
    Enrolled,
}

impl Phase {
    const fn of(milestone: &Milestone) -> Self {
        match milestone.kind {
            Kind::Screening => Self::Screening,
            Kind::Visit | Kind::FollowUp => Self::Enrolled,
        }
    }
}

/// The most stipends that any `days` days in a row of a phase can bring. Moved on until the first of its windows closes, a stretch
/// loses none, so those suffice that begin on the last day of a window.
fn most_of(milestones: &[Milestone], phase: Phase, days: u16) -> Result<Cents, ScheduleError> {
    milestones
        .iter()
        .filter(|milestone| Phase::of(milestone) == phase)
        .try_fold(Cents::ZERO, |most, milestone| {
            let first = milestone.closes;
            let last = first.saturating_add(days.saturating_sub(1));
            Ok(most.max(of_stretch(milestones, phase, first, last)?))
        })
}

/// Stipends of a phase's milestones whose windows reach into the days from `first` to `last`.
fn of_stretch(
    milestones: &[Milestone],
    phase: Phase,
    first: u16,
    last: u16,
) -> Result<Cents, ScheduleError> {
    milestones
        .iter()
        .filter(|milestone| Phase::of(milestone) == phase)
        .filter(|milestone| milestone.opens <= last && milestone.closes >= first)
        .try_fold(Cents::ZERO, |sum, milestone| add(sum, milestone.stipend))
}

/// What must be set aside in addition when a participant passes from one schedule to its successor, which is never
/// worse for anybody (rulings.md 4: the difference is reserved at re-consent).
///
/// `earned`: milestones whose stipend is earned; `fees`: those whose site fee is.
///
/// # Errors
/// How the successor is worse.
pub fn succession(
    old: (&[Milestone], &ScheduleTerms),
    new: (&[Milestone], &ScheduleTerms),
    earned: Bits,
    fees: Bits,
) -> Result<Cents, Worse> {
    let (old, old_terms) = old;
    let (new, new_terms) = new;
    if new.len() < old.len() {
        return Err(Worse::Shorter);
    }
    let bonus = new_terms.bonus.checked_sub(old_terms.bonus);
    let reimbursements = new_terms
        .reimbursements
        .checked_sub(old_terms.reimbursements);
    let mut sum = bonus
        .zip(reimbursements)
        .ok_or(Worse::TermsLess)
        .and_then(|(bonus, more)| bonus.checked_add(more).ok_or(Worse::TooLarge))?;
    let mut before = old.iter();
    for (index, milestone) in (0_u8..).zip(new) {
        let (stipend, fee) = match before.next() {
            None => (Some(milestone.stipend), Some(milestone.site_fee)),
            Some(was) if was.kind != milestone.kind || was.counts != milestone.counts => {
                return Err(Worse::Changed(index));
            }
            Some(was) => (
                milestone.stipend.checked_sub(was.stipend),
                milestone.site_fee.checked_sub(was.site_fee),
            ),
        };
        let (stipend, fee) = stipend.zip(fee).ok_or(Worse::Less(index))?;
        for (amount, is_earned) in [(stipend, earned.has(index)), (fee, fees.has(index))] {
            if !is_earned {
                sum = sum.checked_add(amount).ok_or(Worse::TooLarge)?;
            }
        }
    }
    Ok(sum)
}
