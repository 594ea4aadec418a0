//! Sending against a node that misbehaves: no false success, no false expiry, nothing sent twice in two forms.
//!
//! The node is a script behind a real socket, so that the real client, with its own retries, is what is tested.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{json, Value};
use solana_keypair::{keypair_from_seed, Keypair};
use solana_signer::Signer;

use super::{Ledger, Receipt};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{Notes, OutputFormat};
use crate::store::{Progress, SentTransaction, Store};

const GENESIS: &str = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi";
/// The last height at which the first transaction is valid.
const LAST_VALID: u64 = 150;

/// What the node does; each field one thing that real nodes do.
#[derive(Default)]
struct Script {
    /// How often the bytes have to arrive before the node takes them; 0 = never.
    takes_after: usize,
    /// The finalized height.
    height: u64,
    /// Heights by which it grows with each question for it.
    grows: u64,
    /// The status is only in the history, as a node that has forgotten the recent ones answers.
    only_in_history: bool,
    /// Sending answers with a refusal, whether the bytes land or not.
    refuses: bool,
    /// The transaction lands as failed.
    fails: bool,
    /// Simulation answers with a refusal.
    simulation_refuses: bool,
    /// Every fifth answer is a broken one.
    stutters: bool,
    /// How often the first blockhash is still valid when asked, whatever its height says.
    outlives: u64,
    /// Sending is refused so often because the node does not know the blockhash.
    lags: usize,
    /// Simulation is refused so often for the same reason.
    simulation_lags: usize,
    /// Blocks for which blockhashes are valid longer than they can be.
    further: u64,
    /// How many questions for a blockhash beside the first one get the same, as from a node that lags.
    stays: u64,
}

/// What the node saw.
#[derive(Default)]
struct Seen {
    sent: Vec<String>,
    undecided_when_sent: Vec<usize>,
    questions: usize,
    blockhashes: u64,
    simulations: Vec<Value>,
    validities: u64,
}

struct Node {
    url: String,
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a connection.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn node(script: Script, home: &Path) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let (seen, stop) = (
        Arc::new(Mutex::new(Seen::default())),
        Arc::new(AtomicBool::new(false)),
    );
    let (shared, stopped, home) = (Arc::clone(&seen), Arc::clone(&stop), home.to_owned());
    thread::spawn(move || {
        for stream in listener.incoming() {
            if stopped.load(Ordering::SeqCst) {
                return;
            }
            let _ = serve(stream.expect("a connection"), &script, &shared, &home);
        }
    });
    Node { url, seen, stop }
}

fn serve(
    mut stream: TcpStream,
    script: &Script,
    seen: &Mutex<Seen>,
    home: &Path,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    let mut seen = seen.lock().expect("no panic before");
    seen.questions += 1;
    let (status, text) = if script.stutters && seen.questions.is_multiple_of(5) {
        ("502 Bad Gateway", "<html>bad gateway</html>".to_owned())
    } else {
        let mut answer = json!({ "jsonrpc": "2.0", "id": request["id"] });
        match respond(&request, script, &mut seen, home) {
            Ok(result) => answer["result"] = result,
            Err(error) => answer["error"] = error,
        }
        ("200 OK", answer.to_string())
    };
    write!(stream, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len())
}

fn respond(
    request: &Value,
    script: &Script,
    seen: &mut Seen,
    home: &Path,
) -> std::result::Result<Value, Value> {
    let context =
        |value: Value| json!({ "context": { "slot": 7, "apiVersion": "3.1.0" }, "value": value });
    let failure = json!({ "InstructionError": [1, { "Custom": 6403 }] });
    let logs = json!([
        format!("Program {} invoke [1]", claims::ID),
        "Program log: AnchorError occurred. Error Code: ScheduleSealed. Error Number: 6403. Error Message: The benefit schedule is sealed; upload a new one.",
        format!("Program {} failed: custom program error: 0x1903", claims::ID)
    ]);
    let refusal = json!({ "code": -32002, "message": "Transaction simulation failed", "data": { "err": failure, "logs": logs, "accounts": null, "unitsConsumed": 1, "returnData": null } });
    let landed = script.takes_after > 0 && seen.sent.len() >= script.takes_after;
    Ok(match request["method"].as_str().expect("a method") {
        "getGenesisHash" => json!(GENESIS),
        "getVersion" => json!({ "solana-core": "3.1.0", "feature-set": 1 }),
        "getLatestBlockhash" => {
            // Each is valid for longer than the one before: only the first may count for the first transaction.
            seen.blockhashes += 1;
            let number = seen.blockhashes.saturating_sub(script.stays).max(1);
            let hash = solana_hash::Hash::new_from_array([u8::try_from(number).unwrap_or(255); 32]);
            context(
                json!({ "blockhash": hash.to_string(), "lastValidBlockHeight": LAST_VALID + script.further + 1_000 * seen.blockhashes.saturating_sub(2) }),
            )
        }
        "simulateTransaction" => {
            seen.simulations.push(request["params"][1].clone());
            let (err, logs) = if seen.simulations.len() <= script.simulation_lags {
                (json!("BlockhashNotFound"), json!([]))
            } else if script.simulation_refuses {
                (failure, logs)
            } else {
                (Value::Null, json!([]))
            };
            context(
                json!({ "err": err, "logs": logs, "accounts": null, "unitsConsumed": 1_000, "returnData": null }),
            )
        }
        "sendTransaction" => {
            let bytes = request["params"][0].as_str().expect("bytes").to_owned();
            let undecided = Store::open(home)
                .expect("a store")
                .undecided(GENESIS)
                .expect("read")
                .len();
            seen.undecided_when_sent.push(undecided);
            seen.sent.push(bytes);
            if script.refuses {
                return Err(refusal);
            }
            if seen.sent.len() <= script.lags {
                return Err(
                    json!({ "code": -32002, "message": "Transaction simulation failed: Blockhash not found", "data": { "err": "BlockhashNotFound", "logs": [], "accounts": null, "unitsConsumed": 0, "returnData": null } }),
                );
            }
            // Some signature; the client must go by the one that it has made itself.
            json!(solana_signature::Signature::from([7; 64]).to_string())
        }
        "getSignatureStatuses" => {
            let history = request["params"][1]["searchTransactionHistory"] == true;
            let visible = landed && (history || !script.only_in_history);
            let err = if script.fails {
                failure.clone()
            } else {
                Value::Null
            };
            let status = if script.fails {
                json!({ "Err": failure })
            } else {
                json!({ "Ok": null })
            };
            context(json!([visible.then(|| json!({ "slot": 7, "confirmations": null, "err": err, "status": status, "confirmationStatus": "finalized" }))]))
        }
        "isBlockhashValid" => {
            seen.validities += 1;
            context(json!(seen.validities <= script.outlives))
        }
        "getBlockHeight" => {
            json!(script.height + script.grows * u64::try_from(seen.questions).expect("few"))
        }
        "getTransaction" => {
            json!({ "slot": 7, "meta": { "computeUnitsConsumed": 900, "fee": 5_000, "logMessages": logs } })
        }
        method => panic!("the node was asked for {method}"),
    })
}

fn settings(url: &str, home: &Path) -> Settings {
    Settings {
        config_file: None,
        url: url.to_owned(),
        ws: String::new(),
        rpc_timeout: std::time::Duration::from_secs(5),
        keypair: String::new(),
        fee_payer: None,
        commitment: solana_commitment_config::CommitmentConfig::confirmed(),
        output: OutputFormat::Json,
        accepts_behind: false,
        yes: true,
        skip_preflight: false,
        compute_unit_price: None,
        home: home.to_owned(),
        notes: Notes::new(OutputFormat::Json, false),
    }
}

fn payer() -> Keypair {
    keypair_from_seed(&[1; 32]).expect("a key")
}

/// Sends one transaction; what came of it, what the node saw, and what the store has still undecided.
fn send(script: Script) -> (Result<Receipt>, Arc<Mutex<Seen>>, Vec<SentTransaction>) {
    let home = tempfile::tempdir().expect("a folder");
    let node = node(script, home.path());
    let settings = settings(&node.url, home.path());
    let sent = open(&settings).and_then(|ledger| {
        let instruction =
            solana_system_interface::instruction::transfer(&payer().pubkey(), &payer().pubkey(), 1);
        ledger.send("a test", &[instruction], &[])
    });
    let undecided = Store::open(home.path())
        .expect("opened")
        .undecided(GENESIS)
        .expect("read");
    let seen = Arc::clone(&node.seen);
    (sent, seen, undecided)
}

fn open(settings: &Settings) -> Result<Ledger<'_>> {
    Ledger::of(
        settings,
        Cluster::connect(settings)?,
        Box::new(payer()),
        None,
        Store::open(&settings.home)?,
    )
}

fn code(sent: Result<Receipt>) -> String {
    sent.map_or_else(|error: CliError| error.code, |_| "landed".to_owned())
}

#[test]
fn what_lands_is_reported_with_what_it_cost_and_was_written_down_before_it_was_sent() {
    let (sent, seen, undecided) = send(Script {
        takes_after: 1,
        ..Script::default()
    });
    let receipt = sent.expect("landed");
    assert_eq!(
        (receipt.slot, receipt.compute_units, receipt.fee),
        (7, 900, 5_000)
    );
    let seen = seen.lock().expect("no panic");
    assert_eq!(
        (
            seen.sent.len(),
            seen.undecided_when_sent.as_slice(),
            undecided.len()
        ),
        (1, [1].as_slice(), 0)
    );
    // A replaced blockhash would hide that the node does not know the one it gave out.
    assert_eq!(seen.simulations[0]["replaceRecentBlockhash"], false);
}

#[test]
fn the_same_again_is_another_transaction_even_where_the_blockhash_is_the_same() {
    let home = tempfile::tempdir().expect("a folder");
    // Each command asks for one to simulate and one to sign.
    let script = Script {
        takes_after: 1,
        stays: 3,
        ..Script::default()
    };
    let node = node(script, home.path());
    let settings = settings(&node.url, home.path());
    let ledger = open(&settings).expect("opens");
    let transfer =
        solana_system_interface::instruction::transfer(&payer().pubkey(), &payer().pubkey(), 1);
    let signatures = ["one", "two"].map(|label| {
        let sent = ledger.send(label, std::slice::from_ref(&transfer), &[]);
        sent.expect("lands").signature
    });
    assert_ne!(signatures[0], signatures[1]);
    assert_eq!(node.seen.lock().expect("no panic").blockhashes, 5);
}

#[test]
fn dropped_bytes_are_sent_again_and_are_the_same_bytes() {
    let (sent, seen, undecided) = send(Script {
        takes_after: 2,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("landed", 0));
    let seen = seen.lock().expect("no panic");
    assert!(seen.sent.len() >= 2 && seen.sent.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn expiry_is_decided_by_the_transactions_own_height_and_a_search_through_history() {
    // The node's newest blockhash is valid for a thousand blocks longer; it is not the one that was signed.
    let (sent, _, undecided) = send(Script {
        takes_after: 0,
        height: LAST_VALID + 1,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("expired", 0));
}

#[test]
fn nothing_is_called_expired_while_it_can_still_land() {
    let (sent, seen, _) = send(Script {
        takes_after: 0,
        height: LAST_VALID - 20,
        grows: 1,
        ..Script::default()
    });
    assert_eq!(code(sent), "expired");
    // It was asked again and again before the height had passed.
    assert!(seen.lock().expect("no panic").questions > 20);
}

#[test]
fn what_only_history_knows_has_landed() {
    let (sent, _, undecided) = send(Script {
        takes_after: 1,
        only_in_history: true,
        height: LAST_VALID + 1,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("landed", 0));
}

#[test]
fn a_refusal_of_what_has_landed_is_not_believed() {
    let (sent, _, undecided) = send(Script {
        takes_after: 1,
        refuses: true,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("landed", 0));
}

/// The node that gave out the last valid height was on another fork: the transaction can land beyond it.
#[test]
fn a_height_from_another_fork_is_no_expiry() {
    let (sent, seen, undecided) = send(Script {
        takes_after: 3,
        height: LAST_VALID + 1,
        outlives: 100,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("landed", 0));
    assert!(seen.lock().expect("no panic").validities >= 1);
}

#[test]
fn a_node_that_lags_is_no_ledger_that_began_anew() {
    let (sent, _, undecided) = send(Script {
        takes_after: 3,
        // Far below what was signed for, as from a ledger that is no more.
        further: 10_000,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("landed", 0));
}

#[test]
fn a_node_that_does_not_know_the_blockhash_yet_refuses_nothing() {
    let (sent, seen, undecided) = send(Script {
        takes_after: 3,
        lags: 2,
        simulation_lags: 3,
        ..Script::default()
    });
    assert_eq!((code(sent).as_str(), undecided.len()), ("landed", 0));
    let seen = seen.lock().expect("no panic");
    assert!(seen.sent.len() >= 3 && seen.sent.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(seen.simulations.len(), 4);
}

#[test]
fn a_refusal_has_the_programs_name_for_it() {
    for script in [
        Script {
            refuses: true,
            ..Script::default()
        },
        Script {
            simulation_refuses: true,
            ..Script::default()
        },
        Script {
            takes_after: 1,
            fails: true,
            ..Script::default()
        },
    ] {
        let (sent, _, undecided) = send(script);
        let error = sent.expect_err("refused");
        assert_eq!(
            (error.code.as_str(), undecided.len()),
            ("schedule_sealed", 0)
        );
        assert!(
            error.message.contains("The benefit schedule is sealed"),
            "{}",
            error.message
        );
    }
}

#[test]
fn a_refused_simulation_sends_nothing() {
    let (_, seen, _) = send(Script {
        simulation_refuses: true,
        ..Script::default()
    });
    assert_eq!(seen.lock().expect("no panic").sent.len(), 0);
}

#[test]
fn broken_answers_while_waiting_are_asked_again() {
    let home = tempfile::tempdir().expect("a folder");
    let store = Store::open(home.path()).expect("opened");
    // Three that end at different heights: the fifth question falls into the search through history.
    for (number, last_valid) in (7_u8..).zip([LAST_VALID - 2, LAST_VALID - 1, LAST_VALID]) {
        let signature = solana_signature::Signature::from([number; 64]);
        store
            .note_transaction(&SentTransaction {
                signature: signature.to_string(),
                ..undecided_transaction(last_valid)
            })
            .expect("noted");
    }
    let stuttering = node(
        Script {
            height: LAST_VALID + 1,
            stutters: true,
            ..Script::default()
        },
        home.path(),
    );
    let settings = settings(&stuttering.url, home.path());
    let ledger = open(&settings).expect("opened");
    assert_eq!(ledger.store.undecided(GENESIS).expect("read"), []);
    assert!(stuttering.seen.lock().expect("no panic").questions > 5);
}

#[test]
fn what_an_earlier_run_left_is_decided_first() {
    for (last_valid, height) in [(LAST_VALID, LAST_VALID + 1), (LAST_VALID + 10_000, 5)] {
        let home = tempfile::tempdir().expect("a folder");
        Store::open(home.path())
            .expect("opened")
            .note_transaction(&undecided_transaction(last_valid))
            .expect("noted");
        let node = node(
            Script {
                height,
                ..Script::default()
            },
            home.path(),
        );
        let settings = settings(&node.url, home.path());
        let ledger = open(&settings).expect("opened");
        assert_eq!(ledger.store.undecided(GENESIS).expect("read"), []);
    }
}

fn undecided_transaction(last_valid_block_height: u64) -> SentTransaction {
    SentTransaction {
        signature: solana_signature::Signature::from([9; 64]).to_string(),
        cluster: GENESIS.to_owned(),
        label: "an earlier one".to_owned(),
        bytes: vec![1],
        last_valid_block_height,
        progress: Progress::Signed,
    }
}
