//! Whose token account is paid: what can be wrong with a wallet's address, told from what lies there.

use std::collections::BTreeMap;

use anchor_lang::AccountDeserialize;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use anchor_spl::token_interface::TokenAccount;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::case::Case;
use super::consent::payee_of;
use super::rows::Reason;
use crate::error::Result;

/// The size of a mint without extensions; token accounts are larger.
const MINT_SIZE: usize = 82;
/// Where an account with extensions says what it is: 1 = mint, 2 = token account.
const ACCOUNT_TYPE: usize = 165;
const ADDRESSES_AT_ONCE: usize = 100;

/// Owners and their token accounts, as they are on the ledger.
pub struct Owners {
    known: BTreeMap<Pubkey, Known>,
}

struct Known {
    payee: Pubkey,
    wallet: Option<Account>,
    account: Option<Account>,
    mint: Pubkey,
    token_program: Pubkey,
}

impl Owners {
    /// Reads owners and their token accounts for a trial.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn read(case: &Case, mut owners: Vec<Pubkey>) -> Result<Self> {
        owners.sort();
        owners.dedup();
        let mut known = BTreeMap::new();
        for chunk in owners.chunks(ADDRESSES_AT_ONCE) {
            let payees: Vec<Pubkey> = chunk.iter().map(|owner| payee_of(case, owner)).collect();
            let wallets = case.cluster().accounts(chunk)?;
            let accounts = case.cluster().accounts(&payees)?;
            for (((owner, payee), wallet), account) in
                chunk.iter().zip(payees).zip(wallets).zip(accounts)
            {
                let found = Known {
                    payee,
                    wallet,
                    account,
                    mint: case.trial.mint,
                    token_program: case.trial.token_program,
                };
                known.insert(*owner, found);
            }
        }
        Ok(Self { known })
    }

    /// The token account of an owner, if it can be paid or made.
    ///
    /// # Errors
    /// `owner_is_mint`, `owner_is_token_account`, `owner_is_program`, `owner_is_program_owned`, `owner_off_curve`,
    /// `payee_unusable`.
    pub fn payee(&self, owner: &Pubkey) -> std::result::Result<Pubkey, Reason> {
        let Some(known) = self.known.get(owner) else {
            return Err(Reason::new(
                "owner_unknown",
                format!("{owner} was not looked up."),
            ));
        };
        if let Some(wallet) = &known.wallet {
            refuse_wallet(owner, wallet)?;
        }
        require_key(owner)?;
        if let Some(account) = &known.account {
            known.check(owner, account)?;
        }
        Ok(known.payee)
    }

    /// What makes the owner's token account, where it is missing.
    pub fn creation(&self, case: &Case, owner: &Pubkey) -> Option<Instruction> {
        let known = self.known.get(owner)?;
        known.account.is_none().then(|| {
            create_associated_token_account_idempotent(
                &case.session.payer(),
                owner,
                &known.mint,
                &known.token_program,
            )
        })
    }
}

impl Known {
    fn check(&self, owner: &Pubkey, account: &Account) -> std::result::Result<(), Reason> {
        let usable = account.owner == self.token_program
            && TokenAccount::try_deserialize(&mut account.data.as_slice()).is_ok_and(|token| {
                token.mint == self.mint && token.owner == *owner && !token.is_frozen()
            });
        if usable {
            return Ok(());
        }
        Err(Reason::new(
            "payee_unusable",
            format!("The token account {} of {owner} is frozen, given away, or of another kind; it cannot be named as a payee.", self.payee),
        ))
    }
}

/// Refuses an address that nobody can have the key of.
fn require_key(owner: &Pubkey) -> std::result::Result<(), Reason> {
    if owner.is_on_curve() {
        return Ok(());
    }
    Err(Reason::new(
        "owner_off_curve",
        format!(
            "{owner} is not on the curve: it is a program's address, and nobody has a key for it."
        ),
    ))
}

fn refuse_wallet(owner: &Pubkey, wallet: &Account) -> std::result::Result<(), Reason> {
    let token_programs = [anchor_spl::token::ID, anchor_spl::token_2022::ID];
    let refused = |code, what: &str| {
        Err(Reason::new(
            code,
            format!("{owner} is {what}; give the address of the wallet that is to own the money."),
        ))
    };
    if wallet.executable {
        return refused("owner_is_program", "a program");
    }
    if token_programs.contains(&wallet.owner) {
        let is_mint = wallet.data.len() == MINT_SIZE || wallet.data.get(ACCOUNT_TYPE) == Some(&1);
        return if is_mint {
            refused("owner_is_mint", "a mint")
        } else {
            refused("owner_is_token_account", "itself a token account")
        };
    }
    if wallet.owner != solana_sdk_ids::system_program::ID {
        return refused("owner_is_program_owned", "an account of a program");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(owner: Pubkey, size: usize, executable: bool) -> Account {
        Account {
            lamports: 1,
            data: vec![0; size],
            owner,
            executable,
            rent_epoch: 0,
        }
    }

    #[test]
    fn a_wallet_is_told_from_everything_else() {
        let key = Pubkey::new_from_array([7; 32]);
        let code = |account: &Account| refuse_wallet(&key, account).err();
        let system = solana_sdk_ids::system_program::ID;
        assert_eq!(code(&account(system, 0, false)), None);
        let mut extended_mint = account(anchor_spl::token_2022::ID, 234, false);
        extended_mint.data[ACCOUNT_TYPE] = 1;
        let expected = |code, account: Account| {
            let found = refuse_wallet(&key, &account).expect_err("refused");
            assert!(format!("{found:?}").contains(code), "{found:?}");
        };
        expected("owner_is_mint", account(anchor_spl::token::ID, 82, false));
        expected("owner_is_mint", extended_mint);
        expected(
            "owner_is_token_account",
            account(anchor_spl::token::ID, 165, false),
        );
        expected("owner_is_program", account(key, 36, true));
        expected("owner_is_program_owned", account(trials::ID, 512, false));
    }

    #[test]
    fn nobody_has_a_key_off_the_curve() {
        let off = Pubkey::find_program_address(&[b"x"], &trials::ID).0;
        assert!(require_key(&off).is_err());
        let on = Pubkey::new_from_array(
            solana_keypair::Keypair::new_from_array([1; 32]).to_bytes()[32..]
                .try_into()
                .expect("32 bytes"),
        );
        assert!(require_key(&on).is_ok());
    }
}
