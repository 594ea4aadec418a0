//! `galen claim`: quoted before care, submitted after it, decided and settled where it waits.

pub mod acknowledge;
pub mod appeal;
pub mod archive;
pub mod attach;
pub mod batch;
pub mod change;
pub mod close;
pub mod close_appeal;
pub mod confirmation;
pub mod consent;
pub mod convert;
pub mod deadline;
pub mod decide;
pub mod dispense;
pub mod draw;
pub mod escalate;
pub mod explanation;
pub mod facts;
pub mod filed;
pub mod filing;
pub mod information;
pub mod letter;
pub mod link_replacement;
pub mod list;
pub mod list_appeals;
pub mod outcome;
pub mod pack;
#[cfg(test)]
mod parity;
pub mod plans;
pub mod prior_authorization;
pub mod quote;
pub mod recoup;
pub mod release;
pub mod remark;
pub mod remittance;
pub mod reprocess;
pub mod response;
pub mod reverse;
pub mod settle;
pub mod settle_together;
pub mod show;
pub mod submission;
pub mod submit;
pub mod turn;
pub mod undo;
pub mod verify;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a claim.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Adjudicate a claim here, with the rules that run on chain; needs no network
    Quote(quote::Args),
    /// Write claims of any form as FHIR R4 Claims; needs no network
    Convert(convert::Args),
    /// Submit a claim: adjudicated and, where nothing holds it up, paid at once; by an operator of the provider
    Submit(Box<submit::Args>),
    /// Submit the claims of a file, thousands of them, each once; by an operator of the provider
    Batch(batch::Args),
    /// Adjudicate a claim that waits for a pack, dispense the pack and have the claim paid, all at once; by the pharmacy
    Dispense(dispense::Args),
    /// Undo the dispense of a claim's pack, and take the claim back with it; by the pharmacy
    Undo(undo::Args),
    /// Release a claim from the pack that it waits for; by who paid, or by anybody once the member's consent is over
    Release(release::Args),
    /// Have a manufacturer's bond pay back what a claim paid for a pack that is recalled; by anybody
    Recoup(recoup::Args),
    /// Show a claim, line by line
    Show(show::Args),
    /// List the claims of a pool
    List(list::Args),
    /// Write what became of a claim as a FHIR R4 ClaimResponse
    Response(response::Args),
    /// Write what became of a claim, and what was done, as a FHIR R4 ExplanationOfBenefit
    Explanation(explanation::Args),
    /// Write the notice of denied lines to the member as a PDF
    Letter(letter::Args),
    /// Hold a ClaimResponse or an ExplanationOfBenefit against the claim on the ledger
    Verify(verify::Args),
    /// Approve or deny a claim that waits for a decision; by an operator of the insurer
    Decide(decide::Args),
    /// Ask the provider about a claim that waits: its clocks stand; by an operator of the insurer
    RequestInformation(information::Request),
    /// Answer what the insurer has asked about a claim; by an operator of the provider
    ProvideInformation(information::Provide),
    /// Add attachments to a claim that waits for them; by an operator of the provider
    Attach(attach::Args),
    /// Confirm a claim that was submitted without the member's signature; by the member
    Confirm(confirmation::Confirm),
    /// Dispute a claim that was submitted without the member's signature; by the member
    Dispute(confirmation::Dispute),
    /// Have the claims drawn that wait for it: for review, or paid; anybody may
    Draw(draw::Args),
    /// Take a claim back; by an operator of the insurer
    Reverse(reverse::Args),
    /// Have a claim adjudicated anew that saw what a reversed one had used up; by an operator of the insurer
    Reprocess(reprocess::Args),
    /// Say which claim was filed in the place of a reversed one; by an operator of the provider
    LinkReplacement(link_replacement::Args),
    /// Pay a claim that waited for money; anybody may
    Settle(settle::Args),
    /// Pay a provider's claims that wait for money, many in a transfer; anybody may
    SettleTogether(settle_together::Args),
    /// Show what a transaction settled, by its signature or by the number of its remittance
    Payment(remittance::PaymentArgs),
    /// Write the X12 835 about what a transaction settled
    Remittance(remittance::Args),
    /// Write the X12 999 and 277CA that answer an 837P; needs no network
    Acknowledge(acknowledge::Args),
    /// Appeal against a decision, or decide an appeal
    #[command(subcommand)]
    Appeal(appeal::Command),
    /// Note that the insurer did not decide a claim in time; anybody may
    Escalate(escalate::Args),
    /// Leave a commitment in the place of an old claim and give its rent back; anybody may
    Archive(archive::Args),
    /// Give up a draft and get its rent back; by who opened it
    Close(close::Args),
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
            Self::Quote(args) => quote::run(&args),
            Self::Convert(args) => convert::run(&args),
            Self::Submit(args) => submit::run(&args, &settings()?),
            Self::Batch(args) => batch::run(&args, &settings()?),
            Self::Dispense(args) => dispense::run(&args, &settings()?),
            Self::Undo(args) => undo::run(&args, &settings()?),
            Self::Release(args) => release::run(&args, &settings()?),
            Self::Recoup(args) => recoup::run(&args, &settings()?),
            Self::Show(args) => show::run(&args, &settings()?),
            Self::List(args) => list::run(&args, &settings()?),
            Self::Response(args) => response::run(&args, &settings()?),
            Self::Explanation(args) => explanation::run(&args, &settings()?),
            Self::Letter(args) => letter::run(&args, &settings()?),
            Self::Verify(args) => verify::run(&args, &settings()?),
            Self::Decide(args) => decide::run(&args, &settings()?),
            Self::RequestInformation(args) => information::request(&args, &settings()?),
            Self::ProvideInformation(args) => information::provide(&args, &settings()?),
            Self::Attach(args) => attach::run(&args, &settings()?),
            Self::Confirm(args) => confirmation::confirm(&args, &settings()?),
            Self::Dispute(args) => confirmation::dispute(&args, &settings()?),
            Self::Draw(args) => draw::run(&args, &settings()?),
            Self::Reverse(args) => reverse::run(&args, &settings()?),
            Self::Reprocess(args) => reprocess::run(&args, &settings()?),
            Self::LinkReplacement(args) => link_replacement::run(&args, &settings()?),
            Self::Settle(args) => settle::run(&args, &settings()?),
            Self::SettleTogether(args) => settle_together::run(&args, &settings()?),
            Self::Payment(args) => remittance::show(&args, &settings()?),
            Self::Remittance(args) => remittance::run(&args, &settings()?),
            Self::Acknowledge(args) => acknowledge::run(&args),
            Self::Appeal(command) => command.run(&settings()?),
            Self::Escalate(args) => escalate::run(&args, &settings()?),
            Self::Archive(args) => archive::run(&args, &settings()?),
            Self::Close(args) => close::run(&args, &settings()?),
        }
    }
}
