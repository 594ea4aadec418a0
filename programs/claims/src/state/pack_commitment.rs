//! Commitments to packs: to which pack a member has agreed, without saying which it is.

use anchor_lang::prelude::*;
use solana_sha256_hasher::hashv;

use crate::constants::{ACCOUNT_VERSION, MAX_PACK_SECONDS};
use crate::error::ClaimsError;

/// The pack that a claim is for, as a commitment. It is made with the member's consent before the pack is dispensed, and stays
/// after it until the claim is archived, so that a pack can be shown to be the one that was paid for.
///
/// # PDA Seeds
/// `["pack", claim]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct PackCommitment {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Whether the insurer has vouched for the member, who has not signed.
    pub is_vouched: bool,
    /// The claim.
    pub claim: Pubkey,
    /// The member.
    pub member: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// SHA-256 of salt (32 bytes), the batch's address and the pack's index in it (u64, little-endian).
    pub commitment: [u8; 32],
    /// The last Unix second for which the member agreed.
    pub until: i64,
    /// The Unix second of the dispense; 0 = not dispensed.
    pub dispensed_at: i64,
}

const _: () = assert!(8 + PackCommitment::INIT_SPACE == 155);

/// What is known of a commitment when it is made.
pub struct Committing {
    /// Bump of the address.
    pub bump: u8,
    /// Whether the insurer has vouched for the member.
    pub is_vouched: bool,
    /// The claim.
    pub claim: Pubkey,
    /// The member.
    pub member: Pubkey,
    /// Who pays the rent.
    pub payer: Pubkey,
    /// The commitment.
    pub commitment: [u8; 32],
    /// The last Unix second of the member's consent.
    pub until: i64,
}

impl PackCommitment {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"pack";

    /// Address of the commitment of `claim`, and its bump.
    pub fn find_address(claim: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, claim.as_ref()], &crate::ID)
    }

    /// The commitment to the pack at `index` of `batch`. Without the salt it does not tell which pack it is, though there are
    /// few to choose from.
    pub fn of(salt: &[u8; 32], batch: &Pubkey, index: u64) -> [u8; 32] {
        hashv(&[salt, batch.as_ref(), &index.to_le_bytes()]).to_bytes()
    }

    /// A commitment made at `now`.
    ///
    /// # Errors
    /// `PackCommitmentInvalid`.
    pub fn make(committing: Committing, now: i64) -> Result<Self> {
        let seconds = committing.until.saturating_sub(now);
        require!(
            committing.commitment != [0; 32] && (1..=MAX_PACK_SECONDS).contains(&seconds),
            ClaimsError::PackCommitmentInvalid
        );
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump: committing.bump,
            is_vouched: committing.is_vouched,
            claim: committing.claim,
            member: committing.member,
            payer: committing.payer,
            commitment: committing.commitment,
            until: committing.until,
            dispensed_at: 0,
        })
    }

    /// Whether the pack at `index` of `batch` is the one.
    ///
    /// # Errors
    /// `PackMismatch`.
    pub fn check_opens(&self, salt: &[u8; 32], batch: &Pubkey, index: u64) -> Result<()> {
        require!(
            Self::of(salt, batch, index) == self.commitment,
            ClaimsError::PackMismatch
        );
        Ok(())
    }

    /// Notes that the pack is dispensed for the claim.
    ///
    /// # Errors
    /// `DispenseNotAwaited`, `PackCommitmentLapsed`.
    pub fn dispense(&mut self, now: i64) -> Result<()> {
        require!(self.dispensed_at == 0, ClaimsError::DispenseNotAwaited);
        require!(now <= self.until, ClaimsError::PackCommitmentLapsed);
        self.dispensed_at = now;
        Ok(())
    }

    /// Whether `releaser` can give it up at `now`: who paid for it at any time, anybody once the member's consent is over.
    ///
    /// # Errors
    /// `PackCommitmentInForce`.
    pub fn check_releasable(&self, releaser: Option<&Pubkey>, now: i64) -> Result<()> {
        require!(
            releaser == Some(&self.payer) || now > self.until,
            ClaimsError::PackCommitmentInForce
        );
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.commitment != [0; 32]
                && self.claim != Pubkey::default()
                && (0..=self.until).contains(&self.dispensed_at),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn it_is_the_digest_that_others_work_out() {
        let batch = Pubkey::new_from_array([2; 32]);
        let commitment = PackCommitment::of(&[1; 32], &batch, 3);
        // By Python's hashlib, of 32 bytes 1, 32 bytes 2, and 3 in eight bytes.
        assert_eq!(
            hex(&commitment),
            "1c31355d84b31e1b90179bb8f5482b732d2b406ab719dea0b0080a66e6786f35"
        );
        for other in [
            PackCommitment::of(&[3; 32], &batch, 3),
            PackCommitment::of(&[1; 32], &Pubkey::new_from_array([4; 32]), 3),
            PackCommitment::of(&[1; 32], &batch, 4),
        ] {
            assert_ne!(other, commitment);
        }
    }
}
