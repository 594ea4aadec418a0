//! Clinical trials: what a participant earns and when, what must be set aside for it, and what the ethics board's caps
//! allow. Sources: rulings.md 4; domain.md C1 (FDA information sheet "Payment and Reimbursement to Research Subjects",
//! 2018; 21 CFR 50; OHRP 2010 on withdrawal).

mod adherence;
mod caps;
mod claim;
pub mod data_log;
mod participant;
mod results;
mod schedule;
mod settlement;
mod site;
mod site_milestone;
mod tax;
mod visit;

pub use adherence::{AdherenceError, AdherenceTerms, MAX_WINDOWS};
pub use caps::{Caps, Exceeded};
pub use claim::{Turn, TurnRefusal, VisitClaim, ARBITER_DAYS};
pub use participant::{Departure, Status, Voice};
pub use results::{results_due, Bond};
pub use schedule::{
    succession, Bits, Kind, Milestone, ScheduleError, ScheduleTerms, Summary, Worse,
    MAX_MILESTONES, MONTH_DAYS,
};
pub use settlement::{bonus_earned, settle, Settlement};
pub use site::{screen_failure_fee_due, split_fee, SiteFee};
pub use site_milestone::{NotEarned, Progress, Trigger, MAX_SITE_MILESTONES, SPONSOR_DAYS};
pub use tax::{assess, Assessment, TaxChoice, TaxTerms, TaxYear};
pub use visit::{consent_due, Amendment, Conduct, Consent, Course, Refusal};
