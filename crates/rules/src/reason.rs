//! Why a cent was not paid: X12 claim adjustment groups, reasons and remarks.

use core::fmt;

/// Who bears an adjustment (X12 code list 139's group codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Group {
    /// CO, contractual obligation: the provider writes it off.
    Contractual = 0,
    /// PR, patient responsibility: the patient owes it.
    Patient = 1,
    /// OA, other adjustment: neither of the above, as what another payer settles.
    Other = 2,
    /// PI, payer-initiated reduction: refused by a payer without a contract with the provider.
    Payer = 3,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 4] = [Self::Contractual, Self::Patient, Self::Other, Self::Payer];

    /// The two letters of the 835.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contractual => "CO",
            Self::Patient => "PR",
            Self::Other => "OA",
            Self::Payer => "PI",
        }
    }

    /// The stored number, 0 to 3.
    #[must_use]
    pub const fn index(self) -> u8 {
        match self {
            Self::Contractual => 0,
            Self::Patient => 1,
            Self::Other => 2,
            Self::Payer => 3,
        }
    }

    /// The group with this stored number.
    #[must_use]
    pub const fn from_index(index: u8) -> Option<Self> {
        match index {
            0 => Some(Self::Contractual),
            1 => Some(Self::Patient),
            2 => Some(Self::Other),
            3 => Some(Self::Payer),
            _ => None,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Writes the reasons once: the enum, its numbers, its texts and the way back from a number.
macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $code:literal, $text:literal;)+) => {
        /// Claim adjustment reason codes (X12 code list 139) that the pipeline uses or will use
        /// (domain.md B5).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Reason {
            $(
                #[doc = concat!("CARC ", stringify!($code), ": ", $text, ".")]
                $(#[$meta])*
                $name = $code,
            )+
        }

        impl Reason {
            /// All reasons, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The number in the code list.
            #[must_use]
            pub const fn code(self) -> u16 {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// The reason with this number, where the rulebook knows it.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// What it means, in a few words.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

reasons! {
    Deductible = 1, "deductible";
    Coinsurance = 2, "coinsurance";
    Copay = 3, "copayment";
    Modifier = 4, "procedure inconsistent with its modifier, or a modifier is missing";
    PlaceOfService = 5, "procedure inconsistent with the place of service";
    Age = 6, "procedure inconsistent with the patient's age";
    Sex = 7, "procedure inconsistent with the patient's sex";
    ProviderType = 8, "procedure inconsistent with the provider's type";
    DiagnosisMismatch = 11, "diagnosis inconsistent with the procedure";
    DeathBeforeService = 13, "date of death precedes the service";
    BirthAfterService = 14, "date of birth follows the service";
    AuthorizationInvalid = 15, "authorization missing, invalid or for another service";
    LacksInformation = 16, "claim lacks information or has submission errors";
    Duplicate = 18, "exact duplicate claim or service";
    OtherPayerFirst = 22, "may be covered by another payer first";
    PriorPayer = 23, "settled by a prior payer";
    Capitation = 24, "covered under a capitation agreement";
    BeforeCoverage = 26, "service before coverage began";
    AfterCoverage = 27, "service after coverage ended";
    FiledLate = 29, "time limit for filing has expired";
    NotOurInsured = 31, "patient cannot be identified as our insured";
    DependentNotEligible = 32, "not an eligible dependent";
    LifetimeMaximum = 35, "lifetime benefit maximum reached";
    RefusedAtPrecertification = 39, "refused when authorization was requested";
    OverFeeSchedule = 45, "charge exceeds the fee schedule or allowed amount";
    NotNecessary = 50, "not deemed a medical necessity";
    PreExisting = 51, "pre-existing condition";
    Experimental = 55, "experimental or investigational";
    MultipleProcedure = 59, "multiple or concurrent procedure rules";
    ExceedsCharge = 94, "processed in excess of charges";
    NonCovered = 96, "non-covered charge";
    Bundled = 97, "included in another service already adjudicated";
    WrongPayer = 109, "not covered by this payer";
    BillingPredatesService = 110, "billing date precedes the service";
    PeriodMaximum = 119, "benefit maximum for this period reached";
    Unrecognised = 122, "part of the charge that the plan does not recognise";
    PriorProcessingWrong = 129, "prior processing information appears incorrect";
    PriorPayerRules = 136, "prior payer's coverage rules not followed";
    AppealNotInTime = 138, "appeal procedures not followed or time limits not met";
    DiagnosisInvalid = 146, "diagnosis invalid on the date of service";
    CategoryLifetimeMaximum = 149, "lifetime benefit maximum for this category reached";
    LevelOfService = 150, "information does not support this level of service";
    Frequency = 151, "information does not support this many or this frequent services";
    DiagnosisNotCovered = 167, "diagnosis not covered";
    NotEligible = 177, "eligibility requirements not met";
    WaitingPeriod = 179, "waiting requirements not met";
    ProcedureInvalid = 181, "procedure code invalid on the date of service";
    ProviderNotEligible = 185, "provider not eligible for this service";
    UpheldOnReview = 193, "original decision upheld";
    AuthorizationAbsent = 197, "authorization absent";
    AuthorizationExceeded = 198, "authorization exceeded";
    Lapse = 200, "service during a lapse in coverage";
    NotInPlan = 204, "not covered under the patient's plan";
    AuthorizationLate = 210, "authorization not timely";
    UnitsExceeded = 222, "exceeds the contracted maximum of units";
    IdentityTheft = 224, "identity compromised";
    InterestBetweenPlans = 225, "interest paid by a payer, for encounters between plans";
    MutuallyExclusive = 231, "mutually exclusive procedures on the same day";
    NotSeparate = 234, "not paid separately";
    CodingInitiative = 236, "combination not allowed by the National Correct Coding Initiative";
    SpansIneligible = 238, "claim spans eligible and ineligible periods: the ineligible part";
    SpansRebill = 239, "claim spans eligible and ineligible periods: rebill separately";
    OutOfNetwork = 242, "not provided by network or primary care providers";
    NotReferred = 243, "not authorized by network or primary care providers";
    Readmission = 249, "readmission";
    Attachment = 252, "an attachment is required to adjudicate";
}

impl Reason {
    /// Who bears a line that is denied for this reason (rulings.md 2).
    #[must_use]
    pub const fn denial_group(self, in_network: bool) -> Group {
        match self {
            Self::BeforeCoverage
            | Self::AfterCoverage
            | Self::NotOurInsured
            | Self::DependentNotEligible
            | Self::LifetimeMaximum
            | Self::PreExisting
            | Self::NonCovered
            | Self::CategoryLifetimeMaximum
            | Self::NotEligible
            | Self::WaitingPeriod
            | Self::Lapse
            | Self::NotInPlan
            | Self::SpansIneligible => Group::Patient,
            Self::Duplicate | Self::OtherPayerFirst | Self::PriorPayer | Self::WrongPayer => {
                Group::Other
            }
            _ if in_network => Group::Contractual,
            _ => Group::Payer,
        }
    }

    /// Whether a denial for this reason says nothing without a remark (rulings.md 2).
    #[must_use]
    pub const fn needs_remark(self) -> bool {
        matches!(
            self,
            Self::LacksInformation | Self::NonCovered | Self::Attachment
        )
    }
}

/// Prints the number.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.code(), f)
    }
}

/// A remittance advice remark code (RARC): one or two capital letters and one to three digits, as
/// `N130`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remark([u8; 5]);

impl Remark {
    /// Reads a code, or `None` where it does not have the form of one.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let code = code.as_bytes();
        let letters = code
            .iter()
            .take_while(|byte| byte.is_ascii_uppercase())
            .count();
        let digits = code.len().checked_sub(letters)?;
        let well_formed = (1..=2).contains(&letters)
            && (1..=3).contains(&digits)
            && code.iter().skip(letters).all(u8::is_ascii_digit);
        if !well_formed {
            return None;
        }
        let mut stored = [0; 5];
        for (to, from) in stored.iter_mut().zip(code) {
            *to = *from;
        }
        Some(Self(stored))
    }

    /// The five stored bytes, zeros at the end.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 5] {
        self.0
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().take_while(|byte| **byte != 0).count();
        self.0
            .get(..length)
            .and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }
}

impl fmt::Debug for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    #[test]
    fn every_reason_of_the_list_is_there_once_and_comes_back_from_its_number() {
        let listed: Vec<u16> = std::vec![
            1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 14, 15, 16, 18, 22, 23, 24, 26, 27, 29, 31, 32, 35, 39,
            45, 50, 51, 55, 59, 94, 96, 97, 109, 110, 119, 122, 129, 136, 138, 146, 149, 150, 151,
            167, 177, 179, 181, 185, 193, 197, 198, 200, 204, 210, 222, 224, 225, 231, 234, 236,
            238, 239, 242, 243, 249, 252,
        ];
        let codes: Vec<u16> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes, listed);
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
            assert!(!reason.text().is_empty());
        }
        let texts: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.text()).collect();
        assert_eq!(texts.len(), Reason::ALL.len());
        assert_eq!(Reason::from_code(0), None);
    }

    #[test]
    fn denials_are_borne_as_ruled() {
        let patient = [26, 27, 31, 32, 35, 51, 96, 149, 177, 179, 200, 204, 238];
        let other = [18, 22, 23, 109];
        for reason in Reason::ALL {
            let (inside, outside) = match reason.code() {
                code if patient.contains(&code) => ("PR", "PR"),
                code if other.contains(&code) => ("OA", "OA"),
                _ => ("CO", "PI"),
            };
            assert_eq!(reason.denial_group(true).as_str(), inside, "{reason}");
            assert_eq!(reason.denial_group(false).as_str(), outside, "{reason}");
        }
    }

    #[test]
    fn groups_come_back_from_their_number() {
        for group in Group::ALL {
            assert_eq!(Group::from_index(group.index()), Some(group));
        }
        assert_eq!(Group::from_index(4), None);
    }

    #[test]
    fn remarks_have_the_form_of_one() {
        for code in ["M1", "MA130", "N130", "N1"] {
            assert_eq!(Remark::new(code).unwrap().as_str(), code);
        }
        for code in ["", "N", "130", "n130", "N1300", "MAA1", "N13O", "N130 "] {
            assert_eq!(Remark::new(code), None, "{code:?}");
        }
    }
}
