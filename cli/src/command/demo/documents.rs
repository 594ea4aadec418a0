//! The documents of the story: the samples, with the days moved to where the cluster's clock is.

use galen_rules::Date;

/// The plan.
pub const PLAN: &str = include_str!("../../../samples/plan.json");
const VISIT: &str = include_str!("../../../samples/visit.fhir.json");
const LATE: &str = include_str!("../../../samples/late.fhir.json");

/// Who the samples are about.
pub const MEMBER: &str = "M-4711";
/// Somebody whose coverage has ended.
pub const FORMER_MEMBER: &str = "M-4712";
/// The clinic that bills in the samples.
pub const CLINIC: &str = "npi:1234567893";
/// The insurer that they are billed to.
pub const INSURER: &str = "lei:9845GALENINSURER0047";

/// Who pays for the trial.
pub const SPONSOR: &str = "lei:9845GALENSPONSOR0095";
/// Who oversees it.
pub const BOARD: &str = "other:IRB00004711";
/// What its participants earn.
pub const TRIAL_SCHEDULE: &str = include_str!("../../../samples/trial-schedule.json");

/// Who watches over the trade in medicines.
pub const REGULATOR: &str = "gln:9520000001001";
/// Who makes the packs.
pub const MANUFACTURER: &str = "gln:9520000001018";
/// Who passes them on.
pub const WHOLESALER: &str = "gln:9520000001025";
/// Who dispenses them.
pub const PHARMACY: &str = "gln:9520000001032";

/// What the plan pays for a refill once the deductible is met, in cents: 80% of four times 5.50.
pub const REFILL_PAID: u64 = 1_760;

const VISIT_DAY: &str = "2026-03-02";
const FILED_DAY: &str = "2026-03-05";
const LATE_DAY: &str = "2025-01-15";

/// The days of the story.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// The cluster's today.
    pub today: Date,
    /// The visit, a few days ago.
    pub visit: Date,
    /// A visit that nobody billed in time.
    pub forgotten: Date,
    /// First day of coverage and of the plan.
    pub covered_from: Date,
    /// Last day of coverage.
    pub covered_to: Date,
    /// Last day of the coverage that has ended.
    pub former_to: Date,
}

impl Days {
    /// Days around the cluster's today.
    pub fn around(today: Date) -> Self {
        let visit = today.minus_days(3);
        let covered_from =
            Date::from_ymd(visit.year().saturating_sub(2).max(1), 1, 1).unwrap_or(Date::MIN);
        let covered_to =
            Date::from_ymd(today.year().saturating_add(1).min(9999), 12, 31).unwrap_or(Date::MAX);
        Self {
            today,
            visit,
            forgotten: visit.minus_days(400),
            covered_from,
            covered_to,
            former_to: visit.minus_days(30),
        }
    }
}

/// The visit, as a FHIR R4 Claim.
pub fn visit(days: &Days) -> String {
    dated(VISIT, &[(VISIT_DAY, days.visit), (FILED_DAY, days.today)])
}

/// The visit that is filed too late.
pub fn late(days: &Days) -> String {
    dated(LATE, &[(LATE_DAY, days.forgotten), (FILED_DAY, days.today)])
}

/// The same visit of somebody whose coverage has ended.
pub fn former(days: &Days) -> String {
    visit(days)
        .replace(MEMBER, FORMER_MEMBER)
        .replace("C-2026-0001", "C-2026-0003")
}

/// A next visit, in Galen's own form.
pub fn next(days: &Days) -> String {
    format!(
        r#"{{ "service_date": "{}", "lines": [{{ "code": "G0463", "charge": 18000 }}] }}"#,
        days.today
    )
}

/// Four units of an antibiotic, given out on `day`, in Galen's own form.
pub fn refill(day: Date) -> String {
    format!(
        r#"{{ "service_date": "{day}", "lines": [{{ "code": "J0696", "units": 4, "charge": 2200 }}] }}"#
    )
}

fn dated(text: &str, days: &[(&str, Date)]) -> String {
    days.iter().fold(text.to_owned(), |text, (from, to)| {
        text.replace(from, &to.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moved_documents_are_claims_of_their_days() {
        let days = Days::around("2031-01-02".parse().expect("a date"));
        for (text, service) in [
            (visit(&days), days.visit),
            (late(&days), days.forgotten),
            (former(&days), days.visit),
        ] {
            let value = galen_documents::strict::parse(text.as_bytes()).expect("JSON");
            let claim = galen_documents::fhir::read_claim(&value, "USD").expect("a claim");
            assert_eq!((claim.service_date, claim.submitted), (service, days.today));
        }
        assert!(former(&days).contains(FORMER_MEMBER) && !former(&days).contains(MEMBER));
    }
}
