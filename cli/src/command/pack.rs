//! `galen pack`: what the code on a medicine pack says, which needs no network; whether it may be sold; dispensing it.

pub mod cancel_reservation;
pub mod check;
pub mod close;
pub mod close_scan;
pub mod dispense;
pub mod fill;
pub mod hand_out;
pub mod inspect;
pub mod label;
pub mod named;
pub mod parse;
pub mod report_scan;
pub mod reserve;
pub mod scan;
pub mod undo;
pub mod view;

use clap::Subcommand;

use crate::config::{GlobalArgs, Settings};
use crate::error::Result;
use crate::output::Answer;

/// What to do with a pack's code.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a code that was scanned or typed: GS1 element string or Digital Link
    Parse(parse::Args),
    /// Read the code in a picture: GS1 DataMatrix or QR, in PNG or JPEG
    Scan(scan::Args),
    /// Draw the code of a pack: a GS1 DataMatrix in PNG
    Label(label::Args),
    /// Ask the ledger whether a pack may be sold: exit code 1 where not
    Check(check::Args),
    /// Ask the ledger about many packs, as of a delivery: exit code 1 where one may not be sold
    Inspect(inspect::Args),
    /// Dispense a pack, once; by the pharmacy that has it
    Dispense(dispense::Args),
    /// Take units out of a pack that fills several prescriptions; by the pharmacy that has it
    Fill(fill::Args),
    /// Say that what was dispensed has left the pharmacy: from then on it is never undone
    HandOut(hand_out::Args),
    /// Undo a dispense; by the pharmacy that dispensed it
    Undo(undo::Args),
    /// Keep a pack for a claim; by the pharmacy that has it
    Reserve(reserve::Args),
    /// Give a reservation up; by the pharmacy that made it
    CancelReservation(cancel_reservation::Args),
    /// Report where a pack was scanned just now; by a partner. In two places at once, a pack is suspect
    ReportScan(report_scan::Args),
    /// Close the record of a pack's scans that tells nothing any more; by anybody
    CloseScan(close_scan::Args),
    /// Close the record of a dispense that can no longer be undone, or of a lapsed reservation; by anybody
    Close(close::Args),
}

impl Command {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever the verb refuses.
    pub fn run(self, globals: &GlobalArgs) -> Result<Answer> {
        match self {
            Self::Parse(args) => parse::run(&args),
            Self::Scan(args) => scan::run(&args),
            Self::Label(args) => label::run(&args),
            Self::Check(args) => check::run(&args, &Settings::load(globals)?),
            Self::Inspect(args) => inspect::run(&args, &Settings::load(globals)?),
            Self::Dispense(args) => dispense::run(&args, &Settings::load(globals)?),
            Self::Fill(args) => fill::run(&args, &Settings::load(globals)?),
            Self::HandOut(args) => hand_out::run(&args, &Settings::load(globals)?),
            Self::Undo(args) => undo::run(&args, &Settings::load(globals)?),
            Self::Reserve(args) => reserve::run(&args, &Settings::load(globals)?),
            Self::CancelReservation(args) => {
                cancel_reservation::run(&args, &Settings::load(globals)?)
            }
            Self::ReportScan(args) => report_scan::run(&args, &Settings::load(globals)?),
            Self::CloseScan(args) => close_scan::run(&args, &Settings::load(globals)?),
            Self::Close(args) => close::run(&args, &Settings::load(globals)?),
        }
    }
}
