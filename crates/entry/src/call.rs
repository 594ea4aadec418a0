//! A call for many accounts at once, past the lists that `invoke` wants: each of their entries is a copy of a key, where the
//! machine asks for no more than where it lies.

use anchor_lang::prelude::{AccountInfo, ProgramError, Pubkey};
use anchor_lang::solana_program::entrypoint::ProgramResult;

use crate::RawAccount;

/// An account of the instruction, as `sol_invoke_signed_c` takes it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Meta {
    key: *const Pubkey,
    /// A byte each, from the lowest: whether it is written to, whether it signs. The other six are padding.
    flags: u64,
}

/// Bits of [`Meta::flags`].
const WRITABLE: u64 = 1;
const SIGNER: u64 = 1 << 8;

/// An account that is handed on.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Info {
    pub(crate) key: *const Pubkey,
    pub(crate) lamports: *const u64,
    pub(crate) length: u64,
    pub(crate) data: *const u8,
    pub(crate) owner: *const Pubkey,
    pub(crate) rent_epoch: u64,
    /// A byte each, from the lowest: whether it signs, is written to, is a program. The other five are padding.
    pub(crate) flags: u64,
}

impl Info {
    /// That of an account which nobody has borrowed.
    pub(crate) fn of(account: &AccountInfo) -> Result<Self, ProgramError> {
        let mut lamports = account.try_borrow_mut_lamports()?;
        let mut data = account.try_borrow_mut_data()?;
        Ok(Self {
            key: account.key,
            lamports: std::ptr::from_mut(&mut **lamports),
            length: data.len() as u64,
            data: data.as_mut_ptr(),
            owner: account.owner,
            rent_epoch: 0,
            flags: u64::from_le_bytes([
                account.is_signer.into(),
                account.is_writable.into(),
                account.executable.into(),
                0,
                0,
                0,
                0,
                0,
            ]),
        })
    }
}

/// Bytes and how many they are: a seed, or a list of seeds.
#[repr(C)]
struct Part<T> {
    start: *const T,
    count: u64,
}

impl<T> Part<T> {
    fn of(list: &[T]) -> Self {
        Self {
            start: list.as_ptr(),
            count: list.len() as u64,
        }
    }
}

/// An instruction.
#[repr(C)]
struct Instruction {
    program: *const Pubkey,
    accounts: Part<Meta>,
    data: Part<u8>,
}

/// Calls `program` with three accounts for each of many: `source`, which is written; that one, which is written too; and `authority`,
/// which signs by `seeds`. Neither `source` nor `authority` may be borrowed. Only on chain.
///
/// # Errors
/// `AccountBorrowFailed`; what the called program refuses ends the transaction.
#[inline(always)]
pub fn invoke_for_each<'a>(
    program: &Pubkey,
    (source, authority): (&AccountInfo, &AccountInfo),
    each: impl ExactSizeIterator<Item = &'a RawAccount> + Clone,
    data: &[u8],
    seeds: &[&[u8]],
) -> ProgramResult {
    let written = Meta {
        key: source.key,
        flags: WRITABLE,
    };
    let signs = Meta {
        key: authority.key,
        flags: SIGNER,
    };
    // Lists whose length is known beforehand are written without a look at the room that is left.
    let mut infos = Vec::with_capacity(each.len().saturating_add(2));
    infos.push(Info::of(source)?);
    infos.push(Info::of(authority)?);
    infos.extend(each.clone().map(RawAccount::info));
    let metas: Vec<[Meta; 3]> = each
        .map(|account| {
            let paid = Meta {
                key: account.key(),
                ..written
            };
            [written, paid, signs]
        })
        .collect();
    let seeds: Vec<Part<u8>> = seeds.iter().map(|seed| Part::of(seed)).collect();
    let instruction = Instruction {
        program,
        accounts: Part::of(metas.as_flattened()),
        data: Part::of(data),
    };
    invoke(&instruction, &infos, &Part::of(&seeds))
}

#[cfg(target_os = "solana")]
#[inline(always)]
fn invoke(instruction: &Instruction, infos: &[Info], signer: &Part<Part<u8>>) -> ProgramResult {
    // SAFETY: the parts lie as the machine wants them and last as long as the call; nothing of the accounts is borrowed.
    let result = unsafe {
        solana_define_syscall::definitions::sol_invoke_signed_c(
            std::ptr::from_ref(instruction).cast(),
            infos.as_ptr().cast(),
            infos.len() as u64,
            std::ptr::from_ref(signer).cast(),
            1,
        )
    };
    match result {
        0 => Ok(()),
        error => Err(error.into()),
    }
}

/// Elsewhere there is nobody to call.
#[cfg(not(target_os = "solana"))]
fn invoke(_: &Instruction, _: &[Info], _: &Part<Part<u8>>) -> ProgramResult {
    Err(ProgramError::InvalidInstructionData)
}
