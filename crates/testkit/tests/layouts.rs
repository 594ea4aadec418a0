//! How each account lies in its bytes, against the bytes that were committed: an account that exists must never be read
//! as something else because a field moved.
//!
//! For each account and version there is a file in `layouts/`: bytes of a value in which every field is another, and
//! what the program reads in them. A layout that changes takes a new version, and the file of the old one stays.
//!
//! `GALEN_WRITE_LAYOUTS=1 cargo test -p galen-testkit --test layouts` writes the files of the present versions, from the
//! committed IDLs (`cargo xtask idl`). It is for new accounts and new versions, and for a version that no cluster has
//! seen yet.

use std::fmt::Debug;
use std::path::PathBuf;

use anchor_lang::prelude::borsh::BorshDeserialize;
use anchor_lang::{AccountDeserialize, AccountSerialize, Discriminator, ZeroCopy};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Bytes in a line of a file.
const LINE: usize = 32;

/// An account or a part of one, and how it is read.
struct Layout {
    program: &'static str,
    name: &'static str,
    version: u8,
    discriminator: &'static [u8],
    /// What the bytes are read as; the reason, where they are not, or are not written as they are read.
    read: fn(&[u8]) -> Result<String, String>,
}

macro_rules! layouts {
    ($($program:ident { $($how:ident $name:ident),* $(,)? })*) => {
        vec![$($(Layout {
            program: stringify!($program),
            name: stringify!($name),
            version: $program::constants::ACCOUNT_VERSION,
            discriminator: layouts!(@$how $program::state::$name),
            read: $how::<$program::state::$name>,
        }),*),*]
    };
    (@part $type:ty) => { &[] };
    (@$how:ident $type:ty) => { <$type>::DISCRIMINATOR };
}

/// All of them. Borsh accounts are `written`, the others lie in memory as they do in the account.
fn layouts() -> Vec<Layout> {
    layouts! {
        registry {
            written Config,
            written Credential,
            written Operator,
            written Organization,
        }
        claims {
            written Agreement,
            written Appeal,
            written ArchivedClaim,
            zero_copy Authorization,
            zero_copy BenefitSchedule,
            part BenefitEntry,
            written Claim,
            written ClaimRecoupment,
            written DrawChain,
            written DuplicateEntry,
            part DetailEntry,
            zero_copy Family,
            zero_copy History,
            zero_copy Member,
            written MemberFacts,
            written PackCommitment,
            written Plan,
            zero_copy PlanDetails,
            written PlanVersion,
            written Pool,
            written Predetermination,
            written Treaty,
        }
        trials {
            zero_copy Adherence,
            zero_copy Cohort,
            zero_copy DataLog,
            written KeyChange,
            part MilestoneEntry,
            part Participant,
            written PayeeChange,
            written PayoutChange,
            zero_copy Person,
            written ProtocolVersion,
            zero_copy Schedule,
            zero_copy Site,
            zero_copy SitePlan,
            zero_copy Trial,
            written VisitClaim,
        }
        provenance {
            written Acknowledgement,
            zero_copy Batch,
            zero_copy BatchPage,
            written Bond,
            zero_copy Dispense,
            zero_copy Monitor,
            zero_copy Node,
            written Product,
            part RecallEntry,
            zero_copy RecallList,
            zero_copy Recoupment,
            zero_copy Scan,
            zero_copy Shipment,
        }
    }
}

fn written<T: AccountDeserialize + AccountSerialize + Debug>(
    bytes: &[u8],
) -> Result<String, String> {
    let value = T::try_deserialize(&mut &*bytes).map_err(|error| error.to_string())?;
    let mut again = Vec::new();
    value
        .try_serialize(&mut again)
        .map_err(|error| error.to_string())?;
    match again == bytes {
        true => Ok(format!("{value:?}")),
        false => Err("it is not written as it is read".to_owned()),
    }
}

fn zero_copy<T: ZeroCopy + Debug>(bytes: &[u8]) -> Result<String, String> {
    if bytes.len() != T::DISCRIMINATOR.len() + size_of::<T>() {
        return Err(format!("it takes {} bytes now", size_of::<T>()));
    }
    let value: T = claims::state::decode_zero_copy(bytes).map_err(|error| error.to_string())?;
    Ok(format!("{value:?}"))
}

/// What stands in an account again and again.
fn part<T: BorshDeserialize + Debug>(bytes: &[u8]) -> Result<String, String> {
    let value = T::try_from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(format!("{value:?}"))
}

/// A file of `layouts/`.
#[derive(Serialize, Deserialize)]
struct File {
    /// In hexadecimal; of a line that repeats, how often it stands there.
    bytes: Vec<String>,
    /// What is read in them, the same way.
    reads: Vec<String>,
}

impl File {
    fn new(bytes: &[u8], read: &str) -> Self {
        let hex = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            bytes: folded(bytes.chunks(LINE).map(hex)),
            reads: reads(read),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in &self.bytes {
            let (times, hex) = line.split_once(" x ").unwrap_or(("1", line));
            for _ in 0..times.parse().expect("a count") {
                let digits = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]);
                bytes.extend(digits.map(|digits| u8::from_str_radix(digits, 16).expect("hex")));
            }
        }
        bytes
    }
}

fn reads(text: &str) -> Vec<String> {
    folded(text.split_inclusive("}, ").map(str::to_owned))
}

/// Lines, each with its count in front where it repeats.
fn folded(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut counted: Vec<(usize, String)> = Vec::new();
    for line in lines {
        match counted.last_mut().filter(|(_, last)| *last == line) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, line)),
        }
    }
    let told = counted.into_iter().map(|(count, line)| match count {
        1 => line,
        count => format!("{count} x {line}"),
    });
    told.collect()
}

fn path(layout: &Layout) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("layouts")
        .join(layout.program)
        .join(format!("{}.v{}.json", layout.name, layout.version))
}

#[test]
fn accounts_lie_in_their_bytes_as_committed() {
    let write = std::env::var_os("GALEN_WRITE_LAYOUTS").is_some();
    let mut failures = Vec::new();
    for layout in layouts() {
        let (path, name) = (path(&layout), layout.name);
        if write {
            let bytes = Example::of(&layout);
            let read = (layout.read)(&bytes);
            let read = read.unwrap_or_else(|error| panic!("{name} of the IDL: {error}"));
            let text = serde_json::to_string_pretty(&File::new(&bytes, &read)).expect("JSON");
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, text + "\n").expect("written");
        }
        let Ok(text) = std::fs::read_to_string(&path) else {
            failures.push(format!("{} is missing", path.display()));
            continue;
        };
        let file: File = serde_json::from_str(&text).expect("a file of this test");
        let read = (layout.read)(&file.bytes()).map(|read| reads(&read));
        if read.as_ref() != Ok(&file.reads) {
            let (program, version) = (layout.program, layout.version);
            failures.push(format!(
                "{program}: {name} of version {version} is read as {read:#?}\nand was {:#?}",
                file.reads
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{}\nAccounts that exist would be misread: raise ACCOUNT_VERSION, read the old version too, and write the new \
         files; tests/layouts.rs says how.",
        failures.join("\n")
    );
}

#[test]
fn every_account_of_the_idls_has_a_layout() {
    let layouts = layouts();
    let mut accounts = 0;
    for program in ["registry", "claims", "trials", "provenance"] {
        for account in idl(program)["accounts"].as_array().expect("accounts") {
            let name = account["name"].as_str().expect("a name");
            let known = |layout: &&Layout| layout.program == program && layout.name == name;
            let layout = layouts.iter().find(known);
            let layout = layout.unwrap_or_else(|| panic!("{program}: {name} has no layout here"));
            let discriminator: Vec<u8> =
                serde_json::from_value(account["discriminator"].clone()).expect("bytes");
            assert_eq!(layout.discriminator, discriminator, "{program}: {name}");
            accounts += 1;
        }
    }
    let parts = layouts.iter().filter(|one| one.discriminator.is_empty());
    assert_eq!(accounts + parts.count(), layouts.len());
}

fn idl(program: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../idls")
        .join(format!("{program}.json"));
    let text = std::fs::read_to_string(&path).expect("an IDL; `cargo xtask idl` writes it");
    serde_json::from_str(&text).expect("JSON")
}

/// Bytes of a value in which every field is another: the bytes count up, tags take every variant in turn.
struct Example {
    idl: Value,
    version: u8,
    bytes: Vec<u8>,
    next: u8,
}

impl Example {
    fn of(layout: &Layout) -> Vec<u8> {
        let mut example = Self {
            idl: idl(layout.program),
            version: layout.version,
            bytes: layout.discriminator.to_vec(),
            next: 0,
        };
        let body = example.definition(layout.name);
        for field in body["fields"].as_array().expect("a struct") {
            match field["name"].as_str() {
                Some("version") => example.bytes.push(example.version),
                _ => example.value(&field["type"]),
            }
        }
        example.bytes
    }

    fn definition(&self, name: &str) -> Value {
        let types = self.idl["types"].as_array().expect("types");
        let definition = types.iter().find(|one| one["name"] == name);
        definition.unwrap_or_else(|| panic!("the IDL lacks {name}"))["type"].clone()
    }

    /// The next value; never 0, so that nothing is taken for what was left out.
    fn count(&mut self) -> u8 {
        self.next = self.next % u8::MAX + 1;
        self.next
    }

    fn run(&mut self, length: usize) {
        for _ in 0..length {
            let byte = self.count();
            self.bytes.push(byte);
        }
    }

    fn value(&mut self, kind: &Value) {
        if let Some(name) = kind.as_str() {
            match name {
                "pubkey" => self.run(32),
                "bool" => {
                    let bit = self.count() % 2;
                    self.bytes.push(bit);
                }
                number => {
                    let bits: usize = number[1..].parse().expect("an integer");
                    self.run(bits / 8);
                }
            }
        } else if let Some(inner) = kind.get("option") {
            let there = !self.count().is_multiple_of(4);
            self.bytes.push(there.into());
            if there {
                self.value(inner);
            }
        } else if let Some(inner) = kind.get("vec") {
            self.bytes.extend(2u32.to_le_bytes());
            self.value(inner);
            self.value(inner);
        } else if let Some([inner, length]) = kind
            .get("array")
            .and_then(|array| array.as_array().map(Vec::as_slice))
        {
            let length = length.as_u64().expect("a length");
            let start = self.bytes.len();
            self.value(inner);
            let size = self.bytes.len() - start;
            // Of a long list the first two entries show how it lies; the rest stays empty, and the file short.
            let shown = if size > 8 { length.min(2) } else { length };
            (1..shown).for_each(|_| self.value(inner));
            let whole = size * usize::try_from(length).expect("a length");
            self.bytes.resize(start + whole, 0);
        } else {
            let name = kind.pointer("/defined/name").and_then(Value::as_str);
            let body = self.definition(name.expect("a type of the IDL"));
            if body["kind"] == "enum" {
                let variants = body["variants"].as_array().expect("variants");
                let count = u8::try_from(variants.len()).expect("few variants");
                let tag = self.count() % count;
                self.bytes.push(tag);
                let fields = variants[usize::from(tag)].get("fields");
                assert!(fields.is_none(), "a variant with fields: teach this test");
            } else {
                // What the IDL does not show has no fields there.
                for field in body["fields"].as_array().into_iter().flatten() {
                    self.value(&field["type"]);
                }
            }
        }
    }
}

#[test]
fn what_is_folded_is_unfolded() {
    let bytes: Vec<u8> = [[0; 100].as_slice(), &[1, 2, 3]].concat();
    let file = File::new(&bytes, "A { b: 1 }, A { b: 1 }, C");
    assert_eq!(file.bytes(), bytes);
    assert_eq!(file.bytes.len(), 2, "{:?}", file.bytes);
    assert_eq!(file.reads, ["2 x A { b: 1 }, ", "C"]);
}
