//! Trials: a sponsor's escrow for participants and sites, its ledger, and what the ethics board allows.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use galen_rules::trial::{Amendment, Caps, Conduct, TaxTerms};
use galen_rules::{BasisPoints, Cents, Date};
use registry::state::AdminArgs;

use crate::constants::{
    ACCOUNT_VERSION, MAX_ATTEST_DAYS, MAX_PROTOCOL_VERSIONS, MIN_ATTEST_DAYS, NO_DAY,
    RETENTION_DAYS,
};
use crate::convert;
use crate::error::TrialsError;

/// One trial of one sponsor in one mint. Amounts are cents.
///
/// # PDA Seeds
/// `["trial", sponsor, number (u32, little-endian)]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Trial {
    /// The sponsor's organisation account.
    pub sponsor: Pubkey,
    /// The ethics board's organisation account.
    pub board: Pubkey,
    /// The mint that the trial pays in.
    pub mint: Pubkey,
    /// The program that owns the mint: SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// The token account that holds the money; its authority is this account.
    pub vault: Pubkey,
    /// Smallest units of the mint in a cent.
    pub unit_per_cent: u64,
    /// Grows by one with every administrative action of the sponsor.
    pub sequence: u64,
    /// Grows by one with every administrative action of the board, also where it ends the trial.
    pub caps_sequence: u64,
    /// Cents funded since the beginning.
    pub funded: u64,
    /// Cents that left the vault to participants, sites and the tax authority.
    pub paid: u64,
    /// Cents that the sponsor took back.
    pub withdrawn: u64,
    /// Cents set aside for what participants and their sites can still earn.
    pub reserved: u64,
    /// Cents earned and not yet paid: due, held for tax reasons or withheld.
    pub payable: u64,
    /// Of `payable`: cents withheld for the tax authority.
    pub withheld: u64,
    /// The ethics board's caps.
    pub caps: CapsTerms,
    /// Stipends of one person in one calendar year from which a tax form is needed; `NO_LIMIT` = never.
    pub tax_threshold: u64,
    /// The versions of protocol and consent form, from version 1.
    pub versions: [VersionEntry; 16],
    /// Number among the sponsor's trials.
    pub number: u32,
    /// Participants recorded since the beginning.
    pub participants: u32,
    /// Last day of the trial; `NO_DAY` while it runs.
    pub ended_on: i32,
    /// Days after a visit on which it can still be attested.
    pub attest_days: u16,
    /// Backup withholding in basis points.
    pub withholding_bps: u16,
    /// Number of the caps' version; 0 = the board has set none yet, nobody can consent.
    pub caps_version: u16,
    /// Number of schedules opened.
    pub schedules: u16,
    /// Number of versions published.
    pub published: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// What the mint's issuer can do, as bits of `galen_chain::mint_policy`. Stated, not refused.
    pub issuer_powers: u8,
    /// Why the trial ended: 0 = it runs, else [`EndReason`] + 1.
    pub end_reason: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// 1 = the sponsor has committed to an analysis plan; before that nobody takes part.
    pub planned: u8,
    /// For later versions.
    pub reserved_bytes: [u8; 77],
}

const _: () = assert!(std::mem::size_of::<Trial>() == 504);

/// What an ethics board allows. `NO_LIMIT` = no limit.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct CapsTerms {
    /// Most cents for one visit.
    pub per_visit: u64,
    /// Most cents for one participant, the bonus included.
    pub per_participant: u64,
    /// Most cents for any thirty days in a row.
    pub per_month: u64,
    /// The bonus's largest share of all that one participant can earn, in basis points.
    pub bonus_share_bps: u16,
    /// Most participants of a site whose key the site holds.
    pub site_held_quota: u16,
    /// Zeros.
    pub padding: [u8; 4],
}

/// One version of protocol and consent form, as the program needs it.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct VersionEntry {
    /// First day on which it is in force; `NO_DAY` until the board has approved it.
    pub from: i32,
    /// 1 = participants must consent anew.
    pub renews: u8,
    /// 1 = published.
    pub published: u8,
    /// Zeros.
    pub padding: [u8; 2],
}

/// Why a trial ended. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// It is complete.
    Complete,
    /// The sponsor ends it.
    Sponsor,
    /// The ethics board ends it for safety.
    Safety,
}

impl EndReason {
    /// As it is stored.
    pub fn stored(self) -> u8 {
        match self {
            Self::Complete => 1,
            Self::Sponsor => 2,
            Self::Safety => 3,
        }
    }
}

/// What a trial is begun with.
pub struct Beginning {
    /// Bump of the address.
    pub bump: u8,
    /// Number among the sponsor's trials.
    pub number: u32,
    /// The sponsor's organisation account.
    pub sponsor: Pubkey,
    /// The ethics board's organisation account.
    pub board: Pubkey,
    /// The mint.
    pub mint: Pubkey,
    /// Its program.
    pub token_program: Pubkey,
    /// The vault.
    pub vault: Pubkey,
    /// Decimals of the mint.
    pub decimals: u8,
    /// What the mint's issuer can do.
    pub issuer_powers: u8,
    /// Days after a visit on which it can still be attested.
    pub attest_days: u16,
    /// Stipends of a year from which a tax form is needed.
    pub tax_threshold: u64,
    /// Backup withholding in basis points.
    pub withholding_bps: u16,
}

impl Trial {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"trial";
    /// First seed of the vault's address: `["vault", trial]`.
    pub const VAULT_SEED: &'static [u8] = b"vault";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of trial `number` of `sponsor` (the organisation's account), and its bump.
    pub fn find_address(sponsor: &Pubkey, number: u32) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, sponsor.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// Address of the vault of `trial`, and its bump.
    pub fn find_vault_address(trial: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::VAULT_SEED, trial.as_ref()], &crate::ID)
    }

    /// Begins a trial in an account of zeros: without money, caps or protocol.
    ///
    /// # Errors
    /// `MintDecimalsInvalid`, `AttestDaysInvalid`, `RateInvalid`.
    pub fn begin(&mut self, beginning: Beginning) -> Result<()> {
        require!(
            (MIN_ATTEST_DAYS..=MAX_ATTEST_DAYS).contains(&beginning.attest_days),
            TrialsError::AttestDaysInvalid
        );
        convert::rate(beginning.withholding_bps)?;
        self.version = ACCOUNT_VERSION;
        self.bump = beginning.bump;
        self.number = beginning.number;
        self.sponsor = beginning.sponsor;
        self.board = beginning.board;
        self.mint = beginning.mint;
        self.token_program = beginning.token_program;
        self.vault = beginning.vault;
        self.decimals = beginning.decimals;
        self.issuer_powers = beginning.issuer_powers;
        self.attest_days = beginning.attest_days;
        self.tax_threshold = beginning.tax_threshold;
        self.withholding_bps = beginning.withholding_bps;
        self.ended_on = NO_DAY;
        self.unit_per_cent = galen_chain::mint_policy::unit_per_cent(beginning.decimals)
            .ok_or(TrialsError::MintDecimalsInvalid)?;
        Ok(())
    }

    /// Uses up `admin` against the sequence of the sponsor's actions: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize(&mut self, admin: &AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(TrialsError::from)?;
        Ok(())
    }

    /// Replaces the caps, as `admin` of the ethics board says. Returns the ones before.
    ///
    /// # Errors
    /// Those of [`Trial::authorize`], `RateInvalid`, `AmountOverflow`.
    pub fn set_caps(&mut self, caps: CapsTerms, admin: &AdminArgs, now: i64) -> Result<CapsTerms> {
        self.authorize_board(admin, now)?;
        convert::rate(caps.bonus_share_bps)?;
        self.caps_version = self
            .caps_version
            .checked_add(1)
            .ok_or(TrialsError::AmountOverflow)?;
        let caps = CapsTerms {
            padding: [0; 4],
            ..caps
        };
        Ok(std::mem::replace(&mut self.caps, caps))
    }

    /// The caps, as the rulebook has them.
    ///
    /// # Errors
    /// `CapsMissing` before the ethics board has set any.
    pub fn caps(&self) -> Result<Caps> {
        require!(self.caps_version > 0, TrialsError::CapsMissing);
        Ok(Caps {
            per_visit: Cents::new(self.caps.per_visit),
            per_participant: Cents::new(self.caps.per_participant),
            per_month: Cents::new(self.caps.per_month),
            bonus_share: convert::rate(self.caps.bonus_share_bps)?,
        })
    }

    /// Sets the tax terms anew, for what is earned from now on.
    ///
    /// # Errors
    /// `RateInvalid`, `TaxTermsWorse`.
    pub fn set_tax_terms(&mut self, tax_threshold: u64, withholding_bps: u16) -> Result<()> {
        let new = TaxTerms {
            threshold: Cents::new(tax_threshold),
            withholding: convert::rate(withholding_bps)?,
        };
        require!(
            new.is_no_worse_than(&self.tax_terms()),
            TrialsError::TaxTermsWorse
        );
        self.tax_threshold = tax_threshold;
        self.withholding_bps = withholding_bps;
        Ok(())
    }

    /// The rule for taxes, as the rulebook has it.
    pub fn tax_terms(&self) -> TaxTerms {
        TaxTerms {
            threshold: Cents::new(self.tax_threshold),
            withholding: BasisPoints::new(self.withholding_bps).unwrap_or_default(),
        }
    }

    /// What is fixed for all visits, as the rulebook has it.
    pub fn conduct(&self) -> Conduct {
        Conduct {
            ended_on: convert::day(self.ended_on),
            attest_days: self.attest_days,
        }
    }

    /// The approved versions, as the rulebook has them.
    pub fn amendments(&self) -> impl Iterator<Item = Amendment> + '_ {
        self.versions
            .iter()
            .take(usize::from(self.published))
            .zip(1..)
            .filter_map(|(entry, version)| {
                convert::day(entry.from)
                    .filter(|_| entry.published == 1)
                    .map(|from| Amendment {
                        version,
                        from,
                        renews: entry.renews == 1,
                    })
            })
    }

    /// The version of protocol and consent form in force on `day`.
    ///
    /// # Errors
    /// `NoProtocolInForce`.
    pub fn version_in_force(&self, day: Date) -> Result<u16> {
        self.amendments()
            .filter(|amendment| amendment.from <= day)
            .map(|amendment| amendment.version)
            .max()
            .ok_or_else(|| TrialsError::NoProtocolInForce.into())
    }

    /// Enters the next version as published.
    ///
    /// # Errors
    /// `ProtocolNumberInvalid`, `TooManyVersions`, `TrialEnded`.
    pub fn publish_version(&mut self, number: u16, renews: bool) -> Result<()> {
        self.require_running()?;
        require!(
            self.published < MAX_PROTOCOL_VERSIONS,
            TrialsError::TooManyVersions
        );
        require!(
            number.checked_sub(1) == Some(u16::from(self.published)),
            TrialsError::ProtocolNumberInvalid
        );
        let entry = self
            .versions
            .get_mut(usize::from(self.published))
            .ok_or(TrialsError::TooManyVersions)?;
        *entry = VersionEntry {
            from: NO_DAY,
            renews: u8::from(renews),
            published: 1,
            padding: [0; 2],
        };
        self.published = self.published.saturating_add(1);
        Ok(())
    }

    /// Enters the board's approval of version `number`, in force from day `from` on.
    ///
    /// # Errors
    /// `ProtocolNumberInvalid`, `ProtocolApproved`, `ProtocolOutOfOrder`, `ProtocolDateInvalid`.
    pub fn approve_version(&mut self, number: u16, from: Date, today: Date) -> Result<()> {
        self.require_running()?;
        let index = usize::from(number)
            .checked_sub(1)
            .ok_or(TrialsError::ProtocolNumberInvalid)?;
        // A version that the board refuses stays unapproved, and must not stand in the way of the next one.
        let latest = self.amendments().last();
        require!(
            latest.is_none_or(|latest| latest.version <= number),
            TrialsError::ProtocolOutOfOrder
        );
        let before = latest.map_or(i32::MIN, |latest| latest.from.days());
        let entry = self
            .versions
            .get_mut(index)
            .filter(|entry| entry.published == 1)
            .ok_or(TrialsError::ProtocolNumberInvalid)?;
        require!(entry.from == NO_DAY, TrialsError::ProtocolApproved);
        require!(
            from >= today && from.days() > before,
            TrialsError::ProtocolDateInvalid
        );
        entry.from = from.days();
        Ok(())
    }

    /// Uses up `admin` against the sequence of the board's actions.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize_board(&mut self, admin: &AdminArgs, now: i64) -> Result<()> {
        self.caps_sequence = admin
            .advance(self.caps_sequence, now)
            .map_err(TrialsError::from)?;
        Ok(())
    }

    /// Refuses a trial that has ended.
    ///
    /// # Errors
    /// `TrialEnded`.
    pub fn require_running(&self) -> Result<()> {
        require!(self.ended_on == NO_DAY, TrialsError::TrialEnded);
        Ok(())
    }

    /// Refuses to give up records before they need no longer be kept.
    ///
    /// # Errors
    /// `Retained`.
    pub fn require_retained(&self, today: Date) -> Result<()> {
        let until = convert::day(self.ended_on).and_then(|end| end.plus_days(RETENTION_DAYS));
        require!(
            until.is_some_and(|until| today > until),
            TrialsError::Retained
        );
        Ok(())
    }

    /// Ends the trial: `today` is the last day on which visits are made.
    ///
    /// # Errors
    /// `TrialEnded`.
    pub fn end(&mut self, reason: EndReason, today: Date) -> Result<()> {
        self.require_running()?;
        self.ended_on = today.days();
        self.end_reason = reason.stored();
        Ok(())
    }

    /// Takes a number for a schedule.
    ///
    /// # Errors
    /// `ScheduleNumberInvalid` where it is not the next one, `TrialEnded`.
    pub fn open_schedule(&mut self, number: u16) -> Result<()> {
        self.require_running()?;
        let next = self
            .schedules
            .checked_add(1)
            .ok_or(TrialsError::AmountOverflow)?;
        require!(number == next, TrialsError::ScheduleNumberInvalid);
        self.schedules = next;
        Ok(())
    }

    /// Notes that the sponsor has committed to an analysis plan.
    pub fn note_plan(&mut self) {
        self.planned = 1;
    }

    /// Whether the sponsor has committed to an analysis plan.
    pub fn has_plan(&self) -> bool {
        self.planned == 1
    }

    /// Counts a participant in: the first comes after the analysis plan.
    ///
    /// # Errors
    /// `PlanMissing`, `AmountOverflow`.
    pub fn count_participant(&mut self) -> Result<()> {
        require!(self.has_plan(), TrialsError::PlanMissing);
        self.participants = self
            .participants
            .checked_add(1)
            .ok_or(TrialsError::AmountOverflow)?;
        Ok(())
    }

    /// Cents that the ledger says are in the vault. Money sent there past `fund_trial` is not counted.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn escrow(&self) -> Result<u64> {
        self.funded
            .checked_sub(self.paid)
            .and_then(|held| held.checked_sub(self.withdrawn))
            .ok_or_else(|| TrialsError::InvariantBroken.into())
    }

    /// Cents that are neither reserved nor payable.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn free(&self) -> Result<u64> {
        self.escrow()?
            .checked_sub(self.reserved)
            .and_then(|rest| rest.checked_sub(self.payable))
            .ok_or_else(|| TrialsError::InvariantBroken.into())
    }

    /// `cents` in the smallest units of the mint.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn units(&self, cents: u64) -> Result<u64> {
        // On chain a checked product is a call to 128-bit arithmetic, a division a single instruction.
        let most = u64::MAX.checked_div(self.unit_per_cent).unwrap_or(0);
        require!(cents <= most, TrialsError::AmountOverflow);
        Ok(cents.wrapping_mul(self.unit_per_cent))
    }

    /// Counts `cents` that have arrived in the vault.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn fund(&mut self, cents: u64) -> Result<()> {
        self.funded = sum(self.funded, cents)?;
        // What is in the vault is later counted in units.
        self.units(self.funded).map(|_| ())
    }

    /// Sets `cents` aside for what a participant can earn.
    ///
    /// # Errors
    /// `EscrowShort`.
    pub fn reserve(&mut self, cents: u64) -> Result<()> {
        require!(self.free()? >= cents, TrialsError::EscrowShort);
        self.reserved = sum(self.reserved, cents)?;
        Ok(())
    }

    /// Frees `cents` that nobody can earn any more.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn release(&mut self, cents: u64) -> Result<()> {
        self.reserved = difference(self.reserved, cents)?;
        Ok(())
    }

    /// Makes `cents` that were set aside payable.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn accrue(&mut self, cents: u64) -> Result<()> {
        self.release(cents)?;
        self.payable = sum(self.payable, cents)?;
        Ok(())
    }

    /// Counts `cents`, payable before, as withheld for the tax authority.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn withhold(&mut self, cents: u64) -> Result<()> {
        self.withheld = sum(self.withheld, cents)?;
        Ok(())
    }

    /// Counts `cents` that leave the vault for whoever they were payable to.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn pay(&mut self, cents: u64) -> Result<()> {
        self.payable = difference(self.payable, cents)?;
        self.paid = sum(self.paid, cents)?;
        Ok(())
    }

    /// Counts `cents` that leave the vault for the tax authority.
    ///
    /// # Errors
    /// `MoreThanWithheld`, and those of [`Trial::pay`].
    pub fn remit(&mut self, cents: u64) -> Result<()> {
        self.withheld = self
            .withheld
            .checked_sub(cents)
            .ok_or(TrialsError::MoreThanWithheld)?;
        self.pay(cents)
    }

    /// Counts as funded what lies in the vault, whose balance in the mint's smallest units is `vault_amount`, past the ledger: money
    /// that somebody sent there without `fund_trial`. Only when the trial has ended and nobody is owed anything or can be: until then it
    /// backs what is owed. Returns the cents; parts of one stay.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn count_donations(&mut self, vault_amount: u64) -> Result<u64> {
        if self.ended_on == NO_DAY || self.reserved > 0 || self.payable > 0 {
            return Ok(0);
        }
        let held = vault_amount.checked_div(self.unit_per_cent).unwrap_or(0);
        let past = held.saturating_sub(self.escrow()?);
        // What the ledger cannot count any more stays: it must not keep the sponsor from the rest.
        let most = u64::MAX.checked_div(self.unit_per_cent).unwrap_or(0);
        let donated = past.min(most.saturating_sub(self.funded));
        self.fund(donated)?;
        Ok(donated)
    }

    /// Counts `cents` that the sponsor takes back.
    ///
    /// # Errors
    /// `MoreThanFree`.
    pub fn withdraw(&mut self, cents: u64) -> Result<()> {
        require!(self.free()? >= cents, TrialsError::MoreThanFree);
        self.withdrawn = sum(self.withdrawn, cents)?;
        Ok(())
    }

    /// What holds after every instruction: the escrow covers everything reserved and payable, and nobody takes part before
    /// the analysis plan.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        self.free()?;
        require!(
            self.withheld <= self.payable && (self.ended_on == NO_DAY) == (self.end_reason == 0),
            TrialsError::InvariantBroken
        );
        require!(
            self.has_plan() || self.participants == 0,
            TrialsError::InvariantBroken
        );
        Ok(())
    }

    /// As [`Trial::invariant`], and the vault, whose balance in the mint's smallest units is `vault_amount`, holds what
    /// the ledger says.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant_of_vault(&self, vault_amount: u64) -> Result<()> {
        self.invariant()?;
        require!(
            vault_amount >= self.units(self.escrow()?)?,
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}

fn sum(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b)
        .ok_or_else(|| TrialsError::AmountOverflow.into())
}

fn difference(a: u64, b: u64) -> Result<u64> {
    a.checked_sub(b)
        .ok_or_else(|| TrialsError::InvariantBroken.into())
}
