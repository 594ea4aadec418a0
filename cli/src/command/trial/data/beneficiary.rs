//! `galen trial data beneficiary`

use solana_pubkey::Pubkey;
use trials::instructions::NameBeneficiaryArgs;
use trials::state::DataLog;
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::read;
use super::show::View;
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen trial data beneficiary`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial data beneficiary TRIAL --account TOKEN_ACCOUNT

Names who gets the bond if results are late. Signed by an operator of the ethics board with the permission oversee-trial: a sponsor
that named its own account would forfeit to itself. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The token account that a forfeited bond goes to
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    account: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_found`, `wrong_token_account`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let address = DataLog::find_address(&case.address).0;
    let log: DataLog = read::get(case.cluster(), &address)?;
    if log.beneficiary == args.account {
        return Answer::new(&Change::unchanged(View::read(
            case.cluster(),
            &case.address,
        )?));
    }
    token::account(case.cluster(), &args.account, &case.trial.mint)?;
    let accounts = accounts::NameBeneficiary {
        operator: case.session.key(),
        operator_record: case.board_record()?,
        board: case.trial.board,
        trial: case.address,
        log: address,
        beneficiary: args.account,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let admin = args.admin.at(case.session.now, case.trial.caps_sequence);
    let intent = Intent::new("Name who gets a forfeited bond")
        .with("trial", case.address)
        .with("bond", money(log.bond))
        .with("to", args.account)
        .with_admin(&admin);
    let data = instruction::NameBeneficiary {
        args: NameBeneficiaryArgs { admin },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(case.cluster(), &case.address)?,
        receipt,
    ))
}
