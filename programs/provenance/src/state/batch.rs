//! Batches: what was made together, and the root of the tree of its packs.

use anchor_lang::prelude::*;
use galen_rules::gs1::is_cset_82;
use galen_rules::merkle::{Layout, Level, EMPTY};
use galen_rules::Date;

use crate::constants::{
    ACCOUNT_VERSION, MAX_PAGE_HEIGHT, MIN_PAGE_HEIGHT, POLICY_CUSTODY, POLICY_OPENING_DISPENSES,
    RETENTION_AFTER_EXPIRY_DAYS, RETENTION_DAYS, STORAGE_COLD,
};
use crate::convert;
use crate::error::ProvenanceError;
use crate::state::ScanPolicy;

/// A batch. Nothing in it changes after registration but the number of its pages, how scans are judged and which bond
/// covers it: what happens to its packs stands in records at their places. Once its time is over it becomes a
/// [`super::ClosedBatch`].
///
/// # PDA Seeds
/// `["batch", product, lot (20 bytes, padded with zeros)]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    /// The product.
    pub product: Pubkey,
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// The organisation whose credentials make a trading partner.
    pub credential_issuer: Pubkey,
    /// Root of the tree of packs.
    pub root: [u8; 32],
    /// SHA-256 of the leaf file.
    pub leaf_file: [u8; 32],
    /// SHA-256 of the address at which the leaf file is served.
    pub location: [u8; 32],
    /// Number of packs.
    pub quantity: u64,
    /// Unix second of the registration.
    pub registered_at: i64,
    /// The most that the bond pays for a pack, in cents; 0 = no bond covers it.
    pub cover: u64,
    /// Last day of use, in days since 1970-01-01.
    pub expiry: i32,
    /// Pages that are open.
    pub pages: u32,
    /// Base units in a pack (tablets in a bottle); 0 = a pack is dispensed whole.
    pub units: u32,
    /// Kind of the credential of a trading partner.
    pub credential_kind: u16,
    /// Kind of the credential of a reverse distributor.
    pub return_kind: u16,
    /// 14 digits.
    pub gtin: [u8; 14],
    /// ASCII, padded with zeros.
    pub lot: [u8; 20],
    /// Packs in a case, cases in a pallet, pallets in the batch, each the exponent of a power of two.
    pub layout: [u8; 3],
    /// Height of the subtree that a page covers.
    pub page_height: u8,
    /// `POLICY_*` bits.
    pub policy: u8,
    /// One of `STORAGE_*`.
    pub storage: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Faster than this, in kilometres an hour, no pack moves; 0 = scans are not judged.
    pub scan_kmh: u16,
    /// A pack is suspect after so many scans from where it could not have come in time.
    pub scan_limit: u8,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// The bond that covers it; the default key where none does.
    pub bond: Pubkey,
    /// For later versions.
    pub reserved: [u8; 19],
}

const _: () = assert!(std::mem::size_of::<Batch>() == 192 + 24 + 12 + 4 + 14 + 20 + 8 + 3 + 83);

/// What a manufacturer says of a batch.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchTerms {
    /// ASCII, padded with zeros.
    pub lot: [u8; 20],
    /// Last day of use, in days since 1970-01-01.
    pub expiry: i32,
    /// Number of packs.
    pub quantity: u64,
    /// Base units in a pack; 0 = a pack is dispensed whole.
    pub units: u32,
    /// Root of the tree of packs.
    pub root: [u8; 32],
    /// Exponents: packs in a case, cases in a pallet, pallets in the batch.
    pub layout: [u8; 3],
    /// Height of the subtree that a page covers: `MIN_PAGE_HEIGHT` to `MAX_PAGE_HEIGHT`, at most the tree's.
    pub page_height: u8,
    /// SHA-256 of the leaf file.
    pub leaf_file: [u8; 32],
    /// SHA-256 of the address at which the leaf file is served.
    pub location: [u8; 32],
    /// `POLICY_*` bits.
    pub policy: u8,
    /// One of `STORAGE_*`.
    pub storage: u8,
    /// Kind of the credential of a trading partner.
    pub credential_kind: u16,
    /// Kind of the credential of a reverse distributor; another one.
    pub return_kind: u16,
}

/// Where a batch begins.
pub struct Origin {
    /// Bump of its address.
    pub bump: u8,
    /// The product.
    pub product: Pubkey,
    /// 14 digits.
    pub gtin: [u8; 14],
    /// The manufacturer's organisation account.
    pub manufacturer: Pubkey,
    /// The organisation whose credentials make a trading partner.
    pub credential_issuer: Pubkey,
    /// Who pays the rent.
    pub payer: Pubkey,
}

impl Batch {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"batch";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the batch `lot` of `product`, and its bump.
    pub fn find_address(product: &Pubkey, lot: &[u8; 20]) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, product.as_ref(), lot], &crate::ID)
    }

    /// Begins a batch in an account of zeros.
    ///
    /// # Errors
    /// `LotInvalid`, `DateInvalid`, `ExpiryInPast`, `LayoutInvalid`, `QuantityInvalid`, `RootEmpty`,
    /// `PageHeightInvalid`, `PolicyInvalid`, `StorageInvalid`, `CredentialKindsInvalid`.
    pub fn begin(&mut self, origin: Origin, terms: &BatchTerms, now: i64) -> Result<()> {
        require!(is_lot(&terms.lot), ProvenanceError::LotInvalid);
        let today = convert::day_of(now)?;
        require!(
            convert::date(terms.expiry)? > today,
            ProvenanceError::ExpiryInPast
        );
        let [packs, cases, pallets] = terms.layout;
        let layout = Layout::new(packs, cases, pallets).ok_or(ProvenanceError::LayoutInvalid)?;
        require!(
            (1..=layout.places(Level::Pack)).contains(&terms.quantity),
            ProvenanceError::QuantityInvalid
        );
        require!(terms.root != EMPTY, ProvenanceError::RootEmpty);
        require!(
            (MIN_PAGE_HEIGHT..=MAX_PAGE_HEIGHT.min(layout.depth())).contains(&terms.page_height),
            ProvenanceError::PageHeightInvalid
        );
        require!(
            terms.policy & !(POLICY_CUSTODY | POLICY_OPENING_DISPENSES) == 0,
            ProvenanceError::PolicyInvalid
        );
        require!(
            terms.storage <= STORAGE_COLD,
            ProvenanceError::StorageInvalid
        );
        require!(
            terms.credential_kind != terms.return_kind,
            ProvenanceError::CredentialKindsInvalid
        );
        self.product = origin.product;
        self.manufacturer = origin.manufacturer;
        self.credential_issuer = origin.credential_issuer;
        self.payer = origin.payer;
        self.gtin = origin.gtin;
        self.bump = origin.bump;
        self.root = terms.root;
        self.leaf_file = terms.leaf_file;
        self.location = terms.location;
        self.quantity = terms.quantity;
        self.registered_at = now;
        self.expiry = terms.expiry;
        self.units = terms.units;
        self.credential_kind = terms.credential_kind;
        self.return_kind = terms.return_kind;
        self.lot = terms.lot;
        self.layout = terms.layout;
        self.page_height = terms.page_height;
        self.policy = terms.policy;
        self.storage = terms.storage;
        self.version = ACCOUNT_VERSION;
        Ok(())
    }

    /// How the tree is laid out.
    ///
    /// # Errors
    /// `InvariantBroken` for exponents that were never written.
    pub fn layout(&self) -> Result<Layout> {
        let [packs, cases, pallets] = self.layout;
        Layout::new(packs, cases, pallets).ok_or_else(|| ProvenanceError::InvariantBroken.into())
    }

    /// The last day of use.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn expiry(&self) -> Result<Date> {
        convert::date(self.expiry)
    }

    /// Whether custody is recorded.
    pub fn is_custody_recorded(&self) -> bool {
        self.policy & POLICY_CUSTODY != 0
    }

    /// Whether opening a pack counts as dispensing it.
    pub fn opening_dispenses(&self) -> bool {
        self.policy & POLICY_OPENING_DISPENSES != 0
    }

    /// How scans of its packs are judged.
    pub fn scan_policy(&self) -> ScanPolicy {
        ScanPolicy {
            kmh: self.scan_kmh,
            limit: self.scan_limit,
        }
    }

    /// Says how scans of its packs are judged.
    ///
    /// # Errors
    /// `ScanPolicyInvalid`.
    pub fn set_scan_policy(&mut self, policy: ScanPolicy) -> Result<()> {
        policy.check()?;
        self.scan_kmh = policy.kmh;
        self.scan_limit = policy.limit;
        Ok(())
    }

    /// Counts a page in.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count_page_in(&mut self) -> Result<()> {
        self.pages = self
            .pages
            .checked_add(1)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// Counts a page out.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn count_page_out(&mut self) -> Result<()> {
        self.pages = self
            .pages
            .checked_sub(1)
            .ok_or(ProvenanceError::InvariantBroken)?;
        Ok(())
    }

    /// The first day on which records of the batch may go.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn retained_until(&self) -> Result<Date> {
        let after = |day: Date, days: i32| {
            day.days()
                .checked_add(days)
                .and_then(Date::from_days)
                .ok_or(ProvenanceError::DateInvalid)
        };
        let registered = convert::day_of(self.registered_at)?;
        Ok(after(registered, RETENTION_DAYS)?
            .max(after(self.expiry()?, RETENTION_AFTER_EXPIRY_DAYS)?))
    }

    /// Refuses to close a record whose time has not come.
    ///
    /// # Errors
    /// `StillRetained`.
    pub fn require_released(&self, now: i64) -> Result<()> {
        require!(
            convert::day_of(now)? >= self.retained_until()?,
            ProvenanceError::StillRetained
        );
        Ok(())
    }

    /// Whether a bond covers it.
    pub fn is_covered(&self) -> bool {
        self.cover > 0
    }

    /// Lets `bond` pay up to `cents` for each pack from now on. What was promised is never lowered. Returns whether it was not
    /// covered before.
    ///
    /// # Errors
    /// `CoverInvalid`, `CoveredByOtherBond`, `CoverLowered`.
    pub fn cover(&mut self, bond: Pubkey, cents: u64) -> Result<bool> {
        require!(cents > 0, ProvenanceError::CoverInvalid);
        let is_new = !self.is_covered();
        require!(
            is_new || self.bond == bond,
            ProvenanceError::CoveredByOtherBond
        );
        require!(cents >= self.cover, ProvenanceError::CoverLowered);
        self.bond = bond;
        self.cover = cents;
        Ok(is_new)
    }

    /// Refuses to close the batch before its time, or while it has pages. What else is recorded of it need not be closed
    /// before: nobody can use it any more, and `close_orphan` gives its rent back whenever somebody cranks.
    ///
    /// # Errors
    /// `StillRetained`, `PagesAreOpen`.
    pub fn require_closable(&self, now: i64) -> Result<()> {
        self.require_released(now)?;
        require!(self.pages == 0, ProvenanceError::PagesAreOpen);
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let layout = self.layout()?;
        let pages = layout
            .places(Level::Pack)
            .checked_shr(u32::from(self.page_height))
            .unwrap_or_default();
        require!(
            self.root != EMPTY
                && (1..=layout.places(Level::Pack)).contains(&self.quantity)
                && u64::from(self.pages) <= pages
                && self.is_covered() == (self.bond != Pubkey::default()),
            ProvenanceError::InvariantBroken
        );
        Ok(())
    }
}

/// Whether it is a lot number (AI 10): 1 to 20 characters of set 82, then zeros only.
fn is_lot(lot: &[u8; 20]) -> bool {
    let length = lot.iter().position(|byte| *byte == 0).unwrap_or(lot.len());
    let (text, padding) = lot.split_at_checked(length).unwrap_or((&[], &[]));
    !text.is_empty()
        && text.iter().all(|byte| is_cset_82(*byte))
        && padding.iter().all(|byte| *byte == 0)
}
