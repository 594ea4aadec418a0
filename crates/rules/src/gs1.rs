//! What stands in the code on a pack: GS1 element strings and GS1 Digital Link URIs, read strictly.
//!
//! Sources: GS1 General Specifications 3 (Application Identifiers), 4.12 to 4.14 (associations), 5.4, 7.2 to 7.12
//! (symbology identifiers, separators, check digits, dates, character sets); GS1 Digital Link URI Syntax 1.2; the
//! GS1 Syntax Dictionary for formats and associations.
//!
//! A code that cannot be read in one way only is refused, never guessed: a guess dispenses the wrong pack.

mod check;
mod date;
mod element_string;
mod error;
mod format;
mod link;
mod lint;
mod message;
mod pack;
mod rules;
mod table;

pub use check::{check_digit, check_pair_fits, has_check_digit};
pub use date::{full_year, two_digit_date, Gs1Date};
pub use error::{Fault, Gs1Error, Place};
pub use format::{is_cset_39, is_cset_82};
pub use link::is_link;
pub use message::{Ai, Element, Message, MAX_ELEMENTS, MAX_TEXT};
pub use pack::{Expiry, Pack};

/// Reads the text of a code in any of its forms: bracketed Application Identifiers, `(01)…(21)…`; a raw scan with its
/// symbology identifier, `]d2…`; the form with `^` for FNC1; a GS1 Digital Link URI. In a raw scan the separator is
/// the character 0x1D or the four characters `<GS>`. `year` is the present year: GS1 dates have two digits for theirs.
///
/// # Errors
/// The first [`Gs1Error`], with its place.
pub fn parse(text: &str, year: u16) -> Result<Message, Gs1Error> {
    // Wedge scanners end what they type with a line break.
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
    // Of a symbol that is no GS1 one (`]Q1`, `]d1`), a link is still a Digital Link.
    let link = [
        Some(text),
        text.strip_prefix(']').and_then(|rest| rest.get(2..)),
    ];
    let message = match link.into_iter().flatten().find(|text| link::is_link(text)) {
        Some(link) => link::parse(link)?,
        None => element_string::parse(text, year)?,
    };
    for element in message.elements() {
        format::check(element, year)?;
    }
    rules::check(&message)?;
    pack::check_expiries(&message, year)?;
    Ok(message)
}
