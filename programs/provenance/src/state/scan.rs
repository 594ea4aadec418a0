//! Scans: where a pack was last seen.

use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{Cell, Sighted, Sighting, Sightings};

use crate::address::Seed;
use crate::constants::{ACCOUNT_VERSION, SCAN_KEPT_SECONDS};
use crate::error::ProvenanceError;

/// Where and when a pack was scanned last, as partners have reported, and how often it cannot have come there in time.
///
/// At `create_with_seed(batch, "r" ‖ "0" ‖ index in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Scan {
    /// The batch.
    pub batch: Pubkey,
    /// The organisation that has reported the last scan.
    pub reporter: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// The pack's place.
    pub index: u64,
    /// Unix second of the last scan.
    pub at: i64,
    /// Scans that were reported.
    pub reports: u32,
    /// Those of them from a place where the pack could not have come in time from where another organisation has reported it.
    pub suspicions: u32,
    /// The last place: south-western corner of a square of one degree, in whole degrees north.
    pub latitude: i16,
    /// And east.
    pub longitude: i16,
    /// Layout of this account.
    pub version: u8,
    /// For later versions.
    pub reserved: [u8; 3],
    /// The place of the latest report of another organisation than the reporter, until that has raised a suspicion.
    pub other_latitude: i16,
    /// And east.
    pub other_longitude: i16,
    /// Zeros.
    pub padding: [u8; 4],
    /// Unix second of that report; 0 = there is none.
    pub other_at: i64,
    /// For later versions.
    pub more: [u8; 8],
}

const _: () = assert!(std::mem::size_of::<Scan>() == 96 + 16 + 8 + 4 + 1 + 27);

/// A square of one degree, as an argument: its south-western corner.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellArg {
    /// Whole degrees north, -90 to 89.
    pub latitude: i16,
    /// Whole degrees east, -180 to 179.
    pub longitude: i16,
}

impl CellArg {
    /// As the rulebook has it.
    ///
    /// # Errors
    /// `CellInvalid`.
    pub fn as_rule(self) -> Result<Cell> {
        Cell::new(self.latitude, self.longitude).ok_or_else(|| ProvenanceError::CellInvalid.into())
    }
}

impl From<Cell> for CellArg {
    fn from(cell: Cell) -> Self {
        Self {
            latitude: cell.latitude(),
            longitude: cell.longitude(),
        }
    }
}

/// What a batch's manufacturer says of how scans of its packs are judged.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanPolicy {
    /// Faster than this, in kilometres an hour, no pack moves: 100 to 2,000; 0 = scans are not judged.
    pub kmh: u16,
    /// A pack is suspect after so many scans from where it could not have come in time: 1 to 10; 0 = scans are not judged.
    pub limit: u8,
}

impl ScanPolicy {
    /// Refuses limits that are none.
    ///
    /// # Errors
    /// `ScanPolicyInvalid`.
    pub fn check(self) -> Result<()> {
        let is_none = self.kmh == 0 && self.limit == 0;
        require!(
            is_none || ((100..=2_000).contains(&self.kmh) && (1..=10).contains(&self.limit)),
            ProvenanceError::ScanPolicyInvalid
        );
        Ok(())
    }
}

impl Scan {
    /// What seeds of scans begin with.
    pub const TAG: u8 = b'r';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of the scans of a pack.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the scans of a pack of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins the record of a pack in an account of zeros.
    pub fn begin(&mut self, batch: Pubkey, place: Subtree, payer: Pubkey) {
        self.batch = batch;
        self.index = place.index;
        self.payer = payer;
        self.version = ACCOUNT_VERSION;
    }

    /// Whether it is of this pack.
    pub fn is_at(&self, batch: &Pubkey, place: Subtree) -> bool {
        self.batch == *batch && self.index == place.index
    }

    /// Adds a report of a scan now. Returns what it comes to.
    ///
    /// # Errors
    /// `CellInvalid`.
    pub fn report(
        &mut self,
        reporter: Pubkey,
        cell: CellArg,
        policy: ScanPolicy,
        now: i64,
    ) -> Result<Sighted> {
        let next = Sighting {
            cell: cell.as_rule()?,
            at: now,
        };
        let first = Sighted {
            kept: Sightings {
                last: next,
                other: None,
            },
            is_plausible: true,
            is_suspicion: false,
        };
        let sighted = match self.sightings()? {
            None => first,
            Some(sightings) => sightings.then(next, self.reporter == reporter, policy.kmh),
        };
        if sighted.is_suspicion {
            self.suspicions = self.suspicions.saturating_add(1);
        }
        self.reports = self.reports.saturating_add(1);
        self.reporter = reporter;
        self.latitude = cell.latitude;
        self.longitude = cell.longitude;
        self.at = now;
        let (other, other_at) = sighted.kept.other.map_or((CellArg::default(), 0), |other| {
            (other.cell.into(), other.at)
        });
        self.other_latitude = other.latitude;
        self.other_longitude = other.longitude;
        self.other_at = other_at;
        Ok(sighted)
    }

    /// What it keeps, as the rulebook has it; none before the first report.
    ///
    /// # Errors
    /// `CellInvalid`.
    fn sightings(&self) -> Result<Option<Sightings>> {
        if self.reports == 0 {
            return Ok(None);
        }
        let sighting = |latitude, longitude, at| -> Result<Sighting> {
            let cell = CellArg {
                latitude,
                longitude,
            };
            Ok(Sighting {
                cell: cell.as_rule()?,
                at,
            })
        };
        let last = sighting(self.latitude, self.longitude, self.at)?;
        let other = if self.other_at == 0 {
            None
        } else {
            Some(sighting(
                self.other_latitude,
                self.other_longitude,
                self.other_at,
            )?)
        };
        Ok(Some(Sightings { last, other }))
    }

    /// Refuses to close a record that may still tell something: it is suspicious, or of the last thirty days.
    ///
    /// # Errors
    /// `ScanKept`.
    pub fn require_over(&self, now: i64) -> Result<()> {
        require!(
            self.suspicions == 0 && now.saturating_sub(self.at) > SCAN_KEPT_SECONDS,
            ProvenanceError::ScanKept
        );
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.reports > 0
                && self.suspicions < self.reports
                && self.reporter != Pubkey::default()
                && Cell::new(self.latitude, self.longitude).is_some()
                && Cell::new(self.other_latitude, self.other_longitude).is_some()
                && (self.other_at != 0 || (self.other_latitude, self.other_longitude) == (0, 0)),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}
