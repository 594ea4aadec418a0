//! What has become of a pack, and what may be done with it.
//!
//! Sources: rulings.md 5; EPCIS 2.0 and CBV 2.0 (steps and dispositions); Commission Delegated Regulation (EU)
//! 2016/161, articles 10 to 13 and 20 to 24 (verification, dispensing, undoing it); 21 CFR 7.3(m) (classes of
//! recalls); FDCA 582 (suspect and illegitimate product, verified returns).
//!
//! Custody, recall and detachment are recorded at places of the batch's tree ([`crate::merkle`]). A pack's path is all
//! four places that contain it, from the pack up; what is not recorded is passed as none, never left out.

mod answer;
mod dispense;
mod doubt;
mod hand_over;
mod moment;
mod recall;
mod scan;
mod status;
mod verification;

pub use answer::{
    answer, readings, Answer, Facts, Holding, Kept, Lacking, Path, Readings, Record, Reservation,
    Watch, LONGEST_SILENCE, LONGEST_START,
};
pub use dispense::{
    after_undone_fill, fill, may_undo, opened, Dispensed, Fill, FillRefusal, Opened, Undo,
    UndoRefusal, UNDO_DAYS,
};
pub use doubt::{mark, Doubt, Mark, Raised, ANYBODY};
pub use hand_over::{is_return, may_send, Side};
pub use moment::{is_behind, today, LONGEST_LAG};
pub use recall::{
    may_lift, may_move, recoupable, NotRecoupable, Recall, RecallBy, RecallClass, RecallDepth,
    Recipient, Restated, RECOUPMENT_WAIT_SECONDS,
};
pub use scan::{is_plausible, least_distance, Cell, Sighted, Sighting, Sightings};
pub use status::{after_release, next, Action, Refusal, Status};
pub use verification::{verification, AdditionalInfo, FailureReason, Verification};
