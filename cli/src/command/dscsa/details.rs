//! What the statement says and the ledger does not know: the medicine's name and strength, the parties' names and addresses.

use std::path::Path;

use galen_documents::strict;
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;

use crate::document;
use crate::error::{CliError, Result};

/// DETAILS.json.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// The medicine.
    pub product: Product,
    /// Everybody whom the statement names.
    pub parties: Vec<Party>,
}

/// The medicine, as FDCA 581(26)(A) to (D) wants it named.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Proprietary or established name.
    pub name: String,
    /// `10 mg`.
    pub strength: String,
    /// `tablet`.
    pub dosage_form: String,
    /// National Drug Code with its hyphens.
    pub ndc: String,
    /// What one pack holds: `30 tablets`.
    pub container_size: String,
}

/// A trading partner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The address of its account on the ledger.
    pub organization: String,
    /// Business name.
    pub name: String,
    /// Street, city, state, postal code.
    pub address: String,
}

impl Details {
    /// Reads the file; the code must be that of the product on the ledger.
    ///
    /// # Errors
    /// Those of reading JSON, `empty_field`, `bad_ndc`, `ndc_mismatch`.
    pub fn read(path: &Path, gtin: &str) -> Result<Self> {
        let json = document::json(path)?;
        let name = document::name(path);
        let details: Self =
            strict::from_value(&json).map_err(|problem| CliError::in_document(&name, problem))?;
        let refused = |code: &str, at: String, message: String| CliError {
            at: Some(at),
            ..CliError::new(code, format!("{name}: {message}"))
        };
        let product = &details.product;
        let named = [
            ("name", &product.name),
            ("strength", &product.strength),
            ("dosage_form", &product.dosage_form),
            ("container_size", &product.container_size),
        ];
        let texts = named
            .into_iter()
            .map(|(field, text)| (format!("product.{field}"), text));
        let partners = details
            .parties
            .iter()
            .enumerate()
            .flat_map(|(index, party)| {
                [("name", &party.name), ("address", &party.address)]
                    .map(|(field, text)| (format!("parties[{index}].{field}"), text))
            });
        for (at, text) in texts.chain(partners) {
            if text.trim().is_empty() {
                return Err(refused("empty_field", at, "This must be told.".to_owned()));
            }
        }
        let at = || "product.ndc".to_owned();
        let digits = ndc_digits(&product.ndc).ok_or_else(|| {
            let message = format!(
                "`{}` is no National Drug Code of 10 digits: 4-4-2, 5-3-2 or 5-4-1.",
                product.ndc
            );
            refused("bad_ndc", at(), message)
        })?;
        // A GTIN of the numbers that GS1 US gives to the FDA is 03, the ten digits of the NDC, and the check digit.
        let of_gtin = gtin
            .get(1..3)
            .filter(|prefix| *prefix == "03")
            .and(gtin.get(3..13));
        match of_gtin {
            Some(expected) if expected != digits => {
                let message = format!(
                    "The NDC {} is not that of the GTIN {gtin}, which has {expected}.",
                    product.ndc
                );
                Err(refused("ndc_mismatch", at(), message))
            }
            _ => Ok(details),
        }
    }

    /// A party by its account.
    ///
    /// # Errors
    /// `party_missing`.
    pub fn party(&self, organization: &Pubkey) -> Result<Party> {
        let text = organization.to_string();
        let mut known = self.parties.iter();
        known.find(|party| party.organization == text).cloned().ok_or_else(|| {
            let message = format!("The statement names {organization}, and the details say neither its business name nor its address.");
            CliError {
                at: Some("parties".to_owned()),
                ..CliError::new("party_missing", message)
            }
        })
    }
}

/// The ten digits of an NDC in one of its three forms.
fn ndc_digits(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let fits = matches!(lengths.as_slice(), [4, 4, 2] | [5, 3, 2] | [5, 4, 1]);
    let digits = parts.concat();
    (fits && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::ndc_digits;

    #[test]
    fn a_code_has_ten_digits_in_three_forms() {
        for text in ["0573-0165-40", "50580-449-05", "12345-6789-0"] {
            assert_eq!(
                ndc_digits(text).map(|digits| digits.len()),
                Some(10),
                "{text}"
            );
        }
        for text in [
            "0573016540",
            "00573-0165-40",
            "0573-0165-4x",
            "",
            "573-0165-40",
        ] {
            assert_eq!(ndc_digits(text), None, "{text}");
        }
    }
}
