//! `galen batch serve` among strangers: whatever one caller does, the next is answered within a second, and so are proofs while the
//! cluster is silent.

mod chain;
mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use chain::{field, Chain};
use common::text;
use serde_json::{json, Value};

const GTIN: &str = "09506000134352";
const SECOND: Duration = Duration::from_secs(1);
/// File descriptors of the server: fewer than there are idle callers.
const FEW_DESCRIPTORS: u32 = 128;

/// A registered batch of twenty packs, SN0000 to SN0018 and one that is called 21: address and leaf file.
fn batch(chain: &Chain) -> (String, String) {
    let org = |kind: &str, permissions: &str| {
        let identifier = format!("other:TEST-{kind}");
        #[rustfmt::skip]
        let registered = chain.run(kind, &["org", "register", "--kind", kind, "--identifier", &identifier]);
        let address = field(&registered["account"], "address").to_owned();
        chain.run("governance", &["org", "activate", &address]);
        let key = chain.person(kind).to_string();
        #[rustfmt::skip]
        chain.run(kind, &["operator", "add", "--org", &address, "--key", &key, "--permissions", permissions]);
        address
    };
    chain.run("governance", &["governance", "init"]);
    let regulator = org("regulator", "issue-credential");
    let maker = org("manufacturer", "manage-batch");
    let serials: String = (0..19).map(|number| format!("SN{number:04}\n")).collect();
    let list = text(&chain.world.write("serials.txt", &format!("{serials}21\n")));
    let leaves = text(&chain.world.path("batch.leaves"));
    #[rustfmt::skip]
    let build = [
        "batch", "build", &list, "--gtin", GTIN, "--leaves", &leaves, "--packs-per-case", "5", "--cases-per-pallet", "2",
    ];
    chain.run("manufacturer", &build);
    #[rustfmt::skip]
    chain.run("manufacturer", &["product", "register", GTIN, "--org", &maker]);
    #[rustfmt::skip]
    let register = [
        "batch", "register", &leaves, "--org", &maker, "--lot", "A1", "--expiry", "2049-12-31", "--credentials-from", &regulator,
        "--trading-kind", "7", "--returns-kind", "8", "--location", "https://packs.example/A1.leaves",
    ];
    let registered = chain.run("manufacturer", &register);
    (field(&registered["account"], "address").to_owned(), leaves)
}

/// A server, stopped at the end.
struct Server {
    process: Mutex<Child>,
    address: String,
}

impl Server {
    fn start(chain: &Chain, url: &str, batch: &(String, String), per_minute: &str) -> Self {
        let (address, leaves) = batch;
        let home = text(&chain.world.path("stranger-store"));
        let mut process = Command::new("sh")
            .args([
                "-c",
                &format!("ulimit -n {FEW_DESCRIPTORS}; exec \"$@\""),
                "sh",
            ])
            .arg(assert_cmd::cargo::cargo_bin("galen"))
            .args(["--url", url, "--home", &home, "--output", "json"])
            .args(["batch", "serve", &format!("{address}={leaves}")])
            .args(["--listen", "127.0.0.1:0", "--per-minute", per_minute])
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let announced: Value = serde_json::from_str(&line).expect("JSON");
        Self {
            process: Mutex::new(process),
            address: field(&announced, "listening").to_owned(),
        }
    }

    /// A connection over which so much has been said, as far as it is taken.
    fn say(&self, words: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).expect("set");
        stream.set_write_timeout(Some(SECOND)).expect("set");
        // A server that has heard enough may close while more is said.
        drop(stream.write_all(words));
        stream
    }

    fn ask(&self, path: &str, headers: &str) -> (u16, Value) {
        let question = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        let mut answer = String::new();
        self.say(question.as_bytes())
            .read_to_string(&mut answer)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let body = serde_json::from_str(body).expect("JSON");
        (status.expect("a status"), body)
    }

    /// The same, which must not take a second.
    fn at_once(&self, path: &str) -> (u16, Value) {
        let asked = Instant::now();
        let answer = self.ask(path, "");
        assert!(asked.elapsed() < SECOND, "{path}: {:?}", asked.elapsed());
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let process = self.process.get_mut().expect("no panic");
        drop(process.kill());
        process.wait().expect("gone");
    }
}

/// What stands between the server and its cluster, until it swallows all that is said.
struct Line {
    url: String,
    is_cut: Arc<AtomicBool>,
}

impl Line {
    fn to(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::clone(&is_cut);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = TcpStream::connect(&upstream).expect("the validator");
                for (mut from, mut to) in [
                    (
                        near.try_clone().expect("cloned"),
                        far.try_clone().expect("cloned"),
                    ),
                    (far, near),
                ] {
                    let cut = Arc::clone(&cut);
                    thread::spawn(move || {
                        let mut some = [0; 4_096];
                        while let Ok(count @ 1..) = from.read(&mut some) {
                            if !cut.load(Ordering::SeqCst) && to.write_all(&some[..count]).is_err()
                            {
                                break;
                            }
                        }
                    });
                }
            }
        });
        Self { url, is_cut }
    }
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, field(&answer.1["error"], "code"))
}

#[test]
fn one_caller_does_not_keep_others_out() {
    let chain = Chain::with_programs();
    let batch = batch(&chain);
    let server = Server::start(&chain, &chain.validator.url, &batch, "100000");
    let proof = format!("/01/{GTIN}/21/SN0003");
    let mut held = Vec::new();
    let check = |what: &str| {
        assert_eq!(
            server.at_once("/health"),
            (200, json!({"batches": 1})),
            "{what}"
        );
        assert_eq!(server.at_once(&proof).0, 200, "{what}");
        let ended = server
            .process
            .lock()
            .expect("no panic")
            .try_wait()
            .expect("asked");
        assert!(ended.is_none(), "{what}: {ended:?}");
    };
    check("nothing yet");

    let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
    let long = "x".repeat(1_000_000);
    for (what, words) in [
        (
            "a body beyond memory",
            format!("{health}Content-Length: 9223372036854775808\r\n\r\n"),
        ),
        (
            "a body that fits no memory here",
            format!("{health}Content-Length: 1000000000000\r\n\r\n"),
        ),
        (
            "a body that never comes",
            format!("{health}Content-Length: 5000\r\n\r\n"),
        ),
        (
            "a chunk that never comes",
            format!("{health}Transfer-Encoding: chunked\r\n\r\n1388\r\n"),
        ),
        (
            "answers that nobody reads",
            format!("{health}\r\n").repeat(20_000),
        ),
        ("a long header", format!("{health}X-Long: {long}\r\n\r\n")),
        ("a header without an end", format!("{health}X-Long: {long}")),
        (
            "many headers",
            format!("{health}{}\r\n", "X: 1\r\n".repeat(100_000)),
        ),
        ("a line without an end", long.clone()),
        ("half a request", health.to_owned()),
        (
            "another protocol",
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0".to_owned(),
        ),
    ] {
        for _ in 0..20 {
            held.push(server.say(words.as_bytes()));
        }
        check(what);
    }
    held.clear();
    for _ in 0..600 {
        held.push(server.say(b""));
    }
    check("600 who say nothing");

    // Who says nothing is not waited for.
    let mut silent = server.say(b"GET /health HTTP/1.1\r\n");
    let begun = Instant::now();
    let mut nothing = Vec::new();
    drop(silent.read_to_end(&mut nothing));
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    check("all of it");
}

#[test]
fn what_needs_no_cluster_is_answered_without_it() {
    let chain = Chain::with_programs();
    let batch = batch(&chain);
    let line = Line::to(&chain.validator.url);
    let server = Server::start(&chain, &line.url, &batch, "100000");
    let verification = format!(
        "/gtin/{GTIN}/lot/A1/ser/SN0003?exp=491231&linkType=gs1%3AverificationService&corrUUID=a%2Fb"
    );
    let (status, answer) = server.ask(&verification, "");
    assert_eq!((status, field(&answer, "corrUUID")), (200, "a/b"));
    assert_eq!(answer["data"], json!({"verified": true}));
    // A lot and a serial number that are called as their short names are: there is no such pack, but one called 21.
    let named = server.ask(&format!("/01/{GTIN}/10/lot/21/ser"), "");
    assert_eq!(code(&named), (404, "unknown_serial"));
    assert_eq!(server.ask(&format!("/01/{GTIN}/21/21"), "").0, 200);

    line.is_cut.store(true, Ordering::SeqCst);
    let asked = Instant::now();
    thread::scope(|scope| {
        // More than have their turn at once.
        let waiting: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| server.ask(&verification, "")))
            .collect();
        while asked.elapsed() < Duration::from_secs(4) {
            assert_eq!(server.at_once(&format!("/01/{GTIN}/21/SN0003")).0, 200);
            let never = format!("/01/{GTIN}/21/NEVERMADE");
            assert_eq!(code(&server.at_once(&never)), (404, "unknown_serial"));
            assert_eq!(code(&server.at_once("/batches")), (404, "no_primary_key"));
        }
        let refused: Vec<(u16, String)> = waiting
            .into_iter()
            .map(|asking| asking.join().expect("answered"))
            .map(|answer| (answer.0, code(&answer).1.to_owned()))
            .collect();
        let of = |refusal: (u16, &str)| {
            let alike = |one: &&(u16, String)| (one.0, one.1.as_str()) == refusal;
            refused.iter().filter(alike).count()
        };
        let counts = (of((502, "cluster_unreachable")), of((503, "busy")));
        assert_eq!(counts, (8, 4), "{refused:?}");
    });
    assert!(
        asked.elapsed() < Duration::from_secs(15),
        "{:?}",
        asked.elapsed()
    );
}

#[test]
fn each_caller_behind_the_proxy_has_a_limit_of_its_own() {
    let chain = Chain::with_programs();
    let batch = batch(&chain);
    let server = Server::start(&chain, &chain.validator.url, &batch, "2");
    let ask = |header: &str| server.ask("/health", header).0;
    let caller = |last: &str| ask(&format!("X-Forwarded-For: 198.51.100.7, {last}\r\n"));
    assert_eq!([1, 2, 3].map(|_| caller("192.0.2.1")), [200, 200, 429]);
    assert_eq!(caller("192.0.2.2"), 200);
    assert_eq!(
        [1, 2, 3].map(|_| ask("")),
        [200, 200, 429],
        "of this machine"
    );
    assert_eq!(caller("192.0.2.2"), 200);
    assert_eq!(caller("192.0.2.2"), 429);
}
