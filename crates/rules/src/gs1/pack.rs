//! What the code on a pack says about the pack.

use super::date::two_digit_date;
use super::error::{Fault, Gs1Error};
use super::message::{Element, Message};
use crate::date::Date;

/// When a pack expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The last day on which it may be used.
    pub date: Date,
    /// The code names the month only (day 00): read, but never registered.
    pub is_month: bool,
}

/// The identity of a pack: product, serial number, lot, expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pack<'a> {
    /// AI 01, 14 digits.
    pub gtin: Option<&'a str>,
    /// AI 21.
    pub serial: Option<&'a str>,
    /// AI 10.
    pub lot: Option<&'a str>,
    /// AI 17, or where a code has only that, the day of AI 7003; where it has both, they are the same day.
    pub expiry: Option<Expiry>,
}

/// Checks that AI 7003 names the day that AI 17 does, in the year `year`. Which of two counts would be a guess; day 00 is the last of its
/// month for both.
///
/// # Errors
/// [`Fault::ExpiriesDiffer`], at AI 7003.
pub(super) fn check_expiries(message: &Message, year: u16) -> Result<(), Gs1Error> {
    let day = |element: Element| {
        let text = element.value.get(..6)?;
        two_digit_date(text, year).ok().map(|read| read.date)
    };
    let of = |ai: &str| message.elements().find(|element| element.ai.as_str() == ai);
    match (of("17"), of("7003")) {
        (Some(date), Some(time)) if day(date) != day(time) => {
            Err(Gs1Error::at(Fault::ExpiriesDiffer, time.ai))
        }
        _ => Ok(()),
    }
}

impl<'a> Pack<'a> {
    /// The pack that a code describes, read in the year `year`.
    #[must_use]
    pub fn of(message: &'a Message, year: u16) -> Self {
        let expiry = message
            .value("17")
            .or_else(|| message.value("7003")?.get(..6))
            .and_then(|text| two_digit_date(text, year).ok());
        Self {
            gtin: message.value("01"),
            serial: message.value("21"),
            lot: message.value("10"),
            expiry: expiry.map(|read| Expiry {
                date: read.date,
                is_month: read.is_month,
            }),
        }
    }
}
