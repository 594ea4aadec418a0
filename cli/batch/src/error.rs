//! What is wrong with a list of serial numbers or a leaf file.

use std::io;

/// A refusal, each with its stable name.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A file cannot be read or written.
    #[error("The file cannot be read or written: {0}.")]
    Io(#[from] io::Error),
    /// Not a GTIN of 14 digits with its check digit.
    #[error("The GTIN must have 14 digits, the last its check digit; put zeros in front of a shorter one.")]
    BadGtin,
    /// Sizes of cases or pallets that make no tree.
    #[error("A case has at least one pack and a pallet at least one case, and the whole batch fits a tree of height 40.")]
    BadLayout,
    /// An empty list.
    #[error("The list has no serial number.")]
    NoSerials,
    /// More than the leaf file can count.
    #[error("A batch has at most 4,294,967,295 packs; split it.")]
    TooManySerials,
    /// A line that is no serial number.
    #[error("Line {line}: {why}")]
    BadSerial {
        /// From 1.
        line: u64,
        /// What to do.
        why: &'static str,
    },
    /// The same serial number twice.
    #[error("The serial number {serial} stands on lines {first} and {second}; a serial number is unique for its GTIN.")]
    RepeatedSerial {
        /// It.
        serial: String,
        /// Lines, from 1.
        first: u64,
        /// From 1.
        second: u64,
    },
    /// Not a leaf file of this version.
    #[error("This is not a leaf file as `galen batch build` writes it.")]
    NotALeafFile,
    /// A leaf file that is cut, reordered or changed.
    #[error("The leaf file is damaged ({0}); get it again from whoever built it, and compare its SHA-256.")]
    Damaged(&'static str),
    /// No such pack.
    #[error("The batch has no pack with this serial number; mind upper and lower case.")]
    UnknownSerial,
    /// The system gave no random numbers.
    #[cfg(not(target_family = "wasm"))]
    #[error("The system gave no random numbers for the salts: {0}.")]
    NoRandomness(getrandom::Error),
}

impl BatchError {
    /// The stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file_unreadable",
            Self::BadGtin => "bad_gtin",
            Self::BadLayout => "bad_layout",
            Self::NoSerials => "no_serials",
            Self::TooManySerials => "too_many_serials",
            Self::BadSerial { .. } => "bad_serial",
            Self::RepeatedSerial { .. } => "repeated_serial",
            Self::NotALeafFile => "not_a_leaf_file",
            Self::Damaged(_) => "leaf_file_damaged",
            Self::UnknownSerial => "unknown_serial",
            #[cfg(not(target_family = "wasm"))]
            Self::NoRandomness(_) => "no_randomness",
        }
    }
}
