//! `galen member coverage`

use std::fmt;
use std::path::PathBuf;

use galen_documents::fhir::{
    self, About, Amount, Code, CoverageAnswer, CoverageBenefit, CoverageItem, Covered, Standing,
};
use galen_rules::Date;
use serde::Serialize;

use crate::document;
use crate::error::{CliError, Result};
use crate::output::{money, table, Answer};

/// Flags of `galen member coverage`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member coverage answer.fhir.json
  galen member coverage answer.fhir.json --output json

Reads a FHIR R4 CoverageEligibilityResponse, whoever has written it, and says what it answers: whether the coverage is in force, of deductible, maxima and benefits
how much there is, is used and is left, which services need an authorisation, and what was wrong with the question. It concludes
nothing: what the document does not say is `null`. Needs no network. Exit code 1 unless the answer is yes: final, without
errors, and each coverage in force.")]
pub struct Args {
    /// The answer of the insurer
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What it says.
#[derive(Serialize)]
struct Report {
    /// Whether the answer is yes.
    in_force: bool,
    outcome: &'static str,
    disposition: Option<String>,
    request: Option<String>,
    purposes: Vec<String>,
    patient: String,
    requestor: Option<String>,
    insurer: String,
    created: String,
    serviced: Option<Days>,
    authorization: Option<String>,
    errors: Vec<Word>,
    currency: Option<String>,
    coverages: Vec<Coverage>,
}

#[derive(Serialize)]
struct Days {
    from: String,
    to: String,
}

/// A code; the system is null where there is none.
#[derive(Serialize)]
struct Word {
    system: Option<String>,
    code: String,
}

#[derive(Serialize)]
struct Coverage {
    coverage: String,
    in_force: Option<bool>,
    period: Option<Days>,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    service: Option<Word>,
    category: Option<Word>,
    modifiers: Vec<String>,
    provider: Option<String>,
    name: Option<String>,
    description: Option<String>,
    excluded: Option<bool>,
    network: Option<String>,
    unit: Option<String>,
    term: Option<String>,
    authorization_required: Option<bool>,
    authorization_supporting: Vec<Word>,
    authorization_url: Option<String>,
    benefits: Vec<Benefit>,
}

#[derive(Serialize)]
struct Benefit {
    kind: String,
    allowed: Option<Figure>,
    used: Option<Figure>,
    left: Option<Figure>,
}

/// An amount: cents of the answer's currency, a count, or words.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Figure {
    Cents(u64),
    Number(u32),
    Text(String),
}

/// Runs the command.
///
/// # Errors
/// Those of [`fhir::read_coverage`] by path; those of [`document::json`].
pub fn run(args: &Args) -> Result<Answer> {
    let read = fhir::read_coverage(&document::json(&args.file)?)
        .map_err(|problem| CliError::in_document(&document::name(&args.file), problem))?;
    let is_yes = read.is_yes();
    Ok(Answer::new(&Report::of(read))?.with_success(is_yes))
}

impl Report {
    fn of(read: CoverageAnswer) -> Self {
        let in_force = read.is_yes();
        let request = read.request.map(|id| match id.system {
            Some(system) => format!("{system}|{}", id.value),
            None => id.value,
        });
        Self {
            in_force,
            outcome: match read.standing {
                Standing::Complete => "complete",
                Standing::Partial => "partial",
                Standing::Error => "error",
                Standing::Queued => "queued",
            },
            disposition: read.disposition,
            request,
            purposes: read.purposes,
            patient: read.patient.text(),
            requestor: read.requestor.map(|party| party.text()),
            insurer: read.insurer.text(),
            created: read.created,
            serviced: read.serviced.map(days),
            authorization: read.authorization,
            errors: read.errors.into_iter().map(word).collect(),
            currency: read.currency,
            coverages: read.coverages.into_iter().map(coverage).collect(),
        }
    }
}

fn days((from, to): (Date, Date)) -> Days {
    Days {
        from: from.to_string(),
        to: to.to_string(),
    }
}

fn word(code: Code) -> Word {
    Word {
        system: Some(code.system).filter(|system| !system.is_empty()),
        code: code.code,
    }
}

fn coverage(covered: Covered) -> Coverage {
    Coverage {
        coverage: covered.coverage.text(),
        in_force: covered.in_force,
        period: covered.period.map(days),
        items: covered.items.into_iter().map(item).collect(),
    }
}

fn item(item: CoverageItem) -> Item {
    let (service, category) = match item.about {
        About::Service(code) => (Some(word(code)), None),
        About::Category(code) => (None, Some(word(code))),
    };
    let plain = |code: Option<Code>| code.map(|code| code.code);
    Item {
        service,
        category,
        modifiers: item.modifiers.into_iter().map(|code| code.code).collect(),
        provider: item.provider.map(|party| party.text()),
        name: item.name,
        description: item.description,
        excluded: item.excluded,
        network: plain(item.network),
        unit: plain(item.unit),
        term: plain(item.term),
        authorization_required: item.authorization_required,
        authorization_supporting: item
            .authorization_supporting
            .into_iter()
            .map(word)
            .collect(),
        authorization_url: item.authorization_url,
        benefits: item.benefits.iter().map(benefit).collect(),
    }
}

fn benefit(benefit: &CoverageBenefit) -> Benefit {
    let figure = |amount: &Amount| match amount {
        Amount::Cents(cents) => Figure::Cents(cents.get()),
        Amount::Number(count) => Figure::Number(*count),
        Amount::Text(text) => Figure::Text(text.clone()),
    };
    Benefit {
        kind: benefit.kind.code.clone(),
        allowed: benefit.allowed.as_ref().map(figure),
        used: benefit.used.as_ref().map(figure),
        left: benefit.left().as_ref().map(figure),
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Cents(cents) => f.write_str(&money(*cents)),
            Self::Number(count) => write!(f, "{count}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if let Some(sentence) = &self.disposition {
            writeln!(f, "{sentence}")?;
        }
        writeln!(
            f,
            "{} is answered by {} ({}).",
            self.patient, self.insurer, self.outcome
        )?;
        for error in &self.errors {
            writeln!(f, "Error: {}", error.code)?;
        }
        if let Some(number) = &self.authorization {
            writeln!(f, "Authorised under {number}.")?;
        }
        for coverage in &self.coverages {
            coverage.fmt(f, self.serviced.as_ref())?;
        }
        Ok(())
    }
}

impl Coverage {
    fn fmt(&self, f: &mut fmt::Formatter, serviced: Option<&Days>) -> fmt::Result {
        let standing = match self.in_force {
            Some(true) => "is in force",
            Some(false) => "is not in force",
            None => "is named; whether it is in force is not said",
        };
        write!(f, "Coverage {} {standing}", self.coverage)?;
        if let Some(Days { from, to }) = serviced {
            write!(f, " from {from} to {to}")?;
        }
        writeln!(f, ".")?;
        if let Some(Days { from, to }) = &self.period {
            writeln!(f, "Benefit period {from} to {to}.")?;
        }
        if self.items.is_empty() {
            return Ok(());
        }
        let mut rows = table(
            &[
                "About",
                "Covered",
                "Network",
                "For",
                "Term",
                "What",
                "Allowed",
                "Used",
                "Left",
                "Authorisation",
            ],
            &[6, 7, 8],
        );
        for item in &self.items {
            for row in item.rows() {
                rows.add_row(row);
            }
        }
        writeln!(f, "{rows}")
    }
}

impl Item {
    /// One row for each amount, one at least.
    fn rows(&self) -> Vec<[String; 10]> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let flag = |flag: Option<bool>, yes: &str, no: &str| {
            flag.map_or_else(String::new, |flag| if flag { yes } else { no }.to_owned())
        };
        let about = match (&self.service, &self.category) {
            (Some(service), _) => [&[service.code.clone()][..], &self.modifiers]
                .concat()
                .join(" "),
            (None, Some(category)) => format!("category {}", category.code),
            (None, None) => String::new(),
        };
        let row = |benefit: Option<&Benefit>| {
            let figure = |figure: &Option<Figure>| {
                figure.as_ref().map(ToString::to_string).unwrap_or_default()
            };
            let [allowed, used, left] = benefit.map_or_else(Default::default, |benefit| {
                [&benefit.allowed, &benefit.used, &benefit.left].map(figure)
            });
            [
                about.clone(),
                flag(self.excluded, "no", "yes"),
                text(&self.network),
                text(&self.unit),
                text(&self.term),
                benefit
                    .map(|benefit| benefit.kind.clone())
                    .unwrap_or_default(),
                allowed,
                used,
                left,
                flag(self.authorization_required, "needed", "not needed"),
            ]
        };
        if self.benefits.is_empty() {
            return vec![row(None)];
        }
        self.benefits
            .iter()
            .map(|benefit| row(Some(benefit)))
            .collect()
    }
}
