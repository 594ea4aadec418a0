//! What becomes of a signed transaction: it lands, it fails, or it can never land any more. Nothing else is a decision.
//!
//! Getting it there is the courier's work; here its fate is written down and told.

use std::collections::BTreeMap;

use solana_client::client_error::{ClientError, ClientErrorKind};
use solana_client::rpc_request::{RpcError, RpcResponseErrorData};
use solana_signature::Signature;
use solana_transaction::Transaction;

use super::{explain, Ledger};
use crate::cluster::unreachable;
use crate::courier::{Courier, Fate};
use crate::error::{CliError, Result};
use crate::store::{Progress, SentTransaction};

/// Sends the bytes until their fate is decided; the slot in which they landed.
pub(super) fn carry(
    ledger: &Ledger,
    transaction: &Transaction,
    sent: &SentTransaction,
) -> Result<u64> {
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let fates = courier(ledger)
        .deliver(
            std::slice::from_ref(transaction),
            sent.last_valid_block_height,
            || {},
        )
        .map_err(|error| undecided(ledger, sent, &error))?;
    let fate = fates.into_iter().next().unwrap_or(Fate::Expired);
    settle(ledger, &signature, sent, fate)
}

/// Waits for the fate of what an earlier run signed and did not see through.
pub(super) fn decide_undecided(ledger: &Ledger) -> Result<()> {
    let mut ended = Vec::new();
    // Those of a wave end together.
    let mut ends: BTreeMap<u64, bool> = BTreeMap::new();
    for sent in ledger.store.undecided(&ledger.cluster.genesis)? {
        let Ok(signature) = sent.signature.parse::<Signature>() else {
            ledger
                .store
                .note_progress(&sent.signature, Progress::Expired)?;
            continue;
        };
        let last_valid = sent.last_valid_block_height;
        if *ends
            .entry(last_valid)
            .or_insert_with(|| courier(ledger).has_ended(last_valid).unwrap_or(false))
        {
            ended.push((signature, sent));
            continue;
        }
        if super::many::is_repeatable(&sent.label) {
            continue;
        }
        ledger.settings.notes.say(format_args!(
            "Waiting for the fate of \"{}\" of an earlier run ({}).",
            sent.label, sent.signature
        ));
        let fate = courier(ledger)
            .await_fate(signature, sent.last_valid_block_height)
            .map_err(|error| undecided(ledger, &sent, &error))?;
        // Its refusal or expiry was that run's; this one starts from what the ledger says.
        let _ = settle(ledger, &signature, &sent, fate);
    }
    if ended.is_empty() {
        return Ok(());
    }
    // Hundreds, where a batch was killed: together, since nothing has to be waited for.
    let signatures: Vec<Signature> = ended.iter().map(|(signature, _)| *signature).collect();
    let fates = courier(ledger)
        .look_back(&signatures)
        .map_err(|error| unreachable(&ledger.settings.url, &error))?;
    ledger.store.together(|store| {
        ended
            .iter()
            .zip(fates)
            .try_for_each(|((_, sent), fate)| store.note_progress(&sent.signature, progress(&fate)))
    })
}

/// What a fate is in the journal.
fn progress(fate: &Fate) -> Progress {
    match fate {
        Fate::Landed { error: None, .. } => Progress::Landed,
        Fate::Landed { .. } | Fate::Refused(_) => Progress::Failed,
        Fate::Expired => Progress::Expired,
    }
}

pub(super) fn courier<'a>(ledger: &'a Ledger) -> Courier<'a> {
    Courier {
        rpc: &ledger.cluster.client,
        commitment: ledger.settings.commitment,
        preflight: !ledger.settings.skip_preflight,
    }
}

pub(super) fn settle(
    ledger: &Ledger,
    signature: &Signature,
    sent: &SentTransaction,
    fate: Fate,
) -> Result<u64> {
    let progress = progress(&fate);
    if let Fate::Landed { slot, .. } = &fate {
        ledger.cluster.seen.note(*slot);
    }
    let result = match fate {
        Fate::Landed { slot, error: None } => Ok(slot),
        Fate::Landed {
            error: Some(error), ..
        } => Err(explain(&error, &ledger.logs(signature))),
        Fate::Refused(error) => Err(refusal(ledger, &error)),
        Fate::Expired => {
            let message = format!("The cluster never took \"{}\" and can no longer do so; nothing has changed. Run the command again.", sent.label);
            Err(CliError::new("expired", message))
        }
    };
    ledger.store.note_progress(&sent.signature, progress)?;
    result
}

/// The cluster has fallen silent: the fate is left to the next run.
fn undecided(ledger: &Ledger, sent: &SentTransaction, error: &ClientError) -> CliError {
    let silence = unreachable(&ledger.settings.url, error).message;
    let message = format!(
        "{silence} It may still land \"{}\"; run the command again, it waits for its fate ({}).",
        sent.label, sent.signature
    );
    CliError::new("undecided", message)
}

/// As above, for several: they are waited for when the next run begins.
pub(super) fn undecided_among(
    ledger: &Ledger,
    sent: &[SentTransaction],
    error: &ClientError,
) -> CliError {
    let silence = unreachable(&ledger.settings.url, error).message;
    let message = format!(
        "{silence} It may still land any of {} transactions; run the command again, it waits for their fate.",
        sent.len()
    );
    CliError::new("undecided", message)
}

/// What the node's check before sending said.
fn refusal(ledger: &Ledger, error: &ClientError) -> CliError {
    let logs = match error.kind() {
        ClientErrorKind::RpcError(RpcError::RpcResponseError {
            data: RpcResponseErrorData::SendTransactionPreflightFailure(simulated),
            ..
        }) => simulated.logs.clone().unwrap_or_default(),
        _ => Vec::new(),
    };
    match error.get_transaction_error() {
        Some(error) => explain(&error, &logs),
        None => unreachable(&ledger.settings.url, error),
    }
}
