//! `galen cold-chain record`

use std::path::PathBuf;

use provenance::constants::{MAX_READINGS, MAX_READING_SECONDS};
use provenance::instructions::RecordReadingsArgs;
use provenance::state::{Monitor, Reading, Report};
use provenance::{accounts, instruction};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::readings::{self, HOUR};
use super::view::{monitor, View};
use crate::chain::change::{Change, Outcome};
use crate::chain::goods::{Goods, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::when::When;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::signer;

/// Flags of `galen cold-chain record`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen cold-chain record BATCH case:3 readings.csv --from 2027-01-31 --device logger.json

READINGS is as for `galen cold-chain mkt`, in the order of time, without gaps; --from says when the first begins. Readings go out in
reports of up to 24, each signed by the device and chained to the one before. What is recorded already is left out: running it
again, or with a longer file, goes on where it stopped. Exit code 1 where the goods are to be set aside.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// The readings
    #[arg(value_name = "READINGS")]
    readings: PathBuf,
    /// When the first reading begins
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    from: When,
    /// The device's key: a keypair file, or another source of a signer
    #[arg(long, value_name = "KEYPAIR")]
    device: String,
}

/// Runs the command.
///
/// # Errors
/// Those of the readings, `too_short`, `not_found`, `wrong_device`, `keypair_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let series = pieces(&readings::read(&args.readings)?)?;
    let device = signer::load(&args.device, "device key")?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let of = args.place.0;
    let watch = monitor(cluster, &goods, of)?;
    if watch.device != device.pubkey() {
        let message = format!(
            "The device of {} is {}, not {}.",
            args.place,
            watch.device,
            device.pubkey()
        );
        return Err(CliError::new("wrong_device", message));
    }
    let reports = reports(&series, args.from.resolve(session.now), watch.covered_until);
    if reports.is_empty() {
        let view = View::new(&goods, of, &watch);
        let is_within = view.is_within();
        return Answer::new(&Change::unchanged(view)).map(|answer| answer.with_success(is_within));
    }
    session.ledger.confirm(
        &Intent::new("Record readings")
            .with("over", format!("{} of {}", args.place, goods.address))
            .with("device", watch.device)
            .with("reports", reports.len()),
    )?;
    let mut receipts = Vec::with_capacity(reports.len());
    let mut last = (watch.sequence, watch.head);
    for (from, readings) in reports {
        let report = Report {
            sequence: last.0.saturating_add(1),
            previous: last.1,
            from,
            readings,
        };
        let message = report
            .message(&goods.address, of, &watch.device, watch.registered_at)
            .map_err(|error| CliError::new("unreadable", error.to_string()))?;
        let signature = device.try_sign_message(&message).map_err(|error| {
            CliError::new(
                "keypair_unreadable",
                format!("The device cannot sign: {error}."),
            )
        })?;
        let proof = solana_ed25519_program::new_ed25519_instruction_with_signature(
            &message,
            &<[u8; 64]>::from(signature),
            &watch.device.to_bytes(),
        );
        last = (report.sequence, message);
        let record = instruction_of(&goods, &args.place, report)?;
        receipts.push(session.send("Record readings", &[proof, record], &[])?);
    }
    let view = View::read(cluster, &goods, of)?;
    let is_within = view.is_within();
    Answer::new(&Change::by(Outcome::Changed, view, receipts))
        .map(|answer| answer.with_success(is_within))
}

fn instruction_of(
    goods: &Goods,
    place: &PlaceName,
    report: Report,
) -> Result<solana_instruction::Instruction> {
    let (node, [case_above, pallet_above, batch_above]) = goods.records(place.0)?;
    let accounts = accounts::RecordReadings {
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        monitor: Monitor::address(&goods.address, place.0),
        instructions_sysvar: solana_sdk_ids::sysvar::instructions::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::RecordReadings {
        args: RecordReadingsArgs {
            place: place.argument(),
            report,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}

/// Readings as the ledger takes them: in whole seconds, none longer than it may be. Moments are rounded, not durations, so that a
/// long series does not drift.
fn pieces(series: &[readings::Reading]) -> Result<Vec<Reading>> {
    let mut pieces = Vec::with_capacity(series.len());
    let (mut elapsed, mut counted) = (0_u128, 0_u128);
    for reading in series {
        elapsed += u128::from(reading.duration);
        let until = elapsed * 3_600 / u128::from(HOUR);
        let mut left = until - counted;
        if left == 0 {
            return Err(CliError::new(
                "too_short",
                "A reading lasts less than a second; put several together.",
            ));
        }
        counted = until;
        while left > 0 {
            let seconds = u16::try_from(left)
                .unwrap_or(u16::MAX)
                .min(MAX_READING_SECONDS);
            left -= u128::from(seconds);
            pieces.push(Reading {
                seconds,
                millicelsius: reading.millicelsius,
            });
        }
    }
    Ok(pieces)
}

/// Reports of as many readings as one may have, each with the second at which it begins; without those that end before
/// `covered`.
fn reports(series: &[Reading], from: i64, covered: i64) -> Vec<(i64, Vec<Reading>)> {
    let mut reports: Vec<(i64, Vec<Reading>)> = Vec::new();
    let mut at = from;
    for reading in series {
        let until = at.saturating_add(i64::from(reading.seconds));
        if until > covered {
            match reports.last_mut() {
                Some((_, readings)) if readings.len() < usize::from(MAX_READINGS) => {
                    readings.push(*reading);
                }
                _ => reports.push((at, vec![*reading])),
            }
        }
        at = until;
    }
    reports
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(duration: u64, millicelsius: i32) -> readings::Reading {
        readings::Reading {
            duration,
            millicelsius,
        }
    }

    fn lengths(pieces: &[Reading]) -> Vec<u16> {
        pieces.iter().map(|piece| piece.seconds).collect()
    }

    #[test]
    fn readings_are_cut_to_what_the_ledger_takes() {
        let day = pieces(&[of(9 * HOUR, 5_000)]).unwrap();
        assert_eq!(lengths(&day), [14_400, 14_400, 3_600]);
        // A third of an hour three times is an hour.
        let thirds = pieces(&[of(333_333, 1), of(333_333, 2), of(333_334, 3)]).unwrap();
        assert_eq!(lengths(&thirds), [1_199, 1_200, 1_201]);
        let error = pieces(&[of(100, 5_000)]).unwrap_err();
        assert_eq!(error.code, "too_short");
    }

    #[test]
    fn what_is_recorded_already_is_left_out() {
        let series = pieces(&[of(100 * HOUR, 5_000)]).unwrap();
        assert_eq!(series.len(), 25);
        let all = reports(&series, 1_000, 0);
        assert_eq!(
            all.iter()
                .map(|(at, of)| (*at, of.len()))
                .collect::<Vec<_>>(),
            [(1_000, 24), (1_000 + 24 * 14_400, 1)]
        );
        // Half of the second reading is: it is sent again whole, and the ledger leaves out what it knows.
        let rest = reports(&series, 1_000, 1_000 + 14_400 + 7_200);
        assert_eq!(rest[0].0, 1_000 + 14_400);
        assert!(reports(&series, 1_000, 1_000 + 25 * 14_400).is_empty());
    }
}
