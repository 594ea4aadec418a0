//! Between the accounts and the rulebook: the one place where the two meet.

use anchor_lang::prelude::*;
use galen_rules::coldchain::{Profile, Quarantine, Verdict, COLD, ROOM};
use galen_rules::merkle::{Layout, Level, Subtree};
use galen_rules::provenance::{
    Action, Answer, FillRefusal, RecallClass, RecallDepth, Refusal, UndoRefusal,
};
use galen_rules::Date;

use crate::constants::{STORAGE_COLD, STORAGE_ROOM};
use crate::error::ProvenanceError;

/// A level of packaging, as an argument. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageLevel {
    /// What a patient gets.
    Pack,
    /// Packs shipped together.
    Case,
    /// Cases shipped together.
    Pallet,
    /// All of it.
    Batch,
}

/// A place of a batch's tree, as an argument.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The level.
    pub level: PackageLevel,
    /// From 0, counted with the padding.
    pub index: u64,
}

impl From<PackageLevel> for Level {
    fn from(level: PackageLevel) -> Self {
        match level {
            PackageLevel::Pack => Self::Pack,
            PackageLevel::Case => Self::Case,
            PackageLevel::Pallet => Self::Pallet,
            PackageLevel::Batch => Self::Batch,
        }
    }
}

impl From<Level> for PackageLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Pack => Self::Pack,
            Level::Case => Self::Case,
            Level::Pallet => Self::Pallet,
            Level::Batch => Self::Batch,
        }
    }
}

impl Place {
    /// The place in a tree of this layout.
    ///
    /// # Errors
    /// `PlaceUnknown`.
    pub fn within(self, layout: Layout) -> Result<Subtree> {
        let level = self.level.into();
        require!(
            self.index < layout.places(level),
            ProvenanceError::PlaceUnknown
        );
        Ok(Subtree {
            level,
            index: self.index,
        })
    }
}

impl From<Subtree> for Place {
    fn from(place: Subtree) -> Self {
        Self {
            level: place.level.into(),
            index: place.index,
        }
    }
}

/// The number under which a level is stored.
pub const fn level_number(level: Level) -> u8 {
    match level {
        Level::Pack => 0,
        Level::Case => 1,
        Level::Pallet => 2,
        Level::Batch => 3,
    }
}

/// The level that is stored under a number.
pub const fn level_of(number: u8) -> Option<Level> {
    match number {
        0 => Some(Level::Pack),
        1 => Some(Level::Case),
        2 => Some(Level::Pallet),
        3 => Some(Level::Batch),
        _ => None,
    }
}

/// A date of an argument or an account.
///
/// # Errors
/// `DateInvalid`.
pub fn date(days: i32) -> Result<Date> {
    Date::from_days(days).ok_or_else(|| ProvenanceError::DateInvalid.into())
}

/// The day of a Unix second, in UTC.
///
/// # Errors
/// `DateInvalid`.
pub fn day_of(unix_seconds: i64) -> Result<Date> {
    Date::from_unix(unix_seconds).ok_or_else(|| ProvenanceError::DateInvalid.into())
}

/// What is done with something that is held, as an argument. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusAction {
    /// Put into its parent for shipping.
    Pack,
    /// A returned one found to be genuine and fit.
    Verify,
    /// Set aside.
    Quarantine,
    /// Set aside as perhaps not genuine.
    Suspect,
    /// Found to be genuine and fit.
    Release,
    /// Found not to be.
    Condemn,
    /// Destroyed.
    Destroy,
    /// Reported stolen.
    ReportTheft,
    /// Sent abroad.
    Export,
    /// Taken out without a patient.
    Decommission,
}

impl From<StatusAction> for Action {
    fn from(action: StatusAction) -> Self {
        match action {
            StatusAction::Pack => Self::Pack,
            StatusAction::Verify => Self::Verify,
            StatusAction::Quarantine => Self::Quarantine,
            StatusAction::Suspect => Self::Suspect,
            StatusAction::Release => Self::Release,
            StatusAction::Condemn => Self::Condemn,
            StatusAction::Destroy => Self::Destroy,
            StatusAction::ReportTheft => Self::ReportTheft,
            StatusAction::Export => Self::Export,
            StatusAction::Decommission => Self::Decommission,
        }
    }
}

/// How dangerous what is recalled is, as an argument. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassArg {
    /// Serious harm or death is reasonably probable.
    One,
    /// Harm is temporary or reversible, or serious harm is remote.
    Two,
    /// Harm is not likely.
    Three,
    /// The regulator has not said yet: treated as the first.
    Unset,
}

impl ClassArg {
    /// The number under which it is stored; 0 is no recall.
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Unset => 4,
        }
    }
}

/// A stored class; none for 0, which is no recall. A number that was never written is the gravest.
pub const fn recall_class(number: u8) -> Option<RecallClass> {
    match number {
        0 => None,
        2 => Some(RecallClass::Two),
        3 => Some(RecallClass::Three),
        4 => Some(RecallClass::Unset),
        _ => Some(RecallClass::One),
    }
}

/// How far down the chain a recall reaches (21 CFR 7.42(b)(1)), as an argument. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepthArg {
    /// To wholesalers.
    Wholesaler,
    /// To pharmacies and hospitals.
    Retailer,
    /// To patients.
    Consumer,
}

impl DepthArg {
    /// The number under which it is stored.
    pub const fn number(self) -> u8 {
        match self {
            Self::Wholesaler => 0,
            Self::Retailer => 1,
            Self::Consumer => 2,
        }
    }
}

/// A stored depth. A number that was never written reaches furthest.
pub const fn recall_depth(number: u8) -> RecallDepth {
    match number {
        0 => RecallDepth::Wholesaler,
        1 => RecallDepth::Retailer,
        _ => RecallDepth::Consumer,
    }
}

/// Why an action is refused.
pub fn refusal(refusal: Refusal) -> Error {
    let (error, status) = match refusal {
        Refusal::Final(status) => (ProvenanceError::StatusFinal, status),
        Refusal::OutOfOrder(status) => (ProvenanceError::StatusOutOfOrder, status),
    };
    msg!("It is {:?}", status);
    error.into()
}

/// Why an answer to a scan lets nobody dispense; none where it does. `CannotTell` does where the batch's custody is not
/// recorded: the pack may be dispensed, only never called genuine before.
pub fn not_dispensable(answer: &Answer, is_custody_recorded: bool) -> Option<ProvenanceError> {
    match answer {
        // How it was kept is not asked here.
        Answer::Sellable | Answer::NoReadings(_) => None,
        Answer::CannotTell if !is_custody_recorded => None,
        Answer::CannotTell | Answer::NotInCustody => Some(ProvenanceError::NotInCustody),
        Answer::Unknown => Some(ProvenanceError::ProofInvalid),
        Answer::Recalled(_) => Some(ProvenanceError::Recalled),
        Answer::Dispensed(_) => Some(ProvenanceError::AlreadyDispensed),
        Answer::Expired => Some(ProvenanceError::Expired),
        Answer::Reserved(_) => Some(ProvenanceError::ReservedForOther),
        Answer::Opened(_) => Some(ProvenanceError::PartlyFilled),
        Answer::NoPage => Some(ProvenanceError::WrongPage),
        Answer::Suspect => Some(ProvenanceError::NotSellable),
        Answer::NotSellable(status) => {
            msg!("It is {:?}", status);
            Some(ProvenanceError::NotSellable)
        }
    }
}

/// Why a dispense is not undone.
pub fn undo_refusal(refusal: UndoRefusal) -> Error {
    match refusal {
        UndoRefusal::OtherPremises => ProvenanceError::UndoOtherPremises,
        UndoRefusal::TooLate => ProvenanceError::UndoTooLate,
        UndoRefusal::Expired => ProvenanceError::UndoExpired,
        UndoRefusal::Recalled => ProvenanceError::UndoRecalled,
        UndoRefusal::NotFit => ProvenanceError::UndoNotFit,
        UndoRefusal::HandedOut => ProvenanceError::UndoHandedOut,
    }
    .into()
}

/// The storage profile of a number; none for `STORAGE_ANY`.
pub const fn profile(storage: u8) -> Option<&'static Profile> {
    match storage {
        STORAGE_ROOM => Some(&ROOM),
        STORAGE_COLD => Some(&COLD),
        _ => None,
    }
}

/// The number under which a verdict on readings is stored: 0 as labelled, 1 an allowed excursion, from 2 on why it is
/// set aside.
pub const fn verdict_number(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Labelled => 0,
        Verdict::AllowedExcursion => 1,
        Verdict::Quarantine(why) => match why {
            Quarantine::NoReadings => 2,
            Quarantine::TooCold => 3,
            Quarantine::TooWarm => 4,
            Quarantine::SpikesTooLong => 5,
            Quarantine::ExcursionTooLong => 6,
            Quarantine::GapsTooLong => 7,
            Quarantine::MeanTooHigh => 8,
            Quarantine::NotComputable => 9,
            Quarantine::ReadingsMissing => 10,
        },
    }
}

/// Why a fill is refused.
pub fn fill_refusal(refusal: FillRefusal) -> Error {
    match refusal {
        FillRefusal::Nothing => ProvenanceError::FillEmpty.into(),
        FillRefusal::TooMuch { left } => {
            msg!("{} units are left", left);
            ProvenanceError::FillTooMuch.into()
        }
    }
}
