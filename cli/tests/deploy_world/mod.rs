//! A local validator, a folder with a program, and the binary under test.

#[path = "../local_validator/mod.rs"]
pub mod local_validator;

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};
use solana_client::rpc_client::RpcClient;
use solana_commitment_config::CommitmentConfig;
use solana_keypair::Keypair;
use solana_loader_v3_interface::get_program_data_address;
use solana_loader_v3_interface::state::UpgradeableLoaderState;
use solana_pubkey::Pubkey;
use solana_sdk_ids::bpf_loader_upgradeable;
use solana_signer::Signer;
use tempfile::TempDir;

use local_validator::LocalValidator;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Lamports for a signature.
pub const FEE: u64 = 5_000;
/// Makes a program long enough to be uploaded in some thirty pieces.
const USUAL_TAIL: usize = 30_000;
const FUNDS: u64 = 100_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run of the binary answered.
pub struct Outcome {
    code: Option<i32>,
    answer: Value,
    stderr: String,
}

impl Outcome {
    /// The answer of a run that must have succeeded.
    pub fn expect_done(&self) -> Result<Value> {
        match self.code {
            Some(0) => Ok(self.answer.clone()),
            code => Err(format!("exit {code:?}: {} {}", self.answer, self.stderr).into()),
        }
    }

    /// Asserts that the run was refused with this error.
    pub fn expect_error(&self, name: &str) -> Result<()> {
        if self.code == Some(1) && self.answer["error"]["code"] == name {
            return Ok(());
        }
        Err(format!(
            "expected `{name}`, got exit {:?}: {} {}",
            self.code, self.answer, self.stderr
        )
        .into())
    }
}

/// A home of its own, with a folder of programs.
pub struct Folder {
    folder: TempDir,
}

impl Folder {
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("programs"))?;
        Ok(Self { folder })
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    pub fn write_key(&self, name: &str, key: &Keypair) -> Result<String> {
        let path = self.path(name);
        solana_keypair::write_keypair_file(key, &path)?;
        Ok(path)
    }

    /// Puts a program into the folder: the smallest that the loader takes, and `more` bytes beyond its usual length.
    /// No two lengths have a piece in common. Returns the file's bytes.
    pub fn build(&self, more: usize) -> Result<Vec<u8>> {
        let mut bytes = smallest_program();
        // Bytes without a pattern, none of them zero: zeros at the end do not count.
        let tail = (0_u64..).flat_map(|block| {
            Sha256::digest([&more.to_le_bytes()[..], &block.to_le_bytes()].concat())
        });
        bytes.extend(tail.map(|byte| byte | 1).take(USUAL_TAIL + more));
        std::fs::write(self.path("programs/registry.so"), &bytes)?;
        Ok(bytes)
    }

    pub fn galen(&self, args: &[&str]) -> Outcome {
        let output = self.command(args).output();
        match output {
            Ok(output) => Outcome {
                code: output.status.code(),
                answer: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
            Err(error) => Outcome {
                code: None,
                answer: Value::Null,
                stderr: error.to_string(),
            },
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_galen"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .args(args)
            .args(["--output", "json", "--home", &self.path("home")]);
        if args.first() == Some(&"deploy") {
            command.args(["--program-dir", &self.path("programs")]);
        }
        command
    }
}

/// A running validator, and someone with funds on it.
pub struct Chain {
    folder: Folder,
    validator: LocalValidator,
    client: RpcClient,
    payer_file: String,
    pub payer: Keypair,
}

impl Chain {
    pub fn start() -> Result<Self> {
        let folder = Folder::new()?;
        let payer = Keypair::new();
        let payer_file = folder.write_key("payer.json", &payer)?;
        // Not through `Folder::command`: the validator is looked for in the cache of whoever runs the tests.
        let validator = local_validator::start(|port, ws_port| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_galen"));
            command.args(["localnet", "--port", port, "--ws-port", ws_port]);
            command
        });
        let client =
            RpcClient::new_with_commitment(validator.url.clone(), CommitmentConfig::confirmed());
        let chain = Self {
            folder,
            validator,
            client,
            payer_file,
            payer,
        };
        chain.airdrop(&chain.payer.pubkey(), FUNDS)?;
        Ok(chain)
    }

    pub fn airdrop(&self, address: &Pubkey, lamports: u64) -> Result<()> {
        let before = self.client.get_balance(address)?;
        self.client.request_airdrop(address, lamports)?;
        wait_for("the airdrop", || {
            Ok(self.client.get_balance(address)? == before + lamports)
        })
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path(name)
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path("home").into()
    }

    pub fn write_key(&self, name: &str, key: &Keypair) -> Result<String> {
        self.folder.write_key(name, key)
    }

    pub fn build(&self, more: usize) -> Result<Vec<u8>> {
        self.folder.build(more)
    }

    pub fn galen(&self, args: &[&str]) -> Outcome {
        self.galen_with(args, &[])
    }

    /// The payer signs unless `args` name another.
    pub fn galen_with(&self, args: &[&str], more: &[&str]) -> Outcome {
        let args = self.arguments(args, more);
        self.folder
            .galen(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn arguments(&self, args: &[&str], more: &[&str]) -> Vec<String> {
        let mut all: Vec<&str> = args.iter().chain(more).copied().collect();
        all.extend(["--url", &self.validator.url]);
        if !all.contains(&"-k") {
            all.extend(["-k", &self.payer_file]);
        }
        all.into_iter().map(str::to_owned).collect()
    }

    pub fn deploy(&self) -> Outcome {
        self.deploy_with(&[])
    }

    pub fn deploy_with(&self, more: &[&str]) -> Outcome {
        self.galen_with(&["deploy", "registry", "--untested", "--yes"], more)
    }

    pub fn spawn_deploy(&self) -> Result<Child> {
        let args = self.arguments(&["deploy", "registry", "--untested", "--yes"], &[]);
        let mut command = self
            .folder
            .command(&args.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?)
    }

    /// Starts a deployment and kills it (SIGKILL) after this time; false if it had ended before.
    pub fn deploy_and_kill(&self, after: Duration) -> Result<bool> {
        let mut run = self.spawn_deploy()?;
        std::thread::sleep(after);
        let ended = run.try_wait()?.is_some();
        run.kill()?;
        run.wait()?;
        Ok(!ended)
    }

    /// Starts a deployment and kills it (SIGKILL) as soon as the chain shows what is waited for.
    pub fn deploy_and_kill_when(&self, reached: impl Fn(&Self) -> Result<bool>) -> Result<bool> {
        let mut run = self.spawn_deploy()?;
        let begun = Instant::now();
        let mut ended = false;
        while !ended && !reached(self)? && begun.elapsed() < PATIENCE {
            ended = run.try_wait()?.is_some();
        }
        run.kill()?;
        run.wait()?;
        Ok(!ended)
    }

    /// Waits until transactions that a killed run had sent have landed: the balance stands still.
    pub fn wait_until_nothing_lands(&self) -> Result<()> {
        let mut last = 0;
        wait_for("a balance that stands still", || {
            std::thread::sleep(Duration::from_secs(1));
            let balance = self.balance()?;
            Ok(std::mem::replace(&mut last, balance) == balance)
        })
    }

    pub fn program(&self) -> Pubkey {
        Keypair::new_from_array(Sha256::digest("galen development program key: registry").into())
            .pubkey()
    }

    /// Where the upload buffer is, written down here a second time, so that a change of the rule is noticed:
    /// a change would lose sight of buffers that exist.
    pub fn buffer(&self) -> Result<Pubkey> {
        let digest =
            Sha256::digest([b"galen deploy buffer".as_slice(), self.program().as_ref()].concat());
        let seed: String = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Pubkey::create_with_seed(
            &self.payer.pubkey(),
            &seed,
            &bpf_loader_upgradeable::ID,
        )?)
    }

    pub fn balance(&self) -> Result<u64> {
        Ok(self.client.get_balance(&self.payer.pubkey())?)
    }

    fn program_data(&self) -> Result<(UpgradeableLoaderState, Vec<u8>)> {
        let mut data = self
            .client
            .get_account_data(&get_program_data_address(&self.program()))?;
        let code = data.split_off(UpgradeableLoaderState::size_of_programdata_metadata());
        Ok((bincode::deserialize(&data)?, code))
    }

    /// What runs, without the zeros that fill it up.
    pub fn code(&self) -> Result<Vec<u8>> {
        let mut code = self.program_data()?.1;
        let end = code
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        code.truncate(end);
        Ok(code)
    }

    pub fn capacity(&self) -> Result<usize> {
        Ok(self.program_data()?.1.len())
    }

    pub fn authority(&self) -> Result<Option<Pubkey>> {
        match self.program_data()?.0 {
            UpgradeableLoaderState::ProgramData {
                upgrade_authority_address,
                ..
            } => Ok(upgrade_authority_address),
            other => Err(format!("not program data: {other:?}").into()),
        }
    }

    pub fn slot_deployed(&self) -> Result<u64> {
        match self.program_data()?.0 {
            UpgradeableLoaderState::ProgramData { slot, .. } => Ok(slot),
            other => Err(format!("not program data: {other:?}").into()),
        }
    }

    /// Lamports in the program's two accounts.
    pub fn rent_held(&self) -> Result<u64> {
        let accounts = [self.program(), get_program_data_address(&self.program())];
        let held = self.client.get_multiple_accounts(&accounts)?;
        Ok(held
            .into_iter()
            .flatten()
            .map(|account| account.lamports)
            .sum())
    }

    fn buffer_account(&self) -> Result<Option<solana_account::Account>> {
        Ok(self
            .client
            .get_account_with_commitment(&self.buffer()?, self.client.commitment())?
            .value)
    }

    pub fn buffer_lamports(&self) -> Result<u64> {
        Ok(self.buffer_account()?.map_or(0, |account| account.lamports))
    }

    /// How far the upload has come: the end of the last byte that is not zero.
    pub fn buffer_written(&self) -> Result<usize> {
        let metadata = UpgradeableLoaderState::size_of_buffer_metadata();
        let account = self.buffer_account()?;
        let content = account
            .as_ref()
            .and_then(|account| account.data.get(metadata..))
            .unwrap_or_default();
        Ok(content
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1))
    }

    /// Accounts of the loader that are neither the program nor its data.
    pub fn buffers(&self) -> Result<usize> {
        let known = [self.program(), get_program_data_address(&self.program())];
        let owned = self
            .client
            .get_program_accounts(&bpf_loader_upgradeable::ID)?;
        let buffer = [1_u8, 0, 0, 0];
        Ok(owned
            .iter()
            .filter(|(address, account)| {
                !known.contains(address) && account.data.starts_with(&buffer)
            })
            .count())
    }
}

/// A program for the virtual machine's version 3 that returns 0, as the loader's parser wants it: the ELF header, one
/// header for the byte code, and the byte code right after it. What follows in a file is no part of the program.
fn smallest_program() -> Vec<u8> {
    const BYTE_CODE_ADDRESS: u64 = 1 << 32;
    const HEADER: u16 = 64;
    const PROGRAM_HEADER: u16 = 56;
    const EXECUTABLE: u32 = 1;
    const LOAD: u32 = 1;
    // mov64 r0, 0; exit
    let code = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend(3_u16.to_le_bytes()); // type: shared object
    file.extend(247_u16.to_le_bytes()); // machine: BPF
    file.extend(1_u32.to_le_bytes()); // version of ELF
    file.extend(BYTE_CODE_ADDRESS.to_le_bytes()); // entry point
    file.extend(u64::from(HEADER).to_le_bytes()); // where the program headers are
    file.extend(0_u64.to_le_bytes()); // no section headers
    file.extend(3_u32.to_le_bytes()); // version of the virtual machine
    for length in [HEADER, PROGRAM_HEADER, 1, 64, 0, 0] {
        file.extend(length.to_le_bytes());
    }
    file.extend(LOAD.to_le_bytes());
    file.extend(EXECUTABLE.to_le_bytes());
    file.extend(u64::from(HEADER + PROGRAM_HEADER).to_le_bytes()); // where the byte code is
    file.extend(
        [
            BYTE_CODE_ADDRESS.to_le_bytes(),
            BYTE_CODE_ADDRESS.to_le_bytes(),
        ]
        .concat(),
    );
    file.extend(
        [
            16_u64.to_le_bytes(),
            16_u64.to_le_bytes(),
            8_u64.to_le_bytes(),
        ]
        .concat(),
    ); // its length, twice; alignment
    file.extend(code);
    file
}

/// The public key of a key file.
pub fn public_key(file: &str) -> Result<String> {
    Ok(solana_keypair::read_keypair_file(file)
        .map_err(|error| error.to_string())?
        .pubkey()
        .to_string())
}

/// A server that answers every request with this genesis hash. Its address; it ends with the test.
pub fn pretend_cluster(genesis: &'static str) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4_096];
            if stream.read(&mut request).is_err() {
                continue;
            }
            let body = format!(r#"{{"jsonrpc":"2.0","id":0,"result":"{genesis}"}}"#);
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
            // A client that went away wants no answer.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    Ok(url)
}

fn wait_for(what: &str, mut ready: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if ready().unwrap_or(false) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("{what} did not come within {} seconds", PATIENCE.as_secs()).into())
}
