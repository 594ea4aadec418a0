//! `cargo xtask ...`: everything that is done to this repository. This file only chooses; each task has its own.

mod error;
mod hash;
mod process;
mod sbf;
mod setup;
mod step;
mod stop;
mod system;
mod ui;
mod workspace;

use clap::{Parser, Subcommand};
use error::Result;
use sbf::Way;
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Everything that is done to this repository", max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch and compile what the other tasks need and what is not there yet
    #[command(after_help = "Examples:\n  cargo xtask setup\n  cargo xtask setup --refresh-pins   take the package versions that Debian has now")]
    Setup {
        /// How programs are compiled [default: official where cargo-build-sbf is installed]
        #[arg(long, value_enum)]
        way: Option<Way>,
        /// Rewrite toolchain/debian-packages.tsv with what the archive has now
        #[arg(long)]
        refresh_pins: bool,
    },
    /// Compile the programs to target/deploy/NAME.so
    #[command(after_help = "Examples:\n  cargo xtask build\n  cargo xtask build --way registry-only")]
    Build {
        /// How programs are compiled [default: official where cargo-build-sbf is installed]
        #[arg(long, value_enum)]
        way: Option<Way>,
    },
}

fn main() -> ExitCode {
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

fn run(task: Task) -> Result<ExitCode> {
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
                ui::say(format!("target/deploy/{}.so  {} bytes  sha256 {}", built.program, built.bytes, built.sha256));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
