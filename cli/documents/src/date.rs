//! Dates of FHIR documents: the calendar day of a `date` or `dateTime`.

use galen_rules::Date;

use crate::problem::Problem;

/// The day of a FHIR `date` or `dateTime`, as the document's own time zone has it. A year or a month alone is not a day.
pub(crate) fn from_date_time(text: &str, at: &str) -> Result<Date, Problem> {
    let day = text.split(['T', 't']).next().unwrap_or(text);
    day.parse()
        .map_err(|error| Problem::new("invalid_date", at, format!("\"{text}\" is {error}.")))
}
