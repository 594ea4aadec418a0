//! The rulebook as the pharmacy's page calls it: a request in JSON, an answer in JSON. Nothing is decided here; each
//! request is handed to `galen_rules` or to the reader of leaf files, and what they say is put into words for a machine.
//!
//! Compiled to WebAssembly, `boundary` carries the texts in and out. Everything else is the same natively, where it is
//! tested.
#![deny(missing_docs)]

#[cfg(target_family = "wasm")]
mod boundary;
mod code;
mod hex;
mod leaves;
mod storage;
mod verdict;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use leaves::{Library, OpenLeaves};

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// Reads a code that was scanned or typed.
    Parse(code::Request),
    /// Every fault that a code can have.
    Faults {},
    /// Proves a pack from an open leaf file.
    Prove(leaves::Request),
    /// Answers a scan.
    Answer(Box<verdict::Request>),
    /// Reads temperatures and holds them against a storage profile.
    Assess(storage::Request),
    /// Whether what a node says is too old.
    Behind(verdict::Clocks),
}

/// A refusal, in the words of whoever refused.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Refused {
    /// The stable name, for programs.
    pub code: String,
    /// What is wrong and what to do, in English.
    pub message: String,
    /// Where, if it is anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Refused {
    /// A refusal of the whole.
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            at: None,
        }
    }
}

/// What a request gives.
type Result<T> = std::result::Result<T, Refused>;

/// Answers a request: `{"ok": ...}` or `{"error": {"code": "...", "message": "...", "at": "..."}}`.
#[must_use]
pub fn call(request: &[u8], library: &mut Library) -> Vec<u8> {
    told(
        serde_json::from_slice(request)
            .map_err(|error| Refused::new("bad_request", error.to_string()))
            .and_then(|request| match request {
                Request::Parse(request) => value(code::read(&request)?),
                Request::Faults {} => value(code::faults()),
                Request::Prove(request) => value(library.prove(&request)?),
                Request::Answer(request) => value(verdict::answer(&request)?),
                Request::Assess(request) => value(storage::assess(&request)?),
                Request::Behind(clocks) => value(verdict::is_behind(&clocks)),
            }),
    )
}

/// Opens a leaf file and keeps it: `{"ok": {"root": "...", "gtin": "...", "count": 1}}` or an error.
#[must_use]
pub fn open(file: Vec<u8>, library: &mut Library) -> Vec<u8> {
    told(library.open(file).and_then(value))
}

fn value(of: impl Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(|error| Refused::new("bad_answer", error.to_string()))
}

fn told(answer: Result<Value>) -> Vec<u8> {
    let told = match answer {
        Ok(value) => serde_json::json!({ "ok": value }),
        Err(refused) => serde_json::json!({ "error": refused }),
    };
    told.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_refused() {
        for text in [
            "",
            "{}",
            r#"{"do":"unknown"}"#,
            r#"{"do":"parse","text":1}"#,
        ] {
            let answer: Value =
                serde_json::from_slice(&call(text.as_bytes(), &mut Library::default()))
                    .expect("an answer is JSON");
            assert_eq!(answer["error"]["code"], "bad_request", "{text}");
        }
    }

    #[test]
    fn a_request_goes_in_and_an_answer_comes_out() {
        let request = r#"{"do":"parse","text":"(01)09524000059109(21)SN1","year":2026}"#;
        let answer: Value =
            serde_json::from_slice(&call(request.as_bytes(), &mut Library::default()))
                .expect("an answer is JSON");
        assert_eq!(answer["ok"]["serial"], "SN1");
    }
}
