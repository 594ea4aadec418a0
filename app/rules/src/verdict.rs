//! The answer to a scan, from what the ledger records.

use galen_rules::provenance::{
    self, Answer, Dispensed, Doubt, Facts, Holding, Kept, Lacking, Mark, Path, Raised, Readings,
    Recall, RecallClass, RecallDepth, Record, Reservation, Status, Watch,
};
use galen_rules::Date;
use serde::{Deserialize, Serialize};

use crate::{hex, Refused, Result};

/// What is known of a pack. Keys are 64 hexadecimal digits, places run from the pack up to the batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    is_member: bool,
    /// Whether its serial number is in another batch of the product.
    is_elsewhere: bool,
    holdings: [Option<HoldingRead>; 4],
    recalls: [Vec<RecallRead>; 4],
    is_dispensed: bool,
    /// Where and when, as long as that is recorded.
    dispensed: Option<DispensedRead>,
    reservation: Option<ReservationRead>,
    /// Base units in a pack of the batch; 0 where packs are dispensed whole.
    units: u32,
    /// Base units that were taken out of this one.
    units_taken: u32,
    is_page_open: bool,
    /// The batch's last day of use, in days since 1970-01-01.
    expiry: i32,
    /// The last day of use in the code, in the same days.
    printed_expiry: Option<i32>,
    /// Unix second on the ledger.
    now: i64,
    /// Seconds by which the clock of whoever asks is east of Greenwich.
    offset: i32,
    asker: String,
    is_custody_recorded: bool,
    /// Whether there are limits to how warm it may be kept.
    is_limited: bool,
    /// What watches over each place.
    watches: [Option<WatchRead>; 4],
}

/// As its monitor has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WatchRead {
    /// Whether a device watches now.
    is_on: bool,
    /// Unix second.
    registered_at: i64,
    /// Unix second up to which time is accounted for.
    until: i64,
    /// Seconds of which the temperature is known.
    known: u64,
    /// Seconds of which it is not.
    gaps: u64,
    releases: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldingRead {
    custodian: String,
    /// As it is stored: its place among all statuses.
    status: u8,
    /// Unix second of the last change.
    at: i64,
    /// The doubt that nobody has released.
    doubt: DoubtRead,
}

/// As it is stored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DoubtRead {
    /// The number of its status; 0 for none.
    status: u8,
    /// Unix seconds at which it was raised.
    at: [u32; 2],
    /// 16 hexadecimal digits each: with whom the goods were then.
    with: [String; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecallRead {
    issuer: String,
    /// As it is stored: 1 to 3, 4 for not set yet.
    class: u8,
    /// As it is stored: 0 to wholesalers, 1 to pharmacies, 2 to patients.
    depth: u8,
}

/// That a pack is or was kept for a claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReservationRead {
    pharmacy: String,
    claim: String,
    /// Last Unix second at which it is kept.
    until: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DispensedRead {
    premises: String,
    /// Unix second.
    at: i64,
    is_handed_out: bool,
}

/// What time it is, in Unix seconds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    ledger: i64,
    here: i64,
}

/// Whether what a node says is too old to count.
pub fn is_behind(clocks: &Clocks) -> bool {
    provenance::is_behind(clocks.ledger, clocks.here)
}

/// The answer, and how far readings of how it was kept reach.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Told {
    /// The answer.
    #[serde(flatten)]
    pub said: Said,
    /// Unix second; none where there are no limits to how warm it may be kept, or no readings.
    pub readings_since: Option<i64>,
}

/// The answer, in words for a machine.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Said {
    /// Not in the batch.
    Unknown,
    /// Recalled.
    Recalled {
        /// `one`, `two`, `three` or `unset`.
        class: String,
        /// `wholesaler`, `retailer` or `consumer`.
        depth: String,
        /// Who recalled it.
        issuer: String,
    },
    /// Dispensed before.
    Dispensed {
        /// Where; none where that is no longer recorded.
        premises: Option<String>,
        /// `YYYY-MM-DD`; none where that is no longer recorded.
        on: Option<String>,
    },
    /// Expired.
    Expired,
    /// In two batches.
    Suspect,
    /// The code names another expiry than the batch has (`No_match_GTIN_Serial_Lot_Expiry` of verification routers):
    /// the code was not made by who made the batch.
    ExpiryDiffers,
    /// Set aside, in transit, destroyed or the like.
    NotSellable {
        /// The status.
        status: String,
    },
    /// Kept for somebody's claim.
    Reserved {
        /// The pharmacy that keeps it.
        pharmacy: String,
        /// The claim.
        claim: String,
        /// Last Unix second at which it is kept.
        until: i64,
    },
    /// Opened: some of it is with patients.
    Opened {
        /// Base units left in it.
        left: u32,
    },
    /// In somebody else's custody.
    NotInCustody,
    /// Custody is not recorded.
    CannotTell,
    /// Its page is not on the ledger.
    NoPage,
    /// As sellable, but nobody can say that it was kept as it must be.
    NoReadings {
        /// `never`, `silent` or `partly`.
        why: String,
    },
    /// Genuine and sellable.
    Sellable,
}

/// Answers a scan.
///
/// # Errors
/// `bad_request` for numbers that no account of this version has.
pub fn answer(request: &Request) -> Result<Told> {
    let mut records = [Record::default(); 4];
    for (place, read) in records.iter_mut().zip(&request.holdings) {
        if let Some(read) = read {
            place.holding = Some(holding(read)?);
            place.doubt = doubt(read)?;
        }
    }
    for (place, read) in records.iter_mut().zip(&request.recalls) {
        for one in read {
            let one = recall(one)?;
            place.recall = Some(place.recall.map_or(one, |other| other.graver(one)));
        }
    }
    let facts = Facts {
        is_member: request.is_member,
        is_elsewhere: request.is_elsewhere,
        path: Path::of(&records),
        is_dispensed: request.is_dispensed,
        dispensed: request.dispensed.as_ref().map(dispensed).transpose()?,
        reservation: request
            .reservation
            .as_ref()
            .filter(|kept| request.now <= kept.until)
            .map(reservation)
            .transpose()?,
        opened: provenance::opened(request.units, request.units_taken),
        is_page_open: request.is_page_open,
        expiry: Date::from_days(request.expiry).ok_or_else(no_date)?,
        today: provenance::today(request.now, request.offset).ok_or_else(no_date)?,
        asker: hex::read(&request.asker)?,
        is_custody_recorded: request.is_custody_recorded,
    };
    let is_printed_so = request
        .printed_expiry
        .is_none_or(|printed| printed == request.expiry);
    let readings = if request.is_limited {
        readings(request)?
    } else {
        Readings::default()
    };
    let said = match provenance::answer(&facts).lacking(readings.lacking) {
        Answer::Unknown => Said::Unknown,
        Answer::Recalled(recall) => Said::Recalled {
            class: words(recall.class),
            depth: words(recall.depth),
            issuer: hex::write(&recall.issuer),
        },
        Answer::Dispensed(dispensed) => Said::Dispensed {
            premises: dispensed.map(|dispensed| hex::write(&dispensed.premises)),
            on: dispensed.map(|dispensed| dispensed.on.to_string()),
        },
        Answer::Expired => Said::Expired,
        Answer::Suspect => Said::Suspect,
        _ if !is_printed_so => Said::ExpiryDiffers,
        Answer::NotSellable(status) => Said::NotSellable {
            status: words(status),
        },
        Answer::Reserved(kept) => Said::Reserved {
            pharmacy: hex::write(&kept.pharmacy),
            claim: hex::write(&kept.claim),
            until: kept.until,
        },
        Answer::Opened(opened) => Said::Opened { left: opened.left },
        Answer::NotInCustody => Said::NotInCustody,
        Answer::CannotTell => Said::CannotTell,
        Answer::NoPage => Said::NoPage,
        Answer::NoReadings(why) => Said::NoReadings {
            why: match why {
                Lacking::Never => "never",
                Lacking::Silent => "silent",
                Lacking::Partly => "partly",
            }
            .into(),
        },
        Answer::Sellable => Said::Sellable,
    };
    Ok(Told {
        said,
        readings_since: readings.since,
    })
}

/// How far readings of how the pack was kept reach.
fn readings(request: &Request) -> Result<Readings> {
    let mut places = [Kept::default(); 4];
    for ((place, read), watch) in places
        .iter_mut()
        .zip(&request.holdings)
        .zip(&request.watches)
    {
        if let Some(read) = read {
            place.custodian = Some(hex::read(&read.custodian)?);
            place.since = Some(read.at);
        }
        place.watch = watch.as_ref().map(|watch| Watch {
            is_on: watch.is_on,
            registered_at: watch.registered_at,
            until: watch.until,
            known: watch.known,
            gaps: watch.gaps,
            releases: watch.releases,
        });
    }
    Ok(provenance::readings(&places, request.now))
}

fn holding(read: &HoldingRead) -> Result<Holding> {
    Ok(Holding {
        custodian: hex::read(&read.custodian)?,
        status: status(read.status)?,
        at: read.at,
    })
}

fn status(number: u8) -> Result<Status> {
    Status::ALL
        .get(usize::from(number))
        .copied()
        .ok_or_else(|| Refused::new("bad_request", "There is no such status."))
}

/// The doubt at a place: as it is kept there, or of a record of a time at which doubts were not kept.
fn doubt(read: &HoldingRead) -> Result<Option<Doubt>> {
    let held = holding(read)?;
    let kept = &read.doubt;
    if kept.status == 0 {
        let is_set_aside = held.status.is_set_aside();
        return Ok(is_set_aside.then(|| Doubt::new(held.status, &held.custodian, held.at)));
    }
    let status = status(kept.status)?;
    if !status.is_set_aside() {
        return Err(Refused::new("bad_request", "There is no such doubt."));
    }
    let ([first, second], [at, again]) = (&kept.with, kept.at);
    let raised = |with: &str, at| -> Result<Raised> {
        let with: Mark = hex::read(with)?;
        Ok(Raised { with, at })
    };
    Ok(Some(Doubt {
        status,
        raised: [raised(first, at)?, raised(second, again)?],
    }))
}

fn recall(read: &RecallRead) -> Result<Recall> {
    Ok(Recall {
        issuer: hex::read(&read.issuer)?,
        class: match read.class {
            1 => RecallClass::One,
            2 => RecallClass::Two,
            3 => RecallClass::Three,
            4 => RecallClass::Unset,
            _ => {
                return Err(Refused::new(
                    "bad_request",
                    "There is no such recall class.",
                ))
            }
        },
        depth: match read.depth {
            0 => RecallDepth::Wholesaler,
            1 => RecallDepth::Retailer,
            2 => RecallDepth::Consumer,
            _ => {
                return Err(Refused::new(
                    "bad_request",
                    "There is no such recall depth.",
                ))
            }
        },
    })
}

fn reservation(read: &ReservationRead) -> Result<Reservation> {
    Ok(Reservation {
        pharmacy: hex::read(&read.pharmacy)?,
        claim: hex::read(&read.claim)?,
        until: read.until,
    })
}

fn dispensed(read: &DispensedRead) -> Result<Dispensed> {
    Ok(Dispensed {
        premises: hex::read(&read.premises)?,
        on: Date::from_unix(read.at).ok_or_else(no_date)?,
        is_handed_out: read.is_handed_out,
    })
}

fn no_date() -> Refused {
    Refused::new("bad_request", "A date lies outside the years 1 to 9999.")
}

/// The name of a value of the rulebook in lower case, words joined by `_`.
fn words(value: impl std::fmt::Debug) -> String {
    let mut text = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, Value};

    /// Who has something, in which status, with no doubt about it.
    fn held(custodian: &str, status: u8) -> Value {
        let nobody = "00".repeat(8);
        json!({
            "custodian": custodian, "status": status, "at": 100,
            "doubt": {"status": 0, "at": [0, 0], "with": [nobody, nobody]},
        })
    }

    /// A pack in a case that the asker has received, on 2026-03-15 = day 20,527, its last day.
    fn facts() -> Value {
        let (pharmacy, other) = ("11".repeat(32), "22".repeat(32));
        json!({
            "is_member": true, "is_elsewhere": false,
            "holdings": [null, held(&pharmacy, 3), null, held(&other, 0)],
            "recalls": [[], [], [], []],
            "is_dispensed": false, "dispensed": null, "reservation": null,
            "units": 100, "units_taken": 0, "is_page_open": true,
            "expiry": 20_527, "printed_expiry": 20_527, "now": 20_527_i64 * 86_400 + 5, "offset": 0,
            "asker": pharmacy,
            "is_custody_recorded": true, "is_limited": false, "watches": [null, null, null, null],
        })
    }

    fn told(facts: Value) -> Result<Told> {
        answer(&serde_json::from_value(facts).expect("a request"))
    }

    fn said(facts: Value) -> Result<Said> {
        told(facts).map(|told| told.said)
    }

    fn with(name: &str, value: Value) -> Result<Said> {
        let mut facts = facts();
        facts[name] = value;
        said(facts)
    }

    #[test]
    fn each_answer_of_the_rulebook_is_told() {
        let other = "22".repeat(32);
        assert_eq!(said(facts()), Ok(Said::Sellable));
        assert_eq!(with("is_member", json!(false)), Ok(Said::Unknown));
        assert_eq!(with("is_elsewhere", json!(true)), Ok(Said::Suspect));
        assert_eq!(with("asker", json!(other)), Ok(Said::NotInCustody));
        assert_eq!(with("now", json!(20_528_i64 * 86_400)), Ok(Said::Expired));
        assert_eq!(
            with("holdings", json!([null, null, null, null])),
            Ok(Said::CannotTell)
        );
        assert_eq!(
            with("holdings", json!([held(&other, 5), null, null, null])),
            Ok(Said::NotSellable {
                status: "quarantined".into()
            })
        );
        let dispensed =
            json!({"premises": other, "at": 20_500_i64 * 86_400, "is_handed_out": true});
        assert_eq!(
            with("is_dispensed", json!(true)),
            Ok(Said::Dispensed {
                premises: None,
                on: None
            })
        );
        let mut facts = facts();
        facts["is_dispensed"] = json!(true);
        facts["dispensed"] = dispensed;
        assert_eq!(
            said(facts),
            Ok(Said::Dispensed {
                premises: Some(other.clone()),
                on: Some("2026-02-16".into())
            })
        );
    }

    /// A pack that is recorded apart is in doubt with its case, whatever has become of that, until the doubt is released.
    #[test]
    fn a_doubt_stays_until_it_is_released() {
        let (pharmacy, other) = ("11".repeat(32), "22".repeat(32));
        let of_case = |custodian: &str, status: u8, doubt: Value| {
            let mut case = held(custodian, status);
            case["doubt"] = doubt;
            with("holdings", json!([held(&pharmacy, 3), case, null, null]))
        };
        let raised = |with: &str, at: u32| {
            let with = [with.repeat(8), "00".repeat(8)];
            json!({"status": 6, "at": [at, 0], "with": with})
        };
        let suspect = Ok(Said::NotSellable {
            status: "suspect".into(),
        });
        // With the pharmacy still, gone to somebody else, destroyed.
        for (custodian, status) in [(&pharmacy, 6), (&other, 6), (&pharmacy, 10)] {
            assert_eq!(of_case(custodian, status, raised("11", 100)), suspect);
            assert_eq!(of_case(custodian, status, raised("ff", 100)), suspect);
            // Before its own record, or about what was elsewhere.
            assert_eq!(
                of_case(custodian, status, raised("11", 99)),
                Ok(Said::Sellable)
            );
            assert_eq!(
                of_case(custodian, status, raised("22", 100)),
                Ok(Said::Sellable)
            );
        }
        let none = held(&pharmacy, 10)["doubt"].clone();
        assert_eq!(of_case(&pharmacy, 10, none.clone()), Ok(Said::Sellable));
        // As it was recorded before doubts were kept.
        assert_eq!(of_case(&pharmacy, 6, none.clone()), suspect);
        assert_eq!(of_case(&other, 6, none), Ok(Said::Sellable));
    }

    /// Its last day is over in Auckland while it has eleven hours to go in Greenwich; in Los Angeles it is over when the program says so.
    #[test]
    fn its_last_day_is_over_where_it_is() {
        let at = |hour: i64, east: i32| {
            let mut facts = facts();
            facts["now"] = json!(20_527_i64 * 86_400 + hour * 3_600);
            facts["offset"] = json!(east * 3_600);
            said(facts)
        };
        assert_eq!(at(10, 13), Ok(Said::Sellable));
        assert_eq!(at(11, 13), Ok(Said::Expired));
        assert_eq!(at(23, -8), Ok(Said::Sellable));
        assert_eq!(at(24, -8), Ok(Said::Expired));
    }

    #[test]
    fn what_a_node_says_may_be_five_minutes_old() {
        for (here, behind) in [(1_300, false), (1_301, true), (0, false)] {
            let clocks = serde_json::from_value(json!({"ledger": 1_000, "here": here}));
            assert_eq!(is_behind(&clocks.expect("clocks")), behind, "{here}");
        }
    }

    #[test]
    fn a_pack_is_kept_up_to_the_last_second() {
        let (pharmacy, claim) = ("11".repeat(32), "44".repeat(32));
        let now = 20_527_i64 * 86_400 + 5;
        let kept = |until: i64| json!({"pharmacy": pharmacy, "claim": claim, "until": until});
        assert_eq!(
            with("reservation", kept(now)),
            Ok(Said::Reserved {
                pharmacy: pharmacy.clone(),
                claim: claim.clone(),
                until: now
            })
        );
        assert_eq!(with("reservation", kept(now - 1)), Ok(Said::Sellable));
    }

    #[test]
    fn an_opened_pack_is_neither_sellable_nor_dispensed() {
        let mut open = facts();
        open["units_taken"] = json!(30);
        assert_eq!(said(open.clone()), Ok(Said::Opened { left: 70 }));
        // Where opening dispenses, its bit is set.
        open["is_dispensed"] = json!(true);
        assert_eq!(said(open.clone()), Ok(Said::Opened { left: 70 }));
        open["units_taken"] = json!(100);
        let emptied = Said::Dispensed {
            premises: None,
            on: None,
        };
        assert_eq!(said(open), Ok(emptied));
    }

    #[test]
    fn without_its_page_a_pack_is_not_called_sellable() {
        assert_eq!(with("is_page_open", json!(false)), Ok(Said::NoPage));
    }

    #[test]
    fn the_gravest_recall_of_all_places_is_told() {
        let recall = |class: u8| json!({"issuer": "33".repeat(32), "class": class, "depth": 2});
        for (recalls, class) in [
            (json!([[], [recall(3), recall(2)], [], []]), "two"),
            (json!([[recall(3)], [], [], [recall(1)]]), "one"),
            (json!([[], [], [recall(2), recall(4)], []]), "unset"),
        ] {
            let told = Said::Recalled {
                class: class.into(),
                depth: "consumer".into(),
                issuer: "33".repeat(32),
            };
            assert_eq!(with("recalls", recalls), Ok(told));
        }
    }

    #[test]
    fn a_doubt_about_the_case_reaches_the_pack_that_is_recorded_apart() {
        let (pharmacy, other) = ("11".repeat(32), "22".repeat(32));
        let suspect = Ok(Said::NotSellable {
            status: "suspect".into(),
        });
        for (custodian, at, told) in [
            (&pharmacy, 100, suspect),
            (&pharmacy, 99, Ok(Said::Sellable)),
            (&other, 100, Ok(Said::Sellable)),
        ] {
            let mut case = held(custodian, 6);
            case["at"] = json!(at);
            let holdings = json!([held(&pharmacy, 3), case, null, null]);
            assert_eq!(with("holdings", holdings), told, "{custodian} {at}");
        }
    }

    #[test]
    fn a_code_with_another_expiry_is_never_called_genuine() {
        assert_eq!(
            with("printed_expiry", json!(20_528)),
            Ok(Said::ExpiryDiffers)
        );
        assert_eq!(with("printed_expiry", json!(null)), Ok(Said::Sellable));
        let mut facts = facts();
        facts["printed_expiry"] = json!(20_528);
        facts["is_member"] = json!(false);
        assert_eq!(
            said(facts),
            Ok(Said::Unknown),
            "what is graver is told first"
        );
    }

    #[test]
    fn numbers_that_no_account_has_are_refused() {
        let key = "11".repeat(32);
        let doubted = |status: u8| {
            let mut held = held(&key, 3);
            held["doubt"]["status"] = json!(status);
            held
        };
        for (name, value) in [
            ("holdings", json!([held(&key, 14), null, null, null])),
            ("holdings", json!([doubted(3), null, null, null])),
            ("holdings", json!([doubted(14), null, null, null])),
            (
                "recalls",
                json!([[{"issuer": key, "class": 0, "depth": 0}], [], [], []]),
            ),
            (
                "recalls",
                json!([[{"issuer": key, "class": 1, "depth": 3}], [], [], []]),
            ),
            ("now", json!(i64::MAX)),
            ("asker", json!("11")),
        ] {
            assert_eq!(with(name, value).expect_err(name).code, "bad_request");
        }
    }

    /// Who has the case has the logger in it; one in the pallet, which is elsewhere, says nothing of it.
    #[test]
    fn without_readings_it_is_not_called_sellable() {
        let now = 20_527_i64 * 86_400 + 5;
        // Received at second 100.
        let watch = |from: i64, until: i64| json!({"is_on": true, "registered_at": from, "until": until, "known": until - from, "gaps": 0, "releases": 0});
        let limited = |watches: Value| {
            let mut facts = facts();
            facts["is_limited"] = json!(true);
            facts["watches"] = watches;
            told(facts).map(|told| (told.said, told.readings_since))
        };
        let lacking = |why: &str| Said::NoReadings { why: why.into() };
        let none = Value::Null;
        for (watches, said, since) in [
            (json!([none, none, none, none]), lacking("never"), None),
            (
                json!([none, none, none, watch(100, now)]),
                lacking("never"),
                None,
            ),
            (
                json!([none, watch(100, now - 86_401), none, watch(100, now)]),
                lacking("silent"),
                Some(100),
            ),
            (
                json!([none, watch(100, now - 86_400), none, none]),
                Said::Sellable,
                Some(100),
            ),
            (
                json!([watch(90, now), none, none, none]),
                Said::Sellable,
                Some(90),
            ),
            (
                json!([none, watch(14_500, now), none, none]),
                Said::Sellable,
                Some(14_500),
            ),
            (
                json!([none, watch(14_501, now), none, none]),
                lacking("partly"),
                Some(14_501),
            ),
        ] {
            assert_eq!(limited(watches), Ok((said, since)));
        }
        // Without limits it is nobody's business how warm it was.
        let mut free = facts();
        free["watches"] = json!([none, watch(14_501, now), none, none]);
        let told = told(free).expect("an answer");
        assert_eq!((told.said, told.readings_since), (Said::Sellable, None));
    }

    #[test]
    fn the_answer_and_its_readings_are_one_object() {
        let told = told(facts()).expect("an answer");
        let told = serde_json::to_value(told).expect("JSON");
        assert_eq!(told, json!({"answer": "sellable", "readings_since": null}));
    }
}
