//! `galen treaty announce-withdrawal`, `cancel-withdrawal` and `withdraw`: the reinsurer takes money out of a layer, by notice.

use claims::instructions::{AnnounceLayerWithdrawalArgs, CancelLayerWithdrawalArgs};
use claims::{accounts, instruction};
use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::funding::{Currency, WithdrawalFlags};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen treaty announce-withdrawal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty announce-withdrawal TREATY --amount 1000000 --to TOKEN_ACCOUNT

Everybody sees it from then on. The money can be taken 14 days later, for 30 days, to that account only, and never what the
pool can still draw. Signed by an operator of the reinsurer with the permission fund.")]
pub struct Announce {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
    #[command(flatten)]
    withdrawal: WithdrawalFlags,
}

/// Flags of `galen treaty cancel-withdrawal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty cancel-withdrawal TREATY

Signed by an operator of the reinsurer with the permission fund.")]
pub struct Cancel {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Flags of `galen treaty withdraw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty withdraw TREATY

Takes what was announced, to the account that was announced. Refused before its time, while the layer is exposed, and while
the programs are paused. Signed by an operator of the reinsurer with the permission fund.")]
pub struct Withdraw {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
}

/// Announces.
///
/// # Errors
/// `not_found`, `treaty_not_in_force`, `wrong_token_account`, and the program's refusals: `withdrawal_already_announced`.
pub fn announce(args: &Announce, settings: &Settings) -> Result<Answer> {
    let case = Case::in_force(args.treaty, settings)?;
    let Case {
        session,
        treaty,
        pool,
        ..
    } = &case;
    let currency = Currency {
        mint: &pool.mint,
        token_program: &pool.token_program,
    };
    let announced = (treaty.withdrawal, treaty.withdrawal_to);
    let Some(destination) = args.withdrawal.destination(session, &currency, announced)? else {
        return case.unchanged();
    };
    let accounts = accounts::AnnounceLayerWithdrawal {
        operator: session.key(),
        operator_record: case.record(Permission::Fund)?,
        reinsurer: treaty.reinsurer,
        pool: treaty.pool,
        treaty: args.treaty,
        destination,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.withdrawal.admin.at(session.now, treaty.sequence);
    let intent = Intent::new("Announce that money will be taken out of a layer")
        .with("treaty", args.treaty)
        .with("amount", money(args.withdrawal.amount))
        .with("to", destination)
        .with_admin(&admin);
    let data = instruction::AnnounceLayerWithdrawal {
        args: AnnounceLayerWithdrawalArgs {
            admin,
            amount: args.withdrawal.amount,
        },
    };
    case.execute(&intent, &accounts, &data)
}

/// Takes the announcement back.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn cancel(args: &Cancel, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.treaty, settings)?;
    if case.treaty.withdrawal == 0 {
        return case.unchanged();
    }
    let accounts = accounts::CancelLayerWithdrawal {
        operator: case.session.key(),
        operator_record: case.record(Permission::Fund)?,
        reinsurer: case.treaty.reinsurer,
        treaty: args.treaty,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(case.session.now, case.treaty.sequence);
    let intent = Intent::new("Take the announcement of a withdrawal back")
        .with("treaty", args.treaty)
        .with("amount", money(case.treaty.withdrawal))
        .with_admin(&admin);
    let data = instruction::CancelLayerWithdrawal {
        args: CancelLayerWithdrawalArgs { admin },
    };
    case.execute(&intent, &accounts, &data)
}

/// Takes what was announced.
///
/// # Errors
/// `not_found`, and the program's refusals: `withdrawal_not_due`, `withdrawal_lapsed`, `layer_exposed`, `withdrawals_paused`.
pub fn withdraw(args: &Withdraw, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.treaty, settings)?;
    let Case {
        session,
        treaty,
        pool,
        ..
    } = &case;
    // Nothing is announced, so all that was is taken, or was taken back.
    if treaty.withdrawal == 0 {
        return case.unchanged();
    }
    let accounts = accounts::WithdrawFromLayer {
        operator: session.key(),
        operator_record: case.record(Permission::Fund)?,
        reinsurer: treaty.reinsurer,
        config: Config::find_address().0,
        pool: treaty.pool,
        treaty: args.treaty,
        layer_vault: treaty.vault,
        destination: treaty.withdrawal_to,
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Take money out of a layer")
        .with("treaty", args.treaty)
        .with("amount", money(treaty.withdrawal))
        .with("to", treaty.withdrawal_to);
    case.execute(&intent, &accounts, &instruction::WithdrawFromLayer {})
}
