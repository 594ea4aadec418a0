//! `cargo xtask ...`: everything that is done to this repository. This file only chooses; each task has its own.

mod app;
mod bench;
mod cargo_tests;
mod clean;
mod demo;
mod error;
mod hash;
mod idl;
mod keys;
mod lint;
mod node;
mod pins;
mod process;
mod sbf;
mod setup;
mod step;
mod stop;
mod suites;
mod system;
mod ui;
mod validator;
mod workspace;

use cargo_tests::Counts;
use clap::{Parser, Subcommand};
use error::{Error, Result};
use sbf::Way;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use suites::{Plan, Suite};
use workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Everything that is done to this repository",
    max_term_width = 110
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch and compile what the other tasks need and what is not there yet
    #[command(
        after_help = "Examples:\n  cargo xtask setup\n  cargo xtask setup --refresh-pins   take the package versions that Debian has now"
    )]
    Setup {
        /// How programs are compiled [default: official where cargo-build-sbf is installed]
        #[arg(long, value_enum)]
        way: Option<Way>,
        /// Rewrite toolchain/debian-packages.tsv with what the archive has now
        #[arg(long)]
        refresh_pins: bool,
    },
    /// Compile the programs to target/deploy/NAME.so
    #[command(
        after_help = "Examples:\n  cargo xtask build\n  cargo xtask build --way registry-only"
    )]
    Build {
        /// How programs are compiled [default: official where cargo-build-sbf is installed]
        #[arg(long, value_enum)]
        way: Option<Way>,
    },
    /// Write idls/NAME.json as Anchor does
    #[command(
        after_help = "Examples:\n  cargo xtask idl\n  cargo xtask idl --check   write nothing, fail where idls/ differs"
    )]
    Idl {
        /// Write nothing; fail where the committed IDLs differ
        #[arg(long)]
        check: bool,
    },
    /// Generate the TypeScript clients from the IDLs
    #[command(after_help = "Examples:\n  cargo xtask clients\n  cargo xtask clients --check")]
    Clients {
        /// Write nothing; fail where the committed clients differ
        #[arg(long)]
        check: bool,
    },
    /// Run every test there is, or the named suites
    #[command(
        after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --only rules --only e2e\n  cargo xtask test --only e2e --validator agave"
    )]
    Test(TestArguments),
    /// As test, at release size: millions of cases
    #[command(after_help = "Examples:\n  cargo xtask soak\n  cargo xtask soak --only conformance")]
    Soak(TestArguments),
    /// Measure what each instruction costs, and write the table in bench/
    #[command(
        after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --check   write nothing, fail where a figure has grown\n  cargo xtask bench --profile 'claims submit_claim, 1 line'   which functions its units go to\n  cargo xtask bench --rates   payments and claims a second, beside plain transfers"
    )]
    Bench {
        /// Write nothing; fail where a figure has grown beyond what the table allows
        #[arg(long)]
        check: bool,
        /// Write nothing but target/profile; say which functions the units of one line of the table go to
        #[arg(long, value_name = "LINE", conflicts_with = "check")]
        profile: Option<String>,
        /// Write bench/rates.md instead: what the command line does in a second, beside plain token transfers
        #[arg(long, conflicts_with_all = ["check", "profile"])]
        rates: bool,
    },
    /// Check the formatting and run clippy, the programs and the rules strictly
    #[command(after_help = "Example:\n  cargo xtask lint")]
    Lint,
    /// Build everything, start a local validator and play the claim story on it
    #[command(
        after_help = "Examples:\n  cargo xtask demo\n  cargo xtask demo --keep               the validator stays up afterwards\n  cargo xtask demo --validator agave    on solana-test-validator"
    )]
    Demo {
        /// Leave the validator up, and say how to use it
        #[arg(long)]
        keep: bool,
        /// Which validator
        #[arg(long, value_enum, default_value = "surfpool")]
        validator: validator::Kind,
    },
    /// Build the pharmacy's page and serve it on this machine, until it is stopped
    #[command(
        after_help = "Examples:\n  cargo xtask app\n  cargo xtask app --port 8080\n  cargo xtask app --build-only   to app/dist, for any web server"
    )]
    App {
        /// The port, on 127.0.0.1
        #[arg(long, default_value_t = 4173)]
        port: u16,
        /// Build it to app/dist and serve nothing
        #[arg(long)]
        build_only: bool,
    },
    /// The addresses of the programs and the keys behind them
    #[command(
        after_help = "Examples:\n  cargo xtask keys show\n  cargo xtask keys new && cargo xtask keys sync   your own copy under your own addresses\n  cargo xtask keys sync --development             back to the keys of a fresh clone"
    )]
    Keys {
        #[command(subcommand)]
        action: keys::Action,
    },
    /// Remove what was built in this repository
    #[command(
        after_help = "Examples:\n  cargo xtask clean\n  cargo xtask clean --cache   also what all clones share"
    )]
    Clean {
        /// Also remove what all clones share
        #[arg(long)]
        cache: bool,
    },
}

#[derive(clap::Args)]
struct TestArguments {
    /// Only this suite; may be repeated
    #[arg(long, value_enum, value_name = "SUITE")]
    only: Vec<Suite>,
    /// The validator of the end-to-end tests
    #[arg(long, value_enum, default_value = "surfpool")]
    validator: validator::Kind,
}

fn main() -> ExitCode {
    workspace::remember_repository();
    process::clean_own_environment();
    stop::listen();
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) if error.interrupted => {
            ui::complain("stopped; run it again and it goes on from here");
            ExitCode::from(stop::exit_code())
        }
        Err(error) => {
            ui::complain(format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Where `CARGO_TARGET_DIR` is shared with another clone, this very program may have been compiled from its sources:
/// then it gives way to its own.
fn start_over_if_compiled_elsewhere() -> Result<()> {
    let Some(target) = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty())
    else {
        return Ok(());
    };
    let workspace = Workspace::find("start")?;
    if !workspace.own_target(Path::new(&target), &workspace.root.join("Cargo.toml"))? {
        return Ok(());
    }
    let failed = Command::new(&workspace.cargo)
        .arg("xtask")
        .args(std::env::args_os().skip(1))
        .exec();
    Err(Error::new(format!("cannot start over: {failed}")))
}

fn run(task: Task) -> Result<ExitCode> {
    start_over_if_compiled_elsewhere()?;
    match task {
        Task::Setup { way, refresh_pins } => {
            let workspace = Workspace::find("setup")?;
            if refresh_pins {
                sbf::refresh_pins(&workspace)?;
            } else {
                setup::run(&workspace, way)?;
            }
        }
        Task::Build { way } => {
            for built in sbf::build(&Workspace::find("build")?, way)? {
                ui::say(format!(
                    "target/deploy/{}.so  {} bytes  sha256 {}",
                    built.program, built.bytes, built.sha256
                ));
            }
        }
        Task::Idl { check } => {
            let generated = idl::generate(&Workspace::find("idl")?)?;
            if check {
                idl::check(&generated)?;
            } else {
                idl::write(&generated)?;
            }
        }
        Task::Clients { check: true } => node::check_clients(&Workspace::find("clients")?)?,
        Task::Clients { check: false } => node::generate_clients(&Workspace::find("clients")?)?,
        Task::Test(arguments) => return test("test", arguments, false),
        Task::Soak(arguments) => return test("soak", arguments, true),
        Task::Bench {
            profile: Some(line),
            ..
        } => bench::profile(&Workspace::find("bench")?, &line)?,
        Task::Bench { rates: true, .. } => bench::rates(&Workspace::find("bench")?)?,
        Task::Bench { check: true, .. } => bench::check(&Workspace::find("bench")?)?,
        Task::Bench { check: false, .. } => bench::write(&Workspace::find("bench")?)?,
        Task::Lint => {
            let Counts { failed, .. } = lint::run(&Workspace::find("lint")?)?;
            return Ok(if failed == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Task::Demo { keep, validator } => demo::run(&Workspace::find("demo")?, validator, keep)?,
        Task::App { port, build_only } => {
            let workspace = Workspace::find("app")?;
            app::build(&workspace)?;
            if !build_only {
                app::serve(&workspace, port)?;
            }
        }
        Task::Keys { action } => keys::run(&Workspace::find("keys")?, action)?,
        Task::Clean { cache } => clean::run(&Workspace::find("clean")?, cache)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn test(task: &str, arguments: TestArguments, soak: bool) -> Result<ExitCode> {
    let plan = Plan {
        only: arguments.only,
        soak,
        validator: arguments.validator,
    };
    let good = suites::run(&Workspace::find(task)?, &plan)?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
