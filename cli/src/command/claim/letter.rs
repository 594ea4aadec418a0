//! `galen claim letter`

mod appeals;
mod notice;

use std::fmt;
use std::io;
use std::path::PathBuf;

use claims::state::{Claim, ClaimLine};
use galen_documents::fhir::{Adjudicated, AdjudicatedItem, Service};
use galen_rules::{Cents, Date, Group, Reason};
use serde::Serialize;
use solana_pubkey::Pubkey;

use self::appeals::{Appeals, Reviewer};
use self::notice::{Needs, Notice};
use super::outcome::Case;
use crate::chain::text::hex;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::letter::{self, Block};
use crate::output::{money, Answer};
use crate::store::{self, Store};

/// Flags of `galen claim letter`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim letter ADDRESS letter.pdf --claim visit.fhir.json --insurer \"Example Health Plan\" --contact \"1 Main Street\"

  galen claim letter ADDRESS letter.pdf --claim visit.json --insurer NAME --contact ADDRESS --plan plan.json

Writes the notice of an adverse decision to the member as a PDF (29 CFR 2560.503-1(g)): each line that is denied, or that a
maximum has cut, with its amount, the reason in words and its code, what is missing where something is, who bears it, what was
relied on, and how and by when to appeal, by the plan's clocks; once the insurer's appeals are gone through, the reviewer
outside of it and the last day to ask. Of a claim that the insurer has taken back, the notice says so. It needs the document
that was submitted and its salt, as an explanation does; --plan names what a plan asks for beyond the rulebook's own needs.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// The file to write; it must not exist yet
    file: PathBuf,
    /// The document that was submitted
    #[arg(long, value_name = "CLAIM")]
    claim: PathBuf,
    /// The insurer's name, as the letter gives it
    #[arg(long, value_name = "NAME")]
    insurer: String,
    /// Where appeals and questions go
    #[arg(long, value_name = "ADDRESS")]
    contact: String,
    /// The document of the plan version by which it was decided, for the names of what is missing
    #[arg(long, value_name = "PLAN.json")]
    plan: Option<PathBuf>,
    /// To whom the letter is, where not to the identifier of the member
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
}

#[derive(Serialize)]
struct Report {
    file: String,
    claim: String,
    /// How many lines are denied.
    denied: usize,
    /// How many are paid in part, because a maximum is reached.
    reduced: usize,
    /// Whether it is about a claim that the insurer has taken back.
    taken_back: bool,
    /// The last day on which an appeal is in time; null where none can be made.
    appeal_by: Option<String>,
    /// The last day on which a review outside the insurer can be asked for; null where none can, or appeals come first.
    review_by: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `nothing_denied`, `claim_not_decided`, `claim_reversed`, `plan_version_differs`, `letter_character`, `file_exists`, `file_unwritable`, and those of
/// `galen claim explanation`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let case = Case::read(&cluster, &store, args.address)?;
    let document = case.document(&args.claim)?;
    let now = cluster.unix_time()?;
    let claim = case.adjudicated(Some(&document), now)?;
    let notice = Notice::of(&case, &claim)?;
    claim
        .check("Claim")
        .map_err(|problem| CliError::in_document("The claim", problem))?;
    let needs = match &args.plan {
        Some(path) => Needs::read(path, &case)?,
        None => Needs::default(),
    };
    let reviewer = Reviewer::of(&cluster, &case)?;
    let today = Date::from_unix(now).unwrap_or(Date::MIN);
    let appeals = appeals::appeals(&case, today)?;
    let mut blocks = heading(args, &case, &claim, &notice, today)?;
    for (item, line) in &notice.lines {
        blocks.extend(service(&claim, &notice, &needs, item, line));
    }
    blocks.extend(sums(&claim, &notice));
    blocks.push(Block::Heading("What the decision relies on".to_owned()));
    blocks.extend(relied_on(&case, &case.claim)?.into_iter().map(Block::Text));
    blocks.push(Block::Heading("How to appeal".to_owned()));
    let paths = appeals::in_words(&args.contact, appeals, &case, reviewer.as_ref());
    blocks.extend(paths.into_iter().map(Block::Text));
    let bytes = letter::pdf(notice.title, &format!("Claim {}", args.address), &blocks)?;
    let file = document::name(&args.file);
    store::write_private(&args.file, &bytes).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => CliError::new(
            "file_exists",
            format!("{file} exists already; a letter never overwrites a file."),
        ),
        _ => CliError::new(
            "file_unwritable",
            format!("{file} cannot be written: {error}."),
        ),
    })?;
    Answer::new(&Report {
        file,
        claim: args.address.to_string(),
        denied: notice.denied,
        reduced: notice.reduced,
        taken_back: notice.taken_back,
        appeal_by: match appeals {
            Appeals::Open { by, .. } => Some(by.to_string()),
            _ => None,
        },
        review_by: match appeals {
            Appeals::Review(by) => Some(by.to_string()),
            _ => None,
        },
    })
}

fn day(days: i32) -> Result<Date> {
    crate::chain::people::day(days).map(|day| day.0)
}

fn fact(name: &str, value: String) -> Block {
    Block::Fact(name.to_owned(), value)
}

fn amount(claim: &Adjudicated, cents: Cents) -> String {
    format!("{} {}", money(cents.get()), claim.currency)
}

/// From whom to whom, about which claim.
fn heading(
    args: &Args,
    case: &Case,
    claim: &Adjudicated,
    notice: &Notice,
    today: Date,
) -> Result<Vec<Block>> {
    let member = claim.patient.value.clone().unwrap_or_default();
    let text = |text: String| Block::Text(text);
    let decided = day(case.claim.course.decided_on)?;
    let received = Date::from_unix(case.claim.received_at).unwrap_or(Date::MIN);
    let mut blocks = vec![
        text(args.insurer.clone()),
        text(args.contact.clone()),
        Block::Gap,
        text(format!("To {}", args.to.as_deref().unwrap_or(&member))),
        text(today.to_string()),
        Block::Gap,
        Block::Title(notice.title.to_owned()),
        Block::Gap,
        fact("Member", member.clone()),
        fact("Provider", case.provider_number()),
    ];
    if let Some(request) = &claim.request {
        blocks.push(fact("Provider's number", request.value.clone()));
    }
    blocks.extend([
        fact("Claim", args.address.to_string()),
        fact("Received", received.to_string()),
        fact("Decided", decided.to_string()),
    ]);
    if notice.taken_back {
        let taken_back = Date::from_unix(case.claim.reversed_at).unwrap_or(Date::MIN);
        blocks.push(fact("Taken back", taken_back.to_string()));
        let reason = case.claim.reversal_reason;
        blocks.push(fact("Reason", format!("number {reason} of the insurer's reasons, which it must explain to you on request.")));
    }
    blocks.push(Block::Gap);
    blocks.push(text(notice.opening.clone()));
    Ok(blocks)
}

/// The days of a service, in words.
fn days(service: &Service) -> String {
    match service.until {
        None => service.date.to_string(),
        Some(last) => format!("{} to {last}", service.date),
    }
}

/// One service that the notice is about.
fn service(
    claim: &Adjudicated,
    notice: &Notice,
    needs: &Needs,
    item: &AdjudicatedItem,
    line: &ClaimLine,
) -> Vec<Block> {
    let Some(service) = &item.service else {
        return Vec::new();
    };
    let mut blocks = vec![
        Block::Heading(format!(
            "Service {} of {}",
            service.code.code,
            days(service)
        )),
        fact("Billed", amount(claim, item.charge)),
    ];
    if notice.taken_back {
        blocks.push(fact("Had been paid", amount(claim, item.paid)));
        return blocks;
    }
    let owed = item.of_group(Group::Patient).unwrap_or_default();
    blocks.push(fact("Your plan pays", amount(claim, item.paid)));
    blocks.push(fact("You owe", amount(claim, owed)));
    for entry in &item.adjustments {
        let is_maximum = matches!(
            entry.reason,
            Reason::PeriodMaximum | Reason::CategoryLifetimeMaximum
        );
        let name = if entry.reason.code() == line.denial_reason || is_maximum {
            "Reason"
        } else {
            "Also"
        };
        let words = sentence(entry.reason.text());
        let code = entry.reason.code();
        blocks.push(fact(name, format!("{words} (code {}-{code})", entry.group)));
        blocks.push(fact("", bearing(entry.group).to_owned()));
        let missing = match entry.remark {
            Some(remark) if entry.reason.needs_remark() => Some(needs.missing(remark)),
            _ => can_be_supplied(entry.reason).map(str::to_owned),
        };
        // An exclusion has a remark too, and nothing is missing there.
        if entry.reason == Reason::NonCovered {
            blocks.extend(entry.remark.map(|remark| {
                fact("", format!("Remark code {remark} of X12 list 411 says which exclusion of the plan it is."))
            }));
        } else if let Some(missing) = missing {
            blocks.push(fact("", format!("What was missing can still be supplied, and the service be claimed again in time: {missing}.")));
        }
    }
    blocks
}

/// The figures of the whole claim.
fn sums(claim: &Adjudicated, notice: &Notice) -> Vec<Block> {
    let figures = if notice.taken_back {
        vec![
            ("Billed", Some(claim.charge)),
            ("Had been paid", claim.paid()),
        ]
    } else {
        vec![
            ("Billed", Some(claim.charge)),
            ("Allowed", claim.allowed()),
            ("Your plan pays", claim.paid()),
            ("You owe", claim.of_group(Group::Patient)),
        ]
    };
    let mut blocks = vec![Block::Heading("The whole claim".to_owned())];
    let known = figures
        .into_iter()
        .filter_map(|(name, sum)| Some(fact(name, amount(claim, sum?))));
    blocks.extend(known);
    if notice.taken_back {
        blocks.push(Block::Text("The insurer asks the provider for what had been paid. What the provider may now ask of you depends on what you agreed with it; ask the provider, or us.".to_owned()));
    }
    blocks
}

/// The first letter in capitals, a full stop at the end.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// What would change the decision, were it supplied (29 CFR 2560.503-1(g)(1)(iii)); none where nothing would.
fn can_be_supplied(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::LacksInformation | Reason::Attachment => "ask the provider, or us, what it is",
        Reason::Modifier => "the modifier that says how the service was done",
        Reason::AuthorizationInvalid | Reason::AuthorizationAbsent => {
            "an authorisation by the insurer for this service, its days and this provider"
        }
        Reason::NotReferred => "a referral",
        Reason::OtherPayerFirst => "what the insurer that comes first has decided",
        Reason::LevelOfService => "records that show the level of the service",
        _ => return None,
    })
}

/// Who bears an amount, to the member.
fn bearing(group: Group) -> &'static str {
    match group {
        Group::Patient => "You owe this amount to the provider.",
        Group::Contractual => "The provider bears this amount and may not bill you for it.",
        Group::Other => "This amount is for neither you nor this plan to pay now.",
        Group::Payer => "This plan does not pay this amount and has no contract with the provider, who may bill you for it.",
    }
}

fn relied_on(case: &Case, claim: &Claim) -> Result<Vec<String>> {
    let version = &case.version;
    let decided = if claim.course.decider == [0; 8] {
        "It was decided by the rules of your plan alone, the same for everybody."
    } else {
        "It was decided by the insurer's staff."
    };
    Ok(vec![
        format!(
            "The decision relies on version {} of your plan, in force for services from {} on, with the schedule of services that belongs to it. The plan document has the SHA-256 {}.",
            version.number,
            day(version.effective_from)?,
            hex(&version.document)
        ),
        format!("{decided} The codes above are claim adjustment reason codes of X12 (list 139)."),
        "You may have, free of charge, copies of everything that was relied on: the rule, guideline or plan provision, the documents and records of this claim, and, where a service was found unnecessary or experimental, the clinical judgment behind it.".to_owned(),
    ])
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Wrote {}: {} denied and {} reduced lines of claim {}",
            self.file, self.denied, self.reduced, self.claim
        )?;
        if self.taken_back {
            f.write_str(", taken back")?;
        }
        match (&self.appeal_by, &self.review_by) {
            (Some(day), _) => write!(f, ", appeal by {day}."),
            (None, Some(day)) => write!(f, ", review by {day}."),
            (None, None) => write!(f, "; no appeal can be made."),
        }
    }
}
