//! Questions to a cluster, asked again while what comes back is no answer.
//!
//! A node that restarts, that has had enough of us, or that stands behind a gateway which cuts connections, answers with an
//! error page, with half a document, or not at all. None of it says anything about the ledger, so it must not end a run that
//! pays ten thousand people. Nor must an answer from before what this run has seen happen: of several nodes behind one
//! address some lag.
//!
//! Transactions are not sent again from here: the courier does that, and decides what became of them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;
use solana_client::client_error::reqwest::StatusCode;
use solana_client::client_error::{ClientError, ClientErrorKind, Result};
use solana_client::rpc_request::{RpcError, RpcRequest};
use solana_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client::http_sender::HttpSender;

use crate::output::Notes;

/// How long a question is asked before its failure counts.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nodes may answer from before what has been seen; then the answer is taken as it is.
const LAG: Duration = Duration::from_secs(10);
/// The wait before a question is asked again; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Codes by which a node says that it cannot answer now: behind the others (-32005), the status not there yet (-32014), the slot
/// not reached yet (-32016), and too many questions, as some gateways say it.
const NOT_NOW: [i64; 5] = [-32_005, -32_014, -32_016, 429, -32_429];

/// The latest slot in which this run has seen something happen.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<AtomicU64>);

impl Seen {
    /// Something happened in `slot`.
    pub fn note(&self, slot: u64) {
        self.0.fetch_max(slot, Ordering::Relaxed);
    }

    fn slot(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Asks again while what comes back is no answer.
pub struct PatientSender {
    http: HttpSender,
    notes: Notes,
    seen: Seen,
    /// Whether anything has ever answered: where nothing listens, waiting helps nobody.
    has_answered: AtomicBool,
}

impl PatientSender {
    /// Asks the node at `url`, each time for at most `timeout`.
    pub fn new(url: &str, timeout: Duration, notes: Notes, seen: Seen) -> Self {
        Self {
            http: HttpSender::new_with_timeout(url, timeout),
            notes,
            seen,
            has_answered: AtomicBool::new(false),
        }
    }

    /// What an answer is worth.
    fn weigh(&self, request: RpcRequest, answer: &Result<Value>) -> Worth {
        match answer {
            Ok(value) => {
                self.has_answered.store(true, Ordering::Relaxed);
                if value.is_null() && !may_be_null(request) {
                    Worth::Nothing
                } else if is_of_a_slot(request) && slot_of(value) < self.seen.slot() {
                    Worth::Old
                } else {
                    Worth::Answer
                }
            }
            Err(error) if is_connection(error) && !self.has_answered.load(Ordering::Relaxed) => {
                Worth::Answer
            }
            Err(error) if is_silence(error) => Worth::Nothing,
            Err(_) => {
                self.has_answered.store(true, Ordering::Relaxed);
                Worth::Answer
            }
        }
    }
}

/// What is made of what came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It is taken, be it an error.
    Answer,
    /// It says nothing.
    Nothing,
    /// It is of a node that lags.
    Old,
}

#[async_trait]
impl RpcSender for PatientSender {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value> {
        if !is_repeatable(request) {
            return self.http.send(request, params).await;
        }
        let began = Instant::now();
        let mut wait = FIRST_WAIT;
        loop {
            let answer = self.http.send(request, params.clone()).await;
            let patience = match self.weigh(request, &answer) {
                Worth::Answer => return answer,
                Worth::Nothing => PATIENCE,
                Worth::Old => LAG,
            };
            if began.elapsed() >= patience {
                return answer;
            }
            if let Err(error) = &answer {
                self.notes
                    .detail(format_args!("Asking again ({request}): {error}."));
            }
            tokio::time::sleep(jittered(wait)).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        self.http.get_transport_stats()
    }

    fn url(&self) -> String {
        self.http.url()
    }
}

/// Whether asking twice is the same as asking once: true of all that is read.
fn is_repeatable(request: RpcRequest) -> bool {
    !matches!(
        request,
        RpcRequest::SendTransaction | RpcRequest::RequestAirdrop | RpcRequest::Custom { .. }
    )
}

/// Whether "nothing" can be the answer.
fn may_be_null(request: RpcRequest) -> bool {
    matches!(
        request,
        RpcRequest::GetTransaction | RpcRequest::GetBlock | RpcRequest::GetBlockTime
    )
}

/// Whether the answer says of which slot it is, and must not be of one before what has been seen.
fn is_of_a_slot(request: RpcRequest) -> bool {
    matches!(
        request,
        RpcRequest::GetAccountInfo
            | RpcRequest::GetMultipleAccounts
            | RpcRequest::GetProgramAccounts
            | RpcRequest::SimulateTransaction
    )
}

/// The slot of an answer; the last there is where it says none.
fn slot_of(answer: &Value) -> u64 {
    answer
        .pointer("/context/slot")
        .and_then(Value::as_u64)
        .unwrap_or(u64::MAX)
}

/// Whether there was no connection at all.
fn is_connection(error: &ClientError) -> bool {
    matches!(error.kind(), ClientErrorKind::Reqwest(error) if error.is_connect())
}

/// Whether what came back says nothing about the question.
fn is_silence(error: &ClientError) -> bool {
    match error.kind() {
        ClientErrorKind::Io(_) | ClientErrorKind::Middleware(_) => true,
        // What the node refuses to be asked stays refused, but for questions that come too often or took too long.
        ClientErrorKind::Reqwest(error) => error.status().is_none_or(|status| {
            !status.is_client_error()
                || status == StatusCode::TOO_MANY_REQUESTS
                || status == StatusCode::REQUEST_TIMEOUT
        }),
        ClientErrorKind::RpcError(RpcError::RpcResponseError { code, .. }) => {
            NOT_NOW.contains(code)
        }
        // An error that is none.
        ClientErrorKind::RpcError(RpcError::RpcRequestError(_)) => true,
        _ => false,
    }
}

/// Between half of `wait` and the whole: many who were cut off together do not come back together.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0];
    // Without randomness they do; nothing worse.
    let _ = getrandom::fill(&mut byte);
    let [byte] = byte;
    let half = wait / 2;
    half + half.saturating_mul(u32::from(byte)) / u32::from(u8::MAX)
}
