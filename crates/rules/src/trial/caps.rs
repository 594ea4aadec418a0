//! The ethics board's caps on what participants are paid.

use super::Summary;
use crate::{BasisPoints, Cents};

/// What an ethics board allows. [`Cents::MAX`] = no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Most for one visit.
    pub per_visit: Cents,
    /// Most for one participant, the bonus included; reimbursements are not pay.
    pub per_participant: Cents,
    /// Most for any [`super::MONTH_DAYS`] days in a row.
    pub per_month: Cents,
    /// The bonus's largest share of all that one participant can earn.
    pub bonus_share: BasisPoints,
}

/// Which cap a schedule exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// A visit pays too much.
    PerVisit,
    /// The whole pays too much.
    PerParticipant,
    /// A month pays too much.
    PerMonth,
    /// The bonus is too large a part.
    Bonus,
}

impl Caps {
    /// Checks a schedule against the caps. They bind whoever is enrolled from now on; who is enrolled keeps the
    /// schedule that they agreed to, so a later version is never worse for them.
    ///
    /// # Errors
    /// The first cap that is exceeded, in the order of the enum.
    pub fn admit(&self, schedule: &Summary) -> Result<(), Exceeded> {
        if schedule.per_visit > self.per_visit {
            return Err(Exceeded::PerVisit);
        }
        if schedule.per_participant > self.per_participant {
            return Err(Exceeded::PerParticipant);
        }
        if schedule.per_month > self.per_month {
            return Err(Exceeded::PerMonth);
        }
        if schedule.bonus > schedule.per_participant.share(self.bonus_share) {
            return Err(Exceeded::Bonus);
        }
        Ok(())
    }
}
