//! Parties to FHIR documents: organisations by their public identifiers, members by what the local store knows.

use galen_documents::fhir::{systems, Party};
use registry::state::{Identifier, IdentifierScheme, Organization};

use crate::cluster::Cluster;

/// An organisation by its public identifier.
pub fn organization(organization: &Organization) -> Party {
    identified(&organization.identifier)
}

/// Who has this public identifier.
pub fn identified(identifier: &Identifier) -> Party {
    let system = match identifier.scheme {
        IdentifierScheme::Npi => Some(systems::NPI),
        IdentifierScheme::Gln => Some(systems::GLN),
        IdentifierScheme::Lei => Some(systems::LEI),
        IdentifierScheme::Other => None,
    };
    Party {
        reference: None,
        system: system.map(str::to_owned),
        value: Some(String::from_utf8_lossy(identifier.bytes()).into_owned()),
    }
}

/// A person by the identifier that the local store knows.
pub fn person(identifier: &str) -> Party {
    Party {
        reference: None,
        system: None,
        value: Some(identifier.to_owned()),
    }
}

/// What stands for a cluster as the system of an address on it: the chain identifier of CAIP-2, `solana:` and the first 32
/// characters of the genesis hash.
pub fn chain_id(cluster: &Cluster) -> String {
    /// Characters of the genesis hash that CAIP-2 takes.
    const LENGTH: usize = 32;
    let genesis: String = cluster.genesis.chars().take(LENGTH).collect();
    format!("solana:{genesis}")
}

/// A Unix time as a FHIR dateTime in UTC; the Unix epoch for what no calendar has.
pub fn date_time(unix: i64) -> String {
    const DAY: i64 = 86_400;
    let date = galen_rules::Date::from_unix(unix)
        .map_or_else(|| "1970-01-01".to_owned(), |date| date.to_string());
    let second = unix.rem_euclid(DAY);
    format!(
        "{date}T{:02}:{:02}:{:02}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::date_time;

    #[test]
    fn a_unix_time_is_written_in_utc() {
        assert_eq!(date_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(date_time(1_772_459_999), "2026-03-02T13:59:59Z");
    }
}
