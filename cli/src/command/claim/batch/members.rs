//! Who the claims are about, and what proves each member's part: a table, one row a patient or several.

use std::collections::BTreeMap;
use std::path::Path;

use solana_pubkey::Pubkey;

use super::report::Fault;
use crate::command::claim::consent::Consent;
use crate::command::trial::rows::{self, Record};
use crate::command::trial::who::folder_of;
use crate::document;
use crate::error::{CliError, Result};
use crate::signer;

const COLUMNS: [&str; 4] = ["patient", "ticket", "keypair", "member"];

/// A patient's account, and what proves its part.
pub struct Proof {
    /// The member's account.
    pub member: Pubkey,
    /// A ticket or the member's key.
    pub consent: Consent,
}

/// The table.
pub struct Members {
    /// By the identifier that documents name a patient by.
    pub patients: BTreeMap<String, Vec<Proof>>,
    /// What is wrong with rows.
    pub faults: Vec<Fault>,
}

impl Members {
    /// Reads the table; tickets have to be for this pool and provider.
    ///
    /// # Errors
    /// Those of [`rows::read`].
    pub fn read(path: &Path, pool: &Pubkey, provider: &Pubkey) -> Result<Self> {
        let sheet = rows::read_columns(path, &COLUMNS, &["patient"])?;
        let name = document::name(path);
        let place = |line: Option<u64>| format!("{name}, line {}", line.unwrap_or_default());
        let mut members = Self {
            patients: BTreeMap::new(),
            faults: sheet
                .faults
                .into_iter()
                .map(|fault| Fault {
                    document: place(fault.line),
                    at: fault.column.map(str::to_owned),
                    code: fault.code.to_owned(),
                    message: fault.message,
                })
                .collect(),
        };
        let folder = folder_of(Some(path));
        for record in &sheet.records {
            let read = proof(record, folder, pool, provider).and_then(|(patient, proof)| {
                let known = members.patients.entry(patient).or_default();
                match known.first() {
                    Some(first) if first.member != proof.member => Err(CliError {
                        code: "member_differs".to_owned(),
                        message: format!(
                            "Another row of the same patient names the member {}.",
                            first.member
                        ),
                        at: Some("patient".to_owned()),
                    }),
                    _ => {
                        known.push(proof);
                        Ok(())
                    }
                }
            });
            if let Err(error) = read {
                members.faults.push(Fault::of(place(record.line), error));
            }
        }
        members.patients.retain(|_, proofs| !proofs.is_empty());
        Ok(members)
    }

    /// All accounts, each once.
    pub fn addresses(&self) -> Vec<Pubkey> {
        let mut addresses: Vec<Pubkey> = self
            .patients
            .values()
            .filter_map(|proofs| proofs.first())
            .map(|proof| proof.member)
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }
}

fn proof(
    record: &Record,
    folder: &Path,
    pool: &Pubkey,
    provider: &Pubkey,
) -> Result<(String, Proof)> {
    let at = |column: &str, error: CliError| CliError {
        at: Some(column.to_owned()),
        ..error
    };
    let patient = record.value("patient").ok_or_else(|| {
        at(
            "patient",
            CliError::new("missing_value", "There is no patient."),
        )
    })?;
    let (member, consent) = match (record.value("ticket"), record.value("keypair")) {
        (Some(ticket), None) => Consent::of_ticket(&folder.join(ticket), pool, provider)
            .map_err(|error| at("ticket", error))?,
        (None, Some(keypair)) => {
            let source = match signer::is_file(keypair) {
                true => folder.join(keypair).to_string_lossy().into_owned(),
                false => keypair.to_owned(),
            };
            let signer =
                signer::load(&source, "member's keypair").map_err(|error| at("keypair", error))?;
            let member = record
                .read("member", rows::key)
                .map_err(|fault| at("member", fault.into_error()))?;
            (member, Consent::Signature(signer))
        }
        _ => {
            let message = "A row has either a ticket, or the member's keypair and account.";
            return Err(at("ticket", CliError::new("missing_value", message)));
        }
    };
    Ok((patient.to_owned(), Proof { member, consent }))
}
