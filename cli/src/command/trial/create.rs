//! `galen trial create`

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::constants::NO_LIMIT;
use trials::instructions::CreateTrialArgs;
use trials::state::Trial;
use trials::{accounts, instruction};

use super::limit::Limit;
use super::read;
use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial create`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial create --sponsor ORG --board ORG --mint MINT
  galen trial create --sponsor ORG --board ORG --mint MINT --number 2 --attest-days 60 --tax-threshold none

Signed by an operator of the sponsor with the permission manage-trial. Nobody can consent before the ethics board has set
caps and approved a version of protocol and consent form. Running it again is fine.")]
pub struct Args {
    /// The sponsor's address or id
    #[arg(long, value_name = "ORG")]
    sponsor: Pubkey,
    /// The ethics board's address or id
    #[arg(long, value_name = "ORG")]
    board: Pubkey,
    /// The mint that the trial pays in
    #[arg(long, value_name = "MINT")]
    mint: Pubkey,
    /// Tells the sponsor's trials apart
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    number: u32,
    /// Days after a visit on which it can still be attested
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(7..=365))]
    attest_days: u16,
    /// Stipends of one person in one calendar year from which a tax form is needed, in cents, or none
    #[arg(long, value_name = "CENTS", default_value = "200000")]
    tax_threshold: Limit,
    /// Backup withholding from there on, in basis points
    #[arg(long, value_name = "BPS", default_value_t = 2_400, value_parser = clap::value_parser!(u16).range(..=10_000))]
    withholding_bps: u16,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `trial_differs`, `wrong_mint`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.people.public_ledger_accepted)?;
    let (sponsor, _) = resolve(cluster, &args.sponsor)?;
    let (board, _) = resolve(cluster, &args.board)?;
    let (address, _) = Trial::find_address(&sponsor, args.number);
    if let Some(there) = read::find::<Trial>(cluster, &address)? {
        refuse_difference(&there, &board, args)?;
        return Answer::new(&Change::unchanged(View::read(cluster, address)?));
    }
    let accounts = accounts::CreateTrial {
        operator: session.key(),
        operator_record: session.staff(&sponsor, Permission::ManageTrial)?,
        sponsor,
        board,
        mint: args.mint,
        trial: address,
        vault: Trial::find_vault_address(&address).0,
        token_program: token::program_of(cluster, &args.mint)?,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let data = instruction::CreateTrial {
        args: CreateTrialArgs {
            number: args.number,
            attest_days: args.attest_days,
            tax_threshold: args.tax_threshold.or(NO_LIMIT),
            withholding_bps: args.withholding_bps,
        },
    };
    let intent = Intent::new("Create a trial")
        .with("trial", address)
        .with("sponsor", sponsor)
        .with("ethics board", board)
        .with("mint", args.mint)
        .with("number", args.number)
        .with("attestable for", format!("{} days", args.attest_days))
        .with("tax form from", args.tax_threshold);
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    Answer::new(&Change::created(View::read(cluster, address)?, receipt))
}

fn refuse_difference(there: &Trial, board: &Pubkey, args: &Args) -> Result<()> {
    let same = there.board == *board
        && there.mint == args.mint
        && there.attest_days == args.attest_days
        && there.tax_threshold == args.tax_threshold.or(NO_LIMIT)
        && there.withholding_bps == args.withholding_bps;
    if same {
        return Ok(());
    }
    let message = format!(
        "The sponsor's trial {} exists already, on other terms: ethics board {}, mint {}, attestable for {} days. These never change; create another with --number.",
        there.number, there.board, there.mint, there.attest_days
    );
    Err(CliError::new("trial_differs", message))
}
