//! What became of a claim, gathered for FHIR documents: figures from the ledger, who it is from the local store, what was
//! done from the document that was submitted.

use std::path::Path;

use claims::state::{Claim, ClaimStatus, PlanVersion, Pool};
use galen_documents::fhir::{
    self, Adjudicated, AdjudicatedItem, Code, Identifier, LineAdjustment, Party, Payment, Service,
};
use galen_rules::{Cents, Date, Group, Reason};
use galen_x12::professional;
use registry::state::{IdentifierScheme, Organization};
use solana_pubkey::Pubkey;

use super::batch::source::Frame;
use super::filed;
use super::remark::Finder;
use super::view::{Status, View};
use crate::chain::{entity, parties, people};
use crate::cluster::Cluster;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::money;
use crate::store::{Store, Subject};

/// A claim on the ledger with what its documents need.
pub struct Case<'a> {
    cluster: &'a Cluster,
    store: &'a Store,
    /// The claim's address.
    pub address: Pubkey,
    /// The claim.
    pub claim: Claim,
    /// Its plan version.
    pub version: PlanVersion,
    insurer: Organization,
    provider: Organization,
    /// Who was treated, where the store knows.
    pub member: Option<String>,
}

impl<'a> Case<'a> {
    /// Reads a claim that was submitted.
    ///
    /// # Errors
    /// `claim_not_submitted` for a draft, `not_found`, `cluster_unreachable`, `store_damaged`.
    pub fn read(cluster: &'a Cluster, store: &'a Store, address: Pubkey) -> Result<Self> {
        let claim: Claim = entity::get(cluster, &address)?;
        if matches!(
            claim.status,
            ClaimStatus::Draft | ClaimStatus::AwaitsDispense
        ) {
            return Err(CliError::new(
                "claim_not_submitted",
                "The claim is a draft: nothing became of it yet.",
            ));
        }
        let version: PlanVersion = entity::get(cluster, &claim.plan_version)?;
        let pool: Pool = entity::get(cluster, &claim.pool)?;
        let member = people::member(cluster, &claim.member)?;
        Ok(Self {
            cluster,
            store,
            address,
            insurer: entity::get(cluster, &pool.insurer)?,
            provider: entity::get(cluster, &claim.provider)?,
            member: store.identifier(Subject::Member, &member.commitment)?,
            version,
            claim,
        })
    }

    /// The provider's public number, as people know it: `NPI 1234567893`.
    pub fn provider_number(&self) -> String {
        number_of(&self.provider)
    }

    /// ISO 4217.
    pub fn currency(&self) -> String {
        String::from_utf8_lossy(&self.version.terms.currency).into_owned()
    }

    /// The document that was submitted as this claim, from a file that is it or has it among others: the store must have the salt
    /// under which the ledger has its commitment.
    ///
    /// # Errors
    /// `document_unknown` without the salt, `document_differs` where it is another document; what the reader refuses.
    pub fn document(&self, path: &Path) -> Result<document::Claim> {
        let name = document::name(path);
        let currency = self.currency();
        let frame = Frame {
            currency: &currency,
            in_network: self.claim.in_network,
        };
        let scope = format!("{} {}", self.claim.pool, self.claim.provider);
        let claims = filed::read(path, &frame)?;
        let is_one = claims.len() == 1;
        let (mut found, mut is_of_another) = (None, false);
        for one in claims {
            let mut is_it = false;
            for writing in one.writings() {
                let hash = filed::identifier(writing);
                let known = self
                    .store
                    .known_commitment(Subject::Document, &scope, &hash)?;
                is_it |= known == Some(self.claim.document);
                // Of several, others have salts of their own.
                is_of_another |= is_one && known.is_some();
            }
            if is_it {
                found = Some(one.claim);
                break;
            }
        }
        let document = match found {
            Some(document) => document,
            None if is_of_another => return Err(CliError::new(
                "document_differs",
                format!("{name} is the document of another claim; the ledger has another commitment for {}.", self.address),
            )),
            None => return Err(CliError::new(
                "document_unknown",
                format!("This store has no salt for {name}, or a claim in it, as a document of this provider and pool: it is another document to the letter, or its salt was not handed over (`galen store send`)."),
            )),
        };
        if document.claim.lines.len() != self.claim.lines.len() {
            return Err(CliError::new(
                "document_differs",
                format!("{name} has another number of lines than the claim."),
            ));
        }
        Ok(document)
    }

    /// What became of it. Without the document nothing is said of what was done, and the member must be known.
    ///
    /// # Errors
    /// `member_unknown`, `patient_mismatch`, `wrong_account`.
    pub fn adjudicated(&self, document: Option<&document::Claim>, now: i64) -> Result<Adjudicated> {
        let fhir = document.and_then(|document| document.fhir.as_ref());
        let x12 = document.and_then(|document| document.x12.as_ref());
        let patient = self.patient(fhir, x12)?;
        let coverage = fhir.and_then(|fhir| fhir.coverage.elsewhere());
        let coverage = coverage
            .or_else(|| x12.map(professional::Claim::coverage))
            .unwrap_or_else(|| patient.clone());
        let mut adjudicated = self.figures(patient, coverage, now)?;
        adjudicated.request = fhir
            .and_then(|fhir| fhir.identifier.clone())
            .or_else(|| x12.map(professional::Claim::identifier));
        adjudicated.kind = fhir
            .and_then(|fhir| fhir.kind.clone())
            .or_else(|| x12.map(|_| professional::kind()));
        if let Some(document) = document {
            for (index, item) in adjudicated.items.iter_mut().enumerate() {
                let source = fhir.and_then(|fhir| fhir.items.get(index));
                item.sequence = source.map_or(item.sequence, |source| source.sequence);
                item.service = document.claim.lines.get(index).map(|line| Service {
                    code: Code {
                        system: source
                            .map(|source| source.system.clone())
                            .or_else(|| x12.map(|_| professional::system(&line.code).to_owned()))
                            .unwrap_or_default(),
                        code: line.code.clone(),
                    },
                    modifiers: line.modifiers.clone(),
                    date: document.claim.date_of(line).0,
                    until: document.claim.last_of(line),
                    units: line.units,
                });
            }
        }
        Ok(adjudicated)
    }

    /// Who was treated, as the document has it, else as the store knows; they must not contradict each other. What a document
    /// only contains is not there in another one; a dependent has no number in an interchange, so the store's goes before it.
    fn patient(
        &self,
        fhir: Option<&fhir::Claim>,
        x12: Option<&professional::Claim>,
    ) -> Result<Party> {
        let member = self.member.as_deref();
        if let (Some(claim), Some(member)) = (x12.filter(|x12| x12.dependent.is_some()), member) {
            if claim.subscriber.id != member {
                return Ok(parties::person(member));
            }
        }
        let (named, at) = match x12 {
            Some(claim) => (Some(claim.patient()), claim.subscriber.place.to_string()),
            None => (
                fhir.map(|fhir| fhir.patient.clone()),
                "Claim.patient.identifier.value".to_owned(),
            ),
        };
        let value = named.as_ref().and_then(|party| party.value.as_deref());
        match (member, value) {
            (Some(member), Some(value)) if value != member => Err(CliError {
                code: "patient_mismatch".to_owned(),
                message: format!("The document is about another person than the claim, which is for {member}."),
                at: Some(at),
            }),
            (member, _) => named
                .as_ref()
                .and_then(Party::elsewhere)
                .or_else(|| member.map(parties::person))
                .ok_or_else(|| CliError::new(
                    "member_unknown",
                    "This store has no salt for the member, so it cannot say who was treated. Name the document that was submitted with --claim, where that has an identifier of the patient, or import the salt.",
                )),
        }
    }

    /// The figures, exactly as the account has them.
    ///
    /// # Errors
    /// `wrong_account`.
    pub fn figures(&self, patient: Party, coverage: Party, now: i64) -> Result<Adjudicated> {
        let claim = &self.claim;
        let mut finder = Finder::new(self.cluster);
        let codes = std::collections::BTreeMap::new();
        let view = View::read(&mut finder, self.address, claim, &codes)?;
        let pending = claim.status == ClaimStatus::Pended;
        let items = view.lines.iter().filter(|_| !pending).map(|line| {
            let adjustments = line.adjustments.iter().map(|entry| {
                Ok(LineAdjustment {
                    group: Group::ALL
                        .into_iter()
                        .find(|group| group.as_str() == entry.group)
                        .ok_or_else(|| odd("an adjustment of a group that there is not"))?,
                    reason: Reason::from_code(entry.reason).ok_or_else(|| {
                        odd("an adjustment for a reason that the rulebook does not know")
                    })?,
                    amount: entry.amount.0,
                    remark: entry.remark.map(|code| code.0),
                })
            });
            Ok(AdjudicatedItem {
                sequence: u32::try_from(line.line).unwrap_or(u32::MAX),
                service: None,
                charge: line.charge.0,
                allowed: line.allowed.0,
                adjustments: adjustments.collect::<Result<_>>()?,
                paid: line.paid.0,
            })
        });
        Ok(Adjudicated {
            ledger: Identifier {
                system: Some(parties::chain_id(self.cluster)),
                value: self.address.to_string(),
            },
            request: None,
            cancelled: claim.status == ClaimStatus::Reversed,
            pending,
            disposition: disposition(&view),
            kind: None,
            patient,
            insurer: parties::organization(&self.insurer),
            provider: parties::organization(&self.provider),
            coverage,
            created: parties::date_time(now),
            currency: self.currency(),
            charge: view.totals.charge.0,
            items: items.collect::<Result<_>>()?,
            payment: payment(claim)?,
        })
    }
}

/// An organization's public number, as people know it: `NPI 1234567893`.
pub fn number_of(organization: &Organization) -> String {
    let identifier = &organization.identifier;
    let number = String::from_utf8_lossy(identifier.bytes());
    match identifier.scheme {
        IdentifierScheme::Npi => format!("NPI {number}"),
        IdentifierScheme::Gln => format!("GLN {number}"),
        IdentifierScheme::Lei => format!("LEI {number}"),
        IdentifierScheme::Other => number.into_owned(),
    }
}

fn odd(what: &str) -> CliError {
    CliError::new(
        "wrong_account",
        format!("The claim has {what}; it is of a newer galen."),
    )
}

/// What became of it, in a sentence.
fn disposition(view: &View) -> String {
    match (view.status, view.pend_reason) {
        (Status::Pended, Some("attachment_missing")) => {
            if view.awaits_information_since.is_some() {
                "Waits for an attachment from the provider.".to_owned()
            } else {
                "Waits for the insurer's decision: the provider has answered what was missing."
                    .to_owned()
            }
        }
        (Status::Pended, Some(reason)) => {
            format!(
                "Waits for the insurer's decision: {}.",
                reason.replace('_', " ")
            )
        }
        (Status::Pended, None) => "Waits for the insurer's decision.".to_owned(),
        (Status::Paid, _) => "Adjudicated and paid.".to_owned(),
        (Status::Payable, _) => "Adjudicated; the payment waits for money.".to_owned(),
        (Status::NothingDue, _) => "Adjudicated; the plan owes nothing.".to_owned(),
        (Status::Denied, _) => "All lines are denied.".to_owned(),
        (Status::Reversed, _) => "Taken back.".to_owned(),
        (Status::Draft, _) => "Not submitted.".to_owned(),
        (Status::AwaitsDispense, _) => "Not submitted: it waits for its pack.".to_owned(),
    }
}

/// The transfer, once there was one: the award, what was kept back of it for what the provider owed, interest for lateness.
fn payment(claim: &Claim) -> Result<Option<Payment>> {
    if claim.paid_at == 0 {
        return Ok(None);
    }
    let range = || odd("a payment larger than can be counted");
    let date = Date::from_unix(claim.paid_at).ok_or_else(range)?;
    let (kept, interest) = (claim.offset, claim.interest_paid());
    let adjustment = i64::try_from(i128::from(interest) - i128::from(kept)).map_err(|_| range())?;
    let amount = claim.due().checked_add(interest).ok_or_else(range)?;
    let mut reasons = Vec::new();
    if interest > 0 {
        reasons.push(format!("interest for late payment {}", money(interest)));
    }
    if kept > 0 {
        reasons.push(format!(
            "kept back for what the provider owed {}",
            money(kept)
        ));
    }
    Ok(Some(Payment {
        date,
        amount: Cents::new(amount),
        adjustment,
        reason: if adjustment == 0 {
            String::new()
        } else {
            reasons.join(", ")
        },
    }))
}
