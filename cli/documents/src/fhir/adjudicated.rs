//! What became of a claim, as a ClaimResponse or an ExplanationOfBenefit says it, and its balance.

use galen_rules::{Cents, Date, Group, Reason, Remark};

use super::reference::Party;
use crate::leaf::Modifier;
use crate::problem::Problem;

/// What became of a claim. Two are equal where they say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjudicated {
    /// Under what the claim stands on the ledger: the chain as the system, the account's address as the value.
    pub ledger: Identifier,
    /// The provider's own number of the claim, as its document had it.
    pub request: Option<Identifier>,
    /// Whether it was taken back since.
    pub cancelled: bool,
    /// Whether it waits for a decision; then there are no lines.
    pub pending: bool,
    /// In a sentence.
    pub disposition: String,
    /// The type of the claim, as its document had it; none: the document did not say.
    pub kind: Option<Code>,
    /// Who was treated.
    pub patient: Party,
    /// Who pays.
    pub insurer: Party,
    /// Who bills.
    pub provider: Party,
    /// The coverage that was claimed on.
    pub coverage: Party,
    /// When the document was written, as a FHIR dateTime.
    pub created: String,
    /// ISO 4217.
    pub currency: String,
    /// The sum of the charges.
    pub charge: Cents,
    /// The lines.
    pub items: Vec<AdjudicatedItem>,
    /// The payment, once there was one.
    pub payment: Option<Payment>,
}

/// A business identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Whose numbers these are; none: not stated.
    pub system: Option<String>,
    /// The number.
    pub value: String,
}

/// A code of a code system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The system; empty where the document gave none.
    pub system: String,
    /// The code.
    pub code: String,
}

/// One line: charge = paid + Σ adjustments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjudicatedItem {
    /// Its sequence in the claim.
    pub sequence: u32,
    /// What was done; an explanation has it, a response does not.
    pub service: Option<Service>,
    /// What was billed.
    pub charge: Cents,
    /// What the plan allows.
    pub allowed: Cents,
    /// Where the rest went, in order.
    pub adjustments: Vec<LineAdjustment>,
    /// What the plan pays.
    pub paid: Cents,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The procedure.
    pub code: Code,
    /// Its modifiers, in order.
    pub modifiers: Vec<Modifier>,
    /// When; its first day, where it took several.
    pub date: Date,
    /// Its last day, where it took several: later than the first.
    pub until: Option<Date>,
    /// How many.
    pub units: u16,
}

/// One adjustment of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineAdjustment {
    /// Who bears it.
    pub group: Group,
    /// Claim adjustment reason code; one that the rulebook knows.
    pub reason: Reason,
    /// Above zero.
    pub amount: Cents,
    /// Remittance advice remark code, where the reason alone says nothing.
    pub remark: Option<Remark>,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The day, UTC.
    pub date: Date,
    /// What was transferred: what the plan pays, and the adjustment.
    pub amount: Cents,
    /// What is not about this claim's lines, in cents: interest above zero, what was kept back below.
    pub adjustment: i64,
    /// What the adjustment is, in words; empty where there is none.
    pub reason: String,
}

/// The sum; none where it leaves the range.
fn sum(mut amounts: impl Iterator<Item = Cents>) -> Option<Cents> {
    amounts.try_fold(Cents::ZERO, Cents::checked_add)
}

impl AdjudicatedItem {
    /// Σ adjustments of a group; none where it leaves the range.
    pub fn of_group(&self, group: Group) -> Option<Cents> {
        let amounts = self.adjustments.iter().filter(|entry| entry.group == group);
        sum(amounts.map(|entry| entry.amount))
    }

    fn balances(&self) -> bool {
        let amounts = self.adjustments.iter().map(|entry| entry.amount);
        sum(amounts.chain([self.paid])) == Some(self.charge)
    }
}

impl Adjudicated {
    /// Σ paid.
    pub fn paid(&self) -> Option<Cents> {
        sum(self.items.iter().map(|item| item.paid))
    }

    /// Σ allowed.
    pub fn allowed(&self) -> Option<Cents> {
        sum(self.items.iter().map(|item| item.allowed))
    }

    /// Σ adjustments of a group.
    pub fn of_group(&self, group: Group) -> Option<Cents> {
        let amounts: Option<Vec<Cents>> =
            self.items.iter().map(|item| item.of_group(group)).collect();
        sum(amounts?.into_iter())
    }

    /// Refuses what does not add up: each line, the lines, the payment. `root` is the document's type.
    ///
    /// # Errors
    /// `unbalanced` with the place.
    pub fn check(&self, root: &str) -> Result<(), Problem> {
        let unbalanced = |at: String, why: &str| Err(Problem::new("unbalanced", at, why));
        for (index, item) in self.items.iter().enumerate() {
            if !item.balances() {
                return unbalanced(
                    format!("{root}.item[{index}].adjudication"),
                    "What was paid and the adjustments do not add up to the charge of the line.",
                );
            }
            if item
                .adjustments
                .iter()
                .any(|entry| entry.amount == Cents::ZERO)
            {
                return unbalanced(
                    format!("{root}.item[{index}].adjudication"),
                    "An adjustment of nothing is none; leave it out.",
                );
            }
        }
        if self.pending != self.items.is_empty() {
            return unbalanced(
                format!("{root}.item"),
                "A claim that waits has no adjudicated lines, and any other claim has each of its lines.",
            );
        }
        let charges = sum(self.items.iter().map(|item| item.charge));
        if !self.pending && charges != Some(self.charge) {
            return unbalanced(
                format!("{root}.total"),
                "The charges of the lines do not add up to the total that was submitted.",
            );
        }
        let Some(payment) = &self.payment else {
            return Ok(());
        };
        let paid = self.paid().map(Cents::get).map(i128::from);
        let due = paid.map(|paid| paid.saturating_add(payment.adjustment.into()));
        if due != Some(payment.amount.get().into()) {
            return unbalanced(
                format!("{root}.payment.amount"),
                "What was transferred is not what the plan pays and the adjustment of the payment.",
            );
        }
        Ok(())
    }
}
