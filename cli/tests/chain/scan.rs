//! Every byte that the validator holds, searched for what must not be there.

use std::collections::BTreeMap;

use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use solana_account_decoder_client_types::{UiAccountData, UiAccountEncoding};

use super::Chain;

/// More transactions than any test sends.
const ALL: u64 = 1_000_000;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// `account ADDRESS of PROGRAM` or `transaction SIGNATURE`.
    pub place: String,
    /// What was looked for, and in which form it is there.
    pub what: String,
}

/// What was searched, and what was found.
#[derive(Debug, Default)]
pub struct Search {
    pub accounts: usize,
    pub transactions: usize,
    pub bytes: usize,
    pub findings: Vec<Finding>,
}

/// Identifiers in all forms in which they could be there.
pub struct Needles {
    /// By their first two bytes.
    forms: BTreeMap<[u8; 2], Vec<(Vec<u8>, String)>>,
    /// Which two bytes some of them begin with.
    begins: Vec<bool>,
}

impl Default for Needles {
    fn default() -> Self {
        Self {
            forms: BTreeMap::new(),
            begins: vec![false; 1 << 16],
        }
    }
}

fn place_of(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// Bytes of a needle that is found by chance in megabytes of a program's code, which no claim writes.
const SHORT: usize = 4;

/// Letters and digits that stand as they are within base64 or base58, where fewer in a row come up by chance.
const PLAIN: usize = 6;

/// Whose accounts hold the programs' code: how the loaders' addresses begin.
const LOADERS: [&str; 2] = ["BPFLoader", "LoaderV4"];

impl Needles {
    /// A name, a number or a code: as it is, in capitals and small letters, without what separates its parts, in UTF-16, as
    /// hexadecimal digits, and as a hash without a salt, whole or its first eight bytes as codes have them. Fewer than six letters
    /// and digits are not looked for as they are.
    pub fn text(&mut self, text: &str) {
        let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        for form in [text, &bare] {
            for (case, form) in [
                ("as it is", form.to_owned()),
                ("in capitals", form.to_uppercase()),
                ("in small letters", form.to_lowercase()),
            ] {
                let hex: String = form.bytes().map(|byte| format!("{byte:02x}")).collect();
                let wide = form.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let hash = Sha256::digest(&form).to_vec();
                let is_bare = form.chars().all(char::is_alphanumeric);
                if !is_bare || form.len() >= PLAIN {
                    self.add(form.into_bytes(), text, case);
                }
                self.add(hex.into_bytes(), text, "as hexadecimal digits");
                self.add(wide, text, "in UTF-16");
                self.add(
                    hash[..8].to_vec(),
                    text,
                    "as the first bytes of a hash without salt",
                );
                self.add(hash, text, "as a hash without salt");
            }
        }
    }

    /// A day: as people and standards write it, and as a number.
    pub fn day(&mut self, day: galen_rules::Date) {
        let iso = day.to_string();
        let (year, month, date) = (&iso[..4], &iso[5..7], &iso[8..]);
        for form in [
            iso.clone(),
            format!("{year}{month}{date}"),
            format!("{date}.{month}.{year}"),
            format!("{month}/{date}/{year}"),
            format!("{date}/{month}/{year}"),
            format!("{month}{date}{year}"),
        ] {
            self.text(&form);
        }
        let number: u32 = format!("{year}{month}{date}").parse().expect("a number");
        let days = day.days().to_le_bytes().to_vec();
        self.add(days, &iso, "as days since 1970");
        self.add(
            number.to_le_bytes().to_vec(),
            &iso,
            "as a number of eight digits",
        );
    }

    fn add(&mut self, bytes: Vec<u8>, of: &str, form: &str) {
        assert!(bytes.len() >= SHORT, "{of} {form} would be found by chance");
        self.begins[place_of(bytes[0], bytes[1])] = true;
        let alike = self.forms.entry([bytes[0], bytes[1]]).or_default();
        if alike.iter().all(|(known, _)| *known != bytes) {
            alike.push((bytes, format!("{of}, {form}")));
        }
    }

    fn look(&self, place: &str, bytes: &[u8], search: &mut Search) {
        self.look_for(place, bytes, SHORT, search);
    }

    /// Looks for what has at least `shortest` bytes.
    fn look_for(&self, place: &str, bytes: &[u8], shortest: usize, search: &mut Search) {
        search.bytes += bytes.len();
        for (at, pair) in bytes.windows(2).enumerate() {
            if !self.begins[place_of(pair[0], pair[1])] {
                continue;
            }
            for (needle, what) in &self.forms[&[pair[0], pair[1]]] {
                if needle.len() >= shortest && bytes[at..].starts_with(needle) {
                    search.findings.push(Finding {
                        place: place.to_owned(),
                        what: what.clone(),
                    });
                }
            }
        }
    }

    /// Every text of a JSON answer: as it stands, and the bytes that it encodes.
    fn look_into(&self, place: &str, value: &Value, search: &mut Search) {
        match value {
            Value::String(text) => {
                self.look(place, text.as_bytes(), search);
                // A log line is "Program data: BASE64"; instructions are base58.
                for word in text.split(' ') {
                    if let Some(bytes) = base64(word) {
                        self.look(place, &bytes, search);
                    }
                    if let Ok(bytes) = bs58::decode(word).into_vec() {
                        self.look(place, &bytes, search);
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.look_into(place, item, search);
                }
            }
            Value::Object(entries) => {
                for (_, value) in entries {
                    self.look_into(place, value, search);
                }
            }
            _ => {}
        }
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    UiAccountData::Binary(text.to_owned(), UiAccountEncoding::Base64).decode()
}

impl Chain {
    /// Asserts that none of these identifiers of documents, nor a day of birth among `days`, is on the ledger; each is looked for
    /// in all its forms.
    #[track_caller]
    pub fn assert_nowhere(&self, identifiers: &[&str], days: &[&str]) {
        let mut needles = Needles::default();
        for identifier in identifiers {
            needles.text(identifier);
        }
        for day in days {
            needles.day(day.parse().expect("a day"));
        }
        let search = self.search(&needles);
        assert!(
            search.accounts > 10 && search.transactions > 10,
            "{} accounts and {} transactions searched",
            search.accounts,
            search.transactions
        );
        assert_eq!(search.findings, []);
    }

    /// Searches the data of all accounts (those of programs' code for texts only), and all transactions with their logs and the instructions that programs called.
    pub fn search(&self, needles: &Needles) -> Search {
        let mut search = Search::default();
        let filter = json!([{ "filter": { "includeProgramAccounts": true }, "scope": "network" }]);
        let snapshot = self.cheat("surfnet_exportSnapshot", filter);
        let accounts = snapshot["value"].as_object().expect("accounts").clone();
        for (address, account) in accounts {
            let data = account["data"].as_str().expect("base64");
            let data = base64(data).expect("base64");
            let owner = account["owner"].as_str().expect("an owner");
            let is_code = LOADERS.iter().any(|loader| owner.starts_with(loader));
            let shortest = if is_code { SHORT + 1 } else { SHORT };
            let place = format!("account {address} of {owner}");
            needles.look_for(&place, &data, shortest, &mut search);
            search.accounts += 1;
        }
        let sent = self.cheat("surfnet_getLocalSignatures", json!([ALL]));
        for sent in sent["value"].as_array().expect("transactions") {
            let signature = sent["signature"].as_str().expect("a signature");
            let params = json!([signature, { "encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 1 }]);
            let transaction = self.cheat("getTransaction", params);
            assert!(transaction["transaction"].is_array(), "{transaction:#}");
            let place = format!("transaction {signature}");
            needles.look_into(&place, &transaction, &mut search);
            search.transactions += 1;
        }
        search.findings.sort();
        search.findings.dedup();
        search
    }
}
