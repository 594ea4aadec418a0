//! `galen pack parse`: a code as it was scanned or typed.

use super::view::read;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pack parse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack parse '(01)09524000059109(21)12345678p901(10)1234567p(17)271120'
  galen pack parse ']d2010952400005910921AB<GS>17271120' --output json
  galen pack parse 'https://id.gs1.org/01/09524000059109/21/12345678p901?17=271120'

TEXT is bracketed, or raw with its symbology identifier (]d2) or with ^ for FNC1, or a GS1 Digital Link. In a raw scan
the separator is the character 0x1D or the four characters <GS>. A code that can be read in two ways is refused.")]
pub struct Args {
    /// The code
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer> {
    Answer::new(&read(&args.text)?)
}
