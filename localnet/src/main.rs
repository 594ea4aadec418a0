//! `galen-localnet`: Surfpool as a local validator with fixed ports, in one binary.

mod args;
mod wall_clock;

use args::{Format, Options, Request};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};
use surfpool_core::surfnet::locker::SurfnetSvmLocker;
use surfpool_core::surfnet::svm::{SurfnetSvm, SurfnetSvmConfig};
use surfpool_types::{
    BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SimnetEvent, SurfpoolConfig,
    SvmFeatureConfig,
};
use wall_clock::WallClock;

/// How many transactions' accounts, before and after, are kept for `surfnet_getTransactionProfile`.
const KEPT_PROFILES: usize = 4;

fn main() -> ExitCode {
    let options = match args::parse(std::env::args().skip(1)) {
        Ok(Request::Run(options)) => options,
        Ok(Request::Help) => {
            say(args::USAGE.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            complain(&message);
            return ExitCode::from(2);
        }
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), String> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    ctrlc::set_handler(move || asked.store(true, Ordering::SeqCst))
        .map_err(|error| format!("cannot listen for signals: {error}"))?;
    free(options, options.port, "--port")?;
    free(options, options.ws_port, "--ws-port")?;

    let started = Instant::now();
    let mut validator = Validator::start(options)?;
    if !options.quiet {
        say(&ready_line(options, started.elapsed()));
    }
    validator.watch(&stop)?;
    validator.stop()
}

/// Fails, by name, if the port cannot be had. Before anything is started.
fn free(options: Options, port: u16, flag: &str) -> Result<(), String> {
    match TcpListener::bind(SocketAddr::new(options.host, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(format!(
            "port {port} of {} is taken, perhaps by another validator: stop that one, or choose another port with {flag}",
            options.host
        )),
        Err(error) => Err(format!("cannot listen on {}, port {port}: {error}; choose with --host and {flag}", options.host)),
    }
}

fn ready_line(options: Options, took: Duration) -> String {
    let rpc = format!("http://{}", SocketAddr::new(options.host, options.port));
    let ws = format!("ws://{}", SocketAddr::new(options.host, options.ws_port));
    let pid = std::process::id();
    match options.output {
        Format::Json => serde_json::json!({ "rpc": rpc, "websocket": ws, "pid": pid }).to_string(),
        Format::Text => format!(
            "ready in {:.1} s: JSON-RPC {rpc}, WebSocket {ws}, pid {pid}; Ctrl-C stops it",
            took.as_secs_f64()
        ),
    }
}

/// A running chain with its servers.
struct Validator {
    chain: SurfnetSvmLocker,
    commands: Sender<SimnetCommand>,
    events: Receiver<SimnetEvent>,
}

impl Validator {
    /// Starts the chain and returns when its servers answer. As `SurfnetBuilder::start` of surfpool-sdk, which
    /// chooses its ports itself.
    fn start(options: Options) -> Result<Self, String> {
        let simnet = SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            slot_time: options.slot_ms,
            // Blocks by the clock: blockhashes advance and deadlines come without a transaction being sent.
            block_production_mode: BlockProductionMode::Clock,
            // A profile runs each instruction once more and keeps every account before and after: while a program is
            // uploaded, that is its whole buffer, a thousand times over. `surfnet_profileTransaction` still profiles.
            instruction_profiling_enabled: false,
            max_profiles: KEPT_PROFILES,
            ..Default::default()
        };
        let svm_config = SurfnetSvmConfig {
            surfnet_id: simnet.surfnet_id.clone(),
            slot_time: simnet.slot_time,
            instruction_profiling_enabled: simnet.instruction_profiling_enabled,
            max_profiles: simnet.max_profiles,
            log_bytes_limit: simnet.log_bytes_limit,
            feature_config: SvmFeatureConfig::default(),
            skip_blockhash_check: simnet.skip_blockhash_check,
        };
        let config = SurfpoolConfig {
            simnets: vec![simnet],
            rpc: RpcConfig {
                bind_host: options.host.to_string(),
                bind_port: options.port,
                ws_port: options.ws_port,
                ..Default::default()
            },
            ..Default::default()
        };
        let (svm, events, geyser_events) = SurfnetSvm::new(svm_config)
            .map_err(|error| format!("cannot make the chain: {error}"))?;
        let (commands, commands_received) = crossbeam_channel::unbounded();
        let chain = SurfnetSvmLocker::new(svm);
        let (chain_of_loop, commands_of_loop) = (chain.clone(), commands.clone());
        std::thread::Builder::new()
            .name("chain".into())
            .spawn(move || {
                let running = surfpool_core::runloops::start_local_surfnet_runloop(
                    chain_of_loop,
                    config,
                    commands_of_loop,
                    commands_received,
                    geyser_events,
                );
                if let Err(error) = hiro_system_kit::nestable_block_on(running) {
                    complain(&format!("the chain stopped: {error}"));
                    std::process::exit(1);
                }
            })
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        let validator = Self {
            chain,
            commands,
            events,
        };
        validator.wait_until_ready()?;
        Ok(validator)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match self.events.recv_deadline(deadline) {
                Ok(SimnetEvent::CoreStarted(_)) => return Ok(()),
                Ok(SimnetEvent::Aborted(reason)) => {
                    return Err(format!("the chain did not start: {reason}"))
                }
                Ok(SimnetEvent::Shutdown) => {
                    return Err("the chain stopped while it started".into())
                }
                Ok(_) => {}
                Err(error) => {
                    return Err(format!("the chain did not start within a minute: {error}"))
                }
            }
        }
    }

    /// Keeps the clock right until `stop` is set. The events are read so that they do not pile up.
    fn watch(&self, stop: &AtomicBool) -> Result<(), String> {
        let mut clock = WallClock::start(&self.chain);
        let mut corrected = Instant::now();
        while !stop.load(Ordering::SeqCst) {
            match self.events.recv_timeout(Duration::from_millis(50)) {
                Ok(SimnetEvent::Aborted(reason)) => {
                    return Err(format!("the chain stopped: {reason}"))
                }
                Ok(SimnetEvent::ErrorLog(_, message)) => complain(&message),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err("the chain stopped".into()),
            }
            if corrected.elapsed() >= wall_clock::EVERY {
                clock.correct(&self.chain);
                corrected = Instant::now();
            }
        }
        Ok(())
    }

    /// Closes both servers, so that their ports are free when this returns.
    fn stop(&mut self) -> Result<(), String> {
        self.commands
            .send(SimnetCommand::Terminate(None))
            .map_err(|error| format!("cannot stop the chain: {error}"))?;
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut closed = 0;
        while closed < 2 {
            match self.events.recv_deadline(deadline) {
                Ok(SimnetEvent::Shutdown) => closed += 1,
                Ok(_) => {}
                // The process ends now, and its ports with it.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }
}

/// Prints a line; a closed output is no reason to stop a validator.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn complain(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "error: {message}");
}
