//! `galen claim quote`: what a claim will pay, before it is filed.

use std::fmt;
use std::path::PathBuf;

use galen_documents::quote;
use galen_documents::quote::{Quote, QuotedLine};
use serde::Serialize;

use super::view::explain;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{money, table, Answer};

/// Flags of `galen claim quote`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim quote --plan plan.json --claim claim.json
  galen claim quote --plan plan.json --claim visit.fhir.json --member member.json --output json
  galen claim quote --plan plan.json --claim day.837 --control-number C-2026-0001

PLAN, CLAIM and MEMBER are JSON; `-` reads one of them from stdin. CLAIM may be a FHIR R4 Claim, or an X12 837P. Money is an integer
number of cents, rates are basis points, dates are YYYY-MM-DD. A claim takes at most 16 lines, as on chain.")]
pub struct Args {
    /// The plan and its fee schedule
    #[arg(long, value_name = "PLAN")]
    plan: PathBuf,
    /// The claim, in Galen's own form, as a FHIR R4 Claim or as an X12 837P
    #[arg(long, value_name = "CLAIM")]
    claim: PathBuf,
    #[command(flatten)]
    choice: document::Choice,
    /// What the member has used so far; without it nothing, and covered on every day
    #[arg(long, value_name = "MEMBER")]
    member: Option<PathBuf>,
    /// Quote a FHIR or X12 claim as of a provider outside the plan's network (neither says)
    #[arg(long)]
    out_of_network: bool,
}

/// The quote, with the plan's currency for the text form.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    quote: Quote,
    #[serde(skip)]
    currency: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let plan = document::plan(&args.plan)?;
    let claim = document::claim(
        &args.claim,
        &plan.currency.0,
        !args.out_of_network,
        &args.choice,
    )?;
    if args.out_of_network && claim.fhir.is_none() && claim.x12.is_none() {
        return Err(CliError::new("contradiction", "A claim in Galen's own form says itself whether it is in network: set its `in_network`."));
    }
    let member = args
        .member
        .as_deref()
        .map(document::member)
        .transpose()?
        .unwrap_or_default();
    let quote =
        quote::quote(&plan, &claim.claim, &member).map_err(|problem| blame(problem, args))?;
    Answer::new(&Report {
        quote,
        currency: plan.currency.0,
    })
}

/// Only what the member has used and was authorised can be at fault beside the claim.
fn blame(problem: galen_documents::Problem, args: &Args) -> CliError {
    let of_member = [
        "category_used",
        "authorizations",
        "deductible_used",
        "out_of_pocket_used",
    ]
    .iter()
    .any(|field| problem.at.starts_with(field));
    let file = match (&args.member, of_member) {
        (Some(member), true) => member,
        _ => &args.claim,
    };
    CliError::in_document(&document::name(file), problem)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} (amounts in {})",
            outcome(self.quote.outcome),
            self.currency
        )?;
        let mut rows = table(
            &[
                "Line",
                "Code",
                "Charge",
                "Allowed",
                "Plan pays",
                "Patient owes",
                "Adjustments",
            ],
            &[0, 2, 3, 4, 5],
        );
        for line in &self.quote.lines {
            rows.add_row(row(line));
        }
        let totals = &self.quote.totals;
        let cents = |amount: galen_documents::Money| money(amount.0.get());
        rows.add_row([
            String::new(),
            "Total".to_owned(),
            cents(totals.charge),
            cents(totals.allowed),
            cents(totals.paid),
            cents(totals.patient),
            format!(
                "write-off {}, other {}",
                cents(totals.write_off),
                cents(totals.other)
            ),
        ]);
        writeln!(f, "{rows}")?;
        let member = &self.quote.member;
        write!(
            f,
            "After this claim: deductible used {}, out of pocket used {}, paid this year {}.",
            cents(member.deductible_used.individual),
            cents(member.out_of_pocket_used.individual),
            cents(member.annual_used)
        )
    }
}

fn row(line: &QuotedLine) -> [String; 7] {
    let cents = |amount: galen_documents::Money| money(amount.0.get());
    [
        line.line.to_string(),
        line.code.clone(),
        cents(line.charge),
        cents(line.allowed),
        cents(line.paid),
        cents(line.patient),
        explain(&line.adjustments),
    ]
}

fn outcome(word: &str) -> &str {
    match word {
        "complete" => "Every line is adjudicated.",
        "partial" => "Some lines are denied.",
        _ => "All lines are denied.",
    }
}
