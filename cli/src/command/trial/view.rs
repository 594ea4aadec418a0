//! A trial as people and scripts see it.

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::constants::NO_DAY;
use trials::state::Trial;

use super::read::{self, Page};
use crate::cluster::Cluster;
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// A trial with its cohorts. Money is cents.
#[derive(Debug, Serialize)]
pub struct View {
    address: String,
    sponsor: String,
    board: String,
    number: u32,
    mint: String,
    vault: String,
    ended: bool,
    caps_version: u16,
    ledger: Ledger,
    cohorts: Vec<CohortView>,
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

#[derive(Debug, Serialize)]
struct CohortView {
    address: String,
    participants: usize,
    capacity: u16,
    due: u64,
    held: u64,
    paid: u64,
    undeliverable: usize,
}

impl View {
    /// The trial at an address, with its cohorts.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let trial = read::trial(cluster, &address)?;
        Self::of(address, &trial, &read::cohorts(cluster, &address)?)
    }

    fn of(address: Pubkey, trial: &Trial, pages: &[Page]) -> Result<Self> {
        let free = trial.free().map_err(|_| {
            CliError::new(
                "wrong_account",
                format!("The ledger of the trial {address} does not add up."),
            )
        })?;
        Ok(Self {
            address: address.to_string(),
            sponsor: trial.sponsor.to_string(),
            board: trial.board.to_string(),
            number: trial.number,
            mint: trial.mint.to_string(),
            vault: trial.vault.to_string(),
            ended: trial.ended_on != NO_DAY,
            caps_version: trial.caps_version,
            ledger: Ledger {
                funded: trial.funded,
                reserved: trial.reserved,
                payable: trial.payable,
                withheld: trial.withheld,
                paid: trial.paid,
                withdrawn: trial.withdrawn,
                free,
            },
            cohorts: pages.iter().map(CohortView::of).collect(),
        })
    }
}

impl CohortView {
    fn of(page: &Page) -> Self {
        let sum =
            |of: fn(&trials::state::Participant) -> u64| page.participants.iter().map(of).sum();
        Self {
            address: page.address.to_string(),
            participants: page.participants.len(),
            capacity: page.header.capacity,
            due: sum(|participant| participant.due),
            held: sum(|participant| participant.held),
            paid: sum(|participant| participant.paid),
            undeliverable: page
                .participants
                .iter()
                .filter(|participant| participant.has(trials::state::Participant::UNDELIVERABLE))
                .count(),
        }
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
            if self.ended { ", ended" } else { "" }
        )?;
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
            rows.add_row([
                cohort.address.clone(),
                format!("{} of {}", cohort.participants, cohort.capacity),
                money(cohort.due),
                money(cohort.held),
                money(cohort.paid),
                cohort.undeliverable.to_string(),
            ]);
        }
        write!(f, "{rows}")
    }
}
