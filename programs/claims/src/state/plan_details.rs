//! A plan version's details: what it demands of members, claims and lines beyond its terms and its schedule.
//! Uploaded in chunks, then sealed. Most plans demand nothing more, and have none.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use galen_rules::date::Window;
use galen_rules::{BasisPoints, Date, Reason, Remark};

use crate::constants::{ACCOUNT_VERSION, MAX_DETAILS};
use crate::error::ClaimsError;

/// Header of a plan version's details; the entries follow it in the account, 32 bytes each, strictly ascending by
/// [`DetailEntry::order`]. The account grows with each chunk.
///
/// # PDA Seeds
/// `["plan_details", plan, number of the version (u16, little-endian)]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct PlanDetails {
    /// The plan.
    pub plan: Pubkey,
    /// The operator who opened them: appends entries, gets the rent back should they never be published.
    pub opener: Pubkey,
    /// SHA-256 of the entries' bytes; zeros until they are sealed.
    pub digest: [u8; 32],
    /// Number of entries.
    pub count: u32,
    /// Number of the plan version that they are for.
    pub number: u16,
    /// 1 = can no longer change.
    pub sealed: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 23],
}

const _: () = assert!(std::mem::size_of::<PlanDetails>() == 3 * 32 + 4 + 2 + 3 + 23);

/// One demand: 32 bytes, none of them aligned, so that they are read where they lie.
#[derive(
    AnchorSerialize,
    AnchorDeserialize,
    Pod,
    Zeroable,
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
)]
#[repr(C)]
pub struct DetailEntry {
    /// Keyed identifier of the procedure code that it is about; zeros = the plan as a whole.
    pub subject: [u8; 8],
    /// What it says: a [`DetailKind`].
    pub kind: u8,
    /// Keyed identifier of what it names; zeros where it names nothing.
    pub object: [u8; 8],
    /// Among several of one subject, kind and object, which; of needs, the order in which they are asked for.
    pub rank: u8,
    /// A figure, little-endian, by kind.
    pub number: [u8; 2],
    /// Two days (first and last, each an i32, little-endian, since 1970-01-01), a remark code or a further keyed
    /// identifier, by kind.
    pub more: [u8; 8],
    /// An indicator, by kind.
    pub indicator: u8,
    /// For later versions; zeros.
    pub reserved: [u8; 3],
}

const _: () = assert!(std::mem::size_of::<DetailEntry>() == DetailEntry::SIZE);

/// What an entry says. Values never change: those below 64 are about the plan, the others about a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum DetailKind {
    /// `object` pays; a claim that asks another is CARC 109.
    Payer = 1,
    /// Dependents of the relation `object` are eligible, of others CARC 32; zeros = there is a list. With `more`, only those
    /// whom the insurer states to be in the category of age `more`.
    Dependent = 2,
    /// A member must meet `object`, else CARC 177.
    Requirement = 3,
    /// A line whose days are eligible only in part is CARC 238, in place of 239.
    SpanningDenied = 4,
    /// Late filing is excused only by the grounds that are bits of `indicator`: 1 is the first of 42 CFR 424.44(b).
    FilingGrounds = 5,
    /// Each claim states `object`, else CARC 16 with the remark `more`.
    Information = 6,
    /// With each claim comes `object`, else CARC 252 with the remark `more`.
    Attachment = 7,
    /// The diagnosis `object` is valid on the days `more`, else CARC 146; covered where `indicator` is 1, else CARC 167.
    Diagnosis = 8,
    /// Conditions from before coverage are excluded in its first `number` days, CARC 51.
    PreExisting = 9,
    /// Of several procedures of a day, `number` basis points are allowed of all but the first, CARC 59.
    MultipleRate = 10,
    /// The modifier `object` says that a service was distinct from others of its day.
    Distinct = 11,
    /// The code is excluded, CARC 96 with the remark `more`.
    Excluded = 64,
    /// The code is valid on the days `more`, else CARC 181.
    Effective = 65,
    /// As [`DetailKind::Information`], of a line.
    LineInformation = 66,
    /// As [`DetailKind::Attachment`], of a line.
    LineAttachment = 67,
    /// Providers of the type `object` may bill it, others are CARC 8.
    ProviderType = 68,
    /// It can be done at the place `object`, at others it is CARC 5.
    Place = 69,
    /// It is done for the diagnosis `object`, for others it is CARC 11.
    DiagnosedFor = 70,
    /// It is done for members whom the insurer states to be in the category of age `object`, for others it is CARC 6.
    Age = 71,
    /// It is done for members of the category of sex `object`, for others it is CARC 7.
    Sex = 72,
    /// It can be billed with the modifier `object`, with others it is CARC 4; zeros = with none.
    Modifier = 73,
    /// It needs the modifier `object` or another of this kind, else CARC 4.
    ModifierRequired = 74,
    /// It is experimental, CARC 55.
    Experimental = 75,
    /// It needs a referral, else CARC 243.
    Referral = 76,
    /// At most `number` units of a day, else CARC 151, counted by the adjudication `indicator` (CMS): 1, 2 or 3.
    UnitsPerDay = 77,
    /// It is reduced beside others of this kind, CARC 59.
    MultipleProcedure = 78,
    /// Within `number` days from a discharge it is a readmission, CARC 249.
    Readmission = 79,
    /// It is not paid beside the code `object` on the days `more`: CARC `number` (236, 97, 234, 231). What modifiers can do
    /// about it is the `indicator` of the National Correct Coding Initiative: 0, 1 or 9.
    Pair = 80,
}

impl DetailKind {
    const ALL: [Self; 28] = [
        Self::Payer,
        Self::Dependent,
        Self::Requirement,
        Self::SpanningDenied,
        Self::FilingGrounds,
        Self::Information,
        Self::Attachment,
        Self::Diagnosis,
        Self::PreExisting,
        Self::MultipleRate,
        Self::Distinct,
        Self::Excluded,
        Self::Effective,
        Self::LineInformation,
        Self::LineAttachment,
        Self::ProviderType,
        Self::Place,
        Self::DiagnosedFor,
        Self::Age,
        Self::Sex,
        Self::Modifier,
        Self::ModifierRequired,
        Self::Experimental,
        Self::Referral,
        Self::UnitsPerDay,
        Self::MultipleProcedure,
        Self::Readmission,
        Self::Pair,
    ];

    /// The kind with this number.
    pub fn of(number: u8) -> Option<Self> {
        // Not by looking through all of them: a claim's lines can have many entries.
        let index = match number {
            1..=11 => number.checked_sub(1)?,
            64..=80 => number.checked_sub(53)?,
            _ => return None,
        };
        Self::ALL.get(usize::from(index)).copied()
    }

    fn is_of_plan(self) -> bool {
        (self as u8) < Self::Excluded as u8
    }

    fn names_something(self) -> bool {
        use DetailKind::{
            Age, Attachment, DiagnosedFor, Diagnosis, Distinct, Information, LineAttachment,
            LineInformation, ModifierRequired, Pair, Payer, Place, ProviderType, Requirement, Sex,
        };
        matches!(
            self,
            Payer
                | Requirement
                | Information
                | Attachment
                | Diagnosis
                | Distinct
                | LineInformation
                | LineAttachment
                | ProviderType
                | Place
                | DiagnosedFor
                | Age
                | Sex
                | ModifierRequired
                | Pair
        )
    }
}

impl DetailEntry {
    /// Size in bytes.
    pub const SIZE: usize = 32;
    /// `subject` of an entry about the plan as a whole, and `object` of one that names nothing.
    pub const NONE: [u8; 8] = [0; 8];

    /// A demand of this kind that says nothing else.
    pub fn new(subject: [u8; 8], kind: DetailKind, object: [u8; 8]) -> Self {
        Self {
            subject,
            kind: kind as u8,
            object,
            ..Self::default()
        }
    }

    /// The same on these days only.
    #[must_use]
    pub fn on(mut self, days: Window) -> Self {
        let [a, b, c, d] = days.from.days().to_le_bytes();
        let [e, f, g, h] = days.to.days().to_le_bytes();
        self.more = [a, b, c, d, e, f, g, h];
        self
    }

    /// The same with the remark of its denial.
    #[must_use]
    pub fn remarked(mut self, remark: Remark) -> Self {
        let [a, b, c, d, e] = remark.to_bytes();
        self.more = [a, b, c, d, e, 0, 0, 0];
        self
    }

    /// The same with a figure.
    #[must_use]
    pub fn with(mut self, number: u16) -> Self {
        self.number = number.to_le_bytes();
        self
    }

    /// What entries ascend by: subject, kind, object and rank, as bytes.
    pub fn order(&self) -> ([u8; 8], u8, [u8; 8], u8) {
        (self.subject, self.kind, self.object, self.rank)
    }

    /// Its figure.
    pub fn figure(&self) -> u16 {
        u16::from_le_bytes(self.number)
    }

    /// The days that `more` holds; none where they are no days.
    pub fn days(&self) -> Option<Window> {
        let [a, b, c, d, e, f, g, h] = self.more;
        Some(Window {
            from: Date::from_days(i32::from_le_bytes([a, b, c, d]))?,
            to: Date::from_days(i32::from_le_bytes([e, f, g, h]))?,
        })
    }

    /// The remark that `more` holds; none where it is not one.
    pub fn remark(&self) -> Option<Remark> {
        let [a, b, c, d, e, 0, 0, 0] = self.more else {
            return None;
        };
        let bytes = [a, b, c, d, e];
        let length = bytes.iter().take_while(|byte| **byte != 0).count();
        let text = core::str::from_utf8(bytes.get(..length)?).ok()?;
        Remark::new(text).filter(|remark| remark.to_bytes() == bytes)
    }

    /// Whether each field is within the range of its kind.
    pub fn is_valid(&self) -> bool {
        use DetailKind as K;
        let Some(kind) = K::of(self.kind) else {
            return false;
        };
        let figure = self.figure();
        let lists = matches!(kind, K::Dependent | K::Modifier);
        let objects = lists || kind.names_something() == (self.object != Self::NONE);
        let more = match kind {
            K::Information
            | K::Attachment
            | K::LineInformation
            | K::LineAttachment
            | K::Excluded => self.remark().is_some(),
            K::Diagnosis | K::Effective | K::Pair => {
                self.days().is_some_and(|days| days.from <= days.to)
            }
            K::Dependent => self.object != Self::NONE || self.more == Self::NONE,
            _ => self.more == Self::NONE,
        };
        let number = match kind {
            K::PreExisting => figure > 0,
            K::MultipleRate => BasisPoints::new(figure).is_some(),
            K::Pair => Reason::from_code(figure).is_some_and(|reason| {
                use Reason::{Bundled, CodingInitiative, MutuallyExclusive, NotSeparate};
                matches!(
                    reason,
                    CodingInitiative | Bundled | NotSeparate | MutuallyExclusive
                )
            }),
            K::UnitsPerDay | K::Readmission => true,
            _ => figure == 0,
        };
        let indicator = match kind {
            K::FilingGrounds => self.indicator < 16,
            K::Diagnosis => self.indicator <= 1,
            K::UnitsPerDay => (1..=3).contains(&self.indicator),
            K::Pair => matches!(self.indicator, 0 | 1 | 9),
            _ => self.indicator == 0,
        };
        kind.is_of_plan() == (self.subject == Self::NONE)
            && objects
            && more
            && number
            && indicator
            && self.reserved == [0; 3]
    }
}

impl PlanDetails {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"plan_details";
    /// Where the entries begin in the account, in bytes.
    pub const ENTRIES_OFFSET: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the details of version `number` of `plan`, and its bump.
    pub fn find_address(plan: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, plan.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// Size in bytes of an account of `count` entries.
    pub fn account_size(count: u32) -> Option<usize> {
        usize::try_from(count)
            .ok()?
            .checked_mul(DetailEntry::SIZE)?
            .checked_add(Self::ENTRIES_OFFSET)
    }

    /// Details as they are opened: without entries.
    pub fn new(bump: u8, plan: Pubkey, number: u16, opener: Pubkey) -> Self {
        Self {
            plan,
            opener,
            digest: [0; 32],
            count: 0,
            number,
            sealed: 0,
            version: ACCOUNT_VERSION,
            bump,
            reserved: [0; 23],
        }
    }

    /// Whether they can no longer change.
    pub fn is_sealed(&self) -> bool {
        self.sealed != 0
    }

    /// The bytes of all entries in an account's `data`.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn entry_bytes<'a>(&self, data: &'a [u8]) -> Result<&'a [u8]> {
        let end = Self::account_size(self.count).ok_or(ClaimsError::InvariantBroken)?;
        data.get(Self::ENTRIES_OFFSET..end)
            .ok_or_else(|| ClaimsError::InvariantBroken.into())
    }

    /// The entries in an account's `data`, in place.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn entries<'a>(&self, data: &'a [u8]) -> Result<&'a [DetailEntry]> {
        bytemuck::try_cast_slice(self.entry_bytes(data)?)
            .map_err(|_| ClaimsError::InvariantBroken.into())
    }

    /// Header and entries of an account's `data`, copied: for clients.
    ///
    /// # Errors
    /// Anchor's, where the account is none; `InvariantBroken`.
    pub fn decode(data: &[u8]) -> Result<(Self, Vec<DetailEntry>)> {
        let header: Self = super::decode_zero_copy(data)?;
        let entries = header.entries(data)?.to_vec();
        Ok((header, entries))
    }

    /// Makes place for `added` entries at `start_index`. Returns the bytes' range in the account.
    ///
    /// # Errors
    /// `DetailsSealed`, `DetailsChunkEmpty`, `DetailsChunkAlreadyUploaded`, `DetailsChunkOutOfOrder`, `DetailsFull`.
    pub fn extend(&mut self, start_index: u32, added: usize) -> Result<std::ops::Range<usize>> {
        require!(!self.is_sealed(), ClaimsError::DetailsSealed);
        require!(added > 0, ClaimsError::DetailsChunkEmpty);
        require!(
            start_index >= self.count,
            ClaimsError::DetailsChunkAlreadyUploaded
        );
        require!(
            start_index == self.count,
            ClaimsError::DetailsChunkOutOfOrder
        );
        let count = u32::try_from(added)
            .ok()
            .and_then(|added| self.count.checked_add(added))
            .filter(|count| *count <= MAX_DETAILS)
            .ok_or(ClaimsError::DetailsFull)?;
        let start = Self::account_size(self.count).ok_or(ClaimsError::InvariantBroken)?;
        let end = Self::account_size(count).ok_or(ClaimsError::InvariantBroken)?;
        self.count = count;
        Ok(start..end)
    }

    /// Checks that `added`, to be written at `range` of an account's `data`, ascend, also from the entry before them.
    ///
    /// # Errors
    /// `DetailsNotSorted`.
    pub fn check_order(
        data: &[u8],
        range: &std::ops::Range<usize>,
        added: &[DetailEntry],
    ) -> Result<()> {
        // No valid entry has the kind 0, so an entry of zeros comes before all.
        let mut before = range
            .start
            .checked_sub(DetailEntry::SIZE)
            .filter(|start| *start >= Self::ENTRIES_OFFSET)
            .and_then(|start| data.get(start..range.start))
            .map_or(DetailEntry::default(), bytemuck::pod_read_unaligned);
        for entry in added {
            require!(
                entry.order() > before.order(),
                ClaimsError::DetailsNotSorted
            );
            before = *entry;
        }
        Ok(())
    }

    /// Closes the details to change.
    ///
    /// # Errors
    /// `DetailsSealed`, `DetailsDigestMismatch`.
    pub fn seal(&mut self, count: u32, expected: [u8; 32], digest: [u8; 32]) -> Result<()> {
        require!(!self.is_sealed(), ClaimsError::DetailsSealed);
        require!(
            count == self.count && count > 0 && expected == digest,
            ClaimsError::DetailsDigestMismatch
        );
        self.digest = digest;
        self.sealed = 1;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.count <= MAX_DETAILS
                && self.number > 0
                && (self.is_sealed() == (self.digest != [0; 32])),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: Window = Window {
        from: Date::MIN,
        to: Date::MAX,
    };

    #[test]
    fn an_entry_gives_back_what_it_was_made_of() {
        let remark = Remark::new("N130").unwrap();
        let entry = DetailEntry::new([1; 8], DetailKind::Excluded, DetailEntry::NONE);
        assert_eq!(entry.remarked(remark).remark(), Some(remark));
        assert_eq!(entry.on(DAYS).days(), Some(DAYS));
        assert_eq!(entry.with(0x1234).figure(), 0x1234);
        let bytes: [u8; 32] = bytemuck::cast(entry.with(0x1234));
        assert_eq!(
            (bytes[0], bytes[8], bytes[18], bytes[19]),
            (1, 64, 0x34, 0x12)
        );
        let mut written = Vec::new();
        AnchorSerialize::serialize(&entry.with(0x1234), &mut written).unwrap();
        assert_eq!(written, bytes);
    }

    #[test]
    fn kinds_come_back_from_their_numbers() {
        for kind in DetailKind::ALL {
            assert_eq!(DetailKind::of(kind as u8), Some(kind));
        }
        assert_eq!(DetailKind::of(0), None);
        assert!(DetailKind::ALL.is_sorted());
    }

    #[test]
    fn an_entry_out_of_its_kinds_range_is_invalid() {
        use DetailKind as K;
        let (code, name) = ([1; 8], [2; 8]);
        let remark = Remark::new("N130").unwrap();
        let new = DetailEntry::new;
        let with = |entry: DetailEntry, indicator| DetailEntry { indicator, ..entry };
        let none = DetailEntry::NONE;
        for (entry, valid) in [
            (new(none, K::Payer, name), true),
            (new(code, K::Payer, name), false),
            (new(none, K::Payer, none), false),
            (new(none, K::Dependent, none), true),
            (
                DetailEntry {
                    more: name,
                    ..new(none, K::Dependent, name)
                },
                true,
            ),
            (
                DetailEntry {
                    more: name,
                    ..new(none, K::Dependent, none)
                },
                false,
            ),
            (with(new(none, K::FilingGrounds, none), 15), true),
            (with(new(none, K::FilingGrounds, none), 16), false),
            (new(none, K::Information, name).remarked(remark), true),
            (new(none, K::Information, name), false),
            (with(new(none, K::Diagnosis, name).on(DAYS), 1), true),
            (with(new(none, K::Diagnosis, name).on(DAYS), 2), false),
            (
                new(none, K::Diagnosis, name).on(Window {
                    from: DAYS.to,
                    to: DAYS.from,
                }),
                false,
            ),
            (new(none, K::PreExisting, none).with(1), true),
            (new(none, K::PreExisting, none), false),
            (new(none, K::MultipleRate, none).with(10_000), true),
            (new(none, K::MultipleRate, none).with(10_001), false),
            (new(code, K::Excluded, none).remarked(remark), true),
            (new(none, K::Excluded, none).remarked(remark), false),
            (new(code, K::Effective, none).on(DAYS), true),
            (new(code, K::Modifier, none), true),
            (new(code, K::ModifierRequired, none), false),
            (new(code, K::Experimental, none), true),
            (new(code, K::Experimental, none).with(1), false),
            (with(new(code, K::UnitsPerDay, none).with(2), 3), true),
            (with(new(code, K::UnitsPerDay, none).with(2), 0), false),
            (with(new(code, K::Pair, name).on(DAYS).with(97), 9), true),
            (with(new(code, K::Pair, name).on(DAYS).with(96), 9), false),
            (with(new(code, K::Pair, name).on(DAYS).with(97), 2), false),
            (
                DetailEntry {
                    reserved: [0, 0, 1],
                    ..new(none, K::Payer, name)
                },
                false,
            ),
            (
                DetailEntry {
                    kind: 12,
                    ..new(none, K::Payer, name)
                },
                false,
            ),
        ] {
            assert_eq!(entry.is_valid(), valid, "{entry:?}");
        }
    }

    #[test]
    fn chunks_follow_each_other_and_ascend() {
        let mut details = PlanDetails::new(1, Pubkey::default(), 1, Pubkey::default());
        let first = DetailEntry::new([1; 8], DetailKind::Experimental, DetailEntry::NONE);
        let next = DetailEntry {
            subject: [2; 8],
            ..first
        };
        let range = details.extend(0, 1).unwrap();
        assert_eq!(
            range,
            PlanDetails::ENTRIES_OFFSET..PlanDetails::ENTRIES_OFFSET + 32
        );
        let mut data = vec![0; range.end];
        data[range.clone()].copy_from_slice(bytemuck::bytes_of(&first));
        assert!(PlanDetails::check_order(&data, &range, &[first, next]).is_ok());
        assert!(PlanDetails::check_order(&data, &range, &[first, first]).is_err());
        let range = details.extend(1, 1).unwrap();
        assert!(PlanDetails::check_order(&data, &range, &[next]).is_ok());
        assert!(PlanDetails::check_order(&data, &range, &[first]).is_err());
        assert!(details.extend(1, 1).is_err() && details.extend(3, 1).is_err());
        assert!(details.extend(2, 0).is_err() && details.extend(2, usize::MAX).is_err());
        assert!(details.seal(2, [7; 32], [8; 32]).is_err());
        details.seal(2, [7; 32], [7; 32]).unwrap();
        assert!(details.invariant().is_ok() && details.extend(2, 1).is_err());
    }
}
