//! Limits of the registry, each with its unit.

use anchor_lang::prelude::*;

/// Longest pause that one call may start, in seconds (72 hours).
#[constant]
pub const MAX_PAUSE_SECONDS: i64 = 72 * 60 * 60;

/// Time after the end of a pause in which no other may start, in seconds (72 hours): pauses that could
/// follow one another without a gap would be a pause without an end.
#[constant]
pub const PAUSE_COOL_DOWN_SECONDS: i64 = 72 * 60 * 60;

/// Age from which an award stays payable during a pause, in seconds (24 hours).
#[constant]
pub const AWARD_MATURITY_SECONDS: i64 = 24 * 60 * 60;

/// The account version that this program writes.
pub const ACCOUNT_VERSION: u8 = 1;
