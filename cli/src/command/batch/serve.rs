//! `galen batch serve`: proofs and verification answers over HTTP, on this machine only.

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use tiny_http::{Header, Method, Response, Server};

use super::shelf::{Asked, BatchFlag, Shelf};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// The longest address that is read.
const MAX_URL: usize = 2_048;
const MINUTE: Duration = Duration::from_secs(60);
/// Askers that are remembered; who has not asked for a minute is forgotten first.
const MAX_ASKERS: usize = 10_000;

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
listens on this machine only; others reach it through a proxy with TLS. Runs until it is stopped.")]
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
    let mut shelf = Shelf::open(&cluster, &args.batches)?;
    let server = Server::http(args.listen).map_err(|error| {
        CliError::new(
            "port_taken",
            format!("{} cannot be listened on: {error}.", args.listen),
        )
    })?;
    let mut limit = Limit::new(args.per_minute);
    announce(&server, shelf.len(), settings)?;
    loop {
        let request = server.recv().map_err(|error| {
            CliError::new(
                "server_stopped",
                format!("The server has stopped: {error}."),
            )
        })?;
        let asker = request.remote_addr().map(SocketAddr::ip);
        let (status, body) = match limit.admits(asker, Instant::now()) {
            true => reply(&cluster, &mut shelf, request.method(), request.url()),
            false => refusal(
                429,
                CliError::new(
                    "too_many_requests",
                    "Too many requests; ask again in a minute.",
                ),
            ),
        };
        let mut response = Response::from_string(format!("{body:#}\n")).with_status_code(status);
        for (name, value) in [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("Retry-After", "60"),
        ] {
            if name == "Retry-After" && status != 429 {
                continue;
            }
            if let Ok(header) = Header::from_bytes(name, value) {
                response.add_header(header);
            }
        }
        // Whoever does not wait for the answer does not need it.
        drop(request.respond(response));
    }
}

/// Says where it listens: as the one JSON document, or as a note.
fn announce(server: &Server, batches: usize, settings: &Settings) -> Result<()> {
    let listening = server.server_addr().to_string();
    if !settings.output.is_json() {
        settings.notes.say(format_args!(
            "Listening on http://{listening}, batches: {batches}"
        ));
        return Ok(());
    }
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

/// The status and the body of an answer.
fn reply(cluster: &Cluster, shelf: &mut Shelf, method: &Method, url: &str) -> (u16, Value) {
    if *method != Method::Get {
        return refusal(
            405,
            CliError::new(
                "method_not_allowed",
                "There is nothing here but to be asked: GET.",
            ),
        );
    }
    if url.len() > MAX_URL {
        return refusal(
            414,
            CliError::new("too_long", "The address is longer than any pack's."),
        );
    }
    if url == "/health" {
        return (200, json!({ "batches": shelf.len() }));
    }
    match answered(cluster, shelf, url) {
        Ok(body) => (200, body),
        Err(error) => {
            let status = match error.code.as_str() {
                "unknown_serial" | "no_primary_key" => 404,
                "cluster_unreachable" => 502,
                "leaf_file_damaged" | "file_unreadable" | "wrong_account" | "not_found" => 500,
                _ => 400,
            };
            refusal(status, error)
        }
    }
}

fn answered(cluster: &Cluster, shelf: &mut Shelf, url: &str) -> Result<Value> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let parameter = |name: &str| {
        let mut parameters = query
            .split('&')
            .filter_map(|parameter| parameter.split_once('='));
        parameters
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    };
    // The resolver's own name is no part of what is asked.
    let asked = Asked::read(&format!("https://localhost{url}"), cluster.unix_time()?)?;
    match parameter("linkType") {
        Some("verificationService" | "gs1:verificationService") => {
            shelf.verify(cluster, &asked, parameter("corrUUID"))
        }
        _ => shelf.prove(&asked),
    }
}

fn refusal(status: u16, error: CliError) -> (u16, Value) {
    // What is wrong with a file here is nobody's business there.
    let error = match status {
        500 | 502 => CliError::new(
            &error.code,
            "The answer cannot be given now; ask whoever runs this.",
        ),
        _ => error,
    };
    (status, json!({ "error": error }))
}

/// How often each address has asked in its present minute.
struct Limit {
    per_minute: u32,
    askers: HashMap<Option<IpAddr>, (Instant, u32)>,
}

impl Limit {
    fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            askers: HashMap::new(),
        }
    }

    fn admits(&mut self, asker: Option<IpAddr>, now: Instant) -> bool {
        let is_over = |since: Instant| now.saturating_duration_since(since) >= MINUTE;
        if self.askers.len() >= MAX_ASKERS {
            self.askers.retain(|_, (since, _)| !is_over(*since));
        }
        // More at once than can be remembered are an attack: nobody new comes in.
        if self.askers.len() >= MAX_ASKERS && !self.askers.contains_key(&asker) {
            return false;
        }
        let (since, count) = self.askers.entry(asker).or_insert((now, 0));
        if is_over(*since) {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_asks_more_often_than_allowed() {
        let mut limit = Limit::new(2);
        let (one, other) = (Some([10, 0, 0, 1].into()), Some([10, 0, 0, 2].into()));
        let now = Instant::now();
        assert_eq!(
            [1, 2, 3].map(|_| limit.admits(one, now)),
            [true, true, false]
        );
        assert!(limit.admits(other, now), "each has a limit of its own");
        assert!(!limit.admits(one, now + Duration::from_secs(59)));
        assert!(limit.admits(one, now + MINUTE));
    }

    #[test]
    fn a_crowd_does_not_fill_the_memory() {
        let mut limit = Limit::new(1);
        let now = Instant::now();
        for number in 0..u32::try_from(MAX_ASKERS).expect("small") {
            assert!(limit.admits(Some(number.to_be_bytes().into()), now));
        }
        let late = Some([255, 0, 0, 1].into());
        assert!(!limit.admits(late, now));
        assert!(limit.admits(late, now + MINUTE));
    }
}
