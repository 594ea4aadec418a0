//! 835, the remittance advice (005010X221A1): what was paid for which claim, and where the rest of each charge went.
//!
//! One transaction set for one payment. It is written only if it balances, and read only if it does: each service line,
//! each claim, and the payment (BPR02 = Σ CLP04 − Σ PLB). Interest and what is kept back are outside of the lines
//! (rulings.md 2): in PLB.

mod balance;
mod number;
mod read;
mod write;

use galen_rules::{Cents, Date, Group};

use crate::writer::{Envelope, Guide};

pub use number::RemittanceNumber;
pub use read::read_835;

/// The implementation guide that is written and read.
pub const GUIDE: Guide = Guide {
    function: "HP",
    set: "835",
    version: "005010X221A1",
    version_in_set: false,
};

/// The sorts of coverage that CLP06 takes; others, as `CI` (commercial), are written as ZZ.
pub const FILING_INDICATORS: [&str; 18] = [
    "12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV",
    "VA", "WC",
];

/// A remittance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remittance {
    /// TRN02: the number by which the payment is found.
    pub number: String,
    /// What was paid, in cents (BPR02).
    pub paid: Cents,
    /// When (BPR16).
    pub paid_on: Date,
    /// ISO 4217.
    pub currency: String,
    /// Who pays.
    pub payer: Payer,
    /// Who is paid.
    pub payee: Payee,
    /// The claims, in order.
    pub claims: Vec<ClaimPayment>,
    /// What changes the payment beside the claims.
    pub adjustments: Vec<ProviderAdjustment>,
}

/// Who pays, as the guide wants it named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// N102, 1 to 60 characters.
    pub name: String,
    /// TRN03: ten characters, a 1 and the nine digits of a US tax number.
    pub identifier: String,
    /// N3: one or two lines of at most 55 characters.
    pub street: Vec<String>,
    /// N401.
    pub city: String,
    /// N402, the state or province, where there is one.
    pub state: Option<String>,
    /// N403, where there is one.
    pub postal_code: Option<String>,
    /// N404, where it is not the United States.
    pub country: Option<String>,
    /// Where technical questions go (PER*BL).
    pub contact: Contact,
}

/// Where questions go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// PER02.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// PER04.
    pub number: String,
}

/// A way to reach somebody (PER03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// TE.
    Telephone,
    /// EM.
    Email,
    /// UR.
    Website,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Telephone, Self::Email, Self::Website];

    /// PER03.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Telephone => "TE",
            Self::Email => "EM",
            Self::Website => "UR",
        }
    }
}

/// Who is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// N102.
    pub name: String,
    /// N103: `XX` for a National Provider Identifier, `FI` for a tax number.
    pub qualifier: String,
    /// N104, PLB01.
    pub identifier: String,
}

/// What became of a claim (CLP02). A claim of a member whose lines are all denied is processed too: code 4 is for patients
/// whom the payer does not know (X12 request for interpretation 1423).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processed {
    /// 1: as the first payer.
    Primary,
    /// 2: after another payer.
    Secondary,
    /// 22: an earlier payment is taken back; all amounts are written with the opposite sign.
    Reversal,
}

impl Processed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Primary, Self::Secondary, Self::Reversal];

    /// CLP02.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Primary => "1",
            Self::Secondary => "2",
            Self::Reversal => "22",
        }
    }
}

/// A claim in a remittance. Amounts are those of the decision, above zero in a reversal too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPayment {
    /// CLP01: the provider's number of the claim; none where the document is not at hand (written as 0).
    pub control_number: Option<String>,
    /// CLP02.
    pub processed: Processed,
    /// CLP06, the sort of the coverage, of [`FILING_INDICATORS`]; none is written as ZZ.
    pub filing_indicator: Option<String>,
    /// CLP07: the payer's number of the claim.
    pub payer_number: String,
    /// CLP08 and CLP09: facility and frequency, as the claim had them.
    pub facility: Option<(String, String)>,
    /// NM109 of the patient: the number of the member; none where it is not known.
    pub member: Option<String>,
    /// DTM*050: when the claim was received.
    pub received: Option<Date>,
    /// AMT*I: interest for late payment. Its sum is in a [`ProviderAdjustment`], not in what is paid for the claim.
    pub interest: Cents,
    /// The lines, in order.
    pub lines: Vec<ServicePayment>,
}

/// A service line in a remittance: charge = paid + Σ adjustments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePayment {
    /// SVC01-2.
    pub code: String,
    /// SVC01-3 to -6.
    pub modifiers: Vec<String>,
    /// SVC02.
    pub charge: Cents,
    /// SVC03.
    pub paid: Cents,
    /// AMT*B6.
    pub allowed: Cents,
    /// Units that were billed.
    pub units: u16,
    /// Whether it is denied: then no unit is paid.
    pub denied: bool,
    /// DTM*472; of a service that took several days DTM*150.
    pub service_date: Date,
    /// DTM*151: its last day, where it took several.
    pub service_to: Option<Date>,
    /// REF*6R: the provider's number of the line.
    pub control_number: Option<String>,
    /// CAS, in order.
    pub adjustments: Vec<Adjustment>,
    /// LQ*HE: remark codes.
    pub remarks: Vec<String>,
}

/// Where a part of a charge went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustment {
    /// Who bears it.
    pub group: Group,
    /// Claim adjustment reason code.
    pub reason: u16,
    /// How much, above zero.
    pub amount: Cents,
}

/// What changes a payment beside its claims (PLB).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAdjustment {
    /// Why.
    pub reason: ProviderReason,
    /// PLB03-2: of which claim, by the payer's number.
    pub reference: String,
    /// In cents; above zero it lowers the payment.
    pub amount: i64,
}

/// Why a payment changes beside its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderReason {
    /// L6: interest owed to the provider. Below zero: it raises the payment.
    Interest,
    /// WO: recovery of an overpayment. Below zero where a claim is taken back and nothing is kept back for it yet; above
    /// zero where something is.
    Recovery,
    /// AP: a part of an award that is paid in parts. Below zero where it is paid before its claim is in a remittance, above zero
    /// in the one that has the claim, for the parts that came before.
    Advance,
}

impl ProviderReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Interest, Self::Recovery, Self::Advance];

    /// PLB03-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Interest => "L6",
            Self::Recovery => "WO",
            Self::Advance => "AP",
        }
    }
}

impl Remittance {
    /// Writes it as an interchange.
    ///
    /// # Errors
    /// `unbalanced`, `money_too_large`, `invalid_value`, `invalid_character`.
    pub fn write(&self, envelope: &Envelope) -> Result<String, galen_documents::Problem> {
        balance::check(self)?;
        write::write(self, envelope)
    }

    /// That it balances, line by line and as a whole.
    ///
    /// # Errors
    /// `unbalanced`, `money_too_large`, with the place as `claims[0].lines[2]`.
    pub fn check(&self) -> Result<(), galen_documents::Problem> {
        balance::check(self)
    }
}
