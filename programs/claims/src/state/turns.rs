//! The order in which claims were adjudicated, and which of them are to be adjudicated anew.

use anchor_lang::prelude::*;

use crate::error::ClaimsError;

/// Turns of the claims that share accumulators, from 1.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// Claims adjudicated so far: the last one's turn.
    pub last: u32,
    /// Claims with a later turn than this, up to `reprocess_to`, saw what has been taken back since.
    pub reprocess_from: u32,
    /// The last turn of such a claim; 0 = none.
    pub reprocess_to: u32,
}

impl Turns {
    /// The turn of the claim that is adjudicated now.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn take(&mut self) -> Result<u32> {
        self.last = self
            .last
            .checked_add(1)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(self.last)
    }

    /// Flags the claims adjudicated after `turn`, one that is taken back: they saw what it had used up. One that was
    /// flagged already stays so; that a claim between two such spans is flagged too does no harm.
    pub fn flag_later_than(&mut self, turn: u32) {
        if turn >= self.last {
            return;
        }
        self.reprocess_from = if self.reprocess_to == 0 {
            turn
        } else {
            self.reprocess_from.min(turn)
        };
        self.reprocess_to = self.last;
    }

    /// Whether the claim of this turn is to be adjudicated anew.
    pub fn is_flagged(&self, turn: u32) -> bool {
        self.reprocess_from < turn && turn <= self.reprocess_to
    }

    /// Whether it is one that can have come about.
    pub fn holds(&self) -> bool {
        self.reprocess_from <= self.reprocess_to && self.reprocess_to <= self.last
    }
}
