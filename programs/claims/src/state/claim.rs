//! Claims: what was submitted, and what became of it, line by line.

use anchor_lang::prelude::*;

use super::{
    Agreement, ClaimFact, ClaimFactKind, ClaimFacts, Confirmation, Course, HistoryEntry,
    OtherPayer, OtherPayers, PlanChecks, PlanClocks, RoundMark, Rounds, Waiting,
};
use crate::constants::{ACCOUNT_VERSION, MAX_LINES};
use crate::convert;
use crate::error::ClaimsError;
use crate::waivers::Waivers;

/// A provider's claim. Sized by its lines; stays until it is archived once adjudicated.
///
/// # PDA Seeds
/// `["claim", pool, provider, claim_id]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// What became of it.
    pub status: ClaimStatus,
    /// Why it waits for the insurer; `None` where it does not.
    pub pend_reason: PendReason,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The member; the default key while it is a draft that cites no held price.
    pub member: Pubkey,
    /// The plan version in force on the service date, or of the held price; the default key as with the member.
    pub plan_version: Pubkey,
    /// The provider's identifier of the claim, random.
    pub claim_id: [u8; 16],
    /// Salted commitment to the document that was submitted.
    pub document: [u8; 32],
    /// The operator who opened it and paid its rent.
    pub opener: Pubkey,
    /// Whether the provider was in the network on the days of its services or, where it cites a held price, when that was answered.
    pub in_network: bool,
    /// Whether the pool has set the money aside; while it waits.
    pub money_reserved: bool,
    /// Lines that the account has room for.
    pub line_count: u8,
    /// Service date, in days since 1970-01-01; lines may be later.
    pub service_date: i32,
    /// Unix second of the submission; 0 while it is a draft.
    pub received_at: i64,
    /// Unix second of the award; 0 = none.
    pub awarded_at: i64,
    /// Unix second of the payment, the last one where it was paid in parts; 0 = none.
    pub paid_at: i64,
    /// Sums over the lines.
    pub totals: ClaimTotals,
    /// Cents of the award that were kept back for what the provider owed the pool; the rest is paid out.
    pub offset: u64,
    /// Unix second of the reversal; 0 = none.
    pub reversed_at: i64,
    /// The identifier of the claim that this one replaces; zeros = none.
    pub replaces: [u8; 16],
    /// Place in the order in which the member's claims were adjudicated, from 1; 0 = not adjudicated by the rulebook.
    pub turn: u32,
    /// Why it was reversed; 0 = it was not, or it was adjudicated anew.
    pub reversal_reason: u16,
    /// What happens to it beside its adjudication.
    pub course: Course,
    /// What it has had while it waits for money.
    pub waiting: Waiting,
    /// The treaty under which it is counted: its number and one; 0 = none. With [`Claim::NETTED`]: less what a bond has paid back.
    pub treaty: u16,
    /// The day of the first award, its own or that of a claim in whose place it stands, in days since 1970-01-01; 0 = none. A treaty
    /// covers by it.
    pub first_awarded_on: i32,
    /// Appeals that belong to decisions of before the insurer last decided for the worse, counted as in [`Course::appeals`].
    pub former_appeals: u8,
    /// The lines, in the order submitted.
    #[max_len(MAX_LINES)]
    pub lines: Vec<ClaimLine>,
    /// What other payers have decided about lines; most claims have none, and no byte for it.
    pub other_payers: OtherPayers,
    /// What it states beyond its lines; only where a plan asks for it, and else no byte for it.
    pub facts: ClaimFacts,
}

// Created by the program itself, in a call that stops at 10,240 bytes.
const _: () = assert!(8 + Claim::INIT_SPACE == 436 + 16 * 136);

/// What became of a claim. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStatus {
    /// Lines are being appended.
    Draft,
    /// Waits for the insurer's decision.
    Pended,
    /// Awarded; waits for money.
    Payable,
    /// Awarded and paid.
    Paid,
    /// Adjudicated, the plan owes nothing.
    NothingDue,
    /// All lines are denied.
    Denied,
    /// Taken back: what it used up is given back, and what it was paid is owed by the provider.
    Reversed,
    /// A complete draft to which the member has agreed: it waits for its pack, and only the dispense of that pack has it paid.
    AwaitsDispense,
}

/// Why a claim waits. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendReason {
    /// It does not.
    None,
    /// The provider has another live line for the member on the same day, or, by the registry of duplicates, for the same
    /// person at another insurer.
    SuspectDuplicate,
    /// The award exceeds the agreement's limit for one claim.
    ClaimLimit,
    /// The award exceeds the agreement's limit for the day.
    DayLimit,
    /// The member's history has no room for the lines.
    HistoryFull,
    /// Paying it would pass the pool's outflow limit of the day.
    OutflowLimit,
    /// The member is to confirm it first.
    Confirmation,
    /// The member disputes it.
    Disputed,
    /// Whether it is drawn for review is not known yet.
    Draw,
    /// It was drawn for review.
    Sampled,
    /// The insurer is to hold it against the registry of duplicates first.
    Screening,
    /// On a day on which another payer comes first, the provider says that it has paid nothing.
    PriorUnpaid,
    /// The agreement with the provider was in force on the days of its services, and is not any more.
    AgreementOver,
    /// It was filed late, and the provider gives a ground for that.
    LateExcused,
    /// A line lacks nothing but an attachment that the plan asks for: the provider can add it, until the insurer decides.
    AttachmentMissing,
    /// A person at the insurer has denied a line of the same provider and day before.
    DeniedBefore,
}

/// Who bears an adjustment: X12 claim adjustment group codes. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::NoUninit, bytemuck::Zeroable),
    repr(u8)
)]
pub enum AdjustmentGroup {
    /// CO: the provider writes it off.
    Contractual,
    /// PR: the patient owes it.
    Patient,
    /// OA: neither, as what another payer settles.
    Other,
    /// PI: the payer's initiative, without a contract with the provider.
    Payer,
}

/// One line: what was asked, what was decided, and what it added to the accumulators. Money is cents.
///
/// charge = paid + over_fee + unrecognised + deductible + copay + coinsurance + other_payer + over_maximum +
/// over_lifetime_maximum + reduced, or, where the line is denied, charge = denied + other_payer.
#[derive(AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::NoUninit, bytemuck::Zeroable),
    repr(C)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize))]
pub struct ClaimLine {
    /// Keyed identifier of the procedure code.
    pub code_key: [u8; 8],
    /// Keyed identifier of the modifiers; zeros = none.
    pub modifiers: [u8; 4],
    /// Service date, in days since 1970-01-01.
    pub service_date: i32,
    /// Charged for all units.
    pub charge: u64,
    /// Allowed; 0 where denied.
    pub allowed: u64,
    /// Awarded to the provider by the plan.
    pub paid: u64,
    /// CARC 45, borne by `over_fee_group`.
    pub over_fee: u64,
    /// PR-122.
    pub unrecognised: u64,
    /// PR-1.
    pub deductible: u64,
    /// PR-3.
    pub copay: u64,
    /// PR-2.
    pub coinsurance: u64,
    /// OA-23.
    pub other_payer: u64,
    /// PR-119.
    pub over_maximum: u64,
    /// PR-149.
    pub over_lifetime_maximum: u64,
    /// Added to the deductible used.
    pub deductible_delta: u64,
    /// Added to the out-of-pocket used.
    pub out_of_pocket_delta: u64,
    /// Added to the tiers used.
    pub tier_delta: u64,
    /// Units.
    pub units: u16,
    /// Claim adjustment reason code of the denial (X12 code list 139); 0 = not denied; [`ClaimLine::REDUCED`] = let through, and
    /// reduced beside another procedure of its day.
    pub denial_reason: u16,
    /// Who bears a denial, or a reduction.
    pub denial_group: AdjustmentGroup,
    /// Who bears `over_fee`.
    pub over_fee_group: AdjustmentGroup,
    /// The category that grew by `paid`, from 1; 0 = none.
    pub category: u8,
    /// Number of the member's authorisation of which it used its units up or, while the claim waits, is to use them; 0 = none.
    pub authorization: u8,
}

const _: () = assert!(ClaimLine::INIT_SPACE == 16 + 14 * 8 + 8);
#[cfg(not(feature = "idl-build"))]
const _: () = assert!(std::mem::size_of::<ClaimLine>() == ClaimLine::INIT_SPACE);

// Field by field, a line of 22 fields costs more to write than to adjudicate. Its fields lie in memory as they are
// written (no gaps, little-endian), so they are written at once; reading stays field by field, and a test holds the
// two against each other.
#[cfg(not(feature = "idl-build"))]
impl AnchorSerialize for ClaimLine {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(bytemuck::bytes_of(self))
    }

    // Borsh asks this of bytes, to write a list of them at once: so are lines written, all together.
    fn u8_slice(lines: &[Self]) -> Option<&[u8]> {
        Some(bytemuck::cast_slice(lines))
    }
}

/// Sums over a claim's lines, in cents.
#[derive(AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "idl-build"), derive(bytemuck::NoUninit), repr(C))]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize))]
pub struct ClaimTotals {
    /// Charged.
    pub charge: u64,
    /// Allowed.
    pub allowed: u64,
    /// Awarded to the provider by the plan.
    pub paid: u64,
    /// Owed by the patient (PR).
    pub patient: u64,
    /// Written off by the provider (CO).
    pub write_off: u64,
    /// Other adjustments (OA, PI).
    pub other: u64,
}

// Written at once, as a line is.
#[cfg(not(feature = "idl-build"))]
impl AnchorSerialize for ClaimTotals {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(bytemuck::bytes_of(self))
    }
}

/// A line as it is submitted: 23 bytes.
#[derive(InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::Pod, bytemuck::Zeroable),
    repr(C, packed)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize, AnchorDeserialize))]
pub struct ClaimLineArgs {
    /// Keyed identifier of the procedure code.
    pub code_key: [u8; 8],
    /// Keyed identifier of the modifiers; zeros = none.
    pub modifiers: [u8; 4],
    /// Units, at least one.
    pub units: u16,
    /// Charge for all units, in cents.
    pub charge: u64,
    /// Days from the claim's service date to the line's.
    pub day: u8,
}

#[cfg(not(feature = "idl-build"))]
const _: () = assert!(std::mem::size_of::<ClaimLineArgs>() == ClaimLineArgs::INIT_SPACE);

// Its fields lie in memory as they are sent (packed, little-endian), so all lines of a claim are read at once: one by
// one they would cost as much as checking them. A test holds both ways against the fields.
#[cfg(not(feature = "idl-build"))]
impl AnchorSerialize for ClaimLineArgs {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(bytemuck::bytes_of(self))
    }
}

#[cfg(not(feature = "idl-build"))]
impl AnchorDeserialize for ClaimLineArgs {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut line: Self = bytemuck::Zeroable::zeroed();
        reader.read_exact(bytemuck::bytes_of_mut(&mut line))?;
        Ok(line)
    }

    fn vec_from_reader<R: std::io::Read>(
        count: u32,
        reader: &mut R,
    ) -> std::io::Result<Option<Vec<Self>>> {
        // No transaction holds more; for a count that is made up no memory is set aside.
        let Ok(count) = u8::try_from(count) else {
            return Ok(None);
        };
        let mut lines = vec![bytemuck::Zeroable::zeroed(); usize::from(count)];
        reader.read_exact(bytemuck::cast_slice_mut(&mut lines))?;
        Ok(Some(lines))
    }
}

/// What is known of a claim when it is opened.
pub struct Opening {
    /// Bump of the address.
    pub bump: u8,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The provider's identifier of the claim.
    pub claim_id: [u8; 16],
    /// Salted commitment to the document.
    pub document: [u8; 32],
    /// The operator who opens it.
    pub opener: Pubkey,
    /// Service date, in days since 1970-01-01.
    pub service_date: i32,
    /// Number of lines that it will have.
    pub line_count: u8,
}

impl ClaimLine {
    /// `denial_reason` of a line that is not denied but reduced: CARC 59, which denies no line.
    pub const REDUCED: u16 = 59;

    /// A line of which nothing is known: zeros.
    const BLANK: Self = Self {
        code_key: [0; 8],
        modifiers: [0; 4],
        service_date: 0,
        charge: 0,
        allowed: 0,
        paid: 0,
        over_fee: 0,
        unrecognised: 0,
        deductible: 0,
        copay: 0,
        coinsurance: 0,
        other_payer: 0,
        over_maximum: 0,
        over_lifetime_maximum: 0,
        deductible_delta: 0,
        out_of_pocket_delta: 0,
        tier_delta: 0,
        units: 0,
        denial_reason: 0,
        denial_group: AdjustmentGroup::Contractual,
        over_fee_group: AdjustmentGroup::Contractual,
        category: 0,
        authorization: 0,
    };

    /// So many of them. Memory is zero when it is given, so on chain nothing is written.
    #[cfg(not(feature = "idl-build"))]
    fn blank(count: usize) -> Vec<Self> {
        bytemuck::zeroed_vec(count)
    }

    /// So many of them.
    #[cfg(feature = "idl-build")]
    fn blank(count: usize) -> Vec<Self> {
        vec![Self::BLANK; count]
    }

    /// Takes down what is submitted of a blank line.
    #[inline(always)]
    fn submit(&mut self, args: &ClaimLineArgs, service_date: i32) {
        self.code_key = args.code_key;
        self.modifiers = args.modifiers;
        self.service_date = service_date;
        self.charge = args.charge;
        self.units = args.units;
    }

    /// The line as it was submitted, before adjudication.
    pub fn as_submitted(&self) -> Self {
        Self {
            code_key: self.code_key,
            modifiers: self.modifiers,
            service_date: self.service_date,
            charge: self.charge,
            units: self.units,
            ..Self::BLANK
        }
    }

    /// Whether the line is denied.
    pub fn is_denied(&self) -> bool {
        self.denial_reason != 0 && self.denial_reason != Self::REDUCED
    }

    /// What a reduction takes of what the plan would allow: what is charged and neither above the fee nor allowed. 0 where the line
    /// is not reduced.
    pub fn reduced(&self) -> u64 {
        if self.denial_reason == Self::REDUCED {
            let within_fee = self.charge.saturating_sub(self.over_fee);
            within_fee.saturating_sub(self.allowed)
        } else {
            0
        }
    }

    /// Notes that a line that was let through is reduced.
    pub fn reduce(&mut self, group: AdjustmentGroup) {
        self.denial_group = group;
        self.denial_reason = Self::REDUCED;
    }

    /// What a denial refuses: the charge, or what a prior payer left of it. 0 where the line is not denied.
    pub fn denied(&self) -> u64 {
        if self.is_denied() {
            self.charge.saturating_sub(self.other_payer)
        } else {
            0
        }
    }

    /// Denies a line that was not adjudicated, in the name of whoever decides.
    pub fn deny(&mut self, group: AdjustmentGroup, reason: u16) {
        self.denial_group = group;
        self.denial_reason = reason;
        // It uses nothing up, whatever it was to use while the claim waited.
        self.authorization = 0;
    }

    /// Forgets what the rulebook came to, but not whether and why it is denied.
    pub fn undecide(&mut self) {
        let denial = (self.denial_group, self.denial_reason);
        let is_denied = self.is_denied();
        *self = self.as_submitted();
        if is_denied {
            let (group, reason) = denial;
            self.deny(group, reason);
        }
    }

    /// Σ PR: what the patient bears of a line that was adjudicated.
    pub fn patient(&self) -> u64 {
        let of_group = |group, amount| match group {
            AdjustmentGroup::Patient => amount,
            _ => 0,
        };
        [
            self.unrecognised,
            self.deductible,
            self.copay,
            self.coinsurance,
            self.over_maximum,
            self.over_lifetime_maximum,
            of_group(self.over_fee_group, self.over_fee),
            of_group(self.denial_group, self.denied()),
            of_group(self.denial_group, self.reduced()),
        ]
        .into_iter()
        // They are parts of the charge.
        .fold(0, u64::saturating_add)
    }

    /// Σ paid and adjustments, which must be the charge; none where it leaves the range.
    pub fn balance(&self) -> Option<u64> {
        galen_rules::Cents::sum(
            [
                self.paid,
                self.denied(),
                self.over_fee,
                self.unrecognised,
                self.deductible,
                self.copay,
                self.coinsurance,
                self.other_payer,
                self.over_maximum,
                self.over_lifetime_maximum,
                self.reduced(),
            ]
            .map(galen_rules::Cents::new),
        )
        .map(galen_rules::Cents::get)
    }
}

impl Claim {
    /// Bit of `treaty`: the treaty counts the claim less what a bond has paid back of it, as `ClaimRecoupment.netted` says.
    pub const NETTED: u16 = 1 << 15;
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"claim";
    /// The bump of an address that is found at once. Each further one tried costs 1,500 compute units, and who draws the
    /// identifier of a claim can draw again until it has this bump: two draws on average.
    pub const FIRST_BUMP: u8 = u8::MAX;
    /// `reversal_reason` of a claim that was adjudicated anew: another stands in its place.
    pub const REPROCESSED: u16 = 0;
    /// `reversal_reason` of a claim whose pack was put back: nobody was treated, and nothing is left to appeal for.
    pub const PUT_BACK: u16 = u16::MAX;

    /// Address of claim `claim_id` of `provider` (the organisation's account) in `pool`, and its bump.
    pub fn find_address(pool: &Pubkey, provider: &Pubkey, claim_id: &[u8; 16]) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, pool.as_ref(), provider.as_ref(), claim_id],
            &crate::ID,
        )
    }

    /// Lets the claim's account sign what `call` calls.
    ///
    /// # Errors
    /// What `call` returns.
    pub fn sign<T>(&self, call: impl FnOnce(&[&[&[u8]]]) -> Result<T>) -> Result<T> {
        call(&[&[
            Self::SEED,
            self.pool.as_ref(),
            self.provider.as_ref(),
            &self.claim_id,
            &[self.bump],
        ]])
    }

    /// Size in bytes of the account of a claim of `lines` lines.
    pub const fn size(lines: usize) -> usize {
        let missing = (MAX_LINES as usize).saturating_sub(lines);
        (8 + Self::INIT_SPACE).saturating_sub(missing.saturating_mul(ClaimLine::INIT_SPACE))
    }

    /// Size in bytes of the account of this claim, had it `more` entries of other payers.
    pub fn size_with(&self, more: usize) -> usize {
        let entries = self.other_payers.entries().len().saturating_add(more);
        Self::size(usize::from(self.line_count))
            .saturating_add(OtherPayers::size(entries))
            .saturating_add(ClaimFacts::size(self.facts.entries().len()))
    }

    /// Size in bytes of the account of this claim, had it `more` facts.
    pub fn size_with_facts(&self, more: usize) -> usize {
        let facts = self.facts.entries().len();
        self.size_with(0)
            .saturating_sub(ClaimFacts::size(facts))
            .saturating_add(ClaimFacts::size(facts.saturating_add(more)))
    }

    /// A claim without lines yet.
    ///
    /// # Errors
    /// `NoLines`, `TooManyLines`, `ClaimIdEmpty`, `DocumentEmpty`.
    pub fn open(opening: Opening) -> Result<Self> {
        // Zeros stand for "no claim" wherever one names another.
        require!(opening.claim_id != [0; 16], ClaimsError::ClaimIdEmpty);
        require!(opening.line_count > 0, ClaimsError::NoLines);
        require!(opening.line_count <= MAX_LINES, ClaimsError::TooManyLines);
        require!(opening.document != [0; 32], ClaimsError::DocumentEmpty);
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump: opening.bump,
            status: ClaimStatus::Draft,
            pend_reason: PendReason::None,
            pool: opening.pool,
            provider: opening.provider,
            member: Pubkey::default(),
            plan_version: Pubkey::default(),
            claim_id: opening.claim_id,
            document: opening.document,
            opener: opening.opener,
            in_network: false,
            money_reserved: false,
            line_count: opening.line_count,
            service_date: opening.service_date,
            received_at: 0,
            awarded_at: 0,
            paid_at: 0,
            totals: ClaimTotals::default(),
            offset: 0,
            reversed_at: 0,
            replaces: [0; 16],
            turn: 0,
            reversal_reason: 0,
            course: Course::default(),
            waiting: Waiting::default(),
            treaty: 0,
            first_awarded_on: 0,
            former_appeals: 0,
            lines: Vec::new(),
            other_payers: OtherPayers::default(),
            facts: ClaimFacts::default(),
        })
    }

    /// Adds lines to a draft; `start_index` is the number of lines before them.
    ///
    /// # Errors
    /// `ClaimNotDraft`, `ClaimAwaitsDispense`, `NoLines`, `LinesAlreadyAppended`, `LinesOutOfOrder`, `TooManyLines`, `LineInvalid`,
    /// `DateInvalid`.
    pub fn append(&mut self, start_index: u8, lines: &[ClaimLineArgs]) -> Result<()> {
        self.check_draft()?;
        require!(!lines.is_empty(), ClaimsError::NoLines);
        let start = usize::from(start_index);
        require!(start >= self.lines.len(), ClaimsError::LinesAlreadyAppended);
        require!(start == self.lines.len(), ClaimsError::LinesOutOfOrder);
        let room = usize::from(self.line_count).saturating_sub(start);
        require!(lines.len() <= room, ClaimsError::TooManyLines);
        let first = self.service_date;
        let mut last = 0;
        let mut submitted = ClaimLine::blank(lines.len());
        for (line, args) in submitted.iter_mut().zip(lines) {
            require!(args.units > 0, ClaimsError::LineInvalid);
            last = last.max(args.day);
            line.submit(args, first.wrapping_add(i32::from(args.day)));
        }
        // Of the last of them it is seen whether they are dates that there are.
        first
            .checked_add(i32::from(last))
            .ok_or(ClaimsError::DateInvalid)?;
        if self.lines.is_empty() {
            self.lines = submitted;
        } else {
            self.lines.append(&mut submitted);
        }
        Ok(())
    }

    /// Notes in a complete draft about whom, under which plan version and from which side of the network's border it is: those of a
    /// held price that it cites.
    ///
    /// # Errors
    /// `ClaimNotDraft`, `ClaimIncomplete`.
    pub fn adopt(&mut self, member: Pubkey, plan_version: Pubkey, in_network: bool) -> Result<()> {
        self.check_draft()?;
        require!(self.is_complete(), ClaimsError::ClaimIncomplete);
        self.member = member;
        self.plan_version = plan_version;
        self.in_network = in_network;
        Ok(())
    }

    /// Whether it will be one from within the network: by the days of its services or, where it cites a held price, by that too. A
    /// price that was held from outside does not keep the provider there.
    ///
    /// # Errors
    /// `ClaimSpansNetworkChange`.
    pub fn network_under(&self, agreement: &Agreement) -> Result<bool> {
        let cites = self.plan_version != Pubkey::default();
        match agreement.network_of(&self.lines) {
            Ok(by_day) => Ok(by_day || (cites && self.in_network)),
            // Lines on both sides of a change: what was answered stands.
            Err(_) if cites => Ok(self.in_network),
            Err(refused) => Err(refused),
        }
    }

    /// Notes in a draft what other payers have decided about its lines.
    ///
    /// # Errors
    /// `ClaimNotDraft`, and those of [`OtherPayers::add`].
    pub fn tell_of_others(&mut self, entries: &[OtherPayer]) -> Result<()> {
        self.check_draft()?;
        self.other_payers.add(entries, &self.lines)
    }

    /// Notes in a draft what it states beyond its lines.
    ///
    /// # Errors
    /// `ClaimNotDraft`, and those of [`ClaimFacts::add`].
    pub fn state_facts(&mut self, facts: &[ClaimFact]) -> Result<()> {
        self.check_draft()?;
        self.facts.add(facts, &self.lines)
    }

    /// Notes on the day `today`, in a claim that waits for the insurer, that attachments have come: its clocks run again.
    ///
    /// # Errors
    /// `ClaimNotPended`, `ConfirmationAwaited`, `DrawAwaited`, `ScreeningAwaited`, `AmountOverflow`, and those of
    /// [`ClaimFacts::attach`].
    pub fn take_attachments(&mut self, facts: &[ClaimFact], today: i32) -> Result<()> {
        // What the member is asked about does not change, nor what a crank goes on with.
        self.check_with_insurer(today)?;
        require!(
            self.pend_reason != PendReason::Screening,
            ClaimsError::ScreeningAwaited
        );
        self.facts.attach(facts, &self.lines)?;
        self.course.resume_clocks(today)
    }

    /// A claim like `original`, received when that was and not adjudicated yet, to stand in its place.
    ///
    /// # Errors
    /// Those of [`Claim::open`] and [`Claim::receive`]: never for a claim that was received.
    pub fn in_place_of(
        original: &Self,
        bump: u8,
        claim_id: [u8; 16],
        opener: Pubkey,
    ) -> Result<Self> {
        let mut claim = Self::open(Opening {
            bump,
            pool: original.pool,
            provider: original.provider,
            claim_id,
            document: original.document,
            opener,
            service_date: original.service_date,
            line_count: original.line_count,
        })?;
        // A line keeps the authorisation that it had: whoever has it adjudicated anew brings them in an order of its own, in which
        // another line could take what this one needs.
        let lines = original.lines.iter().map(|line| ClaimLine {
            authorization: line.authorization,
            ..line.as_submitted()
        });
        claim.lines = lines.collect();
        claim.other_payers = original.other_payers.clone();
        claim.facts = original.facts.clone();
        claim.replaces = original.claim_id;
        claim.course.decider = original.course.decider;
        claim.course.appeals = original.course.appeals;
        claim.course.appeal_decider = original.course.appeal_decider;
        claim.former_appeals = original.former_appeals;
        claim.first_awarded_on = original.first_awarded_on;
        // An award that was never paid in whole is late from the day on which it was: nobody is spared that by deciding anew.
        if original.totals.paid > 0 && original.paid_at == 0 {
            claim.course.take_over_clock(&original.course);
        }
        let is_reviewed = original.course.has(Course::REVIEWED);
        claim.course.set(Course::REVIEWED, is_reviewed);
        claim.receive(
            original.member,
            original.plan_version,
            original.in_network,
            original.received_at,
        )?;
        Ok(claim)
    }

    /// Whether it can still be changed.
    ///
    /// # Errors
    /// `ClaimAwaitsDispense`, `ClaimNotDraft`.
    pub fn check_draft(&self) -> Result<()> {
        require!(
            self.status != ClaimStatus::AwaitsDispense,
            ClaimsError::ClaimAwaitsDispense
        );
        require!(
            self.status == ClaimStatus::Draft,
            ClaimsError::ClaimNotDraft
        );
        Ok(())
    }

    /// Lets a complete draft wait for its pack: nothing is added to it any more, and nothing else has it paid.
    ///
    /// # Errors
    /// `ClaimAwaitsDispense`, `ClaimNotDraft`, `ClaimIncomplete`.
    pub fn await_dispense(&mut self) -> Result<()> {
        self.check_draft()?;
        require!(self.is_complete(), ClaimsError::ClaimIncomplete);
        self.status = ClaimStatus::AwaitsDispense;
        Ok(())
    }

    /// Makes a draft again of a claim that waits for a pack.
    ///
    /// # Errors
    /// `DispenseNotAwaited`.
    pub fn stop_awaiting_dispense(&mut self) -> Result<()> {
        require!(
            self.status == ClaimStatus::AwaitsDispense,
            ClaimsError::DispenseNotAwaited
        );
        self.status = ClaimStatus::Draft;
        Ok(())
    }

    /// Whether all lines are there.
    pub fn is_complete(&self) -> bool {
        self.lines.len() == usize::from(self.line_count)
    }

    /// Σ charges.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn charge(&self) -> Result<u64> {
        let (bits, sum) = self.lines.iter().fold((0, 0_u64), |(bits, sum), line| {
            (bits | line.charge, sum.wrapping_add(line.charge))
        });
        // So few lines are far from 2^32: of charges below that, every sum fits, and none has to be looked at by itself.
        if bits >> 32 == 0 {
            return Ok(sum);
        }
        self.lines
            .iter()
            .try_fold(0u64, |sum, line| sum.checked_add(line.charge))
            .ok_or_else(|| ClaimsError::AmountOverflow.into())
    }

    /// Takes a complete draft in for adjudication.
    ///
    /// # Errors
    /// `ClaimNotDraft`, `ClaimIncomplete`, `AmountOverflow`.
    pub fn receive(
        &mut self,
        member: Pubkey,
        plan_version: Pubkey,
        in_network: bool,
        now: i64,
    ) -> Result<()> {
        self.check_draft()?;
        require!(self.is_complete(), ClaimsError::ClaimIncomplete);
        self.member = member;
        self.plan_version = plan_version;
        self.in_network = in_network;
        self.received_at = now;
        self.totals = ClaimTotals {
            charge: self.charge()?,
            ..ClaimTotals::default()
        };
        Ok(())
    }

    /// Lets the claim wait. Its lines keep their denials and are otherwise undecided.
    pub fn pend(&mut self, reason: PendReason) {
        self.status = ClaimStatus::Pended;
        self.pend_reason = reason;
        self.course.wait_until = 0;
    }

    /// Lets it wait for an attachment from the day `today` on. What the provider has to do is not on the insurer's clocks.
    pub fn await_attachment(&mut self, today: i32) {
        self.pend(PendReason::AttachmentMissing);
        if self.course.awaiting_since == 0 {
            self.course.awaiting_since = today;
        }
    }

    /// Checks that whoever decides knows of all that it states.
    ///
    /// # Errors
    /// `FactsChanged`.
    pub fn check_facts_seen(&self, seen: u8) -> Result<()> {
        require!(
            self.facts.entries().len() == usize::from(seen),
            ClaimsError::FactsChanged
        );
        Ok(())
    }

    /// Asks the member to confirm it, until `days` from the day `today`. A member without a key cannot: the insurer decides
    /// at once.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn ask_member(&mut self, has_key: bool, days: u16, today: i32) -> Result<()> {
        self.pend(PendReason::Confirmation);
        if has_key {
            self.course.wait_until = today
                .checked_add(days.into())
                .ok_or(ClaimsError::DateInvalid)?;
        }
        Ok(())
    }

    /// Lets it wait for the draw, until `days` from the day `received`.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn await_draw(&mut self, days: u16, received: i32) -> Result<()> {
        self.pend(PendReason::Draw);
        self.course.wait_until = received
            .checked_add(days.into())
            .ok_or(ClaimsError::DateInvalid)?;
        Ok(())
    }

    /// Notes on the day `today` that it was drawn: the member confirms it where the plan says so and has not, else the
    /// insurer looks.
    ///
    /// # Errors
    /// `DateInvalid`.
    pub fn review(&mut self, checks: &PlanChecks, has_key: bool, today: i32) -> Result<()> {
        self.course.set(Course::DRAWN, true);
        if checks.confirmation == Confirmation::Sampled && self.course.has(Course::VOUCHED) {
            return self.ask_member(has_key, checks.confirmation_days, today);
        }
        self.pend(PendReason::Sampled);
        Ok(())
    }

    /// The days on which services of it were given, ascending, each once: in days since 1970-01-01.
    pub fn service_dates(&self) -> Vec<i32> {
        let mut dates: Vec<i32> = self.lines.iter().map(|line| line.service_date).collect();
        dates.sort_unstable();
        dates.dedup();
        dates
    }

    /// Notes that it has been held against the registry of duplicates, and whether another pool's claim stood there.
    ///
    /// # Errors
    /// `ScreeningNotAwaited`.
    pub fn screen(&mut self, found_elsewhere: bool) -> Result<()> {
        require!(
            self.pend_reason == PendReason::Screening,
            ClaimsError::ScreeningNotAwaited
        );
        self.course.set(Course::SCREENED, true);
        self.course.set(Course::FOUND_ELSEWHERE, found_elsewhere);
        Ok(())
    }

    /// Whether the member can confirm or dispute it on the day `today`.
    ///
    /// # Errors
    /// `ConfirmationNotAwaited`, `ConfirmationLate`.
    pub fn check_confirmable(&self, today: i32) -> Result<()> {
        require!(
            self.pend_reason == PendReason::Confirmation,
            ClaimsError::ConfirmationNotAwaited
        );
        require!(
            today <= self.course.wait_until,
            ClaimsError::ConfirmationLate
        );
        Ok(())
    }

    /// Leaves it to the insurer: the member disputes it.
    ///
    /// # Errors
    /// `ConfirmationNotAwaited`, `ConfirmationLate`.
    pub fn dispute(&mut self, today: i32) -> Result<()> {
        self.check_confirmable(today)?;
        self.pend(PendReason::Disputed);
        Ok(())
    }

    /// Whether the insurer can act on it on the day `today`: it waits, and neither for the member nor for the draw.
    ///
    /// # Errors
    /// `ClaimNotPended`, `ConfirmationAwaited`, `DrawAwaited`.
    pub fn check_with_insurer(&self, today: i32) -> Result<()> {
        require!(
            self.status == ClaimStatus::Pended,
            ClaimsError::ClaimNotPended
        );
        if today > self.course.wait_until {
            return Ok(());
        }
        match self.pend_reason {
            PendReason::Confirmation => Err(ClaimsError::ConfirmationAwaited.into()),
            PendReason::Draw => Err(ClaimsError::DrawAwaited.into()),
            _ => Ok(()),
        }
    }

    /// Notes that its lines have been decided on the day `today`, and what they come to. That they balance is for whoever
    /// decides them: the rulebook has looked at each.
    pub fn decide(&mut self, totals: ClaimTotals, today: i32) {
        self.totals = totals;
        self.course.decided_on = today;
        self.pend_reason = PendReason::None;
        self.course.wait_until = 0;
        self.status = if self.lines.iter().all(ClaimLine::is_denied) {
            ClaimStatus::Denied
        } else {
            ClaimStatus::NothingDue
        };
    }

    /// Denies every line that is not denied yet, on the day `today` in the name of the insurer.
    ///
    /// # Errors
    /// `ClaimNotPended`, `AmountOverflow`, `LineUnbalanced`.
    pub fn deny(&mut self, group: AdjustmentGroup, reason: u16, today: i32) -> Result<()> {
        require!(
            self.status == ClaimStatus::Pended,
            ClaimsError::ClaimNotPended
        );
        for line in self.lines.iter_mut().filter(|line| !line.is_denied()) {
            line.deny(group, reason);
        }
        self.other_payers.settle(&mut self.lines);
        require!(
            self.lines
                .iter()
                .all(|line| line.balance() == Some(line.charge)),
            ClaimsError::LineUnbalanced
        );
        let totals = ClaimTotals::of_denied(&self.lines).ok_or(ClaimsError::AmountOverflow)?;
        self.decide(totals, today);
        Ok(())
    }

    /// Notes what a reviewer has found of lines, bits by index, before the others are let through: that they were not necessary, and
    /// that the documents do not support them.
    ///
    /// # Errors
    /// `FindingsEmpty`, `FindingsOverlap`, `FindingOutsideClaim`, `FindingsOfAllLines`, `FindingsWaived`.
    pub fn find_against(&mut self, not_necessary: u16, level_unsupported: u16) -> Result<()> {
        let found = not_necessary | level_unsupported;
        let beyond = u16::MAX.checked_shl(self.line_count.into()).unwrap_or(0);
        require!(found != 0, ClaimsError::FindingsEmpty);
        require!(
            not_necessary & level_unsupported == 0,
            ClaimsError::FindingsOverlap
        );
        require!(found & beyond == 0, ClaimsError::FindingOutsideClaim);
        require!(found != !beyond, ClaimsError::FindingsOfAllLines);
        require!(
            !Waivers::of(self).lifts_review(),
            ClaimsError::FindingsWaived
        );
        self.facts.find(not_necessary, ClaimFactKind::NotNecessary);
        self.facts
            .find(level_unsupported, ClaimFactKind::LevelUnsupported);
        Ok(())
    }

    /// The lines that a person denies who denies the whole of it, bits by index: those that are not denied yet, and those of which a
    /// reviewer has found something.
    pub fn open_to_denial(&self) -> u16 {
        let lines = self.lines.iter().zip(0..);
        lines.fold(self.found_against(), |bits, (line, index)| {
            bits | if line.is_denied() {
                0
            } else {
                ClaimFacts::bit(index)
            }
        })
    }

    /// The lines of which a reviewer has found something, bits by index, whatever else denies them too: none where an appeal has waived
    /// that.
    pub fn found_against(&self) -> u16 {
        if Waivers::of(self).lifts_review() {
            0
        } else {
            self.facts.found_lines()
        }
    }

    /// These lines, bits by index, as the member's history has them. `claim_key`: its account.
    pub fn history_entries<'a>(
        &'a self,
        claim_key: &Pubkey,
        lines: u16,
    ) -> impl Iterator<Item = HistoryEntry> + 'a {
        let provider_tag = HistoryEntry::provider_tag(&self.provider);
        let claim_tag = HistoryEntry::claim_tag(claim_key);
        let of = self.lines.iter().zip(0..);
        of.filter(move |(_, index)| lines & ClaimFacts::bit(*index) != 0)
            .map(move |(line, index)| HistoryEntry {
                further_days: self.facts.further_days(index, line.service_date),
                ..HistoryEntry::of(line, provider_tag, claim_tag)
            })
    }

    /// Awards what the plan owes. It waits for its payment from now on.
    ///
    /// # Errors
    /// `InvariantBroken` where it is not decided or owes nothing, `DateInvalid`.
    pub fn award(&mut self, now: i64) -> Result<()> {
        require!(
            self.status == ClaimStatus::NothingDue && self.totals.paid > 0,
            ClaimsError::InvariantBroken
        );
        self.status = ClaimStatus::Payable;
        self.awarded_at = now;
        if self.first_awarded_on == 0 {
            self.first_awarded_on = convert::day_of(now)?.days();
        }
        Ok(())
    }

    /// Is due since `original`'s award, in whose place it stands, where that was never paid in whole and this is not more: no pause, and
    /// no lower limit for what goes out, holds money up that it did not hold up before.
    pub fn stay_due(&mut self, original: &Self) {
        let was_due = original.totals.paid > 0 && original.paid_at == 0;
        if was_due
            && self.status == ClaimStatus::Payable
            && self.totals.paid <= original.totals.paid
        {
            self.awarded_at = original.awarded_at;
        }
    }

    /// Keeps `cents` of the award back for what the provider owes.
    ///
    /// # Errors
    /// `InvariantBroken` where that is more than the award.
    pub fn keep_back(&mut self, cents: u64) -> Result<()> {
        require!(
            cents <= self.totals.paid && self.offset == 0,
            ClaimsError::InvariantBroken
        );
        self.offset = cents;
        Ok(())
    }

    /// What of the award is paid out, in cents.
    pub fn due(&self) -> u64 {
        self.totals.paid.saturating_sub(self.offset)
    }

    /// Whether it can be taken back: adjudicated by the rulebook, and not taken back yet.
    pub fn is_adjudicated(&self) -> bool {
        use ClaimStatus::{Denied, NothingDue, Paid, Payable};
        self.turn != 0 && matches!(self.status, Payable | Paid | NothingDue | Denied)
    }

    /// Whether it can be taken back now.
    ///
    /// # Errors
    /// `ClaimNotReversible`, `AppealStillOpen`.
    pub fn check_reversible(&self) -> Result<()> {
        require!(self.is_adjudicated(), ClaimsError::ClaimNotReversible);
        require!(
            !self.course.has(Course::APPEAL_OPEN),
            ClaimsError::AppealStillOpen
        );
        Ok(())
    }

    /// Notes that it is taken back. Interest makes up for lateness, which taking the award back does not: what is owed of it stays
    /// owed.
    ///
    /// # Errors
    /// `ClaimNotReversible`, `AppealStillOpen`.
    pub fn reverse(&mut self, reason: u16, now: i64) -> Result<()> {
        self.check_reversible()?;
        self.set_reversed(reason, now);
        Ok(())
    }

    fn set_reversed(&mut self, reason: u16, now: i64) {
        self.status = ClaimStatus::Reversed;
        self.money_reserved = false;
        self.reversed_at = now;
        self.reversal_reason = reason;
    }

    /// Whether the insurer has taken it back, and nothing stands in its place.
    pub fn awaits_replacement(&self) -> bool {
        self.status == ClaimStatus::Reversed && self.course.replaced_by == [0; 16]
    }

    /// Takes back a denial of the insurer's own, which the rulebook had no part in: nothing was used up by it.
    ///
    /// # Errors
    /// `ClaimNotReversible`.
    pub fn withdraw_denial(&mut self, now: i64) -> Result<()> {
        require!(
            self.status == ClaimStatus::Denied && self.turn == 0,
            ClaimsError::ClaimNotReversible
        );
        self.set_reversed(Self::REPROCESSED, now);
        Ok(())
    }

    /// Notes that its pack was put back: it is taken back, or has been, and nothing takes its place any more.
    ///
    /// # Errors
    /// `ClaimWasReplaced`, `AppealStillOpen`, `ClaimNotReversible`.
    pub fn put_back(&mut self) -> Result<()> {
        require!(
            self.status == ClaimStatus::Reversed,
            ClaimsError::ClaimNotReversible
        );
        require!(
            self.course.replaced_by == [0; 16],
            ClaimsError::ClaimWasReplaced
        );
        require!(
            !self.course.has(Course::APPEAL_OPEN),
            ClaimsError::AppealStillOpen
        );
        self.reversal_reason = Self::PUT_BACK;
        Ok(())
    }

    /// Notes which claim stands in its place.
    ///
    /// # Errors
    /// `ClaimNotReplaceable`.
    pub fn replace_by(&mut self, claim_id: [u8; 16]) -> Result<()> {
        require!(
            self.awaits_replacement() && claim_id != [0; 16],
            ClaimsError::ClaimNotReplaceable
        );
        self.course.replaced_by = claim_id;
        Ok(())
    }

    /// Whether anything is better for who appealed than by `original`, in whose place it stands: more is paid, the patient owes
    /// less, a line is let through that was denied, or what the patient bears counts within the network. Of one that the insurer
    /// had taken back (`was_taken_back`) nothing stood, and whatever is let through is better.
    pub fn mends(&self, original: &Self, was_taken_back: bool) -> bool {
        if was_taken_back {
            return self.status != ClaimStatus::Denied;
        }
        let mut lines = self.lines.iter().zip(&original.lines);
        self.totals.paid > original.totals.paid
            || self.totals.patient < original.totals.patient
            || lines.any(|(line, before)| before.is_denied() && !line.is_denied())
            || (self.in_network && !original.in_network && self.status != ClaimStatus::Denied)
    }

    /// Notes in whose place it stands: a treaty that covers `original` covers it.
    ///
    /// # Errors
    /// `ClaimNotReplaceable`.
    pub fn stand_for(&mut self, original: &Self) -> Result<()> {
        require!(
            self.replaces == [0; 16] && self.received_at != 0,
            ClaimsError::ClaimNotReplaceable
        );
        self.replaces = original.claim_id;
        if original.first_awarded_on != 0 {
            self.first_awarded_on = original.first_awarded_on;
        }
        Ok(())
    }

    /// Lets what the insurer has just decided be appealed like a first decision: nobody has looked at it yet. Where the plan names a
    /// reviewer, that is who looks.
    pub fn begin_levels_anew(&mut self) {
        self.course.reopen_review();
        self.former_appeals = self.course.appeals;
    }

    /// Levels of appeal that are behind the member, or the provider. Where the plan names a reviewer, those before the insurer decided
    /// anew count: it is the reviewer's turn.
    fn levels_behind(&self, by_member: bool, checks: &PlanChecks) -> u8 {
        let filed = self.course.appeals_of(by_member);
        if checks.has_reviewer() {
            filed
        } else {
            filed.saturating_sub(Course::appeals_in(self.former_appeals, by_member))
        }
    }

    /// Opens the next level of appeal of the member's, or of the provider's, on the day `today`: the insurer's, and once those are
    /// exhausted the review by the organisation that the plan names. Returns the number of the appeal, and the reviewer; the default
    /// key = the insurer.
    ///
    /// # Errors
    /// `NothingToAppeal`, `AppealStillOpen`, `ReviewFinal`, `AppealsExhausted` where the plan names no reviewer, `AppealLate`.
    pub fn open_appeal(
        &mut self,
        by_member: bool,
        clocks: &PlanClocks,
        checks: &PlanChecks,
        today: i32,
    ) -> Result<(u8, Pubkey)> {
        require!(self.is_adverse(), ClaimsError::NothingToAppeal);
        require!(
            !self.course.has(Course::APPEAL_OPEN),
            ClaimsError::AppealStillOpen
        );
        require!(
            !self.course.is_final_for(by_member),
            ClaimsError::ReviewFinal
        );
        let is_review = self.levels_behind(by_member, checks) >= clocks.appeal_levels;
        require!(
            !is_review || checks.has_reviewer(),
            ClaimsError::AppealsExhausted
        );
        require!(
            self.in_time_to_appeal(by_member, clocks, checks, today),
            ClaimsError::AppealLate
        );
        self.course.count_appeal(by_member)?;
        self.course.set(Course::APPEAL_OPEN, true);
        let reviewer = if is_review {
            checks.reviewer
        } else {
            Pubkey::default()
        };
        Ok((self.course.appeals_filed(), reviewer))
    }

    /// What a manufacturer's bond can be asked for, in cents: what a claim has paid whose only line is the pack. 0 where it is not
    /// paid, and where it has other lines, for services that no recall touches.
    pub fn recoupable(&self) -> u64 {
        if self.status == ClaimStatus::Paid && self.lines.len() == 1 {
            self.totals.paid
        } else {
            0
        }
    }

    /// Whether its decision leaves something that an appeal could ask for.
    fn is_adverse(&self) -> bool {
        match self.status {
            ClaimStatus::Reversed => {
                self.awaits_replacement()
                    && !matches!(self.reversal_reason, Self::REPROCESSED | Self::PUT_BACK)
            }
            ClaimStatus::Draft | ClaimStatus::Pended | ClaimStatus::AwaitsDispense => false,
            _ => self.totals.paid < self.totals.charge,
        }
    }

    /// Whether it leaves the registry of duplicates on the day `today`: it does not stand, and no appeal can put a claim in
    /// its place any more, which is not screened and stands in the registry in its place only.
    ///
    /// # Errors
    /// `ClaimStillStands`, `EntryAwaitsAppeal`.
    pub fn check_releasable(
        &self,
        clocks: &PlanClocks,
        checks: &PlanChecks,
        today: i32,
    ) -> Result<()> {
        require!(
            matches!(self.status, ClaimStatus::Denied | ClaimStatus::Reversed),
            ClaimsError::ClaimStillStands
        );
        let appealable = self.is_adverse() && self.is_appealable(clocks, checks, today);
        require!(
            !appealable && !self.course.has(Course::APPEAL_OPEN),
            ClaimsError::EntryAwaitsAppeal
        );
        Ok(())
    }

    /// Whether the member, or the provider, could open a further level on the day `today`, as far as time goes.
    fn in_time_to_appeal(
        &self,
        by_member: bool,
        clocks: &PlanClocks,
        checks: &PlanChecks,
        today: i32,
    ) -> bool {
        let decided_on = self.course.decided_on;
        if self.course.is_final_for(by_member) {
            false
        } else if self.levels_behind(by_member, checks) < clocks.appeal_levels {
            clocks.in_time_to_appeal(decided_on, today)
        } else {
            checks.in_time_to_review(decided_on, today)
        }
    }

    /// The same of either.
    fn is_appealable(&self, clocks: &PlanClocks, checks: &PlanChecks, today: i32) -> bool {
        [true, false].into_iter().any(|by_member| {
            self.course.counts_appeal(by_member)
                && self.in_time_to_appeal(by_member, clocks, checks, today)
        })
    }

    /// Notes that the plan's reviewer has decided. At the member's request, nobody does after that; at the provider's, the member
    /// keeps its own levels.
    pub fn conclude_review(&mut self, by_member: bool) {
        self.course.conclude_review(by_member);
    }

    /// Closes the open appeal, the member's or the provider's, on the day `today`; the next level counts from there. `decider`: none
    /// where it lapsed.
    pub fn close_appeal(&mut self, by_member: bool, decider: Option<&Pubkey>, today: i32) {
        self.course.set(Course::APPEAL_OPEN, false);
        self.course.decided_on = today;
        if let Some(key) = decider {
            self.course.appeal_decided_by(key, by_member);
        }
    }

    /// Whether nothing can happen to it any more on the day `today`, and its account is not needed any longer.
    ///
    /// # Errors
    /// `ClaimNotFinal`, `AppealStillOpen`, `InterestOwed`, `ClaimStillCeded`, `ArchiveTooEarly`.
    pub fn check_archivable(
        &self,
        clocks: &PlanClocks,
        checks: &PlanChecks,
        today: i32,
    ) -> Result<()> {
        use ClaimStatus::{Denied, NothingDue, Paid, Reversed};
        require!(
            matches!(self.status, Paid | NothingDue | Denied | Reversed),
            ClaimsError::ClaimNotFinal
        );
        require!(
            !self.course.has(Course::APPEAL_OPEN),
            ClaimsError::AppealStillOpen
        );
        require!(
            !self.course.has(Course::INTEREST_OWED),
            ClaimsError::InterestOwed
        );
        // What a claim counted for has to come off first.
        require!(
            self.status != Reversed || self.treaty == 0,
            ClaimsError::ClaimStillCeded
        );
        let last = self.lines.iter().map(|line| line.service_date).max();
        let kept_until =
            i64::from(last.unwrap_or(self.service_date)).saturating_add(clocks.archive_days.into());
        let appealable = self.is_appealable(clocks, checks, today);
        require!(
            clocks.archive_days != 0 && i64::from(today) > kept_until && !appealable,
            ClaimsError::ArchiveTooEarly
        );
        Ok(())
    }

    /// Notes that the insurer waits for information from the day `today` on.
    ///
    /// # Errors
    /// `ClaimNotPended`, `ConfirmationAwaited`, `DrawAwaited`, `InformationAlreadyAwaited`.
    pub fn await_information(&mut self, today: i32) -> Result<()> {
        self.check_with_insurer(today)?;
        self.course.await_information(today)
    }

    /// Notes that information has come in on the day `today`.
    ///
    /// # Errors
    /// `InformationNotAwaited`, `AmountOverflow`.
    pub fn take_information(&mut self, today: i32) -> Result<()> {
        require!(
            self.status == ClaimStatus::Pended && self.course.awaiting_since != 0,
            ClaimsError::InformationNotAwaited
        );
        self.course.resume_clocks(today)
    }

    /// Notes that the insurer did not decide in time.
    ///
    /// # Errors
    /// `ClaimNotPended`, `AlreadyEscalated`, `DecisionNotOverdue`.
    pub fn escalate(&mut self, clocks: &PlanClocks, received: i32, today: i32) -> Result<()> {
        require!(
            self.status == ClaimStatus::Pended,
            ClaimsError::ClaimNotPended
        );
        require!(
            !self.course.has(Course::ESCALATED),
            ClaimsError::AlreadyEscalated
        );
        require!(
            self.course.awaiting_since == 0
                && clocks.is_overdue(received, self.course.stopped_days, today),
            ClaimsError::DecisionNotOverdue
        );
        self.course.set(Course::ESCALATED, true);
        Ok(())
    }

    /// What of the interest has been paid, in cents.
    pub fn interest_paid(&self) -> u64 {
        if self.course.has(Course::INTEREST_OWED) {
            self.waiting.drawn
        } else {
            self.course.interest
        }
    }

    /// What of the award has been paid out, in cents.
    pub fn award_paid(&self) -> u64 {
        if self.paid_at == 0 {
            self.waiting.drawn
        } else {
            self.due()
        }
    }

    /// Notes the interest on the award that is paid now, and whether it is still owed.
    pub fn bear_interest(&mut self, cents: u64, owed: bool) {
        self.course.interest = cents;
        self.course.set(Course::INTEREST_OWED, owed && cents > 0);
    }

    /// Lets what it is owed wait for money from the pool's mark `since` on: the award, or the interest.
    pub fn wait(&mut self, since: RoundMark) {
        self.waiting = Waiting::since(since);
    }

    /// What waits for money, in cents, what has been drawn of it included; 0 = nothing does.
    fn awaited(&self) -> u64 {
        if self.status == ClaimStatus::Payable && !self.money_reserved {
            self.due()
        } else if self.course.has(Course::INTEREST_OWED) {
            self.course.interest
        } else {
            0
        }
    }

    /// What of it has not been paid out, in cents.
    pub fn lacking(&self) -> u64 {
        self.awaited().saturating_sub(self.waiting.drawn)
    }

    /// What can be paid out now, in cents: its share of the rounds.
    pub fn share(&self, rounds: &Rounds) -> u64 {
        self.waiting.share(self.awaited(), &rounds.mark)
    }

    /// Notes that `cents` of what waits have been paid out. Returns whether that was all of it.
    ///
    /// # Errors
    /// `PoolUnderfunded` where there is nothing to be paid.
    pub fn draw(&mut self, cents: u64) -> Result<bool> {
        require!(cents > 0, ClaimsError::PoolUnderfunded);
        self.waiting.drawn = self
            .waiting
            .drawn
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(self.lacking() == 0)
    }

    /// Notes that the interest which was owed has been paid.
    pub fn clear_interest(&mut self) {
        self.course.set(Course::INTEREST_OWED, false);
        self.waiting = Waiting::default();
    }

    /// Notes that the pool has set the money aside: once, when it is awarded.
    ///
    /// # Errors
    /// `ClaimNotPayable`.
    pub fn reserve_money(&mut self) -> Result<()> {
        require!(
            self.status == ClaimStatus::Payable,
            ClaimsError::ClaimNotPayable
        );
        self.money_reserved = true;
        Ok(())
    }

    /// Stops the clock from the day `today` on: the money of the award is there, all of it, and the provider's account takes none.
    /// Returns whether the clock ran. What is not funded yet is late whatever the account takes.
    pub fn await_account(&mut self, rounds: &Rounds, today: i32) -> bool {
        self.status == ClaimStatus::Payable
            && (self.money_reserved || self.share(rounds) == self.lacking())
            && self.course.await_account(today)
    }

    /// Notes that the award has been paid.
    ///
    /// # Errors
    /// `ClaimNotPayable`.
    pub fn mark_paid(&mut self, now: i64) -> Result<()> {
        require!(
            self.status == ClaimStatus::Payable,
            ClaimsError::ClaimNotPayable
        );
        self.status = ClaimStatus::Paid;
        self.money_reserved = false;
        self.waiting = Waiting::default();
        self.paid_at = now;
        Ok(())
    }

    /// Whether its course is one that a claim of its status can have had.
    fn course_holds(&self) -> bool {
        let course = &self.course;
        // Of most claims there is nothing to say.
        if course.flags == 0 && course.interest == 0 {
            return true;
        }
        let open = !course.has(Course::APPEAL_OPEN)
            || (course.appeals > 0
                && !matches!(
                    self.status,
                    ClaimStatus::Draft | ClaimStatus::AwaitsDispense | ClaimStatus::Pended
                ));
        let owed = !course.has(Course::INTEREST_OWED)
            || (course.interest > 0
                && matches!(self.status, ClaimStatus::Paid | ClaimStatus::Reversed));
        let interest = course.interest == 0
            || matches!(self.status, ClaimStatus::Paid | ClaimStatus::Reversed);
        open && owed && interest
    }

    /// Whether what it has drawn is a part of what waits, or of what waited before it was taken back.
    fn waiting_holds(&self) -> bool {
        self.waiting.drawn == 0
            || self.waiting.drawn < self.awaited()
            || (self.status == ClaimStatus::Reversed
                && self.paid_at == 0
                && self.waiting.drawn < self.due())
    }

    /// Whether it waits for somebody else than the insurer.
    fn waits_for_others(&self) -> bool {
        matches!(
            self.pend_reason,
            PendReason::Confirmation | PendReason::Draw
        )
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let unsubmitted = matches!(
            self.status,
            ClaimStatus::Draft | ClaimStatus::AwaitsDispense
        );
        let undecided = unsubmitted || self.status == ClaimStatus::Pended;
        let awarded = matches!(self.status, ClaimStatus::Payable | ClaimStatus::Paid);
        let reversed = self.status == ClaimStatus::Reversed;
        require!(
            self.lines.len() <= usize::from(self.line_count)
                && unsubmitted == (self.received_at == 0)
                && (self.status == ClaimStatus::Pended) == (self.pend_reason != PendReason::None)
                && (reversed || awarded == (self.totals.paid > 0))
                && (self.awarded_at != 0) == (self.totals.paid > 0)
                && (reversed || (self.status == ClaimStatus::Paid) == (self.paid_at != 0))
                && reversed == (self.reversed_at != 0)
                && (self.course.wait_until == 0 || self.waits_for_others())
                && self.offset <= self.totals.paid
                && (!self.money_reserved || self.status == ClaimStatus::Payable)
                && self.course_holds()
                && self.waiting_holds()
                && (undecided || self.totals.balance() == Some(self.totals.charge)),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

impl ClaimTotals {
    /// Sums over lines that are all denied; none where one leaves the range.
    fn of_denied(lines: &[ClaimLine]) -> Option<Self> {
        let mut totals = Self::default();
        for line in lines {
            let borne = match line.denial_group {
                AdjustmentGroup::Patient => &mut totals.patient,
                AdjustmentGroup::Contractual => &mut totals.write_off,
                AdjustmentGroup::Other | AdjustmentGroup::Payer => &mut totals.other,
            };
            *borne = borne.checked_add(line.denied())?;
            totals.other = totals.other.checked_add(line.other_payer)?;
            totals.charge = totals.charge.checked_add(line.charge)?;
        }
        Some(totals)
    }

    /// Σ paid and adjustments, which must be the charge; none where it leaves the range.
    pub fn balance(&self) -> Option<u64> {
        self.paid
            .checked_add(self.patient)?
            .checked_add(self.write_off)?
            .checked_add(self.other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_as_they_are_written() {
        let args = ClaimLineArgs {
            code_key: [1, 2, 3, 4, 5, 6, 7, 8],
            modifiers: [9, 10, 11, 12],
            units: 0x0e0d,
            charge: 0x1615_1413_1211_100f,
            day: 29,
        };
        let bytes: Vec<u8> = (1..=22).chain([29]).collect();
        let mut written = Vec::new();
        AnchorSerialize::serialize(&args, &mut written).unwrap();
        assert_eq!(written, bytes);
        assert_eq!(ClaimLineArgs::try_from_slice(&bytes).unwrap(), args);
        assert!(ClaimLineArgs::try_from_slice(&bytes[..22]).is_err());

        let list = [3u32.to_le_bytes().to_vec(), bytes.repeat(3)].concat();
        assert_eq!(
            Vec::<ClaimLineArgs>::try_from_slice(&list).unwrap(),
            vec![args; 3]
        );
        assert!(Vec::<ClaimLineArgs>::try_from_slice(&list[..72]).is_err());
        let made_up = [u32::MAX.to_le_bytes().to_vec(), bytes].concat();
        assert!(Vec::<ClaimLineArgs>::try_from_slice(&made_up).is_err());
    }

    #[test]
    fn a_line_is_blank_but_for_what_is_submitted() {
        assert_eq!(ClaimLine::blank(3), [ClaimLine::BLANK; 3]);
        let args = ClaimLineArgs {
            code_key: [1; 8],
            modifiers: [2; 4],
            units: 3,
            charge: 4,
            day: 5,
        };
        let mut line = ClaimLine::BLANK;
        line.submit(&args, 6);
        assert_eq!(line.as_submitted(), line);
        line.paid = 7;
        assert_ne!(line.as_submitted(), line);
    }

    /// Nothing is appealed before it was decided, nor while it waits for its pack.
    #[test]
    fn what_is_not_decided_is_not_under_appeal() {
        let mut claim = Claim::open(Opening {
            bump: 1,
            pool: Pubkey::new_from_array([2; 32]),
            provider: Pubkey::new_from_array([3; 32]),
            claim_id: [4; 16],
            document: [5; 32],
            opener: Pubkey::new_from_array([6; 32]),
            service_date: 20_000,
            line_count: 1,
        })
        .unwrap();
        claim.course.appeals = 1;
        for (status, may) in [
            (ClaimStatus::Draft, false),
            (ClaimStatus::AwaitsDispense, false),
            (ClaimStatus::Pended, false),
            (ClaimStatus::Payable, true),
            (ClaimStatus::Paid, true),
            (ClaimStatus::Denied, true),
            (ClaimStatus::NothingDue, true),
            (ClaimStatus::Reversed, true),
        ] {
            claim.status = status;
            claim.course.set(Course::APPEAL_OPEN, false);
            assert!(claim.course_holds(), "{status:?}");
            claim.course.set(Course::APPEAL_OPEN, true);
            assert_eq!(claim.course_holds(), may, "{status:?}");
        }
        // It is a part of what holds after every instruction.
        for status in [ClaimStatus::Draft, ClaimStatus::AwaitsDispense] {
            claim.status = status;
            let broken = Err(ClaimsError::InvariantBroken.into());
            assert_eq!(claim.invariant(), broken, "{status:?}");
            claim.course.set(Course::APPEAL_OPEN, false);
            claim.invariant().unwrap();
            claim.course.set(Course::APPEAL_OPEN, true);
        }
    }

    #[test]
    fn totals_are_read_as_they_are_written() {
        let totals = ClaimTotals {
            charge: u64::MAX,
            allowed: 2,
            paid: 3,
            patient: 4,
            write_off: 5,
            other: 1 << 56,
        };
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&totals, &mut bytes).unwrap();
        assert_eq!(bytes.len(), ClaimTotals::INIT_SPACE);
        assert_eq!(ClaimTotals::try_from_slice(&bytes).unwrap(), totals);
    }

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let line = ClaimLine {
            code_key: [1, 2, 3, 4, 5, 6, 7, 8],
            modifiers: [9, 10, 11, 12],
            service_date: -13,
            charge: u64::MAX,
            allowed: 1 << 56,
            paid: 3,
            over_fee: 4,
            unrecognised: 5,
            deductible: 6,
            copay: 7,
            coinsurance: 8,
            other_payer: 9,
            over_maximum: 10,
            over_lifetime_maximum: 11,
            deductible_delta: 12,
            out_of_pocket_delta: 13,
            tier_delta: 14,
            units: 0x1234,
            denial_reason: 0x5678,
            denial_group: AdjustmentGroup::Payer,
            over_fee_group: AdjustmentGroup::Patient,
            category: 8,
            authorization: 9,
        };
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&line, &mut bytes).unwrap();
        assert_eq!(bytes.len(), ClaimLine::INIT_SPACE);
        assert_eq!(ClaimLine::try_from_slice(&bytes).unwrap(), line);
        let lines = vec![line; 3];
        let mut list = Vec::new();
        AnchorSerialize::serialize(&lines, &mut list).unwrap();
        assert_eq!(
            list,
            [3u32.to_le_bytes().to_vec(), bytes.repeat(3)].concat()
        );
        assert_eq!(Vec::<ClaimLine>::try_from_slice(&list).unwrap(), lines);
    }
}
