//! Which mints a pool may pay in: those from which nobody but the holder can take, tax or redirect money.

use anchor_lang::prelude::*;
use anchor_spl::token_2022::spl_token_2022::extension::{
    BaseStateWithExtensions, ExtensionType, StateWithExtensions,
};
use anchor_spl::token_2022::spl_token_2022::state::Mint as MintState;
use anchor_spl::token_interface::Mint;

use crate::constants::{MAX_DECIMALS, MIN_DECIMALS};
use crate::error::ClaimsError;
use crate::state::Pool;

/// Checks a mint and returns what its issuer can do, as bits of [`Pool::issuer_powers`].
///
/// # Errors
/// `MintDecimalsInvalid`, `MintInvalid`, and one for each kind of extension that is refused.
pub fn check(info: &AccountInfo, mint: &Mint) -> Result<u8> {
    require!(
        (MIN_DECIMALS..=MAX_DECIMALS).contains(&mint.decimals),
        ClaimsError::MintDecimalsInvalid
    );
    if *info.owner == anchor_spl::token_2022::ID {
        check_extensions(&info.try_borrow_data()?)?;
    } else {
        require_keys_eq!(*info.owner, anchor_spl::token::ID, ClaimsError::MintInvalid);
    }
    let mut powers = 0;
    if mint.freeze_authority.is_some() {
        powers |= Pool::ISSUER_CAN_FREEZE;
    }
    if mint.mint_authority.is_some() {
        powers |= Pool::ISSUER_CAN_MINT;
    }
    Ok(powers)
}

/// Checks the extensions of a Token-2022 mint in `data`.
fn check_extensions(data: &[u8]) -> Result<()> {
    let state =
        StateWithExtensions::<MintState>::unpack(data).map_err(|_| ClaimsError::MintInvalid)?;
    // The types are listed only if each of them is known: a new one is refused until it has been judged.
    let extensions = state
        .get_extension_types()
        .map_err(|_| ClaimsError::MintExtensionUnknown)?;
    for extension in extensions {
        if let Some(refusal) = refusal(extension) {
            msg!("Refused mint extension: {:?}", extension);
            return Err(refusal.into());
        }
    }
    Ok(())
}

/// Why a mint with `extension` is refused; none where the extension only describes the mint.
pub fn refusal(extension: ExtensionType) -> Option<ClaimsError> {
    match extension {
        ExtensionType::MetadataPointer
        | ExtensionType::TokenMetadata
        | ExtensionType::GroupPointer
        | ExtensionType::TokenGroup
        | ExtensionType::GroupMemberPointer
        | ExtensionType::TokenGroupMember => None,
        ExtensionType::TransferFeeConfig | ExtensionType::TransferFeeAmount => {
            Some(ClaimsError::MintCanTax)
        }
        ExtensionType::PermanentDelegate => Some(ClaimsError::MintCanTake),
        ExtensionType::DefaultAccountState | ExtensionType::Pausable => {
            Some(ClaimsError::MintCanFreeze)
        }
        ExtensionType::TransferHook
        | ExtensionType::ConfidentialTransferMint
        | ExtensionType::ConfidentialTransferFeeConfig
        | ExtensionType::ConfidentialMintBurn => Some(ClaimsError::MintCanRedirect),
        _ => Some(ClaimsError::MintExtensionRefused),
    }
}
