//! The answer to a scan: may this pack be sold?

use crate::date::Date;

use super::dispense::{Dispensed, Opened};
use super::doubt::Doubt;
use super::recall::Recall;
use super::status::Status;

/// Who has something, and what has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Who has it in custody.
    pub custodian: [u8; 32],
    /// What has become of it.
    pub status: Status,
    /// Unix second of the last change.
    pub at: i64,
}

/// What is recorded at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Custody.
    pub holding: Option<Holding>,
    /// A doubt that nobody has released.
    pub doubt: Option<Doubt>,
    /// A recall.
    pub recall: Option<Recall>,
}

/// What the records of the places that contain a pack come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The custody that decides.
    pub holding: Option<Holding>,
    /// The gravest recall.
    pub recall: Option<Recall>,
}

impl Path {
    /// Of the records of pack, case, pallet and batch. The first custody that is recorded decides: a case that was detached goes its own
    /// way, but for a doubt about what it was packed in. Any recall counts.
    #[must_use]
    pub fn of(records: &[Record; 4]) -> Self {
        records.iter().fold(Self::default(), |path, above| Self {
            holding: match (path.holding, above.doubt) {
                (None, _) => above.holding,
                (Some(own), Some(doubt)) if doubt.reaches(&own) => Some(Holding {
                    status: doubt.status,
                    ..own
                }),
                (own, _) => own,
            },
            recall: match (path.recall, above.recall) {
                (Some(below), Some(recall)) => Some(below.graver(recall)),
                (below, recall) => below.or(recall),
            },
        })
    }
}

/// That a pack is kept for somebody's claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The pharmacy that keeps it.
    pub pharmacy: [u8; 32],
    /// The claim.
    pub claim: [u8; 32],
    /// Last Unix second at which it is kept.
    pub until: i64,
}

/// What is known when a pack is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the pack is proved to be in the batch.
    pub is_member: bool,
    /// Whether its serial number is in more than one batch.
    pub is_elsewhere: bool,
    /// What is recorded above it.
    pub path: Path,
    /// Whether it was dispensed, alone or with its case or pallet.
    pub is_dispensed: bool,
    /// Where and when it was, as long as that is still recorded.
    pub dispensed: Option<Dispensed>,
    /// That it is kept for a claim now; none where nothing is, or no longer.
    pub reservation: Option<Reservation>,
    /// That it was filled from and is not empty. Whoever asks whether to fill from it leaves this out.
    pub opened: Option<Opened>,
    /// Whether its page is on the ledger: without it nobody dispenses it, and nothing shows that it was not.
    pub is_page_open: bool,
    /// The last day of use of the batch.
    pub expiry: Date,
    /// Today.
    pub today: Date,
    /// Who asks.
    pub asker: [u8; 32],
    /// Whether the batch's policy has its custody recorded.
    pub is_custody_recorded: bool,
}

/// The answer, the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Not in the batch.
    Unknown,
    /// Recalled: not to be sold, whatever else holds.
    Recalled(Recall),
    /// Dispensed before; by whom and when, as long as that is still recorded: the record may be closed when the dispense can no longer
    /// be undone.
    Dispensed(Option<Dispensed>),
    /// Expired.
    Expired,
    /// In two batches: one of them, or both, cannot be genuine.
    Suspect,
    /// Set aside, in transit, destroyed or the like.
    NotSellable(Status),
    /// Kept for somebody's claim: nothing but that claim dispenses it.
    Reserved(Reservation),
    /// Opened: some of it is with patients. It is filled from, and neither sold whole nor taken back.
    Opened(Opened),
    /// In somebody else's custody.
    NotInCustody,
    /// Custody is not recorded, so a copied code would look the same: never called genuine.
    CannotTell,
    /// Its page is not on the ledger: never called sellable, since nobody can dispense it.
    NoPage,
    /// As sellable, but of what there are limits to there are no readings: nobody can say that it was kept as it must be.
    NoReadings(Lacking),
    /// Genuine and sellable.
    Sellable,
}

/// Why there are no readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lacking {
    /// No device watches over it, or none has ever reported.
    Never,
    /// The device has been silent for longer than it may.
    Silent,
    /// Readings do not reach back to when who has it received it: of a part of that time nobody can say anything.
    Partly,
}

/// What is recorded of how a place was kept, and with whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Who has what is at the place; none where that is not recorded there.
    pub custodian: Option<[u8; 32]>,
    /// Unix second since which the place's record says so.
    pub since: Option<i64>,
    /// What watches over it.
    pub watch: Option<Watch>,
}

/// A watch over the temperature of a place. Its sums go on over another device, and begin anew with an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Whether a device watches now.
    pub is_on: bool,
    /// Unix second at which the device was registered.
    pub registered_at: i64,
    /// Unix second up to which time is accounted for, by readings or as a gap.
    pub until: i64,
    /// Seconds of which the temperature is known.
    pub known: u64,
    /// Seconds of which it is not, and which were held against the goods.
    pub gaps: u64,
    /// Assessments that released the goods.
    pub releases: u32,
}

/// The time of which a watch can tell, in Unix seconds.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    until: i64,
    /// Whether it begins with an assessment, which was of all time before.
    is_assessed: bool,
}

impl Watch {
    /// None where no device watches, or nothing was ever read or assessed.
    fn span(&self) -> Option<Span> {
        if !self.is_on || (self.known == 0 && self.releases == 0) {
            return None;
        }
        let accounted = i64::try_from(self.known.saturating_add(self.gaps)).unwrap_or(i64::MAX);
        // Where a watch was ended and begun anew, the time between is in no sum: so much later it seems to begin.
        let from = self.until.saturating_sub(accounted);
        Some(Span {
            from,
            until: self.until,
            // What is accounted for begins before its device only if it was not assessed since.
            is_assessed: self.releases > 0 && from > self.registered_at,
        })
    }
}

/// Longest time without a report, in seconds: a day.
pub const LONGEST_SILENCE: i64 = 86_400;
/// Longest time from when goods were received to the first reading of them, and between two devices, in seconds: 4 hours, for which one
/// reading may stand.
pub const LONGEST_START: i64 = 14_400;

/// How far the readings of a pack reach of which there are limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// Why it is not called sellable by them; none where it is.
    pub lacking: Option<Lacking>,
    /// Unix second since which there are readings; none where there are none.
    pub since: Option<i64>,
}

/// How far the readings of a pack reach. `places` are those that contain it, pack, case, pallet, batch: what watches over a larger one
/// counts as long as that is with who has the pack. They have to begin within `LONGEST_START` of when who has the pack received it, by
/// the record that says so, or be of goods that were assessed since, and to go on to within `LONGEST_SILENCE` of now; a device may take
/// over from another one.
#[must_use]
pub fn readings(places: &[Kept; 4], now: i64) -> Readings {
    let record_at = |place: usize| {
        let mut above = places.iter().skip(place);
        above.find(|kept| kept.custodian.is_some())
    };
    let custodian_at = |place: usize| record_at(place).and_then(|kept| kept.custodian);
    let own = custodian_at(0);
    let spans = || {
        let here = places.iter().enumerate();
        here.filter(|(place, _)| custodian_at(*place) == own)
            .filter_map(|(_, kept)| kept.watch?.span())
    };
    let received = record_at(0).and_then(|kept| kept.since).unwrap_or(now);
    let mut told: Option<Span> = None;
    // Each round adds what follows on what is told already: one for each place is enough.
    for _ in places {
        for span in spans() {
            let end = told.map_or(received, |told| told.until.max(received));
            if span.is_assessed || span.from <= end.saturating_add(LONGEST_START) {
                told = Some(told.map_or(span, |told| Span {
                    from: told.from.min(span.from),
                    until: told.until.max(span.until),
                    is_assessed: true,
                }));
            }
        }
    }
    let is_silent = |until: i64| now.saturating_sub(until) > LONGEST_SILENCE;
    Readings {
        lacking: match (told, spans().map(|span| span.until).max()) {
            (_, None) => Some(Lacking::Never),
            (Some(told), _) if !is_silent(told.until) => None,
            (_, Some(latest)) if is_silent(latest) => Some(Lacking::Silent),
            _ => Some(Lacking::Partly),
        },
        since: told
            .map(|told| told.from)
            .or_else(|| spans().map(|span| span.from).min()),
    }
}

impl Answer {
    /// The answer where there are no readings: what would be sold is not called genuine and sellable then.
    #[must_use]
    pub fn lacking(self, why: Option<Lacking>) -> Self {
        match (self, why) {
            (Self::Sellable, Some(why)) => Self::NoReadings(why),
            (answer, _) => answer,
        }
    }
}

/// Answers a scan.
#[must_use]
pub fn answer(facts: &Facts) -> Answer {
    if !facts.is_member {
        return Answer::Unknown;
    }
    if let Some(recall) = facts.path.recall {
        return Answer::Recalled(recall);
    }
    // Where opening a pack dispenses it, the bit says no more than that it is open.
    if facts.is_dispensed && facts.opened.is_none() {
        return Answer::Dispensed(facts.dispensed);
    }
    if facts.today > facts.expiry {
        return Answer::Expired;
    }
    if facts.is_elsewhere {
        return Answer::Suspect;
    }
    let holding = facts.path.holding;
    if let Some(holding) = holding.filter(|holding| !holding.status.is_sellable()) {
        return Answer::NotSellable(holding.status);
    }
    if let Some(reservation) = facts.reservation {
        return Answer::Reserved(reservation);
    }
    if let Some(opened) = facts.opened {
        return Answer::Opened(opened);
    }
    let is_recorded = facts.is_custody_recorded;
    match holding {
        Some(holding) if is_recorded && holding.custodian != facts.asker => Answer::NotInCustody,
        None if is_recorded => Answer::CannotTell,
        _ if !facts.is_page_open => Answer::NoPage,
        _ if !is_recorded => Answer::CannotTell,
        _ => Answer::Sellable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::{RecallClass, RecallDepth};

    const PHARMACY: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn day(day: u8) -> Date {
        Date::from_ymd(2026, 3, day).unwrap()
    }

    fn held(custodian: [u8; 32], status: Status) -> Option<Holding> {
        let at = 100;
        Some(Holding {
            custodian,
            status,
            at,
        })
    }

    /// Held by somebody, set aside or not.
    fn record(custodian: [u8; 32], status: Status) -> Record {
        let at = 100;
        Record {
            holding: held(custodian, status),
            doubt: status
                .is_set_aside()
                .then(|| Doubt::new(status, &custodian, at)),
            recall: None,
        }
    }

    fn facts() -> Facts {
        Facts {
            is_member: true,
            is_elsewhere: false,
            path: Path::of(&[
                Record::default(),
                record(PHARMACY, Status::Received),
                Record::default(),
                record(OTHER, Status::Commissioned),
            ]),
            is_dispensed: false,
            dispensed: None,
            reservation: None,
            opened: None,
            is_page_open: true,
            expiry: day(15),
            today: day(15),
            asker: PHARMACY,
            is_custody_recorded: true,
        }
    }

    #[test]
    fn the_first_that_applies_is_the_answer() {
        // From the last on, each fact hides all answers after it.
        let mut facts = facts();
        assert_eq!(answer(&facts), Answer::Sellable);
        facts.asker = OTHER;
        assert_eq!(answer(&facts), Answer::NotInCustody);
        facts.is_custody_recorded = false;
        assert_eq!(answer(&facts), Answer::CannotTell);
        let reservation = Reservation {
            pharmacy: PHARMACY,
            claim: [3; 32],
            until: 1,
        };
        facts.reservation = Some(reservation);
        assert_eq!(answer(&facts), Answer::Reserved(reservation));
        facts.path.holding = held(PHARMACY, Status::Quarantined);
        assert_eq!(answer(&facts), Answer::NotSellable(Status::Quarantined));
        facts.is_elsewhere = true;
        assert_eq!(answer(&facts), Answer::Suspect);
        facts.today = day(16);
        assert_eq!(answer(&facts), Answer::Expired);
        let dispensed = Dispensed {
            premises: OTHER,
            on: day(2),
            is_handed_out: true,
        };
        facts.dispensed = Some(dispensed);
        assert_eq!(answer(&facts), Answer::Expired, "a record is no dispense");
        facts.is_dispensed = true;
        assert_eq!(answer(&facts), Answer::Dispensed(Some(dispensed)));
        facts.dispensed = None;
        assert_eq!(answer(&facts), Answer::Dispensed(None));
        let recall = |class| {
            Some(Recall {
                class,
                depth: RecallDepth::Retailer,
                issuer: OTHER,
            })
        };
        facts.path.recall = recall(RecallClass::Two);
        assert_eq!(
            answer(&facts),
            Answer::Recalled(recall(RecallClass::Two).unwrap())
        );
        facts.is_member = false;
        assert_eq!(answer(&facts), Answer::Unknown);
    }

    #[test]
    fn an_opened_pack_is_sellable_for_nobody() {
        let opened = Some(Opened { left: 70 });
        let answered = Answer::Opened(Opened { left: 70 });
        for asker in [PHARMACY, OTHER] {
            for is_custody_recorded in [true, false] {
                // The bit is set where opening dispenses.
                for is_dispensed in [true, false] {
                    let facts = Facts {
                        opened,
                        asker,
                        is_custody_recorded,
                        is_dispensed,
                        ..facts()
                    };
                    assert_eq!(answer(&facts), answered);
                }
            }
        }
        // What is graver, and what comes before it, is told all the same.
        let open = Facts { opened, ..facts() };
        let unknown = Facts {
            is_member: false,
            ..open
        };
        assert_eq!(answer(&unknown), Answer::Unknown);
        let expired = Facts {
            today: day(16),
            ..open
        };
        assert_eq!(answer(&expired), Answer::Expired);
        let elsewhere = Facts {
            is_elsewhere: true,
            ..open
        };
        assert_eq!(answer(&elsewhere), Answer::Suspect);
        let reservation = Reservation {
            pharmacy: PHARMACY,
            claim: [3; 32],
            until: 1,
        };
        let kept = Facts {
            reservation: Some(reservation),
            ..open
        };
        assert_eq!(answer(&kept), Answer::Reserved(reservation));
    }

    #[test]
    fn without_its_page_no_pack_is_called_sellable() {
        let closed = Facts {
            is_page_open: false,
            ..facts()
        };
        assert_eq!(answer(&closed), Answer::NoPage);
        let untracked = Facts {
            is_custody_recorded: false,
            ..closed
        };
        assert_eq!(answer(&untracked), Answer::NoPage);
        let of_other = Facts {
            asker: OTHER,
            ..closed
        };
        assert_eq!(answer(&of_other), Answer::NotInCustody);
    }

    #[test]
    fn a_pack_that_is_kept_is_sellable_for_nobody() {
        let reservation = Reservation {
            pharmacy: PHARMACY,
            claim: [3; 32],
            until: 1,
        };
        for asker in [PHARMACY, OTHER] {
            for is_custody_recorded in [true, false] {
                let facts = Facts {
                    reservation: Some(reservation),
                    asker,
                    is_custody_recorded,
                    ..facts()
                };
                assert_eq!(answer(&facts), Answer::Reserved(reservation));
            }
        }
    }

    #[test]
    fn the_deepest_holding_decides_and_every_recall_counts() {
        let recall = |class| Recall {
            class,
            depth: RecallDepth::Wholesaler,
            issuer: OTHER,
        };
        for detached in 0..4 {
            let mut records = [Record::default(); 4];
            for above in records.iter_mut().skip(detached) {
                *above = record(OTHER, Status::Stolen);
            }
            records[detached] = record(PHARMACY, Status::Received);
            let said = |records: &[Record; 4]| {
                answer(&Facts {
                    path: Path::of(records),
                    ..facts()
                })
            };
            assert_eq!(said(&records), Answer::Sellable, "{detached}");
            let unset = recall(RecallClass::Unset);
            records[detached].recall = Some(unset);
            assert_eq!(said(&records), Answer::Recalled(unset), "{detached}");
            // The graver one, wherever it is.
            for other in (0..4).filter(|other| *other != detached) {
                records[detached].recall = Some(recall(RecallClass::Three));
                let mut records = records;
                records[other].recall = Some(recall(RecallClass::Two));
                let graver = recall(RecallClass::Two);
                assert_eq!(said(&records), Answer::Recalled(graver), "{other}");
            }
        }
    }

    #[test]
    fn a_later_doubt_reaches_what_is_recorded_apart() {
        let said = |records: &[Record; 4]| {
            answer(&Facts {
                path: Path::of(records),
                ..facts()
            })
        };
        for doubt in [Status::Quarantined, Status::Suspect, Status::Illegitimate] {
            for above in 1..4 {
                let mut records = [Record::default(); 4];
                records[0] = record(PHARMACY, Status::Received);
                records[above] = record(PHARMACY, doubt);
                assert_eq!(said(&records), Answer::NotSellable(doubt), "{above}");
                // It was looked at by itself since.
                let mut apart = records;
                apart[0].holding = apart[0].holding.map(|own| Holding {
                    at: own.at + 1,
                    ..own
                });
                assert_eq!(said(&apart), Answer::Sellable);
                // Somebody else's doubt is about what is elsewhere.
                let mut elsewhere = records;
                elsewhere[above] = record(OTHER, doubt);
                assert_eq!(said(&elsewhere), Answer::Sellable);
                // Whatever becomes of what it was packed in, with whomever.
                for custodian in [PHARMACY, OTHER] {
                    for status in Status::ALL {
                        let mut gone = records;
                        gone[above].holding = held(custodian, status);
                        assert_eq!(said(&gone), Answer::NotSellable(doubt), "{status:?}");
                        // Until it is released.
                        gone[above].doubt = None;
                        assert_eq!(said(&gone), Answer::Sellable);
                    }
                }
                // What has become of it by itself stays, where that is final or a doubt of its own.
                for own in Status::ALL {
                    let mut records = records;
                    records[0] = record(PHARMACY, own);
                    let decides = match own {
                        own if own.is_final() || own.is_set_aside() => own,
                        _ => doubt,
                    };
                    let decided = Path::of(&records).holding.map(|holding| holding.status);
                    assert_eq!(decided, Some(decides), "{own:?}");
                }
            }
        }
        // What leaves without it, or is lost, does not take it along.
        for status in Status::ALL {
            let mut records = [Record::default(); 4];
            records[0] = record(PHARMACY, Status::Received);
            records[1] = record(PHARMACY, status);
            let is_sellable = said(&records) == Answer::Sellable;
            assert_eq!(is_sellable, !status.is_set_aside(), "{status:?}");
        }
    }

    #[test]
    fn without_custody_nothing_is_called_genuine() {
        let mut facts = facts();
        facts.path = Path::default();
        assert_eq!(answer(&facts), Answer::CannotTell);
        facts.is_custody_recorded = false;
        assert_eq!(answer(&facts), Answer::CannotTell);
        facts.path.holding = held(PHARMACY, Status::Received);
        assert_eq!(answer(&facts), Answer::CannotTell);
    }

    #[test]
    fn without_readings_nothing_is_called_sellable() {
        for why in [Lacking::Never, Lacking::Silent, Lacking::Partly] {
            assert_eq!(Answer::Sellable.lacking(Some(why)), Answer::NoReadings(why));
            for answer in [Answer::CannotTell, Answer::NotInCustody, Answer::Expired] {
                assert_eq!(answer.lacking(Some(why)), answer);
            }
        }
        assert_eq!(Answer::Sellable.lacking(None), Answer::Sellable);
    }

    /// A device that was registered when the goods were received, at second 0, and has reported up to `until`.
    fn watch(until: i64) -> Watch {
        Watch {
            is_on: true,
            registered_at: 0,
            until,
            known: until.unsigned_abs(),
            gaps: 0,
            releases: 0,
        }
    }

    fn received(at: i64) -> [Kept; 4] {
        let mut places = [Kept::default(); 4];
        places[3].custodian = Some(PHARMACY);
        places[3].since = Some(at);
        places
    }

    fn lacking(places: &[Kept; 4], now: i64) -> Option<Lacking> {
        readings(places, now).lacking
    }

    #[test]
    fn what_watches_over_it_counts_where_it_is() {
        let now = 1_000_000;
        assert_eq!(
            readings(&received(0), now),
            Readings {
                lacking: Some(Lacking::Never),
                since: None
            }
        );
        for place in 0..4 {
            let mut places = received(0);
            for (ago, why) in [
                (0, None),
                (LONGEST_SILENCE, None),
                (LONGEST_SILENCE + 1, Some(Lacking::Silent)),
            ] {
                places[place].watch = Some(watch(now - ago));
                assert_eq!(lacking(&places, now), why, "{place} {ago}");
                assert_eq!(readings(&places, now).since, Some(0));
                // A device elsewhere says nothing; one that is with the same party does.
                let mut apart = places;
                apart[0].custodian = Some(OTHER);
                apart[0].since = Some(0);
                let elsewhere = if place == 0 {
                    why
                } else {
                    Some(Lacking::Never)
                };
                assert_eq!(lacking(&apart, now), elsewhere, "{place} {ago}");
                apart[0].custodian = Some(PHARMACY);
                assert_eq!(lacking(&apart, now), why, "{place} {ago}");
            }
            // Another one that has gone silent does no harm.
            places[place].watch = Some(watch(now));
            places[(place + 1) % 4].watch = Some(watch(1));
            assert_eq!(lacking(&places, now), None);
            // One that has read nothing, or that was taken off, tells nothing.
            for nothing in [
                Watch {
                    known: 0,
                    gaps: 1_000_000,
                    ..watch(now)
                },
                Watch {
                    is_on: false,
                    ..watch(now)
                },
            ] {
                let mut places = received(0);
                places[place].watch = Some(nothing);
                assert_eq!(lacking(&places, now), Some(Lacking::Never));
            }
        }
    }

    /// A night in a hot van, and then a logger that has read one minute.
    #[test]
    fn readings_reach_back_to_when_it_was_received() {
        let (at, now) = (500_000, 2_000_000);
        let begun = |from: i64| {
            let mut places = received(at);
            places[1].watch = Some(Watch {
                registered_at: from,
                known: 60,
                gaps: u64::try_from(now - from - 60).unwrap(),
                ..watch(now)
            });
            readings(&places, now)
        };
        for (from, lacking) in [
            (at - 1, None),
            (at + LONGEST_START, None),
            (at + LONGEST_START + 1, Some(Lacking::Partly)),
            (now - 60, Some(Lacking::Partly)),
        ] {
            let since = Some(from);
            assert_eq!(begun(from), Readings { lacking, since }, "{from}");
        }
    }

    #[test]
    fn what_was_assessed_since_needs_no_readings_from_before() {
        let (at, now) = (500_000, 2_000_000);
        let mut places = received(at);
        let mut told = |watch: Watch| {
            places[1].watch = Some(watch);
            lacking(&places, now)
        };
        // Released long after it was received; read since.
        let released = Watch {
            registered_at: at,
            known: 1_000,
            releases: 1,
            ..watch(now)
        };
        assert_eq!(told(released), None);
        assert_eq!(
            told(Watch {
                known: 0,
                ..released
            }),
            None
        );
        let late = |seconds: i64| Watch {
            registered_at: now - 1_000 + seconds,
            ..released
        };
        assert_eq!(told(late(-1)), None);
        // The assessment was before the watch was begun anew, of a time that is in no sum: it can be of any age.
        assert_eq!(told(late(0)), Some(Lacking::Partly));
        assert_eq!(told(late(500)), Some(Lacking::Partly));
        // Never assessed, and the same sums.
        assert_eq!(
            told(Watch {
                releases: 0,
                ..late(0)
            }),
            Some(Lacking::Partly)
        );
    }

    #[test]
    fn a_device_may_take_over_from_another() {
        let (at, now) = (500_000, 2_000_000);
        let over = 1_000_000;
        let span = |from: i64, until: i64| {
            Some(Watch {
                registered_at: from,
                known: u64::try_from(until - from).unwrap(),
                ..watch(until)
            })
        };
        for (later, why) in [
            (over + LONGEST_START, None),
            (over + LONGEST_START + 1, Some(Lacking::Partly)),
        ] {
            for (first, second) in [(0, 3), (3, 0), (1, 2)] {
                let mut places = received(at);
                places[first].watch = span(at, over);
                places[second].watch = span(later, now);
                assert_eq!(lacking(&places, now), why, "{first} {second} {later}");
                let since = readings(&places, now).since;
                assert_eq!(since, Some(at), "{first} {second} {later}");
            }
        }
        // Both silent.
        let mut places = received(at);
        places[0].watch = span(at, over);
        places[1].watch = span(over, over + 1);
        assert_eq!(lacking(&places, now), Some(Lacking::Silent));
    }

    #[test]
    fn no_number_of_a_watch_is_too_much() {
        let most = Watch {
            is_on: true,
            registered_at: i64::MAX,
            until: i64::MIN,
            known: u64::MAX,
            gaps: u64::MAX,
            releases: u32::MAX,
        };
        for now in [i64::MIN, 0, i64::MAX] {
            for at in [i64::MIN, i64::MAX] {
                for until in [i64::MIN, i64::MAX] {
                    let mut places = received(at);
                    places[0].watch = Some(Watch { until, ..most });
                    assert!(readings(&places, now).since.is_some());
                }
            }
        }
    }
}
