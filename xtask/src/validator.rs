//! The local validator: built once per version of its sources, started, waited for, stopped.

use crate::error::{Context, Error, Result};
use crate::hash::Key;
use crate::process::Running;
use crate::workspace::{on_path, Workspace};
use crate::{stop, system};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a validator may take until it answers.
const PATIENCE: Duration = Duration::from_secs(90);
/// A port that was free a moment ago can be anybody's now: so often are others tried.
const ATTEMPTS: usize = 10;

/// Which validator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// `galen-localnet`, built from this repository on Surfpool
    Surfpool,
    /// `solana-test-validator`, from the PATH
    Agave,
}

/// A validator's program, ready to be started.
pub struct Program {
    kind: Kind,
    path: PathBuf,
}

impl Program {
    /// Builds `galen-localnet` where its sources, lock file or compiler are new, or finds `solana-test-validator`.
    pub fn prepare(workspace: &Workspace, kind: Kind) -> Result<Self> {
        let path = match kind {
            Kind::Surfpool => build(workspace)?,
            Kind::Agave => on_path("solana-test-validator").ok_or_else(|| {
                Error::new("solana-test-validator is not on the PATH")
                    .help("`cargo install agave-validator --version 4.2.2 --locked --bin solana-test-validator`, or leave out --validator agave")
            })?,
        };
        Ok(Self { kind, path })
    }

    /// The program's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts it on 8899 and 8900 where both are free, else on two other free ports, and waits until it answers.
    /// `tied`: it dies with this process, however this process dies.
    pub fn start(&self, workspace: &Workspace, tied: bool) -> Result<Validator> {
        for _ in 1..ATTEMPTS {
            match self.start_on(free_pair()?, workspace, tied) {
                Err(error) if error.tail.iter().any(|line| line.contains("is taken")) => {}
                started => return started,
            }
        }
        self.start_on(free_pair()?, workspace, tied)
    }

    fn start_on(&self, port: u16, workspace: &Workspace, tied: bool) -> Result<Validator> {
        let log = workspace
            .cache
            .join(format!("logs/validator-{}.log", std::process::id()));
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder).context(|| format!("create {}", folder.display()))?;
        }
        let output = File::create(&log).context(|| format!("create {}", log.display()))?;
        let mut command = Command::new(&self.path);
        let mut ledger = None;
        match self.kind {
            Kind::Surfpool => {
                command.args([
                    "--port",
                    &port.to_string(),
                    "--ws-port",
                    &(port + 1).to_string(),
                ]);
            }
            Kind::Agave => {
                let folder = workspace
                    .cache
                    .join(format!("ledger-{}", std::process::id()));
                command.args([
                    "--bind-address",
                    "127.0.0.1",
                    "--rpc-port",
                    &port.to_string(),
                    "--quiet",
                    "--reset",
                    "--ledger",
                ]);
                // Its other ports have fixed defaults too, which would clash with another validator's.
                command
                    .arg(&folder)
                    .args(["--faucet-port", &free_port()?.to_string()]);
                ledger = Some(folder);
            }
        }
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone().context(|| "duplicate a file".into())?)
            .stderr(output);
        let running = Running::start(&mut command, tied)?;
        let mut validator = Validator {
            running: Some(running),
            port,
            log,
            ledger,
            usual: port == 8899,
        };
        validator.wait()?;
        Ok(validator)
    }
}

fn build(workspace: &Workspace) -> Result<PathBuf> {
    let source = workspace.root.join("localnet");
    let key = Key::new("localnet 1")
        .text(&workspace.rustc_version)
        .file(&source.join("Cargo.toml"))?
        .file(&source.join("Cargo.lock"))?
        .tree(&source.join("src"))?;
    let folder = workspace.artefact("localnet", key, |place, _| {
        system::require_openssl(workspace)?;
        workspace.steps.step(
            "Compile the local validator (about 15 minutes on 2 cores, once)",
            |step| {
                let target = workspace.cache.join("localnet-target");
                let _lock = workspace.lock("localnet-target")?;
                workspace.own_target(&target, &source.join("Cargo.toml"))?;
                let mut command =
                    workspace.cargo(&["build", "--release", "--locked", "--manifest-path"]);
                step.run(
                    command
                        .arg(source.join("Cargo.toml"))
                        .env("CARGO_TARGET_DIR", &target),
                )?;
                let built = target.join("release/galen-localnet");
                std::fs::copy(&built, place.join("galen-localnet"))
                    .map(|_| ())
                    .context(|| format!("copy {}", built.display()))
            },
        )
    })?;
    Ok(folder.join("galen-localnet"))
}

/// A running validator. Dropping it stops it.
pub struct Validator {
    running: Option<Running>,
    port: u16,
    log: PathBuf,
    ledger: Option<PathBuf>,
    usual: bool,
}

impl Validator {
    /// Its JSON-RPC address.
    pub fn rpc(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its WebSocket address: by Solana's convention, the next port.
    pub fn websocket(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port + 1)
    }

    /// Whether it runs on the ports that everyone expects.
    pub fn on_usual_ports(&self) -> bool {
        self.usual
    }

    /// Its process id.
    pub fn id(&self) -> Option<u32> {
        self.running.as_ref().map(Running::id)
    }

    /// Gives `address` lamports and waits until it has them.
    pub fn airdrop(&self, address: &str, lamports: u64) -> Result<()> {
        call(
            self.port,
            "requestAirdrop",
            &serde_json::json!([address, lamports]),
        )?;
        let asked = Instant::now();
        loop {
            stop::check()?;
            let balance = call(
                self.port,
                "getBalance",
                &serde_json::json!([address, { "commitment": "confirmed" }]),
            )?;
            if balance["value"].as_u64().unwrap_or(0) >= lamports {
                return Ok(());
            }
            if asked.elapsed() > PATIENCE {
                return Err(self.failure(format!(
                    "the validator's airdrop to {address} did not arrive"
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Lets it run on after this process.
    pub fn release(mut self) {
        self.ledger = None;
        if let Some(running) = self.running.take() {
            running.release();
        }
    }

    fn wait(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            stop::check()?;
            if let Some(status) = self
                .running
                .as_mut()
                .map(Running::ended)
                .transpose()?
                .flatten()
            {
                return Err(self.failure(format!(
                    "the validator ended with {status} while it started"
                )));
            }
            if healthy(self.port) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                return Err(self.failure(format!(
                    "the validator did not answer within {} s",
                    PATIENCE.as_secs()
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn failure(&self, message: String) -> Error {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<String> = text.lines().rev().take(15).map(String::from).collect();
        Error {
            log: Some(self.log.clone()),
            tail: tail.into_iter().rev().collect(),
            ..Error::new(message)
        }
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.stop();
        }
        if let Some(ledger) = &self.ledger {
            let _ = std::fs::remove_dir_all(ledger);
        }
    }
}

/// Whether `getHealth` answers `ok`.
fn healthy(port: u16) -> bool {
    call(port, "getHealth", &serde_json::json!([])).is_ok_and(|result| result == "ok")
}

/// One JSON-RPC call over a plain socket: two methods are needed here, which is not worth an HTTP library.
fn call(port: u16, method: &str, parameters: &serde_json::Value) -> Result<serde_json::Value> {
    let answer =
        exchange(port, method, parameters).context(|| format!("ask the validator for {method}"))?;
    // A length, or chunks with lengths between them: the JSON is what lies between the outer braces.
    let json = answer
        .find('{')
        .zip(answer.rfind('}'))
        .and_then(|(start, end)| answer.get(start..=end))
        .unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(json)
        .context(|| format!("read the validator's answer to {method}"))?;
    match json.get("result") {
        Some(result) => Ok(result.clone()),
        None => Err(Error::new(format!(
            "the validator refused {method}: {}",
            json["error"]
        ))),
    }
}

fn exchange(port: u16, method: &str, parameters: &serde_json::Value) -> std::io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let body =
        serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters })
            .to_string();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    // Until the server closes, or, where it does not, until it has been silent: what was read counts.
    let read = stream.read_to_end(&mut answer);
    match read {
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
    }
}

/// 8899, if it and 8900 are free; else the first of two free ports beside each other.
fn free_pair() -> Result<u16> {
    let free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    if free(8899) && free(8900) {
        return Ok(8899);
    }
    for _ in 0..100 {
        let port = free_port()?;
        if port < u16::MAX && free(port + 1) {
            return Ok(port);
        }
    }
    Err(Error::new("no two free ports beside each other were found")
        .help("stop programs that listen on many ports"))
}

fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context(|| "find a free port".into())?;
    Ok(listener
        .local_addr()
        .context(|| "find a free port".into())?
        .port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_healthy_where_nothing_listens() {
        assert!(!healthy(free_port().expect("a free port")));
    }

    #[test]
    fn health_is_read_from_the_answer() {
        for (answer, good) in [
            (r#"{"result":"ok"}"#, true),
            (r#"{"error":{"message":"behind"}}"#, false),
        ] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            let port = listener.local_addr().expect("bound").port();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("asked");
                // The whole of it: closing with something unread would reset the connection.
                let mut request = Vec::new();
                while !request.ends_with(b"}") {
                    let mut part = [0; 1024];
                    let read = stream.read(&mut part).expect("a request");
                    request.extend_from_slice(&part[..read]);
                    assert_ne!(read, 0, "the request ends with its body");
                }
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}",
                    answer.len()
                );
            });
            assert_eq!(healthy(port), good);
            server.join().expect("served");
        }
    }

    #[test]
    fn the_ports_of_a_pair_are_beside_each_other_and_free() {
        let port = free_pair().expect("a pair");
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port + 1)).is_ok());
    }
}
