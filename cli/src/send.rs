//! Sending transactions so that none is paid for twice and none is lost.
//!
//! Each is simulated first (for its compute units, and so that a refusal costs nothing), signed once, written to the
//! store, and only then sent. The same bytes are sent again until the cluster has them. One counts as failed to arrive
//! only when the finalized height has passed the last height at which it was valid and a search through history knows
//! nothing of it: then, and only then, a new one may be signed.

mod fate;
mod many;
mod packs;
mod refusal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use dialoguer::Confirm;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use solana_client::rpc_client::RpcClient;
use solana_client::rpc_config::RpcSimulateTransactionConfig;
use solana_client::rpc_request::RpcRequest;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

pub use many::{
    Cost, Draft, Fates, CHANGE_MEMBERS, CRANK_POOL, DRAW_CLAIMS, ENROL_MEMBERS, PAY_PARTICIPANTS,
    SUBMIT_CLAIMS,
};
pub use packs::Errand;
pub use refusal::{explain, foreseen, foreseen_by_claims, foreseen_by_trials};

use crate::cluster::{unreachable, Cluster};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::signer;
use crate::store::{Progress, SentTransaction, Store};

/// The most that a transaction may use.
const MAX_COMPUTE_UNITS: u32 = 1_400_000;
/// What an instruction gets where nothing is simulated: the cluster's own default.
const DEFAULT_COMPUTE_UNITS: u32 = 200_000;
/// Room above what the simulation used, in percent: state may have changed a little by the time it runs.
const HEADROOM_PERCENT: u64 = 20;
/// How often a simulation is run for which the node does not know the blockhash, and the wait in between: it lags behind the
/// one that gave it out, and is given ten blocks to catch up.
const CATCHES_UP: u32 = 10;
const CATCH_UP: Duration = Duration::from_millis(400);
/// How long is waited for another blockhash where the latest one makes a transaction that was sent before.
const NEXT_BLOCKHASH: Duration = Duration::from_secs(30);
/// The size of a transaction on the wire.
const MAX_TRANSACTION_BYTES: usize = 1_232;

/// A cluster, who signs, who pays, and the store.
pub struct Ledger<'a> {
    /// The settings of the run.
    pub settings: &'a Settings,
    /// The cluster.
    pub cluster: Cluster,
    /// Who signs.
    pub signer: Box<dyn Signer>,
    /// The local store.
    pub store: Store,
    fee_payer: Option<Box<dyn Signer>>,
}

/// What a transaction has done and cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Base58.
    pub signature: String,
    /// Where it is on the ledger.
    pub slot: u64,
    /// What it used.
    pub compute_units: u64,
    /// What it cost, in lamports; rent of new accounts is beside it.
    pub fee: u64,
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Transaction {} ({} compute units, fee {} lamports).",
            self.signature, self.compute_units, self.fee
        )
    }
}

impl<'a> Ledger<'a> {
    /// Reaches the cluster, loads signer and fee payer, opens the store, and waits for what an earlier run left undecided.
    ///
    /// # Errors
    /// Those of [`Cluster::connect`], [`signer::load`], [`Store::open`].
    pub fn open(settings: &'a Settings) -> Result<Self> {
        let signer = signer::load(&settings.keypair, "keypair")?;
        for source in std::iter::once(&settings.keypair).chain(&settings.fee_payer) {
            signer::warn_of_readers(source, settings.notes);
        }
        let fee_payer = settings
            .fee_payer
            .as_deref()
            .map(|source| signer::load(source, "fee payer"))
            .transpose()?;
        Self::of(
            settings,
            Cluster::connect(settings)?,
            signer,
            fee_payer,
            Store::open(&settings.home)?,
        )
    }

    /// A ledger with signer and store of one's own choice.
    ///
    /// # Errors
    /// Those of deciding what an earlier run left undecided.
    pub fn of(
        settings: &'a Settings,
        cluster: Cluster,
        signer: Box<dyn Signer>,
        fee_payer: Option<Box<dyn Signer>>,
        store: Store,
    ) -> Result<Self> {
        let ledger = Self {
            settings,
            cluster,
            signer,
            store,
            fee_payer,
        };
        fate::decide_undecided(&ledger)?;
        Ok(ledger)
    }

    /// Who pays fees and rent.
    pub fn payer(&self) -> Pubkey {
        self.payer_signer().pubkey()
    }

    /// The signer who pays fees and rent.
    pub fn payer_signer(&self) -> &dyn Signer {
        self.fee_payer.as_deref().unwrap_or(self.signer.as_ref())
    }

    /// Shows what will be signed and asks, unless --yes.
    ///
    /// # Errors
    /// `confirmation_needed` where there is nobody to ask, `cancelled`.
    pub fn confirm(&self, what: &dyn std::fmt::Display) -> Result<()> {
        self.settings.notes.say(format_args!(
            "{what}\nCluster {}, signer {}, payer {}.",
            self.settings.url,
            self.signer.pubkey(),
            self.payer()
        ));
        if self.settings.yes {
            return Ok(());
        }
        if self.settings.output.is_json() || !io::stdin().is_terminal() {
            return Err(CliError::new(
                "confirmation_needed",
                "There is nobody to ask whether to send this; add --yes.",
            ));
        }
        let asked = Confirm::new()
            .with_prompt("Send?")
            .default(false)
            .interact();
        match asked {
            Ok(true) => Ok(()),
            Ok(false) => Err(CliError::new("cancelled", "Nothing was sent.")),
            Err(error) => Err(CliError::new(
                "confirmation_needed",
                format!("The question could not be asked: {error}; add --yes."),
            )),
        }
    }

    /// Simulates, signs, writes down, sends, and waits until the transaction's fate is decided.
    ///
    /// `signers` sign beside the payer; nobody is asked to sign twice.
    ///
    /// # Errors
    /// The program's refusal by name; `transaction_too_large`, `insufficient_funds`, `expired`, `undecided`,
    /// `cluster_unreachable`.
    pub fn send(
        &self,
        label: &str,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
    ) -> Result<Receipt> {
        let spinner = self.settings.notes.spinner(label);
        let receipt = self.send_quietly(label, instructions, signers);
        spinner.finish_and_clear();
        if let Ok(receipt) = &receipt {
            self.settings.notes.detail(format_args!(
                "{label}: {} ({} CU, {} lamports)",
                receipt.signature, receipt.compute_units, receipt.fee
            ));
        }
        receipt
    }

    fn send_quietly(
        &self,
        label: &str,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
    ) -> Result<Receipt> {
        let limit = if self.settings.skip_preflight {
            default_limit(instructions)
        } else {
            self.simulate(instructions)?
        };
        let budgeted = self.budgeted(limit, instructions);
        let (transaction, last_valid_block_height) = self.sign_anew(
            |blockhash| self.sign(&budgeted, signers, blockhash),
            std::slice::from_ref,
        )?;
        let sent = SentTransaction {
            signature: signature(&transaction).to_string(),
            cluster: self.cluster.genesis.clone(),
            label: label.to_owned(),
            bytes: wire(&transaction)?,
            last_valid_block_height,
            progress: Progress::Signed,
        };
        // Before the first byte leaves: should this process die now, the next run finds it and waits for its fate.
        self.store.note_transaction(&sent)?;
        let landed = fate::carry(self, &transaction, &sent)?;
        Ok(self.receipt(&sent.signature, landed, u64::from(limit)))
    }

    /// Whether the instructions fit one transaction, with the compute budget that is put before them.
    ///
    /// # Errors
    /// `signing_failed`.
    pub fn fits(&self, instructions: &[Instruction]) -> Result<bool> {
        // Its size does not depend on which blockhash it has.
        match wire(&self.unsigned(
            &self.budgeted(MAX_COMPUTE_UNITS, instructions),
            solana_hash::Hash::default(),
        )) {
            Ok(_) => Ok(true),
            Err(error) if error.code == "transaction_too_large" => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Compute units for these instructions, found by running them.
    fn simulate(&self, instructions: &[Instruction]) -> Result<u32> {
        let (blockhash, _) = self.blockhash()?;
        let transaction = self.rehearsal(instructions, blockhash);
        self.simulation().run(&transaction)
    }

    /// The transaction of these instructions, with all the compute units there are.
    fn rehearsal(&self, instructions: &[Instruction], blockhash: solana_hash::Hash) -> Transaction {
        self.unsigned(&self.budgeted(MAX_COMPUTE_UNITS, instructions), blockhash)
    }

    fn simulation(&self) -> Simulation<'_> {
        Simulation {
            client: &self.cluster.client,
            settings: self.settings,
        }
    }

    fn blockhash(&self) -> Result<(solana_hash::Hash, u64)> {
        self.cluster
            .client
            .get_latest_blockhash_with_commitment(self.settings.commitment)
            .map_err(|error| unreachable(&self.settings.url, &error))
    }

    /// Signs with the latest blockhash, and with a later one where that makes what was signed here before: a cluster takes the
    /// same transaction once, and would say that the second one has landed. Returns what `sign` made and the last height at
    /// which it is valid; `transactions` are those in it.
    ///
    /// # Errors
    /// Those of `sign`; `cluster_unreachable`, `cluster_stands_still`, `store_damaged`.
    fn sign_anew<T>(
        &self,
        sign: impl Fn(solana_hash::Hash) -> Result<T>,
        transactions: impl for<'t> Fn(&'t T) -> &'t [Transaction],
    ) -> Result<(T, u64)> {
        let began = Instant::now();
        let mut used = None;
        loop {
            let (blockhash, last_valid_block_height) = self.blockhash()?;
            if used != Some(blockhash) {
                let signed = sign(blockhash)?;
                let mut known = false;
                for transaction in transactions(&signed) {
                    known |= self.store.has_signed(&signature(transaction).to_string())?;
                }
                if !known {
                    return Ok((signed, last_valid_block_height));
                }
                used = Some(blockhash);
            }
            if began.elapsed() >= NEXT_BLOCKHASH {
                return Err(CliError::new(
                    "cluster_stands_still",
                    format!(
                        "{} has given the same blockhash for {} seconds, with which this very transaction was sent before. Nothing was sent. Run the command again, or name another node with -u.",
                        self.settings.url,
                        NEXT_BLOCKHASH.as_secs()
                    ),
                ));
            }
            std::thread::sleep(CATCH_UP);
        }
    }

    fn budgeted(&self, limit: u32, instructions: &[Instruction]) -> Vec<Instruction> {
        let price = self
            .settings
            .compute_unit_price
            .map(ComputeBudgetInstruction::set_compute_unit_price);
        std::iter::once(ComputeBudgetInstruction::set_compute_unit_limit(limit))
            .chain(price)
            .chain(instructions.iter().cloned())
            .collect()
    }

    /// A transaction with room for its signatures: whoever signs with a device is asked once, for what is sent.
    fn unsigned(&self, instructions: &[Instruction], blockhash: solana_hash::Hash) -> Transaction {
        Transaction::new_unsigned(Message::new_with_blockhash(
            instructions,
            Some(&self.payer()),
            &blockhash,
        ))
    }

    fn sign(
        &self,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
        blockhash: solana_hash::Hash,
    ) -> Result<Transaction> {
        let mut once: Vec<&dyn Signer> = vec![self.payer_signer()];
        for signer in signers {
            if once.iter().all(|known| known.pubkey() != signer.pubkey()) {
                once.push(*signer);
            }
        }
        let mut transaction = self.unsigned(instructions, blockhash);
        transaction.try_sign(&once, blockhash).map_err(|error| CliError::new("signing_failed", format!("The transaction cannot be signed: {error}. Name the key that the command needs with -k.")))?;
        Ok(transaction)
    }

    /// What the ledger says of a landed transaction.
    fn receipt(&self, signature: &str, slot: u64, units: u64) -> Receipt {
        for _ in 0..10 {
            if let Some(cost) = cost_of(&self.cluster.client, signature) {
                return Receipt {
                    signature: signature.to_owned(),
                    slot,
                    compute_units: cost.compute_units,
                    fee: cost.fee,
                };
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        Receipt {
            signature: signature.to_owned(),
            slot,
            compute_units: units,
            fee: 0,
        }
    }

    /// What the programs said in a landed transaction.
    fn logs(&self, signature: &Signature) -> Vec<String> {
        let params = json!([signature.to_string(), { "encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 1 }]);
        let answer: std::result::Result<Value, _> =
            self.cluster.client.send(RpcRequest::GetTransaction, params);
        let logs = answer
            .ok()
            .and_then(|answer| {
                answer
                    .pointer("/meta/logMessages")
                    .and_then(Value::as_array)
                    .cloned()
            })
            .unwrap_or_default();
        logs.iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }
}

/// The first signature: what a transaction is known by.
fn signature(transaction: &Transaction) -> Signature {
    transaction.signatures.first().copied().unwrap_or_default()
}

/// What a landed transaction has cost, if the node knows it. The typed form of the answer is not used: it cannot be read
/// where decimals keep their digits, as FHIR needs them.
fn cost_of(client: &RpcClient, signature: &str) -> Option<Cost> {
    let params = json!([signature, { "encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 1 }]);
    let answer: Value = client.send(RpcRequest::GetTransaction, params).ok()?;
    let meta = answer.get("meta")?;
    Some(Cost {
        fee: meta.get("fee")?.as_u64()?,
        compute_units: meta.get("computeUnitsConsumed")?.as_u64()?,
    })
}

/// Runs transactions without sending them. Several threads can.
#[derive(Clone, Copy)]
struct Simulation<'a> {
    client: &'a RpcClient,
    settings: &'a Settings,
}

impl Simulation<'_> {
    /// Compute units for a transaction, with some room.
    fn run(self, transaction: &Transaction) -> Result<u32> {
        wire(transaction)?;
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            // Replacing it would hide that the node does not know the blockhash.
            replace_recent_blockhash: false,
            commitment: Some(self.settings.commitment),
            ..RpcSimulateTransactionConfig::default()
        };
        let simulate = || {
            self.client
                .simulate_transaction_with_config(transaction, config.clone())
                .map(|answer| answer.value)
                .map_err(|error| unreachable(&self.settings.url, &error))
        };
        let mut simulated = simulate()?;
        for _ in 0..CATCHES_UP {
            if simulated.err != Some(TransactionError::BlockhashNotFound.into()) {
                break;
            }
            std::thread::sleep(CATCH_UP);
            simulated = simulate()?;
        }
        let logs = simulated.logs.unwrap_or_default();
        if let Some(error) = simulated.err {
            return Err(explain(&error.into(), &logs));
        }
        let used = simulated
            .units_consumed
            .unwrap_or_else(|| u64::from(MAX_COMPUTE_UNITS));
        let roomy = used.saturating_mul(100 + HEADROOM_PERCENT).div_ceil(100);
        Ok(u32::try_from(roomy)
            .unwrap_or(MAX_COMPUTE_UNITS)
            .clamp(1_000, MAX_COMPUTE_UNITS))
    }
}

fn default_limit(instructions: &[Instruction]) -> u32 {
    u32::try_from(instructions.len())
        .unwrap_or(u32::MAX)
        .saturating_mul(DEFAULT_COMPUTE_UNITS)
        .min(MAX_COMPUTE_UNITS)
}

/// The bytes of a transaction, if they fit one.
fn wire(transaction: &Transaction) -> Result<Vec<u8>> {
    let bytes = bincode::serialize(transaction).map_err(|error| {
        CliError::new(
            "signing_failed",
            format!("The transaction cannot be written: {error}."),
        )
    })?;
    if bytes.len() > MAX_TRANSACTION_BYTES {
        let message = format!(
            "The transaction would be {} bytes and one takes {MAX_TRANSACTION_BYTES}.",
            bytes.len()
        );
        return Err(CliError::new("transaction_too_large", message));
    }
    Ok(bytes)
}
