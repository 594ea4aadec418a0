//! `cargo xtask clean`: removes what these tasks have made.

use crate::error::Result;
use crate::ui;
use crate::workspace::{remove, Workspace};

/// Removes what was built in this repository, and with `cache` also what all clones share.
pub fn run(workspace: &Workspace, cache: bool) -> Result<()> {
    let mut folders = vec![workspace.deploy()];
    for name in ["node_modules", "app/dist", "app/screenshots"] {
        folders.push(workspace.root.join(name));
    }
    if cache {
        // Named one by one: GALEN_CACHE may be a folder that holds other things too.
        for name in [
            "llvm",
            "rust-src",
            "sysroot",
            "sbpf-linker",
            "bin",
            "libcalls",
            "libcalls-source",
            "sbf-target",
            "official",
            "localnet",
            "localnet-target",
            "wasm-target",
            "logs",
        ] {
            folders.push(workspace.cache.join(name));
        }
    }
    for folder in folders.iter().filter(|folder| folder.exists()) {
        remove(folder)?;
        ui::say(format!("removed {}", folder.display()));
    }
    if !cache {
        ui::say(format!(
            "kept {} (--cache removes it; it takes half an hour to build again)",
            workspace.cache.display()
        ));
    }
    Ok(())
}
