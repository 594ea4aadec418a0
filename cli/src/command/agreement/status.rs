//! What `galen agreement suspend`, `resume` and `end` share: the insurer sets an agreement's status.

use claims::instructions::SetAgreementStatusArgs;
use claims::state::AgreementStatus;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::{read, status, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of the verbs that set a status.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// The agreement's address
    #[arg(value_name = "AGREEMENT")]
    agreement: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Sets the status, unless it is set.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn set(
    title: &str,
    wanted: AgreementStatus,
    args: &StatusArgs,
    settings: &Settings,
) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (agreement, pool) = read(session.cluster(), &args.agreement)?;
    if agreement.status == wanted {
        return Answer::new(&Change::unchanged(View::new(
            args.agreement,
            &agreement,
            session.now,
        )));
    }
    let accounts = accounts::SetAgreementStatus {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::ManageAgreement)?,
        insurer: pool.insurer,
        pool: agreement.pool,
        agreement: args.agreement,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(session.now, agreement.sequence);
    let data = instruction::SetAgreementStatus {
        args: SetAgreementStatusArgs {
            admin,
            status: wanted,
        },
    };
    let intent = Intent::new(title)
        .with("agreement", args.agreement)
        .with("provider", agreement.provider)
        .with("status now", status(agreement.status))
        .with_admin(&admin);
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.agreement)?,
        receipt,
    ))
}
