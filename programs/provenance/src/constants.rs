//! Limits of the provenance program, each with its unit.

use anchor_lang::prelude::*;

/// The account version that this program writes.
pub const ACCOUNT_VERSION: u8 = 1;

/// Greatest height of the subtree that a page covers: 2^16 packs, whose bits fit an account that a program can create
/// (10,240 bytes).
#[constant]
pub const MAX_PAGE_HEIGHT: u8 = 16;

/// Least height of the subtree that a page covers: 2^3 packs are one byte.
#[constant]
pub const MIN_PAGE_HEIGHT: u8 = 3;

/// Policy: custody of the batch is recorded, so that a pack can be told from its copy before one of them is dispensed.
#[constant]
pub const POLICY_CUSTODY: u8 = 1;

/// Policy: opening a pack of several base units counts as dispensing it.
#[constant]
pub const POLICY_OPENING_DISPENSES: u8 = 2;

/// Storage: no limits.
#[constant]
pub const STORAGE_ANY: u8 = 0;

/// Storage: controlled room temperature (USP <659>).
#[constant]
pub const STORAGE_ROOM: u8 = 1;

/// Storage: controlled cold temperature (USP <659>).
#[constant]
pub const STORAGE_COLD: u8 = 2;

/// Longest time in which an offer can be accepted, in seconds (90 days).
#[constant]
pub const MAX_OFFER_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Longest time in which a recall is to be acknowledged, in seconds (90 days).
#[constant]
pub const MAX_RESPONSE_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Longest time for which a pack is kept for a claim, in seconds (7 days).
#[constant]
pub const MAX_RESERVATION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Days after the registration of a batch in which its pages stay (six years: FDCA 582(b)(1)(A)(ii), rulings.md 5).
#[constant]
pub const RETENTION_DAYS: i32 = 6 * 365 + 2;

/// Days after the expiry of a batch in which its pages stay (Delegated Regulation (EU) 2016/161, article 33: a year).
#[constant]
pub const RETENTION_AFTER_EXPIRY_DAYS: i32 = 366;

/// Most readings in one report.
#[constant]
pub const MAX_READINGS: u8 = 24;

/// Longest time for which one reading stands, in seconds (4 hours).
#[constant]
pub const MAX_READING_SECONDS: u16 = 4 * 60 * 60;

/// Longest time without a report, in seconds (a day: what excursions of either profile may take together). After it
/// anybody may count the silence.
#[constant]
pub const MAX_SILENCE_SECONDS: i64 = 24 * 60 * 60;

/// Seconds after the last report in which the record of a pack's scans stays (30 days).
#[constant]
pub const SCAN_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Most children that are refused when their parent is accepted.
#[constant]
pub const MAX_REFUSED: u8 = 8;

/// First seed of the address of a claim, under the program that a bond names: `["claim", pool, provider, claim_id]`.
pub const CLAIM_SEED: &[u8] = b"claim";

/// Time between the announcement of a bond's withdrawal and the withdrawal, in seconds (14 days).
#[constant]
pub const BOND_NOTICE_SECONDS: i64 = 14 * 24 * 60 * 60;

/// Time for which an announced withdrawal of a bond can be made, in seconds (30 days): no announcement is kept in stock.
#[constant]
pub const BOND_WINDOW_SECONDS: i64 = 30 * 24 * 60 * 60;
