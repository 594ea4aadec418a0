//! What a medicine has been through: mean kinetic temperature, excursions, and whether it may still be sold.
//!
//! Sources: USP <659> (controlled room and controlled cold temperature, excursions, mean kinetic temperature) and USP
//! <1079.2> in force from 1 August 2025 (windows of 30 days and of 24 hours); ICH Q1A(R2), glossary (the formula);
//! rulings.md 5 (gaps, below the lower limit).
//!
//! Temperatures are thousandths of a degree Celsius, durations whole seconds.

mod fixed;
mod mkt;
mod profile;
mod summary;

pub use mkt::{Accumulator, GREATEST_MILLICELSIUS, LEAST_MILLICELSIUS};
pub use profile::{
    are_readings_missing, assess, Assessment, Interval, Profile, Quarantine, Verdict, COLD, ROOM,
};
pub use summary::{Summary, Window, PARTS, RING};
