//! Participants as people and scripts see them. Money is cents.

use std::fmt;

use galen_rules::trial::{Bits, Status};
use serde::Serialize;
use trials::state::Participant;

use super::parts::day;
use super::who::Place;
use crate::chain::text::facts;
use crate::output::money;

/// A participant. Milestones are listed by number.
#[derive(Debug, Serialize)]
pub struct ParticipantView {
    key: String,
    cohort: String,
    index: u16,
    person: String,
    payee: String,
    payee_owner: String,
    status: &'static str,
    holder: &'static str,
    schedule: u16,
    consents: Vec<ConsentLine>,
    enrolled_on: Option<String>,
    ended_on: Option<String>,
    follow_up: bool,
    settled: bool,
    undeliverable: bool,
    attested: Vec<u8>,
    earned: Vec<u8>,
    paid_milestones: Vec<u8>,
    claimed: Vec<u8>,
    doses: u32,
    reserved: u64,
    stipends: u64,
    expenses: u64,
    due: u64,
    held: u64,
    withheld: u64,
    paid: u64,
}

#[derive(Debug, Serialize)]
struct ConsentLine {
    version: u16,
    on: Option<String>,
}

impl ParticipantView {
    /// As it stands on the ledger.
    pub fn of(place: &Place) -> Self {
        let one = &place.participant;
        Self {
            key: one.key.to_string(),
            cohort: place.cohort.to_string(),
            index: place.index,
            person: one.person.to_string(),
            payee: one.payee.to_string(),
            payee_owner: one.payee_owner.to_string(),
            status: one.status().map_or("unknown", status),
            holder: match one.holder {
                0 => "participant",
                1 => "guardian",
                _ => "site",
            },
            schedule: one.schedule,
            consents: one
                .consents
                .iter()
                .take(usize::from(one.consent_count))
                .map(|entry| ConsentLine {
                    version: entry.version,
                    on: day(entry.on),
                })
                .collect(),
            enrolled_on: day(one.enrolled_on),
            ended_on: day(one.ended_on),
            follow_up: one.has(Participant::FOLLOW_UP),
            settled: one.is_settled(),
            undeliverable: one.has(Participant::UNDELIVERABLE),
            attested: numbers(one.attested),
            earned: numbers(one.earned),
            paid_milestones: numbers(one.paid_bits),
            claimed: numbers(one.claimed),
            doses: one.doses,
            reserved: one.reserved,
            stipends: one.stipends,
            expenses: one.expenses,
            due: one.due,
            held: one.held,
            withheld: one.withheld,
            paid: one.paid,
        }
    }

    /// A line of a table.
    pub fn row(&self) -> [String; 7] {
        [
            self.key.clone(),
            self.status.to_owned(),
            self.consents
                .last()
                .map_or(0, |consent| consent.version)
                .to_string(),
            format!("{:?}", self.earned),
            money(self.due),
            money(self.held),
            money(self.paid),
        ]
    }
}

/// A status as JSON has it.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Screening => "screening",
        Status::Enrolled => "enrolled",
        Status::Completed => "completed",
        Status::ScreenFailed => "screen_failed",
        Status::Withdrawn => "withdrawn",
        Status::Discontinued => "discontinued",
        Status::LostToFollowUp => "lost_to_follow_up",
        Status::Died => "died",
    }
}

fn numbers(bits: u64) -> Vec<u8> {
    (0..64).filter(|number| Bits(bits).has(*number)).collect()
}

impl fmt::Display for ParticipantView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Participant", self.key.clone()),
                ("Place", format!("{} in cohort {}", self.index, self.cohort)),
                ("Status", self.status.to_owned()),
                ("Schedule", self.schedule.to_string()),
                ("Attested", format!("{:?}", self.attested)),
                ("Earned", format!("{:?}", self.earned)),
                ("Set aside", money(self.reserved)),
                ("Due", money(self.due)),
                ("Held for taxes", money(self.held)),
                ("Withheld", money(self.withheld)),
                ("Paid", money(self.paid)),
            ],
        )
    }
}
