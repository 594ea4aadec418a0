//! System packages: installed where the user is root on Debian, else named with the command that installs them.

use crate::error::{Error, Result};
use crate::ui;
use crate::workspace::{on_path, Workspace};
use std::process::Command;

/// Something that the system must have.
#[derive(Clone, Copy)]
pub struct Need {
    /// The program on the PATH by which it is recognised.
    program: &'static str,
    /// The Debian package that has it.
    package: &'static str,
    /// What it is for.
    purpose: &'static str,
}

/// A linker and a C compiler for crates with C code (SQLite, zstd, OpenSSL).
pub const C_COMPILER: Need = Need {
    program: "cc",
    package: "build-essential",
    purpose: "compiling crates with C code",
};
/// Finds the system's libraries.
pub const PKG_CONFIG: Need = Need {
    program: "pkg-config",
    package: "pkg-config",
    purpose: "finding OpenSSL",
};
/// The independent oracle of the rules.
pub const PYTHON: Need = Need {
    program: "python3",
    package: "python3",
    purpose: "the independent check of the rules",
};

/// The browser that the app is tested in.
pub const CHROMIUM: Need = Need {
    program: "chromium",
    package: "chromium",
    purpose: "the app's tests in a browser",
};

/// Makes sure that all of them are there.
pub fn require(workspace: &Workspace, needs: &[Need]) -> Result<()> {
    let missing: Vec<Need> = needs
        .iter()
        .copied()
        .filter(|need| on_path(need.program).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let purposes: Vec<String> = missing
        .iter()
        .map(|need| format!("{} ({})", need.program, need.purpose))
        .collect();
    install(workspace, &packages, &purposes)
}

/// OpenSSL's headers, which the local validator and the tests' signature checks are compiled with.
pub fn require_openssl(workspace: &Workspace) -> Result<()> {
    require(workspace, &[C_COMPILER, PKG_CONFIG])?;
    let found = Command::new("pkg-config")
        .args(["--exists", "openssl"])
        .status()
        .is_ok_and(|status| status.success());
    match found {
        true => Ok(()),
        false => install(
            workspace,
            &["libssl-dev"],
            &["the headers of OpenSSL (compiling the local validator)".into()],
        ),
    }
}

fn install(workspace: &Workspace, packages: &[&str], purposes: &[String]) -> Result<()> {
    // SAFETY: geteuid only reads.
    let root = unsafe { libc::geteuid() } == 0;
    if !root || on_path("apt-get").is_none() {
        return Err(Error::new(format!("missing: {}", purposes.join(", ")))
            .help(format!("sudo apt-get install {} (or your system's packages of the same content), then run this again", packages.join(" "))));
    }
    ui::say(format!(
        "Missing and installed now: {}.",
        purposes.join(", ")
    ));
    workspace
        .steps
        .step(&format!("Install {}", packages.join(", ")), |step| {
            let apt = |arguments: &[&str]| {
                let mut command = Command::new("apt-get");
                command
                    .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
                    .args(arguments)
                    .env("DEBIAN_FRONTEND", "noninteractive");
                command
            };
            step.run(&mut apt(&["update"]))?;
            step.run(apt(&["install", "-y", "--no-install-recommends"]).args(packages))?;
            Ok(())
        })
}

/// Fails unless `node` is there and recent enough.
pub fn require_node() -> Result<()> {
    let help = "install Node.js 20.19 or later, with npm";
    let version = crate::workspace::first_line(Command::new("node").arg("--version"))
        .map_err(|_| Error::new("node is not on the PATH").help(help))?;
    if on_path("npm").is_none() {
        return Err(Error::new("npm is not on the PATH").help(help));
    }
    match recent_enough(&version) {
        true => Ok(()),
        false => Err(Error::new(format!("node {version} is too old")).help(help)),
    }
}

/// Whether `v20.20.2` is at least 20.19.
fn recent_enough(version: &str) -> bool {
    let mut parts = version
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    (major, minor) >= (20, 19)
}

#[cfg(test)]
mod tests {
    use super::recent_enough;

    #[test]
    fn node_versions_compare_by_number() {
        assert!(recent_enough("v20.20.2") && recent_enough("v22.1.0") && recent_enough("v20.19.0"));
        assert!(!recent_enough("v20.9.0") && !recent_enough("v18.20.0") && !recent_enough(""));
    }
}
