//! Predeterminations as they are printed: lines and totals in the form of the quote.

use std::collections::BTreeMap;
use std::fmt;

use claims::state::{Predetermination, QuotedLine};
use galen_documents::quote::Totals;
use galen_documents::{Day, Money};
use galen_rules::{Cents, Reason};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::people::day;
use crate::chain::text::{facts, hex};
use crate::error::Result;
use crate::output::{money, table};

/// An answer's account.
#[derive(Debug, Serialize)]
pub struct View {
    /// The account.
    pub address: String,
    /// The provider's number of the question.
    pub id: String,
    /// The pool that would pay.
    pub pool: String,
    /// The provider's organization account.
    pub provider: String,
    /// The member's account.
    pub member: String,
    /// The plan version by which it was answered.
    pub plan_version: String,
    /// Whether the provider is in the network on the planned days, as of the answer.
    pub in_network: bool,
    /// The day of the answer.
    pub answered_on: Day,
    /// First service date, as planned.
    pub service_date: Day,
    /// Last service date for which the insurer holds the price; null: it holds none.
    pub hold_until: Option<Day>,
    /// The number of the claim that has cited it; null for none.
    pub cited_by: Option<String>,
    /// The lines, in the order asked.
    pub lines: Vec<Line>,
    /// Sums, as a quote has them.
    pub totals: Totals,
}

/// One line of an answer.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Counted from 1.
    pub line: usize,
    /// The procedure's code, where this command knows it; the ledger has only its key.
    pub code: Option<String>,
    /// The keyed identifier of the code.
    pub code_key: String,
    /// How many.
    pub units: u16,
    /// What would be billed.
    pub charge: Money,
    /// What the plan would allow; 0 where the line would be denied.
    pub allowed: Money,
    /// What the plan would pay.
    pub paid: Money,
    /// What the patient would owe.
    pub patient: Money,
    /// Claim adjustment reason code of the denial; null where there would be none.
    pub denial_reason: Option<u16>,
}

impl View {
    /// An answer as printed, with the codes that the caller knows, by their keys.
    ///
    /// # Errors
    /// `wrong_account`.
    pub fn of(
        address: Pubkey,
        answer: &Predetermination,
        codes: &BTreeMap<[u8; 8], String>,
    ) -> Result<Self> {
        let totals = &answer.totals;
        let lines = (1..).zip(&answer.lines);
        Ok(Self {
            address: address.to_string(),
            id: hex(&answer.id),
            pool: answer.pool.to_string(),
            provider: answer.provider.to_string(),
            member: answer.member.to_string(),
            plan_version: answer.plan_version.to_string(),
            in_network: answer.in_network,
            answered_on: day(answer.answered_on)?,
            service_date: day(answer.service_date)?,
            hold_until: Some(answer.hold_until)
                .filter(|until| *until != 0)
                .map(day)
                .transpose()?,
            cited_by: Some(answer.cited_by)
                .filter(|id| *id != [0; 16])
                .map(|id| hex(&id)),
            lines: lines
                .map(|(number, line)| Line::of(number, line, codes))
                .collect(),
            totals: Totals {
                charge: cents(totals.charge),
                allowed: cents(totals.allowed),
                paid: cents(totals.paid),
                patient: cents(totals.patient),
                write_off: cents(totals.write_off),
                other: cents(totals.other),
            },
        })
    }
}

impl Line {
    fn of(number: usize, line: &QuotedLine, codes: &BTreeMap<[u8; 8], String>) -> Self {
        Self {
            line: number,
            code: codes.get(&line.code_key).cloned(),
            code_key: hex(&line.code_key),
            units: line.units,
            charge: cents(line.charge),
            allowed: cents(line.allowed),
            paid: cents(line.paid),
            patient: cents(line.patient),
            denial_reason: Some(line.denial_reason).filter(|reason| *reason != 0),
        }
    }
}

fn cents(amount: u64) -> Money {
    Money(Cents::new(amount))
}

fn amount(cents: Money) -> String {
    money(cents.0.get())
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let held = self
            .hold_until
            .map_or_else(|| "no".to_owned(), |until| format!("until {}", until.0));
        facts(
            f,
            &[
                ("Predetermination", self.address.clone()),
                ("Planned for", self.service_date.0.to_string()),
                ("Answered on", self.answered_on.0.to_string()),
                ("Price held", held),
                (
                    "Cited by claim",
                    self.cited_by.clone().unwrap_or_else(|| "none".to_owned()),
                ),
            ],
        )?;
        let mut rows = table(
            &[
                "Line",
                "Code",
                "Charge",
                "Allowed",
                "Plan would pay",
                "Patient would owe",
                "Denied",
            ],
            &[0, 2, 3, 4, 5],
        );
        for line in &self.lines {
            let denied = line.denial_reason.map_or_else(String::new, |reason| {
                let text = Reason::from_code(reason).map_or("", Reason::text);
                format!("{reason} ({text})")
            });
            rows.add_row([
                line.line.to_string(),
                line.code.clone().unwrap_or_else(|| line.code_key.clone()),
                amount(line.charge),
                amount(line.allowed),
                amount(line.paid),
                amount(line.patient),
                denied,
            ]);
        }
        rows.add_row([
            String::new(),
            "Total".to_owned(),
            amount(self.totals.charge),
            amount(self.totals.allowed),
            amount(self.totals.paid),
            amount(self.totals.patient),
            String::new(),
        ]);
        write!(f, "\n{rows}")
    }
}

/// As JSON, an array of answers.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No predeterminations.");
        }
        let mut rows = table(
            &[
                "Predetermination",
                "Planned for",
                "Held until",
                "Charge",
                "Plan would pay",
                "Patient would owe",
            ],
            &[3, 4, 5],
        );
        for view in &self.0 {
            rows.add_row([
                view.address.clone(),
                view.service_date.0.to_string(),
                view.hold_until
                    .map_or_else(|| "not held".to_owned(), |until| until.0.to_string()),
                amount(view.totals.charge),
                amount(view.totals.paid),
                amount(view.totals.patient),
            ]);
        }
        write!(f, "{rows}")
    }
}
