//! When an administrative signature is good: until a moment, and at one sequence number of the account acted on.

use clap::Args;
use registry::state::AdminArgs;

use super::when::When;
use crate::error::{CliError, Result};

/// How long a signature is good where nothing is said: enough to sign and send, too short to be kept.
const GOOD_FOR: When = When::After(600);

/// Flags of every command that an authority account's owner signs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Administrative options")]
pub struct AdminFlags {
    /// Last moment at which the cluster may still execute this: a date, a Unix time, or a span from now [default: +10m]
    #[arg(long, value_name = "WHEN")]
    valid_until: Option<When>,

    /// Refuse if the account acted on is not at this sequence number [default: as read from the cluster]
    #[arg(long, value_name = "NUMBER")]
    expected_sequence: Option<u64>,
}

/// How long the signatures of a table's rows are good: until the last of very many is sent.
const GOOD_FOR_MANY: When = When::After(86_400);

impl AdminFlags {
    /// The arguments of one of many instructions signed at `now`, each for an account of its own at `sequence`.
    pub fn at_each(&self, now: i64, sequence: u64) -> AdminArgs {
        AdminArgs {
            valid_until: self.valid_until.unwrap_or(GOOD_FOR_MANY).resolve(now),
            expected_sequence: sequence,
        }
    }

    /// Refuses a sequence number that is one account's, where there are many.
    ///
    /// # Errors
    /// `contradiction`.
    pub fn require_no_sequence(&self) -> Result<()> {
        match self.expected_sequence {
            None => Ok(()),
            Some(_) => Err(CliError::new(
                "contradiction",
                "Each member has a sequence number of its own; leave --expected-sequence out where there is a --file.",
            )),
        }
    }

    /// The arguments of an instruction signed at `now` (the cluster's clock) for an account at `sequence`.
    pub fn at(&self, now: i64, sequence: u64) -> AdminArgs {
        AdminArgs {
            valid_until: self.valid_until.unwrap_or(GOOD_FOR).resolve(now),
            expected_sequence: self.expected_sequence.unwrap_or(sequence),
        }
    }
}
