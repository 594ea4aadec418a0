//! `galen completions`

use std::fmt;

use clap::CommandFactory;
use clap_complete::{generate, Shell};
use serde::Serialize;

use crate::args::Cli;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen completions bash > ~/.local/share/bash-completion/completions/galen
  galen completions zsh > ~/.zfunc/_galen")]
pub struct Args {
    /// The shell
    shell: Shell,
}

#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "galen", &mut script);
    let script = String::from_utf8(script).map_err(|error| {
        CliError::new("unprintable", format!("The script is not UTF-8: {error}."))
    })?;
    Answer::new(&Script {
        shell: args.shell.to_string(),
        script,
    })
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.script)
    }
}
