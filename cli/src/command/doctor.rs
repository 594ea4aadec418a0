//! `galen doctor`: what is right, what is not, and what to do about it.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use comfy_table::presets::NOTHING;
use comfy_table::Table;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use solana_loader_v3_interface::state::UpgradeableLoaderState;
use solana_pubkey::Pubkey;

use crate::cluster::Cluster;
use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;
use crate::{signer, store};

/// The compiler that the project is pinned to.
const RUSTC: &str = "1.95.0";
/// The oldest Node that the TypeScript side was tried with.
const NODE: (u32, u32) = (20, 19);
/// Programs date claims by the cluster's clock; beyond this, filing limits and tickets look wrong to people.
const MAX_SKEW_SECONDS: u64 = 60;

/// Flags of `galen doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen doctor
  galen doctor -u localhost --output json

Exit code 1 if something has to be fixed; a warning alone is exit code 0.")]
pub struct Args {
    /// Record of what was built, to compare with what is deployed
    #[arg(
        long,
        value_name = "FILE",
        env = "GALEN_BUILD_RECORD",
        default_value = "target/deploy/build.json"
    )]
    build_record: PathBuf,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warning,
    Failed,
}

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    /// What to do, where there is something to do.
    fix: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    healthy: bool,
    checks: Vec<Check>,
}

/// Runs the command.
pub fn run(args: &Args, globals: &GlobalArgs) -> Result<Answer> {
    let mut checks = vec![rustc(), node()];
    match Settings::load(globals) {
        Err(error) => checks.push(failed(
            "config",
            error.message,
            "Mend it or move it away, or name another with -C.",
        )),
        Ok(settings) => {
            checks.push(config(&settings));
            checks.push(keypair(&settings));
            checks.push(store_permissions(&settings.home));
            checks.extend(ledger(&settings, &args.build_record));
        }
    }
    let healthy = checks.iter().all(|check| check.verdict != Verdict::Failed);
    Ok(Answer::new(&Report { healthy, checks })?.with_success(healthy))
}

fn rustc() -> Check {
    match version_of("rustc") {
        Some(version) if version.split_whitespace().nth(1) == Some(RUSTC) => ok("rustc", version),
        Some(version) => warning(
            "rustc",
            version,
            &format!(
                "Only building needs it: install {RUSTC}, which the lockfile is resolved for."
            ),
        ),
        None => warning(
            "rustc",
            "not found".to_owned(),
            &format!("Only building needs it: install {RUSTC}."),
        ),
    }
}

fn node() -> Check {
    let fix = format!(
        "Only the TypeScript tests and clients need it: install Node {}.{} or later.",
        NODE.0, NODE.1
    );
    match version_of("node") {
        Some(version) if node_version(&version).is_some_and(|version| version >= NODE) => {
            ok("node", version)
        }
        Some(version) => warning("node", version, &fix),
        None => warning("node", "not found".to_owned(), &fix),
    }
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn config(settings: &Settings) -> Check {
    let file = settings.config_file.as_ref().map_or_else(
        || "no config file".to_owned(),
        |file| file.display().to_string(),
    );
    ok(
        "config",
        format!(
            "{file}; cluster {}, {:?}",
            settings.url, settings.commitment.commitment
        )
        .to_lowercase(),
    )
}

fn keypair(settings: &Settings) -> Check {
    let source = &settings.keypair;
    if !signer::is_file(source) {
        return ok("keypair", format!("{source} (asked for when needed)"));
    }
    match signer::load(source, "keypair") {
        Err(error) => failed(
            "keypair",
            error.message,
            "Make one with `galen wallet new`, or name another with -k.",
        ),
        Ok(keypair) => match signer::open_mode(source) {
            Some(mode) => failed(
                "keypair",
                format!("{source} can be read by others (mode {mode:o})"),
                &format!("chmod 600 {source}"),
            ),
            None => ok("keypair", format!("{} ({source})", keypair.pubkey())),
        },
    }
}

fn store_permissions(home: &Path) -> Check {
    let file = store::file(home);
    match (mode(home), mode(&file)) {
        (_, None) => ok(
            "store",
            format!("{} (made when first needed)", file.display()),
        ),
        (Some(folder), Some(mode)) if folder & 0o077 != 0 || mode & 0o077 != 0 => failed(
            "store",
            format!("{} can be read by others", file.display()),
            &format!("chmod 700 {}; chmod 600 {}", home.display(), file.display()),
        ),
        _ => ok("store", file.display().to_string()),
    }
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path)
        .ok()
        .map(|metadata| metadata.permissions().mode() & 0o777)
}

/// Everything that needs the cluster; where it does not answer, that is the one thing to say.
fn ledger(settings: &Settings, record: &Path) -> Vec<Check> {
    let cluster = match Cluster::connect(settings) {
        Ok(cluster) => cluster,
        Err(error) => {
            return vec![failed(
                "cluster",
                error.message,
                "Start one with `galen localnet`, or name another with -u.",
            )]
        }
    };
    let version = cluster.client.get_version().map_or_else(
        |_| "unknown version".to_owned(),
        |version| version.solana_core,
    );
    let found = format!("{}, {version}, genesis {}", settings.url, cluster.genesis);
    let mut checks = vec![match cluster.public {
        Some(name) => warning(
            "cluster",
            format!("{name}: {found}"),
            "Everyone can read it: people's data is refused here. Read docs/privacy.md.",
        ),
        None => ok("cluster", found),
    }];
    let built = read_record(record);
    for (name, id) in [
        ("registry", registry::ID),
        ("claims", claims::ID),
        ("trials", trials::ID),
        ("provenance", provenance::ID),
    ] {
        checks.push(program(&cluster, name, &id, built.as_deref()));
    }
    checks.push(clock(&cluster));
    checks
}

/// An entry of the record of what was built.
#[derive(Deserialize)]
struct Built {
    program: String,
    sha256: String,
    bytes: usize,
}

fn read_record(path: &Path) -> Option<Vec<Built>> {
    fs::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
}

fn program(cluster: &Cluster, name: &'static str, id: &Pubkey, built: Option<&[Built]>) -> Check {
    let deploy = "Deploy it with `galen deploy`.";
    match cluster.account(id) {
        Err(error) => failed(name, error.message, "Try again."),
        Ok(None) => failed(name, format!("{id} is not deployed"), deploy),
        Ok(Some(account)) if !account.executable => failed(
            name,
            format!("{id} is an account but not a program"),
            "This is another cluster than the one that Galen was deployed to.",
        ),
        Ok(Some(_)) => {
            let Some(built) =
                built.and_then(|built| built.iter().find(|built| built.program == name))
            else {
                return ok(
                    name,
                    format!("{id} is deployed (no build here to compare with)"),
                );
            };
            match deployed_hash(cluster, id, built.bytes) {
                Some(hash) if hash == built.sha256 => {
                    ok(name, format!("{id} is deployed and is what was built here"))
                }
                Some(_) => warning(
                    name,
                    format!("{id} is deployed and differs from what was built here"),
                    "Deploy this build with `galen deploy`, or check out the one that is deployed.",
                ),
                None => warning(
                    name,
                    format!("{id} is deployed; its bytes cannot be read"),
                    deploy,
                ),
            }
        }
    }
}

/// SHA-256 of the first `length` deployed bytes; behind them the loader leaves room for upgrades, as zeros.
fn deployed_hash(cluster: &Cluster, id: &Pubkey, length: usize) -> Option<String> {
    let (address, _) =
        Pubkey::find_program_address(&[id.as_ref()], &solana_sdk_ids::bpf_loader_upgradeable::ID);
    let account = cluster.account(&address).ok()??;
    let code = account
        .data
        .get(UpgradeableLoaderState::size_of_programdata_metadata()..)?;
    let (code, rest) = code.split_at_checked(length)?;
    let hash = hex::encode(Sha256::digest(code));
    rest.iter().all(|byte| *byte == 0).then_some(hash)
}

fn clock(cluster: &Cluster) -> Check {
    let here = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default();
    match cluster.unix_time() {
        Err(error) => failed("clock", error.message, "Try another cluster with -u."),
        Ok(there) => {
            let skew = there.abs_diff(here);
            let found = format!("cluster and machine are {skew} s apart");
            if skew > MAX_SKEW_SECONDS {
                warning(
                    "clock",
                    found,
                    "Set the machine's clock (NTP); a local validator may have travelled in time.",
                )
            } else {
                ok("clock", found)
            }
        }
    }
}

fn ok(name: &'static str, found: String) -> Check {
    Check {
        name,
        verdict: Verdict::Ok,
        found,
        fix: None,
    }
}

fn warning(name: &'static str, found: String, fix: &str) -> Check {
    Check {
        name,
        verdict: Verdict::Warning,
        found,
        fix: Some(fix.to_owned()),
    }
}

fn failed(name: &'static str, found: String, fix: &str) -> Check {
    Check {
        name,
        verdict: Verdict::Failed,
        found,
        fix: Some(fix.to_owned()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(NOTHING);
        for check in &self.checks {
            let sign = match check.verdict {
                Verdict::Ok => "ok",
                Verdict::Warning => "warning",
                Verdict::Failed => "FAILED",
            };
            let fix = check
                .fix
                .as_ref()
                .map_or_else(String::new, |fix| format!("\n  {fix}"));
            table.add_row([
                sign.to_owned(),
                check.name.to_owned(),
                format!("{}{fix}", check.found),
            ]);
        }
        writeln!(f, "{table}")?;
        f.write_str(if self.healthy {
            "Nothing has to be fixed."
        } else {
            "Something has to be fixed; see FAILED."
        })
    }
}
