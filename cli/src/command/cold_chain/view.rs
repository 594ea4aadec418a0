//! A monitor as commands show it.

use std::fmt;

use galen_rules::coldchain::Quarantine;
use galen_rules::merkle::Subtree;
use provenance::state::Monitor;
use serde::Serialize;

use super::mkt::degrees;
use crate::chain::goods::{zero_copy, Goods, PlaceName};
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::error::{CliError, Result};

/// What a device has read. As JSON: `{"address": "...", "batch": "...", "place": "case:3", "device": "..." or null once
/// the watch has ended, "registrar": "...", "verdict": "labelled" | "allowed_excursion" | "quarantine", "reason": "too_warm" or null,
/// "known_minutes": 1, "excursion_minutes": 0, "gap_minutes": 0, "min_celsius": 5.0 or null, "max_celsius": 5.0 or null,
/// "highest_mkt_celsius": 5.0 or null, "covered_until": 1, "reports": 1, "releases": 0}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    batch: String,
    place: String,
    device: Option<String>,
    registrar: String,
    verdict: &'static str,
    reason: Option<&'static str>,
    known_minutes: u64,
    excursion_minutes: u64,
    gap_minutes: u64,
    min_celsius: Option<f64>,
    max_celsius: Option<f64>,
    highest_mkt_celsius: Option<f64>,
    covered_until: i64,
    reports: u32,
    releases: u32,
}

impl View {
    /// What the device of a place has read.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, goods: &Goods, of: Subtree) -> Result<Self> {
        Ok(Self::new(goods, of, &monitor(cluster, goods, of)?))
    }

    /// A monitor that was read.
    pub fn new(goods: &Goods, of: Subtree, monitor: &Monitor) -> Self {
        let sums = monitor.sums();
        let known = |millicelsius| (sums.known_minutes > 0).then(|| degrees(millicelsius));
        let (verdict, reason) = match sums.verdict {
            0 => ("labelled", None),
            1 => ("allowed_excursion", None),
            number => {
                let reason = Quarantine::ALL.get(usize::from(number) - 2);
                ("quarantine", reason.map(|reason| reason.code()))
            }
        };
        Self {
            address: Monitor::address(&goods.address, of).to_string(),
            batch: goods.address.to_string(),
            place: PlaceName(of).to_string(),
            device: monitor.watching().map(|device| device.to_string()),
            registrar: monitor.registrar.to_string(),
            verdict,
            reason,
            known_minutes: sums.known_minutes,
            excursion_minutes: sums.excursion_minutes,
            gap_minutes: sums.gap_minutes,
            min_celsius: known(sums.least),
            max_celsius: known(sums.greatest),
            highest_mkt_celsius: known(sums.mean),
            covered_until: monitor.covered_until,
            reports: monitor.sequence,
            releases: monitor.releases,
        }
    }

    /// Whether the goods are within their limits.
    pub fn is_within(&self) -> bool {
        self.verdict != "quarantine"
    }
}

/// The monitor of a place.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn monitor(cluster: &Cluster, goods: &Goods, of: Subtree) -> Result<Monitor> {
    zero_copy(cluster, &Monitor::address(&goods.address, of), "monitor")?.ok_or_else(|| {
        let message = format!(
            "No device watches over {}. Register one with `galen cold-chain register`.",
            PlaceName(of)
        );
        CliError::new("not_found", message)
    })
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let celsius =
            |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.3} °C"));
        let verdict = match (self.verdict, self.reason) {
            ("labelled", _) => "kept as labelled".to_owned(),
            (_, None) => "excursions as far and as long as allowed".to_owned(),
            (_, Some(reason)) => format!("to be set aside: {}", reason.replace('_', " ")),
        };
        facts(
            f,
            &[
                ("Watched", format!("{} of {}", self.place, self.batch)),
                ("Record", self.address.clone()),
                (
                    "Device",
                    self.device
                        .clone()
                        .unwrap_or_else(|| "none: the watch has ended".to_owned()),
                ),
                ("Registered by", self.registrar.clone()),
                ("Verdict", verdict),
                (
                    "Lowest and highest",
                    format!(
                        "{}, {}",
                        celsius(self.min_celsius),
                        celsius(self.max_celsius)
                    ),
                ),
                ("Highest mean kinetic", celsius(self.highest_mkt_celsius)),
                ("Known", format!("{} min", self.known_minutes)),
                (
                    "Outside",
                    format!(
                        "{} min, {} of them unknown",
                        self.excursion_minutes, self.gap_minutes
                    ),
                ),
                (
                    "Accounted for",
                    format!(
                        "until {}, {} reports",
                        moment(self.covered_until),
                        self.reports
                    ),
                ),
                ("Released", format!("{} times", self.releases)),
            ],
        )
    }
}
