//! Token accounts, read in place: a payment pays for every unit of compute.

use anchor_lang::prelude::*;

/// Where a token account's mint, owner, balance and state lie: the same in SPL Token and Token-2022, whatever extensions
/// follow.
const MINT: std::ops::Range<usize> = 0..32;
const OWNER: std::ops::Range<usize> = 32..64;
const AMOUNT: std::ops::Range<usize> = 64..72;
const STATE: usize = 108;
const BASE_LENGTH: usize = 165;
/// `AccountState::Initialized` and `AccountState::Frozen`; 0 is neither.
const INITIALIZED: u8 = 1;
const FROZEN: u8 = 2;
/// `AccountType::Account`, the byte after the base where extensions follow.
const ACCOUNT_TYPE: u8 = 2;
/// Where the extensions begin: each a type and a length of two bytes, and its data.
const EXTENSIONS: usize = BASE_LENGTH + 1;
const EXTENSION_HEAD: usize = 4;
/// `ExtensionType::MemoTransfer`: the account can refuse transfers without a memo.
const MEMO_TRANSFER: u16 = 8;

/// The balance of a token account in the mint's smallest units, for an account that is known to be one.
pub fn amount(account: &AccountInfo) -> Option<u64> {
    let data = account.try_borrow_data().ok()?;
    let bytes = data.get(AMOUNT)?.try_into().ok()?;
    Some(u64::from_le_bytes(bytes))
}

/// Why a transfer to an account would fail, and take the whole transaction with it. Each program gives it a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayeeRefusal {
    /// It is no account of the token program, or not in use.
    Closed,
    /// It is no token account, or one of another mint.
    Other,
    /// The mint's issuer has frozen it.
    Frozen,
    /// Its owner refuses transfers without a memo.
    AsksForMemo,
}

/// Checks that `account` can receive `mint` now.
///
/// # Errors
/// The first refusal in the order in which they are looked for.
#[inline(always)]
pub fn check_payee(
    account: &AccountInfo,
    token_program: &Pubkey,
    mint: &Pubkey,
) -> std::result::Result<(), PayeeRefusal> {
    if account.owner != token_program {
        return Err(PayeeRefusal::Closed);
    }
    let data = account.try_borrow_data().map_err(|_| PayeeRefusal::Other)?;
    check_data(&data, mint)
}

#[inline(always)]
fn check_data(data: &[u8], mint: &Pubkey) -> std::result::Result<(), PayeeRefusal> {
    let is_plain = data.len() == BASE_LENGTH;
    if !is_plain && data.get(BASE_LENGTH) != Some(&ACCOUNT_TYPE)
        || data.get(MINT) != Some(mint.as_ref())
    {
        return Err(PayeeRefusal::Other);
    }
    match data.get(STATE) {
        Some(&INITIALIZED) if is_plain || !asks_for_memo(data) => Ok(()),
        Some(&INITIALIZED) => Err(PayeeRefusal::AsksForMemo),
        Some(&FROZEN) => Err(PayeeRefusal::Frozen),
        _ => Err(PayeeRefusal::Closed),
    }
}

/// Whether `account` can receive `mint` now, and is of this `owner`.
pub fn can_receive(
    account: &AccountInfo,
    token_program: &Pubkey,
    mint: &Pubkey,
    owner: &Pubkey,
) -> bool {
    account.owner == token_program
        && account
            .try_borrow_data()
            .is_ok_and(|data| data_can_receive(&data, mint, owner))
}

/// The same of the data of an account that is known to belong to the token program.
#[inline(always)]
pub fn data_can_receive(data: &[u8], mint: &Pubkey, owner: &Pubkey) -> bool {
    check_data(data, mint).is_ok() && data.get(OWNER) == Some(owner.as_ref())
}

/// Whether the extensions of a Token-2022 account refuse a transfer without a memo.
fn asks_for_memo(data: &[u8]) -> bool {
    let mut rest = data.get(EXTENSIONS..).unwrap_or_default();
    while let Some([kind_low, kind_high, length_low, length_high]) = rest.get(..EXTENSION_HEAD) {
        let kind = u16::from_le_bytes([*kind_low, *kind_high]);
        let length = usize::from(u16::from_le_bytes([*length_low, *length_high]));
        // Zeros: unused room at the end.
        if kind == 0 {
            return false;
        }
        let body = rest.get(EXTENSION_HEAD..).unwrap_or_default();
        if kind == MEMO_TRANSFER {
            return body.first() == Some(&1);
        }
        rest = body.get(length..).unwrap_or_default();
    }
    false
}
