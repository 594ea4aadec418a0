//! SCHEDULE.json: the milestones of a trial, and what they pay.

use std::num::NonZeroU16;
use std::path::Path;

use galen_documents::{strict, Money, Name};
use galen_rules::trial::{ScheduleTerms, Summary};
use serde::Deserialize;
use trials::state::{AdherenceEntry, MilestoneEntry};

use crate::document;
use crate::error::{CliError, Result};

/// A schedule as a document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// For attending every milestone that counts, in cents.
    #[serde(default)]
    pub bonus: Money,
    /// The most that one participant's expenses are reimbursed, in cents.
    #[serde(default)]
    pub reimbursements: Money,
    /// Doses that the bonus asks for; none = none.
    #[serde(default)]
    adherence: Option<Adherence>,
    /// The number of the schedule that it succeeds, from 1; none = none.
    #[serde(default)]
    succeeds: Option<NonZeroU16>,
    milestones: Vec<Milestone>,
}

/// Doses, counted by windows from the day of enrolment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adherence {
    /// Days of a window.
    window_days: u16,
    /// Windows that count, at most 64.
    windows: u8,
    /// Doses expected in each.
    doses: u8,
    /// The part of the expected doses from which the bonus is paid, in basis points.
    threshold_bps: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Milestone {
    /// For people; it stays in the document.
    #[serde(default)]
    #[allow(dead_code)]
    name: Option<Name>,
    kind: Kind,
    stipend: Money,
    #[serde(default)]
    site_fee: Money,
    opens: u16,
    closes: u16,
    #[serde(default)]
    countersigned: bool,
    #[serde(default)]
    counts: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Screening,
    Visit,
    FollowUp,
}

impl Schedule {
    /// Reads a document, and refuses what the program would.
    ///
    /// # Errors
    /// `file_missing`, `schedule_invalid`, and what the reader refuses, with its place.
    pub fn read(path: &Path) -> Result<Self> {
        let name = document::name(path);
        let value = document::json(path)?;
        let schedule: Self =
            strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
        schedule.check(&name)?;
        Ok(schedule)
    }

    fn check(&self, name: &str) -> Result<()> {
        let rules = self
            .entries()
            .iter()
            .map(MilestoneEntry::rule)
            .collect::<anchor_lang::Result<Vec<_>>>()
            .map_err(|error| super::case::foreseen(&error))?;
        let terms = ScheduleTerms {
            bonus: self.bonus.0,
            reimbursements: self.reimbursements.0,
        };
        Summary::of(&rules, &terms).map_err(|error| {
            let refusal = super::case::foreseen(&trials::convert::schedule_error(error).into());
            CliError {
                message: format!("{name}: {}", refusal.message),
                ..refusal
            }
        })?;
        if self.adherence.is_some() {
            self.check_adherence(name)?;
        }
        Ok(())
    }

    /// The program's own checks, run here on an empty schedule with this bonus.
    fn check_adherence(&self, name: &str) -> Result<()> {
        let mut schedule: trials::state::Schedule = bytemuck::Zeroable::zeroed();
        schedule.bonus = self.bonus.0.get();
        schedule
            .require_adherence(self.adherence())
            .map_err(|error| {
                let refusal = super::case::foreseen(&error);
                CliError {
                    message: format!("{name}: {}", refusal.message),
                    ..refusal
                }
            })
    }

    /// What the bonus asks for beside attendance, as it stands on the ledger; zeros = nothing.
    pub fn adherence(&self) -> AdherenceEntry {
        self.adherence
            .as_ref()
            .map_or_else(AdherenceEntry::default, |asked| AdherenceEntry {
                window_days: asked.window_days,
                threshold_bps: asked.threshold_bps,
                windows: asked.windows,
                doses: asked.doses,
                padding: [0; 2],
            })
    }

    /// The number of the schedule that it succeeds, as it stands on the ledger; 0 = none.
    pub fn succeeds(&self) -> u16 {
        self.succeeds.map_or(0, NonZeroU16::get)
    }

    /// The milestones as they stand on the ledger.
    pub fn entries(&self) -> Vec<MilestoneEntry> {
        self.milestones.iter().map(Milestone::entry).collect()
    }
}

impl Milestone {
    fn entry(&self) -> MilestoneEntry {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        MilestoneEntry {
            stipend: self.stipend.0.get(),
            site_fee: self.site_fee.0.get(),
            opens: self.opens,
            closes: self.closes,
            kind: match self.kind {
                Kind::Screening => MilestoneEntry::SCREENING,
                Kind::Visit => MilestoneEntry::VISIT,
                Kind::FollowUp => MilestoneEntry::FOLLOW_UP,
            },
            flags: flag(self.countersigned, MilestoneEntry::COUNTERSIGNED)
                | flag(self.counts, MilestoneEntry::COUNTS),
            padding: [0; 2],
        }
    }
}
