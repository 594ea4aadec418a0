//! `galen batch`: batches of packs. Building, proving and verifying the tree needs no network.

pub mod against;
pub mod build;
pub mod check;
pub mod close;
pub mod close_orphans;
pub mod close_page;
pub mod close_record;
pub mod open_page;
pub mod prove;
pub mod register;
pub mod serve;
pub mod set_scans;
pub mod set_status;
pub mod shelf;
pub mod show;
pub mod verify;
pub mod verify_request;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::{Answer, Notes};

/// What to do with a batch.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the tree from a list of serial numbers; writes the leaf file, prints the root
    Build(build::Args),
    /// Prove from the leaf file that a pack is in the batch
    Prove(prove::Args),
    /// Verify a proof against a root: exit code 1 where it does not hold
    Verify(verify::Args),
    /// Read a leaf file whole: that its root is that of its packs
    Check(check::Args),
    /// Register a batch on the ledger; by its manufacturer
    Register(register::Args),
    /// Open a page of dispense bits; by the manufacturer
    OpenPage(open_page::Args),
    /// Set goods aside, release them, report them stolen or destroyed; by who has them, the manufacturer or a regulator
    SetStatus(set_status::Args),
    /// Say how scans of a batch's packs are judged; by the manufacturer
    SetScans(set_scans::Args),
    /// Close a page of dispense bits that need not be kept any longer; by anybody
    ClosePage(close_page::Args),
    /// Close the record of a place that need not be kept any longer; by anybody
    CloseRecord(close_record::Args),
    /// Close a batch whose time is over, once its pages are closed; by anybody
    Close(close::Args),
    /// Close everything that is still recorded of a closed batch; by anybody
    CloseOrphans(close_orphans::Args),
    /// Show a batch on the ledger
    Show(show::Args),
    /// Answer a partner who asks whether a pack is genuine (VRS)
    VerifyRequest(verify_request::Args),
    /// Serve proofs and verification answers over HTTP, on this machine
    Serve(serve::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        match self {
            Self::Build(args) => build::run(&args, Notes::new(globals.output, globals.verbose)),
            Self::Prove(args) => prove::run(&args),
            Self::Verify(args) => verify::run(&args),
            Self::Check(args) => check::run(&args),
            Self::Register(args) => register::run(&args, &Settings::load(globals)?),
            Self::OpenPage(args) => open_page::run(&args, &Settings::load(globals)?),
            Self::SetStatus(args) => set_status::run(&args, &Settings::load(globals)?),
            Self::SetScans(args) => set_scans::run(&args, &Settings::load(globals)?),
            Self::ClosePage(args) => close_page::run(&args, &Settings::load(globals)?),
            Self::CloseRecord(args) => close_record::run(&args, &Settings::load(globals)?),
            Self::Close(args) => close::run(&args, &Settings::load(globals)?),
            Self::CloseOrphans(args) => close_orphans::run(&args, &Settings::load(globals)?),
            Self::Show(args) => show::run(&args, &Settings::load(globals)?),
            Self::VerifyRequest(args) => verify_request::run(&args, &Settings::load(globals)?),
            Self::Serve(args) => serve::run(&args, &Settings::load(globals)?),
        }
    }
}
