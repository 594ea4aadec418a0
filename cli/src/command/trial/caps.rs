//! `galen trial caps`

use trials::constants::NO_LIMIT;
use trials::instructions::SetCapsArgs;
use trials::state::CapsTerms;
use trials::{accounts, instruction};

use super::case::{Case, Target};
use super::limit::Limit;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial caps`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial caps TRIAL --per-visit 10000 --per-participant 120000 --per-month 40000 --bonus-share-bps 2500
  galen trial caps TRIAL --per-visit none --per-participant 120000 --per-month none --bonus-share-bps 0

Signed by an operator of the ethics board with the permission oversee-trial. A new version of the caps binds schedules and
enrolments from now on; who is enrolled keeps what they agreed to. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Most for one visit, in cents, or none
    #[arg(long, value_name = "CENTS")]
    per_visit: Limit,
    /// Most for one participant with the bonus, in cents, or none
    #[arg(long, value_name = "CENTS")]
    per_participant: Limit,
    /// Most for any thirty days in a row, in cents, or none
    #[arg(long, value_name = "CENTS")]
    per_month: Limit,
    /// The bonus's largest share of all that one participant can earn, in basis points
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u16).range(..=10_000))]
    bonus_share_bps: u16,
    /// Most participants of a site whose key the site holds
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    site_held_quota: u16,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let caps = CapsTerms {
        per_visit: args.per_visit.or(NO_LIMIT),
        per_participant: args.per_participant.or(NO_LIMIT),
        per_month: args.per_month.or(NO_LIMIT),
        bonus_share_bps: args.bonus_share_bps,
        site_held_quota: args.site_held_quota,
        padding: [0; 4],
    };
    if case.trial.caps_version > 0 && case.trial.caps == caps {
        return case.unchanged();
    }
    let accounts = accounts::SetCaps {
        operator: case.session.key(),
        operator_record: case.board_record()?,
        board: case.trial.board,
        trial: case.address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let admin = args.admin.at(case.session.now, case.trial.caps_sequence);
    let intent = Intent::new("Set the caps of a trial")
        .with("trial", case.address)
        .with("per visit", args.per_visit)
        .with("per participant", args.per_participant)
        .with("per thirty days", args.per_month)
        .with("bonus, basis points", args.bonus_share_bps)
        .with("site-held keys", args.site_held_quota)
        .with_admin(&admin);
    let data = instruction::SetCaps {
        args: SetCapsArgs { admin, caps },
    };
    case.execute(&intent, &accounts, &data)
}
