//! `galen batch serve`: proofs and verification answers over HTTP, on this machine only.

mod door;
mod limit;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{HeaderValue, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode, Uri};
use serde_json::{json, Value};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use self::limit::Limit;
use super::shelf::{Asked, BatchFlag, Shelf};
use crate::chain::when;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// The longest address that is read.
const MAX_URL: usize = 2_048;
/// Questions to the cluster at once; proofs, which need none, never wait for them.
const QUESTIONS: usize = 8;
/// Threads that look up proofs and ask questions.
const THREADS: usize = 2 * QUESTIONS;
/// How long a question waits for its turn, and then for the cluster.
const TURN_WITHIN: Duration = Duration::from_secs(2);
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// Flags of `galen batch serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch serve BATCH=batch.leaves
  galen batch serve BATCH=a1.leaves OTHER=b2.leaves --listen 127.0.0.1:8090 --per-minute 600
  curl 'http://127.0.0.1:8090/01/09506000134352/21/SN0001'
  curl 'http://127.0.0.1:8090/gtin/09506000134352/lot/A1/ser/SN0001?exp=271231&linkType=verificationService'

A pack's Digital Link answers with its proof, the input of `galen batch verify`; with linkType=verificationService, as the lookup directories
of verification routers ask, with the answer of `galen batch verify-request`. Serial numbers are never listed: who does not know one
learns nothing, and --per-minute keeps them from guessing. Each leaf file must be the one whose root and SHA-256 are anchored. It
listens on this machine only; others reach it through a proxy with TLS, which must add each caller's address to X-Forwarded-For: the
limit goes by the last one there, and whoever comes without counts as one caller. Runs until it is stopped.")]
pub struct Args {
    /// A batch and its leaf file
    #[arg(value_name = "BATCH=LEAVES", required = true)]
    batches: Vec<BatchFlag>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Requests that one address may make in a minute
    #[arg(long, value_name = "COUNT", default_value_t = 120)]
    per_minute: u32,
}

/// What answers are made of.
struct Desk {
    cluster: Cluster,
    shelf: Shelf,
    limit: Mutex<Limit>,
    questions: Arc<Semaphore>,
}

/// Runs the command, until it is stopped.
///
/// # Errors
/// `not_local`, `port_taken`, `wrong_leaf_file`, those of leaf files, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    if !args.listen.ip().is_loopback() {
        let message = format!("{} is not of this machine alone. Listen on 127.0.0.1 and put a proxy with TLS in front.", args.listen.ip());
        return Err(CliError::new("not_local", message));
    }
    let cluster = Cluster::connect(settings)?;
    let shelf = Shelf::open(&cluster, &args.batches)?;
    let taken = |error| {
        CliError::new(
            "port_taken",
            format!("{} cannot be listened on: {error}.", args.listen),
        )
    };
    let listener = TcpListener::bind(args.listen).map_err(taken)?;
    listener.set_nonblocking(true).map_err(taken)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(THREADS)
        .build()
        .map_err(taken)?;
    announce(listener.local_addr().map_err(taken)?, shelf.len(), settings)?;
    let desk = Arc::new(Desk {
        cluster,
        shelf,
        limit: Mutex::new(Limit::new(args.per_minute)),
        questions: Arc::new(Semaphore::new(QUESTIONS)),
    });
    let never = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(taken)?;
        let answer = move |request| attend(Arc::clone(&desk), request);
        Ok::<_, CliError>(door::receive(listener, answer).await)
    })?;
    match never {}
}

/// Says where it listens: as the one JSON document, or as a note.
fn announce(listening: SocketAddr, batches: usize, settings: &Settings) -> Result<()> {
    if !settings.output.is_json() {
        settings.notes.say(format_args!(
            "Listening on http://{listening}, batches: {batches}"
        ));
        return Ok(());
    }
    let listening = listening.to_string();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{}",
        json!({ "listening": listening, "batches": batches })
    )
    .and_then(|()| out.flush())
    .map_err(|error| {
        CliError::new(
            "unprintable",
            format!("The answer cannot be printed: {error}."),
        )
    })
}

/// The answer to a request.
async fn attend(desk: Arc<Desk>, request: Request<Incoming>) -> Response<String> {
    let asker = limit::asker(request.headers());
    let is_admitted = {
        let mut limit = desk.limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.admits(asker, Instant::now())
    };
    let (status, body) = if is_admitted {
        reply(&desk, request.method(), request.uri()).await
    } else {
        let message = "Too many requests; ask again in a minute.";
        refusal(
            StatusCode::TOO_MANY_REQUESTS,
            CliError::new("too_many_requests", message),
        )
    };
    let mut response = Response::new(format!("{body:#}\n"));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let wait = match status {
        StatusCode::TOO_MANY_REQUESTS => Some("60"),
        StatusCode::SERVICE_UNAVAILABLE => Some("1"),
        _ => None,
    };
    if let Some(seconds) = wait {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}

/// The status and the body of an answer.
async fn reply(desk: &Arc<Desk>, method: &Method, uri: &Uri) -> (StatusCode, Value) {
    if *method != Method::GET {
        return refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            CliError::new(
                "method_not_allowed",
                "There is nothing here but to be asked: GET.",
            ),
        );
    }
    let url = uri.path_and_query().map_or("", |url| url.as_str());
    if url.len() > MAX_URL {
        return refusal(
            StatusCode::URI_TOO_LONG,
            CliError::new("too_long", "The address is longer than any pack's."),
        );
    }
    if url == "/health" {
        return (StatusCode::OK, json!({ "batches": desk.shelf.len() }));
    }
    match answered(desk, url).await {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => {
            let status = match error.code.as_str() {
                "unknown_serial" | "no_primary_key" => StatusCode::NOT_FOUND,
                "cluster_behind" | "cluster_unreachable" => StatusCode::BAD_GATEWAY,
                "busy" => StatusCode::SERVICE_UNAVAILABLE,
                "leaf_file_damaged" | "file_unreadable" | "wrong_account" | "not_found"
                | "cluster_odd" | "wrong_clock" | "server_failed" => {
                    StatusCode::INTERNAL_SERVER_ERROR
                }
                _ => StatusCode::BAD_REQUEST,
            };
            refusal(status, error)
        }
    }
}

async fn answered(desk: &Arc<Desk>, url: &str) -> Result<Value> {
    // The resolver's own name is no part of what is asked.
    let asked = Asked::read(&format!("https://localhost{url}"), when::this_year()?)?;
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    let desk = Arc::clone(desk);
    match parameter("linkType").as_deref() {
        Some("verificationService" | "gs1:verificationService") => {
            verified(desk, asked, parameter("corrUUID")).await
        }
        _ => spawn_blocking(move || desk.shelf.prove(&asked))
            .await
            .map_err(|_| failed())?,
    }
}

/// The answer to a verification request, for which the cluster is asked.
async fn verified(desk: Arc<Desk>, asked: Asked, uuid: Option<String>) -> Result<Value> {
    let turn = Arc::clone(&desk.questions).acquire_owned();
    let turn = timeout(TURN_WITHIN, turn)
        .await
        .map_err(|_| {
            CliError::new(
                "busy",
                "There are too many questions at once; ask again in a moment.",
            )
        })?
        .map_err(|_| failed())?;
    let question = spawn_blocking(move || {
        // Kept until the cluster has answered or been given up, even if the caller is told before.
        let _turn = turn;
        desk.shelf.verify(&desk.cluster, &asked, uuid.as_deref())
    });
    timeout(ANSWERED_WITHIN, question)
        .await
        .map_err(|_| CliError::new("cluster_unreachable", "The cluster takes too long."))?
        .map_err(|_| failed())?
}

fn failed() -> CliError {
    CliError::new("server_failed", "The answer could not be made.")
}

fn refusal(status: StatusCode, error: CliError) -> (StatusCode, Value) {
    // What is wrong with a file here is nobody's business there.
    let error = match status {
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::BAD_GATEWAY => CliError::new(
            &error.code,
            "The answer cannot be given now; ask whoever runs this.",
        ),
        _ => error,
    };
    (status, json!({ "error": error }))
}
