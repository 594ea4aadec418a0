//! Acknowledgements: that a holder knows of a recall.

use anchor_lang::prelude::*;

use crate::constants::ACCOUNT_VERSION;
use crate::error::ProvenanceError;

/// That an organisation has acknowledged a recall, and what it has of what is recalled. Never closed: who acknowledged
/// and when is what an inspection asks.
///
/// # PDA Seeds
/// `["acknowledgement", record of the recalled place, number of the recall (u32 LE), organization]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The record of the recalled place.
    pub node: Pubkey,
    /// Number of the recall there.
    pub number: u32,
    /// The organisation's account.
    pub organization: Pubkey,
    /// The staff key that signed.
    pub operator: Pubkey,
    /// Unix second.
    pub at: i64,
    /// Whether that was in time.
    pub is_in_time: bool,
    /// Packs that the organisation has found with itself.
    pub packs: u64,
    /// For later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(Acknowledgement::INIT_SPACE == 2 + 32 + 4 + 2 * 32 + 8 + 1 + 8 + 32);

impl Acknowledgement {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"acknowledgement";

    /// Address of the acknowledgement by `organization` of recall `number` at `node`, and its bump.
    pub fn find_address(node: &Pubkey, number: u32, organization: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[
                Self::SEED,
                node.as_ref(),
                &number.to_le_bytes(),
                organization.as_ref(),
            ],
            &crate::ID,
        )
    }

    /// An acknowledgement.
    pub fn new(bump: u8, node: Pubkey, number: u32, by: (Pubkey, Pubkey), packs: u64) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            node,
            number,
            organization: by.0,
            operator: by.1,
            at: 0,
            is_in_time: false,
            packs,
            reserved: [0; 32],
        }
    }

    /// Notes when.
    pub fn note_time(&mut self, now: i64, respond_by: i64) {
        self.at = now;
        self.is_in_time = now <= respond_by;
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.number > 0 && self.organization != Pubkey::default() && self.at > 0,
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}
