//! Who plays, with keys and stores made for the run, and what each command did and cost.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use serde::Serialize;
use serde_json::{json, Value};
use solana_client::rpc_request::RpcRequest;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::purse;
use crate::args::Cli;
use crate::cluster::{unreachable, Cluster};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::OutputFormat;
use crate::send::{Ledger, Receipt};
use crate::signer;

/// Who types a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Admits organizations: the signer of the run.
    Governance,
    /// Pays.
    Insurer,
    /// Vouches for members.
    Desk,
    /// Treats and bills; conducts the trial.
    Clinic,
    /// Pays for the trial.
    Sponsor,
    /// Says what the trial's participants may be paid.
    Board,
    /// Vouches for the partners of the trade, and recalls.
    Regulator,
    /// Makes the packs.
    Manufacturer,
    /// Passes them on.
    Wholesaler,
    /// Dispenses them.
    Pharmacy,
}

/// Where in the play a step belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Organizations, money, plan, trial: what the stories begin with.
    Preparations,
    /// The claim.
    Claim,
    /// The trial.
    Trial,
    /// The packs.
    Packs,
}

impl Role {
    /// All whose keys are made for the run.
    const MADE: [Self; 9] = [
        Self::Insurer,
        Self::Desk,
        Self::Clinic,
        Self::Sponsor,
        Self::Board,
        Self::Regulator,
        Self::Manufacturer,
        Self::Wholesaler,
        Self::Pharmacy,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::Insurer => "insurer",
            Self::Desk => "desk",
            Self::Clinic => "clinic",
            Self::Sponsor => "sponsor",
            Self::Board => "board",
            Self::Regulator => "regulator",
            Self::Manufacturer => "manufacturer",
            Self::Wholesaler => "wholesaler",
            Self::Pharmacy => "pharmacy",
        }
    }
}

/// One command of the story.
#[derive(Debug, Serialize)]
pub struct Step {
    /// What happens, for people.
    pub title: String,
    /// What was typed.
    pub command: String,
    /// What was sent; empty where a command sends many and answers with their number.
    pub transactions: Vec<Receipt>,
    /// How many transactions were sent.
    pub sent: u64,
    /// What it cost who typed it, in lamports: fees, and rent of new accounts.
    pub lamports: u64,
    /// What came of it, in a few words.
    pub result: String,
    /// Where it belongs.
    pub act: Act,
}

/// The stage: a folder for the run, the cluster, and what was played so far.
pub struct Stage {
    /// The cluster.
    pub cluster: Cluster,
    /// The settings of the run.
    pub settings: Settings,
    /// The run's folder: keys, documents, stores.
    pub folder: PathBuf,
    /// What was played so far.
    pub steps: Vec<Step>,
    /// What is being played.
    pub now: Act,
}

impl Stage {
    /// Makes the folder and the keys.
    ///
    /// # Errors
    /// `store_unwritable`, `keypair_missing`.
    pub fn set(settings: &Settings, cluster: Cluster) -> Result<Self> {
        let moment = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        let folder = settings
            .home
            .join("demo")
            .join(format!("{moment}-{}", std::process::id()));
        let stage = Self {
            cluster,
            settings: settings.clone(),
            folder,
            steps: Vec::new(),
            now: Act::Preparations,
        };
        // Where there is no governance key there is no story; said before anything is made.
        signer::load(&settings.keypair, "keypair")?;
        fs::create_dir_all(&stage.folder).map_err(|error| stage.unwritable(&error))?;
        for role in Role::MADE {
            stage.make_key(&format!("{}.json", role.name()))?;
        }
        Ok(stage)
    }

    /// Makes a key and writes it to a file of the run; the public key.
    ///
    /// # Errors
    /// `store_unwritable`.
    pub fn make_key(&self, name: &str) -> Result<Pubkey> {
        let keypair = signer::make(&self.file(name)).map_err(|error| self.unwritable(&error))?;
        Ok(keypair.pubkey())
    }

    /// Makes a currency of a role's, with an account for the role, which is filled, and one for each of `others`; the mint.
    ///
    /// # Errors
    /// Whatever the cluster refuses.
    pub fn issue(&self, role: Role, others: &[Pubkey]) -> Result<(Pubkey, Receipt)> {
        let settings = self.settings_of(role);
        purse::issue(&Ledger::open(&settings)?, purse::ISSUED_CENTS, others)
    }

    /// A file of the run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a document of the run.
    ///
    /// # Errors
    /// `store_unwritable`.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.file(name);
        fs::write(&path, text).map_err(|error| self.unwritable(&error))?;
        Ok(path)
    }

    fn unwritable(&self, error: &std::io::Error) -> CliError {
        CliError::new(
            "store_unwritable",
            format!("{} cannot be written: {error}.", self.folder.display()),
        )
    }

    /// Where the signer of a role comes from.
    fn keypair(&self, role: Role) -> String {
        match role {
            Role::Governance => self.settings.keypair.clone(),
            _ => self
                .file(&format!("{}.json", role.name()))
                .to_string_lossy()
                .into_owned(),
        }
    }

    /// The public key of a role.
    ///
    /// # Errors
    /// `keypair_unreadable`.
    pub fn key(&self, role: Role) -> Result<Pubkey> {
        signer::load(&self.keypair(role), role.name()).map(|signer| signer.pubkey())
    }

    /// The settings under which a role acts: its key and its store, and never a question.
    pub fn settings_of(&self, role: Role) -> Settings {
        Settings {
            keypair: self.keypair(role),
            fee_payer: None,
            home: self.file(&format!("{}-store", role.name())),
            yes: true,
            output: OutputFormat::Json,
            ..self.settings.clone()
        }
    }

    /// Has a role type a command; what the command answers.
    ///
    /// # Errors
    /// What the command refuses, with the command in front.
    pub fn act(&mut self, role: Role, title: &str, words: &[&str]) -> Result<Value> {
        let answered = self.play(role, title, words)?;
        let json = answered.map_err(|error| CliError {
            message: format!("{title} (`galen {}`): {}", words.join(" "), error.message),
            ..error
        })?;
        if let Some(step) = self.steps.last_mut() {
            step.sent = sent(&json);
            step.transactions = receipts(&json);
        }
        Ok(json)
    }

    /// Has a role type a command that is to be refused by this name; the refusal, which is also what came of the step.
    ///
    /// # Errors
    /// `story_broken` where the command is not refused, or by another name.
    pub fn refused(
        &mut self,
        role: Role,
        title: &str,
        words: &[&str],
        code: &str,
    ) -> Result<CliError> {
        let broken = |found: String| {
            let command = words.join(" ");
            let message =
                format!("{title} (`galen {command}`) should be refused with `{code}`: {found}");
            CliError::new("story_broken", message)
        };
        match self.play(role, title, words)? {
            Err(error) if error.code == code => Ok(error),
            Err(error) => Err(broken(error.to_string())),
            Ok(answer) => Err(broken(format!("the answer is {answer}"))),
        }
    }

    /// Has a role type a command, and notes the step; what the command answers or refuses.
    fn play(&mut self, role: Role, title: &str, words: &[&str]) -> Result<Result<Value>> {
        let settings = self.settings_of(role);
        let mut argv: Vec<OsString> = vec!["galen".into()];
        argv.extend(words.iter().map(OsString::from));
        argv.extend(
            [
                "--url",
                &settings.url,
                "--ws",
                &settings.ws,
                "--keypair",
                &settings.keypair,
                "--yes",
                "--output",
                "json",
            ]
            .map(OsString::from),
        );
        argv.extend([
            OsString::from("--home"),
            settings.home.clone().into_os_string(),
        ]);
        argv.extend(
            [
                "--commitment".to_owned(),
                settings.commitment.commitment.to_string(),
            ]
            .map(OsString::from),
        );
        if settings.accepts_behind {
            argv.push("--cluster-behind-accepted".into());
        }
        if let Some(price) = settings.compute_unit_price {
            argv.extend(
                ["--with-compute-unit-price".to_owned(), price.to_string()].map(OsString::from),
            );
        }
        let command = words.join(" ");
        let cli = Cli::try_parse_from(argv).map_err(|error| {
            CliError::new(
                "story_broken",
                format!("`galen {command}` is not understood: {error}"),
            )
        })?;
        let spinner = self.settings.notes.spinner(title);
        let before = self.lamports(role)?;
        let answered = cli.command.run(&cli.globals);
        spinner.finish_and_clear();
        let lamports = before.saturating_sub(self.lamports(role)?);
        self.steps.push(Step {
            title: title.to_owned(),
            command: format!("galen {command}"),
            sent: 0,
            transactions: Vec::new(),
            lamports,
            result: String::new(),
            act: self.now,
        });
        Ok(answered.map(|answer| answer.json().clone()))
    }

    /// Lets the cluster's clock go on by some hours; false where the validator cannot.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn pass_hours(&self, hours: u32) -> Result<bool> {
        let target = self
            .cluster
            .unix_time()?
            .saturating_add(i64::from(hours).saturating_mul(3_600));
        let moment = json!([{ "absoluteTimestamp": target.saturating_mul(1_000) }]);
        let request = RpcRequest::Custom {
            method: "surfnet_timeTravel",
        };
        if self.cluster.client.send::<Value>(request, moment).is_err() {
            return Ok(false);
        }
        for _ in 0..200 {
            if self.cluster.unix_time()? >= target {
                return Ok(true);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Ok(false)
    }

    /// Notes something that a role did and no command of Galen's does; `before` is what it had then.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn note(&mut self, role: Role, title: &str, receipt: Receipt, before: u64) -> Result<()> {
        let lamports = before.saturating_sub(self.lamports(role)?);
        self.steps.push(Step {
            title: title.to_owned(),
            command: String::new(),
            sent: 1,
            transactions: vec![receipt],
            lamports,
            result: String::new(),
            act: self.now,
        });
        Ok(())
    }

    /// Says what came of the last step.
    pub fn result(&mut self, text: String) {
        if let Some(step) = self.steps.last_mut() {
            self.settings
                .notes
                .say(format_args!("{}: {text}", step.title));
            step.result = text;
        }
    }

    /// What a role has.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn lamports(&self, role: Role) -> Result<u64> {
        self.cluster
            .client
            .get_balance(&self.key(role)?)
            .map_err(|error| unreachable(&self.settings.url, &error))
    }
}

/// How many transactions a command has sent: they are listed, or counted, or it is the only one.
fn sent(answer: &Value) -> u64 {
    match answer.get("transactions") {
        Some(Value::Array(list)) => u64::try_from(list.len()).unwrap_or(u64::MAX),
        Some(count) => count.as_u64().unwrap_or_default(),
        None => u64::from(answer.get("transaction").is_some_and(Value::is_object)),
    }
}

/// The receipts in a command's answer.
fn receipts(answer: &Value) -> Vec<Receipt> {
    let list = answer.get("transactions").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .chain(answer.get("transaction"))
        .filter_map(|receipt| serde_json::from_value(receipt.clone()).ok())
        .collect()
}
