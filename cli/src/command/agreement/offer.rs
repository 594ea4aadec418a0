//! `galen agreement offer`

use claims::instructions::{OfferAgreementArgs, SetAgreementStatusArgs, SetAgreementTermsArgs};
use claims::state::{Agreement, AgreementStatus, AgreementTerms, Pool};
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::view::{limit, network, payment, terms, Limit, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen agreement offer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement offer --pool POOL --provider ORG --limit-per-claim 150000 --limit-per-day 1000000
  galen agreement offer --pool POOL --provider ORG --out-of-network --limit-per-claim 0 --limit-per-day none

Signed by an operator of the insurer with the permission manage-agreement. What exceeds a limit waits for the insurer's
decision; 0 makes every award wait. An agreement that has ended is offered anew. Running it again is fine.")]
pub struct Args {
    /// The pool that would pay
    #[arg(long, value_name = "POOL")]
    pool: Pubkey,
    /// The provider or pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    provider: Pubkey,
    /// The provider is outside the network
    #[arg(long)]
    out_of_network: bool,
    /// The most that one claim is awarded without a look, in cents, or `none`
    #[arg(long, value_name = "CENTS")]
    limit_per_claim: Limit,
    /// The most that is awarded without a look in a day (UTC), in cents, or `none`
    #[arg(long, value_name = "CENTS")]
    limit_per_day: Limit,
    /// Awards wait, their money set aside, to be paid together (`galen claim settle`)
    #[arg(long)]
    netted: bool,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `agreement_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    let (provider, _) = resolve(session.cluster(), &args.provider)?;
    let (address, _) = Agreement::find_address(&args.pool, &provider);
    let wanted = AgreementTerms {
        in_network: !args.out_of_network,
        limit_per_claim: args.limit_per_claim.0,
        limit_per_day: args.limit_per_day.0,
        netted: args.netted,
    };
    let there = entity::find::<Agreement>(session.cluster(), &address)?;
    if let Some(there) = &there {
        if there.status != AgreementStatus::Ended {
            refuse_difference(there, &wanted)?;
            return Answer::new(&Change::unchanged(View::new(address, there, session.now)));
        }
    }
    let parties = Parties {
        session: &session,
        pool: args.pool,
        insurer: pool.insurer,
        provider,
        address,
    };
    let record = session.staff(&pool.insurer, Permission::ManageAgreement)?;
    let instructions = match &there {
        None => vec![parties.offer(record, wanted)],
        Some(ended) => parties.offer_anew(record, wanted, ended, &args.admin),
    };
    let intent = Intent::new("Offer an agreement to a provider")
        .with("agreement", address)
        .with("pool", args.pool)
        .with("provider", provider)
        .with("network", network(wanted.in_network))
        .with("limit per claim", limit(wanted.limit_per_claim))
        .with("limit per day", limit(wanted.limit_per_day))
        .with("payment", payment(wanted.netted));
    let receipt = session.execute(&intent, &instructions, &[])?;
    let view = View::read(session.cluster(), address)?;
    Answer::new(&if there.is_none() {
        Change::created(view, receipt)
    } else {
        Change::changed(view, receipt)
    })
}

struct Parties<'a> {
    session: &'a Session<'a>,
    pool: Pubkey,
    insurer: Pubkey,
    provider: Pubkey,
    address: Pubkey,
}

impl Parties<'_> {
    fn offer(&self, operator_record: Pubkey, terms: AgreementTerms) -> Instruction {
        let accounts = accounts::OfferAgreement {
            operator: self.session.key(),
            operator_record,
            insurer: self.insurer,
            pool: self.pool,
            provider: self.provider,
            agreement: self.address,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::OfferAgreement {
                args: OfferAgreementArgs { terms },
            },
        )
    }

    /// In one transaction, terms first: the provider can never accept the old terms in between.
    fn offer_anew(
        &self,
        operator_record: Pubkey,
        terms: AgreementTerms,
        ended: &Agreement,
        admin: &AdminFlags,
    ) -> Vec<Instruction> {
        let now = self.session.now;
        let set = accounts::SetAgreementTerms {
            operator: self.session.key(),
            operator_record,
            insurer: self.insurer,
            pool: self.pool,
            agreement: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let status = accounts::SetAgreementStatus {
            operator: self.session.key(),
            operator_record,
            insurer: self.insurer,
            pool: self.pool,
            agreement: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let first = admin.at(now, ended.sequence);
        let mut second = first;
        second.expected_sequence = second.expected_sequence.saturating_add(1);
        vec![
            crate::chain::instruction(
                claims::ID,
                &set,
                &instruction::SetAgreementTerms {
                    args: SetAgreementTermsArgs {
                        admin: first,
                        terms,
                    },
                },
            ),
            crate::chain::instruction(
                claims::ID,
                &status,
                &instruction::SetAgreementStatus {
                    args: SetAgreementStatusArgs {
                        admin: second,
                        status: AgreementStatus::Offered,
                    },
                },
            ),
        ]
    }
}

fn refuse_difference(there: &Agreement, wanted: &AgreementTerms) -> Result<()> {
    if there.terms == *wanted {
        return Ok(());
    }
    let message = format!(
        "There is an agreement with this provider already ({}): {}, and not {}. Change it with `galen agreement set`.",
        super::view::status(there.status), terms(&there.terms), terms(wanted)
    );
    Err(CliError::new("agreement_differs", message))
}
