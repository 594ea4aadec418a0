//! A proxy between galen and the validator that does to questions and answers what networks and nodes do to them.
//!
//! A real one: it listens on a port, takes HTTP, and asks the validator over a connection of its own. Which question suffers
//! which fault is drawn from a seed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

use serde_json::{json, Value};

use super::random::Random;

/// How long an answer hangs: longer than galen is told to wait.
const HANGS: Duration = Duration::from_millis(1_500);
/// What galen is told to wait for an answer, in seconds.
pub const RPC_TIMEOUT: &str = "1";
/// Blocks by which a node is on another fork, or behind.
const OTHER_FORK: u64 = 140;
const FAR_BEHIND: u64 = 400;

/// What can go wrong with any question.
const ALWAYS: [&str; 14] = [
    "429",
    "429 with Retry-After",
    "500",
    "502 with HTML",
    "503",
    "504 when it has been done",
    "hangs",
    "slow",
    "cut off before the answer",
    "cut off in the answer",
    "half a document",
    "another document",
    "HTML with 200",
    "node behind",
];
/// What can go wrong with questions of one method beside that.
const BY_METHOD: [(&str, &[&str]); 8] = [
    (
        "sendTransaction",
        &[
            "taken and dropped",
            "taken twice",
            "refused and landed",
            "blockhash unknown",
            "error and landed",
        ],
    ),
    ("getSignatureStatuses", &["status forgotten", "another id"]),
    (
        "getLatestBlockhash",
        &["old blockhash", "height of another fork", "another id"],
    ),
    ("getBlockHeight", &["height far behind", "another id"]),
    ("simulateTransaction", &["blockhash not there yet"]),
    ("getMultipleAccounts", &["old accounts", "another id"]),
    ("getAccountInfo", &["old accounts"]),
    ("getProgramAccounts", &["old accounts"]),
];

/// What the proxy has seen and done.
#[derive(Default)]
struct Log {
    calls: usize,
    faults: BTreeMap<&'static str, usize>,
    /// The first answer to each question about accounts: what a node that lags says later on.
    first_answers: BTreeMap<String, Value>,
    /// Blockhashes that were given out, with their heights.
    blockhashes: Vec<Value>,
}

struct Shared {
    upstream: String,
    /// Of 100 questions.
    rate: u64,
    dice: Mutex<Random>,
    log: Mutex<Log>,
    stop: AtomicBool,
    /// Seconds by which the clock in accounts that are asked for together is behind.
    lag: AtomicI64,
}

/// A proxy that runs until it is dropped.
pub struct FaultProxy {
    pub url: String,
    shared: Arc<Shared>,
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a connection.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

impl FaultProxy {
    /// Stands before the validator at `upstream`; of 100 questions `rate` suffer a fault.
    pub fn before(upstream: &str, rate: u64, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            rate,
            dice: Mutex::new(Random(seed)),
            log: Mutex::default(),
            stop: AtomicBool::new(false),
            lag: AtomicI64::new(0),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stop.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&serving)) else {
                    continue;
                };
                // Whoever goes away wants no answer.
                thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { url, shared }
    }

    /// Has the node say from now on what time it was some seconds ago.
    pub fn fall_behind(&self, seconds: i64) {
        self.shared.lag.store(seconds, Ordering::SeqCst);
    }

    /// Questions so far.
    pub fn calls(&self) -> usize {
        self.shared.log.lock().expect("no panic").calls
    }

    /// Forgets how accounts were: a node lags behind what a run has seen, not behind what was before it.
    pub fn begin(&self) {
        self.shared
            .log
            .lock()
            .expect("no panic")
            .first_answers
            .clear();
    }

    /// How often each fault has struck.
    pub fn faults(&self) -> BTreeMap<&'static str, usize> {
        self.shared.log.lock().expect("no panic").faults.clone()
    }

    /// Kinds of faults that there are.
    pub fn kinds() -> usize {
        let names = BY_METHOD.iter().flat_map(|(_, names)| names.iter());
        let all: std::collections::BTreeSet<_> = ALWAYS.iter().chain(names).collect();
        all.len()
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (_, body) = message(&mut reader)?;
        let Ok(question) = serde_json::from_slice::<Value>(&body) else {
            return Ok(());
        };
        let method = question["method"].as_str().unwrap_or_default();
        let fault = self.draw(method);
        match fault {
            None => {
                let answer = self.of_its_time(method, &question, self.ask(&body)?)?;
                self.remember(method, &question, &answer);
                reply(&mut stream, "200 OK", &answer)
            }
            Some(fault) => self.do_harm(fault, &question, &body, &mut stream),
        }
    }

    /// The fault that a question suffers.
    fn draw(&self, method: &str) -> Option<&'static str> {
        let mut log = self.log.lock().expect("no panic");
        log.calls += 1;
        let mut dice = self.dice.lock().expect("no panic");
        if dice.below(100) >= self.rate {
            return None;
        }
        let of_method = BY_METHOD.iter().find(|(name, _)| *name == method);
        let special = of_method.map_or(&[][..], |(_, names)| names);
        // Those of the method as often as all others together.
        let fault = if !special.is_empty() && dice.below(2) == 0 {
            special[dice.below(special.len() as u64) as usize]
        } else {
            ALWAYS[dice.below(ALWAYS.len() as u64) as usize]
        };
        *log.faults.entry(fault).or_default() += 1;
        Some(fault)
    }

    /// An answer with the clock of a node that is behind.
    fn of_its_time(
        &self,
        method: &str,
        question: &Value,
        answer: Vec<u8>,
    ) -> std::io::Result<Vec<u8>> {
        let clock = json!(solana_sdk_ids::sysvar::clock::ID.to_string());
        let asked = question["params"][0].as_array();
        let place = asked.and_then(|asked| asked.iter().position(|one| *one == clock));
        let lag = self.lag.load(Ordering::SeqCst);
        let Some(place) = place.filter(|_| method == "getMultipleAccounts" && lag != 0) else {
            return Ok(answer);
        };
        let plain = json!({"jsonrpc": "2.0", "id": 1, "method": "getAccountInfo", "params": [clock, {"encoding": "base58"}]});
        let told: Value = serde_json::from_slice(&self.ask(plain.to_string().as_bytes())?)?;
        let text = told["result"]["value"]["data"][0].as_str();
        let mut data = bs58::decode(text.expect("the clock"))
            .into_vec()
            .expect("base58");
        let now = i64::from_le_bytes(data[32..40].try_into().expect("8 bytes"));
        data[32..40].copy_from_slice(&(now - lag).to_le_bytes());
        let mut answer: Value = serde_json::from_slice(&answer)?;
        answer["result"]["value"][place]["data"] =
            json!([bs58::encode(data).into_string(), "base58"]);
        Ok(answer.to_string().into_bytes())
    }

    fn remember(&self, method: &str, question: &Value, answer: &[u8]) {
        let Ok(answer) = serde_json::from_slice::<Value>(answer) else {
            return;
        };
        let mut log = self.log.lock().expect("no panic");
        if method == "getLatestBlockhash" {
            log.blockhashes.push(answer["result"].clone());
        } else if is_of_accounts(method) {
            let key = format!("{method}{}", question["params"]);
            log.first_answers
                .entry(key)
                .or_insert_with(|| before_its_slot(&answer["result"]));
        }
    }

    fn do_harm(
        &self,
        fault: &'static str,
        question: &Value,
        body: &[u8],
        stream: &mut TcpStream,
    ) -> std::io::Result<()> {
        let id = &question["id"];
        let method = question["method"].as_str().unwrap_or_default();
        let result = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result});
        let error = |code: i64, message: &str, data: Value| json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, "data": data}});
        let html = b"<html><body>bad gateway</body></html>";
        let answered = match fault {
            "429" => return reply(stream, "429 Too Many Requests", b"slow down"),
            "429 with Retry-After" => {
                return reply(stream, "429 Too Many Requests\r\nretry-after: 1", b"")
            }
            "500" => return reply(stream, "500 Internal Server Error", b"oops"),
            "502 with HTML" => return reply(stream, "502 Bad Gateway", html),
            "503" => return reply(stream, "503 Service Unavailable", b""),
            "504 when it has been done" => {
                self.ask(body)?;
                return reply(stream, "504 Gateway Timeout", html);
            }
            "hangs" => {
                sleep(HANGS);
                return Ok(());
            }
            "slow" => {
                sleep(HANGS / 5);
                return reply(stream, "200 OK", &self.ask(body)?);
            }
            "cut off before the answer" => return Ok(()),
            "cut off in the answer" => {
                let answer = self.ask(body)?;
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    answer.len()
                );
                stream.write_all(head.as_bytes())?;
                return stream.write_all(&answer[..answer.len() / 2]);
            }
            "half a document" => {
                let answer = self.ask(body)?;
                return reply(stream, "200 OK", &answer[..answer.len() / 2]);
            }
            "HTML with 200" => return reply(stream, "200 OK", html),
            "another document" => json!({"status": "maintenance"}),
            "node behind" => error(
                -32_005,
                "Node is behind by 42 slots",
                json!({"numSlotsBehind": 42}),
            ),
            "another id" => {
                let mut answer: Value = serde_json::from_slice(&self.ask(body)?)?;
                answer["id"] = json!(987_654_321);
                answer
            }
            "taken and dropped" => {
                // The node says that it has it, and nobody ever sees it. Galen goes by the signature that it has made itself.
                result(json!(bs58::encode([7; 64]).into_string()))
            }
            "taken twice" => {
                self.ask(body)?;
                serde_json::from_slice(&self.ask(body)?)?
            }
            "refused and landed" => {
                self.ask(body)?;
                error(
                    -32_002,
                    "Transaction simulation failed: Blockhash not found",
                    refusal(),
                )
            }
            "blockhash unknown" => error(
                -32_002,
                "Transaction simulation failed: Blockhash not found",
                refusal(),
            ),
            "error and landed" => {
                self.ask(body)?;
                error(-32_603, "Internal error", Value::Null)
            }
            "status forgotten" => {
                let mut answer: Value = serde_json::from_slice(&self.ask(body)?)?;
                for status in answer["result"]["value"]
                    .as_array_mut()
                    .into_iter()
                    .flatten()
                {
                    *status = Value::Null;
                }
                answer
            }
            "old blockhash" => {
                let log = self.log.lock().expect("no panic");
                match log.blockhashes.iter().rev().nth(1) {
                    Some(old) => result(old.clone()),
                    None => json!({}),
                }
            }
            "height of another fork" => {
                let mut answer: Value = serde_json::from_slice(&self.ask(body)?)?;
                let height = answer["result"]["value"]["lastValidBlockHeight"].as_u64();
                answer["result"]["value"]["lastValidBlockHeight"] =
                    json!(height.unwrap_or_default().saturating_sub(OTHER_FORK));
                answer
            }
            "height far behind" => {
                let mut answer: Value = serde_json::from_slice(&self.ask(body)?)?;
                let height = answer["result"].as_u64().unwrap_or_default();
                answer["result"] = json!(height.saturating_sub(FAR_BEHIND));
                answer
            }
            "blockhash not there yet" => {
                let mut answer: Value = serde_json::from_slice(&self.ask(body)?)?;
                answer["result"]["value"]["err"] = json!("BlockhashNotFound");
                answer["result"]["value"]["logs"] = json!([]);
                answer
            }
            "old accounts" => {
                let log = self.log.lock().expect("no panic");
                match log
                    .first_answers
                    .get(&format!("{method}{}", question["params"]))
                {
                    Some(old) => result(old.clone()),
                    None => json!({}),
                }
            }
            fault => panic!("no fault {fault}"),
        };
        reply(stream, "200 OK", answered.to_string().as_bytes())
    }

    /// What the validator answers.
    fn ask(&self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(&self.upstream)?;
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.upstream,
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        Ok(message(&mut BufReader::new(stream))?.1)
    }
}

/// An answer as of the slot before. The local validator answers in the middle of a slot, in which more can still happen; a node
/// of a cluster answers of a slot that is over.
fn before_its_slot(result: &Value) -> Value {
    let mut old = result.clone();
    if let Some(slot) = old.pointer_mut("/context/slot") {
        *slot = json!(slot.as_u64().unwrap_or_default().saturating_sub(1));
    }
    old
}

fn is_of_accounts(method: &str) -> bool {
    [
        "getMultipleAccounts",
        "getAccountInfo",
        "getProgramAccounts",
    ]
    .contains(&method)
}

fn refusal() -> Value {
    json!({"err": "BlockhashNotFound", "logs": [], "accounts": null, "unitsConsumed": 0, "returnData": null})
}

/// Head and body of an HTTP message: by its length, in chunks, or to the end.
fn message(reader: &mut impl BufRead) -> std::io::Result<(Vec<String>, Vec<u8>)> {
    let mut head = Vec::new();
    let (mut length, mut in_chunks) = (None, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let lower = line.trim().to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse::<usize>().ok();
        }
        in_chunks |= lower == "transfer-encoding: chunked";
        head.push(lower);
    }
    let mut body = Vec::new();
    if in_chunks {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = length {
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
    } else {
        reader.read_to_end(&mut body)?;
    }
    Ok((head, body))
}

fn reply(stream: &mut TcpStream, status: &str, body: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
