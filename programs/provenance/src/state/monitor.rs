//! Monitors: what a device has read of something's temperature, summed up.

use anchor_lang::prelude::*;
use galen_rules::coldchain::{
    are_readings_missing, Interval, Profile, Quarantine, Summary, Verdict, Window, RING,
};
use galen_rules::merkle::Subtree;
use galen_rules::provenance::Watch;
use solana_sha256_hasher::hashv;

use crate::address::Seed;
use crate::constants::{ACCOUNT_VERSION, MAX_READINGS, MAX_READING_SECONDS, MAX_SILENCE_SECONDS};
use crate::convert;
use crate::error::ProvenanceError;

/// What the signature of a report covers begins with this.
const DOMAIN: &[u8] = b"galen readings";

/// The watch over the temperature of what is at a place. It goes with the goods: a device can be replaced, the sums stay.
///
/// At `create_with_seed(batch, "m" ‖ level (0 to 3) ‖ index in ten hexadecimal digits, program)`.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Monitor {
    /// The batch.
    pub batch: Pubkey,
    /// The key of the device; the default key once the watch has ended.
    pub device: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Hash of the device's last report: its message. Zeros before the first.
    pub head: [u8; 32],
    /// The window of the mean kinetic temperature, part by part: the lower 64 bits of each sum.
    pub low: [u64; 49],
    /// The upper 64 bits.
    pub high: [u64; 49],
    /// From 0.
    pub index: u64,
    /// Unix second at which the device was registered.
    pub registered_at: i64,
    /// Unix second up to which time is accounted for, by readings or as a gap.
    pub covered_until: i64,
    /// Seconds of which the temperature is known.
    pub known: u64,
    /// Seconds outside the labelled range, gaps included.
    pub outside: u64,
    /// Seconds of which the temperature is not known.
    pub gaps: u64,
    /// Seconds above what excursions may reach.
    pub spikes: u64,
    /// Number of the device's last report; 0 = none yet. Begins again with another device.
    pub sequence: u32,
    /// Seconds in the part of the window that is being filled.
    pub filled: u32,
    /// The lowest reading, in thousandths of a degree Celsius; meaningless where nothing is known.
    pub least: i32,
    /// The highest reading.
    pub greatest: i32,
    /// The highest mean kinetic temperature of a window.
    pub mean: i32,
    /// Excursions that were released after an assessment.
    pub releases: u32,
    /// The part of the window that is being filled.
    pub at: u8,
    /// 0 pack, 1 case, 2 pallet, 3 batch.
    pub level: u8,
    /// 0 as labelled, 1 an allowed excursion, from 2 on why it is set aside.
    pub verdict: u8,
    /// Layout of this account.
    pub version: u8,
    /// The organisation that has registered the device: on whose word the key is a device's. It stays when the watch has ended.
    pub registrar: Pubkey,
    /// Whether readings are missing since the last assessment that there must have been.
    pub is_missing: u8,
    /// Whether a device has reported since the watch began, or since the last assessment.
    pub is_continued: u8,
    /// For later versions.
    pub reserved: [u8; 2],
}

const _: () = assert!(std::mem::size_of::<Monitor>() == 128 + 784 + 56 + 24 + 4 + 32 + 2 + 2);
const _: () = assert!(RING == 49);

/// One reading: how warm it was for how long.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Seconds: 1 to `MAX_READING_SECONDS`.
    pub seconds: u16,
    /// In thousandths of a degree Celsius.
    pub millicelsius: i32,
}

/// Readings without a gap between them, as a device signs them.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Number of the report since the device was registered, from 1. Where one is missing, so is its time: a gap.
    pub sequence: u32,
    /// Hash of the device's report before this one; zeros before the first.
    pub previous: [u8; 32],
    /// Unix second at which the first reading begins.
    pub from: i64,
    /// In the order of time, 1 to `MAX_READINGS`.
    pub readings: Vec<Reading>,
}

/// What readings have come to.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingSums {
    /// 0 as labelled, 1 an allowed excursion, from 2 on why it is set aside.
    pub verdict: u8,
    /// Minutes of which the temperature is known, started ones counted.
    pub known_minutes: u64,
    /// Minutes outside the labelled range, gaps included, started ones counted.
    pub excursion_minutes: u64,
    /// Minutes of which it is not, started ones counted.
    pub gap_minutes: u64,
    /// The lowest reading, in thousandths of a degree Celsius; meaningless where nothing is known.
    pub least: i32,
    /// The highest reading.
    pub greatest: i32,
    /// The highest mean kinetic temperature of a window.
    pub mean: i32,
}

impl Report {
    /// The 32 bytes that the device signs: SHA-256("galen readings" ‖ batch ‖ level (u8) ‖ index (u64) ‖ device ‖
    /// second of its registration (i64) ‖ the report in Borsh), numbers little-endian.
    ///
    /// # Errors
    /// `InvariantBroken`, never for a report that was read.
    pub fn message(
        &self,
        batch: &Pubkey,
        place: Subtree,
        device: &Pubkey,
        registered_at: i64,
    ) -> Result<[u8; 32]> {
        let mut report = Vec::new();
        self.serialize(&mut report)
            .map_err(|_| ProvenanceError::InvariantBroken)?;
        Ok(hashv(&[
            DOMAIN,
            batch.as_ref(),
            &[convert::level_number(place.level)],
            &place.index.to_le_bytes(),
            device.as_ref(),
            &registered_at.to_le_bytes(),
            &report,
        ])
        .to_bytes())
    }

    /// Seconds that the readings last together.
    fn seconds(&self) -> i64 {
        self.readings.iter().fold(0_i64, |sum, reading| {
            sum.saturating_add(i64::from(reading.seconds))
        })
    }

    /// The readings but for their first `passed` seconds, which are accounted for already.
    fn intervals(&self, passed: i64) -> Vec<Interval> {
        let mut passed = passed;
        let mut intervals = Vec::with_capacity(self.readings.len());
        for reading in &self.readings {
            let seconds = i64::from(reading.seconds);
            let cut = passed.clamp(0, seconds);
            passed = passed.saturating_sub(cut);
            let left = u32::try_from(seconds.saturating_sub(cut)).unwrap_or_default();
            if left > 0 {
                intervals.push(Interval {
                    seconds: left,
                    millicelsius: Some(reading.millicelsius),
                });
            }
        }
        intervals
    }
}

impl Monitor {
    /// What seeds of monitors begin with.
    pub const TAG: u8 = b'm';
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// The seed of the monitor of a place.
    pub fn seed(place: Subtree) -> Seed {
        Seed::at(Self::TAG, place)
    }

    /// Address of the monitor of a place of `batch`.
    pub fn address(batch: &Pubkey, place: Subtree) -> Pubkey {
        Self::seed(place).address(batch)
    }

    /// Begins a watch in an account of zeros. Time counts from now on.
    pub fn begin(&mut self, batch: Pubkey, place: Subtree, payer: Pubkey, now: i64) {
        self.batch = batch;
        self.level = convert::level_number(place.level);
        self.index = place.index;
        self.payer = payer;
        self.covered_until = now;
        self.version = ACCOUNT_VERSION;
    }

    /// Whether it is of this place.
    pub fn is_at(&self, batch: &Pubkey, place: Subtree) -> bool {
        self.batch == *batch
            && self.level == convert::level_number(place.level)
            && self.index == place.index
    }

    /// Takes a device on the word of `registrar`, instead of the one before if there was one. The sums stay, and the time between the two
    /// is a gap, of which no more may be missing than between two reports of one device. Where the watch had ended, time counts from now
    /// on, as with the first.
    ///
    /// # Errors
    /// `DeviceInvalid` for the default key and the present one.
    pub fn register(&mut self, device: Pubkey, registrar: Pubkey, now: i64) -> Result<()> {
        require!(
            device != Pubkey::default() && device != self.device,
            ProvenanceError::DeviceInvalid
        );
        if self.watching().is_none() {
            self.covered_until = now;
            self.is_continued = 0;
        }
        self.device = device;
        self.registrar = registrar;
        self.registered_at = now;
        self.sequence = 0;
        self.head = [0; 32];
        Ok(())
    }

    /// The device; none once the watch has ended.
    pub fn watching(&self) -> Option<Pubkey> {
        Some(self.device).filter(|device| *device != Pubkey::default())
    }

    /// Refuses where the watch has ended.
    ///
    /// # Errors
    /// `NotWatched`.
    pub fn require_watched(&self) -> Result<()> {
        require!(self.watching().is_some(), ProvenanceError::NotWatched);
        Ok(())
    }

    /// Adds a report whose message, `hash`, the device has signed.
    ///
    /// # Errors
    /// `ReadingsInvalid`, `ReadingsReplayed`, `ReadingsOutOfChain`, `ReadingsInFuture`.
    #[inline(never)]
    pub fn record(
        &mut self,
        report: &Report,
        hash: [u8; 32],
        profile: &Profile,
        now: i64,
    ) -> Result<()> {
        require!(
            (1..=usize::from(MAX_READINGS)).contains(&report.readings.len())
                && report
                    .readings
                    .iter()
                    .all(|reading| (1..=MAX_READING_SECONDS).contains(&reading.seconds)),
            ProvenanceError::ReadingsInvalid
        );
        require!(
            report.sequence > self.sequence,
            ProvenanceError::ReadingsReplayed
        );
        require!(
            report.sequence.checked_sub(self.sequence) != Some(1) || report.previous == self.head,
            ProvenanceError::ReadingsOutOfChain
        );
        let until = report
            .from
            .checked_add(report.seconds())
            .filter(|until| *until <= now)
            .ok_or(ProvenanceError::ReadingsInFuture)?;
        let mut summary = self.summary();
        // What was counted as silence before it came in stays that: else who withholds a report could choose. Nor can a device
        // speak for time before it was registered.
        let start = self.covered_until.max(self.registered_at);
        let gap = start.max(report.from).saturating_sub(self.covered_until);
        let gap = u64::try_from(gap).unwrap_or_default();
        let skipped = report
            .sequence
            .saturating_sub(self.sequence)
            .saturating_sub(1);
        let longest = u64::from(MAX_READING_SECONDS);
        if are_readings_missing(skipped, gap, self.is_continued != 0, longest) {
            self.is_missing = 1;
        }
        self.is_continued = 1;
        summary.add_gap(gap);
        let passed = start.saturating_sub(report.from);
        summary
            .add(profile, &report.intervals(passed))
            .ok_or(ProvenanceError::ReadingsInvalid)?;
        self.keep(&summary, profile);
        self.covered_until = start.max(until);
        self.sequence = report.sequence;
        self.head = hash;
        Ok(())
    }

    /// Counts time up to now, of which nothing is known, as a gap.
    #[inline(never)]
    pub fn count_gap(&mut self, profile: &Profile, now: i64) {
        let mut summary = self.summary();
        summary.add_gap(u64::try_from(now.saturating_sub(self.covered_until)).unwrap_or_default());
        self.keep(&summary, profile);
        self.covered_until = self.covered_until.max(now);
    }

    /// Refuses where the device has reported lately.
    ///
    /// # Errors
    /// `NotSilent`.
    pub fn require_silent(&self, now: i64) -> Result<()> {
        require!(
            now.saturating_sub(self.covered_until) > MAX_SILENCE_SECONDS,
            ProvenanceError::NotSilent
        );
        Ok(())
    }

    /// Begins the sums anew after an assessment, which is of all time up to now: what was not reported yet is a gap. Else the
    /// same silence could be counted again, against who has assessed it. Returns what it was about.
    pub fn release(&mut self, profile: &Profile, now: i64) -> ReadingSums {
        self.count_gap(profile, now);
        let assessed = self.sums();
        self.low = [0; 49];
        self.high = [0; 49];
        self.known = 0;
        self.outside = 0;
        self.gaps = 0;
        self.spikes = 0;
        self.filled = 0;
        self.least = 0;
        self.greatest = 0;
        self.mean = 0;
        self.at = 0;
        self.verdict = 0;
        self.is_missing = 0;
        self.is_continued = 0;
        self.releases = self.releases.saturating_add(1);
        assessed
    }

    /// The end of the watch: time since the last report is a gap, of which no more may be missing than between two reports, so that who
    /// stops a device early gains nothing. Where nothing was ever read, that is why it is set aside; what an assessment was about counts
    /// as read.
    #[inline(never)]
    pub fn end(&mut self, profile: &Profile, now: i64) {
        let gap = u64::try_from(now.saturating_sub(self.covered_until)).unwrap_or_default();
        if are_readings_missing(
            0,
            gap,
            self.is_continued != 0,
            u64::from(MAX_READING_SECONDS),
        ) {
            self.is_missing = 1;
        }
        self.count_gap(profile, now);
        if self.known == 0 && self.releases == 0 {
            self.verdict = convert::verdict_number(Verdict::Quarantine(Quarantine::NoReadings));
        }
    }

    /// No device watches from now on. The sums stay for the next: what excursions may take is the product's, and a watch that
    /// is ended and begun anew does not give it back.
    pub fn stop(&mut self) {
        self.device = Pubkey::default();
        self.sequence = 0;
        self.head = [0; 32];
    }

    /// Whether nothing was used up of what excursions may take.
    pub fn is_labelled(&self) -> bool {
        self.verdict == convert::verdict_number(Verdict::Labelled)
    }

    /// Whether the goods are to be set aside.
    pub fn is_excursion(&self) -> bool {
        self.verdict > convert::verdict_number(Verdict::AllowedExcursion)
    }

    /// What the readings have come to.
    pub fn sums(&self) -> ReadingSums {
        ReadingSums {
            verdict: self.verdict,
            known_minutes: self.known.div_ceil(60),
            excursion_minutes: self.outside.div_ceil(60),
            gap_minutes: self.gaps.div_ceil(60),
            least: self.least,
            greatest: self.greatest,
            mean: self.mean,
        }
    }

    /// As the rulebook has it.
    fn summary(&self) -> Summary {
        let mut window = Window::EMPTY;
        for ((part, low), high) in window.parts.iter_mut().zip(self.low).zip(self.high) {
            *part = (u128::from(high) << 64) | u128::from(low);
        }
        window.at = usize::from(self.at);
        window.filled = self.filled;
        let is_known = self.known > 0;
        Summary {
            extremes: is_known.then_some((self.least, self.greatest)),
            known: self.known,
            outside: self.outside,
            gaps: self.gaps,
            spikes: self.spikes,
            mean: is_known.then_some(self.mean),
            window,
        }
    }

    fn keep(&mut self, summary: &Summary, profile: &Profile) {
        let own = self.low.iter_mut().zip(self.high.iter_mut());
        for (part, (low, high)) in summary.window.parts.iter().zip(own) {
            *low = u64::try_from(part & u128::from(u64::MAX)).unwrap_or_default();
            *high = u64::try_from(part >> 64).unwrap_or_default();
        }
        self.at = u8::try_from(summary.window.at).unwrap_or_default();
        self.filled = summary.window.filled;
        self.known = summary.known;
        self.outside = summary.outside;
        self.gaps = summary.gaps;
        self.spikes = summary.spikes;
        (self.least, self.greatest) = summary.extremes.unwrap_or_default();
        self.mean = summary.mean.unwrap_or_default();
        let verdict = match summary.verdict(profile) {
            // Before the first reading, or the first since a release, it is as after any other: silence may last a day.
            Verdict::Quarantine(Quarantine::NoReadings) if summary.gaps <= profile.gap_seconds => {
                if summary.outside == 0 {
                    Verdict::Labelled
                } else {
                    Verdict::AllowedExcursion
                }
            }
            verdict => verdict,
        };
        self.verdict = convert::verdict_number(if self.is_missing == 0 {
            verdict
        } else {
            verdict.with_readings_missing()
        });
    }

    /// As the rulebook has it.
    pub fn as_rule(&self) -> Watch {
        Watch {
            is_on: self.watching().is_some(),
            registered_at: self.registered_at,
            until: self.covered_until,
            known: self.known,
            gaps: self.gaps,
            releases: self.releases,
        }
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            usize::from(self.at) < RING
                && self.gaps <= self.outside
                && self.least <= self.greatest
                && (self.sequence > 0 || self.head == [0; 32])
                && (self.watching().is_some() || self.sequence == 0),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}
