//! `galen trial data show`, and a trial's commitments as people and scripts see them.

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::constants::NO_DAY;
use trials::state::DataLog;

use super::super::parts::day;
use super::super::read::{self, Copied};
use crate::chain::text::{facts, hex, some_key};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

impl Copied for DataLog {
    const NAME: &'static str = "data log";
    const HINT: &'static str =
        "It begins with the analysis plan, before the first participant: `galen trial data plan`.";
}

/// Flags of `galen trial data show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data show TRIAL
  galen trial data show TRIAL --output json")]
pub struct Args {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    trial: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    Answer::new(&View::read(&cluster, &args.trial)?)
}

/// What a trial has committed to. Money is cents.
#[derive(Debug, Serialize)]
pub struct View {
    address: String,
    trial: String,
    plan: String,
    planned_on: Option<String>,
    points: u64,
    batches: u32,
    root: Option<String>,
    locked_on: Option<String>,
    results: Option<String>,
    results_on: Option<String>,
    results_days: u16,
    results_latest: Option<String>,
    bond: u64,
    bond_state: &'static str,
    beneficiary: Option<String>,
}

impl View {
    /// As it stands on the ledger.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, trial: &Pubkey) -> Result<Self> {
        let address = DataLog::find_address(trial).0;
        let log: DataLog = read::get(cluster, &address)?;
        Ok(Self::new(address, &log))
    }

    fn new(address: Pubkey, log: &DataLog) -> Self {
        let bond_state = match log.bond_state {
            DataLog::BOND_HELD => "held",
            DataLog::BOND_RETURNED => "returned",
            DataLog::BOND_FORFEITED => "forfeited",
            _ => "paid_out",
        };
        Self {
            address: address.to_string(),
            trial: log.trial.to_string(),
            plan: hex(&log.plan_digest),
            planned_on: day(log.planned_on),
            points: log.leaves,
            batches: log.batches,
            root: (log.batches > 0).then(|| hex(&log.root)),
            locked_on: day(log.locked_on),
            results: (log.results_on != NO_DAY).then(|| hex(&log.results_digest)),
            results_on: day(log.results_on),
            results_days: log.results_days,
            results_latest: day(log.results_latest),
            bond: log.bond,
            bond_state,
            beneficiary: some_key(log.beneficiary).map(|key| key.to_string()),
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let or =
            |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
        facts(
            f,
            &[
                ("Trial", self.trial.clone()),
                ("Analysis plan", self.plan.clone()),
                ("Committed to on", or(&self.planned_on, "-")),
                (
                    "Data points",
                    format!("{} in {} batches", self.points, self.batches),
                ),
                ("Root", or(&self.root, "nothing anchored")),
                ("Locked on", or(&self.locked_on, "not locked")),
                ("Results", or(&self.results, "none")),
                (
                    "Results due",
                    format!(
                        "{} days after the trial's end, by {} at the latest",
                        self.results_days,
                        or(&self.results_latest, "no day")
                    ),
                ),
                ("Bond", format!("{} {}", money(self.bond), self.bond_state)),
            ],
        )
    }
}
