//! `galen localnet`: becomes the local validator.

use std::convert::Infallible;
use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen localnet`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen localnet
  galen localnet --port 18899 --ws-port 18900
  galen localnet --validator agave --reset

The validator is the binary `galen-localnet`, looked for at $GALEN_LOCALNET, beside this program, and in Galen's cache;
`--validator agave` is `solana-test-validator` from the PATH. It runs until it is interrupted.")]
pub struct Args {
    /// Port of JSON-RPC
    #[arg(
        long,
        value_name = "PORT",
        env = "GALEN_LOCALNET_PORT",
        default_value_t = 8899
    )]
    port: u16,
    /// Port of the WebSocket; agave's is always the one after --port
    #[arg(long, value_name = "PORT", env = "GALEN_LOCALNET_WS_PORT")]
    ws_port: Option<u16>,
    /// Which validator
    #[arg(
        long,
        value_name = "VALIDATOR",
        env = "GALEN_VALIDATOR",
        default_value = "surfpool"
    )]
    validator: Validator,
    /// Start from an empty ledger
    #[arg(long)]
    reset: bool,
}

/// Which validator runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Validator {
    /// In one binary, with time travel
    Surfpool,
    /// `solana-test-validator`
    Agave,
}

/// Becomes the validator; returns only where that failed.
pub fn run(args: &Args) -> Result<Answer> {
    let following = args.port.checked_add(1).ok_or_else(|| {
        CliError::new(
            "port_invalid",
            "The WebSocket takes the port after --port; choose a smaller one.",
        )
    })?;
    let ws_port = args.ws_port.unwrap_or(following);
    for port in [args.port, ws_port] {
        require_free(port)?;
    }
    match args.validator {
        Validator::Surfpool => {
            let mut command = Command::new(localnet_binary()?);
            command.args(["--port", &args.port.to_string(), "--ws-port", &ws_port.to_string()]);
            if args.reset {
                command.arg("--reset");
            }
            become_it(command)
        }
        Validator::Agave if ws_port != following => {
            Err(CliError::new("port_invalid", format!("solana-test-validator puts its WebSocket on the port after --port, here {following}; leave --ws-port out.")))
        }
        Validator::Agave => {
            let binary = on_path("solana-test-validator").ok_or_else(|| {
                CliError::new("validator_missing", "There is no solana-test-validator on the PATH. Install it with `cargo install --locked --version 4.2.2 --bin solana-test-validator agave-validator`, or leave --validator out.")
            })?;
            let mut command = Command::new(binary);
            command.args(["--bind-address", "127.0.0.1", "--rpc-port", &args.port.to_string()]);
            if args.reset {
                command.arg("--reset");
            }
            become_it(command)
        }
    }
    .map(|never| match never {})
}

fn become_it(mut command: Command) -> Result<Infallible> {
    let error = command.exec();
    Err(CliError::new(
        "validator_failed",
        format!(
            "{} cannot be started: {error}. Build it again with `cargo xtask setup`.",
            command.get_program().to_string_lossy()
        ),
    ))
}

fn require_free(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(|_| ()).map_err(|error| {
        CliError::new("port_taken", format!("Port {port} cannot be used: {error}. Stop what uses it, or choose others with --port and --ws-port."))
    })
}

fn localnet_binary() -> Result<PathBuf> {
    if let Some(named) = env::var_os("GALEN_LOCALNET").map(PathBuf::from) {
        return if named.is_file() {
            Ok(named)
        } else {
            Err(CliError::new(
                "validator_missing",
                format!(
                    "GALEN_LOCALNET names {}, which is not there.",
                    named.display()
                ),
            ))
        };
    }
    beside_this_program()
        .or_else(in_the_cache)
        .ok_or_else(|| CliError::new("validator_missing", "The local validator is not built yet. Run `cargo xtask setup` in the repository, or name the binary in GALEN_LOCALNET."))
}

fn beside_this_program() -> Option<PathBuf> {
    let path = env::current_exe().ok()?.parent()?.join("galen-localnet");
    path.is_file().then_some(path)
}

/// The cache holds one folder per version of its sources; the one built last is the one in use.
fn in_the_cache() -> Option<PathBuf> {
    let folders = cache()?.join("localnet").read_dir().ok()?;
    folders
        .filter_map(std::result::Result::ok)
        .map(|folder| folder.path().join("galen-localnet"))
        .filter(|path| path.is_file())
        .max_by_key(|path| {
            path.metadata()
                .and_then(|metadata| metadata.modified())
                .ok()
        })
}

fn cache() -> Option<PathBuf> {
    env::var_os("GALEN_CACHE")
        .map(PathBuf::from)
        .or_else(|| dirs::cache_dir().map(|cache| cache.join("galen")))
}

fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder: PathBuf| folder.join(name))
        .find(|path: &PathBuf| Path::is_file(path))
}
