//! A process of the local validator on ports of its own.

#![allow(dead_code)] // Each test file is a program of its own and uses a part of this.

use solana_client::rpc_client::RpcClient;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A port that was free a moment ago can be anybody's now: so often is another one tried.
const ATTEMPTS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(60);

/// A validator that answers, and where. It ends with this value.
pub struct LocalValidator {
    process: Child,
    pub url: String,
    pub ws: String,
}

impl Drop for LocalValidator {
    fn drop(&mut self) {
        // A validator that has already ended needs no killing.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl LocalValidator {
    /// Whether it comes to answer; `false` where it ends before.
    fn answers(&mut self) -> bool {
        let client = RpcClient::new(self.url.clone());
        let started = Instant::now();
        loop {
            let healthy = client.get_health().is_ok();
            // In this order: what answers on this port may be somebody else's, and then this one has ended.
            let ended = self.process.try_wait().expect("the state of a process");
            if healthy || ended.is_some() {
                return ended.is_none();
            }
            assert!(
                started.elapsed() < PATIENCE,
                "the validator is not healthy after a minute"
            );
            sleep(Duration::from_millis(100));
        }
    }
}

/// Starts what `command` makes of a port for JSON-RPC and one for the WebSocket, and waits until it answers.
pub fn start(command: impl Fn(&str, &str) -> Command) -> LocalValidator {
    for _ in 0..ATTEMPTS {
        let (port, ws_port) = (free_port(), free_port());
        let process = command(&port.to_string(), &ws_port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the validator starts");
        let mut validator = LocalValidator {
            process,
            url: format!("http://127.0.0.1:{port}"),
            ws: format!("ws://127.0.0.1:{ws_port}"),
        };
        if validator.answers() {
            return validator;
        }
    }
    panic!("the validator ended {ATTEMPTS} times while it started");
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
