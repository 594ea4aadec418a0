//! Gets signed transactions into blocks and finds out what became of each.
//!
//! A transaction is signed once and the same bytes are sent until it has landed or can no longer
//! land: never decided by a clock on this side, but by the block height at which its blockhash ends,
//! read at `finalized`, and a last look into the transaction history.
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Mutex,
    },
    thread,
    time::{Duration, Instant},
};

use solana_client::{client_error::ClientError, rpc_client::RpcClient};
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::config::RpcSendTransactionConfig;
use solana_signature::Signature;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

use super::LoaderError;

/// How many transactions may be under way at once. A status request takes 256 signatures.
const IN_FLIGHT: usize = 128;
/// How many requests are open at once.
const CONNECTIONS: usize = 8;
/// After how long the same bytes are sent again.
const RESEND_AFTER: Duration = Duration::from_secs(2);
/// How long to wait between two looks; the wait doubles while nothing happens.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const LOOK_AGAIN_AT_MOST: Duration = Duration::from_millis(500);
/// How often the end of the blockhash is looked for.
const EXPIRY_EVERY: Duration = Duration::from_secs(3);
/// How long a cluster may fail to answer before that is an error.
const SILENCE: Duration = Duration::from_secs(60);

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in a block, at the wanted commitment; `error` if it failed there.
    Landed {
        /// The slot of the block.
        slot: u64,
        /// Why it failed, if it did. Its fee was paid all the same.
        error: Option<TransactionError>,
    },
    /// It is in no block and can never be.
    Expired,
}

/// Delivers transactions to one cluster.
#[derive(Clone, Copy)]
pub struct Courier<'a> {
    /// The cluster.
    pub rpc: &'a RpcClient,
    /// How settled a transaction has to be to count as landed.
    pub commitment: CommitmentConfig,
}

struct Parcel<'a> {
    transaction: &'a Transaction,
    signature: Signature,
    sent: Option<Instant>,
    fate: Option<Fate>,
}

impl Courier<'_> {
    /// Sends the transactions, with bounded parallelism, until the fate of each is known, and calls
    /// `landed` for each that gets into a block. `last_valid` is the last block height at which their
    /// blockhash is valid. The fates are in the order of the transactions.
    ///
    /// # Errors
    /// The cluster has not answered for a minute.
    pub fn deliver(
        &self,
        transactions: &[Transaction],
        last_valid: u64,
        mut landed: impl FnMut(),
    ) -> Result<Vec<Fate>, LoaderError> {
        let mut parcels: Vec<Parcel> = transactions
            .iter()
            .map(|transaction| Parcel {
                transaction,
                signature: transaction.signatures.first().copied().unwrap_or_default(),
                sent: None,
                fate: None,
            })
            .collect();
        let mut pause = LOOK_AGAIN;
        let mut looked_for_expiry = Instant::now();
        let mut heard = Instant::now();
        loop {
            let mut open: Vec<&mut Parcel> = parcels
                .iter_mut()
                .filter(|parcel| parcel.fate.is_none())
                .take(IN_FLIGHT)
                .collect();
            if open.is_empty() {
                break;
            }
            self.send(&mut open);
            match self.look(&mut open, false) {
                Ok(0) => {
                    heard = Instant::now();
                    thread::sleep(pause);
                    pause = pause.saturating_mul(2).min(LOOK_AGAIN_AT_MOST);
                }
                Ok(count) => {
                    heard = Instant::now();
                    pause = LOOK_AGAIN;
                    (0..count).for_each(|_| landed());
                }
                Err(error) => be_patient(heard, error)?,
            }
            if looked_for_expiry.elapsed() < EXPIRY_EVERY {
                continue;
            }
            looked_for_expiry = Instant::now();
            match self.has_ended(last_valid) {
                Ok(false) => {}
                Ok(true) => {
                    (0..self.bury(&mut parcels)?).for_each(|_| landed());
                    break;
                }
                Err(error) => be_patient(heard, error)?,
            }
        }
        Ok(parcels
            .into_iter()
            .map(|parcel| parcel.fate.unwrap_or(Fate::Expired))
            .collect())
    }

    /// Whether no transaction that was valid up to `last_valid` can land any more.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub fn has_ended(&self, last_valid: u64) -> Result<bool, ClientError> {
        let height = self
            .rpc
            .get_block_height_with_commitment(CommitmentConfig::finalized())?;
        Ok(height > last_valid)
    }

    /// Sends what was never sent, or long ago. Errors do not matter here: whether a transaction
    /// landed is asked of the blocks, and what did not is sent again.
    fn send(&self, open: &mut [&mut Parcel]) {
        let due: Vec<&Transaction> = open
            .iter_mut()
            .filter(|parcel| parcel.sent.is_none_or(|at| at.elapsed() >= RESEND_AFTER))
            .map(|parcel| {
                parcel.sent = Some(Instant::now());
                parcel.transaction
            })
            .collect();
        // The node is asked not to check first, because the check was done before, and not to
        // repeat, because that is done here.
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            max_retries: Some(0),
            preflight_commitment: Some(self.commitment.commitment),
            ..RpcSendTransactionConfig::default()
        };
        let next = AtomicUsize::new(0);
        let refused = Mutex::new(0_usize);
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS.min(due.len()) {
                scope.spawn(|| {
                    while let Some(transaction) = due.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let sent = self.rpc.send_transaction_with_config(*transaction, config);
                        if let (Err(_), Ok(mut refused)) = (sent, refused.lock()) {
                            *refused = refused.saturating_add(1);
                        }
                    }
                });
            }
        });
        // A node that takes nothing is overloaded or rate-limits us.
        let refused = refused.into_inner().unwrap_or_default();
        if refused > 0 && refused == due.len() {
            thread::sleep(LOOK_AGAIN_AT_MOST);
        }
    }

    /// Asks what became of the open transactions; returns how many have landed since.
    fn look(&self, open: &mut [&mut Parcel], in_history: bool) -> Result<usize, ClientError> {
        let signatures: Vec<Signature> = open.iter().map(|parcel| parcel.signature).collect();
        let statuses = if in_history {
            self.rpc.get_signature_statuses_with_history(&signatures)?
        } else {
            self.rpc.get_signature_statuses(&signatures)?
        };
        let mut landed = 0_usize;
        for (parcel, status) in open.iter_mut().zip(statuses.value) {
            let Some(status) = status else { continue };
            if status.satisfies_commitment(self.commitment) {
                parcel.fate = Some(Fate::Landed {
                    slot: status.slot,
                    error: status.err,
                });
                landed = landed.saturating_add(1);
            }
        }
        Ok(landed)
    }

    /// The blockhash has ended: a last look into the history, then the rest counts as expired.
    /// Returns how many were found to have landed.
    fn bury(&self, parcels: &mut [Parcel]) -> Result<usize, LoaderError> {
        let mut landed = 0_usize;
        let mut open: Vec<&mut Parcel> = parcels
            .iter_mut()
            .filter(|parcel| parcel.fate.is_none() && parcel.sent.is_some())
            .collect();
        for batch in open.chunks_mut(IN_FLIGHT) {
            landed = landed.saturating_add(self.look(batch, true)?);
        }
        for parcel in parcels {
            parcel.fate.get_or_insert(Fate::Expired);
        }
        Ok(landed)
    }
}

/// Lets a cluster fail to answer for a while.
fn be_patient(heard: Instant, error: ClientError) -> Result<(), LoaderError> {
    if heard.elapsed() > SILENCE {
        return Err(error.into());
    }
    thread::sleep(LOOK_AGAIN_AT_MOST);
    Ok(())
}
