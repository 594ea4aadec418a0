//! Gets signed transactions into blocks and finds out what became of each: the one way, for a single transaction as for
//! the hundreds of a deployment.
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

use solana_client::{
    client_error::{ClientError, ClientErrorKind},
    rpc_client::RpcClient,
};
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::config::RpcSendTransactionConfig;
use solana_signature::Signature;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

/// How many transactions may be under way at once. A status request takes 256 signatures.
const IN_FLIGHT: usize = 128;
/// How many requests are open at once.
const CONNECTIONS: usize = 8;
/// After how long the same bytes are sent again.
const RESEND_AFTER: Duration = Duration::from_secs(2);
/// How often a node has to refuse what it has never taken before that is believed: the first refusal may be of a copy of what
/// has just landed, and then the second says so.
const REFUSALS: usize = 2;
/// How long to wait between two looks; the wait doubles while nothing happens.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const LOOK_AGAIN_AT_MOST: Duration = Duration::from_millis(500);
/// How often the end of the blockhash is looked for.
const EXPIRY_EVERY: Duration = Duration::from_secs(3);
/// How long to wait before history is searched once more.
const HISTORY_CATCHES_UP: Duration = Duration::from_millis(100);
/// Blocks for which a blockhash is valid, with room: what ends further ahead was signed for a ledger that is no more.
const HORIZON: u64 = 300;
/// How often in a row a ledger has to look as if it had begun anew before that is believed of one that was just signed for: a
/// node that lags looks the same.
const ANEW: u32 = 10;
/// How long a cluster may fail to answer before that is an error.
const SILENCE: Duration = Duration::from_secs(60);

/// What became of a transaction.
#[derive(Debug)]
pub enum Fate {
    /// It is in a block, at the wanted commitment; `error` if it failed there.
    Landed {
        /// The slot of the block.
        slot: u64,
        /// Why it failed, if it did. Its fee was paid all the same.
        error: Option<TransactionError>,
    },
    /// The node's check before sending refused it, and it is in no block. Only where there is such a check.
    Refused(Box<ClientError>),
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
    /// Whether the node checks each before it takes it. Without, what would fail fails in its block.
    pub preflight: bool,
}

/// Where a ledger stands, seen from the last height at which a transaction was valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Before it.
    Ahead,
    /// Beyond it.
    Passed,
    /// So far beyond that no blockhash of it can be valid, whoever named the height.
    LongPassed,
    /// So far before it that the transaction is of another ledger.
    Anew,
}

struct Parcel<'a> {
    /// None where its fate is awaited and nothing sent.
    transaction: Option<&'a Transaction>,
    signature: Signature,
    sent: Option<Instant>,
    /// How often a node refused it, as long as nothing else came back.
    refusals: usize,
    /// The node's refusal, which may be of a copy of what has landed already.
    refusal: Option<ClientError>,
    fate: Option<Fate>,
}

impl<'a> Parcel<'a> {
    fn new(transaction: Option<&'a Transaction>, signature: Signature) -> Self {
        Self {
            transaction,
            signature,
            sent: None,
            refusals: 0,
            refusal: None,
            fate: None,
        }
    }
}

impl Parcel<'_> {
    /// Whether it is to be sent now: the first time, long after the last time, or to see whether a refusal stands.
    fn is_due(&self) -> bool {
        (1..REFUSALS).contains(&self.refusals)
            || self.sent.is_none_or(|at| at.elapsed() >= RESEND_AFTER)
    }

    /// Takes what a node said to it, which is no success.
    fn take(&mut self, error: ClientError, is_first: bool) {
        let is_refusal = error.get_transaction_error().is_some_and(|error| {
            // A node that does not know the blockhash lags behind the one that gave it out.
            !matches!(
                error,
                TransactionError::AlreadyProcessed | TransactionError::BlockhashNotFound
            )
        });
        self.refusals = match is_refusal && (is_first || self.refusals > 0) {
            true => self.refusals.saturating_add(1),
            false => 0,
        };
        self.refusal = Some(error).filter(|_| self.refusals >= REFUSALS);
    }
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
        landed: impl FnMut(),
    ) -> Result<Vec<Fate>, ClientError> {
        let parcels = transactions.iter().map(|transaction| {
            let signature = transaction.signatures.first().copied();
            Parcel::new(Some(transaction), signature.unwrap_or_default())
        });
        self.see_through(parcels.collect(), last_valid, landed)
    }

    /// Waits for the fate of a transaction that an earlier run has sent; sends nothing.
    ///
    /// # Errors
    /// The cluster has not answered for a minute.
    pub fn await_fate(&self, signature: Signature, last_valid: u64) -> Result<Fate, ClientError> {
        let parcels = vec![Parcel::new(None, signature)];
        let fates = self.see_through(parcels, last_valid, || {})?;
        Ok(fates.into_iter().next().unwrap_or(Fate::Expired))
    }

    /// What became of transactions whose blockhashes have all ended: looked for in the history, not waited for.
    ///
    /// # Errors
    /// The cluster has not answered for a minute.
    pub fn look_back(&self, signatures: &[Signature]) -> Result<Vec<Fate>, ClientError> {
        let mut parcels: Vec<Parcel> = signatures
            .iter()
            .map(|signature| Parcel::new(None, *signature))
            .collect();
        let heard = Instant::now();
        while let Err(error) = self.bury(&mut parcels) {
            be_patient(heard, error)?;
        }
        Ok(parcels
            .into_iter()
            .map(|parcel| parcel.fate.unwrap_or(Fate::Expired))
            .collect())
    }

    fn see_through(
        &self,
        mut parcels: Vec<Parcel>,
        last_valid: u64,
        mut landed: impl FnMut(),
    ) -> Result<Vec<Fate>, ClientError> {
        let mut pause = LOOK_AGAIN;
        let mut looked_for_expiry = Instant::now();
        let mut heard = Instant::now();
        let mut looks_anew = 0_u32;
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
            match self
                .look(&mut open, false)
                .and_then(|count| Ok(count.saturating_add(self.believe(&mut open)?)))
            {
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
            let ended = self.end(last_valid).and_then(|end| {
                looks_anew = match end {
                    End::Anew => looks_anew.saturating_add(1),
                    _ => 0,
                };
                Ok(match end {
                    End::Ahead => false,
                    End::Passed => !self.is_still_valid(&parcels)?,
                    End::LongPassed => true,
                    End::Anew => looks_anew >= ANEW,
                })
            });
            match ended {
                Ok(false) => {}
                Ok(true) => match self.bury(&mut parcels) {
                    Ok(count) => {
                        (0..count).for_each(|_| landed());
                        break;
                    }
                    Err(error) => be_patient(heard, error)?,
                },
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
        Ok(self.end(last_valid)? != End::Ahead)
    }

    fn end(&self, last_valid: u64) -> Result<End, ClientError> {
        let height = self
            .rpc
            .get_block_height_with_commitment(CommitmentConfig::finalized())?;
        Ok(if height > last_valid.saturating_add(HORIZON) {
            End::LongPassed
        } else if height > last_valid {
            End::Passed
        } else if last_valid > height.saturating_add(HORIZON) {
            End::Anew
        } else {
            End::Ahead
        })
    }

    /// Whether a transaction that was sent here can land although its height has passed: the node that said which height that
    /// is was on another fork, or lagged.
    fn is_still_valid(&self, parcels: &[Parcel]) -> Result<bool, ClientError> {
        let open = parcels.iter().filter(|parcel| parcel.fate.is_none());
        let mut blockhashes: Vec<_> = open
            .filter_map(|parcel| Some(parcel.transaction?.message.recent_blockhash))
            .collect();
        blockhashes.dedup();
        for blockhash in &blockhashes {
            let answer = self
                .rpc
                .is_blockhash_valid(blockhash, CommitmentConfig::processed());
            match answer {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                // A node without the method: the height has to do.
                Err(error) if matches!(error.kind(), ClientErrorKind::RpcError(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Sends what was never sent, or long ago. Errors but a refusal at first sight do not matter here: whether a
    /// transaction landed is asked of the blocks, and what did not is sent again.
    fn send(&self, open: &mut [&mut Parcel]) {
        let due: Vec<(&Transaction, Mutex<&mut Parcel>)> = open
            .iter_mut()
            .filter(|parcel| parcel.is_due())
            .filter_map(|parcel| Some((parcel.transaction?, Mutex::new(&mut **parcel))))
            .collect();
        // The node need not repeat what is repeated here.
        let config = RpcSendTransactionConfig {
            skip_preflight: !self.preflight,
            max_retries: Some(0),
            preflight_commitment: Some(self.commitment.commitment),
            ..RpcSendTransactionConfig::default()
        };
        let next = AtomicUsize::new(0);
        let refused = Mutex::new(0_usize);
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS.min(due.len()) {
                scope.spawn(|| {
                    while let Some((transaction, parcel)) =
                        due.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let sent = self.rpc.send_transaction_with_config(*transaction, config);
                        let Ok(mut parcel) = parcel.lock() else {
                            continue;
                        };
                        let is_first = parcel.sent.replace(Instant::now()).is_none();
                        parcel.refusal = None;
                        let Err(error) = sent else {
                            parcel.refusals = 0;
                            continue;
                        };
                        if let Ok(mut refused) = refused.lock() {
                            *refused = refused.saturating_add(1);
                        }
                        if self.preflight {
                            parcel.take(error, is_first);
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

    /// Believes the refusals of what no block has, and forgets those of what has landed all the same. Returns how many
    /// were found to have landed.
    fn believe(&self, open: &mut [&mut Parcel]) -> Result<usize, ClientError> {
        let mut refused: Vec<&mut Parcel> = open
            .iter_mut()
            .filter(|parcel| parcel.refusal.is_some() && parcel.fate.is_none())
            .map(|parcel| &mut **parcel)
            .collect();
        if refused.is_empty() {
            return Ok(0);
        }
        let signatures: Vec<Signature> = refused.iter().map(|parcel| parcel.signature).collect();
        let statuses = self.rpc.get_signature_statuses_with_history(&signatures)?;
        for (parcel, status) in refused.iter_mut().zip(statuses.value) {
            let refusal = parcel.refusal.take().filter(|_| status.is_none());
            parcel.fate = refusal.map(|refusal| Fate::Refused(Box::new(refusal)));
        }
        refused.retain(|parcel| parcel.fate.is_none());
        match refused.is_empty() {
            true => Ok(0),
            false => self.look(&mut refused, true),
        }
    }

    /// The blockhash has ended: a last look into the history, then the rest counts as expired.
    /// Returns how many were found to have landed.
    fn bury(&self, parcels: &mut [Parcel]) -> Result<usize, ClientError> {
        let mut landed = 0_usize;
        // Twice: a node may answer one search before it has caught up with what it just reported.
        for round in 0..2 {
            let mut open: Vec<&mut Parcel> = parcels
                .iter_mut()
                .filter(|parcel| parcel.fate.is_none())
                .filter(|parcel| parcel.sent.is_some() || parcel.transaction.is_none())
                .collect();
            if round > 0 && !open.is_empty() {
                thread::sleep(HISTORY_CATCHES_UP);
            }
            for batch in open.chunks_mut(IN_FLIGHT) {
                landed = landed.saturating_add(self.look(batch, true)?);
            }
        }
        for parcel in parcels {
            parcel.fate.get_or_insert(Fate::Expired);
        }
        Ok(landed)
    }
}

/// Lets a cluster fail to answer for a while.
fn be_patient(heard: Instant, error: ClientError) -> Result<(), ClientError> {
    if heard.elapsed() > SILENCE {
        return Err(error);
    }
    thread::sleep(LOOK_AGAIN_AT_MOST);
    Ok(())
}
