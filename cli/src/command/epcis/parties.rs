//! Organisations as EPCIS names them: by the GLN under which they are registered, or else by their address on the ledger.

use std::collections::BTreeMap;
use std::str::FromStr;

use galen_epcis::{identify, Identifier};
use registry::state::{IdentifierScheme, Organization};
use serde_json::Value;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::organization::resolve;
use crate::cluster::Cluster;
use crate::error::{CliError, Result};

/// In front of an address on the ledger, where an organisation has no GLN.
const SCHEME: &str = "solana:";

/// A GLN and the organisation that it means here: `9524000000019=ADDRESS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyFlag(String, Pubkey);

impl FromStr for PartyFlag {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not GLN=ORG, a GLN of 13 digits and an organization's address or id"
            )
        };
        let (gln, organization) = text.split_once('=').ok_or_else(wrong)?;
        if !galen_rules::identifier::is_gln(gln.as_bytes()) {
            return Err(wrong());
        }
        Ok(Self(
            gln.to_owned(),
            organization.parse().map_err(|_| wrong())?,
        ))
    }
}

/// Who is who.
pub struct Parties {
    by_gln: BTreeMap<String, Vec<Pubkey>>,
    glns: BTreeMap<Pubkey, String>,
}

impl Parties {
    /// Those of these GLNs.
    #[cfg(test)]
    pub fn of(known: &[(&str, Pubkey)]) -> Self {
        let both = known.iter().map(|(gln, party)| ((*gln).to_owned(), *party));
        Self {
            by_gln: both
                .clone()
                .map(|(gln, party)| (gln, vec![party]))
                .collect(),
            glns: both.map(|(gln, party)| (party, gln)).collect(),
        }
    }

    /// The organisations that are registered and active, with what the flags say on top.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, named: &[PartyFlag]) -> Result<Self> {
        let mut parties = Self {
            by_gln: BTreeMap::new(),
            glns: BTreeMap::new(),
        };
        for (address, organization) in entity::list::<Organization>(cluster, &[])? {
            let is_gln = organization.identifier.scheme == IdentifierScheme::Gln;
            if is_gln && organization.is_active() {
                let gln = String::from_utf8_lossy(organization.identifier.bytes()).into_owned();
                parties.by_gln.entry(gln.clone()).or_default().push(address);
                parties.glns.insert(address, gln);
            }
        }
        for PartyFlag(gln, name) in named {
            let (address, _) = resolve(cluster, name)?;
            parties.by_gln.insert(gln.clone(), vec![address]);
            parties.glns.insert(address, gln.clone());
        }
        Ok(parties)
    }

    /// How EPCIS names an organisation.
    pub fn uri(&self, organization: &Pubkey) -> String {
        match self.gln(organization) {
            Some(gln) => format!("https://id.gs1.org/417/{gln}"),
            None => format!("{SCHEME}{organization}"),
        }
    }

    /// The GLN of an organisation, if it has one.
    pub fn gln(&self, organization: &Pubkey) -> Option<&str> {
        self.glns.get(organization).map(String::as_str)
    }

    /// The organisation that a URI names.
    ///
    /// # Errors
    /// `party_unknown`, `party_ambiguous`.
    pub fn find(&self, uri: &str, year: u16) -> Result<Pubkey> {
        if let Some(address) = uri.strip_prefix(SCHEME) {
            return address.parse().map_err(|_| {
                CliError::new(
                    "party_unknown",
                    format!("{uri} names no address on the ledger."),
                )
            });
        }
        let gln = match identify(uri, year) {
            Ok(Identifier::Party(gln) | Identifier::Location(gln)) => gln,
            _ => {
                let message = format!("{uri} has no GLN, and is no `{SCHEME}` address either: Galen cannot tell which organization it is.");
                return Err(CliError::new("party_unknown", message));
            }
        };
        match self.by_gln.get(&gln).map(Vec::as_slice) {
            Some([only]) => Ok(*only),
            Some([_, _, ..]) => {
                let message = format!("Several active organizations are registered under the GLN {gln}; say which is meant with --party {gln}=ORG.");
                Err(CliError::new("party_ambiguous", message))
            }
            _ => {
                let message = format!("No active organization is registered under the GLN {gln}; say which is meant with --party {gln}=ORG.");
                Err(CliError::new("party_unknown", message))
            }
        }
    }

    /// The organisation that a list of sources or destinations names in a role; the place where it stands.
    ///
    /// # Errors
    /// Those of [`Self::find`], with the place.
    pub fn in_role(
        &self,
        event: &Value,
        (list, field): (&str, &str),
        role: &str,
        year: u16,
    ) -> Result<Option<Pubkey>> {
        let entries = event[list].as_array();
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            let kind = entry["type"].as_str().map(galen_epcis::bare);
            if let (true, Some(uri)) = (kind == Some(role), entry[field].as_str()) {
                return self.find(uri, year).map(Some).map_err(|error| CliError {
                    at: Some(format!("{list}[{index}].{field}")),
                    ..error
                });
            }
        }
        Ok(None)
    }
}
