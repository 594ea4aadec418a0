//! What is wrong with a document: a stable code for programs, a sentence for people, and the place.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

/// Separates the code from the text in messages that our own leaf types (money, dates) hand to serde, whose
/// interface for errors carries one string. No derived message contains it.
const CODE_SEPARATOR: char = '\u{1f}';

/// One thing wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Stable, in snake case, for programs: `negative_money`, `unknown_field`.
    pub code: String,
    /// A full sentence that says what to do.
    pub message: String,
    /// The place: `lines[2].charge`, or for FHIR its path, `Claim.item[1].net.value`. Empty: the document itself.
    pub at: String,
    /// Whether `at` is complete, or still relative to the value being read.
    placed: bool,
}

impl Problem {
    /// A problem at a known place.
    pub fn new(code: &str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            at: at.into(),
            placed: true,
        }
    }

    fn unplaced(code: &str, child: &str, message: String) -> Self {
        Self {
            code: code.to_owned(),
            message,
            at: child.to_owned(),
            placed: false,
        }
    }

    /// Completes the place of a problem that arose while the value at `path` was read.
    pub(crate) fn located(mut self, path: &Path) -> Self {
        if !self.placed {
            let parent = path.to_string();
            self.at = match (parent.is_empty(), self.at.is_empty()) {
                (true, _) => self.at,
                (false, true) => parent,
                (false, false) => format!("{parent}.{}", self.at),
            };
            self.placed = true;
        }
        self
    }

    /// The same problem, its place seen from a document that contains this one.
    #[must_use]
    pub fn within(mut self, root: &str) -> Self {
        self.at = if self.at.is_empty() {
            root.to_owned()
        } else {
            format!("{root}.{}", self.at)
        };
        self
    }
}

/// A message for [`serde::de::Error::custom`] that keeps its code.
pub(crate) fn coded(code: &str, message: impl fmt::Display) -> String {
    format!("{code}{CODE_SEPARATOR}{message}")
}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        // The FHIR library's words for a list that has to have an entry.
        if text.contains("Vec1 with a length of zero") {
            let message = "The list is empty, and has to have an entry.";
            return Self::unplaced("invalid_value", "", message.to_owned());
        }
        match text.split_once(CODE_SEPARATOR) {
            Some((code, message)) => Self::unplaced(code, "", message.to_owned()),
            None => Self::unplaced("invalid_value", "", text),
        }
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Self {
        Self::unplaced(
            "wrong_type",
            "",
            format!("Expected {}, found {}.", wanted(expected), given(&found)),
        )
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Self {
        let code = match found {
            Unexpected::Signed(number) if number < 0 => "negative",
            // Only what may not be none is refused for being none.
            Unexpected::Signed(0) | Unexpected::Unsigned(0) => "number_too_small",
            Unexpected::Signed(_) | Unexpected::Unsigned(_) => "number_too_large",
            _ => "invalid_value",
        };
        Self::unplaced(
            code,
            "",
            format!("Expected {}, found {}.", wanted(expected), given(&found)),
        )
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::unplaced(
            "invalid_value",
            "",
            format!("Expected {}, found {length} elements.", wanted(expected)),
        )
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::unplaced(
            "unknown_value",
            "",
            format!("`{variant}` is not known here; use {}.", one_of(expected)),
        )
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unplaced(
            "unknown_field",
            field,
            format!(
                "There is no field `{field}` here; the fields are {}.",
                list(expected)
            ),
        )
    }

    fn missing_field(field: &'static str) -> Self {
        Self::unplaced(
            "missing_field",
            field,
            format!("The field `{field}` is missing."),
        )
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::unplaced(
            "duplicate_key",
            field,
            format!("The field `{field}` stands here twice."),
        )
    }
}

/// What is to be written, in words: the types that serde names are Rust's.
pub(crate) fn wanted(expected: &dyn Expected) -> String {
    let name = expected.to_string();
    let words = match name.as_str() {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "a whole number, zero or more",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        other if other.starts_with("a nonzero") => "a whole number from 1",
        "f32" | "f64" => "a number",
        "a boolean" | "bool" => "true or false",
        "a string" | "a borrowed string" | "a character" => "a text in quotes",
        "a sequence" => "a list in brackets",
        "a map" => "an object in braces",
        "unit" => "null",
        other if other.starts_with("struct ") => "an object in braces",
        other => other,
    };
    words.to_owned()
}

/// What stands there instead, in words.
fn given(found: &Unexpected) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the text \"{text}\""),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        other => other.to_string(),
    }
}

fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn one_of(names: &[&str]) -> String {
    match names {
        [only] => format!("`{only}`"),
        _ => format!("one of {}", list(names)),
    }
}

/// Where in a document one is, as a list linked through the stack: nothing is allocated unless a problem arises.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => f.write_str(key),
            Path::Key(parent, key) => write!(f, "{parent}.{key}"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
