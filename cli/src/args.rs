//! The command line's grammar: global flags, nouns, verbs.

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use solana_pubkey::ParsePubkeyError;

use crate::command::{
    agreement, batch, bond, claim, cold_chain, completions, credential, demo, deploy, doctor,
    dscsa, duplicates, epcis, governance, localnet, man, member, operator, org, pack, plan, pool,
    predetermination, product, recall, shipment, store, treaty, trial, wallet,
};
use crate::config::GlobalArgs;
use crate::error::Result;
use crate::output::Answer;

/// Health care claims on Solana: quoted before care, adjudicated line by line, paid in one transaction
#[derive(Debug, Parser)]
#[command(name = "galen", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub globals: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// An error of the grammar as people are told it: what an address is, the library behind its type does not say.
pub fn in_words(error: clap::Error) -> clap::Error {
    let is_address = std::error::Error::source(&error)
        .is_some_and(|source| source.downcast_ref::<ParsePubkeyError>().is_some());
    let of = |kind| error.get(kind).map(ToString::to_string);
    match (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue)) {
        (Some(argument), Some(value)) if is_address => {
            let message = format!("invalid value '{value}' for '{argument}': an address has 32 to 44 characters of base58: digits and letters without 0, O, I and l");
            Cli::command().error(ErrorKind::ValueValidation, message)
        }
        _ => error,
    }
}

const EXAMPLES: &str = "\
Examples:
  galen claim quote --plan plan.json --claim claim.json --member member.json
  galen localnet
  galen doctor

Settings are looked up in this order: flag, environment variable, Solana's config file, default.
Exit codes: 0 done, 1 refused or failed, 2 the command line was not understood.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Who governs the registry, who may pause it, and the pause
    #[command(subcommand)]
    Governance(governance::Command),
    /// Organizations: insurers, providers and the rest, under their public identifiers
    #[command(subcommand)]
    Org(org::Command),
    /// Staff keys that act for an organization
    #[command(subcommand)]
    Operator(operator::Command),
    /// What one organization states about another, for a time
    #[command(subcommand)]
    Credential(credential::Command),
    /// An insurer's money for claims
    #[command(subcommand)]
    Pool(pool::Command),
    /// What an insurer pays, and for what, in versions
    #[command(subcommand)]
    Plan(plan::Command),
    /// Agreements of insurers with providers: network, limits, account to be paid
    #[command(subcommand)]
    Agreement(agreement::Command),
    /// Claims: quoted before care, submitted after it, decided and settled where they wait
    #[command(subcommand)]
    Claim(claim::Command),
    /// What a claim would come to, asked before care, and the price that the insurer holds for it
    #[command(subcommand)]
    Predetermination(predetermination::Command),
    /// Treaties of insurers with reinsurers: what is taken over of a pool's awards, and the layer that pays for it
    #[command(subcommand)]
    Treaty(treaty::Command),
    /// The registry in which insurers find that a service was claimed elsewhere too
    #[command(subcommand)]
    Duplicates(duplicates::Command),
    /// Members of a plan, known by pseudonyms
    #[command(subcommand)]
    Member(member::Command),
    /// What the code on a medicine pack says, and whether the pack may be sold; dispense it
    #[command(subcommand)]
    Pack(pack::Command),
    /// What temperature readings mean for a medicine; devices that watch over goods
    #[command(subcommand)]
    ColdChain(cold_chain::Command),
    /// EPCIS 2.0 events; needs no network
    #[command(subcommand)]
    Epcis(epcis::Command),
    /// What the Drug Supply Chain Security Act wants with each sale of a medicine
    #[command(subcommand)]
    Dscsa(dscsa::Command),
    /// A batch of packs: its tree built from serial numbers, proved, verified without network; registered
    #[command(subcommand)]
    Batch(batch::Command),
    /// A manufacturer's money for claims that are recouped after a recall
    #[command(subcommand)]
    Bond(bond::Command),
    /// What a GTIN names, and who makes it
    #[command(subcommand)]
    Product(product::Command),
    /// Handing packs, cases, pallets and batches over
    #[command(subcommand)]
    Shipment(shipment::Command),
    /// Recalls of batches and of parts of them
    #[command(subcommand)]
    Recall(recall::Command),
    /// Clinical trials: escrow, caps, consent, visits, payment of participants, taxes, data
    #[command(subcommand)]
    Trial(trial::Command),
    /// The local store of salts, code keys and journal
    #[command(subcommand)]
    Store(store::Command),
    /// A key of one's own, SOL and a currency to play with, the account in which a key holds a currency
    #[command(subcommand)]
    Wallet(wallet::Command),
    /// Put the programs on a cluster, or bring them up to date
    Deploy(deploy::Args),
    /// Play the stories of a claim, a trial and a batch of packs on a local cluster
    Demo(demo::Args),
    /// Run a local validator
    Localnet(localnet::Args),
    /// Check toolchain, config, cluster, programs, clock and store, and say what to fix
    Doctor(doctor::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Write man pages
    Man(man::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever the command refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        match self {
            Self::Governance(command) => command.run(globals),
            Self::Org(command) => command.run(globals),
            Self::Operator(command) => command.run(globals),
            Self::Credential(command) => command.run(globals),
            Self::Pool(command) => command.run(globals),
            Self::Plan(command) => command.run(globals),
            Self::Agreement(command) => command.run(globals),
            Self::Claim(command) => command.run(globals),
            Self::Predetermination(command) => command.run(globals),
            Self::Treaty(command) => command.run(globals),
            Self::Duplicates(command) => command.run(globals),
            Self::Member(command) => command.run(globals),
            Self::Pack(command) => command.run(globals),
            Self::ColdChain(command) => command.run(globals),
            Self::Epcis(command) => command.run(globals),
            Self::Dscsa(command) => command.run(globals),
            Self::Batch(command) => command.run(globals),
            Self::Bond(command) => command.run(globals),
            Self::Product(command) => command.run(globals),
            Self::Shipment(command) => command.run(globals),
            Self::Recall(command) => command.run(globals),
            Self::Trial(command) => command.run(globals),
            Self::Store(command) => command.run(globals),
            Self::Wallet(command) => command.run(globals),
            Self::Deploy(args) => deploy::run(&args, globals),
            Self::Demo(args) => demo::run(&args, globals),
            Self::Localnet(args) => localnet::run(&args),
            Self::Doctor(args) => doctor::run(&args, globals),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}
