//! `galen claim verify`

use std::fmt;
use std::path::PathBuf;

use galen_documents::fhir::{self, Adjudicated, Root};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::outcome::Case;
use crate::chain::parties;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};
use crate::store::Store;

/// Flags of `galen claim verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim verify response.fhir.json
  galen claim verify explanation.fhir.json --output json

Reads a ClaimResponse or an ExplanationOfBenefit and holds it against the claim on the ledger: parties, outcome, every amount
of every line, the payment. Exit code 1 where it says something else. Whose claim it is can be checked only where the local
store knows the member.")]
pub struct Args {
    /// A FHIR R4 ClaimResponse or ExplanationOfBenefit, of the form that Galen writes
    document: PathBuf,
}

#[derive(Serialize)]
struct Report {
    /// Whether the document says what the ledger says.
    valid: bool,
    /// The claim's account.
    claim: String,
    /// The type of the document.
    document: &'static str,
    /// Whether the member was checked too.
    member_checked: bool,
    /// Where they differ.
    differences: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    at: String,
    document: String,
    ledger: String,
}

/// Runs the command.
///
/// # Errors
/// `unsupported_resource` and what the reader refuses by path; `wrong_cluster`, `not_found`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let name = document::name(&args.document);
    let value = document::json(&args.document)?;
    let root = fhir::outcome_document(&value).ok_or_else(|| CliError {
        code: "unsupported_resource".to_owned(),
        message: format!("{name}: A ClaimResponse or an ExplanationOfBenefit is needed."),
        at: Some("resourceType".to_owned()),
    })?;
    let read = match root {
        Root::Response => fhir::read_claim_response(&value),
        Root::Explanation => fhir::read_explanation(&value),
    };
    let said = read.map_err(|problem| CliError::in_document(&name, problem))?;
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let at = |part: &str| Some(format!("{}.identifier[0].{part}", root.name()));
    if said.ledger.system.as_deref() != Some(&parties::chain_id(&cluster)) {
        return Err(CliError {
            code: "wrong_cluster".to_owned(),
            message: format!(
                "{name} is about a claim on another ledger; this one is {}.",
                parties::chain_id(&cluster)
            ),
            at: at("system"),
        });
    }
    let address: Pubkey = said.ledger.value.parse().map_err(|_| CliError {
        code: "invalid_value".to_owned(),
        message: format!("{name}: This is not the address of an account."),
        at: at("value"),
    })?;
    let case = Case::read(&cluster, &store, address)?;
    let is = case.figures(said.patient.clone(), said.coverage.clone(), 0)?;
    let mut differences = differences(root.name(), &said, &is);
    if let (Some(member), Some(named)) = (&case.member, &said.patient.value) {
        let at = format!("{}.patient.identifier.value", root.name());
        note(&mut differences, at, named, member);
    }
    let member_checked = case.member.is_some() && said.patient.value.is_some();
    let valid = differences.is_empty();
    Ok(Answer::new(&Report {
        valid,
        claim: address.to_string(),
        document: root.name(),
        member_checked,
        differences,
    })?
    .with_success(valid))
}

fn note(list: &mut Vec<Difference>, at: String, document: &str, ledger: &str) {
    if document != ledger {
        list.push(Difference {
            at,
            document: document.to_owned(),
            ledger: ledger.to_owned(),
        });
    }
}

/// Everything that the ledger knows. Line numbers and what was done are the document's alone.
fn differences(root: &str, said: &Adjudicated, is: &Adjudicated) -> Vec<Difference> {
    let mut list = Vec::new();
    let mut add = |at: &str, document: &str, ledger: &str| {
        note(&mut list, format!("{root}.{at}"), document, ledger);
    };
    let requestor = if root == Root::Response.name() {
        "requestor"
    } else {
        "provider"
    };
    add("insurer", &said.insurer.text(), &is.insurer.text());
    add(requestor, &said.provider.text(), &is.provider.text());
    add("status", status(said.cancelled), status(is.cancelled));
    add("outcome", outcome(said.pending), outcome(is.pending));
    add("total[0].amount.currency", &said.currency, &is.currency);
    add(
        "total[0].amount.value",
        &money(said.charge.get()),
        &money(is.charge.get()),
    );
    add(
        "item",
        &said.items.len().to_string(),
        &is.items.len().to_string(),
    );
    for (index, (said, is)) in said.items.iter().zip(&is.items).enumerate() {
        let at = |part: &str| format!("item[{index}].{part}");
        for (part, said, is) in [
            ("submitted", said.charge, is.charge),
            ("eligible", said.allowed, is.allowed),
            ("benefit", said.paid, is.paid),
        ] {
            add(&at(part), &money(said.get()), &money(is.get()));
        }
        add(
            &at("adjudication"),
            &adjustments(said, is),
            &adjustments(is, is),
        );
    }
    add("payment", &payment(said), &payment(is));
    list
}

fn status(cancelled: bool) -> &'static str {
    if cancelled {
        "cancelled"
    } else {
        "active"
    }
}

fn outcome(pending: bool) -> &'static str {
    if pending {
        "queued"
    } else {
        "complete"
    }
}

/// The adjustments of an item in words. A remark is compared where one follows from the ledger: what the insurer has stated of
/// the member since can leave a denial without.
fn adjustments(item: &fhir::AdjudicatedItem, ledger: &fhir::AdjudicatedItem) -> String {
    let known = ledger
        .adjustments
        .iter()
        .map(|entry| entry.remark.is_some());
    let known = known.chain(std::iter::repeat(false));
    let words = item.adjustments.iter().zip(known).map(|(entry, known)| {
        let remark = entry.remark.filter(|_| known);
        let remark = remark.map_or_else(String::new, |code| format!("/{code}"));
        format!(
            "{}-{}{remark} {}",
            entry.group,
            entry.reason.code(),
            money(entry.amount.get())
        )
    });
    words.collect::<Vec<_>>().join(", ")
}

fn payment(claim: &Adjudicated) -> String {
    claim.payment.as_ref().map_or_else(
        || "none".to_owned(),
        |payment| format!("{} on {}", money(payment.amount.get()), payment.date),
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let member = if self.member_checked {
            ""
        } else {
            " Whose claim it is was not checked: this store does not know the member."
        };
        if self.valid {
            return write!(
                f,
                "The {} says what the ledger says of claim {}.{member}",
                self.document, self.claim
            );
        }
        write!(
            f,
            "The {} does not say what the ledger says of claim {}:",
            self.document, self.claim
        )?;
        for Difference {
            at,
            document,
            ledger,
        } in &self.differences
        {
            write!(f, "\n  {at}: {document}, on the ledger {ledger}")?;
        }
        write!(f, "\n{}", member.trim_start())
    }
}
