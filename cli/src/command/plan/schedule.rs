//! The upload of a benefit schedule: up to 10,000 entries in chunks of one transaction each, then sealed.
//!
//! The ledger is the record of how far it has come. The schedule's address follows from the operator's key, the pool and the
//! number, so a run that was killed anywhere is continued by the next, and nothing is paid for twice: a chunk that has
//! arrived is refused by the program should it arrive again.

use std::thread::sleep;
use std::time::{Duration, Instant};

use claims::instructions::{AppendBenefitsArgs, OpenScheduleArgs, SealScheduleArgs};
use claims::state::{BenefitEntry, BenefitSchedule};
use claims::{accounts, instruction};
use sha2::{Digest, Sha256};
use solana_client::rpc_config::{RpcSendTransactionConfig, RpcSimulateTransactionConfig};
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::view::schedule_header;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::cluster::unreachable;
use crate::error::{CliError, Result};
use crate::loader::wallet::make_seeded_account;
use crate::send::{explain, Receipt};

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

/// A schedule on its way to the ledger.
pub struct Upload<'a> {
    session: &'a Session<'a>,
    parties: Parties,
    number: u16,
    seed: String,
    address: Pubkey,
    entries: &'a [BenefitEntry],
}

/// Whose schedule it is.
#[derive(Debug, Clone, Copy)]
pub struct Parties {
    /// The pool whose plans may use the schedule.
    pub pool: Pubkey,
    /// The pool's insurer.
    pub insurer: Pubkey,
    /// The record of the signer at the insurer.
    pub operator_record: Pubkey,
}

/// How far the upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// There is nothing yet.
    Absent,
    /// So many entries have arrived, and they are the right ones.
    Begun(usize),
    /// All entries have arrived and are sealed.
    Sealed,
}

/// Address and seed of schedule `number` of `pool` as `operator` uploads it.
///
/// # Errors
/// `address_underivable` never, in fact: the seed is short enough.
pub fn address_of(operator: &Pubkey, pool: &Pubkey, number: u16) -> Result<(Pubkey, String)> {
    let digest = Sha256::new()
        .chain_update("galen benefit schedule")
        .chain_update(pool)
        .chain_update(number.to_le_bytes())
        .finalize();
    let seed: String = hex(&digest).chars().take(32).collect();
    let address = BenefitSchedule::address(operator, &seed).ok_or_else(|| {
        CliError::new(
            "address_underivable",
            "The schedule's address cannot be derived.",
        )
    })?;
    Ok((address, seed))
}

impl<'a> Upload<'a> {
    /// An upload of `entries` as the pool's schedule `number`.
    ///
    /// # Errors
    /// Those of [`address_of`].
    pub fn new(
        session: &'a Session<'a>,
        parties: Parties,
        number: u16,
        entries: &'a [BenefitEntry],
    ) -> Result<Self> {
        let (address, seed) = address_of(&session.key(), &parties.pool, number)?;
        Ok(Self {
            session,
            parties,
            number,
            seed,
            address,
            entries,
        })
    }

    /// Where the schedule is or will be.
    pub fn address(&self) -> Pubkey {
        self.address
    }

    /// What the schedule's account has to hold, in lamports.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn rent(&self) -> Result<u64> {
        let client = &self.session.cluster().client;
        client
            .get_minimum_balance_for_rent_exemption(self.account_size()?)
            .map_err(|error| unreachable(&client.url(), &error))
    }

    /// How many transactions of entries are still to be sent from `count` entries on.
    ///
    /// # Errors
    /// As [`Upload::append`].
    pub fn transactions_left(&self, count: usize) -> Result<usize> {
        Ok(self
            .entries
            .len()
            .saturating_sub(count)
            .div_ceil(self.chunk_size()?))
    }

    /// How far the upload has come.
    ///
    /// # Errors
    /// `schedule_differs` where other entries have arrived there, `wrong_account`, `cluster_unreachable`.
    pub fn stage(&self) -> Result<Stage> {
        let Some(account) = self.session.cluster().account(&self.address)? else {
            return Ok(Stage::Absent);
        };
        if account.owner != claims::ID {
            // Lamports that somebody sent there do not matter; `open` counts them in.
            return Ok(Stage::Absent);
        }
        let (header, entries) = BenefitSchedule::decode(&account.data).map_err(|_| {
            CliError::new(
                "wrong_account",
                format!(
                    "{} should be a benefit schedule and is something else.",
                    self.address
                ),
            )
        })?;
        let fits = header.pool == self.parties.pool
            && header.number == self.number
            && usize::try_from(header.capacity)
                .is_ok_and(|capacity| capacity == self.entries.len())
            && self.entries.starts_with(&entries);
        match (fits, header.is_sealed()) {
            (true, true) => Ok(Stage::Sealed),
            (true, false) => Ok(Stage::Begun(entries.len())),
            (false, sealed) => Err(self.differs(sealed)),
        }
    }

    /// Creates the account and opens it, in one transaction.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn open(&self) -> Result<Receipt> {
        let session = self.session;
        let size = self.account_size()?;
        let there = session
            .cluster()
            .account(&self.address)?
            .map_or(0, |account| account.lamports);
        let space = u64::try_from(size).unwrap_or(u64::MAX);
        let mut instructions = make_seeded_account(
            &session.payer(),
            &self.address,
            &session.key(),
            &self.seed,
            self.rent()?.saturating_sub(there),
            space,
            &claims::ID,
        );
        let accounts = accounts::OpenSchedule {
            operator: session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            schedule: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let data = instruction::OpenSchedule {
            args: OpenScheduleArgs {
                number: self.number,
            },
        };
        instructions.push(crate::chain::instruction(claims::ID, &accounts, &data));
        session.send("Open the benefit schedule", &instructions, &[])
    }

    /// Uploads what has not arrived yet. Returns how many transactions it took.
    ///
    /// # Errors
    /// `upload_stuck`, and whatever the cluster or the program refuses, by name.
    pub fn append(&self, from: usize) -> Result<u64> {
        let bar = self.session.ledger.settings.notes.bar(
            u64::try_from(self.entries.len()).unwrap_or(u64::MAX),
            "Uploading benefits",
        );
        let per_transaction = self.chunk_size()?;
        let (mut count, mut sent, mut rounds_without) = (from, 0_u64, 0_u32);
        bar.set_position(position(count));
        while count < self.entries.len() {
            sent = sent.saturating_add(self.send_window(count, per_transaction, &bar)?);
            let header = schedule_header(self.session.cluster(), &self.address)?;
            let arrived = usize::try_from(header.count).unwrap_or(usize::MAX);
            rounds_without = if arrived > count {
                0
            } else {
                rounds_without.saturating_add(1)
            };
            if rounds_without == PATIENCE {
                let message = "The benefits do not get into blocks. Raise --with-compute-unit-price, or use another --url, and run the same command again: it continues where this one stopped.";
                return Err(CliError::new("upload_stuck", message));
            }
            count = arrived;
            bar.set_position(position(count));
        }
        bar.finish_and_clear();
        Ok(sent)
    }

    /// Seals exactly these entries.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn seal(&self) -> Result<Receipt> {
        let accounts = accounts::SealSchedule {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            schedule: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let digest = Sha256::digest(bytemuck::cast_slice::<BenefitEntry, u8>(self.entries)).into();
        let args = SealScheduleArgs {
            count: u32::try_from(self.entries.len()).unwrap_or(u32::MAX),
            digest,
        };
        self.session.send(
            "Seal the benefit schedule",
            &[crate::chain::instruction(
                claims::ID,
                &accounts,
                &instruction::SealSchedule { args },
            )],
            &[],
        )
    }

    /// Closes an upload that was begun, for its rent. Nothing to do where there is none.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn discard(&self) -> Result<Option<Receipt>> {
        match self.session.cluster().account(&self.address)? {
            Some(account) if account.owner == claims::ID => {}
            _ => return Ok(None),
        }
        let accounts = accounts::CloseSchedule {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            schedule: self.address,
            opener: self.session.key(),
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let close =
            crate::chain::instruction(claims::ID, &accounts, &instruction::CloseSchedule {});
        self.session
            .send("Discard the upload that was begun", &[close], &[])
            .map(Some)
    }

    fn differs(&self, sealed: bool) -> CliError {
        let message = if sealed {
            format!(
                "The pool's schedule {} is sealed already ({}) and has other entries than this document gives, or another code key made them. Choose another number with --schedule.",
                self.number, self.address
            )
        } else {
            format!(
                "An upload of the pool's schedule {} was begun ({}) with other entries than this document gives, or with another code key. Discard it, for its rent, and begin anew with --restart; or choose another number with --schedule.",
                self.number, self.address
            )
        };
        CliError::new("schedule_differs", message)
    }

    fn account_size(&self) -> Result<usize> {
        u32::try_from(self.entries.len())
            .ok()
            .and_then(BenefitSchedule::account_size)
            .ok_or_else(|| {
                CliError::new(
                    "too_many_benefits",
                    "The schedule is too large for an account.",
                )
            })
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
            chunks.push(self.append_instruction(start, chunk));
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

    fn append_instruction(&self, start: usize, chunk: &[BenefitEntry]) -> Instruction {
        let accounts = accounts::AppendBenefits {
            opener: self.session.key(),
            schedule: self.address,
        };
        let args = AppendBenefitsArgs {
            start_index: u32::try_from(start).unwrap_or(u32::MAX),
            entries: chunk.to_vec(),
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::AppendBenefits { args })
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
            let message = self.message(
                &self.append_instruction(0, &vec![BenefitEntry::default(); count]),
                MAX_COMPUTE_UNITS,
                &Hash::default(),
            );
            let signatures = usize::from(message.header.num_required_signatures)
                .saturating_mul(64)
                .saturating_add(1);
            message.serialize().len().saturating_add(signatures) <= TRANSACTION_BYTES
        };
        let largest = TRANSACTION_BYTES / BenefitEntry::SIZE;
        (1..=largest)
            .rev()
            .find(|count| fits(*count))
            .ok_or_else(|| CliError::new("transaction_too_large", "No benefit fits a transaction."))
    }
}

fn position(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operator_pool_and_number_has_an_address_of_its_own() {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let address = |operator, pool, number| {
            address_of(&key(operator), &key(pool), number)
                .expect("derived")
                .0
        };
        let all = [
            address(1, 2, 0),
            address(1, 2, 1),
            address(1, 3, 0),
            address(2, 2, 0),
        ];
        assert_eq!(address(1, 2, 0), all[0]);
        assert!(all
            .iter()
            .enumerate()
            .all(|(index, one)| !all[..index].contains(one)));
    }
}
