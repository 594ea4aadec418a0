//! The answer to a verification request between trading partners.
//!
//! Sources: FDCA 582(c)(4)(D) and 582(d)(4) (verification of product identifiers, saleable returns); GS1 Lightweight Messaging
//! Standard for Verification of Product Identifiers (reasons and additional information, by their names; cases B2, C1 and C2 of its
//! scenarios, as public tests of another responder tell them).

use super::answer::Answer;
use super::status::Status;

/// Why a product identifier is not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// No pack has this GTIN and serial number.
    NoMatchGtinSerial,
    /// That pack is of another lot.
    NoMatchGtinSerialLot,
    /// That pack has another expiry.
    NoMatchGtinSerialExpiry,
    /// Both.
    NoMatchGtinSerialLotExpiry,
    /// There is a doubt whether the pack is genuine, or it is found not to be (case C1).
    NotForRedistribution,
    /// The pack is genuine and must not be sold again: recalled, expired (case B2), or for what is not said (case C2).
    ManufacturerPolicy,
}

/// What else is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdditionalInfo {
    /// Past its last day of use.
    Expired,
    /// Recalled.
    Recalled,
    /// Perhaps not genuine.
    Suspect,
    /// Found not to be.
    Illegitimate,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// None where it is verified.
    pub failure: Option<FailureReason>,
    /// What else is to be said.
    pub info: Option<AdditionalInfo>,
}

impl FailureReason {
    /// The standard's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoMatchGtinSerial => "No_match_GTIN_Serial",
            Self::NoMatchGtinSerialLot => "No_match_GTIN_Serial_Lot",
            Self::NoMatchGtinSerialExpiry => "No_match_GTIN_Serial_Expiry",
            Self::NoMatchGtinSerialLotExpiry => "No_match_GTIN_Serial_Lot_Expiry",
            Self::NotForRedistribution => "Not_for_re-distribution",
            Self::ManufacturerPolicy => "Manufacturer_policy",
        }
    }
}

impl AdditionalInfo {
    /// The standard's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "Expired",
            Self::Recalled => "Recalled",
            Self::Suspect => "Suspect",
            Self::Illegitimate => "Illegitimate",
        }
    }
}

/// Answers a request: `answer` is that of a scan by nobody in particular, `lot_fits` and `expiry_fits` are true where the request
/// does not name them. What a request says wrong counts before what has become of the pack: whoever has it may have a copy.
///
/// In whose custody it is does not matter, nor that it is in transit or returned: returns are what is verified.
#[must_use]
pub fn verification(answer: &Answer, lot_fits: bool, expiry_fits: bool) -> Verification {
    use FailureReason as R;
    let mismatch = match (answer, lot_fits, expiry_fits) {
        (Answer::Unknown, _, _) => Some(R::NoMatchGtinSerial),
        (_, false, true) => Some(R::NoMatchGtinSerialLot),
        (_, true, false) => Some(R::NoMatchGtinSerialExpiry),
        (_, false, false) => Some(R::NoMatchGtinSerialLotExpiry),
        (_, true, true) => None,
    };
    if mismatch.is_some() {
        return Verification {
            failure: mismatch,
            info: None,
        };
    }
    let (failure, info) = match answer {
        // Pages are opened for those who dispense; nothing was dispensed without one.
        Answer::Sellable
        | Answer::NoReadings(_)
        | Answer::NotInCustody
        | Answer::CannotTell
        | Answer::NoPage => (None, None),
        Answer::NotSellable(Status::InTransit | Status::Returned) => (None, None),
        // Verified with this information would do too (case B1); but whoever reads no further sells it.
        Answer::Recalled(_) => (Some(R::ManufacturerPolicy), Some(AdditionalInfo::Recalled)),
        Answer::Expired => (Some(R::ManufacturerPolicy), Some(AdditionalInfo::Expired)),
        Answer::Suspect | Answer::NotSellable(Status::Suspect) => {
            (Some(R::NotForRedistribution), Some(AdditionalInfo::Suspect))
        }
        Answer::NotSellable(Status::Illegitimate) => (
            Some(R::NotForRedistribution),
            Some(AdditionalInfo::Illegitimate),
        ),
        Answer::Unknown
        | Answer::Dispensed(_)
        | Answer::Reserved(_)
        | Answer::Opened(_)
        | Answer::NotSellable(_) => (Some(R::ManufacturerPolicy), None),
    };
    Verification { failure, info }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::{Recall, RecallClass, RecallDepth};

    #[test]
    fn what_the_request_says_wrong_comes_first() {
        for (lot, expiry, failure) in [
            (true, true, None),
            (false, true, Some(FailureReason::NoMatchGtinSerialLot)),
            (true, false, Some(FailureReason::NoMatchGtinSerialExpiry)),
            (
                false,
                false,
                Some(FailureReason::NoMatchGtinSerialLotExpiry),
            ),
        ] {
            let answered = verification(&Answer::Sellable, lot, expiry);
            assert_eq!((answered.failure, answered.info), (failure, None));
            let unknown = verification(&Answer::Unknown, lot, expiry).failure;
            assert_eq!(unknown, Some(FailureReason::NoMatchGtinSerial));
        }
        let expired = verification(&Answer::Expired, false, true);
        assert_eq!(
            (expired.failure, expired.info),
            (Some(FailureReason::NoMatchGtinSerialLot), None)
        );
    }

    #[test]
    fn only_what_may_be_sold_again_is_verified() {
        for status in Status::ALL {
            let answered = verification(&Answer::NotSellable(status), true, true);
            let may_return = matches!(status, Status::InTransit | Status::Returned);
            assert_eq!(answered.failure.is_none(), may_return, "{status:?}");
            let is_doubted = matches!(status, Status::Suspect | Status::Illegitimate);
            assert_eq!(answered.info.is_some(), is_doubted, "{status:?}");
            if !may_return && !is_doubted {
                assert_eq!(answered.failure, Some(FailureReason::ManufacturerPolicy));
            }
        }
        let issuer = [7; 32];
        let recalled = [
            RecallClass::One,
            RecallClass::Two,
            RecallClass::Three,
            RecallClass::Unset,
        ]
        .map(|class| {
            (
                Answer::Recalled(Recall {
                    class,
                    depth: RecallDepth::Consumer,
                    issuer,
                }),
                "Manufacturer_policy",
                AdditionalInfo::Recalled,
            )
        });
        let (policy, doubt) = ("Manufacturer_policy", "Not_for_re-distribution");
        let not_genuine = AdditionalInfo::Illegitimate;
        for (answer, failure, info) in recalled.into_iter().chain([
            (Answer::Expired, policy, AdditionalInfo::Expired),
            (Answer::Suspect, doubt, AdditionalInfo::Suspect),
            (
                Answer::NotSellable(Status::Suspect),
                doubt,
                AdditionalInfo::Suspect,
            ),
            (
                Answer::NotSellable(Status::Illegitimate),
                doubt,
                not_genuine,
            ),
        ]) {
            let answered = verification(&answer, true, true);
            assert_eq!(answered.failure.map(FailureReason::name), Some(failure));
            assert_eq!(answered.info, Some(info), "{answer:?}");
        }
        let kept = crate::provenance::Reservation {
            pharmacy: [1; 32],
            claim: [2; 32],
            until: 1,
        };
        let opened = crate::provenance::Opened { left: 70 };
        for answer in [
            Answer::Reserved(kept),
            Answer::Dispensed(None),
            Answer::Opened(opened),
        ] {
            let answered = verification(&answer, true, true);
            assert_eq!(answered.failure, Some(FailureReason::ManufacturerPolicy));
            assert_eq!(answered.info, None, "{answer:?}");
        }
        for answer in [Answer::NotInCustody, Answer::CannotTell, Answer::NoPage] {
            assert_eq!(verification(&answer, true, true).failure, None);
        }
    }
}
