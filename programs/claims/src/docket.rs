//! A claim's lines as the rulebook meets them: read where they lie in the claim and in the schedule, and decided in place.

use galen_rules::adjudication::{Benefit, Docket, Entry, Findings, Line, LineResult, ProviderTag};
use galen_rules::Date;

use crate::convert;
use crate::state::{BenefitEntry, ClaimLine};

/// What belongs to one line beside the claim's own.
pub struct Place<'a> {
    /// What the schedule says of its code; none where the schedule does not list it.
    pub entry: Option<&'a BenefitEntry>,
    findings: Findings,
    /// Its service date.
    pub date: Date,
}

impl<'a> Place<'a> {
    /// The place of a line before anything is known of it.
    #[inline(always)]
    pub fn of(date: Date, entry: Option<&'a BenefitEntry>) -> Self {
        Self {
            entry,
            findings: Findings::default(),
            date,
        }
    }
}

/// Whose word the rulebook takes for a line.
pub trait Telling<'a> {
    /// What is known of a code.
    type Entry: Entry;

    /// The line at `index`.
    fn line(&self, index: usize, line: &ClaimLine, place: &Place<'a>) -> Option<Line<Self::Entry>>;
}

/// The claim's own and the schedule's, of a provider: most claims say it all themselves, and are then spared the question at
/// each field.
pub struct AsItStands(pub ProviderTag);

impl<'a> Telling<'a> for AsItStands {
    type Entry = &'a BenefitEntry;

    #[inline(always)]
    fn line(&self, index: usize, line: &ClaimLine, place: &Place<'a>) -> Option<Line<Self::Entry>> {
        // There are sixteen at most.
        let number = u16::try_from(index).ok()?.checked_add(1)?;
        Some(convert::line_on(
            number,
            place.date,
            line,
            self.0,
            place.entry,
        ))
    }
}

/// Lines in the rulebook's own words, where more is to be said of them than claim and schedule say.
impl<'a> Telling<'a> for Vec<Line> {
    type Entry = Benefit;

    #[inline(always)]
    fn line(&self, index: usize, _: &ClaimLine, _: &Place<'a>) -> Option<Line> {
        self.get(index).copied()
    }
}

/// The lines of a claim, their places, and who tells of them.
pub struct Sheet<'a, T> {
    lines: &'a mut [ClaimLine],
    places: Vec<Place<'a>>,
    told: T,
    suspect: bool,
    prior_unpaid: bool,
}

impl<'a, T: Telling<'a>> Sheet<'a, T> {
    /// The lines of a claim with as many places.
    pub fn new(lines: &'a mut [ClaimLine], places: Vec<Place<'a>>, told: T) -> Self {
        Self {
            lines,
            places,
            told,
            suspect: false,
            prior_unpaid: false,
        }
    }

    /// Whether a line that was let through is a suspect.
    pub fn suspect(&self) -> bool {
        self.suspect
    }

    /// Whether of a line that was let through another payer, who comes first, is said to have paid nothing.
    pub fn prior_unpaid(&self) -> bool {
        self.prior_unpaid
    }
}

impl<'a, T: Telling<'a>> Docket for Sheet<'a, T> {
    type Entry = T::Entry;

    #[inline(always)]
    fn count(&self) -> usize {
        self.lines.len()
    }

    #[inline(always)]
    fn line(&self, index: usize) -> Option<Line<T::Entry>> {
        let (line, place) = (self.lines.get(index)?, self.places.get(index)?);
        self.told.line(index, line, place)
    }

    #[inline(always)]
    fn findings(&self, index: usize) -> Findings {
        self.places
            .get(index)
            .map_or_else(Findings::default, |place| place.findings)
    }

    #[inline(always)]
    fn findings_mut(&mut self, index: usize) -> Option<&mut Findings> {
        self.places.get_mut(index).map(|place| &mut place.findings)
    }

    #[inline(always)]
    fn is_live(&self, index: usize) -> bool {
        self.lines.get(index).is_some_and(|line| !line.is_denied())
    }

    #[inline(always)]
    fn record(&mut self, index: usize, result: &LineResult) {
        // All else that is known of the line is in its place already.
        if result.took_copay() {
            if let Some(place) = self.places.get_mut(index) {
                place.findings = result.findings();
            }
        }
        if result.suspect {
            self.suspect = true;
        }
        if result.prior_unpaid {
            self.prior_unpaid = true;
        }
        if let Some(line) = self.lines.get_mut(index) {
            convert::record(line, result);
        }
    }
}
