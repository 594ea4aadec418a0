//! Which mints a program may pay in: those from which nobody but the holder can take, tax or redirect money.

use anchor_lang::prelude::*;
use anchor_spl::token_2022::spl_token_2022::extension::{
    BaseStateWithExtensions, ExtensionType, StateWithExtensions,
};
use anchor_spl::token_2022::spl_token_2022::state::Mint as MintState;
use anchor_spl::token_interface::Mint;

/// Fewest decimals: money is counted in cents.
pub const MIN_DECIMALS: u8 = 2;

/// Most decimals.
pub const MAX_DECIMALS: u8 = 9;

/// Bit of what an issuer can do: token accounts, vaults too, can be frozen. Stated, not refused.
pub const ISSUER_CAN_FREEZE: u8 = 1 << 0;

/// Bit of what an issuer can do: the supply can grow. Stated, not refused.
pub const ISSUER_CAN_MINT: u8 = 1 << 1;

/// Why a mint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintRefusal {
    /// Too few or too many decimals.
    Decimals,
    /// Of neither token program, or not initialised.
    Invalid,
    /// Somebody can tax transfers.
    CanTax,
    /// Somebody can take tokens.
    CanTake,
    /// Accounts are frozen from the start, or transfers can be paused.
    CanFreeze,
    /// Another program runs at each transfer, or amounts are moved out of sight.
    CanRedirect,
    /// Another extension that is not on the list of harmless ones.
    ExtensionRefused,
    /// An extension that is not known: refused until it has been judged.
    ExtensionUnknown,
}

/// Checks a mint and returns what its issuer can do, as bits.
///
/// # Errors
/// Why it is refused.
pub fn check(info: &AccountInfo, mint: &Mint) -> std::result::Result<u8, MintRefusal> {
    if !(MIN_DECIMALS..=MAX_DECIMALS).contains(&mint.decimals) {
        return Err(MintRefusal::Decimals);
    }
    if *info.owner == anchor_spl::token_2022::ID {
        let data = info.try_borrow_data().map_err(|_| MintRefusal::Invalid)?;
        check_extensions(&data)?;
    } else if *info.owner != anchor_spl::token::ID {
        return Err(MintRefusal::Invalid);
    }
    let mut powers = 0;
    if mint.freeze_authority.is_some() {
        powers |= ISSUER_CAN_FREEZE;
    }
    if mint.mint_authority.is_some() {
        powers |= ISSUER_CAN_MINT;
    }
    Ok(powers)
}

/// Smallest units of a mint in a cent; `None` for decimals that [`check`] refuses.
pub fn unit_per_cent(decimals: u8) -> Option<u64> {
    decimals
        .checked_sub(MIN_DECIMALS)
        .filter(|_| decimals <= MAX_DECIMALS)
        .and_then(|exponent| 10u64.checked_pow(u32::from(exponent)))
}

/// Checks the extensions of a Token-2022 mint in `data`.
fn check_extensions(data: &[u8]) -> std::result::Result<(), MintRefusal> {
    let state = StateWithExtensions::<MintState>::unpack(data).map_err(|_| MintRefusal::Invalid)?;
    // The types are listed only if each of them is known: a new one is refused until it has been judged.
    let extensions = state
        .get_extension_types()
        .map_err(|_| MintRefusal::ExtensionUnknown)?;
    for extension in extensions {
        if let Some(refusal) = refusal(extension) {
            msg!("Refused mint extension: {:?}", extension);
            return Err(refusal);
        }
    }
    Ok(())
}

/// Why a mint with `extension` is refused; none where the extension only describes the mint.
pub fn refusal(extension: ExtensionType) -> Option<MintRefusal> {
    match extension {
        ExtensionType::MetadataPointer
        | ExtensionType::TokenMetadata
        | ExtensionType::GroupPointer
        | ExtensionType::TokenGroup
        | ExtensionType::GroupMemberPointer
        | ExtensionType::TokenGroupMember => None,
        ExtensionType::TransferFeeConfig | ExtensionType::TransferFeeAmount => {
            Some(MintRefusal::CanTax)
        }
        ExtensionType::PermanentDelegate => Some(MintRefusal::CanTake),
        ExtensionType::DefaultAccountState | ExtensionType::Pausable => {
            Some(MintRefusal::CanFreeze)
        }
        ExtensionType::TransferHook
        | ExtensionType::ConfidentialTransferMint
        | ExtensionType::ConfidentialTransferFeeConfig
        | ExtensionType::ConfidentialMintBurn => Some(MintRefusal::CanRedirect),
        _ => Some(MintRefusal::ExtensionRefused),
    }
}
