//! Many transactions of one kind: signed and written down by the wave, under way several at a time.

use solana_instruction::Instruction;
use solana_signature::Signature;
use solana_transaction::Transaction;

use super::{fate, wire, Ledger};
use crate::error::Result;
use crate::store::{Progress, SentTransaction};

/// The label of transactions whose repetition has no effect, because the program makes an amount due zero when it pays
/// it: a later run need not wait until those of an earlier one have landed or ended.
pub const REPEATABLE: &str = "Pay participants";

/// Transactions that are signed with one blockhash: all of them are under way well before it ends.
const WAVE: usize = 64;

/// Each transaction's signature, or why it did not get there, in their order.
pub type Fates = Vec<Result<String>>;

impl Ledger<'_> {
    /// Runs the instructions without sending them. Returns the compute units that a transaction of them is given.
    ///
    /// # Errors
    /// The program's refusal by name.
    pub fn try_out(&self, instructions: &[Instruction]) -> Result<u32> {
        self.simulate(instructions)
    }

    /// Sends a transaction for each list of instructions, and calls `landed` with how many more have arrived. The first of
    /// each wave is simulated, and the others, which are of its kind and no larger, get the compute units that it needs.
    /// Signed by the user and the payer.
    ///
    /// # Errors
    /// Where none can be sent: the first one's refusal, `cluster_unreachable`, `undecided`. What becomes of each of those
    /// that were sent stands in the answer.
    pub fn send_all(
        &self,
        label: &str,
        all: &[Vec<Instruction>],
        mut landed: impl FnMut(usize),
    ) -> Result<Fates> {
        let mut fates = Vec::with_capacity(all.len());
        for wave in all.chunks(WAVE) {
            let Some(first) = wave.first() else { break };
            let limit = self.simulate(first)?;
            fates.extend(self.send_wave(label, wave, limit, &mut landed)?);
        }
        Ok(fates)
    }

    fn send_wave(
        &self,
        label: &str,
        wave: &[Vec<Instruction>],
        limit: u32,
        landed: &mut impl FnMut(usize),
    ) -> Result<Fates> {
        let (blockhash, last_valid_block_height) = self.blockhash()?;
        let mut transactions: Vec<Transaction> = Vec::with_capacity(wave.len());
        let mut sent = Vec::with_capacity(wave.len());
        for instructions in wave {
            let transaction = self.sign(
                &self.budgeted(limit, instructions),
                &[self.signer.as_ref()],
                blockhash,
            )?;
            sent.push(SentTransaction {
                signature: transaction
                    .signatures
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                cluster: self.cluster.genesis.clone(),
                label: label.to_owned(),
                bytes: wire(&transaction)?,
                last_valid_block_height,
                progress: Progress::Signed,
            });
            transactions.push(transaction);
        }
        // All of them are on disk before the first byte of any leaves.
        self.store.note_transactions(&sent)?;
        let fates = fate::courier(self)
            .deliver(&transactions, last_valid_block_height, || landed(1))
            .map_err(|error| fate::undecided_among(self, &sent, &error))?;
        let settle = |(sent, fate): (&SentTransaction, crate::courier::Fate)| {
            let signature: Signature = sent.signature.parse().unwrap_or_default();
            fate::settle(self, &signature, sent, fate).map(|_| sent.signature.clone())
        };
        Ok(sent.iter().zip(fates).map(settle).collect())
    }
}
