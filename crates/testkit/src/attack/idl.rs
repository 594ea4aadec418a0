//! What the matrix needs of an IDL.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::world::Program;

/// A program's interface.
#[derive(Debug, Deserialize)]
pub struct Idl {
    /// What it can do.
    pub instructions: Vec<Instruction>,
    /// Types of arguments, accounts and events.
    #[serde(default)]
    types: Vec<TypeDefinition>,
}

/// An instruction.
#[derive(Debug, Deserialize)]
pub struct Instruction {
    /// Its name.
    pub name: String,
    /// Its accounts, in order.
    pub accounts: Vec<Account>,
    /// Its arguments, in order.
    pub args: Vec<Field>,
}

/// An account of an instruction.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Whether it must be writable.
    #[serde(default)]
    pub writable: bool,
    /// Whether it must sign.
    #[serde(default)]
    pub signer: bool,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
}

/// A named value.
#[derive(Debug, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Value,
}

#[derive(Debug, Deserialize)]
struct TypeDefinition {
    name: String,
    #[serde(rename = "type")]
    body: Value,
}

/// Where a value stands in an instruction's data.
#[derive(Clone, Debug)]
pub struct Span {
    /// The path to it.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub offset: usize,
}

/// What can be bent about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An integer of so many bytes.
    Unsigned(usize),
    /// A signed integer of so many bytes.
    Signed(usize),
    /// A tag of so many valid values, 0 and up.
    Tag(u8),
    /// The length of a vector.
    Length,
}

impl Idl {
    /// The committed IDL of `program`.
    pub fn read(program: Program) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../idls")
            .join(format!("{}.json", program.name()));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; write it with `cargo xtask idl`",
                path.display()
            )
        });
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Where the values of `instruction` stand in `data`.
    pub fn spans(&self, instruction: &Instruction, data: &[u8]) -> Vec<Span> {
        let mut walk = Walk {
            idl: self,
            data,
            offset: 8,
            spans: Vec::new(),
        };
        for argument in &instruction.args {
            walk.value(&argument.name, &argument.kind);
        }
        assert_eq!(
            walk.offset,
            data.len(),
            "the IDL does not describe the data of {}",
            instruction.name
        );
        walk.spans
    }
}

struct Walk<'a> {
    idl: &'a Idl,
    data: &'a [u8],
    offset: usize,
    spans: Vec<Span>,
}

impl Walk<'_> {
    fn span(&mut self, path: &str, kind: Kind, length: usize) -> &[u8] {
        let offset = self.offset;
        self.offset += length;
        self.spans.push(Span {
            path: path.to_owned(),
            kind,
            offset,
        });
        &self.data[offset..self.offset]
    }

    fn value(&mut self, path: &str, kind: &Value) {
        if let Some(name) = kind.as_str() {
            return self.primitive(path, name);
        }
        if let Some(inner) = kind.get("option") {
            if self.span(path, Kind::Tag(2), 1)[0] == 1 {
                self.value(path, inner);
            }
        } else if let Some(inner) = kind.get("vec") {
            let length = self.span(path, Kind::Length, 4);
            let count = u32::from_le_bytes(length.try_into().expect("four bytes"));
            for index in 0..count {
                self.value(&format!("{path}[{index}]"), inner);
            }
        } else if let Some([inner, length]) = kind
            .get("array")
            .and_then(|a| a.as_array().map(|a| a.as_slice()))
        {
            let count = length.as_u64().expect("a length");
            if inner == "u8" {
                self.offset += usize::try_from(count).expect("a short array");
            } else {
                for index in 0..count {
                    self.value(&format!("{path}[{index}]"), inner);
                }
            }
        } else if let Some(name) = kind.pointer("/defined/name").and_then(Value::as_str) {
            let idl = self.idl;
            let definition = idl.types.iter().find(|definition| definition.name == name);
            let body = &definition
                .unwrap_or_else(|| panic!("the IDL lacks the type {name}"))
                .body;
            self.defined(path, body);
        } else {
            panic!("{path}: the matrix does not know the type {kind}");
        }
    }

    fn defined(&mut self, path: &str, body: &Value) {
        if body["kind"] == "enum" {
            let variants = body["variants"].as_array().expect("variants");
            let count = u8::try_from(variants.len()).expect("few variants");
            let tag = usize::from(self.span(path, Kind::Tag(count), 1)[0]);
            self.fields(path, &variants[tag]["fields"]);
        } else {
            self.fields(path, &body["fields"]);
        }
    }

    fn fields(&mut self, path: &str, fields: &Value) {
        for (index, field) in fields.as_array().into_iter().flatten().enumerate() {
            match field.get("name").and_then(Value::as_str) {
                Some(name) => self.value(&format!("{path}.{name}"), &field["type"]),
                None => self.value(&format!("{path}.{index}"), field),
            }
        }
    }

    fn primitive(&mut self, path: &str, name: &str) {
        let (kind, length) = match name {
            "bool" => (Kind::Tag(2), 1),
            "bytes" => {
                let length = self.span(path, Kind::Length, 4);
                let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
                self.offset += usize::try_from(length).expect("a short text");
                return;
            }
            "pubkey" => {
                self.offset += 32;
                return;
            }
            _ => {
                let bits: usize = name[1..]
                    .parse()
                    .unwrap_or_else(|_| panic!("{path}: the matrix does not know the type {name}"));
                let bytes = bits / 8;
                match &name[..1] {
                    "u" => (Kind::Unsigned(bytes), bytes),
                    "i" => (Kind::Signed(bytes), bytes),
                    _ => panic!("{path}: the matrix does not know the type {name}"),
                }
            }
        };
        self.span(path, kind, length);
    }
}
