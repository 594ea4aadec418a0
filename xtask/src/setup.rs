//! `cargo xtask setup`: what the other tasks need and what is not there yet.

use crate::error::Result;
use crate::sbf::{self, Way};
use crate::validator::{Kind, Program};
use crate::workspace::Workspace;
use crate::{app, system, ui};

/// Installs system packages where that is possible, and prepares the compiler of the programs and the validator.
pub fn run(workspace: &Workspace, way: Option<Way>) -> Result<()> {
    system_packages(workspace)?;
    let way = Way::choose(way);
    ui::say(format!("Programs are compiled {}.", way.describe()));
    sbf::prepare(workspace, way)?;
    Program::prepare(workspace, Kind::Surfpool)?;
    // Last: whoever has no browser, and may not install one, has everything else by now.
    app::prepare(workspace)
}

/// The system packages that building anything here needs.
pub fn system_packages(workspace: &Workspace) -> Result<()> {
    system::require_openssl(workspace)
}
