//! A private sysroot: links to the compiler's own files, and a patched copy of the source of std. The machine's
//! sysroot is not written to.

use super::linker::{quote, script};
use crate::error::{Context, Error, Result};
use crate::hash::Key;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

const HOST: &str = "x86_64-unknown-linux-gnu";
const PATCHES: &str = "toolchain/std-patches";

/// A replacement in one file of std, which must match exactly once.
#[derive(Debug, PartialEq, Eq)]
struct Patch {
    file: String,
    before: String,
    after: String,
}

/// The compiler's own copy of the source of std (the component `rust-src`), where it is installed.
pub fn own_std_source(workspace: &Workspace) -> Option<PathBuf> {
    let library = workspace.sysroot.join("lib/rustlib/src/rust/library");
    library.join("std/src/lib.rs").is_file().then_some(library)
}

/// Makes the sysroot and gives the script that runs rustc with it. `library` is the source of std.
pub fn prepare(workspace: &Workspace, library: &Path) -> Result<PathBuf> {
    let patches = workspace.root.join(PATCHES);
    let key = Key::new("sysroot 1")
        .text(&workspace.rustc_version)
        .text(workspace.sysroot.as_os_str().as_encoded_bytes())
        .text(library.as_os_str().as_encoded_bytes())
        .tree(&patches)?;
    let place = workspace.artefact("sysroot", key, |place, final_place| {
        workspace.steps.step("Make the private sysroot", |step| {
            let rustlib = place.join("lib/rustlib");
            std::fs::create_dir_all(rustlib.join("src/rust"))
                .context(|| format!("create {}", rustlib.display()))?;
            let (own, link) = (
                workspace.sysroot.join("lib/rustlib").join(HOST),
                rustlib.join(HOST),
            );
            std::os::unix::fs::symlink(own, &link)
                .context(|| format!("create {}", link.display()))?;
            let copy = rustlib.join("src/rust/library");
            step.run(Command::new("cp").arg("-aL").arg(library).arg(&copy))?;
            for file in crate::hash::files_below(&patches)? {
                let patch = parse(
                    &std::fs::read_to_string(&file)
                        .context(|| format!("read {}", file.display()))?,
                )
                .map_err(|error| Error::new(format!("{}: {}", file.display(), error.message)))?;
                apply(&patch, &copy)?;
                step.note(format!("patched {}", patch.file));
            }
            let text = format!(
                "#!/bin/sh\nexec {} --sysroot {} \"$@\"\n",
                quote(&workspace.rustc),
                quote(final_place)
            );
            script(&place.join("rustc-sbf"), &text)
        })
    })?;
    Ok(place.join("rustc-sbf"))
}

fn apply(patch: &Patch, library: &Path) -> Result<()> {
    let path = library.join(&patch.file);
    let source = std::fs::read_to_string(&path).context(|| format!("read {}", path.display()))?;
    match source.matches(&patch.before).count() {
        1 => std::fs::write(&path, source.replacen(&patch.before, &patch.after, 1))
            .context(|| format!("write {}", path.display())),
        count => Err(Error::new(format!(
            "the patch of {} matches {count} times instead of once",
            patch.file
        ))
        .help("the source of std is not that of the pinned compiler")),
    }
}

fn parse(text: &str) -> Result<Patch> {
    let damaged = || {
        Error::new("a patch has `file: PATH`, then the old text and the new between <<<<<<<, ======= and >>>>>>> lines")
    };
    let (head, rest) = text.split_once("<<<<<<<\n").ok_or_else(damaged)?;
    let (before, rest) = rest.split_once("=======\n").ok_or_else(damaged)?;
    let (after, _) = rest.split_once(">>>>>>>\n").ok_or_else(damaged)?;
    let file = head
        .lines()
        .find_map(|line| line.strip_prefix("file: "))
        .ok_or_else(damaged)?;
    if before.is_empty() {
        return Err(damaged());
    }
    Ok(Patch {
        file: file.trim().into(),
        before: before.into(),
        after: after.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_patches_parse() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(PATCHES);
        let files = crate::hash::files_below(&folder).expect("the folder reads");
        assert_eq!(files.len(), 2);
        for file in files {
            let patch = parse(&std::fs::read_to_string(&file).expect("readable")).expect("parses");
            assert!(patch.file.starts_with("std/src/") && patch.before != patch.after);
        }
    }

    #[test]
    fn a_patch_must_match_exactly_once() {
        let folder = std::env::temp_dir().join(format!("xtask-patch-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("temp folder");
        let patch = Patch {
            file: "a".into(),
            before: "x\n".into(),
            after: "y\n".into(),
        };
        for (source, good) in [("x\nz\n", true), ("x\nx\n", false), ("z\n", false)] {
            std::fs::write(folder.join("a"), source).expect("writable");
            assert_eq!(apply(&patch, &folder).is_ok(), good, "{source:?}");
        }
        let _ = std::fs::remove_dir_all(folder);
    }
}
