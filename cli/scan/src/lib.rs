//! Finds the code on a medicine pack in a picture: DataMatrix or QR, in PNG or JPEG; and draws one.
//!
//! The answer is what a scanner would send: the symbology identifier (`]d2` for a GS1 DataMatrix), then the text with
//! FNC1 as the character 0x1D. What it means is for `galen_rules::gs1` to say.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod attempt;
mod draw;
mod picture;

use std::collections::BTreeSet;
use std::fmt;

pub use draw::{draw, DrawError};

/// Why a picture gives no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanError {
    /// Neither PNG nor JPEG, or damaged; the reader's words.
    NotAPicture(String),
    /// More pixels than can be looked through.
    TooLarge {
        /// Of the picture.
        pixels: u64,
        /// That are taken.
        most: u64,
    },
    /// No DataMatrix and no QR code was found.
    NoCode,
    /// More than one code: which is meant is not for a program to choose.
    SeveralCodes(usize),
}

impl ScanError {
    /// The stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPicture(_) => "not_a_picture",
            Self::TooLarge { .. } => "picture_too_large",
            Self::NoCode => "no_code",
            Self::SeveralCodes(_) => "several_codes",
        }
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::NotAPicture(why) => write!(f, "This is not a PNG or JPEG picture that can be read ({why})."),
            Self::TooLarge { pixels, most } => write!(
                f,
                "The picture has {pixels} pixels, more than {most}; crop it to the code or make it smaller."
            ),
            Self::NoCode => f.write_str(
                "There is no DataMatrix or QR code to be read in the picture; take it closer, straight from above and \
                 in even light, with the whole code and its white margin in it.",
            ),
            Self::SeveralCodes(count) => write!(
                f,
                "There are {count} different codes in the picture; take or crop a picture of one pack's code only."
            ),
        }
    }
}

impl std::error::Error for ScanError {}

/// Reads the one code in a picture; the same code twice is one code.
///
/// # Errors
/// Each [`ScanError`].
pub fn scan(bytes: &[u8]) -> Result<String, ScanError> {
    let picture = picture::decode(bytes)?;
    for attempt in attempt::ALL {
        let found: BTreeSet<String> = attempt(&picture).into_iter().collect();
        let count = found.len();
        if let Some(text) = found.into_iter().next() {
            return if count == 1 {
                Ok(text)
            } else {
                Err(ScanError::SeveralCodes(count))
            };
        }
    }
    Err(ScanError::NoCode)
}
