//! `galen pool announce-withdrawal`, `cancel-withdrawal` and `withdraw`: the insurer takes money out, by notice.

use claims::instructions::{AnnounceWithdrawalArgs, CancelWithdrawalArgs};
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

/// Flags of `galen pool announce-withdrawal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool announce-withdrawal POOL --amount 1000000 --to TOKEN_ACCOUNT

Everybody sees it from then on. The money can be taken 14 days later, for 30 days, to that account only, and never what is
set aside for claims. Signed by an operator of the insurer with the permission fund.")]
pub struct Announce {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    #[command(flatten)]
    withdrawal: WithdrawalFlags,
}

/// Flags of `galen pool cancel-withdrawal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool cancel-withdrawal POOL

Signed by an operator of the insurer with the permission fund.")]
pub struct Cancel {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Flags of `galen pool withdraw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool withdraw POOL

Takes what was announced, to the account that was announced. Refused before its time, while an award waits for money, and
while the programs are paused. Signed by an operator of the insurer with the permission fund.")]
pub struct Withdraw {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
}

/// Announces.
///
/// # Errors
/// `not_found`, `wrong_token_account`, and the program's refusals: `withdrawal_already_announced`.
pub fn announce(args: &Announce, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.pool, settings)?;
    let pool = &case.pool;
    let currency = Currency {
        mint: &pool.mint,
        token_program: &pool.token_program,
    };
    let announced = (pool.withdrawal, pool.withdrawal_to);
    let Some(destination) = args
        .withdrawal
        .destination(&case.session, &currency, announced)?
    else {
        return case.unchanged();
    };
    let accounts = accounts::AnnounceWithdrawal {
        operator: case.session.key(),
        operator_record: case.record(Permission::Fund)?,
        insurer: pool.insurer,
        pool: args.pool,
        destination,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.withdrawal.admin.at(case.session.now, pool.sequence);
    let intent = Intent::new("Announce that money will be taken out of a pool")
        .with("pool", args.pool)
        .with("amount", money(args.withdrawal.amount))
        .with("to", destination)
        .with_admin(&admin);
    let data = instruction::AnnounceWithdrawal {
        args: AnnounceWithdrawalArgs {
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
    let case = Case::open(args.pool, settings)?;
    if case.pool.withdrawal == 0 {
        return case.unchanged();
    }
    let accounts = accounts::CancelWithdrawal {
        operator: case.session.key(),
        operator_record: case.record(Permission::Fund)?,
        insurer: case.pool.insurer,
        pool: args.pool,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(case.session.now, case.pool.sequence);
    let intent = Intent::new("Take the announcement of a withdrawal back")
        .with("pool", args.pool)
        .with("amount", money(case.pool.withdrawal))
        .with_admin(&admin);
    let data = instruction::CancelWithdrawal {
        args: CancelWithdrawalArgs { admin },
    };
    case.execute(&intent, &accounts, &data)
}

/// Takes what was announced.
///
/// # Errors
/// `not_found`, and the program's refusals: `withdrawal_not_due`, `withdrawal_lapsed`, `withdrawal_while_unfunded`,
/// `pool_underfunded`, `withdrawals_paused`.
pub fn withdraw(args: &Withdraw, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.pool, settings)?;
    let pool = &case.pool;
    // Nothing is announced, so all that was is taken, or was taken back.
    if pool.withdrawal == 0 {
        return case.unchanged();
    }
    let accounts = accounts::Withdraw {
        operator: case.session.key(),
        operator_record: case.record(Permission::Fund)?,
        insurer: pool.insurer,
        config: Config::find_address().0,
        pool: args.pool,
        vault: pool.vault,
        destination: pool.withdrawal_to,
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Take money out of a pool")
        .with("pool", args.pool)
        .with("amount", money(pool.withdrawal))
        .with("to", pool.withdrawal_to);
    case.execute(&intent, &accounts, &instruction::Withdraw {})
}
