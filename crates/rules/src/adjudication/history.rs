//! Live lines: exact duplicates, suspects and frequency (rulings.md 3; domain.md B3).

use super::line::{Claim, Line};
use super::result::LineResult;
use crate::date::Date;

/// A procedure code: eight bytes, a keyed identifier on chain, the code itself natively.
///
/// Aligned, as are the others below, so that comparing two costs one instruction and not eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct CodeKey(pub [u8; 8]);

/// Who did it, as eight bytes that tell the providers of one member apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct ProviderTag(pub [u8; 8]);

impl ProviderTag {
    /// Where it is not known who did it: may be any provider's for exact duplicates, and is
    /// nobody's for suspects.
    pub const UNKNOWN: Self = Self([0; 8]);

    pub(super) fn may_be(self, other: Self) -> bool {
        self == other || self == Self::UNKNOWN || other == Self::UNKNOWN
    }

    fn is(self, other: Self) -> bool {
        self == other && self != Self::UNKNOWN
    }
}

/// Up to four procedure modifiers of two characters, in no particular order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct Modifiers([[u8; 2]; 4]);

impl Modifiers {
    /// None.
    pub const NONE: Self = Self([[0; 2]; 4]);

    /// The modifiers, unused places zero; the order in which they are given does not matter.
    #[must_use]
    pub fn new(mut modifiers: [[u8; 2]; 4]) -> Self {
        modifiers.sort_unstable();
        Self(modifiers)
    }

    /// The modifiers, sorted.
    #[must_use]
    pub const fn get(self) -> [[u8; 2]; 4] {
        self.0
    }
}

/// What was done, when and by whom: what makes two lines the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// When.
    pub date: Date,
    /// What.
    pub code: CodeKey,
    /// By whom.
    pub provider: ProviderTag,
    /// How.
    pub modifiers: Modifiers,
    /// Which of several equal services of that day, as the claim states it: a second one that is
    /// no duplicate has another number.
    pub sequence: u8,
}

impl Service {
    /// Whether `other` is this very service. The charge plays no part.
    #[must_use]
    pub fn is_duplicate_of(&self, other: &Self) -> bool {
        self.code == other.code
            && self.date == other.date
            && self.sequence == other.sequence
            && self.modifiers == other.modifiers
            && self.provider.may_be(other.provider)
    }

    /// Whether `other` is by the same provider on the same day.
    #[must_use]
    pub fn is_same_visit_as(&self, other: &Self) -> bool {
        self.date == other.date && self.provider.is(other.provider)
    }
}

/// What live lines say about one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// It is live already.
    pub duplicate: bool,
    /// Another claim has a line of the same provider and day.
    pub suspect: bool,
    /// A line of this claim took the copay of this category and day.
    pub copay_taken: bool,
    /// The last time that the code was live, on or before the service date.
    pub last_service: Option<Date>,
}

/// Days of the history that can matter to a claim: from the first, this many more.
struct Reach {
    first: Date,
    more: u32,
}

impl Reach {
    fn of(lines: &[Line]) -> Self {
        let (mut first, mut last, mut days) = (Date::MAX, Date::MIN, 0);
        for line in lines {
            let date = line.service.date;
            first = first.min(date);
            last = last.max(date);
            days = days.max(line.frequency_days());
        }
        let first = first.minus_days(days);
        Self {
            first,
            more: last.days_since(first).unsigned_abs(),
        }
    }

    /// One comparison, as every entry of the history meets it: a day before the first wraps around
    /// to a number beyond all days.
    const fn has(&self, date: Date) -> bool {
        date.days().wrapping_sub(self.first.days()).cast_unsigned() <= self.more
    }
}

impl Line {
    fn frequency_days(&self) -> u32 {
        self.benefit
            .as_ref()
            .and_then(|benefit| benefit.frequency_days)
            .unwrap_or(0)
    }

    fn category(&self) -> Option<u8> {
        self.benefit.as_ref().and_then(|benefit| benefit.category)
    }
}

/// Reads the history once and leaves what it says about each line in the line's result.
pub(super) fn search(
    history: impl IntoIterator<Item = Service>,
    claim: &Claim<'_>,
    results: &mut [LineResult],
) {
    let history = history.into_iter();
    if history.size_hint().1 == Some(0) {
        return;
    }
    let reach = Reach::of(claim.lines);
    for entry in history {
        if !reach.has(entry.date) {
            continue;
        }
        for (line, result) in claim.lines.iter().zip(results.iter_mut()) {
            let service = &line.service;
            let found = &mut result.findings;
            if entry.date == service.date {
                if service.is_duplicate_of(&entry) {
                    found.duplicate = true;
                } else if service.is_same_visit_as(&entry) {
                    found.suspect = true;
                }
            }
            if entry.code == service.code && entry.date <= service.date {
                found.last_service = found.last_service.max(Some(entry.date));
            }
        }
    }
}

/// What is known at a glance of the lines decided so far: whether looking back at each of them can
/// find anything. For most lines it cannot, and sixteen lines make a hundred and twenty pairs.
#[derive(Default)]
pub(super) struct GoneBy {
    /// A bit for every code there was; several codes share one.
    codes: u64,
    copay_taken: bool,
}

impl GoneBy {
    pub(super) fn note(&mut self, line: &Line, result: &LineResult) {
        self.codes |= Self::bit(line);
        self.copay_taken |= result.findings.copay_taken;
    }

    pub(super) fn can_matter_to(&self, index: usize, lines: &[Line]) -> bool {
        self.copay_taken
            || lines
                .get(index)
                .is_some_and(|line| self.codes & Self::bit(line) != 0)
    }

    /// By the last characters of a code, or of its keyed identifier.
    fn bit(line: &Line) -> u64 {
        let [.., a, b, c, d] = line.service.code.0;
        1 << ((a ^ b ^ c ^ d) & 63)
    }
}

/// Adds what the claim's own lines before this one say: those that were not denied.
///
/// `within`: how many of the first lines can be before it.
pub(super) fn look_back(
    index: usize,
    within: usize,
    lines: &[Line],
    results: &[LineResult],
) -> Findings {
    let (Some(line), Some(result)) = (lines.get(index), results.get(index)) else {
        return Findings::default();
    };
    let mut findings = result.findings;
    let earlier = lines.get(..within).unwrap_or(lines);
    for (other, result) in earlier.iter().zip(results) {
        let same_code = other.service.code == line.service.code;
        if !same_code && !result.findings.copay_taken {
            continue;
        }
        if !result.is_live() || other.turn() >= line.turn() {
            continue;
        }
        if same_code {
            findings.duplicate |= line.service.is_duplicate_of(&other.service);
            findings.last_service = findings.last_service.max(Some(other.service.date));
        }
        findings.copay_taken |= result.findings.copay_taken
            && other.service.date == line.service.date
            && other.category() == line.category();
    }
    findings
}
