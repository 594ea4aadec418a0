//! Direct dependencies are pinned exactly: a version that nobody chose is a version that nobody tested.

use crate::error::{Context, Result};
use crate::step::Step;
use crate::workspace::{output_of, Workspace};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The workspaces of the repository, by their manifests.
pub const MANIFESTS: [&str; 3] = [
    "Cargo.toml",
    "localnet/Cargo.toml",
    "toolchain/libcalls/Cargo.toml",
];

/// The direct dependencies of all workspaces, and of the TypeScript side, that are not pinned exactly.
pub fn unpinned(workspace: &Workspace, _: &Step) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for manifest in MANIFESTS {
        let mut command =
            workspace.cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
        command
            .arg("--manifest-path")
            .arg(workspace.root.join(manifest));
        complaints.extend(unpinned_crates(&workspace.root, &output_of(&mut command)?)?);
    }
    let path = workspace.root.join("package.json");
    let text = std::fs::read_to_string(&path).context(|| format!("read {}", path.display()))?;
    complaints.extend(unpinned_modules(&text)?);
    Ok(complaints)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: std::path::PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// The versions that would do, in cargo's normal form: `^1.2`.
    req: String,
    /// Where it comes from; none for what lies in the repository.
    source: Option<String>,
}

fn unpinned_crates(root: &Path, metadata: &str) -> Result<Vec<String>> {
    let metadata: Metadata =
        serde_json::from_str(metadata).context(|| "read what cargo says about a package".into())?;
    let mut complaints = Vec::new();
    for package in &metadata.packages {
        let manifest = package.manifest_path.strip_prefix(root);
        let manifest = manifest.unwrap_or(&package.manifest_path).display();
        for dependency in &package.dependencies {
            if dependency.source.is_some() && !is_exact_crate(&dependency.req) {
                complaints.push(format!(
                    "{manifest}: {} = \"{}\" is not pinned; write \"=x.y.z\", the version in the lock file",
                    dependency.name, dependency.req
                ));
            }
        }
    }
    Ok(complaints)
}

/// `=1.2.3`: `=1.2` would take any 1.2.
fn is_exact_crate(requirement: &str) -> bool {
    requirement.strip_prefix('=').is_some_and(is_version)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    overrides: BTreeMap<String, String>,
}

fn unpinned_modules(manifest: &str) -> Result<Vec<String>> {
    let manifest: Manifest =
        serde_json::from_str(manifest).context(|| "read package.json".into())?;
    let all = [
        manifest.dependencies,
        manifest.dev_dependencies,
        manifest.overrides,
    ];
    let loose = all
        .into_iter()
        .flatten()
        .filter(|(_, version)| !is_version(version));
    let complaint = |(name, version)| {
        format!("package.json: \"{name}\": \"{version}\" is not pinned; write \"x.y.z\", the version in package-lock.json")
    };
    Ok(loose.map(complaint).collect())
}

/// Three numbers, and perhaps what follows them: `1.2.3-rc.1`.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_pinned_by_all_of_its_version() {
        let metadata = |req: &str, source: Option<&str>| {
            serde_json::json!({"packages": [{"manifest_path": "/r/cli/Cargo.toml",
                "dependencies": [{"name": "hmac", "req": req, "source": source}]}]})
            .to_string()
        };
        let complaints = |req, source| {
            unpinned_crates(Path::new("/r"), &metadata(req, source)).expect("readable")
        };
        let registry = Some("registry+https://example.org/index");
        for pinned in ["=0.12.1", "=1.0.0-rc.1", "=1.0.0+build"] {
            assert_eq!(complaints(pinned, registry), [""; 0]);
        }
        for loose in ["^0.12.1", "=0.12", "~0.12.1", "*", ">=0.12.1, <0.13.0"] {
            let found = complaints(loose, registry);
            assert_eq!(found.len(), 1, "{loose}");
            assert!(found[0].starts_with("cli/Cargo.toml: hmac = "), "{found:?}");
        }
        assert_eq!(
            complaints("*", None),
            [""; 0],
            "what lies in the repository"
        );
    }

    #[test]
    fn a_module_is_pinned_by_its_version_alone() {
        let found = unpinned_modules(
            r#"{"name": "x", "version": "1.0.0", "dependencies": {"a": "1.2.3", "b": "^1.2.3"},
                "devDependencies": {"c": "~1.2.3", "d": "1.2.x"}, "overrides": {"e": "latest"}}"#,
        )
        .expect("readable");
        let named: Vec<&str> = found
            .iter()
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(named, ["b", "c", "d", "e"]);
    }
}
