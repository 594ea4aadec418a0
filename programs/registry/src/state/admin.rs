//! What makes an administrative signature good for one moment only. A transaction can be signed today and
//! sent in a year (durable nonces, offline signers): it must then find that it no longer fits.

use anchor_lang::prelude::*;

/// Carried by every administrative instruction.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminArgs {
    /// Last Unix second at which the instruction may still be executed.
    pub valid_until: i64,
    /// Sequence number of the authority account (the one whose authority signs) that the signer saw.
    pub expected_sequence: u64,
}

/// Why an administrative instruction is refused. Each program gives it a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminRefusal {
    /// `valid_until` has passed.
    Expired,
    /// Another administrative action came first.
    StaleSequence,
    /// The sequence number cannot grow further.
    SequenceExhausted,
}

impl AdminArgs {
    /// Checks the arguments against an authority account's `sequence` and returns the sequence number to
    /// store in it.
    ///
    /// # Errors
    /// The refusal that applies, expiry first.
    pub fn advance(&self, sequence: u64, now: i64) -> std::result::Result<u64, AdminRefusal> {
        if now > self.valid_until {
            return Err(AdminRefusal::Expired);
        }
        if self.expected_sequence != sequence {
            return Err(AdminRefusal::StaleSequence);
        }
        sequence
            .checked_add(1)
            .ok_or(AdminRefusal::SequenceExhausted)
    }
}
