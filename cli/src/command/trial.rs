//! `galen trial`: clinical trials, and paying who takes part in them.

pub mod accept_site;
pub mod add_site;
pub mod apply_key;
pub mod apply_payee;
pub mod apply_payout;
pub mod approve;
pub mod attest;
pub mod bulk;
pub mod cancel_key;
pub mod cancel_payee;
pub mod cancel_payout;
pub mod caps;
pub mod case;
pub mod choose_tax;
pub mod close;
pub mod consent;
pub mod countersign;
pub mod create;
pub mod data;
pub mod dose;
pub mod end;
pub mod enrol;
pub mod fund;
pub mod independent;
pub mod key_change;
pub mod leave;
pub mod limit;
pub mod list;
pub mod marker;
pub mod open_cohort;
pub mod owner;
pub mod paper;
pub mod participants;
pub mod parts;
pub mod pay;
pub mod pay_site;
pub mod payee;
pub mod payout;
pub mod people;
pub mod propose_key;
pub mod propose_payee;
pub mod propose_payout;
pub mod publish;
pub mod read;
pub mod reimburse;
pub mod release_held;
pub mod release_holdback;
pub mod remit;
pub mod renew;
pub mod rows;
pub mod schedule;
pub mod schedule_document;
pub mod settle;
pub mod show;
pub mod site_payout;
pub mod site_plan;
pub mod take_back;
pub mod tax;
pub mod tax_document;
pub mod tax_form;
pub mod tax_terms;
pub mod view;
pub mod visit;
pub mod who;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a trial.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a trial and its escrow; by the sponsor
    Create(create::Args),
    /// Set the most that participants may be paid; by the ethics board
    Caps(caps::Args),
    /// Publish a version of protocol and consent form; by the sponsor
    Publish(publish::Args),
    /// Approve a version of protocol and consent form; by the ethics board
    Approve(approve::Args),
    /// Upload a schedule of milestones; by the sponsor
    Schedule(schedule::Args),
    /// Put money into a trial's escrow; by anyone who has it
    Fund(fund::Args),
    /// Offer the trial to a site; by the sponsor
    AddSite(add_site::Args),
    /// Accept a trial; by the site
    AcceptSite(accept_site::Args),
    /// Open a page for participants; by the site
    OpenCohort(open_cohort::Args),
    /// Blind who a person is; by the sponsor, without the ledger
    Marker(marker::Args),
    /// Record first consents; by the site and the participants
    Consent(consent::Args),
    /// Enrol participants; by the site
    Enrol(enrol::Args),
    /// Consent to the version in force; by the participants
    Renew(renew::Args),
    /// Attest visits; by the site
    Attest(attest::Args),
    /// Countersign or reject visits; by the sponsor's monitor, the ethics board or the participant
    Countersign(countersign::Args),
    /// Claim visits that nobody attests, and decide such claims
    #[command(subcommand)]
    Visit(visit::Command),
    /// Recognise expenses; by the site
    Reimburse(reimburse::Args),
    /// Devices that record doses, and the doses that they have signed
    #[command(subcommand)]
    Dose(dose::Command),
    /// End a participation; by the participant or the site
    Leave(leave::Args),
    /// Settle participations that have ended; by anyone
    Settle(settle::Args),
    /// Pay everybody what is due to them; by anyone, as often as you like
    Pay(pay::Args),
    /// Pay a site its fees; by anyone
    PaySite(pay_site::Args),
    /// Make payable what was held back of a site's fees; by the sponsor
    ReleaseHoldback(release_holdback::Args),
    /// A site's own milestones: offer, declare, answer, earn
    #[command(subcommand)]
    SitePlan(site_plan::Command),
    /// Announce another token account for a site; by the site
    ProposePayout(propose_payout::Args),
    /// Cancel an announced token account of a site
    CancelPayout(cancel_payout::Args),
    /// Let an announced token account of a site take over after 72 hours; by anyone
    ApplyPayout(apply_payout::Args),
    /// Announce another token account for a participant
    ProposePayee(propose_payee::Args),
    /// Cancel an announced token account
    CancelPayee(cancel_payee::Args),
    /// Let an announced token account take over after 72 hours; by anyone
    ApplyPayee(apply_payee::Args),
    /// Announce another key for a participant: handed over, or lost
    ProposeKey(propose_key::Args),
    /// Cancel an announced key
    CancelKey(cancel_key::Args),
    /// Let announced keys take over whose time has come; by anyone
    ApplyKey(apply_key::Args),
    /// Choose what becomes of stipends at the tax threshold; by the participant
    ChooseTax(choose_tax::Args),
    /// Record a person's tax form; by the sponsor
    TaxForm(tax_form::Args),
    /// Raise the tax threshold, or lower what is withheld; by the sponsor
    TaxTerms(tax_terms::Args),
    /// Free stipends held for tax reasons, where there is a form or a choice; by anyone
    ReleaseHeld(release_held::Args),
    /// Send what was withheld to the tax authority; by the sponsor
    Remit(remit::Args),
    /// What participants earned in a year, for 1099 and 1042-S; by the sponsor
    Tax(tax::Args),
    /// Take back what is neither set aside nor earned; by the sponsor
    TakeBack(take_back::Args),
    /// End a trial; by the sponsor, or the ethics board for safety
    End(end::Args),
    /// Close pages and schedules that need no longer be kept, for their rent; by anyone
    Close(close::Args),
    /// Commit to a trial's data, and prove a data point
    #[command(subcommand)]
    Data(data::Command),
    /// Show a trial, its ledger, sites and cohorts
    Show(show::Args),
    /// List a trial's participants
    Participants(participants::Args),
    /// List trials
    List(list::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        // A data log is added to where config and cluster do not work.
        let settings = || Settings::load(globals);
        match self {
            Self::Create(args) => create::run(&args, &settings()?),
            Self::Caps(args) => caps::run(&args, &settings()?),
            Self::Publish(args) => publish::run(&args, &settings()?),
            Self::Approve(args) => approve::run(&args, &settings()?),
            Self::Schedule(args) => schedule::run(&args, &settings()?),
            Self::Fund(args) => fund::run(&args, &settings()?),
            Self::AddSite(args) => add_site::run(&args, &settings()?),
            Self::AcceptSite(args) => accept_site::run(&args, &settings()?),
            Self::OpenCohort(args) => open_cohort::run(&args, &settings()?),
            Self::Marker(args) => marker::run(&args, &settings()?),
            Self::Consent(args) => consent::run(&args, &settings()?),
            Self::Enrol(args) => enrol::run(&args, &settings()?),
            Self::Renew(args) => renew::run(&args, &settings()?),
            Self::Attest(args) => attest::run(&args, &settings()?),
            Self::Countersign(args) => countersign::run(&args, &settings()?),
            Self::Visit(command) => command.run(globals),
            Self::Reimburse(args) => reimburse::run(&args, &settings()?),
            Self::Dose(command) => command.run(globals),
            Self::Leave(args) => leave::run(&args, &settings()?),
            Self::Settle(args) => settle::run(&args, &settings()?),
            Self::Pay(args) => pay::run(&args, &settings()?),
            Self::PaySite(args) => pay_site::run(&args, &settings()?),
            Self::ReleaseHoldback(args) => release_holdback::run(&args, &settings()?),
            Self::SitePlan(command) => command.run(globals),
            Self::ProposePayout(args) => propose_payout::run(&args, &settings()?),
            Self::CancelPayout(args) => cancel_payout::run(&args, &settings()?),
            Self::ApplyPayout(args) => apply_payout::run(&args, &settings()?),
            Self::ProposePayee(args) => propose_payee::run(&args, &settings()?),
            Self::CancelPayee(args) => cancel_payee::run(&args, &settings()?),
            Self::ApplyPayee(args) => apply_payee::run(&args, &settings()?),
            Self::ProposeKey(args) => propose_key::run(&args, &settings()?),
            Self::CancelKey(args) => cancel_key::run(&args, &settings()?),
            Self::ApplyKey(args) => apply_key::run(&args, &settings()?),
            Self::ChooseTax(args) => choose_tax::run(&args, &settings()?),
            Self::TaxForm(args) => tax_form::run(&args, &settings()?),
            Self::TaxTerms(args) => tax_terms::run(&args, &settings()?),
            Self::ReleaseHeld(args) => release_held::run(&args, &settings()?),
            Self::Remit(args) => remit::run(&args, &settings()?),
            Self::Tax(args) => tax::run(&args, &settings()?),
            Self::TakeBack(args) => take_back::run(&args, &settings()?),
            Self::End(args) => end::run(&args, &settings()?),
            Self::Close(args) => close::run(&args, &settings()?),
            Self::Data(command) => command.run(globals),
            Self::Show(args) => show::run(&args, &settings()?),
            Self::Participants(args) => participants::run(&args, &settings()?),
            Self::List(args) => list::run(&args, &settings()?),
        }
    }
}
