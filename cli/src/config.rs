//! Settings. Each is looked up in the same order: flag, environment, Solana's config file, default.
//!
//! Flag and environment are clap's work (`env` on every flag); the file is the one that `solana config set` writes.
//! The default cluster is the local one: a command that moves money must not reach a public one because nobody said so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use solana_cli_config::Config as SolanaConfig;
use solana_commitment_config::CommitmentConfig;

use crate::error::{CliError, Result};
use crate::output::{Notes, OutputFormat};

/// The cluster where nothing else is said.
const DEFAULT_URL: &str = "http://127.0.0.1:8899";

/// Flags that every command takes, named as `solana` names them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Solana's config file
    #[arg(
        short = 'C',
        long = "config",
        global = true,
        value_name = "FILE",
        env = "GALEN_CONFIG"
    )]
    pub config: Option<PathBuf>,

    /// URL of the cluster, or moniker: mainnet-beta, testnet, devnet, localhost, or its first letter
    #[arg(
        short = 'u',
        long = "url",
        global = true,
        value_name = "URL_OR_MONIKER",
        env = "GALEN_URL"
    )]
    pub url: Option<String>,

    /// URL of the cluster's WebSocket
    #[arg(long = "ws", global = true, value_name = "URL", env = "GALEN_WS")]
    pub ws: Option<String>,

    /// Longest time to wait for one answer of the cluster; what fails is asked again for half a minute
    #[arg(
        long = "rpc-timeout",
        global = true,
        value_name = "SECONDS",
        env = "GALEN_RPC_TIMEOUT",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=600)
    )]
    pub rpc_timeout: u64,

    /// Signer: a keypair file, `prompt://`, `usb://ledger`, or `-` for stdin
    #[arg(
        short = 'k',
        long = "keypair",
        global = true,
        value_name = "KEYPAIR",
        env = "GALEN_KEYPAIR"
    )]
    pub keypair: Option<String>,

    /// Who pays fees and rent, if not the signer
    #[arg(
        long = "fee-payer",
        global = true,
        value_name = "KEYPAIR",
        env = "GALEN_FEE_PAYER"
    )]
    pub fee_payer: Option<String>,

    /// How settled an answer of the cluster has to be
    #[arg(
        long = "commitment",
        global = true,
        value_name = "LEVEL",
        env = "GALEN_COMMITMENT"
    )]
    pub commitment: Option<Commitment>,

    /// Form of the answer
    #[arg(
        long = "output",
        global = true,
        value_name = "FORMAT",
        env = "GALEN_OUTPUT",
        default_value = "display"
    )]
    pub output: OutputFormat,

    /// Say more on stderr
    #[arg(
        short = 'v',
        long = "verbose",
        global = true,
        env = "GALEN_VERBOSE",
        value_parser = switch
    )]
    pub verbose: bool,

    /// Believe a cluster whose clock is more than five minutes behind this machine's: a test validator whose clock was moved
    #[arg(
        long = "cluster-behind-accepted",
        global = true,
        env = "GALEN_CLUSTER_BEHIND_ACCEPTED",
        value_parser = switch
    )]
    pub cluster_behind_accepted: bool,

    /// Do not ask before sending
    #[arg(short = 'y', long = "yes", global = true, env = "GALEN_YES", value_parser = switch)]
    pub yes: bool,

    /// Send without the cluster's own check first
    #[arg(long = "skip-preflight", global = true, env = "GALEN_SKIP_PREFLIGHT", value_parser = switch)]
    pub skip_preflight: bool,

    /// Priority fee in micro-lamports per compute unit
    #[arg(
        long = "with-compute-unit-price",
        global = true,
        value_name = "MICRO_LAMPORTS",
        env = "GALEN_COMPUTE_UNIT_PRICE"
    )]
    pub compute_unit_price: Option<u64>,

    /// Folder of the local store (salts, code keys, journal)
    #[arg(long = "home", global = true, value_name = "DIR", env = "GALEN_HOME")]
    pub home: Option<PathBuf>,
}

/// A switch as an environment variable has it; set to nothing it is off.
fn switch(text: &str) -> std::result::Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
        "" | "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
        _ => Err("write 1, true, yes or on; or 0, false, no or off"),
    }
}

/// Commitment levels, as `solana` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Commitment {
    /// The node's latest block
    Processed,
    /// Voted on by a supermajority
    Confirmed,
    /// Beyond being rolled back
    Finalized,
}

impl From<Commitment> for CommitmentConfig {
    fn from(commitment: Commitment) -> Self {
        match commitment {
            Commitment::Processed => Self::processed(),
            Commitment::Confirmed => Self::confirmed(),
            Commitment::Finalized => Self::finalized(),
        }
    }
}

/// The settings of one run, each decided.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The config file that was read, if there is one.
    pub config_file: Option<PathBuf>,
    /// JSON-RPC.
    pub url: String,
    /// WebSocket.
    pub ws: String,
    /// Longest time to wait for one answer.
    pub rpc_timeout: Duration,
    /// Where the signer comes from.
    pub keypair: String,
    /// Who pays, if not the signer.
    pub fee_payer: Option<String>,
    /// How settled an answer has to be.
    pub commitment: CommitmentConfig,
    /// Form of the answer.
    pub output: OutputFormat,
    /// Take answers about packs of a cluster whose clock is behind.
    pub accepts_behind: bool,
    /// Do not ask before sending.
    pub yes: bool,
    /// Send without preflight.
    pub skip_preflight: bool,
    /// Micro-lamports per compute unit.
    pub compute_unit_price: Option<u64>,
    /// Folder of the local store.
    pub home: PathBuf,
    /// Where notes go.
    pub notes: Notes,
}

impl Settings {
    /// Decides every setting.
    ///
    /// # Errors
    /// `config_unreadable` where a config file was named or exists and cannot be used, `commitment_unknown`, `home_unknown`.
    pub fn load(args: &GlobalArgs) -> Result<Self> {
        let (config_file, file) = read_config(args.config.as_deref())?;
        let url = normalize(
            args.url
                .as_deref()
                .or_else(|| stated(file.as_ref(), |file| &file.json_rpc_url))
                .unwrap_or(DEFAULT_URL),
        );
        // A WebSocket URL in the file belongs to the file's cluster, so it counts only where that cluster is the one in use.
        let file_ws = if args.url.is_none() {
            stated(file.as_ref(), |file| &file.websocket_url)
        } else {
            None
        };
        let ws = args
            .ws
            .as_deref()
            .or(file_ws)
            .map_or_else(|| SolanaConfig::compute_websocket_url(&url), str::to_owned);
        let keypair = match args
            .keypair
            .as_deref()
            .or_else(|| stated(file.as_ref(), |file| &file.keypair_path))
        {
            Some(source) => source.to_owned(),
            None => default_keypair()?,
        };
        let commitment = match (args.commitment, stated(file.as_ref(), |file| &file.commitment)) {
            (Some(commitment), _) => commitment.into(),
            (None, Some(text)) => text.parse().map_err(|_| CliError::new("commitment_unknown", format!("The config file's commitment `{text}` is not processed, confirmed or finalized.")))?,
            (None, None) => CommitmentConfig::confirmed(),
        };
        Ok(Self {
            config_file,
            url,
            ws,
            rpc_timeout: Duration::from_secs(args.rpc_timeout),
            keypair,
            fee_payer: args.fee_payer.clone(),
            commitment,
            output: args.output,
            accepts_behind: args.cluster_behind_accepted,
            yes: args.yes,
            skip_preflight: args.skip_preflight,
            compute_unit_price: args.compute_unit_price,
            home: home(args.home.as_deref())?,
            notes: Notes::new(args.output, args.verbose),
        })
    }
}

/// The config file, if one is named or stands at Solana's place. A named one must be there.
fn read_config(named: Option<&Path>) -> Result<(Option<PathBuf>, Option<SolanaConfig>)> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match solana_cli_config::CONFIG_FILE.as_ref() {
            Some(path) if Path::new(path).exists() => PathBuf::from(path),
            _ => return Ok((None, None)),
        },
    };
    let text = path.to_string_lossy();
    let config = SolanaConfig::load(&text).map_err(|error| {
        CliError::new("config_unreadable", format!("The config file {text} cannot be read: {error}. Mend it or move it away, or name another with -C."))
    })?;
    Ok((Some(path), Some(config)))
}

fn stated(file: Option<&SolanaConfig>, field: fn(&SolanaConfig) -> &String) -> Option<&str> {
    file.map(field)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}

/// Monikers as `solana` has them.
fn normalize(url: &str) -> String {
    match url {
        "m" | "mainnet-beta" => "https://api.mainnet-beta.solana.com",
        "t" | "testnet" => "https://api.testnet.solana.com",
        "d" | "devnet" => "https://api.devnet.solana.com",
        "l" | "localhost" => DEFAULT_URL,
        url => url,
    }
    .to_owned()
}

fn default_keypair() -> Result<String> {
    let home = dirs::home_dir().ok_or_else(|| {
        CliError::new(
            "home_unknown",
            "There is no home folder to look for a keypair in; name one with -k.",
        )
    })?;
    Ok(home
        .join(".config/solana/id.json")
        .to_string_lossy()
        .into_owned())
}

fn home(named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(path) => Ok(path.to_owned()),
        None => dirs::data_dir()
            .map(|data| data.join("galen"))
            .ok_or_else(|| CliError::new("home_unknown", "There is no data folder for the local store; name one with --home or GALEN_HOME.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_as_people_write_them() {
        for text in ["1", "true", "TRUE", "t", "yes", "Yes", "y", "on"] {
            assert_eq!(switch(text), Ok(true), "{text}");
        }
        for text in ["", "0", "false", "False", "f", "no", "N", "off"] {
            assert_eq!(switch(text), Ok(false), "{text}");
        }
        for text in ["2", "maybe", " ", "-1", "yes please"] {
            assert!(switch(text).is_err(), "{text}");
        }
    }
}
