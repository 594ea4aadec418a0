//! Whether two scans of one serial number can be of one pack.
//!
//! A copied code verifies like the original: only what is known of it (dispensed, in whose custody) and where it turns up
//! can tell the two apart (domain.md C2, clones). Places are squares of one degree, about a hundred kilometres: fine
//! enough for packs that are in two cities at once, too coarse to follow anybody.

/// A square of one degree of latitude and one of longitude, by its south-western corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    latitude: i16,
    longitude: i16,
}

impl Cell {
    /// The square whose corner has this latitude (-90 to 89) and longitude (-180 to 179), in whole degrees; none outside.
    #[must_use]
    pub const fn new(latitude: i16, longitude: i16) -> Option<Self> {
        if latitude < -90 || latitude > 89 || longitude < -180 || longitude > 179 {
            return None;
        }
        Some(Self {
            latitude,
            longitude,
        })
    }

    /// Whole degrees north of the corner.
    #[must_use]
    pub const fn latitude(self) -> i16 {
        self.latitude
    }

    /// And east.
    #[must_use]
    pub const fn longitude(self) -> i16 {
        self.longitude
    }
}

/// Kilometres of the Earth's mean radius.
const RADIUS: u64 = 6_371;
/// What two points of two squares can be nearer to each other than their middles: twice half a diagonal at the equator,
/// and what rounding loses.
const SLACK: u64 = 160;
/// The scale of [`SINES`].
const SCALE: u64 = 10_000;
/// The sine of each half degree, 0.5° to 89.5°, in ten thousandths.
const SINES: [i16; 90] = [
    87, 262, 436, 610, 785, 958, 1132, 1305, 1478, 1650, 1822, 1994, 2164, 2334, 2504, 2672, 2840,
    3007, 3173, 3338, 3502, 3665, 3827, 3987, 4147, 4305, 4462, 4617, 4772, 4924, 5075, 5225, 5373,
    5519, 5664, 5807, 5948, 6088, 6225, 6361, 6494, 6626, 6756, 6884, 7009, 7133, 7254, 7373, 7490,
    7604, 7716, 7826, 7934, 8039, 8141, 8241, 8339, 8434, 8526, 8616, 8704, 8788, 8870, 8949, 9026,
    9100, 9171, 9239, 9304, 9367, 9426, 9483, 9537, 9588, 9636, 9681, 9724, 9763, 9799, 9833, 9863,
    9890, 9914, 9936, 9954, 9969, 9981, 9990, 9997, 10_000,
];

/// The sine of half a degree more than `degrees`, in ten thousandths.
fn sine(degrees: i16) -> i64 {
    let turn = degrees.rem_euclid(360);
    let (half, sign) = if turn < 180 {
        (turn, 1)
    } else {
        (turn.saturating_sub(180), -1)
    };
    let quarter = if half < 90 {
        half
    } else {
        179_i16.saturating_sub(half)
    };
    let value = usize::try_from(quarter)
        .ok()
        .and_then(|place| SINES.get(place))
        .copied()
        .unwrap_or_default();
    i64::from(value).saturating_mul(sign)
}

/// The cosine of half a degree more than `degrees`.
fn cosine(degrees: i16) -> i64 {
    sine(degrees.saturating_add(90))
}

/// The middle of a square on a sphere of radius `SCALE`².
fn middle(cell: Cell) -> [i64; 3] {
    let across = cosine(cell.latitude);
    let scale = i64::try_from(SCALE).unwrap_or_default();
    [
        across.saturating_mul(cosine(cell.longitude)),
        across.saturating_mul(sine(cell.longitude)),
        sine(cell.latitude).saturating_mul(scale),
    ]
}

/// Kilometres that lie between any two points of two squares at the least: through the Earth, so that it is never more than
/// the way along it.
#[must_use]
pub fn least_distance(from: Cell, to: Cell) -> u64 {
    let square = middle(from)
        .iter()
        .zip(middle(to))
        .fold(0_u64, |sum, (from, to)| {
            let difference = from.abs_diff(to);
            sum.saturating_add(difference.saturating_mul(difference))
        });
    let chord = square
        .isqrt()
        .saturating_mul(RADIUS)
        .checked_div(SCALE.saturating_mul(SCALE))
        .unwrap_or_default();
    chord.saturating_sub(SLACK)
}

/// Whether one pack can have been in both squares, `seconds` apart, if nothing moves faster than `kmh`.
#[must_use]
pub fn is_plausible(from: Cell, to: Cell, seconds: u64, kmh: u16) -> bool {
    let way = u64::from(kmh).saturating_mul(seconds) / 3_600;
    least_distance(from, to) <= way
}

/// Where and when a pack was scanned, by what somebody reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Where.
    pub cell: Cell,
    /// Unix second.
    pub at: i64,
}

impl Sighting {
    /// Whether one pack can have been at both, this one being the later.
    fn is_plausible_after(self, before: Self, kmh: u16) -> bool {
        let seconds = u64::try_from(self.at.saturating_sub(before.at)).unwrap_or_default();
        is_plausible(before.cell, self.cell, seconds, kmh)
    }
}

/// What is kept of a pack's reports: the last, and the last of somebody else.
///
/// A suspicion takes two reporters. Where somebody says that the pack is is their own word: by two reports of their own, from two
/// places, anybody could make any pack suspect. So a report is held against the latest one of somebody else, and that one counts
/// against one report only: whatever one reporter says, it adds no more suspicions than others have made reports, twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sightings {
    /// The last report.
    pub last: Sighting,
    /// The latest report of somebody else than the last one's reporter; none once it has raised a suspicion.
    pub other: Option<Sighting>,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighted {
    /// What is kept from now on.
    pub kept: Sightings,
    /// Whether one pack can have been there and where the reports before say.
    pub is_plausible: bool,
    /// Whether it cannot by the report of somebody else: a suspicion.
    pub is_suspicion: bool,
}

impl Sightings {
    /// Takes in the next report, of the last one's reporter or of somebody else, where nothing moves faster than `kmh` kilometres an
    /// hour.
    #[must_use]
    pub fn then(self, next: Sighting, is_same_reporter: bool, kmh: u16) -> Sighted {
        let follows_last = next.is_plausible_after(self.last, kmh);
        let others = if is_same_reporter {
            self.other
        } else {
            Some(self.last)
        };
        let is_suspicion = others.is_some_and(|other| !next.is_plausible_after(other, kmh));
        Sighted {
            kept: Self {
                last: next,
                other: others.filter(|_| !is_suspicion),
            },
            is_plausible: follows_last && !is_suspicion,
            is_suspicion,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    fn cell(latitude: i16, longitude: i16) -> Cell {
        Cell::new(latitude, longitude).unwrap()
    }

    /// The way along the Earth between two points, in double precision.
    fn real(from: (f64, f64), to: (f64, f64)) -> f64 {
        let (a, b) = (from.0.to_radians(), to.0.to_radians());
        let (dl, dp) = ((to.1 - from.1).to_radians(), b - a);
        let h = (dp / 2.0).sin().powi(2) + a.cos() * b.cos() * (dl / 2.0).sin().powi(2);
        2.0 * 6_371.0 * h.sqrt().min(1.0).asin()
    }

    #[test]
    fn the_table_is_of_sines() {
        for degrees in -720..720_i16 {
            let angle = (f64::from(degrees) + 0.5).to_radians();
            assert!((sine(degrees) as f64 - 1e4 * angle.sin()).abs() <= 0.5 + 1e-9);
            assert!((cosine(degrees) as f64 - 1e4 * angle.cos()).abs() <= 0.5 + 1e-9);
        }
    }

    #[test]
    fn squares_are_on_the_globe() {
        for (latitude, longitude, is_one) in [
            (-90, -180, true),
            (89, 179, true),
            (90, 0, false),
            (-91, 0, false),
            (0, 180, false),
            (0, -181, false),
        ] {
            assert_eq!(Cell::new(latitude, longitude).is_some(), is_one);
        }
    }

    #[test]
    fn never_more_than_the_way_between_any_two_points() {
        let mut state = 5_u64;
        let mut below = |end: i16| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i16::try_from((state >> 33) % u64::try_from(end).unwrap()).unwrap()
        };
        for _ in 0..100_000 {
            let from = (below(180) - 90, below(360) - 180);
            let to = (below(180) - 90, below(360) - 180);
            let mut inside = |(latitude, longitude): (i16, i16)| {
                let part = |part: i16| f64::from(part) / 1e3;
                (
                    f64::from(latitude) + part(below(1_000)),
                    f64::from(longitude) + part(below(1_000)),
                )
            };
            let way = real(inside(from), inside(to));
            let least = least_distance(cell(from.0, from.1), cell(to.0, to.1)) as f64;
            assert!(least <= way, "{from:?} {to:?}: {least} {way}");
            // And not much less: the chord is at least 2/π of the arc.
            assert!(
                least + 480.0 >= way * 0.63,
                "{from:?} {to:?}: {least} {way}"
            );
        }
    }

    #[test]
    fn two_cities_at_once() {
        let (paris, lagos, brussels) = (cell(48, 2), cell(6, 3), cell(50, 4));
        // 4,700 km, of which some 4,400 count.
        assert!(!is_plausible(paris, lagos, 3_600, 1_000));
        assert!(is_plausible(paris, lagos, 5 * 3_600, 1_000));
        assert!(is_plausible(paris, brussels, 600, 1_000));
        assert!(is_plausible(paris, paris, 0, 1));
        // Across the date line the two are neighbours.
        assert_eq!(least_distance(cell(-18, 179), cell(-18, -180)), 0);
        // Through the middle of the Earth.
        let opposite = least_distance(cell(0, 0), cell(-1, -180));
        assert!(opposite.abs_diff(2 * RADIUS - SLACK) <= 1, "{opposite}");
    }

    /// The suspicions of these reports, each by a reporter, from a square, so many seconds after the one before; at 1,000 km/h.
    fn suspicions(reports: &[(char, Cell, i64)]) -> std::vec::Vec<bool> {
        let mut kept: Option<(char, Sightings)> = None;
        let mut at = 1_700_000_000;
        let mut suspicions = std::vec::Vec::new();
        for (by, cell, after) in reports.iter().copied() {
            at += after;
            let next = Sighting { cell, at };
            let sightings = match kept {
                None => Sightings {
                    last: next,
                    other: None,
                },
                Some((last, sightings)) => {
                    let sighted = sightings.then(next, last == by, 1_000);
                    assert!(!(sighted.is_suspicion && sighted.is_plausible));
                    suspicions.push(sighted.is_suspicion);
                    sighted.kept
                }
            };
            assert_eq!(sightings.last, next);
            kept = Some((by, sightings));
        }
        suspicions
    }

    #[test]
    fn a_suspicion_takes_two_reporters() {
        let (paris, lagos) = (cell(48, 2), cell(6, 3));
        for (reports, expected) in [
            // Alone, from as many places as one likes.
            (
                &[('a', paris, 0), ('a', lagos, 1), ('a', paris, 1)][..],
                &[false, false][..],
            ),
            (&[('a', paris, 0), ('b', lagos, 3_600)], &[true]),
            (&[('a', paris, 0), ('b', lagos, 5 * 3_600)], &[false]),
            // A report of one's own in between hides nothing.
            (
                &[('a', paris, 0), ('b', paris, 60), ('b', lagos, 60)],
                &[false, true],
            ),
            // One report of somebody else counts against one of one's own.
            (
                &[
                    ('a', paris, 0),
                    ('b', lagos, 1),
                    ('b', lagos, 1),
                    ('b', lagos, 1),
                    ('b', paris, 1),
                ],
                &[true, false, false, false],
            ),
            (
                &[
                    ('a', paris, 0),
                    ('b', paris, 60),
                    ('b', lagos, 60),
                    ('b', lagos, 60),
                ],
                &[false, true, false],
            ),
            // Each that the other adds counts again.
            (
                &[
                    ('a', paris, 0),
                    ('b', lagos, 1),
                    ('a', paris, 1),
                    ('b', lagos, 1),
                ],
                &[true, true, true],
            ),
            (
                &[('a', paris, 0), ('b', paris, 60), ('c', lagos, 60)],
                &[false, true],
            ),
        ] {
            assert_eq!(suspicions(reports), expected, "{reports:?}");
        }
    }

    #[test]
    fn nobody_adds_more_suspicions_than_twice_what_others_report() {
        let cells = [cell(48, 2), cell(6, 3), cell(-34, 18)];
        let mut state = 7_u64;
        let mut below = |end: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % end).unwrap()
        };
        let mut most = 0;
        for _ in 0..2_000 {
            let reports: std::vec::Vec<_> = (0..12)
                .map(|_| {
                    let by = ['a', 'a', 'a', 'a', 'b', 'c'][below(6)];
                    (by, cells[below(3)], i64::try_from(below(7_200)).unwrap())
                })
                .collect();
            let found = suspicions(&reports).iter().filter(|found| **found).count();
            for one in ['a', 'b', 'c'] {
                let others = reports.iter().filter(|(by, ..)| *by != one).count();
                assert!(found <= 2 * others, "{one}: {found} {reports:?}");
            }
            most = most.max(found);
        }
        assert!(most > 3, "{most}");
    }

    #[test]
    fn an_earlier_second_is_no_time_at_all() {
        let (paris, lagos) = (cell(48, 2), cell(6, 3));
        assert_eq!(suspicions(&[('a', paris, 0), ('b', lagos, -9)]), [true]);
        assert_eq!(suspicions(&[('a', paris, 0), ('b', paris, -9)]), [false]);
    }
}
