//! Prior authorisations: what the insurer has agreed to beforehand, used up by claims.

use anchor_lang::prelude::*;

use super::ClaimLine;
use crate::constants::ACCOUNT_VERSION;
use crate::error::ClaimsError;

/// Units of one procedure that a member may have in a span of time.
///
/// # PDA Seeds
/// `["authorization", member, number (u8)]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The member.
    pub member: Pubkey,
    /// The provider's organisation account; the default key = any provider.
    pub provider: Pubkey,
    /// Keyed identifier of the procedure code.
    pub code_key: [u8; 8],
    /// First service date, in days since 1970-01-01.
    pub from: i32,
    /// Last service date.
    pub to: i32,
    /// Units granted.
    pub units: u32,
    /// Units used up by claims that stand.
    pub used: u32,
    /// Number among the member's authorisations, from 1.
    pub number: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Keeps what follows aligned; zero.
    pub padding: u8,
    /// For later versions.
    pub reserved: [u8; 28],
}

const _: () = assert!(std::mem::size_of::<Authorization>() == 120);

/// What an insurer grants.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Number among the member's authorisations, from 1.
    pub number: u8,
    /// The provider's organisation account; the default key = any provider.
    pub provider: Pubkey,
    /// Keyed identifier of the procedure code.
    pub code_key: [u8; 8],
    /// First service date, in days since 1970-01-01.
    pub from: i32,
    /// Last service date.
    pub to: i32,
    /// Units, at least one.
    pub units: u32,
}

impl Authorization {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"authorization";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of authorisation `number` of `member`, and its bump.
    pub fn find_address(member: &Pubkey, number: u8) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, member.as_ref(), &[number]], &crate::ID)
    }

    /// An authorisation as granted: nothing used up.
    ///
    /// # Errors
    /// `AuthorizationInvalid`.
    pub fn new(bump: u8, member: Pubkey, grant: &Grant) -> Result<Self> {
        require!(
            grant.number > 0 && grant.units > 0 && grant.from <= grant.to,
            ClaimsError::AuthorizationInvalid
        );
        Ok(Self {
            member,
            provider: grant.provider,
            code_key: grant.code_key,
            from: grant.from,
            to: grant.to,
            units: grant.units,
            used: 0,
            number: grant.number,
            version: ACCOUNT_VERSION,
            bump,
            padding: 0,
            reserved: [0; 28],
        })
    }

    /// Whether it is about this line of a claim of `provider` for `member`, whatever is left of it.
    pub fn is_about(&self, line: &ClaimLine, member: &Pubkey, provider: &Pubkey) -> bool {
        self.code_key == line.code_key
            && self.from <= line.service_date
            && line.service_date <= self.to
            && self.member == *member
            && (self.provider == Pubkey::default() || self.provider == *provider)
    }

    /// Units that are left.
    pub fn left(&self) -> u32 {
        self.units.saturating_sub(self.used)
    }

    /// Uses `units` up.
    ///
    /// # Errors
    /// `AuthorizationExhausted`.
    pub fn use_up(&mut self, units: u16) -> Result<()> {
        require!(
            self.left() >= u32::from(units),
            ClaimsError::AuthorizationExhausted
        );
        self.used = self.used.saturating_add(units.into());
        Ok(())
    }

    /// Gives back `units` that a claim had used up.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn give_back(&mut self, units: u16) -> Result<()> {
        self.used = self
            .used
            .checked_sub(units.into())
            .ok_or(ClaimsError::InvariantBroken)?;
        Ok(())
    }

    /// Sets the last service date on the day `today`: what was done until then stays covered. Returns the one before.
    ///
    /// # Errors
    /// `AuthorizationInvalid` before the first service date, `AuthorizationEndsTooEarly` before today, unless it is over anyway.
    pub fn end(&mut self, to: i32, today: i32) -> Result<i32> {
        require!(to >= self.from, ClaimsError::AuthorizationInvalid);
        require!(
            to >= today.min(self.to),
            ClaimsError::AuthorizationEndsTooEarly
        );
        Ok(std::mem::replace(&mut self.to, to))
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.number > 0 && self.used <= self.units && self.from <= self.to,
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}
