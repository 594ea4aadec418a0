//! `galen deploy`

pub mod authority;
pub mod buffers;
pub mod programs;
pub mod status;
pub mod target;

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen deploy`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What else to do than deploy
    #[command(subcommand)]
    command: Option<Command>,

    /// Programs to deploy; all of them if none is named
    #[arg(value_name = "PROGRAM")]
    programs: Vec<String>,

    /// Deploy bytes that have not passed the attack matrix
    #[arg(long, env = "GALEN_UNTESTED")]
    untested: bool,

    /// Show the upload buffers of the upgrade authority that were left over
    #[arg(long, conflicts_with = "close_buffers")]
    list_buffers: bool,

    /// Close them; what they hold goes to the payer
    #[arg(long)]
    close_buffers: bool,

    #[command(flatten)]
    shared: Shared,
}

/// Flags that deploying has in common with `status` and `authority`.
#[derive(Debug, clap::Args)]
pub struct Shared {
    /// Folder with the built programs, build.json and tested.json
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "GALEN_PROGRAM_DIR",
        default_value = "target/deploy"
    )]
    program_dir: PathBuf,

    /// Who may upgrade, if not the signer
    #[arg(
        long,
        global = true,
        value_name = "KEYPAIR",
        env = "GALEN_UPGRADE_AUTHORITY"
    )]
    upgrade_authority: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  galen deploy -u localhost
  galen deploy claims --with-compute-unit-price 10000
  galen deploy status
  galen deploy --list-buffers
  galen deploy authority propose 9xQe...new

A deployment that was stopped is continued by running the same command again. What a program is, on which cluster, and
whether it is final is decided by looking at the cluster; nothing is paid twice.";

/// What else to do than deploy.
#[derive(Debug, Subcommand)]
enum Command {
    /// What is deployed, against what was built
    Status(status::Args),
    /// The upgrade authority: propose to hand it over, accept, withdraw
    #[command(subcommand)]
    Authority(authority::Command),
}

/// Runs the command.
///
/// # Errors
/// Each with its name and what to do.
pub fn run(args: &Args, globals: &GlobalArgs) -> Result<Answer> {
    let settings = Settings::load(globals)?;
    let deploys =
        !args.programs.is_empty() || args.untested || args.list_buffers || args.close_buffers;
    match &args.command {
        Some(_) if deploys => Err(CliError::new(
            "flags_conflict",
            "Programs, --untested, --list-buffers and --close-buffers belong to `galen deploy` itself, not to its subcommands.",
        )),
        Some(Command::Status(status)) => status::run(status, &args.shared, &settings),
        Some(Command::Authority(command)) => authority::run(command, &args.shared, &settings),
        None if args.list_buffers || args.close_buffers => buffers::run(args.close_buffers, &args.shared, &settings),
        None => programs::run(&args.programs, args.untested, &args.shared, &settings),
    }
}
