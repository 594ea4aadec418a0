//! Shipments: a hand-over that the sender has signed and the recipient not yet.

use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;

use crate::address::Seed;
use crate::constants::{ACCOUNT_VERSION, MAX_OFFER_SECONDS};
use crate::convert;
use crate::error::ProvenanceError;

/// An offer to hand over what is at a place. Closed when it is accepted, rejected, withdrawn or void; the rent goes to who
/// paid it, and the events are the history.
///
/// At `create_with_seed(batch, "s" ‖ level (0 to 3) ‖ index in ten hexadecimal digits, program)`: one at a time.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Shipment {
    /// The batch.
    pub batch: Pubkey,
    /// The organisation that hands over.
    pub sender: Pubkey,
    /// The organisation that is to take over.
    pub recipient: Pubkey,
    /// SHA-256 of the documents (transaction information and statement).
    pub documents: [u8; 32],
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// From 0.
    pub index: u64,
    /// Unix second of the offer.
    pub offered_at: i64,
    /// Last Unix second at which it can be accepted.
    pub accept_by: i64,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// Whether ownership goes over too.
    pub is_sale: u8,
    /// Whether it is sent back by a customer, to be verified before it is sold again.
    pub is_return: u8,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 36],
}

const _: () = assert!(std::mem::size_of::<Shipment>() == 160 + 24 + 4 + 36);

/// What is offered.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShipmentTerms {
    /// Seconds within which it can be accepted: 1 to `MAX_OFFER_SECONDS`.
    pub accept_within: i64,
    /// Whether ownership goes over too.
    pub is_sale: bool,
    /// Whether it is sent back by a customer, to be verified before it is sold again.
    pub is_return: bool,
    /// SHA-256 of the documents (transaction information and statement).
    pub documents: [u8; 32],
}

/// Whose offer to whom.
pub struct Parties {
    /// The batch.
    pub batch: Pubkey,
    /// The place.
    pub place: Subtree,
    /// The organisation that hands over.
    pub sender: Pubkey,
    /// The organisation that is to take over.
    pub recipient: Pubkey,
    /// Who pays the rent.
    pub payer: Pubkey,
}

impl Shipment {
    /// What seeds of shipments begin with.
    pub const TAG: u8 = b's';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of the shipment of a place.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the shipment of a place of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins an offer in an account of zeros.
    ///
    /// # Errors
    /// `OfferTimeInvalid`, `HandOverToSelf`.
    pub fn begin(&mut self, parties: &Parties, terms: &ShipmentTerms, now: i64) -> Result<()> {
        require!(
            (1..=MAX_OFFER_SECONDS).contains(&terms.accept_within),
            ProvenanceError::OfferTimeInvalid
        );
        require_keys_neq!(
            parties.sender,
            parties.recipient,
            ProvenanceError::HandOverToSelf
        );
        self.batch = parties.batch;
        self.sender = parties.sender;
        self.recipient = parties.recipient;
        self.documents = terms.documents;
        self.payer = parties.payer;
        self.level = convert::level_number(parties.place.level);
        self.index = parties.place.index;
        self.offered_at = now;
        self.accept_by = now
            .checked_add(terms.accept_within)
            .ok_or(ProvenanceError::OfferTimeInvalid)?;
        self.is_sale = u8::from(terms.is_sale);
        self.is_return = u8::from(terms.is_return);
        self.version = ACCOUNT_VERSION;
        Ok(())
    }

    /// Whether it is of this place.
    pub fn is_at(&self, batch: &Pubkey, place: Subtree) -> bool {
        self.batch == *batch
            && self.level == convert::level_number(place.level)
            && self.index == place.index
    }

    /// Whether the time to accept it is over.
    pub fn has_lapsed(&self, now: i64) -> bool {
        now > self.accept_by
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.sender != self.recipient
                && self.sender != Pubkey::default()
                && self.recipient != Pubkey::default()
                && self.accept_by > self.offered_at,
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}
