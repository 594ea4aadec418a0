//! A claim's lines as the rulebook meets them: read where they lie in the claim and in the schedule, and decided in place.

use galen_rules::adjudication::{Docket, Findings, Line, LineResult, ProviderTag};

use crate::convert;
use crate::state::{BenefitEntry, ClaimLine};

/// What belongs to one line beside the claim's own.
pub struct Place<'a> {
    /// What the schedule says of its code; none where the schedule does not list it.
    pub entry: Option<&'a BenefitEntry>,
    findings: Findings,
}

impl<'a> Place<'a> {
    /// The place of a line before anything is known of it.
    #[inline(always)]
    pub fn of(entry: Option<&'a BenefitEntry>) -> Self {
        Self {
            entry,
            findings: Findings::default(),
        }
    }

    /// Whether the schedule pays the line only with a pack.
    #[inline(always)]
    pub fn asks_pack(&self) -> bool {
        self.entry
            .is_some_and(|entry| entry.has(BenefitEntry::WITH_PACK))
    }
}

/// The lines of a claim, their places, and what the rulebook is told of them beside. `TOLD`: whether it is told anything.
/// Most claims say it all themselves, and are then spared the question at each field.
pub struct Sheet<'a, const TOLD: bool> {
    lines: &'a mut [ClaimLine],
    places: Vec<Place<'a>>,
    told: Vec<Line>,
    provider: ProviderTag,
    suspect: bool,
    prior_unpaid: bool,
    names_pack: bool,
}

impl<'a, const TOLD: bool> Sheet<'a, TOLD> {
    /// The lines of a claim of `provider` with as many places, and, where more is to be said of them than both say, in the
    /// rulebook's own words.
    pub fn new(
        lines: &'a mut [ClaimLine],
        places: Vec<Place<'a>>,
        told: Vec<Line>,
        provider: ProviderTag,
    ) -> Self {
        Self {
            lines,
            places,
            told,
            provider,
            suspect: false,
            prior_unpaid: false,
            names_pack: false,
        }
    }

    /// Whether a line, let through or not, is paid only with a pack.
    pub fn names_pack(&self) -> bool {
        self.names_pack
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

impl<const TOLD: bool> Docket for Sheet<'_, TOLD> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.lines.len()
    }

    #[inline(always)]
    fn line(&self, index: usize) -> Option<Line> {
        if TOLD {
            return self.told.get(index).copied();
        }
        let (line, place) = (self.lines.get(index)?, self.places.get(index)?);
        // There are sixteen at most.
        let number = u16::try_from(index).ok()?.checked_add(1)?;
        Some(convert::line(number, line, self.provider, place.entry))
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
        self.suspect |= result.suspect;
        if TOLD {
            self.prior_unpaid |= result.prior_unpaid;
        }
        if let Some(place) = self.places.get_mut(index) {
            self.names_pack |= place.asks_pack();
            // All else that is known of the line is in its place already.
            if result.took_copay() {
                place.findings = result.findings();
            }
        }
        if let Some(line) = self.lines.get_mut(index) {
            convert::record(line, result);
        }
    }
}
