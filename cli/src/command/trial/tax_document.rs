//! FORM.json: what a tax form says that the yearly statements need.

use std::path::Path;

use galen_documents::{strict, Name};
use serde::{Deserialize, Serialize};

use crate::document;
use crate::error::{CliError, Result};

/// A tax form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Which one.
    pub form: Kind,
    /// The person's name.
    pub name: Name,
    /// The taxpayer number; a W-9 has one.
    #[serde(default)]
    pub tin: Option<Name>,
    /// The address, on one line.
    #[serde(default)]
    pub address: Option<Name>,
    /// Country of residence, ISO 3166 (two letters); a W-8BEN has one.
    #[serde(default)]
    pub country: Option<Name>,
}

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Of US persons: their stipends are on a 1099.
    #[serde(rename = "W-9")]
    W9,
    /// Of others: their stipends are on a 1042-S.
    #[serde(rename = "W-8BEN")]
    W8Ben,
}

impl Form {
    /// Reads a form.
    ///
    /// # Errors
    /// `form_incomplete`, and what the reader refuses, with its place.
    pub fn read(path: &Path) -> Result<Self> {
        let name = document::name(path);
        let value = document::json(path)?;
        let form: Self =
            strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
        let missing = match form.kind_needs() {
            (true, _) => Some("tin"),
            (_, true) => Some("country"),
            _ => None,
        };
        match missing {
            Some(field) => Err(CliError {
                code: "form_incomplete".to_owned(),
                message: format!("{name}: The form needs a {field}."),
                at: Some(field.to_owned()),
            }),
            None => Ok(form),
        }
    }

    fn kind_needs(&self) -> (bool, bool) {
        let has_country = self.country.as_ref().is_some_and(|country| {
            country.0.len() == 2 && country.0.bytes().all(|b| b.is_ascii_uppercase())
        });
        match self.form {
            Kind::W9 => (self.tin.is_none(), false),
            Kind::W8Ben => (false, !has_country),
        }
    }
}
