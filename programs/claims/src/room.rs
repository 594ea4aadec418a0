//! Accounts that grow and shrink with what is in them.

use anchor_lang::prelude::*;
use anchor_lang::system_program;
use galen_chain::rent;

use crate::error::ClaimsError;

/// Gives `account`, one of this program's, `size` bytes; `payer` pays the rent that is missing.
///
/// # Errors
/// Those of the runtime: an instruction adds at most 10,240 bytes. Those of the system program.
pub fn grow<'info>(
    account: &AccountInfo<'info>,
    size: usize,
    payer: &AccountInfo<'info>,
) -> Result<()> {
    let rent = rent::minimum_balance(size)?;
    let missing = rent.saturating_sub(account.lamports());
    if missing > 0 {
        let accounts = system_program::Transfer {
            from: payer.clone(),
            to: account.clone(),
        };
        system_program::transfer(CpiContext::new(system_program::ID, accounts), missing)?;
    }
    account.resize(size)?;
    Ok(())
}

/// Leaves `account`, one of this program's, `size` bytes; `to` gets the rent that is not needed any more.
///
/// # Errors
/// Those of the runtime.
pub fn shrink<'info>(
    account: &AccountInfo<'info>,
    size: usize,
    to: &AccountInfo<'info>,
) -> Result<()> {
    account.resize(size)?;
    let kept = rent::minimum_balance(size)?;
    let spare = account.lamports().saturating_sub(kept);
    let left = account
        .lamports()
        .checked_sub(spare)
        .ok_or(ClaimsError::AmountOverflow)?;
    let given = to
        .lamports()
        .checked_add(spare)
        .ok_or(ClaimsError::AmountOverflow)?;
    **account.try_borrow_mut_lamports()? = left;
    **to.try_borrow_mut_lamports()? = given;
    Ok(())
}
