//! The chain, its clock and its people.

use std::path::PathBuf;
use std::sync::Mutex;

use anchor_lang::prelude::{AccountDeserialize, Clock, Pubkey};
use anchor_lang::{InstructionData, ToAccountMetas};
use litesvm::{EmptyInvocationInspectCallback, LiteSVM};
use sha2::{Digest, Sha256};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{v1, Message, VersionedMessage};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use crate::found::Found;
use crate::outcome::{Outcome, Snapshot};
use crate::profile::{Run, Tracer};

/// The time at which every world begins: 2026-03-05 12:00:00 UTC, in Unix seconds.
pub const START: i64 = 1_772_712_000;

/// What each actor begins with, in lamports.
const ALLOWANCE: u64 = 1_000_000_000_000;

/// What a version 1 transaction asks for: in its message, not by instructions.
const V1_COMPUTE_UNITS: u32 = 1_400_000;
/// Bytes of accounts that a version 1 transaction may load.
const V1_LOADED_BYTES: u32 = 64 << 20;

/// Bytes of a program data account before the program: tag, slot, whether there is an authority, authority.
const PROGRAM_DATA_AUTHORITY: std::ops::Range<usize> = 12..45;

/// One of Galen's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// Who is who.
    Registry,
    /// Who is paid what.
    Claims,
    /// What participants of trials earn.
    Trials,
    /// Where packs are, and which were dispensed.
    Provenance,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Registry, Self::Claims, Self::Trials, Self::Provenance];

    /// The name of its crate, its `.so` and its IDL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Claims => "claims",
            Self::Trials => "trials",
            Self::Provenance => "provenance",
        }
    }

    /// Where it is deployed.
    pub fn id(self) -> Pubkey {
        match self {
            Self::Registry => registry::ID,
            Self::Claims => claims::ID,
            Self::Trials => trials::ID,
            Self::Provenance => provenance::ID,
        }
    }

    /// Where its compiled form lies.
    pub fn path(self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/deploy")
            .join(format!("{}.so", self.name()))
    }
}

/// A chain with Galen's programs on it. A clone is a copy of the whole state.
#[derive(Clone)]
pub struct World {
    svm: LiteSVM,
    /// Pays every fee, and nothing else.
    fee_payer: Pubkey,
}

/// The keypair that `name` always has.
pub fn actor(name: &str) -> Keypair {
    static MADE: Found<String, Keypair> = Found::new();
    let make =
        || Keypair::new_from_array(Sha256::digest(format!("galen test actor: {name}")).into());
    MADE.with(name.to_owned(), make, Keypair::insecure_clone)
}

/// An instruction of an Anchor program.
pub fn instruction(
    program: Pubkey,
    accounts: impl ToAccountMetas,
    data: impl InstructionData,
) -> Instruction {
    Instruction {
        program_id: program,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}

impl World {
    /// A world at [`START`] with `programs` deployed, upgradeable by [`World::deployer`].
    pub fn new(programs: &[Program]) -> Self {
        // Loading programs takes long; each test of a binary gets a copy of the same world.
        static FRESH: Mutex<Vec<(Vec<Program>, World)>> = Mutex::new(Vec::new());
        let mut fresh = FRESH
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((_, world)) = fresh.iter().find(|(of, _)| of == programs) {
            return world.clone();
        }
        let world = Self::fresh(programs);
        fresh.push((programs.to_vec(), world.clone()));
        world
    }

    fn fresh(programs: &[Program]) -> Self {
        // Whether a signature is genuine is the runtime's business and takes most of a test's time: who must sign is
        // checked in `send`. (The signature precompile, which the programs rely on, verifies.)
        let svm = LiteSVM::new()
            .with_transaction_history(0)
            .with_sigverify(false);
        let fee_payer = actor("fee payer").pubkey();
        let mut world = Self { svm, fee_payer };
        world.set_time(START);
        world.fund(&fee_payer);
        for program in programs {
            world.deploy(*program);
        }
        world
    }

    /// The upgrade authority of the programs.
    pub fn deployer(&self) -> Keypair {
        actor("deployer")
    }

    fn deploy(&mut self, program: Program) {
        let path = program.path();
        self.svm
            .add_program_from_file(program.id(), &path)
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; build it with `cargo xtask build`",
                    path.display()
                )
            });
        let deployer = actor("deployer");
        self.fund(&deployer.pubkey());
        let address = program_data(&program.id());
        let mut data = self.raw(&address).expect("a deployed program has data");
        let authority = &mut data.data[PROGRAM_DATA_AUTHORITY];
        authority[0] = 1;
        authority[1..].copy_from_slice(deployer.pubkey().as_ref());
        self.set_raw(&address, data);
    }

    /// The keypair of `name`, with lamports.
    pub fn actor(&mut self, name: &str) -> Keypair {
        let actor = actor(name);
        self.fund(&actor.pubkey());
        actor
    }

    /// Gives `key` lamports where it has no account.
    pub fn fund(&mut self, key: &Pubkey) {
        if self.raw(key).is_none() {
            self.set_raw(
                key,
                Account {
                    lamports: ALLOWANCE,
                    ..Account::default()
                },
            );
        }
    }

    /// The time, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.svm.get_sysvar::<Clock>().unix_timestamp
    }

    /// Sets the clock to `unix_timestamp`; slots follow at 400 ms each.
    pub fn set_time(&mut self, unix_timestamp: i64) {
        let mut clock = self.svm.get_sysvar::<Clock>();
        let slots = unix_timestamp.saturating_sub(clock.unix_timestamp).max(0) / 2 * 5;
        clock.slot = clock
            .slot
            .saturating_add(u64::try_from(slots).expect("not negative"));
        clock.unix_timestamp = unix_timestamp;
        self.svm.set_sysvar(&clock);
    }

    /// Does on the day before `day` (in days since 1970-01-01) what `act` does, and comes back to the present.
    pub fn before<T>(&mut self, day: i32, act: impl FnOnce(&mut Self) -> T) -> T {
        let now = self.now();
        self.set_time((i64::from(day) - 1) * 86_400);
        let done = act(self);
        self.set_time(now);
        done
    }

    /// Moves the clock by `seconds`.
    pub fn advance(&mut self, seconds: i64) {
        self.set_time(self.now().saturating_add(seconds));
    }

    /// The slot.
    pub fn slot(&self) -> u64 {
        self.svm.get_sysvar::<Clock>().slot
    }

    /// Sends `instructions` in one legacy transaction, paid by the fee payer and signed by it and `signers`.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Outcome {
        let signed: Vec<Pubkey> = signers.iter().map(|signer| signer.pubkey()).collect();
        for account in instructions.iter().flat_map(|i| &i.accounts) {
            assert!(
                !account.is_signer || signed.contains(&account.pubkey),
                "the test cannot sign for {}",
                account.pubkey
            );
        }
        self.send_unsigned(instructions)
    }

    /// Size in bytes and number of accounts of a legacy transaction of `instructions`, signatures included, the fee of
    /// which is paid by the first account that signs and is writable, or else by a key of its own.
    pub fn size(&self, instructions: &[Instruction]) -> (usize, usize) {
        let payer = instructions
            .iter()
            .flat_map(|instruction| &instruction.accounts)
            .find(|account| account.is_signer && account.is_writable)
            .or_else(|| {
                let accounts = instructions.iter().flat_map(|i| &i.accounts);
                accounts.into_iter().find(|account| account.is_signer)
            })
            .map_or(self.fee_payer, |account| account.pubkey);
        let message = Message::new(instructions, Some(&payer));
        let signatures = usize::from(message.header.num_required_signatures);
        (
            1 + 64 * signatures + message.serialize().len(),
            message.account_keys.len(),
        )
    }

    /// Sends `instructions` as if every account that must sign had signed.
    pub fn send_unsigned(&mut self, instructions: &[Instruction]) -> Outcome {
        let message = Message::new_with_blockhash(
            instructions,
            Some(&self.fee_payer),
            &self.svm.latest_blockhash(),
        );
        let accounts = message.account_keys.len();
        let signatures = usize::from(message.header.num_required_signatures);
        let bytes = 1 + 64 * signatures + message.serialize().len();
        let transaction = VersionedTransaction {
            signatures: vec![Default::default(); signatures],
            message: VersionedMessage::Legacy(message),
        };
        Outcome::new(self.svm.send_transaction(transaction), bytes, accounts)
    }

    /// Sends as [`World::send_unsigned`], and gives what every program ran, instruction by instruction.
    pub fn send_traced(&mut self, instructions: &[Instruction]) -> (Outcome, Vec<Run>) {
        let tracer = Tracer::default();
        self.svm.set_invocation_inspect_callback(tracer.clone());
        let outcome = self.send_unsigned(instructions);
        self.svm
            .set_invocation_inspect_callback(EmptyInvocationInspectCallback);
        (outcome, tracer.runs())
    }

    /// Whether `instructions` fit one version 1 transaction.
    pub fn fits_v1(&self, instructions: &[Instruction]) -> bool {
        self.message_v1(instructions).is_some_and(|message| {
            let signatures = usize::from(message.header.num_required_signatures);
            1 + message.size() + signatures * v1::SIGNATURE_SIZE <= v1::MAX_TRANSACTION_SIZE
        })
    }

    fn message_v1(&self, instructions: &[Instruction]) -> Option<v1::Message> {
        let config = v1::TransactionConfig::empty()
            .with_compute_unit_limit(V1_COMPUTE_UNITS)
            .with_loaded_accounts_data_size_limit(V1_LOADED_BYTES);
        let blockhash = self.svm.latest_blockhash();
        v1::Message::try_compile_with_config(&self.fee_payer, instructions, blockhash, config)
            .ok()
            .filter(|message| message.validate().is_ok())
    }

    /// Sends `instructions` in one version 1 transaction (SIMD-0385: 4,096 bytes, 64 addresses) as if every account that must
    /// sign had signed.
    ///
    /// # Panics
    /// Where they do not fit one.
    pub fn send_v1(&mut self, instructions: &[Instruction]) -> Outcome {
        let message = self.message_v1(instructions).expect("a version 1 message");
        let accounts = message.account_keys.len();
        let signatures = usize::from(message.header.num_required_signatures);
        // The version stands before the message.
        let bytes = 1 + message.size() + signatures * v1::SIGNATURE_SIZE;
        assert!(bytes <= v1::MAX_TRANSACTION_SIZE, "{bytes} bytes");
        let transaction = VersionedTransaction {
            signatures: vec![Default::default(); signatures],
            message: VersionedMessage::V1(message),
        };
        Outcome::new(self.svm.send_transaction(transaction), bytes, accounts)
    }

    /// The account at `address`, decoded.
    pub fn account<T: AccountDeserialize>(&self, address: &Pubkey) -> T {
        let account = self
            .raw(address)
            .unwrap_or_else(|| panic!("no account at {address}"));
        T::try_deserialize(&mut account.data.as_slice())
            .unwrap_or_else(|error| panic!("account {address} does not decode: {error}"))
    }

    /// The account at `address`, where there is one.
    pub fn raw(&self, address: &Pubkey) -> Option<Account> {
        self.svm.get_account(address)
    }

    /// Writes the account at `address`, whoever owns it.
    pub fn set_raw(&mut self, address: &Pubkey, account: Account) {
        self.svm
            .set_account(*address, account)
            .unwrap_or_else(|error| panic!("cannot write {address}: {error}"));
    }

    /// Removes the account at `address`.
    pub fn remove(&mut self, address: &Pubkey) {
        self.set_raw(address, Account::default());
    }

    /// Lamports that make `bytes` of account data rent-exempt.
    pub fn rent(&self, bytes: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(bytes)
    }

    /// Every account, except the one that pays fees.
    pub fn snapshot(&self) -> Snapshot {
        let accounts = &self.svm.accounts_db().inner;
        Snapshot::new(
            accounts
                .iter()
                .filter(|(address, _)| **address != self.fee_payer)
                .map(|(address, account)| (*address, account.clone())),
        )
    }

    /// Every account that `program` owns.
    pub fn accounts_of(&self, program: &Pubkey) -> Vec<(Pubkey, Account)> {
        let mut accounts = self.svm.get_program_accounts(program);
        accounts.sort_by_key(|(address, _)| *address);
        accounts
    }
}

/// Address of the account that holds the program's bytes and its upgrade authority.
pub fn program_data(program: &Pubkey) -> Pubkey {
    let loader = anchor_lang::solana_program::bpf_loader_upgradeable::ID;
    Pubkey::find_program_address(&[program.as_ref()], &loader).0
}
