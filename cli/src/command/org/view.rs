//! Organizations as they are printed, and their values as flags.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use registry::state::{
    Identifier, IdentifierScheme, Organization, OrganizationKind, OrganizationStatus,
};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::text::{facts, key_or_none};
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::output::table;

/// What an organization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Pays claims
    Insurer,
    /// Treats patients and submits claims
    Provider,
    /// Pays for a trial
    Sponsor,
    /// Conducts a trial
    Site,
    /// Watches over a trial
    EthicsBoard,
    /// Makes medicines
    Manufacturer,
    /// Trades medicines
    Wholesaler,
    /// Moves medicines
    Carrier,
    /// Dispenses medicines and submits claims
    Pharmacy,
    /// Orders recalls
    Regulator,
}

impl Kind {
    /// As the registry has it.
    pub fn on_chain(self) -> OrganizationKind {
        match self {
            Self::Insurer => OrganizationKind::Insurer,
            Self::Provider => OrganizationKind::Provider,
            Self::Sponsor => OrganizationKind::Sponsor,
            Self::Site => OrganizationKind::Site,
            Self::EthicsBoard => OrganizationKind::EthicsBoard,
            Self::Manufacturer => OrganizationKind::Manufacturer,
            Self::Wholesaler => OrganizationKind::Wholesaler,
            Self::Carrier => OrganizationKind::Carrier,
            Self::Pharmacy => OrganizationKind::Pharmacy,
            Self::Regulator => OrganizationKind::Regulator,
        }
    }
}

impl From<OrganizationKind> for Kind {
    fn from(kind: OrganizationKind) -> Self {
        match kind {
            OrganizationKind::Insurer => Self::Insurer,
            OrganizationKind::Provider => Self::Provider,
            OrganizationKind::Sponsor => Self::Sponsor,
            OrganizationKind::Site => Self::Site,
            OrganizationKind::EthicsBoard => Self::EthicsBoard,
            OrganizationKind::Manufacturer => Self::Manufacturer,
            OrganizationKind::Wholesaler => Self::Wholesaler,
            OrganizationKind::Carrier => Self::Carrier,
            OrganizationKind::Pharmacy => Self::Pharmacy,
            OrganizationKind::Regulator => Self::Regulator,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(
            self.to_possible_value()
                .as_ref()
                .map_or("", |value| value.get_name()),
        )
    }
}

/// Whether an organization may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Registered, not admitted yet
    Pending,
    /// May act
    Active,
    /// May not act for now
    Suspended,
    /// Will not act again
    Closed,
}

impl From<OrganizationStatus> for Status {
    fn from(status: OrganizationStatus) -> Self {
        match status {
            OrganizationStatus::Pending => Self::Pending,
            OrganizationStatus::Active => Self::Active,
            OrganizationStatus::Suspended => Self::Suspended,
            OrganizationStatus::Closed => Self::Closed,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(
            self.to_possible_value()
                .as_ref()
                .map_or("", |value| value.get_name()),
        )
    }
}

/// An identifier as a flag: `npi:1234567893`, check digits verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierFlag(pub Identifier);

impl FromStr for IdentifierFlag {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let unknown = || {
            "write the scheme and the number: npi:1234567893, gln:9506000134352, lei:..., other:..."
                .to_owned()
        };
        let (scheme, value) = text.split_once(':').ok_or_else(unknown)?;
        let scheme = match scheme {
            "npi" => IdentifierScheme::Npi,
            "gln" => IdentifierScheme::Gln,
            "lei" => IdentifierScheme::Lei,
            "other" => IdentifierScheme::Other,
            _ => return Err(unknown()),
        };
        match Identifier::new(scheme, value) {
            Some(identifier) if identifier.is_valid() => Ok(Self(identifier)),
            _ => Err(match scheme {
                IdentifierScheme::Npi => {
                    "an NPI has 10 digits, begins with 1 or 2, and ends in its check digit"
                }
                IdentifierScheme::Gln => "a GLN has 13 digits and ends in its check digit",
                IdentifierScheme::Lei => {
                    "an LEI has 20 capital letters and digits and ends in two check digits"
                }
                IdentifierScheme::Other => {
                    "an identifier has 1 to 20 printable ASCII characters without spaces"
                }
            }
            .to_owned()),
        }
    }
}

/// An identifier as it is given as a flag.
pub fn identifier(identifier: &Identifier) -> String {
    let scheme = match identifier.scheme {
        IdentifierScheme::Npi => "npi",
        IdentifierScheme::Gln => "gln",
        IdentifierScheme::Lei => "lei",
        IdentifierScheme::Other => "other",
    };
    format!("{scheme}:{}", String::from_utf8_lossy(identifier.bytes()))
}

/// As JSON: `{"address": "...", "id": "...", "kind": "insurer", "identifier": "lei:...", "status": "active",
/// "status_reason": null, "status_at": 1, "authority": "...", "proposed_authority": null, "sequence": 0, "operators": 0}`;
/// times are Unix seconds, `operators` counts those that are not revoked.
#[derive(Serialize)]
pub struct View {
    address: String,
    id: String,
    kind: Kind,
    identifier: String,
    status: Status,
    status_reason: Option<u16>,
    status_at: i64,
    authority: String,
    proposed_authority: Option<String>,
    sequence: u64,
    operators: u32,
}

impl View {
    /// The organization as it is on the cluster.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        Ok(Self::new(address, &entity::get(cluster, &address)?))
    }

    /// An organization that was read.
    pub fn new(address: Pubkey, organization: &Organization) -> Self {
        Self {
            address: address.to_string(),
            id: organization.id.to_string(),
            kind: organization.kind.into(),
            identifier: identifier(&organization.identifier),
            status: organization.status.into(),
            status_reason: Some(organization.status_reason).filter(|reason| *reason != 0),
            status_at: organization.status_at,
            authority: organization.authority.to_string(),
            proposed_authority: organization.proposed_authority.map(|key| key.to_string()),
            sequence: organization.sequence,
            operators: organization.operators,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let reason = self
            .status_reason
            .map_or_else(String::new, |reason| format!(" (reason {reason})"));
        facts(
            f,
            &[
                ("Organization", self.address.clone()),
                ("Id", self.id.clone()),
                ("Kind", self.kind.to_string()),
                ("Identifier", self.identifier.clone()),
                (
                    "Status",
                    format!("{}{reason}, since {}", self.status, moment(self.status_at)),
                ),
                ("Authority", self.authority.clone()),
                (
                    "Offered to",
                    self.proposed_authority
                        .clone()
                        .unwrap_or_else(|| key_or_none(None)),
                ),
                ("Operators", self.operators.to_string()),
                ("Sequence", self.sequence.to_string()),
            ],
        )
    }
}

/// As JSON, an array of organizations.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No organizations.");
        }
        let mut rows = table(
            &["Organization", "Kind", "Identifier", "Status", "Operators"],
            &[4],
        );
        for view in &self.0 {
            rows.add_row([
                view.address.clone(),
                view.kind.to_string(),
                view.identifier.clone(),
                view.status.to_string(),
                view.operators.to_string(),
            ]);
        }
        write!(f, "{rows}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked_before_anything_is_sent() {
        for accepted in [
            "npi:1234567893",
            "gln:9506000134352",
            "lei:5493001KJTIIGC8Y1R12",
            "other:HOSP-7",
        ] {
            let flag: IdentifierFlag = accepted.parse().expect(accepted);
            assert_eq!(identifier(&flag.0), accepted);
        }
        for refused in [
            "npi:1234567890",
            "1234567893",
            "gln:9506000134353",
            "other:",
            "other:a b",
            "ssn:1",
            "other:012345678901234567890",
        ] {
            assert!(refused.parse::<IdentifierFlag>().is_err(), "{refused}");
        }
    }

    #[test]
    fn every_kind_keeps_its_name_to_the_ledger_and_back() {
        for kind in Kind::value_variants() {
            assert_eq!(Kind::from(kind.on_chain()), *kind);
        }
    }
}
