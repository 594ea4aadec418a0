//! `galen deploy authority`

use std::fmt;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::target::{confirm, identities, sol, Target};
use super::Shared;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::loader::handover::{self, Handed, Proposal};
use crate::loader::wallet::Tally;
use crate::output::Answer;
use crate::signer;

/// What to do with the upgrade authority.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Propose to hand it to another key; nothing changes until that key accepts
    Propose(ProposeArgs),
    /// Accept a proposal; the signer (-k) has to be the proposed key
    #[command(
        after_help = "Examples:\n  galen deploy authority accept -k new.json --proposal handover.json"
    )]
    Accept(ProposalFile),
    /// Make an open proposal worthless, and get the rent of proposals back
    #[command(
        after_help = "Examples:\n  galen deploy authority withdraw --proposal handover.json"
    )]
    Withdraw(ProposalFile),
}

/// Flags of `galen deploy authority propose`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen deploy authority propose NEW_KEY --proposal handover.json
  galen deploy authority accept -k new.json --proposal handover.json

The proposal is a signature that holds until it is accepted, withdrawn or replaced by another. Send the file to whoever
holds the new key; they need nothing else. A multisig cannot sign such a file: see docs/runbooks/deploy.md.")]
pub struct ProposeArgs {
    /// The key that is to have the authority
    #[arg(value_name = "NEW_KEY")]
    new_key: Pubkey,

    /// Programs to hand over; all of them if none is named
    #[arg(value_name = "PROGRAM")]
    programs: Vec<String>,

    #[command(flatten)]
    file: ProposalFile,
}

/// Where the proposal lies.
#[derive(Debug, clap::Args)]
pub struct ProposalFile {
    /// File of the proposal; by default in the local store
    #[arg(long, value_name = "FILE", env = "GALEN_PROPOSAL")]
    proposal: Option<PathBuf>,
}

impl ProposalFile {
    fn path(&self, settings: &Settings, genesis: &str) -> PathBuf {
        self.proposal
            .clone()
            .unwrap_or_else(|| Proposal::path(&settings.home, genesis))
    }
}

/// Runs the verb.
///
/// # Errors
/// Each with its name and what to do.
pub fn run(command: &Command, shared: &Shared, settings: &Settings) -> Result<Answer> {
    match command {
        Command::Propose(args) => propose(args, shared, settings),
        Command::Accept(file) => accept(file, settings),
        Command::Withdraw(file) => withdraw(file, shared, settings),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Proposed {
    file: String,
    proposal: Proposal,
    fees: u64,
    transactions: u64,
}

fn propose(args: &ProposeArgs, shared: &Shared, settings: &Settings) -> Result<Answer> {
    let target = Target::reach(shared, settings)?;
    let programs: Vec<Handed> = identities(&shared.program_dir, &args.programs)?
        .into_iter()
        .map(|(program, identity)| Handed {
            program,
            program_id: identity.id,
        })
        .collect();
    confirm(
        &format!(
            "Propose to hand the upgrade authority over {} from {} to {}?",
            names(&programs),
            target.authority.pubkey(),
            args.new_key
        ),
        settings,
    )?;
    let mut tally = Tally::default();
    let proposal = handover::propose(
        &target.wallet(settings),
        target.authority.as_ref(),
        &target.cluster.genesis,
        &args.new_key,
        programs,
        &mut tally,
    )?;
    let path = args.file.path(settings, &target.cluster.genesis);
    proposal.write(&path)?;
    Answer::new(&Proposed {
        file: path.display().to_string(),
        proposal,
        fees: tally.fees,
        transactions: tally.transactions,
    })
}

impl fmt::Display for Proposed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "Proposed: the upgrade authority over {} goes from {} to {}.",
            names(&self.proposal.programs),
            self.proposal.from,
            self.proposal.to
        )?;
        writeln!(
            f,
            "Nothing has changed yet. The proposal is in {}; whoever holds the new key runs",
            self.file
        )?;
        writeln!(
            f,
            "  galen deploy authority accept -k NEW_KEYPAIR --proposal {}",
            self.file
        )?;
        write!(
            f,
            "It stays open until then. `galen deploy authority withdraw` makes it worthless."
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    programs: Vec<Handed>,
    authority: String,
    /// Absent where it had been accepted before.
    signature: Option<String>,
}

fn accept(file: &ProposalFile, settings: &Settings) -> Result<Answer> {
    let new_key = signer::load(&settings.keypair, "new upgrade authority")?;
    let cluster = Cluster::connect(settings)?;
    let proposal = Proposal::read(&file.path(settings, &cluster.genesis))?;
    confirm(
        &format!(
            "Take the upgrade authority over {} from {}?",
            names(&proposal.programs),
            proposal.from
        ),
        settings,
    )?;
    let signature = handover::accept(
        &cluster.client,
        settings.commitment,
        &cluster.genesis,
        &proposal,
        new_key.as_ref(),
    )?;
    Answer::new(&Accepted {
        programs: proposal.programs,
        authority: proposal.to.to_string(),
        signature: signature.map(|it| it.to_string()),
    })
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.signature {
            Some(signature) => write!(
                f,
                "{} has the upgrade authority over {} now.\nTransaction {signature}",
                self.authority,
                names(&self.programs)
            ),
            None => write!(
                f,
                "{} has the upgrade authority over {} already; nothing was done.",
                self.authority,
                names(&self.programs)
            ),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Withdrawn {
    authority: String,
    /// Lamports that came back; absent where there was nothing to withdraw.
    lamports: Option<u64>,
    fees: u64,
}

fn withdraw(file: &ProposalFile, shared: &Shared, settings: &Settings) -> Result<Answer> {
    let target = Target::reach(shared, settings)?;
    confirm(
        &format!("Withdraw what {} has proposed?", target.authority.pubkey()),
        settings,
    )?;
    let mut tally = Tally::default();
    let lamports = handover::withdraw(
        &target.wallet(settings),
        target.authority.as_ref(),
        &mut tally,
    )?;
    Proposal::forget(&file.path(settings, &target.cluster.genesis))?;
    Answer::new(&Withdrawn {
        authority: target.authority.pubkey().to_string(),
        lamports,
        fees: tally.fees,
    })
}

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.lamports {
            Some(lamports) => write!(
                f,
                "No proposal of {} is open any more; {} came back.",
                self.authority,
                sol(lamports)
            ),
            None => write!(f, "{} has no open proposal.", self.authority),
        }
    }
}

fn names(programs: &[Handed]) -> String {
    let named: Vec<String> = programs
        .iter()
        .map(|it| format!("{} ({})", it.program, it.program_id))
        .collect();
    named.join(" and ")
}
