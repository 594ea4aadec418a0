//! What only documents say: names of codes, modifiers, the provider's numbers. A document is known to be a claim's by its
//! commitment, where this store made it, else by its lines: on the ledger stand their keys, units, charges and days.

use std::collections::BTreeMap;

use claims::state::{Claim, ClaimLine};
use galen_documents::claim;
use galen_x12::remittance::FILING_INDICATORS;
use solana_pubkey::Pubkey;

use super::accounts::Ledger;
use super::Args;
use crate::chain::{codes, people};
use crate::command::claim::batch::source::Frame;
use crate::command::claim::filed::{self, Filed};
use crate::document;
use crate::error::{CliError, Result};
use crate::store::{CodeKey, Subject};

/// What a document says of a claim.
pub struct Document {
    claim: claim::Claim,
    /// By what the store knows each way in which it can have been filed.
    identifiers: Vec<String>,
    /// CLM01, or the FHIR claim's identifier.
    pub control_number: Option<String>,
    /// SBR09.
    pub filing_indicator: Option<String>,
    /// Facility and frequency.
    pub facility: Option<(String, String)>,
    /// The member's number.
    pub member: Option<String>,
    line_numbers: Vec<Option<String>>,
}

/// The names of a line.
#[derive(Clone)]
pub struct Named {
    /// The procedure's code.
    pub code: String,
    /// Its modifiers.
    pub modifiers: Vec<String>,
    /// REF*6R.
    pub control_number: Option<String>,
}

/// Everything that names something.
pub struct Names {
    documents: Vec<Document>,
    /// Codes of plans, by plan version and key.
    codes: BTreeMap<(Pubkey, [u8; 8]), String>,
}

impl Names {
    /// Reads the documents and plans that were given.
    ///
    /// # Errors
    /// Those of the readers.
    pub fn read(args: &Args, ledger: &Ledger) -> Result<Self> {
        let mut documents = Vec::new();
        for path in &args.document {
            // Networks do not matter here.
            let frame = Frame {
                currency: &ledger.currency,
                in_network: true,
            };
            let claims = filed::read(path, &frame)?;
            documents.extend(claims.into_iter().map(Document::of));
        }
        let mut names = BTreeMap::new();
        for path in &args.plan {
            for benefit in document::plan(path)?.benefits {
                for (version, key) in &ledger.keys {
                    let code_key = codes::procedure(key, &benefit.code)?;
                    names.insert((*version, code_key), benefit.code.clone());
                }
            }
        }
        Ok(Self {
            documents,
            codes: names,
        })
    }

    /// The document of a claim, if it was given.
    ///
    /// # Errors
    /// `ambiguous_document`.
    pub fn document(
        &self,
        ledger: &Ledger,
        address: &Pubkey,
        claim: &Claim,
    ) -> Result<Option<&Document>> {
        let Some(key) = ledger.keys.get(&claim.plan_version) else {
            return Ok(None);
        };
        let mut alike = Vec::new();
        for document in &self.documents {
            if document.has_lines_of(claim, key)? {
                alike.push(document);
            }
        }
        let scope = format!("{} {}", claim.pool, claim.provider);
        for document in &alike {
            for identifier in &document.identifiers {
                let store = ledger.store;
                let known = store.known_commitment(Subject::Document, &scope, identifier)?;
                if known == Some(claim.document) {
                    return Ok(Some(*document));
                }
            }
        }
        match alike.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            _ => Err(CliError::new("ambiguous_document", format!("Several documents have the lines of the claim {address}, and this store does not know which was submitted; give one."))),
        }
    }

    /// The names of a line without a document: its code, where a plan has it and there are no modifiers.
    pub fn line(&self, claim: &Claim, line: &ClaimLine) -> Option<Named> {
        let code = self.codes.get(&(claim.plan_version, line.code_key))?;
        (line.modifiers == [0; 4]).then(|| Named {
            code: code.clone(),
            modifiers: Vec::new(),
            control_number: None,
        })
    }
}

impl Document {
    fn of(filed: Filed) -> Self {
        let identifiers = filed.writings().map(filed::identifier).collect();
        let read = filed.claim;
        if let Some(x12) = &read.x12 {
            return Self {
                control_number: Some(x12.control_number.clone()),
                filing_indicator: x12
                    .filing_indicator
                    .clone()
                    .filter(|sort| FILING_INDICATORS.contains(&sort.as_str())),
                facility: Some((x12.facility.clone(), x12.frequency.clone())),
                member: Some(x12.subscriber.id.clone()),
                line_numbers: x12
                    .lines
                    .iter()
                    .map(|line| line.control_number.clone())
                    .collect(),
                claim: read.claim,
                identifiers,
            };
        }
        let fhir = read.fhir.as_ref();
        // `system|value`: the provider knows its system.
        let identifier = fhir.and_then(|fhir| fhir.identifiers.first());
        let number = identifier.map(|text| text.rsplit('|').next().unwrap_or(text).to_owned());
        Self {
            control_number: number.filter(|number| number.chars().count() <= 38),
            filing_indicator: None,
            facility: None,
            member: fhir.and_then(|fhir| fhir.patient.value.clone()),
            line_numbers: Vec::new(),
            claim: read.claim,
            identifiers,
        }
    }

    /// The names of a line.
    pub fn line(&self, index: usize) -> Option<Named> {
        let line = self.claim.lines.get(index)?;
        Some(Named {
            code: line.code.clone(),
            modifiers: line.modifiers.iter().map(ToString::to_string).collect(),
            control_number: self.line_numbers.get(index).cloned().flatten(),
        })
    }

    fn has_lines_of(&self, claim: &Claim, key: &CodeKey) -> Result<bool> {
        if self.claim.lines.len() != claim.lines.len() {
            return Ok(false);
        }
        for (own, theirs) in self.claim.lines.iter().zip(&claim.lines) {
            let is_alike = codes::procedure(key, &own.code)? == theirs.code_key
                && people::modifiers_key(key, &own.modifiers, own.sequence)? == theirs.modifiers
                && own.units == theirs.units
                && own.charge.0.get() == theirs.charge
                && self.claim.date_of(own).0.days() == theirs.service_date;
            if !is_alike {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
