//! A long upload: entries in chunks of one transaction each, several of them under way at once.

use std::thread::sleep;
use std::time::{Duration, Instant};

use solana_client::rpc_config::{RpcSendTransactionConfig, RpcSimulateTransactionConfig};
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::Transaction;

use crate::chain::session::Session;
use crate::cluster::unreachable;
use crate::error::{CliError, Result};
use crate::send::explain;

/// The size of a transaction on the wire.
const TRANSACTION_BYTES: usize = 1_232;
/// Transactions under way at once. They are sent in order; one that overtakes another fails and is sent again.
const WINDOW: usize = 16;
/// Rounds without an entry arriving after which something is wrong.
const PATIENCE: u32 = 3;
const LOOK_AGAIN: Duration = Duration::from_millis(25);
const RESEND_AFTER: Duration = Duration::from_secs(2);
/// Room above what the simulation used, in percent.
const HEADROOM_PERCENT: u64 = 20;
const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// Entries that are appended to an account in their order, which takes none twice and none early.
pub struct Convoy<'b, 'a, T> {
    /// Who sends.
    pub session: &'b Session<'a>,
    /// What is said while they are on their way.
    pub what: &'static str,
    /// All of them.
    pub entries: &'b [T],
    /// The instruction that appends some, of which the first is at this index.
    pub append: Box<dyn Fn(usize, &[T]) -> Instruction + 'b>,
    /// How many have arrived, as the ledger has it.
    pub arrived: Box<dyn Fn() -> Result<usize> + 'b>,
}

impl<T> Convoy<'_, '_, T> {
    /// Uploads the entries from `from` on. Returns how many transactions it took.
    ///
    /// # Errors
    /// `upload_stuck`, and whatever the cluster or the program refuses, by name.
    pub fn run(&self, from: usize) -> Result<u64> {
        let bar = self
            .session
            .ledger
            .settings
            .notes
            .bar(position(self.entries.len()), self.what);
        let per_transaction = self.chunk_size()?;
        let (mut count, mut sent, mut rounds_without) = (from, 0_u64, 0_u32);
        bar.set_position(position(count));
        while count < self.entries.len() {
            sent = sent.saturating_add(self.send_window(count, per_transaction, &bar)?);
            let arrived = (self.arrived)()?;
            rounds_without = if arrived > count {
                0
            } else {
                rounds_without.saturating_add(1)
            };
            if rounds_without == PATIENCE {
                let message = "The upload does not get into blocks. Raise --with-compute-unit-price, or use another --url, and run the same command again: it continues where this one stopped.";
                return Err(CliError::new("upload_stuck", message));
            }
            count = arrived;
            bar.set_position(position(count));
        }
        bar.finish_and_clear();
        Ok(sent)
    }

    /// How many transactions are still to be sent from `count` entries on.
    ///
    /// # Errors
    /// `transaction_too_large`.
    pub fn transactions_left(&self, count: usize) -> Result<usize> {
        let left = self.entries.len().saturating_sub(count);
        Ok(left.div_ceil(self.chunk_size()?))
    }

    /// Sends the next transactions, in order, and waits until the fate of each is known. Returns how many.
    fn send_window(
        &self,
        count: usize,
        per_transaction: usize,
        bar: &indicatif::ProgressBar,
    ) -> Result<u64> {
        let client = &self.session.cluster().client;
        let rest = self.entries.get(count..).unwrap_or_default();
        let mut start = count;
        let mut chunks = Vec::new();
        for chunk in rest.chunks(per_transaction).take(WINDOW) {
            chunks.push((self.append)(start, chunk));
            start = start.saturating_add(chunk.len());
        }
        let (blockhash, last_valid) = client
            .get_latest_blockhash_with_commitment(client.commitment())
            .map_err(|error| unreachable(&client.url(), &error))?;
        let Some(first) = chunks.first() else {
            return Ok(0);
        };
        let limit = self.simulate(first, blockhash)?;
        let transactions = chunks
            .iter()
            .map(|chunk| self.sign(chunk, limit, blockhash))
            .collect::<Result<Vec<_>>>()?;
        let signatures: Vec<Signature> = transactions
            .iter()
            .filter_map(|transaction| transaction.signatures.first().copied())
            .collect();
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            preflight_commitment: Some(client.commitment().commitment),
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let (mut sent_at, mut ended): (Option<Instant>, bool) = (None, false);
        loop {
            if sent_at.is_none_or(|at| at.elapsed() >= RESEND_AFTER) {
                // Asked before the statuses, so that what landed at the last moment is still seen.
                ended = sent_at.is_some() && self.has_ended(last_valid)?;
                sent_at = Some(Instant::now());
                for transaction in &transactions {
                    // Whether it arrived is asked of the ledger below.
                    let _ = client.send_transaction_with_config(transaction, config);
                }
            }
            let statuses = client
                .get_signature_statuses(&signatures)
                .map_err(|error| unreachable(&client.url(), &error))?
                .value;
            let decided = statuses
                .iter()
                .flatten()
                .filter(|status| status.satisfies_commitment(client.commitment()));
            let (arrived, failed): (Vec<_>, Vec<_>) =
                decided.partition(|status| status.err.is_none());
            bar.set_position(position(
                count
                    .saturating_add(arrived.len().saturating_mul(per_transaction))
                    .min(self.entries.len()),
            ));
            let all = arrived.len().saturating_add(failed.len()) == signatures.len();
            if all || ended {
                return Ok(u64::try_from(arrived.len()).unwrap_or(u64::MAX));
            }
            sleep(LOOK_AGAIN);
        }
    }

    fn has_ended(&self, last_valid: u64) -> Result<bool> {
        let client = &self.session.cluster().client;
        let height = client
            .get_block_height_with_commitment(CommitmentConfig::finalized())
            .map_err(|error| unreachable(&client.url(), &error))?;
        Ok(height > last_valid)
    }

    /// Compute units for one chunk, found by running it; the program's refusal, before anything is paid.
    fn simulate(&self, chunk: &Instruction, blockhash: Hash) -> Result<u32> {
        let client = &self.session.cluster().client;
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            commitment: Some(client.commitment()),
            ..RpcSimulateTransactionConfig::default()
        };
        let transaction = self.sign(chunk, MAX_COMPUTE_UNITS, blockhash)?;
        let simulated = client
            .simulate_transaction_with_config(&transaction, config)
            .map_err(|error| unreachable(&client.url(), &error))?
            .value;
        if let Some(error) = simulated.err {
            return Err(explain(&error.into(), &simulated.logs.unwrap_or_default()));
        }
        let used = simulated
            .units_consumed
            .unwrap_or_else(|| u64::from(MAX_COMPUTE_UNITS));
        let roomy = used
            .saturating_mul(HEADROOM_PERCENT.saturating_add(100))
            .div_ceil(100);
        Ok(u32::try_from(roomy)
            .unwrap_or(MAX_COMPUTE_UNITS)
            .min(MAX_COMPUTE_UNITS))
    }

    fn message(&self, chunk: &Instruction, limit: u32, blockhash: &Hash) -> Message {
        let price = self
            .session
            .ledger
            .settings
            .compute_unit_price
            .map(ComputeBudgetInstruction::set_compute_unit_price);
        let instructions: Vec<Instruction> =
            std::iter::once(ComputeBudgetInstruction::set_compute_unit_limit(limit))
                .chain(price)
                .chain(std::iter::once(chunk.clone()))
                .collect();
        Message::new_with_blockhash(&instructions, Some(&self.session.payer()), blockhash)
    }

    fn sign(&self, chunk: &Instruction, limit: u32, blockhash: Hash) -> Result<Transaction> {
        let mut transaction = Transaction::new_unsigned(self.message(chunk, limit, &blockhash));
        let ledger = &self.session.ledger;
        let mut signers: Vec<&dyn Signer> = vec![ledger.payer_signer()];
        if ledger.signer.pubkey() != ledger.payer() {
            signers.push(ledger.signer.as_ref());
        }
        transaction.try_sign(&signers, blockhash).map_err(|error| {
            CliError::new(
                "signing_failed",
                format!("The transaction cannot be signed: {error}."),
            )
        })?;
        Ok(transaction)
    }

    /// How many entries fit a transaction.
    fn chunk_size(&self) -> Result<usize> {
        let fits = |count: usize| {
            let chunk = self.entries.get(..count).unwrap_or_default();
            let message = self.message(
                &(self.append)(0, chunk),
                MAX_COMPUTE_UNITS,
                &Hash::default(),
            );
            let signatures = usize::from(message.header.num_required_signatures)
                .saturating_mul(64)
                .saturating_add(1);
            message.serialize().len().saturating_add(signatures) <= TRANSACTION_BYTES
        };
        let largest = TRANSACTION_BYTES
            .checked_div(std::mem::size_of::<T>())
            .unwrap_or(TRANSACTION_BYTES);
        (1..=largest.min(self.entries.len()).max(1))
            .rev()
            .find(|count| fits(*count))
            .ok_or_else(|| CliError::new("transaction_too_large", "No entry fits a transaction."))
    }
}

fn position(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
