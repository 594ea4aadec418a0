//! `galen duplicates answer`

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::files::{self, KeyFile, Questions, Reply};
use crate::error::{CliError, Result};
use crate::output;

/// Flags of `galen duplicates answer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen duplicates answer --key service.json --questions questions.json --answer answer.json

Sees random points, and how many; keeps nothing. Answer only those whom you know, and no more than they have claims: who may
ask without end may try out persons.")]
pub struct Args {
    /// The key of the service
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The questions
    #[arg(long, value_name = "FILE")]
    questions: PathBuf,
    /// Where the answer is written
    #[arg(long, value_name = "FILE")]
    answer: PathBuf,
    /// Refuse more questions than this
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    at_most: usize,
}

#[derive(Serialize)]
struct Report {
    /// The public key of the service.
    service: String,
    /// Questions that were answered.
    answered: usize,
}

/// Runs the command.
///
/// # Errors
/// `questions_for_other_service`, `too_many_questions`, and those of the files.
pub fn run(args: &Args) -> Result<output::Answer> {
    let file: KeyFile = files::read(&args.key)?;
    let key = file.key()?;
    let public = key.public();
    let service = files::name(&public);
    let questions: Questions = files::read(&args.questions)?;
    if questions.service != service {
        let message = format!(
            "The questions are for the service {}; this key is of {service}.",
            questions.service
        );
        return Err(CliError::new("questions_for_other_service", message));
    }
    let points = questions.points()?;
    if points.len() > args.at_most {
        let message = format!(
            "These are {} questions; at most {} are answered at a time. Raise it with --at-most if the insurer has so many claims.",
            points.len(),
            args.at_most
        );
        return Err(CliError::new("too_many_questions", message));
    }
    let answer = key.answer(&points).map_err(files::refused)?;
    files::write(&args.answer, &Reply::of(&public, &answer))?;
    output::Answer::new(&Report {
        service,
        answered: points.len(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} questions answered.", self.answered)
    }
}
