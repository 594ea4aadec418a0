//! PARTIES.json: payer and payee as an 835 names them. The ledger has no names of organizations.

use std::path::Path;

use galen_documents::strict;
use galen_x12::interchange::Identity;
use galen_x12::remittance::{Contact, Payee, Payer, Way};
use registry::state::{IdentifierScheme, Organization};
use serde::Deserialize;

use crate::document;
use crate::error::{CliError, Result};

/// Payer and payee.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parties {
    /// Who pays.
    pub payer: NamedPayer,
    /// Who is paid.
    pub payee: NamedPayee,
}

/// Who pays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPayer {
    name: String,
    /// Nine digits.
    tax_number: String,
    street: Vec<String>,
    city: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    postal_code: Option<String>,
    #[serde(default)]
    country: Option<String>,
    contact: NamedContact,
    /// Its number as the sender of interchanges.
    pub interchange: Number,
}

/// Where technical questions go: a name, and one of the three ways.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedContact {
    name: String,
    #[serde(default)]
    telephone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    website: Option<String>,
}

/// Who is paid.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPayee {
    name: String,
    /// Nine digits; needed where the organization is not registered by its National Provider Identifier.
    #[serde(default)]
    tax_number: Option<String>,
    /// Its number as the receiver of interchanges.
    pub interchange: Number,
}

/// A number in interchanges.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    #[serde(default = "mutually_agreed")]
    qualifier: String,
    id: String,
}

fn mutually_agreed() -> String {
    "ZZ".to_owned()
}

impl Number {
    /// As an envelope takes it.
    pub fn identity(&self) -> Identity {
        Identity {
            qualifier: self.qualifier.clone(),
            id: self.id.clone(),
        }
    }
}

/// Reads PARTIES.json.
///
/// # Errors
/// Those of [`document::json`], of its fields, and `invalid_value`.
pub fn read(path: &Path) -> Result<Parties> {
    let value = document::json(path)?;
    let name = document::name(path);
    let parties: Parties =
        strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
    let refused = |at: &str, message: &str| CliError {
        code: "invalid_value".to_owned(),
        message: format!("{name}: {message}"),
        at: Some(at.to_owned()),
    };
    let is_tax_number =
        |text: &str| text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_tax_number(&parties.payer.tax_number) {
        return Err(refused("payer.tax_number", "A tax number is nine digits."));
    }
    if parties
        .payee
        .tax_number
        .as_deref()
        .is_some_and(|number| !is_tax_number(number))
    {
        return Err(refused("payee.tax_number", "A tax number is nine digits."));
    }
    let contact = &parties.payer.contact;
    let ways = [&contact.telephone, &contact.email, &contact.website];
    if ways.into_iter().flatten().count() != 1 {
        return Err(refused(
            "payer.contact",
            "Give one of `telephone`, `email` and `website`.",
        ));
    }
    for (at, number) in [
        ("payer.interchange.qualifier", &parties.payer.interchange),
        ("payee.interchange.qualifier", &parties.payee.interchange),
    ] {
        if number.qualifier.len() != 2 {
            return Err(refused(at, "A qualifier has two characters, as ZZ."));
        }
    }
    Ok(parties)
}

impl Parties {
    /// Who pays.
    pub fn payer(&self) -> Payer {
        let payer = &self.payer;
        let contact = &payer.contact;
        let (way, number) = match (&contact.telephone, &contact.email, &contact.website) {
            (Some(number), _, _) => (Way::Telephone, number.clone()),
            (_, Some(address), _) => (Way::Email, address.clone()),
            (_, _, address) => (Way::Website, address.clone().unwrap_or_default()),
        };
        Payer {
            name: payer.name.clone(),
            identifier: format!("1{}", payer.tax_number),
            street: payer.street.clone(),
            city: payer.city.clone(),
            state: payer.state.clone(),
            postal_code: payer.postal_code.clone(),
            country: payer.country.clone(),
            contact: Contact {
                name: contact.name.clone(),
                way,
                number,
            },
        }
    }

    /// Who is paid, by the number under which it is registered.
    ///
    /// # Errors
    /// `tax_number_missing`.
    pub fn payee(&self, organization: &Organization) -> Result<Payee> {
        let registered = String::from_utf8_lossy(organization.identifier.bytes()).into_owned();
        let (qualifier, identifier) = match (organization.identifier.scheme, &self.payee.tax_number) {
            (IdentifierScheme::Npi, _) => ("XX", registered),
            (_, Some(number)) => ("FI", number.clone()),
            (_, None) => return Err(CliError::new("tax_number_missing", "The provider is not registered by its National Provider Identifier; give `payee.tax_number`.")),
        };
        Ok(Payee {
            name: self.payee.name.clone(),
            qualifier: qualifier.to_owned(),
            identifier,
        })
    }
}
