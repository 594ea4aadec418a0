//! `galen claim submit`

use std::collections::BTreeSet;
use std::path::PathBuf;

use claims::state::{Claim, ClaimStatus, Member};
use galen_documents::fhir;
use galen_x12::professional::NPI_SYSTEM;
use registry::state::{IdentifierScheme, Organization, Permission};
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::consent::Proof;
use super::filing::{CommittedPack, Filing};
use super::pack::PackFlags;
use super::remark::Finder;
use super::submission::{Held, Parties, Submission};
use super::view::View;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::chain::{entity, organization, people};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};
use crate::store::{JournalEntry, Store, Subject};

/// Flags of `galen claim submit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim submit --pool POOL --provider CLINIC --claim visit.fhir.json --ticket ticket.json
  galen claim submit --pool POOL --provider CLINIC --claim claim.json --id M-4711 --member-keypair member.json
  galen claim submit --pool POOL --provider CLINIC --claim day.837 --control-number C-2026-0001 --ticket ticket.json
  galen claim submit --pool POOL --provider CLINIC --claim done.json --ticket ticket.json --predetermination ADDRESS
  galen claim submit --pool POOL --provider PHARMACY --claim refill.json --member-keypair member.json \
    --pack BATCH --leaves batch.leaves --serial SN00000001 --within 2d

The document stays here; on the ledger stands a salted commitment to it. Submitting the same document again answers what
became of it; --again files it as another claim. A claim takes at most 16 lines. Of an X12 interchange, the document is the
claim: sent again in another interchange it is the same.

With --pack the claim is not paid yet: it waits for that pack, which the ledger knows by a salted commitment only, and
`galen claim dispense` adjudicates it, dispenses the pack and has it paid in one transaction. Keep the pack for it with
`galen pack reserve`.

Prior authorizations come from the document (lines[].authorization, FHIR preAuthRef, X12 REF*G1), by the number that the
insurer gave; what else the ledger has about a line is brought too, whether the document names it or not.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The provider's organization, by its address or id
    #[arg(long, value_name = "KEY")]
    provider: Pubkey,
    /// The claim, in Galen's own form, as a FHIR R4 Claim or as an X12 837P
    #[arg(long, value_name = "CLAIM")]
    claim: PathBuf,
    #[command(flatten)]
    choice: document::Choice,
    #[command(flatten)]
    proof: Proof,
    /// A predetermination whose price the insurer holds: the claim is adjudicated by the same plan version
    #[arg(long, value_name = "ADDRESS")]
    predetermination: Option<Pubkey>,
    #[command(flatten)]
    pack: PackFlags,
    /// Number of an authorization of the member that lines use up, before those that the document names; can be given
    /// several times
    #[arg(long, value_name = "NUMBER")]
    authorization: Vec<u8>,
    /// File a document that was submitted before as another claim
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what [`Parties::read`], [`check_parties`] and [`Submission::of`] refuse, `authorization_unknown`, and the
/// program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.people.public_ledger_accepted)?;
    let (provider, organization) = organization::resolve(cluster, &args.provider)?;
    let (member, consent) = args.proof.consent(&session, &args.pool, &provider)?;
    let parties = Parties::read(cluster, args.pool, provider, member)?;
    let name = document::name(&args.claim);
    let currency = currency(cluster, &parties)?;
    let in_network = parties.agreement.terms.in_network;
    let document = document::claim(&args.claim, &currency, in_network, &args.choice)?;
    let store = &session.ledger.store;
    check_parties(store, &document, &organization, &parties, &name)?;
    let held = args
        .predetermination
        .map(|address| Held::read(cluster, address, &parties))
        .transpose()?;
    let submission = Submission::of(cluster, store, &parties, &document, held.as_ref(), &name)?;

    let hash: [u8; 32] = Sha256::digest(&document.bytes).into();
    let scope = format!("{} {provider}", args.pool);
    let known = session
        .ledger
        .store
        .claim(&hash, &scope)?
        .filter(|_| !args.again);
    let claim_id = match &known {
        Some(entry) => entry.claim_id,
        None => new_claim_id(&session, &args.pool, &provider)?,
    };
    let (address, _) = Claim::find_address(&args.pool, &provider, &claim_id);
    let there = entity::find::<Claim>(cluster, &address)?;
    if let Some(claim) = there
        .as_ref()
        .filter(|claim| claim.status != ClaimStatus::Draft)
    {
        return Answer::new(&Change::unchanged(View::read(
            &mut Finder::new(cluster),
            address,
            claim,
            &submission.codes,
        )?));
    }
    submission.check_agreement(&parties, held.is_some())?;
    consent.check(&parties, &submission)?;
    let papers = people::authorizations(cluster, &BTreeSet::from([member]))?;
    let authorizations = submission.authorizations(&parties, &args.authorization, &papers)?;
    let pack: Option<CommittedPack> = args.pack.commit(&session, &address)?;
    if let Some(held) = &held {
        held.check(&submission, claim_id)?;
    }
    let intent = Intent::new("Submit a claim")
        .with("claim", address)
        .with("document", &name)
        .with("member", member)
        .with("lines", submission.lines.len())
        .with("charge", format!("{} {currency}", money(submission.charge)))
        .with("service date", submission.service_date);
    session.ledger.confirm(&intent)?;

    // The number is noted first: should this process die after sending, the next run finds the claim under it.
    let mut entry = JournalEntry {
        claim_id,
        address: address.to_string(),
        signature: None,
        status: "new".to_owned(),
    };
    session.ledger.store.note_claim(&hash, &scope, &entry)?;
    let commitment = session
        .ledger
        .store
        .commitment(Subject::Document, &scope, &hex(&hash))?;
    let operator_record = organization::staff(
        cluster,
        &provider,
        &session.key(),
        Permission::SubmitClaim,
        session.now,
    )?;
    let filing = Filing {
        operator: session.key(),
        operator_record,
        now: session.now,
        parties: &parties,
        submission: &submission,
        consent: &consent,
        claim: address,
        claim_id,
        document: commitment,
        authorizations: &authorizations,
        held: held.as_ref(),
        pack,
    };
    let mut receipts = Vec::new();
    for part in filing.parts(there.as_ref(), |instructions| {
        session.ledger.fits(instructions)
    })? {
        let others: Vec<&dyn Signer> = filing.signer(&part).into_iter().collect();
        receipts.push(session.send(part.label, &part.instructions, &others)?);
    }
    let claim: Claim = entity::get(cluster, &address)?;
    let mut finder = Finder::new(cluster);
    let view = View::read(&mut finder, address, &claim, &submission.codes)?;
    entry.signature = receipts.last().map(|receipt| receipt.signature.clone());
    entry.status = view.status.to_string();
    session.ledger.store.note_claim(&hash, &scope, &entry)?;
    Answer::new(&Change::by(Outcome::Created, view, receipts))
}

/// A claim must not be billed in the name of another provider, or for another member, than the document says.
///
/// # Errors
/// `provider_mismatch`, and those of [`check_patient`].
pub fn check_parties(
    store: &Store,
    document: &document::Claim,
    organization: &Organization,
    parties: &Parties,
    name: &str,
) -> Result<()> {
    if let Some((npi, at)) = &Stated::of(document).npi {
        check_biller(Some(npi), organization, at, name)?;
    }
    check_patient(store, document, parties, name)
}

/// Refuses a claim for another member than the document is about, whatever proves the member's part: as far as this store knows
/// who the member is, or whose account the patient's is. On the ledger both are pseudonyms.
///
/// # Errors
/// `patient_mismatch`, `store_damaged`.
pub fn check_patient(
    store: &Store,
    document: &document::Claim,
    parties: &Parties,
    name: &str,
) -> Result<()> {
    let refused = |at: String, what: String| CliError {
        code: "patient_mismatch".to_owned(),
        message: format!("{name}: The document is about {what}"),
        at: Some(at),
    };
    let member = parties.member_address;
    let known = store.identifier(Subject::Member, &parties.member.commitment)?;
    match (Stated::of(document).patient, known) {
        (Some(Patient::Member(patient, at)), Some(known)) if known != patient => Err(refused(
            at,
            format!("{patient}, and the claim was to be for {known}."),
        )),
        (Some(Patient::Member(patient, at)), None) => {
            let scope = parties.pool_address.to_string();
            match store.known_commitment(Subject::Member, &scope, patient)? {
                None => Ok(()),
                Some(own) => {
                    let (own, _) = Member::find_address(&parties.pool_address, &own);
                    let what =
                        format!("{patient}, who is the member {own}, and the claim was to be for the member {member}.");
                    Err(refused(at, what))
                }
            }
        }
        (Some(Patient::DependentOf(subscriber, at)), Some(known)) if known == subscriber => {
            let what = format!("a dependent of {known}, and the claim was to be for {known}.");
            Err(refused(at, what))
        }
        _ => Ok(()),
    }
}

/// The National Provider Identifier by which a document bills, if it does so by one.
pub fn npi_of(fhir: &fhir::Claim) -> Option<&str> {
    fhir.provider
        .value
        .as_deref()
        .filter(|_| fhir.provider.system.as_deref() == Some(NPI_SYSTEM))
}

/// Refuses a document that bills by the NPI of another organization; `at` is where it says so.
///
/// # Errors
/// `provider_mismatch`.
pub fn check_biller(
    npi: Option<&str>,
    organization: &Organization,
    at: &str,
    name: &str,
) -> Result<()> {
    let registered = String::from_utf8_lossy(organization.identifier.bytes());
    match (organization.identifier.scheme, npi) {
        (IdentifierScheme::Npi, Some(npi)) if npi != registered => Err(CliError {
            code: "provider_mismatch".to_owned(),
            message: format!("{name}: The document is billed by NPI {npi}, and the organization that submits it has NPI {registered}."),
            at: Some(at.to_owned()),
        }),
        _ => Ok(()),
    }
}

/// Whom a document is about, and where it says so.
enum Patient<'a> {
    /// Who has this identifier at the insurer.
    Member(&'a str, String),
    /// Somebody insured through who has it, without one of their own there.
    DependentOf(&'a str, String),
}

/// Who bills, with the place, and who was treated, as a document says.
#[derive(Default)]
struct Stated<'a> {
    npi: Option<(&'a str, String)>,
    patient: Option<Patient<'a>>,
}

impl<'a> Stated<'a> {
    fn of(document: &'a document::Claim) -> Self {
        if let Some(fhir) = &document.fhir {
            let npi = npi_of(fhir);
            let patient = fhir.patient.value.as_deref();
            let at = || "Claim.patient.identifier.value".to_owned();
            return Self {
                npi: npi.map(|id| (id, "Claim.provider.identifier.value".to_owned())),
                patient: patient.map(|id| Patient::Member(id, at())),
            };
        }
        let Some(x12) = &document.x12 else {
            return Self::default();
        };
        let provider = Some(&x12.provider).filter(|provider| provider.qualifier == "XX");
        let (number, at) = (x12.subscriber.id.as_str(), x12.subscriber.place.to_string());
        Self {
            npi: provider.map(|party| (party.id.as_str(), party.place.to_string())),
            patient: Some(match x12.dependent {
                None => Patient::Member(number, at),
                Some(_) => Patient::DependentOf(number, at),
            }),
        }
    }
}

/// A random identifier, one whose claim's address the program finds at once.
///
/// # Errors
/// `no_randomness`.
pub fn new_claim_id(session: &Session, pool: &Pubkey, provider: &Pubkey) -> Result<[u8; 16]> {
    loop {
        let id = session.ledger.store.new_claim_id()?;
        if Claim::find_address(pool, provider, &id).1 == Claim::FIRST_BUMP {
            return Ok(id);
        }
    }
}

/// The currency of the member's plan, in which the document has to be. Every version of a plan has the same pool, and
/// with it the same money.
pub fn currency(cluster: &Cluster, parties: &Parties) -> Result<String> {
    let latest = parties.plan.latest().ok_or_else(|| {
        CliError::new(
            "no_plan_version",
            format!("The plan {} has no version yet.", parties.member.plan),
        )
    })?;
    let date =
        galen_rules::Date::from_days(latest.effective_from).unwrap_or(galen_rules::Date::MAX);
    let (_, version) = parties.version_on(cluster, date)?;
    Ok(String::from_utf8_lossy(&version.terms.currency).into_owned())
}
