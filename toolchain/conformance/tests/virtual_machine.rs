//! The compiled program in LiteSVM against the same code compiled for this machine.

use conformance::{COUNT, OUT_OF_RANGE, OVERFLOW, PANIC};
use litesvm::types::TransactionResult;
use litesvm::LiteSVM;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Message, VersionedMessage};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use std::path::Path;

/// Seeds per case; at release size, so that all cases together are 22,000.
const SEEDS: u64 = 22;
const SEEDS_OF_SOAK: u64 = 2_000;

struct Chain {
    svm: LiteSVM,
    program: Pubkey,
    payer: Keypair,
}

impl Chain {
    fn new() -> Self {
        let so = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy/conformance.so");
        let mut svm = LiteSVM::new().with_transaction_history(0);
        let (program, payer) = (Pubkey::new_unique(), Keypair::new());
        svm.airdrop(&payer.pubkey(), 1_000_000_000_000)
            .expect("an airdrop");
        svm.add_program_from_file(program, &so)
            .unwrap_or_else(|error| {
                panic!("{}: {error}; `cargo xtask build` makes it", so.display())
            });
        Self {
            svm,
            program,
            payer,
        }
    }

    /// Sends one case to the program.
    fn send(&mut self, case: u8, seed: u64) -> TransactionResult {
        let mut data = vec![case];
        data.extend(seed.to_le_bytes());
        let instructions = [
            ComputeBudgetInstruction::set_compute_unit_limit(1_400_000),
            Instruction {
                program_id: self.program,
                accounts: vec![],
                data,
            },
        ];
        let message = Message::new_with_blockhash(
            &instructions,
            Some(&self.payer.pubkey()),
            &self.svm.latest_blockhash(),
        );
        let transaction =
            VersionedTransaction::try_new(VersionedMessage::Legacy(message), &[&self.payer])
                .expect("a signed transaction");
        self.svm.send_transaction(transaction)
    }

    /// The logs of a case that must fail, and not for want of compute units.
    fn failure(&mut self, case: u8, seed: u64) -> String {
        let failed = self.send(case, seed).expect_err("the transaction fails");
        let logs = failed.meta.logs.join("\n");
        assert!(logs.contains("failed"), "{logs}");
        assert!(!logs.contains("exceeded CUs"), "{logs}");
        logs
    }
}

#[test]
fn the_virtual_machine_gives_what_this_machine_gives() {
    let seeds = if std::env::var_os("GALEN_SOAK").is_some() {
        SEEDS_OF_SOAK
    } else {
        SEEDS
    };
    let mut chain = Chain::new();
    let mut wrong = Vec::new();
    for case in 0..COUNT {
        for number in 0..seeds {
            let seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(case);
            let sent = chain
                .send(case, seed)
                .unwrap_or_else(|error| panic!("case {case}, seed {seed}: {error:?}"));
            let returned = sent.return_data.data.try_into().map(u64::from_le_bytes);
            if returned != Ok(conformance::run(case, seed)) {
                wrong.push((case, seed));
            }
        }
    }
    println!(
        "figure: {} of {} results on the virtual machine are the native ones",
        u64::from(COUNT) * seeds - wrong.len() as u64,
        u64::from(COUNT) * seeds
    );
    assert!(wrong.is_empty(), "differ (case, seed): {wrong:?}");
}

#[test]
fn a_panic_fails_the_transaction() {
    Chain::new().failure(PANIC, 0);
}

#[test]
fn an_overflow_fails_the_transaction() {
    let mut chain = Chain::new();
    assert!(chain.send(OVERFLOW, 1).is_ok(), "u64::MAX - 1 + 1 fits");
    chain.failure(OVERFLOW, 2);
}

#[test]
fn an_index_out_of_range_fails_the_transaction() {
    let mut chain = Chain::new();
    assert!(chain.send(OUT_OF_RANGE, 8).is_ok(), "there are nine bytes");
    chain.failure(OUT_OF_RANGE, 9);
}

#[test]
fn an_unknown_case_is_refused() {
    let logs = Chain::new().failure(99, 0);
    assert!(logs.contains("invalid instruction data"), "{logs}");
}
