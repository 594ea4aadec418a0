//! `galen agreement set`

use claims::instructions::SetAgreementTermsArgs;
use claims::state::AgreementTerms;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::{read, terms, Limit, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement set`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement set AGREEMENT --limit-per-claim 200000
  galen agreement set AGREEMENT --network in --limit-per-day none

What is not named stays as it is. Limits and payment change at once, the network for services from tomorrow on (UTC): care is
paid for by the terms of its day. `galen agreement show` tells by day.")]
pub struct Args {
    /// The agreement's address
    #[arg(value_name = "AGREEMENT")]
    agreement: Pubkey,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    admin: AdminFlags,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Terms {
    /// Whether the provider is in the network, for services from tomorrow on
    #[arg(long, value_name = "SIDE")]
    network: Option<Side>,
    /// The most that one claim is awarded without a look, in cents, or `none`
    #[arg(long, value_name = "CENTS")]
    limit_per_claim: Option<Limit>,
    /// The most that is awarded without a look in a day (UTC), in cents, or `none`
    #[arg(long, value_name = "CENTS")]
    limit_per_day: Option<Limit>,
    /// Whether awards are paid at once, or wait to be paid together
    #[arg(long, value_name = "WHEN")]
    payment: Option<Payment>,
}

/// When awards are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Payment {
    /// With the claim
    AtOnce,
    /// Together, later; their money is set aside
    Netted,
}

/// Which side of the network's border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    /// In the network
    In,
    /// Outside the network
    Out,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (agreement, pool) = read(session.cluster(), &args.agreement)?;
    let wanted = AgreementTerms {
        in_network: args
            .terms
            .network
            .map_or(agreement.terms.in_network, |side| side == Side::In),
        limit_per_claim: args
            .terms
            .limit_per_claim
            .map_or(agreement.terms.limit_per_claim, |limit| limit.0),
        limit_per_day: args
            .terms
            .limit_per_day
            .map_or(agreement.terms.limit_per_day, |limit| limit.0),
        netted: args
            .terms
            .payment
            .map_or(agreement.terms.netted, |payment| payment == Payment::Netted),
    };
    if wanted == agreement.terms {
        return Answer::new(&Change::unchanged(View::new(
            args.agreement,
            &agreement,
            session.now,
        )));
    }
    let accounts = accounts::SetAgreementTerms {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::ManageAgreement)?,
        insurer: pool.insurer,
        pool: agreement.pool,
        agreement: args.agreement,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(session.now, agreement.sequence);
    let data = instruction::SetAgreementTerms {
        args: SetAgreementTermsArgs {
            admin,
            terms: wanted,
        },
    };
    let intent = Intent::new("Change an agreement's terms")
        .with("agreement", args.agreement)
        .with("provider", agreement.provider)
        .with("terms", terms(&wanted))
        .with("before", terms(&agreement.terms))
        .with_admin(&admin);
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.agreement)?,
        receipt,
    ))
}
