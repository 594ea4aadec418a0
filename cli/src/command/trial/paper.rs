//! Papers about participants, which stay off the ledger: receipts, tax forms, what is said of a visit.

use std::path::Path;

use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

use crate::chain::text::hex;
use crate::document;
use crate::error::Result;
use crate::store::{Store, Subject};

/// A salted commitment to a file, for `scope` (a trial, or the sponsor): the same each time for the same store. Without a salt a
/// hash would give away what it stands for: of a form with a known name only the taxpayer number is left to be tried.
///
/// # Errors
/// `file_missing`, `file_unreadable`, `file_too_large`, `store_damaged`, `no_randomness`.
pub fn commit(store: &Store, scope: &Pubkey, path: &Path) -> Result<[u8; 32]> {
    let hash = Sha256::digest(document::bytes(path)?);
    store.commitment(Subject::Document, &scope.to_string(), &hex(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_committed_to_alike_and_never_by_its_bare_hash() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("form.json");
        let form = br#"{"form": "W-9", "name": "A", "tin": "900-00-0001"}"#;
        std::fs::write(&path, form).expect("written");
        let [one, other] = [1, 2].map(|byte| Pubkey::new_from_array([byte; 32]));
        let store = Store::open(&folder.path().join("store")).expect("opened");
        let first = commit(&store, &one, &path).expect("made");
        assert_eq!(commit(&store, &one, &path).expect("made"), first);
        assert_ne!(commit(&store, &other, &path).expect("made"), first);
        let bare: [u8; 32] = Sha256::digest(form).into();
        let of_its_digits: [u8; 32] = Sha256::digest(hex(&bare)).into();
        assert!(![bare, of_its_digits].contains(&first));
        let elsewhere = Store::open(&folder.path().join("elsewhere")).expect("opened");
        assert_ne!(commit(&elsewhere, &one, &path).expect("made"), first);
    }
}
