//! The answer to a verification request between trading partners.
//!
//! Sources: FDCA 582(c)(4)(D) and 582(d)(4) (verification of product identifiers, saleable returns); GS1 Lightweight Messaging
//! Standard for Verification of Product Identifiers (reasons and additional information, by their names).

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
    /// The pack is genuine and must not be sold again.
    NotForRedistribution,
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
    let (is_verified, info) = match answer {
        Answer::Sellable | Answer::NotInCustody | Answer::CannotTell => (true, None),
        Answer::NotSellable(Status::InTransit | Status::Returned) => (true, None),
        Answer::Recalled(_) => (false, Some(AdditionalInfo::Recalled)),
        Answer::Expired => (false, Some(AdditionalInfo::Expired)),
        Answer::Suspect | Answer::NotSellable(Status::Suspect) => {
            (false, Some(AdditionalInfo::Suspect))
        }
        Answer::NotSellable(Status::Illegitimate) => (false, Some(AdditionalInfo::Illegitimate)),
        Answer::Unknown | Answer::Dispensed(_) | Answer::NotSellable(_) => (false, None),
    };
    Verification {
        failure: (!is_verified).then_some(R::NotForRedistribution),
        info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
        for (answer, info) in [
            (Answer::Expired, AdditionalInfo::Expired),
            (Answer::Suspect, AdditionalInfo::Suspect),
            (
                Answer::NotSellable(Status::Suspect),
                AdditionalInfo::Suspect,
            ),
            (
                Answer::NotSellable(Status::Illegitimate),
                AdditionalInfo::Illegitimate,
            ),
        ] {
            let answered = verification(&answer, true, true);
            assert_eq!(answered.failure, Some(FailureReason::NotForRedistribution));
            assert_eq!(answered.info, Some(info), "{answer:?}");
        }
        for answer in [Answer::NotInCustody, Answer::CannotTell] {
            assert_eq!(verification(&answer, true, true).failure, None);
        }
    }
}
