//! Attacks on accounts.

use anchor_lang::prelude::Pubkey;
use solana_account::Account;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use super::{idl, Cell, Fixture, Preparation, Verdict};
use crate::world::{actor, Program, World};

/// Owns the sysvars that have accounts.
const SYSVAR_OWNER: Pubkey = Pubkey::from_str_const("Sysvar1111111111111111111111111111111111111");

/// What stands in an account's place before the attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// Signs.
    Signer,
    /// A program.
    Program,
    /// Holds data: ours, a token account, a mint, a sysvar.
    Data,
    /// Does not exist: is created, or only signs for the program.
    Absent,
    /// An optional account that is left out.
    None,
    /// Lamports only.
    Wallet,
}

/// Every attack on the accounts of an instruction.
pub fn cells(program: Program, definition: &idl::Instruction, fixture: &Fixture) -> Vec<Cell> {
    let metas = fixture.instruction.accounts.clone();
    let own = definition.accounts.len();
    assert!(
        metas.len() >= own,
        "the fixture of {} has the IDL's accounts",
        definition.name
    );
    // What an instruction takes as it comes: claims, a family, authorisations, details, payees.
    let further = metas
        .iter()
        .skip(own)
        .enumerate()
        .map(|(n, meta)| idl::Account {
            name: format!("account {} after its own", n + 1),
            writable: meta.is_writable,
            signer: meta.is_signer,
            optional: false,
        });
    let accounts: Vec<_> = definition.accounts.iter().cloned().chain(further).collect();
    let mut cells = Vec::new();
    for (index, account) in accounts.iter().enumerate() {
        let mut builder = Builder {
            fixture,
            index,
            name: &account.name,
            cells: &mut cells,
        };
        let slot = builder.slot(program, account);
        builder.flags(account);
        builder.missing();
        builder.others(slot);
        builder.in_place(slot);
        builder.aliases(slot, &metas);
        if index >= own {
            builder.order(own);
        }
        if account.optional && slot != Slot::None {
            builder.replace("left out", program.id());
        }
    }
    cells
}

struct Builder<'a> {
    fixture: &'a Fixture,
    index: usize,
    name: &'a str,
    cells: &'a mut Vec<Cell>,
}

impl Builder<'_> {
    fn meta(&self) -> &AccountMeta {
        &self.fixture.instruction.accounts[self.index]
    }

    fn account(&self) -> Option<Account> {
        self.fixture.world.raw(&self.meta().pubkey)
    }

    fn slot(&self, program: Program, account: &idl::Account) -> Slot {
        if account.optional && self.meta().pubkey == program.id() {
            return Slot::None;
        }
        match self.account() {
            _ if account.signer => Slot::Signer,
            Some(found) if found.executable => Slot::Program,
            Some(found) if !found.data.is_empty() => Slot::Data,
            Some(_) => Slot::Wallet,
            // The runtime makes up the instructions sysvar.
            None if self.name == "instructions_sysvar" => Slot::Data,
            None => Slot::Absent,
        }
    }

    fn push(
        &mut self,
        attack: impl Into<String>,
        instruction: Instruction,
        prepare: Option<Preparation>,
    ) {
        self.cells.push(Cell {
            target: self.name.to_owned(),
            attack: attack.into(),
            prepare,
            instruction,
            verdict: Verdict::Refused,
        });
    }

    fn with(&self, change: impl FnOnce(&mut AccountMeta)) -> Instruction {
        let mut instruction = self.fixture.instruction.clone();
        change(&mut instruction.accounts[self.index]);
        instruction
    }

    /// Another address in the same place.
    fn replace(&mut self, attack: impl Into<String>, other: Pubkey) {
        let instruction = self.with(|meta| meta.pubkey = other);
        self.push(attack, instruction, None);
    }

    /// Another address in the same place, with this account at it.
    fn replace_with(&mut self, attack: impl Into<String>, account: Account) {
        let other = actor(&format!("planted {}", self.name)).pubkey();
        let instruction = self.with(|meta| meta.pubkey = other);
        let prepare = move |world: &mut World| world.set_raw(&other, account.clone());
        self.push(attack, instruction, Some(Box::new(prepare)));
    }

    /// The same address, with the account changed.
    fn change(&mut self, attack: impl Into<String>, account: Account) {
        let address = self.meta().pubkey;
        let instruction = self.fixture.instruction.clone();
        let prepare = move |world: &mut World| world.set_raw(&address, account.clone());
        self.push(attack, instruction, Some(Box::new(prepare)));
    }

    fn flags(&mut self, account: &idl::Account) {
        if account.signer && self.meta().is_signer {
            let instruction = self.with(|meta| meta.is_signer = false);
            self.push("unsigned", instruction, None);
        }
        if account.writable && self.meta().is_writable {
            let instruction = self.with(|meta| meta.is_writable = false);
            self.push("read-only", instruction, None);
        }
    }

    fn missing(&mut self) {
        let mut instruction = self.fixture.instruction.clone();
        instruction.accounts.remove(self.index);
        self.push("missing", instruction, None);
    }

    /// An account after the instruction's own, of which there are `own`: twice, and before the one before it.
    fn order(&mut self, own: usize) {
        let mut orders = Vec::new();
        let mut twice = self.fixture.instruction.clone();
        twice.accounts.insert(self.index, self.meta().clone());
        orders.push(("twice", twice));
        if self.index > own {
            let mut swapped = self.fixture.instruction.clone();
            swapped.accounts.swap(self.index - 1, self.index);
            orders.push(("before the one before", swapped));
        }
        for (attack, instruction) in orders {
            self.cells.push(Cell {
                target: self.name.to_owned(),
                attack: attack.to_owned(),
                prepare: None,
                instruction,
                verdict: Verdict::RefusedOrWithoutEffect,
            });
        }
    }

    /// Other accounts in its place.
    fn others(&mut self, slot: Slot) {
        let stranger = actor("stranger").pubkey();
        let nowhere = actor("nothing is here").pubkey();
        match slot {
            Slot::Signer | Slot::Wallet => self.replace("a stranger", stranger),
            Slot::None => {
                self.replace("a stranger", stranger);
                self.replace("an account that does not exist", nowhere);
            }
            Slot::Program => {
                self.replace("a stranger", stranger);
                for program in programs() {
                    if program != self.meta().pubkey {
                        let attack = format!("the program {program}");
                        self.replace(attack, program);
                    }
                }
            }
            Slot::Data | Slot::Absent => {
                self.replace("a stranger", stranger);
                self.replace("an account that does not exist", nowhere);
                for (attack, other) in self.instances() {
                    self.replace(attack, other);
                }
            }
        }
    }

    /// Another account of its own type, and one of each other type, of all programs.
    fn instances(&self) -> Vec<(String, Pubkey)> {
        let own = self.account().map(|account| type_of(&account));
        let mut seen = std::collections::BTreeSet::new();
        let mut instances = Vec::new();
        let owners = [
            registry::ID,
            claims::ID,
            trials::ID,
            provenance::ID,
            anchor_spl::token::ID,
            anchor_spl::token_2022::ID,
        ];
        for owner in owners {
            for (address, account) in self.fixture.world.accounts_of(&owner) {
                if address == self.meta().pubkey || account.data.is_empty() {
                    continue;
                }
                let kind = type_of(&account);
                let is_same = Some(&kind) == own.as_ref();
                if is_same || seen.insert(kind) {
                    let relation = if is_same {
                        "another instance"
                    } else {
                        "another type"
                    };
                    instances.push((format!("{relation}, {address}"), address));
                }
            }
        }
        instances
    }

    /// The account itself, tampered with.
    fn in_place(&mut self, slot: Slot) {
        if slot == Slot::None {
            return;
        }
        let Some(account) = self.account() else {
            if slot == Slot::Data {
                // A sysvar that the runtime makes up: the same form at another address.
                let forged = Account {
                    lamports: 1_000_000_000,
                    data: vec![0; 512],
                    owner: SYSVAR_OWNER,
                    ..Account::default()
                };
                self.replace_with("a forged sysvar", forged);
            }
            return;
        };
        if slot == Slot::Signer && account.owner != anchor_lang::system_program::ID {
            // Anybody can give an account of their own key to the program that owns this one, and sign for it.
            self.replace_with("a key's account of the same owner", account.clone());
        }
        if slot == Slot::Wallet || slot == Slot::Signer {
            return;
        }
        let foreign = actor("foreign program").pubkey();
        let with_owner = |owner: Pubkey| Account {
            owner,
            ..account.clone()
        };
        if slot == Slot::Program {
            let mut inert = account.clone();
            inert.executable = false;
            self.replace_with("a copy that is not executable", inert);
            return;
        }
        self.replace_with("a copy owned by another program", with_owner(foreign));
        self.change("owned by another program", with_owner(foreign));
        self.change(
            "owned by the system program",
            with_owner(anchor_lang::system_program::ID),
        );
        self.change("closed", Account::default());
        self.change("empty", with_data(&account, Vec::new()));
        let zeros = vec![0; account.data.len()];
        self.change("uninitialised", with_data(&account, zeros));
        let mut flipped = account.data.clone();
        flipped[0] ^= 0xff;
        if is_ours(&account) {
            self.change("discriminator flipped", with_data(&account, flipped));
            let content = content_length(&account);
            let cut = account.data[..content - 1].to_vec();
            self.change("content cut by one byte", with_data(&account, cut));
            let mut longer = account.data.clone();
            longer.push(0xff);
            self.change("one byte appended", with_data(&account, longer));
        } else {
            let cut = account.data[..account.data.len() - 1].to_vec();
            self.change("cut by one byte", with_data(&account, cut));
        }
    }

    /// The same account as a writable peer.
    fn aliases(&mut self, slot: Slot, metas: &[AccountMeta]) {
        for (peer, meta) in metas.iter().enumerate() {
            let signs_too = slot != Slot::Signer || meta.is_signer;
            if peer != self.index
                && meta.is_writable
                && signs_too
                && meta.pubkey != self.meta().pubkey
            {
                self.replace(format!("the same as account {peer}"), meta.pubkey);
            }
        }
    }
}

/// Whether one of our programs owns the account.
fn is_ours(account: &Account) -> bool {
    [registry::ID, claims::ID, trials::ID, provenance::ID].contains(&account.owner)
}

/// Owner and discriminator, or owner and length where there is none.
fn type_of(account: &Account) -> (Pubkey, Vec<u8>) {
    let tag = if is_ours(account) {
        account.data.iter().take(8).copied().collect()
    } else {
        account.data.len().to_le_bytes().to_vec()
    };
    (account.owner, tag)
}

/// The bytes of an account that its type reads: an empty option at its end leaves room.
fn content_length(account: &Account) -> usize {
    use anchor_lang::{AccountDeserialize, AccountSerialize};
    fn length<T: AccountDeserialize + AccountSerialize>(data: &[u8]) -> Option<usize> {
        let decoded = T::try_deserialize(&mut &*data).ok()?;
        let mut bytes = Vec::new();
        decoded.try_serialize(&mut bytes).ok()?;
        Some(bytes.len())
    }
    let data = account.data.as_slice();
    length::<registry::state::Config>(data)
        .or_else(|| length::<registry::state::Organization>(data))
        .or_else(|| length::<claims::state::Claim>(data))
        .or_else(|| length::<claims::state::Plan>(data))
        .or_else(|| length::<claims::state::PlanVersion>(data))
        .or_else(|| length::<claims::state::Agreement>(data))
        .or_else(|| length::<claims::state::Pool>(data))
        .or_else(|| length::<claims::state::Treaty>(data))
        .unwrap_or(data.len())
}

fn with_data(account: &Account, data: Vec<u8>) -> Account {
    Account {
        data,
        ..account.clone()
    }
}

/// Programs that every world has.
fn programs() -> [Pubkey; 5] {
    [
        anchor_lang::system_program::ID,
        anchor_spl::token::ID,
        anchor_spl::token_2022::ID,
        anchor_spl::associated_token::ID,
        registry::ID,
    ]
}
