//! A visit that nobody attests: the participant's word, the site's time to answer, then the arbiter of the ethics board.
//! Source: rulings.md 4 (a visit neither attested nor rejected after N days goes to the arbiter; silence makes it payable).

use crate::Date;

/// Days that the arbiter has, counted from the one on which a claim arrives.
pub const ARBITER_DAYS: u16 = 30;

/// Whose word is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The site's, or the countersigner's where the site has attested.
    Site,
    /// The arbiter's.
    Arbiter,
    /// Nobody's: refused. The arbiter may still overrule a site.
    Refused,
    /// Nobody's: the visit is earned.
    Granted,
}

/// A participant's claim to have made a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitClaim {
    /// Whose word is missing.
    pub turn: Turn,
    /// Last day of that turn.
    pub until: Date,
}

/// Why a claim cannot go on in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnRefusal {
    /// It is decided.
    Decided,
    /// It is with the site, whose time is not over or whose turn comes first.
    WithTheSite,
    /// It is with the arbiter, whose time is not over.
    WithTheArbiter,
    /// A date leaves the calendar.
    TooLate,
}

impl VisitClaim {
    /// A claim made on `today`. The site has as long as it may attest the visit; where it has attested already, on a day
    /// that is not kept, whoever must countersign has as long from today.
    ///
    /// # Errors
    /// `TooLate`.
    pub fn open(visit: Option<Date>, today: Date, attest_days: u16) -> Result<Self, TurnRefusal> {
        let until = visit
            .unwrap_or(today)
            .plus_days(u32::from(attest_days))
            .ok_or(TurnRefusal::TooLate)?;
        Ok(Self {
            turn: Turn::Site,
            until,
        })
    }

    /// Passes the claim to the arbiter once the site has let its time pass.
    ///
    /// # Errors
    /// Any of them.
    pub fn escalate(self, today: Date) -> Result<Self, TurnRefusal> {
        match self.turn {
            Turn::Site if today > self.until => Ok(Self {
                turn: Turn::Arbiter,
                until: today
                    .plus_days(u32::from(ARBITER_DAYS))
                    .ok_or(TurnRefusal::TooLate)?,
            }),
            Turn::Site => Err(TurnRefusal::WithTheSite),
            Turn::Arbiter => Err(TurnRefusal::WithTheArbiter),
            Turn::Refused | Turn::Granted => Err(TurnRefusal::Decided),
        }
    }

    /// The site says that there was no such visit.
    ///
    /// # Errors
    /// `WithTheArbiter`, `Decided`.
    pub fn refuse(self) -> Result<Self, TurnRefusal> {
        match self.turn {
            Turn::Site => Ok(self.decided(Turn::Refused)),
            Turn::Arbiter => Err(TurnRefusal::WithTheArbiter),
            Turn::Refused | Turn::Granted => Err(TurnRefusal::Decided),
        }
    }

    /// The arbiter decides; what was refused can only be overruled.
    ///
    /// # Errors
    /// `WithTheSite`, `Decided`.
    pub fn arbitrate(self, grant: bool) -> Result<Self, TurnRefusal> {
        match (self.turn, grant) {
            (Turn::Arbiter | Turn::Refused, true) => Ok(self.decided(Turn::Granted)),
            (Turn::Arbiter, false) => Ok(self.decided(Turn::Refused)),
            (Turn::Site, _) => Err(TurnRefusal::WithTheSite),
            (Turn::Refused, false) | (Turn::Granted, _) => Err(TurnRefusal::Decided),
        }
    }

    /// The arbiter has let the time pass: the visit is earned.
    ///
    /// # Errors
    /// `WithTheSite`, `WithTheArbiter`, `Decided`.
    pub fn lapse(self, today: Date) -> Result<Self, TurnRefusal> {
        match self.turn {
            Turn::Arbiter if today > self.until => Ok(self.decided(Turn::Granted)),
            Turn::Arbiter => Err(TurnRefusal::WithTheArbiter),
            Turn::Site => Err(TurnRefusal::WithTheSite),
            Turn::Refused | Turn::Granted => Err(TurnRefusal::Decided),
        }
    }

    const fn decided(self, turn: Turn) -> Self {
        Self {
            turn,
            until: self.until,
        }
    }
}
