//! `galen trial data forfeit`

use trials::state::DataLog;
use trials::{accounts, instruction};

use super::super::case::{foreseen, Case, Target};
use super::super::read;
use super::show::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::text::some_key;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen trial data forfeit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data forfeit TRIAL

Forfeits the bond of a sponsor whose results are late, and pays it to whom the ethics board has named (`galen trial data
beneficiary`). Where nobody is named yet it is forfeited all the same, and a later run pays it. Anybody can run it, as often as
they like; before results are due it is refused.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `results_not_due`, `bond_returned`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let address = DataLog::find_address(&case.address).0;
    let log: DataLog = read::get(case.cluster(), &address)?;
    let beneficiary = some_key(log.beneficiary);
    let paid = log.bond_state == DataLog::BOND_PAID;
    let waits = log.bond_state == DataLog::BOND_FORFEITED && beneficiary.is_none();
    if paid || waits {
        return Answer::new(&Change::unchanged(View::read(
            case.cluster(),
            &case.address,
        )?));
    }
    // The program's own check, run here on a copy.
    let mut copy = log;
    copy.forfeit(case.today()?, log.results_due(&case.trial))
        .map_err(|error| foreseen(&error))?;
    let accounts = accounts::ForfeitBond {
        trial: case.address,
        log: address,
        vault: case.trial.vault,
        beneficiary,
        token_program: case.trial.token_program,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Forfeit a bond")
        .with("trial", case.address)
        .with("bond", money(log.bond))
        .with(
            "to",
            beneficiary.map_or_else(
                || "nobody yet: it waits for the ethics board".to_owned(),
                |key| key.to_string(),
            ),
        );
    let receipt = case.perform(&intent, &accounts, &instruction::ForfeitBond {})?;
    Answer::new(&Change::changed(
        View::read(case.cluster(), &case.address)?,
        receipt,
    ))
}
