//! What a member begins with in the categories of a plan: names in the document, places on the ledger.

use std::collections::BTreeMap;

use claims::state::{CategoryPeriod, Plan};
use galen_documents::Money;
use galen_rules::Date;
use solana_pubkey::Pubkey;

use crate::chain::codes;
use crate::cluster::Cluster;
use crate::command::plan::{categories, version};
use crate::error::{CliError, Result};
use crate::store::Store;

/// Where names of categories are looked up: the version of a plan that is in force on the first day of coverage.
#[derive(Clone, Copy)]
pub struct Named<'a> {
    pub cluster: &'a Cluster,
    pub store: &'a Store,
    /// The plan's account.
    pub address: Pubkey,
    pub plan: &'a Plan,
    /// The first day of coverage.
    pub from: Date,
}

/// What was paid in each category, in cents; category n of the plan is entry n − 1.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Categories {
    /// In the year, of those with a yearly maximum.
    pub of_year: [u64; 8],
    /// Ever, of those with a lifetime maximum.
    pub of_life: [u64; 8],
}

impl Named<'_> {
    /// The figures of a member document (`category_used`) by the places that the plan gives their names. Nothing is looked up where
    /// it has none. `name`: the document's, for messages.
    ///
    /// # Errors
    /// `opening_unsupported`, `code_key_missing`, `not_found`, `cluster_unreachable`.
    pub fn categories(self, used: &BTreeMap<String, Money>, name: &str) -> Result<Categories> {
        if used.is_empty() {
            return Ok(Categories::default());
        }
        let found = version::on(self.cluster, &self.address, self.plan, self.from)?;
        let Some((_, version)) = found else {
            return Err(refused(
                name,
                "category_used".to_owned(),
                "The plan has no version yet on the first day of coverage, and so no categories.",
            ));
        };
        let key = categories::key(self.cluster, self.store, &self.address, self.plan)?;
        let places: Vec<_> = version
            .terms
            .categories
            .iter()
            .map(|category| (category.name_key, category.period))
            .collect();
        placed(
            used,
            &places,
            |category| codes::category(&key, category),
            name,
        )
    }
}

/// The figures by the places of their names, which `keyed` tells.
fn placed(
    used: &BTreeMap<String, Money>,
    places: &[([u8; 8], CategoryPeriod)],
    keyed: impl Fn(&str) -> Result<[u8; 8]>,
    name: &str,
) -> Result<Categories> {
    let mut categories = Categories::default();
    for (category, cents) in used {
        let key = keyed(category)?;
        let mut entries = places
            .iter()
            .zip(categories.of_year.iter_mut().zip(&mut categories.of_life));
        let found = entries.find(|((name_key, _), _)| *name_key == key);
        let Some(((_, period), (of_year, of_life))) = found else {
            return Err(refused(
                name,
                format!("category_used.{category}"),
                "The plan has no category of this name on the first day of coverage.",
            ));
        };
        match period {
            CategoryPeriod::Year => *of_year = cents.0.get(),
            CategoryPeriod::Lifetime => *of_life = cents.0.get(),
        }
    }
    Ok(categories)
}

fn refused(name: &str, at: String, why: &str) -> CliError {
    CliError {
        code: "opening_unsupported".to_owned(),
        message: format!("{name}: {why}"),
        at: Some(at),
    }
}

#[cfg(test)]
mod tests {
    use galen_rules::Cents;

    use super::*;

    fn keyed(name: &str) -> Result<[u8; 8]> {
        Ok([u8::try_from(name.len()).expect("short"); 8])
    }

    #[test]
    fn each_figure_goes_to_the_place_of_its_name_and_period() {
        let places = [
            ([6; 8], CategoryPeriod::Year),
            ([7; 8], CategoryPeriod::Lifetime),
        ];
        let used = |names: &[(&str, u64)]| -> BTreeMap<String, Money> {
            let money = |cents: u64| Money(Cents::new(cents));
            let pairs = names.iter();
            pairs
                .map(|(name, cents)| ((*name).to_owned(), money(*cents)))
                .collect()
        };
        let both = used(&[("dental", 500), ("surgery", 70)]);
        let found = placed(&both, &places, keyed, "member.json").expect("placed");
        let wanted = Categories {
            of_year: [500, 0, 0, 0, 0, 0, 0, 0],
            of_life: [0, 70, 0, 0, 0, 0, 0, 0],
        };
        assert_eq!(found, wanted);
        let unknown = used(&[("dental", 500), ("eyes", 1)]);
        let error = placed(&unknown, &places, keyed, "member.json").expect_err("refused");
        assert_eq!(
            (error.code.as_str(), error.at.as_deref()),
            ("opening_unsupported", Some("category_used.eyes"))
        );
    }
}
