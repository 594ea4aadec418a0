//! When an administrative signature is good: until a moment, and at one sequence number of the account acted on.

use clap::Args;
use registry::state::AdminArgs;

use super::when::When;

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

impl AdminFlags {
    /// The arguments of an instruction signed at `now` (the cluster's clock) for an account at `sequence`.
    pub fn at(&self, now: i64, sequence: u64) -> AdminArgs {
        AdminArgs {
            valid_until: self.valid_until.unwrap_or(GOOD_FOR).resolve(now),
            expected_sequence: self.expected_sequence.unwrap_or(sequence),
        }
    }
}
