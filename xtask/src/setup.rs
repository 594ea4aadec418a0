//! `cargo xtask setup`: what the other tasks need and what is not there yet.

use crate::error::Result;
use crate::sbf::{self, Way};
use crate::workspace::Workspace;
use crate::{system, ui};

/// Installs system packages where that is possible, and prepares the compiler of the programs.
pub fn run(workspace: &Workspace, way: Option<Way>) -> Result<()> {
    system::require(workspace, &[system::C_COMPILER, system::MAKE, system::PERL])?;
    let way = Way::choose(way);
    ui::say(format!("Programs are compiled {}.", way.describe()));
    sbf::prepare(workspace, way)
}
