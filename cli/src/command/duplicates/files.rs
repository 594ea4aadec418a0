//! The files of the registry of duplicates: keys, questions, what is kept of them, answers.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use galen_blinding::{Question, Refusal, SecretKey};
use galen_documents::strict;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;

use crate::chain::text::hex;
use crate::chain::text::unhex;
use crate::document;
use crate::error::{CliError, Result};

const FILE_MODE: u32 = 0o600;

/// A file of one of these forms.
pub trait Form: Serialize + DeserializeOwned {
    /// What the file says of itself.
    const FORM: &'static str;
    /// What it says of itself here.
    fn form(&self) -> &str;
}

/// The key of a blinding service.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    form: String,
    /// The public key.
    pub service: String,
    secret: String,
}

/// The secret that the insurers of a registry share.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    form: String,
    secret: String,
}

/// What a blinding service is shown.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    form: String,
    /// The public key of the service.
    pub service: String,
    /// Blinded points.
    pub elements: Vec<String>,
}

/// What the insurer keeps of the questions until they are answered.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    form: String,
    /// The public key of the service.
    pub service: String,
    /// In the order in which they were asked.
    pub questions: Vec<KeptQuestion>,
}

/// One of them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptQuestion {
    /// The claim's account.
    pub claim: String,
    /// The day of the services, in days since 1970-01-01.
    pub day: i32,
    input: String,
    blind: String,
}

/// What a blinding service answers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    form: String,
    /// The public key of the service.
    pub service: String,
    elements: Vec<String>,
    proof: String,
}

macro_rules! forms {
    ($($type:ident $form:literal),* $(,)?) => {$(
        impl Form for $type {
            const FORM: &'static str = $form;
            fn form(&self) -> &str {
                &self.form
            }
        }
    )*};
}

forms! {
    KeyFile "galen blinding key 1",
    SecretFile "galen duplicates secret 1",
    Questions "galen duplicates questions 1",
    Kept "galen duplicates kept 1",
    Reply "galen duplicates answer 1",
}

impl KeyFile {
    /// The file of a key.
    pub fn of(key: &SecretKey) -> Self {
        Self {
            form: Self::FORM.to_owned(),
            service: name(&key.public()),
            secret: hex(&key.to_bytes()),
        }
    }

    /// The key.
    ///
    /// # Errors
    /// `file_damaged`.
    pub fn key(&self) -> Result<SecretKey> {
        SecretKey::from_bytes(&fixed(&self.secret)?).map_err(damaged)
    }
}

impl SecretFile {
    /// The file of a secret.
    pub fn of(secret: &[u8; 32]) -> Self {
        Self {
            form: Self::FORM.to_owned(),
            secret: hex(secret),
        }
    }

    /// The secret.
    ///
    /// # Errors
    /// `file_damaged`.
    pub fn secret(&self) -> Result<[u8; 32]> {
        fixed(&self.secret)
    }
}

impl Questions {
    /// What `service` is shown of `questions`.
    pub fn of(service: &Pubkey, questions: &[Question]) -> Self {
        Self {
            form: Self::FORM.to_owned(),
            service: service.to_string(),
            elements: questions
                .iter()
                .map(|question| hex(&question.element()))
                .collect(),
        }
    }

    /// The blinded points.
    ///
    /// # Errors
    /// `file_damaged`.
    pub fn points(&self) -> Result<Vec<[u8; 32]>> {
        self.elements.iter().map(|element| fixed(element)).collect()
    }
}

impl Kept {
    /// What is kept of questions to `service`.
    pub fn of(service: &Pubkey, questions: Vec<KeptQuestion>) -> Self {
        Self {
            form: Self::FORM.to_owned(),
            service: service.to_string(),
            questions,
        }
    }

    /// The questions.
    ///
    /// # Errors
    /// `file_damaged`.
    pub fn restore(&self) -> Result<Vec<Question>> {
        let one = |kept: &KeptQuestion| {
            Question::restore(fixed(&kept.input)?, &fixed(&kept.blind)?).map_err(damaged)
        };
        self.questions.iter().map(one).collect()
    }
}

impl KeptQuestion {
    /// What is kept of `question` about the services of `day` in `claim`.
    pub fn of(claim: &Pubkey, day: i32, question: &Question) -> Self {
        Self {
            claim: claim.to_string(),
            day,
            input: hex(question.input()),
            blind: hex(&question.blind()),
        }
    }

    /// The claim's account.
    ///
    /// # Errors
    /// `file_damaged`.
    pub fn claim(&self) -> Result<Pubkey> {
        key(&self.claim)
    }
}

impl Reply {
    /// The file of an answer by the service of this public key.
    pub fn of(service: &[u8; 32], answer: &galen_blinding::Answer) -> Self {
        Self {
            form: Self::FORM.to_owned(),
            service: name(service),
            elements: answer.elements.iter().map(|element| hex(element)).collect(),
            proof: hex(&answer.proof),
        }
    }

    /// The answer.
    ///
    /// # Errors
    /// `file_damaged`.
    pub fn answer(&self) -> Result<galen_blinding::Answer> {
        Ok(galen_blinding::Answer {
            elements: self
                .elements
                .iter()
                .map(|element| fixed(element))
                .collect::<Result<_>>()?,
            proof: fixed(&self.proof)?,
        })
    }
}

/// Reads a file of this form.
///
/// # Errors
/// `file_missing`, `file_unreadable`, `json_invalid`, `file_of_other_form`.
pub fn read<T: Form>(path: &Path) -> Result<T> {
    let value = document::json(path)?;
    let wrong = |found: &str| {
        CliError::new(
            "file_of_other_form",
            format!(
                "{} is not a file of the form `{}`{found}.",
                path.display(),
                T::FORM
            ),
        )
    };
    let file: T = strict::from_value(&value).map_err(|problem| wrong(&format!(": {problem}")))?;
    if file.form() != T::FORM {
        return Err(wrong(&format!(", but `{}`", file.form())));
    }
    Ok(file)
}

/// Writes a file that only its owner can read, and overwrites none.
///
/// # Errors
/// `file_exists`, `file_unwritable`.
pub fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let unwritable = |error: std::io::Error| {
        let code = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "file_exists",
            _ => "file_unwritable",
        };
        CliError::new(
            code,
            format!("{} cannot be written: {error}.", path.display()),
        )
    };
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| unwritable(error.into()))?;
    text.push(b'\n');
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(FILE_MODE)
        .open(path)
        .map_err(unwritable)?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .map_err(unwritable)
}

/// A public key of a service as plans name it.
pub fn name(service: &[u8; 32]) -> String {
    Pubkey::new_from_array(*service).to_string()
}

/// The key that `text` names.
///
/// # Errors
/// `file_damaged`.
pub fn key(text: &str) -> Result<Pubkey> {
    text.parse()
        .map_err(|_| CliError::new("file_damaged", format!("`{text}` is not a key.")))
}

/// What the library refuses, by name.
pub fn refused(refusal: Refusal) -> CliError {
    let code = match refusal {
        Refusal::NoRandomness => "no_randomness",
        Refusal::ElementInvalid => "element_invalid",
        Refusal::ScalarInvalid => "number_invalid",
        Refusal::CountMismatch => "answers_incomplete",
        Refusal::ProofInvalid => "proof_invalid",
        Refusal::SystemMissing => "system_missing",
        Refusal::PersonEmpty => "person_empty",
    };
    CliError::new(code, format!("It cannot be done: {refusal}."))
}

fn damaged(refusal: Refusal) -> CliError {
    CliError::new("file_damaged", format!("The file is damaged: {refusal}."))
}

fn fixed<const N: usize>(digits: &str) -> Result<[u8; N]> {
    unhex(digits)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| {
            CliError::new(
                "file_damaged",
                format!("`{digits}` is not {N} bytes in hexadecimal digits."),
            )
        })
}
