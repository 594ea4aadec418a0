//! Limits of the trials program, each with its unit.

use anchor_lang::prelude::*;

/// The account version that this program writes.
pub const ACCOUNT_VERSION: u8 = 1;

/// Most versions of protocol and consent form.
#[constant]
pub const MAX_PROTOCOL_VERSIONS: u8 = 16;

/// Most milestones of a schedule: each is one bit of a participant's record.
#[constant]
pub const MAX_MILESTONES: u8 = 64;

/// Most participants of a cohort's page.
#[constant]
pub const MAX_COHORT: u16 = 4_096;

/// Schedules, of those that a schedule succeeds, that its account remembers. Who has missed more amendments than that passes on in two
/// steps.
pub const MAX_PREDECESSORS: usize = 8;

/// Consents that a participant's record remembers. A fifth displaces the oldest, long after its visits could still be
/// attested.
pub const MAX_CONSENTS: usize = 4;

/// Time before another payee takes over, in seconds (72 hours): long enough for the participant to notice a change that
/// somebody else made, and to cancel it.
#[constant]
pub const PAYEE_DELAY_SECONDS: i64 = 72 * 60 * 60;

/// Time before another key takes over where the present one agrees, in seconds (72 hours).
#[constant]
pub const KEY_DELAY_SECONDS: i64 = PAYEE_DELAY_SECONDS;

/// Time before another key takes over that somebody else announces, in seconds (14 days): the key may not be lost after all,
/// and whoever has it must be able to notice.
#[constant]
pub const LOST_KEY_DELAY_SECONDS: i64 = 14 * 24 * 60 * 60;

/// Days after the end of a trial for which its pages and schedules are kept (25 years: Regulation (EU) 536/2014, article 58;
/// 21 CFR 312.57 asks for two).
#[constant]
pub const RETENTION_DAYS: u32 = 9_131;

/// Most of a site's fees that may be held back, in basis points (10%: reviewers of trial budgets object to more).
#[constant]
pub const MAX_HOLDBACK_BPS: u16 = 1_000;

/// Fewest days after a visit on which it can still be attested.
#[constant]
pub const MIN_ATTEST_DAYS: u16 = 7;

/// Most days after a visit on which it can still be attested. Reservations wait that long after a participant's end.
#[constant]
pub const MAX_ATTEST_DAYS: u16 = 365;

/// Days after the end of a trial from which anybody may release what was held back from a site.
#[constant]
pub const HOLDBACK_DAYS: u16 = 90;

/// A limit that does not limit.
#[constant]
pub const NO_LIMIT: u64 = u64::MAX;

/// A day that has not come, in days since 1970-01-01.
#[constant]
pub const NO_DAY: i32 = i32::MAX;
