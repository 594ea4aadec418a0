//! One-off transactions of whoever deploys: rehearsed, written down, signed once, delivered.
use solana_client::rpc_client::RpcClient;
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_rpc_client_api::config::RpcSimulateTransactionConfig;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::LoaderError;
use crate::courier::{Courier, Fate};

/// How many lines of a refused transaction's log are shown: the last say why.
const LOG_LINES: usize = 6;
/// What the two instructions that set the compute budget cost: 150 units each.
const BUDGET_UNITS: u64 = 300;
/// Compute units that a transaction may use when nothing else is said.
const DEFAULT_UNIT_LIMIT: u64 = 1_400_000;

/// Who pays, on which cluster, and how much for priority.
#[derive(Clone, Copy)]
pub struct Wallet<'a> {
    /// The cluster.
    pub rpc: &'a RpcClient,
    /// How settled a transaction has to be.
    pub commitment: CommitmentConfig,
    /// Pays fees and rent.
    pub payer: &'a dyn Signer,
    /// Priority fee in micro-lamports per compute unit.
    pub price: Option<u64>,
}

/// What a run has sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Transactions that got into blocks.
    pub transactions: u64,
    /// Their fees in lamports.
    pub fees: u64,
}

impl Tally {
    /// Counts `transactions` more, each with this fee.
    pub fn add(&mut self, transactions: u64, fee: u64) {
        self.transactions = self.transactions.saturating_add(transactions);
        self.fees = self.fees.saturating_add(fee.saturating_mul(transactions));
    }
}

/// A signed transaction and the last block height at which it can land.
pub struct Signed {
    /// The transaction.
    pub transaction: Transaction,
    /// Its blockhash ends here.
    pub last_valid: u64,
    /// Its fee in lamports.
    pub fee: u64,
}

impl<'a> Wallet<'a> {
    /// Delivers for this wallet's cluster.
    #[must_use]
    pub fn courier(&self) -> Courier<'a> {
        Courier {
            rpc: self.rpc,
            commitment: self.commitment,
            // Rehearsed before.
            preflight: false,
        }
    }

    /// Rehearses the instructions on the cluster, then signs them with the compute budget that they
    /// need. Nothing is sent, and nothing paid if the cluster would refuse.
    ///
    /// # Errors
    /// The cluster refuses, with its reason; or it does not answer; or a signature is missing.
    pub fn prepare(
        &self,
        step: &'static str,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
    ) -> Result<Signed, LoaderError> {
        let units = self.rehearse(step, instructions)?;
        let message = self.message(instructions, units);
        let (blockhash, last_valid) = self
            .rpc
            .get_latest_blockhash_with_commitment(self.commitment)?;
        let mut signers = self.signers(signers);
        // Some forms of an instruction do without a signature that others of the same step take.
        signers.retain(|signer| message.signer_keys().contains(&&signer.pubkey()));
        let mut transaction = Transaction::new_unsigned(message);
        transaction
            .try_sign(&signers, blockhash)
            .map_err(|error| LoaderError::Unsigned(self.payer.pubkey(), error.to_string()))?;
        let fee = self.rpc.get_fee_for_message(&transaction.message)?;
        Ok(Signed {
            transaction,
            last_valid,
            fee,
        })
    }

    /// Prepares, delivers and counts. `before_sending` gets the signed transaction first, to write it
    /// down. Returns the slot, or none if the transaction expired or failed in its block because the
    /// state had changed: look again and decide anew.
    ///
    /// # Errors
    /// As [`Wallet::prepare`], and when the cluster stops answering.
    pub fn execute(
        &self,
        step: &'static str,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
        tally: &mut Tally,
        before_sending: impl FnOnce(&Signed) -> Result<(), LoaderError>,
    ) -> Result<Option<u64>, LoaderError> {
        let signed = self.prepare(step, instructions, signers)?;
        before_sending(&signed)?;
        let fates = self.courier().deliver(
            std::slice::from_ref(&signed.transaction),
            signed.last_valid,
            || tally.add(1, signed.fee),
        )?;
        Ok(fates.into_iter().find_map(|fate| match fate {
            Fate::Landed { slot, error: None } => Some(slot),
            _ => None,
        }))
    }

    /// The compute units that the instructions use, by running them on the cluster without effect.
    ///
    /// # Errors
    /// The cluster would refuse them, with its reason and the end of its log.
    pub fn rehearse(
        &self,
        step: &'static str,
        instructions: &[Instruction],
    ) -> Result<u64, LoaderError> {
        let message = self.message(instructions, DEFAULT_UNIT_LIMIT);
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            ..RpcSimulateTransactionConfig::default()
        };
        let result = self
            .rpc
            .simulate_transaction_with_config(&Transaction::new_unsigned(message), config)?
            .value;
        if let Some(error) = result.err {
            let logs = result.logs.unwrap_or_default();
            let shown = logs.len().saturating_sub(LOG_LINES);
            return Err(LoaderError::Refused {
                step,
                reason: error.to_string(),
                logs: logs.into_iter().skip(shown).collect(),
            });
        }
        Ok(result.units_consumed.unwrap_or(DEFAULT_UNIT_LIMIT))
    }

    /// A message of these instructions; where a priority fee is paid, with a limit a tenth above
    /// `units`, because the fee is the price times the limit.
    #[must_use]
    pub fn message(&self, instructions: &[Instruction], units: u64) -> Message {
        let payer = self.payer.pubkey();
        let Some(price) = self.price else {
            return Message::new(instructions, Some(&payer));
        };
        let limit = units
            .saturating_add(units.div_ceil(10))
            .saturating_add(BUDGET_UNITS)
            .min(DEFAULT_UNIT_LIMIT);
        let mut all = vec![
            ComputeBudgetInstruction::set_compute_unit_limit(
                u32::try_from(limit).unwrap_or(u32::MAX),
            ),
            ComputeBudgetInstruction::set_compute_unit_price(price),
        ];
        all.extend_from_slice(instructions);
        Message::new(&all, Some(&payer))
    }

    /// The payer and the others, each once.
    #[must_use]
    pub fn signers<'s>(&'s self, others: &[&'s dyn Signer]) -> Vec<&'s dyn Signer> {
        let mut signers: Vec<&dyn Signer> = vec![self.payer];
        for other in others {
            if signers
                .iter()
                .all(|signer| signer.pubkey() != other.pubkey())
            {
                signers.push(*other);
            }
        }
        signers
    }

    /// What an account of this length has to hold, in lamports.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub fn rent(&self, length: usize) -> Result<u64, LoaderError> {
        Ok(self.rpc.get_minimum_balance_for_rent_exemption(length)?)
    }

    /// The payer's lamports.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub fn balance(&self) -> Result<u64, LoaderError> {
        Ok(self
            .rpc
            .get_balance_with_commitment(&self.payer.pubkey(), self.commitment)?
            .value)
    }
}

/// Makes an account at an address derived from `base` and `seed`, whether or not somebody has sent
/// lamports there before: a transfer of what is missing, then space and owner. `create_account`
/// would fail on an address that holds a single lamport, which anyone could arrange.
#[must_use]
pub fn make_seeded_account(
    payer: &Pubkey,
    address: &Pubkey,
    base: &Pubkey,
    seed: &str,
    missing_lamports: u64,
    space: u64,
    owner: &Pubkey,
) -> Vec<Instruction> {
    use solana_system_interface::instruction::{allocate_with_seed, transfer};
    vec![
        transfer(payer, address, missing_lamports),
        allocate_with_seed(address, base, seed, space, owner),
    ]
}

/// The same for an address that signs for itself.
#[must_use]
pub fn make_account(
    payer: &Pubkey,
    address: &Pubkey,
    missing_lamports: u64,
    space: u64,
    owner: &Pubkey,
) -> Vec<Instruction> {
    use solana_system_interface::instruction::{allocate, assign, transfer};
    vec![
        transfer(payer, address, missing_lamports),
        allocate(address, space),
        assign(address, owner),
    ]
}
