//! `galen predetermination ask`

use std::collections::BTreeSet;
use std::path::PathBuf;

use claims::instructions::PredetermineArgs;
use claims::state::Predetermination;
use claims::{accounts, instruction};
use registry::state::Permission;
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::others::{with_details, with_others};
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::chain::{entity, organization, people};
use crate::command::claim::consent::{Consent, Proof};
use crate::command::claim::submission::{Parties, Submission, Terms};
use crate::command::claim::submit::{check_parties, currency};
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::store::{JournalEntry, Subject};

/// Flags of `galen predetermination ask`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen predetermination ask --pool POOL --provider CLINIC --claim planned.fhir.json --ticket ticket.json
  galen predetermination ask --pool POOL --provider CLINIC --claim planned.json --id M-4711 --member-keypair member.json

The planned lines are adjudicated as a claim would be, by what the member has used up now and on the last planned day; no
money moves, and nothing is used up. A FHIR Claim has `use` \"predetermination\". All lines go in one transaction; what does
not fit is two questions. The claim that follows names the answer with `galen claim submit --predetermination`, once the
insurer holds its price. Asking by the same document again answers what was answered; --again asks anew.")]
pub struct Args {
    /// The pool that would pay
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The provider's organization, by its address or id
    #[arg(long, value_name = "KEY")]
    provider: Pubkey,
    /// What is planned, as a claim: in Galen's own form, as a FHIR R4 Claim or as an X12 837P
    #[arg(long, value_name = "CLAIM")]
    claim: PathBuf,
    #[command(flatten)]
    choice: document::Choice,
    #[command(flatten)]
    proof: Proof,
    /// Number of an authorization of the member that lines would use up, before those that the document names; can be
    /// given several times
    #[arg(long, value_name = "NUMBER")]
    authorization: Vec<u8>,
    /// Ask anew by a document that was asked by before
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, what [`Parties::read`], [`check_parties`] and [`Submission::asked`] refuse, `transaction_too_large`, and the
/// program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let store = &session.ledger.store;
    cluster.require_private(args.people.public_ledger_accepted)?;
    let (provider, organization) = organization::resolve(cluster, &args.provider)?;
    let (member, consent) = args.proof.consent(&session, &args.pool, &provider)?;
    let parties = Parties::read(cluster, args.pool, provider, member)?;
    let name = document::name(&args.claim);
    let currency = currency(cluster, &parties)?;
    let in_network = parties.agreement.terms.in_network;
    let document = document::claim(&args.claim, &currency, in_network, &args.choice)?;
    check_parties(store, &document, &organization, &parties, &name)?;
    let submission = Submission::asked(&document, &name, |day| {
        Terms::on(cluster, store, &parties, day)
    })?;

    let hash: [u8; 32] = Sha256::digest(&document.bytes).into();
    // Of its own, so that a claim by the same document has another number and another salt.
    let scope = format!("predetermination {} {provider}", args.pool);
    let known = store.claim(&hash, &scope)?.filter(|_| !args.again);
    let id = match &known {
        Some(entry) => entry.claim_id,
        None => store.new_claim_id()?,
    };
    let (address, _) = Predetermination::find_address(&args.pool, &provider, &id);
    if let Some(answer) = entity::find::<Predetermination>(cluster, &address)? {
        return Answer::new(&Change::unchanged(View::of(
            address,
            &answer,
            &submission.codes,
        )?));
    }
    consent.check(&parties, &submission)?;
    let papers = people::authorizations(cluster, &BTreeSet::from([member]))?;
    let authorizations = submission.authorizations(&parties, &args.authorization, &papers)?;
    let intent = Intent::new("Ask what a claim would come to")
        .with("document", &name)
        .with("member", member)
        .with("lines", submission.lines.len())
        .with("charge", format!("{} {currency}", money(submission.charge)))
        .with("planned for", submission.service_date);
    session.ledger.confirm(&intent)?;

    // The number is noted first: should this process die after sending, the next run finds the answer under it.
    let mut entry = JournalEntry {
        claim_id: id,
        address: address.to_string(),
        signature: None,
        status: "asked".to_owned(),
    };
    store.note_claim(&hash, &scope, &entry)?;
    let question = Question {
        session: &session,
        parties: &parties,
        submission: &submission,
        consent: &consent,
        address,
        id,
        document: store.commitment(Subject::Document, &scope, &hex(&hash))?,
        authorizations: &authorizations,
    };
    let others: Vec<&dyn Signer> = consent.signer().into_iter().collect();
    let receipt = session.send(intent.title(), &question.instructions()?, &others)?;
    entry.signature = Some(receipt.signature.clone());
    entry.status = "answered".to_owned();
    store.note_claim(&hash, &scope, &entry)?;
    let answer: Predetermination = entity::get(cluster, &address)?;
    Answer::new(&Change::created(
        View::of(address, &answer, &submission.codes)?,
        receipt,
    ))
}

/// What is asked, and for whom.
struct Question<'a> {
    session: &'a Session<'a>,
    parties: &'a Parties,
    submission: &'a Submission,
    consent: &'a Consent,
    address: Pubkey,
    id: [u8; 16],
    document: [u8; 32],
    authorizations: &'a [u8],
}

impl Question<'_> {
    fn instructions(&self) -> Result<Vec<Instruction>> {
        let Self {
            session,
            parties,
            submission,
            ..
        } = self;
        let (ticket, proof) = match self.consent {
            Consent::Signature(_) => (None, None),
            Consent::Ticket { ticket, proof, .. } => (Some(*ticket), Some(proof.clone())),
        };
        let accounts = accounts::Predetermine {
            operator: session.key(),
            operator_record: session.staff(&parties.provider, Permission::SubmitClaim)?,
            provider: parties.provider,
            agreement: parties.agreement_address,
            pool: parties.pool_address,
            plan_version: submission.plan_version,
            schedule: submission.schedule,
            member: parties.member_address,
            member_authority: self.consent.signer().map(Signer::pubkey),
            instructions_sysvar: ticket.map(|_| solana_sdk_ids::sysvar::instructions::ID),
            history: parties.history(),
            predetermination: self.address,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = PredetermineArgs {
            id: self.id,
            document: self.document,
            service_date: submission.service_date.days(),
            ticket,
            lines: submission.lines.clone(),
            facts: submission.facts.clone(),
        };
        let ask = with_others(
            crate::chain::instruction(claims::ID, &accounts, &instruction::Predetermine { args }),
            &parties.member_address,
            &parties.member,
            self.authorizations.iter().copied(),
        );
        let ask = with_details(
            ask,
            &parties.member_address,
            &parties.member,
            submission.details,
        );
        // The program looks for the proof of a ticket right before its own instruction.
        Ok(proof.into_iter().chain([ask]).collect())
    }
}
