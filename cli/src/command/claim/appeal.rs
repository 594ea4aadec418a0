//! `galen claim appeal`: file an appeal, decide it, or end one that nobody decided in time; and those there are.

use std::path::PathBuf;

use claims::instructions::{FileAppealArgs, OverturnAppealArgs, UpholdAppealArgs};
use claims::state::{Appeal, Claim, History, PlanVersion};
use claims::waivers::{
    WAIVE_AUTHORIZATION, WAIVE_COVERAGE, WAIVE_DEMANDS, WAIVE_EXCLUSION, WAIVE_FILING,
    WAIVE_HISTORY, WAIVE_NETWORK, WAIVE_OTHER_PAYER, WAIVE_REVIEW, WAIVE_UNITS, WAIVE_WAITING,
};
use claims::{accounts, instruction};
use clap::{Subcommand, ValueEnum};
use registry::state::{Config, Permission};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::change::Case;
use super::{close_appeal, list_appeals};
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::text::some_key;
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::output::Answer;

/// What to do about an appeal.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  galen claim appeal file ADDRESS letter.pdf
  galen claim appeal list --insurer INSURER --open
  galen claim appeal uphold ADDRESS --reasons decision.pdf

First the levels that the plan has inside the insurer, at most two for each of member and provider; then, where the plan names a reviewer,
one review outside the insurer. It is asked for with the same `file`, and decided with `uphold` and `overturn` by an operator of the
reviewer's organization. docs/flows.md has the whole way.")]
pub enum Command {
    /// Appeal against the decision about a claim; by an operator of the provider, or by the member
    File(File),
    /// Leave the decision as it was; by an operator of the insurer who has not decided before
    Uphold(Uphold),
    /// Take the decision back: another claim stands in the claim's place; by an operator who has not decided before
    Overturn(Overturn),
    /// End an appeal that was not decided in time: the level counts as exhausted; anybody may
    Lapse(Lapse),
    /// Close an appeal about a claim that was archived, for its rent; anybody may
    Close(close_appeal::Args),
    /// List appeals, with who may decide and by when
    List(list_appeals::Args),
}

/// Flags of `galen claim appeal file`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim appeal file ADDRESS letter.pdf
  galen claim appeal file ADDRESS letter.pdf --as-member --keypair member.json --fee-payer clinic.json

The letter stays here; on the ledger stands a salted commitment to it. It costs nothing: the rent of the appeal's account
goes back to who paid it.")]
pub struct File {
    /// The claim's account
    address: Pubkey,
    /// What is brought forward: any file
    #[arg(value_name = "FILE")]
    grounds: PathBuf,
    /// The signer is the member, not an operator of the provider
    #[arg(long)]
    as_member: bool,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Flags of `galen claim appeal uphold`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim appeal uphold ADDRESS --reasons decision.pdf

The claim stays as it was. Against the first level there is a second one, which somebody else has to decide.")]
pub struct Uphold {
    /// The claim's account
    address: Pubkey,
    /// The reasons: any file; on the ledger stands a salted commitment to it
    #[arg(long, value_name = "FILE")]
    reasons: PathBuf,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Flags of `galen claim appeal overturn`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim appeal overturn ADDRESS --reasons decision.pdf
  galen claim appeal overturn ADDRESS --reasons decision.pdf --waive filing,authorization

What the claim used up is given back, and another claim, with the same lines, is adjudicated in its place by what is used
up now. A denial by the rulebook stays one unless its gate is waived; fee, cost share and maxima always apply. Where nothing comes to be
better by it, it is refused (nothing_mended).")]
pub struct Overturn {
    /// The claim's account
    address: Pubkey,
    /// The reasons: any file; on the ledger stands a salted commitment to it
    #[arg(long, value_name = "FILE")]
    reasons: PathBuf,
    /// Gates that do not apply to the claim in its place
    #[arg(long, value_name = "GATES", value_delimiter = ',')]
    waive: Vec<Gate>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Flags of `galen claim appeal lapse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim appeal lapse ADDRESS

The time for a decision must be over, with the days of a pause of awards, in which nothing can be overturned. The level counts as used up,
and the next one is open.")]
pub struct Lapse {
    /// The claim's account
    address: Pubkey,
}

/// A gate of the rulebook that an insurer can waive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Gate {
    /// Filed late (CARC 29)
    Filing,
    /// Duplicate and frequency (CARC 18, 151)
    History,
    /// Waiting period, and conditions from before coverage (CARC 179, 51)
    Waiting,
    /// Prior authorization (CARC 197, 198, 15)
    Authorization,
    /// Most units (CARC 151)
    Units,
    /// Listed in the schedule as not covered, or as experimental (CARC 204, 96, 55)
    Exclusion,
    /// What else the plan demands: completeness, diagnoses, age, modifiers, referral, pairs and the like
    Demands,
    /// Outside the network (CARC 242)
    Network,
    /// Another payer comes first (CARC 22)
    OtherPayer,
    /// Before or after coverage (CARC 26, 27), and the waiting period
    Coverage,
    /// What a reviewer has found of lines (CARC 50, 150)
    Review,
}

impl Gate {
    fn bit(self) -> u16 {
        match self {
            Self::Filing => WAIVE_FILING,
            Self::History => WAIVE_HISTORY,
            Self::Waiting => WAIVE_WAITING,
            Self::Authorization => WAIVE_AUTHORIZATION,
            Self::Units => WAIVE_UNITS,
            Self::Exclusion => WAIVE_EXCLUSION,
            Self::Demands => WAIVE_DEMANDS,
            Self::Network => WAIVE_NETWORK,
            Self::OtherPayer => WAIVE_OTHER_PAYER,
            Self::Coverage => WAIVE_COVERAGE,
            Self::Review => WAIVE_REVIEW,
        }
    }
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// `not_found`, and the program's refusals by name.
    pub fn run(&self, settings: &Settings) -> Result<Answer> {
        match self {
            Self::File(args) => file(args, settings),
            Self::Uphold(args) => uphold(args, settings),
            Self::Overturn(args) => overturn(args, settings),
            Self::Lapse(args) => lapse(args, settings),
            Self::Close(args) => close_appeal::run(args, settings),
            Self::List(args) => list_appeals::run(args, settings),
        }
    }
}

fn open<'a>(
    address: Pubkey,
    people: Option<&PeopleFlags>,
    settings: &'a Settings,
) -> Result<Case<'a>> {
    let session = Session::open(settings)?;
    if let Some(people) = people {
        session
            .cluster()
            .require_private(people.public_ledger_accepted)?;
    }
    Case::open(session, address)
}

/// The address of the appeal that is open, or was last.
fn last_appeal(case: &Case<'_>) -> Pubkey {
    Appeal::find_address(&case.address, case.claim.course.appeals_filed()).0
}

/// Who decides it: the insurer, or the reviewer whom the plan names. Where there is no appeal the program says so.
fn decider(case: &Case<'_>) -> Result<Pubkey> {
    let appeal = entity::find::<Appeal>(case.session.cluster(), &last_appeal(case))?;
    Ok(appeal
        .and_then(|appeal| some_key(appeal.reviewer))
        .unwrap_or(case.pool.insurer))
}

fn file(args: &File, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, Some(&args.people), settings)?;
    let Case { session, claim, .. } = &case;
    let operator_record = if args.as_member {
        None
    } else {
        Some(session.staff(&claim.provider, Permission::SubmitClaim)?)
    };
    let level = claim.course.appeals_filed().saturating_add(1);
    let accounts = accounts::FileAppeal {
        payer: session.payer(),
        appellant: session.key(),
        provider: operator_record.map(|_| claim.provider),
        operator_record,
        member: claim.member,
        plan_version: claim.plan_version,
        claim: case.address,
        appeal: Appeal::find_address(&case.address, level).0,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Appeal against the decision about a claim")
        .with("claim", case.address)
        .with("appeal number", level)
        .with("grounds", document::name(&args.grounds));
    let data = instruction::FileAppeal {
        args: FileAppealArgs {
            grounds: case.commit(&args.grounds)?,
        },
    };
    case.execute(&intent, &accounts, &data)
}

fn uphold(args: &Uphold, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, Some(&args.people), settings)?;
    let Case { session, claim, .. } = &case;
    let decider = decider(&case)?;
    let accounts = accounts::UpholdAppeal {
        operator: session.key(),
        operator_record: session.staff(&decider, Permission::DecideClaim)?,
        organization: decider,
        pool: claim.pool,
        claim: case.address,
        appeal: last_appeal(&case),
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Uphold the decision about a claim")
        .with("claim", case.address)
        .with("reasons", document::name(&args.reasons));
    let data = instruction::UpholdAppeal {
        args: UpholdAppealArgs {
            rationale: case.commit(&args.reasons)?,
        },
    };
    case.execute(&intent, &accounts, &data)
}

fn overturn(args: &Overturn, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, Some(&args.people), settings)?;
    let Case {
        session,
        claim,
        pool,
        ..
    } = &case;
    let decider = decider(&case)?;
    let (agreement_address, agreement) = case.agreement()?;
    let plan_version: PlanVersion = entity::get(session.cluster(), &claim.plan_version)?;
    let claim_id = session.ledger.store.new_claim_id()?;
    let replacement = Claim::find_address(&claim.pool, &claim.provider, &claim_id).0;
    let accounts = accounts::OverturnAppeal {
        operator: session.key(),
        operator_record: session.staff(&decider, Permission::DecideClaim)?,
        organization: decider,
        config: Config::find_address().0,
        pool: claim.pool,
        agreement: agreement_address,
        plan_version: claim.plan_version,
        schedule: plan_version.schedule,
        member: claim.member,
        history: History::find_address(&claim.member).0,
        claim: case.address,
        appeal: last_appeal(&case),
        replacement,
        vault: pool.vault,
        payout: agreement.effective_payout(session.now),
        mint: pool.mint,
        token_program: pool.token_program,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let waived: Vec<String> = args
        .waive
        .iter()
        .filter_map(|gate| gate.to_possible_value())
        .map(|value| value.get_name().to_owned())
        .collect();
    let intent = Intent::new("Overturn the decision about a claim")
        .with("claim", case.address)
        .with("in its place", replacement)
        .with(
            "waived",
            if waived.is_empty() {
                "nothing".to_owned()
            } else {
                waived.join(", ")
            },
        )
        .with("reasons", document::name(&args.reasons));
    let data = instruction::OverturnAppeal {
        args: OverturnAppealArgs {
            claim_id,
            waivers: args.waive.iter().fold(0, |bits, gate| bits | gate.bit()),
            rationale: case.commit(&args.reasons)?,
        },
    };
    case.execute_for_member(&intent, &accounts, &data, &[])
}

fn lapse(args: &Lapse, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, None, settings)?;
    let intent =
        Intent::new("End an appeal that was not decided in time").with("claim", case.address);
    let lapse = lapse_instruction(case.address, last_appeal(&case));
    case.execute_all(&intent, &[lapse])
}

/// What ends an appeal that was not decided in time.
pub fn lapse_instruction(claim: Pubkey, appeal: Pubkey) -> Instruction {
    let accounts = accounts::LapseAppeal {
        config: Config::find_address().0,
        claim,
        appeal,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    crate::chain::instruction(claims::ID, &accounts, &instruction::LapseAppeal {})
}
