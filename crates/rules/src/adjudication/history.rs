//! Live lines: exact duplicates, suspects and frequency (rulings.md 3; domain.md B3).

use super::benefit::Entry;
use super::docket::Docket;
use super::line::{Checked, Line};
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

    pub(super) fn is(self, other: Self) -> bool {
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

    /// A set of modifiers that is known by one identifier of four bytes, zeros for none: two sets
    /// are the same where their identifiers are.
    #[must_use]
    pub const fn keyed([a, b, c, d]: [u8; 4]) -> Self {
        Self([[0; 2], [0; 2], [a, b], [c, d]])
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

    /// Whether `other` is by the same provider and begins on the same day.
    #[must_use]
    pub fn is_same_visit_as(&self, other: &Self) -> bool {
        self.date == other.date && self.provider.is(other.provider)
    }
}

/// What live lines say about one line; whoever keeps the lines keeps it with them.
///
/// One word, so that one look shows whether there is more to it than a day. Its lower half is the
/// last time that the code was live, on or before the service date, counted from
/// [`Date::MIN`], which is 1; 0 where it never was. Above it stands a bit for each of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings(u64);

impl Findings {
    /// The line is live already.
    pub(super) const DUPLICATE: Self = Self(1 << 32);
    /// Another claim has a line of the same provider and day.
    pub(super) const SUSPECT: Self = Self(1 << 33);
    /// A line of this claim took the copay of this category and day; of a line that was decided,
    /// that it did.
    pub(super) const COPAY_TAKEN: Self = Self(1 << 34);

    /// Whether at most a day is known.
    pub(super) const fn has_no_bit(self) -> bool {
        self.0 >> 32 == 0
    }

    /// Whether this, which is one of the bits, is known.
    pub(super) const fn has(self, bit: Self) -> bool {
        self.0 & bit.0 != 0
    }

    /// Notes a bit where `known`.
    #[inline(always)]
    pub(super) fn note(&mut self, bit: Self, known: bool) {
        if known {
            self.0 |= bit.0;
        }
    }

    /// The last time that the code was live.
    pub(super) fn last_service(self) -> Option<Date> {
        let day = self.day().checked_sub(1)?;
        Date::MIN.plus_days(day)
    }

    /// Notes a day on which the code was live.
    fn note_service(&mut self, date: Date) {
        // No day is before the first, nor so far from it that the next number does not fit.
        let day = date.days_since(Date::MIN).unsigned_abs().wrapping_add(1);
        if day > self.day() {
            self.0 = (self.0 >> 32 << 32) | u64::from(day);
        }
    }

    const fn day(self) -> u32 {
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// Days of the history that can matter to a claim: from the first, this many more.
struct Reach {
    first: Date,
    more: u32,
}

impl Reach {
    fn of(lines: &Checked) -> Self {
        let first = lines.days.from.minus_days(lines.frequency_days);
        Self {
            first,
            more: lines.days.to.days_since(first).unsigned_abs(),
        }
    }

    /// One comparison, as every entry of the history meets it: a day before the first wraps around
    /// to a number beyond all days.
    const fn has(&self, date: Date) -> bool {
        date.days().wrapping_sub(self.first.days()).cast_unsigned() <= self.more
    }
}

impl<E: Entry> Line<E> {
    /// On how many days before it the history is asked about its code.
    pub(super) fn frequency_days(&self) -> u32 {
        self.benefit
            .as_ref()
            .and_then(Entry::frequency_days)
            .unwrap_or(0)
    }

    fn category(&self) -> Option<u8> {
        self.benefit.as_ref().and_then(Entry::category)
    }
}

/// Reads the history once and leaves what it says about each line with the line.
#[inline(always)]
pub(super) fn search<D: Docket>(
    history: impl IntoIterator<Item = Service>,
    lines: &Checked,
    docket: &mut D,
) {
    let history = history.into_iter();
    if history.size_hint().1 == Some(0) {
        return;
    }
    let reach = Reach::of(lines);
    for entry in history {
        if reach.has(entry.date) {
            compare(&entry, docket);
        }
    }
}

/// Holds one entry of the history against each line.
#[inline(never)]
fn compare<D: Docket>(entry: &Service, docket: &mut D) {
    for index in 0..docket.count() {
        let Some(Line { service, .. }) = docket.line(index) else {
            break;
        };
        let Some(found) = docket.findings_mut(index) else {
            break;
        };
        if entry.date == service.date {
            if service.is_duplicate_of(entry) {
                found.note(Findings::DUPLICATE, true);
            } else if service.is_same_visit_as(entry) {
                found.note(Findings::SUSPECT, true);
            }
        }
        if entry.code == service.code && entry.date <= service.date {
            found.note_service(entry.date);
        }
    }
}

/// What is known at a glance of the lines decided so far: whether looking back at each of them can
/// find anything. For most lines it cannot, and sixteen lines make a hundred and twenty pairs.
#[derive(Default)]
pub(super) struct GoneBy {
    /// A bit for every code there was; several codes share one.
    codes: u64,
    /// The day and category of the copays that were taken.
    copay: Option<(Date, Option<u8>)>,
    /// Whether copays of several days or categories were.
    copays_differ: bool,
}

impl GoneBy {
    /// Notes the code of a line whose turn it is, and says whether looking back can find anything.
    #[inline(always)]
    pub(super) fn meet<E>(&mut self, line: &Line<E>) -> bool {
        let bit = Self::bit(line.service.code);
        let was_there = self.codes & bit != 0;
        self.codes |= bit;
        was_there || self.copays_differ
    }

    /// Notes that a line took a copay.
    #[inline(always)]
    pub(super) fn note_copay<E: Entry>(&mut self, line: &Line<E>) {
        let copay = Some((line.service.date, line.category()));
        self.copays_differ |= self.copay.is_some() && self.copay != copay;
        self.copay = copay;
    }

    /// Whether the copay of this line's day and category was taken, where no two copays differ.
    #[inline(always)]
    pub(super) fn took_copay_of<E: Entry>(&self, line: &Line<E>) -> bool {
        self.copay
            .is_some_and(|copay| copay == (line.service.date, line.category()))
    }

    /// One of 64 by the whole code: what tells codes apart may stand anywhere in it.
    const fn bit(code: CodeKey) -> u64 {
        // 2^64 over the golden ratio, as numbers are hashed by multiplying: close ones come far apart.
        1 << (u64::from_le_bytes(code.0).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
    }
}

/// What is known of a line, and what the claim's own lines before it add to that: those that were
/// not denied.
///
/// `within`: how many of the first lines can be before it.
#[inline(never)]
pub(super) fn look_back<D: Docket>(index: usize, within: usize, docket: &D) -> Findings {
    let mut findings = docket.findings(index);
    let Some(line) = docket.line(index) else {
        return findings;
    };
    for at in 0..within {
        let Some(other) = docket.line(at) else {
            break;
        };
        let took_copay = docket.findings(at).has(Findings::COPAY_TAKEN);
        let same_code = other.service.code == line.service.code;
        if !same_code && !took_copay {
            continue;
        }
        if !docket.is_live(at) || other.turn() >= line.turn() {
            continue;
        }
        if same_code {
            let is_duplicate = line.service.is_duplicate_of(&other.service);
            findings.note(Findings::DUPLICATE, is_duplicate);
            findings.note_service(other.service.date);
        }
        let is_same_copay = took_copay
            && other.service.date == line.service.date
            && other.category() == line.category();
        findings.note(Findings::COPAY_TAKEN, is_same_copay);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_of_a_line_is_found_again() {
        let mut findings = Findings::default();
        assert!(findings.has_no_bit());
        assert_eq!(findings.last_service(), None);
        let bits = [
            Findings::DUPLICATE,
            Findings::SUSPECT,
            Findings::COPAY_TAKEN,
        ];
        for (index, bit) in bits.into_iter().enumerate() {
            findings.note(bit, false);
            assert!(!findings.has(bit));
            findings.note(bit, true);
            assert!(!findings.has_no_bit());
            for (other, bit) in bits.into_iter().enumerate() {
                assert_eq!(findings.has(bit), other <= index);
            }
        }
        // The latest day stands, whatever the order, and changes nothing else.
        for (noted, last) in [
            (Date::MIN, Date::MIN),
            (Date::MAX, Date::MAX),
            (Date::MIN, Date::MAX),
        ] {
            findings.note_service(noted);
            assert_eq!(findings.last_service(), Some(last));
            assert!(bits.into_iter().all(|bit| findings.has(bit)));
        }
        let mut dated = Findings::default();
        dated.note_service(Date::MAX);
        assert!(dated.has_no_bit());
    }
}
