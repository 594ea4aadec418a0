//! One claim of a batch, checked, with the number under which it stands on the ledger.

use std::collections::BTreeMap;

use claims::state::{Authorization, Claim};
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::desk::{Desk, TermsOfVersions};
use super::members::Members;
use super::report::Fault;
use super::source::{Bill, Item};
use crate::chain::people;
use crate::chain::text::hex;
use crate::command::claim::consent::Consent;
use crate::command::claim::filing::Filing;
use crate::command::claim::submission::{Parties, Submission};
use crate::command::claim::submit::{check_biller, check_patient};
use crate::error::{CliError, Result};
use crate::store::{ClaimKey, JournalEntry, Store, Subject};

/// A claim to be filed.
pub struct Order<'a> {
    /// Where it stands in the file.
    pub place: String,
    /// SHA-256 of the document.
    pub hash: [u8; 32],
    /// The accounts that it concerns.
    pub parties: &'a Parties,
    /// What proves the member's part.
    pub consent: &'a Consent,
    /// Its lines.
    pub submission: Submission,
    /// The numbers of the member's prior authorisations that it brings.
    pub authorizations: Vec<u8>,
    /// What the journal says of it.
    pub entry: JournalEntry,
    /// Its account.
    pub address: Pubkey,
    /// The commitment to the document.
    pub commitment: [u8; 32],
}

impl Order<'_> {
    /// How it is filed.
    pub fn filing<'a>(&'a self, desk: &Desk) -> Filing<'a> {
        Filing {
            operator: desk.session.key(),
            operator_record: desk.operator_record,
            now: desk.session.now,
            parties: self.parties,
            submission: &self.submission,
            consent: self.consent,
            claim: self.address,
            claim_id: self.entry.claim_id,
            document: self.commitment,
            authorizations: &self.authorizations,
            held: None,
            pack: None,
        }
    }
}

/// Checks the claims of a file. Everything that is wrong is said at once.
///
/// # Errors
/// `cluster_unreachable`, `store_damaged`.
pub fn check<'a>(
    desk: &Desk,
    members: &'a Members,
    parties: &'a BTreeMap<Pubkey, Result<Parties>>,
    items: Vec<Item>,
) -> Result<(Vec<Order<'a>>, Vec<Fault>)> {
    let addresses = parties.keys().copied().collect();
    let papers = people::authorizations(desk.session.cluster(), &addresses)?;
    let mut terms = TermsOfVersions::default();
    let mut seen = Seen::default();
    let (mut orders, mut faults) = (Vec::new(), Vec::new());
    for Item { place, bill } in items {
        let checked = bill
            .map_err(|problem| CliError {
                at: Some(problem.at).filter(|at| !at.is_empty()),
                code: problem.code,
                message: problem.message,
            })
            .and_then(|bill| {
                seen.first_of(&bill, &place)?;
                order(desk, members, parties, &papers, &mut terms, &bill, &place)
            });
        match checked {
            Ok(order) => orders.push(order),
            // Silence is no fault of the document.
            Err(error) if error.code == "cluster_unreachable" || error.code == "store_damaged" => {
                return Err(error);
            }
            Err(error) => faults.push(Fault::of(place, error)),
        }
    }
    Ok((orders, faults))
}

fn order<'a>(
    desk: &Desk,
    members: &'a Members,
    parties: &'a BTreeMap<Pubkey, Result<Parties>>,
    papers: &[Authorization],
    terms: &mut TermsOfVersions,
    bill: &Bill,
    place: &str,
) -> Result<Order<'a>> {
    let npi = bill.npi.as_deref();
    check_biller(npi, &desk.organization, &bill.places.npi, place)?;
    let proofs = proofs(members, bill)?;
    let unknown = || CliError::new("member_unknown", "There is no account of the patient.");
    let member = proofs.first().ok_or_else(unknown)?.member;
    let parties = parties
        .get(&member)
        .ok_or_else(unknown)?
        .as_ref()
        .map_err(Clone::clone)?;
    let store = &desk.session.ledger.store;
    check_patient(store, &bill.document, parties, place)?;
    let submission = Submission::under(&bill.document, place, |day| terms.on(desk, parties, day))?;
    submission.check_agreement(parties, false)?;
    let authorizations = submission.authorizations(parties, &[], papers)?;
    let mut consent = Err(unknown());
    for proof in proofs {
        consent = proof
            .consent
            .check(parties, &submission)
            .map(|()| &proof.consent);
        if consent.is_ok() {
            break;
        }
    }
    Ok(Order {
        place: place.to_owned(),
        hash: Sha256::digest(&bill.document.bytes).into(),
        parties,
        consent: consent?,
        submission,
        authorizations,
        entry: JournalEntry {
            claim_id: [0; 16],
            address: String::new(),
            signature: None,
            status: "new".to_owned(),
        },
        address: Pubkey::default(),
        commitment: [0; 32],
    })
}

/// What the table has of a patient.
fn proofs<'a>(members: &'a Members, bill: &Bill) -> Result<&'a [super::members::Proof]> {
    let known = bill
        .patient
        .as_ref()
        .and_then(|name| members.patients.get(name));
    known.map(Vec::as_slice).ok_or_else(|| CliError {
        code: "patient_unknown".to_owned(),
        message: "The table of members has no good row of this patient.".to_owned(),
        at: Some(bill.places.patient.to_string()),
    })
}

/// What stands in a file already.
#[derive(Default)]
struct Seen {
    documents: BTreeMap<[u8; 32], String>,
    numbers: BTreeMap<String, String>,
}

impl Seen {
    /// Refuses a document that stands twice, and two that are one claim by their number.
    fn first_of(&mut self, bill: &Bill, place: &str) -> Result<()> {
        let hash: [u8; 32] = Sha256::digest(&bill.document.bytes).into();
        if let Some(first) = self.documents.get(&hash) {
            let message = format!("The same document stands at {first} already.");
            return Err(CliError::new("repeated", message));
        }
        self.documents.insert(hash, place.to_owned());
        for number in &bill.numbers {
            let first = self
                .numbers
                .insert(number.clone(), place.to_owned())
                .filter(|first| first.as_str() != place);
            if let Some(first) = first {
                return Err(CliError {
                    code: "repeated".to_owned(),
                    message: format!("Another claim with the same number stands at {first}."),
                    at: Some(bill.places.number.to_string()),
                });
            }
        }
        Ok(())
    }
}

/// Gives each claim the number that the journal has for its document, else the one that follows from the document; so do
/// the salts of the commitments, because a draft whose commitment nobody can make again could not be signed for any more.
/// With `note` the journal has all of them before this returns.
///
/// # Errors
/// `store_damaged`, `signing_failed`, `no_randomness`.
pub fn number(desk: &Desk, orders: &mut [Order], note: bool) -> Result<()> {
    let store = &desk.session.ledger.store;
    let key = claim_key(store, desk.session.ledger.signer.as_ref(), &desk.provider)?;
    let scope = desk.scope();
    store.together(|store| {
        for order in orders {
            if let Some(known) = store.claim(&order.hash, &scope)? {
                order.entry = known;
            } else {
                order.entry.claim_id = derive(desk, &key, &scope, &order.hash)?;
            }
            let id = &order.entry.claim_id;
            order.address = Claim::find_address(&desk.pool_address, &desk.provider, id).0;
            order.entry.address = order.address.to_string();
            if note {
                store.note_claim(&order.hash, &scope, &order.entry)?;
                order.commitment =
                    store.commitment_with(Subject::Document, &scope, &hex(&order.hash), || {
                        key.document_salt(&scope, &order.hash)
                    })?;
            }
        }
        Ok(())
    })
}

/// The first number whose address the program finds at once.
fn derive(desk: &Desk, key: &ClaimKey, scope: &str, hash: &[u8; 32]) -> Result<[u8; 16]> {
    let mut attempt: u32 = 0;
    loop {
        let id = key.claim_id(scope, hash, attempt)?;
        let (_, bump) = Claim::find_address(&desk.pool_address, &desk.provider, &id);
        if bump == Claim::FIRST_BUMP {
            return Ok(id);
        }
        attempt = attempt.saturating_add(1);
    }
}

/// The provider's claim key. It is made of a signature of the operator, which is always the same: with the store lost,
/// the operator's keypair makes it again. Who signs with a device is not asked for it, and gets a random one.
fn claim_key(store: &Store, operator: &dyn Signer, provider: &Pubkey) -> Result<ClaimKey> {
    store.claim_key(&provider.to_string(), || {
        if operator.is_interactive() {
            return store.new_claim_key();
        }
        let message = [b"galen claim key v1\0".as_slice(), provider.as_ref()].concat();
        let signature = operator.try_sign_message(&message).map_err(|error| {
            CliError::new(
                "signing_failed",
                format!("The claim key cannot be made: {error}."),
            )
        })?;
        Ok(Sha256::digest(signature.as_ref()).into())
    })
}

#[cfg(test)]
mod tests {
    use solana_keypair::keypair_from_seed;

    use super::*;

    #[test]
    fn a_lost_store_makes_the_same_claim_key_again_and_other_operators_another() {
        let key = |seed: u8, provider: u8| {
            let folder = tempfile::tempdir().expect("a folder");
            let store = Store::open(folder.path()).expect("opened");
            let operator = keypair_from_seed(&[seed; 32]).expect("a keypair");
            let provider = Pubkey::new_from_array([provider; 32]);
            claim_key(&store, &operator, &provider).expect("made").0
        };
        assert_eq!(key(1, 1), key(1, 1));
        assert_ne!(key(1, 1), key(2, 1));
        assert_ne!(key(1, 1), key(1, 2));
    }
}
