//! Limits of the claims program, each with its unit.

use anchor_lang::prelude::*;

/// The account version that this program writes.
pub const ACCOUNT_VERSION: u8 = 1;

/// Most lines of a claim.
#[constant]
pub const MAX_LINES: u8 = 16;

/// Most entries of a benefit schedule.
#[constant]
pub const MAX_BENEFITS: u32 = 10_000;

/// Most entries of a plan version's details: their digest is computed in one instruction.
#[constant]
pub const MAX_DETAILS: u32 = 32_768;

/// Most facts that a claim states beyond its lines: sixteen lines with so many are adjudicated within the heap that a program has
/// unasked.
#[constant]
pub const MAX_CLAIM_FACTS: u8 = 96;
/// Attachments that have room beside those facts once the claim waits.
pub const MAX_ATTACHED: u8 = 32;

/// Most facts that are stated of a member: what a legacy transaction carries beside a fee payer of its own.
#[constant]
pub const MAX_MEMBER_FACTS: u8 = 36;

/// Live lines that a member's history begins with room for, and by which it grows.
#[constant]
pub const HISTORY_PAGE: u16 = 128;

/// Most live lines that a member's history holds: claims are still adjudicated within a transaction's compute units.
#[constant]
pub const MAX_HISTORY: u16 = 2_048;

/// Longest time between a service and its claim that a plan allows (three years, also with a leap year).
#[constant]
pub const MAX_FILING_DAYS: u16 = 1_096;

/// Longest time between two services that a plan demands (ten years, with the most leap years).
#[constant]
pub const MAX_FREQUENCY_DAYS: u16 = 3_653;

/// Days for which a live line is kept in a full history: as far back as a claim can be filed, with an exception, and before that
/// the longest time for which a service keeps another from being paid. It does not depend on the plan, so that no version of it,
/// nor one to come, can ask about a line that has been dropped.
#[constant]
pub const HISTORY_DAYS: i32 = 5_115;

const _: () = assert!(
    HISTORY_DAYS == MAX_FILING_DAYS as i32 + HISTORY_EXCEPTION_DAYS + MAX_FREQUENCY_DAYS as i32
);

/// So many versions a plan lists, the latest; it may have had more.
#[constant]
pub const LISTED_PLAN_VERSIONS: u8 = 16;

/// Most benefit categories with a maximum of their own in a plan version.
#[constant]
pub const MAX_CATEGORIES: u8 = 8;

/// Most coinsurance tiers of a plan version.
#[constant]
pub const MAX_TIERS: u8 = 8;

/// Seconds of a day.
pub const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Time before a new payout account takes effect, in seconds (72 hours): long enough for the provider to
/// notice a change that it did not make, and to cancel it.
#[constant]
pub const PAYOUT_DELAY_SECONDS: i64 = 72 * 60 * 60;

/// Time between the announcement of a withdrawal and the withdrawal, in seconds (14 days): long enough for providers
/// to see it coming and file.
#[constant]
pub const WITHDRAWAL_NOTICE_SECONDS: i64 = 14 * 24 * 60 * 60;

/// Time for which a limit that was lowered does not hold for what was awarded before, in seconds (14 days): that of a withdrawal.
#[constant]
pub const OUTFLOW_NOTICE_SECONDS: i64 = WITHDRAWAL_NOTICE_SECONDS;

/// Time for which an announced withdrawal can be made, in seconds (30 days): no announcement is kept in stock.
#[constant]
pub const WITHDRAWAL_WINDOW_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Most days of a reinsurance treaty: a year, also a leap year.
#[constant]
pub const MAX_TREATY_DAYS: i64 = 366;

/// Days beyond a plan's filing limit to which exceptions to timely filing reach back.
#[constant]
pub const HISTORY_EXCEPTION_DAYS: i32 = 366;

/// Days after which no claim for a service is paid any more, by no plan and with no exception.
pub const CLAIMABLE_DAYS: i32 = MAX_FILING_DAYS as i32 + HISTORY_EXCEPTION_DAYS;

/// Most levels of appeal inside an insurer (29 CFR 2560.503-1(c)(2)).
#[constant]
pub const MAX_APPEAL_LEVELS: u8 = 2;

/// Most days after the answer for which an insurer holds a price.
#[constant]
pub const MAX_HOLD_DAYS: i32 = 366;

/// Longest time for which a member's consent to one pack stands, in seconds (7 days): as long as a pack can be kept for a claim.
#[constant]
pub const MAX_PACK_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Most claims that stand in an entry of the registry of duplicates.
#[constant]
pub const MAX_HOLDERS: u8 = 3;

/// Most days after a service for which a plan has its entry in the registry of duplicates kept (three years, also with a
/// leap year): who paid for it gets the rent back some day, and what insurers see of each other ends.
#[constant]
pub const MAX_ENTRY_DAYS: u16 = 1_096;

/// A limit that does not limit.
#[constant]
pub const NO_LIMIT: u64 = u64::MAX;

/// `superseded_from` of a plan version that has no successor.
#[constant]
pub const IN_FORCE: i32 = i32::MAX;
