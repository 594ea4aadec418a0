//! `cargo xtask test`: every test there is, in suites. A suite that fails does not stop the others.

use crate::cargo_tests::{self, Binary, Counts};
use crate::error::{Error, Result};
use crate::validator::{self, Kind};
use crate::workspace::{write_whole, Workspace};
use crate::{app, bench, demo, idl, lint, node, sbf, stop, system, ui};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A suite. The order is that in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Suite {
    /// Formatting, clippy, the types of TypeScript
    Lint,
    /// The rulebook, and its independent check in Python
    Rules,
    /// The programs in LiteSVM, and the attack matrix
    Programs,
    /// The programs' compiler: virtual machine against native
    Conformance,
    /// The command line, its quotes against the independent check in Python
    Cli,
    /// These tasks themselves
    Xtask,
    /// The local validator's own tests
    Localnet,
    /// Committed IDLs and clients against generated ones
    Generated,
    /// The committed table of costs
    Bench,
    /// The stories of the README's first command, to their end
    Demo,
    /// TypeScript, end to end, on a running validator
    E2e,
    /// The pharmacy's page: its rules, its parts, and the whole in a browser on a running validator
    App,
}

impl Suite {
    const ALL: [Self; 12] = [
        Self::Lint,
        Self::Rules,
        Self::Programs,
        Self::Conformance,
        Self::Cli,
        Self::Xtask,
        Self::Localnet,
        Self::Generated,
        Self::Bench,
        Self::Demo,
        Self::E2e,
        Self::App,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Rules => "rules",
            Self::Programs => "programs",
            Self::Conformance => "conformance",
            Self::Cli => "cli",
            Self::Xtask => "xtask",
            Self::Localnet => "localnet",
            Self::Generated => "generated",
            Self::Bench => "bench",
            Self::Demo => "demo",
            Self::E2e => "e2e",
            Self::App => "app",
        }
    }

    /// The folders below which the packages lie whose tests make up the suite.
    fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Rules => &["crates/rules"],
            // All crates but the rulebook, which comes first.
            Self::Programs => &["programs", "crates"],
            Self::Conformance => &["toolchain/conformance"],
            Self::Cli => &["cli"],
            Self::Xtask => &["xtask"],
            Self::App => &["app"],
            _ => &[],
        }
    }

    /// The suite that a package in this folder of the repository belongs to.
    fn of(folder: &Path) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.folders().iter().any(|own| folder.starts_with(own)))
    }
}

/// What to run, and how.
pub struct Plan {
    /// These suites; all where empty.
    pub only: Vec<Suite>,
    /// At release size.
    pub soak: bool,
    /// Which validator serves the end-to-end tests.
    pub validator: Kind,
}

/// Runs the suites and prints the summary. True if nothing failed.
pub fn run(workspace: &Workspace, plan: &Plan) -> Result<bool> {
    let run = Run {
        workspace,
        plan,
        packages: cargo_tests::packages(workspace)?,
        binaries: OnceCell::new(),
    };
    let mut summary = Vec::new();
    for suite in Suite::ALL
        .into_iter()
        .filter(|suite| plan.only.is_empty() || plan.only.contains(suite))
    {
        stop::check()?;
        ui::say(format!("== {}", suite.name()));
        let started = Instant::now();
        let counts = match run.suite(suite) {
            Ok(counts) if counts.passed + counts.failed == 0 && counts.skipped == 0 => {
                ui::say("   no test ran, which is a failure");
                Counts::ONE_FAILED
            }
            Ok(counts) => counts,
            Err(error) if error.interrupted => return Err(error),
            Err(error) => {
                ui::say(format!("error: {error}"));
                Counts::ONE_FAILED
            }
        };
        summary.push((suite, counts, started.elapsed()));
    }
    Ok(conclude(&summary, &workspace.steps.failed()))
}

/// Prints a line per suite, the steps that failed, and the sum. True if nothing failed.
fn conclude(summary: &[(Suite, Counts, Duration)], failed: &[String]) -> bool {
    ui::say(format!(
        "\n{:<12} {:>8} {:>8} {:>8} {:>9}",
        "suite", "passed", "failed", "skipped", "seconds"
    ));
    for (suite, counts, took) in summary {
        ui::say(format!(
            "{:<12} {:>8} {:>8} {:>8} {:>9.1}",
            suite.name(),
            counts.passed,
            counts.failed,
            counts.skipped,
            took.as_secs_f64()
        ));
    }
    if !failed.is_empty() {
        ui::say("\nfailed:");
    }
    for step in failed {
        ui::say(format!("   {step}"));
    }
    let total = summary
        .iter()
        .fold(Counts::default(), |sum, (_, counts, _)| sum.and(*counts));
    ui::say(format!(
        "\n{} passed, {} failed",
        total.passed, total.failed
    ));
    total.failed == 0
}

struct Run<'a> {
    workspace: &'a Workspace,
    plan: &'a Plan,
    /// Names and folders of the workspace's packages.
    packages: Vec<(String, PathBuf)>,
    binaries: OnceCell<Vec<Binary>>,
}

impl Run<'_> {
    fn suite(&self, suite: Suite) -> Result<Counts> {
        match suite {
            Suite::Lint => lint::run(self.workspace),
            Suite::Rules => {
                system::require(self.workspace, &[system::PYTHON])?;
                self.rules()
            }
            Suite::Cli => self.command_line(),
            Suite::Programs => {
                let built = sbf::build(self.workspace, None)?;
                let counts = self.rust(suite)?;
                if counts.failed == 0 && counts.passed > 0 {
                    record_tested(self.workspace, &built)?;
                }
                Ok(counts)
            }
            Suite::Conformance => {
                sbf::build(self.workspace, None)?;
                self.rust(suite)
            }
            Suite::Xtask => self.rust(suite),
            Suite::Localnet => self.localnet(),
            Suite::Generated => generated(self.workspace),
            Suite::Bench => {
                sbf::build(self.workspace, None)?;
                bench::check(self.workspace).map(|()| Counts::ONE_PASSED)
            }
            Suite::Demo => {
                demo::run(self.workspace, self.plan.validator, false).map(|()| Counts::ONE_PASSED)
            }
            Suite::E2e => self.end_to_end(),
            Suite::App => self.app(),
        }
    }

    /// What tests are told: whether they run at release size.
    fn environment(&self) -> Vec<(&'static str, String)> {
        match self.plan.soak {
            true => vec![("GALEN_SOAK", "1".into())],
            false => vec![],
        }
    }

    /// The compiled tests of all suites, or of those that were asked for.
    fn binaries(&self) -> Result<&[Binary]> {
        if let Some(binaries) = self.binaries.get() {
            return Ok(binaries);
        }
        system::require_openssl(self.workspace)?;
        let mut selection = Vec::new();
        if self.plan.only.is_empty() {
            selection.push("--workspace");
        }
        for (name, _) in self
            .plan
            .only
            .iter()
            .flat_map(|suite| self.packages_of(*suite))
        {
            selection.extend(["-p", name]);
        }
        let binaries = self.workspace.steps.step("Compile the tests", |step| {
            let (binaries, output) = cargo_tests::compile(self.workspace, step, &selection)?;
            if !output.status.success() {
                step.note("some tests do not compile; the suites that they belong to fail:");
                output
                    .tail
                    .iter()
                    .for_each(|line| ui::say(format!("   | {line}")));
            }
            Ok(binaries)
        })?;
        Ok(self.binaries.get_or_init(|| binaries))
    }

    /// The names and folders of the packages whose tests make up a suite.
    fn packages_of(&self, suite: Suite) -> impl Iterator<Item = (&str, &PathBuf)> {
        self.packages
            .iter()
            .filter(move |(_, folder)| {
                let within = folder.strip_prefix(&self.workspace.root).unwrap_or(folder);
                Suite::of(within) == Some(suite)
            })
            .map(|(name, folder)| (name.as_str(), folder))
    }

    /// The command line's tests start validators of their own, with the programs on them, and ask the second opinion.
    fn command_line(&self) -> Result<Counts> {
        system::require(self.workspace, &[system::PYTHON])?;
        sbf::build(self.workspace, None)?;
        let validator = validator::Program::prepare(self.workspace, Kind::Surfpool)?;
        let mut environment = self.environment();
        environment.push(("GALEN_LOCALNET", validator.path().display().to_string()));
        self.rust_with(Suite::Cli, &environment)
    }

    fn rust(&self, suite: Suite) -> Result<Counts> {
        self.rust_with(suite, &self.environment())
    }

    /// The tests of a suite's packages; they are told `environment`.
    fn rust_with(&self, suite: Suite, environment: &[(&str, String)]) -> Result<Counts> {
        let binaries = self.binaries()?;
        let mut counts = Counts::default();
        for (name, folder) in self.packages_of(suite) {
            let of_package: Vec<&Binary> = binaries
                .iter()
                .filter(|binary| binary.folder == *folder)
                .collect();
            for expected in test_files(folder) {
                if !of_package.iter().any(|binary| binary.target == expected) {
                    ui::say(format!("   {name}: tests/{expected}.rs did not compile"));
                    counts = counts.and(Counts::ONE_FAILED);
                }
            }
            if of_package.is_empty() {
                ui::say(format!("   {name}: no test compiled"));
                counts = counts.and(Counts::ONE_FAILED);
            }
            for binary in of_package {
                counts = counts.and(self.binary(name, binary, environment)?);
            }
        }
        Ok(counts)
    }

    fn binary(
        &self,
        package: &str,
        binary: &Binary,
        environment: &[(&str, String)],
    ) -> Result<Counts> {
        self.workspace
            .steps
            .step(&format!("Test {package}: {}", binary.target), |step| {
                let counts = cargo_tests::run(step, binary, environment, is_figure)?;
                step.note(told(counts));
                Ok(counts)
            })
    }

    /// The rules run optimised at release size: millions of cases.
    fn rules(&self) -> Result<Counts> {
        if !self.plan.soak {
            return self.rust(Suite::Rules);
        }
        let binaries =
            self.workspace
                .steps
                .step("Compile the tests of the rules for release", |step| {
                    let (binaries, output) = cargo_tests::compile(
                        self.workspace,
                        step,
                        &["--release", "-p", "galen-rules"],
                    )?;
                    output.success("cargo test --release")?;
                    Ok(binaries)
                })?;
        binaries
            .iter()
            .try_fold(Counts::default(), |counts, binary| {
                Ok(counts.and(self.binary("galen-rules", binary, &self.environment())?))
            })
    }

    fn localnet(&self) -> Result<Counts> {
        let program = validator::Program::prepare(self.workspace, Kind::Surfpool)?;
        let binaries =
            self.workspace
                .steps
                .step("Compile the local validator's tests", |step| {
                    let manifest = self.workspace.root.join("localnet/Cargo.toml");
                    let target = self.workspace.cache.join("localnet-target");
                    let _lock = self.workspace.lock("localnet-target")?;
                    self.workspace.own_target(&target, &manifest)?;
                    let mut command = self.workspace.cargo(&[
                        "test",
                        "--release",
                        "--locked",
                        "--no-run",
                        "--message-format=json-render-diagnostics",
                        "--manifest-path",
                    ]);
                    command.arg(manifest).env("CARGO_TARGET_DIR", target);
                    let output = step.run(&mut command)?;
                    Ok(cargo_tests::binaries(&output.stdout))
                })?;
        let mut environment = self.environment();
        environment.push(("GALEN_LOCALNET", program.path().display().to_string()));
        binaries
            .iter()
            .try_fold(Counts::default(), |counts, binary| {
                self.workspace.steps.step(
                    &format!("Test the local validator: {}", binary.target),
                    |step| {
                        let found = cargo_tests::run(step, binary, &environment, is_figure)?;
                        step.note(told(found));
                        Ok(counts.and(found))
                    },
                )
            })
    }

    fn end_to_end(&self) -> Result<Counts> {
        sbf::build(self.workspace, None)?;
        let galen = cargo_tests::program(self.workspace, "galen")?;
        let program = validator::Program::prepare(self.workspace, self.plan.validator)?;
        node::install(self.workspace)?;
        let title = "Run the flows end to end on a validator";
        self.on_a_validator(&program, &galen, title, "vitest.config.ts", "")
    }

    /// The page's rules natively, then the page as it is served, in Chromium, on a validator with the programs.
    fn app(&self) -> Result<Counts> {
        sbf::build(self.workspace, None)?;
        let galen = cargo_tests::program(self.workspace, "galen")?;
        let rules = self.rust(Suite::App)?;
        let program = validator::Program::prepare(self.workspace, self.plan.validator)?;
        app::prepare(self.workspace)?;
        app::build(self.workspace)?;
        let pages = self.on_a_validator(
            &program,
            &galen,
            "Test the page in Chromium, on a validator",
            "app/vitest.config.ts",
            &format!(
                "; screenshots: {}",
                app::screenshots(self.workspace).display()
            ),
        )?;
        Ok(rules.and(pages))
    }

    /// The TypeScript tests of `config`, on a validator of their own; `remark` goes after the counts.
    fn on_a_validator(
        &self,
        program: &validator::Program,
        galen: &Path,
        title: &str,
        config: &str,
        remark: &str,
    ) -> Result<Counts> {
        self.workspace.steps.step(title, |step| {
            let validator = program.start(self.workspace, true)?;
            let mut environment = self.environment();
            environment.push(("GALEN_RPC_URL", validator.rpc()));
            environment.push(("GALEN_WS_URL", validator.websocket()));
            environment.push(("GALEN_BIN", galen.display().to_string()));
            let counts = node::vitest(self.workspace, step, config, &environment)?;
            step.note(format!("{}{remark}", told(counts)));
            Ok(counts)
        })
    }
}

/// Tests print figures worth keeping (how many cases, how many cells) on lines that begin like this.
fn is_figure(line: &str) -> bool {
    line.starts_with("figure: ")
}

fn told(counts: Counts) -> String {
    let skipped = if counts.skipped > 0 {
        format!(", {} skipped", counts.skipped)
    } else {
        String::new()
    };
    format!(
        "{} passed, {} failed{skipped}",
        counts.passed, counts.failed
    )
}

/// The names of the files in a package's `tests/`: each is a test binary.
fn test_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("tests"))
        .into_iter()
        .flatten()
        .flatten();
    let sources = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut names: Vec<String> = sources
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

/// Committed IDLs against the programs, committed clients against the IDLs.
fn generated(workspace: &Workspace) -> Result<Counts> {
    let idls = match idl::generate(workspace).and_then(|generated| idl::check(&generated)) {
        Ok(()) => Counts::ONE_PASSED,
        Err(error) if error.interrupted => return Err(error),
        Err(error) => {
            ui::say(format!("error: {error}"));
            Counts::ONE_FAILED
        }
    };
    node::check_clients(workspace)?;
    Ok(idls.and(Counts::ONE_PASSED))
}

/// Remembers that these bytes passed the programs' tests and the attack matrix: `galen deploy` wants to know.
fn record_tested(workspace: &Workspace, built: &[sbf::Built]) -> Result<()> {
    let path: PathBuf = workspace.deploy().join("tested.json");
    let mut known: Vec<String> = std::fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    for program in built.iter().filter(|built| built.program != "conformance") {
        if !known.contains(&program.sha256) {
            known.push(program.sha256.clone());
        }
    }
    let text = serde_json::to_string_pretty(&known)
        .map_err(|error| Error::new(format!("cannot write tested.json: {error}")))?;
    write_whole(&path, text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_has_its_own_name() {
        let mut names: Vec<&str> = Suite::ALL.iter().map(|suite| suite.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Suite::ALL.len());
    }

    #[test]
    fn one_failure_fails_the_whole() {
        let took = Duration::from_secs(1);
        let ends_well = |last| {
            let summary = [
                (Suite::Lint, Counts::ONE_PASSED, took),
                (Suite::E2e, last, took),
            ];
            conclude(&summary, &[])
        };
        assert!(ends_well(Counts::ONE_SKIPPED));
        assert!(!ends_well(Counts::ONE_FAILED));
    }

    #[test]
    fn every_package_of_the_workspace_belongs_to_a_suite() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("the lock file");
        let mut members = 0;
        for manifest in crate::hash::files_below(&root).expect("readable") {
            let folder = manifest
                .parent()
                .and_then(|folder| folder.strip_prefix(&root).ok());
            let text = std::fs::read_to_string(&manifest).unwrap_or_default();
            let Some(folder) = folder.filter(|_| manifest.ends_with("Cargo.toml")) else {
                continue;
            };
            // What has a workspace of its own is tested apart.
            if text.contains("[workspace]") {
                continue;
            }
            let name = text
                .lines()
                .find_map(|line| line.strip_prefix("name = "))
                .expect("a name");
            assert!(
                lock.contains(&format!("name = {name}")),
                "{name} is in the workspace"
            );
            assert!(
                Suite::of(folder).is_some(),
                "{} belongs to no suite",
                folder.display()
            );
            members += 1;
        }
        assert!(members >= 7, "found {members}");
    }
}
