//! The registry of duplicates: what stands in the entries of a claim's services, and the claim entered there.

use anchor_lang::prelude::*;
use anchor_lang::system_program;
use galen_chain::rent;

use crate::error::ClaimsError;
use crate::state::{DuplicateEntry, Holder};

/// The entry of one marker: its account, empty or not, at the address that was worked out.
pub struct Slot<'info> {
    account: &'info AccountInfo<'info>,
    marker: [u8; 16],
    bump: u8,
}

/// Where the entries of a registry are.
pub struct Registry<'a> {
    /// The blinding service.
    pub blinder: &'a Pubkey,
    /// The provider's organisation account.
    pub provider: &'a Pubkey,
}

impl Registry<'_> {
    /// The entries of `markers`, whose accounts these are.
    ///
    /// # Errors
    /// `EntryMismatch`, `EntryMissing` where one cannot be written.
    pub fn slots<'info>(
        &self,
        markers: &[[u8; 16]],
        accounts: &'info [AccountInfo<'info>],
    ) -> Result<Vec<Slot<'info>>> {
        let slot = |(marker, account): (&[u8; 16], &'info AccountInfo<'info>)| {
            let (address, bump) = DuplicateEntry::find_address(self.blinder, self.provider, marker);
            require_keys_eq!(account.key(), address, ClaimsError::EntryMismatch);
            require!(account.is_writable, ClaimsError::EntryMissing);
            Ok(Slot {
                account,
                marker: *marker,
                bump,
            })
        };
        markers.iter().zip(accounts).map(slot).collect()
    }
}

/// Who is entered, for how long, and at whose cost.
pub struct Entering<'a, 'info> {
    /// The registry.
    pub registry: Registry<'a>,
    /// Pays the rent of new entries.
    pub payer: &'a AccountInfo<'info>,
    /// The claim with its pool.
    pub holder: Holder,
}

impl<'info> Entering<'_, 'info> {
    /// Enters the claim at `slot`, which is kept until `kept_until`.
    ///
    /// # Errors
    /// `InvariantBroken`, and those of the system program.
    pub fn enter(&self, slot: &Slot<'info>, kept_until: i32) -> Result<()> {
        let mut entry = if let Some(entry) = slot.read()? {
            entry
        } else {
            self.make(slot)?;
            DuplicateEntry::new(slot.bump, self.payer.key())
        };
        entry.enter(self.holder, kept_until);
        entry.invariant()?;
        entry.try_serialize(&mut &mut slot.account.try_borrow_mut_data()?[..])
    }

    /// Makes the account. What somebody sent to the address before stays there as part of the rent.
    fn make(&self, slot: &Slot<'info>) -> Result<()> {
        let Registry { blinder, provider } = self.registry;
        let seeds: &[&[u8]] = &[
            DuplicateEntry::SEED,
            blinder.as_ref(),
            provider.as_ref(),
            &slot.marker,
            &[slot.bump],
        ];
        let signers = &[seeds];
        let rent = rent::minimum_balance(DuplicateEntry::SIZE)?;
        let missing = rent.saturating_sub(slot.account.lamports());
        if missing > 0 {
            let accounts = system_program::Transfer {
                from: self.payer.clone(),
                to: slot.account.clone(),
            };
            system_program::transfer(CpiContext::new(system_program::ID, accounts), missing)?;
        }
        let account_to_allocate = slot.account.clone();
        system_program::allocate(
            CpiContext::new_with_signer(
                system_program::ID,
                system_program::Allocate {
                    account_to_allocate,
                },
                signers,
            ),
            u64::try_from(DuplicateEntry::SIZE).map_err(|_| ClaimsError::AmountOverflow)?,
        )?;
        let account_to_assign = slot.account.clone();
        system_program::assign(
            CpiContext::new_with_signer(
                system_program::ID,
                system_program::Assign { account_to_assign },
                signers,
            ),
            &crate::ID,
        )
    }
}

impl Slot<'_> {
    /// The entry, or none where nothing is at its address yet.
    ///
    /// # Errors
    /// Those of an account that is none of this program's entries: never at this address.
    pub fn read(&self) -> Result<Option<DuplicateEntry>> {
        if *self.account.owner != crate::ID {
            return Ok(None);
        }
        DuplicateEntry::try_deserialize(&mut &self.account.try_borrow_data()?[..]).map(Some)
    }
}
