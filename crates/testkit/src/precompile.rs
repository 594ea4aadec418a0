//! Instructions of the signature precompile.

use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// An instruction that proves that `signer` signed `message`.
pub fn ed25519(signer: &Keypair, message: &[u8]) -> Instruction {
    solana_ed25519_program::new_ed25519_instruction_with_signature(
        message,
        signer.sign_message(message).as_array(),
        &signer.pubkey().to_bytes(),
    )
}
