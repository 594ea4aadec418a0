//! The registry's configuration as it is printed.

use std::fmt;

use registry::state::Config;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::text::{facts, key_or_none};
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::error::Result;

/// As JSON: `{"address": "...", "governance": "...", "proposed_governance": null, "guardian": "...", "sequence": 0,
/// "pause": null | {"started_at": 1, "until": 2, "running": true}}`; times are Unix seconds.
#[derive(Serialize)]
pub struct View {
    address: String,
    governance: String,
    proposed_governance: Option<String>,
    guardian: String,
    sequence: u64,
    pause: Option<PauseView>,
}

#[derive(Serialize)]
struct PauseView {
    started_at: i64,
    until: i64,
    running: bool,
}

/// The address of the configuration and the configuration.
///
/// # Errors
/// `not_found` where the registry is not configured, `cluster_unreachable`.
pub fn read(cluster: &Cluster) -> Result<(Pubkey, Config)> {
    let (address, _) = Config::find_address();
    Ok((address, entity::get(cluster, &address)?))
}

impl View {
    /// The configuration as it is on the cluster.
    ///
    /// # Errors
    /// Those of [`read`].
    pub fn read(cluster: &Cluster) -> Result<Self> {
        let (address, config) = read(cluster)?;
        Ok(Self::new(address, &config, cluster.unix_time()?))
    }

    /// The configuration at `now`.
    pub fn new(address: Pubkey, config: &Config, now: i64) -> Self {
        let pause = PauseView {
            started_at: config.pause.started_at,
            until: config.pause.until,
            running: config.is_paused(now),
        };
        Self {
            address: address.to_string(),
            governance: config.governance.to_string(),
            proposed_governance: config.proposed_governance.map(|key| key.to_string()),
            guardian: config.guardian.to_string(),
            sequence: config.sequence,
            pause: Some(pause).filter(|pause| pause.until != 0),
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let pause = match &self.pause {
            None => "never".to_owned(),
            Some(pause) if pause.running => format!("running until {}", moment(pause.until)),
            Some(pause) => format!("none; the last one ended {}", moment(pause.until)),
        };
        facts(
            f,
            &[
                ("Configuration", self.address.clone()),
                ("Governance", self.governance.clone()),
                (
                    "Offered to",
                    self.proposed_governance
                        .clone()
                        .unwrap_or_else(|| key_or_none(None)),
                ),
                ("Guardian", self.guardian.clone()),
                ("Sequence", self.sequence.to_string()),
                ("Pause", pause),
            ],
        )
    }
}
