//! What becomes of a signed transaction: it lands, it fails, or it can never land any more. Nothing else is a decision.

use std::thread::sleep;
use std::time::{Duration, Instant};

use solana_client::client_error::ClientError;
use solana_client::rpc_request::{RpcError, RpcResponseErrorData};
use solana_commitment_config::CommitmentConfig;
use solana_signature::Signature;
use solana_transaction::Transaction;
use solana_transaction_status::TransactionStatus;

use super::{explain, Ledger};
use crate::cluster::unreachable;
use crate::error::{CliError, Result};
use crate::store::{Progress, SentTransaction};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const RESEND_AFTER: Duration = Duration::from_secs(2);
/// How long the cluster may stay silent before the fate is left to the next run.
const PATIENCE: Duration = Duration::from_secs(60);
/// Blocks for which a blockhash is valid, with room: a transaction further ahead belongs to a ledger that is no more.
const HORIZON: u64 = 300;

/// Sends the bytes until their fate is decided; the slot in which they landed.
pub(super) fn carry(
    ledger: &Ledger,
    transaction: &Transaction,
    sent: &SentTransaction,
) -> Result<u64> {
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let send = || {
        ledger
            .cluster
            .client
            .send_transaction_with_config(transaction, ledger.send_config())
    };
    if let Err(error) = send() {
        // A refusal may be of a copy of what has landed already, so the ledger is asked before it is believed.
        if let (Some(refused), Ok(None)) = (refusal(&error), status(ledger, &signature, true)) {
            ledger
                .store
                .note_progress(&sent.signature, Progress::Failed)?;
            return Err(refused);
        }
    }
    let mut resent = Instant::now();
    let fate = await_fate(ledger, &signature, sent, || {
        if resent.elapsed() >= RESEND_AFTER {
            resent = Instant::now();
            // The same bytes, so at most one of them counts; whether one arrived is asked, not inferred.
            let _ = send();
        }
    })?;
    settle(ledger, sent, fate)
}

/// Waits for the fate of what an earlier run signed and did not see through.
pub(super) fn decide_undecided(ledger: &Ledger) -> Result<()> {
    for sent in ledger.store.undecided(&ledger.cluster.genesis)? {
        let Ok(signature) = sent.signature.parse() else {
            ledger
                .store
                .note_progress(&sent.signature, Progress::Expired)?;
            continue;
        };
        ledger.settings.notes.say(format_args!(
            "Waiting for the fate of \"{}\" of an earlier run ({}).",
            sent.label, sent.signature
        ));
        let fate = await_fate(ledger, &signature, &sent, || {})?;
        // Its refusal or expiry was that run's; this one starts from what the ledger says.
        let _ = settle(ledger, &sent, fate);
    }
    Ok(())
}

enum Fate {
    Landed(u64),
    Failed(CliError),
    Expired,
}

fn settle(ledger: &Ledger, sent: &SentTransaction, fate: Fate) -> Result<u64> {
    let (progress, result) = match fate {
        Fate::Landed(slot) => (Progress::Landed, Ok(slot)),
        Fate::Failed(error) => (Progress::Failed, Err(error)),
        Fate::Expired => {
            let message = format!("The cluster never took \"{}\" and can no longer do so; nothing has changed. Run the command again.", sent.label);
            (Progress::Expired, Err(CliError::new("expired", message)))
        }
    };
    ledger.store.note_progress(&sent.signature, progress)?;
    result
}

fn await_fate(
    ledger: &Ledger,
    signature: &Signature,
    sent: &SentTransaction,
    mut meanwhile: impl FnMut(),
) -> Result<Fate> {
    let mut heard = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match look(ledger, signature, sent) {
            Ok(Some(fate)) => return Ok(fate),
            Ok(None) => heard = Instant::now(),
            Err(error) if heard.elapsed() > PATIENCE => {
                let message = format!("{} It may still land \"{}\"; run the command again, it waits for its fate ({}).", error.message, sent.label, sent.signature);
                return Err(CliError::new("undecided", message));
            }
            Err(_) => {}
        }
        sleep(pause);
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        meanwhile();
    }
}

/// The fate, if it is decided.
fn look(ledger: &Ledger, signature: &Signature, sent: &SentTransaction) -> Result<Option<Fate>> {
    if let Some(status) = status(ledger, signature, false)? {
        return Ok(decided(ledger, signature, &status));
    }
    let height = ledger
        .cluster
        .client
        .get_block_height_with_commitment(CommitmentConfig::finalized())
        .map_err(|error| unreachable(&ledger.settings.url, &error))?;
    let other_ledger = sent.last_valid_block_height > height.saturating_add(HORIZON);
    if height <= sent.last_valid_block_height && !other_ledger {
        return Ok(None);
    }
    // Two searches through history: a node may answer one before it has caught up with what it just reported.
    for _ in 0..2 {
        if let Some(status) = status(ledger, signature, true)? {
            return Ok(decided(ledger, signature, &status));
        }
        sleep(FIRST_PAUSE);
    }
    Ok(Some(Fate::Expired))
}

fn decided(ledger: &Ledger, signature: &Signature, status: &TransactionStatus) -> Option<Fate> {
    if !status.satisfies_commitment(ledger.settings.commitment) {
        return None;
    }
    match &status.err {
        None => Some(Fate::Landed(status.slot)),
        Some(error) => Some(Fate::Failed(explain(error, &ledger.logs(signature)))),
    }
}

fn status(
    ledger: &Ledger,
    signature: &Signature,
    history: bool,
) -> Result<Option<TransactionStatus>> {
    let client = &ledger.cluster.client;
    let signatures = [*signature];
    let answer = if history {
        client.get_signature_statuses_with_history(&signatures)
    } else {
        client.get_signature_statuses(&signatures)
    };
    answer
        .map(|answer| answer.value.into_iter().next().flatten())
        .map_err(|error| unreachable(&ledger.settings.url, &error))
}

/// The refusal in an answer to sending, if it is one and not a failure to answer.
fn refusal(error: &ClientError) -> Option<CliError> {
    let logs = match error.kind() {
        solana_client::client_error::ClientErrorKind::RpcError(RpcError::RpcResponseError {
            data: RpcResponseErrorData::SendTransactionPreflightFailure(simulated),
            ..
        }) => simulated.logs.clone().unwrap_or_default(),
        _ => Vec::new(),
    };
    error
        .get_transaction_error()
        .map(|error| explain(&error, &logs))
}
