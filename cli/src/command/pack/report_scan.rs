//! `galen pack report-scan`

use std::fmt;
use std::str::FromStr;

use provenance::instructions::ReportScanArgs;
use provenance::state::{CellArg, Scan};
use provenance::{accounts, instruction};
use registry::state::Permission;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::named::{Named, Pack};
use crate::chain::change::Change;
use crate::chain::goods::{argument, zero_copy, PlaceName};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pack report-scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack report-scan BATCH batch.leaves --serial SN00000001 --org PHARMACY --at 48.8,2.3

Signed by an operator of a trading partner with the permission hand-over, where the pack was scanned just now. Only the degree square
is written: about 100 km. A copied code cannot be told from the original; that it is in two places at once can, by the reports of two
organizations: two of one's own raise no suspicion. Who has the pack and doubts it sets it aside with `galen batch set-status`.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// Who reports: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// Where: degrees north and east, south and west with a minus
    #[arg(long, value_name = "LATITUDE,LONGITUDE", allow_hyphen_values = true)]
    at: Spot,
    /// Number of the partner's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
}

/// A degree square, typed as a point in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot(CellArg);

impl FromStr for Spot {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let cell = || {
            let (latitude, longitude) = text.split_once(',')?;
            let cell = CellArg {
                latitude: floor(latitude.trim())?.min(89),
                longitude: floor(longitude.trim())?.min(179),
            };
            let is_one = floor(latitude.trim())? <= 90 && floor(longitude.trim())? <= 180;
            (is_one && cell.as_rule().is_ok()).then_some(Self(cell))
        };
        cell().ok_or_else(|| {
            format!("`{text}` is no place; write degrees north and east, as 48.8,2.3 or -33.9,18.4")
        })
    }
}

/// The greatest whole number that is not above a decimal.
fn floor(text: &str) -> Option<i16> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    let whole: i16 = whole.parse().ok()?;
    let more = sign < 0 && part.bytes().any(|digit| digit != b'0');
    whole.checked_mul(sign)?.checked_sub(i16::from(more))
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `credential_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let pack = args.named.find(cluster)?;
    let (organization, _) = resolve(cluster, &args.org)?;
    let goods = &pack.goods;
    let [pack_node, case_node, pallet_node, batch_node] = pack.records()?;
    let accounts = accounts::ReportScan {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::HandOver)?,
        organization,
        credential: goods.credential(cluster, &organization, args.credential)?,
        batch: goods.address,
        page: goods.page_of(pack.place).unwrap_or_default(),
        pack_node,
        case_node,
        pallet_node,
        batch_node,
        scan: Scan::address(&goods.address, pack.place),
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::ReportScan {
        args: ReportScanArgs {
            proof: argument(goods, &pack.proof),
            cell: args.at.0,
        },
    };
    let intent = Intent::new("Report a scan")
        .with("serial", args.named.serial())
        .with(
            "degrees",
            format!("{} north, {} east", args.at.0.latitude, args.at.0.longitude),
        )
        .with("by", organization);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::changed(View::read(cluster, &pack)?, receipt))
}

/// As JSON: `{"address": "...", "batch": "...", "place": "pack:3", "serial": "...", "reporter": "...", "latitude": 48, "longitude":
/// 2, "at": 1, "reports": 2, "suspicions": 0}`.
#[derive(Serialize)]
pub struct View {
    address: String,
    batch: String,
    place: String,
    serial: String,
    reporter: String,
    latitude: i16,
    longitude: i16,
    at: i64,
    reports: u32,
    suspicions: u32,
}

impl View {
    /// The scans of a pack.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, pack: &Pack) -> Result<Self> {
        Ok(Self::new(pack, &scans(cluster, pack)?))
    }

    /// Scans that were read.
    pub fn new(pack: &Pack, scan: &Scan) -> Self {
        Self {
            address: Scan::address(&pack.goods.address, pack.place).to_string(),
            batch: pack.goods.address.to_string(),
            place: PlaceName(pack.place).to_string(),
            serial: pack.proof.serial.clone(),
            reporter: scan.reporter.to_string(),
            latitude: scan.latitude,
            longitude: scan.longitude,
            at: scan.at,
            reports: scan.reports,
            suspicions: scan.suspicions,
        }
    }
}

/// The record of a pack's scans.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn scans(cluster: &Cluster, pack: &Pack) -> Result<Scan> {
    let address = Scan::address(&pack.goods.address, pack.place);
    zero_copy(cluster, &address, "pack's scans")?
        .ok_or_else(|| CliError::new("not_found", "Nobody has reported a scan of this pack."))
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Scanned", format!("{}, {}", self.serial, self.place)),
                ("Record", self.address.clone()),
                ("By", self.reporter.clone()),
                (
                    "Where",
                    format!("{} north, {} east", self.latitude, self.longitude),
                ),
                ("At", moment(self.at)),
                (
                    "Reports",
                    format!(
                        "{}, {} of them from where it could not have come in time after another's",
                        self.reports, self.suspicions
                    ),
                ),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_in_the_square_below_it() {
        for (text, latitude, longitude) in [
            ("48.8,2.3", 48, 2),
            ("-33.9, 18.4", -34, 18),
            ("0,0", 0, 0),
            ("-0.1,-0.0", -1, 0),
            ("90,180", 89, 179),
            ("-90,-180", -90, -180),
        ] {
            let cell = CellArg {
                latitude,
                longitude,
            };
            assert_eq!(text.parse(), Ok(Spot(cell)), "{text}");
        }
        for text in [
            "", "48", "91,0", "0,181", "-90.1,0", "0,-181", "a,b", "1.,2", "1,2,3",
        ] {
            assert!(text.parse::<Spot>().is_err(), "{text}");
        }
    }
}
