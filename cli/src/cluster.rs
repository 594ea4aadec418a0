//! Which cluster one talks to, told by its genesis hash: a URL can point anywhere, a genesis hash cannot.

mod patience;

use galen_rules::provenance::is_behind;
use galen_rules::Date;
use solana_client::rpc_client::{RpcClient, RpcClientConfig};
use solana_cluster_type::ClusterType;
use solana_pubkey::Pubkey;

use crate::chain::when;
use crate::config::Settings;
use crate::error::{CliError, Result};

use patience::{PatientSender, Seen};

/// Accounts that a node gives in one answer.
const PER_QUESTION: usize = 100;

/// A cluster that answered.
pub struct Cluster {
    /// JSON-RPC, at the commitment of the settings.
    pub client: RpcClient,
    /// What this run has seen happen: no answer from before is taken.
    pub seen: Seen,
    /// Base58.
    pub genesis: String,
    /// The public cluster that this is, if it is one.
    pub public: Option<&'static str>,
    /// Whether it may be behind.
    accepts_behind: bool,
}

impl Cluster {
    /// Reaches the cluster of the settings.
    ///
    /// # Errors
    /// `url_invalid`, `cluster_unreachable`.
    pub fn connect(settings: &Settings) -> Result<Self> {
        if !settings.url.starts_with("http://") && !settings.url.starts_with("https://") {
            let message = format!("`{}` is neither a URL with http:// or https:// nor a moniker (mainnet-beta, testnet, devnet, localhost).", settings.url);
            return Err(CliError::new("url_invalid", message));
        }
        let seen = Seen::default();
        let sender = PatientSender::new(
            &settings.url,
            settings.rpc_timeout,
            settings.notes,
            seen.clone(),
        );
        let config = RpcClientConfig::with_commitment(settings.commitment);
        let client = RpcClient::new_sender(sender, config);
        let genesis = client
            .get_genesis_hash()
            .map_err(|error| unreachable(&settings.url, &error))?
            .to_string();
        let public = public_name(&genesis);
        Ok(Self {
            client,
            seen,
            genesis,
            public,
            accepts_behind: settings.accepts_behind,
        })
    }

    /// Refuses the data of real people where the whole world reads along.
    ///
    /// # Errors
    /// `public_ledger`.
    pub fn require_private(&self, accepted: bool) -> Result<()> {
        match self.public {
            Some(name) if !accepted => Err(CliError::new(
                "public_ledger",
                format!(
                    "This is {name}, which everyone can read, for ever; salted commitments are not anonymity. Use a permissioned or local cluster. \
                     docs/privacy.md says what can be inferred; who has read it and insists adds --public-ledger-accepted."
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses public clusters altogether, for commands that only play.
    ///
    /// # Errors
    /// `public_ledger`.
    pub fn require_local(&self, what: &str) -> Result<()> {
        match self.public {
            Some(name) => Err(CliError::new("public_ledger", format!("This is {name}; {what} runs on a local cluster only. Start one with `galen localnet`."))),
            None => Ok(()),
        }
    }

    /// The bytes of an account and its owner, if it exists.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn account(&self, address: &Pubkey) -> Result<Option<solana_account::Account>> {
        self.client
            .get_account_with_commitment(address, self.client.commitment())
            .map(|response| response.value)
            .map_err(|error| unreachable(&self.client.url(), &error))
    }

    /// The raw accounts at addresses, in their order.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<solana_account::Account>>> {
        let mut accounts = Vec::with_capacity(addresses.len());
        for chunk in addresses.chunks(PER_QUESTION) {
            let answer = self
                .client
                .get_multiple_accounts_with_commitment(chunk, self.client.commitment())
                .map_err(|error| unreachable(&self.client.url(), &error))?;
            accounts.extend(answer.value);
        }
        Ok(accounts)
    }

    /// Refuses an answer as of the cluster's Unix second `ledger` that is too old to count: what was recalled, dispensed or has expired
    /// since is not in it.
    ///
    /// # Errors
    /// `cluster_behind`, `wrong_clock`.
    pub fn require_current(&self, ledger: i64) -> Result<()> {
        let here = when::now()?;
        if self.accepts_behind || !is_behind(ledger, here) {
            return Ok(());
        }
        let minutes = here.saturating_sub(ledger).div_euclid(60);
        let message = format!(
            "The clock of the cluster at {} is {minutes} minutes behind this machine's: what was recalled or dispensed since, it does not \
             know. Ask another (-u), or set this machine's clock if that is wrong; where a test validator's clock was moved, add \
             --cluster-behind-accepted.",
            self.client.url()
        );
        Err(CliError::new("cluster_behind", message))
    }

    /// The cluster's own clock, as a Unix time.
    ///
    /// # Errors
    /// `cluster_unreachable`, `cluster_odd`.
    pub fn unix_time(&self) -> Result<i64> {
        unix_time_of(self.account(&solana_sdk_ids::sysvar::clock::ID)?.as_ref())
    }

    /// The day by the cluster's own clock.
    ///
    /// # Errors
    /// Those of [`Cluster::unix_time`].
    pub fn today(&self) -> Result<Date> {
        Date::from_unix(self.unix_time()?).ok_or_else(|| {
            CliError::new(
                "cluster_odd",
                "The cluster's clock shows a time that is in no calendar.",
            )
        })
    }
}

/// The time of a cluster's Clock sysvar, as a Unix time.
///
/// # Errors
/// `cluster_odd`.
pub fn unix_time_of(clock: Option<&solana_account::Account>) -> Result<i64> {
    /// Where `unix_timestamp` stands in the Clock sysvar: after four fields of eight bytes.
    const UNIX_TIMESTAMP: std::ops::Range<usize> = 32..40;
    let odd = || {
        CliError::new(
            "cluster_odd",
            "The cluster has no Clock; it is not a Solana cluster that Galen can work with.",
        )
    };
    let bytes = clock
        .ok_or_else(odd)?
        .data
        .get(UNIX_TIMESTAMP)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(odd)?;
    Ok(i64::from_le_bytes(bytes))
}

/// The public cluster with this genesis hash.
pub fn public_name(genesis: &str) -> Option<&'static str> {
    [
        (ClusterType::MainnetBeta, "mainnet-beta"),
        (ClusterType::Testnet, "testnet"),
        (ClusterType::Devnet, "devnet"),
    ]
    .into_iter()
    .find(|(cluster, _)| {
        cluster
            .get_genesis_hash()
            .is_some_and(|hash| hash.to_string() == genesis)
    })
    .map(|(_, name)| name)
}

/// Whether a cluster's URL names this machine. Whatever it says decides only how something is worded.
pub fn is_on_this_machine(url: &str) -> bool {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = after_scheme.split(['/', '?']).next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"]
        .into_iter()
        .any(|local| {
            host.strip_prefix(local)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
}

/// The refusal where a cluster does not answer.
pub fn unreachable(url: &str, error: &dyn std::fmt::Display) -> CliError {
    let hint = if is_on_this_machine(url) {
        "Start a local validator with `galen localnet`, or name another cluster with -u."
    } else {
        "Check the URL (-u) and the network."
    };
    CliError::new(
        "cluster_unreachable",
        format!("The cluster at {url} does not answer: {error}. {hint}"),
    )
}

#[cfg(test)]
mod tests {
    use super::{is_on_this_machine, public_name};

    #[test]
    fn this_machine_is_known_by_its_names() {
        for url in [
            "http://127.0.0.1:8899",
            "http://localhost",
            "https://localhost:8899/path",
            "http://[::1]:8899",
        ] {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in [
            "https://localhost.example.org",
            "https://example.org/?at=127.0.0.1",
            "http://127.0.0.10:8899",
            "",
        ] {
            assert!(!is_on_this_machine(url), "{url}");
        }
    }

    #[test]
    fn the_public_clusters_are_known_by_their_genesis_hash() {
        assert_eq!(
            public_name("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"),
            Some("mainnet-beta")
        );
        assert_eq!(
            public_name("4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY"),
            Some("testnet")
        );
        assert_eq!(
            public_name("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"),
            Some("devnet")
        );
        assert_eq!(public_name("11111111111111111111111111111111"), None);
    }
}
