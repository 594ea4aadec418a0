//! Whether a pharmacy may dispense a pack: what `galen_rules::provenance::answer` says of the records.

use anchor_lang::prelude::*;
use galen_rules::gs1::is_cset_82;
#[cfg(not(feature = "idl-build"))]
use galen_rules::merkle::MAX_DEPTH;
use galen_rules::merkle::{fold, leaf, Level, Subtree, EMPTY, SERIAL_LENGTH};
use galen_rules::provenance::{answer, Facts, Status};

use crate::convert;
use crate::error::ProvenanceError;
use crate::hashing::Sha;
use crate::path::{Infos, Path};
use crate::state::{Batch, BatchPage, Custody};

/// That a pack is in a batch, as an argument.
#[derive(AnchorSerialize, Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "idl-build", derive(AnchorDeserialize))]
pub struct PackProof {
    /// The pack's place in the tree.
    pub index: u64,
    /// Zeros where the batch is not salted.
    pub salt: [u8; 16],
    /// As it is printed on the pack, padded with zeros.
    pub serial: [u8; SERIAL_LENGTH],
    /// The siblings from the leaf up to the page's root.
    pub siblings: Vec<[u8; 32]>,
}

// The siblings lie in memory as they are sent, so they are read at once: one by one they would cost more than half of what it
// takes to hash them. A test holds this against the fields.
#[cfg(not(feature = "idl-build"))]
impl AnchorDeserialize for PackProof {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut head = [0; HEAD];
        reader.read_exact(&mut head)?;
        let (index, rest) = head.split_at(8);
        let (salt, rest) = rest.split_at(16);
        let (serial, count) = rest.split_at(SERIAL_LENGTH);
        let whole = |_| std::io::Error::from(std::io::ErrorKind::InvalidData);
        Ok(Self {
            index: u64::from_le_bytes(index.try_into().map_err(whole)?),
            salt: salt.try_into().map_err(whole)?,
            serial: serial.try_into().map_err(whole)?,
            siblings: siblings(u32::from_le_bytes(count.try_into().map_err(whole)?), reader)?,
        })
    }
}

/// So many siblings of a proof, as they are sent.
#[cfg(not(feature = "idl-build"))]
pub fn siblings<R: std::io::Read>(count: u32, reader: &mut R) -> std::io::Result<Vec<[u8; 32]>> {
    // A proof has no more siblings than its tree has levels; for a count that is made up no memory is set aside.
    let count = usize::try_from(count)
        .ok()
        .filter(|count| *count <= usize::from(MAX_DEPTH))
        .ok_or(std::io::ErrorKind::InvalidData)?;
    let mut siblings = vec![[0; 32]; count];
    reader.read_exact(bytemuck::cast_slice_mut(&mut siblings))?;
    Ok(siblings)
}

/// Bytes of a proof before its siblings: index, salt, serial number, and how many siblings there are.
#[cfg(not(feature = "idl-build"))]
const HEAD: usize = 8 + 16 + SERIAL_LENGTH + 4;

impl PackProof {
    /// The pack's place.
    pub fn place(&self) -> Subtree {
        Subtree {
            level: Level::Pack,
            index: self.index,
        }
    }

    /// Whether it leads to the page's root.
    ///
    /// # Errors
    /// `SerialInvalid`.
    pub fn is_of(&self, gtin: &[u8; 14], page: &BatchPage) -> Result<bool> {
        let length = self
            .serial
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(SERIAL_LENGTH);
        let (text, padding) = self.serial.split_at_checked(length).unwrap_or_default();
        require!(
            text.iter().all(|byte| is_cset_82(*byte)) && padding.iter().all(|byte| *byte == 0),
            ProvenanceError::SerialInvalid
        );
        let leaf = leaf::<Sha>(gtin, &self.salt, text).ok_or(ProvenanceError::SerialInvalid)?;
        Ok(leads_to(page, leaf, 0, self.index, &self.siblings))
    }
}

/// Whether a node of the tree at `index` of its height leads to the page's root.
pub fn leads_to(
    page: &BatchPage,
    node: [u8; 32],
    height: u8,
    index: u64,
    siblings: &[[u8; 32]],
) -> bool {
    let Some(levels) = page.height.checked_sub(height) else {
        return false;
    };
    let within = 1_u64
        .checked_shl(u32::from(levels))
        .map_or(0, |places| index & places.saturating_sub(1));
    node != EMPTY
        && siblings.len() == usize::from(levels)
        && fold::<Sha>(node, height, within, siblings) == Some(page.root)
}

/// A pack, and who wants to dispense it.
pub struct Request<'a> {
    /// The batch.
    pub batch: &'a Batch,
    /// Its account.
    pub batch_key: &'a Pubkey,
    /// Header of the page.
    pub page: &'a BatchPage,
    /// Whether the pack's bit is set.
    pub is_dispensed: bool,
    /// The pharmacy's organisation account.
    pub pharmacy: &'a Pubkey,
    /// Unix seconds.
    pub now: i64,
}

impl Request<'_> {
    /// Checks that the pack is genuine, not expired, not recalled, in this pharmacy's custody and never dispensed. Returns
    /// who has it.
    ///
    /// # Errors
    /// `SerialInvalid`, `ProofInvalid`, `Recalled`, `AlreadyDispensed`, `Expired`, `NotSellable`, `NotInCustody`,
    /// `StatusFinal`, `StatusOutOfOrder`, and those of the path.
    pub fn pack(&self, proof: &PackProof, infos: Infos) -> Result<Custody> {
        let is_member = proof.is_of(&self.batch.gtin, self.page)?;
        self.place(proof.place(), infos, is_member)
    }

    /// Checks the same of a pack that nobody has opened. Returns what has become of it.
    ///
    /// # Errors
    /// Those of [`Self::pack`], and `PartlyFilled`.
    pub fn whole_pack(&self, proof: &PackProof, infos: Infos) -> Result<Status> {
        let is_member = proof.is_of(&self.batch.gtin, self.page)?;
        self.whole_member(proof.place(), infos, is_member)
    }

    /// Checks the same. Returns who has it on record, also where the batch does not record custody: what is written of the pack
    /// by itself must not hide what is set aside above it.
    ///
    /// # Errors
    /// Those of [`Self::whole_pack`].
    pub fn whole_pack_on_record(&self, proof: &PackProof, infos: Infos) -> Result<Custody> {
        let is_member = proof.is_of(&self.batch.gtin, self.page)?;
        let path = self.path(proof.place(), infos)?;
        require_whole(self.status(&path, is_member)?)?;
        path.custody()
    }

    /// Checks the same of a pack that is known to be in the batch.
    ///
    /// # Errors
    /// Those of [`Self::place`], and `PartlyFilled`.
    pub fn whole(&self, place: Subtree, infos: Infos) -> Result<Status> {
        self.whole_member(place, infos, true)
    }

    fn whole_member(&self, place: Subtree, infos: Infos, is_member: bool) -> Result<Status> {
        require_whole(self.status(&self.path(place, infos)?, is_member)?)
    }

    /// Checks the same of any place, once it is known whether that is in the batch.
    ///
    /// # Errors
    /// Those of [`Self::pack`] but `SerialInvalid`.
    pub fn place(&self, place: Subtree, infos: Infos, is_member: bool) -> Result<Custody> {
        let path = self.path(place, infos)?;
        let status = self.status(&path, is_member)?;
        let custody = path.custody()?;
        if self.batch.is_custody_recorded() {
            return Ok(custody);
        }
        Ok(Custody {
            custodian: *self.pharmacy,
            status,
            ..custody
        })
    }

    fn path(&self, place: Subtree, infos: Infos) -> Result<Path> {
        Path::read(self.batch_key, self.batch.layout()?, place, infos)
    }

    /// Checks that what the path leads to may be dispensed. Returns what has become of it.
    fn status(&self, path: &Path, is_member: bool) -> Result<Status> {
        let custody = path.held()?;
        let is_custody_recorded = self.batch.is_custody_recorded();
        let today = convert::day_of(self.now)?;
        // A pack of a case that was dispensed as a whole has no bit of its own.
        let is_dispensed_above = custody.status == Status::Dispensed;
        if is_dispensed_above {
            msg!("Dispensed by {} at {}", custody.custodian, custody.at);
        }
        let facts = Facts {
            is_member,
            is_elsewhere: false,
            path: path.as_rule(),
            is_dispensed: self.is_dispensed || is_dispensed_above,
            dispensed: None,
            // Whose claim it is kept for is told by the record itself, once it is known whether this is that claim.
            reservation: None,
            // Fills take from an opened pack, and what takes a whole one looks at its status; both have its page.
            opened: None,
            is_page_open: true,
            expiry: self.batch.expiry()?,
            today,
            asker: self.pharmacy.to_bytes(),
            is_custody_recorded,
        };
        if let Some(error) = convert::not_dispensable(&answer(&facts), is_custody_recorded) {
            return Err(error.into());
        }
        // Where nobody has recorded its way here, it counts as received.
        Ok(match custody.status {
            status if is_custody_recorded => status,
            Status::PartiallyDispensed => Status::PartiallyDispensed,
            _ => Status::Received,
        })
    }
}

fn require_whole(status: Status) -> Result<Status> {
    require!(
        status != Status::PartiallyDispensed,
        ProvenanceError::PartlyFilled
    );
    Ok(status)
}

#[cfg(all(test, not(feature = "idl-build")))]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_read_as_it_is_written() {
        for levels in [0, 1, 12, MAX_DEPTH] {
            let proof = PackProof {
                index: 0x0102_0304_0506_0708,
                salt: std::array::from_fn(|place| u8::try_from(place + 1).unwrap()),
                serial: std::array::from_fn(|place| u8::try_from(place + 101).unwrap()),
                siblings: (0..levels).map(|level| [level; 32]).collect(),
            };
            // Field by field, as Borsh has it.
            let mut fields = Vec::new();
            proof.index.serialize(&mut fields).unwrap();
            proof.salt.serialize(&mut fields).unwrap();
            proof.serial.serialize(&mut fields).unwrap();
            proof.siblings.serialize(&mut fields).unwrap();
            let mut bytes = Vec::new();
            proof.serialize(&mut bytes).unwrap();
            assert_eq!(bytes, fields);
            assert_eq!(PackProof::try_from_slice(&bytes).unwrap(), proof);
            let short = bytes.len() - 1;
            assert!(PackProof::try_from_slice(&bytes[..short]).is_err());
        }
        let mut made_up = vec![0; HEAD - 4];
        made_up.extend(u32::MAX.to_le_bytes());
        assert!(PackProof::try_from_slice(&made_up).is_err());
    }
}
