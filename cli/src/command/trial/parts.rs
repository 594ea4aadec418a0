//! What belongs to a trial, as people and scripts see it: versions, schedules, sites, cohorts. Money is cents.

use std::fmt;

use galen_rules::Date;
use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::constants::NO_DAY;
use trials::state::{MilestoneEntry, Participant, ProtocolVersion, Schedule, Site};

use super::read::Page;
use crate::chain::text::{facts, hex, some_key};
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// A day of the ledger, where it has come.
pub fn day(days: i32) -> Option<String> {
    (days != NO_DAY)
        .then(|| Date::from_days(days))
        .flatten()
        .map(|date| date.to_string())
}

/// A version of protocol and consent form.
#[derive(Debug, Serialize)]
pub struct Version {
    address: String,
    number: u16,
    protocol: String,
    consent_form: String,
    renews_consent: bool,
    in_force_from: Option<String>,
}

impl Version {
    /// As it stands on the ledger.
    pub fn new(address: Pubkey, version: &ProtocolVersion) -> Self {
        Self {
            address: address.to_string(),
            number: version.number,
            protocol: hex(&version.protocol_digest),
            consent_form: hex(&version.consent_form_digest),
            renews_consent: version.renews_consent,
            in_force_from: day(version.effective_from),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Version", self.number.to_string()),
                ("Address", self.address.clone()),
                ("Protocol", self.protocol.clone()),
                ("Consent form", self.consent_form.clone()),
                ("Asks for consent", self.renews_consent.to_string()),
                (
                    "In force from",
                    self.in_force_from
                        .clone()
                        .unwrap_or_else(|| "not approved yet".to_owned()),
                ),
            ],
        )
    }
}

/// A schedule with its milestones.
#[derive(Debug, Serialize)]
pub struct ScheduleView {
    address: String,
    number: u16,
    sealed: bool,
    bonus: u64,
    reimbursements: u64,
    at_consent: u64,
    at_enrolment: u64,
    per_participant: u64,
    succeeds: Vec<u16>,
    adherence: Option<AdherenceView>,
    milestones: Vec<MilestoneView>,
}

/// Doses that the bonus asks for.
#[derive(Debug, Serialize)]
struct AdherenceView {
    window_days: u16,
    windows: u8,
    doses: u8,
    threshold_bps: u16,
}

#[derive(Debug, Serialize)]
struct MilestoneView {
    number: u8,
    kind: &'static str,
    stipend: u64,
    site_fee: u64,
    opens: u16,
    closes: u16,
    countersigned: bool,
    counts: bool,
}

impl ScheduleView {
    /// As it stands on the ledger.
    ///
    /// # Errors
    /// `wrong_account` for a kind of milestone that was never written.
    pub fn new(address: Pubkey, schedule: &Schedule) -> Result<Self> {
        let milestones = (0..)
            .zip(schedule.in_use())
            .map(|(number, entry)| milestone(number, entry))
            .collect::<Result<_>>()?;
        Ok(Self {
            address: address.to_string(),
            number: schedule.number,
            sealed: schedule.is_sealed(),
            bonus: schedule.bonus,
            reimbursements: schedule.reimbursements,
            at_consent: schedule.at_consent,
            at_enrolment: schedule.at_enrolment,
            per_participant: schedule.per_participant,
            succeeds: schedule
                .succeeds
                .into_iter()
                .filter(|number| *number != 0)
                .collect(),
            adherence: Some(schedule.adherence)
                .filter(|asked| asked.window_days > 0)
                .map(|asked| AdherenceView {
                    window_days: asked.window_days,
                    windows: asked.windows,
                    doses: asked.doses,
                    threshold_bps: asked.threshold_bps,
                }),
            milestones,
        })
    }
}

fn milestone(number: u8, entry: &MilestoneEntry) -> Result<MilestoneView> {
    let kind = match entry.kind {
        MilestoneEntry::SCREENING => "screening",
        MilestoneEntry::VISIT => "visit",
        MilestoneEntry::FOLLOW_UP => "follow_up",
        other => {
            return Err(CliError::new(
                "wrong_account",
                format!("Milestone {number} is of a kind ({other}) that this galen does not know; update it."),
            ))
        }
    };
    Ok(MilestoneView {
        number,
        kind,
        stipend: entry.stipend,
        site_fee: entry.site_fee,
        opens: entry.opens,
        closes: entry.closes,
        countersigned: entry.has(MilestoneEntry::COUNTERSIGNED),
        counts: entry.has(MilestoneEntry::COUNTS),
    })
}

impl fmt::Display for ScheduleView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "Schedule {} ({}): one participant can earn {}, the bonus of {} included; expenses up to {}",
            self.number,
            if self.sealed { "sealed" } else { "not sealed" },
            money(self.per_participant),
            money(self.bonus),
            money(self.reimbursements)
        )?;
        if !self.succeeds.is_empty() {
            let numbers: Vec<String> = self.succeeds.iter().map(u16::to_string).collect();
            writeln!(
                f,
                "Participants can pass to it from schedule {}",
                numbers.join(", ")
            )?;
        }
        if let Some(asked) = &self.adherence {
            writeln!(
                f,
                "The bonus asks for {} basis points of {} doses in each of {} windows of {} days",
                asked.threshold_bps, asked.doses, asked.windows, asked.window_days
            )?;
        }
        let mut rows = table(
            &["", "Kind", "Stipend", "Site fee", "Days", "Marks"],
            &[0, 2, 3, 4],
        );
        for one in &self.milestones {
            let marks: Vec<&str> = [
                (one.countersigned, "countersigned"),
                (one.counts, "counts to the bonus"),
            ]
            .into_iter()
            .filter_map(|(set, mark)| set.then_some(mark))
            .collect();
            rows.add_row([
                one.number.to_string(),
                one.kind.to_owned(),
                money(one.stipend),
                money(one.site_fee),
                format!("{} to {}", one.opens, one.closes),
                marks.join(", "),
            ]);
        }
        write!(f, "{rows}")
    }
}

/// A site.
#[derive(Debug, Serialize)]
pub struct SiteView {
    address: String,
    organization: String,
    accepted: bool,
    payout: Option<String>,
    holdback_bps: u16,
    failures: u16,
    per_enrolled: u16,
    enrolled: u32,
    site_held: u32,
    payable: u64,
    held: u64,
    paid: u64,
}

impl SiteView {
    /// As it stands on the ledger.
    pub fn new(address: Pubkey, site: &Site) -> Self {
        Self {
            address: address.to_string(),
            organization: site.organization.to_string(),
            accepted: site.accepted == 1,
            payout: some_key(site.payout).map(|key| key.to_string()),
            holdback_bps: site.holdback_bps,
            failures: site.failures,
            per_enrolled: site.per_enrolled,
            enrolled: site.enrolled,
            site_held: site.site_held,
            payable: site.payable,
            held: site.held,
            paid: site.paid,
        }
    }

    /// A line of a table.
    pub fn row(&self) -> [String; 5] {
        [
            self.address.clone(),
            self.enrolled.to_string(),
            money(self.payable),
            money(self.held),
            money(self.paid),
        ]
    }
}

impl fmt::Display for SiteView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Site", self.address.clone()),
                ("Organization", self.organization.clone()),
                (
                    "State",
                    if self.accepted { "accepted" } else { "offered" }.to_owned(),
                ),
                (
                    "Paid at",
                    self.payout.clone().unwrap_or_else(|| "-".to_owned()),
                ),
                ("Enrolled", self.enrolled.to_string()),
                ("Payable", money(self.payable)),
                ("Held back", money(self.held)),
                ("Paid", money(self.paid)),
            ],
        )
    }
}

/// A cohort's page.
#[derive(Debug, Serialize)]
pub struct CohortView {
    address: String,
    site: String,
    participants: usize,
    capacity: u16,
    due: u64,
    held: u64,
    paid: u64,
    undeliverable: usize,
}

impl CohortView {
    /// As it stands on the ledger.
    pub fn of(page: &Page) -> Self {
        let sum = |of: fn(&Participant) -> u64| page.participants.iter().map(of).sum();
        Self {
            address: page.address.to_string(),
            site: page.header.site.to_string(),
            participants: page.participants.len(),
            capacity: page.header.capacity,
            due: sum(|participant| participant.due),
            held: sum(|participant| participant.held),
            paid: sum(|participant| participant.paid),
            undeliverable: page
                .participants
                .iter()
                .filter(|participant| participant.has(Participant::UNDELIVERABLE))
                .count(),
        }
    }

    /// A line of a table.
    pub fn row(&self) -> [String; 6] {
        [
            self.address.clone(),
            format!("{} of {}", self.participants, self.capacity),
            money(self.due),
            money(self.held),
            money(self.paid),
            self.undeliverable.to_string(),
        ]
    }
}

impl fmt::Display for CohortView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Cohort", self.address.clone()),
                ("Site", self.site.clone()),
                (
                    "Participants",
                    format!("{} of {}", self.participants, self.capacity),
                ),
                ("Due", money(self.due)),
                ("Held for taxes", money(self.held)),
                ("Paid", money(self.paid)),
            ],
        )
    }
}
