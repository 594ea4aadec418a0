//! `galen duplicates ask`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use claims::state::{Claim, PendReason, PlanVersion};
use galen_blinding::Question;
use galen_documents::strict;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::files::{self, Kept, KeptQuestion, Questions, SecretFile};
use crate::chain::entity::{self, offset};
use crate::chain::people;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::Subject;

/// Flags of `galen duplicates ask`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates ask --pool POOL --secret registry-secret.json --persons persons.json --questions questions.json --kept kept.json

persons.json says by which identifier every insurer knows a member: {\"M-4711\": \"urn:oid:2.16.840.1.113883.4.1|123-45-6789\"}.
The system before the first | counts to the letter, so insurers agree on how they write it; of what comes after it only letters
and digits count.
Questions go to the blinding service, to which they are random points; kept.json stays here, and takes the blinding off the
answer again.")]
pub struct Args {
    /// The pool whose claims wait
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The secret that the insurers of the registry share
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// By member's identifier, the identifier by which every insurer knows the person
    #[arg(long, value_name = "FILE")]
    persons: PathBuf,
    /// Where the questions are written
    #[arg(long, value_name = "FILE")]
    questions: PathBuf,
    /// Where is written what stays here until they are answered
    #[arg(long, value_name = "FILE")]
    kept: PathBuf,
    /// Only claims under plans of this service
    #[arg(long, value_name = "KEY")]
    service: Option<Pubkey>,
}

#[derive(Serialize)]
struct Report {
    /// The public key of the service; null where nothing is to be asked.
    service: Option<String>,
    /// Claims that are asked about.
    claims: usize,
    /// Questions: one a day of services.
    questions: usize,
    /// Claims of members whom the file or the store does not name.
    unknown: Vec<String>,
}

/// A claim that waits to be screened.
struct Waiting {
    address: Pubkey,
    claim: Claim,
    service: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `several_services`, `nobody_known`, `system_missing`, `person_empty`, those of the files, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let secret = files::read::<SecretFile>(&args.secret)?.secret()?;
    let persons = persons(&args.persons)?;
    let waiting = waiting(&session, args)?;
    let Some(service) = service_of(&waiting)? else {
        return Answer::new(&Report {
            service: None,
            claims: 0,
            questions: 0,
            unknown: Vec::new(),
        });
    };
    let (mut asked, mut kept, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for Waiting { address, claim, .. } in &waiting {
        let member = people::member(session.cluster(), &claim.member)?;
        let store = &session.ledger.store;
        let person = store
            .identifier(Subject::Member, &member.commitment)?
            .and_then(|identifier| persons.get(&identifier));
        let Some(person) = person else {
            unknown.push(address.to_string());
            continue;
        };
        for day in claim.service_dates() {
            let provider = claim.provider.to_bytes();
            let question = galen_blinding::input(&secret, &provider, day, person)
                .and_then(Question::new)
                .map_err(files::refused)?;
            kept.push(KeptQuestion::of(address, day, &question));
            asked.push(question);
        }
    }
    if asked.is_empty() {
        let message = format!("{} claims wait, and {} names none of their members, or the store does not know them; see `galen claim list --status pended`.", waiting.len(), args.persons.display());
        return Err(CliError::new("nobody_known", message));
    }
    files::write(&args.kept, &Kept::of(&service, kept))?;
    files::write(&args.questions, &Questions::of(&service, &asked))?;
    Answer::new(&Report {
        service: Some(service.to_string()),
        claims: waiting.len().saturating_sub(unknown.len()),
        questions: asked.len(),
        unknown,
    })
}

fn persons(path: &Path) -> Result<BTreeMap<String, String>> {
    strict::from_value(&document::json(path)?)
        .map_err(|problem| CliError::in_document(&document::name(path), problem))
}

fn waiting(session: &Session, args: &Args) -> Result<Vec<Waiting>> {
    let cluster = session.cluster();
    let mut services: BTreeMap<Pubkey, Pubkey> = BTreeMap::new();
    let mut waiting = Vec::new();
    for (address, claim) in entity::list::<Claim>(cluster, &[(offset::CLAIM_POOL, args.pool)])? {
        if claim.pend_reason != PendReason::Screening {
            continue;
        }
        let service = match services.get(&claim.plan_version) {
            Some(service) => *service,
            None => {
                let version: PlanVersion = entity::get(cluster, &claim.plan_version)?;
                services.insert(claim.plan_version, version.checks.blinder);
                version.checks.blinder
            }
        };
        if args.service.is_none_or(|wanted| wanted == service) {
            waiting.push(Waiting {
                address,
                claim,
                service,
            });
        }
    }
    Ok(waiting)
}

/// The one service of the claims; none where no claim waits.
fn service_of(waiting: &[Waiting]) -> Result<Option<Pubkey>> {
    let services: BTreeSet<Pubkey> = waiting.iter().map(|one| one.service).collect();
    if services.len() > 1 {
        let names: Vec<String> = services.iter().map(Pubkey::to_string).collect();
        let message = format!(
            "The claims are under plans of several blinding services ({}); name one with --service, and run it for each.",
            names.join(", ")
        );
        return Err(CliError::new("several_services", message));
    }
    Ok(services.into_iter().next())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Some(service) = &self.service else {
            return f.write_str("No claim waits to be screened; nothing was written.");
        };
        write!(
            f,
            "{} questions about {} claims, for the service {service}.",
            self.questions, self.claims
        )?;
        for claim in &self.unknown {
            write!(f, "\nNot asked, the member is not known here: {claim}")?;
        }
        Ok(())
    }
}
