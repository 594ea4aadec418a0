//! `galen governance init`

use registry::state::Config;
use registry::{accounts, instruction};
use solana_loader_v3_interface::get_program_data_address;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::signer;

/// Flags of `galen governance init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance init
  galen governance init --governance KEY --guardian KEY

Where several insurers share a deployment, governance should be a multisig with a time lock. Running it again is fine.")]
pub struct Args {
    /// Decides on organizations and on this configuration [default: the signer]
    #[arg(long, value_name = "KEY")]
    governance: Option<Pubkey>,
    /// May start a pause, and nothing else [default: the signer]
    #[arg(long, value_name = "KEY")]
    guardian: Option<Pubkey>,
    /// The program's upgrade authority, which has to sign [default: the signer]
    #[arg(long, value_name = "KEYPAIR")]
    upgrade_authority: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `config_differs`, `program_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let governance = args.governance.unwrap_or_else(|| session.key());
    let guardian = args.guardian.unwrap_or_else(|| session.key());
    let (address, _) = Config::find_address();
    if let Some(config) = entity::find::<Config>(session.cluster(), &address)? {
        refuse_difference("governance", config.governance, governance)?;
        refuse_difference("guardian", config.guardian, guardian)?;
        return Answer::new(&Change::unchanged(View::new(address, &config, session.now)));
    }
    if !session
        .cluster()
        .account(&registry::ID)?
        .is_some_and(|program| program.executable)
    {
        let message = format!(
            "There is no registry program at {} on this cluster. Put it there with `galen deploy`.",
            registry::ID
        );
        return Err(CliError::new("program_missing", message));
    }
    let upgrade_authority = args
        .upgrade_authority
        .as_deref()
        .map(|source| signer::load(source, "upgrade authority"))
        .transpose()?;
    let authority = upgrade_authority
        .as_ref()
        .map_or_else(|| session.key(), |signer| signer.pubkey());
    let accounts = accounts::InitializeConfig {
        payer: session.payer(),
        upgrade_authority: authority,
        registry: registry::ID,
        program_data: get_program_data_address(&registry::ID),
        config: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let data = instruction::InitializeConfig {
        args: registry::instructions::InitializeConfigArgs {
            governance,
            guardian,
        },
    };
    let intent = Intent::new("Configure the registry")
        .with("program", registry::ID)
        .with("upgrade authority", authority)
        .with("governance", governance)
        .with("guardian", guardian);
    let others: Vec<_> = upgrade_authority.iter().map(AsRef::as_ref).collect();
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(registry::ID, &accounts, &data)],
        &others,
    )?;
    Answer::new(&Change::created(View::read(session.cluster())?, receipt))
}

fn refuse_difference(what: &str, there: Pubkey, asked: Pubkey) -> Result<()> {
    if there == asked {
        return Ok(());
    }
    let message = format!(
        "The registry is configured already, with {there} as its {what} and not {asked}. \
         Change it with `galen governance propose` and `accept`, or `set-guardian`."
    );
    Err(CliError::new("config_differs", message))
}
