//! A validator of one's own with the real programs on it, and people with keys and money who run the binary against it.

#![allow(dead_code)] // Each test file is a program of its own and uses a part of this.

pub mod accounts;
pub mod claim_files;
pub mod faults;
pub mod insured;
#[path = "../local_validator/mod.rs"]
mod local_validator;
pub mod parties;
#[path = "../../../crates/testkit/src/random.rs"]
pub mod random;
pub mod scan;
pub mod trial;
pub mod x12_files;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anchor_spl::associated_token::{
    get_associated_token_address_with_program_id, spl_associated_token_account,
};
use anchor_spl::token::spl_token;
use serde_json::{json, Value};
use solana_client::rpc_client::RpcClient;
use solana_client::rpc_request::RpcRequest;
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_keypair::{write_keypair_file, Keypair};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

use local_validator::LocalValidator;

use crate::common::{code, document, error, text, World};

/// Bytes of a program that go into one request.
const PROGRAM_CHUNK: usize = 100_000;
const LAMPORTS: u64 = 100_000_000_000;
const MINT_SIZE: usize = 82;

/// The validator's binary: the one that GALEN_LOCALNET names, else the one built last.
fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("GALEN_LOCALNET") {
        return named.into();
    }
    let from_env = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let home = || from_env("HOME").expect("HOME is set").join(".cache");
    let cache = from_env("GALEN_CACHE").unwrap_or_else(|| {
        from_env("XDG_CACHE_HOME")
            .unwrap_or_else(home)
            .join("galen")
    });
    let built = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    let folders = std::fs::read_dir(cache.join("localnet"))
        .into_iter()
        .flatten()
        .flatten();
    let binaries = folders
        .map(|folder| folder.path().join("galen-localnet"))
        .filter(|path| path.exists());
    binaries.max_by_key(built).expect("no validator: build it with `cargo xtask setup`, or name a galen-localnet binary in GALEN_LOCALNET")
}

/// A validator with the programs deployed, and a home folder for the binary.
pub struct Chain {
    pub validator: LocalValidator,
    pub client: RpcClient,
    pub world: World,
}

impl Chain {
    /// Starts a validator and deploys the programs; `governance` is their upgrade authority.
    pub fn with_programs() -> Self {
        let validator = local_validator::start(|port, ws_port| {
            let mut command = Command::new(binary());
            command
                .args(["--port", port, "--ws-port", ws_port])
                .stderr(Stdio::null());
            command
        });
        let client =
            RpcClient::new_with_commitment(validator.url.clone(), CommitmentConfig::confirmed());
        let chain = Self {
            validator,
            client,
            world: World::new(),
        };
        let authority = chain.person("governance");
        for (name, id) in [
            ("registry", registry::ID),
            ("claims", claims::ID),
            ("trials", trials::ID),
            ("provenance", provenance::ID),
        ] {
            chain.deploy(name, &id, &authority);
        }
        chain
    }

    fn deploy(&self, name: &str, id: &Pubkey, authority: &Pubkey) {
        let folder = std::env::var_os("GALEN_PROGRAM_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/deploy"),
            PathBuf::from,
        );
        let file = folder.join(format!("{name}.so"));
        let program = std::fs::read(&file).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; build it with `cargo xtask build`",
                file.display()
            )
        });
        for (index, chunk) in program.chunks(PROGRAM_CHUNK).enumerate() {
            let hex: String = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
            self.cheat(
                "surfnet_writeProgram",
                json!([
                    id.to_string(),
                    hex,
                    index * PROGRAM_CHUNK,
                    authority.to_string()
                ]),
            );
        }
    }

    /// Calls a method that only the local validator has.
    pub fn cheat(&self, method: &'static str, params: Value) -> Value {
        self.client
            .send(RpcRequest::Custom { method }, params)
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Moves the validator's clock forward.
    pub fn travel(&self, seconds: i64) {
        let target = (self.now() + seconds) * 1_000;
        self.cheat(
            "surfnet_timeTravel",
            json!([{ "absoluteTimestamp": target }]),
        );
        let started = Instant::now();
        while self.now() * 1_000 < target {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "the clock does not move"
            );
            sleep(Duration::from_millis(50));
        }
    }

    /// The validator's clock.
    pub fn now(&self) -> i64 {
        let clock = self
            .client
            .get_account(&solana_sdk_ids::sysvar::clock::ID)
            .expect("the clock");
        i64::from_le_bytes(clock.data[32..40].try_into().expect("8 bytes"))
    }

    /// A person with a keypair file `NAME.json` and money for fees; the same one for the same name.
    pub fn person(&self, name: &str) -> Pubkey {
        let file = self.keyfile(name);
        if file.exists() {
            return self.keypair(name).pubkey();
        }
        let keypair = Keypair::new();
        write_keypair_file(&keypair, &file).expect("written");
        let signature = self
            .client
            .request_airdrop(&keypair.pubkey(), LAMPORTS)
            .expect("an airdrop");
        let started = Instant::now();
        while self
            .client
            .get_balance(&keypair.pubkey())
            .unwrap_or_default()
            < LAMPORTS
        {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "the airdrop {signature} does not arrive"
            );
            sleep(Duration::from_millis(50));
        }
        // On a busy machine the balance is told before a transaction can spend it.
        let seen = self.client.get_slot().unwrap_or_default();
        while self.client.get_slot().unwrap_or_default() <= seen
            && started.elapsed() < Duration::from_secs(20)
        {
            sleep(Duration::from_millis(50));
        }
        keypair.pubkey()
    }

    pub fn keyfile(&self, name: &str) -> PathBuf {
        self.world.path(&format!("{name}.json"))
    }

    pub fn keypair(&self, name: &str) -> Keypair {
        solana_keypair::read_keypair_file(self.keyfile(name)).expect("a keypair")
    }

    /// The binary, signing as `who`, with settings for this validator. `who` keeps a store of their own.
    pub fn galen(&self, who: &str) -> assert_cmd::Command {
        self.galen_with_store(who, &format!("{who}-store"))
    }

    /// The binary, signing as `who`, with another store than their own.
    pub fn galen_with_store(&self, who: &str, store: &str) -> assert_cmd::Command {
        let mut command = self.world.galen();
        command.args(self.flags(who, store));
        command
    }

    /// The flags that name this validator, a signer and a store.
    pub fn flags(&self, who: &str, store: &str) -> [String; 8] {
        let LocalValidator { url, ws, .. } = &self.validator;
        let [keypair, home] = [self.keyfile(who), self.world.path(store)].map(|path| text(&path));
        [
            "--url",
            url,
            "--ws",
            ws,
            "--keypair",
            &keypair,
            "--home",
            &home,
        ]
        .map(str::to_owned)
    }

    fn output<S: AsRef<str>>(&self, who: &str, args: &[S]) -> Output {
        self.person(who);
        self.galen(who)
            .args(args.iter().map(AsRef::as_ref))
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run")
    }

    /// Runs a command that must succeed.
    pub fn run<S: AsRef<str>>(&self, who: &str, args: &[S]) -> Value {
        let output = self.output(who, args);
        let answer = document(&output);
        assert_eq!(code(&output), 0, "galen {}: {answer:#}", line(args));
        answer
    }

    /// Runs a command that must be refused; the code of the refusal.
    pub fn refused<S: AsRef<str>>(&self, who: &str, args: &[S]) -> String {
        let output = self.output(who, args);
        let answer = document(&output);
        assert_eq!(code(&output), 1, "galen {}: {answer:#}", line(args));
        error(&answer).0
    }

    /// How many records of each kind an export of the pool has.
    pub fn exported(&self, pool: &str) -> Value {
        let path = self.world.path("exported.jsonl");
        if path.exists() {
            std::fs::remove_file(&path).expect("removed");
        }
        let file = path.display().to_string();
        self.run("anyone", &["pool", "export", pool, &file])["counts"].clone()
    }

    /// Runs a command twice: it must do what it says, then find that there is nothing to do. The account as it is.
    pub fn twice<S: AsRef<str>>(&self, who: &str, args: &[S], outcome: &str) -> Value {
        let first = self.run(who, args);
        assert_eq!(first["outcome"], outcome, "{first:#}");
        let transactions = first["transactions"].as_array().expect("transactions");
        assert!(!transactions.is_empty());
        for receipt in transactions {
            assert!(
                receipt["compute_units"].as_u64() > Some(0)
                    && receipt["fee"].as_u64() >= Some(5_000),
                "{receipt:#}"
            );
        }
        let again = self.run(who, args);
        assert_eq!(
            (&again["outcome"], &again["transactions"]),
            (&json!("unchanged"), &json!([])),
            "{again:#}"
        );
        assert_eq!(again["account"], first["account"]);
        first["account"].clone()
    }

    /// Sends instructions of other programs, signed by people.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) {
        let blockhash = self.client.get_latest_blockhash().expect("a blockhash");
        let payer = signers.first().expect("a payer").pubkey();
        let transaction =
            Transaction::new_signed_with_payer(instructions, Some(&payer), signers, blockhash);
        self.client
            .send_and_confirm_transaction(&transaction)
            .expect("confirmed");
    }

    /// A mint of SPL Token; `authority` may mint, and nobody may freeze.
    pub fn mint(&self, authority: &str, decimals: u8) -> Pubkey {
        self.person(authority);
        let (payer, mint) = (self.keypair(authority), Keypair::new());
        let rent = self
            .client
            .get_minimum_balance_for_rent_exemption(MINT_SIZE)
            .expect("rent");
        let create = solana_system_interface::instruction::create_account(
            &payer.pubkey(),
            &mint.pubkey(),
            rent,
            MINT_SIZE as u64,
            &spl_token::ID,
        );
        let initialize = spl_token::instruction::initialize_mint2(
            &spl_token::ID,
            &mint.pubkey(),
            &payer.pubkey(),
            None,
            decimals,
        )
        .expect("an instruction");
        self.send(&[create, initialize], &[&payer, &mint]);
        mint.pubkey()
    }

    /// The associated token account of `owner`, holding `amount` more.
    pub fn tokens(&self, mint: &Pubkey, authority: &str, owner: &Pubkey, amount: u64) -> Pubkey {
        let payer = self.keypair(authority);
        let account = get_associated_token_address_with_program_id(owner, mint, &spl_token::ID);
        let create =
            spl_associated_token_account::instruction::create_associated_token_account_idempotent(
                &payer.pubkey(),
                owner,
                mint,
                &spl_token::ID,
            );
        self.send(&[create], &[&payer]);
        self.mint_to(mint, authority, &account, amount);
        account
    }

    /// Mints `amount` of the smallest units to a token account.
    pub fn mint_to(&self, mint: &Pubkey, authority: &str, account: &Pubkey, amount: u64) {
        let payer = self.keypair(authority);
        let mint_to = spl_token::instruction::mint_to(
            &spl_token::ID,
            mint,
            account,
            &payer.pubkey(),
            &[],
            amount,
        )
        .expect("an instruction");
        self.send(&[mint_to], &[&payer]);
    }
}

impl Chain {
    /// What a token account holds, in the mint's smallest units.
    pub fn held(&self, account: &str) -> u64 {
        let account = account.parse().expect("an address");
        let balance = self
            .client
            .get_token_account_balance(&account)
            .expect("a token account");
        balance.amount.parse().expect("a number")
    }
}

fn line<S: AsRef<str>>(args: &[S]) -> String {
    args.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ")
}

/// A field of an answer as text.
pub fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{name}` in {value:#}"))
}
