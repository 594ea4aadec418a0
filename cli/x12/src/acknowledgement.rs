//! Acknowledgements of an 837P: the 999 (005010X231A1) says whether its form was accepted, the 277CA (005010X214) which
//! claims go on to adjudication.
//!
//! A transaction set is rejected where its header, its levels or its counts are wrong, or no claim in it is readable. Where
//! some claims are, it is accepted with errors, which the 999 names, and the 277CA rejects the others one by one.

mod claims;
mod implementation;

pub use claims::write_277ca;
pub use implementation::{write_999, Verdict};

use crate::interchange::{Interchange, Usage};
use crate::writer::Envelope;

/// The envelope of an answer to an interchange: back to who sent it. `control` is the answer's own number.
pub fn envelope_back(
    to: &Interchange,
    date: galen_rules::Date,
    minute: u16,
    control: u32,
) -> Envelope {
    Envelope {
        sender: to.receiver.clone(),
        receiver: to.sender.clone(),
        date,
        minute,
        control,
        usage: match to.usage {
            Usage::Production => Usage::Production,
            Usage::Test => Usage::Test,
        },
    }
}
