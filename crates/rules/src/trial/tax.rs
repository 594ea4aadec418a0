//! Income reporting: stipends add up by payer and payment year, over all of the payer's trials; reimbursements do not.
//! US: Form 1099 from $600, from payments of 2026 on $2,000 (P.L. 119-21, sec. 70433); backup withholding of 24% where
//! no taxpayer number was given (26 USC 3406), on the whole of the payment that reaches the threshold and all later ones.

use crate::{BasisPoints, Cents};

/// A trial's rule. Configurable: thresholds are indexed from 2027 on, and other countries have others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxTerms {
    /// Stipends of a year from which a form is needed; [`Cents::MAX`] = never.
    pub threshold: Cents,
    /// Backup withholding.
    pub withholding: BasisPoints,
}

impl TaxTerms {
    /// Whether nobody is worse off under these terms than under `before`.
    #[must_use]
    pub fn is_no_worse_than(&self, before: &Self) -> bool {
        self.threshold >= before.threshold && self.withholding <= before.withholding
    }
}

/// What a participant without a form wants at the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaxChoice {
    /// Nothing said yet, or: hold it until the form is there.
    #[default]
    Hold,
    /// Pay it net of backup withholding.
    Net,
}

/// Stipends of one person from one payer in one calendar year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaxYear {
    /// The year; 0 = none yet.
    pub year: u16,
    /// Stipends of the year so far.
    pub stipends: Cents,
}

impl TaxYear {
    /// The sum as it stands in `year`: nothing where that is another one.
    #[must_use]
    pub const fn in_year(self, year: u16) -> Self {
        if self.year == year {
            self
        } else {
            Self {
                year,
                stipends: Cents::ZERO,
            }
        }
    }
}

/// What becomes of one stipend: `pay + withhold + hold` is the stipend, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assessment {
    /// To the participant.
    pub pay: Cents,
    /// Withheld for the tax authority.
    pub withhold: Cents,
    /// Owed, waiting for a form or a choice.
    pub hold: Cents,
}

/// Assesses one stipend after `before` in the same year. `None` where the year's sum leaves its range.
#[must_use]
pub fn assess(
    terms: &TaxTerms,
    before: Cents,
    stipend: Cents,
    has_form: bool,
    choice: TaxChoice,
) -> Option<(Assessment, Cents)> {
    let after = before.checked_add(stipend)?;
    let assessment = if has_form || after < terms.threshold || terms.threshold == Cents::MAX {
        Assessment {
            pay: stipend,
            ..Assessment::default()
        }
    } else {
        match choice {
            TaxChoice::Hold => Assessment {
                hold: stipend,
                ..Assessment::default()
            },
            TaxChoice::Net => net(terms, stipend),
        }
    };
    Some((assessment, after))
}

impl Assessment {
    /// What becomes of `held` once the form is there or the participant has chosen; itself while neither is.
    #[must_use]
    pub fn release(terms: &TaxTerms, held: Cents, has_form: bool, choice: TaxChoice) -> Self {
        match (has_form, choice) {
            (true, _) => Self {
                pay: held,
                ..Self::default()
            },
            (false, TaxChoice::Net) => net(terms, held),
            (false, TaxChoice::Hold) => Self {
                hold: held,
                ..Self::default()
            },
        }
    }
}

fn net(terms: &TaxTerms, amount: Cents) -> Assessment {
    let withhold = amount.share(terms.withholding);
    Assessment {
        pay: amount.above(withhold),
        withhold,
        hold: Cents::ZERO,
    }
}
