//! `galen claim letter`

use std::fmt;
use std::io;
use std::path::PathBuf;

use claims::state::Claim;
use galen_documents::fhir::{Adjudicated, AdjudicatedItem};
use galen_rules::{Date, Group, Reason};
use serde::Serialize;
use solana_pubkey::Pubkey;

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

Writes the notice of denied lines to the member as a PDF (29 CFR 2560.503-1(g)): each denied line with its amount, the reason
in words and its code, who bears it, what was relied on, and how and by when to appeal, by the plan's clocks. It needs the
document that was submitted and its salt, as an explanation does.")]
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
    /// The last day on which an appeal is in time; null where none can be made.
    appeal_by: Option<String>,
}

/// Whether and until when the decision can be appealed inside the insurer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Appeals {
    /// To this day, at this level of so many.
    Open { by: Date, level: u8, of: u8 },
    /// One waits for its decision.
    UnderWay,
    /// The time has passed, on this day.
    Late(Date),
    /// All levels were gone through.
    Exhausted,
    /// The plan has none.
    None,
}

/// Runs the command.
///
/// # Errors
/// `nothing_denied`, `claim_not_decided`, `letter_character`, `file_exists`, `file_unwritable`, and those of
/// `galen claim explanation`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let case = Case::read(&cluster, &store, args.address)?;
    let document = case.document(&args.claim)?;
    let now = cluster.unix_time()?;
    let claim = case.adjudicated(Some(&document), now)?;
    if claim.pending {
        return Err(CliError::new(
            "claim_not_decided",
            "The claim waits for the insurer's decision; there is nothing to give notice of yet.",
        ));
    }
    if claim.cancelled {
        return Err(CliError::new(
            "claim_reversed",
            "The claim was taken back; what stands in its place has letters of its own.",
        ));
    }
    claim
        .check("Claim")
        .map_err(|problem| CliError::in_document("The claim", problem))?;
    let denied: Vec<(&AdjudicatedItem, &claims::state::ClaimLine)> = claim
        .items
        .iter()
        .zip(&case.claim.lines)
        .filter(|(_, line)| line.is_denied())
        .collect();
    if denied.is_empty() {
        return Err(CliError::new(
            "nothing_denied",
            "No line of the claim is denied; `galen claim explanation` says where each cent went.",
        ));
    }
    let today = Date::from_unix(now).unwrap_or(Date::MIN);
    let appeals = appeals(&case, today)?;
    let blocks = blocks(args, &case, &claim, &denied, appeals, today)?;
    let bytes = letter::pdf(
        "Notice of denied services",
        &format!("Claim {}", args.address),
        &blocks,
    )?;
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
        denied: denied.len(),
        appeal_by: match appeals {
            Appeals::Open { by, .. } => Some(by.to_string()),
            _ => None,
        },
    })
}

fn day(days: i32) -> Result<Date> {
    crate::chain::people::day(days).map(|day| day.0)
}

fn appeals(case: &Case, today: Date) -> Result<Appeals> {
    let (claim, clocks) = (&case.claim, &case.version.clocks);
    let by = claim
        .course
        .decided_on
        .saturating_add(clocks.appeal_days.into());
    let by = day(by)?;
    Ok(if clocks.appeal_levels == 0 {
        Appeals::None
    } else if claim.course.has(claims::state::Course::APPEAL_OPEN) {
        Appeals::UnderWay
    } else if claim.course.appeals >= clocks.appeal_levels {
        Appeals::Exhausted
    } else if today > by {
        Appeals::Late(by)
    } else {
        Appeals::Open {
            by,
            level: claim.course.appeals.saturating_add(1),
            of: clocks.appeal_levels,
        }
    })
}

/// The letter.
fn blocks(
    args: &Args,
    case: &Case,
    claim: &Adjudicated,
    denied: &[(&AdjudicatedItem, &claims::state::ClaimLine)],
    appeals: Appeals,
    today: Date,
) -> Result<Vec<Block>> {
    let amount = |cents: galen_rules::Cents| format!("{} {}", money(cents.get()), claim.currency);
    let member = claim.patient.value.clone().unwrap_or_default();
    let fact = |name: &str, value: String| Block::Fact(name.to_owned(), value);
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
        Block::Title("Notice of denied services".to_owned()),
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
        Block::Gap,
        text(format!(
            "Your plan does not pay for {} of the {} services that this claim bills. Each is below with the reason.",
            denied.len(),
            claim.items.len()
        )),
    ]);
    for (item, line) in denied {
        let Some(service) = &item.service else {
            continue;
        };
        blocks.push(Block::Heading(format!(
            "Service {} of {}",
            service.code.code, service.date
        )));
        blocks.push(fact("Billed", amount(item.charge)));
        blocks.push(fact("Your plan pays", amount(item.paid)));
        let owed = item.of_group(Group::Patient).unwrap_or_default();
        blocks.push(fact("You owe", amount(owed)));
        for entry in &item.adjustments {
            let reason = if entry.reason.code() == line.denial_reason {
                "Reason"
            } else {
                "Also"
            };
            blocks.push(fact(
                reason,
                format!(
                    "{} (code {}-{})",
                    sentence(entry.reason.text()),
                    entry.group,
                    entry.reason.code()
                ),
            ));
            blocks.push(fact("", bearing(entry.group).to_owned()));
            if can_be_supplied(entry.reason) {
                blocks.push(fact("", "What was missing can still be supplied, and the service be claimed again in time: ask the provider, or us, what it is.".to_owned()));
            }
        }
    }
    let sums = [
        ("Billed", Some(claim.charge)),
        ("Allowed", claim.allowed()),
        ("Your plan pays", claim.paid()),
        ("You owe", claim.of_group(Group::Patient)),
    ];
    blocks.push(Block::Heading("The whole claim".to_owned()));
    blocks.extend(
        sums.into_iter()
            .filter_map(|(name, sum)| Some(fact(name, amount(sum?)))),
    );
    blocks.push(Block::Heading("What the decision relies on".to_owned()));
    blocks.extend(relied_on(case, &case.claim)?.into_iter().map(text));
    blocks.push(Block::Heading("How to appeal".to_owned()));
    blocks.extend(how_to_appeal(args, appeals, case).into_iter().map(text));
    Ok(blocks)
}

/// The first letter in capitals, a full stop at the end.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// Whether something that was missing would change the decision (29 CFR 2560.503-1(g)(1)(iii)).
fn can_be_supplied(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::LacksInformation
            | Reason::Attachment
            | Reason::Modifier
            | Reason::AuthorizationInvalid
            | Reason::AuthorizationAbsent
            | Reason::NotReferred
            | Reason::OtherPayerFirst
            | Reason::LevelOfService
    )
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

fn how_to_appeal(args: &Args, appeals: Appeals, case: &Case) -> Vec<String> {
    let clocks = &case.version.clocks;
    let external = "You may have the right to a review by somebody outside the insurer, and to bring an action in court.";
    match appeals {
        Appeals::Open { by, level, of } => vec![
            format!("You, or somebody you name, can appeal until {by}, {} days after the decision. This is level {level} of {of}. An appeal costs nothing and needs no deposit.", clocks.appeal_days),
            format!("Write to {}, name the claim above, and say why you disagree. Add whatever you want to be considered, also what was not submitted before.", args.contact),
            format!("Somebody who has not decided before will decide within {} days of your appeal. If nobody does, the level counts as gone through and you can go on to the next.", clocks.appeal_decision_days),
            external.to_owned(),
        ],
        Appeals::UnderWay => vec![
            "An appeal against this decision is under way. You will be told what comes of it.".to_owned(),
            external.to_owned(),
        ],
        Appeals::Late(by) => vec![
            format!("The time to appeal ended on {by}."),
            external.to_owned(),
        ],
        Appeals::Exhausted => vec![
            "All appeals inside the insurer have been gone through.".to_owned(),
            external.to_owned(),
        ],
        Appeals::None => vec![
            "The plan has no appeals inside the insurer.".to_owned(),
            external.to_owned(),
        ],
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Wrote {}: {} denied lines of claim {}",
            self.file, self.denied, self.claim
        )?;
        match &self.appeal_by {
            Some(day) => write!(f, ", appeal by {day}."),
            None => write!(f, "; no appeal can be made."),
        }
    }
}
