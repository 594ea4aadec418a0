//! `galen plan publish`

use std::fmt;
use std::path::PathBuf;

use claims::constants::LISTED_PLAN_VERSIONS;
use claims::instructions::PublishPlanVersionArgs;
use claims::state::{Plan, PlanVersion, Pool};
use claims::{accounts, instruction};
use galen_documents::{plan, strict};
use galen_rules::Date;
use registry::state::Permission;
use serde::Serialize;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

use super::categories;
use super::code_key;
use super::details;
use super::schedule::{Parties, Stage, Upload};
use super::terms::{compile, Compiled, Earlier};
use super::view::{date, Version};
use crate::chain::admin::AdminFlags;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::chain::{codes, entity};
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::Receipt;
use crate::store::CodeKey;

/// Flags of `galen plan publish`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen plan publish plan.json --plan PLAN --effective-from 2026-01-01
  galen plan publish plan-2027.json --plan PLAN --effective-from 2027-01-01
  galen plan publish plan-2028.json --plan PLAN --effective-from 2028-01-01 --new-code-key

Signed by an operator of the insurer with the permission publish-plan. The document's codes go to the ledger as keyed
identifiers; the key stays in the local store (`galen store export`). A plan's versions have the same key, by which what members have
had, and what was authorized, is recognised from one version to the next (--new-code-key). Killed at any point, the same command continues
where the ledger stands; done, it has nothing to do. A version never changes: a correction is a later version.")]
pub struct Args {
    /// The plan document
    #[arg(value_name = "PLAN.json")]
    document: PathBuf,
    /// The plan's address
    #[arg(long, value_name = "PLAN")]
    plan: Pubkey,
    /// First service date to which the version applies; later than the last version's
    #[arg(long, value_name = "DATE")]
    effective_from: Date,
    /// The insurer's number for the fee schedule, under which the store keeps its code key [default: 16 times the plan's number, plus the version's number, less 1]
    #[arg(long, value_name = "NUMBER")]
    schedule: Option<u16>,
    /// Draw a new code key for this version and those after it, where the one so far has got out. What members had before is then
    /// not counted for frequency, and authorizations and categories of members have to be given anew
    #[arg(long)]
    new_code_key: bool,
    /// Discard an upload of other entries that was begun under the schedule's number, for its rent
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    admin: AdminFlags,
}

/// As JSON, a [`Change`] of a version, with `"uploaded": {"entries": 3, "transactions": 1}`: what this run has uploaded; the
/// transactions listed are the ones around the upload.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    change: Change<Version>,
    uploaded: Uploaded,
}

#[derive(Serialize, Default)]
struct Uploaded {
    entries: usize,
    transactions: u64,
    /// What is demanded beyond terms and schedule; left out where nothing is.
    #[serde(skip_serializing_if = "is_zero")]
    details: usize,
    /// In how many transactions it was uploaded; left out where it was there, or nothing is.
    #[serde(skip_serializing_if = "is_zero")]
    detail_transactions: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Runs the command.
///
/// # Errors
/// `plan_version_differs`, `effective_date_not_later`, `effective_date_past`, `schedule_differs`, `details_differ`, those of
/// [`code_key::choose`], what the document's reader refuses, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let name = document::name(&args.document);
    let bytes = document::bytes(&args.document)?;
    let value = strict::parse(&bytes).map_err(|problem| CliError::in_document(&name, problem))?;
    let document = plan::read(&value).map_err(|problem| CliError::in_document(&name, problem))?;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();

    let session = Session::open(settings)?;
    let plan: Plan = entity::get(session.cluster(), &args.plan)?;
    if let Some(version) = already_there(args, &session, &plan, digest)? {
        let change = Change::unchanged(Version::read(session.cluster(), version)?);
        return Answer::new(&Report {
            change,
            uploaded: Uploaded::default(),
        });
    }
    refuse_late(args, &plan, session.now)?;
    let pool: Pool = entity::get(session.cluster(), &plan.pool)?;
    let parties = Parties {
        pool: plan.pool,
        insurer: pool.insurer,
        operator_record: session.staff(&pool.insurer, Permission::PublishPlan)?,
    };
    let number = schedule_number(args, &plan)?;
    let chosen = code_key::choose(&session, &args.plan, &plan, number, args.new_code_key)?;
    let Compiled {
        terms,
        clocks,
        checks,
        entries,
        details,
    } = compile(
        &document,
        &chosen.key,
        earlier(args, &session, &plan, &document, &chosen.key)?.as_ref(),
        &name,
    )?;
    let upload = Upload::new(&session, parties, number, &entries)?;
    let details = details::Upload::new(&session, parties, args.plan, plan.next_version(), &details);
    let publication = Publication {
        args,
        session: &session,
        plan: &plan,
        parties,
        number,
        chosen: &chosen,
        upload: &upload,
        details: &details,
        digest,
        clocks,
        checks,
    };
    Answer::new(&publication.run(entries.len(), terms)?)
}

/// The version of that date, if it is there and of this document.
fn already_there(
    args: &Args,
    session: &Session,
    plan: &Plan,
    digest: [u8; 32],
) -> Result<Option<Pubkey>> {
    let Some(entry) = plan
        .versions
        .iter()
        .find(|entry| entry.effective_from == args.effective_from.days())
    else {
        return Ok(None);
    };
    let (address, _) = PlanVersion::find_address(&args.plan, entry.version);
    let there: PlanVersion = entity::get(session.cluster(), &address)?;
    if there.document == digest {
        return Ok(Some(address));
    }
    let message = format!(
        "Version {} of the plan is in force from {} on already, from another document (SHA-256 {}, and this one has {}). A version never changes; publish this document with a later --effective-from.",
        entry.version, args.effective_from, hex(&there.document), hex(&digest)
    );
    Err(CliError::new("plan_version_differs", message))
}

/// What the program would refuse after the upload is refused before it.
fn refuse_late(args: &Args, plan: &Plan, now: i64) -> Result<()> {
    if let Some(latest) = plan
        .latest()
        .filter(|latest| latest.effective_from > args.effective_from.days())
    {
        let message = format!("Version {} is in force from {} on; the next one has to begin later than that, not on {}.", latest.version, date(latest.effective_from), args.effective_from);
        return Err(CliError::new("effective_date_not_later", message));
    }
    let today = Date::from_unix(now).unwrap_or(Date::MAX);
    if plan.latest().is_some() && args.effective_from <= today {
        let message = format!("Care is paid for by the terms of its day, so a plan's second version and those after it apply to services from tomorrow on at the earliest; today is {today}, and {} is over or has begun. Give a later date, or create another plan with `galen plan create`.", args.effective_from);
        return Err(CliError::new("effective_date_past", message));
    }
    Ok(())
}

/// What the plan has had so far; none before its first version. A document without categories needs no key for them: `own` will do.
fn earlier(
    args: &Args,
    session: &Session,
    plan: &Plan,
    document: &plan::Plan,
    own: &CodeKey,
) -> Result<Option<Earlier>> {
    let Some(latest) = plan.latest() else {
        return Ok(None);
    };
    let (address, _) = PlanVersion::find_address(&args.plan, latest.version);
    let latest: PlanVersion = entity::get(session.cluster(), &address)?;
    let key = if document.category_names().is_empty() {
        *own
    } else {
        let store = &session.ledger.store;
        categories::key(session.cluster(), store, &args.plan, plan)?
    };
    Ok(Some(Earlier {
        key,
        categories: latest.terms.categories,
    }))
}

/// Each version of each plan of a pool has a schedule of its own. Sixteen numbers are a plan's.
fn schedule_number(args: &Args, plan: &Plan) -> Result<u16> {
    let own = || {
        let of_version = plan.next_version().checked_sub(1)?;
        plan.number
            .checked_mul(LISTED_PLAN_VERSIONS.into())?
            .checked_add(of_version)
            .filter(|_| of_version < LISTED_PLAN_VERSIONS.into())
    };
    args.schedule.or_else(own).ok_or_else(|| {
        let message = format!(
            "No schedule number can be made of plan {}, version {}: a plan has {LISTED_PLAN_VERSIONS} numbers of its own, up to {}. Name one that the pool has no schedule under with --schedule (`galen plan show` has those of earlier versions).",
            plan.number,
            plan.next_version(),
            u16::MAX,
        );
        CliError::new("schedule_number_needed", message)
    })
}

struct Publication<'a> {
    args: &'a Args,
    session: &'a Session<'a>,
    plan: &'a Plan,
    parties: Parties,
    number: u16,
    chosen: &'a code_key::Chosen,
    upload: &'a Upload<'a>,
    details: &'a details::Upload<'a>,
    digest: [u8; 32],
    clocks: claims::state::PlanClocks,
    checks: claims::state::PlanChecks,
}

impl Publication<'_> {
    fn run(&self, entries: usize, terms: claims::state::PlanTerms) -> Result<Report> {
        let stage = match self.upload.stage() {
            Err(error) if error.code == "schedule_differs" && self.args.restart => None,
            stage => Some(stage?),
        };
        let details = match self.details.stage() {
            Err(error) if error.code == "details_differ" && self.args.restart => None,
            stage => Some(stage?),
        };
        self.session.ledger.confirm(&self.intent(entries, stage)?)?;
        // Before anything is sent that can only be read with it, and not before it is agreed to: a key that is kept stays.
        let store = &self.session.ledger.store;
        codes::keep_key_of(store, &self.parties.pool, self.number, &self.chosen.key)?;
        let mut receipts: Vec<Receipt> = Vec::new();
        let details = match details {
            // An upload of a document that demanded something, where this one does not, would stay behind.
            Some(Stage::Begun(_) | Stage::Sealed) if self.details.address().is_none() => {
                receipts.extend(self.details.discard()?);
                Stage::Absent
            }
            Some(stage) => stage,
            None => {
                receipts.extend(self.details.discard()?);
                Stage::Absent
            }
        };
        let stage = match stage {
            Some(stage) => stage,
            None => {
                receipts.extend(self.upload.discard()?);
                Stage::Absent
            }
        };
        let mut uploaded = Uploaded::default();
        if stage == Stage::Absent {
            receipts.push(self.upload.open()?);
        }
        if stage != Stage::Sealed {
            let from = if let Stage::Begun(count) = stage {
                count
            } else {
                0
            };
            uploaded = Uploaded {
                entries: entries.saturating_sub(from),
                transactions: self.upload.append(from)?,
                ..uploaded
            };
            receipts.push(self.upload.seal()?);
        }
        uploaded.details = self.details.count();
        let (of_details, sent) = self.details.run(details)?;
        receipts.extend(of_details);
        uploaded.detail_transactions = sent;
        let version = self.plan.next_version();
        let (address, _) = PlanVersion::find_address(&self.args.plan, version);
        receipts.push(self.publish(address, terms)?);
        let change = Change::by(
            Outcome::Created,
            Version::read(self.session.cluster(), address)?,
            receipts,
        );
        Ok(Report { change, uploaded })
    }

    fn intent(&self, entries: usize, stage: Option<Stage>) -> Result<Intent> {
        let left = |count| {
            self.upload.transactions_left(count).map(|transactions| {
                format!(
                    "{} codes in {transactions} transactions",
                    entries.saturating_sub(count)
                )
            })
        };
        let rent = || {
            self.upload
                .rent()
                .map(|lamports| format!("{lamports} lamports"))
        };
        let intent = Intent::new("Publish a plan version")
            .with("plan", self.args.plan)
            .with("pool", self.parties.pool)
            .with("version", self.plan.next_version())
            .with("services from", self.args.effective_from)
            .with("document", hex(&self.digest))
            .with("schedule", self.upload.address())
            .with("codes", entries)
            .with("code key", self.chosen.origin)
            .with("further demands", self.details.count());
        Ok(match stage {
            None => intent
                .with("discard", "the upload that was begun")
                .with("upload", left(0)?)
                .with("rent of the schedule", rent()?),
            Some(Stage::Absent) => intent
                .with("upload", left(0)?)
                .with("rent of the schedule", rent()?),
            Some(Stage::Begun(count)) => {
                intent.with("upload", format!("continue with {}", left(count)?))
            }
            Some(Stage::Sealed) => intent.with("upload", "done"),
        })
    }

    fn publish(&self, plan_version: Pubkey, terms: claims::state::PlanTerms) -> Result<Receipt> {
        let previous = self
            .plan
            .latest()
            .map(|latest| PlanVersion::find_address(&self.args.plan, latest.version).0);
        let accounts = accounts::PublishPlanVersion {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            plan: self.args.plan,
            previous_version: previous,
            plan_version,
            schedule: self.upload.address(),
            details: self.details.address(),
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        // The upload may have taken longer than a signature is good for.
        let now = self.session.cluster().unix_time()?;
        let args = PublishPlanVersionArgs {
            admin: self.args.admin.at(now, self.plan.sequence),
            effective_from: self.args.effective_from.days(),
            document: self.digest,
            clocks: self.clocks,
            checks: self.checks,
            terms,
        };
        let publish = crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::PublishPlanVersion { args },
        );
        self.session
            .send("Publish the plan version", &[publish], &[])
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.change)?;
        match self.uploaded.entries {
            0 => Ok(()),
            entries => write!(
                f,
                "\nUploaded {entries} codes in {} transactions.",
                self.uploaded.transactions
            ),
        }?;
        match (self.uploaded.details, self.uploaded.detail_transactions) {
            (0, _) => Ok(()),
            (details, 0) => write!(f, "\nThe version has {details} further demands."),
            (details, sent) => write!(
                f,
                "\nThe version has {details} further demands, uploaded in {sent} transactions."
            ),
        }
    }
}
