//! What the rulebook's tests share: documents in the form of `galen claim quote`, read into the
//! rulebook's types, and a generator of random ones.
#![allow(dead_code, reason = "each test uses its part")]

pub mod details;
pub mod documents;
pub mod random;

/// Cases to run: `few` as a rule, `many` where `GALEN_SOAK` is set.
pub fn cases(few: u64, many: u64) -> u64 {
    if std::env::var_os("GALEN_SOAK").is_some() {
        many
    } else {
        few
    }
}
