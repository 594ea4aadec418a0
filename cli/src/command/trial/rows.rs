//! Tables of participants, and of data points, as CSV, read strictly: everything that is wrong is said at once, each row with its line, column and
//! reason, before anything is sent.

use std::collections::BTreeMap;
use std::path::Path;

use galen_rules::Date;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::text::unhex_array;
use crate::document;
use crate::error::{CliError, Result};

/// The columns that tables have. A command ignores those that it does not need, so that one table can serve
/// several.
const KNOWN: [&str; 23] = [
    "participant",
    "subject",
    "owner",
    "marker",
    "person",
    "holder",
    "milestone",
    "visited",
    "decision",
    "total",
    "receipt",
    "visit",
    "item",
    "value",
    "at",
    "reason",
    "user",
    "location",
    "source",
    "device",
    "sequence",
    "taken_at",
    "signature",
];
/// Columns of numbers, in which a sign is a number's and not a formula's.
const NUMBERS: [&str; 9] = [
    "milestone",
    "total",
    "value",
    "sequence",
    "taken_at",
    "nonce",
    "below",
    "number",
    "units",
];
/// No value of any column is longer.
const LONGEST: usize = 1_024;
/// A million rows of some hundred bytes.
const MAX_BYTES: u64 = 512 << 20;

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The line in the file, from 1; null where the command line was wrong.
    pub line: Option<u64>,
    /// The column.
    pub column: Option<&'static str>,
    /// Stable, in snake case, for programs.
    pub code: &'static str,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    code: &'static str,
    message: String,
}

impl Reason {
    /// A reason with its code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The reason at its place.
    pub fn at(self, line: Option<u64>, column: &'static str) -> Fault {
        Fault {
            line,
            column: Some(column),
            code: self.code,
            message: self.message,
        }
    }
}

impl Fault {
    /// The fault as the error of a command that was given this one row on its command line.
    pub fn into_error(self) -> CliError {
        CliError {
            code: self.code.to_owned(),
            message: self.message,
            at: self.column.map(|column| format!("--{column}")),
        }
    }
}

/// One row: its values by column, none of them empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line on which it begins; none where it was made of flags.
    pub line: Option<u64>,
    values: Vec<(&'static str, String)>,
}

impl Record {
    /// A row made of flags.
    pub fn of_flags(values: &[(&'static str, Option<String>)]) -> Self {
        let values = values
            .iter()
            .filter_map(|(column, value)| value.clone().map(|value| (*column, value)))
            .collect();
        Self { line: None, values }
    }

    /// The value of a column, if the row has one.
    pub fn value(&self, column: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, value)| value.as_str())
    }

    /// Reads the value of a column that must be there.
    ///
    /// # Errors
    /// `missing_value`, and what `read` finds.
    pub fn read<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&str) -> std::result::Result<T, Reason>,
    ) -> std::result::Result<T, Fault> {
        let value = self
            .value(column)
            .ok_or_else(|| Reason::new("missing_value", format!("There is no {column}.")));
        value
            .and_then(read)
            .map_err(|reason| reason.at(self.line, column))
    }

    /// Reads the value of a column that may be left out.
    ///
    /// # Errors
    /// What `read` finds.
    pub fn read_if<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&str) -> std::result::Result<T, Reason>,
    ) -> std::result::Result<Option<T>, Fault> {
        self.value(column)
            .map(read)
            .transpose()
            .map_err(|reason| reason.at(self.line, column))
    }
}

/// What rows before have named, and on which line: no two rows of a table may name the same.
#[derive(Debug)]
pub struct Seen<K>(BTreeMap<K, u64>);

impl<K: Ord> Seen<K> {
    /// Nothing yet.
    pub const fn nothing() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes down what a row names; `what` says in its words what that is.
    ///
    /// # Errors
    /// `repeated`, at the column.
    pub fn first(
        &mut self,
        record: &Record,
        column: &'static str,
        key: K,
        what: &str,
    ) -> std::result::Result<(), Fault> {
        match self.0.insert(key, record.line.unwrap_or_default()) {
            None => Ok(()),
            Some(first) => {
                let message = format!("{what} stands on line {first} already.");
                Err(Reason::new("repeated", message).at(record.line, column))
            }
        }
    }
}

/// A table: its good rows, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Rows whose every value can be read as text.
    pub records: Vec<Record>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
}

/// Reads a table, or stdin where the path is `-`.
///
/// # Errors
/// `no_header`, `wrong_header`, `no_rows`, and those of the file itself. What is wrong with rows stands in the answer.
pub fn read(path: &Path, needed: &[&str]) -> Result<Sheet> {
    read_columns(path, &KNOWN, needed)
}

/// Reads a table of other columns than those of participants.
///
/// # Errors
/// Those of [`read`].
pub fn read_columns(path: &Path, known: &[&'static str], needed: &[&str]) -> Result<Sheet> {
    let bytes = document::bytes_within(path, MAX_BYTES)?;
    parse(&bytes, known, needed).map_err(|error| CliError {
        message: format!("{}: {}", document::name(path), error.message),
        ..error
    })
}

fn parse(bytes: &[u8], known: &[&'static str], needed: &[&str]) -> Result<Sheet> {
    // Spreadsheets write one in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_utf16 = [&b"\xff\xfe"[..], b"\xfe\xff"]
        .iter()
        .any(|mark| bytes.starts_with(mark));
    if is_utf16 {
        return Err(not_utf8("The file is UTF-16; save it as UTF-8.".to_owned()));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut lines = Lines::new(bytes);
    if !next(&mut reader, &mut record)? {
        return Err(CliError::new(
            "no_header",
            format!(
                "The file is empty. Its first line names the columns: {}.",
                needed.join(",")
            ),
        ));
    }
    let columns = header(&record, known, needed)?;
    let mut sheet = Sheet::default();
    while next(&mut reader, &mut record)? {
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        match row(&columns, &record, line) {
            Ok(row) => sheet.records.push(row),
            Err(faults) => sheet.faults.extend(faults),
        }
    }
    if sheet.records.is_empty() && sheet.faults.is_empty() {
        return Err(CliError::new(
            "no_rows",
            "There is no row after the header.",
        ));
    }
    Ok(sheet)
}

fn not_utf8(message: String) -> CliError {
    CliError {
        code: "invalid_encoding".to_owned(),
        message,
        at: Some("line 1".to_owned()),
    }
}

fn next(reader: &mut csv::Reader<&[u8]>, record: &mut csv::ByteRecord) -> Result<bool> {
    reader
        .read_byte_record(record)
        .map_err(|error| CliError::new("wrong_header", format!("The file is no CSV: {error}.")))
}

fn header(
    record: &csv::ByteRecord,
    all: &[&'static str],
    needed: &[&str],
) -> Result<Vec<&'static str>> {
    let refused = |message: String| CliError {
        code: "wrong_header".to_owned(),
        message,
        at: Some("line 1".to_owned()),
    };
    let mut columns: Vec<&'static str> = Vec::new();
    for name in record {
        // UTF-16 without its mark has a NUL in each letter.
        let name = std::str::from_utf8(name)
            .ok()
            .filter(|name| !name.contains('\0'));
        let name = name.map(str::trim).ok_or_else(|| {
            not_utf8("The names of the columns are not UTF-8; save the file as UTF-8.".to_owned())
        })?;
        let known = all.iter().find(|known| **known == name).ok_or_else(|| {
            refused(format!(
                "There is no column {name:?}. Columns are named in the first line, of these: {}.",
                all.join(", ")
            ))
        })?;
        if columns.contains(known) {
            return Err(refused(format!("The column {known} stands there twice.")));
        }
        columns.push(*known);
    }
    match needed.iter().find(|name| !columns.contains(name)) {
        Some(missing) => Err(refused(format!("The column {missing} is missing."))),
        None => Ok(columns),
    }
}

fn row(
    columns: &[&'static str],
    record: &csv::ByteRecord,
    line: u64,
) -> std::result::Result<Record, Vec<Fault>> {
    if record.len() != columns.len() {
        return Err(vec![Fault {
            line: Some(line),
            column: None,
            code: "wrong_columns",
            message: format!(
                "The row has {} values and the header {}.",
                record.len(),
                columns.len()
            ),
        }]);
    }
    let mut values = Vec::with_capacity(columns.len());
    let mut faults = Vec::new();
    for (column, bytes) in columns.iter().zip(record) {
        match cell(column, bytes) {
            Ok(Some(value)) => values.push((*column, value)),
            Ok(None) => {}
            Err(reason) => faults.push(reason.at(Some(line), column)),
        }
    }
    if faults.is_empty() {
        Ok(Record {
            line: Some(line),
            values,
        })
    } else {
        Err(faults)
    }
}

/// A value as text; none where it is empty.
fn cell(column: &str, bytes: &[u8]) -> std::result::Result<Option<String>, Reason> {
    if bytes.len() > LONGEST {
        return Err(Reason::new(
            "too_long",
            format!(
                "The value has {} bytes; none is longer than {LONGEST}.",
                bytes.len()
            ),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!(
            "Byte {} of the value is not UTF-8; save the file as UTF-8.",
            error.valid_up_to()
        );
        Reason::new("invalid_encoding", message)
    })?;
    // Blanks around a value are what spreadsheets leave; anything else invisible is not.
    let text = text.trim_matches([' ', '\t']);
    if let Some(odd) = text.chars().find(|letter| letter.is_control()) {
        return Err(Reason::new(
            "control_character",
            format!("The value has the control character {odd:?} in it."),
        ));
    }
    let formula = text.starts_with(['=', '@'])
        || (text.starts_with(['+', '-']) && !NUMBERS.contains(&column));
    if formula {
        return Err(Reason::new(
            "formula",
            format!("{text:?} begins as a spreadsheet's formula does."),
        ));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// The identifier of a person or a family on the command line, by the rules of a table: blanks around it do not count, and it is
/// neither empty nor what a table would refuse.
///
/// # Errors
/// In words, for the command line's grammar.
pub fn identifier(text: &str) -> std::result::Result<String, String> {
    let read = cell("id", text.as_bytes()).map_err(|reason| reason.message)?;
    read.ok_or_else(|| "an identifier has at least one character".to_owned())
}

/// Which line a byte stands on, whatever ends the lines: LF, CRLF or CR.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
        }
    }

    /// The line of a record that begins at `start`, past the empty lines there. Calls go forward.
    fn of(&mut self, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(self.bytes.len());
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let ends_line = matches!(byte, b'\r' | b'\n');
            if self.at >= start && !ends_line {
                break;
            }
            let second_half = byte == b'\n'
                && self
                    .at
                    .checked_sub(1)
                    .and_then(|before| self.bytes.get(before))
                    == Some(&b'\r');
            if ends_line && !second_half {
                self.line = self.line.saturating_add(1);
            }
            self.at = self.at.saturating_add(1);
        }
        self.line
    }
}

/// A public key in base58.
pub fn key(text: &str) -> std::result::Result<Pubkey, Reason> {
    let bytes = bs58::decode(text).into_vec().map_err(|error| {
        let odd = text.chars().find(|letter| !letter.is_ascii());
        let message = match odd {
            Some(letter) => format!(
                "{text:?} is no address: the letter {letter:?} only looks like one of base58."
            ),
            None => format!("{text:?} is no address in base58: {error}."),
        };
        Reason::new("address_invalid", message)
    })?;
    <[u8; 32]>::try_from(bytes.as_slice())
        .map(Pubkey::new_from_array)
        .map_err(|_| {
            Reason::new(
                "address_length",
                format!("{text:?} has {} bytes; an address has 32.", bytes.len()),
            )
        })
}

/// A whole number of cents above zero.
pub fn cents(text: &str) -> std::result::Result<u64, Reason> {
    let refused = |code, what: &str| {
        Err(Reason::new(
            code,
            format!("{text:?} {what}; write a whole number of cents, as 1250 for 12.50."),
        ))
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.starts_with(['+', '-']) {
        return refused("amount_sign", "has a sign");
    }
    if text.contains(',') {
        return refused("amount_comma", "has a comma");
    }
    if text.contains('.') {
        return refused("amount_decimals", "has decimals");
    }
    if text.contains(['e', 'E']) && text.starts_with(|first: char| first.is_ascii_digit()) {
        return refused("amount_exponent", "has an exponent");
    }
    if !digits(text) {
        return refused("amount_invalid", "is no number");
    }
    match text.parse() {
        Ok(0) => refused("amount_zero", "is nothing"),
        Ok(cents) => Ok(cents),
        Err(_) => refused("amount_too_large", "is more than can be counted"),
    }
}

/// The number of a milestone in its schedule, from 0.
pub fn milestone(text: &str) -> std::result::Result<u8, Reason> {
    text.parse()
        .ok()
        .filter(|number| *number < 64 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| {
            Reason::new(
                "milestone_invalid",
                format!("{text:?} is no milestone; they are numbered from 0 to 63."),
            )
        })
}

/// A device's number of a dose, from 1.
pub fn sequence(text: &str) -> std::result::Result<u32, Reason> {
    text.parse()
        .ok()
        .filter(|number| *number > 0 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| {
            Reason::new(
                "sequence_invalid",
                format!(
                    "{text:?} is no number of a dose; devices count them from 1 to {}.",
                    u32::MAX
                ),
            )
        })
}

/// The number of an eligibility ticket, from 0.
pub fn ticket_number(text: &str) -> std::result::Result<u64, Reason> {
    text.parse()
        .ok()
        .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| {
            Reason::new(
                "ticket_number_invalid",
                format!("{text:?} is no number of a ticket; they are whole, from 0 on."),
            )
        })
}

/// A moment as a Unix time in seconds, from 1970 on.
pub fn unix(text: &str) -> std::result::Result<i64, Reason> {
    text.parse()
        .ok()
        .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| {
            Reason::new(
                "time_invalid",
                format!("{text:?} is no Unix time in whole seconds, as 1772352000."),
            )
        })
}

/// A date.
pub fn date(text: &str) -> std::result::Result<Date, Reason> {
    text.parse()
        .map_err(|error| Reason::new("date_invalid", format!("{text:?} is {error}.")))
}

/// 32 bytes as 64 hexadecimal digits.
pub fn hex32(text: &str) -> std::result::Result<[u8; 32], Reason> {
    unhex_array(text).ok_or_else(|| {
        Reason::new(
            "hex_invalid",
            format!("{text:?} is not 64 hexadecimal digits."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &[u8]) -> Vec<(Option<u64>, Option<&'static str>, &'static str)> {
        let sheet = parse(text, &KNOWN, &["participant"]).expect("a table");
        sheet
            .faults
            .into_iter()
            .map(|fault| (fault.line, fault.column, fault.code))
            .collect()
    }

    fn refusal(text: &[u8]) -> String {
        parse(text, &KNOWN, &["participant"])
            .expect_err("refused")
            .code
    }

    #[test]
    fn a_file_without_rows_or_with_another_header_is_refused_whole() {
        assert_eq!(refusal(b""), "no_header");
        assert_eq!(refusal(b"\xef\xbb\xbf"), "no_header");
        assert_eq!(refusal(b"participant,total\n"), "no_rows");
        assert_eq!(refusal(b"participant,total\r\n\r\n"), "no_rows");
        for header in [
            "total\n1\n",
            "participant,participant\na,b\n",
            "participant,amount\na,1\n",
            "Participant\na\n",
        ] {
            assert_eq!(refusal(header.as_bytes()), "wrong_header", "{header:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_said_to_be_that() {
        let text = "participant,total\na,1\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for file in [
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
            little,
            big,
            b"particip\xe4nt\na\n".to_vec(),
            b"\0\na\n".to_vec(),
        ] {
            assert_eq!(refusal(&file), "invalid_encoding", "{file:?}");
        }
    }

    #[test]
    fn rows_are_found_whatever_ends_the_lines() {
        for text in [
            "participant,total\na,1\n\nb,2\n",
            "participant,total\r\na,1\r\n\r\nb,2\r\n",
            "participant,total\ra,1\r\rb,2",
            "\u{feff}participant , total\n a ,\t1 \n\n\"b\",\"2\"",
        ] {
            let sheet = parse(text.as_bytes(), &KNOWN, &["participant"]).expect(text);
            let rows: Vec<_> = sheet
                .records
                .iter()
                .map(|row| (row.line, row.value("participant"), row.value("total")))
                .collect();
            assert_eq!(
                rows,
                [
                    (Some(2), Some("a"), Some("1")),
                    (Some(4), Some("b"), Some("2"))
                ],
                "{text:?}"
            );
            assert!(sheet.faults.is_empty());
        }
    }

    #[test]
    fn every_bad_row_is_named_with_its_line_and_column() {
        let text = b"participant,subject\n\"a\nb\",x\nc\nd,e,f\n\xff,y\ng\0,z\n=1+1,k\n+1,k\n@x,k\nh,ok\ni,=cmd()\n";
        assert_eq!(
            faults(text),
            [
                (Some(2), Some("participant"), "control_character"),
                (Some(4), None, "wrong_columns"),
                (Some(5), None, "wrong_columns"),
                (Some(6), Some("participant"), "invalid_encoding"),
                (Some(7), Some("participant"), "control_character"),
                (Some(8), Some("participant"), "formula"),
                (Some(9), Some("participant"), "formula"),
                (Some(10), Some("participant"), "formula"),
                (Some(12), Some("subject"), "formula"),
            ]
        );
        let long = format!("participant\n{}\n", "a".repeat(LONGEST + 1));
        assert_eq!(
            faults(long.as_bytes()),
            [(Some(2), Some("participant"), "too_long")]
        );
    }

    #[test]
    fn identifiers_on_the_command_line_are_those_of_a_table() {
        for (text, read) in [
            ("M-4711", "M-4711"),
            (" M-4711\t", "M-4711"),
            ("M 47 11", "M 47 11"),
            ("\u{e9}-1", "\u{e9}-1"),
        ] {
            assert_eq!(identifier(text), Ok(read.to_owned()), "{text:?}");
        }
        let long = "M".repeat(LONGEST + 1);
        for text in [
            "", " ", "\t ", "M\t4711", "M-4711\n", "M\u{0}", "=1+1", "+1", "-1", "@x", &long,
        ] {
            assert!(identifier(text).is_err(), "{text:?}");
        }
    }

    fn code<T: std::fmt::Debug>(read: std::result::Result<T, Reason>) -> &'static str {
        read.expect_err("refused").code
    }

    #[test]
    fn amounts_are_whole_cents() {
        assert_eq!(cents("1250"), Ok(1_250));
        assert_eq!(cents("18446744073709551615"), Ok(u64::MAX));
        for (text, expected) in [
            ("-5", "amount_sign"),
            ("+5", "amount_sign"),
            ("1,250", "amount_comma"),
            ("12.50", "amount_decimals"),
            ("12.505", "amount_decimals"),
            ("1e3", "amount_exponent"),
            ("1E3", "amount_exponent"),
            ("18446744073709551616", "amount_too_large"),
            ("0", "amount_zero"),
            ("000", "amount_zero"),
            ("", "amount_invalid"),
            ("five", "amount_invalid"),
            ("1 000", "amount_invalid"),
            ("\u{0661}", "amount_invalid"),
        ] {
            assert_eq!(code(cents(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn addresses_are_32_bytes_of_base58() {
        let good = Pubkey::new_from_array([7; 32]);
        assert_eq!(key(&good.to_string()), Ok(good));
        let homoglyph = good
            .to_string()
            .replacen('e', "\u{0435}", 1)
            .replacen('a', "\u{0430}", 1);
        for (text, expected) in [
            (bs58::encode([7; 31]).into_string(), "address_length"),
            (bs58::encode([7; 33]).into_string(), "address_length"),
            (String::new(), "address_length"),
            ("0OIl".to_owned(), "address_invalid"),
            (format!("{good}\u{a0}"), "address_invalid"),
            ("\u{0410}".to_owned() + &homoglyph, "address_invalid"),
        ] {
            assert_eq!(code(key(&text)), expected, "{text:?}");
        }
    }

    #[test]
    fn milestones_dates_and_digests_are_read_strictly() {
        assert_eq!(milestone("63"), Ok(63));
        for text in ["64", "-1", "+1", "1.0", "", "256"] {
            assert_eq!(code(milestone(text)), "milestone_invalid", "{text}");
        }
        assert_eq!(sequence("4294967295"), Ok(u32::MAX));
        for text in ["0", "-1", "+1", "1.0", "", "4294967296"] {
            assert_eq!(code(sequence(text)), "sequence_invalid", "{text}");
        }
        assert_eq!(ticket_number("0"), Ok(0));
        for text in ["-1", "+1", "1.0", "", "18446744073709551616"] {
            assert_eq!(code(ticket_number(text)), "ticket_number_invalid", "{text}");
        }
        assert_eq!(unix("1772352000"), Ok(1_772_352_000));
        for text in ["-1", "+1", "1.5", "", "1e9", "9223372036854775808"] {
            assert_eq!(code(unix(text)), "time_invalid", "{text}");
        }
        assert!(date("2026-02-28").is_ok());
        for text in ["2026-02-30", "28.02.2026", "", "2026-2-8"] {
            assert_eq!(code(date(text)), "date_invalid", "{text}");
        }
        let message = date("01/02/2026").expect_err("refused").message;
        assert_eq!(
            message,
            "\"01/02/2026\" is not a date that exists; write it as YYYY-MM-DD."
        );
        assert_eq!(hex32(&"0f".repeat(32)), Ok([15; 32]));
        for text in [
            "",
            "0f",
            &"0g".repeat(32),
            &"+f".repeat(32),
            &"\u{e9}".repeat(32),
        ] {
            assert_eq!(code(hex32(text)), "hex_invalid", "{text}");
        }
    }

    #[test]
    fn a_million_rows_are_read_in_seconds() {
        let mut text = String::from("participant,total\n");
        for number in 0..1_000_000_u32 {
            text += "Gxx3cXjsqPMJYi2kC6ezqkV8ZiTfnqUGUZUBvDaAVhRW,";
            text += if number % 2 == 0 {
                "100\n"
            } else {
                "\"101\"\n"
            };
        }
        let sheet = parse(text.as_bytes(), &KNOWN, &["participant"]).expect("a table");
        assert_eq!(sheet.records.len(), 1_000_000);
        assert_eq!(
            sheet
                .records
                .last()
                .map(|row| (row.line, row.value("total"))),
            Some((Some(1_000_001), Some("101")))
        );
    }
}
