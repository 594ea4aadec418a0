//! `galen member`: who is covered, by pseudonym.

pub mod ask;
pub mod authorize;
pub mod bulk;
pub mod change;
pub mod coverage;
pub mod eligibility;
pub mod end;
pub mod end_authorization;
pub mod enrol;
pub mod figures;
pub mod grow_history;
pub mod inquiry;
pub mod join_family;
pub mod list;
pub mod opening;
pub mod set_authority;
pub mod set_facts;
pub mod set_other_coverage;
pub mod show;
pub mod standing;
pub mod stated;
pub mod ticket;
pub mod view;
pub mod void_tickets;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a member.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Enrol a member in a plan; by an operator of the insurer
    Enrol(enrol::Args),
    /// Set a member's last day of coverage; by an operator of the insurer
    End(end::Args),
    /// Set a member's own key, or that there is none; by an operator of the insurer
    SetAuthority(set_authority::Args),
    /// State what a plan version asks about a member; by an operator of the insurer
    SetFacts(set_facts::Args),
    /// Say on which days another payer comes first; by an operator of the insurer
    SetOtherCoverage(set_other_coverage::Args),
    /// Agree to a service beforehand; by an operator of the insurer
    Authorize(authorize::Args),
    /// Set the last day of what was agreed to beforehand; by an operator of the insurer
    EndAuthorization(end_authorization::Args),
    /// Give a member's history of live lines more room; by anybody
    GrowHistory(grow_history::Args),
    /// Have a member share deductible and out-of-pocket maximum with a family; by an operator of the insurer
    JoinFamily(join_family::Args),
    /// Show what a member has used
    Show(show::Args),
    /// List the members of a pool
    List(list::Args),
    /// Write a FHIR R4 CoverageEligibilityRequest: what a provider asks an insurer about a member; needs no network
    Ask(ask::Args),
    /// Answer a FHIR R4 CoverageEligibilityRequest with a CoverageEligibilityResponse
    Eligibility(eligibility::Args),
    /// Say what a FHIR R4 CoverageEligibilityResponse answers; needs no network
    Coverage(coverage::Args),
    /// Answer an X12 270 with a 271: who is covered, and what remains of the plan's figures
    Inquiry(inquiry::Args),
    /// Sign an eligibility ticket for a provider; by the pool's eligibility desk
    Ticket(ticket::Args),
    /// Void a member's older eligibility tickets; by an operator of the insurer
    VoidTickets(void_tickets::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        // What works on documents alone works where config and cluster do not.
        let settings = || Settings::load(globals);
        match self {
            Self::Enrol(args) => enrol::run(&args, &settings()?),
            Self::End(args) => end::run(&args, &settings()?),
            Self::SetAuthority(args) => set_authority::run(&args, &settings()?),
            Self::SetFacts(args) => set_facts::run(&args, &settings()?),
            Self::SetOtherCoverage(args) => set_other_coverage::run(&args, &settings()?),
            Self::Authorize(args) => authorize::run(&args, &settings()?),
            Self::EndAuthorization(args) => end_authorization::run(&args, &settings()?),
            Self::GrowHistory(args) => grow_history::run(&args, &settings()?),
            Self::JoinFamily(args) => join_family::run(&args, &settings()?),
            Self::Show(args) => show::run(&args, &settings()?),
            Self::List(args) => list::run(&args, &settings()?),
            Self::Ask(args) => ask::run(&args),
            Self::Eligibility(args) => eligibility::run(&args, &settings()?),
            Self::Coverage(args) => coverage::run(&args),
            Self::Inquiry(args) => inquiry::run(&args, &settings()?),
            Self::Ticket(args) => ticket::run(&args, &settings()?),
            Self::VoidTickets(args) => void_tickets::run(&args, &settings()?),
        }
    }
}
