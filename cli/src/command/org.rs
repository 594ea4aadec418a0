//! `galen org`: who is who.

pub mod accept_authority;
pub mod activate;
pub mod close;
pub mod list;
pub mod propose_authority;
pub mod register;
pub mod show;
pub mod status;
pub mod suspend;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with an organization.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Register an organization under its public identifier; it stays pending until governance activates it
    Register(register::Args),
    /// Admit an organization, or end its suspension; by governance
    Activate(activate::Args),
    /// Suspend an organization, with a reason; by governance
    Suspend(suspend::Args),
    /// Close an organization for good, with a reason; by governance
    Close(close::Args),
    /// Show an organization
    Show(show::Args),
    /// List organizations
    List(list::Args),
    /// Offer an organization's authority to another key, or withdraw the offer; by its authority
    ProposeAuthority(propose_authority::Args),
    /// Take an organization over; by the key to which it was offered
    AcceptAuthority(accept_authority::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        let settings = Settings::load(globals)?;
        match self {
            Self::Register(args) => register::run(&args, &settings),
            Self::Activate(args) => activate::run(&args, &settings),
            Self::Suspend(args) => suspend::run(&args, &settings),
            Self::Close(args) => close::run(&args, &settings),
            Self::Show(args) => show::run(&args, &settings),
            Self::List(args) => list::run(&args, &settings),
            Self::ProposeAuthority(args) => propose_authority::run(&args, &settings),
            Self::AcceptAuthority(args) => accept_authority::run(&args, &settings),
        }
    }
}
