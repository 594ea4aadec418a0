//! `galen claim submit`

use std::path::PathBuf;

use claims::error::ClaimsError;
use claims::instructions::{
    AdjudicateClaimArgs, AppendClaimLinesArgs, OpenClaimArgs, SubmitClaimArgs,
};
use claims::state::{Claim, ClaimStatus};
use claims::ticket::EligibilityTicket;
use claims::{accounts, instruction};
use galen_documents::{fhir, strict};
use registry::state::{IdentifierScheme, Organization, Permission};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;

use super::submission::{Parties, Submission};
use super::view::View;
use crate::chain::change::{Change, Outcome};
use crate::chain::intent::Intent;
use crate::chain::others::with_others;
use crate::chain::people::{self, PeopleFlags};
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::chain::{entity, organization};
use crate::command::member::ticket::Ticket;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};
use crate::send::{foreseen, Receipt};
use crate::signer;
use crate::store::{JournalEntry, Subject};

/// Lines of a chunk that is appended; with its accounts it stays well below the size of a transaction.
const CHUNK: usize = 16;

/// FHIR's name for National Provider Identifiers.
const NPI_SYSTEM: &str = "http://hl7.org/fhir/sid/us-npi";

/// Flags of `galen claim submit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim submit --pool POOL --provider CLINIC --claim visit.fhir.json --ticket ticket.json
  galen claim submit --pool POOL --provider CLINIC --claim claim.json --id M-4711 --member-keypair member.json

The document stays here; on the ledger stands a salted commitment to it. Submitting the same document again answers what
became of it; --again files it as another claim. A claim takes at most 16 lines.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The provider's organization, by its address or id
    #[arg(long, value_name = "KEY")]
    provider: Pubkey,
    /// The claim, in Galen's own form or as a FHIR R4 Claim
    #[arg(long, value_name = "CLAIM")]
    claim: PathBuf,
    /// An eligibility ticket of the insurer, in place of the member's signature; it names the member
    #[arg(long, value_name = "FILE", conflicts_with_all = ["member_keypair", "id", "member"])]
    ticket: Option<PathBuf>,
    /// The member's own key, which signs
    #[arg(long, value_name = "KEYPAIR", required_unless_present = "ticket")]
    member_keypair: Option<String>,
    /// The member's identifier at the insurer, where this store has the salt
    #[arg(long, value_name = "IDENTIFIER", conflicts_with = "member")]
    id: Option<String>,
    /// The member's account
    #[arg(long, value_name = "ADDRESS")]
    member: Option<Pubkey>,
    /// Number of an authorization of the member that lines use up; can be given several times
    #[arg(long, value_name = "NUMBER")]
    authorization: Vec<u8>,
    /// File a document that was submitted before as another claim
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    people: PeopleFlags,
}

/// How the member's part in the claim is proven.
enum Consent {
    Signature(Box<dyn Signer>),
    Ticket {
        ticket: EligibilityTicket,
        /// Who signed it.
        key: Pubkey,
        proof: Instruction,
    },
}

impl Consent {
    /// Checks what the program will check, before anything is sent: a claim of several transactions would otherwise
    /// leave a draft behind.
    ///
    /// # Errors
    /// The program's, by name.
    fn check(&self, parties: &Parties, submission: &Submission) -> Result<()> {
        let (first, last) = submission.days();
        let refusal = match self {
            Self::Signature(member) => (member.pubkey() != parties.member.authority)
                .then_some(ClaimsError::NotMemberAuthority),
            Self::Ticket { ticket, .. } if ticket.from > first || last > ticket.to => {
                Some(ClaimsError::TicketOutOfPeriod)
            }
            Self::Ticket { ticket, .. } if ticket.nonce < parties.member.ticket_floor => {
                Some(ClaimsError::TicketRevoked)
            }
            Self::Ticket { .. } if parties.pool.ticket_key == Pubkey::default() => {
                Some(ClaimsError::TicketsNotIssued)
            }
            Self::Ticket { key, .. } => {
                (*key != parties.pool.ticket_key).then_some(ClaimsError::TicketSignerMismatch)
            }
        };
        refusal.map_or(Ok(()), |refusal| Err(foreseen(&refusal)))
    }
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what [`Parties::read`] and [`Submission::of`] refuse, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.people.public_ledger_accepted)?;
    let (provider, organization) = organization::resolve(cluster, &args.provider)?;
    let (member, consent) = consent(args, &session, &provider)?;
    let parties = Parties::read(cluster, args.pool, provider, member)?;
    let name = document::name(&args.claim);
    let currency = currency(&session, &parties)?;
    let document = document::claim(&args.claim, &currency, parties.agreement.terms.in_network)?;
    if let Some(fhir) = &document.fhir {
        check_parties(fhir, &organization, args.id.as_deref(), &name)?;
    }
    let submission = Submission::of(cluster, &session.ledger.store, &parties, &document, &name)?;

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
        return Answer::new(&Change::unchanged(View::of(
            address,
            claim,
            &submission.codes,
        )?));
    }
    consent.check(&parties, &submission)?;
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
    let filing = Filing {
        session: &session,
        parties: &parties,
        submission: &submission,
        consent: &consent,
        claim: address,
        claim_id,
        document: commitment,
        authorizations: &args.authorization,
    };
    let receipts = filing.send(there.as_ref())?;
    let claim: Claim = entity::get(cluster, &address)?;
    let view = View::of(address, &claim, &submission.codes)?;
    entry.signature = receipts.last().map(|receipt| receipt.signature.clone());
    entry.status = view.status.to_string();
    session.ledger.store.note_claim(&hash, &scope, &entry)?;
    Answer::new(&Change::by(Outcome::Created, view, receipts))
}

/// A claim must not be billed in the name of another provider, or for another member, than the document says.
fn check_parties(
    fhir: &fhir::Claim,
    organization: &Organization,
    id: Option<&str>,
    name: &str,
) -> Result<()> {
    let refused = |code: &str, at: &str, message: String| {
        Err(CliError {
            code: code.to_owned(),
            message: format!("{name}: {message}"),
            at: Some(at.to_owned()),
        })
    };
    let registered = String::from_utf8_lossy(organization.identifier.bytes());
    let billed = fhir
        .provider
        .value
        .as_deref()
        .filter(|_| fhir.provider.system.as_deref() == Some(NPI_SYSTEM));
    match (organization.identifier.scheme, billed) {
        (IdentifierScheme::Npi, Some(billed)) if billed != registered => {
            return refused("provider_mismatch", "Claim.provider.identifier.value", format!("The document is billed by NPI {billed}, and the organization that submits it has NPI {registered}."));
        }
        _ => {}
    }
    match (id, fhir.patient.value.as_deref()) {
        (Some(id), Some(patient)) if id != patient => refused(
            "patient_mismatch",
            "Claim.patient.identifier.value",
            format!("The document is about {patient}, and the claim was to be for {id}."),
        ),
        _ => Ok(()),
    }
}

/// Who the claim is about, and what proves it.
fn consent(args: &Args, session: &Session, provider: &Pubkey) -> Result<(Pubkey, Consent)> {
    let Some(path) = &args.ticket else {
        let source = args.member_keypair.as_deref().unwrap_or_default();
        let keypair = signer::load(source, "member's keypair")?;
        let member =
            match (&args.member, &args.id) {
                (Some(address), _) => *address,
                (None, Some(id)) => people::known(&session.ledger.store, &args.pool, id)?,
                (None, None) => return Err(CliError::new(
                    "member_unknown",
                    "Say who was treated, with --id or --member; a ticket (--ticket) says it too.",
                )),
            };
        return Ok((member, Consent::Signature(keypair)));
    };
    let name = document::name(path);
    let value = strict::parse(&document::bytes(path)?)
        .map_err(|problem| CliError::in_document(&name, problem))?;
    let ticket: Ticket =
        strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
    for (what, is, asked) in [
        ("pool", &ticket.pool, &args.pool),
        ("provider", &ticket.provider, provider),
    ] {
        if *is != asked.to_string() {
            return Err(CliError::new(
                "ticket_mismatch",
                format!("{name} is for the {what} {is} and not for {asked}."),
            ));
        }
    }
    let unreadable = |field: &str| CliError {
        code: "invalid_value".to_owned(),
        message: format!("{name}: This is not base58 of the right length."),
        at: Some(field.to_owned()),
    };
    let member: Pubkey = ticket.member.parse().map_err(|_| unreadable("member"))?;
    let key: Pubkey = ticket.key.parse().map_err(|_| unreadable("key"))?;
    let signature: Signature = ticket
        .signature
        .parse()
        .map_err(|_| unreadable("signature"))?;
    let granted = EligibilityTicket {
        from: ticket.from.0.days(),
        to: ticket.to.0.days(),
        nonce: ticket.nonce,
    };
    let message = granted.message(&args.pool, &member, provider);
    if !signature.verify(key.as_ref(), &message) {
        return Err(CliError::new("ticket_invalid", format!("{name} is not signed by the key that it names, or was changed since; ask the insurer for another.")));
    }
    let proof = solana_ed25519_program::new_ed25519_instruction_with_signature(
        &message,
        &<[u8; 64]>::from(signature),
        &key.to_bytes(),
    );
    Ok((
        member,
        Consent::Ticket {
            ticket: granted,
            key,
            proof,
        },
    ))
}

/// A random identifier, one whose claim's address the program finds at once.
fn new_claim_id(session: &Session, pool: &Pubkey, provider: &Pubkey) -> Result<[u8; 16]> {
    loop {
        let id = session.ledger.store.new_claim_id()?;
        if Claim::find_address(pool, provider, &id).1 == Claim::FIRST_BUMP {
            return Ok(id);
        }
    }
}

/// The currency of the member's plan, in which the document has to be. Every version of a plan has the same pool, and
/// with it the same money.
fn currency(session: &Session, parties: &Parties) -> Result<String> {
    let latest = parties.plan.latest().ok_or_else(|| {
        CliError::new(
            "no_plan_version",
            format!("The plan {} has no version yet.", parties.member.plan),
        )
    })?;
    let date =
        galen_rules::Date::from_days(latest.effective_from).unwrap_or(galen_rules::Date::MAX);
    let (_, version) = parties.version_on(session.cluster(), date)?;
    Ok(String::from_utf8_lossy(&version.terms.currency).into_owned())
}

/// What is sent, and how.
struct Filing<'a> {
    session: &'a Session<'a>,
    parties: &'a Parties,
    submission: &'a Submission,
    consent: &'a Consent,
    claim: Pubkey,
    claim_id: [u8; 16],
    document: [u8; 32],
    authorizations: &'a [u8],
}

impl Filing<'_> {
    /// In one transaction where it fits and nothing stands yet, else opened, filled and adjudicated.
    fn send(&self, draft: Option<&Claim>) -> Result<Vec<Receipt>> {
        let operator_record = organization::staff(
            self.session.cluster(),
            &self.parties.provider,
            &self.session.key(),
            Permission::SubmitClaim,
            self.session.now,
        )?;
        let whole = self.with_proof(self.submit(operator_record));
        if draft.is_none() && self.session.ledger.fits(&whole)? {
            return Ok(vec![self.session.ledger.send(
                "Submit a claim",
                &whole,
                &self.signers(),
            )?]);
        }
        let mut receipts = Vec::new();
        if draft.is_none() {
            receipts.push(self.session.send(
                "Open a claim",
                &[self.open(operator_record)?],
                &[],
            )?);
        }
        let mut done = draft.map_or(0, |draft| draft.lines.len());
        while let Some(rest) = self
            .submission
            .lines
            .get(done..)
            .filter(|rest| !rest.is_empty())
        {
            let chunk = rest.get(..CHUNK).unwrap_or(rest);
            receipts.push(self.session.send(
                "Append lines to a claim",
                &[self.append(operator_record, done, chunk)?],
                &[],
            )?);
            done = done.saturating_add(chunk.len());
        }
        let last = self.with_proof(self.adjudicate(operator_record));
        receipts.push(
            self.session
                .ledger
                .send("Adjudicate a claim", &last, &self.signers())?,
        );
        Ok(receipts)
    }

    fn signers(&self) -> Vec<&dyn Signer> {
        let operator = self.session.ledger.signer.as_ref();
        match self.consent {
            Consent::Signature(member) => vec![operator, member.as_ref()],
            Consent::Ticket { .. } => vec![operator],
        }
    }

    /// The program looks for the proof of a ticket right before its own instruction.
    fn with_proof(&self, instruction: Instruction) -> Vec<Instruction> {
        match self.consent {
            Consent::Signature(_) => vec![instruction],
            Consent::Ticket { proof, .. } => vec![proof.clone(), instruction],
        }
    }

    fn ticket(&self) -> Option<EligibilityTicket> {
        match self.consent {
            Consent::Signature(_) => None,
            Consent::Ticket { ticket, .. } => Some(*ticket),
        }
    }

    fn member_authority(&self) -> Option<Pubkey> {
        match self.consent {
            Consent::Signature(member) => Some(member.pubkey()),
            Consent::Ticket { .. } => None,
        }
    }

    fn instructions_sysvar(&self) -> Option<Pubkey> {
        self.ticket()
            .map(|_| solana_sdk_ids::sysvar::instructions::ID)
    }

    fn submit(&self, operator_record: Pubkey) -> Instruction {
        let accounts = accounts::SubmitClaim {
            operator: self.session.key(),
            operator_record,
            provider: self.parties.provider,
            config: self.parties.config(),
            agreement: self.parties.agreement_address,
            pool: self.parties.pool_address,
            plan_version: self.submission.plan_version,
            schedule: self.submission.schedule,
            member: self.parties.member_address,
            member_authority: self.member_authority(),
            instructions_sysvar: self.instructions_sysvar(),
            history: self.parties.history(),
            claim: self.claim,
            vault: self.parties.pool.vault,
            payout: self.parties.agreement.effective_payout(self.session.now),
            mint: self.parties.pool.mint,
            token_program: self.parties.pool.token_program,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = SubmitClaimArgs {
            claim_id: self.claim_id,
            document: self.document,
            service_date: self.submission.service_date.days(),
            ticket: self.ticket(),
            lines: self.submission.lines.clone(),
        };
        self.with_others(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::SubmitClaim { args },
        ))
    }

    fn open(&self, operator_record: Pubkey) -> Result<Instruction> {
        let accounts = accounts::OpenClaim {
            operator: self.session.key(),
            operator_record,
            provider: self.parties.provider,
            config: self.parties.config(),
            agreement: self.parties.agreement_address,
            claim: self.claim,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = OpenClaimArgs {
            claim_id: self.claim_id,
            document: self.document,
            service_date: self.submission.service_date.days(),
            line_count: count(self.submission.lines.len())?,
        };
        Ok(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::OpenClaim { args },
        ))
    }

    fn append(
        &self,
        operator_record: Pubkey,
        start: usize,
        chunk: &[claims::state::ClaimLineArgs],
    ) -> Result<Instruction> {
        let accounts = accounts::AppendClaimLines {
            operator: self.session.key(),
            operator_record,
            provider: self.parties.provider,
            claim: self.claim,
        };
        let args = AppendClaimLinesArgs {
            start_index: count(start)?,
            lines: chunk.to_vec(),
        };
        Ok(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::AppendClaimLines { args },
        ))
    }

    fn adjudicate(&self, operator_record: Pubkey) -> Instruction {
        let accounts = accounts::AdjudicateClaim {
            operator: self.session.key(),
            operator_record,
            provider: self.parties.provider,
            config: self.parties.config(),
            agreement: self.parties.agreement_address,
            pool: self.parties.pool_address,
            plan_version: self.submission.plan_version,
            schedule: self.submission.schedule,
            member: self.parties.member_address,
            member_authority: self.member_authority(),
            instructions_sysvar: self.instructions_sysvar(),
            history: self.parties.history(),
            claim: self.claim,
            vault: self.parties.pool.vault,
            payout: self.parties.agreement.effective_payout(self.session.now),
            mint: self.parties.pool.mint,
            token_program: self.parties.pool.token_program,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = AdjudicateClaimArgs {
            charge: self.submission.charge,
            ticket: self.ticket(),
        };
        self.with_others(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::AdjudicateClaim { args },
        ))
    }

    fn with_others(&self, instruction: Instruction) -> Instruction {
        with_others(
            instruction,
            &self.parties.member_address,
            &self.parties.member,
            self.authorizations.iter().copied(),
        )
    }
}

fn count(lines: usize) -> Result<u8> {
    u8::try_from(lines).map_err(|_| {
        CliError::new(
            "too_many_lines",
            "A claim takes at most 16 lines; split it.",
        )
    })
}
