//! Instructions of the signature precompile, and of the compute budget.

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

/// An instruction that lets the transaction take this many compute units: more than 200,000 for each instruction.
pub fn compute_limit(units: u32) -> Instruction {
    let mut data = vec![2];
    data.extend(units.to_le_bytes());
    Instruction {
        program_id: solana_sdk_ids::compute_budget::ID,
        accounts: Vec::new(),
        data,
    }
}

/// An instruction that lets the transaction's programs have this many bytes of heap: a multiple of 1,024, more than 32 KiB.
pub fn heap_frame(bytes: u32) -> Instruction {
    let mut data = vec![1];
    data.extend(bytes.to_le_bytes());
    Instruction {
        program_id: solana_sdk_ids::compute_budget::ID,
        accounts: Vec::new(),
        data,
    }
}
