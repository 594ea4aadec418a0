//! What can go wrong between a program file and a cluster. Each error says what to do about it.
use std::{io, path::PathBuf};

use solana_client::client_error::ClientError;
use solana_pubkey::Pubkey;

use crate::error::CliError;

/// Why a program was not deployed, or an authority not handed over.
#[derive(Debug, thiserror::Error)]
pub enum LoaderError {
    /// There is no such file in the program folder.
    #[error("The program {program} is not built: there is no {}. Run `cargo xtask build`, or name the folder with --program-dir.", path.display())]
    ProgramNotBuilt { program: String, path: PathBuf },
    /// A file is there but cannot be read.
    #[error("{} cannot be read: {error}.", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    /// A file or folder cannot be written.
    #[error("{} cannot be written: {error}. The state of a deployment has to be kept before it starts; free the disk or name another folder with --home.", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    /// The file is something else than a program.
    #[error("{} is not a program: it is not an ELF file. Run `cargo xtask build`.", path.display())]
    NotAProgram { path: PathBuf },
    /// The program does not fit an account.
    #[error("{} has {bytes} bytes; the loader takes {limit} at most.", path.display())]
    ProgramTooLarge {
        path: PathBuf,
        bytes: usize,
        limit: usize,
    },
    /// `build.json`, `tested.json`, a journal or a proposal is malformed.
    #[error("{} is not what it should be: {error}. Make it anew: `cargo xtask build` writes build.json, `cargo xtask test` writes tested.json, `galen deploy authority propose` a proposal.", path.display())]
    BadRecord {
        path: PathBuf,
        error: serde_json::Error,
    },
    /// The program's bytes have not passed the attack matrix.
    #[error("{program} with SHA-256 {sha256} has not passed the attack matrix as these bytes: tested.json does not list it. Run `cargo xtask test`, or deploy it all the same with --untested.")]
    Untested { program: String, sha256: String },
    /// A key file cannot be used.
    #[error("The key file {} cannot be used: {reason}. It has to hold the 64 numbers that `galen wallet new` or `cargo xtask keys` writes.", path.display())]
    BadKeyFile { path: PathBuf, reason: String },
    /// The key file belongs to another address than the program was built for.
    #[error("{} holds the key of {found}, but {program} was built for {built_for}. Run `cargo xtask keys` and build again, or put the right key there.", path.display())]
    WrongProgramKey {
        program: String,
        path: PathBuf,
        found: Pubkey,
        built_for: Pubkey,
    },
    /// The program has to be created and the key behind its address is not at hand.
    #[error("{program} does not exist at {id} yet, and creating it takes the key of that address. Put the key file at {}, or make keys of your own with `cargo xtask keys` and build again.", expected.display())]
    NoProgramKey {
        program: String,
        id: Pubkey,
        expected: PathBuf,
    },
    /// A development key on a public cluster.
    #[error("{program} has its development address, whose key everybody can derive, and {cluster} is public: a stranger could take the address or have taken it. Make keys of your own with `cargo xtask keys`, build and test, then deploy.")]
    DevelopmentKey {
        program: String,
        cluster: &'static str,
    },
    /// Somebody else may upgrade this program.
    #[error("{program} is upgraded by {current}, not by {given}. Name that key with --upgrade-authority, or have the authority handed over with `galen deploy authority`.")]
    WrongAuthority {
        program: Pubkey,
        current: Pubkey,
        given: Pubkey,
    },
    /// Nobody may upgrade this program.
    #[error("{0} is final: it has no upgrade authority, so nobody can change it. Deploy under another address.")]
    ProgramFinal(Pubkey),
    /// The program was closed.
    #[error("{0} was closed, and the loader does not let a closed address be used again. Make another key with `cargo xtask keys`, build and deploy.")]
    ProgramClosed(Pubkey),
    /// There is no program to hand over.
    #[error("There is no program at {0} on this cluster. Deploy it first with `galen deploy`.")]
    NotDeployed(Pubkey),
    /// The address belongs to something else.
    #[error("{address} is already an account of {owner}, not of the upgradeable loader. Deploy under another address: `cargo xtask keys`.")]
    AddressTaken { address: Pubkey, owner: Pubkey },
    /// The upload buffer has passed into other hands.
    #[error("The upload buffer of {program} belongs to {} now. Its authority was changed by hand: change it back, or deploy with that key.", authority.map_or_else(|| "nobody".to_owned(), |key| key.to_string()))]
    BufferGivenAway {
        program: Pubkey,
        authority: Option<Pubkey>,
    },
    /// The payer cannot afford it.
    #[error("{payer} has {balance} lamports and {needed} are needed: rent, which comes back when an account is closed, and fees. Send it {} more (on a local validator: `galen wallet airdrop`).", needed.saturating_sub(*balance))]
    InsufficientFunds {
        payer: Pubkey,
        balance: u64,
        needed: u64,
    },
    /// The cluster refused a transaction.
    #[error("The cluster refused to {step}: {reason}.{}{}", if logs.is_empty() { "" } else { " Its log ends: " }, logs.join(" | "))]
    Refused {
        step: &'static str,
        reason: String,
        logs: Vec<String>,
    },
    /// Transactions are sent and never land.
    #[error("The transactions to {step} do not get into blocks. Raise --with-compute-unit-price, or use another --url, and run the same command again: it continues where this one stopped.")]
    NotLanding { step: &'static str },
    /// The same step again and again.
    #[error("The cluster keeps asking to {step}: somebody else seems to deploy the same program at the same time, or the node at --url lags. Run the same command again.")]
    Stuck { step: &'static str },
    /// The node lags behind what it has confirmed.
    #[error("The node at --url has not reached slot {wanted} within {seconds} seconds, though it confirmed a transaction there. Use another --url and run the same command again.")]
    NodeBehind { wanted: u64, seconds: u64 },
    /// What is on the cluster after a deployment is not what was sent.
    #[error("{program} reads back with SHA-256 {found} instead of {wanted}. Run the same command again, and if this repeats do not use the program.")]
    ReadBack {
        program: Pubkey,
        wanted: String,
        found: String,
    },
    /// Another run on this machine.
    #[error("Another `galen deploy` is running for this cluster (it holds {}). Wait for it to end.", .0.display())]
    Busy(PathBuf),
    /// A proposal is for another cluster.
    #[error(
        "The proposal is for the cluster with genesis hash {proposed}, and --url leads to {found}."
    )]
    WrongCluster { proposed: String, found: String },
    /// A proposal is for another key.
    #[error("The proposal hands the authority to {proposed}, and {given} signs. Sign with the proposed key: -k KEYPAIR.")]
    NotTheProposedKey { proposed: Pubkey, given: Pubkey },
    /// A proposal that was withdrawn, replaced or used.
    #[error("The proposal is no longer open: it was withdrawn, replaced by a newer one, or used. Ask {0} for a new one.")]
    ProposalClosed(Pubkey),
    /// A proposal whose signatures do not fit its content.
    #[error(
        "The proposal is not signed by {0}, or was changed after it was signed. Ask for a new one."
    )]
    ProposalUnsigned(Pubkey),
    /// There is nothing to accept or to withdraw.
    #[error("There is no proposal{}. `galen deploy authority propose NEW_KEY` makes one.", .0.as_ref().map_or_else(String::new, |path| format!(" at {}", path.display())))]
    NoProposal(Option<PathBuf>),
    /// An authority handed to itself.
    #[error("{0} has the authority already.")]
    SameAuthority(Pubkey),
    /// A wallet that does not sign.
    #[error("{0} did not sign: {1}.")]
    Unsigned(Pubkey, String),
    /// No address can be derived.
    #[error("An address cannot be derived: {0}.")]
    Derivation(String),
    /// A number out of range.
    #[error("A size or an amount is out of range.")]
    Arithmetic,
    /// The cluster does not answer, or not sensibly.
    #[error("The cluster at --url does not answer as it should: {0}. Check --url and the validator (`galen doctor`), and run the same command again: it continues where this one stopped.")]
    Rpc(Box<ClientError>),
}

impl From<ClientError> for LoaderError {
    fn from(error: ClientError) -> Self {
        Self::Rpc(Box::new(error))
    }
}

impl LoaderError {
    /// The stable name of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ProgramNotBuilt { .. } => "program_not_built",
            Self::Unreadable { .. } => "file_unreadable",
            Self::Unwritable { .. } => "file_unwritable",
            Self::NotAProgram { .. } => "not_a_program",
            Self::ProgramTooLarge { .. } => "program_too_large",
            Self::BadRecord { .. } => "bad_record",
            Self::Untested { .. } => "untested",
            Self::BadKeyFile { .. } => "bad_key_file",
            Self::WrongProgramKey { .. } => "wrong_program_key",
            Self::NoProgramKey { .. } => "no_program_key",
            Self::DevelopmentKey { .. } => "development_key",
            Self::WrongAuthority { .. } => "wrong_upgrade_authority",
            Self::ProgramFinal(_) => "program_final",
            Self::ProgramClosed(_) => "program_closed",
            Self::NotDeployed(_) => "not_deployed",
            Self::AddressTaken { .. } => "address_taken",
            Self::BufferGivenAway { .. } => "buffer_given_away",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::Refused { .. } => "refused",
            Self::NotLanding { .. } => "not_landing",
            Self::Stuck { .. } => "stuck",
            Self::NodeBehind { .. } => "node_behind",
            Self::ReadBack { .. } => "read_back_differs",
            Self::Busy(_) => "busy",
            Self::WrongCluster { .. } => "wrong_cluster",
            Self::NotTheProposedKey { .. } => "not_the_proposed_key",
            Self::ProposalClosed(_) => "proposal_closed",
            Self::ProposalUnsigned(_) => "proposal_unsigned",
            Self::NoProposal(_) => "no_proposal",
            Self::SameAuthority(_) => "same_authority",
            Self::Unsigned(..) => "unsigned",
            Self::Derivation(_) => "underivable",
            Self::Arithmetic => "out_of_range",
            Self::Rpc(_) => "cluster_unreachable",
        }
    }
}

impl From<LoaderError> for CliError {
    fn from(error: LoaderError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
