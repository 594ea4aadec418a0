//! `galen trial tax`: what a sponsor's participants earned in a calendar year, for the yearly statements.
//!
//! The ledger keeps the present year of each person, over all of the sponsor's trials, and the one before in which anything was
//! earned; who they are, their forms, and years further back that this command has seen stand in the local store.

use std::fmt;
use std::path::{Path, PathBuf};

use galen_rules::Date;
use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::{Person, Trial};

use super::read;
use super::tax_document::{Form, Kind};
use crate::chain::organization::resolve;
use crate::chain::text::hex;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, table, Answer};
use crate::store::{self, Store, TaxYearRecord};

const DAY: i64 = 86_400;
/// Income code of Form 1042-S, box 1: "Other income", for "payments of income for which no other income code applies"
/// (IRS, corrections to the 2017 instructions for Form 1042-S, 18 September 2017). A stipend pays for taking part, not for a
/// service; a sponsor whose adviser takes it for one names another code.
const OTHER_INCOME: &str = "23";

/// Flags of `galen trial tax`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial tax --sponsor ORG --year 2026
  galen trial tax --sponsor ORG --year 2026 --folder statements

Run it once a year is over: the ledger keeps a person's present year and the one before in which anything was earned, and the store
keeps what this command has seen of a whole year. With --folder it writes 1099-misc-YEAR.csv (other income, box 3; withheld, box 4),
1042-s-YEAR.csv (income code 23, other income, unless --income-code names another) and without-form-YEAR.csv, which only you can
read; nothing there is overwritten. Expenses are not income and are not in it. It counts what was earned in the year, be it paid,
held or withheld. The program withholds nothing from who has filed a W-8BEN: the 30 % that US law asks for of a non-resident's
income (less by treaty) are the sponsor's to settle. Exit code 1 while a year is not known or a form is missing from somebody at
the threshold.")]
pub struct Args {
    /// The sponsor's address or id
    #[arg(long, value_name = "ORG")]
    sponsor: Pubkey,
    /// The calendar year
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1970..=9999))]
    year: u16,
    /// Stipends of a year from which a 1099 is due, in cents [default: the lowest tax threshold of the sponsor's trials]
    #[arg(long, value_name = "CENTS")]
    threshold: Option<u64>,
    /// Income code of the 1042-S statements: two digits of the list in the form's instructions
    #[arg(long, value_name = "CODE", default_value = OTHER_INCOME, value_parser = income_code)]
    income_code: String,
    /// Write the statements into this folder
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn income_code(text: &str) -> std::result::Result<String, String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code
        .then(|| text.to_owned())
        .ok_or_else(|| "two digits, as 23".to_owned())
}

/// As JSON: `{"sponsor", "year", "threshold", "stipends", "withheld", "people": [{"statement": "1099-MISC" | "1042-S" | null,
/// "person", "marker", "name", "tin", "country", "address", "stipends", "withheld", "due", "missing", "as_of"}], "files": []}`. `due`:
/// a statement is owed; `missing`: `"form"` or `"year"`, what it lacks: of a year of which the store's last look was before its end, the
/// figures can be too low; `as_of`: the day of that look, where the ledger has the year no more.
#[derive(Debug, Serialize)]
struct Report {
    sponsor: String,
    year: u16,
    threshold: u64,
    stipends: u64,
    withheld: u64,
    people: Vec<Row>,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    statement: Option<&'static str>,
    person: Option<String>,
    marker: String,
    name: Option<String>,
    tin: Option<String>,
    country: Option<String>,
    address: Option<String>,
    stipends: u64,
    withheld: u64,
    due: bool,
    missing: Option<&'static str>,
    as_of: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, `store_damaged`, `file_exists`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let (sponsor, _) = resolve(&cluster, &args.sponsor)?;
    let trials = read::list::<Trial>(&cluster, Some(&sponsor))?;
    let threshold = args.threshold.unwrap_or_else(|| {
        trials
            .iter()
            .map(|(_, trial)| trial.tax_threshold)
            .min()
            .unwrap_or(u64::MAX)
    });
    let books = Books {
        sponsor: sponsor.to_string(),
        year: args.year,
        threshold,
        today: i32::try_from(cluster.unix_time()?.div_euclid(DAY)).unwrap_or(i32::MAX),
        store,
    };
    let mut people = Vec::new();
    for (_, person) in read::list::<Person>(&cluster, Some(&sponsor))? {
        people.extend(books.row(&person)?);
    }
    let sum = |of: fn(&Row) -> u64| people.iter().map(of).fold(0, u64::saturating_add);
    let mut report = Report {
        sponsor: books.sponsor,
        year: args.year,
        threshold,
        stipends: sum(|row| row.stipends),
        withheld: sum(|row| row.withheld),
        people,
        files: Vec::new(),
    };
    if let Some(folder) = &args.folder {
        report.write(folder, &args.income_code)?;
    }
    let complete = report.people.iter().all(|row| row.missing.is_none());
    Ok(Answer::new(&report)?.with_success(complete))
}

/// What all rows share.
struct Books {
    sponsor: String,
    year: u16,
    threshold: u64,
    today: i32,
    store: Store,
}

impl Books {
    /// What the year of a person came to; none where it came to nothing.
    fn row(&self, person: &Person) -> Result<Option<Row>> {
        let there = match self.year {
            year if year == person.year => Some((person.stipends, person.withheld)),
            year if year == person.year_before => {
                Some((person.stipends_before, person.withheld_before))
            }
            // After the last, between the last two: nothing was earned.
            year if year > person.year_before => return Ok(None),
            _ => None,
        };
        let seen = if let Some((stipends, withheld)) = there {
            let record = TaxYearRecord {
                stipends,
                withheld,
                as_of: self.today,
            };
            self.store
                .keep_tax_year(&self.sponsor, &person.marker, self.year, &record)?;
            Some(record)
        } else {
            self.store
                .tax_year(&self.sponsor, &person.marker, self.year)?
        };
        let known = self.store.person(&self.sponsor, &person.marker)?;
        let form = known
            .as_ref()
            .and_then(|known| known.form.as_deref())
            .and_then(|text| serde_json::from_str::<Form>(text).ok());
        let stipends = seen.map_or(0, |record| record.stipends);
        let withheld = seen.map_or(0, |record| record.withheld);
        let is_whole = there.is_some()
            || seen.is_some_and(|record| {
                Date::from_days(record.as_of).is_some_and(|day| day.year() > self.year)
            });
        let foreign = form.as_ref().is_some_and(|form| form.form == Kind::W8Ben);
        // A 1042-S has no threshold; a 1099 is due below it too where something was withheld.
        let due = withheld > 0 || (stipends > 0 && (foreign || stipends >= self.threshold));
        let missing = match &form {
            _ if !is_whole => Some("year"),
            None if due => Some("form"),
            _ => None,
        };
        let text = |field: fn(&Form) -> Option<String>| form.as_ref().and_then(field);
        Ok(Some(Row {
            statement: form.as_ref().map(|form| match form.form {
                Kind::W9 => "1099-MISC",
                Kind::W8Ben => "1042-S",
            }),
            person: known
                .map(|known| known.identifier)
                .filter(|identifier| !identifier.is_empty()),
            marker: hex(&person.marker),
            name: text(|form| Some(form.name.0.clone())),
            tin: text(|form| form.tin.as_ref().map(|tin| tin.0.clone())),
            country: text(|form| form.country.as_ref().map(|country| country.0.clone())),
            address: text(|form| form.address.as_ref().map(|address| address.0.clone())),
            stipends,
            withheld,
            due,
            missing,
            as_of: seen
                .filter(|_| there.is_none())
                .and_then(|record| super::parts::day(record.as_of)),
        }))
    }
}

impl Report {
    fn write(&mut self, folder: &Path, income_code: &str) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        type Cells<'a> = &'a dyn Fn(&Row) -> Vec<String>;
        let common = |row: &Row| {
            vec![
                plain(row.person.as_deref().unwrap_or(&row.marker)),
                plain(row.name.as_deref().unwrap_or_default()),
                plain(row.tin.as_deref().unwrap_or_default()),
                plain(row.address.as_deref().unwrap_or_default()),
                plain(row.country.as_deref().unwrap_or_default()),
            ]
        };
        let domestic: Cells = &|row| vec![money(row.stipends), money(row.withheld)];
        let foreign: Cells = &|row| {
            vec![
                income_code.to_owned(),
                money(row.stipends),
                money(row.withheld),
            ]
        };
        let kinds: [(&str, Option<&str>, &[&str], Cells); 3] = [
            (
                "1099-misc",
                Some("1099-MISC"),
                &["box_3_other_income", "box_4_withheld"],
                domestic,
            ),
            (
                "1042-s",
                Some("1042-S"),
                &["income_code", "gross_income", "withheld"],
                foreign,
            ),
            ("without-form", None, &["stipends", "withheld"], domestic),
        ];
        for (name, statement, columns, cells) in kinds {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let header = ["person", "name", "tin", "address", "country"];
            let odd = |error: csv::Error| {
                CliError::new(
                    "unprintable",
                    format!("A statement cannot be written: {error}."),
                )
            };
            writer
                .write_record(header.iter().chain(columns))
                .map_err(odd)?;
            for row in self
                .people
                .iter()
                .filter(|row| row.due && row.statement == statement)
            {
                let line = common(row).into_iter().chain(cells(row));
                writer.write_record(line).map_err(odd)?;
            }
            let path = folder.join(format!("{name}-{}.csv", self.year));
            let bytes = writer.into_inner().unwrap_or_default();
            store::write_private(&path, &bytes).map_err(|error| unwritable(&path, &error))?;
            self.files.push(path.to_string_lossy().into_owned());
        }
        Ok(())
    }
}

/// Text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> CliError {
    let (code, advice) = if error.kind() == std::io::ErrorKind::AlreadyExists {
        ("file_exists", "Move it away, or name another --folder.")
    } else {
        ("file_unwritable", "Name another --folder.")
    };
    CliError::new(
        code,
        format!("{} cannot be written: {error}. {advice}", path.display()),
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(
            &["Person", "Statement", "Stipends", "Withheld", "Missing"],
            &[2, 3],
        );
        for row in &self.people {
            rows.add_row([
                row.person
                    .clone()
                    .unwrap_or_else(|| row.marker.chars().take(12).collect()),
                match (row.due, row.statement) {
                    (true, Some(statement)) => statement.to_owned(),
                    (true, None) => "due".to_owned(),
                    (false, _) => "none due".to_owned(),
                },
                money(row.stipends),
                money(row.withheld),
                row.missing.unwrap_or_default().to_owned(),
            ]);
        }
        writeln!(f, "{rows}")?;
        write!(
            f,
            "{}: {} of stipends, {} withheld, {} people.",
            self.year,
            money(self.stipends),
            money(self.withheld),
            self.people.len()
        )?;
        for file in &self.files {
            write!(f, "\n{file}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;
    use galen_rules::Cents;

    fn books(folder: &Path) -> Books {
        Books {
            sponsor: "sponsor".to_owned(),
            year: 2026,
            threshold: 200_000,
            today: 20_500,
            store: Store::open(folder).expect("opened"),
        }
    }

    fn person(marker: [u8; 32], year: u16, stipends: u64, withheld: u64) -> Person {
        let mut person = Person::zeroed();
        person.marker = marker;
        person.year = year;
        person.stipends = stipends;
        person.withheld = withheld;
        person
    }

    /// The years of one person: 2026, then 2027, then 2029.
    fn course() -> [Person; 3] {
        let first = person([1; 32], 2026, 250_000, 12_000);
        let mut second = first;
        second
            .note_year(2027, Cents::new(5), Cents::new(7))
            .expect("noted");
        let mut third = second;
        third
            .note_year(2029, Cents::new(6), Cents::ZERO)
            .expect("noted");
        [first, second, third]
    }

    #[test]
    fn a_year_is_there_until_the_next_but_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let books = books(folder.path());
        let of = |year, person: &Person| {
            let books = Books {
                year,
                sponsor: "sponsor".to_owned(),
                store: Store::open(folder.path()).expect("opened"),
                ..books
            };
            books
                .row(person)
                .expect("read")
                .map(|row| (row.stipends, row.withheld, row.due, row.missing))
        };
        let [first, second, third] = course();
        let whole = (250_000, 12_000, true, Some("form"));
        assert_eq!(of(2025, &first), None);
        assert_eq!(of(2026, &first), Some(whole));
        assert_eq!(of(2026, &second), Some(whole));
        assert_eq!(of(2027, &second), Some((5, 7, true, Some("form"))));
        // In 2028 nothing was earned; nobody who came later makes an earlier year incomplete.
        assert_eq!(of(2028, &third), None);
        assert_eq!(of(2026, &person([2; 32], 2027, 5, 0)), None);
    }

    /// The ledger has the year no more: what the store has seen is the whole of it only where the year was over by then.
    #[test]
    fn a_year_that_was_seen_before_its_end_is_not_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let [first, second, third] = course();
        let mut books = books(folder.path());
        // 20 December 2026, and 2 January 2027.
        let (within, after) = (20_807, 20_820);
        let row = |books: &Books, person| {
            let row = books.row(person).expect("read").expect("a row");
            (row.stipends, row.missing, row.as_of)
        };
        assert_eq!(row(&books, &third), (0, Some("year"), None));
        books.today = within;
        row(&books, &first);
        let seen = Some("2026-12-20".to_owned());
        assert_eq!(row(&books, &third), (250_000, Some("year"), seen));
        books.today = after;
        row(&books, &second);
        let seen = Some("2027-01-02".to_owned());
        assert_eq!(row(&books, &third), (250_000, Some("form"), seen));
    }

    #[test]
    fn statements_follow_the_form_and_the_threshold() {
        let folder = tempfile::tempdir().expect("a folder");
        let books = books(folder.path());
        let row = |marker: u8, form: Option<&str>, stipends, withheld| {
            if let Some(form) = form {
                books
                    .store
                    .keep_form("sponsor", &[marker; 32], form)
                    .expect("kept");
            }
            let row = books
                .row(&person([marker; 32], 2026, stipends, withheld))
                .expect("read")
                .expect("a row");
            (row.statement, row.due, row.missing)
        };
        let domestic = r#"{"form": "W-9", "name": "A", "tin": "000-00-0000"}"#;
        let foreign = r#"{"form": "W-8BEN", "name": "B", "country": "CH"}"#;
        assert_eq!(
            row(1, Some(domestic), 199_999, 0),
            (Some("1099-MISC"), false, None)
        );
        assert_eq!(
            row(2, Some(domestic), 200_000, 0),
            (Some("1099-MISC"), true, None)
        );
        assert_eq!(
            row(3, Some(domestic), 100, 24),
            (Some("1099-MISC"), true, None)
        );
        assert_eq!(row(4, Some(foreign), 100, 0), (Some("1042-S"), true, None));
        assert_eq!(row(5, None, 100, 0), (None, false, None));
        assert_eq!(row(6, None, 200_000, 0), (None, true, Some("form")));
        // Held in one year, and paid net of withholding in the next.
        assert_eq!(
            row(7, Some(domestic), 0, 480),
            (Some("1099-MISC"), true, None)
        );
    }

    #[test]
    fn the_income_code_is_other_income_or_what_is_named() {
        assert_eq!(income_code("17").as_deref(), Ok("17"));
        for text in ["", "2", "023", "2a", "+2"] {
            assert!(income_code(text).is_err(), "{text:?}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let books = books(&folder.path().join("store"));
        let form = r#"{"form": "W-8BEN", "name": "B", "country": "CH"}"#;
        books
            .store
            .keep_form("sponsor", &[1; 32], form)
            .expect("kept");
        for code in [OTHER_INCOME, "17"] {
            let row = books
                .row(&person([1; 32], 2026, 12_345, 0))
                .expect("read")
                .expect("a row");
            let mut report = Report {
                sponsor: String::new(),
                year: 2026,
                threshold: 0,
                stipends: 0,
                withheld: 0,
                people: vec![row],
                files: Vec::new(),
            };
            let out = folder.path().join(code);
            report.write(&out, code).expect("written");
            let text = std::fs::read_to_string(out.join("1042-s-2026.csv")).expect("there");
            let line = text.lines().nth(1).expect("a row");
            assert!(line.ends_with(&format!(",CH,{code},123.45,0.00")), "{line}");
        }
    }

    #[test]
    fn the_files_are_private_and_hold_no_formulas() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let books = books(&folder.path().join("store"));
        let form = r#"{"form": "W-9", "name": "=cmd()", "tin": "000-00-0000"}"#;
        books
            .store
            .keep_form("sponsor", &[1; 32], form)
            .expect("kept");
        let row = books
            .row(&person([1; 32], 2026, 200_000, 0))
            .expect("read")
            .expect("a row");
        let mut report = Report {
            sponsor: String::new(),
            year: 2026,
            threshold: 0,
            stipends: 0,
            withheld: 0,
            people: vec![row],
            files: Vec::new(),
        };
        let out = folder.path().join("out");
        report.write(&out, OTHER_INCOME).expect("written");
        let path = out.join("1099-misc-2026.csv");
        let text = std::fs::read_to_string(&path).expect("there");
        assert_eq!(
            text.lines()
                .nth(1)
                .map(|line| line.split_once(',').map(|(_, rest)| rest)),
            Some(Some("'=cmd(),000-00-0000,,,2000.00,0.00"))
        );
        let mode = std::fs::metadata(&path)
            .expect("there")
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(report.files.len(), 3);
        assert_eq!(
            report.write(&out, OTHER_INCOME).expect_err("refused").code,
            "file_exists"
        );
    }
}
