//! What can be done against a decision, and by when.

use claims::state::Course;
use galen_rules::Date;
use registry::state::Organization;

use super::day;
use crate::chain::entity;
use crate::chain::text::some_key;
use crate::cluster::Cluster;
use crate::command::claim::outcome::{number_of, Case};
use crate::error::Result;

/// Whether and until when the decision can be appealed inside the insurer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appeals {
    /// To this day, at this level of so many.
    Open { by: Date, level: u8, of: u8 },
    /// One waits for its decision.
    UnderWay,
    /// The time has passed, on this day.
    Late(Date),
    /// All levels were gone through; the plan's reviewer can be asked to this day.
    Review(Date),
    /// The plan's reviewer has decided.
    Reviewed,
    /// All levels were gone through, and the plan names no reviewer.
    Exhausted,
    /// The plan has none.
    None,
}

/// What can be done against the decision about a claim on the day `today`.
///
/// # Errors
/// `wrong_account` for days that no calendar has.
pub fn appeals(case: &Case, today: Date) -> Result<Appeals> {
    let (course, clocks) = (&case.claim.course, &case.version.clocks);
    let checks = &case.version.checks;
    let after = |days: u16| day(course.decided_on.saturating_add(days.into()));
    Ok(if course.has(Course::APPEAL_OPEN) {
        Appeals::UnderWay
    } else if course.has(Course::REVIEWED) {
        Appeals::Reviewed
    } else if course.appeals_of(true) < clocks.appeal_levels {
        match after(clocks.appeal_days)? {
            by if today > by => Appeals::Late(by),
            by => Appeals::Open {
                by,
                level: course.appeals_of(true).saturating_add(1),
                of: clocks.appeal_levels,
            },
        }
    } else if some_key(checks.reviewer).is_some() {
        match after(checks.review_days)? {
            by if today > by => Appeals::Late(by),
            by => Appeals::Review(by),
        }
    } else if clocks.appeal_levels == 0 {
        Appeals::None
    } else {
        Appeals::Exhausted
    })
}

/// The organization outside the insurer that the plan names, and its clocks.
pub struct Reviewer {
    number: String,
    review_days: u16,
    decision_days: u16,
}

impl Reviewer {
    /// Of a claim's plan version; none where it names none.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn of(cluster: &Cluster, case: &Case) -> Result<Option<Self>> {
        let checks = &case.version.checks;
        let Some(address) = some_key(checks.reviewer) else {
            return Ok(None);
        };
        let organization: Organization = entity::get(cluster, &address)?;
        Ok(Some(Self {
            number: number_of(&organization),
            review_days: checks.review_days,
            decision_days: checks.review_decision_days,
        }))
    }
}

/// The same in words; `contact` is where an appeal goes.
pub fn in_words(
    contact: &str,
    appeals: Appeals,
    case: &Case,
    reviewer: Option<&Reviewer>,
) -> Vec<String> {
    let clocks = &case.version.clocks;
    let court = "You may have the right to bring an action in court.";
    let external = match reviewer {
        None => "You may have the right to a review by somebody outside the insurer, and to bring an action in court.".to_owned(),
        Some(Reviewer { number, review_days, .. }) => format!("Once the insurer's appeals have been gone through, the organisation {number} reviews the decision outside the insurer; ask for it within {review_days} days of the last decision. {court}"),
    };
    match (appeals, reviewer) {
        (Appeals::Open { by, level, of }, _) => vec![
            format!("You, or somebody you name, can appeal until {by}, {} days after the decision. This is level {level} of {of}. An appeal costs nothing and needs no deposit.", clocks.appeal_days),
            format!("Write to {}, name the claim above, and say why you disagree. Add whatever you want to be considered, also what was not submitted before.", contact),
            format!("Somebody who has not decided before will decide within {} days of your appeal. If nobody does, the level counts as gone through and you can go on to the next.", clocks.appeal_decision_days),
            external,
        ],
        (Appeals::Review(by), Some(reviewer)) => vec![
            format!("All appeals inside the insurer have been gone through. You, or somebody you name, can have the decision reviewed outside the insurer, by the organisation {}, which your plan names. Ask for it until {by}, {} days after the last decision. It costs nothing and needs no deposit.", reviewer.number, reviewer.review_days),
            format!("Write to {}, name the claim above, and say why you disagree; the request is passed on. The reviewer decides within {} days, and the decision binds the insurer. {court}", contact, reviewer.decision_days),
        ],
        (Appeals::Reviewed, _) => vec![format!(
            "The organisation that your plan names has reviewed the decision outside the insurer; its decision is final for the insurer. {court}"
        )],
        (Appeals::UnderWay, _) => vec![
            "An appeal against this decision is under way. You will be told what comes of it.".to_owned(),
            external,
        ],
        (Appeals::Late(by), _) => vec![format!("The time to appeal ended on {by}. {court}")],
        (Appeals::Exhausted | Appeals::Review(_), _) => vec![
            "All appeals inside the insurer have been gone through.".to_owned(),
            external,
        ],
        (Appeals::None, _) => vec![
            "The plan has no appeals inside the insurer.".to_owned(),
            external,
        ],
    }
}
