//! Participants as command lines and tables name them, and where they stand on the ledger.

use std::collections::btree_map::{BTreeMap, Entry};
use std::path::Path;

use registry::state::Permission;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::state::{Participant, Schedule, Site};

use super::case::Case;
use super::read::{self, Page};
use super::rows::{self, Fault, Reason, Record};
use crate::error::Result;
use crate::signer;

/// A place in a cohort, and who has it.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The cohort.
    pub cohort: Pubkey,
    /// The site of the cohort.
    pub site: Pubkey,
    /// The index in the cohort.
    pub index: u16,
    /// The participant.
    pub participant: Participant,
}

/// The participants of a trial, by the key that consented.
pub struct Register(BTreeMap<Pubkey, Vec<Place>>);

impl Register {
    /// The participants of these pages.
    pub fn of(pages: &[Page]) -> Self {
        let mut register: BTreeMap<Pubkey, Vec<Place>> = BTreeMap::new();
        for page in pages {
            for (index, participant) in (0..).zip(&page.participants) {
                register.entry(participant.key).or_default().push(Place {
                    cohort: page.address,
                    site: page.header.site,
                    index,
                    participant: *participant,
                });
            }
        }
        Self(register)
    }

    /// Where the participant with a key stands, if the key has consented to anything in this trial. Somebody who has left
    /// and come back is meant as who they are now.
    ///
    /// # Errors
    /// `participant_ambiguous`.
    pub fn find(&self, key: &Pubkey) -> std::result::Result<Option<&Place>, Reason> {
        let places = self.0.get(key).map(Vec::as_slice).unwrap_or_default();
        let present: Vec<&Place> = places
            .iter()
            .filter(|place| {
                place
                    .participant
                    .status()
                    .is_ok_and(|status| status.is_present())
            })
            .collect();
        match (places, present.as_slice()) {
            ([], _) => Ok(None),
            ([only], _) => Ok(Some(only)),
            (_, [only]) => Ok(Some(*only)),
            _ => Err(Reason::new(
                "participant_ambiguous",
                format!("The key {key} has consented for {} participants of this trial, and which of them is meant is not plain.", places.len()),
            )),
        }
    }

    /// Where the participant that a row names stands.
    ///
    /// # Errors
    /// `participant_unknown`, `participant_ambiguous`, at the row's participant.
    pub fn of_row(&self, record: &Record, key: &Pubkey) -> std::result::Result<Place, Fault> {
        self.get(key)
            .copied()
            .map_err(|reason| reason.at(record.line, "participant"))
    }

    /// As [`Register::find`], for a participant that must be there.
    ///
    /// # Errors
    /// `participant_unknown`, `participant_ambiguous`.
    pub fn get(&self, key: &Pubkey) -> std::result::Result<&Place, Reason> {
        self.find(key)?.ok_or_else(|| {
            Reason::new(
                "participant_unknown",
                format!("The key {key} has consented to nothing in this trial; `galen trial participants` lists who has."),
            )
        })
    }
}

/// Who a text names: a key in base58, or a keypair file (seen from `folder`), whose public key is meant.
///
/// # Errors
/// `address_invalid`, `address_length`, `keypair_unreadable`.
pub fn key(text: &str, folder: &Path) -> std::result::Result<Pubkey, Reason> {
    match rows::key(text) {
        Ok(key) => Ok(key),
        Err(_) if folder.join(text).is_file() => signer(text, folder).map(|signer| signer.pubkey()),
        Err(reason) => Err(reason),
    }
}

/// The signer that a text names: a keypair file (seen from `folder`), or another source that `-k` takes.
///
/// # Errors
/// `keypair_unreadable`.
pub fn signer(text: &str, folder: &Path) -> std::result::Result<Box<dyn Signer>, Reason> {
    let source = if signer::is_file(text) {
        folder.join(text).to_string_lossy().into_owned()
    } else {
        text.to_owned()
    };
    signer::load(&source, "participant's keypair").map_err(|error| {
        Reason::new(
            "keypair_unreadable",
            format!("{} It has to sign.", error.message),
        )
    })
}

/// The folder from which a table's paths are seen: its own.
pub fn folder_of(table: Option<&Path>) -> &Path {
    match table {
        Some(path) if path != Path::new("-") => path.parent().unwrap_or(Path::new("")),
        _ => Path::new(""),
    }
}

/// The sites of a table's participants, each with whoever signs for it: thousands of participants share a few, and each is read
/// when it is first asked for.
#[derive(Debug, Default)]
pub struct Sites(BTreeMap<Pubkey, Staff>);

/// A site's organization, and the record by which the session's key acts for it.
#[derive(Debug, Clone, Copy)]
pub struct Staff {
    /// The organization.
    pub organization: Pubkey,
    /// The operator record.
    pub record: Pubkey,
}

impl Sites {
    /// Who signs for a site.
    ///
    /// # Errors
    /// Those of reading, and what the operator lacks.
    pub fn staff(&mut self, case: &Case, site: Pubkey, permission: Permission) -> Result<Staff> {
        once(&mut self.0, site, || {
            let organization = read::get::<Site>(case.cluster(), &site)?.organization;
            let record = case.session.staff(&organization, permission)?;
            Ok(Staff {
                organization,
                record,
            })
        })
    }
}

/// The schedules of a table's participants, each read when it is first asked for.
#[derive(Debug, Default)]
pub struct Schedules(BTreeMap<u16, Schedule>);

impl Schedules {
    /// A schedule and its address.
    ///
    /// # Errors
    /// Those of reading.
    pub fn get(&mut self, case: &Case, number: u16) -> Result<(Pubkey, Schedule)> {
        let address = Schedule::find_address(&case.address, number).0;
        let schedule = once(&mut self.0, number, || read::get(case.cluster(), &address))?;
        Ok((address, schedule))
    }
}

fn once<K: Ord, T: Copy>(
    known: &mut BTreeMap<K, T>,
    key: K,
    read: impl FnOnce() -> Result<T>,
) -> Result<T> {
    match known.entry(key) {
        Entry::Occupied(found) => Ok(*found.get()),
        Entry::Vacant(place) => Ok(*place.insert(read()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;
    use trials::state::Cohort;

    fn page(participants: &[(u8, u8)]) -> Page {
        let key = Pubkey::new_from_array([1; 32]);
        Page {
            address: key,
            header: Cohort::new(key, key, key, 9),
            participants: participants
                .iter()
                .map(|(key, status)| Participant {
                    key: Pubkey::new_from_array([*key; 32]),
                    status: *status,
                    ..Participant::zeroed()
                })
                .collect(),
        }
    }

    #[test]
    fn who_has_come_back_is_meant_as_who_they_are_now() {
        // 3: failed screening; 0: in screening.
        let register = Register::of(&[page(&[(7, 3), (8, 1), (7, 0), (9, 3), (9, 3)])]);
        let index = |key: u8| {
            register
                .find(&Pubkey::new_from_array([key; 32]))
                .map(|place| place.map(|place| place.index))
        };
        assert_eq!(index(7), Ok(Some(2)));
        assert_eq!(index(8), Ok(Some(1)));
        assert_eq!(index(1), Ok(None));
        assert!(index(9).is_err());
        assert!(register.get(&Pubkey::new_from_array([1; 32])).is_err());
    }
}
