//! `galen member ask`

use clap::ValueEnum;
use galen_documents::fhir::{
    self, Code, EligibilityPurpose, EligibilityRequest, Identifier, Party, Requested,
};
use galen_rules::Date;

use crate::chain::parties;
use crate::command::claim::acknowledge;
use crate::command::org::view::IdentifierFlag;
use crate::command::trial::rows;
use crate::document::Written;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen member ask`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member ask --id M-4711 --provider npi:1234567893 --insurer lei:5493001KJTIIGC8Y1R12 > request.fhir.json
  galen member ask --id M-4711 --provider npi:1234567893 --insurer lei:5493001KJTIIGC8Y1R12 --on 2026-03-02 --code 99213 --code 73030

Writes a FHIR R4 CoverageEligibilityRequest. The insurer answers with `galen member eligibility`, or whatever else speaks FHIR, and
`galen member coverage` reads the answer. What is not said is asked neither: without --on the question is about now, without --code
about the coverage as a whole. An identifier or a code can have its system before it: `https://clinic.example|E-1`. Needs no network.")]
pub struct Args {
    /// The member's identifier at the insurer
    #[arg(long, value_name = "MEMBER", value_parser = rows::identifier)]
    id: String,
    /// Who asks: npi:..., gln:..., lei:... or other:...
    #[arg(long, value_name = "IDENTIFIER")]
    provider: IdentifierFlag,
    /// Whom: npi:..., gln:..., lei:... or other:...
    #[arg(long, value_name = "IDENTIFIER")]
    insurer: IdentifierFlag,
    /// The number of the policy
    #[arg(long, value_name = "POLICY")]
    coverage: Option<String>,
    /// The day of service, or the first one
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// The last day of service
    #[arg(long, value_name = "DATE", requires = "on")]
    to: Option<Date>,
    /// What is asked; may be repeated
    #[arg(long, value_name = "PURPOSE", value_enum, default_values = ["validation", "benefits"])]
    purpose: Vec<Purpose>,
    /// About which service; may be repeated
    #[arg(long, value_name = "CODE")]
    code: Vec<String>,
    /// The question's own number, which the answer names
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// The day on which it is asked [default: this machine's]
    #[arg(long, value_name = "DATE")]
    created: Option<Date>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// Whether the coverage is in force
    Validation,
    /// What is covered, and how much of it is used up
    Benefits,
    /// Which services need an authorisation
    AuthRequirements,
    /// Which coverage there is
    Discovery,
}

impl From<Purpose> for EligibilityPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Validation => Self::Validation,
            Purpose::Benefits => Self::Benefits,
            Purpose::AuthRequirements => Self::Authorizations,
            Purpose::Discovery => Self::Discovery,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `days_reversed`, `clock_unusable`, and those of [`fhir::write_eligibility_request`].
pub fn run(args: &Args) -> Result<Answer> {
    let serviced = args.on.map(|from| (from, args.to.unwrap_or(from)));
    if let Some((from, to)) = serviced.filter(|(from, to)| to < from) {
        let message = format!(
            "The last day of service ({to}) is before the first one ({from}); --on is the first."
        );
        return Err(CliError::new("days_reversed", message));
    }
    let created = match args.created {
        Some(day) => day,
        None => acknowledge::now()?.0,
    };
    let request = EligibilityRequest {
        identifier: args.number.as_deref().map(|number| {
            let Party { system, value, .. } = Party::of_text(number);
            let value = value.unwrap_or_default();
            Identifier { system, value }
        }),
        purposes: args.purpose.iter().copied().map(Into::into).collect(),
        patient: Party::of_text(&args.id),
        provider: Some(parties::identified(&args.provider.0)),
        insurer: parties::identified(&args.insurer.0),
        coverage: args.coverage.as_deref().map(Party::of_text),
        created,
        serviced,
        items: args.code.iter().map(|code| requested(code)).collect(),
    };
    let written = fhir::write_eligibility_request(&request)
        .map_err(|problem| CliError::in_document("the question", problem))?;
    Answer::new(&Written(written))
}

fn requested(code: &str) -> Requested {
    let Party { system, value, .. } = Party::of_text(code);
    Requested {
        code: Code {
            system: system.unwrap_or_default(),
            code: value.unwrap_or_default(),
        },
    }
}
