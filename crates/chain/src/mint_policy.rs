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

/// Gives a program's errors their codes for [`MintRefusal`]: they bear the same names in every program.
#[macro_export]
macro_rules! mint_refusals {
    ($errors:ty) => {
        impl From<$crate::mint_policy::MintRefusal> for $errors {
            fn from(refusal: $crate::mint_policy::MintRefusal) -> Self {
                use $crate::mint_policy::MintRefusal;
                match refusal {
                    MintRefusal::Decimals => Self::MintDecimalsInvalid,
                    MintRefusal::Invalid => Self::MintInvalid,
                    MintRefusal::CanTax => Self::MintCanTax,
                    MintRefusal::CanTake => Self::MintCanTake,
                    MintRefusal::CanFreeze => Self::MintCanFreeze,
                    MintRefusal::CanRedirect => Self::MintCanRedirect,
                    MintRefusal::ExtensionRefused => Self::MintExtensionRefused,
                    MintRefusal::ExtensionUnknown => Self::MintExtensionUnknown,
                }
            }
        }
    };
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

#[cfg(test)]
mod tests {
    use anchor_lang::solana_program::program_pack::Pack;
    use anchor_lang::AccountDeserialize;

    use super::*;

    /// A mint of six decimals, followed by these bytes.
    fn mint(more: &[u8]) -> Vec<u8> {
        let mut data = vec![0; MintState::LEN];
        let state = MintState {
            decimals: 6,
            is_initialized: true,
            ..MintState::default()
        };
        MintState::pack(state, &mut data).unwrap();
        if !more.is_empty() {
            data.resize(165, 0);
            // The type of the account: a mint.
            data.push(1);
            data.extend(more);
        }
        data
    }

    fn checked(owner: Pubkey, mut data: Vec<u8>) -> std::result::Result<u8, MintRefusal> {
        let state = Mint::try_deserialize(&mut &mint(&[])[..]).unwrap();
        let (key, mut lamports) = (Pubkey::default(), 1);
        let info = AccountInfo::new(&key, false, false, &mut lamports, &mut data, &owner, false);
        check(&info, &state)
    }

    #[test]
    fn what_is_no_mint_or_has_what_nobody_knows() {
        let (token, token_2022) = (anchor_spl::token::ID, anchor_spl::token_2022::ID);
        assert_eq!(checked(token, mint(&[])), Ok(0));
        assert_eq!(checked(token_2022, mint(&[])), Ok(0));
        // A metadata pointer is harmless; the extension of number 60,000 does not exist.
        let pointer = [&[18, 0, 64, 0], [0; 64].as_slice()].concat();
        assert_eq!(checked(token_2022, mint(&pointer)), Ok(0));
        let unknown = [60_000u16.to_le_bytes(), [0, 0]].concat();
        assert_eq!(
            checked(token_2022, mint(&unknown)),
            Err(MintRefusal::ExtensionUnknown)
        );
        let other = Pubkey::new_from_array([9; 32]);
        assert_eq!(checked(other, mint(&[])), Err(MintRefusal::Invalid));
        assert_eq!(checked(token_2022, vec![0; 20]), Err(MintRefusal::Invalid));
    }
}
