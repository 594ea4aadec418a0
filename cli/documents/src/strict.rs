//! Strict JSON: no key twice, and every refusal names its place.
//!
//! serde_json keeps the last of two equal keys and reports lines and columns. A claim is money: which of two charges
//! was meant must not be guessed, and whoever repairs a document looks for `lines[2].charge`, not for column 3,117.

use std::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, IgnoredAny, IntoDeserializer, MapAccess,
    SeqAccess, Visitor,
};
use serde::{forward_to_deserialize_any, Deserialize};
use serde_json::Value;

use crate::problem::{coded, wanted, Path, Problem};

/// Reads JSON text, refusing what is not UTF-8, is not JSON, or has a key twice.
///
/// # Errors
/// `invalid_encoding`, `invalid_json`, `duplicate_key`.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(Problem::new(
            "invalid_encoding",
            "",
            "The document starts with a byte order mark; save it as UTF-8 without one.",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::new(
            "invalid_encoding",
            "",
            format!(
                "The document is not UTF-8 (byte {} cannot be read); save it as UTF-8.",
                error.valid_up_to()
            ),
        )
    })?;
    let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut found = None;
    // A second pass, because a Value has already forgotten the first of two equal keys.
    let scanned = Unrepeated {
        path: &Path::Root,
        found: &mut found,
    }
    .deserialize(&mut reader);
    match (found, scanned) {
        (Some(problem), _) => Err(problem),
        (None, Err(error)) => Err(not_json(&error)),
        (None, Ok(())) => Ok(value),
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(
        "invalid_json",
        "",
        format!("The document is not JSON: {error}."),
    )
}

/// Reads a document into `T`; what `T` refuses is reported with its place.
///
/// # Errors
/// As `T` has them: `missing_field`, `unknown_field`, `wrong_type`, and the codes of its leaves.
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Problem> {
    T::deserialize(Node {
        value,
        path: &Path::Root,
    })
}

/// Walks a document and notes the first key that an object has twice.
struct Unrepeated<'a> {
    path: &'a Path<'a>,
    found: &'a mut Option<Problem>,
}

impl<'de> DeserializeSeed<'de> for Unrepeated<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unrepeated<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        let path = self.path;
        while items
            .next_element_seed(Unrepeated {
                path: &Path::Index(path, index),
                found: &mut *self.found,
            })?
            .is_some()
        {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = Path::Key(self.path, &key);
            if seen.contains(&key) {
                let message = format!(
                    "The key `{key}` stands here twice; which one is meant cannot be guessed."
                );
                self.found.get_or_insert_with(|| {
                    Problem::new("duplicate_key", path.to_string(), message)
                });
                entries.next_value::<IgnoredAny>()?;
            } else {
                entries.next_value_seed(Unrepeated {
                    path: &path,
                    found: &mut *self.found,
                })?;
            }
            seen.insert(key);
        }
        Ok(())
    }
}

/// A value of the document together with where it stands.
struct Node<'a, 'de> {
    value: &'de Value,
    path: &'a Path<'a>,
}

impl<'de> Node<'_, 'de> {
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => number_into(number, visitor),
            Value::Array(items) => {
                let mut access = Elements {
                    items: items.iter().enumerate(),
                    path: self.path,
                };
                let read = visitor.visit_seq(&mut access)?;
                match access.items.next() {
                    None => Ok(read),
                    Some(_) => Err(de::Error::invalid_length(items.len(), &"fewer elements")),
                }
            }
            Value::Object(entries) => visitor.visit_map(Entries {
                entries: entries.iter(),
                next: None,
                path: self.path,
            }),
        }
    }
}

/// Integers as integers; everything else by its digits, so that no amount passes through binary floating point.
fn number_into<'de, V: Visitor<'de>>(
    number: &'de serde_json::Number,
    visitor: V,
) -> Result<V::Value, Problem> {
    if let Some(unsigned) = number.as_u64() {
        return visitor.visit_u64(unsigned);
    }
    if let Some(signed) = number.as_i64() {
        return visitor.visit_i64(signed);
    }
    let expected = wanted(&visitor as &dyn Expected);
    let digits = number.as_str();
    let whole = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    let code = match (whole, digits.starts_with('-')) {
        (true, true) => "negative",
        (true, false) => "number_too_large",
        (false, _) => "wrong_type",
    };
    number.deserialize_any(visitor).map_err(|_| {
        de::Error::custom(coded(
            code,
            format!("Expected {expected}, found the number {digits}."),
        ))
    })
}

impl<'de> Deserializer<'de> for Node<'_, 'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let path = self.path;
        self.visit(visitor).map_err(|problem| problem.located(path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let path = self.path;
        let read = match self.value {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => Err(de::Error::custom(coded(
                "wrong_type",
                "Expected a word in quotes.",
            ))),
        };
        read.map_err(|problem: Problem| problem.located(path))
    }

    /// An object only: what serde derives would take its fields from an array too, by their order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.value {
            Value::Object(_) => self.deserialize_any(visitor),
            _ => Err(de::Error::custom(coded(
                "wrong_type",
                format!("Expected {}.", wanted(&visitor as &dyn Expected)),
            )))
            .map_err(|problem: Problem| problem.located(self.path)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier
    }
}

struct Elements<'a, 'de> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
    path: &'a Path<'a>,
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Problem> {
        let Some((index, value)) = self.items.next() else {
            return Ok(None);
        };
        let path = Path::Index(self.path, index);
        // What a leaf refuses after it was read (a rate above the whole) has no place yet.
        seed.deserialize(Node { value, path: &path })
            .map(Some)
            .map_err(|problem| problem.located(&path))
    }
}

struct Entries<'a, 'de> {
    entries: serde_json::map::Iter<'de>,
    next: Option<(&'de str, &'de Value)>,
    path: &'a Path<'a>,
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.next = Some((key, value));
        seed.deserialize(de::value::BorrowedStrDeserializer::new(key))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let (key, value) = self
            .next
            .take()
            .ok_or_else(|| de::Error::custom("a value was asked for before its key"))?;
        let path = Path::Key(self.path, key);
        seed.deserialize(Node { value, path: &path })
            .map_err(|problem| problem.located(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Line {
        units: u16,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Document {
        lines: Vec<Line>,
    }

    fn refused(text: &str) -> (String, String) {
        let problem = match parse(text.as_bytes()) {
            Err(problem) => problem,
            Ok(value) => from_value::<Document>(&value).expect_err(text),
        };
        (problem.code, problem.at)
    }

    #[test]
    fn every_refusal_names_its_place() {
        for (text, code, at) in [
            (
                r#"{"lines": [{"units": 1}, {"units": 1, "units": 2}]}"#,
                "duplicate_key",
                "lines[1].units",
            ),
            (
                r#"{"lines": [{"units": 1, "extra": 0}]}"#,
                "unknown_field",
                "lines[0].extra",
            ),
            (
                r#"{"lines": [{"units": 1}, {}]}"#,
                "missing_field",
                "lines[1].units",
            ),
            (
                r#"{"lines": [{"units": -1}]}"#,
                "negative",
                "lines[0].units",
            ),
            (
                r#"{"lines": [{"units": 70000}]}"#,
                "number_too_large",
                "lines[0].units",
            ),
            (
                r#"{"lines": [{"units": 99999999999999999999999}]}"#,
                "number_too_large",
                "lines[0].units",
            ),
            (
                r#"{"lines": [{"units": 1.5}]}"#,
                "wrong_type",
                "lines[0].units",
            ),
            (
                r#"{"lines": [{"units": "1"}]}"#,
                "wrong_type",
                "lines[0].units",
            ),
            (r#"{"lines": {}}"#, "wrong_type", "lines"),
            (r#"{"lines": [[1]]}"#, "wrong_type", "lines[0]"),
            (r#"{}"#, "missing_field", "lines"),
            (r#"[1"#, "invalid_json", ""),
            ("\u{feff}{}", "invalid_encoding", ""),
        ] {
            assert_eq!(refused(text), (code.to_owned(), at.to_owned()), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_exhaust_the_stack() {
        assert_eq!(refused(&"[".repeat(100_000)).0, "invalid_json");
    }
}
