//! `galen`: the command line.
//!
//! A command returns a value; this file prints it once, as text or as JSON, and chooses the exit code: 0 done, 1 refused
//! or failed, 2 not understood.

mod args;
mod chain;
mod cluster;
mod command;
mod config;
mod courier;
mod document;
mod error;
mod exchange;
mod letter;
mod loader;
mod output;
mod send;
mod signer;
mod store;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::try_parse().unwrap_or_else(|error| args::in_words(error).exit());
    let format = cli.globals.output;
    let printed = match cli.command.run(&cli.globals) {
        Ok(answer) => answer.print(format),
        Err(error) => output::print_error(&error, format).map(|()| false),
    };
    match printed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: the answer cannot be printed: {error}");
            ExitCode::FAILURE
        }
    }
}
