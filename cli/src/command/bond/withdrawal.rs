//! `galen bond announce-withdrawal`, `cancel-withdrawal` and `withdraw`: the manufacturer takes money out, by notice.

use anchor_lang::{InstructionData, ToAccountMetas};
use provenance::instructions::{AnnounceBondWithdrawalArgs, CancelBondWithdrawalArgs};
use provenance::state::Bond;
use provenance::{accounts, instruction};
use registry::state::{Config, Permission};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::funding::{Currency, WithdrawalFlags};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen bond announce-withdrawal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond announce-withdrawal BOND --amount 1000000 --to TOKEN_ACCOUNT

Only once every batch that the bond covers is closed. Everybody sees it from then on. The money can be taken 14 days later, for 30
days, to that account only. Signed by an operator of the manufacturer with the permission fund.")]
pub struct Announce {
    /// The bond's address
    #[arg(value_name = "BOND")]
    bond: Pubkey,
    #[command(flatten)]
    withdrawal: WithdrawalFlags,
}

/// Flags of `galen bond cancel-withdrawal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond cancel-withdrawal BOND

Signed by an operator of the manufacturer with the permission fund.")]
pub struct Cancel {
    /// The bond's address
    #[arg(value_name = "BOND")]
    bond: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Flags of `galen bond withdraw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond withdraw BOND

Takes what was announced, to the account that was announced. Refused before its time, while the bond covers a batch that is open, and
while the programs are paused. Signed by an operator of the manufacturer with the permission fund.")]
pub struct Withdraw {
    /// The bond's address
    #[arg(value_name = "BOND")]
    bond: Pubkey,
}

/// A bond as it is on the cluster, to be changed by an operator of the manufacturer.
struct Case<'a> {
    session: Session<'a>,
    address: Pubkey,
    bond: Bond,
}

impl<'a> Case<'a> {
    fn open(address: Pubkey, settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        let bond = entity::get(session.cluster(), &address)?;
        Ok(Self {
            session,
            address,
            bond,
        })
    }

    fn record(&self) -> Result<Pubkey> {
        self.session
            .staff(&self.bond.manufacturer, Permission::Fund)
    }

    fn unchanged(&self) -> Result<Answer> {
        let view = View::read(self.session.cluster(), self.address)?;
        Answer::new(&Change::unchanged(view))
    }

    fn execute(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Answer> {
        let receipt = self
            .session
            .perform(intent, provenance::ID, accounts, data)?;
        let view = View::read(self.session.cluster(), self.address)?;
        Answer::new(&Change::changed(view, receipt))
    }
}

/// Announces.
///
/// # Errors
/// `not_found`, `wrong_token_account`, and the program's refusals: `withdrawal_already_announced`, `batches_are_covered`.
pub fn announce(args: &Announce, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.bond, settings)?;
    let bond = &case.bond;
    let currency = Currency {
        mint: &bond.mint,
        token_program: &bond.token_program,
    };
    let announced = (bond.withdrawal, bond.withdrawal_to);
    let Some(destination) = args
        .withdrawal
        .destination(&case.session, &currency, announced)?
    else {
        return case.unchanged();
    };
    let accounts = accounts::AnnounceBondWithdrawal {
        operator: case.session.key(),
        operator_record: case.record()?,
        manufacturer: bond.manufacturer,
        bond: args.bond,
        destination,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let admin = args.withdrawal.admin.at(case.session.now, bond.sequence);
    let intent = Intent::new("Announce that money will be taken out of a bond")
        .with("bond", args.bond)
        .with("amount", money(args.withdrawal.amount))
        .with("to", destination)
        .with_admin(&admin);
    let data = instruction::AnnounceBondWithdrawal {
        args: AnnounceBondWithdrawalArgs {
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
    let case = Case::open(args.bond, settings)?;
    if case.bond.withdrawal == 0 {
        return case.unchanged();
    }
    let accounts = accounts::CancelBondWithdrawal {
        operator: case.session.key(),
        operator_record: case.record()?,
        manufacturer: case.bond.manufacturer,
        bond: args.bond,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let admin = args.admin.at(case.session.now, case.bond.sequence);
    let intent = Intent::new("Take the announcement of a withdrawal back")
        .with("bond", args.bond)
        .with("amount", money(case.bond.withdrawal))
        .with_admin(&admin);
    let data = instruction::CancelBondWithdrawal {
        args: CancelBondWithdrawalArgs { admin },
    };
    case.execute(&intent, &accounts, &data)
}

/// Takes what was announced.
///
/// # Errors
/// `not_found`, and the program's refusals: `withdrawal_not_due`, `withdrawal_lapsed`, `batches_are_covered`,
/// `bond_underfunded`, `withdrawals_paused`.
pub fn withdraw(args: &Withdraw, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.bond, settings)?;
    let bond = &case.bond;
    // Nothing is announced, so all that was is taken, or was taken back.
    if bond.withdrawal == 0 {
        return case.unchanged();
    }
    let accounts = accounts::WithdrawBond {
        operator: case.session.key(),
        operator_record: case.record()?,
        manufacturer: bond.manufacturer,
        config: Config::find_address().0,
        bond: args.bond,
        vault: bond.vault,
        destination: bond.withdrawal_to,
        mint: bond.mint,
        token_program: bond.token_program,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let intent = Intent::new("Take money out of a bond")
        .with("bond", args.bond)
        .with("amount", money(bond.withdrawal))
        .with("to", bond.withdrawal_to);
    case.execute(&intent, &accounts, &instruction::WithdrawBond {})
}
