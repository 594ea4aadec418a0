//! States of what is held, and what leads from one to the next.

/// What has become of a pack, a case, a pallet or a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Made and registered.
    Commissioned,
    /// Put into what it is shipped in.
    Packed,
    /// Offered to another, not accepted yet.
    InTransit,
    /// Accepted.
    Received,
    /// Sent back by a customer; to be verified before it is sold again.
    Returned,
    /// Set aside: an excursion, a doubt, an order.
    Quarantined,
    /// Set aside because it may not be genuine.
    Suspect,
    /// Found not to be genuine, or not fit.
    Illegitimate,
    /// Some of its units are with patients.
    PartiallyDispensed,
    /// With a patient. Final, but for undoing it.
    Dispensed,
    /// Final.
    Destroyed,
    /// Final.
    Stolen,
    /// Out of the system's reach. Final.
    Exported,
    /// Taken out without a patient. Final.
    Decommissioned,
}

/// What is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Put into a parent.
    Pack,
    /// Offered to another.
    Ship,
    /// The offer taken back, refused, or lapsed.
    VoidShipping,
    /// The offer accepted.
    Receive,
    /// Accepted back from a customer.
    ReceiveReturn,
    /// A returned one verified: genuine and fit.
    Verify,
    /// Set aside.
    Quarantine,
    /// Set aside as perhaps not genuine.
    Suspect,
    /// Found to be genuine and fit.
    Release,
    /// Found not to be.
    Condemn,
    /// All of it, or the rest of it, given to a patient.
    Dispense,
    /// Some of it given to a patient.
    DispensePartially,
    /// A dispense undone.
    UndoDispense,
    /// Destroyed.
    Destroy,
    /// Reported stolen.
    ReportTheft,
    /// Sent abroad.
    Export,
    /// Taken out without a patient.
    Decommission,
}

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The status is final.
    Final(Status),
    /// The action does not follow on the status.
    OutOfOrder(Status),
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 14] = [
        Self::Commissioned,
        Self::Packed,
        Self::InTransit,
        Self::Received,
        Self::Returned,
        Self::Quarantined,
        Self::Suspect,
        Self::Illegitimate,
        Self::PartiallyDispensed,
        Self::Dispensed,
        Self::Destroyed,
        Self::Stolen,
        Self::Exported,
        Self::Decommissioned,
    ];

    /// Whether nothing follows but, on a dispense, its undoing.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Dispensed
                | Self::Destroyed
                | Self::Stolen
                | Self::Exported
                | Self::Decommissioned
        )
    }

    /// Whether what has it may be sold or dispensed, as far as the status goes.
    #[must_use]
    pub const fn is_sellable(self) -> bool {
        matches!(
            self,
            Self::Commissioned | Self::Packed | Self::Received | Self::PartiallyDispensed
        )
    }

    /// Whether there is a doubt about what has it: it is to be released or condemned.
    #[must_use]
    pub const fn is_set_aside(self) -> bool {
        matches!(self, Self::Quarantined | Self::Suspect | Self::Illegitimate)
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 17] = [
        Self::Pack,
        Self::Ship,
        Self::VoidShipping,
        Self::Receive,
        Self::ReceiveReturn,
        Self::Verify,
        Self::Quarantine,
        Self::Suspect,
        Self::Release,
        Self::Condemn,
        Self::Dispense,
        Self::DispensePartially,
        Self::UndoDispense,
        Self::Destroy,
        Self::ReportTheft,
        Self::Export,
        Self::Decommission,
    ];
}

/// What is released after it was set aside: what was returned before is returned still, else a doubt would stand for the verification
/// that a return needs.
#[must_use]
pub const fn after_release(was_returned: bool) -> Status {
    if was_returned {
        Status::Returned
    } else {
        Status::Received
    }
}

/// The status after an action.
///
/// # Errors
/// [`Refusal`]; nothing has changed then.
pub const fn next(status: Status, action: Action) -> Result<Status, Refusal> {
    use Status as S;
    let next = match (status, action) {
        (S::Dispensed, Action::UndoDispense) => S::Received,
        (final_status, _) if final_status.is_final() => return Err(Refusal::Final(final_status)),
        // A partial fill that is undone leaves the units that others had.
        (S::PartiallyDispensed, Action::UndoDispense) => S::PartiallyDispensed,
        (S::Commissioned, Action::Pack) => S::Packed,
        (S::Commissioned | S::Packed | S::Received, Action::Ship) => S::InTransit,
        // What is set aside moves on to be returned or destroyed; it stays set aside.
        (
            S::Quarantined | S::Illegitimate,
            Action::Ship | Action::Receive | Action::VoidShipping,
        ) => status,
        (S::InTransit, Action::VoidShipping | Action::Receive) => S::Received,
        (S::InTransit, Action::ReceiveReturn) => S::Returned,
        (S::Returned, Action::Verify) => S::Received,
        (S::Received | S::PartiallyDispensed, Action::Dispense) => S::Dispensed,
        (S::Received | S::PartiallyDispensed, Action::DispensePartially) => S::PartiallyDispensed,
        // Whoever finds a doubt sets aside, whatever the pack is doing; what is condemned stays so.
        (S::Illegitimate, Action::Quarantine | Action::Suspect | Action::Release) => {
            return Err(Refusal::OutOfOrder(status));
        }
        (_, Action::Quarantine) => S::Quarantined,
        (_, Action::Suspect) => S::Suspect,
        (S::Quarantined | S::Suspect, Action::Release) => S::Received,
        (S::Quarantined | S::Suspect | S::Returned, Action::Condemn) => S::Illegitimate,
        // What may not be genuine is kept as evidence until that is decided.
        (S::Suspect, Action::Destroy | Action::Export | Action::Decommission) => {
            return Err(Refusal::OutOfOrder(status));
        }
        (S::InTransit, Action::Destroy | Action::Export | Action::Decommission) => {
            return Err(Refusal::OutOfOrder(status));
        }
        (
            S::Illegitimate | S::Quarantined | S::Returned | S::PartiallyDispensed,
            Action::Export,
        ) => {
            return Err(Refusal::OutOfOrder(status));
        }
        (_, Action::Destroy) => S::Destroyed,
        (_, Action::ReportTheft) => S::Stolen,
        (_, Action::Export) => S::Exported,
        (_, Action::Decommission) => S::Decommissioned,
        _ => return Err(Refusal::OutOfOrder(status)),
    };
    Ok(next)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::collections::BTreeMap;
    use std::string::String;
    use std::vec::Vec;

    /// Every status and action that go together, and nothing else does: `from action to`.
    const TABLE: &str = "
        Commissioned Pack Packed, Commissioned Ship InTransit, Commissioned Quarantine Quarantined,
        Commissioned Suspect Suspect, Commissioned Destroy Destroyed, Commissioned ReportTheft Stolen,
        Commissioned Export Exported, Commissioned Decommission Decommissioned,
        Packed Ship InTransit, Packed Quarantine Quarantined, Packed Suspect Suspect, Packed Destroy Destroyed,
        Packed ReportTheft Stolen, Packed Export Exported, Packed Decommission Decommissioned,
        InTransit VoidShipping Received, InTransit Receive Received, InTransit ReceiveReturn Returned,
        InTransit Quarantine Quarantined, InTransit Suspect Suspect, InTransit ReportTheft Stolen,
        Received Ship InTransit, Received Dispense Dispensed, Received DispensePartially PartiallyDispensed,
        Received Quarantine Quarantined, Received Suspect Suspect, Received Destroy Destroyed,
        Received ReportTheft Stolen, Received Export Exported, Received Decommission Decommissioned,
        Returned Verify Received, Returned Quarantine Quarantined, Returned Suspect Suspect,
        Returned Condemn Illegitimate, Returned Destroy Destroyed, Returned ReportTheft Stolen,
        Returned Decommission Decommissioned,
        Quarantined Ship Quarantined, Quarantined Receive Quarantined, Quarantined VoidShipping Quarantined,
        Quarantined Quarantine Quarantined, Quarantined Suspect Suspect, Quarantined Release Received,
        Quarantined Condemn Illegitimate, Quarantined Destroy Destroyed, Quarantined ReportTheft Stolen,
        Quarantined Decommission Decommissioned,
        Suspect Quarantine Quarantined, Suspect Suspect Suspect, Suspect Release Received,
        Suspect Condemn Illegitimate, Suspect ReportTheft Stolen,
        Illegitimate Ship Illegitimate, Illegitimate Receive Illegitimate, Illegitimate VoidShipping Illegitimate,
        Illegitimate Destroy Destroyed, Illegitimate ReportTheft Stolen, Illegitimate Decommission Decommissioned,
        PartiallyDispensed Dispense Dispensed, PartiallyDispensed DispensePartially PartiallyDispensed,
        PartiallyDispensed UndoDispense PartiallyDispensed, PartiallyDispensed Quarantine Quarantined,
        PartiallyDispensed Suspect Suspect, PartiallyDispensed Destroy Destroyed,
        PartiallyDispensed ReportTheft Stolen, PartiallyDispensed Decommission Decommissioned,
        Dispensed UndoDispense Received";

    #[test]
    fn every_status_with_every_action() {
        let name = |value: &dyn std::fmt::Debug| std::format!("{value:?}");
        let table: BTreeMap<(String, String), String> = TABLE
            .split(',')
            .map(|row| {
                let words: Vec<_> = row.split_whitespace().map(String::from).collect();
                ((words[0].clone(), words[1].clone()), words[2].clone())
            })
            .collect();
        let mut allowed = 0;
        for status in Status::ALL {
            for action in Action::ALL {
                let expected = table.get(&(name(&status), name(&action)));
                match next(status, action) {
                    Ok(after) => {
                        allowed += 1;
                        assert_eq!(Some(&name(&after)), expected, "{status:?} {action:?}");
                    }
                    Err(refusal) => {
                        assert_eq!(expected, None, "{status:?} {action:?}");
                        let final_status = matches!(refusal, Refusal::Final(_));
                        assert_eq!(final_status, status.is_final());
                    }
                }
            }
        }
        assert_eq!(allowed, table.len());
    }

    #[test]
    fn a_release_verifies_nothing() {
        assert_eq!(after_release(false), Status::Received);
        assert_eq!(after_release(true), Status::Returned);
        for status in Status::ALL {
            // Only what this is about: whatever else is released becomes what the table says.
            if let Ok(released) = next(status, Action::Release) {
                assert!(status.is_set_aside());
                assert_eq!(released, after_release(false));
            }
        }
        assert!(!after_release(true).is_sellable());
    }

    #[test]
    fn nothing_final_is_sellable_and_what_is_set_aside_is_not() {
        for status in Status::ALL {
            assert!(!(status.is_final() && status.is_sellable()));
            // Only what may be sold may be dispensed.
            assert!(next(status, Action::Dispense).is_err() || status.is_sellable());
        }
        for status in [
            Status::Quarantined,
            Status::Suspect,
            Status::Illegitimate,
            Status::Returned,
            Status::InTransit,
        ] {
            assert!(!status.is_sellable());
        }
    }
}
