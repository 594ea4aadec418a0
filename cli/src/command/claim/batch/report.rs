//! What became of a batch: claim by claim, and in sums.

use std::collections::BTreeMap;
use std::fmt;

use claims::state::Claim;
use galen_rules::{Reason, Remark};
use serde::Serialize;

use super::deliver::Fate;
use super::order::Order;
use super::standing::Standing;
use crate::command::claim::remark::Finder;
use crate::command::claim::view::{group, pend_reason, Status};
use crate::error::{CliError, Result};
use crate::output::{money, table};
use crate::send::Cost;

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where the document stands: `line 3`, `Bundle.entry[2].resource`.
    pub document: String,
    /// The place inside it.
    pub at: Option<String>,
    /// Stable, in snake case, for programs.
    pub code: String,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Fault {
    /// An error about the document at `place`.
    pub fn of(place: String, error: CliError) -> Self {
        let message = error.message.strip_prefix(&format!("{place}: "));
        Self {
            message: message.map_or_else(|| error.message.clone(), str::to_owned),
            document: place,
            at: error.at,
            code: error.code,
        }
    }
}

/// What a run did about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// This run filed it.
    Filed,
    /// It was on the ledger already.
    Unchanged,
    /// It is not on the ledger.
    Failed,
    /// It would be filed.
    Planned,
}

/// One claim.
#[derive(Debug, Serialize)]
struct Row {
    document: String,
    claim: String,
    outcome: Outcome,
    /// `archived` where nothing else is known any more; null where it is not on the ledger.
    status: Option<String>,
    pend_reason: Option<&'static str>,
    charge: u64,
    paid: u64,
    patient: u64,
    /// As `PR-27`, or with its remark `CO-16/M76`, each once.
    denials: Vec<String>,
    /// Fees of its transactions, in lamports; null where they are not known.
    fee: Option<u64>,
    /// What its account holds, in lamports.
    rent: Option<u64>,
    compute_units: Option<u64>,
    signatures: Vec<String>,
    error: Option<CliError>,
}

/// Claims of a kind.
#[derive(Debug, Default, Serialize)]
struct Sum {
    claims: usize,
    charge: u64,
    paid: u64,
}

/// Lines that were denied for one reason.
#[derive(Debug, Default, Serialize)]
struct Denial {
    claims: usize,
    lines: usize,
    charge: u64,
}

/// What it all took.
#[derive(Debug, Default, Serialize)]
struct Costs {
    transactions: usize,
    fees: u64,
    rent: u64,
    compute_units: u64,
}

/// As JSON: `{"documents": 3, "filed": 1, "unchanged": 1, "failed": 0, "dry_run": false, "by_status": {"paid": {"claims": 1,
/// "charge": 18000, "paid": 12000}}, "pended": {"claim_limit": 1}, "denied": {"PR-27": {"claims": 1, "lines": 2, "charge":
/// 5000}}, "costs": {"transactions": 1, "fees": 5000, "rent": 4000000, "compute_units": 16000}, "faults": [{"document":
/// "line 3", "at": "Claim.item[0].net.value", "code": "...", "message": "..."}], "claims": [{"document": "line 1", "claim":
/// "...", "outcome": "filed" | "unchanged" | "failed" | "planned", "status": "paid", "pend_reason": null, "charge": 18000,
/// "paid": 12000, "patient": 6000, "denials": [], "fee": 5000, "rent": 4000000, "compute_units": 16000, "signatures": ["..."],
/// "error": null}]}`; money is cents, costs are lamports.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    documents: usize,
    filed: usize,
    unchanged: usize,
    failed: usize,
    dry_run: bool,
    by_status: BTreeMap<String, Sum>,
    pended: BTreeMap<&'static str, usize>,
    denied: BTreeMap<String, Denial>,
    costs: Costs,
    faults: Vec<Fault>,
    claims: Vec<Row>,
    #[serde(skip)]
    stopped: bool,
}

impl Report {
    /// Where nothing was sent because of faults.
    pub fn stopped(documents: usize, faults: Vec<Fault>) -> Self {
        Self {
            documents,
            faults,
            stopped: true,
            ..Self::default()
        }
    }

    /// What became of all of a file's claims.
    ///
    /// # Errors
    /// Those of [`Finder::of`].
    pub fn of(
        documents: usize,
        orders: &[Order],
        fates: Vec<Fate>,
        costs: &BTreeMap<String, Cost>,
        faults: Vec<Fault>,
        dry_run: bool,
        finder: &mut Finder,
    ) -> Result<Self> {
        let mut report = Self {
            documents,
            faults,
            dry_run,
            ..Self::default()
        };
        for (order, fate) in orders.iter().zip(fates) {
            let remarks = match &fate.standing {
                Standing::Claim(claim, _) => finder.of(claim)?,
                _ => Vec::new(),
            };
            report.add(order, fate, &remarks, costs);
        }
        Ok(report)
    }

    /// Whether everything was done that was asked for.
    pub fn is_success(&self) -> bool {
        !self.stopped && self.failed == 0
    }

    fn add(
        &mut self,
        order: &Order,
        fate: Fate,
        remarks: &[Option<Remark>],
        costs: &BTreeMap<String, Cost>,
    ) {
        let known: Option<Vec<Cost>> = fate
            .signatures
            .iter()
            .map(|signature| costs.get(signature).copied())
            .collect();
        let known = known.filter(|costs| !costs.is_empty());
        let sum = |part: fn(&Cost) -> u64| {
            known
                .as_ref()
                .map(|costs| costs.iter().map(part).fold(0, u64::saturating_add))
        };
        let mut row = Row {
            document: order.place.clone(),
            claim: order.address.to_string(),
            outcome: match (fate.standing.has_landed(), fate.filed) {
                (true, true) => Outcome::Filed,
                (true, false) => Outcome::Unchanged,
                (false, _) if self.dry_run => Outcome::Planned,
                (false, _) => Outcome::Failed,
            },
            status: None,
            pend_reason: None,
            charge: order.submission.charge,
            paid: 0,
            patient: 0,
            denials: Vec::new(),
            fee: sum(|cost| cost.fee),
            rent: None,
            compute_units: sum(|cost| cost.compute_units),
            signatures: fate.signatures,
            error: fate.error,
        };
        match &fate.standing {
            Standing::Claim(claim, lamports) => {
                row.rent = Some(*lamports);
                self.describe(&mut row, claim, remarks);
            }
            Standing::Archived => row.status = Some("archived".to_owned()),
            Standing::Missing | Standing::Draft(_) => {}
        }
        match row.outcome {
            Outcome::Filed => self.filed = self.filed.saturating_add(1),
            Outcome::Unchanged => self.unchanged = self.unchanged.saturating_add(1),
            Outcome::Failed => self.failed = self.failed.saturating_add(1),
            Outcome::Planned => {}
        }
        if let Some(status) = &row.status {
            let sum = self.by_status.entry(status.clone()).or_default();
            sum.claims = sum.claims.saturating_add(1);
            sum.charge = sum.charge.saturating_add(row.charge);
            sum.paid = sum.paid.saturating_add(row.paid);
        }
        let total = &mut self.costs;
        total.transactions = total.transactions.saturating_add(row.signatures.len());
        total.fees = total.fees.saturating_add(row.fee.unwrap_or_default());
        total.rent = total.rent.saturating_add(row.rent.unwrap_or_default());
        total.compute_units = total
            .compute_units
            .saturating_add(row.compute_units.unwrap_or_default());
        self.claims.push(row);
    }

    fn describe(&mut self, row: &mut Row, claim: &Claim, remarks: &[Option<Remark>]) {
        row.status = Some(Status::from(claim.status).to_string().replace(' ', "_"));
        row.pend_reason = pend_reason(claim.pend_reason);
        row.paid = claim.totals.paid;
        row.patient = claim.totals.patient;
        if let Some(reason) = row.pend_reason {
            let count = self.pended.entry(reason).or_default();
            *count = count.saturating_add(1);
        }
        let remarks = remarks.iter().chain(std::iter::repeat(&None));
        for (line, remark) in claim.lines.iter().zip(remarks) {
            if !line.is_denied() {
                continue;
            }
            let remark = remark.map_or_else(String::new, |code| format!("/{code}"));
            let reason = format!(
                "{}-{}{remark}",
                group(line.denial_group).as_str(),
                line.denial_reason
            );
            let denial = self.denied.entry(reason.clone()).or_default();
            denial.lines = denial.lines.saturating_add(1);
            denial.charge = denial.charge.saturating_add(line.denied());
            if !row.denials.contains(&reason) {
                denial.claims = denial.claims.saturating_add(1);
                row.denials.push(reason);
            }
        }
    }

    /// Places, keys, numbers and words only: nothing that a spreadsheet would take for a formula, nothing to quote.
    pub fn csv(&self) -> String {
        let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let mut text = String::from(
            "document,claim,outcome,status,pend_reason,charge,paid,patient,denials,fee,rent,compute_units,signatures,error\n",
        );
        for row in &self.claims {
            let outcome = match row.outcome {
                Outcome::Filed => "filed",
                Outcome::Unchanged => "unchanged",
                Outcome::Failed => "failed",
                Outcome::Planned => "planned",
            };
            text += &format!(
                "{},{},{outcome},{},{},{},{},{},{},{},{},{},{},{}\n",
                row.document,
                row.claim,
                row.status.as_deref().unwrap_or_default(),
                row.pend_reason.unwrap_or_default(),
                row.charge,
                row.paid,
                row.patient,
                row.denials.join(" "),
                number(row.fee),
                number(row.rent),
                number(row.compute_units),
                row.signatures.join(" "),
                row.error.as_ref().map_or("", |error| error.code.as_str()),
            );
        }
        for fault in &self.faults {
            // A fault's place may be a file's name.
            let place = fault.document.replace([',', '"', '\r', '\n'], " ");
            text += &format!("{place},,faulty,,,,,,,,,,,{}\n", fault.code);
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for fault in &self.faults {
            let at = fault
                .at
                .as_ref()
                .map_or_else(String::new, |at| format!(", {at}"));
            writeln!(
                f,
                "{}{at}: {} [{}]",
                fault.document, fault.message, fault.code
            )?;
        }
        for row in &self.claims {
            if let Some(error) = &row.error {
                writeln!(f, "{}, claim {}: {error}", row.document, row.claim)?;
            }
        }
        if self.stopped {
            return write!(
                f,
                "Faults: {}, in {} documents and the table of members. Nothing was sent; mend the files, or leave out what is wrong with --skip-invalid.",
                self.faults.len(),
                self.documents
            );
        }
        let mut rows = table(
            &["What became of it", "Claims", "Charge", "Plan pays"],
            &[1, 2, 3],
        );
        for (status, sum) in &self.by_status {
            rows.add_row([
                status.replace('_', " "),
                sum.claims.to_string(),
                money(sum.charge),
                money(sum.paid),
            ]);
        }
        for (reason, claims) in &self.pended {
            let words = format!("  pended: {}", reason.replace('_', " "));
            rows.add_row([words, claims.to_string(), String::new(), String::new()]);
        }
        for (reason, denial) in &self.denied {
            let mut parts = reason.split(['-', '/']).skip(1);
            let code = parts.next().and_then(|code| code.parse().ok());
            let text = code.and_then(Reason::from_code).map_or("", Reason::text);
            rows.add_row([
                format!("  denied: {reason} ({text}), {} lines", denial.lines),
                denial.claims.to_string(),
                money(denial.charge),
                String::new(),
            ]);
        }
        writeln!(f, "{rows}")?;
        if self.dry_run {
            let planned = self.claims.len().saturating_sub(self.unchanged);
            write!(
                f,
                "{planned} claims would be filed, {} are on the ledger already. Nothing was sent.",
                self.unchanged
            )?;
        } else {
            write!(
                f,
                "{} filed, {} were on the ledger already, {} failed. {} transactions: {} lamports of fees, {} compute units; {} lamports of rent stand in the claims' accounts.",
                self.filed,
                self.unchanged,
                self.failed,
                self.costs.transactions,
                self.costs.fees,
                self.costs.compute_units,
                self.costs.rent
            )?;
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        write!(f, " {} faulty ones were left out.", self.faults.len())
    }
}
