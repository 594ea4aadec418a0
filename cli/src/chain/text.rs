//! Lines of text forms, and names of the programs' values as flags and JSON have them.

use std::fmt;

use registry::state::{Permission, Permissions};
use solana_pubkey::Pubkey;

/// Writes names and values, one pair a line, the values in a column.
pub fn facts(f: &mut fmt::Formatter, facts: &[(&str, String)]) -> fmt::Result {
    let width = facts
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let lines = facts.iter().map(|(name, value)| {
        format!(
            "{:<pad$}{value}",
            format!("{name}:"),
            pad = width.saturating_add(3)
        )
    });
    f.write_str(&lines.collect::<Vec<_>>().join("\n"))
}

/// A key, or that there is none.
pub fn key_or_none(key: Option<Pubkey>) -> String {
    key.map_or_else(|| "none".to_owned(), |key| key.to_string())
}

/// A key that stands on the ledger as the default key where there is none.
pub fn some_key(key: Pubkey) -> Option<Pubkey> {
    Some(key).filter(|key| *key != Pubkey::default())
}

/// A permission's name as a flag.
pub fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::ManagePool => "manage-pool",
        Permission::Fund => "fund",
        Permission::PublishPlan => "publish-plan",
        Permission::EnrolMember => "enrol-member",
        Permission::ManageAgreement => "manage-agreement",
        Permission::SubmitClaim => "submit-claim",
        Permission::DecideClaim => "decide-claim",
        Permission::IssueCredential => "issue-credential",
        Permission::ManageTrial => "manage-trial",
        Permission::OverseeTrial => "oversee-trial",
        Permission::EnrolParticipant => "enrol-participant",
        Permission::AttestVisit => "attest-visit",
        Permission::CountersignVisit => "countersign-visit",
        Permission::ManageBatch => "manage-batch",
        Permission::HandOver => "hand-over",
        Permission::DispensePack => "dispense-pack",
        Permission::RecallBatch => "recall-batch",
    }
}

/// The names of a set of permissions, in the order of their bits.
pub fn permissions(set: Permissions) -> Vec<&'static str> {
    Permission::ALL
        .into_iter()
        .filter(|one| set.include(*one))
        .map(permission)
        .collect()
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// The bytes of pairs of hexadecimal digits, in capitals or not; none where there is anything else.
pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    hex::decode(digits).ok()
}

/// The same of so many bytes and no others.
pub fn unhex_array<const LENGTH: usize>(digits: &str) -> Option<[u8; LENGTH]> {
    unhex(digits)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_and_nothing_else_is() {
        for bytes in [vec![], vec![0], vec![0x0f, 0xa0, 0xff]] {
            assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        }
        assert_eq!(unhex("0FaB"), Some(vec![0x0f, 0xab]));
        for refused in ["0", "+1", "-1", "0x", "g0", " 0", "é", "0é0"] {
            assert_eq!(unhex(refused), None, "{refused}");
        }
        assert_eq!(unhex_array::<2>("0102"), Some([1, 2]));
        assert_eq!(unhex_array::<2>("010203"), None);
        assert_eq!(unhex_array::<2>("01"), None);
    }
}
