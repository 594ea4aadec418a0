//! `galen governance resume`

use registry::instructions::EndPauseArgs;
use registry::{accounts, instruction};

use super::view::{read, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen governance resume`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen governance resume

Where no pause is running there is nothing to do, and that is fine.")]
pub struct Args {
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// The program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (address, config) = read(session.cluster())?;
    if !config.is_paused(session.now) {
        return Answer::new(&Change::unchanged(View::new(address, &config, session.now)));
    }
    let accounts = accounts::EndPause {
        governance: session.key(),
        config: address,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let admin = args.admin.at(session.now, config.sequence);
    let data = instruction::EndPause {
        args: EndPauseArgs { admin },
    };
    let intent = Intent::new("End the pause")
        .with("configuration", address)
        .with_admin(&admin);
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(registry::ID, &accounts, &data)],
        &[],
    )?;
    Answer::new(&Change::changed(View::read(session.cluster())?, receipt))
}
