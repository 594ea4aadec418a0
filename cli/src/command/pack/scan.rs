//! `galen pack scan`: the code in a picture.

use std::path::PathBuf;

use super::view::read;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack scan pack.png
  galen pack scan photograph.jpg --output json

The picture shows one GS1 DataMatrix, or one QR code with a GS1 Digital Link, whole and with its white margin. It may
lie askew, be inverted, pale or noisy. `-` reads the picture from stdin.")]
pub struct Args {
    /// A PNG or JPEG file
    #[arg(value_name = "PICTURE")]
    picture: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    let bytes = document::bytes(&args.picture)?;
    let text = galen_scan::scan(&bytes).map_err(|error| {
        let message = format!("{}: {error}", document::name(&args.picture));
        CliError::new(error.code(), message)
    })?;
    Answer::new(&read(&text)?)
}
