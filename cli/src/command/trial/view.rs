//! A trial as people and scripts see it.

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::constants::NO_LIMIT;
use trials::state::{Site, Trial};

use super::parts::{day, CohortView, SiteView};
use super::read;
use crate::cluster::Cluster;
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// A trial with its sites and cohorts. Money is cents; null = no limit.
#[derive(Debug, Serialize)]
pub struct View {
    address: String,
    sponsor: String,
    board: String,
    number: u32,
    mint: String,
    vault: String,
    ended: bool,
    ended_on: Option<String>,
    attest_days: u16,
    tax_threshold: Option<u64>,
    withholding_bps: u16,
    participants: u32,
    schedules: u16,
    caps_version: u16,
    caps: Option<Caps>,
    versions: Vec<VersionLine>,
    ledger: Ledger,
    sites: Vec<SiteView>,
    cohorts: Vec<CohortView>,
}

#[derive(Debug, Serialize)]
struct Caps {
    per_visit: Option<u64>,
    per_participant: Option<u64>,
    per_month: Option<u64>,
    bonus_share_bps: u16,
    site_held_quota: u16,
}

#[derive(Debug, Serialize)]
struct VersionLine {
    number: u16,
    in_force_from: Option<String>,
    renews_consent: bool,
}

#[derive(Debug, Serialize)]
struct Ledger {
    funded: u64,
    reserved: u64,
    payable: u64,
    withheld: u64,
    paid: u64,
    withdrawn: u64,
    free: u64,
}

impl View {
    /// The trial at an address, with its sites and cohorts.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let trial = read::trial(cluster, &address)?;
        let mut view = Self::of(address, &trial)?;
        view.sites = read::list::<Site>(cluster, Some(&address))?
            .iter()
            .map(|(address, site)| SiteView::new(*address, site))
            .collect();
        view.cohorts = read::cohorts(cluster, &address)?
            .iter()
            .map(CohortView::of)
            .collect();
        Ok(view)
    }

    /// A trial that was read, without what belongs to it.
    ///
    /// # Errors
    /// `wrong_account` where its ledger contradicts itself, which the program never lets happen.
    pub fn of(address: Pubkey, trial: &Trial) -> Result<Self> {
        let free = trial.free().map_err(|_| {
            CliError::new(
                "wrong_account",
                format!("The ledger of the trial {address} does not add up."),
            )
        })?;
        let limit = |cents: u64| (cents != NO_LIMIT).then_some(cents);
        let versions = (1..)
            .zip(&trial.versions)
            .take(usize::from(trial.published))
            .map(|(number, entry)| VersionLine {
                number,
                in_force_from: day(entry.from),
                renews_consent: entry.renews == 1,
            })
            .collect();
        Ok(Self {
            address: address.to_string(),
            sponsor: trial.sponsor.to_string(),
            board: trial.board.to_string(),
            number: trial.number,
            mint: trial.mint.to_string(),
            vault: trial.vault.to_string(),
            ended: day(trial.ended_on).is_some(),
            ended_on: day(trial.ended_on),
            attest_days: trial.attest_days,
            tax_threshold: limit(trial.tax_threshold),
            withholding_bps: trial.withholding_bps,
            participants: trial.participants,
            schedules: trial.schedules,
            caps_version: trial.caps_version,
            caps: (trial.caps_version > 0).then(|| Caps {
                per_visit: limit(trial.caps.per_visit),
                per_participant: limit(trial.caps.per_participant),
                per_month: limit(trial.caps.per_month),
                bonus_share_bps: trial.caps.bonus_share_bps,
                site_held_quota: trial.caps.site_held_quota,
            }),
            versions,
            ledger: Ledger {
                funded: trial.funded,
                reserved: trial.reserved,
                payable: trial.payable,
                withheld: trial.withheld,
                paid: trial.paid,
                withdrawn: trial.withdrawn,
                free,
            },
            sites: Vec::new(),
            cohorts: Vec::new(),
        })
    }

    /// A line of a table.
    pub fn row(&self) -> [String; 5] {
        [
            self.address.clone(),
            self.number.to_string(),
            self.participants.to_string(),
            money(self.ledger.funded),
            money(self.ledger.free),
        ]
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "Trial {} (number {} of sponsor {}, ethics board {}, caps version {}){}",
            self.address,
            self.number,
            self.sponsor,
            self.board,
            self.caps_version,
            self.ended_on
                .as_ref()
                .map_or_else(String::new, |day| format!(", ended on {day}"))
        )?;
        for version in &self.versions {
            writeln!(
                f,
                "Protocol version {}: {}{}",
                version.number,
                version.in_force_from.as_ref().map_or_else(
                    || "not approved yet".to_owned(),
                    |day| format!("in force from {day}")
                ),
                if version.renews_consent {
                    ", asks for consent"
                } else {
                    ""
                }
            )?;
        }
        let ledger = &self.ledger;
        let mut rows = table(&["Escrow", "Amount"], &[1]);
        for (name, amount) in [
            ("funded", ledger.funded),
            ("set aside for participants", ledger.reserved),
            ("earned, not yet paid", ledger.payable),
            ("of it withheld for taxes", ledger.withheld),
            ("paid", ledger.paid),
            ("taken back", ledger.withdrawn),
            ("free", ledger.free),
        ] {
            rows.add_row([name.to_owned(), money(amount)]);
        }
        writeln!(f, "{rows}")?;
        let mut rows = table(
            &["Site", "Enrolled", "Payable", "Held back", "Paid"],
            &[1, 2, 3, 4],
        );
        for site in &self.sites {
            rows.add_row(site.row());
        }
        writeln!(f, "{rows}")?;
        let mut rows = table(
            &[
                "Cohort",
                "Participants",
                "Due",
                "Held",
                "Paid",
                "Undeliverable",
            ],
            &[1, 2, 3, 4, 5],
        );
        for cohort in &self.cohorts {
            rows.add_row(cohort.row());
        }
        write!(f, "{rows}")
    }
}
