//! `galen store send`

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use claims::state::{Claim, PlanVersion};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::{entity, organization};
use crate::command::claim::batch::source::{self, Frame};
use crate::command::claim::filed;
use crate::command::trial::rows;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::exchange::check::{scopes, Route};
use crate::exchange::parcel::{Document, Parcel};
use crate::output::Answer;
use crate::store::{self, Bytes, Subject};

/// Flags of `galen store send`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen store send parcel.json --from CLINIC --to INSURER --document CLAIM=visit.fhir.json
  galen store send parcel.json --from CLINIC --to INSURER --document CLAIM=day.837
  galen store send parcel.json --from INSURER --to CLINIC --pool POOL --code-keys --id M-4711
  galen store send parcel.json --from CLINIC --to BOARD --document CLAIM=visit.fhir.json --document CLAIM=letter.pdf

Writes a file that only operators of the recipient can open (`galen store receive`): documents of claims and papers of appeals with
their salts, salts of members, code keys. Of an interchange, a Bundle or NDJSON the claim alone is sent, as it was filed. It is signed by you, an operator of the sender, and sealed to the keys that the registry has
for the recipient's operators who submit claims (a provider's) or decide them; --to-key names one of them. What the ledger does
not bear out is not sent. Hand the file over as you like.")]
pub struct Args {
    /// The file to write; it must not exist yet
    file: PathBuf,
    /// The sender's organization, by its address or id
    #[arg(long, value_name = "ORG")]
    from: Pubkey,
    /// The recipient's organization, by its address or id
    #[arg(long, value_name = "ORG")]
    to: Pubkey,
    /// Seal it to this operator of the recipient only; can be given several times
    #[arg(long, value_name = "KEY")]
    to_key: Vec<Pubkey>,
    /// A claim and the document that was submitted as it, or the grounds or reasons of an appeal about it, with its salt; can be given several times
    #[arg(long, value_name = "CLAIM=FILE", value_parser = claim_and_file)]
    document: Vec<(Pubkey, PathBuf)>,
    /// The pool of --id and --code-keys
    #[arg(long, value_name = "ADDRESS")]
    pool: Option<Pubkey>,
    /// A member's identifier, with its salt; can be given several times
    #[arg(long, value_name = "IDENTIFIER", value_parser = rows::identifier, requires = "pool")]
    id: Vec<String>,
    /// The code keys of the pool's schedules
    #[arg(long, requires = "pool")]
    code_keys: bool,
}

fn claim_and_file(text: &str) -> std::result::Result<(Pubkey, PathBuf), String> {
    let refused = || "write the claim's address, an equals sign and the file".to_owned();
    let (claim, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or_else(refused)?;
    Ok((claim.parse().map_err(|_| refused())?, PathBuf::from(file)))
}

#[derive(Serialize)]
struct Report {
    file: String,
    from: String,
    to: String,
    /// The operators who can open it.
    recipients: Vec<String>,
    documents: usize,
    salts: usize,
    code_keys: usize,
}

/// Runs the command.
///
/// # Errors
/// `document_unknown`, `member_unknown`, `code_key_missing`, `file_exists`, `file_unwritable`; those of [`Route::check`] and
/// [`Route::recipients`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (from, _) = organization::resolve(session.cluster(), &args.from)?;
    let (to, _) = organization::resolve(session.cluster(), &args.to)?;
    let route = Route {
        cluster: session.cluster(),
        from,
        key: session.key(),
        to,
        now: session.now,
    };
    let parcel = pack(args, &session, &route)?;
    route.check(&parcel)?;
    let recipients = route.recipients(&args.to_key)?;
    let report = Report {
        file: args.file.display().to_string(),
        from: from.to_string(),
        to: to.to_string(),
        recipients: recipients.iter().map(Pubkey::to_string).collect(),
        documents: parcel.documents.len(),
        salts: parcel.store.salts()?.len(),
        code_keys: parcel.store.keys().len(),
    };
    let intent = Intent::new("Seal a parcel")
        .with("from", from)
        .with("to", to)
        .with("who can open it", report.recipients.join(", "))
        .with("documents", report.documents)
        .with("salts", report.salts)
        .with("code keys", report.code_keys);
    session.ledger.confirm(&intent)?;
    let envelope = parcel.seal(session.ledger.signer.as_ref(), &recipients)?;
    let text = serde_json::to_vec(&envelope).map_err(|error| {
        CliError::new(
            "unprintable",
            format!("The parcel cannot be written as JSON: {error}."),
        )
    })?;
    store::write_private(&args.file, &text).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => CliError::new(
            "file_exists",
            format!(
                "{} exists already; a parcel never overwrites a file.",
                report.file
            ),
        ),
        _ => CliError::new(
            "file_unwritable",
            format!("{} cannot be written: {error}.", report.file),
        ),
    })?;
    Answer::new(&report)
}

/// What was asked for, from the store and the files.
fn pack(args: &Args, session: &Session, route: &Route) -> Result<Parcel> {
    let store = &session.ledger.store;
    let (mut documents, mut salts) = (Vec::new(), Vec::new());
    for (address, path) in &args.document {
        let (bytes, commitment) = document_of(session, address, path)?;
        salts.push(commitment);
        documents.push(Document {
            claim: address.to_string(),
            bytes: Bytes(bytes),
        });
    }
    let pool = args.pool.map(|pool| pool.to_string()).unwrap_or_default();
    for id in &args.id {
        let known = store.known_commitment(Subject::Member, &pool, id)?;
        salts.push(known.ok_or_else(|| {
            CliError::new(
                "member_unknown",
                format!("This store has no salt for a member {id} of the pool {pool}."),
            )
        })?);
    }
    let pools: Vec<String> = args.code_keys.then_some(pool).into_iter().collect();
    let backup = store.export()?.only(&salts, &pools);
    if args.code_keys && backup.keys().is_empty() {
        return Err(CliError::new(
            "code_key_missing",
            "This store has no code key of the pool.",
        ));
    }
    Ok(Parcel {
        genesis: route.cluster.genesis.clone(),
        from: route.from.to_string(),
        to: route.to.to_string(),
        made_at: route.now,
        documents,
        store: backup,
    })
}

/// The document of a claim in a file, as it was filed, or the file as a paper of an appeal about the claim; and the commitment to
/// it. Of a file with several claims nothing of the others is sent.
fn document_of(session: &Session, address: &Pubkey, path: &Path) -> Result<(Vec<u8>, [u8; 32])> {
    let (cluster, store) = (session.cluster(), &session.ledger.store);
    let claim: Claim = entity::get(cluster, address)?;
    let bytes = source::bytes(path)?;
    let known = |writing: &[u8]| -> Result<Option<[u8; 32]>> {
        let hash = filed::identifier(writing);
        let mut known = None;
        for scope in scopes(address, &claim) {
            let of_it = store.known_commitment(Subject::Document, &scope, &hash)?;
            known = known.or(of_it);
        }
        Ok(known)
    };
    let whole = known(&bytes)?;
    // A draft has no plan version yet, whose currency its claims would be read in.
    if whole != Some(claim.document) && claim.plan_version != Pubkey::default() {
        let version: PlanVersion = entity::get(cluster, &claim.plan_version)?;
        let frame = Frame {
            currency: &String::from_utf8_lossy(&version.terms.currency),
            in_network: claim.in_network,
        };
        // A paper is no claim, and is refused as one.
        for one in filed::of(path, bytes.clone(), &frame).unwrap_or_default() {
            for writing in one.writings() {
                if known(writing)? == Some(claim.document) {
                    return Ok((writing.to_vec(), claim.document));
                }
            }
        }
    }
    let commitment = whole.ok_or_else(|| {
        let name = document::name(path);
        CliError::new("document_unknown", format!("This store has no salt for {name}, or a claim in it, as a document of this provider and pool, nor as a paper of an appeal about the claim; it is another document to the letter, or was submitted from another store."))
    })?;
    Ok((bytes, commitment))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Sealed {} documents, {} salts and {} code keys into {}, for {}.",
            self.documents,
            self.salts,
            self.code_keys,
            self.file,
            self.recipients.join(", ")
        )
    }
}
