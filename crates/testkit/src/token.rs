//! Mints and token accounts, of SPL Token and of Token-2022 with any extension, known or unknown.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::program_option::COption;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token::spl_token::state::{Account as TokenState, AccountState, Mint};
use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use anchor_spl::token_2022::spl_token_2022::state::Mint as Mint2022;
use solana_account::Account;

use crate::world::World;

/// Where the type of a Token-2022 account stands: after the longer of the two base layouts.
const ACCOUNT_TYPE_OFFSET: usize = TokenState::LEN;

/// A token program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProgram {
    /// SPL Token.
    Token,
    /// Token-2022.
    Token2022,
}

impl TokenProgram {
    /// Where it is deployed.
    pub fn id(self) -> Pubkey {
        match self {
            Self::Token => anchor_spl::token::ID,
            Self::Token2022 => anchor_spl::token_2022::ID,
        }
    }
}

/// What a mint is like.
#[derive(Clone, Debug)]
pub struct MintTerms {
    /// Its program.
    pub program: TokenProgram,
    /// Decimal places of a token.
    pub decimals: u8,
    /// Who may freeze accounts.
    pub freeze_authority: Option<Pubkey>,
    /// Extension types and the length of their data (which is zero), in order; Token-2022 only.
    pub extensions: Vec<(u16, usize)>,
}

impl Default for MintTerms {
    fn default() -> Self {
        Self {
            program: TokenProgram::Token,
            decimals: 6,
            freeze_authority: None,
            extensions: Vec::new(),
        }
    }
}

impl MintTerms {
    /// A Token-2022 mint with the extensions given.
    pub fn token_2022(extensions: &[ExtensionType]) -> Self {
        Self {
            program: TokenProgram::Token2022,
            extensions: extensions.iter().map(extension).collect(),
            ..Self::default()
        }
    }
}

/// The number of an extension and the length of its data; 0 for one of variable length.
fn extension(kind: &ExtensionType) -> (u16, usize) {
    let without = ACCOUNT_TYPE_OFFSET + 1 + 4;
    let length = ExtensionType::try_calculate_account_len::<Mint2022>(&[*kind])
        .map_or(0, |length| length.saturating_sub(without));
    (u16::from(*kind), length)
}

impl World {
    /// A mint at the address of actor `name`, with no mint authority; [`World::mint_to`] makes tokens.
    pub fn mint(&mut self, name: &str, terms: &MintTerms) -> Pubkey {
        use solana_signer::Signer;
        let address = crate::world::actor(name).pubkey();
        let mut data = vec![0; Mint::LEN];
        let mint = Mint {
            decimals: terms.decimals,
            is_initialized: true,
            freeze_authority: terms.freeze_authority.into(),
            ..Mint::default()
        };
        Mint::pack(mint, &mut data).expect("a mint packs");
        if !terms.extensions.is_empty() {
            data.resize(ACCOUNT_TYPE_OFFSET, 0);
            data.push(1);
            for (kind, length) in &terms.extensions {
                data.extend_from_slice(&kind.to_le_bytes());
                data.extend_from_slice(&u16::try_from(*length).expect("short").to_le_bytes());
                data.resize(data.len() + length, 0);
            }
        }
        self.set_owned(&address, &terms.program.id(), data);
        address
    }

    /// A token account of `owner` for `mint`, at the address of actor `name`.
    pub fn token_account(&mut self, name: &str, mint: &Pubkey, owner: &Pubkey) -> Pubkey {
        use solana_signer::Signer;
        let address = crate::world::actor(name).pubkey();
        let program = self.raw(mint).expect("the mint exists").owner;
        let mut data = vec![0; TokenState::LEN];
        let account = TokenState {
            mint: *mint,
            owner: *owner,
            state: AccountState::Initialized,
            is_native: COption::None,
            ..TokenState::default()
        };
        TokenState::pack(account, &mut data).expect("a token account packs");
        self.set_owned(&address, &program, data);
        address
    }

    /// Adds `amount` base units to a token account and to the supply of its mint.
    pub fn mint_to(&mut self, address: &Pubkey, amount: u64) {
        let mut state = self.token(address);
        state.amount = state.amount.checked_add(amount).expect("amounts fit");
        self.set_token(address, state);
        let mut mint = self.raw(&state.mint).expect("the mint exists");
        let mut terms = Mint::unpack_from_slice(&mint.data[..Mint::LEN]).expect("a mint unpacks");
        terms.supply = terms.supply.checked_add(amount).expect("the supply fits");
        Mint::pack(terms, &mut mint.data[..Mint::LEN]).expect("a mint packs");
        self.set_raw(&state.mint, mint);
    }

    /// The state of a token account.
    pub fn token(&self, address: &Pubkey) -> TokenState {
        let account = self.raw(address).expect("the token account exists");
        TokenState::unpack_from_slice(&account.data[..TokenState::LEN])
            .expect("a token account unpacks")
    }

    /// The balance of a token account, in base units.
    pub fn balance(&self, address: &Pubkey) -> u64 {
        self.token(address).amount
    }

    /// Overwrites the state of a token account.
    pub fn set_token(&mut self, address: &Pubkey, state: TokenState) {
        let mut account = self.raw(address).expect("the token account exists");
        TokenState::pack(state, &mut account.data[..TokenState::LEN])
            .expect("a token account packs");
        self.set_raw(address, account);
    }

    /// Freezes a token account.
    pub fn freeze(&mut self, address: &Pubkey) {
        let mut state = self.token(address);
        state.state = AccountState::Frozen;
        self.set_token(address, state);
    }

    /// Thaws a token account.
    pub fn thaw(&mut self, address: &Pubkey) {
        let mut state = self.token(address);
        state.state = AccountState::Initialized;
        self.set_token(address, state);
    }

    /// Gives a plain Token-2022 account the extensions ImmutableOwner (7), which has no data, as every associated
    /// account has it, and MemoTransfer (8), switched on or off.
    pub fn extend_with_memo(&mut self, address: &Pubkey, required: bool) {
        let mut account = self.raw(address).expect("the token account exists");
        assert_eq!(account.data.len(), TokenState::LEN);
        let account_type = 2;
        account
            .data
            .extend([account_type, 7, 0, 0, 0, 8, 0, 1, 0, u8::from(required)]);
        self.set_owned(address, &account.owner, account.data);
    }

    /// Gives a plain Token-2022 mint the extension TransferFeeConfig with a fee of 1 % from the first epoch on, and these
    /// token accounts room for what is withheld (TransferFeeAmount). The token program adds neither to a mint or an account that
    /// there is: so it is only to see what a program does with money that arrives short.
    pub fn tax(&mut self, mint: &Pubkey, accounts: &[Pubkey]) {
        const MINT: (u8, u16) = (1, 1);
        const ACCOUNT: (u8, u16) = (2, 2);
        // Two keys and what is withheld, then the fee before and after a change: its epoch, its most, its rate.
        let fee = [
            0u64.to_le_bytes().as_slice(),
            &u64::MAX.to_le_bytes(),
            &100u16.to_le_bytes(),
        ]
        .concat();
        let config = [[0; 72].as_slice(), &fee, &fee].concat();
        self.extend(mint, MINT, &config);
        for account in accounts {
            self.extend(account, ACCOUNT, &[0; 8]);
        }
    }

    /// Gives a plain account of Token-2022 an extension, by the type of the account and the number of the extension.
    fn extend(&mut self, address: &Pubkey, (kind, number): (u8, u16), body: &[u8]) {
        let mut account = self.raw(address).expect("an account of the token program");
        account.data.resize(ACCOUNT_TYPE_OFFSET, 0);
        account.data.push(kind);
        account.data.extend(number.to_le_bytes());
        let length = u16::try_from(body.len()).expect("short");
        account.data.extend(length.to_le_bytes());
        account.data.extend(body);
        self.set_owned(address, &account.owner, account.data);
    }

    /// A rent-exempt account of `owner` with `data`.
    pub fn set_owned(&mut self, address: &Pubkey, owner: &Pubkey, data: Vec<u8>) {
        let account = Account {
            lamports: self.rent(data.len()),
            data,
            owner: *owner,
            executable: false,
            rent_epoch: u64::MAX,
        };
        self.set_raw(address, account);
    }
}
