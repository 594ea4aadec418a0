//! The categories of a plan: a name each, and a place each for good.
//!
//! What members have used of a category is counted by its place, over all versions of the plan. A later version therefore keeps the
//! categories of the earlier ones where they stand, and so that it can be seen which are the same, their names are keyed under
//! the code key of the plan's first version, whichever key the codes of a version have.

use claims::constants::MAX_CATEGORIES;
use claims::state::{CategoryMaximum, CategoryPeriod, Plan, PlanVersion};
use galen_documents::{plan, Problem};
use solana_pubkey::Pubkey;

use crate::chain::{codes, entity};
use crate::cluster::Cluster;
use crate::command::claim::submission::schedule;
use crate::error::{CliError, Result};
use crate::store::{CodeKey, Store};

/// The categories of a version to come.
#[derive(Debug)]
pub struct Categories<'a> {
    places: Vec<Place<'a>>,
}

#[derive(Debug)]
struct Place<'a> {
    name_key: [u8; 8],
    period: CategoryPeriod,
    /// None = the document has no such category any more.
    name: Option<&'a str>,
}

impl<'a> Categories<'a> {
    /// Those of the document: after those of the version before (`earlier`; empty for a plan's first version), which keep their places,
    /// in the order of their names. `key` is that of the plan's first version.
    ///
    /// # Errors
    /// `category_span_changed`, `too_many_categories`, with the place.
    pub fn of(
        document: &'a plan::Plan,
        key: &CodeKey,
        earlier: &[CategoryMaximum],
        name: &str,
    ) -> Result<Self> {
        let of_earlier = |one: &CategoryMaximum| Place {
            name_key: one.name_key,
            period: one.period,
            name: None,
        };
        let mut places: Vec<_> = earlier.iter().map(of_earlier).collect();
        for known in document.category_names() {
            let name_key = codes::category(key, known)?;
            let stated = document.categories.get(known);
            let period = stated.map(|category| match category.period {
                plan::CategoryPeriod::Year => CategoryPeriod::Year,
                plan::CategoryPeriod::Lifetime => CategoryPeriod::Lifetime,
            });
            match places.iter_mut().find(|place| place.name_key == name_key) {
                Some(place) if period.is_some_and(|period| period != place.period) => {
                    let message = "In the versions before it counts over the other span, in which members have used what they have used; begin a category of another name, or keep the span.";
                    let at = format!("categories.{known}.period");
                    let problem = Problem::new("category_span_changed", at, message);
                    return Err(CliError::in_document(name, problem));
                }
                Some(place) => place.name = Some(known),
                None => places.push(Place {
                    name_key,
                    period: period.unwrap_or(CategoryPeriod::Year),
                    name: Some(known),
                }),
            }
        }
        if places.len() > usize::from(MAX_CATEGORIES) {
            let gone = places.iter().filter(|place| place.name.is_none()).count();
            let message = format!("The plan has {} and the ledger carries {MAX_CATEGORIES}, counting {gone} that earlier versions had and this one has not, which keep their places; merge some, or begin another plan.", places.len());
            let problem = Problem::new("too_many_categories", "categories", message);
            return Err(CliError::in_document(name, problem));
        }
        Ok(Self { places })
    }

    /// The place of a category, from 0.
    pub fn place(&self, name: &str) -> Option<usize> {
        let mut places = self.places.iter();
        places.position(|place| place.name == Some(name))
    }

    /// Their maxima. One without a maximum groups copays, on the ledger as in a quote; one that the document no longer has is one
    /// without a maximum, and no benefit is of it.
    pub fn maxima(&self, document: &plan::Plan) -> Vec<CategoryMaximum> {
        let one = |place: &Place| {
            let category = place.name.and_then(|name| document.categories.get(name));
            CategoryMaximum {
                name_key: place.name_key,
                max: category
                    .and_then(|category| category.max)
                    .map(|max| max.0.get()),
                period: place.period,
            }
        };
        self.places.iter().map(one).collect()
    }
}

/// The key of the names of a plan's categories, where the plan has a version: that of the schedule of its first one.
///
/// # Errors
/// `code_key_missing`, `not_found`, `cluster_unreachable`.
pub fn key(cluster: &Cluster, store: &Store, address: &Pubkey, plan: &Plan) -> Result<CodeKey> {
    let (first, _) = PlanVersion::find_address(address, 1);
    let first: PlanVersion = entity::get(cluster, &first)?;
    let (header, _) = schedule(cluster, &first.schedule)?;
    codes::needed_key_of(store, &plan.pool, header.number)
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::*;

    const KEY: CodeKey = CodeKey([7; 32]);

    fn read(categories: &Value) -> plan::Plan {
        let document = json!({"categories": categories, "benefits": [{"code": "A", "allowed": 1}]});
        plan::read(&document).expect("a plan")
    }

    /// What members have used of surgery must not become what they have used of dental care.
    #[test]
    fn a_later_version_keeps_the_places_of_the_earlier_ones() {
        let first = read(
            &json!({"surgery": {"max": 5_000, "period": "lifetime"}, "optics": {"max": 9, "period": "year"}}),
        );
        let of_first = Categories::of(&first, &KEY, &[], "plan.json").expect("placed");
        assert_eq!(
            (of_first.place("optics"), of_first.place("surgery")),
            (Some(0), Some(1))
        );
        let earlier = of_first.maxima(&first);

        // One that sorts before the others, and one of the others gone.
        let second = read(
            &json!({"surgery": {"max": 6_000, "period": "lifetime"}, "dental": {"max": 7, "period": "year"}}),
        );
        let of_second = Categories::of(&second, &KEY, &earlier, "plan.json").expect("placed");
        let places = ["optics", "surgery", "dental"].map(|name| of_second.place(name));
        assert_eq!(places, [None, Some(1), Some(2)]);
        let maxima = of_second.maxima(&second);
        let found: Vec<_> = maxima.iter().map(|one| (one.max, one.period)).collect();
        assert_eq!(
            found,
            [
                (None, CategoryPeriod::Year),
                (Some(6_000), CategoryPeriod::Lifetime),
                (Some(7), CategoryPeriod::Year)
            ]
        );

        // And there again, where it was.
        let third = Categories::of(&first, &KEY, &maxima, "plan.json").expect("placed");
        assert_eq!(
            (third.place("optics"), third.place("surgery")),
            (Some(0), Some(1))
        );
        assert_eq!(third.maxima(&first).len(), 3);
    }

    #[test]
    fn a_place_that_was_had_counts() {
        let many = |from: usize, to: usize| -> plan::Plan {
            let one = |n| (format!("c{n}"), json!({"max": 1, "period": "year"}));
            read(&Value::Object((from..to).map(one).collect()))
        };
        let first = many(0, 8);
        let of_first = Categories::of(&first, &KEY, &[], "plan.json").expect("placed");
        let earlier = of_first.maxima(&first);
        let other = many(1, 9);
        let error = Categories::of(&other, &KEY, &earlier, "plan.json").expect_err("nine");
        assert_eq!(error.code, "too_many_categories");
        assert_eq!(error.at.as_deref(), Some("categories"));
        assert!(error.message.contains("counting 1 that"), "{error:?}");
        Categories::of(&many(1, 8), &KEY, &earlier, "plan.json").expect("eight places");
    }
}
